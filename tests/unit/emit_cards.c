/* Everything that tests/golden/image shows as text, and the samples, put on the simulated cards and compared with the
 * reference card by the full suite: what the emitter writes means on a card what the description says. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/emit/family.h"
#include "runtime/base/file.h"
#include "runtime/crypto/aes.h"
#include "runtime/image/script.h"
#include "tests/unit/support/suite_kit.h"

#define FOLDER "tests/golden/image"
#define SAMPLE "samples/entrance-card/entrance-card.xml"

static const char *const chips[] = {"iso-compact-32k", "starcos-like-8k"};

struct bed {
	struct arena a;
	struct diag_list d;
	const struct contract *contract;
	struct reference_value given[CONTRACT_VALUES];
	struct image img;
	struct sim chip;
};

/* A value for each hole: as short as it may be, other bytes for each. */
static void make_values(struct bed *b)
{
	static const char *const alphabet[] = {[FORMAT_BINARY] = "\x01\xfe\x80\x7f\x10",
	    [FORMAT_DIGITS] = "4711908263",
	    [FORMAT_ALPHANUMERIC] = "aB3dE6g",
	    [FORMAT_TEXT] = "Zone A1, B2."};
	for (uint16_t i = 0; i < b->contract->n_values; i++) {
		const struct contract_value *v = &b->contract->value[i];
		const char *from = alphabet[v->format];
		uint8_t *p = arena_alloc(&b->a, v->min);
		for (size_t k = 0; k < v->min; k++)
			p[k] = (uint8_t)from[(k + i) % strlen(from)];
		b->given[i] = (struct reference_value){v->name, p, v->min};
	}
}

/* The bytes of a hole as they are stored. */
static void stored(const struct bed *b, const char *name, struct buf *out)
{
	for (size_t i = 0; i < b->img.n_holes; i++) {
		const struct image_hole *h = &b->img.hole[i];
		if (strcmp(h->name, name) != 0)
			continue;
		assert_string_equal(b->given[i].name, name);
		buf_add(out, b->given[i].p, b->given[i].n);
		while (h->stored != 0 && out->n < h->stored)
			buf_u8(out, (unsigned)h->pad);
	}
}

static void put_part(const struct bed *b, const struct script_part *p, struct buf *data)
{
	struct buf value = {0};
	if (p->hole == NULL) {
		buf_add(data, p->bytes, p->n);
		return;
	}
	stored(b, p->hole, &value);
	assert_true(p->offset + p->n <= value.n && value.n != 0);
	buf_add(data, value.p + p->offset, p->n == 0 ? value.n : p->n);
	buf_reset(&value);
}

