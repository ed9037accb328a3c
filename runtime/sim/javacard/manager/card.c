/* The card manager's own state: where it lies, and the header of the host area. */
#include "runtime/sim/javacard/manager/card.h"

#include <stddef.h>

struct cm cm_of(struct sim *s)
{
	struct cm c = {.sim = s, .nv = &s->nv, .jc = jc_of(s), .s = jc_session(jc_of(s))};
	c.home = jc_host_at(c.jc);
	return c;
}

struct cm cm_of_machine(struct jc *jc)
{
	struct cm_session *s = jc_session(jc);
	return cm_of(s->sim);
}

uint8_t cm_u8(const struct cm *c, uint32_t at)
{
	return c->nv->mem[c->home + at];
}

uint16_t cm_u16(const struct cm *c, uint32_t at)
{
	return (uint16_t)(cm_u8(c, at) << 8 | cm_u8(c, at + 1));
}

void cm_put(const struct cm *c, uint32_t at, const void *p, uint32_t n)
{
	nv_write(c->nv, c->home + at, p, n);
}

void cm_put_u8(const struct cm *c, uint32_t at, uint8_t v)
{
	cm_put(c, at, &v, 1);
}

void cm_put_u16(const struct cm *c, uint32_t at, uint16_t v)
{
	uint8_t b[] = {(uint8_t)(v >> 8), (uint8_t)v};
	cm_put(c, at, b, sizeof b);
}

size_t cm_length(struct rd *r)
{
	uint8_t b = rd_u8(r);
	if (b < 0x80)
		return b;
	if (b == 0x81)
		return rd_u8(r);
	if (b == 0x82)
		return rd_u16(r);
	r->bad = true;
	return 0;
}
