/* Deterministic ECDSA: RFC 6979. The same key and hash give the same signature, so that a simulated card's answers
 * depend on nothing but its seed and its commands. */
#ifndef IGATA_CRYPTO_ECDSA_H
#define IGATA_CRYPTO_ECDSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ECDSA_HALF_MAX = 48 };

/* Sign a hash (with the same hash for the nonce) with the private number of `half` bytes: 32 for P-256, 48 for P-384.
 * out is r || s, twice `half`. false: another length, or the library failed. */
bool ecdsa_sign(const uint8_t *number, size_t half, const uint8_t *hash, size_t hash_len, uint8_t *out);

#endif
