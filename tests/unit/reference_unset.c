/* The reference card: PINs without a value, and where RESET RETRY COUNTER leaves a transport PIN. AP contract,
 * section 7.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/objects_kit.h"
#include "tests/unit/support/reference_cut_kit.h"

/* PIN 1 admin; PIN 2 new: unset, 4 to 8 digits checked by the card, set = pin(admin), CHANGE 00 of fixed stored length,
 * RESET 00 to 03, PUK 1234; PIN 3 bare: unset, 4 bytes, set = pin(new), nothing offered; PIN 4 never: unset, set never.
 * EF 0001 sfi 1 pin(new), EF 0002 sfi 2 pin-unset(new), EF 0003 sfi 3 pin(bare) or pin(admin). */
enum { ADMIN_PIN, NEW_PIN, BARE_PIN, NEVER_PIN };

static int setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = kit_contract();
	assert_non_null(s);
	uint16_t admin = kit_rule(c, RULE_PIN, ADMIN_PIN, 0), new = kit_rule(c, RULE_PIN, NEW_PIN, 0),
		 bare = kit_rule(c, RULE_PIN, BARE_PIN, 0), unset = kit_rule(c, RULE_PIN_UNSET, NEW_PIN, 0);
	kit_simple_pin(c, "admin", 0, 1);
	c->pin[c->n_pins++] = (struct contract_pin){.id = "new",
	    .ref = 2,
	    .format = FORMAT_DIGITS,
	    .card_checks_format = true,
	    .min = 4,
	    .max = 8,
	    .stored = 8,
	    .pad = 0xff,
	    .tries = 3,
	    .initial = PIN_UNSET,
	    .set = admin,
	    .change = FORM_00,
	    .reset = FORM_00 | FORM_01 | FORM_02 | FORM_03,
	    .unblock = admin,
	    .value = CONTRACT_NONE,
	    .puk_length = 4,
	    .puk_tries = 3,
	    .puk_value = kit_value(c, "puk", VALUE_PUK, 1, 4, 4, FORMAT_DIGITS)};
	c->pin[c->n_pins++] = (struct contract_pin){.id = "bare",
	    .ref = 3,
	    .min = 4,
	    .max = 4,
	    .pad = -1,
	    .tries = 1,
	    .initial = PIN_UNSET,
	    .set = new,
	    .value = CONTRACT_NONE,
	    .puk_value = CONTRACT_NONE};
	c->pin[c->n_pins++] = (struct contract_pin){.id = "never",
	    .ref = 4,
	    .min = 4,
	    .max = 4,
	    .pad = -1,
	    .tries = 1,
	    .initial = PIN_UNSET,
	    .change = FORM_01,
	    .value = CONTRACT_NONE,
	    .puk_value = CONTRACT_NONE};
	kit_file(c, "a", 1, 1, 1, new, new, 0xa1);
	kit_file(c, "b", 2, 2, 1, unset, unset, 0xa2);
	kit_file(c, "c", 3, 3, 1, kit_rule(c, RULE_OR, bare, admin), KIT_NEVER, 0xa3);
	kit_card(s, c);
	*state = s;
	return 0;
}

#define UNSET_TEST(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)
#define V_ADMIN1      "00200081 04 31323334"
#define V_NEW         "00200082 06 393837363534"
#define V_NEW_NO      "00200082 06 393837363533"
#define SET_NEW       "00240182 06 393837363534"

static void c7_verify_of_an_unset_pin_is_6985(void **state)
{
	EXPECT(*state, "00200082", "6985");
	EXPECT(*state, "00200082 04 31323334", "6985");
	EXPECT(*state, "00200082 08 FFFFFFFFFFFFFFFF", "6985");
	EXPECT(*state, "00200083 04 00000000", "6985");
	for (int i = 0; i < 20; i++) /* and uses no try */
		EXPECT(*state, V_NEW, "6985");
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, V_NEW, "6985");
	EXPECT(*state, SET_NEW, "9000");
	EXPECT(*state, "00200082", "63C3");
}

