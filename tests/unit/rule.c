/* compiler/description/rule: what expressions mean, written back in the language's own words, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "runtime/base/buf.h"

struct bed {
	struct arena a;
	struct diag_list d;
	struct buf text;
};

/* An AP with PINs a, b, c, d, these rules, and files whose read rules are given. */
static const struct contract *read_rules(struct bed *b, const char *rules, const char *const *read, size_t n)
{
	buf_str(&b->text,
	    "<card-ap xmlns='urn:igata:card-ap:1' id='x' version='1.0' area='local'>"
	    "<aid rid='F000000001' pix='01'/>");
	for (int i = 0; i < 4; i++)
		buf_printf(&b->text,
		    "<pin id='%c' ref='%d' format='digits' length='4' tries='3' initial='personal' source='csv:P%d'/>",
		    'a' + i, i + 1, i);
	buf_str(&b->text, rules);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b->text, "<file id='f%zu' fid='%04zX' size='1' read='%s'/>", i, i + 1, read[i]);
	buf_str(&b->text, "</card-ap>");
	const struct description *ap = description_read(&b->a, b->text.p, b->text.n, "x.xml", &b->d);
	if (ap == NULL)
		diag_print(stderr, &b->d, "en");
	assert_non_null(ap);
	return ap->contract;
}

static void done(struct bed *b)
{
	arena_free(&b->a);
	diag_reset(&b->d);
	buf_reset(&b->text);
}

static void assert_text(const struct contract *c, uint16_t rule, const char *want)
{
	struct buf text = {0};
	contract_rule_text(c, rule, &text);
	assert_string_equal(buf_cstr(&text), want);
	buf_reset(&text);
}

static void meaning(void **state)
{
	(void)state;
	static const struct {
		const char *written, *meant;
	} row[] = {
	    {"always", "always"},
	    {"never", "never"},
	    {" pin ( a ) ", "pin(a)"},
	    {"((pin(a)))", "pin(a)"},
	    /* and binds tighter than or */
	    {"pin(a) or pin(b) and pin(c)", "pin(a) or pin(b) and pin(c)"},
	    {"pin(a) and pin(b) or pin(c)", "pin(a) and pin(b) or pin(c)"},
	    {"(pin(a) or pin(b)) and pin(c)", "(pin(a) or pin(b)) and pin(c)"},
	    {"pin(d) and (pin(a) or pin(b))", "pin(d) and (pin(a) or pin(b))"},
	    {"pin(a) and (pin(b) and pin(c))", "pin(a) and pin(b) and pin(c)"},
	    {"pin(a) or (pin(b) or pin(c))", "pin(a) or pin(b) or pin(c)"},
	    /* constants and twins are folded away */
	    {"pin(a) and always", "pin(a)"},
	    {"always and pin(a)", "pin(a)"},
	    {"never or pin(a)", "pin(a)"},
	    {"pin(a) or never", "pin(a)"},
	    {"pin(a) and never", "never"},
	    {"always or pin(a)", "always"},
	    {"pin(a) and pin(a)", "pin(a)"},
	    {"pin(a) or pin(b) and never", "pin(a)"},
	    {"(pin(a) or always) and pin(b)", "pin(b)"},
	    {"never and (pin(a) or pin(b))", "never"},
	    /* names, before and after their definition, through several steps */
	    {"two", "pin(a) and pin(b)"},
	    {"two or far", "pin(a) and pin(b) or pin(d)"},
	    {"far and either", "pin(d) and (pin(a) and pin(b) or pin(c))"},
	    {"andy", "pin(c)"}, /* begins with a keyword */
	    {"free", "always"},
	};
	enum { ROWS = sizeof row / sizeof *row };
	const char *read[ROWS];
	struct bed b = {0};
	for (size_t i = 0; i < ROWS; i++)
		read[i] = row[i].written;
	const struct contract *c = read_rules(&b,
	    "<rule id='either' when='two or andy'/><rule id='two' when='pin(a) and pin(b)'/>"
	    "<rule id='far' when='near'/><rule id='near' when='(pin(d))'/><rule id='andy' when='pin(c)'/>"
	    "<rule id='free' when='always'/>",
	    read, ROWS);
	assert_true(contract_valid(c, c->size));
	for (size_t i = 0; i < ROWS; i++)
		assert_text(c, c->file[i].rule[FILE_READ], row[i].meant);
	done(&b);
}

/* Equal rules are one node, however they are written. */
static void equal_rules_are_shared(void **state)
{
	(void)state;
	static const char *const read[] = {
	    "pin(a) and pin(b)", "pin(b) and pin(a)", "(pin(a)) and both", "both", "pin(a) or pin(b)"};
	struct bed b = {0};
	const struct contract *c = read_rules(&b, "<rule id='both' when='pin(b) and pin(a)'/>", read, 5);
	for (int i = 1; i < 4; i++)
		if (i != 2)
			assert_int_equal(c->file[i].rule[FILE_READ], c->file[0].rule[FILE_READ]);
	assert_int_not_equal(c->file[4].rule[FILE_READ], c->file[0].rule[FILE_READ]);
	assert_int_equal(c->n_rules, 2 + 2 + 3); /* constants, two PINs, both, a and both, or */
	done(&b);
}

/* Every rule over two PINs, against truth worked out apart from it. */
static void truth(void **state)
{
	(void)state;
	static const char *const read[] = {"pin(a)", "pin(b)", "pin(a) and pin(b)", "pin(a) or pin(b)",
	    "pin(a) and (pin(b) or pin(c))", "pin(a) and pin(b) or pin(c)"};
	struct bed b = {0};
	const struct contract *c = read_rules(&b, "", read, 6);
	for (uint32_t v = 0; v < 16; v++) {
		bool pa = v & 1, pb = v & 2, pc = v & 4;
		bool want[] = {pa, pb, pa && pb, pa || pb, pa && (pb || pc), (pa && pb) || pc};
		for (int i = 0; i < 6; i++)
			assert_int_equal(contract_rule_holds(c, c->file[i].rule[FILE_READ], v), want[i]);
	}
	assert_int_equal(contract_rule_pins(c, c->file[5].rule[FILE_READ]), 7);
	done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(meaning),
	    cmocka_unit_test(equal_rules_are_shared),
	    cmocka_unit_test(truth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
