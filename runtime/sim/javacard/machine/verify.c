/* Decoding a package's methods, with the checks that make any code harmless: every instruction that can be reached is
 * one, has operands that make sense, and branches to such an instruction of the same method. How many words must be on
 * the stack, and how many more must fit, is computed for each stretch of instructions without branch or call, so that
 * the interpreter looks only where a stretch begins. Types are not followed: the interpreter checks every object. */
#include "runtime/sim/javacard/machine/code.h"

struct decode {
	struct jc_code *code;
	const struct jc_chip *chip;
	const void *const *label;
	const struct jc_method *method;
	uint16_t *todo; /* offsets to be decoded */
	unsigned todo_n;
	uint8_t *handler_done;
	uint16_t lowest, highest; /* decoded of this method */
};

struct effect {
	unsigned pops, pushes;
	bool ends;  /* control does not go on behind it */
	bool calls; /* what is behind it begins a new stretch */
};

static const uint8_t *raw_at(const struct decode *d, uint32_t pc)
{
	return d->code->raw + pc;
}

static int32_t s16_at(const struct decode *d, uint32_t pc)
{
	return (int16_t)jc_be16(raw_at(d, pc));
}

/* --- operands --- */

static unsigned words_of(const char *letters)
{
	unsigned n = 0;
	for (; *letters != 0; letters++)
		n += *letters == 'i' ? 2 : 1;
	return n;
}

static bool uses_int(uint8_t op, const uint8_t *raw)
{
	if (op == OP_iinc || op == OP_iinc_w)
		return true;
	if (op == OP_newarray || op == OP_checkcast || op == OP_instanceof)
		return raw[1] == OP_ATYPE_INT;
	return strchr(op_info[op].pops, 'i') != NULL || strchr(op_info[op].pushes, 'i') != NULL;
}

/* A local variable of so many words lies inside the frame. */
static bool local_ok(const struct decode *d, unsigned index, unsigned words)
{
	return index + words <= (unsigned)d->method->words + d->method->locals;
}

/* The local variable of instructions that have it in their names; -1 for others. */
static int local_in_name(uint8_t op)
{
	if (op >= OP_aload_0 && op <= OP_iload_3)
		return (op - OP_aload_0) & 3;
	if (op >= OP_astore_0 && op <= OP_istore_3)
		return (op - OP_astore_0) & 3;
	if (op >= OP_getfield_a_this && op <= OP_getfield_i_this)
		return 0;
	if (op >= OP_putfield_a_this && op <= OP_putfield_i_this)
		return 0;
	return -1;
}

static bool is_int_local(uint8_t op)
{
	return op == OP_iload || op == OP_istore || op == OP_iinc || op == OP_iinc_w ||
	    (op >= OP_iload_0 && op <= OP_iload_3) || (op >= OP_istore_0 && op <= OP_istore_3);
}

static bool static_fits(const struct jc_constant *k, uint8_t op)
{
	unsigned n = op == OP_getstatic_b || op == OP_putstatic_b ? 1
	    : op == OP_getstatic_i || op == OP_putstatic_i        ? 4
								  : 2;
	if ((op == OP_getstatic_a || op == OP_putstatic_a) && k->at / 2 >= k->code->references)
		return false;
	/* References are seen by the collector: nothing else is written over them. */
	if (op != OP_getstatic_a && op != OP_putstatic_a && k->at < 2u * k->code->references)
		return false;
	if ((op == OP_getstatic_a || op == OP_putstatic_a) && (k->at & 1) != 0)
		return false;
	return k->at + n <= k->code->image_n;
}

/* Does the cell hold a reference exactly when the instruction says so? Wrong cells would hide objects from the
 * collector or make numbers look like references to it. */
static bool is_reference_cell(const struct jc_class *c, unsigned cell)
{
	while (c->super != NULL && cell < c->super->cells)
		c = c->super;
	return cell >= c->first_ref && cell < (unsigned)c->first_ref + c->refs;
}

