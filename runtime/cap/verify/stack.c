#include <stdio.h>

#include "runtime/cap/verify/flow.h"

bool flow_type_error(struct flow *f, word is, const char *must)
{
	struct buf text = {0};
	types_put(&f->types, is, &text);
	bool ok = diag_add(f->d, flow_at(f), DIAG_CAP_TYPE, flow_place(f), buf_cstr(&text), must, NULL);
	buf_reset(&text);
	return ok;
}

bool flow_member_error(struct flow *f, const char *member, const char *is)
{
	return diag_add(f->d, flow_at(f), DIAG_CAP_MEMBER_USE, flow_place(f), member, is, NULL);
}

bool flow_class_error(struct flow *f, const struct class *c, const char *is)
{
	return flow_member_error(f, c == NULL ? "?" : c->name, is);
}

bool stack_push(struct flow *f, word w)
{
	if (f->now->depth >= f->max_stack)
		return diag_add(f->d, flow_at(f), DIAG_CAP_STACK_FULL, flow_place(f), diag_num(f->max_stack), NULL);
	f->now->word[f->locals + f->now->depth++] = w;
	return true;
}

bool stack_need(struct flow *f, unsigned words)
{
	if (f->now->depth >= words)
		return true;
	return diag_add(
	    f->d, flow_at(f), DIAG_CAP_STACK_EMPTY, flow_place(f), diag_num(words), diag_num(f->now->depth), NULL);
}

static bool pop_any(struct flow *f, word *w)
{
	if (!stack_need(f, 1))
		return false;
	*w = f->now->word[f->locals + --f->now->depth];
	return true;
}

bool stack_pop(struct flow *f, word *w)
{
	if (!pop_any(f, w))
		return false;
	enum word_kind kind = WORD_KIND(*w);
	return (kind != WORD_INT_LOW && kind != WORD_INT_HIGH) || flow_type_error(f, *w, "short | reference");
}

bool stack_pop_kind(struct flow *f, enum word_kind kind)
{
	word w;
	if (!pop_any(f, &w))
		return false;
	if (WORD_KIND(w) == kind)
		return true;
	return flow_type_error(f, w, kind == WORD_SHORT ? "short" : "int");
}

bool stack_pop_int(struct flow *f)
{
	return stack_pop_kind(f, WORD_INT_LOW) && stack_pop_kind(f, WORD_INT_HIGH);
}

bool stack_pop_object(struct flow *f, word *w)
{
	if (!pop_any(f, w))
		return false;
	enum word_kind kind = WORD_KIND(*w);
	return kind == WORD_NULL || kind == WORD_REFERENCE || flow_type_error(f, *w, "reference");
}

bool stack_pop_type(struct flow *f, struct type t)
{
	if (!t.array && t.base == TYPE_INT)
		return stack_pop_int(f);
	if (!t.array && t.base != TYPE_REFERENCE)
		return stack_pop_kind(f, WORD_SHORT);
	word w;
	if (!pop_any(f, &w))
		return false;
	if (types_fit(&f->types, w, t))
		return true;
	struct buf text = {0};
	type_put(f->world, t, &text);
	bool ok = flow_type_error(f, w, buf_cstr(&text));
	buf_reset(&text);
	return ok;
}

bool stack_push_type(struct flow *f, struct type t)
{
	if (t.array || t.base == TYPE_REFERENCE)
		return stack_push(f, types_one(&f->types, t));
	if (t.base == TYPE_VOID)
		return true;
	if (t.base == TYPE_INT)
		return stack_push(f, WORD(WORD_INT_HIGH, 0)) && stack_push(f, WORD(WORD_INT_LOW, 0));
	return stack_push(f, WORD(WORD_SHORT, 0));
}

/* An int lies in two words: a group of words that is moved has both or neither. */
bool stack_moves(struct flow *f, unsigned words, unsigned below)
{
	if (!stack_need(f, words + below))
		return false;
	word lowest = f->now->word[f->locals + f->now->depth - words - below];
	return WORD_KIND(lowest) != WORD_INT_LOW || flow_type_error(f, lowest, "short | int | reference");
}

bool local_kind(struct flow *f, unsigned local, enum word_kind kind)
{
	word w = f->now->word[local];
	return WORD_KIND(w) == kind || flow_type_error(f, w, kind == WORD_SHORT ? "short" : "int");
}

/* Half an int is none. */
void local_set(struct flow *f, unsigned local, word w)
{
	word *at = &f->now->word[local];
	if (WORD_KIND(*at) == WORD_INT_LOW && WORD_KIND(w) != WORD_INT_LOW && local > 0)
		at[-1] = WORD_NONE;
	if (WORD_KIND(*at) == WORD_INT_HIGH && local + 1 < f->locals && WORD_KIND(at[1]) == WORD_INT_LOW)
		at[1] = WORD_NONE;
	*at = w;
}
