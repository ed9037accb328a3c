/* Chip profiles: facts about one chip, read from chipprofiles/NAME.xml.
 *
 * A profile is a list of facts, each with its value, the source it was taken from and a witness:
 *   recorded  real traffic shows it;   cited  a manual or standard says it;   assumed  nobody showed it.
 * facts.def is the single list of facts that exist, with their types; chip-profile.xsd repeats it for editors and a
 * test holds the two together. What the facts mean for an AP is decided in compiler/plan; what a simulated card does
 * with them, in runtime/sim.
 */
#ifndef IGATA_CHIP_H
#define IGATA_CHIP_H

#include "runtime/base/arena.h"
#include "runtime/base/diag.h"

enum chip_witness { WITNESS_ASSUMED, WITNESS_CITED, WITNESS_RECORDED }; /* weakest first */

enum fact_type {
	FACT_UINT,    /* decimal number */
	FACT_YESNO,   /* "yes", "no" */
	FACT_WORD,    /* one of a list of words */
	FACT_FORMS,   /* list of P1 values of a command: "00 02"; held as bits */
	FACT_HEX,     /* bytes */
	FACT_VERSION, /* "1.3": held as major << 8 | minor */
	FACT_SET,     /* names divided by white space, "none" for the empty set; held as their number */
};

enum chip_fact_name {
#define FACT(name, ...) CHIP_##name,
#include "runtime/chip/facts.def"
#undef FACT
	CHIP_FACTS
};

struct chip_fact {
	bool present;
	uint32_t number;  /* FACT_UINT; FACT_YESNO 0 or 1; FACT_FORMS bits; FACT_WORD the index of the word;
			    FACT_VERSION, FACT_SET as above */
	const char *text; /* the value as written */
	enum chip_witness witness;
	const char *source; /* where it comes from */
	struct srcloc at;
};

/* A declared deviation inside one class of status words (AP contract, section 2). */
struct chip_deviation {
	const char *command;   /* "VERIFY" */
	const char *condition; /* text for people */
	uint16_t from, to;
	enum chip_witness witness;
	const char *source;
	struct chip_deviation *next;
};

struct chip {
	const char *name;       /* of the file, without .xml */
	const char *family;     /* "native", "javacard" */
	const char *dialect;    /* "iso-compact", "starcos"; "globalplatform", "cref" */
	const char *title[2];   /* en, ja */
	const char *product[2]; /* what real product this describes, or that it is a model */
	struct chip_fact fact[CHIP_FACTS];
	struct chip_deviation *deviations;
};

/* Read a profile. Diagnostics go to d; NULL when there was an error. All memory is the arena's. */
const struct chip *chip_read(struct arena *a, const char *path, struct diag_list *d);

/* Find NAME.xml in the profile folder: --profiles, else $IGATA_PROFILES, else that of data_folder. NULL (and a
 * diagnostic that lists the chips there are) when there is none. */
const struct chip *chip_find(struct arena *a, const char *folder, const char *name, struct diag_list *d);

/* Names of all profiles of the folder, sorted; *n their number. */
const char **chip_names(struct arena *a, const char *folder, size_t *n, struct diag_list *d);

const char *chip_fact_id(enum chip_fact_name f); /* "pin.wrong-clears-status" */
enum fact_type chip_fact_type(enum chip_fact_name f);
bool chip_fact_grants(enum chip_fact_name f); /* does anybody's access rest on it? */
/* "none|last|reclaim" of a FACT_WORD; of a FACT_SET the names, with '/' between the parts of a name; else "". */
const char *chip_fact_words(enum chip_fact_name f);
/* Does a profile of this family state this fact? Some facts concern native chips, some Java Cards, a few both. */
bool chip_fact_concerns(const char *family, enum chip_fact_name f);
const char *chip_fact_meaning(enum chip_fact_name f, const char *lang);
const char *chip_witness_name(enum chip_witness w, const char *lang);

/* Is this word fact present and equal to the word? */
bool chip_fact_is(const struct chip *c, enum chip_fact_name f, const char *word);

/* Is this fact, a FACT_SET, present and does it hold the name? */
bool chip_fact_has(const struct chip *c, enum chip_fact_name f, const char *name);

#endif
