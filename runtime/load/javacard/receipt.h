/* Receipts: what a card answers to delegated management, to be kept and checked. GPC 2.3.1, 11.1.6, C.5. */
#ifndef IGATA_LOAD_JAVACARD_RECEIPT_H
#define IGATA_LOAD_JAVACARD_RECEIPT_H

#include "runtime/load/javacard/javacard.h"

/* What a receipt covers besides the card's own data: AIDs with their lengths, in the order of C.5; NULL: none there. */
void receipt_covers(struct buf *covers, const struct aid *a);

/* Take the receipt in the last answer, where there is one: append it to --receipts, and compare it if the key file has
 * a receipt key for this card. A wrong one is an error that is reported, and undoes nothing: the card did what it was
 * told. covers NULL: nothing to compare with. false: it cannot be written, or the key file is wrong. */
bool receipt_take(struct loader *w, enum gp_step step, const struct buf *covers);

/* A command that may be answered by a receipt: gp_do and receipt_take. covers is released. */
bool receipt_do(struct loader *w, enum gp_step step, uint32_t header, const struct buf *data, struct buf *covers);

#endif
