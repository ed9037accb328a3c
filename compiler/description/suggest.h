/* "Did you mean": the candidate nearest to a word that somebody mistyped. */
#ifndef IGATA_DESCRIPTION_SUGGEST_H
#define IGATA_DESCRIPTION_SUGGEST_H

#include <stddef.h>

struct suggestion {
	const char *word;
	size_t n;         /* bytes of word */
	const char *best; /* NULL while nothing is near enough */
	size_t best_length;
	unsigned distance;
};

struct suggestion suggest_for(const char *word, size_t n);

/* Consider a candidate. The nearer one stays; of equals the first. */
void suggest_try(struct suggestion *s, const char *candidate, size_t n);

#endif
