/* Secure messaging: contract 9. What is protected wrongly ends the session, with all that came of it; what is refused
 * otherwise does not. */
#include "runtime/suite/gen.h"

#include <stdio.h>

/* Faults, with the clause that speaks of them. Those of data go with a command that has some. */
static const struct fault {
	const char *word;
	enum gen_clause clause;
	bool data;
} faults[] = {
    {"missing", CLAUSE_SM_MISSING, false},
    {"first", CLAUSE_SM_MISSING, false},
    {"mac", CLAUSE_SM_MAC, false},
    {"mac", CLAUSE_SM_MAC, true},
    {"short", CLAUSE_SM_MAC, false},
    {"cut", CLAUSE_SM_MAC, false},
    {"header", CLAUSE_SM_MAC, false},
    {"replay", CLAUSE_SM_COUNTER, false},
    {"skipped", CLAUSE_SM_COUNTER, false},
    {"twice", CLAUSE_SM_OBJECTS, false},
    {"twice", CLAUSE_SM_OBJECTS, true},
    {"order", CLAUSE_SM_OBJECTS, true},
    {"unknown", CLAUSE_SM_OBJECTS, false},
    {"indicator", CLAUSE_SM_PADDING, true},
    {"padding", CLAUSE_SM_PADDING, true},
};

enum { FAULTS = sizeof faults / sizeof *faults };

/* A session and what shows it: an access that secure messaging with the key opens; without one, a question that anybody
 * may ask. */
struct session {
	uint16_t key;
	bool seen;
	struct gen_witness w;
	pin_set set;
	uint16_t ef; /* an EF of the DF, CONTRACT_NONE without one */
};

uint16_t gen_any_ef(const struct gen *g)
{
	for (uint16_t f = 0; f < g->c->n_files; f++)
		if (gen_ef(g, f))
			return f;
	return CONTRACT_NONE;
}

static pin_set sm_bits(const struct gen *g, uint16_t key)
{
	return g->rules.mac[key] | g->rules.enc[key];
}

static struct session session_of(struct gen *g, uint16_t key)
{
	struct session s = {.key = key, .ef = gen_any_ef(g)};
	s.seen = gen_witness(g, sm_bits(g, key), &s.w);
	s.set = s.seen ? s.w.set : rules_of_key(&g->rules, key);
	return s;
}

static void open(struct gen *g, const struct session *s, enum gen_clause clause, const char *what)
{
	gen_dialogue(g, clause, "%s: %s", g->c->key[s->key].id, what);
	gen_start(g);
	gen_verify_set(g, s->set);
	if (s->seen)
		gen_witness_select(g, &s->w);
	gen_clause(g, clause);
}

/* A command without data, and what it answers; NULL: as in the session. */
static void ask(struct gen *g, const struct session *s, const char *expect)
{
	if (s->seen && (s->w.op == FILE_READ || expect != NULL)) {
		gen_witness_send(g, &s->w, expect);
		return;
	}
	if (expect == NULL)
		gen_challenge(g, 8);
	else
		gen_step(g, expect, "00840000 Le 08");
}

/* One with data, that changes nothing. */
static void tell(struct gen *g, const struct session *s, const char *expect)
{
	gen_step(g, expect, "00A4020C %04X", g->c->file[s->ef].fid);
}

static void spoil(struct gen *g, const struct session *s, const char *fault, bool data)
{
	buf_printf(&g->body, "  sm-fault %s\n", fault);
	if (data)
		tell(g, s, "secure-messaging");
	else
		gen_step(g, "secure-messaging", "00840000 Le 08");
}

/* Nothing answers in the session any more, whatever counter the card would go on with. */
static void over(struct gen *g, const struct session *s)
{
	enum gen_clause clause = g->clause;
	gen_clause(g, CLAUSE_SM_OVER);
	spoil(g, s, "late", false);
	spoil(g, s, "again", false);
	if (s->seen)
		gen_witness_send(g, &s->w, "refused-access");
	gen_clause(g, clause);
}

static void wrong_protection(struct gen *g, const struct session *s)
{
	for (size_t i = 0; i < FAULTS; i++) {
		if (faults[i].data && s->ef == CONTRACT_NONE)
			continue;
		char what[64];
		snprintf(
		    what, sizeof what, "fault %s%s", faults[i].word, faults[i].data ? " of a command with data" : "");
		open(g, s, faults[i].clause, what);
		gen_protect(g, rules_of_key(&g->rules, s->key));
		gen_challenge(g, 8);
		spoil(g, s, faults[i].word, faults[i].data);
		gen_cover_clause(g, faults[i].clause);
		over(g, s);
	}
}

/* Objects without a session. */
static void none(struct gen *g, uint16_t key)
{
	gen_dialogue(g, CLAUSE_SM_NONE, "no session with %s", g->c->key[key].id);
	gen_start(g);
	buf_str(&g->body, "  raw 0C8400000D 970108 8E08 00*8 00\n");
	gen_expect(g, "secure-messaging");
	buf_str(&g->body, "  raw 0CA4020C0D 810200018E08 00*7 00\n");
	gen_expect(g, "secure-messaging");
	gen_challenge(g, 8);
}

