/* Code that no verifier has seen, load files that are broken, memory at its end: the machine refuses, or stops the
 * applet; it never loses control. Runs under the sanitizers too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/support/jc_kit.h"

#include "runtime/javacard/opcode.h"

enum { RID = 0x40, PROGRAMS = 4000, LENGTH = 14 };

static uint64_t seed = 1;

static uint32_t below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* --- any code --- */

/* A constant of the kind that the bytecode takes; now and then any. */
static uint8_t constant_for(uint8_t op)
{
	static const uint8_t field[] = {K_FIELD_A, K_FIELD_B, K_FIELD_S, K_FIELD_I};
	static const uint8_t fixed[] = {K_STATIC_A, K_STATIC_B, K_STATIC_S, K_STATIC_I};
	static const uint8_t virtual[] = {
	    K_REGISTER, K_PLUS1, K_GET_BUFFER, K_PIN_CHECK, K_EQUALS, K_PIN_UPDATE, K_PROCESS};
	static const uint8_t special[] = {K_APPLET_INIT, K_OBJECT_INIT, K_SUPER_SELECT, K_PIN_INIT, K_MINUS};
	static const uint8_t called[] = {K_MINUS, K_MAKE_SHORT, K_BEGIN, K_COMMIT, K_ABORT, K_TRANSIENT, K_DELETION,
	    K_THROW, K_ARRAY_COPY, K_SAME, K_WIDE};
	static const uint8_t class[] = {K_APP, K_OTHER, K_OBJECT, K_NPE, K_PIN};
	if (below(60) == 0)
		return (uint8_t)below(KIT_CONSTANTS + 1);
	if (op >= 0x7b && op <= 0x82)
		return fixed[(op - 0x7b) & 3];
	if (op >= 0x83 && op <= 0x8a)
		return field[(op - 0x83) & 3];
	if (op >= 0xa9 && op <= 0xb8)
		return field[(op - 0xa9) & 3];
	switch (op) {
	case 0x8b:
		return virtual[below(sizeof virtual)];
	case 0x8c:
		return special[below(sizeof special)];
	case 0x8d:
		return called[below(sizeof called)];
	case 0x8e:
		return K_INTERFACE;
	default:
		return class[below(sizeof class)];
	}
}

/* One instruction with operands that may be let in; branches go to the next one or back to the beginning. */
static char *instruction(char *out, unsigned at)
{
	uint8_t op = (uint8_t)below(0xb9);
	const struct op_info *info = &op_info[op];
	switch (info->form) {
	case OP_FORM_NONE:
		return out + sprintf(out, "%02X", op);
	case OP_FORM_LOCAL:
		return out + sprintf(out, "%02X%02X", op, below(12));
	case OP_FORM_LOCAL_S1:
		return out + sprintf(out, "%02X%02X%02X", op, below(11), below(256));
	case OP_FORM_MN:
		return out + sprintf(out, "%02X%u%u", op, 1 + below(2), 1 + below(2));
	case OP_FORM_B1:
		return out + sprintf(out, "%02X%02X", op, below(6) == 0 ? (0x100 - at) & 0xff : 2);
	case OP_FORM_B2:
		return out + sprintf(out, "%02X%04X", op, below(6) == 0 ? (0x10000 - at) & 0xffff : 3);
	case OP_FORM_CP1:
		return out + sprintf(out, "%02X%02X", op, constant_for(op));
	case OP_FORM_CP2:
		return out + sprintf(out, "%02X%04X", op, constant_for(op));
	case OP_FORM_INTERFACE:
		return out + sprintf(out, "8E%02X%04X%02X", 1 + below(3), constant_for(op), below(3));
	case OP_FORM_ATYPE:
		return out + sprintf(out, "%02X%02X", op, 10 + below(4));
	case OP_FORM_ATYPE_CP2:
		return out + sprintf(out, "%02X%02X%04X", op, below(2) == 0 ? 0 : 10 + below(5), constant_for(op));
	case OP_FORM_STABLE:
		return out + sprintf(out, "73000900000000%04X", 9);
	case OP_FORM_ITABLE:
	case OP_FORM_SLOOKUP:
	case OP_FORM_ILOOKUP:
		return out + sprintf(out, "7500050000");
	default:
		return out + sprintf(out, "11%04X", below(40));
	}
}

static void random_code(char *out)
{
	char *p = out;
	for (unsigned n = below(9); n > 0; n--)
		p += sprintf(p, "%02X", below(2) != 0 ? 0x18 + below(2) : 0x03 + below(4));
	for (unsigned i = 0; i < LENGTH; i++)
		p = instruction(p, (unsigned)(p - out) / 2);
	sprintf(p, "7A");
}

