/* What a feature needs of the chip where a table of "fact, test, value" cannot say it. */
#include "compiler/plan/inside.h"

#include <string.h>

#include "runtime/base/buf.h"

/* ---- short EF identifiers ---- */

static bool usable(uint32_t sfi)
{
	return sfi >= 1 && sfi <= 30;
}

uint8_t plan_sfi(const struct plan *p, const struct contract_file *f)
{
	if (chip_fact_is(p->chip, CHIP_SFI, "free"))
		return f->sfi;
	uint8_t low = f->fid & 0x1f;
	return chip_fact_is(p->chip, CHIP_SFI, "fid") && usable(low) ? low : 0;
}

/* A file that the AP contract gives no SFI must not have one either: commands that name it are then refused. */
static void sfi(struct plan *p, struct plan_feature *f, struct diag_list *d)
{
	const char *word = plan_word(p, f, CHIP_SFI, NULL, d), *chip = p->chip->name;
	uint32_t low = usable(f->second) ? f->second : 0;
	if (word == NULL || strcmp(word, "free") == 0)
		return;
	if (strcmp(word, "none") == 0) {
		if (f->measure != 0)
			plan_refuse(p, f, d, DIAG_PLAN_SFI_NONE, f->name, plan_text(p, f->measure), chip, NULL);
	} else if (f->measure == 0 && low != 0)
		plan_refuse(p, f, d, DIAG_PLAN_SFI_FORCED, f->name, plan_text(p, low), chip, NULL);
	else if (f->measure != low)
		plan_refuse(
		    p, f, d, DIAG_PLAN_SFI_FIXED, f->name, plan_text(p, f->measure), chip, plan_text(p, low), NULL);
}

/* ---- rules ---- */

/* Where the chip cannot combine at all, needs.def has refused it already. */
static void rule(struct plan *p, struct plan_feature *f, enum file_op op, struct diag_list *d)
{
	struct buf text = {0};
	if (p->rule[f->index][op].kind == RULE_FORM_OTHER && f->way != PLAN_REFUSED) {
		contract_rule_text(p->contract, p->contract->file[f->index].rule[op], &text);
		plan_refuse(
		    p, f, d, DIAG_PLAN_RULE, f->name, contract_file_op_name(op), p->chip->name, buf_cstr(&text), NULL);
	}
	buf_reset(&text);
}

/* ---- PINs ---- */

static const char *byte_text(struct plan *p, int v)
{
	return v < 0 ? "none" : arena_printf(p->arena, "%02X", (unsigned)v);
}

/* old || new: where does the old value end? Behind its only length, or where the chip's own filling ends. */
static void old_value(struct plan *p, struct plan_feature *f, const char *pad, struct diag_list *d)
{
	const struct contract_pin *n = &p->contract->pin[f->index];
	const char *old = plan_word(p, f, CHIP_CHANGE_OLD, "fixed", d), *chip = p->chip->name;
	if (strcmp(old, "stored") != 0)
		plan_refuse(p, f, d, DIAG_PLAN_CHANGE_OLD, f->name, plan_text(p, n->max), chip, NULL);
	else if (n->stored != n->max)
		plan_refuse(
		    p, f, d, DIAG_PLAN_STORED, f->name, plan_text(p, n->stored), chip, plan_text(p, n->max), NULL);
	else if (strcmp(byte_text(p, n->pad), pad) != 0)
		plan_refuse(p, f, d, DIAG_PLAN_PAD, f->name, byte_text(p, n->pad), chip, pad, NULL);
}

/* What is stored shows only where lengths vary: a PIN of one length is presented and changed in that length. */
static void padding(struct plan *p, struct plan_feature *f, struct diag_list *d)
{
	const struct contract_pin *n = &p->contract->pin[f->index];
	if (n->min == n->max)
		return;
	const char *pad = plan_word(p, f, CHIP_PIN_PAD, "none", d);
	if (strcmp(pad, "none") == 0)
		plan_refuse(p, f, d, DIAG_PLAN_PIN_VARIABLE, f->name, plan_text(p, n->max), p->chip->name, NULL);
	else if ((n->change & FORM_00) != 0)
		old_value(p, f, pad, d);
	if (f->way != PLAN_REFUSED)
		plan_notice(p, f, DIAG_PLAN_NOTE_PADDED, f->name, pad, p->chip->name);
}

