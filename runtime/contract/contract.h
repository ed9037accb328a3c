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
	CONTRACT_KEYS = 16,
	CONTRACT_RECORDS = 254, /* of a file: P1 is a record number, FF is reserved */
	CONTRACT_DFS = 8,       /* the AP's own DF is the first */
	CONTRACT_COMMANDS = 16,
	CONTRACT_STEPS = 256,
	CONTRACT_NUMBERINGS = 8,
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
	RULE_PIN,       /* a: PIN index */
	RULE_AND,       /* a, b: nodes before this one */
	RULE_OR,        /* a, b: nodes before this one */
	RULE_PIN_UNSET, /* a: PIN index; true only while the PIN has no value */
	RULE_AUTH,      /* a: key index */
	RULE_SM,        /* a: enum sm_level, b: key index, or CONTRACT_NONE for any key */
	RULE_CONTACT,
	RULE_CONTACTLESS,
};

/* Levels of secure messaging, for command and response; enc+mac satisfies the others. */
enum sm_level { SM_MAC, SM_ENC, SM_ENC_MAC };

struct contract_rule {
	uint8_t op;
	uint16_t a, b;
};

enum file_op { FILE_READ, FILE_UPDATE, FILE_APPEND, FILE_INCREASE, FILE_DECREASE, FILE_OPS };

/* What a file is. A data object has a tag and no FID; a counter is an EF of `width` bytes. */
enum file_structure {
	FILE_TRANSPARENT,
	FILE_LINEAR_FIXED,
	FILE_LINEAR_VARIABLE,
	FILE_CYCLIC,
	FILE_DATA_OBJECT,
	FILE_COUNTER,
};

/* A DF: the AP's own (index 0, no FID) or one nested in it. */
struct contract_df {
	char id[CONTRACT_NAME];
	uint16_t parent; /* index of the DF it is in, CONTRACT_NONE for the first */
	uint16_t fid;
	uint8_t aid[AID_MAX];
	uint8_t aid_len; /* 0: no name of its own */
};

struct contract_file {
	char id[CONTRACT_NAME];
	uint16_t df;       /* index of the DF it is in */
	uint16_t fid;      /* 0 for a data object */
	uint8_t sfi;       /* 1 to 30, 0 when the file has none */
	uint8_t structure; /* enum file_structure */
	/* Bytes of content: the length of a transparent EF; the longest value of a data object; the width of a counter;
	 * for records, `records` slots of 2 bytes length (big-endian) and record_length bytes. */
	uint32_t size;
	uint32_t content; /* offset in pool of `size` bytes: the content before per-card values are filled in */
	uint16_t rule[FILE_OPS];

	uint16_t record_length; /* records: exact (fixed, cyclic) or longest (variable) length */
	uint16_t record_count;  /* records: the most there can be */
	uint16_t records;       /* records: how many exist at first; a cyclic file's newest is the first slot */
	uint16_t tag;           /* data object: tag in P1-P2 */
	uint16_t length;        /* data object: length of the content at first */
	uint32_t min, max;      /* counter: bounds; the content is the value at first, big-endian */
	uint8_t increase_ins, decrease_ins;
};

/* A named part of a file. */
struct contract_field {
	char id[CONTRACT_NAME];
	uint16_t file;
	uint16_t record;         /* 1 ..: offset counts in this record; 0: in the whole content */
	uint32_t offset, length; /* bytes in the file */
	uint8_t format;          /* enum contract_format */
	int16_t pad;             /* byte that fills up a shorter per-card value, -1: it has exactly `length` bytes */
	uint16_t value;          /* index of the per-card value that fills it, CONTRACT_NONE when it is common */
};

enum pin_initial {
	PIN_PERSONAL,  /* the holder's own value, delivered at personalisation */
	PIN_TRANSPORT, /* a transport value: never satisfies pin(x), CHANGE REFERENCE DATA ends it */
	PIN_UNSET,     /* no value until CHANGE REFERENCE DATA form 01 under the rule `set` */
};

/* Forms of CHANGE REFERENCE DATA and RESET RETRY COUNTER that the AP offers: bit n is P1 = n. */
enum { FORM_00 = 1, FORM_01 = 2, FORM_02 = 4, FORM_03 = 8 };

