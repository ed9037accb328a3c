/* starcos: an access rule asks for a state, and a PIN that is verified sets one. Only the last PIN is remembered, so
 * there is one PIN at the most (facts ac.state-count, ac.combine), and its state is free of meaning. PINs and PUKs are
 * keys of the DF, with references in one name space. */
#include "compiler/plan/inside.h"

enum { REFERENCE_MAX = 0x1f };

static bool is_pin(const struct plan *p, uint8_t ref)
{
	for (uint16_t i = 0; i < p->contract->n_pins; i++)
		if (p->contract->pin[i].ref == ref)
			return true;
	return false;
}

static bool is_puk(const struct plan *p, uint8_t ref)
{
	for (uint16_t i = 0; i < p->contract->n_pins; i++)
		if (p->isf_ref[i] == ref)
			return true;
	return false;
}

/* The next reference behind the PIN's that is free, as the driver of OpenSC has it. */
static uint8_t free_reference(const struct plan *p, uint8_t ref)
{
	do
		ref = ref == REFERENCE_MAX ? 1 : (uint8_t)(ref + 1);
	while (is_pin(p, ref) || is_puk(p, ref));
	return ref;
}

/* The key header has three bits for the shortest length, and the driver writes no key of this kind over 8 bytes. */
static void pin_fits(struct plan *p, struct plan_feature *f, struct diag_list *d)
{
	enum { LONGEST = 8 };
	if (f != NULL && f->way != PLAN_REFUSED && f->measure > LONGEST)
		plan_refuse(p, f, d, f->kind == FEATURE_PUK ? DIAG_PLAN_PUK_LONG : DIAG_PLAN_PIN_LONG, f->name,
		    plan_text(p, f->measure), p->chip->name, plan_text(p, LONGEST), NULL);
}

static void layout(struct plan *p, struct diag_list *d)
{
	for (uint16_t i = 0; i < p->contract->n_pins; i++) {
		pin_fits(p, plan_feature(p, FEATURE_PIN_LENGTH, i), d);
		pin_fits(p, plan_feature(p, FEATURE_PUK, i), d);
		if (p->contract->pin[i].puk_length != 0)
			p->isf_ref[i] = free_reference(p, p->contract->pin[i].ref);
	}
}

const struct plan_dialect plan_starcos = {
    .name = "starcos",
    .family = "native",
    .coding = "state",
    .loading = "verify",
    .command_data = 32,
    .layout = layout,
};
