/* The memory of a native card for its other files: bounded access, DF spaces, objects. See layout.h; included by
 * card.h.
 *
 * What is read out of range reads as zero, what is written out of range is not written: a damaged card may answer
 * nonsense, but nothing outside its memory is touched. */
#ifndef IGATA_SIM_NATIVE_MEMORY_H
#define IGATA_SIM_NATIVE_MEMORY_H

#include "runtime/sim/native/card.h"

/* --- memory.c: by memory address, big-endian --- */
uint8_t nat_u8(const struct nv *nv, uint32_t at);
uint16_t nat_u16(const struct nv *nv, uint32_t at);
uint32_t nat_u32(const struct nv *nv, uint32_t at);

/* nv_write of a number; in range (assert of nv_write). */
void nat_put16(struct nv *nv, uint32_t at, uint16_t v);
void nat_put32(struct nv *nv, uint32_t at, uint32_t v);

/* The same into bytes that are written later. */
void nat_set16(uint8_t *p, uint32_t v);
void nat_set32(uint8_t *p, uint32_t v);

/* Address of a member (DF_*) of a DF's slot. df is not the MF. */
uint32_t nat_df_at(uint16_t df, uint32_t member);

/* Address of page 0 of a card with this many pages. */
uint32_t nat_pages_at(uint32_t pages);

/* End the transaction that nv_begin has started: SW_OK, or 6581 when it was too large and nothing is written. */
sw_t nat_commit(struct card *c);

/* Has the chip this habit (HABIT_*)? */
bool nat_habit(const struct card *c, uint8_t habit);

/* --- space.c: the space of one DF, by address in it --- */

/* Read the DF's chain of pages and list of objects into the session, unless they are there. The MF has none. */
void nat_space_open(struct card *c, uint16_t df);

/* Forget what was read; after every change of a DF's pages or objects that nat_object_append did not make. */
void nat_space_close(struct card *c);

/* Bytes of the open space. */
void nat_space_read(const struct card *c, uint32_t at, uint8_t *out, uint32_t n);
uint8_t nat_space_u8(const struct card *c, uint32_t at);
uint16_t nat_space_u16(const struct card *c, uint32_t at);
uint32_t nat_space_u32(const struct card *c, uint32_t at);

/* As nv_write, nv_write_unreachable, nv_fill_unreachable. */
void nat_space_write(struct card *c, uint32_t at, const uint8_t *p, uint32_t n);
void nat_space_write_unreachable(struct card *c, uint32_t at, const uint8_t *p, uint32_t n);
void nat_space_fill_unreachable(struct card *c, uint32_t at, uint8_t v, uint32_t n);

/* Memory address of one byte of the open space, 0 when there is no such byte. */
uint32_t nat_space_address(const struct card *c, uint32_t at);

/* Mark the pages of every DF in `used`; false when a chain leaves the card, loops, or meets another. */
bool nat_space_map(const struct nv *nv, uint8_t used[NAT_PAGES_MAX]);

/* Make a DF in a free slot: `slot` is its future content but for first page and pages, which are found here. All or
 * nothing. SW_OK and the handle, or 6A84: no slot, no pages, more than a DF may have. */
sw_t nat_space_create(struct card *c, uint8_t slot[DF_SLOT], uint16_t *df);

/* The DF ceases to exist, all or nothing; its memory is free, and wiped unless the power fails. SW_OK. */
sw_t nat_space_delete(struct card *c, uint16_t df);

/* Bytes in all pages that belong to a DF. */
uint32_t nat_space_used(const struct nv *nv);

/* --- object.c: objects of the open space, by their number 1 to s->objects --- */

/* The first one, 0 when there is none. */
uint16_t nat_object_find(const struct card *c, enum object_kind kind, uint16_t id);
uint16_t nat_object_by_sfi(const struct card *c, uint8_t sfi);
unsigned nat_object_count(const struct card *c, enum object_kind kind);

uint8_t nat_object_kind(const struct card *c, uint16_t object);
uint16_t nat_object_id(const struct card *c, uint16_t object);
uint8_t nat_object_sfi(const struct card *c, uint16_t object);
uint32_t nat_object_len(const struct card *c, uint16_t object);    /* bytes of the body */
uint32_t nat_object_body(const struct card *c, uint16_t object);   /* address of the body in the space */
uint32_t nat_object_own_at(const struct card *c, uint16_t object); /* address of what is the dialect's (OBJECT_OWN) */
void nat_object_own(const struct card *c, uint16_t object, uint8_t out[OBJECT_OWN_SIZE]);

/* Does an object with a body of this length fit? */
bool nat_object_fits(const struct card *c, uint32_t len);

/* Append an object to the DF, all or nothing: header (which says how long the body is), and a body that begins with
 * these n bytes, zeros behind them. It gets the number s->objects. SW_OK, 6A84, 6581. */
sw_t nat_object_append(struct card *c, const uint8_t header[OBJECT_HEADER], const uint8_t *body, uint32_t n);

#endif
