/* READ BINARY and UPDATE BINARY at their boundaries: contract 3.10 and 6. The access is given throughout, so that each
 * command has one fault at most. */
#include "runtime/suite/gen.h"

#include <stdio.h>

enum { READ_MAX = 256, WRITE_MAX = 255, OFFSET_MAX = 0x7fff, SFI_OFFSET_MAX = 0xff };

/* So many bytes, or as many as every protected command carries (contract 9). */
static uint32_t carried(const struct gen *g, uint32_t n)
{
	return g->secured != 0 ? gen_reach(g, n) : n;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* CLA INS P1 P2 for an offset, in the current EF or (sfi != 0) by SFI. */
static const char *at(char out[9], unsigned ins, unsigned sfi, uint32_t offset)
{
	unsigned p1 = sfi != 0 ? 0x80 | sfi : offset >> 8;
	snprintf(out, 9, "00%02X%02X%02X", ins & 0xff, p1 & 0xff, (unsigned)(offset & 0xff));
	return out;
}

static const char *le(char out[3], uint32_t n)
{
	snprintf(out, 3, "%02X", (unsigned)(n & 0xff));
	return out;
}

/* ---- reading ---- */

/* An explicit Le beyond the end: the bytes there are and 6282, or 6Cxx first, which the link follows (contract 2). */
static void read_beyond(struct gen *g, uint16_t file, unsigned sfi, uint32_t offset, uint32_t ask)
{
	char h[9];
	uint32_t n = g->c->file[file].size - offset;
	if (ask > carried(g, WRITE_MAX) || n >= ask)
		return;
	buf_printf(
	    &g->body, "  send %s Le %02X\n    expect 6282 data", at(h, INS_READ_BINARY, sfi, offset), (unsigned)ask);
	gen_content(g, file, offset, n, &g->body);
	buf_str(&g->body, " or 9000 data");
	gen_content(g, file, offset, n, &g->body);
	buf_str(&g->body, "\n");
	gen_cover_clause(g, g->clause);
}

static void read_one(struct gen *g, uint16_t file, unsigned sfi, uint32_t offset, uint32_t n)
{
	char h[9], l[3];
	gen_read(g, file, at(h, INS_READ_BINARY, sfi, offset), le(l, n), offset, n);
}

static void read_outside(struct gen *g, unsigned sfi, uint32_t offset)
{
	char h[9];
	if (offset > (sfi != 0 ? SFI_OFFSET_MAX : OFFSET_MAX))
		return;
	gen_step(g, "wrong-parameters", "%s Le 01", at(h, INS_READ_BINARY, sfi, offset));
	gen_step(g, "wrong-parameters", "%s Le 00", at(h, INS_READ_BINARY, sfi, offset));
}

/* Le = 00: to the end, as far as a response goes. */
static void read_to_end(struct gen *g, uint16_t file, unsigned sfi, uint32_t offset)
{
	char h[9];
	uint32_t n = g->c->file[file].size - offset;
	at(h, INS_READ_BINARY, sfi, offset);
	if (carried(g, n) < n)
		return;
	gen_read(g, file, h, "00", offset, least(n, READ_MAX));
	if (offset == 0 && g->secured == 0)
		gen_read(g, file, h, "", 0, least(n, READ_MAX));
}

static void read_form(struct gen *g, uint16_t file, unsigned sfi)
{
	uint32_t size = g->c->file[file].size, most = carried(g, WRITE_MAX);
	uint32_t reach = sfi != 0 ? SFI_OFFSET_MAX : OFFSET_MAX;
	read_one(g, file, sfi, 0, 1);
	read_to_end(g, file, sfi, 0);
	read_one(g, file, sfi, 0, least(size, most));
	read_beyond(g, file, sfi, 0, size + 1);
	read_beyond(g, file, sfi, 0, most);
	if (size - 1 <= reach) {
		read_one(g, file, sfi, size - 1, 1);
		read_to_end(g, file, sfi, size - 1);
		read_beyond(g, file, sfi, size - 1, 2);
	}
	if (size > 2 && size / 2 <= reach)
		read_one(g, file, sfi, size / 2, least(size - size / 2, most));
	read_outside(g, sfi, size);
	read_outside(g, sfi, size + 1);
}

static void read_boundaries(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	pin_set set;
	if (!gen_file_set(g, file, FILE_READ, &set))
		return;
	gen_dialogue(g, CLAUSE_READ, "READ BINARY of %s at its boundaries", f->id);
	gen_start(g);
	gen_verify_set(g, set);
	if (f->sfi != 0)
		read_form(g, file, f->sfi);
	gen_step(g, "9000", "00A4020C %04X", f->fid);
	read_form(g, file, 0);
	if (f->size < OFFSET_MAX - 1) {
		read_outside(g, 0, OFFSET_MAX - 1);
		read_outside(g, 0, OFFSET_MAX);
	}
}

/* ---- writing ---- */

static void write_one(struct gen *g, uint16_t file, unsigned sfi, uint32_t offset, uint32_t n)
{
	char h[9];
	gen_write(g, file, at(h, INS_UPDATE_BINARY, sfi, offset), offset, n, true, "9000");
}

/* n bytes, whatever they are: they must not get in. */
static void write_refused(struct gen *g, unsigned sfi, uint32_t offset, uint32_t n, const char *expect)
{
	char h[9];
	if (n <= carried(g, WRITE_MAX) && offset <= (sfi != 0 ? SFI_OFFSET_MAX : OFFSET_MAX))
		gen_step(g, expect, "%s A5*%u", at(h, INS_UPDATE_BINARY, sfi, offset), (unsigned)n);
}

/* Compares a stretch of the file, and puts the first content back. */
static void show_and_restore(struct gen *g, uint16_t file, bool readable, uint32_t offset, uint32_t n)
{
	char h[9];
	if (readable)
		gen_read_stretch(g, file, offset, n, true);
	gen_write(g, file, at(h, INS_UPDATE_BINARY, 0, offset), offset, n, false, "9000");
	if (readable)
		gen_read_stretch(g, file, offset, n, false);
}

static void write_form(struct gen *g, uint16_t file, unsigned sfi, bool readable)
{
	uint32_t size = g->c->file[file].size, most = carried(g, WRITE_MAX), n = least(size, most);
	uint32_t reach = sfi != 0 ? SFI_OFFSET_MAX : OFFSET_MAX;
	write_one(g, file, sfi, 0, n);
	show_and_restore(g, file, readable, 0, n);
	if (size - 1 <= reach) {
		write_one(g, file, sfi, size - 1, 1);
		show_and_restore(g, file, readable, size - 1, 1);
	}
	if (size > 2 && size / 2 <= reach) {
		uint32_t half = least(size - size / 2, most);
		write_one(g, file, sfi, size / 2, half);
		show_and_restore(g, file, readable, size / 2, half);
	}
	/* Over the end: 6A84 and nothing written; outside: 6B00. */
	write_refused(g, sfi, size - 1, 2, "wrong-data");
	write_refused(g, sfi, 0, size + 1, "wrong-data");
	write_refused(g, sfi, size, 1, "wrong-parameters");
	write_refused(g, sfi, size + 1, 1, "wrong-parameters");
}

static void write_boundaries(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	pin_set set, reading = 0;
	if (!gen_file_set(g, file, FILE_UPDATE, &set))
		return;
	bool readable = gen_file_set(g, file, FILE_READ, &reading) && gen_pins_only(g, reading & ~set) &&
	    rules_hold(&g->rules, f->rule[FILE_READ], set | reading);
	/* With responses that have a MAC alone, a READ is of another level than an UPDATE sent in the same way. */
	if (g->c->sm_response == SM_MAC && gen_protected(g, reading))
		readable = false;
	gen_dialogue(g, CLAUSE_UPDATE, "UPDATE BINARY of %s at its boundaries", f->id);
	gen_start(g);
	gen_verify_set(g, readable ? set | reading : set);
	if (f->sfi != 0)
		write_form(g, file, f->sfi, readable);
	gen_step(g, "9000", "00A4020C %04X", f->fid);
	write_form(g, file, 0, readable);
	if (f->size < OFFSET_MAX - 1) {
		write_refused(g, 0, OFFSET_MAX - 1, 1, "wrong-parameters");
		write_refused(g, 0, OFFSET_MAX, 1, "wrong-parameters");
	}
	uint32_t end = f->size - least(f->size, carried(g, READ_MAX));
	if (readable)
		gen_read_stretch(g, file, end, f->size - end, false);
}

/* ---- extended ---- */

static void extended(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	pin_set set, reading = 0;
	bool readable = gen_file_set(g, file, FILE_READ, &reading);
	bool writable = gen_file_set(g, file, FILE_UPDATE, &set) && gen_pins_only(g, set) && gen_pins_only(g, reading);
	if (!readable)
		return;
	gen_dialogue(g, CLAUSE_EXTENDED, "extended READ and UPDATE BINARY of %s", f->id);
	gen_start(g);
	gen_verify_set(g, reading | (writable ? set : 0));
	gen_step(g, "9000", "00A4020C %04X", f->fid);
	if (carried(g, f->size) < f->size)
		gen_read(g, file, "00B00000", "0001", 0, 1);
	else
		gen_read(g, file, "00B00000", "0000", 0, f->size);
	if (!writable || f->size <= WRITE_MAX)
		return;
	gen_write(g, file, "00D60000", 0, f->size, true, "9000");
	gen_write(g, file, "00D60000", 0, f->size, false, "9000");
	gen_read(g, file, "00B00000", "0000", 0, f->size);
}

void gen_binary_part(struct gen *g)
{
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		g->df = g->c->file[f].df;
		if (!gen_plain(g, f))
			continue;
		bool reads = gen_last_turn(g, f, FILE_READ);
		if (reads)
			read_boundaries(g, f);
		if (gen_last_turn(g, f, FILE_UPDATE))
			write_boundaries(g, f);
		if (g->c->extended && reads)
			extended(g, f);
	}
	g->df = 0;
}
