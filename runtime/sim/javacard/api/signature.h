/* What Signature and SignatureMessageRecovery share. */
#ifndef IGATA_SIM_JAVACARD_API_SIGNATURE_H
#define IGATA_SIM_JAVACARD_API_SIGNATURE_H

#include "runtime/crypto/iso9796.h"
#include "runtime/sim/javacard/api/combination.h"
#include "runtime/sim/javacard/api/hash.h"

enum { SIGNATURE_RAM, SIGNATURE_KEY, SIGNATURE_ROW, SIGNATURE_MODE, SIGNATURE_SALT, SIGNATURE_CELLS };
enum { MODE_SIGN = 1, MODE_VERIFY = 2 };

const struct combination *jc_signature_row(struct jc *jc, uint16_t ref);
/* Initialised for this mode (0: any), the key complete? false: exception pending. */
bool jc_signature_ready(struct jc *jc, uint16_t ref, uint16_t mode, struct jc_key *k);
/* As after init, with the same parameters. */
bool jc_signature_again(struct jc *jc, uint16_t ref);
/* Natives of Signature that SignatureMessageRecovery has too. */
bool jc_signature_init(struct jc *jc, uint16_t *a);
bool jc_signature_update(struct jc *jc, uint16_t *a);
bool jc_signature_length(struct jc *jc, uint16_t *a);
bool jc_signature_algorithm(struct jc *jc, uint16_t *a);
bool jc_signature_digest(struct jc *jc, uint16_t *a);
bool jc_signature_cipher(struct jc *jc, uint16_t *a);
bool jc_signature_padding(struct jc *jc, uint16_t *a);

/* --- recovery.c: the beginning of a message, which ISO/IEC 9796-2 puts into the signature. It lies behind the digest:
 * | 1 flags | 2 length | bytes | --- */

/* Room for a key's signatures. false: exception pending. */
bool jc_kept_begin(struct jc *jc, uint16_t ref, const struct jc_key *k);
bool jc_kept_forget(struct jc *jc, uint16_t ref);
bool jc_kept_add(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *p, size_t n);
/* The block to be signed, with the last n bytes of the message, whose digest is known already. carried: how many bytes
 * of the message it has; may be NULL. */
bool jc_kept_block(struct jc *jc, uint16_t ref, const struct jc_key *k, const uint8_t *p, size_t n,
    const uint8_t *digest, uint8_t *out, size_t *carried);

#endif
