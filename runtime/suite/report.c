/* Reports of runs: rows as they happen, then text or JSON. */
#include "runtime/suite/run.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/json.h"

enum { FIRST_DIAGS = 10, DATA_SHOWN = 48 };

const char *suite_result_name(enum suite_result r)
{
	static const char *const names[] = {"passed", "failed", "not run", "card lost"};
	return names[r];
}

static const char *result_text(enum suite_result r, bool ja)
{
	static const char *const names[] = {"合格", "不合格", "未実行", "カード応答なし"};
	return ja ? names[r] : suite_result_name(r);
}

static char *copy(struct run *run, struct buf *b)
{
	char *s = strdup(buf_cstr(b));
	run->no_memory = run->no_memory || s == NULL || b->bad;
	buf_clear(b);
	return s;
}

static void free_dialogues(struct suite_report *r)
{
	for (size_t i = 0; i < r->n_dialogues; i++) {
		free(r->dialogue[i].name);
		free(r->dialogue[i].clause);
	}
	free(r->dialogue);
	r->dialogue = NULL;
	r->n_dialogues = 0;
}

bool run_report_open(struct run *run)
{
	const struct suite *s = run->s;
	run->r->dialogue = calloc(s->n_dialogues + 1, sizeof *run->r->dialogue);
	if (run->r->dialogue == NULL)
		return false;
	for (size_t i = 0; i < s->n_dialogues; i++) {
		struct suite_dialogue_report *row = &run->r->dialogue[i];
		row->name = strdup(s->dialogue[i].name);
		row->clause = strdup(s->dialogue[i].clause);
		row->line = s->dialogue[i].line;
		row->result = SUITE_NOT_RUN;
		run->r->n_dialogues = i + 1;
		if (row->name == NULL || row->clause == NULL) {
			free_dialogues(run->r);
			return false;
		}
	}
	return true;
}

static void got(const struct run_side *side, bool secret, struct buf *out)
{
	if (side->status == LINK_CARD_GONE)
		buf_str(out, "card gone");
	else if (side->status == LINK_BROKEN)
		buf_str(out, "reader failed");
	else if (side->answer.sw == 0)
		buf_str(out, side->as_expected ? "done" : "not sent: a value was not captured");
	else {
		buf_printf(out, "%04X", side->answer.sw);
		if (side->answer.n == 0)
			return;
		if (secret) {
			buf_printf(out, " data (%zu bytes)", side->answer.n);
			return;
		}
		buf_str(out, " data ");
		for (size_t i = 0; i < side->answer.n && i < DATA_SHOWN; i++)
			buf_printf(out, "%02X", side->answer.data[i]);
		if (side->answer.n > DATA_SHOWN)
			buf_printf(out, "...(%zu bytes)", side->answer.n);
	}
}

static void diagnose(struct run *run, const struct suite_step_report *row)
{
	struct srcloc at = {.file = run->s->name};
	const char *line = diag_num(row->line);
	if (row->result == SUITE_PASSED || run->diags++ >= FIRST_DIAGS)
		return;
	if (row->result == SUITE_LOST)
		diag_add(run->d, at, DIAG_SUITE_CARD_LOST, line,
		    run->compare && run->side[RUN_REFERENCE].status != LINK_OK ? row->reference : row->got, NULL);
	else if (run->compare && run->side[RUN_CHIP].as_expected && run->side[RUN_REFERENCE].as_expected)
		diag_add(run->d, at, DIAG_SUITE_STEP_UNEQUAL, line, row->sent, row->got, row->reference, NULL);
	else
		diag_add(run->d, at, DIAG_SUITE_STEP_FAILED, line, row->sent,
		    run->compare && run->side[RUN_CHIP].as_expected ? row->reference : row->got, row->expected, NULL);
}

static void free_step(struct suite_step_report *step)
{
	free(step->sent);
	free(step->expected);
	free(step->got);
	free(step->reference);
}

/* Every row that a caller sees is whole. */
static void drop_last_step(struct suite_report *r)
{
	free_step(&r->step[--r->n_steps]);
}

