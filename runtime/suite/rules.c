/* Rules have `and` and `or` but no `not`: more PINs never close what fewer open. So the minimal granting sets and the
 * maximal refusing sets say everything about a rule, and where an atom decides at all it decides in one of them:
 * if the rule holds with A, and not with A when atom a is false, the same is true of every minimal set inside A. */
#include "runtime/suite/rules.h"

#include <stdlib.h>
#include <string.h>

enum { SETS = 64 }; /* as many are tried in any case */

static uint64_t *table_of(const struct rules *r, size_t node)
{
	return r->table + node * r->words;
}

/* Column of PIN `pin`: bit s is set when s contains the PIN. */
static void fill_pin(uint64_t *table, size_t words, unsigned pin)
{
	static const uint64_t low[] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00,
	    0xffff0000ffff0000, 0xffffffff00000000};
	for (size_t i = 0; i < words; i++)
		table[i] = pin < 6 ? low[pin] : (i >> (pin - 6) & 1) != 0 ? UINT64_MAX : 0;
}

static void fill(struct rules *r, uint16_t node)
{
	const struct contract_rule *rule = &r->c->rule[node];
	uint64_t *t = table_of(r, node);
	switch ((enum rule_op)rule->op) {
	case RULE_NEVER:
	case RULE_PIN_UNSET:
	case RULE_AUTH:
	case RULE_SM:
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return;
	case RULE_ALWAYS:
		memset(t, 0xff, r->words * sizeof *t);
		return;
	case RULE_PIN:
		fill_pin(t, r->words, rule->a);
		return;
	case RULE_AND:
		for (size_t i = 0; i < r->words; i++)
			t[i] = table_of(r, rule->a)[i] & table_of(r, rule->b)[i];
		return;
	case RULE_OR:
		for (size_t i = 0; i < r->words; i++)
			t[i] = table_of(r, rule->a)[i] | table_of(r, rule->b)[i];
		return;
	}
}

bool rules_init(struct rules *r, const struct contract *c)
{
	*r = (struct rules){.c = c, .words = c->n_pins <= 6 ? 1 : (size_t)1 << (c->n_pins - 6)};
	r->table = calloc((size_t)c->n_rules + 1, r->words * sizeof *r->table);
	if (r->table == NULL)
		return false;
	for (uint16_t i = 0; i < c->n_rules; i++) /* nodes refer to lower ones only */
		fill(r, i);
	return true;
}

void rules_reset(struct rules *r)
{
	free(r->table);
	r->table = NULL;
}

bool rules_hold(const struct rules *r, uint16_t rule, pin_set verified)
{
	return (table_of(r, rule)[verified / 64] >> verified % 64 & 1) != 0;
}

bool rules_can_hold(const struct rules *r, uint16_t rule, pin_set usable)
{
	return rules_hold(r, rule, usable);
}

bool rules_can_fail(const struct rules *r, uint16_t rule)
{
	return !rules_hold(r, rule, 0);
}

static bool minimal(const struct rules *r, uint16_t rule, pin_set set)
{
	if (!rules_hold(r, rule, set))
		return false;
	for (unsigned p = 0; p < r->c->n_pins; p++)
		if ((set >> p & 1) != 0 && rules_hold(r, rule, set & ~(1U << p)))
			return false;
	return true;
}

static bool maximal(const struct rules *r, uint16_t rule, pin_set usable, pin_set set)
{
	if (rules_hold(r, rule, set))
		return false;
	for (unsigned p = 0; p < r->c->n_pins; p++)
		if ((usable & ~set) >> p & 1 && !rules_hold(r, rule, set | 1U << p))
			return false;
	return true;
}

bool rules_next(const struct rules *r, uint16_t rule, pin_set usable, bool granted, uint32_t *at, pin_set *set)
{
	for (; *at < 1U << r->c->n_pins; ++*at) {
		pin_set s = *at;
		if ((s & ~usable) != 0)
			continue;
		if (granted ? !minimal(r, rule, s) : !maximal(r, rule, usable, s))
			continue;
		*set = s;
		++*at;
		return true;
	}
	return false;
}

