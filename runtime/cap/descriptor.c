#include <stdlib.h>

#include "runtime/cap/parts.h"

/* 6.14: what a verifier needs to know, and here where each method ends. */

enum { METHOD_BYTES = 12, FIELD_BYTES = 7 };

static bool read_field(struct cap_model *m, struct cap_field *f, struct cap_reader *in)
{
	size_t at = in->r.at;
	f->token = rd_u8(&in->r);
	f->access = rd_u8(&in->r);
	f->is_static = (f->access & ACCESS_STATIC) != 0;
	unsigned word = rd_u16(&in->r);
	f->number = rd_u8(&in->r);
	f->type = rd_u16(&in->r);
	if (in->r.bad)
		return cap_ends(in, "field_descriptor_info");
	f->class = (uint16_t)word;
	if (!f->is_static)
		return cap_check_class_ref(m, in, at + 2, word);
	f->offset = (uint16_t)(word << 8 | f->number);
	if (word > 0xff || f->offset >= m->statics.image)
		return cap_beyond(in, at + 2, "offset of a static field", word << 8 | f->number, m->statics.image);
	return true;
}

static bool read_method(struct cap_model *m, struct cap_method *one, struct cap_reader *in, struct cap_reader *methods)
{
	size_t at = in->r.at;
	*one = (struct cap_method){.described = true};
	one->token = rd_u8(&in->r);
	one->access = rd_u8(&in->r);
	unsigned offset = rd_u16(&in->r);
	uint16_t type = rd_u16(&in->r);
	size_t length = rd_u16(&in->r);
	one->handlers = rd_u16(&in->r);
	one->first_handler = rd_u16(&in->r);
	if (in->r.bad)
		return cap_ends(in, "method_descriptor_info");
	one->type = type;
	one->length = (uint16_t)length;
	if (offset == 0 && one->access & ACCESS_METHOD_ABSTRACT)
		return true; /* of an interface: it has no header */
	if (offset < 1 + 8 * m->n_handlers)
		return cap_bad(in, at + 2, "method_offset", offset);
	if (!cap_read_method_header(one, methods, offset))
		return false;
	one->length = (uint16_t)length;
	if (one->code + length > methods->r.n)
		return cap_beyond(in, at + 6, "bytecode_count", length, methods->r.n - one->code + 1);
	if ((size_t)one->first_handler + one->handlers > m->n_handlers)
		return cap_beyond(in, at + 8, "first_exception_handler_index + exception_handler_count",
		    (size_t)one->first_handler + one->handlers, m->n_handlers + 1);
	return true;
}

static bool read_class(struct cap_model *m, struct cap_reader *in, struct cap_reader *methods)
{
	size_t at = in->r.at;
	uint8_t token = rd_u8(&in->r), access = rd_u8(&in->r);
	uint16_t ref = rd_u16(&in->r);
	size_t interfaces = rd_u8(&in->r), n_fields = rd_u16(&in->r), n_methods = rd_u16(&in->r);
	struct cap_class *c = (struct cap_class *)cap_class_at(m, ref); /* of m->class, which is ours */
	if (in->r.bad)
		return cap_ends(in, "class_descriptor_info");
	if (c == NULL || c->described)
		return cap_bad(in, at + 2, "this_class_ref", ref);
	c->described = true;
	c->token = token;
	c->access = access;
	c->n_described_interfaces = interfaces;
	c->described_interface = in->r.p + in->r.at;
	for (size_t i = 0; i < interfaces; i++) {
		size_t where = in->r.at;
		unsigned interface = rd_u16(&in->r);
		if (in->r.bad)
			return cap_ends(in, "interfaces");
		if (!cap_check_class_ref(m, in, where, interface))
			return false;
	}
	if (n_fields > rd_left(&in->r) / FIELD_BYTES)
		return cap_ends(in, "fields");
	c->field = arena_alloc(&m->arena, n_fields * sizeof *c->field);
	for (c->n_fields = 0; c->n_fields < n_fields; c->n_fields++)
		if (!read_field(m, &c->field[c->n_fields], in))
			return false;
	for (c->n_methods = 0; c->n_methods < n_methods; c->n_methods++) {
		struct cap_method one;
		if (!read_method(m, &one, in, methods))
			return false;
		one.class = (size_t)(c - m->class);
		if (one.offset != 0)
			m->method[m->n_methods++] = one;
		else
			m->declared[m->n_declared++] = one;
	}
	return true;
}

