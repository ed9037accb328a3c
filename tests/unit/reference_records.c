/* The reference card: READ RECORD, UPDATE RECORD, APPEND RECORD. AP contract, sections 3, 5 and 6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_cut_kit.h"
#include "tests/unit/support/objects_kit.h"

/* By SFI: 1 fixed, 3 of 4 records of 4 bytes; 2 variable, 3 of 5 of at most 6 bytes; 3 cyclic, 2 of 3 of 3 bytes; 4
 * fixed, empty, everything under pin(p); 5 transparent; 6 cyclic, of one record of 2 bytes; 7 fixed, 30 of 30 of 10
 * bytes; FID 0008, without SFI, fixed, 1 of 1 of 2 bytes. */
static struct contract *contract(void)
{
	struct contract *c = kit_contract();
	uint16_t p = kit_rule(c, RULE_PIN, 0, 0);
	kit_simple_pin(c, "p", 0, 1);
	kit_records(c, "fixed", 1, 1, FILE_LINEAR_FIXED, 4, 4, KIT_ALWAYS);
	kit_record(c, "11111111");
	kit_record(c, "22222222");
	kit_record(c, "33333333");
	kit_records(c, "variable", 2, 2, FILE_LINEAR_VARIABLE, 6, 5, KIT_ALWAYS);
	kit_record(c, "AA");
	kit_record(c, "BBBBBBBBBBBB");
	kit_record(c, "CCCC");
	kit_records(c, "cyclic", 3, 3, FILE_CYCLIC, 3, 3, KIT_ALWAYS);
	kit_record(c, "020202");
	kit_record(c, "010101");
	kit_records(c, "locked", 4, 4, FILE_LINEAR_FIXED, 2, 2, p);
	kit_file(c, "plain", 5, 5, 4, KIT_ALWAYS, KIT_ALWAYS, 0x55);
	kit_records(c, "one", 6, 6, FILE_CYCLIC, 2, 1, KIT_ALWAYS);
	kit_records(c, "many", 7, 7, FILE_LINEAR_FIXED, 10, 30, KIT_ALWAYS);
	for (int i = 1; i <= 30; i++) {
		char hex[21];
		snprintf(hex, sizeof hex, "%02X000000000000000000", i);
		kit_record(c, hex);
	}
	kit_records(c, "hidden", 8, 0, FILE_LINEAR_FIXED, 2, 1, KIT_ALWAYS);
	kit_record(c, "7777");
	return c;
}

static int setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	assert_non_null(s);
	kit_card(s, contract());
	*state = s;
	return 0;
}

#define RECORD_TEST(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)

static void c6_read_mode_04_gives_this_record(void **state)
{
	EXPECT(*state, "00B2010C 00", "11111111 9000");
	EXPECT(*state, "00B2030C 00", "33333333 9000");
	EXPECT(*state, "00B20214 00", "BBBBBBBBBBBB 9000");
	EXPECT(*state, "00B20114 00", "AA 9000");
	EXPECT(*state, "00B2010C", "11111111 9000"); /* READ without Le counts as Le = 00 */
}

static void c6_read_mode_05_gives_bare_records_to_the_last(void **state)
{
	EXPECT(*state, "00B2010D 00", "111111112222222233333333 9000");
	EXPECT(*state, "00B2020D 00", "2222222233333333 9000");
	EXPECT(*state, "00B2030D 00", "33333333 9000");
	EXPECT(*state, "00B20115 00", "AABBBBBBBBBBBBCCCC 9000");
	EXPECT(*state, "00B2011D 00", "020202010101 9000");
}

