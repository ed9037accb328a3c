/* The reference card: blocked and back, terminated. AP contract, sections 3 (number 2), 4 and 10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/objects_kit.h"
#include "tests/unit/support/reference_cut_kit.h"

/* PINs 1 admin, 2 owner, 3 user; keys 4 service (named by unblock), 5 other. block: admin or owner; unblock: admin or
 * auth(service); terminate: owner. EF 0001 sfi 1 always, EF 0002 sfi 2 user. */
enum { ADMIN_PIN, OWNER_PIN, USER_PIN };

static uint16_t add_key(struct contract *c, const char *id, unsigned ref)
{
	uint16_t i = c->n_keys++;
	c->key[i] = (struct contract_key){.ref = (uint8_t)ref,
	    .algorithm = KEY_AES_128,
	    .use = KEY_EXTERNAL,
	    .tries = 10,
	    .value_mac = CONTRACT_NONE};
	kit_name(c->key[i].id, id);
	c->key[i].value = kit_value(c, id, VALUE_KEY, i, 16, 16, FORMAT_BINARY);
	return i;
}

static int setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = kit_contract();
	assert_non_null(s);
	uint16_t admin = kit_rule(c, RULE_PIN, ADMIN_PIN, 0), owner = kit_rule(c, RULE_PIN, OWNER_PIN, 0),
		 user = kit_rule(c, RULE_PIN, USER_PIN, 0), service = kit_rule(c, RULE_AUTH, 0, 0);
	c->block = kit_rule(c, RULE_OR, admin, owner);
	c->unblock = kit_rule(c, RULE_OR, admin, service);
	c->terminate = owner;
	kit_simple_pin(c, "admin", 0, 1);
	kit_simple_pin(c, "owner", 0, 2);
	kit_simple_pin(c, "user", 0, 3);
	add_key(c, "service", 4);
	add_key(c, "other", 5);
	kit_file(c, "a", 1, 1, 1, KIT_ALWAYS, KIT_ALWAYS, 0xa1);
	kit_file(c, "b", 2, 2, 1, user, user, 0xa2);
	kit_deliver(s, c);
	free(c);
	const uint8_t pin[] = "1234", key[] = "0123456789abcdef";
	const struct reference_value v[] = {
	    {"admin", pin, 4}, {"owner", pin, 4}, {"user", pin, 4}, {"service", key, 16}, {"other", key, 16}};
	assert_int_equal(reference_personalise(s, v, 5), SW_OK);
	kit_start(s);
	*state = s;
	return 0;
}

#define LIFE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)
#define V_ADMIN1     "00200081 04 31323334"
#define V_OWNER      "00200082 04 31323334"
#define V_USER       "00200083 04 31323334"
#define BLOCK        "00040000"
#define UNBLOCK      "00440000"
#define TERMINATE    "00E60000"
#define SELECT_FCI   "00A40400 0A D3921000310001FFFF01 00"
#define FCI          "6F0E 840A D3921000310001FFFF01 A500"

static void c10_blocked_under_its_rule(void **state)
{
	EXPECT(*state, BLOCK, "6982");
	EXPECT(*state, V_USER, "9000");
	EXPECT(*state, BLOCK, "6982");
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, BLOCK, "9000");
	EXPECT(*state, "00B08100 00", "6985");
}

static void c10_select_of_a_blocked_ap_answers_6283(void **state)
{
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, BLOCK, "9000");
	EXPECT(*state, SELECT_AP, "6283");
	EXPECT(*state, SELECT_FCI, FCI "6283");
	EXPECT(*state, "00A4040C 05 D392100031", "6A82");
	sim_power_up(*state);
	EXPECT(*state, "00B08100 00", "6985");
	EXPECT(*state, SELECT_AP, "6283");
	assert_true(reference_operational(*state)); /* personalisation does not come back */
	EXPECT(*state, "80E40000", "6985");
}

static void c10_every_other_command_of_a_blocked_ap_is_6985(void **state)
{
	static const char *const commands[] = {"00A4020C 02 0001", "00A4030C", "00B08100 00", "00D68100 01 00",
	    "00B2010C 00", "00DC010C 01 00", "00E20008 01 00", "00CA005E 00", "00DA005E 01 00", "80340001 01 01 00",
	    "00200083", V_USER, "00240081 08 3132333431323335", "002C0381",
	    "00880084 10 00000000000000000000000000000000", "00820085 10 00000000000000000000000000000000", BLOCK,
	    "00FF0000", "80FF0000", "80E20000 04 31323334", "80E40000"};
	EXPECT(*state, V_USER, "9000");
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, BLOCK, "9000");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		EXPECT(*state, commands[i], "6985");
	EXPECT(*state, "C0B08100 00", "6E00"); /* number 1 goes first */
	EXPECT(*state, "01B08100 00", "6881");
	EXPECT(*state, "10B08100 00", "6884");
	EXPECT(*state, "0CB08100 00", "6882");
}

static void c10_unblocked_under_its_rule(void **state)
{
	EXPECT(*state, UNBLOCK, "6982");
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, UNBLOCK, "6985"); /* it is not blocked */
	EXPECT(*state, BLOCK, "9000");
	EXPECT(*state, UNBLOCK, "9000");
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, BLOCK, "9000");
	sim_power_up(*state);
	EXPECT(*state, UNBLOCK, "6985"); /* not selected */
	EXPECT(*state, SELECT_AP, "6283");
	EXPECT(*state, UNBLOCK, "6982");
	EXPECT(*state, V_OWNER, "9000"); /* a PIN that terminate names */
	EXPECT(*state, UNBLOCK, "6982");
	EXPECT(*state, "00200081 04 30303030", "63C2");
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, UNBLOCK, "9000");
	EXPECT(*state, SELECT_AP, "9000");
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, V_USER, "9000");
	EXPECT(*state, "00B08200 00", "A2 9000");
}

