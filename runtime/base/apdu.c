#include "runtime/base/apdu.h"

#include "runtime/base/rd.h"

static void set_le(struct apdu *a, size_t field, size_t max)
{
	a->has_le = true;
	a->le_is_max = field == 0;
	a->le = field == 0 ? max : field;
}

static bool parse_extended(struct apdu *a, struct rd *r)
{
	a->extended = true;
	size_t first = rd_u16(r);
	if (rd_left(r) == 0) { /* case 2E: this was Le */
		set_le(a, first, 65536);
		return !r->bad;
	}
	if (first == 0)
		return false;
	a->lc = first;
	a->data = rd_bytes(r, first);
	if (rd_left(r) != 0)
		set_le(a, rd_u16(r), 65536);
	return !r->bad && rd_left(r) == 0;
}

bool apdu_parse(struct apdu *a, const uint8_t *p, size_t n)
{
	struct rd r = rd_of(p, n);
	*a = (struct apdu){0};
	a->cla = rd_u8(&r);
	a->ins = rd_u8(&r);
	a->p1 = rd_u8(&r);
	a->p2 = rd_u8(&r);
	if (r.bad)
		return false;
	if (rd_left(&r) == 0) /* case 1 */
		return true;
	size_t first = rd_u8(&r);
	if (rd_left(&r) == 0) { /* case 2S */
		set_le(a, first, 256);
		return true;
	}
	if (first == 0)
		return parse_extended(a, &r);
	a->lc = first;
	a->data = rd_bytes(&r, first);
	if (rd_left(&r) != 0)
		set_le(a, rd_u8(&r), 256);
	return !r.bad && rd_left(&r) == 0;
}

void apdu_write(struct buf *b, const struct apdu *a)
{
	bool extended = a->extended || a->lc > APDU_SHORT_DATA || a->le > APDU_SHORT_LE;
	buf_u8(b, a->cla);
	buf_u8(b, a->ins);
	buf_u8(b, a->p1);
	buf_u8(b, a->p2);
	if (extended && (a->lc != 0 || a->has_le))
		buf_u8(b, 0);
	if (a->lc != 0) {
		if (extended)
			buf_u16(b, (unsigned)a->lc);
		else
			buf_u8(b, (unsigned)a->lc);
		buf_add(b, a->data, a->lc);
	}
	if (!a->has_le)
		return;
	if (extended)
		buf_u16(b, a->le & 0xffff);
	else
		buf_u8(b, a->le & 0xff);
}