/* 30 records of 10 bytes: 25 whole ones fit in 256 bytes. */
static void c6_read_mode_05_gives_as_many_whole_ones_as_fit(void **state)
{
	const char *got = kit_send(*state, "00B2013D 00");
	assert_int_equal(strlen(got), 2 * 250 + 4);
	assert_memory_equal(got + 480, "19", 2);
	got = kit_send(*state, "00B2063D 00");
	assert_int_equal(strlen(got), 2 * 250 + 4);
	assert_memory_equal(got + 480, "1E", 2);
	got = kit_send(*state, "00B2073D 00");
	assert_int_equal(strlen(got), 2 * 240 + 4);
	/* an explicit Le is that number, not fewer records */
	assert_int_equal(strlen(kit_send(*state, "00B2013D FA")), 2 * 250 + 4);
	EXPECT(*state, "00B2013D F0", "6700");
	EXPECT(*state, "00B2013D FF", "6700");
}

static void c6_an_explicit_le_must_be_what_is_returned(void **state)
{
	EXPECT(*state, "00B2010C 04", "11111111 9000");
	EXPECT(*state, "00B2010C 03", "6700");
	EXPECT(*state, "00B2010C 05", "6700");
	EXPECT(*state, "00B20114 01", "AA 9000");
	EXPECT(*state, "00B20114 06", "6700");
	EXPECT(*state, "00B2010D 0C", "111111112222222233333333 9000");
	EXPECT(*state, "00B2010D 04", "6700");
	EXPECT(*state, "00B2010D 0B", "6700");
	EXPECT(*state, "00B2010D 0D", "6700");
}

static void c6_other_modes_and_record_0_are_6a86(void **state)
{
	char cmd[32];
	for (unsigned mode = 0; mode < 8; mode++) {
		snprintf(cmd, sizeof cmd, "00B201%02X00", 8 | mode);
		assert_string_equal(kit_send(*state, cmd),
		    mode == 4       ? "111111119000"
			: mode == 5 ? "1111111122222222333333339000"
				    : "6A86");
		snprintf(cmd, sizeof cmd, "00DC01%02X0401020304", 8 | mode);
		if (mode != 4)
			EXPECT(*state, cmd, "6A86");
		snprintf(cmd, sizeof cmd, "00E200%02X0401020304", 8 | mode);
		if (mode != 0)
			EXPECT(*state, cmd, "6A86");
		snprintf(cmd, sizeof cmd, "00B200%02X00", 8 | mode);
		EXPECT(*state, cmd, "6A86");
	}
	EXPECT(*state, "00DC000C 04 01020304", "6A86");
	EXPECT(*state, "00E20108 04 01020304", "6A86");
	EXPECT(*state, "00B2010D 00", "111111112222222233333333 9000");
}

static void c3_10_a_record_that_is_not_there_is_6a83(void **state)
{
	EXPECT(*state, "00B2040C 00", "6A83");
	EXPECT(*state, "00B2040D 00", "6A83");
	EXPECT(*state, "00B2FF0C 00", "6A83");
	EXPECT(*state, "00DC040C 04 01020304", "6A83");
	EXPECT(*state, "00B20134 00", "6A83"); /* empty */
	EXPECT(*state, "00B2031C 00", "6A83");
	/* the record goes before its length */
	EXPECT(*state, "00DC040C 01 01", "6A83");
	EXPECT(*state, "00B2040C 09", "6A83");
}

static void c6_linear_fixed_length_is_exact(void **state)
{
	EXPECT(*state, "00DC020C 04 A1A2A3A4", "9000");
	EXPECT(*state, "00DC020C 03 A1A2A3", "6700");
	EXPECT(*state, "00DC020C 05 A1A2A3A4A5", "6700");
	EXPECT(*state, "00DC020C", "6700");
	EXPECT(*state, "00E20008 03 A1A2A3", "6700");
	EXPECT(*state, "00E20008 05 A1A2A3A4A5", "6700");
	EXPECT(*state, "00E20008", "6700");
	EXPECT(*state, "00DC021C 02 0102", "6700");
	EXPECT(*state, "00E20018 04 01020304", "6700");
	EXPECT(*state, "00B2010D 00", "11111111A1A2A3A433333333 9000");
	EXPECT(*state, "00B2011D 00", "020202010101 9000");
}

