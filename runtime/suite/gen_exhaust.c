/* PINs and PUKs without tries: contract 7. First what can be undone, each way there and each way back; then, at the end
 * of the suite, what cannot. */
#include "runtime/suite/gen.h"

static const struct contract_pin *pin_of(const struct gen *g, unsigned pin)
{
	return &g->c->pin[pin];
}

/* Blocked in every respect, and after SELECT and reset, too. */
static void is_blocked(struct gen *g, unsigned pin)
{
	gen_verify_wrong(g, pin, DERIVE_RAW, "blocked");
	gen_verify_wrong(g, pin, DERIVE_WRONG, "blocked");
	gen_verify_empty(g, pin, "blocked");
	if (gen_changes_old(pin_of(g, pin)))
		gen_change(g, pin, DERIVE_RAW, DERIVE_OTHER, "blocked");
}

/* While verified, wrong values until none is left. What the PIN had opened is closed. */
static void exhaust_verified(struct gen *g, unsigned pin, bool by_change)
{
	uint16_t file;
	bool decides = gen_verify_deciding(g, pin, &file);
	for (unsigned left = pin_of(g, pin)->tries; left-- > 0;) {
		if (by_change)
			gen_change(g, pin, DERIVE_WRONG, DERIVE_OTHER, gen_tries(g, left));
		else
			gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, left));
	}
	if (decides)
		gen_step(g, "refused-access", "00B00000 Le 01");
	is_blocked(g, pin);
	gen_start(g);
	is_blocked(g, pin);
	gen_cover_clause(g, CLAUSE_PIN_PERSISTS);
}

static void free_again(struct gen *g, unsigned pin, unsigned form, enum suite_derivation to)
{
	const struct contract_pin *p = pin_of(g, pin);
	bool takes_new = form == 0 || form == 2;
	if (!takes_new)
		to = DERIVE_RAW;
	gen_clause(g, form <= 1 ? CLAUSE_RESET_PUK : CLAUSE_RESET_RULE);
	gen_unblock(g, pin, form, to);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	if (to != DERIVE_RAW && p->tries > 1)
		gen_verify_wrong(g, pin, DERIVE_RAW, gen_tries(g, p->tries - 1U));
	gen_settle(g, pin, form, to);
	if ((g->usable >> pin & 1) != 0)
		gen_verify_empty(g, pin, "9000");
}

static void exhaust(struct gen *g, unsigned pin, unsigned form)
{
	gen_dialogue(g, CLAUSE_PIN_BLOCKED, "%s without tries, freed by form %02X", pin_of(g, pin)->id, form);
	gen_start(g);
	exhaust_verified(g, pin, false);
	free_again(g, pin, form, DERIVE_OTHER);
}

static void exhaust_by_change(struct gen *g, unsigned pin, unsigned form)
{
	gen_dialogue(g, CLAUSE_CHANGE_COUNTS, "%s without tries, used up by CHANGE", pin_of(g, pin)->id);
	gen_start(g);
	exhaust_verified(g, pin, true);
	free_again(g, pin, form, DERIVE_RAW);
}

void gen_exhaust_part(struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (!gen_has_value(g, pin))
			continue;
		g->df = g->c->pin[pin].df;
		unsigned first;
		if (!gen_unblockable(g, pin, &first))
			continue;
		for (unsigned form = 0; form <= 3; form++)
			if (gen_unblocks(g, pin, form))
				exhaust(g, pin, form);
		if (gen_changes_old(pin_of(g, pin)))
			exhaust_by_change(g, pin, first);
	}
	g->df = 0;
}

/* ---- what cannot be undone ---- */

static bool by_puk(const struct gen *g, unsigned pin, unsigned *form)
{
	for (*form = 0; *form <= 1; ++*form)
		if (gen_unblocks(g, pin, *form))
			return true;
	return false;
}

static void reset_with(struct gen *g, unsigned pin, unsigned form, enum suite_derivation puk, const char *expect)
{
	gen_step(g, expect, "002C%02X%02X %s %s", form, gen_p2(g, pin), gen_puk(g, pin, puk),
	    form == 0 ? gen_pin(g, pin, DERIVE_OTHER) : "");
	gen_cover_op(g, &g->pin_op[pin][PIN_RESET_00 + form], GEN_REFUSED, 0);
	if (gen_counts(expect))
		gen_cover_clause(g, CLAUSE_PUK_COUNTS);
}

static void puk_blocked(struct gen *g, unsigned pin)
{
	for (unsigned form = 0; form <= 1; form++)
		if (gen_unblocks(g, pin, form)) {
			reset_with(g, pin, form, DERIVE_RAW, "blocked");
			reset_with(g, pin, form, DERIVE_WRONG, "blocked");
		}
}

static void exhaust_puk(struct gen *g, unsigned pin, unsigned form)
{
	const struct contract_pin *p = pin_of(g, pin);
	gen_dialogue(g, CLAUSE_PUK_BLOCKED, "the PUK of %s without tries, for ever", p->id);
	gen_start(g);
	for (unsigned left = p->puk_tries; left-- > 0;)
		reset_with(g, pin, form, DERIVE_WRONG, gen_tries(g, left));
	puk_blocked(g, pin);
	gen_start(g);
	puk_blocked(g, pin);
	gen_verify(g, pin, DERIVE_RAW);
}

static void exhaust_for_ever(struct gen *g, unsigned pin)
{
	unsigned form;
	gen_dialogue(g, CLAUSE_PIN_BLOCKED, "%s without tries, for ever", pin_of(g, pin)->id);
	gen_start(g);
	for (unsigned left = pin_of(g, pin)->tries; left-- > 0;) {
		if (left == 0 && gen_changes_old(pin_of(g, pin)))
			gen_change(g, pin, DERIVE_WRONG, DERIVE_OTHER, gen_tries(g, left));
		else
			gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, left));
	}
	is_blocked(g, pin);
	gen_start(g);
	is_blocked(g, pin);
	gen_cover_clause(g, CLAUSE_PIN_PERSISTS);
	if (by_puk(g, pin, &form))
		puk_blocked(g, pin);
}

void gen_last_part(struct gen *g)
{
	unsigned form;
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (!gen_has_value(g, pin))
			continue;
		g->df = g->c->pin[pin].df;
		if (by_puk(g, pin, &form))
			exhaust_puk(g, pin, form);
	}
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (!gen_has_value(g, pin) || (g->spare >> pin & 1) != 0)
			continue;
		g->df = g->c->pin[pin].df;
		exhaust_for_ever(g, pin);
	}
	g->df = 0;
}
