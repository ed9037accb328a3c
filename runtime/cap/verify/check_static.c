#include "runtime/cap/verify/check.h"

/* The image of static fields (6.11): references first, which the card follows when it collects garbage, then primitive
 * values; each field a place of its own. */

static unsigned width(struct type t)
{
	if (t.array || t.base == TYPE_REFERENCE || t.base == TYPE_SHORT)
		return 2;
	return t.base == TYPE_INT ? 4 : 1;
}

static bool check_field(struct check *k, const struct field *one, uint8_t *used)
{
	const struct cap_static *s = &k->m->statics;
	struct cap_reader in = cap_reader_of(k->m->cap, COMPONENT_StaticField, k->d);
	bool reference = one->type.array || one->type.base == TYPE_REFERENCE;
	unsigned n = width(one->type);
	if ((size_t)one->offset + n > s->image)
		return cap_beyond(&in, 0, "offset of a static field", one->offset + n, s->image + 1u);
	if (reference != (one->offset < 2u * s->references) || (reference && one->offset % 2 != 0))
		return cap_bad(&in, 0, "offset of a static field", one->offset);
	for (unsigned i = 0; i < n; i++)
		if (used[one->offset + i]++ != 0)
			return cap_bad(&in, 0, "offset of a static field", one->offset);
	if (one->offset / 2u < s->n_arrays && reference) {
		const struct cap_array *a = &s->array[one->offset / 2];
		if (!one->type.array || one->type.base != a->type)
			return cap_bad(&in, 0, "type of an array", a->type);
	}
	return true;
}

bool check_statics(struct check *k)
{
	uint8_t *used = arena_alloc(k->w->arena, 0x10000);
	for (size_t i = 0; i < k->w->package->n_classes; i++) {
		const struct class *c = k->w->package->class[i];
		for (size_t n = 0; n < c->n_fields; n++)
			if (c->field[n].is_static && !check_field(k, &c->field[n], used))
				return false;
	}
	return true;
}
