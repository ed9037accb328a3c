/* The applet of one AP: contract -> bytecode made for this AP and this chip.
 *
 * SHAPE. One class, three methods: install (makes everything), process (every command), processData (personalisation,
 * only where the AP has per-card values). process is one piece of code: its parts are subroutines (jsr, ret) that share
 * the method's local variables, so that calling one costs three bytes and no constant, no relocation, no arguments.
 * Every refusal is a branch to one shared tail per status word; every answer goes through one shared tail. Nothing of
 * the instruction set `int` is used.
 *
 *   process: buffer -> [selecting: FCI] -> class -> life cycle -> [secure messaging] -> switch over INS -> command
 *   command: form of P1-P2 -> data received, lengths -> object -> [blocked] -> rule -> range -> data -> effect
 *
 * DATA. `data`, one persistent byte array, holds all that is kept: life cycle, contents, counters, key tries. What is
 * not zero at first lies as runs in the static array BYTES. `ram`, one byte array that is cleared when the applet is
 * deselected (and so by every SELECT by AID, contract 5), holds the session: the status, current EF and DF, challenge.
 * PINs and PUKs are OwnerPIN (compared by the platform, counted before comparing), keys are Key objects.
 *
 * TABLES. What differs from object to object stands in columns of the static arrays BYTES and SHORTS; an object is
 * known by its row (1 .. n, local variable `row`). A column that has one value in all rows is no column: the value is
 * in the code. So an AP with one file has no table at all, and one with twenty has no code for each.
 *
 * RULES. Every condition that an AP names (a PIN verified, a key proved, …) is an atom: one bit of the status, which
 * process holds in the local `status`. A rule is a list of sets of atoms, any of which suffices: `always` is the empty
 * set, `never` the empty list. Rules have no negation, so every rule has such a list, and it says exactly what the rule
 * says. A rule that is the same for all rows is code, others are lists in BYTES and the row has the list's number.
 *
 * PERSONALISATION (contract 10). Only through processData, that is by STORE DATA after INSTALL [for personalization],
 * and only while the security level of the channel is AUTHENTICATED, C_MAC and C_DECRYPTION. A block is address (2
 * bytes) || value: where in `data`, or 8000 | number of a key (value under the DEK), or C000 | number of a PIN. The
 * block with P1 b8 set makes the AP operational, in the same transaction as nothing else, and for good; processData
 * then refuses. An AP without per-card values is operational when it is selectable.
 *
 * ALL OR NOTHING (contract 4). One array copy is atomic by itself; what takes two writes stands in a transaction. Error
 * counters are written before comparing and outside of any transaction.
 *
 * INSTANCES. All state is the instance's: a package whose instance was deleted and made again begins anew.
 *
 * PARTS. Each noun is one file jcg_NOUN.c with one struct jcg_part, and a row in jcg.c. A part lays out atoms, data,
 * columns and commands (layout), then writes the objects it needs (make) and the code of its commands (code).
 * jcg_beyond names what no part carries: the AP is then refused. Routines are written when something calls them, and
 * only then. */
#ifndef IGATA_EMIT_JAVACARD_JCG_H
#define IGATA_EMIT_JAVACARD_JCG_H

#include "compiler/emit/javacard/assembler.h"
#include "compiler/plan/plan.h"
#include "runtime/base/diag.h"

enum {
	JCG_ROWS = CONTRACT_FILES + CONTRACT_PINS + CONTRACT_KEYS + 1,
	JCG_COMMANDS = 64,
	JCG_LOCALS = 128,
	JCG_ROUTINES = 128,
	JCG_ATOMS = 15, /* bits of a short that stay positive */
	JCG_SETS = 64,  /* of one rule */
	JCG_LISTS = 256,
	JCG_DATA_MAX = 32767, /* bytes of an array */
	JCG_RAM_MAX = 255,
	JCG_BUFFER = 261, /* bytes of the longest short command */
};

