#include "runtime/base/xml_scan.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/xml.h"

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool starts(const struct xml_text *t, size_t at, const char *s)
{
	size_t n = strlen(s);
	return t->n - at >= n && memcmp(t->p + at, s, n) == 0;
}

/* Offset of the next s at or after at; t->n when there is none. */
static size_t find(const struct xml_text *t, size_t at, const char *s)
{
	while (at < t->n) {
		const uint8_t *hit = memchr(t->p + at, s[0], t->n - at);
		if (hit == NULL)
			break;
		at = (size_t)(hit - t->p);
		if (starts(t, at, s))
			return at;
		at++;
	}
	return t->n;
}

/* Step over the byte at the cursor. A line ends with LF, CR LF or CR (XML 1.0, 2.11). */
static void step(struct xml_text *t)
{
	uint8_t c = t->p[t->cursor++];
	if (c == '\n' || (c == '\r' && (t->cursor == t->n || t->p[t->cursor] != '\n'))) {
		t->line++;
		t->column = 1;
		t->line_start = t->cursor;
	} else if (c < 0x80 || c >= 0xc0) {
		t->column++;
	}
}

struct srcloc xml_locate(struct xml_text *t, size_t offset)
{
	if (offset > t->n)
		offset = t->n;
	if (offset < t->line_start) {
		t->cursor = t->line_start = 0;
		t->line = t->column = 1;
	} else if (offset < t->cursor) {
		t->cursor = t->line_start;
		t->column = 1;
	}
	while (t->cursor < offset)
		step(t);
	return (struct srcloc){.file = t->name, .line = t->line, .column = t->column};
}

static bool refuse(struct xml_text *t, size_t at, struct diag_list *d, enum diag_code code, const char *arg)
{
	return diag_add(d, xml_locate(t, at), code, arg, NULL);
}

/* --- encoding ------------------------------------------------------------------------------------------------- */

/* Family of encodings by the first bytes: XML 1.0, appendix F.1. NULL for UTF-8 and everything that looks like it. */
static const char *foreign_encoding(const uint8_t *p, size_t n)
{
	static const struct {
		uint8_t bytes[4];
		size_t n;
		const char *name;
	} mark[] = {
	    {{0x00, 0x00, 0xfe, 0xff}, 4, "UTF-32"},
	    {{0xff, 0xfe, 0x00, 0x00}, 4, "UTF-32"},
	    {{0x00, 0x00, 0x00, 0x3c}, 4, "UTF-32"},
	    {{0x3c, 0x00, 0x00, 0x00}, 4, "UTF-32"},
	    {{0xfe, 0xff}, 2, "UTF-16"},
	    {{0xff, 0xfe}, 2, "UTF-16"},
	    {{0x00, 0x3c}, 2, "UTF-16"},
	    {{0x3c, 0x00}, 2, "UTF-16"},
	    {{0x4c, 0x6f, 0xa7, 0x94}, 4, "EBCDIC"},
	};
	for (size_t i = 0; i < sizeof mark / sizeof *mark; i++)
		if (n >= mark[i].n && memcmp(p, mark[i].bytes, mark[i].n) == 0)
			return mark[i].name;
	return NULL;
}

/* Bytes of the UTF-8 sequence at p, 0 when it is none (RFC 3629, section 4). */
static size_t sequence(const uint8_t *p, size_t n)
{
	uint8_t c = p[0], low = 0x80, high = 0xbf;
	size_t len;
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf) {
		len = 2;
	} else if (c >= 0xe0 && c <= 0xef) {
		len = 3;
		low = c == 0xe0 ? 0xa0 : low;
		high = c == 0xed ? 0x9f : high;
	} else if (c >= 0xf0 && c <= 0xf4) {
		len = 4;
		low = c == 0xf0 ? 0x90 : low;
		high = c == 0xf4 ? 0x8f : high;
	} else {
		return 0;
	}
	if (n < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return len;
}

/* The characters that XML 1.0, 2.2 leaves out: controls but TAB, LF, CR; U+FFFE and U+FFFF. */
static bool forbidden(const uint8_t *p)
{
	return (p[0] < 0x20 && !blank(p[0])) || (p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe);
}

static bool check_characters(struct xml_text *t, struct diag_list *d)
{
	char text[16];
	for (size_t at = 0, n; at < t->n; at += n) {
		n = sequence(t->p + at, t->n - at);
		if (n == 0) {
			snprintf(text, sizeof text, "%02X", t->p[at]);
			return refuse(t, at, d, DIAG_XML_NOT_UTF8, text);
		}
		if (forbidden(t->p + at)) {
			snprintf(text, sizeof text, "U+%04X", n == 1 ? t->p[at] : 0xffc0u | (t->p[at + 2] & 0x3fu));
			return refuse(t, at, d, DIAG_XML_CHARACTER, text);
		}
	}
	return true;
}

