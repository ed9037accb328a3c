#include "runtime/cap/disassemble.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/cap/names.h"
#include "runtime/cap/parts.h"

const char *cap_constant_kind(unsigned tag)
{
	static const char *const name[] = {"?", "Classref", "InstanceFieldref", "VirtualMethodref", "SuperMethodref",
	    "StaticFieldref", "StaticMethodref"};
	return name[tag <= CONSTANT_STATIC_METHODREF ? tag : 0];
}

static void heading(struct buf *out, bool japanese, const char *en, const char *ja)
{
	buf_printf(out, "\n%s\n", japanese ? ja : en);
}

static void put_constants(const struct cap_model *m, struct buf *out)
{
	for (size_t i = 0; i < m->n_constants; i++) {
		buf_printf(out, "  %4zu  %-16s  ", i, cap_constant_kind(m->constant[i].tag));
		cap_constant_text(m, i, out);
		buf_str(out, "\n");
	}
}

static void put_table(struct buf *out, const char *what, unsigned base, const uint8_t *table, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned offset = cap_word(table, i);
		if (offset == 0xffff)
			buf_printf(out, "        %s %u inherited\n", what, base + i);
		else
			buf_printf(out, "        %s %u @%u\n", what, base + i, offset);
	}
}

static void put_interfaces(const struct cap_model *m, const struct cap_class *c, struct buf *out)
{
	for (size_t i = 0; i < c->n_interfaces; i++) {
		buf_printf(out, "        %s ", c->flags & CLASS_INTERFACE ? "extends" : "implements");
		cap_class_text(m, c->interface[i].class, out);
		for (size_t k = 0; k < c->interface[i].count; k++)
			buf_printf(out, "%s%u", k == 0 ? ": " : " ", c->interface[i].index[k]);
		buf_str(out, "\n");
	}
}

static void put_access(struct buf *out, unsigned access, bool of_class)
{
	static const struct {
		unsigned bit;
		const char *word;
	} row[] = {{ACCESS_PUBLIC, "public "}, {ACCESS_PRIVATE, "private "}, {ACCESS_PROTECTED, "protected "},
	    {ACCESS_STATIC, "static "}, {ACCESS_FINAL, "final "}};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
		if (access & row[i].bit)
			buf_str(out, row[i].word);
	if (access & (of_class ? ACCESS_ABSTRACT : ACCESS_METHOD_ABSTRACT))
		buf_str(out, "abstract ");
}

static void put_fields(const struct cap_model *m, const struct cap_class *c, struct buf *out)
{
	static const char letter[] = "ZBSI";
	for (size_t i = 0; i < c->n_fields; i++) {
		const struct cap_field *f = &c->field[i];
		buf_str(out, "        ");
		put_access(out, f->access, true);
		if (f->type >= 0x8002 && f->type <= 0x8005)
			buf_u8(out, (uint8_t)letter[f->type - 0x8002]);
		else
			cap_type_text(m, f->type, false, out);
		if (f->is_static)
			buf_printf(out, " static@%u\n", f->offset);
		else
			buf_printf(out, " field%u\n", f->number);
	}
}

static void put_class(const struct cap_model *m, const struct cap_class *c, struct buf *out)
{
	buf_str(out, "  ");
	if (c->described)
		put_access(out, c->access & ~(unsigned)(c->flags & CLASS_INTERFACE ? ACCESS_ABSTRACT : 0), true);
	cap_class_text(m, c->offset, out);
	buf_printf(out, " @%u%s%s", c->offset, c->flags & CLASS_SHAREABLE ? " shareable" : "",
	    c->flags & CLASS_REMOTE ? " remote" : "");
	if ((c->flags & CLASS_INTERFACE) == 0) {
		buf_str(out, " extends ");
		cap_class_text(m, c->super, out);
		buf_printf(out, ", words %u", c->size);
		if (c->references != 0)
			buf_printf(
			    out, ", references %u-%u", c->first_reference, c->first_reference + c->references - 1u);
	}
	if (c->described && c->token != 0xff)
		buf_printf(out, ", token %u", c->token);
	buf_str(out, "\n");
	put_interfaces(m, c, out);
	put_fields(m, c, out);
	put_table(out, "virtual", c->public_base, c->public_table, c->public_count);
	put_table(out, "package", c->package_base, c->package_table, c->package_count);
}

