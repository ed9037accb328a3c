/* The reference card: AP contract, section 9, what a session carries, what ends it, and power cuts inside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/secure_kit.h"

static void c9_select_ends_the_session(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = prepared(s);
	struct buf cmd = wrapped(t, E, READ("84"));
	EXPECT(s, SELECT_AP, "9000");
	assert_string_equal(kit_send_bytes(s, cmd.p, cmd.n), "6988");
	EXPECT(s, READ("87"), "6982");
	EXPECT(s, READ("8C"), "6982");
	buf_reset(&cmd);
	sm_session_free(t);
}

static void c9_sm_plain_end(void **state)
{
	(void)state;
	struct sim s;
	secure_card(&s, (struct secure_options){.plain_ends = true});
	struct sm_session *t = secure_open(&s, AES);
	SM_EXPECT(&s, t, E, V_HOLDER_4, "9000");
	EXPECT(&s, READ("81"), "0101 9000");
	EXPECT(&s, READ("8C"), "6982");
	EXPECT(&s, READ("87"), "6982");
	assert_string_equal(secure_send(&s, t, E, READ("84")), "plain: 6988");
	sm_session_free(t);
	sim_close(&s);
}

/* A later VERIFY in plain moves a PIN out of the session; one inside moves it in. */
static void c9_pins_inside_and_outside(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = prepared(s);
	EXPECT(s, V_HOLDER, "9000");
	assert_string_equal(kit_send(s, "0CB081000D 970102 8E08 0102030405060708 00"), "6988");
	EXPECT(s, READ("87"), "0707 9000");
	sm_session_free(t);

	kit_start(s);
	t = secure_open(s, AES);
	EXPECT(s, V_HOLDER, "9000");
	SM_EXPECT(s, t, E, READ("8D"), GRANTED("0D"));
	SM_EXPECT(s, t, E, "00200081", "9000"); /* a question moves nothing */
	EXPECT(s, "0CB081000D 970102 8E08 0102030405060708 00", "6988");
	EXPECT(s, READ("87"), "0707 9000");
	sm_session_free(t);

	kit_start(s);
	t = secure_open(s, AES);
	EXPECT(s, V_HOLDER, "9000");
	SM_EXPECT(s, t, M, V_HOLDER_4, "9000");
	EXPECT(s, READ("87"), "0707 9000");
	EXPECT(s, "0CB081000D 970102 8E08 0102030405060708 00", "6988");
	EXPECT(s, READ("87"), "6982");
	sm_session_free(t);
}

/* A new mutual authentication replaces the session only when it succeeds. */
static void c9_replacing(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = prepared(s);
	struct sm_opening o;
	uint8_t cmd[80];
	size_t n = secure_mutual_command(s, BAC, &o, cmd);
	cmd[30] ^= 1;
	assert_string_equal(kit_send_bytes(s, cmd, n), "63C2");
	SM_EXPECT(s, t, E, READ("84"), GRANTED("04"));
	SM_EXPECT(s, t, E, READ("87"), GRANTED("07"));
	struct buf late = wrapped(t, E, READ("84"));
	struct sm_session *u = secure_open(s, BAC);
	EXPECT(s, READ("8C"), "6982"); /* auth(AES) and the PIN went with the old session */
	EXPECT(s, READ("87"), "6982");
	EXPECT(s, READ("8A"), "0A0A 9000");
	SM_EXPECT(s, u, E, READ("86"), GRANTED("06"));
	SM_EXPECT(s, u, E, READ("84"), "6982");
	assert_string_equal(kit_send_bytes(s, late.p, late.n), "6988");
	EXPECT(s, READ("8A"), "6982");
	buf_reset(&late);
	sm_session_free(t);
	sm_session_free(u);
}

/* Power: a protected command that writes is cut before every byte; afterwards it is done or not, and no session is
 * left. */
