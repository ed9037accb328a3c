/* Signatures by cards: published and foreign examples, and what is not such a key or not such a signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/crypto/ecdsa.h"
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
	buf_clear(&sig);
	n = bytes(TEST_EC_P256, der, sizeof der);
	w = bytes(TEST_EC_P256_SAMPLE, want, sizeof want);
	assert_true(signature_make(SIGNATURE_EC_P256, SIGNATURE_SHA256, der, n, "sample", 6, &sig));
	assert_int_equal(sig.n, w);
	assert_memory_equal(sig.p, want, w);
	assert_true(signature_right(SIGNATURE_EC_P256, SIGNATURE_SHA256, spki.p, spki.n, "sample", 6, want, w));
	buf_reset(&sig);
	buf_reset(&spki);
}

/* RFC 6979, A.2.5 (P-256) and A.2.6 (P-384): both hashes with both curves. */
static void rfc6979(void **state)
{
	(void)state;
	static const struct {
		const char *x, *hash, *signature;
	} row[] = {
	    {"C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", "sha256 sample", TEST_EC_P256_SAMPLE},
	    {"C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", "sha384 sample",
		"0EAFEA039B20E9B42309FB1D89E213057CBF973DC0CFC8F129EDDDC800EF7719"
		"4861F0491E6998B9455193E34E7B0D284DDD7149A74B95B9261F13ABDE940954"},
	    {"6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
	     "96D5724E4C70A825F872C9EA60D2EDF5",
		"sha256 sample",
		"21B13D1E013C7FA1392D03C5F99AF8B30C570C6F98D4EA8E354B63A21D3DAA33"
		"BDE1E888E63355D92FA2B3C36D8FB2CD"
		"F3AA443FB107745BF4BD77CB3891674632068A10CA67E3D45DB2266FA7D1FEEB"
		"EFDC63ECCD1AC42EC0CB8668A4FA0AB0"},
	    {"6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
	     "96D5724E4C70A825F872C9EA60D2EDF5",
		"sha384 sample",
		"94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
		"81A648152E44ACF96E36DD1E80FABE46"
		"99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
		"A329C145786E679E7B82C71A38628AC8"},
	};
	static const char *const digest[] = {"AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF",
	    "9A9083505BC92276AEC4BE312696EF7BF3BF603F4BBD381196A029F340585312313BCA4A9B5B890EFEE42C77B1EE25FE"};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		uint8_t x[48], h[48], want[96], got[96];
		size_t n = bytes(row[i].x, x, sizeof x);
		size_t hn = bytes(digest[strncmp(row[i].hash, "sha384", 6) == 0], h, sizeof h);
		assert_int_equal(bytes(row[i].signature, want, sizeof want), 2 * n);
		assert_true(ecdsa_sign(x, n, h, hn, got));
		assert_memory_equal(got, want, 2 * n);
		assert_false(ecdsa_sign(x, n - 1, h, hn, got));
		assert_false(ecdsa_sign(x, n, h, hn - 1, got));
	}
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
	    cmocka_unit_test(rfc6979),
	    cmocka_unit_test(what_is_no_such_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
