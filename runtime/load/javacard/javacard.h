/* The loader for cards whose content is managed over GlobalPlatform (most Java Cards). What the card is, the secure
 * channel to one of its security domains, and what can be done through it.
 *
 * Whatever is asked for, no key is tried that failed on this card before, and no try is made that could be the last
 * (tries.h), unless loader_options.last_try is set. */
#ifndef IGATA_LOAD_JAVACARD_H
#define IGATA_LOAD_JAVACARD_H

#include "runtime/base/aid.h"
#include "runtime/gp/card_data.h"
#include "runtime/gp/channel.h"
#include "runtime/gp/command.h"
#include "runtime/gp/registry.h"

struct image;
struct loader;
struct session;
struct value_set;
struct verify_report;
struct journal;

/* How to reach a security domain; zero is the usual way. */
struct gp_options {
	struct aid domain; /* --domain; n 0: the issuer security domain */
	bool has_version;  /* --key-version */
	uint8_t version;
	bool has_level; /* --security */
	unsigned level;
	bool has_scp; /* --scp: what the card does not tell (the implicit ones of SCP02, too) */
	unsigned scp, i;
	uint32_t block;       /* --block: longest command data, 0: the card's word */
	const char *receipts; /* --receipts: file that the card's receipts are appended to, NULL: none */
};

/* What is known of the card. */
struct gp_card {
	bool there;        /* it is a GlobalPlatform card */
	bool selected;     /* the security domain is selected, and nothing since */
	struct gp_fci fci; /* of the domain selected */
	struct aid domain;
	struct gp_recognition recognition;
	uint8_t cplc[CPLC_LEN];
	bool has_cplc;
	struct gp_challenge challenge; /* the last */
	struct gp_channel channel;
	bool proved; /* these keys were right in this run */
};

/* Is this a GlobalPlatform card? Which chip, by its production data: the ATR alone never says (makers give one to many
 * products). Finds out, without any right, and fills in w->gp and w->card. false: lost, or no memory; a card that is
 * none is no error. */
bool gp_recognise(struct loader *w);

/* The name under which failed keys of one security domain's key version are remembered. */
const char *gp_tries_name(struct loader *w);

/* Select the security domain (again), in clear. false: lost, or refused (recorded). */
bool gp_select_domain(struct loader *w);

/* Open the secure channel, unless it is open. false with a diagnostic. In a dry run nothing is sent, and the commands
 * that follow are written down in clear. */
bool gp_open(struct loader *w, struct journal *j);

/* Before the link is given up: on a channel that protects answers by BEGIN R-MAC SESSION, the proof that all of them
 * were the card's, refusals too. false: they were not (a diagnostic), or lost. */
bool gp_end(struct loader *w);

/* Most bytes of plain data in one command over the channel, and whether they need the extended form. */
size_t gp_room(const struct loader *w, bool *extended);

/* --- commands, and what their status words mean --- */

enum gp_step {
	GP_STEP_SELECT,
	GP_STEP_CHANNEL,
	GP_STEP_AUTHENTICATE,
	GP_STEP_BEGIN_RMAC,
	GP_STEP_STATUS,
	GP_STEP_DATA,
	GP_STEP_FOR_LOAD,
	GP_STEP_LOAD_FIRST,
	GP_STEP_LOAD,
	GP_STEP_LOAD_LAST,
	GP_STEP_FOR_INSTALL,
	GP_STEP_FOR_SELECTABLE,
	GP_STEP_DELETE,
	GP_STEP_PUT_KEY,
	GP_STEP_SET_STATUS,
	GP_STEP_FOR_PERSONALIZATION,
	GP_STEP_STORE,
	GP_STEP_EXTRADITE,
	GP_STEP_REGISTRY,
	GP_STEPS,
};

const char *gp_step_name(enum gp_step step); /* "INSTALL [for load]" */

/* What a status word means for a command: likely causes and what helps. life: of the card (enum CARD_…), 0 unknown.
 * Falls back to the general text. lang is "en" or "ja". */
const char *gp_explain(enum gp_step step, sw_t sw, uint8_t life, const char *lang);

/* Record that the card refused a step, with s->sw. Always false. */
bool gp_refused(struct session *s, enum gp_step step);

/* Send a step's command and take 9000 for success only. false: lost, or refused (recorded). */
bool gp_do(struct loader *w, enum gp_step step, uint32_t header, const struct buf *data, bool looks);

/* GET DATA: the answer is in session.data; *there is false when the card does not have it. false: lost. */
bool gp_get_data(struct loader *w, unsigned tag, bool *there);

