#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/diag.h"
#include "runtime/base/json.h"
#include "runtime/base/utf8.h"

static const char canonical[] = "{\"format\":1,\"text\":\"a\\\"\\\\/\\u0001\\n入退室\",\"empty\":[],"
				"\"none\":{},\"list\":[-5,true,null,{\"hex\":\"00AF\"}]}";

static void write_sample(struct buf *b)
{
	struct json j = json_to(b);
	json_put_object(&j, NULL);
	json_put_number(&j, "format", 1);
	json_put_text(&j, "text", "a\"\\/\x01\n入退室");
	json_put_array(&j, "empty");
	json_put_end(&j);
	json_put_object(&j, "none");
	json_put_end(&j);
	json_put_array(&j, "list");
	json_put_number(&j, NULL, -5);
	json_put_bool(&j, NULL, true);
	json_put_document(&j, NULL, "null", 4);
	json_put_object(&j, NULL);
	json_put_hex(&j, "hex", "\x00\xaf", 2);
	json_put_end(&j);
	json_put_end(&j);
	json_put_end(&j);
}

static void writes_one_form(void **state)
{
	(void)state;
	struct buf b = {0};
	write_sample(&b);
	assert_string_equal(buf_cstr(&b), canonical);
	buf_reset(&b);
}

static void what_is_not_utf8_is_replaced(void **state)
{
	(void)state;
	struct buf b = {0};
	struct json j = json_to(&b);
	json_put_bytes(&j, NULL, "\xff\xc0\x80\xed\xa0\x80z\xe5\x85", 9);
	assert_string_equal(buf_cstr(&b),
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"
	    "\xef\xbf\xbd\xef\xbf\xbd\"");
	buf_reset(&b);
}

static void knows_utf8(void **state)
{
	(void)state;
	static const struct {
		const char *s;
		size_t n, length;
	} row[] = {
	    {"a", 1, 1},
	    {"a", 0, 0},
	    {"\x7f", 1, 1},
	    {"\x80", 1, 0},
	    {"\xc1\xbf", 2, 0},
	    {"\xc2\x80", 2, 2},
	    {"\xdf\xbf", 2, 2},
	    {"\xdf", 1, 0},
	    {"\xe0\x9f\xbf", 3, 0},
	    {"\xe0\xa0\x80", 3, 3},
	    {"\xed\x9f\xbf", 3, 3},
	    {"\xed\xa0\x80", 3, 0},
	    {"\xef\xbf\xbf", 3, 3},
	    {"\xf0\x8f\xbf\xbf", 4, 0},
	    {"\xf0\x90\x80\x80", 4, 4},
	    {"\xf4\x8f\xbf\xbf", 4, 4},
	    {"\xf4\x90\x80\x80", 4, 0},
	    {"\xf5\x80\x80\x80", 4, 0},
	    {"\xe3\x81x", 3, 0},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(utf8_next((const uint8_t *)row[i].s, row[i].n, NULL), row[i].length);
}

/* Parse, write canonically. "" when refused. */
static void rewrite(const char *text, size_t n, struct buf *out)
{
	struct json_doc d;
	buf_clear(out);
	if (json_parse(&d, text, n))
		json_canonical(&d, out);
	json_free(&d);
}

static void the_canonical_form_survives_and_no_other(void **state)
{
	(void)state;
	struct buf b = {0};
	rewrite(canonical, sizeof canonical - 1, &b);
	assert_string_equal(buf_cstr(&b), canonical);
	static const char *const other[] = {
	    "{ \"a\":1}",
	    "{\"a\": 1}",
	    "{\"a\":1}\n",
	    "{\n\"a\":1}",
	    "{\"a\":1,\"a\":1}",
	    "{\"a\":1.0}",
	    "{\"a\":1e0}",
	    "[[0.5]]",
	    "{\"a\":01}",
	    "{\"a\":-0}",
	    "{\"a\":\"\\/\"}",
	    "{\"a\":\"\\u0041\"}",
	    "{\"a\":\"\\u000a\"}",
	    "{\"a\":\"\\u001F\"}",
	    "{\"a\":\"\x01\"}",
	    "{\"a\":99999999999999999999}",
	    "/* c */{\"a\":1}",
	    "{'a':1}",
	    "{\"a\":1}x",
	    "{\"a\":\"\xff\"}",
	    "{\"a\":NaN}",
	    "{\"a\":True}",
	    "{\"a\\u0000b\":1}",
	    "{\"a\":1,}",
	    "",
	};
	for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
		rewrite(other[i], strlen(other[i]), &b);
		if (strcmp(buf_cstr(&b), other[i]) == 0 && b.n == strlen(other[i]) && other[i][0] != 0)
			fail_msg("taken as canonical: %s", other[i]);
	}
	rewrite("{}\0x", 4, &b);
	assert_int_equal(b.n, 0);
	rewrite("{}\0", 3, &b);
	assert_int_equal(b.n, 0);
	buf_reset(&b);
}

static void depth_is_bounded(void **state)
{
	(void)state;
	char text[2 * JSON_DEPTH + 4];
	struct buf b = {0};
	for (size_t depth = 1; depth <= JSON_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		rewrite(text, 2 * depth, &b);
		assert_int_equal(b.n != 0, depth <= JSON_DEPTH);
	}
	buf_reset(&b);
}

static void documents_fit_into_others(void **state)
{
	(void)state;
	struct buf b = {0};
	struct json j = json_to(&b);
	char deep[2 * JSON_DEPTH];
	memset(deep, '[', JSON_DEPTH);
	memset(deep + JSON_DEPTH, ']', JSON_DEPTH);
	json_put_object(&j, NULL);
	json_put_document(&j, "a", "{ \"b\" : 1 }", 11);
	json_put_document(&j, "bad", "{", 1);
	json_put_document(&j, "deep", deep, sizeof deep);
	json_put_end(&j);
	assert_string_equal(buf_cstr(&b), "{\"a\":{\"b\":1},\"bad\":null,\"deep\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}");
	buf_reset(&b);
}

