#include "runtime/crypto/signature.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "runtime/crypto/ecdsa.h"

static bool is_rsa(enum signature_key k)
{
	return k == SIGNATURE_RSA_2048 || k == SIGNATURE_RSA_3072;
}

size_t signature_length(enum signature_key k)
{
	switch (k) {
	case SIGNATURE_RSA_2048:
		return 256;
	case SIGNATURE_RSA_3072:
		return 384;
	case SIGNATURE_EC_P256:
		return 64;
	case SIGNATURE_EC_P384:
		return 96;
	}
	return 0;
}

static bool is_kind(EVP_PKEY *p, enum signature_key k)
{
	char group[32];
	size_t n = 0;
	if (is_rsa(k))
		return EVP_PKEY_get_base_id(p) == EVP_PKEY_RSA &&
		    EVP_PKEY_get_bits(p) == (int)(8 * signature_length(k));
	return EVP_PKEY_get_base_id(p) == EVP_PKEY_EC && EVP_PKEY_get_group_name(p, group, sizeof group, &n) == 1 &&
	    OBJ_sn2nid(group) == (k == SIGNATURE_EC_P256 ? NID_X9_62_prime256v1 : NID_secp384r1);
}

static EVP_PKEY *kind_or_null(EVP_PKEY *p, enum signature_key k)
{
	if (p != NULL && is_kind(p, k))
		return p;
	EVP_PKEY_free(p);
	return NULL;
}

static EVP_PKEY *private_key(enum signature_key k, const uint8_t *der, size_t n)
{
	const uint8_t *p = der;
	EVP_PKEY *key = NULL;
	if (n == 0 || n > PRIVATE_KEY_MAX)
		return NULL;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)n);
	if (info != NULL && p == der + n)
		key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info); /* cleanses the key */
	return kind_or_null(key, k);
}

static EVP_PKEY *public_key(enum signature_key k, const uint8_t *der, size_t n)
{
	const uint8_t *p = der;
	EVP_PKEY *key = n == 0 || n > PRIVATE_KEY_MAX ? NULL : d2i_PUBKEY(NULL, &p, (long)n);
	if (key != NULL && p != der + n) {
		EVP_PKEY_free(key);
		return NULL;
	}
	return kind_or_null(key, k);
}

bool signature_private_key_fits(enum signature_key k, const uint8_t *pkcs8, size_t n)
{
	EVP_PKEY *key = private_key(k, pkcs8, n);
	EVP_PKEY_CTX *ctx = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
	bool ok = ctx != NULL && EVP_PKEY_pairwise_check(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

bool signature_public_key(enum signature_key k, const uint8_t *pkcs8, size_t n, struct buf *spki)
{
	uint8_t *der = NULL;
	EVP_PKEY *key = private_key(k, pkcs8, n);
	int len = key == NULL ? -1 : i2d_PUBKEY(key, &der);
	if (len > 0)
		buf_add(spki, der, (size_t)len);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return len > 0 && !spki->bad;
}

static const EVP_MD *hash_of(enum signature_hash h)
{
	return h == SIGNATURE_SHA384 ? EVP_sha384() : EVP_sha256();
}

static bool make_rsa(EVP_PKEY *key, enum signature_hash h, const void *message, size_t n, uint8_t *sig, size_t *len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, hash_of(h), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, sig, len, message, n) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static bool make_ecdsa(
    EVP_PKEY *key, enum signature_hash h, const void *message, size_t n, uint8_t *sig, size_t sig_len)
{
	uint8_t digest[EVP_MAX_MD_SIZE], number[ECDSA_HALF_MAX];
	unsigned digest_len = 0;
	size_t half = sig_len / 2;
	BIGNUM *x = NULL;
	bool ok = EVP_Digest(message, n, digest, &digest_len, hash_of(h), NULL) == 1 &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &x) == 1 &&
	    BN_bn2binpad(x, number, (int)half) == (int)half && ecdsa_sign(number, half, digest, digest_len, sig);
	BN_clear_free(x);
	OPENSSL_cleanse(number, sizeof number);
	return ok;
}

bool signature_make(enum signature_key k, enum signature_hash h, const uint8_t *pkcs8, size_t pkcs8_len,
    const void *message, size_t n, struct buf *out)
{
	uint8_t sig[SIGNATURE_MAX];
	size_t len = signature_length(k);
	EVP_PKEY *key = private_key(k, pkcs8, pkcs8_len);
	bool ok = key != NULL &&
	    (is_rsa(k) ? make_rsa(key, h, message, n, sig, &len) : make_ecdsa(key, h, message, n, sig, len));
	if (ok)
		buf_add(out, sig, len);
	EVP_PKEY_free(key);
	return ok && !out->bad;
}

/* r || s -> DER; the caller frees it with OPENSSL_free. */
static int to_der(const uint8_t *plain, size_t half, uint8_t **der)
{
	int n = -1;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(plain, (int)half, NULL), *s = BN_bin2bn(plain + half, (int)half, NULL);
	if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL; /* they belong to sig now */
		n = i2d_ECDSA_SIG(sig, der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return n;
}

bool signature_right(enum signature_key k, enum signature_hash h, const uint8_t *spki, size_t spki_len,
    const void *message, size_t n, const uint8_t *signature, size_t signature_len)
{
	uint8_t *der = NULL;
	bool ok = false;
	if (signature_len != signature_length(k))
		return false;
	EVP_PKEY *key = public_key(k, spki, spki_len);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (key == NULL || ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, hash_of(h), NULL, key) != 1)
		goto out;
	if (!is_rsa(k)) {
		int len = to_der(signature, signature_len / 2, &der);
		ok = len > 0 && EVP_DigestVerify(ctx, der, (size_t)len, message, n) == 1;
	} else
		ok = EVP_DigestVerify(ctx, signature, signature_len, message, n) == 1;
out:
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}
