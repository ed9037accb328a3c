/* What the generator has decided about a description while it writes it. One file for each noun of the language:
 *
 *   description  card-ap, its titles, AID and parts in any order     tag      an element as text
 *   rule         expressions and their names                         pin, key
 *   df           DFs and what is in them                             file     transparent EFs, data objects, counters
 *   records      files of records                                    field    content and where it comes from
 *   command      custom commands                                     numbering
 */
#ifndef IGATA_TESTS_GENERATE_DRAFT_H
#define IGATA_TESTS_GENERATE_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/contract/contract.h"
#include "tests/generate/dice.h"

enum { DRAFT_RULES = 256, DRAFT_CHUNKS = 512, TAG_ATTRIBUTES = 24 };

struct draft_df {
	char id[CONTRACT_NAME];
	unsigned parent, depth;
	bool fid[0x10000], sfi[31], tag[0x10000];
};

struct draft_pin {
	char id[CONTRACT_NAME];
	unsigned df, ref;
	bool unset;
};

struct draft_key {
	char id[CONTRACT_NAME];
	unsigned df, ref;
	enum key_use use;
};

/* A named rule; `size` is of the rule with all names written out. */
struct draft_rule {
	char id[CONTRACT_NAME];
	unsigned df, depth, leaves;
};

/* What custom commands work on. */
struct draft_field {
	char id[CONTRACT_NAME];
	unsigned length;
};

struct draft_records {
	char id[CONTRACT_NAME];
	unsigned length;
	bool variable;
};

struct draft_numbering {
	char id[CONTRACT_NAME];
	unsigned length;
	bool digits;
};

struct draft {
	struct dice dice;
	struct arena arena;
	struct buf *out;    /* where elements go now */
	unsigned indent;    /* depth of the element to be written */
	unsigned size;      /* 0 small, 1 middle, 2 large, 3 at a limit */
	unsigned names;     /* that were given */
	unsigned sources;   /* per-card values so far */
	unsigned operators; /* of all rules */
	uint32_t content;   /* bytes of content so far */
	bool jicsap, extended, mutual, bare_aid;
	bool diversifier; /* each card has a file with its own number, by which keys are derived */
	struct draft_df *df;
	unsigned n_dfs;
	struct draft_pin pin[CONTRACT_PINS];
	unsigned n_pins;
	struct draft_key key[CONTRACT_KEYS];
	unsigned n_keys;
	struct draft_rule rule[DRAFT_RULES];
	unsigned n_rules;
	struct draft_field field[CONTRACT_FIELDS], counter[CONTRACT_FILES];
	unsigned n_fields, n_steady /* in `field` */, n_counters;
	struct draft_records records[CONTRACT_FILES];
	unsigned n_records, n_files;
	struct draft_numbering numbering[CONTRACT_NUMBERINGS];
	unsigned n_numberings, n_steps;
	bool ins[256]; /* that counters or commands have */
};

/* ---- tag.c ---- */

struct tag {
	const char *name;
	size_t n;
	struct {
		const char *name, *value;
	} attribute[TAG_ATTRIBUTES];
};

struct tag tag_new(const char *name);
void tag_put(struct draft *d, struct tag *t, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The attribute is written in most cases only: leaving it out means the same. */
void tag_default(struct draft *d, struct tag *t, const char *name, const char *value, const char *fallback);
void tag_open(struct draft *d, struct tag *t);  /* <name ...> */
void tag_empty(struct draft *d, struct tag *t); /* <name .../> */
void tag_close(struct draft *d, const char *name);
void tag_text(struct draft *d, struct tag *t, const char *text); /* <name ...>text</name> */

/* A new name of this kind, of at most `most` characters. */
void name_new(struct draft *d, const char *kind, unsigned most, char out[CONTRACT_NAME]);

/* A size from least to most: mostly small, often beside a limit of commands, at times the most. */
unsigned size_between(struct draft *d, unsigned least, unsigned most);

/* ---- the nouns ---- */

/* An expression for what lies in this DF. */
const char *rule_new(struct draft *d, unsigned df);
/* For the first value of this PIN: somebody can fulfil it. */
const char *rule_for_first_value(struct draft *d, unsigned pin);
/* rule_new for an attribute that may be absent. */
void rule_maybe(struct draft *d, struct tag *t, const char *attribute, unsigned df, unsigned percent);
void rules_write(struct draft *d, unsigned n);

bool df_encloses(const struct draft *d, unsigned outer, unsigned inner);
void dfs_decide(struct draft *d, unsigned n);
unsigned df_fid(struct draft *d, unsigned df);
unsigned df_sfi(struct draft *d, unsigned df); /* 0: none is left */
void df_write(struct draft *d, unsigned df);   /* its children, nested DFs too */

void pins_decide(struct draft *d, unsigned n);
void pin_write(struct draft *d, unsigned pin);
void keys_decide(struct draft *d, unsigned n);
void key_write(struct draft *d, unsigned key);
/* "csv:..." or "caller:...", a name of its own. */
const char *source_new(struct draft *d);

/* ref=, or fid= and sfi= in jicsap. others: bit n says that reference n is taken. */
void reference_write(struct draft *d, struct tag *t, unsigned df, unsigned ref);
unsigned reference_free(struct draft *d, uint32_t taken);

void transparent_write(struct draft *d, unsigned df);
void diversifier_write(struct draft *d);
void records_write(struct draft *d, unsigned df);
void data_write(struct draft *d, unsigned df);
void counter_write(struct draft *d, unsigned df);

/* Fields inside the element that is open; returns where the last one ends. steady: it keeps its place. */
unsigned fields_write(struct draft *d, unsigned room, bool steady);

void numbering_write(struct draft *d);
void command_write(struct draft *d);

#endif
