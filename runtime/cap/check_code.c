#include "runtime/cap/code.h"
#include "runtime/cap/parts.h"

/* Every instruction is known and whole, every branch and handler leads to one of the same method, and every operand in
 * the constant pool is of the kind that the instruction needs. */

static void mark(struct cap_model *m, size_t offset)
{
	m->instruction[offset / 8] |= (uint8_t)(1u << offset % 8);
}

bool cap_is_instruction(const struct cap_model *m, size_t offset)
{
	return offset <= 0xffff && (m->instruction[offset / 8] >> offset % 8 & 1) != 0;
}

static const uint8_t *end_of(const struct cap_model *m, const struct cap_method *one, size_t *end)
{
	*end = (size_t)one->code + one->length;
	return cap_info(m->cap, COMPONENT_Method).p;
}

static bool mark_method(struct cap_model *m, const struct cap_method *one, struct cap_reader *in)
{
	size_t end;
	struct cap_instruction i;
	const uint8_t *p = end_of(m, one, &end);
	for (size_t at = one->code; at < end; at += i.length) {
		enum cap_decoded is = cap_decode(p, end, at, &i);
		if (is == CAP_NO_OPCODE)
			return cap_bad(in, at, "bytecode", i.op);
		if (is == CAP_BAD_SWITCH)
			return cap_bad(in, at, "high - low of a switch", (uintmax_t)((int64_t)i.high - i.value));
		if (is == CAP_CUT)
			return cap_beyond(in, at, "end of an instruction", at + 1, end);
		mark(m, at);
	}
	return true;
}

/* What the operand in the constant pool may be, as a set of tags; 0 when there is none. */
static unsigned kinds(uint8_t op, uint8_t atype)
{
	if ((op >= OP_getstatic_a && op <= OP_putstatic_i))
		return 1u << CONSTANT_STATIC_FIELDREF;
	if ((op >= OP_getfield_a && op <= OP_putfield_i) || (op >= OP_getfield_a_w && op <= OP_putfield_i_this))
		return 1u << CONSTANT_INSTANCE_FIELDREF;
	switch (op) {
	case OP_invokevirtual:
		return 1u << CONSTANT_VIRTUAL_METHODREF;
	case OP_invokespecial:
		return 1u << CONSTANT_STATIC_METHODREF | 1u << CONSTANT_SUPER_METHODREF;
	case OP_invokestatic:
		return 1u << CONSTANT_STATIC_METHODREF;
	case OP_invokeinterface:
	case OP_new:
	case OP_anewarray:
		return 1u << CONSTANT_CLASSREF;
	case OP_checkcast:
	case OP_instanceof:
		return atype == OP_ATYPE_CLASS || atype == OP_ATYPE_REFERENCE ? 1u << CONSTANT_CLASSREF : 0;
	default:
		return 0;
	}
}

static bool check_constant(const struct cap_model *m, const struct cap_instruction *i, struct cap_reader *in)
{
	unsigned may = kinds(i->op, i->atype);
	if (may == 0)
		return true;
	if (i->constant >= m->n_constants)
		return cap_beyond(in, i->at, "index into the constant pool", i->constant, m->n_constants);
	unsigned tag = m->constant[i->constant].tag;
	return (may >> tag & 1) != 0 || cap_bad(in, i->at, "tag of the operand in the constant pool", tag);
}

static bool check_type(const struct cap_instruction *i, struct cap_reader *in)
{
	bool primitive = i->atype >= OP_ATYPE_BOOLEAN && i->atype <= OP_ATYPE_INT;
	if (i->info->form == OP_FORM_ATYPE)
		return primitive || cap_bad(in, i->at, "atype", i->atype);
	if (i->info->form != OP_FORM_ATYPE_CP2)
		return true;
	if (primitive && i->constant != 0)
		return cap_bad(in, i->at, "index of an array of primitives", i->constant);
	return primitive || i->atype == OP_ATYPE_CLASS || i->atype == OP_ATYPE_REFERENCE ||
	    cap_bad(in, i->at, "atype", i->atype);
}