/* Whether the raw attribute is called so, or has this value. */
static bool raw_is(const struct xml_text *t, size_t at, size_t n, const char *s)
{
	return n == strlen(s) && strncasecmp((const char *)t->p + at, s, n) == 0;
}

static bool has_declaration(const struct xml_text *t)
{
	return starts(t, 0, "<?xml") && t->n > 5 && blank(t->p[5]);
}

/* The XML declaration: version 1.0, encoding UTF-8. Whether it is well-formed is for libxml2 to say. */
static bool check_declaration(struct xml_text *t, struct diag_list *d)
{
	size_t at = 5, end = find(t, 0, "?>");
	if (!has_declaration(t))
		return true;
	if (end == t->n)
		return refuse(t, 0, d, DIAG_XML_UNFINISHED, "<?xml");
	struct xml_text inside = {.p = t->p, .n = end};
	struct xml_raw_attr a;
	while (xml_next_attr(&inside, &at, &a)) {
		char value[32];
		snprintf(value, sizeof value, "%.*s", a.value_length > 31 ? 31 : (int)a.value_length, t->p + a.value);
		if (raw_is(t, a.name, a.name_length, "encoding") && !raw_is(t, a.value, a.value_length, "UTF-8"))
			return refuse(t, a.value, d, DIAG_XML_ENCODING, value);
		if (raw_is(t, a.name, a.name_length, "version") && !raw_is(t, a.value, a.value_length, "1.0"))
			return refuse(t, a.value, d, DIAG_XML_VERSION, value);
	}
	return true;
}

/* --- tags ----------------------------------------------------------------------------------------------------- */

size_t xml_name_end(const struct xml_text *t, size_t at)
{
	while (at < t->n && !blank(t->p[at]) && strchr("=/><\"'", t->p[at]) == NULL)
		at++;
	return at;
}

bool xml_next_attr(const struct xml_text *t, size_t *at, struct xml_raw_attr *out)
{
	size_t p = *at;
	while (p < t->n && blank(t->p[p]))
		p++;
	out->name = p;
	p = xml_name_end(t, p);
	out->name_length = p - out->name;
	while (p < t->n && (blank(t->p[p]) || t->p[p] == '='))
		p++;
	if (out->name_length == 0 || p >= t->n || (t->p[p] != '"' && t->p[p] != '\''))
		return false;
	const uint8_t *quote = memchr(t->p + p + 1, t->p[p], t->n - p - 1);
	if (quote == NULL)
		return false;
	out->value = p + 1;
	out->value_length = (size_t)(quote - t->p) - out->value;
	*at = out->value + out->value_length + 1;
	return true;
}

size_t xml_next_tag(const struct xml_text *t, size_t from)
{
	while (from < t->n) {
		const uint8_t *hit = memchr(t->p + from, '<', t->n - from);
		if (hit == NULL)
			break;
		from = (size_t)(hit - t->p);
		if (starts(t, from, "<!--"))
			from = find(t, from + 4, "-->");
		else if (starts(t, from, "<!["))
			from = find(t, from, "]]>");
		else if (starts(t, from, "<?"))
			from = find(t, from, "?>");
		else
			return from;
	}
	return t->n;
}

size_t xml_next_text(const struct xml_text *t, size_t from)
{
	while (from < t->n) {
		if (blank(t->p[from]))
			from++;
		else if (starts(t, from, "<!--"))
			from = find(t, from + 4, "-->") + 3;
		else if (starts(t, from, "<![CDATA["))
			from += 9;
		else if (starts(t, from, "]]>"))
			from += 3;
		else
			return from;
	}
	return t->n;
}

struct open_tag {
	size_t at, name_length;
};

struct scan {
	struct xml_text *t;
	struct diag_list *d;
	size_t at;
	size_t elements, depth;
	struct open_tag open[XML_DEPTH];
};

/* A name of the file as an argument of a diagnostic, cut where it gets long. */
static const char *name_text(const struct xml_text *t, size_t at, size_t n, char out[48])
{
	size_t cut = n < 40 ? n : 40;
	while (cut < n && cut > 0 && (t->p[at + cut] & 0xc0) == 0x80)
		cut--;
	snprintf(out, 48, "%.*s%s", (int)cut, (const char *)t->p + at, cut < n ? "..." : "");
	return out;
}

/* Move behind `end`; a section that never ends is reported where it begins. */
static bool skip_to(struct scan *s, const char *begin, const char *end)
{
	size_t at = find(s->t, s->at + strlen(begin), end);
	if (at == s->t->n)
		return refuse(s->t, s->at, s->d, DIAG_XML_UNFINISHED, begin);
	s->at = at + strlen(end);
	return true;
}

