#include "runtime/sim/reference/card.h"

#include <assert.h>
#include <string.h>

/* body of a record file:
 *   | 1 how many | 1 slot of the newest (cyclic) | slots { 2 length, big-endian; record_length bytes } … |
 *
 * linear: record n is slot n - 1. cyclic: record 1 is the newest, and appending goes backwards through the slots; there
 * is one slot more than records, so that what is written is never what can be read, until the two first bytes change.
 * A memory that came from elsewhere may hold anything here: numbers are brought into range when they are read. */
enum { AT_COUNT = 0, AT_NEWEST = 1, HEADER = 2, SLOT_HEADER = 2 };

static uint32_t slot_size(const struct contract_file *f)
{
	return SLOT_HEADER + (uint32_t)f->record_length;
}

static uint16_t slots(const struct contract_file *f)
{
	return (uint16_t)(f->record_count + (f->structure == FILE_CYCLIC));
}

uint32_t records_size(const struct contract_file *f)
{
	return HEADER + slots(f) * slot_size(f);
}

void records_deliver(struct nv *nv, const struct contract *ap, const struct contract_file *f, uint32_t at)
{
	const uint8_t header[HEADER] = {(uint8_t)f->records, 0};
	nv_write(nv, at, header, sizeof header);
	nv_write(nv, at + HEADER, ap->pool + f->content, f->size);
}

static uint32_t body(const struct card *c, uint16_t file)
{
	return c->session->at.files[file];
}

static uint16_t header_byte(const struct card *c, uint16_t file, uint32_t at)
{
	uint8_t v;
	nv_read(c->nv, body(c, file) + at, &v, 1);
	return v;
}

uint16_t records_count(const struct card *c, uint16_t file)
{
	uint16_t n = header_byte(c, file, AT_COUNT), most = c->ap->file[file].record_count;
	return n < most ? n : most;
}

static uint32_t slot_at(const struct card *c, uint16_t file, uint16_t slot)
{
	return body(c, file) + HEADER + slot * slot_size(&c->ap->file[file]);
}

static uint16_t newest(const struct card *c, uint16_t file)
{
	return (uint16_t)(header_byte(c, file, AT_NEWEST) % slots(&c->ap->file[file]));
}

static uint32_t slot_of(const struct card *c, uint16_t file, uint16_t n)
{
	const struct contract_file *f = &c->ap->file[file];
	assert(n >= 1 && n <= f->record_count);
	uint16_t slot = (uint16_t)(n - 1);
	if (f->structure == FILE_CYCLIC)
		slot = (uint16_t)((newest(c, file) + slot) % slots(f));
	return slot_at(c, file, slot);
}

uint32_t records_at(const struct card *c, uint16_t file, uint16_t n)
{
	return slot_of(c, file, n) + SLOT_HEADER;
}

uint16_t records_length(const struct card *c, uint16_t file, uint16_t n)
{
	uint8_t len[SLOT_HEADER];
	uint16_t most = c->ap->file[file].record_length;
	nv_read(c->nv, slot_of(c, file, n), len, sizeof len);
	uint16_t v = (uint16_t)(len[0] << 8 | len[1]);
	return v < most ? v : most;
}

bool records_full(const struct card *c, uint16_t file)
{
	const struct contract_file *f = &c->ap->file[file];
	return f->structure != FILE_CYCLIC && records_count(c, file) == f->record_count;
}

bool records_length_fits(const struct contract_file *f, size_t n)
{
	return f->structure == FILE_LINEAR_VARIABLE ? n <= f->record_length : n == f->record_length;
}

void records_append(struct card *c, uint16_t file, const uint8_t *p, uint16_t n, bool alone)
{
	const struct contract_file *f = &c->ap->file[file];
	uint16_t count = records_count(c, file), first = 0, slot = count;
	if (f->structure == FILE_CYCLIC) {
		slot = first = (uint16_t)((newest(c, file) + slots(f) - 1) % slots(f));
		count = (uint16_t)(count - (count == f->record_count));
	}
	const uint8_t header[HEADER] = {(uint8_t)(count + 1), (uint8_t)first};
	const uint8_t len[SLOT_HEADER] = {(uint8_t)(n >> 8), (uint8_t)n};
	const uint32_t at = slot_at(c, file, slot);
	/* Nothing reads this slot before the header names it: it may be longer than the log. */
	if (alone) {
		nv_write_unreachable(c->nv, at, len, sizeof len);
		nv_write_unreachable(c->nv, at + SLOT_HEADER, p, n);
	} else {
		nv_write(c->nv, at, len, sizeof len);
		nv_write(c->nv, at + SLOT_HEADER, p, n);
	}
	nv_write(c->nv, body(c, file), header, sizeof header);
}

bool records_update(struct card *c, uint16_t file, uint16_t n, const uint8_t *p, uint16_t len)
{
	struct buf slot = {0};
	bool done = false;
	buf_u16(&slot, len);
	buf_add(&slot, p, len);
	if (!slot.bad)
		done = layout_change(c, slot_of(c, file, n), slot.p, (uint32_t)slot.n, 0, 0);
	buf_reset(&slot);
	return done;
}
