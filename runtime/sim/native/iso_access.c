/* Access rules of iso-compact. Written from ISO/IEC 7816-4:2020, 9.3.3 and 10.3, and OpenSC's iasecc-sdo.h; shares
 * nothing with the compiler, which writes such rules. */
#include "runtime/sim/native/iso.h"

#include <string.h>

#include "runtime/base/tlv.h"

/* SCB: 7816-4:2020 table 20. */
enum { SCB_ALL = 0x80, SCB_SM = 0x40, SCB_EXTERNAL = 0x20, SCB_USER = 0x10, SCB_SE = 0x0f };

/* Security environment: 7816-4:2020 10.3.3; usage qualifier of a template AT: table 62. */
enum {
	TAG_SE_TEMPLATE = 0x7b,
	TAG_SE_NUMBER = 0x80,
	TAG_AT = 0xa4,
	TAG_REFERENCE = 0x83,
	TAG_USAGE = 0x95,
	USAGE_PASSWORD = 0x08,
	USAGE_EXTERNAL = 0x80,
};

/* References in a security environment: b8 set is local to the DF, the rest as in a P2. */
enum { REF_GLOBAL_KEY = 0x01, REF_LOCAL = 0x80, REF_NUMBER = 0x1f };

/* --- compact rules --- */

static bool scb_ok(uint8_t scb, unsigned se_max)
{
	unsigned number = scb & SCB_SE;
	if (scb == SCB_ALWAYS || scb == SCB_NEVER)
		return true;
	return (scb & SCB_SM) == 0 && (scb & (SCB_EXTERNAL | SCB_USER)) != 0 && number >= 1 && number <= se_max;
}

bool compact_decode(struct compact *out, struct rd r, unsigned se_max)
{
	out->am = rd_u8(&r);
	memset(out->scb, SCB_NEVER, sizeof out->scb);
	if ((out->am & 0x80) != 0) /* b8: the meaning of the bits would be proprietary */
		return false;
	for (int bit = NAT_SCBS - 1; bit >= 0; bit--) {
		if ((out->am >> bit & 1) == 0)
			continue;
		out->scb[bit] = rd_u8(&r);
		if (!scb_ok(out->scb[bit], se_max))
			return false;
	}
	return !r.bad && rd_left(&r) == 0;
}

void compact_encode(struct buf *out, const struct compact *rule)
{
	buf_u8(out, rule->am);
	for (int bit = NAT_SCBS - 1; bit >= 0; bit--)
		if ((rule->am >> bit & 1) != 0)
			buf_u8(out, rule->scb[bit]);
}

void compact_store(uint8_t out[COMPACT_SIZE], const struct compact *rule)
{
	out[0] = rule->am;
	memcpy(out + 1, rule->scb, NAT_SCBS);
}

void compact_load(struct compact *out, const uint8_t in[COMPACT_SIZE])
{
	out->am = in[0];
	memcpy(out->scb, in + 1, NAT_SCBS);
}

/* --- security environments --- */

/* The value of a data object that must have one byte, once. */
static bool one_byte(struct rd value, int *out)
{
	if (*out >= 0 || rd_left(&value) != 1)
		return false;
	*out = rd_u8(&value);
	return true;
}

/* A4 { 83 01 reference, 95 01 usage } */
static bool decode_at(struct nat_se *se, struct rd r)
{
	int reference = -1, usage = -1;
	struct tlv t;
	while (tlv_next(&r, &t)) {
		bool known = (t.tag == TAG_REFERENCE && one_byte(t.value, &reference)) ||
		    (t.tag == TAG_USAGE && one_byte(t.value, &usage));
		if (!known)
			return false;
	}
	if (r.bad || reference < 0 || (usage != USAGE_PASSWORD && usage != USAGE_EXTERNAL) || se->n == NAT_SE_REFS)
		return false;
	se->ref[se->n] = (uint8_t)reference;
	se->usage[se->n++] = (uint8_t)usage;
	return true;
}

/* The contents of one 7B: its number first. false: not to be used. */
static bool decode_one(struct nat_se *se, int *number, struct rd r)
{
	struct tlv t;
	*number = -1;
	if (!tlv_next(&r, &t) || t.tag != TAG_SE_NUMBER || !one_byte(t.value, number))
		return false;
	while (tlv_next(&r, &t))
		if (t.tag != TAG_AT || !decode_at(se, t.value))
			return false;
	return !r.bad;
}

static bool only_zeros(struct rd r)
{
	while (rd_left(&r) != 0)
		if (rd_u8(&r) != 0)
			return false;
	return true;
}