static void c6_a_variable_record_takes_the_length_it_is_given(void **state)
{
	EXPECT(*state, "00DC0114 03 A1A2A3", "9000");
	EXPECT(*state, "00DC0214 01 B1", "9000");
	EXPECT(*state, "00DC0314 06 C1C2C3C4C5C6", "9000");
	EXPECT(*state, "00DC0314 07 C1C2C3C4C5C6C7", "6700");
	EXPECT(*state, "00E20010 07 C1C2C3C4C5C6C7", "6700");
	EXPECT(*state, "00B20115 00", "A1A2A3 B1 C1C2C3C4C5C6 9000");
	EXPECT(*state, "00E20010 02 D1D2", "9000");
	EXPECT(*state, "00B20414 02", "D1D2 9000");
}

static void c6_append_goes_behind_the_last_and_a_full_file_is_6a84(void **state)
{
	EXPECT(*state, "00E20008 04 44444444", "9000");
	EXPECT(*state, "00B2040C 00", "44444444 9000");
	EXPECT(*state, "00E20008 04 55555555", "6A84");
	EXPECT(*state, "00B2010D 00", "11111111222222223333333344444444 9000");
	EXPECT(*state, "00E20010 01 D1", "9000");
	EXPECT(*state, "00E20010 01 E1", "9000");
	EXPECT(*state, "00E20010 01 F1", "6A84");
	EXPECT(*state, "00B20115 00", "AABBBBBBBBBBBBCCCCD1E1 9000");
}

static void c6_cyclic_record_1_is_the_newest_and_append_drops_the_oldest(void **state)
{
	EXPECT(*state, "00E20018 03 030303", "9000");
	EXPECT(*state, "00B2011D 00", "030303020202010101 9000");
	for (int i = 4; i < 20; i++) {
		char cmd[32], want[32];
		snprintf(cmd, sizeof cmd, "00E2001803%02X%02X%02X", i, i, i);
		snprintf(want, sizeof want, "%02X%02X%02X%02X%02X%02X%02X%02X%02X9000", i, i, i, i - 1, i - 1, i - 1,
		    i - 2, i - 2, i - 2);
		EXPECT(*state, cmd, "9000");
		EXPECT(*state, "00B2011D 00", want);
	}
	EXPECT(*state, "00B2041C 00", "6A83");
	EXPECT(*state, "00B2031C 00", "111111 9000");
	sim_power_down(*state);
	kit_start(*state);
	EXPECT(*state, "00B2011D 00", "131313121212111111 9000");
}

static void c6_cyclic_update_by_number_keeps_the_order(void **state)
{
	EXPECT(*state, "00E20018 03 030303", "9000");
	EXPECT(*state, "00E20018 03 040404", "9000");
	EXPECT(*state, "00DC021C 03 A3A3A3", "9000");
	EXPECT(*state, "00B2011D 00", "040404A3A3A3020202 9000");
	EXPECT(*state, "00E20018 03 050505", "9000");
	EXPECT(*state, "00B2011D 00", "050505040404A3A3A3 9000");
}

static void c6_a_cyclic_file_of_one_record(void **state)
{
	EXPECT(*state, "00B20134 00", "6A83");
	for (int i = 0; i < 5; i++) {
		char cmd[32], want[32];
		snprintf(cmd, sizeof cmd, "00E2003002%02X%02X", i, i);
		snprintf(want, sizeof want, "%02X%02X9000", i, i);
		EXPECT(*state, cmd, "9000");
		EXPECT(*state, "00B20135 00", want);
		EXPECT(*state, "00B20234 00", "6A83");
	}
}

static void c5_the_sfi_makes_the_ef_current_before_access(void **state)
{
	EXPECT(*state, "00B20104 00", "6986");
	EXPECT(*state, "00E20000 04 01020304", "6986");
	EXPECT(*state, "00B20124 00", "6982");
	EXPECT(*state, "00B20104 00", "6982");
	EXPECT(*state, "00B201FC 00", "6A82"); /* SFI 31 */
	EXPECT(*state, "00B20104 00", "6982");
	EXPECT(*state, "00E20018 03 030303", "9000");
	EXPECT(*state, "00B20104 00", "030303 9000");
	EXPECT(*state, "00A4020C 02 0008", "9000");
	EXPECT(*state, "00B20104 00", "7777 9000");
	EXPECT(*state, "00DC0104 02 7878", "9000");
	EXPECT(*state, "00B20104 00", "7878 9000");
	EXPECT(*state, "00B20144 00", "6A82"); /* 0008 has no SFI */
}

