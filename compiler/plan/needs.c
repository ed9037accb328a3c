#include "compiler/plan/inside.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"

enum test { AT_MOST, AT_LEAST, IS, MANY_IS, COVERS };

struct need {
	enum plan_kind kind;
	enum chip_fact_name fact;
	enum test test;
	const char *value;
	enum diag_code refusal;
	const char *unknown; /* taken when the profile is silent; "" refuses */
};

static const struct need table[] = {
#define NEED(feature, fact, test, value, refusal, unknown)                                                             \
	{FEATURE_##feature, CHIP_##fact, test, value, DIAG_##refusal, unknown},
#include "compiler/plan/needs.def"
#undef NEED
};

void plan_refused(struct plan *p, struct plan_feature *f, enum diag_code code)
{
	if (f->way != PLAN_REFUSED)
		f->code = code;
	f->way = PLAN_REFUSED;
	p->refused = true;
}

void plan_rest(struct plan *p, struct plan_feature *f, enum chip_fact_name fact)
{
	p->rests_on[fact] = true;
	if (!f->rests || p->chip->fact[fact].witness < f->witness) {
		f->witness = p->chip->fact[fact].witness;
		f->weakest = fact;
	}
	f->rests = true;
}

/* The feature rests on a reading that nobody stated. */
static void rest_on_nothing(struct plan *p, struct plan_feature *f, enum chip_fact_name fact, const char *taken)
{
	f->rests = true;
	f->witness = WITNESS_ASSUMED;
	f->weakest = fact;
	plan_notice_fact(p, DIAG_PLAN_NOTE_UNKNOWN, fact, taken);
}

uint32_t plan_number(struct plan *p, struct plan_feature *f, enum chip_fact_name fact, uint32_t otherwise)
{
	if (p->chip->fact[fact].present) {
		plan_rest(p, f, fact);
		return p->chip->fact[fact].number;
	}
	rest_on_nothing(p, f, fact, plan_text(p, otherwise));
	return otherwise;
}

const char *plan_word(
    struct plan *p, struct plan_feature *f, enum chip_fact_name fact, const char *otherwise, struct diag_list *d)
{
	if (p->chip->fact[fact].present) {
		plan_rest(p, f, fact);
		return p->chip->fact[fact].text;
	}
	if (otherwise == NULL)
		plan_refuse(p, f, d, DIAG_PLAN_UNKNOWN, f->name, chip_fact_id(fact), p->chip->name, NULL);
	else
		rest_on_nothing(p, f, fact, otherwise);
	return otherwise;
}

static bool fulfilled(const struct plan_feature *f, const struct need *n, const char *text, uint32_t forms)
{
	switch (n->test) {
	case AT_MOST:
		return f->measure <= strtoul(text, NULL, 10);
	case AT_LEAST:
		return f->second >= strtoul(text, NULL, 10);
	case IS:
	case MANY_IS:
		return strcmp(text, n->value) == 0;
	case COVERS:
		return (f->measure & ~forms) == 0;
	}
	return false;
}

static const char *measure_text(struct plan *p, const struct plan_feature *f, const struct need *n)
{
	if (n->test == COVERS)
		return plan_forms(p, f->measure);
	return plan_text(p, n->test == AT_LEAST || n->test == MANY_IS ? f->second : f->measure);
}

static void check(struct plan *p, struct plan_feature *f, const struct need *n, struct diag_list *d)
{
	const struct chip_fact *fact = &p->chip->fact[n->fact];
	if (n->test == MANY_IS && f->second < 2)
		return;
	const char *text = fact->present ? fact->text : n->unknown;
	bool known = fact->present || *n->unknown != 0;
	if (known && fulfilled(f, n, text, fact->number)) {
		if (fact->present)
			plan_rest(p, f, n->fact);
		else
			rest_on_nothing(p, f, n->fact, text);
	} else if (fact->present)
		plan_refuse(p, f, d, n->refusal, f->name, measure_text(p, f, n), p->chip->name, text, NULL);
	else
		plan_refuse(p, f, d, DIAG_PLAN_UNKNOWN, f->name, chip_fact_id(n->fact), p->chip->name, NULL);
}

void plan_needs(struct plan *p, struct diag_list *d)
{
	for (size_t i = 0; i < p->n_features; i++)
		for (size_t k = 0; k < sizeof table / sizeof *table; k++)
			if (table[k].kind == p->feature[i].kind)
				check(p, &p->feature[i], &table[k], d);
}

/* One refusal names them all: they are allowed together or not at all. */
void plan_assumed(struct plan *p, struct diag_list *d)
{
	struct plan_feature *ap = plan_feature(p, FEATURE_AP, CONTRACT_NONE);
	struct buf list = {0};
	unsigned n = 0;
	for (int f = 0; f < CHIP_FACTS; f++) {
		enum chip_fact_name name = (enum chip_fact_name)f;
		if (!p->rests_on[f] || !chip_fact_grants(name) || p->chip->fact[f].witness != WITNESS_ASSUMED)
			continue;
		buf_printf(&list, "%s%s", n++ == 0 ? "" : ", ", chip_fact_id(name));
		if (p->allow_assumed)
			plan_notice_fact(p, DIAG_PLAN_NOTE_ASSUMED, name, p->chip->fact[f].text);
	}
	if (n != 0 && p->allow_assumed && !p->refused)
		diag_add(
		    d, ap->at, DIAG_PLAN_NOTE_RESTS, ap->name, plan_text(p, n), p->chip->name, buf_cstr(&list), NULL);
	else if (n != 0 && !p->allow_assumed)
		plan_refuse(
		    p, ap, d, DIAG_PLAN_ASSUMED, ap->name, plan_text(p, n), p->chip->name, buf_cstr(&list), NULL);
	buf_reset(&list);
}
