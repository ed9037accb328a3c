/* Chip profiles: read with the place of every fault; facts.def and chip-profile.xsd say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <libxml/xmlschemas.h>

#include "runtime/base/file.h"
#include "runtime/base/xml.h"
#include "runtime/chip/chip.h"
#include "runtime/chip/limits.h"

struct bed {
	struct arena a;
	struct diag_list d;
	char folder[64], path[128];
};

static int setup(void **state)
{
	struct bed *b = calloc(1, sizeof *b);
	snprintf(b->folder, sizeof b->folder, "/tmp/chip-test-%d", (int)getpid());
	snprintf(b->path, sizeof b->path, "%s/some-chip.xml", b->folder);
	*state = b;
	return mkdir(b->folder, 0700);
}

static int teardown(void **state)
{
	struct bed *b = *state;
	unlink(b->path);
	rmdir(b->folder);
	arena_free(&b->a);
	diag_reset(&b->d);
	free(b);
	return 0;
}

static void put(struct bed *b, const char *text)
{
	FILE *f = fopen(b->path, "wb");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* One line each, so that columns are easy to count. */
#define HEAD "<chip-profile xmlns=\"urn:igata:chip-profile:1\" family=\"native\" dialect=\"iso-compact\">\n"
#define JC   "<chip-profile xmlns=\"urn:igata:chip-profile:1\" family=\"javacard\" dialect=\"globalplatform\">\n"
#define TITLES                                                                                                         \
	"<title xml:lang=\"en\"> A \n chip </title><title xml:lang=\"ja\">チップ</title>"                           \
	"<product xml:lang=\"en\">Model</product><product xml:lang=\"ja\">モデル</product>\n"
#define FACT_OF(id, value) "<fact id=\"" id "\" value=\"" value "\" witness=\"cited\" source=\"S\"/>\n"
#define DEVIATION_OF(from, to)                                                                                         \
	"<deviation command=\"VERIFY\" condition=\"c\" from=\"" from "\" to=\"" to                                     \
	"\" witness=\"recorded\" source=\"S\"/>\n"
#define FOUR                                                                                                           \
	DEVIATION_OF("6982", "6985")                                                                                   \
	DEVIATION_OF("6982", "6985") DEVIATION_OF("6982", "6985") DEVIATION_OF("6982", "6985")
#define SIXTEEN FOUR FOUR FOUR FOUR
#define END     "</chip-profile>\n"

static const char good[] = HEAD TITLES FACT_OF("memory.bytes", "32768") FACT_OF("file.sfi", "fid")
    FACT_OF("change.forms", "00 01") FACT_OF("reset.forms", "none") FACT_OF("atr", "3B80")
	FACT_OF("apdu.extended", "yes") DEVIATION_OF("6983", "6984") DEVIATION_OF("6982", "6985") END;

static void test_good(void **state)
{
	struct bed *b = *state;
	put(b, good);
	const struct chip *c = chip_read(&b->a, b->path, &b->d);
	diag_print(stderr, &b->d, "en");
	assert_non_null(c);
	assert_string_equal(c->name, "some-chip");
	assert_string_equal(c->family, "native");
	assert_string_equal(c->dialect, "iso-compact");
	assert_string_equal(c->title[0], "A chip");
	assert_string_equal(c->title[1], "チップ");
	assert_string_equal(c->product[1], "モデル");
	assert_int_equal(c->fact[CHIP_MEMORY].number, 32768);
	assert_int_equal(c->fact[CHIP_MEMORY].witness, WITNESS_CITED);
	assert_string_equal(c->fact[CHIP_MEMORY].source, "S");
	assert_int_equal(c->fact[CHIP_MEMORY].at.line, 4);
	assert_int_equal(c->fact[CHIP_SFI].number, 1);
	assert_true(chip_fact_is(c, CHIP_SFI, "fid"));
	assert_false(chip_fact_is(c, CHIP_SFI, "free"));
	assert_false(chip_fact_is(c, CHIP_DELETE, "none"));
	assert_int_equal(c->fact[CHIP_CHANGE_FORMS].number, 3);
	assert_int_equal(c->fact[CHIP_RESET_FORMS].number, 0);
	assert_int_equal(c->fact[CHIP_EXTENDED].number, 1);
	assert_string_equal(c->fact[CHIP_ATR].text, "3B80");
	assert_non_null(c->deviations);
	assert_int_equal(c->deviations->from, 0x6983);
	assert_int_equal(c->deviations->to, 0x6984);
	assert_int_equal(c->deviations->witness, WITNESS_RECORDED);
	assert_null(c->deviations->next->next);
}

