/* Every sample's own suites, probe and full, on the reference card: they pass and miss nothing. With names of files,
 * those descriptions instead of the samples: tests/golden/guide.sh. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/description/description.h"
#include "runtime/base/file.h"
#include "runtime/link/link_sim.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/suite/suite.h"
#include "tests/generate/value.h"

enum { SAMPLE_MAX = 1 << 20 };

/* Every branch of every rule and every clause that concerns the AP; COVERAGE=1 prints the table. */
static void covers_all(const struct contract *c, enum suite_kind kind, const struct suite_coverage *cov, size_t bytes)
{
	struct buf text = {0};
	size_t missed = suite_coverage_count(cov, -1, COVER_MISSED);
	suite_coverage_text(cov, &text);
	if (missed != 0 || getenv("COVERAGE") != NULL)
		printf("%s\n", buf_cstr(&text)); /* cmocka's own functions cut it */
	printf("%s %s: %zu bytes; %zu branches, %zu operations and %zu clauses covered, %zu missed\n", c->id,
	    kind == SUITE_FULL ? "full" : "probe", bytes, suite_coverage_count(cov, COVER_BRANCH, COVER_HIT),
	    suite_coverage_count(cov, COVER_OPERATION, COVER_HIT), suite_coverage_count(cov, COVER_CLAUSE, COVER_HIT),
	    missed);
	assert_int_equal(missed, 0);
	buf_reset(&text);
}

static void run_suite(struct sim *s, const struct contract *c, enum suite_kind kind, const struct suite_values *values)
{
	struct diag_list d = {0};
	struct buf text = {0}, said = {0};
	struct link l = {0};
	struct suite_report r = {0};
	struct suite_coverage cov = {0};
	assert_true(suite_generate(c, kind, &text, &cov));
	covers_all(c, kind, &cov, text.n);
	struct suite *suite = suite_parse(text.p, text.n, c->id, &d);
	assert_non_null(suite);
	link_sim_of(&l, s);
	bool good = suite_run(suite, &l, values, &r, &d);
	if (!good) {
		suite_report_text(&r, "en", &said);
		print_error("%s\n", buf_cstr(&said));
	}
	assert_true(good);
	assert_int_equal(r.not_run, 0);
	assert_true(r.passed > 1);
	suite_coverage_reset(&cov);
	suite_report_reset(&r);
	link_close(&l);
	suite_free(suite);
	buf_reset(&text);
	buf_reset(&said);
	diag_reset(&d);
}

static void description(const char *path)
{
	struct generated_values v;
	struct arena a = {0};
	struct buf xml = {0};
	struct diag_list d = {0};
	struct sim s;
	assert_true(file_read(path, SAMPLE_MAX, &xml, &d));
	const struct description *ap = description_read(&a, xml.p, xml.n, path, &d);
	assert_non_null(ap);
	generate_values(ap->contract, 1, &a, &v);
	assert_true(sim_new_in_memory(&s, NULL, ap->contract, 1, &d));
	assert_int_equal(reference_personalise(&s, v.card, v.n), SW_OK);
	struct suite_values values = {.row = v.terminal, .n = v.n};
	run_suite(&s, ap->contract, SUITE_PROBE, &values);
	run_suite(&s, ap->contract, SUITE_FULL, &values);
	sim_close(&s);
	diag_reset(&d);
	buf_reset(&xml);
	arena_free(&a);
}

static void sample(void **state)
{
	char path[128];
	snprintf(path, sizeof path, "samples/%s/%s.xml", (const char *)*state, (const char *)*state);
	description(path);
}

static char **named;

static void files(void **state)
{
	(void)state;
	for (char **path = named; *path != NULL; path++)
		description(*path);
}

#define SAMPLE(name)                                                                                                   \
	{                                                                                                              \
		name, sample, NULL, NULL, (void *)(uintptr_t)name                                                      \
	}

int main(int argc, char **argv)
{
	const struct CMUnitTest given[] = {cmocka_unit_test(files)};
	named = argv + 1;
	if (argc > 1)
		return cmocka_run_group_tests_name("descriptions", given, NULL, NULL);
	const struct CMUnitTest tests[] = {
	    SAMPLE("employee-card"),
	    SAMPLE("entrance-card"),
	    SAMPLE("library-card"),
	    SAMPLE("points-card"),
	    SAMPLE("type-a"),
	    SAMPLE("type-c"),
	    SAMPLE("type-d"),
	};
	return cmocka_run_group_tests_name("sample_suites", tests, NULL, NULL);
}
