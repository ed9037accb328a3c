/* Do the parts of an image belong together? */
#include "runtime/image/parts.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/iso7816.h"
#include "runtime/base/json.h"
#include "runtime/base/utf8.h"
#include "runtime/image/script.h"
#include "runtime/image/values.h"

static bool not_canonical(const char *name, struct diag_list *d)
{
	return diag_add(d, (struct srcloc){.file = name}, DIAG_IMAGE_JSON, image_entry_path(IMAGE_ACCESS), "", NULL);
}

bool access_canonical(struct buf *access, struct diag_list *d)
{
	struct json_doc doc;
	struct buf again = {0};
	bool ok = json_parse(&doc, access->p, access->n);
	if (ok)
		json_canonical(&doc, &again);
	json_free(&doc);
	ok = ok && !again.bad;
	if (!ok) {
		buf_reset(&again);
		return not_canonical(NULL, d);
	}
	buf_reset(access);
	*access = again;
	return true;
}

static bool mismatch(
    const char *name, const char *entry, const char *what, const char *there, const char *here, struct diag_list *d)
{
	return diag_add(d, (struct srcloc){.file = name}, DIAG_IMAGE_MISFIT, entry, what, there, here, NULL);
}

bool access_check(const struct image *img, const char *name, struct diag_list *d)
{
	const struct buf *given = &img->entry[IMAGE_ACCESS];
	const char *entry = image_entry_path(IMAGE_ACCESS);
	struct json_doc doc;
	struct buf again = {0};
	uint8_t aid[AID_MAX];
	char mine[2 * AID_MAX + 1], theirs[2 * AID_MAX + 1];
	bool parsed = json_parse(&doc, given->p, given->n);
	struct json_in root = json_root(&doc);
	json_get_number(json_member(root, "format"), IMAGE_FORMAT, IMAGE_FORMAT);
	size_t aid_len = json_get_hex(json_member(root, "aid"), aid, AID_MIN, AID_MAX);
	if (parsed)
		json_canonical(&doc, &again);
	bool ok = !doc.bad && !again.bad && again.n == given->n && memcmp(again.p, given->p, given->n) == 0;
	if (!ok)
		not_canonical(name, d);
	else if (aid_len != img->manifest.aid_len || memcmp(aid, img->manifest.aid, aid_len) != 0)
		ok = mismatch(name, entry, "AID", hex_encode(theirs, aid, aid_len),
		    hex_encode(mine, img->manifest.aid, img->manifest.aid_len), d);
	json_free(&doc);
	buf_reset(&again);
	return ok;
}

/* Bytes that a hole has on the card; 0 when they differ from card to card, which no command could carry. */
static size_t fixed_length(const struct image_hole *h)
{
	if (h->stored != 0)
		return h->stored;
	return h->min == h->max ? h->max : 0;
}

static bool part_fits(const struct image *img, const struct script_part *part, const char *name, struct diag_list *d)
{
	const char *entry = image_entry_path(IMAGE_PAYLOAD);
	if (part->hole == NULL)
		return true;
	const struct image_hole *h = values_hole(img, part->hole);
	if (h == NULL)
		return mismatch(name, entry, part->hole, "{}", "-", d);
	size_t length = fixed_length(h);
	if (length == 0 || (part->n == 0 && length > SCRIPT_DATA_MAX) || part->n > length ||
	    part->offset > length - part->n)
		return mismatch(name, entry, part->hole, diag_num(part->offset + part->n), diag_num(length), d);
	return true;
}

/* Bytes of a step's data once the holes are filled. */
static size_t step_length(const struct image *img, const struct script_step *t)
{
	size_t n = script_fixed(t);
	for (size_t i = 0; i < t->n_parts; i++)
		if (t->part[i].hole != NULL && t->part[i].n == 0)
			n += fixed_length(values_hole(img, t->part[i].hole));
	return n;
}

static bool script_fits(const struct image *img, const struct script *s, const char *name, struct diag_list *d)
{
	const struct image_manifest *m = &img->manifest;
	const char *entry = image_entry_path(IMAGE_PAYLOAD);
	char mine[2 * AID_MAX + 1], theirs[2 * AID_MAX + 1];
	if (strcmp(s->dialect, m->dialect) != 0)
		return mismatch(name, entry, "dialect", s->dialect, m->dialect, d);
	if (s->aid_len != m->aid_len || memcmp(s->aid, m->aid, m->aid_len) != 0)
		return mismatch(name, entry, "AID", hex_encode(theirs, s->aid, s->aid_len),
		    hex_encode(mine, m->aid, m->aid_len), d);
	for (size_t i = 0; i < s->n_steps; i++) {
		for (size_t k = 0; k < s->step[i].n_parts; k++)
			if (!part_fits(img, &s->step[i].part[k], name, d))
				return false;
		if (step_length(img, &s->step[i]) > SCRIPT_DATA_MAX)
			return mismatch(
			    name, entry, "Lc", diag_num(step_length(img, &s->step[i])), diag_num(SCRIPT_DATA_MAX), d);
	}
	return true;
}

/* What is inside is read when it is loaded (runtime/cap). Here: it is an archive at all. */
static bool cap_fits(const struct image *img, const char *name, struct diag_list *d)
{
	static const uint8_t magic[] = {'P', 'K', 3, 4};
	const struct buf *payload = &img->entry[IMAGE_PAYLOAD];
	const char *entry = image_path(img, IMAGE_PAYLOAD);
	if (payload->n < sizeof magic || memcmp(payload->p, magic, sizeof magic) != 0)
		return mismatch(name, entry, "ZIP", "-", "PK", d);
	return true;
}

bool payload_check(const struct image *img, const char *name, struct diag_list *d)
{
	struct script s = {0};
	const struct buf *payload = &img->entry[IMAGE_PAYLOAD];
	const bool native = strcmp(img->manifest.family, "native") == 0;
	if ((!native && strcmp(img->manifest.family, "javacard") != 0) || img->cap == native)
		return diag_add(d, (struct srcloc){.file = name}, DIAG_IMAGE_FAMILY, img->manifest.family, NULL);
	if (!native)
		return cap_fits(img, name, d);
	bool ok = script_read(&s, payload->p, payload->n, name, d) && script_fits(img, &s, name, d);
	script_reset(&s);
	return ok;
}

/* Suites are text that people read on terminals; what the program in it is, runtime/suite judges. */
bool suite_check(const struct image *img, const char *name, struct diag_list *d)
{
	static const enum image_entry_name suite[] = {IMAGE_PROBE, IMAGE_FULL};
	for (size_t k = 0; k < 2; k++) {
		const struct buf *b = &img->entry[suite[k]];
		for (size_t i = 0; i < b->n;) {
			uint32_t cp = 0;
			size_t len = utf8_next(b->p + i, b->n - i, &cp);
			if (len == 0 || (cp < 0x20 && cp != '\n') || (cp >= 0x7f && cp <= 0x9f))
				return diag_add(d, (struct srcloc){.file = name}, DIAG_IMAGE_TEXT,
				    image_entry_path(suite[k]), diag_num(i), NULL);
			i += len;
		}
	}
	return true;
}
