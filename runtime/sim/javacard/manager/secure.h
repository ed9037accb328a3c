/* Secure channels, card side: SCP01, SCP02 (GPCS appendices D, E) and SCP03 (Amendment D 1.1.2). The session is plain
 * bytes in the card's RAM. What the registry knows (keys, counters, diversification data) comes in as arguments, so
 * that every published exchange can be replayed.
 *
 * Life of a session: cm_secure_begin (INITIALIZE UPDATE), cm_secure_authenticate (EXTERNAL AUTHENTICATE), then for each
 * command cm_secure_unwrap and cm_secure_wrap, until cm_secure_end. Whatever is wrong on the way aborts it: nothing is
 * accepted under it any more (GPCS 10.2.3).
 */
#ifndef IGATA_SIM_JAVACARD_MANAGER_SECURE_H
#define IGATA_SIM_JAVACARD_MANAGER_SECURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/apdu.h"
#include "runtime/base/buf.h"
#include "runtime/base/sw.h"
#include "runtime/sim/javacard/manager/crypt.h"

/* Security levels: GPCS 10.6, table 10-1; org.globalplatform.SecureChannel uses the same bits. */
enum cm_level {
	CM_C_MAC = 0x01,
	CM_C_DECRYPTION = 0x02,
	CM_R_MAC = 0x10,
	CM_R_ENCRYPTION = 0x20,
	CM_ANY_AUTHENTICATED = 0x40,
	CM_AUTHENTICATED = 0x80,
};

enum cm_secure_state {
	CM_SECURE_NONE,
	CM_SECURE_INITIALIZED, /* INITIALIZE UPDATE answered */
	CM_SECURE_OPEN,
	CM_SECURE_ABORTED, /* until the next INITIALIZE UPDATE or the end of the session */
};

/* "i" of SCP01 (D.1.1), SCP02 (E.1.1), SCP03 (Amendment D, 5.1). */
enum cm_scp_i {
	CM_I_THREE_KEYS = 0x01,     /* SCP01, SCP02 */
	CM_I_MAC_UNMODIFIED = 0x02, /* SCP02 */
	CM_I_EXPLICIT = 0x04,       /* SCP02 */
	CM_I_ICV_AID = 0x08,        /* SCP02 */
	CM_I_ICV_ENCRYPTION = 0x10, /* SCP01, SCP02 */
	CM_I_SCP02_RMAC = 0x20,     /* SCP02 */
	CM_I_SCP02_PSEUDO = 0x40,   /* SCP02: well-known pseudo-random algorithm of the card challenge */
	CM_I_S16 = 0x01,            /* SCP03 */
	CM_I_PSEUDO_RANDOM = 0x10,  /* SCP03 */
	CM_I_RMAC = 0x20,           /* SCP03 */
	CM_I_RENC = 0x40,           /* SCP03: with R-MAC */
};

enum { CM_DIVERSIFICATION = 10, CM_CHALLENGE_MAX = 16, CM_AID_MAX = 16 };

/* The static keys of one key version. With one base key (SCP02 i without b1) the three are equal. */
struct cm_key_set {
	uint8_t version, length;
	uint8_t enc[CM_KEY_MAX], mac[CM_KEY_MAX], dek[CM_KEY_MAX];
};

struct cm_secure {
	uint8_t state;  /* enum cm_secure_state */
	uint8_t scp, i; /* 01, 02, 03 and its options */
	uint8_t level;  /* enum cm_level: C_MAC and so on; AUTHENTICATED when open */
	uint8_t asked;  /* the level of EXTERNAL AUTHENTICATE: what END R-MAC SESSION goes back to */
	uint8_t answer; /* the level of the answer to the command under way */
	uint8_t key_version, key_len;
	bool implicit; /* SCP02 opened by the first C-MAC: E.1.2.2; known after an abort too */
	bool fresh;    /* no C-MAC yet: the ICV is not encrypted */
	bool silent;   /* SCP02: responses carry no R-MAC, END R-MAC SESSION returns it */
	uint16_t sd;   /* the security domain (handle of its registry entry) */
	uint16_t app;  /* the application that it was opened for */
	uint8_t enc[CM_KEY_MAX], mac[CM_KEY_MAX], rmac[CM_KEY_MAX], dek[CM_KEY_MAX];
	uint8_t later[CM_DES_KEY]; /* SCP02: the R-MAC key of a session that BEGIN R-MAC SESSION begins (E.4.1) */
	uint8_t host_cryptogram[CM_CHALLENGE_MAX];
	uint8_t chain[CM_AES_BLOCK]; /* MAC chaining value; of SCP01 and SCP02 the last C-MAC */
	struct cm_retail r;          /* SCP02: R-MAC of the exchange under way */
	uint8_t r_icv[CM_DES_BLOCK]; /* SCP02: the R-MAC before */
	uint32_t counter;            /* SCP03: encryption counter */
};