/* Columns. A part that needs another adds it here. */
enum jcg_column {
	JCG_FID,
	JCG_SFI,
	JCG_DF,        /* set of the DF it is in (jcg_df.c) */
	JCG_STRUCTURE, /* enum file_structure */
	JCG_AT,        /* where its content begins in `data` */
	JCG_SIZE,      /* bytes of content; of a file of records, of one of them */
	JCG_COUNT,     /* most records (jcg_record.c) */
	JCG_INCREASE,  /* INS of INCREASE (jcg_counter.c) */
	JCG_DECREASE,
	JCG_MAX, /* offset of the largest value in BYTES */
	JCG_MIN,
	JCG_RULE,                               /* + enum file_op: number of the rule's list (jcg_rule) */
	JCG_KEY_EXTERNAL = JCG_RULE + FILE_OPS, /* P2 of EXTERNAL AUTHENTICATE with this key, 0: not with it */
	JCG_KEY_INTERNAL,
	JCG_KEY_MUTUAL,
	JCG_KEY_MATERIAL, /* mutual: bytes of K.IFD */
	JCG_KEY_OPENS,    /* mutual: a session of secure messaging */
	JCG_KEY_BLOCK,    /* bytes of its cipher's block */
	JCG_KEY_TRIES,    /* at most */
	JCG_KEY_ATOM,     /* bit of auth(key), 0: no rule asks for it */
	JCG_KEY_DF,       /* bit of the DF it is in (jcg_df.c) */
	JCG_PIN_P2,
	JCG_PIN_MIN,
	JCG_PIN_MAX,
	JCG_PIN_ATOM,    /* bit of pin(x) */
	JCG_PIN_CHANGE,  /* forms of CHANGE REFERENCE DATA */
	JCG_PIN_RESET,   /* of RESET RETRY COUNTER */
	JCG_PIN_FORMAT,  /* enum contract_format where the card checks it, else FORMAT_BINARY */
	JCG_PIN_PUK,     /* bytes of the PUK, 0: none */
	JCG_PIN_UNBLOCK, /* number of the rule's list */
	JCG_PIN_BACK,    /* 1: RESET 00 and 02 return it to transport */
	JCG_PIN_DF,      /* bit of the DF it is in (jcg_df.c) */
	JCG_DF_FID,
	JCG_DF_PARENT,  /* set of the DF around it */
	JCG_DF_SET,     /* its own */
	JCG_OBJECT_TAG, /* data objects (jcg_data.c) */
	JCG_OBJECT_DF,
	JCG_OBJECT_AT,
	JCG_OBJECT_SIZE,
	JCG_OBJECT_READ, /* numbers of the rules' lists */
	JCG_OBJECT_UPDATE,
	JCG_IEF_FID,
	JCG_IEF_SFI,
	JCG_IEF_DF, /* set of the DF it is in (jcg_df.c) */
	JCG_COLUMNS,
};

/* What rows there are; the local variable that holds the row is row, key, pin, df, object, ief. */
enum jcg_space { JCG_EFS, JCG_KEYS, JCG_PINS, JCG_DFS, JCG_OBJECTS, JCG_IEFS, JCG_SPACES };

struct jcg;

struct jcg_part {
	void (*layout)(struct jcg *g); /* may be NULL */
	void (*make)(struct jcg *g);   /* the objects it needs, in the constructor; may be NULL */
	void (*code)(struct jcg *g);   /* of its commands; may be NULL */
};

struct jcg {
	struct arena *a;
	const struct plan *plan;
	const struct contract *c;
	const struct description_where *where;
	struct assembler *s;
	struct asm_class *class;
	struct asm_method *method; /* under way */
	struct asm_text *text;

	/* Names of the method under way. */
	const char *local[JCG_LOCALS];
	unsigned n_locals, scope, scopes; /* scope: of labels; how many there were */
	/* Made twice: what the first time counted makes the second one smaller. A routine that is called once stands
	 * where it is called; the local variable that is named most has the place with the shortest instructions. */
	const struct jcg *first;
	unsigned calls[JCG_ROUTINES], uses[JCG_LOCALS];
	const char *favourite;
	const char *inlined; /* the routine that is written in its caller */
	bool leaves;         /* and it has just ended: a jump to its end, if anything follows */
	bool diverts;        /* the method under way is process, and the AP has secure messaging */
	bool called[JCG_ROUTINES], written[JCG_ROUTINES];
	uint16_t fail[32]; /* status words that have a tail */
	size_t n_fails;

