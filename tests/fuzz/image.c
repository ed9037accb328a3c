/* Load images: as they are; with an archive made good again; and with the manifest's sums made good too, so that
 * mutations reach what is behind each check. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/image/image.h"
#include "runtime/image/parts.h"
#include "runtime/image/zip.h"
#include "tests/sample_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What was accepted and is not signed is written again as the same bytes. */
static void read_and_write(const uint8_t *p, size_t n)
{
	static struct image img;
	struct diag_list d = {0};
	struct buf again = {0};
	if (!image_read(&img, p, n, "image", NULL, &d))
		assert(d.n == 1);
	else {
		assert(d.n == 0);
		if (img.trust == IMAGE_UNSIGNED) {
			bool ok = image_write(&img, NULL, &again, &d);
			assert(ok && again.n == n && memcmp(again.p, p, n) == 0);
			(void)ok;
		}
	}
	image_reset(&img);
	buf_reset(&again);
	diag_reset(&d);
}

static void with_good_sums(const struct zip_entry *e, size_t count)
{
	static struct image img;
	struct zip_entry out[IMAGE_ENTRIES];
	struct buf archive = {0};
	sample_image(&img);
	for (size_t i = 0; i < IMAGE_SIGNATURE; i++) {
		const char *path = image_entry_path((enum image_entry_name)i);
		if (i < count && i != IMAGE_MANIFEST) {
			buf_clear(&img.entry[i]);
			buf_add(&img.entry[i], e[i].p, e[i].n);
		}
		out[i] = (struct zip_entry){path, strlen(path), NULL, 0};
	}
	manifest_write(&img, &img.entry[IMAGE_MANIFEST]);
	for (size_t i = 0; i < IMAGE_SIGNATURE; i++) {
		out[i].p = img.entry[i].p;
		out[i].n = img.entry[i].n;
	}
	zip_write(out, IMAGE_SIGNATURE, &archive);
	read_and_write(archive.p, archive.n);
	buf_reset(&archive);
	image_reset(&img);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct zip_entry e[IMAGE_ENTRIES];
	size_t count = 0, at = 0;
	struct buf archive = {0};
	read_and_write(data, n);
	if (zip_read(data, n, e, IMAGE_ENTRIES, &count, &at))
		return 0;
	zip_write(e, count, &archive);
	read_and_write(archive.p, archive.n);
	with_good_sums(e, count);
	buf_reset(&archive);
	return 0;
}
