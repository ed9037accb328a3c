/* Running a program on one card, or on two in lockstep. */
#include "runtime/suite/secure.h"

#include <stdlib.h>
#include <string.h>

/* ---- the values ---- */

static const struct suite_value *find_value(const struct suite_values *values, const char *name)
{
	for (size_t i = 0; i < values->n; i++)
		if (strcmp(values->row[i].name, name) == 0)
			return &values->row[i];
	return NULL;
}

static bool bad_length(struct run *run, const char *name, size_t n, uint32_t min, uint32_t max)
{
	char allowed[32];
	struct srcloc at = {.file = run->s->name};
	snprintf(allowed, sizeof allowed, "%u..%u", (unsigned)min, (unsigned)max);
	return diag_add(run->d, at, DIAG_SUITE_VALUE_LENGTH, name, diag_num(n), allowed, NULL);
}

static bool items_need(const struct suite *s, struct program_items items, size_t value)
{
	for (uint32_t i = 0; i < items.n; i++) {
		const struct program_item *item = &s->item[items.first + i];
		if (item->kind == ITEM_HOLE && item->value == value)
			return true;
	}
	return false;
}

static bool step_needs(const struct suite *s, const struct program_step *step, size_t value)
{
	bool keyed = step->op == STEP_AUTH || step->op == STEP_INTERNAL;
	if (keyed && (s->key[step->key].value == value || s->key[step->key].mac == value))
		return true;
	if (items_need(s, step->items, value))
		return true;
	for (uint32_t i = 0; i < step->n_expect; i++)
		if (items_need(s, s->expect[step->expect + i].items, value))
			return true;
	return false;
}

static bool dialogue_needs(const struct suite *s, const struct program_dialogue *dialogue, size_t value)
{
	for (uint32_t i = 0; i < dialogue->n_steps; i++)
		if (step_needs(s, &s->step[dialogue->step + i], value))
			return true;
	return false;
}

/* Dialogues that need a value which was not given are left out, and the user is told. */
static void leave_out(struct run *run, size_t value)
{
	size_t n = 0;
	for (size_t i = 0; i < run->s->n_dialogues; i++) {
		if (!dialogue_needs(run->s, &run->s->dialogue[i], value))
			continue;
		run->left_out[i] = true;
		n++;
	}
	if (n != 0)
		diag_add(run->d, (struct srcloc){.file = run->s->name}, DIAG_SUITE_VALUE_MISSING,
		    run->s->value[value].name, diag_num(n), NULL);
}

static bool dialogue_reaches(const struct run *run, const struct program_dialogue *dialogue)
{
	for (uint32_t i = 0; i < dialogue->n_steps; i++) {
		const struct program_step *step = &run->s->step[dialogue->step + i];
		if (step->op != STEP_RESET || step->way == WAY_ANY)
			continue;
		for (int k = 0; k < RUN_SIDES; k++)
			if (run->side[k].link != NULL && !link_reaches(run->side[k].link, step->way == WAY_CONTACTLESS))
				return false;
	}
	return true;
}

/* Nor can a reader put a card into the other kind of reader. */
static void leave_out_of_reach(struct run *run)
{
	size_t n = 0;
	for (size_t i = 0; i < run->s->n_dialogues; i++) {
		if (run->left_out[i] || dialogue_reaches(run, &run->s->dialogue[i]))
			continue;
		run->left_out[i] = true;
		n++;
	}
	if (n != 0)
		diag_add(run->d, (struct srcloc){.file = run->s->name}, DIAG_SUITE_INTERFACE, diag_num(n), NULL);
}

/* Before the first command: a card is not left half tested for want of a column. */
static bool bind_values(struct run *run, const struct suite_values *values)
{
	bool good = true;
	for (size_t i = 0; i < run->s->n_values; i++) {
		const struct program_value *v = &run->s->value[i];
		if (v->captured)
			continue;
		if (v->given) {
			run->constant[i] = (struct suite_value){v->name, v->constant, v->constant_n};
			run->value[i] = &run->constant[i];
			continue;
		}
		run->value[i] = values == NULL ? NULL : find_value(values, v->name);
		if (run->value[i] == NULL)
			leave_out(run, i);
		else if (run->value[i]->n < v->min || run->value[i]->n > v->max)
			good = bad_length(run, v->name, run->value[i]->n, v->min, v->max);
	}
	leave_out_of_reach(run);
	return good;
}

/* ---- one command ---- */

static void take_apart(struct run_side *side)
{
	size_t n = side->rsp.n;
	if (side->status == LINK_OK && (n < 2 || side->rsp.bad))
		side->status = LINK_CARD_GONE;
	if (side->status != LINK_OK)
		return;
	side->answer = (struct answer){
	    .sw = (sw_t)(side->rsp.p[n - 2] << 8 | side->rsp.p[n - 1]), .data = side->rsp.p, .n = n - 2};
}

