/* Elliptic curves over prime fields with the numbers of a key in the card's memory. */
#ifndef IGATA_SIM_JAVACARD_API_EC_H
#define IGATA_SIM_JAVACARD_API_EC_H

#include "runtime/crypto/ec.h"
#include "runtime/sim/javacard/api/security.h"

bool jc_ec_is(const struct jc_key *k);

/* The curve of the key's domain parameters. false (nothing pending): they are not all there. */
bool jc_ec_curve(struct jc *jc, const struct jc_key *k, struct ec_curve *c);

/* Most bytes of a signature: r || s when plain, else DER. */
size_t jc_ec_signature_max(const struct jc_key *k, bool plain);

/* Sign a digest. false: exception pending. */
bool jc_ec_sign(struct jc *jc, const struct jc_key *k, const uint8_t *digest, size_t digest_len, bool plain,
    uint8_t *out, size_t *n);
bool jc_ec_right(struct jc *jc, const struct jc_key *k, const uint8_t *digest, size_t digest_len, bool plain,
    const uint8_t *sig, size_t n);

/* A random number from 1 to the order less 1, of as many bytes as the order. */
void jc_ec_random(struct jc *jc, const struct ec_curve *c, uint8_t *out, size_t n);

#endif
