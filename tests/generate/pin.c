/* PINs with their PUKs, and how commands refer to PINs and keys. */
#include "tests/generate/draft.h"

#include <stdio.h>

const char *source_new(struct draft *d)
{
	static const char *const kind[] = {"csv", "csv", "caller"};
	return arena_printf(&d->arena, "%s:%s%u%s", kind[dice_below(&d->dice, 3)],
	    dice_chance(&d->dice, 50) ? "VALUE-" : "C-", d->sources++, dice_chance(&d->dice, 5) ? "-9-ABCDEFGH" : "");
}

unsigned reference_free(struct draft *d, uint32_t taken)
{
	unsigned ref = dice_between(&d->dice, 1, 31);
	while ((taken >> ref & 1) != 0)
		ref = ref % 31 + 1;
	return ref;
}

void reference_write(struct draft *d, struct tag *t, unsigned df, unsigned ref)
{
	if (!d->jicsap) {
		tag_put(d, t, "ref", "%u", ref);
		return;
	}
	tag_put(d, t, "fid", "%04X", df_fid(d, df));
	unsigned sfi = dice_chance(&d->dice, 80) ? df_sfi(d, df) : 0;
	if (sfi != 0)
		tag_put(d, t, "sfi", "%u", sfi);
}

/* References of PINs in DFs that are one inside the other differ. */
void pins_decide(struct draft *d, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct draft_pin p = {.df = dice_chance(&d->dice, 65) ? 0 : dice_below(&d->dice, d->n_dfs)};
		uint32_t taken = 0;
		for (unsigned k = 0; k < d->n_pins; k++)
			if (df_encloses(d, d->pin[k].df, p.df) || df_encloses(d, p.df, d->pin[k].df))
				taken |= UINT32_C(1) << d->pin[k].ref;
		p.ref = reference_free(d, taken);
		p.unset = dice_chance(&d->dice, 18);
		name_new(d, "pin", CONTRACT_NAME - 1, p.id);
		d->pin[d->n_pins++] = p;
	}
}

static const char *format_new(struct draft *d)
{
	static const char *const format[] = {"digits", "alphanumeric", "binary"};
	return format[dice_below(&d->dice, 3)];
}

/* Least, longest and stored length; 0 for none. */
struct lengths {
	unsigned min, max, stored;
};

static struct lengths lengths_write(struct draft *d, struct tag *t)
{
	bool limit = dice_chance(&d->dice, 5);
	struct lengths l = {.min = limit ? 64 : dice_between(&d->dice, 1, 8)};
	l.max = l.min;
	if (dice_chance(&d->dice, 50)) {
		tag_put(d, t, "length", "%u", l.min);
	} else {
		l.max = limit ? 64 : dice_between(&d->dice, l.min, 12);
		l.min = limit ? 1 : l.min;
		tag_put(d, t, "min", "%u", l.min);
		tag_put(d, t, "max", "%u", l.max);
	}
	if (dice_chance(&d->dice, l.min == l.max ? 30 : 70)) {
		l.stored = dice_chance(&d->dice, 60) ? l.max : dice_between(&d->dice, l.max, 64);
		tag_put(d, t, "stored", "%u", l.stored);
		if (l.stored > l.min || dice_chance(&d->dice, 50))
			tag_put(d, t, "pad", "%s", dice_chance(&d->dice, 50) ? "FF" : "00");
	} else if (dice_chance(&d->dice, 10)) {
		tag_put(d, t, "pad", "none");
	}
	return l;
}

/* The form with the old value wants to know where it ends; a transport PIN wants that form. */
static void change_write(struct draft *d, struct tag *t, struct lengths l, bool transport)
{
	static const char *const form[] = {"old-and-new", "both", "when-verified", "never"};
	bool splits = l.min == l.max || l.stored != 0;
	unsigned least = splits ? 0 : 2, most = transport ? 1 : 3;
	tag_default(d, t, "change", form[dice_between(&d->dice, least, most)], "old-and-new");
}

static void puk_write(struct draft *d)
{
	static const char *const reset[] = {"with-new", "keep", "both"};
	struct tag t = tag_new("puk");
	tag_put(d, &t, "format", "%s", format_new(d));
	tag_put(d, &t, "length", "%u", dice_chance(&d->dice, 5) ? 64 : dice_between(&d->dice, 1, 10));
	tag_put(d, &t, "tries", "%u", dice_between(&d->dice, 1, 15));
	tag_put(d, &t, "source", "%s", source_new(d));
	tag_default(d, &t, "reset", reset[dice_below(&d->dice, 3)], "with-new");
	tag_empty(d, &t);
}

static void initial_write(struct draft *d, struct tag *t, unsigned pin, bool transport)
{
	const struct draft_pin *p = &d->pin[pin];
	tag_put(d, t, "initial", "%s", p->unset ? "unset" : transport ? "transport" : "personal");
	if (p->unset)
		tag_put(d, t, "set", "%s", rule_for_first_value(d, pin));
	else
		tag_put(d, t, "source", "%s", source_new(d));
	if (dice_chance(&d->dice, 20))
		tag_put(d, t, "resets-to", "%s", transport && dice_chance(&d->dice, 50) ? "transport" : "holder");
}

void pin_write(struct draft *d, unsigned pin)
{
	const struct draft_pin *p = &d->pin[pin];
	struct tag t = tag_new("pin");
	bool transport = !p->unset && dice_chance(&d->dice, 35);
	tag_put(d, &t, "id", "%s", p->id);
	reference_write(d, &t, p->df, p->ref);
	tag_put(d, &t, "format", "%s", format_new(d));
	struct lengths l = lengths_write(d, &t);
	transport = transport && (l.min == l.max || l.stored != 0);
	tag_put(d, &t, "tries", "%u", dice_between(&d->dice, 1, dice_chance(&d->dice, 90) ? 6 : 15));
	initial_write(d, &t, pin, transport);
	tag_default(d, &t, "check", dice_chance(&d->dice, 40) ? "card" : "host", "host");
	change_write(d, &t, l, transport);
	rule_maybe(d, &t, "unblock", p->df, 45);
	if (dice_chance(&d->dice, 50)) {
		tag_open(d, &t);
		puk_write(d);
		tag_close(d, "pin");
	} else {
		tag_empty(d, &t);
	}
}
