/* Installing a CAP file as a transaction.
 *
 *   CAP file -> limits of the chip -> channel -> registry: what is there? -> memory -> journal: begin
 *     -> [remove a half install] -> INSTALL [for load], LOAD … -> INSTALL [for install] … -> [make selectable …]
 *     -> registry: is everything there and selectable? -> journal: end
 *
 * The card itself keeps what matters: a load file that was not loaded to its end is none (GPC 9.3.5); a load file
 * without applications can be used by nobody; an application that is installed and not selectable can be selected by
 * nobody. With one application the last command installs it and makes it selectable in one; with several all are
 * installed before the first becomes selectable (there is no command that makes several so at once). So whatever stops
 * us, the registry says how far it went, to any terminal, and the next install or delete finishes or removes it. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/cap/cap.h"
#include "runtime/crypto/sha256.h"
#include "runtime/load/javacard/load_file.h"
#include "runtime/load/javacard/package.h"
#include "runtime/load/javacard/receipt.h"
#include "runtime/load/loader.h"

enum start { START_REFUSED, START_FRESH, START_RESUME, START_REMOVE, START_FINISHED };

struct install {
	struct loader *w;
	struct session *s;
	const struct gp_install_options *o;
	struct gp_install_report *r;
	struct cap cap;
	struct load_file file;
	struct buf parameters; /* C9 … */
	struct aid applet[GP_INSTANCES];
	struct journal journal;
	uint8_t digest[JOURNAL_DIGEST], values[JOURNAL_DIGEST];
	bool loaded; /* the load file is on the card (resume) */
	bool clear;  /* the AP is personalised in clear when it stands */
	enum have { HAVE_NOT, HAVE_INSTALLED, HAVE_USABLE } have[GP_INSTANCES];
};

static struct srcloc on_card(const struct install *in)
{
	return (struct srcloc){.file = in->s->name};
}

/* --- before the card is asked --- */

static bool take_applets(struct install *in)
{
	struct diag_list *d = in->s->diags;
	struct srcloc at = {.file = in->o->name};
	const struct gp_install_options *o = in->o;
	char text[2 * AID_MAX + 1];
	for (size_t i = 0; !o->load_only && i < in->cap.n_applets && in->r->n < GP_INSTANCES; i++) {
		struct aid a;
		aid_take(&a, in->cap.applet[i].aid.p, in->cap.applet[i].aid.n);
		if (o->applet.n != 0 && !aid_equal(&a, &o->applet))
			continue;
		in->applet[in->r->n] = a;
		in->r->instance[in->r->n++] = o->instance.n != 0 ? o->instance : a;
	}
	if (o->applet.n != 0 && in->r->n == 0)
		return diag_add(d, at, DIAG_GP_NO_APPLET, hex_encode(text, o->applet.p, o->applet.n), NULL);
	if (in->r->n > 1 && (o->instance.n != 0 || o->parameters.n != 0))
		return diag_add(d, at, DIAG_GP_INSTANCE_WHICH, diag_num(in->r->n), NULL);
	return true;
}

/* A code of what the applications get, meaningless without the folder's key. */
static bool digest_values(struct install *in)
{
	struct buf all = {0};
	for (size_t i = 0; i < in->r->n; i++) {
		buf_u8(&all, (unsigned)in->r->instance[i].n);
		buf_add(&all, in->r->instance[i].p, in->r->instance[i].n);
	}
	buf_add(&all, in->o->privileges, GP_PRIVILEGES);
	buf_add(&all, in->parameters.p, in->parameters.n);
	const struct gp_ap *ap = in->o->ap;
	for (size_t i = 0; ap != NULL && i < ap->img->n_holes; i++) {
		const struct image_hole *h = &ap->img->hole[i];
		buf_add(&all, h->name, strlen(h->name) + 1);
		values_stored(ap->values, h, &all);
	}
	bool ok = !all.bad && folder_code(&in->w->folder, NULL, 0, all.p, all.n, in->values);
	buf_reset(&all);
	return ok;
}

