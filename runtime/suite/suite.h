/* Dialogues as programs: what an AP must answer, written as text that people review and machines run.
 *
 * A suite is generated from the contract of an AP, travels in the load image, and is run against a card (suite_run) or
 * against the reference card and a chip in lockstep (suite_compare). Each step states what it expects, so that the
 * generator is a third opinion beside the two cards. The language is drawn at the top of parse.c.
 *
 *   probe  for issued cards: presents no secret, moves no counter, changes nothing; only free reads and accesses that
 *          must be refused; stops at the first answer that is not as expected.
 *   full   for simulated and test cards on which the AP was just personalised: everything, exhaustion included.
 *
 * "Equal" is meant as in section 2 of the AP contract: given or refused, data and counters exactly; refusals by class;
 * of an FCI only 84, and 83 and 88 where present.
 */
#ifndef IGATA_SUITE_H
#define IGATA_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/base/sw.h"
#include "runtime/contract/contract.h"
#include "runtime/link/link.h"

enum suite_kind { SUITE_PROBE, SUITE_FULL };

/* ---- generating ---- */

enum suite_cover_kind {
	COVER_BRANCH,    /* an atom of a rule of an operation: it decided that access was given / was refused */
	COVER_OPERATION, /* an operation of an object: given / refused */
	COVER_CLAUSE,    /* a point of the AP contract */
};

enum suite_cover_state {
	COVER_MISSED,       /* reachable, and no step of the suite goes there */
	COVER_HIT,          /* at least one step goes there */
	COVER_NEEDLESS,     /* cannot happen: an atom that never decides, a rule that is never met */
	COVER_NOT_HERE,     /* the AP has nothing that the clause speaks about */
	COVER_NOT_PROBED,   /* the probe must not go there; the full suite does */
	COVER_OUT_OF_REACH, /* one suite on one card cannot show it: only once in a life, or no way there is known */
};

struct suite_cover {
	enum suite_cover_kind kind;
	enum suite_cover_state state;
	char *name;     /* "read zones: pin(holder)", "7.3" */
	char *detail;   /* "granted", "refused"; of a clause its meaning in English */
	uint32_t steps; /* how many steps go there */
};

/* What a generated suite covers. Zeroed by the caller, released with suite_coverage_reset. */
struct suite_coverage {
	struct suite_cover *row;
	size_t n, cap;
	bool lost; /* an allocation failed */
};

/* Append the text of a suite for this contract. The same contract gives the same bytes. cov may be NULL. false: out of
 * memory (out->bad). */
bool suite_generate(const struct contract *c, enum suite_kind kind, struct buf *out, struct suite_coverage *cov);

/* How many rows of a kind (or of all kinds: -1) are in this state. */
size_t suite_coverage_count(const struct suite_coverage *cov, int kind, enum suite_cover_state state);

/* Append the coverage as a table: one line per row, totals, and the names of what is missed. */
void suite_coverage_text(const struct suite_coverage *cov, struct buf *out);
void suite_coverage_reset(struct suite_coverage *cov);

/* ---- reading ---- */

enum {
	SUITE_TEXT_MAX = 12 * 1024 * 1024, /* bytes of a program */
	SUITE_LINE_MAX = 160 * 1024,       /* bytes of a line: an extended response of 65536 bytes, and holes */
	SUITE_STEPS = 200000,              /* steps of a program */
	SUITE_VALUES = 512,                /* declared and captured values */
};

struct suite; /* a program */

/* Read a program, trusting nothing. name is for diagnostics and must outlive them. NULL with diagnostics, all that were
 * found up to a limit, when there is an error. Release with suite_free. */
struct suite *suite_parse(const uint8_t *text, size_t n, const char *name, struct diag_list *d);
void suite_free(struct suite *s);

size_t suite_dialogues(const struct suite *s);
size_t suite_steps(const struct suite *s);

/* ---- running ---- */

/* A per-card value, borrowed: its bytes as a terminal presents them, without padding (a suite knows how the card pads
 * them). A suite names the values it needs by the names of the contract; others may be there, too. */
struct suite_value {
	const char *name;
	const uint8_t *p;
	size_t n;
};

struct suite_values {
	const struct suite_value *row;
	size_t n;
};

enum suite_result {
	SUITE_PASSED,
	SUITE_FAILED,  /* the answer is not as expected, or (comparing) not equal to the reference card's */
	SUITE_NOT_RUN, /* after a failure, after the card was lost, or for want of a value */
	SUITE_LOST,    /* no answer: card gone or reader broken */
};

/* One step. Values never appear in the text: a hole is shown as it stands in the program, "{PIN:wrong}". */
struct suite_step_report {
	size_t dialogue; /* index in suite_report.dialogue */
	uint32_t line;   /* in the program's text */
	enum suite_result result;
	char *sent;      /* "00200081 {PIN:wrong}" */
	char *expected;  /* "63C2" */
	char *got;       /* "9000 data 01", or why there is none; "" when not run */
	char *reference; /* the reference card's answer when comparing, else NULL */
};

struct suite_dialogue_report {
	char *name, *clause; /* clause "" when not given */
	uint32_t line;
	enum suite_result result;
	size_t steps; /* executed */
};

struct suite_report {
	/* Set by the caller before the run, everything else zero. */
	bool all_steps; /* keep rows of steps that passed, too */
	void (*progress)(void *context, size_t done, size_t total);
	void *context;

	/* Filled by the run. */
	enum suite_result result;       /* the worst of the dialogues */
	size_t passed, failed, not_run; /* dialogues */
	size_t apdus;                   /* commands sent (to one card) */
	struct suite_dialogue_report *dialogue;
	size_t n_dialogues;
	struct suite_step_report *step; /* those that did not pass, or all */
	size_t n_steps, cap_steps;
};

/* Run a program on a card. A dialogue ends at its first step that fails (its `finally` part is still run); a probe ends
 * with it. Dialogues that need a value which is not there are not run: a warning names it, report.not_run counts them.
 * true when nothing failed and something passed; else diagnostics say what did not (the first few steps), which value
 * has the wrong length, or that the card was lost. The report is valid in all cases. */
bool suite_run(const struct suite *s, struct link *card, const struct suite_values *values, struct suite_report *r,
    struct diag_list *d);

/* The same on two cards in lockstep: each must answer as the program expects, and both the same by section 2. Resets
 * and commands go to the reference first. */
bool suite_compare(const struct suite *s, struct link *reference, struct link *chip, const struct suite_values *values,
    struct suite_report *r, struct diag_list *d);

/* Append the report: the steps that failed and a summary (lang is "en" or "ja"); or one JSON object. */
struct json;
void suite_report_text(const struct suite_report *r, const char *lang, struct buf *out);
void suite_report_json(const struct suite_report *r, struct json *j, const char *key);
const char *suite_result_name(enum suite_result r);
void suite_report_reset(struct suite_report *r);

#endif
