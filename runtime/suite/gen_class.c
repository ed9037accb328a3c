/* Classes, instructions, P1-P2 and references that the AP does not have: contract 3, numbers 1, 4, 5 and 7. */
#include "runtime/suite/gen.h"

/* Instructions that the contract does not know and no card family uses for administration. WRITE, ERASE and the odd
 * forms of READ and UPDATE BINARY are among them: a chip that has them must not open a second way into a file. */
static const unsigned unknown_ins[] = {0x02, 0x0e, 0x12, 0x56, 0xa6, 0xb1, 0xd0, 0xd7, 0xfa};

/* Other channels and chaining; then classes without a meaning. 80 is left out, where chips have their own commands, and
 * the RFU bits of the first classes. */
static const unsigned other_classes[] = {0x01, 0x02, 0x03, 0x10, 0x40, 0xa0, 0xe0};
static const unsigned sm_classes[] = {0x04, 0x08, 0x0c};

enum { COUNT_INS = sizeof unknown_ins / sizeof *unknown_ins };

static void not_verified(struct gen *g, unsigned pin)
{
	gen_verify_empty(g, pin, gen_tries(g, g->c->pin[pin].tries));
}

/* A PIN whose reference is known in the AP's own DF. */
static bool own_pin(const struct gen *g, unsigned pin)
{
	return pin < g->c->n_pins && g->c->pin[pin].df == 0 && gen_has_value(g, pin);
}

static void classes(struct gen *g)
{
	gen_dialogue(g, CLAUSE_CLA, "other classes are refused and do nothing");
	gen_start(g);
	for (size_t i = 0; i < sizeof other_classes / sizeof *other_classes; i++) {
		gen_step(g, "not-supported", "%02XB00000 Le 01", other_classes[i]);
		if (!own_pin(g, 0))
			continue;
		gen_step(
		    g, "not-supported", "%02X2000%02X %s", other_classes[i], gen_p2(g, 0), gen_pin(g, 0, DERIVE_RAW));
		not_verified(g, 0);
	}
	gen_clause(g, CLAUSE_SM);
	for (size_t i = 0; i < sizeof sm_classes / sizeof *sm_classes; i++) {
		gen_step(g, "secure-messaging", "%02XB00000 Le 01", sm_classes[i]);
		if (!own_pin(g, 0))
			continue;
		gen_step(
		    g, "secure-messaging", "%02X2000%02X %s", sm_classes[i], gen_p2(g, 0), gen_pin(g, 0, DERIVE_RAW));
		not_verified(g, 0);
	}
}

/* With every PIN verified and an EF current, so that nothing else is at fault. */
static void instructions(struct gen *g)
{
	gen_dialogue(g, CLAUSE_INS, "unknown instructions are refused and do nothing");
	gen_start(g);
	gen_verify_set(g, g->usable & gen_visible(g));
	if (g->c->n_files != 0 && gen_plain(g, 0))
		gen_step(g, "9000", "00A4020C %04X", g->c->file[0].fid);
	for (size_t i = 0; i < COUNT_INS; i++)
		gen_step(g, "not-supported", "00%02X0000", unknown_ins[i]);
	gen_step(g, "not-supported", "00D00000 A5");
	if (g->c->n_files != 0 && gen_plain(g, 0) &&
	    rules_hold(&g->rules, g->c->file[0].rule[FILE_READ], g->usable & gen_visible(g)))
		gen_read(g, 0, "00B00000", "01", 0, 1);
}

static void records(struct gen *g)
{
	if (g->c->n_files == 0)
		return;
	gen_dialogue(g, CLAUSE_RECORD, "record commands on transparent EFs");
	gen_start(g);
	gen_verify_set(g, g->usable & gen_visible(g));
	for (uint16_t f = 0; f < g->c->n_files; f++) {
		if (!gen_plain(g, f))
			continue;
		gen_step(g, "9000", "00A4020C %04X", g->c->file[f].fid);
		gen_step(g, "wrong-structure", "00B20104 Le 00");
		gen_step(g, "wrong-structure", "00DC0104 A5");
		if (rules_hold(&g->rules, g->c->file[f].rule[FILE_READ], g->usable & gen_visible(g)))
			gen_read(g, f, "00B00000", "01", 0, 1);
	}
}

/* References of the global kind (b8 = 0) belong to what is outside the AP, and are left alone. */
static void references(struct gen *g)
{
	gen_dialogue(g, CLAUSE_PIN_REFERENCE, "references that name no PIN of the AP");
	gen_start(g);
	for (unsigned p2 = 0x80; p2 <= 0xff; p2++)
		if (!gen_names_pin(g, p2))
			gen_step(g, "not-found", "002000%02X", p2);
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		const struct contract_pin *p = &g->c->pin[pin];
		unsigned puk = 0xa0U | p->ref, other = p->ref == 31 ? 0x9e : 0x81U + p->ref;
		if (p->puk_length != 0)
			gen_step(g, "not-found", "002000%02X %s", puk, gen_puk(g, pin, DERIVE_RAW));
		if (gen_names_pin(g, other))
			continue;
		gen_step(g, "not-found", "002000%02X %s", other, gen_pin(g, pin, DERIVE_RAW));
		if (gen_changes_old(p))
			gen_step(g, "not-found", "002400%02X %s %s", other, gen_old(g, pin, DERIVE_RAW),
			    gen_pin(g, pin, DERIVE_OTHER));
		if ((p->reset & FORM_00) != 0)
			gen_step(g, "not-found", "002C00%02X %s %s", other, gen_puk(g, pin, DERIVE_RAW),
			    gen_pin(g, pin, DERIVE_OTHER));
	}
}

/* READ and UPDATE BINARY with b7 or b6 of P1 beside b8, GET CHALLENGE with any P1-P2, VERIFY with any P1. */
static void parameters(struct gen *g)
{
	gen_dialogue(g, CLAUSE_P1P2, "malformed P1-P2");
	gen_start(g);
	gen_step(g, "wrong-parameters", "00B0C100 Le 01");
	gen_step(g, "wrong-parameters", "00D6A100 00");
	if (g->c->n_keys != 0) {
		gen_step(g, "wrong-parameters", "00840100 Le 08");
		gen_step(g, "wrong-parameters", "00840001 Le 08");
	}
	for (unsigned pin = 0; pin < g->c->n_pins; pin++) {
		if (!own_pin(g, pin))
			continue;
		gen_step(g, "wrong-parameters", "002001%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_RAW));
		gen_step(g, "wrong-parameters", "0020FF%02X %s", gen_p2(g, pin), gen_pin(g, pin, DERIVE_WRONG));
		not_verified(g, pin);
	}
}

void gen_class_part(struct gen *g)
{
	classes(g);
	instructions(g);
	records(g);
	references(g);
	parameters(g);
}
