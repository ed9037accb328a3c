/* HMAC with SHA-256: FIPS 198-1. */
#ifndef IGATA_CRYPTO_HMAC_H
#define IGATA_CRYPTO_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HMAC_SHA256_LEN = 32 };

/* The code of n bytes under a key. false: the library failed, and out is zero. */
bool hmac_sha256(const void *key, size_t key_len, const void *p, size_t n, uint8_t out[HMAC_SHA256_LEN]);

#endif
