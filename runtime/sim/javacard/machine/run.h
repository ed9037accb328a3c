/* What the two copies of the interpreter (run.c, with and without trace) share: the slow paths, run_slow.c. */
#ifndef IGATA_SIM_JAVACARD_MACHINE_RUN_H
#define IGATA_SIM_JAVACARD_MACHINE_RUN_H

#include "runtime/sim/javacard/machine/code.h"

/* Number of a package that is not the running one. false: pending. */
bool jc_find_package(struct jc *jc, const struct jc_code *code, uint8_t *package);

/* Frame of a method about to run: its locals lie from args on. Its words must fit, with two to spare for a result.
 * NULL: an exception or abort is pending; no stack for a frame is an error of the machine, which no applet can catch.
 */
static inline struct jc_frame *jc_push_frame(struct jc *jc, const struct jc_method *m, uint16_t *args, uint8_t owner)
{
	uint16_t *stack = args + m->words + m->locals, *limit = stack + m->stack;
	uint8_t package = jc->package;
	if (jc->frames == JC_FRAMES || limit > jc->work->stack + JC_STACK_WORDS || jc->budget-- == 0) {
		jc_abort(jc, SW_NO_DIAGNOSIS);
		return NULL;
	}
	if (jc->bound[package] != &m->code->package && !jc_find_package(jc, m->code, &package))
		return NULL;
	for (uint16_t *w = args + m->words; w < stack; w++)
		*w = 0;
	struct jc_frame *f = &jc->work->frame[jc->frames++];
	f->method = m;
	f->locals = args;
	f->stack = stack;
	f->limit = limit;
	f->owner = owner;
	f->package = package;
	f->caller = jc->owner;
	jc->package = package;
	if (owner != jc->owner) {
		jc->owner = owner;
		jc->context = jc->context_of[owner];
	}
	return f;
}

/* Leave the uppermost frame; the one below (if any) has its context again. */
static inline void jc_pop_frame(struct jc *jc)
{
	struct jc_frame *f = &jc->work->frame[--jc->frames];
	if (f->caller != jc->owner) {
		jc->owner = f->caller;
		jc->context = jc->context_of[f->caller];
	}
	jc->package = jc->frames == 0 ? 0 : jc->work->frame[jc->frames - 1].package;
}

/* Find who catches what is pending, dropping frames down to (not below) bottom. The slot to go on at, with the
 * exception on the stack of the uppermost frame; NULL: nobody above bottom. pc: where the uppermost frame is. */
const struct jc_slot *jc_catch(struct jc *jc, unsigned bottom, const struct jc_slot *pc);

/* Firewall and class for an invocation on an object, JCRE 6.2.8. The method that runs, and as whom; NULL: pending. */
const struct jc_method *jc_resolve_virtual(struct jc *jc, const struct jc_constant *k, uint16_t ref, uint8_t *owner);
const struct jc_method *jc_resolve_interface(
    struct jc *jc, const struct jc_class *interface, uint8_t token, unsigned words, uint16_t ref, uint8_t *owner);
bool jc_check_special(struct jc *jc, const struct jc_constant *k, uint16_t ref);

/* A field of an object: its header, or NULL with an exception pending. words: 1, or 2 of an int. */
const uint8_t *jc_field(struct jc *jc, const struct jc_constant *k, uint16_t ref, unsigned words);

/* checkcast (throws) and instanceof: 1, 0, or -1 with an exception pending. */
int jc_cast(struct jc *jc, const struct jc_code *code, uint32_t operand, uint16_t ref);

/* aastore: may the value go there (type, JCRE 6.2.1)? */
bool jc_may_store(struct jc *jc, const uint8_t *array, uint16_t value);

uint16_t jc_new_primitive(struct jc *jc, uint8_t atype, int16_t length);

/* Where a static field lies on this card. */
uint32_t jc_static_at(const struct jc *jc, const struct jc_constant *k);

/* Target of a switch: bytes from its own address. */
int32_t jc_switch(const uint8_t *raw, int32_t v);

/* The Java definition of division; b is not 0. */
int32_t jc_divide(int32_t a, int32_t b);
int32_t jc_remainder(int32_t a, int32_t b);

/* jc_resolve_virtual where nothing is out of the ordinary: a usable object, a public method that its class lists. NULL
 * says nothing. */
static inline const struct jc_method *jc_quick_virtual(const struct jc *jc, const struct jc_constant *k, uint16_t ref)
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL || (h[OBJECT_KIND] & KIND_TYPE) != JC_INSTANCE || k->package_private)
		return NULL;
	const struct jc_class *class = jc_bound_class(jc, h[OBJECT_PACKAGE], jc_be16(h + OBJECT_CLASS));
	const struct jc_method *m = k->method;
	if (class != k->class || !k->direct) {
		if (class == NULL || k->token >= class->n_virtuals)
			return NULL;
		m = &class->virtuals[k->token];
		if (!m->present || m->words != k->words || (m->native == NULL && m->start == NULL))
			return NULL;
	}
	/* natives run as the caller; loaded code as the owner, who must be the one that runs */
	if (h[OBJECT_OWNER] == jc->owner || (m->native != NULL && jc_may(jc, h)))
		return m;
	return NULL;
}

/* An array of this type (enum jc_type; 0 any) with this element: its header, or NULL with an exception pending. */
const uint8_t *jc_array(struct jc *jc, uint16_t ref, unsigned type, int16_t index);

/* The same where nothing is out of the ordinary; NULL says nothing. */
static inline const uint8_t *jc_quick_array(const struct jc *jc, uint16_t ref, unsigned type, int16_t index)
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL || (h[OBJECT_KIND] & (KIND_TYPE | KIND_DESELECT)) != type ||
	    (uint16_t)index >= jc_be16(h + OBJECT_LENGTH))
		return NULL;
	return h[OBJECT_OWNER] == jc->owner || (h[OBJECT_FLAGS] & FLAG_GLOBAL) != 0 ? h : NULL;
}

static inline const uint8_t *jc_quick_field(
    const struct jc *jc, const struct jc_constant *k, uint16_t ref, unsigned words)
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL || (h[OBJECT_KIND] & KIND_TYPE) != JC_INSTANCE || h[OBJECT_OWNER] != jc->owner ||
	    (h[OBJECT_FLAGS] & FLAG_NATIVE) != 0 || k->at + words > jc_be16(h + OBJECT_LENGTH))
		return NULL;
	return h;
}

#endif
