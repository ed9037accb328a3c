/* Mutants with wrong SELECT, READ, UPDATE, and wrong classes and instructions. Include after cmocka.h. */
#ifndef IGATA_TESTS_MUTANT_FILES_H
#define IGATA_TESTS_MUTANT_FILES_H

#include "tests/unit/support/mutant.h"

/* ---- wrong SELECT ---- */

static inline bool by_aid(const struct mutation *m)
{
	return is(m, INS_SELECT) && m->cmd[2] == 0x04;
}

static inline bool by_fid(const struct mutation *m)
{
	return is(m, INS_SELECT) && m->cmd[2] == 0x02;
}

static inline void aid_keeps_status(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (by_aid(m))
		undo_verified(m);
}

static inline void aid_keeps_ef(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (by_aid(m))
		undo_current_ef(m);
}

static inline void fci_keeps_status(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (by_aid(m) && m->cmd[3] == 0)
		undo_verified(m);
}

static inline void ef_clears_status(struct mutation *m, struct buf *rsp)
{
	if (by_fid(m) && sw(rsp) == SW_OK)
		session(m)->verified[0] = false;
}

static inline void unknown_ef_clears_ef(struct mutation *m, struct buf *rsp)
{
	if (by_fid(m) && sw(rsp) == SW_FILE_NOT_FOUND)
		session(m)->has_ef = false;
}

static inline void unknown_ef_clears_status(struct mutation *m, struct buf *rsp)
{
	if (by_fid(m) && sw(rsp) == SW_FILE_NOT_FOUND)
		session(m)->verified[0] = false;
}

static inline void third_byte_ignored(struct mutation *m)
{
	if (by_fid(m) && m->cmd[4] == 3) {
		m->cmd[4] = 2;
		m->n = 7;
	}
}

static inline void wrong_fci(struct mutation *m, struct buf *rsp)
{
	if (by_aid(m) && m->cmd[3] == 0 && rsp->n > 6)
		rsp->p[5] ^= 1;
}

static inline void existence_hidden(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_READ_BINARY) && sw(rsp) == SW_SECURITY_STATUS)
		answer(rsp, SW_FILE_NOT_FOUND);
}

/* ---- wrong READ and UPDATE ---- */

static inline bool by_sfi(const struct mutation *m)
{
	return (is(m, INS_READ_BINARY) || is(m, INS_UPDATE_BINARY)) && (m->cmd[2] & 0x80) != 0;
}

static inline void sfi_not_current(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (by_sfi(m) && (m->cmd[2] & 0x1f) != 0)
		undo_current_ef(m);
}

static inline void sfi_current_when_given(struct mutation *m, struct buf *rsp)
{
	if (by_sfi(m) && sw(rsp) != SW_OK)
		undo_current_ef(m);
}

static inline void sfi_bits_ignored(struct mutation *m)
{
	if (by_sfi(m))
		m->cmd[2] &= 0x9f;
}

/* Writes what fits. */
static inline void update_is_cut(struct mutation *m)
{
	unsigned offset = (unsigned)(m->cmd[2] << 8 | m->cmd[3]);
	if (is(m, INS_UPDATE_BINARY) && !by_sfi(m) && offset == 0 && m->cmd[4] == 2) {
		m->cmd[4] = 1;
		m->n = 6;
	}
}

static inline void update_does_nothing(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_UPDATE_BINARY) && sw(rsp) == SW_OK)
		undo_memory(m);
}

static inline void refused_update_writes(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_UPDATE_BINARY) && sw(rsp) == SW_SECURITY_STATUS)
		m->card->nv.mem[session(m)->at.files[session(m)->ef]] = 0xee;
}

static inline void read_one_less(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_READ_BINARY) && m->n == 5 && m->cmd[4] == 0 && sw(rsp) == SW_OK && rsp->n > 3) {
		rsp->n--;
		change_word(rsp, SW_OK);
	}
}

static inline void read_outside_is_empty(struct mutation *m, struct buf *rsp)
{
	(void)m;
	if (sw(rsp) == SW_WRONG_OFFSET)
		change_word(rsp, SW_OK);
}

static inline void read_beyond_refused(struct mutation *m, struct buf *rsp)
{
	(void)m;
	if (sw(rsp) == SW_END_OF_FILE)
		answer(rsp, SW_WRONG_LENGTH);
}

static inline void no_le_gives_nothing(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_READ_BINARY) && m->n == 4)
		answer(rsp, SW_OK);
}

static inline void high_offset_ignored(struct mutation *m)
{
	if ((is(m, INS_READ_BINARY) || is(m, INS_UPDATE_BINARY)) && !by_sfi(m))
		m->cmd[2] = 0;
}

static inline void record_read(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_READ_RECORD))
		answer(rsp, SW_OK);
}

static inline void delete_empties(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (is(m, INS_DELETE_FILE) && m->n == 7)
		memset(m->card->nv.mem + session(m)->at.files[m->cmd[6] - 1], 0, 1);
}

/* ---- wrong classes and instructions ---- */

static inline void channel_ignored(struct mutation *m)
{
	m->cmd[0] &= 0xfc;
}
static inline void chaining_ignored(struct mutation *m)
{
	m->cmd[0] &= 0xef;
}
static inline void sm_ignored(struct mutation *m)
{
	m->cmd[0] &= 0xf3;
}

static inline void write_binary(struct mutation *m)
{
	if (is(m, 0xd0))
		m->cmd[1] = INS_UPDATE_BINARY;
}

static inline void odd_read(struct mutation *m)
{
	if (is(m, 0xb1))
		m->cmd[1] = INS_READ_BINARY;
}

static inline void fault(struct mutation *m, struct buf *rsp)
{
	(void)m;
	if (sw(rsp) == SW_SECURITY_STATUS)
		answer(rsp, SW_NO_DIAGNOSIS);
}

#endif
