/* DSA and Diffie-Hellman with the numbers of a key in the card's memory. */
#ifndef IGATA_SIM_JAVACARD_API_DSA_H
#define IGATA_SIM_JAVACARD_API_DSA_H

#include "runtime/crypto/dsa.h"
#include "runtime/sim/javacard/api/security.h"

bool jc_dsa_is(const struct jc_key *k);
bool jc_dh_is(const struct jc_key *k);

/* The key's domain parameters; q may be missing (NULL) in Diffie-Hellman. false (nothing pending): not all there. */
bool jc_dsa_domain(struct jc *jc, const struct jc_key *k, struct dsa_domain *d);

/* Most bytes of a signature: 20-byte numbers unless q is longer. */
size_t jc_dsa_signature_max(struct jc *jc, const struct jc_key *k);

/* Sign a digest. false: exception pending. */
bool jc_dsa_sign(
    struct jc *jc, const struct jc_key *k, const uint8_t *digest, size_t digest_len, uint8_t *out, size_t *n);
bool jc_dsa_right(
    struct jc *jc, const struct jc_key *k, const uint8_t *digest, size_t digest_len, const uint8_t *sig, size_t n);

/* A random number from 1 to q - 1, of q's bytes. */
bool jc_dsa_random(struct jc *jc, struct dsa_number q, uint8_t *out);

/* The parameters that genKeyPair() takes when the key has none: Java Cryptography Architecture, appendix B, for 512,
 * 768 and 1024 bits. false: none for this length. */
bool jc_dsa_default(uint16_t bits, struct dsa_domain *d);

#endif
