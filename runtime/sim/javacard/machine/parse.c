/* From the components of a package (JCVM chapter 6) to struct jc_code. Nothing in them is trusted. */
#include "runtime/sim/javacard/machine/code.h"

#include "runtime/base/rd.h"

enum { NO_METHOD = 0xffff };

struct parse {
	struct jc_code *code;
	const struct jc_raw *raw;
	const struct jc_chip *chip;
	uint16_t *method_no; /* by offset in the Method component: number from 1, 0 none */
	uint8_t *class_done; /* 1 on the way, 2 done */
	sw_t sw;
};

static struct rd part(const struct parse *p, enum jc_part which)
{
	return rd_of(p->raw->part[which].p, p->raw->part[which].n);
}

static bool bad(struct parse *p)
{
	if (p->sw == SW_OK)
		p->sw = SW_WRONG_DATA;
	return false;
}

static bool missing(struct parse *p)
{
	if (p->sw == SW_OK)
		p->sw = p->chip->sw_import != 0 ? p->chip->sw_import : SW_WRONG_DATA;
	return false;
}

/* --- classes: where they begin --- */

enum { INTERFACE = CLASS_INTERFACE << 4, SHAREABLE = CLASS_SHAREABLE << 4, REMOTE = CLASS_REMOTE << 4 };

/* Read over an interface or class; false: the component ends inside, or it is of a kind that no card here has. */
static bool skip_class(struct parse *p, struct rd *r)
{
	uint8_t bits = rd_u8(r), n = bits & 0x0f;
	if ((bits & REMOTE) != 0)
		return bad(p);
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

static bool find_classes(struct parse *p)
{
	struct rd r = part(p, PART_CLASS);
	struct jc_code *c = p->code;
	uint16_t at[256];
	unsigned n = 0;
	if (p->raw->format >= 2)
		rd_bytes(&r, rd_u16(&r)); /* signature pool, for remote interfaces */
	while (!r.bad && rd_left(&r) > 0) {
		if (n == 255 || r.at > 0x7fff)
			return bad(p);
		at[n++] = (uint16_t)r.at;
		if (!skip_class(p, &r))
			return bad(p);
	}
	if (r.bad)
		return bad(p);
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
	return true;
}

/* --- methods --- */

/* Note that a method header lies here. */
static bool note_method(struct parse *p, uint16_t offset)
{
	if (offset == 0 || offset >= p->code->raw_n)
		return bad(p);
	if (p->method_no[offset] == 0)
		p->method_no[offset] = NO_METHOD;
	return true;
}

static bool note_tables(struct parse *p, unsigned index)
{
	struct rd r = part(p, PART_CLASS);
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
		if (offset != NO_METHOD && !note_method(p, offset))
			return false;
	}
	return true;
}

static bool note_exports(struct parse *p)
{
	struct rd r = part(p, PART_EXPORT);
	unsigned classes = rd_u8(&r);
	while (!r.bad && classes-- > 0) {
		rd_u16(&r);
		unsigned fields = rd_u8(&r), methods = rd_u8(&r);
		rd_bytes(&r, 2 * fields);
		while (!r.bad && methods-- > 0) {
			uint16_t offset = rd_u16(&r);
			if (!r.bad && !note_method(p, offset))
				return false;
		}
	}
	return p->raw->part[PART_EXPORT].n == 0 || (!r.bad && rd_left(&r) == 0) || bad(p);
}

static bool note_constants(struct parse *p)
{
	struct rd r = part(p, PART_POOL);
	unsigned n = rd_u16(&r);
	while (!r.bad && n-- > 0) {
		uint8_t tag = rd_u8(&r), high = rd_u8(&r);
		uint16_t low = rd_u16(&r);
		if (!r.bad && tag == CONSTANT_STATIC_METHODREF && high == 0 && !note_method(p, low))
			return false;
	}
	return !r.bad || bad(p);
}

