/* The firewall: JCRE 3.0.5, chapter 6. Bytecode can make any number a reference, so a hostile applet gets the handles
 * of another applet's objects written into its code here, and tries everything with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/support/jc_kit.h"

enum { VICTIM = 0x40, INTRUDER = 0x41 };

/* %O the victim's applet object, %A its static array, %B its array of references, %I its instance of Other, %P its PIN,
 * %S a store of its PIN, %M its package's Method component, %X an AID object of the runtime. */
struct row {
	const char *name, *code;
	sw_t sw; /* 6982: SecurityException; 6F00: stopped; 9000 */
};

/* Every row that ends well runs to the return; a SecurityException is caught and told as 6982. */
static const struct row rows[] = {
    {"getfield", "11 %O 85 04 3B", 0x6982},
    {"getfield_w", "11 %O AB 0004 3B", 0x6982},
    {"getfield_this", "11 %O 2B AF 04 3B", 0x6982},
    {"putfield", "11 %O 08 89 04", 0x6982},
    {"putfield_this", "11 %O 2B 08 B7 04", 0x6982},
    {"putfield_i", "11 %O 0B 8A 06", 0x6982},
    {"baload", "11 %A 03 25 3B", 0x6982},
    {"bastore", "11 %A 03 08 38", 0x6982},
    {"arraylength", "11 %A 92 3B", 0x6982},
    {"aaload", "11 %B 03 24 3B", 0x6982},
    {"aastore", "11 %B 03 01 37", 0x6982},
    {"checkcast", "11 %O 94 00 0012 3B", 0x6982},
    {"instanceof", "11 %O 95 00 0000 3B", 0x6982},
    {"checkcast of an array", "11 %A 94 0B 0000 3B", 0x6982},
    {"checkcast to an interface that is not shareable", "11 %I 94 00 000F 3B", 0x6982},
    {"athrow", "11 %O 93", 0x6982},
    {"invokevirtual", "11 %O 08 8B 000D 3B", 0x6982},
    {"invokevirtual of Object", "11 %O 01 8B 001F 3B", 0x6982},
    {"invokespecial super", "11 %O 8C 0011 3B", 0x6982},
    {"invokespecial constructor", "11 %P 08 08 8C 001C", 0x6982},
    {"invokeinterface that is not shareable", "11 %I 08 8E 02 000F 00 3B", 0x6982},
    {"OwnerPIN.check", "11 %P 7B 0007 03 06 8B 001E 3B", 0x6982},
    {"OwnerPIN.update", "11 %P 7B 0007 03 06 8B 0022", 0x6982},
    {"arrayCopy from it", "11 %A 03 7B 0007 03 06 8D 0020 3B", 0x6982},
    {"arrayCopy to it", "7B 0007 03 11 %A 03 06 8D 0020 3B", 0x6982},
    /* what the runtime owns and did not make an entry point */
    {"a store is no array", "11 %S 03 25 3B", 0x6f00},
    {"a store has no length", "11 %S 92 3B", 0x6f00},
    {"code is no array", "11 %M 03 25 3B", 0x6f00},
    {"a store is no object", "11 %S 85 04 3B", 0x6982},
    {"arrayCopy from a store", "11 %S 03 7B 0007 03 06 8D 0020 3B", 0x6982},
    /* entry points and the global array may be used, not kept */
    {"an AID of the runtime", "11 %X 01 8B 001F 3B", 0x9000},
    {"an AID may be kept", "11 %X 7F 0008", 0x9000},
    {"the APDU buffer", "19 8B 0015 03 25 3B", 0x9000},
    {"the APDU buffer is not kept in a static field", "19 8B 0015 7F 0008", 0x6982},
    {"nor in a field", "18 19 8B 0015 87 03", 0x6982},
    {"nor in an array", "04 91 0012 03 19 8B 0015 37", 0x6982},
    {"the APDU is not kept", "18 19 87 03", 0x6982},
    /* the wrong thing behind the right reference */
    {"a field of an array", "7B 0007 85 04 3B", 0x6f00},
    {"an element of an object", "18 03 25 3B", 0x6f00},
    {"another type of element", "7B 0007 03 26 3B", 0x6f00},
    {"a method of another class", "8F 000E 7B 0007 03 06 8B 001E 3B", 0x6f00},
    {"a constructor of another class", "8F 000E 08 08 8C 001C", 0x6f00},
    {"throwing what cannot be thrown", "18 93", 0x6f00},
    {"no such handle", "11 7FFF 92 3B", 0x0000},
    {"own object", "18 85 04 3B", 0x9000},
};

static uint16_t victim[8];