/* auth() of the key goes with the session. */
static void authentication_goes(struct gen *g, const struct session *s)
{
	struct gen_witness w;
	if (!gen_sessionless(g, s->key, &w))
		return;
	gen_dialogue(g, CLAUSE_AUTH_SESSION, "%s: authentication goes with the session", g->c->key[s->key].id);
	gen_start(g);
	gen_verify_set(g, w.set | rules_of_key(&g->rules, s->key));
	spoil(g, s, "mac", false);
	gen_witness_try(g, &w, false);
}

/* PINs verified inside go, others stay; a later VERIFY in plain moves a PIN out. */
static void pins(struct gen *g, const struct session *s)
{
	unsigned pin;
	pin_set key = rules_of_key(&g->rules, s->key);
	if (!gen_session_pin(g, &pin))
		return;
	gen_dialogue(g, CLAUSE_SM_PIN, "%s: %s verified inside, and before", g->c->key[s->key].id, g->c->pin[pin].id);
	gen_start(g);
	gen_verify_set(g, key);
	gen_verify(g, pin, DERIVE_RAW);
	gen_verify_empty(g, pin, "9000");
	gen_clause(g, CLAUSE_SM_PIN);
	spoil(g, s, "mac", false);
	gen_verify_empty(g, pin, gen_tries(g, g->c->pin[pin].tries));
	gen_cover_clause(g, CLAUSE_SM_PIN);
	gen_verify(g, pin, DERIVE_RAW);
	gen_authenticate_set(g, key);
	spoil(g, s, "mac", false);
	gen_verify_empty(g, pin, "9000");
	if (g->c->sm_plain_ends)
		return;
	gen_select(g);
	gen_verify_set(g, key);
	gen_verify(g, pin, DERIVE_RAW);
	buf_str(&g->body, "  plain\n");
	gen_verify(g, pin, DERIVE_RAW);
	gen_protect(g, key);
	spoil(g, s, "mac", false);
	gen_verify_empty(g, pin, "9000");
}

static void other_keys_stay(struct gen *g, const struct session *s)
{
	struct gen_witness w;
	if (!gen_other_key(g, s->key, &w))
		return;
	gen_dialogue(g, CLAUSE_SM_OTHERS, "%s: other keys stay authenticated", g->c->key[s->key].id);
	gen_start(g);
	gen_verify_set(g, w.set);
	gen_authenticate_set(g, rules_of_key(&g->rules, s->key));
	spoil(g, s, "mac", false);
	gen_clause(g, CLAUSE_SM_OTHERS);
	gen_witness_try(g, &w, true);
}

/* What is refused behind the protection is answered under it. */
static void refusals(struct gen *g, const struct session *s)
{
	const struct contract_key *k = &g->c->key[s->key];
	bool aes = k->algorithm >= KEY_AES_128;
	open(g, s, CLAUSE_SM_REFUSED, "what is refused otherwise keeps the session");
	gen_step(g, "not-supported", "00560000");
	gen_step(g, "not-found", "00A4020C %04X", gen_unknown_fid(g));
	gen_clause(g, CLAUSE_SELECT_SM);
	buf_str(&g->body, "  send 00A4040C ");
	for (size_t i = 0; i < g->c->aid_len; i++)
		buf_printf(&g->body, "%02X", g->c->aid[i]);
	buf_str(&g->body, "\n");
	gen_expect(g, "wrong-parameters");
	gen_clause(g, CLAUSE_SM_LENGTH);
	gen_step(g, "wrong-length", "00840000 5A Le 08");
	if (s->ef != CONTRACT_NONE)
		gen_step(g, "wrong-length", "00A4020C %04X Le 00", g->c->file[s->ef].fid);
	if (s->seen && (s->set & g->rules.mac[s->key]) != 0 && s->w.op == FILE_READ &&
	    g->c->file[s->w.file].structure == FILE_TRANSPARENT && aes && !g->c->extended &&
	    g->c->sm_response == SM_ENC_MAC)
		gen_step(g, "wrong-length", "00B00000 Le E0");
	if (k->ref != 0) {
		gen_clause(g, CLAUSE_MUTUAL_INSIDE);
		gen_challenge(g, 8);
		gen_step(g, "refused-access", "008200%02X 5A*%u Le 00", 0x80U | k->ref,
		    k->algorithm == KEY_AES_192 || k->algorithm == KEY_AES_256 ? 56U : 40U);
	}
	gen_clause(g, CLAUSE_SM_REFUSED);
	if (s->seen) /* jicsap: a command on a key made its IEF current */
		gen_witness_select(g, &s->w);
	ask(g, s, NULL);
}

