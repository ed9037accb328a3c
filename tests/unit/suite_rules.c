/* Rules as sets of PINs, against going through all of them; and suites of random contracts on their reference cards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/suite/rules.h"
#include "tests/unit/support/suite_kit.h"

static uint64_t state_of_random;

static unsigned below(unsigned n)
{
	state_of_random = state_of_random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state_of_random >> 33) % n;
}

/* A tree with at most `leaves` leaves over the first n PINs. */
static uint16_t random_rule(struct contract *c, unsigned n, unsigned leaves)
{
	if (leaves == 1 && below(12) == 0)
		return (uint16_t)below(2);
	if (leaves == 1)
		return kit_rule(c, RULE_PIN, below(n), 0);
	unsigned left = 1 + below(leaves - 1);
	uint16_t a = random_rule(c, n, left), b = random_rule(c, n, leaves - left);
	return kit_rule(c, below(2) ? RULE_AND : RULE_OR, a, b);
}

/* Straight from the tree. */
static bool holds(const struct contract *c, uint16_t rule, pin_set set)
{
	const struct contract_rule *r = &c->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_NEVER:
		return false;
	case RULE_ALWAYS:
		return true;
	case RULE_PIN:
		return (set >> r->a & 1) != 0;
	case RULE_AND:
		return holds(c, r->a, set) && holds(c, r->b, set);
	case RULE_OR:
		return holds(c, r->a, set) || holds(c, r->b, set);
	case RULE_PIN_UNSET:
	case RULE_AUTH:
	case RULE_SM:
	case RULE_CONTACT:
	case RULE_CONTACTLESS:
		return false;
	}
	return false;
}

static bool subset(pin_set a, pin_set b)
{
	return (a & ~b) == 0;
}

static bool in(const struct rules_sets *sets, pin_set s)
{
	for (size_t i = 0; i < sets->n; i++)
		if (sets->set[i] == s)
			return true;
	return false;
}

/* By definition: no smaller set grants; no larger set of usable PINs refuses. */
static bool extreme(const struct contract *c, uint16_t rule, pin_set usable, pin_set s, bool granted)
{
	if (!subset(s, usable) || holds(c, rule, s) != granted)
		return false;
	for (pin_set t = 0; t < 1U << c->n_pins; t++) {
		if (t == s || !subset(t, usable) || holds(c, rule, t) != granted)
			continue;
		if (granted ? subset(t, s) : subset(s, t))
			return false;
	}
	return true;
}

static void check_sets(const struct rules *r, uint16_t rule, pin_set usable)
{
	struct rules_case k = {0};
	assert_true(rules_case_open(&k, r, rule, usable, SIZE_MAX));
	for (int granted = 0; granted < 2; granted++) {
		size_t want = 0;
		for (pin_set s = 0; s < 1U << r->c->n_pins; s++) {
			bool e = extreme(r->c, rule, usable, s, granted);
			bool none = !granted && s == 0 && !holds(r->c, rule, 0); /* always tried, too */
			assert_int_equal(in(&k.sets[granted], s), e || none);
			want += e || none;
		}
		assert_int_equal(k.sets[granted].n, want); /* none twice */
	}
	rules_case_reset(&k);
}

/* By definition: the rule with this one node turned over. */
static bool holds_with(const struct contract *c, uint16_t rule, pin_set set, uint16_t flip)
{
	const struct contract_rule *r = &c->rule[rule];
	bool value;
	if (r->op == RULE_AND)
		value = holds_with(c, r->a, set, flip) && holds_with(c, r->b, set, flip);
	else if (r->op == RULE_OR)
		value = holds_with(c, r->a, set, flip) || holds_with(c, r->b, set, flip);
	else
		value = holds(c, rule, set);
	return value != (rule == flip);
}

