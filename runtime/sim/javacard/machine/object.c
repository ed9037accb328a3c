/* Objects: making them, their classes, their bytes. */
#include "runtime/sim/javacard/machine/vm.h"

#include <assert.h>

#include "runtime/sim/javacard/machine/reasons.h"

/* --- RAM of transient objects --- */

struct stretch {
	uint32_t at, n;
};

/* Does a transient object of this kind (and package, for DESELECT) lie in the stretch? Its end, or 0. */
static uint32_t met(struct jc *jc, const struct jc_new *o, const struct stretch *s)
{
	uint16_t ref;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;) {
		const uint8_t *h = jc->mem + at;
		if ((h[OBJECT_KIND] & (KIND_RESET | KIND_DESELECT)) != (o->kind & (KIND_RESET | KIND_DESELECT)))
			continue;
		if ((o->kind & KIND_DESELECT) != 0 && jc->context_of[h[OBJECT_OWNER]] != jc->context_of[o->owner])
			continue;
		uint32_t from = jc_be32(h + OBJECT_DATA), n = jc_data_size(h);
		if (n != 0 && from < s->at + s->n && s->at < from + n)
			return from + n;
	}
	return 0;
}

static bool find_ram(struct jc *jc, struct jc_new *o, uint32_t n)
{
	uint32_t from = 0, end = jc->chip.deselect;
	if ((o->kind & KIND_RESET) != 0) {
		from = jc_system_transient(jc);
		end = from + jc->chip.reset;
	}
	while (n <= end - from) {
		struct stretch s = {from, n};
		uint32_t behind = met(jc, o, &s);
		if (behind == 0) {
			o->ram = from;
			return true;
		}
		from = behind > end ? end : behind;
	}
	return false;
}

static uint32_t ram_used(struct jc *jc, uint8_t kind, uint8_t context)
{
	uint16_t ref;
	uint32_t used = 0;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;) {
		const uint8_t *h = jc->mem + at;
		if ((h[OBJECT_KIND] & kind) == 0 ||
		    (kind == KIND_RESET && jc_be32(h + OBJECT_DATA) < jc_system_transient(jc)))
			continue;
		if (kind == KIND_RESET || jc->context_of[h[OBJECT_OWNER]] == context)
			used += jc_data_size(h);
	}
	return used;
}

uint32_t jc_memory_free(struct jc *jc, enum jc_where where)
{
	if (where == JC_PERSISTENT)
		return jc_free_bytes(jc);
	uint32_t size = where == JC_RESET ? jc->chip.reset : jc->chip.deselect;
	return size - ram_used(jc, where == JC_RESET ? KIND_RESET : KIND_DESELECT, jc->context);
}

enum { HANDLE = 4 }; /* bytes in the table of handles */

void jc_taken(struct jc *jc, uint32_t bytes[JC_APPLETS_MAX + 1])
{
	uint16_t ref;
	memset(bytes, 0, (JC_APPLETS_MAX + 1) * sizeof bytes[0]);
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;) {
		uint8_t owner = jc->mem[at + OBJECT_OWNER];
		if (owner <= JC_APPLETS_MAX)
			bytes[owner] += jc_block_size(jc->mem + at) + HANDLE;
	}
}

static bool may_take(struct jc *jc, uint8_t owner, const uint8_t *header)
{
	const struct jc_host *host = jc->host;
	return jc->provisional || owner == 0 || owner > JC_APPLETS_MAX || host == NULL || host->may_take == NULL ||
	    host->may_take(host->context, owner, jc_block_size(header) + HANDLE);
}

uint16_t jc_make(struct jc *jc, struct jc_new *o)
{
	uint8_t h[OBJECT_DATA] = {o->kind};
	if (jc->one_shot) {
		o->flags |= FLAG_ONE_SHOT;
		jc->globals = true;
	}
	jc_set16(h + OBJECT_LENGTH, o->length);
	uint32_t n = jc_data_size(h);
	if (jc->nv->off) {
		jc_abort(jc, SW_MEMORY_FAILURE);
		return 0;
	}
	if (!jc_is_persistent(h) && !find_ram(jc, o, n)) {
		jc_throw(jc, &jc_class_SystemException, SYSTEM_NO_TRANSIENT_SPACE);
		return 0;
	}
	uint16_t ref = may_take(jc, o->owner, h) ? jc_alloc(jc, o) : 0;
	if (ref == 0) {
		jc_throw(jc, &jc_class_SystemException, SYSTEM_NO_RESOURCE);
		return 0;
	}
	if ((o->kind & KIND_RESET) != 0)
		memset(jc->transient + o->ram, 0, n);
	if ((o->kind & KIND_DESELECT) != 0 && jc->deselect != NULL)
		memset(jc->deselect + o->ram, 0, n);
	return ref;
}

