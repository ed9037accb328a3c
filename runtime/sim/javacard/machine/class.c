/* Classes and interfaces of a package, and references to classes: JCVM 6.9, 6.8.1. Nothing in them is trusted. */
#include "runtime/sim/javacard/machine/parse.h"

/* --- classes: where they begin --- */

enum { INTERFACE = CLASS_INTERFACE << 4, SHAREABLE = CLASS_SHAREABLE << 4, REMOTE = CLASS_REMOTE << 4 };

/* Read over an interface or class; false: the component ends inside, or it is of a kind that no card here has. */
static bool skip_class(struct jc_parse *p, struct rd *r)
{
	uint8_t bits = rd_u8(r), n = bits & 0x0f;
	if ((bits & REMOTE) != 0)
		return jc_parse_bad(p);
	if ((bits & INTERFACE) != 0) {
		rd_bytes(r, 2u * n);
		return !r->bad;
	}
	rd_bytes(r, 2 + 1 + 1 + 1);
	uint8_t public_base = rd_u8(r), public_n = rd_u8(r);
	rd_u8(r);
	uint8_t package_n = rd_u8(r);
	rd_bytes(r, 2u * (public_n + package_n));
	for (unsigned i = 0; i < n; i++) {
		rd_u16(r);
		rd_bytes(r, rd_u8(r));
	}
	/* 2.3: the token mapping, and how many public methods a class of format 2.2 may inherit. */
	if (p->raw->format >= 3)
		rd_bytes(r, public_base + public_n + 1u);
	return !r->bad;
}

static bool note_tables(struct jc_parse *p, unsigned index)
{
	struct rd r = jc_parse_part(p, PART_CLASS);
	rd_bytes(&r, p->code->class_at[index]);
	uint8_t bits = rd_u8(&r);
	if ((bits & INTERFACE) != 0)
		return true;
	rd_bytes(&r, 2 + 1 + 1 + 1);
	rd_u8(&r);
	unsigned n = rd_u8(&r);
	rd_u8(&r);
	n += rd_u8(&r);
	while (n-- > 0) {
		uint16_t offset = rd_u16(&r);
		if (offset != JC_NO_METHOD && !jc_parse_note_method(p, offset))
			return false;
	}
	return true;
}

bool jc_parse_find_classes(struct jc_parse *p)
{
	struct rd r = jc_parse_part(p, PART_CLASS);
	struct jc_code *c = p->code;
	uint16_t at[256];
	unsigned n = 0;
	if (p->raw->format >= 2)
		rd_bytes(&r, rd_u16(&r)); /* signature pool, for remote interfaces */
	while (!r.bad && rd_left(&r) > 0) {
		if (n == 255 || r.at > 0x7fff)
			return jc_parse_bad(p);
		at[n++] = (uint16_t)r.at;
		if (!skip_class(p, &r))
			return jc_parse_bad(p);
	}
	if (r.bad)
		return jc_parse_bad(p);
	c->package.n = (uint16_t)n;
	c->class = arena_alloc(&c->arena, n * sizeof *c->class);
	const struct jc_class **classes = arena_alloc(&c->arena, n * sizeof *classes);
	c->package.classes = classes;
	c->class_at = arena_alloc(&c->arena, n * sizeof *c->class_at);
	if (n != 0)
		memcpy(c->class_at, at, n * sizeof *at);
	for (unsigned i = 0; i < n; i++) {
		classes[i] = &c->class[i];
		c->class[i].index = (uint16_t)i;
		c->class[i].code = c;
	}
	for (unsigned i = 0; i < n; i++)
		if (!note_tables(p, i))
			return false;
	return true;
}

/* --- references to classes --- */

const struct jc_class *jc_parse_class_here(struct jc_parse *p, uint16_t offset)
{
	for (unsigned i = 0; i < p->code->package.n; i++)
		if (p->code->class_at[i] == offset)
			return &p->code->class[i];
	jc_parse_bad(p);
	return NULL;
}

