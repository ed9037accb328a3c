#include "runtime/sim/reference/card.h"

/* GET DATA and PUT DATA: ISO/IEC 7816-4:2020 11.5, AP contract, section 6. P1-P2 is the tag of a BER-TLV data object of
 * the current DF; what goes through the interface is its value.
 *
 * body of a data object: | 2 length, big-endian | as many bytes as the longest value has | */

uint32_t data_size(const struct contract_file *f)
{
	return DATA_HEADER + f->size;
}

void data_deliver(struct nv *nv, const struct contract *ap, const struct contract_file *f, uint32_t at)
{
	const uint8_t len[DATA_HEADER] = {(uint8_t)(f->length >> 8), (uint8_t)f->length};
	nv_write(nv, at, len, sizeof len);
	nv_write(nv, at + DATA_HEADER, ap->pool + f->content, f->size);
}

static bool has_objects(const struct card *c)
{
	for (uint16_t i = 0; i < c->ap->n_files; i++)
		if (c->ap->file[i].structure == FILE_DATA_OBJECT)
			return true;
	return false;
}

static sw_t object(struct card *c, struct call *x)
{
	const uint16_t tag = (uint16_t)(x->apdu->p1 << 8 | x->apdu->p2);
	for (uint16_t i = 0; i < c->ap->n_files; i++) {
		const struct contract_file *f = &c->ap->file[i];
		if (f->structure != FILE_DATA_OBJECT || f->df != c->session->df || f->tag != tag)
			continue;
		x->object = i;
		return SW_OK;
	}
	return SW_REFERENCE_NOT_FOUND;
}

/* A memory that came from elsewhere may hold any length. */
static size_t length_of(const struct card *c, const struct call *x)
{
	const uint8_t *p = c->nv->mem + c->session->at.files[x->object];
	size_t n = (size_t)(p[0] << 8 | p[1]), most = file_of(c, x)->size;
	return n < most ? n : most;
}

static sw_t get_length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc == 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t get_access(struct card *c, struct call *x)
{
	return rule_check(c, file_of(c, x)->rule[FILE_READ]);
}

/* A value is read whole or not at all. */
static sw_t get_range(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	size_t n = length_of(c, x);
	return n <= x->room && (!a->has_le || a->le >= n) ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t get_effect(struct card *c, struct call *x)
{
	buf_add(x->rsp, c->nv->mem + c->session->at.files[x->object] + DATA_HEADER, length_of(c, x));
	return SW_OK;
}

const struct command command_get_data = {
    .cla = 0x00,
    .ins = INS_GET_DATA,
    .responds = command_always_responds,
    .offered = has_objects,
    .step =
	{
	    [STEP_LENGTH] = get_length,
	    [STEP_OBJECT] = object,
	    [STEP_ACCESS] = get_access,
	    [STEP_RANGE] = get_range,
	    [STEP_EFFECT] = get_effect,
	},
};

static sw_t put_length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc != 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t put_access(struct card *c, struct call *x)
{
	return rule_check(c, file_of(c, x)->rule[FILE_UPDATE]);
}

static sw_t put_range(struct card *c, struct call *x)
{
	return x->apdu->lc <= file_of(c, x)->size ? SW_OK : SW_NO_MEMORY;
}

static sw_t put_effect(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	struct buf body = {0};
	bool done = false;
	buf_u16(&body, (uint16_t)a->lc);
	buf_add(&body, a->data, a->lc);
	if (!body.bad)
		done = layout_change(c, c->session->at.files[x->object], body.p, (uint32_t)body.n, 0, 0);
	buf_reset(&body);
	return layout_done(done);
}

const struct command command_put_data = {
    .cla = 0x00,
    .ins = INS_PUT_DATA,
    .offered = has_objects,
    .step =
	{
	    [STEP_LENGTH] = put_length,
	    [STEP_OBJECT] = object,
	    [STEP_ACCESS] = put_access,
	    [STEP_RANGE] = put_range,
	    [STEP_EFFECT] = put_effect,
	},
};
