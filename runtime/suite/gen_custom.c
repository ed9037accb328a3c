/* The AP's own commands: contract 6. Under each set of PINs that decides, with data that make every comparison and
 * every counter give way and hold; what is refused has no effect, and what is given has all of it. */
#include "runtime/suite/custom.h"

#include <stdio.h>

static const struct contract_step *step_of(const struct gen *g, const struct contract_command *k, int i)
{
	return &g->c->step[k->first_step + i];
}

static size_t response_length(const struct gen *g, const struct contract_command *k)
{
	size_t n = 0;
	for (int i = 0; i < k->n_steps; i++)
		if (step_of(g, k, i)->op == STEP_RESPOND)
			n += custom_operand_length(g, &step_of(g, k, i)->left);
	return n;
}

enum rules_shape gen_command_shape(const struct gen *g, const struct contract_command *k)
{
	bool tells = k->data != 0, answers = response_length(g, k) != 0;
	return tells ? answers ? RULES_EXCHANGES : RULES_TELLS : answers ? RULES_ASKS : RULES_ORDERS;
}

static void send(struct gen *g, const struct contract_command *k, const struct custom_data *in)
{
	buf_printf(&g->body, "  send 80%02X0000", k->ins);
	bytes_items(g, in->b, k->data, &g->body);
	size_t answer = response_length(g, k);
	buf_printf(&g->body, answer != 0 ? " Le %s\n" : "\n", gen_le(g, answer));
}

/* Whether one command and its answer carry it in this state; where both have data, Le takes a block of the command. */
static bool carried(const struct gen *g, const struct contract_command *k, pin_set set)
{
	enum { BLOCK = 16 };
	size_t answer = response_length(g, k), le = answer != 0 && gen_protected(g, set) ? BLOCK : 0;
	return k->data + le <= gen_command_most(g, set) && answer <= gen_response_most(g, set);
}

/* ---- effects ---- */

static void show_file(struct gen *g, uint16_t file, uint32_t offset, uint32_t n)
{
	const struct contract_file *f = &g->c->file[file];
	g->df = f->df;
	if (f->structure == FILE_COUNTER)
		gen_show_counter(g, file);
	else if (gen_has_records(f))
		gen_show_records(g, file);
	else if (f->structure == FILE_DATA_OBJECT)
		gen_show_data(g, file);
	else
		gen_show_stretch(g, file, offset, n < gen_reach(g, 255) ? n : gen_reach(g, 255));
	g->df = 0;
}

/* Everything that the command could have changed. */
static void show(struct gen *g, const struct contract_command *k)
{
	for (int i = 0; i < k->n_steps; i++) {
		const struct contract_step *s = step_of(g, k, i);
		const struct contract_field *f = &g->c->field[s->right.index];
		if (s->op == STEP_INCREASE || s->op == STEP_DECREASE)
			show_file(g, s->left.index, 0, 0);
		else if (s->op == STEP_APPEND && !s->more)
			show_file(g, s->target, 0, 0);
		else if (s->op == STEP_COPY)
			show_file(g, f->file, f->offset, f->length);
	}
}

/* From now on objects hold what the run made of them. */
static void take(struct gen *g, const struct custom_run *r)
{
	for (uint16_t f = 0; f < CONTRACT_FILES; f++)
		g->counting[f] = r->counting[f];
	g->n_patches = r->n_patches;
	for (size_t i = 0; i < r->n_appended; i++) {
		struct buf items = {0};
		bytes_items(g, r->appended[i].b, r->appended[i].n, &items);
		gen_appended(g->recording[r->appended[i].file],
		    (struct gen_record){.length = r->appended[i].n, .items = arena_strdup(&g->text, buf_cstr(&items))});
		g->body.bad = g->body.bad || items.bad;
		buf_reset(&items);
	}
}

/* ---- counters where a command needs them ---- */

/* By INCREASE or DECREASE, under their own rules. */
static bool can_move(const struct gen *g, uint16_t file, uint64_t to)
{
	pin_set set;
	const struct gen_counting *k = &g->counting[file];
	return k->known && gen_file_set(g, file, to >= k->now ? FILE_INCREASE : FILE_DECREASE, &set);
}

static uint64_t bound(const struct gen *g, uint16_t file, int which)
{
	return which == 0 ? g->c->file[file].max : g->c->file[file].min;
}

/* One of the command's counters, before its step i / 2, at the bound i % 2 or beside what it is compared with. */
static bool moved(struct gen *g, const struct contract_command *k, int i, uint16_t *file, uint64_t *to)
{
	const struct contract_step *s = step_of(g, k, i / 2);
	const struct contract_operand *o = s->right.kind == OPERAND_COUNTER ? &s->right : &s->left;
	if (o->kind != OPERAND_COUNTER)
		return false;
	*file = o->index;
	*to = bound(g, o->index, i % 2);
	return can_move(g, o->index, *to);
}

