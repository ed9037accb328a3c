/* The reference card: AP contract, section 3, the order of checks. A command with two faults answers the earlier one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

static void c3_1_classes(void **state)
{
	struct sim *s = *state;
	for (unsigned cla = 0; cla < 256; cla++) {
		const uint8_t cmd[] = {(uint8_t)cla, 0xb0, 0x83, 0, 1};
		const char *got = kit_send_bytes(s, cmd, sizeof cmd);
		if (cla == 0x00)
			assert_string_equal(got, "009000");
		else if (cla == 0x80)
			assert_string_equal(got, "6D00");
		else if (cla == 0x04 || cla == 0x08 || cla == 0x0c)
			assert_string_equal(got, "6882");
		else if (cla == 0x10)
			assert_string_equal(got, "6884");
		else if (cla < 0x20 && (cla & 3) != 0)
			assert_string_equal(got, "6881");
		else if (cla >= 0x40 && cla < 0x80)
			assert_string_equal(got, "6881");
		else if (cla >= 0x20)
			assert_string_equal(got, "6E00");
	}
}

static void c3_1_class_before_instruction(void **state)
{
	EXPECT(*state, "01FF0000", "6881");
	EXPECT(*state, "10FF0000", "6884");
	EXPECT(*state, "0CFF0000", "6882");
	EXPECT(*state, "E0FF0000", "6E00");
}

static void c3_4_unknown_instructions(void **state)
{
	static const uint8_t known[] = {0x20, 0x24, 0x2c, 0xa4, 0xb0, 0xb2, 0xd6, 0xdc};
	struct sim *s = *state;
	for (unsigned ins = 0; ins < 256; ins++) {
		const uint8_t cmd[] = {0, (uint8_t)ins, 0xff, 0xff}, own[] = {0x80, (uint8_t)ins, 0xff, 0xff};
		bool is_known = memchr(known, (int)ins, sizeof known) != NULL;
		if (is_known)
			assert_string_not_equal(kit_send_bytes(s, cmd, 4), "6D00");
		else
			assert_string_equal(kit_send_bytes(s, cmd, 4), "6D00");
		assert_string_equal(kit_send_bytes(s, own, 4), "6D00");
	}
}

static void c3_4_instruction_before_form(void **state)
{
	EXPECT(*state, "00B1FFFF 05 00", "6D00");
}

static void c3_5_parameters_before_length(void **state)
{
	EXPECT(*state, "00B0E100 02 00", "6A86");
	EXPECT(*state, "00D6E100", "6A86");
	EXPECT(*state, "00A40404", "6A86");
	EXPECT(*state, "00A4020D 01 00", "6A86");
	EXPECT(*state, "00200181 02 31", "6A86");
	EXPECT(*state, "00240281", "6A86");
	EXPECT(*state, "002C0481", "6A86");
	EXPECT(*state, "00B20004 02 00", "6A86");
}

static void c3_6_length_before_object(void **state)
{
	EXPECT(*state, "00A4020C 03 00FF00", "6700");
	EXPECT(*state, "00A4020C", "6700");
	EXPECT(*state, "00D69E00", "6700"); /* no such SFI */
	EXPECT(*state, "00D60000", "6700"); /* no current EF */
	EXPECT(*state, "0024008F", "6700"); /* no such PIN */
	EXPECT(*state, "002C008F", "6700");
	EXPECT(*state, "00DC01F4", "6700");
	EXPECT(*state, "00B09E00 01 00", "6700"); /* data on a READ */
}

static void c3_6_length_fields_that_fit_no_case(void **state)
{
	EXPECT(*state, "00", "6700");
	EXPECT(*state, "00B083", "6700");
	EXPECT(*state, "00D68300 02 00", "6700");
	EXPECT(*state, "00D68300 01 00 00 00", "6700");
	EXPECT(*state, "00D68300 00 00", "6700");
	EXPECT(*state, "00D68300 00 0001", "6700");
	EXPECT(*state, "00D68300 00 0000 00", "6700");
}

