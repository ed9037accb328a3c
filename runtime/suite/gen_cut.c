/* The program of power cuts: every command that writes, from each state in which it writes something else. */
#include "runtime/suite/cut.h"
#include "runtime/suite/gen.h"

#include <stdio.h>

enum { WRITE_MAX = 255 };

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A fresh card, with transport ended where that is possible: the state in which PINs are used. */
static void start(struct gen *g)
{
	gen_start(g);
	for (size_t i = 0; i < g->n_endings; i++)
		gen_end_transport(g, &g->ending[i]);
}

static void cut(struct gen *g)
{
	buf_str(&g->body, "  cut\n");
}

/* ---- files ---- */

static void update(struct gen *g, uint16_t file, uint32_t offset, uint32_t n)
{
	const struct contract_file *f = &g->c->file[file];
	pin_set set;
	char header[9];
	if (!gen_file_set(g, file, FILE_UPDATE, &set))
		return;
	gen_dialogue(g, CLAUSE_UPDATE, "UPDATE of %s, %u bytes at %u", f->id, (unsigned)n, (unsigned)offset);
	start(g);
	gen_verify_set(g, set);
	gen_step(g, "9000", "00A4020C %04X", f->fid);
	cut(g);
	snprintf(header, sizeof header, "00D6%04X", (unsigned)offset & 0x7fff);
	gen_write(g, file, header, offset, n, true, "9000");
}

static void updates(struct gen *g, uint16_t file)
{
	uint32_t size = g->c->file[file].size, n = least(size, WRITE_MAX);
	update(g, file, 0, n);
	if (size > 1)
		update(g, file, size - 1, 1);
	if (size > n)
		update(g, file, size - n, n);
	if (g->c->extended && size > WRITE_MAX)
		update(g, file, 0, size);
}

/* ---- PINs ---- */

/* Uses tries until `left` are. */
static void use_tries(struct gen *g, unsigned pin, unsigned left)
{
	for (unsigned now = g->c->pin[pin].tries; now > left; now--)
		gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, now - 1));
}

/* All tries, one used, one left: 0 ends. */
static unsigned fewer(const struct gen *g, unsigned pin, unsigned left)
{
	return left == g->c->pin[pin].tries ? left - 1 : left > 1 ? 1 : 0;
}

static void open_pin(struct gen *g, unsigned pin, const char *what, unsigned left)
{
	gen_dialogue(g, CLAUSE_PIN_WRONG, "%s of %s with %u tries left", what, g->c->pin[pin].id, left);
	start(g);
	use_tries(g, pin, left);
}

static void verifies(struct gen *g, unsigned pin)
{
	for (unsigned left = g->c->pin[pin].tries; left > 0; left = fewer(g, pin, left)) {
		open_pin(g, pin, "VERIFY", left);
		cut(g);
		gen_verify(g, pin, DERIVE_RAW);
		open_pin(g, pin, "wrong VERIFY", left);
		cut(g);
		gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, left - 1));
	}
	open_pin(g, pin, "VERIFY", 0);
	cut(g);
	gen_verify_wrong(g, pin, DERIVE_RAW, "blocked");
}

static void changes(struct gen *g, unsigned pin)
{
	for (unsigned left = g->c->pin[pin].tries; left > 0; left = fewer(g, pin, left)) {
		open_pin(g, pin, "CHANGE", left);
		cut(g);
		gen_change(g, pin, DERIVE_RAW, DERIVE_OTHER, "9000");
		open_pin(g, pin, "wrong CHANGE", left);
		cut(g);
		gen_change(g, pin, DERIVE_WRONG, DERIVE_OTHER, gen_tries(g, left - 1));
	}
	if (g->c->pin[pin].min == g->c->pin[pin].max)
		return;
	open_pin(g, pin, "CHANGE to the shortest", g->c->pin[pin].tries);
	cut(g);
	gen_change(g, pin, DERIVE_RAW, DERIVE_OTHER_MIN, "9000");
	open_pin(g, pin, "CHANGE to the longest", g->c->pin[pin].tries);
	cut(g);
	gen_change(g, pin, DERIVE_RAW, DERIVE_OTHER_MAX, "9000");
}

