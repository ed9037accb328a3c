/* Generated descriptions: the reader and card-ap.xsd accept them, their canonical form is the same AP, equal seeds give
 * equal text, and broken ones are accepted by the reader only where the schema accepts them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "compiler/description/grammar.h"
#include "runtime/base/xml.h"
#include "tests/generate/mutate.h"
#include "tests/unit/support/generate_kit.h"

enum { DESCRIPTIONS = 300, MUTANTS = 12 /* of each description */ };

static xmlSchema *schema;

static int set_up(void **state)
{
	(void)state;
	xmlSchemaParserCtxt *p = xmlSchemaNewParserCtxt("compiler/description/card-ap.xsd");
	schema = xmlSchemaParse(p);
	xmlSchemaFreeParserCtxt(p);
	return schema == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	xmlSchemaFree(schema);
	xmlCleanupParser();
	return 0;
}

static void quiet(void *user, const char *format, ...)
{
	(void)user, (void)format;
}

static bool schema_accepts(const struct buf *xml, bool loud)
{
	int flags = XML_PARSE_NONET | (loud ? 0 : XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlDoc *doc = xmlReadMemory((const char *)xml->p, (int)xml->n, "generated.xml", NULL, flags);
	xmlSchemaValidCtxt *v = xmlSchemaNewValidCtxt(schema);
	if (!loud)
		xmlSchemaSetValidErrors(v, quiet, quiet, NULL);
	bool valid = doc != NULL && xmlSchemaValidateDoc(v, doc) == 0;
	xmlSchemaFreeValidCtxt(v);
	xmlFreeDoc(doc);
	return valid;
}

static void reader_and_schema_accept(void **state)
{
	(void)state;
	struct generate_range range = generate_range(DESCRIPTIONS);
	size_t bytes = 0, warnings = 0;
	for (uint64_t seed = range.first; seed < range.end; seed++) {
		struct generated_ap ap;
		struct buf again = {0};
		generated_open(&ap, seed);
		if (!schema_accepts(&ap.xml, true))
			fail_msg("seed %llu: accepted, but not valid by card-ap.xsd", (unsigned long long)seed);
		generate_description(seed, &again);
		assert_int_equal(again.n, ap.xml.n);
		assert_memory_equal(again.p, ap.xml.p, again.n);
		bytes += ap.xml.n;
		warnings += ap.d.n;
		buf_reset(&again);
		generated_close(&ap);
	}
	print_message("%llu descriptions, %zu bytes, %zu warnings and notes\n",
	    (unsigned long long)(range.end - range.first), bytes, warnings);
}

/* --- the whole language ------------------------------------------------------------------------------------------ */

static bool attribute_seen[ATTRIBUTES], word_seen[ATTRIBUTES][32];

static void note(const struct xml_element *e, const struct attribute_row *row, size_t i)
{
	const struct xml_attr *a = xml_attr(e, row->name);
	if (a == NULL)
		return;
	attribute_seen[i] = true;
	if (row->type == TYPE_WORD)
		word_seen[i][grammar_word(row->words, a->value)] = true;
}

static void note_all(const struct xml_element *e)
{
	for (; e != NULL; e = e->next) {
		for (size_t i = 0; i < ATTRIBUTES; i++)
			if (strcmp(grammar_element[grammar_attribute[i].element].name, e->name) == 0)
				note(e, &grammar_attribute[i], i);
		note_all(e->child);
	}
}

/* What no description may say. */
static bool forbidden(const char *word)
{
	return strncmp(word, "individual-number", 17) == 0 || strncmp(word, "resident-code", 13) == 0;
}

/* A description that is generated stands alone. */
static bool of_reuse(const struct attribute_row *row)
{
	return strcmp(grammar_element[row->element].name, "remove") == 0 || strcmp(row->name, "base") == 0;
}

static unsigned missing_words(const struct attribute_row *row, size_t i)
{
	unsigned missing = 0, n = 0;
	for (const char *w = row->words; *w != 0; n++) {
		size_t length = strcspn(w, "|");
		if (!word_seen[i][n] && !forbidden(w)) {
			print_error("%s of %s is never '%.*s'\n", row->name, grammar_element[row->element].name,
			    (int)length, w);
			missing++;
		}
		w += length + (w[length] != 0);
	}
	return missing;
}

/* Every attribute of grammar.def, and every word that one may be. */
static void the_whole_language(void **state)
{
	(void)state;
	unsigned missing = 0;
	if (getenv("GENERATE_COUNT") != NULL)
		return; /* perhaps too few */
	for (uint64_t seed = 1; seed <= DESCRIPTIONS; seed++) {
		struct buf xml = {0};
		struct arena a = {0};
		struct diag_list d = {0};
		generate_description(seed, &xml);
		note_all(xml_read(&a, xml.p, xml.n, "generated.xml", &d));
		arena_free(&a);
		buf_reset(&xml);
	}
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		const struct attribute_row *row = &grammar_attribute[i];
		if (of_reuse(row))
			continue;
		if (!attribute_seen[i])
			print_error("%s of %s is never written\n", row->name, grammar_element[row->element].name);
		missing += !attribute_seen[i];
		if (row->type == TYPE_WORD && attribute_seen[i])
			missing += missing_words(row, i);
	}
	assert_int_equal(missing, 0);
}

