/* Load images: equal builds, and every way we know to change one. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <zip.h>

#include "runtime/base/file.h"
#include "runtime/image/archive.h"
#include "runtime/image/image.h"
#include "runtime/image/parts.h"
#include "tests/unit/support/image_kit.h"

static char folder[] = "/tmp/igata-image-XXXXXX";

static void what_is_written_is_read(void **state)
{
	(void)state;
	static struct image a, b;
	for (int is_signed = 0; is_signed < 2; is_signed++) {
		struct diag_list d = {0};
		sample_image(&a);
		struct buf out = write_image(&a, is_signed ? test_key : NULL);
		assert_true(image_read(&b, out.p, out.n, "x", NULL, &d));
		assert_memory_equal(&a.manifest, &b.manifest, sizeof a.manifest);
		assert_int_equal(a.n_holes, b.n_holes);
		assert_memory_equal(a.hole, b.hole, sizeof a.hole);
		assert_int_equal(a.trust, is_signed ? IMAGE_TEST_SIGNED : IMAGE_UNSIGNED);
		assert_int_equal(b.trust, a.trust);
		assert_string_equal(b.signer, is_signed ? "CN=Igata PUBLIC TEST KEY - worthless" : "");
		assert_memory_equal(a.digest, b.digest, sizeof a.digest);
		for (size_t i = 0; i < IMAGE_ENTRIES; i++) {
			assert_int_equal(a.entry[i].n, b.entry[i].n);
			if (a.entry[i].n != 0)
				assert_memory_equal(a.entry[i].p, b.entry[i].p, a.entry[i].n);
		}
		buf_reset(&out);
		image_reset(&a);
		image_reset(&b);
	}
}

static void images_are_loaded_from_files(void **state)
{
	(void)state;
	static struct image img;
	struct diag_list d = {0};
	struct buf out = sample(test_key);
	char path[64];
	snprintf(path, sizeof path, "%s/a.apimg", folder);
	assert_true(file_write(path, out.p, out.n, 0644, &d));
	assert_true(image_load(&img, path, NULL, &d));
	assert_string_equal(img.manifest.id, "entrance-card");
	image_reset(&img);
	unlink(path);
	assert_false(image_load(&img, path, NULL, &d));
	assert_int_equal(d.row[0].code, DIAG_FILE_OPEN);
	diag_reset(&d);
	buf_reset(&out);
}

static void builds_are_equal_everywhere(void **state)
{
	(void)state;
	static const struct {
		const char *tz, *locale;
		unsigned mask;
	} row[] = {{"UTC", "C", 022}, {"Asia/Tokyo", "ja_JP.UTF-8", 077}, {"America/New_York", "de_DE.UTF-8", 0}};
	char cwd[1024], key[2048];
	assert_non_null(getcwd(cwd, sizeof cwd));
	snprintf(key, sizeof key, "%s/%s", cwd, test_key);
	struct buf first = sample(key);
	for (size_t i = 0; i < 3; i++) {
		setenv("TZ", row[i].tz, 1);
		tzset();
		setlocale(LC_ALL, row[i].locale);
		umask(row[i].mask);
		assert_int_equal(chdir(i == 1 ? "/" : folder), 0);
		struct timespec nap = {.tv_nsec = 1100 * 1000 * 1000 % 1000000000, .tv_sec = i == 0 ? 1 : 0};
		nanosleep(&nap, NULL);
		struct buf again = sample(key);
		assert_int_equal(first.n, again.n);
		assert_memory_equal(first.p, again.p, first.n);
		buf_reset(&again);
	}
	assert_int_equal(chdir(cwd), 0);
	setlocale(LC_ALL, "C");
	setenv("TZ", "UTC", 1);
	umask(022);
	buf_reset(&first);
}

static void any_changed_byte_is_refused(void **state)
{
	(void)state;
	static const uint8_t flip[] = {0x01, 0x02, 0x20, 0x80, 0xff};
	for (int is_signed = 0; is_signed < 2; is_signed++) {
		struct buf b = sample(is_signed ? test_key : NULL);
		assert_int_equal(read_code(b.p, b.n, NULL), 0);
		for (size_t i = 0; i < b.n; i++)
			for (size_t k = 0; k < sizeof flip; k++) {
				b.p[i] ^= flip[k];
				if (read_code(b.p, b.n, NULL) == 0)
					fail_msg("byte %zu changed by %02x", i, flip[k]);
				b.p[i] ^= flip[k];
			}
		buf_reset(&b);
	}
}

static void any_missing_or_added_byte_is_refused(void **state)
{
	(void)state;
	struct buf b = sample(test_key), c = {0};
	for (size_t n = 0; n < b.n; n++) {
		assert_int_not_equal(read_code(b.p, n, NULL), 0); /* cut */
		buf_clear(&c);
		buf_add(&c, b.p, n);
		buf_add(&c, b.p + n + 1, b.n - n - 1);
		assert_int_not_equal(read_code(c.p, c.n, NULL), 0); /* one byte missing */
		buf_clear(&c);
		buf_add(&c, b.p, n);
		buf_u8(&c, b.p[n]);
		buf_add(&c, b.p + n, b.n - n);
		assert_int_not_equal(read_code(c.p, c.n, NULL), 0); /* one byte twice */
	}
	buf_u8(&b, 0);
	assert_int_equal(read_code(b.p, b.n, NULL), DIAG_IMAGE_CHANGED);
	buf_reset(&b);
	buf_reset(&c);
}

