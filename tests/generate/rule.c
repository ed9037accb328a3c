/* Access rules: every atom, joined by `and` and `or` to trees of every shape, with names and needless parentheses. */
#include "tests/generate/draft.h"

#include <string.h>

enum {
	MANY_OPERATORS = 1200, /* of a description; beyond that rules are single conditions */
	LEAVES = 200           /* of a rule with its names written out */
};

struct expression {
	struct draft *d;
	unsigned df;
	struct buf text;
	unsigned depth, leaves; /* of what was written last */
};

static void blank(struct expression *x)
{
	if (dice_chance(&x->d->dice, 8))
		buf_u8(&x->text, ' ');
}

static void call(struct expression *x, const char *name, const char *argument, const char *second)
{
	buf_str(&x->text, name);
	blank(x);
	buf_u8(&x->text, '(');
	blank(x);
	buf_str(&x->text, argument);
	blank(x);
	if (second != NULL) {
		buf_u8(&x->text, ',');
		if (dice_chance(&x->d->dice, 80))
			buf_u8(&x->text, ' ');
		buf_str(&x->text, second);
	}
	buf_u8(&x->text, ')');
}

static bool pin_atom(struct expression *x)
{
	struct draft *d = x->d;
	if (d->n_pins == 0)
		return false;
	const struct draft_pin *p = &d->pin[dice_below(&d->dice, d->n_pins)];
	if (!df_encloses(d, p->df, x->df))
		return false;
	call(x, p->unset && dice_chance(&d->dice, 40) ? "pin-unset" : "pin", p->id, NULL);
	return true;
}

static const struct draft_key *key_of(struct expression *x)
{
	struct draft *d = x->d;
	if (d->n_keys == 0)
		return NULL;
	const struct draft_key *k = &d->key[dice_below(&d->dice, d->n_keys)];
	return df_encloses(d, k->df, x->df) ? k : NULL;
}

static bool auth_atom(struct expression *x)
{
	const struct draft_key *k = key_of(x);
	if (k == NULL || k->use == KEY_INTERNAL)
		return false;
	call(x, "auth", k->id, NULL);
	return true;
}

static bool sm_atom(struct expression *x)
{
	static const char *const level[] = {"mac", "enc", "enc+mac", "enc+mac"};
	struct draft *d = x->d;
	const struct draft_key *k = key_of(x);
	const char *l = level[dice_below(&d->dice, 4)];
	if (!d->mutual || (k != NULL && k->use != KEY_MUTUAL))
		return false;
	call(x, "sm", l, k == NULL || dice_chance(&d->dice, 30) ? NULL : k->id);
	return true;
}

static bool name_atom(struct expression *x)
{
	struct draft *d = x->d;
	if (d->n_rules == 0)
		return false;
	const struct draft_rule *r = &d->rule[dice_below(&d->dice, d->n_rules)];
	if (!df_encloses(d, r->df, x->df) || r->depth > 8 || r->leaves > 30)
		return false;
	buf_str(&x->text, r->id);
	x->depth = r->depth;
	x->leaves = r->leaves;
	return true;
}

static void atom(struct expression *x)
{
	static const char *const words[] = {"contact", "contactless", "always", "always", "never"};
	x->depth = 0;
	x->leaves = 1;
	for (int tries = 0; tries < 12; tries++) {
		unsigned kind = dice_below(&x->d->dice, 100);
		if (kind < 35       ? pin_atom(x)
			: kind < 60 ? auth_atom(x)
			: kind < 78 ? sm_atom(x)
				    : kind < 90 && name_atom(x))
			return;
	}
	buf_str(&x->text, words[dice_below(&x->d->dice, sizeof words / sizeof *words)]);
}

enum join { JOIN_NONE, JOIN_AND, JOIN_OR };

static void tree(struct expression *x, unsigned depth, enum join outer, bool right);

/* `deep` is the depth of one side; the other is shallow where that is large, so that rules stay readable in time. */
static void sides(struct expression *x, unsigned deep, enum join join)
{
	unsigned other = deep < 4 ? deep : dice_below(&x->d->dice, 2);
	bool left = dice_chance(&x->d->dice, 50);
	tree(x, left ? deep : other, join, false);
	unsigned depth = x->depth, leaves = x->leaves;
	buf_str(&x->text, join == JOIN_AND ? " and " : " or ");
	if (leaves < LEAVES)
		tree(x, left ? other : deep, join, true);
	else
		atom(x);
	x->depth = 1 + (depth > x->depth ? depth : x->depth);
	x->leaves += leaves;
	x->d->operators++;
}

/* Without parentheses `a or b or c` is `(a or b) or c`: a right side keeps its shape, and with it its depth, only in
 * parentheses. */
