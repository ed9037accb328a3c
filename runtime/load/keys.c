#define _DEFAULT_SOURCE /* fileno, S_ISREG with strict headers */
#include "runtime/load/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"

enum { KEY_FILE_MAX = 65536 };

static struct srcloc in_file(const char *path)
{
	return (struct srcloc){.file = path};
}

/* Permissions of the very file that is read: looked at after it is open, so that nobody can swap it in between. */
static bool read_private(const char *path, struct buf *out, struct diag_list *d)
{
	uint8_t chunk[4096];
	struct stat st;
	bool ok = false;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return diag_add(d, in_file(path), DIAG_FILE_OPEN, path, strerror(errno), NULL);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		diag_add(d, in_file(path), DIAG_KEY_FILE_KIND, path, NULL);
		goto out;
	}
	if ((st.st_mode & 077) != 0 || (st.st_uid != geteuid() && st.st_uid != 0)) {
		char mode[8];
		snprintf(mode, sizeof mode, "%04o", (unsigned)st.st_mode & 07777);
		diag_add(d, in_file(path), DIAG_KEY_FILE_MODE, path, mode, NULL);
		goto out;
	}
	while (out->n <= KEY_FILE_MAX && (n = read(fd, chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)n);
	if (n < 0)
		diag_add(d, in_file(path), DIAG_FILE_READ, path, strerror(errno), NULL);
	else if (out->n > KEY_FILE_MAX)
		diag_add(d, in_file(path), DIAG_FILE_TOO_BIG, path, diag_num(out->n), diag_num(KEY_FILE_MAX), NULL);
	else
		ok = !out->bad || diag_add(d, in_file(path), DIAG_NO_MEMORY, NULL);
out:
	wipe(chunk, sizeof chunk);
	close(fd);
	return ok;
}

struct word {
	const char *p;
	size_t n;
};

static bool is(struct word w, const char *text)
{
	return strlen(text) == w.n && memcmp(w.p, text, w.n) == 0;
}

/* The words of a line, at most three; what stands behind "#" at the beginning of a word is a comment. */
static size_t split(const char *p, size_t n, struct word out[4])
{
	size_t words = 0;
	for (size_t i = 0; i < n && words < 4;) {
		if (p[i] == ' ' || p[i] == '\t' || p[i] == '\r') {
			i++;
			continue;
		}
		if (p[i] == '#')
			break;
		out[words].p = p + i;
		while (i < n && p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			i++;
		out[words].n = (size_t)(p + i - out[words].p);
		words++;
	}
	return words;
}

static bool decode(struct word kind, struct word value, struct loading_key *key)
{
	if (is(kind, "pin")) {
		if (value.n > LOADING_KEY_MAX)
			return false;
		memcpy(key->bytes, value.p, value.n);
		key->n = value.n;
		return true;
	}
	if (!hex_decode(value.p, value.n, key->bytes, LOADING_KEY_MAX, &key->n))
		return false;
	return is(kind, "aes-128") ? key->n == 16 : key->n != 0;
}

/* The kind a dialect wants, or that kind in hexadecimal digits. */
static bool kind_fits(struct word kind, const char *wanted)
{
	return is(kind, wanted) || (strcmp(wanted, "pin") == 0 && is(kind, "pin-hex"));
}

static bool search(const struct buf *text, const char *path, const char *chip, const struct load_dialect *dialect,
    struct loading_key *key, struct diag_list *d)
{
	bool found = false;
	uint32_t line = 1;
	for (size_t at = 0, n; at < text->n; at += n + 1, line++) {
		struct word w[4] = {0};
		const char *p = (const char *)text->p + at;
		const char *end = memchr(p, '\n', text->n - at);
		n = end == NULL ? text->n - at : (size_t)(end - p);
		size_t words = split(p, n, w);
		struct srcloc here = {path, line, 1};
		if (words == 0)
			continue;
		if (words != 3)
			return diag_add(d, here, DIAG_KEY_FILE_LINE, NULL);
		if (!is(w[0], chip))
			continue;
		if (found)
			return diag_add(d, here, DIAG_KEY_TWICE, chip, NULL);
		if (!kind_fits(w[1], dialect->key_kind) || !decode(w[1], w[2], key))
			return diag_add(d, here, DIAG_KEY_FORM, chip, dialect->key_kind, NULL);
		found = true;
	}
	return found ? true : diag_add(d, in_file(path), DIAG_KEY_MISSING, chip, path, NULL);
}

bool key_find(const struct key_source *source, const char *chip, const struct load_dialect *dialect, bool simulated,
    struct loading_key *key, struct diag_list *d)
{
	*key = (struct loading_key){0};
	if (source->file != NULL) {
		struct buf text = {0};
		bool ok = read_private(source->file, &text, d) && search(&text, source->file, chip, dialect, key, d);
		if (!ok)
			wipe(key, sizeof *key);
		buf_reset(&text);
		return ok;
	}
	if (!simulated && !source->test_keys)
		return diag_add(d, (struct srcloc){0}, DIAG_KEY_NONE, chip, NULL);
	*key = dialect->test_key;
	return true;
}
