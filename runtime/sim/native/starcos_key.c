/* PINs and PUKs of starcos: records of the ISF (layout.h), written by 80 F4 00 00 (OpenSC pkcs15-starcos.c).
 *
 *   C1 0C { KID, 2 length, AC use, state, AC change, limit << 4 | limit, 00, 00, AKD, 00, type }   makes a record
 *   C2 3+n { KID, 2 offset, n value }                                                              sets its value
 *
 * PIN (type 81): `state` is the local state that VERIFY reaches, AKD 8 | shortest length - 1.
 * PUK (type 02): `state` is (KID of the PIN & 1F) << 3 | 5, AKD 00. */
#include "runtime/sim/native/starcos.h"

#include <string.h>

#include "runtime/base/tlv.h"
#include "runtime/base/wipe.h"

enum { TAG_HEADER = 0xc1, TAG_VALUE = 0xc2 };
enum { TYPE_PIN = 0x81, TYPE_PUK = 0x02 };
enum { KID_LOCAL = 0x80, KID_NUMBER = 0x1f, KID_GLOBAL_1 = 0x01 };
enum { AKD_CHARACTERS = 0x08, AKD_MIN = 0x07, UNBLOCKS = 0x05, UNBLOCKS_MASK = 0x07, UNBLOCKS_SHIFT = 3 };
enum { PAD = 0x00, NOT_FOUND = 0xffff };

/* --- ISF --- */

static uint32_t isf_used(const struct card *c)
{
	return nat_u16(c->nv, nat_df_at(c->s->cached, DF_ISF_USED));
}

/* The record behind this one; both are addresses in the space. */
static uint32_t next_record(const struct card *c, uint32_t at)
{
	return at + ISF_HEADER + nat_space_u16(c, at + ISF_LEN);
}

static uint32_t find_record(const struct card *c, uint8_t kid)
{
	uint32_t end = isf_used(c);
	for (uint32_t at = 0; at < end; at = next_record(c, at))
		if (nat_space_u8(c, at + ISF_KID) == kid)
			return at;
	return NOT_FOUND;
}

static unsigned count_pins(const struct card *c)
{
	unsigned n = 0;
	for (uint32_t at = 0, end = isf_used(c); at < end; at = next_record(c, at))
		n += nat_space_u8(c, at + ISF_KID) != 0 && nat_space_u8(c, at + ISF_TYPE) == TYPE_PIN;
	return n;
}

static uint16_t length_in(const uint8_t h[ISF_HEADER])
{
	return (uint16_t)(h[ISF_LEN] << 8 | h[ISF_LEN + 1]);
}

static bool pin_header_ok(const struct card *c, const uint8_t h[ISF_HEADER])
{
	unsigned min = (h[ISF_AKD] & AKD_MIN) + 1U;
	return h[ISF_STATE] <= AC_STATE && (h[ISF_AC_CHANGE] == AC_ALWAYS || h[ISF_AC_CHANGE] == AC_NEVER) &&
	    (h[ISF_AKD] & ~AKD_MIN) == AKD_CHARACTERS && min >= nat_u8(c->nv, CARD_PIN_MIN) && min <= length_in(h) &&
	    (h[ISF_KID] & KID_NUMBER) <= nat_u8(c->nv, CARD_PIN_REF) &&
	    h[ISF_TRIES] >> 4 <= nat_u8(c->nv, CARD_PIN_TRIES);
}

static bool puk_header_ok(const struct card *c, const uint8_t h[ISF_HEADER])
{
	return (h[ISF_STATE] & UNBLOCKS_MASK) == UNBLOCKS && starcos_ac_ok(h[ISF_AC_CHANGE]) && h[ISF_AKD] == 0 &&
	    h[ISF_TRIES] >> 4 <= nat_u8(c->nv, CARD_PUK_TRIES);
}

/* All but tries and the mark of a value, which change later. */
static bool header_ok(const struct card *c, const uint8_t h[ISF_HEADER])
{
	bool kid = (h[ISF_KID] & ~KID_NUMBER) == KID_LOCAL && h[ISF_KID] != KID_LOCAL;
	if (!kid || length_in(h) == 0 || length_in(h) > nat_u8(c->nv, CARD_PIN_MAX) || !starcos_ac_ok(h[ISF_AC_USE]) ||
	    h[8] != 0 || h[10] != 0 || h[ISF_TRIES] >> 4 == 0)
		return false;
	if (h[ISF_TYPE] == TYPE_PIN)
		return pin_header_ok(c, h);
	return h[ISF_TYPE] == TYPE_PUK && puk_header_ok(c, h);
}

/* A fresh header: no value yet, all tries left. */
static bool fresh_header_ok(const struct card *c, const uint8_t h[ISF_HEADER])
{
	return header_ok(c, h) && h[ISF_SET] == 0 && h[ISF_TRIES] >> 4 == (h[ISF_TRIES] & 0x0f);
}

