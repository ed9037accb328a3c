/* APs as applets: everything in tests/fixtures/applets is compiled for simulated Java Cards, verified, loaded and
 * personalised over GlobalPlatform by the loader, and must answer the full suite as the reference card does. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/cap/read.h"
#include "runtime/cap/verify/verify.h"
#include "tests/unit/support/chip_kit.h"

#define FOLDER "tests/fixtures/applets"

/* SCP03 and a Java Card 3.0.5; SCP02 and a Java Card 2.2.1; the reference simulator's profile, personalised in clear.
 */
static const char *const chips[] = {"nxp-jcop4-j3r180", "gd-smartcafe-6-80k", "cref-222"};

/* A value for each hole: as short as it may be, other bytes for each. */
static void give_values(struct chip_kit *k)
{
	static const char *const alphabet[] = {[FORMAT_BINARY] = "\x01\xfe\x80\x7f\x10",
	    [FORMAT_DIGITS] = "4711908263",
	    [FORMAT_ALPHANUMERIC] = "aB3dE6g",
	    [FORMAT_TEXT] = "Zone A1, B2."};
	for (uint16_t i = 0; i < k->contract->n_values; i++) {
		const struct contract_value *v = &k->contract->value[i];
		const char *from = alphabet[v->format];
		uint8_t *p = arena_alloc(&k->arena, v->min);
		for (size_t b = 0; b < v->min; b++)
			p[b] = (uint8_t)from[(b + i) % strlen(from)];
		chip_kit_value(k, v->name, p, v->min, v->format == FORMAT_BINARY);
	}
}

static bool compare(struct chip_kit *k, struct sim *chip, const char *what)
{
	struct sim reference;
	struct link la = {0}, lb = {0};
	struct suite_report r = {0};
	struct buf text = {0}, said = {0};
	assert_true(suite_generate(k->contract, SUITE_FULL, &text, NULL));
	struct suite *s = suite_parse(text.p, text.n, what, &k->d);
	assert_non_null(s);
	chip_kit_reference(k, &reference);
	link_sim_of(&la, &reference);
	link_sim_of(&lb, chip);
	bool good = suite_compare(s, &la, &lb, &k->values, &r, &k->d) && r.passed > 4 && r.not_run == 0;
	suite_report_text(&r, "en", &said);
	if (!good)
		print_error("%s: %s", what, buf_cstr(&said));
	suite_report_reset(&r);
	suite_free(s);
	link_close(&la);
	link_close(&lb);
	sim_close(&reference);
	buf_reset(&text);
	buf_reset(&said);
	return good;
}

/* What the compiler writes, the verifier takes. */
static bool verified(struct chip_kit *k, const struct chip *chip)
{
	static struct image img;
	struct cap cap = {0};
	struct cap_model model = {0};
	bool good = chip_kit_image(k, chip, &img);
	const struct buf *payload = &img.entry[IMAGE_PAYLOAD];
	good = good && cap_open(&cap, payload->p, payload->n, chip->name, &k->d) && cap_read(&model, &cap, &k->d) &&
	    cap_verify(&model, NULL, &k->d);
	cap_model_reset(&model);
	cap_close(&cap);
	image_reset(&img);
	return good;
}

static bool one(const char *path, const char *chip_name)
{
	struct chip_kit k;
	struct sim card;
	chip_kit_open(&k, path);
	give_values(&k);
	const struct chip *chip = chip_find(&k.arena, "chipprofiles", chip_name, &k.d);
	assert_non_null(chip);
	bool good = verified(&k, chip) && chip_kit_install(&k, chip, &card);
	/* The reference simulator lacks algorithms: it may refuse, by name. */
	if (!good && strcmp(chip->dialect, "cref") == 0 && k.d.n != 0 && k.d.row[k.d.n - 1].code == DIAG_PLAN_NOT_YET)
		good = true;
	else if (!good)
		diag_print(stderr, &k.d, "en");
	else {
		good = compare(&k, &card, arena_printf(&k.arena, "%s on %s", path, chip_name));
		sim_close(&card);
	}
	chip_kit_close(&k);
	return good;
}

static void on_all(const char *folder, unsigned least)
{
	struct dirent **entry;
	unsigned bad = 0, run = 0;
	int n = scandir(folder, &entry, NULL, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		char path[512];
		const char *dot = strrchr(entry[i]->d_name, '.');
		snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
		for (size_t c = 0; dot != NULL && strcmp(dot, ".xml") == 0 && c < sizeof chips / sizeof *chips; c++) {
			run++;
			bad += !one(path, chips[c]);
		}
		free(entry[i]);
	}
	free(entry);
	assert_int_equal(bad, 0);
	assert_true(run >= least);
}

static void test_applets(void **state)
{
	(void)state;
	on_all(FOLDER, 8);
}

