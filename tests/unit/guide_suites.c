/* Every right example of the guide is an AP that works: personalised on the reference card it passes its own suites,
 * probe and full, those with authentication and secure messaging too. (Both languages have the same examples:
 * tests/golden/guide.sh.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "runtime/base/file.h"
#include "runtime/link/link_sim.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/suite/suite.h"
#include "tests/generate/value.h"

#define GUIDE "samples/guide.en.md"
#define FRAME "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"part\" version=\"1.0\" area=\"extension\">\n"
#define AID   "<aid rid=\"D392100031\" pix=\"0001FFFF70\"/>\n"

enum { GUIDE_MAX = 1 << 20, PATH = 200 };

static char folder[] = "/tmp/igata-guide-XXXXXX";

static bool run_suite(struct sim *s, const struct contract *c, enum suite_kind kind, const struct suite_values *values)
{
	struct diag_list d = {0};
	struct buf text = {0}, said = {0};
	struct link l = {0};
	struct suite_report r = {0};
	bool made = suite_generate(c, kind, &text, NULL);
	struct suite *suite = made ? suite_parse(text.p, text.n, c->id, &d) : NULL;
	assert_non_null(suite);
	link_sim_of(&l, s);
	bool good = suite_run(suite, &l, values, &r, &d) && r.not_run == 0 && r.passed > 1;
	if (!good) {
		suite_report_text(&r, "en", &said);
		print_error("%s\n", buf_cstr(&said));
	}
	suite_report_reset(&r);
	link_close(&l);
	suite_free(suite);
	buf_reset(&text);
	buf_reset(&said);
	diag_reset(&d);
	return good;
}

static bool works(const struct contract *c, struct arena *a)
{
	static struct generated_values values;
	struct diag_list d = {0};
	struct sim s;
	generate_values(c, 1, a, &values);
	assert_true(sim_new_in_memory(&s, NULL, c, 1, &d));
	assert_int_equal(reference_personalise(&s, values.card, values.n), SW_OK);
	struct suite_values terminal = {.row = values.terminal, .n = values.n};
	bool good = run_suite(&s, c, SUITE_PROBE, &terminal);
	good = run_suite(&s, c, SUITE_FULL, &terminal) && good;
	sim_close(&s);
	diag_reset(&d);
	return good;
}

/* One block: whole, or a part within its frame. Whole ones stay in the folder: others may be made from them. */
static bool example(const char *name, const char *text, size_t n)
{
	struct arena a = {0};
	struct diag_list d = {0};
	struct buf xml = {0};
	char path[PATH];
	bool whole = false;
	for (size_t i = 0; i + 8 < n; i++)
		whole = whole || memcmp(text + i, "<card-ap", 8) == 0;
	buf_str(&xml, whole ? "" : FRAME AID);
	buf_add(&xml, text, n);
	buf_str(&xml, whole ? "" : "</card-ap>\n");
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_true(file_write(path, xml.p, xml.n, 0600, &d));
	const struct description *ap = description_read(&a, xml.p, xml.n, path, &d);
	if (ap == NULL)
		diag_print(stderr, &d, "en");
	assert_non_null(ap);
	bool good = works(ap->contract, &a);
	if (!good)
		print_error("%s:\n%s", name, buf_cstr(&xml));
	buf_reset(&xml);
	diag_reset(&d);
	arena_free(&a);
	return good;
}

/* The block behind a fence: its name, and where the next may begin. NULL at the end. */
static const char *next_block(const char *p, char name[64], const char **text, size_t *n)
{
	const char *fence = strstr(p, "\n```xml ");
	if (fence == NULL)
		return NULL;
	size_t length = strcspn(fence + 8, " \n");
	assert_true(length < 64);
	memcpy(name, fence + 8, length);
	name[length] = 0;
	*text = strchr(fence + 1, '\n') + 1;
	const char *end = strstr(*text, "\n```");
	assert_non_null(end);
	*n = (size_t)(end + 1 - *text);
	return end + 4;
}

static void examples(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct buf guide = {0};
	char name[64];
	const char *text = NULL;
	size_t n = 0;
	unsigned run = 0, bad = 0;
	assert_true(file_read(GUIDE, GUIDE_MAX, &guide, &d));
	for (const char *p = buf_cstr(&guide); (p = next_block(p, name, &text, &n)) != NULL;)
		if (strcmp(name, "wrong") != 0) {
			bad += !example(name, text, n);
			run++;
		}
	print_message("%u examples\n", run);
	assert_true(run > 15);
	assert_int_equal(bad, 0);
	buf_reset(&guide);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	char command[PATH + 10];
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