static void any_code(void **state)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	unsigned loaded = 0;
	uint8_t *fresh, package;
	uint16_t applet;
	(void)state;
	kit_new(&k, &chip);
	fresh = malloc(k.sim.nv.size);
	assert_non_null(fresh);
	memcpy(fresh, k.sim.nv.mem, k.sim.nv.size);
	for (unsigned i = 0; i < PROGRAMS; i++) {
		char code[20 * LENGTH + 40];
		random_code(code);
		struct kit_code c = {.rid_last = RID, .code = code};
		memcpy(k.sim.nv.mem, fresh, k.sim.nv.size);
		assert_true(kit_power_up(&k, NV_NO_CUT));
		k.jc->allowance = 500;
		if (kit_load(&k, &c, &package) != SW_OK || kit_install(&k, package, RID, &applet) != SW_OK)
			continue;
		loaded++;
		if (jc_select(k.jc, applet, 0)) {
			kit_send(&k, 0, "8001020304AABBCCDD00");
			kit_send(&k, 0, "8001000000");
			jc_deselect(k.jc, 0);
		}
		assert_true(kit_power_up(&k, NV_NO_CUT));
	}
	assert_true(loaded > PROGRAMS / 20);
	free(fresh);
	kit_free(&k);
}

/* Code that must be refused when it is loaded (JCVM 7.1): it would leave its frame or its method. */
static void refused_code(void **state)
{
	static const char *const code[] = {
	    "",                     /* ends without a return */
	    "00",                   /* runs out of the component */
	    "FE 7A",                /* no bytecode */
	    "B9 7A",                /* no bytecode */
	    "16 0C 7A",             /* local behind the frame */
	    "17 0B 7A",             /* the second word of an int behind the frame */
	    "70 7F",                /* branch out of the component */
	    "70 80",                /* branch before it */
	    "A8 8000",              /* far out */
	    "8D 0000 7A",           /* invokestatic of a class */
	    "8D FFFF 7A",           /* no such constant */
	    "8F 0004 7A",           /* new of a field */
	    "8F 000F 7A",           /* new of an interface */
	    "8F 0021 7A",           /* new of an abstract class */
	    "83 04 7A",             /* getfield_a of a short */
	    "85 03 7A",             /* getfield_s of a reference */
	    "7B 0009 7A",           /* getstatic_a of a short */
	    "7D 0008 7A",           /* getstatic_s of a reference */
	    "7E 0008 7A",           /* getstatic_i of a reference */
	    "90 09 7A",             /* no such type of array */
	    "3F 54 7A",             /* dup_x of five words */
	    "3F 21 7A",             /* dup_x of more than the depth */
	    "40 31 7A",             /* swap_x of three words */
	    "8E 00 000F 00 7A",     /* invokeinterface without this */
	    "8E 02 0000 00 7A",     /* invokeinterface of a class */
	    "8C 0014 7A",           /* invokespecial of a static method */
	    "8D 0001 7A",           /* invokestatic of a constructor */
	    "73 0003 0005 0004 7A", /* switch whose low is above its high */
	    "75 0003 FFFF 7A",      /* switch longer than the component */
	    "94 01 0000 7A",        /* checkcast to no type */
	};
	struct kit k;
	struct jc_chip chip = kit_chip();
	uint8_t package;
	(void)state;
	kit_new(&k, &chip);
	uint32_t free_bytes = jc_memory_free(k.jc, JC_PERSISTENT);
	for (unsigned i = 0; i < sizeof code / sizeof code[0]; i++) {
		struct kit_code c = {.rid_last = RID, .code = code[i]};
		if (kit_load(&k, &c, &package) != SW_WRONG_DATA)
			fail_msg("\"%s\" is let in", code[i]);
		assert_int_equal(jc_memory_free(k.jc, JC_PERSISTENT), free_bytes);
	}
	kit_free(&k);
}

static sw_t run_once(const char *code, uint8_t stack)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	struct kit_code c = {.rid_last = RID, .code = code, .stack = stack};
	uint8_t package;
	uint16_t applet;
	kit_new(&k, &chip);
	assert_int_equal(kit_load(&k, &c, &package), SW_OK);
	assert_int_equal(kit_install(&k, package, RID, &applet), SW_OK);
	assert_true(jc_select(k.jc, applet, 0));
	k.jc->allowance = 100000;
	sw_t sw = kit_send(&k, 0, "8001000000");
	kit_free(&k);
	return sw;
}

