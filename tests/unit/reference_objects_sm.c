/* The reference card: records, data objects, counters, DFs, first PIN values and the life cycle under secure messaging.
 * AP contract, sections 6, 7, 9 and 10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/objects_kit.h"
#include "tests/unit/support/secure_kit.h"

/* The kit's card of keys with, all under sm(enc+mac, AES): 21 30 records of 10 bytes, 22 a cyclic log, 23 a counter,
 * tag 5F20 of 230 bytes; a DF 7001 with EF 0001 sfi 1; PIN 2 unset, set by it; block, unblock, terminate. Records of
 * file 24 are free. */
static int setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = secure_contract((struct secure_options){0});
	assert_non_null(s);
	uint16_t sm = kit_rule(c, RULE_SM, SM_ENC_MAC, AES);
	kit_records(c, "many", 0x21, 21, FILE_LINEAR_FIXED, 10, 30, sm);
	for (int i = 1; i <= 30; i++) {
		char hex[21];
		snprintf(hex, sizeof hex, "%02X000000000000000000", i);
		kit_record(c, hex);
	}
	kit_records(c, "log", 0x22, 22, FILE_CYCLIC, 2, 2, sm);
	kit_counter(c, "n", 0x23, 23, 2, 0, 1000, 5, sm);
	kit_records(c, "free", 0x24, 24, FILE_LINEAR_FIXED, 2, 1, KIT_ALWAYS);
	kit_record(c, "4242");
	kit_data(c, "d", 0x5f20, 230, "4142", sm, sm);
	uint16_t df = kit_df(c, "df", 0, 0x7001, "");
	c->file[kit_file(c, "e", 1, 1, 1, sm, sm, 0xb1)].df = df;
	c->pin[c->n_pins++] = (struct contract_pin){.id = "new",
	    .ref = 2,
	    .min = 4,
	    .max = 4,
	    .pad = -1,
	    .tries = 3,
	    .initial = PIN_UNSET,
	    .set = sm,
	    .value = CONTRACT_NONE,
	    .puk_value = CONTRACT_NONE};
	c->block = c->unblock = sm;
	c->terminate = kit_rule(c, RULE_PIN, 0, 0);
	kit_deliver(s, c);
	free(c);
	secure_personalise(s);
	kit_start(s);
	*state = s;
	return 0;
}

#define SM_TEST(f) cmocka_unit_test_setup_teardown(f, setup, kit_teardown)
#define BOTH       SM_MODE_ENC_MAC

/* At most 223 bytes of response data: 22 whole records of 10. */
static void c9_as_many_whole_records_as_fit(void **state)
{
	struct sm_session *t = secure_open(*state, AES);
	EXPECT(*state, "00B201AD00", "6982");
	const char *got = secure_send(*state, t, BOTH, "00B201AD00");
	assert_int_equal(strlen(got), 2 * 220 + 4);
	got = secure_send(*state, t, BOTH, "00B20AAD00");
	assert_int_equal(strlen(got), 2 * 210 + 4);
	assert_int_equal(strlen(secure_send(*state, t, BOTH, "00B201ADDC")), 2 * 220 + 4);
	SM_EXPECT(*state, t, BOTH, "00B201ADD2", "6700");
	SM_EXPECT(*state, t, BOTH, "00B21EAC00", "1E0000000000000000009000");
	SM_EXPECT(*state, t, BOTH, "00B21EAC0A", "1E0000000000000000009000");
	SM_EXPECT(*state, t, BOTH, "00B21EAC09", "6700");
	SM_EXPECT(*state, t, BOTH, "00B21FAC00", "6A83");
	SM_EXPECT(*state, t, BOTH, "00DC01AC0A11111111111111111111", "9000");
	SM_EXPECT(*state, t, BOTH, "00B201AC00", "111111111111111111119000");
	sm_session_free(t);
}

static void c6_append_under_protection(void **state)
{
	struct sm_session *t = secure_open(*state, AES);
	EXPECT(*state, "00E200B0 02 0101", "6982");
	SM_EXPECT(*state, t, BOTH, "00E200B0020101", "9000");
	SM_EXPECT(*state, t, BOTH, "00E200B0020202", "9000");
	SM_EXPECT(*state, t, BOTH, "00E200B0020303", "9000");
	SM_EXPECT(*state, t, BOTH, "00B201B500", "030302029000");
	SM_EXPECT(*state, t, BOTH, "00E200B003010101", "6700");
	SM_EXPECT(*state, t, BOTH, "00E200B000", "6700"); /* Le misplaced */
	sm_session_free(t);
}

