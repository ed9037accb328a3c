#include "runtime/sim/javacard/manager/store.h"

#include <string.h>

enum { UNIT = 16, HEADER = 4, UNITS = (CM_HOST_SIZE - CM_H_SIZE) / UNIT };

/* Handle h is the block at unit h - 1. */
static uint32_t address(const struct cm *c, uint32_t handle)
{
	return c->home + CM_H_SIZE + (handle - 1) * UNIT;
}

struct header {
	uint8_t kind;
	uint32_t units;
};

/* A block of no units does not exist; a card that lost its power on the way may see one and must come to an end. */
static struct header decode(const uint8_t b[HEADER])
{
	uint32_t units = (uint32_t)b[2] << 8 | b[3];
	return (struct header){b[0], units != 0 ? units : UNITS};
}

/* As the transaction under way leaves it. */
static struct header header(const struct cm *c, uint32_t handle)
{
	uint8_t b[HEADER];
	nv_read(c->nv, address(c, handle), b, sizeof b);
	return decode(b);
}

static struct header committed(const struct cm *c, uint32_t handle)
{
	const uint8_t *b = c->nv->mem + address(c, handle);
	return decode(b);
}

static void put_header(const struct cm *c, uint32_t handle, enum cm_kind kind, uint32_t units)
{
	uint8_t b[HEADER] = {(uint8_t)kind, 0, (uint8_t)(units >> 8), (uint8_t)units};
	nv_write(c->nv, address(c, handle), b, sizeof b);
}

void cm_store_init(const struct cm *c)
{
	put_header(c, 1, CM_FREE, UNITS);
}

bool cm_store_valid(const struct cm *c)
{
	uint32_t at = 1;
	while (at <= UNITS) {
		struct header h = committed(c, at);
		if (h.kind > CM_DATA || h.units > UNITS + 1 - at)
			return false;
		at += h.units;
	}
	return true;
}

uint16_t cm_new(const struct cm *c, enum cm_kind kind, uint32_t n)
{
	uint32_t need = (HEADER + n + UNIT - 1) / UNIT, run = 0, start = 0;
	for (uint32_t at = 1; at <= UNITS;) {
		struct header h = header(c, at);
		if (h.kind != CM_FREE)
			run = 0;
		else if (run == 0)
			start = at;
		run += h.kind == CM_FREE ? h.units : 0;
		at += h.units;
		if (run < need)
			continue;
		if (run > need)
			put_header(c, start + need, CM_FREE, run - need);
		put_header(c, start, kind, need);
		return (uint16_t)start;
	}
	return 0;
}

void cm_drop(const struct cm *c, uint16_t handle)
{
	/* Neighbouring free blocks are joined when somebody needs room. */
	put_header(c, handle, CM_FREE, header(c, handle).units);
}

void cm_set(const struct cm *c, uint16_t handle, uint32_t at, const void *p, uint32_t n)
{
	nv_write(c->nv, address(c, handle) + HEADER + at, p, n);
}

uint16_t cm_next(const struct cm *c, uint16_t handle, enum cm_kind kind)
{
	uint32_t at = handle == 0 ? 1 : handle + committed(c, handle).units;
	while (at <= UNITS) {
		struct header h = committed(c, at);
		if (h.kind == kind)
			return (uint16_t)at;
		at += h.units;
	}
	return 0;
}

bool cm_alive(const struct cm *c, uint16_t handle, enum cm_kind kind)
{
	for (uint16_t h = cm_next(c, 0, kind); h != 0; h = cm_next(c, h, kind))
		if (h == handle)
			return true;
	return false;
}

const uint8_t *cm_body(const struct cm *c, uint16_t handle, uint32_t *n)
{
	uint32_t units = committed(c, handle).units, most = UNITS + 1u - handle;
	if (n != NULL)
		*n = (units < most ? units : most) * UNIT - HEADER;
	return c->nv->mem + address(c, handle) + HEADER;
}

void cm_tidy(const struct cm *c)
{
	if (c->nv->off)
		return;
	for (uint32_t at = 1; at <= UNITS;) {
		struct header h = committed(c, at);
		uint32_t body = address(c, at) + HEADER, n = h.units * UNIT - HEADER;
		bool empty = true;
		for (uint32_t i = 0; i < n && empty; i++)
			empty = c->nv->mem[body + i] == 0;
		if (h.kind == CM_FREE && !empty)
			nv_fill(c->nv, body, 0, n);
		at += h.units;
	}
}

uint32_t cm_store_used(const struct cm *c)
{
	uint32_t used = 0;
	for (uint32_t at = 1; at <= UNITS; at += committed(c, at).units)
		if (committed(c, at).kind != CM_FREE)
			used += committed(c, at).units * UNIT;
	return used;
}
