/* PINs without value: contract 7. What they refuse, what rules say of them, and the first value, which comes once. */
#include "runtime/suite/gen.h"

static const struct contract_pin *pin_of(const struct gen *g, unsigned pin)
{
	return &g->c->pin[pin];
}

static bool exists(const struct contract_pin *p, enum suite_derivation d)
{
	return derive_exists(d, (enum contract_format)p->format, p->min, p->max);
}

static void still_unset(struct gen *g, unsigned pin)
{
	gen_step(g, "refused-access", "002000%02X", gen_p2(g, pin));
	gen_verify_wrong(g, pin, DERIVE_RAW, "refused-access");
}

static void reset_refused(struct gen *g, unsigned pin, unsigned form)
{
	const char *puk = form <= 1 ? gen_puk(g, pin, DERIVE_RAW) : "";
	const char *value = form == 0 || form == 2 ? gen_pin(g, pin, DERIVE_RAW) : "";
	gen_step(g, "refused-access", "002C%02X%02X %s %s", form, gen_p2(g, pin), puk, value);
	gen_cover_refused(g, &g->pin_op[pin][PIN_RESET_00 + form]);
}

/* Every command that speaks of its value, also with what would open it later. */
static void refuses(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = pin_of(g, pin);
	pin_set freeing = g->freeing[pin] & gen_within_reach(g);
	gen_dialogue(g, CLAUSE_UNSET, "%s has no value", p->id);
	gen_start(g);
	still_unset(g, pin);
	if (gen_changes_old(p))
		gen_change(g, pin, DERIVE_RAW, DERIVE_OTHER, "refused-access");
	for (unsigned form = 0; form <= 3; form++) {
		if ((p->reset >> form & 1) == 0 || (form <= 1 && p->puk_length == 0))
			continue;
		if (form >= 2 && rules_possible(&g->rules, freeing | g->phase))
			gen_verify_set(g, freeing);
		reset_refused(g, pin, form);
	}
	still_unset(g, pin);
}

static void set_refused(struct gen *g, unsigned pin, pin_set set)
{
	char with[256];
	gen_dialogue(
	    g, CLAUSE_UNSET_SET, "the first value of %s%s: refused", pin_of(g, pin)->id, gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, set);
	gen_step(g, "refused-access", "002401%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_RAW));
	gen_cover_op(g, &g->pin_op[pin][PIN_SET], GEN_REFUSED, set);
	gen_cover_refused(g, &g->pin_op[pin][PIN_CHANGE_01]);
	still_unset(g, pin);
}

/* A form that is not good is refused before it is taken. */
static void bad_values(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = pin_of(g, pin);
	if (exists(p, DERIVE_SHORT))
		gen_step(g, "wrong-length", "002401%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_SHORT));
	if (exists(p, DERIVE_LONG))
		gen_step(g, "wrong-length", "002401%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_LONG));
	if (p->card_checks_format && exists(p, DERIVE_FORM))
		gen_step(g, "wrong-data", "002401%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_FORM));
	gen_step(g, "refused-access", "002000%02X", gen_p2(g, pin));
}

/* From now on it is a PIN like any other: not verified, all tries, and P1 = 01 only when `change` says so. */
static void set_given(struct gen *g, const struct gen_ending *e)
{
	const struct contract_pin *p = pin_of(g, e->pin);
	char with[256];
	gen_dialogue(g, CLAUSE_UNSET_SET, "the first value of %s%s", p->id, gen_set_text(g, e->set, with));
	gen_start(g);
	gen_verify_set(g, e->set);
	bad_values(g, e->pin);
	gen_end_transport(g, e);
	g->phase &= ~g->rules.unset[e->pin];
	gen_verify_empty(g, e->pin, gen_tries(g, p->tries));
	gen_step(g, (p->change & FORM_01) != 0 ? "refused-access" : "wrong-parameters", "002401%02X %s",
	    gen_p2(g, e->pin), gen_pin(g, e->pin, DERIVE_OTHER));
	gen_verify(g, e->pin, DERIVE_RAW);
	gen_verify_empty(g, e->pin, "9000");
}

bool gen_still_refused(const struct gen *g, const struct gen_ending *e, pin_set refused, pin_set *set)
{
	pin_set unset = rules_unset(&g->rules);
	*set = (refused & ~unset) | (e->set & unset);
	return rules_possible(&g->rules, *set) && !rules_hold(&g->rules, pin_of(g, e->pin)->set, *set);
}

void gen_first_value(struct gen *g, const struct gen_ending *e)
{
	const struct rules_sets *refused = &g->pin_op[e->pin][PIN_SET].rule.sets[RULES_REFUSED];
	if (g->phase != 0)
		gen_phase_parts(g);
	g->df = pin_of(g, e->pin)->df;
	refuses(g, e->pin);
	for (size_t i = 0; i < refused->n; i++) {
		pin_set set;
		if (gen_still_refused(g, e, refused->set[i], &set))
			set_refused(g, e->pin, set);
	}
	set_given(g, e);
}

void gen_never_part(struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		const struct rules_sets *refused = &g->pin_op[pin][PIN_SET].rule.sets[RULES_REFUSED];
		if (gen_has_value(g, pin))
			continue;
		g->df = pin_of(g, pin)->df;
		if (g->phase == 0)
			refuses(g, pin);
		for (size_t i = 0; i < refused->n; i++)
			if (gen_now(g, refused->set[i]))
				set_refused(g, pin, refused->set[i]);
	}
	g->df = 0;
}
