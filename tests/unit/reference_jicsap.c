/* The reference card with the jicsap personality: PINs and keys are IEFs. AP contract, sections 3, 5 and 7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/objects_kit.h"
#include "tests/unit/support/reference_cut_kit.h"

/* PIN p: IEF 0011 sfi 17, PUK; PIN q: IEF 0012, no short identifier, change 01; PIN d in DF 7001: IEF 0011 sfi 17; key
 * k: IEF 0013 sfi 19, external. EF 0001 sfi 1 always; EF 0002 sfi 2 pin(p); EF 0003 sfi 3 pin(q); in the DF EF 0001 sfi
 * 1 pin(d). */
enum { P, Q, D };

static struct contract_pin pin(const char *id, unsigned df, unsigned fid, unsigned sfi, unsigned change)
{
	struct contract_pin p = {.df = (uint16_t)df,
	    .fid = (uint16_t)fid,
	    .ref = (uint8_t)sfi,
	    .format = FORMAT_DIGITS,
	    .min = 4,
	    .max = 4,
	    .tries = 3,
	    .change = (uint8_t)change};
	kit_name(p.id, id);
	return p;
}

static int setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = kit_contract();
	assert_non_null(s);
	c->personality = PERSONALITY_JICSAP;
	uint16_t df = kit_df(c, "df", 0, 0x7001, "");
	uint16_t p = kit_rule(c, RULE_PIN, P, 0), q = kit_rule(c, RULE_PIN, Q, 0), d = kit_rule(c, RULE_PIN, D, 0);
	struct contract_pin with_puk = pin("p", 0, 0x11, 17, FORM_00 | FORM_01);
	with_puk.puk_length = 4;
	with_puk.puk_tries = 2;
	with_puk.reset = FORM_01;
	kit_pin(c, with_puk);
	kit_pin(c, pin("q", 0, 0x12, 0, FORM_01));
	kit_pin(c, pin("d", df, 0x11, 17, FORM_00));
	c->n_keys = 1;
	c->key[0] = (struct contract_key){.id = "k",
	    .fid = 0x13,
	    .ref = 19,
	    .algorithm = KEY_AES_128,
	    .use = KEY_EXTERNAL,
	    .tries = 2,
	    .value = kit_value(c, "k", VALUE_KEY, 0, 16, 16, FORMAT_BINARY),
	    .value_mac = CONTRACT_NONE};
	kit_file(c, "a", 1, 1, 1, KIT_ALWAYS, KIT_ALWAYS, 0xa1);
	kit_file(c, "b", 2, 2, 1, p, p, 0xa2);
	kit_file(c, "c", 3, 3, 1, q, q, 0xa3);
	c->file[kit_file(c, "e", 1, 1, 1, d, d, 0xb1)].df = df;
	kit_deliver(s, c);
	free(c);
	const uint8_t four[] = "1234", key[] = "0123456789abcdef";
	const struct reference_value v[] = {
	    {"p", four, 4}, {"p-puk", four, 4}, {"q", four, 4}, {"d", four, 4}, {"k", key, 16}};
	assert_int_equal(reference_personalise(s, v, 5), SW_OK);
	kit_start(s);
	*state = s;
	return 0;
}

#define JICSAP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)

static void c7_p2_80_is_the_current_ief(void **state)
{
	EXPECT(*state, "00200080", "6986");
	EXPECT(*state, "00200080 04 31323334", "6986");
	EXPECT(*state, "00A4020C 02 0011", "9000");
	EXPECT(*state, "00200080", "63C3");
	EXPECT(*state, "00200080 04 31323334", "9000");
	EXPECT(*state, "00200080", "9000");
	EXPECT(*state, "00B08200 00", "A2 9000");
	EXPECT(*state, "00A4020C 02 0012", "9000");
	EXPECT(*state, "00200080", "63C3");
	EXPECT(*state, "00200080 04 31323335", "63C2");
	EXPECT(*state, "00200080 04 31323334", "9000");
	EXPECT(*state, "00B08300 00", "A3 9000");
	EXPECT(*state, "00200080", "6981"); /* now an EF is current */
}

