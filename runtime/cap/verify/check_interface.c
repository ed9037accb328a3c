#include "runtime/cap/verify/check.h"

/* implemented_interface_info (6.9.2.7): each method of an interface has a virtual method of the class. */

static unsigned methods_of(const struct class *interface)
{
	unsigned n = 0;
	while (class_interface_method(interface, n) != NULL)
		n++;
	return n;
}

static bool check_one(
    struct check *k, const struct class *c, const struct cap_implemented *list, const struct class *interface)
{
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_Class, k->d);
	unsigned n = methods_of(interface);
	if (list->count != n)
		return cap_wrong(&in, c->own->offset, "count of implemented_interface_info", list->count, n);
	for (unsigned i = 0; i < n; i++) {
		const struct method *must = class_interface_method(interface, i);
		const struct method *is = class_virtual(c, list->index[i]);
		if (is == NULL)
			return diag_add(k->d, cap_at(k->m->cap), DIAG_CAP_NO_CODE, c->name, must->name, NULL);
		const char *why = !(is->access & ACCESS_PUBLIC) ? "access"
		    : !signature_same(&is->type, &must->type)   ? "signature"
								: NULL;
		if (why != NULL)
			return diag_add(k->d, cap_at(k->m->cap), DIAG_CAP_OVERRIDE, is->name, must->name, why, NULL);
	}
	return true;
}

bool check_interfaces(struct check *k, const struct class *c)
{
	for (size_t i = 0; i < c->own->n_interfaces; i++)
		if (!check_one(k, c, &c->own->interface[i], c->interface_of[i]))
			return false;
	return true;
}
