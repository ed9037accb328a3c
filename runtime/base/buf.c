#include "runtime/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/wipe.h"

/* Not realloc: it would leave an unwiped copy behind. */
static bool reserve(struct buf *b, size_t more)
{
	if (b->bad)
		return false;
	if (more <= b->cap - b->n)
		return true;
	size_t cap = b->cap < 64 ? 64 : b->cap;
	while (cap - b->n < more) {
		if (cap > SIZE_MAX / 2) {
			b->bad = true;
			return false;
		}
		cap *= 2;
	}
	uint8_t *p = malloc(cap);
	if (p == NULL) {
		b->bad = true;
		return false;
	}
	if (b->n != 0)
		memcpy(p, b->p, b->n);
	wipe(b->p, b->n);
	free(b->p);
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void buf_u8(struct buf *b, unsigned v)
{
	uint8_t c = (uint8_t)v;
	buf_add(b, &c, 1);
}

void buf_u16(struct buf *b, unsigned v)
{
	const uint8_t c[] = {(uint8_t)(v >> 8), (uint8_t)v};
	buf_add(b, c, sizeof c);
}

void buf_u32(struct buf *b, uint32_t v)
{
	buf_u16(b, v >> 16);
	buf_u16(b, v & 0xffff);
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !reserve(b, (size_t)n + 1)) {
		b->bad = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

const char *buf_cstr(struct buf *b)
{
	if (b->bad || !reserve(b, 1))
		return "";
	b->p[b->n] = 0;
	return (const char *)b->p;
}

void buf_clear(struct buf *b)
{
	wipe(b->p, b->n);
	b->n = 0;
}

void buf_reset(struct buf *b)
{
	wipe(b->p, b->n);
	free(b->p);
	*b = (struct buf){0};
}
