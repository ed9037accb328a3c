/* Per-card values: RFC 4180 to the letter, holes filled completely, nothing secret in any message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "runtime/base/utf8.h"
#include "runtime/contract/personal_number.h"
#include "runtime/image/csv.h"
#include "runtime/image/values.h"

static char path[] = "/tmp/igata-values-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 || close(fd) != 0;
}

static int drop_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void put(const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

static struct image image_with(size_t n, const struct image_hole *h)
{
	struct image img = {.n_holes = n};
	memcpy(img.hole, h, n * sizeof *h);
	return img;
}

static const struct image_hole holes[] = {
    {"CARD-NUMBER", "field", "card-number", "digits", "csv", 10, 10, false, -1, 0, false, 0},
    {"ZONES", "field", "zone-list", "text", "csv", 0, 64, false, 0x20, 64, false, 0},
    {"PIN", "pin", "holder", "digits", "csv", 4, 8, true, 0xff, 8, false, 0},
    {"BLOB", "field", "blob", "binary", "caller", 3, 3, false, -1, 0, false, 0},
    {"CODE", "field", "code", "alphanumeric", "csv", 2, 2, false, -1, 0, false, 0},
};
enum { HOLES = sizeof holes / sizeof *holes };

/* Does some diagnostic of this code stand at line:column? 0:0 does not care. */
static bool fired(const struct diag_list *d, enum diag_code code, unsigned line, unsigned column)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->row[i].code == code &&
		    (line == 0 || (d->row[i].at.line == line && d->row[i].at.column == column)))
			return true;
	diag_print(stderr, d, "en");
	return false;
}

static bool mentions(const struct diag_list *d, const char *secret)
{
	for (size_t i = 0; i < d->n; i++)
		for (int k = 0; k < DIAG_ARGS; k++)
			if (d->row[i].arg[k] != NULL && strstr(d->row[i].arg[k], secret) != NULL)
				return true;
	return false;
}

static void value_is(const struct value_set *s, const char *name, const char *text)
{
	const struct value *v = values_find(s, name);
	assert_non_null(v);
	assert_int_equal(v->text.n, strlen(text));
	assert_memory_equal(v->text.p, text, strlen(text));
}

static void utf8(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t valid;
	} row[] = {
	    {"a\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80", 10},
	    {"a\xc0\x80", 1},         /* overlong NUL */
	    {"a\xe0\x80\xaf", 1},     /* overlong slash */
	    {"a\xed\xa0\x80", 1},     /* surrogate */
	    {"a\xf4\x90\x80\x80", 1}, /* beyond U+10FFFF */
	    {"a\xf8\x88\x80\x80", 1},
	    {"a\x80", 1},
	    {"a\xe6\x97", 1},
	    {"a\xe6\x97z", 1},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(utf8_valid((const uint8_t *)row[i].text, strlen(row[i].text)), row[i].valid);
	uint32_t cp = 0;
	assert_int_equal(utf8_next((const uint8_t *)"\xe6\x97\xa5", 3, &cp), 3);
	assert_int_equal(cp, 0x65e5);
}

static void csv_forms(void **state)
{
	(void)state;
	static const char text[] = "\xef\xbb\xbf"
				   "A,\"B\"\"x\",C\r\n"
				   "1,\"two, and\r\na line\",\r\n"
				   "\"\",\"\"\"\",\xe6\x97\xa5\n\n\r\n";
	struct diag_list d = {0};
	struct value_set s = {0};
	put(text, sizeof text - 1);
	assert_true(values_from_csv(&s, path, 1, &d));
	value_is(&s, "A", "1");
	value_is(&s, "B\"x", "two, and\r\na line");
	value_is(&s, "C", "");
	values_reset(&s);
	assert_true(values_from_csv(&s, path, 2, &d));
	value_is(&s, "A", "");
	value_is(&s, "B\"x", "\"");
	value_is(&s, "C", "\xe6\x97\xa5");
	assert_int_equal(s.value[2].at.line, 4);
	assert_int_equal(s.value[2].at.column, 9);
	assert_false(values_from_csv(&s, path, 3, &d));
	assert_true(fired(&d, DIAG_CSV_NO_ROW, 0, 0));
	values_reset(&s);
	diag_reset(&d);
	/* the last line needs no end (RFC 4180, 2.2) */
	put("A\n7", 3);
	assert_true(values_from_csv(&s, path, 1, &d));
	value_is(&s, "A", "7");
	values_reset(&s);
}

