#include "runtime/suite/cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/apdu.h"
#include "runtime/link/link_sim.h"
#include "runtime/suite/cut_state.h"
#include "runtime/suite/run.h"

enum { FIRST_DIAGS = 10 };

/* Where to cut: byte numbers in ascending order. */
struct points {
	uint64_t *at;
	size_t n, cap;
	bool bad;
};

struct cutter {
	const struct suite *s;
	const struct contract *c;
	const struct sim *card;
	enum cut_points which;
	struct cut_report *r;
	struct diag_list *d;
	size_t diags;

	struct run run; /* the prologue's */
	struct suite_report steps;
	struct sim live; /* after the prologue, with power */
	struct sim work; /* a copy in which the command is cut off */
	struct sim torn; /* after the cut, without power */
	struct cut_look look;
	struct cut_state before, after, now;
	struct buf cmd, rsp;
	struct points points;
	const struct program_dialogue *dialogue;
	const struct program_step *step;
	struct cut_counts counts;
};

static bool no_memory(struct cutter *x)
{
	return diag_add(x->d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
}

static bool cannot(struct cutter *x, const char *why)
{
	return diag_add(x->d, (struct srcloc){.file = x->s->name}, DIAG_SUITE_CUT_PROLOGUE, x->dialogue->name,
	    diag_num(x->step->line), why, NULL);
}

static void command(struct cutter *x, struct sim *card)
{
	buf_clear(&x->rsp);
	sim_apdu(card, x->cmd.p, x->cmd.n, &x->rsp);
}

/* ---- where to cut ---- */

static void add_point(struct points *p, uint64_t at)
{
	if (p->n > 0 && p->at[p->n - 1] >= at)
		return;
	if (p->bad || !program_grow(&p->at, &p->cap, p->n, sizeof *p->at)) {
		p->bad = true;
		return;
	}
	p->at[p->n++] = at;
}

static void watch(void *context, uint64_t written, uint32_t n)
{
	struct cutter *x = context;
	if (n == 0)
		return;
	for (uint32_t i = 0; x->which == CUT_EVERY_BYTE && i < n; i++)
		add_point(&x->points, written + i);
	if (x->which == CUT_EVERY_BYTE)
		return;
	add_point(&x->points, written);
	add_point(&x->points, written + n / 2);
	add_point(&x->points, written + n - 1);
}

/* ---- one cut ---- */

static bool judge_torn(struct cutter *x, uint64_t at, const char *where)
{
	bool is_before, is_after;
	if (!cut_look(&x->look, &x->torn, &x->now))
		return no_memory(x);
	const char *wrong = cut_judge(x->c, &x->before, &x->after, &x->now, &x->counts, &is_before, &is_after);
	x->r->before += wrong == NULL && is_before;
	x->r->after += wrong == NULL && is_after;
	if (wrong == NULL)
		return true;
	x->r->failed++;
	char text[256];
	snprintf(text, sizeof text, "%s%s", wrong, where);
	if (x->diags++ < FIRST_DIAGS)
		diag_add(x->d, (struct srcloc){.file = x->s->name}, DIAG_SUITE_CUT_STATE, x->dialogue->name,
		    diag_num(x->step->line), diag_num(at), text, NULL);
	return true;
}

/* Recovery is cut off before its first, its middle and its last byte; the power-up after that finishes it. `work` holds
 * the card as the first cut left it. */
static bool second_cuts(struct cutter *x, uint64_t at, uint64_t bytes)
{
	uint64_t points[] = {0, bytes / 2, bytes - 1};
	for (size_t i = 0; bytes != 0 && i < 3; i++) {
		if (i > 0 && points[i] == points[i - 1])
			continue;
		sim_restore(&x->torn, &x->work);
		sim_power_up_cut(&x->torn, (int64_t)points[i]);
		sim_power_up(&x->torn);
		sim_power_down(&x->torn);
		x->r->second_cuts++;
		if (!judge_torn(x, at, ", after a second cut in recovery"))
			return false;
	}
	return true;
}

static bool one_cut(struct cutter *x, uint64_t at)
{
	sim_restore_live(&x->work, &x->live);
	x->work.nv.cut = (int64_t)at;
	command(x, &x->work);
	x->r->cuts++;
	if (x->rsp.n != 0)
		return cannot(x, "the card answers although its power failed");
	sim_power_down(&x->work);
	sim_restore(&x->torn, &x->work);
	sim_power_up(&x->torn);
	uint64_t bytes = x->torn.nv.written;
	sim_power_down(&x->torn);
	return judge_torn(x, at, "") && second_cuts(x, at, bytes);
}

/* ---- one command ---- */

static int pin_named(const struct contract *c, uint8_t p2)
{
	for (int i = 0; i < c->n_pins; i++)
		if ((0x80 | c->pin[i].ref) == p2)
			return i;
	return -1;
}

static struct cut_counts counts_of(const struct contract *c, const struct program_step *step)
{
	const uint8_t *h = step->header;
	struct cut_counts counts = {.pin = -1};
	bool data = step->items.n != 0;
	if (step->op != STEP_SEND || h[0] != 0)
		return counts;
	counts.pin = pin_named(c, h[3]);
	counts.try = data && (h[1] == INS_VERIFY || (h[1] == INS_CHANGE_REFERENCE_DATA && h[2] == 0));
	counts.puk = data && h[1] == INS_RESET_RETRY_COUNTER && h[2] <= 1;
	return counts;
}

/* The command whole, on a copy: what it answers, what the card is like afterwards, and where its bytes are. */
static bool whole(struct cutter *x)
{
	struct run_side *side = &x->run.side[RUN_CHIP];
	sim_restore_live(&x->work, &x->live);
	x->work.nv.watch = watch;
	x->work.nv.watch_context = x;
	x->points.n = 0;
	command(x, &x->work);
	x->work.nv.watch = NULL;
	x->r->bytes += x->work.nv.written;
	if (x->points.bad)
		return no_memory(x);
	if (x->rsp.n < 2)
		return cannot(x, "the card does not answer the command");
	side->answer = (struct answer){
	    .sw = (sw_t)(x->rsp.p[x->rsp.n - 2] << 8 | x->rsp.p[x->rsp.n - 1]), .data = x->rsp.p, .n = x->rsp.n - 2};
	if (!run_judge(&x->run, side, x->step))
		return cannot(x, "the command is not answered as the program expects");
	sim_power_down(&x->work);
	return cut_look(&x->look, &x->work, &x->after) || no_memory(x);
}

/* Everything before the marked step, on a fresh copy of the card that stays powered. */
static bool prologue(struct cutter *x)
{
	struct link l = {0};
	bool good = true;
	sim_restore(&x->live, x->card);
	link_sim_of(&l, &x->live);
	x->run.side[RUN_CHIP].link = &l;
	for (uint32_t i = 0; good && i < x->dialogue->n_steps; i++) {
		const struct program_step *step = &x->s->step[x->dialogue->step + i];
		if (step == x->step)
			break;
		good = run_step(&x->run, step) == SUITE_PASSED;
		if (!good && x->steps.n_steps != 0)
			cannot(x, x->steps.step[x->steps.n_steps - 1].got);
	}
	/* Not link_close, which would take the power. */
	if (good && !run_command(&x->run, &x->run.side[RUN_CHIP], x->step))
		good = cannot(x, "a value was not captured");
	buf_clear(&x->cmd);
	buf_add(&x->cmd, x->run.command.p, x->run.command.n);
	sim_restore(&x->work, &x->live);
	return good && !x->cmd.bad && (cut_look(&x->look, &x->work, &x->before) || no_memory(x));
}

static const struct program_step *marked(const struct suite *s, const struct program_dialogue *dialogue)
{
	for (uint32_t i = 0; i < dialogue->n_steps; i++)
		if (s->step[dialogue->step + i].cut)
			return &s->step[dialogue->step + i];
	return NULL;
}

static bool dialogue(struct cutter *x)
{
	x->counts = counts_of(x->c, x->step);
	if (!prologue(x) || !whole(x))
		return false;
	x->r->commands++;
	bool good = true;
	for (size_t i = 0; good && i < x->points.n; i++)
		good = one_cut(x, x->points.at[i]);
	return good;
}

static bool dialogues(struct cutter *x)
{
	bool good = true;
	for (size_t i = 0; i < x->s->n_dialogues; i++) {
		x->dialogue = &x->s->dialogue[i];
		x->step = marked(x->s, x->dialogue);
		if (x->step != NULL && !run_left_out(&x->run, i))
			good = dialogue(x) && good;
		if (x->r->progress != NULL)
			x->r->progress(x->r->context, i + 1, x->s->n_dialogues);
	}
	if (x->r->commands == 0 && good)
		good = diag_add(x->d, (struct srcloc){.file = x->s->name}, DIAG_SUITE_CUT_NONE, NULL);
	return good && x->r->failed == 0;
}

static bool open_cards(struct cutter *x, const struct suite_values *values)
{
	return sim_copy(&x->live, x->card) && sim_copy(&x->work, x->card) && sim_copy(&x->torn, x->card) &&
	    cut_look_open(&x->look, x->c, values, x->card);
}

static void close_all(struct cutter *x)
{
	sim_close(&x->live);
	sim_close(&x->work);
	sim_close(&x->torn);
	cut_look_close(&x->look);
	cut_state_reset(&x->before);
	cut_state_reset(&x->after);
	cut_state_reset(&x->now);
	buf_reset(&x->cmd);
	buf_reset(&x->rsp);
	free(x->points.at);
	run_end(&x->run);
	suite_report_reset(&x->steps);
}

bool cut_run(const struct suite *program, const struct contract *c, const struct sim *card,
    const struct suite_values *values, enum cut_points points, struct cut_report *r, struct diag_list *d)
{
	bool good = false;
	struct cutter *x = calloc(1, sizeof *x);
	if (x == NULL)
		return diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	x->s = program;
	x->c = c;
	x->card = card;
	x->which = points;
	x->r = r;
	x->d = d;
	x->run = (struct run){.s = program, .r = &x->steps, .d = d, .diags = SIZE_MAX / 2};
	bool bound = run_begin(&x->run, values);
	if (x->run.no_memory || !open_cards(x, values))
		no_memory(x);
	else if (bound)
		good = dialogues(x);
	close_all(x);
	free(x);
	return good;
}