/* An atom that decides in some set decides in one of the sets that are tried, however few they are. */
static void check_atoms(const struct rules *r, uint16_t rule)
{
	struct rules_case k = {0};
	pin_set all = (1U << r->c->n_pins) - 1;
	assert_true(rules_case_open(&k, r, rule, all, 0));
	for (size_t i = 0; i < k.n_atoms; i++)
		for (int granted = 0; granted < 2; granted++) {
			bool can = false, tried = false;
			for (pin_set s = 0; s <= all; s++) {
				bool decides = holds(r->c, rule, s) != holds_with(r->c, rule, s, k.atom[i]);
				assert_int_equal(rules_decides(&k, i, s), decides);
				can = can || (decides && holds(r->c, rule, s) == granted);
			}
			for (size_t n = 0; n < k.sets[granted].n; n++)
				tried = tried || rules_decides(&k, i, k.sets[granted].set[n]);
			assert_int_equal(can, tried);
			assert_int_equal(can, k.decides[granted][i]);
		}
	rules_case_reset(&k);
}

static void random_rules(void **state)
{
	(void)state;
	state_of_random = 1;
	for (int i = 0; i < 400; i++) {
		struct contract *c = kit_contract();
		struct rules r;
		c->n_pins = (uint16_t)(1 + below(7));
		uint16_t rule = random_rule(c, c->n_pins, 1 + below(9));
		assert_true(rules_init(&r, c));
		for (pin_set s = 0; s < 1U << c->n_pins; s++)
			assert_int_equal(rules_hold(&r, rule, s), holds(c, rule, s));
		pin_set all = (1U << c->n_pins) - 1, some = all & ~(1U << below(c->n_pins));
		check_sets(&r, rule, all);
		check_sets(&r, rule, some);
		check_atoms(&r, rule);
		assert_int_equal(rules_can_hold(&r, rule, RULES_TELLS, all), holds(c, rule, all));
		assert_int_equal(rules_can_fail(&r, rule), !holds(c, rule, 0));
		rules_reset(&r);
		free(c);
	}
}

/* (a or b) and (c or d) and ...: 128 minimal sets of fourteen PINs. Not all are tried, but every atom decides in one.
 */
static void very_many_sets(void **state)
{
	struct contract *c = kit_contract();
	struct rules r;
	struct rules_case k = {0};
	uint16_t rule = KIT_NEVER;
	(void)state;
	c->n_pins = 14;
	for (unsigned i = 0; i < 14; i += 2) {
		uint16_t a = kit_rule(c, RULE_PIN, i, 0), b = kit_rule(c, RULE_PIN, i + 1, 0);
		uint16_t pair = kit_rule(c, RULE_OR, a, b);
		rule = rule == KIT_NEVER ? pair : kit_rule(c, RULE_AND, rule, pair);
	}
	assert_true(rules_init(&r, c));
	assert_true(rules_case_open(&k, &r, rule, 0x3fff, 8));
	assert_int_equal(k.n_atoms, 14);
	assert_true(k.sets[RULES_GRANTED].n >= 8 && k.sets[RULES_GRANTED].n < 30);
	for (size_t i = 0; i < k.n_atoms; i++) {
		bool decides = false;
		for (size_t n = 0; n < k.sets[RULES_GRANTED].n; n++)
			decides = decides || rules_decides(&k, i, k.sets[RULES_GRANTED].set[n]);
		assert_true(decides && k.decides[RULES_GRANTED][i] && k.decides[RULES_REFUSED][i]);
	}
	rules_case_reset(&k);
	rules_reset(&r);
	free(c);
}

/* ---- keys and levels of secure messaging ---- */

enum { OUT, QUIET, M1, M2, KEYS };

/* An external key, a mutual one that opens no session, two that do. */
static struct contract *keyed(void)
{
	struct contract *c = kit_contract();
	c->n_pins = 2;
	c->n_keys = KEYS;
	for (unsigned k = 0; k < KEYS; k++)
		c->key[k].use = k == OUT ? KEY_EXTERNAL : KEY_MUTUAL;
	c->sm_response = below(2) ? SM_MAC : SM_ENC_MAC;
	c->sm_plain_ends = below(3) == 0;
	kit_rule(c, RULE_SM, SM_MAC, M1);
	kit_rule(c, RULE_SM, SM_ENC_MAC, M2);
	if (below(2))
		kit_rule(c, RULE_SM, SM_ENC, M1);
	return c;
}

