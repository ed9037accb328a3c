/* Descriptions from a seed: XML as users write it, over the whole language. What is generated is accepted by the
 * reader; rules, sizes and kinds of objects are of every sort, mostly small, at times at a limit of the language. */
#ifndef IGATA_TESTS_GENERATE_DESCRIPTION_H
#define IGATA_TESTS_GENERATE_DESCRIPTION_H

#include <stdint.h>

#include "runtime/base/buf.h"

/* Append the description of this seed to out; its id is "generated-" and the seed. */
void generate_description(uint64_t seed, struct buf *out);

#endif
