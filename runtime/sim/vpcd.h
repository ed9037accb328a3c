/* A simulated card behind PC/SC: client of vpcd, the virtual reader of vsmartcard.
 *
 * The reader listens on TCP; the card connects to it. Both directions: | 2 length, big-endian | bytes |. Messages of
 * one byte from the reader are 00 power off, 01 power on, 02 reset, none of which is answered, and 04 for the answer to
 * reset, which is asked for all the time (that is how the reader sees that a card is there). Anything else is a command
 * APDU. The protocol has no authentication: use it on the loopback interface only.
 */
#ifndef IGATA_SIM_VPCD_H
#define IGATA_SIM_VPCD_H

#include "runtime/base/diag.h"
#include "runtime/sim/sim.h"

#define VPCD_DEFAULT "127.0.0.1:35963"

struct vpcd {
	char host[256], port[6];
	unsigned wait_ms; /* how long to try when the reader is not there, at first and after it went away */
	int stop_fd;      /* serve until this can be read (or its other end is closed) */
	/* Called for what happens, each may be NULL; ctx is theirs. */
	void (*connected)(void *ctx);
	void (*powered)(void *ctx);
	void (*exchanged)(void *ctx, const uint8_t *cmd, size_t n, const struct buf *rsp);
	void *ctx;
};

/* Read "HOST:PORT", "HOST", ":PORT" or "[IPv6]:PORT" (what is missing is VPCD_DEFAULT's) into v. */
bool vpcd_address(struct vpcd *v, const char *text, struct diag_list *d);

/* Be the card in the reader. true: stopped by stop_fd. false with a diagnostic: the reader is not there. The card is
 * without power at the end. */
bool vpcd_serve(const struct vpcd *v, struct sim *s, struct diag_list *d);

#endif
