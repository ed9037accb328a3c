#include "compiler/description/value.h"

#include <assert.h>
#include <string.h>

#include "compiler/description/suggest.h"
#include "runtime/base/hex.h"
#include "runtime/contract/contract.h"

struct input {
	struct arena *a;
	struct slot *s;
	const struct attribute_row *row;
	const char *text;
	size_t n;
	struct diag_list *d;
};

static struct srcloc place(const struct input *in, size_t offset)
{
	assert(in->s->src != NULL);
	return xml_value_at(in->s->src, offset);
}

static const char *quoted(const struct input *in)
{
	return reader_quote(in->a, in->text, in->n);
}

static bool refuse(const struct input *in, size_t offset, enum diag_code code)
{
	return diag_add(in->d, place(in, offset), code, in->row->name, quoted(in), NULL);
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool read_identifier(const struct input *in)
{
	for (size_t i = 0; i < in->n; i++) {
		char c = in->text[i];
		if (!lower(c) && (i == 0 || (!digit(c) && c != '-')))
			return refuse(in, i, DIAG_IDENTIFIER);
	}
	if (in->n == 0 || in->n > in->row->most)
		return diag_add(in->d, place(in, 0), DIAG_IDENTIFIER_LENGTH, in->row->name, quoted(in), diag_num(in->n),
		    diag_num(in->row->most), NULL);
	return true;
}

static bool read_number(const struct input *in)
{
	uint64_t v = 0;
	for (size_t i = 0; i < in->n; i++) {
		if (!digit(in->text[i]))
			return refuse(in, i, DIAG_NOT_A_NUMBER);
		if (v <= UINT32_MAX)
			v = v * 10 + (uint64_t)(in->text[i] - '0');
	}
	if (in->n == 0)
		return refuse(in, 0, DIAG_NOT_A_NUMBER);
	if (v < in->row->least || v > in->row->most)
		return diag_add(in->d, place(in, 0), DIAG_NUMBER_RANGE, in->row->name, quoted(in),
		    diag_num(in->row->least), diag_num(in->row->most), NULL);
	in->s->number = (uint32_t)v;
	return true;
}

static bool read_hex(const struct input *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (hex_digit(in->text[i]) < 0)
			return refuse(in, i, DIAG_NOT_HEX);
	if (in->row->least == in->row->most && in->n != in->row->least * 2)
		return diag_add(in->d, place(in, 0), DIAG_HEX_EXACT, in->row->name, diag_num(in->n),
		    diag_num((uintmax_t)in->row->least * 2), NULL);
	if (in->n % 2 != 0)
		return diag_add(in->d, place(in, 0), DIAG_HEX_ODD, in->row->name, diag_num(in->n), NULL);
	if (in->n / 2 < in->row->least || in->n / 2 > in->row->most)
		return diag_add(in->d, place(in, 0), DIAG_HEX_LENGTH, in->row->name, diag_num(in->n / 2),
		    diag_num(in->row->least), diag_num(in->row->most), NULL);
	uint8_t *bytes = arena_alloc(in->a, in->n / 2);
	hex_decode(in->text, in->n, bytes, in->n / 2, &in->s->n);
	in->s->bytes = bytes;
	for (size_t i = 0; i < in->s->n && i < 4; i++)
		in->s->number = in->s->number << 8 | bytes[i];
	return true;
}

/* "a|b|c" as "a, b, c". */
static const char *word_list(const struct input *in)
{
	const char *list = "";
	for (const char *w = in->row->words; *w != 0;) {
		size_t n = strcspn(w, "|");
		list = arena_printf(in->a, "%s%s%.*s", list, *list == 0 ? "" : ", ", (int)n, w);
		w += n + (w[n] != 0);
	}
	return list;
}

static bool read_word(const struct input *in)
{
	int i = grammar_word(in->row->words, in->text);
	if (i >= 0) {
		in->s->number = (uint32_t)i;
		return true;
	}
	struct suggestion s = suggest_for(in->text, in->n);
	for (const char *w = in->row->words; *w != 0;) {
		size_t n = strcspn(w, "|");
		suggest_try(&s, w, n);
		w += n + (w[n] != 0);
	}
	if (s.best == NULL)
		return diag_add(in->d, place(in, 0), DIAG_WORD_UNKNOWN, in->row->name, quoted(in), word_list(in), NULL);
	return diag_add(in->d, place(in, 0), DIAG_WORD_MISSPELT, in->row->name, quoted(in),
	    arena_strndup(in->a, s.best, s.best_length), NULL);
}

static bool read_text(const struct input *in)
{
	if (in->n < in->row->least || in->n > in->row->most)
		return diag_add(in->d, place(in, 0), DIAG_TEXT_LENGTH, in->row->name, diag_num(in->n),
		    diag_num(in->row->least), diag_num(in->row->most), NULL);
	size_t misfit = contract_format_misfit(FORMAT_TEXT, (const uint8_t *)in->text, in->n);
	return misfit == in->n ? true : refuse(in, misfit, DIAG_TEXT_CHARACTER);
}

/* Which of these words the value begins with; what stands behind it becomes the slot's text. -1 for none. */
static int prefix_of(const struct input *in, const char *const *kind, int kinds)
{
	for (int k = 0; k < kinds; k++) {
		size_t at = strlen(kind[k]);
		if (strncmp(in->text, kind[k], at) != 0)
			continue;
		in->s->number = (uint32_t)k;
		in->s->text = in->text + at;
		in->s->length = in->n - at;
		return k;
	}
	return -1;
}

static bool read_source(const struct input *in)
{
	/* in the order of enum value_source */
	static const char *const kind[] = {"csv:", "caller:", "numbering:", "master:"};
	int k = prefix_of(in, kind, 4);
	if (k < 0)
		return refuse(in, 0, DIAG_SOURCE_FORM);
	bool id = k >= SOURCE_NUMBERING;
	for (size_t i = 0; i < in->s->length; i++) {
		char c = in->s->text[i];
		bool fits = id ? lower(c) || (i != 0 && (digit(c) || c == '-')) : upper(c) || digit(c) || c == '-';
		if (!fits)
			return refuse(in, strlen(kind[k]) + i, DIAG_SOURCE_FORM);
	}
	if (in->s->length == 0 || in->s->length > in->row->most)
		return refuse(in, 0, DIAG_SOURCE_FORM);
	return true;
}

static bool operand_fits(enum operand_word w, size_t i, char c)
{
	switch (w) {
	case WORD_HEX:
		return hex_digit(c) >= 0;
	case WORD_NUMBER:
		return digit(c);
	case WORD_INPUT:
	case WORD_FIELD:
	case WORD_COUNTER:
		break;
	}
	return lower(c) || (i != 0 && (digit(c) || c == '-'));
}

static bool read_operand(const struct input *in)
{
	static const char *const kind[] = {"input:", "field:", "counter:", "hex:", "number:"}; /* enum operand_word */
	int k = prefix_of(in, kind, 5);
	if (k < 0)
		return refuse(in, 0, DIAG_OPERAND_FORM);
	size_t n = in->s->length, most = k == WORD_HEX ? in->row->most - 4 : k == WORD_NUMBER ? 10 : CONTRACT_NAME - 1;
	for (size_t i = 0; i < n; i++)
		if (!operand_fits((enum operand_word)k, i, in->s->text[i]))
			return refuse(in, strlen(kind[k]) + i, DIAG_OPERAND_FORM);
	if (n == 0 || n > most || (k == WORD_HEX && n % 2 != 0))
		return refuse(in, 0, DIAG_OPERAND_FORM);
	return true;
}

static bool read_digits(const struct input *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (!digit(in->text[i]))
			return refuse(in, i, DIAG_NOT_A_NUMBER);
	if (in->n < in->row->least || in->n > in->row->most)
		return diag_add(in->d, place(in, 0), DIAG_TEXT_LENGTH, in->row->name, diag_num(in->n),
		    diag_num(in->row->least), diag_num(in->row->most), NULL);
	return true;
}

/* Two or three numbers of one to five digits. */
static bool read_version(const struct input *in)
{
	unsigned numbers = 1, digits = 0;
	for (size_t i = 0; i < in->n; i++) {
		bool dot = in->text[i] == '.' && digits > 0 && numbers < 3;
		if (!dot && (!digit(in->text[i]) || digits == 5))
			return refuse(in, i, DIAG_VERSION_FORM);
		numbers += dot;
		digits = dot ? 0 : digits + 1;
	}
	return numbers >= 2 && digits > 0 ? true : refuse(in, 0, DIAG_VERSION_FORM);
}

static bool read_code(const struct input *in)
{
	enum diag_code code = diag_code_named(in->text);
	if (code == 0)
		return refuse(in, 0, DIAG_ACCEPT_UNKNOWN);
	in->s->number = (uint32_t)code;
	return true;
}

bool value_read(
    struct arena *a, struct slot *s, const struct attribute_row *row, const char *text, size_t n, struct diag_list *d)
{
	struct input in = {a, s, row, text, n, d};
	s->text = text;
	s->length = n;
	switch (row->type) {
	case TYPE_IDENTIFIER:
		return read_identifier(&in);
	case TYPE_NUMBER:
		return read_number(&in);
	case TYPE_HEX:
		return read_hex(&in);
	case TYPE_WORD:
		return read_word(&in);
	case TYPE_RULE:
	case TYPE_TEXT:
		return read_text(&in);
	case TYPE_SOURCE:
		return read_source(&in);
	case TYPE_OPERAND:
		return read_operand(&in);
	case TYPE_DIGITS:
		return read_digits(&in);
	case TYPE_VERSION:
		return read_version(&in);
	case TYPE_CODE:
		return read_code(&in);
	}
	return false;
}
