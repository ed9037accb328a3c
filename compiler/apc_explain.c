/* apc explain FILE: what the AP does, in sentences; then how each of its features is carried by a chip: natively,
 * emulated with a notice, or not at all. */
#include "compiler/apc.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/description/say.h"
#include "compiler/plan/explain.h"
#include "runtime/base/json.h"

enum { CHIPS_MAX = 256 };

/* What is explained: one AP on each of these chips. */
struct explained {
	const struct plan *plan[CHIPS_MAX];
	size_t n;
};

/* Whether two chips say the same thing; `chip` is the argument in which they differ, for their names. */
static bool says_the_same(const struct diag *a, const struct diag *b, const char *name, size_t *chip)
{
	*chip = DIAG_ARGS;
	if (a->code != b->code || a->at.line != b->at.line || a->at.column != b->at.column)
		return false;
	for (size_t k = 0; k < DIAG_ARGS; k++) {
		const char *x = a->arg[k] == NULL ? "" : a->arg[k], *y = b->arg[k] == NULL ? "" : b->arg[k];
		if (*x != 0 && strcmp(y, name) == 0)
			*chip = k;
		else if (strcmp(x, y) != 0)
			return false;
	}
	return *chip != DIAG_ARGS;
}

/* To be freed; NULL: out of memory. */
static char *name_also(const char *names, const char *name)
{
	struct buf b = {0};
	buf_printf(&b, "%s, %s", names, name);
	char *text = b.bad ? NULL : strdup(buf_cstr(&b));
	buf_reset(&b);
	return text;
}

/* Put a chip's rows, none of them an error, behind those of the chips before it; what these have said already gets its
 * name besides. */
static void join(struct diag_list *all, struct diag_list *own, const char *name)
{
	for (size_t i = 0; i < own->n; i++) {
		struct diag *g = &own->row[i], *h = NULL;
		size_t chip = DIAG_ARGS;
		for (size_t k = 0; k < all->n && h == NULL; k++)
			if (says_the_same(&all->row[k], g, name, &chip))
				h = &all->row[k];
		char *names = h == NULL ? NULL : name_also(h->arg[chip], name);
		if (names == NULL)
			continue;
		free(h->arg[chip]);
		h->arg[chip] = names;
		g->severity = DIAG_ERROR; /* which no row is any more: to be dropped */
	}
	diag_drop(own, DIAG_ERROR);
	diag_take(all, own);
}

/* Refusals are what was asked about, and no errors of this command: all reasons are notes. */
static bool explain_one(
    struct cli *c, struct arena *a, const struct description *ap, const char *name, struct explained *out)
{
	struct diag_list d = {0};
	const struct chip *chip = chip_find(a, cli_value(c, "profiles"), name, &c->diags);
	if (chip == NULL)
		return false;
	if (out->n < CHIPS_MAX)
		out->plan[out->n++] = plan_survey(a, ap, chip, cli_has(c, "allow-assumed"), &d);
	description_accept(ap, &d, 0);
	for (size_t i = 0; i < d.n; i++)
		if (d.row[i].severity == DIAG_ERROR)
			d.row[i].severity = DIAG_NOTE;
	join(&c->diags, &d, name);
	return true;
}

static bool explain_all(struct cli *c, struct arena *a, const struct description *ap, struct explained *out)
{
	bool ok = true;
	size_t n = 0, at = 0;
	if (cli_has(c, "chip")) {
		for (const char *v; ok && (v = cli_next(c, "chip", &at)) != NULL;)
			ok = explain_one(c, a, ap, v, out);
		return ok;
	}
	const char **name = apc_chip_names(c, a, &n);
	for (size_t i = 0; ok && name != NULL && i < n; i++)
		ok = explain_one(c, a, ap, name[i], out);
	return ok && name != NULL;
}

static void show(struct cli *c, const struct explained *x)
{
	struct json j = json_to(&c->result);
	json_put_array(&j, NULL);
	for (size_t i = 0; i < x->n; i++) {
		explain_plan(x->plan[i], c->lang, &c->text);
		buf_u8(&c->text, '\n');
		explain_json(x->plan[i], c->lang, &j, NULL);
	}
	json_put_end(&j);
	if (x->n > 1)
		explain_matrix(x->plan, 1, x->n, c->lang, &c->text);
}

bool apc_explain(struct cli *c)
{
	struct arena a = {0};
	struct explained x = {0};
	const struct description *ap = apc_read(c, &a, c->arg[0]);
	bool ok = ap != NULL && explain_all(c, &a, ap, &x);
	if (ok)
		say_contract(ap->contract, c->lang, &c->text);
	if (ok && ap->reuse != NULL)
		say_reuse(ap->reuse, c->lang, &c->text);
	show(c, &x);
	arena_free(&a);
	return ok;
}
