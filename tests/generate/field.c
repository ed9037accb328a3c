/* Fields: what a file, record or data object holds at first, and where each card's own values go. */
#include "tests/generate/draft.h"

#include <stdio.h>
#include <string.h>

#include "runtime/contract/personal_number.h"

static const char *const formats[] = {"binary", "digits", "alphanumeric", "text"};

static void random_text(struct draft *d, enum contract_format f, char *out, unsigned n)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz <>&'\"/";
	static const unsigned kinds[] = {0, 10, 62, sizeof letters - 1};
	for (unsigned i = 0; i < n; i++)
		out[i] = letters[dice_below(&d->dice, kinds[f])];
	for (unsigned i = 0; f == FORMAT_TEXT && i + 3 <= n && dice_chance(&d->dice, 10); i += 3)
		memcpy(out + i, "鍵", 3);
	out[n] = 0;
	/* Policy refuses what may be somebody's number. */
	if (f == FORMAT_DIGITS && personal_number_whole((const uint8_t *)out, n) != PERSONAL_NUMBER_NONE)
		out[n - 1] = (char)('0' + (out[n - 1] - '0' + 1) % 10);
}

/* A value of n bytes, as its attribute has it. */
static void value_write(struct draft *d, struct tag *t, enum contract_format f, unsigned n)
{
	char text[2 * 600 + 4];
	if (f == FORMAT_BINARY) {
		for (unsigned i = 0; i < n; i++)
			snprintf(
			    text + 2 * i, 3, dice_chance(&d->dice, 50) ? "%02X" : "%02x", dice_below(&d->dice, 256));
		text[2 * n] = 0;
	} else {
		random_text(d, f, text, n);
	}
	tag_put(d, t, "value", "%s", text);
}

/* A numbering that fits here; its index, -1 for none. */
static int numbering_for(struct draft *d, enum contract_format f, unsigned room)
{
	if (d->n_numberings == 0 || f == FORMAT_BINARY)
		return -1;
	unsigned i = dice_below(&d->dice, d->n_numberings);
	const struct draft_numbering *n = &d->numbering[i];
	return n->length <= room && (n->digits || f != FORMAT_DIGITS) ? (int)i : -1;
}

/* The length of the field is chosen with its filling. */
static unsigned filling_write(struct draft *d, struct tag *t, enum contract_format f, unsigned room)
{
	unsigned n = size_between(d, 1, room < 500 ? room : 500), kind = dice_below(&d->dice, 100), shorter = n;
	int numbering = kind < 15 ? numbering_for(d, f, room) : -1;
	if (numbering >= 0) {
		shorter = d->numbering[numbering].length;
		n = n < shorter ? shorter : n;
		tag_put(d, t, "source", "numbering:%s", d->numbering[numbering].id);
		d->sources++;
	} else if (kind < 50 && d->sources < 150) {
		tag_put(d, t, "source", "%s", source_new(d));
	} else if (kind < 85) {
		shorter = dice_chance(&d->dice, 30) ? dice_between(&d->dice, 1, n) : n;
		value_write(d, t, f, shorter);
	} else {
		return n;
	}
	if (shorter < n || dice_chance(&d->dice, 25))
		tag_put(d, t, "pad", "%02X", dice_chance(&d->dice, 60) ? 0x20 : dice_below(&d->dice, 256));
	return n;
}

static void field_write(struct draft *d, unsigned room, unsigned *end, bool steady)
{
	struct draft_field f;
	struct tag t = tag_new("field");
	enum contract_format format = (enum contract_format)dice_below(&d->dice, 4);
	unsigned gap = *end < room && dice_chance(&d->dice, 20) ? dice_below(&d->dice, room - *end) : 0;
	name_new(d, "field", CONTRACT_NAME - 1, f.id);
	tag_put(d, &t, "id", "%s", f.id);
	if (gap != 0 || dice_chance(&d->dice, 20))
		tag_put(d, &t, "offset", "%u", *end + gap);
	*end += gap;
	f.length = filling_write(d, &t, format, room - *end);
	*end += f.length;
	tag_put(d, &t, "length", "%u", f.length);
	tag_put(d, &t, "format", "%s", formats[format]);
	if (dice_chance(&d->dice, 10))
		tag_put(d, &t, "holds", "%s", dice_chance(&d->dice, 50) ? "user-number" : "personal-data");
	tag_empty(d, &t);
	d->n_fields++;
	if (steady)
		d->field[d->n_steady++] = f;
}

unsigned fields_write(struct draft *d, unsigned room, bool steady)
{
	unsigned end = 0, most = d->size == 0 ? 2 : 4;
	while (end < room && most-- > 0 && dice_chance(&d->dice, 65) && d->n_fields < 200)
		field_write(d, room, &end, steady);
	return end;
}
