#include <string.h>

#include "compiler/emit/javacard/inside.h"

unsigned asm_new_label(struct asm_method *m)
{
	if (m->n_labels == m->label_room) {
		unsigned room = m->label_room == 0 ? 16 : 2 * m->label_room;
		struct asm_label *more = arena_alloc(m->s->a, room * sizeof *more);
		if (m->n_labels != 0)
			memcpy(more, m->label, m->n_labels * sizeof *more);
		m->label = more;
		m->label_room = room;
	}
	return m->n_labels++;
}

void asm_label(struct asm_method *m, unsigned label)
{
	if (label >= m->n_labels || m->label[label].placed) {
		asm_fail(m->s, "label %u is placed twice or does not exist", label);
		return;
	}
	m->label[label].placed = true;
	m->label[label].before = m->last;
}

static struct asm_insn *add(struct asm_method *m, enum op op)
{
	struct asm_insn *i = ARENA_NEW(m->s->a, struct asm_insn);
	if (m->access & ACCESS_METHOD_ABSTRACT)
		asm_fail(m->s, "'%s' is abstract and has no instructions", m->name);
	i->op = op;
	i->line = m->s->line;
	if (m->last == NULL)
		m->first = i;
	else
		m->last->next = i;
	m->last = i;
	return i;
}

static struct asm_insn *add_form(struct asm_method *m, enum op op, bool right)
{
	if (!right)
		asm_fail(m->s, "%s does not take these operands", op_info[op].name);
	return add(m, op);
}

void asm_op(struct asm_method *m, enum op op)
{
	add_form(m, op, op_info[op].form == OP_FORM_NONE);
}

void asm_value(struct asm_method *m, enum op op, int32_t value)
{
	enum op_form form = op_info[op].form;
	struct asm_insn *i = add_form(m, op, form == OP_FORM_S1 || form == OP_FORM_S2 || form == OP_FORM_S4);
	i->value = value;
	if ((form == OP_FORM_S1 && value != (int8_t)value) || (form == OP_FORM_S2 && value != (int16_t)value))
		asm_fail(m->s, "%s cannot hold %d", op_info[op].name, (int)value);
}

void asm_push(struct asm_method *m, int16_t value)
{
	if (value >= -1 && value <= 5)
		asm_op(m, (enum op)(OP_sconst_0 + value));
	else if (value == (int8_t)value)
		asm_value(m, OP_bspush, value);
	else
		asm_value(m, OP_sspush, value);
}

/* aload 0 is aload_0, and so on: the short forms of a kind follow each other. */
void asm_local(struct asm_method *m, enum op op, unsigned local)
{
	static const struct {
		enum op of, first;
	} row[] = {{OP_aload, OP_aload_0}, {OP_sload, OP_sload_0}, {OP_iload, OP_iload_0}, {OP_astore, OP_astore_0},
	    {OP_sstore, OP_sstore_0}, {OP_istore, OP_istore_0}};
	if (local > 254)
		asm_fail(m->s, "there is no local variable %u", local);
	for (size_t i = 0; local <= 3 && i < sizeof row / sizeof row[0]; i++)
		if (row[i].of == op) {
			asm_op(m, (enum op)(row[i].first + local));
			return;
		}
	add_form(m, op, op_info[op].form == OP_FORM_LOCAL)->local = local;
}

void asm_increment(struct asm_method *m, enum op op, unsigned local, int16_t by)
{
	enum op_form form = op_info[op].form;
	if (local > 254)
		asm_fail(m->s, "there is no local variable %u", local);
	if (form == OP_FORM_LOCAL_S1 && by != (int8_t)by)
		op = op == OP_sinc ? OP_sinc_w : OP_iinc_w;
	struct asm_insn *i = add_form(m, op, form == OP_FORM_LOCAL_S1 || form == OP_FORM_LOCAL_S2);
	i->local = local;
	i->value = by;
}

void asm_words(struct asm_method *m, enum op op, unsigned words, unsigned below)
{
	bool right = op == OP_swap_x
	    ? words >= 1 && words <= 2 && below >= 1 && below <= 2
	    : op == OP_dup_x && words >= 1 && words <= 4 && (below == 0 || (below >= words && below <= words + 4));
	add_form(m, op, right)->local = (words << 4 | below) & 0xff;
}

static bool is_label(struct asm_method *m, unsigned label)
{
	return label < m->n_labels || asm_fail(m->s, "label %u does not exist", label);
}

void asm_branch(struct asm_method *m, enum op op, unsigned label)
{
	enum op_form form = op_info[op].form;
	if (is_label(m, label))
		add_form(m, op, form == OP_FORM_B1 || form == OP_FORM_B2)->label = label;
}

