/* Personalisation data for any AP: for every per-card value bytes of its form, from a seed. */
#ifndef IGATA_TESTS_GENERATE_VALUE_H
#define IGATA_TESTS_GENERATE_VALUE_H

#include <stdbool.h>

#include "runtime/base/arena.h"
#include "runtime/contract/contract.h"
#include "runtime/sim/reference/reference.h"
#include "runtime/suite/suite.h"

struct generated_values {
	size_t n;
	struct reference_value card[CONTRACT_VALUES]; /* as the card gets them */
	struct suite_value terminal[CONTRACT_VALUES]; /* the same, as a terminal holds them */
};

/* Memory is the arena's. No two secrets are equal, and no PIN ends in a byte that pads it. */
void generate_values(const struct contract *c, uint64_t seed, struct arena *a, struct generated_values *out);

/* The value with this name; NULL for none. */
const struct reference_value *generated_value(const struct generated_values *v, const char *name);

#endif
