#include <stdlib.h>
#include <string.h>

#include "compiler/emit/javacard/inside.h"
#include "compiler/emit/javacard/text_inside.h"

static unsigned label_of(struct asm_text *t, const char *name)
{
	for (const struct asm_text_label *l = t->labels; l != NULL; l = l->next)
		if (strcmp(l->name, name) == 0)
			return l->number;
	struct asm_text_label *l = ARENA_NEW(t->a, struct asm_text_label);
	l->name = arena_strdup(t->a, name);
	l->number = asm_new_label(t->method);
	l->next = t->labels;
	t->labels = l;
	return l->number;
}

/* A number, or CLASS.CONSTANT of the platform. */
static int32_t number_of(struct asm_text *t, const char *word)
{
	char *end;
	const char *dot = strrchr(word, '.');
	long long v = strtoll(word, &end, 0);
	if (*end == 0 && end != word && v >= INT32_MIN && v <= UINT32_MAX)
		return (int32_t)v;
	const struct api_class *c =
	    dot == NULL ? NULL : api_class_named(arena_strndup(t->a, word, (size_t)(dot - word)), NULL);
	const struct api_member *m = c == NULL ? NULL : api_member_named(c, API_CONSTANT, dot + 1, NULL);
	if (m == NULL)
		asm_fail(t->s, "'%s' is no number and no constant", word);
	return m == NULL ? 0 : m->value;
}

/* "CLASS.NAME" or "CLASS.NAME(TYPES)TYPE" in its parts. */
static bool split_member(struct asm_text *t, const char *word, const char **class, const char **name, const char **type)
{
	const char *bracket = strchr(word, '('), *dot = NULL;
	for (const char *p = word; *p != 0 && p != bracket; p++)
		if (*p == '.')
			dot = p;
	if (dot == NULL)
		return asm_fail(t->s, "'%s' is no member of a class", word);
	*class = arena_strndup(t->a, word, (size_t)(dot - word));
	*type = bracket;
	*name = bracket == NULL ? dot + 1 : arena_strndup(t->a, dot + 1, (size_t)(bracket - dot - 1));
	return true;
}

static void read_constant(struct asm_text *t, enum op op)
{
	const char *class = "", *name = "", *type = NULL;
	if (op == OP_new || op == OP_anewarray || op == OP_checkcast || op == OP_instanceof)
		asm_type_op(t->method, op, t->word[1]);
	else if (!split_member(t, t->word[1], &class, &name, &type))
		return;
	else if (type == NULL)
		asm_field_op(t->method, op, class, name);
	else if (op == OP_invokespecial && strcmp(class, "super") == 0)
		asm_invoke_super(t->method, name, type);
	else
		asm_invoke(t->method, op, class, name, type);
}

static void read_switch(struct asm_text *t, enum op op)
{
	bool table = op == OP_stableswitch || op == OP_itableswitch;
	size_t from = table ? 3 : 2, n = t->n_words < from ? 0 : t->n_words - from;
	int32_t *match = arena_alloc(t->a, n * sizeof *match), low = 0;
	unsigned *label = arena_alloc(t->a, n * sizeof *label);
	if (t->n_words < from) {
		asm_fail(t->s, "%s DEFAULT ...", op_info[op].name);
		return;
	}
	if (table)
		low = number_of(t, t->word[2]);
	for (size_t i = 0; i < n; i++) {
		char *word = t->word[from + i], *colon = strrchr(word, ':');
		if (!table && colon == NULL) {
			asm_fail(t->s, "'%s' is not MATCH:LABEL", word);
			return;
		}
		if (!table) {
			*colon = 0;
			match[i] = number_of(t, word);
		}
		label[i] = label_of(t, table ? word : colon + 1);
	}
	asm_switch(t->method, op, label_of(t, t->word[1]), low, match, label, n);
}

static void read_catch(struct asm_text *t)
{
	if (t->n_words != 5) {
		asm_fail(t->s, "catch CLASS|any FROM TO HANDLER");
		return;
	}
	asm_catch(t->method, label_of(t, t->word[2]), label_of(t, t->word[3]), label_of(t, t->word[4]),
	    strcmp(t->word[1], "any") == 0 ? NULL : t->word[1]);
}

/* How many words a form has with the mnemonic; 0: any number. */
static size_t words_of(enum op_form form)
{
	switch (form) {
	case OP_FORM_NONE:
		return 1;
	case OP_FORM_LOCAL_S1:
	case OP_FORM_LOCAL_S2:
	case OP_FORM_MN:
		return 3;
	case OP_FORM_STABLE:
	case OP_FORM_ITABLE:
	case OP_FORM_SLOOKUP:
	case OP_FORM_ILOOKUP:
		return 0;
	default:
		return 2;
	}
}

static void read_op(struct asm_text *t, enum op op)
{
	enum op_form form = op_info[op].form;
	if (words_of(form) != 0 && words_of(form) != t->n_words) {
		asm_fail(t->s, "%s has %zu operands", op_info[op].name, words_of(form) - 1);
		return;
	}
	switch (form) {
	case OP_FORM_NONE:
		asm_op(t->method, op);
		break;
	case OP_FORM_S1:
	case OP_FORM_S2:
	case OP_FORM_S4:
		asm_value(t->method, op, number_of(t, t->word[1]));
		break;
	case OP_FORM_LOCAL:
		asm_local(t->method, op, (unsigned)number_of(t, t->word[1]));
		break;
	case OP_FORM_LOCAL_S1:
	case OP_FORM_LOCAL_S2:
		asm_increment(t->method, op, (unsigned)number_of(t, t->word[1]), (int16_t)number_of(t, t->word[2]));
		break;
	case OP_FORM_MN:
		asm_words(t->method, op, (unsigned)number_of(t, t->word[1]), (unsigned)number_of(t, t->word[2]));
		break;
	case OP_FORM_B1:
	case OP_FORM_B2:
		asm_branch(t->method, op, label_of(t, t->word[1]));
		break;
	case OP_FORM_ATYPE:
		asm_type_op(t->method, op, t->word[1]);
		break;
	case OP_FORM_CP1:
	case OP_FORM_CP2:
	case OP_FORM_INTERFACE:
	case OP_FORM_ATYPE_CP2:
		read_constant(t, op);
		break;
	default:
		read_switch(t, op);
		break;
	}
}

void asm_text_instruction(struct asm_text *t)
{
	char *word = t->word[0];
	size_t n = strlen(word);
	if (n > 1 && word[n - 1] == ':' && t->n_words == 1) {
		word[n - 1] = 0;
		asm_label(t->method, label_of(t, word));
		return;
	}
	if (strcmp(word, "catch") == 0) {
		read_catch(t);
		return;
	}
	if (strcmp(word, "push") == 0 && t->n_words == 2) {
		int32_t v = number_of(t, t->word[1]);
		if (v != (int16_t)v && v != (uint16_t)v)
			asm_fail(t->s, "%d is no short", (int)v);
		asm_push(t->method, (int16_t)v);
		return;
	}
	int op = op_named(word);
	if (op < 0)
		asm_fail(t->s, "there is no instruction '%s'", word);
	else
		read_op(t, (enum op)op);
}
