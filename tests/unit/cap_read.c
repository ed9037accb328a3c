/* What is in a CAP file is checked: one byte of a sound one is changed, and what is said about it. The sound ones are
 * fixtures, so that offsets here are those that tests/golden/javacard shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/cap/disassemble.h"

static void load(const char *name, struct cap *c)
{
	char path[256];
	struct arena a = {0};
	struct buf text = {0}, file = {0};
	struct diag_list d = {0};
	const char *message = NULL;
	snprintf(path, sizeof path, "tests/fixtures/javacard/%s.jca", name);
	assert_true(file_read(path, 1 << 20, &text, &d));
	assert_true(asm_text_to_cap(&a, (const char *)text.p, text.n, 0x0201, &file, &message));
	assert_true(cap_open(c, file.p, file.n, name, &d));
	arena_free(&a);
	buf_reset(&text);
	buf_reset(&file);
}

/* Change a byte of a component's info and read; the first diagnostic, 0 when there is none. */
static enum diag_code after(const char *name, enum component_tag tag, size_t at, uint8_t value)
{
	struct cap *c = malloc(sizeof *c);
	struct cap_model m;
	struct diag_list d = {0};
	assert_non_null(c);
	load(name, c);
	struct buf info = cap_info(c, tag);
	assert_true(at < info.n);
	assert_int_not_equal(info.p[at], value);
	info.p[at] = value;
	bool ok = cap_read(&m, c, &d);
	assert_int_equal(ok, d.n == 0);
	enum diag_code code = d.n == 0 ? 0 : d.row[0].code;
	cap_model_reset(&m);
	cap_close(c);
	free(c);
	diag_reset(&d);
	return code;
}

static void test_wrong_bytes(void **state)
{
	static const struct {
		const char *fixture;
		enum component_tag tag;
		size_t at;
		uint8_t value;
		enum diag_code code;
	} row[] = {
	    /* tiny: class0 @0; install @12, process @21; its pool has six constants */
	    {"tiny", COMPONENT_Class, 1, 0x82, DIAG_CAP_BEYOND},        /* superclass in package 2 of 2 */
	    {"tiny", COMPONENT_Class, 0, 0x03, DIAG_CAP_ENDS},          /* three interfaces */
	    {"tiny", COMPONENT_Class, 1, 0x00, DIAG_CAP_BAD},           /* a superclass here, at no class */
	    {"tiny", COMPONENT_Class, 5, 0x01, DIAG_CAP_BEYOND},        /* one reference in no words */
	    {"tiny", COMPONENT_Class, 11, 0x16, DIAG_CAP_BAD},          /* process inside its header */
	    {"tiny", COMPONENT_ConstantPool, 1, 0x07, DIAG_CAP_ENDS},   /* seven constants */
	    {"tiny", COMPONENT_ConstantPool, 1, 0x05, DIAG_CAP_REST},   /* five */
	    {"tiny", COMPONENT_ConstantPool, 2, 0x07, DIAG_CAP_BAD},    /* a tag */
	    {"tiny", COMPONENT_ConstantPool, 13, 0x01, DIAG_CAP_VALUE}, /* padding behind a class */
	    {"tiny", COMPONENT_ConstantPool, 12, 0x01, DIAG_CAP_BAD},   /* a class at 1 */
	    {"tiny", COMPONENT_ConstantPool, 17, 0x02, DIAG_CAP_BAD},   /* a method at 2 */
	    {"tiny", COMPONENT_StaticField, 1, 0x01, DIAG_CAP_VALUE},   /* an image of one byte */
	    {"tiny", COMPONENT_StaticField, 5, 0x01, DIAG_CAP_BAD},     /* an array */
	    {"tiny", COMPONENT_Directory, 23, 0x01, DIAG_CAP_VALUE},    /* image_size */
	    {"tiny", COMPONENT_Method, 14, 0xB9, DIAG_CAP_BAD},         /* no bytecode */
	    {"tiny", COMPONENT_Method, 16, 0x06, DIAG_CAP_BEYOND},      /* constant 6 of 6 */
	    {"tiny", COMPONENT_Method, 16, 0x01, DIAG_CAP_BAD},         /* new of a method */
	    {"tiny", COMPONENT_Method, 20, 0x11, DIAG_CAP_BEYOND},      /* sspush cut off */
	    {"tiny", COMPONENT_Method, 28, 0x01, DIAG_CAP_BAD},         /* a branch into itself */
	    {"tiny", COMPONENT_Method, 28, 0x7F, DIAG_CAP_BAD},         /* a branch out of the method */
	    {"tiny", COMPONENT_Method, 23, 0x1B, DIAG_CAP_BEYOND},      /* aload_3 of two */
	    {"tiny", COMPONENT_Method, 0, 0x01, DIAG_CAP_BEYOND},       /* a handler that begins behind the code */
	    {"tiny", COMPONENT_RefLocation, 4, 0x06, DIAG_CAP_BAD},     /* a place with no operand */
	    {"tiny", COMPONENT_RefLocation, 1, 0x01, DIAG_CAP_BAD},     /* a one-byte operand */
	    {"tiny", COMPONENT_RefLocation, 3, 0x05, DIAG_CAP_NOT_RELOCATED}, /* the last one left out */
	    {"tiny", COMPONENT_Descriptor, 4, 0x01, DIAG_CAP_BAD},            /* a class at 1 */
	    {"tiny", COMPONENT_Descriptor, 0, 0x02, DIAG_CAP_BAD},            /* two classes */
	    /* exceptions: handlers first; the fields and handlers of a class */
	    {"exceptions", COMPONENT_Method, 2, 0x01, DIAG_CAP_BAD},     /* start inside the handlers */
	    {"exceptions", COMPONENT_Method, 4, 0x00, DIAG_CAP_BAD},     /* active_length 0 */
	    {"exceptions", COMPONENT_Method, 6, 0x01, DIAG_CAP_BAD},     /* handler outside the method */
	    {"exceptions", COMPONENT_Method, 15, 0x7F, DIAG_CAP_BEYOND}, /* catch_type */
	    /* statics: arrays with contents */
	    {"statics", COMPONENT_StaticField, 6, 0x06, DIAG_CAP_BAD},    /* type of an array */
	    {"statics", COMPONENT_StaticField, 3, 0x01, DIAG_CAP_BEYOND}, /* fewer references than arrays */
	    {"statics", COMPONENT_Directory, 27, 0x01, DIAG_CAP_VALUE},   /* array_init_size */
	    /* library: exports */
	    {"library", COMPONENT_Export, 2, 0x01, DIAG_CAP_BAD},  /* class_offset */
	    {"library", COMPONENT_Export, 0, 0x03, DIAG_CAP_ENDS}, /* three classes */
	    {"library", COMPONENT_Export, 0, 0x01, DIAG_CAP_REST}, /* one */
	    {"library", COMPONENT_Export, 6, 0x02, DIAG_CAP_BAD},  /* a method at no method */
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		enum diag_code code = after(row[i].fixture, row[i].tag, row[i].at, row[i].value);
		if (code != row[i].code)
			print_error("%s %s@%zu: %d, not %d\n", row[i].fixture, component_name(row[i].tag), row[i].at,
			    (int)code, (int)row[i].code);
		assert_int_equal(code, row[i].code);
	}
}