const struct jc_class *jc_parse_class_of_rom(struct jc_parse *p, const struct jc_import *import, uint8_t token)
{
	const struct jc_class *c = token < import->rom->n ? import->rom->classes[token] : NULL;
	uint8_t minor = p->chip->minor[import->number];
	if (c == NULL || (c->flags & JC_INTERNAL) != 0 || c->since > minor || (c->until != 0 && minor > c->until)) {
		jc_parse_missing(p);
		return NULL;
	}
	return c;
}

const struct jc_class *jc_parse_class_ref(struct jc_parse *p, uint16_t ref)
{
	if ((ref & CLASSREF_EXTERNAL) == 0)
		return jc_parse_class_here(p, ref);
	unsigned package = ref >> 8 & 0x7f;
	if (package >= p->code->imports) {
		jc_parse_bad(p);
		return NULL;
	}
	const struct jc_import *import = &p->code->import[package];
	if (import->rom != NULL)
		return jc_parse_class_of_rom(p, import, (uint8_t)ref);
	if ((ref & 0xff) >= import->code->n_exports) {
		jc_parse_missing(p);
		return NULL;
	}
	return import->code->exports[ref & 0xff].class;
}

/* --- classes --- */

static bool read_interface(struct jc_parse *p, struct jc_class *c, struct rd *r, uint8_t bits)
{
	unsigned n = bits & 0x0f;
	struct jc_implements *t = arena_alloc(&p->code->arena, n * sizeof *t);
	c->flags = (uint8_t)(JC_INTERFACE | JC_ABSTRACT | ((bits & SHAREABLE) != 0 ? JC_SHAREABLE : 0));
	for (unsigned i = 0; i < n; i++) {
		t[i].interface = jc_parse_class_ref(p, rd_u16(r));
		if (t[i].interface == NULL || (t[i].interface->flags & JC_INTERFACE) == 0)
			return jc_parse_bad(p);
	}
	c->implements = t;
	c->n_implements = (uint16_t)n;
	return true;
}

/* n entries of a method table over what the table inherited. */
static bool read_overriding(struct jc_parse *p, struct rd *r, struct jc_method *t, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint16_t offset = rd_u16(r);
		if (r->bad)
			return jc_parse_bad(p);
		if (offset == JC_NO_METHOD)
			continue;
		const struct jc_method *m = jc_parse_method_at(p, offset);
		/* What overrides takes the same arguments; whoever calls by the super's table relies on it. */
		if (m->words == 0 || (t[i].present && t[i].words != m->words))
			return jc_parse_bad(p);
		t[i] = *m;
	}
	return true;
}

/* A virtual method that ROM has and the chip's version of the package not: its token is free for a new one of a class
 * that was converted for such a chip. */
static bool chip_lacks(const struct jc_parse *p, const struct jc_class *c, unsigned token)
{
	while (c != NULL && (c->code != NULL || token >= c->n_virtuals || !c->virtuals[token].present))
		c = c->super;
	return c != NULL && c->virtuals[token].since > p->chip->minor[c->package];
}

/* The table of public virtual methods, inherited ones first. */
static bool read_public(struct jc_parse *p, struct jc_class *c, struct rd *r, unsigned base, unsigned n)
{
	unsigned inherited = c->super->n_virtuals, total = base + n > inherited ? base + n : inherited;
	if (total > 128)
		return jc_parse_bad(p);
	struct jc_method *t = arena_alloc(&p->code->arena, total * sizeof *t);
	for (unsigned i = 0; i < total; i++) {
		const struct jc_method *m = jc_find_virtual(c->super, i);
		if (m != NULL && (m->code != NULL || !chip_lacks(p, c->super, i)))
			t[i] = *m;
	}
	if (!read_overriding(p, r, t + base, n))
		return false;
	c->virtuals = t;
	c->n_virtuals = (uint16_t)total;
	return true;
}

