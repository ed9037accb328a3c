#include "runtime/crypto/cms.h"

#include <limits.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/err.h>

#include "runtime/crypto/x509.h"

enum { FORM = CMS_DETACHED | CMS_BINARY | CMS_NOATTR };

static BIO *content_of(const void *p, size_t n)
{
	return n > INT_MAX ? NULL : BIO_new_mem_buf(n == 0 ? "" : p, (int)n);
}

/* All but the signature itself. */
static CMS_ContentInfo *begin(X509 *x, EVP_PKEY *key)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, FORM | CMS_PARTIAL);
	if (cms != NULL && CMS_add1_signer(cms, x, key, EVP_sha256(), FORM) != NULL)
		return cms;
	CMS_ContentInfo_free(cms);
	return NULL;
}

/* Append the DER of one of at most CMS_MAX bytes. */
static bool put(const CMS_ContentInfo *cms, struct buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_CMS_ContentInfo(cms, &der);
	bool ok = n > 0 && n <= CMS_MAX;
	if (ok)
		buf_add(out, der, (size_t)n);
	OPENSSL_free(der);
	return ok && !out->bad;
}

bool cms_sign(const struct signing_key *k, const void *p, size_t n, struct buf *out, struct diag_list *d)
{
	CMS_ContentInfo *cms = begin(k->x509, k->key);
	BIO *content = content_of(p, n);
	bool ok = cms != NULL && content != NULL && CMS_final(cms, content, NULL, FORM) == 1 && put(cms, out);
	if (!ok)
		diag_add(d, (struct srcloc){0}, DIAG_CRYPTO, "CMS", NULL);
	ERR_clear_error();
	BIO_free(content);
	CMS_ContentInfo_free(cms);
	return ok;
}

/* The one certificate of a structure with one signer, NULL when there are more or fewer. */
static X509 *certificate_of(CMS_ContentInfo *cms)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	STACK_OF(X509) *all = CMS_get1_certs(cms);
	X509 *x = NULL;
	if (sk_X509_num(all) == 1 && sk_CMS_SignerInfo_num(signers) == 1)
		x = sk_X509_pop(all);
	sk_X509_pop_free(all, X509_free);
	return x;
}

static ASN1_OCTET_STRING *signature_of(CMS_ContentInfo *cms)
{
	return CMS_SignerInfo_get0_signature(sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0));
}

/* Is it what cms_sign makes with this certificate and this signature, byte for byte? Building it does not need the
 * private key: CMS_add1_signer compares public keys and signs nothing yet. */
static bool has_the_form(CMS_ContentInfo *cms, X509 *x, const uint8_t *sig, size_t n)
{
	const ASN1_OCTET_STRING *signature = signature_of(cms);
	struct buf again = {0};
	CMS_ContentInfo *expected = begin(x, X509_get0_pubkey(x));
	bool same = expected != NULL &&
	    ASN1_STRING_set(signature_of(expected), ASN1_STRING_get0_data(signature), ASN1_STRING_length(signature)) ==
		1 &&
	    put(expected, &again) && again.n == n && memcmp(again.p, sig, n) == 0;
	CMS_ContentInfo_free(expected);
	buf_reset(&again);
	return same;
}

static CMS_ContentInfo *parse(const uint8_t *sig, size_t n)
{
	return n == 0 || n > CMS_MAX ? NULL : d2i_CMS_ContentInfo(NULL, &sig, (long)n);
}

bool cms_verify(const uint8_t *sig, size_t sig_n, const void *p, size_t n, struct certificate *who, const char *name,
    struct diag_list *d)
{
	struct srcloc at = {.file = name};
	X509 *x = NULL;
	bool ok = false;
	CMS_ContentInfo *cms = parse(sig, sig_n);
	BIO *content = content_of(p, n);
	if (cms == NULL || (x = certificate_of(cms)) == NULL) {
		diag_add(d, at, DIAG_SIGNATURE_FORM, NULL);
		goto out;
	}
	if (!x509_key_usable(X509_get0_pubkey(x), name, d))
		goto out;
	if (!has_the_form(cms, x, sig, sig_n)) {
		diag_add(d, at, DIAG_SIGNATURE_FORM, NULL);
		goto out;
	}
	if (content == NULL || CMS_verify(cms, NULL, NULL, content, NULL, FORM | CMS_NO_SIGNER_CERT_VERIFY) != 1) {
		diag_add(d, at, DIAG_SIGNATURE_WRONG, NULL);
		goto out;
	}
	ok = x509_describe(x, who) || diag_add(d, at, DIAG_CRYPTO, "X.509", NULL);
out:
	ERR_clear_error();
	X509_free(x);
	BIO_free(content);
	CMS_ContentInfo_free(cms);
	return ok;
}
