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

/* Neither UPDATE BINARY nor a command of the AP's own. */
static bool nobody_updates(const struct gen *g, uint16_t file)
{
	for (uint16_t i = 0; i < g->c->n_steps; i++)
		if (g->c->step[i].op == STEP_COPY && g->c->field[g->c->step[i].right.index].file == file)
			return false;
	return g->c->file[file].rule[FILE_UPDATE] == 0;
}

/* A power-up for each dialogue where the interface matters. */
void gen_probe_begin(struct gen *g, bool contactless)
{
	if (g->rules.contactless != 0)
		gen_reset_by(g, contactless);
	gen_select(g);
}

static void free_read(struct gen *g, uint16_t file, pin_set state)
{
	const struct contract_file *f = &g->c->file[file];
	for (uint32_t at = 0; at < f->size; at += CHUNK) {
		uint32_t n = least(f->size - at, CHUNK);
		gen_step(g, gen_length(g, n), "00B0%04X Le %02X", (unsigned)at, (unsigned)(n & 0xff));
	}
	gen_cover_op(g, &g->file_op[file][FILE_READ], GEN_GIVEN, state);
	gen_clause(g, CLAUSE_READ);
	if (f->size < 0x8000)
		gen_step(g, "wrong-parameters", "00B0%04X Le 01", (unsigned)f->size);
}

static void refused_read(struct gen *g, uint16_t file, pin_set state)
{
	const struct contract_file *f = &g->c->file[file];
	gen_step(g, "refused-access", "00B00000 Le 00");
	gen_step(g, "refused-access", "00B0%04X Le 01", (unsigned)f->size - 1);
	if (f->sfi != 0)
		gen_step(g, "refused-access", "00B0%02X00 Le 00", 0x80U | f->sfi);
	gen_cover_op(g, &g->file_op[file][FILE_READ], GEN_REFUSED, state);
}

/* What is written is what stands there: read before, or (content_dialogue) never changed since personalisation. Where
 * neither is known, nothing is tried. */
static void refused_update(struct gen *g, uint16_t file, pin_set state)
{
	const struct contract_file *f = &g->c->file[file];
	uint32_t n = least(f->size, TRY);
	gen_clause(g, CLAUSE_ACCESS);
	gen_step(g, gen_length(g, n), "00B00000 Le %02X", (unsigned)n);
	buf_str(&g->body, "    capture before\n");
	gen_step(g, "refused-access", "00D60000 {before}");
	if (f->sfi != 0)
		gen_step(g, "refused-access", "00D6%02X00 {before}", 0x80U | f->sfi);
	gen_cover_op(g, &g->file_op[file][FILE_UPDATE], GEN_REFUSED, state);
}

static void file_dialogue(struct gen *g, uint16_t file, bool contactless)
{
	const struct contract_file *f = &g->c->file[file];
	int read = gen_free(g, f->rule[FILE_READ], contactless);
	pin_set state = contactless ? g->rules.contactless : 0;
	gen_dialogue(g, CLAUSE_ACCESS, "%s without any PIN%s", f->id, contactless ? ", contactless" : "");
	gen_probe_begin(g, contactless);
	gen_step(g, "9000", "00A4020C %04X", f->fid);
	gen_cover_clause(g, CLAUSE_EXISTS);
	if (read == GEN_REFUSED)
		refused_read(g, file, state);
	else if (read == GEN_GIVEN) {
		free_read(g, file, state);
		if (gen_free(g, f->rule[FILE_UPDATE], contactless) == GEN_REFUSED)
			refused_update(g, file, state);
	}
	gen_clause(g, CLAUSE_RECORD);
	gen_step(g, "wrong-structure", "00B20104 Le 00");
}

/* Content that nobody can have changed: compared where it is free to read, else used to try a write. A dialogue of its
 * own, since it may need values of the card that a terminal does not have. */
static void content_dialogue(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	int read = gen_free(g, f->rule[FILE_READ], false);
	bool readable = read == GEN_GIVEN;
	if (!nobody_updates(g, file) || read == GEN_OUTCOMES)
		return;
	gen_dialogue(g, CLAUSE_ACCESS,
	    readable ? "%s holds what it was given for good" : "%s: nobody may write what it was given", f->id);
	gen_probe_begin(g, false);
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
	gen_probe_begin(g, false);
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if (g->c->pin[pin].df == 0 && gen_has_value(g, pin))
			gen_step(g,
			    g->c->pin[pin].initial == PIN_UNSET ? "63Cx or blocked or refused-access"
								: "63Cx or blocked",
			    "002000%02X", gen_p2(g, pin));
	gen_clause(g, CLAUSE_PIN_REFERENCE);
	for (unsigned ref = 0x81; ref <= 0xff; ref += 0x10)
		if (!gen_names_pin(g, ref))
			gen_step(g, "not-found", "002000%02X", ref);
}

void gen_probe_parts(struct gen *g)
{
	g->phase = 0;
	application(g);
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		pin_set named = 0;
		for (int op = 0; op < FILE_OPS; op++)
			named |= rules_named(&g->rules, g->c->file[f].rule[op]);
		g->df = g->c->file[f].df;
		for (int contactless = 0; contactless <= ((named & g->rules.contactless) != 0); contactless++)
			(gen_plain(g, f) ? file_dialogue : gen_object_probe)(g, f, contactless != 0);
	}
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		g->df = g->c->file[f].df;
		if (gen_plain(g, f))
			content_dialogue(g, f);
	}
	g->df = 0;
	pins(g);
}