static void c6_counter_and_data_under_protection(void **state)
{
	struct sm_session *t = secure_open(*state, AES);
	EXPECT(*state, "80340017 02 0001 00", "6982");
	SM_EXPECT(*state, t, BOTH, "8034001702000100", "00069000");
	SM_EXPECT(*state, t, BOTH, "80300017020006", "00009000"); /* no Le counts as 00 */
	SM_EXPECT(*state, t, BOTH, "8030001702000100", "6985");
	SM_EXPECT(*state, t, BOTH, "00CA5F2000", "41429000");
	SM_EXPECT(*state, t, BOTH, "00DA5F2003010203", "9000");
	SM_EXPECT(*state, t, BOTH, "00CA5F2000", "0102039000");
	EXPECT(*state, "00CA5F20 00", "6982");
	sm_session_free(t);
}

/* A value that no protected response can take. */
static void c9_a_value_of_more_than_223_bytes(void **state)
{
	struct sm_session *t = secure_open(*state, AES);
	char cmd[2 * 240];
	strcpy(cmd, "00DA5F20E0");
	memset(cmd + 10, '7', 2 * 0xe0);
	cmd[10 + 2 * 0xe0] = 0;
	SM_EXPECT(*state, t, BOTH, cmd, "9000");
	SM_EXPECT(*state, t, BOTH, "00CA5F2000", "6700");
	cmd[8] = 'D', cmd[9] = 'F', cmd[10 + 2 * 0xdf] = 0;
	SM_EXPECT(*state, t, BOTH, cmd, "9000");
	assert_int_equal(strlen(secure_send(*state, t, BOTH, "00CA5F2000")), 2 * 0xdf + 4);
	sm_session_free(t);
}

static void c5_a_df_under_protection(void **state)
{
	struct sm_session *t = secure_open(*state, AES);
	SM_EXPECT(*state, t, BOTH, "00A4010C027001", "9000");
	SM_EXPECT(*state, t, BOTH, "00B0810000", "B19000");
	SM_EXPECT(*state, t, BOTH, "00A4030C", "9000");
	SM_EXPECT(*state, t, BOTH, "00B0810001", "019000");
	sm_session_free(t);
}

static void c7_the_first_value_under_protection(void **state)
{
	struct sm_session *t = secure_open(*state, AES);
	EXPECT(*state, "00240182 04 31323334", "6982");
	SM_EXPECT(*state, t, BOTH, "002401820431323334", "9000");
	EXPECT(*state, "00200082 04 31323334", "9000");
	sm_session_free(t);
}

/* The rule that unblocks can be fulfilled after a reset, and nothing more than that is open until then. */
static void c10_block_and_unblock_under_protection(void **state)
{
	struct sm_session *t = secure_open(*state, AES);
	EXPECT(*state, "00040000", "6982");
	SM_EXPECT(*state, t, BOTH, "00040000", "9000");
	sm_session_free(t);
	sim_power_up(*state);
	EXPECT(*state, SELECT_AP, "6283");
	EXPECT(*state, "00440000", "6982");
	EXPECT(*state, "00820085 10 00000000000000000000000000000000", "6985"); /* BAC: another key */
	t = secure_open(*state, AES);
	EXPECT(*state, "00B201C400", "6985");
	/* number 2 goes before number 3: in plain, and the session survives it */
	struct sm_session *other = secure_open(*state, AES);
	sm_session_free(t);
	EXPECT(*state, "00440000", "6982");
	SM_EXPECT(*state, other, BOTH, "00440000", "9000");
	EXPECT(*state, "00B201C400", "4242 9000");
	SM_EXPECT(*state, other, BOTH, "00B21EAC0A", "1E0000000000000000009000");
	sm_session_free(other);
}

/* What the way out does not name stays shut: here it names a PIN only. */
static void c10_no_challenge_without_a_key_to_use_it(void **state)
{
	(void)state;
	struct contract *c = secure_contract((struct secure_options){0});
	struct sim s;
	c->block = KIT_ALWAYS;
	c->unblock = kit_rule(c, RULE_PIN, 0, 0);
	kit_deliver(&s, c);
	free(c);
	secure_personalise(&s);
	kit_start(&s);
	EXPECT(&s, "00040000", "9000");
	EXPECT(&s, "00840000 10", "6985");
	EXPECT(&s, "00200081 04 31323334", "9000");
	EXPECT(&s, "00440000", "9000");
	assert_int_equal(strlen(kit_send(&s, "00840000 10")), 36);
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SM_TEST(c9_as_many_whole_records_as_fit),
	    SM_TEST(c6_append_under_protection),
	    SM_TEST(c6_counter_and_data_under_protection),
	    SM_TEST(c9_a_value_of_more_than_223_bytes),
	    SM_TEST(c5_a_df_under_protection),
	    SM_TEST(c7_the_first_value_under_protection),
	    SM_TEST(c10_block_and_unblock_under_protection),
	    cmocka_unit_test(c10_no_challenge_without_a_key_to_use_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
