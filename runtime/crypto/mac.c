#include "runtime/crypto/mac.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "runtime/crypto/cipher.h"

/* Single DES is in OpenSSL's legacy provider only. Triple DES with one key three times is single DES, so the retail MAC
 * is CBC under K1 K1 for all blocks but the last, and EDE under K1 K2 for the last. */
struct mac {
	enum mac_algorithm algorithm;
	EVP_MAC *cmac;
	EVP_MAC_CTX *ctx;
	struct cipher *first; /* K1 K1 */
	struct cipher *last;  /* K1 K2 */
};

static bool retail_keys(struct mac *m, const uint8_t *key, size_t key_len)
{
	uint8_t single[16];
	if (key_len != 16)
		return false;
	memcpy(single, key, 8);
	memcpy(single + 8, key, 8);
	m->first = cipher_new(CIPHER_DES_EDE2, single, 16);
	m->last = cipher_new(CIPHER_DES_EDE2, key, 16);
	OPENSSL_cleanse(single, sizeof single);
	return m->first != NULL && m->last != NULL;
}

static bool cmac_key(struct mac *m, const uint8_t *key, size_t key_len)
{
	const char *cipher = key_len == 16 ? "AES-128-CBC"
	    : key_len == 24                ? "AES-192-CBC"
	    : key_len == 32                ? "AES-256-CBC"
					   : NULL;
	if (cipher == NULL)
		return false;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)(uintptr_t)cipher, 0),
	    OSSL_PARAM_construct_end()};
	if ((m->cmac = EVP_MAC_fetch(NULL, "CMAC", NULL)) == NULL || (m->ctx = EVP_MAC_CTX_new(m->cmac)) == NULL)
		return false;
	return EVP_MAC_init(m->ctx, key, key_len, params) == 1;
}

struct mac *mac_new(enum mac_algorithm a, const uint8_t *key, size_t key_len)
{
	struct mac *m = calloc(1, sizeof *m);
	if (m == NULL)
		return NULL;
	m->algorithm = a;
	if (a == MAC_RETAIL_DES ? retail_keys(m, key, key_len) : cmac_key(m, key, key_len))
		return m;
	mac_free(m);
	return NULL;
}

void mac_free(struct mac *m)
{
	if (m == NULL)
		return;
	EVP_MAC_CTX_free(m->ctx);
	EVP_MAC_free(m->cmac);
	cipher_free(m->first);
	cipher_free(m->last);
	free(m);
}

size_t mac_length(const struct mac *m)
{
	return m->algorithm == MAC_RETAIL_DES ? 8 : 16;
}

/* CBC under K1 over all blocks but the last, in runs of one call of the library each. */
static bool retail(struct mac *m, const uint8_t *p, size_t n, uint8_t out[MAC_MAX])
{
	uint8_t run[512], chain[8] = {0}, block[8];
	if (n == 0 || n % 8 != 0)
		return false;
	for (size_t at = 0, step; at < n - 8; at += step) {
		step = n - 8 - at < sizeof run ? n - 8 - at : sizeof run;
		if (!cipher_cbc_encrypt(m->first, chain, p + at, step, run))
			return false;
		memcpy(chain, run + step - 8, 8);
	}
	for (int i = 0; i < 8; i++)
		block[i] = chain[i] ^ p[n - 8 + (size_t)i];
	return cipher_ecb_encrypt(m->last, block, 8, out);
}

bool mac_compute_pieces(struct mac *m, const struct mac_piece *piece, size_t pieces, uint8_t out[MAC_MAX])
{
	size_t got = 0;
	/* Key NULL: the same key again, much cheaper than a new one. */
	if (m->algorithm != MAC_CMAC_AES || EVP_MAC_init(m->ctx, NULL, 0, NULL) != 1)
		return false;
	for (size_t i = 0; i < pieces; i++)
		if (piece[i].n != 0 && EVP_MAC_update(m->ctx, piece[i].p, piece[i].n) != 1)
			return false;
	return EVP_MAC_final(m->ctx, out, &got, MAC_MAX) == 1 && got == MAC_MAX;
}

bool mac_compute(struct mac *m, const uint8_t *p, size_t n, uint8_t out[MAC_MAX])
{
	struct mac_piece whole = {p, n};
	return m->algorithm == MAC_RETAIL_DES ? retail(m, p, n, out) : mac_compute_pieces(m, &whole, 1, out);
}