static void c7_pin_unset_is_true_only_without_a_value(void **state)
{
	EXPECT(*state, "00B08200 00", "A2 9000");
	EXPECT(*state, "00B08100 00", "6982"); /* no PIN in transport: 6982 */
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, SET_NEW, "9000");
	EXPECT(*state, "00B08200 00", "6982");
	sim_power_up(*state);
	EXPECT(*state, SELECT_AP, "9000");
	EXPECT(*state, "00B08200 00", "6982");
}

static void c7_the_first_value_comes_by_p1_01_under_the_rule_set(void **state)
{
	EXPECT(*state, SET_NEW, "6982");
	EXPECT(*state, "00240083 08 3030303031323334", "6A86"); /* a form not offered */
	EXPECT(*state, "00240183 04 31323334", "6982");
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, "00240183 04 31323334", "6982");
	EXPECT(*state, "00240184 04 31323334", "6982"); /* never */
	EXPECT(*state, "00240182 03 313233", "6700");
	EXPECT(*state, "00240182 09 313233343536373839", "6700");
	EXPECT(*state, "00240182", "6700");
	EXPECT(*state, "00240182 04 3132334A", "6A80");
	EXPECT(*state, "00200082", "6985");
	EXPECT(*state, SET_NEW, "9000");
	EXPECT(*state, "00B08100 00", "6982"); /* afterwards not verified */
	EXPECT(*state, V_NEW, "9000");
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, "00240183 04 00FF00FF", "9000");
	EXPECT(*state, "00200083 04 00FF00FF", "9000");
}

static void c7_after_the_first_value_it_is_a_pin_like_any_other(void **state)
{
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, SET_NEW, "9000");
	EXPECT(*state, SET_NEW, "6A86"); /* P1 = 01 is not in `change` */
	EXPECT(*state, V_NEW_NO, "63C2");
	EXPECT(*state, "00240082 0C 393837363534FFFF 31323334", "9000");
	EXPECT(*state, "00200082 04 31323334", "9000");
	EXPECT(*state, "002C0382", "9000");
	EXPECT(*state, "00200082 04 31323335", "63C2");
	EXPECT(*state, "00200082 04 31323335", "63C1");
	EXPECT(*state, "00200082 04 31323335", "63C0");
	EXPECT(*state, "00200082 04 31323334", "6983");
	EXPECT(*state, "00B08200 00", "6982"); /* blocked is not unset */
	EXPECT(*state, "002C0082 0A 31323334 393837363534", "9000");
	EXPECT(*state, V_NEW, "9000");
}

static void c7_nothing_else_gives_the_first_value(void **state)
{
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, "002C0082 0A 31323334 393837363534", "6985");
	EXPECT(*state, "002C0182 04 31323334", "6985");
	EXPECT(*state, "002C0282 06 393837363534", "6985");
	EXPECT(*state, "002C0382", "6985");
	EXPECT(*state, "002C0083 08 3132333435363738", "6A86");
	EXPECT(*state, "00240082 0E FFFFFFFFFFFFFFFF 393837363534", "6985");
	EXPECT(*state, "00200082", "6985");
	EXPECT(*state, "00B08200 00", "A2 9000");
}

static void c4_power_cuts(void **state)
{
	static const struct scenario sc = {.session = {V_ADMIN1},
	    .command = SET_NEW,
	    .ask = {{"00200082"}, {V_NEW}, {V_NEW_NO}, {"00B08200 00"}, {"00B08100 00"}, {V_NEW, "00B08100 00"},
		{V_ADMIN1, "00240182 04 31313131", "00200082 04 31313131"}, {"00200081"}}};
	cut_run(*state, &sc, 1, true);
}

