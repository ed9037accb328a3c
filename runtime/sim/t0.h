/* What a card's T=0 transport makes of a command and its response (ISO/IEC 7816-3:2006, 12.2): a command with data
 * has no Le, and its response is announced by 61xx and fetched by GET RESPONSE; a wrong Le is answered with 6Cxx, and
 * the command with the right one gets what is there. For whoever hands on what a reader sends as it comes. A command
 * that has both data and Le, or extended lengths, was no T=0 command: a reader that translates sent it, and its answer
 * comes whole. */
#ifndef IGATA_SIM_T0_H
#define IGATA_SIM_T0_H

#include "runtime/base/buf.h"
#include "runtime/sim/sim.h"

struct t0 {
	bool on;          /* the card speaks T=0 and nothing else */
	struct buf rest;  /* of the last response, SW included, as far as it was not fetched */
	uint8_t again[4]; /* header of the command that was answered with 6Cxx; GET RESPONSE has none of its own */
	bool waits;       /* for that command */
};

/* After a reset that was answered with this ATR: nothing is kept. */
void t0_reset(struct t0 *t, const uint8_t *atr, size_t n);

/* Does the answer to reset offer T=0 alone (ISO/IEC 7816-3:2006, 8.2.3)? */
bool t0_only(const uint8_t *atr, size_t n);

/* One exchange; the response is appended to rsp. */
void t0_apdu(struct t0 *t, struct sim *card, const uint8_t *cmd, size_t n, struct buf *rsp);

/* Free what is kept. */
void t0_end(struct t0 *t);

#endif
