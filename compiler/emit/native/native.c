#include "compiler/emit/native/native.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "compiler/emit/family.h"
#include "compiler/emit/native/check.h"
#include "compiler/emit/parts.h"
#include "compiler/plan/dialect.h"

static const struct native_dialect *const dialects[] = {&native_iso_compact, &native_starcos};

static const struct native_dialect *dialect_of(const struct plan *p)
{
	for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
		if (strcmp(dialects[i]->name, p->dialect->name) == 0)
			return dialects[i];
	assert(false && "a dialect that is planned but not written");
	return NULL;
}

/* DF, files, common contents. Access rules stand in the files' headers where the card has them there; none is in force
 * before the last step (fact creation.guard). */
static void create(struct emit *e, const struct native_dialect *n)
{
	n->create_df(e);
	emit_select_df(e, SCRIPT_CREATE);
	for (uint16_t i = 0; i < e->contract->n_files; i++)
		n->create_file(e, i);
	if (n->create_own != NULL)
		n->create_own(e);
	for (uint16_t i = 0; i < e->contract->n_files; i++)
		if (!emit_has_holes(e->contract, i))
			emit_content(e, SCRIPT_CREATE, i);
}

/* PINs first: a card that loses power here has nothing yet of the holder but what was chosen to protect it. */
static void personalise(struct emit *e, const struct native_dialect *n)
{
	if (e->contract->n_values == 0)
		return;
	emit_select_df(e, SCRIPT_PERSONALISE);
	for (uint16_t i = 0; i < e->contract->n_pins; i++)
		n->pin(e, i);
	for (uint16_t i = 0; i < e->contract->n_files; i++)
		if (emit_has_holes(e->contract, i))
			emit_content(e, SCRIPT_PERSONALISE, i);
}

static void protect(struct emit *e, const struct native_dialect *n)
{
	if (n->protect == NULL)
		return;
	emit_select_df(e, SCRIPT_PROTECT);
	n->protect(e);
}

bool emit_native(const struct plan *p, struct image *img, struct diag_list *d)
{
	const struct native_dialect *n = dialect_of(p);
	struct emit e = {.plan = p, .contract = p->contract};
	assert(!p->refused);
	e.script.df = p->df;
	e.script.aid_len = p->contract->aid_len;
	memcpy(e.script.aid, p->contract->aid, p->contract->aid_len);
	snprintf(e.script.dialect, sizeof e.script.dialect, "%s", n->name);
	create(&e, n);
	personalise(&e, n);
	protect(&e, n);
	emit_select_df(&e, SCRIPT_ACTIVATE);
	n->activate(&e);
	struct buf *payload = &img->entry[IMAGE_PAYLOAD];
	bool ok = script_write(&e.script, payload) || diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	script_reset(&e.script);
	if (ok) {
		emit_access_map(p, n->readback, &img->entry[IMAGE_ACCESS]);
		emit_manifest(p, n->pin_pad, img);
		ok = native_check(p, payload->p, payload->n, d);
	}
	return ok;
}

const struct family family_native = {
    .name = "native",
    .plan = plan_make,
    .emit = emit_native,
};