/* The card of two transport PINs, the first of which resets to the holder. */
static void resets(struct sim *s)
{
	struct contract *c = kit_contract();
	for (int i = 0; i < 2; i++) {
		struct contract_pin p = {.ref = (uint8_t)(i + 1),
		    .min = 4,
		    .max = 4,
		    .tries = 3,
		    .initial = PIN_TRANSPORT,
		    .resets_to_transport = i == 1,
		    .change = FORM_00,
		    .reset = FORM_00 | FORM_01 | FORM_02 | FORM_03,
		    .unblock = KIT_ALWAYS,
		    .puk_length = 4,
		    .puk_tries = 3};
		kit_name(p.id, i == 0 ? "holder" : "transport");
		kit_pin(c, p);
		uint16_t rule = kit_rule(c, RULE_PIN, (unsigned)i, 0);
		kit_file(c, "f", (unsigned)i + 1, (unsigned)i + 1, 1, rule, rule, 0x77);
	}
	kit_card(s, c);
}

static void c7_00_and_02_return_to_transport_unless_resets_to_holder(void **state)
{
	(void)state;
	struct sim s;
	resets(&s);
	EXPECT(&s, "00200081 04 31323334", "6985");
	EXPECT(&s, "00B08100 00", "6985");
	for (int form = 0; form <= 2; form += 2) {
		EXPECT(&s, form == 0 ? "002C0081 08 3132333435353535" : "002C0281 04 35353535", "9000");
		EXPECT(&s, "00200081 04 35353535", "9000");
		EXPECT(&s, "00B08100 00", "77 9000");
		EXPECT(&s, "00240082 08 3132333439393939", "9000"); /* ends transport */
		EXPECT(&s, "00200082 04 39393939", "9000");
		EXPECT(&s, form == 0 ? "002C0082 08 3132333431323334" : "002C0282 04 31323334", "9000");
		EXPECT(&s, "00200082 04 31323334", "6985");
		EXPECT(&s, "00B08200 00", "6985");
	}
	sim_close(&s);
}

static void c7_01_and_03_keep_the_state(void **state)
{
	(void)state;
	static const char *const forms[][2] = {
	    {"002C0181 04 31323334", "002C0182 04 31323334"}, {"002C0381", "002C0382"}};
	for (int k = 0; k < 2; k++) {
		struct sim s;
		resets(&s);
		for (int pin = 0; pin < 2; pin++) {
			EXPECT(&s, forms[k][pin], "9000");
			EXPECT(&s, pin == 0 ? "00200081 04 31323334" : "00200082 04 31323334", "6985");
			EXPECT(&s, pin == 0 ? "00240081 08 3132333439393939" : "00240082 08 3132333439393939", "9000");
			EXPECT(&s, forms[k][pin], "9000");
			EXPECT(&s, pin == 0 ? "00200081 04 39393939" : "00200082 04 39393939", "9000");
		}
		sim_close(&s);
	}
}

/* The interface is an atom of rules. */
static void c1_contact_and_contactless(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	kit_file(c, "a", 1, 1, 1, kit_rule(c, RULE_CONTACT, 0, 0), KIT_NEVER, 0xa1);
	kit_file(c, "b", 2, 2, 1, kit_rule(c, RULE_CONTACTLESS, 0, 0), KIT_NEVER, 0xa2);
	kit_card(&s, c);
	EXPECT(&s, "00B08100 00", "A1 9000");
	EXPECT(&s, "00B08200 00", "6982");
	s.contactless = true;
	kit_start(&s);
	EXPECT(&s, "00B08100 00", "6982");
	EXPECT(&s, "00B08200 00", "A2 9000");
	s.contactless = false;
	EXPECT(&s, "00B08200 00", "A2 9000"); /* of this power-up */
	kit_start(&s);
	EXPECT(&s, "00B08100 00", "A1 9000");
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    UNSET_TEST(c7_verify_of_an_unset_pin_is_6985),
	    UNSET_TEST(c7_pin_unset_is_true_only_without_a_value),
	    UNSET_TEST(c7_the_first_value_comes_by_p1_01_under_the_rule_set),
	    UNSET_TEST(c7_after_the_first_value_it_is_a_pin_like_any_other),
	    UNSET_TEST(c7_nothing_else_gives_the_first_value),
	    UNSET_TEST(c4_power_cuts),
	    cmocka_unit_test(c7_00_and_02_return_to_transport_unless_resets_to_holder),
	    cmocka_unit_test(c7_01_and_03_keep_the_state),
	    cmocka_unit_test(c1_contact_and_contactless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
