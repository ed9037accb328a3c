/* Parts of the generator. One file for each part of the contract; this is what they share. Inside runtime/suite only.
 *
 * Each dialogue of a full suite begins with every PIN at its personal value with all tries (usable PINs: out of
 * transport) and every file at its first content, and ends so. Where that cannot be, it stands at the end of the suite.
 */
#ifndef IGATA_SUITE_GEN_H
#define IGATA_SUITE_GEN_H

#include "runtime/base/arena.h"
#include "runtime/suite/derive.h"
#include "runtime/suite/rules.h"

enum gen_clause {
#define CLAUSE(name, ...) CLAUSE_##name,
#include "runtime/suite/clauses.def"
#undef CLAUSE
	CLAUSES
};

enum { GEN_REFUSED = RULES_REFUSED, GEN_GIVEN = RULES_GRANTED, GEN_OUTCOMES = RULES_OUTCOMES };

/* Operations that have rows in the coverage: those of files, then those of PINs. */
enum gen_pin_op {
	PIN_VERIFY,
	PIN_CHANGE_00,
	PIN_CHANGE_01,
	PIN_RESET_00,
	PIN_RESET_01,
	PIN_RESET_02,
	PIN_RESET_03,
	PIN_SET, /* the first value */
	PIN_OPS
};

/* What changes the life cycle of the AP. */
enum gen_life_op { LIFE_BLOCK, LIFE_UNBLOCK, LIFE_TERMINATE, LIFE_OPS };

/* Rows of one operation in the coverage. */
struct gen_op {
	bool guarded; /* by a rule; then: */
	struct rules_case rule;
	size_t row[GEN_OUTCOMES]; /* operation refused, given */
	size_t atom;              /* for each atom of the rule two rows, refused and given, from this one on */
};

/* How a PIN gets usable. Its transport is ended by CHANGE, or by RESET RETRY COUNTER where that does not return to
 * transport; one without a value gets the first. */
struct gen_ending {
	unsigned pin;
	bool by_change, first;
	unsigned form; /* of RESET RETRY COUNTER */
	pin_set set;   /* for form 02 and the first value: what opens it */
};

enum { GEN_HOLES = 8, GEN_HOLE_TEXT = 96 };

/* The value of a counter at this moment; where it is not known, it is the card's own first one. */
struct gen_counting {
	bool known;
	uint64_t now;
};

/* A record: an initial one (its number in the description), so many equal bytes, or what these items say. */
struct gen_record {
	uint16_t initial;
	uint8_t byte;
	uint16_t length;
	const char *items; /* in gen.text */
};

/* The records of a file at this moment. */
struct gen_recording {
	uint16_t file;
	const struct contract_file *f;
	struct gen_record r[CONTRACT_RECORDS + 1]; /* r[1] is record 1 */
	uint16_t n;
	uint8_t next; /* byte of the next record that is written */
};

/* A stretch of a file (record == 0) or of an initial record that a command wrote: bytes.h. */
struct gen_byte;
struct gen_patch {
	uint16_t file, record;
	uint32_t offset, n;
	struct gen_byte *b; /* in gen.text */
};

struct gen {
	const struct contract *c;
	struct rules rules;
	char ef[5];       /* FID of the EF that a dialogue selected last, "" for none */
	uint16_t df;      /* dialogues are about this DF: `select` goes on to it */
	bool contactless; /* the card is in a field */
	bool blocked;     /* the AP is, and lets the way back be opened */
	pin_set secured;  /* how what is sent is protected since SELECT: conditions; 0 in clear */
	pin_set phase;    /* what says that PINs have no value yet */
	pin_set usable;   /* PINs that VERIFY can make verified, once transport is ended */
	struct gen_ending ending[CONTRACT_PINS]; /* in an order in which it can be done */
	size_t n_endings, ended;                 /* and how many were done so far */
	struct buf body; /* dialogues; the head is written when it is known which values they need */
	bool uses[CONTRACT_VALUES], uses_key[CONTRACT_KEYS], uses_first[CONTRACT_PINS];
	struct suite_coverage *cov;
	size_t clause_row[CLAUSES];
	struct gen_op file_op[CONTRACT_FILES][FILE_OPS];
	struct gen_op pin_op[CONTRACT_PINS][PIN_OPS];
	struct gen_op life_op[LIFE_OPS];
	bool full;                      /* a full suite is written */
	pin_set spare;                  /* what terminates the AP at the end, and must not be without tries before */
	pin_set freeing[CONTRACT_PINS]; /* PINs that open RESET forms 02 and 03 of a blocked PIN */
	struct arena text;
	struct gen_counting counting[CONTRACT_FILES];
	struct gen_recording *recording[CONTRACT_FILES];
	struct gen_patch *patch;
	size_t n_patches, cap_patches;
	struct gen_op command_op[CONTRACT_COMMANDS];
	bool command_short[CONTRACT_COMMANDS]; /* in some state no data were known, or carried, that make it succeed */
	size_t step_row[CONTRACT_STEPS][GEN_OUTCOMES]; /* comparisons and counters of commands */
	uint16_t
	    put[CONTRACT_FILES]; /* a data object that was empty holds so many bytes A5: nothing empties it again */
	size_t sets;             /* at least so many sets of PINs are tried for an operation, where there are */
	enum gen_clause clause;  /* of the open dialogue */
	char hole[GEN_HOLES][GEN_HOLE_TEXT];
	unsigned holes;
};

