#include "runtime/sim/reference/card.h"

/* RESET RETRY COUNTER: ISO/IEC 7816-4:2020 11.5.9, AP contract, section 7.
 * P1 = 00: PUK || new. 01: PUK. 02: new. 03: empty. 00 and 01 stand under the PUK, 02 and 03 under the rule `unblock`.
 */

static bool takes_puk(const struct call *x)
{
	return x->apdu->p1 <= 0x01;
}

static bool takes_new(const struct call *x)
{
	return x->apdu->p1 == 0x00 || x->apdu->p1 == 0x02;
}

static sw_t parameters(struct card *c, struct call *x)
{
	uint16_t i;
	if (x->apdu->p1 > 0x03)
		return SW_WRONG_P1P2;
	if (!pin_find(c, x->apdu->p2, &i))
		return SW_OK;
	const struct contract_pin *p = &c->ap->pin[i];
	if ((p->reset & 1U << x->apdu->p1) == 0 || (takes_puk(x) && p->puk_length == 0))
		return SW_WRONG_P1P2;
	return SW_OK;
}

static sw_t length(struct card *c, struct call *x)
{
	(void)c;
	bool wants_data = takes_puk(x) || takes_new(x);
	return wants_data == (x->apdu->lc != 0) ? SW_OK : SW_WRONG_LENGTH;
}

/* Whether the PIN itself is blocked does not matter here: this is how it is freed. */
static sw_t blocked(struct card *c, struct call *x)
{
	return !takes_puk(x) || pin_tries(c, x->object, SECRET_PUK) != 0 ? SW_OK : pin_blocked(c);
}

/* A PIN without a value gets its first one under the rule `set` only, not here. */
static sw_t access(struct card *c, struct call *x)
{
	if (pin_unset(c, x->object))
		return SW_CONDITIONS_OF_USE;
	return takes_puk(x) ? SW_OK : rule_check(c, pin_of(c, x)->unblock);
}

static size_t puk_bytes(const struct card *c, const struct call *x)
{
	return takes_puk(x) ? pin_of(c, x)->puk_length : 0;
}

static sw_t range(struct card *c, struct call *x)
{
	const struct contract_pin *p = pin_of(c, x);
	size_t puk = puk_bytes(c, x), lc = x->apdu->lc;
	size_t min = takes_new(x) ? p->min : 0, max = takes_new(x) ? p->max : 0;
	return lc >= puk + min && lc <= puk + max ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t data(struct card *c, struct call *x)
{
	if (!takes_new(x))
		return SW_OK;
	size_t at = puk_bytes(c, x);
	return pin_new_form(pin_of(c, x), x->apdu->data + at, x->apdu->lc - at);
}

/* Afterwards not verified. A new value that somebody else than the holder may have chosen returns a transport PIN to
 * transport, unless it resets to the holder; 01 and 03 keep the state. */
static sw_t effect(struct card *c, struct call *x)
{
	const struct contract_pin *p = pin_of(c, x);
	const struct apdu *a = x->apdu;
	size_t at = puk_bytes(c, x);
	if (takes_puk(x) && !pin_try(c, x->object, SECRET_PUK, a->data, at))
		return SW_TRIES_LEFT(pin_tries(c, x->object, SECRET_PUK));
	nv_begin(c->nv);
	if (takes_puk(x))
		pin_restore_tries(c, x->object, SECRET_PUK);
	if (takes_new(x)) {
		pin_write_value(c, x->object, a->data + at, a->lc - at);
		pin_write_transport(c, x->object, p->initial == PIN_TRANSPORT && p->resets_to_transport);
	}
	pin_restore_tries(c, x->object, SECRET_PIN);
	bool done = nv_commit(c->nv);
	c->session->verified[x->object] = false;
	return layout_done(done);
}

const struct command command_reset_retry_counter = {
    .cla = 0x00,
    .ins = INS_RESET_RETRY_COUNTER,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_OBJECT] = pin_object,
	    [STEP_BLOCKED] = blocked,
	    [STEP_ACCESS] = access,
	    [STEP_RANGE] = range,
	    [STEP_DATA] = data,
	    [STEP_EFFECT] = effect,
	},
};
