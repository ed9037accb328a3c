#include "runtime/base/cli.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cli_help.h"
#include "runtime/base/near.h"

struct cli_given {
	const struct cli_option *option;
	const char *value;
};

const struct cli_option cli_common[] = {
    {"json", 0, CLI_FLAG, NULL, {"answer in one JSON document", "結果を 1 個の JSON 文書で出力する"}},
    {"lang", 0, CLI_TEXT, "en|ja", {"language of messages", "メッセージの言語"}},
    {"trace", 0, CLI_FLAG, NULL, {"show every step on standard error", "各処理を標準エラー出力に表示する"}},
    {"quiet", 'q', CLI_FLAG, NULL,
	{"no progress, no confirmations, no notes", "進行状況・完了メッセージ・注記を表示しない"}},
    {"help", 'h', CLI_FLAG, NULL, {"show this help", "この説明を表示する"}},
    {"version", 0, CLI_FLAG, NULL, {"show the version", "版を表示する"}},
    {0},
};

static const struct srcloc nowhere;

static const char *from_environment(void)
{
	static const char *const name[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < 3; i++) {
		const char *v = getenv(name[i]);
		if (v != NULL && v[0] != 0)
			return strncmp(v, "ja", 2) == 0 ? "ja" : "en";
	}
	return "en";
}

/* Name or letter of an option; n characters count. */
static const struct cli_option *find_in(const struct cli_option *table, const char *name, size_t n, char letter)
{
	for (const struct cli_option *o = table; o->name != NULL; o++)
		if (name != NULL ? strlen(o->name) == n && memcmp(o->name, name, n) == 0 : o->letter == letter)
			return o;
	return NULL;
}

static const struct cli_option *find(const struct cli_program *p, const char *name, size_t n, char letter)
{
	const struct cli_option *o = find_in(cli_common, name, n, letter);
	return o != NULL ? o : find_in(p->option, name, n, letter);
}

static const struct cli_given *given(const struct cli *c, const char *name)
{
	assert(find(c->program, name, strlen(name), 0) != NULL);
	for (size_t i = 0; i < c->n_given; i++)
		if (strcmp(c->given[i].option->name, name) == 0)
			return &c->given[i];
	return NULL;
}

static bool is_number(const char *s)
{
	if (*s < '0' || *s > '9')
		return false;
	char *end = NULL;
	errno = 0;
	unsigned long long v = strtoull(s, &end, 10);
	return errno == 0 && *end == 0 && v <= UINT32_MAX;
}

/* shown: as the user wrote it, with its dashes. */
static void unknown_option(struct cli *c, const char *name, const char *shown)
{
	const char *best = NULL;
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		near_offer(name, o->name, &best);
	for (const struct cli_option *o = c->program->option; o->name != NULL; o++)
		near_offer(name, o->name, &best);
	if (best != NULL)
		diag_add(&c->diags, nowhere, DIAG_ARG_OPTION_NEAR, shown, best, NULL);
	else
		diag_add(&c->diags, nowhere, DIAG_ARG_OPTION, shown, c->program->name, NULL);
}

static void take(struct cli *c, const struct cli_option *o, const char *value)
{
	if (o->type == CLI_NUMBER && !is_number(value))
		diag_add(&c->diags, nowhere, DIAG_ARG_NUMBER, o->name, value, NULL);
	if (o->type != CLI_LIST && o->type != CLI_FLAG && given(c, o->name) != NULL)
		diag_add(&c->diags, nowhere, DIAG_ARG_TWICE, o->name, NULL);
	c->given[c->n_given++] = (struct cli_given){o, value};
}

/* One option, whose value may be in the next word. Returns how many words beyond this one were used. */
static int option(struct cli *c, const char *word, const char *next)
{
	bool is_long = word[1] == '-';
	const char *name = word + 2;
	size_t n = is_long ? strcspn(name, "=") : 0;
	const struct cli_option *o = find(c->program, is_long ? name : NULL, n, word[1]);
	const char *attached = is_long ? (name[n] == '=' ? name + n + 1 : NULL) : (word[2] != 0 ? word + 2 : NULL);
	if (o == NULL) {
		char shown[64];
		snprintf(shown, sizeof shown, "%.*s", (int)(is_long ? n + 2 : 2), word);
		unknown_option(c, shown + (is_long ? 2 : 1), shown);
		return 0;
	}
	if (o->type == CLI_FLAG) {
		if (attached != NULL)
			diag_add(&c->diags, nowhere, DIAG_ARG_VALUE, o->name, attached, NULL);
		else
			take(c, o, "");
		return 0;
	}
	if (attached != NULL) {
		take(c, o, attached);
		return 0;
	}
	if (next == NULL) {
		diag_add(&c->diags, nowhere, DIAG_ARG_NO_VALUE, o->name, o->value, NULL);
		return 0;
	}
	take(c, o, next);
	return 1;
}

static void command(struct cli *c, const char *word)
{
	const char *best = NULL;
	for (const struct cli_command *k = c->program->command; k->name != NULL; k++) {
		if (strcmp(k->name, word) == 0) {
			c->command = k;
			return;
		}
		near_offer(word, k->name, &best);
	}
	if (best != NULL)
		diag_add(&c->diags, nowhere, DIAG_ARG_COMMAND_NEAR, word, best, NULL);
	else
		diag_add(&c->diags, nowhere, DIAG_ARG_COMMAND, word, c->program->name, NULL);
}

