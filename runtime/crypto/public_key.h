/* Signatures under public keys that come as bare numbers, as cards hold them: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC
 * 8017 8.2, 8.1; MGF1 with the same hash), ECDSA (FIPS 186-4; the signature is r || s). */
#ifndef IGATA_CRYPTO_PUBLIC_KEY_H
#define IGATA_CRYPTO_PUBLIC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/digest.h"

enum public_key_padding { PUBLIC_KEY_PKCS1, PUBLIC_KEY_PSS };

/* Is it the key's signature of the message? PSS: the salt is as long as the hash. */
bool public_key_rsa_right(const uint8_t *modulus, size_t modulus_len, const uint8_t *exponent, size_t exponent_len,
    enum public_key_padding padding, enum digest_algorithm hash, const void *message, size_t n,
    const uint8_t *signature, size_t signature_len);

/* curve: OpenSSL's name ("P-256", "brainpoolP256r1"); point: 04 || x || y. */
bool public_key_ec_right(const char *curve, const uint8_t *point, size_t point_len, enum digest_algorithm hash,
    const void *message, size_t n, const uint8_t *signature, size_t signature_len);

#endif
