/* Sentences of the AP contract that the compiler keeps, one test for each: a description of tests/golden/description
 * fires the code, at its severity, and its accepted neighbour does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "runtime/base/file.h"

enum { XML_BYTES = 1 << 20 };

/* The severity with which a description fires the code; -1: it does not. *accepted: whether it is. */
static int severity(const struct buf *xml, enum diag_code code, bool *accepted)
{
	struct arena a = {0};
	struct diag_list d = {0};
	int found = -1;
	const struct description *ap = description_read(&a, xml->p, xml->n, "clause.xml", &d);
	*accepted = ap != NULL;
	if (ap != NULL)
		description_policy(ap, &d);
	for (size_t i = 0; i < d.n && found < 0; i++)
		if (d.row[i].code == code)
			found = (int)d.row[i].severity;
	diag_reset(&d);
	arena_free(&a);
	return found;
}

static void fires(const char *name, enum diag_code code, enum diag_severity want)
{
	char path[200];
	for (int neighbour = 0; neighbour < 2; neighbour++) {
		struct buf xml = {0};
		struct diag_list d = {0};
		bool accepted;
		snprintf(path, sizeof path, "tests/golden/description/%s%s.xml", name, neighbour ? ".ok" : "");
		assert_true(file_read(path, XML_BYTES, &xml, &d));
		int found = severity(&xml, code, &accepted);
		assert_int_equal(found, neighbour ? -1 : (int)want);
		assert_int_equal(accepted, neighbour || want != DIAG_ERROR);
		buf_reset(&xml);
		diag_reset(&d);
	}
}

static void c8_blocked_for_ever_covers_keys(void **state)
{
	(void)state;
	fires("0347-key-locks", DIAG_KEY_LOCKS, DIAG_NOTE);
	fires("0347-key-locks-command", DIAG_KEY_LOCKS, DIAG_NOTE);
	fires("0347-key-locks-pin", DIAG_KEY_LOCKS, DIAG_NOTE);
	fires("0347-key-locks-life", DIAG_KEY_LOCKS, DIAG_NOTE);
}

static void c8_a_diversifier_makes_traceable(void **state)
{
	(void)state;
	fires("0346-traceable", DIAG_KEY_TRACEABLE, DIAG_NOTE);
}

static void c11_no_aid_is_the_beginning_of_another(void **state)
{
	(void)state;
	fires("0218-aid-prefix", DIAG_AID_PREFIX, DIAG_ERROR);
}

static void c12_inside_a_longer_value_a_warning(void **state)
{
	(void)state;
	fires("0341-number-inside", DIAG_PERSONAL_NUMBER_INSIDE, DIAG_WARNING);
}

/* Every INS there is. */
static void c6_ins_of_custom_commands(void **state)
{
	(void)state;
	for (unsigned ins = 0; ins < 256; ins++) {
		struct buf xml = {0};
		bool accepted;
		buf_printf(&xml,
		    "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"ins\" version=\"1.0\" area=\"extension\">"
		    "<aid rid=\"D392100031\" pix=\"0001FFFF70\"/>"
		    "<command id=\"ask\" ins=\"%02X\" when=\"always\"><respond from=\"hex:01\"/></command></card-ap>",
		    ins);
		bool reserved = ins == 0x70 || ins == 0xa4 || ins >> 4 == 6 || ins >> 4 == 9;
		int found = severity(&xml, DIAG_INS_RESERVED, &accepted);
		if (accepted == reserved || (found >= 0) != reserved)
			print_error("INS %02X\n", ins);
		assert_int_equal(accepted, !reserved);
		assert_int_equal(found, reserved ? (int)DIAG_ERROR : -1);
		buf_reset(&xml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c6_ins_of_custom_commands),
	    cmocka_unit_test(c8_blocked_for_ever_covers_keys),
	    cmocka_unit_test(c8_a_diversifier_makes_traceable),
	    cmocka_unit_test(c11_no_aid_is_the_beginning_of_another),
	    cmocka_unit_test(c12_inside_a_longer_value_a_warning),
	};
	return cmocka_run_group_tests_name("contract_clauses", tests, NULL, NULL);
}
