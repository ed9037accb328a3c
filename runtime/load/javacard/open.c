/* Opening the secure channel: protocol and parameters by the card's word, keys by the version it asks for, and the
 * memory of what failed before. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/sha256.h"
#include "runtime/load/javacard/keyring.h"
#include "runtime/load/loader.h"

enum {
	TAG_COUNTER = 0x00c1,
	TAG_KDD = 0x00cf,
	/* Cards do not say how many wrong keys they take. Some take three. */
	TRIES_AT_LEAST = 3,
};

static bool wrong_channel(struct loader *w, const char *what)
{
	return diag_add(
	    w->session.diags, (struct srcloc){.file = w->session.name}, DIAG_GP_CHANNEL_UNKNOWN, what, NULL);
}

const char *gp_tries_name(struct loader *w)
{
	char kdd[2 * GP_KDD + 1];
	const struct gp_challenge *c = &w->gp.challenge;
	static const uint8_t zero[GP_KDD];
	hex_encode(kdd, c->kdd, GP_KDD);
	/* Cards without diversification data are told apart by what else names them. */
	const char *card = memcmp(c->kdd, zero, GP_KDD) == 0 ? w->card.identity : "kdd";
	return arena_printf(&w->arena, "gp:%s:%s:%02X", card, kdd, c->key_version);
}

/* 00: the card chooses; but versions from 70 on are none that it would choose (they are kept for other purposes). A
 * profile that has such a one is asked for it by name. */
static unsigned usual_version(const struct loader *w)
{
	enum { RESERVED = 0x70, INITIAL = 0xff };
	const struct chip *chip = w->card.chip;
	if (chip == NULL || !chip->fact[CHIP_GP_KEY_VERSION].present)
		return 0;
	unsigned long v = strtoul(chip->fact[CHIP_GP_KEY_VERSION].text, NULL, 16);
	return v >= RESERVED && v < INITIAL ? (unsigned)v : 0;
}

/* --- INITIALIZE UPDATE --- */

static bool ask(struct loader *w, uint8_t host[GP_CHALLENGE_MAX], size_t n)
{
	const struct gp_options *o = &w->options->gp;
	struct session *s = &w->session;
	if (!random_bytes(host, n))
		return diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	return session_command(s, SESSION_CHANGES,
	    GP_INITIALIZE_UPDATE | (uint32_t)(o->has_version ? o->version : usual_version(w)) << 8, host, n,
	    APDU_SHORT_LE);
}

/* In S16 mode the challenges have 16 bytes. Where the card has not said that it is in this mode, it says it by refusing
 * eight. This is no try of any key. */
static bool challenge(struct loader *w, uint8_t host[GP_CHALLENGE_MAX])
{
	struct gp_card *g = &w->gp;
	struct session *s = &w->session;
	char what[48];
	unsigned i = 0;
	size_t n = gp_recognition_i(&g->recognition, 3, &i) && (i & SCP03_S16) != 0 ? 16 : 8;
	if (!ask(w, host, n))
		return false;
	if (n == 8 && (s->sw == SW_WRONG_LENGTH || s->sw == SW_WRONG_DATA)) {
		n = 16;
		if (!ask(w, host, n))
			return false;
	}
	if (s->sw != SW_OK)
		return gp_refused(s, GP_STEP_CHANNEL);
	if (!gp_challenge_read(&g->challenge, s->data.p, s->data.n) || (g->challenge.scp == 3 && g->challenge.n != n)) {
		snprintf(what, sizeof what, "INITIALIZE UPDATE: %zu bytes", s->data.n);
		return wrong_channel(w, what);
	}
	return true;
}

/* What the card says of i, in this order: its answer, its recognition data, its profile; the user where it is silent.
 * Open Platform cards without recognition data have SCP01 with i = 05, the only one there was. */
