/* VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER: ISO/IEC 7816-4:2020 11.5.6, 11.5.7, 11.5.9, AP contract 7. Where
 * PINs live and who may use them is the dialect's. */
#include "runtime/sim/native/card.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/wipe.h"

sw_t nat_verify_form(const struct card *c)
{
	return c->cmd.p1 == 0x00 ? SW_OK : SW_WRONG_P1P2;
}

/* CHANGE REFERENCE DATA and RESET RETRY COUNTER: these chips know the form P1 = 00 alone. */
sw_t nat_form_00(const struct card *c)
{
	return c->cmd.p1 == 0x00 ? SW_OK : SW_WRONG_P1P2;
}

void nat_pin_pad(const struct nat_pin *pin, const uint8_t *p, size_t n, uint8_t out[NAT_SECRET_MAX])
{
	assert(n <= pin->max && pin->max <= NAT_SECRET_MAX);
	memset(out, pin->pad, NAT_SECRET_MAX);
	memcpy(out, p, n);
}

static void write_left(struct card *c, const struct nat_pin *pin, uint8_t left)
{
	uint8_t b = (uint8_t)(pin->keep | left);
	nv_write(c->nv, pin->counter, &b, 1);
}

void nat_pin_restore(struct card *c, const struct nat_pin *pin)
{
	write_left(c, pin, pin->tries);
}

/* A value shorter than max that ends with the padding byte would look like a shorter one; it is wrong whatever is
 * stored. The try is counted before the comparison: a card pulled out here must not win a free guess. */
bool nat_pin_try(struct card *c, const struct nat_pin *pin, const uint8_t *p, size_t n)
{
	uint8_t given[NAT_SECRET_MAX];
	bool ambiguous = pin->min < pin->max && n != 0 && p[n - 1] == pin->pad;
	write_left(c, pin, (uint8_t)(pin->left - 1));
	nat_pin_pad(pin, p, n, given);
	bool equal = wipe_equal(given, pin->value, pin->max);
	wipe(given, sizeof given);
	return equal && !ambiguous && !c->nv->off;
}

static bool operational(const struct card *c)
{
	return nat_df_state(c, c->s->df) == DF_OPERATIONAL;
}

/* Checks 7 to 9, for a PIN whose use counts its own tries. */
static sw_t usable(struct card *c, const struct nat_pin *pin, enum nat_op op)
{
	if (!pin->set)
		return SW_CONDITIONS_OF_USE;
	if (pin->left == 0)
		return nat_u16(c->nv, CARD_BLOCKED_SW);
	return !operational(c) || c->dialect->may_pin(c, pin, op) ? SW_OK : SW_SECURITY_STATUS;
}

static sw_t wrong(struct card *c, const struct nat_pin *pin)
{
	if (nat_habit(c, HABIT_WRONG_CLEARS))
		c->dialect->set_verified(c, pin, false);
	return SW_TRIES_LEFT(pin->left - 1);
}

/* --- VERIFY --- */

static sw_t verify(struct card *c, const struct nat_pin *pin)
{
	const struct apdu *a = &c->cmd;
	sw_t sw = usable(c, pin, OP_VERIFY);
	if (sw != SW_OK)
		return sw;
	if (a->lc == 0)
		return c->dialect->is_verified(c, pin) ? SW_OK : SW_TRIES_LEFT(pin->left);
	bool fits = a->lc >= pin->min && a->lc <= pin->max;
	if (!fits && nat_habit(c, HABIT_LENGTH_FIRST))
		return SW_WRONG_LENGTH;
	if (!nat_pin_try(c, pin, a->data, fits ? a->lc : 0))
		return wrong(c, pin);
	nat_pin_restore(c, pin);
	c->dialect->set_verified(c, pin, true);
	return SW_OK;
}

sw_t nat_verify(struct card *c)
{
	struct nat_pin pin = {0};
	sw_t sw = c->dialect->pin(c, c->cmd.p2, &pin);
	if (sw == SW_OK)
		sw = verify(c, &pin);
	wipe(&pin, sizeof pin);
	return sw;
}

/* --- CHANGE REFERENCE DATA --- */

