/* tests/golden/description: NNNN-name.xml fires code IGNNNN and exactly the diagnostics of NNNN-name.err (English, then
 * Japanese); its neighbour NNNN-name.ok.xml is accepted, does not fire it, and is valid by card-ap.xsd, as everything
 * is that the reader accepts. Together they fire every code of input.def.
 *
 * BLESS=1 build/tests/unit/golden_description rewrites the .err files: review the difference.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "compiler/description/description.h"
#include "runtime/base/file.h"

#define FOLDER "tests/golden/description"

enum { CASES = 1000, CODES = 500 /* of input.def */ };

static char *cases[CASES]; /* names without ".xml", sorted */
static size_t n_cases;
static bool fired[CODES];
static xmlSchema *schema;

/* --- set-up ------------------------------------------------------------------------------------------------------ */

static bool ends(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);
	return n > t && strcmp(s + n - t, tail) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int set_up(void **state)
{
	(void)state;
	DIR *d = opendir(FOLDER);
	if (d == NULL)
		return -1;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (ends(e->d_name, ".xml") && !ends(e->d_name, ".ok.xml") && n_cases < CASES) {
			cases[n_cases] = strdup(e->d_name);
			cases[n_cases][strlen(e->d_name) - 4] = 0;
			n_cases++;
		}
	closedir(d);
	qsort(cases, n_cases, sizeof *cases, by_name);
	xmlSchemaParserCtxt *p = xmlSchemaNewParserCtxt("compiler/description/card-ap.xsd");
	schema = xmlSchemaParse(p);
	xmlSchemaFreeParserCtxt(p);
	return schema == NULL || n_cases < 50 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_cases; i++)
		free(cases[i]);
	xmlSchemaFree(schema);
	xmlCleanupParser();
	return 0;
}

/* --- one description --------------------------------------------------------------------------------------------- */

struct result {
	struct arena a;
	struct diag_list d;
	struct buf text;
	const struct description *ap;
};

static bool has(const struct result *r, unsigned code)
{
	for (size_t i = 0; i < r->d.n; i++)
		if (r->d.row[i].code == (enum diag_code)code)
			return true;
	return false;
}

/* Every {n} of a template has its argument, and every row a place in the file. */
static void check_row(const struct diag *g, const char *file)
{
	static const char *const lang[] = {"en", "ja"};
	/* A description with a base is two files. */
	if (strncmp(g->at.file, FOLDER "/base/", strlen(FOLDER "/base/")) != 0)
		assert_string_equal(g->at.file, file);
	assert_true(g->at.line > 0 && g->at.column > 0);
	for (int l = 0; l < 2; l++)
		for (int k = 0; k < DIAG_ARGS; k++) {
			char slot[4] = {'{', (char)('1' + k), '}', 0};
			bool wanted = strstr(diag_message_template(g->code, lang[l]), slot) != NULL ||
			    strstr(diag_hint(g->code, lang[l]), slot) != NULL;
			if (wanted && g->arg[k] == NULL)
				fail_msg("%s: IG%04u lacks argument %d", file, (unsigned)g->code, k + 1);
		}
}

static void check_rows(const struct result *r, const char *file)
{
	for (size_t i = 0; i < r->d.n; i++) {
		check_row(&r->d.row[i], file);
		if ((unsigned)r->d.row[i].code < CODES)
			fired[r->d.row[i].code] = true;
	}
}

/* Read FOLDER/name. */
static void read_case(struct result *r, const char *name)
{
	char path[300];
	struct diag_list d = {0};
	snprintf(path, sizeof path, FOLDER "/%s", name);
	assert_true(file_read(path, 1 << 21, &r->text, &d));
	r->ap = description_read(&r->a, r->text.p, r->text.n, name, &r->d);
	/* Policy about the whole AP would stand in every file: only those that are about it, and their neighbours. */
	if (r->ap != NULL && name[0] == '0' && name[1] == '3' && name[2] == '4')
		description_policy(r->ap, &r->d);
	assert_true((r->ap == NULL) == (diag_worst(&r->d) >= DIAG_ERROR));
	check_rows(r, name);
}

static void done(struct result *r)
{
	arena_free(&r->a);
	diag_reset(&r->d);
	buf_reset(&r->text);
}

static void quiet(void *user, const char *format, ...)
{
	(void)user, (void)format;
}

/* What the reader accepts, the editors' schema accepts. */
static void assert_schema_valid(const struct result *r, const char *name)
{
	xmlDoc *doc = xmlReadMemory((const char *)r->text.p, (int)r->text.n, name, NULL, XML_PARSE_NONET);
	xmlSchemaValidCtxt *v = xmlSchemaNewValidCtxt(schema);
	xmlSchemaSetValidErrors(v, quiet, quiet, NULL);
	int rc = doc == NULL ? -1 : xmlSchemaValidateDoc(v, doc);
	xmlSchemaFreeValidCtxt(v);
	xmlFreeDoc(doc);
	if (rc != 0)
		fail_msg("%s: accepted, but not valid by card-ap.xsd", name);
}

