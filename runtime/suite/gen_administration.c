/* Commands with which cards are built: create, delete, set a PIN, end a life cycle. The contract leaves open what a
 * card answers inside an AP, so nothing is asserted about that; but whatever it answers, without the loading key
 * nothing of the AP may be different afterwards (what no rule allows is refused). */
#include "runtime/suite/gen.h"

#include <stdio.h>

/* Each card family's own, in plausible forms: ISO/IEC 7816-9 with FCP, and fixed headers. */
static const char *const without_object[] = {
    "00440000",                                             /* ACTIVATE */
    "00040000",                                             /* DEACTIVATE */
    "00E60000",                                             /* TERMINATE DF */
    "00E80000",                                             /* TERMINATE EF */
    "00FE0000",                                             /* TERMINATE CARD USAGE */
    "00E40000",                                             /* DELETE the current DF */
    "00E00000 62 0E 80020010 820101 83022FEE 8C0100",       /* CREATE an EF that everybody may use */
    "80E00300 2FEE 9F 9F 9F 9F 9F 9F 9F 000000 00 81 0010", /* the same with a fixed header */
    "80E00200",
    "00DA0000 00",
    "00CA0000 Le 00",
};

static void on_file(struct gen *g, uint16_t file)
{
	unsigned fid = g->c->file[file].fid;
	gen_step(g, "any", "00E40000 %04X", fid);
	gen_step(g, "any", "80E40000 %04X", fid);
	gen_step(g, "any", "00E40200 %04X", fid);
	gen_step(g, "any", "00040000 %04X", fid);
	gen_step(g, "any", "80E00300 %04X 9F9F9F9F9F9F9F 000000 00 81 %04X", fid, (unsigned)g->c->file[file].size);
	gen_step(
	    g, "any", "00E00000 62 0D 8002%04X 820101 8302%04X 8C00", (unsigned)g->c->file[file].size & 0xffff, fid);
}

static bool has_data_objects(const struct gen *g)
{
	for (uint16_t f = 0; f < g->c->n_files; f++)
		if (g->c->file[f].structure == FILE_DATA_OBJECT)
			return true;
	return false;
}

/* What the AP itself has is not of administration: its life cycle, its own commands. */
static bool own_command(const struct gen *g, const char *command)
{
	unsigned cla = 0, ins = 0;
	sscanf(command, "%2x%2x", &cla, &ins);
	if (cla == 0)
		return (ins == 0x04 && g->c->block != 0) || (ins == 0x44 && g->c->unblock != 0) ||
		    (ins == 0xe6 && g->c->terminate != 0);
	for (uint16_t i = 0; i < g->c->n_commands; i++)
		if (g->c->command[i].ins == ins)
			return true;
	return false;
}

/* A new value for the PIN, and a PIN object that everybody may change. */
static void on_pin(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	unsigned ref = p->ref, n = p->max;
	if (p->min != p->max)
		return; /* the length fields below would not be known before the run */
	gen_step(g, "any", "00DB3FFF 70 %02X BF81%02X %02X 7F41 %02X 82 %02X %s", n + 9, ref, n + 5, n + 2, n,
	    gen_pin(g, pin, DERIVE_OTHER));
	gen_step(g, "any", "00DB3FFF 70 12 BF81%02X 0E A00C 9A010F A107 8C0507 00000000", ref);
	gen_step(g, "any", "80F40000 C2 %02X %02X 00 00 %s", n + 3, 0x80 | ref, gen_pin(g, pin, DERIVE_OTHER));
	gen_step(g, "any", "80F40000 C1 0C %02X 00%02X 9F 01 9F FF 0000 09 00 81", 0x80 | ref, n);
	if (!has_data_objects(g)) /* else it is PUT DATA, and not of administration */
		gen_step(g, "any", "00DA01%02X %s", 0x80 | ref, gen_pin(g, pin, DERIVE_OTHER));
}

/* Everything is where it was, and opens as it did. */
static void all_there(struct gen *g)
{
	gen_start(g);
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		if (!gen_plain(g, f))
			continue;
		gen_step(g, "9000", "00A4020C %04X", g->c->file[f].fid);
		if (!rules_hold(&g->rules, g->c->file[f].rule[FILE_READ], 0))
			gen_step(g, "refused-access", "00B00000 Le 01");
		if (!rules_hold(&g->rules, g->c->file[f].rule[FILE_UPDATE], 0))
			gen_write(g, f, "00D60000", 0, 1, true, "refused-access");
	}
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (g->c->pin[pin].df != 0 || !gen_has_value(g, pin))
			continue;
		gen_verify_empty(g, pin, gen_tries(g, g->c->pin[pin].tries));
		gen_verify(g, pin, DERIVE_RAW);
	}
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		uint32_t size = g->c->file[f].size;
		if (!gen_plain(g, f) ||
		    !rules_hold(&g->rules, g->c->file[f].rule[FILE_READ], g->usable & gen_visible(g)))
			continue;
		gen_step(g, "9000", "00A4020C %04X", g->c->file[f].fid);
		gen_read(g, f, "00B00000", "00", 0, size < 256 ? size : 256);
		gen_step(g, "wrong-parameters", "00B0%04X Le 01", (unsigned)size & 0x7fff);
	}
}

void gen_administration_part(struct gen *g)
{
	gen_dialogue(g, CLAUSE_ADMINISTRATION, "administrative commands change nothing");
	gen_start(g);
	gen_verify_set(g, g->usable & gen_visible(g));
	for (size_t i = 0; i < sizeof without_object / sizeof *without_object; i++) {
		if (own_command(g, without_object[i]))
			continue;
		gen_step(g, "any", "%s", without_object[i]);
		gen_select(g);
	}
	all_there(g);
	if (g->c->n_files == 0 && g->c->n_pins == 0)
		return;
	gen_dialogue(
	    g, CLAUSE_ADMINISTRATION, "administrative commands on the files and PINs of the AP change nothing");
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		if (!gen_ef(g, f))
			continue;
		gen_start(g);
		gen_verify_set(g, g->usable & gen_visible(g));
		on_file(g, f);
	}
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (g->c->pin[pin].df != 0 || !gen_has_value(g, pin))
			continue;
		gen_start(g);
		gen_verify_set(g, g->usable & gen_visible(g));
		on_pin(g, pin);
	}
	all_there(g);
}
