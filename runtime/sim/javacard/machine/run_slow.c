/* The interpreter's slow paths: frames, exceptions, the firewall of JCRE 6.2.8, casts. */
#include "runtime/sim/javacard/machine/run.h"

/* --- frames --- */

/* Code of another package: its number on this card. */
bool jc_find_package(struct jc *jc, const struct jc_code *code, uint8_t *package)
{
	uint16_t index;
	struct jc_class c = {.code = code};
	return jc_class_place(jc, &c, package, &index) || jc_abort(jc, SW_NO_DIAGNOSIS);
}

/* --- exceptions --- */

/* JCVM 6.10.1: the first handler whose range holds the address and whose class fits; one with the stop bit ends the
 * search for code in its range. */
static const struct jc_handler *handler_for(struct jc *jc, const struct jc_code *code, uint32_t at)
{
	const struct jc_class *thrown = jc_class_of(jc, jc->thrown);
	for (unsigned i = 0; i < code->handlers; i++) {
		const struct jc_handler *h = &code->handler[i];
		if (at < h->start || at >= (uint32_t)h->start + h->length)
			continue;
		if (h->class == NULL || jc_instance_of(thrown, h->class))
			return h;
		if (h->stop)
			return NULL;
	}
	return NULL;
}

const struct jc_slot *jc_catch(struct jc *jc, unsigned bottom, const struct jc_slot *pc)
{
	while (jc->frames > bottom) {
		struct jc_frame *f = &jc->work->frame[jc->frames - 1];
		const struct jc_code *code = f->method->code;
		uint32_t at = (uint32_t)(pc - code->slot);
		const struct jc_handler *h = jc->aborted != 0 ? NULL : handler_for(jc, code, at);
		/* Only a handler that was decoded with this method. */
		if (h != NULL && code->slot[h->target].method == f->method->number) {
			f->stack[0] = jc->thrown;
			jc->thrown = 0;
			return &code->slot[h->target];
		}
		jc_pop_frame(jc);
		/* The caller's address is behind its call: one byte before is inside it. */
		if (jc->frames > bottom)
			pc = jc->work->frame[jc->frames - 1].pc - 1;
	}
	return NULL;
}

/* --- calls --- */

const struct jc_method *jc_find_virtual(const struct jc_class *class, unsigned token)
{
	for (; class != NULL; class = class->super)
		if (token < class->n_virtuals && class->virtuals[token].present)
			return &class->virtuals[token];
	return NULL;
}

const struct jc_method *jc_find_interface(
    const struct jc_class *class, const struct jc_class *interface, unsigned token)
{
	for (const struct jc_class *c = class; c != NULL; c = c->super)
		for (unsigned i = 0; i < c->n_implements; i++)
			if (c->implements[i].interface == interface)
				return token < c->implements[i].n ? jc_find_virtual(class, c->implements[i].map[token])
								  : NULL;
	return NULL;
}

static const struct jc_method *security(struct jc *jc)
{
	jc_throw(jc, &jc_class_SecurityException, 0);
	return NULL;
}

/* Something that only code which no verifier has seen does. */
static const struct jc_method *broken(struct jc *jc)
{
	jc_abort(jc, SW_NO_DIAGNOSIS);
	return NULL;
}

static const uint8_t *object(struct jc *jc, uint16_t ref)
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL)
		jc_throw(jc, &jc_class_NullPointerException, 0);
	return h;
}

/* Loaded code of an object runs as the object's owner; natives run as whoever calls. */
static const struct jc_method *as_owner(struct jc *jc, const struct jc_method *m, const uint8_t *h, uint8_t *owner)
{
	if (m == NULL || (m->native == NULL && m->start == NULL))
		return broken(jc);
	*owner = jc->owner;
	if (m->native == NULL && h[OBJECT_OWNER] <= JC_APPLETS_MAX &&
	    (h[OBJECT_FLAGS] & (FLAG_ENTRY | FLAG_TEMPORARY)) == 0 && jc->context_of[h[OBJECT_OWNER]] != jc->context)
		*owner = h[OBJECT_OWNER];
	return m;
}