/* The last local variable that an instruction names, or -1. An int has two. */
static int last_local(const struct cap_instruction *i)
{
	bool wide = i->op == OP_iload || i->op == OP_istore || i->op == OP_iinc || i->op == OP_iinc_w;
	switch (i->info->form) {
	case OP_FORM_LOCAL:
	case OP_FORM_LOCAL_S1:
	case OP_FORM_LOCAL_S2:
		return i->local + wide;
	default:
		break;
	}
	if (i->op >= OP_aload_0 && i->op <= OP_iload_3)
		return (i->op - OP_aload_0) % 4 + (i->op >= OP_iload_0);
	if (i->op >= OP_astore_0 && i->op <= OP_istore_3)
		return (i->op - OP_astore_0) % 4 + (i->op >= OP_istore_0);
	return -1;
}

static bool check_target(const struct cap_model *m, const struct cap_method *one, struct cap_reader *in, size_t at,
    const char *what, int64_t target)
{
	if (target >= one->code && target < one->code + one->length && cap_is_instruction(m, (size_t)target))
		return true;
	return cap_bad(in, at, what, (uintmax_t)target & 0xffff);
}

static bool check_branches(
    const struct cap_model *m, const struct cap_method *one, const struct cap_instruction *i, struct cap_reader *in)
{
	enum op_form form = i->info->form;
	bool branches = form == OP_FORM_B1 || form == OP_FORM_B2 || form >= OP_FORM_STABLE;
	if (branches && !check_target(m, one, in, i->at, "target of a branch", i->target))
		return false;
	for (uint32_t k = 0; k < i->pairs; k++) {
		int32_t match, before = 0;
		int64_t target;
		if (k > 0)
			cap_switch_case(i, k - 1, &before, &target);
		cap_switch_case(i, k, &match, &target);
		if (k > 0 && match <= before)
			return cap_bad(in, i->at, "match of a switch", (uintmax_t)match & 0xffffffff);
		if (!check_target(m, one, in, i->at, "target of a switch", target))
			return false;
	}
	return true;
}

static bool check_method(struct cap_model *m, const struct cap_method *one, struct cap_reader *in)
{
	size_t end;
	struct cap_instruction i;
	const uint8_t *p = end_of(m, one, &end);
	for (size_t at = one->code; at < end; at += i.length) {
		if (cap_decode(p, end, at, &i) != CAP_DECODED)
			return false; /* said by mark_method */
		if (last_local(&i) >= one->nargs + one->max_locals)
			return cap_beyond(
			    in, at, "local variable", (unsigned)last_local(&i), one->nargs + (unsigned)one->max_locals);
		if (!check_constant(m, &i, in) || !check_type(&i, in) || !check_branches(m, one, &i, in))
			return false;
	}
	return true;
}

/* The method in whose code this offset is. */
static const struct cap_method *method_around(const struct cap_model *m, size_t offset)
{
	for (size_t i = 0; i < m->n_methods; i++)
		if (offset >= m->method[i].code && offset < (size_t)m->method[i].code + m->method[i].length)
			return &m->method[i];
	return NULL;
}

static bool check_handler(const struct cap_model *m, const struct cap_handler *h, size_t at, struct cap_reader *in)
{
	const struct cap_method *one = method_around(m, h->start);
	if (one == NULL || !cap_is_instruction(m, h->start))
		return cap_bad(in, at, "start_offset", h->start);
	size_t end = (size_t)h->start + h->length, code_end = (size_t)one->code + one->length;
	if (h->length == 0 || end > code_end || (end < code_end && !cap_is_instruction(m, end)))
		return cap_bad(in, at + 2, "active_length", h->length);
	if (!check_target(m, one, in, at + 4, "handler_offset", h->handler))
		return false;
	if (h->catch_type == 0)
		return true;
	if (h->catch_type >= m->n_constants)
		return cap_beyond(in, at + 6, "catch_type_index", h->catch_type, m->n_constants);
	return m->constant[h->catch_type].tag == CONSTANT_CLASSREF ||
	    cap_bad(in, at + 6, "catch_type_index", h->catch_type);
}

bool cap_check_code(struct cap_model *m, struct diag_list *d)
{
	struct cap_reader in = cap_reader_of(m->cap, COMPONENT_Method, d);
	bool ok = true;
	m->instruction = arena_alloc(&m->arena, 0x10000 / 8);
	for (size_t i = 0; i < m->n_methods; i++)
		ok = mark_method(m, &m->method[i], &in) && ok;
	for (size_t i = 0; ok && i < m->n_methods; i++)
		ok = check_method(m, &m->method[i], &in);
	for (size_t i = 0; ok && i < m->n_handlers; i++)
		ok = check_handler(m, &m->handler[i], 1 + 8 * i, &in);
	return ok;
}
