#include "runtime/sim/javacard/api/number.h"

#include <string.h>

bool number_from_hex(struct number *x, const uint8_t *p, size_t n)
{
	while (n > NUMBER_BYTES && *p == 0) {
		p++;
		n--;
	}
	if (n > NUMBER_BYTES)
		return false;
	memset(x->p, 0, sizeof x->p);
	memcpy(x->p + NUMBER_BYTES - n, p, n);
	return true;
}

/* x = x * factor + carry. false: it does not fit. */
static bool step(struct number *x, unsigned factor, unsigned carry)
{
	for (size_t i = NUMBER_BYTES; i-- > 0;) {
		unsigned v = x->p[i] * factor + carry;
		x->p[i] = (uint8_t)v;
		carry = v >> 8;
	}
	return carry == 0;
}

bool number_is_bcd(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] >> 4 > 9 || (p[i] & 0x0F) > 9)
			return false;
	return true;
}

bool number_from_bcd(struct number *x, const uint8_t *p, size_t n)
{
	memset(x->p, 0, sizeof x->p);
	if (!number_is_bcd(p, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!step(x, 100, (p[i] >> 4) * 10U + (p[i] & 0x0F)))
			return false;
	return true;
}

size_t number_hex_bytes(const struct number *x)
{
	size_t n = NUMBER_BYTES;
	while (n > 1 && x->p[NUMBER_BYTES - n] == 0)
		n--;
	return n;
}

/* x / 100 into x, the rest is the result. */
static unsigned hundredth(struct number *x)
{
	unsigned rest = 0;
	for (size_t i = 0; i < NUMBER_BYTES; i++) {
		unsigned v = rest << 8 | x->p[i];
		x->p[i] = (uint8_t)(v / 100);
		rest = v % 100;
	}
	return rest;
}

/* All digits, right justified; the number of bytes that they need. */
static size_t digits(const struct number *x, uint8_t out[NUMBER_BCD_BYTES])
{
	struct number rest = *x;
	size_t n = NUMBER_BCD_BYTES;
	for (size_t i = NUMBER_BCD_BYTES; i-- > 0;) {
		unsigned two = hundredth(&rest);
		out[i] = (uint8_t)(two / 10 << 4 | two % 10);
	}
	while (n > 1 && out[NUMBER_BCD_BYTES - n] == 0)
		n--;
	return n;
}

size_t number_bcd_bytes(const struct number *x)
{
	uint8_t all[NUMBER_BCD_BYTES];
	return digits(x, all);
}

static bool put(const uint8_t *all, size_t size, size_t needed, uint8_t *out, size_t n)
{
	if (n < needed)
		return false;
	memset(out, 0, n);
	memcpy(out + n - needed, all + size - needed, needed);
	return true;
}

bool number_to_hex(const struct number *x, uint8_t *out, size_t n)
{
	return put(x->p, NUMBER_BYTES, number_hex_bytes(x), out, n);
}

bool number_to_bcd(const struct number *x, uint8_t *out, size_t n)
{
	uint8_t all[NUMBER_BCD_BYTES];
	size_t needed = digits(x, all);
	return put(all, sizeof all, needed, out, n);
}

int number_compare(const struct number *a, const struct number *b)
{
	int c = memcmp(a->p, b->p, NUMBER_BYTES);
	return (c > 0) - (c < 0);
}

bool number_add(const struct number *a, const struct number *b, struct number *out)
{
	unsigned carry = 0;
	for (size_t i = NUMBER_BYTES; i-- > 0;) {
		unsigned v = a->p[i] + b->p[i] + carry;
		out->p[i] = (uint8_t)v;
		carry = v >> 8;
	}
	return carry == 0;
}

bool number_subtract(const struct number *a, const struct number *b, struct number *out)
{
	int borrow = 0;
	for (size_t i = NUMBER_BYTES; i-- > 0;) {
		int v = a->p[i] - b->p[i] - borrow;
		out->p[i] = (uint8_t)v;
		borrow = v < 0;
	}
	return borrow == 0;
}

bool number_multiply(const struct number *a, const struct number *b, struct number *out)
{
	struct number sum = {{0}}, left = *a;
	for (size_t i = 0; i < NUMBER_BYTES; i++) {
		struct number part = left;
		if (!step(&sum, 256, 0) || !step(&part, b->p[i], 0) || !number_add(&sum, &part, &sum))
			return false;
	}
	*out = sum;
	return true;
}
