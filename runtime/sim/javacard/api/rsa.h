/* RSA with the numbers of a key in the card's memory (PKCS #1: RFC 8017). */
#ifndef IGATA_SIM_JAVACARD_API_RSA_H
#define IGATA_SIM_JAVACARD_API_RSA_H

#include "runtime/crypto/rsa.h"
#include "runtime/sim/javacard/api/security.h"

bool jc_rsa_is(const struct jc_key *k);
size_t jc_rsa_bytes(const struct jc_key *k);

/* x to the key's exponent, jc_rsa_bytes() each way. false: exception pending (UNINITIALIZED_KEY; ILLEGAL_USE: x is not
 * below the modulus). */
bool jc_rsa_power(struct jc *jc, const struct jc_key *k, const uint8_t *x, uint8_t *out);

#endif
