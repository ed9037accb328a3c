/* The reference card: AP contract, section 10, life cycle and personalisation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

static int fresh(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = kit_rich_contract();
	assert_non_null(s);
	kit_deliver(s, c);
	free(c);
	sim_power_up(s);
	*state = s;
	return 0;
}

#define FRESH_TEST(f) cmocka_unit_test_setup_teardown(f, fresh, kit_teardown)

static void c3_2_before_operational_select_by_aid_answers_with_fci(void **state)
{
	EXPECT(*state, "00A40400 0A D3921000310001FFFF01 00", "6F0E 840A D3921000310001FFFF01 A500 9000");
	EXPECT(*state, SELECT_AP, "9000");
	EXPECT(*state, "00A4040C 0A D3921000310001FFFF02", "6A82");
}

static void c3_2_before_operational_everything_else_is_6985(void **state)
{
	struct sim *s = *state;
	for (int selected = 0; selected < 2; selected++) {
		EXPECT(s, "00A4020C 02 0001", "6985");
		EXPECT(s, "00B08100 00", "6985");
		EXPECT(s, "00D68300 01 00", "6985");
		EXPECT(s, V_HOLDER, "6985");
		EXPECT(s, "00200081", "6985");
		EXPECT(s, "00240081 08 3132333431323335", "6985");
		EXPECT(s, "002C0081 0C " PUK "31323335", "6985");
		EXPECT(s, SELECT_AP, "9000");
	}
	/* unknown INS too, in any form */
	EXPECT(s, "00FF0000", "6985");
	EXPECT(s, "80FF0000", "6985");
	EXPECT(s, "00840000 08", "6985");
	EXPECT(s, "00B08100 05 00", "6985");
}

static void c3_1_class_goes_before_life_cycle(void **state)
{
	EXPECT(*state, "01B08100 00", "6881");
	EXPECT(*state, "10B08100 00", "6884");
	EXPECT(*state, "0CB08100 00", "6882");
	EXPECT(*state, "A0B08100 00", "6E00");
}

static void every_instruction_is_refused_before_operational(void **state)
{
	struct sim *s = *state;
	for (unsigned cla = 0; cla <= 0x80; cla += 0x80) {
		for (unsigned ins = 0; ins < 256; ins++) {
			const uint8_t cmd[] = {(uint8_t)cla, (uint8_t)ins, 0, 0};
			if (cla == 0x80 && (ins == REFERENCE_INS_DELIVER || ins == REFERENCE_INS_END))
				continue;
			assert_string_equal(kit_send_bytes(s, cmd, 4), "6985");
		}
	}
}

static void deliver_checks_the_value(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "80E20000", "6700");
	EXPECT(s, "80E20000 03 313233", "6700");
	EXPECT(s, "80E20000 05 3132333435", "6700");
	EXPECT(s, "80E20000 04 3132333A", "6A80");
	EXPECT(s, "80E20000 04 31323334", "9000");
	EXPECT(s, "80E20002 05 4142434445", "6700");
	EXPECT(s, "80E20002 06 41424344452D", "6A80");
	EXPECT(s, "80E20002 08 4142434445464748", "9000");
	EXPECT(s, "80E20001 07 31323334353637", "6700");
	EXPECT(s, "80E20007 09 303132333435363738", "6700");
	EXPECT(s, "80E20007 0A 303132333435363738FF", "6A80");
	EXPECT(s, "80E20008 01 30", "6A88");
	EXPECT(s, "80E2FFFF 01 30", "6A88");
}

static void personalisation_does_not_end_while_a_value_is_missing(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "80E40000", "6985");
	for (unsigned i = 0; i < KIT_RICH_VALUES; i++) {
		const struct reference_value *v = &kit_rich_values[i];
		uint8_t cmd[64] = {0x80, 0xe2, 0, (uint8_t)i, (uint8_t)v->n};
		EXPECT(s, "80E40000", "6985");
		memcpy(cmd + 5, v->p, v->n);
		assert_string_equal(kit_send_bytes(s, cmd, 5 + v->n), "9000");
		assert_false(reference_operational(s));
	}
	EXPECT(s, "80E40001", "6A86");
	EXPECT(s, "80E40100", "6A86");
	EXPECT(s, "80E40000 01 00", "6700");
	EXPECT(s, "80E40000", "9000");
	assert_true(reference_operational(s));
}