/* ---- every refusal, with an accepted neighbour ---- */

struct broken {
	enum diag_code code;
	unsigned line, column;
	const char *text, *neighbour;
};

static const struct broken table[] = {
    {DIAG_CHIP_ROOT, 1, 1, "<chip xmlns=\"urn:igata:chip-profile:1\"/>", good},
    {DIAG_CHIP_ROOT, 1, 1, "<chip-profile/>", good},
    {DIAG_CHIP_MISSING, 1, 1, "<chip-profile xmlns=\"urn:igata:chip-profile:1\" family=\"native\">" TITLES END, good},
    {DIAG_CHIP_ATTRIBUTE, 1, 48,
	"<chip-profile xmlns=\"urn:igata:chip-profile:1\" name=\"x\" family=\"native\" dialect=\"d\">" TITLES END,
	good},
    {DIAG_CHIP_ELEMENT, 4, 1, HEAD TITLES "<limit/>" END, good},
    {DIAG_CHIP_ELEMENT, 4, 1, HEAD TITLES "<fact xmlns=\"urn:x\"/>" END, good},
    {DIAG_CHIP_ELEMENT, 4, 72,
	HEAD TITLES "<fact id=\"file.sfi\" value=\"fid\" witness=\"cited\" source=\"S\">            <b/></fact>" END,
	good},
    {DIAG_CHIP_ELEMENT, 2, 26, HEAD "<title xml:lang=\"en\">some<b/></title>" END, good},
    {DIAG_CHIP_TEXT, 4, 1, HEAD TITLES "memory" END, good},
    {DIAG_CHIP_TEXT, 4, 60,
	HEAD TITLES "<fact id=\"file.sfi\" value=\"fid\" witness=\"cited\" source=\"S\">x</fact>" END, good},
    {DIAG_CHIP_EMPTY, 4, 57, HEAD TITLES "<fact id=\"file.sfi\" value=\"fid\" witness=\"cited\" source=\"\"/>" END,
	good},
    {DIAG_CHIP_EMPTY, 2, 1, HEAD "<title xml:lang=\"en\">\n</title>" END, good},
    {DIAG_CHIP_MISSING, 4, 1, HEAD TITLES "<fact id=\"file.sfi\" value=\"fid\" source=\"S\"/>" END, good},
    {DIAG_CHIP_MISSING, 4, 1, HEAD TITLES "<fact id=\"file.sfi\" value=\"fid\" witness=\"cited\"/>" END, good},
    {DIAG_CHIP_MISSING, 4, 1, HEAD TITLES "<fact id=\"file.sfi\" witness=\"cited\" source=\"S\"/>" END, good},
    {DIAG_CHIP_ATTRIBUTE, 4, 7,
	HEAD TITLES "<fact unit=\"byte\" id=\"file.sfi\" value=\"fid\" witness=\"cited\" source=\"S\"/>" END, good},
    {DIAG_CHIP_LANG, 4, 18, HEAD TITLES "<title xml:lang=\"fr\">puce</title>" END, good},
    {DIAG_CHIP_TWICE, 4, 1, HEAD TITLES "<product xml:lang=\"en\">again</product>" END, good},
    {DIAG_CHIP_UNTITLED, 1, 1,
	HEAD
	"<title xml:lang=\"ja\">a</title><product xml:lang=\"en\">b</product><product xml:lang=\"ja\">c</product>" END,
	good},
    {DIAG_CHIP_UNTITLED, 1, 1,
	HEAD "<title xml:lang=\"en\">a</title><title xml:lang=\"ja\">a</title><product xml:lang=\"en\">b</product>" END,
	good},
    {DIAG_CHIP_FACT, 4, 11, HEAD TITLES FACT_OF("colour", "blue") END, good},
    {DIAG_CHIP_FACT_NEAR, 4, 11, HEAD TITLES FACT_OF("memory.byte", "1") END,
	HEAD TITLES FACT_OF("memory.bytes", "1") END},
    {DIAG_CHIP_FACT_TWICE, 5, 11, HEAD TITLES FACT_OF("file.sfi", "fid") FACT_OF("file.sfi", "fid") END, good},
    {DIAG_CHIP_UINT, 4, 32, HEAD TITLES FACT_OF("memory.bytes", "4294967296") END,
	HEAD TITLES FACT_OF("memory.bytes", "4294967295") END},
    {DIAG_CHIP_UINT, 4, 32, HEAD TITLES FACT_OF("memory.bytes", "32k") END,
	HEAD TITLES FACT_OF("memory.bytes", "32") END},
    {DIAG_CHIP_UINT, 4, 32, HEAD TITLES FACT_OF("memory.bytes", "010") END,
	HEAD TITLES FACT_OF("memory.bytes", "0") END},
    {DIAG_CHIP_UINT, 4, 32, HEAD TITLES FACT_OF("memory.bytes", "-1") END,
	HEAD TITLES FACT_OF("memory.bytes", "1") END},
    {DIAG_CHIP_YESNO, 4, 33, HEAD TITLES FACT_OF("apdu.extended", "maybe") END,
	HEAD TITLES FACT_OF("apdu.extended", "no") END},
    {DIAG_CHIP_WORD, 4, 28, HEAD TITLES FACT_OF("file.sfi", "fre") END, HEAD TITLES FACT_OF("file.sfi", "free") END},
    {DIAG_CHIP_WORD, 4, 28, HEAD TITLES FACT_OF("file.sfi", "free|fid") END,
	HEAD TITLES FACT_OF("file.sfi", "none") END},
    {DIAG_CHIP_FORMS, 4, 32, HEAD TITLES FACT_OF("change.forms", "04") END,
	HEAD TITLES FACT_OF("change.forms", "03") END},
    {DIAG_CHIP_FORMS, 4, 32, HEAD TITLES FACT_OF("change.forms", "01 00") END,
	HEAD TITLES FACT_OF("change.forms", "00 01 02 03") END},
    {DIAG_CHIP_FORMS, 4, 32, HEAD TITLES FACT_OF("change.forms", "00,01") END,
	HEAD TITLES FACT_OF("change.forms", "none") END},
    {DIAG_CHIP_FORMS, 4, 32, HEAD TITLES FACT_OF("change.forms", "00 00") END,
	HEAD TITLES FACT_OF("change.forms", "00") END},
    {DIAG_CHIP_VERSION, 4, 45, JC TITLES FACT_OF("import.javacard.framework", "1") END,
	JC TITLES FACT_OF("import.javacard.framework", "1.0") END},
    {DIAG_CHIP_VERSION, 4, 45, JC TITLES FACT_OF("import.javacard.framework", "1.256") END,
	JC TITLES FACT_OF("import.javacard.framework", "1.255") END},
    {DIAG_CHIP_SET, 4, 30, JC TITLES FACT_OF("alg.digest", "ALG_SHA ALG_SHA1") END,
	JC TITLES FACT_OF("alg.digest", "ALG_SHA  ALG_MD5") END},
    {DIAG_CHIP_SET, 4, 30, JC TITLES FACT_OF("alg.digest", "ALG_SHA ALG_SHA") END,
	JC TITLES FACT_OF("alg.digest", "none") END},
    {DIAG_CHIP_SET, 4, 38, JC TITLES FACT_OF("alg.cipher-padding", "CIPHER_RSA") END,
	JC TITLES FACT_OF("alg.cipher-padding", "CIPHER_RSA/PAD_NOPAD") END},
    {DIAG_CHIP_SET, 4, 38, JC TITLES FACT_OF("alg.cipher-padding", "CIPHER_RSA/PAD_NOPAD/ALG_SHA") END,
	JC TITLES FACT_OF("alg.signature-padding", "SIG_CIPHER_RSA/PAD_PKCS1/ALG_SHA") END},
    {DIAG_CHIP_FACT_FAMILY, 4, 11, JC TITLES FACT_OF("file.sfi", "fid") END,
	HEAD TITLES FACT_OF("file.sfi", "fid") END},
    {DIAG_CHIP_FACT_FAMILY, 4, 11, HEAD TITLES FACT_OF("jc.int", "no") END, JC TITLES FACT_OF("jc.int", "no") END},
    {DIAG_CHIP_HEX, 4, 23, HEAD TITLES FACT_OF("atr", "3B8") END, HEAD TITLES FACT_OF("atr", "3B") END},
    {DIAG_CHIP_WITNESS, 4, 42, HEAD TITLES "<fact id=\"file.sfi\" value=\"fid\" witness=\"seen\" source=\"S\"/>" END,
	good},
    {DIAG_CHIP_SW, 4, 49, HEAD TITLES DEVIATION_OF("698", "6984") END, good},
    {DIAG_CHIP_SW, 4, 59, HEAD TITLES DEVIATION_OF("6983", "blocked") END, good},
    {DIAG_CHIP_DEVIATION_CLASS, 4, 59, HEAD TITLES DEVIATION_OF("6982", "6A82") END,
	HEAD TITLES DEVIATION_OF("6982", "6985") END},
    {DIAG_CHIP_DEVIATION_CLASS, 4, 59, HEAD TITLES DEVIATION_OF("6982", "9000") END,
	HEAD TITLES DEVIATION_OF("6A83", "6A88") END},
    {DIAG_CHIP_DEVIATIONS, 20, 1, HEAD TITLES SIXTEEN DEVIATION_OF("6982", "6985") END, HEAD TITLES SIXTEEN END},
    {DIAG_CHIP_DEVIATION_GIVEN, 4, 49, HEAD TITLES DEVIATION_OF("9000", "6982") END, good},
    {DIAG_CHIP_DEVIATION_GIVEN, 4, 49, HEAD TITLES DEVIATION_OF("9000", "9000") END, good},
    {DIAG_CHIP_DEVIATION_GIVEN, 4, 49, HEAD TITLES DEVIATION_OF("6282", "6282") END, good},
    {DIAG_CHIP_DEVIATION_GIVEN, 4, 49, HEAD TITLES DEVIATION_OF("63C2", "63C1") END, good},
    {DIAG_CHIP_DEVIATION_GIVEN, 4, 49, HEAD TITLES DEVIATION_OF("6F00", "6F01") END, good},
};

