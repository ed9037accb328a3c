#include "runtime/crypto/hmac.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

bool hmac_sha256(const void *key, size_t key_len, const void *p, size_t n, uint8_t out[HMAC_SHA256_LEN])
{
	unsigned len = 0;
	if (key_len <= INT32_MAX &&
	    HMAC(EVP_sha256(), key_len == 0 ? "" : key, (int)key_len, n == 0 ? (const uint8_t *)"" : p, n, out, &len) !=
		NULL &&
	    len == HMAC_SHA256_LEN)
		return true;
	memset(out, 0, HMAC_SHA256_LEN);
	return false;
}
