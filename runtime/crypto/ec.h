/* Curves over prime and binary fields given by their numbers, as cards hold them: ECDSA (FIPS 186-4, 6.4) and
 * Diffie-Hellman (IEEE P1363). Points are 04 || x || y. Random numbers come from the caller: a simulated card's from
 * its tape. */
#ifndef IGATA_CRYPTO_EC_H
#define IGATA_CRYPTO_EC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EC_BYTES_MAX = 67, EC_POINT_MAX = 1 + 2 * EC_BYTES_MAX };

struct ec_number {
	const uint8_t *p; /* high byte first */
	size_t n;
};

struct ec_curve {
	struct ec_number field, a, b, g, order; /* g is a point */
	bool binary;                            /* field is the polynomial, its highest bit the degree's */
};

/* Bytes of a coordinate and of the order (without leading zeros). */
size_t ec_field_bytes(const struct ec_curve *c);
size_t ec_order_bytes(const struct ec_curve *c);

/* A number from 1 to the order less 1 out of n random bytes (at least 8 more than the order has: FIPS 186-4 B.4.1). */
bool ec_scalar(const struct ec_curve *c, const uint8_t *random, size_t n, uint8_t *out);

/* Is the point on the curve and not at infinity? */
bool ec_point_right(const struct ec_curve *c, struct ec_number point);

/* scalar times a point (NULL: the curve's g); plus another point when `plus` is given. */
bool ec_multiply(const struct ec_curve *c, struct ec_number scalar, const struct ec_number *point,
    const struct ec_number *plus, uint8_t out[EC_POINT_MAX]);

/* Sign a hash with the number s and the nonce k; r and s_out have the order's bytes. false: take another k. */
bool ec_sign(const struct ec_curve *c, struct ec_number s, struct ec_number k, const uint8_t *hash, size_t hash_len,
    uint8_t *r, uint8_t *s_out);
bool ec_right(const struct ec_curve *c, struct ec_number w, const uint8_t *hash, size_t hash_len, struct ec_number r,
    struct ec_number s);

#endif
