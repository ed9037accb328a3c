#include "runtime/sim/reference/card.h"

/* The life cycle: AP contract, sections 3 (number 2) and 10.
 *
 *   personalisation -> operational <-> blocked, each -> terminated
 *
 * DEACTIVATE FILE 00 04 (rule `block`), ACTIVATE FILE 00 44 (`unblock`), TERMINATE DF 00 E6 (`terminate`), ISO/IEC
 * 7816-9; P1-P2 0000 without data, and always for the AP as a whole. Which rule is absent, that command is. */

static bool names(
    const struct card *c, uint16_t rule, bool (*leaf)(const struct contract_rule *r, uint16_t arg), uint16_t arg)
{
	const struct contract_rule *r = &c->ap->rule[rule];
	if (r->op == RULE_AND || r->op == RULE_OR)
		return names(c, r->a, leaf, arg) || names(c, r->b, leaf, arg);
	return leaf(r, arg);
}

static bool is_pin(const struct contract_rule *r, uint16_t pin)
{
	return (r->op == RULE_PIN || r->op == RULE_PIN_UNSET) && r->a == pin;
}

static bool is_key(const struct contract_rule *r, uint16_t key)
{
	return (r->op == RULE_AUTH && r->a == key) || (r->op == RULE_SM && (r->b == key || r->b == CONTRACT_NONE));
}

static bool is_any_key(const struct contract_rule *r, uint16_t arg)
{
	(void)arg;
	return r->op == RULE_AUTH || r->op == RULE_SM;
}

static bool way_out_names(const struct card *c, bool (*leaf)(const struct contract_rule *r, uint16_t arg), uint16_t arg)
{
	return names(c, c->ap->unblock, leaf, arg) || names(c, c->ap->terminate, leaf, arg);
}

/* A blocked AP still lets its way out be opened: by ACTIVATE FILE and TERMINATE DF, and by proving what their rules
 * name. */
static bool admitted_when_blocked(const struct card *c, const struct command *k, uint8_t p2)
{
	uint16_t i;
	if (k == &command_activate || k == &command_terminate)
		return true;
	if (k == &command_verify)
		return file_reference(c, p2, EF_PIN, &i) == SW_OK && way_out_names(c, is_pin, i);
	if (k->cla == 0x00 && k->ins == INS_EXTERNAL_AUTHENTICATE)
		return file_reference(c, p2, EF_KEY, &i) == SW_OK && way_out_names(c, is_key, i);
	return k->cla == 0x00 && k->ins == INS_GET_CHALLENGE && way_out_names(c, is_any_key, 0);
}

/* Before operational, and before the AP was selected (open-points.h), SELECT by AID answers, and everything else is
 * 6985, unknown INS too; the commands of personalisation are the only others that exist before operational. */
sw_t life_check(const struct card *c, const struct command *k, uint8_t p1, uint8_t p2)
{
	bool may = false;
	if (k == &command_select && p1 == 0x04)
		return SW_OK;
	switch (layout_life(c->nv)) {
	case LIFE_PERSONALISATION:
		may = k != NULL && k->personalises;
		break;
	case LIFE_OPERATIONAL:
		may = c->session->selected;
		break;
	case LIFE_BLOCKED:
		may = c->session->selected && k != NULL && admitted_when_blocked(c, k, p2);
		break;
	case LIFE_TERMINATED:
		break;
	}
	return may ? SW_OK : SW_CONDITIONS_OF_USE;
}

static bool may_block(const struct card *c)
{
	return c->ap->block != 0;
}

static bool may_unblock(const struct card *c)
{
	return c->ap->unblock != 0;
}

static bool may_terminate(const struct card *c)
{
	return c->ap->terminate != 0;
}

static sw_t parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 == 0 && x->apdu->p2 == 0 ? SW_OK : SW_WRONG_P1P2;
}

static sw_t length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc == 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t block_access(struct card *c, struct call *x)
{
	(void)x;
	return rule_check(c, c->ap->block);
}

static sw_t unblock_access(struct card *c, struct call *x)
{
	(void)x;
	return rule_check(c, c->ap->unblock);
}

static sw_t terminate_access(struct card *c, struct call *x)
{
	(void)x;
	return rule_check(c, c->ap->terminate);
}

/* One byte, so there is no state between. */
static sw_t enter(struct card *c, enum life life)
{
	layout_set_life(c->nv, life);
	return layout_done(!c->nv->off);
}

static sw_t block_effect(struct card *c, struct call *x)
{
	(void)x;
	return enter(c, LIFE_BLOCKED);
}

/* There is nothing to unblock in an operational AP. */
static sw_t unblock_effect(struct card *c, struct call *x)
{
	(void)x;
	return layout_life(c->nv) == LIFE_BLOCKED ? enter(c, LIFE_OPERATIONAL) : SW_CONDITIONS_OF_USE;
}

static sw_t terminate_effect(struct card *c, struct call *x)
{
	(void)x;
	return enter(c, LIFE_TERMINATED);
}

const struct command command_deactivate = {
    .cla = 0x00,
    .ins = INS_DEACTIVATE_FILE,
    .offered = may_block,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_ACCESS] = block_access,
	    [STEP_EFFECT] = block_effect,
	},
};

const struct command command_activate = {
    .cla = 0x00,
    .ins = INS_ACTIVATE_FILE,
    .offered = may_unblock,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_ACCESS] = unblock_access,
	    [STEP_EFFECT] = unblock_effect,
	},
};

const struct command command_terminate = {
    .cla = 0x00,
    .ins = INS_TERMINATE_DF,
    .offered = may_terminate,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_ACCESS] = terminate_access,
	    [STEP_EFFECT] = terminate_effect,
	},
};
