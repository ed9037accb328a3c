#include "runtime/link/link_fault.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/link/layer.h"

struct fault_layer {
	struct link_layer below;
	struct link_fault *f;
};

static enum link_status fault_reset(struct link *l)
{
	struct fault_layer *layer = l->state;
	struct link_fault *f = layer->f;
	if (f->dead && f->reset_fails)
		return f->status;
	f->dead = false;
	return link_below_reset(l);
}

static enum link_status fault_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct fault_layer *layer = l->state;
	struct link_fault *f = layer->f;
	bool now = !f->dead && f->at >= 0 && f->count == (uint64_t)f->at;
	f->count++;
	if (!f->dead && !now)
		return link_below_transmit(l, cmd, n, rsp);
	if (now && f->kind == FAULT_RESPONSE_LOST)
		(void)link_below_transmit(l, cmd, n, rsp);
	buf_clear(rsp);
	f->dead = true;
	strcpy(l->why, "a test's fault");
	return f->status;
}

static void fault_close(struct link *l)
{
	struct fault_layer *layer = l->state;
	link_below_close(l);
	free(layer);
}

static const struct link_ops fault_ops = {.reset = fault_reset, .transmit = fault_transmit, .close = fault_close};

bool link_fault(struct link *l, struct link_fault *f)
{
	struct fault_layer *layer = calloc(1, sizeof *layer);
	if (layer == NULL)
		return false;
	layer->f = f;
	link_push(l, &fault_ops, &layer->below);
	return true;
}
