/* There is no negation, so more conditions fulfilled never make a rule false: it is enough to look at the largest
 * states that can be, and at the smallest. */
#include "compiler/description/truth.h"

/* Levels that a command fulfils, bit n for enum sm_level n: enc+mac satisfies the others. */
enum { FULFILS_MAC = 1 << SM_MAC, FULFILS_ENC = 1 << SM_ENC, FULFILS_ALL = 7 };

/* A state of card and session, as far as rules see it. */
struct state {
	uint32_t verified, unset; /* PINs */
	uint32_t keys;            /* authenticated */
	uint16_t sm_key;          /* of the session with secure messaging; CONTRACT_NONE: there is none */
	unsigned levels;          /* that the command fulfils in it */
	bool contact, contactless;
};

static bool sm_holds(const struct contract_rule *r, const struct state *s)
{
	return s->sm_key != CONTRACT_NONE && (r->b == CONTRACT_NONE || r->b == s->sm_key) &&
	    (s->levels >> r->a & 1) != 0;
}

static bool holds(const struct contract *c, uint16_t rule, const struct state *s)
{
	const struct contract_rule *r = &c->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
		return false;
	case RULE_ALWAYS:
		return true;
	case RULE_PIN:
		return (s->verified >> r->a & 1) != 0;
	case RULE_PIN_UNSET:
		return (s->unset >> r->a & 1) != 0;
	case RULE_AUTH:
		return (s->keys >> r->a & 1) != 0;
	case RULE_SM:
		return sm_holds(r, s);
	case RULE_CONTACT:
		return s->contact;
	case RULE_CONTACTLESS:
		return s->contactless;
	case RULE_AND:
		return holds(c, r->a, s) && holds(c, r->b, s);
	case RULE_OR:
		return holds(c, r->a, s) || holds(c, r->b, s);
	}
	return false;
}

/* Rules that one command has to fulfil together. */
struct together {
	const uint16_t *rule;
	size_t n;
};

static bool all_hold(const struct contract *c, const struct together *t, const struct state *s)
{
	for (size_t i = 0; i < t->n; i++)
		if (!holds(c, t->rule[i], s))
			return false;
	return true;
}

bool rule_open(const struct contract *c, uint16_t rule)
{
	struct state s = {.sm_key = CONTRACT_NONE, .contact = true};
	if (!holds(c, rule, &s))
		return false;
	s.contact = false;
	s.contactless = true;
	return holds(c, rule, &s);
}

/* --- levels ------------------------------------------------------------------------------------------------------ */

bool truth_class_08(const struct contract *c)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_SM && c->rule[i].a == SM_ENC)
			return true;
	return false;
}

enum answer answer_of_op(enum file_op op)
{
	return op == FILE_READ || op == FILE_INCREASE || op == FILE_DECREASE ? ANSWER_DATA : ANSWER_STATUS;
}

enum answer answer_of_command(const struct contract *c, const struct contract_command *m)
{
	for (uint16_t i = 0; i < m->n_steps; i++)
		if (c->step[m->first_step + i].op == STEP_RESPOND)
			return ANSWER_DATA;
	return ANSWER_STATUS;
}

/* In one session of secure messaging: everything encrypted and with a MAC where that can be; else a MAC alone, or class
 * 08, which has none. */
static bool hold_protected(const struct contract *c, const struct together *t, struct state *s, enum answer answer)
{
	s->levels = answer == ANSWER_DATA && c->sm_response == SM_MAC ? FULFILS_MAC : FULFILS_ALL;
	if (all_hold(c, t, s))
		return true;
	s->levels = FULFILS_ENC;
	return truth_class_08(c) && all_hold(c, t, s);
}

/* --- what can be ------------------------------------------------------------------------------------------------- */

/* The PINs that a rule asks to be verified, and those that it asks to be unset. */
static void pins_of(const struct contract *c, uint16_t rule, uint32_t *verified, uint32_t *unset)
{
	const struct contract_rule *r = &c->rule[rule];
	if (r->op == RULE_PIN)
		*verified |= UINT32_C(1) << r->a;
	if (r->op == RULE_PIN_UNSET)
		*unset |= UINT32_C(1) << r->a;
	if (r->op != RULE_AND && r->op != RULE_OR)
		return;
	pins_of(c, r->a, verified, unset);
	pins_of(c, r->b, verified, unset);
}

