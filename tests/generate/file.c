/* Transparent EFs, data objects, counters. */
#include "tests/generate/draft.h"

enum { CONTENT = 120 * 1024 /* bytes of all files of a description */ };

static void sfi_maybe(struct draft *d, struct tag *t, unsigned df)
{
	unsigned sfi = dice_chance(&d->dice, 80) ? df_sfi(d, df) : 0;
	if (sfi != 0)
		tag_put(d, t, "sfi", "%u", sfi);
}

static void open_or_empty(struct draft *d, struct tag *t, unsigned room, bool steady)
{
	if (!dice_chance(&d->dice, 70)) {
		tag_empty(d, t);
		return;
	}
	tag_open(d, t);
	fields_write(d, room, steady);
	tag_close(d, t->name);
}

void transparent_write(struct draft *d, unsigned df)
{
	char id[CONTRACT_NAME];
	struct tag t = tag_new("file");
	unsigned size = size_between(d, 1, d->content > CONTENT - 40000 ? 64 : 32767);
	d->content += size;
	d->n_files++;
	name_new(d, "file", CONTRACT_NAME - 1, id);
	tag_put(d, &t, "id", "%s", id);
	tag_put(d, &t, "fid", "%04X", df_fid(d, df));
	sfi_maybe(d, &t, df);
	tag_put(d, &t, "size", "%u", size);
	rule_maybe(d, &t, "read", df, 85);
	rule_maybe(d, &t, "update", df, 70);
	tag_default(d, &t, "fill", dice_chance(&d->dice, 70) ? "00" : "a5", "00");
	open_or_empty(d, &t, size, true);
}

/* The number that tells cards apart: everybody reads it, nobody writes it. */
void diversifier_write(struct draft *d)
{
	struct tag t = tag_new("file"), field = tag_new("field");
	d->n_files++;
	d->n_fields++;
	tag_put(d, &t, "id", "diversifier-file");
	tag_put(d, &t, "fid", "%04X", df_fid(d, 0));
	sfi_maybe(d, &t, 0);
	tag_put(d, &t, "size", "16");
	tag_put(d, &t, "read", "always");
	tag_open(d, &t);
	tag_put(d, &field, "id", "diversifier");
	tag_put(d, &field, "length", "16");
	tag_put(d, &field, "format", "binary");
	tag_put(d, &field, "source", "%s", source_new(d));
	tag_empty(d, &field);
	tag_close(d, "file");
}

/* What short APDUs carry, also under secure messaging where the AP has it. */
static unsigned carried(const struct draft *d)
{
	return d->extended ? 2000 : d->mutual ? 223 : 255;
}

static unsigned tag_value_new(struct draft *d, unsigned df)
{
	for (;;) {
		unsigned tag = dice_between(&d->dice, 0x40, 0xfe);
		if ((tag & 0x1f) == 0x1f)
			tag = tag << 8 | dice_between(&d->dice, 0x1f, 0x7f);
		if (d->df[df].tag[tag])
			continue;
		d->df[df].tag[tag] = true;
		return tag;
	}
}

void data_write(struct draft *d, unsigned df)
{
	char id[CONTRACT_NAME];
	struct tag t = tag_new("data");
	unsigned max = size_between(d, 1, carried(d)), tag = tag_value_new(d, df);
	d->content += max;
	d->n_files++;
	name_new(d, "data", CONTRACT_NAME - 1, id);
	tag_put(d, &t, "id", "%s", id);
	tag_put(d, &t, "tag", tag > 0xff ? "%04X" : "%02X", tag);
	tag_put(d, &t, "max", "%u", max);
	rule_maybe(d, &t, "read", df, 85);
	rule_maybe(d, &t, "update", df, 70);
	open_or_empty(d, &t, max, true);
}

/* --- counters ---------------------------------------------------------------------------------------------------- */

static bool ins_allowed(const struct draft *d, unsigned ins)
{
	unsigned high = ins & 0xf0;
	return ins != 0x70 && high != 0x60 && high != 0x90 && ins != 0xa4 && !(d->jicsap && ins == 0x32);
}

static unsigned ins_of_counter(struct draft *d, unsigned usual, unsigned other)
{
	unsigned ins = dice_chance(&d->dice, 80) ? usual : dice_below(&d->dice, 256);
	while (!ins_allowed(d, ins) || ins == other)
		ins = (ins + 1) & 0xff;
	d->ins[ins] = true;
	return ins;
}

static void ins_write(struct draft *d, struct tag *t)
{
	unsigned increase = ins_of_counter(d, 0x34, 0x30), decrease = ins_of_counter(d, 0x30, increase);
	tag_default(d, t, "increase-ins", arena_printf(&d->arena, "%02X", increase), "34");
	tag_default(d, t, "decrease-ins", arena_printf(&d->arena, "%02X", decrease), "30");
}

static void bounds_write(struct draft *d, struct tag *t, unsigned width)
{
	uint64_t most = (UINT64_C(1) << 8 * width) - 1, min = 0, max = most;
	if (dice_chance(&d->dice, 60))
		min = dice_next(&d->dice) % (dice_chance(&d->dice, 50) ? 20 : most);
	if (dice_chance(&d->dice, 60))
		max = min + 1 + dice_next(&d->dice) % (most - min);
	tag_default(d, t, "min", arena_printf(&d->arena, "%llu", (unsigned long long)min), "0");
	tag_put(d, t, "max", "%llu", (unsigned long long)max);
	if (dice_chance(&d->dice, 30))
		tag_put(d, t, "source", "%s", source_new(d));
	else if (dice_chance(&d->dice, 60))
		tag_put(d, t, "initial", "%llu", (unsigned long long)(min + dice_next(&d->dice) % (max - min + 1)));
}

void counter_write(struct draft *d, unsigned df)
{
	struct draft_field *c = &d->counter[d->n_counters++];
	struct tag t = tag_new("counter");
	c->length = dice_between(&d->dice, 1, 4);
	d->n_files++;
	d->n_fields++; /* its first value may come with the card */
	name_new(d, "counter", CONTRACT_NAME - 1, c->id);
	tag_put(d, &t, "id", "%s", c->id);
	tag_put(d, &t, "fid", "%04X", df_fid(d, df));
	sfi_maybe(d, &t, df);
	tag_put(d, &t, "width", "%u", c->length);
	bounds_write(d, &t, c->length);
	rule_maybe(d, &t, "read", df, 85);
	rule_maybe(d, &t, "increase", df, 75);
	rule_maybe(d, &t, "decrease", df, 75);
	ins_write(d, &t);
	tag_empty(d, &t);
}
