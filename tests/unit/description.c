/* compiler/description: the sample as a contract, and what single broken descriptions (tests/golden/description) cannot
 * show: places, limits, the list of diagnostics as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "runtime/base/buf.h"
#include "runtime/base/file.h"

struct bed {
	struct arena a;
	struct diag_list d;
};

static const struct description *read_text(struct bed *b, const char *text)
{
	return description_read(&b->a, (const uint8_t *)text, strlen(text), "ap.xml", &b->d);
}

static const struct description *read_ok(struct bed *b, const char *text)
{
	const struct description *ap = read_text(b, text);
	if (ap == NULL)
		diag_print(stderr, &b->d, "en");
	assert_non_null(ap);
	assert_true(contract_valid(ap->contract, ap->contract->size));
	return ap;
}

static void done(struct bed *b)
{
	arena_free(&b->a);
	diag_reset(&b->d);
}

static size_t count(const struct bed *b, enum diag_code code)
{
	size_t n = 0;
	for (size_t i = 0; i < b->d.n; i++)
		n += b->d.row[i].code == code;
	return n;
}

static void assert_rule(const struct contract *c, uint16_t rule, const char *want)
{
	struct buf text = {0};
	contract_rule_text(c, rule, &text);
	assert_string_equal(buf_cstr(&text), want);
	buf_reset(&text);
}

static void assert_at(struct srcloc at, unsigned line, unsigned column)
{
	assert_int_equal(at.line, line);
	assert_int_equal(at.column, column);
}

#define HEAD                                                                                                           \
	"<card-ap xmlns='urn:igata:card-ap:1' id='x' version='1.0' area='local'>\n<aid rid='F000000001' pix='01'/>\n"
#define PIN_A                                                                                                          \
	"<pin id='a' ref='1' format='digits' length='4' tries='3' initial='personal' source='csv:A' "                  \
	"unblock='pin(b)'/>\n"
#define PIN_B                                                                                                          \
	"<pin id='b' ref='2' format='digits' min='6' max='8' stored='8' pad='FF' tries='3' initial='transport' "       \
	"source='caller:B'><puk format='digits' length='8' tries='9' source='csv:P' reset='both'/></pin>\n"
#define FILE_0 "<file id='f' fid='0001' size='4' read='pin(a)' update='pin(b)'/>\n"
#define TAIL   "</card-ap>\n"

/* --- the sample -------------------------------------------------------------------------------------------------- */