static bool add(struct rules_sets *out, pin_set set)
{
	if (out->n == out->cap) {
		size_t cap = out->cap == 0 ? 8 : out->cap * 2;
		pin_set *p = realloc(out->set, cap * sizeof *p);
		if (p == NULL) {
			out->lost = true;
			return false;
		}
		out->set = p;
		out->cap = cap;
	}
	out->set[out->n++] = set;
	return true;
}

/* Marks the atoms that decide in this set; true when one of them did not before. */
static bool new_decision(
    const struct contract *c, uint16_t rule, const uint16_t *atom, size_t n, pin_set set, bool *seen)
{
	bool more = false;
	for (size_t i = 0; i < n; i++) {
		if (seen[i] || !rules_decides(c, rule, atom[i], set))
			continue;
		seen[i] = more = true;
	}
	return more;
}

bool rules_sets(const struct rules *r, uint16_t rule, pin_set usable, bool granted, struct rules_sets *out)
{
	uint16_t atom[CONTRACT_RULES];
	bool seen[CONTRACT_RULES] = {false};
	size_t n = rules_atoms(r->c, rule, atom, CONTRACT_RULES);
	pin_set set;
	out->n = 0;
	if (!granted && !rules_hold(r, rule, 0))
		add(out, 0);
	for (uint32_t at = 0; rules_next(r, rule, usable, granted, &at, &set);) {
		bool decides = new_decision(r->c, rule, atom, n, set, seen);
		if ((decides || out->n < SETS) && !(out->n != 0 && set == 0))
			add(out, set);
	}
	return !out->lost;
}

/* Marks the nodes below `rule`, itself included. Nodes refer to lower ones only, so one pass downwards finds all. */
static void reach(const struct contract *c, uint16_t rule, bool *reached)
{
	memset(reached, 0, ((size_t)rule + 1) * sizeof *reached);
	reached[rule] = true;
	for (size_t i = (size_t)rule + 1; i-- > 0;) {
		const struct contract_rule *node = &c->rule[i];
		if (!reached[i] || (node->op != RULE_AND && node->op != RULE_OR))
			continue;
		reached[node->a] = reached[node->b] = true;
	}
}

size_t rules_atoms(const struct contract *c, uint16_t rule, uint16_t *atom, size_t cap)
{
	bool reached[CONTRACT_RULES];
	size_t n = 0;
	reach(c, rule, reached);
	for (uint16_t i = 0; i <= rule; i++) {
		if (!reached[i] || c->rule[i].op != RULE_PIN)
			continue;
		if (n < cap)
			atom[n] = i;
		n++;
	}
	return n;
}

static bool value_of(const struct contract_rule *node, const bool *value, pin_set verified)
{
	switch ((enum rule_op)node->op) {
	case RULE_NEVER:
		return false;
	case RULE_ALWAYS:
		return true;
	case RULE_PIN:
		return (verified >> node->a & 1) != 0;
	case RULE_AND:
		return value[node->a] && value[node->b];
	case RULE_OR:
		return value[node->a] || value[node->b];
	case RULE_PIN_UNSET:
	case RULE_AUTH:
	case RULE_SM:
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return false;
	}
	return false;
}

/* flip: the node whose value is turned over, CONTRACT_NONE for none. */
static bool evaluate(const struct contract *c, uint16_t rule, const bool *reached, pin_set verified, uint16_t flip)
{
	bool value[CONTRACT_RULES];
	for (uint16_t i = 0; i <= rule; i++)
		if (reached[i])
			value[i] = value_of(&c->rule[i], value, verified) != (i == flip);
	return value[rule];
}

bool rules_decides(const struct contract *c, uint16_t rule, uint16_t atom, pin_set verified)
{
	bool reached[CONTRACT_RULES];
	reach(c, rule, reached);
	return evaluate(c, rule, reached, verified, CONTRACT_NONE) != evaluate(c, rule, reached, verified, atom);
}
