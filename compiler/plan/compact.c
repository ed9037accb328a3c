/* iso-compact: access rules in compact format. An SCB names the kind of authentication and a security environment (SE);
 * the SE names the PINs (7816-4:2020 9.3.3, 10.3). So every set of PINs that some rule needs gets an SE, once; whether
 * all or any of them are asked for is said by the SCB. SE 1 names the loading key, and each PUK has one of its own,
 * because the reset condition of a PIN names its PUK through it. */
#include "compiler/plan/inside.h"

enum { SE_FILE_FID = 0x7b00 };

static uint8_t se_for(struct plan *p, enum plan_se_kind kind, uint32_t pins)
{
	for (size_t i = 0; i < p->n_se; i++)
		if (p->se[i].kind == kind && p->se[i].pins == pins)
			return (uint8_t)(i + 1);
	p->se[p->n_se++] = (struct plan_se){kind, pins};
	return (uint8_t)p->n_se;
}

/* The feature is the one that needs the SE. */
static uint8_t allocate(struct plan *p, enum plan_se_kind kind, uint32_t pins, struct plan_feature *f, uint32_t max,
    struct plan_feature **first_over)
{
	uint8_t number = se_for(p, kind, pins);
	if (number > max && *first_over == NULL)
		*first_over = f;
	return number;
}

static bool guarded(const struct rule_form *r)
{
	return r->kind == RULE_FORM_ALL || r->kind == RULE_FORM_ANY;
}

/* 7B L { 80 01 number, A4 06 { 83 01 reference, 95 01 usage } ... }: at most 3 + 8 x 14 bytes inside. */
static uint16_t se_size(const struct plan *p)
{
	unsigned n = 0;
	for (size_t i = 0; i < p->n_se; i++)
		n += 2 + 3 + 8 * (p->se[i].kind == PLAN_SE_LOADING ? 1 : plan_count(p->se[i].pins));
	return (uint16_t)n;
}

static void layout(struct plan *p, struct diag_list *d)
{
	const struct contract *c = p->contract;
	struct plan_feature *ap = plan_feature(p, FEATURE_AP, CONTRACT_NONE), *over = NULL;
	static const enum plan_kind of_op[FILE_OPS] = {FEATURE_FILE_READ, FEATURE_FILE_UPDATE};
	uint32_t max = plan_number(p, ap, CHIP_SE_COUNT, 7);
	allocate(p, PLAN_SE_LOADING, 0, ap, max, &over);
	for (uint16_t i = 0; i < c->n_files; i++)
		for (int op = 0; op < FILE_OPS; op++)
			if (guarded(&p->rule[i][op]))
				p->se_of[i][op] = allocate(
				    p, PLAN_SE_PINS, p->rule[i][op].pins, plan_feature(p, of_op[op], i), max, &over);
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (c->pin[i].puk_length != 0)
			p->se_of_puk[i] =
			    allocate(p, PLAN_SE_PUK, UINT32_C(1) << i, plan_feature(p, FEATURE_PUK, i), max, &over);
	if (over != NULL)
		plan_refuse(p, over, d, DIAG_PLAN_SE_COUNT, over->name, plan_text(p, p->n_se), p->chip->name,
		    plan_text(p, max), NULL);
	p->se_size = se_size(p);
	p->se_file = plan_free_fid(p, SE_FILE_FID);
	plan_notice(
	    p, NULL, DIAG_PLAN_NOTE_SE_FILE, ap->name, arena_printf(p->arena, "%04X", p->se_file), p->chip->name);
}

const struct plan_dialect plan_iso_compact = {
    .name = "iso-compact",
    .family = "native",
    .coding = "compact",
    .loading = "external-aes",
    .command_data = 128, /* PUT DATA of the longest PIN of the language, 64 bytes, and what stands around it */
    .layout = layout,
};
