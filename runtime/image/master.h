/* Keys of one card from a master key: AP contract, 8. SP 800-108 in counter mode with AES-CMAC, label = id of the key,
 * context = AID || diversifier. A mutual key has two halves of equal length, which are derived in one: K.ENC || K.MAC.
 */
#ifndef IGATA_IMAGE_MASTER_H
#define IGATA_IMAGE_MASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/contract/contract.h"

enum { MASTER_MAX = 32, MASTER_KEY_MAX = 32, MASTER_DIVERSIFIER_MAX = 1024 };

/* The value of a key (VALUE_KEY or VALUE_KEY_MAC), v->max bytes of at most MASTER_KEY_MAX, which the caller wipes. The
 * master key has 16, 24 or 32 bytes. The diversifier is what anyone reads from the card: the whole field, or the card's
 * serial number. false: a length that the derivation does not have, or the library failed; out is wiped then. */
bool master_derive(const struct contract *c, const struct contract_value *v, const uint8_t *master, size_t n,
    const uint8_t *diversifier, size_t diversifier_len, uint8_t out[MASTER_KEY_MAX]);

#endif