static bool read_package_private(struct jc_parse *p, struct jc_class *c, struct rd *r, unsigned base, unsigned n)
{
	const struct jc_class *s = c->super;
	unsigned inherited = s->code == p->code ? s->n_package_virtuals : 0;
	unsigned total = base + n > inherited ? base + n : inherited;
	if (total > 128)
		return jc_parse_bad(p);
	struct jc_method *t = arena_alloc(&p->code->arena, total * sizeof *t);
	for (unsigned i = 0; i < inherited; i++)
		t[i] = s->package_virtuals[i];
	if (!read_overriding(p, r, t + base, n))
		return false;
	c->package_virtuals = t;
	c->n_package_virtuals = (uint16_t)total;
	return true;
}

static bool read_implements(struct jc_parse *p, struct jc_class *c, struct rd *r, unsigned n)
{
	struct jc_implements *t = arena_alloc(&p->code->arena, n * sizeof *t);
	for (unsigned i = 0; i < n; i++) {
		t[i].interface = jc_parse_class_ref(p, rd_u16(r));
		t[i].n = rd_u8(r);
		const uint8_t *map = rd_bytes(r, t[i].n);
		if (r->bad || t[i].interface == NULL || (t[i].interface->flags & JC_INTERFACE) == 0)
			return jc_parse_bad(p);
		uint8_t *copy = arena_alloc(&p->code->arena, t[i].n);
		if (t[i].n != 0)
			memcpy(copy, map, t[i].n);
		t[i].map = copy;
	}
	c->implements = t;
	c->n_implements = (uint16_t)n;
	return true;
}

static bool read_class(struct jc_parse *p, unsigned index);

static const struct jc_class *read_super(struct jc_parse *p, uint16_t ref)
{
	const struct jc_class *s = jc_parse_class_ref(p, ref);
	if (s == NULL || (s->flags & JC_INTERFACE) != 0) {
		jc_parse_bad(p);
		return NULL;
	}
	if (s->code == p->code && !read_class(p, s->index))
		return NULL;
	return s;
}

static bool read_fields(struct jc_parse *p, struct jc_class *c, struct rd *r)
{
	unsigned own = rd_u8(r), first = rd_u8(r), refs = rd_u8(r);
	if (first == 0xff)
		refs = 0;
	if (refs != 0 && first + refs > own)
		return jc_parse_bad(p);
	c->cells = (uint16_t)(c->super->cells + own);
	c->first_ref = (uint16_t)(refs == 0 ? 0 : c->super->cells + first);
	c->refs = (uint16_t)refs;
	return c->cells <= 0x3fff || jc_parse_bad(p);
}

static bool read_class(struct jc_parse *p, unsigned index)
{
	struct jc_class *c = &p->code->class[index];
	struct rd r = jc_parse_part(p, PART_CLASS);
	if (p->class_done[index] != 0)
		return p->class_done[index] == 2 || jc_parse_bad(p); /* a class is its own super */
	p->class_done[index] = 1;
	rd_bytes(&r, p->code->class_at[index]);
	uint8_t bits = rd_u8(&r);
	if ((bits & INTERFACE) != 0) {
		if (!read_interface(p, c, &r, bits))
			return false;
	} else {
		if ((c->super = read_super(p, rd_u16(&r))) == NULL || !read_fields(p, c, &r))
			return false;
		unsigned public_base = rd_u8(&r), public_n = rd_u8(&r);
		unsigned package_base = rd_u8(&r), package_n = rd_u8(&r);
		if (!read_public(p, c, &r, public_n == 0 ? 0 : public_base, public_n) ||
		    !read_package_private(p, c, &r, package_n == 0 ? 0 : package_base, package_n) ||
		    !read_implements(p, c, &r, bits & 0x0f))
			return false;
		c->flags = c->super->flags & JC_THROWABLE;
	}
	p->class_done[index] = 2;
	return true;
}

bool jc_parse_classes(struct jc_parse *p)
{
	for (unsigned i = 0; i < p->code->package.n; i++)
		if (!read_class(p, i))
			return false;
	return true;
}
