/* Files of keys: text, readable by its owner only (mode 0600 or less), words divided by blanks, a line for each key;
 * "#" begins a comment. What the lines mean: keys.h. */
#ifndef IGATA_LOAD_KEY_FILE_H
#define IGATA_LOAD_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

/* Read the whole file, if nobody else can. false with a diagnostic. */
bool key_file_read(const char *path, struct buf *out, struct diag_list *d);

struct key_word {
	const char *p; /* not ended by NUL */
	size_t n;
};

enum { KEY_WORDS = 8 };

struct key_line {
	struct srcloc at;
	struct key_word word[KEY_WORDS + 1]; /* one more than a line may have, to see that it has */
	size_t n;
};

/* The next line with words in it; *offset and l->at.line are 0 at first. false at the end. */
bool key_file_next(const struct buf *text, const char *path, size_t *offset, struct key_line *l);

bool key_word_is(struct key_word w, const char *text);

#endif
