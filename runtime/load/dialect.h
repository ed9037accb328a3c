/* How one card operating system is driven: struct load_dialect is the only door. What is common to all of them, the
 * transaction, the journal and the memory of failed keys, knows no dialect. */
#ifndef IGATA_LOAD_DIALECT_H
#define IGATA_LOAD_DIALECT_H

#include "runtime/base/aid.h"
#include "runtime/image/script.h"
#include "runtime/load/session.h"

enum { LOADING_KEY_MAX = 32 };

/* What proves the loader's right to create and delete. */
struct loading_key {
	uint8_t bytes[LOADING_KEY_MAX];
	size_t n;
	bool test; /* the publicly known one of simulated cards */
};

enum ap_state {
	AP_ABSENT,
	AP_HALF, /* begun and not activated: nobody can use it without the loading key */
	AP_OPERATIONAL,
	AP_BLOCKED, /* deactivated */
	AP_TERMINATED,
	AP_OTHER, /* the card answers in a way that fits none of these */
};

/* An AP as the card itself shows it. */
struct ap {
	enum ap_state state;
	uint8_t aid[AID_MAX]; /* as the card names it: longer than asked for when only the beginning fits */
	size_t aid_len;
	uint16_t fid;    /* of its DF; 0: the card does not say */
	uint32_t memory; /* bytes reserved for it; 0: the card does not say */
	sw_t sw;         /* what made it AP_OTHER */
};

enum auth_result {
	AUTH_DONE,
	AUTH_WRONG,   /* the key is wrong: a try is used up */
	AUTH_BLOCKED, /* no try is left */
	AUTH_REFUSED, /* any other answer; s->sw has it */
	AUTH_LOST,    /* no answer, or the system failed (recorded) */
};

enum { TRIES_UNKNOWN = -1 };

struct load_dialect {
	const char *name;     /* as images and chip profiles have it */
	const char *key_kind; /* "aes-128" or "pin": what a key file must hold */

	/* Content is managed over GlobalPlatform: what is there and what is done goes through javacard/javacard.h. Here
	 * authenticate refuses, and exists and remove are NULL. */
	bool managed;
	struct loading_key test_key;

	/* The state of the AP with this AID, without any right and without changing anything but the selection. false:
	 * the card was lost. */
	bool (*state)(struct session *s, const uint8_t *aid, size_t n, struct ap *out);

	/* All APs that the card tells of, up to cap of them; *n is their number. NULL: the OS cannot enumerate. */
	bool (*enumerate)(struct session *s, struct ap *out, size_t cap, size_t *n);

	/* Tries left of the loading key, TRIES_UNKNOWN if the card does not say. Uses none up. false: lost. */
	bool (*tries)(struct session *s, int *left);

	/* Select the MF and prove the key, once. *left: tries left after AUTH_WRONG, or TRIES_UNKNOWN. */
	enum auth_result (*authenticate)(struct session *s, const struct loading_key *key, int *left);

	/* Select the MF, where scripts begin. false: lost, or refused (recorded). */
	bool (*begin)(struct session *s);

	/* A step of phase `create` answered "exists" while a half install is resumed: make current what it would have
	 * made current. false: lost, or it is not what the step would have created (recorded). */
	bool (*exists)(struct session *s, const struct script *script, const struct script_step *step,
	    const uint8_t *data, size_t n);

	/* Remove the AP with everything in it; authenticated. hint is the FID of its DF as the image or the journal has
	 * it, 0 for none; the card is asked first, and nothing but a DF of this very AID is removed. false: lost, or
	 * refused (recorded). */
	bool (*remove)(struct session *s, const struct ap *ap, uint16_t hint);

	/* File control information of the current DF (fid 0) or of an EF in it, as the OS gives it: the inner data
	 * objects, without the template 62 or 6F. false: lost. s->sw tells a refusal, out is empty then. */
	bool (*control)(struct session *s, const uint8_t *aid, size_t aid_len, uint16_t fid, struct buf *out);

	/* Access rules in file control information, in words; lang is "en" or "ja". Nothing when it has none. */
	void (*words)(const uint8_t *control, size_t n, const char *lang, struct buf *out);
};

/* The dialect with this name, NULL when this loader has none. */
const struct load_dialect *load_dialect_named(const char *name);

/* All of them, NULL at the end. */
extern const struct load_dialect *const load_dialects[];

const char *ap_state_name(enum ap_state s);                   /* "half-installed": for machines */
const char *ap_state_text(enum ap_state s, const char *lang); /* for people */

/* Are these the same AID? */
bool ap_is(const struct ap *ap, const uint8_t *aid, size_t n);

#endif
