/* The reference card: AP contract, section 6, transparent files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

/* The file big (SFI 3, 300 bytes) with byte i = i & FF. */
static int numbered(void **state)
{
	if (kit_setup(state) != 0)
		return -1;
	for (unsigned at = 0; at < 300; at += 100) {
		uint8_t cmd[5 + 100] = {0, 0xd6, (uint8_t)(at >> 8), (uint8_t)at, 100};
		for (unsigned i = 0; i < 100; i++)
			cmd[5 + i] = (uint8_t)(at + i);
		EXPECT(*state, "00A4020C 02 0003", "9000");
		assert_string_equal(kit_send_bytes(*state, cmd, sizeof cmd), "9000");
	}
	return 0;
}

#define NUMBERED(f) cmocka_unit_test_setup_teardown(f, numbered, kit_teardown)

static unsigned byte_at(const char *hex, size_t i)
{
	return (unsigned)hex_digit(hex[2 * i]) << 4 | (unsigned)hex_digit(hex[2 * i + 1]);
}

/* n bytes of big from `at`, then the status word. */
static void expect_numbers(const char *got, unsigned at, size_t n, const char *sw)
{
	assert_int_equal(strlen(got), 2 * n + 4);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(byte_at(got, i), (at + i) & 0xff);
	assert_string_equal(got + 2 * n, sw);
}

/* Every offset, in both forms, with Le absent, 00, exact, one more, one less. */
static void c6_read_at_every_offset(void **state)
{
	struct sim *s = *state;
	for (unsigned at = 0; at < 0x8000; at += at < 310 ? 1 : 997) {
		unsigned left = at < 300 ? 300 - at : 0, most = left < 256 ? left : 256;
		uint8_t cmd[5] = {0, 0xb0, (uint8_t)(at >> 8), (uint8_t)at, 0};
		for (int form = 0; form < (at < 256 ? 2 : 1); form++) {
			cmd[2] = form == 0 ? (uint8_t)(at >> 8) : 0x83;
			if (left == 0) {
				assert_string_equal(kit_send_bytes(s, cmd, 5), "6B00");
				continue;
			}
			cmd[4] = 0;
			expect_numbers(kit_send_bytes(s, cmd, 5), at, most, "9000");
			expect_numbers(kit_send_bytes(s, cmd, 4), at, most, "9000");
			for (int more = -1; more <= 1; more++) {
				int le = (int)left + more;
				if (le < 1 || le > 255)
					continue;
				cmd[4] = (uint8_t)le;
				expect_numbers(kit_send_bytes(s, cmd, 5), at, more > 0 ? left : (size_t)le,
				    more > 0 ? "6282" : "9000");
			}
		}
	}
}

static void c6_offset_not_below_the_size_is_6b00(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00B0012B 01", "2B 9000");
	EXPECT(s, "00B0012C 01", "6B00");
	EXPECT(s, "00B07FFF 00", "6B00");
	EXPECT(s, "00D6012C 01 00", "6B00");
	EXPECT(s, "00D67FFF 01 00", "6B00");
	EXPECT(s, "00B08110 00", "6B00");
	EXPECT(s, "00B081FF 00", "6B00");
}

static void c6_le_00_reads_to_the_end(void **state)
{
	EXPECT(*state, "00B0012A 00", "2A2B 9000");
	EXPECT(*state, "00B0012A", "2A2B 9000");
	EXPECT(*state, "00B0810E 00", "3839 9000");
}

static void c6_explicit_le_beyond_the_end_is_6282_with_the_bytes(void **state)
{
	EXPECT(*state, "00B0012A 02", "2A2B 9000");
	EXPECT(*state, "00B0012A 03", "2A2B 6282");
	EXPECT(*state, "00B0012A FF", "2A2B 6282");
}

static void c6_update_in_both_forms(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00D68300 03 A1A2A3", "9000");
	EXPECT(s, "00D60129 03 B1B2B3", "9000");
	EXPECT(s, "00B00000 05", "A1A2A30304 9000");
	EXPECT(s, "00B00127 05", "2728B1B2B3 9000");
	sim_power_up(s);
	EXPECT(s, SELECT_AP, "9000");
	EXPECT(s, "00B08300 04", "A1A2A303 9000");
}

