#include "runtime/crypto/kdf.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

static void odd_parity(uint8_t *key, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned bits = 0;
		for (int b = 1; b < 8; b++)
			bits ^= (unsigned)(key[i] >> b) & 1u;
		key[i] = (uint8_t)((key[i] & 0xfe) | (bits ^ 1u));
	}
}

bool kdf_icao9303(
    enum cipher_algorithm a, const uint8_t *seed, size_t seed_len, uint32_t counter, uint8_t *key, size_t key_len)
{
	uint8_t c[4] = {(uint8_t)(counter >> 24), (uint8_t)(counter >> 16), (uint8_t)(counter >> 8), (uint8_t)counter};
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool ok = false;
	EVP_MD_CTX *ctx = NULL;
	EVP_MD *md = NULL;
	if (key_len != 16 && (a != CIPHER_AES || (key_len != 24 && key_len != 32)))
		return false;
	if ((md = EVP_MD_fetch(NULL, key_len == 16 ? "SHA1" : "SHA256", NULL)) == NULL ||
	    (ctx = EVP_MD_CTX_new()) == NULL)
		goto out;
	if (EVP_DigestInit_ex2(ctx, md, NULL) != 1 || EVP_DigestUpdate(ctx, seed, seed_len) != 1 ||
	    EVP_DigestUpdate(ctx, c, sizeof c) != 1 || EVP_DigestFinal_ex(ctx, hash, &n) != 1 || n < key_len)
		goto out;
	memcpy(key, hash, key_len);
	if (a == CIPHER_DES_EDE2)
		odd_parity(key, key_len);
	ok = true;
out:
	OPENSSL_cleanse(hash, sizeof hash);
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return ok;
}

bool kdf_sp800_108(const uint8_t *master, size_t master_len, const void *label, size_t label_len, const void *context,
    size_t context_len, uint8_t *out, size_t out_len)
{
	const char *cipher = master_len == 16 ? "AES-128-CBC"
	    : master_len == 24                ? "AES-192-CBC"
	    : master_len == 32                ? "AES-256-CBC"
					      : NULL;
	EVP_KDF *kdf = NULL;
	EVP_KDF_CTX *ctx = NULL;
	bool ok = false;
	if (cipher == NULL)
		return false;
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, (char *)(uintptr_t) "CMAC", 0),
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, (char *)(uintptr_t)cipher, 0),
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, (char *)(uintptr_t) "COUNTER", 0),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)master, master_len),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)label, label_len),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)context, context_len),
	    OSSL_PARAM_construct_end(),
	};
	if ((kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL)) == NULL || (ctx = EVP_KDF_CTX_new(kdf)) == NULL)
		goto out;
	ok = EVP_KDF_derive(ctx, out, out_len, params) == 1;
out:
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok;
}