/* Data for this goal, with the counters as they are, or one of them moved to a bound. */
static bool find(struct gen *g, const struct contract_command *k, const struct custom_goal *goal,
    struct custom_data *in, struct custom_run *r)
{
	uint16_t file;
	uint64_t to;
	if (custom_find(g, k, goal, in, r))
		return true;
	for (int i = 0; i < 2 * k->n_steps; i++) {
		if (!moved(g, k, i, &file, &to))
			continue;
		struct gen_counting before = g->counting[file];
		g->counting[file].now = to;
		bool found = custom_find(g, k, goal, in, r);
		g->counting[file] = before;
		if (!found)
			continue;
		gen_dialogue(g, CLAUSE_COUNTER, "%s at a bound for %s", g->c->file[file].id, k->id);
		g->df = g->c->file[file].df;
		gen_move_counter(g, file, to);
		g->df = 0;
		custom_run(g, k, in, r);
		return true;
	}
	return false;
}

static bool find_done(struct gen *g, const struct contract_command *k, struct custom_data *in, struct custom_run *r)
{
	static const struct custom_goal done = {.at = CUSTOM_DONE_WANTED, .step = -1, .order = CUSTOM_ANY_ORDER};
	return find(g, k, &done, in, r);
}

/* ---- dialogues ---- */

static void open_with(
    struct gen *g, enum gen_clause clause, const struct contract_command *k, pin_set set, const char *what)
{
	char with[256];
	gen_dialogue(g, clause, "%s%s: %s", k->id, gen_set_text(g, set, with), what);
	gen_start(g);
	gen_verify_set(g, set);
}

static void forms(struct gen *g, const struct contract_command *k, pin_set set)
{
	const char *le = response_length(g, k) != 0 ? "Le 00" : "";
	open_with(g, CLAUSE_COMMAND_FORM, k, set, "P1-P2 and length");
	gen_step(g, "wrong-parameters", "80%02X0100 5A*%u %s", k->ins, k->data + (k->data == 0), le);
	gen_step(g, "wrong-length", "80%02X0000 5A*%u %s", k->ins, k->data + 1U, le);
	if (k->data > 1)
		gen_step(g, "wrong-length", "80%02X0000 5A*%u %s", k->ins, k->data - 1U, le);
	if (k->data != 0)
		gen_step(g, "wrong-length", "80%02X0000 %s", k->ins, le);
	show(g, k);
}

static void refused(struct gen *g, uint16_t command, pin_set set, const struct custom_data *in, const char *expect)
{
	const struct contract_command *k = &g->c->command[command];
	open_with(g, CLAUSE_COMMAND, k, set, "refused");
	send(g, k, in);
	gen_expect(g, expect);
	gen_cover_op(g, &g->command_op[command], GEN_REFUSED, set);
	show(g, k);
}

static void given(
    struct gen *g, uint16_t command, pin_set set, const struct custom_data *in, const struct custom_run *r)
{
	const struct contract_command *k = &g->c->command[command];
	open_with(g, CLAUSE_COMMAND, k, set, "given");
	send(g, k, in);
	buf_str(&g->body, "    expect 9000");
	if (r->n_response != 0) {
		buf_str(&g->body, " data");
		bytes_items(g, r->response, r->n_response, &g->body);
	}
	buf_str(&g->body, "\n");
	gen_cover_clause(g, CLAUSE_COMMAND);
	gen_cover_op(g, &g->command_op[command], GEN_GIVEN, set);
	for (int i = 0; i < k->n_steps; i++)
		gen_cover_step(g, k->first_step + i, GEN_GIVEN);
	take(g, r);
	show(g, k);
}

static bool changes(enum step_op op)
{
	return op == STEP_INCREASE || op == STEP_DECREASE || op == STEP_APPEND || op == STEP_COPY;
}

bool gen_fails_late(const struct gen *g, const struct contract_command *k)
{
	bool changed = false;
	for (int i = 0; i < k->n_steps; i++) {
		enum step_op op = step_of(g, k, i)->op;
		if (changed && (op == STEP_COMPARE || op == STEP_INCREASE || op == STEP_DECREASE))
			return true;
		changed = changed || changes(op);
	}
	return false;
}

/* A step that gives no way: nothing of the steps before it stays. */
static void fails_so(
    struct gen *g, uint16_t command, int at, pin_set set, const struct custom_data *in, const struct custom_run *r)
{
	const struct contract_command *k = &g->c->command[command];
	char what[64];
	bool late = false;
	for (int i = 0; i < at; i++)
		late = late || changes(step_of(g, k, i)->op);
	snprintf(what, sizeof what, "refused at step %d", at + 1);
	open_with(g, late ? CLAUSE_COMMAND_ATOMIC : CLAUSE_COMMAND_STEP, k, set, what);
	send(g, k, in);
	gen_expect(g, r->result == CUSTOM_FULL ? "wrong-data" : "refused-access");
	gen_cover_clause(g, CLAUSE_COMMAND_STEP);
	gen_cover_step(g, k->first_step + at, GEN_REFUSED);
	show(g, k);
}

