/* UTF-8 text: RFC 3629. */
#ifndef IGATA_BASE_UTF8_H
#define IGATA_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the code point at p (n bytes left), 1 to 4; 0 when p does not begin a well-formed one (n 0 included). The
 * code point goes to *cp unless cp is NULL. */
size_t utf8_next(const uint8_t *p, size_t n, uint32_t *cp);

/* Bytes of the longest well-formed beginning: n when all of it is UTF-8. */
size_t utf8_valid(const uint8_t *p, size_t n);

#endif