const struct jc_method *jc_resolve_virtual(struct jc *jc, const struct jc_constant *k, uint16_t ref, uint8_t *owner)
{
	const uint8_t *h = object(jc, ref);
	if (h == NULL)
		return NULL;
	const struct jc_class *class = jc_header_class(jc, h);
	const struct jc_method *m;
	if (!jc_may(jc, h))
		return security(jc);
	if (class == NULL)
		return broken(jc);
	if (k->package_private) {
		if (!jc_instance_of(class, k->class))
			return broken(jc);
		while (class->code != k->class->code) /* a subclass in another package has a table of its own */
			class = class->super;
		m = &class->package_virtuals[k->token];
	} else {
		m = jc_find_virtual(class, k->token);
	}
	if (m == NULL || !m->present || m->words != k->words)
		return broken(jc);
	return as_owner(jc, m, h, owner);
}

/* JCRE 6.2.7.2, 4.2: a foreign object of a class that implements a shareable interface, through such an interface,
 * unless its applet cannot be selected twice and is active on another channel. */
static bool may_share(struct jc *jc, const struct jc_class *class, const struct jc_class *interface, const uint8_t *h)
{
	if ((interface->flags & JC_SHAREABLE) == 0 || !jc_instance_of(class, interface))
		return false;
	return jc_may_enter(jc, h[OBJECT_OWNER]);
}

const struct jc_method *jc_resolve_interface(
    struct jc *jc, const struct jc_class *interface, uint8_t token, unsigned words, uint16_t ref, uint8_t *owner)
{
	const uint8_t *h = object(jc, ref);
	if (h == NULL)
		return NULL;
	const struct jc_class *class = jc_header_class(jc, h);
	if (class == NULL)
		return broken(jc);
	if (!jc_may(jc, h) && !may_share(jc, class, interface, h))
		return security(jc);
	const struct jc_method *m = jc_find_interface(class, interface, token);
	if (m == NULL || m->words != words)
		return broken(jc);
	return as_owner(jc, m, h, owner);
}

/* Natives rely on the class of `this`; loaded code does not. */
bool jc_check_special(struct jc *jc, const struct jc_constant *k, uint16_t ref)
{
	const uint8_t *h = object(jc, ref);
	if (h == NULL)
		return false;
	if (!jc_may(jc, h))
		return jc_throw(jc, &jc_class_SecurityException, 0);
	if (k->method->native == NULL)
		return true;
	const struct jc_class *class = jc_header_class(jc, h);
	const struct jc_class *of = k->tag == CONSTANT_SUPER_METHODREF ? k->class->super : k->class;
	return (class != NULL && jc_instance_of(class, of)) || jc_abort(jc, SW_NO_DIAGNOSIS);
}

/* --- objects --- */

const uint8_t *jc_field(struct jc *jc, const struct jc_constant *k, uint16_t ref, unsigned words)
{
	const uint8_t *h = object(jc, ref);
	if (h == NULL)
		return NULL;
	if (!jc_may(jc, h)) {
		jc_throw(jc, &jc_class_SecurityException, 0);
		return NULL;
	}
	if ((h[OBJECT_KIND] & KIND_TYPE) != JC_INSTANCE || k->at + words > jc_be16(h + OBJECT_LENGTH) ||
	    !jc_instance_of(jc_header_class(jc, h), k->class)) {
		broken(jc);
		return NULL;
	}
	return h;
}

const uint8_t *jc_array(struct jc *jc, uint16_t ref, unsigned type, int16_t index)
{
	const uint8_t *h = object(jc, ref);
	if (h == NULL)
		return NULL;
	unsigned have = h[OBJECT_KIND] & KIND_TYPE;
	if (have > JC_REF_ARRAY || (type != 0 && have != type && !(type == JC_BYTE && have == JC_BOOLEAN))) {
		broken(jc);
		return NULL;
	}
	if (!jc_may(jc, h) || !jc_awake(jc, h)) {
		jc_throw(jc, &jc_class_SecurityException, 0);
		return NULL;
	}
	if (type != 0 && (index < 0 || index >= jc_be16(h + OBJECT_LENGTH))) {
		jc_throw(jc, &jc_class_ArrayIndexOutOfBoundsException, 0);
		return NULL;
	}
	return h;
}

static const struct jc_class *component_class(const struct jc *jc, const uint8_t *array)
{
	return jc_bound_class(jc, array[OBJECT_PACKAGE], jc_be16(array + OBJECT_CLASS));
}

