#include "runtime/cap/code.h"
#include "runtime/cap/parts.h"

/* 6.12: where the indices into the constant pool are, that a card may turn into addresses when it links. They follow
 * from the code, so that they are made again and compared. */

enum { METHOD_INFO = 0x10000 };

static void set(uint8_t *width, size_t at, unsigned bytes)
{
	if (at < METHOD_INFO)
		width[at] = (uint8_t)bytes;
}

static void from_code(const struct cap_model *m, uint8_t *width)
{
	const uint8_t *p = cap_info(m->cap, COMPONENT_Method).p;
	struct cap_instruction i;
	for (size_t k = 0; k < m->n_methods; k++) {
		size_t end = (size_t)m->method[k].code + m->method[k].length;
		for (size_t at = m->method[k].code; at < end && cap_decode(p, end, at, &i) == CAP_DECODED;
		     at += i.length)
			if (i.width != 0)
				set(width, i.relocated, i.width);
	}
	for (size_t k = 0; k < m->n_handlers; k++)
		if (m->handler[k].catch_type != 0)
			set(width, 1 + 8 * k + 6, 2);
}

/* Without a Descriptor there may be methods that nothing refers to. */
static bool is_in_method(const struct cap_model *m, size_t at)
{
	if (m->constant_type != NULL || at < 1 + 8 * m->n_handlers)
		return true;
	for (size_t i = 0; i < m->n_methods; i++)
		if (at >= m->method[i].offset && at < (size_t)m->method[i].code + m->method[i].length)
			return true;
	return false;
}

/* Take those listed for operands of this width off. A delta of 255 continues with the next byte. */
static bool compare(const struct cap_model *m, struct cap_reader *in, uint8_t *width, unsigned bytes)
{
	size_t n = rd_u16(&in->r), position = 0;
	if (in->r.bad)
		return cap_ends(in, bytes == 1 ? "byte_index_count" : "byte2_index_count");
	for (size_t i = 0; i < n; i++) {
		size_t at = in->r.at;
		unsigned delta = rd_u8(&in->r);
		if (in->r.bad)
			return cap_ends(in, bytes == 1 ? "offsets_to_byte_indices" : "offsets_to_byte2_indices");
		position += delta;
		if (delta == 255)
			continue;
		if (position >= METHOD_INFO || (width[position] != bytes && is_in_method(m, position)))
			return cap_bad(in, at, "offset of a relocated operand", position);
		width[position] = 0;
	}
	return true;
}

bool cap_check_relocation(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_RefLocation, d);
	uint8_t *width = arena_alloc(&m->arena, METHOD_INFO);
	from_code(m, width);
	if (!compare(m, &in, width, 1) || !compare(m, &in, width, 2))
		return false;
	for (size_t at = 0; at < METHOD_INFO; at++)
		if (width[at] != 0)
			return diag_add(d, cap_at(m->cap), DIAG_CAP_NOT_RELOCATED, diag_num(at), NULL);
	return cap_whole(&in);
}
