/* CHANGE REFERENCE DATA: contract 7. Every change is undone by another one. */
#include "runtime/suite/gen.h"

static bool exists(const struct contract_pin *p, enum suite_derivation d)
{
	return derive_exists(d, (enum contract_format)p->format, p->min, p->max);
}

/* After a change from `from` to `to`: not verified, all tries, only the new value is right. */
static void changed(struct gen *g, unsigned pin, enum suite_derivation from, enum suite_derivation to)
{
	unsigned tries = g->c->pin[pin].tries;
	gen_verify_empty(g, pin, gen_tries(g, tries));
	if (tries > 1)
		gen_verify_wrong(g, pin, from, gen_tries(g, tries - 1));
	gen_verify(g, pin, to);
	gen_verify_empty(g, pin, "9000");
}

static void there_and_back(struct gen *g, unsigned pin, enum suite_derivation to)
{
	gen_verify(g, pin, DERIVE_RAW);
	gen_change(g, pin, DERIVE_RAW, to, "9000");
	changed(g, pin, DERIVE_RAW, to);
	gen_change(g, pin, to, DERIVE_RAW, "9000");
	changed(g, pin, to, DERIVE_RAW);
}

static void with_old(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	gen_dialogue(g, CLAUSE_CHANGE_OLD, "CHANGE of %s with the old value", p->id);
	gen_start(g);
	there_and_back(g, pin, DERIVE_OTHER);
	if (p->min != p->max) {
		there_and_back(g, pin, DERIVE_OTHER_MIN);
		there_and_back(g, pin, DERIVE_OTHER_MAX);
	}
	if (p->tries < 2)
		return;
	gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, p->tries - 1U));
	gen_change(g, pin, DERIVE_RAW, DERIVE_OTHER, "9000");
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	gen_change(g, pin, DERIVE_OTHER, DERIVE_RAW, "9000");
}

static void wrong_old(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	if (p->tries < 2)
		return;
	gen_dialogue(g, CLAUSE_CHANGE_COUNTS, "CHANGE of %s with a wrong old value", p->id);
	gen_start(g);
	gen_verify(g, pin, DERIVE_RAW);
	gen_change(g, pin, DERIVE_WRONG, DERIVE_OTHER, gen_tries(g, p->tries - 1U));
	gen_verify_empty(g, pin, gen_tries(g, p->tries - 1U));
	gen_reset(g);
	gen_select(g);
	gen_verify_empty(g, pin, gen_tries(g, p->tries - 1U));
	gen_finally(g);
	gen_verify(g, pin, DERIVE_RAW);
	gen_select(g);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
}

/* Refused before the old value is compared: no try is used, and the value stays. */
static void bad_new(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	gen_dialogue(g, CLAUSE_CHANGE_FORM, "CHANGE of %s to values that are not allowed", p->id);
	gen_start(g);
	gen_change(g, pin, DERIVE_RAW, DERIVE_RAW, "wrong-data");
	if (p->card_checks_format && exists(p, DERIVE_FORM))
		gen_change(g, pin, DERIVE_RAW, DERIVE_FORM, "wrong-data");
	if (exists(p, DERIVE_SHORT))
		gen_change(g, pin, DERIVE_RAW, DERIVE_SHORT, "wrong-length");
	if (exists(p, DERIVE_LONG))
		gen_change(g, pin, DERIVE_RAW, DERIVE_LONG, "wrong-length");
	gen_step(g, "wrong-length", "002400%02X %s", gen_p2(g, pin), gen_old(g, pin, DERIVE_RAW));
	gen_clause(g, CLAUSE_NO_TRY);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	gen_verify(g, pin, DERIVE_RAW);
}

/* In jicsap CHANGE KEY is the same. */
static void change_verified(struct gen *g, unsigned pin, bool change_key, enum suite_derivation to, const char *expect)
{
	bool given = expect[0] == '9';
	gen_step(g, expect, "%s%02X %s", change_key ? "803200" : "002401", gen_p2(g, pin), gen_pin(g, pin, to));
	gen_cover_op(g, &g->pin_op[pin][PIN_CHANGE_01], given ? GEN_GIVEN : GEN_REFUSED, 0);
}

static void when_verified(struct gen *g, unsigned pin, bool change_key)
{
	const struct contract_pin *p = &g->c->pin[pin];
	enum gen_clause clause = change_key ? CLAUSE_CHANGE_KEY : CLAUSE_CHANGE_VERIFIED;
	gen_dialogue(g, clause, "%s of %s when verified", change_key ? "CHANGE KEY" : "CHANGE", p->id);
	gen_start(g);
	change_verified(g, pin, change_key, DERIVE_OTHER, "refused-access");
	gen_verify(g, pin, DERIVE_RAW);
	change_verified(g, pin, change_key, DERIVE_OTHER, "9000");
	changed(g, pin, DERIVE_RAW, DERIVE_OTHER);
	change_verified(g, pin, change_key, DERIVE_RAW, "9000");
	change_verified(g, pin, change_key, DERIVE_OTHER, "refused-access");
	changed(g, pin, DERIVE_OTHER, DERIVE_RAW);
	if (exists(p, DERIVE_SHORT))
		change_verified(g, pin, change_key, DERIVE_SHORT, "wrong-length");
	if (exists(p, DERIVE_LONG))
		change_verified(g, pin, change_key, DERIVE_LONG, "wrong-length");
	if (p->card_checks_format && exists(p, DERIVE_FORM))
		change_verified(g, pin, change_key, DERIVE_FORM, "wrong-data");
	gen_select(g);
	gen_verify(g, pin, DERIVE_RAW);
}

/* Also when verified, so that nothing but the form is at fault. */
static void absent(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	gen_dialogue(g, CLAUSE_CHANGE_ABSENT, "forms of CHANGE that %s does not offer", p->id);
	gen_start(g);
	if ((g->usable >> pin & 1) != 0)
		gen_verify(g, pin, DERIVE_RAW);
	if (!gen_changes_old(p))
		gen_change(g, pin, DERIVE_RAW, DERIVE_OTHER, "wrong-parameters");
	bool jicsap = g->c->personality == PERSONALITY_JICSAP;
	bool offered = (p->change & FORM_01) != 0 || !gen_has_value(g, pin);
	for (int change_key = 0; change_key <= jicsap && !offered; change_key++)
		change_verified(g, pin, change_key != 0, DERIVE_OTHER, "wrong-parameters");
	if (jicsap) {
		gen_clause(g, CLAUSE_CHANGE_KEY);
		gen_step(g, "wrong-parameters", "803201%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_OTHER));
		gen_clause(g, CLAUSE_CHANGE_ABSENT);
	}
	gen_step(g, "wrong-parameters", "002402%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_OTHER));
	gen_step(g, "wrong-parameters", "00247F%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_OTHER));
	if ((g->usable >> pin & 1) == 0)
		return;
	gen_select(g);
	gen_verify(g, pin, DERIVE_RAW);
}

void gen_change_part(struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		g->df = g->c->pin[pin].df;
		bool usable = (g->usable >> pin & 1) != 0;
		if (usable && gen_changes_old(&g->c->pin[pin])) {
			with_old(g, pin);
			wrong_old(g, pin);
			bad_new(g, pin);
		}
		if (usable && (g->c->pin[pin].change & FORM_01) != 0)
			for (int key = 0; key <= (g->c->personality == PERSONALITY_JICSAP); key++)
				when_verified(g, pin, key != 0);
		absent(g, pin);
	}
	g->df = 0;
}
