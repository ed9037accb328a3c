/* Custom commands: steps of every kind over operands of every kind. */
#include "tests/generate/draft.h"

#include <stdio.h>
#include <string.h>

enum { COMMAND_DATA = 223, COMMAND_RESPONSE = 223, COMMAND_WRITES = 6 };

struct draft_command {
	struct draft *d;
	struct buf inputs; /* elements */
	unsigned data, n_inputs, response, writes;
};

/* --- operands ---------------------------------------------------------------------------------------------------- */

static const char *input_new(struct draft_command *c, unsigned length)
{
	struct draft *d = c->d;
	struct buf *out = d->out;
	struct tag t = tag_new("input");
	const char *id = arena_printf(&d->arena, "in%u", c->n_inputs++);
	d->out = &c->inputs;
	tag_put(d, &t, "id", "%s", id);
	if (dice_chance(&d->dice, 20))
		tag_put(d, &t, "offset", "%u", c->data);
	tag_put(d, &t, "length", "%u", length);
	tag_empty(d, &t);
	d->out = out;
	c->data += length;
	return arena_printf(&d->arena, "input:%s", id);
}

static const char *hex_new(struct draft *d, unsigned length)
{
	char text[2 * 254 + 1];
	for (unsigned i = 0; i < length; i++)
		snprintf(text + 2 * i, 3, "%02X", dice_below(&d->dice, 256));
	return arena_printf(&d->arena, "hex:%.*s", (int)(2 * length), text);
}

/* A field or counter of this length; NULL for none. */
static const char *known(struct draft *d, const char *kind, const struct draft_field *list, unsigned n, unsigned length)
{
	unsigned start = n == 0 ? 0 : dice_below(&d->dice, n);
	for (unsigned i = 0; i < n; i++)
		if (list[(start + i) % n].length == length)
			return arena_printf(&d->arena, "%s:%s", kind, list[(start + i) % n].id);
	return NULL;
}

/* An operand of exactly this length; a number where it may be one. */
static const char *operand(struct draft_command *c, unsigned length, bool number)
{
	struct draft *d = c->d;
	const char *found = NULL;
	unsigned kind = dice_below(&d->dice, 100);
	if (kind < 25)
		found = known(d, "field", d->field, d->n_steady, length);
	else if (kind < 45)
		found = known(d, "counter", d->counter, d->n_counters, length);
	else if (kind < 55 && number && length <= 4)
		return arena_printf(&d->arena, "number:%u", dice_below(&d->dice, 3));
	if (found != NULL)
		return found;
	if (c->data + length <= COMMAND_DATA && c->n_inputs < 40 && (kind < 85 || length > 254))
		return input_new(c, length);
	return length <= 254 ? hex_new(d, length) : NULL;
}

static unsigned length_new(struct draft *d)
{
	if (d->n_counters != 0 && dice_chance(&d->dice, 40))
		return d->counter[dice_below(&d->dice, d->n_counters)].length;
	if (d->n_steady != 0 && dice_chance(&d->dice, 60))
		return d->field[dice_below(&d->dice, d->n_steady)].length;
	return dice_between(&d->dice, 1, 12);
}

/* --- steps ------------------------------------------------------------------------------------------------------- */

static void require(struct draft_command *c)
{
	struct tag t = tag_new("require");
	tag_put(c->d, &t, "when", "%s", rule_new(c->d, 0));
	tag_empty(c->d, &t);
}

static void compare(struct draft_command *c)
{
	static const char *const op[] = {"equal", "not-equal", "at-least", "at-most"};
	struct tag t = tag_new("compare");
	unsigned length = length_new(c->d);
	length = length > 100 ? 100 : length;
	const char *left = operand(c, length, false), *right = operand(c, length, true);
	bool turned = strncmp(right, "number:", 7) == 0 && dice_chance(&c->d->dice, 30);
	tag_put(c->d, &t, "left", "%s", turned ? right : left);
	tag_put(c->d, &t, "op", "%s", op[dice_below(&c->d->dice, 4)]);
	tag_put(c->d, &t, "right", "%s", turned ? left : right);
	tag_empty(c->d, &t);
}