static uint16_t keyed_rule(struct contract *c, unsigned leaves, bool encrypted_alone)
{
	if (leaves > 1) {
		unsigned left = 1 + below(leaves - 1);
		uint16_t a = keyed_rule(c, left, encrypted_alone);
		uint16_t b = keyed_rule(c, leaves - left, encrypted_alone);
		return kit_rule(c, below(2) ? RULE_AND : RULE_OR, a, b);
	}
	if (below(3) == 0)
		return kit_rule(c, RULE_PIN, below(2), 0);
	if (below(2))
		return kit_rule(c, RULE_AUTH, below(KEYS), 0);
	unsigned level = below(3);
	return kit_rule(c, RULE_SM, level == SM_ENC && !encrypted_alone ? SM_MAC : level, M1 + below(2));
}

/* The state in other words: who is authenticated, and what protects a command. */
struct keyed_state {
	bool pin[2], auth[KEYS];
	unsigned session; /* a key, or KEYS for none */
	bool mac, enc;
};

static bool keyed_holds(const struct contract *c, uint16_t rule, const struct keyed_state *s)
{
	const struct contract_rule *r = &c->rule[rule];
	switch ((enum rule_op)r->op) {
	case RULE_PIN:
		return s->pin[r->a];
	case RULE_AUTH:
		return s->auth[r->a];
	case RULE_SM:
		return s->session == r->b && (r->a == SM_ENC || s->mac) && (r->a == SM_MAC || s->enc);
	case RULE_AND:
		return keyed_holds(c, r->a, s) && keyed_holds(c, r->b, s);
	case RULE_OR:
		return keyed_holds(c, r->a, s) || keyed_holds(c, r->b, s);
	default:
		return r->op == RULE_ALWAYS;
	}
}

static bool asked(const struct contract *c, unsigned key)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_AUTH && c->rule[i].a == key)
			return true;
	return key >= M1;
}

/* AP contract, section 9. false: no command of this shape is in such a state. */
static bool keyed_state(
    const struct contract *c, enum rules_shape shape, bool class_08, unsigned n, struct keyed_state *s)
{
	static const struct {
		bool mac, enc;
	} level[] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};
	unsigned session = n >> 4 & 3, l = n >> 6 & 3;
	*s = (struct keyed_state){.pin = {n & 1, n >> 1 & 1}, .auth = {n >> 2 & 1, n >> 3 & 1}, .session = KEYS};
	if ((s->auth[OUT] && !asked(c, OUT)) || (s->auth[QUIET] && !asked(c, QUIET)))
		return false;
	if (session == 0)
		return l == 0;
	if (session == 3)
		return false;
	s->session = session == 1 ? M1 : M2;
	s->auth[s->session] = true;
	s->mac = level[l].mac;
	s->enc = level[l].enc;
	if (!s->mac)
		return s->enc ? class_08 : !c->sm_plain_ends;
	if (shape == RULES_ASKS)
		return s->enc == (c->sm_response == SM_ENC_MAC);
	if (shape == RULES_EXCHANGES)
		return !s->enc || c->sm_response == SM_ENC_MAC;
	return shape == RULES_TELLS || s->enc;
}

static pin_set keyed_set(const struct rules *r, const struct keyed_state *s)
{
	pin_set set = 0;
	for (unsigned i = 0; i < 2; i++)
		set |= s->pin[i] ? rules_bit(i) : 0;
	for (unsigned k = 0; k < KEYS; k++)
		set |= s->auth[k] ? r->auth[k] : 0;
	if (s->session == KEYS)
		return set;
	return set | (s->mac ? r->mac[s->session] : 0) | (s->enc ? r->enc[s->session] : 0);
}

/* Every set that is tried is a state that can be and has the outcome that it is tried for; an atom that decides in any
 * state at all decides in one of them. */
