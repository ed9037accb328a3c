/* Ciphers, MACs and key derivation against published vectors: ICAO Doc 9303-11 appendix D, RFC 4493, FIPS 197. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/crypto/cipher.h"
#include "runtime/crypto/kdf.h"
#include "runtime/crypto/mac.h"

static size_t bytes(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;
	assert_true(hex_decode(hex, strlen(hex), out, cap, &n));
	return n;
}

static void assert_hex(const uint8_t *p, size_t n, const char *hex)
{
	char text[2 * 256 + 1];
	assert_true(n <= 256);
	assert_string_equal(hex_encode(text, p, n), hex);
}

static void check_cmac(const char *key, const char *msg, const char *mac)
{
	uint8_t k[32], m[128], out[MAC_MAX];
	size_t kn = bytes(key, k, sizeof k), mn = bytes(msg, m, sizeof m);
	struct mac *c = mac_new(MAC_CMAC_AES, k, kn);
	assert_non_null(c);
	for (int again = 0; again < 2; again++) { /* the context serves many messages */
		assert_true(mac_compute(c, m, mn, out));
		assert_hex(out, MAC_MAX, mac);
	}
	mac_free(c);
}

static void cmac_rfc4493(void **state)
{
	(void)state;
	const char *key = "2B7E151628AED2A6ABF7158809CF4F3C";
	check_cmac(key, "", "BB1D6929E95937287FA37D129B756746");
	check_cmac(key, "6BC1BEE22E409F96E93D7E117393172A", "070A16B46B4D4144F79BDD9DD04A287C");
	check_cmac(key, "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411",
	    "DFA66747DE9AE63030CA32611497C827");
}

/* SP 800-38B, D.3: AES-256. */
static void cmac_aes256(void **state)
{
	(void)state;
	check_cmac(
	    "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4", "", "028962F61B7BF89EFC6B551F4667D983");
}

/* 9303-11 appendix D.3: E.IFD and M.IFD of the worked example. */
static void bac_token(void **state)
{
	(void)state;
	uint8_t kenc[16], kmac[16], s[32], e[40], mac[MAC_MAX];
	bytes("AB94FDECF2674FDFB9B391F85D7F76F2", kenc, 16);
	bytes("7962D9ECE03D1ACD4C76089DCE131543", kmac, 16);
	bytes("781723860C06C2264608F919887022120B795240CB7049B01C19B33E32804F0B", s, 32);
	struct cipher *c = cipher_new(CIPHER_DES_EDE2, kenc, 16);
	struct mac *m = mac_new(MAC_RETAIL_DES, kmac, 16);
	assert_non_null(c);
	assert_non_null(m);
	assert_true(cipher_cbc_encrypt(c, NULL, s, 32, e));
	assert_hex(e, 32, "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2");
	memcpy(e + 32, "\x80\0\0\0\0\0\0\0", 8);
	assert_true(mac_compute(m, e, 40, mac));
	assert_hex(mac, 8, "5F1448EEA8AD90A7");
	assert_int_equal(mac_length(m), 8);
	assert_true(cipher_cbc_decrypt(c, NULL, e, 32, e));
	assert_memory_equal(e, s, 32);
	cipher_free(c);
	mac_free(m);
}

/* 9303-11 appendix D.2 (keys from the seed) and D.3 (session keys). */
static void kdf_icao(void **state)
{
	(void)state;
	uint8_t seed[16], key[32];
	bytes("239AB9CB282DAF66231DC5A4DF6BFBAE", seed, 16);
	assert_true(kdf_icao9303(CIPHER_DES_EDE2, seed, 16, 1, key, 16));
	assert_hex(key, 16, "AB94FDECF2674FDFB9B391F85D7F76F2");
	assert_true(kdf_icao9303(CIPHER_DES_EDE2, seed, 16, 2, key, 16));
	assert_hex(key, 16, "7962D9ECE03D1ACD4C76089DCE131543");
	bytes("0036D272F5C350ACAC50C3F572D23600", seed, 16);
	assert_true(kdf_icao9303(CIPHER_DES_EDE2, seed, 16, 1, key, 16));
	assert_hex(key, 16, "979EC13B1CBFE9DCD01AB0FED307EAE5");
	assert_false(kdf_icao9303(CIPHER_DES_EDE2, seed, 16, 1, key, 24));
	assert_false(kdf_icao9303(CIPHER_AES, seed, 16, 1, key, 8));
	assert_true(kdf_icao9303(CIPHER_AES, seed, 16, 1, key, 32));
}

