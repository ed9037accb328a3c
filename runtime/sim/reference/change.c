#include "runtime/sim/reference/card.h"

#include "runtime/base/wipe.h"

/* CHANGE REFERENCE DATA: ISO/IEC 7816-4:2020 11.5.7, AP contract, section 7.
 * P1 = 00: old || new. P1 = 01: new, when verified; of a PIN without a value the first one, under its rule `set`.
 * jicsap: CHANGE KEY 80 32 00 is P1 = 01. */
enum { OLD_AND_NEW = 0x00, NEW_ONLY = 0x01, INS_CHANGE_KEY = 0x32 };

static uint8_t form(const struct call *x)
{
	return x->apdu->ins == INS_CHANGE_KEY ? NEW_ONLY : x->apdu->p1;
}

/* Bytes of the old value in old || new: the PIN's length when it is fixed, else the old value comes in its stored,
 * padded form. 0 when there is neither, so that nobody could tell where the old value ends. */
static size_t old_length(const struct contract_pin *p)
{
	if (p->min == p->max)
		return p->min;
	return p->pad >= 0 ? p->stored : 0;
}

/* A form that the PIN does not offer is 6A86. Which PIN it is has to be known for that; an unknown one is left to
 * STEP_OBJECT. */
static sw_t parameters(struct card *c, struct call *x)
{
	uint16_t i;
	uint8_t p1 = form(x);
	if ((p1 != OLD_AND_NEW && p1 != NEW_ONLY) || (x->apdu->ins == INS_CHANGE_KEY && x->apdu->p1 != 0))
		return SW_WRONG_P1P2;
	if (!pin_find(c, x->apdu->p2, &i))
		return SW_OK;
	const struct contract_pin *p = &c->ap->pin[i];
	if (p1 == NEW_ONLY && pin_unset(c, i))
		return SW_OK;
	if ((p->change & 1U << p1) == 0 || (p1 == OLD_AND_NEW && old_length(p) == 0))
		return SW_WRONG_P1P2;
	return SW_OK;
}

static sw_t length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc != 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t blocked(struct card *c, struct call *x)
{
	return pin_tries(c, x->object, SECRET_PIN) != 0 ? SW_OK : pin_blocked(c);
}

/* P1 = 01 stands under the rule pin(x), and is refused as that rule would be; the first value under `set`, and until
 * then there is no old one. */
static sw_t access(struct card *c, struct call *x)
{
	if (pin_unset(c, x->object))
		return form(x) == NEW_ONLY ? rule_check(c, pin_of(c, x)->set) : SW_CONDITIONS_OF_USE;
	if (form(x) == OLD_AND_NEW || pin_satisfied(c, x->object))
		return SW_OK;
	return pin_in_transport(c, x->object) ? SW_CONDITIONS_OF_USE : SW_SECURITY_STATUS;
}

static size_t old_bytes(const struct card *c, const struct call *x)
{
	return form(x) == OLD_AND_NEW ? old_length(pin_of(c, x)) : 0;
}

static sw_t range(struct card *c, struct call *x)
{
	const struct contract_pin *p = pin_of(c, x);
	size_t old = old_bytes(c, x), lc = x->apdu->lc;
	return lc >= old + p->min && lc <= old + p->max ? SW_OK : SW_WRONG_LENGTH;
}

/* The form of the new value, and that it differs from the old one given, are checked before the old one is compared. */
static sw_t data(struct card *c, struct call *x)
{
	const struct contract_pin *p = pin_of(c, x);
	const struct apdu *a = x->apdu;
	size_t at = old_bytes(c, x);
	sw_t sw = pin_new_form(p, a->data + at, a->lc - at);
	if (sw != SW_OK || form(x) == NEW_ONLY)
		return sw;

	/* Against an old value in stored form, the new one in stored form. */
	uint8_t new[SECRET_MAX];
	size_t n = a->lc - at;
	if (p->min == p->max)
		return wipe_equal(a->data, a->data + at, n) ? SW_WRONG_DATA : SW_OK;
	n = pin_stored_form(p, a->data + at, n, new);
	bool same = n == at && wipe_equal(a->data, new, n);
	wipe(new, sizeof new);
	return same ? SW_WRONG_DATA : SW_OK;
}

/* A wrong old value counts as a VERIFY try. Afterwards not verified, and no longer in transport. */
static sw_t effect(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	const struct contract_pin *p = pin_of(c, x);
	size_t at = old_bytes(c, x);
	enum secret shape = p->min == p->max ? SECRET_PIN : SECRET_STORED_PIN;
	if (form(x) == OLD_AND_NEW && !pin_try(c, x->object, shape, a->data, at))
		return SW_TRIES_LEFT(pin_tries(c, x->object, SECRET_PIN));
	nv_begin(c->nv);
	pin_write_value(c, x->object, a->data + at, a->lc - at);
	pin_restore_tries(c, x->object, SECRET_PIN);
	pin_write_transport(c, x->object, false);
	bool done = nv_commit(c->nv);
	c->session->verified[x->object] = false;
	return layout_done(done);
}

const struct command command_change_reference_data = {
    .cla = 0x00,
    .ins = INS_CHANGE_REFERENCE_DATA,
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

static bool is_jicsap(const struct card *c)
{
	return c->ap->personality == PERSONALITY_JICSAP;
}

const struct command command_change_key = {
    .cla = 0x80,
    .ins = INS_CHANGE_KEY,
    .offered = is_jicsap,
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