static void the_canonical_form_is_the_same_ap(void **state)
{
	(void)state;
	struct generate_range range = generate_range(DESCRIPTIONS);
	for (uint64_t seed = range.first; seed < range.end; seed++) {
		struct generated_ap ap;
		struct diag_list d = {0};
		struct buf once = {0}, twice = {0};
		generated_open(&ap, seed);
		assert_true(description_format(&ap.arena, ap.xml.p, ap.xml.n, "x.xml", false, &once, &d));
		const struct description *same = description_read(&ap.arena, once.p, once.n, "x.xml", &d);
		assert_non_null(same);
		assert_int_equal(same->contract->size, ap.contract->size);
		assert_memory_equal(same->contract, ap.contract, ap.contract->size);
		assert_true(schema_accepts(&once, true));
		assert_true(description_format(&ap.arena, once.p, once.n, "x.xml", false, &twice, &d));
		assert_string_equal(buf_cstr(&once), buf_cstr(&twice));
		buf_reset(&once);
		buf_reset(&twice);
		diag_reset(&d);
		generated_close(&ap);
	}
}

/* Every diagnostic has its place, and nothing is refused without one. */
static bool reader_accepts(const struct buf *xml)
{
	struct arena a = {0};
	struct diag_list d = {0};
	bool accepted = description_read(&a, xml->p, xml->n, "broken.xml", &d) != NULL;
	assert_true(accepted == (diag_worst(&d) < DIAG_ERROR));
	for (size_t i = 0; i < d.n; i++)
		assert_true(d.row[i].at.line > 0 && d.row[i].at.column > 0);
	diag_reset(&d);
	arena_free(&a);
	return accepted;
}

static void broken_descriptions(void **state)
{
	(void)state;
	struct generate_range range = generate_range(DESCRIPTIONS);
	unsigned accepted = 0, refused = 0, reader_alone = 0;
	for (uint64_t seed = range.first; seed < range.end; seed++) {
		struct dice dice = {~seed};
		struct buf good = {0}, bad = {0};
		generate_description(seed, &good);
		for (int i = 0; i < MUTANTS; i++) {
			buf_clear(&bad);
			mutate_description(&dice, &good, &bad);
			bool reader = reader_accepts(&bad), valid = schema_accepts(&bad, false);
			if (reader && !valid) {
				schema_accepts(&bad, true);
				if (getenv("GENERATE_KEEP") != NULL)
					fprintf(stderr, "%s", buf_cstr(&bad));
				fail_msg("seed %llu, mutant %d: accepted, but not valid by card-ap.xsd",
				    (unsigned long long)seed, i);
			}
			accepted += reader;
			refused += !reader;
			reader_alone += !reader && valid;
		}
		buf_reset(&good);
		buf_reset(&bad);
	}
	print_message("%u accepted, %u refused, of these %u by the reader alone\n", accepted, refused, reader_alone);
	assert_true(accepted > 0 && refused > accepted && reader_alone > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reader_and_schema_accept),
	    cmocka_unit_test(the_whole_language),
	    cmocka_unit_test(the_canonical_form_is_the_same_ap),
	    cmocka_unit_test(broken_descriptions),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
