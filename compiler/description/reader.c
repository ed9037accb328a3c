#include "compiler/description/reader.h"

#include <assert.h>
#include <string.h>

#include "compiler/description/description.h"
#include "compiler/description/suggest.h"
#include "compiler/description/value.h"

struct reader {
	struct arena *a;
	struct diag_list *d;
	size_t most; /* rows of d after which reading stops */
};

/* --- nodes ------------------------------------------------------------------------------------------------------- */

const struct slot *node_slot(const struct node *n, enum attribute a)
{
	assert(grammar_attribute[a].element == n->element);
	return &n->slot[a - grammar_first(n->element)];
}

bool node_has(const struct node *n, enum attribute a)
{
	return node_slot(n, a)->ok;
}

uint32_t node_number(const struct node *n, enum attribute a)
{
	const struct slot *s = node_slot(n, a);
	return s->ok ? s->number : 0;
}

const char *node_text(const struct node *n, enum attribute a)
{
	const struct slot *s = node_slot(n, a);
	return s->ok ? s->text : "";
}

const char *node_name(const struct node *n, enum attribute id)
{
	const struct slot *s = node_slot(n, id);
	return s->src == NULL || s->length == 0 || s->length >= CONTRACT_NAME ? "-" : s->src->value;
}

struct srcloc node_at(const struct node *n, enum attribute a)
{
	const struct slot *s = node_slot(n, a);
	return s->src == NULL ? n->xml->at : s->src->value_at;
}

const char *reader_quote(struct arena *a, const char *text, size_t n)
{
	size_t cut = n < 48 ? n : 48;
	while (cut < n && cut > 0 && (text[cut] & 0xc0) == 0x80)
		cut--;
	return arena_printf(a, "%.*s%s", (int)cut, text, cut < n ? "..." : "");
}

static const char *quote(struct reader *r, const char *text)
{
	return reader_quote(r->a, text, strlen(text));
}

/* --- attributes -------------------------------------------------------------------------------------------------- */

/* The attributes of an element, or its children, as a list for a message: "id, fid, size". */
static const char *list_attributes(struct reader *r, enum element e)
{
	const char *list = "";
	for (size_t i = 0, first = grammar_first(e); i < grammar_count(e); i++)
		list = arena_printf(r->a, "%s%s%s", list, i == 0 ? "" : ", ", grammar_attribute[first + i].name);
	return list;
}

static const char *list_children(struct reader *r, enum element e)
{
	const char *list = "";
	for (size_t i = 0; i < ELEMENTS; i++)
		if (grammar_place_of((enum element)i, e) != NULL)
			list = arena_printf(r->a, "%s%s%s", list, *list == 0 ? "" : ", ", grammar_element[i].name);
	return list;
}

/* Editors tell themselves on the root element where the schema is. */
static bool is_schema_hint(const struct node *n, const struct xml_attr *x)
{
	return n->element == ELEMENT_CARD_AP && strcmp(x->ns, XML_NS_XSI) == 0;
}

static bool attribute_is(const struct attribute_row *row, const struct xml_attr *x)
{
	/* Prefixed names are compared by namespace; xml:lang is the only one, and its prefix is fixed. */
	return strcmp(row->name, x->name) == 0 && (*x->ns == 0 || strcmp(x->ns, XML_NS_XML) == 0);
}

/* Which attribute of the element this is, read as the nearest one when it is mistyped; -1 for none. */
static int attribute_of(struct reader *r, const struct node *n, const struct xml_attr *x)
{
	size_t first = grammar_first(n->element), count = grammar_count(n->element);
	struct suggestion s = suggest_for(x->name, strlen(x->name));
	for (size_t i = 0; i < count; i++) {
		if (attribute_is(&grammar_attribute[first + i], x))
			return (int)i;
		const char *name = grammar_attribute[first + i].name;
		if (xml_attr(n->xml, name) == NULL)
			suggest_try(&s, name, strlen(name));
	}
	const char *element = grammar_element[n->element].name;
	if (s.best == NULL) {
		diag_add(r->d, x->at, DIAG_ATTRIBUTE_UNKNOWN, quote(r, x->name), element,
		    list_attributes(r, n->element), NULL);
		return -1;
	}
	diag_add(r->d, x->at, DIAG_ATTRIBUTE_MISSPELT, quote(r, x->name), element, s.best, NULL);
	for (size_t i = 0; i < count; i++)
		if (grammar_attribute[first + i].name == s.best)
			return n->slot[i].src == NULL ? (int)i : -1;
	return -1;
}

