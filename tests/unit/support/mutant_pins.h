/* Mutants with wrong PIN commands. Include after cmocka.h. */
#ifndef IGATA_TESTS_MUTANT_PINS_H
#define IGATA_TESTS_MUTANT_PINS_H

#include "tests/unit/support/mutant.h"

/* ---- wrong VERIFY ---- */

static inline void wrong_uses_no_try(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && has_data(m) && mismatch(rsp))
		undo_memory(m);
}

static inline void wrong_keeps_status(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && has_data(m) && mismatch(rsp))
		undo_verified(m);
}

static inline void never_blocked(struct mutation *m, struct buf *rsp)
{
	if (sw(rsp) == SW_TRIES_LEFT(0))
		*counter(m, 0, TRIES) = 1;
}

static inline void right_restores_nothing(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && has_data(m) && sw(rsp) == SW_OK)
		*counter(m, 0, TRIES) = m->memory[session(m)->at.pins];
}

static inline void empty_uses_try(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && !has_data(m) && mismatch(rsp) && *counter(m, 0, TRIES) > 0)
		--*counter(m, 0, TRIES);
}

static inline void empty_never_ok(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && !has_data(m) && sw(rsp) == SW_OK)
		change_word(rsp, SW_TRIES_LEFT(*counter(m, 0, TRIES)));
}

static inline void empty_clears(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (is(m, INS_VERIFY) && !has_data(m))
		session(m)->verified[0] = false;
}

static inline void length_uses_try(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && sw(rsp) == SW_WRONG_LENGTH && *counter(m, 0, TRIES) > 0)
		--*counter(m, 0, TRIES);
}

static inline void blocked_as_mismatch(struct mutation *m, struct buf *rsp)
{
	(void)m;
	if (sw(rsp) == SW_AUTH_BLOCKED)
		change_word(rsp, SW_TRIES_LEFT(0));
}

static inline void tries_in_ram(struct mutation *m)
{
	if (m->reset_since)
		*counter(m, 0, TRIES) = 3;
}

static inline void any_p1(struct mutation *m)
{
	if (is(m, INS_VERIFY))
		m->cmd[2] = 0;
}

static inline void puk_by_verify(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && m->cmd[3] == 0xa1)
		answer(rsp, SW_TRIES_LEFT(*counter(m, 0, PUK_TRIES)));
}

static inline void wrong_clears_others(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && has_data(m) && mismatch(rsp))
		memset(session(m)->verified, 0, sizeof session(m)->verified);
}

/* Six right characters, whatever follows. */
static inline void beginning_suffices(struct mutation *m)
{
	if (is(m, INS_VERIFY) && m->cmd[3] == 0x82 && m->cmd[4] > 6) {
		m->cmd[4] = 6;
		m->n = 11;
	}
}

static inline void second_pin_ends_first(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && has_data(m) && sw(rsp) == SW_OK)
		for (unsigned i = 0; i < CONTRACT_PINS; i++)
			session(m)->verified[i] = i + 1U == (m->cmd[3] & 0x1fU);
}

/* ---- wrong CHANGE and RESET RETRY COUNTER ---- */

static inline bool new_is_old(const struct mutation *m)
{
	return is(m, INS_CHANGE_REFERENCE_DATA) && m->n == 13 && memcmp(m->cmd + 5, m->cmd + 9, 4) == 0;
}

static inline void change_uses_no_try(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_CHANGE_REFERENCE_DATA) && mismatch(rsp))
		undo_memory(m);
}

static inline void change_keeps_status(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_CHANGE_REFERENCE_DATA) && sw(rsp) == SW_OK)
		undo_verified(m);
}

static inline void change_accepts_same(struct mutation *m, struct buf *rsp)
{
	if (new_is_old(m) && sw(rsp) == SW_WRONG_DATA)
		answer(rsp, SW_OK);
}

static inline void change_same_counts(struct mutation *m, struct buf *rsp)
{
	if (new_is_old(m) && sw(rsp) == SW_WRONG_DATA)
		--*counter(m, 0, TRIES);
}

static inline void change_does_nothing(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_CHANGE_REFERENCE_DATA) && sw(rsp) == SW_OK)
		undo_memory(m);
}

static inline void change_restores_nothing(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_CHANGE_REFERENCE_DATA) && sw(rsp) == SW_OK)
		*counter(m, 0, TRIES) = m->memory[session(m)->at.pins];
}

static inline void reset_keeps_status(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_RESET_RETRY_COUNTER) && sw(rsp) == SW_OK)
		undo_verified(m);
}

static inline void reset_verifies(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_RESET_RETRY_COUNTER) && sw(rsp) == SW_OK)
		session(m)->verified[0] = true;
}

static inline void reset_does_nothing(struct mutation *m, struct buf *rsp)
{
	uint8_t tries = *counter(m, 0, TRIES);
	if (!is(m, INS_RESET_RETRY_COUNTER) || sw(rsp) != SW_OK)
		return;
	undo_memory(m);
	*counter(m, 0, TRIES) = tries;
}

static inline void puk_uses_no_try(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_RESET_RETRY_COUNTER) && mismatch(rsp))
		undo_memory(m);
}

static inline void puk_not_restored(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_RESET_RETRY_COUNTER) && sw(rsp) == SW_OK)
		*counter(m, 0, PUK_TRIES) = m->memory[session(m)->at.pins + PUK_TRIES];
}

static inline void puk_never_blocked(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_RESET_RETRY_COUNTER) && sw(rsp) == SW_TRIES_LEFT(0))
		*counter(m, 0, PUK_TRIES) = 1;
}

static inline void puk_length_counts(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_RESET_RETRY_COUNTER) && sw(rsp) == SW_WRONG_LENGTH && *counter(m, 0, PUK_TRIES) > 0)
		--*counter(m, 0, PUK_TRIES);
}

static inline void puk_uses_pin_tries(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_RESET_RETRY_COUNTER) && mismatch(rsp) && *counter(m, 0, TRIES) > 0)
		--*counter(m, 0, TRIES);
}

/* A way to a new PIN that asks for nothing; the answer is a refusal all the same. */
static inline void put_data_sets_pin(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (is(m, INS_PUT_DATA_ODD) && m->n > 9)
		memcpy(counter(m, 0, 4), m->cmd + m->n - 4, 4);
}

static inline void reset_ends_transport(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_RESET_RETRY_COUNTER) && sw(rsp) == SW_OK)
		*counter(m, TRANSIT, 2) = 0;
}

#endif
