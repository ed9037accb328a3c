/* The cryptographic library refuses memory at one of its allocations after the other: whatever happens then is said by
 * a diagnostic, nothing is accepted that should not be, and nothing leaks (the sanitizers' build sees that). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/crypto.h>

#include "runtime/crypto/cms.h"

static const char key_path[] = "samples/keys/public-test-key.pem";
static const char certificate_path[] = "samples/keys/public-test-certificate.pem";
static const char content[] = "content";

static long left = -1; /* allocations until one fails; -1 never */

static bool refuse(void)
{
	if (left < 0)
		return false;
	return left-- == 0;
}

static void *give(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return refuse() ? NULL : malloc(n);
}

static void *give_again(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return refuse() ? NULL : realloc(p, n);
}

static void take(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* Load the key, sign, verify, read a certificate. The number of steps that succeeded. */
static int steps(struct diag_list *d, const struct buf *forged)
{
	int done = 0;
	size_t n = 0;
	struct buf sig = {0};
	struct certificate who;
	struct signing_key *k = signing_key_load(key_path, d);
	if (k != NULL && cms_sign(k, content, sizeof content, &sig, d))
		done += 2;
	if (sig.n != 0 && cms_verify(sig.p, sig.n, content, sizeof content, &who, "x", d))
		done++;
	if (certificate_load(certificate_path, &who, 1, &n, d))
		done++;
	if (forged != NULL) {
		struct diag_list ignored = {0};
		assert_false(cms_verify(forged->p, forged->n, content, sizeof content, &who, "x", &ignored));
		assert_int_equal(ignored.n, 1);
		diag_reset(&ignored);
	}
	signing_key_free(k);
	buf_reset(&sig);
	return done;
}

/* A signature of the right form over something else. */
static struct buf forge(void)
{
	struct diag_list d = {0};
	struct buf sig = {0};
	struct signing_key *k = signing_key_load(key_path, &d);
	assert_true(cms_sign(k, "other", 5, &sig, &d));
	signing_key_free(k);
	return sig;
}

static void allocations_fail_in_turn(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct buf forged = forge();
	assert_int_equal(steps(&d, &forged), 4); /* what the library keeps for good is there now */
	bool library_failed = false;
	long k = 0;
	for (; k < 100000; k += 1 + k / 64) { /* each of the first, then every so many */
		left = k;
		int done = steps(&d, &forged);
		bool reached = left < 0;
		left = -1;
		assert_true(done == 4 || d.n > 0);
		for (size_t i = 0; i < d.n; i++)
			library_failed = library_failed || d.row[i].code == DIAG_CRYPTO;
		diag_reset(&d);
		if (!reached)
			break;
	}
	assert_true(k > 100);
	assert_true(library_failed);
	assert_int_equal(steps(&d, &forged), 4);
	assert_int_equal(d.n, 0);
	buf_reset(&forged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail_in_turn)};
	if (CRYPTO_set_mem_functions(give, give_again, take) != 1)
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
