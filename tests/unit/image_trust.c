/* Whose signature an image has, and whether anybody trusts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "runtime/crypto/cms.h"
#include "tests/unit/support/image_kit.h"

static const char test_certificate[] = "samples/keys/public-test-certificate.pem";
static char folder[] = "/tmp/igata-trust-XXXXXX";
static char own_key[64], own_certificate[64];

static void keys_are_trusted_only_when_given(void **state)
{
	(void)state;
	static struct image img;
	static const struct {
		const char *key, *trust;
		enum image_trust want;
	} row[] = {
	    {NULL, NULL, IMAGE_UNSIGNED},
	    {NULL, own_certificate, IMAGE_UNSIGNED},
	    {test_key, NULL, IMAGE_TEST_SIGNED},
	    {test_key, own_certificate, IMAGE_TEST_SIGNED},
	    {own_key, NULL, IMAGE_UNKNOWN_KEY},
	    {own_key, own_certificate, IMAGE_TRUSTED},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct diag_list d = {0};
		struct buf b = sample(row[i].key);
		assert_true(image_read(&img, b.p, b.n, "x", row[i].trust, &d));
		assert_int_equal(img.trust, row[i].want);
		assert_true(image_trust_text(img.trust, "en")[0] != 0 && image_trust_text(img.trust, "ja")[0] != 0);
		assert_true(image_trust_word(img.trust)[0] != 0);
		image_reset(&img);
		buf_reset(&b);
	}
	struct buf b = sample(own_key);
	assert_int_equal(read_code(b.p, b.n, test_certificate), DIAG_IMAGE_TRUST_TEST_KEY);
	assert_int_equal(read_code(b.p, b.n, "/dev/null"), DIAG_SIGN_CERTIFICATE);
	buf_reset(&b);
}

/* The signature of one's own key under a manifest that names another certificate. */
static void signatures_cannot_be_exchanged(void **state)
{
	(void)state;
	static struct image a, b;
	struct diag_list d = {0};
	struct buf mine = sample(own_key), theirs = sample(test_key), out = {0};
	assert_true(image_read(&a, mine.p, mine.n, "x", NULL, &d));
	assert_true(image_read(&b, theirs.p, theirs.n, "x", NULL, &d));
	struct buf mixed[IMAGE_ENTRIES];
	memcpy(mixed, b.entry, sizeof mixed);
	mixed[IMAGE_SIGNATURE] = a.entry[IMAGE_SIGNATURE];
	pack(mixed, IMAGE_ENTRIES, &out);
	assert_int_equal(read_code(out.p, out.n, NULL), DIAG_SIGNATURE_WRONG);
	/* Signed again with one's own key, while the manifest still names the other. */
	struct signing_key *k = load_key(own_key);
	struct buf sig = {0};
	assert_true(cms_sign(k, b.entry[IMAGE_MANIFEST].p, b.entry[IMAGE_MANIFEST].n, &sig, &d));
	mixed[IMAGE_SIGNATURE] = sig;
	buf_clear(&out);
	pack(mixed, IMAGE_ENTRIES, &out);
	assert_int_equal(read_code(out.p, out.n, NULL), DIAG_IMAGE_SIGNER);
	/* Signed, while the manifest says that it is not. */
	struct buf plain = sample(NULL);
	image_reset(&b);
	assert_true(image_read(&b, plain.p, plain.n, "x", NULL, &d));
	buf_clear(&sig);
	assert_true(cms_sign(k, b.entry[IMAGE_MANIFEST].p, b.entry[IMAGE_MANIFEST].n, &sig, &d));
	memcpy(mixed, b.entry, sizeof mixed);
	mixed[IMAGE_SIGNATURE] = sig;
	buf_clear(&out);
	pack(mixed, IMAGE_ENTRIES, &out);
	assert_int_equal(read_code(out.p, out.n, NULL), DIAG_IMAGE_SIGNER);
	signing_key_free(k);
	buf_reset(&sig);
	buf_reset(&out);
	buf_reset(&plain);
	buf_reset(&mine);
	buf_reset(&theirs);
	image_reset(&a);
	image_reset(&b);
}

/* A key of our own with its certificate, as a PEM file each. */
static void write_own_key(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	X509 *x = X509_new();
	X509_NAME_add_entry_by_txt(
	    X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"own", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	FILE *f = fopen(own_key, "w"), *g = fopen(own_certificate, "w");
	assert_non_null(f);
	assert_non_null(g);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	PEM_write_X509(f, x);
	PEM_write_X509(g, x);
	fclose(f);
	fclose(g);
	X509_free(x);
	EVP_PKEY_free(key);
}

static int prepare(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(own_key, sizeof own_key, "%s/own.pem", folder);
	snprintf(own_certificate, sizeof own_certificate, "%s/own-certificate.pem", folder);
	write_own_key();
	return 0;
}

static int clean(void **state)
{
	(void)state;
	unlink(own_key);
	unlink(own_certificate);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_are_trusted_only_when_given),
	    cmocka_unit_test(signatures_cannot_be_exchanged),
	};
	return cmocka_run_group_tests(tests, prepare, clean);
}
