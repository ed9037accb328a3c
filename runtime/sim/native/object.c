/* Files and PIN objects in a DF space: layout.h. */
#include "runtime/sim/native/card.h"

#include <assert.h>
#include <string.h>

static uint32_t at(const struct card *c, uint16_t object)
{
	assert(object != 0 && object <= c->s->objects);
	return c->s->at[object];
}

uint8_t nat_object_kind(const struct card *c, uint16_t object)
{
	return nat_space_u8(c, at(c, object) + OBJECT_KIND);
}

uint16_t nat_object_id(const struct card *c, uint16_t object)
{
	return nat_space_u16(c, at(c, object) + OBJECT_ID);
}

uint8_t nat_object_sfi(const struct card *c, uint16_t object)
{
	return nat_space_u8(c, at(c, object) + OBJECT_SFI);
}

uint32_t nat_object_len(const struct card *c, uint16_t object)
{
	return nat_space_u32(c, at(c, object) + OBJECT_LEN);
}

uint32_t nat_object_body(const struct card *c, uint16_t object)
{
	return at(c, object) + nat_u16(c->nv, CARD_OVERHEAD);
}

uint32_t nat_object_own_at(const struct card *c, uint16_t object)
{
	return at(c, object) + OBJECT_OWN;
}

void nat_object_own(const struct card *c, uint16_t object, uint8_t out[OBJECT_OWN_SIZE])
{
	nat_space_read(c, nat_object_own_at(c, object), out, OBJECT_OWN_SIZE);
}

uint16_t nat_object_find(const struct card *c, enum object_kind kind, uint16_t id)
{
	for (uint16_t i = 1; i <= c->s->objects; i++)
		if (nat_object_kind(c, i) == kind && nat_object_id(c, i) == id)
			return i;
	return 0;
}

uint16_t nat_object_by_sfi(const struct card *c, uint8_t sfi)
{
	for (uint16_t i = 1; i <= c->s->objects; i++)
		if (nat_object_kind(c, i) == OBJECT_EF && nat_object_sfi(c, i) == sfi)
			return i;
	return 0;
}

unsigned nat_object_count(const struct card *c, enum object_kind kind)
{
	unsigned n = 0;
	for (uint16_t i = 1; i <= c->s->objects; i++)
		n += nat_object_kind(c, i) == kind;
	return n;
}

static uint32_t room(const struct card *c)
{
	uint32_t quota = nat_u32(c->nv, nat_df_at(c->s->cached, DF_QUOTA));
	uint32_t used = nat_u32(c->nv, nat_df_at(c->s->cached, DF_USED));
	return used <= quota ? quota - used : 0;
}

bool nat_object_fits(const struct card *c, uint32_t len)
{
	uint32_t overhead = nat_u16(c->nv, CARD_OVERHEAD), left = room(c);
	return c->s->objects < NAT_OBJECTS_MAX && overhead <= left && len <= left - overhead;
}

sw_t nat_object_append(struct card *c, const uint8_t header[OBJECT_HEADER], const uint8_t *body, uint32_t n)
{
	struct rd r = rd_of(header + OBJECT_LEN, 4);
	uint32_t len = rd_u32(&r);
	if (!nat_object_fits(c, len))
		return SW_NO_MEMORY;
	uint32_t mark = nat_df_at(c->s->cached, DF_USED), used = nat_u32(c->nv, mark);
	uint32_t overhead = nat_u16(c->nv, CARD_OVERHEAD), whole = overhead + len;
	nat_space_fill_unreachable(c, used, 0, whole);
	nat_space_write_unreachable(c, used, header, OBJECT_HEADER);
	nat_space_write_unreachable(c, used + overhead, body, n);
	nv_begin(c->nv);
	nat_put32(c->nv, mark, used + whole);
	sw_t sw = nat_commit(c);
	if (sw != SW_OK)
		return sw;
	c->s->at[++c->s->objects] = used;
	c->s->se_read = false;
	return SW_OK;
}
