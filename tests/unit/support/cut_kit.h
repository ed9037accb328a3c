/* For tests of power cuts. Include after cmocka.h. */
#ifndef IGATA_TESTS_CUT_KIT_H
#define IGATA_TESTS_CUT_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/suite/cut.h"

static inline bool cut_text(const char *text, size_t n, const struct contract *c, const struct sim *card,
    const struct suite_values *values, enum cut_points points, struct cut_report *r, struct diag_list *d)
{
	struct suite *s = suite_parse((const uint8_t *)text, n, "cuts", d);
	*r = (struct cut_report){0};
	bool good = s != NULL && cut_run(s, c, card, values, points, r, d);
	suite_free(s);
	return good;
}

static inline void cut_passes(const char *name, const struct contract *c, const struct sim *card,
    const struct suite_values *values, enum cut_points points)
{
	struct buf text = {0};
	struct cut_report r;
	struct diag_list d = {0};
	uint8_t *memory = malloc(card->nv.size);
	assert_non_null(memory);
	memcpy(memory, card->nv.mem, card->nv.size);
	assert_true(suite_generate_cuts(c, &text));
	bool good = cut_text((char *)text.p, text.n, c, card, values, points, &r, &d);
	diag_print(stderr, &d, "en");
	print_message("%s: %zu commands, %zu bytes, %zu cuts, %zu second cuts; %zu as before, %zu as after\n", name,
	    r.commands, r.bytes, r.cuts, r.second_cuts, r.before, r.after);
	assert_true(good);
	assert_true(r.commands > 10 && r.before > 0 && r.after > 0 && r.second_cuts > 0);
	if (points == CUT_EVERY_BYTE)
		assert_int_equal(r.cuts, r.bytes);
	else
		assert_true(r.cuts < r.bytes);
	assert_memory_equal(memory, card->nv.mem, card->nv.size);
	free(memory);
	buf_reset(&text);
	diag_reset(&d);
}

#endif
