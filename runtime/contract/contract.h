/* The contract of one AP: a description after reading and checking, as one pointer-free block.
 *
 * compiler/description writes it; the back ends, the suite generator and the reference card read it. The reference
 * card keeps it in its own memory, which is why there are no pointers: indices into the arrays, offsets into `pool`.
 *
 * What each member means is said by contract.md of the project and the guide; here only how it is held. Everything is
 * in host byte order: the block does not leave the machine.
 */
#ifndef IGATA_CONTRACT_H
#define IGATA_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/iso7816.h"

enum {
	CONTRACT_NAME = 33, /* an id of at most 32 characters and its NUL */
	CONTRACT_TITLE = 193,
	CONTRACT_FILES = 64,
	CONTRACT_FIELDS = 256,
	CONTRACT_PINS = 14, /* one SE each at the most; 7816-4 allows references 1 to 31 */
	CONTRACT_VALUES = 256,
	CONTRACT_RULES = 2048,
	CONTRACT_RULE_DEPTH = 32,   /* operators inside one another in a rule */
	CONTRACT_RULE_LEAVES = 512, /* conditions of a rule written out in full */
	CONTRACT_POOL = 256 * 1024,
	CONTRACT_NONE = 0xffff, /* no such index */
};

enum contract_area { AREA_EXTENSION, AREA_LOCAL };
enum contract_personality { PERSONALITY_ISO, PERSONALITY_JICSAP };
enum contract_format { FORMAT_BINARY, FORMAT_DIGITS, FORMAT_ALPHANUMERIC, FORMAT_TEXT };

/* Access rules are trees of nodes. Node 0 is `never`, node 1 is `always`; an operation that names no rule is node 0.
 * The operands of a node come before it, so there are no cycles; nodes may be shared. What the compiler writes has
 * `never` and `always` as whole rules only, and no operand twice under one node. */
enum rule_op {
	RULE_NEVER,
	RULE_ALWAYS,
	RULE_PIN, /* a: PIN index */
	RULE_AND, /* a, b: nodes before this one */
	RULE_OR,  /* a, b: nodes before this one */
};

struct contract_rule {
	uint8_t op;
	uint16_t a, b;
};

enum file_op { FILE_READ, FILE_UPDATE, FILE_OPS };

enum file_structure { FILE_TRANSPARENT };

struct contract_file {
	char id[CONTRACT_NAME];
	uint16_t fid;
	uint8_t sfi;       /* 1 to 30, 0 when the file has none */
	uint8_t structure; /* enum file_structure */
	uint32_t size;     /* bytes */
	uint32_t content;  /* offset in pool of `size` bytes: the content before per-card values are filled in */
	uint16_t rule[FILE_OPS];
};

/* A named part of a file. */
struct contract_field {
	char id[CONTRACT_NAME];
	uint16_t file;
	uint32_t offset, length; /* bytes in the file */
	uint8_t format;          /* enum contract_format */
	int16_t pad;             /* byte that fills up a shorter per-card value, -1: it has exactly `length` bytes */
	uint16_t value;          /* index of the per-card value that fills it, CONTRACT_NONE when it is common */
};

enum pin_initial {
	PIN_PERSONAL,  /* the holder's own value, delivered at personalisation */
	PIN_TRANSPORT, /* a transport value: never satisfies pin(x), CHANGE REFERENCE DATA ends it */
};

/* Forms of CHANGE REFERENCE DATA and RESET RETRY COUNTER that the AP offers: bit n is P1 = n. */
enum { FORM_00 = 1, FORM_01 = 2, FORM_02 = 4, FORM_03 = 8 };

