/* The assembler refuses what would not be a package, says where, and chooses the forms of instructions. That what it
 * writes is right is shown by tests/unit/golden_javacard.c and by the cards that run the fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/cap/code.h"
#include "runtime/cap/model.h"

#define HEAD  "package tests/t F0494741FF 1.0\n"
#define CLASS HEAD "class C public\n"
#define CODE  CLASS "method static m(S)S\n"

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *message;
	} row[] = {
	    {"", "line 0: there is no package"},
	    {"class C\n", "line 1: the package comes first"},
	    {"package tests/t F0494741 1.0\n", "line 1: the package's AID has 4 bytes"},
	    {HEAD "\n\nnonsense\n", "line 4: 'nonsense' is not understood here"},
	    {HEAD "class C extends D\n", "line 2: no class 'D' is known"},
	    {HEAD "class C implements java/lang/Object\n", "line 2: 'java/lang/Object' is no interface"},
	    {CLASS "class C\n", "line 3: class 'C' is declared twice"},
	    {CLASS "field V x\n", "'V' is no type of a field"},
	    {CLASS "field S x\nfield B x\n", "line 4: field 'x' is declared twice"},
	    {CLASS "field static final S x = 0001\n", "'x' is a constant"},
	    {CLASS "field static S x = 01\n", "static field 'x' cannot have 1 bytes"},
	    {CLASS "field static [B x = 0G\n", "'0G' is not hexadecimal"},
	    {CLASS "field static [B x = 01\n", "a library cannot have static arrays with contents"},
	    {CLASS "method m(S\n", "is no descriptor of a method"},
	    {CODE "  nonsense\n", "line 4: there is no instruction 'nonsense'"},
	    {CODE "  bspush 128\n", "bspush cannot hold 128"},
	    {CODE "  sload\n", "sload has 1 operands"},
	    {CODE "  sadd\n", "line 4: sadd in 'm' finds 0 of 2 words on the stack"},
	    {CODE "  sconst_0\n", "the code of 'm' runs over its end"},
	    {CODE "l:\n  sconst_0\n  goto l\n", "line 5: sconst_0 in 'm' is reached with 0 and with 1 words"},
	    {CODE "  goto l\n", "label 0 of 'm' is nowhere"},
	    {CODE "l:\nl:\n  sload_0\n  sreturn\n", "line 5: label 0 is placed twice"},
	    {CODE "  new D\n", "line 4: no class 'D' is known"},
	    {CODE "  getstatic_s C.x\n  sreturn\n", "'C' has no static field 'x'"},
	    {CLASS "field static B x\nmethod static m()S\n  getstatic_s C.x\n  sreturn\n",
		"getstatic_s is for another type than 'B'"},
	    {CODE "  invokestatic C.n(S)S\n  sreturn\n", "'C' has no method 'n(S)S' for invokestatic"},
	    {CODE "  invokevirtual C.m(S)S\n  sreturn\n", "'C' has no method 'm(S)S' for invokevirtual"},
	    {CODE "  sload_0\n  invokestatic javacard/framework/Util.getShort(S)S\n  sreturn\n",
		"has no method 'getShort(S)S'"},
	    {CODE "  sload_0\n  slookupswitch d 2:d 1:d\nd:\n  sload_0\n  sreturn\n",
		"the matches of a switch must ascend"},
	    {CODE "a:\n  sload_0\nb:\n  sreturn\nh:\n  pop\n  sload_0\n  sreturn\n  catch any b a h\n",
		"guards nothing"},
	    {CODE "o:\n  sload_0\nb:\n  sreturn\ng:\n  pop\n  sload_0\n  sreturn\nh:\n  pop\n  sload_0\n  sreturn\n"
		  "  catch any o b h\n  catch any o b g\n",
		"the handler of an outer try before that of an inner one"},
	    {HEAD "applet F0494741FF01 C\nclass C extends javacard/framework/Applet\nmethod abstract a()V\n",
		"'C' has no public static install([BSB)V"},
	    {HEAD "applet F0494742FF01 C\nclass C\n", "line 2: the applet's AID does not begin with the RID"},
	    {HEAD "interface I\nmethod m()V\nclass C implements I\nmethod m()V\n  return\n",
		"'C' has no public method 'm()V' of its interface"},
	    {HEAD "class C\nfield [B a\nmethod abstract m()V\n  return\n", "'m' is abstract and has no instructions"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct arena a = {0};
		struct buf cap = {0};
		const char *message = NULL;
		assert_false(asm_text_to_cap(&a, row[i].text, strlen(row[i].text), 0x0201, &cap, &message));
		if (message == NULL || strstr(message, row[i].message) == NULL)
			print_error("row %zu: %s\n", i, message);
		assert_non_null(message);
		assert_non_null(strstr(message, row[i].message));
		assert_int_equal(cap.n, 0);
		arena_free(&a);
		buf_reset(&cap);
	}
}

/* `filler` bytes between a branch and its target: the form and the target as read back. */
static void check_branch(size_t filler, enum op op)
{
	struct arena a = {0};
	struct asm_output out;
	static const uint8_t aid[] = {0xF0, 0x49, 0x47, 0x41, 0xFF};
	struct assembler *s = asm_new(&a, "t", aid, sizeof aid, 0x0100);
	struct asm_class *c = asm_class(s, "C", ACCESS_PUBLIC, NULL);
	struct asm_method *m = asm_method(c, "m", "()V", ACCESS_STATIC);
	unsigned back = asm_new_label(m), on = asm_new_label(m);
	asm_label(m, back);
	asm_push(m, 0);
	asm_branch(m, OP_ifeq, on);
	for (size_t i = 0; i < filler; i++)
		asm_op(m, OP_nop);
	asm_label(m, on);
	asm_branch(m, OP_goto, back);
	assert_true(asm_assemble(s, 0x0201, &out));
	const struct buf *code = &out.component[COMPONENT_Method];
	uint16_t length = 0, offset = asm_method_offset(m, &length);
	size_t end = 3u + offset + 2u + length;
	struct cap_instruction i;
	assert_int_equal(cap_decode(code->p, end, 3u + offset + 2u + 1u, &i), CAP_DECODED);
	assert_int_equal(i.op, op);
	assert_int_equal(i.target, i.at + i.length + filler);
	assert_int_equal(cap_decode(code->p, end, (size_t)i.target, &i), CAP_DECODED);
	assert_int_equal(i.target, 3u + offset + 2u);
	assert_int_equal(i.at + i.length, end);
	asm_output_reset(&out);
	arena_free(&a);
}

