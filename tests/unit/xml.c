/* runtime/base/xml: bounds, exact places, one diagnostic for everything that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/base/buf.h"
#include "runtime/base/xml.h"

struct bed {
	struct arena a;
	struct diag_list d;
};

static const struct xml_element *read_n(struct bed *b, const void *p, size_t n)
{
	return xml_read(&b->a, p, n, "f.xml", &b->d);
}

static const struct xml_element *read_ok(struct bed *b, const char *text)
{
	const struct xml_element *e = read_n(b, text, strlen(text));
	if (e == NULL)
		diag_print(stderr, &b->d, "en");
	assert_non_null(e);
	assert_int_equal(b->d.n, 0);
	return e;
}

static void done(struct bed *b)
{
	arena_free(&b->a);
	diag_reset(&b->d);
}

static void assert_at(struct srcloc at, unsigned line, unsigned column)
{
	assert_string_equal(at.file, "f.xml");
	assert_int_equal(at.line, line);
	assert_int_equal(at.column, column);
}

/* --- what is read ------------------------------------------------------------------------------------------------ */

static void tree_and_places(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct xml_element *r = read_ok(&b,
	    "<?xml version='1.0' encoding=\"utf-8\"?>\n"
	    "<!-- <not-an-element> -->\n"
	    "<ap xmlns=\"urn:x\"\n"
	    "    id = 'あ'   名=\"b\">\n"
	    "  <title xml:lang=\"ja\">\n"
	    "    入退室<!-- c -->カード</title><f/>\n"
	    "</ap>\n<!-- end -->\n");
	assert_string_equal(r->name, "ap");
	assert_string_equal(r->ns, "urn:x");
	assert_at(r->at, 3, 1);
	assert_null(r->parent);
	const struct xml_attr *id = xml_attr(r, "id"), *na = xml_attr(r, "名");
	assert_at(id->at, 4, 5);
	assert_at(id->value_at, 4, 11);
	assert_string_equal(id->value, "あ");
	assert_int_equal(id->length, 3);
	assert_at(na->at, 4, 16);
	assert_at(na->value_at, 4, 19);
	assert_null(xml_attr(r, "xmlns"));
	assert_ptr_equal(r->attr, id);
	assert_null(na->next);
	const struct xml_element *t = r->child;
	assert_string_equal(t->text, "\n    入退室カード");
	assert_at(t->text_at, 6, 5);
	assert_string_equal(xml_attr(t, "xml:lang")->ns, XML_NS_XML);
	assert_at(t->next->at, 6, 29);
	assert_string_equal(t->next->text, "");
	assert_at(t->next->text_at, 6, 29);
	assert_null(t->next->next);
	assert_ptr_equal(t->next->parent, r);
	done(&b);
}

static void cdata_and_references(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct xml_element *r =
	    read_ok(&b, "<a> <![CDATA[ <x>]]>&#x3042;&lt;<b c='&amp;&#12354;&#x41; d'/> e</a>");
	assert_string_equal(r->text, "  <x>あ< e");
	assert_at(r->text_at, 1, 15);
	assert_at(r->child->at, 1, 33);
	const struct xml_attr *c = r->child->attr;
	assert_string_equal(c->value, "&あA d");
	assert_at(xml_value_at(c, 0), 1, 39);
	assert_at(xml_value_at(c, 1), 1, 44);
	assert_at(xml_value_at(c, 4), 1, 52);
	assert_at(xml_value_at(c, 5), 1, 58);
	assert_at(xml_value_at(c, 6), 1, 59);
	assert_at(xml_value_at(c, 7), 1, 60);
	assert_at(xml_value_at(c, 99), 1, 60);
	done(&b);
}

static void places_in_values_over_lines(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct xml_element *r = read_ok(&b, "<a when='x\r\n y\rz\n\tあw'/>");
	const struct xml_attr *w = r->attr;
	assert_string_equal(w->value, "x  y z  あw");
	assert_at(xml_value_at(w, 1), 1, 11);
	assert_at(xml_value_at(w, 2), 2, 1);
	assert_at(xml_value_at(w, 3), 2, 2);
	assert_at(xml_value_at(w, 5), 3, 1);
	assert_at(xml_value_at(w, 8), 4, 2);
	assert_at(xml_value_at(w, 11), 4, 3);
	done(&b);
}

