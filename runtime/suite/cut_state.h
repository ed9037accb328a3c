/* The logical state of an AP, seen from outside. Inside runtime/suite only. */
#ifndef IGATA_SUITE_CUT_STATE_H
#define IGATA_SUITE_CUT_STATE_H

#include "runtime/sim/sim.h"
#include "runtime/suite/derive.h"
#include "runtime/suite/rules.h"

enum { CUT_VALUE_UNKNOWN = -2, CUT_VALUE_NONE = -1 };

struct cut_pin {
	int value;      /* enum suite_derivation of the value that verifies; or one of the above */
	bool transport; /* it verifies and does not satisfy pin(x) */
	uint8_t tries;
	uint8_t puk_tries; /* 0 without a PUK */
};

struct cut_file {
	bool known; /* it could be read */
	struct buf content;
};

struct cut_state {
	bool selectable; /* the AP answers SELECT, and nothing is verified then */
	struct cut_pin pin[CONTRACT_PINS];
	struct cut_file file[CONTRACT_FILES];
};

/* What looks at cards: one work card, on which every question is put to a fresh copy of the card in question. */
struct cut_look {
	const struct contract *c;
	const struct suite_value *value[CONTRACT_VALUES]; /* NULL when not given */
	struct rules rules;
	struct sim work;
	struct buf cmd, rsp;
};

/* card gives the kind of card. false: out of memory. cut_look_close in both cases. */
bool cut_look_open(
    struct cut_look *l, const struct contract *c, const struct suite_values *values, const struct sim *card);
void cut_look_close(struct cut_look *l);

/* Look at a card without power; it is left as it is. false: out of memory. out is zeroed before the first time. */
bool cut_look(struct cut_look *l, const struct sim *card, struct cut_state *out);
void cut_state_reset(struct cut_state *s);

/* What a command does with counters. */
struct cut_counts {
	int pin;       /* index of the PIN that it names, -1 none */
	bool try, puk; /* it compares a PIN / a PUK, and so may use one try */
};

/* Compare a state after a cut with the states before and after the command. NULL when it is allowed; else what is
 * wrong, in English, good until the next call. *is_before, *is_after: which of them its data are. */
const char *cut_judge(const struct contract *c, const struct cut_state *before, const struct cut_state *after,
    const struct cut_state *now, const struct cut_counts *counts, bool *is_before, bool *is_after);

#endif
