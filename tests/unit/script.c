/* The command script: written as documented, read back the same, and anything else refused with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/image/script.h"

#define HEAD "igata-script 1\ndialect iso-compact\ndf 4D2A D3921000310001FFFF01\n"

static const char good[] = HEAD "phase create\n"
				"do 00E00000 62 0482010183 -> 9000 ; a file\n"
				"do 00D60000 {CARD-NUMBER} -> 9000\n"
				"phase personalise\n"
				"do 00D600FF 41 {PHOTO:255:254} -> 9000\n"
				"phase activate\n"
				"do 00440000 -> 9000\n";

static void test_round_trip(void **state)
{
	(void)state;
	struct script s = {0};
	struct diag_list d = {0};
	struct buf out = {0};
	assert_true(script_read(&s, (const uint8_t *)good, strlen(good), "script", &d));
	assert_int_equal(d.n, 0);
	assert_string_equal(s.dialect, "iso-compact");
	assert_int_equal(s.df, 0x4d2a);
	assert_int_equal(s.aid_len, 10);
	assert_int_equal(s.n_steps, 4);
	assert_int_equal(s.step[0].n_parts, 2);
	assert_int_equal(script_fixed(&s.step[0]), 6);
	assert_string_equal(s.step[0].note, "a file");
	assert_string_equal(s.step[1].part[0].hole, "CARD-NUMBER");
	assert_int_equal(script_fixed(&s.step[1]), 0);
	assert_int_equal(s.step[2].phase, SCRIPT_PERSONALISE);
	assert_int_equal(s.step[2].part[1].offset, 255);
	assert_int_equal(s.step[2].part[1].n, 254);
	assert_int_equal(s.step[3].sw, 0x9000);
	assert_true(script_write(&s, &out));
	assert_string_equal(buf_cstr(&out), good);
	buf_reset(&out);
	script_reset(&s);
	diag_reset(&d);
}

/* Many steps and parts: the arrays grow and keep what they hold. */
static void test_growth(void **state)
{
	(void)state;
	static const uint8_t header[4] = {0x00, 0xd6, 0x00, 0x00};
	struct script s = {.dialect = "starcos", .df = 0x5015, .aid = {0xd3, 0x92, 0x10, 0x00, 0x31}, .aid_len = 5};
	struct script back = {0};
	struct diag_list d = {0};
	struct buf out = {0}, again = {0};
	for (unsigned i = 0; i < 300; i++) {
		struct script_step *t = script_step(&s, i < 200 ? SCRIPT_CREATE : SCRIPT_PROTECT, header, 0x9000);
		for (unsigned k = 0; k < 20; k++)
			script_bytes(&s, t, &(uint8_t){(uint8_t)(i + k)}, 1);
		script_hole(&s, t, "X", i, 1 + i % 200);
	}
	assert_true(script_write(&s, &out));
	assert_true(script_read(&back, out.p, out.n, "script", &d));
	assert_int_equal(back.n_steps, 300);
	assert_int_equal(back.step[299].part[19].bytes[0], (uint8_t)(299 + 19));
	assert_true(script_write(&back, &again));
	assert_int_equal(out.n, again.n);
	assert_memory_equal(out.p, again.p, out.n);
	buf_reset(&out);
	buf_reset(&again);
	script_reset(&s);
	script_reset(&back);
	diag_reset(&d);
}

struct broken {
	const char *text;
	enum diag_code code;
	unsigned line, column;
};

