/* Proving the loading key to a card, once, with the memory of what failed before. */
#ifndef IGATA_LOAD_AUTH_H
#define IGATA_LOAD_AUTH_H

#include "runtime/load/journal.h"
#include "runtime/load/tries.h"

struct auth {
	const struct loading_key *key;
	const struct folder *folder;
	const char *card; /* identity */
	bool last_try;    /* make the try even when it may be the last, or when this key has failed before */
};

/* Ask how many tries are left, look into the memory, prove the key, remember the outcome; afterwards the MF is current
 * and the session has the loader's rights. A wrong key is entered into the journal. false with a diagnostic. */
bool auth_prove(const struct auth *a, struct session *s, const struct load_dialect *dialect, struct journal *j);

#endif
