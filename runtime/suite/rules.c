/* Rules have `and` and `or` but no `not`: more PINs never close what fewer open. So the minimal granting sets and the
 * maximal refusing sets say everything about a rule, and where an atom decides at all it decides in one of them:
 * if the rule holds with A, and not with A when atom a is false, the same is true of every minimal set inside A. */
#include "runtime/suite/rules.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/suite/program.h"

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

/* ---- one rule ---- */

static bool add(struct rules_sets *out, pin_set set)
{
	if (!program_grow(&out->set, &out->cap, out->n, sizeof *out->set))
		return false;
	out->set[out->n++] = set;
	return true;
}

/* Nodes refer to lower ones only, so one pass downwards finds all that are below the rule. */
static bool find_nodes(struct rules_case *k)
{
	const struct contract *c = k->rules->c;
	bool reached[CONTRACT_RULES] = {false};
	size_t n = (size_t)k->rule + 1;
	k->node = calloc(n, sizeof *k->node);
	k->atom = calloc(n, sizeof *k->atom);
	if (k->node == NULL || k->atom == NULL)
		return false;
	reached[k->rule] = true;
	for (size_t i = n; i-- > 0;)
		if (reached[i] && (c->rule[i].op == RULE_AND || c->rule[i].op == RULE_OR))
			reached[c->rule[i].a] = reached[c->rule[i].b] = true;
	for (uint16_t i = 0; i < n; i++) {
		if (!reached[i])
			continue;
		k->node[k->n_nodes++] = i;
		if (c->rule[i].op == RULE_PIN)
			k->atom[k->n_atoms++] = i;
	}
	return true;
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
static bool evaluate(const struct rules_case *k, pin_set verified, uint16_t flip)
{
	bool value[CONTRACT_RULES];
	for (size_t i = 0; i < k->n_nodes; i++) {
		uint16_t node = k->node[i];
		value[node] = value_of(&k->rules->c->rule[node], value, verified) != (node == flip);
	}
	return value[k->rule];
}

bool rules_decides(const struct rules_case *k, size_t atom, pin_set verified)
{
	return rules_hold(k->rules, k->rule, verified) != evaluate(k, verified, k->atom[atom]);
}

/* Marks the atoms that decide in this set; true when one of them did not before. */
static bool new_decision(struct rules_case *k, int outcome, pin_set set)
{
	bool more = false;
	for (size_t i = 0; i < k->n_atoms; i++) {
		if (k->decides[outcome][i] || !rules_decides(k, i, set))
			continue;
		k->decides[outcome][i] = more = true;
	}
	return more;
}

static bool find_sets(struct rules_case *k, int outcome, pin_set usable, size_t at_least)
{
	struct rules_sets *out = &k->sets[outcome];
	bool good = true;
	pin_set set;
	k->decides[outcome] = calloc(k->n_atoms + 1, sizeof(bool));
	if (k->decides[outcome] == NULL)
		return false;
	if (outcome == RULES_REFUSED && !rules_hold(k->rules, k->rule, 0))
		good = add(out, 0);
	for (uint32_t at = 0; good && rules_next(k->rules, k->rule, usable, outcome == RULES_GRANTED, &at, &set);) {
		bool decides = new_decision(k, outcome, set);
		bool known = set == 0 && out->n != 0;
		if ((decides || out->n < at_least) && !known)
			good = add(out, set);
	}
	return good;
}

bool rules_case_open(struct rules_case *k, const struct rules *r, uint16_t rule, pin_set usable, size_t at_least)
{
	*k = (struct rules_case){.rules = r, .rule = rule};
	return find_nodes(k) && find_sets(k, RULES_REFUSED, usable, at_least) &&
	    find_sets(k, RULES_GRANTED, usable, at_least);
}

void rules_case_reset(struct rules_case *k)
{
	free(k->node);
	free(k->atom);
	for (int o = 0; o < RULES_OUTCOMES; o++) {
		free(k->sets[o].set);
		free(k->decides[o]);
	}
	*k = (struct rules_case){0};
}
