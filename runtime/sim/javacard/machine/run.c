/* The interpreter. Each instruction's slot holds the address of its code here (direct threading); the labels come from
 * the table of bytecodes, so a row without code does not build. The body (run_body.inc) is there twice: as it is, and
 * telling a trace of each instruction and of each call. */
#include "runtime/sim/javacard/machine/run.h"

enum { NESTING = 12 };

#define RUN       run_plain
#define STEP      (void)0
#define GO        goto * pc->label
#define NATIVE(a) m->native(jc, a)
#define ENTER     (void)0
#define REFUSE    (void)0
#include "runtime/sim/javacard/machine/run_body.inc"
#undef RUN
#undef STEP
#undef GO
#undef NATIVE
#undef ENTER
#undef REFUSE

/* --- traced --- */

static uint8_t opcode_at(const struct jc_frame *f, const struct jc_slot *pc)
{
	return f->method->code->raw[pc - f->method->code->slot];
}

static void tell_step(struct jc *jc, const struct jc_slot *pc, const uint16_t *sp)
{
	const struct jc_frame *f = &jc->work->frame[jc->frames - 1];
	struct jc_trace_step s = {.package = f->package,
	    .opcode = opcode_at(f, pc),
	    .pc = (uint16_t)(pc - f->method->code->slot),
	    .locals = f->locals,
	    .sp = sp,
	    .stack = f->stack};
	jc->step(jc->step_context, &s);
}

/* The class that a type instruction names; NULL: an array of numbers, or no such instruction. */
static const struct jc_class *named_type(const struct jc_frame *f, const struct jc_slot *pc)
{
	uint32_t operand = (uint32_t)pc->operand;
	switch (opcode_at(f, pc)) {
	case OP_new:
	case OP_anewarray:
		return f->method->code->pool[operand].class;
	case OP_checkcast:
	case OP_instanceof:
		if (operand >> 16 != OP_ATYPE_CLASS && operand >> 16 != OP_ATYPE_REFERENCE)
			return NULL;
		return f->method->code->pool[operand & 0xffff].class;
	default:
		return NULL;
	}
}

/* What the call at pc names. */
static struct jc_trace_call named_call(const struct jc_frame *f, const struct jc_slot *pc, const struct jc_method *m)
{
	uint32_t operand = (uint32_t)pc->operand;
	const struct jc_constant *pool = f->method->code->pool;
	if (opcode_at(f, pc) == OP_invokeinterface)
		return (struct jc_trace_call){
		    pool[operand >> 8 & 0xffff].class, JC_TRACE_INTERFACE, (uint8_t)operand, NULL, 0};
	const struct jc_constant *k = &pool[operand];
	const struct jc_class *c = k->class;
	if (k->tag == CONSTANT_VIRTUAL_METHODREF)
		return (struct jc_trace_call){c, JC_TRACE_VIRTUAL, k->token, NULL, 0};
	if (k->tag == CONSTANT_SUPER_METHODREF)
		return (struct jc_trace_call){c->super, JC_TRACE_VIRTUAL, k->token, NULL, 0};
	return (struct jc_trace_call){c, JC_TRACE_STATIC, c == NULL ? 0 : (uint8_t)(m - c->statics), NULL, 0};
}

static void tell(struct jc *jc, const struct jc_slot *pc, const uint16_t *sp)
{
	if (jc->step != NULL)
		tell_step(jc, pc, sp);
	const struct jc_class *type = jc->call == NULL ? NULL : named_type(&jc->work->frame[jc->frames - 1], pc);
	if (type != NULL && type->code == NULL)
		jc->call(jc->call_context, &(struct jc_trace_call){type, JC_TRACE_CLASS, 0, NULL, 0});
}

static void tell_call(struct jc *jc, const struct jc_slot *pc, const struct jc_method *m, bool returned)
{
	if (jc->call == NULL)
		return;
	struct jc_trace_call c = named_call(&jc->work->frame[jc->frames - 1], pc, m);
	if (!returned)
		c.thrown = jc_pending(jc, &c.reason);
	if (c.class != NULL && c.class->code == NULL && (returned || c.thrown != NULL))
		jc->call(jc->call_context, &c);
}

static bool traced_native(struct jc *jc, const struct jc_slot *pc, const struct jc_method *m, uint16_t *a)
{
	bool returned = m->native(jc, a);
	tell_call(jc, pc, m, returned);
	return returned;
}

#define RUN       run_traced
#define STEP      tell(jc, pc, sp)
#define GO        goto *labels[opcode_at(f, pc)]
#define NATIVE(a) traced_native(jc, pc, m, a)
#define ENTER     tell_call(jc, pc, m, true)
#define REFUSE    tell_call(jc, pc, m, false)
#include "runtime/sim/javacard/machine/run_body.inc"
#undef RUN
#undef STEP
#undef GO
#undef NATIVE
#undef ENTER
#undef REFUSE

const void *const *jc_labels(void)
{
	const void *const *labels = NULL;
	run_plain(NULL, 0, &labels);
	return labels;
}

/* The frame of m is pushed; run until it has returned. */
static bool run(struct jc *jc, unsigned bottom)
{
	return jc->step == NULL && jc->call == NULL ? run_plain(jc, bottom, NULL) : run_traced(jc, bottom, NULL);
}

bool jc_run(struct jc *jc, const struct jc_method *m, uint16_t *args, unsigned words, uint8_t owner)
{
	uint16_t *base = jc->sp;
	unsigned bottom = jc->frames;
	if (jc->depth == NESTING || base + words + 2 > jc->work->stack + JC_STACK_WORDS)
		return jc_abort(jc, SW_NO_DIAGNOSIS);
	memcpy(base, args, words * sizeof *args);
	jc->package = jc->context_of[owner]; /* most likely */
	if (jc_push_frame(jc, m, base, owner) == NULL)
		return false;
	jc->depth++;
	bool good = run(jc, bottom);
	jc->depth--;
	jc->sp = base;
	if (good)
		memcpy(args, base, 2 * sizeof *args);
	return good;
}

/* --- calls from natives --- */

static bool call(struct jc *jc, const struct jc_method *m, uint16_t *a, unsigned words)
{
	const uint8_t *h = jc_header(jc, a[0]);
	if (m == NULL || m->words != words || h == NULL)
		return jc_abort(jc, SW_NO_DIAGNOSIS);
	if (m->native != NULL)
		return m->native(jc, a);
	if (m->start == NULL)
		return jc_abort(jc, SW_NO_DIAGNOSIS);
	uint8_t owner = h[OBJECT_OWNER] <= JC_APPLETS_MAX ? h[OBJECT_OWNER] : jc->owner;
	return jc_run(jc, m, a, words, owner);
}

bool jc_call(struct jc *jc, unsigned token, uint16_t *a, unsigned words)
{
	const struct jc_class *c = jc_class_of(jc, a[0]);
	if (c == NULL)
		return jc_throw(jc, &jc_class_NullPointerException, 0);
	return call(jc, jc_find_virtual(c, token), a, words);
}

bool jc_call_interface(struct jc *jc, const struct jc_class *interface, unsigned token, uint16_t *a, unsigned words)
{
	const struct jc_class *c = jc_class_of(jc, a[0]);
	if (c == NULL)
		return jc_throw(jc, &jc_class_NullPointerException, 0);
	if (!jc_instance_of(c, interface))
		return jc_throw(jc, &jc_class_ClassCastException, 0);
	return call(jc, jc_find_interface(c, interface, token), a, words);
}