static bool find_i(struct loader *w, unsigned *i)
{
	const struct gp_options *o = &w->options->gp;
	const struct gp_challenge *c = &w->gp.challenge;
	const struct chip *chip = w->card.chip;
	char what[48], scp[8];
	snprintf(scp, sizeof scp, "SCP%02X", c->scp & 0xff);
	if (o->has_scp && o->scp == c->scp)
		*i = o->i;
	else if (c->i != GP_I_UNKNOWN)
		*i = c->i;
	else if (gp_recognition_i(&w->gp.recognition, c->scp, i))
		;
	else if (chip != NULL && chip->fact[CHIP_GP_I].present && chip_fact_has(chip, CHIP_GP_SCP, scp))
		sscanf(chip->fact[CHIP_GP_I].text, "%x", i);
	else if (c->scp == 1)
		*i = 0x05;
	else {
		snprintf(what, sizeof what, "%s, i = ?", scp);
		return wrong_channel(w, what);
	}
	if (gp_i_known(c->scp, *i, false))
		return true;
	snprintf(what, sizeof what, "%s, i = %02X", scp, *i);
	return wrong_channel(w, what);
}

/* --- the memory of failed keys --- */

/* The three keys under one name. */
static bool fingerprint(const struct gp_secret *s, struct loading_key *key)
{
	*key = (struct loading_key){.n = SHA256_LEN};
	return sha256(&s->keys, sizeof s->keys, key->bytes);
}

static bool may_try(struct loader *w, const struct loading_key *key)
{
	const char *name = gp_tries_name(w);
	struct srcloc at = {.file = w->session.name};
	if (!tries_allow(&w->folder, name, key, TRIES_UNKNOWN, w->options->last_try, w->session.diags))
		return false;
	int n = tries_remembered(&w->folder, name);
	if (w->options->last_try || n < TRIES_AT_LEAST - 1)
		return true;
	return diag_add(w->session.diags, at, DIAG_GP_TRIES, n == INT_MAX ? "?" : diag_num((uintmax_t)n),
	    diag_num(TRIES_AT_LEAST), NULL);
}

static bool failed(struct loader *w, const struct loading_key *key, struct journal *j, const char *how)
{
	char version[3];
	tries_failed(&w->folder, gp_tries_name(w), key, TRIES_UNKNOWN, w->session.diags);
	hex_encode(version, &w->gp.challenge.key_version, 1);
	if (j != NULL)
		journal_add(j, w->session.diags, "authentication-failed", "key-version", version, "by", how, NULL);
	else
		loader_enter(w, "authentication-failed", how);
	return false;
}

/* --- the channel --- */

static bool start(struct loader *w, const struct gp_secret *k, unsigned i, const uint8_t *host,
    const struct loading_key *key, struct journal *j)
{
	struct gp_card *g = &w->gp;
	struct diag_list *d = w->session.diags;
	struct srcloc at = {.file = w->session.name};
	char version[3], scp[8], number[4];
	hex_encode(version, &g->challenge.key_version, 1);
	snprintf(scp, sizeof scp, "SCP%02X", g->challenge.scp & 0xff);
	snprintf(number, sizeof number, "%02X", i & 0xff);
	switch (gp_channel_start(&g->channel, &k->keys, i, host, &g->challenge, g->domain.p, g->domain.n)) {
	case GP_STARTED:
		return true;
	case GP_WRONG_KEY:
		diag_add(d, at, DIAG_GP_WRONG_KEY, version, scp, NULL);
		return failed(w, key, j, "card-cryptogram");
	case GP_NOT_RANDOM:
		return diag_add(d, at, DIAG_GP_NOT_RANDOM, number, NULL);
	case GP_UNSUITABLE:
		return diag_add(d, at, DIAG_GP_KEYS_UNSUITABLE, version, scp, NULL);
	case GP_START_FAILED:
		break;
	}
	return diag_add(d, at, DIAG_NO_MEMORY, NULL);
}