static void c3_6_extended_lengths_of_a_short_ap(void **state)
{
	EXPECT(*state, "00B08300 00 0000", "6700");
	EXPECT(*state, "00B08300 00 0001", "6700");
	EXPECT(*state, "00D68300 00 0001 00", "6700");
	EXPECT(*state, "00B0FF00 00 0000", "6A86");
	EXPECT(*state, "00FF0000 00 0000", "6D00");
}

static void c3_7_object_before_access(void **state)
{
	EXPECT(*state, "00D69E00 01 00", "6A82");
	EXPECT(*state, "00B00000 00", "6986");
	EXPECT(*state, "00B2010C 00", "6981"); /* card has no records */
	EXPECT(*state, "00B20114 00", "6981"); /* nor has zones, which nobody may read now */
	EXPECT(*state, "00B201F4 00", "6A82");
	EXPECT(*state, "0024018F 04 31323334", "6A88");
}

static void c3_8_blocked_before_access_length_and_data(void **state)
{
	struct sim *s = *state;
	for (int i = 0; i < 3; i++)
		EXPECT(s, V_HOLDER_NO, i == 0 ? "63C2" : i == 1 ? "63C1" : "63C0");
	EXPECT(s, V_HOLDER, "6983");
	EXPECT(s, "00200081 03 313233", "6983");
	EXPECT(s, "00240181 04 31323334", "6983"); /* not verified, too */
	EXPECT(s, "00240081 03 313233", "6983");
	EXPECT(s, "00240081 08 3132333431323334", "6983"); /* new = old, too */
	EXPECT(s, "00200181", "6A86");
}

static void c3_9_access_before_offset_and_length(void **state)
{
	EXPECT(*state, "00B08240 00", "6982");
	EXPECT(*state, "00D682FF 01 00", "6982");
	EXPECT(*state, "00D6810F 02 0000", "6982");
	EXPECT(*state, "00240181 03 313233", "6982");
	EXPECT(*state, "002C0281 03 313233", "6982");
}

static void c3_9_a_rule_that_names_a_transport_pin_is_6985(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00B08500 00", "6985");
	EXPECT(s, "00D68500 01 00", "6985"); /* holder and transit: neither */
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00D68500 01 00", "6985");
	EXPECT(s, "00240083 08 3030303031313131", "9000"); /* transport ends */
	EXPECT(s, "00B08500 00", "6982");
	EXPECT(s, "00D68500 01 00", "6982");
	EXPECT(s, "00200083 04 31313131", "9000");
	EXPECT(s, "00B08500 00", "55555555 9000");
	EXPECT(s, "00D68500 01 00", "9000");
}

static void c3_10_offset_before_length(void **state)
{
	EXPECT(*state, "00D6012C 01 00", "6986");
	EXPECT(*state, "00A4020C 02 0003", "9000");
	EXPECT(*state, "00D6012C 01 00", "6B00");
	EXPECT(*state, "00D6012B 02 0000", "6A84");
}

static void c3_10_length_before_data(void **state)
{
	EXPECT(*state, "00240082 10 41646D316E30FFFF 2D2D2D2D2D2D2D2D", "6A80");
	EXPECT(*state, "00240082 11 41646D316E30FFFF 2D2D2D2D2D2D2D2D2D", "6700");
	EXPECT(*state, "00240082 0D 41646D316E30FFFF 2D2D2D2D2D", "6700");
}

/* Refusals before a comparison use neither a try nor the challenge. */
static void c3_refusals_before_a_comparison_use_no_try(void **state)
{
	struct sim *s = *state;
	static const char *const refused[] = {
	    "01200081 04 31323335",
	    "00200181 04 31323335",
	    "00200081 03 313233",
	    "00200081 05 3132333435",
	    "00200081 05 31323335",
	    "00240281 08 3132333531323336",
	    "00240081 07 31323335313233",
	    "00240081 09 313233353132333637",
	    "00240081 08 3132333531323335",
	    "00240181 04 31323335",
	    "002C0081 0B " PUK_NO "313233",
	    "002C0081 0D " PUK_NO "3132333435",
	    "002C0181 07 31323334353637",
	    "002C0281 04 31323335",
	    "002C0381",
	    "00240082 0E 41646D316E31FFFF 2D2D2D2D2D2D",
	    "002C0082 0C 363534323231 2D2D2D2D2D2D",
	};
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		const char *got = kit_send(s, refused[i]);
		assert_true(got[0] == '6' && strncmp(got, "63C", 3) != 0);
	}
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, "00200082", "63C5");
	EXPECT(s, "002C0081 0C " PUK_NO "31323335", "63C9");
	EXPECT(s, "002C0082 0C 363534323231 414141414141", "63C1");
}

