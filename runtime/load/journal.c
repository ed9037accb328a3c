#define _DEFAULT_SOURCE /* flock */
#include "runtime/load/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/iso7816.h"
#include "runtime/base/wipe.h"

enum { HASH_TEXT = 2 * JOURNAL_DIGEST };

static const char magic[] = "igata-journal 1 ";

static bool trouble(const struct journal *j, const char *why, struct diag_list *d)
{
	return diag_add(d, (struct srcloc){0}, DIAG_JOURNAL_FAILED, (const char *)j->path.p, why, NULL);
}

/* The hash of bytes that follow the head. */
static bool chain(const struct journal *j, const void *p, size_t n, uint8_t out[JOURNAL_DIGEST])
{
	return folder_code(j->folder, j->head, sizeof j->head, p, n, out);
}

/* --- reading --- */

/* The value of key=… in an entry; false when it has none. */
static bool value_of(const char *p, size_t n, const char *key, const char **value, size_t *len)
{
	size_t k = strlen(key);
	for (size_t i = 0; i + k + 1 < n; i++) {
		if (p[i] != ' ' || strncmp(p + i + 1, key, k) != 0 || p[i + 1 + k] != '=')
			continue;
		*value = p + i + 2 + k;
		const char *end = memchr(*value, ' ', n - (size_t)(*value - p));
		*len = end == NULL ? n - (size_t)(*value - p) : (size_t)(end - *value);
		return true;
	}
	return false;
}

static void digest_of(const char *p, size_t n, const char *key, uint8_t out[JOURNAL_DIGEST])
{
	const char *v;
	size_t len, got;
	if (!value_of(p, n, key, &v, &len) || !hex_decode(v, len, out, JOURNAL_DIGEST, &got) || got != JOURNAL_DIGEST)
		memset(out, 0, JOURNAL_DIGEST);
}

static bool event_is(const char *p, size_t n, const char *event)
{
	const char *at = memchr(p, ' ', n);
	at = at == NULL ? NULL : memchr(at + 1, ' ', n - (size_t)(at + 1 - p));
	size_t len = strlen(event);
	return at != NULL && (size_t)(p + n - at) > len && strncmp(at + 1, event, len) == 0 &&
	    (at + 1 + len == p + n || at[1 + len] == ' ');
}

/* What an entry (without its hash) means for the state. */
static void understand(struct journal *j, const char *p, size_t n)
{
	const char *v;
	size_t len, got;
	if (event_is(p, n, "install-begin")) {
		uint8_t df[2] = {0};
		digest_of(p, n, "image", j->image);
		digest_of(p, n, "values", j->values);
		if (value_of(p, n, "df", &v, &len) && hex_decode(v, len, df, sizeof df, &got) && got == 2)
			j->df = (uint16_t)(df[0] << 8 | df[1]);
		j->state = JOURNAL_INSTALLING;
	} else if (event_is(p, n, "install-end")) {
		bool good = value_of(p, n, "result", &v, &len) && len == 11 && memcmp(v, "operational", len) == 0;
		j->state = good ? JOURNAL_INSTALLED : JOURNAL_NOTHING;
	} else if (event_is(p, n, "delete-begin")) {
		j->before = j->state == JOURNAL_DELETING ? j->before : j->state;
		j->state = JOURNAL_DELETING;
	} else if (event_is(p, n, "delete-refused")) {
		j->state = j->before;
	} else if (event_is(p, n, "removed")) {
		j->state = JOURNAL_NOTHING;
	}
}

