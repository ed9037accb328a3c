/* DSA (FIPS 186-4, 4) and Diffie-Hellman (NIST SP 800-56A, 5.7.1.1) by bare numbers, as cards hold them. Random numbers
 * come from the caller: a simulated card's from its tape. */
#ifndef IGATA_CRYPTO_DSA_H
#define IGATA_CRYPTO_DSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DSA_BYTES_MAX = 256 };

struct dsa_number {
	const uint8_t *p; /* high byte first */
	size_t n;
};

struct dsa_domain {
	struct dsa_number p, q, g;
};

/* Bytes of a number without leading zeros. */
size_t dsa_bytes(struct dsa_number x);

/* base^x mod p, in `n` bytes. false: p is even or longer, base is not from 1 to p - 1. */
bool dsa_power(struct dsa_number p, struct dsa_number base, struct dsa_number x, uint8_t *out, size_t n);

/* Is 1 < y < p - 1 (SP 800-56A, 5.6.2.3.1, partial)? */
bool dsa_public_right(struct dsa_number p, struct dsa_number y);

/* A number from 1 to q - 1 out of n random bytes, in q's bytes (FIPS 186-4 B.1.1: at least 8 more than q has). */
bool dsa_scalar(struct dsa_number q, const uint8_t *random, size_t n, uint8_t *out);

/* Could it be a domain: p, q odd, q divides p - 1, 1 < g < p, g^q = 1? */
bool dsa_domain_right(const struct dsa_domain *d);

/* Sign a hash with the number x and the nonce k; r and s have q's bytes. false: no domain, or take another k. */
bool dsa_sign(const struct dsa_domain *d, struct dsa_number x, struct dsa_number k, const uint8_t *hash,
    size_t hash_len, uint8_t *r, uint8_t *s);
bool dsa_right(const struct dsa_domain *d, struct dsa_number y, const uint8_t *hash, size_t hash_len,
    struct dsa_number r, struct dsa_number s);

#endif
