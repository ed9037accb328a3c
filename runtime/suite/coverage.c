/* The table of what a suite covers. */
#include "runtime/suite/suite.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"rule branches", "operations", "contract"};
static const char *const states[] = {
    "MISSED", "covered", "cannot happen", "not in this AP", "left to full", "out of reach"};

enum { KINDS = sizeof kinds / sizeof *kinds, STATES = sizeof states / sizeof *states };

size_t suite_coverage_count(const struct suite_coverage *cov, int kind, enum suite_cover_state state)
{
	size_t n = 0;
	for (size_t i = 0; i < cov->n; i++)
		n += (kind < 0 || cov->row[i].kind == (enum suite_cover_kind)kind) && cov->row[i].state == state;
	return n;
}

static void rows_of(const struct suite_coverage *cov, int kind, struct buf *out)
{
	for (size_t i = 0; i < cov->n; i++) {
		const struct suite_cover *row = &cov->row[i];
		if (row->kind != (enum suite_cover_kind)kind)
			continue;
		if (kind == COVER_CLAUSE)
			buf_printf(out, "  %-5s %-15s %6u  %s\n", row->name, states[row->state], (unsigned)row->steps,
			    row->detail);
		else
			buf_printf(out, "  %-44s %-8s %-15s %6u\n", row->name, row->detail, states[row->state],
			    (unsigned)row->steps);
	}
}

static void totals(const struct suite_coverage *cov, int kind, struct buf *out)
{
	buf_printf(out, "%s:", kinds[kind]);
	for (int s = 0; s < STATES; s++) {
		size_t n = suite_coverage_count(cov, kind, (enum suite_cover_state)s);
		if (n != 0)
			buf_printf(out, " %zu %s", n, states[s]);
	}
	buf_str(out, "\n");
}

void suite_coverage_text(const struct suite_coverage *cov, struct buf *out)
{
	for (int kind = 0; kind < KINDS; kind++) {
		totals(cov, kind, out);
		rows_of(cov, kind, out);
	}
	if (suite_coverage_count(cov, -1, COVER_MISSED) == 0)
		return;
	buf_str(out, "missed:");
	for (size_t i = 0; i < cov->n; i++)
		if (cov->row[i].state == COVER_MISSED)
			buf_printf(out, " %s %s;", cov->row[i].name, cov->row[i].detail);
	buf_str(out, "\n");
}

void suite_coverage_reset(struct suite_coverage *cov)
{
	for (size_t i = 0; i < cov->n; i++) {
		free(cov->row[i].name);
		free(cov->row[i].detail);
	}
	free(cov->row);
	*cov = (struct suite_coverage){0};
}