/* --- the tests --------------------------------------------------------------------------------------------------- */

static void print_all(const struct diag_list *d, char **text, size_t *n)
{
	FILE *f = open_memstream(text, n);
	diag_print(f, d, "en");
	fputc('\n', f);
	diag_print(f, d, "ja");
	fclose(f);
}

/* Whether the file holds this text; with BLESS=1 it is made to. */
static bool as_blessed(const char *name, const char *text, size_t n)
{
	char path[300];
	struct diag_list d = {0};
	struct buf want = {0};
	snprintf(path, sizeof path, FOLDER "/%s.err", name);
	if (getenv("BLESS") != NULL)
		return file_write(path, text, n, 0644, &d);
	bool same = file_read(path, 1 << 21, &want, &d) && want.n == n && memcmp(want.p, text, n) == 0;
	if (!same)
		print_error("%s: expected\n%s\n%s: got\n%s\n", name, buf_cstr(&want), name, text);
	buf_reset(&want);
	diag_reset(&d);
	return same;
}

static void broken_descriptions(void **state)
{
	(void)state;
	unsigned bad = 0;
	for (size_t i = 0; i < n_cases; i++) {
		struct result r = {0};
		char file[280], *text = NULL;
		size_t n = 0;
		snprintf(file, sizeof file, "%s.xml", cases[i]);
		read_case(&r, file);
		if (!has(&r, (unsigned)strtoul(cases[i], NULL, 10))) {
			print_error("%s: the code of its name is not fired\n", file);
			bad++;
		}
		if (r.ap != NULL)
			assert_schema_valid(&r, file);
		print_all(&r.d, &text, &n);
		bad += !as_blessed(cases[i], text, n);
		free(text);
		done(&r);
	}
	assert_int_equal(bad, 0);
}

static void accepted_neighbours(void **state)
{
	(void)state;
	unsigned bad = 0;
	for (size_t i = 0; i < n_cases; i++) {
		struct result r = {0};
		char file[280];
		snprintf(file, sizeof file, "%s.ok.xml", cases[i]);
		read_case(&r, file);
		if (r.ap == NULL || has(&r, (unsigned)strtoul(cases[i], NULL, 10))) {
			print_error("%s is not accepted, or fires the code:\n", file);
			diag_print(stderr, &r.d, "en");
			bad++;
		} else {
			assert_schema_valid(&r, file);
		}
		done(&r);
	}
	assert_int_equal(bad, 0);
}

/* Samples are accepted without a word. */
static void samples(void **state)
{
	(void)state;
	static const char *const name[] = {
	    "employee-card", "entrance-card", "library-card", "points-card", "type-a", "type-c", "type-d"};
	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		struct result r = {0};
		char path[100];
		snprintf(path, sizeof path, "samples/%s/%s.xml", name[i], name[i]);
		assert_true(file_read(path, 1 << 20, &r.text, &r.d));
		r.ap = description_read(&r.a, r.text.p, r.text.n, name[i], &r.d);
		assert_non_null(r.ap);
		assert_int_equal(r.d.n, 0);
		assert_schema_valid(&r, name[i]);
		done(&r);
	}
}

/* --- the canonical form ------------------------------------------------------------------------------------------ */

/* Formatted once, it is the same AP; formatted twice, it is the same text. */
static void assert_formats(const uint8_t *p, size_t n, const char *name)
{
	struct arena a = {0};
	struct diag_list d = {0};
	struct buf once = {0}, twice = {0};
	assert_true(description_format(&a, p, n, name, false, &once, &d));
	diag_reset(&d);
	const struct description *ap = description_read(&a, p, n, name, &d);
	const struct description *same = description_read(&a, once.p, once.n, name, &d);
	if (ap == NULL || same == NULL || ap->contract->size != same->contract->size ||
	    memcmp(ap->contract, same->contract, ap->contract->size) != 0)
		fail_msg("%s is another AP when formatted:\n%s", name, (const char *)buf_cstr(&once));
	assert_true(description_format(&a, once.p, once.n, name, false, &twice, &d));
	assert_string_equal(buf_cstr(&once), buf_cstr(&twice));
	buf_reset(&once);
	buf_reset(&twice);
	diag_reset(&d);
	arena_free(&a);
}

static void canonical_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_cases; i++) {
		struct result r = {0};
		char file[280];
		snprintf(file, sizeof file, "%s.ok.xml", cases[i]);
		read_case(&r, file);
		assert_formats(r.text.p, r.text.n, file);
		done(&r);
	}
}