/* "import.javacard.framework" of the profile; false when it does not say. */
static bool chip_import(const struct chip *chip, const char *package, uint32_t *version)
{
	char id[80];
	int n = snprintf(id, sizeof id, "import.%s", package);
	for (int i = 7; i < n && i < (int)sizeof id; i++)
		if (id[i] == '/')
			id[i] = '.';
	for (int f = 0; f < CHIP_FACTS; f++)
		if (strcmp(chip_fact_id((enum chip_fact_name)f), id) == 0 && chip->fact[f].present) {
			*version = chip->fact[f].number;
			return true;
		}
	return false;
}

static bool version_fits(api_version wanted, uint32_t has)
{
	return wanted >> 8 == has >> 8 && (wanted & 0xff) <= (has & 0xff);
}

/* What the profile of a known chip says is not asked of the card again, and costs it no writes. */
static bool chip_allows(struct install *in)
{
	const struct chip *chip = in->w->card.chip;
	char wanted[16], has[16];
	bool ok = true;
	if (chip == NULL || in->o->force)
		return true;
	if (chip_fact_is(chip, CHIP_GP_LOADING, "closed"))
		ok = diag_add(
		    in->s->diags, on_card(in), DIAG_GP_CLOSED, chip->name, chip->fact[CHIP_GP_LOADING].source, NULL);
	for (size_t i = 0; i < in->cap.n_imports; i++) {
		const struct cap_import *m = &in->cap.import[i];
		uint32_t version;
		if (m->api == NULL || !chip_import(chip, m->api->name, &version) || version_fits(m->version, version))
			continue;
		snprintf(wanted, sizeof wanted, "%u.%u", m->version >> 8, m->version & 0xffu);
		snprintf(has, sizeof has, "%u.%u", (unsigned)version >> 8, (unsigned)version & 0xffu);
		ok = diag_add(in->s->diags, (struct srcloc){.file = in->o->name}, DIAG_GP_IMPORT, m->api->name, wanted,
		    chip->name, has, NULL);
	}
	return ok;
}

static bool prepare(struct install *in)
{
	struct diag_list *d = in->s->diags;
	const struct gp_install_options *o = in->o;
	struct buf block = {0};
	if (!cap_open(&in->cap, o->cap, o->cap_len, o->name, d))
		return false;
	aid_take(&in->r->package, in->cap.aid.p, in->cap.aid.n);
	if (!take_applets(in) || !chip_allows(in))
		return false;
	gp_install_parameters(&in->parameters, o->parameters, o->volatile_quota, o->persistent_quota);
	cap_load_data(&in->cap, false, &block);
	bool ok = !block.bad && !in->parameters.bad && sha256(block.p, block.n, in->digest) && digest_values(in);
	ok = ok ? load_file_make(&in->file, in->w, &in->r->package, &block, o, d)
		: diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	buf_reset(&block);
	in->r->load_file = in->file.bytes.n;
	return ok &&
	    journal_open(&in->journal, &in->w->folder, in->w->card.identity, in->r->package.p, in->r->package.n, d);
}

/* --- what is on the card --- */

static enum start refuse_aid(struct install *in, const struct aid *instance, const struct gp_entry *e)
{
	char mine[2 * AID_MAX + 1], theirs[2 * AID_MAX + 1];
	diag_add(in->s->diags, on_card(in), DIAG_GP_AID_TAKEN, hex_encode(mine, instance->p, instance->n),
	    hex_encode(theirs, e->load_file.p, e->load_file.n), NULL);
	return START_REFUSED;
}

static bool ours(const struct install *in)
{
	const struct journal *j = &in->journal;
	return memcmp(j->image, in->digest, JOURNAL_DIGEST) == 0 && wipe_equal(j->values, in->values, JOURNAL_DIGEST);
}

/* Where an interrupted install of ours stopped. */
static void note_instances(struct install *in, const struct gp_registry *r)
{
	in->loaded = true;
	for (size_t i = 0; i < in->r->n; i++) {
		const struct gp_entry *e = gp_registry_find(r, &in->r->instance[i]);
		in->have[i] = e == NULL ? HAVE_NOT : package_usable(e) ? HAVE_USABLE : HAVE_INSTALLED;
	}
}

