/* Inside runtime/sm only: what open.c, wrap.c and unwrap.c share. */
#ifndef IGATA_SM_STATE_H
#define IGATA_SM_STATE_H

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/mac.h"
#include "runtime/sm/session.h"

enum { SM_MAC_LEN = 8 };

/* Tags: ISO/IEC 7816-4:2020 10.2; 86 and 96 are of the cards that JICSAP describes. */
enum {
	SM_TAG_UNKNOWN = 0x04, /* an object of no meaning here, in faulty commands */
	SM_TAG_PLAIN = 0x81,
	SM_TAG_CRYPTOGRAM_TLV = 0x85, /* odd INS: no padding indicator */
	SM_TAG_CRYPTOGRAM_86 = 0x86,
	SM_TAG_CRYPTOGRAM = 0x87,
	SM_TAG_MAC = 0x8e,
	SM_TAG_LE_86 = 0x96,
	SM_TAG_LE = 0x97,
	SM_TAG_SW = 0x99,
	SM_PADDING_INDICATOR = 0x01, /* ISO/IEC 9797-1 method 2: 80 00 … */
};

struct sm_session {
	enum sm_suite suite;
	struct cipher *enc;
	struct mac *mac;
	size_t block;
	uint8_t ssc[SM_SSC_MAX];
	uint8_t faulty[SM_SSC_MAX]; /* counter of the last faulty command */
	bool over;
	enum sm_mode mode; /* of the last command */
	bool odd;          /* it had an odd INS */
	enum sm_mode answered;
};

void sm_count(struct sm_session *s); /* SSC + 1 */

/* The first initialisation vector after sm_count: E(KS.ENC, SSC) for AES, zero for DES (jicsap-86: E for both). */
bool sm_iv(struct sm_session *s, enum sm_mode mode, uint8_t iv[CIPHER_BLOCK_MAX]);

/* Append padding method 2 behind the bytes from `start` on, up to a whole block. */
void sm_pad(struct buf *b, size_t start, size_t block);

/* MAC over SSC || objects, where header (padded here) goes between when it is not NULL. */
bool sm_mac(struct sm_session *s, const uint8_t header[4], const uint8_t *objects, size_t n, uint8_t out[SM_MAC_LEN]);

#endif
