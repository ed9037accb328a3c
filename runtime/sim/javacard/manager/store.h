/* The card manager's persistent records: blocks in the host area behind its header. A block is known by a handle that
 * stays the same while it lives; 0 is none.
 *
 *   block: | 1 kind | 1 zero | 2 units of 16 bytes | body … |   kind 0 is free space
 *
 * Inside a transaction cm_new sees the blocks that the same transaction made; everything else reads what was before.
 */
#ifndef IGATA_SIM_JAVACARD_MANAGER_STORE_H
#define IGATA_SIM_JAVACARD_MANAGER_STORE_H

#include "runtime/sim/javacard/manager/card.h"

enum cm_kind { CM_FREE, CM_ENTRY, CM_KEY, CM_DATA };

/* Lay out an empty store, in the area's fresh memory. */
void cm_store_init(const struct cm *c);

/* Does the area hold a store? Everything else relies on it. */
bool cm_store_valid(const struct cm *c);

/* A new block with room for n bytes of body, which are written by cm_set. 0: no room. In a transaction. */
uint16_t cm_new(const struct cm *c, enum cm_kind kind, uint32_t n);
/* Free a block; cm_tidy wipes what was in it. */
void cm_drop(const struct cm *c, uint16_t handle);
void cm_set(const struct cm *c, uint16_t handle, uint32_t at, const void *p, uint32_t n);

/* The block after `handle` (0: the first) of this kind; 0 at the end. */
uint16_t cm_next(const struct cm *c, uint16_t handle, enum cm_kind kind);

/* Is there a block of this kind with this handle? Handles come back from sessions and other blocks. */
bool cm_alive(const struct cm *c, uint16_t handle, enum cm_kind kind);

/* Its body to read, and the room it has. Valid until something is written. */
const uint8_t *cm_body(const struct cm *c, uint16_t handle, uint32_t *n);

/* Wipe free blocks that still hold something: after a commit that freed some, and at power-up. */
void cm_tidy(const struct cm *c);

/* Bytes of the store in use. */
uint32_t cm_store_used(const struct cm *c);

#endif
