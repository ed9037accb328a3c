#include "runtime/cap/verify/verify.h"

#include <stdlib.h>

#include "runtime/base/hex.h"
#include "runtime/cap/verify/check.h"
#include "runtime/cap/verify/flow.h"

static bool check_described(const struct cap_model *m, struct diag_list *d)
{
	if (m->constant_type == NULL)
		return diag_add(d, cap_at(m->cap), DIAG_CAP_MISSING, component_name(COMPONENT_Descriptor), NULL);
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Descriptor, d);
	for (size_t i = 0; i < m->n_classes; i++)
		if (!m->class[i].described)
			return cap_bad(&in, 0, "class_count", m->class[i].offset);
	for (size_t i = 0; i < m->n_declared; i++)
		if ((m->declared[i].access & ~ACCESS_FINAL) != (ACCESS_PUBLIC | ACCESS_METHOD_ABSTRACT))
			return cap_bad(&in, 0, "access of an interface's method", m->declared[i].access);
	for (size_t i = 0; i < m->n_declared; i++)
		if (m->declared[i].handlers != 0 || m->declared[i].first_handler != 0 || m->declared[i].length != 0)
			return cap_bad(&in, 0, "exception handlers of an interface's method", m->declared[i].handlers);
	return true;
}

static bool refuse_world(const struct world *w, const struct cap_model *m, struct diag_list *d)
{
	char aid[2 * CAP_AID_MAX + 1], version[16];
	if (w->missing != NULL) {
		snprintf(version, sizeof version, "%u.%u", w->missing->version >> 8, w->missing->version & 0xffu);
		hex_encode(aid, w->missing->aid.p, w->missing->aid.n);
		return diag_add(d, cap_at(m->cap), DIAG_CAP_IMPORT_ABSENT, aid, version, NULL);
	}
	return diag_add(d, cap_at(m->cap), DIAG_CAP_UNRESOLVED, w->bad, NULL);
}

static bool check_components(struct check *k)
{
	for (size_t i = 0; i < k->w->package->n_classes; i++) {
		const struct class *c = k->w->package->class[i];
		if (!check_class(k, c) || !check_methods(k, c))
			return false;
		if (!c->interface && (!check_tables(k, c) || !check_interfaces(k, c)))
			return false;
	}
	return check_constants(k) && check_statics(k) && check_applets(k) && check_exports(k) && check_int(k);
}

/* All methods, so that all diagnostics of code come at once. */
static bool check_code(struct world *w, struct diag_list *d)
{
	struct flow *f = calloc(1, sizeof *f);
	bool ok = f != NULL || diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	for (size_t i = 0; f != NULL && i < w->package->n_classes; i++) {
		const struct class *c = w->package->class[i];
		for (size_t n = 0; n < c->n_methods; n++)
			if (c->method[n].own != NULL && !c->method[n].abstract)
				ok = flow_method(f, w, &c->method[n], d) && ok;
	}
	free(f);
	return ok;
}

bool cap_verify(const struct cap_model *m, const struct cap_model *const *library, struct diag_list *d)
{
	struct arena a = {0};
	struct world w;
	bool ok = check_described(m, d);
	if (ok && !world_of(&w, m, library, &a))
		ok = refuse_world(&w, m, d);
	struct check k = {&w, m, d};
	ok = ok && check_components(&k) && check_code(&w, d);
	arena_free(&a);
	return ok;
}
