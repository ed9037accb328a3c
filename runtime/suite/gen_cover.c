/* Rows of the coverage: made from the contract before the first step is written, marked by the steps. */
#include "runtime/suite/gen.h"

#include <stdlib.h>
#include <string.h>

static const char *const clause_ids[] = {
#define CLAUSE(name, id, meaning) id,
#include "runtime/suite/clauses.def"
#undef CLAUSE
};

static const char *const clause_meanings[] = {
#define CLAUSE(name, id, meaning) meaning,
#include "runtime/suite/clauses.def"
#undef CLAUSE
};

static const char *const outcomes[] = {[GEN_REFUSED] = "refused", [GEN_GIVEN] = "given"};

const char *gen_clause_id(enum gen_clause clause)
{
	return clause_ids[clause];
}

static size_t add_row(struct gen *g, enum suite_cover_kind kind, bool can, const char *name, const char *detail)
{
	struct suite_coverage *cov = g->cov;
	if (!program_grow(&cov->row, &cov->cap, cov->n, sizeof *cov->row)) {
		cov->lost = true;
		return 0;
	}
	struct suite_cover *row = &cov->row[cov->n];
	*row = (struct suite_cover){.kind = kind, .state = can ? COVER_MISSED : COVER_NEEDLESS};
	row->name = strdup(name);
	row->detail = strdup(detail);
	if (row->name == NULL || row->detail == NULL)
		cov->lost = true;
	return cov->n++;
}

static void mark(struct gen *g, size_t row)
{
	if (g->cov->lost)
		return;
	g->cov->row[row].state = COVER_HIT;
	g->cov->row[row].steps++;
}

static void needless(struct gen *g, size_t row)
{
	g->cov->row[row].state = COVER_NEEDLESS;
}

static void out_of_reach(struct gen *g, size_t row)
{
	if (g->cov->row[row].state == COVER_MISSED)
		g->cov->row[row].state = COVER_OUT_OF_REACH;
}

static void given_out_of_reach(struct gen *g, const struct gen_op *op)
{
	g->cov->row[op->row[GEN_GIVEN]].state = COVER_OUT_OF_REACH;
	for (size_t i = 0; i < op->rule.n_atoms; i++)
		out_of_reach(g, op->atom + 2 * i + GEN_GIVEN);
}

static void add_atoms(struct gen *g, struct gen_op *op, const char *name)
{
	const struct rules_case *k = &op->rule;
	struct buf text = {0};
	op->atom = g->cov->n;
	for (size_t i = 0; i < k->n_atoms; i++) {
		buf_clear(&text);
		buf_printf(&text, "%s: ", name);
		contract_rule_text(g->c, op->rule.atom[i], &text);
		for (int o = 0; o < GEN_OUTCOMES; o++)
			add_row(g, COVER_BRANCH, k->decides[o][i] || k->partial, buf_cstr(&text), outcomes[o]);
	}
	buf_reset(&text);
}

static void add_op_with(
    struct gen *g, struct gen_op *op, uint16_t rule, pin_set usable, bool can_give, bool can_refuse, const char *name)
{
	op->row[GEN_REFUSED] = add_row(g, COVER_OPERATION, can_refuse, name, outcomes[GEN_REFUSED]);
	op->row[GEN_GIVEN] = add_row(g, COVER_OPERATION, can_give, name, outcomes[GEN_GIVEN]);
	op->guarded = rule != CONTRACT_NONE;
	if (!op->guarded)
		return;
	if (!rules_case_open(&op->rule, &g->rules, rule, usable & gen_within_reach(g), g->sets))
		g->cov->lost = true;
	else
		add_atoms(g, op, name);
}

/* What can be done once on a card is shown with one set: the first that is good when it is done. What only other sets
 * would show is out of reach. */
static void only_once(struct gen *g, struct gen_op *op, pin_set set)
{
	struct rules_sets *given = &op->rule.sets[RULES_GRANTED];
	if (!op->guarded || given->n == 0 || g->cov->lost)
		return;
	given->set[0] = set;
	given->n = 1;
	for (size_t i = 0; i < op->rule.n_atoms; i++) {
		struct suite_cover *row = &g->cov->row[op->atom + 2 * i + GEN_GIVEN];
		if (row->state == COVER_MISSED && !rules_decides(&op->rule, i, set))
			row->state = COVER_OUT_OF_REACH;
	}
}

