#include "runtime/sim/nv.h"

#include <assert.h>
#include <string.h>

enum {
	SEAL_AT = NV_LOG_AT,
	LENGTH_AT = NV_LOG_AT + 1,
	CRC_AT = NV_LOG_AT + 4,
	ENTRIES_AT = NV_LOG_AT + NV_LOG_HEADER,
	LOG_END = NV_LOG_AT + NV_LOG_SIZE,
	SEALED = 0xa5,
	OPEN = 0x00,
};

/* The door. */
static void put(struct nv *nv, uint32_t at, uint8_t v)
{
	if (nv->off)
		return;
	if (nv->cut >= 0 && nv->written == (uint64_t)nv->cut) {
		nv->off = true;
		return;
	}
	/* Volatile: the order of writes is the order of the program. The memory may be a file, and being killed between
	 * two writes must leave what losing power there leaves. */
	*(volatile uint8_t *)&nv->mem[at] = v;
	nv->written++;
}

static void tell(const struct nv *nv, uint32_t n)
{
	if (nv->watch != NULL)
		nv->watch(nv->watch_context, nv->written, n);
}

static void put_all(struct nv *nv, uint32_t at, const uint8_t *p, uint32_t n)
{
	tell(nv, n);
	for (uint32_t i = 0; i < n; i++)
		put(nv, at + i, p[i]);
}

static void put_number(struct nv *nv, uint32_t at, uint32_t v, unsigned bytes)
{
	tell(nv, bytes);
	for (unsigned i = 0; i < bytes; i++)
		put(nv, at + i, (uint8_t)(v >> 8 * (bytes - 1 - i)));
}

static uint32_t number(const uint8_t *p, unsigned bytes)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

/* CRC-32 of ISO 3309 (reflected, polynomial EDB88320), one bit at a time: logs are short. */
static uint32_t crc32_of(const uint8_t *p, uint32_t n)
{
	uint32_t crc = 0xffffffff;
	for (uint32_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320 & (0 - (crc & 1)));
	}
	return ~crc;
}

static bool at_home(const struct nv *nv, uint32_t at, uint32_t n)
{
	return at >= NV_HOME && at <= nv->size && n <= nv->size - at;
}

/* One entry's head in the log; the n bytes follow. false when there is no room, and then the whole transaction fails.
 */
static bool log_entry(struct nv *nv, uint32_t at, uint32_t n)
{
	if (nv->log_full || n > 0xffff || n + NV_ENTRY_HEADER > LOG_END - nv->log_end) {
		nv->log_full = true;
		return false;
	}
	put_number(nv, nv->log_end, at, 4);
	put_number(nv, nv->log_end + 4, n, 2);
	nv->log_end += NV_ENTRY_HEADER;
	return true;
}

void nv_write(struct nv *nv, uint32_t at, const void *p, uint32_t n)
{
	if (!nv->in_log) {
		nv_write_unreachable(nv, at, p, n);
		return;
	}
	if (nv->off)
		return;
	assert(at_home(nv, at, n));
	if (n == 0 || !log_entry(nv, at, n))
		return;
	put_all(nv, nv->log_end, p, n);
	nv->log_end += n;
}

void nv_fill(struct nv *nv, uint32_t at, uint8_t v, uint32_t n)
{
	if (!nv->in_log) {
		nv_fill_unreachable(nv, at, v, n);
		return;
	}
	if (nv->off)
		return;
	assert(at_home(nv, at, n));
	if (n == 0 || !log_entry(nv, at, n))
		return;
	tell(nv, n);
	for (uint32_t i = 0; i < n; i++)
		put(nv, nv->log_end++, v);
}

void nv_write_unreachable(struct nv *nv, uint32_t at, const void *p, uint32_t n)
{
	/* After a power failure a card goes on over memory that its own writes never reached: addresses that it read
	 * there mean nothing. */
	if (nv->off)
		return;
	assert(at_home(nv, at, n));
	put_all(nv, at, p, n);
}