/* Seen twice or seen wrong: neither counts. */
static void keep(struct nat_se *se, bool seen[NAT_SE_MAX + 1], int number, const struct nat_se *one, bool good)
{
	if (number < 1 || number > NAT_SE_MAX)
		return;
	se[number] = (struct nat_se){0};
	if (good && !seen[number]) {
		se[number] = *one;
		se[number].there = true;
	}
	seen[number] = true;
}

static bool decode_all(struct nat_se *se, struct rd body)
{
	bool seen[NAT_SE_MAX + 1] = {false};
	while (rd_left(&body) != 0) {
		struct nat_se one = {0};
		struct tlv t;
		int number;
		if (body.p[body.at] == 0)
			return only_zeros(body);
		if (!tlv_next(&body, &t) || t.tag != TAG_SE_TEMPLATE)
			return false;
		bool good = decode_one(&one, &number, t.value);
		keep(se, seen, number, &one, good);
	}
	return !body.bad;
}

void se_decode(struct nat_se *se, struct rd body)
{
	memset(se, 0, (NAT_SE_MAX + 1) * sizeof *se);
	if (!decode_all(se, body))
		memset(se, 0, (NAT_SE_MAX + 1) * sizeof *se);
}

/* The SE file is an internal EF of the DF; a working EF would not do. */
static uint16_t se_file(const struct card *c)
{
	uint8_t own[OBJECT_OWN_SIZE];
	uint16_t fid = nat_u16(c->nv, nat_df_at(c->s->cached, DF_SE_FID));
	uint16_t ef = fid == 0 ? 0 : nat_object_find(c, OBJECT_EF, fid);
	if (ef == 0)
		return 0;
	nat_object_own(c, ef, own);
	return own[EF_DESCRIPTOR] == DESCRIPTOR_INTERNAL ? ef : 0;
}

const struct nat_se *iso_se(struct card *c)
{
	struct nat_session *s = c->s;
	if (s->se_read)
		return s->se;
	uint16_t ef = se_file(c);
	uint32_t n = ef == 0 ? 0 : nat_object_len(c, ef);
	if (n > sizeof s->scratch)
		n = 0;
	if (n != 0)
		nat_space_read(c, nat_object_body(c, ef), s->scratch, n);
	se_decode(s->se, rd_of(s->scratch, n));
	s->se_read = true;
	return s->se;
}

/* --- rules against the session --- */

static bool proved(const struct card *c, uint8_t usage, uint8_t ref)
{
	if (usage == USAGE_EXTERNAL)
		return ref == REF_GLOBAL_KEY && c->s->admin;
	if ((ref & ~REF_NUMBER) != REF_LOCAL || c->s->df != c->s->cached)
		return false;
	return (c->s->verified >> (ref & REF_NUMBER) & 1) != 0;
}

/* How many templates of the environment have this usage, and how many of them are proved. */
static void count(const struct card *c, const struct nat_se *se, uint8_t usage, unsigned *named, unsigned *done)
{
	*named = *done = 0;
	for (unsigned i = 0; i < se->n; i++) {
		if (se->usage[i] != usage)
			continue;
		++*named;
		*done += proved(c, usage, se->ref[i]);
	}
}

/* Conditions of the SCB are looked up among the templates of its SE. With b8 all templates of all conditions are
 * needed, and each condition must have one; without, any of them will do. A wanted SE that is not there is never. */
bool iso_satisfied(struct card *c, uint8_t scb)
{
	static const struct {
		uint8_t condition, usage;
	} kind[] = {{SCB_EXTERNAL, USAGE_EXTERNAL}, {SCB_USER, USAGE_PASSWORD}};
	if (scb == SCB_ALWAYS)
		return true;
	if (!scb_ok(scb, NAT_SE_MAX) || scb == SCB_NEVER)
		return false;
	const struct nat_se *se = &iso_se(c)[scb & SCB_SE];
	bool all = se->there, any = false;
	for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
		unsigned named, done;
		if ((scb & kind[i].condition) == 0)
			continue;
		count(c, se, kind[i].usage, &named, &done);
		all = all && named != 0 && done == named;
		any = any || done != 0;
	}
	return (scb & SCB_ALL) != 0 ? all : any;
}

uint8_t iso_password_of(struct card *c, uint8_t scb)
{
	if (scb == SCB_ALWAYS || scb == SCB_NEVER || (scb & SCB_USER) == 0 || !scb_ok(scb, NAT_SE_MAX))
		return 0;
	const struct nat_se *se = &iso_se(c)[scb & SCB_SE];
	return se->there && se->n == 1 && se->usage[0] == USAGE_PASSWORD ? se->ref[0] : 0;
}
