/* Items and expectations of the dialogue language: the grammar is in parse.c. */
#include "runtime/suite/parse.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/suite/derive.h"

enum { ITEMS = 2000000, REPEAT = 65536 };

static const char *const derivations[DERIVATIONS] = {
    [DERIVE_RAW] = "raw",
    [DERIVE_WRONG] = "wrong",
    [DERIVE_WRONG_MIN] = "wrong-min",
    [DERIVE_WRONG_MAX] = "wrong-max",
    [DERIVE_OTHER] = "other",
    [DERIVE_OTHER_MIN] = "other-min",
    [DERIVE_OTHER_MAX] = "other-max",
    [DERIVE_SHORT] = "short",
    [DERIVE_LONG] = "long",
    [DERIVE_FORM] = "form",
};

const char *program_derivation_name(enum suite_derivation d)
{
	return derivations[d];
}

static struct program_item *add_item(struct parser *p)
{
	struct suite *s = p->suite;
	if (s->n_items == ITEMS) {
		scan_error(&p->scan, DIAG_SUITE_LIMIT, "data items", diag_num(ITEMS), NULL);
		return NULL;
	}
	if (!program_grow(&s->item, &s->cap_items, s->n_items, sizeof *s->item)) {
		parse_no_memory(p);
		return NULL;
	}
	struct program_item *item = &s->item[s->n_items++];
	memset(item, 0, sizeof *item);
	return item;
}

/* HEX or HEX*N */
static bool parse_bytes(struct parser *p)
{
	struct scan *s = &p->scan;
	struct buf *bytes = &p->suite->bytes;
	size_t digits = 0, at = bytes->n;
	uint32_t repeat = 1;
	while (digits < s->word_n && hex_digit(s->word[digits]) >= 0)
		digits++;
	bool many = digits < s->word_n && s->word[digits] == '*';
	if (digits % 2 != 0 || (digits < s->word_n && !many))
		return scan_error(s, DIAG_SUITE_HEX, scan_word_text(s), NULL, NULL);
	if (many && (!scan_decimal(s->word + digits + 1, s->word_n - digits - 1, REPEAT, &repeat) || repeat == 0))
		return scan_error_at(s, digits, DIAG_SUITE_NUMBER, "a repetition", diag_num(REPEAT), scan_word_text(s));
	struct program_item *item = add_item(p);
	if (item == NULL)
		return false;
	for (size_t i = 0; i < digits; i += 2)
		buf_u8(bytes, (unsigned)(hex_digit(s->word[i]) << 4 | hex_digit(s->word[i + 1])));
	*item = (struct program_item){
	    .kind = many ? ITEM_REPEAT : ITEM_BYTES, .at = (uint32_t)at, .n = (uint32_t)(digits / 2), .repeat = repeat};
	return true;
}

static size_t find(const char *p, size_t n, char c)
{
	const char *q = memchr(p, c, n);
	return q == NULL ? n : (size_t)(q - p);
}

static bool parse_slice(struct parser *p, const char *text, size_t n, struct program_item *item)
{
	size_t plus = find(text, n, '+');
	const struct program_value *v = &p->suite->value[item->value];
	if (plus == n || !scan_decimal(text, plus, 65535, &item->at) ||
	    !scan_decimal(text + plus + 1, n - plus - 1, 65535, &item->n) || item->n == 0)
		return scan_error(
		    &p->scan, DIAG_SUITE_EXPECTED, "a slice, @OFFSET+LENGTH", scan_word_text(&p->scan), NULL);
	uint32_t stored = v->padded ? v->stored : v->max;
	if (item->padded && item->derivation == DERIVE_RAW && item->at + item->n > stored)
		return scan_error(
		    &p->scan, DIAG_SUITE_NUMBER, "the end of the slice", diag_num(stored), scan_word_text(&p->scan));
	return true;
}

/* One word behind a colon. */
static bool parse_derived(struct parser *p, const char *text, size_t n, struct program_item *item)
{
	const struct program_value *v = &p->suite->value[item->value];
	char name[SUITE_WORD] = "?";
	if (n < sizeof name) {
		memcpy(name, text, n);
		name[n] = 0;
	}
	if (!v->captured && !item->padded && strcmp(name, "stored") == 0) {
		item->padded = true;
		return true;
	}
	for (int i = DERIVE_RAW + 1; i < DERIVATIONS; i++) {
		if (v->captured || item->derivation != DERIVE_RAW || item->padded || strcmp(derivations[i], name) != 0)
			continue;
		item->derivation = (enum suite_derivation)i;
		if (derive_exists(item->derivation, v->format, v->min, v->max))
			return true;
	}
	return scan_error(&p->scan, DIAG_SUITE_DERIVATION, v->name, name, NULL);
}

/* ":other", ":stored", ":other:stored" */
static bool parse_derivation(struct parser *p, const char *text, size_t n, struct program_item *item)
{
	while (n > 0) {
		size_t word = find(text + 1, n - 1, ':');
		if (!parse_derived(p, text + 1, word, item))
			return false;
		text += word + 1;
		n -= word + 1;
	}
	return true;
}

