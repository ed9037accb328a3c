#include "runtime/base/near.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 64 };

static size_t min2(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance: three rows of the usual table suffice. */
size_t near_distance(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);
	if (m > LONGEST || n > LONGEST)
		return SIZE_MAX;
	size_t row[3][LONGEST + 1];
	size_t *before = row[0], *above = row[1], *here = row[2];
	for (size_t k = 0; k <= n; k++)
		above[k] = k;
	for (size_t i = 1; i <= m; i++) {
		here[0] = i;
		for (size_t k = 1; k <= n; k++) {
			size_t cost = a[i - 1] != b[k - 1];
			here[k] = min2(min2(above[k], here[k - 1]) + 1, above[k - 1] + cost);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				here[k] = min2(here[k], before[k - 2] + 1);
		}
		size_t *reuse = before;
		before = above;
		above = here;
		here = reuse;
	}
	return above[n];
}

void near_offer(const char *word, const char *candidate, const char **best)
{
	size_t m = strlen(word), n = strlen(candidate), limit = m / 3 > 1 ? m / 3 : 1;
	if (m > n + limit || n > m + limit) /* the difference in length alone is too much */
		return;
	size_t d = near_distance(word, candidate);
	if (d <= limit && (*best == NULL || d < near_distance(word, *best)))
		*best = candidate;
}
