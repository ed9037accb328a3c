#include "runtime/cap/parts.h"

/* 6.11, and what the Directory says of it (6.5). */

static bool read_arrays(struct cap_model *m, struct cap_reader *in, size_t *bytes)
{
	struct cap_static *s = &m->statics;
	s->n_arrays = rd_u16(&in->r);
	if (in->r.bad || s->n_arrays > rd_left(&in->r) / 3)
		return cap_ends(in, "array_init_info");
	s->array = arena_alloc(&m->arena, s->n_arrays * sizeof *s->array);
	for (size_t i = 0; i < s->n_arrays; i++) {
		struct cap_array *a = &s->array[i];
		size_t at = in->r.at;
		a->type = rd_u8(&in->r);
		a->count = rd_u16(&in->r);
		a->values = rd_bytes(&in->r, a->count);
		if (in->r.bad)
			return cap_ends(in, "array_init_info");
		if (a->type < TYPE_BOOLEAN || a->type > TYPE_INT)
			return cap_bad(in, at, "type of an array", a->type);
		unsigned each = a->type == TYPE_SHORT ? 2 : a->type == TYPE_INT ? 4 : 1;
		if (a->count % each != 0)
			return cap_bad(in, at + 1, "count of bytes of an array", a->count);
		*bytes += a->count;
	}
	return true;
}

static bool check_directory(struct cap_model *m, size_t bytes, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Directory, d);
	unsigned sizes = m->cap->format >= 0x0203 ? 28 : m->cap->format == 0x0202 ? 24 : 22;
	rd_bytes(&in.r, sizes);
	unsigned image = rd_u16(&in.r), arrays = rd_u16(&in.r), size = rd_u16(&in.r);
	if (image != m->statics.image)
		return cap_wrong(&in, sizes, "image_size", image, m->statics.image);
	if (arrays != m->statics.n_arrays)
		return cap_wrong(&in, sizes + 2, "array_init_count", arrays, m->statics.n_arrays);
	if (size != bytes)
		return cap_wrong(&in, sizes + 4, "array_init_size", size, bytes);
	return true;
}

bool cap_read_statics(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_StaticField, d);
	struct cap_static *s = &m->statics;
	size_t bytes = 0;
	s->image = rd_u16(&in.r);
	s->references = rd_u16(&in.r);
	if (!read_arrays(m, &in, &bytes))
		return false;
	s->defaults = rd_u16(&in.r);
	s->non_defaults = rd_u16(&in.r);
	s->values = rd_bytes(&in.r, s->non_defaults);
	if (in.r.bad)
		return cap_ends(&in, "non_default_values");
	if (s->n_arrays > s->references)
		return cap_beyond(&in, 4, "array_init_count", s->n_arrays, s->references + 1u);
	size_t sum = 2u * s->references + s->defaults + s->non_defaults;
	if (sum != s->image)
		return cap_wrong(&in, 0, "image_size", s->image, sum);
	return cap_whole(&in) && check_directory(m, bytes, d);
}
