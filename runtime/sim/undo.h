/* Undo log: for a card that runs programs, which read inside a transaction what they have written.
 *
 * Writes go to their place at once; before that, what was there is saved in a log. Commit forgets the log by clearing
 * one byte; abort, and power-up after a cut, put everything back, the newest first. The log lies in the card's own
 * memory, so every byte of it goes through nv's door.
 *
 *   log: | 1 mark, 4 at, 2 n, n old bytes, 2 n | … | 1 zero |      a mark (A5) is written after all else of its entry
 *
 * This is a second form of the log of nv.h: that one collects new values and is for changes that a command computes
 * first and writes last. Its changes inside an open undo log are for good (a new object in a hole of the heap).
 */
#ifndef IGATA_SIM_UNDO_H
#define IGATA_SIM_UNDO_H

#include "runtime/sim/nv.h"

enum { UNDO_ENTRY = 9 }; /* bytes of an entry besides the old ones */

struct undo {
	struct nv *nv;
	uint32_t at, size; /* where the log lies */
	uint32_t end;      /* of its last entry; the next mark lies there */
};

/* At power-up, after nv_recover: take the region and put back what an open log holds. May be cut, and is then done
 * again. What does not make sense (memory from a file) ends the log. */
void undo_recover(struct undo *u, struct nv *nv, uint32_t at, uint32_t size);

/* Save n bytes at `at` before they are written. false: no room, nothing saved. */
bool undo_save(struct undo *u, uint32_t at, uint32_t n);

/* Keep, or put back, everything since the last of these. */
void undo_commit(struct undo *u);
void undo_abort(struct undo *u);

/* Is something saved? */
bool undo_open(const struct undo *u);

#endif
