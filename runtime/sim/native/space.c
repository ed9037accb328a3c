/* Pages and DF spaces: layout.h. */
#include "runtime/sim/native/card.h"

#include <string.h>

static uint32_t map_at(uint32_t page)
{
	return CARD_MAP + 2 * page;
}

static uint32_t page_size(const struct nv *nv)
{
	return 1U << nat_u8(nv, CARD_PAGE_SHIFT);
}

/* --- the space of one DF --- */

void nat_space_close(struct card *c)
{
	c->s->cached = NAT_MF;
	c->s->pages = c->s->objects = 0;
	c->s->se_read = false;
}

static void read_chain(struct card *c, uint16_t df)
{
	struct nat_session *s = c->s;
	uint32_t all = nat_u16(c->nv, CARD_PAGES), n = nat_u16(c->nv, nat_df_at(df, DF_PAGES));
	uint16_t page = nat_u16(c->nv, nat_df_at(df, DF_FIRST));
	s->pages = 0;
	while (s->pages < n && s->pages < NAT_PAGES_MAX && page < all) {
		s->page[s->pages++] = page;
		page = nat_u16(c->nv, map_at(page));
	}
}

/* Objects follow one another; each says how long it is. */
static void read_objects(struct card *c, uint16_t df)
{
	struct nat_session *s = c->s;
	uint32_t at = nat_u16(c->nv, nat_df_at(df, DF_ISF)), end = nat_u32(c->nv, nat_df_at(df, DF_USED));
	uint32_t overhead = nat_u16(c->nv, CARD_OVERHEAD);
	s->objects = 0;
	while (at < end && s->objects < NAT_OBJECTS_MAX) {
		uint32_t len = nat_space_u32(c, at + OBJECT_LEN);
		if (overhead > end - at || len > end - at - overhead)
			break;
		s->at[++s->objects] = at;
		at += overhead + len;
	}
}

void nat_space_open(struct card *c, uint16_t df)
{
	if (c->s->cached == df)
		return;
	nat_space_close(c);
	if (df == NAT_MF)
		return;
	read_chain(c, df);
	read_objects(c, df);
	c->s->cached = df;
}

uint32_t nat_space_address(const struct card *c, uint32_t at)
{
	const struct nat_session *s = c->s;
	uint32_t i = at >> s->shift;
	if (i >= s->pages)
		return 0;
	return s->pages_at + ((uint32_t)s->page[i] << s->shift) + (at & ((1U << s->shift) - 1));
}

/* Bytes from `at` to the end of its page, n at the most. */
static uint32_t stretch(const struct card *c, uint32_t at, uint32_t n)
{
	uint32_t left = (1U << c->s->shift) - (at & ((1U << c->s->shift) - 1));
	return n < left ? n : left;
}

void nat_space_read(const struct card *c, uint32_t at, uint8_t *out, uint32_t n)
{
	while (n != 0) {
		uint32_t part = stretch(c, at, n), from = nat_space_address(c, at);
		if (from == 0)
			memset(out, 0, part);
		else
			memcpy(out, c->nv->mem + from, part);
		at += part;
		out += part;
		n -= part;
	}
}

uint8_t nat_space_u8(const struct card *c, uint32_t at)
{
	uint32_t from = nat_space_address(c, at);
	return from == 0 ? 0 : c->nv->mem[from];
}

uint16_t nat_space_u16(const struct card *c, uint32_t at)
{
	return (uint16_t)(nat_space_u8(c, at) << 8 | nat_space_u8(c, at + 1));
}

uint32_t nat_space_u32(const struct card *c, uint32_t at)
{
	return (uint32_t)nat_space_u16(c, at) << 16 | nat_space_u16(c, at + 2);
}

static void space_write(struct card *c, uint32_t at, const uint8_t *p, uint32_t n,
    void (*write)(struct nv *, uint32_t, const void *, uint32_t))
{
	while (n != 0) {
		uint32_t part = stretch(c, at, n), to = nat_space_address(c, at);
		if (to != 0)
			write(c->nv, to, p, part);
		at += part;
		p += part;
		n -= part;
	}
}

void nat_space_write(struct card *c, uint32_t at, const uint8_t *p, uint32_t n)
{
	space_write(c, at, p, n, nv_write);
}

void nat_space_write_unreachable(struct card *c, uint32_t at, const uint8_t *p, uint32_t n)
{
	space_write(c, at, p, n, nv_write_unreachable);
}

