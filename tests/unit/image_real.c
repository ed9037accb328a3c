/* A real image, of the entrance card for both chips: equal builds, and no byte of it can be changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/description/description.h"
#include "compiler/emit/family.h"
#include "runtime/base/file.h"
#include "runtime/image/image.h"
#include "runtime/suite/suite.h"

static struct buf build(const char *chip_name, bool is_signed)
{
	struct arena a = {0};
	struct diag_list d = {0};
	struct buf xml = {0}, out = {0};
	struct image *img = calloc(1, sizeof *img);
	assert_non_null(img);
	assert_true(file_read("samples/entrance-card/entrance-card.xml", 1 << 20, &xml, &d));
	const struct description *ap = description_read(&a, xml.p, xml.n, "x.xml", &d);
	const struct chip *chip = chip_find(&a, "chipprofiles", chip_name, &d);
	assert_true(ap != NULL && chip != NULL);
	const struct family *family = family_find(chip->family);
	const struct plan *p = family->plan(&a, ap, chip, true, &d);
	assert_non_null(p);
	assert_true(family->emit(p, img, &d));
	assert_true(suite_generate(ap->contract, SUITE_PROBE, &img->entry[IMAGE_PROBE], NULL));
	assert_true(suite_generate(ap->contract, SUITE_FULL, &img->entry[IMAGE_FULL], NULL));
	struct signing_key *key = is_signed ? signing_key_load("samples/keys/public-test-key.pem", &d) : NULL;
	assert_true(image_write(img, key, &out, &d));
	signing_key_free(key);
	image_reset(img);
	free(img);
	buf_reset(&xml);
	diag_reset(&d);
	arena_free(&a);
	return out;
}

static void no_byte_can_be_changed(const char *chip, bool is_signed)
{
	struct buf b = build(chip, is_signed), again = build(chip, is_signed);
	struct image *img = calloc(1, sizeof *img);
	struct diag_list d = {0};
	assert_non_null(img);
	assert_int_equal(b.n, again.n);
	assert_memory_equal(b.p, again.p, b.n);
	assert_true(image_read(img, b.p, b.n, "x", NULL, &d));
	image_reset(img);
	for (size_t i = 0; i < b.n; i++) {
		uint8_t flip = (uint8_t)(1u << i % 8);
		b.p[i] ^= flip;
		if (image_read(img, b.p, b.n, "x", NULL, &d) || d.n != 1)
			fail_msg("byte %zu of %zu, changed by %02x", i, b.n, flip);
		b.p[i] ^= flip;
		image_reset(img);
		diag_reset(&d);
	}
	free(img);
	buf_reset(&b);
	buf_reset(&again);
}

static void signed_for_iso_compact(void **state)
{
	(void)state;
	no_byte_can_be_changed("iso-compact-32k", true);
}

static void unsigned_for_starcos(void **state)
{
	(void)state;
	no_byte_can_be_changed("starcos-like-8k", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signed_for_iso_compact),
	    cmocka_unit_test(unsigned_for_starcos),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
