#include "runtime/sim/reference/card.h"

/* INCREASE and DECREASE: AP contract, section 6. CLA 80, the INS that the counter gives; P1 = 00, P2 the SFI or 0 for
 * the current EF; data is the amount, big-endian, as wide as the counter; the response is the new value. Which of the
 * two a command is follows from the counter. */

uint32_t counter_value(const uint8_t *p, size_t width)
{
	uint32_t v = 0;
	for (size_t i = 0; i < width; i++)
		v = v << 8 | p[i];
	return v;
}

static sw_t parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 == 0 && x->apdu->p2 <= 0x1f ? SW_OK : SW_WRONG_P1P2;
}

static sw_t length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc != 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t object(struct card *c, struct call *x)
{
	sw_t sw = file_by_sfi(c, x->apdu->p2, &x->object);
	if (sw != SW_OK)
		return sw;
	const struct contract_file *f = file_of(c, x);
	bool fits =
	    f->structure == FILE_COUNTER && (f->increase_ins == x->apdu->ins || f->decrease_ins == x->apdu->ins);
	return fits ? SW_OK : SW_WRONG_STRUCTURE;
}

static bool increases(const struct card *c, const struct call *x)
{
	return file_of(c, x)->increase_ins == x->apdu->ins;
}

static sw_t access(struct card *c, struct call *x)
{
	return rule_check(c, file_of(c, x)->rule[increases(c, x) ? FILE_INCREASE : FILE_DECREASE]);
}

/* The amount has the counter's width, and an explicit Le has room for the new value. */
static sw_t range(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	uint32_t width = file_of(c, x)->size;
	return a->lc == width && (!a->has_le || a->le >= width) ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t effect(struct card *c, struct call *x)
{
	const struct contract_file *f = file_of(c, x);
	uint32_t at = c->session->at.files[x->object], width = f->size;
	uint64_t v = counter_value(c->nv->mem + at, width), by = counter_value(x->apdu->data, width);
	if (increases(c, x) ? v + by > f->max : v < f->min + by)
		return SW_CONDITIONS_OF_USE;
	v = increases(c, x) ? v + by : v - by;
	uint8_t out[4];
	for (uint32_t i = 0; i < width; i++)
		out[i] = (uint8_t)(v >> 8 * (width - 1 - i));
	bool done = layout_change(c, at, out, width, 0, 0);
	buf_add(x->rsp, out, width);
	return layout_done(done);
}

/* Its INS is the counter's: dispatch asks counter_ins. */
const struct command command_counter = {
    .cla = 0x80,
    .responds = command_always_responds,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_OBJECT] = object,
	    [STEP_ACCESS] = access,
	    [STEP_RANGE] = range,
	    [STEP_EFFECT] = effect,
	},
};

bool counter_ins(const struct card *c, uint8_t ins)
{
	for (uint16_t i = 0; i < c->ap->n_files; i++) {
		const struct contract_file *f = &c->ap->file[i];
		if (f->structure == FILE_COUNTER && (f->increase_ins == ins || f->decrease_ins == ins))
			return true;
	}
	return false;
}
