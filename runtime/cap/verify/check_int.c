#include <string.h>

#include "runtime/cap/code.h"
#include "runtime/cap/verify/check.h"

/* ACC_INT of the Header (6.4) tells cards without int not to load the package. */

static bool has_int(struct type t)
{
	return t.base == TYPE_INT;
}

static bool method_has_int(const struct cap_model *m, const struct method *one)
{
	struct cap_instruction i;
	for (size_t n = 0; n < one->type.n; n++)
		if (has_int(one->type.param[n]))
			return true;
	if (has_int(one->type.result))
		return true;
	if (one->own == NULL)
		return false;
	size_t end = (size_t)one->own->code + one->own->length;
	const uint8_t *p = cap_info(m->cap, COMPONENT_Method).p;
	for (size_t at = one->own->code; at < end && cap_decode(p, end, at, &i) == CAP_DECODED; at += i.length) {
		bool array = i.atype == OP_ATYPE_INT; /* newarray, checkcast, instanceof */
		bool increases = i.op == OP_iinc || i.op == OP_iinc_w || i.op == OP_iload || i.op == OP_istore;
		if (array || increases || strchr(i.info->pops, 'i') != NULL || strchr(i.info->pushes, 'i') != NULL)
			return true;
	}
	return false;
}

bool check_int(struct check *k)
{
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_Header, k->d);
	if (k->m->cap->flags & CAP_INT)
		return true;
	for (size_t i = 0; i < k->w->package->n_classes; i++) {
		const struct class *c = k->w->package->class[i];
		for (size_t n = 0; n < c->n_fields; n++)
			if (has_int(c->field[n].type))
				return cap_bad(&in, 6, "ACC_INT", k->m->cap->flags);
		for (size_t n = 0; n < c->n_methods; n++)
			if (method_has_int(k->m, &c->method[n]))
				return cap_bad(&in, 6, "ACC_INT", k->m->cap->flags);
	}
	return true;
}