/* One description as people write it, and its form; comments are counted, errors give nothing. */
static void canonical_text(void **state)
{
	(void)state;
	static const char text[] =
	    "<!-- a --><card-ap id='x' area='local' version='1.0' "
	    "xmlns='urn:igata:card-ap:1'><aid pix='0a' rid='f000000001'/>"
	    "<title xml:lang='en'> R &amp;  D </title><!-- b --><file read='always' id='f' "
	    "fid='000a' size='1'></file><pin id='p' ref='1' format='digits' length='4' "
	    "tries='3' initial='personal' source='csv:P'/><file id='g' fid='000b' size='1' "
	    "read='  pin ( p)or(contact  and( pin(p )or contactless) )  '/>"
	    "<command id='c' ins='10' when='always  '><respond from='hex:0a'/></command></card-ap>";
	static const char want[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				   "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"x\" version=\"1.0\" area=\"local\">\n"
				   "  <aid rid=\"F000000001\" pix=\"0A\"/>\n"
				   "  <title xml:lang=\"en\">R &amp; D</title>\n"
				   "  <file id=\"f\" fid=\"000A\" size=\"1\" read=\"always\"/>\n"
				   "  <pin id=\"p\" ref=\"1\" format=\"digits\" length=\"4\" tries=\"3\" "
				   "initial=\"personal\" source=\"csv:P\"/>\n"
				   "  <file id=\"g\" fid=\"000B\" size=\"1\" "
				   "read=\"pin(p) or (contact and (pin(p) or contactless))\"/>\n"
				   "  <command id=\"c\" ins=\"10\" when=\"always\">\n"
				   "    <respond from=\"hex:0A\"/>\n"
				   "  </command>\n"
				   "</card-ap>\n";
	struct result r = {0};
	assert_true(description_format(&r.a, (const uint8_t *)text, strlen(text), "x.xml", false, &r.text, &r.d));
	assert_string_equal(buf_cstr(&r.text), want);
	assert_true(has(&r, DIAG_FORMAT_COMMENTS));
	check_rows(&r, "x.xml");
	buf_clear(&r.text);
	assert_false(description_format(&r.a, (const uint8_t *)text, strlen(text) - 1, "x.xml", false, &r.text, &r.d));
	assert_int_equal(r.text.n, 0);
	done(&r);
}

/* --- generated descriptions -------------------------------------------------------------------------------------- */

static uint32_t seed = 11;

static size_t pick(size_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

struct value_place {
	size_t name, name_length, at, n;
};

/* The next attribute name="value" from an offset on. */
static bool find_value(const struct buf *b, size_t start, struct value_place *out)
{
	const uint8_t *q = memchr(b->p + start, '=', b->n - start);
	if (q == NULL || q + 2 >= b->p + b->n || q[1] != '"')
		return false;
	const uint8_t *end = memchr(q + 2, '"', (size_t)(b->p + b->n - q - 2)), *name = q;
	while (name > b->p && name[-1] > ' ')
		name--;
	if (end == NULL)
		return false;
	*out = (struct value_place){
	    (size_t)(name - b->p), (size_t)(q - name), (size_t)(q + 2 - b->p), (size_t)(end - q - 2)};
	return true;
}

static bool same_name(
    const struct buf *a, const struct value_place *x, const struct buf *b, const struct value_place *y)
{
	return x->name_length == y->name_length && memcmp(a->p + x->name, b->p + y->name, x->name_length) == 0;
}

/* `a` with one of its values exchanged for one of b's: mostly of the same attribute. */
static bool cross(const struct buf *a, const struct buf *b, struct buf *out)
{
	struct value_place x, y;
	bool same = pick(4) != 0;
	if (!find_value(a, pick(a->n), &x) || !find_value(b, pick(b->n), &y))
		return false;
	while (same && !same_name(a, &x, b, &y))
		if (!find_value(b, y.at + y.n, &y))
			return false;
	buf_add(out, a->p, x.at);
	buf_add(out, b->p + y.at, y.n);
	buf_add(out, a->p + x.at + x.n, a->n - x.at - x.n);
	return !out->bad;
}

static void load_neighbour(struct buf *out)
{
	char path[300];
	struct diag_list d = {0};
	snprintf(path, sizeof path, FOLDER "/%s.ok.xml", cases[pick(n_cases)]);
	assert_true(file_read(path, 1 << 21, out, &d));
}

/* Values of accepted descriptions wander through others: whatever is accepted, is valid by the schema. */
static void generated_descriptions(void **state)
{
	(void)state;
	unsigned accepted = 0, refused = 0;
	for (int i = 0; i < 4000; i++) {
		struct result r = {0};
		struct buf a = {0}, b = {0}, once = {0};
		load_neighbour(&a);
		load_neighbour(&b);
		if (cross(&a, &b, &once) && cross(&once, &b, &r.text)) {
			r.ap = description_read(&r.a, r.text.p, r.text.n, "generated.xml", &r.d);
			for (size_t k = 0; k < r.d.n; k++)
				check_row(&r.d.row[k], "generated.xml");
			if (r.ap != NULL)
				assert_schema_valid(&r, (const char *)buf_cstr(&r.text));
			accepted += r.ap != NULL;
			refused += r.ap == NULL;
		}
		buf_reset(&a);
		buf_reset(&b);
		buf_reset(&once);
		done(&r);
	}
	assert_true(accepted > 100 && refused > 100);
}

/* --- codes ------------------------------------------------------------------------------------------------------- */

#define HEAD                                                                                                           \
	"<card-ap xmlns='urn:igata:card-ap:1' id='x' version='1.0' area='local'><aid rid='F000000001' pix='01'/>"      \
	"<pin id='p' ref='1' format='digits' length='4' tries='3' initial='personal' source='csv:P' unblock='never'/>" \
	"<file id='f' fid='0001' size='300' read='pin(p)' update='pin(p)'>"
#define TAIL "</file></card-ap>"
#define SECOND_FILE                                                                                                    \
	"</file><file id='g' fid='0002' size='300' read='pin(p)' update='pin(p)'>"                                     \
	"<field id='h' length='1' format='text'/>" TAIL

/* What would be too big for a file to review: so many times the middle fires the code, once less does not. */
static const struct {
	enum diag_code code;
	const char *head, *middle, *tail; /* # in the middle: the number of the repetition */
	unsigned times;
} big[] = {
    {DIAG_XML_TOO_BIG, HEAD "<!--", "12345678", "-->" TAIL, 131035},
    {DIAG_XML_ELEMENTS, "<a>", "<b/>", "</a>", 8192},
    {DIAG_TOO_MANY, HEAD, "<field id='f#' length='1' format='text'/>", SECOND_FILE, CONTRACT_FIELDS},
    {DIAG_TOO_MANY_ERRORS, HEAD, "<colour/>", TAIL, 100},
};

static void add_repeated(struct buf *b, const char *s, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		for (const char *p = s; *p != 0; p++) {
			if (*p == '#')
				buf_printf(b, "%u", i);
			else
				buf_u8(b, (unsigned char)*p);
		}
}

static bool fires(enum diag_code code, const char *head, const char *middle, unsigned times, const char *tail)
{
	struct result r = {0};
	buf_str(&r.text, head);
	add_repeated(&r.text, middle, times);
	buf_str(&r.text, tail);
	r.ap = description_read(&r.a, r.text.p, r.text.n, "big.xml", &r.d);
	check_rows(&r, "big.xml");
	bool yes = has(&r, (unsigned)code);
	done(&r);
	return yes;
}

static void big_descriptions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
		assert_true(fires(big[i].code, big[i].head, big[i].middle, big[i].times, big[i].tail));
		assert_false(fires(big[i].code, big[i].head, big[i].middle, big[i].times - 1, big[i].tail));
	}
}

