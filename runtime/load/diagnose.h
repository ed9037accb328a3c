/* Failure triage (カード障害切り分け): is it the reader, the link, the card, the key, the memory, the AP or its life
 * cycle? Asks without any right and uses up no try of anything; only where a GlobalPlatform card's keys are given are
 * they proved, since its registry is told to nobody else. */
#ifndef IGATA_LOAD_DIAGNOSE_H
#define IGATA_LOAD_DIAGNOSE_H

#include "runtime/load/loader.h"

enum diagnose_part { PART_LINK, PART_CARD, PART_CHIP, PART_KEY, PART_MEMORY, PART_AP, DIAGNOSE_PARTS };

enum diagnose_finding { FINDING_GOOD, FINDING_BAD, FINDING_UNKNOWN };

struct diagnose_row {
	enum diagnose_part part;
	enum diagnose_finding finding;
	char text[2][256];   /* what was found, en and ja */
	char advice[2][256]; /* what to do; "" when nothing */
};

enum { DIAGNOSE_ROWS = 2 * DIAGNOSE_PARTS + CARD_APS };

struct diagnose_report {
	struct diagnose_row row[DIAGNOSE_ROWS];
	size_t n;
	int fault; /* the first part that is at fault, -1 none */
};

/* Ask the card behind an open loader. The link that could not be opened is the caller's finding. img: the AP that
 * should be there, or NULL. false: the link broke meanwhile (which is a finding, too, and recorded). */
bool load_diagnose(struct loader *w, const struct image *img, struct diagnose_report *r);

/* Add a finding. Rows beyond the last are dropped. */
struct diagnose_row *diagnose_add(struct diagnose_report *r, enum diagnose_part part, enum diagnose_finding finding);
void diagnose_say(char out[2][256], const char *en, const char *ja);

/* "link", "card", … */
const char *diagnose_part_name(enum diagnose_part p);
void diagnose_text(const struct diagnose_report *r, const char *lang, struct buf *out);
void diagnose_json(const struct diagnose_report *r, struct json *j, const char *key);

#endif
