/* The constant pool, resolved: JCVM 6.8. Nothing in it is trusted. */
#include "runtime/sim/javacard/machine/parse.h"

bool jc_parse_note_constants(struct jc_parse *p)
{
	struct rd r = jc_parse_part(p, PART_POOL);
	unsigned n = rd_u16(&r);
	while (!r.bad && n-- > 0) {
		uint8_t tag = rd_u8(&r), high = rd_u8(&r);
		uint16_t low = rd_u16(&r);
		if (!r.bad && tag == CONSTANT_STATIC_METHODREF && high == 0 && !jc_parse_note_method(p, low))
			return false;
	}
	return !r.bad || jc_parse_bad(p);
}

static bool instance_field(struct jc_parse *p, struct jc_constant *k, uint16_t class, uint8_t token)
{
	if ((k->class = jc_parse_class_ref(p, class)) == NULL)
		return false;
	/* Cells of ROM classes are the natives'. */
	if (k->class->code == NULL || k->class->super == NULL)
		return jc_parse_bad(p);
	unsigned cell = k->class->super->cells + (unsigned)token;
	k->at = (uint16_t)cell;
	return cell < k->class->cells || jc_parse_bad(p);
}

/* Has this chip's version of the package the method? It is declared by the class or a super in ROM. */
static bool chip_has_virtual(struct jc_parse *p, const struct jc_class *c, uint8_t token)
{
	while (c != NULL && (c->code != NULL || token >= c->n_virtuals || !c->virtuals[token].present))
		c = c->super;
	return c == NULL || c->virtuals[token].since <= p->chip->minor[c->package] || jc_parse_missing(p);
}

static bool virtual_method(struct jc_parse *p, struct jc_constant *k, uint16_t class, uint8_t token)
{
	const struct jc_method *m;
	if ((k->class = jc_parse_class_ref(p, class)) == NULL)
		return false;
	k->package_private = (token & 0x80) != 0;
	k->token = token & 0x7f;
	if (k->package_private) {
		if (k->class->code != p->code || k->token >= k->class->n_package_virtuals)
			return jc_parse_bad(p);
		m = &k->class->package_virtuals[k->token];
	} else {
		m = jc_find_virtual(k->class, k->token);
	}
	if (m == NULL || !m->present)
		return k->class->code == p->code ? jc_parse_bad(p) : jc_parse_missing(p);
	k->words = m->words;
	k->method = m;
	k->direct = !k->package_private && (m->native != NULL || m->start != NULL);
	return m->native == NULL || chip_has_virtual(p, k->class, k->token);
}

static bool super_method(struct jc_parse *p, struct jc_constant *k, uint16_t class, uint8_t token)
{
	if ((k->class = jc_parse_class_ref(p, class)) == NULL)
		return false;
	if (k->class->code != p->code || k->class->super == NULL)
		return jc_parse_bad(p);
	const struct jc_class *s = k->class->super;
	if ((token & 0x80) != 0)
		k->method = s->code == p->code && (token & 0x7f) < s->n_package_virtuals
		    ? &s->package_virtuals[token & 0x7f]
		    : NULL;
	else
		k->method = jc_find_virtual(s, token);
	if (k->method == NULL || !k->method->present || (k->method->native == NULL && k->method->start == NULL))
		return jc_parse_missing(p);
	k->token = token & 0x7f;
	return k->method->native == NULL || chip_has_virtual(p, s, token);
}

static const struct jc_export *export_of(
    struct jc_parse *p, uint8_t package, uint8_t class, const struct jc_import **import)
{
	if ((package & 0x7f) >= p->code->imports) {
		jc_parse_bad(p);
		return NULL;
	}
	*import = &p->code->import[package & 0x7f];
	if ((*import)->code == NULL)
		return NULL;
	if (class >= (*import)->code->n_exports) {
		jc_parse_missing(p);
		return NULL;
	}
	return &(*import)->code->exports[class];
}

static bool static_field(struct jc_parse *p, struct jc_constant *k, uint8_t high, uint16_t low)
{
	const struct jc_import *import = NULL;
	k->code = p->code;
	k->at = low;
	if (high == 0)
		return low < p->code->image_n || jc_parse_bad(p);
	if ((high & 0x80) == 0)
		return jc_parse_bad(p);
	const struct jc_export *e = export_of(p, high, (uint8_t)(low >> 8), &import);
	if (e == NULL || (low & 0xff) >= e->fields)
		return jc_parse_missing(p); /* ROM packages have none */
	k->code = import->code;
	k->at = e->field[low & 0xff];
	return true;
}

static bool rom_static(struct jc_parse *p, struct jc_constant *k, const struct jc_import *import, uint16_t low)
{
	uint8_t token = (uint8_t)low;
	if ((k->class = jc_parse_class_of_rom(p, import, (uint8_t)(low >> 8))) == NULL)
		return false;
	if (token >= k->class->n_statics || !k->class->statics[token].present ||
	    k->class->statics[token].native == NULL)
		return jc_parse_missing(p);
	k->method = &k->class->statics[token];
	return k->method->since <= p->chip->minor[import->number] || jc_parse_missing(p);
}

static bool static_method(struct jc_parse *p, struct jc_constant *k, uint8_t high, uint16_t low)
{
	const struct jc_import *import = NULL;
	if (high == 0) {
		k->method = jc_parse_method_at(p, low);
		return k->method->start != NULL || jc_parse_bad(p);
	}
	if ((high & 0x80) == 0)
		return jc_parse_bad(p);
	const struct jc_export *e = export_of(p, high, (uint8_t)(low >> 8), &import);
	if (import != NULL && import->rom != NULL)
		return rom_static(p, k, import, low);
	if (e == NULL || (low & 0xff) >= e->methods)
		return jc_parse_missing(p);
	k->method = e->method[low & 0xff];
	return true;
}

static bool read_constant(struct jc_parse *p, struct jc_constant *k, struct rd *r)
{
	k->tag = rd_u8(r);
	uint8_t b1 = rd_u8(r), b2 = rd_u8(r), b3 = rd_u8(r);
	uint16_t first = (uint16_t)(b1 << 8 | b2), last = (uint16_t)(b2 << 8 | b3);
	switch (k->tag) {
	case CONSTANT_CLASSREF:
		return (k->class = jc_parse_class_ref(p, first)) != NULL;
	case CONSTANT_INSTANCE_FIELDREF:
		return instance_field(p, k, first, b3);
	case CONSTANT_VIRTUAL_METHODREF:
		return virtual_method(p, k, first, b3);
	case CONSTANT_SUPER_METHODREF:
		return super_method(p, k, first, b3);
	case CONSTANT_STATIC_FIELDREF:
		return static_field(p, k, b1, last);
	case CONSTANT_STATIC_METHODREF:
		return static_method(p, k, b1, last);
	default:
		return jc_parse_bad(p);
	}
}

bool jc_parse_constants(struct jc_parse *p)
{
	struct rd r = jc_parse_part(p, PART_POOL);
	struct jc_code *c = p->code;
	c->constants = rd_u16(&r);
	if (r.bad || rd_left(&r) != 4u * c->constants)
		return jc_parse_bad(p);
	c->pool = arena_alloc(&c->arena, c->constants * sizeof *c->pool);
	for (unsigned i = 0; i < c->constants; i++)
		if (!read_constant(p, &c->pool[i], &r))
			return false;
	return true;
}
