/* Progress of what takes time: one line on a terminal, rewritten in place and erased at the end. On anything but a
 * terminal, and under --quiet, nothing is written. */
#ifndef IGATA_BASE_PROGRESS_H
#define IGATA_BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *f;        /* NULL: silent */
	bool shown;     /* the line is on the screen */
	uint64_t drawn; /* when it was drawn last, milliseconds */
};

/* Show progress on f when it is a terminal that can erase a line; silent otherwise. */
struct progress progress_on(FILE *f, bool quiet);

/* done of total steps (total 0: unknown) of `what`. Drawn at most twenty times a second. p may be NULL. */
void progress_step(struct progress *p, const char *what, size_t done, size_t total);

/* Erase the line: before anything else is printed to the terminal, and at the end. p may be NULL. */
void progress_end(struct progress *p);

#endif
