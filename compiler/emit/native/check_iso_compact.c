/* What a card of the dialect iso-compact makes of its commands. Written against ISO/IEC 7816-4 (9.3.3, 10.3), 7816-9
 * and OpenSC's iasecc-sdo.h, not against the emitter: nothing of it is used here. */
#include "compiler/emit/native/check.h"

#include <string.h>

#include "runtime/base/tlv.h"

enum { SE_MOST = 14 };

/* A security environment: which keys and which passwords it names. */
struct environment {
	bool there;
	uint32_t pins, puks; /* bit r: PIN r, PUK of PIN r */
	bool key;            /* global key 1 */
	unsigned names;      /* how many in all */
};

struct secret {
	uint8_t number;
	uint8_t rule[8];
	size_t rule_len;
	uint8_t tries, min, max;
	const char *value;
};

struct own {
	uint16_t se_fid;
	uint8_t df_rule[8];
	size_t df_rule_len;
	size_t n_secrets;
	struct secret secret[SEEN_SECRETS];
	struct environment se[SE_MOST + 1];
};

static struct own *own_of(struct seen *s)
{
	if (s->own == NULL)
		s->own = ARENA_NEW(s->arena, struct own);
	return s->own;
}

/* ---- CREATE FILE ---- */

/* A data object's number, of n bytes. */
static bool number(struct rd fcp, uint32_t tag, size_t n, unsigned *out)
{
	struct rd v;
	if (!tlv_find(fcp, tag, &v) || rd_left(&v) != n)
		return false;
	*out = n == 1 ? rd_u8(&v) : rd_u16(&v);
	return true;
}

static bool rule_of(struct rd r, uint32_t tag, uint8_t out[8], size_t *n)
{
	struct rd v;
	if (!tlv_find(r, tag, &v) || rd_left(&v) == 0 || rd_left(&v) > 8)
		return false;
	*n = rd_left(&v);
	memcpy(out, rd_bytes(&v, *n), *n);
	return true;
}

static bool create_df(struct seen *s, struct rd fcp)
{
	struct own *o = own_of(s);
	unsigned fid, size, state, se;
	struct rd name;
	if (s->df_made || !number(fcp, 0x83, 2, &fid) || !number(fcp, 0x81, 2, &size) ||
	    !number(fcp, 0x8a, 1, &state) || !number(fcp, 0x8d, 2, &se) || !tlv_find(fcp, 0x84, &name) ||
	    rd_left(&name) > sizeof s->name)
		return false;
	if (state != 1 || !rule_of(fcp, 0x8c, o->df_rule, &o->df_rule_len))
		return false;
	s->df_made = true;
	s->df = (uint16_t)fid;
	s->df_size = size;
	s->name_len = rd_left(&name);
	memcpy(s->name, rd_bytes(&name, s->name_len), s->name_len);
	o->se_fid = (uint16_t)se;
	return true;
}

/* 88 with a value: its five high bits; empty: none; absent: a card may take the low five bits of the FID. */
static bool sfi_of(struct rd fcp, uint8_t *out)
{
	struct rd v;
	if (!tlv_find(fcp, 0x88, &v) || rd_left(&v) > 1)
		return false;
	uint8_t byte = rd_left(&v) == 0 ? 0 : rd_u8(&v);
	*out = byte >> 3;
	return (byte & 7) == 0;
}

static bool create_ef(struct seen *s, struct rd fcp, unsigned descriptor)
{
	unsigned fid, size;
	if (!s->df_made || !number(fcp, 0x83, 2, &fid) || !number(fcp, 0x80, 2, &size))
		return false;
	struct seen_file *f = seen_new_file(s, (uint16_t)fid, size);
	if (f == NULL || !sfi_of(fcp, &f->sfi) || !rule_of(fcp, 0x8c, f->rule, &f->rule_len))
		return false;
	f->internal = descriptor == 0x09;
	return true;
}

