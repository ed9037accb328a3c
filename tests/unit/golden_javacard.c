/* tests/fixtures/javacard: each package is assembled in the three CAP formats, read back by the reader, which shares no
 * code with the assembler, and disassembled; tests/golden/javacard/NAME.txt has format 2.1 as people see it.
 *
 * BLESS=1 build/tests/unit/golden_javacard rewrites them: review the difference. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/cap/disassemble.h"

#define FIXTURES "tests/fixtures/javacard"
#define GOLDEN   "tests/golden/javacard"

enum { FIXTURES_MAX = 64 };

static char names[FIXTURES_MAX][64];
static size_t n_names;

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int find_fixtures(void **state)
{
	(void)state;
	DIR *dir = opendir(FIXTURES);
	assert_non_null(dir);
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		const char *dot = strrchr(e->d_name, '.');
		if (dot == NULL || strcmp(dot, ".jca") != 0)
			continue;
		assert_true(n_names < FIXTURES_MAX);
		snprintf(names[n_names++], sizeof names[0], "%.*s", (int)(dot - e->d_name), e->d_name);
	}
	closedir(dir);
	qsort(names, n_names, sizeof names[0], by_name);
	return 0;
}

static void assemble(const char *name, api_version format, struct buf *cap)
{
	char path[256];
	struct arena a = {0};
	struct buf text = {0};
	struct diag_list d = {0};
	const char *message = NULL;
	snprintf(path, sizeof path, FIXTURES "/%s.jca", name);
	assert_true(file_read(path, 1 << 20, &text, &d));
	bool ok = asm_text_to_cap(&a, (const char *)text.p, text.n, format, cap, &message);
	if (!ok)
		print_error("%s: %s\n", path, message);
	assert_true(ok);
	arena_free(&a);
	buf_reset(&text);
}

static void read_back(const char *name, const struct buf *file, struct cap *c, struct cap_model *m)
{
	struct diag_list d = {0};
	bool ok = cap_open(c, file->p, file->n, name, &d) && cap_read(m, c, &d);
	if (!ok)
		diag_print(stderr, &d, "en");
	assert_true(ok);
	assert_int_equal(d.n, 0);
	diag_reset(&d);
}

static void check_golden(const char *name, const struct buf *text)
{
	char path[256];
	struct buf want = {0};
	struct diag_list d = {0};
	snprintf(path, sizeof path, GOLDEN "/%s.txt", name);
	if (getenv("BLESS") != NULL) {
		assert_true(file_write(path, text->p, text->n, 0644, &d));
		return;
	}
	if (!file_read(path, 8 << 20, &want, &d))
		fail_msg("%s is missing", path);
	if (want.n != text->n || memcmp(want.p, text->p, text->n) != 0)
		fail_msg("%s is not what the disassembler gives", path);
	buf_reset(&want);
}

/* The large fixture's text would be in nobody's interest: its beginning is enough. */
enum { GOLDEN_MAX = 40000 };

static void test_golden(void **state)
{
	(void)state;
	struct cap *c = malloc(sizeof *c);
	assert_non_null(c);
	for (size_t i = 0; i < n_names; i++) {
		struct buf file = {0}, text = {0};
		struct cap_model m;
		assemble(names[i], 0x0201, &file);
		read_back(names[i], &file, c, &m);
		cap_summary(c, false, &text);
		cap_disassemble(&m, false, &text);
		if (text.n > GOLDEN_MAX)
			text.n = GOLDEN_MAX;
		check_golden(names[i], &text);
		cap_model_reset(&m);
		cap_close(c);
		buf_reset(&file);
		buf_reset(&text);
	}
	free(c);
}

/* Code, pool and fields do not depend on the format; the archive's bytes depend on nothing else. */
static void test_formats(void **state)
{
	(void)state;
	struct cap *c = malloc(sizeof *c);
	assert_non_null(c);
	for (size_t i = 0; i < n_names; i++) {
		uint64_t methods = 0, constants = 0;
		for (api_version format = 0x0201; format <= 0x0203; format++) {
			struct buf file = {0}, again = {0};
			struct cap_model m;
			assemble(names[i], format, &file);
			assemble(names[i], format, &again);
			assert_int_equal(file.n, again.n);
			assert_memory_equal(file.p, again.p, file.n);
			read_back(names[i], &file, c, &m);
			assert_int_equal(c->format, format);
			assert_true(format == 0x0201 || m.n_methods == methods);
			assert_true(format == 0x0201 || m.n_constants == constants);
			methods = m.n_methods;
			constants = m.n_constants;
			cap_model_reset(&m);
			cap_close(c);
			buf_reset(&file);
			buf_reset(&again);
		}
	}
	free(c);
}

/* A card gets no Descriptor: the methods that anything refers to are found without it, at the same places. Some
 * have one to which nothing refers. */
static void test_without_descriptor(void **state)
{
	(void)state;
	struct cap *c = malloc(sizeof *c), *bare = malloc(sizeof *bare);
	assert_true(c != NULL && bare != NULL);
	for (size_t i = 0; i < n_names; i++) {
		struct buf file = {0}, load = {0};
		struct cap_model m, without;
		assemble(names[i], 0x0201, &file);
		read_back(names[i], &file, c, &m);
		cap_load_data(c, false, &load);
		read_back(names[i], &load, bare, &without);
		assert_true(without.n_methods <= m.n_methods && without.n_methods + 1 >= m.n_methods);
		for (size_t k = 0; k < without.n_methods; k++) {
			const struct cap_method *same = cap_method_at(&m, without.method[k].offset);
			assert_non_null(same);
			assert_int_equal(without.method[k].length, same->length);
		}
		cap_model_reset(&m);
		cap_model_reset(&without);
		cap_close(c);
		cap_close(bare);
		buf_reset(&file);
		buf_reset(&load);
	}
	free(c);
	free(bare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_golden),
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_without_descriptor),
	};
	return cmocka_run_group_tests(tests, find_fixtures, NULL);
}
