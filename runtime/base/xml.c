#include "runtime/base/xml.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "runtime/base/buf.h"
#include "runtime/base/xml_scan.h"

struct reader {
	struct arena *a;
	struct diag_list *d;
	struct xml_text t;
	xmlParserCtxt *ctxt;
	size_t mark; /* no tag lies between here and the next event */
	struct xml_element *root, *open;
	struct xml_element **next[XML_DEPTH + 1]; /* where the next child of each open element is hung */
	struct buf text[XML_DEPTH + 1];           /* character data of each open element */
	bool has_text[XML_DEPTH + 1];             /* some of it is not white space */
	size_t depth;
	bool failed;
};

/* Offset of libxml2's reading point. The text is UTF-8, so libxml2 reads our bytes and not converted ones. */
static size_t reading_point(const struct reader *r)
{
	long at = xmlByteConsumed(r->ctxt);
	return at < 0 || (size_t)at > r->t.n ? r->t.n : (size_t)at;
}

static char *name_of(struct arena *a, const xmlChar *prefix, const xmlChar *local)
{
	return prefix == NULL ? arena_strdup(a, (const char *)local) : arena_printf(a, "%s:%s", prefix, local);
}

static const char *ns_of(struct arena *a, const xmlChar *uri)
{
	return uri == NULL ? "" : arena_strdup(a, (const char *)uri);
}

/* The attributes, in step with the tag as it is written: libxml2 hands them over in that order, without xmlns. */
static void add_attributes(struct reader *r, struct xml_element *e, size_t at, int n, const xmlChar **atts)
{
	struct xml_attr **next = &e->attr;
	struct xml_raw_attr raw;
	for (int i = 0; xml_next_attr(&r->t, &at, &raw);) {
		const char *name = (const char *)r->t.p + raw.name;
		if (strncmp(name, "xmlns", 5) == 0 && (raw.name_length == 5 || name[5] == ':'))
			continue;
		assert(i < n);
		const xmlChar **x = atts + 5 * (size_t)i++;
		struct xml_attr *a = ARENA_NEW(r->a, struct xml_attr);
		a->name = name_of(r->a, x[1], x[0]);
		a->ns = ns_of(r->a, x[2]);
		assert(strlen(a->name) == raw.name_length && memcmp(a->name, name, raw.name_length) == 0);
		a->length = (size_t)(x[4] - x[3]);
		a->value = arena_strndup(r->a, (const char *)x[3], a->length);
		a->at = xml_locate(&r->t, raw.name);
		a->value_at = xml_locate(&r->t, raw.value);
		a->raw = arena_strndup(r->a, (const char *)r->t.p + raw.value, raw.value_length);
		*next = a;
		next = &a->next;
	}
}

static void start_element(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_ns,
    const xmlChar **ns, int n, int n_default, const xmlChar **atts)
{
	struct reader *r = user;
	(void)prefix, (void)n_ns, (void)ns, (void)n_default;
	if (r->failed)
		return;
	size_t at = xml_next_tag(&r->t, r->mark);
	struct xml_element *e = ARENA_NEW(r->a, struct xml_element);
	e->name = arena_strdup(r->a, (const char *)local);
	e->ns = ns_of(r->a, uri);
	e->at = e->text_at = xml_locate(&r->t, at);
	e->text = "";
	e->parent = r->open;
	add_attributes(r, e, xml_name_end(&r->t, at + 1), n, atts);
	if (r->open == NULL)
		r->root = e;
	else
		*r->next[r->depth] = e;
	r->next[r->depth] = &e->next;
	r->open = e;
	assert(r->depth < XML_DEPTH);
	r->next[++r->depth] = &e->child;
	r->mark = reading_point(r); /* at the tag's end: '>' or '/' and '>' */
	r->mark += r->mark < r->t.n && r->t.p[r->mark] == '>';
}

static void end_element(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct reader *r = user;
	(void)local, (void)prefix, (void)uri;
	if (r->failed)
		return;
	struct buf *text = &r->text[r->depth];
	r->open->text = arena_strndup(r->a, buf_cstr(text), text->n);
	r->open->text_length = text->n;
	buf_clear(text);
	r->has_text[r->depth] = false;
	r->open = r->open->parent;
	r->depth--;
	r->mark = reading_point(r);
}

