#include "runtime/cap/verify/check.h"

/* The tables of virtual methods (6.9.2): a card calls by position what the verifier has looked up by token. */

enum { INHERITED = 0xffff };

static bool override_refused(struct check *k, const struct method *one, const struct method *above, const char *why)
{
	return diag_add(k->d, cap_at(k->m->cap), DIAG_CAP_OVERRIDE, one->name, above->name, why, NULL);
}

static bool check_override(struct check *k, const struct method *one, const struct method *above)
{
	if (above->access & ACCESS_FINAL)
		return override_refused(k, one, above, "final");
	if (!signature_same(&one->type, &above->type))
		return override_refused(k, one, above, "signature");
	bool weaker = (above->access & ACCESS_PUBLIC && !(one->access & ACCESS_PUBLIC)) ||
	    (above->access & ACCESS_PROTECTED && !(one->access & (ACCESS_PUBLIC | ACCESS_PROTECTED)));
	return !weaker || override_refused(k, one, above, "access");
}

static const struct method *declared(const struct class *c, unsigned token)
{
	for (size_t i = 0; i < c->n_methods; i++)
		if (c->method[i].kind == API_VIRTUAL_METHOD && c->method[i].token == token)
			return &c->method[i];
	return NULL;
}

/* How many tokens of this kind a class has, with those from above. */
static unsigned tokens(const struct class *c, unsigned visible)
{
	unsigned n = 0;
	if (c == NULL)
		return 0;
	if (c->own != NULL) {
		const struct cap_class *own = c->own;
		n = visible ? own->package_base + (unsigned)own->package_count
			    : own->public_base + (unsigned)own->public_count;
		return n;
	}
	for (size_t i = 0; visible == 0 && i < c->n_methods; i++)
		if (c->method[i].kind == API_VIRTUAL_METHOD && c->method[i].token + 1u > n)
			n = c->method[i].token + 1u;
	return n;
}

struct table {
	unsigned base, count, visible; /* visible: 0, or 80 of the package-visible ones */
	const uint8_t *entry;
};

static bool check_entry(struct check *k, const struct class *c, const struct table *t, unsigned i)
{
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_Class, k->d);
	unsigned token = (t->base + i) | t->visible, is = cap_word(t->entry, i), must = INHERITED;
	const struct method *one = declared(c, token);
	const struct method *above = c->super == NULL ? NULL : class_virtual(c->super, token);
	if (t->visible && above != NULL && above->class->package != c->package)
		above = NULL;
	if (one == NULL && above == NULL)
		return cap_bad(&in, c->own->offset, "token of a virtual method", token);
	if (one != NULL && above != NULL && !check_override(k, one, above))
		return false;
	const struct method *runs = one != NULL ? one : above;
	if (runs->own != NULL && runs->class->package == c->package)
		must = runs->own->offset;
	return is == must || cap_wrong(&in, c->own->offset, "virtual_method_table", is, must);
}

/* Every declared one is in the table, and the table goes on where the superclass ends. */
static bool check_table(struct check *k, const struct class *c, const struct table *t)
{
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_Class, k->d);
	const struct class *super = c->super;
	if (t->visible && super != NULL && super->package != c->package)
		super = NULL;
	unsigned before = tokens(super, t->visible);
	if (t->base > before || t->base + t->count < before)
		return cap_wrong(&in, c->own->offset, "virtual_method_table_base", t->base, before);
	for (size_t i = 0; i < c->n_methods; i++) {
		const struct method *one = &c->method[i];
		if (one->kind != API_VIRTUAL_METHOD || (one->token & 0x80) != t->visible)
			continue;
		unsigned token = one->token & 0x7f;
		if (token < t->base || token >= t->base + t->count)
			return cap_bad(&in, c->own->offset, "token of a virtual method", one->token);
	}
	for (unsigned i = 0; i < t->count; i++)
		if (!check_entry(k, c, t, i))
			return false;
	return true;
}

/* A class of which objects are made has code for everything. */
static bool check_concrete(struct check *k, const struct class *c)
{
	for (unsigned token = 0; !c->abstract && token < tokens(c, 0); token++) {
		const struct method *m = class_virtual(c, token);
		if (m != NULL && m->abstract)
			return diag_add(k->d, cap_at(k->m->cap), DIAG_CAP_NO_CODE, c->name, m->name, NULL);
	}
	return true;
}

bool check_tables(struct check *k, const struct class *c)
{
	const struct cap_class *own = c->own;
	struct table public = {own->public_base, own->public_count, 0, own->public_table};
	struct table package = {own->package_base, own->package_count, 0x80, own->package_table};
	return check_table(k, c, &public) && check_table(k, c, &package) && check_concrete(k, c);
}
