/* Message digests that grow piece by piece: SHA-1, SHA-224, SHA-256, SHA-384, SHA-512 (FIPS 180-4), MD5 (RFC 1321),
 * RIPEMD-160 (ISO/IEC 10118-3). The state is plain bytes: a simulated card keeps it in its memory, copies it, and loses
 * it with its power. */
#ifndef IGATA_CRYPTO_DIGEST_H
#define IGATA_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum digest_algorithm {
	DIGEST_NONE,
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA224,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
	DIGEST_RIPEMD160,
};

enum { DIGEST_MAX = 64, DIGEST_STATE = 224 };

struct digest {
	uint8_t algorithm; /* enum digest_algorithm */
	union {
		uint64_t align;
		uint8_t bytes[DIGEST_STATE];
	} state;
};

/* Bytes of a digest; 0 for DIGEST_NONE. */
size_t digest_length(enum digest_algorithm a);

/* The SHA with a digest of n bytes; DIGEST_NONE when there is none. */
enum digest_algorithm digest_of_length(size_t n);

void digest_begin(struct digest *d, enum digest_algorithm a);
void digest_add(struct digest *d, const void *p, size_t n);

/* The digest of what was added; d begins anew. */
void digest_end(struct digest *d, uint8_t out[DIGEST_MAX]);

/* Bytes of state.bytes that a digest uses, and of the blocks that it works on. */
size_t digest_state(enum digest_algorithm a);
size_t digest_block(enum digest_algorithm a);

/* Begin where a digest of the first `count` bytes of a message stood: chain is its n bytes of chaining value (32 for
 * SHA-224, 64 for SHA-384). false: another n, or count is 0 or no whole number of blocks. */
bool digest_resume(struct digest *d, enum digest_algorithm a, const uint8_t *chain, size_t n, uint64_t count);

#endif