static void add_op(struct gen *g, struct gen_op *op, uint16_t rule, bool can_give, bool can_refuse, const char *name)
{
	add_op_with(g, op, rule, g->usable, can_give, can_refuse, name);
}

/* What is usable before this PIN has its first value. */
static pin_set usable_before(const struct gen *g, unsigned pin)
{
	pin_set usable = g->usable;
	bool later = false;
	for (size_t i = 0; i < g->n_endings; i++) {
		later = later || g->ending[i].pin == pin;
		if (later)
			usable &= ~rules_bit(g->ending[i].pin);
	}
	return usable;
}

static enum rules_shape file_shape(enum file_op op)
{
	switch (op) {
	case FILE_READ:
		return RULES_ASKS;
	case FILE_INCREASE:
	case FILE_DECREASE:
		return RULES_EXCHANGES;
	case FILE_UPDATE:
	case FILE_APPEND:
	case FILE_OPS:
		break;
	}
	return RULES_TELLS;
}

static void open_files(struct gen *g)
{
	struct buf name = {0};
	for (uint16_t f = 0; f < g->c->n_files; f++)
		for (int op = 0; op < FILE_OPS; op++) {
			const struct contract_file *file = &g->c->file[f];
			if (!contract_file_offers((enum file_structure)file->structure, (enum file_op)op))
				continue;
			enum rules_shape shape = file_shape((enum file_op)op);
			buf_clear(&name);
			buf_printf(&name, "%s %s", contract_file_op_name((enum file_op)op), file->id);
			g->df = file->df;
			g->file_op[f][op].rule.shape = shape;
			add_op(g, &g->file_op[f][op], file->rule[op],
			    rules_can_hold(&g->rules, file->rule[op], shape, g->usable & gen_within_reach(g)),
			    rules_can_fail(&g->rules, file->rule[op]), buf_cstr(&name));
		}
	buf_reset(&name);
	g->df = 0;
}

static enum rules_shape pin_shape(enum gen_pin_op op)
{
	return op == PIN_RESET_03 ? RULES_ORDERS : RULES_TELLS;
}

bool gen_pin_can(const struct gen *g, unsigned pin, enum gen_pin_op op)
{
	const struct contract_pin *p = &g->c->pin[pin];
	bool usable = (g->usable >> pin & 1) != 0;
	pin_set set;
	if (!gen_has_value(g, pin))
		return false;
	switch (op) {
	case PIN_VERIFY:
		return usable;
	case PIN_CHANGE_00:
		return gen_changes_old(p);
	case PIN_CHANGE_01:
		return (p->change & FORM_01) != 0 && usable;
	case PIN_RESET_00:
	case PIN_RESET_01:
		return p->puk_length != 0 && (p->reset >> (op - PIN_RESET_00) & 1) != 0;
	case PIN_RESET_02:
	case PIN_RESET_03:
		return (p->reset >> (op - PIN_RESET_00) & 1) != 0 &&
		    gen_final_set(g, p->unblock, g->usable & gen_within_reach_of(g, p->df), &set);
	case PIN_SET:
		return usable && p->initial == PIN_UNSET;
	case PIN_OPS:
		break;
	}
	return false;
}

/* A PIN that never gets a value refuses RESET RETRY COUNTER whatever its rule says. */
static uint16_t pin_rule(const struct gen *g, unsigned pin, int op)
{
	const struct contract_pin *p = &g->c->pin[pin];
	if (op == PIN_SET)
		return p->set;
	if (!gen_has_value(g, pin))
		return CONTRACT_NONE;
	return op >= PIN_RESET_02 && (p->reset >> (op - PIN_RESET_00) & 1) != 0 ? p->unblock : CONTRACT_NONE;
}

/* The first value comes while the PIN has none; every other command works when it has one. */
static void in_time(struct gen *g, unsigned pin, int op)
{
	struct rules_case *k = &g->pin_op[pin][op].rule;
	pin_set unset = g->rules.unset[pin];
	if (op == PIN_SET && !gen_has_value(g, pin) && k->sets[GEN_GIVEN].n != 0)
		given_out_of_reach(g, &g->pin_op[pin][op]); /* only in another order of first values */
	if (unset == 0 || !g->pin_op[pin][op].guarded || g->cov->lost)
		return;
	for (int o = op == PIN_SET ? GEN_GIVEN : 0; o < GEN_OUTCOMES; o++) {
		struct rules_sets *sets = &k->sets[o];
		size_t n = 0;
		for (size_t i = 0; i < sets->n; i++)
			if (((sets->set[i] & unset) != 0) == (op == PIN_SET))
				sets->set[n++] = sets->set[i];
		sets->n = n;
		for (size_t i = 0; i < k->n_atoms && !k->partial; i++) {
			bool decides = false;
			for (size_t s = 0; s < n; s++)
				decides = decides || rules_decides(k, i, sets->set[s]);
			if (!decides)
				needless(g, g->pin_op[pin][op].atom + 2 * i + (size_t)o);
		}
	}
}