struct contract_pin {
	char id[CONTRACT_NAME];
	uint8_t ref;             /* P2 = 80 | ref; 1 to 31 */
	uint8_t format;          /* enum contract_format */
	bool card_checks_format; /* enforced by the card (6A80), else by the host */
	uint8_t min, max;        /* length in bytes */
	uint8_t stored;          /* bytes stored; 0: as long as the value (pad none) */
	int16_t pad;             /* padding byte up to `stored`, -1 for none */
	uint8_t tries;           /* 1 to 15 */
	uint8_t initial;         /* enum pin_initial */
	uint8_t change;          /* forms of CHANGE REFERENCE DATA: FORM_00 old and new, FORM_01 when verified */
	uint8_t reset;           /* forms of RESET RETRY COUNTER; FORM_00 and FORM_01 need a PUK */
	uint16_t unblock;        /* rule of FORM_02 and FORM_03 */
	uint16_t value;          /* per-card value with the initial PIN */
	uint8_t puk_length;      /* 0: no PUK */
	uint8_t puk_format;      /* enum contract_format */
	uint8_t puk_tries;
	uint16_t puk_value; /* per-card value with the PUK */
};

/* A value that each card gets at personalisation: a hole in the image, filled by the loader. */
enum value_kind { VALUE_FIELD, VALUE_PIN, VALUE_PUK };
enum value_source { SOURCE_CSV, SOURCE_CALLER };

struct contract_value {
	char name[CONTRACT_NAME]; /* CSV column or caller's name; unique */
	uint8_t kind;             /* enum value_kind */
	uint8_t source;           /* enum value_source */
	uint16_t target;          /* index of the field or PIN */
	uint16_t min, max;        /* length in bytes */
	uint8_t format;           /* enum contract_format */
	bool secret;              /* never printed or logged */
};

struct contract {
	uint32_t size; /* bytes of the whole block, pool included */
	char id[CONTRACT_NAME];
	char version[CONTRACT_NAME];
	char title[2][CONTRACT_TITLE]; /* en, ja; "" when not given */
	uint8_t aid[AID_MAX];
	uint8_t aid_len;
	uint8_t area;        /* enum contract_area */
	uint8_t personality; /* enum contract_personality */
	bool extended;       /* extended APDUs */

	uint16_t n_files, n_fields, n_pins, n_values, n_rules;
	struct contract_file file[CONTRACT_FILES];
	struct contract_field field[CONTRACT_FIELDS];
	struct contract_pin pin[CONTRACT_PINS];
	struct contract_value value[CONTRACT_VALUES];
	struct contract_rule rule[CONTRACT_RULES];
	uint32_t pool_len;
	uint8_t pool[];
};

/* Whether every number, index, offset and string stays inside its bounds, and every rule within CONTRACT_RULE_DEPTH and
 * CONTRACT_RULE_LEAVES: true before anything else may touch a block that was stored. size is
 * the number of bytes that are there. */
bool contract_valid(const struct contract *c, size_t size);

/* Whether a rule is fulfilled when exactly these PINs are verified (bit i: PIN index i). */
bool contract_rule_holds(const struct contract *c, uint16_t rule, uint32_t verified);

/* The PINs that a rule names (bit i: PIN index i). */
uint32_t contract_rule_pins(const struct contract *c, uint16_t rule);

/* Write a rule in the language's own words: "pin(holder) and (pin(a) or pin(b))"; "always"; "never". */
struct buf;
void contract_rule_text(const struct contract *c, uint16_t rule, struct buf *out);

/* Names as the language writes them. */
const char *contract_format_name(enum contract_format f);           /* "binary", "digits", "alphanumeric", "text" */
const char *contract_file_op_name(enum file_op op);                 /* "read", "update" */
const char *contract_area_name(enum contract_area a);               /* "extension", "local" */
const char *contract_personality_name(enum contract_personality p); /* "iso", "jicsap" */
const char *contract_source_name(enum value_source s);              /* "csv", "caller" */
const char *contract_value_kind_name(enum value_kind k);            /* "field", "pin", "puk" */
const char *contract_initial_name(enum pin_initial i);              /* "personal", "transport" */

/* The format with this name, or -1. */
int contract_format_named(const char *name);

/* Offset of the first byte that does not fit the format: digits 0-9, alphanumeric 0-9 A-Z a-z, text UTF-8 without
 * control characters, binary anything. n when all fit. */
size_t contract_format_misfit(enum contract_format f, const uint8_t *p, size_t n);

#endif