static bool note_modules(struct parse *p)
{
	struct rd r = part(p, PART_APPLET);
	unsigned n = rd_u8(&r);
	if (p->raw->part[PART_APPLET].n == 0)
		return true;
	while (!r.bad && n-- > 0) {
		rd_bytes(&r, rd_u8(&r));
		uint16_t offset = rd_u16(&r);
		if (!r.bad && !note_method(p, offset))
			return false;
	}
	return (!r.bad && rd_left(&r) == 0) || bad(p);
}

/* JCVM 6.10.3: method_header_info and extended_method_header_info. */
static bool read_method(struct parse *p, struct jc_method *m)
{
	struct rd r = part(p, PART_METHOD);
	rd_bytes(&r, m->offset);
	uint8_t b = rd_u8(&r), flags = b >> 4;
	if ((flags & METHOD_EXTENDED) != 0) {
		m->stack = rd_u8(&r);
		m->words = rd_u8(&r);
		m->locals = rd_u8(&r);
	} else {
		m->stack = b & 0x0f;
		b = rd_u8(&r);
		m->words = b >> 4;
		m->locals = b & 0x0f;
	}
	if (r.bad || (flags & ~(METHOD_EXTENDED | METHOD_ABSTRACT)) != 0)
		return bad(p);
	m->present = true;
	m->code = p->code;
	if ((flags & METHOD_ABSTRACT) == 0) {
		if (r.at >= p->code->raw_n)
			return bad(p);
		m->start = &p->code->slot[r.at];
	}
	return true;
}

static bool read_methods(struct parse *p)
{
	struct jc_code *c = p->code;
	unsigned n = 0;
	for (uint32_t i = 0; i < c->raw_n; i++)
		if (p->method_no[i] != 0)
			p->method_no[i] = (uint16_t)++n;
	c->method = arena_alloc(&c->arena, n * sizeof *c->method);
	c->methods = (uint16_t)n;
	for (uint32_t i = 0; i < c->raw_n; i++) {
		if (p->method_no[i] == 0)
			continue;
		struct jc_method *m = &c->method[p->method_no[i] - 1];
		m->offset = (uint16_t)i;
		m->number = p->method_no[i];
		if (!read_method(p, m))
			return false;
	}
	return true;
}

static const struct jc_method *method_at(const struct parse *p, uint16_t offset)
{
	return &p->code->method[p->method_no[offset] - 1];
}

/* --- references to classes --- */

static const struct jc_class *class_here(struct parse *p, uint16_t offset)
{
	for (unsigned i = 0; i < p->code->package.n; i++)
		if (p->code->class_at[i] == offset)
			return &p->code->class[i];
	bad(p);
	return NULL;
}

static const struct jc_class *class_of_rom(struct parse *p, const struct jc_import *import, uint8_t token)
{
	const struct jc_class *c = token < import->rom->n ? import->rom->classes[token] : NULL;
	uint8_t minor = p->chip->minor[import->number];
	if (c == NULL || (c->flags & JC_INTERNAL) != 0 || c->since > minor || (c->until != 0 && minor > c->until)) {
		missing(p);
		return NULL;
	}
	return c;
}

/* class_ref: JCVM 6.8.1. NULL: refused. */
static const struct jc_class *class_ref(struct parse *p, uint16_t ref)
{
	if ((ref & CLASSREF_EXTERNAL) == 0)
		return class_here(p, ref);
	unsigned package = ref >> 8 & 0x7f;
	if (package >= p->code->imports) {
		bad(p);
		return NULL;
	}
	const struct jc_import *import = &p->code->import[package];
	if (import->rom != NULL)
		return class_of_rom(p, import, (uint8_t)ref);
	if ((ref & 0xff) >= import->code->n_exports) {
		missing(p);
		return NULL;
	}
	return import->code->exports[ref & 0xff].class;
}

/* --- classes --- */