	const char *field[32]; /* declared */
	size_t n_fields;

	/* Layout. */
	uint16_t data, ram; /* bytes so far */
	struct buf initial; /* of `data`, as long as it matters */
	uint16_t file_at[CONTRACT_FILES];
	uint16_t key_tries; /* in data: tries of the keys */
	uint16_t challenge; /* in ram: its length, and its bytes */
	uint16_t mac;       /* in ram: the MAC under way */
	uint16_t secure;    /* in ram: the session of secure messaging */
	uint16_t transport; /* in data: for each PIN 1 while it is in transport */
	bool has_transport;
	uint16_t here;        /* in ram: the current DF, where there are nested ones */
	bool personal;        /* there is personalisation */
	bool clear;           /* in clear: the reference simulator, see jcg_personal.c */
	bool has_life;        /* the first byte of data is the life cycle */
	const char *too_many; /* what there is too much of, NULL */
	struct jcg_atom {
		uint8_t op;
		uint16_t a, b;
	} atom[JCG_ATOMS];
	size_t n_atoms;
	struct jcg_list {
		uint16_t set[JCG_SETS];
		size_t n;
	} list[JCG_LISTS];
	size_t n_lists;

	/* Columns: value by row. */
	unsigned rows[JCG_SPACES];
	int32_t cell[JCG_COLUMNS][JCG_ROWS];
	uint16_t row_file[JCG_ROWS]; /* the file of a row */
	uint16_t column_at[JCG_COLUMNS];
	bool column_wide[JCG_COLUMNS];
	struct buf bytes, shorts; /* contents of BYTES and SHORTS */

	struct jcg_command {
		uint8_t cla, ins;
		const char *label;
	} command[JCG_COMMANDS];
	size_t n_commands;
};

/* --- jcg.c --- */

/* What of the AP no part carries yet: a word of the language, and where it stands. NULL: nothing. */
const char *jcg_beyond(const struct plan *p, struct srcloc *at);

/* Make the applet, ready to be assembled. g is zeroed; jcg_reset in both cases. NULL: g->too_many of something. */
struct assembler *jcg_applet(struct jcg *g, const struct plan *p);
void jcg_reset(struct jcg *g);

/* A command of the AP; its code begins with jcg_begin(g, label). */
void jcg_command(struct jcg *g, uint8_t cla, uint8_t ins, const char *label);
/* Whether there is a command of this class. */
bool jcg_offers(const struct jcg *g, uint8_t cla);

/* Bytes of `data` and of `ram`; the offset of the first. jcg_initial: what `data` holds at first, where not zero. */
uint16_t jcg_data(struct jcg *g, size_t n);
uint16_t jcg_ram(struct jcg *g, size_t n);
void jcg_initial(struct jcg *g, uint16_t at, const void *p, size_t n);

enum jcg_life_state { JCG_LIFE_PERSONALISATION, JCG_LIFE_OPERATIONAL, JCG_LIFE_BLOCKED, JCG_LIFE_TERMINATED };

/* Fixed places of `ram`. */
enum { JCG_RAM_STATUS, JCG_RAM_EF = 2, JCG_RAM_FREE };

/* The chip's APDU buffer is known to be shorter than JCG_BUFFER. */
bool jcg_small_buffer(const struct jcg *g);

/* --- jcg_code.c: writing code ---
 *
 * jcg_code: lines as in text.h, separated by newlines or `;`, made by printf, with
 *   NAME              a local variable, where the instruction has one
 *   .NAME             a label of this piece (jcg_begin starts another)
 *   &NAME             a label of the method
 *   @NAME             a routine: it will be written
 *   !SW               the tail that refuses with this status word, four hexadecimal digits; the stack is empty there
 *   Ap.NAME           a field of the applet (data, ram, bytes, shorts, …)
 *   call NAME         a method of calls.def */
