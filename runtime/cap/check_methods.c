#include "runtime/cap/parts.h"

/* Whoever refers to a method of the package refers to where one begins. */

static bool check(const struct cap_model *m, struct cap_reader *in, size_t at, const char *what, unsigned offset)
{
	return cap_method_at(m, offset) != NULL || cap_bad(in, at, what, offset);
}

/* FFFF: the method is inherited from another package. */
static bool check_table(const struct cap_model *m, struct cap_reader *in, const struct cap_class *c,
    const uint8_t *table, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++)
		if (cap_word(table, i) != 0xffff && !check(m, in, c->offset, what, cap_word(table, i)))
			return false;
	return true;
}

static bool check_classes(const struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Class, d);
	for (size_t i = 0; i < m->n_classes; i++) {
		const struct cap_class *c = &m->class[i];
		if (!check_table(m, &in, c, c->public_table, c->public_count, "public_virtual_method_table") ||
		    !check_table(m, &in, c, c->package_table, c->package_count, "package_virtual_method_table"))
			return false;
	}
	return true;
}

static bool check_constants(const struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_ConstantPool, d);
	for (size_t i = 0; i < m->n_constants; i++) {
		const struct cap_constant *c = &m->constant[i];
		if (c->tag == CONSTANT_STATIC_METHODREF && c->internal &&
		    !check(m, &in, 2 + 4 * i, "offset of a method", c->offset))
			return false;
	}
	return true;
}

static bool check_applets(const struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Applet, d);
	size_t at = 1;
	for (size_t i = 0; i < m->cap->n_applets; i++) {
		const struct cap_applet *a = &m->cap->applet[i];
		at += 1u + a->aid.n;
		if (!check(m, &in, at, "install_method_offset", a->install))
			return false;
		at += 2;
	}
	return true;
}

static bool check_exported(const struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Export, d);
	for (size_t i = 0; i < m->n_exported; i++)
		for (size_t k = 0; k < m->exported[i].n_methods; k++)
			if (!check(m, &in, 1, "static_method_offset", cap_word(m->exported[i].method, k)))
				return false;
	return true;
}

bool cap_check_methods(struct cap_model *m, struct diag_list *d)
{
	return check_classes(m, d) && check_constants(m, d) && check_applets(m, d) && check_exported(m, d);
}
