#include "runtime/cap/verify/frame.h"

#include <string.h>

static uint32_t type_order(struct type t)
{
	return (uint32_t)t.array << 24 | (uint32_t)t.base << 16 | (t.base == TYPE_REFERENCE ? t.class : 0);
}

static bool set_same(const struct type_set *a, const struct type *type, size_t n)
{
	if (a->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (type_order(a->type[i]) != type_order(type[i]))
			return false;
	return true;
}

/* n types in order, none twice. */
static word intern(struct types *t, const struct type *type, size_t n)
{
	for (size_t i = 0; i < t->n; i++)
		if (set_same(&t->set[i], type, n))
			return WORD(WORD_REFERENCE, i);
	if (t->n == t->room) {
		size_t room = t->room * 2 + 32;
		struct type_set *more = arena_alloc(t->arena, room * sizeof *more);
		if (t->n != 0)
			memcpy(more, t->set, t->n * sizeof *more);
		t->set = more;
		t->room = room;
	}
	struct type_set *s = &t->set[t->n];
	s->n = n;
	s->type = arena_alloc(t->arena, n * sizeof *s->type);
	memcpy(s->type, type, n * sizeof *s->type);
	return WORD(WORD_REFERENCE, t->n++);
}

word types_one(struct types *t, struct type type)
{
	return intern(t, &type, 1);
}

bool types_fit(const struct types *t, word w, struct type to)
{
	if (!to.array && to.base != TYPE_REFERENCE)
		return false;
	if (WORD_KIND(w) == WORD_NULL)
		return true;
	if (WORD_KIND(w) != WORD_REFERENCE)
		return false;
	const struct type_set *s = &t->set[WORD_NUMBER(w)];
	for (size_t i = 0; i < s->n; i++)
		if (!type_fits(t->world, s->type[i], to))
			return false;
	return true;
}

word types_element(struct types *t, word array)
{
	word element = WORD(WORD_NULL, 0);
	if (WORD_KIND(array) == WORD_NULL)
		return element;
	if (WORD_KIND(array) != WORD_REFERENCE)
		return WORD_NONE;
	struct type_set s = t->set[WORD_NUMBER(array)]; /* a copy: the table may move */
	for (size_t i = 0; i < s.n; i++) {
		struct type one = s.type[i];
		if (!one.array || one.base != TYPE_REFERENCE)
			return WORD_NONE;
		one.array = false;
		element = types_merge(t, element, types_one(t, one));
	}
	return element;
}

static word unite(struct types *t, const struct type_set *a, const struct type_set *b)
{
	struct type *all = arena_alloc(t->arena, (a->n + b->n) * sizeof *all);
	size_t n = 0, i = 0, k = 0;
	while (i < a->n || k < b->n) {
		if (k == b->n || (i < a->n && type_order(a->type[i]) <= type_order(b->type[k]))) {
			if (k < b->n && type_order(a->type[i]) == type_order(b->type[k]))
				k++;
			all[n++] = a->type[i++];
		} else
			all[n++] = b->type[k++];
	}
	return intern(t, all, n);
}

word types_merge(struct types *t, word a, word b)
{
	enum word_kind x = WORD_KIND(a), y = WORD_KIND(b);
	if (a == b)
		return a;
	if (x == WORD_NULL && y == WORD_REFERENCE)
		return b;
	if (y == WORD_NULL && x == WORD_REFERENCE)
		return a;
	if (x != WORD_REFERENCE || y != WORD_REFERENCE)
		return WORD_NONE;
	return unite(t, &t->set[WORD_NUMBER(a)], &t->set[WORD_NUMBER(b)]);
}

void types_put(const struct types *t, word w, struct buf *out)
{
	static const char *const name[] = {[WORD_NONE] = "-",
	    [WORD_SHORT] = "short",
	    [WORD_INT_HIGH] = "int",
	    [WORD_INT_LOW] = "int",
	    [WORD_NULL] = "null",
	    [WORD_THIS] = "new this",
	    [WORD_NEW] = "new",
	    [WORD_RETURN] = "returnAddress"};
	if (WORD_KIND(w) != WORD_REFERENCE) {
		buf_str(out, name[WORD_KIND(w)]);
		return;
	}
	const struct type_set *s = &t->set[WORD_NUMBER(w)];
	for (size_t i = 0; i < s->n; i++) {
		buf_str(out, i == 0 ? "" : " | ");
		type_put(t->world, s->type[i], out);
	}
}
