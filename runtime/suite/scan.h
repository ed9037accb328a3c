/* Words of a program, with their positions. Inside runtime/suite only. */
#ifndef IGATA_SUITE_SCAN_H
#define IGATA_SUITE_SCAN_H

#include "runtime/suite/program.h"

enum { SCAN_ERRORS = 20, SCAN_WORD_TEXT = 64 };

struct scan {
	const uint8_t *text;
	size_t n, at;
	const char *name;
	struct diag_list *d;
	uint32_t line;
	size_t line_start; /* offset of the line's first byte */
	size_t errors;
	bool line_bad; /* a diagnostic was given for this line: the rest of it is skipped */

	/* The current word; n == 0 at the end of the line. */
	const char *word;
	size_t word_n;
	bool string; /* it stood in quotation marks, which are not part of it */
};

/* Go to the next line that has a word, and to that word. false at the end of the text. */
bool scan_line(struct scan *s);

/* Go to the next word of the line. false (and an empty word) at its end. */
bool scan_next(struct scan *s);

bool scan_is(const struct scan *s, const char *word);

/* A copy for messages, cut to SCAN_WORD_TEXT characters; "end of line" when there is none. Good until the next call. */
const char *scan_word_text(const struct scan *s);

/* Position of byte `offset` of the current word. */
struct srcloc scan_at(const struct scan *s, size_t offset);

/* Record one diagnostic for this line at the current word; later ones for the same line are dropped. Always false. */
bool scan_error(struct scan *s, enum diag_code code, const char *a, const char *b, const char *c);
bool scan_error_at(struct scan *s, size_t offset, enum diag_code code, const char *a, const char *b, const char *c);

/* The current word as a decimal number of at most max. false with a diagnostic; what says what it counts. */
bool scan_number(struct scan *s, const char *what, uint32_t max, uint32_t *out);

/* Decimal digits of p (n characters), at most max. */
bool scan_decimal(const char *p, size_t n, uint32_t max, uint32_t *out);

#endif