/* What is refused while the first value can be given is what is refused when it is. */
static void refused_in_time(struct gen *g, const struct gen_ending *e)
{
	const struct gen_op *op = &g->pin_op[e->pin][PIN_SET];
	const struct rules_sets *refused = &op->rule.sets[GEN_REFUSED];
	for (size_t i = 0; i <= op->rule.n_atoms && !g->cov->lost; i++) {
		bool seen = false, all = i == op->rule.n_atoms;
		for (size_t s = 0; s < refused->n; s++) {
			pin_set set;
			if (gen_still_refused(g, e, refused->set[s], &set))
				seen = seen || all || rules_decides(&op->rule, i, set);
		}
		if (!seen)
			out_of_reach(g, all ? op->row[GEN_REFUSED] : op->atom + 2 * i + GEN_REFUSED);
	}
}

static void open_pins(struct gen *g)
{
	static const char *const names[] = {
	    "verify", "change 00", "change 01", "unblock 00", "unblock 01", "unblock 02", "unblock 03", "set"};
	struct buf name = {0};
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		const struct contract_pin *p = &g->c->pin[pin];
		g->df = p->df;
		for (int op = 0; op < PIN_OPS; op++) {
			uint16_t rule = pin_rule(g, pin, op);
			bool can_refuse = rule == CONTRACT_NONE || rules_can_fail(&g->rules, rule);
			if (op == PIN_SET && p->initial != PIN_UNSET)
				continue;
			buf_clear(&name);
			buf_printf(&name, "%s %s", names[op], p->id);
			g->pin_op[pin][op].rule.shape = pin_shape((enum gen_pin_op)op);
			add_op_with(g, &g->pin_op[pin][op], rule, op == PIN_SET ? usable_before(g, pin) : g->usable,
			    gen_pin_can(g, pin, (enum gen_pin_op)op), can_refuse, buf_cstr(&name));
			in_time(g, pin, op);
			const struct gen_ending *e = gen_ending_of(g, pin);
			if (op == PIN_SET && e != NULL) {
				only_once(g, &g->pin_op[pin][op], e->set);
				refused_in_time(g, e);
			}
		}
		gen_final_set(g, p->unblock, g->usable & gen_within_reach(g) & ~rules_bit(pin), &g->freeing[pin]);
	}
	g->df = 0;
	buf_reset(&name);
}

/* Comparisons and counters of commands have rows of their own: whether data are found that show them is seen later. */
static void open_commands(struct gen *g)
{
	struct buf name = {0};
	for (uint16_t i = 0; i < g->c->n_commands; i++) {
		const struct contract_command *k = &g->c->command[i];
		uint16_t rule = g->rules.command[i];
		enum rules_shape shape = gen_command_shape(g, k);
		buf_clear(&name);
		buf_printf(&name, "use %s", k->id);
		g->command_op[i].rule.shape = shape;
		add_op(g, &g->command_op[i], rule,
		    rules_can_hold(&g->rules, rule, shape, g->usable & gen_within_reach(g)),
		    rules_can_fail(&g->rules, rule), buf_cstr(&name));
		for (uint16_t s = 0; s < k->n_steps; s++) {
			static const char *const words[] = {[STEP_COMPARE] = "compare", "increase", "decrease"};
			enum step_op op = g->c->step[k->first_step + s].op;
			if (op != STEP_COMPARE && op != STEP_INCREASE && op != STEP_DECREASE)
				continue;
			buf_clear(&name);
			buf_printf(&name, "%s, step %u: %s", k->id, s + 1U, words[op]);
			for (int o = 0; o < GEN_OUTCOMES; o++)
				g->step_row[k->first_step + s][o] =
				    add_row(g, COVER_OPERATION, true, buf_cstr(&name), outcomes[o]);
		}
	}
	buf_reset(&name);
}

