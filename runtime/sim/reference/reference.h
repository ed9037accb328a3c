/* The reference card: the AP contract as running code. It keeps a struct contract in its own memory and executes it;
 * every other simulated card is judged by it. Family `sim_reference` of sim.h; a card is made with sim_new and a
 * contract. What the contract leaves open is decided in open-points.h.
 *
 * Personalisation. A card is delivered in the state `personalisation` (AP contract, section 10). Two commands exist
 * only until it ends; they are the reference card's own, need no key and no SELECT, and understand extended length
 * whatever the AP's `apdu` says, since a value may be longer than 255 bytes:
 *
 *   80 E2 P1P2 Lc value   deliver the per-card value with index P1P2 in the contract; again, replaces it. All values
 *                         come unpadded: the card fills up a field with its pad byte, and stores a PIN as the contract
 *                         says. Field: value.min bytes up to the field's length, exactly that length where it has no
 *                         pad. PIN: min to max bytes. PUK: its exact length.
 *                         6700 length; 6A88 no such value; 6A80 the bytes are not of the value's format.
 *   80 E4 00 00           end personalisation, for good: the AP is operational.
 *                         6985 while a value is missing; 6700 with data; 6A86 other P1-P2.
 */
#ifndef IGATA_SIM_REFERENCE_H
#define IGATA_SIM_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/sw.h"
#include "runtime/sim/sim.h"

enum { REFERENCE_CLA = 0x80, REFERENCE_INS_DELIVER = 0xe2, REFERENCE_INS_END = 0xe4 };

/* One per-card value, borrowed. */
struct reference_value {
	const char *name; /* as in the contract */
	const uint8_t *p;
	size_t n; /* bytes */
};

/* Power the card up, deliver the n values through the commands above, end personalisation, power it down.
 * SW_OK, or the card's first refusal; a name that the contract does not have is SW_REFERENCE_NOT_FOUND, a card that
 * lost power or memory that ran out SW_NO_DIAGNOSIS. */
sw_t reference_personalise(struct sim *s, const struct reference_value *value, size_t n);

/* The contract that the card executes, inside its memory; NULL when the memory does not hold one. Valid as long as the
 * card is open. */
const struct contract *reference_contract(const struct sim *s);

/* Has personalisation ended? */
bool reference_operational(const struct sim *s);

#endif
