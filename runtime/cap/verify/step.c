#include <string.h>

#include "runtime/cap/verify/flow.h"

/* What an instruction takes and leaves. Those whose letters in opcodes.def say all are done by these; the switch has
 * the others. */

static struct type class_type(const struct class *c)
{
	return (struct type){.base = TYPE_REFERENCE, .class = c->index};
}

static bool pop_letters(struct flow *f, const char *letters)
{
	for (size_t n = strlen(letters); n > 0; n--) {
		word w;
		bool ok = letters[n - 1] == 's' ? stack_pop_kind(f, WORD_SHORT)
		    : letters[n - 1] == 'i'     ? stack_pop_int(f)
		    : letters[n - 1] == 'a'     ? stack_pop_object(f, &w)
						: stack_pop(f, &w);
		if (!ok)
			return false;
	}
	return true;
}

static bool push_letters(struct flow *f, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		struct type t = {.base = *letters == 'i' ? TYPE_INT : TYPE_SHORT};
		if (!stack_push_type(f, t))
			return false;
	}
	return true;
}

/* ---- local variables ---- */

static bool load(struct flow *f, unsigned local, char letter)
{
	word w = f->now->word[local];
	if (letter == 's')
		return local_kind(f, local, WORD_SHORT) && push_letters(f, "s");
	if (letter == 'i')
		return local_kind(f, local, WORD_INT_HIGH) && local_kind(f, local + 1, WORD_INT_LOW) &&
		    push_letters(f, "i");
	enum word_kind kind = WORD_KIND(w);
	if (kind != WORD_NULL && kind != WORD_REFERENCE && kind != WORD_THIS && kind != WORD_NEW)
		return flow_type_error(f, w, "reference");
	return stack_push(f, w);
}

static bool store(struct flow *f, unsigned local, char letter)
{
	word w;
	if (letter == 'i') {
		if (!stack_pop_int(f))
			return false;
		local_set(f, local, WORD(WORD_INT_HIGH, 0));
		local_set(f, local + 1, WORD(WORD_INT_LOW, 0));
		return true;
	}
	if (letter == 's') {
		if (!stack_pop_kind(f, WORD_SHORT))
			return false;
		w = WORD(WORD_SHORT, 0);
	} else {
		if (!stack_pop(f, &w))
			return false;
		if (WORD_KIND(w) == WORD_SHORT || WORD_KIND(w) == WORD_NONE)
			return flow_type_error(f, w, "reference");
	}
	local_set(f, local, w);
	return true;
}

static char letter_of(unsigned k)
{
	return "asi"[k];
}

/* aload to iload_3, astore to istore_3: three with an operand, then four of each. */
static bool step_local(struct flow *f)
{
	bool is_load = f->i.op < OP_astore;
	unsigned k = f->i.op - (is_load ? (unsigned)OP_aload : (unsigned)OP_astore);
	unsigned local = k < 3 ? f->i.local : (k - 3) % 4;
	char letter = letter_of(k < 3 ? k : (k - 3) / 4);
	return is_load ? load(f, local, letter) : store(f, local, letter);
}

static bool step_increase(struct flow *f)
{
	if (f->i.op == OP_sinc || f->i.op == OP_sinc_w)
		return local_kind(f, f->i.local, WORD_SHORT);
	return local_kind(f, f->i.local, WORD_INT_HIGH) && local_kind(f, f->i.local + 1u, WORD_INT_LOW);
}

/* ---- words of the stack ---- */

static bool step_dup_x(struct flow *f, unsigned m, unsigned n)
{
	if (m < 1 || m > 4 || (n != 0 && (n < m || n > m + 4)))
		return flow_member_error(f, "mn", f->i.info->name);
	unsigned deep = n == 0 ? m : n;
	if (!stack_moves(f, m, 0) || (n > m && !stack_moves(f, n, 0)))
		return false;
	word top[8];
	struct frame *now = f->now;
	memcpy(top, &now->word[f->locals + now->depth - deep], deep * sizeof(word));
	now->depth -= deep;
	for (unsigned i = 0; i < m; i++)
		if (!stack_push(f, top[deep - m + i]))
			return false;
	for (unsigned i = 0; i < deep; i++)
		if (!stack_push(f, top[i]))
			return false;
	return true;
}

