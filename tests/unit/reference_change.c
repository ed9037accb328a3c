/* The reference card: AP contract, section 7, CHANGE REFERENCE DATA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

static void c7_old_and_new(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00240081 08 3132333435363738", "9000");
	EXPECT(s, V_HOLDER, "63C2");
	EXPECT(s, "00200081 04 35363738", "9000");
	kit_start(s);
	EXPECT(s, "00200081 04 35363738", "9000");
}

static void c7_afterwards_not_verified(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00240081 08 3132333435363738", "9000");
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, "00B08200 01", "6982");
	EXPECT(s, "00200081 04 35363738", "9000");
	EXPECT(s, "00240181 04 31323334", "9000");
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, V_HOLDER, "9000");
}

static void c7_a_wrong_old_value_counts_as_a_try(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00240081 08 3939393935363738", "63C2");
	EXPECT(s, "00200081", "63C2"); /* and clears the status */
	EXPECT(s, V_HOLDER_NO, "63C1");
	EXPECT(s, "00240081 08 3939393935363738", "63C0");
	EXPECT(s, "00240081 08 3132333435363738", "6983");
	EXPECT(s, V_HOLDER, "6983");
	EXPECT(s, "00200082", "63C5");
}

static void c7_success_restores_the_tries(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER_NO, "63C2");
	EXPECT(s, V_HOLDER_NO, "63C1");
	EXPECT(s, "00240081 08 3132333435363738", "9000");
	EXPECT(s, "00200081", "63C3");
}

static void c7_new_equal_to_old_is_6a80_before_the_comparison(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00240081 08 3132333431323334", "6A80");
	EXPECT(s, "00240081 08 3939393939393939", "6A80"); /* though the old one is wrong, too */
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00240081 08 3132333431323334", "6A80");
	EXPECT(s, "00200081", "9000"); /* a refusal keeps the status */
}

static void c7_old_and_new_of_a_fixed_length_is_twice_that(void **state)
{
	for (unsigned lc = 0; lc < 256; lc++) {
		uint8_t cmd[5 + 255] = {0, 0x24, 0, 0x81, (uint8_t)lc};
		for (unsigned i = 0; i < lc; i++)
			cmd[5 + i] = (uint8_t)('0' + i % 10);
		if (lc != 8)
			assert_string_equal(kit_send_bytes(*state, cmd, lc == 0 ? 4 : 5 + lc), "6700");
	}
	EXPECT(*state, "00200081", "63C3");
}

static void c7_forms_not_offered_are_6a86(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "00240182 06 414141414141", "6A86"); /* admin offers old and new only */
	EXPECT(s, "00240084 04 00FF00FE", "6A86");     /* plain is never changed */
	EXPECT(s, "00240184 02 00FE", "6A86");
	for (unsigned p1 = 2; p1 < 256; p1++) {
		const uint8_t cmd[] = {0, 0x24, (uint8_t)p1, 0x81, 8, '1', '2', '3', '4', '5', '6', '7', '8'};
		assert_string_equal(kit_send_bytes(s, cmd, sizeof cmd), "6A86");
	}
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, "00200082", "9000");
}

static void c7_new_only_when_verified(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00240181 04 35363738", "6982");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "00240181 04 35363738", "6982"); /* another PIN does not help */
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, "00240181 03 353637", "6700");
	EXPECT(s, "00240181 05 3536373839", "6700");
	EXPECT(s, "00240181", "6700");
	EXPECT(s, "00240181 04 35363738", "9000");
	EXPECT(s, V_HOLDER, "63C2");
	EXPECT(s, "00200081 04 35363738", "9000");
	/* open point 18: not compared with the stored value */
	EXPECT(s, "00240181 04 35363738", "9000");
	EXPECT(s, "00200081 04 35363738", "9000");
}

/* Open point 15: with min < max the old value comes in its stored form, 8 bytes padded with FF. */
static void c7_old_value_of_stored_length(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00240082 0C 41646D316E30 424242424242", "6700");
	EXPECT(s, "00240082 0E 41646D316E30FFFF 424242424242", "9000");
	EXPECT(s, V_ADMIN, "63C4");
	EXPECT(s, "00200082 06 424242424242", "9000");
	EXPECT(s, "00240082 10 424242424242FFFF 4343434343434343", "9000");
	EXPECT(s, "00200082 08 4343434343434343", "9000");
	EXPECT(s, "00240082 0F 4343434343434343 44444444444444", "9000");
	EXPECT(s, "00200082 07 44444444444444", "9000");
	EXPECT(s, "00240082 0F 44444444444445FF 42424242424242", "63C4");
	EXPECT(s, "00240082 0F 44444444444444FF 44444444444444", "6A80");
	EXPECT(s, "00240082 0F 44444444444445FF 44444444444445", "6A80");
	EXPECT(s, "00200082 07 44444444444444", "9000");
}

