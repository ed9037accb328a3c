/* Scripts of API calls, made by an applet: tests/fixtures/javacard/api. The applet is generated here as text for the
 * assembler, one case for every token of the packages asked for, so that a script can call each of them.
 *
 *   Cipher.doFinal #5 #0 0 16 #1 0 = 16     call; #N object N, null, one, numbers; = the result that must come
 *   KeyBuilder.buildKey(BSZ) 15 128 0 > 5   descriptor where a name has several; the result becomes object 5
 *   AESKey.setKey #5 #0 0 ! Crypto 1        it throws CryptoException with reason 1
 *   put 0 16 00112233                       object 0, a byte array, from offset 16
 *   get 1 0 69C4E0D8                        must be there
 *   { ... }                                 calls of one command: object "one" lives no longer (> one)
 *   same 1 0 2 0 16                         object 1 from 0 and object 2 from 0 have the same 16 bytes
 *   differ 1 0 2 0 16
 *   reset, reselect                         power; another selection of the applet
 *
 * Objects 0, 1: byte[1100] persistent; 2: byte[600] transient; 3: short[4]. */
#ifndef IGATA_TESTS_CONSOLE_KIT_H
#define IGATA_TESTS_CONSOLE_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/hex.h"
#include "runtime/cap/cap.h"
#include "runtime/javacard/api.h"
#include "runtime/sim/javacard/machine/vm.h"

#include "tests/unit/support/api_calls.h"

enum { CONSOLE_ONE = 0x7F, CONSOLE_NOTHING = 0xFF, CONSOLE_CLASSES = 80, CONSOLE_PUT = 0xF0, CONSOLE_GET = 0xF1 };

struct console {
	struct sim sim;
	struct jc_chip chip;
	struct buf rsp;
	uint16_t applet;
	const struct api_class *class[CONSOLE_CLASSES];
	unsigned classes;
	unsigned minor;
	/* the script */
	const char *name;
	unsigned line;
	struct buf cmd;
	bool block;
	unsigned calls; /* made so far */
};

static uint32_t console_tape_state = 1;

static inline void console_tape(void *context, uint8_t *out, size_t n)
{
	(void)context;
	for (size_t i = 0; i < n; i++) {
		console_tape_state = console_tape_state * 1664525 + 1013904223;
		out[i] = (uint8_t)(console_tape_state >> 24);
	}
}

static inline sw_t console_may(void *context, uint16_t applet, const uint8_t *aid, size_t n)
{
	(void)context, (void)applet, (void)aid, (void)n;
	return SW_OK;
}

static inline bool console_usable(void *context, uint16_t applet)
{
	(void)context, (void)applet;
	return true;
}

static const struct jc_host console_host = {
    .may_register = console_may, .random = console_tape, .usable = console_usable};

/* --- the applet --- */

static inline bool console_has(const struct console *c, const struct api_member *m)
{
	return m->since <= API_VERSION(1, c->minor) &&
	    (m->kind == API_STATIC_METHOD || m->kind == API_VIRTUAL_METHOD || m->kind == API_INTERFACE_METHOD);
}

static inline void console_line(struct buf *b, const char *format, const char *a, const char *d)
{
	char line[400];
	int n = snprintf(line, sizeof line, format, a, d);
	buf_add(b, line, (size_t)n);
}

/* Push one argument; the next character of the descriptor. */
static inline const char *console_argument(struct buf *b, const char *d)
{
	char type[100];
	size_t n = 1;
	if (*d == 'S' || *d == 'Z' || *d == 'B') {
		console_line(b, "  invokestatic Console.w()S\n%s%s", *d == 'B' ? "  s2b\n" : "", "");
		return d + 1;
	}
	if (*d == '[')
		n = 2;
	else
		n = strcspn(d, ";") + 1;
	snprintf(type, sizeof type, "%.*s", *d == '[' ? (int)n : (int)n - 2, *d == '[' ? d : d + 1);
	console_line(b, "  aload_0\n  invokestatic Console.o(Ljava/lang/Object;)Ljava/lang/Object;\n  checkcast %s\n%s",
	    type, "");
	return d + n;
}

