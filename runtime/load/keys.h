/* Loading keys: which key opens which chip.
 *
 * A key file is text, readable by its owner only (mode 0600 or less), a line for each chip:
 *
 *   # chip            kind     value
 *   iso-compact-32k   aes-128  000102030405060708090A0B0C0D0E0F
 *   starcos-like-8k   pin      IGATA-SO
 *   starcos-like-8k   pin-hex  49474154412D534F
 *
 * Keys of GlobalPlatform cards stand in lines of the kind gp: javacard/keyring.h.
 *
 * Simulated cards are delivered with publicly known test keys, which are used when no file is given. A real card never
 * gets a test key unless --test-keys says so: it would use up a try of its loading key. */
#ifndef IGATA_LOAD_KEYS_H
#define IGATA_LOAD_KEYS_H

#include "runtime/load/dialect.h"

struct key_source {
	const char *file; /* NULL: none given; must outlive the diagnostics */
	bool test_keys;   /* --test-keys */
};

/* The loading key for a chip. false with a diagnostic. Wipe *key after use. */
bool key_find(const struct key_source *source, const char *chip, const struct load_dialect *dialect, bool simulated,
    struct loading_key *key, struct diag_list *d);

#endif
