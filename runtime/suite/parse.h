/* Parts of the parser. Inside runtime/suite only. */
#ifndef IGATA_SUITE_PARSE_H
#define IGATA_SUITE_PARSE_H

#include "runtime/suite/scan.h"

struct parser {
	struct scan scan;
	struct suite *suite;
	struct program_dialogue *dialogue; /* the open one, or NULL; points into the suite's array */
	bool kind;                         /* a `kind` line was read */
	bool finally;
	bool cut; /* the next step is the one to cut off; where that was written: */
	uint32_t cut_line;
	bool faulty; /* the next step is a `send` with this fault; where that was written: */
	enum sm_fault fault;
	bool replay;
	uint32_t fault_line;
	bool open_step; /* the last step was `send` or `raw` and has no `expect` yet */
	bool failed;    /* out of memory */
};

/* Read data items from the current word on, up to the end of the line or a word that cannot begin one. */
bool parse_items(struct parser *p, struct program_items *out);

/* Read alternatives from the current word on to the end of the line. */
bool parse_expect(struct parser *p, struct program_step *step);

/* Index of a value by name (n characters), or SIZE_MAX. */
size_t parse_value_find(const struct suite *s, const char *name, size_t n);

/* Copy a name for a value: letters, digits, hyphen, dot; 1 to 32 of them. */
bool parse_name(struct parser *p, char out[SUITE_WORD]);

bool parse_no_memory(struct parser *p);

/* The line ends behind the current word; else a diagnostic. */
bool parse_end(struct parser *p);

/* The last step has its expectation; else a diagnostic. */
bool parse_close_step(struct parser *p);

/* Append a step to the open dialogue. It may move in memory when the next one is added. NULL with a diagnostic. */
struct program_step *parse_add_step(struct parser *p, enum program_op op);

/* ---- parse_secure.c: statements about keys and secure messaging ---- */

bool parse_key(struct parser *p);
bool parse_sm_response(struct parser *p);
bool parse_challenge(struct parser *p);
bool parse_auth(struct parser *p);
bool parse_internal(struct parser *p);
bool parse_sm(struct parser *p);
bool parse_sm_fault(struct parser *p);
bool parse_plain(struct parser *p);

#endif
