/* Manifest and template of the image. */
#include "compiler/emit/parts.h"

#include <assert.h>
#include <string.h>

#define COPY(to, from) copy((to), sizeof(to), (from))

/* Cut at a character where it is too long (texts of notices only; everything else is bounded before). */
static void copy(char *to, size_t cap, const char *from)
{
	size_t n = strlen(from);
	if (n >= cap) {
		n = cap - 1;
		while (n != 0 && ((unsigned char)from[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(to, from, n);
	to[n] = 0;
}

static const char *target(const struct contract *c, const struct contract_value *v)
{
	const struct contract_field *f;
	switch ((enum value_kind)v->kind) {
	case VALUE_FIELD: /* a counter's value has the name of the counter */
		f = &c->field[v->target];
		return f->id[0] != 0 ? f->id : c->file[f->file].id;
	case VALUE_PIN:
	case VALUE_PUK:
		return c->pin[v->target].id;
	case VALUE_KEY:
	case VALUE_KEY_MAC:
		return c->key[v->target].id;
	}
	return "";
}

/* Bytes on the card, and what fills them up. A PIN is as long as the card stores it, whatever the description says of
 * padding: that is how long the hole in the command is. */
static void storage(const struct contract *c, const struct contract_value *v, int pin_pad, struct image_hole *h)
{
	h->pad = -1;
	if (v->kind == VALUE_FIELD && c->field[v->target].pad >= 0) {
		h->pad = c->field[v->target].pad;
		h->stored = c->field[v->target].length;
	} else if (v->kind == VALUE_PIN && v->min != v->max && pin_pad >= 0) {
		h->pad = pin_pad;
		h->stored = c->pin[v->target].max;
	}
}

static void put_hole(const struct contract *c, const struct contract_value *v, int pin_pad, struct image *img)
{
	assert(img->n_holes < IMAGE_HOLES);
	struct image_hole *h = &img->hole[img->n_holes++];
	COPY(h->name, v->name);
	COPY(h->kind, contract_value_kind_name((enum value_kind)v->kind));
	COPY(h->target, target(c, v));
	COPY(h->format, contract_format_name((enum contract_format)v->format));
	COPY(h->source, contract_source_name((enum value_source)v->source));
	h->min = v->min;
	h->max = v->max;
	h->secret = v->secret;
	storage(c, v, pin_pad, h);
}

static void put_notice(const struct plan_notice *n, struct image_manifest *m)
{
	char code[8];
	assert(m->n_notices < IMAGE_NOTICES);
	struct image_notice *to = &m->notice[m->n_notices++];
	COPY(to->code, diag_code_text(n->code, code));
	COPY(to->witness, n->rests ? chip_witness_name(n->witness, "en") : "");
	COPY(to->text[0], n->text[0]);
	COPY(to->text[1], n->text[1]);
}

void emit_manifest(const struct plan *p, int pin_pad, struct image *img)
{
	const struct contract *c = p->contract;
	struct image_manifest *m = &img->manifest;
	COPY(m->id, c->id);
	COPY(m->version, c->version);
	COPY(m->title[0], c->title[0]);
	COPY(m->title[1], c->title[1]);
	memcpy(m->aid, c->aid, c->aid_len);
	m->aid_len = c->aid_len;
	COPY(m->chip, p->chip->name);
	COPY(m->family, p->chip->family);
	COPY(m->dialect, p->chip->dialect);
	COPY(m->area, contract_area_name((enum contract_area)c->area));
	COPY(m->compiler, "igata " IGATA_VERSION);
	m->memory = p->memory;
	COPY(m->witness, chip_witness_name(plan_witness(p), "en"));
	COPY(m->atr, p->chip->fact[CHIP_ATR].present ? p->chip->fact[CHIP_ATR].text : "");
	for (size_t i = 0; i < p->n_notices; i++)
		put_notice(&p->notice[i], m);
	for (uint16_t i = 0; i < c->n_values; i++)
		put_hole(c, &c->value[i], pin_pad, img);
}