static void test_broken(void **state)
{
	struct bed *b = *state;
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct broken *t = &table[i];
		diag_reset(&b->d);
		put(b, t->text);
		assert_null(chip_read(&b->a, b->path, &b->d));
		if (b->d.n != 1 || b->d.row[0].code != t->code || b->d.row[0].at.line != t->line ||
		    b->d.row[0].at.column != t->column) {
			diag_print(stderr, &b->d, "en");
			print_message("row %zu: wanted one IG%04d at %u:%u\n", i, t->code, t->line, t->column);
			wrong++;
		}
		diag_reset(&b->d);
		put(b, t->neighbour);
		assert_non_null(chip_read(&b->a, b->path, &b->d));
		assert_int_equal(b->d.n, 0);
	}
	assert_int_equal(wrong, 0);
}

/* Every code of chip.def is in the table, or in test_find. */
static void test_all_codes(void **state)
{
	(void)state;
	for (const enum diag_code *c = diag_all_codes(); *c != 0; c++) {
		bool found = *c == DIAG_CHIP_UNKNOWN || *c == DIAG_CHIP_UNKNOWN_NEAR || *c == DIAG_CHIP_FOLDER;
		for (size_t i = 0; i < sizeof table / sizeof *table; i++)
			found = found || table[i].code == *c;
		if (*c >= 500 && *c < 600 && !found)
			fail_msg("nothing fires IG%04d", (int)*c);
	}
}

