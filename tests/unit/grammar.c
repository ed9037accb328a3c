/* The reader's table (grammar.def) and the editors' schema (card-ap.xsd) say the same, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "compiler/description/grammar.h"
#include "compiler/description/suggest.h"
#include "runtime/base/file.h"
#include "runtime/base/xml.h"

static struct arena arena;
static const struct xml_element *schema;

static int load(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct buf f = {0};
	if (!file_read("compiler/description/card-ap.xsd", 1 << 20, &f, &d))
		return -1;
	schema = xml_read(&arena, f.p, f.n, "card-ap.xsd", &d);
	diag_print(stderr, &d, "en");
	buf_reset(&f);
	diag_reset(&d);
	return schema == NULL ? -1 : 0;
}

static int unload(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char *text_of(const struct xml_element *e, const char *attribute)
{
	const struct xml_attr *a = xml_attr(e, attribute);
	return a == NULL ? "" : a->value;
}

/* The child of e that is called so and, where `name` is given, has that name=. */
static const struct xml_element *child(const struct xml_element *e, const char *kind, const char *name)
{
	for (const struct xml_element *k = e->child; k != NULL; k = k->next)
		if (strcmp(k->name, kind) == 0 && (name == NULL || strcmp(text_of(k, "name"), name) == 0))
			return k;
	return NULL;
}

static const struct xml_element *type_of(const char *element)
{
	const struct xml_element *t = child(schema, "complexType", element);
	if (t == NULL)
		fail_msg("card-ap.xsd has no type for '%s'", element);
	return t;
}

/* Where a type's attributes stand: in its extension when the element has text. */
static const struct xml_element *attributes_of(const struct xml_element *type)
{
	const struct xml_element *simple = child(type, "simpleContent", NULL);
	return simple == NULL ? type : child(simple, "extension", NULL);
}

static const char *attribute_name(const struct xml_element *x)
{
	return *text_of(x, "ref") != 0 ? text_of(x, "ref") : text_of(x, "name");
}

static void same_documentation(const struct xml_element *e, const char *const doc[2], const char *what)
{
	static const char *const lang[] = {"en", "ja"};
	const struct xml_element *note = child(e, "annotation", NULL);
	if (note == NULL)
		fail_msg("'%s' has no documentation in card-ap.xsd", what);
	for (int i = 0; i < 2; i++) {
		const struct xml_element *d = note->child;
		while (d != NULL && strcmp(text_of(d, "xml:lang"), lang[i]) != 0)
			d = d->next;
		assert_non_null(d);
		if (strcmp(d->text, doc[i]) != 0)
			fail_msg("'%s': documentation (%s) differs:\n  %s\n  %s", what, lang[i], d->text, doc[i]);
	}
}

/* --- attributes -------------------------------------------------------------------------------------------------- */

static void same_facet(const struct xml_element *restriction, const char *facet, uint32_t want, const char *what)
{
	const struct xml_element *f = child(restriction, facet, NULL);
	if (f == NULL)
		f = child(restriction, "length", NULL);
	if (f == NULL || strtoul(text_of(f, "value"), NULL, 10) != want)
		fail_msg("'%s': %s is not %u in card-ap.xsd", what, facet, (unsigned)want);
}

static void same_words(const struct xml_element *restriction, const char *words, const char *what)
{
	char list[256] = "";
	for (const struct xml_element *w = restriction->child; w != NULL; w = w->next) {
		assert_string_equal(w->name, "enumeration");
		strcat(list, *list == 0 ? "" : "|");
		strcat(list, text_of(w, "value"));
	}
	if (strcmp(list, words) != 0)
		fail_msg("'%s': words differ: %s, %s", what, list, words);
}

static void same_named_type(const struct xml_element *x, const char *type, const char *what)
{
	if (strcmp(text_of(x, "type"), type) != 0)
		fail_msg("'%s' is of type '%s' in card-ap.xsd, not '%s'", what, text_of(x, "type"), type);
}

/* Where a description has a base, an element changes the attributes that it gives: the schema cannot ask for the rest.
 */
static bool may_change(enum element e)
{
	static const enum element list[] = {ELEMENT_PIN, ELEMENT_PUK, ELEMENT_KEY, ELEMENT_RULE, ELEMENT_FILE,
	    ELEMENT_FIELD, ELEMENT_RECORDS, ELEMENT_DATA, ELEMENT_COUNTER, ELEMENT_DF, ELEMENT_COMMAND,
	    ELEMENT_NUMBERING};
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (list[i] == e)
			return true;
	return false;
}

