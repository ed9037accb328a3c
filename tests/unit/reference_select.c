/* The reference card: AP contract, section 5, SELECT and what it keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

static void c5_select_by_aid_clears_current_ef_and_verified_pins(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "00A4020C 02 0004", "9000");
	EXPECT(s, "00B00000 00", "4444444444444444 9000");
	EXPECT(s, SELECT_AP, "9000");
	EXPECT(s, "00B00000 00", "6986");
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, "00200082", "63C5");
	EXPECT(s, "00B08200 00", "6982");
}

static void c5_with_fci_as_well(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00A40400 0A D3921000310001FFFF01 00", "6F0E 840A D3921000310001FFFF01 A500 9000");
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, "00A40400 0A D3921000310001FFFF01", "6F0E 840A D3921000310001FFFF01 A500 9000");
	EXPECT(s, "00A40400 0A D3921000310001FFFF01 10", "6F0E 840A D3921000310001FFFF01 A500 9000");
	EXPECT(s, "00A40400 0A D3921000310001FFFF01 0F", "6700");
	EXPECT(s, "00A4040C 0A D3921000310001FFFF01 00", "9000");
}

static void c5_reset_clears_the_session(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00A4020C 02 0002", "9000");
	kit_start(s);
	EXPECT(s, "00B00000 00", "6986");
	EXPECT(s, "00200081", "63C3");
}

static void c5_ef_by_fid(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00A4020C 02 0003", "9000");
	EXPECT(s, "00B00000 02", "0000 9000");
	EXPECT(s, "00A4020C 02 0001", "9000");
	EXPECT(s, "00B00000 02", "2020 9000");
	/* a file that nobody may use can be selected: its existence is public */
	EXPECT(s, "00A4020C 02 0006", "9000");
	EXPECT(s, "00B00000 02", "6982");
}

static void c5_ef_keeps_what_was_verified(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00A4020C 02 0003", "9000");
	EXPECT(s, "00200081", "9000");
	EXPECT(s, "00B08200 01", "AA 9000");
}

static void c5_ef_with_lc_other_than_2_is_6700(void **state)
{
	EXPECT(*state, "00A4020C", "6700");
	EXPECT(*state, "00A4020C 00", "6700");
	EXPECT(*state, "00A4020C 01 00", "6700");
	EXPECT(*state, "00A4020C 03 000100", "6700");
	EXPECT(*state, "00A4020C 04 3F000001", "6700");
}

static void c5_a_failed_select_changes_nothing(void **state)
{
	static const char *const failing[] = {
	    "00A4020C 02 00FF",
	    "00A4020C 02 3F00",
	    "00A4020C 02 0000",
	    "00A4020C 01 00",
	    "00A40204 02 0003",
	    "00A4040C 0A D3921000310001FFFF02",
	    "00A4040C 09 D3921000310001FFFF",
	    "00A4040C 0B D3921000310001FFFF0100",
	    "00A4040C",
	    "00A40402 0A D3921000310001FFFF01",
	    "00A4010C 02 0003",
	    "00A4030C",
	    "00A4000C",
	    "00A4000C 02 3F00",
	    "00A4080C 02 0003",
	    "01A4040C 0A D3921000310001FFFF01",
	    "00A40400 0A D3921000310001FFFF01 01",
	};
	struct sim *s = *state;
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00A4020C 02 0001", "9000");
	for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
		const char *got = kit_send(s, failing[i]);
		assert_int_equal(strlen(got), 4);
		assert_int_equal(got[0], '6');
		EXPECT(s, "00B00000 01", "20 9000");
		EXPECT(s, "00200081", "9000");
	}
}

static void c5_sfi_0_is_the_current_ef(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00B08000 00", "6986");
	EXPECT(s, "00D68000 01 00", "6986");
	EXPECT(s, "00B20104 00", "6986");
	EXPECT(s, "00A4020C 02 0001", "9000");
	EXPECT(s, "00B08006 02", "3031 9000");
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00D68006 01 39", "9000");
	EXPECT(s, "00B00006 02", "3931 9000");
	EXPECT(s, "00B20104 00", "6981");
	/* an EF without SFI is reached so, too */
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "00A4020C 02 0004", "9000");
	EXPECT(s, "00B08007 01", "44 9000");
}