bool starcos_isf_ok(struct card *c, uint16_t df)
{
	uint8_t h[ISF_HEADER];
	uint32_t at = 0, end = nat_u16(c->nv, nat_df_at(df, DF_ISF_USED));
	nat_space_open(c, df);
	while (at < end) {
		if (end - at < ISF_HEADER)
			return false;
		nat_space_read(c, at, h, sizeof h);
		if (h[ISF_KID] != 0 &&
		    (!header_ok(c, h) || h[ISF_SET] > 1 || (h[ISF_TRIES] & 0x0f) > h[ISF_TRIES] >> 4))
			return false;
		at = next_record(c, at);
	}
	return at == end;
}

/* --- 80 F4 --- */

/* Write the record behind the last one, then let it exist; a record of the same KID it replaces goes with that. */
static sw_t append(struct card *c, const uint8_t h[ISF_HEADER], uint32_t old)
{
	uint16_t df = c->s->cached;
	uint32_t isf = nat_u16(c->nv, nat_df_at(df, DF_ISF)), at = isf_used(c), n = ISF_HEADER + length_in(h);
	static const uint8_t dead = 0;
	if (n > isf - at)
		return SW_NO_MEMORY;
	nat_space_fill_unreachable(c, at, 0, n);
	nat_space_write_unreachable(c, at, h, ISF_HEADER);
	nv_begin(c->nv);
	if (old != NOT_FOUND)
		nat_space_write(c, old + ISF_KID, &dead, 1);
	nat_put16(c->nv, nat_df_at(df, DF_ISF_USED), (uint16_t)(at + n));
	return nat_commit(c);
}

static sw_t replace(struct card *c, const uint8_t h[ISF_HEADER], uint32_t old)
{
	if (nat_space_u16(c, old + ISF_LEN) != length_in(h))
		return append(c, h, old);
	nv_begin(c->nv);
	nat_space_write(c, old, h, ISF_HEADER);
	return nat_commit(c);
}

static sw_t install_header(struct card *c, struct rd value)
{
	uint8_t h[ISF_HEADER];
	if (rd_left(&value) != ISF_HEADER)
		return SW_WRONG_DATA;
	memcpy(h, rd_bytes(&value, ISF_HEADER), ISF_HEADER);
	if (!fresh_header_ok(c, h))
		return SW_WRONG_DATA;
	uint32_t old = find_record(c, h[ISF_KID]);
	if (old != NOT_FOUND)
		return nat_df_state(c, c->s->df) == DF_OPERATIONAL ? SW_FILE_EXISTS : replace(c, h, old);
	if (h[ISF_TYPE] == TYPE_PIN && count_pins(c) >= nat_u8(c->nv, CARD_PIN_COUNT))
		return SW_NO_MEMORY;
	return append(c, h, NOT_FOUND);
}

/* Bytes before the zeros at the end; 0 when a zero stands between others. */
static size_t bare_length(const uint8_t *p, size_t n)
{
	size_t last = n;
	while (last != 0 && p[last - 1] == PAD)
		last--;
	for (size_t i = 0; i < last; i++)
		if (p[i] == PAD)
			return 0;
	return last;
}

/* The whole value at once, in stored form. */
static bool value_ok(const uint8_t h[ISF_HEADER], const uint8_t *p, size_t n)
{
	if (n != length_in(h))
		return false;
	return h[ISF_TYPE] != TYPE_PIN || bare_length(p, n) >= (h[ISF_AKD] & AKD_MIN) + 1U;
}

static sw_t install_value(struct card *c, struct rd value)
{
	static const uint8_t set = 1;
	uint8_t h[ISF_HEADER], kid = rd_u8(&value);
	uint16_t offset = rd_u16(&value);
	size_t n = rd_left(&value);
	const uint8_t *p = rd_bytes(&value, n);
	uint32_t at = find_record(c, kid);
	if (value.bad || n == 0 || kid == 0)
		return SW_WRONG_DATA;
	if (at == NOT_FOUND)
		return SW_REFERENCE_NOT_FOUND;
	nat_space_read(c, at, h, sizeof h);
	if (nat_df_state(c, c->s->df) == DF_OPERATIONAL && h[ISF_SET] != 0)
		return SW_SECURITY_STATUS; /* header byte 10: WRITE KEY never */
	if (offset != 0 || !value_ok(h, p, n))
		return SW_WRONG_DATA;
	nv_begin(c->nv);
	nat_space_write(c, at + ISF_HEADER, p, (uint32_t)n);
	nat_space_write(c, at + ISF_SET, &set, 1);
	return nat_commit(c);
}

/* In a DF whose creation has ended, its condition for new keys counts. */
static bool may_write(const struct card *c)
{
	if (nat_df_state(c, c->s->df) != DF_OPERATIONAL)
		return true;
	return starcos_ac_satisfied(
	    nat_u8(c->nv, nat_df_at(c->s->df, DF_RULE + 1)), c->s->state[STATE_GLOBAL], c->s->state[STATE_LOCAL]);
}

