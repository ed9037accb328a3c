/* Accesses that show whether a key's authentication or its secure messaging is there. They change nothing. */
#include "runtime/suite/gen.h"

#include <stdio.h>

/* Whether there was a record of some bytes from the beginning: whether a key has a witness does not change. */
static bool first_record(const struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	const uint8_t *slot = g->c->pool + f->content;
	return gen_has_records(f) && f->records != 0 && (slot[0] != 0 || slot[1] != 0);
}

/* What can be tried without changing anything: reading, writing what is there, counting by nothing. */
static bool harmless(const struct gen *g, uint16_t file, enum file_op op)
{
	const struct contract_file *f = &g->c->file[file];
	switch (op) {
	case FILE_READ:
		return true;
	case FILE_UPDATE:
		return f->structure == FILE_TRANSPARENT || first_record(g, file);
	case FILE_INCREASE:
	case FILE_DECREASE:
		return f->structure == FILE_COUNTER;
	case FILE_APPEND:
	case FILE_OPS:
		break;
	}
	return false;
}

/* Whether what is tried is carried by one command and its answer in this state. */
static bool carried(const struct gen *g, uint16_t file, enum file_op op, pin_set set)
{
	const struct contract_file *f = &g->c->file[file];
	const struct gen_recording *k = g->recording[file];
	if (f->structure == FILE_DATA_OBJECT)
		return f->size <= gen_response_most(g, set);
	if (k == NULL)
		return true;
	return f->record_length <= (op == FILE_READ ? gen_response_most(g, set) : gen_command_most(g, set));
}

/* A set that opens the operation now, and does not without these bits. */
static bool opened_by(const struct gen *g, uint16_t file, enum file_op what, pin_set bits, pin_set *set)
{
	const struct gen_op *op = &g->file_op[file][what];
	const struct rules_sets *sets = &op->rule.sets[RULES_GRANTED];
	for (size_t i = 0; i < sets->n; i++) {
		*set = sets->set[i];
		if ((*set & bits) != 0 && (*set & g->rules.contactless) == 0 && gen_now(g, *set) &&
		    carried(g, file, what, *set) && !rules_hold(&g->rules, op->rule.rule, *set & ~bits))
			return true;
	}
	return false;
}

bool gen_witness(const struct gen *g, pin_set bits, struct gen_witness *w)
{
	static const enum file_op order[] = {FILE_READ, FILE_UPDATE, FILE_INCREASE, FILE_DECREASE};
	if (bits == 0)
		return false;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		for (uint16_t f = 0; f < g->c->n_files; f++) {
			*w = (struct gen_witness){.file = f, .op = order[i]};
			if (g->c->file[f].df == g->df && g->file_op[f][order[i]].guarded && harmless(g, f, order[i]) &&
			    opened_by(g, f, order[i], bits, &w->set))
				return true;
		}
	return false;
}

static const char *granted(struct gen *g, const struct gen_witness *w)
{
	const struct contract_file *f = &g->c->file[w->file];
	const struct gen_recording *k = g->recording[w->file];
	if (w->op == FILE_UPDATE)
		return "9000";
	if (f->structure == FILE_COUNTER)
		return gen_length(g, f->size);
	if (f->structure == FILE_TRANSPARENT)
		return gen_length(g, 1);
	return k != NULL && k->n == 0 ? "not-found" : "9000 *";
}

/* The command behind `send`. */
static void command(struct gen *g, const struct gen_witness *w)
{
	const struct contract_file *f = &g->c->file[w->file];
	if (w->op == FILE_INCREASE || w->op == FILE_DECREASE)
		buf_printf(&g->body, "80%02X0000 00*%u Le 00",
		    w->op == FILE_INCREASE ? f->increase_ins : f->decrease_ins, (unsigned)f->size);
	else if (f->structure == FILE_DATA_OBJECT)
		buf_printf(&g->body, "00CA%04X Le %s", f->tag, gen_le(g, f->size));
	else if (gen_has_records(f) && w->op == FILE_UPDATE) {
		buf_str(&g->body, "00DC0104");
		gen_record_items(g, g->recording[w->file], 1);
	} else if (gen_has_records(f))
		buf_printf(&g->body, "00B20104 Le %s", gen_le(g, f->record_length));
	else if (w->op == FILE_UPDATE) {
		buf_str(&g->body, "00D60000");
		gen_content(g, w->file, 0, 1, &g->body);
	} else
		buf_printf(&g->body, "00B00000 Le %02X", f->structure == FILE_COUNTER ? 0U : 1U);
}

void gen_witness_select(struct gen *g, const struct gen_witness *w)
{
	if (g->c->file[w->file].structure != FILE_DATA_OBJECT)
		gen_step(g, "9000", "00A4020C %04X", g->c->file[w->file].fid);
}

void gen_witness_send(struct gen *g, const struct gen_witness *w, const char *expect)
{
	buf_str(&g->body, "  send ");
	command(g, w);
	buf_str(&g->body, "\n");
	gen_expect(g, expect == NULL ? granted(g, w) : expect);
}

void gen_witness_try(struct gen *g, const struct gen_witness *w, bool given)
{
	gen_witness_select(g, w);
	gen_witness_send(g, w, given ? NULL : "refused-access");
}
