/* What all back ends put into an image the same way: manifest, holes, access map. */
#ifndef IGATA_EMIT_PARTS_H
#define IGATA_EMIT_PARTS_H

#include "compiler/plan/plan.h"
#include "runtime/base/buf.h"
#include "runtime/image/image.h"

/* What the card itself says about a file, as data objects, appended to out. */
typedef void emit_readback(const struct plan *p, uint16_t file, struct buf *out);

/* The access map; readback NULL: this chip says nothing. */
void emit_access_map(const struct plan *p, emit_readback *readback, struct buf *out);

/* The manifest and the holes. pin_pad: the byte that fills up PINs to their longest form on the card, -1: none. */
void emit_manifest(const struct plan *p, int pin_pad, struct image *img);

#endif
