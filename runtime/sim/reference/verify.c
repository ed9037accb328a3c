#include "runtime/sim/reference/card.h"

/* VERIFY: ISO/IEC 7816-4:2020 11.5.6, AP contract, section 7. */

static sw_t parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 == 0 ? SW_OK : SW_WRONG_P1P2;
}

static sw_t blocked(struct card *c, struct call *x)
{
	return pin_tries(c, x->object, SECRET_PIN) != 0 ? SW_OK : pin_blocked(c);
}

/* AP contract, section 7: without a value VERIFY answers 6985. */
static sw_t access(struct card *c, struct call *x)
{
	return pin_unset(c, x->object) ? SW_CONDITIONS_OF_USE : SW_OK;
}

/* A wrong length uses no try. */
static sw_t range(struct card *c, struct call *x)
{
	const struct contract_pin *p = pin_of(c, x);
	size_t n = x->apdu->lc;
	return n == 0 || (n >= p->min && n <= p->max) ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t effect(struct card *c, struct call *x)
{
	if (x->apdu->lc == 0)
		return pin_satisfied(c, x->object) ? SW_OK : SW_TRIES_LEFT(pin_tries(c, x->object, SECRET_PIN));

	if (!pin_try(c, x->object, SECRET_PIN, x->apdu->data, x->apdu->lc))
		return SW_TRIES_LEFT(pin_tries(c, x->object, SECRET_PIN));
	pin_restore_tries(c, x->object, SECRET_PIN);
	if (pin_in_transport(c, x->object))
		return SW_CONDITIONS_OF_USE;
	c->session->verified[x->object] = !c->nv->off;
	c->session->security.inside[x->object] = c->session->security.protection != PROTECTION_NONE;
	return SW_OK;
}

const struct command command_verify = {
    .cla = 0x00,
    .ins = INS_VERIFY,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_OBJECT] = pin_object,
	    [STEP_BLOCKED] = blocked,
	    [STEP_ACCESS] = access,
	    [STEP_RANGE] = range,
	    [STEP_EFFECT] = effect,
	},
};
