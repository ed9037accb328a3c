/* What card is this? The answer to SELECT of the issuer security domain, card recognition data, production data. */
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/load/javacard/dialect.h"
#include "runtime/load/loader.h"

enum { TAG_RECOGNITION = 0x0066, TAG_CPLC = 0x9f7f, CPLC_PRODUCT = 10 };

static bool select_aid(struct loader *w, const struct aid *aid)
{
	struct session *s = &w->session;
	gp_channel_close(&w->gp.channel);
	w->gp.selected = false;
	return session_command(s, SESSION_LOOKS, 0x00a40400, aid->p, aid->n, APDU_SHORT_LE);
}

/* Take the answer to SELECT. A security domain says its AID; one that was selected by name need not. */
static bool take_fci(struct loader *w, const struct aid *asked)
{
	struct gp_card *g = &w->gp;
	struct session *s = &w->session;
	if (s->sw != SW_OK && s->sw != SW_FILE_DEACTIVATED) /* 6283: the card is locked */
		return false;
	if (!gp_fci_read(&g->fci, s->data.p, s->data.n) && asked->n == 0)
		return false;
	g->domain = g->fci.aid.n != 0 ? g->fci.aid : *asked;
	if (s->sw == SW_FILE_DEACTIVATED) /* terminated cards say so, too; they answer nothing else then */
		s->card_life = CARD_LOCKED;
	if (g->fci.recognition.there)
		g->recognition = g->fci.recognition;
	return true;
}

static bool is_issuer(const struct aid *a)
{
	static const uint8_t rid[][5] = {{0xa0, 0, 0, 1, 0x51}, {0xa0, 0, 0, 0, 0x03}, {0xa0, 0, 0, 0, 0x18}};
	for (size_t i = 0; i < 3; i++)
		if (a->n >= 5 && memcmp(a->p, rid[i], 5) == 0)
			return true;
	return false;
}

static bool try_select(struct loader *w, const struct aid *aid, bool *found)
{
	if (!select_aid(w, aid))
		return false;
	*found = take_fci(w, aid);
	w->gp.selected = *found;
	return true;
}

/* The domain that was asked for; else the profile's; else whatever the card has selected for an empty name; else the
 * issuer security domains in common use. *found: one answered. false: lost. */
static bool find_domain(struct loader *w, bool *found)
{
	static const struct aid common[] = {
	    {{0}, 0},
	    {{0xa0, 0, 0, 1, 0x51, 0, 0, 0}, 8},
	    {{0xa0, 0, 0, 0, 0x03, 0, 0, 0}, 8},
	    {{0xa0, 0, 0, 0, 0x18, 0x43, 0x4d, 0}, 8},
	};
	const struct gp_options *o = &w->options->gp;
	const struct chip *chip = w->card.chip;
	struct aid known = {0};
	*found = false;
	if (o->domain.n != 0)
		return try_select(w, &o->domain, found);
	if (w->gp.domain.n != 0)
		return try_select(w, &w->gp.domain, found);
	if (chip != NULL && chip->fact[CHIP_GP_ISD].present) {
		const char *hex = chip->fact[CHIP_GP_ISD].text;
		hex_decode(hex, strlen(hex), known.p, sizeof known.p, &known.n);
		if (!try_select(w, &known, found) || *found)
			return !w->session.lost;
	}
	for (size_t i = 0; i < sizeof common / sizeof *common && !*found; i++)
		if (!try_select(w, &common[i], found))
			return false;
	return true;
}

bool gp_select_domain(struct loader *w)
{
	bool found;
	if (!find_domain(w, &found))
		return false;
	return found ? true
		     : diag_add(w->session.diags, (struct srcloc){.file = w->session.name}, DIAG_GP_NO_DOMAIN, NULL);
}

/* --- which chip --- */

static bool has_cplc(const struct chip *chip, const struct gp_card *g)
{
	uint8_t p[CPLC_LEN];
	size_t n;
	const struct chip_fact *f = &chip->fact[CHIP_CPLC];
	return f->present && hex_decode(f->text, strlen(f->text), p, sizeof p, &n) && n >= CPLC_PRODUCT - 4 &&
	    memcmp(p, g->cplc, n) == 0;
}

/* The one profile with this production data. Two: the one with the card's ATR as well, if that is one; else none. */
static void find_chip(struct loader *w)
{
	struct diag_list quiet = {0};
	const char *profiles = w->options->given.profiles;
	char atr[2 * ATR_MAX + 1];
	size_t n = 0, fit = 0, fit_atr = 0;
	const struct chip *by_cplc = NULL, *by_both = NULL;
	const char **names = chip_names(&w->arena, profiles, &n, &quiet);
	hex_encode(atr, w->link.atr, w->link.atr_len);
	for (size_t i = 0; names != NULL && i < n; i++) {
		const struct chip *chip = chip_find(&w->arena, profiles, names[i], &quiet);
		if (chip == NULL || strcmp(chip->dialect, load_globalplatform.name) != 0 || !has_cplc(chip, &w->gp))
			continue;
		by_cplc = chip;
		fit++;
		if (chip->fact[CHIP_ATR].present && strcmp(chip->fact[CHIP_ATR].text, atr) == 0) {
			by_both = chip;
			fit_atr++;
		}
	}
	w->card.chip = fit == 1 ? by_cplc : fit_atr == 1 ? by_both : NULL;
	w->card.chip_name = w->card.chip == NULL ? NULL : w->card.chip->name;
	diag_reset(&quiet);
}

/* Type, date, serial number and batch of the IC name one card among all. */
static void identify(struct loader *w)
{
	char hex[2 * CPLC_LEN + 1];
	static const uint8_t zero[4];
	if (w->card.sure || !w->gp.has_cplc || memcmp(w->gp.cplc + 12, zero, sizeof zero) == 0)
		return;
	w->card.identity = arena_printf(&w->arena, "cplc:%s", hex_encode(hex, w->gp.cplc, 18));
	w->card.sure = true;
}

static bool ask_data(struct loader *w)
{
	struct gp_card *g = &w->gp;
	struct session *s = &w->session;
	bool there;
	if (!g->recognition.there) {
		if (!gp_get_data(w, TAG_RECOGNITION, &there))
			return false;
		if (there)
			gp_recognition_read(&g->recognition, s->data.p, s->data.n);
	}
	g->there = g->recognition.there || g->fci.max_data != 0 || is_issuer(&g->domain) || w->card.dialect != NULL;
	if (!g->there || w->options->given.chip != NULL)
		return true;
	if (!gp_get_data(w, TAG_CPLC, &there))
		return false;
	const uint8_t *p = there ? gp_cplc(s->data.p, s->data.n) : NULL;
	g->has_cplc = p != NULL;
	if (g->has_cplc)
		memcpy(g->cplc, p, CPLC_LEN);
	return true;
}

bool gp_recognise(struct loader *w)
{
	bool found;
	if (!find_domain(w, &found))
		return false;
	if (!found)
		return true;
	if (!ask_data(w))
		return false;
	if (!w->gp.there)
		return true;
	if (w->card.chip == NULL && w->gp.has_cplc)
		find_chip(w);
	identify(w);
	w->card.dialect = &load_globalplatform;
	return true;
}
