/* Files of records. */
#include "tests/generate/draft.h"

enum { CONTENT = 8000 /* bytes of one file, but where a limit is wanted */ };

/* Those that exist at first, where records can be appended or not. */
static void contents_write(struct draft *d, unsigned length, unsigned count, bool cyclic)
{
	unsigned most = d->size == 0 ? 3 : 8, n = dice_below(&d->dice, (count < most ? count : most) + 1);
	for (unsigned i = 1; i <= n; i++) {
		struct tag t = tag_new("record");
		tag_put(d, &t, "n", "%u", i);
		tag_open(d, &t);
		fields_write(d, length, !cyclic);
		tag_close(d, "record");
	}
}

static unsigned count_new(struct draft *d, unsigned length)
{
	unsigned count = size_between(d, 1, 254);
	if (d->size == 3 && dice_chance(&d->dice, 20))
		return 254;
	return count * length <= CONTENT ? count : 1 + dice_below(&d->dice, CONTENT / length);
}

void records_write(struct draft *d, unsigned df)
{
	static const char *const structure[] = {"linear-fixed", "linear-variable", "cyclic"};
	struct draft_records *r = &d->records[d->n_records++];
	struct tag t = tag_new("records");
	unsigned kind = dice_below(&d->dice, 3), sfi = dice_chance(&d->dice, 80) ? df_sfi(d, df) : 0;
	r->length = size_between(d, 1, !d->extended && d->mutual ? 223 : 255);
	r->variable = kind == 1;
	unsigned count = count_new(d, r->length);
	d->content += (r->length + 2) * count;
	d->n_files++;
	name_new(d, "records", CONTRACT_NAME - 1, r->id);
	tag_put(d, &t, "id", "%s", r->id);
	tag_put(d, &t, "fid", "%04X", df_fid(d, df));
	if (sfi != 0)
		tag_put(d, &t, "sfi", "%u", sfi);
	tag_put(d, &t, "structure", "%s", structure[kind]);
	tag_put(d, &t, "length", "%u", r->length);
	tag_put(d, &t, "count", "%u", count);
	rule_maybe(d, &t, "read", df, 85);
	rule_maybe(d, &t, "update", df, 65);
	rule_maybe(d, &t, "append", df, 65);
	tag_default(d, &t, "fill", dice_chance(&d->dice, 70) ? "00" : "FF", "00");
	tag_open(d, &t);
	contents_write(d, r->length, count, kind == 2);
	tag_close(d, "records");
}
