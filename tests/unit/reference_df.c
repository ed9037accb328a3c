/* The reference card: DFs nested in the AP. AP contract, section 5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_cut_kit.h"
#include "tests/unit/support/objects_kit.h"

/* AP: PIN top (1); EF 0001 sfi 1 always, EF 0002 sfi 2 pin(top).
 *   DF outer 7001: PIN outer (2); EF 0011 sfi 1 pin(outer); EF 0012 sfi 3 pin(top); data 5E.
 *     DF inner 7002, AID D39210003100FF: PIN inner (1); EF 0021 sfi 1 pin(inner); EF 0022 sfi 2 pin(outer).
 *   DF other 7003: EF 0031 sfi 1 always. */
enum { TOP, OUTER, INNER };

static int setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = kit_contract();
	assert_non_null(s);
	uint16_t outer = kit_df(c, "outer", 0, 0x7001, "");
	uint16_t inner = kit_df(c, "inner", outer, 0x7002, "D39210003100FF");
	uint16_t other = kit_df(c, "other", 0, 0x7003, "");
	uint16_t top_pin = kit_rule(c, RULE_PIN, TOP, 0), outer_pin = kit_rule(c, RULE_PIN, OUTER, 0),
		 inner_pin = kit_rule(c, RULE_PIN, INNER, 0);
	kit_simple_pin(c, "top", 0, 1);
	kit_simple_pin(c, "outer", outer, 2);
	kit_simple_pin(c, "inner", inner, 1);
	kit_file(c, "a", 1, 1, 1, KIT_ALWAYS, KIT_ALWAYS, 0xa1);
	kit_file(c, "b", 2, 2, 1, top_pin, top_pin, 0xa2);
	c->file[kit_file(c, "c", 0x11, 1, 1, outer_pin, outer_pin, 0xb1)].df = outer;
	c->file[kit_file(c, "d", 0x12, 3, 1, top_pin, top_pin, 0xb2)].df = outer;
	c->file[kit_data(c, "e", 0x5e, 1, "B3", KIT_ALWAYS, KIT_ALWAYS)].df = outer;
	c->file[kit_file(c, "f", 0x21, 1, 1, inner_pin, inner_pin, 0xc1)].df = inner;
	c->file[kit_file(c, "g", 0x22, 2, 1, outer_pin, outer_pin, 0xc2)].df = inner;
	c->file[kit_file(c, "h", 0x31, 1, 1, KIT_ALWAYS, KIT_ALWAYS, 0xd1)].df = other;
	kit_card(s, c);
	*state = s;
	return 0;
}

#define DF_TEST(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)
#define INTO_OUTER "00A4010C 02 7001"
#define INTO_INNER "00A4010C 02 7002"
#define INTO_OTHER "00A4010C 02 7003"
#define BACK       "00A4030C"
#define V1         "00200081 04 31323334"
#define V1_NO      "00200081 04 31323335"
#define V2         "00200082 04 31323334"

static void c5_child_and_parent(void **state)
{
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, INTO_OTHER, "9000");
	EXPECT(*state, "00B08100 00", "D1 9000");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, INTO_INNER, "6A82"); /* a grandchild */
	EXPECT(*state, INTO_OUTER, "9000");
	EXPECT(*state, INTO_OTHER, "6A82"); /* a sibling */
	EXPECT(*state, INTO_INNER, "9000");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, INTO_INNER, "9000");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, BACK, "6A82");
	EXPECT(*state, "00B08100 00", "A1 9000");
}

static void c5_files_are_those_of_the_current_df(void **state)
{
	EXPECT(*state, "00A4020C 02 0031", "6A82");
	EXPECT(*state, "00CA005E 00", "6A88");
	EXPECT(*state, INTO_OUTER, "9000");
	EXPECT(*state, "00A4020C 02 0001", "6A82");
	EXPECT(*state, "00B08200 00", "6A82");
	EXPECT(*state, "00CA005E 00", "B3 9000");
	EXPECT(*state, "00A4020C 02 7002", "6A82"); /* a DF is no EF */
	EXPECT(*state, "00A4010C 02 0011", "6A82"); /* an EF is no DF */
	EXPECT(*state, "00A4020C 02 0011", "9000");
}

static void c5_the_aps_status_stays_and_the_dfs_own_goes(void **state)
{
	EXPECT(*state, V1, "9000");
	EXPECT(*state, INTO_OUTER, "9000");
	EXPECT(*state, "00B08300 00", "B2 9000"); /* pin(top) */
	EXPECT(*state, "00B08100 00", "6982");
	EXPECT(*state, V2, "9000");
	EXPECT(*state, "00B08100 00", "B1 9000");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, "00B08200 00", "A2 9000");
	EXPECT(*state, INTO_OUTER, "9000");
	EXPECT(*state, "00B08100 00", "6982");
	EXPECT(*state, V2, "9000");
	EXPECT(*state, INTO_INNER, "9000");
	EXPECT(*state, "00B08200 00", "6982"); /* pin(outer) was local to outer */
	EXPECT(*state, V2, "9000");            /* but is found from inside */
	EXPECT(*state, "00B08200 00", "C2 9000");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, "00B08100 00", "6982");
	EXPECT(*state, "00B08300 00", "B2 9000");
}

