#include "runtime/cap/names.h"
#include "runtime/cap/verify/check.h"
#include "runtime/cap/verify/member.h"

/* A card resolves the whole constant pool when it links, used or not: every entry leads to something that the package
 * may name, of the type that the Descriptor says (6.14.3). */

static const char *name_of(struct check *k, size_t i)
{
	struct buf text = {0};
	buf_printf(&text, "#%zu ", i);
	cap_constant_text(k->m, i, &text);
	const char *name = arena_strdup(k->w->arena, buf_cstr(&text));
	buf_reset(&text);
	return name;
}

static bool unresolved(struct check *k, size_t i)
{
	return diag_add(k->d, cap_at(k->m->cap), DIAG_CAP_UNRESOLVED, name_of(k, i), NULL);
}

static bool other_type(struct check *k, size_t i)
{
	return diag_add(k->d, cap_at(k->m->cap), DIAG_CAP_SAID_TYPE, name_of(k, i), NULL);
}

static bool check_type(struct check *k, size_t i, const struct member *m)
{
	unsigned said = cap_word(k->m->constant_type, i);
	if (m->field != NULL) {
		struct type t;
		return (type_of_field(k->w, k->w->package, said, &t) && type_same(t, m->field->type)) ||
		    other_type(k, i);
	}
	if (m->method != NULL) {
		struct signature s;
		return (type_of_method(k->w, k->w->package, said, &s) && signature_same(&s, &m->method->type)) ||
		    other_type(k, i);
	}
	return said == 0xffff || other_type(k, i);
}

bool check_constants(struct check *k)
{
	for (size_t i = 0; i < k->m->n_constants; i++) {
		const struct cap_constant *c = &k->m->constant[i];
		struct member m = member_of(k->w, c);
		if (m.class == NULL || (c->tag != CONSTANT_CLASSREF && m.method == NULL && m.field == NULL))
			return unresolved(k, i);
		if (!m.class->public && m.class->package != k->w->package)
			return unresolved(k, i);
		if (!check_type(k, i, &m))
			return false;
	}
	return true;
}