static bool create(struct seen *s, const struct seen_data *data)
{
	uint8_t bytes[SCRIPT_DATA_MAX];
	struct tlv fcp;
	unsigned descriptor;
	if (!seen_fixed(data, bytes, data->n))
		return false;
	struct rd r = rd_of(bytes, data->n);
	if (!tlv_next(&r, &fcp) || fcp.tag != 0x62 || rd_left(&r) != 0 || !number(fcp.value, 0x82, 1, &descriptor))
		return false;
	if (descriptor == 0x38)
		return create_df(s, fcp.value);
	return (descriptor == 0x01 || descriptor == 0x09) && create_ef(s, fcp.value, descriptor);
}

/* ---- PUT DATA ---- */

static bool secret_rule(struct secret *x, struct rd docp)
{
	struct rd rules;
	unsigned tries;
	if (!number(docp, 0x9a, 1, &tries) || !tlv_find(docp, 0xa1, &rules))
		return false;
	x->tries = (uint8_t)tries;
	return rule_of(rules, 0x8c, x->rule, &x->rule_len);
}

static bool secret_value(struct secret *x, struct rd chv, const struct seen_data *data, const uint8_t *bytes)
{
	unsigned min, max;
	struct rd value;
	if (!number(chv, 0x80, 1, &max) || !number(chv, 0x81, 1, &min) || !tlv_find(chv, 0x82, &value) ||
	    rd_left(&value) != max)
		return false;
	x->min = (uint8_t)min;
	x->max = (uint8_t)max;
	x->value = seen_hole(data, (size_t)(value.p - bytes));
	return x->value != NULL;
}

/* The value is a hole; its length is in the lengths around it. */
static bool put_data(struct seen *s, const struct seen_data *data)
{
	struct own *o = own_of(s);
	uint8_t bytes[SCRIPT_DATA_MAX];
	struct tlv t;
	struct rd docp, chv;
	for (size_t i = 0; i < data->n; i++)
		bytes[i] = data->byte[i].value;
	struct rd r = rd_of(bytes, data->n);
	if (!tlv_next(&r, &t) || t.tag != 0x70 || rd_left(&r) != 0)
		return false;
	r = t.value;
	if (!tlv_next(&r, &t) || (t.tag & ~0x3fU) != 0xbf8100 || rd_left(&r) != 0 || o->n_secrets == SEEN_SECRETS)
		return false;
	struct secret *x = &o->secret[o->n_secrets++];
	x->number = t.tag & 0x3f;
	return tlv_find(t.value, 0xa0, &docp) && tlv_find(t.value, 0x7f41, &chv) && secret_rule(x, docp) &&
	    secret_value(x, chv, data, bytes);
}

static bool step(struct seen *s, const struct script_step *t, const struct seen_data *data)
{
	const uint8_t *h = t->header;
	if (h[0] != 0x00)
		return false;
	if (h[1] == 0xe0 && h[2] == 0 && h[3] == 0)
		return create(s, data);
	if (h[1] == 0xdb && h[2] == 0x3f && h[3] == 0xff)
		return s->df_made && put_data(s, data);
	if (h[1] == 0x44 && h[2] == 0 && h[3] == 0 && data->n == 0 && s->df_made)
		return s->active = true;
	return false;
}

/* ---- security environments ---- */

static bool reference(struct environment *e, struct rd at)
{
	unsigned ref, usage;
	if (!number(at, 0x83, 1, &ref) || !number(at, 0x95, 1, &usage))
		return false;
	e->names++;
	if (usage == 0x80 && ref == 0x01)
		return e->key = true;
	if (usage != 0x08 || (ref & 0xc0) != 0x80 || (ref & 0x1f) == 0)
		return false;
	*((ref & 0x20) != 0 ? &e->puks : &e->pins) |= UINT32_C(1) << (ref & 0x1f);
	return true;
}

