/* Digests in the card's memory: MessageDigest has one, and every Signature that hashes. */
#ifndef IGATA_SIM_JAVACARD_API_HASH_H
#define IGATA_SIM_JAVACARD_API_HASH_H

#include "runtime/sim/javacard/api/security.h"

/* MessageDigest.ALG_… as the library names it; DIGEST_NONE when it has none. */
enum digest_algorithm jc_digest(uint16_t algorithm);

/* Bytes that a digest takes in a store. */
uint32_t jc_hash_bytes(enum digest_algorithm a);

/* The digest at `at` of a store, begun if nothing is there. */
void jc_hash_load(struct jc *jc, uint16_t store, uint32_t at, enum digest_algorithm a, struct digest *d);
/* Is a digest there? */
bool jc_hash_begun(struct jc *jc, uint16_t store, uint32_t at);
/* Put it there, and wipe d. */
bool jc_hash_save(struct jc *jc, uint16_t store, uint32_t at, struct digest *d);
/* The next load begins anew. */
bool jc_hash_forget(struct jc *jc, uint16_t store, uint32_t at, enum digest_algorithm a);

/* setInitialDigest's six arguments from a[0] on. false: exception pending. */
bool jc_hash_resume(struct jc *jc, const uint16_t *a, enum digest_algorithm algorithm, struct digest *d);

#endif