static void note_victims(struct kit *k, uint8_t package)
{
	uint16_t object = jc_applet_object(k->jc, 1);
	const uint8_t *image = k->jc->mem + k->jc->image[package - JC_LOADED];
	uint16_t array = jc_cell(k->jc, object, 0);
	victim[0] = object;
	victim[1] = jc_be16(image);
	victim[2] = array;
	victim[3] = (uint16_t)jc_element(k->jc, array, 0);
	victim[4] = (uint16_t)jc_element(k->jc, array, 1);
	victim[5] = jc_cell(k->jc, victim[4], 0);
	victim[6] = jc_part(k->jc, (uint8_t)(package - JC_LOADED), PART_METHOD);
	victim[7] = jc_applet_aid_object(k->jc, 1);
	for (unsigned i = 0; i < 8; i++)
		assert_int_not_equal(victim[i], 0);
}

static void substitute(const char *code, char *out)
{
	static const char letters[] = "OABIPSMX";
	for (; *code != 0; code++) {
		if (*code == '%')
			out += sprintf(out, "%04X", victim[strchr(letters, *++code) - letters]);
		else
			*out++ = *code;
	}
	*out = 0;
}

/* The victim's command makes r = {new Other, new OwnerPIN(3, 4)}. */
#define VICTIM_CODE "05 91 0012 3D B5 03 3D 03 8F 000E 37 04 8F 001D 3D 06 07 8C 001C 37 7A"

static uint32_t checksum(const struct kit *k)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < 8; i++) {
		const uint8_t *h = jc_header(k->jc, victim[i]);
		for (uint32_t n = 0; h != NULL && n < jc_block_size(h); n++)
			sum = sum * 31 + h[n];
	}
	return sum;
}

static void try_row(const struct row *r)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	struct kit_code v = {.rid_last = VICTIM, .code = VICTIM_CODE}, c = {.rid_last = INTRUDER};
	char code[512], all[600], handlers[40];
	struct buf b = {0};
	uint8_t package;
	uint16_t applet;
	kit_new(&k, &chip);
	assert_int_equal(kit_load(&k, &v, &package), SW_OK);
	assert_int_equal(kit_install(&k, package, VICTIM, &applet), SW_OK);
	assert_true(jc_select(k.jc, applet, 0));
	assert_int_equal(kit_send(&k, 0, "8001000000"), SW_OK);
	jc_deselect(k.jc, 0);
	note_victims(&k, package);
	uint32_t sum = checksum(&k);
	substitute(r->code, code);
	kit_hex(&b, code);
	/* a handler for everything: is it the runtime's SecurityException? the reason is the word that is thrown */
	snprintf(all, sizeof all, "%s 7A 95 00 0025 60 08 11 6982 8D 001B 7A 11 6F01 8D 001B 7A", code);
	snprintf(handlers, sizeof handlers, "0000%04X%04X0000", 0x8000 | (unsigned)b.n, (unsigned)b.n + 1);
	c.code = all;
	c.handlers = handlers;
	assert_int_equal(kit_load(&k, &c, &package), SW_OK);
	assert_int_equal(kit_install(&k, package, INTRUDER, &applet), SW_OK);
	assert_true(jc_select(k.jc, applet, 1));
	sw_t sw = kit_send(&k, 1, "8101000000");
	if (r->sw != 0 && sw != r->sw)
		fail_msg("%s: %04X, wanted %04X", r->name, sw, r->sw);
	assert_int_equal(checksum(&k), sum);
	buf_reset(&b);
	kit_free(&k);
}

static void foreign_objects(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
		try_row(&rows[i]);
}

/* CLEAR_ON_DESELECT arrays of an applet exist only while its package is the selected one (JCRE 5.1). */
static void deselect_memory(void **state)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	/* r == null: r = makeTransientByteArray(4, 2); r[0]++ ; throwIt(0x9100 | r[0]) */
	struct kit_code c = {.rid_last = VICTIM,
	    .code = "AD 03 67 0A 18 07 05 8D 0019 87 03 AD 03 03 3E 25 04 41 38 11 9100 AD 03 03 25 55 8D 001B 7A"};
	uint8_t package;
	uint16_t applet;
	(void)state;
	kit_new(&k, &chip);
	assert_int_equal(kit_load(&k, &c, &package), SW_OK);
	assert_int_equal(kit_install(&k, package, VICTIM, &applet), SW_OK);
	assert_true(jc_select(k.jc, applet, 0));
	assert_int_equal(kit_send(&k, 0, "8001000000"), 0x9101);
	assert_int_equal(kit_send(&k, 0, "8001000000"), 0x9102);
	/* not a MultiSelectable: no second channel */
	assert_false(jc_select(k.jc, applet, 1));
	jc_deselect(k.jc, 0);
	assert_true(jc_select(k.jc, applet, 1));
	assert_int_equal(kit_send(&k, 1, "8101000000"), 0x9101);
	assert_true(kit_power_up(&k, NV_NO_CUT));
	assert_true(jc_select(k.jc, applet, 0));
	assert_int_equal(kit_send(&k, 0, "8001000000"), 0x9101);
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(foreign_objects), cmocka_unit_test(deselect_memory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
