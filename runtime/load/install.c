/* Installing as a transaction.
 *
 *   image (checked by image_read) -> trust -> values -> key -> what is on the card? -> journal: begin
 *     -> prove the key -> half install: resume or remove -> script -> reset -> the card's own word, probe -> journal:
 * end
 *
 * Until the last step of the script the card lets nobody use the AP without the loading key. So whatever stops us, the
 * card holds nothing, a half install, or the whole AP, and says which. */
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/load/loader.h"
#include "runtime/load/script_run.h"
#include "runtime/load/trust.h"

enum start {
	START_REFUSED,
	START_FRESH,
	START_RESUME,
	START_REMOVE,   /* remove the half install, then fresh */
	START_FINISHED, /* it is all there: verify */
};

struct install {
	struct loader *w;
	struct session *s;
	const struct image *img;
	const struct value_set *values;
	const struct install_options *o;
	struct install_report *r;
	struct script script;
	struct script_run run;
	struct loading_key key;
	struct journal journal;
	uint8_t digest[JOURNAL_DIGEST]; /* of the values */
	struct ap ap;                   /* as found */
};

static struct srcloc on_card(const struct install *in)
{
	return (struct srcloc){.file = in->s->name};
}

/* --- before the card is asked --- */

static bool read_script(struct install *in)
{
	const struct buf *text = &in->img->entry[IMAGE_PAYLOAD];
	if (!script_read(&in->script, text->p, text->n, "payload/script", in->s->diags))
		return false;
	in->run = (struct script_run){
	    .dialect = in->w->card.dialect, .script = &in->script, .image = in->img, .values = in->values};
	in->r->steps = in->script.n_steps;
	return true;
}

