#include "runtime/image/parts.h"

#include <string.h>

#include "runtime/base/json.h"

enum { VALUE_MAX = 32767 };

void template_write(const struct image *img, struct buf *out)
{
	struct json j = json_to(out);
	json_put_object(&j, NULL);
	json_put_number(&j, "format", IMAGE_FORMAT);
	json_put_array(&j, "holes");
	for (size_t i = 0; i < img->n_holes; i++) {
		const struct image_hole *h = &img->hole[i];
		json_put_object(&j, NULL);
		json_put_text(&j, "name", h->name);
		json_put_text(&j, "kind", h->kind);
		json_put_text(&j, "target", h->target);
		json_put_text(&j, "format", h->format);
		json_put_text(&j, "source", h->source);
		json_put_number(&j, "min", h->min);
		json_put_number(&j, "max", h->max);
		json_put_bool(&j, "secret", h->secret);
		json_put_number(&j, "pad", h->pad);
		json_put_number(&j, "stored", h->stored);
		if (h->placed)
			json_put_number(&j, "at", h->at);
		json_put_end(&j);
	}
	json_put_end(&j);
	json_put_end(&j);
}

static void get_hole(struct json_in in, struct image_hole *h)
{
	json_get_text(json_member(in, "name"), h->name, sizeof h->name);
	json_get_text(json_member(in, "kind"), h->kind, sizeof h->kind);
	json_get_text(json_member(in, "target"), h->target, sizeof h->target);
	json_get_text(json_member(in, "format"), h->format, sizeof h->format);
	json_get_text(json_member(in, "source"), h->source, sizeof h->source);
	h->min = (uint32_t)json_get_number(json_member(in, "min"), 0, VALUE_MAX);
	h->max = (uint32_t)json_get_number(json_member(in, "max"), h->min, VALUE_MAX);
	h->secret = json_get_bool(json_member(in, "secret"));
	h->pad = (int)json_get_number(json_member(in, "pad"), -1, 255);
	h->stored = (uint32_t)json_get_number(json_member(in, "stored"), 0, VALUE_MAX);
	if (h->placed)
		h->at = (uint16_t)json_get_number(json_member(in, "at"), 0, UINT16_MAX);
}

static bool is_in(const char *word, const char *const list[])
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* The first member of a hole whose value cannot be, NULL when all can. */
static const char *impossible(const struct image *img, size_t i)
{
	static const char *const kind[] = {"field", "pin", "puk", "key", "key-mac", NULL},
				 *const source[] = {"csv", "caller", "numbering", "master", NULL},
				 *const format[] = {"binary", "digits", "alphanumeric", "text", NULL};
	const struct image_hole *h = &img->hole[i];
	for (size_t k = 0; k < i; k++)
		if (strcmp(img->hole[k].name, h->name) == 0)
			return "name";
	if (!image_word(h->name, image_name_chars))
		return "name";
	if (!is_in(h->kind, kind))
		return "kind";
	if (!image_word(h->target, image_name_chars))
		return "target";
	if (!is_in(h->format, format))
		return "format";
	if (!is_in(h->source, source))
		return "source";
	if (h->stored != 0 && h->stored < h->max)
		return "stored";
	if (h->pad < 0 && h->stored != 0 && (h->stored != h->max || h->min != h->max))
		return "pad";
	return NULL;
}

bool template_read(struct image *img, const char *name, struct diag_list *d)
{
	const struct buf *given = &img->entry[IMAGE_TEMPLATE];
	const char *member = NULL;
	struct json_doc doc;
	struct buf again = {0};
	json_parse(&doc, given->p, given->n);
	struct json_in root = json_root(&doc), holes = json_member(root, "holes");
	size_t n = json_count(holes);
	json_get_number(json_member(root, "format"), IMAGE_FORMAT, IMAGE_FORMAT);
	if (n > IMAGE_HOLES)
		doc.bad = true;
	for (size_t i = 0; i < n && !doc.bad; i++) {
		img->hole[img->n_holes].placed = img->cap;
		get_hole(json_at(holes, i), &img->hole[img->n_holes++]);
		if (member == NULL && !doc.bad)
			member = impossible(img, i);
	}
	template_write(img, &again);
	bool ok =
	    !doc.bad && member == NULL && !again.bad && again.n == given->n && memcmp(again.p, given->p, given->n) == 0;
	if (!ok)
		diag_add(d, (struct srcloc){.file = name}, DIAG_IMAGE_JSON, image_entry_path(IMAGE_TEMPLATE),
		    member == NULL ? "" : member, NULL);
	json_free(&doc);
	buf_reset(&again);
	return ok;
}