static bool read_interface(struct parse *p, struct jc_class *c, struct rd *r, uint8_t bits)
{
	unsigned n = bits & 0x0f;
	struct jc_implements *t = arena_alloc(&p->code->arena, n * sizeof *t);
	c->flags = (uint8_t)(JC_INTERFACE | JC_ABSTRACT | ((bits & SHAREABLE) != 0 ? JC_SHAREABLE : 0));
	for (unsigned i = 0; i < n; i++) {
		t[i].interface = class_ref(p, rd_u16(r));
		if (t[i].interface == NULL || (t[i].interface->flags & JC_INTERFACE) == 0)
			return bad(p);
	}
	c->implements = t;
	c->n_implements = (uint16_t)n;
	return true;
}

/* n entries of a method table over what the table inherited. */
static bool read_overriding(struct parse *p, struct rd *r, struct jc_method *t, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint16_t offset = rd_u16(r);
		if (r->bad)
			return bad(p);
		if (offset == NO_METHOD)
			continue;
		const struct jc_method *m = method_at(p, offset);
		/* What overrides takes the same arguments; whoever calls by the super's table relies on it. */
		if (m->words == 0 || (t[i].present && t[i].words != m->words))
			return bad(p);
		t[i] = *m;
	}
	return true;
}

/* The table of public virtual methods, inherited ones first. */
static bool read_public(struct parse *p, struct jc_class *c, struct rd *r, unsigned base, unsigned n)
{
	unsigned inherited = c->super->n_virtuals, total = base + n > inherited ? base + n : inherited;
	if (total > 128)
		return bad(p);
	struct jc_method *t = arena_alloc(&p->code->arena, total * sizeof *t);
	for (unsigned i = 0; i < total; i++) {
		const struct jc_method *m = jc_find_virtual(c->super, i);
		if (m != NULL)
			t[i] = *m;
	}
	if (!read_overriding(p, r, t + base, n))
		return false;
	c->virtuals = t;
	c->n_virtuals = (uint16_t)total;
	return true;
}

static bool read_package_private(struct parse *p, struct jc_class *c, struct rd *r, unsigned base, unsigned n)
{
	const struct jc_class *s = c->super;
	unsigned inherited = s->code == p->code ? s->n_package_virtuals : 0;
	unsigned total = base + n > inherited ? base + n : inherited;
	if (total > 128)
		return bad(p);
	struct jc_method *t = arena_alloc(&p->code->arena, total * sizeof *t);
	for (unsigned i = 0; i < inherited; i++)
		t[i] = s->package_virtuals[i];
	if (!read_overriding(p, r, t + base, n))
		return false;
	c->package_virtuals = t;
	c->n_package_virtuals = (uint16_t)total;
	return true;
}

static bool read_implements(struct parse *p, struct jc_class *c, struct rd *r, unsigned n)
{
	struct jc_implements *t = arena_alloc(&p->code->arena, n * sizeof *t);
	for (unsigned i = 0; i < n; i++) {
		t[i].interface = class_ref(p, rd_u16(r));
		t[i].n = rd_u8(r);
		const uint8_t *map = rd_bytes(r, t[i].n);
		if (r->bad || t[i].interface == NULL || (t[i].interface->flags & JC_INTERFACE) == 0)
			return bad(p);
		uint8_t *copy = arena_alloc(&p->code->arena, t[i].n);
		if (t[i].n != 0)
			memcpy(copy, map, t[i].n);
		t[i].map = copy;
	}
	c->implements = t;
	c->n_implements = (uint16_t)n;
	return true;
}

static bool read_class(struct parse *p, unsigned index);

static const struct jc_class *read_super(struct parse *p, uint16_t ref)
{
	const struct jc_class *s = class_ref(p, ref);
	if (s == NULL || (s->flags & JC_INTERFACE) != 0) {
		bad(p);
		return NULL;
	}
	if (s->code == p->code && !read_class(p, s->index))
		return NULL;
	return s;
}

