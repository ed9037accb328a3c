/* BER-TLV data objects: ISO/IEC 8825-1 as restricted by ISO/IEC 7816-4 5.2.2 (tags of 1 to 3 bytes, lengths up to
 * 0xFFFF, definite form). A tag is held as the number its bytes make, big-endian: 62, 7F41, BF8101. */
#ifndef IGATA_BASE_TLV_H
#define IGATA_BASE_TLV_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/rd.h"

struct tlv {
	uint32_t tag;
	struct rd value;
};

/* Read the next data object. false at the end of the reader, or when malformed (then r->bad). */
bool tlv_next(struct rd *r, struct tlv *out);

/* Find the first data object with this tag at this level; r is not moved. false when absent or malformed before it. */
bool tlv_find(struct rd r, uint32_t tag, struct rd *value);

/* Append tag, length in the fewest bytes, value. */
void tlv_put(struct buf *b, uint32_t tag, const void *value, size_t n);
void tlv_put_u8(struct buf *b, uint32_t tag, unsigned v);
void tlv_put_u16(struct buf *b, uint32_t tag, unsigned v);

#endif