sw_t starcos_write_key(struct card *c)
{
	struct rd r = rd_of(c->cmd.data, c->cmd.lc);
	struct tlv t;
	sw_t sw = nat_df_current(c);
	if (sw != SW_OK || nat_df_state(c, c->s->df) == DF_REGISTERED)
		return SW_CONDITIONS_OF_USE;
	if (!may_write(c))
		return SW_SECURITY_STATUS;
	if (!tlv_next(&r, &t) || rd_left(&r) != 0)
		return SW_WRONG_DATA;
	if (t.tag == TAG_HEADER)
		return install_header(c, t.value);
	return t.tag == TAG_VALUE ? install_value(c, t.value) : SW_WRONG_DATA;
}

/* --- PINs for pin.c --- */

static bool load(struct card *c, uint32_t at, struct nat_pin *out)
{
	uint8_t h[ISF_HEADER];
	if (at == NOT_FOUND)
		return false;
	nat_space_read(c, at, h, sizeof h);
	uint8_t max = (uint8_t)length_in(h);
	*out = (struct nat_pin){
	    .ref = h[ISF_KID],
	    .tries = h[ISF_TRIES] >> 4,
	    .left = h[ISF_TRIES] & 0x0f,
	    .min = h[ISF_TYPE] == TYPE_PIN ? (uint8_t)((h[ISF_AKD] & AKD_MIN) + 1) : max,
	    .max = max,
	    .pad = PAD,
	    .set = h[ISF_SET] != 0,
	    .counter = nat_space_address(c, at + ISF_TRIES),
	    .keep = h[ISF_TRIES] & 0xf0,
	    .value_at = at + ISF_HEADER,
	};
	nat_space_read(c, out->value_at, out->value, max);
	return true;
}

static uint8_t header_byte(const struct card *c, const struct nat_pin *pin, uint32_t member)
{
	return nat_space_u8(c, pin->value_at - ISF_HEADER + member);
}

static bool global(const struct nat_pin *pin)
{
	return pin->value_at == NAT_NO_ADDRESS;
}

/* The global PIN 1 is the loading key; a DF does not reach it. No P2 names a PUK. */
sw_t starcos_pin(struct card *c, uint8_t p2, struct nat_pin *out)
{
	if (c->s->df == NAT_MF) {
		nat_key(c, out);
		return p2 == KID_GLOBAL_1 ? SW_OK : SW_REFERENCE_NOT_FOUND;
	}
	nat_space_open(c, c->s->df);
	uint32_t at = (p2 & KID_LOCAL) != 0 ? find_record(c, p2) : NOT_FOUND;
	if (at == NOT_FOUND || nat_space_u8(c, at + ISF_TYPE) != TYPE_PIN || !load(c, at, out))
		return SW_REFERENCE_NOT_FOUND;
	return SW_OK;
}

bool starcos_puk(struct card *c, const struct nat_pin *pin, struct nat_pin *out)
{
	uint8_t unblocks = (uint8_t)((pin->ref & KID_NUMBER) << UNBLOCKS_SHIFT | UNBLOCKS);
	if (global(pin))
		return false;
	for (uint32_t at = 0, end = isf_used(c); at < end; at = next_record(c, at))
		if (nat_space_u8(c, at + ISF_KID) != 0 && nat_space_u8(c, at + ISF_TYPE) == TYPE_PUK &&
		    nat_space_u8(c, at + ISF_STATE) == unblocks)
			return load(c, at, out);
	return false;
}

bool starcos_offers(struct card *c, const struct nat_pin *pin, enum nat_op op)
{
	if (op != OP_CHANGE)
		return true;
	return !global(pin) && header_byte(c, pin, ISF_AC_CHANGE) != AC_NEVER;
}

bool starcos_may_pin(struct card *c, const struct nat_pin *pin, enum nat_op op)
{
	(void)op;
	return global(pin) ||
	    starcos_ac_satisfied(header_byte(c, pin, ISF_AC_USE), c->s->state[STATE_GLOBAL], c->s->state[STATE_LOCAL]);
}

/* A level has one state: of several PINs it shows the last one. */
static uint8_t reached(const struct card *c, const struct nat_pin *pin)
{
	return global(pin) ? STATE_LOADING : header_byte(c, pin, ISF_STATE);
}

bool starcos_is_verified(const struct card *c, const struct nat_pin *pin)
{
	return c->s->state[global(pin) ? STATE_GLOBAL : STATE_LOCAL] == reached(c, pin);
}

void starcos_set_verified(struct card *c, const struct nat_pin *pin, bool yes)
{
	c->s->state[global(pin) ? STATE_GLOBAL : STATE_LOCAL] = yes ? reached(c, pin) : STATE_INITIAL;
}

/* AKD bit 8: no character is zero. */
sw_t starcos_new_value(const struct nat_pin *pin, const uint8_t *p, size_t n)
{
	(void)pin;
	return bare_length(p, n) == n ? SW_OK : SW_WRONG_DATA;
}
