/* VERIFY and transport PINs: contract 7. */
#include "runtime/suite/gen.h"

static bool usable(const struct gen *g, unsigned pin)
{
	return (g->usable >> pin & 1) != 0;
}

static unsigned tries(const struct gen *g, unsigned pin)
{
	return g->c->pin[pin].tries;
}

static bool exists(const struct contract_pin *p, enum suite_derivation d)
{
	return derive_exists(d, (enum contract_format)p->format, p->min, p->max);
}

/* ---- transport: only at the beginning of a card's life ---- */

static void transport_gives_nothing(struct gen *g, unsigned pin)
{
	uint16_t file;
	pin_set set;
	gen_verify_wrong(g, pin, DERIVE_RAW, "refused-access");
	gen_verify_empty(g, pin, gen_tries(g, tries(g, pin)));
	if ((g->c->pin[pin].change & FORM_01) != 0) {
		gen_step(g, "refused-access", "002401%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_OTHER));
		gen_cover_op(g, &g->pin_op[pin][PIN_CHANGE_01], GEN_REFUSED, 0);
	}
	if (!gen_deciding_read(g, pin, &file, &set) ||
	    rules_hold(&g->rules, g->c->file[file].rule[FILE_READ], g->phase))
		return;
	gen_step(g, "9000", "00A4020C %04X", g->c->file[file].fid);
	gen_step(g, "refused-access", "00B00000 Le 01");
}

static void transport(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	gen_dialogue(g, CLAUSE_TRANSPORT, "%s in transport", p->id);
	gen_start(g);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	transport_gives_nothing(g, pin);
	if (p->tries > 1) {
		gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, p->tries - 1U));
		gen_reset(g);
		gen_select(g);
		gen_verify_empty(g, pin, gen_tries(g, p->tries - 1U));
		transport_gives_nothing(g, pin);
	}
}

static void end_transport(struct gen *g, const struct gen_ending *e)
{
	gen_dialogue(g, CLAUSE_TRANSPORT, "the end of the transport of %s", g->c->pin[e->pin].id);
	gen_start(g);
	gen_end_transport(g, e);
	gen_verify_empty(g, e->pin, gen_tries(g, tries(g, e->pin)));
	gen_verify(g, e->pin, DERIVE_RAW);
	gen_verify_empty(g, e->pin, "9000");
}

void gen_transport_part(struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (!gen_has_value(g, pin))
			continue;
		g->df = g->c->pin[pin].df;
		if (gen_is_transport(&g->c->pin[pin]))
			transport(g, pin);
	}
	for (size_t i = 0; i < g->n_endings; i++) {
		g->ended = i;
		g->df = g->c->pin[g->ending[i].pin].df;
		(g->ending[i].first ? gen_first_value : end_transport)(g, &g->ending[i]);
	}
	g->ended = g->n_endings;
	g->df = 0;
}

/* ---- VERIFY ---- */

static void states(struct gen *g, unsigned pin)
{
	gen_dialogue(g, CLAUSE_PIN_EMPTY, "VERIFY of %s, and what VERIFY without data tells", g->c->pin[pin].id);
	gen_start(g);
	gen_verify_empty(g, pin, gen_tries(g, tries(g, pin)));
	gen_verify_empty(g, pin, gen_tries(g, tries(g, pin)));
	gen_verify(g, pin, DERIVE_RAW);
	gen_verify_empty(g, pin, "9000");
	gen_verify_empty(g, pin, "9000");
	gen_verify(g, pin, DERIVE_RAW);
	gen_verify_empty(g, pin, "9000");
	gen_select(g);
	gen_verify_empty(g, pin, gen_tries(g, tries(g, pin)));
}

static void lengths(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	gen_dialogue(g, CLAUSE_PIN_LENGTH, "VERIFY of %s with wrong lengths", p->id);
	gen_start(g);
	for (unsigned i = 0; i <= p->tries; i++) { /* more often than there are tries */
		if (exists(p, DERIVE_SHORT))
			gen_verify_wrong(g, pin, DERIVE_SHORT, "wrong-length");
		if (exists(p, DERIVE_LONG))
			gen_verify_wrong(g, pin, DERIVE_LONG, "wrong-length");
		if (exists(p, DERIVE_LONG))
			gen_step(g, "wrong-length", "002000%02X %s 30", gen_p2(g, pin), gen_pin(g, pin, DERIVE_LONG));
	}
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
	gen_verify(g, pin, DERIVE_RAW);
}

