/* Object deletion: mark and sweep. Roots are what the runtime owns, the applets, and static fields. Runs only when no
 * applet does, so the stack is free to hold what is still to be looked at. */
#include "runtime/sim/javacard/machine/vm.h"

typedef void ref_function(struct jc *jc, const uint8_t *at, uint16_t ref, void *context);

/* An instance's reference cells, class by class. */
static void each_cell(struct jc *jc, const uint8_t *h, const uint8_t *data, ref_function *f, void *context)
{
	uint16_t n = jc_be16(h + OBJECT_LENGTH);
	for (const struct jc_class *c = jc_header_class(jc, h); c != NULL; c = c->super)
		for (unsigned i = c->first_ref; i < c->first_ref + c->refs && i < n; i++)
			f(jc, data + 2 * i, jc_be16(data + 2 * i), context);
}

/* Where the object's data lie, on whatever channel its package is active; NULL: nowhere now, so they are zero. */
static const uint8_t *data_anywhere(const struct jc *jc, const uint8_t *h)
{
	if ((h[OBJECT_KIND] & KIND_DESELECT) == 0)
		return jc_data(jc, h);
	for (unsigned i = 0; i < jc->chip.channels; i++)
		if (jc->selected[i] != JC_NOBODY && jc->context_of[jc->selected[i]] == jc->context_of[h[OBJECT_OWNER]])
			return jc_segment(jc, jc->segment[i]) + jc_be32(h + OBJECT_DATA);
	return NULL;
}

void jc_each_ref(struct jc *jc, const uint8_t *header, ref_function *f, void *context)
{
	unsigned type = header[OBJECT_KIND] & KIND_TYPE;
	const uint8_t *data;
	if ((type != JC_REF_ARRAY && type != JC_INSTANCE) || (data = data_anywhere(jc, header)) == NULL)
		return;
	if (type == JC_INSTANCE)
		each_cell(jc, header, data, f, context);
	else
		for (uint32_t i = 0; i < jc_be16(header + OBJECT_LENGTH); i++)
			f(jc, data + 2 * i, jc_be16(data + 2 * i), context);
}

/* The image begins with the number of references. */
void jc_each_static(struct jc *jc, uint8_t slot, ref_function *f, void *context)
{
	const uint8_t *h = jc_header(jc, jc_part(jc, slot, PART_IMAGE));
	if (h == NULL || jc_be16(h + OBJECT_LENGTH) < 2)
		return;
	uint32_t n = jc_be16(h + OBJECT_DATA), room = (jc_be16(h + OBJECT_LENGTH) - 2u) / 2;
	for (uint32_t i = 0; i < n && i < room; i++)
		f(jc, h + OBJECT_DATA + 2 + 2 * i, jc_be16(h + OBJECT_DATA + 2 + 2 * i), context);
}

/* --- marking --- */

static bool marked(const struct jc *jc, uint16_t ref)
{
	return (jc->work->mark[ref >> 3] >> (ref & 7) & 1) != 0;
}

struct todo {
	unsigned n;
	bool overflow;
};

static void mark(struct jc *jc, const uint8_t *at, uint16_t ref, void *context)
{
	struct todo *t = context;
	(void)at;
	if (jc_at(jc, ref) == 0 || marked(jc, ref))
		return;
	jc->work->mark[ref >> 3] = (uint8_t)(jc->work->mark[ref >> 3] | 1u << (ref & 7));
	if (t->n < JC_STACK_WORDS)
		jc->work->stack[t->n++] = ref;
	else
		t->overflow = true;
}

static void drain(struct jc *jc, struct todo *t)
{
	while (t->n > 0)
		jc_each_ref(jc, jc_header(jc, jc->work->stack[--t->n]), mark, t);
}

static void mark_roots(struct jc *jc, struct todo *t)
{
	uint16_t ref;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;)
		if (jc->mem[at + OBJECT_OWNER] == 0)
			mark(jc, NULL, ref, t);
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++)
		if (jc_applet_state(jc, a) != SLOT_FREE)
			mark(jc, NULL, jc_be16(jc->mem + jc_applet_at(a) + APPLET_OBJECT), t);
	for (uint8_t slot = 0; slot < JC_PACKAGES_MAX; slot++)
		jc_each_static(jc, slot, mark, t);
}

/* More was marked than could be noted: look at everything marked again until nothing new comes. */
static void mark_again(struct jc *jc, struct todo *t)
{
	uint16_t ref;
	while (t->overflow) {
		t->overflow = false;
		for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;) {
			if (marked(jc, ref))
				jc_each_ref(jc, jc->mem + at, mark, t);
			drain(jc, t);
		}
	}
}

void jc_collect(struct jc *jc)
{
	struct todo t = {0};
	uint16_t ref;
	jc_borrow(jc);
	memset(jc->work->mark, 0, sizeof jc->work->mark);
	mark_roots(jc, &t);
	drain(jc, &t);
	mark_again(jc, &t);
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;)
		if (!marked(jc, ref))
			jc_free(jc, ref);
	jc_trim(jc);
}

/* --- references to what is gone --- */

static void null_field(struct jc *jc, const uint8_t *at, uint16_t ref, void *context)
{
	static const uint8_t null[2] = {0};
	(void)context;
	if (ref == 0 || jc_at(jc, ref) != 0)
		return;
	if (at >= jc->mem && at < jc->mem + jc->nv->size)
		jc_write_at(jc, (uint32_t)(at - jc->mem), null, sizeof null, JC_ATOMIC);
	else
		memset(jc->transient + (at - jc->transient), 0, 2);
}

void jc_null_dangling(struct jc *jc)
{
	uint16_t ref;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;)
		jc_each_ref(jc, jc->mem + at, null_field, NULL);
	for (uint8_t slot = 0; slot < JC_PACKAGES_MAX; slot++)
		jc_each_static(jc, slot, null_field, NULL);
}
