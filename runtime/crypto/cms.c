#include "runtime/crypto/cms.h"

#include <string.h>

#include <openssl/err.h>

#include "runtime/base/tlv.h"
#include "runtime/crypto/x509.h"

/* Tags of DER: X.690 8.1.2 and the universal numbers of X.680 8.4. */
enum {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_EXPLICIT_0 = 0xa0,
};

/* OBJECT IDENTIFIER values with tag and length, and whole AlgorithmIdentifiers. */
static const uint8_t oid_signed_data[] = {0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2};   /* RFC 5652 5.1 */
static const uint8_t id_data[] = {0x30, 11, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1}; /* RFC 5652 4 */
static const uint8_t alg_sha256[] = {
    0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 1}; /* RFC 5754 2: parameters absent */
static const uint8_t alg_rsa[] = {
    0x30, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0}; /* RFC 5754 3.2: NULL */

/* Put a tag and a length before what `in` holds, append it to out, empty `in`. */
static void wrap(struct buf *out, unsigned tag, struct buf *in)
{
	tlv_put(out, tag, in->p, in->n);
	out->bad = out->bad || in->bad;
	buf_reset(in);
}

static void put_signer_info(struct buf *out, X509 *x, const uint8_t *signature, size_t n)
{
	struct buf who = {0}, info = {0};
	tlv_put_u8(&info, DER_INTEGER, 1); /* version 1: named by issuer and serial number (RFC 5652 5.3) */
	who.bad = !x509_issuer_and_serial(x, &who);
	wrap(&info, DER_SEQUENCE, &who);
	buf_add(&info, alg_sha256, sizeof alg_sha256);
	buf_add(&info, alg_rsa, sizeof alg_rsa);
	tlv_put(&info, DER_OCTETS, signature, n);
	wrap(out, DER_SEQUENCE, &info);
}

/* The whole structure from the two things that are not determined. */
static bool put(struct buf *out, X509 *x, const uint8_t *der, size_t der_n, const uint8_t *signature, size_t n)
{
	struct buf signed_data = {0}, sequence = {0}, infos = {0}, info = {0};
	tlv_put_u8(&signed_data, DER_INTEGER, 1); /* version 1: id-data, no version 3 parts (RFC 5652 5.1) */
	tlv_put(&signed_data, DER_SET, alg_sha256, sizeof alg_sha256);
	buf_add(&signed_data, id_data, sizeof id_data);
	tlv_put(&signed_data, DER_EXPLICIT_0, der, der_n);
	put_signer_info(&infos, x, signature, n);
	wrap(&signed_data, DER_SET, &infos);
	wrap(&sequence, DER_SEQUENCE, &signed_data);
	buf_add(&info, oid_signed_data, sizeof oid_signed_data);
	wrap(&info, DER_EXPLICIT_0, &sequence);
	wrap(out, DER_SEQUENCE, &info);
	return !out->bad;
}

static bool sign_bytes(EVP_PKEY *key, const void *p, size_t n, uint8_t *signature, size_t *len)
{
	bool ok = false;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1)
		goto out;
	ok = EVP_DigestSign(ctx, signature, len, n == 0 ? (const unsigned char *)"" : p, n) == 1;
out:
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

bool cms_sign(const struct signing_key *k, const void *p, size_t n, struct buf *out, struct diag_list *d)
{
	uint8_t signature[RSA_BITS_MAX / 8];
	size_t len = sizeof signature;
	if (!sign_bytes(k->key, p, n, signature, &len) || !put(out, k->x509, k->der.p, k->der.n, signature, len))
		return diag_add(d, (struct srcloc){0}, DIAG_CRYPTO, "RSA", NULL);
	return true;
}

/* Step into the next data object, which must have this tag. */
static struct rd into(struct rd *r, unsigned tag)
{
	struct tlv t;
	if (tlv_next(r, &t) && t.tag == tag)
		return t.value;
	r->bad = true;
	return (struct rd){.bad = true};
}

static void skip(struct rd *r, unsigned times)
{
	struct tlv t;
	while (times-- > 0)
		if (!tlv_next(r, &t))
			r->bad = true;
}

/* Find the certificate and the signature. What stands around them is compared afterwards. */
static bool find(const uint8_t *sig, size_t n, struct rd *certificate, struct rd *signature)
{
	struct rd file = rd_of(sig, n);
	struct rd info = into(&file, DER_SEQUENCE);
	skip(&info, 1); /* contentType */
	struct rd explicit = into(&info, DER_EXPLICIT_0);
	struct rd data = into(&explicit, DER_SEQUENCE);
	skip(&data, 3); /* version, digestAlgorithms, encapContentInfo */
	*certificate = into(&data, DER_EXPLICIT_0);
	struct rd infos = into(&data, DER_SET);
	struct rd signer = into(&infos, DER_SEQUENCE);
	skip(&signer, 4); /* version, sid, digestAlgorithm, signatureAlgorithm */
	*signature = into(&signer, DER_OCTETS);
	return !signature->bad && !signer.bad && !certificate->bad;
}

static bool verify_bytes(EVP_PKEY *key, const void *p, size_t n, const uint8_t *signature, size_t len)
{
	bool ok = false;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) != 1)
		goto out;
	ok = EVP_DigestVerify(ctx, signature, len, n == 0 ? (const unsigned char *)"" : p, n) == 1;
out:
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

bool cms_verify(const uint8_t *sig, size_t sig_n, const void *p, size_t n, struct certificate *who, const char *name,
    struct diag_list *d)
{
	struct srcloc at = {.file = name};
	struct rd certificate, signature;
	struct buf again = {0};
	X509 *x = NULL;
	bool ok = false;
	if (sig_n > CMS_MAX || !find(sig, sig_n, &certificate, &signature) ||
	    (x = x509_from_der(certificate.p, certificate.n)) == NULL ||
	    !put(&again, x, certificate.p, certificate.n, signature.p, signature.n) || again.n != sig_n ||
	    memcmp(again.p, sig, sig_n) != 0) {
		diag_add(d, at, DIAG_SIGNATURE_FORM, NULL);
		goto out;
	}
	if (!x509_key_usable(X509_get0_pubkey(x), name, d))
		goto out;
	if (!verify_bytes(X509_get0_pubkey(x), p, n, signature.p, signature.n)) {
		diag_add(d, at, DIAG_SIGNATURE_WRONG, NULL);
		goto out;
	}
	ok = x509_describe(x, who) || diag_add(d, at, DIAG_CRYPTO, "X.509", NULL);
out:
	ERR_clear_error();
	X509_free(x);
	buf_reset(&again);
	return ok;
}
