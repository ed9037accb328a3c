/* For tests over generated descriptions: which seeds, and the AP and card of each. Include after cmocka.h. */
#ifndef IGATA_TESTS_GENERATE_KIT_H
#define IGATA_TESTS_GENERATE_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/description/description.h"
#include "runtime/sim/reference/reference.h"
#include "tests/generate/description.h"
#include "tests/generate/value.h"

/* Seeds of this run: from GENERATE_SEED (1 when it is not set) on, GENERATE_COUNT of them. */
struct generate_range {
	uint64_t first, end;
};

static inline struct generate_range generate_range(unsigned count)
{
	const char *seed = getenv("GENERATE_SEED"), *n = getenv("GENERATE_COUNT");
	uint64_t first = seed == NULL ? 1 : strtoull(seed, NULL, 10);
	return (struct generate_range){first, first + (n == NULL ? count : strtoull(n, NULL, 10))};
}

/* A description that was generated, read, and the values of one card of it. */
struct generated_ap {
	struct buf xml;
	struct arena arena;
	struct diag_list d;
	const struct contract *contract;
	struct generated_values values;
};

/* GENERATE_KEEP=1 writes a description that is refused to standard error. */
static inline void generated_open(struct generated_ap *ap, uint64_t seed)
{
	*ap = (struct generated_ap){0};
	generate_description(seed, &ap->xml);
	assert_false(ap->xml.bad);
	const struct description *x = description_read(&ap->arena, ap->xml.p, ap->xml.n, "generated.xml", &ap->d);
	if (x == NULL) {
		diag_print(stderr, &ap->d, "en");
		if (getenv("GENERATE_KEEP") != NULL)
			fprintf(stderr, "%s", buf_cstr(&ap->xml));
		fail_msg("seed %llu is refused", (unsigned long long)seed);
	}
	ap->contract = x->contract;
	generate_values(ap->contract, seed, &ap->arena, &ap->values);
}

static inline void generated_card(const struct generated_ap *ap, struct sim *s)
{
	struct diag_list d = {0};
	assert_true(contract_valid(ap->contract, ap->contract->size));
	assert_true(sim_new_in_memory(s, NULL, ap->contract, 1, &d));
	assert_int_equal(reference_personalise(s, ap->values.card, ap->values.n), SW_OK);
	diag_reset(&d);
}

static inline void generated_close(struct generated_ap *ap)
{
	arena_free(&ap->arena);
	diag_reset(&ap->d);
	buf_reset(&ap->xml);
}

#endif
