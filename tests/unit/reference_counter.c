/* The reference card: INCREASE and DECREASE. AP contract, section 6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_cut_kit.h"
#include "tests/unit/support/objects_kit.h"

/* By SFI: 1 one byte, 5 to 250, at 10; 2 two bytes, 0 to 65535, at 0100; 3 three bytes, 0 to 1000, at 999, INS 36 and
 * 38; 4 four bytes, 0 to FFFFFFFF, at FFFFFFF0; 5 one byte, increase pin(p), decrease never, read never; 6 transparent.
 */
static int setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = kit_contract();
	assert_non_null(s);
	uint16_t p = kit_rule(c, RULE_PIN, 0, 0);
	kit_simple_pin(c, "p", 0, 1);
	kit_counter(c, "one", 1, 1, 1, 5, 250, 10, KIT_ALWAYS);
	kit_counter(c, "two", 2, 2, 2, 0, 0xffff, 0x100, KIT_ALWAYS);
	uint16_t i = kit_counter(c, "three", 3, 3, 3, 0, 1000, 999, KIT_ALWAYS);
	c->file[i].increase_ins = 0x36;
	c->file[i].decrease_ins = 0x38;
	kit_counter(c, "four", 4, 4, 4, 0, UINT32_MAX, 0xfffffff0, KIT_ALWAYS);
	i = kit_counter(c, "locked", 5, 5, 1, 0, 9, 0, KIT_NEVER);
	c->file[i].rule[FILE_INCREASE] = p;
	kit_file(c, "f", 6, 6, 1, KIT_ALWAYS, KIT_ALWAYS, 0x55);
	kit_card(s, c);
	*state = s;
	return 0;
}

#define COUNTER_TEST(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)

static void c6_the_response_is_the_new_value(void **state)
{
	EXPECT(*state, "80340001 01 05 00", "0F 9000");
	EXPECT(*state, "80300001 01 0A 01", "05 9000");
	EXPECT(*state, "80340002 02 0001", "0101 9000");
	EXPECT(*state, "80300002 02 0101 00", "0000 9000");
	EXPECT(*state, "80340004 04 0000000F 00", "FFFFFFFF 9000");
	EXPECT(*state, "80300004 04 FFFFFFFF 00", "00000000 9000");
	EXPECT(*state, "80340001 01 00 00", "05 9000");
}

static void c6_out_of_bounds_is_6985_and_no_change(void **state)
{
	EXPECT(*state, "80340001 01 F1 00", "6985");
	EXPECT(*state, "80340001 01 F0 00", "FA 9000");
	EXPECT(*state, "80340001 01 01 00", "6985");
	EXPECT(*state, "80300001 01 F6 00", "6985");
	EXPECT(*state, "80300001 01 F5 00", "05 9000");
	EXPECT(*state, "80300001 01 FF 00", "6985");
	EXPECT(*state, "80340004 04 00000010 00", "6985");
	EXPECT(*state, "80340004 04 FFFFFFFF 00", "6985");
	EXPECT(*state, "80300004 04 FFFFFFF1 00", "6985");
	EXPECT(*state, "80340002 02 FF00 00", "6985");
	EXPECT(*state, "80360003 03 000002 00", "6985");
	EXPECT(*state, "80360003 03 000001 00", "0003E8 9000");
	EXPECT(*state, "00B08400 00", "FFFFFFF0 9000");
	EXPECT(*state, "00B08100 00", "05 9000");
}

static void c6_the_ins_is_the_counters_own(void **state)
{
	EXPECT(*state, "80380003 03 0003E7 00", "000000 9000");
	EXPECT(*state, "80340003 03 000001 00", "6981");
	EXPECT(*state, "80360001 01 01 00", "6981");
	EXPECT(*state, "80320001 01 01 00", "6D00");
	EXPECT(*state, "80350001 01 01 00", "6D00");
	EXPECT(*state, "00340001 01 01 00", "6D00");
}

static void c6_p2_is_the_sfi_or_0(void **state)
{
	EXPECT(*state, "80340000 01 01 00", "6986");
	EXPECT(*state, "80340001 01 01 00", "0B 9000");
	EXPECT(*state, "80340000 01 01 00", "0C 9000");
	EXPECT(*state, "00A4020C 02 0002", "9000");
	EXPECT(*state, "80340000 02 0001 00", "0101 9000");
	EXPECT(*state, "8034001F 01 01 00", "6A82");
	EXPECT(*state, "80340007 01 01 00", "6A82");
	EXPECT(*state, "80340020 01 01 00", "6A86");
	EXPECT(*state, "80340081 01 01 00", "6A86");
	EXPECT(*state, "80340101 01 01 00", "6A86");
	EXPECT(*state, "80340006 01 01 00", "6981");
	EXPECT(*state, "00B00000 00", "55 9000"); /* current, although of the wrong type */
	EXPECT(*state, "80340005 01 01 00", "6982");
	EXPECT(*state, "80340000 01 01 00", "6982");
}