struct cm_initialize {
	uint8_t scp, i;
	const struct cm_key_set *keys;
	const uint8_t *diversification; /* CM_DIVERSIFICATION bytes of the response */
	uint32_t sequence;              /* SCP02: 2 bytes, SCP03: 3 bytes */
	const uint8_t *aid;             /* of the application: pseudo-random challenges, ICV */
	size_t aid_len;
	const uint8_t *random; /* CM_CHALLENGE_MAX bytes; unused by pseudo-random challenges */
	const uint8_t *host;   /* host challenge */
	size_t host_len;
};

/* Bytes of challenges, cryptograms and MACs of this variant: 8, or 16 for SCP03 in S16 mode. */
size_t cm_secure_width(uint8_t scp, uint8_t i);

/* Is this a variant that this card can be told to have? */
bool cm_secure_known(uint8_t scp, uint8_t i);

/* INITIALIZE UPDATE: derives the session keys, appends the response. */
sw_t cm_secure_begin(struct cm_secure *s, const struct cm_initialize *q, struct buf *rsp);

/* SCP02 without INITIALIZE UPDATE (E.1.2.2): session keys, and the ICVs from the AID. The first unwrap proves the host.
 * An R-MAC session under way goes on (E.1.6). */
sw_t cm_secure_begin_implicit(struct cm_secure *s, const struct cm_initialize *q);

/* EXTERNAL AUTHENTICATE: the host cryptogram, then the C-MAC over the command. 6300 wrong cryptogram, 6982 wrong MAC,
 * 6985 out of order, 6A86 a level that the variant does not have. A failure ends the session. */
sw_t cm_secure_authenticate(struct cm_secure *s, const struct apdu *a);

/* Does a command with secure messaging begin a session, where the security domain has implicit initiation? s NULL:
 * there is none yet. E.1.6. */
bool cm_secure_begins(const struct cm_secure *s);

/* Take the secure messaging off a command whose data (a->data) lies in the writable `data`: a->cla, a->lc become those
 * of the plain command. A command without secure messaging, or with a wrong one, aborts the session: 6982. A session
 * that began implicitly takes a command without, and has no C-MAC any more (E.1.6). */
sw_t cm_secure_unwrap(struct cm_secure *s, struct apdu *a, uint8_t *data);

/* Protect a response: rsp holds data from `from` on, without SW. An error carries no data and no MAC; the next R-MAC of
 * SCP02 covers it all the same (E.4.5). */
sw_t cm_secure_wrap(struct cm_secure *s, struct buf *rsp, size_t from, sw_t sw);

/* BEGIN R-MAC SESSION, END R-MAC SESSION (E.5.3, E.5.4; Amendment D 7.1.3, 7.1.4). a is the unwrapped command. */
sw_t cm_secure_begin_rmac(struct cm_secure *s, const struct apdu *a);
sw_t cm_secure_end_rmac(struct cm_secure *s, const struct apdu *a, struct buf *rsp);

/* Sensitive data under the data encryption key: ECB by triple DES (SCP01, SCP02), CBC by AES with zero ICV (SCP03). */
bool cm_secure_decrypt(const struct cm_secure *s, const uint8_t *in, size_t n, uint8_t *out);
bool cm_secure_encrypt(const struct cm_secure *s, const uint8_t *in, size_t n, uint8_t *out);

void cm_secure_abort(struct cm_secure *s);
void cm_secure_end(struct cm_secure *s); /* wipes it */

/* The level as GPCS 10.6 and SecureChannel.getSecurityLevel have it; 0 unless open. */
uint8_t cm_secure_level(const struct cm_secure *s);

/* --- inside gp_s*.c: one set for each protocol --- */
struct cm_protocol {
	sw_t (*begin)(struct cm_secure *s, const struct cm_initialize *q, struct buf *rsp);
	/* The C-MAC over header, Lc and plain (SCP03: encrypted) data of a command whose MAC is left out. */
	bool (*mac)(struct cm_secure *s, const struct apdu *a, size_t lc, const uint8_t *data, size_t n,
	    uint8_t out[CM_AES_BLOCK]);
	/* Decrypt the data field in place. */
	bool (*decrypt)(struct cm_secure *s, uint8_t *data, size_t *n);
	bool mac_over_cipher; /* SCP03: MAC first, then decrypt */
	bool full_chain;      /* the chaining value is the whole MAC of 16 bytes */
};
extern const struct cm_protocol cm_scp01, cm_scp02, cm_scp03;

/* SCP03's response protection. */
bool cm_scp03_wrap(struct cm_secure *s, struct buf *rsp, size_t from, sw_t sw);

#endif
