/* The reference card's rule evaluator against truth tables, on random trees. A rule is generated together with its
 * table: one bit for each of the 32 sets of verified PINs, combined by bitwise and, or. What the card answers to READ
 * BINARY under that rule is compared for every set, with a random choice of PINs in transport. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

enum { PINS = 5, SETS = 1 << PINS, FILES = 32 };

struct truth {
	uint32_t table; /* bit n: holds when exactly the PINs of the set n are verified */
	unsigned names; /* PINs named */
};

static uint32_t random_state;

static unsigned pick(unsigned n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static uint32_t table_of_pin(unsigned pin)
{
	uint32_t t = 0;
	for (unsigned set = 0; set < SETS; set++)
		if ((set >> pin & 1) != 0)
			t |= UINT32_C(1) << set;
	return t;
}

static uint16_t random_rule(struct contract *c, unsigned depth, struct truth *t)
{
	unsigned kind = depth == 0 ? pick(8) : pick(40);
	struct truth a, b;
	if (kind == 0) {
		*t = (struct truth){0, 0};
		return kit_rule(c, RULE_NEVER, 0, 0);
	}
	if (kind == 1) {
		*t = (struct truth){UINT32_MAX, 0};
		return kit_rule(c, RULE_ALWAYS, 0, 0);
	}
	if (depth == 0 || kind < 8) {
		unsigned pin = pick(PINS);
		*t = (struct truth){table_of_pin(pin), 1U << pin};
		return kit_rule(c, RULE_PIN, pin, 0);
	}
	uint16_t na = random_rule(c, depth - 1, &a), nb = random_rule(c, depth - 1, &b);
	bool and = pick(2) != 0;
	*t = (struct truth){and? a.table & b.table : a.table | b.table, a.names | b.names};
	return kit_rule(c, and? RULE_AND : RULE_OR, na, nb);
}

static void make_card(struct sim *s, struct truth truth[FILES], unsigned transport)
{
	static const char *const names[PINS] = {"p0", "p1", "p2", "p3", "p4"};
	struct contract *c = kit_contract();
	struct reference_value values[PINS];
	for (unsigned i = 0; i < PINS; i++) {
		struct contract_pin p = {.ref = (uint8_t)(i + 1), .min = 1, .max = 1, .tries = 15};
		kit_name(p.id, names[i]);
		p.initial = (transport >> i & 1) != 0 ? PIN_TRANSPORT : PIN_PERSONAL;
		kit_pin(c, p);
		values[i] = (struct reference_value){names[i], (const uint8_t *)"1", 1};
	}
	for (unsigned i = 0; i < FILES; i++) {
		uint16_t rule = random_rule(c, pick(6), &truth[i]);
		kit_file(c, "f", i + 1, 0, 1, rule, KIT_NEVER, 0x77);
	}
	kit_deliver(s, c);
	free(c);
	assert_int_equal(reference_personalise(s, values, PINS), SW_OK);
}

static void verify_set(struct sim *s, unsigned set, unsigned transport)
{
	for (unsigned i = 0; i < PINS; i++) {
		const uint8_t verify[] = {0, 0x20, 0, (uint8_t)(0x81 + i), 1, '1'};
		if ((set >> i & 1) != 0)
			assert_string_equal(
			    kit_send_bytes(s, verify, sizeof verify), (transport >> i & 1) != 0 ? "6985" : "9000");
	}
}

static void random_rules_against_truth_tables(void **state)
{
	(void)state;
	unsigned given = 0, refused = 0, conditions = 0;
	random_state = 20240229;
	for (unsigned round = 0; round < 60; round++) {
		struct truth truth[FILES];
		struct sim s;
		unsigned transport = round % 3 == 0 ? 0 : pick(SETS);
		make_card(&s, truth, transport);
		for (unsigned set = 0; set < SETS; set++) {
			kit_start(&s);
			verify_set(&s, set, transport);
			for (unsigned i = 0; i < FILES; i++) {
				const uint8_t select[] = {0, 0xa4, 2, 0x0c, 2, 0, (uint8_t)(i + 1)};
				bool holds = (truth[i].table >> (set & ~transport) & 1) != 0;
				const char *want = holds                ? "779000"
				    : (truth[i].names & transport) != 0 ? "6985"
									: "6982";
				assert_string_equal(kit_send_bytes(&s, select, sizeof select), "9000");
				EXPECT(&s, "00B0000000", want);
				given += holds;
				refused += strcmp(want, "6982") == 0;
				conditions += strcmp(want, "6985") == 0;
			}
		}
		sim_close(&s);
	}
	/* the test says something only when all three happen often */
	assert_true(given > 5000 && refused > 5000 && conditions > 5000);
}

/* The deepest rule that a contract may hold. */
static void the_deepest_rule(void **state)
{
	(void)state;
	struct contract *c = kit_contract();
	struct sim s;
	uint16_t pin = kit_rule(c, RULE_PIN, 0, 0), rule = pin;
	for (int i = 0; i < CONTRACT_RULE_DEPTH; i++)
		rule = kit_rule(c, i % 2 == 0 ? RULE_AND : RULE_OR, i % 2 == 0 ? KIT_ALWAYS : KIT_NEVER, rule);
	kit_pin(c, (struct contract_pin){.id = "p", .ref = 1, .min = 1, .max = 1, .tries = 1});
	kit_file(c, "f", 1, 1, 1, rule, KIT_NEVER, 0x77);
	kit_deliver(&s, c);
	free(c);
	const struct reference_value v = {"p", (const uint8_t *)"1", 1};
	assert_int_equal(reference_personalise(&s, &v, 1), SW_OK);
	kit_start(&s);
	EXPECT(&s, "00B08100 00", "6982");
	EXPECT(&s, "00200081 01 31", "9000");
	EXPECT(&s, "00B08100 00", "77 9000");
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_rules_against_truth_tables),
	    cmocka_unit_test(the_deepest_rule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
