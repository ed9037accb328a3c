/* OpenSSL's EVP contexts live on the heap and cannot be kept in a card's memory; its older functions work on a plain
 * structure. They are deprecated, not gone. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "runtime/crypto/digest.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(sizeof(SHA512_CTX) <= DIGEST_STATE && sizeof(SHA256_CTX) <= DIGEST_STATE &&
	sizeof(SHA_CTX) <= DIGEST_STATE && sizeof(MD5_CTX) <= DIGEST_STATE,
    "digest.h says so");

static const size_t lengths[] = {0, 16, 20, 28, 32, 48, 64};

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
	}
	digest_begin(d, (enum digest_algorithm)d->algorithm);
}
