/* A layer over a link: its functions take the place of the link's own and call those below. The link stays the same
 * struct, so name, ATR and reasons are shared. Used for recording, tracing and faults. */
#ifndef IGATA_LINK_LAYER_H
#define IGATA_LINK_LAYER_H

#include "runtime/link/link.h"

/* Begin the layer's state with this. */
struct link_layer {
	const struct link_ops *ops;
	void *state;
};

/* Put the layer on top: ops are its functions, layer the beginning of its state. */
void link_push(struct link *l, const struct link_ops *ops, struct link_layer *layer);

/* What is below. After link_below_close the layer is off the link, which is closed; the layer frees its own state. */
enum link_status link_below_reset(struct link *l);
enum link_status link_below_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp);
void link_below_close(struct link *l);

/* Take the topmost layer off; the link stays open. */
void link_pop(struct link *l);

#endif
