#include <string.h>

#include "compiler/emit/javacard/inside.h"

/* The static field image (JCVM 6.11): references to initialised arrays, null references, zero values, other values. */
enum { ARRAYS, REFERENCES, DEFAULTS, VALUES, GROUPS };

static unsigned group_of(const struct asm_field *f)
{
	bool reference = f->type[0] == '[' || f->type[0] == 'L', zero = true;
	for (size_t i = 0; i < f->n; i++)
		zero = zero && f->value[i] == 0;
	if (reference)
		return f->n != 0 ? ARRAYS : REFERENCES;
	return zero ? DEFAULTS : VALUES;
}

static unsigned bytes_of(const struct asm_field *f)
{
	switch (f->type[0]) {
	case 'Z':
	case 'B':
		return 1;
	case 'I':
		return 4;
	default:
		return 2;
	}
}

bool asm_place_statics(struct assembler *s)
{
	unsigned bytes[GROUPS] = {0}, at = 0;
	s->image_array_bytes = 0;
	for (unsigned group = 0; group < GROUPS; group++)
		for (struct asm_class *c = s->classes; c != NULL; c = c->next)
			for (struct asm_field *f = c->fields; f != NULL; f = f->next) {
				if ((f->access & ACCESS_STATIC) == 0 || group_of(f) != group)
					continue;
				f->offset = at;
				at += bytes_of(f);
				bytes[group] += bytes_of(f);
				s->image_array_bytes += group == ARRAYS ? (unsigned)f->n : 0;
			}
	if (at > 0x7fff || s->image_array_bytes > 0xffff)
		return asm_fail(s, "static fields take %u bytes, their arrays %u", at, s->image_array_bytes);
	if (bytes[ARRAYS] != 0 && s->applets == NULL)
		return asm_fail(s, "a library cannot have static arrays with contents (JCVM 2.2.3)");
	s->image = at;
	s->image_arrays = bytes[ARRAYS] / 2;
	s->image_references = (bytes[ARRAYS] + bytes[REFERENCES]) / 2;
	s->image_defaults = bytes[DEFAULTS];
	s->image_values = bytes[VALUES];
	return true;
}

static void each(struct assembler *s, unsigned group, struct buf *out)
{
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		for (struct asm_field *f = c->fields; f != NULL; f = f->next) {
			if ((f->access & ACCESS_STATIC) == 0 || group_of(f) != group)
				continue;
			if (group == ARRAYS) {
				static const char letters[] = "ZBSI";
				buf_u8(out, TYPE_BOOLEAN + (unsigned)(strchr(letters, f->type[1]) - letters));
				buf_u16(out, (unsigned)f->n);
			}
			buf_add(out, f->value, f->n);
		}
}

void asm_write_statics(struct assembler *s, struct buf *out)
{
	buf_u16(out, s->image);
	buf_u16(out, s->image_references);
	buf_u16(out, s->image_arrays);
	each(s, ARRAYS, out);
	buf_u16(out, s->image_defaults);
	buf_u16(out, s->image_values);
	each(s, VALUES, out);
}
