/* Command APDUs: ISO/IEC 7816-4:2020 5.2 and 5.3, short and extended. */
#ifndef IGATA_BASE_APDU_H
#define IGATA_BASE_APDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

enum {
	APDU_SHORT_DATA = 255,
	APDU_SHORT_LE = 256,
	APDU_MAX = 4 + 3 + 65535 + 2, /* longest command APDU */
	RAPDU_MAX = 65536 + 2,        /* longest response APDU */
};

struct apdu {
	uint8_t cla, ins, p1, p2;
	const uint8_t *data; /* borrowed; NULL when lc is 0 */
	size_t lc;           /* bytes of data, 0 when the data field is absent */
	size_t le;           /* bytes expected, 0 when the Le field is absent; Le field 00 is 256 (extended 65536) */
	bool has_le;
	bool le_is_max; /* the Le field was 00: "as many as there are" */
	bool extended;  /* the length fields are of the extended form */
};

/* Read a command APDU. false when the lengths do not fit any of the cases 1 to 4 (the card answers 6700). */
bool apdu_parse(struct apdu *a, const uint8_t *p, size_t n);

/* Append the command APDU; short form unless lc or le need the extended one or a->extended is set. */
void apdu_write(struct buf *b, const struct apdu *a);

#endif
