/* Random bytes of the system. Simulated cards do not use it: theirs come from a seed. */
#ifndef IGATA_CRYPTO_RANDOM_H
#define IGATA_CRYPTO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* n unpredictable bytes. false: the system has none. */
bool random_bytes(void *out, size_t n);

#endif
