/* The reference card: AP contract, section 7, VERIFY and the state of a PIN. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

static void c7_reference_is_80_or_ref(void **state)
{
	struct sim *s = *state;
	for (unsigned p2 = 0; p2 < 256; p2++) {
		const uint8_t cmd[] = {0, 0x20, 0, (uint8_t)p2};
		const char *got = kit_send_bytes(s, cmd, 4);
		const char *want = p2 == 0x81 ? "63C3"
		    : p2 == 0x82              ? "63C5"
		    : p2 == 0x83              ? "63C3"
		    : p2 == 0x84              ? "63C1"
					      : "6A88";
		assert_string_equal(got, want);
	}
	EXPECT(s, "00200001 04 31323334", "6A88");
	EXPECT(s, "002400A1 08 3132333431323335", "6A88");
	EXPECT(s, "002C0001 0C " PUK "31323335", "6A88");
}

static void c7_verify_p1_is_00(void **state)
{
	for (unsigned p1 = 1; p1 < 256; p1++) {
		const uint8_t cmd[] = {0, 0x20, (uint8_t)p1, 0x81, 4, '1', '2', '3', '4'};
		assert_string_equal(kit_send_bytes(*state, cmd, sizeof cmd), "6A86");
	}
	EXPECT(*state, "00200081", "63C3");
}

static void c7_verify_given(void **state)
{
	EXPECT(*state, V_HOLDER, "9000");
	EXPECT(*state, "00200081", "9000");
	EXPECT(*state, "00B08200 01", "AA 9000");
}

static void c7_verify_wrong_length_uses_no_try(void **state)
{
	struct sim *s = *state;
	for (unsigned lc = 1; lc < 256; lc++) {
		uint8_t cmd[5 + 255] = {0, 0x20, 0, 0x81, (uint8_t)lc};
		memset(cmd + 5, '9', lc);
		if (lc != 4)
			assert_string_equal(kit_send_bytes(s, cmd, 5 + lc), "6700");
		cmd[3] = 0x82;
		if (lc < 6 || lc > 8)
			assert_string_equal(kit_send_bytes(s, cmd, 5 + lc), "6700");
		cmd[3] = 0x84;
		if (lc < 2 || lc > 4)
			assert_string_equal(kit_send_bytes(s, cmd, 5 + lc), "6700");
	}
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, "00200082", "63C5");
	EXPECT(s, "00200084", "63C1");
}

static void c7_wrong_length_keeps_the_status(void **state)
{
	EXPECT(*state, V_HOLDER, "9000");
	EXPECT(*state, "00200081 03 313233", "6700");
	EXPECT(*state, "00200081", "9000");
}

static void c7_wrong_value_counts_down_to_63c0_then_6983(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER_NO, "63C2");
	EXPECT(s, "00200081", "63C2");
	EXPECT(s, V_HOLDER_NO, "63C1");
	EXPECT(s, V_HOLDER_NO, "63C0");
	EXPECT(s, V_HOLDER_NO, "6983");
	EXPECT(s, V_HOLDER, "6983");
	EXPECT(s, "00200081", "6983");
	kit_start(s);
	EXPECT(s, V_HOLDER, "6983");
	EXPECT(s, "00B08200 01", "6982");
	/* each PIN has its own counter */
	EXPECT(s, "00200082", "63C5");
}

static void c7_one_try_only(void **state)
{
	EXPECT(*state, "00200084 02 00FE", "63C0");
	EXPECT(*state, "00200084 02 00FF", "6983");
}

static void c7_counter_survives_reset_and_select(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER_NO, "63C2");
	EXPECT(s, SELECT_AP, "9000");
	EXPECT(s, "00200081", "63C2");
	kit_start(s);
	EXPECT(s, "00200081", "63C2");
}

static void c7_success_restores_the_tries(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER_NO, "63C2");
	EXPECT(s, V_HOLDER_NO, "63C1");
	EXPECT(s, V_HOLDER, "9000");
	kit_start(s);
	EXPECT(s, "00200081", "63C3");
}