/* In this state but for the session and the interface, which exclude one another. */
static bool hold_somewhere(const struct contract *c, const struct together *t, struct state *s, enum answer answer)
{
	for (int side = 0; side < 2; side++) {
		s->contact = side == 0;
		s->contactless = side == 1;
		s->sm_key = CONTRACT_NONE;
		if (all_hold(c, t, s))
			return true;
		for (s->sm_key = 0; s->sm_key < c->n_keys; s->sm_key++)
			if (c->key[s->sm_key].use == KEY_MUTUAL && (s->keys >> s->sm_key & 1) != 0 &&
			    hold_protected(c, t, s, answer))
				return true;
	}
	return false;
}

/* A PIN is verified or unset, never both: every choice is looked at for at most so many PINs that a rule names both
 * ways; for the rest both are granted, so that a rule may pass that cannot be fulfilled, but not the reverse. */
enum { CHOICES = 6 };

static bool possible(
    const struct contract *c, const struct together *t, uint32_t verified, uint32_t keys, enum answer answer)
{
	uint32_t asked = 0, unset = 0, pin[CHOICES];
	unsigned n = 0;
	for (size_t i = 0; i < t->n; i++)
		pins_of(c, t->rule[i], &asked, &unset);
	for (unsigned i = 0; i < CONTRACT_PINS && n < CHOICES; i++)
		if ((verified & asked & unset) >> i & 1)
			pin[n++] = UINT32_C(1) << i;
	for (uint32_t choice = 0; choice < UINT32_C(1) << n; choice++) {
		struct state s = {.verified = verified, .unset = TRUTH_ALL, .keys = keys};
		for (unsigned k = 0; k < n; k++)
			*((choice >> k & 1) != 0 ? &s.verified : &s.unset) &= ~pin[k];
		if (hold_somewhere(c, t, &s, answer))
			return true;
	}
	return false;
}

bool rule_possible(const struct contract *c, uint16_t rule, uint32_t verified, uint32_t keys, enum answer answer)
{
	return possible(c, &(struct together){.rule = &rule, .n = 1}, verified, keys, answer);
}

bool rule_impossible(const struct contract *c, uint16_t rule, enum answer answer)
{
	return !rule_possible(c, rule, TRUTH_ALL, TRUTH_ALL, answer);
}

bool rule_needs_sm(const struct contract *c, uint16_t rule)
{
	struct state s = {.verified = TRUTH_ALL,
	    .unset = TRUTH_ALL,
	    .keys = TRUTH_ALL,
	    .sm_key = CONTRACT_NONE,
	    .contact = true,
	    .contactless = true};
	return !holds(c, rule, &s) && !rule_impossible(c, rule, ANSWER_STATUS);
}

/* The rule of a command and those that it requires; returns how many. */
static size_t rules_of(const struct contract *c, const struct contract_command *m, uint16_t rule[CONTRACT_STEPS + 1])
{
	size_t n = 0;
	rule[n++] = m->rule;
	for (uint16_t i = 0; i < m->n_steps; i++)
		if (c->step[m->first_step + i].op == STEP_REQUIRE)
			rule[n++] = c->step[m->first_step + i].rule;
	return n;
}

bool command_possible(const struct contract *c, const struct contract_command *m, uint32_t verified, uint32_t keys)
{
	uint16_t rule[CONTRACT_STEPS + 1];
	size_t n = rules_of(c, m, rule);
	return possible(c, &(struct together){.rule = rule, .n = n}, verified, keys, answer_of_command(c, m));
}

bool command_dead(const struct contract *c, const struct contract_command *m)
{
	return !command_possible(c, m, TRUTH_ALL, TRUTH_ALL);
}

bool command_open(const struct contract *c, const struct contract_command *m)
{
	uint16_t rule[CONTRACT_STEPS + 1];
	size_t n = rules_of(c, m, rule);
	for (size_t i = 0; i < n; i++)
		if (!rule_open(c, rule[i]))
			return false;
	return true;
}
