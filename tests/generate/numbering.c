/* Rules that number cards. */
#include "tests/generate/draft.h"

#include <string.h>

static uint64_t power(unsigned width)
{
	uint64_t p = 1;
	while (width-- > 0)
		p *= 10;
	return p;
}

void numbering_write(struct draft *d)
{
	static const char *const checks[] = {"none", "luhn", "mod11"};
	static const char *const prefixes[] = {"", "20", "00", "9876543210", "A", "Zz9", "ABCDEFGHIJKLM"};
	struct draft_numbering *n = &d->numbering[d->n_numberings++];
	struct tag t = tag_new("numbering");
	unsigned check = dice_below(&d->dice, 3), width = dice_between(&d->dice, 1, dice_chance(&d->dice, 80) ? 8 : 18);
	unsigned prefix = dice_below(&d->dice, check == 0 ? 7 : 4);
	uint64_t from = dice_next(&d->dice) % power(width);
	n->length = (unsigned)strlen(prefixes[prefix]) + width + (check != 0);
	n->digits = prefix < 4;
	name_new(d, "numbering", CONTRACT_NAME - 1, n->id);
	tag_put(d, &t, "id", "%s", n->id);
	tag_default(d, &t, "prefix", prefixes[prefix], "");
	tag_put(d, &t, "from", "%llu", (unsigned long long)from);
	tag_put(d, &t, "to", "%llu", (unsigned long long)(from + dice_next(&d->dice) % (power(width) - from)));
	tag_put(d, &t, "width", "%u", width);
	tag_default(d, &t, "check", checks[check], "none");
	tag_empty(d, &t);
}
