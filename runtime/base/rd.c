#include "runtime/base/rd.h"

struct rd rd_of(const void *p, size_t n)
{
	return (struct rd){.p = p, .n = n};
}

size_t rd_left(const struct rd *r)
{
	return r->bad ? 0 : r->n - r->at;
}

const uint8_t *rd_bytes(struct rd *r, size_t n)
{
	if (r->bad || n > r->n - r->at) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->p + r->at;
	r->at += n;
	return p;
}

uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);
	return p == NULL ? 0 : *p;
}

uint16_t rd_u16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);
	if (p == NULL)
		return 0;
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t rd_u32(struct rd *r)
{
	uint32_t high = rd_u16(r);
	return high << 16 | rd_u16(r);
}

struct rd rd_sub(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	if (p == NULL)
		return (struct rd){.bad = true};
	return rd_of(p, n);
}
