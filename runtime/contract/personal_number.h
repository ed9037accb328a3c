/* Numbers that must not stand on a card application: 個人番号 (12 digits) and 住民票コード (11 digits). Contract 12: an
 * error only for a whole value of exactly that many digits with a right check digit, because one random number in ten
 * has one; inside longer values a warning. Both the compiler (default content) and the loader (personalisation data)
 * ask here. */
#ifndef IGATA_PERSONAL_NUMBER_H
#define IGATA_PERSONAL_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum personal_number {
	PERSONAL_NUMBER_NONE,
	PERSONAL_NUMBER_INDIVIDUAL, /* 個人番号 */
	PERSONAL_NUMBER_RESIDENT,   /* 住民票コード */
};

/* What a whole value is. p: n bytes as they would be written, padding left out; digits are ASCII or full-width
 * (U+FF10 to U+FF19 in UTF-8). */
enum personal_number personal_number_whole(const uint8_t *p, size_t n);

/* What a longer value holds: a run of exactly 12 or 11 digits, also written in groups of four (and three) with single
 * '-' or ' ' between. Its first byte's offset goes to *at (may be NULL). A value that is one as a whole is found too.
 */
enum personal_number personal_number_inside(const uint8_t *p, size_t n, size_t *at);

/* What six bytes of packed decimal digits are: twelve digits, or eleven and a nibble F. Other bytes may look so by
 * chance, so that this is no more than a warning. */
enum personal_number personal_number_packed(const uint8_t *p, size_t n);

/* Either check digit: 0 to 9, for the digits before it (11 of a 個人番号, 10 of a 住民票コード). */
unsigned personal_number_check_digit(const uint8_t *digits, size_t n);

#endif