static void test_branches(void **state)
{
	(void)state;
	check_branch(0, OP_ifeq);
	check_branch(125, OP_ifeq);
	check_branch(126, OP_ifeq_w);
	check_branch(30000, OP_ifeq_w);
}

/* The import names the lowest version that has what is used; asm_import raises it. */
static void test_versions(void **state)
{
	static const struct {
		const char *line, *import;
		api_version version;
	} row[] = {{"  return\n", "", 0x0100},
	    {"  invokestatic javacard/framework/JCSystem.requestObjectDeletion()V\n", "", 0x0102},
	    {"  invokestatic javacard/framework/JCSystem.commitTransaction()V\n", "", 0x0100},
	    {"  invokestatic javacard/framework/JCSystem.commitTransaction()V\n", "import javacard/framework 1.3\n",
		0x0103}};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct arena a = {0};
		struct buf cap = {0};
		struct cap *c = malloc(sizeof *c);
		struct diag_list d = {0};
		const char *message;
		assert_non_null(c);
		char *text = arena_printf(&a,
		    HEAD "%sclass C\nfield Ljavacard/framework/AID; aid\nmethod static m()V\n%s  return\n",
		    row[i].import, row[i].line);
		assert_true(asm_text_to_cap(&a, text, strlen(text), 0x0201, &cap, &message));
		assert_true(cap_open(c, cap.p, cap.n, "t", &d));
		assert_int_equal(c->n_imports, 2);
		assert_int_equal(c->import[1].version, row[i].version);
		cap_close(c);
		free(c);
		arena_free(&a);
		buf_reset(&cap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_branches),
	    cmocka_unit_test(test_versions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