/* From inside a tag to its '>': attributes are counted by their '=', *empty tells a tag that ends with "/>". */
static bool skip_tag(struct scan *s, size_t begin, size_t name_length, bool *empty)
{
	const struct xml_text *t = s->t;
	size_t attributes = 0;
	char name[48];
	for (uint8_t quote = 0; s->at < t->n; s->at++) {
		uint8_t c = t->p[s->at];
		if (c == '<')
			return refuse(s->t, s->at, s->d, DIAG_XML_LESS_THAN, name_text(t, begin, name_length, name));
		if (quote != 0) {
			quote = c == quote ? 0 : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '=' && ++attributes > XML_ATTRIBUTES) {
			return diag_add(s->d, xml_locate(s->t, begin - 1), DIAG_XML_ATTRIBUTES,
			    name_text(t, begin, name_length, name), diag_num(XML_ATTRIBUTES), NULL);
		} else if (c == '>') {
			*empty = t->p[s->at - 1] == '/';
			s->at++;
			return true;
		}
	}
	return refuse(s->t, begin - 1, s->d, DIAG_XML_UNFINISHED, name_text(t, begin - 1, name_length + 1, name));
}

static bool start_tag(struct scan *s)
{
	size_t begin = s->at + 1, end = xml_name_end(s->t, begin);
	bool empty = false;
	if (s->depth == 0 && s->elements != 0)
		return refuse(s->t, s->at, s->d, DIAG_XML_OUTSIDE, NULL);
	if (s->depth == XML_DEPTH)
		return refuse(s->t, s->at, s->d, DIAG_XML_DEPTH, diag_num(XML_DEPTH));
	if (++s->elements > XML_ELEMENTS)
		return refuse(s->t, s->at, s->d, DIAG_XML_ELEMENTS, diag_num(XML_ELEMENTS));
	s->at = end;
	if (!skip_tag(s, begin, end - begin, &empty))
		return false;
	if (!empty)
		s->open[s->depth++] = (struct open_tag){begin, end - begin};
	return true;
}

static bool end_tag(struct scan *s)
{
	const struct xml_text *t = s->t;
	size_t begin = s->at + 2, n = xml_name_end(t, begin) - begin, at = s->at;
	char name[48], other[48];
	bool empty;
	if (s->depth == 0)
		return refuse(s->t, at, s->d, DIAG_XML_OUTSIDE, NULL);
	const struct open_tag *open = &s->open[s->depth - 1];
	if (n != open->name_length || memcmp(t->p + begin, t->p + open->at, n) != 0)
		return diag_add(s->d, xml_locate(s->t, at), DIAG_XML_MISMATCH, name_text(t, begin, n, name),
		    name_text(t, open->at, open->name_length, other), diag_num(xml_locate(s->t, open->at).line), NULL);
	s->depth--;
	s->at = begin + n;
	return skip_tag(s, at + 1, n + 1, &empty);
}

static bool markup(struct scan *s)
{
	const struct xml_text *t = s->t;
	size_t at = s->at;
	if (starts(t, at, "<!--"))
		return skip_to(s, "<!--", "-->");
	if (starts(t, at, "<![CDATA["))
		return skip_to(s, "<![CDATA[", "]]>");
	if (starts(t, at, "<!"))
		return refuse(s->t, at, s->d, DIAG_XML_DTD, NULL);
	if (at == 0 && has_declaration(t))
		return skip_to(s, "<?xml", "?>");
	if (starts(t, at, "<?")) {
		char name[48];
		return refuse(
		    s->t, at, s->d, DIAG_XML_INSTRUCTION, name_text(t, at + 2, xml_name_end(t, at + 2) - at - 2, name));
	}
	return starts(t, at, "</") ? end_tag(s) : start_tag(s);
}

static bool check_structure(struct xml_text *t, struct diag_list *d)
{
	struct scan s = {.t = t, .d = d};
	char name[48];
	while (s.at < t->n) {
		if (t->p[s.at] == '<') {
			if (!markup(&s))
				return false;
			continue;
		}
		if (s.depth == 0 && !blank(t->p[s.at]))
			return refuse(t, s.at, d, DIAG_XML_OUTSIDE, NULL);
		s.at++;
	}
	if (s.elements == 0)
		return refuse(t, 0, d, DIAG_XML_EMPTY, NULL);
	if (s.depth == 0)
		return true;
	const struct open_tag *open = &s.open[s.depth - 1];
	return refuse(t, open->at - 1, d, DIAG_XML_UNCLOSED, name_text(t, open->at, open->name_length, name));
}

bool xml_scan(struct xml_text *t, struct diag_list *d)
{
	t->line = t->column = 1;
	if (t->n > XML_MAX)
		return diag_add(d, (struct srcloc){.file = t->name, .line = 1, .column = 1}, DIAG_XML_TOO_BIG,
		    diag_num(t->n), diag_num(XML_MAX), NULL);
	const char *foreign = foreign_encoding(t->p, t->n);
	if (foreign != NULL)
		return refuse(t, 0, d, DIAG_XML_ENCODING, foreign);
	if (t->n >= 3 && memcmp(t->p, "\xef\xbb\xbf", 3) == 0) {
		t->p += 3;
		t->n -= 3;
	}
	return check_declaration(t, d) && check_characters(t, d) && check_structure(t, d);
}
