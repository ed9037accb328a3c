/* Are the per-card values complete and of the right form? Everything wrong is reported at once. */
#include "runtime/image/values.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/utf8.h"
#include "runtime/contract/personal_number.h"

/* What the holes are called, for hints: "CARD-NUMBER, PIN, PUK". */
static void name_all(const struct image *img, struct buf *out)
{
	for (size_t i = 0; i < img->n_holes; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : ", ", img->hole[i].name);
}

static bool known_names_only(const struct value_set *s, const struct image *img, struct diag_list *d)
{
	bool good = true;
	for (size_t i = 0; i < s->n; i++) {
		const struct value *v = &s->value[i];
		if (values_hole(img, v->name) != NULL)
			continue;
		if (!v->set) {
			diag_add(d, v->at, DIAG_VALUE_UNUSED, v->name, NULL);
			continue;
		}
		struct buf names = {0};
		name_all(img, &names);
		good = diag_add(d, v->at, DIAG_VALUE_UNKNOWN, v->name, buf_cstr(&names), NULL);
		buf_reset(&names);
	}
	return good;
}

static bool digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool letter(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Does the format allow this character? Text is any UTF-8 but control characters. */
static bool allowed(const char *format, uint32_t c)
{
	if (strcmp(format, "digits") == 0)
		return digit(c);
	if (strcmp(format, "alphanumeric") == 0)
		return digit(c) || letter(c);
	if (strcmp(format, "binary") == 0)
		return c < 0x80 && hex_digit((char)c) >= 0;
	return c >= 0x20 && c != 0x7f;
}

static bool check_format(const struct value *v, const struct image_hole *h, struct diag_list *d)
{
	uint32_t cp = 0, count = 1;
	for (size_t at = 0, n; at < v->text.n; at += n, count++) {
		n = utf8_next(v->text.p + at, v->text.n - at, &cp);
		if (n == 0 || !allowed(h->format, cp))
			return diag_add(d, v->at, DIAG_VALUE_FORMAT, h->name, h->format, diag_num(count), NULL);
	}
	if (strcmp(h->format, "binary") == 0 && v->text.n % 2 != 0)
		return diag_add(d, v->at, DIAG_VALUE_ODD, h->name, diag_num(v->text.n), NULL);
	return true;
}

static bool check_length(const struct value *v, const struct image_hole *h, struct diag_list *d)
{
	size_t n = strcmp(h->format, "binary") == 0 ? v->text.n / 2 : v->text.n;
	if (n >= h->min && n <= h->max)
		return true;
	return h->min == h->max ? diag_add(d, v->at, DIAG_VALUE_LENGTH, h->name, diag_num(n), diag_num(h->max), NULL)
				: diag_add(d, v->at, DIAG_VALUE_LENGTH_RANGE, h->name, diag_num(n), diag_num(h->min),
				      diag_num(h->max), NULL);
}

/* The value as it will stand on the card: the bytes of hex digits, else the text. */
static void on_card(const struct value *v, const struct image_hole *h, struct buf *out)
{
	bool binary = strcmp(h->format, "binary") == 0;
	for (size_t i = 0; i < v->text.n && !binary; i++)
		buf_u8(out, v->text.p[i]);
	for (size_t i = 0; i + 1 < v->text.n && binary; i += 2)
		buf_u8(out, (unsigned)(hex_digit((char)v->text.p[i]) << 4 | hex_digit((char)v->text.p[i + 1])));
}

/* Secrets are not looked at: a PIN is no datum of the AP, and nothing about it is said. */
static bool check_personal(const struct value *v, const struct image_hole *h, struct diag_list *d)
{
	static const char *const name[] = {
	    [PERSONAL_NUMBER_INDIVIDUAL] = "個人番号", [PERSONAL_NUMBER_RESIDENT] = "住民票コード"};
	struct buf b = {0};
	bool good = true;
	if (h->secret || strcmp(h->kind, "field") != 0)
		return true;
	on_card(v, h, &b);
	enum personal_number whole = personal_number_whole(b.p, b.n), inside = personal_number_inside(b.p, b.n, NULL);
	if (inside == PERSONAL_NUMBER_NONE && strcmp(h->format, "binary") == 0)
		inside = personal_number_packed(b.p, b.n);
	if (whole != PERSONAL_NUMBER_NONE)
		good = diag_add(d, v->at, DIAG_VALUE_PERSONAL_NUMBER, h->name, name[whole], h->target, NULL);
	else if (inside != PERSONAL_NUMBER_NONE)
		diag_add(d, v->at, DIAG_VALUE_PERSONAL_INSIDE, h->name, name[inside], NULL);
	buf_reset(&b);
	return good;
}

static bool check_hole(const struct value_set *s, const struct image_hole *h, struct diag_list *d)
{
	const struct value *v = values_find(s, h->name);
	struct srcloc nowhere = {.file = s->csv};
	if (v == NULL)
		return diag_add(d, nowhere, DIAG_VALUE_MISSING, h->name, h->kind, h->target, NULL);
	return check_format(v, h, d) && check_length(v, h, d) && check_personal(v, h, d);
}

static bool check(const struct value_set *s, const struct image *img, bool all, struct diag_list *d)
{
	bool good = known_names_only(s, img, d);
	for (size_t i = 0; i < img->n_holes; i++)
		if (all || values_find(s, img->hole[i].name) != NULL)
			good = check_hole(s, &img->hole[i], d) && good;
	if (!good && s->csv != NULL)
		diag_add(d, (struct srcloc){.file = s->csv}, DIAG_VALUE_ROW, diag_num(s->row), NULL);
	return good;
}

bool values_check(const struct value_set *s, const struct image *img, struct diag_list *d)
{
	return check(s, img, true, d);
}

bool values_check_given(const struct value_set *s, const struct image *img, struct diag_list *d)
{
	return check(s, img, false, d);
}