static void characters(void *user, const xmlChar *s, int n)
{
	struct reader *r = user;
	if (r->failed || r->open == NULL)
		return;
	buf_add(&r->text[r->depth], s, (size_t)n);
	for (int i = 0; i < n && !r->has_text[r->depth]; i++) {
		if (strchr(" \t\r\n", s[i]) != NULL)
			continue;
		r->has_text[r->depth] = true;
		r->open->text_at = xml_locate(&r->t, xml_next_text(&r->t, r->mark));
	}
}

/* The white space of a CDATA section is text on purpose: XML Schema does not take it for layout. */
static void cdata(void *user, const xmlChar *s, int n)
{
	struct reader *r = user;
	if (!r->failed && r->open != NULL)
		r->open->cdata = true;
	characters(user, s, n);
}

/* --- what libxml2 finds wrong ---------------------------------------------------------------------------------- */

static size_t back_to(const struct reader *r, size_t at, uint8_t c)
{
	while (at > 0 && (at >= r->t.n || r->t.p[at] != c))
		at--;
	return at;
}

/* The second attribute of this name in the tag being read. */
static size_t duplicate(const struct reader *r, const char *name)
{
	size_t tag = xml_next_tag(&r->t, r->mark), at = xml_name_end(&r->t, tag + 1);
	struct xml_raw_attr raw;
	for (int seen = 0; xml_next_attr(&r->t, &at, &raw);)
		if (raw.name_length == strlen(name) && memcmp(r->t.p + raw.name, name, raw.name_length) == 0 &&
		    ++seen == 2)
			return raw.name;
	return tag;
}

/* The tag being read, or the attribute in it, that uses an undeclared prefix. */
static size_t prefix_place(const struct reader *r, const char *prefix)
{
	size_t tag = xml_next_tag(&r->t, r->mark), at = xml_name_end(&r->t, tag + 1), n = strlen(prefix);
	struct xml_raw_attr raw;
	if (memcmp(r->t.p + tag + 1, prefix, n) == 0 && r->t.p[tag + 1 + n] == ':')
		return tag + 1;
	while (xml_next_attr(&r->t, &at, &raw))
		if (raw.name_length > n && memcmp(r->t.p + raw.name, prefix, n) == 0 && r->t.p[raw.name + n] == ':')
			return raw.name;
	return tag;
}

static const char *reference_text(struct reader *r, size_t from)
{
	size_t to = from;
	while (to < r->t.n && to - from < 40 && r->t.p[to] != ';' && r->t.p[to] != '<' && r->t.p[to] != '"' &&
	    r->t.p[to] >= 0x21 && r->t.p[to] < 0x7f)
		to++;
	return arena_printf(
	    r->a, "%.*s%s", (int)(to - from), (const char *)r->t.p + from, to < r->t.n && r->t.p[to] == ';' ? ";" : "");
}

/* Errors that have a text of their own; everything else is XML_SYNTAX with libxml2's words. */
static void report(struct reader *r, const xmlError *err)
{
	struct diag_list *d = r->d;
	size_t at = reading_point(r);
	const char *arg = err->str1 == NULL ? "" : err->str1;
	bool bare = err->code == XML_ERR_NAME_REQUIRED && at > 0 && r->t.p[at - 1] == '&';
	switch (bare ? XML_ERR_ENTITYREF_SEMICOL_MISSING : err->code) {
	case XML_ERR_UNDECLARED_ENTITY:
	case XML_WAR_UNDECLARED_ENTITY:
		at = back_to(r, at, '&');
		diag_add(d, xml_locate(&r->t, at), DIAG_XML_ENTITY, reference_text(r, at), NULL);
		return;
	case XML_ERR_ENTITYREF_SEMICOL_MISSING:
	case XML_ERR_INVALID_CHARREF:
	case XML_ERR_INVALID_DEC_CHARREF:
	case XML_ERR_INVALID_HEX_CHARREF:
	case XML_ERR_INVALID_CHAR:
	case XML_ERR_CHARREF_AT_EOF:
		at = back_to(r, at, '&');
		diag_add(d, xml_locate(&r->t, at), DIAG_XML_REFERENCE, reference_text(r, at), NULL);
		return;
	case XML_ERR_ATTRIBUTE_REDEFINED:
	case XML_NS_ERR_ATTRIBUTE_REDEFINED:
		diag_add(d, xml_locate(&r->t, duplicate(r, arg)), DIAG_XML_DUPLICATE, arg, NULL);
		return;
	case XML_NS_ERR_UNDEFINED_NAMESPACE:
		diag_add(d, xml_locate(&r->t, prefix_place(r, arg)), DIAG_XML_PREFIX, arg, NULL);
		return;
	case XML_ERR_ATTRIBUTE_NOT_STARTED:
	case XML_ERR_ATTRIBUTE_WITHOUT_VALUE:
	case XML_ERR_SPACE_REQUIRED:
		diag_add(d, xml_locate(&r->t, at), DIAG_XML_ATTRIBUTE, NULL);
		return;
	default:
		arg = err->message == NULL ? "" : err->message;
		diag_add(d, xml_locate(&r->t, at), DIAG_XML_SYNTAX, arena_strndup(r->a, arg, strcspn(arg, "\n")), NULL);
	}
}