struct contract_pin {
	char id[CONTRACT_NAME];
	uint16_t df;              /* index of the DF it is in */
	uint8_t ref;              /* P2 = 80 | ref; 1 to 31; jicsap: the short identifier of its IEF */
	uint16_t fid;             /* jicsap: FID of the IEF, else 0 */
	uint8_t format;           /* enum contract_format */
	bool card_checks_format;  /* enforced by the card (6A80), else by the host */
	uint8_t min, max;         /* length in bytes */
	uint8_t stored;           /* bytes stored; 0: as long as the value (pad none) */
	int16_t pad;              /* padding byte up to `stored`, -1 for none */
	uint8_t tries;            /* 1 to 15 */
	uint8_t initial;          /* enum pin_initial */
	uint8_t change;           /* forms of CHANGE REFERENCE DATA: FORM_00 old and new, FORM_01 when verified */
	uint8_t reset;            /* forms of RESET RETRY COUNTER; FORM_00 and FORM_01 need a PUK */
	uint16_t unblock;         /* rule of FORM_02 and FORM_03 */
	uint16_t set;             /* rule of the first value of an unset PIN */
	bool resets_to_transport; /* RESET forms 00 and 02 return the PIN to transport */
	uint16_t value;           /* per-card value with the initial PIN */
	uint8_t puk_length;       /* 0: no PUK */
	uint8_t puk_format;       /* enum contract_format */
	uint8_t puk_tries;
	uint16_t puk_value; /* per-card value with the PUK */
};

enum key_algorithm {
	KEY_DES_EDE2,
	KEY_AES_128,
	KEY_AES_192,
	KEY_AES_256,
	KEY_RSA_2048,
	KEY_RSA_3072,
	KEY_EC_P256,
	KEY_EC_P384
};
enum key_use { KEY_EXTERNAL, KEY_INTERNAL, KEY_MUTUAL };
enum key_suite {
	SUITE_ECB,
	SUITE_BAC_3DES,
	SUITE_BAC_AES,
	SUITE_RSA_PKCS1_SHA256,
	SUITE_ECDSA_SHA256,
	SUITE_ECDSA_SHA384
};

struct contract_key {
	char id[CONTRACT_NAME];
	uint16_t df;        /* index of the DF it is in */
	uint8_t ref;        /* P2 = 80 | ref; jicsap: the short identifier of its IEF */
	uint16_t fid;       /* jicsap: FID of the IEF, else 0 */
	uint8_t algorithm;  /* enum key_algorithm */
	uint8_t use;        /* enum key_use */
	uint8_t suite;      /* enum key_suite */
	uint8_t tries;      /* 1 to 15 */
	uint16_t value;     /* per-card value: the key, or K.ENC of a mutual key */
	uint16_t value_mac; /* per-card value: K.MAC of a mutual key, else CONTRACT_NONE */
};

/* Custom commands: CLA 80, INS of the AP's choice; steps run in order, all or nothing. */
enum operand_kind {
	OPERAND_NONE,
	OPERAND_INPUT,   /* at, length: bytes of the command data */
	OPERAND_FIELD,   /* index: field */
	OPERAND_COUNTER, /* index: file; big-endian, as wide as the counter */
	OPERAND_LITERAL, /* at, length: bytes of the pool */
};

struct contract_operand {
	uint8_t kind; /* enum operand_kind */
	uint16_t index;
	uint32_t at;
	uint16_t length;
};

enum step_op {
	STEP_REQUIRE,  /* rule */
	STEP_COMPARE,  /* left, right, comparison; false is 6985 */
	STEP_INCREASE, /* left: counter, right: amount; out of bounds is 6985 */
	STEP_DECREASE,
	STEP_APPEND,  /* target: file of records; left is one part; several steps with `more` make one record */
	STEP_COPY,    /* left to right (a field) */
	STEP_RESPOND, /* left is appended to the response */
};

enum comparison { COMPARE_EQUAL, COMPARE_NOT_EQUAL, COMPARE_AT_LEAST, COMPARE_AT_MOST };

struct contract_step {
	uint8_t op;         /* enum step_op */
	uint8_t comparison; /* enum comparison */
	bool more;          /* STEP_APPEND: the next step continues this record */
	uint16_t rule;
	uint16_t target; /* file index of STEP_APPEND */
	struct contract_operand left, right;
};

