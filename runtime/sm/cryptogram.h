/* The terminal's cryptograms of EXTERNAL and INTERNAL AUTHENTICATE with a symmetric key: E(K, challenge), one block.
 * AP contract, section 8. What asymmetric keys sign is checked by runtime/crypto/signature.h. */
#ifndef IGATA_SM_CRYPTOGRAM_H
#define IGATA_SM_CRYPTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/cipher.h"

/* E(K, challenge); the challenge has the cipher's block length: 8 bytes for DES-EDE2, 16 for AES. false: another
 * length of key or challenge, or the library failed. */
bool sm_cryptogram(enum cipher_algorithm a, const uint8_t *key, size_t key_len, const uint8_t *challenge,
    size_t challenge_len, uint8_t out[CIPHER_BLOCK_MAX]);

/* Is answer what a card with this key answers to the challenge? */
bool sm_cryptogram_right(enum cipher_algorithm a, const uint8_t *key, size_t key_len, const uint8_t *challenge,
    size_t challenge_len, const uint8_t *answer, size_t n);

#endif