static void byte_order_mark_takes_no_column(void **state)
{
	(void)state;
	struct bed b = {0};
	assert_at(read_ok(&b, "\xef\xbb\xbf<a b=''/>")->at, 1, 1);
	assert_at(read_ok(&b, "\xef\xbb\xbf<?xml version='1.0'?><a b=''/>")->attr->value_at, 1, 28);
	done(&b);
}

static void namespaces(void **state)
{
	(void)state;
	struct bed b = {0};
	const struct xml_element *r =
	    read_ok(&b, "<p:a xmlns:p='urn:p' xmlns:xsi='" XML_NS_XSI "' xsi:schemaLocation='u v' q='1'><b/></p:a>");
	assert_string_equal(r->name, "a");
	assert_string_equal(r->ns, "urn:p");
	assert_string_equal(r->child->ns, "");
	assert_string_equal(r->attr->name, "xsi:schemaLocation");
	assert_string_equal(r->attr->ns, XML_NS_XSI);
	assert_string_equal(xml_attr(r, "q")->ns, "");
	done(&b);
}

/* --- what is refused --------------------------------------------------------------------------------------------- */

struct refused {
	const char *text;
	enum diag_code code;
	unsigned line, column;
};

static const struct refused refused[] = {
    {"", DIAG_XML_EMPTY, 1, 1},
    {" \n<!-- nothing -->\n", DIAG_XML_EMPTY, 1, 1},
    {"<?xml version='1.0' encoding='Shift_JIS'?><a/>", DIAG_XML_ENCODING, 1, 31},
    {"<?xml version='1.0'\nencoding='EUC-JP'?><a b='\xa4\xa2'/>", DIAG_XML_ENCODING, 2, 11},
    {"\xfe\xff<", DIAG_XML_ENCODING, 1, 1},
    {"<a b='\x82\xa0'/>", DIAG_XML_NOT_UTF8, 1, 7},
    {"<a>\nあ\xc0\x80</a>", DIAG_XML_NOT_UTF8, 2, 2},
    {"<a>\xed\xa0\x80</a>", DIAG_XML_NOT_UTF8, 1, 4},
    {"<a>\xf4\x90\x80\x80</a>", DIAG_XML_NOT_UTF8, 1, 4},
    {"<a>\xe3\x81</a>", DIAG_XML_NOT_UTF8, 1, 4},
    {"<a>\n \x01</a>", DIAG_XML_CHARACTER, 2, 2},
    {"<a>\xef\xbf\xbf</a>", DIAG_XML_CHARACTER, 1, 4},
    {"<?xml version='1.0'?>\n <!DOCTYPE a><a/>", DIAG_XML_DTD, 2, 2},
    {"<a><!ENTITY x 'y'></a>", DIAG_XML_DTD, 1, 4},
    {"<a>\n  &bomb;</a>", DIAG_XML_ENTITY, 2, 3},
    {"<a b='x &bomb; y'/>", DIAG_XML_ENTITY, 1, 9},
    {"<a>\n <?php x <? ?></a>", DIAG_XML_INSTRUCTION, 2, 2},
    {"<?xml-stylesheet href='x'?><a/>", DIAG_XML_INSTRUCTION, 1, 1},
    {" <?xml version='1.0'?><a/>", DIAG_XML_INSTRUCTION, 1, 2},
    {"<a>\n <b>\n</a>", DIAG_XML_MISMATCH, 3, 1},
    {"<a><b></bb></a>", DIAG_XML_MISMATCH, 1, 7},
    {"<a>\n<b><c/>", DIAG_XML_UNCLOSED, 2, 1},
    {"<a>\n<!-- x --", DIAG_XML_UNFINISHED, 2, 1},
    {"<a><![CDATA[ ]]", DIAG_XML_UNFINISHED, 1, 4},
    {"<a>\n <b c='d", DIAG_XML_UNFINISHED, 2, 2},
    {"<?xml version='1.0'", DIAG_XML_UNFINISHED, 1, 1},
    {"<a b='x>\n  <c/></a>", DIAG_XML_LESS_THAN, 2, 3},
    {"<a b='x'\n<c/></a>", DIAG_XML_LESS_THAN, 2, 1},
    {"<a/>\n<b/>", DIAG_XML_OUTSIDE, 2, 1},
    {"<a/>\n  x", DIAG_XML_OUTSIDE, 2, 3},
    {"x<a/>", DIAG_XML_OUTSIDE, 1, 1},
    {"<a/></b>", DIAG_XML_OUTSIDE, 1, 5},
    {"<a b='1' c='' b='2'/>", DIAG_XML_DUPLICATE, 1, 15},
    {"<a>\n<x:b/></a>", DIAG_XML_PREFIX, 2, 2},
    {"<a c='' x:b=''/>", DIAG_XML_PREFIX, 1, 9},
    {"<a>R&D</a>", DIAG_XML_REFERENCE, 1, 5},
    {"<a b='R & D'/>", DIAG_XML_REFERENCE, 1, 9},
    {"<a>\n&#0;</a>", DIAG_XML_REFERENCE, 2, 1},
    {"<a>\n&#xD800;</a>", DIAG_XML_REFERENCE, 2, 1},
    {"<a>&#x;</a>", DIAG_XML_REFERENCE, 1, 4},
    {"<a b=c/>", DIAG_XML_ATTRIBUTE, 1, 6},
    {"<a b/>", DIAG_XML_ATTRIBUTE, 1, 5},
    {"<a b='c'd='e'/>", DIAG_XML_ATTRIBUTE, 1, 9},
    {"<?xml version='1.1'?><a/>", DIAG_XML_VERSION, 1, 16},
    {"<a>\n<1b/></a>", DIAG_XML_SYNTAX, 2, 2},
    {"<a><!-- x -- y --></a>", DIAG_XML_SYNTAX, 1, 11},
};

