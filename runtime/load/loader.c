#include "runtime/load/loader.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"

/* A card that no profile of a native chip has by its ATR is asked whether it is a GlobalPlatform card. */
static bool recognise_managed(struct loader *w, const struct image *img)
{
	bool managed = w->card.dialect != NULL && w->card.dialect->managed;
	if (!managed && (w->card.chip_name != NULL || img != NULL))
		return true;
	w->session.channel = &w->gp.channel;
	return gp_recognise(w);
}

static bool attach(struct loader *w, const struct image *img, bool need, struct diag_list *d)
{
	const struct loader_options *o = w->options;
	if (o->record != NULL && !link_record(&w->link, o->record, d))
		return false;
	if (o->trace != NULL && !link_trace(&w->link, o->trace, o->lang))
		return diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	if (!card_recognise(&w->card, &w->arena, &w->link, &o->given, img, d) || !recognise_managed(w, img) ||
	    (need && !card_known(&w->card, &w->link, &o->given, d)))
		return false;
	w->has_folder = folder_open(&w->folder, o->journal, d);
	return w->has_folder;
}

static void prepare(struct loader *w, const struct loader_options *o, struct progress *progress, struct diag_list *d)
{
	*w = (struct loader){.options = o};
	w->session =
	    (struct session){.link = &w->link, .name = o->given.name, .diags = d, .progress = progress, .dry = o->dry};
}

bool loader_open(struct loader *w, const struct loader_options *o, const struct image *img, bool need,
    struct progress *progress, struct diag_list *d)
{
	prepare(w, o, progress, d);
	return link_open(&w->link, o->given.name, d) && attach(w, img, need, d);
}

bool loader_on(struct loader *w, const struct link *l, const struct loader_options *o, const struct image *img,
    bool need, struct progress *progress, struct diag_list *d)
{
	prepare(w, o, progress, d);
	w->link = *l;
	return attach(w, img, need, d);
}

void loader_close(struct loader *w)
{
	gp_end(w);
	gp_channel_close(&w->gp.channel);
	link_close(&w->link); /* resets the card if a secret was presented */
	session_free(&w->session);
	folder_close(&w->folder);
	arena_free(&w->arena);
}

bool loader_key(struct loader *w, struct loading_key *key)
{
	return key_find(
	    &w->options->keys, w->card.chip_name, w->card.dialect, w->link.simulated, key, w->session.diags);
}

bool loader_prove(struct loader *w, const struct loading_key *key, struct journal *j)
{
	if (w->proved)
		return true;
	struct auth a = {.key = key, .folder = &w->folder, .card = w->card.identity, .last_try = w->options->last_try};
	w->proved = auth_prove(&a, &w->session, w->card.dialect, j);
	return w->proved;
}

bool loader_enter(struct loader *w, const char *event, const char *result)
{
	struct journal j;
	bool ok = journal_open(&j, &w->folder, w->card.identity, NULL, 0, w->session.diags) &&
	    journal_add(&j, w->session.diags, event, "result", result, NULL);
	journal_close(&j);
	return ok;
}

bool loader_reset(struct loader *w)
{
	w->proved = false;
	return w->session.dry ? true : session_reset(&w->session);
}

bool loader_bad_state(struct loader *w, const struct ap *ap, const uint8_t *aid, size_t n)
{
	char mine[2 * AID_MAX + 1], theirs[2 * AID_MAX + 1];
	struct srcloc at = {.file = w->session.name};
	hex_encode(mine, aid, n);
	if (ap->state == AP_OTHER && ap->aid_len > n)
		return diag_add(
		    w->session.diags, at, DIAG_AP_NAME_CLASH, mine, hex_encode(theirs, ap->aid, ap->aid_len), NULL);
	if (ap->state == AP_OTHER) {
		w->session.sw = ap->sw;
		return session_refused(&w->session, DIAG_AP_UNKNOWN_STATE, mine);
	}
	return diag_add(w->session.diags, at, DIAG_AP_STATE, mine, ap_state_text(ap->state, "en"),
	    ap_state_text(ap->state, "ja"), NULL);
}

uint16_t loader_df_hint(const struct image *img, const struct journal *j)
{
	struct script script = {0};
	struct diag_list quiet = {0};
	uint16_t df = j->df;
	if (img != NULL) {
		const struct buf *text = &img->entry[IMAGE_PAYLOAD];
		if (script_read(&script, text->p, text->n, "payload/script", &quiet))
			df = script.df;
		script_reset(&script);
		diag_reset(&quiet);
	}
	return df;
}
