/* Key derivation. */
#ifndef IGATA_CRYPTO_KDF_H
#define IGATA_CRYPTO_KDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/cipher.h"

/* KDF of ICAO Doc 9303-11, 9.7.1: hash of seed || counter (4 bytes), SHA-1 for DES-EDE2 and AES-128, SHA-256 above, the
 * first key_len bytes; DES keys get odd parity. false: a length the clause does not know, or the library failed. */
bool kdf_icao9303(
    enum cipher_algorithm a, const uint8_t *seed, size_t seed_len, uint32_t counter, uint8_t *key, size_t key_len);

/* NIST SP 800-108r1 4.1, counter mode with AES-CMAC: [i] (4 bytes from 1) || label || 00 || context || [L] (4 bytes, in
 * bits). The master key has 16, 24 or 32 bytes. false: another length, or the library failed. */
bool kdf_sp800_108(const uint8_t *master, size_t master_len, const void *label, size_t label_len, const void *context,
    size_t context_len, uint8_t *out, size_t out_len);

#endif
