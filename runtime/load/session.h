/* One conversation with a card: commands out, answers in, counted; or, in a dry run, only written down. */
#ifndef IGATA_LOAD_SESSION_H
#define IGATA_LOAD_SESSION_H

#include "runtime/base/apdu.h"
#include "runtime/base/diag.h"
#include "runtime/base/progress.h"
#include "runtime/base/sw.h"
#include "runtime/gp/channel.h"
#include "runtime/link/link.h"

/* What a command does to the card. A dry run sends what only looks, and writes down the rest. */
enum session_effect {
	SESSION_LOOKS,  /* reads, or selects to read */
	SESSION_CHANGES /* creates, writes, deletes, authenticates, or selects in order to */
};

struct session {
	struct link *link;
	const char *name; /* of the card, for diagnostics, which it outlives; NULL for none */
	struct diag_list *diags;
	struct progress *progress; /* NULL: silent */
	bool dry;                  /* send nothing that changes the card */
	struct buf plan;           /* dry: the commands not sent, a line each, secrets masked */
	size_t planned;            /* dry: their number */
	size_t commands;           /* sent */
	bool lost;                 /* the link failed; its diagnostic is recorded */

	/* A secure channel: while it is open every command is protected and every answer checked. NULL: there is none.
	 */
	struct gp_channel *channel;
	uint8_t card_life; /* life cycle of a GlobalPlatform card, 0 unknown: for explanations */

	/* The last answer. */
	sw_t sw;
	struct buf data;
};

/* Send one command. false: no answer came, or none that is the card's word (recorded once); else s->sw and s->data are
 * the card's. In a dry run a command that changes the card "answers" 9000 and as many zeros as it asks for. */
bool session_send(struct session *s, enum session_effect effect, const struct apdu *a);

/* The same with header bytes, data and an Le (0: none, 256: "00"). */
bool session_command(
    struct session *s, enum session_effect effect, uint32_t header, const void *data, size_t n, size_t le);

/* Power the card again: rights and selection are gone. */
bool session_reset(struct session *s);

/* Record that the card refused `what` with s->sw. Rows used here have {1} what, {2} the status word, {3} its meaning in
 * English, {4} in Japanese. Always false. */
bool session_refused(struct session *s, enum diag_code code, const char *what);

/* Wipe and free; the link stays the caller's. */
void session_free(struct session *s);

#endif
