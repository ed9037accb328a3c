/* The loader: operations on one card. Each is safe to interrupt at any moment, by pulling the card, killing the program
 * or cutting the power: the next operation recognises from the card alone what is there, and finishes or removes it
 * (AP contract, 10). */
#ifndef IGATA_LOADER_H
#define IGATA_LOADER_H

#include "runtime/image/values.h"
#include "runtime/load/auth.h"
#include "runtime/load/card.h"
#include "runtime/load/javacard/javacard.h"
#include "runtime/load/keys.h"
#include "runtime/load/session.h"
#include "runtime/load/verify.h"

/* How to work; all texts are borrowed, NULL where nothing is given. */
struct loader_options {
	const char *journal; /* folder */
	struct card_given given;
	struct key_source keys;
	bool last_try;
	bool dry;           /* --dry-run */
	const char *record; /* file for the recording */
	FILE *trace;        /* stream for the trace */
	struct gp_options gp;
	const char *lang;
};

struct loader {
	struct link link;
	struct session session;
	struct card card;
	struct folder folder;
	bool has_folder;
	bool proved;       /* the loading key was proved since the last reset */
	struct gp_card gp; /* there: a GlobalPlatform card */
	const struct loader_options *options;
	struct arena arena;
};

/* Connect to the card and recognise it. img: the image meant for it, or NULL; need: an unknown card is an error. The
 * diagnostics' names live as long as the loader. false with diagnostics; loader_close in both cases. */
bool loader_open(struct loader *w, const struct loader_options *o, const struct image *img, bool need,
    struct progress *progress, struct diag_list *d);

/* The same with a link that is open already (tests); it is closed with the loader. */
bool loader_on(struct loader *w, const struct link *l, const struct loader_options *o, const struct image *img,
    bool need, struct progress *progress, struct diag_list *d);

/* Reset a card that holds our rights, close the link, wipe. */
void loader_close(struct loader *w);

/* --- install --- */

struct install_options {
	bool accept_test_signed; /* --accept-test-signed */
	bool no_resume;          /* remove a half install even if it could be resumed */
	bool permanent;          /* install even though this chip can never remove it */
};

enum install_outcome {
	INSTALL_FAILED,  /* nothing of the AP is on the card, unless a diagnostic says so */
	INSTALL_DONE,    /* operational and verified up to probe */
	INSTALL_ALREADY, /* it was there, of this image and with these values, and is verified again */
	INSTALL_PLANNED, /* dry run: see session.plan */
};

struct install_report {
	enum install_outcome outcome;
	bool resumed;      /* a half install was continued */
	bool removed_half; /* a half install was removed first */
	bool rolled_back;  /* after a failure everything was removed again */
	size_t steps;      /* of the script */
	size_t commands;   /* sent until the AP was operational; the proof comes on top */
	uint8_t
	    journal[JOURNAL_DIGEST]; /* hash of the journal's last entry: who keeps it sees lines taken off the end */
	struct verify_report verify;
};

/* Install an image with the values of one card. */
bool load_install(struct loader *w, const struct image *img, const struct value_set *values,
    const struct install_options *o, struct install_report *r);
void install_report_reset(struct install_report *r);

/* --- delete --- */

struct delete_report {
	enum ap_state before;            /* AP_ABSENT: an interrupted delete had done it */
	uint32_t memory;                 /* bytes that came back, 0 unknown */
	uint8_t journal[JOURNAL_DIGEST]; /* as for install */
};

/* Remove an AP. img: its image, for chips that do not tell the FID of a DF; may be NULL. */
bool load_delete(struct loader *w, const uint8_t *aid, size_t n, const struct image *img, struct delete_report *r);

/* --- verify --- */

/* Verify the AP of an image up to a level (verify.h) and enter that into the journal. The level full spends the card:
 * it must be a simulated one, or `spend` must be its name (link.name); else spend may be NULL. */
bool load_verify(struct loader *w, const struct image *img, const struct value_set *values, enum verify_level level,
    const char *spend, struct verify_report *r);

/* --- looking --- */

enum { CARD_APS = 64 };

struct card_report {
	struct ap ap[CARD_APS];
	size_t n;
	bool complete;         /* the card was asked for all; else only those known to this terminal */
	int tries;             /* of the loading key, TRIES_UNKNOWN */
	uint32_t memory, used; /* bytes of the chip and reserved by APs; 0 unknown */
};

/* The APs on the card. A card that cannot enumerate is asked for those that this terminal knows from its journals, and
 * for n more. */
bool load_list(struct loader *w, const struct aid *more, size_t n, struct card_report *r);

/* --- for the operations --- */

/* Find and prove the loading key, unless that was done since the last reset. */
bool loader_prove(struct loader *w, const struct loading_key *key, struct journal *j);
bool loader_key(struct loader *w, struct loading_key *key);

/* Enter an operation on the card as a whole into its journal. false with a diagnostic. */
bool loader_enter(struct loader *w, const char *event, const char *result);

/* Reset the card: our rights are gone. */
bool loader_reset(struct loader *w);

/* Tell, in the diagnostics, how an AP that is in no state to be worked on stands. Always false. */
bool loader_bad_state(struct loader *w, const struct ap *ap, const uint8_t *aid, size_t n);

/* The FID of an AP's DF for dialects that cannot ask: from the image's script or the journal, 0 unknown. */
uint16_t loader_df_hint(const struct image *img, const struct journal *j);

#endif