/* The package is there. Nobody can use it when none of its applications is selectable: then it is a half install (or a
 * library that nobody has use for yet). */
static enum start package_there(struct install *in, const struct gp_registry *r, const struct gp_entry *package)
{
	struct package_use u;
	char aid[2 * AID_MAX + 1], version[12] = "?";
	package_use(r, &in->r->package, &u);
	if (in->o->ap != NULL && in->o->ap->half)
		u.usable = 0; /* selectable, and of no use to anybody yet */
	bool known = in->journal.state == JOURNAL_INSTALLING && in->w->card.sure && ours(in);
	if (in->journal.state == JOURNAL_INSTALLED && ours(in) && u.usable == in->r->n && u.n == in->r->n)
		return START_FINISHED;
	if (in->r->n != 0 && known && !in->o->no_resume) {
		note_instances(in, r);
		return START_RESUME;
	}
	if ((u.usable == 0 && in->r->n != 0) || in->o->force)
		return START_REMOVE;
	if (package->has_version)
		snprintf(version, sizeof version, "%u.%u", package->version[0], package->version[1]);
	diag_add(in->s->diags, on_card(in), DIAG_GP_PACKAGE_THERE, hex_encode(aid, in->r->package.p, in->r->package.n),
	    version, diag_num(u.n), NULL);
	return START_REFUSED;
}

static enum start look(struct install *in)
{
	struct gp_registry r = {0};
	enum start start = START_REFUSED;
	if (!gp_open(in->w, &in->journal) || !gp_registry_load(in->w, GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r))
		goto out;
	for (size_t i = 0; i < in->r->n; i++) {
		const struct gp_entry *e = gp_registry_find(&r, &in->r->instance[i]);
		if (e != NULL && e->scope == GP_SCOPE_APPLICATIONS && !package_made(&r, &in->r->package, e)) {
			start = refuse_aid(in, &in->r->instance[i], e);
			goto out;
		}
	}
	const struct gp_entry *package = package_find(&r, &in->r->package);
	start = package == NULL ? START_FRESH : package_there(in, &r, package);
out:
	gp_registry_reset(&r);
	return start;
}

/* Free memory is asked for before the first write; a card that does not tell is taken at its word later. */
static bool has_room(struct install *in)
{
	struct gp_resources free;
	bool there;
	if (in->loaded || in->s->dry)
		return true;
	if (!gp_get_data(in->w, 0xff21, &there))
		return false;
	if (!there || !gp_resources_read(&free, in->s->data.p, in->s->data.n) || free.persistent >= in->file.block.n)
		return true;
	return diag_add(
	    in->s->diags, on_card(in), DIAG_GP_NO_ROOM, diag_num(in->file.block.n), diag_num(free.persistent), NULL);
}

/* --- journal --- */

static bool enter_begin(struct install *in, const char *mode)
{
	char image[2 * JOURNAL_DIGEST + 1], values[2 * JOURNAL_DIGEST + 1], version[12];
	if (in->s->dry)
		return true;
	snprintf(version, sizeof version, "%u.%u", in->cap.version >> 8, in->cap.version & 0xffu);
	return journal_add(&in->journal, in->s->diags, "install-begin", "image",
	    hex_encode(image, in->digest, JOURNAL_DIGEST), "values", hex_encode(values, in->values, JOURNAL_DIGEST),
	    "id", in->cap.name[0] == 0 ? "-" : in->cap.name, "version", version, "chip",
	    in->w->card.chip_name == NULL ? "-" : in->w->card.chip_name, "mode", mode, "link", in->w->link.name, NULL);
}

static bool enter(struct install *in, const char *event, const char *result)
{
	return in->s->dry || journal_add(&in->journal, in->s->diags, event, "result", result, NULL);
}

/* --- doing it --- */

/* C.5.2 */
static struct buf confirmed(const struct install *in, size_t i)
{
	struct buf covers = {0};
	receipt_covers(&covers, &in->r->package);
	receipt_covers(&covers, &in->r->instance[i]);
	return covers;
}

