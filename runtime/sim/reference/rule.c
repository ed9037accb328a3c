#include "runtime/sim/reference/card.h"

/* Nodes refer to nodes of lower index only (contract_valid), so the walks end. */

bool rule_true(const struct card *c, uint16_t rule)
{
	const struct contract_rule *r = &c->ap->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
		return false;
	case RULE_ALWAYS:
		return true;
	case RULE_PIN:
		return pin_satisfied(c, r->a);
	case RULE_AND:
		return rule_true(c, r->a) && rule_true(c, r->b);
	case RULE_OR:
		return rule_true(c, r->a) || rule_true(c, r->b);
	case RULE_PIN_UNSET:
		return pin_unset(c, r->a);
	case RULE_AUTH:
		return c->session->security.auth[r->a];
	case RULE_SM:
		return secure_holds(c, (enum sm_level)r->a, r->b);
	case RULE_CONTACT:
		return !c->session->contactless;
	case RULE_CONTACTLESS:
		return c->session->contactless;
	}
	return false;
}

static bool names_transport_pin(const struct card *c, uint16_t rule)
{
	const struct contract_rule *r = &c->ap->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
	case RULE_ALWAYS:
	case RULE_PIN_UNSET:
	case RULE_AUTH:
	case RULE_SM:
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return false;
	case RULE_PIN:
		return pin_in_transport(c, r->a);
	case RULE_AND:
	case RULE_OR:
		return names_transport_pin(c, r->a) || names_transport_pin(c, r->b);
	}
	return false;
}

/* AP contract, section 3, number 9. */
sw_t rule_check(const struct card *c, uint16_t rule)
{
	if (rule_true(c, rule))
		return SW_OK;
	return names_transport_pin(c, rule) ? SW_CONDITIONS_OF_USE : SW_SECURITY_STATUS;
}
