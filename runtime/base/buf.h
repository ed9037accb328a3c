/* A growable byte buffer. An allocation that fails sets `bad` and everything after it is a no-op, so a writer
 * checks once at the end. buf_reset frees; contents are wiped, since APDUs pass through here. */
#ifndef IGATA_BASE_BUF_H
#define IGATA_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *p;
	size_t n;   /* bytes used */
	size_t cap; /* bytes allocated */
	bool bad;   /* an allocation failed */
};

void buf_add(struct buf *b, const void *p, size_t n);
void buf_u8(struct buf *b, unsigned v);
void buf_u16(struct buf *b, unsigned v);    /* big-endian */
void buf_u32(struct buf *b, uint32_t v);    /* big-endian */
void buf_str(struct buf *b, const char *s); /* without the NUL */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The contents as a C string (a NUL is kept behind the data, not counted). "" when bad or empty. */
const char *buf_cstr(struct buf *b);

/* Keep the memory, drop and wipe the contents. */
void buf_clear(struct buf *b);

/* Wipe and free; the buffer is empty and usable again. */
void buf_reset(struct buf *b);

#endif