static void same_type(const struct xml_element *x, const struct attribute_row *row)
{
	static const char *const named[] = {[TYPE_IDENTIFIER] = "identifier",
	    [TYPE_RULE] = "expression",
	    [TYPE_SOURCE] = "source",
	    [TYPE_OPERAND] = "operand",
	    [TYPE_VERSION] = "version",
	    [TYPE_CODE] = "code"};
	if (row->type < sizeof named / sizeof *named && named[row->type] != NULL) {
		same_named_type(x, named[row->type], row->name);
		return;
	}
	if (strcmp(row->name, "xml:lang") == 0)
		return; /* xml-lang.xsd: see the_language_of_titles */
	const struct xml_element *r = child(child(x, "simpleType", NULL), "restriction", NULL);
	const char *base = text_of(r, "base");
	switch (row->type) {
	case TYPE_NUMBER:
		assert_string_equal(base, "xs:integer");
		same_facet(r, "minInclusive", row->least, row->name);
		same_facet(r, "maxInclusive", row->most, row->name);
		return;
	case TYPE_DIGITS:
		assert_string_equal(base, "xs:string");
		assert_non_null(child(r, "pattern", NULL));
		return;
	case TYPE_HEX:
		assert_string_equal(base, "xs:hexBinary");
		same_facet(r, "minLength", row->least, row->name);
		same_facet(r, "maxLength", row->most, row->name);
		return;
	case TYPE_TEXT:
		assert_string_equal(base, "xs:string");
		same_facet(r, "minLength", row->least, row->name);
		same_facet(r, "maxLength", row->most, row->name);
		return;
	case TYPE_WORD:
		assert_string_equal(base, "xs:string");
		same_words(r, row->words, row->name);
		return;
	default:
		fail();
	}
}

static void every_row_is_in_the_schema(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		const struct attribute_row *row = &grammar_attribute[i];
		const char *element = grammar_element[row->element].name;
		const struct xml_element *x = attributes_of(type_of(element))->child;
		while (x != NULL && (strcmp(x->name, "attribute") != 0 || strcmp(attribute_name(x), row->name) != 0))
			x = x->next;
		if (x == NULL)
			fail_msg("card-ap.xsd lacks '%s' of '%s'", row->name, element);
		bool required = row->required && (strcmp(row->name, "id") == 0 || !may_change(row->element)) &&
		    i != ATTR_CARD_AP_AREA;
		assert_int_equal(strcmp(text_of(x, "use"), "required") == 0, required);
		assert_string_equal(text_of(x, "default"), row->fallback == NULL ? "" : row->fallback);
		same_documentation(x, row->doc, row->name);
		same_type(x, row);
	}
	for (size_t i = 0; i < ELEMENTS; i++) {
		const struct element_row *row = &grammar_element[i];
		const struct xml_element *type = type_of(row->name);
		same_documentation(type, row->doc, row->name);
		if (child(type, "choice", NULL) == NULL)
			assert_string_equal(text_of(attributes_of(type), "base"), row->text != 0 ? "text" : "blank");
	}
	for (size_t i = 0; i < grammar_places; i++) {
		const char *name = grammar_element[grammar_place[i].element].name;
		if (grammar_place[i].parent == ELEMENT_ROOT) {
			assert_non_null(child(schema, "element", name));
			continue;
		}
		const char *parent = grammar_element[grammar_place[i].parent].name;
		const struct xml_element *choice = child(type_of(parent), "choice", NULL);
		if (choice == NULL || child(choice, "element", name) == NULL)
			fail_msg("card-ap.xsd lacks '%s' in '%s'", name, parent);
	}
}

static int element_named(const char *name)
{
	for (int i = 0; i < ELEMENTS; i++)
		if (strcmp(grammar_element[i].name, name) == 0)
			return i;
	return -1;
}

static void schema_attribute_is_a_row(enum element e, const struct xml_element *x)
{
	for (size_t i = 0; i < grammar_count(e); i++)
		if (strcmp(grammar_attribute[grammar_first(e) + i].name, attribute_name(x)) == 0)
			return;
	fail_msg("grammar.def lacks '%s' of '%s'", attribute_name(x), grammar_element[e].name);
}