static bool is_of(const struct jc *jc, const uint8_t *h, unsigned atype, const struct jc_class *class)
{
	static const uint8_t kind[] = {JC_BOOLEAN, JC_BYTE, JC_SHORT_ARRAY, JC_INT_ARRAY};
	unsigned have = h[OBJECT_KIND] & KIND_TYPE;
	if (atype >= OP_ATYPE_BOOLEAN && atype <= OP_ATYPE_INT)
		return have == kind[atype - OP_ATYPE_BOOLEAN];
	if (atype == OP_ATYPE_REFERENCE)
		return have == JC_REF_ARRAY && jc_instance_of(component_class(jc, h), class);
	return jc_instance_of(jc_header_class(jc, h), class);
}

int jc_cast(struct jc *jc, const struct jc_code *code, uint32_t operand, uint16_t ref)
{
	const uint8_t *h = jc_header(jc, ref);
	unsigned atype = operand >> 16;
	const struct jc_class *class =
	    atype == OP_ATYPE_CLASS || atype == OP_ATYPE_REFERENCE ? code->pool[operand & 0xffff].class : NULL;
	if (h == NULL)
		return 0;
	bool fits = is_of(jc, h, atype, class);
	/* JCRE 6.2.8.5: a foreign object may be cast to a shareable interface that its class implements. */
	if (!jc_may(jc, h) && !(fits && atype == OP_ATYPE_CLASS && (class->flags & JC_SHAREABLE) != 0)) {
		jc_throw(jc, &jc_class_SecurityException, 0);
		return -1;
	}
	return fits;
}

bool jc_may_store(struct jc *jc, const uint8_t *array, uint16_t value)
{
	const uint8_t *h = value == 0 ? NULL : jc_header(jc, value);
	if (h == NULL)
		return true;
	const struct jc_class *component = component_class(jc, array);
	if (component == NULL || !jc_instance_of(jc_header_class(jc, h), component))
		return jc_throw(jc, &jc_class_ArrayStoreException, 0);
	return jc_may_keep(jc, value) || jc_throw(jc, &jc_class_SecurityException, 0);
}

uint16_t jc_new_primitive(struct jc *jc, uint8_t atype, int16_t length)
{
	static const enum jc_type type[] = {JC_BOOLEAN, JC_BYTE, JC_SHORT_ARRAY, JC_INT_ARRAY};
	return jc_new_array(jc, type[atype - OP_ATYPE_BOOLEAN], length, JC_PERSISTENT);
}

uint32_t jc_static_at(const struct jc *jc, const struct jc_constant *k)
{
	unsigned i = jc->package - JC_LOADED;
	if (jc->bound[jc->package] != &k->code->package)
		for (i = 0; i < JC_PACKAGES_MAX - 1 && jc->bound[JC_LOADED + i] != &k->code->package;)
			i++;
	return jc->image[i] + k->at;
}

/* --- numbers --- */

static int32_t table(const uint8_t *raw, int32_t v, unsigned width)
{
	int32_t low = width == 2 ? (int16_t)jc_be16(raw + 3) : (int32_t)jc_be32(raw + 3);
	int32_t high = width == 2 ? (int16_t)jc_be16(raw + 5) : (int32_t)jc_be32(raw + 7);
	if (v < low || v > high)
		return (int16_t)jc_be16(raw + 1);
	return (int16_t)jc_be16(raw + 3 + 2 * width + 2 * (uint32_t)(v - low));
}

/* The first pair that matches; pairs ascend (JCVM 7.5.90), which nobody here relies on. */
static int32_t lookup(const uint8_t *raw, int32_t v, unsigned width)
{
	const uint8_t *p = raw + 5;
	for (unsigned n = jc_be16(raw + 3); n > 0; n--, p += width + 2)
		if ((width == 2 ? (int16_t)jc_be16(p) : (int32_t)jc_be32(p)) == v)
			return (int16_t)jc_be16(p + width);
	return (int16_t)jc_be16(raw + 1);
}

int32_t jc_switch(const uint8_t *raw, int32_t v)
{
	switch (raw[0]) {
	case OP_stableswitch:
		return table(raw, v, 2);
	case OP_itableswitch:
		return table(raw, v, 4);
	case OP_slookupswitch:
		return lookup(raw, v, 2);
	default:
		return lookup(raw, v, 4);
	}
}

int32_t jc_divide(int32_t a, int32_t b)
{
	return b == -1 ? (int32_t)(0 - (uint32_t)a) : a / b;
}

int32_t jc_remainder(int32_t a, int32_t b)
{
	return b == -1 ? 0 : a % b;
}
