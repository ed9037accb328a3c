/* A way to a card: PC/SC reader, simulated card in this process, or a recording. Four functions, which is also where
 * tests put their faults. */
#ifndef IGATA_LINK_H
#define IGATA_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

enum { ATR_MAX = 33 };

enum link_status {
	LINK_OK,
	LINK_CARD_GONE, /* the card left, lost power, or answered less than two bytes (a virtual reader whose card
			   process dies reports success with 0 bytes) */
	LINK_BROKEN,    /* the reader or its service failed */
};

struct link;
struct sim;

struct link_ops {
	/* Power the card (again): fills l->atr. */
	enum link_status (*reset)(struct link *l);
	/* One command as it is; the response replaces the contents of rsp. Failures leave their reason in l->why. */
	enum link_status (*transmit)(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp);
	/* Release the card, so that the next program finds it idle. */
	void (*close)(struct link *l);
};

struct link {
	const struct link_ops *ops; /* NULL: not open */
	void *state;
	struct sim *sim;  /* the card in this process, for those who may look inside (link_sim.h); else NULL */
	char name[160];   /* "pcsc:Reader 0", "sim:card.card" for messages */
	bool simulated;   /* the card's contents may be destroyed by tests */
	bool contactless; /* where the next reset of a simulated card finds it: in a contactless field */
	/* A secret (PIN, cryptogram, key) was presented since the last reset. On close such a card is reset, so that
	 * the next program does not inherit our rights; any other card is left as it is. */
	bool presented;
	uint8_t atr[ATR_MAX];
	size_t atr_len;
	char why[160]; /* why the last operation was not LINK_OK; "" when there is nothing to add */
};

/* Open --card's argument: "pcsc:READER" (its name, the beginning of it, or its number from 0; several may fit when one
 * of them has a card), "sim:FILE" or a plain file name, "replay:FILE". The card is powered. false with a diagnostic. */
bool link_open(struct link *l, const char *card, struct diag_list *d);

enum link_status link_reset(struct link *l);

/* Whether a reset can reach the card by contacts, or in a contactless field. A simulated card has both; of another one
 * its ATR tells (PC/SC part 3, 3.1.3.2.3: readers make 3B 8n 80 01 ... for a contactless card). */
bool link_reaches(const struct link *l, bool contactless);

/* One command, with all of its response: 61xx is followed by GET RESPONSE and 6Cxx by the same command with the right
 * Le (ISO/IEC 7816-3 12.1.1, 7816-4:2020 5.3.4), here for all links. On LINK_OK rsp holds data and SW, at least 2
 * bytes; else rsp is empty. */
enum link_status link_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp);

/* Close; l may be all zero, and is afterwards. */
void link_close(struct link *l);

/* Record a diagnostic for a status that is not LINK_OK. Always false. */
bool link_diag(const struct link *l, enum link_status s, struct diag_list *d);

/* From now on every exchange is written to a file (mode 0600, replaced) as text that "replay:FILE" and people read
 * (link_text.h); secrets are masked. false with a diagnostic, and the link is as it was. */
bool link_record(struct link *l, const char *path, struct diag_list *d);

/* From now on every exchange is printed on f, in "en" or "ja", masked. f and lang are borrowed. false: out of memory.
 */
bool link_trace(struct link *l, FILE *f, const char *lang);

#endif