static void the_sample(void **state)
{
	(void)state;
	struct bed b = {0};
	struct buf f = {0};
	assert_true(file_read("samples/entrance-card/entrance-card.xml", 1 << 20, &f, &b.d));
	const struct description *ap = description_read(&b.a, f.p, f.n, "entrance-card.xml", &b.d);
	diag_print(stderr, &b.d, "en");
	assert_non_null(ap);
	assert_int_equal(b.d.n, 0);
	const struct contract *c = ap->contract;
	assert_true(contract_valid(c, c->size));
	assert_string_equal(c->id, "entrance-card");
	assert_string_equal(c->version, "1.0");
	assert_string_equal(c->title[0], "Entrance card");
	assert_string_equal(c->title[1], "入退室カード");
	assert_int_equal(c->area, AREA_EXTENSION);
	assert_int_equal(c->personality, PERSONALITY_ISO);
	assert_false(c->extended);
	assert_int_equal(c->aid_len, 10);
	assert_memory_equal(c->aid, "\xd3\x92\x10\x00\x31\x00\x01\xff\xff\x01", 10);

	assert_int_equal(c->n_pins, 1);
	const struct contract_pin *p = &c->pin[0];
	assert_string_equal(p->id, "holder");
	assert_int_equal(p->ref, 1);
	assert_int_equal(p->format, FORMAT_DIGITS);
	assert_false(p->card_checks_format);
	assert_int_equal(p->min, 4);
	assert_int_equal(p->max, 4);
	assert_int_equal(p->stored, 0);
	assert_int_equal(p->pad, -1);
	assert_int_equal(p->tries, 3);
	assert_int_equal(p->initial, PIN_PERSONAL);
	assert_int_equal(p->change, FORM_00);
	assert_int_equal(p->reset, FORM_00);
	assert_int_equal(p->unblock, 0);
	assert_int_equal(p->puk_length, 8);
	assert_int_equal(p->puk_format, FORMAT_DIGITS);
	assert_int_equal(p->puk_tries, 10);
	assert_string_equal(c->value[p->value].name, "PIN");
	assert_true(c->value[p->value].secret);
	assert_string_equal(c->value[p->puk_value].name, "PUK");
	assert_true(c->value[p->puk_value].secret);

	assert_int_equal(c->n_files, 3);
	assert_string_equal(c->file[0].id, "card");
	assert_int_equal(c->file[0].fid, 1);
	assert_int_equal(c->file[0].sfi, 1);
	assert_int_equal(c->file[0].size, 16);
	assert_memory_equal(c->pool + c->file[0].content, "IGATA \0\0\0\0\0\0\0\0\0\0", 16);
	assert_rule(c, c->file[0].rule[FILE_READ], "always");
	assert_rule(c, c->file[0].rule[FILE_UPDATE], "never");
	assert_rule(c, c->file[1].rule[FILE_READ], "pin(holder)");
	assert_rule(c, c->file[1].rule[FILE_UPDATE], "never");
	assert_rule(c, c->file[2].rule[FILE_READ], "always");
	assert_rule(c, c->file[2].rule[FILE_UPDATE], "pin(holder)");

	assert_int_equal(c->n_fields, 3);
	const struct contract_field *zones = &c->field[2];
	assert_string_equal(zones->id, "zone-list");
	assert_int_equal(zones->file, 1);
	assert_int_equal(zones->offset, 0);
	assert_int_equal(zones->length, 64);
	assert_int_equal(zones->format, FORMAT_TEXT);
	assert_int_equal(zones->pad, 0x20);
	assert_string_equal(c->value[zones->value].name, "ZONES");
	assert_int_equal(c->value[zones->value].min, 1);
	assert_int_equal(c->value[zones->value].max, 64);
	assert_false(c->value[zones->value].secret);
	assert_int_equal(c->field[0].value, CONTRACT_NONE);
	assert_int_equal(c->field[1].pad, -1);
	assert_int_equal(c->value[c->field[1].value].min, 10);
	assert_int_equal(c->n_values, 4);
	buf_reset(&f);
	done(&b);
}

/* --- contract and places ----------------------------------------------------------------------------------------- */

static void pins_and_rules(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct contract *c = read_ok(&b, HEAD PIN_A PIN_B FILE_0 TAIL)->contract;
	assert_int_equal(b.d.n, 0);
	assert_int_equal(c->pin[0].reset, FORM_02 | FORM_03);
	assert_rule(c, c->pin[0].unblock, "pin(b)");
	assert_int_equal(c->pin[1].min, 6);
	assert_int_equal(c->pin[1].max, 8);
	assert_int_equal(c->pin[1].stored, 8);
	assert_int_equal(c->pin[1].pad, 0xff);
	assert_int_equal(c->pin[1].initial, PIN_TRANSPORT);
	assert_int_equal(c->pin[1].reset, FORM_00 | FORM_01);
	assert_int_equal(c->value[c->pin[1].value].source, SOURCE_CALLER);
	assert_int_equal(c->value[c->pin[1].value].min, 6);
	assert_int_equal(c->area, AREA_LOCAL);
	done(&b);
}

static void places(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct description *ap = read_ok(&b,
	    HEAD "<rule id='r'\n when='pin(a) or\n  pin(b) and pin(a)'/>" PIN_A PIN_B
		 "<file id='f' fid='0001' size='4'\n read='r'>\n"
		 " <field id='g' length='4' format='text'\n source='csv:G'/></file>" TAIL);
	const struct contract *c = ap->contract;
	const struct description_where *w = ap->where;
	assert_string_equal(ap->name, "ap.xml");
	assert_at(w->ap, 1, 1);
	assert_at(w->id, 1, 42);
	assert_at(w->apdu, 1, 1);
	assert_at(w->aid, 2, 1);
	uint16_t r = c->file[0].rule[FILE_READ];
	assert_int_equal(c->rule[r].op, RULE_OR);
	assert_at(w->rule[r], 4, 15); /* the "or" */
	assert_at(w->rule[c->rule[r].a], 4, 8);
	assert_at(w->rule[c->rule[r].b], 5, 10); /* the "and" */
	assert_at(w->file[0].element, 7, 1);
	assert_at(w->file[0].size, 7, 31);
	assert_at(w->file[0].rule[FILE_READ], 8, 8);
	assert_at(w->file[0].rule[FILE_UPDATE], 7, 1);
	assert_at(w->field[0].length, 9, 24);
	assert_at(w->field[0].offset, 9, 2);
	assert_at(w->field[0].value, 10, 10);
	assert_at(w->pin[0].unblock, 5, 123);
	assert_at(w->pin[1].puk_reset, 6, 185);
	done(&b);
}

