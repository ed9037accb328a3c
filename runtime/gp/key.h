/* Keys of security domains: key sets, diversification, key check values. GlobalPlatform Card Specification 2.3.1 (GPC).
 */
#ifndef IGATA_GP_KEY_H
#define IGATA_GP_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/cipher.h"

enum { GP_KEY_MAX = 32, GP_KDD = 10, GP_CHECK_VALUE = 3 };

/* A secret key. For CIPHER_DES_EDE2 n is 16, for CIPHER_AES 16, 24 or 32. */
struct gp_key {
	uint8_t p[GP_KEY_MAX];
	size_t n;
};

/* The three keys of a secure channel (GPC 7.4, E.4; Amendment D 4.1.1). They are triple DES keys in SCP01 and SCP02 and
 * AES keys in SCP03, so that a set says nothing of its algorithm. */
struct gp_key_set {
	struct gp_key enc, mac, dek;
};

/* How card keys come from master keys: by the key diversification data (KDD) in the answer to INITIALIZE UPDATE. */
enum gp_diversification {
	GP_DIVERSIFY_NONE,
	GP_DIVERSIFY_VISA,  /* 3DES-ECB over d0..d3 d8 d9 F0 k | the same 0F k */
	GP_DIVERSIFY_VISA2, /* d0 d1 d4..d7 F0 k | … 0F k */
	GP_DIVERSIFY_EMV,   /* EMV CPS 1.1: d4..d9 F0 k | … 0F k */
	GP_DIVERSIFY_KDF3,  /* SP 800-108 counter mode with CMAC: i | 00 00 00 k | 00 | KDD (no length) */
	GP_DIVERSIFICATIONS,
};

/* The card's keys from the master keys, in place; k is 1 for ENC, 2 for MAC, 3 for DEK. KDF3 keeps the length and wants
 * AES keys, the others 16 bytes. false: another length, or the library failed; the set is wiped. */
bool gp_diversify(struct gp_key_set *s, enum gp_diversification how, const uint8_t kdd[GP_KDD]);

/* "visa2", …; GP_DIVERSIFICATIONS: unknown. */
enum gp_diversification gp_diversification_named(const char *name, size_t n);
const char *gp_diversification_name(enum gp_diversification d);

/* Key check value: the first three bytes of eight 00 under a DES key, or of sixteen 01 under an AES key (GPC B.5;
 * Amendment D 4.1.4). false: wrong length, or the library failed. */
bool gp_check_value(enum cipher_algorithm a, const struct gp_key *k, uint8_t out[GP_CHECK_VALUE]);

#endif
