/* oracle compare CREF PROFILES WORK FOLDER NAME DIFFERENCES
 *     the dialogue FOLDER/NAME.apdus on both cards; packages lie in WORK. Prints "ok NAME: ..." or "not ok NAME: ..."
 * oracle play cref|PROFILE CREF PROFILES WORK FOLDER NAME
 *     on one of them; prints the transcript
 * oracle suite CREF PROFILES WORK AP.xml
 *     an AP compiled for cref-222, its full suite on both cards (suite.c)
 * oracle assemble FILE.jca FILE.cap
 *     a fixture into a CAP file of format 2.1
 *
 * NAME.apdus: "# load OTHER", "# install AID [PARAMETERS]" (before the first NAME itself is loaded, if there is one),
 * "RESET", and commands in hexadecimal with "=> ANSWER" behind them where it is known; cref must give it, and both the
 * same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "tests/oracle/oracle.h"

enum { CAPS = 16, LINE = 140000, CAP_MAX = 1 << 22 };

struct player {
	struct oracle *card;
	const char *work, *name;
	struct cap cap[CAPS];
	size_t n;
	bool loaded, refused;
	bool checks;    /* what the file expects, too */
	struct buf out; /* transcript: a line for each step */
	struct trace trace;
};

static bool load(struct player *p, const char *name)
{
	static const char *const said[] = {"trouble", "refused", "done"};
	char path[512];
	struct buf file = {0};
	struct diag_list d = {0};
	snprintf(path, sizeof path, "%s/%s.cap", p->work, name);
	bool ok = p->n < CAPS && file_read(path, CAP_MAX, &file, &d) &&
	    cap_open(&p->cap[p->n++], file.p, file.n, "package", &d);
	diag_print(stderr, &d, "en");
	diag_reset(&d);
	buf_reset(&file);
	if (!ok)
		return false;
	int done = p->card->load(p->card, &p->cap[p->n - 1]);
	buf_printf(&p->out, "load %s: %s\n", name, said[done + 1]);
	p->refused = done == 0;
	return done >= 0;
}

/* Has the dialogue a package of its own name? */
static bool is_there(const struct player *p)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s.cap", p->work, p->name);
	return access(path, R_OK) == 0;
}

static bool install(struct player *p, const char *text)
{
	static const char *const said[] = {"trouble", "refused", "done"};
	char word[2][600] = {"", ""};
	struct aid aid = {0};
	uint8_t params[256];
	size_t n = 0;
	if (!p->loaded && is_there(p) && !load(p, p->name))
		return false;
	if (p->refused)
		return true;
	p->loaded = true;
	sscanf(text, "%599s %599s", word[0], word[1]);
	size_t len = 0;
	if (!hex_decode(word[0], strlen(word[0]), aid.p, sizeof aid.p, &len) ||
	    !hex_decode(word[1], strlen(word[1]), params, sizeof params, &n))
		return false;
	aid.n = (uint8_t)len;
	int done = p->card->install(p->card, &aid, (struct bytes){params, n});
	buf_printf(&p->out, "install %s: %s\n", word[0], said[done + 1]);
	p->refused = done == 0;
	return done >= 0;
}

static bool command(struct player *p, char *line)
{
	static uint8_t cmd[LINE / 2];
	static char text[LINE];
	struct buf rsp = {0};
	size_t n, len = strcspn(line, " =\t");
	if (!hex_decode(line, len, cmd, sizeof cmd, &n)) {
		fprintf(stderr, "%s: not a command: %s\n", p->name, line);
		return false;
	}
	bool ok = p->card->transmit(p->card, cmd, n, &rsp);
	buf_printf(&p->out, "%.*s %s\n", (int)len, line, ok ? hex_encode(text, rsp.p, rsp.n) : "no answer");
	const char *want = strstr(line, "=> ");
	if (ok && p->checks && want != NULL && strcmp(want + 3, text) != 0)
		buf_printf(&p->out, "! expected %s\n", want + 3);
	buf_reset(&rsp);
	return ok;
}

static bool step(struct player *p, char *line)
{
	if (strncmp(line, "# load ", 7) == 0)
		return load(p, line + 7);
	if (strncmp(line, "# install ", 10) == 0)
		return install(p, line + 10);
	if (strcmp(line, "RESET") == 0)
		return p->card->reset(p->card);
	return line[0] == '#' || line[0] == 0 || command(p, line);
}

/* Until the end of the dialogue, or until the card refuses the package or is dead, which the transcript then shows. */
static bool play(struct player *p, const char *folder)
{
	char path[512];
	struct buf text = {0};
	struct diag_list d = {0};
	if (p->card == NULL)
		return false;
	snprintf(path, sizeof path, "%s/%s.apdus", folder, p->name);
	bool ok = file_read(path, CAP_MAX, &text, &d);
	diag_print(stderr, &d, "en");
	diag_reset(&d);
	for (char *line = strtok((char *)(uintptr_t)buf_cstr(&text), "\n"); ok && !p->refused && line != NULL;
	     line = strtok(NULL, "\n"))
		ok = step(p, line);
	buf_reset(&text);
	p->card->close(p->card, &p->trace);
	return ok;
}

static void player_reset(struct player *p)
{
	for (size_t i = 0; i < p->n; i++)
		cap_close(&p->cap[i]);
	buf_reset(&p->out);
	trace_free(&p->trace);
}

/* --- differences that are known --- */

struct known {
	char *text; /* rows NAME <tab> COMMAND <tab> CREF <tab> IGATA <tab> CLAUSE */
	const char *name;
	unsigned used;
};

