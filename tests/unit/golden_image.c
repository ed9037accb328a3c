/* tests/golden/image: each description, and each sample, for each chip: the command script, the access map, the holes
 * and the notices in NAME.CHIP.txt; or the refusals, English, then Japanese, in NAME.CHIP.err. How the sample is
 * carried is in explain.txt, and what every chip makes of every AP in matrix.txt.
 *
 * BLESS=1 build/tests/unit/golden_image rewrites them: review the difference.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json_object.h>

#include "compiler/emit/family.h"
#include "compiler/plan/explain.h"
#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/json.h"

#define FOLDER "tests/golden/image"
#define SAMPLE "samples/entrance-card/entrance-card.xml"

static const char *const chips[] = {"iso-compact-32k", "starcos-like-8k"};

struct bed {
	struct arena a;
	struct diag_list d;
	struct buf out;
};

static void done(struct bed *b)
{
	arena_free(&b->a);
	diag_reset(&b->d);
	buf_reset(&b->out);
}

static const struct description *read_description(struct bed *b, const char *path, const char *name)
{
	struct buf text = {0};
	struct diag_list warnings = {0};
	assert_true(file_read(path, 1 << 20, &text, &b->d));
	const struct description *ap = description_read(&b->a, text.p, text.n, name, &warnings);
	if (ap == NULL)
		diag_print(stderr, &warnings, "en");
	assert_non_null(ap);
	diag_reset(&warnings);
	buf_reset(&text);
	return ap;
}

static void put_diags(struct bed *b)
{
	static const char *const lang[2] = {"en", "ja"};
	for (int i = 0; i < 2; i++) {
		char *text = NULL;
		size_t n = 0;
		FILE *f = open_memstream(&text, &n);
		diag_print(f, &b->d, lang[i]);
		fclose(f);
		buf_add(&b->out, text, n);
		free(text);
	}
}

static void put_holes(struct buf *out, const struct image *img)
{
	for (size_t i = 0; i < img->n_holes; i++) {
		const struct image_hole *h = &img->hole[i];
		buf_printf(
		    out, "%s %s %s %s %s %u..%u", h->name, h->kind, h->target, h->format, h->source, h->min, h->max);
		if (h->stored != 0)
			buf_printf(out, " stored %u pad %02X", h->stored, (unsigned)h->pad);
		buf_printf(out, "%s\n", h->secret ? " secret" : "");
	}
}

/* One line for each member, for those who review. */
static void put_indented(struct buf *out, const struct buf *json)
{
	enum { FORM = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE };
	struct json_doc doc;
	assert_true(json_parse(&doc, json->p, json->n));
	buf_printf(out, "%s\n", json_object_to_json_string_ext(doc.root, FORM));
	json_free(&doc);
}

static void put_image(struct bed *b, const struct plan *p, const struct image *img)
{
	const struct image_manifest *m = &img->manifest;
	char aid[33];
	buf_printf(&b->out, "# %s %s %s %s: %s %s %s, %u bytes, %s\n\n", m->id, m->version, m->area,
	    hex_encode(aid, m->aid, m->aid_len), m->chip, m->family, m->dialect, m->memory, m->witness);
	assert_int_equal(m->memory, p->memory);
	buf_add(&b->out, img->entry[IMAGE_PAYLOAD].p, img->entry[IMAGE_PAYLOAD].n);
	buf_str(&b->out, "\n# holes\n");
	put_holes(&b->out, img);
	buf_str(&b->out, "\n# access map\n");
	put_indented(&b->out, &img->entry[IMAGE_ACCESS]);
	buf_str(&b->out, "\n# notices\n");
	for (size_t i = 0; i < m->n_notices; i++)
		buf_printf(&b->out, "%s [%s]\n  %s\n  %s\n", m->notice[i].code, m->notice[i].witness,
		    m->notice[i].text[0], m->notice[i].text[1]);
}

/* The image has to be one that the image format takes, and reads back. */
static void assert_readable(struct image *img)
{
	struct buf zip = {0};
	struct diag_list d = {0};
	if (!image_write(img, NULL, &zip, &d))
		diag_print(stderr, &d, "en");
	assert_int_equal(d.n, 0);
	buf_reset(&zip);
	diag_reset(&d);
}

static bool make(struct bed *b, const char *path, const char *name, const char *chip_name)
{
	const struct chip *chip = chip_find(&b->a, "chipprofiles", chip_name, &b->d);
	assert_non_null(chip);
	const struct description *ap = read_description(b, path, name);
	const struct family *family = family_find(chip->family);
	assert_non_null(family);
	struct plan *p = family->plan(&b->a, ap, chip, true, &b->d);
	if (p == NULL) {
		assert_int_equal(diag_worst(&b->d), DIAG_ERROR);
		put_diags(b);
		return false;
	}
	assert_int_equal(diag_worst(&b->d), DIAG_NOTE);
	struct image img = {0};
	if (!family->emit(p, &img, &b->d))
		diag_print(stderr, &b->d, "en");
	assert_int_equal(diag_worst(&b->d), DIAG_NOTE);
	put_image(b, p, &img);
	assert_readable(&img);
	image_reset(&img);
	return true;
}

