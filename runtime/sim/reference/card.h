/* The reference card from inside: what its files share. One file per noun; each rule of the AP contract is decided in
 * one of them, and the comment there names the section.
 *
 *   layout     where things are in the memory, and how a change is written all or nothing
 *   dispatch   sections 1 and 3: classes, the order of checks
 *   life       the life cycle and its commands      rule                     access rules
 *   file       finding an EF or IEF, the current EF and DF
 *   records    what a record file holds             select, binary, record, counter, data   the commands on files
 *   pin        state of a PIN and its PUK           verify, change, reset    the commands on PINs
 *   key        records of keys                      challenge, authenticate  the commands with keys
 *   protect    secure messaging, the bytes          mutual                   mutual authentication, the bytes
 *   secure     secure messaging, the policy
 *   custom     the AP's own commands
 *   personalise                                     reference                the family for sim.h
 */
#ifndef IGATA_SIM_REFERENCE_CARD_H
#define IGATA_SIM_REFERENCE_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/apdu.h"
#include "runtime/base/buf.h"
#include "runtime/base/sw.h"
#include "runtime/contract/contract.h"
#include "runtime/sim/nv.h"
#include "runtime/sim/reference/key.h"
#include "runtime/sim/sim.h"

/* States of the AP, coded as ISO/IEC 7816-4 codes a life cycle status (7.4.10). */
enum life {
	LIFE_PERSONALISATION = 0x01,
	LIFE_BLOCKED = 0x04,
	LIFE_OPERATIONAL = 0x05,
	LIFE_TERMINATED = 0x0c,
};

enum { SECRET_MAX = 255 }; /* bytes of a PIN in its stored form, or of a PUK */

/* Addresses in the card's memory; follow from the contract alone. */
struct layout {
	uint32_t values;                /* one byte per per-card value: delivered? */
	uint32_t pins;                  /* PIN records */
	uint32_t keys[CONTRACT_KEYS];   /* where each key record begins */
	uint32_t bodies;                /* of the files, one after the other */
	uint32_t files[CONTRACT_FILES]; /* where each begins */
	uint32_t scratch;               /* room for a change that the log cannot take */
	uint32_t scratch_size;
	uint32_t end;
};

/* The current EF is an index into the name space of the EFs: that of the file, or in jicsap of the PIN or key whose IEF
 * it is, with a mark. */
enum { EF_PIN = 0x4000, EF_KEY = 0x8000, EF_MARKS = 0xc000 };

/* What the card forgets without power. Zero is the state after reset. */
struct session {
	bool alive; /* the memory holds a card */
	struct layout at;
	bool selected;    /* the AP is */
	bool contactless; /* the interface */
	uint16_t df;      /* index of the current DF */
	bool has_ef;
	uint16_t ef; /* the current EF */
	bool verified[CONTRACT_PINS];
	struct security security;
};

struct card {
	struct sim *sim; /* for its random tape */
	struct nv *nv;
	const struct contract *ap; /* inside nv->mem */
	struct session *session;
};

/* One command on its way through the checks. */
struct call {
	const struct apdu *apdu;
	struct buf *rsp; /* response data */
	size_t room;     /* bytes of response data that there can be */
	uint16_t object; /* found by STEP_OBJECT: index of the file, PIN or value */
	uint32_t offset; /* in a transparent EF */
};

/* The order of checks: AP contract, section 3, numbers 5 to 12. A command gives a function for each step that concerns
 * it; the first that does not answer SW_OK ends the command. Only STEP_OBJECT (the current EF) and STEP_EFFECT change
 * anything. */
enum step {
	STEP_PARAMETERS, /* 5 form of P1-P2 */
	STEP_LENGTH,     /* 6 form of Lc and Le */
	STEP_OBJECT,     /* 7 the referenced object exists and its type fits */
	STEP_BLOCKED,    /* 8 object blocked */
	STEP_ACCESS,     /* 9 access rule */
	STEP_RANGE,      /* 10 offset or record in range, then length against the object */
	STEP_DATA,       /* 11 data */
	STEP_EFFECT,     /* 12 */
	STEPS
};

