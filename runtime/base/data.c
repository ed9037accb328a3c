#include "runtime/base/data.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LENGTH = 4096 };

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder of the running program, without a '/' behind; NULL where the system does not tell. */
static const char *program_folder(struct arena *a)
{
	char path[PATH_LENGTH];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	if (n <= 0)
		return NULL;
	path[n] = 0;
	char *slash = strrchr(path, '/');
	return slash == NULL ? NULL : arena_strndup(a, path, (size_t)(slash - path));
}

const char *data_folder(struct arena *a, const char *name)
{
	const char *installed = arena_printf(a, "%s/%s", IGATA_DATADIR, name), *program = program_folder(a);
	if (is_folder(name))
		return arena_strdup(a, name);
	if (is_folder(installed) || program == NULL)
		return installed;
	static const char *const from[] = {"..", "../share/igata"};
	for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
		const char *path = arena_printf(a, "%s/%s/%s", program, from[i], name);
		if (is_folder(path))
			return path;
	}
	return installed;
}
