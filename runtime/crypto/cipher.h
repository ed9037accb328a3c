/* Keyed block ciphers: AES (FIPS 197), DES and triple DES, SEED (both ISO/IEC 18033-3), in ECB and CBC without padding.
 * A context keeps the fetched algorithm and the key schedule: a session makes it once (a new key costs three times a
 * block). */
#ifndef IGATA_CRYPTO_CIPHER_H
#define IGATA_CRYPTO_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cipher_algorithm { CIPHER_DES_EDE2, CIPHER_AES, CIPHER_DES, CIPHER_SEED };

enum { CIPHER_BLOCK_MAX = 16 };

struct cipher;

/* A context for a key: 16 bytes for DES-EDE2; 16, 24 or 32 for AES; for DES 8 (single), 16 or 24 (triple); 16 for SEED.
 * NULL: another length, or the library failed. */
struct cipher *cipher_new(enum cipher_algorithm a, const uint8_t *key, size_t key_len);
void cipher_free(struct cipher *c); /* wipes the key; NULL is fine */

size_t cipher_block(const struct cipher *c); /* bytes: 8 or 16 */

/* CBC over n bytes, a multiple of the block; out may be in. iv NULL is all zero. false: the library failed or n is not
 * a multiple. */
bool cipher_cbc_encrypt(struct cipher *c, const uint8_t *iv, const uint8_t *in, size_t n, uint8_t *out);
bool cipher_cbc_decrypt(struct cipher *c, const uint8_t *iv, const uint8_t *in, size_t n, uint8_t *out);

/* One block or several, each on its own. */
bool cipher_ecb_encrypt(struct cipher *c, const uint8_t *in, size_t n, uint8_t *out);
bool cipher_ecb_decrypt(struct cipher *c, const uint8_t *in, size_t n, uint8_t *out);

#endif