static int by_offset(const void *a, const void *b)
{
	const struct cap_method *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool check_extents(struct cap_model *m, struct cap_reader *methods)
{
	qsort(m->method, m->n_methods, sizeof *m->method, by_offset);
	for (size_t i = 1; i < m->n_methods; i++) {
		const struct cap_method *before = &m->method[i - 1];
		if ((size_t)before->code + before->length > m->method[i].offset)
			return cap_beyond(methods, before->offset, "end of a method",
			    (size_t)before->code + before->length, m->method[i].offset + 1u);
	}
	return true;
}

/* Fields of primitive types have no descriptor (6.14.2). */
static bool is_primitive(unsigned type)
{
	return type >= 0x8002 && type <= 0x8005;
}

/* The offset of a descriptor, behind the types of the constants. */
static bool type_is_good(const struct cap_model *m, unsigned type, bool method)
{
	struct buf text = {0};
	bool good = cap_type_text(m, type, method, &text);
	for (size_t i = 0; i < text.n; i++)
		good = good && text.p[i] != '?';
	buf_reset(&text);
	return good;
}

static bool read_types(struct cap_model *m, struct cap_reader *in)
{
	size_t base = in->r.at;
	m->types = rd_of(in->r.p + base, rd_left(&in->r));
	size_t n = rd_u16(&in->r);
	m->constant_type = rd_bytes(&in->r, 2 * n);
	if (in->r.bad)
		return cap_ends(in, "constant_pool_types");
	if (n != m->n_constants)
		return cap_wrong(in, base, "constant_pool_count", n, m->n_constants);
	for (size_t i = 0; i < n; i++) {
		unsigned type = cap_word(m->constant_type, i);
		if (type != 0xffff && !type_is_good(m, type, cap_constant_is_method(&m->constant[i])))
			return cap_bad(in, base + 2 + 2 * i, "constant_pool_types", type);
	}
	while (rd_left(&in->r) > 0)
		rd_bytes(&in->r, (rd_u8(&in->r) + 1u) / 2);
	return !in->r.bad || cap_ends(in, "type_descriptor");
}

static bool check_member_types(struct cap_model *m, struct cap_reader *in)
{
	for (size_t i = 0; i < m->n_methods; i++)
		if (!type_is_good(m, m->method[i].type, true))
			return cap_bad(in, 0, "type_offset of a method", m->method[i].type);
	for (size_t i = 0; i < m->n_classes; i++)
		for (size_t k = 0; k < m->class[i].n_fields; k++)
			if (!is_primitive(m->class[i].field[k].type) &&
			    !type_is_good(m, m->class[i].field[k].type, false))
				return cap_bad(in, 0, "type of a field", m->class[i].field[k].type);
	return true;
}

bool cap_read_descriptor(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Descriptor, d);
	struct cap_reader methods = cap_reader_of(m->cap, COMPONENT_Method, d);
	m->method = arena_alloc(&m->arena, (in.r.n / METHOD_BYTES + 1) * sizeof *m->method);
	m->declared = arena_alloc(&m->arena, (in.r.n / METHOD_BYTES + 1) * sizeof *m->declared);
	size_t classes = rd_u8(&in.r);
	for (size_t i = 0; i < classes; i++)
		if (!read_class(m, &in, &methods))
			return false;
	if (in.r.bad)
		return cap_ends(&in, "class_count");
	return read_types(m, &in) && check_extents(m, &methods) && check_member_types(m, &in);
}
