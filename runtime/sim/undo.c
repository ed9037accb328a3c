#include "runtime/sim/undo.h"

enum { MARK = 0xa5, HEAD = 7, TAIL = 2 };

static uint32_t number(const struct undo *u, uint32_t at, unsigned bytes)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | u->nv->mem[at + i];
	return v;
}

static void put8(struct undo *u, uint32_t at, uint8_t v)
{
	nv_write(u->nv, at, &v, 1);
}

/* The end of the entry at `at`, 0 when there is none. */
static uint32_t entry_end(const struct undo *u, uint32_t at)
{
	uint32_t limit = u->at + u->size;
	if (limit - at < UNDO_ENTRY + 1 || u->nv->mem[at] != MARK)
		return 0;
	uint32_t n = number(u, at + 5, 2), target = number(u, at + 1, 4);
	if (n > limit - at - UNDO_ENTRY - 1 || target < NV_HOME || target > u->nv->size || n > u->nv->size - target)
		return 0;
	return number(u, at + HEAD + n, 2) == n ? at + UNDO_ENTRY + n : 0;
}

static void put_back(struct undo *u)
{
	while (u->end > u->at) {
		uint32_t n = number(u, u->end - TAIL, 2), from = u->end - TAIL - n;
		nv_write(u->nv, number(u, from - HEAD + 1, 4), u->nv->mem + from, n);
		u->end = from - HEAD;
	}
}

void undo_recover(struct undo *u, struct nv *nv, uint32_t at, uint32_t size)
{
	*u = (struct undo){.nv = nv, .at = at, .size = size, .end = at};
	for (uint32_t end; (end = entry_end(u, u->end)) != 0;)
		u->end = end;
	put_back(u);
	if (nv->mem[at] != 0)
		put8(u, at, 0);
}

bool undo_save(struct undo *u, uint32_t at, uint32_t n)
{
	if (n > 0xffff || n + UNDO_ENTRY + 1 > u->at + u->size - u->end)
		return false;
	const uint8_t head[HEAD - 1] = {
	    (uint8_t)(at >> 24), (uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at, (uint8_t)(n >> 8), (uint8_t)n};
	const uint8_t tail[TAIL + 1] = {head[4], head[5], 0};
	nv_write(u->nv, u->end + 1, head, sizeof head);
	nv_write(u->nv, u->end + HEAD, u->nv->mem + at, n);
	nv_write(u->nv, u->end + HEAD + n, tail, sizeof tail);
	put8(u, u->end, MARK);
	u->end += UNDO_ENTRY + n;
	return true;
}

bool undo_open(const struct undo *u)
{
	return u->end != u->at;
}

void undo_commit(struct undo *u)
{
	if (undo_open(u))
		put8(u, u->at, 0);
	u->end = u->at;
}

void undo_abort(struct undo *u)
{
	bool was_open = undo_open(u);
	/* A card without power does nothing, and its log may be torn: power-up does it. */
	if (u->nv->off)
		return;
	put_back(u);
	if (was_open)
		put8(u, u->at, 0);
}