static void read_attributes(struct reader *r, struct node *n)
{
	size_t first = grammar_first(n->element), count = grammar_count(n->element);
	n->slot = arena_alloc(r->a, count * sizeof *n->slot);
	for (const struct xml_attr *x = n->xml->attr; x != NULL; x = x->next) {
		int i = is_schema_hint(n, x) ? -1 : attribute_of(r, n, x);
		if (i < 0)
			continue;
		n->slot[i].src = x;
		n->slot[i].ok =
		    value_read(r->a, &n->slot[i], &grammar_attribute[first + (size_t)i], x->value, x->length, r->d);
	}
}

/* --- content ----------------------------------------------------------------------------------------------------- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void read_text(struct reader *r, struct node *n)
{
	const struct element_row *row = &grammar_element[n->element];
	const char *s = n->xml->text;
	char *text = arena_alloc(r->a, n->xml->text_length + 1);
	size_t len = 0;
	for (; *s != 0; s++) {
		if (!blank(*s))
			text[len++] = *s;
		else if (len != 0 && text[len - 1] != ' ')
			text[len++] = ' ';
	}
	if (len != 0 && text[len - 1] == ' ')
		len--;
	text[len] = 0;
	n->text = text;
	if (row->text == 0 && (len != 0 || n->xml->cdata))
		diag_add(r->d, n->xml->text_at, DIAG_TEXT_UNEXPECTED, row->name, NULL);
	else if (row->text != 0 && (len < row->text_min || len > row->text))
		diag_add(r->d, n->xml->text_at, DIAG_TEXT_LENGTH, row->name, diag_num(len), diag_num(row->text_min),
		    diag_num(row->text), NULL);
	else if (contract_format_misfit(FORMAT_TEXT, (const uint8_t *)text, len) != len)
		diag_add(r->d, n->xml->text_at, DIAG_TEXT_CHARACTER, row->name, NULL);
}

/* Which child of `parent` this is, read as the nearest one when it is mistyped; ELEMENTS for none. */
static enum element element_of(struct reader *r, enum element parent, const struct xml_element *x)
{
	const char *in = grammar_element[parent].name;
	struct suggestion s = suggest_for(x->name, strlen(x->name));
	if (strcmp(x->ns, DESCRIPTION_NAMESPACE) != 0) {
		diag_add(r->d, x->at, DIAG_ELEMENT_NAMESPACE, quote(r, x->name), quote(r, x->ns), NULL);
		return ELEMENTS;
	}
	for (size_t i = 0; i < ELEMENTS; i++) {
		if (grammar_place_of((enum element)i, parent) == NULL)
			continue;
		if (strcmp(grammar_element[i].name, x->name) == 0)
			return (enum element)i;
		suggest_try(&s, grammar_element[i].name, strlen(grammar_element[i].name));
	}
	if (s.best == NULL) {
		const char *list = list_children(r, parent);
		diag_add(r->d, x->at, *list == 0 ? DIAG_ELEMENT_EMPTY : DIAG_ELEMENT_UNKNOWN, quote(r, x->name), in,
		    list, NULL);
		return ELEMENTS;
	}
	diag_add(r->d, x->at, DIAG_ELEMENT_MISSPELT, quote(r, x->name), in, s.best, NULL);
	for (size_t i = 0; i < ELEMENTS; i++)
		if (grammar_element[i].name == s.best)
			return (enum element)i;
	return ELEMENTS;
}

static struct node *read_node(struct reader *r, enum element e, const struct xml_element *x);