static void c5_a_df_clears_the_current_ef(void **state)
{
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, "00B00000 00", "A1 9000");
	EXPECT(*state, INTO_OUTER, "9000");
	EXPECT(*state, "00B00000 00", "6986");
	EXPECT(*state, "00A4020C 02 0012", "9000");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, "00B00000 00", "6986");
}

static void c5_a_failed_select_changes_nothing(void **state)
{
	EXPECT(*state, INTO_OUTER, "9000");
	EXPECT(*state, V2, "9000");
	EXPECT(*state, "00A4020C 02 0011", "9000");
	EXPECT(*state, "00A4010C 02 7009", "6A82");
	EXPECT(*state, "00A4010C 02 7003", "6A82");
	EXPECT(*state, "00A4010C 01 70", "6700");
	EXPECT(*state, "00A4010C", "6700");
	EXPECT(*state, "00A4030C 02 7001", "6700");
	EXPECT(*state, "00A40100 02 7002", "6A86");
	EXPECT(*state, "00A40300", "6A86");
	EXPECT(*state, "00A4040C 06 D39210003100", "6A82");
	EXPECT(*state, "00B00000 00", "B1 9000");
}

/* Inside inner, reference 1 is inner's own PIN; outside it is the AP's. */
static void c7_the_nearest_pin_with_the_reference(void **state)
{
	EXPECT(*state, V2, "6A88");
	EXPECT(*state, INTO_OUTER, "9000");
	EXPECT(*state, V1, "9000"); /* top */
	EXPECT(*state, "00B08300 00", "B2 9000");
	EXPECT(*state, INTO_INNER, "9000");
	EXPECT(*state, "00B08100 00", "6982");
	EXPECT(*state, V1_NO, "63C2"); /* inner */
	EXPECT(*state, V1, "9000");
	EXPECT(*state, "00B08100 00", "C1 9000");
	EXPECT(*state, V1_NO, "63C2");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, "00B08300 00", "B2 9000"); /* top was not touched */
	EXPECT(*state, INTO_INNER, "9000");
	EXPECT(*state, "00200081", "63C2");
	EXPECT(*state, V1_NO, "63C1");
	EXPECT(*state, V1_NO, "63C0");
	EXPECT(*state, V1, "6983");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, "00200081", "9000");
}

static void c5_select_by_aid_clears_everything(void **state)
{
	EXPECT(*state, V1, "9000");
	EXPECT(*state, INTO_OUTER, "9000");
	EXPECT(*state, V2, "9000");
	EXPECT(*state, SELECT_AP, "9000");
	EXPECT(*state, "00B08200 00", "6982");
	EXPECT(*state, "00B08100 00", "A1 9000"); /* in the AP's own DF again */
	EXPECT(*state, V1, "9000");
	EXPECT(*state, "00A40400 07 D39210003100FF 00", "6F0B 8407D39210003100FF A500 9000");
	EXPECT(*state, "00B00000 00", "6986");
	EXPECT(*state, "00A4020C 02 0021", "9000");
	EXPECT(*state, "00B00000 00", "6982");
	EXPECT(*state, BACK, "9000");
	EXPECT(*state, "00B08300 00", "6982"); /* pin(top) is gone */
	EXPECT(*state, "00A4040C 07 D39210003100FF", "9000");
	EXPECT(*state, "00A40400 07 D39210003100FF 0C", "6700");
	EXPECT(*state, V1, "9000");
	EXPECT(*state, "00B08100 00", "C1 9000");
}

static void c5_reset_leaves_every_df(void **state)
{
	EXPECT(*state, INTO_OUTER, "9000");
	kit_start(*state);
	EXPECT(*state, "00B08100 00", "A1 9000");
}

static void c4_power_cuts_inside_a_df(void **state)
{
	static const struct scenario wrong = {.session = {INTO_OUTER, INTO_INNER},
	    .command = V1_NO,
	    .spent = V1_NO,
	    .ask = {{"00200081"}, {INTO_OUTER, INTO_INNER, "00200081"}, {V1}}};
	static const struct scenario update = {.session = {INTO_OTHER},
	    .command = "00D68100 01 77",
	    .ask = {{"00B08100 00"}, {INTO_OTHER, "00B08100 00"}}};
	static const struct scenario put = {.session = {INTO_OUTER},
	    .command = "00DA005E 01 77",
	    .ask = {{"00B08100 00"}, {INTO_OUTER, "00CA005E 00"}}};
	cut_run(*state, &wrong, 1, true);
	cut_run(*state, &update, 1, true);
	cut_run(*state, &put, 1, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DF_TEST(c5_child_and_parent),
	    DF_TEST(c5_files_are_those_of_the_current_df),
	    DF_TEST(c5_the_aps_status_stays_and_the_dfs_own_goes),
	    DF_TEST(c5_a_df_clears_the_current_ef),
	    DF_TEST(c5_a_failed_select_changes_nothing),
	    DF_TEST(c7_the_nearest_pin_with_the_reference),
	    DF_TEST(c5_select_by_aid_clears_everything),
	    DF_TEST(c5_reset_leaves_every_df),
	    DF_TEST(c4_power_cuts_inside_a_df),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