static void change(struct draft_command *c)
{
	struct draft *d = c->d;
	if (d->n_counters == 0)
		return;
	const struct draft_field *x = &d->counter[dice_below(&d->dice, d->n_counters)];
	struct tag t = tag_new(dice_chance(&d->dice, 50) ? "increase" : "decrease");
	tag_put(d, &t, "counter", "%s", x->id);
	tag_put(d, &t, "by", "%s", operand(c, x->length, true));
	tag_empty(d, &t);
	c->writes++;
}

static void append(struct draft_command *c)
{
	struct draft *d = c->d;
	if (d->n_records == 0)
		return;
	const struct draft_records *r = &d->records[dice_below(&d->dice, d->n_records)];
	struct tag t = tag_new("append");
	unsigned left = r->variable ? dice_between(&d->dice, 1, r->length) : r->length;
	tag_put(d, &t, "records", "%s", r->id);
	tag_open(d, &t);
	while (left > 0) {
		unsigned n = dice_chance(&d->dice, 50) || d->n_steps > 200 ? left : dice_between(&d->dice, 1, left);
		n = n > 254 ? 254 : n; /* what a literal may have */
		struct tag part = tag_new("part");
		tag_put(d, &part, "from", "%s", operand(c, n, false));
		tag_empty(d, &part);
		left -= n;
		d->n_steps++;
	}
	tag_close(d, "append");
	c->writes++;
}

static void copy(struct draft_command *c)
{
	struct draft *d = c->d;
	if (d->n_steady == 0)
		return;
	const struct draft_field *f = &d->field[dice_below(&d->dice, d->n_steady)];
	struct tag t = tag_new("copy");
	const char *from = operand(c, f->length, true);
	if (from == NULL)
		return;
	tag_put(d, &t, "from", "%s", from);
	tag_put(d, &t, "to", "field:%s", f->id);
	tag_empty(d, &t);
	c->writes++;
}

static void respond(struct draft_command *c)
{
	struct draft *d = c->d;
	unsigned length = length_new(d);
	const char *from = c->response + length <= COMMAND_RESPONSE ? operand(c, length, false) : NULL;
	if (from == NULL)
		return;
	struct tag t = tag_new("respond");
	tag_put(d, &t, "from", "%s", from);
	tag_empty(d, &t);
	c->response += length;
}

static void step(struct draft_command *c)
{
	unsigned kind = dice_below(&c->d->dice, 100);
	bool write = c->writes < COMMAND_WRITES;
	if (kind < 15)
		require(c);
	else if (kind < 35)
		compare(c);
	else if (kind < 50 && write)
		change(c);
	else if (kind < 65 && write)
		append(c);
	else if (kind < 80 && write)
		copy(c);
	else
		respond(c);
	c->d->n_steps++;
}

static unsigned ins_new(struct draft *d)
{
	unsigned ins = dice_below(&d->dice, 256);
	while (d->ins[ins] || ins == 0x70 || (ins & 0xf0) == 0x60 || (ins & 0xf0) == 0x90 || ins == 0xa4 ||
	    (d->jicsap && ins == 0x32))
		ins = (ins + 1) & 0xff;
	d->ins[ins] = true;
	return ins;
}

void command_write(struct draft *d)
{
	char id[CONTRACT_NAME];
	struct draft_command c = {.d = d};
	struct buf steps = {0}, *out = d->out;
	struct tag t = tag_new("command"), first = tag_new("respond");
	d->indent++;
	d->out = &steps;
	tag_put(d, &first, "from", "%s", operand(&c, 1, false)); /* a command has a step at least */
	tag_empty(d, &first);
	c.response = 1;
	for (unsigned n = dice_below(&d->dice, 8); n > 0 && d->n_steps < 200; n--)
		step(&c);
	d->n_steps++;
	d->out = out;
	d->indent--;

	name_new(d, "command", CONTRACT_NAME - 1, id);
	tag_put(d, &t, "id", "%s", id);
	tag_put(d, &t, "ins", "%02X", ins_new(d));
	tag_default(d, &t, "data", arena_printf(&d->arena, "%u", c.data), "0");
	tag_put(d, &t, "when", "%s", rule_new(d, 0));
	tag_open(d, &t);
	buf_add(out, c.inputs.p, c.inputs.n);
	buf_add(out, steps.p, steps.n);
	tag_close(d, "command");
	buf_reset(&c.inputs);
	buf_reset(&steps);
}
