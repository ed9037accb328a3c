#include "runtime/base/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/json.h"

/* Short names for the severity column of the .def files. */
enum { NOTE = DIAG_NOTE, WARNING = DIAG_WARNING, ERROR = DIAG_ERROR, SYSTEM = DIAG_SYSTEM };

struct row {
	enum diag_code code;
	enum diag_severity severity;
	const char *message[2], *hint[2], *explanation[2]; /* en, ja */
};

static const struct row table[] = {
#define DIAG(number, name, severity, men, mja, hen, hja, een, eja)                                                     \
	{number, (enum diag_severity)severity, {men, mja}, {hen, hja}, {een, eja}},
#include "runtime/base/diag.def"
#undef DIAG
};

enum { ROWS = sizeof table / sizeof *table };

static const enum diag_code codes[] = {
#define DIAG(number, ...) (enum diag_code) number,
#include "runtime/base/diag.def"
#undef DIAG
    (enum diag_code)0};

const enum diag_code *diag_all_codes(void)
{
	return codes;
}

static const struct row *row_of(enum diag_code code)
{
	for (size_t i = 0; i < ROWS; i++)
		if (table[i].code == code)
			return &table[i];
	assert(false && "a diagnostic code without a row");
	return &table[0];
}

static int column(const char *lang)
{
	return strcmp(lang, "ja") == 0;
}

static bool grow(struct diag_list *d)
{
	if (d->n < d->cap)
		return true;
	size_t cap = d->cap == 0 ? 16 : d->cap * 2;
	struct diag *row = realloc(d->row, cap * sizeof *row);
	if (row == NULL) {
		d->lost = true;
		return false;
	}
	d->row = row;
	d->cap = cap;
	return true;
}

bool diag_add(struct diag_list *d, struct srcloc at, enum diag_code code, ...)
{
	if (!grow(d))
		return false;
	struct diag *g = &d->row[d->n++];
	*g = (struct diag){.at = at, .code = code, .severity = row_of(code)->severity};
	if (at.file != NULL && (g->file = strdup(at.file)) == NULL)
		d->lost = true;
	g->at.file = g->file;
	va_list ap;
	va_start(ap, code);
	for (int i = 0; i < DIAG_ARGS; i++) {
		const char *arg = va_arg(ap, const char *);
		if (arg == NULL)
			break;
		g->arg[i] = strdup(arg);
		if (g->arg[i] == NULL)
			d->lost = true;
	}
	va_end(ap);
	return false;
}

const char *diag_num(uintmax_t v)
{
	static char ring[8][24];
	static unsigned next;
	char *s = ring[next++ % 8];
	snprintf(s, sizeof ring[0], "%ju", v);
	return s;
}

enum diag_severity diag_worst(const struct diag_list *d)
{
	enum diag_severity worst = d->lost ? DIAG_SYSTEM : DIAG_NOTE;
	for (size_t i = 0; i < d->n; i++)
		if (d->row[i].severity > worst)
			worst = d->row[i].severity;
	return worst;
}

size_t diag_count(const struct diag_list *d, enum diag_severity s)
{
	size_t n = 0;
	for (size_t i = 0; i < d->n; i++)
		n += d->row[i].severity == s;
	return n;
}

void diag_take(struct diag_list *to, struct diag_list *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (!grow(to))
			break;
		to->row[to->n++] = from->row[i];
		memset(from->row[i].arg, 0, sizeof from->row[i].arg);
		from->row[i].file = NULL;
	}
	to->lost = to->lost || from->lost;
	diag_reset(from);
}

static void free_texts(struct diag *g)
{
	free(g->file);
	for (int k = 0; k < DIAG_ARGS; k++)
		free(g->arg[k]);
}

void diag_drop(struct diag_list *d, enum diag_severity s)
{
	size_t kept = 0;
	for (size_t i = 0; i < d->n; i++) {
		if (d->row[i].severity == s)
			free_texts(&d->row[i]);
		else
			d->row[kept++] = d->row[i];
	}
	d->n = kept;
}

