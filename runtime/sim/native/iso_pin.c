/* PINs and PUKs of iso-compact: data objects of class CHV, as IAS-ECC cards have them (OpenSC iasecc-sdo.h).
 *
 *   00 DB 3F FF  70 { BF81nn { [A0 { 9A 01 tries, A1 { 8C rule } }] [7F41 { 80 01 max, 81 01 min, 82 value }] } }
 *
 * nn 01 to 1F is a PIN, 21 to 3F a PUK. A0 makes the object or replaces its rule and tries, 7F41 sets its value. */
#include "runtime/sim/native/iso.h"

#include <string.h>

#include "runtime/base/tlv.h"
#include "runtime/base/wipe.h"

enum {
	TAG_SDO = 0x70,
	TAG_CHV = 0xbf8100,
	TAG_DOCP = 0xa0,
	TAG_TRIES = 0x9a,
	TAG_RULES = 0xa1,
	TAG_CHV_DATA = 0x7f41,
	TAG_MAX = 0x80,
	TAG_MIN = 0x81,
	TAG_VALUE = 0x82,
};

enum { NUMBER_PIN = 0x1f, NUMBER_PUK = 0x20, NUMBER_LAST = 0x3f, P2_LOCAL = 0x80, PAD = 0xff };

/* What the header of a PIN object holds in OBJECT_OWN; the value is its body. */
enum {
	PIN_OWN_TRIES = 0,
	PIN_OWN_LEFT = 1,
	PIN_OWN_MIN = 2,
	PIN_OWN_MAX = 3,
	PIN_OWN_SET = 4,
	PIN_OWN_RULE = 5, /* COMPACT_SIZE */
};

/* A PUT DATA, decoded. */
struct sdo {
	uint8_t number;
	bool docp, data;
	uint8_t tries;
	struct compact rule;
	uint8_t min, max;
	uint8_t value[NAT_SECRET_MAX];
};

static bool is_puk(uint8_t number)
{
	return (number & NUMBER_PUK) != 0;
}

/* --- decoding --- */

/* The one data object with this tag that r consists of. */
static bool only(struct rd r, uint32_t tag, struct rd *value)
{
	struct tlv t;
	if (!tlv_next(&r, &t) || t.tag != tag || rd_left(&r) != 0)
		return false;
	*value = t.value;
	return true;
}

/* The value of a data object of one byte, once. */
static bool take_byte(struct rd value, uint8_t *out, bool *seen)
{
	if (*seen || rd_left(&value) != 1)
		return false;
	*out = rd_u8(&value);
	return *seen = true;
}

static bool decode_docp(const struct card *c, struct sdo *o, struct rd r)
{
	struct tlv t;
	struct rd rule;
	bool tries = false, rules = false;
	unsigned limit = nat_u8(c->nv, is_puk(o->number) ? CARD_PUK_TRIES : CARD_PIN_TRIES);
	while (tlv_next(&r, &t)) {
		if (t.tag == TAG_RULES && !rules && only(t.value, TAG_COMPACT_AC, &rule))
			rules = true;
		else if (t.tag != TAG_TRIES || !take_byte(t.value, &o->tries, &tries))
			return false;
	}
	return !r.bad && tries && rules && o->tries >= 1 && o->tries <= limit &&
	    compact_decode(&o->rule, rule, nat_u8(c->nv, CARD_SE_COUNT));
}

/* A value shorter than max is padded; what is left without the padding is the PIN. */
static bool value_ok(const struct card *c, const struct sdo *o)
{
	size_t n = o->max;
	if (o->min < nat_u8(c->nv, CARD_PIN_MIN) || o->min > o->max)
		return false;
	if (is_puk(o->number))
		return o->min == o->max;
	while (o->min < o->max && n != 0 && o->value[n - 1] == PAD)
		n--;
	return n >= o->min;
}

static bool decode_chv(const struct card *c, struct sdo *o, struct rd r)
{
	struct tlv t;
	bool max = false, min = false, value = false;
	size_t n = 0;
	while (tlv_next(&r, &t)) {
		if (t.tag == TAG_VALUE && !value && (n = rd_left(&t.value)) <= nat_u8(c->nv, CARD_PIN_MAX) && n != 0) {
			memcpy(o->value, rd_bytes(&t.value, n), n);
			value = true;
		} else if (!(t.tag == TAG_MAX && take_byte(t.value, &o->max, &max)) &&
		    !(t.tag == TAG_MIN && take_byte(t.value, &o->min, &min)))
			return false;
	}
	return !r.bad && max && min && value && n == o->max && value_ok(c, o);
}