static inline void console_call(struct buf *b, const struct api_class *class, const struct api_member *m)
{
	char target[300];
	bool constructor = strcmp(m->name, "<init>") == 0;
	const char *d = m->descriptor + 1;
	snprintf(target, sizeof target, "%s.%s%s", class->name, m->name, m->descriptor);
	if (constructor)
		console_line(b, "  new %s\n  dup\n%s", class->name, "");
	else if (m->kind != API_STATIC_METHOD)
		console_line(b,
		    "  aload_0\n  invokestatic Console.o(Ljava/lang/Object;)Ljava/lang/Object;\n  checkcast %s\n%s",
		    class->name, "");
	while (*d != ')')
		d = console_argument(b, d);
	console_line(b, "  %s %s\n",
	    constructor                         ? "invokespecial"
		: m->kind == API_STATIC_METHOD  ? "invokestatic"
		: m->kind == API_VIRTUAL_METHOD ? "invokevirtual"
						: "invokeinterface",
	    target);
	d++;
	if (constructor || *d == 'L' || *d == '[')
		console_line(b, "%s%s", "  areturn\n", "");
	else
		console_line(
		    b, "%s%s", *d == 'V' ? "" : "  invokestatic Console.result(S)V\n", "  aconst_null\n  areturn\n");
}

static inline bool console_calls(const struct api_class *class, const struct api_member *m)
{
	bool constructor = strcmp(m->name, "<init>") == 0;
	return !constructor || (class->flags & API_ABSTRACT) == 0;
}

static inline void console_class(struct console *c, struct buf *b, unsigned i)
{
	char text[80];
	unsigned n = 0;
	snprintf(text, sizeof text, "method static c%u(Ljava/lang/Object;S)Ljava/lang/Object;\n", i);
	console_line(b, "%s  sload_1\n  stableswitch none 0%s", text, "");
	for (const struct api_member *m = c->class[i] -> member; m->name != NULL; m++)
		if (console_has(c, m)) {
			snprintf(text, sizeof text, " m%u", n++);
			console_line(b, "%s%s", text, "");
		}
	console_line(b, "%s%s", "\n", "");
	n = 0;
	for (const struct api_member *m = c->class[i] -> member; m->name != NULL; m++)
		if (console_has(c, m)) {
			snprintf(text, sizeof text, "m%u:\n", n++);
			console_line(b, "%s%s", text, "");
			if (console_calls(c->class[i], m))
				console_call(b, c->class[i], m);
			else
				console_line(b, "%s%s", "  goto none\n", "");
		}
	console_line(b, "%s%s", "none:\n  sspush 25859\n  invokestatic javacard/framework/ISOException.throwIt(S)V\n",
	    "  aconst_null\n  areturn\n");
}

static inline void console_package(struct console *c, const char *name)
{
	const struct api_package *p = api_package_named(name);
	assert_non_null(p);
	for (const struct api_class *k = p->class; k->name != NULL; k++)
		if (k->since <= API_VERSION(1, c->minor) && c->classes < CONSOLE_CLASSES)
			c->class[c->classes++] = k;
}

/* Catch one class of exceptions: its number and the reason become the status word. */
static inline void console_catch(struct buf *b, unsigned number, bool reason, const char *class)
{
	char text[200];
	snprintf(text, sizeof text, "h%u:\n%s  sspush %u\n", number, reason ? "" : "  pop\n", 0x6400 + (number << 8));
	console_line(b, "%s%s", text, "");
	if (reason) {
		console_line(b, "  swap_x 1 1\n  invokevirtual %s.getReason()S\n%s", class, "");
		console_line(b, "%s%s", "  sspush 255\n  sand\n  sor\n", "");
	}
	console_line(b, "%s%s", "  invokestatic javacard/framework/ISOException.throwIt(S)V\n  return\n", "");
}

