#include "compiler/plan/inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/buf.h"

static const char *const languages[2] = {"en", "ja"};

const char *plan_text(struct plan *p, uintmax_t v)
{
	return arena_printf(p->arena, "%ju", v);
}

const char *plan_forms(struct plan *p, uint32_t forms)
{
	char text[16] = "";
	for (unsigned i = 0; i < 4; i++)
		if ((forms >> i & 1) != 0)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%02u", *text == 0 ? "" : " ", i);
	return arena_strdup(p->arena, *text == 0 ? "none" : text);
}

/* Expand one language; the arguments are borrowed. */
static const char *expanded(struct plan *p, enum diag_code code, const char *const arg[DIAG_ARGS], const char *lang)
{
	struct buf text = {0};
	struct diag g = {.code = code};
	for (int i = 0; i < DIAG_ARGS; i++)
		g.arg[i] = arg[i] == NULL ? NULL : arena_strdup(p->arena, arg[i]);
	diag_text(&text, &g, lang);
	const char *copy = arena_strdup(p->arena, buf_cstr(&text));
	buf_reset(&text);
	return copy;
}

static bool known(const struct plan *p, const struct plan_notice *n)
{
	for (size_t i = 0; i < p->n_notices; i++)
		if (p->notice[i].code == n->code && strcmp(p->notice[i].text[0], n->text[0]) == 0)
			return true;
	return false;
}

/* The same thing is said once, however many features it concerns. */
static void keep(struct plan *p, const struct plan_notice *n)
{
	if (known(p, n))
		return;
	assert(p->n_notices < PLAN_NOTICES_MAX);
	p->notice[p->n_notices++] = *n;
}

void plan_notice(
    struct plan *p, struct plan_feature *f, enum diag_code code, const char *a, const char *b, const char *c)
{
	const char *const arg[DIAG_ARGS] = {a, b, c};
	struct plan_notice n = {.code = code};
	for (int i = 0; i < 2; i++)
		n.text[i] = expanded(p, code, arg, languages[i]);
	if (f != NULL) {
		n.at = f->at;
		n.rests = f->rests;
		n.witness = f->witness;
	} else
		n.at = p->description->where->ap;
	if (f != NULL && f->way == PLAN_NATIVE) {
		f->way = PLAN_EMULATED;
		f->code = code;
	}
	for (int i = 0; i < DIAG_ARGS; i++)
		n.arg[i] = arg[i] == NULL ? NULL : arena_strdup(p->arena, arg[i]);
	keep(p, &n);
}

/* Arguments: the fact, its value, the chip, what the fact means (in the language of the text). */
void plan_notice_fact(struct plan *p, enum diag_code code, enum chip_fact_name fact, const char *value)
{
	struct plan_notice n = {.code = code, .at = p->description->where->ap, .rests = true};
	n.witness = p->chip->fact[fact].present ? p->chip->fact[fact].witness : WITNESS_ASSUMED;
	for (int i = 0; i < 2; i++) {
		const char *const arg[DIAG_ARGS] = {
		    chip_fact_id(fact), value, p->chip->name, chip_fact_meaning(fact, languages[i])};
		n.text[i] = expanded(p, code, arg, languages[i]);
		/* What the fact means is said in one language or the other, so the diagnostic does without. */
		for (int k = 0; k < DIAG_ARGS - 1 && code != DIAG_PLAN_NOTE_ASSUMED; k++)
			n.arg[k] = arg[k];
	}
	keep(p, &n);
}

void plan_notices(struct plan *p, struct diag_list *d)
{
	for (size_t i = 0; i < p->n_notices; i++) {
		const struct plan_notice *n = &p->notice[i];
		if (n->arg[0] != NULL)
			diag_add(d, n->at, n->code, n->arg[0], n->arg[1], n->arg[2], n->arg[3], NULL);
	}
}
