/* What rules come to. There is no negation, so more conditions fulfilled never make a rule false: it is enough to look
 * at the largest states that can be, and at the smallest. */
#include "compiler/description/build.h"

/* A state of card and session, as far as rules see it. */
struct state {
	uint32_t verified, unset; /* PINs */
	uint32_t keys;            /* authenticated */
	uint16_t sm_key;          /* of the session with secure messaging enc+mac; CONTRACT_NONE: there is none */
	bool sm_every;            /* every session at once: more than can be */
	bool contact, contactless;
};

static bool sm_holds(const struct contract_rule *r, const struct state *s)
{
	return s->sm_every || (s->sm_key != CONTRACT_NONE && (r->b == CONTRACT_NONE || r->b == s->sm_key));
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

bool rule_possible(const struct contract *c, uint16_t rule, uint32_t verified, uint32_t keys)
{
	struct state s = {
	    .verified = verified, .unset = UINT32_MAX, .keys = keys, .contact = true, .contactless = true};
	s.sm_every = keys == UINT32_MAX;
	s.sm_key = CONTRACT_NONE;
	if (holds(c, rule, &s))
		return true;
	for (uint16_t k = 0; k < c->n_keys; k++) {
		s.sm_key = k;
		if ((keys >> k & 1) != 0 && c->key[k].use == KEY_MUTUAL && holds(c, rule, &s))
			return true;
	}
	return false;
}

bool rule_needs_sm(const struct contract *c, uint16_t rule)
{
	struct state s = {.verified = UINT32_MAX,
	    .unset = UINT32_MAX,
	    .keys = UINT32_MAX,
	    .sm_key = CONTRACT_NONE,
	    .contact = true,
	    .contactless = true};
	if (holds(c, rule, &s))
		return false;
	s.sm_every = true;
	return holds(c, rule, &s);
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

/* --- what can never be ------------------------------------------------------------------------------------------- */

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
static bool holds_somewhere(const struct contract *c, uint16_t rule, struct state *s)
{
	for (int side = 0; side < 2; side++) {
		s->contact = side == 0;
		s->contactless = side == 1;
		s->sm_key = CONTRACT_NONE;
		if (holds(c, rule, s))
			return true;
		for (s->sm_key = 0; s->sm_key < c->n_keys; s->sm_key++)
			if (c->key[s->sm_key].use == KEY_MUTUAL && holds(c, rule, s))
				return true;
	}
	return false;
}

/* A PIN is verified or unset, never both: every choice is looked at for at most so many PINs that a rule names both
 * ways; for the rest both are granted, so that a rule may pass that cannot be fulfilled, but not the reverse. */
enum { CHOICES = 6 };

bool rule_impossible(const struct build *b, uint16_t rule)
{
	const struct contract *c = b->c;
	uint32_t verified = 0, unset = 0, pin[CHOICES];
	unsigned n = 0;
	pins_of(c, rule, &verified, &unset);
	for (unsigned i = 0; i < CONTRACT_PINS && n < CHOICES; i++)
		if ((verified & unset) >> i & 1)
			pin[n++] = UINT32_C(1) << i;
	for (uint32_t choice = 0; choice < UINT32_C(1) << n; choice++) {
		struct state s = {.verified = UINT32_MAX, .unset = UINT32_MAX, .keys = UINT32_MAX};
		for (unsigned k = 0; k < n; k++)
			*((choice >> k & 1) != 0 ? &s.verified : &s.unset) &= ~pin[k];
		if (holds_somewhere(c, rule, &s))
			return false;
	}
	return true;
}