/* The key that `unblock` names may be proven, no other. */
static void c10_a_key_opens_the_way_out(void **state)
{
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, BLOCK, "9000");
	EXPECT(*state, SELECT_AP, "6283");
	assert_int_equal(strlen(kit_send(*state, "00840000 10")), 2 * 16 + 4);
	EXPECT(*state, "00820085 10 00000000000000000000000000000000", "6985");
	EXPECT(*state, "00820084 10 00000000000000000000000000000000", "63C9");
}

static void c10_terminated_is_the_end(void **state)
{
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, TERMINATE, "6982");
	EXPECT(*state, V_OWNER, "9000");
	EXPECT(*state, TERMINATE, "9000");
	EXPECT(*state, UNBLOCK, "6985");
	EXPECT(*state, BLOCK, "6985");
	EXPECT(*state, TERMINATE, "6985");
	EXPECT(*state, "00B08100 00", "6985");
	EXPECT(*state, SELECT_AP, "6285");
	EXPECT(*state, SELECT_FCI, FCI "6285");
	EXPECT(*state, V_OWNER, "6985");
	EXPECT(*state, "00840000 10", "6985");
	EXPECT(*state, "00FF0000", "6985");
	EXPECT(*state, "80E40000", "6985");
	sim_power_up(*state);
	EXPECT(*state, SELECT_AP, "6285");
}

static void c10_a_blocked_ap_is_terminated_too(void **state)
{
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, BLOCK, "9000");
	EXPECT(*state, SELECT_AP, "6283");
	EXPECT(*state, TERMINATE, "6982");
	EXPECT(*state, V_OWNER, "9000");
	EXPECT(*state, TERMINATE, "9000");
	EXPECT(*state, SELECT_AP, "6285");
}

static void c3_form_of_the_commands(void **state)
{
	EXPECT(*state, V_ADMIN1, "9000");
	EXPECT(*state, "00040100", "6A86");
	EXPECT(*state, "00040001", "6A86");
	EXPECT(*state, "00440001", "6A86");
	EXPECT(*state, "00E60100", "6A86");
	EXPECT(*state, "00040000 02 0001", "6700");
	EXPECT(*state, "00440000 02 0001", "6700");
	EXPECT(*state, "00E60000 02 0001", "6700");
	EXPECT(*state, "80040000", "6D00");
	EXPECT(*state, "00B08100 00", "A1 9000");
}

static void c10_what_has_no_rule_is_not_offered(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	kit_card(&s, c);
	EXPECT(&s, BLOCK, "6D00");
	EXPECT(&s, UNBLOCK, "6D00");
	EXPECT(&s, TERMINATE, "6D00");
	sim_close(&s);
}

/* A PIN in transport is named: 6985 (section 3, number 9). */
static void c3_9_the_rules_are_rules(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	c->block = kit_rule(c, RULE_PIN, 0, 0);
	c->pin[kit_simple_pin(c, "p", 0, 1)].initial = PIN_TRANSPORT;
	kit_card(&s, c);
	EXPECT(&s, BLOCK, "6985");
	EXPECT(&s, "00240081 08 3132333431323335", "6A86");
	sim_close(&s);
}

static void c4_power_cuts(void **state)
{
#define ASK_ALL                                                                                                        \
	{SELECT_AP}, {"00B08100 00"}, {V_ADMIN1}, {V_USER}, {V_ADMIN1, UNBLOCK, "00B08100 00"},                        \
	{                                                                                                              \
		V_OWNER, TERMINATE, SELECT_AP                                                                          \
	}
	static const struct scenario block = {.session = {V_ADMIN1}, .command = BLOCK, .ask = {ASK_ALL}};
	static const struct scenario terminate = {.session = {V_OWNER}, .command = TERMINATE, .ask = {ASK_ALL}};
	static const struct scenario unblock = {.session = {V_ADMIN1, BLOCK}, .command = UNBLOCK, .ask = {ASK_ALL}};
	static const struct scenario wrong = {.session = {V_ADMIN1, BLOCK},
	    .command = "00200081 04 30303030",
	    .spent = "00200081 04 30303030",
	    .ask = {{"00200081"}, ASK_ALL}};
	cut_run(*state, &block, 1, true);
	cut_run(*state, &terminate, 1, true);
	cut_run(*state, &unblock, 1, true);
	cut_run(*state, &wrong, 1, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LIFE_TEST(c10_blocked_under_its_rule),
	    LIFE_TEST(c10_select_of_a_blocked_ap_answers_6283),
	    LIFE_TEST(c10_every_other_command_of_a_blocked_ap_is_6985),
	    LIFE_TEST(c10_unblocked_under_its_rule),
	    LIFE_TEST(c10_a_key_opens_the_way_out),
	    LIFE_TEST(c10_terminated_is_the_end),
	    LIFE_TEST(c10_a_blocked_ap_is_terminated_too),
	    LIFE_TEST(c3_form_of_the_commands),
	    cmocka_unit_test(c10_what_has_no_rule_is_not_offered),
	    cmocka_unit_test(c3_9_the_rules_are_rules),
	    LIFE_TEST(c4_power_cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