static void c6_update_past_the_end_is_6a84_and_writes_nothing(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00D60129 04 B1B2B3B4", "6A84");
	EXPECT(s, "00D6012B 02 B1B2", "6A84");
	EXPECT(s, "00B00128 00", "28292A2B 9000");
	EXPECT(s, "00D6012B 01 B1", "9000");
	EXPECT(s, "00B00128 00", "28292AB1 9000");
	/* the next file is untouched */
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "00A4020C 02 0004", "9000");
	EXPECT(s, "00B00000 00", "4444444444444444 9000");
}

static void c6_update_without_data_is_6700(void **state)
{
	EXPECT(*state, "00D68300", "6700");
	EXPECT(*state, "00D68300 00", "6700");
}

static void c6_update_of_255_bytes(void **state)
{
	struct sim *s = *state;
	uint8_t cmd[5 + 255] = {0, 0xd6, 0x83, 45, 255};
	for (unsigned i = 0; i < 255; i++)
		cmd[5 + i] = (uint8_t)~i;
	assert_string_equal(kit_send_bytes(s, cmd, sizeof cmd), "9000");
	EXPECT(s, "00B0012A 00", "0201 9000");
	EXPECT(s, "00B0002C 02", "2CFF 9000");
	cmd[3] = 46;
	assert_string_equal(kit_send_bytes(s, cmd, sizeof cmd), "6A84");
	EXPECT(s, "00B0012A 00", "0201 9000");
}

static void c6_access_of_read_and_update_is_separate(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00B08100 01", "20 9000");
	EXPECT(s, "00D68100 01 21", "6982");
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00D68100 01 21", "9000");
	EXPECT(s, "00B08100 01", "21 9000");
	EXPECT(s, "00B08200 01", "AA 9000");
	EXPECT(s, "00D68200 01 21", "6982");
	EXPECT(s, "00B08600 01", "6982");
	EXPECT(s, "00D68600 01 21", "6982");
}

static void c6_and_needs_both_or_needs_one(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00A4020C 02 0004", "9000");
	EXPECT(s, "00D60000 01 45", "6982");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "00D60000 01 45", "9000");
	EXPECT(s, "00B00000 01", "6982");
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00B00000 02", "4544 9000");
	EXPECT(s, V_ADMIN_NO, "63C4");
	EXPECT(s, "00B00000 01", "6982");
	EXPECT(s, "00D60000 01 46", "9000");
}

static void c6_records_of_a_transparent_file_are_6981(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00B2010C 00", "6981");
	EXPECT(s, "00B2010D 00", "6981");
	EXPECT(s, "00B2010C", "6981");
	EXPECT(s, "00DC010C 01 00", "6981");
	/* record 0 and other modes are 6A86 */
	EXPECT(s, "00B2000C 00", "6A86");
	EXPECT(s, "00DC000C 01 00", "6A86");
	for (unsigned mode = 0; mode < 8; mode++) {
		const uint8_t read[] = {0, 0xb2, 1, (uint8_t)(0x08 | mode), 0};
		const uint8_t update[] = {0, 0xdc, 1, (uint8_t)(0x08 | mode), 1, 0};
		assert_string_equal(kit_send_bytes(s, read, 5), mode == 4 || mode == 5 ? "6981" : "6A86");
		assert_string_equal(kit_send_bytes(s, update, 6), mode == 4 ? "6981" : "6A86");
	}
	EXPECT(s, "00DC010C", "6700");
	EXPECT(s, "00B2010C 01 00", "6700");
}

/* ---- extended APDUs ---- */

enum { LONG = 20000 };

static int extended_setup(void **state)
{
	struct contract *c = kit_contract();
	struct sim *s = calloc(1, sizeof *s);
	assert_non_null(s);
	c->extended = true;
	kit_file(c, "small", 1, 1, 40, KIT_ALWAYS, KIT_ALWAYS, 0x11);
	kit_file(c, "long", 2, 2, LONG, KIT_ALWAYS, KIT_ALWAYS, 0x22);
	kit_file(c, "next", 3, 3, 40, KIT_ALWAYS, KIT_ALWAYS, 0x33);
	kit_deliver(s, c);
	free(c);
	assert_int_equal(reference_personalise(s, NULL, 0), SW_OK);
	kit_start(s);
	*state = s;
	return 0;
}

