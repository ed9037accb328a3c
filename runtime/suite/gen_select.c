/* SELECT and reset: contract 5. What is kept is shown by VERIFY without data and by READ of the current EF. */
#include "runtime/suite/gen.h"

/* A file that some set of PINs can read. */
static bool readable(const struct gen *g, uint16_t *file, pin_set *set)
{
	for (*file = 0; *file < g->c->n_files; ++*file)
		if (gen_plain(g, *file) && gen_file_set(g, *file, FILE_READ, set) && gen_pins_only(g, *set))
			return true;
	return false;
}

static uint32_t first_bytes(const struct gen *g, uint16_t file)
{
	uint32_t size = g->c->file[file].size;
	return size < 16 ? size : 16;
}

static void read_beginning(struct gen *g, uint16_t file)
{
	gen_read_stretch(g, file, 0, first_bytes(g, file), false);
}

static void select_ef(struct gen *g, uint16_t file)
{
	gen_step(g, "9000", "00A4020C %04X", g->c->file[file].fid);
}

uint16_t gen_unknown_fid(const struct gen *g)
{
	for (uint16_t fid = 0x2fee;; fid++) {
		bool taken = false;
		for (uint16_t f = 0; f < g->c->n_files; f++)
			taken = taken || g->c->file[f].fid == fid;
		for (uint16_t d = 1; d < g->c->n_dfs; d++)
			taken = taken || g->c->df[d].fid == fid;
		for (uint16_t p = 0; p < g->c->n_pins; p++)
			taken = taken || g->c->pin[p].fid == fid;
		for (uint16_t k = 0; k < g->c->n_keys; k++)
			taken = taken || g->c->key[k].fid == fid;
		if (!taken)
			return fid;
	}
}

static void by_aid(struct gen *g)
{
	gen_dialogue(g, CLAUSE_SELECT_AID, "SELECT by AID without and with FCI");
	gen_reset(g);
	gen_select(g);
	gen_cover_clause(g, CLAUSE_SELECT_AID);
	gen_select_fci(g);
	gen_cover_clause(g, CLAUSE_SELECT_AID);
	gen_select(g);
}

static void no_current_ef(struct gen *g, const char *expect)
{
	gen_step(g, expect, "00B00000 Le 01");
}

/* In any DF, by whatever it takes. */
static bool readable_anyhow(const struct gen *g, uint16_t *file, pin_set *set)
{
	if (readable(g, file, set))
		return true;
	for (*file = 0; *file < g->c->n_files; ++*file)
		if (g->c->file[*file].structure == FILE_TRANSPARENT && gen_file_set(g, *file, FILE_READ, set))
			return true;
	return false;
}

static void current_ef_cleared(struct gen *g)
{
	uint16_t file;
	pin_set set;
	if (!readable_anyhow(g, &file, &set))
		return;
	g->df = g->c->file[file].df;
	gen_dialogue(g, CLAUSE_SELECT_CLEARS, "SELECT by AID clears the current EF");
	gen_start(g);
	no_current_ef(g, "wrong-structure");
	gen_verify_set(g, set);
	select_ef(g, file);
	read_beginning(g, file);
	gen_select(g);
	gen_verify_set(g, set);
	no_current_ef(g, "wrong-structure");
	select_ef(g, file);
	read_beginning(g, file);
	gen_clause(g, CLAUSE_RESET_CLEARS);
	gen_reset(g);
	gen_select(g);
	gen_verify_set(g, set);
	no_current_ef(g, "wrong-structure");
	g->df = 0;
}

/* The verified status after what clears it: the PIN counts again from all tries, and what it opened is closed. */
static void not_verified(struct gen *g, unsigned pin)
{
	uint16_t file;
	pin_set set;
	gen_verify_empty(g, pin, gen_tries(g, g->c->pin[pin].tries));
	if (!gen_deciding_read(g, pin, &file, &set))
		return;
	gen_verify_set(g, set & ~rules_bit(pin));
	select_ef(g, file);
	gen_step(g, "refused-access", "00B00000 Le 01");
}

static void pin_cleared(struct gen *g, unsigned pin)
{
	gen_dialogue(g, CLAUSE_SELECT_CLEARS, "SELECT by AID and reset clear what %s verified", g->c->pin[pin].id);
	gen_start(g);
	gen_verify(g, pin, DERIVE_RAW);
	gen_verify_empty(g, pin, "9000");
	gen_select(g);
	not_verified(g, pin);
	gen_verify(g, pin, DERIVE_RAW);
	gen_select_fci(g);
	not_verified(g, pin);
	gen_clause(g, CLAUSE_RESET_CLEARS);
	gen_verify(g, pin, DERIVE_RAW);
	gen_reset(g);
	gen_select(g);
	not_verified(g, pin);
}

static void pin_kept(struct gen *g, unsigned pin)
{
	if (g->c->n_files == 0)
		return;
	gen_dialogue(g, CLAUSE_SELECT_EF, "SELECT of an EF keeps what %s verified", g->c->pin[pin].id);
	gen_start(g);
	gen_verify(g, pin, DERIVE_RAW);
	for (uint16_t f = 0; f < g->c->n_files; f++)
		if (gen_ef(g, f))
			select_ef(g, f);
	gen_verify_empty(g, pin, "9000");
}

