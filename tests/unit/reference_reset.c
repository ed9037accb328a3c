/* The reference card: AP contract, section 7, RESET RETRY COUNTER and the PUK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

static void block_holder(struct sim *s)
{
	EXPECT(s, V_HOLDER_NO, "63C2");
	EXPECT(s, V_HOLDER_NO, "63C1");
	EXPECT(s, V_HOLDER_NO, "63C0");
	EXPECT(s, V_HOLDER, "6983");
}

static void c7_00_puk_and_new(void **state)
{
	struct sim *s = *state;
	block_holder(s);
	EXPECT(s, "002C0081 0C " PUK "35363738", "9000");
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, V_HOLDER, "63C2");
	EXPECT(s, "00200081 04 35363738", "9000");
	kit_start(s);
	EXPECT(s, "00200081 04 35363738", "9000");
}

static void c7_01_puk(void **state)
{
	struct sim *s = *state;
	block_holder(s);
	EXPECT(s, "002C0181 08 " PUK, "9000");
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, V_HOLDER, "9000");
}

static void c7_02_new_under_the_rule_unblock(void **state)
{
	struct sim *s = *state;
	block_holder(s);
	EXPECT(s, "002C0281 04 35363738", "6982");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "002C0281 03 353637", "6700");
	EXPECT(s, "002C0281 05 3536373839", "6700");
	EXPECT(s, "002C0281", "6700");
	EXPECT(s, "00200081", "6983");
	EXPECT(s, "002C0281 04 35363738", "9000");
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, "00200081 04 35363738", "9000");
	EXPECT(s, "00200082", "9000"); /* admin stays verified */
}

static void c7_03_empty_under_the_rule_unblock(void **state)
{
	struct sim *s = *state;
	block_holder(s);
	EXPECT(s, "002C0381", "6982");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "002C0381 01 31", "6700");
	EXPECT(s, "002C0381", "9000");
	EXPECT(s, V_HOLDER, "9000");
}

static void c7_afterwards_not_verified(void **state)
{
	static const char *const forms[] = {
	    ("002C0081 0C " PUK "31323334"), ("002C0181 08 " PUK), "002C0281 04 31323334", "002C0381"};
	struct sim *s = *state;
	EXPECT(s, V_ADMIN, "9000");
	for (size_t i = 0; i < 4; i++) {
		EXPECT(s, V_HOLDER, "9000");
		EXPECT(s, forms[i], "9000"); /* the new value may be the old one: open point 24 */
		EXPECT(s, "00200081", "63C3");
		EXPECT(s, "00B08200 01", "6982");
	}
}

static void c7_the_puk_has_its_own_tries(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "002C0181 08 " PUK_NO, "63C9");
	EXPECT(s, "002C0081 0C " PUK_NO "35363738", "63C8");
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, "002C0183 08 3837363534333231", "9000"); /* the PUK of transit is another */
	EXPECT(s, "002C0181 08 " PUK, "9000");
	EXPECT(s, "002C0181 08 " PUK_NO, "63C9"); /* restored */
}

static void c7_a_blocked_puk_is_6983(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "002C0082 0C 363534323231 414141414141", "63C1");
	EXPECT(s, "002C0082 0C 363534323231 414141414141", "63C0");
	EXPECT(s, "002C0082 0C 363534333231 414141414141", "6983");
	EXPECT(s, "002C0082 0B 363534333231 4141414141", "6983");
	kit_start(s);
	EXPECT(s, "002C0082 0C 363534333231 414141414141", "6983");
	EXPECT(s, V_ADMIN, "9000"); /* the PIN works on */
}

static void c7_02_and_03_need_no_puk(void **state)
{
	struct sim *s = *state;
	for (unsigned i = 0; i < 10; i++)
		kit_send(s, "002C0181 08 " PUK_NO);
	EXPECT(s, "002C0181 08 " PUK, "6983");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "002C0381", "9000");
	EXPECT(s, "002C0281 04 31323334", "9000");
	EXPECT(s, "002C0181 08 " PUK, "6983"); /* and leave it blocked */
}

static void c7_the_puk_is_fixed_and_whole(void **state)
{
	struct sim *s = *state;
	for (unsigned lc = 0; lc < 256; lc++) {
		uint8_t cmd[5 + 255] = {0, 0x2c, 0, 0x81, (uint8_t)lc};
		size_t n = lc == 0 ? 4 : 5 + lc;
		memset(cmd + 5, '1', lc);
		if (lc != 12)
			assert_string_equal(kit_send_bytes(s, cmd, n), "6700");
		cmd[2] = 1;
		if (lc != 8)
			assert_string_equal(kit_send_bytes(s, cmd, n), "6700");
		cmd[2] = 0;
		cmd[3] = 0x82;
		if (lc < 12 || lc > 14)
			assert_string_equal(kit_send_bytes(s, cmd, n), "6700");
	}
	EXPECT(s, "002C0181 08 " PUK_NO, "63C9");
}

static void c7_no_verify_reaches_the_puk(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "002000A1 08 " PUK, "6A88");
	EXPECT(s, "00200081 08 " PUK, "6700");
	EXPECT(s, "00240081 10 " PUK "3837363534333231", "6700");
}