static void c3_7_the_type_of_the_file_must_fit(void **state)
{
	EXPECT(*state, "00B2012C 00", "6981");
	EXPECT(*state, "00DC012C 01 00", "6981");
	EXPECT(*state, "00E20028 01 00", "6981");
	EXPECT(*state, "00B08100 00", "6981");
	EXPECT(*state, "00D68100 01 00", "6981");
	EXPECT(*state, "80348100 01 00", "6D00");
}

static void c3_9_access_goes_before_number_and_length(void **state)
{
	EXPECT(*state, "00B20924 00", "6982");
	EXPECT(*state, "00DC0924 01 01", "6982");
	EXPECT(*state, "00E20020 01 01", "6982");
	EXPECT(*state, "00200081 04 31323334", "9000");
	EXPECT(*state, "00B20124 00", "6A83");
	EXPECT(*state, "00E20020 02 0102", "9000");
	EXPECT(*state, "00B20124 00", "0102 9000");
}

static void c3_6_form_of_lc(void **state)
{
	EXPECT(*state, "00B2010C 01 00 00", "6700");
	EXPECT(*state, "00DC010C 00", "6700");
	EXPECT(*state, "00E20008 00", "6700");
	EXPECT(*state, "00E20008 04 01020304 00", "9000"); /* Le without response data: unspecified, ignored */
}

/* READ, UPDATE and APPEND have a rule each. */
static void c6_each_operation_has_its_rule(void **state)
{
	static const char *const commands[] = {"00B2010C 00", "00DC010C 01 77", "00E20008 01 88"};
	(void)state;
	for (int op = FILE_READ; op <= FILE_APPEND; op++) {
		struct contract *c = kit_contract();
		struct sim s;
		uint16_t f = kit_records(c, "f", 1, 1, FILE_LINEAR_FIXED, 1, 2, KIT_NEVER);
		kit_record(c, "66");
		c->file[f].rule[op] = KIT_ALWAYS;
		kit_card(&s, c);
		for (int i = FILE_READ; i <= FILE_APPEND; i++)
			EXPECT(&s, commands[i], i != op ? "6982" : op == FILE_READ ? "669000" : "9000");
		sim_close(&s);
	}
}

/* In an AP with extended APDUs a response takes more; a record that no short response can take is read that way only.
 */
static void c6_extended_apdus(void **state)
{
	(void)state;
	enum { LONG = 600 };
	static char cmd[32 + 2 * LONG], want[2 * LONG + 5];
	struct contract *c = kit_contract();
	struct sim s;
	c->extended = true;
	kit_records(c, "long", 1, 1, FILE_CYCLIC, LONG, 2, KIT_ALWAYS);
	kit_records(c, "v", 2, 2, FILE_LINEAR_VARIABLE, LONG, 3, KIT_ALWAYS);
	kit_card(&s, c);
	snprintf(cmd, sizeof cmd, "00E20008 00 %04X ", LONG);
	memset(cmd + strlen(cmd), '7', 2 * LONG);
	memset(want, '7', 2 * LONG);
	strcpy(want + 2 * LONG, "9000");
	assert_string_equal(kit_send(&s, cmd), "9000");
	assert_string_equal(kit_send(&s, "00B2010C 00 0000"), want);
	assert_string_equal(kit_send(&s, "00B2010C 00 0258"), want);
	EXPECT(&s, "00B2010C 00 0257", "6700");
	EXPECT(&s, "00B2010C 00", "6700");
	EXPECT(&s, "00B2010D 00", "6700");
	EXPECT(&s, "00E20010 01 11", "9000");
	memcpy(cmd, "00E20010", 8);
	assert_string_equal(kit_send(&s, cmd), "9000");
	EXPECT(&s, "00B20115 00", "11 9000");
	assert_int_equal(strlen(kit_send(&s, "00B20115 00 0000")), 2 * (LONG + 1) + 4);
	EXPECT(&s, "00B20214 00", "6700");
	sim_close(&s);
}

