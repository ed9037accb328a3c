/* A deliberately wrong card: the reference card with one thing altered, in the contract that it executes or in what it
 * does with a command. Include after cmocka.h. */
#ifndef IGATA_TESTS_MUTANT_H
#define IGATA_TESTS_MUTANT_H

#include "runtime/link/layer.h"
#include "runtime/sim/reference/card.h"
#include "tests/unit/support/suite_kit.h"

struct mutation {
	struct link_layer layer;
	struct sim *card;
	const struct mutant *mutant;
	/* Before the command. */
	struct session before;
	uint8_t *memory;
	uint8_t cmd[300]; /* what goes down; may be altered */
	size_t n;
	bool reset_since; /* a reset came since the last command */
};

struct mutant {
	const char *name;
	bool rich;  /* needs the rich contract; else the sample's */
	bool probe; /* the probe catches it */
	void (*contract)(struct contract *c);
	void (*before)(struct mutation *m); /* may alter the command */
	void (*after)(struct mutation *m, struct buf *rsp);
	void (*power)(struct link *l); /* before a reset */
};

/* ---- looking at commands and into the card ---- */

static inline struct session *session(struct mutation *m)
{
	return m->card->ram;
}

enum { TRIES, PUK_TRIES };

static inline uint8_t *counter(struct mutation *m, unsigned pin, int which)
{
	return m->card->nv.mem + session(m)->at.pins + pin * PIN_RECORD + which;
}

static inline bool is(const struct mutation *m, uint8_t ins)
{
	return m->n >= 4 && m->cmd[0] == 0x00 && m->cmd[1] == ins;
}

static inline bool has_data(const struct mutation *m)
{
	return m->n > 5;
}

static inline sw_t sw(const struct buf *rsp)
{
	return (sw_t)(rsp->p[rsp->n - 2] << 8 | rsp->p[rsp->n - 1]);
}

static inline bool mismatch(const struct buf *rsp)
{
	return sw_class(sw(rsp)) == SW_CLASS_MISMATCH;
}

static inline void answer(struct buf *rsp, sw_t word)
{
	buf_clear(rsp);
	buf_u16(rsp, word);
}

static inline void change_word(struct buf *rsp, sw_t word)
{
	rsp->p[rsp->n - 2] = (uint8_t)(word >> 8);
	rsp->p[rsp->n - 1] = (uint8_t)word;
}

static inline void undo_memory(struct mutation *m)
{
	memcpy(m->card->nv.mem, m->memory, m->card->nv.size);
}

static inline void undo_verified(struct mutation *m)
{
	memcpy(session(m)->verified, m->before.verified, sizeof m->before.verified);
}

static inline void undo_current_ef(struct mutation *m)
{
	session(m)->has_ef = m->before.has_ef;
	session(m)->ef = m->before.ef;
}

/* ---- the layer that alters what a card does ---- */

static inline enum link_status mutant_reset(struct link *l)
{
	struct mutation *m = l->state;
	m->reset_since = true;
	if (m->mutant->power != NULL)
		m->mutant->power(l);
	return link_below_reset(l);
}

static inline enum link_status mutant_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct mutation *m = l->state;
	assert_true(n <= sizeof m->cmd);
	memcpy(m->cmd, cmd, n);
	m->n = n;
	m->before = *session(m);
	memcpy(m->memory, m->card->nv.mem, m->card->nv.size);
	if (m->mutant->before != NULL)
		m->mutant->before(m);
	enum link_status s = link_below_transmit(l, m->cmd, m->n, rsp);
	memcpy(m->cmd, cmd, n);
	m->n = n;
	if (m->mutant->after != NULL)
		m->mutant->after(m, rsp);
	m->reset_since = false;
	return s;
}

/* Whether a suite does not pass on a card that is altered so. The card is closed. */
static inline bool mutant_fails(
    const struct mutant *mutant, struct sim *card, const struct suite *s, const struct suite_values *values)
{
	static const struct link_ops ops = {mutant_reset, mutant_transmit, link_below_close};
	struct mutation m = {.mutant = mutant, .card = card};
	struct link l = {0};
	m.memory = malloc(card->nv.size);
	assert_non_null(m.memory);
	link_sim_of(&l, card);
	link_push(&l, &ops, &m.layer);
	bool passed = kit_run(s, &l, values, false);
	link_close(&l);
	free(m.memory);
	sim_close(card);
	return !passed;
}

/* Whether the suite of the right contract catches the mutant of it. */
static inline bool mutant_caught(const struct mutant *mutant, struct contract *(*make)(void), enum suite_kind kind)
{
	struct contract *right = make(), *wrong = make();
	const struct reference_value *given = kit_made_values(right);
	struct suite_value value[64];
	struct suite_values values = {value, right->n_values};
	struct sim card;
	for (size_t i = 0; i < right->n_values; i++)
		value[i] = (struct suite_value){given[i].name, given[i].p, given[i].n};
	if (mutant->contract != NULL)
		mutant->contract(wrong);
	kit_deliver(&card, wrong);
	assert_int_equal(reference_personalise(&card, given, right->n_values), SW_OK);
	struct suite *s = kit_generate(right, kind);
	bool fails = mutant_fails(mutant, &card, s, &values);
	suite_free(s);
	free(right);
	free(wrong);
	return fails;
}

/* Suites of the right card pass; every mutant is caught by the full one, and by the probe just as the table says. */
static inline void mutants_caught(const struct mutant *mutants, size_t n, struct contract *(*make)(void))
{
	static const struct mutant none = {.name = "none"};
	size_t wrong = 0;
	assert_false(mutant_caught(&none, make, SUITE_PROBE));
	assert_false(mutant_caught(&none, make, SUITE_FULL));
	for (size_t i = 0; i < n; i++) {
		bool full = mutant_caught(&mutants[i], make, SUITE_FULL);
		bool probe = mutant_caught(&mutants[i], make, SUITE_PROBE);
		if (full && probe == mutants[i].probe)
			continue;
		print_error("%s: full %s, probe %s\n", mutants[i].name, full ? "catches" : "MISSES",
		    probe ? "catches" : "misses");
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* Both suites of a contract pass on its card and miss nothing. */
static inline void suites_pass_and_cover(struct contract *(*make)(void))
{
	struct contract *c = make();
	struct kit_ap ap;
	kit_ap_open(&ap, c, kit_made_values(c), c->n_values);
	for (int kind = SUITE_PROBE; kind <= SUITE_FULL; kind++) {
		struct link l = {0};
		kit_nothing_missed(c, (enum suite_kind)kind);
		struct suite *s = kit_generate(c, (enum suite_kind)kind);
		link_sim_of(&l, &ap.card);
		assert_true(kit_run(s, &l, &ap.values, true));
		link_close(&l);
		suite_free(s);
	}
	kit_ap_close(&ap);
}

#endif
