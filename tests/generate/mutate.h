/* Broken descriptions: what slips of the hand and of the mind make of a good one. */
#ifndef IGATA_TESTS_GENERATE_MUTATE_H
#define IGATA_TESTS_GENERATE_MUTATE_H

#include "runtime/base/buf.h"
#include "tests/generate/dice.h"

/* Append `good`, an XML text, with one to three changes: attributes dropped, renamed, exchanged or with other values,
 * elements dropped, doubled, moved or renamed, characters changed. The result need not be well-formed. */
void mutate_description(struct dice *d, const struct buf *good, struct buf *out);

#endif
