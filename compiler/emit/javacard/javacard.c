/* The Java Card back end: plan -> CAP file, holes with their addresses. */
#include <stdio.h>
#include <string.h>

#include "compiler/emit/family.h"
#include "compiler/emit/javacard/jcg.h"
#include "compiler/emit/parts.h"
#include "runtime/chip/limits.h"

enum { FORMAT = 0x0201 }; /* of the CAP file: every card takes it */

/* ---- plan ---- */

static struct plan_feature *whole(struct plan *p)
{
	struct plan_feature *f = &p->feature[p->n_features++];
	*f = (struct plan_feature){
	    .kind = FEATURE_AP, .index = CONTRACT_NONE, .name = p->contract->id, .at = p->description->where->ap};
	return f;
}

static struct plan *plan(
    struct arena *a, const struct description *ap, const struct chip *chip, bool allow_assumed, struct diag_list *d)
{
	struct srcloc at;
	struct plan *p = ARENA_NEW(a, struct plan);
	p->arena = a;
	p->description = ap;
	p->contract = ap->contract;
	p->chip = chip;
	p->allow_assumed = allow_assumed;
	whole(p);
	if (chip_fact_is(chip, CHIP_GP_LOADING, "closed")) {
		diag_add(d, ap->where->ap, DIAG_GP_CLOSED, chip->name, chip->fact[CHIP_GP_LOADING].source, NULL);
		return NULL;
	}
	const char *what = jcg_beyond(p, &at);
	if (what == NULL)
		return jcg_commit_fits(p, d) ? p : NULL;
	diag_add(d, at, DIAG_PLAN_NOT_YET, ap->contract->id, what, chip->name, NULL);
	return NULL;
}

/* ---- imports ---- */

/* "import.javacard.framework" of the profile; CHIP_FACTS when there is no such fact. */
static enum chip_fact_name import_fact(const char *package)
{
	char id[80];
	int n = snprintf(id, sizeof id, "import.%s", package);
	for (int i = 0; i < n && i < (int)sizeof id; i++)
		if (id[i] == '/')
			id[i] = '.';
	int f = 0;
	while (f < CHIP_FACTS && strcmp(chip_fact_id((enum chip_fact_name)f), id) != 0)
		f++;
	return (enum chip_fact_name)f;
}

static bool import_fits(
    const struct plan *p, const struct api_package *package, api_version version, struct diag_list *d)
{
	enum chip_fact_name f = import_fact(package->name);
	if (f == CHIP_FACTS || !p->chip->fact[f].present)
		return true; /* what the profile does not say, install finds out before anything is on the card */
	uint32_t has = p->chip->fact[f].number;
	if (has >> 8 == version >> 8 && (has & 0xff) >= (version & 0xff))
		return true;
	return diag_add(d, p->description->where->ap, DIAG_PLAN_IMPORT, p->contract->id,
	    arena_printf(p->arena, "%s %u.%u", package->name, version >> 8, version & 0xffu), p->chip->name,
	    p->chip->fact[f].text, NULL);
}

/* The Import component: count, then minor, major, length and AID of each. */
static bool imports_fit(const struct plan *p, const struct asm_output *out, struct diag_list *d)
{
	const struct buf *b = &out->component[COMPONENT_Import];
	bool ok = true;
	size_t at = 4;
	for (unsigned i = 0; i < b->p[3]; i++) {
		const uint8_t *one = b->p + at;
		const struct api_package *package = api_package_by_aid(one + 3, one[2]);
		if (package != NULL)
			ok = import_fits(p, package, API_VERSION(one[1], one[0]), d) && ok;
		at += 3u + one[2];
	}
	return ok;
}

/* ---- memory ---- */

/* What the package takes on the card, as the loader reckons before it begins, and what the applet makes of it. */
static bool memory_fits(const struct plan *p, const struct jcg *g, uint32_t need, struct diag_list *d)
{
	struct chip_limits l;
	struct srcloc at = p->description->where->ap;
	chip_limits(p->chip, &l);
	if (need > l.persistent)
		return diag_add(d, at, DIAG_PLAN_MEMORY, p->contract->id, diag_num(need), p->chip->name,
		    diag_num(l.persistent), NULL);
	if (g->ram > l.deselect)
		return diag_add(d, at, DIAG_PLAN_MEMORY, p->contract->id, diag_num(g->ram), p->chip->name,
		    diag_num(l.deselect), NULL);
	return true;
}

static uint32_t memory_of(const struct jcg *g, const struct asm_output *out)
{
	size_t n = g->data;
	for (int c = 0; c < COMPONENT_TAGS; c++)
		n += c == COMPONENT_Descriptor || c == COMPONENT_Debug ? 0 : out->component[c].n;
	return (uint32_t)n;
}

/* ---- the image ---- */

static void place_holes(const struct jcg *g, struct image *img)
{
	for (size_t i = 0; i < img->n_holes; i++) {
		img->hole[i].placed = true;
		img->hole[i].at = jcg_address(g, &g->c->value[i]);
	}
}

static bool emit(const struct plan *p, struct image *img, struct diag_list *d)
{
	static const struct srcloc nowhere;
	struct jcg *g = ARENA_NEW(p->arena, struct jcg);
	struct asm_output out = {0};
	unsigned line;
	struct jcg *first = ARENA_NEW(p->arena, struct jcg);
	jcg_applet(first, p);
	g->first = first;
	struct assembler *s = jcg_applet(g, p);
	bool ok = s != NULL ||
	    diag_add(
		d, p->description->where->ap, DIAG_PLAN_NOT_YET, p->contract->id, g->too_many, p->chip->name, NULL);
	if (!ok)
		goto out;
	if (!asm_assemble(s, FORMAT, &out)) {
		ok = diag_add(d, nowhere, DIAG_EMIT_CHECK, p->chip->name, p->contract->id, asm_error(s, &line), NULL);
		goto out;
	}
	const uint32_t need = memory_of(g, &out);
	ok = imports_fit(p, &out, d) && memory_fits(p, g, need, d) &&
	    (asm_archive(s, &out, &img->entry[IMAGE_PAYLOAD]) || diag_add(d, nowhere, DIAG_NO_MEMORY, NULL));
	if (!ok)
		goto out;
	img->cap = true;
	emit_access_map(p, NULL, &img->entry[IMAGE_ACCESS]);
	emit_manifest(p, -1, img);
	img->manifest.memory = need;
	place_holes(g, img);
out:
	asm_output_reset(&out);
	jcg_reset(first);
	jcg_reset(g);
	return ok;
}

const struct family family_javacard = {
    .name = "javacard",
    .plan = plan,
    .emit = emit,
};