/* After the tests above. */
static void every_code_is_fired(void **state)
{
	(void)state;
	unsigned missing = 0;
	for (const enum diag_code *c = diag_all_codes(); *c != 0 && (unsigned)*c < CODES; c++)
		if (!fired[*c]) {
			print_error("IG%04u is fired by nothing in " FOLDER "\n", (unsigned)*c);
			missing++;
		}
	assert_int_equal(missing, 0);
}

/* Both languages say something everywhere, and only the note of an accept has no remedy. */
static void every_row_is_complete(void **state)
{
	(void)state;
	for (const enum diag_code *c = diag_all_codes(); *c != 0 && (unsigned)*c < CODES; c++) {
		assert_true(*diag_message_template(*c, "en") != 0 && *diag_message_template(*c, "ja") != 0);
		assert_true(*diag_explanation(*c, "en") != 0 && *diag_explanation(*c, "ja") != 0);
		assert_true(*c == DIAG_ACCEPTED || (*diag_hint(*c, "en") != 0 && *diag_hint(*c, "ja") != 0));
		assert_string_not_equal(diag_message_template(*c, "en"), diag_message_template(*c, "ja"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(broken_descriptions),
	    cmocka_unit_test(accepted_neighbours),
	    cmocka_unit_test(samples),
	    cmocka_unit_test(generated_descriptions),
	    cmocka_unit_test(canonical_form),
	    cmocka_unit_test(canonical_text),
	    cmocka_unit_test(big_descriptions),
	    cmocka_unit_test(every_code_is_fired),
	    cmocka_unit_test(every_row_is_complete),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
