/* The current DF, and how DFs are found: ISO/IEC 7816-4:2020 7.3 and 11.2.2, AP contract 5. */
#include "runtime/sim/native/card.h"

#include <string.h>

enum { BY_MF = 0x00, BY_CHILD_DF = 0x01, BY_EF = 0x02, BY_NAME = 0x04 };

/* P2 of SELECT: 7816-4:2020 table 64. */
enum { OCCURRENCE = 0x03, NEXT = 0x02, RESPONSE = 0x0c, NO_DATA = 0x0c };

enum df_state nat_df_state(const struct card *c, uint16_t df)
{
	return df == NAT_MF ? DF_OPERATIONAL : (enum df_state)nat_u8(c->nv, nat_df_at(df, DF_STATE));
}

uint16_t nat_df_fid(const struct card *c, uint16_t df)
{
	return df == NAT_MF ? FID_MF : nat_u16(c->nv, nat_df_at(df, DF_FID));
}

size_t nat_df_name(const struct card *c, uint16_t df, uint8_t out[NAT_NAME_MAX])
{
	if (df == NAT_MF)
		return 0;
	size_t n = nat_u8(c->nv, nat_df_at(df, DF_NAME_LEN));
	for (uint32_t i = 0; i < NAT_NAME_MAX; i++)
		out[i] = nat_u8(c->nv, nat_df_at(df, DF_NAME + i));
	return n <= NAT_NAME_MAX ? n : NAT_NAME_MAX;
}

uint16_t nat_df_by_fid(const struct card *c, uint16_t fid)
{
	for (uint16_t df = 1; df <= NAT_SLOTS; df++)
		if (nat_df_state(c, df) != DF_FREE && nat_df_fid(c, df) == fid)
			return df;
	return NAT_MF;
}

/* The first DF after `after` whose name begins with these bytes; `whole`: is these bytes. */
static uint16_t next_named(const struct card *c, const uint8_t *p, size_t n, uint16_t after, bool whole)
{
	uint8_t name[NAT_NAME_MAX];
	for (uint16_t df = (uint16_t)(after + 1); df <= NAT_SLOTS; df++) {
		if (nat_df_state(c, df) == DF_FREE)
			continue;
		size_t len = nat_df_name(c, df, name);
		if ((whole ? n == len : n <= len) && memcmp(name, p, n) == 0)
			return df;
	}
	return NAT_MF;
}

uint16_t nat_df_by_name(const struct card *c, const uint8_t *p, size_t n)
{
	return next_named(c, p, n, NAT_MF, true);
}

uint16_t nat_df_next(const struct card *c, const uint8_t *p, size_t n, uint16_t after)
{
	return next_named(c, p, n, after, false);
}

uint32_t nat_df_sequence(const struct card *c, uint16_t df)
{
	return nat_u32(c->nv, nat_df_at(df, DF_SEQUENCE));
}

uint32_t nat_df_last_sequence(const struct card *c)
{
	uint32_t last = 0;
	for (uint16_t df = 1; df <= NAT_SLOTS; df++)
		if (nat_df_state(c, df) != DF_FREE && nat_df_sequence(c, df) > last)
			last = nat_df_sequence(c, df);
	return last;
}

/* 3F00 is the MF; 0000, 3FFF and FFFF are reserved: 7816-4:2020 7.4.1. */
bool nat_fid_ok(uint16_t fid)
{
	return fid != FID_MF && fid != 0x0000 && fid != 0x3fff && fid != 0xffff;
}

void nat_df_enter(struct card *c, uint16_t df)
{
	struct nat_session *s = c->s;
	if (df != s->df || nat_habit(c, HABIT_SELECT_CLEARS))
		c->dialect->forget(c);
	s->df = df;
	s->ef = 0;
}

sw_t nat_df_current(struct card *c)
{
	if (c->s->df == NAT_MF)
		return SW_CONDITIONS_OF_USE;
	nat_space_open(c, c->s->df);
	return SW_OK;
}

