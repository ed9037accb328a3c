/* The reference card: GET DATA and PUT DATA. AP contract, sections 3 and 6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_cut_kit.h"
#include "tests/unit/support/objects_kit.h"

/* 5F20 "AB", up to 8 bytes; 5E empty, up to 200; 7F49 of four bytes filled per card, under pin(p); 5F21 never. */
static int setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = kit_contract();
	assert_non_null(s);
	uint16_t p = kit_rule(c, RULE_PIN, 0, 0);
	kit_simple_pin(c, "p", 0, 1);
	kit_data(c, "a", 0x5f20, 8, "4142", KIT_ALWAYS, KIT_ALWAYS);
	kit_data(c, "b", 0x005e, 200, "", KIT_ALWAYS, KIT_ALWAYS);
	uint16_t d = kit_data(c, "c", 0x7f49, 5, "0000000099", p, p);
	kit_field(c, "x", d, 0, 4, 4, FORMAT_DIGITS, -1);
	kit_data(c, "d", 0x5f21, 4, "01", KIT_NEVER, KIT_NEVER);
	kit_file(c, "f", 1, 1, 4, KIT_ALWAYS, KIT_ALWAYS, 0x55);
	kit_card(s, c);
	*state = s;
	return 0;
}

#define DATA_TEST(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)

static void c6_get_data_gives_the_value_by_tag(void **state)
{
	EXPECT(*state, "00CA5F20 00", "4142 9000");
	EXPECT(*state, "00CA5F20", "4142 9000");
	EXPECT(*state, "00CA5F20 02", "4142 9000");
	EXPECT(*state, "00CA005E 00", "9000");
}

static void c6_an_absent_object_is_6a88(void **state)
{
	EXPECT(*state, "00CA5F22 00", "6A88");
	EXPECT(*state, "00CA0000 00", "6A88");
	EXPECT(*state, "00CA0020 00", "6A88");
	EXPECT(*state, "00DA5F22 01 00", "6A88");
	EXPECT(*state, "00CA0001 00", "6A88"); /* a FID is no tag */
}

static void c6_put_data_replaces_the_value(void **state)
{
	EXPECT(*state, "00DA5F20 08 0102030405060708", "9000");
	EXPECT(*state, "00CA5F20 00", "0102030405060708 9000");
	EXPECT(*state, "00DA5F20 01 77", "9000");
	EXPECT(*state, "00CA5F20 00", "77 9000");
	EXPECT(*state, "00DA005E 03 010203", "9000");
	EXPECT(*state, "00CA005E 00", "010203 9000");
	sim_power_down(*state);
	kit_start(*state);
	EXPECT(*state, "00CA5F20 00", "77 9000");
}

static void c3_10_lengths(void **state)
{
	EXPECT(*state, "00DA5F20 09 010203040506070809", "6A84");
	EXPECT(*state, "00DA5F20", "6700");
	EXPECT(*state, "00DA5F20 00", "6700");
	EXPECT(*state, "00CA5F20 01 00 00", "6700");
	EXPECT(*state, "00CA5F20 01", "6700");
	EXPECT(*state, "00CA5F20 00", "4142 9000");
}

static void c3_9_rules(void **state)
{
	EXPECT(*state, "00CA7F49 00", "6982");
	EXPECT(*state, "00DA7F49 06 010203040506", "6982");
	EXPECT(*state, "00CA5F21 00", "6982");
	EXPECT(*state, "00DA5F21 01 00", "6982");
	EXPECT(*state, "00200081 04 31323334", "9000");
	EXPECT(*state, "00CA7F49 00", "3132333499 9000");
	EXPECT(*state, "00DA7F49 01 42", "9000");
	EXPECT(*state, "00CA7F49 00", "42 9000");
}

/* A data object is no EF: nothing becomes current. */
static void c6_a_data_object_has_no_fid(void **state)
{
	EXPECT(*state, "00B08100 01", "55 9000");
	EXPECT(*state, "00CA5F20 00", "4142 9000");
	EXPECT(*state, "00B00000 01", "55 9000");
	EXPECT(*state, "00A4020C 02 0000", "6A82");
	EXPECT(*state, "00A4020C 02 5F20", "6A82");
}

static void c6_extended_apdus(void **state)
{
	(void)state;
	enum { LONG = 700 };
	static char cmd[32 + 2 * LONG], want[2 * LONG + 5];
	struct contract *c = kit_contract();
	struct sim s;
	c->extended = true;
	kit_data(c, "a", 0x5f20, LONG, "", KIT_ALWAYS, KIT_ALWAYS);
	kit_card(&s, c);
	snprintf(cmd, sizeof cmd, "00DA5F20 00 %04X ", LONG);
	memset(cmd + strlen(cmd), '7', 2 * LONG);
	memset(want, '7', 2 * LONG);
	strcpy(want + 2 * LONG, "9000");
	assert_string_equal(kit_send(&s, cmd), "9000");
	assert_string_equal(kit_send(&s, "00CA5F20 00 0000"), want);
	EXPECT(&s, "00CA5F20 00", "6700");
	sim_close(&s);
}

static void c4_power_cuts(void **state)
{
	static const struct scenario all[] = {
	    {.command = "00DA5F20 08 0102030405060708", .ask = {{"00CA5F20 00"}, {"00CA005E 00"}}},
	    {.command = "00DA5F20 01 77", .ask = {{"00CA5F20 00"}, {"00CA005E 00"}}},
	    {.command = "00DA005E 03 010203", .ask = {{"00CA5F20 00"}, {"00CA005E 00"}, {"00B08100 00"}}},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		cut_run(*state, &all[i], 1, true);
}

static void c4_power_cuts_in_a_long_value(void **state)
{
	(void)state;
	enum { LONG = 5000 };
	static char put[32 + 2 * LONG];
	struct contract *c = kit_contract();
	struct sim s;
	c->extended = true;
	kit_data(c, "a", 0x5f20, LONG, "0102", KIT_ALWAYS, KIT_ALWAYS);
	kit_data(c, "b", 0x5f21, 3, "030405", KIT_ALWAYS, KIT_ALWAYS);
	kit_card(&s, c);
	snprintf(put, sizeof put, "00DA5F20 00 %04X ", LONG);
	memset(put + strlen(put), '7', 2 * LONG);
	const struct scenario sc = {.command = put, .ask = {{"00CA5F20 00 0000"}, {"00CA5F21 00"}}};
	cut_run(&s, &sc, 97, false);
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DATA_TEST(c6_get_data_gives_the_value_by_tag),
	    DATA_TEST(c6_an_absent_object_is_6a88),
	    DATA_TEST(c6_put_data_replaces_the_value),
	    DATA_TEST(c3_10_lengths),
	    DATA_TEST(c3_9_rules),
	    DATA_TEST(c6_a_data_object_has_no_fid),
	    cmocka_unit_test(c6_extended_apdus),
	    DATA_TEST(c4_power_cuts),
	    cmocka_unit_test(c4_power_cuts_in_a_long_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
