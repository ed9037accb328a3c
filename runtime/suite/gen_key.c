/* Keys: contract 8, and what secure messaging adds to a state: contract 9. */
#include "runtime/suite/gen.h"

static void use(struct gen *g, uint16_t key)
{
	const struct contract_key *k = &g->c->key[key];
	g->uses_key[key] = true;
	g->uses[k->value] = true;
	if (k->use == KEY_MUTUAL)
		g->uses[k->value_mac] = true;
}

static void authenticate(struct gen *g, uint16_t key, bool wrong, const char *expect)
{
	use(g, key);
	if (g->c->key[key].ref == 0)
		buf_printf(&g->body, "  send 00A4020C %04X\n    expect 9000\n", g->c->key[key].fid);
	buf_printf(&g->body, "  auth %s%s\n", g->c->key[key].id, wrong ? " wrong" : "");
	gen_expect(g, expect);
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

/* Mutual authentication last: it may open a session, and there is only one. */
void gen_authenticate_set(struct gen *g, pin_set conditions)
{
	for (int mutual = 0; mutual <= 1; mutual++)
		for (unsigned bit = g->c->n_pins; bit < g->rules.bits; bit++) {
			const struct rules_condition *k = &g->rules.condition[bit];
			if ((conditions >> bit & 1) != 0 && !k->sm && (g->c->key[k->key].use == KEY_MUTUAL) == mutual)
				authenticate(g, k->key, false, gen_right(g));
		}
	if (!gen_protected(g, conditions))
		return;
	buf_printf(&g->body, "  sm %s\n", level(g, conditions));
	g->secured = true;
	gen_cover_clause(g, CLAUSE_SM_SESSION);
}

static bool testable(const struct gen *g, uint16_t key)
{
	const struct contract_key *k = &g->c->key[key];
	return k->use != KEY_INTERNAL && k->algorithm <= KEY_AES_256;
}

/* A file that authentication with this key alone opens. */
static bool opened_by(const struct gen *g, uint16_t key, uint16_t *file)
{
	for (unsigned bit = g->c->n_pins; bit < g->rules.bits; bit++) {
		if (g->rules.condition[bit].sm || g->rules.condition[bit].key != key)
			continue;
		for (*file = 0; *file < g->c->n_files; ++*file) {
			uint16_t rule = g->c->file[*file].rule[FILE_READ];
			if (gen_plain(g, *file) && rules_hold(&g->rules, rule, rules_bit(bit)) &&
			    !rules_hold(&g->rules, rule, 0))
				return true;
		}
	}
	return false;
}

static void ends(struct gen *g, uint16_t key)
{
	uint16_t file;
	bool opens = opened_by(g, key, &file);
	unsigned tries = g->c->key[key].tries;
	gen_dialogue(g, CLAUSE_KEY_AUTH, "authentication with %s, and what ends it", g->c->key[key].id);
	gen_start(g);
	authenticate(g, key, false, "9000");
	if (opens) {
		gen_step(g, "9000", "00A4020C %04X", g->c->file[file].fid);
		gen_read(g, file, "00B00000", "01", 0, 1);
		gen_select(g);
		gen_step(g, "9000", "00A4020C %04X", g->c->file[file].fid);
		gen_step(g, "refused-access", "00B00000 Le 01");
		authenticate(g, key, false, "9000");
		gen_read(g, file, "00B00000", "01", 0, 1);
	}
	if (tries < 2)
		return;
	authenticate(g, key, true, gen_tries(g, tries - 1));
	if (opens)
		gen_step(g, "refused-access", "00B00000 Le 01");
	authenticate(g, key, false, "9000");
	authenticate(g, key, true, gen_tries(g, tries - 1));
	gen_finally(g);
	authenticate(g, key, false, "9000");
}

void gen_key_part(struct gen *g)
{
	for (uint16_t key = 0; key < g->c->n_keys; key++) {
		g->df = g->c->key[key].df;
		if (testable(g, key))
			ends(g, key);
	}
	g->df = 0;
}

void gen_key_exhaust_part(struct gen *g)
{
	for (uint16_t key = 0; key < g->c->n_keys; key++) {
		if (!testable(g, key))
			continue;
		g->df = g->c->key[key].df;
		unsigned keep = (g->spare & rules_of_key(&g->rules, key)) != 0;
		gen_dialogue(g, keep ? CLAUSE_KEY_WRONG : CLAUSE_KEY_BLOCKED,
		    keep ? "%s with its last try" : "%s without tries, for ever", g->c->key[key].id);
		gen_start(g);
		for (unsigned left = g->c->key[key].tries; left-- > keep;)
			authenticate(g, key, true, gen_tries(g, left));
		if (keep != 0) {
			authenticate(g, key, false, "9000");
			continue;
		}
		authenticate(g, key, false, "blocked");
		gen_start(g);
		authenticate(g, key, false, "blocked");
		gen_cover_clause(g, CLAUSE_KEY_BLOCKED);
	}
	g->df = 0;
}