static void test_samples(void **state)
{
	static const char *const sample[] = {"samples/type-a/type-a.xml", "samples/type-c/type-c.xml",
	    "samples/type-d/type-d.xml", "samples/entrance-card/entrance-card.xml",
	    "samples/library-card/library-card.xml"};
	unsigned bad = 0;
	(void)state;
	for (size_t i = 0; i < sizeof sample / sizeof *sample; i++)
		bad += !one(sample[i], chips[0]);
	assert_int_equal(bad, 0);
}

/* P2 = 00 names no key: in particular not one with another use, whose column holds 0 in the applet's tables. */
static void test_no_key(void **state)
{
	static const uint8_t select[] = {
	    0x00, 0xa4, 0x04, 0x0c, 0x0a, 0xd3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0xff, 0xff, 0x7a};
	static const uint8_t ins[] = {0x82, 0x88};
	struct chip_kit k;
	struct sim card;
	struct link link = {0};
	struct buf rsp = {0};
	(void)state;
	chip_kit_open(&k, FOLDER "/keys.xml");
	give_values(&k);
	const struct chip *chip = chip_find(&k.arena, "chipprofiles", chips[0], &k.d);
	assert_non_null(chip);
	assert_true(chip_kit_install(&k, chip, &card));
	link_sim_of(&link, &card);
	assert_int_equal(link_transmit(&link, select, sizeof select, &rsp), LINK_OK);
	for (size_t i = 0; i < sizeof ins; i++)
		for (size_t n = 8; n <= 16; n += 8) {
			uint8_t cmd[5 + 16] = {0x00, ins[i], 0x00, 0x00, (uint8_t)n};
			buf_clear(&rsp);
			assert_int_equal(link_transmit(&link, cmd, 5 + n, &rsp), LINK_OK);
			assert_int_equal(rsp.n, 2);
			assert_int_equal(rsp.p[0] << 8 | rsp.p[1], SW_REFERENCE_NOT_FOUND);
		}
	buf_reset(&rsp);
	link_close(&link);
	sim_close(&card);
	chip_kit_close(&k);
}

/* ---- what is refused ---- */

#define HEAD                                                                                                           \
	"<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"ap\" version=\"1.0\" area=\"extension\">"                         \
	"<title xml:lang=\"ja\">x</title><title xml:lang=\"en\">x</title><aid rid=\"D392100031\" pix=\"0001FFFF01\"/>"
#define FILE "<file id=\"f\" fid=\"0001\" sfi=\"1\" size=\"16\" read=\"always\" update=\"always\"/>"

static bool fired(const struct chip_kit *k, enum diag_code code)
{
	for (size_t i = 0; i < k->d.n; i++)
		if (k->d.row[i].code == code)
			return true;
	return false;
}

static void test_not_yet(void **state)
{
	static const char text[] =
	    HEAD FILE "<df id=\"d\" fid=\"4D01\"><aid rid=\"D392100031\" pix=\"0002FFFF01\"/></df></card-ap>";
	struct chip_kit k;
	struct image img;
	(void)state;
	chip_kit_read(&k, text, sizeof text - 1, "ap.xml");
	const struct chip *chip = chip_find(&k.arena, "chipprofiles", chips[0], &k.d);
	assert_false(chip_kit_image(&k, chip, &img));
	assert_true(fired(&k, DIAG_PLAN_NOT_YET));
	image_reset(&img);
	chip_kit_close(&k);
}

#define COUNTER(max)                                                                                                   \
	HEAD "<counter id=\"c\" fid=\"0001\" width=\"1\" max=\"" max "\" source=\"csv:C\" read=\"always\"/></card-ap>"

/* What is refused, and its neighbour that is not: a delivered value of a counter that could lie outside its bounds. */
static void test_neighbours(void **state)
{
	static const struct {
		const char *text;
		bool carried;
	} row[] = {
	    {COUNTER("255"), true},
	    {COUNTER("254"), false},
	};
	struct chip_kit k;
	struct image img;
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		chip_kit_read(&k, row[i].text, strlen(row[i].text), "ap.xml");
		const struct chip *chip = chip_find(&k.arena, "chipprofiles", chips[0], &k.d);
		assert_int_equal(chip_kit_image(&k, chip, &img), row[i].carried);
		assert_int_equal(fired(&k, DIAG_PLAN_NOT_YET), !row[i].carried);
		image_reset(&img);
		chip_kit_close(&k);
	}
}

/* Chips that cannot take it: too little memory; closed for loading. The others of these tests take it. */
static void test_chips(void **state)
{
	static const struct {
		const char *chip;
		enum diag_code code;
	} row[] = {{"pivkey-c910", DIAG_PLAN_MEMORY}, {"yubikey-neo", DIAG_GP_CLOSED}};
	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct chip_kit k;
		struct image img;
		chip_kit_open(&k, "samples/type-c/type-c.xml");
		assert_false(chip_kit_image(&k, chip_find(&k.arena, "chipprofiles", row[i].chip, &k.d), &img));
		assert_true(fired(&k, row[i].code));
		image_reset(&img);
		chip_kit_close(&k);
	}
}