/* ---- gen.c: writing ---- */

/* Append a program: what `parts` writes, behind a head of this kind. false: out of memory. */
bool gen_program(const struct contract *c, const char *kind, void (*parts)(struct gen *g), struct buf *out,
    struct suite_coverage *cov);

/* Open a dialogue; its steps count for this clause. */
void gen_dialogue(struct gen *g, enum gen_clause clause, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Open a dialogue about an operation of a file in this state, and bring that about. */
void gen_open_op(struct gen *g, uint16_t file, enum file_op op, pin_set set, int outcome);

/* Steps count for another clause from here on; the dialogue keeps its heading. */
void gen_clause(struct gen *g, enum gen_clause clause);

void gen_reset(struct gen *g); /* by its contacts, where rules ask for the interface */
void gen_reset_by(struct gen *g, bool contactless);
void gen_select(struct gen *g);    /* the AP, and from there the DF that the dialogue is about */
void gen_select_ap(struct gen *g); /* the AP, and no further */
void gen_enter(struct gen *g);     /* the DF that the dialogue is about */
void gen_select_fci(struct gen *g);
void gen_start(struct gen *g); /* reset and select */
void gen_finally(struct gen *g);

/* One command and what it must answer: `fmt` is what stands behind `send`. */
void gen_step(struct gen *g, const char *expect, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* PINs whose references are known in the DF of the dialogue; and the conditions that its keys make. */
pin_set gen_visible(const struct gen *g);
pin_set gen_within_reach(const struct gen *g);
pin_set gen_within_reach_of(const struct gen *g, uint16_t df);

/* Those of a set that are the AP's own and not known in the DF of the dialogue: proved before it is entered. */
pin_set gen_far(const struct gen *g, pin_set set);

/* A transparent EF in the DF of the dialogue; any EF there. */
bool gen_plain(const struct gen *g, uint16_t file);
bool gen_ef(const struct gen *g, uint16_t file);
uint16_t gen_any_ef(const struct gen *g); /* CONTRACT_NONE: there is none */

/* "{NAME:derived}" for a value of the contract, a PIN or its PUK; of a PIN without value, the first one that the suite
 * gives it. gen_old is a PIN as CHANGE wants the old value:
 * padded where the lengths vary, so that one can tell where it ends. Good for the next GEN_HOLES - 1 calls. */
const char *gen_hole(struct gen *g, uint16_t value, enum suite_derivation d);
const char *gen_pin(struct gen *g, unsigned pin, enum suite_derivation d);
const char *gen_old(struct gen *g, unsigned pin, enum suite_derivation d);
const char *gen_puk(struct gen *g, unsigned pin, enum suite_derivation d);

/* "63C2" for 2. Good for one gen_step. */
const char *gen_tries(struct gen *g, unsigned tries);

/* "9000 length 16" for 16. Good for one gen_step. */
const char *gen_length(struct gen *g, uint32_t n);

/* What the card must answer to a right value: a blocked AP may refuse it, and the suite then ends. */
const char *gen_right(const struct gen *g);

/* jicsap: a step that makes the EF current again which was before a command on an IEF. */
void gen_keep_ef(struct gen *g);

/* An `expect` line; counts for the clause. gen_step writes one, too. */
void gen_expect(struct gen *g, const char *expect);

/* ---- gen_state.c: what objects hold, followed through the suite: some changes cannot be undone ---- */

bool gen_state_open(struct gen *g);
void gen_state_release(struct gen *g);

/* Whether a file is one of records. */
bool gen_has_records(const struct contract_file *f);

/* Whether a part of the file is a per-card value. */
bool gen_per_card(const struct gen *g, uint16_t file);

/* A record was appended. */
void gen_appended(struct gen_recording *k, struct gen_record r);

/* Steps: SELECT, what reading needs, and what the object holds; nothing where nobody can read it. */
void gen_show_counter(struct gen *g, uint16_t file);
void gen_show_records(struct gen *g, uint16_t file);
void gen_show_data(struct gen *g, uint16_t file);
void gen_show_stretch(struct gen *g, uint16_t file, uint32_t offset, uint32_t n);

/* Steps: a counter is brought to this value, by INCREASE or DECREASE, which some set must open. */
void gen_move_counter(struct gen *g, uint16_t file, uint64_t to);

/* ---- content.c: what the files hold ---- */

/* Append items, " 4947 {CARD-NUMBER:stored@0+4}", for a stretch of a file's first content; or items that differ from
 * it in every byte that is known. */
void gen_content(struct gen *g, uint16_t file, uint32_t offset, uint32_t n, struct buf *out);
void gen_record_content(struct gen *g, uint16_t file, uint16_t record, uint32_t n, struct buf *out);
void gen_changed(struct gen *g, uint16_t file, uint32_t offset, uint32_t n, struct buf *out);

/* Step: READ BINARY with this header and Le ("" for none) gives this stretch of the first content. */
void gen_read(struct gen *g, uint16_t file, const char *header, const char *le, uint32_t offset, uint32_t n);

/* Step: READ BINARY of at most 256 bytes of the current EF gives this stretch of the first or of changed content. */
void gen_read_stretch(struct gen *g, uint16_t file, uint32_t offset, uint32_t n, bool changed);

/* Step: UPDATE BINARY with this header to changed or to first content. */
void gen_write(
    struct gen *g, uint16_t file, const char *header, uint32_t offset, uint32_t n, bool changed, const char *expect);

/* ---- gen_cover.c: coverage ---- */

const char *gen_clause_id(enum gen_clause clause);

bool gen_cover_open(struct gen *g);
void gen_cover_clause(struct gen *g, enum gen_clause clause);

/* An operation was tried with exactly these PINs verified. */
void gen_cover_op(struct gen *g, const struct gen_op *op, int outcome, pin_set verified);
void gen_cover_step(struct gen *g, int step, int outcome);

/* It was refused, and not by its rule. */
void gen_cover_refused(struct gen *g, const struct gen_op *op);

/* Whether an operation of a PIN can be given at all. */
bool gen_pin_can(const struct gen *g, unsigned pin, enum gen_pin_op op);

/* gen_concerns.c: whether the AP has what the clause speaks about. */
bool gen_concerns(struct gen *g, enum gen_clause clause);
/* gen_concerns.c: whether it has it at all, though no dialogue that shows it may be known (then it is out of reach). */
bool gen_has(const struct gen *g, enum gen_clause clause);
void gen_cover_close(struct gen *g);
void gen_cover_release(struct gen *g);

/* ---- gen_pin.c: PINs ---- */

/* Whether CHANGE with the old value is offered, and its old value can be told from the new one. */
bool gen_changes_old(const struct contract_pin *p);

/* Fills g->usable and g->ending. */
void gen_find_usable(struct gen *g);

/* Whether the PIN has a value, or gets one in the beginning of the suite. */
bool gen_has_value(const struct gen *g, unsigned pin);

/* P2 of a command on a PIN. Where it has no short identifier (jicsap), the step that makes its IEF current is written
 * first. */
unsigned gen_p2(struct gen *g, unsigned pin);

/* How this PIN gets usable; NULL when it is from the beginning, or never. */
const struct gen_ending *gen_ending_of(const struct gen *g, unsigned pin);

/* Steps: end it; the PIN has its personal value. */
void gen_end_transport(struct gen *g, const struct gen_ending *e);

/* A set that opens a rule when every PIN has its value; false when none does. */
bool gen_final_set(const struct gen *g, uint16_t rule, pin_set usable, pin_set *set);

/* Whether this form (P1) of RESET RETRY COUNTER is offered by PUK, or under a rule that can be met without the PIN. */
bool gen_unblocks(const struct gen *g, unsigned pin, unsigned form);

/* Whether the PIN can be freed when it is blocked; *form is the way to take (P1), the ones that keep the value first.
 */
bool gen_unblockable(const struct gen *g, unsigned pin, unsigned *form);

/* Whether P2 of VERIFY may reach a PIN, or in jicsap anything at all. */
bool gen_names_pin(const struct gen *g, unsigned p2);
bool gen_is_transport(const struct contract_pin *p);

/* Steps. VERIFY with the right values of a set, with the right value of one (refused where transport cannot be ended),
 * with a wrong one, with none. gen_counts: whether an expectation says that a try was used. */
void gen_verify_set(struct gen *g, pin_set set);
void gen_verify(struct gen *g, unsigned pin, enum suite_derivation d);
void gen_verify_wrong(struct gen *g, unsigned pin, enum suite_derivation d, const char *expect);
bool gen_counts(const char *expect);
void gen_verify_empty(struct gen *g, unsigned pin, const char *expect);

/* VERIFY with wrong values until no try is left, and once more. */
void gen_exhaust(struct gen *g, unsigned pin);

/* CHANGE with the old value, both named by derivations of the personal value: from DERIVE_RAW to DERIVE_OTHER, say. */
void gen_change(struct gen *g, unsigned pin, enum suite_derivation from, enum suite_derivation to, const char *expect);

/* RESET RETRY COUNTER that must be given; `to` matters for the forms that take a new value. Presents the PINs that
 * the rule needs. Afterwards a transport PIN may be in transport again. */
void gen_unblock(struct gen *g, unsigned pin, unsigned form, enum suite_derivation to);

/* After gen_unblock to this value: take the PIN out of transport, back to its personal value, and verify it. */
void gen_settle(struct gen *g, unsigned pin, unsigned form, enum suite_derivation value);

/* ---- gen_key.c, gen_authenticate.c, gen_session.c: keys and secure messaging ---- */

/* Steps: authenticate with the keys of these conditions, and turn secure messaging on; the latter alone. */
void gen_authenticate_set(struct gen *g, pin_set conditions);
void gen_protect(struct gen *g, pin_set conditions);

/* Steps: GET CHALLENGE of 8 or 16 bytes; an authentication, with a wrong cryptogram or the right one. */
void gen_challenge(struct gen *g, unsigned le);
void gen_authenticate(struct gen *g, uint16_t key, bool wrong, const char *expect);

/* The program needs the key. */
void gen_use_key(struct gen *g, uint16_t key);

/* Whether a terminal proves that it has the key; commands by hand can name it; a wrong cryptogram leaves it usable. */
bool gen_proves(const struct gen *g, uint16_t key);
bool gen_challenged(const struct gen *g, uint16_t key);
bool gen_failing(const struct gen *g, uint16_t key);
bool gen_has_challenges(const struct gen *g);

/* Whether these clauses have something to show, in the DF of the dialogue, with a key; for the suite and its coverage
 * alike. */
bool gen_concerns_key(struct gen *g, enum gen_clause clause, uint16_t key);

/* ---- gen_witness.c: what shows that a condition is there ---- */

/* An access that a set opens in the DF of the dialogue, and that the set without some bits does not. It changes
 * nothing. */
struct gen_witness {
	uint16_t file;
	enum file_op op;
	pin_set set;
};

/* For these bits; false when there is none. */
bool gen_witness(const struct gen *g, pin_set bits, struct gen_witness *w);

/* Steps: make its EF current; the command, which is given (expect NULL) or answers this; both. */
void gen_witness_select(struct gen *g, const struct gen_witness *w);
void gen_witness_send(struct gen *g, const struct gen_witness *w, const char *expect);
void gen_witness_try(struct gen *g, const struct gen_witness *w, bool given);

/* Where a session of this key can be shown to take auth(key) with it; another key that is authenticated without one; a
 * PIN to verify inside. */
bool gen_sessionless(const struct gen *g, uint16_t key, struct gen_witness *w);
bool gen_other_key(const struct gen *g, uint16_t key, struct gen_witness *w);
bool gen_session_pin(const struct gen *g, unsigned *pin);
bool gen_clears(const struct gen *g, uint16_t key, struct gen_witness *w);

/* The items of a record as it is now. */
void gen_record_items(struct gen *g, const struct gen_recording *k, unsigned number);

/* Whether a state can be brought about at this point of the suite, where some PINs may have no value yet. */
bool gen_now(const struct gen *g, pin_set set);

/* Whether a state is PINs and nothing else; whether what is sent in it is protected. */
bool gen_pins_only(const struct gen *g, pin_set set);
bool gen_protected(const struct gen *g, pin_set set);

/* " with holder, admin", or "" for none: ends of dialogue names. */
const char *gen_set_text(const struct gen *g, pin_set set, char out[256]);

/* A read access that PIN `pin` decides: file and minimal set with the PIN in it. false when there is none. */
bool gen_deciding_read(const struct gen *g, unsigned pin, uint16_t *file, pin_set *set);

/* Steps: the PIN is verified; where it decides a read access, that too (true: of this file, which is current). */
bool gen_verify_deciding(struct gen *g, unsigned pin, uint16_t *file);

/* Whether a rule holds with nothing verified, whether PINs have values or not; of an issued card nobody knows that.
 * GEN_OUTCOMES: it depends. */
int gen_free(const struct gen *g, uint16_t rule, bool contactless);

/* The first minimal set that opens an operation at this point of the suite; false when none does. */
bool gen_first_set(const struct gen *g, const struct gen_op *op, pin_set *set);

/* The same for an operation of a file. */
bool gen_file_set(const struct gen *g, uint16_t file, enum file_op op, pin_set *set);

/* Whether that opens it now and not later: boundaries are shown once. */
bool gen_last_turn(const struct gen *g, uint16_t file, enum file_op op);

/* ---- gen_carry.c: what one command carries ---- */

/* As many bytes, or as each command of an AP with secure messaging can carry in any case. */
uint32_t gen_reach(const struct gen *g, uint32_t n);

/* The most data that one command to this AP carries in this state, with no data in its answer; and the most that one
 * answer does to a command without data. */
uint32_t gen_command_most(const struct gen *g, pin_set set);
uint32_t gen_response_most(const struct gen *g, pin_set set);

/* The first minimal set that opens an operation of a file now and lets a command or its answer carry n bytes; where
 * there is none, the first that opens it. */
bool gen_carrying_set(const struct gen *g, uint16_t file, enum file_op op, uint32_t n, pin_set *set);

/* ---- gen_select.c: what no file has ---- */

uint16_t gen_unknown_fid(const struct gen *g);
unsigned gen_unknown_sfi(const struct gen *g); /* 0 when all are taken */

/* ---- the parts of a suite ---- */

void gen_select_part(struct gen *g);
void gen_class_part(struct gen *g);
void gen_administration_part(struct gen *g);
void gen_access_part(struct gen *g);
void gen_binary_part(struct gen *g);
void gen_transport_part(struct gen *g);
void gen_first_value(struct gen *g, const struct gen_ending *e);
/* Whether a state that does not open the first value, as things are when that comes, does not open it either. */
bool gen_still_refused(const struct gen *g, const struct gen_ending *e, pin_set refused, pin_set *set);
void gen_reset_phase_part(struct gen *g);
void gen_never_part(struct gen *g); /* PINs that nobody can give a value */
void gen_verify_part(struct gen *g);
void gen_change_part(struct gen *g);
void gen_reset_part(struct gen *g);
void gen_exhaust_part(struct gen *g);
void gen_last_part(struct gen *g);
void gen_object_probe(struct gen *g, uint16_t file, bool contactless);
void gen_probe_begin(struct gen *g, bool contactless);
void gen_data_part(struct gen *g);
void gen_counter_part(struct gen *g);
void gen_counter_end_part(struct gen *g); /* bounds that the commands of the AP must not find reached */
void gen_record_part(struct gen *g);
bool gen_filled_late(const struct gen *g, uint16_t file);
void gen_record_end_part(struct gen *g); /* fills what the commands of the AP must not find full */
void gen_authenticate_part(struct gen *g);
void gen_session_part(struct gen *g);
void gen_key_exhaust_part(struct gen *g);
void gen_df_part(struct gen *g);
bool gen_has_df_status(struct gen *g); /* some PIN shows what becomes of status when a DF is left */
void gen_command_part(struct gen *g);
void gen_command_full_part(struct gen *g); /* commands that append to what was filled after them */
enum rules_shape gen_command_shape(const struct gen *g, const struct contract_command *k);
bool gen_fails_late(const struct gen *g, const struct contract_command *k); /* behind a step that changes something */
void gen_life_part(struct gen *g);
void gen_blocked_part(struct gen *g);
void gen_terminate_part(struct gen *g);
const char *gen_life_name(enum gen_life_op op);
uint16_t gen_life_rule(const struct contract *c, enum gen_life_op op); /* node 0: not offered */
/* Whether a block can be shown to outlive a reset, and be taken back. */
bool gen_blocks_and_back(const struct gen *g);

/* Whether the AP can be blocked at all. */
bool gen_can_block(const struct gen *g);

/* Whether there is no way back from a block; with what the AP is blocked or terminated for ever at the end. */
bool gen_blocks_for_ever(const struct gen *g);
bool gen_last_set(const struct gen *g, enum gen_life_op op, pin_set *set);
void gen_probe_parts(struct gen *g);

/* What rules say of PINs that have no value at this point. */
void gen_phase_parts(struct gen *g);

/* Le of a command whose answer may hold `most` bytes and be protected: a short protected answer carries at most 223 (AP
 * contract 9), so where the AP has extended APDUs a longer one asks for the extended form. */
static inline const char *gen_le(const struct gen *g, size_t most)
{
	return g->c->extended && most > 223 ? "0000" : "00";
}

#endif
