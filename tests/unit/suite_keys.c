/* Generated suites with authentication and secure messaging inside: they pass on the reference card, and catch cards
 * that are wrong in one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/link/layer.h"
#include "tests/unit/support/objects_kit.h"
#include "tests/unit/support/secure_kit.h"
#include "tests/unit/support/suite_kit.h"

static struct contract *keyed(void)
{
	struct contract *c = kit_contract();
	uint16_t des = secure_key(c, "des", KEY_DES_EDE2, KEY_EXTERNAL, SUITE_ECB);
	uint16_t aes = secure_key(c, "aes", KEY_AES_128, KEY_EXTERNAL, SUITE_ECB);
	uint16_t bac = secure_key(c, "bac", KEY_DES_EDE2, KEY_MUTUAL, SUITE_BAC_3DES);
	uint16_t pace = secure_key(c, "mutual", KEY_AES_128, KEY_MUTUAL, SUITE_BAC_AES);
	uint16_t p = (kit_simple_pin(c, "p", 0, 1), kit_rule(c, RULE_PIN, 0, 0));
	uint16_t d = kit_rule(c, RULE_AUTH, des, 0), a = kit_rule(c, RULE_AUTH, aes, 0);
	uint16_t sb = kit_rule(c, RULE_SM, SM_ENC_MAC, bac), sm = kit_rule(c, RULE_SM, SM_MAC, pace);
	kit_file(c, "by-des", 1, 1, 20, d, kit_rule(c, RULE_AND, p, a), 0x11);
	kit_file(c, "by-aes", 2, 2, 300, a, kit_rule(c, RULE_OR, p, d), 0x22);
	kit_file(c, "inside", 3, 3, 30, sb, kit_rule(c, RULE_AND, sb, p), 0x33);
	kit_file(c, "either", 4, 4, 300, kit_rule(c, RULE_OR, sm, p), sm, 0x44);
	uint16_t f = kit_counter(c, "points", 5, 5, 2, 0, 1000, 10, sm);
	c->file[f].rule[FILE_READ] = kit_rule(c, RULE_AUTH, pace, 0);
	f = kit_records(c, "history", 6, 6, FILE_CYCLIC, 8, 3, sm);
	c->file[f].rule[FILE_READ] = p;
	kit_record(c, "0102030405060708");
	kit_data(c, "note", 0x5f20, 30, "4142", sm, kit_rule(c, RULE_AND, sm, d));
	return c;
}

static bool passes(void (*wrong)(struct contract *c), enum suite_kind kind, bool must)
{
	struct kit_ap ap;
	struct link l = {0};
	struct contract *c = keyed(), *right = keyed();
	if (wrong != NULL)
		wrong(c);
	kit_ap_open(&ap, c, kit_made_values(right), right->n_values);
	struct suite *s = kit_generate(right, kind);
	link_sim_of(&l, &ap.card);
	bool good = kit_run(s, &l, &ap.values, must);
	link_close(&l);
	suite_free(s);
	kit_ap_close(&ap);
	free(right);
	return good;
}

static void suites_pass(void **state)
{
	(void)state;
	assert_true(passes(NULL, SUITE_PROBE, true));
	assert_true(passes(NULL, SUITE_FULL, true));
}

static void nothing_is_missed(void **state)
{
	struct contract *c = keyed();
	(void)state;
	kit_nothing_missed(c, SUITE_FULL);
	free(c);
}

static void auth_not_asked(struct contract *c)
{
	c->file[0].rule[FILE_READ] = KIT_ALWAYS;
}

static void sm_not_asked(struct contract *c)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_SM)
			c->rule[i] = (struct contract_rule){RULE_AUTH, c->rule[i].b, 0};
}

static void other_key(struct contract *c)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_AUTH && c->rule[i].a == 0)
			c->rule[i].a = 1;
}

static void more_key_tries(struct contract *c)
{
	c->key[0].tries++;
}

static void counter_free(struct contract *c)
{
	c->file[4].rule[FILE_INCREASE] = KIT_ALWAYS;
}

static void wrong_cards_are_caught(void **state)
{
	static void (*const wrong[])(struct contract *) = {
	    auth_not_asked, sm_not_asked, other_key, more_key_tries, counter_free};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(passes(wrong[i], SUITE_FULL, false));
}

/* Every algorithm, INTERNAL AUTHENTICATE with RSA and EC keys among them; a card that signs something else. */
static struct contract *with_signatures(void)
{
	return secure_contract((struct secure_options){0});
}

static enum link_status signs_wrongly(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint8_t other[300];
	bool internal = n > 5 && cmd[0] == 0x00 && cmd[1] == INS_INTERNAL_AUTHENTICATE && n <= sizeof other;
	if (!internal)
		return link_below_transmit(l, cmd, n, rsp);
	memcpy(other, cmd, n);
	other[5] ^= 1;
	return link_below_transmit(l, other, n, rsp);
}

static void signatures(void **state)
{
	static const struct link_ops wrong = {link_below_reset, signs_wrongly, link_below_close};
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct suite_value value[SECURE_VALUES];
		static uint8_t bytes[SECURE_VALUES][PRIVATE_KEY_MAX];
		struct suite_values values = {value, SECURE_VALUES};
		struct link l = {0};
		struct link_layer layer;
		struct sim card;
		struct contract *c = with_signatures();
		for (size_t v = 0; v < SECURE_VALUES; v++)
			value[v] = (struct suite_value){secure_values[v].name, bytes[v],
			    kit_bytes(secure_values[v].hex, bytes[v], sizeof bytes[v])};
		secure_card(&card, (struct secure_options){0});
		kit_nothing_missed(c, SUITE_FULL);
		struct suite *s = kit_generate(c, SUITE_FULL);
		link_sim_of(&l, &card);
		if (i == 1)
			link_push(&l, &wrong, &layer);
		assert_int_equal(kit_run(s, &l, &values, i == 0), i == 0);
		link_close(&l);
		suite_free(s);
		sim_close(&card);
		free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(suites_pass), cmocka_unit_test(signatures),
	    cmocka_unit_test(nothing_is_missed), cmocka_unit_test(wrong_cards_are_caught)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