/* So the existence of a file is public, its size is not. */
static void c3_existence_is_public_size_is_not(void **state)
{
	struct sim *s = *state;
	char first[16];
	EXPECT(s, "00B08700 00", "6A82");
	EXPECT(s, "00A4020C 02 0007", "6A82");
	EXPECT(s, "00A4020C 02 0006", "9000");
	strcpy(first, kit_send(s, "00B00000 01"));
	for (unsigned at = 0; at < 0x8000; at += 251) {
		const uint8_t read[] = {0, 0xb0, (uint8_t)(at >> 8), (uint8_t)at, (uint8_t)at};
		const uint8_t update[] = {0, 0xd6, (uint8_t)(at >> 8), (uint8_t)at, 1, 0};
		assert_string_equal(kit_send_bytes(s, read, sizeof read), first);
		assert_string_equal(kit_send_bytes(s, update, sizeof update), first);
	}
}

/* Open point 1. */
static void before_the_first_select_everything_is_6985(void **state)
{
	struct sim *s = *state;
	sim_power_up(s);
	EXPECT(s, "00B08100 00", "6985");
	EXPECT(s, V_HOLDER, "6985");
	EXPECT(s, "00FF0000", "6985");
	EXPECT(s, "00A4020C 02 0001", "6985");
	EXPECT(s, "00A4040C 0A D3921000310001FFFF02", "6A82");
	EXPECT(s, "00B08100 00", "6985");
	EXPECT(s, SELECT_AP, "9000");
	EXPECT(s, "00B08300 01", "00 9000");
}

/* Section 2: a refusal has no data; 6F00 is for a memory that holds no card. */
static void a_damaged_memory_is_a_card_fault(void **state)
{
	struct sim *s = *state;
	s->nv.mem[NV_HOME] ^= 1;
	sim_power_up(s);
	EXPECT(s, SELECT_AP, "6F00");
	EXPECT(s, "00B08100 00", "6F00");
	EXPECT(s, "00", "6F00");
	assert_null(reference_contract(s));
	assert_false(reference_operational(s));
	s->nv.mem[NV_HOME] ^= 1;
	kit_start(s);
}

static void the_answer_to_reset_is_well_formed(void **state)
{
	uint8_t atr[SIM_ATR_MAX], sum = 0;
	size_t n = sim_atr(*state, atr);
	assert_int_equal(n, 4 + (atr[1] & 0x0f) + 1);
	for (size_t i = 1; i < n; i++)
		sum ^= atr[i];
	assert_int_equal(sum, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CARD_TEST(c3_1_classes),
	    CARD_TEST(c3_1_class_before_instruction),
	    CARD_TEST(c3_4_unknown_instructions),
	    CARD_TEST(c3_4_instruction_before_form),
	    CARD_TEST(c3_5_parameters_before_length),
	    CARD_TEST(c3_6_length_before_object),
	    CARD_TEST(c3_6_length_fields_that_fit_no_case),
	    CARD_TEST(c3_6_extended_lengths_of_a_short_ap),
	    CARD_TEST(c3_7_object_before_access),
	    CARD_TEST(c3_8_blocked_before_access_length_and_data),
	    CARD_TEST(c3_9_access_before_offset_and_length),
	    CARD_TEST(c3_9_a_rule_that_names_a_transport_pin_is_6985),
	    CARD_TEST(c3_10_offset_before_length),
	    CARD_TEST(c3_10_length_before_data),
	    CARD_TEST(c3_refusals_before_a_comparison_use_no_try),
	    CARD_TEST(c3_existence_is_public_size_is_not),
	    CARD_TEST(before_the_first_select_everything_is_6985),
	    CARD_TEST(a_damaged_memory_is_a_card_fault),
	    CARD_TEST(the_answer_to_reset_is_well_formed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