static void csv_faults(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum diag_code code;
		unsigned line, column;
	} row[] = {
	    {"A,B\n1,\x83\x5c\n", DIAG_CSV_UTF8, 2, 3},
	    {"A,B\n1,a\x01\n", DIAG_CSV_CONTROL, 2, 4},
	    {"A,B\r1,2\r", DIAG_CSV_CONTROL, 1, 4},
	    {"A,B\n\xe6\x97\xa5,\"abc\n\n", DIAG_CSV_UNCLOSED, 2, 3},
	    {"A,B\n1,\"a\"b\n", DIAG_CSV_STRAY, 2, 6},
	    {"A,B\n1,a\"b\"\n", DIAG_CSV_STRAY, 2, 4},
	    {"", DIAG_CSV_EMPTY, 0, 0},
	    {"\r\n\n", DIAG_CSV_EMPTY, 0, 0},
	    {"A,,C\n1,2,3\n", DIAG_CSV_NAMELESS, 1, 3},
	    {"A,B,A\n1,2,3\n", DIAG_CSV_TWICE, 1, 5},
	    {"A;B\n1;2\n", DIAG_CSV_SEPARATOR, 1, 1},
	    {"A\tB\n1\t2\n", DIAG_CSV_SEPARATOR, 1, 1},
	    {"A,B\n", DIAG_CSV_NO_ROW, 0, 0},
	    {"A,B\n1\n", DIAG_CSV_CELLS, 2, 1},
	    {"A,B\n1,2,3\n", DIAG_CSV_CELLS, 2, 1},
	    {"A,B\n\n1,2\n", DIAG_CSV_CELLS, 2, 1},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct diag_list d = {0};
		struct value_set s = {0};
		put(row[i].text, strlen(row[i].text));
		assert_false(values_from_csv(&s, path, 1, &d));
		assert_true(fired(&d, row[i].code, row[i].line, row[i].column));
		assert_int_equal(diag_exit(&d), 1);
		values_reset(&s);
		diag_reset(&d);
	}
	struct buf wide = {0};
	struct diag_list d = {0};
	struct value_set s = {0};
	for (int i = 0; i <= CSV_CELLS; i++)
		buf_printf(&wide, "%sC%d", i == 0 ? "" : ",", i);
	put(wide.p, wide.n);
	assert_false(values_from_csv(&s, path, 1, &d));
	assert_true(fired(&d, DIAG_CSV_WIDE, 0, 0));
	assert_false(values_from_csv(&s, "/nowhere/at/all.csv", 1, &d));
	assert_true(fired(&d, DIAG_FILE_OPEN, 0, 0));
	values_reset(&s);
	diag_reset(&d);
	buf_reset(&wide);
	/* a NUL is a control character, not an end */
	put("A\n1\0002\n", 6);
	assert_false(values_from_csv(&s, path, 1, &d));
	assert_true(fired(&d, DIAG_CSV_CONTROL, 2, 2));
	values_reset(&s);
	diag_reset(&d);
}

/* Rows before the wanted one are read too: an unclosed quotation there would shift every later row. */
static void csv_earlier_rows(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct value_set s = {0};
	put("A,B\n1,2,3\n4,5\n", 14);
	assert_false(values_from_csv(&s, path, 2, &d));
	assert_true(fired(&d, DIAG_CSV_CELLS, 2, 1));
	values_reset(&s);
	diag_reset(&d);
}

static void settings(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct value_set s = {0};
	put("PIN,X\n1234,y\n", 13);
	assert_true(values_from_csv(&s, path, 1, &d));
	assert_true(values_set(&s, "PIN=98=76", &d));
	value_is(&s, "PIN", "98=76");
	assert_true(values_set(&s, "EMPTY=", &d));
	value_is(&s, "EMPTY", "");
	assert_false(values_set(&s, "PIN=5555", &d));
	assert_true(fired(&d, DIAG_VALUE_TWICE, 0, 0));
	assert_false(values_set(&s, "9999", &d));
	assert_false(values_set(&s, "=9999", &d));
	assert_true(fired(&d, DIAG_VALUE_ASSIGNMENT, 0, 0));
	assert_false(mentions(&d, "5555"));
	assert_false(mentions(&d, "9999"));
	values_reset(&s);
	diag_reset(&d);
}

