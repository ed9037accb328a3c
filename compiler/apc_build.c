/* apc build FILE: an image for a chip, or for every chip there is a profile of.
 *
 * All images are made before any is written, so that an error leaves nothing behind. With --all-chips a chip that
 * cannot carry the AP is a line of the table and its reasons are notes; for a chip that was named, and with --strict,
 * they are errors. */
#include "compiler/apc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/emit/family.h"
#include "runtime/base/file.h"
#include "runtime/base/json.h"
#include "runtime/image/image.h"
#include "runtime/suite/suite.h"

/* One chip's row. */
struct built {
	const char *chip;
	bool done;
	enum diag_code refused; /* the first error when not */
	struct image *img;
	struct buf archive;
	const char *path;
};

struct job {
	struct cli *c;
	struct arena arena;
	const struct description *ap;
	struct signing_key *key;
	struct buf probe, full; /* the same for every chip */
	struct built *row;
	size_t n;
	bool lenient; /* a refusal is a note */
};

static const struct srcloc nowhere;

static bool no_memory(struct job *job)
{
	return diag_add(&job->c->diags, nowhere, DIAG_NO_MEMORY, NULL);
}

/* Chips in the order they were given, or all. */
static bool name_chips(struct job *job)
{
	struct cli *c = job->c;
	const char **name = NULL;
	size_t at = 0;
	if (cli_has(c, "all-chips") && cli_has(c, "chip"))
		return cli_conflict(c, "all-chips", "chip");
	if (cli_has(c, "all-chips"))
		name = apc_chip_names(c, &job->arena, &job->n);
	else if (cli_has(c, "chip")) {
		name = arena_alloc(&job->arena, c->n_given * sizeof *name);
		for (const char *v; (v = cli_next(c, "chip", &at)) != NULL;)
			name[job->n++] = v;
	} else
		return diag_add(
		    &c->diags, nowhere, DIAG_ARG_NEEDS_ONE, c->program->name, "build", "chip", "all-chips", NULL);
	job->lenient = cli_has(c, "all-chips") && !cli_has(c, "strict");
	job->row = arena_alloc(&job->arena, job->n * sizeof *job->row);
	for (size_t i = 0; name != NULL && i < job->n; i++)
		job->row[i].chip = name[i];
	return name != NULL;
}

/* What does not depend on the chip, and is needed even when all refuse: description and key. */
static bool prepare(struct job *job)
{
	struct cli *c = job->c;
	job->ap = apc_read(c, &job->arena, c->arg[0]);
	if (job->ap == NULL)
		return false;
	return !cli_has(c, "sign") || (job->key = signing_key_load(cli_value(c, "sign"), &c->diags)) != NULL;
}

/* The suites are the same for every chip: the first that carries the AP has them made. */
static bool have_suites(struct job *job)
{
	if (job->probe.n != 0)
		return true;
	return (suite_generate(job->ap->contract, SUITE_PROBE, &job->probe, NULL) &&
		   suite_generate(job->ap->contract, SUITE_FULL, &job->full, NULL)) ||
	    no_memory(job);
}

static bool build_image(struct job *job, struct built *b, struct diag_list *d)
{
	const struct chip *chip = chip_find(&job->arena, cli_value(job->c, "profiles"), b->chip, d);
	if (chip == NULL)
		return false;
	const struct family *family = family_find(chip->family);
	assert(family != NULL && "a family that the schema of profiles has and the compiler has not");
	const struct plan *plan = family->plan(&job->arena, job->ap, chip, cli_has(job->c, "allow-assumed"), d);
	if (plan == NULL || !family->emit(plan, b->img, d) || !have_suites(job))
		return false;
	buf_add(&b->img->entry[IMAGE_PROBE], job->probe.p, job->probe.n);
	buf_add(&b->img->entry[IMAGE_FULL], job->full.p, job->full.n);
	return image_write(b->img, job->key, &b->archive, d);
}

static enum diag_code first_error(const struct diag_list *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->row[i].severity >= DIAG_ERROR)
			return d->row[i].code;
	return (enum diag_code)0;
}

/* Its diagnostics join the others; where refusals are no errors, as notes. */
static void build_one(struct job *job, struct built *b)
{
	struct diag_list d = {0};
	b->img = calloc(1, sizeof *b->img);
	b->done = b->img != NULL ? build_image(job, b, &d) : no_memory(job);
	description_accept(job->ap, &d, 0);
	b->refused = first_error(&d);
	b->done = b->done && b->refused == 0;
	cli_trace(job->c, "%s: %s, %zu bytes", b->chip, b->done ? "built" : "refused", b->archive.n);
	for (size_t i = 0; job->lenient && i < d.n; i++)
		if (d.row[i].severity == DIAG_ERROR)
			d.row[i].severity = DIAG_NOTE;
	diag_take(&job->c->diags, &d);
}

