#include "runtime/base/tlv.h"

static uint32_t read_tag(struct rd *r)
{
	uint32_t tag = rd_u8(r);
	if ((tag & 0x1f) != 0x1f)
		return tag;
	for (int more = 0; more < 2; more++) {
		uint8_t c = rd_u8(r);
		tag = tag << 8 | c;
		if ((c & 0x80) == 0)
			return tag;
	}
	r->bad = true; /* a fourth tag byte is RFU: 7816-4 5.2.2.1 */
	return 0;
}

static size_t read_length(struct rd *r)
{
	uint8_t c = rd_u8(r);
	if (c < 0x80)
		return c;
	if (c == 0x81)
		return rd_u8(r);
	if (c == 0x82)
		return rd_u16(r);
	r->bad = true;
	return 0;
}

bool tlv_next(struct rd *r, struct tlv *out)
{
	if (rd_left(r) == 0)
		return false;
	out->tag = read_tag(r);
	out->value = rd_sub(r, read_length(r));
	return !r->bad;
}

bool tlv_find(struct rd r, uint32_t tag, struct rd *value)
{
	struct tlv t;
	while (tlv_next(&r, &t)) {
		if (t.tag == tag) {
			*value = t.value;
			return true;
		}
	}
	return false;
}

void tlv_put(struct buf *b, uint32_t tag, const void *value, size_t n)
{
	if (tag > 0xffff)
		buf_u8(b, tag >> 16 & 0xff);
	if (tag > 0xff)
		buf_u8(b, tag >> 8 & 0xff);
	buf_u8(b, tag & 0xff);
	if (n > 0xffff)
		b->bad = true;
	else if (n > 0xff) {
		buf_u8(b, 0x82);
		buf_u16(b, (unsigned)n);
	} else {
		if (n > 0x7f)
			buf_u8(b, 0x81);
		buf_u8(b, (unsigned)n);
	}
	buf_add(b, value, n);
}

void tlv_put_u8(struct buf *b, uint32_t tag, unsigned v)
{
	uint8_t c = (uint8_t)v;
	tlv_put(b, tag, &c, 1);
}

void tlv_put_u16(struct buf *b, uint32_t tag, unsigned v)
{
	uint8_t c[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	tlv_put(b, tag, c, 2);
}
