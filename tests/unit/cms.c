/* Signatures: the fixed form against OpenSSL's own CMS, every byte flipped, and keys that are refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "runtime/base/hex.h"
#include "runtime/crypto/cms.h"

static const char test_key[] = "samples/keys/public-test-key.pem";
static const char test_certificate[] = "samples/keys/public-test-certificate.pem";
static const char content[] = "what is signed";
static char folder[] = "/tmp/igata-cms-XXXXXX";

static struct buf sign(const char *pem)
{
	struct diag_list d = {0};
	struct buf out = {0};
	struct signing_key *k = signing_key_load(pem, &d);
	diag_print(stderr, &d, "en");
	assert_non_null(k);
	assert_true(cms_sign(k, content, sizeof content, &out, &d));
	signing_key_free(k);
	diag_reset(&d);
	return out;
}

/* The code of the one diagnostic, 0 when accepted. */
static enum diag_code verify(const uint8_t *sig, size_t n, const void *p, size_t len, struct certificate *who)
{
	struct diag_list d = {0};
	struct certificate c;
	bool ok = cms_verify(sig, n, p, len, who == NULL ? &c : who, "x", &d);
	assert_int_equal(d.n, ok ? 0 : 1);
	enum diag_code code = ok ? (enum diag_code)0 : d.row[0].code;
	diag_reset(&d);
	return code;
}

static void digests(void **state)
{
	(void)state;
	/* FIPS 180-4 examples (NIST CSRC, SHA_All.pdf): "abc", the empty message, and 448 bits. */
	static const char *const row[][2] = {
	    {"abc", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"},
	    {"", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1"},
	};
	uint8_t out[SHA256_LEN];
	char text[65];
	for (size_t i = 0; i < 3; i++) {
		assert_true(sha256(row[i][0], strlen(row[i][0]), out));
		assert_string_equal(hex_encode(text, out, sizeof out), row[i][1]);
	}
	assert_true(sha256(NULL, 0, out));
	assert_string_equal(hex_encode(text, out, sizeof out), row[1][1]);
}

static void signs_and_verifies(void **state)
{
	(void)state;
	struct buf a = sign(test_key), b = sign(test_key);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, a.n);
	struct certificate who, file;
	assert_int_equal(verify(a.p, a.n, content, sizeof content, &who), 0);
	assert_string_equal(who.subject, "CN=Igata PUBLIC TEST KEY - worthless");
	struct diag_list d = {0};
	size_t n = 0;
	assert_true(certificate_load(test_certificate, &file, 1, &n, &d));
	assert_int_equal(n, 1);
	assert_memory_equal(&who, &file, sizeof who);
	assert_int_equal(verify(a.p, a.n, content, sizeof content - 1, NULL), DIAG_SIGNATURE_WRONG);
	assert_int_equal(verify(a.p, a.n, "", 0, NULL), DIAG_SIGNATURE_WRONG);
	buf_reset(&a);
	buf_reset(&b);
}

/* OpenSSL's CMS makes the same structure, and finds ours good. Its DER may differ where RFC 5754 2 leaves a choice
 * (NULL parameters of SHA-256), so that its verdict is asked and not its bytes. */
static void openssl_agrees(void **state)
{
	(void)state;
	struct buf a = sign(test_key);
	const unsigned char *at = a.p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)a.n);
	assert_non_null(cms);
	assert_ptr_equal(at, a.p + a.n);
	BIO *bio = BIO_new_file(test_certificate, "r"), *data = BIO_new_mem_buf(content, sizeof content);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509_STORE *store = X509_STORE_new();
	assert_non_null(x);
	X509_STORE_add_cert(store, x);
	/* A certificate without extended key usage may sign anything; the purpose that CMS_verify assumes is mail. */
	X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
	assert_int_equal(CMS_verify(cms, NULL, store, data, NULL, CMS_BINARY | CMS_DETACHED), 1);
	unsigned char *again = NULL;
	int n = i2d_CMS_ContentInfo(cms, &again);
	assert_int_equal(n, a.n);
	assert_memory_equal(again, a.p, a.n);
	OPENSSL_free(again);
	BIO_free(bio);
	BIO_free(data);
	X509_free(x);
	X509_STORE_free(store);
	CMS_ContentInfo_free(cms);
	buf_reset(&a);
}

/* All bytes outside the certificate are either determined or under the signature; inside it the caller's digest of the
 * certificate decides (runtime/image), so here it may only change who signed. */