/* --- SELECT --- */

static sw_t find_named(const struct card *c, uint16_t *df)
{
	const struct apdu *a = &c->cmd;
	if (!c->dialect->partial_names)
		*df = nat_df_by_name(c, a->data, a->lc);
	else
		*df = nat_df_next(c, a->data, a->lc, (a->p2 & OCCURRENCE) == NEXT ? c->s->df : NAT_MF);
	return *df != NAT_MF ? SW_OK : SW_FILE_NOT_FOUND;
}

static uint16_t given_fid(const struct apdu *a)
{
	struct rd r = rd_of(a->data, a->lc);
	return rd_u16(&r);
}

/* The length that P1 wants. */
static bool length_fits(const struct apdu *a)
{
	switch (a->p1) {
	case BY_MF:
		return a->lc == 0 || a->lc == 2;
	case BY_NAME:
		return a->lc >= 1 && a->lc <= NAT_NAME_MAX;
	default:
		return a->lc == 2;
	}
}

/* What the command names. ef 0: a DF. */
static sw_t find(struct card *c, uint16_t *df, uint16_t *ef)
{
	const struct apdu *a = &c->cmd;
	*df = c->s->df;
	*ef = 0;
	switch (a->p1) {
	case BY_MF:
		*df = NAT_MF;
		return a->lc == 0 || given_fid(a) == FID_MF ? SW_OK : SW_FILE_NOT_FOUND;
	case BY_NAME:
		return find_named(c, df);
	case BY_CHILD_DF: /* only the MF has any */
		*df = c->s->df == NAT_MF ? nat_df_by_fid(c, given_fid(a)) : NAT_MF;
		return *df != NAT_MF ? SW_OK : SW_FILE_NOT_FOUND;
	default:
		if (c->s->df == NAT_MF)
			return SW_FILE_NOT_FOUND;
		nat_space_open(c, c->s->df);
		*ef = nat_object_find(c, OBJECT_EF, given_fid(a));
		return *ef != 0 ? SW_OK : SW_FILE_NOT_FOUND;
	}
}

/* A failed SELECT changes nothing (AP contract 5), so whatever can refuse it comes first. */
sw_t nat_select(struct card *c)
{
	const struct apdu *a = &c->cmd;
	struct buf data = {0};
	uint16_t df, ef;
	if (!length_fits(a))
		return SW_WRONG_LENGTH;
	sw_t sw = find(c, &df, &ef);
	if (sw != SW_OK)
		return sw;
	if ((a->p2 & RESPONSE) != NO_DATA)
		c->dialect->control(c, df, ef, a->p2, &data);
	if (a->has_le && !a->le_is_max && a->le < data.n) {
		sw = SW_WRONG_LENGTH;
		goto out;
	}
	buf_add(c->rsp, data.p, data.n);
	nat_key_forget_challenge(c); /* it dies with SELECT: AP contract 8 */
	if (ef != 0)
		c->s->ef = ef;
	else
		nat_df_enter(c, df);
out:
	buf_reset(&data);
	return sw;
}

static bool known_p1(const struct apdu *a)
{
	return a->p1 == BY_MF || a->p1 == BY_CHILD_DF || a->p1 == BY_EF || a->p1 == BY_NAME;
}

sw_t nat_select_form(const struct card *c)
{
	const struct apdu *a = &c->cmd;
	if (!known_p1(a))
		return SW_WRONG_P1P2;
	uint8_t occurrence = a->p2 & OCCURRENCE, response = a->p2 & RESPONSE;
	if ((a->p2 & ~(OCCURRENCE | RESPONSE)) != 0)
		return SW_WRONG_P1P2;
	if (occurrence != 0 && !(occurrence == NEXT && a->p1 == BY_NAME && c->dialect->partial_names))
		return SW_WRONG_P1P2;
	if (response != NO_DATA && !(c->dialect->responses & 1U << (response >> 2)))
		return SW_WRONG_P1P2;
	return SW_OK;
}