static void host_format(struct plan *p, struct plan_feature *f)
{
	const struct contract_pin *n = &p->contract->pin[f->index];
	plan_notice(p, f, DIAG_PLAN_NOTE_HOST_FORMAT, f->name, contract_format_name((enum contract_format)n->format),
	    p->chip->name);
}

/* ---- the AP as a whole ---- */

static void deviations(struct plan *p)
{
	for (const struct chip_deviation *v = p->chip->deviations; v != NULL; v = v->next)
		plan_notice(p, NULL, DIAG_PLAN_NOTE_DEVIATION, p->chip->name,
		    arena_printf(p->arena, "%s: %s", v->command, v->condition),
		    arena_printf(p->arena, "%04X, %04X", v->from, v->to));
}

/* What the operator, not the holder, will notice. */
static void operating(struct plan *p, struct plan_feature *ap, struct diag_list *d)
{
	const char *delete = plan_word(p, ap, CHIP_DELETE, "none", d);
	if (strcmp(delete, "reclaim") != 0)
		plan_notice(p, NULL,
		    strcmp(delete, "last") == 0 ? DIAG_PLAN_NOTE_DELETE_LAST : DIAG_PLAN_NOTE_NO_DELETE, ap->name,
		    p->chip->name, NULL);
	if (strcmp(plan_word(p, ap, CHIP_ENUMERATE, "no", d), "yes") != 0)
		plan_notice(p, NULL, DIAG_PLAN_NOTE_ENUMERATE, ap->name, p->chip->name, NULL);
	if (strcmp(plan_word(p, ap, CHIP_READBACK, "fci", d), "fcp") != 0)
		plan_notice(p, NULL, DIAG_PLAN_NOTE_READBACK, ap->name, p->chip->name, NULL);
	deviations(p);
}

/* The profile must say that the chip is what the dialect's code writes and what the loader proves itself with. */
static void coding(
    struct plan *p, struct plan_feature *ap, enum chip_fact_name fact, const char *want, struct diag_list *d)
{
	const char *has = plan_word(p, ap, fact, NULL, d);
	if (has != NULL && strcmp(has, want) != 0)
		plan_refuse(p, ap, d, DIAG_PLAN_CODING, p->chip->name,
		    arena_printf(p->arena, "%s = %s", chip_fact_id(fact), has), p->dialect->name, want, NULL);
}

static void application(struct plan *p, struct plan_feature *ap, struct diag_list *d)
{
	if (p->contract->personality != PERSONALITY_ISO)
		plan_refuse(p, ap, d, DIAG_PLAN_PERSONALITY, ap->name,
		    contract_personality_name((enum contract_personality)p->contract->personality), p->chip->name,
		    NULL);
	operating(p, ap, d);
	if (p->dialect == NULL) {
		plan_refuse(p, ap, d, DIAG_PLAN_DIALECT, p->chip->name, p->chip->dialect, p->chip->family,
		    plan_dialect_names(p->arena), NULL);
		return;
	}
	coding(p, ap, CHIP_AC_CODING, p->dialect->coding, d);
	coding(p, ap, CHIP_LOADING, p->dialect->loading, d);
}

void plan_special(struct plan *p, struct diag_list *d)
{
	for (size_t i = 0; i < p->n_features; i++) {
		struct plan_feature *f = &p->feature[i];
		if (f->kind == FEATURE_AP)
			application(p, f, d);
		else if (f->kind == FEATURE_FILE_SFI)
			sfi(p, f, d);
		else if (f->kind == FEATURE_FILE_READ)
			rule(p, f, FILE_READ, d);
		else if (f->kind == FEATURE_FILE_UPDATE)
			rule(p, f, FILE_UPDATE, d);
		else if (f->kind == FEATURE_PIN_PADDED)
			padding(p, f, d);
		else if (f->kind == FEATURE_PIN_HOST_FORMAT)
			host_format(p, f);
	}
}
