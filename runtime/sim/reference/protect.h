/* The card's side of secure messaging, without any policy: AP contract, section 9; ICAO Doc 9303-11, 9.8; ISO/IEC
 * 7816-4:2020 10. And its side of mutual authentication: section 8; 9303-11, 4.3. The terminal has its own, written
 * apart from this one (runtime/sm). */
#ifndef IGATA_SIM_REFERENCE_PROTECT_H
#define IGATA_SIM_REFERENCE_PROTECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/apdu.h"
#include "runtime/base/buf.h"
#include "runtime/base/sw.h"
#include "runtime/crypto/cipher.h"

/* What stands between a command and the air. */
enum protection { PROTECTION_NONE, PROTECTION_MAC, PROTECTION_ENC, PROTECTION_ENC_MAC };

enum { PROTECT_KEY_MAX = 32, PROTECT_RND = 8, PROTECT_TOKEN_MAX = 8 + 8 + 32 + 8 };

/* The library's contexts of a session's keys: a key schedule costs more than a short message. */
struct keyed;

/* A secure-messaging session. Zero: none. */
struct channel {
	bool open;
	uint16_t key;      /* index of the key that opened it */
	uint8_t algorithm; /* enum cipher_algorithm */
	uint8_t key_len;
	uint8_t enc[PROTECT_KEY_MAX], mac[PROTECT_KEY_MAX];
	uint8_t ssc[CIPHER_BLOCK_MAX]; /* as long as the block */
	struct keyed *keyed;           /* made by the first message; NULL before */
};

/* Ends it: releases the contexts and wipes everything. */
void protect_forget(struct channel *ch);

/* A command out of its protection. */
struct unwrapped {
	struct apdu apdu;      /* the plain command; its data are in `data` */
	struct buf data;       /* to be released */
	enum protection level; /* of the command: ENC_MAC without data too; ENC in class 08 */
	bool compatible;       /* class 08: jicsap-86 */
	bool long_le;          /* Le has the extended form */
	bool extended;         /* the outer lengths have */
};

/* Check and open a protected command; counts. SW_OK, 6987 or 6988; 6F00 when the library failed. */
sw_t protect_unwrap(struct channel *ch, const struct apdu *outer, struct unwrapped *out);

/* Bytes of response data that fit the answer to a command. */
size_t protect_room(const struct channel *ch, const struct unwrapped *u, enum protection response);

/* Append the protected response, without the status word behind it; counts. `response` is MAC or ENC_MAC. */
bool protect_wrap(struct channel *ch, const struct unwrapped *u, enum protection response, const struct buf *data,
    sw_t sw, struct buf *rsp);

/* The static keys of a mutual authentication, and both parts that the card adds. */
struct mutual {
	enum cipher_algorithm algorithm;
	size_t key_len;
	const uint8_t *enc, *mac;    /* K.ENC, K.MAC */
	uint8_t rnd_ic[PROTECT_RND]; /* the challenge */
	uint8_t k_ic[PROTECT_KEY_MAX];
};

/* Bytes of the token and of the answer to it. */
size_t mutual_token_length(const struct mutual *m);

/* Bytes of K.IC. */
size_t mutual_material(const struct mutual *m);

/* Is the token made with these keys over this challenge? What it brings goes to rnd_ifd and k_ifd. */
bool mutual_check(
    const struct mutual *m, const uint8_t *token, uint8_t rnd_ifd[PROTECT_RND], uint8_t k_ifd[PROTECT_KEY_MAX]);

/* Append the answer, and make the session of it (open, key not set). false: the library failed. */
bool mutual_answer(const struct mutual *m, const uint8_t rnd_ifd[PROTECT_RND], const uint8_t k_ifd[PROTECT_KEY_MAX],
    struct buf *answer, struct channel *ch);

#endif