/* Offsets default to the place behind the field before; a default value is padded. */
static void content(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct contract *c = read_ok(&b,
	    HEAD PIN_A PIN_B "<file id='f' fid='0001' size='16' fill='EE' read='pin(a)' update='pin(b)'>"
			     "<field id='p' offset='2' length='3' format='digits' value='12' pad='FF'/>"
			     "<field id='q' length='2' format='binary' value='0aFf'/>"
			     "<field id='r' length='6' format='text' value='あ&lt;' pad='20'/>"
			     "<field id='s' offset='0' length='2' format='binary'/></file>" TAIL)
				       ->contract;
	assert_memory_equal(
	    c->pool + c->file[0].content, "\xee\xee\x31\x32\xff\x0a\xff\xe3\x81\x82<  \xee\xee\xee", 16);
	assert_int_equal(c->field[1].offset, 5);
	assert_int_equal(c->field[2].offset, 7);
	done(&b);
}

/* --- the list of diagnostics ------------------------------------------------------------------------------------- */

/* One mistake, one diagnostic; several mistakes, all of them, in the order of the file. */
static void goes_on_after_an_error(void **state)
{
	(void)state;
	struct bed b = {0};
	const char *text =
	    HEAD "<pim id='a' ref='1' format='digits' lenght='4' tries='99' initial='personal' source='csv:A'>"
		 "<puk format='digits' length='8' tries='9' source='csv:P'/></pim>\n"
		 "<rule id='r' when='pin(a) and nobody'/>\n"
		 "<file id='f' fid='01' size='4' read='r' update='pin(c)'>\n"
		 "<field id='g' length='9' format='text'/>\n<colour/></file>\n" TAIL;
	static const enum diag_code want[] = {DIAG_ELEMENT_MISSPELT, DIAG_ATTRIBUTE_MISSPELT, DIAG_NUMBER_RANGE,
	    DIAG_RULE_NAME_UNKNOWN, DIAG_HEX_EXACT, DIAG_RULE_PIN_UNKNOWN, DIAG_FIELD_OUTSIDE, DIAG_ELEMENT_UNKNOWN};
	assert_null(read_text(&b, text));
	if (b.d.n != sizeof want / sizeof *want)
		diag_print(stderr, &b.d, "en");
	assert_int_equal(b.d.n, sizeof want / sizeof *want);
	for (size_t i = 0; i < b.d.n; i++)
		assert_int_equal(b.d.row[i].code, want[i]);
	done(&b);
}

/* Rows that stand in the list already keep their place and do not count as errors of this file. */
static void keeps_earlier_rows(void **state)
{
	(void)state;
	struct bed b = {0};
	diag_add(&b.d, (struct srcloc){.file = "z", .line = 99, .column = 1}, DIAG_FILE_OPEN, "a", "b", NULL);
	assert_non_null(
	    read_text(&b, HEAD PIN_A PIN_B "<file id='f' fid='0020' size='4' read='pin(a)' update='pin(a)'/>" TAIL));
	assert_int_equal(b.d.n, 2);
	assert_int_equal(b.d.row[0].code, DIAG_FILE_OPEN);
	assert_int_equal(b.d.row[1].code, DIAG_FID_UNUSUAL);
	done(&b);
}

static void accepted_warnings(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct description *ap = read_ok(&b,
	    HEAD PIN_A PIN_B "<accept code='IG0320' reason='the old system'/>"
			     "<file id='f' fid='0020' size='4' read='pin(a)' update='pin(a)'/>"
			     "<file id='g' fid='0021' size='4' read='pin(b)' update='pin(a)'/>" TAIL);
	assert_int_equal(diag_worst(&b.d), DIAG_NOTE);
	assert_int_equal(count(&b, DIAG_FID_UNUSUAL), 2);
	assert_int_equal(count(&b, DIAG_ACCEPTED), 1);
	assert_int_equal(count(&b, DIAG_ACCEPT_NOTHING), 0);
	assert_string_equal(ap->accepts->reason, "the old system");
	/* A later stage has its warnings accepted by the same list. */
	size_t from = b.d.n;
	diag_add(&b.d, ap->where->ap, DIAG_FID_UNUSUAL, "f", "0020", NULL);
	diag_add(&b.d, ap->where->ap, DIAG_FILE_DEAD, "f", "1", NULL);
	description_accept(ap, &b.d, from);
	assert_int_equal(b.d.n, from + 3);
	assert_int_equal(b.d.row[from].severity, DIAG_NOTE);
	assert_int_equal(b.d.row[from + 1].severity, DIAG_WARNING);
	assert_int_equal(b.d.row[from + 2].code, DIAG_ACCEPTED);
	done(&b);
}

