/* Reading a chip profile: <chip-profile> with titles, products, facts and deviations. chip-profile.xsd says the same to
 * editors; everything is reported, not only the first fault. */
#include "runtime/chip/chip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/near.h"
#include "runtime/base/sw.h"
#include "runtime/base/xml.h"

#define CHIP_NS "urn:igata:chip-profile:1"

struct reader {
	struct arena *a;
	struct diag_list *d;
	struct chip *chip;
	struct chip_deviation **next;
	unsigned deviations;
};

enum { DEVIATIONS_MAX = 16 };

/* An attribute that an element must have. */
struct want {
	const char *name;
	const struct xml_attr **to;
};

static const struct want *wanted(const struct want *w, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(w[i].name, name) == 0)
			return &w[i];
	return NULL;
}

/* Take exactly these attributes, none of them empty. */
static bool take(struct reader *r, const struct xml_element *e, const struct want *w, size_t n)
{
	bool ok = true;
	for (const struct xml_attr *a = e->attr; a != NULL; a = a->next) {
		const struct want *hit = wanted(w, n, a->name);
		if (hit != NULL && a->length == 0)
			ok = diag_add(r->d, a->value_at, DIAG_CHIP_EMPTY, a->name, e->name, NULL);
		else if (hit != NULL)
			*hit->to = a;
		else if (strcmp(a->ns, XML_NS_XSI) != 0)
			ok = diag_add(r->d, a->at, DIAG_CHIP_ATTRIBUTE, a->name, e->name, NULL);
	}
	for (size_t i = 0; i < n; i++)
		if (xml_attr(e, w[i].name) == NULL)
			ok = diag_add(r->d, e->at, DIAG_CHIP_MISSING, e->name, w[i].name, NULL);
	return ok;
}

static bool blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == 0;
}

/* No text and no children where there may be none. */
static bool hollow(struct reader *r, const struct xml_element *e)
{
	bool ok = true;
	if (!blank(e->text))
		ok = diag_add(r->d, e->text_at, DIAG_CHIP_TEXT, e->name, NULL);
	for (const struct xml_element *c = e->child; c != NULL; c = c->next)
		ok = diag_add(r->d, c->at, DIAG_CHIP_ELEMENT, c->name, e->name, NULL);
	return ok;
}

/* White space at both ends dropped, inside made one blank. */
static char *trimmed(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text), *to = out;
	for (const char *p = text; *p != 0; p++) {
		if (strchr(" \t\r\n", *p) == NULL)
			*to++ = *p;
		else if (to > out && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > out && to[-1] == ' ')
		to--;
	*to = 0;
	return out;
}

/* <title xml:lang="en">: once for each language. */
static void read_text(struct reader *r, const struct xml_element *e, const char *slot[2])
{
	const struct xml_attr *lang = NULL;
	const struct want w[] = {{"xml:lang", &lang}};
	if (!take(r, e, w, 1))
		return;
	int i = strcmp(lang->value, "en") == 0 ? 0 : strcmp(lang->value, "ja") == 0 ? 1 : -1;
	if (i < 0)
		diag_add(r->d, lang->value_at, DIAG_CHIP_LANG, lang->value, NULL);
	else if (slot[i] != NULL)
		diag_add(r->d, e->at, DIAG_CHIP_TWICE, e->name, lang->value, NULL);
	else if (e->child != NULL)
		diag_add(r->d, e->child->at, DIAG_CHIP_ELEMENT, e->child->name, e->name, NULL);
	else if (blank(e->text))
		diag_add(r->d, e->at, DIAG_CHIP_EMPTY, "text", e->name, NULL);
	else
		slot[i] = trimmed(r->a, e->text);
}

static bool read_witness(struct reader *r, const struct xml_attr *a, enum chip_witness *out)
{
	for (int w = WITNESS_ASSUMED; w <= WITNESS_RECORDED; w++)
		if (strcmp(a->value, chip_witness_name((enum chip_witness)w, "en")) == 0) {
			*out = (enum chip_witness)w;
			return true;
		}
	return diag_add(r->d, a->value_at, DIAG_CHIP_WITNESS, a->value, NULL);
}

/* ---- values ---- */

static bool value_uint(const char *text, uint32_t *out)
{
	size_t n = strspn(text, "0123456789");
	if (n == 0 || n > 10 || text[n] != 0 || (n > 1 && text[0] == '0'))
		return false;
	unsigned long long v = strtoull(text, NULL, 10);
	*out = (uint32_t)v;
	return v <= UINT32_MAX;
}

