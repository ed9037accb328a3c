/* From a step of a program to the bytes of a command. */
#include "runtime/suite/secure.h"

#include "runtime/base/apdu.h"
#include "runtime/base/wipe.h"
#include "runtime/suite/derive.h"

static bool slice(const struct program_item *item, const uint8_t *p, size_t n, struct buf *out)
{
	if (item->n == 0) {
		buf_add(out, p, n);
		return true;
	}
	if (item->at > n || item->n > n - item->at)
		return false;
	buf_add(out, p + item->at, item->n);
	return true;
}

static bool hole(struct run *run, const struct run_side *side, const struct program_item *item, struct buf *out)
{
	const struct program_value *v = &run->s->value[item->value];
	if (v->captured) {
		const struct buf *b = &side->captured[item->value];
		return b->n != 0 && slice(item, b->p, b->n, out);
	}
	struct buf derived = {0};
	if (item->padded)
		derive_stored(item->derivation, v, run->value[item->value], &derived);
	else
		derive(item->derivation, v, run->value[item->value], &derived);
	bool good = !derived.bad && slice(item, derived.p, derived.n, out);
	buf_reset(&derived);
	return good;
}

bool run_items(struct run *run, const struct run_side *side, struct program_items items, struct buf *out)
{
	for (uint32_t i = 0; i < items.n; i++) {
		const struct program_item *item = &run->s->item[items.first + i];
		if (item->kind == ITEM_HOLE) {
			if (!hole(run, side, item, out))
				return false;
			continue;
		}
		for (uint32_t k = 0; k < item->repeat; k++)
			buf_add(out, run->s->bytes.p + item->at, item->n);
		if (out->n > RAPDU_MAX)
			return false;
	}
	return !out->bad;
}

static void select_ap(struct run *run, bool fci)
{
	struct apdu a = {.ins = INS_SELECT,
	    .p1 = 0x04,
	    .p2 = fci ? 0x00 : 0x0c,
	    .data = run->s->aid,
	    .lc = run->s->aid_len,
	    .has_le = fci,
	    .le = fci ? APDU_SHORT_LE : 0};
	apdu_write(&run->command, &a);
}

static bool send(struct run *run, struct run_side *side, const struct program_step *step)
{
	if (!run_items(run, side, step->items, &run->data) || run->data.n > 65535)
		return false;
	struct apdu a = {.cla = step->header[0],
	    .ins = step->header[1],
	    .p1 = step->header[2],
	    .p2 = step->header[3],
	    .data = run->data.p,
	    .lc = run->data.n,
	    .has_le = step->has_le,
	    .extended = step->extended};
	if (step->has_le)
		a.le = step->le != 0 ? step->le : step->extended ? 65536 : APDU_SHORT_LE;
	if (side->protect || step->fault != SM_RIGHT)
		return secure_wrap(run, side, step, &a);
	apdu_write(&run->command, &a);
	return true;
}

bool run_command(struct run *run, struct run_side *side, const struct program_step *step)
{
	buf_clear(&run->command);
	buf_clear(&run->data);
	bool good = true;
	if (step->op == STEP_SELECT)
		select_ap(run, step->fci);
	else if (step->op == STEP_SEND)
		good = send(run, side, step);
	else if (step->op == STEP_RAW)
		good = run_items(run, side, step->items, &run->command) && run->command.n <= APDU_MAX;
	buf_clear(&run->data);
	return good && !run->command.bad;
}

static bool secret_items(const struct suite *s, struct program_items items)
{
	for (uint32_t i = 0; i < items.n; i++) {
		const struct program_item *item = &s->item[items.first + i];
		if (item->kind == ITEM_HOLE && s->value[item->value].secret)
			return true;
	}
	return false;
}

bool run_step_secret(const struct suite *s, const struct program_step *step)
{
	bool secret = step->op == STEP_AUTH || step->op == STEP_INTERNAL || secret_items(s, step->items);
	for (uint32_t i = 0; i < step->n_expect; i++)
		secret = secret || secret_items(s, s->expect[step->expect + i].items);
	return secret;
}