static void change_verified(struct gen *g, unsigned pin)
{
	open_pin(g, pin, "CHANGE when verified", g->c->pin[pin].tries);
	gen_verify(g, pin, DERIVE_RAW);
	cut(g);
	gen_step(g, "9000", "002401%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_OTHER));
}

static void reset_puk(struct gen *g, unsigned pin, unsigned form, enum suite_derivation puk, const char *expect)
{
	gen_step(g, expect, "002C%02X%02X %s %s", form, gen_p2(g, pin), gen_puk(g, pin, puk),
	    form == 0 ? gen_pin(g, pin, DERIVE_OTHER) : "");
}

static void open_reset(struct gen *g, unsigned pin, unsigned form, const char *what, unsigned left)
{
	gen_dialogue(
	    g, CLAUSE_RESET_PUK, "%s of %s, form %02X, with %u tries left", what, g->c->pin[pin].id, form, left);
	start(g);
	use_tries(g, pin, left);
}

static void resets_by_puk(struct gen *g, unsigned pin, unsigned form)
{
	const struct contract_pin *p = &g->c->pin[pin];
	for (int blocked = 0; blocked < 2; blocked++) {
		open_reset(g, pin, form, "RESET RETRY COUNTER", blocked ? 0 : p->tries);
		cut(g);
		reset_puk(g, pin, form, DERIVE_RAW, "9000");
	}
	open_reset(g, pin, form, "RESET RETRY COUNTER with a wrong PUK", p->tries);
	cut(g);
	reset_puk(g, pin, form, DERIVE_WRONG, gen_tries(g, p->puk_tries - 1U));
	if (p->puk_tries < 2)
		return;
	open_reset(g, pin, form, "RESET RETRY COUNTER after a wrong PUK", 0);
	reset_puk(g, pin, form, DERIVE_WRONG, gen_tries(g, p->puk_tries - 1U));
	cut(g);
	reset_puk(g, pin, form, DERIVE_RAW, "9000");
	open_reset(g, pin, form, "RESET RETRY COUNTER with the last PUK", 0);
	for (unsigned left = p->puk_tries; left-- > 1;)
		reset_puk(g, pin, form, DERIVE_WRONG, gen_tries(g, left));
	cut(g);
	reset_puk(g, pin, form, DERIVE_WRONG, gen_tries(g, 0));
}

static void reset_by_rule(struct gen *g, unsigned pin, unsigned form)
{
	open_reset(g, pin, form, "RESET RETRY COUNTER", 0);
	gen_verify_set(g, g->freeing[pin]);
	cut(g);
	gen_step(g, "9000", "002C%02X%02X %s", form, gen_p2(g, pin), form == 2 ? gen_pin(g, pin, DERIVE_OTHER) : "");
}

static void transport(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	gen_dialogue(g, CLAUSE_TRANSPORT, "VERIFY of %s in transport", p->id);
	gen_start(g);
	if (p->tries > 1)
		gen_verify_wrong(g, pin, DERIVE_WRONG, gen_tries(g, p->tries - 1U));
	cut(g);
	gen_verify_wrong(g, pin, DERIVE_RAW, "refused-access");
	if (gen_changes_old(p)) {
		gen_dialogue(g, CLAUSE_TRANSPORT, "CHANGE of %s in transport", p->id);
		gen_start(g);
		cut(g);
		gen_change(g, pin, DERIVE_RAW, DERIVE_OTHER, "9000");
	}
	for (unsigned form = 0; form <= 1; form++)
		if (gen_unblocks(g, pin, form)) {
			gen_dialogue(g, CLAUSE_TRANSPORT, "RESET RETRY COUNTER of %s in transport", p->id);
			gen_start(g);
			cut(g);
			reset_puk(g, pin, form, DERIVE_RAW, "9000");
		}
}

static void pin_commands(struct gen *g, unsigned pin)
{
	const struct contract_pin *p = &g->c->pin[pin];
	bool usable = (g->usable >> pin & 1) != 0;
	if (gen_is_transport(p))
		transport(g, pin);
	verifies(g, pin);
	if (gen_changes_old(p))
		changes(g, pin);
	if ((p->change & FORM_01) != 0 && usable)
		change_verified(g, pin);
	for (unsigned form = 0; form <= 3; form++) {
		if (!gen_unblocks(g, pin, form))
			continue;
		if (form <= 1)
			resets_by_puk(g, pin, form);
		else
			reset_by_rule(g, pin, form);
	}
}

static void write_cuts(struct gen *g)
{
	g->phase = 0; /* what has no value gets one in the prologues */
	for (uint16_t f = 0; f < g->c->n_files; f++)
		if (gen_plain(g, f))
			updates(g, f);
	for (unsigned pin = 0; pin < g->c->n_pins; pin++)
		if (g->c->pin[pin].df == 0 && g->c->pin[pin].value != CONTRACT_NONE)
			pin_commands(g, pin);
}

bool suite_generate_cuts(const struct contract *c, struct buf *out)
{
	struct suite_coverage cov = {0};
	bool good = gen_program(c, "conform", write_cuts, out, &cov);
	suite_coverage_reset(&cov);
	if (!good)
		out->bad = true;
	return good;
}