static void tree(struct expression *x, unsigned depth, enum join outer, bool right)
{
	if (depth == 0 || dice_chance(&x->d->dice, depth < 4 ? 15 : 1)) {
		atom(x);
		return;
	}
	enum join join = dice_chance(&x->d->dice, 50) ? JOIN_AND : JOIN_OR;
	bool needed = (outer == JOIN_AND && join == JOIN_OR) || (right && outer == join);
	bool open = needed || (depth < 6 && dice_chance(&x->d->dice, 10));
	if (open)
		buf_str(&x->text, dice_chance(&x->d->dice, 10) ? "( " : "(");
	sides(x, depth - 1, join);
	if (open)
		buf_u8(&x->text, ')');
}

static unsigned depth_new(struct draft *d)
{
	unsigned kind = dice_below(&d->dice, 100);
	if (d->operators > MANY_OPERATORS)
		return 0;
	return kind < 40 ? 0
	    : kind < 65  ? 1
	    : kind < 83  ? 2
	    : kind < 93  ? 3
	    : kind < 98  ? 4
			 : dice_between(&d->dice, 5, 22);
}

static struct expression write(struct draft *d, unsigned df)
{
	struct expression x = {.d = d, .df = df};
	unsigned depth = depth_new(d);
	if (depth == 0 && dice_chance(&d->dice, 25))
		buf_str(&x.text, dice_chance(&d->dice, 80) ? "always" : "never");
	else
		tree(&x, depth, JOIN_NONE, false);
	return x;
}

const char *rule_new(struct draft *d, unsigned df)
{
	struct expression x = write(d, df);
	const char *text = arena_strdup(&d->arena, buf_cstr(&x.text));
	buf_reset(&x.text);
	return text;
}

/* --- rules that somebody can fulfil ------------------------------------------------------------------------------ */

/* A PIN in reach that has a value, or gets one before `pin` does: those without one get theirs in their order. */
static const struct draft_pin *pin_before(struct draft *d, unsigned df, unsigned pin)
{
	unsigned start = dice_below(&d->dice, d->n_pins);
	for (unsigned i = 0; i < d->n_pins; i++) {
		unsigned k = (start + i) % d->n_pins;
		if (k != pin && (!d->pin[k].unset || k < pin) && df_encloses(d, d->pin[k].df, df))
			return &d->pin[k];
	}
	return NULL;
}

static bool pin_before_atom(struct expression *x, unsigned pin)
{
	const struct draft_pin *p = pin_before(x->d, x->df, pin);
	if (p != NULL)
		call(x, "pin", p->id, NULL);
	return p != NULL;
}

/* A condition that holds in some state where `pin` has no value; none of the interface with `proven`. */
static void certain(struct expression *x, unsigned pin, bool proven)
{
	static const char *const words[] = {"always", "contact", "contactless"};
	struct draft *d = x->d;
	unsigned kind = dice_below(&d->dice, 100);
	if ((kind < 35 && auth_atom(x)) || (kind < 80 && pin_before_atom(x, pin)))
		return;
	if (proven || dice_chance(&d->dice, 40))
		call(x, "pin-unset", d->pin[pin].id, NULL);
	else
		buf_str(&x->text, words[dice_below(&d->dice, 3)]);
}

const char *rule_for_first_value(struct draft *d, unsigned pin)
{
	struct expression x = {.d = d, .df = d->pin[pin].df};
	unsigned kind = dice_below(&d->dice, 100);
	if (kind >= 70)
		buf_printf(&x.text, "(%s) or ", rule_new(d, x.df));
	if (kind < 20) {
		certain(&x, pin, true);
		buf_str(&x.text, " and ");
	}
	certain(&x, pin, false);
	if (kind >= 50 && kind < 70)
		buf_printf(&x.text, " or %s", rule_new(d, x.df));
	const char *text = arena_strdup(&d->arena, buf_cstr(&x.text));
	buf_reset(&x.text);
	return text;
}

void rule_maybe(struct draft *d, struct tag *t, const char *attribute, unsigned df, unsigned percent)
{
	if (dice_chance(&d->dice, percent))
		tag_put(d, t, attribute, "%s", rule_new(d, df));
}

void rules_write(struct draft *d, unsigned n)
{
	for (unsigned i = 0; i < n && d->n_rules < DRAFT_RULES; i++) {
		unsigned df = dice_chance(&d->dice, 70) ? 0 : dice_below(&d->dice, d->n_dfs);
		struct draft_rule r = {.df = df};
		struct expression x = write(d, df);
		struct tag t = tag_new("rule");
		name_new(d, "rule", CONTRACT_NAME - 1, r.id);
		r.depth = x.depth;
		r.leaves = x.leaves == 0 ? 1 : x.leaves;
		tag_put(d, &t, "id", "%s", r.id);
		tag_put(d, &t, "when", "%s", buf_cstr(&x.text));
		tag_empty(d, &t);
		buf_reset(&x.text);
		d->rule[d->n_rules++] = r;
	}
}
