/* Rules have `and` and `or` but no `not`: more PINs never close what fewer open. So the minimal granting sets and the
 * maximal refusing sets say everything about a rule, and where an atom decides at all it decides in one of them:
 * if the rule holds with A, and not with A when atom a is false, the same is true of every minimal set inside A.
 * That is not so of the interface and of PINs without value: what they open and close is gone through for each state
 * of theirs by itself. */
#include "runtime/suite/rules.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/suite/program.h"

static uint64_t *table_of(const struct rules *r, size_t node)
{
	return r->table + node * r->words;
}

/* Column of PIN `pin`: bit s is set when s contains the PIN. */
static void fill_word(uint64_t *word, size_t i, unsigned pin)
{
	static const uint64_t low[] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00,
	    0xffff0000ffff0000, 0xffffffff00000000};
	*word = pin < 6 ? low[pin] : (i >> (pin - 6) & 1) != 0 ? UINT64_MAX : 0;
}

static void fill_pin(uint64_t *table, size_t words, unsigned pin)
{
	for (size_t i = 0; i < words; i++)
		fill_word(&table[i], i, pin);
}

/* One of the conditions of this kind, with this key or (CONTRACT_NONE) any. */
static void fill_conditions(struct rules *r, uint64_t *t, bool sm, uint16_t key)
{
	for (unsigned bit = r->c->n_pins; bit < r->bits; bit++) {
		const struct rules_condition *k = &r->condition[bit];
		if (k->sm != sm || (key != CONTRACT_NONE && k->key != key))
			continue;
		for (size_t i = 0; i < r->words; i++) {
			uint64_t column[1];
			fill_word(column, i, bit);
			t[i] |= column[0];
		}
	}
}

static void add_condition(struct rules *r, bool sm, uint16_t key)
{
	for (unsigned bit = r->c->n_pins; bit < r->bits; bit++)
		if (r->condition[bit].sm == sm && r->condition[bit].key == key)
			return;
	if (r->bits < RULES_BITS)
		r->condition[r->bits++] = (struct rules_condition){sm, key};
}

static bool symmetric(const struct contract_key *k)
{
	return k->use != KEY_INTERNAL && k->algorithm <= KEY_AES_256;
}

/* Where answers have a MAC only, the level of a command depends on whether it answers: that is left alone. */
static bool levels_are_plain(const struct contract *c)
{
	if (c->sm_response != SM_MAC)
		return true;
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_SM && c->rule[i].a != SM_MAC)
			return false;
	return true;
}

/* ---- states that no terminal brings about ---- */

static bool any_rule(const struct contract *c, enum rule_op op)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == op)
			return true;
	return false;
}

static bool names_interface(const struct contract *c)
{
	return any_rule(c, RULE_CONTACT) || any_rule(c, RULE_CONTACTLESS);
}

static bool asks_for_value(const struct contract *c, uint16_t pin)
{
	return c->pin[pin].initial == PIN_UNSET && any_rule(c, RULE_PIN_UNSET);
}

static unsigned count_states(const struct contract *c)
{
	unsigned n = names_interface(c);
	for (uint16_t pin = 0; pin < c->n_pins; pin++)
		n += asks_for_value(c, pin);
	return n;
}

static pin_set next_state(struct rules *r)
{
	return r->all < RULES_BITS ? 1U << r->all++ : 0;
}

static void find_states(struct rules *r)
{
	r->all = r->bits;
	if (names_interface(r->c))
		r->contactless = next_state(r);
	for (uint16_t pin = 0; pin < r->c->n_pins; pin++) {
		if (asks_for_value(r->c, pin))
			r->unset[pin] = next_state(r);
		r->phase[0] |= r->unset[pin];
	}
	r->n_phases = 1;
}

static pin_set state_named(const struct rules *r, const struct contract_rule *rule)
{
	switch ((enum rule_op)rule->op) {
	case RULE_PIN_UNSET:
		return r->unset[rule->a];
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return r->contactless;
	case RULE_AND:
	case RULE_OR:
		return r->named[rule->a] | r->named[rule->b];
	case RULE_NEVER:
	case RULE_ALWAYS:
	case RULE_PIN:
	case RULE_AUTH:
	case RULE_SM:
		break;
	}
	return 0;
}

/* ---- conditions ---- */

static void find_conditions(struct rules *r)
{
	const struct contract *c = r->c;
	unsigned states = count_states(c), most = states < RULES_BITS ? RULES_BITS - states : 0;
	r->bits = c->n_pins;
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_AUTH && symmetric(&c->key[c->rule[i].a]) && r->bits < most)
			add_condition(r, false, c->rule[i].a);
	for (uint16_t i = 0; i < c->n_rules && levels_are_plain(c); i++)
		for (uint16_t k = 0; c->rule[i].op == RULE_SM && k < c->n_keys; k++)
			if ((c->rule[i].b == k || c->rule[i].b == CONTRACT_NONE) && c->key[k].use == KEY_MUTUAL &&
			    r->bits + 2 <= most) {
				add_condition(r, false, k);
				add_condition(r, true, k);
			}
}