static void set_all(struct value_set *s, const char *const text[])
{
	struct diag_list d = {0};
	for (; *text != NULL; text++)
		assert_true(values_set(s, *text, &d));
	diag_reset(&d);
}

static void check_good(void **state)
{
	(void)state;
	static const char *const good[] = {
	    "CARD-NUMBER=0000000001", "ZONES=A1 \xe6\x97\xa5", "PIN=1234", "BLOB=00fFa0", "CODE=aZ", NULL};
	struct diag_list d = {0};
	struct value_set s = {0};
	struct image img = image_with(HOLES, holes);
	struct buf b = {0};
	set_all(&s, good);
	assert_true(values_check(&s, &img, &d));
	assert_int_equal(d.n, 0);
	assert_true(values_stored(&s, &holes[2], &b));
	assert_int_equal(b.n, 8);
	assert_memory_equal(b.p, "1234\xff\xff\xff\xff", 8);
	assert_true(values_bytes(&s, &holes[2], &b)); /* appends */
	assert_int_equal(b.n, 12);
	buf_clear(&b);
	assert_true(values_stored(&s, &holes[1], &b));
	assert_int_equal(b.n, 64);
	assert_int_equal(b.p[63], 0x20);
	buf_clear(&b);
	assert_true(values_stored(&s, &holes[3], &b));
	assert_int_equal(b.n, 3);
	assert_memory_equal(b.p, "\x00\xff\xa0", 3);
	assert_null(values_hole(&img, "pin"));
	buf_reset(&b);
	values_reset(&s);
}

static void check_faults(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum diag_code code;
	} row[] = {
	    {"CARD-NUMBER=000000001", DIAG_VALUE_LENGTH},
	    {"CARD-NUMBER=00000000012", DIAG_VALUE_LENGTH},
	    {"CARD-NUMBER=000000000a", DIAG_VALUE_FORMAT},
	    {"CARD-NUMBER= 000000001", DIAG_VALUE_FORMAT},
	    {"PIN=123", DIAG_VALUE_LENGTH_RANGE},
	    {"PIN=123456789", DIAG_VALUE_LENGTH_RANGE},
	    {"PIN=12x4", DIAG_VALUE_FORMAT},
	    {"CODE=a-", DIAG_VALUE_FORMAT},
	    {"CODE=\xe6\x97\xa5", DIAG_VALUE_FORMAT},
	    {"BLOB=00112", DIAG_VALUE_ODD},
	    {"BLOB=0011", DIAG_VALUE_LENGTH},
	    {"BLOB=00112g", DIAG_VALUE_FORMAT},
	    {"ZONES=a\nb", DIAG_VALUE_FORMAT},
	    {"ZONES=\x83\x5c", DIAG_VALUE_FORMAT},
	    {"OTHER=1", DIAG_VALUE_UNKNOWN},
	};
	static const char all[] = "CARD-NUMBER,ZONES,PIN,BLOB,CODE,EXTRA\n0000000001,,1234,000000,zz,e\n";
	struct image img = image_with(HOLES, holes);
	put(all, sizeof all - 1);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct diag_list d = {0};
		struct value_set s = {0};
		assert_true(values_from_csv(&s, path, 1, &d));
		assert_true(values_check(&s, &img, &d));
		assert_int_equal(d.n, 1);
		assert_true(fired(&d, DIAG_VALUE_UNUSED, 2, 28));
		assert_true(values_set(&s, row[i].text, &d));
		assert_false(values_check(&s, &img, &d));
		assert_true(fired(&d, row[i].code, 0, 0));
		assert_true(fired(&d, DIAG_VALUE_ROW, 0, 0));
		assert_false(mentions(&d, strchr(row[i].text, '=') + 1) && row[i].code != DIAG_VALUE_UNKNOWN);
		values_reset(&s);
		diag_reset(&d);
	}
}

static void check_missing(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct value_set s = {0};
	struct image img = image_with(HOLES, holes);
	struct buf b = {0};
	assert_false(values_check(&s, &img, &d));
	assert_int_equal(d.n, HOLES);
	assert_true(fired(&d, DIAG_VALUE_MISSING, 0, 0));
	assert_false(values_stored(&s, &holes[0], &b));
	diag_reset(&d);
	values_reset(&s);
}

