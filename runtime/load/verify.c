#include "runtime/load/verify.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/tlv.h"
#include "runtime/image/access_map.h"

static const char *const levels[VERIFY_LEVELS] = {
    [VERIFY_IMAGE] = "image", [VERIFY_CARD] = "card", [VERIFY_PROBE] = "probe", [VERIFY_FULL] = "full"};

enum verify_level verify_level_named(const char *name)
{
	int l = 0;
	while (l < VERIFY_LEVELS && strcmp(levels[l], name) != 0)
		l++;
	return (enum verify_level)l;
}

bool verify_in_part(const struct verify_report *r)
{
	for (int l = 0; l < VERIFY_LEVELS; l++)
		if (r->ran[l] && r->suite[l].not_run != 0)
			return true;
	return false;
}

const char *verify_level_name(enum verify_level l)
{
	return levels[l];
}

/* --- rows --- */

static char *copy(struct verify_report *r, const char *text)
{
	char *c = strdup(text);
	if (c == NULL)
		r->lost = true;
	return c;
}

static struct verify_row *add_row(struct verify_report *r, const char *kind, const char *id)
{
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
		struct verify_row *more = realloc(r->row, cap * sizeof *more);
		if (more == NULL) {
			r->lost = true;
			return NULL;
		}
		r->row = more;
		r->cap = cap;
	}
	struct verify_row *row = &r->row[r->n++];
	char name[96];
	snprintf(name, sizeof name, "%s%s%s", kind, id[0] == 0 ? "" : " ", id);
	*row = (struct verify_row){.name = copy(r, name)};
	return row;
}

static char *take_text(struct verify_report *r, struct buf *b)
{
	char *c = copy(r, buf_cstr(b));
	buf_reset(b);
	return c;
}

static char *hex_text(struct verify_report *r, const uint8_t *p, size_t n)
{
	struct buf b = {0};
	char two[3];
	for (size_t i = 0; i < n; i++)
		buf_str(&b, hex_encode(two, p + i, 1));
	return take_text(r, &b);
}

static void put_words(
    struct verify_report *r, struct verify_row *row, const struct load_dialect *dialect, const struct buf *control)
{
	static const char *const lang[2] = {"en", "ja"};
	for (int i = 0; i < 2; i++) {
		struct buf b = {0};
		dialect->words(control->p, control->n, lang[i], &b);
		r->rules_told = r->rules_told || b.n != 0;
		row->words[i] = take_text(r, &b);
	}
}

/* Every data object wanted must be there and equal; others the chip may tell as it likes. What of them is there goes to
 * found. */
static bool agrees(const struct access_file *f, const struct buf *control, struct buf *found)
{
	bool same = true;
	struct rd wanted = rd_of(f->readback, f->readback_len), told;
	for (struct tlv t; tlv_next(&wanted, &t);) {
		if (!tlv_find(rd_of(control->p, control->n), t.tag, &told)) {
			same = false;
			continue;
		}
		tlv_put(found, t.tag, told.p, told.n);
		same = same && told.n == t.value.n && (told.n == 0 || memcmp(told.p, t.value.p, told.n) == 0);
	}
	return same && !wanted.bad && !found->bad;
}

/* --- the card's own word --- */

static bool check_state(
    struct session *s, const struct load_dialect *dialect, const struct image_manifest *m, struct verify_report *r)
{
	struct ap ap;
	char aid[2 * AID_MAX + 1];
	if (!dialect->state(s, m->aid, m->aid_len, &ap))
		return false;
	r->state = ap.state;
	struct verify_row *row = add_row(r, "AP", "");
	if (row == NULL)
		return diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	row->wanted = copy(r, ap_state_name(AP_OPERATIONAL));
	row->found = copy(r, ap_state_name(ap.state));
	row->rules = copy(r, "");
	row->result = ap.state == AP_OPERATIONAL ? VERIFY_OK : VERIFY_DIFFERS;
	struct buf control = {0};
	bool sent = dialect->control(s, m->aid, m->aid_len, 0, &control);
	if (sent)
		put_words(r, row, dialect, &control);
	buf_reset(&control);
	if (sent && ap.state != AP_OPERATIONAL)
		return diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_VERIFY_STATE,
		    hex_encode(aid, m->aid, m->aid_len), ap_state_text(ap.state, "en"), ap_state_text(ap.state, "ja"),
		    NULL);
	return sent;
}

static bool check_file(struct session *s, const struct load_dialect *dialect, const struct access_map *m,
    const struct access_file *f, struct verify_report *r, bool *same)
{
	struct buf control = {0}, found = {0}, rules = {0};
	struct verify_row *row = add_row(r, "file", f->id);
	bool sent = row != NULL && dialect->control(s, m->aid, m->aid_len, f->fid, &control);
	if (!sent)
		goto out;
	bool told = s->sw == SW_OK && control.n != 0;
	bool agree = told && agrees(f, &control, &found);
	row->result = f->readback_len == 0 ? VERIFY_NOT_TOLD : agree ? VERIFY_OK : VERIFY_DIFFERS;
	row->wanted = hex_text(r, f->readback, f->readback_len);
	row->found = hex_text(r, found.p, found.n);
	buf_printf(&rules, "read=\"%s\" update=\"%s\"", f->read, f->update);
	row->rules = take_text(r, &rules);
	put_words(r, row, dialect, &control);
	if (row->result != VERIFY_DIFFERS)
		goto out;
	*same = false;
	if (told)
		diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_VERIFY_DIFFERS, row->name, row->wanted,
		    row->found, NULL);
	else
		session_refused(s, DIAG_VERIFY_FILE, row->name);