static bool field_fits(const struct jc_constant *k, uint8_t op)
{
	bool ref = op == OP_getfield_a || op == OP_putfield_a || op == OP_getfield_a_w || op == OP_putfield_a_w ||
	    op == OP_getfield_a_this || op == OP_putfield_a_this;
	bool wide = op == OP_getfield_i || op == OP_putfield_i || op == OP_getfield_i_w || op == OP_putfield_i_w ||
	    op == OP_getfield_i_this || op == OP_putfield_i_this;
	if (wide && (k->at + 1u >= k->class->cells || is_reference_cell(k->class, k->at + 1u)))
		return false;
	return is_reference_cell(k->class, k->at) == ref;
}

static const struct jc_constant *constant(const struct decode *d, unsigned index, unsigned tag)
{
	return index < d->code->constants && d->code->pool[index].tag == tag ? &d->code->pool[index] : NULL;
}

static bool class_constant(const struct decode *d, unsigned index, bool concrete)
{
	const struct jc_constant *k = constant(d, index, CONSTANT_CLASSREF);
	return k != NULL && (!concrete || (k->class->flags & (JC_INTERFACE | JC_ABSTRACT)) == 0);
}

/* What invokespecial may name: a constructor in ROM, a method of this or an imported package, a super's method. */
static bool special_constant(const struct decode *d, unsigned index)
{
	const struct jc_constant *k = constant(d, index, CONSTANT_STATIC_METHODREF);
	if (k != NULL)
		return k->method->words != 0 && (k->method->native == NULL || k->method->constructor);
	return constant(d, index, CONSTANT_SUPER_METHODREF) != NULL;
}

static bool constant_ok(const struct decode *d, uint8_t op, unsigned index)
{
	const struct jc_constant *k;
	switch (op) {
	case OP_new:
		return class_constant(d, index, true);
	case OP_anewarray:
		return class_constant(d, index, false);
	case OP_invokevirtual:
		return constant(d, index, CONSTANT_VIRTUAL_METHODREF) != NULL;
	case OP_invokespecial:
		return special_constant(d, index);
	case OP_invokestatic:
		k = constant(d, index, CONSTANT_STATIC_METHODREF);
		return k != NULL && !k->method->constructor;
	default:
		break;
	}
	if (op >= OP_getstatic_a && op <= OP_putstatic_i) {
		k = constant(d, index, CONSTANT_STATIC_FIELDREF);
		return k != NULL && static_fits(k, op);
	}
	k = constant(d, index, CONSTANT_INSTANCE_FIELDREF);
	return k != NULL && field_fits(k, op);
}

static bool atype_ok(const struct decode *d, uint32_t pc)
{
	uint8_t atype = *raw_at(d, pc + 1);
	if (atype >= OP_ATYPE_BOOLEAN && atype <= OP_ATYPE_INT)
		return true;
	return (atype == OP_ATYPE_CLASS || atype == OP_ATYPE_REFERENCE) &&
	    class_constant(d, jc_be16(raw_at(d, pc + 2)), false);
}

/* --- one instruction --- */

/* Its length; 0: it does not fit into the component. */
static uint32_t length_of(const struct decode *d, uint32_t pc)
{
	uint8_t op = *raw_at(d, pc);
	uint32_t left = d->code->raw_n - pc, head, n;
	if (op_info[op].name == NULL)
		return 0;
	if (op_info[op].length != 0)
		return op_info[op].length <= left ? op_info[op].length : 0;
	switch (op_info[op].form) {
	case OP_FORM_STABLE:
		head = 7;
		if (left < head || s16_at(d, pc + 3) > s16_at(d, pc + 5))
			return 0;
		n = 2u * (uint32_t)(s16_at(d, pc + 5) - s16_at(d, pc + 3) + 1);
		break;
	case OP_FORM_ITABLE: {
		head = 11;
		if (left < head)
			return 0;
		int64_t low = (int32_t)jc_be32(raw_at(d, pc + 3)), high = (int32_t)jc_be32(raw_at(d, pc + 7));
		if (low > high || high - low >= 0x8000)
			return 0;
		n = 2u * (uint32_t)(high - low + 1);
		break;
	}
	default:
		head = 5;
		if (left < head)
			return 0;
		n = (op_info[op].form == OP_FORM_SLOOKUP ? 4u : 6u) * jc_be16(raw_at(d, pc + 3));
	}
	return n <= left - head ? head + n : 0;
}