/* All faults of a file are reported, not only the first. */
static void test_all_at_once(void **state)
{
	struct bed *b = *state;
	put(b, HEAD TITLES FACT_OF("colour", "blue") FACT_OF("file.sfi", "x") FACT_OF("memory.bytes", "y") END);
	assert_null(chip_read(&b->a, b->path, &b->d));
	assert_int_equal(b->d.n, 3);
}

/* ---- the folder ---- */

static void test_find(void **state)
{
	struct bed *b = *state;
	size_t n;
	put(b, good);
	const char **name = chip_names(&b->a, b->folder, &n, &b->d);
	assert_int_equal(n, 1);
	assert_string_equal(name[0], "some-chip");
	assert_non_null(chip_find(&b->a, b->folder, "some-chip", &b->d));
	assert_int_equal(b->d.n, 0);
	assert_null(chip_find(&b->a, b->folder, "some-chop", &b->d));
	assert_int_equal(b->d.row[0].code, DIAG_CHIP_UNKNOWN_NEAR);
	assert_string_equal(b->d.row[0].arg[1], "some-chip");
	assert_null(chip_find(&b->a, b->folder, "acme", &b->d));
	assert_int_equal(b->d.row[1].code, DIAG_CHIP_UNKNOWN);
	assert_string_equal(b->d.row[1].arg[1], "some-chip");
	/* A name is no path. */
	assert_null(chip_find(&b->a, "/", "etc/../etc/passwd", &b->d));
	assert_int_equal(b->d.row[2].code, DIAG_CHIP_UNKNOWN);
	assert_null(chip_find(&b->a, b->folder, "", &b->d));
	assert_null(chip_find(&b->a, "/nowhere/at/all", "some-chip", &b->d));
	assert_int_equal(b->d.row[b->d.n - 1].code, DIAG_CHIP_FOLDER);
}

