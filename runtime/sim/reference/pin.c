#include "runtime/sim/reference/card.h"

#include <string.h>

#include "runtime/base/wipe.h"

/* PIN record:
 *   | 1 tries left | 1 PUK tries left | 1 in transport | 1 length of the value | 255 value in stored form | 255 PUK |
 */
enum { AT_TRIES = 0, AT_PUK_TRIES = 1, AT_TRANSPORT = 2, AT_LENGTH = 3, AT_VALUE = 4, AT_PUK = 4 + SECRET_MAX };

static uint32_t record_at(const struct card *c, uint16_t pin)
{
	return c->session->at.pins + pin * (uint32_t)PIN_RECORD;
}

static const uint8_t *record(const struct card *c, uint16_t pin)
{
	return c->nv->mem + record_at(c, pin);
}

static void write_byte(struct card *c, uint16_t pin, uint32_t at, unsigned v)
{
	const uint8_t b = (uint8_t)v;
	nv_write(c->nv, record_at(c, pin) + at, &b, 1);
}

void pin_deliver(struct nv *nv, const struct contract_pin *p, uint32_t at)
{
	const uint8_t state[4] = {p->tries, p->puk_tries, p->initial == PIN_TRANSPORT, 0};
	nv_write(nv, at, state, sizeof state);
}

bool pin_find(const struct card *c, uint8_t p2, uint16_t *index)
{
	return file_reference(c, p2, EF_PIN, index) == SW_OK;
}

sw_t pin_object(struct card *c, struct call *x)
{
	return file_reference_use(c, x->apdu->p2, EF_PIN, &x->object);
}

const struct contract_pin *pin_of(const struct card *c, const struct call *x)
{
	return &c->ap->pin[x->object];
}

/* AP contract, section 7: 6983 (iso) or 6984 (jicsap). */
sw_t pin_blocked(const struct card *c)
{
	return c->ap->personality == PERSONALITY_JICSAP ? SW_REFERENCE_DATA_NOT_USABLE : SW_AUTH_BLOCKED;
}

static uint32_t counter_of(enum secret which)
{
	return which == SECRET_PUK ? AT_PUK_TRIES : AT_TRIES;
}

unsigned pin_tries(const struct card *c, uint16_t pin, enum secret which)
{
	return record(c, pin)[counter_of(which)];
}

bool pin_in_transport(const struct card *c, uint16_t pin)
{
	return record(c, pin)[AT_TRANSPORT] != 0;
}

/* A value of its own ends it, and nothing brings it back. */
bool pin_unset(const struct card *c, uint16_t pin)
{
	return c->ap->pin[pin].initial == PIN_UNSET && record(c, pin)[AT_LENGTH] == 0;
}

/* A transport PIN never satisfies pin(x): AP contract, section 7. */
bool pin_satisfied(const struct card *c, uint16_t pin)
{
	return c->session->verified[pin] && !pin_in_transport(c, pin);
}

static size_t stored_length(const struct contract_pin *p, size_t n)
{
	return p->pad >= 0 && p->stored > n ? p->stored : n;
}

size_t pin_stored_form(const struct contract_pin *p, const uint8_t *value, size_t n, uint8_t out[SECRET_MAX])
{
	size_t len = stored_length(p, n);
	memcpy(out, value, n);
	memset(out + n, p->pad, len - n);
	return len;
}

bool pin_format_fits(enum contract_format f, const uint8_t *value, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t b = value[i];
		bool digit = b >= '0' && b <= '9';
		bool letter = (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
		if ((f == FORMAT_DIGITS && !digit) || (f == FORMAT_ALPHANUMERIC && !digit && !letter))
			return false;
	}
	return true;
}

sw_t pin_new_form(const struct contract_pin *p, const uint8_t *value, size_t n)
{
	return !p->card_checks_format || pin_format_fits(p->format, value, n) ? SW_OK : SW_WRONG_DATA;
}

/* What is stored of a PIN is padded, but its length is known: a value that goes on with the padding byte is another
 * value (section 7: the APDU carries exactly the value's bytes). A value that was never delivered has length 0. */
static bool equal(const struct card *c, uint16_t pin, enum secret which, const uint8_t *p, size_t n)
{
	const uint8_t *r = record(c, pin);
	size_t len = r[AT_LENGTH];
	switch (which) {
	case SECRET_PIN:
		return len != 0 && n == len && wipe_equal(r + AT_VALUE, p, n);
	case SECRET_STORED_PIN:
		return len != 0 && n == stored_length(&c->ap->pin[pin], len) && wipe_equal(r + AT_VALUE, p, n);
	case SECRET_PUK:
		return n == c->ap->pin[pin].puk_length && wipe_equal(r + AT_PUK, p, n);
	}
	return false;
}

/* AP contract, sections 4 and 7: the counter is written before the comparison, so that a card pulled out of the reader
 * here has not won a free guess. */
bool pin_try(struct card *c, uint16_t pin, enum secret which, const uint8_t *p, size_t n)
{
	write_byte(c, pin, counter_of(which), pin_tries(c, pin, which) - 1);
	bool right = !c->nv->off && equal(c, pin, which, p, n);
	if (!right && which != SECRET_PUK)
		c->session->verified[pin] = false;
	return right;
}

void pin_restore_tries(struct card *c, uint16_t pin, enum secret which)
{
	const struct contract_pin *p = &c->ap->pin[pin];
	write_byte(c, pin, counter_of(which), which == SECRET_PUK ? p->puk_tries : p->tries);
}

void pin_write_value(struct card *c, uint16_t pin, const uint8_t *value, size_t n)
{
	uint8_t stored[SECRET_MAX];
	size_t len = pin_stored_form(&c->ap->pin[pin], value, n, stored);
	nv_write(c->nv, record_at(c, pin) + AT_VALUE, stored, (uint32_t)len);
	write_byte(c, pin, AT_LENGTH, (unsigned)n);
	wipe(stored, sizeof stored);
}

void pin_write_puk(struct card *c, uint16_t pin, const uint8_t *value, size_t n)
{
	nv_write(c->nv, record_at(c, pin) + AT_PUK, value, (uint32_t)n);
}

void pin_write_transport(struct card *c, uint16_t pin, bool transport)
{
	write_byte(c, pin, AT_TRANSPORT, transport);
}