/* A wrong value of this kind uses a try and clears the status; the right one restores both. */
static void one_wrong(struct gen *g, unsigned pin, enum suite_derivation d)
{
	uint16_t file;
	bool decides = gen_verify_deciding(g, pin, &file);
	gen_verify_wrong(g, pin, d, gen_tries(g, tries(g, pin) - 1));
	gen_verify_empty(g, pin, gen_tries(g, tries(g, pin) - 1));
	if (decides)
		gen_step(g, "refused-access", "00B00000 Le 01");
	gen_verify(g, pin, DERIVE_RAW);
	gen_verify_empty(g, pin, "9000");
	if (decides)
		gen_read(g, file, "00B00000", "01", 0, 1);
}

static void wrong(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	gen_dialogue(g, CLAUSE_PIN_WRONG, "wrong values of %s", p->id);
	gen_start(g);
	one_wrong(g, pin, DERIVE_WRONG);
	if (p->min != p->max) {
		one_wrong(g, pin, DERIVE_WRONG_MIN);
		one_wrong(g, pin, DERIVE_WRONG_MAX);
	}
	/* All tries but one, and all of them are given back. */
	for (unsigned left = p->tries; left-- > 1;)
		gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, left));
	gen_verify(g, pin, DERIVE_RAW);
	gen_select(g);
	gen_verify_empty(g, pin, gen_tries(g, p->tries));
}

static void persists(struct gen *g, unsigned pin)
{
	gen_dialogue(g, CLAUSE_PIN_PERSISTS, "the tries of %s survive SELECT and reset", g->c->pin[pin].id);
	gen_start(g);
	gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, tries(g, pin) - 1));
	gen_select(g);
	gen_verify_empty(g, pin, gen_tries(g, tries(g, pin) - 1));
	gen_reset(g);
	gen_select(g);
	gen_verify_empty(g, pin, gen_tries(g, tries(g, pin) - 1));
	gen_finally(g);
	gen_verify(g, pin, DERIVE_RAW);
}

/* A wrong value of one PIN leaves the others as they are. */
static void others_kept(struct gen *g, unsigned pin)
{
	pin_set others = g->usable & gen_visible(g) & ~rules_bit(pin);
	if (others == 0)
		return;
	gen_dialogue(g, CLAUSE_PIN_WRONG, "a wrong value of %s does not touch other PINs", g->c->pin[pin].id);
	gen_start(g);
	gen_verify_set(g, g->usable & gen_visible(g));
	gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, tries(g, pin) - 1));
	for (unsigned other = 0; other < g->c->n_pins; other++)
		if ((others >> other & 1) != 0)
			gen_verify_empty(g, other, "9000");
	gen_finally(g);
	gen_verify(g, pin, DERIVE_RAW);
}

/* jicsap: P2 = 80 is the current IEF, which a command on a PIN makes current too. */
static void current_ief(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	gen_dialogue(g, CLAUSE_CURRENT_IEF, "%s as the current IEF", p->id);
	gen_start(g);
	gen_step(g, "wrong-structure", "00200080");
	gen_step(g, "9000", "00A4020C %04X", p->fid);
	gen_step(g, "wrong-structure", "00B00000 Le 01");
	g->ef[0] = 0;
	gen_step(g, gen_tries(g, p->tries), "00200080");
	gen_step(g, "9000", "00200080 %s", gen_pin(g, pin, DERIVE_RAW));
	gen_step(g, "9000", "00200080");
	if (p->ref == 0)
		return;
	gen_select(g);
	gen_verify(g, pin, DERIVE_RAW);
	gen_step(g, "9000", "00200080");
	gen_step(g, "wrong-structure", "00B00000 Le 01");
}

void gen_verify_part(struct gen *g)
{
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (!gen_has_value(g, pin))
			continue;
		g->df = g->c->pin[pin].df;
		if (usable(g, pin))
			states(g, pin);
		if (usable(g, pin) && g->c->personality == PERSONALITY_JICSAP && g->c->pin[pin].fid != 0)
			current_ief(g, pin);
		lengths(g, pin);
		if (tries(g, pin) < 2)
			continue; /* the first wrong value blocks: gen_exhaust.c */
		persists(g, pin);
		if (!usable(g, pin))
			continue;
		wrong(g, pin);
		others_kept(g, pin);
	}
	g->df = 0;
}
