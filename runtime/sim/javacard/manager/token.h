/* Signatures that let others manage content, and receipts that prove it: GPCS 9.1.3, C.3 to C.5, B.3 and B.4. */
#ifndef IGATA_SIM_JAVACARD_MANAGER_TOKEN_H
#define IGATA_SIM_JAVACARD_MANAGER_TOKEN_H

#include "runtime/sim/javacard/manager/key.h"

/* Is this the key's signature of the message? RSA up to 1024 bits: PKCS#1 v1.5 with SHA-1, above: PSS with SHA-256
 * (B.3); EC: ECDSA with the SHA of the curve's size (B.4.3); AES: CMAC; triple DES: retail MAC. */
bool cm_signature_right(const struct cm_key *k, const uint8_t *p, size_t n, struct rd signature);

/* The token of a command: over P1, P2, length and data up to the token (C.4). The key has version 70 and belongs to the
 * security domain that verifies tokens. */
bool cm_token_right(const struct cm *c, const uint8_t *p, size_t n, struct rd token);

/* May the security domain change the card's content by this command? SW_OK with *receipt false under its own authority;
 * with a right token under delegated management *receipt is true (9.1.3.2). data: the n bytes before the token. */
sw_t cm_may_manage(const struct cm *c, uint16_t sd, const uint8_t *data, size_t n, struct rd token, bool *receipt);

/* The answer of a command that changed content: 00, or the receipt over the confirmation data and the fields (C.5). In
 * a transaction, since it counts. */
struct cm_field {
	const uint8_t *p;
	size_t n;
};
void cm_confirm(struct cm *c, bool receipt, const struct cm_field *fields, unsigned n);

#endif