static bool compare_file(struct bed *b, const char *path)
{
	struct buf want = {0};
	if (getenv("BLESS") != NULL)
		return file_write(path, b->out.p, b->out.n, 0644, &b->d);
	bool same =
	    file_read(path, 1 << 20, &want, &b->d) && want.n == b->out.n && memcmp(want.p, b->out.p, want.n) == 0;
	if (!same)
		print_message("%s differs; is now:\n%s\n", path, buf_cstr(&b->out));
	buf_reset(&want);
	return same;
}

/* Exactly one of the two files is there, with exactly this text. */
static bool compare(struct bed *b, const char *name, const char *chip, bool made)
{
	const char *path = arena_printf(&b->a, FOLDER "/%s.%s.%s", name, chip, made ? "txt" : "err");
	const char *other = arena_printf(&b->a, FOLDER "/%s.%s.%s", name, chip, made ? "err" : "txt");
	if (getenv("BLESS") != NULL)
		unlink(other);
	return access(other, F_OK) != 0 && compare_file(b, path);
}

static unsigned wrong;

static void one(const char *path, const char *name)
{
	for (size_t i = 0; i < sizeof chips / sizeof *chips; i++) {
		struct bed b = {0};
		bool made = make(&b, path, arena_printf(&b.a, "%s.xml", name), chips[i]);
		wrong += !compare(&b, name, chips[i], made);
		done(&b);
	}
}

enum { NAMES = 64 };

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The descriptions of the folder, without ".xml", sorted. */
static size_t names(struct arena *a, const char *out[NAMES])
{
	DIR *dir = opendir(FOLDER);
	size_t n = 0;
	assert_non_null(dir);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		size_t len = strlen(e->d_name);
		if (len > 4 && strcmp(e->d_name + len - 4, ".xml") == 0 && n < NAMES)
			out[n++] = arena_strndup(a, e->d_name, len - 4);
	}
	closedir(dir);
	qsort(out, n, sizeof *out, by_name);
	return n;
}

static void test_goldens(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *name[NAMES];
	size_t n = names(&a, name);
	assert_true(n >= 7);
	for (size_t i = 0; i < n; i++)
		one(arena_printf(&a, FOLDER "/%s.xml", name[i]), name[i]);
	one(SAMPLE, "entrance-card");
	arena_free(&a);
	assert_int_equal(wrong, 0);
}

static const struct plan *survey(struct bed *b, const char *path, const char *name, const char *chip_name)
{
	struct diag_list d = {0};
	const struct chip *chip = chip_find(&b->a, "chipprofiles", chip_name, &b->d);
	assert_non_null(chip);
	const struct plan *p = plan_survey(&b->a, read_description(b, path, name), chip, true, &d);
	diag_reset(&d);
	return p;
}

static void test_explain(void **state)
{
	(void)state;
	struct bed b = {0};
	for (size_t i = 0; i < sizeof chips / sizeof *chips; i++) {
		const struct plan *p = survey(&b, SAMPLE, "entrance-card.xml", chips[i]);
		explain_plan(p, "en", &b.out);
		buf_u8(&b.out, '\n');
		explain_plan(p, "ja", &b.out);
		buf_u8(&b.out, '\n');
	}
	const struct plan *refused = survey(&b, FOLDER "/two-pins.xml", "two-pins.xml", chips[1]);
	explain_plan(refused, "en", &b.out);
	buf_u8(&b.out, '\n');
	struct json j = json_to(&b.out);
	explain_json(refused, "ja", &j, NULL);
	buf_u8(&b.out, '\n');
	assert_true(compare_file(&b, FOLDER "/explain.txt"));
	done(&b);
}

static void test_matrix(void **state)
{
	(void)state;
	enum { CHIPS = sizeof chips / sizeof *chips };
	struct bed b = {0};
	const char *name[NAMES];
	const struct plan *cell[(NAMES + 1) * CHIPS];
	size_t n = names(&b.a, name);
	for (size_t k = 0; k < CHIPS; k++) {
		cell[k] = survey(&b, SAMPLE, "entrance-card.xml", chips[k]);
		for (size_t i = 0; i < n; i++)
			cell[(i + 1) * CHIPS + k] =
			    survey(&b, arena_printf(&b.a, FOLDER "/%s.xml", name[i]), name[i], chips[k]);
	}
	explain_matrix(cell, n + 1, CHIPS, "en", &b.out);
	buf_u8(&b.out, '\n');
	explain_matrix(cell, n + 1, CHIPS, "ja", &b.out);
	assert_true(compare_file(&b, FOLDER "/matrix.txt"));
	done(&b);
}

/* The same input gives the same bytes. */
static void test_repeatable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof chips / sizeof *chips; i++) {
		struct bed a = {0}, b = {0};
		assert_true(make(&a, SAMPLE, "a.xml", chips[i]));
		assert_true(make(&b, SAMPLE, "b.xml", chips[i]));
		assert_string_equal(buf_cstr(&a.out), buf_cstr(&b.out));
		done(&a);
		done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_goldens),
	    cmocka_unit_test(test_explain),
	    cmocka_unit_test(test_matrix),
	    cmocka_unit_test(test_repeatable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
