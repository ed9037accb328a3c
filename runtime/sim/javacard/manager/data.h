/* Data objects of security domains: stored by STORE DATA, given by GET DATA. GPCS 11.3, 11.11, appendix H. */
#ifndef IGATA_SIM_JAVACARD_MANAGER_DATA_H
#define IGATA_SIM_JAVACARD_MANAGER_DATA_H

#include "runtime/sim/javacard/manager/registry.h"

enum cm_tag {
	CM_TAG_IIN = 0x42,
	CM_TAG_CIN = 0x45,
	CM_TAG_AID = 0x4f,
	CM_TAG_TAG_LIST = 0x5c,
	CM_TAG_CARD_DATA = 0x66,
	CM_TAG_CAPABILITY = 0x67,
	CM_TAG_SEQUENCE = 0xc1,
	CM_TAG_CONFIRMATION = 0xc2,
	CM_TAG_DIVERSIFICATION = 0xcf,
	CM_TAG_LEVEL = 0xd3,
	CM_TAG_KEY_INFORMATION = 0xe0,
	CM_TAG_APPLICATIONS = 0x2f00,
	CM_TAG_CPLC = 0x9f7f,
	CM_TAG_RESOURCES = 0xff21,
};

/* The stored object; 0 when there is none. */
uint16_t cm_data_find(const struct cm *c, uint16_t sd, uint16_t tag);
struct rd cm_data_value(const struct cm *c, uint16_t handle);

/* Store, replace or (n 0) remove one. In a transaction. false: no room. */
bool cm_data_put(const struct cm *c, uint16_t sd, uint16_t tag, const uint8_t *p, size_t n);

/* Is this an object that the card makes itself? */
bool cm_data_computed(uint16_t tag);

#endif