/* EXTERNAL AUTHENTICATE, once. */
static bool prove(struct loader *w, const struct loading_key *key, struct journal *j)
{
	struct gp_card *g = &w->gp;
	struct session *s = &w->session;
	struct buf cmd = {0};
	struct apdu a;
	const struct gp_options *o = &w->options->gp;
	unsigned level = o->has_level ? o->level : gp_highest_level(g->channel.scp, g->channel.i);
	if (!gp_channel_prove(&g->channel, level, &cmd)) {
		char text[32];
		snprintf(text, sizeof text, "%02X", level);
		buf_reset(&cmd);
		return diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_GP_OPTION, "security", text, NULL);
	}
	bool sent = apdu_parse(&a, cmd.p, cmd.n) && session_send(s, SESSION_CHANGES, &a);
	buf_reset(&cmd);
	if (!sent)
		return false;
	if (s->sw != SW_OK) {
		gp_channel_close(&g->channel);
		gp_refused(s, GP_STEP_AUTHENTICATE);
		return failed(w, key, j, "external-authenticate");
	}
	gp_channel_accepted(&g->channel);
	tries_done(&w->folder, gp_tries_name(w));
	g->proved = true;
	return true;
}

static bool with_secret(struct loader *w, struct gp_secret *k, const uint8_t *host, struct journal *j)
{
	struct gp_card *g = &w->gp;
	struct loading_key key;
	unsigned i = 0;
	char version[3], scp[8];
	if (!find_i(w, &i))
		return false;
	if (!gp_diversify(&k->keys, k->diversify, g->challenge.kdd)) {
		snprintf(scp, sizeof scp, "SCP%02X", g->challenge.scp & 0xff);
		hex_encode(version, &g->challenge.key_version, 1);
		return diag_add(w->session.diags, (struct srcloc){.file = w->session.name}, DIAG_GP_KEYS_UNSUITABLE,
		    version, scp, NULL);
	}
	bool ok = fingerprint(k, &key) && may_try(w, &key) && start(w, k, i, host, &key, j) && prove(w, &key, j);
	wipe(&key, sizeof key);
	return ok;
}

static bool find_secret(struct loader *w, int version, struct gp_secret *k)
{
	return keyring_find(
	    &w->options->keys, w->card.chip, w->card.chip_name, w->link.simulated, version, k, w->session.diags);
}

static bool explicitly(struct loader *w, struct journal *j)
{
	uint8_t host[GP_CHALLENGE_MAX];
	struct gp_secret k = {0};
	bool ok = challenge(w, host) && find_secret(w, w->gp.challenge.key_version, &k) && with_secret(w, &k, host, j);
	wipe(&k, sizeof k);
	return ok;
}

/* --- implicit initiation: SCP02 with i = 0A, 0B, 1A, 1B, when it was asked for --- */

static bool implicit_data(struct loader *w, uint16_t *counter)
{
	struct gp_challenge *c = &w->gp.challenge;
	struct session *s = &w->session;
	bool there;
	*c = (struct gp_challenge){.scp = 2, .key_version = w->options->gp.version};
	if (!gp_get_data(w, TAG_COUNTER, &there))
		return false;
	struct rd v = gp_value_of(TAG_COUNTER & 0xff, s->data.p, s->data.n);
	if (!there || v.n < 2)
		return wrong_channel(w, "GET DATA C1");
	*counter = (uint16_t)(v.p[v.n - 2] << 8 | v.p[v.n - 1]);
	if (!gp_get_data(w, TAG_KDD, &there))
		return false;
	v = gp_value_of(TAG_KDD & 0xff, s->data.p, s->data.n);
	if (there && v.n == GP_KDD)
		memcpy(c->kdd, v.p, GP_KDD);
	return true;
}

