/* Descriptions made at random, compiled for every chip: what the compiler accepts must answer as the reference card of
 * the same description does, to probe and full, and be all or nothing under power cuts (one card in ten). What it
 * refuses it must have a diagnostic for. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/suite/cut.h"
#include "tests/unit/support/chip_kit.h"

enum { SEEDS = 200, PINS = 3, CUT_EACH = 10 };

static uint64_t state_of_random;

static unsigned below(unsigned n)
{
	state_of_random = state_of_random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state_of_random >> 33) % n;
}

struct made {
	struct buf text;
	unsigned pins, files;
	unsigned min[PINS], max[PINS], puk[PINS];
	const char *format[PINS];
	bool field[4];
};

/* ---- a description ---- */

static void rule(struct made *m, unsigned leaves)
{
	if (leaves == 1) {
		buf_printf(&m->text, "pin(p%u)", below(m->pins));
		return;
	}
	unsigned left = 1 + below(leaves - 1);
	buf_str(&m->text, "(");
	rule(m, left);
	buf_str(&m->text, below(2) ? " and " : " or ");
	rule(m, leaves - left);
	buf_str(&m->text, ")");
}

static void operation(struct made *m, const char *name)
{
	unsigned what = below(6);
	if (what == 0)
		return; /* absent: never */
	buf_printf(&m->text, " %s=\"", name);
	if (what == 1)
		buf_str(&m->text, "always");
	else
		rule(m, what == 2 ? 2 + below(2) : 1);
	buf_str(&m->text, "\"");
}

static void pin(struct made *m, unsigned i)
{
	static const char *const formats[] = {"digits", "digits", "digits", "alphanumeric", "alphanumeric", "binary"};
	static const char *const changes[] = {
	    "old-and-new", "old-and-new", "old-and-new", "old-and-new", "never", "never", "both"};
	bool varies = below(3) == 0;
	const char *change = changes[below(7)];
	m->format[i] = formats[below(6)];
	m->min[i] = 4 + below(3);
	m->max[i] = m->min[i] + (varies ? 1 + below(2) : 0);
	buf_printf(&m->text, "<pin id=\"p%u\" ref=\"%u\" format=\"%s\"", i, 1 + 3 * i + below(3), m->format[i]);
	if (varies)
		buf_printf(&m->text, " min=\"%u\" max=\"%u\"", m->min[i], m->max[i]);
	else
		buf_printf(&m->text, " length=\"%u\"", m->min[i]);
	buf_printf(&m->text, " tries=\"%u\" initial=\"%s\" source=\"csv:P%u\" change=\"%s\"", 1 + below(4),
	    below(12) == 0 ? "transport" : "personal", i, change);
	if (varies && (below(2) || strcmp(change, "never") != 0))
		buf_printf(&m->text, " stored=\"%u\" pad=\"%s\"", m->max[i], below(2) ? "FF" : "00");
	if (below(10) == 0)
		buf_str(&m->text, " check=\"card\"");
	if (below(16) == 0)
		buf_printf(&m->text, " unblock=\"pin(p%u)\"", below(m->pins));
	m->puk[i] = below(3) ? 4 + below(5) : 0;
	if (m->puk[i] != 0)
		buf_printf(&m->text,
		    "><puk format=\"digits\" length=\"%u\" tries=\"%u\" source=\"csv:K%u\" reset=\"%s\"/></pin>\n",
		    m->puk[i], 1 + below(6), i, below(10) == 0 ? "both" : "with-new");
	else
		buf_str(&m->text, "/>\n");
}

static void file(struct made *m, unsigned i)
{
	static const unsigned sizes[] = {1, 2, 16, 17, 100, 254, 255, 256, 257, 300, 511, 700};
	unsigned size = sizes[below(12)];
	buf_printf(&m->text, "<file id=\"f%u\" fid=\"00%02X\" sfi=\"%u\" size=\"%u\" fill=\"%02X\"", i, i + 1, i + 1,
	    size, below(256));
	operation(m, "read");
	operation(m, "update");
	m->field[i] = size >= 16 && below(2);
	if (m->field[i])
		buf_printf(&m->text,
		    "><field id=\"d%u\" offset=\"%u\" length=\"12\" format=\"text\" pad=\"20\" "
		    "source=\"csv:D%u\"/></file>\n",
		    i, below(size - 12), i);
	else
		buf_str(&m->text, "/>\n");
}

static void make(struct made *m, uint64_t seed)
{
	*m = (struct made){0};
	state_of_random = seed;
	m->pins = below(2) ? 1 : 1 + below(PINS);
	m->files = 1 + below(4);
	buf_str(&m->text,
	    "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"random\" version=\"1.0\" area=\"extension\">\n"
	    "<title xml:lang=\"en\">Random</title>\n<aid rid=\"D392100031\" pix=\"0001FFFF01\"/>\n");
	for (unsigned i = 0; i < m->pins; i++)
		pin(m, i);
	for (unsigned i = 0; i < m->files; i++)
		file(m, i);
	buf_str(&m->text, "</card-ap>\n");
}

/* ---- its values ---- */

static void value(struct chip_kit *k, const char *prefix, unsigned i, unsigned min, unsigned max, const char *format)
{
	static char names[64][8];
	static unsigned used;
	uint8_t bytes[16];
	char *name = names[used++ % 64];
	unsigned n = min + below(max - min + 1);
	bool binary = strcmp(format, "binary") == 0, text = strcmp(format, "text") == 0;
	snprintf(name, sizeof names[0], "%s%u", prefix, i % 10);
	for (unsigned b = 0; b < n; b++)
		bytes[b] = binary ? (uint8_t)(1 + below(250)) : (uint8_t)(text ? 'A' + below(26) : '0' + below(10));
	chip_kit_value(k, name, bytes, n, binary);
}