/* Code that is stopped when it runs: nobody can catch it. */
static void stopped_code(void **state)
{
	(void)state;
	assert_int_equal(run_once("3B 7A", 4), SW_NO_DIAGNOSIS);             /* pop of nothing */
	assert_int_equal(run_once("04 04 04 04 04 7A", 4), SW_NO_DIAGNOSIS); /* more than max_stack */
	assert_int_equal(run_once("04 04 04 04 7A", 4), SW_OK);
}

static void endless_code(void **state)
{
	(void)state;
	assert_int_equal(run_once("70 00", 4), SW_NO_DIAGNOSIS);
	/* process() calls itself: the stack ends */
	assert_int_equal(run_once("18 19 8B 0026 7A", 4), SW_NO_DIAGNOSIS);
	/* a loop that pushes */
	assert_int_equal(run_once("04 70 FF", 4), SW_NO_DIAGNOSIS);
	/* ret to a number */
	assert_int_equal(run_once("04 29 04 72 04", 4), SW_NO_DIAGNOSIS);
}

/* --- load files --- */

static sw_t load_changed(size_t at, uint8_t v, size_t cut)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	struct kit_code c = {.rid_last = RID};
	struct buf file = {0};
	uint8_t package;
	kit_new(&k, &chip);
	kit_load_file(&k, &c, &file);
	if (at < file.n)
		file.p[at] = v;
	if (cut != 0)
		file.n -= cut;
	uint32_t free_bytes = jc_memory_free(k.jc, JC_PERSISTENT);
	sw_t sw = kit_load_bytes(&k, RID, &file, 50, &package);
	if (sw != SW_OK)
		assert_int_equal(jc_memory_free(k.jc, JC_PERSISTENT), free_bytes);
	buf_reset(&file);
	kit_free(&k);
	return sw;
}

static void any_block_split(void **state)
{
	struct jc_chip chip = kit_chip();
	struct kit_code c = {.rid_last = RID};
	(void)state;
	for (size_t block = 1; block < 300; block += block < 20 ? 1 : 37) {
		struct kit k;
		struct buf file = {0};
		uint8_t package;
		kit_new(&k, &chip);
		kit_load_file(&k, &c, &file);
		assert_int_equal(kit_load_bytes(&k, RID, &file, block, &package), SW_OK);
		buf_reset(&file);
		kit_free(&k);
	}
}

static void broken_load_files(void **state)
{
	(void)state;
	assert_int_equal(load_changed(SIZE_MAX, 0, 0), SW_OK);
	for (size_t cut = 1; cut < 60; cut++)
		assert_int_not_equal(load_changed(SIZE_MAX, 0, cut), SW_OK);
	assert_int_equal(load_changed(3, 0xdf, 0), SW_WRONG_DATA);  /* magic */
	assert_int_equal(load_changed(7, 4, 0), SW_WRONG_DATA);     /* format 2.4 */
	assert_int_equal(load_changed(8, 3, 0), SW_WRONG_DATA);     /* format 3.1 */
	assert_int_equal(load_changed(9, 0x0d, 0), SW_WRONG_DATA);  /* the extended form */
	assert_int_equal(load_changed(13, 0xa1, 0), SW_WRONG_DATA); /* not the AID that was announced */
	assert_int_equal(load_changed(0, 4, 0), SW_WRONG_DATA);     /* does not begin with the Header */
}

/* What the chip lacks. */
static void versions(void **state)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	struct kit_code c = {.rid_last = RID, .version = 6};
	uint8_t package;
	(void)state;
	chip.minor[JC_ROM_javacard_framework] = 3;
	kit_new(&k, &chip);
	assert_int_equal(kit_load(&k, &c, &package), SW_WRONG_DATA);
	c.version = 4;
	assert_int_equal(kit_load(&k, &c, &package), SW_WRONG_DATA);
	c.version = 3;
	assert_int_equal(kit_load(&k, &c, &package), SW_OK);
	kit_free(&k);
	chip.minor[JC_ROM_javacard_framework] = 1; /* requestObjectDeletion is of 1.2 */
	chip.sw_import = 0x6438;
	kit_new(&k, &chip);
	c.version = 1;
	assert_int_equal(kit_load(&k, &c, &package), 0x6438);
	kit_free(&k);
	chip = kit_chip();
	chip.int_supported = false;
	kit_new(&k, &chip);
	assert_int_equal(kit_load(&k, &c, &package), SW_WRONG_DATA);
	c.no_int = true;
	assert_int_equal(kit_load(&k, &c, &package), SW_WRONG_DATA); /* it has an int nevertheless */
	kit_free(&k);
}

