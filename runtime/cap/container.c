#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <zip.h>

#include "runtime/cap/read.h"

/* In an archive a component is FOLDER/javacard/NAME.cap, where FOLDER is the package (6.2). Whatever else there is
 * (manifest, class files, descriptors of the application) does not concern a card. */
enum { ENTRIES_MAX = 4096, CHUNK = 16 * 1024 };

/* The tag of the component in this entry, 0 for another file. The folder's length goes to *folder. */
static unsigned component_of(const char *path, size_t *folder)
{
	const char *file = strrchr(path, '/');
	const char *dot = file == NULL ? NULL : strrchr(file, '.');
	static const char javacard[] = "javacard/";
	if (dot == NULL || strcasecmp(dot, ".cap") != 0)
		return 0;
	size_t before = (size_t)(file + 1 - path), word = sizeof javacard - 1;
	if (before < word || strncasecmp(file + 1 - word, javacard, word) != 0 ||
	    (before > word && path[before - word - 1] != '/'))
		return 0;
	*folder = before == word ? 0 : before - word - 1;
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++) {
		const char *name = component_name(tag);
		if ((size_t)(dot - file - 1) == strlen(name) && strncasecmp(file + 1, name, strlen(name)) == 0)
			return tag;
	}
	return 0;
}

static bool is_extended(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot != NULL && strcasecmp(dot, ".capx") == 0;
}

/* An entry of at most COMPONENT_MAX bytes: what the archive says of its size is not believed (a small entry may unpack
 * to gigabytes). */
static bool read_entry(
    zip_t *z, zip_uint64_t i, const char *path, struct buf *out, const struct cap *c, struct diag_list *d)
{
	uint8_t chunk[CHUNK];
	zip_int64_t n = 0;
	zip_file_t *f = zip_fopen_index(z, i, 0);
	if (f == NULL)
		return diag_add(d, cap_at(c), DIAG_CAP_ENTRY, path, zip_strerror(z), NULL);
	while (out->n <= COMPONENT_MAX && (n = zip_fread(f, chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)n);
	bool ok = true;
	if (out->n > COMPONENT_MAX)
		ok = diag_add(d, cap_at(c), DIAG_CAP_ENTRY_SIZE, path, diag_num(COMPONENT_MAX), NULL);
	else if (n < 0)
		ok = diag_add(d, cap_at(c), DIAG_CAP_ENTRY, path, zip_file_strerror(f), NULL);
	zip_fclose(f);
	return ok;
}

/* The folder of the archive is the package's name, with slashes; all components have the same. */
static bool note_folder(struct cap *c, const char *path, size_t folder, bool first, struct diag_list *d)
{
	if (!first) {
		if (strlen(c->name) == folder && strncmp(c->name, path, folder) == 0)
			return true;
		return diag_add(d, cap_at(c), DIAG_CAP_PACKAGES, c->name, path, NULL);
	}
	if (folder >= sizeof c->name)
		return diag_add(d, cap_at(c), DIAG_CAP_ENTRY, path, "path too long", NULL);
	memcpy(c->name, path, folder);
	c->name[folder] = 0;
	return true;
}

static bool take_entry(struct cap *c, zip_t *z, zip_uint64_t i, bool *first, struct diag_list *d)
{
	size_t folder = 0;
	const char *path = zip_get_name(z, i, ZIP_FL_ENC_RAW);
	if (path == NULL)
		return diag_add(d, cap_at(c), DIAG_CAP_ENTRY, diag_num(i), zip_strerror(z), NULL);
	if (is_extended(path))
		return diag_add(d, cap_at(c), DIAG_CAP_EXTENDED, NULL);
	unsigned tag = component_of(path, &folder);
	if (tag == 0)
		return true;
	if (!note_folder(c, path, folder, *first, d))
		return false;
	*first = false;
	if (c->component[tag].n != 0)
		return diag_add(d, cap_at(c), DIAG_CAP_TWICE, component_name(tag), NULL);
	return read_entry(z, i, path, &c->component[tag], c, d);
}

static bool unzip(struct cap *c, const uint8_t *p, size_t n, struct diag_list *d)
{
	bool ok = false, first = true;
	zip_error_t error;
	zip_t *z = NULL;
	zip_error_init(&error);
	zip_source_t *s = zip_source_buffer_create(p, n, 0, &error);
	if (s == NULL || (z = zip_open_from_source(s, ZIP_RDONLY, &error)) == NULL) {
		diag_add(d, cap_at(c), DIAG_CAP_FOREIGN, zip_error_strerror(&error), NULL);
		zip_source_free(s);
		goto out;
	}
	zip_int64_t entries = zip_get_num_entries(z, 0);
	if (entries > ENTRIES_MAX) {
		diag_add(d, cap_at(c), DIAG_CAP_ENTRIES, diag_num((uintmax_t)entries), diag_num(ENTRIES_MAX), NULL);
		goto out;
	}
	ok = true;
	for (zip_int64_t i = 0; ok && i < entries; i++)
		ok = take_entry(c, z, (zip_uint64_t)i, &first, d);
	if (ok && first)
		ok = diag_add(d, cap_at(c), DIAG_CAP_FOREIGN, "no javacard/*.cap", NULL);
out:
	if (z != NULL)
		zip_discard(z);
	zip_error_fini(&error);
	return ok;
}

/* Components one behind the other, as a card gets them: the load file without C4. */
static bool split(struct cap *c, const uint8_t *p, size_t n, struct diag_list *d)
{
	struct rd r = rd_of(p, n);
	while (rd_left(&r) > 0) {
		size_t at = r.at;
		unsigned tag = rd_u8(&r);
		rd_bytes(&r, rd_u16(&r));
		if (r.bad || tag == 0 || tag >= COMPONENT_TAGS)
			return diag_add(d, cap_at(c), DIAG_CAP_BARE, diag_num(at), NULL);
		if (c->component[tag].n != 0)
			return diag_add(d, cap_at(c), DIAG_CAP_TWICE, component_name(tag), NULL);
		buf_add(&c->component[tag], p + at, r.at - at);
	}
	return true;
}

/* Each begins with its tag and the size of the rest. */
static bool check_frames(const struct cap *c, struct diag_list *d)
{
	bool ok = true;
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++) {
		const struct buf *b = &c->component[tag];
		if (b->n == 0)
			continue;
		struct rd r = rd_of(b->p, b->n);
		unsigned is = rd_u8(&r), size = rd_u16(&r);
		if (r.bad || size != rd_left(&r))
			ok = diag_add(
			    d, cap_at(c), DIAG_CAP_SIZE, component_name(tag), diag_num(size), diag_num(b->n), NULL);
		else if (is != tag)
			ok = diag_add(
			    d, cap_at(c), DIAG_CAP_TAG, component_name(tag), diag_num(is), diag_num(tag), NULL);
	}
	return ok;
}

bool cap_unpack(struct cap *c, const uint8_t *p, size_t n, struct diag_list *d)
{
	static const uint8_t magic[] = {0xDE, 0xCA, 0xFF, 0xED};
	bool bare = n > 7 && p[0] == COMPONENT_Header && memcmp(p + 3, magic, sizeof magic) == 0;
	if (!(bare ? split(c, p, n, d) : unzip(c, p, n, d)))
		return false;
	for (unsigned tag = 1; tag < COMPONENT_TAGS; tag++)
		if (c->component[tag].bad)
			return diag_add(d, cap_at(c), DIAG_NO_MEMORY, NULL);
	return check_frames(c, d);
}
