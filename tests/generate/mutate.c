#include "tests/generate/mutate.h"

#include <string.h>

struct stretch {
	size_t at, n;
};

/* The next byte c from an offset on, going round; an offset of the end when there is none. */
static size_t find(const struct buf *b, size_t from, int c)
{
	const uint8_t *q = memchr(b->p + from, c, b->n - from);
	if (q == NULL)
		q = memchr(b->p, c, from);
	return q == NULL ? b->n : (size_t)(q - b->p);
}

static void replace(struct buf *b, struct stretch s, const void *p, size_t n)
{
	struct buf out = {0};
	buf_add(&out, b->p, s.at);
	buf_add(&out, p, n);
	buf_add(&out, b->p + s.at + s.n, b->n - s.at - s.n);
	buf_reset(b);
	*b = out;
}

/* name="value", somewhere: the value without its quotes. */
static struct stretch some_value(struct dice *d, const struct buf *b)
{
	size_t at = find(b, dice_below(d, (unsigned)b->n), '=');
	if (at + 2 >= b->n || (b->p[at + 1] != '"' && b->p[at + 1] != '\''))
		return (struct stretch){0};
	const uint8_t *end = memchr(b->p + at + 2, b->p[at + 1], b->n - at - 2);
	return end == NULL ? (struct stretch){0} : (struct stretch){at + 2, (size_t)(end - b->p) - at - 2};
}

/* The name in front of a value. */
static struct stretch name_of(const struct buf *b, struct stretch value)
{
	size_t end = value.at - 2, at = end;
	while (at > 0 && b->p[at - 1] > ' ')
		at--;
	return (struct stretch){at, end - at};
}

/* A line: an element, mostly, or the begin or end of one. */
static struct stretch some_line(struct dice *d, const struct buf *b)
{
	size_t from = dice_below(d, (unsigned)b->n), end;
	while (from > 0 && b->p[from - 1] != '\n')
		from--;
	for (end = from; end < b->n && b->p[end] != '\n'; end++)
		;
	return (struct stretch){from, end < b->n ? end + 1 - from : end - from};
}

static void other_value(struct dice *d, struct buf *b)
{
	static const char *const values[] = {"", "0", "1", "2", "31", "32", "255", "256", "32767", "32768", "65536",
	    "4294967295", "4294967296", "-1", "+1", " 1", "1 ", "007", "0x10", "00", "FF", "ff", "3F00", "0001", "A4",
	    "70", "6F", "123", "always", "never", "contact", "pin(", "pin()", "pin(x)", "auth(x)", "sm(x)", "sm(mac)",
	    "a and", "a or or b", "((always))", "always)", "iso", "jicsap", "transport", "unset", "mutual",
	    "csv:", "csv:a", "csv:A", "master:x", "numbering:x", "input:x", "hex:0", "hex:00", "number:1", "field:x",
	    "1.0", "1.", "IG0311", "IG9999", "none", "both", "digits", "text", "binary", "Aa-", "a_b", "鍵", "&amp;",
	    "&lt;", "&#0;", "&x;", "<", "a\nb", "cyclic", "0000000000000000000000000000000000"};
	struct stretch s = some_value(d, b);
	const char *v = values[dice_below(d, sizeof values / sizeof *values)];
	if (s.at != 0)
		replace(b, s, v, strlen(v));
}

static void exchanged_values(struct dice *d, struct buf *b)
{
	struct stretch s = some_value(d, b), from = some_value(d, b);
	uint8_t text[512];
	if (s.at == 0 || from.at == 0 || from.n > sizeof text)
		return;
	memcpy(text, b->p + from.at, from.n);
	replace(b, s, text, from.n);
}

static void renamed_attribute(struct dice *d, struct buf *b)
{
	static const char *const names[] = {"id", "fid", "sfi", "size", "length", "max", "min", "read", "update",
	    "when", "xml:lang", "colour", "x:y", "ref", "source", "value", "from", "ID"};
	struct stretch s = some_value(d, b);
	const char *n = names[dice_below(d, sizeof names / sizeof *names)];
	if (s.at != 0)
		replace(b, name_of(b, s), n, strlen(n));
}

static void dropped_attribute(struct dice *d, struct buf *b)
{
	struct stretch s = some_value(d, b);
	if (s.at == 0)
		return;
	struct stretch name = name_of(b, s);
	replace(b, (struct stretch){name.at, s.at + s.n + 1 - name.at}, "", 0);
}

static void dropped_line(struct dice *d, struct buf *b)
{
	replace(b, some_line(d, b), "", 0);
}

/* The same line once more: there, or elsewhere. */
static void doubled_line(struct dice *d, struct buf *b)
{
	struct stretch s = some_line(d, b), to = dice_below(d, 2) == 0 ? s : some_line(d, b);
	struct buf line = {0};
	buf_add(&line, b->p + s.at, s.n);
	replace(b, (struct stretch){to.at, 0}, line.p, line.n);
	buf_reset(&line);
}

static void renamed_element(struct dice *d, struct buf *b)
{
	static const char *const names[] = {"file", "records", "record", "data", "counter", "pin", "key", "df", "aid",
	    "field", "command", "compare", "part", "title", "numbering", "accept", "fil", "base", "puk"};
	size_t at = find(b, dice_below(d, (unsigned)b->n), '<'), n = 0;
	const char *name = names[dice_below(d, sizeof names / sizeof *names)];
	if (at + 1 >= b->n || b->p[at + 1] < 'a')
		return;
	while (at + 1 + n < b->n && b->p[at + 1 + n] >= '-')
		n++;
	replace(b, (struct stretch){at + 1, n}, name, strlen(name));
}

static void other_character(struct dice *d, struct buf *b)
{
	static const char some[] = "<>&\"'=/ 09azAZ-()#\n";
	uint8_t c = dice_chance(d, 80) ? (uint8_t)some[dice_below(d, sizeof some - 1)] : (uint8_t)dice_next(d);
	replace(b, (struct stretch){dice_below(d, (unsigned)b->n), dice_below(d, 2)}, &c, 1);
}

static void stray_text(struct dice *d, struct buf *b)
{
	static const char *const texts[] = {
	    "text", "<!-- -->", "<x/>", "<field/>", "&#65;", "<![CDATA[ ]]>", "<?pi?>", "\t\n "};
	const char *t = texts[dice_below(d, sizeof texts / sizeof *texts)];
	replace(b, (struct stretch){some_line(d, b).at, 0}, t, strlen(t));
}

void mutate_description(struct dice *d, const struct buf *good, struct buf *out)
{
	static void (*const change[])(struct dice *, struct buf *) = {other_value, other_value, other_value,
	    exchanged_values, exchanged_values, exchanged_values, renamed_attribute, dropped_attribute,
	    dropped_attribute, dropped_line, doubled_line, renamed_element, other_character, stray_text};
	struct buf b = {0};
	buf_add(&b, good->p, good->n);
	for (unsigned n = dice_between(d, 1, 3); n > 0 && b.n > 0; n--)
		change[dice_below(d, sizeof change / sizeof *change)](d, &b);
	buf_add(out, b.p, b.n);
	buf_reset(&b);
}