/* ---- forgeries: somebody who can use a ZIP program and compute sums, but has no key ---- */

static void replace(struct buf *b, const char *from, const char *to)
{
	struct buf out = {0};
	char *at = strstr((char *)(uintptr_t)buf_cstr(b), from);
	if (at == NULL)
		fail_msg("'%s' is not there", from);
	size_t before = (size_t)(at - (char *)b->p);
	buf_add(&out, b->p, before);
	buf_str(&out, to);
	buf_add(&out, at + strlen(from), b->n - before - strlen(from));
	buf_reset(b);
	*b = out;
}

/* Take the sample apart, and let the manifest's sums be computed again when asked to. */
struct forge {
	const char *name;
	enum image_entry_name entry;
	const char *from, *to;
	enum diag_code code;
};

/* The sample's entries with one changed; the sums of the manifest fit again when `sums`. */
static enum diag_code forge(const struct forge *f, bool sums)
{
	static struct image img;
	struct diag_list d = {0};
	struct buf b = sample(NULL), out = {0};
	assert_true(image_read(&img, b.p, b.n, "x", NULL, &d));
	replace(&img.entry[f->entry], f->from, f->to);
	if (sums) {
		buf_clear(&img.entry[IMAGE_MANIFEST]);
		assert_true(manifest_write(&img, &img.entry[IMAGE_MANIFEST]));
	}
	pack(img.entry, IMAGE_SIGNATURE, &out);
	enum diag_code code = read_code(out.p, out.n, NULL);
	image_reset(&img);
	buf_reset(&b);
	buf_reset(&out);
	return code;
}

