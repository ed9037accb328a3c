/* RESET RETRY COUNTER on PINs that are not blocked: contract 7. */
#include "runtime/suite/gen.h"

static const struct contract_pin *pin_of(const struct gen *g, unsigned pin)
{
	return &g->c->pin[pin];
}

static bool exists(const struct contract_pin *p, enum suite_derivation d)
{
	return derive_exists(d, (enum contract_format)p->format, p->min, p->max);
}

static bool puk_exists(const struct contract_pin *p, enum suite_derivation d)
{
	return derive_exists(d, (enum contract_format)p->puk_format, p->puk_length, p->puk_length);
}

static bool takes_new(unsigned form)
{
	return form == 0 || form == 2;
}

static void cover(struct gen *g, unsigned pin, unsigned form, pin_set set)
{
	gen_cover_op(g, &g->pin_op[pin][PIN_RESET_00 + form], GEN_REFUSED, set);
}

/* By PUK: PUK and value as derived. */
static void by_puk(
    struct gen *g, unsigned pin, unsigned form, enum suite_derivation puk, enum suite_derivation to, const char *expect)
{
	const char *value = takes_new(form) ? gen_pin(g, pin, to) : "";
	gen_step(g, expect, "002C%02X%02X %s %s", form, gen_p2(g, pin), gen_puk(g, pin, puk), value);
	if (expect[0] != '9')
		cover(g, pin, form, 0);
}

/* Given while the PIN is verified: afterwards it is not, has all tries, and the new value is right. */
static void given(struct gen *g, unsigned pin, unsigned form)
{
	const struct contract_pin *p = pin_of(g, pin);
	enum suite_derivation to = takes_new(form) ? DERIVE_OTHER : DERIVE_RAW;
	gen_dialogue(
	    g, form <= 1 ? CLAUSE_RESET_PUK : CLAUSE_RESET_RULE, "RESET RETRY COUNTER of %s, form %02X", p->id, form);
	gen_start(g);
	gen_verify(g, pin, DERIVE_RAW);
	gen_unblock(g, pin, form, to);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	if (takes_new(form) && p->tries > 1) {
		gen_verify_wrong(g, pin, DERIVE_RAW, gen_tries(g, p->tries - 1U));
		gen_verify_empty(g, pin, gen_tries(g, p->tries - 1U));
	}
	gen_settle(g, pin, form, to);
	/* The new value may be the old one. */
	gen_unblock(g, pin, form, DERIVE_RAW);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	gen_settle(g, pin, form, DERIVE_RAW);
}

static void puk_counts(struct gen *g, unsigned pin, unsigned form)
{
	const struct contract_pin *p = pin_of(g, pin);
	if (p->puk_tries < 2)
		return;
	gen_dialogue(g, CLAUSE_PUK_COUNTS, "wrong PUKs of %s, form %02X", p->id, form);
	gen_start(g);
	for (int again = 0; again < 2; again++) { /* the second time shows that the tries were given back */
		by_puk(g, pin, form, DERIVE_WRONG, DERIVE_OTHER, gen_tries(g, p->puk_tries - 1U));
		if (p->puk_tries > 2) {
			gen_reset(g);
			gen_select(g);
			by_puk(g, pin, form, DERIVE_WRONG, DERIVE_OTHER, gen_tries(g, p->puk_tries - 2U));
		}
		gen_verify_empty(g, pin, gen_tries(g, p->tries));
		gen_verify(g, pin, DERIVE_RAW);
		gen_unblock(g, pin, form, DERIVE_RAW);
		gen_settle(g, pin, form, DERIVE_RAW);
		gen_select(g);
	}
}

/* Lengths and forms that are refused before the PUK is compared: none of its tries is used. */
static void bad_data(struct gen *g, unsigned pin, unsigned form)
{
	const struct contract_pin *p = pin_of(g, pin);
	gen_dialogue(
	    g, CLAUSE_RESET_FORM, "RESET RETRY COUNTER of %s, form %02X, with data that is not allowed", p->id, form);
	gen_start(g);
	if (form == 0) {
		gen_step(g, "wrong-length", "002C00%02X %s", gen_p2(g, pin), gen_puk(g, pin, DERIVE_RAW));
		if (exists(p, DERIVE_SHORT))
			by_puk(g, pin, form, DERIVE_RAW, DERIVE_SHORT, "wrong-length");
		if (exists(p, DERIVE_LONG))
			by_puk(g, pin, form, DERIVE_RAW, DERIVE_LONG, "wrong-length");
		if (p->card_checks_format && exists(p, DERIVE_FORM))
			by_puk(g, pin, form, DERIVE_RAW, DERIVE_FORM, "wrong-data");
	} else {
		if (puk_exists(p, DERIVE_SHORT))
			by_puk(g, pin, form, DERIVE_SHORT, DERIVE_RAW, "wrong-length");
		if (puk_exists(p, DERIVE_LONG))
			by_puk(g, pin, form, DERIVE_LONG, DERIVE_RAW, "wrong-length");
	}
	gen_clause(g, CLAUSE_NO_TRY);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	gen_verify(g, pin, DERIVE_RAW);
	if (p->puk_tries < 2)
		return;
	by_puk(g, pin, form, DERIVE_WRONG, DERIVE_OTHER, gen_tries(g, p->puk_tries - 1U));
	gen_finally(g);
	gen_unblock(g, pin, form, DERIVE_RAW);
	gen_settle(g, pin, form, DERIVE_RAW);
}