/* GPC 2.3.1, E.5.3: with a challenge of ours, so that no old answers fit. */
static bool begin_rmac(struct loader *w)
{
	uint8_t data[1 + 8] = {8};
	if (!random_bytes(data + 1, 8))
		return diag_add(w->session.diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	if (!session_command(&w->session, SESSION_CHANGES, GP_BEGIN_RMAC, data, sizeof data, 0))
		return false;
	return w->session.sw == SW_OK ? true : gp_refused(&w->session, GP_STEP_BEGIN_RMAC);
}

/* The card proves nothing here, so that every first command is a try: the memory counts it until it was right. */
static bool implicitly(struct loader *w, struct journal *j)
{
	const struct gp_options *o = &w->options->gp;
	struct gp_card *g = &w->gp;
	struct session *s = &w->session;
	struct gp_secret k = {0};
	struct loading_key key = {0};
	uint16_t counter = 0;
	static const uint8_t all[] = {0x4f, 0x00};
	unsigned level = o->has_level ? o->level : gp_highest_level(2, o->i) & (unsigned)~GP_C_DEC;
	/* GPC 2.3.1, E.1.2.2: no more can be agreed without words. */
	if ((level & ~(gp_highest_level(2, o->i) & (GP_C_MAC | GP_R_MAC))) != 0 || (level & GP_C_MAC) == 0)
		return diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_GP_OPTION, "security", "c-mac", NULL);
	bool ok = implicit_data(w, &counter) && find_secret(w, o->has_version ? o->version : GP_VERSION_ANY, &k) &&
	    gp_diversify(&k.keys, k.diversify, g->challenge.kdd) && fingerprint(&k, &key) && may_try(w, &key);
	if (ok && gp_channel_implicit(&g->channel, &k.keys, o->i, counter, g->domain.p, g->domain.n) != GP_STARTED)
		ok = diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_GP_KEYS_UNSUITABLE, "?", "SCP02", NULL);
	ok = ok && session_command(s, SESSION_CHANGES, GP_GET_STATUS | 0x8000, all, sizeof all, APDU_SHORT_LE);
	if (ok && s->sw != SW_OK) {
		gp_channel_close(&g->channel);
		gp_refused(s, GP_STEP_AUTHENTICATE);
		ok = failed(w, &key, j, "implicit");
	}
	if (ok) {
		tries_done(&w->folder, gp_tries_name(w));
		g->proved = true;
		ok = (level & GP_R_MAC) == 0 || begin_rmac(w);
	}
	wipe(&k, sizeof k);
	wipe(&key, sizeof key);
	return ok;
}

bool gp_end(struct loader *w)
{
	struct gp_channel *c = &w->gp.channel;
	bool begun = c->open && c->scp == 2 && (c->i & SCP02_EXPLICIT) == 0 && (c->level & GP_R_MAC) != 0;
	if (!begun || w->session.lost || w->session.dry)
		return true;
	return session_command(&w->session, SESSION_LOOKS, GP_END_RMAC, NULL, 0, APDU_SHORT_LE);
}

bool gp_open(struct loader *w, struct journal *j)
{
	const struct gp_options *o = &w->options->gp;
	if (w->gp.channel.open)
		return true;
	if (!w->gp.selected && !gp_select_domain(w))
		return false;
	if (w->session.dry)
		return true;
	bool implicit = o->has_scp && o->scp == 2 && (o->i & SCP02_EXPLICIT) == 0;
	return implicit ? implicitly(w, j) : explicitly(w, j);
}

/* --- room --- */

static uint32_t longest(const struct loader *w)
{
	const struct gp_options *o = &w->options->gp;
	const struct chip *chip = w->card.chip;
	if (o->block != 0)
		return o->block;
	if (w->gp.fci.max_data != 0)
		return w->gp.fci.max_data;
	if (chip != NULL && chip->fact[CHIP_GP_BLOCK].present)
		return chip->fact[CHIP_GP_BLOCK].number;
	return APDU_SHORT_DATA;
}

size_t gp_room(const struct loader *w, bool *extended)
{
	const struct gp_card *g = &w->gp;
	size_t max = longest(w);
	*extended = max > APDU_SHORT_DATA;
	if (max > 0xffff)
		max = 0xffff;
	if (g->channel.open)
		return gp_channel_room(&g->channel, max);
	/* A dry run opens no channel; what the card says it has is taken. */
	struct gp_channel would = {.mac_length = 8, .open = true};
	const struct gp_recognition *r = &g->recognition;
	would.scp = r->n != 0 ? r->channel[0].scp : 2;
	would.mac_length = r->n != 0 && would.scp == 3 && (r->channel[0].i & SCP03_S16) != 0 ? 16 : 8;
	would.level = w->options->gp.has_level ? w->options->gp.level : GP_C_MAC | GP_C_DEC;
	return gp_channel_room(&would, max);
}