static void put_statics(const struct cap_model *m, struct buf *out)
{
	static const char letter[] = "??ZBSI";
	const struct cap_static *s = &m->statics;
	char *hex;
	buf_printf(out, "  bytes %u, references %u, zero %u, given %u\n", s->image, s->references, s->defaults,
	    s->non_defaults);
	for (size_t i = 0; i <= s->n_arrays; i++) {
		bool array = i < s->n_arrays;
		const uint8_t *p = array ? s->array[i].values : s->values;
		size_t n = array ? s->array[i].count : s->non_defaults,
		       at = array ? 2 * i : s->image - (size_t)s->non_defaults;
		if ((!array && n == 0) || (hex = arena_alloc((struct arena *)&m->arena, 2 * n + 1)) == NULL)
			continue;
		buf_printf(out, "  static@%zu ", at);
		if (array)
			buf_printf(out, "[%c ", letter[s->array[i].type]);
		buf_printf(out, "= %s\n", n == 0 ? "" : hex_encode(hex, p, n));
	}
}

static void put_exports(const struct cap_model *m, struct buf *out)
{
	for (size_t i = 0; i < m->n_exported; i++) {
		const struct cap_exported *e = &m->exported[i];
		buf_printf(out, "  %zu ", i);
		cap_class_text(m, e->class, out);
		for (size_t k = 0; k < e->n_fields; k++)
			buf_printf(out, " static@%u", cap_word(e->field, k));
		for (size_t k = 0; k < e->n_methods; k++)
			buf_printf(out, " method@%u", cap_word(e->method, k));
		buf_str(out, "\n");
	}
}

static void put_handlers(const struct cap_model *m, const struct cap_method *one, struct buf *out)
{
	for (size_t i = 0; i < m->n_handlers; i++) {
		const struct cap_handler *h = &m->handler[i];
		if (h->start < one->code || h->start >= one->code + one->length)
			continue;
		buf_printf(out, "        handler %u-%u to %u ", h->start, h->start + h->length, h->handler);
		if (h->catch_type == 0)
			buf_str(out, "any");
		else
			cap_constant_text(m, h->catch_type, out);
		buf_printf(out, "%s\n", h->stop ? ", stop" : "");
	}
}

static void put_code(const struct cap_model *m, const struct cap_method *one, struct buf *out)
{
	const uint8_t *p = cap_info(m->cap, COMPONENT_Method).p;
	size_t end = (size_t)one->code + one->length;
	struct cap_instruction i;
	for (size_t at = one->code; at < end && cap_decode(p, end, at, &i) == CAP_DECODED; at += i.length) {
		struct buf operands = {0};
		cap_operand_text(m, &i, &operands);
		buf_printf(
		    out, "    %5zu  %s%s%s\n", at, i.info->name, operands.n == 0 ? "" : " ", buf_cstr(&operands));
		buf_reset(&operands);
	}
}

static void put_method(const struct cap_model *m, const struct cap_method *one, struct buf *out)
{
	buf_printf(out, "\n  @%u ", one->offset);
	if (one->described)
		put_access(out, one->access, false);
	cap_method_text(m, one, out);
	buf_printf(out, "  stack %u, arguments %u, locals %u%s%s\n", one->max_stack, one->nargs, one->max_locals,
	    one->flags & METHOD_EXTENDED ? ", extended" : "", one->flags & METHOD_ABSTRACT ? ", abstract" : "");
	put_code(m, one, out);
	put_handlers(m, one, out);
}

void cap_disassemble(const struct cap_model *m, bool japanese, struct buf *out)
{
	heading(out, japanese, "Constant pool", "定数プール");
	put_constants(m, out);
	heading(out, japanese, "Classes", "クラス");
	for (size_t i = 0; i < m->n_classes; i++)
		put_class(m, &m->class[i], out);
	heading(out, japanese, "Static fields", "静的フィールド");
	put_statics(m, out);
	if (m->n_exported != 0) {
		heading(out, japanese, "Exports (by class token)", "エクスポート(クラストークン順)");
		put_exports(m, out);
	}
	heading(out, japanese, "Methods", "メソッド");
	for (size_t i = 0; i < m->n_methods; i++)
		put_method(m, &m->method[i], out);
}
