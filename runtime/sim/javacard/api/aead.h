/* What Cipher.getInstance makes for ciphers that authenticate. */
#ifndef IGATA_SIM_JAVACARD_API_AEAD_H
#define IGATA_SIM_JAVACARD_API_AEAD_H

#include "runtime/sim/javacard/api/security.h"

/* A new one of this row of combination.h, to a[0]. false: exception pending. */
bool jc_aead_make(struct jc *jc, uint16_t *a, int row);

#endif
