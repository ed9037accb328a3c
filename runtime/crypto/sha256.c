#include "runtime/crypto/sha256.h"

#include <string.h>

#include <openssl/evp.h>

bool sha256(const void *p, size_t n, uint8_t out[SHA256_LEN])
{
	unsigned len = 0;
	if (EVP_Digest(n == 0 ? "" : p, n, out, &len, EVP_sha256(), NULL) == 1 && len == SHA256_LEN)
		return true;
	memset(out, 0, SHA256_LEN);
	return false;
}
