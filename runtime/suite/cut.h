/* Power cuts: section 4 of the AP contract, on any simulated card, reference and chips alike.
 *
 *   card as personalised -> prologue of a dialogue -> snapshot -> its `cut` command, cut off before byte 0, 1, 2, ...
 *     -> power-up -> the AP's logical state, seen from outside by APDUs on copies: as before the command, or as after
 * it
 *
 * In logical states files are what can be read with the PINs that open them, PINs are the value that verifies, whether
 * it is in transport, and the tries that are left. Counters may be the old value, one less where the command compares,
 * or the value after it; everything else is all or nothing, and nothing is verified after power-up. Recovery itself is
 * cut off, too. The cost is linear in the bytes written: each cut starts from the snapshot.
 */
#ifndef IGATA_SUITE_CUT_H
#define IGATA_SUITE_CUT_H

#include "runtime/sim/sim.h"
#include "runtime/suite/suite.h"

/* Append a program in which every command that changes the AP's state is cut off once, in each state from which it
 * takes another way: PINs with all tries, with fewer, with one, blocked; and so on. It is meant for a card that was
 * just personalised; each dialogue starts from there. false: out of memory. */
bool suite_generate_cuts(const struct contract *c, struct buf *out);

enum cut_points {
	CUT_EVERY_BYTE,
	CUT_EDGES, /* the first, the middle and the last byte of every write */
};

struct cut_report {
	/* Set by the caller before the run, everything else zero. */
	void (*progress)(void *context, size_t done, size_t total); /* dialogues; NULL for none */
	void *context;

	size_t commands; /* that were cut off */
	size_t bytes;    /* that they write, all together */
	size_t cuts, second_cuts;
	size_t before, after; /* states after a cut: as before the command, as after it (a refused one: both) */
	size_t failed;        /* cuts after which the state was none of these */
};

/* Cut off the marked command of every dialogue. card: personalised, without power, left as it is; c: the contract of
 * its AP. Dialogues that need a value which is not given are left out with a warning. true when all cuts were good and
 * there was at least one; else diagnostics. */
bool cut_run(const struct suite *program, const struct contract *c, const struct sim *card,
    const struct suite_values *values, enum cut_points points, struct cut_report *r, struct diag_list *d);

#endif