/* KDF in counter mode is CMAC(K, 00000001 || label || 00 || context || L) for one block: computed here from RFC 4493's
 * primitive, which has its own vectors above. */
static void kdf_counter(void **state)
{
	(void)state;
	uint8_t master[16], key[32], want[MAC_MAX];
	bytes("000102030405060708090A0B0C0D0E0F", master, 16);
	struct mac *m = mac_new(MAC_CMAC_AES, master, 16);
	assert_non_null(m);
	assert_true(kdf_sp800_108(master, 16, "admin", 5, "\xd3\x92", 2, key, 32));
	static const uint8_t input[2][4 + 5 + 1 + 2 + 4] = {
	    {0, 0, 0, 1, 'a', 'd', 'm', 'i', 'n', 0, 0xd3, 0x92, 0, 0, 1, 0},
	    {0, 0, 0, 2, 'a', 'd', 'm', 'i', 'n', 0, 0xd3, 0x92, 0, 0, 1, 0},
	};
	for (int i = 0; i < 2; i++) {
		assert_true(mac_compute(m, input[i], sizeof input[i], want));
		assert_memory_equal(key + 16 * i, want, 16);
	}
	mac_free(m);
	assert_false(kdf_sp800_108(master, 15, "admin", 5, "", 0, key, 16));
}

/* FIPS 197 appendix C, all three key lengths. */
static void aes_fips197(void **state)
{
	(void)state;
	static const char *const want[] = {
	    "69C4E0D86A7B0430D8CDB78070B4C55A", "DDA97CA4864CDFE06EAF70A0EC0D7191", "8EA2B7CA516745BFEAFC49904B496089"};
	uint8_t key[32], in[16], out[16];
	for (uint8_t i = 0; i < 32; i++)
		key[i] = i;
	bytes("00112233445566778899AABBCCDDEEFF", in, 16);
	for (size_t i = 0; i < 3; i++) {
		struct cipher *c = cipher_new(CIPHER_AES, key, 16 + 8 * i);
		assert_non_null(c);
		assert_true(cipher_ecb_encrypt(c, in, 16, out));
		assert_hex(out, 16, want[i]);
		cipher_free(c);
	}
}

static void wrong_lengths(void **state)
{
	(void)state;
	uint8_t key[33] = {0}, out[32];
	assert_null(cipher_new(CIPHER_AES, key, 15));
	assert_null(cipher_new(CIPHER_AES, key, 33));
	assert_null(cipher_new(CIPHER_DES_EDE2, key, 24));
	assert_null(mac_new(MAC_RETAIL_DES, key, 8));
	assert_null(mac_new(MAC_CMAC_AES, key, 0));
	struct cipher *c = cipher_new(CIPHER_AES, key, 16);
	assert_false(cipher_cbc_encrypt(c, NULL, key, 17, out));
	cipher_free(c);
	struct mac *m = mac_new(MAC_RETAIL_DES, key, 16);
	assert_false(mac_compute(m, key, 0, out));
	assert_false(mac_compute(m, key, 7, out));
	mac_free(m);
	cipher_free(NULL);
	mac_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cmac_rfc4493),
	    cmocka_unit_test(cmac_aes256),
	    cmocka_unit_test(bac_token),
	    cmocka_unit_test(kdf_icao),
	    cmocka_unit_test(kdf_counter),
	    cmocka_unit_test(aes_fips197),
	    cmocka_unit_test(wrong_lengths),
	};
	return cmocka_run_group_tests_name("crypto_keys", tests, NULL, NULL);
}