static void exchanged_entries_do_not_have_the_digest(void **state)
{
	(void)state;
	static const struct forge row[] = {
	    {"payload", IMAGE_PAYLOAD, "{PIN}", "00", DIAG_IMAGE_DIGEST},
	    {"template", IMAGE_TEMPLATE, "\"secret\":true", "\"secret\":false", DIAG_IMAGE_DIGEST},
	    {"access", IMAGE_ACCESS, "card", "cart", DIAG_IMAGE_DIGEST},
	    {"probe", IMAGE_PROBE, "probe", "", DIAG_IMAGE_DIGEST},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_int_equal(forge(&row[i], false), row[i].code);
}

static void manifests_have_one_form(void **state)
{
	(void)state;
	static const struct forge row[] = {
	    {"later", IMAGE_MANIFEST, "\"format\":1", "\"format\":2", DIAG_IMAGE_FORMAT},
	    {"unknown member", IMAGE_MANIFEST, "{", "{\"x\":1,", DIAG_IMAGE_JSON},
	    {"unknown in entries", IMAGE_MANIFEST, "\"bytes\"", "\"x\":1,\"bytes\"", DIAG_IMAGE_JSON},
	    {"twice", IMAGE_MANIFEST, "\"version\":\"1.0\"", "\"version\":\"1.0\",\"version\":\"1.0\"",
		DIAG_IMAGE_JSON},
	    {"blank", IMAGE_MANIFEST, "\"id\":", "\"id\": ", DIAG_IMAGE_JSON},
	    {"escape", IMAGE_MANIFEST, "entrance", "\\u0065ntrance", DIAG_IMAGE_JSON},
	    {"lower case", IMAGE_MANIFEST, "D39210", "d39210", DIAG_IMAGE_JSON},
	    {"float", IMAGE_MANIFEST, "1234", "1234.0", DIAG_IMAGE_JSON},
	    {"negative", IMAGE_MANIFEST, "1234", "-1", DIAG_IMAGE_JSON},
	    {"big", IMAGE_MANIFEST, "1234", "4294967296", DIAG_IMAGE_JSON},
	    {"not json", IMAGE_MANIFEST, "}", "", DIAG_IMAGE_JSON},
	    {"trailer", IMAGE_MANIFEST, "}]}", "}]}\n", DIAG_IMAGE_JSON},
	    {"id", IMAGE_MANIFEST, "entrance-card", "../../x", DIAG_IMAGE_JSON},
	    {"empty id", IMAGE_MANIFEST, "entrance-card", "", DIAG_IMAGE_JSON},
	    {"version", IMAGE_MANIFEST, "\"1.0\"", "\"v1\"", DIAG_IMAGE_JSON},
	    {"escape sequence", IMAGE_MANIFEST, "Entrance card", "\\u001b[2J", DIAG_IMAGE_JSON},
	    {"area", IMAGE_MANIFEST, "extension", "basic", DIAG_IMAGE_JSON},
	    {"short AID", IMAGE_MANIFEST, "D3921000310001FFFF01", "D3921000", DIAG_IMAGE_JSON},
	    {"long AID", IMAGE_MANIFEST, "D3921000310001FFFF01", "D3921000310001FFFF01D3921000310001", DIAG_IMAGE_JSON},
	    {"chip", IMAGE_MANIFEST, "iso-compact-32k", "iso/compact", DIAG_IMAGE_JSON},
	    {"family", IMAGE_MANIFEST, "\"native\"", "\"Native\"", DIAG_IMAGE_JSON},
	    {"other family", IMAGE_MANIFEST, "\"native\"", "\"javacard\"", DIAG_IMAGE_FAMILY},
	    {"dialect", IMAGE_MANIFEST, "\"iso-compact\"", "\"\"", DIAG_IMAGE_JSON},
	    {"atr", IMAGE_MANIFEST, "3B80", "3B8", DIAG_IMAGE_JSON},
	    {"witness", IMAGE_MANIFEST, "cited", "sworn", DIAG_IMAGE_JSON},
	    {"signer", IMAGE_MANIFEST, "\"signer\":\"\"", "\"signer\":\"00\"", DIAG_IMAGE_JSON},
	    {"order", IMAGE_MANIFEST, "payload/script", "template.json", DIAG_IMAGE_JSON},
	    {"bytes", IMAGE_MANIFEST, "\"bytes\":6", "\"bytes\":7", DIAG_IMAGE_JSON},
	    {"other AID", IMAGE_MANIFEST, "D3921000310001FFFF01", "D3921000310001FFFF02", DIAG_IMAGE_MISFIT},
	    {"other dialect", IMAGE_MANIFEST, "\"iso-compact\"", "\"starcos\"", DIAG_IMAGE_MISFIT},
	    {"signature gone", IMAGE_MANIFEST, "\"signer\":\"\"",
		"\"signer\":\"00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\"",
		DIAG_IMAGE_SIGNATURE_GONE},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		enum diag_code code = forge(&row[i], false);
		if (code != row[i].code)
			fail_msg("%s: IG%04u", row[i].name, (unsigned)code);
	}
}

static void other_entries_are_judged_too(void **state)
{
	(void)state;
	static const struct forge row[] = {
	    {"template member", IMAGE_TEMPLATE, "\"holes\"", "\"x\":1,\"holes\"", DIAG_IMAGE_JSON},
	    {"template format", IMAGE_TEMPLATE, "\"format\":1", "\"format\":2", DIAG_IMAGE_JSON},
	    {"hole twice", IMAGE_TEMPLATE, "\"ZONES\"", "\"PIN\"", DIAG_IMAGE_JSON},
	    {"hole name", IMAGE_TEMPLATE, "\"ZONES\"", "\"Z S\"", DIAG_IMAGE_JSON},
	    {"kind", IMAGE_TEMPLATE, "\"pin\"", "\"kez\"", DIAG_IMAGE_JSON},
	    {"target", IMAGE_TEMPLATE, "\"holder\"", "\"\"", DIAG_IMAGE_JSON},
	    {"hole format", IMAGE_TEMPLATE, "\"text\"", "\"html\"", DIAG_IMAGE_JSON},
	    {"source", IMAGE_TEMPLATE, "\"csv\"", "\"http\"", DIAG_IMAGE_JSON},
	    {"min over max", IMAGE_TEMPLATE, "\"min\":10", "\"min\":11", DIAG_IMAGE_JSON},
	    {"stored under max", IMAGE_TEMPLATE, "\"stored\":64", "\"stored\":63", DIAG_IMAGE_JSON},
	    {"pad", IMAGE_TEMPLATE, "\"pad\":32", "\"pad\":256", DIAG_IMAGE_JSON},
	    {"no pad", IMAGE_TEMPLATE, "\"pad\":32", "\"pad\":-1", DIAG_IMAGE_JSON},
	    {"a length that varies", IMAGE_TEMPLATE, "\"min\":10", "\"min\":9", DIAG_IMAGE_MISFIT},
	    {"unknown hole", IMAGE_TEMPLATE, "\"CARD-NUMBER\"", "\"CARD-NO\"", DIAG_IMAGE_MISFIT},
	    {"slice over the end", IMAGE_PAYLOAD, "{ZONES:0:10}", "{ZONES:60:5}", DIAG_IMAGE_MISFIT},
	    {"slice longer than the value", IMAGE_PAYLOAD, "{ZONES:0:10}", "{ZONES:0:65}", DIAG_IMAGE_MISFIT},
	    {"256 bytes", IMAGE_PAYLOAD, "{ZONES:0:10}", "{ZONES} {ZONES} {ZONES} {ZONES}", DIAG_IMAGE_MISFIT},
	    {"script", IMAGE_PAYLOAD, "igata-script 1", "igata-script 2", DIAG_SCRIPT_VERSION},
	    {"script AID", IMAGE_PAYLOAD, "FFFF01", "FFFF02", DIAG_IMAGE_MISFIT},
	    {"access form", IMAGE_ACCESS, "\"aid\":", "\"aid\": ", DIAG_IMAGE_JSON},
	    {"access format", IMAGE_ACCESS, "\"format\":1", "\"format\":2", DIAG_IMAGE_JSON},
	    {"access AID", IMAGE_ACCESS, "FFFF01", "FFFF02", DIAG_IMAGE_MISFIT},
	    {"escape in a suite", IMAGE_PROBE, "probe", "pr\x1b[2Jobe", DIAG_IMAGE_TEXT},
	    {"broken UTF-8", IMAGE_PROBE, "probe", "pr\xc3obe", DIAG_IMAGE_TEXT},
	    {"access not json", IMAGE_ACCESS, "{", "", DIAG_IMAGE_JSON},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		enum diag_code code = forge(&row[i], true);
		if (code != row[i].code)
			fail_msg("%s: IG%04u", row[i].name, (unsigned)code);
	}
	/* A neighbour that is accepted: the same machinery, nothing wrong. */
	static const struct forge good[] = {
	    {"good", IMAGE_PAYLOAD, "{ZONES:0:10}", "{ZONES:54:10}", (enum diag_code)0},
	    {"255 bytes", IMAGE_PAYLOAD, "{ZONES:0:10}", "{ZONES} {ZONES} {ZONES} {ZONES:0:63}", (enum diag_code)0},
	};
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(forge(&good[i], true), 0);
}

static void archives_have_one_form(void **state)
{
	(void)state;
	static struct image img;
	struct diag_list d = {0};
	struct buf b = sample(test_key), out = {0}, x = {.p = (uint8_t *)"x", .n = 1};
	struct archive_entry e[IMAGE_ENTRIES + 1], original[IMAGE_ENTRIES];
	size_t count = 0;
	assert_true(archive_read(b.p, b.n, original, IMAGE_ENTRIES, &count));
	assert_int_equal(count, IMAGE_ENTRIES);
	static const enum diag_code want[] = {DIAG_IMAGE_ENTRY, DIAG_IMAGE_CHANGED, DIAG_IMAGE_ENTRY,
	    DIAG_IMAGE_CHANGED, DIAG_IMAGE_ENTRY, DIAG_IMAGE_SIGNATURE_GONE, DIAG_IMAGE_FOREIGN, DIAG_IMAGE_ENTRY,
	    DIAG_IMAGE_ENTRY};
	for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
		size_t n = IMAGE_ENTRIES;
		memcpy(e, original, sizeof original);
		if (k == 0) { /* order */
			e[1] = original[2];
			e[2] = original[1];
		}
		if (k == 1) /* twice: below, since libzip does not write that */
			strcpy(e[2].name, "payload/SCRIPT");
		if (k == 2) /* another name */
			strcpy(e[1].name, "payload/Script");
		if (k == 3) /* an entry more */
			e[n++] = (struct archive_entry){"x", x};
		if (k == 4) /* fewer */
			n = 3;
		if (k == 5) /* the signature taken off */
			n = IMAGE_SIGNATURE;
		if (k == 7) /* a name that goes elsewhere */
			strcpy(e[0].name, "../manifest.json");
		if (k == 8) /* an empty signature */
			e[IMAGE_SIGNATURE].data = (struct buf){0};
		buf_clear(&out);
		assert_true(archive_write(e, n, &out));
		for (size_t i = 0; k == 1 && i + 6 <= out.n; i++)
			if (memcmp(out.p + i, "SCRIPT", 6) == 0)
				memcpy(out.p + i, "script", 6);
		if (k == 6) { /* nothing but the end record (APPNOTE 4.3.16) */
			buf_clear(&out);
			buf_add(&out, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
		}
		if (read_code(out.p, out.n, NULL) != want[k])
			fail_msg("case %zu: IG%04u", k, (unsigned)read_code(out.p, out.n, NULL));
	}
	archive_reset(original, count);
	assert_false(image_read(&img, (const uint8_t *)"text", 4, "x", NULL, &d));
	assert_int_equal(d.row[0].code, DIAG_IMAGE_FOREIGN);
	diag_reset(&d);
	image_reset(&img);
	buf_reset(&out);
	buf_reset(&b);
}

/* What an ordinary ZIP program makes of the same entries is refused: compressed, with dates, with directories. */
static void other_programs_archives_are_refused(void **state)
{
	(void)state;
	struct buf b = sample(NULL);
	zip_error_t error;
	zip_error_init(&error);
	zip_source_t *source = zip_source_buffer_create(b.p, b.n, 0, &error);
	assert_non_null(source);
	zip_source_keep(source);
	zip_t *z = zip_open_from_source(source, 0, &error);
	assert_non_null(z);
	assert_int_equal(zip_set_file_compression(z, IMAGE_PAYLOAD, ZIP_CM_DEFLATE, 9), 0);
	assert_int_equal(zip_close(z), 0);
	assert_int_equal(zip_source_open(source), 0);
	uint8_t again[16384];
	zip_int64_t n = zip_source_read(source, again, sizeof again);
	assert_true(n > 0 && (size_t)n < sizeof again);
	zip_source_close(source);
	zip_source_free(source);
	assert_int_equal(read_code(again, (size_t)n, NULL), DIAG_IMAGE_CHANGED);
	buf_reset(&b);
}

/* Checked as ZIP programs do, the archive is consistent. */
static void other_programs_can_open_it(void **state)
{
	(void)state;
	struct buf b = sample(test_key);
	struct archive_entry e[IMAGE_ENTRIES];
	size_t count = 0;
	assert_true(archive_read(b.p, b.n, e, IMAGE_ENTRIES, &count));
	zip_error_t error;
	zip_error_init(&error);
	zip_source_t *source = zip_source_buffer_create(b.p, b.n, 0, &error);
	zip_t *z = zip_open_from_source(source, ZIP_CHECKCONS | ZIP_RDONLY, &error);
	assert_non_null(z);
	assert_int_equal(zip_get_num_entries(z, 0), IMAGE_ENTRIES);
	for (zip_uint64_t i = 0; i < IMAGE_ENTRIES; i++) {
		zip_stat_t st;
		uint8_t data[8192];
		assert_int_equal(zip_stat_index(z, i, 0, &st), 0);
		assert_int_equal(st.comp_method, ZIP_CM_STORE);
		assert_int_equal(st.size, e[i].data.n);
		assert_string_equal(st.name, image_entry_path((enum image_entry_name)i));
		zip_file_t *f = zip_fopen_index(z, i, 0);
		assert_non_null(f);
		assert_int_equal(zip_fread(f, data, sizeof data), e[i].data.n);
		if (e[i].data.n != 0)
			assert_memory_equal(data, e[i].data.p, e[i].data.n);
		assert_int_equal(zip_fclose(f), 0); /* the CRC-32 too */
	}
	zip_discard(z);
	archive_reset(e, count);
	buf_reset(&b);
}

static void sizes_are_bounded(void **state)
{
	(void)state;
	static struct image img;
	struct diag_list d = {0};
	uint8_t *big = calloc(1, (size_t)IMAGE_MAX + 1);
	assert_non_null(big);
	memcpy(big, "PK\3\4", 4);
	assert_int_equal(read_code(big, (size_t)IMAGE_MAX + 1, NULL), DIAG_FILE_TOO_BIG);
	assert_int_equal(read_code(big, IMAGE_MAX, NULL), DIAG_IMAGE_CHANGED);
	/* An entry that says it has 4 GiB. */
	memset(big + 18, 0xff, 8);
	assert_int_equal(read_code(big, 1000, NULL), DIAG_IMAGE_CHANGED);
	free(big);
	/* As many notices and holes as there may be, and the longest texts. */
	sample_image(&img);
	img.manifest.n_notices = IMAGE_NOTICES;
	for (size_t i = 0; i < IMAGE_NOTICES; i++) {
		img.manifest.notice[i] = img.manifest.notice[0];
		memset(img.manifest.notice[i].text[0], 'x', sizeof img.manifest.notice[i].text[0] - 1);
	}
	for (; img.n_holes < IMAGE_HOLES; img.n_holes++) {
		img.hole[img.n_holes] = img.hole[0];
		snprintf(img.hole[img.n_holes].name, sizeof img.hole[0].name, "H%zu", img.n_holes);
	}
	struct buf b = write_image(&img, NULL);
	assert_int_equal(read_code(b.p, b.n, NULL), 0);
	buf_reset(&b);
	/* What the reader would refuse is not written. */
	strcpy(img.manifest.version, "one");
	assert_false(image_write(&img, NULL, &b, &d));
	assert_int_equal(d.row[0].code, DIAG_IMAGE_JSON);
	assert_int_equal(b.n, 0);
	diag_reset(&d);
	buf_str(&img.entry[IMAGE_ACCESS], "}");
	assert_false(image_write(&img, NULL, &b, &d));
	assert_int_equal(d.row[0].code, DIAG_IMAGE_JSON);
	diag_reset(&d);
	image_reset(&img);
}

/* The seeds of the fuzzer are what is built today; BLESS=1 writes them. */
static void fuzz_seeds_are_images(void **state)
{
	(void)state;
	static const char *const row[][2] = {
	    {"tests/fuzz/corpus/image/unsigned.apimg", NULL}, {"tests/fuzz/corpus/image/signed.apimg", test_key}};
	for (size_t i = 0; i < 2; i++) {
		struct diag_list d = {0};
		struct buf now = sample(row[i][1]), seed = {0};
		if (getenv("BLESS") != NULL)
			assert_true(file_write(row[i][0], now.p, now.n, 0644, &d));
		assert_true(file_read(row[i][0], IMAGE_MAX, &seed, &d));
		assert_int_equal(seed.n, now.n);
		assert_memory_equal(seed.p, now.p, now.n);
		buf_reset(&seed);
		buf_reset(&now);
	}
}

static int prepare(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int clean(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(images_are_loaded_from_files),
	    cmocka_unit_test(builds_are_equal_everywhere),
	    cmocka_unit_test(any_changed_byte_is_refused),
	    cmocka_unit_test(any_missing_or_added_byte_is_refused),
	    cmocka_unit_test(exchanged_entries_do_not_have_the_digest),
	    cmocka_unit_test(manifests_have_one_form),
	    cmocka_unit_test(other_entries_are_judged_too),
	    cmocka_unit_test(archives_have_one_form),
	    cmocka_unit_test(other_programs_archives_are_refused),
	    cmocka_unit_test(other_programs_can_open_it),
	    cmocka_unit_test(sizes_are_bounded),
	    cmocka_unit_test(fuzz_seeds_are_images),
	};
	return cmocka_run_group_tests(tests, prepare, clean);
}
