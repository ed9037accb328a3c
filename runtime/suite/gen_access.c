/* Access rules of files: contract 3.9. Each operation with each minimal set of PINs that its rule asks for, and with
 * each maximal set that is not enough; what was refused has no effect. */
#include "runtime/suite/gen.h"

#include <stdio.h>

enum { CHUNK = 256, WRITE = 255 };

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void select_ef(struct gen *g, uint16_t file)
{
	gen_step(g, "9000", "00A4020C %04X", g->c->file[file].fid);
	gen_cover_clause(g, CLAUSE_EXISTS);
}

static const char *header(char out[9], unsigned ins, unsigned p1, unsigned p2)
{
	snprintf(out, 9, "00%02X%02X%02X", ins & 0xff, p1 & 0xff, p2 & 0xff);
	return out;
}

/* ---- reading ---- */

static void read_whole(struct gen *g, uint16_t file)
{
	uint32_t size = g->c->file[file].size;
	uint32_t chunk = gen_reach(g, CHUNK);
	for (uint32_t at = 0; at < size; at += chunk)
		gen_read_stretch(g, file, at, least(size - at, chunk), false);
	gen_cover_clause(g, CLAUSE_CONTENT);
}

static void read_given(struct gen *g, uint16_t file, pin_set set, bool first)
{
	const struct contract_file *f = &g->c->file[file];
	char with[256], h[9];
	gen_dialogue(g, CLAUSE_ACCESS, "read %s%s: given", f->id, gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, set);
	if (f->sfi != 0)
		gen_read(g, file, header(h, INS_READ_BINARY, 0x80U | f->sfi, 0), gen_protected(g, set) ? "01" : "00", 0,
		    gen_protected(g, set) ? 1 : least(f->size, CHUNK));
	select_ef(g, file);
	if (first)
		read_whole(g, file);
	else
		gen_read_stretch(g, file, 0, least(f->size, gen_reach(g, CHUNK)), false);
	gen_cover_op(g, &g->file_op[file][FILE_READ], GEN_GIVEN, set);
}

static void read_refused(struct gen *g, uint16_t file, pin_set set)
{
	const struct contract_file *f = &g->c->file[file];
	char with[256];
	gen_dialogue(g, CLAUSE_ACCESS, "read %s%s: refused", f->id, gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, set);
	if (f->sfi != 0)
		gen_step(g, "refused-access", "00B0%02X00 Le 00", 0x80U | f->sfi);
	select_ef(g, file);
	gen_step(g, "refused-access", "00B00000 Le 00");
	gen_step(g, "refused-access", "00B0%04X Le 01", (unsigned)f->size - 1);
	gen_cover_op(g, &g->file_op[file][FILE_READ], GEN_REFUSED, set);
}

/* ---- updating ---- */

/* Presents what reading needs besides, and reads the first bytes; nothing when nobody can read the file. */
static void show(struct gen *g, uint16_t file, pin_set verified, bool changed)
{
	pin_set set;
	if (!gen_file_set(g, file, FILE_READ, &set))
		return;
	bool pins = gen_pins_only(g, set) && gen_pins_only(g, verified) && gen_far(g, set) == 0;
	if (!pins)
		gen_select(g);
	gen_verify_set(g, pins ? set & ~verified : set);
	if (!pins)
		select_ef(g, file);
	gen_read_stretch(g, file, 0, least(g->c->file[file].size, gen_reach(g, WRITE)), changed);
}

void gen_show_stretch(struct gen *g, uint16_t file, uint32_t offset, uint32_t n)
{
	pin_set set;
	gen_select(g);
	if (!gen_file_set(g, file, FILE_READ, &set))
		return;
	gen_verify_set(g, set);
	select_ef(g, file);
	gen_read_stretch(g, file, offset, n, false);
}

/* Puts the first bytes back, whatever happened before. */
static void put_back(struct gen *g, uint16_t file)
{
	pin_set set;
	if (!gen_file_set(g, file, FILE_UPDATE, &set))
		return;
	gen_finally(g);
	gen_select(g);
	gen_verify_set(g, set);
	select_ef(g, file);
	gen_write(g, file, "00D60000", 0, least(g->c->file[file].size, gen_reach(g, WRITE)), false, "9000");
	show(g, file, set, false);
}

static void update_given(struct gen *g, uint16_t file, pin_set set)
{
	const struct contract_file *f = &g->c->file[file];
	uint32_t n = least(f->size, gen_reach(g, WRITE));
	char with[256], h[9];
	gen_dialogue(g, CLAUSE_ACCESS, "update %s%s: given", f->id, gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, set);
	if (f->sfi != 0) {
		gen_write(g, file, header(h, INS_UPDATE_BINARY, 0x80U | f->sfi, 0), 0, n, true, "9000");
		gen_write(g, file, "00D60000", 0, n, false, "9000");
	}
	select_ef(g, file);
	gen_write(g, file, "00D60000", 0, n, true, "9000");
	gen_cover_op(g, &g->file_op[file][FILE_UPDATE], GEN_GIVEN, set);
	show(g, file, set, true);
	put_back(g, file);
}

static void update_refused(struct gen *g, uint16_t file, pin_set set)
{
	const struct contract_file *f = &g->c->file[file];
	uint32_t n = least(f->size, gen_reach(g, WRITE));
	char with[256], h[9];
	gen_dialogue(g, CLAUSE_ACCESS, "update %s%s: refused", f->id, gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, set);
	if (f->sfi != 0)
		gen_write(g, file, header(h, INS_UPDATE_BINARY, 0x80U | f->sfi, 0), 0, n, true, "refused-access");
	select_ef(g, file);
	gen_write(g, file, "00D60000", 0, n, true, "refused-access");
	gen_write(g, file, header(h, INS_UPDATE_BINARY, (f->size - 1) >> 8, (f->size - 1) & 0xff), f->size - 1, 1, true,
	    "refused-access");
	gen_cover_op(g, &g->file_op[file][FILE_UPDATE], GEN_REFUSED, set);
	show(g, file, set, false);
	put_back(g, file);
}

/* The whole content is read once, with the first set. */
static void one_set(struct gen *g, uint16_t file, enum file_op op, int outcome, pin_set set, bool first)
{
	if (op == FILE_READ && outcome == GEN_GIVEN)
		read_given(g, file, set, first);
	else if (op == FILE_READ)
		read_refused(g, file, set);
	else if (outcome == GEN_GIVEN)
		update_given(g, file, set);
	else
		update_refused(g, file, set);
}

static void access_of(struct gen *g, uint16_t file, enum file_op op)
{
	for (int outcome = GEN_OUTCOMES; outcome-- > 0;) {
		const struct rules_sets *sets = &g->file_op[file][op].rule.sets[outcome];
		for (size_t i = 0; i < sets->n; i++)
			if (gen_now(g, sets->set[i]))
				one_set(g, file, op, outcome, sets->set[i], i == 0);
	}
}

void gen_access_part(struct gen *g)
{
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		g->df = g->c->file[f].df;
		for (int op = FILE_READ; op <= FILE_UPDATE && gen_plain(g, f); op++)
			access_of(g, f, (enum file_op)op);
	}
	g->df = 0;
}