/* 個人番号 and 住民票コード: a whole value is refused, inside a longer one it is a warning, a PIN is not looked at. */
static void check_personal(void **state)
{
	(void)state;
	static const struct image_hole own[] = {
	    {"NUMBER", "field", "number", "digits", "csv", 1, 16, false, -1, 0, false, 0},
	    {"NOTE", "field", "note", "text", "csv", 0, 64, false, 0x20, 64, false, 0},
	    {"PIN", "pin", "holder", "digits", "csv", 4, 16, true, -1, 0, false, 0},
	};
	struct image img = image_with(3, own);
	char digits[13] = "12345678901?";
	digits[11] = (char)('0' + personal_number_check_digit((const uint8_t *)digits, 11));
	for (int good = 0; good < 2; good++) {
		struct diag_list d = {0};
		struct value_set s = {0};
		char number[32], note[64], pin[32];
		if (good)
			digits[11] = (char)('0' + (digits[11] - '0' + 1) % 10);
		snprintf(number, sizeof number, "NUMBER=%s", digits);
		snprintf(note, sizeof note, "NOTE=no %s here", digits);
		snprintf(pin, sizeof pin, "PIN=%s", digits);
		set_all(&s, (const char *const[]){number, note, pin, NULL});
		assert_int_equal(values_check(&s, &img, &d), good);
		assert_int_equal(diag_count(&d, DIAG_ERROR), good ? 0 : 1);
		assert_int_equal(diag_count(&d, DIAG_WARNING), good ? 0 : 1);
		if (!good) {
			assert_true(fired(&d, DIAG_VALUE_PERSONAL_NUMBER, 0, 0));
			assert_true(fired(&d, DIAG_VALUE_PERSONAL_INSIDE, 0, 0));
		}
		assert_false(mentions(&d, digits));
		values_reset(&s);
		diag_reset(&d);
	}
}

/* In a binary field: the digits as ASCII are as good as written, packed two in a byte they may be chance. */
static void check_personal_binary(void **state)
{
	(void)state;
	static const struct image_hole own[] = {{"ID", "field", "id", "binary", "csv", 1, 16, false, -1, 0, false, 0}};
	struct image img = image_with(1, own);
	char digits[13] = "12345678901?", resident[12] = "1234567890?";
	digits[11] = (char)('0' + personal_number_check_digit((const uint8_t *)digits, 11));
	resident[10] = (char)('0' + personal_number_check_digit((const uint8_t *)resident, 10));
	for (int form = 0; form < 6; form++) {
		struct diag_list d = {0};
		struct value_set s = {0};
		char text[64] = "ID=";
		bool ascii = form < 2, wrong = form % 2 == 1; /* wrong: the check digit is another */
		const char *number = form < 4 ? digits : resident;
		for (size_t i = 0; number[i] != 0; i++) {
			int c = number[i + 1] == 0 && wrong ? '0' + (number[i] - '0' + 1) % 10 : number[i];
			snprintf(text + strlen(text), 3, ascii ? "3%c" : "%c", c);
		}
		if (form >= 4)
			strcat(text, "F");
		set_all(&s, (const char *const[]){text, NULL});
		assert_int_equal(values_check(&s, &img, &d), !ascii || wrong);
		assert_int_equal(fired(&d, DIAG_VALUE_PERSONAL_NUMBER, 0, 0), ascii && !wrong);
		assert_int_equal(fired(&d, DIAG_VALUE_PERSONAL_INSIDE, 0, 0), !ascii && !wrong);
		values_reset(&s);
		diag_reset(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utf8),
	    cmocka_unit_test(csv_forms),
	    cmocka_unit_test(csv_faults),
	    cmocka_unit_test(csv_earlier_rows),
	    cmocka_unit_test(settings),
	    cmocka_unit_test(check_good),
	    cmocka_unit_test(check_faults),
	    cmocka_unit_test(check_missing),
	    cmocka_unit_test(check_personal),
	    cmocka_unit_test(check_personal_binary),
	};
	return cmocka_run_group_tests(tests, make_file, drop_file);
}