static bool row_is(const char *row, const char *name, const char *const want[3])
{
	size_t n = strlen(name);
	if (strncmp(row, name, n) != 0 || row[n] != '\t')
		return false;
	row += n + 1;
	for (int i = 0; i < 3; i++) {
		size_t len = strcspn(row, "\t\n");
		if (len != strlen(want[i]) || strncmp(row, want[i], len) != 0)
			return false;
		row += len + (row[len] != 0);
	}
	return true;
}

/* a, b: lines "COMMAND ANSWER" of cref and of ours. */
static bool is_known(struct known *k, char *a, char *b)
{
	char *x = strrchr(a, ' '), *y = strrchr(b, ' ');
	if (x == NULL || y == NULL)
		return false;
	*x = *y = 0;
	const char *want[3] = {a, x + 1, y + 1};
	bool found = false;
	for (const char *row = k->text; !found && row != NULL && *row != 0;) {
		found = strcmp(a, b) == 0 && row_is(row, k->name, want);
		row += strcspn(row, "\n");
		row += *row != 0;
	}
	*x = *y = ' ';
	k->used += found;
	return found;
}

static unsigned rows_of(const struct known *k)
{
	unsigned n = 0;
	size_t len = strlen(k->name);
	for (const char *row = k->text; *row != 0;) {
		n += strncmp(row, k->name, len) == 0 && row[len] == '\t';
		row += strcspn(row, "\n");
		row += *row != 0;
	}
	return n;
}

/* Line by line; a line with what was expected and not said counts too. */
static unsigned differ(struct known *k, struct buf *cref, struct buf *ours, unsigned *lines)
{
	char *a = (char *)(uintptr_t)buf_cstr(cref), *b = (char *)(uintptr_t)buf_cstr(ours);
	unsigned bad = 0;
	while (*a != 0 || *b != 0) {
		size_t m = strcspn(a, "\n"), n = strcspn(b, "\n");
		char *next_a = a + m + (a[m] != 0), *next_b = b + n + (b[n] != 0);
		a[m] = b[n] = 0;
		(*lines)++;
		if ((strcmp(a, b) != 0 && !is_known(k, a, b)) || a[0] == '!') {
			printf("   cref  %.300s\n   igata %.300s\n", a, b);
			bad++;
		}
		a = next_a;
		b = next_b;
	}
	return bad;
}

static int compare(char **v)
{
	const char *path = v[0], *profiles = v[1], *work = v[2], *folder = v[3], *name = v[4];
	struct player cref = {.card = oracle_cref(path, work), .work = work, .name = name, .checks = true};
	struct player ours = {.card = oracle_card(profiles, "cref-222", work), .work = work, .name = name};
	struct buf table = {0};
	struct diag_list d = {0};
	char text[200] = "no trace";
	unsigned lines = 0, bad = 0;
	bool ok = play(&cref, folder);
	ok = play(&ours, folder) && ok;
	ok = file_read(v[5], CAP_MAX, &table, &d) && ok;
	struct known known = {.text = (char *)(uintptr_t)buf_cstr(&table), .name = name};
	bad = differ(&known, &cref.out, &ours.out, &lines);
	/* Where an answer differs, so do the instructions behind it. */
	bool same = known.used != 0 || trace_equal(&ours.trace, &cref.trace, text, sizeof text);
	if (known.used != rows_of(&known)) {
		printf("   rows of the table of differences that did not occur: %u\n", rows_of(&known) - known.used);
		bad++;
	}
	ok = ok && bad == 0 && same;
	printf("%s %s: %u lines, %u known to differ; %s%s%s\n", ok ? "ok" : "not ok", name, lines, known.used,
	    ours.refused ? "refused by both; " : "", same ? "" : "trace: ", text);
	buf_reset(&table);
	diag_reset(&d);
	player_reset(&cref);
	player_reset(&ours);
	return !ok;
}

static int play_one(char **v)
{
	bool on_cref = strcmp(v[0], "cref") == 0;
	struct player p = {.work = v[3], .name = v[5]};
	p.card = on_cref ? oracle_cref(v[1], v[3]) : oracle_card(v[2], v[0], v[3]);
	bool ok = play(&p, v[4]);
	fputs(buf_cstr(&p.out), stdout);
	player_reset(&p);
	return !ok;
}

static int assemble(char **v)
{
	struct arena a = {0};
	struct buf text = {0}, cap = {0};
	struct diag_list d = {0};
	const char *message = NULL;
	FILE *f = NULL;
	bool ok = file_read(v[0], CAP_MAX, &text, &d);
	if (ok && !asm_text_to_cap(&a, (const char *)text.p, text.n, API_VERSION(2, 1), &cap, &message)) {
		fprintf(stderr, "%s: %s\n", v[0], message);
		ok = false;
	}
	ok = ok && (f = fopen(v[1], "wb")) != NULL && fwrite(cap.p, 1, cap.n, f) == cap.n;
	if (f != NULL && fclose(f) != 0)
		ok = false;
	diag_print(stderr, &d, "en");
	diag_reset(&d);
	buf_reset(&text);
	buf_reset(&cap);
	arena_free(&a);
	return !ok;
}

int main(int argc, char **argv)
{
	if (argc == 8 && strcmp(argv[1], "compare") == 0)
		return compare(argv + 2);
	if (argc == 8 && strcmp(argv[1], "play") == 0)
		return play_one(argv + 2);
	if (argc == 4 && strcmp(argv[1], "assemble") == 0)
		return assemble(argv + 2);
	if (argc == 6 && strcmp(argv[1], "suite") == 0)
		return oracle_suite(argv[2], argv[3], argv[4], argv[5]);
	fprintf(stderr, "usage: see the first lines of tests/oracle/dialogue.c\n");
	return 2;
}