static const struct broken table[] = {
    {"", DIAG_SCRIPT_SYNTAX, 1, 1},
    {"igata-script 2\n", DIAG_SCRIPT_VERSION, 1, 1},
    {"igata-script 1", DIAG_SCRIPT_SYNTAX, 1, 1},
    {"igata-script 1\ndf 4D2A D392100031\n", DIAG_SCRIPT_SYNTAX, 2, 1},
    {"igata-script 1\ndialect ISO\n", DIAG_SCRIPT_SYNTAX, 2, 9},
    {"igata-script 1\ndialect a b\n", DIAG_SCRIPT_SYNTAX, 2, 10},
    {"igata-script 1\ndialect abcdefghijklmnopqrstuvwxyzabcdefg\n", DIAG_SCRIPT_LIMIT, 2, 9},
    {"igata-script 1\ndialect a\ndf 4D2 D392100031\n", DIAG_SCRIPT_SYNTAX, 3, 4},
    {"igata-script 1\ndialect a\ndf 3F00 D392100031\n", DIAG_SCRIPT_SYNTAX, 3, 4},
    {"igata-script 1\ndialect a\ndf 4D2A D3921000\n", DIAG_SCRIPT_SYNTAX, 3, 8},
    {"igata-script 1\ndialect a\ndf 4D2A D392100031000102030405060708090A0B0C\n", DIAG_SCRIPT_LIMIT, 3, 8},
    {"igata-script 1\ndialect a\ndf 4D2A D3921000310\n", DIAG_SCRIPT_SYNTAX, 3, 9},
    {HEAD, DIAG_SCRIPT_SYNTAX, 4, 1},
    {HEAD "do 00440000 -> 9000\n", DIAG_SCRIPT_SYNTAX, 4, 1},
    {HEAD "phase creation\n", DIAG_SCRIPT_SYNTAX, 4, 7},
    {HEAD "phase protect\nphase create\n", DIAG_SCRIPT_ORDER, 5, 7},
    {HEAD "phase protect\nphase protect\n", DIAG_SCRIPT_ORDER, 5, 7},
    {HEAD "phase create\ndo 00E000 -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 4},
    {HEAD "phase create\ndo FFE00000 -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 4},
    {HEAD "phase create\ndo 00620000 -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 4},
    {HEAD "phase create\ndo 00E00000 6 -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 13},
    {HEAD "phase create\ndo 00E00000  62 -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 13},
    {HEAD "phase create\ndo 00E00000 {} -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 14},
    {HEAD "phase create\ndo 00E00000 {A_B} -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 15},
    {HEAD "phase create\ndo 00E00000 {A:1} -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 17},
    {HEAD "phase create\ndo 00E00000 {A:01:2} -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 16},
    {HEAD "phase create\ndo 00E00000 {A:1:0} -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 19},
    {HEAD "phase create\ndo 00E00000 {A:32767:1} -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 23},
    {HEAD "phase create\ndo 00E00000 {A:32768:1} -> 9000\n", DIAG_SCRIPT_LIMIT, 5, 16},
    {HEAD "phase create\ndo 00E00000 {A:0:256} -> 9000\n", DIAG_SCRIPT_LIMIT, 5, 18},
    {HEAD "phase create\ndo 00E00000 {A:0:200} {A:200:56} -> 9000\n", DIAG_SCRIPT_LIMIT, 5, 37},
    {HEAD "phase create\ndo 00E00000 {A -> 9000\n", DIAG_SCRIPT_SYNTAX, 5, 15},
    {HEAD "phase create\ndo 00E00000 62\n", DIAG_SCRIPT_SYNTAX, 5, 15},
    {HEAD "phase create\ndo 00E00000 62 -> 90\n", DIAG_SCRIPT_SYNTAX, 5, 19},
    {HEAD "phase create\ndo 00E00000 62 -> 1234\n", DIAG_SCRIPT_SYNTAX, 5, 19},
    {HEAD "phase create\ndo 00E00000 62 -> 9000 \n", DIAG_SCRIPT_SYNTAX, 5, 23},
    {HEAD "phase create\ndo 00E00000 62 -> 9000 ; \n", DIAG_SCRIPT_SYNTAX, 5, 26},
    {HEAD "phase create\ndo 00E00000 62 -> 9000 ; \x1b[2J\n", DIAG_SCRIPT_SYNTAX, 5, 26},
    {HEAD "phase create\ndo 00E00000 62 -> 9000 ; \xe3\x81\x82\n", DIAG_SCRIPT_SYNTAX, 5, 26},
    {HEAD "phase create\ndo 00E00000 62 -> 9000", DIAG_SCRIPT_SYNTAX, 5, 1},
    {HEAD "phase create\r\n", DIAG_SCRIPT_SYNTAX, 4, 13},
    {HEAD "\n", DIAG_SCRIPT_SYNTAX, 4, 1},
};

static void refused(const char *text, size_t n, enum diag_code code, unsigned line, unsigned column)
{
	struct script s = {0};
	struct diag_list d = {0};
	assert_false(script_read(&s, (const uint8_t *)text, n, "script", &d));
	assert_int_equal(d.n, 1);
	assert_int_equal(d.row[0].code, code);
	assert_int_equal(d.row[0].at.line, line);
	assert_int_equal(d.row[0].at.column, column);
	assert_null(s.store);
	diag_reset(&d);
}

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		refused(table[i].text, strlen(table[i].text), table[i].code, table[i].line, table[i].column);
}

/* The limits: the last that is read, and the first that is not. */
static void data_of(unsigned bytes, bool fits)
{
	struct buf text = {0};
	struct script s = {0};
	struct diag_list d = {0};
	buf_str(&text, HEAD "phase create\ndo 00D60000 ");
	for (unsigned i = 0; i < bytes; i++)
		buf_str(&text, "00");
	buf_str(&text, " -> 9000\n");
	if (fits)
		assert_true(script_read(&s, text.p, text.n, "script", &d));
	else
		refused((char *)text.p, text.n, DIAG_SCRIPT_LIMIT, 5, 13);
	script_reset(&s);
	diag_reset(&d);
	buf_reset(&text);
}

static void steps_of(unsigned steps, bool fits)
{
	struct buf text = {0};
	struct script s = {0};
	struct diag_list d = {0};
	buf_str(&text, HEAD "phase create\n");
	for (unsigned i = 0; i < steps; i++)
		buf_str(&text, "do 00440000 -> 9000\n");
	if (fits)
		assert_true(script_read(&s, text.p, text.n, "script", &d));
	else
		refused((char *)text.p, text.n, DIAG_SCRIPT_LIMIT, 5 + SCRIPT_STEPS_MAX, 4);
	script_reset(&s);
	diag_reset(&d);
	buf_reset(&text);
}

static void note_of(unsigned bytes, bool fits)
{
	struct buf text = {0};
	struct script s = {0};
	struct diag_list d = {0};
	buf_str(&text, HEAD "phase create\ndo 00440000 -> 9000 ; ");
	for (unsigned i = 0; i < bytes; i++)
		buf_u8(&text, 'n');
	buf_u8(&text, '\n');
	if (fits)
		assert_true(script_read(&s, text.p, text.n, "script", &d));
	else
		refused((char *)text.p, text.n, DIAG_SCRIPT_LIMIT, 5, 23);
	script_reset(&s);
	diag_reset(&d);
	buf_reset(&text);
}

static void test_limits(void **state)
{
	(void)state;
	data_of(SCRIPT_DATA_MAX, true);
	data_of(SCRIPT_DATA_MAX + 1, false);
	steps_of(SCRIPT_STEPS_MAX, true);
	steps_of(SCRIPT_STEPS_MAX + 1, false);
	note_of(SCRIPT_NOTE_MAX, true);
	note_of(SCRIPT_NOTE_MAX + 1, false);
	char *big = calloc(1, SCRIPT_TEXT_MAX + 1);
	assert_non_null(big);
	refused(big, SCRIPT_TEXT_MAX + 1, DIAG_SCRIPT_LIMIT, 0, 1);
	refused(big, 20000, DIAG_SCRIPT_SYNTAX, 1, 1);
	memset(big, 'a', SCRIPT_TEXT_MAX);
	big[20000] = '\n';
	refused(big, SCRIPT_TEXT_MAX, DIAG_SCRIPT_LIMIT, 1, 1);
	free(big);
}

/* Every truncation and every changed byte is either read as something that can be written again, or refused. */
static void test_mutations(void **state)
{
	(void)state;
	for (size_t i = 0; i < strlen(good); i++)
		for (int v = 0; v < 257; v++) {
			char text[sizeof good];
			memcpy(text, good, sizeof good);
			if (v < 256)
				text[i] = (char)v;
			struct script s = {0};
			struct diag_list d = {0};
			struct buf out = {0};
			bool ok = script_read(&s, (uint8_t *)text, v < 256 ? strlen(good) : i, "script", &d);
			assert_int_equal(ok, d.n == 0);
			if (ok)
				assert_true(script_write(&s, &out));
			buf_reset(&out);
			script_reset(&s);
			diag_reset(&d);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_growth),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_mutations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