struct contract_command {
	char id[CONTRACT_NAME];
	uint8_t ins;
	uint16_t data; /* exact length of the command data; 0: none */
	uint16_t rule; /* who may use it */
	uint16_t first_step, n_steps;
};

/* A rule that numbers cards: prefix || counter of `width` digits || check digit. */
enum numbering_check { NUMBERING_NONE, NUMBERING_LUHN, NUMBERING_MOD11 };

struct contract_numbering {
	char id[CONTRACT_NAME];
	char prefix[CONTRACT_NAME];
	uint64_t from, to;
	uint8_t width; /* digits of the running number */
	uint8_t check; /* enum numbering_check */
};

/* A value that each card gets at personalisation: a hole in the image, filled by the loader. */
enum value_kind { VALUE_FIELD, VALUE_PIN, VALUE_PUK, VALUE_KEY, VALUE_KEY_MAC };
enum value_source { SOURCE_CSV, SOURCE_CALLER, SOURCE_NUMBERING, SOURCE_MASTER };

struct contract_value {
	char name[CONTRACT_NAME];  /* CSV column or caller's name; unique */
	uint8_t kind;              /* enum value_kind */
	uint8_t source;            /* enum value_source */
	uint16_t target;           /* index of the field, PIN or key */
	uint16_t numbering;        /* SOURCE_NUMBERING: index, else CONTRACT_NONE */
	char label[CONTRACT_NAME]; /* SOURCE_MASTER: label of the derivation */
	uint16_t min, max;         /* length in bytes */
	uint8_t format;            /* enum contract_format */
	bool secret;               /* never printed or logged */
};

struct contract {
	uint32_t size; /* bytes of the whole block, pool included */
	char id[CONTRACT_NAME];
	char version[CONTRACT_NAME];
	char title[2][CONTRACT_TITLE]; /* en, ja; "" when not given */
	uint8_t aid[AID_MAX];
	uint8_t aid_len;
	uint8_t area;                       /* enum contract_area */
	uint8_t personality;                /* enum contract_personality */
	bool extended;                      /* extended APDUs */
	uint8_t sm_response;                /* enum sm_level of responses: SM_ENC_MAC or SM_MAC */
	bool sm_plain_ends;                 /* a plain command ends the secure-messaging session */
	uint16_t block, unblock, terminate; /* rules of the life cycle; node 0 (never): not offered */
	uint16_t diversifier;               /* keys of a master: index + 1 of the field; 0: the card's serial number */

	uint16_t n_files, n_fields, n_pins, n_values, n_rules;
	uint16_t n_dfs, n_keys, n_commands, n_steps, n_numberings;
	struct contract_df df[CONTRACT_DFS];
	struct contract_key key[CONTRACT_KEYS];
	struct contract_command command[CONTRACT_COMMANDS];
	struct contract_step step[CONTRACT_STEPS];
	struct contract_numbering numbering[CONTRACT_NUMBERINGS];
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
const char *contract_format_name(enum contract_format f); /* "binary", "digits", "alphanumeric", "text" */
const char *contract_file_op_name(enum file_op op);
/* Whether files of this structure have the operation: every one is read and updated, records are appended, counters are
 * increased and decreased. */
bool contract_file_offers(enum file_structure s, enum file_op op);
/* "read", "update" */
const char *contract_area_name(enum contract_area a);               /* "extension", "local" */
const char *contract_personality_name(enum contract_personality p); /* "iso", "jicsap" */
const char *contract_source_name(enum value_source s);              /* "csv", "caller", "numbering", "master" */
const char *contract_value_kind_name(enum value_kind k);            /* "field", "pin", "puk", "key", "key-mac" */
const char *contract_sm_level_name(enum sm_level l);                /* "mac", "enc", "enc+mac" */
const char *contract_initial_name(enum pin_initial i);              /* "personal", "transport", "unset" */

/* The format with this name, or -1. */
int contract_format_named(const char *name);

/* Offset of the first byte that does not fit the format: digits 0-9, alphanumeric 0-9 A-Z a-z, text UTF-8 without
 * control characters, binary anything. n when all fit. */
size_t contract_format_misfit(enum contract_format f, const uint8_t *p, size_t n);

#endif
