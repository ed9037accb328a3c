/* The GlobalPlatform registry: GPCS 6.2, 9.1. One entry for the issuer security domain, each supplementary security
 * domain, application and executable load file. */
#ifndef IGATA_SIM_JAVACARD_MANAGER_REGISTRY_H
#define IGATA_SIM_JAVACARD_MANAGER_REGISTRY_H

#include "runtime/sim/javacard/manager/store.h"

/* Read an entry that is known to exist; or only its kind. */
struct cm_entry cm_entry(const struct cm *c, uint16_t handle);
enum cm_entry_kind cm_entry_kind(const struct cm *c, uint16_t handle);

/* In a transaction: a new entry (0: no room), or the same one changed. */
uint16_t cm_entry_new(const struct cm *c, const struct cm_entry *e);
void cm_entry_set(const struct cm *c, uint16_t handle, const struct cm_entry *e);

/* Read from a card that may hold anything: may the entry be used? */
bool cm_registry_valid(const struct cm *c);

static inline uint16_t cm_first_entry(const struct cm *c)
{
	return cm_next(c, 0, CM_ENTRY);
}
static inline uint16_t cm_next_entry(const struct cm *c, uint16_t handle)
{
	return cm_next(c, handle, CM_ENTRY);
}

uint16_t cm_isd(const struct cm *c);
/* By AID, any kind but `not_kind` (0: any); 0 when there is none. */
uint16_t cm_entry_by_aid(const struct cm *c, const uint8_t *aid, size_t n);
/* The application or security domain with this number of the machine. */
uint16_t cm_entry_of_applet(const struct cm *c, uint16_t applet);
uint16_t cm_entry_of_package(const struct cm *c, uint8_t package);

bool cm_is_sd(const struct cm_entry *e);
bool cm_has(const struct cm_entry *e, uint32_t privilege);

/* Is `what` below the security domain (directly, or through the security domains between)? Itself counts. */
bool cm_below(const struct cm *c, uint16_t what, uint16_t sd);

/* Memory of an entry: what it took when it came, or, where that is more, what the application's objects take now. */
uint32_t cm_bytes(const struct cm *c, uint16_t entry);

/* May the application take so many bytes more: its own quota, and those of the security domains above (GPCS 9.7)? */
bool cm_may_take(const struct cm *c, uint16_t entry, uint32_t bytes);

/* Memory taken by all that is below the security domain, and its limit as seen from below: bytes that may still be
 * taken by something that belongs to sd; UINT32_MAX when nobody limits. */
uint32_t cm_taken(const struct cm *c, uint16_t sd);
uint32_t cm_quota_left(const struct cm *c, uint16_t sd);

/* Life cycle state that GET STATUS and getState show: the ISD's is the card's. */
uint8_t cm_state_of(const struct cm *c, uint16_t entry);

#endif
