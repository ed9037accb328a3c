/* Generated descriptions: each AP is personalised on the reference card and passes its own probe and full suites,
 * which miss nothing that it has.
 * GENERATE_SEED is the first seed, GENERATE_COUNT says how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "runtime/link/link_sim.h"
#include "runtime/suite/suite.h"
#include "tests/generate/description.h"
#include "tests/generate/value.h"
#include "tests/unit/support/generate_kit.h"

static size_t dialogues, commands, clauses, branches;

/* Nothing that the AP has is left out: no branch of a rule, no operation, no clause of the contract. */
static bool covers_all(const struct contract *c, enum suite_kind kind, const struct suite_coverage *cov)
{
	struct buf text = {0};
	size_t missed = suite_coverage_count(cov, -1, COVER_MISSED);
	clauses += suite_coverage_count(cov, COVER_CLAUSE, COVER_HIT);
	branches += suite_coverage_count(cov, COVER_BRANCH, COVER_HIT);
	if (missed != 0) {
		suite_coverage_text(cov, &text);
		print_error("%s, %s: %zu missed\n", c->id, kind == SUITE_FULL ? "full" : "probe", missed);
		fputs(strstr(buf_cstr(&text), "\nmissed:") + 1, stderr);
	}
	buf_reset(&text);
	return missed == 0;
}

static bool run_suite(const struct generated_ap *ap, struct sim *s, enum suite_kind kind)
{
	struct diag_list d = {0};
	struct buf text = {0}, said = {0};
	struct link l = {0};
	struct suite_report r = {0};
	struct suite_coverage cov = {0};
	bool made = suite_generate(ap->contract, kind, &text, &cov), covered = covers_all(ap->contract, kind, &cov);
	struct suite *suite = made ? suite_parse(text.p, text.n, ap->contract->id, &d) : NULL;
	link_sim_of(&l, s);
	bool good = suite != NULL &&
	    suite_run(suite, &l, &(struct suite_values){ap->values.terminal, ap->values.n}, &r, &d) && r.not_run == 0;
	if (!good) {
		if (suite != NULL)
			suite_report_text(&r, "en", &said);
		print_error("%s, %s:\n%s", ap->contract->id, kind == SUITE_FULL ? "full" : "probe", buf_cstr(&said));
		diag_print(stderr, &d, "en");
	}
	dialogues += r.passed;
	commands += r.apdus;
	suite_coverage_reset(&cov);
	suite_report_reset(&r);
	link_close(&l);
	suite_free(suite);
	buf_reset(&text);
	buf_reset(&said);
	diag_reset(&d);
	return good && covered;
}

static void own_suites(void **state)
{
	(void)state;
	struct generate_range range = generate_range(200);
	unsigned bad = 0, run = 0;
	for (uint64_t seed = range.first; seed < range.end; seed++) {
		struct generated_ap ap;
		struct sim s;
		generated_open(&ap, seed);
		run++;
		generated_card(&ap, &s);
		bad += !run_suite(&ap, &s, SUITE_PROBE);
		bad += !run_suite(&ap, &s, SUITE_FULL);
		sim_close(&s);
		generated_close(&ap);
	}
	print_message("%u APs, %zu dialogues, %zu commands; %zu rule branches and %zu clauses covered\n", run,
	    dialogues, commands, branches, clauses);
	assert_int_equal(bad, 0);
	assert_true(run == 0 || dialogues > 10 * run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_suites),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