/* The nearest failure on each side where there is one, else any that is the only fault, else any. */
static void fails(struct gen *g, uint16_t command, int at, pin_set set)
{
	const struct contract_command *k = &g->c->command[command];
	enum step_op op = step_of(g, k, at)->op;
	struct custom_data in;
	struct custom_run r;
	bool any = false, compares = op == STEP_COMPARE;
	if (!compares && op != STEP_INCREASE && op != STEP_DECREASE && op != STEP_APPEND)
		return;
	for (int order = compares ? -1 : CUSTOM_ANY_ORDER; order <= (compares ? 1 : CUSTOM_ANY_ORDER); order++) {
		struct custom_goal goal = {at, at, order, op != STEP_APPEND, true};
		if (!find(g, k, &goal, &in, &r))
			continue;
		fails_so(g, command, at, set, &in, &r);
		any = true;
	}
	for (int alone = 1; alone >= 0 && !any; alone--) {
		struct custom_goal goal = {at, at, CUSTOM_ANY_ORDER, false, alone != 0};
		any = find(g, k, &goal, &in, &r);
		if (any)
			fails_so(g, command, at, set, &in, &r);
	}
}

/* Done, each comparison at equality and on both sides of it, each counter up to its bound. */
static void done_at_bounds(struct gen *g, uint16_t command, int at, pin_set set)
{
	const struct contract_command *k = &g->c->command[command];
	enum step_op op = step_of(g, k, at)->op;
	struct custom_data in;
	struct custom_run r;
	bool compares = op == STEP_COMPARE;
	if (!compares && op != STEP_INCREASE && op != STEP_DECREASE)
		return;
	for (int order = compares ? -1 : CUSTOM_ANY_ORDER; order <= (compares ? 1 : CUSTOM_ANY_ORDER); order++) {
		struct custom_goal goal = {CUSTOM_DONE_WANTED, at, order, true, false};
		if (find(g, k, &goal, &in, &r))
			given(g, command, set, &in, &r);
	}
}

/* false: no data are known with which it is done. */
static bool all_given(struct gen *g, uint16_t command)
{
	const struct rules_sets *sets = &g->command_op[command].rule.sets[RULES_GRANTED];
	struct custom_data in;
	struct custom_run r;
	bool any = false;
	for (size_t i = 0; i < sets->n; i++) {
		if (!gen_now(g, sets->set[i]))
			continue;
		bool found =
		    carried(g, &g->c->command[command], sets->set[i]) && find_done(g, &g->c->command[command], &in, &r);
		g->command_short[command] = g->command_short[command] || !found;
		if (found)
			given(g, command, sets->set[i], &in, &r);
		any = any || found;
	}
	return any;
}

static void all_refused(struct gen *g, uint16_t command)
{
	const struct rules_sets *sets = &g->command_op[command].rule.sets[RULES_REFUSED];
	const struct contract_command *k = &g->c->command[command];
	struct custom_data in;
	struct custom_run r;
	bool one_fault = find_done(g, k, &in, &r);
	for (size_t i = 0; i < sets->n; i++)
		if (gen_now(g, sets->set[i]) && carried(g, k, sets->set[i]))
			refused(g, command, sets->set[i], &in,
			    one_fault ? "refused-access" : "refused-access or wrong-data");
}

/* One command may have to bring a counter where another one needs it. */
void gen_command_part(struct gen *g)
{
	bool done[CONTRACT_COMMANDS] = {false};
	pin_set set;
	for (int again = 0; again < 2; again++)
		for (uint16_t i = 0; i < g->c->n_commands; i++)
			if (!done[i])
				done[i] = all_given(g, i);
	for (uint16_t i = 0; i < g->c->n_commands; i++) {
		const struct contract_command *k = &g->c->command[i];
		all_refused(g, i);
		if (g->phase != 0 || !gen_first_set(g, &g->command_op[i], &set))
			continue;
		forms(g, k, set);
		for (int at = 0; at < k->n_steps; at++) {
			done_at_bounds(g, i, at, set);
			fails(g, i, at, set);
		}
	}
}

void gen_command_full_part(struct gen *g)
{
	pin_set set;
	for (uint16_t i = 0; g->phase == 0 && i < g->c->n_commands; i++) {
		const struct contract_command *k = &g->c->command[i];
		if (!gen_first_set(g, &g->command_op[i], &set))
			continue;
		for (int at = 0; at < k->n_steps; at++) {
			const struct contract_step *s = step_of(g, k, at);
			if (s->op == STEP_APPEND && !s->more && gen_filled_late(g, s->target))
				fails(g, i, at, set);
		}
	}
}