static void no_byte_can_be_changed_unseen(void **state)
{
	(void)state;
	struct buf a = sign(test_key);
	struct certificate good, who;
	assert_int_equal(verify(a.p, a.n, content, sizeof content, &good), 0);
	for (size_t i = 0; i < a.n; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			a.p[i] ^= (uint8_t)(1u << bit);
			if (verify(a.p, a.n, content, sizeof content, &who) == 0 &&
			    memcmp(good.id, who.id, sizeof who.id) == 0)
				fail_msg("bit %u of byte %zu", bit, i);
			a.p[i] ^= (uint8_t)(1u << bit);
		}
	for (size_t n = 0; n < a.n; n++)
		assert_int_equal(verify(a.p, n, content, sizeof content, NULL), DIAG_SIGNATURE_FORM);
	buf_u8(&a, 0);
	assert_int_equal(verify(a.p, a.n, content, sizeof content, NULL), DIAG_SIGNATURE_FORM);
	buf_reset(&a);
}

/* Two bytes behind the certificate, with every length around them made good. */
static void nothing_fits_behind_the_certificate(void **state)
{
	(void)state;
	enum { CERTIFICATE = 58 }; /* where it begins: cms.h draws what stands before */
	static const size_t length[] = {2, 17, 21, 56};
	struct buf a = sign(test_key), b = {0};
	assert_int_equal(a.p[CERTIFICATE], 0x30);
	size_t end = CERTIFICATE + 4 + (size_t)(a.p[CERTIFICATE + 2] << 8 | a.p[CERTIFICATE + 3]);
	buf_add(&b, a.p, end);
	buf_u16(&b, 0x0500);
	buf_add(&b, a.p + end, a.n - end);
	for (size_t i = 0; i < 4; i++) {
		unsigned n = (unsigned)(b.p[length[i]] << 8 | b.p[length[i] + 1]) + 2;
		b.p[length[i]] = (uint8_t)(n >> 8);
		b.p[length[i] + 1] = (uint8_t)n;
	}
	assert_int_equal(verify(b.p, b.n, content, sizeof content, NULL), DIAG_SIGNATURE_FORM);
	buf_reset(&a);
	buf_reset(&b);
}

static EVP_PKEY *make_key(const char *kind, int bits)
{
	if (strcmp(kind, "RSA") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	if (strcmp(kind, "EC") == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	if (strcmp(kind, "RSA-PSS") != 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, kind);
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	assert_true(EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits) == 1 &&
	    EVP_PKEY_keygen(ctx, &key) == 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static X509 *make_certificate(EVP_PKEY *key, const char *name, bool sha256)
{
	X509 *x = X509_new();
	X509_NAME *n = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, n);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, sha256 ? EVP_sha256() : NULL) > 0);
	return x;
}

/* A PEM file of key (with a pass phrase when given) and certificate; either may be NULL. */
static char *write_pem(EVP_PKEY *key, const char *pass, X509 *x)
{
	static char path[64];
	snprintf(path, sizeof path, "%s/k.pem", folder);
	BIO *bio = BIO_new_file(path, "w");
	assert_non_null(bio);
	if (x != NULL)
		PEM_write_bio_X509(bio, x);
	if (key != NULL)
		PEM_write_bio_PKCS8PrivateKey(
		    bio, key, pass == NULL ? NULL : EVP_aes_128_cbc(), NULL, 0, NULL, (void *)(uintptr_t)pass);
	BIO_free(bio);
	return path;
}

static void refused(const char *path, enum diag_code code, const char *word)
{
	struct diag_list d = {0};
	struct signing_key *k = signing_key_load(path, &d);
	assert_null(k);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.row[0].code, code);
	if (word != NULL)
		assert_string_equal(d.row[0].arg[0], word);
	diag_reset(&d);
}

