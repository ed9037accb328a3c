/* Counters: contract 6. */
#include "runtime/suite/gen.h"

#include <stdio.h>

struct counting {
	uint16_t file;
	const struct contract_file *f;
	struct gen_counting *state;
};

static const char *value_text(const struct counting *k, uint64_t v, char out[16])
{
	snprintf(out, 16, "%0*llX", (int)(2 * k->f->size), (unsigned long long)v);
	return out;
}

static void expect_value(struct gen *g, const struct counting *k)
{
	char v[16];
	buf_str(&g->body, "    expect 9000 data");
	if (k->state->known)
		buf_printf(&g->body, " %s", value_text(k, k->state->now, v));
	else
		gen_content(g, k->file, 0, k->f->size, &g->body);
	buf_str(&g->body, "\n");
	gen_cover_clause(g, g->clause);
}

static void read_value(struct gen *g, const struct counting *k)
{
	buf_str(&g->body, "  send 00B00000 Le 00\n");
	expect_value(g, k);
}

static void select_ef(struct gen *g, const struct counting *k)
{
	gen_step(g, "9000", "00A4020C %04X", k->f->fid);
}

static unsigned ins_of(const struct counting *k, enum file_op op)
{
	return op == FILE_INCREASE ? k->f->increase_ins : k->f->decrease_ins;
}

/* By this amount, which is in bounds. */
static void count(struct gen *g, struct counting *k, enum file_op op, unsigned sfi, uint64_t by)
{
	char v[16];
	buf_printf(&g->body, "  send 80%02X00%02X %s Le 00\n", ins_of(k, op), sfi, value_text(k, by, v));
	k->state->now = op == FILE_INCREASE ? k->state->now + by : k->state->now - by;
	expect_value(g, k);
	gen_cover_clause(g, CLAUSE_COUNTER);
}

static void out_of_bounds(struct gen *g, const struct counting *k, enum file_op op, uint64_t by)
{
	char v[16];
	if (by >> 8 * k->f->size != 0)
		return;
	gen_step(g, "refused-access", "80%02X0000 %s Le 00", ins_of(k, op), value_text(k, by, v));
	gen_cover_clause(g, CLAUSE_COUNTER_BOUNDS);
}

static void show(struct gen *g, const struct counting *k)
{
	pin_set set;
	if (!gen_file_set(g, k->file, FILE_READ, &set))
		return;
	gen_select(g);
	gen_verify_set(g, set);
	select_ef(g, k);
	read_value(g, k);
}

void gen_show_counter(struct gen *g, uint16_t file)
{
	show(g, &(struct counting){file, &g->c->file[file], &g->counting[file]});
}

void gen_move_counter(struct gen *g, uint16_t file, uint64_t to)
{
	struct counting k = {file, &g->c->file[file], &g->counting[file]};
	uint64_t now = k.state->now;
	enum file_op op = to >= now ? FILE_INCREASE : FILE_DECREASE;
	pin_set set;
	gen_start(g);
	if (!gen_file_set(g, file, op, &set))
		return;
	gen_verify_set(g, set);
	select_ef(g, &k);
	count(g, &k, op, 0, to >= now ? to - now : now - to);
}

static uint64_t one_step(const struct counting *k, enum file_op op)
{
	if (!k->state->known)
		return 0;
	return op == FILE_INCREASE ? k->state->now < k->f->max : k->state->now > k->f->min;
}

static void given(struct gen *g, struct counting *k, enum file_op op, pin_set set)
{
	gen_open_op(g, k->file, op, set, GEN_GIVEN);
	if (op == FILE_READ) {
		select_ef(g, k);
		read_value(g, k);
	} else {
		if (k->f->sfi != 0)
			count(g, k, op, k->f->sfi, one_step(k, op));
		select_ef(g, k);
		count(g, k, op, 0, one_step(k, op));
	}
	gen_cover_op(g, &g->file_op[k->file][op], GEN_GIVEN, set);
	if (op != FILE_READ)
		show(g, k);
}

static void refused(struct gen *g, struct counting *k, enum file_op op, pin_set set)
{
	char v[16];
	gen_open_op(g, k->file, op, set, GEN_REFUSED);
	if (op != FILE_READ && k->f->sfi != 0)
		gen_step(g, "refused-access", "80%02X00%02X %s Le 00", ins_of(k, op), k->f->sfi, value_text(k, 1, v));
	select_ef(g, k);
	if (op == FILE_READ)
		gen_step(g, "refused-access", "00B00000 Le 00");
	else
		gen_step(g, "refused-access", "80%02X0000 %s Le 00", ins_of(k, op), value_text(k, 1, v));
	gen_cover_op(g, &g->file_op[k->file][op], GEN_REFUSED, set);
	if (op != FILE_READ)
		show(g, k);
}