static sw_t command(struct bed *b, const uint8_t header[4], const struct buf *data, size_t le, struct buf *answer)
{
	struct apdu a = {.cla = header[0], .ins = header[1], .p1 = header[2], .p2 = header[3]};
	struct buf cmd = {0}, rsp = {0};
	a.data = data->p;
	a.lc = data->n;
	a.le = le;
	a.has_le = le != 0;
	apdu_write(&cmd, &a);
	sim_apdu(&b->chip, cmd.p, cmd.n, &rsp);
	assert_true(rsp.n >= 2);
	sw_t sw = (sw_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
	if (answer != NULL)
		buf_add(answer, rsp.p, rsp.n - 2);
	buf_reset(&cmd);
	buf_reset(&rsp);
	return sw;
}

/* The published test keys of delivered cards. */
static void prove_key(struct bed *b, const char *dialect)
{
	struct buf data = {0}, challenge = {0};
	if (strcmp(dialect, "starcos") == 0) {
		buf_str(&data, "IGATA-SO");
		assert_int_equal(command(b, (uint8_t[]){0, 0x20, 0, 1}, &data, 0, NULL), SW_OK);
	} else {
		uint8_t key[16], block[16];
		for (unsigned i = 0; i < 16; i++)
			key[i] = (uint8_t)i;
		assert_int_equal(command(b, (uint8_t[]){0, 0x84, 0, 0}, &data, 16, &challenge), SW_OK);
		assert_true(aes_encrypt_block(key, sizeof key, challenge.p, block));
		buf_add(&data, block, sizeof block);
		assert_int_equal(command(b, (uint8_t[]){0, 0x82, 0, 1}, &data, 0, NULL), SW_OK);
	}
	buf_reset(&data);
	buf_reset(&challenge);
}

/* Run the steps before `end` from the beginning; again: some of it is on the card already. */
static void run_script(struct bed *b, enum script_phase end, bool again)
{
	struct script s = {0};
	const struct buf *text = &b->img.entry[IMAGE_PAYLOAD];
	sim_power_up(&b->chip);
	assert_true(script_read(&s, text->p, text->n, "script", &b->d));
	prove_key(b, s.dialect);
	for (size_t i = 0; i < s.n_steps && s.step[i].phase < end; i++) {
		struct buf data = {0};
		for (size_t k = 0; k < s.step[i].n_parts; k++)
			put_part(b, &s.step[i].part[k], &data);
		sw_t sw = command(b, s.step[i].header, &data, 0, NULL);
		bool exists = sw == SW_FILE_EXISTS || sw == SW_DF_NAME_EXISTS;
		if (sw != s.step[i].sw && !(again && exists && s.step[i].phase == SCRIPT_CREATE))
			fail_msg("step %zu answered %04X: %s", i, (unsigned)sw, s.step[i].note);
		buf_reset(&data);
	}
	script_reset(&s);
	sim_power_down(&b->chip);
}

static void compare_with_reference(struct bed *b, const char *what)
{
	struct kit_ap reference;
	struct link left, right;
	struct suite_report r = {0};
	struct buf text = {0};
	kit_ap_open(&reference, (struct contract *)(uintptr_t)b->contract, b->given, b->contract->n_values);
	struct suite *s = kit_generate(b->contract, SUITE_FULL);
	link_sim_of(&left, &reference.card);
	link_sim_of(&right, &b->chip);
	bool same = suite_compare(s, &left, &right, &reference.values, &r, &b->d);
	if (!same) {
		suite_report_text(&r, "en", &text);
		print_message("%s:\n%s\n", what, buf_cstr(&text));
	}
	print_message("%s: %zu dialogues, %zu commands\n", what, r.passed, r.apdus);
	assert_true(same);
	link_close(&left);
	link_close(&right);
	suite_free(s);
	suite_report_reset(&r);
	buf_reset(&text);
	sim_close(&reference.card);
}

/* false: this chip does not carry it. */
static bool one_text(const struct buf *text, const char *path, const char *chip_name, bool again)
{
	struct bed *b = calloc(1, sizeof *b);
	const struct description *ap = description_read(&b->a, text->p, text->n, path, &b->d);
	const struct chip *chip = chip_find(&b->a, "chipprofiles", chip_name, &b->d);
	assert_true(ap != NULL && chip != NULL);
	const struct plan *p = plan_make(&b->a, ap, chip, true, &b->d);
	if (p != NULL) {
		b->contract = ap->contract;
		assert_true(family_native.emit(p, &b->img, &b->d));
		make_values(b);
		assert_true(sim_new_in_memory(&b->chip, chip, NULL, 42, &b->d));
		/* An interrupted install begins again at the first step; what creates then answers "exists". */
		for (int end = SCRIPT_CREATE; again && end <= SCRIPT_ACTIVATE; end++)
			run_script(b, (enum script_phase)end, true);
		run_script(b, SCRIPT_PHASES, again);
		compare_with_reference(b, arena_printf(&b->a, "%s on %s", path, chip_name));
		sim_close(&b->chip);
	}
	image_reset(&b->img);
	diag_reset(&b->d);
	arena_free(&b->a);
	free(b);
	return p != NULL;
}

static bool one(const char *path, const char *chip_name, bool again)
{
	struct buf text = {0};
	struct diag_list d = {0};
	assert_true(file_read(path, 1 << 20, &text, &d));
	bool carried = one_text(&text, path, chip_name, again);
	buf_reset(&text);
	return carried;
}

static void on_all_chips(bool again, unsigned least)
{
	DIR *dir = opendir(FOLDER);
	unsigned carried = 0;
	assert_non_null(dir);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		char path[512];
		size_t n = strlen(e->d_name);
		if (n < 5 || strcmp(e->d_name + n - 4, ".xml") != 0)
			continue;
		snprintf(path, sizeof path, FOLDER "/%s", e->d_name);
		for (size_t k = 0; k < sizeof chips / sizeof *chips; k++)
			carried += one(path, chips[k], again);
	}
	closedir(dir);
	assert_true(carried >= least);
}

static void test_goldens_on_cards(void **state)
{
	(void)state;
	on_all_chips(false, 7);
}

static void test_begun_again(void **state)
{
	(void)state;
	on_all_chips(true, 7);
}

static void test_sample_on_cards(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof chips / sizeof *chips; k++)
		assert_true(one(SAMPLE, chips[k], false));
}

/* As much as iso-compact-32k takes: 63 files and the compiler's own, 14 security environments, files with long ids. */
static void test_full_card(void **state)
{
	(void)state;
	enum { PINS = 12, FILES = 63 };
	struct buf text = {0};
	buf_str(&text,
	    "<card-ap xmlns=\"urn:igata:card-ap:1\" id=\"full\" version=\"1.0\" area=\"extension\">"
	    "<title xml:lang=\"ja\">満杯</title><title xml:lang=\"en\">Full</title>"
	    "<aid rid=\"D392100031\" pix=\"0001FFFF010203040506\"/>");
	for (unsigned i = 0; i < PINS; i++)
		buf_printf(&text,
		    "<pin id=\"pin-%03u\" ref=\"%u\" format=\"alphanumeric\" length=\"16\""
		    " tries=\"2\" initial=\"personal\" source=\"csv:PIN-WITH-A-LONG-NAME-INDEED-%03u\"/>",
		    i, 31 - i, i);
	buf_str(&text, "<rule id=\"all\" when=\"pin(pin-000)");
	for (unsigned i = 1; i < PINS; i++)
		buf_printf(&text, " and pin(pin-%03u)", i);
	buf_str(&text, "\"/>");
	for (unsigned i = 0; i < FILES; i++)
		buf_printf(&text,
		    "<file id=\"file-with-a-long-name-really-%03u\" fid=\"%04X\" size=\"%u\""
		    " read=\"pin(pin-%03u)\" update=\"%s\"/>",
		    i, i + 1, i == 0 ? 29000U : 3U + i % 5, i % PINS, i % 3 == 0 ? "all" : "never");
	buf_str(&text, "</card-ap>");
	assert_true(one_text(&text, "full.xml", chips[0], false));
	assert_false(one_text(&text, "full.xml", chips[1], false));
	buf_reset(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sample_on_cards),
	    cmocka_unit_test(test_goldens_on_cards),
	    cmocka_unit_test(test_begun_again),
	    cmocka_unit_test(test_full_card),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
