#include "runtime/suite/rules.h"

#include <stdlib.h>
#include <string.h>

/* ---- what rules ask for ---- */

static bool any_rule(const struct contract *c, enum rule_op op)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == op)
			return true;
	return false;
}

bool rules_opens(const struct contract *c, uint16_t key)
{
	if (c->key[key].use != KEY_MUTUAL)
		return false;
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_SM && (c->rule[i].b == key || c->rule[i].b == CONTRACT_NONE))
			return true;
	return false;
}

static bool authenticates(const struct contract_key *k)
{
	return k->use != KEY_INTERNAL && k->algorithm <= KEY_AES_256;
}

static bool named_by_auth(const struct contract *c, uint16_t key)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_AUTH && c->rule[i].a == key)
			return true;
	return false;
}

static pin_set add_condition(struct rules *r, unsigned kind, uint16_t key)
{
	r->condition[r->bits] = (struct rules_condition){(uint8_t)kind, key};
	return rules_bit(r->bits++);
}

static void find_conditions(struct rules *r)
{
	const struct contract *c = r->c;
	r->bits = c->n_pins;
	for (uint16_t k = 0; k < c->n_keys; k++) {
		bool opens = rules_opens(c, k);
		if (!authenticates(&c->key[k]) || (!opens && !named_by_auth(c, k)))
			continue;
		r->auth[k] = add_condition(r, RULES_AUTH, k);
		if (!opens)
			continue;
		r->mac[k] = add_condition(r, RULES_SM_MAC, k);
		r->enc[k] = add_condition(r, RULES_SM_ENC, k);
	}
	for (uint16_t i = 0; i < c->n_rules; i++)
		r->class_08 = r->class_08 || (c->rule[i].op == RULE_SM && c->rule[i].a == SM_ENC);
}

static pin_set next_state(struct rules *r)
{
	return r->all < RULES_BITS ? rules_bit(r->all++) : 0;
}

/* States that no terminal brings about. */
static void find_states(struct rules *r)
{
	r->all = r->bits;
	if (any_rule(r->c, RULE_CONTACT) || any_rule(r->c, RULE_CONTACTLESS))
		r->contactless = next_state(r);
	for (uint16_t pin = 0; pin < r->c->n_pins; pin++) {
		if (r->c->pin[pin].initial == PIN_UNSET && any_rule(r->c, RULE_PIN_UNSET))
			r->unset[pin] = next_state(r);
		r->phase[0] |= r->unset[pin];
	}
	r->n_phases = 1;
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
	*r = (struct rules){.c = c, .n_rules = c->n_rules};
	find_conditions(r);
	find_states(r);
	r->rule = calloc((size_t)c->n_rules + c->n_steps + 1, sizeof *r->rule);
	if (r->rule == NULL)
		return false;
	memcpy(r->rule, c->rule, c->n_rules * sizeof *r->rule);
	add_commands(r);
	return true;
}

void rules_reset(struct rules *r)
{
	free(r->rule);
	r->rule = NULL;
}

/* ---- conditions ---- */

pin_set rules_of_key(const struct rules *r, uint16_t key)
{
	return r->auth[key] | r->mac[key] | r->enc[key];
}

pin_set rules_conditions(const struct rules *r)
{
	pin_set set = 0;
	for (uint16_t k = 0; k < r->c->n_keys; k++)
		set |= rules_of_key(r, k);
	return set;
}

