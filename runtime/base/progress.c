#include "runtime/base/progress.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { INTERVAL = 50 };

/* CSI 0 K, erase to the end of the line: ECMA-48 8.3.41. */
static const char erase[] = "\r\033[K";

static uint64_t now(void)
{
	struct timespec t;
	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct progress progress_on(FILE *f, bool quiet)
{
	const char *term = getenv("TERM");
	bool can_erase = term != NULL && term[0] != 0 && strcmp(term, "dumb") != 0;
	return (struct progress){.f = !quiet && can_erase && isatty(fileno(f)) ? f : NULL};
}

void progress_step(struct progress *p, const char *what, size_t done, size_t total)
{
	if (p == NULL || p->f == NULL)
		return;
	uint64_t t = now();
	if (p->shown && t - p->drawn < INTERVAL)
		return;
	if (total != 0)
		fprintf(p->f, "%s%s %zu/%zu", erase, what, done, total);
	else
		fprintf(p->f, "%s%s", erase, what);
	fflush(p->f);
	p->shown = true;
	p->drawn = t;
}

void progress_end(struct progress *p)
{
	if (p == NULL || !p->shown)
		return;
	fputs(erase, p->f);
	fflush(p->f);
	p->shown = false;
}
