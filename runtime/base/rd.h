/* Bounded reader: bytes that nobody trusts are read through it. Reading past the end gives zeros and sets `bad`,
 * which stays set; callers read a whole structure and check once. All of it is here: every
 * command of every simulated card is read through it. */
#ifndef IGATA_BASE_RD_H
#define IGATA_BASE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd {
	const uint8_t *p;
	size_t n;  /* bytes in all */
	size_t at; /* next byte */
	bool bad;
};

static inline struct rd rd_of(const void *p, size_t n)
{
	return (struct rd){.p = p, .n = n};
}

/* Bytes that are left; 0 when bad. */
static inline size_t rd_left(const struct rd *r)
{
	return r->bad ? 0 : r->n - r->at;
}

/* A pointer to the next n bytes, which are consumed; NULL (and bad) when there are fewer. */
static inline const uint8_t *rd_bytes(struct rd *r, size_t n)
{
	if (r->bad || n > r->n - r->at) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->p + r->at;
	r->at += n;
	return p;
}

/* Numbers are big-endian. */
static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);
	return p == NULL ? 0 : *p;
}

static inline uint16_t rd_u16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);
	if (p == NULL)
		return 0;
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t rd_u32(struct rd *r)
{
	uint32_t high = rd_u16(r);
	return high << 16 | rd_u16(r);
}

/* A reader over the next n bytes, which are consumed; an empty bad reader when there are fewer. */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	if (p == NULL)
		return (struct rd){.bad = true};
	return rd_of(p, n);
}

#endif
