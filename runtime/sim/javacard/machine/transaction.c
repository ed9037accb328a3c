/* Transactions: JCRE chapter 7. What an applet changes goes to its place at once; the old bytes are in the undo log. */
#include "runtime/sim/javacard/machine/reasons.h"
#include "runtime/sim/javacard/machine/vm.h"

/* Each write takes its bytes and CHARGE more of the commit capacity, as on the reference implementation of 2.2.2. */
enum { CHARGE = 6, CHUNK = 256 };

static bool full(struct jc *jc)
{
	return jc_throw(jc, &jc_class_TransactionException, TRANSACTION_BUFFER_FULL);
}

/* Write n bytes that may lie where they go to. */
static void move(struct jc *jc, uint32_t at, const uint8_t *p, uint32_t n)
{
	uint8_t b[CHUNK];
	const uint8_t *to = jc->mem + at;
	if (p >= to || p + n <= to) {
		nv_write(jc->nv, at, p, n);
		return;
	}
	while (n != 0) {
		uint32_t k = n < CHUNK ? n : CHUNK;
		n -= k;
		memcpy(b, p + n, k);
		nv_write(jc->nv, at + n, b, k);
	}
}

/* Outside a transaction: all or nothing by a log of its own, unless at most one byte changes. */
static bool write_alone(struct jc *jc, uint32_t at, const uint8_t *p, uint32_t n)
{
	const uint8_t *old = jc->mem + at;
	while (n > 1 && old[0] == p[0])
		old++, p++, at++, n--;
	while (n > 1 && old[n - 1] == p[n - 1])
		n--;
	if (n == 1) {
		nv_write(jc->nv, at, p, 1);
		return true;
	}
	if ((n > 4 && n > jc->chip.commit) || !undo_save(&jc->undo, at, n))
		return full(jc);
	move(jc, at, p, n);
	undo_commit(&jc->undo);
	return true;
}

bool jc_write_at(struct jc *jc, uint32_t at, const void *p, uint32_t n, enum jc_atomicity how)
{
	if (n == 0)
		return true;
	if (jc->nv->off)
		return jc_abort(jc, SW_MEMORY_FAILURE);
	if (how == JC_NON_ATOMIC) {
		move(jc, at, p, n);
		return true;
	}
	if (!jc->transaction)
		return write_alone(jc, at, p, n);
	if (jc->charged + n + CHARGE > jc->chip.commit || !undo_save(&jc->undo, at, n))
		return full(jc);
	jc->charged += n + CHARGE;
	move(jc, at, p, n);
	return true;
}

/* Pieces of a transaction's log are as good as one; outside, one entry covers everything. */
bool jc_fill(struct jc *jc, const uint8_t *header, uint32_t off, uint8_t v, uint32_t n, enum jc_atomicity how)
{
	uint8_t b[CHUNK];
	memset(b, v, sizeof b);
	bool whole = how == JC_ATOMIC && jc_is_persistent(header) && !jc->transaction && n > 1;
	uint32_t at = (uint32_t)(header - jc->mem) + OBJECT_DATA + off;
	if (whole && (n > jc->chip.commit || !undo_save(&jc->undo, at, n)))
		return full(jc);
	for (uint32_t k; n > 0; n -= k, off += k) {
		k = n < CHUNK ? n : CHUNK;
		if (!jc_write(jc, header, off, b, k, whole ? JC_NON_ATOMIC : how))
			return false;
	}
	if (whole)
		undo_commit(&jc->undo);
	return true;
}

bool jc_in_transaction(const struct jc *jc)
{
	return jc->transaction;
}

static void forget_made(struct jc *jc)
{
	if (jc->made)
		memset(jc->work->fresh, 0, sizeof jc->work->fresh);
	jc->made = false;
}

void jc_note_made(struct jc *jc, uint16_t ref)
{
	jc->made = true;
	uint8_t *byte = &jc->work->fresh[ref >> 3];
	*byte = (uint8_t)(*byte | 1u << (ref & 7));
}

bool jc_transaction_begin(struct jc *jc)
{
	if (jc->transaction)
		return jc_throw(jc, &jc_class_TransactionException, TRANSACTION_IN_PROGRESS);
	jc->transaction = true;
	jc->charged = 0;
	return true;
}

bool jc_transaction_commit(struct jc *jc)
{
	if (!jc->transaction)
		return jc_throw(jc, &jc_class_TransactionException, TRANSACTION_NOT_IN_PROGRESS);
	undo_commit(&jc->undo);
	jc->transaction = false;
	forget_made(jc);
	return true;
}

/* JCRE 7.6.3: references to objects made since the beginning become null. Persistent ones have been put back; those in
 * transient arrays are sought; those on the stack stay, but their handles count as null until the command ends. */
bool jc_transaction_abort(struct jc *jc)
{
	if (!jc->transaction)
		return jc_throw(jc, &jc_class_TransactionException, TRANSACTION_NOT_IN_PROGRESS);
	undo_abort(&jc->undo);
	jc->transaction = false;
	if (jc->nv->off)
		forget_made(jc);
	if (!jc->made)
		return true;
	jc->holes = true;
	jc->free_hint = 1;
	jc->ghosts = true;
	for (unsigned i = 0; i < JC_BITMAP; i++)
		jc->work->ghost[i] |= jc->work->fresh[i];
	forget_made(jc);
	jc_null_dangling(jc);
	return true;
}

void jc_clear_ghosts(struct jc *jc)
{
	if (jc->ghosts)
		memset(jc->work->ghost, 0, sizeof jc->work->ghost);
	jc->ghosts = false;
}
