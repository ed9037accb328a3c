/* The interpreter. Each instruction's slot holds the address of its code here (direct threading); the labels come from
 * the table of bytecodes, so a row without code does not build. The body (run_body.inc) is there twice: as it is, and
 * with a step told to a trace before each instruction. */
#include "runtime/sim/javacard/machine/run.h"

enum { NESTING = 12 };

#define RUN  run_plain
#define STEP (void)0
#define GO   goto * pc->label
#include "runtime/sim/javacard/machine/run_body.inc"
#undef RUN
#undef STEP
#undef GO

static void tell(struct jc *jc, const struct jc_slot *pc, const uint16_t *sp)
{
	const struct jc_frame *f = &jc->work->frame[jc->frames - 1];
	uint32_t at = (uint32_t)(pc - f->method->code->slot);
	struct jc_trace_step s = {.package = f->package,
	    .opcode = f->method->code->raw[at],
	    .pc = (uint16_t)at,
	    .locals = f->locals,
	    .sp = sp,
	    .stack = f->stack};
	jc->step(jc->step_context, &s);
}

#define RUN  run_traced
#define STEP tell(jc, pc, sp)
#define GO   goto *labels[f->method->code->raw[pc - f->method->code->slot]]
#include "runtime/sim/javacard/machine/run_body.inc"
#undef RUN
#undef STEP
#undef GO

const void *const *jc_labels(void)
{
	const void *const *labels = NULL;
	run_plain(NULL, 0, &labels);
	return labels;
}

/* The frame of m is pushed; run until it has returned. */
static bool run(struct jc *jc, unsigned bottom)
{
	return jc->step == NULL ? run_plain(jc, bottom, NULL) : run_traced(jc, bottom, NULL);
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