bool run_transmit(struct run *run, struct run_side *side, const uint8_t *command, size_t n)
{
	run->r->apdus += side == &run->side[RUN_CHIP];
	side->status = link_transmit(side->link, command, n, &side->rsp);
	take_apart(side);
	return side->status == LINK_OK;
}

/* AP contract, 3 and 9: what the protection of a command is refused for is answered in plain. */
static bool ends_session(const struct program_expect *e)
{
	enum sw_class class = e->match == MATCH_CLASS ? e->class : sw_class(e->sw);
	return class == SW_CLASS_SECURE_MESSAGING;
}

static bool judge_one(struct run *run, struct run_side *side, const struct program_expect *e)
{
	buf_clear(&side->exact);
	if (e->match != MATCH_ANY && side->bare != (e->plain || (side->bare && ends_session(e))))
		return false;
	if (e->data == DATA_EXACT && !run_items(run, side, e->items, &side->exact))
		return false;
	if (!match_one(run->s, e, side->answer, &side->exact))
		return false;
	run->ends = run->ends || e->ends;
	return true;
}

bool run_judge(struct run *run, struct run_side *side, const struct program_step *step)
{
	if (step->op == STEP_SELECT)
		return side->answer.sw == SW_OK &&
		    (step->fci ? match_fci(side->answer, run->s->aid, run->s->aid_len) : side->answer.n == 0);
	for (uint32_t i = 0; i < step->n_expect; i++)
		if (judge_one(run, side, &run->s->expect[step->expect + i]))
			return true;
	return false;
}

static void keep_captured(struct run *run, struct run_side *side, const struct program_step *step)
{
	if (step->capture == CAPTURE_NONE)
		return;
	struct buf *b = &side->captured[step->capture];
	buf_clear(b);
	buf_add(b, side->answer.data, side->answer.n);
	run->no_memory = run->no_memory || b->bad;
}

static enum suite_result protect(struct run_side *side, const struct program_step *step)
{
	side->protect = step->op == STEP_PROTECT;
	if (side->protect)
		side->mode = step->mode;
	side->as_expected = !side->protect || side->open;
	side->protect = side->protect && side->open;
	return side->as_expected ? SUITE_PASSED : SUITE_FAILED;
}

/* Steps that secure.c builds. What challenges say differs from card to card. */
static enum suite_result with_key(struct run *run, struct run_side *side, const struct program_step *step)
{
	bool good = step->op == STEP_AUTH ? secure_authenticate(run, side, step)
	    : step->op == STEP_INTERNAL   ? secure_internal(run, side, step)
					  : secure_challenge(run, side, step);
	if (!good)
		return side->status == LINK_OK ? SUITE_FAILED : SUITE_LOST;
	side->as_expected = run_judge(run, side, step);
	side->answer.n = 0;
	return side->as_expected ? SUITE_PASSED : SUITE_FAILED;
}

static enum suite_result step_on(struct run *run, struct run_side *side, const struct program_step *step)
{
	side->as_expected = false;
	side->status = LINK_OK;
	side->answer = (struct answer){0};
	side->bare = false;
	if (step->op == STEP_RESET) {
		secure_over(side);
		side->link->contactless = step->way == WAY_CONTACTLESS;
		side->status = link_reset(side->link);
		side->as_expected = side->status == LINK_OK;
		return side->as_expected ? SUITE_PASSED : SUITE_LOST;
	}
	if (step->op == STEP_SELECT)
		secure_over(side);
	if (step->op == STEP_PROTECT || step->op == STEP_PLAIN)
		return protect(side, step);
	if (step->op == STEP_AUTH || step->op == STEP_INTERNAL || step->op == STEP_CHALLENGE)
		return with_key(run, side, step);
	if (!run_command(run, side, step))
		return SUITE_FAILED;
	if (!run_transmit(run, side, run->command.p, run->command.n))
		return SUITE_LOST;
	if (!secure_unwrap(run, side))
		return SUITE_FAILED;
	side->as_expected = run_judge(run, side, step);
	if (side->as_expected)
		keep_captured(run, side, step);
	return side->as_expected ? SUITE_PASSED : SUITE_FAILED;
}

static bool open_point(const struct run *run, const struct program_step *step)
{
	for (uint32_t i = 0; i < step->n_expect; i++)
		if (run->s->expect[step->expect + i].match == MATCH_ANY)
			return true;
	return false;
}

static bool expects_fci(const struct run *run, const struct program_step *step)
{
	bool fci = step->fci;
	for (uint32_t i = 0; i < step->n_expect; i++)
		fci = fci || run->s->expect[step->expect + i].data == DATA_FCI;
	return fci;
}

static enum suite_result worse(enum suite_result a, enum suite_result b)
{
	static const int rank[] = {[SUITE_PASSED] = 0, [SUITE_NOT_RUN] = 1, [SUITE_FAILED] = 2, [SUITE_LOST] = 3};
	return rank[a] >= rank[b] ? a : b;
}