/* One application. all: make it selectable at once. */
static bool make(struct install *in, size_t i, bool all)
{
	struct buf data = {0}, covers = confirmed(in, i);
	unsigned p1 = GP_FOR_INSTALL | (all ? GP_FOR_SELECTABLE : 0);
	gp_install_for_install(&data, &in->r->package, &in->applet[i], &in->r->instance[i], in->o->privileges,
	    (struct bytes){in->parameters.p, in->parameters.n});
	bool ok = token_put(&data, p1, in->o->by.install_token, in->o->by.token_key, in->s->diags) &&
	    receipt_do(in->w, GP_STEP_FOR_INSTALL, GP_INSTALL | p1 << 8, &data, &covers);
	buf_reset(&data);
	buf_reset(&covers);
	return ok;
}

static bool make_selectable(struct install *in, size_t i)
{
	struct buf data = {0}, covers = confirmed(in, i);
	gp_install_for_selectable(&data, &in->r->instance[i], in->o->privileges);
	bool ok = token_put(&data, GP_FOR_SELECTABLE, (struct bytes){0}, in->o->by.token_key, in->s->diags) &&
	    receipt_do(in->w, GP_STEP_FOR_SELECTABLE, GP_INSTALL | GP_FOR_SELECTABLE << 8, &data, &covers);
	buf_reset(&data);
	buf_reset(&covers);
	return ok;
}

/* All are installed before the first becomes selectable. */
static bool make_all(struct install *in)
{
	if (in->r->n == 1 && in->have[0] == HAVE_NOT)
		return make(in, 0, true);
	for (size_t i = 0; i < in->r->n; i++)
		if (in->have[i] == HAVE_NOT && !make(in, i, false))
			return false;
	for (size_t i = 0; i < in->r->n; i++)
		if (in->have[i] != HAVE_USABLE && !make_selectable(in, i))
			return false;
	return true;
}

static bool is_personalised(const struct install *in)
{
	return in->have[0] == HAVE_USABLE && in->o->ap != NULL && !in->o->ap->half;
}

static bool carry_out(struct install *in)
{
	if (!in->loaded && !load_file_send(&in->file, in->w, &in->r->package, in->o, &in->r->blocks))
		return false;
	bool personalised = is_personalised(in);
	if (!make_all(in))
		return false;
	if (in->o->ap == NULL || personalised)
		return true;
	if (gp_image_is_clear(in->o->ap->img))
		return in->clear = true;
	return gp_personalise(in->w, &in->r->instance[0], in->o->ap->img, in->o->ap->values);
}

/* The card's own word: everything is there, selectable, and with its privileges. */
static bool prove(struct install *in)
{
	struct gp_registry r = {0};
	const struct aid *missing = NULL;
	char text[2 * AID_MAX + 1];
	bool ok = gp_registry_load(in->w, GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r);
	if (ok && package_find(&r, &in->r->package) == NULL)
		missing = &in->r->package;
	for (size_t i = 0; ok && missing == NULL && i < in->r->n; i++) {
		const struct gp_entry *e = gp_registry_find(&r, &in->r->instance[i]);
		if (e == NULL || !package_usable(e) || memcmp(e->privileges, in->o->privileges, 1) != 0)
			missing = &in->r->instance[i];
	}
	if (ok && missing != NULL)
		ok = diag_add(
		    in->s->diags, on_card(in), DIAG_GP_UNPROVED, hex_encode(text, missing->p, missing->n), NULL);
	gp_registry_reset(&r);
	/* The loader's rights end here: what follows is what anybody sees. */
	if (ok && in->o->ap != NULL)
		ok = loader_reset(in->w) &&
		    (!in->clear ||
			(gp_personalise_clear(in->w, in->o->ap->img, in->o->ap->values) && loader_reset(in->w))) &&
		    verify_ap(
			in->s, in->w->card.dialect, in->o->ap->img, in->o->ap->values, VERIFY_PROBE, in->o->ap->verify);
	if (!ok && in->o->ap != NULL && !in->s->lost)
		diag_add(in->s->diags, on_card(in), DIAG_INSTALL_UNPROVEN, NULL);
	return ok;
}

