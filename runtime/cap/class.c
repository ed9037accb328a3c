#include "runtime/cap/parts.h"

/* The package's own interfaces and classes. Superclasses and superinterfaces need not come first, so that references
 * are checked when all are known. */

static void read_implemented(struct cap_model *m, struct cap_class *c, struct rd *r, bool of_class)
{
	c->interface = arena_alloc(&m->arena, c->n_interfaces * sizeof *c->interface);
	for (size_t i = 0; i < c->n_interfaces; i++) {
		struct cap_implemented *one = &c->interface[i];
		one->class = rd_u16(r);
		one->count = of_class ? rd_u8(r) : 0;
		one->index = rd_bytes(r, one->count);
	}
}

static void read_interface(struct cap_model *m, struct cap_class *c, struct rd *r)
{
	c->super = CLASSREF_NONE;
	read_implemented(m, c, r, false);
	if (c->flags & CLASS_REMOTE) /* interface_name_info */
		rd_bytes(r, rd_u8(r));
}

/* remote_interface_info (6.9.2.6), of which only the extent matters here. */
static void skip_remote(struct rd *r)
{
	rd_bytes(r, 5u * rd_u8(r));
	rd_bytes(r, rd_u8(r));
	rd_bytes(r, 2u * rd_u8(r));
}

static void read_class(struct cap_model *m, struct cap_class *c, struct rd *r)
{
	c->super = rd_u16(r);
	c->size = rd_u8(r);
	c->first_reference = rd_u8(r);
	c->references = rd_u8(r);
	c->public_base = rd_u8(r);
	c->public_count = rd_u8(r);
	c->package_base = rd_u8(r);
	c->package_count = rd_u8(r);
	c->public_table = rd_bytes(r, 2u * c->public_count);
	c->package_table = rd_bytes(r, 2u * c->package_count);
	read_implemented(m, c, r, true);
	if (c->flags & CLASS_REMOTE)
		skip_remote(r);
	if (m->cap->format >=
	    0x0203) { /* public_virtual_method_token_mapping, CAP22_inheritable_public_method_token_count */
		rd_bytes(r, (size_t)c->public_base + c->public_count);
		rd_u8(r);
	}
}

/* How many structures the component has, at most: the least takes one byte. */
static bool read_all(struct cap_model *m, struct cap_reader *in)
{
	m->class = arena_alloc(&m->arena, (rd_left(&in->r) + 1) * sizeof *m->class);
	while (rd_left(&in->r) > 0) {
		struct cap_class *c = &m->class[m->n_classes];
		c->offset = (uint16_t)in->r.at;
		uint8_t bits = rd_u8(&in->r);
		c->flags = bits >> 4;
		c->n_interfaces = bits & 0xf;
		c->token = 0xff;
		if (c->flags & CLASS_INTERFACE)
			read_interface(m, c, &in->r);
		else
			read_class(m, c, &in->r);
		if (in->r.bad)
			return cap_ends(in, c->flags & CLASS_INTERFACE ? "interface_info" : "class_info");
		m->n_classes++;
	}
	return true;
}

/* References are numbered one after the other within the instance (6.9.2). */
static bool check_instance(struct cap_class *c, struct cap_reader *in)
{
	unsigned first = c->references == 0 ? 0 : c->first_reference;
	if (c->references != 0 && first + c->references > c->size)
		return cap_beyond(
		    in, c->offset, "first_reference_token + reference_count", first + c->references, c->size + 1u);
	return true;
}

/* Up the superclasses there is an end: a class that is its own ancestor would never let a card find a method. */
static bool check_ancestors(const struct cap_model *m, const struct cap_class *c, struct cap_reader *in)
{
	size_t steps = 0;
	for (const struct cap_class *up = c; up != NULL && !(up->super & CLASSREF_EXTERNAL); steps++) {
		if (steps > m->n_classes)
			return cap_bad(in, c->offset, "super_class_ref", c->super);
		up = cap_class_at(m, up->super);
	}
	return true;
}

static bool check_class(const struct cap_model *m, struct cap_class *c, struct cap_reader *in)
{
	if (c->super != CLASSREF_NONE && !cap_check_class_ref(m, in, c->offset, c->super))
		return false;
	const struct cap_class *super = c->super & CLASSREF_EXTERNAL ? NULL : cap_class_at(m, c->super);
	if (super != NULL && super->flags & CLASS_INTERFACE)
		return cap_bad(in, c->offset, "super_class_ref", c->super);
	for (size_t i = 0; i < c->n_interfaces; i++)
		if (!cap_check_class_ref(m, in, c->offset, c->interface[i].class))
			return false;
	return check_instance(c, in);
}

bool cap_read_classes(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Class, d);
	if (m->cap->format >= 0x0202)
		rd_bytes(&in.r, rd_u16(&in.r)); /* signature_pool: for remote methods */
	if (in.r.bad)
		return cap_ends(&in, "signature_pool");
	if (!read_all(m, &in))
		return false;
	bool ok = true;
	for (size_t i = 0; i < m->n_classes; i++)
		ok = check_class(m, &m->class[i], &in) && ok;
	for (size_t i = 0; ok && i < m->n_classes; i++)
		ok = check_ancestors(m, &m->class[i], &in);
	return ok;
}

const struct cap_class *cap_class_at(const struct cap_model *m, unsigned offset)
{
	size_t low = 0, high = m->n_classes;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (m->class[middle].offset == offset)
			return &m->class[middle];
		if (m->class[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool cap_check_class_ref(const struct cap_model *m, struct cap_reader *in, size_t at, unsigned ref)
{
	if (ref & CLASSREF_EXTERNAL) {
		unsigned package = ref >> 8 & 0x7f;
		return package < m->cap->n_imports || cap_beyond(in, at, "package token", package, m->cap->n_imports);
	}
	return cap_class_at(m, ref) != NULL || cap_bad(in, at, "class_ref", ref);
}

unsigned cap_word(const uint8_t *table, size_t i)
{
	return (unsigned)table[2 * i] << 8 | table[2 * i + 1];
}
