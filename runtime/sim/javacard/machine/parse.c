/* From the components of a package (JCVM chapter 6) to struct jc_code: methods, handlers, exports, modules, and all of
 * it. Nothing in them is trusted. */
#include "runtime/sim/javacard/machine/parse.h"

/* --- methods --- */

/* Note that a method header lies here. */
bool jc_parse_note_method(struct jc_parse *p, uint16_t offset)
{
	if (offset == 0 || offset >= p->code->raw_n)
		return jc_parse_bad(p);
	if (p->method_no[offset] == 0)
		p->method_no[offset] = JC_NO_METHOD;
	return true;
}

static bool note_exports(struct jc_parse *p)
{
	struct rd r = jc_parse_part(p, PART_EXPORT);
	unsigned classes = rd_u8(&r);
	while (!r.bad && classes-- > 0) {
		rd_u16(&r);
		unsigned fields = rd_u8(&r), methods = rd_u8(&r);
		rd_bytes(&r, 2 * fields);
		while (!r.bad && methods-- > 0) {
			uint16_t offset = rd_u16(&r);
			if (!r.bad && !jc_parse_note_method(p, offset))
				return false;
		}
	}
	return p->raw->part[PART_EXPORT].n == 0 || (!r.bad && rd_left(&r) == 0) || jc_parse_bad(p);
}

static bool note_modules(struct jc_parse *p)
{
	struct rd r = jc_parse_part(p, PART_APPLET);
	unsigned n = rd_u8(&r);
	if (p->raw->part[PART_APPLET].n == 0)
		return true;
	while (!r.bad && n-- > 0) {
		rd_bytes(&r, rd_u8(&r));
		uint16_t offset = rd_u16(&r);
		if (!r.bad && !jc_parse_note_method(p, offset))
			return false;
	}
	return (!r.bad && rd_left(&r) == 0) || jc_parse_bad(p);
}

/* JCVM 6.10.3: method_header_info and extended_method_header_info. */
static bool read_method(struct jc_parse *p, struct jc_method *m)
{
	struct rd r = jc_parse_part(p, PART_METHOD);
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
		return jc_parse_bad(p);
	m->present = true;
	m->code = p->code;
	if ((flags & METHOD_ABSTRACT) == 0) {
		if (r.at >= p->code->raw_n)
			return jc_parse_bad(p);
		m->start = &p->code->slot[r.at];
	}
	return true;
}

static bool read_methods(struct jc_parse *p)
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

/* --- handlers, exports, modules --- */

static bool read_handlers(struct jc_parse *p)
{
	struct rd r = jc_parse_part(p, PART_METHOD);
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
			return jc_parse_bad(p);
		if (catch == 0)
			continue;
		if (catch >= c->constants || c->pool[catch].tag != CONSTANT_CLASSREF)
			return jc_parse_bad(p);
		h->class = c->pool[catch].class;
	}
	return true;
}

static bool read_export(struct jc_parse *p, struct jc_export *e, struct rd *r)
{
	e->class = jc_parse_class_here(p, rd_u16(r));
	e->fields = rd_u8(r);
	e->methods = rd_u8(r);
	if (r->bad || e->class == NULL)
		return jc_parse_bad(p);
	uint16_t *field = arena_alloc(&p->code->arena, e->fields * sizeof *field);
	const struct jc_method **method = arena_alloc(&p->code->arena, e->methods * sizeof *method);
	for (unsigned i = 0; i < e->fields; i++)
		if ((field[i] = rd_u16(r)) >= p->code->image_n)
			return jc_parse_bad(p);
	for (unsigned i = 0; i < e->methods; i++)
		if ((method[i] = jc_parse_method_at(p, rd_u16(r)))->start == NULL)
			return jc_parse_bad(p);
	e->field = field;
	e->method = method;
	return true;
}

static bool read_exports(struct jc_parse *p)
{
	struct rd r = jc_parse_part(p, PART_EXPORT);
	struct jc_code *c = p->code;
	c->n_exports = rd_left(&r) == 0 ? 0 : rd_u8(&r);
	c->exports = arena_alloc(&c->arena, c->n_exports * sizeof *c->exports);
	for (unsigned i = 0; i < c->n_exports; i++)
		if (!read_export(p, &c->exports[i], &r))
			return false;
	return true;
}

static bool read_module(struct jc_parse *p, struct jc_module *m, struct rd *r)
{
	m->aid_len = rd_u8(r);
	const uint8_t *aid = rd_bytes(r, m->aid_len);
	uint16_t offset = rd_u16(r);
	if (r->bad || m->aid_len < 5 || m->aid_len > JC_AID_MAX)
		return jc_parse_bad(p);
	memcpy(m->aid, aid, m->aid_len);
	m->install = jc_parse_method_at(p, offset);
	/* static void install(byte[], short, byte) */
	return (m->install->start != NULL && m->install->words == 3) || jc_parse_bad(p);
}

static bool read_modules(struct jc_parse *p)
{
	struct rd r = jc_parse_part(p, PART_APPLET);
	struct jc_code *c = p->code;
	c->modules = rd_left(&r) == 0 ? 0 : rd_u8(&r);
	if (c->modules > JC_MODULES_MAX)
		return jc_parse_bad(p);
	c->module = arena_alloc(&c->arena, c->modules * sizeof *c->module);
	for (unsigned i = 0; i < c->modules; i++)
		if (!read_module(p, &c->module[i], &r))
			return false;
	return true;
}

/* --- all of it --- */

static bool read_all(struct jc_parse *p)
{
	if (!jc_parse_find_classes(p) || !note_exports(p) || !jc_parse_note_constants(p) || !note_modules(p))
		return false;
	if (!read_methods(p) || !jc_parse_classes(p))
		return false;
	return jc_parse_constants(p) && read_handlers(p) && read_exports(p) && read_modules(p);
}

sw_t jc_parse(struct jc_code *code, const struct jc_raw *raw, const struct jc_chip *chip)
{
	struct jc_parse p = {.code = code, .raw = raw, .chip = chip, .sw = SW_OK};
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
