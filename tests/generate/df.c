/* DFs one inside the other, the identifiers in them, and what they hold. */
#include "tests/generate/draft.h"

bool df_encloses(const struct draft *d, unsigned outer, unsigned inner)
{
	while (inner != outer && inner != 0)
		inner = d->df[inner].parent;
	return inner == outer;
}

/* The AP's own DF is the first, and n more. */
void dfs_decide(struct draft *d, unsigned n)
{
	d->df = arena_alloc(&d->arena, (n + 1) * sizeof *d->df);
	for (d->n_dfs = 1; d->n_dfs <= n; d->n_dfs++) {
		struct draft_df *x = &d->df[d->n_dfs];
		x->parent = dice_chance(&d->dice, 50) ? d->n_dfs - 1 : dice_below(&d->dice, d->n_dfs);
		x->depth = d->df[x->parent].depth + 1;
		name_new(d, "df", CONTRACT_NAME - 1, x->id);
	}
}

unsigned df_fid(struct draft *d, unsigned df)
{
	for (;;) {
		unsigned fid =
		    dice_chance(&d->dice, 85) ? dice_between(&d->dice, 1, 0x1e) : dice_between(&d->dice, 1, 0xfffe);
		if (fid == 0x3f00 || fid == 0x3fff || d->df[df].fid[fid])
			fid = dice_between(&d->dice, 0x100, 0x3eff);
		if (d->df[df].fid[fid])
			continue;
		d->df[df].fid[fid] = true;
		return fid;
	}
}

unsigned df_sfi(struct draft *d, unsigned df)
{
	unsigned sfi = dice_between(&d->dice, 1, 30);
	for (unsigned i = 0; i < 30; i++, sfi = sfi % 30 + 1)
		if (!d->df[df].sfi[sfi]) {
			d->df[df].sfi[sfi] = true;
			return sfi;
		}
	return 0;
}

static void contents_write(struct draft *d, unsigned df, unsigned n)
{
	for (unsigned i = 0; i < n && d->n_files < CONTRACT_FILES; i++) {
		unsigned kind = dice_below(&d->dice, 100);
		if (kind < 40)
			transparent_write(d, df);
		else if (kind < 65)
			records_write(d, df);
		else if (kind < 82)
			data_write(d, df);
		else
			counter_write(d, df);
	}
}

static void nested_write(struct draft *d, unsigned df)
{
	struct tag t = tag_new("df");
	tag_put(d, &t, "id", "%s", d->df[df].id);
	tag_put(d, &t, "fid", "%04X", df_fid(d, d->df[df].parent));
	tag_open(d, &t);
	if (!d->bare_aid && dice_chance(&d->dice, 35)) {
		struct tag aid = tag_new("aid"); /* the second byte of the PIX tells it from all others */
		tag_put(d, &aid, "rid", "D392100031");
		tag_put(d, &aid, "pix", "FF%02X%s", df, dice_chance(&d->dice, 50) ? "0102030405060708" : "");
		tag_empty(d, &aid);
	}
	df_write(d, df);
	tag_close(d, "df");
}

void df_write(struct draft *d, unsigned df)
{
	static const unsigned most[] = {3, 6, 12, 24};
	unsigned least = df == 0 ? 1 : 0;
	for (unsigned i = 0; i < d->n_pins; i++)
		if (d->pin[i].df == df)
			pin_write(d, i);
	for (unsigned i = 0; i < d->n_keys; i++)
		if (d->key[i].df == df)
			key_write(d, i);
	if (df == 0 && d->diversifier)
		diversifier_write(d);
	contents_write(d, df, dice_between(&d->dice, least, most[d->size]));
	for (unsigned i = 1; i < d->n_dfs; i++)
		if (d->df[i].parent == df)
			nested_write(d, i);
}