/* --- memory --- */

static void persistent_limit(void **state)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	/* r = new byte[256] for ever; SystemException ends it */
	struct kit_code c = {.rid_last = RID, .code = "18 11 0100 90 0B 87 03 70 F8"};
	uint8_t package;
	uint16_t applet;
	(void)state;
	chip.persistent = 4096;
	kit_new(&k, &chip);
	assert_int_equal(jc_memory_free(k.jc, JC_PERSISTENT), 4096);
	assert_int_equal(kit_load(&k, &c, &package), SW_OK);
	assert_int_equal(kit_install(&k, package, RID, &applet), SW_OK);
	uint32_t installed = jc_memory_free(k.jc, JC_PERSISTENT);
	assert_true(jc_select(k.jc, applet, 0));
	assert_int_equal(kit_send(&k, 0, "8001000000"), SW_NO_DIAGNOSIS);
	assert_in_range(jc_memory_free(k.jc, JC_PERSISTENT), 0, 300);
	assert_true(kit_power_up(&k, NV_NO_CUT));
	/* all of it but one array is garbage */
	k.jc->delete_requested = true;
	assert_true(jc_select(k.jc, applet, 0));
	kit_send(&k, 0, "80010000");
	assert_true(kit_power_up(&k, NV_NO_CUT));
	k.jc->delete_requested = true;
	assert_int_equal(
	    jc_call_applet(k.jc, applet, 0, &jc_class_AppletEvent, 0, (uint16_t[4]){0}, 1, NULL, 0), SW_NO_DIAGNOSIS);
	assert_in_range(jc_memory_free(k.jc, JC_PERSISTENT), installed - 700, installed);
	const uint16_t set[1] = {applet};
	assert_int_equal(kit_delete(&k, set, 1, package), SW_OK);
	assert_int_equal(jc_memory_free(k.jc, JC_PERSISTENT), 4096);
	kit_free(&k);
}

static void transient_limit(void **state)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	/* makeTransientByteArray(200, 1) twice; the second does not fit into 300 bytes */
	struct kit_code c = {.rid_last = RID, .code = "11 00C8 04 8D 0019 3B 7A"};
	uint8_t package;
	uint16_t applet;
	(void)state;
	chip.reset = 300;
	kit_new(&k, &chip);
	assert_int_equal(kit_load(&k, &c, &package), SW_OK);
	assert_int_equal(kit_install(&k, package, RID, &applet), SW_OK);
	assert_true(jc_select(k.jc, applet, 0));
	assert_int_equal(jc_memory_free(k.jc, JC_RESET), 300);
	assert_int_equal(kit_send(&k, 0, "8001000000"), SW_OK);
	assert_int_equal(jc_memory_free(k.jc, JC_RESET), 100);
	assert_int_equal(kit_send(&k, 0, "8001000000"), SW_NO_DIAGNOSIS);
	k.jc->delete_requested = true;
	assert_int_equal(kit_send(&k, 0, "8001000000"), SW_NO_DIAGNOSIS);
	assert_int_equal(jc_memory_free(k.jc, JC_RESET), 300);
	kit_free(&k);
}

/* No room for a load file: nothing of it stays. */
static void full_card(void **state)
{
	struct jc_chip chip = kit_chip();
	(void)state;
	for (uint32_t size = 64; size < 1400; size += 61) {
		struct kit k;
		struct kit_code c = {.rid_last = RID};
		uint8_t package;
		uint16_t applet;
		chip.persistent = size;
		kit_new(&k, &chip);
		sw_t sw = kit_load(&k, &c, &package);
		assert_true(sw == SW_OK || sw == SW_NO_MEMORY);
		if (sw != SW_OK)
			assert_int_equal(jc_memory_free(k.jc, JC_PERSISTENT), size);
		uint32_t before = jc_memory_free(k.jc, JC_PERSISTENT);
		if (sw == SW_OK && kit_install(&k, package, RID, &applet) == SW_NO_MEMORY)
			assert_int_equal(jc_memory_free(k.jc, JC_PERSISTENT), before);
		kit_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_code),
	    cmocka_unit_test(refused_code),
	    cmocka_unit_test(stopped_code),
	    cmocka_unit_test(endless_code),
	    cmocka_unit_test(any_block_split),
	    cmocka_unit_test(broken_load_files),
	    cmocka_unit_test(versions),
	    cmocka_unit_test(persistent_limit),
	    cmocka_unit_test(transient_limit),
	    cmocka_unit_test(full_card),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