static bool environment(struct own *o, struct rd r)
{
	struct tlv t;
	if (!tlv_next(&r, &t) || t.tag != 0x80 || rd_left(&t.value) != 1)
		return false;
	unsigned number_of = rd_u8(&t.value);
	if (number_of < 1 || number_of > SE_MOST || o->se[number_of].there)
		return false;
	struct environment *e = &o->se[number_of];
	e->there = true;
	while (tlv_next(&r, &t))
		if (t.tag != 0xa4 || !reference(e, t.value))
			return false;
	return !r.bad && e->names != 0;
}

static bool environments(struct seen *s)
{
	struct own *o = own_of(s);
	for (size_t i = 0; i < s->n_files; i++) {
		const struct seen_file *f = &s->file[i];
		if (!f->internal)
			continue;
		/* Nothing may be done with this file by anybody. */
		if (f->fid != o->se_fid || f->rule_len != 1 || f->rule[0] != 0)
			return false;
		uint8_t *body = arena_alloc(s->arena, f->size);
		for (uint32_t k = 0; k < f->size; k++) {
			if (!f->byte[k].written || f->byte[k].hole != NULL)
				return false;
			body[k] = f->byte[k].value;
		}
		struct rd r = rd_of(body, f->size);
		for (struct tlv t; rd_left(&r) != 0;)
			if (!tlv_next(&r, &t) || t.tag != 0x7b || !environment(o, t.value))
				return false;
	}
	return true;
}

/* ---- rules ---- */

/* The SCB of one bit (from 0) of a rule; FF when the bit is clear. false: the rule is malformed. */
static bool scb_at(const uint8_t *rule, size_t n, unsigned bit, uint8_t *scb)
{
	size_t at = 0;
	*scb = 0xff;
	if (n == 0 || (rule[0] & 0x80) != 0)
		return false;
	for (int b = 6; b >= 0; b--) {
		if ((rule[0] >> b & 1) == 0)
			continue;
		if (++at >= n)
			return false;
		if ((unsigned)b == bit)
			*scb = rule[at];
	}
	return at == n - 1;
}

/* b6 asks for an authentication with a key, b5 for a password; b8 for all that the environment names, else any. Whoever
 * has the loading key is outside the AP contract, and a condition that asks for it alone grants nobody else anything.
 */
static bool condition(const struct own *o, uint8_t scb, struct seen_condition *out)
{
	*out = (struct seen_condition){SEEN_NEVER, 0};
	if (scb == 0xff)
		return true;
	if (scb == 0x00) {
		out->kind = SEEN_ALWAYS;
		return true;
	}
	const struct environment *e = &o->se[(scb & 0x0f) <= SE_MOST ? scb & 0x0f : 0];
	if ((scb & 0x40) != 0 || (scb & 0x30) == 0 || !e->there)
		return false;
	if ((scb & 0x30) == 0x20)
		return e->key && e->pins == 0 && e->puks == 0;
	if ((scb & 0x30) != 0x10 || e->key || e->puks != 0 || e->pins == 0)
		return false;
	*out = (struct seen_condition){(scb & 0x80) != 0 ? SEEN_ALL_OF : SEEN_ANY_OF, e->pins};
	return true;
}

/* Bits that no rule of an AP may set: anybody but the loader could do something. */
static bool others(const struct own *o, const uint8_t *rule, size_t n, unsigned known, bool *anything)
{
	for (unsigned bit = 0; bit < 7; bit++) {
		struct seen_condition c;
		uint8_t scb;
		if (!scb_at(rule, n, bit, &scb) || ((known >> bit & 1) == 0 && !condition(o, scb, &c)))
			return false;
		if ((known >> bit & 1) == 0 && c.kind != SEEN_NEVER)
			*anything = true;
	}
	return true;
}

static bool file_rules(const struct own *o, struct seen_file *f)
{
	static const unsigned bit[FILE_OPS] = {[FILE_READ] = 0, [FILE_UPDATE] = 1};
	for (int op = 0; op <= FILE_UPDATE; op++) {
		uint8_t scb;
		if (!scb_at(f->rule, f->rule_len, bit[op], &scb) || !condition(o, scb, &f->op[op]))
			return false;
	}
	return others(o, f->rule, f->rule_len, 0x03, &f->anything_else);
}

