#define _DEFAULT_SOURCE /* S_ISREG with strict headers */
#include "runtime/load/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/wipe.h"

enum { KEY_FILE_MAX = 65536 };

static struct srcloc in_file(const char *path)
{
	return (struct srcloc){.file = path};
}

/* Permissions of the very file that is read: looked at after it is open, so that nobody can swap it in between. */
bool key_file_read(const char *path, struct buf *out, struct diag_list *d)
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

bool key_word_is(struct key_word w, const char *text)
{
	return strlen(text) == w.n && memcmp(w.p, text, w.n) == 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void split(const char *p, size_t n, struct key_line *l)
{
	l->n = 0;
	for (size_t i = 0; i < n && l->n <= KEY_WORDS;) {
		if (blank(p[i])) {
			i++;
			continue;
		}
		if (p[i] == '#')
			break;
		struct key_word *w = &l->word[l->n++];
		w->p = p + i;
		while (i < n && !blank(p[i]))
			i++;
		w->n = (size_t)(p + i - w->p);
	}
}

bool key_file_next(const struct buf *text, const char *path, size_t *offset, struct key_line *l)
{
	while (*offset < text->n) {
		const char *p = (const char *)text->p + *offset;
		const char *end = memchr(p, '\n', text->n - *offset);
		size_t n = end == NULL ? text->n - *offset : (size_t)(end - p);
		*offset += n + 1;
		l->at = (struct srcloc){path, l->at.line + 1, 1};
		split(p, n, l);
		if (l->n != 0)
			return true;
	}
	return false;
}