/* Read the registry: what of it the security domain may see. scopes: enum gp_scope, combined; modules come with
 * GP_SCOPE_LOAD_FILES where the card tells them. A card that has none of something says so with 6A88: that is an empty
 * list. false with a diagnostic. */
bool gp_registry_load(struct loader *w, unsigned scopes, struct gp_registry *r);

/* --- installing --- */

/* What authorises and protects a load where the card asks for it; all may be empty. */
struct gp_authority {
	struct bytes load_token, install_token, delete_token;
	struct bytes dap;                /* signature over the load file data block's hash */
	struct aid dap_domain;           /* whose key it is; n 0: the domain loaded to */
	const char *token_key, *dap_key; /* files of private keys to make them with; NULL: none */
	bool hash;                       /* send the load file data block hash even if nothing needs it */
};

/* The AP of a load image: personalised before the install ends, and proved by its behaviour. */
struct gp_ap {
	const struct image *img;
	const struct value_set *values;
	bool half; /* it is on the card, selectable, and its personalisation has not ended */
	struct verify_report *verify;
};

struct gp_install_options {
	const uint8_t *cap; /* contents of the CAP file */
	size_t cap_len;
	const char *name; /* of the file, for diagnostics */
	bool load_only;   /* do not make applications */
	bool force;       /* remove what is there of this package; pass over the profile's limits */
	bool no_resume;
	struct aid applet;       /* n 0: all of the package */
	struct aid instance;     /* n 0: the applet's own */
	struct bytes parameters; /* of the applet (C9) */
	uint8_t privileges[GP_PRIVILEGES];
	uint32_t volatile_quota, persistent_quota, code_size; /* 0: not sent */
	struct gp_authority by;
	struct gp_ap *ap; /* NULL: a CAP file of somebody */
};

enum { GP_INSTANCES = 32 };

struct gp_install_report {
	int outcome; /* enum install_outcome */
	bool resumed, removed_half, rolled_back;
	struct aid package;
	struct aid instance[GP_INSTANCES];
	size_t n;
	size_t load_file, blocks; /* bytes, LOAD commands */
	size_t commands;          /* until everything was operational; the proof comes on top */
	uint8_t journal[32];
};

/* Install a CAP file as a transaction: everything is loaded and made, or nothing is left that anybody could use. */
bool gp_install(struct loader *w, const struct gp_install_options *o, struct gp_install_report *r);

/* Install the AP of a load image: load_install for cards that are managed so. */
struct install_options;
struct install_report;
bool gp_install_image(struct loader *w, const struct image *img, const struct value_set *values,
    const struct install_options *o, struct install_report *r);

/* Deliver the per-card values to an application, by STORE DATA over the open channel; the last block makes the AP
 * operational. May be done again from the beginning until it has ended. */
bool gp_personalise(
    struct loader *w, const struct aid *instance, const struct image *img, const struct value_set *values);

/* The same for an image of the reference simulator's profile, which has no GlobalPlatform: its AP is selected and takes
 * the values in clear. Only for simulated cards. */
bool gp_personalise_clear(struct loader *w, const struct image *img, const struct value_set *values);
bool gp_image_is_clear(const struct image *img);

/* --- managing --- */

/* Delete an application or a load file; force: with the applications that need it. *related: how many went with it. */
bool gp_remove(struct loader *w, const struct aid *what, bool force, const struct gp_authority *by, size_t *related);

/* Life cycle of an application, a security domain (with all below it: associated) or the card (what->n 0). */
bool gp_set_status(struct loader *w, const struct aid *what, bool associated, uint8_t status);

/* Put a key set: version of the set that is replaced (0: none), the new keys. Check values of the answer are compared.
 */
struct gp_secret;
bool gp_put_keys(struct loader *w, uint8_t replaces, uint8_t version, uint8_t id, const struct gp_secret *keys);

/* Put a public key from a PEM file (RSA or EC). */
bool gp_put_public_key(struct loader *w, uint8_t replaces, uint8_t version, uint8_t id, const char *pem);

/* STORE DATA to an application through its security domain (target->n != 0), or to the domain itself. p1: format bits.
 */
bool gp_store_data(struct loader *w, const struct aid *target, struct bytes data, unsigned p1);

bool gp_extradite(struct loader *w, const struct aid *what, const struct aid *domain, struct bytes token);
bool gp_update_registry(
    struct loader *w, const struct aid *what, const uint8_t privileges[GP_PRIVILEGES], struct bytes token);

/* Make a supplementary security domain. package, module: n 0: GlobalPlatform's own (A0000001515350, A000000151535041).
 */
bool gp_make_domain(struct loader *w, const struct aid *package, const struct aid *module, const struct aid *instance,
    const uint8_t privileges[GP_PRIVILEGES], struct bytes parameters, struct bytes token);

#endif
