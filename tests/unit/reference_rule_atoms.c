/* The reference card's rule evaluator against truth tables, with every atom a rule may have. A rule is generated
 * together with its table: one entry for each state of session, PINs and interface, combined entry by entry. The
 * session is put into each state directly, and the card's answer compared: given, 6985 when a PIN in transport is
 * named, else 6982 (AP contract, section 3, number 9; sections 7 to 9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/sim/reference/card.h"
#include "tests/unit/support/objects_kit.h"

/* PINs: 0 personal, 1 in transport, 2 unset in one of the two cards. Keys: 0 external; 1, 2 mutual. */
enum { PINS = 3, TRANSPORT_PIN = 1, UNSET_PIN = 2, KEYS = 3, RULES = 64 };

/* Secure messaging of the command: none, or a level under one of two keys. */
static const struct {
	bool protected;
	enum protection level;
	uint16_t key;
	bool mac, enc, enc_mac; /* the levels that it satisfies */
} messaging[] = {
    {false, PROTECTION_NONE, 1, false, false, false},
    {true, PROTECTION_MAC, 1, true, false, false},
    {true, PROTECTION_ENC, 1, false, true, false},
    {true, PROTECTION_ENC_MAC, 1, true, true, true},
    {true, PROTECTION_MAC, 2, true, false, false},
    {true, PROTECTION_ENC, 2, false, true, false},
    {true, PROTECTION_ENC_MAC, 2, true, true, true},
};
enum { MESSAGING = sizeof messaging / sizeof messaging[0], STATES = 8 * 8 * MESSAGING * 2 * 2 };

struct state {
	bool verified[PINS], auth[KEYS], contactless, has_value;
	unsigned messaging;
};

static struct state state_of(unsigned n)
{
	struct state s = {.contactless = n & 1, .has_value = n >> 1 & 1};
	n >>= 2;
	for (int i = 0; i < PINS; i++, n >>= 1)
		s.verified[i] = n & 1;
	for (int i = 0; i < KEYS; i++, n >>= 1)
		s.auth[i] = n & 1;
	s.messaging = n;
	return s;
}

struct truth {
	bool table[STATES];
	bool names_transport;
};

static uint32_t random_state;

