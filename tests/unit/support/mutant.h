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

#endif
