#include "runtime/image/values.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/image/csv.h"

static const char from_command_line[] = "--set";

static const struct value *find(const struct value_set *s, const char *name, size_t n, bool set)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->value[i].set == set && strlen(s->value[i].name) == n && memcmp(s->value[i].name, name, n) == 0)
			return &s->value[i];
	return NULL;
}

const struct value *values_find(const struct value_set *s, const char *name)
{
	const struct value *v = find(s, name, strlen(name), true);
	return v != NULL ? v : find(s, name, strlen(name), false);
}

const struct image_hole *values_hole(const struct image *img, const char *name)
{
	for (size_t i = 0; i < img->n_holes; i++)
		if (strcmp(img->hole[i].name, name) == 0)
			return &img->hole[i];
	return NULL;
}

static bool add(struct value_set *s, struct value v, const char *name, size_t n_name, const void *text, size_t n,
    struct diag_list *d)
{
	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 16 : s->cap * 2;
		struct value *more = realloc(s->value, cap * sizeof *more);
		if (more == NULL)
			return diag_add(d, v.at, DIAG_NO_MEMORY, NULL);
		s->value = more;
		s->cap = cap;
	}
	v.name = strndup(name, n_name);
	buf_add(&v.text, text, n);
	if (v.name == NULL || v.text.bad) {
		free(v.name);
		buf_reset(&v.text);
		return diag_add(d, v.at, DIAG_NO_MEMORY, NULL);
	}
	s->value[s->n++] = v;
	return true;
}

static struct srcloc at_cell(const struct csv *c, const struct csv_cell *cell)
{
	return (struct srcloc){c->name, cell->line, cell->column};
}

/* Spreadsheets of some countries write semicolons or tabs: then all columns are one, with them in its name. */
static bool commas_separate(const struct csv *c, const struct csv_row *h, struct diag_list *d)
{
	static const struct {
		char separator;
		const char *name;
	} other[] = {{';', "';'"}, {'\t', "TAB"}};
	for (size_t i = 0; h->n == 1 && i < sizeof other / sizeof *other; i++)
		if (memchr(h->text.p, other[i].separator, h->text.n) != NULL)
			return diag_add(d, at_cell(c, &h->cell[0]), DIAG_CSV_SEPARATOR, other[i].name, NULL);
	return true;
}

static bool header_is_good(const struct csv *c, const struct csv_row *h, struct diag_list *d)
{
	bool good = commas_separate(c, h, d);
	for (size_t i = 0; i < h->n; i++) {
		const uint8_t *name = h->text.p + h->cell[i].at;
		if (h->cell[i].n == 0)
			good = diag_add(d, at_cell(c, &h->cell[i]), DIAG_CSV_NAMELESS, diag_num(i + 1), NULL);
		for (size_t k = 0; k < i && h->cell[i].n != 0; k++) {
			if (h->cell[k].n != h->cell[i].n || memcmp(h->text.p + h->cell[k].at, name, h->cell[k].n) != 0)
				continue;
			char text[IMAGE_NAME];
			size_t n = h->cell[i].n < sizeof text - 1 ? h->cell[i].n : sizeof text - 1;
			memcpy(text, name, n);
			text[n] = 0;
			good = diag_add(d, at_cell(c, &h->cell[i]), DIAG_CSV_TWICE, text, NULL);
			break;
		}
	}
	return good;
}

static bool take_row(
    struct value_set *s, const struct csv *c, const struct csv_row *h, const struct csv_row *row, struct diag_list *d)
{
	for (size_t i = 0; i < h->n; i++)
		if (!add(s, (struct value){.at = at_cell(c, &row->cell[i])}, (const char *)h->text.p + h->cell[i].at,
			h->cell[i].n, row->text.p + row->cell[i].at, row->cell[i].n, d))
			return false;
	return true;
}

/* Walk to the wanted row. Every row on the way is read in full, so a slip that shifts rows is found, not skipped. */
static bool read_rows(
    struct value_set *s, struct csv *c, struct csv_row *h, struct csv_row *row, uint32_t wanted, struct diag_list *d)
{
	enum csv_result r = csv_next(c, h, d);
	if (r == CSV_END)
		return diag_add(d, (struct srcloc){.file = c->name}, DIAG_CSV_EMPTY, NULL);
	if (r == CSV_BAD || !header_is_good(c, h, d))
		return false;
	for (uint32_t n = 1;; n++) {
		r = csv_next(c, row, d);
		if (r == CSV_BAD)
			return false;
		if (r == CSV_END)
			return diag_add(d, (struct srcloc){.file = c->name}, DIAG_CSV_NO_ROW, diag_num(wanted),
			    diag_num(n - 1), NULL);
		if (row->n != h->n)
			return diag_add(d, (struct srcloc){c->name, row->line, 1}, DIAG_CSV_CELLS, diag_num(n),
			    diag_num(row->n), diag_num(h->n), NULL);
		if (n == wanted)
			return take_row(s, c, h, row, d);
	}
}

bool values_from_csv(struct value_set *s, const char *path, uint32_t row, struct diag_list *d)
{
	struct buf file = {0};
	struct csv_row header = {0}, cells = {0};
	bool ok = file_read(path, VALUES_CSV_MAX, &file, d);
	if (ok) {
		struct csv c = csv_of(path, file.p, file.n);
		s->csv = path;
		s->row = row;
		ok = read_rows(s, &c, &header, &cells, row, d);
	}
	csv_row_reset(&header);
	csv_row_reset(&cells);
	buf_reset(&file);
	return ok;
}

bool values_set(struct value_set *s, const char *assignment, struct diag_list *d)
{
	struct srcloc at = {.file = from_command_line};
	const char *sign = strchr(assignment, '=');
	if (sign == NULL || sign == assignment)
		return diag_add(d, at, DIAG_VALUE_ASSIGNMENT, NULL);
	size_t n = (size_t)(sign - assignment);
	const struct value *earlier = find(s, assignment, n, true);
	if (earlier != NULL)
		return diag_add(d, at, DIAG_VALUE_TWICE, earlier->name, NULL);
	return add(s, (struct value){.at = at, .set = true}, assignment, n, sign + 1, strlen(sign + 1), d);
}

bool values_bytes(const struct value_set *s, const struct image_hole *h, struct buf *out)
{
	const struct value *v = values_find(s, h->name);
	if (v == NULL)
		return false;
	if (strcmp(h->format, "binary") != 0) {
		buf_add(out, v->text.p, v->text.n);
		return !out->bad;
	}
	if (v->text.n % 2 != 0)
		return false;
	for (size_t i = 0; i < v->text.n; i += 2) {
		int high = hex_digit((char)v->text.p[i]), low = hex_digit((char)v->text.p[i + 1]);
		if (high < 0 || low < 0)
			return false;
		buf_u8(out, (unsigned)(high << 4 | low));
	}
	return !out->bad;
}

bool values_stored(const struct value_set *s, const struct image_hole *h, struct buf *out)
{
	size_t before = out->n;
	if (!values_bytes(s, h, out))
		return false;
	while (h->pad >= 0 && out->n - before < h->stored)
		buf_u8(out, (unsigned)h->pad);
	return !out->bad && (h->stored == 0 || out->n - before == h->stored);
}

void values_reset(struct value_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->value[i].name);
		buf_reset(&s->value[i].text);
	}
	free(s->value);
	*s = (struct value_set){0};
}
