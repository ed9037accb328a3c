#include <string.h>

#include "runtime/cap/verify/check.h"

/* 6.6: public static void install(byte[] bArray, short bOffset, byte bLength) of an applet's class. */

static const struct method *method_at(const struct world *w, unsigned offset)
{
	const struct cap_method *own = cap_method_at(w->package->model, offset);
	for (size_t i = 0; own != NULL && i < w->package->n_classes; i++) {
		const struct method *one = class_method_at(w->package->class[i], own);
		if (one != NULL)
			return one;
	}
	return NULL;
}

static bool is_install(const struct world *w, const struct method *m)
{
	static const struct type param[] = {
	    {.base = TYPE_BYTE, .array = true}, {.base = TYPE_SHORT}, {.base = TYPE_BYTE}};
	const struct signature must = {.n = 3, .param = (struct type *)param, .result = {.base = TYPE_VOID}};
	return m != NULL && m->is_static && m->access & ACCESS_PUBLIC && signature_same(&m->type, &must) &&
	    class_extends(m->class, w->applet);
}

bool check_applets(struct check *k)
{
	const struct cap *cap = k->m->cap;
	struct cap_reader in = cap_reader_of(cap, COMPONENT_Applet, k->d);
	for (size_t i = 0; i < cap->n_applets; i++) {
		if (!is_install(k->w, method_at(k->w, cap->applet[i].install)))
			return cap_bad(&in, 0, "install_method_offset", cap->applet[i].install);
		for (size_t n = 0; n < i; n++)
			if (cap->applet[n].aid.n == cap->applet[i].aid.n &&
			    memcmp(cap->applet[n].aid.p, cap->applet[i].aid.p, cap->applet[i].aid.n) == 0)
				return cap_bad(&in, 0, "AID twice", i);
	}
	return true;
}
