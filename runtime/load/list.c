/* What is on a card, by its own word: without any key, changing nothing. */
#include "runtime/load/loader.h"

/* One AP by its AID, unless it is in the report already. */
static bool ask(struct loader *w, const uint8_t *aid, size_t n, uint16_t df, struct card_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (ap_is(&r->ap[i], aid, n))
			return true;
	if (r->n == CARD_APS)
		return true;
	struct ap *ap = &r->ap[r->n];
	if (!w->card.dialect->state(&w->session, aid, n, ap))
		return false;
	if (ap->state == AP_ABSENT)
		return true;
	ap->fid = ap->fid != 0 ? ap->fid : df;
	r->n++;
	return true;
}

/* A chip that cannot enumerate is asked for every AP that this terminal ever had to do with. */
static bool ask_known(struct loader *w, struct card_report *r)
{
	struct journal_aid known[CARD_APS];
	size_t n = 0;
	bool ok = true;
	if (!journal_aids(&w->folder, w->card.identity, known, CARD_APS, &n))
		return true;
	for (size_t i = 0; i < n && ok; i++)
		ok = ask(w, known[i].aid, known[i].len, known[i].df, r);
	return ok;
}

bool load_list(struct loader *w, const struct aid *more, size_t n, struct card_report *r)
{
	const struct chip *chip = w->card.chip;
	const struct load_dialect *dialect = w->card.dialect;
	*r = (struct card_report){.tries = TRIES_UNKNOWN, .complete = dialect->enumerate != NULL};
	bool ok =
	    dialect->enumerate != NULL ? dialect->enumerate(&w->session, r->ap, CARD_APS, &r->n) : ask_known(w, r);
	progress_end(w->session.progress);
	for (size_t i = 0; i < n && ok; i++)
		ok = ask(w, more[i].p, more[i].n, 0, r);
	if (chip != NULL && chip->fact[CHIP_MEMORY].present)
		r->memory = chip->fact[CHIP_MEMORY].number;
	for (size_t i = 0; i < r->n; i++)
		r->used += r->ap[i].memory;
	ok = ok && dialect->tries(&w->session, &r->tries);
	return loader_enter(w, "listed", ok ? "good" : "bad") && ok;
}
