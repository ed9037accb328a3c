/* Key sets of GlobalPlatform cards, from the key file (key_file.h). Lines of the kind gp:
 *
 *   # chip     kind
 *   jcop4      gp  version=30 key=404142434445464748494A4B4C4D4E4F
 *   jcop4      gp  version=01 diversify=kdf3 enc=… mac=… dek=…
 *   *          gp  diversify=visa2 key=…
 *
 * key= stands for all three. With diversify= they are master keys, and the card's keys come from them and its key
 * diversification data. Without version= they are for any version. A line for the chip goes before one for "*", one for
 * the version before one for any. */
#ifndef IGATA_LOAD_JAVACARD_KEYRING_H
#define IGATA_LOAD_JAVACARD_KEYRING_H

#include "runtime/chip/chip.h"
#include "runtime/gp/key.h"
#include "runtime/load/keys.h"

struct gp_secret {
	struct gp_key_set keys;
	enum gp_diversification diversify;
	uint8_t version;
	bool any_version;
	bool test; /* the publicly known keys of samples */
};

enum { GP_VERSION_ANY = -1 };

/* Keys for a card: chip NULL when unknown. version: what the card asks for, or GP_VERSION_ANY (the first line for the
 * chip). Without a file, simulated cards and --test-keys get the publicly known keys. false with a diagnostic. Wipe
 * *out after use. */
bool keyring_find(const struct key_source *source, const struct chip *chip, const char *chip_name, bool simulated,
    int version, struct gp_secret *out, struct diag_list *d);

#endif
