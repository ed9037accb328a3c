#include "runtime/sim/reference/card.h"

/* READ BINARY and UPDATE BINARY: ISO/IEC 7816-4:2020 11.3, AP contract, section 6.
 * P1 b8 = 0: P1-P2 is the offset (15 bits), in the current EF. b8 = 1: b7-b6 are 0, b5-b1 the SFI, P2 the offset. */

static bool by_sfi(const struct call *x)
{
	return (x->apdu->p1 & 0x80) != 0;
}

static sw_t parameters(struct card *c, struct call *x)
{
	(void)c;
	return by_sfi(x) && (x->apdu->p1 & 0x60) != 0 ? SW_WRONG_P1P2 : SW_OK;
}

static sw_t find(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	x->offset = by_sfi(x) ? a->p2 : (uint32_t)(a->p1 << 8 | a->p2);
	return file_by_sfi(c, by_sfi(x) ? a->p1 & 0x1f : 0, &x->object);
}

/* A counter is read as the bytes that it has, and written by its own commands only. */
static sw_t read_object(struct card *c, struct call *x)
{
	sw_t sw = find(c, x);
	if (sw != SW_OK)
		return sw;
	uint8_t structure = file_of(c, x)->structure;
	return structure == FILE_TRANSPARENT || structure == FILE_COUNTER ? SW_OK : SW_WRONG_STRUCTURE;
}

static sw_t update_object(struct card *c, struct call *x)
{
	sw_t sw = find(c, x);
	if (sw != SW_OK)
		return sw;
	return file_of(c, x)->structure == FILE_TRANSPARENT ? SW_OK : SW_WRONG_STRUCTURE;
}

static sw_t read_length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc == 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t read_access(struct card *c, struct call *x)
{
	return rule_check(c, file_of(c, x)->rule[FILE_READ]);
}

static sw_t offset_in_range(struct card *c, struct call *x)
{
	return x->offset < file_of(c, x)->size ? SW_OK : SW_WRONG_OFFSET;
}

/* Le = 00 reads to the end, as far as one response goes, and no Le counts as 00; an explicit Le beyond the end gives
 * the bytes there are and 6282. */
static sw_t read_effect(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	size_t le = a->has_le && a->le < x->room ? a->le : x->room;
	size_t left = file_of(c, x)->size - x->offset;
	size_t n = le < left ? le : left;
	buf_add(x->rsp, c->nv->mem + c->session->at.files[x->object] + x->offset, n);
	return n < le && a->has_le && !a->le_is_max ? SW_END_OF_FILE : SW_OK;
}

const struct command command_read_binary = {
    .cla = 0x00,
    .ins = INS_READ_BINARY,
    .responds = command_always_responds,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = read_length,
	    [STEP_OBJECT] = read_object,
	    [STEP_ACCESS] = read_access,
	    [STEP_RANGE] = offset_in_range,
	    [STEP_EFFECT] = read_effect,
	},
};

static sw_t update_length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc != 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t update_access(struct card *c, struct call *x)
{
	return rule_check(c, file_of(c, x)->rule[FILE_UPDATE]);
}

static sw_t update_range(struct card *c, struct call *x)
{
	sw_t sw = offset_in_range(c, x);
	if (sw != SW_OK)
		return sw;
	return x->apdu->lc <= file_of(c, x)->size - x->offset ? SW_OK : SW_NO_MEMORY;
}

static sw_t update_effect(struct card *c, struct call *x)
{
	uint32_t at = c->session->at.files[x->object] + x->offset;
	return layout_done(layout_change(c, at, x->apdu->data, (uint32_t)x->apdu->lc, 0, 0));
}

const struct command command_update_binary = {
    .cla = 0x00,
    .ins = INS_UPDATE_BINARY,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = update_length,
	    [STEP_OBJECT] = update_object,
	    [STEP_ACCESS] = update_access,
	    [STEP_RANGE] = update_range,
	    [STEP_EFFECT] = update_effect,
	},
};