static bool branch_to(struct decode *d, uint32_t pc, int32_t by)
{
	int64_t to = (int64_t)pc + by;
	if (to < 0 || to >= d->code->raw_n)
		return false;
	const struct jc_slot *s = &d->code->slot[to];
	if (s->label != NULL)
		return s->method == d->method->number;
	d->code->slot[to].label = d->label[OP_nop]; /* on the list */
	d->code->slot[to].method = d->method->number;
	d->todo[d->todo_n++] = (uint16_t)to;
	return true;
}

static bool switch_branches(struct decode *d, uint32_t pc, uint32_t n)
{
	uint32_t at, step;
	switch (op_info[*raw_at(d, pc)].form) {
	case OP_FORM_STABLE:
		at = pc + 7, step = 2;
		break;
	case OP_FORM_ITABLE:
		at = pc + 11, step = 2;
		break;
	case OP_FORM_SLOOKUP:
		at = pc + 7, step = 4;
		break;
	default:
		at = pc + 9, step = 6;
	}
	for (; at < pc + n; at += step)
		if (!branch_to(d, pc, s16_at(d, at)))
			return false;
	return branch_to(d, pc, s16_at(d, pc + 1));
}

static bool operand_ok(struct decode *d, uint32_t pc, uint32_t n, struct jc_slot *s)
{
	uint8_t op = *raw_at(d, pc);
	const uint8_t *p = raw_at(d, pc + 1);
	unsigned wide = is_int_local(op) ? 2 : 1;
	switch (op_info[op].form) {
	case OP_FORM_NONE:
		return local_in_name(op) < 0 || local_ok(d, (unsigned)local_in_name(op), wide);
	case OP_FORM_S1:
		s->operand = (int8_t)p[0];
		return true;
	case OP_FORM_S2:
		s->operand = s16_at(d, pc + 1);
		return true;
	case OP_FORM_S4:
		s->operand = (int32_t)jc_be32(p);
		return true;
	case OP_FORM_LOCAL:
		s->operand = p[0];
		return local_ok(d, p[0], wide);
	case OP_FORM_LOCAL_S1:
		s->operand = (int32_t)((uint32_t)p[0] << 16 | (uint16_t)(int8_t)p[1]);
		return local_ok(d, p[0], wide);
	case OP_FORM_LOCAL_S2:
		s->operand = (int32_t)((uint32_t)p[0] << 16 | jc_be16(p + 1));
		return local_ok(d, p[0], wide);
	case OP_FORM_MN:
		s->operand = p[0];
		if (op == OP_dup_x)
			return p[0] >> 4 >= 1 && p[0] >> 4 <= 4 &&
			    ((p[0] & 15) == 0 || ((p[0] & 15) >= p[0] >> 4 && (p[0] & 15) <= (p[0] >> 4) + 4));
		return p[0] >> 4 >= 1 && p[0] >> 4 <= 2 && (p[0] & 15) >= 1 && (p[0] & 15) <= 2;
	case OP_FORM_B1:
		s->operand = (int8_t)p[0];
		return branch_to(d, pc, s->operand);
	case OP_FORM_B2:
		s->operand = s16_at(d, pc + 1);
		return branch_to(d, pc, s->operand);
	case OP_FORM_CP1:
		s->operand = p[0];
		return constant_ok(d, op, p[0]) && (local_in_name(op) < 0 || local_ok(d, 0, 1));
	case OP_FORM_CP2:
		s->operand = jc_be16(p);
		return constant_ok(d, op, jc_be16(p));
	case OP_FORM_INTERFACE: {
		const struct jc_constant *k = constant(d, jc_be16(p + 1), CONSTANT_CLASSREF);
		s->operand = (int32_t)jc_be32(p);
		return p[0] != 0 && k != NULL && (k->class->flags & JC_INTERFACE) != 0;
	}
	case OP_FORM_ATYPE:
		s->operand = p[0];
		return p[0] >= OP_ATYPE_BOOLEAN && p[0] <= OP_ATYPE_INT;
	case OP_FORM_ATYPE_CP2:
		s->operand = (int32_t)((uint32_t)p[0] << 16 | jc_be16(p + 1));
		return atype_ok(d, pc);
	default:
		return switch_branches(d, pc, n);
	}
}

