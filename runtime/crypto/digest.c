/* OpenSSL's EVP contexts live on the heap and cannot be kept in a card's memory; its older functions work on a plain
 * structure. They are deprecated, not gone. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "runtime/crypto/digest.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/ripemd.h>
#include <openssl/sha.h>

_Static_assert(sizeof(SHA512_CTX) <= DIGEST_STATE && sizeof(SHA256_CTX) <= DIGEST_STATE &&
	sizeof(SHA_CTX) <= DIGEST_STATE && sizeof(MD5_CTX) <= DIGEST_STATE && sizeof(RIPEMD160_CTX) <= DIGEST_STATE,
    "digest.h says so");

static const size_t lengths[] = {0, 16, 20, 28, 32, 48, 64, 20};

size_t digest_length(enum digest_algorithm a)
{
	return (size_t)a < sizeof lengths / sizeof lengths[0] ? lengths[a] : 0;
}

enum digest_algorithm digest_of_length(size_t n)
{
	for (int a = DIGEST_SHA1; a <= DIGEST_SHA512; a++)
		if (lengths[a] == n)
			return (enum digest_algorithm)a;
	return DIGEST_NONE;
}

void digest_begin(struct digest *d, enum digest_algorithm a)
{
	void *s = d->state.bytes;
	memset(d, 0, sizeof *d);
	d->algorithm = (uint8_t)a;
	switch (a) {
	case DIGEST_NONE:
		break;
	case DIGEST_MD5:
		MD5_Init(s);
		break;
	case DIGEST_SHA1:
		SHA1_Init(s);
		break;
	case DIGEST_SHA224:
		SHA224_Init(s);
		break;
	case DIGEST_SHA256:
		SHA256_Init(s);
		break;
	case DIGEST_SHA384:
		SHA384_Init(s);
		break;
	case DIGEST_SHA512:
		SHA512_Init(s);
		break;
	case DIGEST_RIPEMD160:
		RIPEMD160_Init(s);
		break;
	}
}

void digest_add(struct digest *d, const void *p, size_t n)
{
	void *s = d->state.bytes;
	if (n == 0)
		return;
	switch ((enum digest_algorithm)d->algorithm) {
	case DIGEST_NONE:
		break;
	case DIGEST_MD5:
		MD5_Update(s, p, n);
		break;
	case DIGEST_SHA1:
		SHA1_Update(s, p, n);
		break;
	case DIGEST_SHA224:
		SHA224_Update(s, p, n);
		break;
	case DIGEST_SHA256:
		SHA256_Update(s, p, n);
		break;
	case DIGEST_SHA384:
		SHA384_Update(s, p, n);
		break;
	case DIGEST_SHA512:
		SHA512_Update(s, p, n);
		break;
	case DIGEST_RIPEMD160:
		RIPEMD160_Update(s, p, n);
		break;
	}
}

void digest_end(struct digest *d, uint8_t out[DIGEST_MAX])
{
	void *s = d->state.bytes;
	switch ((enum digest_algorithm)d->algorithm) {
	case DIGEST_NONE:
		break;
	case DIGEST_MD5:
		MD5_Final(out, s);
		break;
	case DIGEST_SHA1:
		SHA1_Final(out, s);
		break;
	case DIGEST_SHA224:
		SHA224_Final(out, s);
		break;
	case DIGEST_SHA256:
		SHA256_Final(out, s);
		break;
	case DIGEST_SHA384:
		SHA384_Final(out, s);
		break;
	case DIGEST_SHA512:
		SHA512_Final(out, s);
		break;
	case DIGEST_RIPEMD160:
		RIPEMD160_Final(out, s);
		break;
	}
	digest_begin(d, (enum digest_algorithm)d->algorithm);
}

size_t digest_state(enum digest_algorithm a)
{
	switch (a) {
	case DIGEST_NONE:
		return 0;
	case DIGEST_MD5:
		return sizeof(MD5_CTX);
	case DIGEST_SHA1:
		return sizeof(SHA_CTX);
	case DIGEST_SHA224:
	case DIGEST_SHA256:
		return sizeof(SHA256_CTX);
	case DIGEST_SHA384:
	case DIGEST_SHA512:
		return sizeof(SHA512_CTX);
	case DIGEST_RIPEMD160:
		return sizeof(RIPEMD160_CTX);
	}
	return 0;
}

size_t digest_block(enum digest_algorithm a)
{
	return a == DIGEST_NONE ? 0 : a == DIGEST_SHA384 || a == DIGEST_SHA512 ? 128 : 64;
}

/* Words of the chaining value: MD5 and RIPEMD-160 have the low byte first. */
static void words32(uint32_t *h, const uint8_t *p, size_t n, bool low_first)
{
	for (size_t i = 0; i < n; i += 4)
		h[i / 4] = low_first
		    ? (uint32_t)p[i + 3] << 24 | (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 1] << 8 | p[i]
		    : (uint32_t)p[i] << 24 | (uint32_t)p[i + 1] << 16 | (uint32_t)p[i + 2] << 8 | p[i + 3];
}

static void words64(uint64_t *h, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h[i / 8] = h[i / 8] << 8 | p[i];
}

bool digest_resume(struct digest *d, enum digest_algorithm a, const uint8_t *chain, size_t n, uint64_t count)
{
	static const uint8_t chains[] = {0, 16, 20, 32, 32, 64, 64, 20};
	void *s = d->state.bytes;
	uint32_t h[8];
	uint64_t bits = count * 8;
	if (a == DIGEST_NONE || n != chains[a] || count == 0 || count % digest_block(a) != 0 || count >> 60 != 0)
		return false;
	digest_begin(d, a);
	words32(h, chain, n < sizeof h ? n : sizeof h, a == DIGEST_MD5 || a == DIGEST_RIPEMD160);
	switch (a) {
	case DIGEST_NONE:
		break;
	case DIGEST_MD5:
		*(MD5_CTX *)s = (MD5_CTX){
		    .A = h[0], .B = h[1], .C = h[2], .D = h[3], .Nl = (MD5_LONG)bits, .Nh = (MD5_LONG)(bits >> 32)};
		break;
	case DIGEST_SHA1:
		*(SHA_CTX *)s = (SHA_CTX){.h0 = h[0],
		    .h1 = h[1],
		    .h2 = h[2],
		    .h3 = h[3],
		    .h4 = h[4],
		    .Nl = (SHA_LONG)bits,
		    .Nh = (SHA_LONG)(bits >> 32)};
		break;
	case DIGEST_RIPEMD160:
		*(RIPEMD160_CTX *)s = (RIPEMD160_CTX){.A = h[0],
		    .B = h[1],
		    .C = h[2],
		    .D = h[3],
		    .E = h[4],
		    .Nl = (RIPEMD160_LONG)bits,
		    .Nh = (RIPEMD160_LONG)(bits >> 32)};
		break;
	case DIGEST_SHA224:
	case DIGEST_SHA256:
		memcpy(((SHA256_CTX *)s)->h, h, sizeof h);
		((SHA256_CTX *)s)->Nl = (SHA_LONG)bits;
		((SHA256_CTX *)s)->Nh = (SHA_LONG)(bits >> 32);
		break;
	case DIGEST_SHA384:
	case DIGEST_SHA512: {
		uint64_t h64[8] = {0};
		words64(h64, chain, n);
		for (int i = 0; i < 8; i++)
			((SHA512_CTX *)s)->h[i] = h64[i];
		((SHA512_CTX *)s)->Nl = bits;
		break;
	}
	}
	return true;
}
