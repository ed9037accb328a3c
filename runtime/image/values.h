/* Per-card values: what the loader writes into the holes of an image for one card.
 *
 * They come from one row of a CSV file (the header row names them) and from NAME=VALUE on the command line, which wins.
 * Values of format "binary" are written as hexadecimal digits. No value, secret or not, ever enters a diagnostic;
 * memory is wiped. */
#ifndef IGATA_IMAGE_VALUES_H
#define IGATA_IMAGE_VALUES_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/image/image.h"

enum { VALUES_CSV_MAX = 64 * 1024 * 1024 }; /* bytes of a CSV file */

struct value {
	char *name;       /* owned */
	struct buf text;  /* as given, without quotation */
	struct srcloc at; /* file and position of the cell; file "--set" for the command line */
	bool set;         /* from the command line */
};

/* Empty when zeroed. */
struct value_set {
	struct value *value;
	size_t n, cap;
	const char *csv; /* name of the CSV file the row came from, NULL when none */
	uint32_t row;    /* its number */
};

/* Take row `row` (1 is the first below the header) of a CSV file; "-" is standard input. `path` must outlive the set
 * and the diagnostics. false with a diagnostic. */
bool values_from_csv(struct value_set *s, const char *path, uint32_t row, struct diag_list *d);

/* Take NAME=VALUE. The diagnostic never holds what stands behind the name. */
bool values_set(struct value_set *s, const char *assignment, struct diag_list *d);

/* Check the set against the image's holes: every hole has a value of its length and format, fields do not hold a
 * 個人番号 or 住民票コード (AP contract, 12), nothing on the command line is unknown. Reports all it finds. */
bool values_check(const struct value_set *s, const struct image *img, struct diag_list *d);

/* The same for those that are there; none is missed. */
bool values_check_given(const struct value_set *s, const struct image *img, struct diag_list *d);

/* The value with this name, from the command line if it is there; NULL when there is none. */
const struct value *values_find(const struct value_set *s, const char *name);

/* Append the bytes of a hole as presented (VERIFY, comparison), or as stored on the card (padded). false when the set
 * has no value for it or it is not hexadecimal: values_check would have said so. */
bool values_bytes(const struct value_set *s, const struct image_hole *h, struct buf *out);
bool values_stored(const struct value_set *s, const struct image_hole *h, struct buf *out);

/* The hole with this name, NULL when there is none. */
const struct image_hole *values_hole(const struct image *img, const char *name);

/* Wipe and free. */
void values_reset(struct value_set *s);

#endif
