/* Unsigned numbers of fixed width, high byte first: what BCDUtil and BigNumber of javacardx.framework.math count with.
 */
#ifndef IGATA_SIM_JAVACARD_API_NUMBER_H
#define IGATA_SIM_JAVACARD_API_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NUMBER_BYTES = 32,     /* of the largest number: the API asks for at least 8 */
	NUMBER_BCD_BYTES = 39, /* 2^256 has 78 digits */
};

struct number {
	uint8_t p[NUMBER_BYTES];
};

/* From n bytes, leading zeros allowed. false: it does not fit. */
bool number_from_hex(struct number *x, const uint8_t *p, size_t n);
/* From n bytes of two digits each. false: a nibble is no digit, or it does not fit. */
bool number_from_bcd(struct number *x, const uint8_t *p, size_t n);

/* The last n bytes. false: more are needed; 0 needs one. */
bool number_to_hex(const struct number *x, uint8_t *out, size_t n);
bool number_to_bcd(const struct number *x, uint8_t *out, size_t n);
/* Bytes that are needed, at least 1. */
size_t number_hex_bytes(const struct number *x);
size_t number_bcd_bytes(const struct number *x);

int number_compare(const struct number *a, const struct number *b); /* -1, 0, 1 */
/* a op b into *out (which may be a or b). false: the result is negative or does not fit; *out is unspecified. */
bool number_add(const struct number *a, const struct number *b, struct number *out);
bool number_subtract(const struct number *a, const struct number *b, struct number *out);
bool number_multiply(const struct number *a, const struct number *b, struct number *out);

bool number_is_bcd(const uint8_t *p, size_t n);

#endif