/* The most records a file may have; P1 = FF stays reserved. */
static void c6_the_largest_file(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	kit_records(c, "f", 1, 1, FILE_LINEAR_FIXED, 1, CONTRACT_RECORDS, KIT_ALWAYS);
	kit_records(c, "g", 2, 2, FILE_CYCLIC, 1, CONTRACT_RECORDS, KIT_ALWAYS);
	kit_card(&s, c);
	for (int i = 0; i < 300; i++) {
		const uint8_t append[] = {0, 0xe2, 0, 8, 1, (uint8_t)i}, cyclic[] = {0, 0xe2, 0, 16, 1, (uint8_t)i};
		assert_string_equal(kit_send_bytes(&s, append, sizeof append), i < CONTRACT_RECORDS ? "9000" : "6A84");
		assert_string_equal(kit_send_bytes(&s, cyclic, sizeof cyclic), "9000");
	}
	EXPECT(&s, "00B2FE0C 00", "FD 9000");
	EXPECT(&s, "00B2FF0C 00", "6A83");
	EXPECT(&s, "00B20114 00", "2B 9000");
	EXPECT(&s, "00B2FE14 00", "2E 9000");
	sim_close(&s);
}

/* A per-card value goes into its record, filled up. */
static void c10_fields_in_records(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	uint16_t f = kit_records(c, "f", 1, 1, FILE_LINEAR_FIXED, 8, 3, KIT_ALWAYS);
	kit_record(c, "1111111111111111");
	kit_record(c, "2222222222222222");
	uint16_t x = kit_field(c, "x", f, 1, 6, 1, FORMAT_DIGITS, 0x20);
	c->field[x].record = 2;
	uint16_t g = kit_records(c, "g", 2, 2, FILE_CYCLIC, 4, 3, KIT_ALWAYS);
	kit_record(c, "33333333");
	kit_record(c, "44444444");
	c->field[kit_field(c, "y", g, 0, 4, 4, FORMAT_DIGITS, -1)].record = 1;
	kit_card(&s, c);
	EXPECT(&s, "00B2010D 00", "1111111111111111 2231323334202022 9000");
	EXPECT(&s, "00B20115 00", "3132333444444444 9000");
	sim_close(&s);
}