static bool decode_sdo(const struct card *c, struct sdo *o, struct rd r)
{
	struct rd in;
	struct tlv t;
	if (!only(r, TAG_SDO, &in) || !tlv_next(&in, &t) || rd_left(&in) != 0 || (t.tag & ~0x3fU) != TAG_CHV)
		return false;
	o->number = (uint8_t)(t.tag & NUMBER_LAST);
	if ((o->number & NUMBER_PIN) == 0 || (o->number & NUMBER_PIN) > nat_u8(c->nv, CARD_PIN_REF))
		return false;
	struct rd body = t.value;
	while (tlv_next(&body, &t)) {
		if (t.tag == TAG_DOCP && !o->docp && decode_docp(c, o, t.value))
			o->docp = true;
		else if (t.tag == TAG_CHV_DATA && !o->data && decode_chv(c, o, t.value))
			o->data = true;
		else
			return false;
	}
	return !body.bad && (o->docp || o->data);
}

/* --- PUT DATA --- */

sw_t iso_put_data_form(const struct card *c)
{
	return c->cmd.p1 == 0x3f && c->cmd.p2 == 0xff ? SW_OK : SW_WRONG_P1P2;
}

static void fill_own(uint8_t own[OBJECT_OWN_SIZE], const struct sdo *o)
{
	if (o->docp) {
		own[PIN_OWN_TRIES] = o->tries;
		compact_store(own + PIN_OWN_RULE, &o->rule);
	}
	if (o->data) {
		own[PIN_OWN_MIN] = o->min;
		own[PIN_OWN_MAX] = o->max;
		own[PIN_OWN_SET] = 1;
	}
	own[PIN_OWN_LEFT] = own[PIN_OWN_TRIES];
}

static unsigned count_pins(const struct card *c)
{
	unsigned n = 0;
	for (uint16_t i = 1; i <= c->s->objects; i++)
		n += nat_object_kind(c, i) == OBJECT_PIN && !is_puk((uint8_t)nat_object_id(c, i));
	return n;
}

/* Every PIN object has room for the longest value, so that a later value finds it too. */
static uint32_t room(const struct card *c)
{
	uint32_t size = nat_u16(c->nv, CARD_PIN_SIZE), overhead = nat_u16(c->nv, CARD_OVERHEAD);
	uint32_t least = nat_u8(c->nv, CARD_PIN_MAX);
	return size > overhead + least ? size - overhead : least;
}

/* The value goes into the object before the object exists. */
static sw_t create(struct card *c, const struct sdo *o)
{
	uint8_t header[OBJECT_HEADER] = {OBJECT_PIN, 0, 0, o->number};
	if (!is_puk(o->number) && count_pins(c) >= nat_u8(c->nv, CARD_PIN_COUNT))
		return SW_NO_MEMORY;
	nat_set32(header + OBJECT_LEN, room(c));
	fill_own(header + OBJECT_OWN, o);
	return nat_object_append(c, header, o->value, o->max);
}

static sw_t replace(struct card *c, uint16_t object, const struct sdo *o)
{
	uint8_t own[OBJECT_OWN_SIZE];
	nat_object_own(c, object, own);
	fill_own(own, o);
	nv_begin(c->nv);
	nat_space_write(c, nat_object_own_at(c, object), own, sizeof own);
	if (o->data)
		nat_space_write(c, nat_object_body(c, object), o->value, o->max);
	return nat_commit(c);
}

/* In the activated DF objects are neither made nor given other rules, and a value is set as the object's rule says. */
static sw_t may_put(struct card *c, const struct sdo *o, uint16_t object)
{
	uint8_t own[OBJECT_OWN_SIZE];
	struct compact rule;
	if (object == 0 && !o->docp)
		return SW_REFERENCE_NOT_FOUND;
	if (nat_df_state(c, c->s->df) != DF_OPERATIONAL)
		return SW_OK;
	if (o->docp)
		return SW_CONDITIONS_OF_USE;
	nat_object_own(c, object, own);
	compact_load(&rule, own + PIN_OWN_RULE);
	return iso_satisfied(c, rule.scb[AM_PIN_PUT_DATA]) ? SW_OK : SW_SECURITY_STATUS;
}

static sw_t put(struct card *c, const struct sdo *o)
{
	uint16_t object = nat_object_find(c, OBJECT_PIN, o->number);
	sw_t sw = may_put(c, o, object);
	if (sw != SW_OK)
		return sw;
	sw = object == 0 ? create(c, o) : replace(c, object, o);
	if (!is_puk(o->number))
		c->s->verified &= ~(UINT32_C(1) << o->number);
	return sw;
}

