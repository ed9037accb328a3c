/* RSA by bare numbers, as cards hold them, and the paddings of PKCS #1 (RFC 8017). Random bytes come from the caller: a
 * simulated card's from its tape. */
#ifndef IGATA_CRYPTO_RSA_H
#define IGATA_CRYPTO_RSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/digest.h"

enum { RSA_BYTES_MAX = 512 };

struct rsa_number {
	const uint8_t *p; /* high byte first */
	size_t n;
};

/* out = x^e mod m; x and out have n bytes. false: x is not below m, m is even, or the library failed. */
bool rsa_power(struct rsa_number m, struct rsa_number e, const uint8_t *x, size_t n, uint8_t *out);

/* The same with p, q, d mod p-1, d mod q-1, 1/q mod p (RFC 8017 5.1.2). */
bool rsa_power_crt(const struct rsa_number part[5], const uint8_t *x, size_t n, uint8_t *out);

/* Gives n random bytes. */
struct rsa_random {
	void (*fill)(void *context, uint8_t *out, size_t n);
	void *context;
};

/* A new key of `bits` (a multiple of 16) with the public exponent e (odd): p, q of bits / 16 bytes each, p > q. false:
 * no exponent, or the library failed. */
bool rsa_generate(unsigned bits, struct rsa_number e, struct rsa_random random, uint8_t *p, uint8_t *q);
/* What follows from p and q, each number of `half` bytes: modulus and d of 2 half bytes, dp, dq, pq of half bytes. */
bool rsa_derive(const uint8_t *p, const uint8_t *q, size_t half, struct rsa_number e, uint8_t *modulus, uint8_t *d,
    uint8_t *dp, uint8_t *dq, uint8_t *pq);

/* Messages of n bytes (the modulus's length) from and to padded ones. false: too long, or wrongly padded. */
bool rsa_pad_type1(const uint8_t *m, size_t m_len, uint8_t *out, size_t n);                           /* 9.2 */
bool rsa_pad_type2(const uint8_t *m, size_t m_len, struct rsa_random random, uint8_t *out, size_t n); /* 7.2.1 */
bool rsa_unpad(const uint8_t *in, size_t n, uint8_t type, const uint8_t **m, size_t *m_len);          /* 7.2.2 */
bool rsa_pad_oaep(enum digest_algorithm hash, const uint8_t *m, size_t m_len, struct rsa_random random, uint8_t *out,
    size_t n); /* 7.1.1, no label */
bool rsa_unpad_oaep(enum digest_algorithm hash, uint8_t *in, size_t n, const uint8_t **m, size_t *m_len);
/* EMSA-PKCS1-v1_5 of a digest (9.2), EMSA-PSS (9.1) for a modulus of exactly 8n bits. */
bool rsa_emsa_pkcs1(enum digest_algorithm hash, const uint8_t *digest, uint8_t *out, size_t n);
bool rsa_emsa_pss(
    enum digest_algorithm hash, const uint8_t *digest, const uint8_t *salt, size_t salt_len, uint8_t *out, size_t n);
bool rsa_emsa_pss_right(enum digest_algorithm hash, const uint8_t *digest, size_t salt_len, uint8_t *in, size_t n);

#endif
