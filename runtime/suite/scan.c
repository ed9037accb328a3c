#include "runtime/suite/scan.h"

#include <string.h>

#include "runtime/base/utf8.h"

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static size_t line_end(const struct scan *s, size_t at)
{
	const uint8_t *nl = memchr(s->text + at, '\n', s->n - at);
	return nl == NULL ? s->n : (size_t)(nl - s->text);
}

static size_t code_points(const uint8_t *p, size_t n)
{
	size_t points = 0;
	for (size_t i = 0; i < n; i++)
		points += (p[i] & 0xc0) != 0x80;
	return points;
}

static struct srcloc position(const struct scan *s, size_t offset)
{
	size_t column = code_points(s->text + s->line_start, offset - s->line_start) + 1;
	return (struct srcloc){.file = s->name, .line = s->line, .column = (uint32_t)column};
}

struct srcloc scan_at(const struct scan *s, size_t offset)
{
	size_t word = s->word == NULL ? s->at : (size_t)((const uint8_t *)s->word - s->text);
	return position(s, word + offset);
}

bool scan_error_at(struct scan *s, size_t offset, enum diag_code code, const char *a, const char *b, const char *c)
{
	s->errors++;
	if (!s->line_bad && s->errors <= SCAN_ERRORS)
		diag_add(s->d, scan_at(s, offset), code, a, b, c, NULL);
	s->line_bad = true;
	return false;
}

bool scan_error(struct scan *s, enum diag_code code, const char *a, const char *b, const char *c)
{
	return scan_error_at(s, 0, code, a, b, c);
}

/* Programs are shown to people: no control characters, and text that every terminal reads the same way. */
static bool check_line(struct scan *s, size_t end)
{
	s->word = NULL;
	s->at = s->line_start;
	if (end - s->line_start > SUITE_LINE_MAX)
		return scan_error(s, DIAG_SUITE_LIMIT, "bytes in a line", diag_num(SUITE_LINE_MAX), NULL);
	for (size_t i = s->line_start, n; i < end; i += n) {
		n = utf8_next(s->text + i, end - i, NULL);
		if (n != 0 && (s->text[i] >= 0x20 || s->text[i] == '\t') && s->text[i] != 0x7f)
			continue;
		s->at = i;
		return scan_error(s, DIAG_SUITE_CHARACTER, diag_num(s->text[i]), NULL, NULL);
	}
	return true;
}

bool scan_line(struct scan *s)
{
	for (;;) {
		size_t from = s->line == 0 ? 0 : line_end(s, s->at) + 1;
		if (from >= s->n || s->errors > SCAN_ERRORS)
			return false;
		s->line++;
		s->line_start = s->at = from;
		s->line_bad = false;
		size_t end = line_end(s, from);
		if (!check_line(s, end)) {
			s->at = from;
			continue;
		}
		s->at = from;
		if (scan_next(s))
			return true;
	}
}

static bool scan_string(struct scan *s, size_t end)
{
	const uint8_t *open = s->text + s->at;
	const uint8_t *close = memchr(open + 1, '"', end - s->at - 1);
	s->word = (const char *)open;
	s->word_n = 1;
	if (close == NULL) {
		scan_error(s, DIAG_SUITE_EXPECTED, "a closing quotation mark", "end of line", NULL);
		s->at = end;
		return true;
	}
	s->word = (const char *)open + 1;
	s->word_n = (size_t)(close - open) - 1;
	s->string = true;
	s->at = (size_t)(close - s->text) + 1;
	return true;
}

bool scan_next(struct scan *s)
{
	size_t end = line_end(s, s->at);
	while (s->at < end && blank(s->text[s->at]))
		s->at++;
	s->string = false;
	s->word = (const char *)s->text + s->at;
	s->word_n = 0;
	if (s->at == end || s->text[s->at] == '#') {
		s->at = end;
		return false;
	}
	if (s->text[s->at] == '"')
		return scan_string(s, end);
	while (s->at < end && !blank(s->text[s->at]))
		s->at++;
	s->word_n = s->at - (size_t)((const uint8_t *)s->word - s->text);
	return true;
}

bool scan_is(const struct scan *s, const char *word)
{
	return !s->string && s->word_n == strlen(word) && memcmp(s->word, word, s->word_n) == 0;
}

const char *scan_word_text(const struct scan *s)
{
	static char text[SCAN_WORD_TEXT + 4];
	if (s->word_n == 0)
		return s->string ? "\"\"" : "end of line";
	size_t n = s->word_n < SCAN_WORD_TEXT ? s->word_n : SCAN_WORD_TEXT;
	while (n > 0 && n < s->word_n && ((uint8_t)s->word[n] & 0xc0) == 0x80)
		n--;
	memcpy(text, s->word, n);
	strcpy(text + n, n < s->word_n ? "..." : "");
	return text;
}

bool scan_decimal(const char *p, size_t n, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;
	if (n == 0 || n > 10)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(p[i] - '0');
	}
	*out = (uint32_t)v;
	return v <= max;
}

bool scan_number(struct scan *s, const char *what, uint32_t max, uint32_t *out)
{
	if (!s->string && scan_decimal(s->word, s->word_n, max, out))
		return true;
	return scan_error(s, DIAG_SUITE_NUMBER, what, diag_num(max), scan_word_text(s));
}