/* {NAME}, {NAME:DERIVED:stored@OFFSET+LENGTH} */
static bool parse_hole(struct parser *p)
{
	struct scan *s = &p->scan;
	if (s->word_n < 3 || s->word[s->word_n - 1] != '}')
		return scan_error(s, DIAG_SUITE_EXPECTED, "a value in braces, {NAME}", scan_word_text(s), NULL);
	const char *text = s->word + 1;
	size_t n = s->word_n - 2;
	size_t at = find(text, n, '@');
	size_t colon = find(text, at, ':');
	size_t value = parse_value_find(p->suite, text, colon);
	if (value == SIZE_MAX) {
		char name[SUITE_WORD] = "?";
		if (colon < sizeof name)
			memcpy(name, text, colon), name[colon] = 0;
		return scan_error_at(s, 1, DIAG_SUITE_VALUE_UNKNOWN, name, NULL, NULL);
	}
	struct program_item *item = add_item(p);
	if (item == NULL)
		return false;
	item->kind = ITEM_HOLE;
	item->value = (uint32_t)value;
	if (!parse_derivation(p, text + colon, at - colon, item))
		return false;
	return at == n || parse_slice(p, text + at + 1, n - at - 1, item);
}

bool parse_items(struct parser *p, struct program_items *out)
{
	struct scan *s = &p->scan;
	out->first = (uint32_t)p->suite->n_items;
	for (; s->word_n != 0; scan_next(s)) {
		bool good = true;
		if (!s->string && s->word[0] == '{')
			good = parse_hole(p);
		else if (!s->string && hex_digit(s->word[0]) >= 0)
			good = parse_bytes(p);
		else
			break;
		if (!good)
			return false;
	}
	out->n = (uint32_t)(p->suite->n_items - out->first);
	return true;
}

/* ---- expectations ---- */

static bool parse_sw(const struct scan *s, struct program_expect *e)
{
	if (s->string || s->word_n != 4)
		return false;
	for (int i = 0; i < 4; i++) {
		bool open = s->word[i] == 'x';
		int digit = open ? 0 : hex_digit(s->word[i]);
		if (digit < 0)
			return false;
		e->sw = (sw_t)(e->sw << 4 | digit);
		e->mask = (sw_t)(e->mask << 4 | (open ? 0 : 15));
	}
	e->match = MATCH_SW;
	return true;
}

static bool parse_match(struct parser *p, struct program_expect *e)
{
	struct scan *s = &p->scan;
	if (scan_is(s, "any")) {
		e->match = MATCH_ANY;
		e->data = DATA_ANY;
		return true;
	}
	e->plain = scan_is(s, "plain");
	if (e->plain)
		scan_next(s);
	if (parse_sw(s, e))
		return true;
	char name[SUITE_WORD] = "";
	if (!s->string && s->word_n < sizeof name) {
		memcpy(name, s->word, s->word_n);
		name[s->word_n] = 0;
	}
	int class = sw_class_named(name);
	if (class < 0)
		return scan_error(
		    s, DIAG_SUITE_EXPECTED, "a status word, a class of status words, or any", scan_word_text(s), NULL);
	e->match = MATCH_CLASS;
	e->class = (enum sw_class) class;
	return true;
}

/* The current word is the first behind the status word; afterwards it is the first behind the data. */
static bool parse_expected_data(struct parser *p, struct program_expect *e)
{
	struct scan *s = &p->scan;
	if (scan_is(s, "data")) {
		e->data = DATA_EXACT;
		scan_next(s);
		if (!parse_items(p, &e->items))
			return false;
		if (e->items.n == 0)
			return scan_error(s, DIAG_SUITE_EXPECTED, "data", scan_word_text(s), NULL);
		return true;
	}
	if (scan_is(s, "length")) {
		e->data = DATA_LENGTH;
		scan_next(s);
		if (!scan_number(s, "the length of the data", 65536, &e->length))
			return false;
	} else if (scan_is(s, "fci"))
		e->data = DATA_FCI;
	else if (scan_is(s, "*"))
		e->data = DATA_ANY;
	else
		return true;
	scan_next(s);
	return true;
}

static bool add_expect(struct parser *p, struct program_step *step, const struct program_expect *e)
{
	struct suite *s = p->suite;
	if (!program_grow(&s->expect, &s->cap_expects, s->n_expects, sizeof *s->expect))
		return parse_no_memory(p);
	s->expect[s->n_expects++] = *e;
	step->n_expect++;
	return true;
}

bool parse_expect(struct parser *p, struct program_step *step)
{
	struct scan *s = &p->scan;
	bool ends = false;
	step->expect = (uint32_t)p->suite->n_expects;
	for (;;) {
		struct program_expect e = {.ends = ends};
		if (!parse_match(p, &e))
			return false;
		scan_next(s);
		if (e.match != MATCH_ANY && !parse_expected_data(p, &e))
			return false;
		if (!add_expect(p, step, &e))
			return false;
		if (s->word_n == 0)
			return true;
		if (!scan_is(s, "or"))
			return scan_error(s, DIAG_SUITE_EXPECTED, "or, or end of line", scan_word_text(s), NULL);
		scan_next(s);
		if ((ends = scan_is(s, "end")))
			scan_next(s);
	}
}