out:
	buf_reset(&control);
	buf_reset(&found);
	return sent;
}

static bool check_card(
    struct session *s, const struct load_dialect *dialect, const struct image *img, struct verify_report *r)
{
	struct access_map *map = calloc(1, sizeof *map);
	bool same = true;
	bool ok = map != NULL || diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	ok = ok && access_map_read(map, &img->entry[IMAGE_ACCESS], "access.json", s->diags) &&
	    check_state(s, dialect, &img->manifest, r);
	for (size_t i = 0; ok && i < map->n_files; i++) {
		progress_step(s->progress, map->file[i].id, i, map->n_files);
		ok = check_file(s, dialect, map, &map->file[i], r, &same);
	}
	r->ran[VERIFY_CARD] = ok;
	if (map != NULL)
		access_map_reset(map);
	free(map);
	return ok && same;
}

/* --- behaviour --- */

/* Values the suite may ask for: those that the set has. */
static size_t bind(const struct image *img, const struct value_set *values, struct suite_value *out, struct buf *bytes)
{
	size_t n = 0;
	for (size_t i = 0; i < img->n_holes; i++) {
		if (values_find(values, img->hole[i].name) == NULL || !values_bytes(values, &img->hole[i], &bytes[n]))
			continue;
		out[n] = (struct suite_value){.name = img->hole[i].name, .p = bytes[n].p, .n = bytes[n].n};
		n++;
	}
	return n;
}

static void show_progress(void *context, size_t done, size_t total)
{
	progress_step(context, "suite", done, total);
}

static bool run_suite(struct session *s, const struct image *img, const struct value_set *values, enum verify_level l,
    struct verify_report *r)
{
	const struct buf *text = &img->entry[l == VERIFY_FULL ? IMAGE_FULL : IMAGE_PROBE];
	struct suite_value *value = calloc(img->n_holes + 1, sizeof *value);
	struct buf *bytes = calloc(img->n_holes + 1, sizeof *bytes);
	struct suite *suite = NULL;
	bool ok = false;
	if (value == NULL || bytes == NULL) {
		diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
		goto out;
	}
	suite = suite_parse(text->p, text->n, image_entry_path(l == VERIFY_FULL ? IMAGE_FULL : IMAGE_PROBE), s->diags);
	if (suite == NULL)
		goto out;
	struct suite_values given = {.row = value, .n = bind(img, values, value, bytes)};
	struct suite_report *report = &r->suite[l];
	*report = (struct suite_report){.progress = show_progress, .context = s->progress};
	ok = suite_run(suite, s->link, &given, report, s->diags);
	/* Of dialogues left out for want of a value the suite has warned; a proof of nothing is none. */
	if (report->passed == 0 && report->failed == 0 && report->n_dialogues != 0)
		diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_VERIFY_NOTHING, NULL);
	if (l == VERIFY_FULL && report->apdus != 0)
		diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_VERIFY_SPENT, NULL);
	s->lost = s->lost || report->result == SUITE_LOST; /* the suite has said so */
	s->commands += report->apdus;
	r->ran[l] = true;
out:
	for (size_t i = 0; bytes != NULL && i <= img->n_holes; i++)
		buf_reset(&bytes[i]);
	free(bytes);
	free(value);
	suite_free(suite);
	return ok;
}

bool verify_ap(struct session *s, const struct load_dialect *dialect, const struct image *img,
    const struct value_set *values, enum verify_level level, struct verify_report *r)
{
	bool ok = true;
	r->level = VERIFY_IMAGE;
	r->ran[VERIFY_IMAGE] = true;
	for (int l = VERIFY_CARD; ok && l <= (int)level; l++) {
		ok = l == VERIFY_CARD ? check_card(s, dialect, img, r)
				      : run_suite(s, img, values, (enum verify_level)l, r);
		if (ok)
			r->level = (enum verify_level)l;
	}
	progress_end(s->progress);
	return ok && !r->lost;
}

void verify_report_reset(struct verify_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct verify_row *row = &r->row[i];
		free(row->name);
		free(row->wanted);
		free(row->found);
		free(row->rules);
		free(row->words[0]);
		free(row->words[1]);
	}
	free(r->row);
	for (int l = 0; l < VERIFY_LEVELS; l++)
		if (r->ran[l] && l >= VERIFY_PROBE)
			suite_report_reset(&r->suite[l]);
	*r = (struct verify_report){0};
}