static void test_environment(void **state)
{
	struct bed *b = *state;
	put(b, good);
	setenv("IGATA_PROFILES", b->folder, 1);
	assert_non_null(chip_find(&b->a, NULL, "some-chip", &b->d));
	assert_null(chip_find(&b->a, "chipprofiles", "some-chip", &b->d));
	unsetenv("IGATA_PROFILES");
	assert_non_null(chip_find(&b->a, NULL, "iso-compact-32k", &b->d));
}

/* ---- limits of a Java Card ---- */

static void test_limits(void **state)
{
	struct bed *b = *state;
	struct chip_limits l;
	bool known;
	const struct chip *c = chip_find(&b->a, "chipprofiles", "nxp-jcop4-j3r180", &b->d);
	assert_non_null(c);
	chip_limits(c, &l);
	assert_int_equal(l.reset, 3796);
	assert_int_equal(l.commit, 5120);
	assert_true(l.extended);
	assert_true(l.object_deletion);
	assert_false(chip_limit_unknown(c, CHIP_JC_COMMIT));
	assert_int_equal(l.deselect, 384); /* nobody measured it */
	assert_true(chip_limit_unknown(c, CHIP_JC_DESELECT));
	assert_int_equal(chip_import(c, "javacard.framework", &known), 0x0106);
	assert_true(known);
	assert_int_equal(chip_import(c, "javacardx.framework.math", &known), 0);
	assert_true(known);
	assert_true(chip_fact_has(c, CHIP_ALG_SIGNATURE, "ALG_AES_CMAC_128"));
	assert_false(chip_fact_has(c, CHIP_ALG_SIGNATURE, "ALG_AES_CMAC"));
	assert_false(chip_fact_has(c, CHIP_ALG_AEAD, "CIPHER_AES_CCM"));

	/* No scan of packages: those of its release, the lowest where that is not known either. */
	c = chip_find(&b->a, "chipprofiles", "yubikey-neo", &b->d);
	assert_non_null(c);
	assert_int_equal(chip_import(c, "javacard.framework", &known), 0x0104);
	assert_false(known);
	assert_int_equal(chip_import(c, "javacardx.apdu", NULL), 0);
	assert_int_equal(chip_import(c, "org.globalplatform", NULL), 0x0100);
	assert_true(chip_fact_is(c, CHIP_GP_LOADING, "closed"));
	chip_limits(c, &l);
	assert_int_equal(l.commit, 384);
	assert_int_equal(l.max_data, 247);
	assert_false(l.int_type);
	put(b, JC TITLES END);
	c = chip_read(&b->a, b->path, &b->d);
	assert_non_null(c);
	assert_int_equal(chip_import(c, "javacard.framework", NULL), 0x0100);
	assert_int_equal(chip_import(c, "java.io", NULL), 0);
}