sw_t iso_put_data(struct card *c)
{
	struct sdo o = {0};
	sw_t sw = nat_df_current(c);
	if (sw == SW_OK)
		sw = decode_sdo(c, &o, rd_of(c->cmd.data, c->cmd.lc)) ? put(c, &o) : SW_WRONG_DATA;
	wipe(&o, sizeof o);
	return sw;
}

/* --- PINs for pin.c --- */

bool iso_pin_object_ok(struct card *c, uint16_t object)
{
	uint8_t own[OBJECT_OWN_SIZE];
	uint16_t number = nat_object_id(c, object);
	nat_object_own(c, object, own);
	bool lengths = own[PIN_OWN_SET] == 0 ||
	    (own[PIN_OWN_MIN] >= 1 && own[PIN_OWN_MIN] <= own[PIN_OWN_MAX] &&
		own[PIN_OWN_MAX] <= nat_u8(c->nv, CARD_PIN_MAX));
	return lengths && number <= NUMBER_LAST && (number & NUMBER_PIN) != 0 && nat_object_len(c, object) == room(c) &&
	    own[PIN_OWN_TRIES] >= 1 && own[PIN_OWN_TRIES] <= 15 && own[PIN_OWN_LEFT] <= own[PIN_OWN_TRIES];
}

static bool load(struct card *c, uint8_t number, struct nat_pin *out)
{
	uint8_t own[OBJECT_OWN_SIZE];
	nat_space_open(c, c->s->df);
	uint16_t object = c->s->df == NAT_MF ? 0 : nat_object_find(c, OBJECT_PIN, number);
	if (object == 0)
		return false;
	nat_object_own(c, object, own);
	*out = (struct nat_pin){
	    .ref = number,
	    .tries = own[PIN_OWN_TRIES],
	    .left = own[PIN_OWN_LEFT],
	    .min = own[PIN_OWN_MIN],
	    .max = own[PIN_OWN_MAX],
	    .pad = PAD,
	    .set = own[PIN_OWN_SET] != 0,
	    .counter = nat_space_address(c, nat_object_own_at(c, object) + PIN_OWN_LEFT),
	    .value_at = nat_object_body(c, object),
	};
	nat_space_read(c, out->value_at, out->value, out->max);
	return true;
}

static uint8_t scb_of(const struct card *c, const struct nat_pin *pin, unsigned bit)
{
	uint8_t own[OBJECT_OWN_SIZE];
	uint16_t object = nat_object_find(c, OBJECT_PIN, pin->ref);
	if (object == 0)
		return SCB_NEVER;
	nat_object_own(c, object, own);
	return own[PIN_OWN_RULE + 1 + bit];
}

/* No P2 names a PUK. */
sw_t iso_pin(struct card *c, uint8_t p2, struct nat_pin *out)
{
	bool local = (p2 & ~NUMBER_PIN) == P2_LOCAL && p2 != P2_LOCAL;
	return local && load(c, p2 & NUMBER_PIN, out) ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* The reset condition of the PIN names its PUK, as a user password with the reference 80 | 20 | n. */
bool iso_puk(struct card *c, const struct nat_pin *pin, struct nat_pin *out)
{
	uint8_t ref = iso_password_of(c, scb_of(c, pin, AM_PIN_RESET));
	return (ref & ~NUMBER_PIN) == (P2_LOCAL | NUMBER_PUK) && load(c, ref & NUMBER_LAST, out);
}

bool iso_offers(struct card *c, const struct nat_pin *pin, enum nat_op op)
{
	return op != OP_CHANGE || scb_of(c, pin, AM_PIN_CHANGE) != SCB_NEVER;
}

/* The PUK itself is what the reset condition asks for. */
bool iso_may_pin(struct card *c, const struct nat_pin *pin, enum nat_op op)
{
	if (op == OP_RESET)
		return true;
	return iso_satisfied(c, scb_of(c, pin, op == OP_CHANGE ? AM_PIN_CHANGE : AM_PIN_VERIFY));
}

bool iso_is_verified(const struct card *c, const struct nat_pin *pin)
{
	return (c->s->verified >> pin->ref & 1) != 0;
}

void iso_set_verified(struct card *c, const struct nat_pin *pin, bool yes)
{
	uint32_t bit = UINT32_C(1) << pin->ref;
	c->s->verified = yes ? c->s->verified | bit : c->s->verified & ~bit;
}

/* The object does not say which characters are allowed; a last byte like the padding would shorten the value. */
sw_t iso_new_value(const struct nat_pin *pin, const uint8_t *p, size_t n)
{
	return pin->min < pin->max && p[n - 1] == PAD ? SW_WRONG_DATA : SW_OK;
}
