/* The one ZIP archive that libzip makes of a list of entries: stored, at the first time there is, with no attributes.
 *
 * Its bytes depend on names, order and contents only. A libzip that wrote others would make images that are refused
 * elsewhere, so that the tests hold them fixed (tests/unit/image.c, tests/fuzz/corpus/image). */
#ifndef IGATA_IMAGE_ARCHIVE_H
#define IGATA_IMAGE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

enum { ARCHIVE_NAME = 320 }; /* a package of Java has 255 bytes, and a component a few more */

struct archive_entry {
	char name[ARCHIVE_NAME]; /* ASCII */
	struct buf data;         /* borrowed when written, the caller's when read */
};

/* Append the archive of one or more entries, whose names differ. false: the library failed. */
bool archive_write(const struct archive_entry *e, size_t count, struct buf *out);

/* Read the entries of an archive, at most max, and require that archive_write makes the same n bytes of them. Count,
 * names and sizes are bounded before anything is read, and nothing is decompressed. false: nothing is left in e. */
bool archive_read(const uint8_t *p, size_t n, struct archive_entry *e, size_t max, size_t *count);

/* Free the contents. */
void archive_reset(struct archive_entry *e, size_t count);

#endif