static void check_keyed(const struct rules *r, uint16_t rule, enum rules_shape shape)
{
	struct rules_case k = {.shape = shape};
	bool can[2][16] = {{false}}, tried[2][16] = {{false}}, known[2][32] = {{false}};
	assert_true(rules_case_open(&k, r, rule, rules_conditions(r) | 3, 0));
	assert_true(k.n_atoms <= 16 && k.sets[0].n <= 32 && k.sets[1].n <= 32);
	for (unsigned n = 0; n < 256; n++) {
		struct keyed_state s;
		bool possible = keyed_state(r->c, shape, r->class_08, n, &s);
		pin_set set = keyed_set(r, &s);
		if (!possible)
			continue;
		bool granted = keyed_holds(r->c, rule, &s);
		assert_true(rules_possible_for(r, shape, set));
		assert_int_equal(rules_hold(r, rule, set), granted);
		for (size_t i = 0; i < k.n_atoms; i++)
			can[granted][i] = can[granted][i] || rules_decides(&k, i, set);
		for (size_t i = 0; i < k.sets[granted].n; i++)
			known[granted][i] = known[granted][i] || k.sets[granted].set[i] == set;
	}
	for (int o = 0; o < 2; o++) {
		for (size_t n = 0; n < k.sets[o].n; n++) {
			assert_true(known[o][n]);
			for (size_t i = 0; i < k.n_atoms; i++)
				tried[o][i] = tried[o][i] || rules_decides(&k, i, k.sets[o].set[n]);
		}
		for (size_t i = 0; i < k.n_atoms; i++)
			assert_int_equal(tried[o][i], can[o][i]);
	}
	rules_case_reset(&k);
}

static void keys_and_levels(void **state)
{
	(void)state;
	state_of_random = 2;
	for (int i = 0; i < 300; i++) {
		struct contract *c = keyed();
		struct rules r;
		bool encrypted_alone = c->rule[c->n_rules - 1].a == SM_ENC && c->rule[c->n_rules - 1].b == M1;
		uint16_t rule = keyed_rule(c, 1 + below(6), encrypted_alone);
		assert_true(rules_init(&r, c));
		for (enum rules_shape shape = RULES_TELLS; shape <= RULES_ORDERS; shape++)
			check_keyed(&r, rule, shape);
		rules_reset(&r);
		free(c);
	}
}

/* (p and k) or (p and k) or ...: twelve PINs and twelve keys, more than a truth table holds. */
static void more_than_a_table_holds(void **state)
{
	struct contract *c = kit_contract();
	struct rules r;
	struct rules_case k = {0};
	uint16_t rule = KIT_NEVER;
	(void)state;
	c->n_pins = c->n_keys = 12;
	for (unsigned i = 0; i < 12; i++) {
		c->key[i].use = KEY_EXTERNAL;
		uint16_t a = kit_rule(c, RULE_PIN, i, 0), b = kit_rule(c, RULE_AUTH, i, 0);
		uint16_t pair = kit_rule(c, RULE_AND, a, b);
		rule = rule == KIT_NEVER ? pair : kit_rule(c, RULE_OR, rule, pair);
	}
	assert_true(rules_init(&r, c));
	assert_int_equal(r.bits, 24);
	assert_true(rules_case_open(&k, &r, rule, (1U << 24) - 1, 0));
	assert_true(k.partial);
	for (size_t i = 0; i < k.n_atoms; i++)
		assert_true(k.decides[RULES_GRANTED][i] && k.decides[RULES_REFUSED][i]);
	for (int o = 0; o < RULES_OUTCOMES; o++)
		for (size_t i = 0; i < k.sets[o].n; i++)
			assert_int_equal(rules_hold(&r, rule, k.sets[o].set[i]), o == RULES_GRANTED);
	rules_case_reset(&k);
	rules_reset(&r);
	free(c);
}

/* ---- random contracts ---- */

