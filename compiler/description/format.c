/* The canonical form of a description: attributes in the order of the grammar, two blanks for each level, hex digits in
 * capitals, text trimmed, one way to put blanks into rules. Elements keep their order, because it is the order of the
 * AP's objects and steps. */
#include "compiler/description/description.h"

#include <ctype.h>
#include <string.h>

#include "compiler/description/build.h"
#include "runtime/base/buf.h"

enum { INDENT = 2, WIDTH = 120 };

static void indent(struct buf *out, unsigned level)
{
	for (unsigned i = 0; i < level * INDENT; i++)
		buf_u8(out, ' ');
}

/* A line end in a value can only have come from a reference; written plainly it would become a blank. */
static void escape(struct buf *out, const char *s)
{
	for (; *s != 0; s++)
		switch (*s) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		case '\t':
		case '\n':
		case '\r':
			buf_printf(out, "&#%d;", *s);
			break;
		default:
			buf_u8(out, (uint8_t)*s);
		}
}

static void write_capitals(struct buf *out, const char *digits)
{
	for (; *digits != 0; digits++)
		buf_u8(out, (uint8_t)toupper((unsigned char)*digits));
}

static void write_value(struct buf *out, const struct attribute_row *row, const struct xml_attr *x)
{
	static const char hex[] = "hex:";
	if (row->type == TYPE_RULE) {
		rule_write(out, x);
	} else if (row->type == TYPE_HEX) {
		write_capitals(out, x->value);
	} else if (row->type == TYPE_OPERAND && strncmp(x->value, hex, strlen(hex)) == 0) {
		buf_str(out, hex);
		write_capitals(out, x->value + strlen(hex));
	} else {
		escape(out, x->value);
	}
}

/* Hints for editors on the root element are kept as they are. */
static void write_hints(struct buf *out, const struct node *n)
{
	bool declared = false;
	for (const struct xml_attr *x = n->xml->attr; x != NULL; x = x->next) {
		if (strcmp(x->ns, XML_NS_XSI) != 0)
			continue;
		if (!declared)
			buf_str(out, " xmlns:xsi=\"" XML_NS_XSI "\"");
		declared = true;
		const char *colon = strchr(x->name, ':');
		buf_printf(out, " xsi:%s=\"", colon == NULL ? x->name : colon + 1);
		escape(out, x->value);
		buf_u8(out, '"');
	}
}

static void write_attributes(struct buf *out, const struct node *n, unsigned level, size_t line)
{
	size_t first = grammar_first(n->element), count = grammar_count(n->element);
	for (size_t i = 0; i < count; i++) {
		const struct attribute_row *row = &grammar_attribute[first + i];
		const struct xml_attr *x = n->slot[i].src;
		if (x == NULL)
			continue;
		struct buf value = {0};
		write_value(&value, row, x);
		out->bad = out->bad || value.bad;
		if (out->n - line + strlen(row->name) + value.n + 4 > WIDTH) {
			buf_u8(out, '\n');
			line = out->n;
			indent(out, level + 1);
			buf_str(out, "   "); /* behind the name of the element, and never where a child begins */
		}
		buf_printf(out, " %s=\"", row->name);
		buf_add(out, value.p, value.n);
		buf_u8(out, '"');
		buf_reset(&value);
	}
}

static void write_node(struct buf *out, const struct node *n, unsigned level)
{
	const char *name = grammar_element[n->element].name;
	size_t line = out->n;
	indent(out, level);
	buf_printf(out, "<%s", name);
	if (n->element == ELEMENT_CARD_AP) {
		buf_str(out, " xmlns=\"" DESCRIPTION_NAMESPACE "\"");
		write_hints(out, n);
	}
	write_attributes(out, n, level, line);
	if (n->child == NULL && *n->text == 0) {
		buf_str(out, "/>\n");
		return;
	}
	buf_u8(out, '>');
	escape(out, n->text);
	if (n->child != NULL) {
		buf_u8(out, '\n');
		for (const struct node *k = n->child; k != NULL; k = k->next)
			write_node(out, k, level + 1);
		indent(out, level);
	}
	buf_printf(out, "</%s>\n", name);
}

static unsigned comments(const uint8_t *p, size_t n)
{
	unsigned count = 0;
	for (size_t i = 0; i + 4 <= n; i++)
		count += memcmp(p + i, "<!--", 4) == 0;
	return count;
}

bool description_format(
    struct arena *a, const uint8_t *p, size_t n, const char *name, bool whole, struct buf *out, struct diag_list *d)
{
	struct diag_list again = {0}; /* what the first reading has said already */
	struct build *b = build_new(a, name, d);
	if (!build_read(b, p, n))
		return false;
	const struct xml_element *root = xml_read(a, p, n, name, &again);
	const struct node *tree = whole || root == NULL ? b->root : reader_read(a, root, &again);
	diag_reset(&again);
	if (tree == NULL)
		return false;
	unsigned lost = comments(p, n);
	if (lost != 0)
		diag_add(d, b->root->xml->at, DIAG_FORMAT_COMMENTS, diag_num(lost), NULL);
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	write_node(out, tree, 0);
	return !out->bad;
}