#define EXTENDED(f) cmocka_unit_test_setup_teardown(f, extended_setup, kit_teardown)

static const char *update_long(struct sim *s, unsigned at, size_t n, unsigned seed)
{
	struct buf cmd = {0};
	uint8_t *data = malloc(n);
	assert_non_null(data);
	for (size_t i = 0; i < n; i++)
		data[i] = (uint8_t)(seed + i * 7);
	const struct apdu a = {.ins = 0xd6, .p1 = (uint8_t)(at >> 8), .p2 = (uint8_t)at, .data = data, .lc = n};
	apdu_write(&cmd, &a);
	const char *got = kit_send_bytes(s, cmd.p, cmd.n);
	buf_reset(&cmd);
	free(data);
	return got;
}

static void c6_extended_le(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00A4020C 02 0002", "9000");
	assert_int_equal(strlen(kit_send(s, "00B00000 00 0000")), 2 * LONG + 4);
	assert_int_equal(strlen(kit_send(s, "00B00000 00 0101")), 2 * 257 + 4);
	assert_int_equal(strlen(kit_send(s, "00B00000 00")), 2 * 256 + 4);
	assert_int_equal(strlen(kit_send(s, "00B00000")), 2 * 256 + 4);
	EXPECT(s, "00B04E1E 00 0000", "2222 9000");
	EXPECT(s, "00B04E1E 00 0002", "2222 9000");
	EXPECT(s, "00B04E1E 00 0003", "2222 6282");
	EXPECT(s, "00B04E1E 00 FFFF", "2222 6282");
	EXPECT(s, "00B04E1E FF", "2222 6282");
	EXPECT(s, "00B04E20 00 0000", "6B00");
	EXPECT(s, "00B08124 00 0000", "11111111 9000");
}

/* Shorter than the log, longer than the log, all of the file, one more than the file. */
static void c6_extended_update(void **state)
{
	static const size_t lengths[] = {1, 255, 256, 3000, 4070, 4076, 4077, 4083, 4084, 4090, 8000, LONG};
	struct sim *s = *state;
	EXPECT(s, "00A4020C 02 0002", "9000");
	for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
		size_t n = lengths[k];
		unsigned at = (unsigned)(LONG - n), seed = (unsigned)k;
		assert_string_equal(update_long(s, at, n, seed), "9000");
		assert_string_equal(update_long(s, at + 1, n, seed + 1), n == 1 ? "6B00" : "6A84");
		const uint8_t read[] = {0, 0xb0, (uint8_t)(at >> 8), (uint8_t)at, 0, 0, 0};
		const char *got = kit_send_bytes(s, read, sizeof read);
		assert_int_equal(strlen(got), 2 * n + 4);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(byte_at(got, i), (seed + i * 7) & 0xff);
		if (at > 0) {
			const uint8_t before[] = {0, 0xb0, (uint8_t)((at - 1) >> 8), (uint8_t)(at - 1), 1};
			assert_int_equal(byte_at(kit_send_bytes(s, before, 5), 0), 0x22);
		}
	}
	EXPECT(s, "00B08124 00", "11111111 9000");
	EXPECT(s, "00B08300 04", "33333333 9000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    NUMBERED(c6_read_at_every_offset),
	    NUMBERED(c6_offset_not_below_the_size_is_6b00),
	    NUMBERED(c6_le_00_reads_to_the_end),
	    NUMBERED(c6_explicit_le_beyond_the_end_is_6282_with_the_bytes),
	    NUMBERED(c6_update_in_both_forms),
	    NUMBERED(c6_update_past_the_end_is_6a84_and_writes_nothing),
	    NUMBERED(c6_update_without_data_is_6700),
	    NUMBERED(c6_update_of_255_bytes),
	    CARD_TEST(c6_access_of_read_and_update_is_separate),
	    CARD_TEST(c6_and_needs_both_or_needs_one),
	    CARD_TEST(c6_records_of_a_transparent_file_are_6981),
	    EXTENDED(c6_extended_le),
	    EXTENDED(c6_extended_update),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