/* --- making --- */

/* false: ILLEGAL_TRANSIENT is pending. API, JCSystem.makeTransientByteArray: CLEAR_ON_DESELECT only in the context of
 * the selected applet. */
static bool kind_of(struct jc *jc, enum jc_type type, enum jc_where where, uint8_t *kind)
{
	*kind = (uint8_t)(type | (where == JC_RESET ? KIND_RESET : where == JC_DESELECT ? KIND_DESELECT : 0));
	if (where == JC_DESELECT && (jc->deselect == NULL || jc->deselect_context != jc->context))
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_TRANSIENT);
	return true;
}

bool jc_class_place(const struct jc *jc, const struct jc_class *class, uint8_t *package, uint16_t *index)
{
	*index = class->index;
	*package = class->package;
	if (class->code == NULL)
		return true;
	if (jc_loaded(jc, jc->package) == class->code) {
		*package = jc->package;
		return true;
	}
	for (unsigned i = JC_LOADED; i < JC_NUMBERS; i++) {
		if (jc_loaded(jc, (uint8_t)i) == class->code) {
			*package = (uint8_t)i;
			return true;
		}
	}
	return false;
}

const struct jc_class *jc_header_class(const struct jc *jc, const uint8_t *header)
{
	unsigned type = header[OBJECT_KIND] & KIND_TYPE;
	if (type != JC_INSTANCE)
		return type == JC_STORE ? NULL : &jc_class_Object;
	return jc_bound_class(jc, header[OBJECT_PACKAGE], jc_be16(header + OBJECT_CLASS));
}

/* Cells that only natives may touch lie in front of those of loaded classes. */
static bool has_native_cells(const struct jc_class *class)
{
	while (class != NULL && class->code != NULL)
		class = class->super;
	return class != NULL && class->cells > 0;
}

uint16_t jc_new_object(struct jc *jc, const struct jc_class *class)
{
	struct jc_new o = {.kind = JC_INSTANCE, .owner = jc->owner, .length = class->cells};
	if (!jc_class_place(jc, class, &o.package, &o.class)) {
		jc_abort(jc, SW_NO_DIAGNOSIS);
		return 0;
	}
	if ((class->flags & JC_ENTRY) != 0)
		o.flags = FLAG_ENTRY;
	if (has_native_cells(class))
		o.flags |= FLAG_NATIVE;
	return jc_make(jc, &o);
}

static uint16_t new_array(struct jc *jc, struct jc_new *o, int32_t length, enum jc_type type, enum jc_where where)
{
	if (length < 0) {
		jc_throw(jc, &jc_class_NegativeArraySizeException, 0);
		return 0;
	}
	if (!kind_of(jc, type, where, &o->kind))
		return 0;
	if (length > 0x7fff) {
		jc_throw(jc, &jc_class_SystemException, SYSTEM_NO_RESOURCE);
		return 0;
	}
	o->length = (uint16_t)length;
	o->owner = jc->owner;
	return jc_make(jc, o);
}

uint16_t jc_new_array(struct jc *jc, enum jc_type type, int32_t length, enum jc_where where)
{
	struct jc_new o = {0};
	return new_array(jc, &o, length, type, where);
}

uint16_t jc_new_ref_array(struct jc *jc, const struct jc_class *component, int32_t length, enum jc_where where)
{
	struct jc_new o = {0};
	if (!jc_class_place(jc, component, &o.package, &o.class)) {
		jc_abort(jc, SW_NO_DIAGNOSIS);
		return 0;
	}
	return new_array(jc, &o, length, JC_REF_ARRAY, where);
}

uint16_t jc_new_global_array(struct jc *jc, enum jc_type type, int32_t length)
{
	struct jc_new o = {.flags = FLAG_GLOBAL};
	jc->globals = true;
	return new_array(jc, &o, length, type, JC_RESET);
}

void jc_one_shot(struct jc *jc, bool on)
{
	jc->one_shot = on;
}

uint16_t jc_new_store(struct jc *jc, uint32_t n, enum jc_where where)
{
	struct jc_new o = {.owner = jc->owner, .length = (uint16_t)n};
	if (!kind_of(jc, JC_STORE, where, &o.kind))
		return 0;
	if (n > 0xffff) {
		jc_throw(jc, &jc_class_SystemException, SYSTEM_NO_RESOURCE);
		return 0;
	}
	return jc_make(jc, &o);
}