static bool read_fields(struct parse *p, struct jc_class *c, struct rd *r)
{
	unsigned own = rd_u8(r), first = rd_u8(r), refs = rd_u8(r);
	if (first == 0xff)
		refs = 0;
	if (refs != 0 && first + refs > own)
		return bad(p);
	c->cells = (uint16_t)(c->super->cells + own);
	c->first_ref = (uint16_t)(refs == 0 ? 0 : c->super->cells + first);
	c->refs = (uint16_t)refs;
	return c->cells <= 0x3fff || bad(p);
}

static bool read_class(struct parse *p, unsigned index)
{
	struct jc_class *c = &p->code->class[index];
	struct rd r = part(p, PART_CLASS);
	if (p->class_done[index] != 0)
		return p->class_done[index] == 2 || bad(p); /* a class is its own super */
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

/* --- constants --- */

static bool instance_field(struct parse *p, struct jc_constant *k, uint16_t class, uint8_t token)
{
	if ((k->class = class_ref(p, class)) == NULL)
		return false;
	/* Cells of ROM classes are the natives'. */
	if (k->class->code == NULL || k->class->super == NULL)
		return bad(p);
	unsigned cell = k->class->super->cells + (unsigned)token;
	k->at = (uint16_t)cell;
	return cell < k->class->cells || bad(p);
}

/* Has this chip's version of the package the method? It is declared by the class or a super in ROM. */
static bool chip_has_virtual(struct parse *p, const struct jc_class *c, uint8_t token)
{
	while (c != NULL && (c->code != NULL || token >= c->n_virtuals || !c->virtuals[token].present))
		c = c->super;
	return c == NULL || c->virtuals[token].since <= p->chip->minor[c->package] || missing(p);
}

static bool virtual_method(struct parse *p, struct jc_constant *k, uint16_t class, uint8_t token)
{
	const struct jc_method *m;
	if ((k->class = class_ref(p, class)) == NULL)
		return false;
	k->package_private = (token & 0x80) != 0;
	k->token = token & 0x7f;
	if (k->package_private) {
		if (k->class->code != p->code || k->token >= k->class->n_package_virtuals)
			return bad(p);
		m = &k->class->package_virtuals[k->token];
	} else {
		m = jc_find_virtual(k->class, k->token);
	}
	if (m == NULL || !m->present)
		return k->class->code == p->code ? bad(p) : missing(p);
	k->words = m->words;
	k->method = m;
	k->direct = !k->package_private && (m->native != NULL || m->start != NULL);
	return m->native == NULL || chip_has_virtual(p, k->class, k->token);
}

static bool super_method(struct parse *p, struct jc_constant *k, uint16_t class, uint8_t token)
{
	if ((k->class = class_ref(p, class)) == NULL)
		return false;
	if (k->class->code != p->code || k->class->super == NULL)
		return bad(p);
	const struct jc_class *s = k->class->super;
	if ((token & 0x80) != 0)
		k->method = s->code == p->code && (token & 0x7f) < s->n_package_virtuals
		    ? &s->package_virtuals[token & 0x7f]
		    : NULL;
	else
		k->method = jc_find_virtual(s, token);
	if (k->method == NULL || !k->method->present || (k->method->native == NULL && k->method->start == NULL))
		return missing(p);
	k->token = token & 0x7f;
	return k->method->native == NULL || chip_has_virtual(p, s, token);
}

static const struct jc_export *export_of(
    struct parse *p, uint8_t package, uint8_t class, const struct jc_import **import)
{
	if ((package & 0x7f) >= p->code->imports) {
		bad(p);
		return NULL;
	}
	*import = &p->code->import[package & 0x7f];
	if ((*import)->code == NULL)
		return NULL;
	if (class >= (*import)->code->n_exports) {
		missing(p);
		return NULL;
	}
	return &(*import)->code->exports[class];
}

static bool static_field(struct parse *p, struct jc_constant *k, uint8_t high, uint16_t low)
{
	const struct jc_import *import = NULL;
	k->code = p->code;
	k->at = low;
	if (high == 0)
		return low < p->code->image_n || bad(p);
	if ((high & 0x80) == 0)
		return bad(p);
	const struct jc_export *e = export_of(p, high, (uint8_t)(low >> 8), &import);
	if (e == NULL || (low & 0xff) >= e->fields)
		return missing(p); /* ROM packages have none */
	k->code = import->code;
	k->at = e->field[low & 0xff];
	return true;
}

static bool rom_static(struct parse *p, struct jc_constant *k, const struct jc_import *import, uint16_t low)
{
	uint8_t token = (uint8_t)low;
	if ((k->class = class_of_rom(p, import, (uint8_t)(low >> 8))) == NULL)
		return false;
	if (token >= k->class->n_statics || !k->class->statics[token].present ||
	    k->class->statics[token].native == NULL)
		return missing(p);
	k->method = &k->class->statics[token];
	return k->method->since <= p->chip->minor[import->number] || missing(p);
}

static bool static_method(struct parse *p, struct jc_constant *k, uint8_t high, uint16_t low)
{
	const struct jc_import *import = NULL;
	if (high == 0) {
		k->method = method_at(p, low);
		return k->method->start != NULL || bad(p);
	}
	if ((high & 0x80) == 0)
		return bad(p);
	const struct jc_export *e = export_of(p, high, (uint8_t)(low >> 8), &import);
	if (import != NULL && import->rom != NULL)
		return rom_static(p, k, import, low);
	if (e == NULL || (low & 0xff) >= e->methods)
		return missing(p);
	k->method = e->method[low & 0xff];
	return true;
}

static bool read_constant(struct parse *p, struct jc_constant *k, struct rd *r)
{
	k->tag = rd_u8(r);
	uint8_t b1 = rd_u8(r), b2 = rd_u8(r), b3 = rd_u8(r);
	uint16_t first = (uint16_t)(b1 << 8 | b2), last = (uint16_t)(b2 << 8 | b3);
	switch (k->tag) {
	case CONSTANT_CLASSREF:
		return (k->class = class_ref(p, first)) != NULL;
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
		return bad(p);
	}
}

static bool read_constants(struct parse *p)
{
	struct rd r = part(p, PART_POOL);
	struct jc_code *c = p->code;
	c->constants = rd_u16(&r);
	if (r.bad || rd_left(&r) != 4u * c->constants)
		return bad(p);
	c->pool = arena_alloc(&c->arena, c->constants * sizeof *c->pool);
	for (unsigned i = 0; i < c->constants; i++)
		if (!read_constant(p, &c->pool[i], &r))
			return false;
	return true;
}

/* --- handlers, exports, modules --- */

static bool read_handlers(struct parse *p)
{
	struct rd r = part(p, PART_METHOD);
	struct jc_code *c = p->code;
	c->handlers = rd_u8(&r);
	c->handler = arena_alloc(&c->arena, c->handlers * sizeof *c->handler);
	for (unsigned i = 0; i < c->handlers; i++) {
		struct jc_handler *h = &c->handler[i];
		h->start = rd_u16(&r);
		uint16_t bits = rd_u16(&r), catch;
		h->stop = (bits & 0x8000) != 0;
		h->length = bits & 0x7fff;
		h->target = rd_u16(&r);
		catch = rd_u16(&r);
		if (r.bad || h->start + (uint32_t)h->length > c->raw_n || h->target >= c->raw_n)
			return bad(p);
		if (catch == 0)
			continue;
		if (catch >= c->constants || c->pool[catch].tag != CONSTANT_CLASSREF)
			return bad(p);
		h->class = c->pool[catch].class;
	}
	return true;
}

static bool read_export(struct parse *p, struct jc_export *e, struct rd *r)
{
	e->class = class_here(p, rd_u16(r));
	e->fields = rd_u8(r);
	e->methods = rd_u8(r);
	if (r->bad || e->class == NULL)
		return bad(p);
	uint16_t *field = arena_alloc(&p->code->arena, e->fields * sizeof *field);
	const struct jc_method **method = arena_alloc(&p->code->arena, e->methods * sizeof *method);
	for (unsigned i = 0; i < e->fields; i++)
		if ((field[i] = rd_u16(r)) >= p->code->image_n)
			return bad(p);
	for (unsigned i = 0; i < e->methods; i++)
		if ((method[i] = method_at(p, rd_u16(r)))->start == NULL)
			return bad(p);
	e->field = field;
	e->method = method;
	return true;
}

static bool read_exports(struct parse *p)
{
	struct rd r = part(p, PART_EXPORT);
	struct jc_code *c = p->code;
	c->n_exports = rd_left(&r) == 0 ? 0 : rd_u8(&r);
	c->exports = arena_alloc(&c->arena, c->n_exports * sizeof *c->exports);
	for (unsigned i = 0; i < c->n_exports; i++)
		if (!read_export(p, &c->exports[i], &r))
			return false;
	return true;
}

static bool read_module(struct parse *p, struct jc_module *m, struct rd *r)
{
	m->aid_len = rd_u8(r);
	const uint8_t *aid = rd_bytes(r, m->aid_len);
	uint16_t offset = rd_u16(r);
	if (r->bad || m->aid_len < 5 || m->aid_len > JC_AID_MAX)
		return bad(p);
	memcpy(m->aid, aid, m->aid_len);
	m->install = method_at(p, offset);
	/* static void install(byte[], short, byte) */
	return (m->install->start != NULL && m->install->words == 3) || bad(p);
}

static bool read_modules(struct parse *p)
{
	struct rd r = part(p, PART_APPLET);
	struct jc_code *c = p->code;
	c->modules = rd_left(&r) == 0 ? 0 : rd_u8(&r);
	if (c->modules > JC_MODULES_MAX)
		return bad(p);
	c->module = arena_alloc(&c->arena, c->modules * sizeof *c->module);
	for (unsigned i = 0; i < c->modules; i++)
		if (!read_module(p, &c->module[i], &r))
			return false;
	return true;
}

/* --- all of it --- */

static bool read_all(struct parse *p)
{
	struct jc_code *c = p->code;
	if (!find_classes(p) || !note_exports(p) || !note_constants(p) || !note_modules(p))
		return false;
	for (unsigned i = 0; i < c->package.n; i++)
		if (!note_tables(p, i))
			return false;
	if (!read_methods(p))
		return false;
	for (unsigned i = 0; i < c->package.n; i++)
		if (!read_class(p, i))
			return false;
	return read_constants(p) && read_handlers(p) && read_exports(p) && read_modules(p);
}

sw_t jc_parse(struct jc_code *code, const struct jc_raw *raw, const struct jc_chip *chip)
{
	struct parse p = {.code = code, .raw = raw, .chip = chip, .sw = SW_OK};
	struct arena scratch = {0};
	code->raw_n = raw->part[PART_METHOD].n;
	if (code->raw_n == 0 || code->raw_n > 0xffff)
		return SW_WRONG_DATA;
	uint8_t *copy = arena_alloc(&code->arena, code->raw_n);
	memcpy(copy, raw->part[PART_METHOD].p, code->raw_n);
	code->raw = copy;
	code->slot = arena_alloc(&code->arena, (code->raw_n + 1) * sizeof *code->slot);
	code->image_n = raw->part[PART_IMAGE].n < 2 ? 0 : raw->part[PART_IMAGE].n - 2;
	code->references = raw->part[PART_IMAGE].n < 2 ? 0 : jc_be16(raw->part[PART_IMAGE].p);
	p.method_no = arena_alloc(&scratch, (code->raw_n + 1) * sizeof *p.method_no);
	p.class_done = arena_alloc(&scratch, 256);
	if (!read_all(&p) && p.sw == SW_OK)
		p.sw = SW_WRONG_DATA;
	arena_free(&scratch);
	return p.sw;
}
