#include "runtime/sim/javacard/api/tlv.h"

enum { LENGTH_MAX = INT16_MAX };

uint32_t tlv_tag_size(const uint8_t *p, uint32_t n, int *fault)
{
	*fault = TLV_ENDS;
	if (n == 0)
		return 0;
	if ((p[0] & 0x1F) != 0x1F)
		return 1;
	for (uint32_t i = 1; i < n; i++) {
		/* ISO/IEC 8825-1, 8.1.2: no leading zeros, and numbers below 31 have the short form. */
		*fault = i == 1 && (p[1] == 0x80 || p[1] < 0x1F) ? TLV_MALFORMED_TAG
		    : i >= TLV_TAG_MAX                           ? TLV_ILLEGAL_SIZE
								 : TLV_ENDS;
		if (*fault != TLV_ENDS)
			return 0;
		if ((p[i] & 0x80) == 0)
			return i + 1;
	}
	return 0;
}

uint16_t tlv_tag_number(const uint8_t *p, uint32_t size)
{
	uint16_t number = 0;
	if (size == 1)
		return p[0] & 0x1F;
	for (uint32_t i = 1; i < size; i++)
		number = (uint16_t)(number << 7 | (p[i] & 0x7F));
	return number;
}

uint32_t tlv_tag_make(uint8_t out[TLV_TAG_MAX], unsigned class, bool constructed, unsigned number)
{
	out[0] = (uint8_t)(class << 6 | (constructed ? TLV_CONSTRUCTED : 0) | (number < 0x1F ? number : 0x1F));
	if (number < 0x1F)
		return 1;
	if (number < 0x80) {
		out[1] = (uint8_t)number;
		return 2;
	}
	out[1] = (uint8_t)(0x80 | number >> 7);
	out[2] = (uint8_t)(number & 0x7F);
	return number < 0x4000 ? 3 : 0;
}

struct tlv_head tlv_head(const uint8_t *p, uint32_t n)
{
	struct tlv_head h = {0};
	h.tag = tlv_tag_size(p, n, &h.fault);
	if (h.tag == 0)
		return h;
	h.fault = TLV_ENDS;
	if (h.tag == n)
		return h;
	uint8_t first = p[h.tag];
	h.head = h.tag + 1;
	h.length = first;
	h.fault = first == 0x80 || first == 0xFF ? TLV_MALFORMED_TLV : 0;
	if (first < 0x80 || h.fault != 0)
		return h;
	h.length = 0;
	for (uint32_t left = first & 0x7F; left != 0; left--, h.head++) {
		if (h.head == n)
			h.fault = TLV_ENDS;
		else if (h.length > LENGTH_MAX)
			h.fault = TLV_TLV_LENGTH_GREATER_THAN_32767;
		if (h.fault != 0)
			return h;
		h.length = h.length << 8 | p[h.head];
	}
	if (h.length > LENGTH_MAX)
		h.fault = TLV_TLV_LENGTH_GREATER_THAN_32767;
	return h;
}

bool tlv_sequence(const uint8_t *p, uint32_t n, unsigned depth)
{
	while (n != 0) {
		struct tlv_head h = tlv_head(p, n);
		if (h.fault != 0 || h.length > n - h.head || !tlv_well_formed(p, h.head + h.length, depth))
			return false;
		p += h.head + h.length;
		n -= h.head + h.length;
	}
	return true;
}

bool tlv_well_formed(const uint8_t *p, uint32_t n, unsigned depth)
{
	struct tlv_head h = tlv_head(p, n);
	if (h.fault != 0 || h.head + h.length != n || depth > TLV_DEPTH_MAX)
		return false;
	return (p[0] & TLV_CONSTRUCTED) == 0 || tlv_sequence(p + h.head, h.length, depth + 1);
}

uint32_t tlv_length_make(uint8_t out[3], uint32_t length)
{
	if (length < 0x80) {
		out[0] = (uint8_t)length;
		return 1;
	}
	out[0] = length < 0x100 ? 0x81 : 0x82;
	out[1] = (uint8_t)(length < 0x100 ? length : length >> 8);
	out[2] = (uint8_t)length;
	return length < 0x100 ? 2 : 3;
}

/* ---- arrays of applets ---- */

bool jc_tlv_fault(struct jc *jc, int fault, enum tlv_reason malformed)
{
	if (fault == TLV_ENDS)
		return jc_throw(jc, &jc_class_ArrayIndexOutOfBoundsException, 0);
	if (fault == TLV_MALFORMED_TAG || fault == TLV_MALFORMED_TLV)
		return jc_throw_tlv(jc, malformed);
	return jc_throw_tlv(jc, (enum tlv_reason)fault);
}

bool jc_tlv_rest(struct jc *jc, uint16_t array, uint16_t off, const uint8_t **p, uint32_t *n)
{
	if (!jc_bytes_in(jc, array, (int16_t)off, 0, p))
		return false;
	*n = (uint32_t)jc_length(jc, array) - off;
	return true;
}

bool jc_tlv_in(struct jc *jc, uint16_t array, uint16_t off, const uint8_t **p, struct tlv_head *h)
{
	uint32_t n;
	if (!jc_tlv_rest(jc, array, off, p, &n))
		return false;
	*h = tlv_head(*p, n);
	if (h->fault == 0 && h->length > n - h->head)
		h->fault = TLV_ENDS;
	return h->fault == 0 || jc_tlv_fault(jc, h->fault, TLV_MALFORMED_TLV);
}
