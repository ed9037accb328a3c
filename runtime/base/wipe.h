/* Wiping secrets. explicit_bzero is glibc's and cannot be optimised away. */
#ifndef IGATA_BASE_WIPE_H
#define IGATA_BASE_WIPE_H

#include <stddef.h>

/* Overwrite n bytes with zero; p may be NULL when n is 0. */
void wipe(void *p, size_t n);

/* Constant-time comparison: true when the n bytes are equal. */
_Bool wipe_equal(const void *a, const void *b, size_t n);

#endif
