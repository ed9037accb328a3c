/* Access rules as sets of what is verified and authenticated: which sets are just enough, which just not, and which
 * atoms decide. Inside runtime/suite only. */
#ifndef IGATA_SUITE_RULES_H
#define IGATA_SUITE_RULES_H

#include "runtime/contract/contract.h"

/* A state of security. Bit n: PIN n of the contract is verified; behind the PINs, the conditions of struct rules;
 * behind those, what no terminal proves: that a PIN has no value yet, that the card is in a contactless field. */
typedef uint64_t pin_set;

enum { RULES_BITS = 64 }; /* 14 PINs and three conditions for each of 16 keys are 62; then the states that fit */

static inline pin_set rules_bit(unsigned n)
{
	return (pin_set)1 << n;
}

/* What a key gives: authentication; and when it opens secure messaging (AP contract, section 9), that what is sent is
 * protected by a MAC, and encrypted. Both of these are the level enc+mac; encrypted alone is class 08. */
enum { RULES_AUTH, RULES_SM_MAC, RULES_SM_ENC };

struct rules_condition {
	uint8_t sm; /* RULES_AUTH (0), RULES_SM_MAC, RULES_SM_ENC */
	uint16_t key;
};

/* Which data a command and its answer have. The level of secure messaging is that of the weaker of the two, and what is
 * absent is as good as encrypted. */
enum rules_shape {
	RULES_TELLS,     /* data in the command: UPDATE BINARY */
	RULES_ASKS,      /* data in the answer: READ BINARY */
	RULES_EXCHANGES, /* data in both: INCREASE */
	RULES_ORDERS,    /* data in neither: RESET RETRY COUNTER 03 */
};

struct rules {
	const struct contract *c;
	struct contract_rule *rule; /* those of the contract, and behind them those of its commands */
	uint16_t n_rules;
	uint16_t command[CONTRACT_COMMANDS]; /* its own rule and all that it requires */
	struct rules_condition condition[RULES_BITS];
	pin_set auth[CONTRACT_KEYS], mac[CONTRACT_KEYS], enc[CONTRACT_KEYS]; /* bits of each key's conditions, or 0 */
	bool class_08;                                                       /* the AP has encryption without a MAC */
	unsigned bits;                                                       /* PINs and conditions */
	unsigned all;                                                        /* and the rest */
	pin_set contactless;                                                 /* 0: no rule asks for the interface */
	pin_set unset[CONTRACT_PINS]; /* 0: no rule asks whether the PIN has a value */
	/* In the order in which PINs are given their first values, what is still unset; 0 is the last. */
	pin_set phase[CONTRACT_PINS + 1];
	size_t n_phases;
};

/* false: out of memory. Release with rules_reset. */
bool rules_init(struct rules *r, const struct contract *c);
void rules_reset(struct rules *r);

/* Whether a successful mutual authentication with this key opens a session. */
bool rules_opens(const struct contract *c, uint16_t key);

/* The bits of all conditions that are no PINs; of those that a key gives; of a session, which are all that a key gives
 * that opens one. */
pin_set rules_conditions(const struct rules *r);
pin_set rules_of_key(const struct rules *r, uint16_t key);
pin_set rules_of_sessions(const struct rules *r);

/* Whether a state can be at all: one session at a time, secure messaging only inside it. And for a command of this
 * shape. */
bool rules_possible(const struct rules *r, pin_set set);
bool rules_possible_for(const struct rules *r, enum rules_shape shape, pin_set set);

/* The bits that say of PINs that they have no value. In the beginning they are all set, and that is the only phase;
 * rules_phase adds the next: this PIN has a value from then on. rules_never_set: it will not get one at all. */
pin_set rules_unset(const struct rules *r);
void rules_phase(struct rules *r, unsigned pin);
void rules_never_set(struct rules *r, unsigned pin);

bool rules_hold(const struct rules *r, uint16_t rule, pin_set set);

/* The bits that a rule speaks of. */
pin_set rules_named(const struct rules *r, uint16_t rule);

/* Whether the rule, with the values of its atoms turned over at one node (CONTRACT_NONE: at none), holds. */
bool rules_hold_with(const struct rules *r, uint16_t rule, pin_set set, uint16_t flip);

/* ---- rules_case.c ---- */

/* Whether the rule can be met with `usable` / refused at all. */
bool rules_can_hold(const struct rules *r, uint16_t rule, enum rules_shape shape, pin_set usable);
bool rules_can_fail(const struct rules *r, uint16_t rule);

/* Sets to try. */
struct rules_sets {
	pin_set *set;
	size_t n, cap;
};

enum { RULES_REFUSED, RULES_GRANTED, RULES_OUTCOMES };

/* Everything about one rule, for what can be used. Atoms are its leaves, ascending. */
struct rules_case {
	const struct rules *rules;
	uint16_t rule;
	enum rules_shape shape; /* set it before rules_case_open where it is not RULES_TELLS */
	uint16_t *atom;
	size_t n_atoms;
	/* Granted: the minimal sets that meet the rule (each without any one bit does not), and where such a set has a
	 * session of a lower level, once more with the highest. Refused: the maximal sets of `usable` that do not meet
	 * it, and the empty set where that does not, either. Of states that no terminal brings about, each that the
	 * rule names is gone through by itself. Where there are very many sets, the first ones, and enough others that
	 * every atom that can decide does so in one. */
	struct rules_sets sets[RULES_OUTCOMES];
	bool *decides[RULES_OUTCOMES]; /* for each atom: it decides in some set of that kind */
	bool partial;                  /* not all sets were looked at: what decides in none may do so in others */
};

/* at_least: so many sets are taken where there are, whether they show anything new or not. k is zero but for its shape.
 * false: out of memory. Release with rules_case_reset, also then. */
bool rules_case_open(struct rules_case *k, const struct rules *r, uint16_t rule, pin_set usable, size_t at_least);
void rules_case_reset(struct rules_case *k);

/* Whether, in this state, turning this one atom (its index in k->atom) over turns the rule over. */
bool rules_decides(const struct rules_case *k, size_t atom, pin_set set);

/* The minimal granting or maximal refusing sets for a command of any shape, one after the other, starting from *at = 0.
 * false: no more. */
bool rules_next(const struct rules *r, uint16_t rule, pin_set usable, bool granted, uint32_t *at, pin_set *set);

#endif
