/* The terminal's side of GlobalPlatform's secure channels: SCP01 (GPC 2.1.1 appendix D), SCP02 (GPC 2.3.1 appendix E)
 * and SCP03 (Amendment D 1.2). Bytes in, bytes out: who sends them is elsewhere.
 *
 *   gp_challenge_read    the answer to INITIALIZE UPDATE
 *   gp_channel_start     session keys; is the card's cryptogram right?
 *   gp_channel_prove     EXTERNAL AUTHENTICATE
 *   gp_channel_wrap      a command, protected;  gp_channel_unwrap: its answer, checked and in clear
 *
 * After a wrong card cryptogram there is no channel: nothing can make our cryptogram then, so that no try of the card's
 * keys is used up by a key that cannot be right. */
#ifndef IGATA_GP_CHANNEL_H
#define IGATA_GP_CHANNEL_H

#include "runtime/base/apdu.h"
#include "runtime/base/sw.h"
#include "runtime/crypto/mac.h"
#include "runtime/gp/key.h"

/* Bits of the security level, as P1 of EXTERNAL AUTHENTICATE has them: GPC tables D-9, E-13; Amendment D table 7-3. */
enum gp_level {
	GP_C_MAC = 0x01, /* commands carry a MAC */
	GP_C_DEC = 0x02, /* their data is encrypted */
	GP_R_MAC = 0x10, /* answers carry a MAC */
	GP_R_ENC = 0x20, /* their data is encrypted (SCP03) */
};

/* Bits of SCP02's parameter i: GPC 2.3.1, table E-1. */
enum gp_scp02_option {
	SCP02_THREE_KEYS = 0x01,
	SCP02_UNMODIFIED = 0x02, /* the MAC covers the command as it was before it got one */
	SCP02_EXPLICIT = 0x04,
	SCP02_ICV_OF_AID = 0x08,
	SCP02_ICV_ENCRYPTED = 0x10,
	SCP02_R_MAC = 0x20,
	SCP02_PSEUDO_RANDOM = 0x40,
};

/* Bits of SCP03's parameter i: Amendment D 1.2, table 5-1. */
enum gp_scp03_option {
	SCP03_S16 = 0x01, /* challenges, cryptograms and MACs of 16 bytes */
	SCP03_PSEUDO_RANDOM = 0x10,
	SCP03_R_MAC = 0x20,
	SCP03_R_ENC = 0x40,
};

enum { GP_CHALLENGE_MAX = 16, GP_I_UNKNOWN = 0x100 };

/* The answer to INITIALIZE UPDATE. */
struct gp_challenge {
	uint8_t kdd[GP_KDD];
	uint8_t key_version;
	unsigned scp; /* 1, 2, 3 */
	unsigned i;   /* SCP03 says it here; else GP_I_UNKNOWN */
	uint32_t counter;
	bool has_counter;
	uint8_t challenge[GP_CHALLENGE_MAX]; /* of the card, n bytes: 8 or 16 (SCP02: 6) */
	uint8_t cryptogram[GP_CHALLENGE_MAX];
	size_t n;
};

/* false: it is none of a protocol that is known here. */
bool gp_challenge_read(struct gp_challenge *c, const uint8_t *p, size_t n);

enum gp_start {
	GP_STARTED,
	GP_WRONG_KEY,   /* the card's cryptogram is not that of our keys */
	GP_NOT_RANDOM,  /* the cryptogram is right, but the card's challenge is not the one that i promises */
	GP_UNSUITABLE,  /* keys of a length, or an i, that the protocol does not have */
	GP_START_FAILED /* the library failed */
};

struct gp_channel {
	unsigned scp, i, level;
	bool open;                            /* proved: commands are protected */
	bool started;                         /* the card's cryptogram was right */
	size_t mac_length;                    /* 8, in S16 mode 16 */
	struct gp_key dek;                    /* SCP02: of the session; else static */
	struct cipher *enc;                   /* S-ENC */
	struct cipher *icv;                   /* what encrypts the ICV of the next MAC; SCP01, SCP02 */
	struct cipher *full;                  /* SCP01: S-MAC, all of it in every block */
	struct mac *mac;                      /* S-MAC */
	struct mac *rmac;                     /* S-RMAC */
	uint8_t chain[16];                    /* the last command MAC, at first the ICV */
	bool chained;                         /* there was one */
	uint8_t answers[8];                   /* SCP02: the last answer MAC */
	uint8_t ins;                          /* of the command being answered */
	uint8_t counter[16];                  /* SCP03: commands since EXTERNAL AUTHENTICATE */
	uint8_t cryptogram[GP_CHALLENGE_MAX]; /* ours */
	struct buf stripped;                  /* SCP02 with R-MAC: the command being answered */
};

/* Which i a channel has that nobody told of: GPC's recommended ones (SCP01 05, SCP02 15). */
unsigned gp_usual_i(unsigned scp);

/* Is this one of the parameters i that we speak? Implicit ones of SCP02 are, if implicit is set. */
bool gp_i_known(unsigned scp, unsigned i, bool implicit);

/* The highest level that a channel with this i has. */
unsigned gp_highest_level(unsigned scp, unsigned i);

/* Take up a channel: session keys, the card's cryptogram, and, where i promises it, the card's pseudo-random challenge
 * over the AID of the security domain. host: our challenge, as long as the card's (8 for SCP02). Anything but
 * GP_STARTED leaves the channel closed. */
enum gp_start gp_channel_start(struct gp_channel *c, const struct gp_key_set *keys, unsigned i, const uint8_t *host,
    const struct gp_challenge *card, const uint8_t *aid, size_t aid_len);

/* SCP02 with implicit initiation (i = 0A, 0B, 1A, 1B and their R-MAC forms): the channel begins with the first command
 * that carries a MAC. Where i has R-MAC, BEGIN R-MAC SESSION with P1 10 protects the answers after it, and the answer
 * to END R-MAC SESSION proves all there were, refusals too. counter: the card's sequence counter (GET DATA 00C1). */
enum gp_start gp_channel_implicit(struct gp_channel *c, const struct gp_key_set *keys, unsigned i, uint16_t counter,
    const uint8_t *aid, size_t aid_len);

/* EXTERNAL AUTHENTICATE for this level. After it (and the card's 9000) commands are protected. false: the channel was
 * not started, has no such level, or the library failed. */
bool gp_channel_prove(struct gp_channel *c, unsigned level, struct buf *out);

/* The card accepted the proof. */
void gp_channel_accepted(struct gp_channel *c);

/* Protect a command. Its class has no bits for secure messaging yet. false: it does not fit, or the library failed. */
bool gp_channel_wrap(struct gp_channel *c, const struct apdu *plain, struct buf *out);

/* Check and decrypt the answer's data, in place. A refusal in SCP02 has no MAC of its own: the next answer that has one
 * tells. false: it is not the card's word (the channel is dead then). */
bool gp_channel_unwrap(struct gp_channel *c, struct buf *data, sw_t sw);

/* Most bytes of plain data in a command whose data field may have max bytes. */
size_t gp_channel_room(const struct gp_channel *c, size_t max);

/* Encrypt a key for the card: under the DEK, padded to whole blocks. The caller says the real length beside it. */
bool gp_channel_seal(const struct gp_channel *c, const uint8_t *p, size_t n, struct buf *out);

/* Wipe and free. */
void gp_channel_close(struct gp_channel *c);

#endif
