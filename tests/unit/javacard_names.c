/* The tables of Java Card names against lists typed apart from them: bytecodes from the chapters of the virtual machine
 * specification, tokens from export files as other tools print them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/javacard/api.h"
#include "runtime/javacard/opcode.h"

/* JCVM table 7-1, in the order of the numbers; a digit is the count of operand bytes when there are any, v varies. */
static const char bytecodes[] =
    "nop aconst_null sconst_m1 sconst_0 sconst_1 sconst_2 sconst_3 sconst_4 sconst_5 iconst_m1 iconst_0 iconst_1 "
    "iconst_2 iconst_3 iconst_4 iconst_5 bspush:1 sspush:2 bipush:1 sipush:2 iipush:4 aload:1 sload:1 iload:1 aload_0 "
    "aload_1 aload_2 aload_3 sload_0 sload_1 sload_2 sload_3 iload_0 iload_1 iload_2 iload_3 aaload baload saload "
    "iaload astore:1 sstore:1 istore:1 astore_0 astore_1 astore_2 astore_3 sstore_0 sstore_1 sstore_2 sstore_3 "
    "istore_0 istore_1 istore_2 istore_3 aastore bastore sastore iastore pop pop2 dup dup2 dup_x:1 swap_x:1 sadd iadd "
    "ssub isub smul imul sdiv idiv srem irem sneg ineg sshl ishl sshr ishr sushr iushr sand iand sor ior sxor ixor "
    "sinc:2 iinc:2 s2b s2i i2b i2s icmp ifeq:1 ifne:1 iflt:1 ifge:1 ifgt:1 ifle:1 ifnull:1 ifnonnull:1 if_acmpeq:1 "
    "if_acmpne:1 if_scmpeq:1 if_scmpne:1 if_scmplt:1 if_scmpge:1 if_scmpgt:1 if_scmple:1 goto:1 jsr:2 ret:1 "
    "stableswitch:v itableswitch:v slookupswitch:v ilookupswitch:v areturn sreturn ireturn return getstatic_a:2 "
    "getstatic_b:2 getstatic_s:2 getstatic_i:2 putstatic_a:2 putstatic_b:2 putstatic_s:2 putstatic_i:2 getfield_a:1 "
    "getfield_b:1 getfield_s:1 getfield_i:1 putfield_a:1 putfield_b:1 putfield_s:1 putfield_i:1 invokevirtual:2 "
    "invokespecial:2 invokestatic:2 invokeinterface:4 new:2 newarray:1 anewarray:2 arraylength athrow checkcast:3 "
    "instanceof:3 sinc_w:3 iinc_w:3 ifeq_w:2 ifne_w:2 iflt_w:2 ifge_w:2 ifgt_w:2 ifle_w:2 ifnull_w:2 ifnonnull_w:2 "
    "if_acmpeq_w:2 if_acmpne_w:2 if_scmpeq_w:2 if_scmpne_w:2 if_scmplt_w:2 if_scmpge_w:2 if_scmpgt_w:2 if_scmple_w:2 "
    "goto_w:2 getfield_a_w:2 getfield_b_w:2 getfield_s_w:2 getfield_i_w:2 getfield_a_this:1 getfield_b_this:1 "
    "getfield_s_this:1 getfield_i_this:1 putfield_a_w:2 putfield_b_w:2 putfield_s_w:2 putfield_i_w:2 putfield_a_this:1 "
    "putfield_b_this:1 putfield_s_this:1 putfield_i_this:1";

static void test_bytecodes(void **state)
{
	(void)state;
	char list[sizeof bytecodes], *save = NULL;
	memcpy(list, bytecodes, sizeof list);
	int op = 0;
	for (char *word = strtok_r(list, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save), op++) {
		char *operands = strchr(word, ':');
		unsigned length = 1;
		if (operands != NULL) {
			length = operands[1] == 'v' ? 0 : 1 + (unsigned)(operands[1] - '0');
			*operands = 0;
		}
		assert_non_null(op_info[op].name);
		assert_string_equal(op_info[op].name, word);
		assert_int_equal(op_info[op].length, length);
		assert_int_equal(op_named(word), op);
	}
	assert_int_equal(op, 185);
	for (; op < 256; op++)
		assert_null(op_info[op].name);
	assert_int_equal(op_named("impdep1"), -1);
}

