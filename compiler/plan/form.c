#include "compiler/plan/inside.h"

unsigned plan_count(uint32_t pins)
{
	unsigned n = 0;
	for (; pins != 0; pins &= pins - 1)
		n++;
	return n;
}

/* Without a PIN that "all of S" names, nothing can fulfil it: so S is what cannot be missed, and the rule is "all of S"
 * when S alone fulfils it. "Any of S" is the same turned round: S is what suffices alone, and without S nothing does.
 */
struct rule_form plan_form(const struct contract *c, uint16_t rule)
{
	uint32_t pins = contract_rule_pins(c, rule), needed = 0, enough = 0;
	if (contract_rule_holds(c, rule, 0))
		return (struct rule_form){RULE_FORM_ALWAYS, 0};
	if (!contract_rule_holds(c, rule, pins))
		return (struct rule_form){RULE_FORM_NEVER, 0};
	for (uint16_t i = 0; i < c->n_pins; i++) {
		uint32_t one = UINT32_C(1) << i;
		if ((pins & one) == 0)
			continue;
		if (!contract_rule_holds(c, rule, pins & ~one))
			needed |= one;
		if (contract_rule_holds(c, rule, one))
			enough |= one;
	}
	if (contract_rule_holds(c, rule, needed))
		return (struct rule_form){RULE_FORM_ALL, needed};
	if (!contract_rule_holds(c, rule, pins & ~enough))
		return (struct rule_form){RULE_FORM_ANY, enough};
	return (struct rule_form){RULE_FORM_OTHER, pins};
}