static void values_are_checked(void **state)
{
	(void)state;
	static const char doc[] =
	    "{\"n\":5,\"t\":\"xy\",\"c\":\"a\\u0007\",\"d\":\"\\u0085\",\"h\":\"00FF\",\"b\":true,"
	    "\"z\":null,\"l\":[1],\"e\":\"\\u0000\",\"f\":1.5}";
	static const struct {
		const char *key, *want; /* n number 0..5, t text of 2, h hex 1..2, b bool, l list */
	} good[] = {{"n", "n"}, {"t", "t"}, {"h", "h"}, {"b", "b"}, {"l", "l"}};
	static const struct {
		const char *key;
		char want;
	} bad[] = {
	    {"x", 'n'},
	    {"t", 'n'},
	    {"f", 'n'},
	    {"b", 'n'},
	    {"n", 't'},
	    {"c", 't'},
	    {"d", 't'},
	    {"e", 't'},
	    {"h", 't'},
	    {"z", 't'},
	    {"t", 'h'},
	    {"n", 'h'},
	    {"n", 'b'},
	    {"z", 'b'},
	    {"n", 'l'},
	    {"z", 'l'},
	    {"x", 'l'},
	};
	for (size_t i = 0; i < sizeof good / sizeof *good + sizeof bad / sizeof *bad; i++) {
		bool is_good = i < sizeof good / sizeof *good;
		size_t k = is_good ? i : i - sizeof good / sizeof *good;
		const char *key = is_good ? good[k].key : bad[k].key;
		char want = is_good ? good[k].want[0] : bad[k].want, text[3];
		uint8_t hex[2];
		struct json_doc d;
		assert_true(json_parse(&d, doc, sizeof doc - 1));
		struct json_in in = json_member(json_root(&d), key);
		if (want == 'n')
			assert_int_equal(json_get_number(in, 0, 5), is_good ? 5 : 0);
		if (want == 't')
			json_get_text(in, text, sizeof text);
		if (want == 'h')
			assert_int_equal(json_get_hex(in, hex, 1, 2), is_good ? 2 : 0);
		if (want == 'b')
			assert_int_equal(json_get_bool(in), is_good);
		if (want == 'l')
			assert_int_equal(json_count(in), is_good ? 1 : 0);
		if (d.bad == is_good)
			fail_msg("%s as %c", key, want);
		json_free(&d);
	}
}

static void limits_are_checked(void **state)
{
	(void)state;
	struct json_doc d;
	char text[3];
	uint8_t hex[4];
	assert_true(json_parse(&d, "[6,\"abc\",\"00\",\"000\"]", 20));
	json_get_number(json_at(json_root(&d), 0), 6, 6);
	assert_false(d.bad);
	for (int i = 0; i < 6; i++) {
		d.bad = false;
		struct json_in in = json_root(&d);
		if (i == 0)
			json_get_number(json_at(in, 0), 0, 5);
		if (i == 1)
			json_get_number(json_at(in, 0), 7, 9);
		if (i == 2)
			json_get_text(json_at(in, 1), text, sizeof text);
		if (i == 3)
			json_get_hex(json_at(in, 2), hex, 2, 4);
		if (i == 4)
			json_get_hex(json_at(in, 3), hex, 0, 4);
		if (i == 5)
			json_at(in, 4);
		assert_true(d.bad);
	}
	json_free(&d);
	assert_false(json_parse(&d, "[", 1));
	json_member(json_root(&d), "x");
	json_free(&d);
}

static void no_locale_has_a_say(void **state)
{
	(void)state;
	struct buf a = {0}, b = {0};
	write_sample(&a);
	static const char *const locale[] = {"C.UTF-8", "de_DE.UTF-8", "ja_JP.UTF-8", "tr_TR.UTF-8"};
	for (size_t i = 0; i < 4; i++) {
		setlocale(LC_ALL, locale[i]);
		buf_clear(&b);
		write_sample(&b);
		assert_string_equal(buf_cstr(&a), buf_cstr(&b));
		rewrite(canonical, sizeof canonical - 1, &b);
		assert_string_equal(buf_cstr(&b), canonical);
	}
	setlocale(LC_ALL, "C");
	buf_reset(&a);
	buf_reset(&b);
}

static void diagnostics_are_json_whatever_the_input(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct buf b = {0};
	struct json_doc doc;
	diag_add(&d, (struct srcloc){.file = "\xff\n\"x"}, DIAG_FILE_OPEN, "\xff\x01\\", "no", NULL);
	struct json j = json_to(&b);
	diag_json(&d, "ja", &j, NULL);
	assert_true(json_parse(&doc, b.p, b.n));
	char text[16];
	json_get_text(json_member(json_at(json_root(&doc), 0), "code"), text, sizeof text);
	assert_string_equal(text, "IG1200");
	json_free(&doc);
	buf_reset(&b);
	diag_reset(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_one_form),
	    cmocka_unit_test(what_is_not_utf8_is_replaced),
	    cmocka_unit_test(knows_utf8),
	    cmocka_unit_test(the_canonical_form_survives_and_no_other),
	    cmocka_unit_test(depth_is_bounded),
	    cmocka_unit_test(documents_fit_into_others),
	    cmocka_unit_test(values_are_checked),
	    cmocka_unit_test(limits_are_checked),
	    cmocka_unit_test(no_locale_has_a_say),
	    cmocka_unit_test(diagnostics_are_json_whatever_the_input),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