static const char *const console_exceptions[][2] = {{"Crypto", "javacard/security/CryptoException"},
    {"System", "javacard/framework/SystemException"}, {"Transaction", "javacard/framework/TransactionException"},
    {"NullPointer", "java/lang/NullPointerException"}, {"ArrayIndex", "java/lang/ArrayIndexOutOfBoundsException"},
    {"Security", "java/lang/SecurityException"}, {"ClassCast", "java/lang/ClassCastException"}};
enum { CONSOLE_EXCEPTIONS = 7, CONSOLE_WITH_REASON = 3 };

static const char console_head[] =
    "package tests/console F04947410F40 1.0\napplet F04947410F4001 Console\n"
    "class Console public extends javacard/framework/Applet\n"
    "field static [Ljava/lang/Object; slots\nfield static [B buffer\nfield static [B out\nfield static [S state\n"
    "method <init>()V\n  aload_0\n  invokespecial javacard/framework/Applet.<init>()V\n"
    "  bspush 60\n  anewarray java/lang/Object\n  putstatic_a Console.slots\n"
    "  getstatic_a Console.slots\n  sconst_0\n  sspush 1100\n  newarray B\n  aastore\n"
    "  getstatic_a Console.slots\n  sconst_1\n  sspush 1100\n  newarray B\n  aastore\n"
    "  getstatic_a Console.slots\n  sconst_2\n  sspush 600\n  sconst_1\n"
    "  invokestatic javacard/framework/JCSystem.makeTransientByteArray(SB)[B\n  aastore\n"
    "  getstatic_a Console.slots\n  sconst_3\n  sconst_4\n  newarray S\n  aastore\n"
    "  sspush 256\n  sconst_1\n  invokestatic javacard/framework/JCSystem.makeTransientByteArray(SB)[B\n"
    "  putstatic_a Console.out\n"
    "  sspush 256\n  sconst_1\n  invokestatic javacard/framework/JCSystem.makeTransientByteArray(SB)[B\n"
    "  putstatic_a Console.buffer\n"
    "  sconst_3\n  sconst_1\n  invokestatic javacard/framework/JCSystem.makeTransientShortArray(SB)[S\n"
    "  putstatic_a Console.state\n"
    "  aload_0\n  invokevirtual javacard/framework/Applet.register()V\n  return\n"
    /* Numbers of the command: an aborted transaction must not take them back. */
    "method static at()S\n  getstatic_a Console.state\n  sconst_0\n  saload\n  sreturn\n"
    "method static at(S)V\n  getstatic_a Console.state\n  sconst_0\n  sload_0\n  sastore\n  return\n"
    "method static outs()S\n  getstatic_a Console.state\n  sconst_1\n  saload\n  sreturn\n"
    "method static outs(S)V\n  getstatic_a Console.state\n  sconst_1\n  sload_0\n  sastore\n  return\n"
    "method static result()S\n  getstatic_a Console.state\n  sconst_2\n  saload\n  sreturn\n"
    "method static result(S)V\n  getstatic_a Console.state\n  sconst_2\n  sload_0\n  sastore\n  return\n"
    "method public static install([BSB)V\n  new Console\n  invokespecial Console.<init>()V\n  return\n"
    "method static w()S\n  getstatic_a Console.buffer\n  invokestatic Console.at()S\n"
    "  invokestatic javacard/framework/Util.getShort([BS)S\n"
    "  invokestatic Console.at()S\n  sconst_2\n  sadd\n  invokestatic Console.at(S)V\n  sreturn\n"
    "method static b()S\n  getstatic_a Console.buffer\n  invokestatic Console.at()S\n  baload\n  sspush 255\n  sand\n"
    "  invokestatic Console.at()S\n  sconst_1\n  sadd\n  invokestatic Console.at(S)V\n  sreturn\n"
    "method static o(Ljava/lang/Object;)Ljava/lang/Object;\n  invokestatic Console.w()S\n  sstore_1\n"
    "  sload_1\n  sconst_m1\n  if_scmpne some\n  aconst_null\n  areturn\n"
    "some:\n  sload_1\n  bspush 127\n  if_scmpne slot\n  aload_0\n  areturn\n"
    "slot:\n  getstatic_a Console.slots\n  sload_1\n  aaload\n  areturn\n"
    /* | slot 1 | offset 2 | length 1 | bytes | and | slot 1 | offset 2 | length 1 | */
    "method static put()V\n"
    "  getstatic_a Console.slots\n  invokestatic Console.b()S\n  aaload\n  checkcast [B\n  astore_0\n"
    "  invokestatic Console.w()S\n  sstore_1\n  invokestatic Console.b()S\n  sstore_2\n"
    "  getstatic_a Console.buffer\n  invokestatic Console.at()S\n  aload_0\n  sload_1\n  sload_2\n"
    "  invokestatic javacard/framework/Util.arrayCopyNonAtomic([BS[BSS)S\n  pop\n"
    "  invokestatic Console.at()S\n  sload_2\n  sadd\n  invokestatic Console.at(S)V\n  return\n"
    "method static get()V\n"
    "  getstatic_a Console.slots\n  invokestatic Console.b()S\n  aaload\n  checkcast [B\n"
    "  invokestatic Console.w()S\n  invokestatic Console.b()S\n  sstore_0\n"
    "  getstatic_a Console.out\n  sconst_0\n  sload_0\n"
    "  invokestatic javacard/framework/Util.arrayCopyNonAtomic([BS[BSS)S\n  invokestatic Console.outs(S)V\n  return\n"
    "method static answer(S)V\n  getstatic_a Console.out\n  invokestatic Console.outs()S\n  sload_0\n"
    "  invokestatic javacard/framework/Util.setShort([BSS)S\n  invokestatic Console.outs(S)V\n  return\n";