static struct asm_insn *add_reference(
    struct asm_method *m, enum op op, const char *class, const char *name, const char *descriptor)
{
	struct asm_insn *i = add(m, op);
	i->refers = true;
	i->class = class == NULL ? NULL : arena_strdup(m->s->a, class);
	i->name = name == NULL ? NULL : arena_strdup(m->s->a, name);
	i->descriptor = descriptor == NULL ? NULL : arena_strdup(m->s->a, descriptor);
	return i;
}

void asm_field_op(struct asm_method *m, enum op op, const char *class, const char *name)
{
	bool right =
	    (op >= OP_getstatic_a && op <= OP_putfield_i) || (op >= OP_getfield_a_w && op <= OP_putfield_i_this);
	if (!right)
		asm_fail(m->s, "%s takes no field", op_info[op].name);
	add_reference(m, op, class, name, NULL);
}

void asm_invoke(struct asm_method *m, enum op op, const char *class, const char *name, const char *descriptor)
{
	if (op < OP_invokevirtual || op > OP_invokeinterface)
		asm_fail(m->s, "%s takes no method", op_info[op].name);
	else if (descriptor[0] != '(' || asm_returned(descriptor) == NULL)
		asm_fail(m->s, "'%s' is no descriptor of a method", descriptor);
	else
		add_reference(m, op, class, name, descriptor);
}

void asm_invoke_super(struct asm_method *m, const char *name, const char *descriptor)
{
	asm_invoke(m, OP_invokespecial, NULL, name, descriptor);
}

static unsigned primitive(char letter)
{
	static const char letters[] = "ZBSI";
	const char *at = letter == 0 ? NULL : strchr(letters, letter);
	return at == NULL ? 0 : OP_ATYPE_BOOLEAN + (unsigned)(at - letters);
}

void asm_type_op(struct asm_method *m, enum op op, const char *type)
{
	if (op == OP_newarray) {
		struct asm_insn *i = add_form(m, op, primitive(type[0]) != 0 && type[1] == 0);
		i->atype = primitive(type[0]);
		m->s->uses_int |= i->atype == OP_ATYPE_INT;
		return;
	}
	if (op == OP_new || op == OP_anewarray) {
		add_reference(m, op, type, NULL, NULL);
		return;
	}
	if (op != OP_checkcast && op != OP_instanceof) {
		asm_fail(m->s, "%s takes no type", op_info[op].name);
		return;
	}
	if (type[0] == '[' && primitive(type[1]) != 0 && type[2] == 0) {
		add(m, op)->atype = primitive(type[1]);
		return;
	}
	size_t n = strlen(type);
	bool array = n > 3 && type[0] == '[' && type[1] == 'L' && type[n - 1] == ';';
	if (array)
		type = arena_strndup(m->s->a, type + 2, n - 3);
	add_reference(m, op, type, NULL, NULL)->atype = array ? OP_ATYPE_REFERENCE : OP_ATYPE_CLASS;
}

void asm_switch(struct asm_method *m, enum op op, unsigned otherwise, int32_t low, const int32_t *match,
    const unsigned *label, size_t n)
{
	bool table = op == OP_stableswitch || op == OP_itableswitch;
	bool lookup = op == OP_slookupswitch || op == OP_ilookupswitch;
	struct asm_insn *i = add_form(m, op, (table && n > 0) || (lookup && match != NULL));
	i->label = otherwise;
	i->value = low;
	i->cases = arena_alloc(m->s->a, n * sizeof *i->cases);
	i->n_cases = n;
	if (!is_label(m, otherwise) || n > 0x7fff)
		return;
	for (size_t k = 0; k < n; k++) {
		i->cases[k] = (struct asm_case){table ? low + (int32_t)k : match[k], label[k]};
		if (!is_label(m, label[k]))
			return;
		if (k > 0 && i->cases[k].match <= i->cases[k - 1].match)
			asm_fail(m->s, "the matches of a switch must ascend");
	}
}

void asm_catch(struct asm_method *m, unsigned from, unsigned to, unsigned handler, const char *type)
{
	struct asm_handler *h = ARENA_NEW(m->s->a, struct asm_handler);
	if (!is_label(m, from) || !is_label(m, to) || !is_label(m, handler))
		return;
	h->from = from;
	h->to = to;
	h->handler = handler;
	h->line = m->s->line;
	h->class = type == NULL ? NULL : arena_strdup(m->s->a, type);
	if (m->last_handler == NULL)
		m->handlers = h;
	else
		m->last_handler->next = h;
	m->last_handler = h;
}
