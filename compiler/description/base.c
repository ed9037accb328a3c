/* The file that base= names. A description may come from anybody, so its path leads to a regular file of bounded size,
 * from where the description is, and to nothing else: no device, no pipe, no absolute path of somebody else's machine.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/description/reuse.h"
#include "runtime/base/file.h"

enum { DEPTH = 4 /* bases of bases */ };

/* The path from where the description is. */
static const char *path_of(struct build *b, const char *base)
{
	const char *slash = strrchr(b->name, '/');
	if (slash == NULL)
		return arena_strdup(b->a, base);
	return arena_printf(b->a, "%.*s%s", (int)(slash - b->name + 1), b->name, base);
}

/* Is it this description, or one that is being changed? */
static bool circular(const struct build *b, const struct stat *file)
{
	struct stat st;
	for (; b != NULL; b = b->derived)
		if (stat(b->name, &st) == 0 && st.st_dev == file->st_dev && st.st_ino == file->st_ino)
			return true;
	return false;
}

static bool acceptable(struct build *b, const struct node *own, const char *path)
{
	const char *base = node_text(own, ATTR_CARD_AP_BASE);
	struct srcloc at = AT(own, CARD_AP_BASE);
	struct stat st;
	unsigned depth = 1;
	for (const struct build *x = b->derived; x != NULL; x = x->derived)
		depth++;
	if (*base == '/' || strcmp(base, "-") == 0)
		return diag_add(b->d, at, DIAG_BASE_PATH, base, NULL);
	if (stat(path, &st) != 0)
		return diag_add(b->d, at, DIAG_BASE_UNREADABLE, path, strerror(errno), NULL);
	if (!S_ISREG(st.st_mode))
		return diag_add(b->d, at, DIAG_BASE_NO_FILE, path, NULL);
	if (circular(b, &st))
		return diag_add(b->d, at, DIAG_BASE_CYCLE, path, NULL);
	return depth <= DEPTH || diag_add(b->d, at, DIAG_BASE_DEPTH, path, diag_num(DEPTH), NULL);
}

/* Of the base's own diagnostics its errors are shown; its warnings come again with the whole, if they still apply. */
static bool read_file(struct build *b, const char *path)
{
	struct diag_list d = {0};
	struct buf text = {0};
	struct build *base = build_new(b->a, path, &d);
	base->derived = b;
	bool good = file_read(path, XML_MAX, &text, &d) && build_read(base, text.p, text.n);
	buf_reset(&text);
	diag_drop(&d, DIAG_WARNING);
	diag_drop(&d, DIAG_NOTE);
	base->d = NULL;
	b->base = good ? base : NULL;
	if (good)
		diag_reset(&d);
	else
		diag_take(b->d, &d);
	return good;
}

bool base_read(struct build *b, const struct node *own)
{
	if (!node_has(own, ATTR_CARD_AP_BASE))
		return false; /* reported */
	const char *path = path_of(b, node_text(own, ATTR_CARD_AP_BASE));
	if (!acceptable(b, own, path))
		return false;
	if (read_file(b, path))
		return true;
	return diag_add(b->d, AT(own, CARD_AP_BASE), DIAG_BASE_WRONG, path, NULL);
}