static bool value_word(const char *text, const char *words, uint32_t *out)
{
	size_t n = strlen(text);
	*out = 0;
	for (const char *w = words; n != 0; w++, (*out)++) {
		size_t len = strcspn(w, "|");
		if (len == n && memcmp(w, text, n) == 0)
			return true;
		w += len;
		if (*w == 0)
			break;
	}
	return false;
}

/* "00 02": each of 00 to 03 at most once, ascending; "none". */
static bool value_forms(const char *text, uint32_t *out)
{
	*out = 0;
	if (strcmp(text, "none") == 0)
		return true;
	for (const char *p = text;; p += 3) {
		if (p[0] != '0' || p[1] < '0' || p[1] > '3' || *out >> (p[1] - '0') != 0)
			return false;
		*out |= 1U << (p[1] - '0');
		if (p[2] == 0)
			return true;
		if (p[2] != ' ')
			return false;
	}
}

static bool value_hex(const char *text)
{
	uint8_t bytes[256];
	size_t n;
	return hex_decode(text, strlen(text), bytes, sizeof bytes, &n) && n != 0;
}

static bool value_version(const char *text, uint32_t *out)
{
	unsigned major, minor;
	char dot, more;
	if (strspn(text, "0123456789.") != strlen(text) ||
	    sscanf(text, "%3u%c%3u%c", &major, &dot, &minor, &more) != 3 || dot != '.' || major > 255 || minor > 255)
		return false;
	*out = major << 8 | minor;
	return true;
}

/* Is text[0..n) one of the words up to the next '/' or the end? */
static bool among(const char *text, size_t n, const char *words)
{
	while (*words != 0 && *words != '/') {
		size_t len = strcspn(words, "|/");
		if (len == n && memcmp(words, text, n) == 0)
			return true;
		words += len + (words[len] == '|');
	}
	return false;
}

/* One name of a set; each part between '/' is a word of its own list. */
static bool name_known(const char *text, size_t n, const char *words)
{
	for (;;) {
		size_t part = 0;
		while (part < n && text[part] != '/')
			part++;
		const char *next = strchr(words, '/');
		if (!among(text, part, words) || (part < n) != (next != NULL))
			return false;
		if (part == n)
			return true;
		text += part + 1;
		n -= part + 1;
		words = next + 1;
	}
}

/* text: trimmed, one blank between names. No name twice. */
static bool value_set(const char *text, const char *words, uint32_t *out)
{
	*out = 0;
	if (strcmp(text, "none") == 0)
		return true;
	for (const char *p = text;; p++) {
		size_t n = strcspn(p, " ");
		for (const char *q = text; q < p; q += strcspn(q, " ") + 1)
			if (strcspn(q, " ") == n && memcmp(q, p, n) == 0)
				return false;
		if (!name_known(p, n, words))
			return false;
		++*out;
		p += n;
		if (*p == 0)
			return true;
	}
}

static bool read_value(struct reader *r, enum chip_fact_name f, const struct xml_attr *a, uint32_t *out)
{
	const char *id = chip_fact_id(f);
	switch (chip_fact_type(f)) {
	case FACT_UINT:
		return value_uint(a->value, out) || diag_add(r->d, a->value_at, DIAG_CHIP_UINT, id, a->value, NULL);
	case FACT_YESNO:
		return value_word(a->value, "no|yes", out) ||
		    diag_add(r->d, a->value_at, DIAG_CHIP_YESNO, id, a->value, NULL);
	case FACT_WORD:
		return value_word(a->value, chip_fact_words(f), out) ||
		    diag_add(r->d, a->value_at, DIAG_CHIP_WORD, id, a->value, chip_fact_words(f), NULL);
	case FACT_FORMS:
		return value_forms(a->value, out) || diag_add(r->d, a->value_at, DIAG_CHIP_FORMS, id, a->value, NULL);
	case FACT_HEX:
		return value_hex(a->value) || diag_add(r->d, a->value_at, DIAG_CHIP_HEX, id, a->value, NULL);
	case FACT_VERSION:
		return value_version(a->value, out) ||
		    diag_add(r->d, a->value_at, DIAG_CHIP_VERSION, id, a->value, NULL);
	case FACT_SET:
		return value_set(trimmed(r->a, a->value), chip_fact_words(f), out) ||
		    diag_add(r->d, a->value_at, DIAG_CHIP_SET, id, a->value, chip_fact_words(f), NULL);
	}
	return false;
}