static const char console_process[] =
    "method static run(S)V\n  sload_0\n  invokestatic Console.at()S\n  sadd\n  sstore_1\n  aconst_null\n  astore 4\n"
    "next:\n  invokestatic Console.at()S\n  sload_1\n  if_scmplt_w more\n  return\n"
    "more:\n  invokestatic Console.b()S\n  sstore_2\n"
    "  sload_2\n  sspush 240\n  if_scmpne notput\n  invokestatic Console.put()V\n  goto_w next\n"
    "notput:\n  sload_2\n  sspush 241\n  if_scmpne call\n  invokestatic Console.get()V\n  goto_w next\n"
    "call:\n  sconst_0\n  invokestatic Console.result(S)V\n  sload_2\n  aload 4\n  invokestatic Console.b()S\n"
    "  invokestatic Console.b()S\n  sstore_3\n  invokestatic Console.class(SLjava/lang/Object;S)Ljava/lang/Object;\n"
    "  astore 5\n  invokestatic Console.result()S\n  invokestatic Console.answer(S)V\n"
    "  sload_3\n  bspush 127\n  if_scmpne notone\n  aload 5\n  astore 4\n  goto_w next\n"
    "notone:\n  sload_3\n  sspush 255\n  if_scmpeq_w next\n"
    "  getstatic_a Console.slots\n  sload_3\n  aload 5\n  aastore\n  goto_w next\n"
    "method public process(Ljavacard/framework/APDU;)V\n"
    "  aload_0\n  invokevirtual javacard/framework/Applet.selectingApplet()Z\n  ifeq begin\n  return\n"
    "begin:\n  sconst_0\n  invokestatic Console.at(S)V\n  sconst_0\n  invokestatic Console.outs(S)V\n"
    "from:\n  aload_1\n  invokevirtual javacard/framework/APDU.setIncomingAndReceive()S\n  sstore_2\n"
    "  aload_1\n  invokevirtual javacard/framework/APDU.getBuffer()[B\n  sconst_5\n"
    "  getstatic_a Console.buffer\n  sconst_0\n  sload_2\n"
    "  invokestatic javacard/framework/Util.arrayCopyNonAtomic([BS[BSS)S\n  pop\n"
    "  sload_2\n  invokestatic Console.run(S)V\n"
    "to:\n  aload_1\n  invokevirtual javacard/framework/APDU.setOutgoing()S\n  pop\n"
    "  aload_1\n  invokestatic Console.outs()S\n  invokevirtual javacard/framework/APDU.setOutgoingLength(S)V\n"
    "  aload_1\n  getstatic_a Console.out\n  sconst_0\n  invokestatic Console.outs()S\n"
    "  invokevirtual javacard/framework/APDU.sendBytesLong([BSS)V\n  return\n";