/* --- looking --- */

const struct jc_class *jc_class_of(struct jc *jc, uint16_t ref)
{
	const uint8_t *h = jc_header(jc, ref);
	return h == NULL ? NULL : jc_header_class(jc, h);
}

enum jc_type jc_type_of(struct jc *jc, uint16_t ref)
{
	const uint8_t *h = jc_header(jc, ref);
	return h == NULL ? (enum jc_type)0 : (enum jc_type)(h[OBJECT_KIND] & KIND_TYPE);
}

enum jc_where jc_where_of(struct jc *jc, uint16_t ref)
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL || jc_is_persistent(h))
		return JC_PERSISTENT;
	return (h[OBJECT_KIND] & KIND_RESET) != 0 ? JC_RESET : JC_DESELECT;
}

uint16_t jc_length(struct jc *jc, uint16_t ref)
{
	const uint8_t *h = jc_header(jc, ref);
	return h == NULL ? 0 : jc_be16(h + OBJECT_LENGTH);
}

static bool implements(const struct jc_class *class, const struct jc_class *interface)
{
	for (unsigned i = 0; i < class->n_implements; i++)
		if (class->implements[i].interface == interface)
			return true;
	return false;
}

bool jc_instance_of(const struct jc_class *class, const struct jc_class *of)
{
	for (; class != NULL; class = class->super)
		if (class == of || ((of->flags & JC_INTERFACE) != 0 && implements(class, of)))
			return true;
	return false;
}

/* --- cells and stores --- */

static const uint8_t *cell_header(struct jc *jc, uint16_t ref, uint16_t cell)
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL || (h[OBJECT_KIND] & KIND_TYPE) != JC_INSTANCE || cell >= jc_be16(h + OBJECT_LENGTH))
		return NULL;
	return h;
}

uint16_t jc_cell(struct jc *jc, uint16_t ref, uint16_t cell)
{
	const uint8_t *h = cell_header(jc, ref, cell);
	return h == NULL ? 0 : jc_be16(jc_data(jc, h) + 2 * cell);
}

bool jc_set_cell(struct jc *jc, uint16_t ref, uint16_t cell, uint16_t v)
{
	const uint8_t *h = cell_header(jc, ref, cell);
	uint8_t b[2];
	jc_set16(b, v);
	return h == NULL || jc_write(jc, h, 2u * cell, b, 2, JC_ATOMIC);
}

void jc_set_cell_now(struct jc *jc, uint16_t ref, uint16_t cell, uint16_t v)
{
	const uint8_t *h = cell_header(jc, ref, cell);
	uint8_t b[2];
	jc_set16(b, v);
	if (h != NULL)
		jc_write(jc, h, 2u * cell, b, 2, JC_NON_ATOMIC);
}

const uint8_t *jc_store(struct jc *jc, uint16_t store, uint32_t *n)
{
	const uint8_t *h = jc_header(jc, store);
	*n = 0;
	if (h == NULL || (h[OBJECT_KIND] & KIND_TYPE) != JC_STORE || !jc_awake(jc, h))
		return NULL;
	*n = jc_be16(h + OBJECT_LENGTH);
	return jc_data(jc, h);
}

bool jc_store_put(struct jc *jc, uint16_t store, uint32_t at, const void *p, uint32_t n, enum jc_atomicity how)
{
	const uint8_t *h = jc_header(jc, store);
	if (h == NULL || (h[OBJECT_KIND] & KIND_TYPE) != JC_STORE)
		return jc_abort(jc, SW_NO_DIAGNOSIS);
	if (!jc_awake(jc, h))
		return jc_throw(jc, &jc_class_SecurityException, 0);
	assert(at <= jc_be16(h + OBJECT_LENGTH) && n <= jc_be16(h + OBJECT_LENGTH) - at);
	return jc_write(jc, h, at, p, n, how);
}

/* --- writing --- */

bool jc_write(struct jc *jc, const uint8_t *header, uint32_t off, const void *p, uint32_t n, enum jc_atomicity how)
{
	if (jc_is_persistent(header))
		return jc_write_at(jc, (uint32_t)(header - jc->mem) + OBJECT_DATA + off, p, n, how);
	uint8_t *d = (header[OBJECT_KIND] & KIND_RESET) != 0 ? jc->transient : jc->deselect;
	memmove(d + jc_be32(header + OBJECT_DATA) + off, p, n);
	return true;
}