static unsigned pick(unsigned n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static bool leaf_holds(const struct contract_rule *r, const struct state *s)
{
	if (r->op == RULE_PIN)
		return r->a == TRANSPORT_PIN ? false : r->a == UNSET_PIN ? s->verified[2] : s->verified[0];
	if (r->op == RULE_PIN_UNSET)
		return r->a == UNSET_PIN && !s->has_value;
	if (r->op == RULE_AUTH)
		return s->auth[r->a];
	if (r->op == RULE_CONTACT)
		return !s->contactless;
	if (r->op == RULE_CONTACTLESS)
		return s->contactless;
	if (r->op == RULE_SM) {
		if (r->b != CONTRACT_NONE && messaging[s->messaging].key != r->b)
			return false;
		return r->a == SM_MAC ? messaging[s->messaging].mac
		    : r->a == SM_ENC  ? messaging[s->messaging].enc
				      : messaging[s->messaging].enc_mac;
	}
	return r->op == RULE_ALWAYS;
}

static struct contract_rule random_leaf(void)
{
	switch (pick(8)) {
	case 0:
		return (struct contract_rule){RULE_PIN_UNSET, (uint16_t)pick(PINS), 0};
	case 1:
		return (struct contract_rule){RULE_AUTH, (uint16_t)pick(KEYS), 0};
	case 2:
	case 3:
		return (struct contract_rule){
		    RULE_SM, (uint16_t)pick(3), pick(2) != 0 ? CONTRACT_NONE : (uint16_t)(1 + pick(2))};
	case 4:
		return (struct contract_rule){pick(2) != 0 ? RULE_CONTACT : RULE_CONTACTLESS, 0, 0};
	case 5:
		return (struct contract_rule){pick(2) != 0 ? RULE_ALWAYS : RULE_NEVER, 0, 0};
	default:
		return (struct contract_rule){RULE_PIN, (uint16_t)pick(PINS), 0};
	}
}

static uint16_t random_rule(struct contract *c, unsigned depth, struct truth *t)
{
	if (depth == 0 || pick(5) == 0) {
		struct contract_rule r = random_leaf();
		for (unsigned n = 0; n < STATES; n++) {
			struct state s = state_of(n);
			t->table[n] = leaf_holds(&r, &s);
		}
		t->names_transport = r.op == RULE_PIN && r.a == TRANSPORT_PIN;
		return kit_rule(c, (enum rule_op)r.op, r.a, r.b);
	}
	struct truth *b = malloc(sizeof *b);
	assert_non_null(b);
	uint16_t left = random_rule(c, depth - 1, t), right = random_rule(c, depth - 1, b);
	bool both = pick(2) != 0;
	for (unsigned n = 0; n < STATES; n++)
		t->table[n] = both ? t->table[n] && b->table[n] : t->table[n] || b->table[n];
	t->names_transport = t->names_transport || b->names_transport;
	free(b);
	return kit_rule(c, both ? RULE_AND : RULE_OR, left, right);
}

static void add_key(struct contract *c, const char *id, const char *mac, bool mutual)
{
	uint16_t i = c->n_keys++;
	c->key[i] = (struct contract_key){.ref = (uint8_t)(i + 1),
	    .algorithm = KEY_AES_128,
	    .use = mutual ? KEY_MUTUAL : KEY_EXTERNAL,
	    .suite = mutual ? SUITE_BAC_AES : SUITE_ECB,
	    .tries = 10,
	    .value_mac = CONTRACT_NONE};
	kit_name(c->key[i].id, id);
	c->key[i].value = kit_value(c, id, VALUE_KEY, i, 16, 16, FORMAT_BINARY);
	if (mutual)
		c->key[i].value_mac = kit_value(c, mac, VALUE_KEY_MAC, i, 16, 16, FORMAT_BINARY);
}

static void make_card(struct sim *s, struct truth *truth, uint16_t rule[RULES])
{
	struct contract *c = kit_contract();
	const uint8_t key[] = "0123456789abcdef", pin[] = "1234";
	kit_simple_pin(c, "p0", 0, 1);
	c->pin[kit_simple_pin(c, "p1", 0, 2)].initial = PIN_TRANSPORT;
	c->pin[c->n_pins++] = (struct contract_pin){.id = "p2",
	    .ref = 3,
	    .min = 4,
	    .max = 4,
	    .pad = -1,
	    .tries = 3,
	    .initial = PIN_UNSET,
	    .set = KIT_ALWAYS,
	    .value = CONTRACT_NONE,
	    .puk_value = CONTRACT_NONE};
	add_key(c, "k0", "", false);
	add_key(c, "k1", "k1.mac", true);
	add_key(c, "k2", "k2.mac", true);
	for (unsigned i = 0; i < RULES; i++)
		rule[i] = random_rule(c, pick(4), &truth[i]);
	kit_deliver(s, c);
	free(c);
	const struct reference_value v[] = {{"p0", pin, 4}, {"p1", pin, 4}, {"k0", key, 16}, {"k1", key, 16},
	    {"k1.mac", key, 16}, {"k2", key, 16}, {"k2.mac", key, 16}};
	assert_int_equal(reference_personalise(s, v, sizeof v / sizeof v[0]), SW_OK);
	kit_start(s);
}

/* The session as dispatch has it while a command of this kind runs. */
static void put(struct session *to, const struct state *s)
{
	to->contactless = s->contactless;
	for (int i = 0; i < PINS; i++)
		to->verified[i] = s->verified[i];
	for (int i = 0; i < KEYS; i++)
		to->security.auth[i] = s->auth[i];
	to->security.channel.open = messaging[s->messaging].protected;
	to->security.channel.key = messaging[s->messaging].key;
	to->security.protection = (uint8_t)messaging[s->messaging].level;
}

static void every_atom_against_truth_tables(void **state)
{
	(void)state;
	unsigned given = 0, refused = 0, conditions = 0;
	random_state = 20261121;
	for (unsigned round = 0; round < 40; round++) {
		struct truth *truth = calloc(RULES, sizeof *truth);
		uint16_t rule[RULES];
		struct sim s;
		assert_non_null(truth);
		make_card(&s, truth, rule);
		for (int has_value = 0; has_value < 2; has_value++) {
			if (has_value)
				EXPECT(&s, "00240183 04 31323334", "9000");
			const struct card c = {.nv = &s.nv, .ap = reference_contract(&s), .session = s.ram};
			for (unsigned n = 0; n < STATES; n++) {
				struct state now = state_of(n);
				if (now.has_value != has_value)
					continue;
				put(s.ram, &now);
				for (unsigned i = 0; i < RULES; i++) {
					sw_t want = truth[i].table[n]  ? SW_OK
					    : truth[i].names_transport ? SW_CONDITIONS_OF_USE
								       : SW_SECURITY_STATUS;
					assert_int_equal(rule_check(&c, rule[i]), want);
					given += want == SW_OK;
					refused += want == SW_SECURITY_STATUS;
					conditions += want == SW_CONDITIONS_OF_USE;
				}
			}
			put(s.ram, &(struct state){.messaging = 0});
		}
		sim_close(&s);
		free(truth);
	}
	assert_true(given > 100000 && refused > 100000 && conditions > 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_atom_against_truth_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