/* The text of the applet that calls everything in the packages up to version 1.minor. */
static inline void console_text(struct console *c, struct buf *b)
{
	char text[200];
	console_package(c, "javacard/security");
	console_package(c, "javacardx/crypto");
	c->class[c->classes++] = api_class_named("javacard/framework/JCSystem", NULL);
	buf_add(b, console_head, sizeof console_head - 1);
	console_line(b, "%s%s", "method static class(SLjava/lang/Object;S)Ljava/lang/Object;\n",
	    "  aload_1\n  sload_2\n  sload_0\n  stableswitch none 0");
	for (unsigned i = 0; i < c->classes; i++) {
		snprintf(text, sizeof text, " k%u", i);
		console_line(b, "%s%s", text, i + 1 == c->classes ? "\n" : "");
	}
	for (unsigned i = 0; i < c->classes; i++) {
		snprintf(text, sizeof text,
		    "k%u:\n  invokestatic Console.c%u(Ljava/lang/Object;S)Ljava/lang/Object;\n  areturn\n", i, i);
		console_line(b, "%s%s", text, "");
	}
	console_line(b, "%s%s", "none:\n  pop2\n  aconst_null\n  areturn\n", "");
	for (unsigned i = 0; i < c->classes; i++)
		console_class(c, b, i);
	buf_add(b, console_process, sizeof console_process - 1);
	for (unsigned i = 0; i < CONSOLE_EXCEPTIONS; i++)
		console_catch(b, i, i < CONSOLE_WITH_REASON, console_exceptions[i][1]);
	for (unsigned i = 0; i < CONSOLE_EXCEPTIONS; i++) {
		snprintf(text, sizeof text, "  catch %s from to h%u\n", console_exceptions[i][1], i);
		console_line(b, "%s%s", text, "");
	}
}

/* --- the card --- */

static inline void console_power_up(struct console *c)
{
	free(c->sim.ram);
	c->sim.ram_size = (uint32_t)jc_ram_size(&c->chip, 0);
	c->sim.ram = calloc(1, c->sim.ram_size);
	assert_non_null(c->sim.ram);
	assert_true(jc_power_up(&c->sim, &console_host));
	api_calls_watch(jc_of(&c->sim));
}

static inline void console_select(struct console *c)
{
	struct jc *jc = jc_of(&c->sim);
	static const uint8_t select[] = {0, 0xA4, 4, 0, 7, 0xF0, 0x49, 0x47, 0x41, 0x0F, 0x40, 1, 0};
	if (jc_selected_on(jc, 0) != JC_NOBODY)
		jc_deselect(jc, 0);
	assert_true(jc_select(jc, c->applet, 0));
	buf_clear(&c->rsp);
	jc_process(jc, 0, true, select, sizeof select, &c->rsp);
	assert_int_equal(c->rsp.n, 2);
}

static inline struct jc_chip console_chip(void)
{
	struct jc_chip chip = {.version = 0x0300,
	    .persistent = 200000,
	    .reset = 8192,
	    .deselect = 4096,
	    .commit = 2048,
	    .apdu_buffer = 261,
	    .channels = 1,
	    .int_supported = true,
	    .object_deletion = true,
	    .t1 = true};
	for (unsigned i = 0; i < JC_ROM_PACKAGES; i++)
		chip.minor[i] = jc_rom[i] == NULL ? JC_ABSENT : jc_rom[i]->minor;
	memset(chip.algorithm, 0xFF, sizeof chip.algorithm);
	return chip;
}

