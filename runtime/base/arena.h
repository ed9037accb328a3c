/* Arena: memory of one compilation. Everything is freed at once; out of memory ends the program there
 * (style: the compiler has nothing sensible to do without memory). */
#ifndef IGATA_BASE_ARENA_H
#define IGATA_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;
};

/* Zeroed memory of n bytes, aligned for any type. Never NULL; n may be 0. */
void *arena_alloc(struct arena *a, size_t n);

/* A NUL-terminated copy of s (n bytes) or of a whole string. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);

/* A formatted string owned by the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Bytes that it takes from the system. */
size_t arena_bytes(const struct arena *a);

/* Free everything; the arena is empty and usable again. Memory is wiped first: descriptions hold default PINs. */
void arena_free(struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