void gen_cover_step(struct gen *g, int step, int outcome)
{
	if (g->step_row[step][outcome] != 0)
		mark(g, g->step_row[step][outcome]);
}

/* What no data are known for. */
static void close_commands(struct gen *g)
{
	for (uint16_t i = 0; i < g->c->n_commands; i++) {
		const struct gen_op *op = &g->command_op[i];
		const struct contract_command *k = &g->c->command[i];
		bool done = g->cov->row[op->row[GEN_GIVEN]].state == COVER_HIT;
		out_of_reach(g, op->row[GEN_GIVEN]);
		for (size_t a = 0; (!done || g->command_short[i]) && a < op->rule.n_atoms; a++)
			out_of_reach(g, op->atom + 2 * a + GEN_GIVEN);
		for (uint16_t s = 0; s < k->n_steps; s++)
			for (int o = 0; o < GEN_OUTCOMES; o++)
				if (g->step_row[k->first_step + s][o] != 0)
					out_of_reach(g, g->step_row[k->first_step + s][o]);
	}
}

/* The AP is terminated once, and by what still has tries then; and blocked once where there is no way back. */
static void close_life(struct gen *g)
{
	pin_set phase = g->phase, set;
	g->phase = 0;
	for (enum gen_life_op op = LIFE_BLOCK; op < LIFE_OPS; op++) {
		struct gen_op *k = &g->life_op[op];
		if (op == LIFE_UNBLOCK || (op == LIFE_BLOCK && !gen_blocks_for_ever(g)) ||
		    k->rule.sets[GEN_GIVEN].n == 0)
			continue;
		if (gen_last_set(g, op, &set)) {
			only_once(g, k, set);
			g->spare |= set;
		} else
			given_out_of_reach(g, k);
	}
	g->phase = phase;
}

/* An AP that nobody can block is never blocked: ACTIVATE FILE is then refused whatever its rule says. */
static void close_unblock(struct gen *g)
{
	const struct gen_op *op = &g->life_op[LIFE_UNBLOCK];
	if (gen_life_rule(g->c, LIFE_UNBLOCK) == 0 || gen_can_block(g))
		return;
	needless(g, op->row[GEN_GIVEN]);
	for (size_t i = 0; i < GEN_OUTCOMES * op->rule.n_atoms; i++)
		needless(g, op->atom + i);
	g->cov->row[op->row[GEN_REFUSED]].state = COVER_MISSED;
}

static void open_life(struct gen *g)
{
	for (enum gen_life_op op = LIFE_BLOCK; op < LIFE_OPS; op++) {
		uint16_t rule = gen_life_rule(g->c, op);
		if (rule == 0)
			continue;
		g->life_op[op].rule.shape = RULES_ORDERS;
		add_op(g, &g->life_op[op], rule,
		    rules_can_hold(&g->rules, rule, RULES_ORDERS, g->usable & gen_within_reach(g)),
		    rules_can_fail(&g->rules, rule), gen_life_name(op));
	}
	if (g->cov->lost)
		return;
	close_life(g);
	close_unblock(g);
}

/* Few sets for each operation where there are very many operations: enough of each other is shown by the others. */
enum { SETS_MOST = 64, SETS_LEAST = 4, SETS_IN_ALL = 1024 };

static size_t sets_for_each(const struct contract *c)
{
	size_t ops = 2U * c->n_files + 2U * c->n_pins + 1;
	size_t each = SETS_IN_ALL / ops;
	return each < SETS_LEAST ? SETS_LEAST : each > SETS_MOST ? SETS_MOST : each;
}

bool gen_cover_open(struct gen *g)
{
	g->sets = sets_for_each(g->c);
	open_files(g);
	open_pins(g);
	open_commands(g);
	open_life(g);
	for (int i = 0; i < CLAUSES; i++)
		g->clause_row[i] = add_row(g, COVER_CLAUSE, true, clause_ids[i], clause_meanings[i]);
	return !g->cov->lost;
}

void gen_cover_clause(struct gen *g, enum gen_clause clause)
{
	mark(g, g->clause_row[clause]);
}

void gen_cover_refused(struct gen *g, const struct gen_op *op)
{
	mark(g, op->row[GEN_REFUSED]);
}

