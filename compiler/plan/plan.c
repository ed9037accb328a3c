#include "compiler/plan/inside.h"

#include <string.h>

struct plan *plan_survey(
    struct arena *a, const struct description *ap, const struct chip *chip, bool allow_assumed, struct diag_list *d)
{
	struct plan *p = ARENA_NEW(a, struct plan);
	p->arena = a;
	p->description = ap;
	p->contract = ap->contract;
	p->chip = chip;
	p->allow_assumed = allow_assumed;
	p->dialect = plan_dialect_named(chip->dialect);
	if (p->dialect != NULL && strcmp(p->dialect->family, chip->family) != 0)
		p->dialect = NULL;
	if (!plan_within(p, d))
		return p;
	plan_features(p);
	plan_needs(p, d);
	plan_special(p, d);
	plan_layout(p, d);
	plan_assumed(p, d);
	if (!p->refused) /* else there will be no image to know something about */
		plan_notices(p, d);
	diag_sort(d);
	return p;
}

struct plan *plan_make(
    struct arena *a, const struct description *ap, const struct chip *chip, bool allow_assumed, struct diag_list *d)
{
	struct plan *p = plan_survey(a, ap, chip, allow_assumed, d);
	return p->refused ? NULL : p;
}

enum chip_witness plan_witness(const struct plan *p)
{
	enum chip_witness weakest = WITNESS_RECORDED;
	for (size_t i = 0; i < p->n_features; i++)
		if (p->feature[i].rests && p->feature[i].witness < weakest)
			weakest = p->feature[i].witness;
	return weakest;
}
