#include "runtime/sim/reference/card.h"

/* READ RECORD, UPDATE RECORD, APPEND RECORD: ISO/IEC 7816-4:2020 11.4, AP contract, section 6. P1 is the record number;
 * P2 b8-b4 the SFI, b3-b1 the mode. */
enum { MODE_THIS = 0x04, MODE_TO_THE_LAST = 0x05, MODE_APPEND = 0x00 };

static uint8_t mode(const struct call *x)
{
	return x->apdu->p2 & 0x07;
}

static sw_t read_parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 != 0 && (mode(x) == MODE_THIS || mode(x) == MODE_TO_THE_LAST) ? SW_OK : SW_WRONG_P1P2;
}

static sw_t update_parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 != 0 && mode(x) == MODE_THIS ? SW_OK : SW_WRONG_P1P2;
}

static sw_t append_parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 == 0 && mode(x) == MODE_APPEND ? SW_OK : SW_WRONG_P1P2;
}

static sw_t no_data(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc == 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t some_data(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc != 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t object(struct card *c, struct call *x)
{
	sw_t sw = file_by_sfi(c, x->apdu->p2 >> 3, &x->object);
	if (sw != SW_OK)
		return sw;
	return file_is_records(file_of(c, x)) ? SW_OK : SW_WRONG_STRUCTURE;
}

static sw_t read_access(struct card *c, struct call *x)
{
	return rule_check(c, file_of(c, x)->rule[FILE_READ]);
}

static sw_t update_access(struct card *c, struct call *x)
{
	return rule_check(c, file_of(c, x)->rule[FILE_UPDATE]);
}

static sw_t append_access(struct card *c, struct call *x)
{
	return rule_check(c, file_of(c, x)->rule[FILE_APPEND]);
}

/* What READ RECORD returns: this record, or from this to the last as many whole ones as fit. The first record that is
 * not among them; *n is the bytes. */
static unsigned extent(const struct card *c, const struct call *x, size_t *n)
{
	unsigned record = x->apdu->p1, last = mode(x) == MODE_THIS ? record : records_count(c, x->object);
	for (*n = 0; record <= last; record++) {
		size_t length = records_length(c, x->object, (uint16_t)record);
		if (length > x->room - *n)
			break;
		*n += length;
	}
	return record;
}

/* An explicit Le must be what is returned. A first record that does not fit one response cannot be read this way. */
static sw_t read_range(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	size_t n;
	if (a->p1 > records_count(c, x->object))
		return SW_RECORD_NOT_FOUND;
	if (extent(c, x, &n) == a->p1 || (a->has_le && !a->le_is_max && a->le != n))
		return SW_WRONG_LENGTH;
	return SW_OK;
}

static sw_t read_effect(struct card *c, struct call *x)
{
	size_t n;
	unsigned end = extent(c, x, &n);
	for (unsigned i = x->apdu->p1; i < end; i++)
		buf_add(x->rsp, c->nv->mem + records_at(c, x->object, (uint16_t)i),
		    records_length(c, x->object, (uint16_t)i));
	return SW_OK;
}

const struct command command_read_record = {
    .cla = 0x00,
    .ins = INS_READ_RECORD,
    .responds = command_always_responds,
    .step =
	{
	    [STEP_PARAMETERS] = read_parameters,
	    [STEP_LENGTH] = no_data,
	    [STEP_OBJECT] = object,
	    [STEP_ACCESS] = read_access,
	    [STEP_RANGE] = read_range,
	    [STEP_EFFECT] = read_effect,
	},
};

static sw_t length_fits(const struct card *c, const struct call *x)
{
	return records_length_fits(file_of(c, x), x->apdu->lc) ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t update_range(struct card *c, struct call *x)
{
	return x->apdu->p1 <= records_count(c, x->object) ? length_fits(c, x) : SW_RECORD_NOT_FOUND;
}

static sw_t update_effect(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	return layout_done(records_update(c, x->object, a->p1, a->data, (uint16_t)a->lc));
}

const struct command command_update_record = {
    .cla = 0x00,
    .ins = INS_UPDATE_RECORD,
    .step =
	{
	    [STEP_PARAMETERS] = update_parameters,
	    [STEP_LENGTH] = some_data,
	    [STEP_OBJECT] = object,
	    [STEP_ACCESS] = update_access,
	    [STEP_RANGE] = update_range,
	    [STEP_EFFECT] = update_effect,
	},
};

static bool has_records(const struct card *c)
{
	for (uint16_t i = 0; i < c->ap->n_files; i++)
		if (file_is_records(&c->ap->file[i]))
			return true;
	return false;
}

static sw_t append_range(struct card *c, struct call *x)
{
	return records_full(c, x->object) ? SW_NO_MEMORY : length_fits(c, x);
}

static sw_t append_effect(struct card *c, struct call *x)
{
	nv_begin(c->nv);
	records_append(c, x->object, x->apdu->data, (uint16_t)x->apdu->lc, true);
	return layout_done(nv_commit(c->nv));
}

const struct command command_append_record = {
    .cla = 0x00,
    .ins = INS_APPEND_RECORD,
    .offered = has_records,
    .step =
	{
	    [STEP_PARAMETERS] = append_parameters,
	    [STEP_LENGTH] = some_data,
	    [STEP_OBJECT] = object,
	    [STEP_ACCESS] = append_access,
	    [STEP_RANGE] = append_range,
	    [STEP_EFFECT] = append_effect,
	},
};
