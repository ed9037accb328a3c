/* Custom commands beforehand: what they do, and with which data. Inside runtime/suite only. */
#ifndef IGATA_SUITE_CUSTOM_H
#define IGATA_SUITE_CUSTOM_H

#include "runtime/suite/bytes.h"

enum { CUSTOM_BYTES = 512, CUSTOM_APPENDED = 16 };

struct custom_data {
	struct gen_byte b[CUSTOM_BYTES];
};

enum custom_result {
	CUSTOM_DONE,
	CUSTOM_REFUSED, /* a comparison that is false, a counter out of its bounds */
	CUSTOM_FULL,    /* a file of records */
	CUSTOM_OPEN,    /* it depends on values of the card */
};

struct custom_appended {
	uint16_t file, n;
	struct gen_byte *b;
};

/* What a run is wanted to do. */
enum { CUSTOM_ANY_ORDER = 2, CUSTOM_DONE_WANTED = -1 };

struct custom_goal {
	int at;     /* the step that refuses, or CUSTOM_DONE_WANTED */
	int step;   /* a comparison, */
	int order;  /* what it finds: -1, 0, 1, or CUSTOM_ANY_ORDER; */
	bool near;  /* and that by one; of a counter, the first amount over its bound */
	bool alone; /* without that step it would be done: it is the only fault */
};

struct custom_run {
	enum custom_result result;
	const struct custom_goal *goal; /* its step is looked at; NULL for none */
	int skip;                       /* a step that is left out, or -1 */
	int order;                      /* what the step of the goal found */
	bool near;
	int at; /* the step where it ended; their number when it was done */
	struct gen_byte response[CUSTOM_BYTES];
	size_t n_response;
	struct custom_appended appended[CUSTOM_APPENDED];
	size_t n_appended;
	struct gen_counting counting[CONTRACT_FILES]; /* afterwards */
	size_t n_patches;                             /* of struct gen, afterwards */
	struct gen_byte record[CUSTOM_BYTES];         /* parts of the record that is being made */
	size_t n_record;
};

size_t custom_operand_length(const struct gen *g, const struct contract_operand *o);

/* What the command does with these data in this moment, when its rules hold. Nothing of g is changed, but the patches
 * behind g->n_patches stay there to be taken. */
void custom_run(struct gen *g, const struct contract_command *k, const struct custom_data *in, struct custom_run *r);

/* Data that reach the goal; *r is that run. false: none are known. */
bool custom_find(struct gen *g, const struct contract_command *k, const struct custom_goal *goal,
    struct custom_data *in, struct custom_run *r);

#endif