/* Words on the stack of a row's letters: an int takes two. */
static int words(const char *types)
{
	int n = 0;
	for (; *types != 0; types++)
		n += *types == 'i' ? 2 : 1;
	return n;
}

/* The change of the stack's depth, for a family each. */
static void test_stack(void **state)
{
	static const struct {
		const char *name;
		int change;
	} row[] = {{"nop", 0}, {"aconst_null", 1}, {"sconst_m1", 1}, {"iconst_5", 2}, {"iipush", 2}, {"aload_0", 1},
	    {"iload", 2}, {"baload", -1}, {"iaload", 0}, {"astore", -1}, {"istore_3", -2}, {"bastore", -3},
	    {"iastore", -4}, {"pop2", -2}, {"dup", 1}, {"dup2", 2}, {"sadd", -1}, {"imul", -2}, {"ineg", 0},
	    {"iushr", -2}, {"sinc", 0}, {"s2i", 1}, {"i2b", -1}, {"icmp", -3}, {"ifnull", -1}, {"if_scmple", -2},
	    {"goto", 0}, {"jsr", 1}, {"ret", 0}, {"itableswitch", -2}, {"slookupswitch", -1}, {"ireturn", -2},
	    {"getstatic_i", 2}, {"putstatic_b", -1}, {"getfield_i", 1}, {"putfield_s", -2}, {"putfield_i_w", -3},
	    {"getfield_a_this", 1}, {"putfield_i_this", -2}, {"new", 1}, {"newarray", 0}, {"arraylength", 0},
	    {"athrow", -1}, {"checkcast", 0}, {"instanceof", 0}};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		const struct op_info *o = &op_info[op_named(row[i].name)];
		assert_int_equal(words(o->pushes) - words(o->pops), row[i].change);
	}
	assert_string_equal(op_info[OP_dup_x].pops, "?");
	assert_string_equal(op_info[OP_invokeinterface].pops, "?");
}

static void test_tokens(void **state)
{
	static const struct {
		const char *class, *name, *descriptor;
		enum api_kind kind;
		unsigned class_token, token;
		api_version since;
	} row[] = {
	    {"javacard/framework/Applet", "register", "()V", API_VIRTUAL_METHOD, 3, 1, 0x0100},
	    {"javacard/framework/Applet", "process", "(Ljavacard/framework/APDU;)V", API_VIRTUAL_METHOD, 3, 7, 0x0100},
	    {"javacard/framework/Applet", "reSelectingApplet", "()Z", API_STATIC_METHOD, 3, 2, 0x0105},
	    {"javacard/framework/ISOException", "throwIt", "(S)V", API_STATIC_METHOD, 7, 1, 0x0100},
	    {"javacard/framework/Util", "makeShort", "(BB)S", API_STATIC_METHOD, 16, 5, 0x0100},
	    {"javacard/framework/JCSystem", "makeTransientByteArray", "(SB)[B", API_STATIC_METHOD, 8, 13, 0x0100},
	    {"javacard/framework/JCSystem", "requestObjectDeletion", "()V", API_STATIC_METHOD, 8, 18, 0x0102},
	    {"javacard/framework/APDU", "isValidCLA", "()Z", API_VIRTUAL_METHOD, 10, 17, 0x0104},
	    {"javacard/security/KeyBuilder", "buildKey", "(BSZ)Ljavacard/security/Key;", API_STATIC_METHOD, 13, 0,
		0x0101},
	    {"javacardx/framework/math/BigNumber", "<init>", "(S)V", API_STATIC_METHOD, 1, 0, 0x0100},
	};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		const struct api_package *p = NULL;
		const struct api_class *c = api_class_named(row[i].class, &p);
		assert_non_null(c);
		assert_int_equal(c->token, row[i].class_token);
		assert_ptr_equal(api_class_by_token(p, c->token), c);
		const struct api_member *m = api_member_named(c, row[i].kind, row[i].name, row[i].descriptor);
		assert_non_null(m);
		assert_int_equal(m->token, row[i].token);
		assert_int_equal(m->since, row[i].since);
		assert_ptr_equal(api_member_by_token(c, row[i].kind, row[i].token), m);
	}
	assert_int_equal(api_member_named(api_class_named("javacard/framework/ISO7816", NULL), API_CONSTANT,
			     "SW_FILE_NOT_FOUND", NULL)
			     ->value,
	    0x6A82);
}