/* The profile's ceiling, and the same AP just below it. */
static void test_import(void **state)
{
	static const char text[] = HEAD FILE "</card-ap>";
	struct chip_kit k;
	struct image img;
	(void)state;
	for (uint32_t minor = 0; minor < 2; minor++) {
		chip_kit_read(&k, text, sizeof text - 1, "ap.xml");
		struct chip chip = *chip_find(&k.arena, "chipprofiles", chips[0], &k.d);
		struct chip_fact *f = &chip.fact[CHIP_IMPORT_JAVACARD_FRAMEWORK];
		assert_true(f->present);
		f->number = minor == 0 ? 0x0200 : 0x0100;
		assert_int_equal(chip_kit_image(&k, &chip, &img), minor == 1);
		assert_int_equal(fired(&k, DIAG_PLAN_IMPORT), minor == 0);
		image_reset(&img);
		chip_kit_close(&k);
	}
}

/* Values in clear are for simulated cards only. */
static void test_clear(void **state)
{
	struct chip_kit k;
	struct sim card;
	static struct image img;
	struct loader w;
	struct link l = {0};
	struct install_options o = {.accept_test_signed = true};
	struct install_report r = {0};
	char dir[] = "/tmp/igata-clear-XXXXXX";
	(void)state;
	chip_kit_open(&k, FOLDER "/files.xml");
	give_values(&k);
	const struct chip *chip = chip_find(&k.arena, "chipprofiles", "cref-222", &k.d);
	assert_true(chip_kit_image(&k, chip, &img));
	assert_non_null(mkdtemp(dir));
	struct loader_options options = {
	    .journal = dir, .given = {.profiles = "chipprofiles", .identity = "test card"}, .lang = "en"};
	assert_true(sim_new_in_memory(&card, chip, NULL, 7, &k.d));
	link_sim_of(&l, &card);
	assert_true(loader_on(&w, &l, &options, &img, true, NULL, &k.d));
	w.link.simulated = false;
	assert_false(load_install(&w, &img, &k.set, &o, &r));
	assert_true(fired(&k, DIAG_GP_CLEAR));
	install_report_reset(&r);
	loader_close(&w);
	image_reset(&img);
	chip_kit_remove(dir);
	sim_close(&card);
	chip_kit_close(&k);
}

/* A transaction that holds what one UPDATE writes, and one byte less: a file, a data object, a record, a PIN. */
static void test_commit(void **state)
{
	static const struct {
		const char *text;
		uint32_t needs;
	} row[] = {
	    {HEAD "<file id=\"f\" fid=\"0001\" size=\"300\" read=\"always\" update=\"always\"/></card-ap>", 261},
	    {HEAD "<file id=\"f\" fid=\"0001\" size=\"300\" read=\"always\"/>"
		  "<data id=\"d\" tag=\"C1\" max=\"100\" read=\"always\" update=\"always\"/></card-ap>",
		108},
	    {HEAD "<records id=\"r\" fid=\"0001\" structure=\"linear-fixed\" length=\"40\" count=\"2\" read=\"always\" "
		  "update=\"always\"/></card-ap>",
		47},
	    {HEAD "<pin id=\"p\" ref=\"1\" format=\"digits\" length=\"60\" tries=\"3\" initial=\"personal\" "
		  "source=\"csv:P\"/><file id=\"f\" fid=\"0001\" size=\"9\" read=\"pin(p)\"/></card-ap>",
		75},
	};
	struct chip_kit k;
	struct image img;
	(void)state;
	for (size_t i = 0; i < 2 * sizeof row / sizeof *row; i++) {
		chip_kit_read(&k, row[i / 2].text, strlen(row[i / 2].text), "ap.xml");
		struct chip chip = *chip_find(&k.arena, "chipprofiles", chips[0], &k.d);
		chip.fact[CHIP_JC_COMMIT].present = true;
		chip.fact[CHIP_JC_COMMIT].number = row[i / 2].needs - i % 2;
		assert_int_equal(chip_kit_image(&k, &chip, &img), i % 2 == 0);
		assert_int_equal(fired(&k, DIAG_PLAN_COMMIT), i % 2 == 1);
		image_reset(&img);
		chip_kit_close(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_applets),
	    cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_no_key),
	    cmocka_unit_test(test_not_yet),
	    cmocka_unit_test(test_neighbours),
	    cmocka_unit_test(test_chips),
	    cmocka_unit_test(test_import),
	    cmocka_unit_test(test_commit),
	    cmocka_unit_test(test_clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