static void c7_p2_80_sfi_is_that_ief_and_makes_it_current(void **state)
{
	EXPECT(*state, "00200091 04 31323334", "9000");
	EXPECT(*state, "00200080", "9000");
	EXPECT(*state, "00B00000 00", "6981");
	EXPECT(*state, "00B08100 00", "A1 9000");
	EXPECT(*state, "00B00000 00", "A1 9000");
	EXPECT(*state, "00200091", "9000");
	EXPECT(*state, "00B00000 00", "6981");
	EXPECT(*state, "00200091 03 313233", "6700");
	EXPECT(*state, "00200080", "9000");
}

static void c7_any_other_p2_is_6a88(void **state)
{
	char cmd[16];
	for (unsigned p2 = 0; p2 < 256; p2++) {
		bool ief = p2 == 0x91, ef = p2 >= 0x81 && p2 <= 0x83, key = p2 == 0x93;
		kit_start(*state);
		snprintf(cmd, sizeof cmd, "002000%02X", p2);
		EXPECT(*state, cmd, ief ? "63C3" : ef || key ? "6981" : p2 == 0x80 ? "6986" : "6A88");
		EXPECT(*state, "00200080", ief ? "63C3" : ef || key ? "6981" : "6986");
	}
	EXPECT(*state, "002000B1 04 31323334", "6A88");
}

/* EFs and IEFs: one name space. */
static void c7_files_and_ief_in_one_name_space(void **state)
{
	EXPECT(*state, "00B09100 00", "6981");
	EXPECT(*state, "00200080", "63C3"); /* current once it exists */
	EXPECT(*state, "00D69100 01 00", "6981");
	EXPECT(*state, "00B2018C 00", "6981");
	EXPECT(*state, "00B09200 00", "6A82"); /* q has no short identifier */
	EXPECT(*state, "00A4020C 02 0013", "9000");
	EXPECT(*state, "00200080 04 31323334", "6981"); /* a key is no PIN */
	EXPECT(*state, "00A4020C 02 0014", "6A82");
	EXPECT(*state, "00820080 10 00000000000000000000000000000000",
	    "6985"); /* the key is still current, no challenge */
	EXPECT(*state, "00820091 10 00000000000000000000000000000000", "6981");
}

static void c7_blocked_is_6984(void **state)
{
	EXPECT(*state, "00200091 04 31323335", "63C2");
	EXPECT(*state, "00200091 04 31323335", "63C1");
	EXPECT(*state, "00200091 04 31323335", "63C0");
	EXPECT(*state, "00200091 04 31323334", "6984");
	EXPECT(*state, "00200091", "6984");
	EXPECT(*state, "00240091 08 3132333435363738", "6984");
	EXPECT(*state, "80320091 04 35363738", "6984");
	EXPECT(*state, "002C0191 04 31323335", "63C1");
	EXPECT(*state, "002C0191 04 31323335", "63C0");
	EXPECT(*state, "002C0191 04 31323334", "6984");
	for (int i = 0; i < 2; i++) {
		kit_send(*state, "00840000 10");
		EXPECT(*state, "00820093 10 00000000000000000000000000000000", i == 0 ? "63C1" : "63C0");
	}
	kit_send(*state, "00840000 10");
	EXPECT(*state, "00820093 10 00000000000000000000000000000000", "6984");
}

