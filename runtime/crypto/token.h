/* Signatures of GlobalPlatform's tokens and DAP blocks, and public keys for cards: Card Specification 2.3.1, appendix
 * B.
 *
 * RSA of up to 1024 bits signs with PKCS#1 v1.5 and SHA-1 (B.3.1, scheme 1), longer RSA with PSS and SHA-256 (scheme
 * 2). EC signs with ECDSA, r || s, and a hash of the curve's strength: SHA-256, SHA-384, SHA-512 (B.4.3). */
#ifndef IGATA_CRYPTO_TOKEN_H
#define IGATA_CRYPTO_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

enum { TOKEN_RSA_MIN = 1024, TOKEN_RSA_MAX = 4096 };

/* Append the signature of n bytes by the private key in PEM text (without pass phrase). false: no such key, or the
 * library failed. */
bool token_sign(const uint8_t *pem, size_t pem_len, const void *p, size_t n, struct buf *out);

/* Is it the signature of n bytes by the private key's public half, in PEM text (private or public)? */
bool token_right(const uint8_t *pem, size_t pem_len, const void *p, size_t n, const uint8_t *sig, size_t sig_len);

/* Append the SHA-1 (older) or SHA-256 digest. */
bool token_hash(bool older, const void *p, size_t n, struct buf *out);

/* A public key from PEM text, private or public. */
struct token_public {
	bool rsa;
	struct buf n, e;  /* RSA: modulus, exponent */
	struct buf point; /* EC: 04 || x || y */
	uint8_t curve;    /* GPC table B-2: 00 P-256, 01 P-384, 02 P-521, 03 brainpoolP256r1 … */
};
bool token_public_read(struct token_public *k, const uint8_t *pem, size_t pem_len);
void token_public_reset(struct token_public *k);

#endif
