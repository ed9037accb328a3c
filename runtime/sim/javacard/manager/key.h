/* Keys of security domains: GPCS 7.5, 11.1.8 (types), 11.8. A key has a version and an identifier and one or two
 * components. Values never leave the card. */
#ifndef IGATA_SIM_JAVACARD_MANAGER_KEY_H
#define IGATA_SIM_JAVACARD_MANAGER_KEY_H

#include "runtime/sim/javacard/manager/registry.h"

/* GPCS table 11-16. */
enum cm_key_type {
	CM_KEY_DES = 0x80,
	CM_KEY_DES_CBC = 0x82, /* 80 to 84: triple DES */
	CM_KEY_DES_LAST = 0x84,
	CM_KEY_AES = 0x88,
	CM_KEY_RSA_E = 0xa0,
	CM_KEY_RSA_N = 0xa1,
	CM_KEY_EC_PUBLIC = 0xb0,
	CM_KEY_EC_CURVE = 0xf0, /* key parameter reference: GPCS table B-2 */
};

/* Versions reserved for purposes (Amendment A of 2.2; the UICC configuration says the same). */
enum { CM_KV_TOKEN = 0x70, CM_KV_RECEIPT = 0x71, CM_KV_DAP = 0x73, CM_KV_MAX = 0x7f, CM_KV_INITIAL = 0xff };

enum { CM_KEY_ENC = 1, CM_KEY_MAC = 2, CM_KEY_DEK = 3, CM_COMPONENTS = 2, CM_KEY_VALUE_MAX = 520 };

struct cm_key {
	uint16_t sd;
	uint8_t version, id;
	uint8_t components;
	uint8_t type[CM_COMPONENTS];
	uint16_t len[CM_COMPONENTS];
	const uint8_t *value[CM_COMPONENTS]; /* in the card's memory, or wherever a new key lies */
	uint32_t sequence;                   /* of the key set: kept with the key with identifier 1 */
};

bool cm_key_read(const struct cm *c, uint16_t handle, struct cm_key *k);

/* Handle of a key; 0 when it does not exist. id 0: the first of the version. */
uint16_t cm_key_find(const struct cm *c, uint16_t sd, uint8_t version, uint8_t id);

/* In a transaction. 0: no room. */
uint16_t cm_key_new(const struct cm *c, const struct cm_key *k);
/* The sequence counter of a key set, by its key 1. */
void cm_key_set_sequence(const struct cm *c, uint16_t handle, uint32_t sequence);

/* The secure channel keys of a security domain: version 0 is the default one. false: there is no such set, or it is not
 * of three keys (one, where the protocol lives on one) of one symmetric type. protocol: 1, 2 or 3, by the keys' type.
 */
bool cm_key_set(const struct cm *c, uint16_t sd, uint8_t version, bool one_key, struct cm_key_set *out, bool *aes);

/* The default key version: the security domain's choice while it exists, else the lowest with a set. 0: none. */
uint8_t cm_key_default(const struct cm *c, uint16_t sd);

/* The security domain whose keys serve the entry: itself or its associated one; a security domain without keys of its
 * own is served by the one above it (GPCS 7.3.1). */
uint16_t cm_serving_sd(const struct cm *c, uint16_t entry);

/* Is this component a secret, which travels encrypted? */
bool cm_key_secret(uint8_t type);

#endif