/* Forms that the card checks: only where the description says so. */
static void c7_format_of_the_new_value(void **state)
{
	struct sim *s = *state;
	for (unsigned b = 0; b < 256; b++) {
		uint8_t cmd[] = {0, 0x24, 0, 0x82, 14, 'A', 'd', 'm', '1', 'n', '1', 0xff, 0xff, 'B', 'B', 'B', 'B',
		    'B', (uint8_t)b};
		bool fits = (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
		/* the old value is wrong: a format that fits uses a try, one that does not uses none */
		if (!fits)
			assert_string_equal(kit_send_bytes(s, cmd, sizeof cmd), "6A80");
	}
	EXPECT(s, "00200082", "63C5");
	EXPECT(s, "00240082 0E 41646D316E31FFFF 424242424242", "63C4");
	/* holder: left to the host */
	EXPECT(s, "00240081 08 3132333441424344", "9000");
	EXPECT(s, "00200081 04 41424344", "9000");
}

static void c7_new_only_in_transport_is_refused(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00240183 04 31313131", "6985");
	EXPECT(s, V_TRANSIT, "6985");
	EXPECT(s, "00240183 04 31313131", "6985");
	EXPECT(s, "00240083 08 3030303031313131", "9000");
	EXPECT(s, "00240183 04 32323232", "6982");
	EXPECT(s, "00200083 04 31313131", "9000");
	EXPECT(s, "00240183 04 32323232", "9000");
}

static void c7_a_wrong_old_value_keeps_transport(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00240083 08 3030303131313131", "63C2");
	EXPECT(s, "00B08500 00", "6985");
	EXPECT(s, V_TRANSIT, "6985");
}

/* A PIN whose old value has neither a fixed nor a stored length does not offer old and new. */
static void c7_without_a_length_of_the_old_value_the_form_does_not_exist(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	kit_pin(
	    c, (struct contract_pin){.id = "p", .ref = 7, .min = 4, .max = 6, .tries = 3, .change = FORM_00 | FORM_01});
	kit_deliver(&s, c);
	free(c);
	const struct reference_value v = {"p", (const uint8_t *)"12345", 5};
	assert_int_equal(reference_personalise(&s, &v, 1), SW_OK);
	kit_start(&s);
	EXPECT(&s, "00240087 09 313233343536373839", "6A86");
	EXPECT(&s, "00200087 04 31323334", "63C2");
	EXPECT(&s, "00200087 06 313233343500", "63C1");
	EXPECT(&s, "00200087 05 3132333435", "9000");
	EXPECT(&s, "00240187 06 313233343536", "9000");
	EXPECT(&s, "00200087 06 313233343536", "9000");
	sim_close(&s);
}

/* A fixed length goes without padding in both places, whatever is stored. */
static void c7_a_fixed_length_is_not_padded_in_the_command(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	kit_pin(c,
	    (struct contract_pin){
		.id = "p", .ref = 1, .min = 4, .max = 4, .stored = 8, .pad = 0, .tries = 9, .change = FORM_00});
	kit_deliver(&s, c);
	free(c);
	const struct reference_value v = {"p", (const uint8_t *)"1234", 4};
	assert_int_equal(reference_personalise(&s, &v, 1), SW_OK);
	kit_start(&s);
	EXPECT(&s, "00240081 0C 3132333400000000 31323335", "6700");
	EXPECT(&s, "00240081 08 31323334 31323334", "6A80");
	EXPECT(&s, "00240081 08 31323335 31323334", "63C8");
	EXPECT(&s, "00240081 08 31323334 31323335", "9000");
	EXPECT(&s, "00200081 04 31323335", "9000");
	EXPECT(&s, "00200081 08 3132333500000000", "6700");
	sim_close(&s);
}

/* Values of 255 bytes: nothing is cut off. */
static void c7_longest_values(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	uint8_t v[255], cmd[7 + 510] = {0, 0x24, 0x00, 0x81, 0, 510 >> 8, 510 & 0xff};
	memset(v, 0x31, sizeof v);
	c->extended = true;
	kit_pin(c,
	    (struct contract_pin){.id = "p",
		.ref = 1,
		.min = 255,
		.max = 255,
		.stored = 255,
		.tries = 15,
		.change = FORM_00,
		.reset = FORM_01,
		.puk_length = 255,
		.puk_tries = 15});
	kit_deliver(&s, c);
	free(c);
	const struct reference_value values[] = {{"p", v, 255}, {"p-puk", v, 255}};
	assert_int_equal(reference_personalise(&s, values, 2), SW_OK);
	kit_start(&s);
	memset(cmd + 7, 0x31, 255);
	memset(cmd + 7 + 255, 0x32, 255);
	cmd[7] = 0x32;
	assert_string_equal(kit_send_bytes(&s, cmd, sizeof cmd), "63CE");
	cmd[7] = 0x31;
	assert_string_equal(kit_send_bytes(&s, cmd, sizeof cmd), "9000");
	assert_string_equal(kit_send_bytes(&s, cmd, sizeof cmd), "63CE");
	uint8_t reset[5 + 255] = {0, 0x2c, 0x01, 0x81, 255};
	memset(reset + 5, 0x31, 255);
	assert_string_equal(kit_send_bytes(&s, reset, sizeof reset), "9000");
	reset[5 + 254] = 0x30;
	assert_string_equal(kit_send_bytes(&s, reset, sizeof reset), "63CE");
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CARD_TEST(c7_old_and_new),
	    CARD_TEST(c7_afterwards_not_verified),
	    CARD_TEST(c7_a_wrong_old_value_counts_as_a_try),
	    CARD_TEST(c7_success_restores_the_tries),
	    CARD_TEST(c7_new_equal_to_old_is_6a80_before_the_comparison),
	    CARD_TEST(c7_old_and_new_of_a_fixed_length_is_twice_that),
	    CARD_TEST(c7_forms_not_offered_are_6a86),
	    CARD_TEST(c7_new_only_when_verified),
	    CARD_TEST(c7_old_value_of_stored_length),
	    CARD_TEST(c7_format_of_the_new_value),
	    CARD_TEST(c7_new_only_in_transport_is_refused),
	    CARD_TEST(c7_a_wrong_old_value_keeps_transport),
	    cmocka_unit_test(c7_without_a_length_of_the_old_value_the_form_does_not_exist),
	    cmocka_unit_test(c7_a_fixed_length_is_not_padded_in_the_command),
	    cmocka_unit_test(c7_longest_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
