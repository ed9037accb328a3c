#include "runtime/crypto/token.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

/* GPC 2.3.1, table B-2. */
static const struct {
	int nid;
	uint8_t number;
} curves[] = {{NID_X9_62_prime256v1, 0x00}, {NID_secp384r1, 0x01}, {NID_secp521r1, 0x02}, {NID_brainpoolP256r1, 0x03},
    {NID_brainpoolP256t1, 0x04}, {NID_brainpoolP384r1, 0x05}, {NID_brainpoolP384t1, 0x06}, {NID_brainpoolP512r1, 0x07},
    {NID_brainpoolP512t1, 0x08}};

/* A pass phrase is never asked for. */
static int no_pass_phrase(char *buf, int size, int writing, void *user)
{
	(void)buf, (void)size, (void)writing, (void)user;
	return -1;
}

static bool usable(EVP_PKEY *k)
{
	int type = EVP_PKEY_get_base_id(k), bits = EVP_PKEY_get_bits(k);
	return (type == EVP_PKEY_RSA && bits >= TOKEN_RSA_MIN && bits <= TOKEN_RSA_MAX) ||
	    (type == EVP_PKEY_EC && bits >= 256 && bits <= 521);
}

static EVP_PKEY *read_key(const uint8_t *pem, size_t n, bool private_only)
{
	EVP_PKEY *k = NULL;
	BIO *b = n > 65536 ? NULL : BIO_new_mem_buf(pem, (int)n);
	if (b != NULL)
		k = PEM_read_bio_PrivateKey(b, NULL, no_pass_phrase, NULL);
	if (k == NULL && b != NULL && !private_only && BIO_reset(b) == 1)
		k = PEM_read_bio_PUBKEY(b, NULL, no_pass_phrase, NULL);
	BIO_free(b);
	if (k != NULL && !usable(k)) {
		EVP_PKEY_free(k);
		k = NULL;
	}
	return k;
}

static const EVP_MD *hash_for(EVP_PKEY *k)
{
	int bits = EVP_PKEY_get_bits(k);
	if (EVP_PKEY_get_base_id(k) == EVP_PKEY_RSA)
		return bits <= 1024 ? EVP_sha1() : EVP_sha256();
	return bits < 384 ? EVP_sha256() : bits < 512 ? EVP_sha384() : EVP_sha512();
}

static bool scheme(EVP_PKEY *k, EVP_PKEY_CTX *ctx)
{
	if (EVP_PKEY_get_base_id(k) != EVP_PKEY_RSA || EVP_PKEY_get_bits(k) <= 1024)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* DER -> r || s, each as long as the order. */
static bool put_plain(EVP_PKEY *k, const uint8_t *der, size_t n, struct buf *out)
{
	uint8_t half[66];
	const uint8_t *p = der;
	int len = (EVP_PKEY_get_bits(k) + 7) / 8;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	bool ok = sig != NULL;
	for (int i = 0; ok && i < 2; i++) {
		ok = BN_bn2binpad(i == 0 ? ECDSA_SIG_get0_r(sig) : ECDSA_SIG_get0_s(sig), half, len) == len;
		if (ok)
			buf_add(out, half, (size_t)len);
	}
	ECDSA_SIG_free(sig);
	return ok;
}

bool token_sign(const uint8_t *pem, size_t pem_len, const void *p, size_t n, struct buf *out)
{
	uint8_t sig[TOKEN_RSA_MAX / 8];
	size_t len = sizeof sig;
	EVP_PKEY_CTX *pctx = NULL; /* belongs to ctx */
	EVP_PKEY *k = read_key(pem, pem_len, true);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = k != NULL && ctx != NULL && EVP_DigestSignInit(ctx, &pctx, hash_for(k), NULL, k) == 1 &&
	    scheme(k, pctx) && EVP_DigestSign(ctx, sig, &len, p, n) == 1;
	if (ok && EVP_PKEY_get_base_id(k) == EVP_PKEY_EC)
		ok = put_plain(k, sig, len, out);
	else if (ok)
		buf_add(out, sig, len);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return ok && !out->bad;
}

static int to_der(const uint8_t *sig, size_t n, uint8_t **der)
{
	int len = -1;
	ECDSA_SIG *s = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(sig, (int)(n / 2), NULL), *v = BN_bin2bn(sig + n / 2, (int)(n / 2), NULL);
	if (s != NULL && r != NULL && v != NULL && ECDSA_SIG_set0(s, r, v) == 1) {
		r = v = NULL; /* they belong to s now */
		len = i2d_ECDSA_SIG(s, der);
	}
	BN_free(r);
	BN_free(v);
	ECDSA_SIG_free(s);
	return len;
}

bool token_right(const uint8_t *pem, size_t pem_len, const void *p, size_t n, const uint8_t *sig, size_t sig_len)
{
	uint8_t *der = NULL;
	EVP_PKEY_CTX *pctx = NULL;
	EVP_PKEY *k = read_key(pem, pem_len, false);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok =
	    k != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, &pctx, hash_for(k), NULL, k) == 1 && scheme(k, pctx);
	if (ok && EVP_PKEY_get_base_id(k) == EVP_PKEY_EC) {
		int len = sig_len == 2 * (size_t)((EVP_PKEY_get_bits(k) + 7) / 8) ? to_der(sig, sig_len, &der) : -1;
		ok = len > 0 && EVP_DigestVerify(ctx, der, (size_t)len, p, n) == 1;
	} else if (ok)
		ok = EVP_DigestVerify(ctx, sig, sig_len, p, n) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return ok;
}

bool token_hash(bool older, const void *p, size_t n, struct buf *out)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	if (EVP_Digest(p, n, digest, &len, older ? EVP_sha1() : EVP_sha256(), NULL) != 1)
		return false;
	buf_add(out, digest, len);
	return !out->bad;
}

static bool put_number(EVP_PKEY *k, const char *what, struct buf *out)
{
	BIGNUM *v = NULL;
	uint8_t bytes[TOKEN_RSA_MAX / 8];
	bool ok = EVP_PKEY_get_bn_param(k, what, &v) == 1 && BN_num_bytes(v) <= (int)sizeof bytes;
	if (ok)
		buf_add(out, bytes, (size_t)BN_bn2bin(v, bytes));
	BN_free(v);
	return ok && !out->bad;
}

static bool read_point(struct token_public *k, EVP_PKEY *key)
{
	char group[64];
	uint8_t point[1 + 2 * 66];
	size_t n = 0;
	if (EVP_PKEY_get_group_name(key, group, sizeof group, &n) != 1 ||
	    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &n) != 1 || n == 0 ||
	    point[0] != 4)
		return false;
	buf_add(&k->point, point, n);
	for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
		if (curves[i].nid == OBJ_txt2nid(group)) {
			k->curve = curves[i].number;
			return !k->point.bad;
		}
	return false;
}

bool token_public_read(struct token_public *k, const uint8_t *pem, size_t pem_len)
{
	EVP_PKEY *key = read_key(pem, pem_len, false);
	*k = (struct token_public){0};
	if (key == NULL)
		return false;
	k->rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
	bool ok = k->rsa
	    ? put_number(key, OSSL_PKEY_PARAM_RSA_N, &k->n) && put_number(key, OSSL_PKEY_PARAM_RSA_E, &k->e)
	    : read_point(k, key);
	EVP_PKEY_free(key);
	return ok;
}

void token_public_reset(struct token_public *k)
{
	buf_reset(&k->n);
	buf_reset(&k->e);
	buf_reset(&k->point);
}
