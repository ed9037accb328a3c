/* Signatures by cards: published and foreign examples, and what is not such a key or not such a signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/crypto/signature.h"
#include "tests/unit/support/test_keys.h"

struct key {
	enum signature_key kind;
	const char *hex;
};

static const struct key keys[] = {
    {SIGNATURE_RSA_2048, TEST_RSA_2048},
    {SIGNATURE_RSA_3072, TEST_RSA_3072},
    {SIGNATURE_EC_P256, TEST_EC_P256},
    {SIGNATURE_EC_P384, TEST_EC_P384},
};
enum { KEYS = 4 };

static size_t bytes(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;
	assert_true(hex_decode(hex, strlen(hex), out, cap, &n));
	return n;
}

static struct buf public_of(const struct key *k)
{
	uint8_t der[PRIVATE_KEY_MAX];
	struct buf spki = {0};
	assert_true(signature_public_key(k->kind, der, bytes(k->hex, der, sizeof der), &spki));
	return spki;
}

static void made_signatures_are_right(void **state)
{
	(void)state;
	for (int i = 0; i < KEYS; i++)
		for (int h = SIGNATURE_SHA256; h <= SIGNATURE_SHA384; h++) {
			uint8_t der[PRIVATE_KEY_MAX];
			size_t n = bytes(keys[i].hex, der, sizeof der);
			struct buf spki = public_of(&keys[i]), sig = {0};
			enum signature_hash hash = (enum signature_hash)h;
			assert_true(signature_make(keys[i].kind, hash, der, n, "message", 7, &sig));
			assert_int_equal(sig.n, signature_length(keys[i].kind));
			assert_true(signature_right(keys[i].kind, hash, spki.p, spki.n, "message", 7, sig.p, sig.n));
			assert_false(signature_right(keys[i].kind, hash, spki.p, spki.n, "messagf", 7, sig.p, sig.n));
			assert_false(
			    signature_right(keys[i].kind, hash, spki.p, spki.n, "message", 7, sig.p, sig.n - 1));
			assert_false(signature_right(
			    keys[i].kind, hash == SIGNATURE_SHA256, spki.p, spki.n, "message", 7, sig.p, sig.n));
			sig.p[sig.n / 3] ^= 1;
			assert_false(signature_right(keys[i].kind, hash, spki.p, spki.n, "message", 7, sig.p, sig.n));
			buf_reset(&spki);
			buf_reset(&sig);
		}
}

static void foreign_signatures(void **state)
{
	(void)state;
	uint8_t der[PRIVATE_KEY_MAX], want[SIGNATURE_MAX];
	struct buf sig = {0}, spki = public_of(&keys[2]);
	size_t n = bytes(TEST_RSA_2048, der, sizeof der), w = bytes(TEST_RSA_2048_SAMPLE, want, sizeof want);
	assert_true(signature_make(SIGNATURE_RSA_2048, SIGNATURE_SHA256, der, n, "sample", 6, &sig));
	assert_int_equal(sig.n, w);
	assert_memory_equal(sig.p, want, w);
	w = bytes(TEST_EC_P256_SAMPLE, want, sizeof want);
	assert_true(signature_right(SIGNATURE_EC_P256, SIGNATURE_SHA256, spki.p, spki.n, "sample", 6, want, w));
	buf_reset(&sig);
	buf_reset(&spki);
}

static void what_is_no_such_key(void **state)
{
	(void)state;
	uint8_t der[PRIVATE_KEY_MAX + 1] = {0};
	struct buf out = {0};
	for (int i = 0; i < KEYS; i++) {
		size_t n = bytes(keys[i].hex, der, sizeof der);
		for (int k = 0; k < KEYS; k++)
			assert_int_equal(signature_private_key_fits(keys[k].kind, der, n), k == i);
		assert_false(signature_private_key_fits(keys[i].kind, der, n - 1));
		assert_false(signature_private_key_fits(keys[i].kind, der, n + 1));
		assert_false(signature_private_key_fits(keys[i].kind, der, 0));
		assert_false(signature_make(keys[(i + 1) % KEYS].kind, SIGNATURE_SHA256, der, n, "m", 1, &out));
		assert_false(signature_public_key(keys[(i + 1) % KEYS].kind, der, n, &out));
		assert_int_equal(out.n, 0);
	}
	size_t n = bytes(TEST_EC_P256, der, sizeof der);
	der[n - 1] ^= 1; /* the public half does not fit the private one */
	assert_false(signature_private_key_fits(SIGNATURE_EC_P256, der, n));
	buf_reset(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(made_signatures_are_right),
	    cmocka_unit_test(foreign_signatures),
	    cmocka_unit_test(what_is_no_such_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
