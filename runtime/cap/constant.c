#include "runtime/cap/parts.h"

/* 6.8. Classes and static fields are checked here; that a method begins at an offset is checked when methods are known.
 */

static bool read_static(struct cap_model *m, struct cap_constant *c, struct cap_reader *in, size_t at, unsigned word)
{
	c->internal = (word & CLASSREF_EXTERNAL) == 0;
	if (!c->internal)
		return cap_check_class_ref(m, in, at, word);
	if (word > 0xff)
		return cap_bad(in, at + 1, "padding", word >> 8);
	c->offset = (uint16_t)(word << 8 | c->token);
	if (c->tag == CONSTANT_STATIC_FIELDREF && c->offset >= m->statics.image)
		return cap_beyond(in, at + 2, "offset of a static field", c->offset, m->statics.image);
	return true;
}

static bool read_constant(struct cap_model *m, struct cap_constant *c, struct cap_reader *in)
{
	size_t at = in->r.at;
	c->tag = rd_u8(&in->r);
	unsigned word = rd_u16(&in->r);
	c->token = rd_u8(&in->r);
	c->class = (uint16_t)word;
	if (in->r.bad)
		return cap_ends(in, "cp_info");
	if (c->tag < CONSTANT_CLASSREF || c->tag > CONSTANT_STATIC_METHODREF)
		return cap_bad(in, at, "tag", c->tag);
	if (c->tag >= CONSTANT_STATIC_FIELDREF)
		return read_static(m, c, in, at, word);
	if (!cap_check_class_ref(m, in, at + 1, word))
		return false;
	if (c->tag == CONSTANT_CLASSREF && c->token != 0)
		return cap_wrong(in, at + 3, "padding", c->token, 0);
	return true;
}

bool cap_read_constants(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_ConstantPool, d);
	size_t n = rd_u16(&in.r);
	bool ok = true;
	if (in.r.bad)
		return cap_ends(&in, "count");
	m->constant = arena_alloc(&m->arena, n * sizeof *m->constant);
	for (m->n_constants = 0; m->n_constants < n && !in.r.bad; m->n_constants++)
		ok = read_constant(m, &m->constant[m->n_constants], &in) && ok;
	return ok && cap_whole(&in);
}

bool cap_constant_is_method(const struct cap_constant *c)
{
	return c->tag == CONSTANT_VIRTUAL_METHODREF || c->tag == CONSTANT_SUPER_METHODREF ||
	    c->tag == CONSTANT_STATIC_METHODREF;
}