/* ---- facts and deviations ---- */

static bool fact_named(struct reader *r, const struct xml_attr *id, enum chip_fact_name *out)
{
	const char *near = NULL;
	for (int f = 0; f < CHIP_FACTS; f++) {
		const char *name = chip_fact_id((enum chip_fact_name)f);
		*out = (enum chip_fact_name)f;
		if (strcmp(name, id->value) == 0)
			return true;
	}
	for (int f = 0; f < CHIP_FACTS; f++)
		near_offer(id->value, chip_fact_id((enum chip_fact_name)f), &near);
	return near == NULL ? diag_add(r->d, id->value_at, DIAG_CHIP_FACT, id->value, NULL)
			    : diag_add(r->d, id->value_at, DIAG_CHIP_FACT_NEAR, id->value, near, NULL);
}

static void read_fact(struct reader *r, const struct xml_element *e)
{
	const struct xml_attr *id = NULL, *value = NULL, *witness = NULL, *source = NULL;
	const struct want w[] = {{"id", &id}, {"value", &value}, {"witness", &witness}, {"source", &source}};
	enum chip_fact_name f;
	struct chip_fact fact = {.present = true, .at = e->at};
	hollow(r, e);
	if (!take(r, e, w, sizeof w / sizeof *w) || !fact_named(r, id, &f))
		return;
	bool ok = read_witness(r, witness, &fact.witness);
	ok = read_value(r, f, value, &fact.number) && ok;
	if (r->chip->fact[f].present)
		ok = diag_add(
		    r->d, id->value_at, DIAG_CHIP_FACT_TWICE, id->value, diag_num(r->chip->fact[f].at.line), NULL);
	if (!chip_fact_concerns(r->chip->family, f))
		ok = diag_add(r->d, id->value_at, DIAG_CHIP_FACT_FAMILY, id->value, r->chip->family, NULL);
	fact.text = trimmed(r->a, value->value);
	fact.source = trimmed(r->a, source->value);
	if (ok)
		r->chip->fact[f] = fact;
}

static bool read_sw(struct reader *r, const struct xml_attr *a, uint16_t *out)
{
	uint8_t sw[2];
	size_t n;
	if (!hex_decode(a->value, a->length, sw, sizeof sw, &n) || n != 2)
		return diag_add(r->d, a->value_at, DIAG_CHIP_SW, a->value, NULL);
	*out = (uint16_t)(sw[0] << 8 | sw[1]);
	return true;
}

/* Only refusals may be told in another way: `given` never maps, and neither does a count of tries or a word that is
 * equal to nothing (AP contract, section 2). */
static bool may_deviate(enum sw_class c)
{
	switch (c) {
	case SW_CLASS_NOT_SUPPORTED:
	case SW_CLASS_REFUSED_ACCESS:
	case SW_CLASS_NOT_FOUND:
	case SW_CLASS_WRONG_STRUCTURE:
	case SW_CLASS_WRONG_PARAMETERS:
	case SW_CLASS_WRONG_LENGTH:
	case SW_CLASS_WRONG_DATA:
	case SW_CLASS_BLOCKED:
	case SW_CLASS_SECURE_MESSAGING:
		return true;
	case SW_CLASS_GIVEN:
	case SW_CLASS_SHORT_READ:
	case SW_CLASS_DEACTIVATED:
	case SW_CLASS_WARNING:
	case SW_CLASS_MISMATCH:
	case SW_CLASS_CARD_FAULT:
		break;
	}
	return false;
}

static bool one_class(struct reader *r, const struct xml_attr *from, const struct xml_attr *to, uint16_t a, uint16_t b)
{
	enum sw_class of_a = sw_class(a), of_b = sw_class(b);
	if (!may_deviate(of_a))
		return diag_add(
		    r->d, from->value_at, DIAG_CHIP_DEVIATION_GIVEN, from->value, sw_class_name(of_a), NULL);
	if (of_a != of_b)
		return diag_add(r->d, to->value_at, DIAG_CHIP_DEVIATION_CLASS, from->value, sw_class_name(of_a),
		    to->value, sw_class_name(of_b), NULL);
	return true;
}

