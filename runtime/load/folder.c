#define _DEFAULT_SOURCE /* mkstemp, lstat details */
#include "runtime/load/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/crypto/hmac.h"
#include "runtime/crypto/random.h"

enum { CARD_HASH = 8 }; /* bytes of the hash in file names */

static const char *default_path(struct buf *b)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state != NULL && state[0] == '/') /* a relative path is to be ignored: XDG base directory 0.8 */
		buf_printf(b, "%s/igata", state);
	else if (home != NULL && home[0] != 0)
		buf_printf(b, "%s/.local/state/igata", home);
	return buf_cstr(b);
}

/* mkdir -p, each new folder for its owner only. */
static bool make_all(char *path)
{
	for (char *p = path + 1; *p != 0; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		bool ok = mkdir(path, 0700) == 0 || errno == EEXIST;
		*p = '/';
		if (!ok)
			return false;
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool trouble(const struct folder *f, const char *why, struct diag_list *d)
{
	return diag_add(d, (struct srcloc){0}, DIAG_JOURNAL_FOLDER, (const char *)f->path.p, why, NULL);
}

static bool read_key(struct folder *f, const char *path)
{
	uint8_t more;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	bool ok = read(fd, f->key, FOLDER_KEY) == FOLDER_KEY && read(fd, &more, 1) == 0;
	close(fd);
	if (!ok)
		errno = EINVAL;
	return ok;
}

/* Under a temporary name first, then linked: of two programs that begin at once, both read the same key. */
static bool make_key(struct folder *f, const char *path)
{
	struct buf tmp = {0};
	uint8_t key[FOLDER_KEY];
	buf_printf(&tmp, "%s.XXXXXX", path);
	(void)buf_cstr(&tmp);
	bool ok = false;
	int fd = tmp.bad ? -1 : mkstemp((char *)tmp.p);
	if (fd < 0)
		goto out;
	ok = random_bytes(key, sizeof key) && write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	ok = ok && (link((char *)tmp.p, path) == 0 || errno == EEXIST);
	unlink((char *)tmp.p);
	ok = ok && read_key(f, path);
out:
	wipe(key, sizeof key);
	buf_reset(&tmp);
	return ok;
}

static bool get_key(struct folder *f)
{
	struct buf path = {0};
	buf_printf(&path, "%s/journal.key", (const char *)f->path.p);
	const char *name = buf_cstr(&path);
	bool ok = !path.bad && (read_key(f, name) || (errno == ENOENT && make_key(f, name)));
	int keep = errno;
	buf_reset(&path);
	errno = keep;
	return ok;
}

bool folder_open(struct folder *f, const char *dir, struct diag_list *d)
{
	struct stat st;
	*f = (struct folder){0};
	if (dir != NULL)
		buf_str(&f->path, dir);
	else
		default_path(&f->path);
	if (buf_cstr(&f->path)[0] == 0)
		return diag_add(d, (struct srcloc){0}, DIAG_JOURNAL_NOWHERE, NULL);
	if (!make_all((char *)f->path.p) || stat((char *)f->path.p, &st) != 0)
		return trouble(f, strerror(errno), d);
	if (!S_ISDIR(st.st_mode))
		return trouble(f, strerror(ENOTDIR), d);
	if ((st.st_mode & 022) != 0 || st.st_uid != geteuid())
		return diag_add(d, (struct srcloc){0}, DIAG_JOURNAL_OPEN_TO_ALL, (const char *)f->path.p, NULL);
	return get_key(f) ? true : trouble(f, strerror(errno), d);
}

bool folder_code(
    const struct folder *f, const void *extra, size_t extra_len, const void *p, size_t n, uint8_t out[FOLDER_KEY])
{
	uint8_t key[FOLDER_KEY];
	bool ok = hmac_sha256(f->key, FOLDER_KEY, extra, extra_len, key) && hmac_sha256(key, sizeof key, p, n, out);
	wipe(key, sizeof key);
	return ok;
}

bool folder_file(const struct folder *f, const char *card, const char *suffix, struct buf *out)
{
	uint8_t code[FOLDER_KEY];
	char name[2 * CARD_HASH + 1];
	buf_clear(out);
	if (!folder_code(f, "file", 4, card, strlen(card), code))
		return false;
	buf_printf(out, "%s/%s%s", (const char *)f->path.p, hex_encode(name, code, CARD_HASH), suffix);
	(void)buf_cstr(out);
	return !out->bad;
}

void folder_close(struct folder *f)
{
	wipe(f->key, sizeof f->key);
	buf_reset(&f->path);
}