void nv_fill_unreachable(struct nv *nv, uint32_t at, uint8_t v, uint32_t n)
{
	if (nv->off)
		return;
	assert(at_home(nv, at, n));
	tell(nv, n);
	for (uint32_t i = 0; i < n; i++)
		put(nv, at + i, v);
}

/* Lay the part of an entry that meets [at, at + n) over out. */
static void overlay(uint8_t *out, uint32_t at, uint32_t n, uint32_t entry_at, const uint8_t *p, uint32_t entry_n)
{
	uint32_t from = at > entry_at ? at : entry_at;
	uint32_t end = at + n < entry_at + entry_n ? at + n : entry_at + entry_n;
	if (from < end)
		memcpy(out + (from - at), p + (from - entry_at), end - from);
}

void nv_read(const struct nv *nv, uint32_t at, void *out, uint32_t n)
{
	if (nv->off && !at_home(nv, at, n)) {
		memset(out, 0, n);
		return;
	}
	assert(at_home(nv, at, n));
	if (n != 0)
		memcpy(out, nv->mem + at, n);
	/* After a power failure the log may be torn, and nobody sees what the card computes any more. */
	if (!nv->in_log || nv->off)
		return;
	for (uint32_t i = ENTRIES_AT; i < nv->log_end;) {
		uint32_t entry_n = number(nv->mem + i + 4, 2);
		overlay(out, at, n, number(nv->mem + i, 4), nv->mem + i + NV_ENTRY_HEADER, entry_n);
		i += NV_ENTRY_HEADER + entry_n;
	}
}

void nv_begin(struct nv *nv)
{
	assert(!nv->in_log);
	nv->in_log = true;
	nv->log_end = ENTRIES_AT;
	nv->log_full = false;
}

void nv_abort(struct nv *nv)
{
	nv->in_log = false;
}

/* Every entry inside the card's own memory, and the last one ends where the log does. */
static bool log_valid(const struct nv *nv, uint32_t end)
{
	uint32_t i = ENTRIES_AT;
	while (i < end) {
		if (end - i < NV_ENTRY_HEADER)
			return false;
		uint32_t n = number(nv->mem + i + 4, 2);
		if (!at_home(nv, number(nv->mem + i, 4), n) || n > end - i - NV_ENTRY_HEADER)
			return false;
		i += NV_ENTRY_HEADER + n;
	}
	return true;
}

static void apply(struct nv *nv, uint32_t end)
{
	for (uint32_t i = ENTRIES_AT; i < end;) {
		uint32_t n = number(nv->mem + i + 4, 2);
		put_all(nv, number(nv->mem + i, 4), nv->mem + i + NV_ENTRY_HEADER, n);
		i += NV_ENTRY_HEADER + n;
	}
}

bool nv_commit(struct nv *nv)
{
	uint32_t end = nv->log_end, n = end - ENTRIES_AT;
	assert(nv->in_log);
	nv->in_log = false;
	if (nv->log_full || nv->off)
		return false;
	if (n == 0)
		return true;
	put_number(nv, LENGTH_AT, n, 3);
	put_number(nv, CRC_AT, crc32_of(nv->mem + ENTRIES_AT, n), 4);
	tell(nv, 1);
	put(nv, SEAL_AT, SEALED);
	if (nv->off)
		return false;
	apply(nv, end);
	tell(nv, 1);
	put(nv, SEAL_AT, OPEN);
	return true;
}

void nv_recover(struct nv *nv)
{
	nv->in_log = false;
	nv->log_full = false;
	if (nv->mem[SEAL_AT] == OPEN)
		return;
	uint32_t n = number(nv->mem + LENGTH_AT, 3);
	if (nv->mem[SEAL_AT] == SEALED && n <= NV_LOG_SIZE - NV_LOG_HEADER &&
	    crc32_of(nv->mem + ENTRIES_AT, n) == number(nv->mem + CRC_AT, 4) && log_valid(nv, ENTRIES_AT + n))
		apply(nv, ENTRIES_AT + n);
	tell(nv, 1);
	put(nv, SEAL_AT, OPEN);
}
