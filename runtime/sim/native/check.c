/* The memory of a card may come from a file that anybody wrote. It is checked once, at power-up, from the outside
 * inwards: card block, DF slots, chains of pages, objects, and what the dialect keeps in them. A card whose memory does
 * not hold together is dead. What passes may still say anything, but only within its bounds. */
#include "runtime/sim/native/card.h"

enum { SHIFT_MIN = 4, SHIFT_MAX = 16 };

static bool within(uint32_t v, uint32_t low, uint32_t high)
{
	return v >= low && v <= high;
}

static bool facts_ok(const struct nv *nv)
{
	uint16_t blocked = nat_u16(nv, CARD_BLOCKED_SW), overhead = nat_u16(nv, CARD_OVERHEAD);
	uint8_t pin_max = nat_u8(nv, CARD_PIN_MAX);
	return within(overhead, OBJECT_HEADER, NAT_OVERHEAD_MAX) && within(pin_max, 1, NAT_SECRET_MAX) &&
	    within(nat_u8(nv, CARD_PIN_MIN), 1, pin_max) && within(nat_u8(nv, CARD_PIN_TRIES), 1, 15) &&
	    within(nat_u8(nv, CARD_PUK_TRIES), 1, 15) && within(nat_u8(nv, CARD_PIN_REF), 1, 31) &&
	    nat_u8(nv, CARD_SE_COUNT) <= NAT_SE_MAX && within(nat_u32(nv, CARD_COMMAND_DATA), 1, NAT_DATA_MAX) &&
	    within(nat_u32(nv, CARD_RESPONSE_DATA), 1, RAPDU_MAX - 2) &&
	    (blocked == SW_AUTH_BLOCKED || blocked == SW_REFERENCE_DATA_NOT_USABLE) &&
	    nat_u8(nv, CARD_ATR_LEN) <= SIM_ATR_MAX;
}

static bool key_ok(const struct card *c)
{
	return nat_u8(c->nv, CARD_KEY_LEN) == c->dialect->key_len && within(nat_u8(c->nv, CARD_KEY_TRIES), 1, 15) &&
	    nat_u8(c->nv, CARD_KEY_LEFT) <= nat_u8(c->nv, CARD_KEY_TRIES);
}

static bool block_ok(const struct card *c)
{
	const struct nv *nv = c->nv;
	uint32_t shift = nat_u8(nv, CARD_PAGE_SHIFT), pages = nat_u16(nv, CARD_PAGES);
	if (!within(shift, SHIFT_MIN, SHIFT_MAX) || !within(pages, 1, NAT_PAGES_MAX))
		return false;
	return (uint64_t)nat_pages_at(pages) + ((uint64_t)pages << shift) <= nv->size && facts_ok(nv) && key_ok(c);
}

static bool slot_ok(const struct card *c, uint16_t df)
{
	uint32_t quota = nat_u32(c->nv, nat_df_at(df, DF_QUOTA)), used = nat_u32(c->nv, nat_df_at(df, DF_USED));
	uint32_t isf = nat_u16(c->nv, nat_df_at(df, DF_ISF)), isf_used = nat_u16(c->nv, nat_df_at(df, DF_ISF_USED));
	uint32_t pages = nat_u16(c->nv, nat_df_at(df, DF_PAGES));
	enum df_state state = nat_df_state(c, df);
	return (state == DF_CREATION || state == DF_OPERATIONAL || state == DF_REGISTERED) &&
	    within(nat_u8(c->nv, nat_df_at(df, DF_NAME_LEN)), 1, NAT_NAME_MAX) && nat_fid_ok(nat_df_fid(c, df)) &&
	    (uint64_t)pages << c->s->shift >= quota && isf_used <= isf && used <= quota;
}

/* Every byte from the ISF to DF_USED belongs to one object. */
static bool objects_ok(struct card *c, uint16_t df)
{
	nat_space_open(c, df);
	uint32_t end = nat_u16(c->nv, nat_df_at(df, DF_ISF));
	for (uint16_t i = 1; i <= c->s->objects; i++) {
		if (!c->dialect->object_ok(c, i))
			return false;
		end = nat_object_body(c, i) + nat_object_len(c, i);
	}
	return end == nat_u32(c->nv, nat_df_at(df, DF_USED));
}

bool nat_check(struct card *c)
{
	uint8_t used[NAT_PAGES_MAX];
	if (!block_ok(c))
		return false;
	c->s->shift = nat_u8(c->nv, CARD_PAGE_SHIFT);
	c->s->pages_at = nat_pages_at(nat_u16(c->nv, CARD_PAGES));
	if (!nat_space_map(c->nv, used))
		return false;
	for (uint16_t df = 1; df <= NAT_SLOTS; df++)
		if (nat_df_state(c, df) != DF_FREE &&
		    !(slot_ok(c, df) && objects_ok(c, df) && c->dialect->df_ok(c, df)))
			return false;
	nat_space_close(c);
	return true;
}
