/* Comma-separated values: RFC 4180, as UTF-8 with or without a byte order mark, lines ended by CRLF or LF.
 *
 * Cells may hold secrets: they live in one buffer, which is wiped. Positions are kept for diagnostics, contents never
 * go into one. */
#ifndef IGATA_IMAGE_CSV_H
#define IGATA_IMAGE_CSV_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

enum { CSV_CELLS = 256 };

struct csv {
	const char *name; /* of the file, for diagnostics; must outlive them */
	const uint8_t *p;
	size_t n, at;
	uint32_t line, column; /* of the next byte */
};

struct csv_cell {
	size_t at, n; /* in text */
	uint32_t line, column;
};

struct csv_row {
	struct buf text; /* the cells without quotation, one after the other */
	struct csv_cell cell[CSV_CELLS];
	size_t n;
	uint32_t line; /* where it begins */
};

enum csv_result { CSV_ROW, CSV_END, CSV_BAD };

/* Begin to read n bytes; p stays the caller's. */
struct csv csv_of(const char *name, const uint8_t *p, size_t n);

/* The next row replaces the contents of row. Empty lines at the end of the file are not rows. CSV_BAD: with a
 * diagnostic. */
enum csv_result csv_next(struct csv *c, struct csv_row *row, struct diag_list *d);

void csv_row_reset(struct csv_row *row);

#endif