/* ---- under the rule ---- */

static void by_rule(struct gen *g, unsigned pin, unsigned form, enum suite_derivation to, const char *expect)
{
	gen_step(g, expect, "002C%02X%02X %s", form, gen_p2(g, pin), takes_new(form) ? gen_pin(g, pin, to) : "");
}

/* Nothing but the data is at fault. */
static void rule_bad_data(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = pin_of(g, pin);
	gen_clause(g, CLAUSE_RESET_FORM);
	if (exists(p, DERIVE_SHORT))
		by_rule(g, pin, 2, DERIVE_SHORT, "wrong-length");
	if (exists(p, DERIVE_LONG))
		by_rule(g, pin, 2, DERIVE_LONG, "wrong-length");
	if (p->card_checks_format && exists(p, DERIVE_FORM))
		by_rule(g, pin, 2, DERIVE_FORM, "wrong-data");
	gen_clause(g, CLAUSE_RESET_RULE);
}

static void rule_given(struct gen *g, unsigned pin, unsigned form, pin_set set)
{
	char with[256];
	gen_dialogue(g, CLAUSE_RESET_RULE, "RESET RETRY COUNTER of %s, form %02X%s: given", pin_of(g, pin)->id, form,
	    gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, set);
	if (form == 2)
		rule_bad_data(g, pin);
	by_rule(g, pin, form, DERIVE_RAW, "9000");
	gen_cover_op(g, &g->pin_op[pin][PIN_RESET_00 + form], GEN_GIVEN, set);
	gen_verify_empty(g, pin, gen_tries(g, pin_of(g, pin)->tries));
	gen_settle(g, pin, form, DERIVE_RAW);
}

static void rule_refused(struct gen *g, unsigned pin, unsigned form, pin_set set)
{
	char with[256];
	gen_dialogue(g, CLAUSE_RESET_RULE, "RESET RETRY COUNTER of %s, form %02X%s: refused", pin_of(g, pin)->id, form,
	    gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, set);
	by_rule(g, pin, form, DERIVE_OTHER, "refused-access");
	cover(g, pin, form, set);
	gen_select(g);
	gen_verify(g, pin, DERIVE_RAW);
}

/* Every PIN of a state, and the one it is about, is out of transport and has its first value. */
static bool settled(const struct gen *g, pin_set set)
{
	for (size_t i = g->ended; i < g->n_endings; i++)
		if ((set >> g->ending[i].pin & 1) != 0)
			return false;
	return true;
}

static void rule_sets(struct gen *g, unsigned pin, unsigned form)
{
	for (int outcome = GEN_OUTCOMES; outcome-- > 0;) {
		const struct rules_sets *sets = &g->pin_op[pin][PIN_RESET_00 + form].rule.sets[outcome];
		for (size_t i = 0; i < sets->n; i++)
			if (gen_now(g, sets->set[i]) && settled(g, sets->set[i]))
				(outcome == GEN_GIVEN ? rule_given : rule_refused)(g, pin, form, sets->set[i]);
	}
}

static bool offered(const struct contract_pin *p, unsigned form)
{
	return (p->reset >> form & 1) != 0 && (form > 1 || p->puk_length != 0);
}

static void absent(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = pin_of(g, pin);
	gen_dialogue(g, CLAUSE_RESET_ABSENT, "forms of RESET RETRY COUNTER that %s does not offer", p->id);
	gen_start(g);
	if ((g->usable >> pin & 1) != 0)
		gen_verify(g, pin, DERIVE_RAW);
	for (unsigned form = 0; form <= 3; form++) {
		const char *puk = form <= 1 && p->puk_length != 0 ? gen_puk(g, pin, DERIVE_RAW) : "";
		const char *value = form != 3 && (takes_new(form) || puk[0] == 0) ? gen_pin(g, pin, DERIVE_OTHER) : "";
		if (offered(p, form))
			continue;
		gen_step(g, "wrong-parameters", "002C%02X%02X %s %s", form, gen_p2(g, pin), puk, value);
		cover(g, pin, form, 0);
	}
	gen_step(g, "wrong-parameters", "002C04%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_OTHER));
	if ((g->usable >> pin & 1) == 0)
		return;
	gen_select(g);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	gen_verify(g, pin, DERIVE_RAW);
}

static void forms_of(struct gen *g, unsigned pin)
{
	for (unsigned form = 0; form <= 3; form++) {
		if (!offered(pin_of(g, pin), form))
			continue;
		if (gen_unblocks(g, pin, form))
			given(g, pin, form);
		if (form <= 1) {
			puk_counts(g, pin, form);
			bad_data(g, pin, form);
		} else
			rule_sets(g, pin, form);
	}
}

/* What rules say while other PINs have no value. */
void gen_reset_phase_part(struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (!gen_has_value(g, pin) || (g->usable >> pin & 1) == 0 || !settled(g, rules_bit(pin)))
			continue;
		g->df = g->c->pin[pin].df;
		for (unsigned form = 2; form <= 3; form++)
			if (offered(pin_of(g, pin), form))
				rule_sets(g, pin, form);
	}
	g->df = 0;
}

void gen_reset_part(struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		g->df = g->c->pin[pin].df;
		if (gen_has_value(g, pin))
			forms_of(g, pin);
		absent(g, pin);
	}
	g->df = 0;
}
