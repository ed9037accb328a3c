/* Nested DFs: contract 5. Parent and child keep what belongs to the AP, and clear the current EF and what belongs to a
 * DF. */
#include "runtime/suite/gen.h"

static void down(struct gen *g, uint16_t df)
{
	gen_step(g, "9000", "00A4010C %04X", g->c->df[df].fid);
}

static void up(struct gen *g)
{
	gen_step(g, "9000", "00A4030C");
}

static uint16_t first_ef(const struct gen *g)
{
	for (uint16_t f = 0; f < g->c->n_files; f++)
		if (gen_ef(g, f))
			return f;
	return CONTRACT_NONE;
}

static void current_ef(struct gen *g, uint16_t df)
{
	uint16_t ef = first_ef(g);
	gen_dialogue(g, CLAUSE_DF, "into %s and out again", g->c->df[df].id);
	gen_start(g);
	gen_step(g, "wrong-structure", "00B00000 Le 01");
	if (ef != CONTRACT_NONE) {
		gen_step(g, "9000", "00A4020C %04X", g->c->file[ef].fid);
		up(g);
		gen_step(g, "wrong-structure", "00B00000 Le 01");
		gen_step(g, "not-found", "00A4010C %04X", gen_unknown_fid(g));
		down(g, df);
		gen_step(g, "wrong-structure", "00B00000 Le 01");
		gen_step(g, "9000", "00A4020C %04X", g->c->file[ef].fid);
	}
	gen_step(g, "not-found", "00A4010C %04X", gen_unknown_fid(g));
	gen_step(g, "wrong-length", "00A4010C %02X", 0x2f);
}

/* A PIN stays verified exactly when it is the AP's own. */
static void status(struct gen *g, uint16_t df, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	bool own = p->df == 0;
	gen_dialogue(g, CLAUSE_DF_STATUS, "%s %s %s and out of it", g->c->pin[pin].id,
	    own ? "stays verified into" : "is not verified any more behind", g->c->df[df].id);
	gen_start(g);
	gen_verify(g, pin, DERIVE_RAW);
	up(g);
	if (own)
		gen_verify_empty(g, pin, "9000");
	down(g, df);
	gen_verify_empty(g, pin, own ? "9000" : gen_tries(g, p->tries));
}

/* The nearest DF around wins: is the reference of this PIN another one's, seen from the DF of the dialogue? */
static bool hidden(const struct gen *g, unsigned pin)
{
	pin_set seen = gen_visible(g);
	for (unsigned p = 0; p < g->c->n_pins; p++)
		if (p != pin && (seen >> p & 1) != 0 && g->c->pin[p].ref == g->c->pin[pin].ref)
			return true;
	return false;
}

static void by_name(struct gen *g, uint16_t df)
{
	const struct contract_df *d = &g->c->df[df];
	if (d->aid_len == 0)
		return;
	gen_dialogue(g, CLAUSE_DF, "%s by its name", d->id);
	gen_start(g);
	buf_str(&g->body, "  send 00A4040C ");
	for (unsigned i = 0; i < d->aid_len; i++)
		buf_printf(&g->body, "%02X", d->aid[i]);
	buf_str(&g->body, "\n");
	gen_expect(g, "9000");
	uint16_t ef = first_ef(g);
	if (ef != CONTRACT_NONE)
		gen_step(g, "9000", "00A4020C %04X", g->c->file[ef].fid);
}

static bool shows_status(const struct gen *g, unsigned pin)
{
	uint16_t in = g->c->pin[pin].df;
	return ((g->usable & gen_visible(g)) >> pin & 1) != 0 && !hidden(g, pin) && (in == 0 || in == g->df);
}

bool gen_has_df_status(struct gen *g)
{
	bool has = false;
	for (g->df = 1; g->df < g->c->n_dfs; g->df++)
		for (unsigned pin = 0; pin < g->c->n_pins; pin++)
			has = has || shows_status(g, pin);
	g->df = 0;
	return has;
}

void gen_df_part(struct gen *g)
{
	for (uint16_t df = 1; df < g->c->n_dfs; df++) {
		g->df = df;
		current_ef(g, df);
		by_name(g, df);
		for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
			if (shows_status(g, pin))
				status(g, df, pin);
		}
	}
	g->df = 0;
}