static void other_keys_are_refused_by_name(void **state)
{
	(void)state;
	static const struct {
		const char *kind;
		int bits;
		enum diag_code code;
		const char *word;
	} row[] = {
	    {"EC", 256, DIAG_SIGN_KEY_KIND, "EC"},
	    {"ED25519", 256, DIAG_SIGN_KEY_KIND, "ED25519"},
	    {"RSA-PSS", 2048, DIAG_SIGN_KEY_KIND, "RSA-PSS"},
	    {"RSA", 1024, DIAG_SIGN_KEY_SIZE, "1024"},
	    {"RSA", 2047, DIAG_SIGN_KEY_SIZE, "2047"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		EVP_PKEY *key = make_key(row[i].kind, row[i].bits);
		assert_non_null(key);
		X509 *x = make_certificate(key, "n", strcmp(row[i].kind, "ED25519") != 0);
		refused(write_pem(key, NULL, x), row[i].code, row[i].word);
		/* Nor is its certificate one to trust. */
		struct diag_list d = {0};
		struct certificate c;
		size_t n = 0;
		assert_false(certificate_load(write_pem(NULL, NULL, x), &c, 1, &n, &d));
		assert_int_equal(d.row[0].code, row[i].code);
		diag_reset(&d);
		X509_free(x);
		EVP_PKEY_free(key);
	}
}

static void incomplete_files_are_refused_by_name(void **state)
{
	(void)state;
	EVP_PKEY *key = make_key("RSA", 2048), *other = make_key("RSA", 2048);
	X509 *x = make_certificate(key, "n", true);
	refused(write_pem(NULL, NULL, x), DIAG_SIGN_KEY_NONE, NULL);
	refused(write_pem(key, NULL, NULL), DIAG_SIGN_CERTIFICATE, NULL);
	refused(write_pem(key, "secret", x), DIAG_SIGN_KEY_ENCRYPTED, NULL);
	refused(write_pem(other, NULL, x), DIAG_SIGN_KEY_MISMATCH, NULL);
	refused("/dev/null", DIAG_SIGN_KEY_NONE, NULL);
	refused("/nonexistent/key.pem", DIAG_FILE_OPEN, NULL);
	struct buf good = sign(write_pem(key, NULL, x));
	assert_int_equal(verify(good.p, good.n, content, sizeof content, NULL), 0);
	buf_reset(&good);
	struct diag_list d = {0};
	struct certificate c;
	size_t n = 0;
	assert_false(certificate_load("/dev/null", &c, 1, &n, &d));
	assert_int_equal(d.row[0].code, DIAG_SIGN_CERTIFICATE);
	diag_reset(&d);
	X509_free(x);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void a_short_key_in_a_signature_is_refused(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct buf sig = {0};
	struct certificate who;
	EVP_PKEY *key = make_key("RSA", 1024);
	X509 *x = make_certificate(key, "n", true);
	BIO *data = BIO_new_mem_buf(content, sizeof content);
	CMS_ContentInfo *cms = CMS_sign(x, key, NULL, data, CMS_NOATTR | CMS_BINARY | CMS_DETACHED);
	assert_non_null(cms);
	unsigned char *der = NULL;
	int n = i2d_CMS_ContentInfo(cms, &der);
	assert_true(n > 0);
	assert_false(cms_verify(der, (size_t)n, content, sizeof content, &who, "x", &d));
	assert_int_equal(d.n, 1);
	/* Refused for its form where OpenSSL writes NULL parameters, else for its key. */
	assert_true(d.row[0].code == DIAG_SIGNATURE_FORM || d.row[0].code == DIAG_SIGN_KEY_SIZE);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(data);
	X509_free(x);
	EVP_PKEY_free(key);
	diag_reset(&d);
	buf_reset(&sig);
}

static void subjects_are_cut_and_cleaned(void **state)
{
	(void)state;
	EVP_PKEY *key = make_key("RSA", 2048);
	X509 *x = make_certificate(key, "\x1b[31m入退室カード発行者入退室カード発行者入退室カード", true);
	struct diag_list d = {0};
	struct certificate c;
	size_t n = 0;
	assert_true(certificate_load(write_pem(NULL, NULL, x), &c, 1, &n, &d));
	assert_null(strchr(c.subject, 0x1b));
	assert_non_null(strstr(c.subject, "入退室カード"));
	X509_free(x);
	EVP_PKEY_free(key);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	(void)state;
	char path[64];
	snprintf(path, sizeof path, "%s/k.pem", folder);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(digests),
	    cmocka_unit_test(signs_and_verifies),
	    cmocka_unit_test(openssl_agrees),
	    cmocka_unit_test(no_byte_can_be_changed_unseen),
	    cmocka_unit_test(nothing_fits_behind_the_certificate),
	    cmocka_unit_test(other_keys_are_refused_by_name),
	    cmocka_unit_test(incomplete_files_are_refused_by_name),
	    cmocka_unit_test(a_short_key_in_a_signature_is_refused),
	    cmocka_unit_test(subjects_are_cut_and_cleaned),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
