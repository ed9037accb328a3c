/* Block ciphers and MACs whose state lies in the card's memory, for Cipher and Signature.
 *
 * State: | 16 IV | 16 chaining value | 1 held | 32 held bytes | 1 fed |; all zero is the state after init with an IV of
 * zero, which is also what a reset leaves (API). fed: there was input since init or the last end. */
#ifndef IGATA_SIM_JAVACARD_API_BLOCK_H
#define IGATA_SIM_JAVACARD_API_BLOCK_H

#include "runtime/crypto/cipher.h"
#include "runtime/sim/javacard/api/security.h"
#include "runtime/sim/javacard/api/combination.h"

enum { BLOCK_MAX = 16, BLOCK_STATE = 4 * BLOCK_MAX + 2 };

struct block_state {
	uint8_t iv[BLOCK_MAX], chain[BLOCK_MAX], held, bytes[2 * BLOCK_MAX], fed;
};

void jc_block_load(struct jc *jc, uint16_t store, struct block_state *s);
bool jc_block_save(struct jc *jc, uint16_t store, struct block_state *s); /* and wipe s */
/* Begin, with an IV or NULL. */
bool jc_block_begin(struct jc *jc, uint16_t store, const uint8_t *iv, size_t n);
/* After the end of a message: the IV is zero again, as the API has it for CBC, or (keep) what it was. */
bool jc_block_again(struct jc *jc, uint16_t store, bool keep);

/* The key's cipher; NULL: exception pending (UNINITIALIZED_KEY). cipher_free() it. */
struct cipher *jc_block_cipher(struct jc *jc, const struct jc_key *k);

/* Bytes that padding adds to a message that ends with n bytes of a block; into out. -1: the padding does not allow it.
 */
int jc_block_pad(uint8_t padding, size_t block, size_t n, uint8_t out[BLOCK_MAX]);

/* A MAC's bytes. `row` says which. */
void jc_mac_add(struct block_state *s, struct cipher *c, size_t block, const uint8_t *p, size_t n);
/* The MAC of what was added. false: exception pending. */
bool jc_mac_end(struct jc *jc, const struct combination *row, const struct jc_key *k, struct block_state *s,
    uint8_t out[BLOCK_MAX]);
/* The cipher of all blocks but the last. */
struct cipher *jc_mac_cipher(struct jc *jc, const struct combination *row, const struct jc_key *k);

#endif