static void every_declaration_is_a_row(void **state)
{
	(void)state;
	unsigned types = 0;
	for (const struct xml_element *t = schema->child; t != NULL; t = t->next) {
		if (strcmp(t->name, "complexType") != 0)
			continue;
		int e = element_named(text_of(t, "name"));
		if (e < 0)
			fail_msg("grammar.def lacks the element '%s'", text_of(t, "name"));
		types++;
		for (const struct xml_element *x = attributes_of(t)->child; x != NULL; x = x->next)
			if (strcmp(x->name, "attribute") == 0)
				schema_attribute_is_a_row((enum element)e, x);
		const struct xml_element *choice = child(t, "choice", NULL);
		for (const struct xml_element *x = choice == NULL ? NULL : choice->child; x != NULL; x = x->next) {
			int k = element_named(text_of(x, "name"));
			if (k < 0 || grammar_place_of((enum element)k, (enum element)e) == NULL)
				fail_msg("grammar.def lacks '%s' in '%s'", text_of(x, "name"), text_of(t, "name"));
			assert_string_equal(text_of(x, "type"), text_of(x, "name"));
		}
	}
	assert_int_equal(types, ELEMENTS);
}

/* Patterns and lengths of the types that several attributes share, and the words of xml-lang.xsd. */
static void shared_types(void **state)
{
	(void)state;
	static const struct {
		const char *name, *facet, *value;
	} type[] = {
	    {"identifier", "pattern", "[a-z][a-z0-9\\-]{0,31}"},
	    {"text", "minLength", "1"},
	    {"blank", "length", "0"},
	    {"expression", "maxLength", "4096"},
	    {"source", "pattern", "(csv|caller):[A-Z0-9\\-]{1,32}|(numbering|master):[a-z][a-z0-9\\-]{0,31}"},
	    {"operand", "pattern",
		"(input|field|counter):[a-z][a-z0-9\\-]{0,31}|hex:([0-9A-Fa-f]{2}){1,254}|number:[0-9]{1,10}"},
	    {"version", "pattern", "[0-9]{1,5}(\\.[0-9]{1,5}){1,2}"},
	    {"code", "pattern", "IG[0-9]{4}"},
	};
	for (size_t i = 0; i < sizeof type / sizeof *type; i++) {
		const struct xml_element *r = child(child(schema, "simpleType", type[i].name), "restriction", NULL);
		assert_string_equal(text_of(child(r, type[i].facet, NULL), "value"), type[i].value);
	}
	assert_string_equal(text_of(schema, "targetNamespace"), DESCRIPTION_NAMESPACE);
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (grammar_attribute[i].type == TYPE_RULE)
			assert_int_equal(grammar_attribute[i].most, 4096);
}

static void the_language_of_titles(void **state)
{
	(void)state;
	struct diag_list d = {0};
	struct buf f = {0};
	assert_true(file_read("compiler/description/xml-lang.xsd", 1 << 20, &f, &d));
	const struct xml_element *s = xml_read(&arena, f.p, f.n, "xml-lang.xsd", &d);
	const struct xml_element *lang = child(s, "attribute", "lang");
	same_words(child(child(lang, "simpleType", NULL), "restriction", NULL),
	    grammar_attribute[ATTR_TITLE_LANG].words, "xml:lang");
	buf_reset(&f);
}

/* --- suggestions ------------------------------------------------------------------------------------------------- */

static const char *suggested(const char *word, const char *const *list)
{
	struct suggestion s = suggest_for(word, strlen(word));
	for (; *list != NULL; list++)
		suggest_try(&s, *list, strlen(*list));
	return s.best == NULL ? "" : s.best;
}

static void suggestions(void **state)
{
	(void)state;
	static const char *const list[] = {"size", "sfi", "offset", "length", "fill", "id", "fid", NULL};
	assert_string_equal(suggested("lenght", list), "length");
	assert_string_equal(suggested("sizes", list), "size");
	assert_string_equal(suggested("ofset", list), "offset");
	assert_string_equal(suggested("Fid", list), "fid");
	assert_string_equal(suggested("filll", list), "fill");
	assert_string_equal(suggested("colour", list), "");
	assert_string_equal(suggested("", list), "");
	assert_string_equal(suggested("x", list), "");
	assert_string_equal(suggested("lengthlengthlengthlengthlengthlength", list), "");
	assert_int_equal(grammar_word("never|both|b", "b"), 2);
	assert_int_equal(grammar_word("never|both|b", "bo"), -1);
	assert_int_equal(grammar_word("never|both|b", ""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row_is_in_the_schema),
	    cmocka_unit_test(every_declaration_is_a_row),
	    cmocka_unit_test(shared_types),
	    cmocka_unit_test(the_language_of_titles),
	    cmocka_unit_test(suggestions),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
