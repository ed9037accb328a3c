/* A simulated native card from inside: what its files share. One file per noun.
 *
 *   native     the family for sim.h, dispatch, order of checks        deliver    a fresh card
 *   check      the memory is looked through at power-up
 *   memory.h:  memory     bounded access                              space      pages and DF spaces
 *              object     files and PIN objects in a DF space         (layout.h draws all of it)
 *   command.h: df         the current DF, SELECT                      binary     READ and UPDATE BINARY, records
 *              pin        VERIFY, CHANGE, RESET RETRY COUNTER         key        the loading key
 *
 *   iso_compact, iso_access, iso_pin               the dialect iso-compact
 *   starcos, starcos_access, starcos_key           the dialect starcos
 *
 * The card reads nothing but command APDUs. A refusal is the status word that a function returns.
 */
#ifndef IGATA_SIM_NATIVE_CARD_H
#define IGATA_SIM_NATIVE_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/apdu.h"
#include "runtime/base/buf.h"
#include "runtime/base/iso7816.h"
#include "runtime/base/rd.h"
#include "runtime/base/sw.h"
#include "runtime/sim/native/layout.h"
#include "runtime/sim/sim.h"

enum { NAT_MF = 0 }; /* handle of the MF; slot i has handle i + 1 */

#define NAT_NO_ADDRESS UINT32_MAX

/* A decoded security environment: the authentications that it names. */
enum { NAT_SE_REFS = 16 };
struct nat_se {
	bool there;
	uint8_t n;
	uint8_t usage[NAT_SE_REFS], ref[NAT_SE_REFS];
};

/* What the card forgets without power. All zero means: nothing selected but the MF, nothing proved. */
struct nat_session {
	bool dead;   /* the memory does not hold a card: it answers nothing but 6581 */
	uint16_t df; /* current DF */
	uint16_t ef; /* current EF: its number in `at`, 0 when there is none */
	uint8_t challenge[16];
	uint8_t challenge_len; /* 0 when there is none */
	bool admin;            /* iso-compact: authenticated with the loading key */
	uint32_t verified;     /* iso-compact: bit n is PIN n of the current DF */
	uint8_t state[2];      /* starcos: global and local security state */

	/* The space of one DF, as read from the memory: a cache, valid while `cached` is its handle. */
	uint8_t shift;     /* of the page size */
	uint32_t pages_at; /* memory address of page 0 */
	uint16_t cached;   /* NAT_MF: nothing */
	uint16_t pages;
	uint16_t page[NAT_PAGES_MAX];
	uint16_t objects; /* at[1] to at[objects] */
	uint32_t at[NAT_OBJECTS_MAX + 1];
	bool se_read; /* iso-compact: se[1] to se[14] are decoded */
	struct nat_se se[NAT_SE_MAX + 1];
	uint8_t scratch[NAT_SE_FILE_MAX];
};

enum { STATE_GLOBAL, STATE_LOCAL };

/* One command on its way. */
struct card {
	struct sim *sim;
	struct nv *nv;
	struct nat_session *s;
	const struct native_dialect *dialect;
	struct apdu cmd;
	struct buf *rsp;
};

/* A PIN or PUK, wherever the dialect keeps it. Holds a copy of the secret: wipe after use. */
struct nat_pin {
	uint8_t ref;         /* as the dialect numbers it */
	uint8_t tries, left; /* limit, tries left */
	uint8_t min, max;    /* bytes */
	uint8_t pad;         /* fills up a stored value shorter than max */
	bool set;            /* it has a value */
	uint32_t counter;    /* memory address of the byte with the tries left */
	uint8_t keep;        /* what that byte holds besides */
	uint32_t value_at;   /* address in the DF space; NAT_NO_ADDRESS: in the card block, never changed */
	uint8_t value[NAT_SECRET_MAX];
};

/* What may be done with an object; a dialect decides by its access rules. */
enum nat_op { OP_READ, OP_UPDATE, OP_VERIFY, OP_CHANGE, OP_RESET };