/* In plain sm() is never met; the session stays, or in the strict form ends. */
static void plain(struct gen *g, const struct session *s)
{
	open(g, s, CLAUSE_SM_PLAIN, "a plain command between");
	ask(g, s, NULL);
	buf_str(&g->body, "  plain\n");
	if (s->seen)
		ask(g, s, "refused-access");
	gen_challenge(g, 8);
	gen_protect(g, s->set);
	ask(g, s, g->c->sm_plain_ends ? "secure-messaging" : NULL);
}

static void replaced(struct gen *g, const struct session *s)
{
	if (!gen_failing(g, s->key) || g->c->sm_plain_ends)
		return;
	open(g, s, CLAUSE_SM_REPLACED, "only success replaces the session");
	gen_authenticate(g, s->key, true, gen_tries(g, g->c->key[s->key].tries - 1U));
	gen_protect(g, s->set);
	gen_challenge(g, 8);
	gen_finally(g);
	gen_select(g);
	gen_authenticate(g, s->key, false, "9000");
	gen_authenticate(g, s->key, false, "9000");
	gen_protect(g, rules_of_key(&g->rules, s->key));
	gen_clause(g, CLAUSE_SM_REPLACED);
	gen_challenge(g, 8);
}

static void ends(struct gen *g, const struct session *s)
{
	for (int by_reset = 0; by_reset <= 1; by_reset++) {
		open(g, s, CLAUSE_SM_SELECT, by_reset ? "a reset ends the session" : "SELECT by AID ends the session");
		ask(g, s, NULL);
		(by_reset ? gen_start : gen_select)(g);
		gen_clause(g, CLAUSE_SM_SELECT);
		spoil(g, s, "late", false);
		if (s->seen)
			gen_witness_try(g, &s->w, false);
	}
}

/* A DF's own session is no status of the DF: it goes on when that is left (sim/reference/open-points.h, 62). */
static void around_df(struct gen *g, const struct session *s)
{
	uint16_t df = g->c->key[s->key].df;
	if (df == 0)
		return;
	open(g, s, CLAUSE_SM_DF, "the session goes on behind its DF");
	gen_protect(g, rules_of_key(&g->rules, s->key));
	gen_step(g, "9000", "00A4030C");
	gen_step(g, "9000", "00A4010C %04X", g->c->df[df].fid);
	gen_challenge(g, 8);
	if (s->seen && (s->set & ~rules_of_key(&g->rules, s->key)) == 0) {
		bool given =
		    rules_hold(&g->rules, g->c->file[s->w.file].rule[s->w.op], s->set & ~g->rules.auth[s->key]);
		gen_protect(g, s->set);
		gen_clause(g, CLAUSE_SM_DF);
		gen_witness_try(g, &s->w, given);
	}
}

/* Class 08: no MAC, and objects of its own. */
static void class_08(struct gen *g, const struct session *s)
{
	static const char *const wrong[] = {"indicator", "padding", "twice", "order", "unknown"};
	if (!g->rules.class_08 || s->ef == CONTRACT_NONE)
		return;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char what[64];
		snprintf(what, sizeof what, "class 08, fault %s", wrong[i]);
		open(g, s, CLAUSE_SM_08, what);
		buf_str(&g->body, "  sm enc\n");
		tell(g, s, "9000");
		gen_cover_clause(g, CLAUSE_SM_08);
		spoil(g, s, wrong[i], true);
		spoil(g, s, "late", false);
	}
}

bool gen_session_pin(const struct gen *g, unsigned *pin)
{
	pin_set set = g->usable & gen_visible(g);
	for (*pin = 0; *pin < g->c->n_pins; ++*pin)
		if ((set >> *pin & 1) != 0 && g->c->pin[*pin].ref != 0 && g->c->pin[*pin].df == g->df)
			return true;
	return false;
}

bool gen_sessionless(const struct gen *g, uint16_t key, struct gen_witness *w)
{
	return !g->c->sm_plain_ends && gen_witness(g, g->rules.auth[key], w) && !gen_protected(g, w->set) &&
	    gen_far(g, w->set) == 0;
}

bool gen_other_key(const struct gen *g, uint16_t key, struct gen_witness *w)
{
	for (uint16_t other = 0; other < g->c->n_keys; other++)
		if (other != key && g->rules.mac[other] == 0 && gen_witness(g, g->rules.auth[other], w) &&
		    (w->set & rules_of_sessions(&g->rules)) == 0 && gen_far(g, w->set) == 0)
			return true;
	return false;
}

void gen_session_part(struct gen *g)
{
	for (uint16_t key = 0; key < g->c->n_keys; key++) {
		if (g->rules.mac[key] == 0)
			continue;
		g->df = g->c->key[key].df;
		struct session s = session_of(g, key);
		none(g, key);
		wrong_protection(g, &s);
		authentication_goes(g, &s);
		pins(g, &s);
		other_keys_stay(g, &s);
		refusals(g, &s);
		plain(g, &s);
		replaced(g, &s);
		ends(g, &s);
		around_df(g, &s);
		class_08(g, &s);
	}
	g->df = 0;
}