/* The lowest value that chip_limits takes is the lowest that any profile of a card states; a simulator is no card. */
static void test_limits_are_lowest(void **state)
{
	static const enum chip_fact_name fact[] = {
	    CHIP_JC_PERSISTENT, CHIP_JC_RESET, CHIP_JC_DESELECT, CHIP_JC_COMMIT, CHIP_JC_IN_BLOCK, CHIP_JC_OUT_BLOCK};
	struct bed *b = *state;
	struct chip_limits l;
	size_t n, cards = 0;
	uint32_t low[6] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	const char **name = chip_names(&b->a, "chipprofiles", &n, &b->d);
	for (size_t i = 0; i < n; i++) {
		const struct chip *c = chip_find(&b->a, "chipprofiles", name[i], &b->d);
		if (strcmp(c->dialect, "globalplatform") != 0)
			continue;
		cards++;
		for (size_t k = 0; k < sizeof fact / sizeof *fact; k++)
			if (c->fact[fact[k]].present && c->fact[fact[k]].number < low[k])
				low[k] = c->fact[fact[k]].number;
	}
	assert_true(cards >= 40);
	put(b, JC TITLES END);
	const struct chip *c = chip_read(&b->a, b->path, &b->d);
	chip_limits(c, &l);
	const uint32_t got[] = {l.persistent, l.reset, l.deselect, l.commit, l.in_block, l.out_block};
	assert_memory_equal(got, low, sizeof low);
}

/* ---- our own profiles, the table of facts, and the schema ---- */

static void test_profiles_read(void **state)
{
	struct bed *b = *state;
	size_t n;
	const char **name = chip_names(&b->a, "chipprofiles", &n, &b->d);
	assert_true(n >= 2);
	for (size_t i = 0; i < n; i++) {
		const struct chip *c = chip_find(&b->a, "chipprofiles", name[i], &b->d);
		diag_print(stderr, &b->d, "en");
		assert_non_null(c);
		for (int f = 0; strcmp(c->family, "native") == 0 && f < CHIP_FACTS; f++)
			if (chip_fact_concerns(c->family, (enum chip_fact_name)f) && !c->fact[f].present)
				fail_msg("%s does not state %s", name[i], chip_fact_id((enum chip_fact_name)f));
	}
}

