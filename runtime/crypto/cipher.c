/* SEED is in OpenSSL's legacy provider, which an installation may lack; its older functions are in the library itself,
 * deprecated, not gone. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "runtime/crypto/cipher.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/seed.h>

enum way { CBC_ENCRYPT, CBC_DECRYPT, ECB_ENCRYPT, ECB_DECRYPT, WAYS };

struct cipher {
	size_t block;
	SEED_KEY_SCHEDULE *seed;
	EVP_CIPHER *mode[2]; /* CBC, ECB */
	EVP_CIPHER_CTX *ctx[WAYS];
};

static const char *mode_name(enum cipher_algorithm a, size_t key_len, bool cbc)
{
	if (a == CIPHER_DES_EDE2)
		return key_len != 16 ? NULL : cbc ? "DES-EDE-CBC" : "DES-EDE-ECB";
	if (a == CIPHER_DES)
		return key_len != 24 ? NULL : cbc ? "DES-EDE3-CBC" : "DES-EDE3-ECB";
	switch (key_len) {
	case 16:
		return cbc ? "AES-128-CBC" : "AES-128-ECB";
	case 24:
		return cbc ? "AES-192-CBC" : "AES-192-ECB";
	case 32:
		return cbc ? "AES-256-CBC" : "AES-256-ECB";
	default:
		return NULL;
	}
}

static bool is_ecb(enum way w)
{
	return w == ECB_ENCRYPT || w == ECB_DECRYPT;
}

static bool keyed(struct cipher *c, enum way w, EVP_CIPHER *mode, const uint8_t *key)
{
	static const uint8_t zero[CIPHER_BLOCK_MAX];
	c->ctx[w] = EVP_CIPHER_CTX_new();
	return c->ctx[w] != NULL &&
	    EVP_CipherInit_ex2(
		c->ctx[w], mode, key, is_ecb(w) ? NULL : zero, w == CBC_ENCRYPT || w == ECB_ENCRYPT, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(c->ctx[w], 0) == 1;
}

/* Single DES is in OpenSSL's legacy provider only; triple DES with one key three times is single DES. */
static struct cipher *des_new(const uint8_t *key, size_t key_len)
{
	uint8_t whole[24];
	if (key_len != 8 && key_len != 16)
		return NULL;
	memcpy(whole, key, 8);
	memcpy(whole + 8, key + key_len - 8, 8);
	memcpy(whole + 16, key, 8);
	struct cipher *c = cipher_new(CIPHER_DES, whole, sizeof whole);
	OPENSSL_cleanse(whole, sizeof whole);
	return c;
}

static struct cipher *seed_new(const uint8_t *key, size_t key_len)
{
	struct cipher *c = key_len != 16 ? NULL : calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	c->block = 16;
	c->seed = calloc(1, sizeof *c->seed);
	if (c->seed == NULL) {
		free(c);
		return NULL;
	}
	SEED_set_key(key, c->seed);
	return c;
}

struct cipher *cipher_new(enum cipher_algorithm a, const uint8_t *key, size_t key_len)
{
	if (a == CIPHER_DES && key_len != 24)
		return des_new(key, key_len);
	if (a == CIPHER_SEED)
		return seed_new(key, key_len);
	const char *cbc = mode_name(a, key_len, true), *ecb = mode_name(a, key_len, false);
	if (cbc == NULL)
		return NULL;
	struct cipher *c = calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	c->block = a == CIPHER_AES ? 16 : 8;
	c->mode[0] = EVP_CIPHER_fetch(NULL, cbc, NULL);
	c->mode[1] = EVP_CIPHER_fetch(NULL, ecb, NULL);
	if (c->mode[0] == NULL || c->mode[1] == NULL || !keyed(c, CBC_ENCRYPT, c->mode[0], key) ||
	    !keyed(c, CBC_DECRYPT, c->mode[0], key) || !keyed(c, ECB_ENCRYPT, c->mode[1], key) ||
	    !keyed(c, ECB_DECRYPT, c->mode[1], key)) {
		cipher_free(c);
		return NULL;
	}
	return c;
}

void cipher_free(struct cipher *c)
{
	if (c == NULL)
		return;
	for (int w = 0; w < WAYS; w++)
		EVP_CIPHER_CTX_free(c->ctx[w]); /* cleanses the key schedule */
	EVP_CIPHER_free(c->mode[0]);
	EVP_CIPHER_free(c->mode[1]);
	if (c->seed != NULL)
		OPENSSL_cleanse(c->seed, sizeof *c->seed);
	free(c->seed);
	free(c);
}

size_t cipher_block(const struct cipher *c)
{
	return c->block;
}

static bool run_seed(const struct cipher *c, enum way w, const uint8_t *iv, const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t chain[16];
	memcpy(chain, iv, sizeof chain);
	if (!is_ecb(w))
		SEED_cbc_encrypt(in, out, n, c->seed, chain, w == CBC_ENCRYPT);
	for (size_t i = 0; is_ecb(w) && i < n; i += c->block)
		SEED_ecb_encrypt(in + i, out + i, c->seed, w == ECB_ENCRYPT);
	return true;
}

static bool run(struct cipher *c, enum way w, const uint8_t *iv, const uint8_t *in, size_t n, uint8_t *out)
{
	static const uint8_t zero[CIPHER_BLOCK_MAX];
	int done = 0;
	if (n % c->block != 0 || n > (1u << 20))
		return false;
	if (c->seed != NULL)
		return run_seed(c, w, iv == NULL ? zero : iv, in, n, out);
	if (iv == NULL && !is_ecb(w))
		iv = zero;
	/* Key NULL keeps the key schedule, only the IV is new. */
	if (EVP_CipherInit_ex2(c->ctx[w], NULL, NULL, iv, -1, NULL) != 1)
		return false;
	return EVP_CipherUpdate(c->ctx[w], out, &done, in, (int)n) == 1 && done == (int)n;
}

bool cipher_cbc_encrypt(struct cipher *c, const uint8_t *iv, const uint8_t *in, size_t n, uint8_t *out)
{
	return run(c, CBC_ENCRYPT, iv, in, n, out);
}

bool cipher_cbc_decrypt(struct cipher *c, const uint8_t *iv, const uint8_t *in, size_t n, uint8_t *out)
{
	return run(c, CBC_DECRYPT, iv, in, n, out);
}

bool cipher_ecb_encrypt(struct cipher *c, const uint8_t *in, size_t n, uint8_t *out)
{
	return run(c, ECB_ENCRYPT, NULL, in, n, out);
}

bool cipher_ecb_decrypt(struct cipher *c, const uint8_t *in, size_t n, uint8_t *out)
{
	return run(c, ECB_DECRYPT, NULL, in, n, out);
}
