/* Whole files. */
#ifndef IGATA_BASE_FILE_H
#define IGATA_BASE_FILE_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

/* Read a whole file of at most max bytes ("-" is standard input). false with a diagnostic. */
bool file_read(const char *path, size_t max, struct buf *out, struct diag_list *d);

/* Write a whole file: under a temporary name beside it, synced, then renamed over it. mode as for open(2). The fsync
 * takes about 10 ms on a disk and stays: a rename may reach the disk before the data does, and after a power failure a
 * load image, journal or card state of zeros would stand where the old one was. */
bool file_write(const char *path, const void *p, size_t n, unsigned mode, struct diag_list *d);

/* Write a file that must not be there yet: nothing is ever overwritten. false with a diagnostic. */
bool file_create(const char *path, const void *p, size_t n, unsigned mode, struct diag_list *d);

#endif
