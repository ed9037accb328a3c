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
	struct rules_case k;
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
	struct rules_case k;
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
		assert_int_equal(rules_can_hold(&r, rule, all), holds(c, rule, all));
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
	struct rules_case k;
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
	    cmocka_unit_test(random_contracts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
