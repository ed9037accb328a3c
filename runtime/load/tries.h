/* The memory of failed loading keys: per card, across runs. A card counts wrong keys and locks itself for ever when the
 * count runs out, so the loader never offers a key again that this card refused, and never makes a try that could be
 * the last, unless told to by name. It never tries twice by itself. */
#ifndef IGATA_LOAD_TRIES_H
#define IGATA_LOAD_TRIES_H

#include "runtime/load/dialect.h"
#include "runtime/load/folder.h"

/* May this key be offered to this card? said: tries left by the card's own word, or TRIES_UNKNOWN. last_try: the user
 * insists. false with a diagnostic that explains. */
bool tries_allow(const struct folder *f, const char *card, const struct loading_key *key, int said, bool last_try,
    struct diag_list *d);

/* Remember that the card refused the key, with the tries left by its own word. false with a diagnostic. */
bool tries_failed(
    const struct folder *f, const char *card, const struct loading_key *key, int left, struct diag_list *d);

/* How often keys of this card failed since one was right, as far as this terminal knows; INT_MAX when its memory is
 * damaged. For cards that do not tell their count. */
int tries_remembered(const struct folder *f, const char *card);

/* The key was right: the card's count starts anew and so does ours. */
void tries_done(const struct folder *f, const char *card);

#endif
