/* CREATE FILE of iso-compact: ISO/IEC 7816-9:2017 6.1, file control parameters of 7816-4:2020 7.4.3. What the card does
 * not understand it refuses; it never guesses. */
#include "runtime/sim/native/iso.h"

#include <string.h>

#include "runtime/base/tlv.h"

enum { SFI_SHIFT = 3, SFI_LAST = 30 };

/* A decoded FCP template; `seen` has a bit for each tag of `known`. */
struct fcp {
	unsigned seen;
	uint32_t size, quota;
	uint8_t descriptor, state;
	uint16_t fid, se_fid;
	uint8_t name[NAT_NAME_MAX];
	size_t name_len;
	uint8_t sfi;
	uint8_t sfi_given; /* bytes of the value of 88, and 1 */
	struct compact rule;
};

enum {
	HAS_SIZE = 1,
	HAS_DESCRIPTOR = 2,
	HAS_FID = 4,
	HAS_RULE = 8,
	HAS_NAME = 16,
	HAS_QUOTA = 32,
	HAS_STATE = 64,
	HAS_SFI = 128,
	HAS_SE = 256,
};

static bool take_u16(struct rd *r, uint16_t *out)
{
	*out = rd_u16(r);
	return !r->bad && rd_left(r) == 0;
}

static bool take_size(struct rd *r, uint32_t *out)
{
	uint16_t v;
	bool good = take_u16(r, &v);
	*out = v;
	return good;
}

static bool take_u8(struct rd *r, uint8_t *out)
{
	*out = rd_u8(r);
	return !r->bad && rd_left(r) == 0;
}

static bool take_name(struct rd *r, struct fcp *f)
{
	f->name_len = rd_left(r);
	if (f->name_len == 0 || f->name_len > NAT_NAME_MAX)
		return false;
	memcpy(f->name, rd_bytes(r, f->name_len), f->name_len);
	return true;
}

/* One byte with the identifier in b8 to b4, or empty: no short identifier. */
static bool take_sfi(struct rd *r, struct fcp *f)
{
	uint8_t v;
	f->sfi_given = 1;
	if (rd_left(r) == 0)
		return true;
	f->sfi_given = 2;
	if (!take_u8(r, &v))
		return false;
	f->sfi = v >> SFI_SHIFT;
	return (v & ((1 << SFI_SHIFT) - 1)) == 0 && f->sfi >= 1 && f->sfi <= SFI_LAST;
}

/* The bit of the tag, 0 when it is unknown or its value malformed. */
static unsigned take(const struct card *c, struct fcp *f, struct tlv *t)
{
	struct rd *r = &t->value;
	switch (t->tag) {
	case TAG_FILE_SIZE:
		return take_size(r, &f->size) ? HAS_SIZE : 0;
	case TAG_TOTAL_SIZE:
		return take_size(r, &f->quota) ? HAS_QUOTA : 0;
	case TAG_DESCRIPTOR:
		return take_u8(r, &f->descriptor) ? HAS_DESCRIPTOR : 0;
	case TAG_FID:
		return take_u16(r, &f->fid) ? HAS_FID : 0;
	case TAG_DF_NAME:
		return take_name(r, f) ? HAS_NAME : 0;
	case TAG_SFI:
		return take_sfi(r, f) ? HAS_SFI : 0;
	case TAG_LIFE_CYCLE:
		return take_u8(r, &f->state) ? HAS_STATE : 0;
	case TAG_SE_FILE:
		return take_u16(r, &f->se_fid) ? HAS_SE : 0;
	case TAG_COMPACT_AC:
		return compact_decode(&f->rule, *r, nat_u8(c->nv, CARD_SE_COUNT)) ? HAS_RULE : 0;
	default:
		return 0;
	}
}

static bool decode(const struct card *c, struct fcp *f)
{
	struct rd r = rd_of(c->cmd.data, c->cmd.lc);
	struct tlv t;
	if (!tlv_next(&r, &t) || t.tag != TAG_FCP || rd_left(&r) != 0)
		return false;
	struct rd in = t.value;
	while (tlv_next(&in, &t)) {
		unsigned bit = take(c, f, &t);
		if (bit == 0 || (f->seen & bit) != 0)
			return false;
		f->seen |= bit;
	}
	return !in.bad && (f->seen & HAS_DESCRIPTOR) != 0 && nat_fid_ok(f->fid);
}

/* Has the template all that is needed, and nothing but that and these? */
static bool has(const struct fcp *f, unsigned needed, unsigned possible)
{
	return (f->seen & needed) == needed && (f->seen & ~(needed | possible)) == 0;
}

/* --- DF --- */

static bool df_ok(const struct fcp *f)
{
	unsigned needed = HAS_DESCRIPTOR | HAS_FID | HAS_NAME | HAS_QUOTA | HAS_STATE | HAS_RULE;
	return has(f, needed, HAS_SE) && f->descriptor == DESCRIPTOR_DF && f->state == DF_CREATION && f->quota != 0 &&
	    ((f->seen & HAS_SE) == 0 || nat_fid_ok(f->se_fid));
}