struct command {
	uint8_t cla, ins;
	bool personalises;                     /* exists only before the AP is operational, and then with any length */
	bool (*offered)(const struct card *c); /* does this AP have it? NULL: every AP has */
	/* Does it answer with data when all is well? NULL: never. Needed where Le is protected. */
	bool (*responds)(const struct card *c, const struct apdu *a);
	sw_t (*step[STEPS])(struct card *c, struct call *x);
};

extern const struct command command_select, command_read_binary, command_update_binary, command_read_record,
    command_update_record, command_append_record, command_get_data, command_put_data, command_counter, command_verify,
    command_change_reference_data, command_change_key, command_reset_retry_counter, command_deactivate,
    command_activate, command_terminate, command_deliver, command_end_personalisation, command_get_challenge,
    command_external_authenticate, command_internal_authenticate, command_custom;

/* dispatch.c: run one command, append response data to rsp, return its status word. */
sw_t dispatch(struct card *c, const uint8_t *cmd, size_t n, struct buf *rsp);

bool command_always_responds(const struct card *c, const struct apdu *a);

/* layout.c */
void layout_of(const struct contract *ap, struct layout *out);
void layout_deliver(struct nv *nv, const struct contract *ap);

/* Where a contract is in a card's memory, unchecked. */
const struct contract *layout_contract_at(const struct nv *nv);

/* The contract in this memory, NULL when there is none or it is damaged. */
const struct contract *layout_contract(const struct nv *nv);

/* After nv_recover: finish a change that was too long for the log. */
void layout_recover(struct card *c);

enum life layout_life(const struct nv *nv);
void layout_set_life(struct nv *nv, enum life life);

/* Write n bytes of p and behind them n_fill times `fill`, all or nothing, in the bodies of the files. As nv_commit:
 * true when they survive any power failure, false when the power failed before and nothing is changed. */
bool layout_change(struct card *c, uint32_t at, const uint8_t *p, uint32_t n, uint8_t fill, uint32_t n_fill);

/* Address of a field's bytes, wherever its file keeps them now. */
uint32_t layout_field(const struct card *c, const struct contract_field *f);

/* SW_OK when the change is made. Otherwise the power has failed, and nobody hears what the command answers. */
sw_t layout_done(bool committed);

/* rule.c: may it be done now? SW_OK; 6985 when the rule names a PIN still in transport; else 6982. */
sw_t rule_check(const struct card *c, uint16_t rule);
bool rule_true(const struct card *c, uint16_t rule);

/* life.c: may this command (NULL: unknown) be used in the AP's state? SW_OK or 6985. */
sw_t life_check(const struct card *c, const struct command *k, uint8_t p1, uint8_t p2);

/* file.c: find an EF of the current DF; 6A82, 6986, 6981 for an IEF where a file is wanted. By SFI (0 is the current
 * EF) also makes it current. `ef` is as session->ef. */
sw_t file_by_fid(const struct card *c, uint16_t fid, uint16_t *ef);
sw_t file_by_sfi(struct card *c, uint8_t sfi, uint16_t *index);
const struct contract_file *file_of(const struct card *c, const struct call *x);
bool file_is_records(const struct contract_file *f);

/* What P2 = 80 | reference names: the index of a PIN (kind EF_PIN) or key (EF_KEY) of the current DF or, in iso, of the
 * nearest DF around it; else 6A88. jicsap: the IEF with that short identifier, P2 = 80 the current EF; 6986, 6981. */
sw_t file_reference(const struct card *c, uint8_t p2, uint16_t kind, uint16_t *index);
/* The same as STEP_OBJECT: makes the IEF current. */
sw_t file_reference_use(struct card *c, uint8_t p2, uint16_t kind, uint16_t *index);

