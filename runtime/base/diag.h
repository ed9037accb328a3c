/* Diagnostics: what is wrong in the user's input or the outside world. Only a program's main prints them.
 *
 * diag.def is the single source of codes, severities, texts and remedies in English and Japanese. A code is never
 * renumbered or reused: users and CI match on it.
 */
#ifndef IGATA_BASE_DIAG_H
#define IGATA_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct srcloc {
	const char *file; /* borrowed; diag_add copies it; NULL when there is no file */
	uint32_t line;    /* from 1; 0 when there is no position */
	uint32_t column;  /* from 1, in code points */
};

enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR, DIAG_SYSTEM /* exit status 2 */ };

enum diag_code {
#define DIAG(number, name, ...) DIAG_##name = (number),
#include "runtime/base/diag.def"
#undef DIAG
};

enum { DIAG_ARGS = 4 };

struct diag {
	struct srcloc at; /* its file name is `file` */
	char *file;       /* owned copy, since paths are often built for one call; NULL when there is none */
	enum diag_code code;
	enum diag_severity severity; /* of the row, unless accepted by the description: then a note */
	char *arg[DIAG_ARGS];        /* owned; NULL when not given */
};

struct diag_list {
	struct diag *row;
	size_t n, cap;
	bool lost; /* an allocation failed; some rows are missing */
};

/* Record a diagnostic with up to four arguments (NULL ends them). Always returns false, so that a refusal is one line:
 * return diag_add(d, at, DIAG_EEPROM_FULL, name, need, left, NULL). */
bool diag_add(struct diag_list *d, struct srcloc at, enum diag_code code, ...) __attribute__((sentinel));

/* Printed numbers for arguments: a small ring of static buffers, good for one diag_add call. */
const char *diag_num(uintmax_t v);

/* The worst severity recorded, DIAG_NOTE when there is none. */
enum diag_severity diag_worst(const struct diag_list *d);
size_t diag_count(const struct diag_list *d, enum diag_severity s);

/* Move all rows of `from` behind those of `to`; from is empty then. */
void diag_take(struct diag_list *to, struct diag_list *from);

/* Sort by file, line and column, keeping the order of recording among equals. */
void diag_sort(struct diag_list *d);

/* Take out the rows of this severity. */
void diag_drop(struct diag_list *d, enum diag_severity s);

/* Print as text: "file:12:18: error IG0204: …" and an indented hint. lang is "en" or "ja". */
void diag_print(FILE *f, const struct diag_list *d, const char *lang);

/* Append the message of one diagnostic, without place, code and hint. */
struct buf;
void diag_text(struct buf *out, const struct diag *g, const char *lang);

/* The same as a JSON array in key (objects: file, line, column, code, severity, message, hint). */
struct json;
void diag_json(const struct diag_list *d, const char *lang, struct json *j, const char *key);

/* "IG0204" for a code; the code for "IG0204", or 0. */
const char *diag_code_text(enum diag_code code, char out[8]);
enum diag_code diag_code_named(const char *text);

/* Severity of a code's row. */
enum diag_severity diag_severity_of(enum diag_code code);

/* Row texts. Never NULL for a code of the table. The explanation is what `apc explain-code` prints. */
const char *diag_message_template(enum diag_code code, const char *lang);
const char *diag_hint(enum diag_code code, const char *lang);
const char *diag_explanation(enum diag_code code, const char *lang);

/* All codes of the table, 0-terminated, ascending. */
const enum diag_code *diag_all_codes(void);

void diag_reset(struct diag_list *d);

/* Exit status of a program: 0 nothing worse than a warning, 1 an error, 2 a system failure. */
int diag_exit(const struct diag_list *d);

#endif