/* The first error ends the reading. libxml2 is not stopped by xmlStopParser here: that frees the buffer which its
 * callers are still in. It goes on without events, over a text whose size and shape are bounded. */
static void on_error(void *user, xmlError *err)
{
	struct reader *r = user;
	if (r->failed || (err->level < XML_ERR_ERROR && err->code != XML_WAR_UNDECLARED_ENTITY))
		return;
	r->failed = true;
	r->ctxt->disableSAX = 1;
	report(r, err);
}

static const xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = start_element,
    .endElementNs = end_element,
    .characters = characters,
    .ignorableWhitespace = characters,
    .cdataBlock = cdata,
    .serror = on_error,
};

static bool parse(struct reader *r)
{
	assert(r->t.n <= INT_MAX);
	r->ctxt = xmlCreateMemoryParserCtxt((const char *)r->t.p, (int)r->t.n);
	if (r->ctxt == NULL)
		return diag_add(r->d, (struct srcloc){.file = r->t.name}, DIAG_NO_MEMORY, NULL);
	*r->ctxt->sax = handler;
	r->ctxt->userData = r;
	/* NOENT replaces &lt; and character references; there is no DTD that could declare anything else. */
	xmlCtxtUseOptions(r->ctxt, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_COMPACT);
	bool ok = xmlParseDocument(r->ctxt) == 0 && !r->failed;
	if (!ok && !r->failed)
		diag_add(r->d, xml_locate(&r->t, reading_point(r)), DIAG_XML_SYNTAX, "?", NULL);
	xmlFreeParserCtxt(r->ctxt);
	return ok;
}

const struct xml_element *xml_read(struct arena *a, const uint8_t *p, size_t n, const char *name, struct diag_list *d)
{
	struct reader r = {.a = a, .d = d, .t = {.p = p, .n = n, .name = name}};
	bool ok = xml_scan(&r.t, d) && parse(&r);
	for (size_t i = 0; i <= XML_DEPTH; i++)
		buf_reset(&r.text[i]);
	return ok ? r.root : NULL;
}

const struct xml_attr *xml_attr(const struct xml_element *e, const char *name)
{
	for (const struct xml_attr *a = e->attr; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

/* Bytes of the value that a reference (&lt; &#x3042;) stands for. */
static size_t reference_bytes(const char *raw)
{
	if (raw[1] != '#')
		return 1; /* the five names of XML 1.0, 4.6 */
	unsigned long c = raw[2] == 'x' ? strtoul(raw + 3, NULL, 16) : strtoul(raw + 2, NULL, 10);
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

struct srcloc xml_value_at(const struct xml_attr *a, size_t offset)
{
	struct srcloc at = a->value_at;
	const char *p = a->raw;
	for (size_t done = 0; done < offset && *p != 0; at.column++) {
		if (*p == '&') {
			done += reference_bytes(p);
			size_t n = strcspn(p, ";");
			at.column += (uint32_t)n;
			p += n + (p[n] != 0);
			continue;
		}
		/* CR LF counts once and like every white space is one blank of the value. */
		bool line = *p == '\n' || *p == '\r';
		size_t n = p[0] == '\r' && p[1] == '\n' ? 2 : 1;
		done++;
		while (n == 1 && (p[1] & 0xc0) == 0x80)
			p++, done++;
		p += n;
		if (line) {
			at.line++;
			at.column = 0;
		}
	}
	return at;
}
