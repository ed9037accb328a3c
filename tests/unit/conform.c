/* Every chip against the reference card: the AP of samples/entrance-card is compiled for each profile, installed by the
 * loader, and must answer as the reference card does, to the generated suites and to the dialogues of tests/conform. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/chip_kit.h"

enum { CHIPS = 16, FOLDER = 256 };

/* The cards as personalised; each test works on copies. */
static struct {
	struct chip_kit kit;
	struct sim reference;
	struct sim card[CHIPS];
	const char **name;
	size_t n;
} all;

static int open_all(void **state)
{
	(void)state;
	chip_kit_open(&all.kit, "samples/entrance-card/entrance-card.xml");
	chip_kit_value(&all.kit, "CARD-NUMBER", (const uint8_t *)"2026000017", 10, false);
	chip_kit_value(&all.kit, "PIN", (const uint8_t *)"4071", 4, false);
	chip_kit_value(&all.kit, "PUK", (const uint8_t *)"82610497", 8, false);
	chip_kit_value(&all.kit, "ZONES", (const uint8_t *)"A1 A2 LOBBY", 11, false);
	chip_kit_reference(&all.kit, &all.reference);
	all.name = chip_kit_names(&all.kit.arena, &all.n, &all.kit.d);
	assert_true(all.name != NULL && all.n >= 2 && all.n <= CHIPS);
	for (size_t i = 0; i < all.n; i++) {
		const struct chip *chip = chip_find(&all.kit.arena, "chipprofiles", all.name[i], &all.kit.d);
		assert_non_null(chip);
		assert_true(chip_kit_install(&all.kit, chip, &all.card[i]));
	}
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < all.n; i++)
		sim_close(&all.card[i]);
	sim_close(&all.reference);
	chip_kit_close(&all.kit);
	return 0;
}

/* Runs a program on fresh copies of the reference card and a chip; alone on the reference when the chip is NULL. */
static bool compare(const char *what, const struct suite *s, const struct sim *chip)
{
	struct sim a, b;
	struct link la = {0}, lb = {0};
	struct suite_report r = {0};
	struct diag_list d = {0};
	struct buf text = {0};
	bool good;
	assert_true(sim_copy(&a, &all.reference));
	link_sim_of(&la, &a);
	if (chip != NULL) {
		assert_true(sim_copy(&b, chip));
		link_sim_of(&lb, &b);
		good = suite_compare(s, &la, &lb, &all.kit.values, &r, &d);
		link_close(&lb);
		sim_close(&b);
	} else
		good = suite_run(s, &la, &all.kit.values, &r, &d);
	suite_report_text(&r, "en", &text);
	if (!good)
		print_error("%s: %s", what, buf_cstr(&text));
	link_close(&la);
	sim_close(&a);
	buf_reset(&text);
	suite_report_reset(&r);
	diag_reset(&d);
	return good;
}

static void on_all(const char *what, const uint8_t *text, size_t n)
{
	struct diag_list d = {0};
	struct suite *s = suite_parse(text, n, what, &d);
	bool good = true;
	diag_print(stderr, &d, "en");
	assert_non_null(s);
	assert_int_not_equal(suite_steps(s), 0);
	good = compare(what, s, NULL);
	for (size_t i = 0; i < all.n; i++)
		if (!compare(what, s, &all.card[i])) {
			print_error("  on %s\n", all.name[i]);
			good = false;
		}
	suite_free(s);
	diag_reset(&d);
	assert_true(good);
}

static void generated(enum suite_kind kind)
{
	struct buf text = {0};
	struct suite_coverage cov = {0};
	assert_true(suite_generate(all.kit.contract, kind, &text, &cov));
	assert_int_equal(suite_coverage_count(&cov, -1, COVER_MISSED), 0);
	on_all(kind == SUITE_PROBE ? "probe" : "full", text.p, text.n);
	suite_coverage_reset(&cov);
	buf_reset(&text);
}

static void probe(void **state)
{
	(void)state;
	generated(SUITE_PROBE);
}

static void full(void **state)
{
	(void)state;
	generated(SUITE_FULL);
}

/* tests/conform/NNN-clause.t, by hand: what a generator would not hit. */
static void by_hand(void **state)
{
	struct dirent **entry;
	char path[FOLDER + 300];
	size_t files = 0;
	(void)state;
	int n = scandir("tests/conform", &entry, NULL, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(entry[i]->d_name, '.');
		snprintf(path, sizeof path, "tests/conform/%s", entry[i]->d_name);
		if (dot != NULL && strcmp(dot, ".t") == 0) {
			struct buf text = {0};
			assert_true(file_read(path, SUITE_TEXT_MAX, &text, &all.kit.d));
			on_all(path, text.p, text.n);
			buf_reset(&text);
			files++;
		}
		free(entry[i]);
	}
	free(entry);
	assert_true(files >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(probe),
	    cmocka_unit_test(full),
	    cmocka_unit_test(by_hand),
	};
	return cmocka_run_group_tests(tests, open_all, close_all);
}
