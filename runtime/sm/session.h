/* The terminal's side of mutual authentication and secure messaging: ICAO Doc 9303-11, 4.3 and 9.8; ISO/IEC 7816-4:2020
 * 10; AP contract, sections 8 and 9. The simulated cards have a side of their own, written apart from this one.
 *
 *   GET CHALLENGE                -> RND.IC (8 bytes)
 *   EXTERNAL AUTHENTICATE token  -> answer        sm_token, sm_open
 *   sm_wrap                      -> sm_unwrap     for each command of the session
 */
#ifndef IGATA_SM_SESSION_H
#define IGATA_SM_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/apdu.h"
#include "runtime/base/buf.h"

enum sm_suite { SM_BAC_3DES, SM_BAC_AES };

/* How a command is protected. ENC is the compatible mode jicsap-86: class 08, no MAC. */
enum sm_mode { SM_MODE_MAC, SM_MODE_ENC, SM_MODE_ENC_MAC };

enum {
	SM_RND = 8,       /* bytes of RND.IC and RND.IFD */
	SM_KEY_MAX = 32,  /* longest key, and longest K.IFD */
	SM_SSC_MAX = 16,  /* the send sequence counter: 8 bytes for bac-3des, 16 for bac-aes */
	SM_TOKEN_MAX = 56 /* 40 bytes for 16-byte keys, 56 for longer ones */
};

/* What a mutual authentication is made of. Wipe it after use. */
struct sm_opening {
	enum sm_suite suite;
	size_t key_len;                          /* of each static key: 16, or 24 and 32 with bac-aes */
	uint8_t k_enc[SM_KEY_MAX];               /* K.ENC */
	uint8_t k_mac[SM_KEY_MAX];               /* K.MAC */
	uint8_t rnd_ic[SM_RND], rnd_ifd[SM_RND]; /* the card's challenge; ours, unpredictable */
	uint8_t k_ifd[SM_KEY_MAX];               /* ours, unpredictable: sm_material bytes */
};

/* Bytes of K.IFD and K.IC: 16 for 16-byte keys, 32 for longer ones. */
size_t sm_material(const struct sm_opening *o);

/* Append the data field of EXTERNAL AUTHENTICATE: E(K.ENC, RND.IFD || RND.IC || K.IFD) || MAC. false: a key length
 * that the suite does not have, or the library failed. */
bool sm_token(const struct sm_opening *o, struct buf *out);

struct sm_session;

/* The session that the card's answer (without its status word) opens. NULL: the answer is not by a card with these
 * keys, or the library failed. */
struct sm_session *sm_open(const struct sm_opening *o, const uint8_t *answer, size_t n);

/* A session from its own keys and counter (8 or 16 bytes, as the suite says). NULL as above. */
struct sm_session *sm_session_new(
    enum sm_suite suite, const uint8_t *ks_enc, const uint8_t *ks_mac, size_t key_len, const uint8_t *ssc);
void sm_session_free(struct sm_session *s); /* wipes the keys; NULL is fine */

/* Append the command as this session protects it; counts. A class of 80 goes as 8C (88), 00 as 0C (08). Le of the
 * protected command is 00 (the answer has a data field always); lengths that need it are extended, and
 * plain->extended asks for it. false: data too long, or the library failed.
 * plain->data without a length, and lengths beyond the card's limits (AP contract, section 9), are sent as given. */
bool sm_wrap(struct sm_session *s, enum sm_mode mode, const struct apdu *plain, struct buf *cmd);

/* Ways to protect a command wrongly, for tests of cards. Everything else is as sm_wrap makes it; from INDICATOR on the
 * MAC is right for what is sent. */
enum sm_fault {
	SM_RIGHT,
	SM_FAULT_LATE,      /* nothing is wrong but that the session is over: with the counter that would come next */
	SM_FAULT_AGAIN,     /* the same with the counter of the last faulty command */
	SM_FAULT_MAC,       /* one bit of the MAC */
	SM_FAULT_MISSING,   /* no 8E */
	SM_FAULT_FIRST,     /* 8E in front of the other objects */
	SM_FAULT_SHORT,     /* the first half of the MAC */
	SM_FAULT_CUT,       /* the objects end inside 8E, which says that there is more */
	SM_FAULT_SKIPPED,   /* the counter of the next command */
	SM_FAULT_HEADER,    /* the MAC is over another P2 */
	SM_FAULT_INDICATOR, /* 87 begins with 02: needs encrypted data in the command */
	SM_FAULT_PADDING,   /* what 87 decrypts to has no padding: needs them, too */
	SM_FAULT_TWICE,     /* the objects in front of 8E twice: needs data or Le */
	SM_FAULT_ORDER,     /* 97 in front of the data: needs data; 97 is added where there is no Le */
	SM_FAULT_UNKNOWN,   /* another object, 04, behind the others */
	SM_FAULTS
};

/* sm_wrap with a fault; after LATE and AGAIN, which work on a session that is over, sm_unwrap takes no answer but a
 * plain one for what it is. false as sm_wrap, or when the command has not what the fault needs. */
bool sm_wrap_wrong(
    struct sm_session *s, enum sm_mode mode, enum sm_fault fault, const struct apdu *plain, struct buf *cmd);

enum sm_answer {
	SM_ANSWER_GOOD,  /* protected, by this card, the answer to this command */
	SM_ANSWER_PLAIN, /* a bare status word: nobody vouches for it; the session is over */
	SM_ANSWER_WRONG, /* anything else: the session is over */
};

/* The answer to the last sm_wrap. GOOD appends data and status word to plain as they would be without protection;
 * PLAIN the bare status word; WRONG nothing. After PLAIN and WRONG sm_wrap answers false. */
enum sm_answer sm_unwrap(struct sm_session *s, const uint8_t *rsp, size_t n, struct buf *plain);

/* How the data of the last good answer were protected; ENC_MAC when there were none. */
enum sm_mode sm_answer_mode(const struct sm_session *s);

#endif
