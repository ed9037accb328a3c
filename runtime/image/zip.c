#include "runtime/image/zip.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/rd.h"

enum {
	LOCAL = 0x04034b50,   /* APPNOTE 4.3.7 */
	CENTRAL = 0x02014b50, /* 4.3.12 */
	END = 0x06054b50,     /* 4.3.16 */
	VERSION = 10,         /* 4.4.3: plain files */
	DATE = 0x0021,        /* 4.4.6: 1 January 1980, the first day there is */
};

/* table[k][b] is the checksum of byte b followed by k zero bytes, so that four bytes are taken at a time. */
static uint32_t table[4][256];

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
		table[0][i] = c;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int k = 1; k < 4; k++)
			table[k][i] = table[0][table[k - 1][i] & 0xff] ^ table[k - 1][i] >> 8;
}

uint32_t zip_crc32(const uint8_t *p, size_t n)
{
	if (table[0][1] == 0)
		make_table();
	uint32_t c = 0xffffffff;
	for (; n >= 4; n -= 4, p += 4)
		c = table[3][(c ^ p[0]) & 0xff] ^ table[2][(c >> 8 ^ p[1]) & 0xff] ^ table[1][(c >> 16 ^ p[2]) & 0xff] ^
		    table[0][c >> 24 ^ p[3]];
	for (; n > 0; n--, p++)
		c = table[0][(c ^ *p) & 0xff] ^ c >> 8;
	return c ^ 0xffffffff;
}

static void le16(struct buf *b, size_t v)
{
	buf_u8(b, v & 0xff);
	buf_u8(b, v >> 8 & 0xff);
}

static void le32(struct buf *b, size_t v)
{
	le16(b, v & 0xffff);
	le16(b, v >> 16 & 0xffff);
}

/* What a local header and its copy in the directory have in common, from "version needed" to "extra field length". */
static void put_common(struct buf *b, const struct zip_entry *e, uint32_t crc)
{
	le16(b, VERSION);
	le16(b, 0); /* flags */
	le16(b, 0); /* stored */
	le16(b, 0); /* time */
	le16(b, DATE);
	le32(b, crc);
	le32(b, e->n);
	le32(b, e->n);
	le16(b, e->name_len);
	le16(b, 0);
}

static void put_central(struct buf *b, const struct zip_entry *e, uint32_t crc, size_t offset)
{
	le32(b, CENTRAL);
	le16(b, VERSION); /* made by: MS-DOS, which has no permissions to tell */
	put_common(b, e, crc);
	le16(b, 0); /* comment */
	le16(b, 0); /* disk */
	le16(b, 0); /* internal attributes */
	le32(b, 0); /* external attributes */
	le32(b, offset);
	buf_add(b, e->name, e->name_len);
}

void zip_write(const struct zip_entry *e, size_t count, struct buf *out)
{
	struct buf central = {0};
	size_t start = out->n;
	assert(count <= 0xffff);
	for (size_t i = 0; i < count; i++) {
		uint32_t crc = zip_crc32(e[i].p, e[i].n);
		assert(e[i].n < UINT32_MAX - (out->n - start) && e[i].name_len <= ZIP_NAME_MAX);
		put_central(&central, &e[i], crc, out->n - start);
		le32(out, LOCAL);
		put_common(out, &e[i], crc);
		buf_add(out, e[i].name, e[i].name_len);
		buf_add(out, e[i].p, e[i].n);
	}
	size_t offset = out->n - start;
	buf_add(out, central.p, central.n);
	le32(out, END);
	le32(out, 0); /* disks */
	le16(out, count);
	le16(out, count);
	le32(out, central.n);
	le32(out, offset);
	le16(out, 0); /* comment */
	out->bad = out->bad || central.bad;
	buf_reset(&central);
}

static uint32_t rd_le32(struct rd *r)
{
	uint32_t v = rd_u32(r);
	return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

/* The next local header, loosely: what matters here is where the data is. zip_read compares all of it afterwards. */
static bool next_local(struct rd *r, struct zip_entry *e)
{
	struct rd h = *r;
	if (rd_left(&h) < 30 || rd_le32(&h) != LOCAL)
		return false;
	rd_bytes(&h, 14); /* version to crc */
	e->n = rd_le32(&h);
	rd_bytes(&h, 4);
	unsigned low = rd_u8(&h), high = rd_u8(&h);
	e->name_len = low | high << 8;
	rd_bytes(&h, 2);
	e->name = (const char *)rd_bytes(&h, e->name_len);
	e->p = rd_bytes(&h, e->n);
	if (h.bad || e->name_len > ZIP_NAME_MAX)
		return false;
	*r = h;
	return true;
}

bool zip_read(const uint8_t *p, size_t n, struct zip_entry *e, size_t max, size_t *count, size_t *at)
{
	struct rd r = rd_of(p, n);
	struct buf again = {0};
	*count = 0;
	while (*count < max && next_local(&r, &e[*count]))
		++*count;
	zip_write(e, *count, &again);
	for (*at = 0; *at < n && *at < again.n && p[*at] == again.p[*at];)
		++*at;
	bool same = !again.bad && *at == n && n == again.n;
	buf_reset(&again);
	return same;
}
