/* Proving an AP: the card's own word, and its behaviour. (The image's own proof, digests and signature, is image_read.)
 */
#ifndef IGATA_LOAD_VERIFY_H
#define IGATA_LOAD_VERIFY_H

#include "runtime/base/json.h"
#include "runtime/image/values.h"
#include "runtime/load/dialect.h"
#include "runtime/suite/suite.h"

/* Each level includes those before it. */
enum verify_level { VERIFY_IMAGE, VERIFY_CARD, VERIFY_PROBE, VERIFY_FULL, VERIFY_LEVELS };

enum verify_result {
	VERIFY_OK,
	VERIFY_DIFFERS,
	VERIFY_NOT_TOLD, /* the chip does not tell enough to compare */
};

/* One object of the AP, as the description and as the card have it. */
struct verify_row {
	char *name;   /* "AP", "file zones" */
	char *wanted; /* hex of data objects, or a state */
	char *found;
	char *rules;    /* in the description's words; "" when there are none */
	char *words[2]; /* what the card says about access, en and ja; "" when it says nothing */
	enum verify_result result;
};

struct verify_report {
	enum verify_level level; /* reached */
	enum ap_state state;
	struct verify_row *row;
	size_t n, cap;
	bool rules_told; /* the chip tells access rules at all */
	bool ran[VERIFY_LEVELS];
	struct suite_report suite[VERIFY_LEVELS]; /* of the levels probe and full that ran */
	bool lost;                                /* an allocation failed */
};

/* Verify the AP of an image on a card, without any right, up to a level. values may be incomplete: dialogues that need
 * what is missing are not run, and named. full destroys what it tests: the caller has made sure that it may. false with
 * diagnostics: the AP is not there, differs, or the card was lost. */
bool verify_ap(struct session *s, const struct load_dialect *dialect, const struct image *img,
    const struct value_set *values, enum verify_level level, struct verify_report *r);

enum verify_level verify_level_named(const char *name); /* VERIFY_LEVELS: unknown */
const char *verify_level_name(enum verify_level l);

/* Whether dialogues were left out for want of values. */
bool verify_in_part(const struct verify_report *r);

/* For people ("en" or "ja") and for machines. */
void verify_report_text(const struct verify_report *r, const char *lang, struct buf *out);
void verify_report_json(const struct verify_report *r, struct json *j, const char *key);
void verify_report_reset(struct verify_report *r);

#endif
