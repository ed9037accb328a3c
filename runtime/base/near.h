/* "Did you mean": the known word nearest to a mistyped one. */
#ifndef IGATA_BASE_NEAR_H
#define IGATA_BASE_NEAR_H

#include <stddef.h>

/* Edits (insert, delete, replace, swap of two neighbours) between two words; words over 64 bytes are infinitely far. */
size_t near_distance(const char *a, const char *b);

/* Keep in *best the candidate when it is nearer to word than *best (NULL at first) and near enough to be worth
 * suggesting: at most a third of the word's length, and at least one edit, is allowed. */
void near_offer(const char *word, const char *candidate, const char **best);

#endif
