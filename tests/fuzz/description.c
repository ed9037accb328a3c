/* The whole compiler on anything: what the description reader accepts, every chip carries or refuses with a reason, and
 * what is emitted is an image that the distrustful reader takes. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "compiler/description/description.h"
#include "compiler/emit/family.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const chip_name[] = {"iso-compact-32k", "starcos-like-8k"};

static const struct chip *chip(size_t i)
{
	static struct arena a;
	static const struct chip *known[2];
	struct diag_list d = {0};
	if (known[i] == NULL)
		known[i] = chip_find(&a, "chipprofiles", chip_name[i], &d);
	assert(known[i] != NULL);
	return known[i];
}

static void compile(struct arena *a, const struct description *ap, size_t i)
{
	struct diag_list d = {0};
	const struct family *family = family_find(chip(i)->family);
	struct image *img = calloc(1, sizeof *img);
	struct buf out = {0};
	assert(img != NULL && family != NULL);
	const struct plan *p = family->plan(a, ap, chip(i), true, &d);
	if (p == NULL)
		assert(diag_worst(&d) == DIAG_ERROR);
	else {
		bool ok = family->emit(p, img, &d) && image_write(img, NULL, &out, &d);
		if (!ok)
			diag_print(stderr, &d, "en");
		assert(ok);
	}
	buf_reset(&out);
	image_reset(img);
	free(img);
	diag_reset(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = {0};
	struct diag_list d = {0};
	const struct description *ap = description_read(&a, data, n, "x.xml", &d);
	if (ap == NULL)
		assert(diag_worst(&d) >= DIAG_ERROR);
	for (size_t i = 0; ap != NULL && i < 2; i++)
		compile(&a, ap, i);
	diag_reset(&d);
	arena_free(&a);
	return 0;
}
