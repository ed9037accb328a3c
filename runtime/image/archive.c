#include "runtime/image/archive.h"

#include <string.h>

#include <zip.h>

enum { DATE = 0x0021, CHUNK = 16 * 1024 }; /* 1 January 1980: the first day of PKWARE APPNOTE 4.4.6 */

static bool add_entry(zip_t *z, const struct archive_entry *e)
{
	zip_source_t *data = zip_source_buffer(z, e->data.p, e->data.n, 0);
	zip_int64_t at = data == NULL ? -1 : zip_file_add(z, e->name, data, 0);
	if (at < 0) {
		zip_source_free(data);
		return false;
	}
	zip_uint64_t i = (zip_uint64_t)at;
	return zip_set_file_compression(z, i, ZIP_CM_STORE, 0) == 0 && zip_file_set_dostime(z, i, 0, DATE, 0) == 0 &&
	    zip_file_set_external_attributes(z, i, 0, ZIP_OPSYS_DOS, 0) == 0;
}

/* What was written to a source. */
static bool take_archive(zip_source_t *s, struct buf *out)
{
	uint8_t chunk[CHUNK];
	zip_int64_t n;
	if (zip_source_open(s) != 0)
		return false;
	while ((n = zip_source_read(s, chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)n);
	zip_source_close(s);
	return n == 0 && !out->bad;
}

bool archive_write(const struct archive_entry *e, size_t count, struct buf *out)
{
	bool ok = false;
	zip_error_t error;
	zip_t *z = NULL;
	zip_error_init(&error);
	zip_source_t *s = zip_source_buffer_create(NULL, 0, 0, &error);
	if (s == NULL || (z = zip_open_from_source(s, ZIP_CREATE | ZIP_TRUNCATE, &error)) == NULL)
		goto out;
	zip_source_keep(s); /* the archive owns it and is gone when it is read */
	for (size_t i = 0; i < count; i++)
		if (!add_entry(z, &e[i]))
			goto out;
	if (zip_close(z) != 0)
		goto out;
	z = NULL;
	ok = take_archive(s, out);
out:
	if (z != NULL)
		zip_discard(z);
	zip_source_free(s);
	zip_error_fini(&error);
	return ok;
}

/* An entry of at most max bytes. */
static bool read_entry(zip_t *z, zip_uint64_t i, size_t max, struct archive_entry *e)
{
	static const zip_uint64_t known = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
	zip_stat_t st;
	zip_int64_t n = 0;
	uint8_t chunk[CHUNK];
	if (zip_stat_index(z, i, ZIP_FL_ENC_RAW, &st) != 0 || (st.valid & known) != known ||
	    strlen(st.name) >= sizeof e->name || st.size > max || st.comp_method != ZIP_CM_STORE)
		return false;
	memcpy(e->name, st.name, strlen(st.name) + 1);
	zip_file_t *f = zip_fopen_index(z, i, 0);
	if (f == NULL)
		return false;
	while (e->data.n <= st.size && (n = zip_fread(f, chunk, sizeof chunk)) > 0)
		buf_add(&e->data, chunk, (size_t)n);
	bool whole = n == 0 && e->data.n == st.size && !e->data.bad;
	return zip_fclose(f) == 0 && whole;
}

static bool read_entries(zip_t *z, size_t n, struct archive_entry *e, size_t max, size_t *count)
{
	zip_int64_t entries = zip_get_num_entries(z, 0);
	if (entries < 0 || (zip_uint64_t)entries > max)
		return false;
	for (zip_uint64_t i = 0; i < (zip_uint64_t)entries; i++) {
		struct archive_entry *one = &e[(*count)++];
		*one = (struct archive_entry){0};
		if (!read_entry(z, i, n, one))
			return false;
		n -= one->data.n; /* all of them together are in the file */
	}
	return true;
}

static bool is_archive_of(const uint8_t *p, size_t n, const struct archive_entry *e, size_t count)
{
	struct buf again = {0};
	bool same = archive_write(e, count, &again) && again.n == n && memcmp(again.p, p, n) == 0;
	buf_reset(&again);
	return same;
}

bool archive_read(const uint8_t *p, size_t n, struct archive_entry *e, size_t max, size_t *count)
{
	bool ok = false;
	zip_error_t error;
	zip_t *z = NULL;
	*count = 0;
	zip_error_init(&error);
	zip_source_t *s = zip_source_buffer_create(p, n, 0, &error);
	if (s == NULL || (z = zip_open_from_source(s, ZIP_RDONLY, &error)) == NULL) {
		zip_source_free(s);
		goto out;
	}
	ok = read_entries(z, n, e, max, count) && is_archive_of(p, n, e, *count);
out:
	if (z != NULL)
		zip_discard(z);
	zip_error_fini(&error);
	if (!ok) {
		archive_reset(e, *count);
		*count = 0;
	}
	return ok;
}

void archive_reset(struct archive_entry *e, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_reset(&e[i].data);
}
