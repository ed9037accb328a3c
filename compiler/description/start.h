/* The beginning of a new description: a commented one, or a copy of another. */
#ifndef IGATA_DESCRIPTION_START_H
#define IGATA_DESCRIPTION_START_H

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

struct start {
	const char *id;  /* fits the grammar */
	const char *rid; /* hex of 5 bytes */
	const char *pix; /* hex of 1 to 11 bytes */
};

/* A PIX for an AP that has none yet: the same for the same names, and hardly that of another AP. */
const char *start_pix(struct arena *a, const char *id, const char *df);

/* Append a description that compiles, with comments in English and Japanese. */
void start_template(const struct start *s, struct buf *out);

/* Append a copy of the description in p, comments and all, with this id, version 1.0, this AID, a PIX of its own for
 * every DF that has one, and the id as its titles. One with a base is copied with the base put in, without comments.
 * false, with its errors in d, when p has errors. name: the file, for diagnostics. */
bool start_copy(struct arena *a, const uint8_t *p, size_t n, const char *name, const struct start *s, struct buf *out,
    struct diag_list *d);

#endif