static bool step_swap_x(struct flow *f, unsigned m, unsigned n)
{
	if (m < 1 || m > 2 || n < 1 || n > 2)
		return flow_member_error(f, "mn", f->i.info->name);
	if (!stack_moves(f, m, 0) || !stack_moves(f, m, n))
		return false;
	word top[4];
	word *at = &f->now->word[f->locals + f->now->depth - m - n];
	memcpy(top, at, (m + n) * sizeof(word));
	memcpy(at, top + n, m * sizeof(word));
	memcpy(at + m, top, n * sizeof(word));
	return true;
}

static bool step_pop2(struct flow *f)
{
	if (!stack_moves(f, 2, 0))
		return false;
	f->now->depth -= 2;
	return true;
}

/* ---- arrays ---- */

static bool is_array_of(const struct flow *f, word w, unsigned base, unsigned or)
{
	return types_fit(&f->types, w, (struct type){.base = (uint8_t)base, .array = true}) ||
	    types_fit(&f->types, w, (struct type){.base = (uint8_t) or, .array = true});
}

/* A set of arrays of both bytes and booleans is good for baload and bastore too. */
static bool is_bytes(const struct flow *f, word w)
{
	if (WORD_KIND(w) == WORD_NULL)
		return true;
	if (WORD_KIND(w) != WORD_REFERENCE)
		return false;
	const struct type_set *s = &f->types.set[WORD_NUMBER(w)];
	for (size_t i = 0; i < s->n; i++)
		if (!s->type[i].array || (s->type[i].base != TYPE_BYTE && s->type[i].base != TYPE_BOOLEAN))
			return false;
	return true;
}

static bool pop_array(struct flow *f, uint8_t op, word *w)
{
	if (!stack_pop_object(f, w))
		return false;
	switch (op) {
	case OP_baload:
	case OP_bastore:
		return is_bytes(f, *w) || flow_type_error(f, *w, "byte[] | boolean[]");
	case OP_saload:
	case OP_sastore:
		return is_array_of(f, *w, TYPE_SHORT, TYPE_SHORT) || flow_type_error(f, *w, "short[]");
	case OP_iaload:
	case OP_iastore:
		return is_array_of(f, *w, TYPE_INT, TYPE_INT) || flow_type_error(f, *w, "int[]");
	default:
		return types_element(&f->types, *w) != WORD_NONE || flow_type_error(f, *w, "reference[]");
	}
}

static bool step_array_load(struct flow *f)
{
	word array;
	if (!stack_pop_kind(f, WORD_SHORT) || !pop_array(f, f->i.op, &array))
		return false;
	if (f->i.op == OP_aaload)
		return stack_push(f, types_element(&f->types, array));
	return push_letters(f, f->i.info->pushes);
}

/* Whether what aastore stores fits is seen when it runs (7.5.1). */
static bool step_array_store(struct flow *f)
{
	word array;
	char value[2] = {f->i.info->pops[2], '\0'};
	return pop_letters(f, value) && stack_pop_kind(f, WORD_SHORT) && pop_array(f, f->i.op, &array);
}

static bool step_array_length(struct flow *f)
{
	word w;
	if (!stack_pop_object(f, &w))
		return false;
	if (WORD_KIND(w) == WORD_REFERENCE) {
		const struct type_set *s = &f->types.set[WORD_NUMBER(w)];
		for (size_t i = 0; i < s->n; i++)
			if (!s->type[i].array)
				return flow_type_error(f, w, "[]");
	}
	return push_letters(f, "s");
}

/* ---- objects ---- */

static const struct class *operand_class(struct flow *f)
{
	return world_class(f->world, f->world->package, f->model->constant[f->i.constant].class);
}

/* One that was made here before and never got its constructor is lost. */
static bool step_new(struct flow *f)
{
	const struct class *c = operand_class(f);
	word made = WORD(WORD_NEW, f->i.at);
	if (c == NULL || c->interface || c->abstract)
		return flow_class_error(f, c, c == NULL ? "?" : c->interface ? "interface" : "abstract");
	for (unsigned i = 0; i < f->locals + f->now->depth; i++)
		if (f->now->word[i] == made) {
			if (i >= f->locals)
				return flow_type_error(f, made, "reference");
			f->now->word[i] = WORD_NONE;
		}
	return stack_push(f, made);
}