/* A code of the values that means nothing without the folder's key and the loading key: PINs are short. */
static bool digest_values(struct install *in)
{
	struct buf all = {0};
	for (size_t i = 0; i < in->img->n_holes; i++) {
		const struct image_hole *h = &in->img->hole[i];
		size_t before = all.n;
		buf_u32(&all, 0);
		if (!values_stored(in->values, h, &all))
			continue;
		uint32_t n = (uint32_t)(all.n - before - 4);
		for (int k = 0; k < 4; k++)
			all.p[before + (size_t)k] = (uint8_t)(n >> (24 - 8 * k));
		buf_add(&all, h->name, strlen(h->name) + 1);
	}
	bool ok = !all.bad && folder_code(&in->w->folder, in->key.bytes, in->key.n, all.p, all.n, in->digest);
	buf_reset(&all);
	return ok ? true : diag_add(in->s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
}

/* What cannot be taken back is asked about first. */
static bool may_be_permanent(struct install *in)
{
	const struct chip *chip = in->w->card.chip;
	if (chip == NULL || chip_fact_is(chip, CHIP_DELETE, "reclaim"))
		return true;
	if (chip_fact_is(chip, CHIP_DELETE, "last"))
		return diag_add(in->s->diags, on_card(in), DIAG_DELETE_LAST, chip->name, NULL) || true;
	return in->o->permanent ? true : diag_add(in->s->diags, on_card(in), DIAG_DELETE_NEVER, chip->name, NULL);
}

/* The proof at the end is read at the beginning: an AP is not activated that could not be proved then. */
static bool probe_is_good(struct install *in)
{
	const struct buf *text = &in->img->entry[IMAGE_PROBE];
	struct suite *s = suite_parse(text->p, text->n, image_entry_path(IMAGE_PROBE), in->s->diags);
	suite_free(s);
	return s != NULL;
}

static bool prepare(struct install *in)
{
	const struct image_manifest *m = &in->img->manifest;
	return trust_allows(in->img, in->w->link.simulated, in->o->accept_test_signed, in->s->diags) &&
	    values_check(in->values, in->img, in->s->diags) && read_script(in) && probe_is_good(in) &&
	    loader_key(in->w, &in->key) && digest_values(in) &&
	    journal_open(&in->journal, &in->w->folder, in->w->card.identity, m->aid, m->aid_len, in->s->diags);
}

/* --- what is on the card --- */

static enum start start_operational(struct install *in)
{
	const struct journal *j = &in->journal;
	char aid[2 * AID_MAX + 1];
	hex_encode(aid, in->script.aid, in->script.aid_len);
	if (j->state != JOURNAL_NOTHING && memcmp(j->image, in->img->digest, JOURNAL_DIGEST) == 0) {
		if (wipe_equal(j->values, in->digest, JOURNAL_DIGEST))
			return START_FINISHED;
		diag_add(in->s->diags, on_card(in), DIAG_AP_OTHER_VALUES, aid, NULL);
		return START_REFUSED;
	}
	diag_add(in->s->diags, on_card(in), DIAG_AP_OPERATIONAL, aid, NULL);
	return START_REFUSED;
}

/* Resuming is for the very same: image, values, and a card that cannot be another one. */
static enum start start_half(const struct install *in)
{
	const struct journal *j = &in->journal;
	bool same = j->state == JOURNAL_INSTALLING && in->w->card.sure && !in->o->no_resume &&
	    memcmp(j->image, in->img->digest, JOURNAL_DIGEST) == 0 && wipe_equal(j->values, in->digest, JOURNAL_DIGEST);
	return same ? START_RESUME : START_REMOVE;
}

static enum start look(struct install *in)
{
	if (!in->w->card.dialect->state(in->s, in->script.aid, in->script.aid_len, &in->ap))
		return START_REFUSED;
	switch (in->ap.state) {
	case AP_ABSENT:
		return START_FRESH;
	case AP_HALF:
		return start_half(in);
	case AP_OPERATIONAL:
		return start_operational(in);
	case AP_BLOCKED:
	case AP_TERMINATED:
	case AP_OTHER:
		break;
	}
	loader_bad_state(in->w, &in->ap, in->script.aid, in->script.aid_len);
	return START_REFUSED;
}

/* --- journal --- */

static bool enter_begin(struct install *in, const char *mode)
{
	char image[2 * JOURNAL_DIGEST + 1], values[2 * JOURNAL_DIGEST + 1], df[5];
	uint8_t fid[2] = {(uint8_t)(in->script.df >> 8), (uint8_t)in->script.df};
	const struct image_manifest *m = &in->img->manifest;
	if (in->s->dry)
		return true;
	return journal_add(&in->journal, in->s->diags, "install-begin", "image",
	    hex_encode(image, in->img->digest, JOURNAL_DIGEST), "values",
	    hex_encode(values, in->digest, JOURNAL_DIGEST), "id", m->id, "version", m->version, "chip", m->chip, "df",
	    hex_encode(df, fid, 2), "mode", mode, "link", in->w->link.name, NULL);
}

static bool enter(struct install *in, const char *event, const char *result)
{
	if (in->s->dry)
		return true;
	return journal_add(&in->journal, in->s->diags, event, "result", result, NULL);
}

/* --- removing --- */

/* Remove the half install (or, after a failed proof, the AP) and make sure that it is gone. */
static bool remove_found(struct install *in)
{
	struct ap ap;
	const struct load_dialect *dialect = in->w->card.dialect;
	if (!dialect->remove(in->s, &in->ap, in->script.df))
		return false;
	if (in->s->dry)
		return true;
	if (!dialect->state(in->s, in->script.aid, in->script.aid_len, &ap))
		return false;
	if (ap.state != AP_ABSENT)
		return loader_bad_state(in->w, &ap, in->script.aid, in->script.aid_len);
	return enter(in, "removed", "absent");
}

/* After a failure on a card that still answers: leave nothing. */
static void roll_back(struct install *in)
{
	if (in->s->lost) {
		enter(in, "interrupted", "link-lost");
		return;
	}
	bool looked = in->w->card.dialect->state(in->s, in->script.aid, in->script.aid_len, &in->ap);
	if (looked && in->ap.state == AP_ABSENT) {
		enter(in, "install-end", "failed");
		return;
	}
	if (looked && loader_prove(in->w, &in->key, &in->journal) && remove_found(in)) {
		in->r->rolled_back = true;
		diag_add(in->s->diags, on_card(in), DIAG_ROLLED_BACK, NULL);
		return;
	}
	diag_add(in->s->diags, on_card(in), DIAG_ROLLBACK_FAILED, NULL);
}

/* --- doing it --- */

static bool clear_way(struct install *in, enum start start)
{
	in->run.resume = start == START_RESUME;
	in->r->resumed = in->run.resume;
	if (start == START_RESUME)
		diag_add(in->s->diags, on_card(in), DIAG_HALF_RESUMED, NULL);
	if (start != START_REMOVE)
		return true;
	if (!remove_found(in))
		return false;
	in->r->removed_half = true;
	diag_add(in->s->diags, on_card(in), DIAG_HALF_REMOVED, NULL);
	return true;
}

/* The loader's rights end here: what follows is what anybody sees. */
static bool prove_result(struct install *in)
{
	return loader_reset(in->w) &&
	    verify_ap(in->s, in->w->card.dialect, in->img, in->values, VERIFY_PROBE, &in->r->verify);
}

static bool carry_out(struct install *in, enum start start)
{
	static const char *const mode[] = {
	    [START_FRESH] = "fresh", [START_RESUME] = "resume", [START_REMOVE] = "after-removal"};
	if (!may_be_permanent(in) || !loader_prove(in->w, &in->key, &in->journal) || !clear_way(in, start) ||
	    !enter_begin(in, mode[start]))
		return false;
	if (!in->w->card.dialect->begin(in->s) || !script_run(&in->run, in->s)) {
		progress_end(in->s->progress);
		roll_back(in);
		return false;
	}
	progress_end(in->s->progress);
	in->r->commands = in->s->commands;
	if (in->s->dry) {
		in->r->outcome = INSTALL_PLANNED;
		return true;
	}
	if (!prove_result(in)) {
		if (!in->s->lost)
			diag_add(in->s->diags, on_card(in), DIAG_INSTALL_UNPROVEN, NULL);
		roll_back(in);
		return false;
	}
	in->r->outcome = INSTALL_DONE;
	return enter(in, "install-end", "operational");
}

static bool finish(struct install *in)
{
	if (!prove_result(in))
		return false;
	in->r->outcome = INSTALL_ALREADY;
	diag_add(in->s->diags, on_card(in), DIAG_ALREADY_INSTALLED, NULL);
	return in->journal.state == JOURNAL_INSTALLED || enter(in, "install-end", "operational");
}

bool load_install(struct loader *w, const struct image *img, const struct value_set *values,
    const struct install_options *o, struct install_report *r)
{
	struct install in = {
	    .w = w, .s = &w->session, .img = img, .values = values, .o = o, .r = r, .journal = {.fd = -1}};
	*r = (struct install_report){0};
	if (w->card.dialect->managed)
		return gp_install_image(w, img, values, o, r);
	enum start start = prepare(&in) ? look(&in) : START_REFUSED;
	bool ok = start == START_FINISHED ? finish(&in) : start != START_REFUSED && carry_out(&in, start);
	memcpy(r->journal, in.journal.head, JOURNAL_DIGEST);
	wipe(&in.key, sizeof in.key);
	journal_close(&in.journal);
	script_reset(&in.script);
	return ok;
}

bool load_verify(struct loader *w, const struct image *img, const struct value_set *values, enum verify_level level,
    const char *spend, struct verify_report *r)
{
	const struct image_manifest *m = &img->manifest;
	struct journal j = {.fd = -1};
	*r = (struct verify_report){0};
	if (level == VERIFY_FULL && !w->link.simulated && (spend == NULL || strcmp(spend, w->link.name) != 0))
		return diag_add(w->session.diags, (struct srcloc){.file = w->session.name}, DIAG_VERIFY_DESTROYS,
		    w->link.name, NULL);
	bool ok = (level == VERIFY_FULL ? values_check : values_check_given)(values, img, w->session.diags) &&
	    journal_open(&j, &w->folder, w->card.identity, m->aid, m->aid_len, w->session.diags);
	bool good = ok && loader_reset(w) && verify_ap(&w->session, w->card.dialect, img, values, level, r);
	ok = ok &&
	    journal_add(&j, w->session.diags, "verified", "level", verify_level_name(level), "version", m->version,
		"result", good ? "good" : "bad", NULL);
	journal_close(&j);
	return ok && good;
}

void install_report_reset(struct install_report *r)
{
	verify_report_reset(&r->verify);
	*r = (struct install_report){0};
}
