/* The folder of chip profiles: which there are, and the one with a name. */
#include "runtime/chip/chip.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/buf.h"
#include "runtime/base/data.h"
#include "runtime/base/near.h"

enum { NAMES_MAX = 1024, NAME_LENGTH = 63 };

/* Told or set: that one, whether it exists or not, so that a wrong path is not silently replaced by another. */
static const char *folder_of(struct arena *a, const char *told)
{
	const char *set = getenv("IGATA_PROFILES");
	if (told != NULL)
		return told;
	if (set != NULL && *set != 0)
		return set;
	return data_folder(a, "chipprofiles");
}

/* Lower-case letters, digits and '-': a name never leaves the folder. */
static bool proper(const char *name, size_t n)
{
	return n != 0 && n <= NAME_LENGTH && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

/* The name of a profile's file, or 0 characters. */
static size_t profile_length(const char *file)
{
	size_t n = strlen(file);
	if (n < 5 || strcmp(file + n - 4, ".xml") != 0)
		return 0;
	return strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789-") == n - 4 && n - 4 <= NAME_LENGTH ? n - 4 : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **chip_names(struct arena *a, const char *folder, size_t *n, struct diag_list *d)
{
	const char **name = arena_alloc(a, NAMES_MAX * sizeof *name);
	*n = 0;
	folder = folder_of(a, folder);
	DIR *dir = opendir(folder);
	if (dir == NULL) {
		diag_add(d, (struct srcloc){0}, DIAG_CHIP_FOLDER, folder, NULL);
		return name;
	}
	for (struct dirent *e = readdir(dir); e != NULL && *n < NAMES_MAX; e = readdir(dir)) {
		size_t length = profile_length(e->d_name);
		if (length != 0)
			name[(*n)++] = arena_strndup(a, e->d_name, length);
	}
	closedir(dir);
	qsort(name, *n, sizeof *name, by_name);
	return name;
}

static const struct chip *none(struct arena *a, const char *folder, const char *wanted, struct diag_list *d)
{
	struct buf all = {0};
	const char *near = NULL;
	size_t n, before = d->n;
	const char **name = chip_names(a, folder, &n, d);
	for (size_t i = 0; i < n; i++) {
		near_offer(wanted, name[i], &near);
		buf_printf(&all, "%s%s", i == 0 ? "" : ", ", name[i]);
	}
	if (near != NULL)
		diag_add(d, (struct srcloc){0}, DIAG_CHIP_UNKNOWN_NEAR, wanted, near, buf_cstr(&all), NULL);
	else if (d->n == before)
		diag_add(d, (struct srcloc){0}, DIAG_CHIP_UNKNOWN, wanted, n == 0 ? "-" : buf_cstr(&all), NULL);
	buf_reset(&all);
	return NULL;
}

const struct chip *chip_find(struct arena *a, const char *folder, const char *name, struct diag_list *d)
{
	struct stat st;
	if (!proper(name, strlen(name)))
		return none(a, folder, name, d);
	const char *path = arena_printf(a, "%s/%s.xml", folder_of(a, folder), name);
	if (stat(path, &st) != 0)
		return none(a, folder, name, d);
	return chip_read(a, path, d);
}
