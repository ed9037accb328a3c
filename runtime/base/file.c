#include "runtime/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct srcloc in_file(const char *path)
{
	return (struct srcloc){.file = path};
}

static bool fill(int fd, const char *path, size_t max, struct buf *out, struct diag_list *d)
{
	uint8_t chunk[16384];
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return diag_add(d, in_file(path), DIAG_FILE_READ, path, strerror(errno), NULL);
		if (n == 0)
			break;
		buf_add(out, chunk, (size_t)n);
		if (out->n > max)
			return diag_add(
			    d, in_file(path), DIAG_FILE_TOO_BIG, path, diag_num(out->n), diag_num(max), NULL);
	}
	return out->bad ? diag_add(d, in_file(path), DIAG_NO_MEMORY, NULL) : true;
}

bool file_read(const char *path, size_t max, struct buf *out, struct diag_list *d)
{
	if (strcmp(path, "-") == 0)
		return fill(STDIN_FILENO, path, max, out, d);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return diag_add(d, in_file(path), DIAG_FILE_OPEN, path, strerror(errno), NULL);
	struct stat st;
	bool ok = true;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size > max)
		ok = diag_add(
		    d, in_file(path), DIAG_FILE_TOO_BIG, path, diag_num((uintmax_t)st.st_size), diag_num(max), NULL);
	ok = ok && fill(fd, path, max, out, d);
	close(fd);
	return ok;
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

bool file_write(const char *path, const void *p, size_t n, unsigned mode, struct diag_list *d)
{
	struct buf tmp = {0};
	buf_printf(&tmp, "%s.XXXXXX", path);
	(void)buf_cstr(&tmp);
	if (tmp.bad)
		return diag_add(d, in_file(path), DIAG_NO_MEMORY, NULL);
	char *name = (char *)tmp.p;
	bool ok = false;
	int fd = mkstemp(name);
	if (fd < 0)
		goto out;
	ok = fchmod(fd, mode) == 0 && write_all(fd, p, n) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	ok = ok && rename(name, path) == 0;
out:
	if (!ok) {
		diag_add(d, in_file(path), DIAG_FILE_WRITE, path, strerror(errno), NULL);
		if (fd >= 0)
			unlink(name);
	}
	buf_reset(&tmp);
	return ok;
}

bool file_create(const char *path, const void *p, size_t n, unsigned mode, struct diag_list *d)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0 && errno == EEXIST)
		return diag_add(d, in_file(path), DIAG_FILE_EXISTS, path, NULL);
	if (fd < 0)
		return diag_add(d, in_file(path), DIAG_FILE_WRITE, path, strerror(errno), NULL);
	bool ok = write_all(fd, p, n) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok) {
		diag_add(d, in_file(path), DIAG_FILE_WRITE, path, strerror(errno), NULL);
		unlink(path);
	}
	return ok;
}