enum suite_result run_step(struct run *run, const struct program_step *step)
{
	enum suite_result result = SUITE_PASSED;
	if (run->compare)
		result = step_on(run, &run->side[RUN_REFERENCE], step);
	if (result != SUITE_LOST)
		result = worse(result, step_on(run, &run->side[RUN_CHIP], step));
	if (run->compare && result == SUITE_PASSED && step->op != STEP_RESET && step->op != STEP_PROTECT &&
	    step->op != STEP_PLAIN && !open_point(run, step) &&
	    !match_equal(run->side[RUN_REFERENCE].answer, run->side[RUN_CHIP].answer, expects_fci(run, step),
		step->n_expect > 1))
		result = SUITE_FAILED;
	buf_clear(&run->command);
	if (result != SUITE_PASSED || run->r->all_steps)
		run_report_step(run, step, result);
	return result;
}

/* ---- dialogues ---- */

static enum suite_result run_dialogue(struct run *run, const struct program_dialogue *dialogue, size_t *steps)
{
	enum suite_result result = SUITE_PASSED;
	for (uint32_t i = 0; i < dialogue->n_steps && result != SUITE_LOST && !run->no_memory; i++) {
		const struct program_step *step = &run->s->step[dialogue->step + i];
		if ((result != SUITE_PASSED || run->ends) && !step->finally)
			continue;
		result = worse(result, run_step(run, step));
		(*steps)++;
	}
	return result;
}

static void count(struct suite_report *r, enum suite_result result)
{
	r->passed += result == SUITE_PASSED;
	r->failed += result == SUITE_FAILED || result == SUITE_LOST;
	r->not_run += result == SUITE_NOT_RUN;
	r->result = worse(r->result, result);
}

static void run_dialogues(struct run *run)
{
	const struct suite *s = run->s;
	struct suite_report *r = run->r;
	bool stop = false;
	for (size_t i = 0; i < s->n_dialogues; i++) {
		struct suite_dialogue_report *row = &r->dialogue[i];
		run->dialogue = i;
		row->result =
		    stop || run->left_out[i] ? SUITE_NOT_RUN : run_dialogue(run, &s->dialogue[i], &row->steps);
		count(r, row->result);
		stop = stop || row->result == SUITE_LOST || (s->probe && row->result == SUITE_FAILED) ||
		    run->no_memory || run->ends;
		if (r->progress != NULL)
			r->progress(r->context, i + 1, s->n_dialogues);
	}
}

void run_end(struct run *run)
{
	for (int k = 0; k < RUN_SIDES; k++) {
		struct run_side *side = &run->side[k];
		for (size_t i = 0; side->captured != NULL && i < run->s->n_values; i++)
			buf_reset(&side->captured[i]);
		free(side->captured);
		secure_forget(side);
		buf_reset(&side->plain);
		buf_reset(&side->rsp);
		buf_reset(&side->exact);
	}
	free(run->value);
	free(run->constant);
	free(run->left_out);
	buf_reset(&run->command);
	buf_reset(&run->data);
}

static bool reserve(struct run *run)
{
	size_t n = run->s->n_values + 1;
	run->value = calloc(n, sizeof *run->value);
	run->constant = calloc(n, sizeof *run->constant);
	run->left_out = calloc(run->s->n_dialogues + 1, sizeof *run->left_out);
	run->side[RUN_REFERENCE].captured = calloc(n, sizeof(struct buf));
	run->side[RUN_CHIP].captured = calloc(n, sizeof(struct buf));
	return run->value != NULL && run->constant != NULL && run->left_out != NULL &&
	    run->side[RUN_REFERENCE].captured != NULL && run->side[RUN_CHIP].captured != NULL && run_report_open(run);
}

bool run_begin(struct run *run, const struct suite_values *values)
{
	if (reserve(run))
		return bind_values(run, values);
	run->no_memory = true;
	return false;
}

bool run_left_out(const struct run *run, size_t dialogue)
{
	return run->left_out[dialogue];
}

static bool run_all(struct run *run, const struct suite_values *values)
{
	bool good = false;
	run->r->result = SUITE_PASSED;
	if (run_begin(run, values)) {
		run_dialogues(run);
		/* Of what was not run for want of a value the user has been warned; but something was proved. */
		good = run->r->failed == 0 && run->r->passed != 0;
	} else
		run->r->result = SUITE_NOT_RUN;
	if (run->no_memory) {
		run->r->result = SUITE_LOST;
		good = diag_add(run->d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	}
	run_end(run);
	return good;
}

bool suite_run(const struct suite *s, struct link *card, const struct suite_values *values, struct suite_report *r,
    struct diag_list *d)
{
	struct run run = {.s = s, .r = r, .d = d, .side[RUN_CHIP].link = card};
	return run_all(&run, values);
}

bool suite_compare(const struct suite *s, struct link *reference, struct link *chip, const struct suite_values *values,
    struct suite_report *r, struct diag_list *d)
{
	struct run run = {.s = s, .r = r, .d = d, .compare = true};
	run.side[RUN_REFERENCE].link = reference;
	run.side[RUN_CHIP].link = chip;
	return run_all(&run, values);
}
