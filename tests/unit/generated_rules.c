/* Two evaluations of every rule: the card's, and one that knows only the XML text and the contract. A terminal takes
 * cards of generated APs through sessions of real commands (PINs, PUKs, keys, secure messaging at every level, DFs,
 * both interfaces, faults); after each event every operation on every object in reach is given exactly where the naive
 * evaluation says so. GENERATE_SEED is the first seed, GENERATE_COUNT says how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/generate/terminal.h"
#include "tests/unit/support/generate_kit.h"

enum { DESCRIPTIONS = 300, WALKS = 6, EVENTS = 14 };

static size_t commands, events, given, refused, sessions;

/* One card's life: from personalisation through some sessions, perhaps to its end. */
static bool walk(struct terminal *t, const struct sim *personalised, unsigned n)
{
	terminal_start(t, personalised, n % 2 != 0);
	probe_all(t);
	if (n != 0) {
		event_climb(t);
		probe_all(t);
	}
	for (int i = 0; i < EVENTS && t->complaint[0] == 0; i++) {
		event_any(t);
		sessions += t->sm != NULL;
		probe_all(t);
	}
	if (t->complaint[0] == 0)
		probe_life(t);
	terminal_end(t);
	return t->complaint[0] == 0;
}

static bool run(uint64_t seed)
{
	struct generated_ap ap;
	struct naive_ap naive;
	struct sim personalised, card;
	bool good = true;
	generated_open(&ap, seed);
	generated_card(&ap, &personalised);
	assert_true(sim_copy(&card, &personalised));
	assert_true(naive_open(&naive, ap.xml.p, ap.xml.n));
	for (unsigned n = 0; n < WALKS && good; n++) {
		struct terminal t = {.ap = &naive, .values = &ap.values, .card = &card, .dice = {seed * 100 + n}};
		good = walk(&t, &personalised, n);
		commands += t.commands;
		events += t.events;
		given += t.given;
		refused += t.refused;
		if (!good)
			print_error("seed %llu, walk %u: %s\n", (unsigned long long)seed, n, t.complaint);
	}
	if (!good && getenv("GENERATE_KEEP") != NULL)
		fprintf(stderr, "%s", buf_cstr(&ap.xml));
	naive_close(&naive);
	sim_close(&card);
	sim_close(&personalised);
	generated_close(&ap);
	return good;
}

static void access_is_given_where_the_rule_holds(void **state)
{
	(void)state;
	struct generate_range range = generate_range(DESCRIPTIONS);
	unsigned bad = 0;
	for (uint64_t seed = range.first; seed < range.end; seed++)
		bad += !run(seed);
	print_message(
	    "%llu APs, %zu events, %zu commands; access given %zu times, refused %zu times; %zu states in a session\n",
	    (unsigned long long)(range.end - range.first), events, commands, given, refused, sessions);
	assert_int_equal(bad, 0);
	assert_true(given > 10 * (range.end - range.first) && refused > 10 * (range.end - range.first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(access_is_given_where_the_rule_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
