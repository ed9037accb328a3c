#include "compiler/emit/javacard/inside.h"

struct asm_insn *asm_at_label(const struct asm_method *m, unsigned label)
{
	const struct asm_label *l = &m->label[label];
	return l->before == NULL ? m->first : l->before->next;
}

unsigned asm_insn_length(const struct asm_insn *i)
{
	unsigned n = (unsigned)i->n_cases;
	switch (op_info[i->op].form) {
	case OP_FORM_STABLE:
		return 7 + 2 * n;
	case OP_FORM_ITABLE:
		return 11 + 2 * n;
	case OP_FORM_SLOOKUP:
		return 5 + 4 * n;
	case OP_FORM_ILOOKUP:
		return 5 + 6 * n;
	default:
		return op_info[i->op].length;
	}
}

/* Fields whose constants have an index above 255. The forms with `this` have no long one. */
static bool widen_fields(struct asm_method *m)
{
	for (struct asm_insn *i = m->first; i != NULL; i = i->next) {
		if (op_info[i->op].form != OP_FORM_CP1 || i->constant->index <= 255)
			continue;
		m->s->line = i->line;
		if (i->op >= OP_getfield_a_this)
			return asm_fail(
			    m->s, "%s has no form for constant %u", op_info[i->op].name, i->constant->index);
		i->op = i->op < OP_putfield_a ? (enum op)(i->op - OP_getfield_a + OP_getfield_a_w)
					      : (enum op)(i->op - OP_putfield_a + OP_putfield_a_w);
	}
	return true;
}

/* Labels behind the last instruction are at the end of the code. */
static bool place(struct asm_method *m)
{
	long at = m->code;
	for (struct asm_insn *i = m->first; i != NULL; i = i->next) {
		i->at = at;
		at += asm_insn_length(i);
	}
	m->end = at;
	for (unsigned l = 0; l < m->n_labels; l++) {
		if (!m->label[l].placed)
			return asm_fail(m->s, "label %u of '%s' is nowhere", l, m->name);
		const struct asm_insn *to = asm_at_label(m, l);
		m->label[l].at = to == NULL ? m->end : to->at;
	}
	return true;
}

static bool is_far(const struct asm_method *m, const struct asm_insn *i)
{
	long by = m->label[i->label].at - i->at;
	return by < -128 || by > 127;
}

/* A branch that is made long may push another one's target too far, until none is left. */
static bool widen_branches(struct asm_method *m, bool *changed)
{
	*changed = false;
	for (struct asm_insn *i = m->first; i != NULL; i = i->next)
		if (op_info[i->op].form == OP_FORM_B1 && is_far(m, i)) {
			i->op = i->op == OP_goto ? OP_goto_w : (enum op)(i->op - OP_ifeq + OP_ifeq_w);
			*changed = true;
		}
	return m->end - m->code <= 0x7fff || asm_fail(m->s, "'%s' has more than 32767 bytes", m->name);
}

static bool place_method(struct asm_method *m, long *at)
{
	bool changed = true;
	bool extended = m->stack > 15 || m->nargs > 15 || m->locals > 15;
	m->offset = *at;
	m->code = *at + (extended ? 4 : 2);
	if (!widen_fields(m))
		return false;
	while (changed)
		if (!place(m) || !widen_branches(m, &changed))
			return false;
	*at = m->end;
	return true;
}

bool asm_place_code(struct assembler *s)
{
	s->n_handlers = 0;
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		for (struct asm_method *m = c->methods; m != NULL; m = m->next) {
			m->first_handler = s->n_handlers;
			m->n_handlers = 0;
			for (const struct asm_handler *h = m->handlers; h != NULL; h = h->next)
				m->n_handlers++;
			s->n_handlers += m->n_handlers;
		}
	if (s->n_handlers > 255)
		return asm_fail(s, "%u exception handlers are more than 255", s->n_handlers);
	long at = 1 + 8 * (long)s->n_handlers;
	for (struct asm_class *c = s->classes; c != NULL; c = c->next)
		for (struct asm_method *m = c->methods; m != NULL; m = m->next) {
			m->offset = 0;
			if (c->access & ACCESS_INTERFACE)
				continue;
			if ((m->access & ACCESS_METHOD_ABSTRACT) == 0 && !asm_compute_stack(m))
				return false;
			if (!place_method(m, &at))
				return false;
		}
	return at <= 0xffff || asm_fail(s, "the methods take %ld bytes of at most 65535", at);
}

uint16_t asm_method_offset(const struct asm_method *m, uint16_t *length)
{
	if (length != NULL)
		*length = (uint16_t)(m->end - m->code);
	return (uint16_t)m->offset;
}
