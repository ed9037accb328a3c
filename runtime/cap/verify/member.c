#include "runtime/cap/verify/member.h"

static const struct method *own_method(const struct world *w, unsigned offset)
{
	for (size_t i = 0; i < w->package->n_classes; i++) {
		const struct class *c = w->package->class[i];
		for (size_t k = 0; k < c->n_methods; k++)
			if (c->method[k].own != NULL && c->method[k].own->offset == offset)
				return &c->method[k];
	}
	return NULL;
}

static const struct field *own_static(const struct world *w, unsigned offset)
{
	for (size_t i = 0; i < w->package->n_classes; i++) {
		const struct class *c = w->package->class[i];
		for (size_t k = 0; k < c->n_fields; k++)
			if (c->field[k].is_static && c->field[k].offset == offset)
				return &c->field[k];
	}
	return NULL;
}

static void find_field(struct world *w, const struct cap_constant *k, struct member *out)
{
	if (k->tag == CONSTANT_STATIC_FIELDREF && k->internal) {
		out->field = own_static(w, k->offset);
		out->class = out->field == NULL ? NULL : out->field->class;
		return;
	}
	out->class = world_class(w, w->package, k->class);
	if (out->class != NULL)
		out->field = class_field(out->class, k->token, k->tag == CONSTANT_STATIC_FIELDREF);
}

static void find_method(struct world *w, const struct cap_constant *k, struct member *out)
{
	if (k->tag == CONSTANT_STATIC_METHODREF && k->internal) {
		out->method = own_method(w, k->offset);
		out->class = out->method == NULL ? NULL : out->method->class;
		return;
	}
	out->class = world_class(w, w->package, k->class);
	if (out->class == NULL)
		return;
	if (k->tag == CONSTANT_STATIC_METHODREF)
		out->method = class_static(out->class, k->token);
	else if (k->tag == CONSTANT_VIRTUAL_METHODREF)
		out->method = class_virtual(out->class, k->token);
	else if (out->class->super != NULL)
		out->method = class_virtual(out->class->super, k->token);
}

struct member member_of(struct world *w, const struct cap_constant *k)
{
	struct member out = {0};
	if (k->tag == CONSTANT_CLASSREF)
		out.class = world_class(w, w->package, k->class);
	else if (cap_constant_is_method(k))
		find_method(w, k, &out);
	else
		find_field(w, k, &out);
	return out;
}

const char *access_refused(const struct class *from, const struct class *declares, unsigned access)
{
	if (access & ACCESS_PRIVATE)
		return from == declares ? NULL : "private";
	if (access & ACCESS_PUBLIC || from->package == declares->package)
		return NULL;
	if (access & ACCESS_PROTECTED)
		return class_extends(from, declares) ? NULL : "protected";
	return "package";
}
