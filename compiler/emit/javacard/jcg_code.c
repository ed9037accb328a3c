#include "compiler/emit/javacard/jcg.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compiler/emit/javacard/text_inside.h"

enum { WORDS = JCG_COMMANDS + 8 };

/* ---- names ---- */

static const char *const routine_name[] = {
#define ROUTINE(name) #name,
#include "compiler/emit/javacard/routines.def"
#undef ROUTINE
};

static void (*const routine_code[])(struct jcg *g) = {
#define ROUTINE(name) jcg_routine_##name,
#include "compiler/emit/javacard/routines.def"
#undef ROUTINE
};

enum { ROUTINES = sizeof routine_name / sizeof *routine_name };

static size_t routine_index(const char *name)
{
	size_t i = 0;
	while (i < ROUTINES && strcmp(routine_name[i], name) != 0)
		i++;
	assert(i < ROUTINES && "a routine that is not in routines.def");
	return i;
}

static const char *local_number(struct jcg *g, const char *name)
{
	unsigned i = 0;
	while (i < g->n_locals && strcmp(g->local[i], name) != 0)
		i++;
	if (i == g->n_locals) {
		assert(i < JCG_LOCALS);
		g->local[g->n_locals++] = arena_strdup(g->a, name);
	}
	g->uses[i]++;
	return arena_printf(g->a, "%u", i);
}

static void note_fail(struct jcg *g, const char *digits)
{
	unsigned sw = 0;
	assert(strlen(digits) == 4);
	sscanf(digits, "%x", &sw);
	for (size_t i = 0; i < g->n_fails; i++)
		if (g->fail[i] == sw)
			return;
	assert(g->n_fails < sizeof g->fail / sizeof *g->fail);
	g->fail[g->n_fails++] = (uint16_t)sw;
}

static const struct {
	const char *name, *type;
} fields[] = {
    {"data", "[B"},
    {"ram", "[B"},
    {"command", "[B"},
    {"keys", "[Ljavacard/security/Key;"},
    {"pins", "[Ljavacard/framework/OwnerPIN;"},
    {"aes", "Ljavacardx/crypto/Cipher;"},
    {"des", "Ljavacardx/crypto/Cipher;"},
    {"ksenc", "Ljavacard/security/AESKey;"},
    {"ksmac", "Ljavacard/security/AESKey;"},
    {"kdenc", "Ljavacard/security/DESKey;"},
    {"kdmac", "Ljavacard/security/DESKey;"},
    {"retail", "Ljavacard/security/Signature;"},
    {"sha", "Ljavacard/security/MessageDigest;"},
    {"random", "Ljavacard/security/RandomData;"},
};

/* Declared when first named. bytes and shorts are static, and declared at the end, when their contents are known. */
static void note_field(struct jcg *g, const char *name)
{
	for (size_t i = 0; i < g->n_fields; i++)
		if (strcmp(g->field[i], name) == 0)
			return;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		assert(g->n_fields < sizeof g->field / sizeof *g->field);
		g->field[g->n_fields++] = fields[i].name;
		asm_field(g->class, fields[i].name, fields[i].type, ACCESS_PRIVATE);
	}
}

/* ---- lines ---- */

/* A word that may be a label; the text reader takes any word for one. */
static char *label_word(struct jcg *g, char *word)
{
	char *colon = strchr(word, ':'); /* here it is, it is not gone to */
	if (word[0] == '.' && colon != NULL) {
		*colon = 0;
		return arena_printf(g->a, "%s#%u:", word, g->scope);
	}
	if (colon != NULL)
		return word;
	switch (word[0]) {
	case '.':
		return arena_printf(g->a, "%s#%u", word, g->scope);
	case '@':
		g->called[routine_index(word + 1)] = true;
		g->calls[routine_index(word + 1)]++;
		return word;
	case '!':
		note_fail(g, word + 1);
		return word;
	default:
		return word;
	}
}

/* "MATCH:LABEL" of a lookup switch. */
static char *switch_word(struct jcg *g, char *word)
{
	char *colon = strchr(word, ':');
	if (colon == NULL || colon == word || strchr("-0123456789", word[0]) == NULL)
		return label_word(g, word);
	*colon = 0;
	return arena_printf(g->a, "%s:%s", word, label_word(g, colon + 1));
}

static void call(struct jcg *g, const char *name)
{
	static const struct {
		const char *name;
		enum op op;
		const char *class, *method, *descriptor;
	} calls[] = {
#define CALL(name, op, class, method, descriptor) {#name, OP_##op, class, method, descriptor},
#include "compiler/emit/javacard/calls.def"
#undef CALL
	};
	size_t i = 0;
	while (i < sizeof calls / sizeof *calls && strcmp(calls[i].name, name) != 0)
		i++;
	assert(i < sizeof calls / sizeof *calls && "a method that is not in calls.def");
	asm_invoke(g->method, calls[i].op, calls[i].class, calls[i].method, calls[i].descriptor);
}

static bool has_local(int op)
{
	enum op_form form = op < 0 ? OP_FORM_NONE : op_info[op].form;
	return form == OP_FORM_LOCAL || form == OP_FORM_LOCAL_S1 || form == OP_FORM_LOCAL_S2;
}

