/* Elliptic curves over prime and binary fields with the numbers of a key in the card's memory. */
#ifndef IGATA_SIM_JAVACARD_API_EC_H
#define IGATA_SIM_JAVACARD_API_EC_H

#include "runtime/crypto/dsa.h"
#include "runtime/crypto/ec.h"
#include "runtime/sim/javacard/api/security.h"

bool jc_ec_is_public(const struct jc_key *k);
bool jc_ec_is_private(const struct jc_key *k);

/* The curve of the key's domain parameters. false (nothing pending): they are not all there. */
bool jc_ec_curve(struct jc *jc, const struct jc_key *k, struct ec_curve *c);

/* Most bytes of r and s of n bytes each: r || s when plain, else as a DER SEQUENCE of two INTEGERs. */
size_t jc_pair_max(size_t n, bool plain);
/* r and s of n bytes each; how many bytes were written. */
size_t jc_pair_write(const uint8_t *r, const uint8_t *s, size_t n, bool plain, uint8_t *out);
/* false: not of that form. */
bool jc_pair_read(const uint8_t *sig, size_t n, bool plain, struct ec_number *r, struct ec_number *s);

/* Most bytes of a signature. */
size_t jc_ec_signature_max(const struct jc_key *k, bool plain);

/* Sign a digest. false: exception pending. */
bool jc_ec_sign(struct jc *jc, const struct jc_key *k, const uint8_t *digest, size_t digest_len, bool plain,
    uint8_t *out, size_t *n);
bool jc_ec_right(struct jc *jc, const struct jc_key *k, const uint8_t *digest, size_t digest_len, bool plain,
    const uint8_t *sig, size_t n);

/* A random number from 1 to the order less 1, of as many bytes as the order. */
void jc_ec_random(struct jc *jc, const struct ec_curve *c, uint8_t *out, size_t n);

#endif