/* To the bound, over it, and with lengths that the counter does not have. */
static void bounds(struct gen *g, struct counting *k, enum file_op op)
{
	pin_set set;
	unsigned width = k->f->size;
	uint64_t range = (uint64_t)k->f->max - k->f->min;
	if (!gen_file_set(g, k->file, op, &set))
		return;
	gen_dialogue(g, CLAUSE_COUNTER_BOUNDS, "%s %s at its bounds", contract_file_op_name(op), k->f->id);
	gen_start(g);
	gen_verify_set(g, set);
	select_ef(g, k);
	gen_step(g, "wrong-length", "80%02X0000 01*%u Le 00", ins_of(k, op), width + 1);
	if (width > 1)
		gen_step(g, "wrong-length", "80%02X0000 01*%u Le 00", ins_of(k, op), width - 1);
	gen_step(g, "wrong-parameters", "80%02X0100 01*%u Le 00", ins_of(k, op), width);
	out_of_bounds(g, k, op, range + 1);
	if (k->state->known) {
		uint64_t left = op == FILE_INCREASE ? k->f->max - k->state->now : k->state->now - k->f->min;
		out_of_bounds(g, k, op, left + 1);
		if (left > 0)
			count(g, k, op, 0, left);
		out_of_bounds(g, k, op, 1);
		count(g, k, op, 0, 0);
	} else
		count(g, k, op, 0, 0);
	show(g, k);
}

static void sets(struct gen *g, struct counting *k, enum file_op op)
{
	const struct rules_case *rule = &g->file_op[k->file][op].rule;
	for (int outcome = 0; outcome < GEN_OUTCOMES; outcome++)
		for (size_t i = 0; i < rule->sets[outcome].n; i++)
			if (gen_now(g, rule->sets[outcome].set[i]))
				(outcome == GEN_GIVEN ? given : refused)(g, k, op, rule->sets[outcome].set[i]);
}

static void forms(struct gen *g, const struct counting *k)
{
	gen_dialogue(g, CLAUSE_COUNTER, "%s is no other kind of file", k->f->id);
	gen_start(g);
	gen_verify_set(g, g->usable & gen_visible(g));
	select_ef(g, k);
	gen_step(g, "wrong-structure", "00B20104 Le 00");
	gen_step(g, "wrong-structure", "00D60000 00");
	gen_step(g, "not-found", "80%02X001F 01*%u Le 00", k->f->increase_ins, (unsigned)k->f->size);
}

/* A command of the AP moves it this way, and there is no way back from the bound: the command has to come before. */
static bool commands_need(const struct gen *g, const struct counting *k, enum file_op op)
{
	enum file_op back = op == FILE_INCREASE ? FILE_DECREASE : FILE_INCREASE;
	if (g->file_op[k->file][back].rule.sets[RULES_GRANTED].n != 0)
		return false;
	for (uint16_t i = 0; i < g->c->n_commands; i++)
		for (uint16_t s = 0; s < g->c->command[i].n_steps; s++) {
			const struct contract_step *step = &g->c->step[g->c->command[i].first_step + s];
			if (step->op == (op == FILE_INCREASE ? STEP_INCREASE : STEP_DECREASE) &&
			    step->left.index == k->file)
				return true;
		}
	return false;
}

static void all_bounds(struct gen *g, struct counting *k, bool after_commands)
{
	for (enum file_op op = FILE_INCREASE; op <= FILE_DECREASE; op++)
		if ((g->phase == 0 || (rules_named(&g->rules, k->f->rule[op]) & g->phase) != 0) &&
		    commands_need(g, k, op) == after_commands)
			bounds(g, k, op);
}

void gen_counter_part(struct gen *g)
{
	for (uint16_t file = 0; file < g->c->n_files; file++) {
		struct counting k = {file, &g->c->file[file], &g->counting[file]};
		if (k.f->structure != FILE_COUNTER)
			continue;
		g->df = k.f->df;
		if (g->phase == 0)
			forms(g, &k);
		sets(g, &k, FILE_READ);
		sets(g, &k, FILE_INCREASE);
		sets(g, &k, FILE_DECREASE);
		all_bounds(g, &k, false);
	}
	g->df = 0;
}

void gen_counter_end_part(struct gen *g)
{
	for (uint16_t file = 0; file < g->c->n_files; file++) {
		struct counting k = {file, &g->c->file[file], &g->counting[file]};
		g->df = k.f->df;
		if (k.f->structure == FILE_COUNTER)
			all_bounds(g, &k, true);
	}
	g->df = 0;
}
