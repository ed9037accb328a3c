/* Numbers of javacardx.framework.math against OpenSSL's, and BER-TLV bytes of javacardx.framework.tlv. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "runtime/base/hex.h"
#include "runtime/sim/javacard/api/number.h"
#include "runtime/sim/javacard/api/tlv.h"

enum { ROUNDS = 4000 };

static BIGNUM *bn_of(const struct number *x)
{
	return BN_bin2bn(x->p, NUMBER_BYTES, NULL);
}

static void any(struct number *x)
{
	size_t n = (size_t)rand() % (NUMBER_BYTES + 1);
	memset(x, 0, sizeof *x);
	for (size_t i = NUMBER_BYTES - n; i < NUMBER_BYTES; i++)
		x->p[i] = (uint8_t)(rand() % 8 == 0 ? 255 : rand() % 8 == 1 ? 0 : rand());
}

/* done and x are the same as the big number, or that does not fit (or is negative) and done is false. */
static void same(bool done, const struct number *x, const BIGNUM *bn)
{
	uint8_t bytes[NUMBER_BYTES];
	bool fits = !BN_is_negative(bn) && BN_num_bits(bn) <= 8 * NUMBER_BYTES;
	assert_int_equal(done, fits);
	if (fits) {
		BN_bn2binpad(bn, bytes, NUMBER_BYTES);
		assert_memory_equal(bytes, x->p, NUMBER_BYTES);
	}
}

static void test_against_openssl(void **state)
{
	BN_CTX *ctx = BN_CTX_new();
	(void)state;
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		struct number a, b, r;
		any(&a);
		any(&b);
		BIGNUM *x = bn_of(&a), *y = bn_of(&b), *z = BN_new();
		BN_add(z, x, y);
		same(number_add(&a, &b, &r), &r, z);
		BN_sub(z, x, y);
		same(number_subtract(&a, &b, &r), &r, z);
		BN_mul(z, x, y, ctx);
		same(number_multiply(&a, &b, &r), &r, z);
		assert_int_equal(number_compare(&a, &b), BN_cmp(x, y));
		BN_free(x);
		BN_free(y);
		BN_free(z);
	}
	BN_CTX_free(ctx);
}

static void test_decimal(void **state)
{
	(void)state;
	srand(2);
	for (int i = 0; i < ROUNDS; i++) {
		struct number a, back;
		uint8_t bcd[NUMBER_BCD_BYTES + 2], wide[NUMBER_BCD_BYTES + 2];
		char text[2 * sizeof bcd + 1];
		any(&a);
		BIGNUM *x = bn_of(&a);
		char *decimal = BN_bn2dec(x);
		size_t n = number_bcd_bytes(&a);
		assert_int_equal(n, (strlen(decimal) + 1) / 2);
		assert_true(number_to_bcd(&a, bcd, n));
		assert_false(n > 1 && number_to_bcd(&a, wide, n - 1));
		hex_encode(text, bcd, n);
		assert_string_equal(text + (strlen(decimal) % 2), decimal);
		assert_true(number_to_bcd(&a, wide, sizeof wide));
		assert_true(number_from_bcd(&back, wide, sizeof wide));
		assert_memory_equal(&a, &back, sizeof a);
		OPENSSL_free(decimal);
		BN_free(x);
	}
	struct number a;
	assert_false(number_from_bcd(&a, (const uint8_t[]){0x12, 0x3A}, 2));
	assert_false(number_from_bcd(&a, (const uint8_t[]){0xA0}, 1));
	uint8_t nines[NUMBER_BCD_BYTES];
	memset(nines, 0x99, sizeof nines);
	assert_false(number_from_bcd(&a, nines, sizeof nines));
}

/* ---- tags and lengths: ISO/IEC 8825-1, 8.1.2 and 8.1.3 ---- */

static void test_tags(void **state)
{
	static const struct {
		const char *hex;
		uint32_t size;
		int fault, number;
	} table[] = {
	    {"04", 1, 0, 4},
	    {"5F20", 2, 0, 0x20},
	    {"9F8101", 3, 0, 0x81},
	    {"BFFF7F", 3, 0, 0x3FFF},
	    {"", 0, TLV_ENDS, 0},
	    {"1F", 0, TLV_ENDS, 0},
	    {"1F81", 0, TLV_ENDS, 0},
	    {"1F1E", 0, TLV_MALFORMED_TAG, 0}, /* has a short form */
	    {"1F8001", 0, TLV_MALFORMED_TAG, 0},
	    {"1F818001", 0, TLV_ILLEGAL_SIZE, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		uint8_t p[8];
		size_t n;
		int fault = 0;
		assert_true(hex_decode(table[i].hex, strlen(table[i].hex), p, sizeof p, &n));
		assert_int_equal(tlv_tag_size(p, (uint32_t)n, &fault), table[i].size);
		if (table[i].size == 0) {
			assert_int_equal(fault, table[i].fault);
			continue;
		}
		uint8_t made[TLV_TAG_MAX];
		assert_int_equal(tlv_tag_number(p, table[i].size), table[i].number);
		assert_int_equal(
		    tlv_tag_make(made, p[0] >> 6, (p[0] & 0x20) != 0, (unsigned)table[i].number), table[i].size);
		assert_memory_equal(made, p, table[i].size);
	}
}

static void test_structures(void **state)
{
	static const struct {
		const char *hex;
		bool good;
	} table[] = {
	    {"0400", true},
	    {"048100", true},
	    {"04820001AA", true},
	    {"0401", false},
	    {"0400AA", false},
	    {"048001", false},
	    {"04FF01", false},
	    {"3000", true},
	    {"30050401AA8100", true},
	    {"30050401AA8101", false},
	    {"30060401AA8100", false},
	    {"300230020500", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		uint8_t p[16];
		size_t n;
		assert_true(hex_decode(table[i].hex, strlen(table[i].hex), p, sizeof p, &n));
		if (tlv_well_formed(p, (uint32_t)n, 0) != table[i].good)
			fail_msg("%s", table[i].hex);
	}
	uint8_t deep[2 * 40];
	for (size_t i = 0; i < 40; i++) {
		deep[2 * i] = 0x30;
		deep[2 * i + 1] = (uint8_t)(2 * (39 - i));
	}
	assert_false(tlv_well_formed(deep, sizeof deep, 0));
	assert_true(tlv_well_formed(deep + 2 * 24, sizeof deep - 2 * 24, 0));
	struct tlv_head h = tlv_head((const uint8_t[]){0x04, 0x83, 0x00, 0x80, 0x00}, 5);
	assert_int_equal(h.fault, TLV_TLV_LENGTH_GREATER_THAN_32767);
	h = tlv_head((const uint8_t[]){0x04, 0x84, 0x00, 0x00, 0x7F, 0xFF}, 6);
	assert_int_equal(h.fault, 0);
	assert_int_equal(h.length, 0x7FFF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_openssl),
	    cmocka_unit_test(test_decimal),
	    cmocka_unit_test(test_tags),
	    cmocka_unit_test(test_structures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