static void c7_wrong_value_clears_the_status(void **state)
{
	struct sim *s = *state;
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, V_ADMIN, "9000");
	EXPECT(s, V_HOLDER_NO, "63C2");
	EXPECT(s, "00200081", "63C2");
	EXPECT(s, "00B08200 01", "6982");
	EXPECT(s, "00200082", "9000");
}

static void c7_value_of_another_length_is_wrong_not_a_prefix(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00200082 07 41646D316E3030", "63C4");
	EXPECT(s, "00200082 08 41646D316E303030", "63C3");
	EXPECT(s, "00200084 03 00FF00", "63C0");
}

/* stored=8 pad=FF; open point 16. */
static void c7_the_apdu_carries_exactly_the_value(void **state)
{
	EXPECT(*state, "00200082 08 41646D316E30FFFF", "63C4");
	EXPECT(*state, "00200082 07 41646D316E30FF", "63C3");
	EXPECT(*state, "00200082 06 41646D316E30", "9000");
}

/* Open point 17: a presented value is compared only. */
static void c7_format_is_not_asked_of_a_presented_value(void **state)
{
	EXPECT(*state, "00200082 06 2D2D2D2D2D2D", "63C4");
}

static void c7_transport_pin_never_satisfies_its_rule(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00200083", "63C3");
	EXPECT(s, V_TRANSIT, "6985");
	EXPECT(s, "00200083", "63C3");
	EXPECT(s, "00B08500 00", "6985");
	EXPECT(s, "00240183 04 31313131", "6985"); /* when verified: it is not */
}

static void c7_transport_pin_counts_and_a_match_restores(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00200083 04 30303031", "63C2");
	EXPECT(s, "00200083 04 30303031", "63C1");
	EXPECT(s, V_TRANSIT, "6985");
	EXPECT(s, "00200083", "63C3");
	EXPECT(s, "00200083 04 30303031", "63C2");
	EXPECT(s, "00200083 04 30303031", "63C1");
	EXPECT(s, "00200083 04 30303031", "63C0");
	EXPECT(s, V_TRANSIT, "6983");
	EXPECT(s, "00200083 03 303030", "6983");
}

static void c7_transport_pin_wrong_length(void **state)
{
	EXPECT(*state, "00200083 03 303030", "6700");
	EXPECT(*state, "00200083", "63C3");
}

static void c7_change_with_the_old_value_ends_transport(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00240083 08 3030303031313131", "9000");
	EXPECT(s, "00B08500 00", "6982");
	EXPECT(s, V_TRANSIT, "63C2");
	EXPECT(s, "00200083 04 31313131", "9000");
	EXPECT(s, "00B08500 00", "55555555 9000");
	kit_start(s);
	EXPECT(s, "00200083 04 31313131", "9000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CARD_TEST(c7_reference_is_80_or_ref),
	    CARD_TEST(c7_verify_p1_is_00),
	    CARD_TEST(c7_verify_given),
	    CARD_TEST(c7_verify_wrong_length_uses_no_try),
	    CARD_TEST(c7_wrong_length_keeps_the_status),
	    CARD_TEST(c7_wrong_value_counts_down_to_63c0_then_6983),
	    CARD_TEST(c7_one_try_only),
	    CARD_TEST(c7_counter_survives_reset_and_select),
	    CARD_TEST(c7_success_restores_the_tries),
	    CARD_TEST(c7_wrong_value_clears_the_status),
	    CARD_TEST(c7_value_of_another_length_is_wrong_not_a_prefix),
	    CARD_TEST(c7_the_apdu_carries_exactly_the_value),
	    CARD_TEST(c7_format_is_not_asked_of_a_presented_value),
	    CARD_TEST(c7_transport_pin_never_satisfies_its_rule),
	    CARD_TEST(c7_transport_pin_counts_and_a_match_restores),
	    CARD_TEST(c7_transport_pin_wrong_length),
	    CARD_TEST(c7_change_with_the_old_value_ends_transport),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
