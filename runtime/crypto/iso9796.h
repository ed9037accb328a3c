/* ISO/IEC 9796-2:2002, digital signature scheme 1 (EMV 2000 book 2, A2.1): messages that an RSA signature carries in
 * part or whole, with the trailer BC. The modulus has n bytes, its highest bit set. */
#ifndef IGATA_CRYPTO_ISO9796_H
#define IGATA_CRYPTO_ISO9796_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/digest.h"

/* Most bytes of a message that the signature carries; 0: none. */
size_t iso9796_capacity(enum digest_algorithm hash, size_t n);

/* The block to be signed: m1 is the message, or as much of it as is carried when there is more. false: m1 is longer
 * than the capacity, or shorter although there is more. */
bool iso9796_pad(enum digest_algorithm hash, const uint8_t *digest, const uint8_t *m1, size_t m1_len, bool more,
    uint8_t *out, size_t n);

/* What an opened signature carries: m1 and the digest lie in it. false: it is no such block. */
struct iso9796 {
	const uint8_t *m1, *digest;
	size_t m1_len;
	bool more;
};
bool iso9796_open(enum digest_algorithm hash, const uint8_t *in, size_t n, struct iso9796 *out);

#endif