pin_set rules_of_sessions(const struct rules *r)
{
	pin_set set = 0;
	for (uint16_t k = 0; k < r->c->n_keys; k++)
		if (r->mac[k] != 0)
			set |= rules_of_key(r, k);
	return set;
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

void rules_never_set(struct rules *r, unsigned pin)
{
	for (size_t i = 0; i < r->n_phases; i++)
		r->phase[i] &= ~r->unset[pin];
	r->unset[pin] = 0;
}

/* ---- which states can be ---- */

/* PINs get their first values in one order; a PIN that has none is not verified. */
static bool phase_possible(const struct rules *r, pin_set set)
{
	bool known = false;
	for (size_t i = 0; i < r->n_phases; i++)
		known = known || (set & rules_unset(r)) == r->phase[i];
	for (unsigned pin = 0; pin < r->c->n_pins; pin++)
		if ((set & r->unset[pin]) != 0 && (set & rules_bit(pin)) != 0)
			return false;
	return known;
}

/* With a MAC, and encrypted besides: AP contract, section 9, "LEVEL for command and response". */
static bool mac_level(const struct rules *r, enum rules_shape shape, bool encrypted)
{
	bool weak_answer = r->c->sm_response == SM_MAC;
	switch (shape) {
	case RULES_TELLS:
		return true;
	case RULES_ASKS:
		return encrypted != weak_answer;
	case RULES_EXCHANGES:
		return !encrypted || !weak_answer;
	case RULES_ORDERS:
		return encrypted;
	}
	return false;
}

/* One key's part of a state. */
static bool session_possible(const struct rules *r, enum rules_shape shape, uint16_t key, pin_set set)
{
	bool mac = (set & r->mac[key]) != 0, enc = (set & r->enc[key]) != 0;
	if ((set & r->auth[key]) == 0)
		return !mac && !enc;
	if (mac)
		return mac_level(r, shape, enc);
	/* Where a plain command ends the session, none is left when the rule of one is asked. */
	return enc ? r->class_08 : !r->c->sm_plain_ends;
}

bool rules_possible_for(const struct rules *r, enum rules_shape shape, pin_set set)
{
	unsigned sessions = 0;
	if (!phase_possible(r, set))
		return false;
	for (uint16_t k = 0; k < r->c->n_keys; k++) {
		if (r->mac[k] == 0)
			continue;
		if (!session_possible(r, shape, k, set))
			return false;
		sessions += (set & rules_of_key(r, k)) != 0;
	}
	return sessions <= 1;
}

bool rules_possible(const struct rules *r, pin_set set)
{
	return rules_possible_for(r, RULES_TELLS, set); /* which has all levels */
}

/* ---- rules ---- */

static bool sm_holds(const struct rules *r, enum sm_level level, uint16_t key, pin_set set)
{
	bool mac = (set & r->mac[key]) != 0, enc = (set & r->enc[key]) != 0;
	return level == SM_MAC ? mac : level == SM_ENC ? enc : mac && enc;
}

static bool any_sm_holds(const struct rules *r, const struct contract_rule *leaf, pin_set set)
{
	for (uint16_t k = 0; k < r->c->n_keys; k++)
		if ((leaf->b == k || leaf->b == CONTRACT_NONE) && sm_holds(r, (enum sm_level)leaf->a, k, set))
			return true;
	return false;
}

static bool leaf_holds(const struct rules *r, const struct contract_rule *leaf, pin_set set)
{
	switch ((enum rule_op)leaf->op) {
	case RULE_PIN:
		return (set & rules_bit(leaf->a)) != 0;
	case RULE_AUTH:
		return (set & r->auth[leaf->a]) != 0;
	case RULE_SM:
		return any_sm_holds(r, leaf, set);
	case RULE_PIN_UNSET: /* without a bit of its own, it has no value for ever */
		return r->unset[leaf->a] != 0 ? (set & r->unset[leaf->a]) != 0
					      : r->c->pin[leaf->a].initial == PIN_UNSET;
	case RULE_CONTACT:
		return (set & r->contactless) == 0;
	case RULE_CONTACTLESS:
		return (set & r->contactless) != 0;
	case RULE_ALWAYS:
		return true;
	case RULE_NEVER:
	case RULE_AND:
	case RULE_OR:
		break;
	}
	return false;
}

bool rules_hold_with(const struct rules *r, uint16_t rule, pin_set set, uint16_t flip)
{
	const struct contract_rule *n = &r->rule[rule];
	bool v = n->op == RULE_AND ? rules_hold_with(r, n->a, set, flip) && rules_hold_with(r, n->b, set, flip)
	    : n->op == RULE_OR     ? rules_hold_with(r, n->a, set, flip) || rules_hold_with(r, n->b, set, flip)
				   : leaf_holds(r, n, set);
	return v != (rule == flip);
}

bool rules_hold(const struct rules *r, uint16_t rule, pin_set set)
{
	return rules_hold_with(r, rule, set, CONTRACT_NONE);
}

pin_set rules_named(const struct rules *r, uint16_t rule)
{
	const struct contract_rule *n = &r->rule[rule];
	pin_set set = 0;
	switch ((enum rule_op)n->op) {
	case RULE_PIN:
		return rules_bit(n->a);
	case RULE_AUTH:
		return r->auth[n->a];
	case RULE_SM:
		for (uint16_t k = 0; k < r->c->n_keys; k++)
			if (n->b == k || n->b == CONTRACT_NONE)
				set |= r->mac[k] | r->enc[k];
		return set;
	case RULE_PIN_UNSET:
		return r->unset[n->a];
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return r->contactless;
	case RULE_AND:
	case RULE_OR:
		return rules_named(r, n->a) | rules_named(r, n->b);
	case RULE_NEVER:
	case RULE_ALWAYS:
		break;
	}
	return 0;
}
