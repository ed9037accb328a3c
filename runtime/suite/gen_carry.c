/* What one command and its answer carry: contract 9. Under secure messaging less than in clear, by the block of the
 * cipher and the level; with extended APDUs more than any record. */
#include "runtime/suite/gen.h"

enum {
	COMMAND = 255,    /* data of a short command */
	RESPONSE = 256,   /* and of its answer */
	MAC = 2 + 8,      /* 8E */
	STATUS = 2 + 2,   /* 99 */
	HEAD = 3,         /* 87 81 L, 81 81 L: of as many bytes */
	INDICATOR = 1,    /* 01 in front of a cryptogram */
	EXTENDED = 60000, /* more than any object has */
};

uint32_t gen_reach(const struct gen *g, uint32_t n)
{
	enum { PROTECTED = 200 };
	return n > PROTECTED && gen_protected(g, rules_conditions(&g->rules)) ? PROTECTED : n;
}

struct protection {
	bool mac, enc;
	unsigned block;
};

static struct protection protection_of(const struct gen *g, pin_set set)
{
	struct protection p = {0};
	for (unsigned bit = g->c->n_pins; bit < g->rules.bits; bit++) {
		const struct rules_condition *k = &g->rules.condition[bit];
		if ((set >> bit & 1) == 0 || !k->sm)
			continue;
		p.mac = p.mac || k->sm == RULES_SM_MAC;
		p.enc = p.enc || k->sm == RULES_SM_ENC;
		p.block = g->c->key[k->key].algorithm == KEY_DES_EDE2 ? 8 : 16;
	}
	return p;
}

/* Data in one object, where all objects together have `room` bytes: in clear under the MAC, or whole blocks of which at
 * least one byte is padding. */
static uint32_t held(struct protection p, bool encrypted, uint32_t room)
{
	uint32_t n = room - HEAD - (p.mac ? MAC : 0);
	if (!encrypted)
		return n;
	n -= INDICATOR;
	return n - n % p.block - 1;
}

uint32_t gen_command_most(const struct gen *g, pin_set set)
{
	struct protection p = protection_of(g, set);
	if (g->c->extended)
		return EXTENDED;
	return p.mac || p.enc ? held(p, p.enc, COMMAND) : COMMAND;
}

uint32_t gen_response_most(const struct gen *g, pin_set set)
{
	struct protection p = protection_of(g, set);
	if (!p.mac && !p.enc)
		return RESPONSE;
	if (g->c->extended)
		return EXTENDED;
	if (!p.mac)
		return held(p, true, RESPONSE);
	return held(p, g->c->sm_response != SM_MAC, RESPONSE - STATUS);
}

bool gen_carrying_set(const struct gen *g, uint16_t file, enum file_op op, uint32_t n, pin_set *set)
{
	const struct rules_sets *sets = &g->file_op[file][op].rule.sets[RULES_GRANTED];
	for (size_t i = 0; i < sets->n; i++) {
		*set = sets->set[i];
		uint32_t most = op == FILE_READ ? gen_response_most(g, *set) : gen_command_most(g, *set);
		if (gen_now(g, *set) && most >= n)
			return true;
	}
	return gen_file_set(g, file, op, set);
}