static void fill_slot(const struct card *c, const struct fcp *f, uint8_t slot[DF_SLOT])
{
	uint32_t sequence = nat_df_last_sequence(c) + 1;
	memset(slot, 0, DF_SLOT);
	slot[DF_STATE] = DF_CREATION;
	slot[DF_NAME_LEN] = (uint8_t)f->name_len;
	nat_set16(slot + DF_FID, f->fid);
	memcpy(slot + DF_NAME, f->name, f->name_len);
	nat_set32(slot + DF_SEQUENCE, sequence);
	nat_set32(slot + DF_QUOTA, f->quota);
	nat_set16(slot + DF_SE_FID, f->se_fid);
	compact_store(slot + DF_RULE, &f->rule);
}

static sw_t create_df(struct card *c, const struct fcp *f)
{
	uint8_t slot[DF_SLOT];
	uint16_t df;
	if (!df_ok(f))
		return SW_WRONG_DATA;
	if (nat_df_by_fid(c, f->fid) != NAT_MF)
		return SW_FILE_EXISTS;
	if (nat_df_by_name(c, f->name, f->name_len) != NAT_MF)
		return SW_DF_NAME_EXISTS;
	fill_slot(c, f, slot);
	sw_t sw = nat_space_create(c, slot, &df);
	if (sw == SW_OK)
		nat_df_enter(c, df); /* a new file is the current one: 7816-9:2017 6.1 */
	return sw;
}

/* --- EF --- */

static bool ef_ok(const struct fcp *f)
{
	unsigned needed = HAS_SIZE | HAS_DESCRIPTOR | HAS_FID | HAS_RULE;
	return has(f, needed, HAS_SFI) && f->size != 0 &&
	    (f->descriptor == DESCRIPTOR_WORKING ||
		(f->descriptor == DESCRIPTOR_INTERNAL && f->size <= NAT_SE_FILE_MAX));
}

static unsigned count_working(const struct card *c)
{
	unsigned n = 0;
	for (uint16_t i = 1; i <= c->s->objects; i++)
		n += nat_object_kind(c, i) == OBJECT_EF &&
		    nat_space_u8(c, nat_object_own_at(c, i) + EF_DESCRIPTOR) == DESCRIPTOR_WORKING;
	return n;
}

static sw_t create_ef(struct card *c, const struct fcp *f)
{
	uint8_t header[OBJECT_HEADER] = {OBJECT_EF, f->sfi};
	if (!ef_ok(f))
		return SW_WRONG_DATA;
	if (nat_object_find(c, OBJECT_EF, f->fid) != 0)
		return SW_FILE_EXISTS;
	if (f->sfi != 0 && nat_object_by_sfi(c, f->sfi) != 0)
		return SW_WRONG_DATA;
	bool full = f->descriptor == DESCRIPTOR_WORKING && count_working(c) >= nat_u8(c->nv, CARD_FILE_COUNT);
	if (full || f->size > nat_u32(c->nv, CARD_FILE_MAX))
		return SW_NO_MEMORY;
	nat_set16(header + OBJECT_ID, f->fid);
	nat_set32(header + OBJECT_LEN, f->size);
	header[OBJECT_OWN + EF_DESCRIPTOR] = f->descriptor;
	header[OBJECT_OWN + EF_SFI_GIVEN] = f->sfi_given;
	compact_store(header + OBJECT_OWN + EF_RULE, &f->rule);
	sw_t sw = nat_object_append(c, header, NULL, 0);
	if (sw == SW_OK)
		c->s->ef = c->s->objects;
	return sw;
}

/* In an activated DF its own rule decides; the MF's is the loading key. */
static sw_t may_create(struct card *c)
{
	struct compact rule;
	if (c->s->df == NAT_MF)
		return c->s->admin ? SW_OK : SW_SECURITY_STATUS;
	nat_space_open(c, c->s->df);
	if (nat_df_state(c, c->s->df) != DF_OPERATIONAL)
		return SW_OK;
	iso_df_rule(c, c->s->df, &rule);
	return iso_satisfied(c, rule.scb[AM_DF_CREATE_EF]) ? SW_OK : SW_SECURITY_STATUS;
}

/* DFs are in the MF, EFs in DFs. */
sw_t iso_create(struct card *c)
{
	struct fcp f = {0};
	sw_t sw = may_create(c);
	if (sw != SW_OK)
		return sw;
	if (!decode(c, &f))
		return SW_WRONG_DATA;
	bool df = f.descriptor == DESCRIPTOR_DF;
	if (df != (c->s->df == NAT_MF))
		return SW_CONDITIONS_OF_USE;
	return df ? create_df(c, &f) : create_ef(c, &f);
}
