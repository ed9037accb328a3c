#include <string.h>

#include "compiler/emit/javacard/inside.h"

/* Descriptor (JCVM 6.14): the types that a verifier needs. Each type is written once; offsets count from
 * constant_pool_count. */

struct types {
	struct assembler *s;
	struct buf text;  /* descriptors as they are, each ended by NUL */
	struct buf bytes; /* as nibbles, each with its count */
	unsigned start;   /* of the first */
	unsigned *offset; /* of each */
	size_t n, room;
};

struct nibbles {
	uint8_t p[256];
	unsigned n;
};

static bool add_nibble(struct types *t, struct nibbles *b, unsigned v)
{
	if (b->n == 255)
		return asm_fail(t->s, "a descriptor is too long");
	b->p[b->n / 2] |= (uint8_t)(b->n % 2 == 0 ? v << 4 : v);
	b->n++;
	return true;
}

static bool add_type(struct types *t, struct nibbles *b, const char *type)
{
	static const char letters[] = "?VZBSI";
	unsigned array = type[0] == '[' ? TYPE_ARRAY : 0;
	const char *at = type + (array != 0);
	if (*at != 'L')
		return add_nibble(t, b, array | (unsigned)(strchr(letters, *at) - letters));
	struct asm_name n;
	const char *end = strchr(at, ';');
	if (end == NULL || !asm_find(t->s, arena_strndup(t->s->a, at + 1, (size_t)(end - at - 1)), &n) ||
	    !add_nibble(t, b, array | TYPE_REFERENCE))
		return false;
	unsigned ref = asm_class_ref(t->s, n);
	for (int shift = 12; shift >= 0; shift -= 4)
		if (!add_nibble(t, b, ref >> shift & 0xf))
			return false;
	return true;
}

/* Offset of a descriptor: of a method's, parameters and then what it returns; or of a field's type. */
static unsigned offset_of(struct types *t, const char *descriptor)
{
	const char *known = (const char *)t->text.p;
	for (size_t i = 0; i < t->n; i++, known += strlen(known) + 1)
		if (strcmp(known, descriptor) == 0)
			return t->offset[i];
	struct nibbles b = {0};
	const char *at = descriptor[0] == '(' ? descriptor + 1 : descriptor;
	while (at != NULL && *at != 0) {
		if (*at == ')')
			at++;
		if (!add_type(t, &b, at))
			return 0;
		at = asm_next_type(at);
	}
	if (t->n == t->room) {
		size_t room = t->room == 0 ? 64 : 2 * t->room;
		unsigned *more = arena_alloc(t->s->a, room * sizeof *more);
		if (t->n != 0)
			memcpy(more, t->offset, t->n * sizeof *more);
		t->offset = more;
		t->room = room;
	}
	unsigned offset = t->start + (unsigned)t->bytes.n;
	t->offset[t->n++] = offset;
	buf_add(&t->text, descriptor, strlen(descriptor) + 1);
	buf_u8(&t->bytes, b.n);
	buf_add(&t->bytes, b.p, (b.n + 1) / 2);
	return offset;
}

static unsigned field_type(struct types *t, const char *type)
{
	static const char letters[] = "ZBSI";
	const char *at = type[1] == 0 ? strchr(letters, type[0]) : NULL;
	return at != NULL ? 0x8000u | (TYPE_BOOLEAN + (unsigned)(at - letters)) : offset_of(t, type);
}

static void put_field(struct types *t, const struct asm_field *f, struct buf *out)
{
	bool is_static = (f->access & ACCESS_STATIC) != 0;
	buf_u8(out, f->token);
	buf_u8(out, f->access);
	if (is_static) {
		buf_u8(out, 0);
		buf_u16(out, f->offset);
	} else {
		buf_u16(out, f->class->offset);
		buf_u8(out, f->token);
	}
	buf_u16(out, field_type(t, f->type));
}

static void put_method(struct types *t, const struct asm_method *m, unsigned token, struct buf *out)
{
	bool interface = (m->class->access & ACCESS_INTERFACE) != 0;
	buf_u8(out, token);
	buf_u8(out, m->access);
	buf_u16(out, interface ? 0 : (unsigned)m->offset);
	buf_u16(out, offset_of(t, m->descriptor));
	buf_u16(out, interface ? 0 : (unsigned)(m->end - m->code));
	buf_u16(out, m->n_handlers);
	buf_u16(out, m->n_handlers == 0 ? 0 : m->first_handler);
}

/* An interface: its methods by token, inherited ones too, but no superinterfaces (verifiers up to 2.2.1 refuse them).
 */
static void put_interface(struct types *t, const struct asm_class *c, struct buf *out)
{
	buf_u8(out, c->token);
	buf_u8(out, c->access);
	buf_u16(out, c->offset);
	buf_u8(out, 0);
	buf_u16(out, 0);
	buf_u16(out, c->n_interface);
	for (unsigned i = 0; i < c->n_interface; i++)
		put_method(t, c->interface[i], i, out);
}

static void put_class(struct types *t, struct asm_class *c, struct buf *out)
{
	unsigned fields = 0, methods = 0;
	for (const struct asm_field *f = c->fields; f != NULL; f = f->next)
		fields++;
	for (const struct asm_method *m = c->methods; m != NULL; m = m->next)
		methods++;
	buf_u8(out, c->token);
	buf_u8(out, c->access);
	buf_u16(out, c->offset);
	buf_u8(out, c->n_all);
	buf_u16(out, fields);
	buf_u16(out, methods);
	for (const struct asm_implemented *i = c->all; i != NULL; i = i->next)
		buf_u16(out, asm_class_ref(t->s, i->interface));
	for (const struct asm_field *f = c->fields; f != NULL; f = f->next)
		put_field(t, f, out);
	for (const struct asm_method *m = c->methods; m != NULL; m = m->next)
		put_method(t, m, m->token, out);
}

static void put_constant_types(struct types *t, struct buf *out)
{
	buf_u16(out, t->s->n_constants);
	for (int fields = 1; fields >= 0; fields--)
		for (const struct asm_constant *c = t->s->constants; c != NULL; c = c->next) {
			if ((c->tag == CONSTANT_INSTANCE_FIELDREF) != (fields == 1))
				continue;
			if (c->type == NULL)
				buf_u16(out, 0xffff);
			else
				buf_u16(
				    out, offset_of(t, c->type)); /* of primitive types too, unlike those of fields */
		}
}

bool asm_write_descriptor(struct assembler *s, struct buf *out)
{
	unsigned classes = 0;
	struct types t = {.s = s, .start = 2 + 2 * s->n_constants};
	struct buf constants = {0};
	for (const struct asm_class *c = s->classes; c != NULL; c = c->next)
		classes++;
	buf_u8(out, classes);
	for (unsigned pass = 0; pass < 2; pass++)
		for (struct asm_class *c = s->classes; c != NULL; c = c->next) {
			bool interface = (c->access & ACCESS_INTERFACE) != 0;
			if (interface && pass == 0)
				put_interface(&t, c, out);
			else if (!interface && pass == 1)
				put_class(&t, c, out);
		}
	put_constant_types(&t, &constants);
	buf_add(out, constants.p, constants.n);
	buf_add(out, t.bytes.p, t.bytes.n);
	if (t.start + t.bytes.n > 0x7fff)
		asm_fail(s, "the Descriptor has %zu bytes of types", t.bytes.n);
	out->bad |= constants.bad || t.bytes.bad || t.text.bad;
	buf_reset(&constants);
	buf_reset(&t.bytes);
	buf_reset(&t.text);
	return s->error == NULL;
}