/* What a command does with its answer goes through secure messaging where the AP has that. */
static bool divert(struct jcg *g, char *word[], size_t n)
{
	if (strcmp(word[0], "platform-return") == 0) {
		asm_op(g->method, OP_return);
		return true;
	}
	if (!g->diverts)
		return false;
	if (strcmp(word[0], "return") == 0)
		jcg_code(g, "goto &done");
	else if (n == 2 && strcmp(word[0], "call") == 0 && strcmp(word[1], "setOutgoing") == 0)
		jcg_code(g, "pop ; jsr @le ; sload le");
	else
		return false;
	return true;
}

static void put(struct jcg *g, char *word[], size_t n)
{
	g->text->word = word;
	g->text->n_words = n;
	g->text->method = g->method;
	asm_text_instruction(g->text);
}

/* The routine, instead of the only call of it. */
static void write_inline(struct jcg *g, size_t routine)
{
	const char *outer = g->inlined;
	unsigned scope = g->scope;
	g->written[routine] = true;
	g->inlined = routine_name[routine];
	jcg_begin(g, NULL);
	routine_code[routine](g);
	g->leaves = false;
	put(g, (char *[]){arena_printf(g->a, "@end-%s:", g->inlined)}, 1);
	g->inlined = outer;
	g->scope = scope;
}

/* Calls of routines that are called once, and the returns of those. */
static bool inlines(struct jcg *g, char *word[], size_t n)
{
	if (g->leaves) {
		g->leaves = false;
		put(g, (char *[]){arena_strdup(g->a, "goto"), arena_printf(g->a, "@end-%s", g->inlined)}, 2);
	}
	if (n != 2 || g->first == NULL)
		return false;
	if (strcmp(word[0], "ret") == 0 && g->inlined != NULL && strcmp(word[1] + 3, g->inlined) == 0)
		return g->leaves = true;
	if (strcmp(word[0], "jsr") != 0 || word[1][0] != '@')
		return false;
	size_t routine = routine_index(word[1] + 1);
	if (g->first->calls[routine] != 1 || g->written[routine])
		return false;
	write_inline(g, routine);
	return true;
}

static void line(struct jcg *g, char *word[], size_t n)
{
	if (inlines(g, word, n))
		return;
	if (divert(g, word, n))
		return;
	if (strcmp(word[0], "call") == 0) {
		assert(n == 2);
		call(g, word[1]);
		return;
	}
	if (n > 1 && has_local(op_named(word[0])))
		word[1] = (char *)local_number(g, word[1]);
	else
		for (size_t i = 0; i < n; i++)
			word[i] = switch_word(g, word[i]);
	if (n == 2 && strncmp(word[1], "Ap.", 3) == 0)
		note_field(g, word[1] + 3);
	put(g, word, n);
}

void jcg_code(struct jcg *g, const char *fmt, ...)
{
	char text[4096], *end = NULL;
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < sizeof text);
	for (char *one = strtok_r(text, "\n;", &end); one != NULL; one = strtok_r(NULL, "\n;", &end)) {
		char *word[WORDS], *rest = NULL;
		size_t words = 0;
		for (char *w = strtok_r(one, " \t", &rest); w != NULL; w = strtok_r(NULL, " \t", &rest)) {
			assert(words < WORDS);
			word[words++] = w;
		}
		if (words != 0)
			line(g, word, words);
	}
}

void jcg_begin(struct jcg *g, const char *label)
{
	g->scope = ++g->scopes;
	if (label != NULL)
		jcg_code(g, "%s:", label);
}

/* ---- the end of a method ---- */

/* process comes first, and is the one that matters. */
static void note_favourite(struct jcg *g, unsigned arguments)
{
	unsigned best = arguments;
	if (g->favourite != NULL || g->n_locals <= arguments)
		return;
	for (unsigned i = arguments; i < g->n_locals; i++)
		if (g->uses[i] > g->uses[best])
			best = i;
	g->favourite = g->local[best];
}

void jcg_finish(struct jcg *g)
{
	if (g->diverts)
		jcg_secure_tail(g);
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < ROUTINES; i++) {
			if (!g->called[i] || g->written[i])
				continue;
			g->written[i] = more = true;
			jcg_begin(g, arena_printf(g->a, "@%s", routine_name[i]));
			jcg_code(g, "astore ra-%s", routine_name[i]);
			routine_code[i](g);
		}
	}
	for (size_t i = 0; i < g->n_fails; i++)
		jcg_code(g, "!%04X: ; push 0x%04X ; goto &throw", g->fail[i], g->fail[i]);
	note_favourite(g, 3);
	if (!g->diverts)
		jcg_code(g, "&throw: ; call throwIt ; return");
}

void jcg_method(struct jcg *g, const char *name, const char *descriptor, unsigned access, const char *const argument[])
{
	g->method = asm_method(g->class, name, descriptor, access);
	g->text->labels = NULL;
	g->n_fails = 0;
	for (g->n_locals = 0; argument[g->n_locals] != NULL; g->n_locals++)
		g->local[g->n_locals] = argument[g->n_locals];
	if (g->first != NULL && g->favourite == NULL)
		g->local[g->n_locals++] = g->first->favourite;
	memset(g->uses, 0, sizeof g->uses);
}