/* --- limits ------------------------------------------------------------------------------------------------------ */

static void refused(struct buf *f, enum diag_code code)
{
	struct bed b = {0};
	clock_t begin = clock();
	const void *ap = description_read(&b.a, f->p, f->n, "ap.xml", &b.d);
	double ms = (double)(clock() - begin) * 1000 / CLOCKS_PER_SEC;
	if ((ap == NULL) != (code != 0) || (code != 0 && count(&b, code) == 0))
		diag_print(stderr, &b.d, "en");
	assert_true((ap == NULL) == (code != 0));
	if (code != 0)
		assert_int_not_equal(count(&b, code), 0);
	assert_in_range(b.d.n, 0, 300);
#ifndef __SANITIZE_ADDRESS__
	assert_true(ms < 50);
#endif
	(void)ms;
	buf_reset(f);
	done(&b);
}

/* The largest AP that is accepted, and one more of each thing. */
static void at_the_limits(void **state)
{
	(void)state;
	struct buf f = {0};
	for (int over = 0; over < 2; over++) {
		buf_str(&f, HEAD);
		for (int i = 0; i < CONTRACT_PINS + over; i++)
			buf_printf(&f,
			    "<pin id='p%d' ref='%d' format='digits' length='4' tries='3' initial='personal' "
			    "source='csv:P%d'><puk format='digits' length='8' tries='3' source='csv:U%d'/></pin>",
			    i, i + 1, i, i);
		buf_str(&f, "<rule id='r' when='pin(p0)");
		for (int i = 1; i < CONTRACT_PINS; i++)
			buf_printf(&f, " and pin(p%d)", i);
		buf_str(&f, "'/>");
		for (int i = 0; i < CONTRACT_FILES; i++) {
			buf_printf(&f, "<file id='f%d' fid='%04X' size='4096' read='r' update='r'>", i, i + 1);
			for (int k = 0; k < CONTRACT_FIELDS / CONTRACT_FILES; k++)
				buf_printf(&f, "<field id='f%d-%d' length='1024' format='text' %s%d'/>", i, k,
				    i < 50 ? "pad='20' source='csv:V" : "pad='20' value='V", i * 4 + k);
			buf_str(&f, "</file>");
		}
		buf_str(&f, TAIL);
		refused(&f, over ? DIAG_ELEMENT_REPEATED : 0);
	}
	for (int over = 0; over < 2; over++) {
		buf_printf(&f,
		    HEAD PIN_A PIN_B FILE_0 "<file id='g' fid='0002' size='%d' read='pin(a)' update='pin(a)'>",
		    CONTRACT_FIELDS + over);
		for (int i = 0; i < CONTRACT_FIELDS - 28; i++)
			buf_printf(&f, "<field id='g%d' length='1' format='text' source='csv:G%d'/>", i, i);
		buf_str(&f, "</file><file id='h' fid='0003' size='32' read='pin(a)' update='pin(a)'>");
		for (int i = 0; i < 25 + 3 * over; i++)
			buf_printf(&f, "<field id='h%d' length='1' format='text' source='csv:H%d'/>", i, i);
		buf_str(&f, "</file>" TAIL);
		refused(&f, over ? DIAG_TOO_MANY : 0);
	}
	for (int over = 0; over < 2; over++) {
		buf_str(&f, HEAD PIN_A PIN_B);
		for (int i = 0; i < 8; i++)
			buf_printf(
			    &f, "<file id='f%d' fid='%04X' size='32767' read='pin(a)' update='pin(a)'/>", i, i + 1);
		buf_printf(&f, "<file id='g' fid='0010' size='%d' read='pin(a)' update='pin(a)'/>" TAIL, 8 + over);
		refused(&f, over ? DIAG_CONTENT_TOO_BIG : 0);
	}
}