/* old || new; the old value comes in its stored form, max bytes: nobody learns its length. */
static sw_t change_data(struct card *c, const struct nat_pin *pin, uint8_t fresh[NAT_SECRET_MAX])
{
	const struct apdu *a = &c->cmd;
	if (a->lc < (size_t)pin->max + pin->min || a->lc > (size_t)pin->max * 2)
		return SW_WRONG_LENGTH;
	const uint8_t *p = a->data + pin->max;
	size_t n = a->lc - pin->max;
	sw_t sw = c->dialect->new_value(pin, p, n);
	if (sw != SW_OK)
		return sw;
	nat_pin_pad(pin, p, n, fresh);
	if (nat_habit(c, HABIT_CHANGE_SAME) && wipe_equal(fresh, a->data, pin->max))
		return SW_WRONG_DATA;
	return SW_OK;
}

/* The old value is max bytes long: here padding is nothing ambiguous. */
static bool old_is_right(struct card *c, const struct nat_pin *pin)
{
	struct nat_pin fixed = *pin;
	fixed.min = fixed.max;
	bool right = nat_pin_try(c, &fixed, c->cmd.data, fixed.max);
	wipe(&fixed, sizeof fixed);
	return right;
}

static sw_t change(struct card *c, const struct nat_pin *pin, uint8_t fresh[NAT_SECRET_MAX])
{
	if (!c->dialect->offers(c, pin, OP_CHANGE))
		return SW_WRONG_P1P2;
	sw_t sw = usable(c, pin, OP_CHANGE);
	if (sw != SW_OK || (sw = change_data(c, pin, fresh)) != SW_OK)
		return sw;
	if (!old_is_right(c, pin))
		return wrong(c, pin);
	nv_begin(c->nv);
	nat_space_write(c, pin->value_at, fresh, pin->max);
	nat_pin_restore(c, pin);
	sw = nat_commit(c);
	if (nat_habit(c, HABIT_CHANGE_CLEARS))
		c->dialect->set_verified(c, pin, false);
	return sw;
}

sw_t nat_change(struct card *c)
{
	struct nat_pin pin = {0};
	uint8_t fresh[NAT_SECRET_MAX];
	sw_t sw = c->dialect->pin(c, c->cmd.p2, &pin);
	if (sw == SW_OK)
		sw = change(c, &pin, fresh);
	wipe(fresh, sizeof fresh);
	wipe(&pin, sizeof pin);
	return sw;
}

/* --- RESET RETRY COUNTER --- */

/* PUK || new, the PUK of fixed length. */
static sw_t reset_data(struct card *c, const struct nat_pin *pin, size_t puk, uint8_t fresh[NAT_SECRET_MAX])
{
	const struct apdu *a = &c->cmd;
	if (a->lc < puk + pin->min || a->lc > puk + pin->max)
		return SW_WRONG_LENGTH;
	sw_t sw = c->dialect->new_value(pin, a->data + puk, a->lc - puk);
	if (sw == SW_OK)
		nat_pin_pad(pin, a->data + puk, a->lc - puk, fresh);
	return sw;
}

/* The PIN and the PUK get all their tries and the PIN its new value, together. Whether the PIN is blocked does not
 * matter: this is how it is freed. */
static sw_t reset(struct card *c, const struct nat_pin *pin, const struct nat_pin *puk, uint8_t fresh[NAT_SECRET_MAX])
{
	sw_t sw = pin->set ? usable(c, puk, OP_RESET) : SW_CONDITIONS_OF_USE;
	if (sw != SW_OK || (sw = reset_data(c, pin, puk->max, fresh)) != SW_OK)
		return sw;
	if (!nat_pin_try(c, puk, c->cmd.data, puk->max))
		return SW_TRIES_LEFT(puk->left - 1);
	nv_begin(c->nv);
	nat_space_write(c, pin->value_at, fresh, pin->max);
	nat_pin_restore(c, pin);
	nat_pin_restore(c, puk);
	sw = nat_commit(c);
	if (nat_habit(c, HABIT_RESET_CLEARS))
		c->dialect->set_verified(c, pin, false);
	return sw;
}

sw_t nat_reset(struct card *c)
{
	struct nat_pin pin = {0}, puk = {0};
	uint8_t fresh[NAT_SECRET_MAX];
	sw_t sw = c->dialect->pin(c, c->cmd.p2, &pin);
	if (sw == SW_OK)
		sw = c->dialect->puk(c, &pin, &puk) ? reset(c, &pin, &puk, fresh) : SW_WRONG_P1P2;
	wipe(fresh, sizeof fresh);
	wipe(&pin, sizeof pin);
	wipe(&puk, sizeof puk);
	return sw;
}