static void c4_power_cuts(void **state)
{
#define ASK_ALL                                                                                                        \
	{"00B2010D 00"}, {"00B20115 00"}, {"00B2011D 00"}, {"00B20135 00"}, {"00E20008 04 99999999", "00B2010D 00"},   \
	    {"00E20010 02 9999", "00B20115 00"}, {"00E20018 03 999999", "00B2011D 00"},                                \
	{                                                                                                              \
		"00E20030 02 9999", "00B20135 00"                                                                      \
	}
	static const struct scenario all[] = {
	    {.command = "00DC020C 04 A1A2A3A4", .ask = {ASK_ALL}},
	    {.command = "00E20008 04 44444444", .ask = {ASK_ALL}},
	    {.command = "00DC0214 01 B1", .ask = {ASK_ALL}},
	    {.command = "00DC0114 06 A1A2A3A4A5A6", .ask = {ASK_ALL}},
	    {.command = "00E20010 05 D1D2D3D4D5", .ask = {ASK_ALL}},
	    {.command = "00DC021C 03 A1A2A3", .ask = {ASK_ALL}},
	    {.command = "00E20018 03 030303", .ask = {ASK_ALL}},
	    {.before = {"00E20018 03 030303"}, .command = "00E20018 03 040404", .ask = {ASK_ALL}},
	    {.before = {"00E20018 03 030303", "00E20018 03 040404", "00E20018 03 050505"},
		.command = "00E20018 03 060606",
		.ask = {ASK_ALL}},
	    {.command = "00E20030 02 0101", .ask = {ASK_ALL}},
	    {.before = {"00E20030 02 0101"}, .command = "00E20030 02 0202", .ask = {ASK_ALL}},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		cut_run(*state, &all[i], 1, true);
}

/* Longer than the log: section 4 holds for extended APDUs too. */
static void c4_power_cuts_in_long_records(void **state)
{
	(void)state;
	enum { LONG = 5000 };
	static char update[32 + 2 * LONG], append[32 + 2 * LONG], cyclic[32 + 2 * LONG];
	struct contract *c = kit_contract();
	struct sim s;
	c->extended = true;
	kit_records(c, "v", 1, 1, FILE_LINEAR_VARIABLE, LONG, 2, KIT_ALWAYS);
	kit_records(c, "c", 2, 2, FILE_CYCLIC, LONG, 1, KIT_ALWAYS);
	kit_card(&s, c);
	snprintf(update, sizeof update, "00DC010C 00 %04X ", LONG);
	snprintf(append, sizeof append, "00E20008 00 %04X ", LONG);
	snprintf(cyclic, sizeof cyclic, "00E20010 00 %04X ", LONG);
	memset(update + strlen(update), '7', 2 * LONG);
	memset(append + strlen(append), '8', 2 * LONG);
	memset(cyclic + strlen(cyclic), '9', 2 * LONG);
	const char *ask = "00B2010D 00 0000", *ask_cyclic = "00B20115 00 0000";
	assert_string_equal(kit_send(&s, "00E20008 01 11"), "9000");
	const struct scenario long_update = {.command = update, .ask = {{ask}, {ask_cyclic}}},
			      long_append = {.command = append, .ask = {{ask}, {ask_cyclic}}},
			      long_cyclic = {.command = cyclic, .ask = {{ask}, {ask_cyclic}}};
	cut_run(&s, &long_update, 97, false);
	cut_run(&s, &long_append, 97, false);
	cut_run(&s, &long_cyclic, 97, false);
	kit_start(&s);
	assert_string_equal(kit_send(&s, cyclic), "9000");
	memset(cyclic + strlen(cyclic) - 2 * LONG, 'A', 2 * LONG);
	cut_run(&s, &long_cyclic, 97, false);
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    RECORD_TEST(c6_read_mode_04_gives_this_record),
	    RECORD_TEST(c6_read_mode_05_gives_bare_records_to_the_last),
	    RECORD_TEST(c6_read_mode_05_gives_as_many_whole_ones_as_fit),
	    RECORD_TEST(c6_an_explicit_le_must_be_what_is_returned),
	    RECORD_TEST(c6_other_modes_and_record_0_are_6a86),
	    RECORD_TEST(c3_10_a_record_that_is_not_there_is_6a83),
	    RECORD_TEST(c6_linear_fixed_length_is_exact),
	    RECORD_TEST(c6_a_variable_record_takes_the_length_it_is_given),
	    RECORD_TEST(c6_append_goes_behind_the_last_and_a_full_file_is_6a84),
	    RECORD_TEST(c6_cyclic_record_1_is_the_newest_and_append_drops_the_oldest),
	    RECORD_TEST(c6_cyclic_update_by_number_keeps_the_order),
	    RECORD_TEST(c6_a_cyclic_file_of_one_record),
	    RECORD_TEST(c5_the_sfi_makes_the_ef_current_before_access),
	    RECORD_TEST(c3_7_the_type_of_the_file_must_fit),
	    RECORD_TEST(c3_9_access_goes_before_number_and_length),
	    RECORD_TEST(c3_6_form_of_lc),
	    cmocka_unit_test(c6_each_operation_has_its_rule),
	    cmocka_unit_test(c6_extended_apdus),
	    cmocka_unit_test(c6_the_largest_file),
	    cmocka_unit_test(c10_fields_in_records),
	    RECORD_TEST(c4_power_cuts),
	    cmocka_unit_test(c4_power_cuts_in_long_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