static inline void console_load(struct console *c, struct buf *file)
{
	struct cap *cap = calloc(1, sizeof *cap);
	struct diag_list d = {0};
	struct buf load = {0};
	uint8_t package, params[20] = {0};
	struct jc *jc = jc_of(&c->sim);
	assert_true(cap_open(cap, file->p, file->n, "console", &d));
	cap_load_data(cap, false, &load);
	assert_int_equal(jc_load_begin(jc, cap->aid.p, cap->aid.n, 0), SW_OK);
	assert_int_equal(jc_load_bytes(jc, load.p, load.n), SW_OK);
	assert_int_equal(jc_load_end(jc, &package), SW_OK);
	nv_begin(&c->sim.nv);
	jc_load_commit(jc);
	assert_true(nv_commit(&c->sim.nv));
	jc_load_done(jc);
	params[0] = (uint8_t)cap->applet[0].aid.n;
	memcpy(params + 1, cap->applet[0].aid.p, cap->applet[0].aid.n);
	assert_int_equal(jc_install(jc, package, 0, cap->applet[0].aid.p, cap->applet[0].aid.n, params,
			     cap->applet[0].aid.n + 3, &c->applet),
	    SW_OK);
	nv_begin(&c->sim.nv);
	jc_install_commit(jc);
	assert_true(nv_commit(&c->sim.nv));
	jc_install_done(jc);
	cap_close(cap);
	free(cap);
	buf_reset(&load);
}

static inline void console_new(struct console *c, const struct jc_chip *chip)
{
	struct buf text = {0}, file = {0};
	struct arena arena = {0};
	const char *message = NULL;
	*c = (struct console){.chip = *chip, .minor = 6};
	c->sim.nv.size = jc_memory_size(chip, 64);
	c->sim.nv.mem = calloc(1, c->sim.nv.size);
	assert_non_null(c->sim.nv.mem);
	c->sim.nv.cut = NV_NO_CUT;
	jc_deliver(&c->sim.nv, chip, 64);
	c->sim.powered = true;
	console_power_up(c);
	console_text(c, &text);
	if (!asm_text_to_cap(&arena, (const char *)text.p, text.n, API_VERSION(2, 1), &file, &message))
		fail_msg("%s", message);
	console_load(c, &file);
	console_select(c);
	buf_reset(&text);
	buf_reset(&file);
	arena_free(&arena);
}

static inline void console_free(struct console *c)
{
	free(c->sim.ram);
	free(c->sim.nv.mem);
	buf_reset(&c->rsp);
	buf_reset(&c->cmd);
}

/* Send c->cmd; the status word. */
static inline sw_t console_send(struct console *c)
{
	uint8_t cmd[600] = {0x80, 1, 0, 0};
	struct jc *jc = jc_of(&c->sim);
	assert_true(c->cmd.n > 0 && c->cmd.n < 256);
	cmd[4] = (uint8_t)c->cmd.n;
	memcpy(cmd + 5, c->cmd.p, c->cmd.n);
	buf_clear(&c->rsp);
	jc_process(jc, 0, false, cmd, 5 + c->cmd.n, &c->rsp);
	buf_clear(&c->cmd);
	assert_true(c->rsp.n >= 2);
	return (sw_t)(c->rsp.p[c->rsp.n - 2] << 8 | c->rsp.p[c->rsp.n - 1]);
}

/* --- scripts --- */

#define console_fail(c, ...)                                                                                           \
	do {                                                                                                           \
		print_error("%s line %u: ", (c)->name, (c)->line);                                                     \
		fail_msg(__VA_ARGS__);                                                                                 \
	} while (0)

