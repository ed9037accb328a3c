/* The primitives against published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/hex.h"
#include "runtime/crypto/aes.h"
#include "runtime/crypto/hmac.h"
#include "runtime/crypto/random.h"

/* FIPS 197, appendix C.1 to C.3. */
static void aes(void **state)
{
	(void)state;
	static const char *const want[] = {
	    "69C4E0D86A7B0430D8CDB78070B4C55A", "DDA97CA4864CDFE06EAF70A0EC0D7191", "8EA2B7CA516745BFEAFC49904B496089"};
	uint8_t key[32], in[16], out[16];
	char text[33];
	for (unsigned i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)i;
	for (unsigned i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)(i * 0x11);
	for (size_t k = 0; k < 3; k++) {
		assert_true(aes_encrypt_block(key, 16 + 8 * k, in, out));
		assert_string_equal(hex_encode(text, out, sizeof out), want[k]);
	}
	assert_false(aes_encrypt_block(key, 15, in, out));
}

/* RFC 4231, cases 1, 2 and 6. */
static void hmac(void **state)
{
	(void)state;
	uint8_t key[131], out[HMAC_SHA256_LEN];
	char text[65];
	memset(key, 0x0b, 20);
	assert_true(hmac_sha256(key, 20, "Hi There", 8, out));
	assert_string_equal(
	    hex_encode(text, out, sizeof out), "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7");
	assert_true(hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out));
	assert_string_equal(
	    hex_encode(text, out, sizeof out), "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843");
	memset(key, 0xaa, sizeof key);
	assert_true(hmac_sha256(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, out));
	assert_string_equal(
	    hex_encode(text, out, sizeof out), "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54");
	assert_true(hmac_sha256(NULL, 0, NULL, 0, out));
	assert_string_equal(
	    hex_encode(text, out, sizeof out), "B613679A0814D9EC772F95D778C35FC5FF1697C493715653C6C712144292C5AD");
}

static void randomness(void **state)
{
	(void)state;
	uint8_t a[32] = {0}, b[32] = {0};
	assert_true(random_bytes(a, sizeof a) && random_bytes(b, sizeof b));
	assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(aes), cmocka_unit_test(hmac), cmocka_unit_test(randomness)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
