/* A way to a card: PC/SC reader, simulated card in this process, or a recording. Four functions, which is also where
 * tests put their faults. */
#ifndef IGATA_LINK_H
#define IGATA_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

enum { ATR_MAX = 33 };

enum link_status {
	LINK_OK,
	LINK_CARD_GONE, /* the card left, lost power, or answered less than two bytes (facts: vpcd reports success with
			   0 bytes) */
	LINK_BROKEN,    /* the reader or its service failed */
};

struct link;

struct link_ops {
	/* Power the card (again): fills l->atr. */
	enum link_status (*reset)(struct link *l);
	/* One command; the response (data and SW, at least 2 bytes) replaces the contents of rsp. */
	enum link_status (*transmit)(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp);
	/* Release the card without reset, so that the next program finds it idle. */
	void (*close)(struct link *l);
};

struct link {
	const struct link_ops *ops;
	void *state;
	char name[160]; /* "pcsc:Reader 0", "sim:card.card" for messages */
	bool simulated; /* the card's contents may be destroyed by tests */
	uint8_t atr[ATR_MAX];
	size_t atr_len;
};

/* Open --card's argument: "pcsc:READER" (a name or its beginning, or a number), "sim:FILE" or a plain file name,
 * "replay:FILE". The card is powered. false with a diagnostic. */
bool link_open(struct link *l, const char *card, struct diag_list *d);

enum link_status link_reset(struct link *l);
enum link_status link_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp);
void link_close(struct link *l);

#endif
