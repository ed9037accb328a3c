/* Is this answer the expected one, and are two answers equal? Section 2 of the AP contract. Inside runtime/suite only.
 */
#ifndef IGATA_SUITE_MATCH_H
#define IGATA_SUITE_MATCH_H

#include "runtime/suite/program.h"

/* A response taken apart. */
struct answer {
	sw_t sw;
	const uint8_t *data;
	size_t n;
};

/* Whether the answer is what one alternative asks for. `exact` holds the bytes of its items (DATA_EXACT). */
bool match_one(const struct suite *s, const struct program_expect *e, struct answer a, const struct buf *exact);

/* The FCI of a SELECT by AID: 6F with 84, which is the AP's whole AID (7816-4:2020, 7.4.3, table 11). */
bool match_fci(struct answer a, const uint8_t *aid, size_t aid_len);

/* Whether two answers to one command are equal. fci: both are FCI, of which only 84, and 83 and 88 where both have
 * them, count. alternatives: the program leaves the choice between several answers, and each card gave one of them. */
bool match_equal(struct answer a, struct answer b, bool fci, bool alternatives);

#endif
