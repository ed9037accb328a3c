#include "compiler/description/suggest.h"

#include <string.h>

enum { LONGEST = 32 };

struct suggestion suggest_for(const char *word, size_t n)
{
	/* One slip in three letters is likely a slip; more is another word. */
	unsigned most = n < 3 ? 1 : n < 6 ? 2 : 3;
	return (struct suggestion){.word = word, .n = n, .distance = most};
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours; case does not count. */
static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned row[3][LONGEST + 1];
	unsigned *before = row[0], *last = row[1], *now = row[2];
	for (size_t j = 0; j <= m; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned d = least(last[j], now[j - 1]) + 1;
			d = least(d, last[j - 1] + (fold(a[i - 1]) != fold(b[j - 1])));
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]))
				d = least(d, before[j - 2] + 1);
			now[j] = d;
		}
		unsigned *spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[m];
}

void suggest_try(struct suggestion *s, const char *candidate, size_t n)
{
	if (s->n > LONGEST || n > LONGEST || n == 0 || s->n == 0)
		return;
	unsigned d = distance(s->word, s->n, candidate, n);
	/* Nothing of a word is left when every letter was changed. */
	if (d > s->distance || d >= n || (s->best != NULL && d == s->distance))
		return;
	s->best = candidate;
	s->best_length = n;
	s->distance = d;
}
