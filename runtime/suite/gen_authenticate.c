/* Keys one by one: contract 8. Challenges, what authentication opens and what ends it, and what a card proves itself
 * with. */
#include "runtime/suite/gen.h"

#include <stdio.h>

enum { SIGNED_MIN = 8 }; /* a challenge worth signing */

static const struct contract_key *key_of(const struct gen *g, uint16_t key)
{
	return &g->c->key[key];
}

static bool is_aes(const struct contract_key *k)
{
	return k->algorithm >= KEY_AES_128 && k->algorithm <= KEY_AES_256;
}

static unsigned challenge_of(const struct contract_key *k)
{
	return k->use == KEY_EXTERNAL && is_aes(k) ? 16 : 8;
}

/* Bytes of what is presented: the cryptogram, or the token. */
static unsigned presented(const struct contract_key *k)
{
	if (k->use == KEY_EXTERNAL)
		return challenge_of(k);
	return k->algorithm == KEY_AES_192 || k->algorithm == KEY_AES_256 ? 56 : 40;
}

bool gen_proves(const struct gen *g, uint16_t key)
{
	return key_of(g, key)->use != KEY_INTERNAL && key_of(g, key)->algorithm <= KEY_AES_256;
}

/* Commands made by hand name the key in P2; a SELECT would end the challenge. */
bool gen_challenged(const struct gen *g, uint16_t key)
{
	return gen_proves(g, key) && key_of(g, key)->ref != 0;
}

bool gen_failing(const struct gen *g, uint16_t key)
{
	return gen_proves(g, key) && key_of(g, key)->tries > 1;
}

/* Something presented that nobody computed; refused before it is compared. */
static void present(struct gen *g, uint16_t key, const char *expect)
{
	const struct contract_key *k = key_of(g, key);
	gen_step(g, expect, "008200%02X 5A*%u%s", 0x80U | k->ref, presented(k), k->use == KEY_MUTUAL ? " Le 00" : "");
}

void gen_challenge(struct gen *g, unsigned le)
{
	buf_printf(&g->body, "  challenge %02X\n", le);
	gen_expect(g, gen_length(g, le));
}

static void wrong(struct gen *g, uint16_t key)
{
	gen_authenticate(g, key, true, gen_tries(g, key_of(g, key)->tries - 1U));
}

/* ---- challenges ---- */

static bool longer_challenges(const struct gen *g)
{
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		if (challenge_of(key_of(g, i)) == 16)
			return true;
	return false;
}

bool gen_has_challenges(const struct gen *g)
{
	for (uint16_t i = 0; i < g->c->n_keys; i++)
		if (gen_proves(g, i))
			return true;
	return false;
}

static void challenge_lengths(struct gen *g)
{
	static const unsigned other[] = {0x01, 0x07, 0x09, 0x0f, 0x11, 0xff};
	gen_dialogue(g, CLAUSE_CHALLENGE, "lengths of challenges");
	gen_start(g);
	gen_challenge(g, 8);
	gen_challenge(g, 16);
	buf_str(&g->body, "  challenge 00\n");
	gen_expect(g, gen_length(g, longer_challenges(g) ? 16 : 8));
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		gen_step(g, "wrong-length", "00840000 Le %02X", other[i]);
	gen_clause(g, CLAUSE_P1P2);
	gen_step(g, "wrong-parameters", "00840100 Le 08");
	gen_step(g, "wrong-parameters", "00840001 Le 08");
}

/* Without a challenge of its own length a key compares nothing, and uses no try: the wrong cryptogram behind it is the
 * first that counts. */