static void c5_sfi_31_is_6a82(void **state)
{
	EXPECT(*state, "00B09F00 00", "6A82");
	EXPECT(*state, "00D69F00 01 00", "6A82");
	EXPECT(*state, "00B201FC 00", "6A82");
	EXPECT(*state, "00DC01FC 01 00", "6A82");
}

static void c5_p1_bits_7_and_6_set_are_6a86(void **state)
{
	struct sim *s = *state;
	for (unsigned p1 = 0xa0; p1 <= 0xff; p1++) {
		const uint8_t read[] = {0, 0xb0, (uint8_t)p1, 0, 0}, update[] = {0, 0xd6, (uint8_t)p1, 0, 1, 0};
		assert_string_equal(kit_send_bytes(s, read, sizeof read), "6A86");
		assert_string_equal(kit_send_bytes(s, update, sizeof update), "6A86");
	}
}

static void c5_sfi_form_makes_current_before_access(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00B08100 01", "20 9000");
	EXPECT(s, "00B00006 01", "30 9000");
	EXPECT(s, "00B08200 01", "6982"); /* refused, and current all the same */
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00B00000 01", "AA 9000");
	EXPECT(s, "00D68300 01 77", "9000");
	EXPECT(s, "00B00000 01", "77 9000");
	EXPECT(s, "00B08110 01", "6B00"); /* out of range, and current all the same */
	EXPECT(s, "00B00006 01", "30 9000");
	EXPECT(s, "00B20114 00", "6981"); /* of the wrong type, and current all the same */
	EXPECT(s, "00B00000 01", "AA 9000");
	EXPECT(s, "00DC011C 01 00", "6981");
	EXPECT(s, "00B00000 01", "77 9000");
}

static void c5_sfi_form_of_no_ef_keeps_the_current_one(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00B08100 01", "20 9000");
	EXPECT(s, "00B08700 01", "6A82");
	EXPECT(s, "00B09F00 01", "6A82");
	EXPECT(s, "00B0E200 01", "6A86");
	EXPECT(s, "00D68300", "6700");
	EXPECT(s, "00B201FC 00", "6A82");
	EXPECT(s, "00B00006 01", "30 9000");
}

static void c6_an_ef_without_sfi_has_none(void **state)
{
	/* both, FID 0004, has SFI 0 in the contract: neither 4 nor 0 reaches it */
	EXPECT(*state, "00B08400 00", "6A82");
	EXPECT(*state, "00B08000 00", "6986");
}

static void c5_no_logical_channels(void **state)
{
	EXPECT(*state, "01A4040C 0A D3921000310001FFFF01", "6881");
	EXPECT(*state, "03B08100 01", "6881");
	EXPECT(*state, "40B08100 01", "6881");
	EXPECT(*state, "00700000 01", "6D00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CARD_TEST(c5_select_by_aid_clears_current_ef_and_verified_pins),
	    CARD_TEST(c5_with_fci_as_well),
	    CARD_TEST(c5_reset_clears_the_session),
	    CARD_TEST(c5_ef_by_fid),
	    CARD_TEST(c5_ef_keeps_what_was_verified),
	    CARD_TEST(c5_ef_with_lc_other_than_2_is_6700),
	    CARD_TEST(c5_a_failed_select_changes_nothing),
	    CARD_TEST(c5_sfi_0_is_the_current_ef),
	    CARD_TEST(c5_sfi_31_is_6a82),
	    CARD_TEST(c5_p1_bits_7_and_6_set_are_6a86),
	    CARD_TEST(c5_sfi_form_makes_current_before_access),
	    CARD_TEST(c5_sfi_form_of_no_ef_keeps_the_current_one),
	    CARD_TEST(c6_an_ef_without_sfi_has_none),
	    CARD_TEST(c5_no_logical_channels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
