/* Access rules as sets of verified PINs: which sets are just enough, which just not, and which atoms decide. Inside
 * runtime/suite only. */
#ifndef IGATA_SUITE_RULES_H
#define IGATA_SUITE_RULES_H

#include "runtime/contract/contract.h"

typedef uint32_t pin_set; /* bit n: PIN n of the contract is verified */

/* Truth tables of all nodes: bit s of node r's table says whether r holds when exactly the PINs of set s are verified.
 */
struct rules {
	const struct contract *c;
	size_t words; /* of one table */
	uint64_t *table;
};

/* false: out of memory. Release with rules_reset. */
bool rules_init(struct rules *r, const struct contract *c);
void rules_reset(struct rules *r);

bool rules_hold(const struct rules *r, uint16_t rule, pin_set verified);

/* Whether the rule can be met / refused at all with PINs of `usable`. */
bool rules_can_hold(const struct rules *r, uint16_t rule, pin_set usable);
bool rules_can_fail(const struct rules *r, uint16_t rule);

/* Sets to try. */
struct rules_sets {
	pin_set *set;
	size_t n, cap;
	bool lost; /* an allocation failed */
};

/* granted: the minimal sets that meet the rule (each without any one PIN does not). Else the maximal sets of usable
 * PINs that do not meet it, and the empty set where that does not, either. Where there are very many, enough of them
 * that every atom that can decide does so in one. */
bool rules_sets(const struct rules *r, uint16_t rule, pin_set usable, bool granted, struct rules_sets *out);

/* The atoms of a rule: its RULE_PIN nodes, ascending. Returns how many there are; at most cap are written. */
size_t rules_atoms(const struct contract *c, uint16_t rule, uint16_t *atom, size_t cap);

/* Whether, with this set verified, turning this one atom over turns the rule over. */
bool rules_decides(const struct contract *c, uint16_t rule, uint16_t atom, pin_set verified);

/* The sets that the other functions go through, one after the other, starting from *at = 0. false when there are no
 * more. */
bool rules_next(const struct rules *r, uint16_t rule, pin_set usable, bool granted, uint32_t *at, pin_set *set);

#endif