static void read_children(struct reader *r, struct node *n)
{
	unsigned count[ELEMENTS] = {0};
	struct node **next = &n->child;
	for (const struct xml_element *x = n->xml->child; x != NULL && r->d->n < r->most; x = x->next) {
		enum element e = element_of(r, n->element, x);
		if (e == ELEMENTS)
			continue;
		unsigned most = grammar_place_of(e, n->element)->most;
		if (++count[e] > most) {
			if (count[e] == most + 1)
				diag_add(r->d, x->at, DIAG_ELEMENT_REPEATED, grammar_element[e].name,
				    grammar_element[n->element].name, diag_num(most), NULL);
			continue;
		}
		*next = read_node(r, e, x);
		next = &(*next)->next;
	}
}

static struct node *read_node(struct reader *r, enum element e, const struct xml_element *x)
{
	struct node *n = ARENA_NEW(r->a, struct node);
	n->element = e;
	n->xml = x;
	read_attributes(r, n);
	read_text(r, n);
	read_children(r, n);
	return n;
}

/* --- what is not written ----------------------------------------------------------------------------------------- */

static void complete_attributes(struct reader *r, struct node *n)
{
	size_t first = grammar_first(n->element), count = grammar_count(n->element);
	for (size_t i = 0; i < count; i++) {
		const struct attribute_row *row = &grammar_attribute[first + i];
		if (n->slot[i].src != NULL)
			continue;
		if (row->required)
			diag_add(r->d, n->xml->at, DIAG_ATTRIBUTE_MISSING, grammar_element[n->element].name, row->name,
			    NULL);
		if (row->fallback == NULL)
			continue;
		n->slot[i].ok = value_read(r->a, &n->slot[i], row, row->fallback, strlen(row->fallback), r->d);
		assert(n->slot[i].ok);
	}
}

/* Two descriptions that were put together may have more of an element than one may have. */
static void complete_children(struct reader *r, struct node *n)
{
	unsigned count[ELEMENTS] = {0};
	for (struct node **k = &n->child; *k != NULL;) {
		enum element e = (*k)->element;
		unsigned most = grammar_place_of(e, n->element)->most;
		if (++count[e] <= most) {
			k = &(*k)->next;
			continue;
		}
		if (count[e] == most + 1)
			diag_add(r->d, (*k)->xml->at, DIAG_ELEMENT_REPEATED, grammar_element[e].name,
			    grammar_element[n->element].name, diag_num(most), NULL);
		*k = (*k)->next;
	}
	for (size_t i = 0; i < grammar_places; i++)
		if (grammar_place[i].parent == n->element && count[grammar_place[i].element] < grammar_place[i].least)
			diag_add(r->d, n->xml->at, DIAG_ELEMENT_MISSING, grammar_element[n->element].name,
			    grammar_element[grammar_place[i].element].name, NULL);
}

static void complete(struct reader *r, struct node *n)
{
	complete_attributes(r, n);
	complete_children(r, n);
	for (struct node *k = n->child; k != NULL && r->d->n < r->most; k = k->next)
		complete(r, k);
}

static bool too_many(struct reader *r, struct srcloc at)
{
	return r->d->n >= r->most && !diag_add(r->d, at, DIAG_TOO_MANY_ERRORS, diag_num(READER_ERRORS), NULL);
}

bool reader_complete(struct arena *a, struct node *root, struct diag_list *d)
{
	struct reader r = {.a = a, .d = d, .most = d->n + READER_ERRORS};
	complete(&r, root);
	return !too_many(&r, root->xml->at);
}

struct node *reader_read(struct arena *a, const struct xml_element *root, struct diag_list *d)
{
	struct reader r = {.a = a, .d = d, .most = d->n + READER_ERRORS};
	const char *name = grammar_element[ELEMENT_CARD_AP].name;
	if (strcmp(root->name, name) != 0 || strcmp(root->ns, DESCRIPTION_NAMESPACE) != 0) {
		diag_add(d, root->at, DIAG_NOT_A_CARD_AP, quote(&r, root->name),
		    *root->ns == 0 ? "-" : quote(&r, root->ns), NULL);
		return NULL;
	}
	struct node *n = read_node(&r, ELEMENT_CARD_AP, root);
	return too_many(&r, root->at) ? NULL : n;
}