static void c7_forms_not_offered_are_6a86(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "002C0182 06 363534333231", "6A86");
	EXPECT(s, "002C0282 06 414141414141", "6A86");
	EXPECT(s, "002C0382", "6A86");
	EXPECT(s, "002C0084 04 00FF00FE", "6A86");
	EXPECT(s, "002C0384", "6A86");
	for (unsigned p1 = 4; p1 < 256; p1++) {
		const uint8_t cmd[] = {0, 0x2c, (uint8_t)p1, 0x81};
		assert_string_equal(kit_send_bytes(s, cmd, 4), "6A86");
	}
}

static void c7_the_new_value_is_checked_before_the_puk(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "002C0082 0C 363534323231 41414141412D", "6A80");
	EXPECT(s, "002C0082 0C 363534323231 414141414141", "63C1");
	EXPECT(s, "002C0082 0C 363534333231 41414141412D", "6A80");
	EXPECT(s, "002C0082 0D 363534333231 41414141414142", "9000");
	EXPECT(s, "00200082 07 41414141414142", "9000");
	EXPECT(s, "002C0082 0C 363534323231 414141414141", "63C1");
}

/* Open point 21. */
static void c7_a_wrong_puk_keeps_the_status_of_the_pin(void **state)
{
	EXPECT(*state, V_HOLDER, "9000");
	EXPECT(*state, "002C0181 08 " PUK_NO, "63C9");
	EXPECT(*state, "00200081", "9000");
}

static void end_transport(struct sim *s)
{
	EXPECT(s, "00240083 08 3030303031313131", "9000");
	EXPECT(s, "00B08500 00", "6982");
}

static void c7_00_and_02_return_to_transport(void **state)
{
	struct sim *s = *state;
	end_transport(s);
	EXPECT(s, "002C0083 0C 3837363534333231 32323232", "9000");
	EXPECT(s, "00B08500 00", "6985");
	EXPECT(s, "00200083 04 32323232", "6985");
	EXPECT(s, "00240083 08 3232323231313131", "9000");
	EXPECT(s, "00200083 04 31313131", "9000");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "002C0283 04 33333333", "9000");
	EXPECT(s, "00B08500 00", "6985");
	kit_start(s);
	EXPECT(s, "00200083 04 33333333", "6985");
}

static void c7_01_and_03_keep_the_state(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, "002C0183 08 3837363534333231", "9000");
	EXPECT(s, "00B08500 00", "6985");
	EXPECT(s, "002C0383", "9000");
	EXPECT(s, V_TRANSIT, "6985");
	end_transport(s);
	EXPECT(s, "002C0183 08 3837363534333231", "9000");
	EXPECT(s, "00B08500 00", "6982");
	EXPECT(s, "002C0383", "9000");
	EXPECT(s, "00200083 04 31313131", "9000");
}

static void a_personal_pin_never_was_in_transport(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "002C0081 0C " PUK "35363738", "9000");
	EXPECT(s, "00B08200 01", "6982");
	EXPECT(s, "00200081 04 35363738", "9000");
}

/* `unblock` is refused as any rule: 6985 while it names a PIN in transport. */
static void c3_9_unblock_that_names_a_transport_pin(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	uint16_t rule = kit_rule(c, RULE_PIN, 1, 0);
	kit_pin(c,
	    (struct contract_pin){
		.id = "a", .ref = 1, .min = 1, .max = 1, .tries = 1, .reset = FORM_02 | FORM_03, .unblock = rule});
	kit_pin(c,
	    (struct contract_pin){
		.id = "b", .ref = 31, .min = 1, .max = 1, .tries = 2, .initial = PIN_TRANSPORT, .change = FORM_00});
	kit_deliver(&s, c);
	free(c);
	const struct reference_value values[] = {{"a", (const uint8_t *)"1", 1}, {"b", (const uint8_t *)"2", 1}};
	assert_int_equal(reference_personalise(&s, values, 2), SW_OK);
	kit_start(&s);
	EXPECT(&s, "002C0381", "6985");
	EXPECT(&s, "002C0281 01 33", "6985");
	EXPECT(&s, "0024009F 02 3233", "9000");
	EXPECT(&s, "002C0381", "6982");
	EXPECT(&s, "0020009F 01 33", "9000");
	EXPECT(&s, "002C0281 01 33", "9000");
	EXPECT(&s, "00200081 01 33", "9000");
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CARD_TEST(c7_00_puk_and_new),
	    CARD_TEST(c7_01_puk),
	    CARD_TEST(c7_02_new_under_the_rule_unblock),
	    CARD_TEST(c7_03_empty_under_the_rule_unblock),
	    CARD_TEST(c7_afterwards_not_verified),
	    CARD_TEST(c7_the_puk_has_its_own_tries),
	    CARD_TEST(c7_a_blocked_puk_is_6983),
	    CARD_TEST(c7_02_and_03_need_no_puk),
	    CARD_TEST(c7_the_puk_is_fixed_and_whole),
	    CARD_TEST(c7_no_verify_reaches_the_puk),
	    CARD_TEST(c7_forms_not_offered_are_6a86),
	    CARD_TEST(c7_the_new_value_is_checked_before_the_puk),
	    CARD_TEST(c7_a_wrong_puk_keeps_the_status_of_the_pin),
	    CARD_TEST(c7_00_and_02_return_to_transport),
	    CARD_TEST(c7_01_and_03_keep_the_state),
	    CARD_TEST(a_personal_pin_never_was_in_transport),
	    cmocka_unit_test(c3_9_unblock_that_names_a_transport_pin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