/* Enter a DF by its index: no current EF, and nothing verified that is not the AP's own. */
void file_enter(struct card *c, uint16_t df);

/* records.c: what a record file holds. Numbers of records are as in the commands, from 1. */
uint32_t records_size(const struct contract_file *f); /* bytes of memory */
void records_deliver(struct nv *nv, const struct contract *ap, const struct contract_file *f, uint32_t at);
uint16_t records_count(const struct card *c, uint16_t file);          /* seen through a transaction */
uint32_t records_at(const struct card *c, uint16_t file, uint16_t n); /* address of the bytes of a record */
uint16_t records_length(const struct card *c, uint16_t file, uint16_t n);
bool records_full(const struct card *c, uint16_t file); /* never a cyclic file */
bool records_length_fits(const struct contract_file *f, size_t n);
/* Inside a transaction: append n bytes that fit. alone: no other append to this file in the same transaction. */
void records_append(struct card *c, uint16_t file, const uint8_t *p, uint16_t n, bool alone);
bool records_update(struct card *c, uint16_t file, uint16_t n, const uint8_t *p, uint16_t len); /* as layout_change */

/* counter.c: is this the INS of a counter's INCREASE or DECREASE? A value of so many bytes, big-endian. */
bool counter_ins(const struct card *c, uint8_t ins);
uint32_t counter_value(const uint8_t *p, size_t width);

/* custom.c: is this the INS of one of the AP's own commands? */
bool custom_ins(const struct card *c, uint8_t ins);

/* data.c: what a data object holds. */
uint32_t data_size(const struct contract_file *f); /* bytes of memory */
void data_deliver(struct nv *nv, const struct contract *ap, const struct contract_file *f, uint32_t at);
enum { DATA_HEADER = 2 };

/* pin.c: a PIN by its index in the contract. */
enum secret {
	SECRET_PIN,        /* the value itself */
	SECRET_STORED_PIN, /* the same PIN, presented in its stored form */
	SECRET_PUK
};

/* STEP_OBJECT of every PIN command: P2 = 80 | reference. */
sw_t pin_object(struct card *c, struct call *x);
bool pin_find(const struct card *c, uint8_t p2, uint16_t *index);
const struct contract_pin *pin_of(const struct card *c, const struct call *x);

/* How an object without tries answers: 6983, in jicsap 6984. */
sw_t pin_blocked(const struct card *c);

unsigned pin_tries(const struct card *c, uint16_t pin, enum secret which);
bool pin_in_transport(const struct card *c, uint16_t pin);
bool pin_unset(const struct card *c, uint16_t pin);     /* pin-unset(x) */
bool pin_satisfied(const struct card *c, uint16_t pin); /* pin(x) */

/* The stored form of a value: padded as the contract says. Returns its length. */
size_t pin_stored_form(const struct contract_pin *p, const uint8_t *value, size_t n, uint8_t out[SECRET_MAX]);

/* The form of a new value, where the card checks it: SW_OK or 6A80. */
sw_t pin_new_form(const struct contract_pin *p, const uint8_t *value, size_t n);

/* Are all n bytes of this format? */
bool pin_format_fits(enum contract_format f, const uint8_t *value, size_t n);

/* Use a try, then compare n bytes. A wrong PIN clears its status. Restoring the tries is the caller's. */
bool pin_try(struct card *c, uint16_t pin, enum secret which, const uint8_t *p, size_t n);

/* Writes; inside a transaction where several belong together. */
void pin_restore_tries(struct card *c, uint16_t pin, enum secret which);
void pin_write_value(struct card *c, uint16_t pin, const uint8_t *value, size_t n);
void pin_write_puk(struct card *c, uint16_t pin, const uint8_t *value, size_t n);
void pin_write_transport(struct card *c, uint16_t pin, bool transport);
void pin_deliver(struct nv *nv, const struct contract_pin *p, uint32_t at);

enum { PIN_RECORD = 4 + 2 * SECRET_MAX };

#endif