static void read_deviation(struct reader *r, const struct xml_element *e)
{
	const struct xml_attr *command = NULL, *condition = NULL, *from = NULL, *to = NULL, *witness = NULL,
			      *source = NULL;
	const struct want w[] = {{"command", &command}, {"condition", &condition}, {"from", &from}, {"to", &to},
	    {"witness", &witness}, {"source", &source}};
	struct chip_deviation *v = ARENA_NEW(r->a, struct chip_deviation);
	hollow(r, e);
	if (!take(r, e, w, sizeof w / sizeof *w))
		return;
	bool ok = read_witness(r, witness, &v->witness);
	if (++r->deviations > DEVIATIONS_MAX)
		ok = diag_add(r->d, e->at, DIAG_CHIP_DEVIATIONS, diag_num(DEVIATIONS_MAX), NULL);
	ok = read_sw(r, from, &v->from) && ok;
	ok = read_sw(r, to, &v->to) && ok;
	if (!ok || !one_class(r, from, to, v->from, v->to))
		return;
	v->command = trimmed(r->a, command->value);
	v->condition = trimmed(r->a, condition->value);
	v->source = trimmed(r->a, source->value);
	*r->next = v;
	r->next = &v->next;
}

/* ---- the file ---- */

static void read_child(struct reader *r, const struct xml_element *e)
{
	if (strcmp(e->ns, CHIP_NS) != 0)
		diag_add(r->d, e->at, DIAG_CHIP_ELEMENT, e->name, "chip-profile", NULL);
	else if (strcmp(e->name, "title") == 0)
		read_text(r, e, r->chip->title);
	else if (strcmp(e->name, "product") == 0)
		read_text(r, e, r->chip->product);
	else if (strcmp(e->name, "fact") == 0)
		read_fact(r, e);
	else if (strcmp(e->name, "deviation") == 0)
		read_deviation(r, e);
	else
		diag_add(r->d, e->at, DIAG_CHIP_ELEMENT, e->name, "chip-profile", NULL);
}

static void both_languages(struct reader *r, const struct xml_element *root, const char *name, const char *slot[2])
{
	static const char *const lang[2] = {"en", "ja"};
	for (int i = 0; i < 2; i++)
		if (slot[i] == NULL)
			diag_add(r->d, root->at, DIAG_CHIP_UNTITLED, name, lang[i], NULL);
}

static void read_root(struct reader *r, const struct xml_element *root)
{
	const struct xml_attr *family = NULL, *dialect = NULL;
	const struct want w[] = {{"family", &family}, {"dialect", &dialect}};
	if (strcmp(root->name, "chip-profile") != 0 || strcmp(root->ns, CHIP_NS) != 0) {
		diag_add(r->d, root->at, DIAG_CHIP_ROOT, root->name, root->ns, CHIP_NS, NULL);
		return;
	}
	if (!blank(root->text))
		diag_add(r->d, root->text_at, DIAG_CHIP_TEXT, root->name, NULL);
	if (take(r, root, w, sizeof w / sizeof *w)) {
		r->chip->family = arena_strdup(r->a, family->value);
		r->chip->dialect = arena_strdup(r->a, dialect->value);
	}
	size_t before = r->d->n;
	if (r->chip->family == NULL)
		return; /* which facts it states hangs on the family */
	for (const struct xml_element *e = root->child; e != NULL; e = e->next)
		read_child(r, e);
	if (r->d->n != before)
		return; /* a faulty title would be reported a second time as missing */
	both_languages(r, root, "title", r->chip->title);
	both_languages(r, root, "product", r->chip->product);
}

/* "a/b/iso-compact-32k.xml" is the chip iso-compact-32k. */
static char *name_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	size_t n = strlen(base);
	if (n > 4 && strcmp(base + n - 4, ".xml") == 0)
		n -= 4;
	return arena_strndup(a, base, n);
}

const struct chip *chip_read(struct arena *a, const char *path, struct diag_list *d)
{
	struct buf text = {0};
	struct chip *chip = ARENA_NEW(a, struct chip);
	struct reader r = {.a = a, .d = d, .chip = chip, .next = &chip->deviations};
	size_t before = d->n;
	path = arena_strdup(a, path); /* outlives the diagnostics */
	chip->name = name_of(a, path);
	if (file_read(path, XML_MAX, &text, d)) {
		const struct xml_element *root = xml_read(a, text.p, text.n, path, d);
		if (root != NULL)
			read_root(&r, root);
	}
	buf_reset(&text);
	return d->n == before ? chip : NULL;
}