static void challenge_served(struct gen *g, uint16_t key)
{
	const struct contract_key *k = key_of(g, key);
	gen_dialogue(g, CLAUSE_CHALLENGE_LENGTH, "%s and its challenge", k->id);
	gen_start(g);
	present(g, key, "refused-access");
	gen_challenge(g, challenge_of(k) == 8 ? 16 : 8);
	present(g, key, "refused-access");
	gen_clause(g, CLAUSE_CHALLENGE_SELECT);
	gen_challenge(g, challenge_of(k));
	gen_select(g);
	present(g, key, "refused-access");
	gen_clause(g, CLAUSE_KEY_FORM);
	gen_challenge(g, challenge_of(k));
	gen_step(g, "wrong-length", "008200%02X 5A*%u", 0x80U | k->ref, presented(k) - 1);
	gen_step(g, "wrong-length", "008200%02X 5A*%u", 0x80U | k->ref, presented(k) + 1);
	gen_step(g, "wrong-parameters", "008201%02X 5A*%u", 0x80U | k->ref, presented(k));
	gen_clause(g, CLAUSE_CHALLENGE_ONCE);
	if (k->tries > 1) {
		wrong(g, key);
		present(g, key, "refused-access");
	}
	gen_finally(g);
	gen_authenticate(g, key, false, "9000");
	present(g, key, "refused-access");
}

/* References that no key has, in the DF of the dialogue. In jicsap they name whatever there is. */
static void references(struct gen *g)
{
	unsigned unknown = 1;
	for (bool taken = true; taken && unknown < 31; unknown += taken) {
		taken = false;
		for (uint16_t i = 0; i < g->c->n_keys; i++)
			taken = taken || key_of(g, i)->ref == unknown;
	}
	if (g->c->personality == PERSONALITY_JICSAP || unknown == 31)
		return;
	gen_dialogue(g, CLAUSE_KEY_FORM, "references that name no key");
	gen_start(g);
	gen_challenge(g, 8);
	gen_step(g, "not-found", "008200%02X 5A*8", 0x80U | unknown);
	gen_step(g, "not-found", "008800%02X 5A*8 Le 00", 0x80U | unknown);
	for (uint16_t i = 0; i < g->c->n_keys; i++) {
		if (key_of(g, i)->df != 0)
			continue;
		bool internal = key_of(g, i)->use == KEY_INTERNAL;
		gen_step(g, "not-found or wrong-structure", "00%s00%02X 5A*8%s", internal ? "82" : "88",
		    0x80U | key_of(g, i)->ref, internal ? "" : " Le 00");
	}
}

/* ---- what authentication opens, and what ends it ---- */

static bool opens(const struct gen *g, uint16_t key, struct gen_witness *w)
{
	return gen_witness(g, rules_of_key(&g->rules, key), w);
}

static void authentication(struct gen *g, uint16_t key)
{
	struct gen_witness w;
	bool seen = opens(g, key, &w);
	gen_dialogue(g, CLAUSE_KEY_AUTH, "authentication with %s, and what ends it", key_of(g, key)->id);
	gen_start(g);
	if (!seen) {
		gen_authenticate(g, key, false, "9000");
		return;
	}
	pin_set rest = w.set & ~rules_of_key(&g->rules, key);
	gen_verify_set(g, w.set);
	gen_witness_try(g, &w, true);
	gen_clause(g, CLAUSE_AUTH_SELECT);
	gen_select(g);
	gen_verify_set(g, rest);
	gen_witness_try(g, &w, false);
	gen_verify_set(g, w.set);
	gen_witness_try(g, &w, true);
	gen_clause(g, CLAUSE_AUTH_RESET);
	gen_start(g);
	gen_verify_set(g, rest);
	gen_witness_try(g, &w, false);
}

/* A wrong cryptogram uses a try; the right one gives it back. */
static void failures(struct gen *g, uint16_t key)
{
	gen_dialogue(g, CLAUSE_KEY_WRONG, "wrong cryptograms of %s", key_of(g, key)->id);
	gen_start(g);
	wrong(g, key);
	gen_clause(g, CLAUSE_KEY_RESTORED);
	gen_authenticate(g, key, false, "9000");
	wrong(g, key);
	if (key_of(g, key)->tries > 2) {
		gen_clause(g, CLAUSE_KEY_WRONG);
		gen_reset(g);
		gen_select(g);
		gen_authenticate(g, key, true, gen_tries(g, key_of(g, key)->tries - 2U));
	}
	gen_finally(g);
	gen_select(g);
	gen_authenticate(g, key, false, "9000");
}

/* Whether auth() alone decides something: a failed authentication ends that, and leaves a session to itself. */
bool gen_clears(const struct gen *g, uint16_t key, struct gen_witness *w)
{
	return gen_failing(g, key) && gen_witness(g, g->rules.auth[key], w);
}

