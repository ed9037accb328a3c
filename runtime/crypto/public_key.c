#include "runtime/crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

enum { RSA_MIN = 64, RSA_MAX = 512, HALF_MAX = 66 };

static const char *hash_name(enum digest_algorithm a)
{
	static const char *const names[] = {
	    NULL, "MD5", "SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512", "RIPEMD160"};
	return names[a];
}

static EVP_PKEY *make_key(const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *rsa_key(const uint8_t *n, size_t n_len, const uint8_t *e, size_t e_len)
{
	EVP_PKEY *key = NULL;
	BIGNUM *bn = BN_bin2bn(n, (int)n_len, NULL), *be = BN_bin2bn(e, (int)e_len, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (bn != NULL && be != NULL && build != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, be) == 1)
		key = make_key("RSA", build);
	OSSL_PARAM_BLD_free(build);
	BN_free(bn);
	BN_free(be);
	return key;
}

static EVP_PKEY *ec_key(const char *curve, const uint8_t *point, size_t n)
{
	EVP_PKEY *key = NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (build != NULL && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, n) == 1)
		key = make_key("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

static bool pss(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool right(EVP_PKEY *key, bool with_pss, enum digest_algorithm hash, const void *message, size_t n,
    const uint8_t *signature, size_t signature_len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	bool ok = md != NULL && hash != DIGEST_NONE &&
	    EVP_DigestVerifyInit_ex(md, &ctx, hash_name(hash), NULL, NULL, key, NULL) == 1 && (!with_pss || pss(ctx)) &&
	    EVP_DigestVerify(md, signature, signature_len, message, n) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

bool public_key_rsa_right(const uint8_t *modulus, size_t modulus_len, const uint8_t *exponent, size_t exponent_len,
    enum public_key_padding padding, enum digest_algorithm hash, const void *message, size_t n,
    const uint8_t *signature, size_t signature_len)
{
	if (modulus_len < RSA_MIN || modulus_len > RSA_MAX || exponent_len == 0 || exponent_len > 8)
		return false;
	EVP_PKEY *key = rsa_key(modulus, modulus_len, exponent, exponent_len);
	bool ok = key != NULL && right(key, padding == PUBLIC_KEY_PSS, hash, message, n, signature, signature_len);
	EVP_PKEY_free(key);
	return ok;
}

bool public_key_ec_right(const char *curve, const uint8_t *point, size_t point_len, enum digest_algorithm hash,
    const void *message, size_t n, const uint8_t *signature, size_t signature_len)
{
	uint8_t *der = NULL;
	int half = (int)signature_len / 2, der_len = 0;
	bool ok = false;
	EVP_PKEY *key = ec_key(curve, point, point_len);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = NULL, *s = NULL;
	if (key == NULL || sig == NULL || signature_len == 0 || signature_len % 2 != 0 || half > HALF_MAX)
		goto out;
	r = BN_bin2bn(signature, half, NULL);
	s = BN_bin2bn(signature + half, half, NULL);
	if (r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1)
		goto out;
	r = s = NULL;
	der_len = i2d_ECDSA_SIG(sig, &der);
	ok = der_len > 0 && right(key, false, hash, message, n, der, (size_t)der_len);
out:
	OPENSSL_free(der);
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	EVP_PKEY_free(key);
	return ok;
}
