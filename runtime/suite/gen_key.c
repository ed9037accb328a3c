/* Keys: contract 8, and what secure messaging adds to a state: contract 9. */
#include "runtime/suite/gen.h"

void gen_use_key(struct gen *g, uint16_t key)
{
	const struct contract_key *k = &g->c->key[key];
	g->uses_key[key] = true;
	g->uses[k->value] = true;
	if (k->use == KEY_MUTUAL)
		g->uses[k->value_mac] = true;
}

void gen_authenticate(struct gen *g, uint16_t key, bool wrong, const char *expect)
{
	gen_use_key(g, key);
	if (g->c->key[key].ref == 0)
		buf_printf(&g->body, "  send 00A4020C %04X\n    expect 9000\n", g->c->key[key].fid);
	buf_printf(&g->body, "  auth %s%s\n", g->c->key[key].id, wrong ? " wrong" : "");
	gen_expect(g, expect);
	if (g->rules.mac[key] == 0) /* in a session that it opens a plain command may be one too many */
		gen_keep_ef(g);
	gen_cover_clause(g, wrong ? CLAUSE_KEY_WRONG : CLAUSE_KEY_AUTH);
}

static const char *level(const struct gen *g, pin_set conditions)
{
	unsigned kinds = 0;
	for (unsigned bit = g->c->n_pins; bit < g->rules.bits; bit++)
		if ((conditions >> bit & 1) != 0)
			kinds |= 1U << g->rules.condition[bit].sm;
	bool mac = (kinds & 1U << RULES_SM_MAC) != 0, enc = (kinds & 1U << RULES_SM_ENC) != 0;
	return mac && enc ? "enc+mac" : mac ? "mac" : "enc";
}

void gen_protect(struct gen *g, pin_set conditions)
{
	buf_printf(&g->body, "  sm %s\n", level(g, conditions));
	g->secured = conditions;
	gen_cover_clause(g, CLAUSE_SM_SESSION);
}

/* What opens a session comes last: there is only one, and any other mutual authentication would end it. */
static int turn(const struct gen *g, uint16_t key)
{
	return g->rules.mac[key] != 0 ? 2 : g->c->key[key].use == KEY_MUTUAL;
}

void gen_authenticate_set(struct gen *g, pin_set conditions)
{
	for (int now = 0; now <= 2; now++)
		for (uint16_t key = 0; key < g->c->n_keys; key++)
			if ((conditions & g->rules.auth[key]) != 0 && turn(g, key) == now)
				gen_authenticate(g, key, false, gen_right(g));
	if (!gen_protected(g, conditions))
		return;
	gen_protect(g, conditions);
	gen_keep_ef(g);
}

void gen_key_exhaust_part(struct gen *g)
{
	for (uint16_t key = 0; key < g->c->n_keys; key++) {
		if (!gen_proves(g, key))
			continue;
		g->df = g->c->key[key].df;
		unsigned keep = (g->spare & rules_of_key(&g->rules, key)) != 0;
		gen_dialogue(g, keep ? CLAUSE_KEY_WRONG : CLAUSE_KEY_BLOCKED,
		    keep ? "%s with its last try" : "%s without tries, for ever", g->c->key[key].id);
		gen_start(g);
		for (unsigned left = g->c->key[key].tries; left-- > keep;)
			gen_authenticate(g, key, true, gen_tries(g, left));
		if (keep != 0) {
			gen_authenticate(g, key, false, "9000");
			continue;
		}
		gen_authenticate(g, key, false, "blocked");
		gen_start(g);
		gen_authenticate(g, key, false, "blocked");
		gen_cover_clause(g, CLAUSE_KEY_BLOCKED);
	}
	g->df = 0;
}
