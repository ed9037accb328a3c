/* Which card is this? Its operating system and chip by the answer to reset, and a name under which journals and the
 * memory of failed keys know it. */
#ifndef IGATA_LOAD_CARD_H
#define IGATA_LOAD_CARD_H

#include "runtime/base/arena.h"
#include "runtime/chip/chip.h"
#include "runtime/image/image.h"
#include "runtime/load/dialect.h"

struct card {
	const char *identity;               /* for journals */
	bool sure;                          /* it can be no other card: a file, or named by the user */
	const char *chip_name;              /* NULL: unknown */
	const struct chip *chip;            /* its profile, NULL when there is none */
	const struct load_dialect *dialect; /* NULL: unknown */
};

/* What the user says about the card; NULL where nothing. */
struct card_given {
	const char *name;     /* --card, for diagnostics, which it must outlive */
	const char *profiles; /* folder of chip profiles */
	const char *chip;     /* --chip */
	const char *identity; /* --card-id */
};

/* Recognise the card behind an open link. img: the image that is meant for it (then its chip must be this one), or
 * NULL. A card that no native chip's profile has stays without dialect and chip: it may be a GlobalPlatform card, whose
 * ATR does not tell (javacard/javacard.h). All memory is the arena's. false with a diagnostic. */
bool card_recognise(struct card *c, struct arena *a, const struct link *l, const struct card_given *given,
    const struct image *img, struct diag_list *d);

/* Is it known how to drive the card? false with a diagnostic that says what is missing. */
bool card_known(const struct card *c, const struct link *l, const struct card_given *given, struct diag_list *d);

#endif
