/* The plan: how one chip carries one AP, feature by feature, or why it cannot.
 *
 *   description + chip -> features (features.def) -> what each needs of the chip (needs.def) -> native, emulated with a
 *   notice, or refused -> the dialect's layout (dialect.h): security environments, FIDs, memory
 *
 * The iron rule: lower exactly, emulate with a notice, or refuse. Nothing is widened and nothing is dropped in silence.
 * An unknown fact takes the most restrictive value known, with a notice, or refuses; an assumed fact on which access
 * rests refuses, unless assumed facts are allowed, and then gives a notice.
 */
#ifndef IGATA_PLAN_H
#define IGATA_PLAN_H

#include "compiler/description/description.h"
#include "runtime/chip/chip.h"

enum plan_way { PLAN_NATIVE, PLAN_EMULATED, PLAN_REFUSED }; /* best first */

enum plan_kind {
#define FEATURE(name, ...) FEATURE_##name,
#include "compiler/plan/features.def"
#undef FEATURE
	FEATURE_KINDS
};

/* Something of the AP that the chip has to carry. What measure and second are is said in features.def. */
struct plan_feature {
	enum plan_kind kind;
	uint16_t index;   /* of the file or PIN in the contract; CONTRACT_NONE for the AP itself */
	const char *name; /* its id; the AP's own */
	uint32_t measure, second;
	uint32_t bytes;   /* of the chip's memory */
	struct srcloc at; /* in the description */
	enum plan_way way;
	enum diag_code code;         /* of the first refusal, else of the notice; 0 when native */
	bool rests;                  /* on any fact of the chip; then: */
	enum chip_witness witness;   /* the weakest of them */
	enum chip_fact_name weakest; /* and which it is */
};

/* A notice for the image's manifest and for people. */
struct plan_notice {
	enum diag_code code;
	const char *text[2]; /* en, ja */
	bool rests;          /* on a fact of the chip: */
	enum chip_witness witness;
	struct srcloc at;
	const char *arg[DIAG_ARGS]; /* of the diagnostic; all NULL when the plan says it in one for several */
};

/* What an access rule comes to: nobody, everybody, all of these PINs, any of them, or none of these forms. */
enum rule_form_kind { RULE_FORM_NEVER, RULE_FORM_ALWAYS, RULE_FORM_ALL, RULE_FORM_ANY, RULE_FORM_OTHER };
struct rule_form {
	enum rule_form_kind kind; /* one PIN alone is RULE_FORM_ALL */
	uint32_t pins;            /* bit i: PIN index i */
};

/* A security environment; its number is its index in the plan + 1. */
enum plan_se_kind { PLAN_SE_LOADING, PLAN_SE_PINS, PLAN_SE_PUK };
struct plan_se {
	enum plan_se_kind kind;
	uint32_t pins; /* bit i: PIN index i; for PLAN_SE_PUK the one whose PUK it is */
};

enum {
	PLAN_SES = 2 * CONTRACT_FILES + CONTRACT_PINS + 1,
	PLAN_FEATURES_MAX = 4 + 4 * CONTRACT_FILES + 10 * CONTRACT_PINS,
	PLAN_NOTICES_MAX = 120,
};

struct plan_dialect;

struct plan {
	struct arena *arena;
	const struct description *description;
	const struct contract *contract;
	const struct chip *chip;
	const struct plan_dialect *dialect; /* NULL when the chip's is not known: refused */
	bool allow_assumed;
	bool refused;

	size_t n_features, n_notices;
	struct plan_feature feature[PLAN_FEATURES_MAX];
	struct plan_notice notice[PLAN_NOTICES_MAX];
	bool rests_on[CHIP_FACTS]; /* the facts that the result rests on */

	/* Layout. */
	struct rule_form rule[CONTRACT_FILES][FILE_OPS];
	uint16_t df;           /* FID of the AP's DF */
	uint32_t df_size;      /* bytes reserved for what is in it */
	uint32_t memory;       /* bytes of the chip's memory in all */
	uint16_t command_data; /* longest command data that is sent */
	uint16_t se_file;      /* FID of the SE file, 0 none */
	uint16_t se_size;      /* bytes of its body */
	size_t n_se;
	struct plan_se se[PLAN_SES];
	uint8_t se_of[CONTRACT_FILES][FILE_OPS]; /* number of the SE that guards the operation, 0 none */
	uint8_t se_of_puk[CONTRACT_PINS];        /* number of the SE that names the PIN's PUK, 0 none */
	uint8_t isf_ref[CONTRACT_PINS]; /* key reference of the PIN's PUK where it has one of its own, 0 none */
};

/* Plan. Refusals and notices go to d, each at the place of its feature, sorted; all refusals at once. NULL when the
 * chip cannot carry the AP. All memory is the arena's; description and chip must live as long. */
struct plan *plan_make(
    struct arena *a, const struct description *ap, const struct chip *chip, bool allow_assumed, struct diag_list *d);

/* The same, never NULL: what was refused is in the features, and plan->refused is set. For explanations. */
struct plan *plan_survey(
    struct arena *a, const struct description *ap, const struct chip *chip, bool allow_assumed, struct diag_list *d);

/* The weakest witness that the whole result rests on. */
enum chip_witness plan_witness(const struct plan *p);

/* The short EF identifier under which the chip has the file, 0 none. */
uint8_t plan_sfi(const struct plan *p, const struct contract_file *f);

#endif
