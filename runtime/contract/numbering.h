/* Numbers of cards by a rule: prefix || running number || check digit. AP contract, 12: a number that is a 個人番号 or
 * a 住民票コード as a whole is left out. Whoever numbers cards and whoever checks a delivered number ask here. */
#ifndef IGATA_CONTRACT_NUMBERING_H
#define IGATA_CONTRACT_NUMBERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/contract/contract.h"

enum { NUMBERING_TEXT = CONTRACT_NAME + 20 }; /* bytes of the longest number, and NUL */

/* Characters of a number. */
unsigned numbering_length(const struct contract_numbering *n);

/* The number with this running number, which lies between n->from and n->to. */
void numbering_text(const struct contract_numbering *n, uint64_t running, char out[NUMBERING_TEXT]);

/* The first number that the rule allows from *running on; *running becomes its own. false: there is none up to n->to.
 */
bool numbering_next(const struct contract_numbering *n, uint64_t *running, char out[NUMBERING_TEXT]);

/* What is wrong with a number. */
enum numbering_fault {
	NUMBERING_RIGHT,
	NUMBERING_LENGTH,
	NUMBERING_PREFIX,
	NUMBERING_RANGE, /* or no running number: other characters than digits */
	NUMBERING_CHECK,
	NUMBERING_PERSONAL, /* left out */
};

enum numbering_fault numbering_fault(const struct contract_numbering *n, const uint8_t *p, size_t length);

#endif
