#include <string.h>

#include "compiler/emit/javacard/inside.h"

/* Method (JCVM 6.10): handlers, then each method's header and code. RefLocation (6.12): where its operands in the
 * constant pool are, as distances, a distance of 255 or more as FF for each 255. */

struct places {
	struct buf bytes[2]; /* of one-byte and of two-byte operands */
	long last[2];
};

static void note(struct places *p, long at, unsigned width)
{
	long by = at - p->last[width - 1];
	for (; by >= 255; by -= 255)
		buf_u8(&p->bytes[width - 1], 0xff);
	buf_u8(&p->bytes[width - 1], (unsigned)by);
	p->last[width - 1] = at;
}

static void put_match(struct buf *out, const struct asm_insn *i, int32_t v)
{
	if (op_info[i->op].form == OP_FORM_ITABLE || op_info[i->op].form == OP_FORM_ILOOKUP)
		buf_u32(out, (uint32_t)v);
	else
		buf_u16(out, (uint16_t)v);
}

static void put_switch(struct buf *out, const struct asm_method *m, const struct asm_insn *i)
{
	bool table = op_info[i->op].form == OP_FORM_STABLE || op_info[i->op].form == OP_FORM_ITABLE;
	buf_u16(out, (uint16_t)(m->label[i->label].at - i->at));
	if (table) {
		put_match(out, i, i->cases[0].match);
		put_match(out, i, i->cases[i->n_cases - 1].match);
	} else
		buf_u16(out, (unsigned)i->n_cases);
	for (size_t k = 0; k < i->n_cases; k++) {
		if (!table)
			put_match(out, i, i->cases[k].match);
		buf_u16(out, (uint16_t)(m->label[i->cases[k].label].at - i->at));
	}
}

static void put_constant(struct buf *out, struct places *p, const struct asm_insn *i, unsigned before, unsigned width)
{
	note(p, i->at + 1 + before, width);
	if (width == 1)
		buf_u8(out, i->constant->index);
	else
		buf_u16(out, i->constant->index);
}

static void put_insn(struct buf *out, struct places *p, const struct asm_method *m, const struct asm_insn *i)
{
	buf_u8(out, i->op);
	switch (op_info[i->op].form) {
	case OP_FORM_NONE:
		break;
	case OP_FORM_S1:
		buf_u8(out, (uint8_t)i->value);
		break;
	case OP_FORM_S2:
		buf_u16(out, (uint16_t)i->value);
		break;
	case OP_FORM_S4:
		buf_u32(out, (uint32_t)i->value);
		break;
	case OP_FORM_LOCAL:
	case OP_FORM_MN:
		buf_u8(out, i->local);
		break;
	case OP_FORM_LOCAL_S1:
		buf_u8(out, i->local);
		buf_u8(out, (uint8_t)i->value);
		break;
	case OP_FORM_LOCAL_S2:
		buf_u8(out, i->local);
		buf_u16(out, (uint16_t)i->value);
		break;
	case OP_FORM_B1:
		buf_u8(out, (uint8_t)(m->label[i->label].at - i->at));
		break;
	case OP_FORM_B2:
		buf_u16(out, (uint16_t)(m->label[i->label].at - i->at));
		break;
	case OP_FORM_CP1:
		put_constant(out, p, i, 0, 1);
		break;
	case OP_FORM_CP2:
		put_constant(out, p, i, 0, 2);
		break;
	case OP_FORM_INTERFACE:
		buf_u8(out, i->local);
		put_constant(out, p, i, 1, 2);
		buf_u8(out, i->token);
		break;
	case OP_FORM_ATYPE:
		buf_u8(out, i->atype);
		break;
	case OP_FORM_ATYPE_CP2:
		buf_u8(out, i->atype);
		if (i->refers)
			put_constant(out, p, i, 1, 2);
		else
			buf_u16(out, 0);
		break;
	case OP_FORM_STABLE:
	case OP_FORM_ITABLE:
	case OP_FORM_SLOOKUP:
	case OP_FORM_ILOOKUP:
		put_switch(out, m, i);
		break;
	}
}