void gen_cover_op(struct gen *g, const struct gen_op *op, int outcome, pin_set verified)
{
	mark(g, op->row[outcome]);
	if (!op->guarded)
		return;
	for (size_t i = 0; i < op->rule.n_atoms; i++)
		if (rules_decides(&op->rule, i, verified))
			mark(g, op->atom + 2 * i + (size_t)outcome);
}

static bool by_data(enum gen_clause clause)
{
	return clause == CLAUSE_COMMAND || clause == CLAUSE_COMMAND_FORM || clause == CLAUSE_COMMAND_STEP ||
	    clause == CLAUSE_COMMAND_ATOMIC;
}

static bool uses_tries(enum gen_clause clause)
{
	return clause == CLAUSE_KEY_BLOCKED || clause == CLAUSE_PIN_BLOCKED || clause == CLAUSE_PIN_WRONG ||
	    clause == CLAUSE_PIN_PERSISTS || clause == CLAUSE_CHANGE_COUNTS;
}

/* What ends the life of an AP, or outlives a reset, comes at the end: it has to be offered then. */
static bool shown_at_last(const struct gen *g, enum gen_clause clause)
{
	pin_set set;
	if (clause == CLAUSE_TERMINATED)
		return gen_last_set(g, LIFE_TERMINATE, &set);
	return clause != CLAUSE_BLOCKED || gen_blocks_for_ever(g) || gen_blocks_and_back(g);
}

/* Whether the atom decides in a state that opens the operation at the end of the suite. */
static bool decides_at_last(const struct gen *g, const struct gen_op *op, size_t atom)
{
	const struct rules_sets *given = &op->rule.sets[GEN_GIVEN];
	for (size_t i = 0; i < given->n; i++)
		if (gen_now(g, given->set[i]) && rules_decides(&op->rule, atom, given->set[i]))
			return true;
	return false;
}

/* What a blocked AP is not shown, since it takes no SELECT of an IEF or a DF. */
static void close_blocked(struct gen *g)
{
	for (enum gen_life_op op = LIFE_BLOCK; op <= LIFE_UNBLOCK; op++) {
		const struct gen_op *k = &g->life_op[op];
		if (gen_life_rule(g->c, op) == 0)
			continue;
		for (int o = 0; o < GEN_OUTCOMES; o++) {
			bool shown = op == LIFE_BLOCK && (o == GEN_REFUSED || gen_blocks_and_back(g));
			if (!shown)
				out_of_reach(g, k->row[o]);
			for (size_t i = 0; i < k->rule.n_atoms; i++)
				if (!shown || (o == GEN_GIVEN && !decides_at_last(g, k, i)))
					out_of_reach(g, k->atom + 2 * i + (size_t)o);
		}
	}
}

void gen_cover_close(struct gen *g)
{
	if (g->full && !g->cov->lost) {
		close_commands(g);
		close_blocked(g);
	}
	for (int i = 0; i < CLAUSES && !g->cov->lost; i++) {
		struct suite_cover *row = &g->cov->row[g->clause_row[i]];
		if (row->state != COVER_MISSED)
			continue;
		if (!gen_concerns(g, (enum gen_clause)i))
			row->state = g->full && gen_has(g, (enum gen_clause)i) ? COVER_OUT_OF_REACH : COVER_NOT_HERE;
		else if (by_data((enum gen_clause)i) && g->full)
			row->state = COVER_OUT_OF_REACH; /* no data are known that show it */
		else if (g->spare != 0 && uses_tries((enum gen_clause)i))
			row->state = COVER_OUT_OF_REACH; /* it has to terminate the AP */
		else if (g->full && !shown_at_last(g, (enum gen_clause)i))
			row->state = COVER_OUT_OF_REACH; /* while a PIN has no value it would be too early */
	}
}

void gen_cover_release(struct gen *g)
{
	for (size_t f = 0; f < CONTRACT_FILES; f++)
		for (int op = 0; op < FILE_OPS; op++)
			rules_case_reset(&g->file_op[f][op].rule);
	for (size_t pin = 0; pin < CONTRACT_PINS; pin++)
		for (int op = 0; op < PIN_OPS; op++)
			rules_case_reset(&g->pin_op[pin][op].rule);
	for (size_t i = 0; i < CONTRACT_COMMANDS; i++)
		rules_case_reset(&g->command_op[i].rule);
	for (int op = 0; op < LIFE_OPS; op++)
		rules_case_reset(&g->life_op[op].rule);
}