static bool step_new_array(struct flow *f)
{
	struct type t = {.array = true};
	if (!stack_pop_kind(f, WORD_SHORT))
		return false;
	if (f->i.op == OP_newarray)
		t.base = (uint8_t)(f->i.atype - OP_ATYPE_BOOLEAN + TYPE_BOOLEAN);
	else {
		const struct class *c = operand_class(f);
		if (c == NULL)
			return flow_class_error(f, c, "?");
		t.base = TYPE_REFERENCE;
		t.class = c->index;
	}
	return stack_push_type(f, t);
}

static bool step_cast(struct flow *f)
{
	word w;
	struct type t = {.base = TYPE_REFERENCE, .array = f->i.atype != OP_ATYPE_CLASS};
	if (!stack_pop_object(f, &w))
		return false;
	if (f->i.op == OP_instanceof)
		return push_letters(f, "s");
	if (f->i.atype >= OP_ATYPE_BOOLEAN && f->i.atype <= OP_ATYPE_INT)
		t.base = (uint8_t)(f->i.atype - OP_ATYPE_BOOLEAN + TYPE_BOOLEAN);
	else {
		const struct class *c = operand_class(f);
		if (c == NULL)
			return flow_class_error(f, c, "?");
		t.class = c->index;
	}
	/* What is known to fit keeps what else is known of it. */
	return types_fit(&f->types, w, t) ? stack_push(f, w) : stack_push_type(f, t);
}

static bool step_return(struct flow *f)
{
	struct type t = f->method->type.result;
	bool reference = t.array || t.base == TYPE_REFERENCE;
	unsigned op = reference   ? OP_areturn
	    : t.base == TYPE_VOID ? OP_return
	    : t.base == TYPE_INT  ? OP_ireturn
				  : OP_sreturn;
	if (f->i.op != op)
		return flow_member_error(f, f->method->name, op_info[op].name);
	if (!f->now->made)
		return flow_member_error(f, f->method->name, "<init>");
	return t.base == TYPE_VOID || stack_pop_type(f, t);
}

static bool step_as_written(struct flow *f)
{
	return pop_letters(f, f->i.info->pops) && push_letters(f, f->i.info->pushes);
}

static bool step_rest(struct flow *f)
{
	switch (f->i.op) {
	case OP_aconst_null:
		return stack_push(f, WORD(WORD_NULL, 0));
	case OP_pop2:
		return step_pop2(f);
	case OP_dup:
		return step_dup_x(f, 1, 0);
	case OP_dup2:
		return step_dup_x(f, 2, 0);
	case OP_dup_x:
		return step_dup_x(f, f->i.local >> 4, f->i.local & 0xf);
	case OP_swap_x:
		return step_swap_x(f, f->i.local >> 4, f->i.local & 0xf);
	case OP_sinc:
	case OP_sinc_w:
	case OP_iinc:
	case OP_iinc_w:
		return step_increase(f);
	case OP_jsr:
	case OP_ret:
		return true; /* flow.c */
	case OP_new:
		return step_new(f);
	case OP_newarray:
	case OP_anewarray:
		return step_new_array(f);
	case OP_arraylength:
		return step_array_length(f);
	case OP_athrow:
		return stack_pop_type(f, class_type(f->world->throwable));
	case OP_checkcast:
	case OP_instanceof:
		return step_cast(f);
	default:
		return step_as_written(f);
	}
}

bool step(struct flow *f)
{
	uint8_t op = f->i.op;
	if ((op >= OP_aload && op <= OP_iload_3) || (op >= OP_astore && op <= OP_istore_3))
		return step_local(f);
	if (op >= OP_aaload && op <= OP_iaload)
		return step_array_load(f);
	if (op >= OP_aastore && op <= OP_iastore)
		return step_array_store(f);
	if (op >= OP_areturn && op <= OP_return)
		return step_return(f);
	if ((op >= OP_getstatic_a && op <= OP_putfield_i) || (op >= OP_getfield_a_w && op <= OP_putfield_i_this))
		return step_field(f);
	if (op >= OP_invokevirtual && op <= OP_invokeinterface)
		return step_invoke(f);
	return step_rest(f);
}
