/* The heap and the table of handles: layout.h draws them. */
#include "runtime/sim/javacard/machine/vm.h"

#include <assert.h>

static uint32_t size_of(unsigned type, uint32_t n)
{
	switch (type) {
	case JC_SHORT_ARRAY:
	case JC_REF_ARRAY:
	case JC_INSTANCE:
		return 2 * n;
	case JC_INT_ARRAY:
		return 4 * n;
	default:
		return n;
	}
}

uint32_t jc_data_size(const uint8_t *header)
{
	return size_of(header[OBJECT_KIND] & KIND_TYPE, jc_be16(header + OBJECT_LENGTH));
}

uint32_t jc_block_size(const uint8_t *header)
{
	if (header[OBJECT_KIND] == KIND_FREE)
		return jc_be32(header + 1);
	if (header[OBJECT_KIND] == KIND_FILL)
		return 1;
	return OBJECT_DATA + (jc_is_persistent(header) ? jc_data_size(header) : TRANSIENT_DATA);
}

/* --- handles --- */

static uint32_t entry_at(const struct jc *jc, uint16_t ref)
{
	return jc->end - 4u * ref;
}

static uint32_t heap_limit(const struct jc *jc)
{
	return jc->end - 4u * (jc->handles - 1);
}

static bool is_object(const struct jc *jc, uint32_t at)
{
	const uint8_t *h = jc->mem + at;
	return h[OBJECT_KIND] != KIND_FREE && h[OBJECT_KIND] != KIND_FILL &&
	    jc_at(jc, jc_be16(h + OBJECT_HANDLE)) == at;
}

uint32_t jc_next_object(const struct jc *jc, uint32_t at, uint16_t *ref)
{
	at = at == 0 ? jc->heap : at + jc_block_size(jc->mem + at);
	while (at < jc->heap_top && !is_object(jc, at))
		at += jc_block_size(jc->mem + at);
	if (at >= jc->heap_top)
		return 0;
	*ref = jc_be16(jc->mem + at + OBJECT_HANDLE);
	return at;
}

/* One more piece of the handle table: cleared first, then counted by one byte. */
static bool grow_handles(struct jc *jc)
{
	uint32_t n = 1u << jc->mem[CARD_CHUNK_SHIFT], limit = heap_limit(jc);
	if (jc->mem[CARD_CHUNKS] == 0xff || jc->handles + n > 0x10000 || limit - jc->heap_top < 4 * n + 1)
		return false;
	nv_fill(jc->nv, limit - 4 * n, 0, 4 * n);
	nv_fill(jc->nv, CARD_CHUNKS, (uint8_t)(jc->mem[CARD_CHUNKS] + 1), 1);
	jc->handles += n;
	return true;
}

static uint16_t free_handle(struct jc *jc)
{
	for (uint32_t h = jc->free_hint; h < jc->handles; h++) {
		if ((jc->mem[entry_at(jc, (uint16_t)h)] & HANDLE_USED) == 0 && !jc_is_ghost(jc, (uint16_t)h)) {
			jc->free_hint = h;
			return (uint16_t)h;
		}
	}
	jc->free_hint = jc->handles;
	return grow_handles(jc) ? (uint16_t)jc->free_hint : 0;
}

/* --- space --- */

/* A stretch of free blocks of at least n bytes; 0 when there is none. */
static uint32_t find_hole(const struct jc *jc, uint32_t n, uint32_t *size)
{
	uint32_t from = 0;
	for (uint32_t at = jc->heap; at < jc->heap_top; at += jc_block_size(jc->mem + at)) {
		if (is_object(jc, at)) {
			from = 0;
			continue;
		}
		if (from == 0)
			from = at;
		*size = at + jc_block_size(jc->mem + at) - from;
		if (*size >= n)
			return from;
	}
	return 0;
}

/* The block's header, and free space behind it, in one step: the heap can be walked at every moment. */
static void split(struct jc *jc, uint32_t at, const uint8_t *header, uint32_t n, uint32_t used, uint32_t size)
{
	uint8_t rest[FREE_HEADER] = {KIND_FREE};
	uint32_t left = size - used;
	jc_set32(rest + 1, left);
	nv_begin(jc->nv);
	nv_write(jc->nv, at, header, n);
	if (left >= FREE_HEADER)
		nv_write(jc->nv, at + used, rest, sizeof rest);
	else if (left > 0)
		nv_fill(jc->nv, at + used, KIND_FILL, left);
	nv_commit(jc->nv);
}

static void place_in_hole(struct jc *jc, uint32_t at, uint32_t size, const uint8_t *header, uint32_t n)
{
	uint8_t hole[FREE_HEADER] = {KIND_FREE};
	jc_set32(hole + 1, size);
	split(jc, at, hole, sizeof hole, size, size);
	nv_fill(jc->nv, at + FREE_HEADER, 0, (n < size ? n : size) - FREE_HEADER);
	split(jc, at, header, OBJECT_DATA, n, size);
}

/* At the top: the kind, which is the end of the heap until then, is written last. */
static void place_on_top(struct jc *jc, const uint8_t *header, uint32_t n)
{
	uint32_t at = jc->heap_top;
	nv_fill(jc->nv, at + OBJECT_DATA, 0, n - OBJECT_DATA + 1);
	nv_write(jc->nv, at + 1, header + 1, OBJECT_DATA - 1);
	nv_write(jc->nv, at, header, 1);
	jc->heap_top += n;
}

