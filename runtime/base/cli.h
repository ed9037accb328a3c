/* The command line of apc, apload and apsim: PROGRAM COMMAND [OPTIONS] [ARGUMENTS].
 *
 * A program is two tables, its options and its commands. Every command takes the common options
 *   --json  --lang en|ja  --trace  --quiet  --help  --version
 * and those it names. Options may stand before or behind the command and its arguments; "--" ends them; values are
 * written "--chip NAME", "--chip=NAME", "-o DIR" or "-oDIR".
 *
 * Exit status: 0 done, 1 the input or the card says no (wrong arguments too), 2 the system failed.
 *
 * Output: a command appends what it was asked for to `text` (for people) and `result` (one JSON value). cli_main prints
 * text to standard output and diagnostics to standard error; with --json one document on standard output instead:
 *   {"program":…,"version":…,"command":…,"exit":0,"diagnostics":[…],"result":…}
 */
#ifndef IGATA_BASE_CLI_H
#define IGATA_BASE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/base/progress.h"

enum cli_type {
	CLI_FLAG,
	CLI_TEXT,   /* one value; given twice it is refused */
	CLI_NUMBER, /* decimal, 0 to 4294967295 */
	CLI_LIST,   /* may be given again and again */
};

struct cli_option {
	const char *name; /* without dashes; a table ends with a NULL name */
	char letter;      /* short form, 0 for none */
	enum cli_type type;
	const char *value; /* what help calls the value: "DIR"; NULL for a flag */
	const char *help[2];
};

struct cli;

struct cli_command {
	const char *name;      /* a table ends with a NULL name */
	const char *arguments; /* what help shows: "FILE [CHIP]", "" for none */
	uint8_t min, max;      /* number of arguments */
	const char *options;   /* names of its options, separated by blanks */
	/* Do it. false: it did not succeed; at least exit status 1, even when the reason is in the answer and not in a
	 * diagnostic. */
	bool (*run)(struct cli *c);
	const char *help[2];
};

struct cli_program {
	const char *name;
	const char *help[2];
	const struct cli_option *option;
	const struct cli_command *command;
};

struct cli_given;

struct cli {
	const struct cli_program *program;
	const struct cli_command *command; /* NULL when none was given: --help, --version, or an error */
	bool json, trace, quiet, help, version;
	const char *lang; /* "en" or "ja" */
	const char **arg; /* borrowed from argv */
	size_t n_args;
	struct diag_list diags;
	struct buf text;   /* the answer for people; UTF-8 */
	struct buf result; /* the answer for machines: one JSON value, or empty */
	struct progress progress;
	FILE *out, *err;
	struct cli_given *given;
	size_t n_given;
};

/* The whole of main: parse, run, print. Returns the exit status. */
int cli_main(const struct cli_program *p, int argc, char **argv);

/* The same with the two streams given. */
int cli_run(const struct cli_program *p, int argc, char **argv, FILE *out, FILE *err);

/* Arguments only. false with diagnostics. cli_reset frees in both cases. */
bool cli_parse(struct cli *c, const struct cli_program *p, int argc, char **argv);
void cli_reset(struct cli *c);

/* What was given. `name` must be in the option table. cli_next walks the values of a CLI_LIST: *at is 0 at first. */
bool cli_has(const struct cli *c, const char *name);
const char *cli_value(const struct cli *c, const char *name); /* NULL when not given */
uint32_t cli_number(const struct cli *c, const char *name, uint32_t otherwise);
const char *cli_next(const struct cli *c, const char *name, size_t *at);

/* Record the diagnostic "both a and b are given". */
bool cli_conflict(struct cli *c, const char *a, const char *b);

/* One of two texts, by language. */
const char *cli_pick(const struct cli *c, const char *en, const char *ja);

/* Add a line for people that merely confirms: not printed under --quiet. */
void cli_say(struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A line of --trace on standard error at once; nothing without --trace. */
void cli_trace(struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print `text` so far (long-running commands); nothing under --json. false when standard output cannot be written. */
bool cli_flush(struct cli *c);

#endif
