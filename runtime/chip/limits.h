/* What a Java Card can hold: measured, or else the most restrictive value known.
 *
 * Nobody measured everything on every card. A limit that is unknown is taken as the lowest that any measured card has,
 * so that what is built for it fits; apc explain lists which ones these are.
 */
#ifndef IGATA_CHIP_LIMITS_H
#define IGATA_CHIP_LIMITS_H

#include "runtime/chip/chip.h"

struct chip_limits {
	uint32_t persistent; /* bytes for packages and objects */
	uint32_t reset;      /* bytes of CLEAR_ON_RESET memory */
	uint32_t deselect;   /* bytes of CLEAR_ON_DESELECT memory, for each channel */
	uint32_t commit;     /* bytes of one transaction */
	uint32_t in_block, out_block;
	uint32_t max_data; /* longest command data that the issuer security domain takes */
	uint32_t channels;
	bool int_type, object_deletion, extended, t1;
};

void chip_limits(const struct chip *c, struct chip_limits *out);

/* Is the limit that this fact states unknown, so that chip_limits took the most restrictive one? */
bool chip_limit_unknown(const struct chip *c, enum chip_fact_name f);

/* Highest version (major << 8 | minor) of the package, "javacard.framework", that an applet may import; 0 when the card
 * has no such package. *known (may be NULL): it was measured; else it is that of the card's Java Card release. */
uint16_t chip_import(const struct chip *c, const char *package, bool *known);

#endif
