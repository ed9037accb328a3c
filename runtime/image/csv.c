#include "runtime/image/csv.h"

#include <string.h>

#include "runtime/base/utf8.h"

static const uint8_t byte_order_mark[3] = {0xef, 0xbb, 0xbf};

struct csv csv_of(const char *name, const uint8_t *p, size_t n)
{
	struct csv c = {.name = name, .p = p, .n = n, .line = 1, .column = 1};
	if (n >= sizeof byte_order_mark && memcmp(p, byte_order_mark, sizeof byte_order_mark) == 0)
		c.at = sizeof byte_order_mark;
	return c;
}

static struct srcloc here(const struct csv *c)
{
	return (struct srcloc){c->name, c->line, c->column};
}

static bool at_char(const struct csv *c, char what)
{
	return c->at < c->n && c->p[c->at] == what;
}

static bool at_line_end(const struct csv *c)
{
	return at_char(c, '\n') || (at_char(c, '\r') && c->at + 1 < c->n && c->p[c->at + 1] == '\n');
}

static void pass_line_end(struct csv *c)
{
	c->at += at_char(c, '\r') ? 2 : 1;
	c->line++;
	c->column = 1;
}

/* One code point into the cell, or only past it when row is NULL. */
static enum csv_result take(struct csv *c, struct csv_row *row, struct diag_list *d)
{
	uint32_t cp = 0;
	size_t n = utf8_next(c->p + c->at, c->n - c->at, &cp);
	if (n == 0) {
		diag_add(d, here(c), DIAG_CSV_UTF8, NULL);
		return CSV_BAD;
	}
	if ((cp < 0x20 && cp != '\t') || cp == 0x7f) {
		diag_add(d, here(c), DIAG_CSV_CONTROL, diag_num(cp), NULL);
		return CSV_BAD;
	}
	if (row != NULL)
		buf_add(&row->text, c->p + c->at, n);
	c->at += n;
	c->column++;
	return CSV_ROW;
}

/* A quoted cell: "" stands for one quotation mark, line ends belong to the value (RFC 4180, 2.5 to 2.7). */
static enum csv_result take_quoted(struct csv *c, struct csv_row *row, struct diag_list *d)
{
	struct srcloc open = here(c);
	for (take(c, NULL, d);;) {
		if (c->at == c->n) {
			diag_add(d, open, DIAG_CSV_UNCLOSED, NULL);
			return CSV_BAD;
		}
		if (at_line_end(c)) {
			buf_add(&row->text, c->p + c->at, at_char(c, '\r') ? 2 : 1);
			pass_line_end(c);
			continue;
		}
		if (at_char(c, '"')) {
			take(c, NULL, d);
			if (!at_char(c, '"'))
				return CSV_ROW;
		}
		if (take(c, row, d) == CSV_BAD)
			return CSV_BAD;
	}
}

static bool at_cell_end(const struct csv *c)
{
	return c->at == c->n || at_char(c, ',') || at_line_end(c);
}

static enum csv_result take_cell(struct csv *c, struct csv_row *row, struct diag_list *d)
{
	if (row->n == CSV_CELLS) {
		diag_add(d, here(c), DIAG_CSV_WIDE, diag_num(CSV_CELLS), NULL);
		return CSV_BAD;
	}
	struct csv_cell *cell = &row->cell[row->n++];
	*cell = (struct csv_cell){.at = row->text.n, .line = c->line, .column = c->column};
	bool quoted = at_char(c, '"');
	if (quoted && take_quoted(c, row, d) == CSV_BAD)
		return CSV_BAD;
	while (!at_cell_end(c)) {
		if (quoted || at_char(c, '"')) {
			diag_add(d, here(c), DIAG_CSV_STRAY, NULL);
			return CSV_BAD;
		}
		if (take(c, row, d) == CSV_BAD)
			return CSV_BAD;
	}
	cell->n = row->text.n - cell->at;
	return CSV_ROW;
}

static bool only_line_ends_left(const struct csv *c)
{
	for (size_t i = c->at; i < c->n; i++)
		if (c->p[i] != '\r' && c->p[i] != '\n')
			return false;
	return true;
}

enum csv_result csv_next(struct csv *c, struct csv_row *row, struct diag_list *d)
{
	buf_clear(&row->text);
	row->n = 0;
	row->line = c->line;
	if (only_line_ends_left(c))
		return CSV_END;
	while (take_cell(c, row, d) == CSV_ROW) {
		if (at_char(c, ',')) {
			c->at++;
			c->column++;
			continue;
		}
		if (c->at < c->n)
			pass_line_end(c);
		if (!row->text.bad)
			return CSV_ROW;
		diag_add(d, here(c), DIAG_NO_MEMORY, NULL);
		break;
	}
	return CSV_BAD;
}

void csv_row_reset(struct csv_row *row)
{
	buf_reset(&row->text);
	row->n = 0;
}