static void test_packages(void **state)
{
	static const uint8_t framework[] = {0xA0, 0, 0, 0, 0x62, 1, 1}, platform[] = {0xA0, 0, 0, 1, 0x51, 0};
	(void)state;
	const struct api_package *p = api_package_by_aid(framework, sizeof framework);
	assert_ptr_equal(p, api_package_named("javacard/framework"));
	assert_string_equal(api_release(p, 0x0100), "2.1.1");
	assert_string_equal(api_release(p, 0x0103), "2.2.2");
	assert_string_equal(api_release(p, 0x0107), "3.1.0"); /* no release has just that */
	assert_string_equal(api_release(p, 0x0109), "3.2.0");
	assert_null(api_release(p, 0x010A));
	assert_null(api_release(p, 0x0200));
	p = api_package_by_aid(platform, sizeof platform);
	assert_string_equal(p->name, "org/globalplatform");
	assert_null(api_release(p, 0x0101));
	assert_null(api_package_by_aid(framework, sizeof framework - 1));
	assert_null(api_package_named("javacard"));
	assert_null(api_class_named("javacard/framework/Nothing", NULL));
}

/* One space of tokens has each once, and names lead back to them. */
static size_t check_members(const struct api_class *c)
{
	size_t n = 0;
	for (const struct api_member *m = c->member; m->name != NULL; m++, n++) {
		assert_true((m->kind == API_CONSTANT) == (m->token == API_NO_TOKEN));
		assert_true(m->kind == API_CONSTANT || m->descriptor[0] == '(' || m->kind == API_STATIC_FIELD);
		assert_ptr_equal(api_member_named(c, m->kind, m->name, m->descriptor), m);
		if (m->kind != API_CONSTANT)
			assert_ptr_equal(api_member_by_token(c, m->kind, m->token), m);
	}
	return n;
}

/* What a superclass has at a virtual token, the class has there too. (What the superclass gained later stands behind
 * the methods of the class: MessageDigest.doIntermediateMessageDigest of 1.8.) */
static void check_inheritance(const struct api_class *c)
{
	const struct api_class *super = c->superclass[0] == 0 ? NULL : api_class_named(c->superclass, NULL);
	assert_true((super == NULL) == (strcmp(c->name, "java/lang/Object") == 0));
	if (super == NULL || (c->flags & API_IS_INTERFACE))
		return;
	for (const struct api_member *m = super->member; m->name != NULL; m++) {
		if (m->kind != API_VIRTUAL_METHOD || m->since > c->since)
			continue;
		const struct api_member *own = api_member_by_token(c, m->kind, m->token);
		assert_non_null(own);
		assert_string_equal(own->name, m->name);
		assert_string_equal(own->descriptor, m->descriptor);
	}
}

static void test_table(void **state)
{
	(void)state;
	size_t classes = 0, members = 0, packages = 0;
	for (const struct api_package *p = api_packages; p->name != NULL; p++, packages++) {
		assert_ptr_equal(api_package_named(p->name), p);
		assert_ptr_equal(api_package_by_aid((const uint8_t *)p->aid, p->aid_len), p);
		for (const struct api_class *c = p->class; c->name != NULL; c++, classes++) {
			assert_ptr_equal(api_class_named(c->name, NULL), c);
			assert_ptr_equal(api_class_by_token(p, c->token), c);
			members += check_members(c);
			check_inheritance(c);
		}
	}
	assert_int_equal(packages, 31);
	/* Rows of the export files of 3.2.0 and the Card API 1.7; AID and five of its methods were told twice. */
	assert_int_equal(classes + members, 2333 - 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bytecodes),
	    cmocka_unit_test(test_stack),
	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_packages),
	    cmocka_unit_test(test_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
