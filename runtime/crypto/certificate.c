#include "runtime/crypto/x509.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "runtime/base/file.h"
#include "runtime/base/utf8.h"

enum { PEM_MAX = 64 * 1024 };

static struct srcloc in_file(const char *path)
{
	return (struct srcloc){.file = path};
}

/* Cut at a character, and show control characters as '?'. */
static void copy_subject(char out[CERTIFICATE_SUBJECT], const char *s, size_t n)
{
	size_t at = 0;
	for (size_t i = 0; i < n;) {
		uint32_t cp = 0;
		size_t len = utf8_next((const uint8_t *)s + i, n - i, &cp);
		bool plain = len != 0 && cp >= 0x20 && (cp < 0x7f || cp > 0x9f);
		size_t room = plain ? len : 1;
		if (at + room >= CERTIFICATE_SUBJECT)
			break;
		if (plain)
			memcpy(out + at, s + i, len);
		else
			out[at] = '?';
		at += room;
		i += len == 0 ? 1 : len;
	}
	out[at] = 0;
}

static bool describe_subject(X509 *x, struct certificate *c)
{
	bool ok = false;
	char *text = NULL;
	long n = 0;
	unsigned long form = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
	BIO *mem = BIO_new(BIO_s_mem());
	if (mem == NULL || X509_NAME_print_ex(mem, X509_get_subject_name(x), 0, form) < 0 ||
	    (n = BIO_get_mem_data(mem, &text)) < 0)
		goto out;
	copy_subject(c->subject, n == 0 ? "" : text, (size_t)n);
	ok = true;
out:
	BIO_free(mem);
	return ok;
}

bool x509_describe(X509 *x, struct certificate *c)
{
	*c = (struct certificate){0};
	return X509_digest(x, EVP_sha256(), c->id, NULL) == 1 &&
	    ASN1_item_digest(ASN1_ITEM_rptr(X509_PUBKEY), EVP_sha256(), X509_get_X509_PUBKEY(x), c->key, NULL) == 1 &&
	    describe_subject(x, c);
}

bool x509_key_usable(EVP_PKEY *key, const char *path, struct diag_list *d)
{
	if (key == NULL)
		return diag_add(d, in_file(path), DIAG_SIGN_KEY_KIND, "?", NULL);
	if (!EVP_PKEY_is_a(key, "RSA")) {
		const char *name = EVP_PKEY_get0_type_name(key);
		return diag_add(d, in_file(path), DIAG_SIGN_KEY_KIND, name == NULL ? "?" : name, NULL);
	}
	int bits = EVP_PKEY_get_bits(key);
	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return diag_add(d, in_file(path), DIAG_SIGN_KEY_SIZE, diag_num(bits < 0 ? 0 : (unsigned)bits),
		    diag_num(RSA_BITS_MIN), diag_num(RSA_BITS_MAX), NULL);
	return true;
}

/* A PEM file as a BIO over b, which must live as long. */
static BIO *open_pem(const char *path, struct buf *b, struct diag_list *d)
{
	if (!file_read(path, PEM_MAX, b, d))
		return NULL;
	BIO *bio = BIO_new_mem_buf(b->n == 0 ? "" : (const char *)b->p, (int)b->n);
	if (bio == NULL)
		diag_add(d, in_file(path), DIAG_NO_MEMORY, NULL);
	return bio;
}

bool certificate_load(const char *path, struct certificate *out, size_t max, size_t *n, struct diag_list *d)
{
	bool ok = false;
	struct buf b = {0};
	X509 *x = NULL;
	*n = 0;
	BIO *bio = open_pem(path, &b, d);
	if (bio == NULL)
		goto out;
	while (*n < max && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		bool good = x509_key_usable(X509_get0_pubkey(x), path, d);
		if (good && !x509_describe(x, &out[*n]))
			good = diag_add(d, in_file(path), DIAG_CRYPTO, "X.509", NULL);
		X509_free(x);
		if (!good)
			goto out;
		++*n;
	}
	ok = *n > 0 || diag_add(d, in_file(path), DIAG_SIGN_CERTIFICATE, path, NULL);
out:
	ERR_clear_error();
	BIO_free(bio);
	buf_reset(&b);
	return ok;
}

/* Asked for a pass phrase only when the key has one: it is noted, and none is given. Never the terminal. */
static int no_pass_phrase(char *buf, int size, int writing, void *asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static bool read_pair(struct signing_key *k, const char *path, struct diag_list *d)
{
	bool ok = false, encrypted = false;
	struct buf b = {0};
	BIO *bio = open_pem(path, &b, d);
	if (bio == NULL)
		goto out;
	k->key = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, &encrypted);
	if (k->key == NULL) {
		diag_add(d, in_file(path), encrypted ? DIAG_SIGN_KEY_ENCRYPTED : DIAG_SIGN_KEY_NONE, path, NULL);
		goto out;
	}
	if (!x509_key_usable(k->key, path, d))
		goto out;
	if (BIO_reset(bio) != 1 || (k->x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)) == NULL) {
		diag_add(d, in_file(path), DIAG_SIGN_CERTIFICATE, path, NULL);
		goto out;
	}
	ok = X509_check_private_key(k->x509, k->key) == 1 ||
	    diag_add(d, in_file(path), DIAG_SIGN_KEY_MISMATCH, path, NULL);
out:
	ERR_clear_error();
	BIO_free(bio);
	buf_reset(&b);
	return ok;
}

struct signing_key *signing_key_load(const char *path, struct diag_list *d)
{
	struct signing_key *k = calloc(1, sizeof *k);
	if (k == NULL) {
		diag_add(d, in_file(path), DIAG_NO_MEMORY, NULL);
		return NULL;
	}
	if (!read_pair(k, path, d))
		goto fail;
	if (!x509_describe(k->x509, &k->certificate)) {
		diag_add(d, in_file(path), DIAG_CRYPTO, "X.509", NULL);
		goto fail;
	}
	return k;
fail:
	signing_key_free(k);
	return NULL;
}

const struct certificate *signing_key_certificate(const struct signing_key *k)
{
	return &k->certificate;
}

void signing_key_free(struct signing_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->key);
	X509_free(k->x509);
	free(k);
}