static void values(struct chip_kit *k, const struct made *m)
{
	for (unsigned i = 0; i < m->pins; i++) {
		value(k, "P", i, m->min[i], m->max[i], m->format[i]);
		if (m->puk[i] != 0)
			value(k, "K", i, m->puk[i], m->puk[i], "digits");
	}
	for (unsigned i = 0; i < m->files; i++)
		if (m->field[i])
			value(k, "D", i, 3, 12, "text");
}

/* ---- the comparison ---- */

static bool compare(struct chip_kit *k, const struct sim *reference, const struct sim *chip, enum suite_kind kind)
{
	struct buf text = {0}, shown = {0};
	struct sim a, b;
	struct link la = {0}, lb = {0};
	struct suite_report r = {0};
	struct diag_list d = {0};
	assert_true(suite_generate(k->contract, kind, &text, NULL));
	struct suite *s = suite_parse(text.p, text.n, "generated", &d);
	assert_non_null(s);
	assert_true(sim_copy(&a, reference) && sim_copy(&b, chip));
	link_sim_of(&la, &a);
	link_sim_of(&lb, &b);
	bool good = suite_compare(s, &la, &lb, &k->values, &r, &d);
	suite_report_text(&r, "en", &shown);
	if (!good)
		print_error("%s", buf_cstr(&shown));
	link_close(&la);
	link_close(&lb);
	sim_close(&a);
	sim_close(&b);
	suite_free(s);
	suite_report_reset(&r);
	diag_reset(&d);
	buf_reset(&text);
	buf_reset(&shown);
	return good;
}

/* Every state-changing command cut at the edges of every write: as before or as after. */
static bool cuts(struct chip_kit *k, const struct sim *chip)
{
	struct buf text = {0};
	struct diag_list d = {0};
	struct cut_report r = {0};
	assert_true(suite_generate_cuts(k->contract, &text));
	struct suite *s = suite_parse(text.p, text.n, "cuts", &d);
	assert_non_null(s);
	bool good = cut_run(s, k->contract, chip, &k->values, CUT_EDGES, &r, &d);
	if (!good)
		diag_print(stderr, &d, "en");
	suite_free(s);
	diag_reset(&d);
	buf_reset(&text);
	return good;
}

struct tally {
	unsigned unread, refused[8], equal[8], unequal, cut;
};

static bool has_error(const struct diag_list *d)
{
	return diag_worst(d) >= DIAG_ERROR;
}

static void on_chip(
    struct chip_kit *k, const struct sim *reference, const char *name, size_t i, bool cut, struct tally *t)
{
	struct sim card;
	const struct chip *chip = chip_find(&k->arena, "chipprofiles", name, &k->d);
	assert_non_null(chip);
	diag_reset(&k->d);
	if (!chip_kit_install(k, chip, &card)) {
		assert_true(has_error(&k->d));
		t->refused[i]++;
		return;
	}
	bool good = compare(k, reference, &card, SUITE_PROBE) && compare(k, reference, &card, SUITE_FULL);
	if (good && cut) {
		good = cuts(k, &card);
		t->cut++;
	}
	if (!good)
		print_error("on %s\n", name);
	t->equal[i] += good;
	t->unequal += !good;
	sim_close(&card);
}

static void one(uint64_t seed, const char **names, size_t n, struct tally *t)
{
	struct made m;
	struct chip_kit k = {0};
	struct sim reference;
	unsigned before = t->unequal;
	make(&m, seed);
	k.ap = description_read(&k.arena, m.text.p, m.text.n, "random.xml", &k.d);
	if (k.ap == NULL) {
		assert_true(has_error(&k.d));
		t->unread++;
	} else {
		k.contract = k.ap->contract;
		values(&k, &m);
		chip_kit_reference(&k, &reference);
		for (size_t i = 0; i < n; i++)
			on_chip(&k, &reference, names[i], i, seed % CUT_EACH == 0, t);
		sim_close(&reference);
	}
	if (t->unequal != before)
		print_error("seed %ju\n%s\n", (uintmax_t)seed, buf_cstr(&m.text));
	buf_reset(&m.text);
	chip_kit_close(&k);
}

static void random_descriptions(void **state)
{
	struct arena arena = {0};
	struct diag_list d = {0};
	struct tally t = {0};
	size_t n;
	(void)state;
	const char *only = getenv("CONFORM_SEED");
	const char **names = chip_kit_names(&arena, &n, &d);
	assert_true(names != NULL && n >= 2 && n <= 8);
	uint64_t first = only != NULL ? strtoull(only, NULL, 10) : 1, end = only != NULL ? first + 1 : 1 + SEEDS;
	for (uint64_t seed = first; seed < end; seed++)
		one(seed, names, n, &t);
	print_message("%u descriptions not read\n", t.unread);
	for (size_t i = 0; i < n; i++) {
		print_message("%s: %u equal, %u refused\n", names[i], t.equal[i], t.refused[i]);
		assert_true(only != NULL || t.equal[i] >= SEEDS / 10); /* a run that compared nothing proves nothing */
	}
	print_message("%u cards cut\n", t.cut);
	assert_true(only != NULL || t.cut != 0);
	assert_int_equal(t.unequal, 0);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_descriptions)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
