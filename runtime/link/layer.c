#include "runtime/link/layer.h"

void link_push(struct link *l, const struct link_ops *ops, struct link_layer *layer)
{
	layer->ops = l->ops;
	layer->state = l->state;
	l->ops = ops;
	l->state = layer;
}

void link_pop(struct link *l)
{
	struct link_layer *layer = l->state;
	l->ops = layer->ops;
	l->state = layer->state;
}

enum link_status link_below_reset(struct link *l)
{
	const struct link_ops *ops = l->ops;
	struct link_layer *layer = l->state;
	link_pop(l);
	enum link_status s = l->ops->reset(l);
	link_push(l, ops, layer);
	return s;
}

enum link_status link_below_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	const struct link_ops *ops = l->ops;
	struct link_layer *layer = l->state;
	link_pop(l);
	enum link_status s = l->ops->transmit(l, cmd, n, rsp);
	link_push(l, ops, layer);
	return s;
}

void link_below_close(struct link *l)
{
	link_pop(l);
	l->ops->close(l);
}