static bool any_done(const struct job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (job->row[i].done)
			return true;
	return false;
}

static bool build_all(struct job *job)
{
	struct diag_list *d = &job->c->diags;
	for (size_t i = 0; i < job->n; i++) {
		progress_step(&job->c->progress, job->row[i].chip, i, job->n);
		build_one(job, &job->row[i]);
	}
	/* When no chip at all is left, the reasons are errors after all. */
	for (size_t i = 0; !any_done(job) && i < d->n; i++)
		d->row[i].severity = diag_severity_of(d->row[i].code) == DIAG_ERROR ? DIAG_ERROR : d->row[i].severity;
	return diag_worst(d) < DIAG_ERROR;
}

/* ---- writing ---- */

static bool make_folder(struct job *job, const char *folder)
{
	if (mkdir(folder, 0777) == 0 || errno == EEXIST)
		return true;
	return diag_add(
	    &job->c->diags, (struct srcloc){.file = folder}, DIAG_FOLDER_MAKE, folder, strerror(errno), NULL);
}

static bool write_all(struct job *job)
{
	const char *folder = cli_value(job->c, "output");
	const struct contract *k = job->ap->contract;
	bool ok = folder == NULL || make_folder(job, folder);
	for (size_t i = 0; ok && i < job->n; i++) {
		struct built *b = &job->row[i];
		if (!b->done)
			continue;
		b->path = arena_printf(&job->arena, "%s%s%s-%s-%s.apimg", folder == NULL ? "" : folder,
		    folder == NULL ? "" : "/", k->id, k->version, b->chip);
		cli_trace(job->c, "write %s", b->path);
		ok = file_write(b->path, b->archive.p, b->archive.n, 0644, &job->c->diags);
	}
	return ok;
}

/* ---- telling ---- */

static void tell_row(struct job *job, const struct built *b)
{
	char code[8];
	if (b->done)
		cli_say(job->c, "%-20s %7zu %7u %-9s %s", b->chip, b->archive.n, (unsigned)b->img->manifest.memory,
		    b->img->manifest.witness, b->path);
	else
		cli_say(job->c, "%-20s %s", b->chip,
		    arena_printf(
			&job->arena, cli_pick(job->c, "refused (%s)", "拒否(%s)"), diag_code_text(b->refused, code)));
}

static void put_built(struct json *j, const struct built *b)
{
	json_put_object(j, NULL);
	json_put_text(j, "chip", b->chip);
	json_put_text(j, "file", b->path);
	json_put_number(j, "bytes", (int64_t)b->archive.n);
	json_put_hex(j, "sha256", b->img->digest, sizeof b->img->digest);
	json_put_number(j, "memory", b->img->manifest.memory);
	json_put_text(j, "witness", b->img->manifest.witness);
	json_put_number(j, "notices", (int64_t)b->img->manifest.n_notices);
	json_put_text(j, "trust", image_trust_word(b->img->trust));
	json_put_end(j);
}

static void tell(struct job *job)
{
	struct json j = json_to(&job->c->result);
	char code[8];
	cli_say(job->c, "%s",
	    cli_pick(job->c, "chip                   bytes  memory witness   file",
		"チップ                バイト  メモリ 根拠      ファイル"));
	json_put_object(&j, NULL);
	json_put_text(&j, "id", job->ap->contract->id);
	json_put_text(&j, "version", job->ap->contract->version);
	json_put_hex(&j, "aid", job->ap->contract->aid, job->ap->contract->aid_len);
	json_put_array(&j, "images");
	for (size_t i = 0; i < job->n; i++) {
		tell_row(job, &job->row[i]);
		if (job->row[i].done)
			put_built(&j, &job->row[i]);
	}
	json_put_end(&j);
	json_put_array(&j, "refused");
	for (size_t i = 0; i < job->n; i++) {
		if (job->row[i].done)
			continue;
		json_put_object(&j, NULL);
		json_put_text(&j, "chip", job->row[i].chip);
		json_put_text(&j, "code", diag_code_text(job->row[i].refused, code));
		json_put_end(&j);
	}
	json_put_end(&j);
	json_put_end(&j);
}

static void free_all(struct job *job)
{
	for (size_t i = 0; i < job->n; i++) {
		if (job->row[i].img != NULL)
			image_reset(job->row[i].img);
		free(job->row[i].img);
		buf_reset(&job->row[i].archive);
	}
	signing_key_free(job->key);
	buf_reset(&job->probe);
	buf_reset(&job->full);
	arena_free(&job->arena);
}

bool apc_build(struct cli *c)
{
	struct job job = {.c = c};
	bool ok = name_chips(&job) && prepare(&job) && build_all(&job) && write_all(&job);
	if (ok)
		tell(&job);
	free_all(&job);
	return ok;
}