static void c7_change_key_is_p1_01(void **state)
{
	EXPECT(*state, "80320091 04 35363738", "6982"); /* when verified */
	EXPECT(*state, "00200091 04 31323334", "9000");
	EXPECT(*state, "80320191 04 35363738", "6A86");
	EXPECT(*state, "80320091 03 353637", "6700");
	EXPECT(*state, "80320091", "6700");
	EXPECT(*state, "80320080 04 35363738", "9000");
	EXPECT(*state, "00200080", "63C3"); /* afterwards not verified */
	EXPECT(*state, "00200080 04 31323334", "63C2");
	EXPECT(*state, "00200080 04 35363738", "9000");
	EXPECT(*state, "00240180 04 31323334", "9000"); /* the same in iso's words */
	EXPECT(*state, "00200080 04 31323334", "9000");
	EXPECT(*state, "803200A1 04 35363738", "6A88");
	EXPECT(*state, "00A4020C 02 0012", "9000");
	EXPECT(*state, "80320080 04 35363738", "6982");
	EXPECT(*state, "00A4010C 02 7001", "9000");
	EXPECT(*state, "80320091 04 35363738", "6A86"); /* a form not offered */
}

static void c7_iso_has_no_change_key(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	kit_simple_pin(c, "p", 0, 1);
	kit_card(&s, c);
	EXPECT(&s, "80320081 04 31323334", "6D00");
	sim_close(&s);
}

/* The name space is that of the current DF; the AP's status stays. */
static void c5_iefs_of_a_df(void **state)
{
	EXPECT(*state, "00200091 04 31323334", "9000");
	EXPECT(*state, "00A4010C 02 7001", "9000");
	EXPECT(*state, "00200080", "6986");
	EXPECT(*state, "00200091", "63C3");
	EXPECT(*state, "00B08100 00", "6982");
	EXPECT(*state, "00200091 04 31323334", "9000");
	EXPECT(*state, "00B08100 00", "B1 9000");
	EXPECT(*state, "00200093", "6A88"); /* the key is above */
	EXPECT(*state, "00A4030C", "9000");
	EXPECT(*state, "00200091", "9000");
	EXPECT(*state, "00A4010C 02 7001", "9000");
	EXPECT(*state, "00200091", "63C3");
}

static void c7_a_key_is_an_ief(void **state)
{
	EXPECT(*state, "00A4020C 02 0013", "9000");
	assert_int_equal(strlen(kit_send(*state, "00840000 10")), 36);
	EXPECT(*state, "00820080 10 00000000000000000000000000000000", "63C1");
	assert_int_equal(strlen(kit_send(*state, "00840000 10")), 36);
	EXPECT(*state, "00820093 10 00000000000000000000000000000000", "63C0");
}

static void c4_power_cuts(void **state)
{
#define ASK_ALL                                                                                                        \
	{"00200091"}, {"00200091 04 31323334"}, {"00200091 04 35363738"}, {"00B08200 00"},                             \
	{                                                                                                              \
		"002C0191 04 31323335"                                                                                 \
	}
	static const struct scenario change = {
	    .session = {"00200091 04 31323334"}, .command = "80320080 04 35363738", .ask = {ASK_ALL}};
	static const struct scenario wrong = {.session = {"00A4020C 02 0011"},
	    .command = "00200080 04 31323335",
	    .spent = "00200080 04 31323335",
	    .ask = {ASK_ALL}};
	cut_run(*state, &change, 1, true);
	cut_run(*state, &wrong, 1, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    JICSAP_TEST(c7_p2_80_is_the_current_ief),
	    JICSAP_TEST(c7_p2_80_sfi_is_that_ief_and_makes_it_current),
	    JICSAP_TEST(c7_any_other_p2_is_6a88),
	    JICSAP_TEST(c7_files_and_ief_in_one_name_space),
	    JICSAP_TEST(c7_blocked_is_6984),
	    JICSAP_TEST(c7_change_key_is_p1_01),
	    cmocka_unit_test(c7_iso_has_no_change_key),
	    JICSAP_TEST(c5_iefs_of_a_df),
	    JICSAP_TEST(c7_a_key_is_an_ief),
	    JICSAP_TEST(c4_power_cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
