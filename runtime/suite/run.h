/* The driver's parts. Inside runtime/suite only. */
#ifndef IGATA_SUITE_RUN_H
#define IGATA_SUITE_RUN_H

#include "runtime/base/apdu.h"
#include "runtime/sm/session.h"
#include "runtime/suite/match.h"

enum { RUN_REFERENCE, RUN_CHIP, RUN_SIDES };

/* One card of a run. */
struct run_side {
	struct link *link;
	struct buf rsp;
	struct answer answer;
	enum link_status status;
	struct buf *captured; /* one for each value of the program */
	struct buf exact;     /* expected data; holes may be captured from this very card */
	bool as_expected;
	struct sm_session *session; /* behind a mutual authentication; kept for `sm-fault late` when it is over */
	bool open;                  /* it is not over */
	bool protect;               /* what is sent goes through it: */
	enum sm_mode mode;
	bool bare;        /* the command was protected, and its answer is not */
	struct buf last;  /* the last protected command, for `sm-fault replay` */
	struct buf plain; /* the last answer out of its protection */
};

struct run {
	const struct suite *s;
	const struct suite_value **value; /* one for each value of the program, NULL for captured ones */
	struct suite_value *constant;     /* those that the program itself gives */
	bool *left_out; /* one for each dialogue: it needs a value, or an interface, that is not there */
	struct run_side side[RUN_SIDES]; /* alone: the card is RUN_CHIP */
	bool compare;
	struct buf command, data;
	struct suite_report *r;
	struct diag_list *d;
	size_t dialogue; /* the running one */
	size_t diags;
	bool ends; /* a card answered as it may, but the program cannot go on */
	bool no_memory;
};

/* Build the command of a step for one side into run->command. false: a hole cannot be filled. */
bool run_command(struct run *run, struct run_side *side, const struct program_step *step);

/* Send a command as it stands; fills side->answer. false: side->status says why. */
bool run_transmit(struct run *run, struct run_side *side, const uint8_t *command, size_t n);

/* Append the bytes of items. false: a hole cannot be filled (nothing captured, slice beyond the end). */
bool run_items(struct run *run, const struct run_side *side, struct program_items items, struct buf *out);

/* Whether a step sends or expects a secret, so that its response is not shown. */
bool run_step_secret(const struct suite *s, const struct program_step *step);

/* Get everything that the steps need, and the values. false: run->no_memory, or diagnostics about values. run_end in
 * both cases. */
bool run_begin(struct run *run, const struct suite_values *values);
void run_end(struct run *run);

/* Whether a dialogue needs a value that was not given. */
bool run_left_out(const struct run *run, size_t dialogue);

/* One step, on one or both cards; its row in the report when it failed. */
enum suite_result run_step(struct run *run, const struct program_step *step);

/* Whether side->answer is what the step expects. */
bool run_judge(struct run *run, struct run_side *side, const struct program_step *step);

/* Add the row of a step to the report, and a diagnostic when it failed. */
void run_report_step(struct run *run, const struct program_step *step, enum suite_result result);

/* Make the report's rows of dialogues. false: out of memory. */
bool run_report_open(struct run *run);

#endif