static void failure_clears(struct gen *g, uint16_t key)
{
	struct gen_witness w;
	if (!gen_clears(g, key, &w))
		return;
	bool session = gen_protected(g, w.set);
	gen_dialogue(g, CLAUSE_FAIL_CLEARS, "a failure with %s ends its authentication", key_of(g, key)->id);
	gen_start(g);
	gen_verify_set(g, w.set);
	gen_witness_try(g, &w, true);
	if (session)
		buf_str(&g->body, "  plain\n");
	wrong(g, key);
	if (session && !g->c->sm_plain_ends)
		gen_protect(g, w.set);
	gen_clause(g, CLAUSE_FAIL_CLEARS);
	gen_witness_try(g, &w, false);
	gen_finally(g);
	gen_select(g);
	gen_authenticate(g, key, false, "9000");
}

/* ---- what a card proves itself with ---- */

static bool fits_protected(const struct contract_key *k)
{
	return k->algorithm != KEY_RSA_2048 && k->algorithm != KEY_RSA_3072;
}

/* A signature of RSA-3072 is longer than a short answer. */
static bool answers(const struct gen *g, const struct contract_key *k)
{
	return k->algorithm != KEY_RSA_3072 || g->c->extended;
}

static void internal_step(struct gen *g, uint16_t key, unsigned n)
{
	buf_printf(&g->body, "  internal %s %u\n", key_of(g, key)->id, n);
	gen_expect(g, "9000");
}

/* A session in which an answer can be protected. */
static bool any_session(const struct gen *g, pin_set *set)
{
	for (uint16_t i = 0; i < g->c->n_keys; i++) {
		*set = rules_of_key(&g->rules, i);
		if (g->rules.mac[i] != 0 && (*set & ~gen_within_reach(g)) == 0)
			return true;
	}
	return false;
}

static void internal(struct gen *g, uint16_t key)
{
	const struct contract_key *k = key_of(g, key);
	unsigned block = is_aes(k) ? 16 : 8, p2 = 0x80U | k->ref;
	bool symmetric = k->algorithm <= KEY_AES_256;
	pin_set session;
	gen_use_key(g, key);
	gen_dialogue(g, symmetric ? CLAUSE_INTERNAL : CLAUSE_SIGNATURE, "the card proves that it has %s", k->id);
	gen_start(g);
	internal_step(g, key, symmetric ? block : SIGNED_MIN);
	internal_step(g, key, symmetric ? block : 64);
	if (symmetric) {
		gen_clause(g, CLAUSE_KEY_FORM);
		gen_step(g, "wrong-length", "008800%02X 5A*%u Le 00", p2, block - 1);
		gen_step(g, "wrong-length", "008800%02X 5A*%u Le 00", p2, block + 1);
	}
	gen_clause(g, CLAUSE_KEY_FORM);
	gen_step(g, "wrong-parameters", "008801%02X 5A*%u Le 00", p2, symmetric ? block : SIGNED_MIN);
	if (!any_session(g, &session) || !fits_protected(k))
		return;
	gen_verify_set(g, session);
	gen_clause(g, symmetric ? CLAUSE_INTERNAL : CLAUSE_SIGNATURE);
	internal_step(g, key, symmetric ? block : SIGNED_MIN);
}

/* ---- nested DFs ---- */

static uint16_t child_of(const struct gen *g, uint16_t df)
{
	for (uint16_t i = 1; i < g->c->n_dfs; i++)
		if (g->c->df[i].parent == df)
			return i;
	return 0;
}

/* The DF to enter or leave, 0 when nothing would show. */
static uint16_t shown_around_df(const struct gen *g, uint16_t key, struct gen_witness *w)
{
	uint16_t own = key_of(g, key)->df;
	bool shown = gen_proves(g, key) && gen_witness(g, g->rules.auth[key], w) && !gen_protected(g, w->set) &&
	    gen_far(g, w->set) == 0;
	return !shown ? 0 : own != 0 ? own : child_of(g, 0);
}

