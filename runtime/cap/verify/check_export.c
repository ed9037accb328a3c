#include "runtime/cap/verify/check.h"

/* 6.13: tokens are positions here, and the Descriptor gives the same; only what is public or protected is exported. */

static bool bad(struct check *k, const char *what, unsigned is)
{
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_Export, k->d);
	return cap_bad(&in, 0, what, is);
}

static bool check_fields(struct check *k, const struct class *c, const struct cap_exported *e)
{
	for (unsigned i = 0; i < e->n_fields; i++) {
		const struct field *one = NULL;
		for (size_t n = 0; n < c->n_fields; n++)
			if (c->field[n].is_static && c->field[n].offset == cap_word(e->field, i))
				one = &c->field[n];
		if (one == NULL || one->token != i || !(one->access & (ACCESS_PUBLIC | ACCESS_PROTECTED)))
			return bad(k, "static_field_offset", cap_word(e->field, i));
	}
	return true;
}

static bool check_methods_of(struct check *k, const struct class *c, const struct cap_exported *e)
{
	for (unsigned i = 0; i < e->n_methods; i++) {
		const struct method *one = class_method_at(c, cap_method_at(k->m, cap_word(e->method, i)));
		if (one == NULL || one->token != i || one->kind != API_STATIC_METHOD ||
		    !(one->access & (ACCESS_PUBLIC | ACCESS_PROTECTED)))
			return bad(k, "static_method_offset", cap_word(e->method, i));
	}
	return true;
}

bool check_exports(struct check *k)
{
	for (size_t i = 0; i < k->m->n_exported; i++) {
		const struct cap_exported *e = &k->m->exported[i];
		const struct class *c = world_own(k->w, cap_class_at(k->m, e->class));
		if (!c->public || c->token != i)
			return bad(k, "class_offset", e->class);
		if (!check_fields(k, c, e) || !check_methods_of(k, c, e))
			return false;
	}
	return true;
}