void nat_space_fill_unreachable(struct card *c, uint32_t at, uint8_t v, uint32_t n)
{
	while (n != 0) {
		uint32_t part = stretch(c, at, n), to = nat_space_address(c, at);
		if (to != 0)
			nv_fill_unreachable(c->nv, to, v, part);
		at += part;
		n -= part;
	}
}

/* --- the pages of the card --- */

static bool mark_chain(const struct nv *nv, uint16_t df, uint8_t used[NAT_PAGES_MAX])
{
	uint32_t all = nat_u16(nv, CARD_PAGES), n = nat_u16(nv, nat_df_at(df, DF_PAGES));
	uint16_t page = nat_u16(nv, nat_df_at(df, DF_FIRST));
	for (uint32_t i = 0; i < n; i++) {
		if (page >= all || page >= NAT_PAGES_MAX || used[page] != 0)
			return false;
		used[page] = 1;
		page = nat_u16(nv, map_at(page));
	}
	return true;
}

bool nat_space_map(const struct nv *nv, uint8_t used[NAT_PAGES_MAX])
{
	memset(used, 0, NAT_PAGES_MAX);
	for (uint16_t df = 1; df <= NAT_SLOTS; df++)
		if (nat_u8(nv, nat_df_at(df, DF_STATE)) != DF_FREE && !mark_chain(nv, df, used))
			return false;
	return true;
}

uint32_t nat_space_used(const struct nv *nv)
{
	uint32_t n = 0;
	for (uint16_t df = 1; df <= NAT_SLOTS; df++)
		if (nat_u8(nv, nat_df_at(df, DF_STATE)) != DF_FREE)
			n += nat_u16(nv, nat_df_at(df, DF_PAGES)) * page_size(nv);
	return n;
}

static uint16_t free_slot(const struct nv *nv)
{
	for (uint16_t df = 1; df <= NAT_SLOTS; df++)
		if (nat_u8(nv, nat_df_at(df, DF_STATE)) == DF_FREE)
			return df;
	return NAT_MF;
}

/* Chain n free pages; the links of free pages mean nothing to anybody, so this needs no transaction. */
static bool chain_pages(struct nv *nv, uint32_t n, uint16_t *first)
{
	uint8_t used[NAT_PAGES_MAX];
	uint16_t page[NAT_PAGES_MAX];
	uint32_t all = nat_u16(nv, CARD_PAGES), found = 0;
	if (!nat_space_map(nv, used))
		return false;
	for (uint32_t i = 0; i < all && found < n; i++)
		if (used[i] == 0)
			page[found++] = (uint16_t)i;
	if (found < n)
		return false;
	for (uint32_t i = 0; i + 1 < n; i++) {
		uint8_t next[2];
		nat_set16(next, page[i + 1]);
		nv_write_unreachable(nv, map_at(page[i]), next, sizeof next);
	}
	*first = n == 0 ? 0 : page[0];
	return true;
}

sw_t nat_space_create(struct card *c, uint8_t slot[DF_SLOT], uint16_t *df)
{
	struct rd r = rd_of(slot + DF_QUOTA, 4);
	uint32_t size = page_size(c->nv), quota = rd_u32(&r);
	uint32_t n = (quota + nat_u16(c->nv, CARD_DF_OVERHEAD) + size - 1) / size;
	uint16_t first;
	*df = free_slot(c->nv);
	if (*df == NAT_MF || quota > nat_u32(c->nv, CARD_DF_MAX) || n > NAT_PAGES_MAX || !chain_pages(c->nv, n, &first))
		return SW_NO_MEMORY;
	nat_set16(slot + DF_FIRST, first);
	nat_set16(slot + DF_PAGES, n);
	/* A free slot is read by nobody. */
	nv_write_unreachable(c->nv, nat_df_at(*df, DF_STATE + 1), slot + DF_STATE + 1, DF_SLOT - 1);
	nv_write(c->nv, nat_df_at(*df, DF_STATE), slot + DF_STATE, 1);
	return SW_OK;
}

/* Old secrets must not wait in free memory; a cut between here leaves some of them, unreachable. */
static void wipe_pages(struct card *c, uint16_t df)
{
	uint32_t n = nat_u16(c->nv, nat_df_at(df, DF_PAGES)) * page_size(c->nv);
	nat_space_fill_unreachable(c, 0, 0, n);
}

sw_t nat_space_delete(struct card *c, uint16_t df)
{
	nat_space_open(c, df);
	nv_fill(c->nv, nat_df_at(df, DF_STATE), DF_FREE, 1);
	wipe_pages(c, df);
	nat_space_close(c);
	return SW_OK;
}