static struct contract_pin random_pin(unsigned i)
{
	struct contract_pin p = {.ref = (uint8_t)(1 + 2 * i),
	    .format = (uint8_t)below(3),
	    .min = (uint8_t)(1 + below(6)),
	    .tries = (uint8_t)(1 + below(4)),
	    .initial = (uint8_t)(below(3) == 0 ? PIN_TRANSPORT : PIN_PERSONAL),
	    .resets_to_transport = below(2),
	    .card_checks_format = below(2),
	    .pad = -1};
	snprintf(p.id, sizeof p.id, "pin%u", i);
	p.max = (uint8_t)(p.min + (below(2) ? below(5) : 0));
	if (p.min != p.max && below(2)) {
		p.stored = (uint8_t)(p.max + below(3));
		p.pad = below(2) ? 0xff : 0x00;
	}
	p.change = (uint8_t)below(4);
	if (p.min != p.max && p.pad < 0)
		p.change &= FORM_01; /* nobody could tell where the old value ends */
	p.reset = (uint8_t)below(16);
	if ((p.reset & (FORM_00 | FORM_01)) != 0) {
		p.puk_length = (uint8_t)(4 + below(6));
		p.puk_format = FORMAT_DIGITS;
		p.puk_tries = (uint8_t)(1 + below(5));
	}
	return p;
}

static struct contract *random_contract(void)
{
	struct contract *c = kit_contract();
	unsigned n = 1 + below(4);
	for (unsigned i = 0; i < n; i++)
		kit_pin(c, random_pin(i));
	for (unsigned i = 0; i < n; i++)
		if ((c->pin[i].reset & (FORM_02 | FORM_03)) != 0)
			c->pin[i].unblock = random_rule(c, n, 1 + below(3));
	unsigned files = 1 + below(4);
	for (unsigned i = 0; i < files; i++) {
		static const unsigned sizes[] = {1, 2, 3, 16, 254, 255, 256, 257, 300, 600};
		char id[16];
		snprintf(id, sizeof id, "file%u", i);
		uint16_t read = random_rule(c, n, 1 + below(5)), update = random_rule(c, n, 1 + below(5));
		unsigned size = sizes[below(10)];
		kit_file(c, id, 0x0100 + 7 * i, below(4) == 0 ? 0 : 3 * i + 1, size, read, update, (int)below(256));
		if (size >= 16 && below(2))
			kit_field(c, id, i, below(size - 8), 8, 8, FORMAT_TEXT, -1);
	}
	c->extended = below(4) == 0;
	return c;
}

static void random_value(const struct contract *c, uint16_t value, uint8_t *out, size_t *n)
{
	const struct contract_value *v = &c->value[value];
	unsigned min = v->min, max = v->max;
	*n = min + below(max - min + 1);
	for (size_t i = 0; i < *n; i++)
		out[i] = v->format == FORMAT_BINARY ? (uint8_t)(1 + below(250)) : (uint8_t)('0' + below(10));
}

static void one_contract(uint64_t seed)
{
	static uint8_t bytes[32][256];
	struct reference_value value[32];
	struct kit_ap ap;
	state_of_random = seed;
	struct contract *c = random_contract();
	for (uint16_t i = 0; i < c->n_values; i++) {
		value[i] = (struct reference_value){.name = c->value[i].name, .p = bytes[i]};
		random_value(c, i, bytes[i], &value[i].n);
	}
	kit_ap_open(&ap, c, value, c->n_values);
	for (int kind = SUITE_PROBE; kind <= SUITE_FULL; kind++) {
		struct link l = {0};
		kit_nothing_missed(c, (enum suite_kind)kind);
		struct suite *s = kit_generate(c, (enum suite_kind)kind);
		link_sim_of(&l, &ap.card);
		if (!kit_run(s, &l, &ap.values, true)) {
			print_error("seed %ju\n", (uintmax_t)seed);
			fail();
		}
		link_close(&l);
		suite_free(s);
	}
	kit_ap_close(&ap);
}

static void random_contracts(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++)
		one_contract(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_rules),
	    cmocka_unit_test(very_many_sets),
	    cmocka_unit_test(keys_and_levels),
	    cmocka_unit_test(more_than_a_table_holds),
	    cmocka_unit_test(random_contracts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
