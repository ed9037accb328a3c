/* Load images: as they are; with an archive made good again; and with the manifest's sums made good too, so that
 * mutations reach what is behind each check. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/rd.h"
#include "runtime/image/archive.h"
#include "runtime/image/image.h"
#include "runtime/image/parts.h"
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

/* The entries as their local headers have them (PKWARE APPNOTE 4.3.7), whatever else was changed: libzip would not give
 * data whose checksum is wrong. They are borrowed. */
static size_t split(const uint8_t *p, size_t n, struct archive_entry e[IMAGE_ENTRIES])
{
	struct rd r = rd_of(p, n);
	size_t count = 0;
	while (count < IMAGE_ENTRIES && rd_left(&r) >= 30) {
		const uint8_t *h = rd_bytes(&r, 30);
		const char *path = image_entry_path((enum image_entry_name)count);
		size_t size = (size_t)h[18] | (size_t)h[19] << 8 | (size_t)h[20] << 16 | (size_t)h[21] << 24;
		rd_bytes(&r, (size_t)h[26] | (size_t)h[27] << 8);
		const uint8_t *data = rd_bytes(&r, size);
		if (r.bad || memcmp(h, "PK\3\4", 4) != 0)
			break;
		memcpy(e[count].name, path, strlen(path) + 1);
		e[count++].data = (struct buf){.p = (uint8_t *)(uintptr_t)data, .n = size};
	}
	return count;
}

static void pack(const struct archive_entry *e, size_t count)
{
	struct buf archive = {0};
	bool ok = archive_write(e, count, &archive);
	assert(ok);
	(void)ok;
	read_and_write(archive.p, archive.n);
	buf_reset(&archive);
}

static void with_good_sums(const struct archive_entry *e, size_t count)
{
	static struct image img;
	struct archive_entry out[IMAGE_ENTRIES];
	sample_image(&img);
	for (size_t i = 0; i < IMAGE_SIGNATURE && i < count; i++)
		if (i != IMAGE_MANIFEST) {
			buf_clear(&img.entry[i]);
			buf_add(&img.entry[i], e[i].data.p, e[i].data.n);
		}
	manifest_write(&img, &img.entry[IMAGE_MANIFEST]);
	for (size_t i = 0; i < IMAGE_SIGNATURE; i++) {
		const char *path = image_entry_path((enum image_entry_name)i);
		memcpy(out[i].name, path, strlen(path) + 1);
		out[i].data = img.entry[i];
	}
	pack(out, IMAGE_SIGNATURE);
	image_reset(&img);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct archive_entry e[IMAGE_ENTRIES];
	read_and_write(data, n);
	size_t count = split(data, n, e);
	if (count == 0)
		return 0;
	pack(e, count);
	with_good_sums(e, count);
	return 0;
}