/* "Class.method" or "Class.method(descriptor": its numbers. */
static inline const struct api_member *console_find(struct console *c, const char *word, unsigned *class, unsigned *at)
{
	const char *dot = strchr(word, '.'), *paren = strchr(word, '(');
	size_t name = dot == NULL ? 0 : paren != NULL ? (size_t)(paren - dot - 1) : strlen(dot + 1);
	for (unsigned i = 0; dot != NULL && i < c->classes; i++) {
		const char *base = strrchr(c->class[i] -> name, '/') + 1;
		unsigned n = 0;
		if (strlen(base) != (size_t)(dot - word) || memcmp(base, word, (size_t)(dot - word)) != 0)
			continue;
		for (const struct api_member *m = c->class[i] -> member; m->name != NULL; m++) {
			if (!console_has(c, m))
				continue;
			if (strlen(m->name) == name && memcmp(m->name, dot + 1, name) == 0 &&
			    (paren == NULL || strncmp(m->descriptor, paren, strlen(paren)) == 0)) {
				*class = i;
				*at = n;
				return m;
			}
			n++;
		}
	}
	console_fail(c, "no method %s", word);
	return NULL;
}

static inline void console_word(struct console *c, const char *w)
{
	unsigned v;
	if (strcmp(w, "null") == 0)
		v = 0xFFFF;
	else if (strcmp(w, "one") == 0)
		v = CONSOLE_ONE;
	else
		v = (unsigned)strtol(w[0] == '#' ? w + 1 : w, NULL, 0);
	buf_u16(&c->cmd, v & 0xFFFF);
}

/* The status word that an exception becomes. */
static inline sw_t console_throws(struct console *c, const char *name, const char *reason)
{
	for (unsigned i = 0; i < CONSOLE_EXCEPTIONS; i++)
		if (strcmp(name, console_exceptions[i][0]) == 0)
			return (sw_t)(0x6400 + (i << 8) + (reason == NULL ? 0u : (unsigned)atoi(reason)));
	console_fail(c, "no exception %s", name);
	return 0;
}

static inline void console_expect(struct console *c, const char *sign, const char *a, const char *b)
{
	sw_t want = sign != NULL && *sign == '!' ? console_throws(c, a, b) : SW_OK;
	sw_t sw = console_send(c);
	if (sw != want)
		console_fail(c, "status word %04X, not %04X", sw, want);
	if (sign != NULL && *sign == '=') {
		long v = c->rsp.n < 4 ? -1 : (int16_t)(c->rsp.p[c->rsp.n - 4] << 8 | c->rsp.p[c->rsp.n - 3]);
		if (v != strtol(a, NULL, 0))
			console_fail(c, "result %ld, not %s", v, a);
	}
}

enum { CONSOLE_WORDS = 24 };

static inline void console_method(struct console *c, char **word, unsigned n)
{
	unsigned class = 0, at = 0, i = 1, dest = CONSOLE_NOTHING;
	console_find(c, word[0], &class, &at);
	buf_u8(&c->cmd, class);
	buf_u8(&c->cmd, at);
	size_t dest_at = c->cmd.n;
	buf_u8(&c->cmd, dest);
	while (i < n && strchr("=!>", word[i][0]) == NULL)
		console_word(c, word[i++]);
	c->calls++;
	if (i < n && word[i][0] == '>') {
		c->cmd.p[dest_at] = strcmp(word[i + 1], "one") == 0 ? CONSOLE_ONE : (uint8_t)atoi(word[i + 1]);
		i += 2;
	}
	if (!c->block)
		console_expect(
		    c, i < n ? word[i] : NULL, i + 1 < n ? word[i + 1] : NULL, i + 2 < n ? word[i + 2] : NULL);
}

