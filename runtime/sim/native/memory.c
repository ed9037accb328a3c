#include "runtime/sim/native/card.h"

#include <assert.h>

static bool inside(const struct nv *nv, uint32_t at, uint32_t n)
{
	return at <= nv->size && n <= nv->size - at;
}

uint8_t nat_u8(const struct nv *nv, uint32_t at)
{
	return inside(nv, at, 1) ? nv->mem[at] : 0;
}

uint16_t nat_u16(const struct nv *nv, uint32_t at)
{
	return (uint16_t)(nat_u8(nv, at) << 8 | nat_u8(nv, at + 1));
}

uint32_t nat_u32(const struct nv *nv, uint32_t at)
{
	return (uint32_t)nat_u16(nv, at) << 16 | nat_u16(nv, at + 2);
}

void nat_set16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void nat_set32(uint8_t *p, uint32_t v)
{
	nat_set16(p, v >> 16);
	nat_set16(p + 2, v);
}

void nat_put16(struct nv *nv, uint32_t at, uint16_t v)
{
	uint8_t b[2];
	nat_set16(b, v);
	nv_write(nv, at, b, sizeof b);
}

void nat_put32(struct nv *nv, uint32_t at, uint32_t v)
{
	uint8_t b[4];
	nat_set32(b, v);
	nv_write(nv, at, b, sizeof b);
}

uint32_t nat_df_at(uint16_t df, uint32_t member)
{
	assert(df != NAT_MF && df <= NAT_SLOTS);
	return CARD_SLOTS + (df - 1U) * DF_SLOT + member;
}

uint32_t nat_pages_at(uint32_t pages)
{
	return CARD_MAP + 2 * pages;
}

/* Without power nobody hears the answer. */
sw_t nat_commit(struct card *c)
{
	return nv_commit(c->nv) || c->nv->off ? SW_OK : SW_MEMORY_FAILURE;
}

bool nat_habit(const struct card *c, uint8_t habit)
{
	return (nat_u8(c->nv, CARD_HABITS) & habit) != 0;
}
