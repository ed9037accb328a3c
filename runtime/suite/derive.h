/* Values derived from a per-card value: wrong ones, other good ones, ones of impossible length or form. The generator
 * writes their names, the driver computes them beside the card, so that no suite holds a secret. */
#ifndef IGATA_SUITE_DERIVE_H
#define IGATA_SUITE_DERIVE_H

#include "runtime/suite/program.h"

/* Whether the derivation exists for every value of this format and these lengths: nothing is shorter than a value that
 * may be one byte long, and no byte is foreign to `binary`. */
bool derive_exists(enum suite_derivation d, enum contract_format f, size_t min, size_t max);

/* Append the derived bytes. value holds min to max bytes. The caller wipes out. */
void derive(enum suite_derivation d, const struct program_value *v, const struct suite_value *value, struct buf *out);

/* The same, filled up as the card holds it. */
void derive_stored(
    enum suite_derivation d, const struct program_value *v, const struct suite_value *value, struct buf *out);

#endif