static void c4_protected_update_under_cuts(void **state)
{
	struct sim *s = *state, at_rest;
	unsigned before = 0, after = 0;
	assert_true(sim_copy(&at_rest, s));
	for (int64_t cut = 0;; cut++) {
		sim_restore(s, &at_rest);
		kit_start(s);
		struct sm_session *t = secure_open(s, AES);
		struct buf cmd = wrapped(t, E, "00D6840004AABBCCDD");
		s->nv.cut = (int64_t)s->nv.written + cut;
		bool off = strlen(kit_send_bytes(s, cmd.p, cmd.n)) == 0;
		buf_reset(&cmd);
		sm_session_free(t);
		kit_start(s);
		EXPECT(s, READ("8C"), "6982");
		t = secure_open(s, AES);
		const char *got = secure_send(s, t, E, "00B0840004");
		if (strcmp(got, "040404049000") == 0)
			before++;
		else {
			assert_string_equal(got, "AABBCCDD9000");
			after++;
		}
		sm_session_free(t);
		if (!off)
			break;
	}
	assert_true(before > 0 && after > 0);
	sim_close(&at_rest);
}

/* sm(level) without a key: every mutual key opens a session that satisfies it, AES-192 too; sm(level, key) only that
 * key's. An AP whose rules say sm() but which has no mutual key has no secure messaging. */
static void c9_any_key(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	uint8_t k[24], m[24], rsp[80];
	c->sm_response = SM_ENC_MAC;
	secure_key(c, "k192", KEY_AES_192, KEY_MUTUAL, SUITE_BAC_AES);
	secure_key(c, "des", KEY_DES_EDE2, KEY_MUTUAL, SUITE_BAC_3DES);
	secure_file(c, 1, kit_rule(c, RULE_SM, SM_MAC, CONTRACT_NONE), KIT_NEVER, 16);
	secure_file(c, 2, kit_rule(c, RULE_SM, SM_ENC_MAC, 0), KIT_NEVER, 16);
	kit_deliver(&s, c);
	kit_bytes("8E73B0F7DA0E6452C810F32B809079E562F8EAD2522C6B7B", k, sizeof k);
	kit_bytes("000102030405060708090A0B0C0D0E0F1011121314151617", m, sizeof m);
	struct reference_value v[] = {{"k192", k, 24}, {"k192.MAC", m, 24}, {"des", k, 16}, {"des.MAC", m, 16}};
	assert_int_equal(reference_personalise(&s, v, 4), SW_OK);
	kit_start(&s);
	for (int i = 0; i < 2; i++) {
		struct sm_opening o = {.suite = i == 0 ? SM_BAC_AES : SM_BAC_3DES, .key_len = i == 0 ? 24 : 16};
		struct buf token = {0}, cmd = {0};
		memcpy(o.k_enc, k, o.key_len);
		memcpy(o.k_mac, m, o.key_len);
		uint8_t challenge[16];
		secure_challenge(&s, 8, challenge);
		memcpy(o.rnd_ic, challenge, 8);
		assert_true(sm_token(&o, &token));
		const struct apdu a = {.ins = 0x82,
		    .p2 = (uint8_t)(0x81 + i),
		    .data = token.p,
		    .lc = token.n,
		    .has_le = true,
		    .le = token.n};
		apdu_write(&cmd, &a);
		size_t n = kit_bytes(kit_send_bytes(&s, cmd.p, cmd.n), rsp, sizeof rsp);
		assert_int_equal(n, token.n + 2);
		struct sm_session *t = sm_open(&o, rsp, n - 2);
		assert_non_null(t);
		SM_EXPECT(&s, t, E, READ("81"), GRANTED("01"));
		SM_EXPECT(&s, t, E, READ("82"), i == 0 ? "02029000" : "6982");
		sm_session_free(t);
		buf_reset(&token);
		buf_reset(&cmd);
	}
	sim_close(&s);
	c->key[0].use = c->key[1].use = KEY_EXTERNAL;
	c->key[0].value_mac = c->key[1].value_mac = CONTRACT_NONE;
	kit_deliver(&s, c);
	assert_int_equal(reference_personalise(&s, v, 4), SW_OK);
	kit_start(&s);
	EXPECT(&s, "0CB0810003 970102 00", "6882");
	EXPECT(&s, "00B0810002", "6982");
	sim_close(&s);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SECURE_TEST(c9_select_ends_the_session),
	    cmocka_unit_test(c9_sm_plain_end),
	    SECURE_TEST(c9_pins_inside_and_outside),
	    SECURE_TEST(c9_replacing),
	    cmocka_unit_test(c9_any_key),
	    SECURE_TEST(c4_protected_update_under_cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
