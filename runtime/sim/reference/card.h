/* The reference card from inside: what its files share. One file per noun; each rule of the AP contract is decided in
 * one of them, and the comment there names the section.
 *
 *   layout     where things are in the memory, and how a change is written all or nothing
 *   dispatch   sections 1 and 3: classes, life cycle, the order of checks
 *   rule       access rules
 *   file       finding an EF, the current EF        select, binary, record   the commands on files
 *   pin        state of a PIN and its PUK           verify, change, reset    the commands on PINs
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

/* States of the AP, coded as ISO/IEC 7816-4 codes a life cycle status (7.4.10). */
enum life { LIFE_PERSONALISATION = 0x01, LIFE_OPERATIONAL = 0x05 };

enum { SECRET_MAX = 255 }; /* bytes of a PIN in its stored form, or of a PUK */

/* Addresses in the card's memory; follow from the contract alone. */
struct layout {
	uint32_t values;                /* one byte per per-card value: delivered? */
	uint32_t pins;                  /* PIN records */
	uint32_t bodies;                /* of the files, one after the other */
	uint32_t files[CONTRACT_FILES]; /* where each begins */
	uint32_t scratch;               /* room for a change that the log cannot take */
	uint32_t scratch_size;
	uint32_t end;
};

/* What the card forgets without power. Zero is the state after reset. */
struct session {
	bool alive; /* the memory holds a card */
	struct layout at;
	bool selected; /* the AP is */
	bool has_ef;
	uint16_t ef; /* index of the current EF */
	bool verified[CONTRACT_PINS];
};

struct card {
	struct nv *nv;
	const struct contract *ap; /* inside nv->mem */
	struct session *session;
};

/* One command on its way through the checks. */
struct call {
	const struct apdu *apdu;
	struct buf *rsp; /* response data */
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
	bool personalises; /* exists only before the AP is operational, and then with any length */
	sw_t (*step[STEPS])(struct card *c, struct call *x);
};

extern const struct command command_select, command_read_binary, command_update_binary, command_read_record,
    command_update_record, command_verify, command_change_reference_data, command_reset_retry_counter, command_deliver,
    command_end_personalisation;

/* dispatch.c: run one command, append response data to rsp, return its status word. */
sw_t dispatch(struct card *c, const uint8_t *cmd, size_t n, struct buf *rsp);

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

/* SW_OK when the change is made. Otherwise the power has failed, and nobody hears what the command answers. */
sw_t layout_done(bool committed);

/* rule.c: may it be done now? SW_OK; 6985 when the rule names a PIN still in transport; else 6982. */
sw_t rule_check(const struct card *c, uint16_t rule);
bool rule_true(const struct card *c, uint16_t rule);

/* file.c: find an EF; 6A82, 6986. By SFI (0 is the current EF) also makes it current. */
sw_t file_by_fid(struct card *c, uint16_t fid, uint16_t *index);
sw_t file_by_sfi(struct card *c, uint8_t sfi, uint16_t *index);
const struct contract_file *file_of(const struct card *c, const struct call *x);

/* pin.c: a PIN by its index in the contract. */
enum secret {
	SECRET_PIN,        /* the value itself */
	SECRET_STORED_PIN, /* the same PIN, presented in its stored form */
	SECRET_PUK
};

/* STEP_OBJECT of every PIN command: P2 = 80 | reference, else 6A88. */
sw_t pin_object(struct card *c, struct call *x);
bool pin_find(const struct card *c, uint8_t p2, uint16_t *index);
const struct contract_pin *pin_of(const struct card *c, const struct call *x);

unsigned pin_tries(const struct card *c, uint16_t pin, enum secret which);
bool pin_in_transport(const struct card *c, uint16_t pin);
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
