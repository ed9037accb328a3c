#include "runtime/cap/parts.h"

/* 6.13: what other packages may use, by token. Offsets of methods are checked with all others. */
static bool read_one(struct cap_model *m, struct cap_exported *e, struct cap_reader *in)
{
	size_t at = in->r.at;
	e->class = rd_u16(&in->r);
	e->n_fields = rd_u8(&in->r);
	e->n_methods = rd_u8(&in->r);
	e->field = rd_bytes(&in->r, 2u * e->n_fields);
	e->method = rd_bytes(&in->r, 2u * e->n_methods);
	if (in->r.bad)
		return cap_ends(in, "class_export_info");
	if (cap_class_at(m, e->class) == NULL)
		return cap_bad(in, at, "class_offset", e->class);
	for (size_t i = 0; i < e->n_fields; i++)
		if (cap_word(e->field, i) >= m->statics.image)
			return cap_beyond(
			    in, at + 4 + 2 * i, "static_field_offset", cap_word(e->field, i), m->statics.image);
	return true;
}

bool cap_read_export(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Export, d);
	if (in.r.n == 0)
		return true;
	size_t n = rd_u8(&in.r);
	m->exported = arena_alloc(&m->arena, n * sizeof *m->exported);
	for (m->n_exported = 0; m->n_exported < n; m->n_exported++)
		if (!read_one(m, &m->exported[m->n_exported], &in))
			return false;
	return in.r.bad ? cap_ends(&in, "class_count") : cap_whole(&in);
}