/* ---- PINs ---- */

static const struct secret *puk_of(const struct own *o, uint8_t ref)
{
	for (size_t i = 0; i < o->n_secrets; i++)
		if (o->secret[i].number == (0x20 | ref))
			return &o->secret[i];
	return NULL;
}

/* The reset condition names, through its environment, the PUK of this very PIN and nothing else. */
static bool reset(const struct own *o, uint8_t scb, uint8_t ref, struct seen_pin *out)
{
	if (scb == 0xff)
		return true;
	const struct environment *e = &o->se[(scb & 0x0f) <= SE_MOST ? scb & 0x0f : 0];
	const struct secret *puk = puk_of(o, ref);
	if ((scb & 0xf0) != 0x10 || !e->there || e->names != 1 || e->puks != UINT32_C(1) << ref || puk == NULL)
		return false;
	out->puk = true;
	out->puk_length = puk->max;
	out->puk_tries = puk->tries;
	out->puk_value = puk->value;
	return puk->min == puk->max;
}

static bool pin(struct seen *s, const struct secret *x)
{
	const struct own *o = s->own;
	uint8_t change, verify, reset_scb;
	if (s->n_pins == CONTRACT_PINS)
		return false;
	struct seen_pin *out = &s->pin[s->n_pins++];
	*out = (struct seen_pin){.ref = x->number, .min = x->min, .max = x->max, .tries = x->tries, .value = x->value};
	/* iasecc-sdo.c: the first condition is that of b7, CHANGE; then VERIFY and RESET. */
	if (!scb_at(x->rule, x->rule_len, 6, &change) || !scb_at(x->rule, x->rule_len, 5, &verify) ||
	    !scb_at(x->rule, x->rule_len, 4, &reset_scb))
		return false;
	/* Under a condition that is neither always nor never, the form would be offered to some and not to others. */
	if ((change != 0x00 && change != 0xff) || (verify != 0x00 && verify != 0xff))
		return false;
	out->change = change == 0x00;
	out->verify = verify == 0x00;
	return reset(o, reset_scb, out->ref, out) && others(o, x->rule, x->rule_len, 0x70, &out->anything_else);
}

/* A PUK is there for a PIN, and nothing may be done with it directly. */
static bool puk(const struct own *o, const struct secret *x)
{
	bool owner = false;
	for (size_t i = 0; i < o->n_secrets; i++)
		owner = owner || o->secret[i].number == (x->number & 0x1f);
	return owner && x->rule_len == 1 && x->rule[0] == 0;
}

/* The condition of this bit of the DF's rule is fulfilled by the loading key. */
static bool loader_may(const struct own *o, unsigned bit)
{
	uint8_t scb;
	return scb_at(o->df_rule, o->df_rule_len, bit, &scb) && scb != 0xff && (scb & 0x70) == 0x20 &&
	    o->se[(scb & 0x0f) <= SE_MOST ? scb & 0x0f : 0].key;
}

static bool finish(struct seen *s)
{
	struct own *o = own_of(s);
	if (!environments(s) || !others(o, o->df_rule, o->df_rule_len, 0, &s->anybody_may))
		return false;
	s->loader_may = loader_may(o, 6) && loader_may(o, 4); /* delete itself, activate: table 16 */
	for (size_t i = 0; i < s->n_files; i++)
		if (!file_rules(o, &s->file[i]))
			return false;
	for (size_t i = 0; i < o->n_secrets; i++) {
		const struct secret *x = &o->secret[i];
		if ((x->number & 0x20) != 0 ? !puk(o, x) : !pin(s, x))
			return false;
	}
	return true;
}

const struct native_decoder decoder_iso_compact = {.name = "iso-compact", .step = step, .finish = finish};