static bool before(const struct srcloc *a, const struct srcloc *b)
{
	int file = strcmp(a->file == NULL ? "" : a->file, b->file == NULL ? "" : b->file);
	if (file != 0)
		return file < 0;
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Insertion: lists are short and equal positions must keep their order, which qsort does not promise. */
void diag_sort(struct diag_list *d)
{
	for (size_t i = 1; i < d->n; i++) {
		struct diag g = d->row[i];
		size_t at = i;
		for (; at > 0 && before(&g.at, &d->row[at - 1].at); at--)
			d->row[at] = d->row[at - 1];
		d->row[at] = g;
	}
}

/* {1} to {4} become the arguments; control characters of the input are shown as '?', so that a hostile file cannot
 * drive the user's terminal. */
static void expand(struct buf *out, const char *text, char *const arg[])
{
	for (const char *p = text; *p != 0; p++) {
		if (p[0] != '{' || p[1] < '1' || p[1] > '0' + DIAG_ARGS || p[2] != '}') {
			buf_u8(out, (unsigned char)*p);
			continue;
		}
		const char *a = arg[p[1] - '1'];
		for (; a != NULL && *a != 0; a++)
			buf_u8(out, (unsigned char)*a < 0x20 || *a == 0x7f ? '?' : (unsigned char)*a);
		p += 2;
	}
}

void diag_text(struct buf *out, const struct diag *g, const char *lang)
{
	expand(out, row_of(g->code)->message[column(lang)], g->arg);
}

static const char *severity_text(enum diag_severity s, int ja)
{
	static const char *const text[][2] = {
	    [DIAG_NOTE] = {"note", "注記"},
	    [DIAG_WARNING] = {"warning", "警告"},
	    [DIAG_ERROR] = {"error", "エラー"},
	    [DIAG_SYSTEM] = {"system error", "システムエラー"},
	};
	return text[s][ja];
}

static void print_one(FILE *f, const struct diag *g, int ja)
{
	const struct row *r = row_of(g->code);
	struct buf line = {0};
	char code[8];
	if (g->at.file != NULL && g->at.line != 0)
		buf_printf(&line, "%s:%u:%u: ", g->at.file, (unsigned)g->at.line, (unsigned)g->at.column);
	else if (g->at.file != NULL)
		buf_printf(&line, "%s: ", g->at.file);
	buf_printf(&line, "%s %s: ", severity_text(g->severity, ja), diag_code_text(g->code, code));
	expand(&line, r->message[ja], g->arg);
	if (r->hint[ja][0] != 0) {
		buf_str(&line, ja ? "\n    対処: " : "\n    hint: ");
		expand(&line, r->hint[ja], g->arg);
	}
	fprintf(f, "%s\n", buf_cstr(&line));
	buf_reset(&line);
}

void diag_print(FILE *f, const struct diag_list *d, const char *lang)
{
	for (size_t i = 0; i < d->n; i++)
		print_one(f, &d->row[i], column(lang));
}

static void put_expanded(struct json *j, const char *key, const char *text, char *const arg[])
{
	struct buf b = {0};
	expand(&b, text, arg);
	json_put_text(j, key, buf_cstr(&b));
	buf_reset(&b);
}

static void put_one(struct json *j, const struct diag *g, int ja)
{
	const struct row *r = row_of(g->code);
	char code[8];
	json_put_object(j, NULL);
	json_put_text(j, "file", g->at.file == NULL ? "" : g->at.file);
	json_put_number(j, "line", g->at.line);
	json_put_number(j, "column", g->at.column);
	json_put_text(j, "code", diag_code_text(g->code, code));
	json_put_text(j, "severity", severity_text(g->severity, 0));
	put_expanded(j, "message", r->message[ja], g->arg);
	put_expanded(j, "hint", r->hint[ja], g->arg);
	json_put_end(j);
}

void diag_json(const struct diag_list *d, const char *lang, struct json *j, const char *key)
{
	json_put_array(j, key);
	for (size_t i = 0; i < d->n; i++)
		put_one(j, &d->row[i], column(lang));
	json_put_end(j);
}

const char *diag_code_text(enum diag_code code, char out[8])
{
	snprintf(out, 8, "IG%04u", (unsigned)code % 10000);
	return out;
}

enum diag_code diag_code_named(const char *text)
{
	char code[8];
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(diag_code_text(table[i].code, code), text) == 0)
			return table[i].code;
	return (enum diag_code)0;
}

enum diag_severity diag_severity_of(enum diag_code code)
{
	return row_of(code)->severity;
}

const char *diag_message_template(enum diag_code code, const char *lang)
{
	return row_of(code)->message[column(lang)];
}

const char *diag_hint(enum diag_code code, const char *lang)
{
	return row_of(code)->hint[column(lang)];
}

const char *diag_explanation(enum diag_code code, const char *lang)
{
	return row_of(code)->explanation[column(lang)];
}

void diag_reset(struct diag_list *d)
{
	for (size_t i = 0; i < d->n; i++)
		free_texts(&d->row[i]);
	free(d->row);
	*d = (struct diag_list){0};
}

int diag_exit(const struct diag_list *d)
{
	enum diag_severity worst = diag_worst(d);
	return worst == DIAG_SYSTEM ? 2 : worst == DIAG_ERROR ? 1 : 0;
}