static void refused_at_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		const struct refused *x = &refused[i];
		struct bed b = {0};
		const void *e = read_n(&b, x->text, strlen(x->text));
		if (e != NULL || b.d.n != 1 || b.d.row[0].code != x->code || b.d.row[0].at.line != x->line ||
		    b.d.row[0].at.column != x->column) {
			print_error("row %zu: %s\n", i, x->text);
			diag_print(stderr, &b.d, "en");
			fail();
		}
		done(&b);
	}
}

static void wide_encodings(void **state)
{
	(void)state;
	static const struct {
		char bytes[8];
		const char *name;
	} row[] = {
	    {{'\xff', '\xfe', '<', 0, 'a', 0, '/', 0}, "UTF-16"},
	    {{0, '<', 0, 'a', 0, '/', 0, '>'}, "UTF-16"},
	    {{'<', 0, 'a', 0, '/', 0, '>', 0}, "UTF-16"},
	    {{'<', 0, 0, 0, 'a', 0, 0, 0}, "UTF-32"},
	    {{'\xff', '\xfe', 0, 0, '<', 0, 0, 0}, "UTF-32"},
	    {{'\x4c', '\x6f', '\xa7', '\x94'}, "EBCDIC"},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct bed b = {0};
		assert_null(read_n(&b, row[i].bytes, 8));
		assert_int_equal(b.d.row[0].code, DIAG_XML_ENCODING);
		assert_string_equal(b.d.row[0].arg[0], row[i].name);
		done(&b);
	}
}

/* Truncated anywhere, a file is refused with one diagnostic and nothing else happens. */
static void truncated_anywhere(void **state)
{
	(void)state;
	static const char text[] = "<?xml version='1.0'?><!-- c --><a b='&lt;' xmlns:p='u' p:c='あ'><![CDATA[x]]>"
				   "<p:d>y&#65;</p:d></a>";
	for (size_t n = 0; n < strlen(text); n++) {
		struct bed b = {0};
		char *copy = malloc(n + 1); /* so that a sanitizer sees a read past the end */
		memcpy(copy, text, n);
		char *exact = realloc(copy, n == 0 ? 1 : n);
		assert_null(read_n(&b, exact, n));
		assert_int_equal(b.d.n, 1);
		free(exact);
		done(&b);
	}
	struct bed b = {0};
	read_ok(&b, text);
	done(&b);
}

/* --- bounds ------------------------------------------------------------------------------------------------------ */

static void repeat(struct buf *f, const char *s, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_str(f, s);
}

/* Read, expect this code (0: accepted), and in well under 50 ms of CPU time. */
static void bounded(struct buf *f, enum diag_code code)
{
	struct bed b = {0};
	clock_t begin = clock();
	const void *e = read_n(&b, f->p, f->n);
	double ms = (double)(clock() - begin) * 1000 / CLOCKS_PER_SEC;
	if (code != 0) {
		assert_null(e);
		assert_int_equal(b.d.n, 1);
		assert_int_equal(b.d.row[0].code, code);
#ifndef __SANITIZE_ADDRESS__
		assert_true(ms < 50);
#endif
	} else {
		assert_non_null(e);
	}
	(void)ms;
	buf_reset(f);
	done(&b);
}

