/* What tests of images share: build the sample, read an archive, put entries together as a forger would. */
#ifndef IGATA_TESTS_IMAGE_KIT_H
#define IGATA_TESTS_IMAGE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/image/archive.h"
#include "runtime/image/image.h"
#include "tests/sample_image.h"

static const char test_key[] = "samples/keys/public-test-key.pem";

static inline struct signing_key *load_key(const char *path)
{
	struct diag_list d = {0};
	struct signing_key *k = signing_key_load(path, &d);
	assert_non_null(k);
	diag_reset(&d);
	return k;
}

static inline struct buf write_image(struct image *img, const char *key)
{
	struct diag_list d = {0};
	struct buf out = {0};
	struct signing_key *k = key == NULL ? NULL : load_key(key);
	bool ok = image_write(img, k, &out, &d);
	diag_print(stderr, &d, "en");
	assert_true(ok);
	signing_key_free(k);
	diag_reset(&d);
	return out;
}

static inline struct buf sample(const char *key)
{
	static struct image img;
	sample_image(&img);
	struct buf out = write_image(&img, key);
	image_reset(&img);
	return out;
}

/* The code of the one diagnostic, 0 when it was read. */
static inline enum diag_code read_code(const uint8_t *p, size_t n, const char *trust)
{
	static struct image img;
	struct diag_list d = {0};
	bool ok = image_read(&img, p, n, "x.apimg", trust, &d);
	if (ok != (d.n == 0) || d.n > 1) {
		diag_print(stderr, &d, "en");
		fail_msg("%zu diagnostics, and the answer %d", d.n, ok);
	}
	enum diag_code code = ok ? (enum diag_code)0 : d.row[0].code;
	image_reset(&img);
	diag_reset(&d);
	return code;
}

/* An archive of the first `count` entries. */
static inline void pack(const struct buf text[IMAGE_ENTRIES], size_t count, struct buf *out)
{
	struct archive_entry e[IMAGE_ENTRIES];
	for (size_t i = 0; i < count; i++) {
		const char *path = image_entry_path((enum image_entry_name)i);
		e[i].data = text[i];
		memcpy(e[i].name, path, strlen(path) + 1);
	}
	assert_true(archive_write(e, count, out));
}

#endif