static void put_header(struct buf *out, const struct asm_method *m)
{
	unsigned flags = m->access & ACCESS_METHOD_ABSTRACT ? METHOD_ABSTRACT : 0;
	if (m->stack > 15 || m->nargs > 15 || m->locals > 15) {
		buf_u8(out, (flags | METHOD_EXTENDED) << 4);
		buf_u8(out, m->stack);
		buf_u8(out, m->nargs);
		buf_u8(out, m->locals);
	} else {
		buf_u8(out, flags << 4 | m->stack);
		buf_u8(out, m->nargs << 4 | m->locals);
	}
}

/* Does a later handler of the method guard all that this one does? Then the search goes on (stop_bit 0). */
static bool is_inside_a_later(const struct asm_method *m, const struct asm_handler *h)
{
	for (const struct asm_handler *o = h->next; o != NULL; o = o->next)
		if (m->label[o->from].at <= m->label[h->from].at && m->label[h->to].at <= m->label[o->to].at)
			return true;
	return false;
}

static bool overlap(const struct asm_method *m, const struct asm_handler *x, const struct asm_handler *y)
{
	return m->label[x->from].at < m->label[y->to].at && m->label[y->from].at < m->label[x->to].at;
}

/* They are in the order of their handlers' offsets (6.10.1), which is also the order of the search: where both matter,
 * the inner try's handler must come first in the code. */
static bool sort_handlers(struct assembler *s, struct asm_method *m)
{
	struct asm_handler *sorted = NULL;
	while (m->handlers != NULL) {
		struct asm_handler *one = m->handlers, **at = &sorted;
		m->handlers = one->next;
		while (*at != NULL && m->label[(*at)->handler].at <= m->label[one->handler].at)
			at = &(*at)->next;
		s->line = one->line;
		for (const struct asm_handler *o = *at; o != NULL; o = o->next)
			if (overlap(m, one, o))
				return asm_fail(
				    s, "'%s' has the handler of an outer try before that of an inner one", m->name);
		one->next = *at;
		*at = one;
	}
	m->handlers = sorted;
	return true;
}

static bool put_handlers(struct assembler *s, struct buf *out, struct places *p, struct asm_method *m)
{
	if (!sort_handlers(s, m))
		return false;
	for (const struct asm_handler *h = m->handlers; h != NULL; h = h->next) {
		long from = m->label[h->from].at, to = m->label[h->to].at;
		s->line = h->line;
		if (to <= from)
			return asm_fail(s, "an exception handler of '%s' guards nothing", m->name);
		buf_u16(out, (unsigned)from);
		buf_u16(out, (is_inside_a_later(m, h) ? 0 : 0x8000u) | (unsigned)(to - from));
		buf_u16(out, (unsigned)m->label[h->handler].at);
		if (h->type != NULL)
			note(p, (long)out->n, 2);
		buf_u16(out, h->type == NULL ? 0 : h->type->index);
	}
	return true;
}

/* A class of index 0 would be taken for "any": catch_type_index has no other way to say it. */
static void spare_first_constant(struct assembler *s)
{
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		for (struct asm_method *m = c->methods; m != NULL; m = m->next)
			for (struct asm_handler *h = m->handlers; h != NULL; h = h->next)
				if (h->type != NULL && h->type->index == 0)
					asm_fail(s, "the class that '%s' catches is the first constant", m->name);
}

bool asm_write_code(struct assembler *s, struct asm_output *out)
{
	struct places p = {0};
	struct buf *code = &out->component[COMPONENT_Method], *places = &out->component[COMPONENT_RefLocation];
	spare_first_constant(s);
	buf_u8(code, s->n_handlers);
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		for (struct asm_method *m = c->methods; m != NULL; m = m->next)
			if (!put_handlers(s, code, &p, m))
				break;
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		for (struct asm_method *m = c->methods; m != NULL; m = m->next) {
			if (c->access & ACCESS_INTERFACE)
				continue;
			put_header(code, m);
			for (const struct asm_insn *i = m->first; i != NULL; i = i->next)
				put_insn(code, &p, m, i);
		}
	for (unsigned w = 0; w < 2; w++) {
		buf_u16(places, (unsigned)p.bytes[w].n);
		buf_add(places, p.bytes[w].p, p.bytes[w].n);
		places->bad |= p.bytes[w].bad;
		if (p.bytes[w].n > 0xffff)
			asm_fail(s, "%zu relocated operands are too many", p.bytes[w].n);
		buf_reset(&p.bytes[w]);
	}
	return s->error == NULL;
}
