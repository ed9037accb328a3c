/* Signatures by cards: RSASSA-PKCS1-v1_5 (RFC 8017 8.2) and ECDSA (FIPS 186-4), over a named hash. An ECDSA signature
 * is r || s, each as long as the order of the curve (ISO/IEC 7816-8, BSI TR-03111 5.2.1), so that its length is known.
 */
#ifndef IGATA_CRYPTO_SIGNATURE_H
#define IGATA_CRYPTO_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

enum signature_key { SIGNATURE_RSA_2048, SIGNATURE_RSA_3072, SIGNATURE_EC_P256, SIGNATURE_EC_P384 };
enum signature_hash { SIGNATURE_SHA256, SIGNATURE_SHA384 };

enum { SIGNATURE_MAX = 384, PRIVATE_KEY_MAX = 2048 }; /* bytes; of a private key's DER */

/* Bytes of a signature by such a key. */
size_t signature_length(enum signature_key k);

/* Are the n bytes exactly a PKCS#8 PrivateKeyInfo (RFC 5958, DER, not encrypted) of such a key, fit for use? */
bool signature_private_key_fits(enum signature_key k, const uint8_t *pkcs8, size_t n);

/* Append the public key of a private key: SubjectPublicKeyInfo (RFC 5280 4.1.2.7), DER. */
bool signature_public_key(enum signature_key k, const uint8_t *pkcs8, size_t n, struct buf *spki);

/* Sign the hash of a message; append the signature. false: not such a key, or the library failed. */
bool signature_make(enum signature_key k, enum signature_hash h, const uint8_t *pkcs8, size_t pkcs8_len,
    const void *message, size_t n, struct buf *out);

/* Is it such a key's signature of the message? */
bool signature_right(enum signature_key k, enum signature_hash h, const uint8_t *spki, size_t spki_len,
    const void *message, size_t n, const uint8_t *signature, size_t signature_len);

#endif