/* Neither the current EF nor what was verified changes. */
static void failed_select(struct gen *g)
{
	uint16_t file;
	pin_set set;
	unsigned unknown = gen_unknown_fid(g);
	bool can_read = readable(g, &file, &set);
	gen_dialogue(g, CLAUSE_SELECT_FAILED, "a failed SELECT of an EF changes nothing");
	gen_start(g);
	gen_verify_set(g, g->usable & gen_visible(g));
	if (can_read)
		select_ef(g, file);
	gen_step(g, "not-found", "00A4020C %04X", unknown);
	if (can_read)
		read_beginning(g, file);
	gen_clause(g, CLAUSE_SELECT_LENGTH);
	gen_step(g, "wrong-length", "00A4020C %02X", unknown >> 8);
	gen_step(g, "wrong-length", "00A4020C %04X00", can_read ? g->c->file[file].fid : unknown);
	if (can_read)
		read_beginning(g, file);
	gen_clause(g, CLAUSE_SELECT_FAILED);
	for (unsigned p = 0; p < g->c->n_pins; p++)
		if ((g->usable & gen_visible(g)) >> p & 1)
			gen_verify_empty(g, p, "9000");
}

unsigned gen_unknown_sfi(const struct gen *g)
{
	uint32_t taken = 0;
	for (uint16_t f = 0; f < g->c->n_files; f++)
		taken |= 1U << g->c->file[f].sfi;
	for (uint16_t p = 0; g->c->personality == PERSONALITY_JICSAP && p < g->c->n_pins; p++)
		taken |= 1U << (g->c->pin[p].ref & 31);
	for (uint16_t k = 0; g->c->personality == PERSONALITY_JICSAP && k < g->c->n_keys; k++)
		taken |= 1U << (g->c->key[k].ref & 31);
	for (unsigned sfi = 1; sfi <= 30; sfi++)
		if ((taken >> sfi & 1) == 0)
			return sfi;
	return 0;
}

static void sfi_forms(struct gen *g)
{
	uint16_t file;
	pin_set set;
	unsigned unknown = gen_unknown_sfi(g);
	gen_dialogue(g, CLAUSE_SFI_FORM, "SFI 0, 31 and unknown, other bits of P1");
	gen_start(g);
	gen_step(g, "wrong-structure", "00B08000 Le 01");
	gen_step(g, "not-found", "00B09F00 Le 01");
	gen_step(g, "not-found", "00D69F00 00");
	gen_step(g, "wrong-structure", "00B08000 Le 01");
	if (readable(g, &file, &set)) {
		gen_verify_set(g, set);
		select_ef(g, file);
		gen_read(g, file, "00B08000", "01", 0, 1);
		if (unknown != 0)
			gen_step(g, "not-found", "00B0%02X00 Le 01", 0x80 | unknown);
		gen_step(g, "not-found", "00B09F00 Le 01");
		gen_read(g, file, "00B08000", "01", 0, 1);
	}
	for (unsigned bits = 0xa0; bits <= 0xe0; bits += 0x20) {
		unsigned sfi = g->c->n_files == 0 || g->c->file[0].sfi == 0 ? 1 : g->c->file[0].sfi;
		gen_step(g, "wrong-parameters", "00B0%02X00 Le 01", bits | sfi);
		gen_step(g, "wrong-parameters", "00D6%02X00 00", bits | sfi);
	}
}

/* Reading file `a` succeeds and file `b` is refused by its rule: then the SFI form of b made b current. */
static void sfi_current(struct gen *g, uint16_t a, uint16_t b, pin_set set)
{
	const struct contract_file *fb = &g->c->file[b];
	char with[256];
	gen_dialogue(
	    g, CLAUSE_SFI_CURRENT, "the SFI form makes %s current, then refuses%s", fb->id, gen_set_text(g, set, with));
	gen_start(g);
	gen_verify_set(g, set);
	select_ef(g, a);
	gen_read(g, a, "00B00000", "01", 0, 1);
	gen_step(g, "refused-access", "00B0%02X00 Le 01", 0x80U | fb->sfi);
	gen_step(g, "refused-access", "00B00000 Le 01");
	select_ef(g, a);
	gen_read(g, a, "00B00000", "01", 0, 1);
}

/* With no current EF before: then there is one, whether it may be read or not. */
static void sfi_current_at_all(struct gen *g, uint16_t file)
{
	const struct contract_file *f = &g->c->file[file];
	bool given = rules_hold(&g->rules, f->rule[FILE_READ], 0);
	gen_dialogue(g, CLAUSE_SFI_CURRENT, "the SFI form makes %s current", f->id);
	gen_start(g);
	no_current_ef(g, "wrong-structure");
	if (given) {
		gen_step(g, gen_length(g, 1), "00B0%02X00 Le 01", 0x80U | f->sfi);
		gen_step(g, gen_length(g, 1), "00B00000 Le 01");
	} else {
		gen_step(g, "refused-access", "00B0%02X00 Le 01", 0x80U | f->sfi);
		no_current_ef(g, "refused-access");
	}
}

static void sfi_currents(struct gen *g)
{
	for (uint16_t f = 0; f < g->c->n_files; f++)
		if (g->c->file[f].sfi != 0 && gen_plain(g, f))
			sfi_current_at_all(g, f);
	for (uint16_t b = 0; b < g->c->n_files; b++) {
		pin_set set;
		if (g->c->file[b].sfi == 0 || !gen_plain(g, b))
			continue;
		for (uint16_t a = 0; a < g->c->n_files; a++) {
			if (a == b || !gen_plain(g, a) || !gen_file_set(g, a, FILE_READ, &set) ||
			    !gen_pins_only(g, set) || rules_hold(&g->rules, g->c->file[b].rule[FILE_READ], set))
				continue;
			sfi_current(g, a, b, set);
			break;
		}
	}
}

void gen_select_part(struct gen *g)
{
	by_aid(g);
	current_ef_cleared(g);
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if ((g->usable >> pin & 1) != 0) {
			g->df = g->c->pin[pin].df;
			pin_cleared(g, pin);
			pin_kept(g, pin);
		}
	g->df = 0;
	failed_select(g);
	sfi_forms(g);
	sfi_currents(g);
}
