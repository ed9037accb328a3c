/* Bounded reader: bytes that nobody trusts are read through it. Reading past the end gives zeros and sets `bad`,
 * which stays set; callers read a whole structure and check once. */
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

struct rd rd_of(const void *p, size_t n);
size_t rd_left(const struct rd *r);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r); /* big-endian */
uint32_t rd_u32(struct rd *r); /* big-endian */

/* A pointer to the next n bytes, which are consumed; NULL (and bad) when there are fewer. */
const uint8_t *rd_bytes(struct rd *r, size_t n);

/* A reader over the next n bytes, which are consumed; an empty bad reader when there are fewer. */
struct rd rd_sub(struct rd *r, size_t n);

#endif