/* Check the chain. false: it is broken at *line. *start: where what the next hash covers begins. */
static bool check(struct journal *j, const struct buf *text, size_t *start, uint32_t *line)
{
	const char *p = (const char *)text->p;
	*line = 1;
	for (size_t at = 0, n; at < text->n; at += n + 1, ++*line) {
		uint8_t want[JOURNAL_DIGEST], got[JOURNAL_DIGEST];
		size_t len;
		const char *end = memchr(p + at, '\n', text->n - at);
		if (end == NULL) /* cut off by a crash: closed by the next entry */
			return true;
		n = (size_t)(end - p) - at;
		if (n > 0 && p[at + n - 1] == '~')
			continue;
		if (n <= HASH_TEXT || p[at + n - HASH_TEXT - 1] != ' ' ||
		    !hex_decode(p + at + n - HASH_TEXT, HASH_TEXT, want, sizeof want, &len))
			return false;
		if (!chain(j, p + *start, at + n - HASH_TEXT - *start, got) || !wipe_equal(got, want, sizeof got))
			return false;
		if (j->entries == 0 && strncmp(p + at, magic, sizeof magic - 1) != 0)
			return false;
		memcpy(j->head, got, sizeof got);
		if (j->entries++ != 0)
			understand(j, p + at, n - HASH_TEXT - 1);
		*start = at + n + 1;
	}
	return true;
}

/* --- writing --- */

static void put_value(struct buf *b, const char *value)
{
	for (const char *c = value; *c != 0; c++) {
		if ((unsigned char)*c <= 0x20 || *c == 0x7f || *c == '%')
			buf_printf(b, "%%%02X", (unsigned char)*c);
		else
			buf_u8(b, (unsigned char)*c);
	}
}

/* Write one line. The hash covers what a crash left behind as well. */
static bool append(struct journal *j, const struct buf *line, bool sync, struct diag_list *d)
{
	uint8_t hash[JOURNAL_DIGEST];
	char text[HASH_TEXT + 1];
	struct buf all = {0};
	bool ok = false;
	size_t torn = j->pending.n;
	buf_add(&all, j->pending.p, torn);
	if (torn != 0 && j->pending.p[torn - 1] != '\n')
		buf_str(&all, "~\n");
	buf_add(&all, line->p, line->n);
	buf_u8(&all, ' ');
	if (all.bad || line->bad || !chain(j, all.p, all.n, hash)) {
		diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
		goto out;
	}
	buf_printf(&all, "%s\n", hex_encode(text, hash, sizeof hash));
	ssize_t n = all.bad ? -1 : write(j->fd, all.p + torn, all.n - torn);
	if (n != (ssize_t)(all.n - torn) || (sync && fsync(j->fd) != 0)) {
		trouble(j, n >= 0 && n != (ssize_t)(all.n - torn) ? strerror(ENOSPC) : strerror(errno), d);
		goto out;
	}
	memcpy(j->head, hash, sizeof hash);
	buf_clear(&j->pending);
	j->entries++;
	ok = true;
out:
	buf_reset(&all);
	return ok;
}

bool journal_add(struct journal *j, struct diag_list *d, const char *event, ...)
{
	struct buf line = {0};
	struct tm tm;
	char when[32];
	time_t now = time(NULL);
	va_list ap;
	gmtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_printf(&line, "%ju %s %s", (uintmax_t)j->entries, when, event);
	va_start(ap, event);
	for (const char *key; (key = va_arg(ap, const char *)) != NULL;) {
		buf_printf(&line, " %s=", key);
		put_value(&line, va_arg(ap, const char *));
	}
	va_end(ap);
	bool ok = append(j, &line, true, d);
	if (ok)
		understand(j, (const char *)line.p, line.n);
	buf_reset(&line);
	return ok;
}

/* --- opening --- */

static bool begin(struct journal *j, const char *card, const char *aid, struct diag_list *d)
{
	struct buf line = {0};
	buf_printf(&line, "%scard=", magic);
	put_value(&line, card);
	buf_printf(&line, " aid=%s", aid);
	bool ok = append(j, &line, false, d); /* on disk with the first entry */
	buf_reset(&line);
	return ok;
}

/* Read and check what is there. *broken is the line where the chain breaks, 0 when it holds. */
static bool load(struct journal *j, uint32_t *broken, struct diag_list *d)
{
	struct buf text = {0};
	size_t start = 0;
	uint32_t line = 0;
	bool ok = file_read((const char *)j->path.p, JOURNAL_MAX, &text, d);
	*broken = ok && !check(j, &text, &start, &line) ? line : 0;
	if (ok)
		buf_add(&j->pending, text.p + start, text.n - start);
	buf_reset(&text);
	return ok && !j->pending.bad;
}