static struct effect effect_of(const struct decode *d, uint32_t pc)
{
	uint8_t op = *raw_at(d, pc);
	const uint8_t *p = raw_at(d, pc + 1);
	struct effect e = {0};
	switch (op) {
	case OP_dup_x:
		e.pops = (p[0] & 15u) == 0 ? p[0] >> 4 : p[0] & 15u;
		e.pushes = e.pops + (p[0] >> 4);
		return e;
	case OP_swap_x:
		e.pops = e.pushes = (p[0] >> 4) + (p[0] & 15u);
		return e;
	case OP_invokevirtual:
		return (struct effect){.pops = d->code->pool[jc_be16(p)].words, .calls = true};
	case OP_invokespecial:
	case OP_invokestatic:
		return (struct effect){.pops = d->code->pool[jc_be16(p)].method->words, .calls = true};
	case OP_invokeinterface:
		return (struct effect){.pops = p[0], .calls = true};
	default:
		e.pops = words_of(op_info[op].pops);
		e.pushes = words_of(op_info[op].pushes);
		e.ends = op == OP_goto || op == OP_goto_w || op == OP_athrow || op == OP_ret ||
		    (op >= OP_stableswitch && op <= OP_return);
		e.calls = op == OP_jsr;
		return e;
	}
}

/* Code in a handler's range brings the handler's code with it. */
static bool reach_handlers(struct decode *d, uint32_t pc)
{
	for (unsigned i = 0; i < d->code->handlers; i++) {
		const struct jc_handler *h = &d->code->handler[i];
		if (d->handler_done[i] || pc < h->start || pc >= (uint32_t)h->start + h->length)
			continue;
		d->handler_done[i] = 1;
		if (!branch_to(d, h->target, 0))
			return false;
	}
	return true;
}

static bool decode_one(struct decode *d, uint32_t pc)
{
	struct jc_slot *s = &d->code->slot[pc];
	uint8_t op = *raw_at(d, pc);
	uint32_t n = length_of(d, pc);
	if (n == 0 || (uses_int(op, raw_at(d, pc)) && !d->chip->int_supported) || !operand_ok(d, pc, n, s))
		return false;
	s->label = d->label[op];
	if (pc < d->lowest)
		d->lowest = (uint16_t)pc;
	if (pc > d->highest)
		d->highest = (uint16_t)pc;
	return (effect_of(d, pc).ends || branch_to(d, pc, (int32_t)n)) && reach_handlers(d, pc);
}

/* From the end to the beginning, so that what follows is known. */
static bool measure(struct decode *d)
{
	for (uint32_t pc = d->highest + 1u; pc-- > d->lowest;) {
		struct jc_slot *s = &d->code->slot[pc];
		if (s->label == NULL || s->method != d->method->number)
			continue;
		struct effect e = effect_of(d, pc);
		unsigned need = e.pops, grow = e.pushes > e.pops ? e.pushes - e.pops : 0;
		if (!e.ends && !e.calls) {
			const struct jc_slot *next = &d->code->slot[pc + length_of(d, pc)];
			if (next->need + e.pops > need + e.pushes)
				need = next->need + e.pops - e.pushes;
			if (next->grow + e.pushes > grow + e.pops)
				grow = next->grow + e.pushes - e.pops;
		}
		if (need > 255 || grow > 255)
			return false;
		s->need = (uint8_t)need;
		s->grow = (uint8_t)grow;
	}
	return true;
}

static bool decode_method(struct decode *d, const struct jc_method *m)
{
	d->method = m;
	d->todo_n = 0;
	d->lowest = 0xffff;
	d->highest = 0;
	if (m->start == NULL)
		return true;
	if (d->code->handlers != 0)
		memset(d->handler_done, 0, d->code->handlers);
	if (m->start->label != NULL || !branch_to(d, (uint32_t)(m->start - d->code->slot), 0))
		return false;
	while (d->todo_n > 0)
		if (!decode_one(d, d->todo[--d->todo_n]))
			return false;
	return measure(d);
}

bool jc_decode(struct jc_code *code, const struct jc_chip *chip)
{
	struct arena scratch = {0};
	struct decode d = {.code = code, .chip = chip, .label = jc_labels()};
	bool good = true;
	d.todo = arena_alloc(&scratch, code->raw_n * sizeof *d.todo);
	d.handler_done = arena_alloc(&scratch, code->handlers);
	for (unsigned i = 0; i < code->methods && good; i++)
		good = decode_method(&d, &code->method[i]);
	arena_free(&scratch);
	return good;
}
