/* tries file: | igata-tries 1 | FINGERPRINT SECONDS LEFT | … |, a line for each refused key; LEFT is "-" when unknown.
 * A fingerprint is a code of the key under the folder's key: it tells keys apart and nothing else about them. */
#include "runtime/load/tries.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"

enum { TRIES_FILE_MAX = 65536, FINGERPRINT = 16, LINE = 128 };

static const char magic[] = "igata-tries 1\n";

struct memory {
	bool there, damaged;
	bool known;      /* this very key was refused */
	char when[32];   /* the last time it was */
	int left;        /* by the last line */
	int lines;       /* refusals in all */
	struct buf text; /* the file */
};

static bool fingerprint(const struct folder *f, const struct loading_key *key, char out[2 * FINGERPRINT + 1])
{
	uint8_t code[FOLDER_KEY];
	if (!folder_code(f, "tries", 5, key->bytes, key->n, code))
		return false;
	hex_encode(out, code, FINGERPRINT);
	return true;
}

static void read_line(struct memory *m, const char *line, const char *mine)
{
	char print[LINE], left[LINE];
	long long seconds;
	if (sscanf(line, "%127s %lld %127s", print, &seconds, left) != 3) {
		m->damaged = true;
		return;
	}
	m->lines++;
	m->left = strcmp(left, "-") == 0 ? TRIES_UNKNOWN : atoi(left);
	if (strcmp(print, mine) != 0)
		return;
	time_t t = (time_t)seconds;
	struct tm tm;
	m->known = true;
	if (gmtime_r(&t, &tm) != NULL)
		strftime(m->when, sizeof m->when, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static bool recall(const char *path, const char *mine, struct memory *m, struct diag_list *d)
{
	*m = (struct memory){.left = TRIES_UNKNOWN};
	if (access(path, F_OK) != 0)
		return true;
	m->there = true;
	if (!file_read(path, TRIES_FILE_MAX, &m->text, d))
		return false;
	const char *p = buf_cstr(&m->text);
	m->damaged = strncmp(p, magic, sizeof magic - 1) != 0;
	for (p += m->damaged ? 0 : sizeof magic - 1; *p != 0 && !m->damaged;) {
		const char *end = strchr(p, '\n');
		char line[LINE];
		m->damaged = end == NULL || (size_t)(end - p) >= sizeof line;
		if (m->damaged)
			break;
		memcpy(line, p, (size_t)(end - p));
		line[end - p] = 0;
		read_line(m, line, mine);
		p = end + 1;
	}
	return true;
}

bool tries_allow(const struct folder *f, const char *card, const struct loading_key *key, int said, bool last_try,
    struct diag_list *d)
{
	char mine[2 * FINGERPRINT + 1];
	struct memory m = {0};
	struct buf path = {0};
	struct srcloc at = {0};
	bool ok = false;
	if (!folder_file(f, card, ".tries", &path) || !fingerprint(f, key, mine)) {
		diag_add(d, at, DIAG_NO_MEMORY, NULL);
		goto out;
	}
	if (!recall((const char *)path.p, mine, &m, d))
		goto out;
	/* The card's own count is newer than our memory of it, where it tells. */
	int left = said == TRIES_UNKNOWN ? m.left : said;
	const char *number = left == TRIES_UNKNOWN ? "?" : diag_num((uintmax_t)left);
	if (left == 0)
		diag_add(d, at, DIAG_KEY_BLOCKED, NULL);
	else if (last_try)
		ok = true;
	else if (m.damaged)
		diag_add(d, at, DIAG_TRIES_DAMAGED, (const char *)path.p, NULL);
	else if (m.known)
		diag_add(d, at, DIAG_KEY_KNOWN_WRONG, m.when, number, NULL);
	else if (left == 1)
		diag_add(d, at, DIAG_KEY_LAST_TRY, NULL);
	else
		ok = true;
out:
	buf_reset(&m.text);
	buf_reset(&path);
	return ok;
}

int tries_remembered(const struct folder *f, const char *card)
{
	struct memory m = {0};
	struct buf path = {0};
	struct diag_list quiet = {0};
	int n = INT_MAX;
	if (folder_file(f, card, ".tries", &path) && recall((const char *)path.p, "", &m, &quiet) && !m.damaged)
		n = m.lines;
	buf_reset(&m.text);
	buf_reset(&path);
	diag_reset(&quiet);
	return n;
}

bool tries_failed(
    const struct folder *f, const char *card, const struct loading_key *key, int left, struct diag_list *d)
{
	char mine[2 * FINGERPRINT + 1];
	struct memory m = {0};
	struct buf path = {0}, text = {0};
	bool ok = folder_file(f, card, ".tries", &path) && fingerprint(f, key, mine) &&
	    recall((const char *)path.p, mine, &m, d);
	if (!ok)
		goto out;
	if (m.there && !m.damaged)
		buf_add(&text, m.text.p, m.text.n);
	else
		buf_str(&text, magic);
	buf_printf(&text, "%s %lld ", mine, (long long)time(NULL));
	if (left == TRIES_UNKNOWN)
		buf_str(&text, "-\n");
	else
		buf_printf(&text, "%d\n", left);
	ok = !text.bad && file_write((const char *)path.p, text.p, text.n, 0600, d);
out:
	if (!ok && diag_worst(d) < DIAG_ERROR)
		diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	buf_reset(&m.text);
	buf_reset(&text);
	buf_reset(&path);
	return ok;
}

void tries_done(const struct folder *f, const char *card)
{
	struct buf path = {0};
	if (folder_file(f, card, ".tries", &path))
		unlink((const char *)path.p);
	buf_reset(&path);
}