/* --- removing --- */

static bool remove_all(struct install *in)
{
	if (!package_remove(in->w, &in->r->package, &in->o->by))
		return false;
	return enter(in, "removed", "absent");
}

/* The registry after a refusal. Whether the card took the refused command into its chain of MACs is not known, and a
 * wrong MAC ends its channel: then it is opened again, which is no risk, since the keys were right in this run. */
static bool look_again(struct install *in, struct gp_registry *r)
{
	struct gp_card *g = &in->w->gp;
	struct diag_list *said = in->s->diags, first = {0};
	const unsigned scopes = GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES;
	in->s->diags = &first;
	g->selected = g->channel.open;
	bool ok = gp_open(in->w, &in->journal) && gp_registry_load(in->w, scopes, r);
	in->s->diags = said;
	if (!ok && !in->s->lost) {
		diag_reset(&first);
		gp_registry_reset(r);
		gp_channel_close(&g->channel);
		g->selected = false;
		ok = gp_open(in->w, &in->journal) && gp_registry_load(in->w, scopes, r);
	}
	diag_take(said, &first);
	diag_reset(&first);
	return ok;
}

/* After a failure on a card that still answers: leave nothing. */
static void roll_back(struct install *in)
{
	struct gp_registry r = {0};
	if (in->s->lost || in->s->dry) {
		enter(in, "interrupted", "link-lost");
		return;
	}
	struct diag_list *d = in->s->diags;
	if (!look_again(in, &r)) {
		diag_add(d, on_card(in), DIAG_ROLLBACK_FAILED, NULL);
	} else if (package_find(&r, &in->r->package) == NULL) {
		enter(in, "install-end", "failed");
	} else if (remove_all(in)) {
		in->r->rolled_back = true;
		diag_add(d, on_card(in), DIAG_ROLLED_BACK, NULL);
	} else
		diag_add(d, on_card(in), DIAG_ROLLBACK_FAILED, NULL);
	gp_registry_reset(&r);
}

static bool clear_way(struct install *in, enum start start)
{
	in->r->resumed = start == START_RESUME;
	if (in->r->resumed)
		diag_add(in->s->diags, on_card(in), DIAG_HALF_RESUMED, NULL);
	if (start != START_REMOVE)
		return true;
	if (!remove_all(in))
		return false;
	in->r->removed_half = true;
	diag_add(in->s->diags, on_card(in), DIAG_HALF_REMOVED, NULL);
	return true;
}

static bool work(struct install *in, enum start start)
{
	static const char *const mode[] = {
	    [START_FRESH] = "fresh", [START_RESUME] = "resume", [START_REMOVE] = "after-removal"};
	if (!has_room(in) || !clear_way(in, start) || !enter_begin(in, mode[start]))
		return false;
	if (!carry_out(in)) {
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
	if (!prove(in)) {
		roll_back(in);
		return false;
	}
	in->r->outcome = INSTALL_DONE;
	return enter(in, "install-end", "operational");
}

static bool finish(struct install *in)
{
	if (!prove(in))
		return false;
	in->r->outcome = INSTALL_ALREADY;
	diag_add(in->s->diags, on_card(in), DIAG_ALREADY_INSTALLED, NULL);
	return true;
}

bool gp_install(struct loader *w, const struct gp_install_options *o, struct gp_install_report *r)
{
	struct install in = {.w = w, .s = &w->session, .o = o, .r = r, .journal = {.fd = -1}};
	*r = (struct gp_install_report){.outcome = INSTALL_FAILED};
	enum start start = prepare(&in) ? look(&in) : START_REFUSED;
	bool ok = start == START_FINISHED ? finish(&in) : start != START_REFUSED && work(&in, start);
	memcpy(r->journal, in.journal.head, JOURNAL_DIGEST);
	journal_close(&in.journal);
	load_file_reset(&in.file);
	buf_reset(&in.parameters);
	cap_close(&in.cap);
	return ok;
}
