/* Access rules as sets of verified PINs: which sets are just enough, which just not, and which atoms decide. Inside
 * runtime/suite only. */
#ifndef IGATA_SUITE_RULES_H
#define IGATA_SUITE_RULES_H

#include "runtime/contract/contract.h"

/* A state of security. Bit n: PIN n of the contract is verified; behind the PINs, the conditions of struct rules;
 * behind those, what no terminal proves: that a PIN has no value yet, that the card is in a contactless field. */
typedef uint32_t pin_set;

enum { RULES_BITS = 16 }; /* PINs and conditions; what goes beyond is taken as never true */

/* Authentication with a key; or its secure messaging, which implies that. */
struct rules_condition {
	bool sm;
	uint16_t key;
};

/* Truth tables of all nodes: bit s of node r's table says whether r holds when exactly the PINs of set s are verified.
 */
struct rules {
	const struct contract *c;
	struct contract_rule *rule; /* those of the contract, and behind them those of its commands */
	uint16_t n_rules;
	uint16_t command[CONTRACT_COMMANDS]; /* its own rule and all that it requires */
	struct rules_condition condition[RULES_BITS];
	unsigned bits;                /* PINs and conditions */
	unsigned all;                 /* and the rest */
	pin_set contactless;          /* 0: no rule asks for the interface */
	pin_set unset[CONTRACT_PINS]; /* 0: no rule asks whether the PIN has a value */
	/* In the order in which PINs are given their first values, what is still unset; 0 is the last. */
	pin_set phase[CONTRACT_PINS + 1];
	size_t n_phases;
	pin_set *named; /* by each rule, of what stands behind the conditions */
	size_t words;   /* of one table */
	uint64_t *table;
};

/* false: out of memory. Release with rules_reset. */
bool rules_init(struct rules *r, const struct contract *c);
void rules_reset(struct rules *r);

/* The bits of all conditions that are no PINs; whether a state can be at all. */
pin_set rules_conditions(const struct rules *r);
bool rules_possible(const struct rules *r, pin_set set);

/* The bits that say of PINs that they have no value. In the beginning they are all set, and that is the only phase;
 * rules_phase adds the next: this PIN has a value from then on. rules_never_set: it will not get one at all. */
pin_set rules_unset(const struct rules *r);
void rules_phase(struct rules *r, unsigned pin);
void rules_never_set(struct rules *r, unsigned pin);

bool rules_hold(const struct rules *r, uint16_t rule, pin_set verified);

/* Whether the rule can be met / refused at all with PINs of `usable`. */
bool rules_can_hold(const struct rules *r, uint16_t rule, pin_set usable);
bool rules_can_fail(const struct rules *r, uint16_t rule);

/* Sets to try. */
struct rules_sets {
	pin_set *set;
	size_t n, cap;
};

enum { RULES_REFUSED, RULES_GRANTED, RULES_OUTCOMES };

/* Everything about one rule, for PINs that can be used. Atoms are its leaves, ascending. */
struct rules_case {
	const struct rules *rules;
	uint16_t rule;
	uint16_t *node; /* it and all below it, ascending */
	size_t n_nodes;
	uint16_t *atom;
	size_t n_atoms;
	/* Granted: the minimal sets that meet the rule (each without any one PIN does not). Refused: the maximal sets
	 * of usable PINs that do not meet it, and the empty set where that does not, either. Of states that no terminal
	 * brings about, each that the rule names is gone through by itself. Where there are very many sets, the first
	 * ones, and enough others that every atom that can decide does so in one. */
	struct rules_sets sets[RULES_OUTCOMES];
	bool *decides[RULES_OUTCOMES]; /* for each atom: it decides in some set of that kind */
};

/* at_least: so many sets are taken where there are, whether they show anything new or not. false: out of memory.
 * Release with rules_case_reset, also then. */
bool rules_case_open(struct rules_case *k, const struct rules *r, uint16_t rule, pin_set usable, size_t at_least);
void rules_case_reset(struct rules_case *k);

/* Whether, with this set verified, turning this one atom (its index in k->atom) over turns the rule over. */
bool rules_decides(const struct rules_case *k, size_t atom, pin_set verified);

/* The minimal granting or maximal refusing sets one after the other, starting from *at = 0. false: no more. */
bool rules_next(const struct rules *r, uint16_t rule, pin_set usable, bool granted, uint32_t *at, pin_set *set);

#endif