pin_set rules_conditions(const struct rules *r)
{
	return ((1U << r->bits) - 1) & ~((1U << r->c->n_pins) - 1);
}

pin_set rules_unset(const struct rules *r)
{
	return r->phase[0];
}

void rules_phase(struct rules *r, unsigned pin)
{
	r->phase[r->n_phases] = r->phase[r->n_phases - 1] & ~r->unset[pin];
	r->n_phases++;
}

/* PINs get their first values in one order; a PIN that has none is not verified. */
static bool phase_possible(const struct rules *r, pin_set set)
{
	bool known = false;
	for (size_t i = 0; i < r->n_phases; i++)
		known = known || (set & rules_unset(r)) == r->phase[i];
	for (unsigned pin = 0; pin < r->c->n_pins; pin++)
		if ((set & r->unset[pin]) != 0 && (set >> pin & 1) != 0)
			return false;
	return known;
}

/* One mutual authentication at a time, and secure messaging only behind it. */
bool rules_possible(const struct rules *r, pin_set set)
{
	if (!phase_possible(r, set))
		return false;
	uint16_t mutual = CONTRACT_NONE;
	bool sm = false;
	for (unsigned bit = r->c->n_pins; bit < r->bits; bit++) {
		const struct rules_condition *k = &r->condition[bit];
		if ((set >> bit & 1) == 0 || r->c->key[k->key].use != KEY_MUTUAL)
			continue;
		if (!k->sm && mutual != CONTRACT_NONE)
			return false;
		if (!k->sm)
			mutual = k->key;
	}
	for (unsigned bit = r->c->n_pins; bit < r->bits; bit++) {
		const struct rules_condition *k = &r->condition[bit];
		if ((set >> bit & 1) == 0 || !k->sm)
			continue;
		if (sm || k->key != mutual)
			return false;
		sm = true;
	}
	return true;
}

static void fill_states(struct rules *r, uint64_t *t, pin_set state, bool want)
{
	for (unsigned bit = r->bits; bit < r->all; bit++)
		if (state == 1U << bit)
			fill_pin(t, r->words, bit);
	for (size_t i = 0; !want && i < r->words; i++)
		t[i] = ~t[i];
}

