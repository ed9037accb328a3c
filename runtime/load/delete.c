/* Deleting an AP with everything in it. The card does it in one command, all or nothing; what was begun and not ended
 * is recognised from the card: the AP is there, or it is not. */
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/load/loader.h"

struct deletion {
	struct loader *w;
	const uint8_t *aid;
	size_t n;
	const struct image *img;
	struct delete_report *r;
	struct loading_key key;
	struct journal journal;
	struct ap ap;
};

static bool enter(struct deletion *x, const char *event)
{
	return x->w->session.dry || journal_add(&x->journal, x->w->session.diags, event, "link", x->w->link.name, NULL);
}

static bool absent(struct deletion *x)
{
	char aid[2 * AID_MAX + 1];
	struct srcloc at = {.file = x->w->session.name};
	hex_encode(aid, x->aid, x->n);
	if (x->journal.state == JOURNAL_DELETING) {
		diag_add(x->w->session.diags, at, DIAG_DELETE_FINISHED, aid, NULL);
		return enter(x, "removed");
	}
	return diag_add(x->w->session.diags, at, DIAG_AP_ABSENT, aid, NULL);
}

static bool carry_out(struct deletion *x)
{
	struct session *s = &x->w->session;
	struct ap after;
	const struct load_dialect *dialect = x->w->card.dialect;
	if (!loader_key(x->w, &x->key) || !loader_prove(x->w, &x->key, &x->journal) || !enter(x, "delete-begin"))
		return false;
	if (!dialect->remove(s, &x->ap, loader_df_hint(x->img, &x->journal))) {
		if (!s->lost) /* a link that broke leaves open whether the card did it */
			enter(x, "delete-refused");
		return false;
	}
	if (s->dry)
		return true;
	if (!loader_reset(x->w) || !dialect->state(s, x->aid, x->n, &after))
		return false;
	if (after.state != AP_ABSENT)
		return loader_bad_state(x->w, &after, x->aid, x->n);
	x->r->memory = x->ap.memory;
	return enter(x, "removed");
}

static bool work(struct deletion *x)
{
	struct session *s = &x->w->session;
	if (!journal_open(&x->journal, &x->w->folder, x->w->card.identity, x->aid, x->n, s->diags) ||
	    !x->w->card.dialect->state(s, x->aid, x->n, &x->ap))
		return false;
	x->r->before = x->ap.state;
	if (x->ap.state == AP_ABSENT)
		return absent(x);
	return x->ap.state == AP_OTHER ? loader_bad_state(x->w, &x->ap, x->aid, x->n) : carry_out(x);
}

bool load_delete(struct loader *w, const uint8_t *aid, size_t n, const struct image *img, struct delete_report *r)
{
	struct deletion x = {.w = w, .aid = aid, .n = n, .img = img, .r = r, .journal = {.fd = -1}};
	*r = (struct delete_report){0};
	bool ok = work(&x);
	memcpy(r->journal, x.journal.head, JOURNAL_DIGEST);
	wipe(&x.key, sizeof x.key);
	journal_close(&x.journal);
	return ok;
}