static void hostile(void **state)
{
	(void)state;
	struct buf f = {0};
	buf_str(&f, HEAD);
	for (int i = 0; i < 8000; i++)
		buf_printf(&f, "<file id='f' fid='zz' sise='%d' siz='' colour='x' read='(((((((((' update='('/>", i);
	buf_str(&f, TAIL);
	refused(&f, DIAG_TOO_MANY_ERRORS);
	/* Rules that double at every step, and a chain as long as there are rules. */
	buf_str(&f, HEAD PIN_A PIN_B FILE_0 "<rule id='r0' when='pin(a)'/><rule id='s0' when='pin(b)'/>");
	for (int i = 1; i < 100; i++)
		buf_printf(&f,
		    "<rule id='r%d' when='(r%d and pin(b)) or s%d'/><rule id='s%d' when='(r%d or s%d) and pin(a)'/>", i,
		    i - 1, i - 1, i, i - 1, i - 1);
	buf_str(&f, TAIL);
	refused(&f, DIAG_RULE_TOO_LARGE);
	buf_str(&f, HEAD PIN_A PIN_B "<file id='f' fid='0001' size='4' read='r0' update='pin(b)'/>");
	for (int i = 0; i < 255; i++)
		buf_printf(&f, "<rule id='r%d' when='r%d'/>", i, i + 1);
	buf_str(&f, "<rule id='r255' when='pin(a)'/>" TAIL);
	refused(&f, 0);
	buf_str(&f, HEAD PIN_A PIN_B "<file id='f' fid='0001' size='4' read='r0' update='pin(b)'/>");
	for (int i = 0; i < 256; i++)
		buf_printf(&f, "<rule id='r%d' when='r%d'/>", i, (i + 1) % 256);
	buf_str(&f, TAIL);
	refused(&f, DIAG_RULE_CYCLE);
	/* The same with as many parentheses as one rule may have: the stack must hold. */
	buf_str(&f, HEAD PIN_A PIN_B "<file id='f' fid='0001' size='4' read='r0' update='pin(b)'/>");
	for (int i = 0; i < 255; i++)
		buf_printf(&f,
		    "<rule id='r%d' when='((((((((((((((((((((((((((((((((r%d))))))))))))))))))))))))))))))))'/>", i,
		    i + 1);
	buf_str(&f, "<rule id='r255' when='pin(a)'/>" TAIL);
	refused(&f, DIAG_RULE_TOO_LARGE);
	/* A megabyte of one attribute. */
	buf_str(&f, HEAD PIN_A PIN_B FILE_0 "<rule id='r' when='");
	for (int i = 0; i < 120000; i++)
		buf_str(&f, "pin(a) (");
	buf_str(&f, "'/>" TAIL);
	refused(&f, DIAG_TEXT_LENGTH);
}

/* Cut off or damaged anywhere, a description is read or refused; nothing else. */
static void damaged(void **state)
{
	(void)state;
	struct bed s = {0};
	struct buf f = {0};
	assert_true(file_read("samples/entrance-card/entrance-card.xml", 1 << 20, &f, &s.d));
	uint32_t seed = 7;
	for (int round = 0; round < 1500; round++) {
		struct bed b = {0};
		uint8_t *copy = malloc(f.n);
		memcpy(copy, f.p, f.n);
		for (int k = 0; k <= round % 4; k++) {
			seed = seed * 1664525 + 1013904223;
			size_t at = (seed >> 4) % f.n, from = (seed >> 11) % f.n;
			copy[at] = round % 2 == 0 ? f.p[from] : (uint8_t)(seed >> 24);
		}
		const struct description *ap = description_read(&b.a, copy, f.n, "ap.xml", &b.d);
		if (ap == NULL)
			assert_int_equal(diag_worst(&b.d), DIAG_ERROR);
		else
			assert_true(contract_valid(ap->contract, ap->contract->size));
		free(copy);
		done(&b);
	}
	buf_reset(&f);
	done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_sample),
	    cmocka_unit_test(pins_and_rules),
	    cmocka_unit_test(places),
	    cmocka_unit_test(content),
	    cmocka_unit_test(goes_on_after_an_error),
	    cmocka_unit_test(keeps_earlier_rows),
	    cmocka_unit_test(accepted_warnings),
	    cmocka_unit_test(at_the_limits),
	    cmocka_unit_test(hostile),
	    cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
