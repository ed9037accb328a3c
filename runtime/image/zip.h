/* The one ZIP archive that a list of entries has: stored entries, nothing optional (PKWARE APPNOTE 6.3.3).
 *
 *   for each entry   | 50 4B 03 04 | 0A 00 version | 0 flags | 0 method | 0 time | 21 00 date 1980-01-01 | crc |
 *                    | size | size | name length | 0 | name | data |
 *   for each entry   | 50 4B 01 02 | 0A 00 made by | … as above … | 0 comment, disk, attributes | offset of the above |
 *   at the end       | 50 4B 05 06 | 0 0 | entries | entries | bytes of the directory | its offset | 0 comment |
 *
 * Written by hand: a library's archive could change with its version, and then an image built on one system would be
 * refused on the next. Any ZIP program can open it. */
#ifndef IGATA_IMAGE_ZIP_H
#define IGATA_IMAGE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

enum { ZIP_NAME_MAX = 255 };

struct zip_entry {
	const char *name; /* not terminated when read: name_len counts */
	size_t name_len;
	const uint8_t *p; /* borrowed */
	size_t n;
};

/* Append the archive. Names are ASCII; all of it stays below 4 GiB (assert: the limits of images are far below). */
void zip_write(const struct zip_entry *e, size_t count, struct buf *out);

/* Find the entries of an archive, at most max, and require that the archive is byte for byte what zip_write makes of
 * them. Entries point into p. Nothing is decompressed. false: *at is the first byte that differs (or where the entries
 * end, when there are too many). */
bool zip_read(const uint8_t *p, size_t n, struct zip_entry *e, size_t max, size_t *count, size_t *at);

/* CRC-32 of ISO 3309 as ZIP uses it. */
uint32_t zip_crc32(const uint8_t *p, size_t n);

#endif