static void test_install(void **state)
{
	(void)state;
	struct cap *c = malloc(sizeof *c);
	struct cap_model m;
	struct diag_list d = {0};
	assert_non_null(c);
	load("tiny", c);
	c->applet[0].install++;
	assert_false(cap_read(&m, c, &d));
	assert_int_equal(d.row[0].code, DIAG_CAP_BAD);
	assert_string_equal(d.row[0].arg[0], "Applet@8");
	cap_model_reset(&m);
	cap_close(c);
	free(c);
	diag_reset(&d);
}

/* Whatever byte is changed in whatever way: an answer, and a disassembly of what is accepted. */
static void test_every_byte(void **state)
{
	static const uint8_t flip[] = {0x01, 0x80, 0xFF};
	(void)state;
	size_t refused = 0, accepted = 0;
	struct cap *c = malloc(sizeof *c);
	assert_non_null(c);
	load("client", c);
	for (unsigned tag = COMPONENT_Applet; tag < COMPONENT_TAGS; tag++) {
		struct buf info = cap_info(c, tag);
		for (size_t at = 0; at < info.n; at++)
			for (size_t f = 0; f < sizeof flip; f++) {
				struct cap_model m;
				struct diag_list d = {0};
				struct buf text = {0};
				info.p[at] ^= flip[f];
				bool ok = cap_read(&m, c, &d);
				if (ok)
					cap_disassemble(&m, true, &text);
				refused += !ok;
				accepted += ok;
				info.p[at] ^= flip[f];
				cap_model_reset(&m);
				diag_reset(&d);
				buf_reset(&text);
			}
	}
	assert_true(refused > 500 && accepted > 500);
	cap_close(c);
	free(c);
}

static void test_release(void **state)
{
	static const struct {
		const char *fixture, *release;
	} row[] = {{"tiny", "2.1.1"}, {"import-1.2", "2.2.1"}, {"import-1.3", "2.2.2"}, {"import-1.4", "3.0.3"},
	    {"import-1.5", "3.0.4"}, {"import-1.6", "3.0.5"}, {"bignumber", "2.2.2"}, {"client", NULL}};
	(void)state;
	struct cap *c = malloc(sizeof *c);
	assert_non_null(c);
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		load(row[i].fixture, c);
		if (row[i].release == NULL)
			assert_null(cap_release(c));
		else
			assert_string_equal(cap_release(c), row[i].release);
		cap_close(c);
	}
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wrong_bytes),
	    cmocka_unit_test(test_install),
	    cmocka_unit_test(test_every_byte),
	    cmocka_unit_test(test_release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
