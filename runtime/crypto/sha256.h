/* SHA-256: FIPS 180-4. */
#ifndef IGATA_CRYPTO_SHA256_H
#define IGATA_CRYPTO_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_LEN = 32 };

/* The digest of n bytes (p may be NULL when n is 0). false: the library failed, and out is zero. */
bool sha256(const void *p, size_t n, uint8_t out[SHA256_LEN]);

#endif