static const struct xml_element *child(
    const struct xml_element *e, const char *name, const char *attr, const char *value)
{
	for (e = e->child; e != NULL; e = e->next) {
		const struct xml_attr *a = attr == NULL ? NULL : xml_attr(e, attr);
		if (strcmp(e->name, name) == 0 && (attr == NULL || (a != NULL && strcmp(a->value, value) == 0)))
			return e;
	}
	return NULL;
}

/* Every fact is in the schema, in this order, with its meaning in both languages, and no other. */
static void test_schema_lists_facts(void **state)
{
	struct bed *b = *state;
	struct buf text = {0};
	assert_true(file_read("chipprofiles/chip-profile.xsd", XML_MAX, &text, &b->d));
	const struct xml_element *root = xml_read(&b->a, text.p, text.n, "chip-profile.xsd", &b->d);
	assert_non_null(root);
	const struct xml_element *list = child(root, "simpleType", "name", "fact-id");
	assert_non_null(list);
	const struct xml_element *e = list->child->child;
	for (int f = 0; f < CHIP_FACTS; f++, e = e->next) {
		if (e == NULL)
			fail_msg("the schema lacks %s", chip_fact_id((enum chip_fact_name)f));
		assert_string_equal(xml_attr(e, "value")->value, chip_fact_id((enum chip_fact_name)f));
		for (int ja = 0; ja < 2; ja++) {
			const char *lang = ja ? "ja" : "en";
			const struct xml_element *doc = child(e->child, "documentation", "xml:lang", lang);
			const char *meaning = chip_fact_meaning((enum chip_fact_name)f, lang);
			assert_non_null(doc);
			if (strncmp(doc->text, meaning, strlen(meaning)) != 0)
				fail_msg("the schema says of %s '%s'", chip_fact_id((enum chip_fact_name)f), doc->text);
		}
	}
	assert_null(e);
	buf_reset(&text);
}

static void silent(void *user, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void silent(void *user, const char *format, ...)
{
	(void)user, (void)format;
}

static bool schema_accepts(xmlSchema *schema, const char *text, size_t n)
{
	xmlSchemaValidCtxt *valid = xmlSchemaNewValidCtxt(schema);
	xmlDoc *doc = xmlReadMemory(text, (int)n, "t.xml", NULL, XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlSchemaSetValidErrors(valid, silent, silent, NULL);
	bool ok = doc != NULL && xmlSchemaValidateDoc(valid, doc) == 0;
	xmlFreeDoc(doc);
	xmlSchemaFreeValidCtxt(valid);
	return ok;
}

/* The schema rejects nothing that the reader accepts. (It accepts more: types of values are the reader's.) */
static void test_schema_agrees(void **state)
{
	struct bed *b = *state;
	xmlSchemaParserCtxt *p = xmlSchemaNewParserCtxt("chipprofiles/chip-profile.xsd");
	xmlSchema *schema = xmlSchemaParse(p);
	assert_non_null(schema);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!schema_accepts(schema, table[i].neighbour, strlen(table[i].neighbour)))
			fail_msg("the schema rejects\n%s", table[i].neighbour);
	size_t n;
	const char **name = chip_names(&b->a, "chipprofiles", &n, &b->d);
	for (size_t i = 0; i < n; i++) {
		struct buf text = {0};
		assert_true(file_read(arena_printf(&b->a, "chipprofiles/%s.xml", name[i]), XML_MAX, &text, &b->d));
		assert_true(schema_accepts(schema, (char *)text.p, text.n));
		buf_reset(&text);
	}
	assert_false(schema_accepts(
	    schema, HEAD TITLES FACT_OF("colour", "blue") END, strlen(HEAD TITLES FACT_OF("colour", "blue") END)));
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_good, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
	    cmocka_unit_test(test_all_codes),
	    cmocka_unit_test_setup_teardown(test_all_at_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_find, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_environment, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_limits_are_lowest, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_profiles_read, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_schema_lists_facts, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_schema_agrees, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