static void a_value_may_be_delivered_again(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "80E20000 04 39393939", "9000");
	sim_power_up(s);
	assert_int_equal(reference_personalise(s, kit_rich_values, KIT_RICH_VALUES), SW_OK);
	kit_start(s);
	EXPECT(s, "00200081 04 39393939", "63C2");
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00B08106 00", "30313233343536373839 9000");
}

/* One way. */
static void c10_operational_is_for_good(void **state)
{
	struct sim *s = *state;
	assert_int_equal(reference_personalise(s, kit_rich_values, KIT_RICH_VALUES), SW_OK);
	sim_power_up(s);
	EXPECT(s, "80E20000 04 39393939", "6985"); /* nothing selected */
	kit_start(s);
	EXPECT(s, "80E20000 04 39393939", "6D00");
	EXPECT(s, "80E40000", "6D00");
	EXPECT(s, V_HOLDER, "9000");
	sim_power_up(s);
	assert_true(reference_operational(s));
	assert_int_not_equal(reference_personalise(s, kit_rich_values, KIT_RICH_VALUES), SW_OK);
}

static void the_c_function_says_what_was_refused(void **state)
{
	struct sim *s = *state;
	const struct reference_value unknown = {"nobody", (const uint8_t *)"1", 1};
	const struct reference_value letters = {"holder", (const uint8_t *)"abcd", 4};
	const struct reference_value empty = {"holder", NULL, 0};
	assert_int_equal(reference_personalise(s, &unknown, 1), SW_REFERENCE_NOT_FOUND);
	assert_int_equal(reference_personalise(s, &letters, 1), SW_WRONG_DATA);
	assert_int_equal(reference_personalise(s, &empty, 1), SW_WRONG_LENGTH);
	assert_int_equal(reference_personalise(s, kit_rich_values, 3), SW_CONDITIONS_OF_USE);
	assert_false(reference_operational(s));
	assert_false(s->powered);
	assert_string_equal(reference_contract(s)->id, "kit");
}

/* A field shorter than its place is filled up with its pad byte, also after a longer one; values beyond 255 bytes come
 * in extended commands whatever the AP says. */
static void fields_are_padded_and_may_be_long(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	uint8_t *text = malloc(5000);
	assert_non_null(text);
	memset(text, 'x', 5000);
	kit_file(c, "f", 1, 1, 6000, KIT_ALWAYS, KIT_NEVER, 0x11);
	kit_field(c, "short", 0, 10, 8, 0, FORMAT_TEXT, 0x20);
	kit_field(c, "long", 0, 500, 5000, 1, FORMAT_BINARY, 0x00);
	kit_field(c, "exact", 0, 20, 4, 1, FORMAT_TEXT, -1);
	kit_deliver(&s, c);
	free(c);
	const struct reference_value too_short = {"exact", (const uint8_t *)"abc", 3};
	assert_int_equal(reference_personalise(&s, &too_short, 1), SW_WRONG_LENGTH);
	const struct reference_value values[] = {
	    {"exact", (const uint8_t *)"abcd", 4},
	    {"short", (const uint8_t *)"ABCDEFGH", 8},
	    {"short", (const uint8_t *)"abc", 3},
	    {"long", text, 5000},
	    {"long", text, 4999},
	};
	assert_int_equal(reference_personalise(&s, values, 5), SW_OK);
	kit_start(&s);
	EXPECT(&s, "00B08108 0C", "1111 6162632020202020 1111 9000");
	EXPECT(&s, "00B001F2 04", "11117878 9000");
	EXPECT(&s, "00B01579 04", "78780011 9000");
	sim_close(&s);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FRESH_TEST(c3_2_before_operational_select_by_aid_answers_with_fci),
	    FRESH_TEST(c3_2_before_operational_everything_else_is_6985),
	    FRESH_TEST(c3_1_class_goes_before_life_cycle),
	    FRESH_TEST(every_instruction_is_refused_before_operational),
	    FRESH_TEST(deliver_checks_the_value),
	    FRESH_TEST(personalisation_does_not_end_while_a_value_is_missing),
	    FRESH_TEST(a_value_may_be_delivered_again),
	    FRESH_TEST(c10_operational_is_for_good),
	    FRESH_TEST(the_c_function_says_what_was_refused),
	    cmocka_unit_test(fields_are_padded_and_may_be_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
