#include "runtime/base/cli_help.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/json.h"

static int column(const struct cli *c)
{
	return strcmp(c->lang, "ja") == 0;
}

static void row(struct buf *out, const char *left, const char *right)
{
	buf_printf(out, "  %-28s %s\n", left, right);
}

static void option_row(const struct cli *c, const struct cli_option *o, struct buf *out)
{
	char left[96];
	int n = o->letter != 0 ? snprintf(left, sizeof left, "-%c, ", o->letter) : 0;
	snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", o->name, o->value == NULL ? "" : " ",
	    o->value == NULL ? "" : o->value);
	row(out, left, o->help[column(c)]);
}

static bool takes(const char *options, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = options; (p = strstr(p, name)) != NULL; p += n)
		if ((p == options || p[-1] == ' ') && (p[n] == 0 || p[n] == ' '))
			return true;
	return false;
}

void cli_help(struct cli *c, struct buf *out)
{
	const struct cli_program *p = c->program;
	const struct cli_command *k = c->command;
	buf_printf(out, "%s %s %s%s%s %s\n", cli_pick(c, "usage:", "使い方:"), p->name,
	    k == NULL ? cli_pick(c, "COMMAND", "コマンド") : k->name, k != NULL && k->arguments[0] != 0 ? " " : "",
	    k == NULL ? "" : k->arguments, cli_pick(c, "[options]", "[オプション]"));
	buf_printf(out, "%s\n\n", k == NULL ? p->help[column(c)] : k->help[column(c)]);
	if (k == NULL) {
		buf_printf(out, "%s\n", cli_pick(c, "commands:", "コマンド:"));
		for (k = p->command; k->name != NULL; k++)
			row(out, k->name, k->help[column(c)]);
		k = NULL;
		buf_u8(out, '\n');
	}
	buf_printf(out, "%s\n", cli_pick(c, "options:", "オプション:"));
	for (const struct cli_option *o = p->option; k != NULL && o->name != NULL; o++)
		if (takes(k->options, o->name))
			option_row(c, o, out);
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		option_row(c, o, out);
	if (k == NULL)
		buf_printf(out,
		    cli_pick(c, "\n'%s COMMAND --help' explains one command.\n",
			"\n各コマンドの説明は「%s コマンド --help」で表示します。\n"),
		    p->name);
}

/* Everything that standard output gets passes here: a full disk must not look like success. */
static bool print(struct cli *c, struct buf *b)
{
	bool ok = !b->bad && (b->n == 0 || fwrite(b->p, 1, b->n, c->out) == b->n);
	ok = fflush(c->out) == 0 && ok;
	buf_clear(b);
	if (!ok)
		diag_add(&c->diags, (struct srcloc){0}, DIAG_OUTPUT, strerror(errno), NULL);
	return ok;
}

bool cli_flush(struct cli *c)
{
	progress_end(&c->progress);
	return c->json ? true : print(c, &c->text);
}

static int status_of(const struct cli *c, bool done)
{
	int status = diag_exit(&c->diags);
	return status == 0 && !done ? 1 : status;
}

static void print_document(struct cli *c, bool done)
{
	struct buf doc = {0};
	struct json j = json_to(&doc);
	json_put_object(&j, NULL);
	json_put_text(&j, "program", c->program->name);
	json_put_text(&j, "version", IGATA_VERSION);
	json_put_text(&j, "command", c->command == NULL ? "" : c->command->name);
	json_put_number(&j, "exit", status_of(c, done));
	diag_json(&c->diags, c->lang, &j, "diagnostics");
	json_put_document(&j, "result", c->result.p, c->result.n);
	json_put_end(&j);
	buf_u8(&doc, '\n');
	doc.bad = doc.bad || c->result.bad;
	print(c, &doc);
	buf_reset(&doc);
}

static bool run(struct cli *c)
{
	if (c->help) {
		cli_help(c, &c->text);
		c->json = false;
		return true;
	}
	if (c->version) {
		buf_printf(&c->text, "%s (Igata) %s\n", c->program->name, IGATA_VERSION);
		c->json = false;
		return true;
	}
	return c->command->run(c);
}

int cli_run(const struct cli_program *p, int argc, char **argv, FILE *out, FILE *err)
{
	struct cli c;
	bool done = cli_parse(&c, p, argc, argv);
	c.out = out;
	c.err = err;
	c.progress = progress_on(err, c.quiet);
	if (done)
		done = run(&c);
	progress_end(&c.progress);
	if (c.quiet)
		diag_drop(&c.diags, DIAG_NOTE);
	if (c.json)
		print_document(&c, done);
	else {
		print(&c, &c.text);
		diag_print(err, &c.diags, c.lang);
	}
	int status = status_of(&c, done);
	cli_reset(&c);
	return status;
}

int cli_main(const struct cli_program *p, int argc, char **argv)
{
	return cli_run(p, argc, argv, stdout, stderr);
}