static inline void console_put(struct console *c, unsigned slot, unsigned off, const char *hex)
{
	uint8_t b[1200];
	size_t n;
	if (!hex_decode(hex, strlen(hex), b, sizeof b, &n))
		console_fail(c, "no bytes: %.40s", hex);
	for (size_t at = 0; at < n; at += 200) {
		size_t len = n - at < 200 ? n - at : 200;
		buf_u8(&c->cmd, CONSOLE_PUT);
		buf_u8(&c->cmd, slot);
		buf_u16(&c->cmd, off + (unsigned)at);
		buf_u8(&c->cmd, (unsigned)len);
		buf_add(&c->cmd, b + at, len);
		sw_t sw = c->block ? SW_OK : console_send(c);
		if (sw != SW_OK)
			console_fail(c, "status word %04X", sw);
	}
}

static inline void console_bytes(struct console *c, unsigned slot, unsigned off, uint8_t *out, size_t n)
{
	for (size_t at = 0; at < n; at += 200) {
		size_t len = n - at < 200 ? n - at : 200;
		buf_u8(&c->cmd, CONSOLE_GET);
		buf_u8(&c->cmd, slot);
		buf_u16(&c->cmd, off + (unsigned)at);
		buf_u8(&c->cmd, (unsigned)len);
		if (console_send(c) != SW_OK || c->rsp.n != len + 2)
			console_fail(c, "no such array");
		memcpy(out + at, c->rsp.p, len);
	}
}

static inline void console_get(struct console *c, unsigned slot, unsigned off, const char *hex)
{
	uint8_t want[1200], is[1200];
	char text[2401];
	size_t n;
	if (!hex_decode(hex, strlen(hex), want, sizeof want, &n))
		console_fail(c, "no bytes: %.40s", hex);
	console_bytes(c, slot, off, is, n);
	if (memcmp(is, want, n) == 0)
		return;
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02X", is[i]);
	console_fail(c, "object %u has %s", slot, text);
}

static inline void console_compare(struct console *c, char **word, bool same)
{
	uint8_t a[1200], b[1200];
	size_t n = (size_t)atoi(word[5]);
	console_bytes(c, (unsigned)atoi(word[1]), (unsigned)atoi(word[2]), a, n);
	console_bytes(c, (unsigned)atoi(word[3]), (unsigned)atoi(word[4]), b, n);
	if ((memcmp(a, b, n) == 0) != same)
		console_fail(c, "the bytes %s", same ? "differ" : "are the same");
}

/* One line; it is changed. */
static inline void console_do(struct console *c, char *line)
{
	char *word[CONSOLE_WORDS], *save = NULL;
	unsigned n = 0;
	line[strcspn(line, "\r\n")] = 0;
	for (char *w = strtok_r(line, " ", &save); w != NULL && n < CONSOLE_WORDS && *w != ';';
	     w = strtok_r(NULL, " ", &save))
		word[n++] = w;
	if (n == 0)
		return;
	if (strcmp(word[0], "put") == 0)
		console_put(c, (unsigned)atoi(word[1]), (unsigned)atoi(word[2]), word[3]);
	else if (strcmp(word[0], "get") == 0)
		console_get(c, (unsigned)atoi(word[1]), (unsigned)atoi(word[2]), word[3]);
	else if (strcmp(word[0], "same") == 0 || strcmp(word[0], "differ") == 0)
		console_compare(c, word, word[0][0] == 's');
	else if (strcmp(word[0], "reset") == 0) {
		console_power_up(c);
		console_select(c);
	} else if (strcmp(word[0], "reselect") == 0)
		console_select(c);
	else if (strcmp(word[0], "{") == 0)
		c->block = true;
	else if (strcmp(word[0], "}") == 0) {
		c->block = false;
		console_expect(c, n > 1 ? word[1] : NULL, n > 2 ? word[2] : NULL, n > 3 ? word[3] : NULL);
	} else
		console_method(c, word, n);
}

static inline void console_script(struct console *c, const char *name)
{
	char path[100];
	static char line[4096];
	c->name = name;
	c->line = 0;
	snprintf(path, sizeof path, "tests/fixtures/javacard/api/%s.calls", name);
	FILE *f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s", path);
	while (fgets(line, sizeof line, f) != NULL) {
		c->line++;
		console_do(c, line);
	}
	fclose(f);
}

#endif