static void c6_the_amount_has_the_counters_width(void **state)
{
	EXPECT(*state, "80340002 01 01 00", "6700");
	EXPECT(*state, "80340002 03 000001 00", "6700");
	EXPECT(*state, "80340002 00", "6700");
	EXPECT(*state, "80340002", "6700");
	EXPECT(*state, "80340002 02 0001 01", "6700");
	EXPECT(*state, "80340002 02 0001 03", "0101 9000");
	EXPECT(*state, "00B08200 00", "0101 9000");
}

static void c6_each_operation_has_its_rule(void **state)
{
	EXPECT(*state, "80300005 01 00 00", "6982");
	EXPECT(*state, "80340005 01 01 00", "6982");
	EXPECT(*state, "80340005 02 0001 00", "6982"); /* 3, number 9 before 10 */
	EXPECT(*state, "00200081 04 31323334", "9000");
	EXPECT(*state, "80340005 01 01 00", "01 9000");
	EXPECT(*state, "80300005 01 01 00", "6982");
	EXPECT(*state, "00B08500 00", "6982");
}

static void c6_a_counter_is_read_but_not_written_as_a_file(void **state)
{
	EXPECT(*state, "00B08200 00", "0100 9000");
	EXPECT(*state, "00B08201 00", "00 9000");
	EXPECT(*state, "00B08202 00", "6B00");
	EXPECT(*state, "00B08200 03", "0100 6282");
	EXPECT(*state, "00D68200 02 0000", "6981");
	EXPECT(*state, "00B20114 00", "6981");
	EXPECT(*state, "00B08200 00", "0100 9000");
}

/* What personalisation left of the INS belongs to the AP. */
static void c6_any_ins(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	uint16_t i = kit_counter(c, "n", 1, 1, 1, 0, 9, 0, KIT_ALWAYS);
	c->file[i].increase_ins = 0xe2;
	c->file[i].decrease_ins = 0xe4;
	kit_card(&s, c);
	EXPECT(&s, "80E20001 01 05 00", "05 9000");
	EXPECT(&s, "80E40001 01 01 00", "04 9000");
	EXPECT(&s, "80E40000", "6700");
	sim_close(&s);
}

static void c10_a_value_per_card_stays_in_bounds(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	uint16_t i = kit_counter(c, "n", 1, 1, 2, 10, 1000, 10, KIT_ALWAYS);
	kit_field(c, "x", i, 0, 2, 2, FORMAT_BINARY, -1);
	kit_deliver(&s, c);
	free(c);
	sim_power_up(&s);
	EXPECT(&s, "80E20000 02 0009", "6A80");
	EXPECT(&s, "80E20000 02 03E9", "6A80");
	EXPECT(&s, "80E20000 01 0A", "6700");
	EXPECT(&s, "80E20000 02 03E8", "9000");
	EXPECT(&s, "80E40000", "9000");
	EXPECT(&s, SELECT_AP, "9000");
	EXPECT(&s, "00B08100 00", "03E8 9000");
	sim_close(&s);
}

static void c4_power_cuts(void **state)
{
#define ASK_ALL                                                                                                        \
	{"00B08100 00"}, {"00B08200 00"}, {"00B08300 00"}, {"00B08400 00"},                                            \
	{                                                                                                              \
		"80300004 04 FFFFFFFF 00"                                                                              \
	}
	static const struct scenario all[] = {
	    {.command = "80340001 01 05 00", .ask = {ASK_ALL}},
	    {.command = "80300001 01 01 00", .ask = {ASK_ALL}},
	    {.command = "80300002 02 00FF 00", .ask = {ASK_ALL}},
	    {.command = "80360003 03 000001 00", .ask = {ASK_ALL}},
	    {.command = "80340004 04 0000000F 00", .ask = {ASK_ALL}},
	    {.command = "80300004 04 FF000001 00", .ask = {ASK_ALL}},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		cut_run(*state, &all[i], 1, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    COUNTER_TEST(c6_the_response_is_the_new_value),
	    COUNTER_TEST(c6_out_of_bounds_is_6985_and_no_change),
	    COUNTER_TEST(c6_the_ins_is_the_counters_own),
	    COUNTER_TEST(c6_p2_is_the_sfi_or_0),
	    COUNTER_TEST(c6_the_amount_has_the_counters_width),
	    COUNTER_TEST(c6_each_operation_has_its_rule),
	    COUNTER_TEST(c6_a_counter_is_read_but_not_written_as_a_file),
	    cmocka_unit_test(c6_any_ins),
	    cmocka_unit_test(c10_a_value_per_card_stays_in_bounds),
	    COUNTER_TEST(c4_power_cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