/* Where the block of n bytes went, 0 when there is no room. */
static uint32_t place(struct jc *jc, const uint8_t *header, uint32_t n)
{
	uint32_t at = jc->heap_top, size = 0;
	if (heap_limit(jc) - at >= n + 1) {
		place_on_top(jc, header, n);
		return at;
	}
	if (!jc->holes || (at = find_hole(jc, n, &size)) == 0)
		return 0;
	place_in_hole(jc, at, size, header, n);
	return at;
}

/* The address first, the byte that makes it one last. In a transaction that byte is put back by an abort. */
static bool publish(struct jc *jc, uint16_t ref, uint32_t at)
{
	uint8_t e[4];
	uint32_t entry = entry_at(jc, ref);
	if (jc->transaction && !undo_save(&jc->undo, entry, 1))
		return false;
	jc_set32(e, at);
	nv_write(jc->nv, entry + 1, e + 1, 3);
	nv_fill(jc->nv, entry, (uint8_t)(HANDLE_USED | (jc->provisional ? HANDLE_PROVISIONAL : 0)), 1);
	return true;
}

uint16_t jc_alloc(struct jc *jc, const struct jc_new *o)
{
	uint8_t h[OBJECT_DATA + TRANSIENT_DATA];
	uint16_t ref = free_handle(jc);
	if (ref == 0)
		return 0;
	h[OBJECT_KIND] = o->kind;
	h[OBJECT_FLAGS] = o->flags;
	jc_set16(h + OBJECT_HANDLE, ref);
	h[OBJECT_OWNER] = o->owner;
	h[OBJECT_PACKAGE] = o->package;
	jc_set16(h + OBJECT_CLASS, o->class);
	jc_set16(h + OBJECT_LENGTH, o->length);
	jc_set32(h + OBJECT_DATA, o->ram);
	uint32_t at = place(jc, h, jc_block_size(h));
	if (at == 0)
		return 0;
	if (!jc_is_persistent(h))
		nv_write(jc->nv, at + OBJECT_DATA, h + OBJECT_DATA, TRANSIENT_DATA);
	if (!publish(jc, ref, at)) {
		jc->holes = true;
		return 0;
	}
	jc->free_hint = ref + 1u;
	if (jc->transaction)
		jc_note_made(jc, ref);
	/* Without power nothing was written, and nobody may look for the object. */
	return jc->nv->off ? 0 : ref;
}

void jc_free(struct jc *jc, uint16_t ref)
{
	if (jc_at(jc, ref) == 0)
		return;
	nv_fill(jc->nv, entry_at(jc, ref), 0, 1);
	jc->holes = true;
	if (ref < jc->free_hint)
		jc->free_hint = ref;
}

void jc_trim(struct jc *jc)
{
	uint32_t top = jc->heap;
	uint16_t ref;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;)
		top = at + jc_block_size(jc->mem + at);
	if (top < jc->heap_top) {
		nv_fill(jc->nv, top, KIND_END, 1);
		jc->heap_top = top;
	}
	jc->free_hint = 1;
}

uint32_t jc_free_bytes(struct jc *jc)
{
	uint32_t n = heap_limit(jc) - jc->heap_top - 1;
	for (uint32_t at = jc->heap; jc->holes && at < jc->heap_top; at += jc_block_size(jc->mem + at))
		if (!is_object(jc, at))
			n += jc_block_size(jc->mem + at);
	return n;
}

uint32_t jc_used(struct jc *jc)
{
	return jc->chip.persistent - jc_free_bytes(jc);
}

void jc_operation(struct jc *jc, uint8_t operation)
{
	nv_fill(jc->nv, CARD_OPERATION, operation, 1);
}

/* --- looking through a memory that may come from anywhere --- */

static bool block_fits(const struct jc *jc, uint32_t at)
{
	uint32_t limit = heap_limit(jc), left = limit - at;
	const uint8_t *h = jc->mem + at;
	unsigned type = h[OBJECT_KIND] & KIND_TYPE, kind = h[OBJECT_KIND] & 0xf0u;
	if (h[OBJECT_KIND] == KIND_FILL)
		return left > 1;
	if (h[OBJECT_KIND] == KIND_FREE)
		return left > FREE_HEADER && jc_be32(h + 1) >= FREE_HEADER && jc_be32(h + 1) < left;
	if (type < JC_BOOLEAN || type > JC_STORE || (kind != 0 && kind != KIND_RESET && kind != KIND_DESELECT))
		return false;
	return left > OBJECT_DATA && jc_block_size(h) < left;
}

static bool transient_fits(const struct jc *jc, const uint8_t *h)
{
	uint32_t at = jc_be32(h + OBJECT_DATA), n = jc_data_size(h);
	uint32_t size = jc->chip.deselect;
	if ((h[OBJECT_KIND] & KIND_RESET) != 0)
		size = jc_system_transient(jc) + jc->chip.reset;
	return at <= size && n <= size - at;
}

bool jc_walk(struct jc *jc)
{
	uint32_t at = jc->heap, live = 0, entries = 0;
	while (at < heap_limit(jc) && jc->mem[at] != KIND_END) {
		if (!block_fits(jc, at))
			return false;
		if (is_object(jc, at)) {
			if (!jc_is_persistent(jc->mem + at) && !transient_fits(jc, jc->mem + at))
				return false;
			live++;
		} else {
			jc->holes = true;
		}
		at += jc_block_size(jc->mem + at);
	}
	if (at >= heap_limit(jc))
		return false;
	jc->heap_top = at;
	for (uint32_t h = 1; h < jc->handles; h++)
		entries += jc_at(jc, (uint16_t)h) != 0;
	/* An object is met by the walk exactly once, so equal counts mean that every handle points to one. */
	return entries == live;
}