static bool open_file(struct journal *j, struct diag_list *d)
{
	j->fd = open((const char *)j->path.p, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->fd < 0)
		return trouble(j, strerror(errno), d);
	if (flock(j->fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	return diag_add(d, (struct srcloc){0}, DIAG_JOURNAL_BUSY, (const char *)j->path.p, NULL);
}

/* A journal that does not hold together is evidence: it is kept under another name. */
static bool set_aside(struct journal *j, uint32_t line, struct diag_list *d)
{
	struct buf name = {0};
	buf_printf(&name, "%s.broken-%ju", (const char *)j->path.p, (uintmax_t)time(NULL));
	const char *to = buf_cstr(&name);
	bool ok = !name.bad && rename((const char *)j->path.p, to) == 0;
	if (ok)
		diag_add(d, (struct srcloc){0}, DIAG_JOURNAL_BROKEN, (const char *)j->path.p, diag_num(line), to, NULL);
	else
		trouble(j, strerror(errno), d);
	buf_reset(&name);
	close(j->fd);
	j->fd = -1;
	j->entries = 0;
	j->state = JOURNAL_NOTHING;
	memset(j->head, 0, sizeof j->head);
	buf_clear(&j->pending);
	return ok && open_file(j, d);
}

bool journal_open(struct journal *j, const struct folder *f, const char *card, const uint8_t *aid, size_t aid_len,
    struct diag_list *d)
{
	char name[2 * AID_MAX + 1] = "card", suffix[2 * AID_MAX + 8];
	uint32_t broken = 0;
	*j = (struct journal){.fd = -1, .folder = f};
	if (aid_len != 0)
		hex_encode(name, aid, aid_len);
	snprintf(suffix, sizeof suffix, "-%s.log", name);
	if (!folder_file(f, card, suffix, &j->path))
		return diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	if (!open_file(j, d) || !load(j, &broken, d))
		return false;
	if (broken != 0 && !set_aside(j, broken, d))
		return false;
	return j->entries != 0 || begin(j, card, name, d);
}

void journal_close(struct journal *j)
{
	if (j->fd > 0)
		close(j->fd);
	buf_reset(&j->path);
	buf_reset(&j->pending);
	j->fd = -1;
}

/* --- finding --- */

/* HASH-AID.log of this card; prefix is "HASH-". */
static bool read_name(const char *name, const char *prefix, struct journal_aid *out)
{
	size_t n = strlen(name), skip = strlen(prefix);
	return strncmp(name, prefix, skip) == 0 && n > skip + 4 && strcmp(name + n - 4, ".log") == 0 &&
	    hex_decode(name + skip, n - skip - 4, out->aid, sizeof out->aid, &out->len) && out->len >= AID_MIN;
}

static void read_df(const struct folder *f, const char *card, struct journal_aid *a)
{
	struct diag_list quiet = {0};
	struct journal j = {.folder = f};
	char aid[2 * AID_MAX + 1], suffix[2 * AID_MAX + 8];
	uint32_t broken = 0;
	snprintf(suffix, sizeof suffix, "-%s.log", hex_encode(aid, a->aid, a->len));
	if (folder_file(f, card, suffix, &j.path) && load(&j, &broken, &quiet) && broken == 0)
		a->df = j.df;
	diag_reset(&quiet);
	buf_reset(&j.path);
	buf_reset(&j.pending);
}

bool journal_aids(const struct folder *f, const char *card, struct journal_aid *out, size_t cap, size_t *n)
{
	struct buf prefix = {0};
	DIR *dir = opendir((const char *)f->path.p);
	*n = 0;
	bool ok = dir != NULL && folder_file(f, card, "-", &prefix);
	const char *name = ok ? strrchr(buf_cstr(&prefix), '/') + 1 : "";
	for (struct dirent *e; ok && *n < cap && (e = readdir(dir)) != NULL;) {
		out[*n] = (struct journal_aid){0};
		if (!read_name(e->d_name, name, &out[*n]))
			continue;
		read_df(f, card, &out[*n]);
		++*n;
	}
	if (dir != NULL)
		closedir(dir);
	buf_reset(&prefix);
	return ok;
}