static bool in_words(const char *words, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = words; *p != 0; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");
		if (len == n && memcmp(p, name, n) == 0)
			return true;
		p += len;
	}
	return false;
}

static void check_fit(struct cli *c)
{
	const struct cli_command *k = c->command;
	for (size_t i = 0; i < c->n_given; i++) {
		const struct cli_option *o = c->given[i].option;
		if (find_in(cli_common, o->name, strlen(o->name), 0) == NULL && !in_words(k->options, o->name))
			diag_add(&c->diags, nowhere, DIAG_ARG_ELSEWHERE, o->name, c->program->name, k->name, NULL);
	}
	if (c->n_args < k->min)
		diag_add(&c->diags, nowhere, DIAG_ARG_TOO_FEW, c->program->name, k->name, k->arguments, NULL);
	if (c->n_args > k->max)
		diag_add(&c->diags, nowhere, DIAG_ARG_TOO_MANY, c->program->name, k->name, c->arg[k->max], NULL);
}

static void set_common(struct cli *c)
{
	c->json = given(c, "json") != NULL;
	c->trace = given(c, "trace") != NULL;
	c->quiet = given(c, "quiet") != NULL;
	c->help = given(c, "help") != NULL;
	c->version = given(c, "version") != NULL;
	const struct cli_given *lang = given(c, "lang");
	if (lang == NULL)
		return;
	if (strcmp(lang->value, "en") == 0 || strcmp(lang->value, "ja") == 0)
		c->lang = lang->value;
	else
		diag_add(&c->diags, nowhere, DIAG_ARG_LANG, lang->value, NULL);
}

bool cli_parse(struct cli *c, const struct cli_program *p, int argc, char **argv)
{
	*c = (struct cli){.program = p, .lang = from_environment(), .out = stdout, .err = stderr};
	size_t words = argc > 0 ? (size_t)argc : 1;
	c->arg = calloc(words, sizeof *c->arg);
	c->given = calloc(words, sizeof *c->given);
	if (c->arg == NULL || c->given == NULL)
		return diag_add(&c->diags, nowhere, DIAG_NO_MEMORY, NULL);
	bool options = true, named = false;
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && word[0] == '-' && word[1] != 0)
			i += option(c, word, i + 1 < argc ? argv[i + 1] : NULL);
		else if (named)
			c->arg[c->n_args++] = word;
		else {
			named = true;
			command(c, word);
		}
	}
	set_common(c);
	if (c->help || c->version)
		return diag_worst(&c->diags) < DIAG_ERROR;
	if (!named && diag_worst(&c->diags) < DIAG_ERROR)
		diag_add(&c->diags, nowhere, DIAG_ARG_NO_COMMAND, p->name, NULL);
	if (c->command != NULL)
		check_fit(c);
	return diag_worst(&c->diags) < DIAG_ERROR;
}

void cli_reset(struct cli *c)
{
	progress_end(&c->progress);
	diag_reset(&c->diags);
	buf_reset(&c->text);
	buf_reset(&c->result);
	free(c->arg);
	free(c->given);
	*c = (struct cli){0};
}

bool cli_has(const struct cli *c, const char *name)
{
	return given(c, name) != NULL;
}

const char *cli_value(const struct cli *c, const char *name)
{
	const struct cli_given *g = given(c, name);
	return g == NULL ? NULL : g->value;
}

uint32_t cli_number(const struct cli *c, const char *name, uint32_t otherwise)
{
	const struct cli_given *g = given(c, name);
	return g == NULL ? otherwise : (uint32_t)strtoul(g->value, NULL, 10);
}

const char *cli_next(const struct cli *c, const char *name, size_t *at)
{
	while (*at < c->n_given) {
		const struct cli_given *g = &c->given[(*at)++];
		if (strcmp(g->option->name, name) == 0)
			return g->value;
	}
	return NULL;
}

bool cli_conflict(struct cli *c, const char *a, const char *b)
{
	return diag_add(&c->diags, nowhere, DIAG_ARG_CONFLICT, a, b, NULL);
}

const char *cli_pick(const struct cli *c, const char *en, const char *ja)
{
	return strcmp(c->lang, "ja") == 0 ? ja : en;
}

static void add_line(struct buf *b, const char *fmt, va_list ap)
{
	char line[1024];
	vsnprintf(line, sizeof line, fmt, ap);
	buf_str(b, line);
	buf_u8(b, '\n');
}

void cli_say(struct cli *c, const char *fmt, ...)
{
	if (c->quiet)
		return;
	va_list ap;
	va_start(ap, fmt);
	add_line(&c->text, fmt, ap);
	va_end(ap);
}

void cli_trace(struct cli *c, const char *fmt, ...)
{
	if (!c->trace)
		return;
	struct buf line = {0};
	va_list ap;
	va_start(ap, fmt);
	add_line(&line, fmt, ap);
	va_end(ap);
	progress_end(&c->progress);
	fputs(buf_cstr(&line), c->err);
	buf_reset(&line);
}