static void bounds(void **state)
{
	(void)state;
	struct buf f = {0};
	for (int over = 0; over < 2; over++) {
		repeat(&f, "<a>", XML_DEPTH + (size_t)over);
		repeat(&f, "</a>", XML_DEPTH + (size_t)over);
		bounded(&f, over ? DIAG_XML_DEPTH : 0);

		buf_str(&f, "<a");
		for (int i = 0; i < XML_ATTRIBUTES + over; i++)
			buf_printf(&f, " a%d=''", i);
		buf_str(&f, "/>");
		bounded(&f, over ? DIAG_XML_ATTRIBUTES : 0);

		buf_str(&f, "<a>");
		repeat(&f, "<b/>", XML_ELEMENTS - 1 + (size_t)over);
		buf_str(&f, "</a>");
		bounded(&f, over ? DIAG_XML_ELEMENTS : 0);

		buf_str(&f, "<a>");
		repeat(&f, "x", XML_MAX - 7 + (size_t)over);
		buf_str(&f, "</a>");
		bounded(&f, over ? DIAG_XML_TOO_BIG : 0);
	}
}

/* Files of the largest size made to be slow: each is one long line, so places must not be counted from its start. */
static void hostile(void **state)
{
	(void)state;
	struct buf f = {0};
	repeat(&f, "<a>", 300000);
	bounded(&f, DIAG_XML_DEPTH);
	buf_str(&f, "<a ");
	repeat(&f, "b='' ", 200000);
	bounded(&f, DIAG_XML_ATTRIBUTES);
	buf_str(&f, "<a>");
	repeat(&f, "<b/>", 250000);
	bounded(&f, DIAG_XML_ELEMENTS);
	buf_str(&f, "<a>");
	repeat(&f, "&amp;", 200000);
	bounded(&f, DIAG_XML_UNCLOSED);
	buf_str(&f, "<a>");
	repeat(&f, "<b c='&lt;'/>", 8000);
	repeat(&f, "x", 900000);
	buf_str(&f, "<b 1=''/></a>");
	bounded(&f, DIAG_XML_SYNTAX);
	buf_str(&f, "<a b='1' b='2'>");
	for (int i = 0; i < 8000; i++)
		buf_printf(&f, "<b%d c='1' d='2'>&x;<c/></b%d>", i, i);
	bounded(&f, DIAG_XML_ELEMENTS);
	buf_str(&f, "<!DOCTYPE lolz [<!ENTITY l0 'lol'>");
	for (int i = 1; i < 20000; i++)
		buf_printf(&f, "<!ENTITY l%d '&l%d;&l%d;'>", i, i - 1, i - 1);
	buf_str(&f, "]><a>&l19999;</a>");
	bounded(&f, DIAG_XML_DTD);
	repeat(&f, "a", 100 * 1024 * 1024 / 64);
	bounded(&f, DIAG_XML_TOO_BIG);
	repeat(&f, "<!-- ", 200000);
	bounded(&f, DIAG_XML_UNFINISHED);
}

/* libxml2 prints to standard error when left alone. */
static void nothing_is_printed(void **state)
{
	(void)state;
	FILE *tmp = tmpfile();
	fflush(stderr);
	int keep = dup(STDERR_FILENO);
	assert_true(keep >= 0 && tmp != NULL);
	dup2(fileno(tmp), STDERR_FILENO);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct bed b = {0};
		read_n(&b, refused[i].text, strlen(refused[i].text));
		done(&b);
	}
	fflush(stderr);
	off_t printed = lseek(STDERR_FILENO, 0, SEEK_END);
	dup2(keep, STDERR_FILENO);
	close(keep);
	fclose(tmp);
	assert_int_equal(printed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tree_and_places),
	    cmocka_unit_test(cdata_and_references),
	    cmocka_unit_test(places_in_values_over_lines),
	    cmocka_unit_test(byte_order_mark_takes_no_column),
	    cmocka_unit_test(namespaces),
	    cmocka_unit_test(refused_at_its_place),
	    cmocka_unit_test(wide_encodings),
	    cmocka_unit_test(truncated_anywhere),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(hostile),
	    cmocka_unit_test(nothing_is_printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