/* Is there data with this command? Checked before the command runs (AP contract 3, number 6). */
enum nat_data { DATA_NONE, DATA_MAY, DATA_MUST };

struct native_command {
	uint8_t cla, ins;
	bool anybody; /* also in a DF in creation, without the loading key */
	enum nat_data data;
	sw_t (*form)(const struct card *c); /* P1-P2: SW_OK or 6A86 */
	sw_t (*run)(struct card *c);        /* numbers 7 to 12 */
};

/* A fact of a chip profile that these cards can only have so. */
struct nat_word {
	enum chip_fact_name fact;
	const char *text;
};

enum nat_dialect_id { DIALECT_ISO_COMPACT = 1, DIALECT_STARCOS = 2 };

struct native_dialect {
	const char *name; /* as chip profiles name it */
	uint8_t id;
	const struct native_command *command; /* besides those of every dialect */
	size_t commands;
	bool proprietary_class;      /* CLA 80 exists */
	bool partial_names;          /* SELECT finds a DF by the beginning of its name, and the next such one */
	uint8_t responses;           /* bit n: SELECT gives data for P2 b4-b3 = n (0 FCI, 1 FCP) */
	uint8_t key[NAT_SECRET_MAX]; /* loading key of a delivered card: a published test value */
	uint8_t key_len, key_tries;
	const struct nat_word *word;
	size_t words;

	/* Has somebody proved the loading key, so that a DF in creation is open? */
	bool (*loading)(const struct card *c);
	/* Security status after a reset; s is zero. */
	void (*reset)(struct card *c);
	/* Forget what was proved in the DF that is left, or selected again. */
	void (*forget)(struct card *c);
	/* May this be done with the EF? The life cycle has been looked at. */
	bool (*may_file)(struct card *c, uint16_t ef, enum nat_op op);
	/* Find the PIN that P2 names: SW_OK or 6A88. */
	sw_t (*pin)(struct card *c, uint8_t p2, struct nat_pin *out);
	/* The PUK that may reset this PIN; false when there is none, so that the form is not offered. */
	bool (*puk)(struct card *c, const struct nat_pin *pin, struct nat_pin *out);
	/* Is the operation offered at all (else 6A86), and may it be done now? */
	bool (*offers)(struct card *c, const struct nat_pin *pin, enum nat_op op);
	bool (*may_pin)(struct card *c, const struct nat_pin *pin, enum nat_op op);
	bool (*is_verified)(const struct card *c, const struct nat_pin *pin);
	void (*set_verified)(struct card *c, const struct nat_pin *pin, bool yes);
	/* The form of a new value (bytes between min and max): SW_OK or 6A80. */
	sw_t (*new_value)(const struct nat_pin *pin, const uint8_t *p, size_t n);
	/* File control information, as P2 wants it. ef 0: the DF. */
	void (*control)(struct card *c, uint16_t df, uint16_t ef, uint8_t p2, struct buf *out);
	/* Does this object's header make sense? For the check at power-up. */
	bool (*object_ok)(struct card *c, uint16_t object);
	/* Does the DF's own part (rule, ISF) make sense? */
	bool (*df_ok)(struct card *c, uint16_t df);
};

extern const struct native_dialect dialect_iso_compact, dialect_starcos;

/* The dialect that chip profiles name so, NULL when there is none. */
const struct native_dialect *nat_dialect_named(const char *name);

/* Members memory_size and deliver of struct sim_family. */
uint32_t nat_memory_size(const struct chip *chip, const struct contract *contract);
bool nat_deliver(struct nv *nv, const struct chip *chip, const struct contract *contract, struct diag_list *d);

/* Does the memory hold a card of this dialect, in every part? Sets up what the session needs to read it. */
bool nat_check(struct card *c);

#include "runtime/sim/native/command.h"
#include "runtime/sim/native/memory.h"

#endif