static void fill(struct rules *r, uint16_t node)
{
	const struct contract_rule *rule = &r->rule[node];
	uint64_t *t = table_of(r, node);
	switch ((enum rule_op)rule->op) {
	case RULE_NEVER:
		return;
	case RULE_AUTH:
		fill_conditions(r, t, false, rule->a);
		return;
	case RULE_SM:
		fill_conditions(r, t, true, rule->b);
		return;
	case RULE_CONTACTLESS:
	case RULE_CONTACT:
		fill_states(r, t, r->contactless, rule->op == RULE_CONTACTLESS);
		return;
	case RULE_PIN_UNSET:
		if (r->unset[rule->a] != 0) {
			fill_states(r, t, r->unset[rule->a], true);
			return;
		}
		if (r->c->pin[rule->a].initial == PIN_UNSET) /* for ever */
			memset(t, 0xff, r->words * sizeof *t);
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

/* Nodes refer to lower ones only. */
static void fill_all(struct rules *r)
{
	memset(r->table, 0, ((size_t)r->n_rules + 1) * r->words * sizeof *r->table);
	for (uint16_t i = 0; i < r->n_rules; i++) {
		r->named[i] = state_named(r, &r->rule[i]);
		fill(r, i);
	}
}

void rules_never_set(struct rules *r, unsigned pin)
{
	for (size_t i = 0; i < r->n_phases; i++)
		r->phase[i] &= ~r->unset[pin];
	r->unset[pin] = 0;
	fill_all(r);
}

static uint16_t both(struct rules *r, uint16_t a, uint16_t b)
{
	if (a == b)
		return a;
	r->rule[r->n_rules] = (struct contract_rule){RULE_AND, a, b};
	return r->n_rules++;
}

/* A command asks for its own rule and for all that its steps require. */
static void add_commands(struct rules *r)
{
	const struct contract *c = r->c;
	for (uint16_t i = 0; i < c->n_commands; i++) {
		r->command[i] = c->command[i].rule;
		for (uint16_t s = 0; s < c->command[i].n_steps; s++) {
			const struct contract_step *step = &c->step[c->command[i].first_step + s];
			if (step->op == STEP_REQUIRE)
				r->command[i] = both(r, r->command[i], step->rule);
		}
	}
}

bool rules_init(struct rules *r, const struct contract *c)
{
	size_t most = (size_t)c->n_rules + c->n_steps + 1;
	*r = (struct rules){.c = c, .n_rules = c->n_rules};
	find_conditions(r);
	find_states(r);
	r->words = r->all <= 6 ? 1 : (size_t)1 << (r->all - 6);
	r->rule = calloc(most, sizeof *r->rule);
	r->named = calloc(most, sizeof *r->named);
	r->table = calloc(most, r->words * sizeof *r->table);
	if (r->rule == NULL || r->named == NULL || r->table == NULL)
		return false;
	memcpy(r->rule, c->rule, c->n_rules * sizeof *r->rule);
	add_commands(r);
	fill_all(r);
	return true;
}

void rules_reset(struct rules *r)
{
	free(r->table);
	free(r->named);
	free(r->rule);
	r->table = NULL;
	r->named = NULL;
	r->rule = NULL;
}

bool rules_hold(const struct rules *r, uint16_t rule, pin_set verified)
{
	return (table_of(r, rule)[verified / 64] >> verified % 64 & 1) != 0;
}

bool rules_can_hold(const struct rules *r, uint16_t rule, pin_set usable)
{
	uint32_t at = 0;
	pin_set set;
	return rules_next(r, rule, usable, true, &at, &set);
}

bool rules_can_fail(const struct rules *r, uint16_t rule)
{
	uint32_t at = 0;
	pin_set set;
	return rules_next(r, rule, 0, false, &at, &set);
}

static bool minimal(const struct rules *r, uint16_t rule, pin_set set)
{
	if (!rules_hold(r, rule, set))
		return false;
	for (unsigned p = 0; p < r->bits; p++)
		if ((set >> p & 1) != 0 && rules_possible(r, set & ~(1U << p)) && rules_hold(r, rule, set & ~(1U << p)))
			return false;
	return true;
}

static bool maximal(const struct rules *r, uint16_t rule, pin_set usable, pin_set set)
{
	if (rules_hold(r, rule, set))
		return false;
	for (unsigned p = 0; p < r->bits; p++)
		if ((usable & ~set) >> p & 1 && rules_possible(r, set | 1U << p) && !rules_hold(r, rule, set | 1U << p))
			return false;
	return true;
}

/* Of states that say nothing new about the rule, one: by contact, and as late as it can be. */
static bool worth(const struct rules *r, uint16_t rule, pin_set set)
{
	pin_set named = r->named[rule], unset = set & rules_unset(r), last = 0;
	for (size_t i = 0; i < r->n_phases; i++)
		if (((r->phase[i] ^ unset) & named) == 0)
			last = r->phase[i];
	return (set & r->contactless & ~named) == 0 && unset == last;
}

bool rules_next(const struct rules *r, uint16_t rule, pin_set usable, bool granted, uint32_t *at, pin_set *set)
{
	usable |= r->contactless | rules_unset(r);
	for (; *at < 1U << r->all; ++*at) {
		pin_set s = *at;
		if ((s & ~usable) != 0 || !rules_possible(r, s) || !worth(r, rule, s))
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
	const struct contract_rule *rule = k->rules->rule;
	bool reached[CONTRACT_RULES + CONTRACT_STEPS] = {false};
	size_t n = (size_t)k->rule + 1;
	k->node = calloc(n, sizeof *k->node);
	k->atom = calloc(n, sizeof *k->atom);
	if (k->node == NULL || k->atom == NULL)
		return false;
	reached[k->rule] = true;
	for (size_t i = n; i-- > 0;)
		if (reached[i] && (rule[i].op == RULE_AND || rule[i].op == RULE_OR))
			reached[rule[i].a] = reached[rule[i].b] = true;
	for (uint16_t i = 0; i < n; i++) {
		if (!reached[i])
			continue;
		k->node[k->n_nodes++] = i;
		if (rule[i].op != RULE_AND && rule[i].op != RULE_OR && rule[i].op > RULE_ALWAYS)
			k->atom[k->n_atoms++] = i;
	}
	return true;
}

/* flip: the node whose value is turned over, CONTRACT_NONE for none. */
static bool evaluate(const struct rules_case *k, pin_set verified, uint16_t flip)
{
	bool value[CONTRACT_RULES + CONTRACT_STEPS];
	for (size_t i = 0; i < k->n_nodes; i++) {
		uint16_t node = k->node[i];
		const struct contract_rule *r = &k->rules->rule[node];
		bool v = r->op == RULE_AND ? value[r->a] && value[r->b]
		    : r->op == RULE_OR     ? value[r->a] || value[r->b]
					   : rules_hold(k->rules, node, verified);
		value[node] = v != (node == flip);
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