void jcg_code(struct jcg *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void jcg_begin(struct jcg *g, const char *label); /* NULL: only another piece */

/* A method begins; argument: names of its first local variables, up to a NULL. */
void jcg_method(struct jcg *g, const char *name, const char *descriptor, unsigned access, const char *const argument[]);
/* The routines that were called, the tails, the end. */
void jcg_finish(struct jcg *g);

/* --- jcg_table.c --- */
void jcg_cell(struct jcg *g, unsigned row, enum jcg_column col, int32_t value);
/* Whether all rows have the same value there. */
bool jcg_folded(const struct jcg *g, enum jcg_column col);
/* Push the value of the local `row`. */
void jcg_load(struct jcg *g, enum jcg_column col);
/* Push the row of a space from 0, plus base. */
void jcg_index(struct jcg *g, enum jcg_space space, unsigned base);
/* Find the row with the value of the local `wanted`, in reach of the current DF, or go on at `missing`. */
void jcg_search(struct jcg *g, enum jcg_column col, const char *wanted, const char *missing);
enum jcg_space jcg_space_of(enum jcg_column col);
/* Whether the column holds rules. */
bool jcg_is_rule(enum jcg_column col);
/* Append to BYTES; the offset. */
uint16_t jcg_bytes(struct jcg *g, const void *p, size_t n);
void jcg_tables(struct jcg *g); /* places columns in BYTES and SHORTS: after the layout */
/* Declare BYTES and SHORTS, when all code is written. */
void jcg_statics(struct jcg *g);

/* --- jcg_rule.c --- */
/* The bit of a condition in `status`; the atom is made when it is not there yet. */
unsigned jcg_atom(struct jcg *g, enum rule_op op, uint16_t a, uint16_t b);
/* The list of a rule of the contract: its number for a column. */
int32_t jcg_rule(struct jcg *g, uint16_t rule);
/* Refuse unless the rule of this operation of the file at `row` holds. false: it never does, no code can follow. */
bool jcg_guard(struct jcg *g, enum file_op op);
bool jcg_guard_column(struct jcg *g, enum jcg_column col);
/* Refuse unless this rule of the contract, which is not `never`, holds. */
void jcg_require(struct jcg *g, uint16_t rule);
/* Whether the status has more than 7 atoms. */
bool jcg_wide_status(const struct jcg *g);
/* Clear or set in the status the bit of this column's atom, and keep the status. */
void jcg_clear_atom(struct jcg *g, enum jcg_column col);
void jcg_set_atom(struct jcg *g, enum jcg_column col);
/* Clear these bits, and keep the status. */
void jcg_clear_atoms(struct jcg *g, unsigned set);
/* The lists of the rules that rows differ in; the cells become their numbers. For jcg_tables. */
void jcg_rule_lists(struct jcg *g);

/* --- the parts --- */
extern const struct jcg_part jcg_select, jcg_binary, jcg_record, jcg_counter, jcg_data_objects, jcg_pin, jcg_key,
    jcg_mutual, jcg_secure_part, jcg_df, jcg_jicsap_part, jcg_life;

/* Routines, by name. */
#define ROUTINE(name) void jcg_routine_##name(struct jcg *g);
#include "compiler/emit/javacard/routines.def"
#undef ROUTINE

/* jcg_select.c: what is answered when the applet is selected; at &selected. */
void jcg_selected(struct jcg *g);

/* What of the AP's counters, keys and PINs is not carried, as jcg_beyond. */
const char *jcg_counter_beyond(const struct plan *p, struct srcloc *at);
const char *jcg_key_beyond(const struct plan *p, struct srcloc *at);
const char *jcg_mutual_beyond(const struct plan *p, const struct contract_key *k);
const char *jcg_pin_beyond(const struct plan *p, struct srcloc *at);
bool jcg_any_use(const struct jcg *g, enum key_use use);
/* Code: push the byte of the key's tries as array and index; push where a key object is: 0 K or K.ENC, n_keys K.MAC. */
void jcg_push_tries(struct jcg *g);
void jcg_push_key(struct jcg *g, unsigned base);
/* Code: the challenge is gone. */
void jcg_forget_challenge(struct jcg *g);
/* jcg_record.c: lays out a file of records; where a record (1 ..) begins at first. */
uint16_t jcg_record_store(struct jcg *g, uint16_t file);
uint16_t jcg_record_at(const struct jcg *g, uint16_t file, uint16_t record);
/* jcg_data.c: lays out a data object; where its value begins. */
uint16_t jcg_data_store(struct jcg *g, uint16_t file);
uint16_t jcg_data_at(const struct jcg *g, uint16_t file);

/* --- jcg_secure.c --- */
bool jcg_secure(const struct jcg *g); /* the AP has secure messaging */
const char *jcg_secure_beyond(const struct plan *p, struct srcloc *at);
unsigned jcg_secure_atoms(const struct jcg *g); /* bits of sm(): of one command only */
/* Code of mutual authentication: K.IFD, at `seed` of buf, becomes the seed of the session's keys; the session begins.
 */
void jcg_secure_seed(struct jcg *g, unsigned seed, unsigned k_ic);
void jcg_secure_open(struct jcg *g, unsigned seed);
void jcg_secure_verified(struct jcg *g);       /* code of VERIFY: inside a session or not */
void jcg_secure_process(struct jcg *g);        /* the command is unwrapped */
unsigned jcg_secure_room(const struct jcg *g); /* bytes of response data in a short APDU: contract 9 */
void jcg_secure_aside(struct jcg *g);          /* n bytes of out from `from` on are appended to the answer */
void jcg_secure_send(struct jcg *g);           /* the answer is put aside, in @send */
void jcg_secure_tail(struct jcg *g);           /* &done and &throw */
/* Code: keep the local status for the next command. */
void jcg_keep_status(struct jcg *g);

/* jcg_life.c: what of the life cycle is not carried. Code: refuse what the state does not admit (k: the class without
 * the bits of secure messaging); what SELECT by AID answers besides the FCI. */
const char *jcg_life_beyond(const struct plan *p, struct srcloc *at);
void jcg_life_check(struct jcg *g);
void jcg_life_selected(struct jcg *g);

/* jcg_df.c: nested DFs; what of them is not carried. For columns: the set of a DF, and its bit. */
bool jcg_nested(const struct jcg *g);
const char *jcg_df_beyond(const struct plan *p, struct srcloc *at);
int32_t jcg_df_set(const struct jcg *g, uint16_t df);
int32_t jcg_df_bit(uint16_t df);
/* Code: the current DF into the local `here`. */
void jcg_load_here(struct jcg *g);
/* Whether what is found by this column has to be in reach of the current DF; code: go on at `missing` unless it is. */
bool jcg_is_local(const struct jcg *g, enum jcg_column found);
void jcg_require_local(struct jcg *g, enum jcg_column found, const char *missing);

/* jcg_jicsap.c. Whether PINs and keys are IEFs, and whether there are any. The tail of an object without tries, and
 * what a command on PINs does in an AP without them. */
bool jcg_jicsap(const struct contract *c);
bool jcg_has_iefs(const struct jcg *g);
const char *jcg_blocked(const struct jcg *g);
const char *jcg_no_pin(const struct jcg *g);
/* Code: the PIN that the local `p2` names; the key, if this column is not 0 there, else go on at `missing`. In jicsap a
 * key becomes current; a PIN does by jcg_make_ief_current, when form and lengths are right. */
void jcg_find_pin(struct jcg *g);
void jcg_find_key(struct jcg *g, enum jcg_column col, const char *missing);
void jcg_make_ief_current(struct jcg *g);

/* jcg_commit.c: whether a transaction of the chip holds what one command of the AP writes, else a diagnostic. */
bool jcg_commit_fits(const struct plan *p, struct diag_list *d);

/* jcg_personal.c: the method processData; where a per-card value goes: the address of its block. */
void jcg_process_data(struct jcg *g);
/* The same in clear, within process: where it branches off, and its code. */
void jcg_store_seen(struct jcg *g);
void jcg_store(struct jcg *g);
enum { JCG_ADDRESS_KEY = 0x8000, JCG_ADDRESS_PIN = 0xc000 };
uint16_t jcg_address(const struct jcg *g, const struct contract_value *v);

#endif
