#include "runtime/sim/reference/card.h"

#include <string.h>

#include "runtime/sim/reference/reference.h"

/* The commands 80 E2 and 80 E4, drawn in reference.h. */

static const struct contract_value *value_of(const struct card *c, const struct call *x)
{
	return &c->ap->value[x->object];
}

static sw_t deliver_length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc != 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t deliver_object(struct card *c, struct call *x)
{
	x->object = (uint16_t)(x->apdu->p1 << 8 | x->apdu->p2);
	return x->object < c->ap->n_values ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

static sw_t deliver_range(struct card *c, struct call *x)
{
	const struct contract_value *v = value_of(c, x);
	const struct contract_field *f;
	size_t min = 0, max = 0, n = x->apdu->lc;
	switch ((enum value_kind)v->kind) {
	case VALUE_FIELD:
		f = &c->ap->field[v->target];
		min = f->pad < 0 ? f->length : v->min;
		max = f->length;
		break;
	case VALUE_PIN:
		min = c->ap->pin[v->target].min;
		max = c->ap->pin[v->target].max;
		break;
	case VALUE_PUK:
		min = max = c->ap->pin[v->target].puk_length;
		break;
	case VALUE_KEY:
	case VALUE_KEY_MAC:
		return apkey_value_length(&c->ap->key[v->target], n);
	}
	return n >= min && n <= max ? SW_OK : SW_WRONG_LENGTH;
}

/* A counter starts inside its bounds. */
static bool in_bounds(const struct card *c, const struct call *x)
{
	const struct contract_value *v = value_of(c, x);
	if (v->kind != VALUE_FIELD)
		return true;
	const struct contract_file *f = &c->ap->file[c->ap->field[v->target].file];
	if (f->structure != FILE_COUNTER)
		return true;
	uint32_t n = counter_value(x->apdu->data, x->apdu->lc);
	return n >= f->min && n <= f->max;
}

static sw_t deliver_data(struct card *c, struct call *x)
{
	const struct contract_value *v = value_of(c, x);
	if (v->kind == VALUE_KEY || v->kind == VALUE_KEY_MAC)
		return apkey_value_form(&c->ap->key[v->target], x->apdu->data, x->apdu->lc);
	bool fits = pin_format_fits(v->format, x->apdu->data, x->apdu->lc) && in_bounds(c, x);
	return fits ? SW_OK : SW_WRONG_DATA;
}

static void write_delivered(struct card *c, uint16_t value)
{
	const uint8_t yes = 1;
	nv_write(c->nv, c->session->at.values + value, &yes, 1);
}

/* The value, filled up to the field. Perhaps too long for one transaction with the mark, which therefore comes last:
 * until then nobody can tell that the bytes are there. */
static bool deliver_field(struct card *c, const struct call *x)
{
	const struct contract_field *f = &c->ap->field[value_of(c, x)->target];
	uint32_t n = (uint32_t)x->apdu->lc, at = layout_field(c, f);
	bool done = layout_change(c, at, x->apdu->data, n, (uint8_t)f->pad, f->length - n);
	write_delivered(c, x->object);
	return done;
}

static sw_t deliver_effect(struct card *c, struct call *x)
{
	const struct contract_value *v = value_of(c, x);
	const struct apdu *a = x->apdu;
	if (v->kind == VALUE_FIELD)
		return layout_done(deliver_field(c, x));
	nv_begin(c->nv);
	if (v->kind == VALUE_PIN)
		pin_write_value(c, v->target, a->data, a->lc);
	else if (v->kind == VALUE_PUK)
		pin_write_puk(c, v->target, a->data, a->lc);
	else
		apkey_write_value(c, v->target, (enum value_kind)v->kind, a->data, a->lc);
	write_delivered(c, x->object);
	return layout_done(nv_commit(c->nv));
}

const struct command command_deliver = {
    .cla = REFERENCE_CLA,
    .ins = REFERENCE_INS_DELIVER,
    .personalises = true,
    .step =
	{
	    [STEP_LENGTH] = deliver_length,
	    [STEP_OBJECT] = deliver_object,
	    [STEP_RANGE] = deliver_range,
	    [STEP_DATA] = deliver_data,
	    [STEP_EFFECT] = deliver_effect,
	},
};

static sw_t end_parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 == 0 && x->apdu->p2 == 0 ? SW_OK : SW_WRONG_P1P2;
}

static sw_t end_length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc == 0 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t end_access(struct card *c, struct call *x)
{
	(void)x;
	for (uint16_t i = 0; i < c->ap->n_values; i++)
		if (c->nv->mem[c->session->at.values + i] != 1)
			return SW_CONDITIONS_OF_USE;
	return SW_OK;
}

/* One byte, one way: AP contract, section 10. */
static sw_t end_effect(struct card *c, struct call *x)
{
	(void)x;
	layout_set_life(c->nv, LIFE_OPERATIONAL);
	return layout_done(!c->nv->off);
}

const struct command command_end_personalisation = {
    .cla = REFERENCE_CLA,
    .ins = REFERENCE_INS_END,
    .personalises = true,
    .step =
	{
	    [STEP_PARAMETERS] = end_parameters,
	    [STEP_LENGTH] = end_length,
	    [STEP_ACCESS] = end_access,
	    [STEP_EFFECT] = end_effect,
	},
};

static bool find_value(const struct contract *ap, const char *name, uint16_t *index)
{
	for (uint16_t i = 0; i < ap->n_values; i++) {
		if (strcmp(ap->value[i].name, name) != 0)
			continue;
		*index = i;
		return true;
	}
	return false;
}

static sw_t send(struct sim *s, const struct apdu *a)
{
	struct buf cmd = {0}, rsp = {0};
	sw_t sw = SW_NO_DIAGNOSIS;
	apdu_write(&cmd, a);
	if (!cmd.bad)
		sim_apdu(s, cmd.p, cmd.n, &rsp);
	if (rsp.n >= 2)
		sw = (sw_t)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
	buf_reset(&cmd);
	buf_reset(&rsp);
	return sw;
}

static sw_t deliver_all(struct sim *s, const struct reference_value *value, size_t n)
{
	const struct contract *ap = reference_contract(s);
	for (size_t i = 0; i < n; i++) {
		uint16_t index;
		if (ap == NULL || !find_value(ap, value[i].name, &index))
			return SW_REFERENCE_NOT_FOUND;
		const struct apdu deliver = {
		    .cla = REFERENCE_CLA,
		    .ins = REFERENCE_INS_DELIVER,
		    .p1 = (uint8_t)(index >> 8),
		    .p2 = (uint8_t)index,
		    .data = value[i].p,
		    .lc = value[i].n,
		};
		sw_t sw = send(s, &deliver);
		if (sw != SW_OK)
			return sw;
	}
	const struct apdu end = {.cla = REFERENCE_CLA, .ins = REFERENCE_INS_END};
	return send(s, &end);
}

sw_t reference_personalise(struct sim *s, const struct reference_value *value, size_t n)
{
	sim_power_up(s);
	sw_t sw = deliver_all(s, value, n);
	sim_power_down(s);
	return sw;
}
