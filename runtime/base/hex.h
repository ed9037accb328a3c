/* Hexadecimal text, upper case. */
#ifndef IGATA_BASE_HEX_H
#define IGATA_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Write n bytes as 2n digits and a NUL; out holds 2n + 1. Returns out. */
char *hex_encode(char *out, const void *p, size_t n);

/* Read exactly len characters of text, an even number of digits, into out (cap bytes). The number of bytes goes to *n.
 * false: odd, not a digit, or too long. Blanks are not allowed. */
bool hex_decode(const char *text, size_t len, uint8_t *out, size_t cap, size_t *n);

/* The value of a digit, or -1. */
int hex_digit(char c);

#endif