void run_report_step(struct run *run, const struct program_step *step, enum suite_result result)
{
	struct suite_report *r = run->r;
	if (!program_grow(&r->step, &r->cap_steps, r->n_steps, sizeof *r->step)) {
		run->no_memory = true;
		return;
	}
	struct suite_step_report *row = &r->step[r->n_steps++];
	struct buf text = {0};
	bool secret = run_step_secret(run->s, step);
	memset(row, 0, sizeof *row);
	row->dialogue = run->dialogue;
	row->line = step->line;
	row->result = result;
	program_sent_text(run->s, step, &text);
	row->sent = copy(run, &text);
	program_expect_text(run->s, step, &text);
	row->expected = copy(run, &text);
	got(&run->side[RUN_CHIP], secret, &text);
	row->got = copy(run, &text);
	if (run->compare) {
		got(&run->side[RUN_REFERENCE], secret, &text);
		row->reference = copy(run, &text);
	}
	buf_reset(&text);
	if (run->no_memory)
		drop_last_step(r);
	else
		diagnose(run, row);
}

static void step_text(const struct suite_report *r, const struct suite_step_report *step, bool ja, struct buf *out)
{
	buf_printf(out, "  %u: %s\n", (unsigned)step->line, step->sent);
	buf_printf(out, ja ? "      期待 %s\n" : "      expected %s\n", step->expected);
	buf_printf(out, ja ? "      応答 %s\n" : "      got      %s\n", step->got);
	if (step->reference != NULL)
		buf_printf(out, ja ? "      参照 %s\n" : "      reference %s\n", step->reference);
	(void)r;
}

void suite_report_text(const struct suite_report *r, const char *lang, struct buf *out)
{
	bool ja = strcmp(lang, "ja") == 0;
	for (size_t i = 0, k = 0; i < r->n_dialogues; i++) {
		const struct suite_dialogue_report *row = &r->dialogue[i];
		if (row->result != SUITE_PASSED || r->all_steps)
			buf_printf(out, "%s: %s%s%s%s\n", result_text(row->result, ja), row->name,
			    row->clause[0] == 0 ? "" : " (", row->clause, row->clause[0] == 0 ? "" : ")");
		for (; k < r->n_steps && r->step[k].dialogue == i; k++)
			step_text(r, &r->step[k], ja, out);
	}
	buf_printf(out,
	    ja ? "対話 %zu 件:合格 %zu、不合格 %zu、未実行 %zu(コマンド %zu)\n"
	       : "%zu dialogues: %zu passed, %zu failed, %zu not run (%zu commands)\n",
	    r->passed + r->failed + r->not_run, r->passed, r->failed, r->not_run, r->apdus);
}

static void json_step(struct json *j, const struct suite_step_report *step)
{
	json_put_object(j, NULL);
	json_put_number(j, "line", step->line);
	json_put_text(j, "result", suite_result_name(step->result));
	json_put_text(j, "sent", step->sent);
	json_put_text(j, "expected", step->expected);
	json_put_text(j, "got", step->got);
	if (step->reference != NULL)
		json_put_text(j, "reference", step->reference);
	json_put_end(j);
}

static void json_dialogue(struct json *j, const struct suite_report *r, size_t i, size_t *k)
{
	const struct suite_dialogue_report *row = &r->dialogue[i];
	json_put_object(j, NULL);
	json_put_text(j, "name", row->name);
	json_put_text(j, "clause", row->clause);
	json_put_number(j, "line", row->line);
	json_put_text(j, "result", suite_result_name(row->result));
	json_put_number(j, "executed", (int64_t)row->steps);
	json_put_array(j, "steps");
	for (; *k < r->n_steps && r->step[*k].dialogue == i; (*k)++)
		json_step(j, &r->step[*k]);
	json_put_end(j);
	json_put_end(j);
}

void suite_report_json(const struct suite_report *r, struct json *j, const char *key)
{
	json_put_object(j, key);
	json_put_text(j, "result", suite_result_name(r->result));
	json_put_number(j, "passed", (int64_t)r->passed);
	json_put_number(j, "failed", (int64_t)r->failed);
	json_put_number(j, "not-run", (int64_t)r->not_run);
	json_put_number(j, "commands", (int64_t)r->apdus);
	json_put_array(j, "dialogues");
	for (size_t i = 0, k = 0; i < r->n_dialogues; i++)
		json_dialogue(j, r, i, &k);
	json_put_end(j);
	json_put_end(j);
}

void suite_report_reset(struct suite_report *r)
{
	free_dialogues(r);
	for (size_t i = 0; i < r->n_steps; i++)
		free_step(&r->step[i]);
	free(r->step);
	*r = (struct suite_report){0};
}