/* Authentication with the AP's own key survives a child DF; with a DF's own, nothing survives leaving it. */
static void around_df(struct gen *g, uint16_t key)
{
	struct gen_witness w;
	uint16_t df = shown_around_df(g, key, &w);
	bool own = key_of(g, key)->df == 0;
	if (df == 0)
		return;
	gen_dialogue(g, CLAUSE_DF_KEYS, "authentication with %s %s %s", key_of(g, key)->id,
	    own ? "stays behind" : "is gone behind", g->c->df[df].id);
	gen_start(g);
	gen_verify_set(g, w.set);
	gen_witness_try(g, &w, true);
	if (own)
		gen_step(g, "9000", "00A4010C %04X", g->c->df[df].fid);
	gen_step(g, "9000", "00A4030C");
	if (!own)
		gen_step(g, "9000", "00A4010C %04X", g->c->df[df].fid);
	gen_clause(g, CLAUSE_DF_KEYS);
	gen_witness_try(g, &w, own);
}

/* Clauses about a key; those about a session only where it opens one. */
bool gen_concerns_key(struct gen *g, enum gen_clause clause, uint16_t key)
{
	const struct contract_key *k = key_of(g, key);
	bool symmetric = k->algorithm <= KEY_AES_256;
	bool internal_key = k->use == KEY_INTERNAL && k->ref != 0 && answers(g, k);
	struct gen_witness w;
	unsigned pin;
	switch (clause) {
	case CLAUSE_CHALLENGE:
	case CLAUSE_KEY_AUTH:
		return gen_proves(g, key);
	case CLAUSE_KEY_BLOCKED:
		return gen_proves(g, key) && (g->spare & rules_of_key(&g->rules, key)) == 0;
	case CLAUSE_CHALLENGE_LENGTH:
	case CLAUSE_CHALLENGE_ONCE:
	case CLAUSE_CHALLENGE_SELECT:
		return gen_challenged(g, key);
	case CLAUSE_KEY_FORM:
		return gen_challenged(g, key) || internal_key;
	case CLAUSE_INTERNAL:
		return internal_key && symmetric;
	case CLAUSE_SIGNATURE:
		return internal_key && !symmetric;
	case CLAUSE_KEY_WRONG:
		return gen_proves(g, key);
	case CLAUSE_KEY_RESTORED:
		return gen_failing(g, key);
	case CLAUSE_FAIL_CLEARS:
		return gen_clears(g, key, &w);
	case CLAUSE_AUTH_SELECT:
	case CLAUSE_AUTH_RESET:
		return gen_proves(g, key) && opens(g, key, &w);
	case CLAUSE_DF_KEYS:
		return shown_around_df(g, key, &w) != 0;
	case CLAUSE_AUTH_SESSION:
		return g->rules.mac[key] != 0 && gen_sessionless(g, key, &w);
	case CLAUSE_MUTUAL_INSIDE:
		return g->rules.mac[key] != 0 && k->ref != 0;
	case CLAUSE_SM_PIN:
		return g->rules.mac[key] != 0 && gen_session_pin(g, &pin);
	case CLAUSE_SM_OTHERS:
		return g->rules.mac[key] != 0 && gen_other_key(g, key, &w);
	case CLAUSE_SM_PADDING:
		return g->rules.mac[key] != 0 && gen_any_ef(g) != CONTRACT_NONE;
	case CLAUSE_SM_REPLACED:
		return g->rules.mac[key] != 0 && gen_failing(g, key) && !g->c->sm_plain_ends;
	case CLAUSE_SM_DF:
		return g->rules.mac[key] != 0 && k->df != 0;
	case CLAUSE_SM_08:
		return g->rules.mac[key] != 0 && g->rules.class_08 && gen_any_ef(g) != CONTRACT_NONE;
	default:
		return g->rules.mac[key] != 0;
	}
}

void gen_authenticate_part(struct gen *g)
{
	if (gen_has_challenges(g)) {
		challenge_lengths(g);
		references(g);
	}
	for (uint16_t key = 0; key < g->c->n_keys; key++) {
		g->df = key_of(g, key)->df;
		if (gen_proves(g, key))
			authentication(g, key);
		if (gen_challenged(g, key))
			challenge_served(g, key);
		if (gen_failing(g, key))
			failures(g, key);
		failure_clears(g, key);
		if (key_of(g, key)->use == KEY_INTERNAL && key_of(g, key)->ref != 0 && answers(g, key_of(g, key)))
			internal(g, key);
		around_df(g, key);
	}
	g->df = 0;
}
