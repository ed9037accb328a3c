/* What is on a card, by its own word: without any key, changing nothing. */
#include "runtime/load/loader.h"

/* A chip that cannot enumerate is asked for every AP that this terminal ever had to do with. */
static bool ask_known(struct loader *w, struct card_report *r)
{
	struct journal_aid known[CARD_APS];
	size_t n = 0;
	if (!journal_aids(&w->folder, w->card.identity, known, CARD_APS, &n))
		return true;
	for (size_t i = 0; i < n; i++) {
		struct ap *ap = &r->ap[r->n];
		if (!w->card.dialect->state(&w->session, known[i].aid, known[i].len, ap))
			return false;
		if (ap->state == AP_ABSENT)
			continue;
		ap->fid = ap->fid != 0 ? ap->fid : known[i].df;
		r->n++;
	}
	return true;
}

bool load_list(struct loader *w, struct card_report *r)
{
	const struct chip *chip = w->card.chip;
	const struct load_dialect *dialect = w->card.dialect;
	*r = (struct card_report){.tries = TRIES_UNKNOWN, .complete = dialect->enumerate != NULL};
	bool ok =
	    dialect->enumerate != NULL ? dialect->enumerate(&w->session, r->ap, CARD_APS, &r->n) : ask_known(w, r);
	progress_end(w->session.progress);
	if (chip != NULL && chip->fact[CHIP_MEMORY].present)
		r->memory = chip->fact[CHIP_MEMORY].number;
	for (size_t i = 0; i < r->n; i++)
		r->used += r->ap[i].memory;
	return ok && dialect->tries(&w->session, &r->tries);
}
