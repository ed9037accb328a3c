/* The probe, for issued cards: no secret, no counter, no change. A write is tried only where it must be refused, and
 * then with what the file holds already, so that even a card which wrongly lets it through is not damaged. */
#include "runtime/suite/gen.h"

enum { CHUNK = 256, TRY = 16 };

/* Instructions without a meaning on any card; nothing that writes or erases somewhere. */
static const unsigned unknown_ins[] = {0x02, 0x56};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void application(struct gen *g)
{
	gen_dialogue(g, CLAUSE_SELECT_AID, "the AP is there");
	gen_start(g);
	gen_cover_clause(g, CLAUSE_SELECT_AID);
	gen_select_fci(g);
	gen_cover_clause(g, CLAUSE_SELECT_AID);
	gen_clause(g, CLAUSE_SELECT_FAILED);
	gen_step(g, "not-found", "00A4020C %04X", gen_unknown_fid(g));
	gen_clause(g, CLAUSE_SELECT_LENGTH);
	gen_step(g, "wrong-length", "00A4020C %02X", gen_unknown_fid(g) >> 8);
	gen_clause(g, CLAUSE_SFI_FORM);
	gen_step(g, "wrong-structure", "00B08000 Le 01");
	gen_step(g, "not-found", "00B09F00 Le 01");
	gen_step(g, "wrong-parameters", "00B0C000 Le 01");
	gen_clause(g, CLAUSE_CLA);
	gen_step(g, "not-supported", "01B00000 Le 01");
	gen_step(g, "not-supported", "10B00000 Le 01");
	gen_clause(g, CLAUSE_SM);
	gen_step(g, "secure-messaging", "0CB00000 Le 01");
	gen_clause(g, CLAUSE_INS);
	for (size_t i = 0; i < sizeof unknown_ins / sizeof *unknown_ins; i++)
		gen_step(g, "not-supported", "00%02X0000", unknown_ins[i]);
}

static bool nobody_updates(const struct gen *g, uint16_t file)
{
	return g->c->file[file].rule[FILE_UPDATE] == 0;
}

static void free_read(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	for (uint32_t at = 0; at < f->size; at += CHUNK) {
		uint32_t n = least(f->size - at, CHUNK);
		gen_step(g, gen_length(g, n), "00B0%04X Le %02X", (unsigned)at, (unsigned)(n & 0xff));
	}
	gen_cover_op(g, &g->file_op[file][FILE_READ], GEN_GIVEN, 0);
	gen_clause(g, CLAUSE_READ);
	if (f->size < 0x8000)
		gen_step(g, "wrong-parameters", "00B0%04X Le 01", (unsigned)f->size);
}

static void refused_read(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	gen_step(g, "refused-access", "00B00000 Le 00");
	gen_step(g, "refused-access", "00B0%04X Le 01", (unsigned)f->size - 1);
	if (f->sfi != 0)
		gen_step(g, "refused-access", "00B0%02X00 Le 00", 0x80U | f->sfi);
	gen_cover_op(g, &g->file_op[file][FILE_READ], GEN_REFUSED, 0);
}

/* What is written is what stands there: read before, or (content_dialogue) never changed since personalisation. Where
 * neither is known, nothing is tried. */
static void refused_update(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	uint32_t n = least(f->size, TRY);
	gen_clause(g, CLAUSE_ACCESS);
	gen_step(g, gen_length(g, n), "00B00000 Le %02X", (unsigned)n);
	buf_str(&g->body, "    capture before\n");
	gen_step(g, "refused-access", "00D60000 {before}");
	if (f->sfi != 0)
		gen_step(g, "refused-access", "00D6%02X00 {before}", 0x80U | f->sfi);
	gen_cover_op(g, &g->file_op[file][FILE_UPDATE], GEN_REFUSED, 0);
}

static void file_dialogue(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	gen_dialogue(g, CLAUSE_ACCESS, "%s without any PIN", f->id);
	gen_select(g);
	gen_step(g, "9000", "00A4020C %04X", f->fid);
	gen_cover_clause(g, CLAUSE_EXISTS);
	if (!rules_hold(&g->rules, f->rule[FILE_READ], 0))
		refused_read(g, file);
	else {
		free_read(g, file);
		if (!rules_hold(&g->rules, f->rule[FILE_UPDATE], 0))
			refused_update(g, file);
	}
	gen_clause(g, CLAUSE_RECORD);
	gen_step(g, "wrong-structure", "00B20104 Le 00");
}

/* Content that nobody can have changed: compared where it is free to read, else used to try a write. A dialogue of its
 * own, since it may need values of the card that a terminal does not have. */
static void content_dialogue(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	bool readable = rules_hold(&g->rules, f->rule[FILE_READ], 0);
	if (!nobody_updates(g, file))
		return;
	gen_dialogue(g, CLAUSE_ACCESS,
	    readable ? "%s holds what it was given for good" : "%s: nobody may write what it was given", f->id);
	gen_select(g);
	gen_step(g, "9000", "00A4020C %04X", f->fid);
	for (uint32_t at = 0; readable && at < f->size; at += CHUNK)
		gen_read_stretch(g, file, at, least(f->size - at, CHUNK), false);
	if (readable) {
		gen_cover_clause(g, CLAUSE_CONTENT);
		return;
	}
	gen_write(g, file, "00D60000", 0, least(f->size, TRY), false, "refused-access");
	gen_cover_op(g, &g->file_op[file][FILE_UPDATE], GEN_REFUSED, 0);
}

/* VERIFY without data asks for the state and uses nothing. */
static void pins(struct gen *g)
{
	gen_dialogue(g, CLAUSE_PIN_EMPTY, "the PINs are there and not verified");
	gen_select(g);
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if (g->c->pin[pin].df == 0 && g->c->pin[pin].value != CONTRACT_NONE)
			gen_step(g, "63Cx or blocked", "002000%02X", 0x80U | g->c->pin[pin].ref);
	gen_clause(g, CLAUSE_PIN_REFERENCE);
	for (unsigned ref = 0x81; ref <= 0xff; ref += 0x10)
		if (!gen_names_pin(g, ref))
			gen_step(g, "not-found", "002000%02X", ref);
}

void gen_probe_parts(struct gen *g)
{
	application(g);
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		g->df = g->c->file[f].df;
		if (gen_plain(g, f))
			file_dialogue(g, f);
		else
			gen_object_probe(g, f);
	}
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		g->df = g->c->file[f].df;
		if (gen_plain(g, f))
			content_dialogue(g, f);
	}
	g->df = 0;
	pins(g);
}
