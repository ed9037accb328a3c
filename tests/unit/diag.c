/* The table of diagnostics: numbers, texts in both languages, and how they are printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/diag.h"
#include "runtime/base/utf8.h"

static void numbers_are_decimal(void **state)
{
	(void)state;
	char text[8];
	assert_string_equal(diag_code_text(DIAG_SCRIPT_VERSION, text), "IG0750");
	assert_int_equal(DIAG_SCRIPT_VERSION, 750);
	assert_int_equal(DIAG_FILE_OPEN, 1200);
	assert_int_equal(diag_code_named("IG0750"), DIAG_SCRIPT_VERSION);
	assert_int_equal(diag_code_named("IG9999"), 0);
	assert_int_equal(diag_code_named("0750"), 0);
}

static void numbers_are_unique_and_ascending(void **state)
{
	(void)state;
	const enum diag_code *c = diag_all_codes();
	assert_true(c[0] > 0);
	for (; c[1] != 0; c++)
		if (c[0] >= c[1])
			fail_msg("%u before %u", (unsigned)c[0], (unsigned)c[1]);
}

/* How many arguments a text uses. Which ones may differ: some are given once in each language. */
static unsigned arguments(const char *s)
{
	unsigned bits = 0;
	for (; *s != 0; s++)
		if (s[0] == '{' && s[1] >= '1' && s[1] <= '0' + DIAG_ARGS && s[2] == '}')
			bits |= 1u << (s[1] - '1');
	unsigned n = 0;
	for (; bits != 0; bits >>= 1)
		n += bits & 1u;
	return n;
}

static void rows_are_complete_in_both_languages(void **state)
{
	(void)state;
	for (const enum diag_code *c = diag_all_codes(); *c != 0; c++) {
		const char *text[2][3];
		for (int ja = 0; ja < 2; ja++) {
			const char *lang = ja ? "ja" : "en";
			text[ja][0] = diag_message_template(*c, lang);
			text[ja][1] = diag_hint(*c, lang);
			text[ja][2] = diag_explanation(*c, lang);
		}
		for (int k = 0; k < 3; k++) {
			bool same_arguments = k != 0 || arguments(text[0][k]) == arguments(text[1][k]);
			bool both = (text[0][k][0] != 0) == (text[1][k][0] != 0) && (k == 1 || text[0][k][0] != 0);
			size_t n = strlen(text[1][k]);
			bool utf8 = utf8_valid((const uint8_t *)text[1][k], n) == n;
			if (!same_arguments || !both || !utf8)
				fail_msg("IG%04u, text %d", (unsigned)*c, k);
		}
	}
}

static void prints_in_both_languages(void **state)
{
	(void)state;
	struct diag_list d = {0};
	char text[512];
	diag_add(&d, (struct srcloc){"f.xml", 3, 7}, DIAG_FILE_TOO_BIG, "f\x1b.xml", "9", "8", NULL);
	for (int ja = 0; ja < 2; ja++) {
		FILE *f = tmpfile();
		assert_non_null(f);
		diag_print(f, &d, ja ? "ja" : "en");
		rewind(f);
		text[fread(text, 1, sizeof text - 1, f)] = 0;
		fclose(f);
		assert_string_equal(text,
		    ja ? "f.xml:3:7: エラー IG1203: 「f?.xml」は 9 バイト以上あり、上限 8 を超えています\n    対処: "
			 "正しいファイルか確認してください\n"
		       : "f.xml:3:7: error IG1203: 'f?.xml' has at least 9 bytes; the limit is 8\n    hint: check that "
			 "this is the right file\n");
	}
	diag_reset(&d);
}

static void the_worst_decides_the_exit_status(void **state)
{
	(void)state;
	struct diag_list d = {0};
	assert_int_equal(diag_exit(&d), 0);
	diag_add(&d, (struct srcloc){0}, DIAG_FILE_TOO_BIG, "a", "b", "c", NULL);
	assert_int_equal(diag_exit(&d), 1);
	diag_add(&d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	assert_int_equal(diag_exit(&d), 2);
	assert_int_equal(diag_count(&d, DIAG_ERROR), 1);
	diag_reset(&d);
}

static void sorting_is_by_place_and_stable(void **state)
{
	(void)state;
	static const struct {
		unsigned line, column;
		const char *arg;
	} row[] = {{2, 1, "c"}, {1, 9, "a"}, {2, 1, "d"}, {1, 10, "b"}};
	struct diag_list d = {0};
	for (size_t i = 0; i < 4; i++)
		diag_add(&d, (struct srcloc){"f", row[i].line, row[i].column}, DIAG_OUTPUT, row[i].arg, NULL);
	diag_sort(&d);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(d.row[i].arg[0][0], "abcd"[i]);
	diag_reset(&d);
}

/* Paths are often built for one call: a diagnostic keeps its own copy. */
static void the_file_name_is_kept(void **state)
{
	(void)state;
	struct diag_list d = {0};
	char path[] = "folder/name.xml";
	diag_add(&d, (struct srcloc){.file = path}, DIAG_NO_MEMORY, NULL);
	memset(path, 0, sizeof path);
	assert_string_equal(d.row[0].at.file, "folder/name.xml");
	diag_reset(&d);
}

static void rows_move_and_go(void **state)
{
	(void)state;
	struct diag_list a = {0}, b = {0};
	diag_add(&a, (struct srcloc){0}, DIAG_OUTPUT, "1", NULL);
	for (int i = 0; i < 40; i++)
		diag_add(&b, (struct srcloc){0}, DIAG_FILE_TOO_BIG, "2", "3", "4", NULL);
	diag_add(&b, (struct srcloc){0}, DIAG_OUTPUT, "5", NULL);
	diag_take(&a, &b);
	assert_int_equal(a.n, 42);
	assert_int_equal(b.n, 0);
	diag_drop(&a, DIAG_ERROR);
	assert_int_equal(a.n, 2);
	assert_string_equal(a.row[0].arg[0], "1");
	assert_string_equal(a.row[1].arg[0], "5");
	diag_reset(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_decimal),
	    cmocka_unit_test(numbers_are_unique_and_ascending),
	    cmocka_unit_test(rows_are_complete_in_both_languages),
	    cmocka_unit_test(prints_in_both_languages),
	    cmocka_unit_test(the_worst_decides_the_exit_status),
	    cmocka_unit_test(the_file_name_is_kept),
	    cmocka_unit_test(rows_move_and_go),
	    cmocka_unit_test(sorting_is_by_place_and_stable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
