#include "runtime/suite/cut_state.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/apdu.h"
#include "runtime/base/sw.h"

/* Values that a dialogue may have given a PIN: those of gen_cut.c and of the suites. */
static const enum suite_derivation candidates[] = {
    DERIVE_RAW, DERIVE_OTHER, DERIVE_OTHER_MIN, DERIVE_OTHER_MAX, DERIVE_WRONG};

enum { CANDIDATES = sizeof candidates / sizeof *candidates };

bool cut_look_open(
    struct cut_look *l, const struct contract *c, const struct suite_values *values, const struct sim *card)
{
	*l = (struct cut_look){.c = c};
	for (uint16_t i = 0; i < c->n_values; i++)
		for (size_t k = 0; values != NULL && k < values->n; k++)
			if (strcmp(values->row[k].name, c->value[i].name) == 0)
				l->value[i] = &values->row[k];
	return rules_init(&l->rules, c) && sim_copy(&l->work, card);
}

void cut_look_close(struct cut_look *l)
{
	rules_reset(&l->rules);
	sim_close(&l->work);
	buf_reset(&l->cmd);
	buf_reset(&l->rsp);
}

void cut_state_reset(struct cut_state *s)
{
	for (size_t i = 0; i < CONTRACT_FILES; i++)
		buf_reset(&s->file[i].content);
	*s = (struct cut_state){0};
}

/* ---- talking to the copy ---- */

static sw_t send(struct cut_look *l, uint8_t ins, unsigned p1, unsigned p2, const struct buf *data, bool le)
{
	struct apdu a = {.ins = ins,
	    .p1 = (uint8_t)p1,
	    .p2 = (uint8_t)p2,
	    .data = data == NULL ? NULL : data->p,
	    .lc = data == NULL ? 0 : data->n,
	    .has_le = le,
	    .le = le ? APDU_SHORT_LE : 0};
	buf_clear(&l->cmd);
	buf_clear(&l->rsp);
	apdu_write(&l->cmd, &a);
	sim_apdu(&l->work, l->cmd.p, l->cmd.n, &l->rsp);
	if (l->rsp.n < 2)
		return SW_NO_DIAGNOSIS;
	l->rsp.n -= 2;
	return (sw_t)(l->rsp.p[l->rsp.n] << 8 | l->rsp.p[l->rsp.n + 1]);
}

static bool select_ap(struct cut_look *l)
{
	struct buf aid = {0};
	buf_add(&aid, l->c->aid, l->c->aid_len);
	sw_t sw = send(l, INS_SELECT, 0x04, 0x0c, &aid, false);
	buf_reset(&aid);
	return sw == SW_OK;
}

/* A fresh copy with the AP selected. */
static bool fresh(struct cut_look *l, const struct sim *card)
{
	sim_restore(&l->work, card);
	sim_power_up(&l->work);
	return select_ap(l);
}

static unsigned p2_of(const struct cut_look *l, unsigned pin)
{
	return 0x80U | l->c->pin[pin].ref;
}

/* Appends a value derived from PIN or PUK. false when the card's values do not have it. */
static bool put_value(struct cut_look *l, uint16_t value, unsigned min, unsigned max, unsigned format,
    enum suite_derivation d, struct buf *out)
{
	struct program_value v = {.format = (enum contract_format)format, .min = min, .max = max};
	if (value == CONTRACT_NONE || l->value[value] == NULL)
		return false;
	derive(d, &v, l->value[value], out);
	return true;
}

static bool put_pin(struct cut_look *l, unsigned pin, enum suite_derivation d, struct buf *out)
{
	const struct contract_pin *p = &l->c->pin[pin];
	return put_value(l, p->value, p->min, p->max, p->format, d, out);
}

static bool put_puk(struct cut_look *l, unsigned pin, enum suite_derivation d, struct buf *out)
{
	const struct contract_pin *p = &l->c->pin[pin];
	return put_value(l, p->puk_value, p->puk_length, p->puk_length, p->puk_format, d, out);
}

static sw_t verify(struct cut_look *l, unsigned pin, enum suite_derivation d)
{
	struct buf data = {0};
	sw_t sw = put_pin(l, pin, d, &data) ? send(l, INS_VERIFY, 0, p2_of(l, pin), &data, false) : SW_NO_DIAGNOSIS;
	buf_reset(&data);
	return sw;
}

/* RESET RETRY COUNTER by PUK, of the form that the PIN offers; a new value is the personal one. */
static sw_t by_puk(struct cut_look *l, unsigned pin, enum suite_derivation puk)
{
	const struct contract_pin *p = &l->c->pin[pin];
	struct buf data = {0};
	sw_t sw = SW_NO_DIAGNOSIS;
	unsigned form = (p->reset & FORM_01) != 0 ? 1 : 0;
	if ((p->reset & (FORM_00 | FORM_01)) != 0 && p->puk_length != 0 && put_puk(l, pin, puk, &data) &&
	    (form == 1 || put_pin(l, pin, DERIVE_RAW, &data)))
		sw = send(l, INS_RESET_RETRY_COUNTER, form, p2_of(l, pin), &data, false);
	buf_reset(&data);
	return sw;
}

/* ---- PINs ---- */

static uint8_t tries_in(sw_t sw)
{
	return sw_class(sw) == SW_CLASS_MISMATCH ? (uint8_t)(sw & 15) : 0;
}

/* A wrong PUK tells how many tries it had: one more than are left. */
static uint8_t look_at_puk(struct cut_look *l, const struct sim *card, unsigned pin)
{
	if (!fresh(l, card))
		return 0;
	sw_t sw = by_puk(l, pin, DERIVE_WRONG);
	return sw_class(sw) == SW_CLASS_MISMATCH ? (uint8_t)(tries_in(sw) + 1) : 0;
}

/* Ready for a comparison: on a fresh copy, with tries. A form of unblocking that keeps the value serves for that. */
static bool ready(struct cut_look *l, const struct sim *card, unsigned pin, bool blocked)
{
	bool keeps = (l->c->pin[pin].reset & FORM_01) != 0;
	return fresh(l, card) && (!blocked || (keeps && by_puk(l, pin, DERIVE_RAW) == SW_OK));
}

static void look_at_value(struct cut_look *l, const struct sim *card, unsigned pin, struct cut_pin *out)
{
	bool blocked = out->tries == 0;
	out->value = CUT_VALUE_UNKNOWN;
	out->transport = false;
	for (int i = 0; i < CANDIDATES; i++) {
		if (!ready(l, card, pin, blocked))
			return;
		sw_t sw = verify(l, pin, candidates[i]);
		out->value = CUT_VALUE_NONE;
		if (sw != SW_OK && sw != SW_CONDITIONS_OF_USE)
			continue;
		out->value = (int)candidates[i];
		out->transport = sw != SW_OK;
		return;
	}
}

static void look_at_pin(struct cut_look *l, const struct sim *card, unsigned pin, struct cut_state *out)
{
	sw_t sw = fresh(l, card) ? send(l, INS_VERIFY, 0, p2_of(l, pin), NULL, false) : SW_NO_DIAGNOSIS;
	if (sw == SW_OK) /* verified without a value: a cut granted access */
		out->selectable = false;
	out->pin[pin].tries = tries_in(sw);
	look_at_value(l, card, pin, &out->pin[pin]);
	out->pin[pin].puk_tries = look_at_puk(l, card, pin);
}

/* ---- files ---- */

/* Makes a PIN verified on the copy; a blocked one is freed by its PUK if that is possible. */
static bool open_pin(struct cut_look *l, unsigned pin, const struct cut_pin *state)
{
	int value = state->value;
	if (state->tries == 0) {
		bool keeps = (l->c->pin[pin].reset & FORM_01) != 0;
		if (by_puk(l, pin, DERIVE_RAW) != SW_OK)
			return false;
		value = keeps ? value : (int)DERIVE_RAW;
	}
	return value >= 0 && verify(l, pin, (enum suite_derivation)value) == SW_OK;
}

static bool open_set(struct cut_look *l, const struct sim *card, pin_set set, const struct cut_state *state)
{
	if (!fresh(l, card))
		return false;
	for (unsigned pin = 0; pin < l->c->n_pins; pin++)
		if ((set >> pin & 1) != 0 && !open_pin(l, pin, &state->pin[pin]))
			return false;
	return true;
}

static bool read_all(struct cut_look *l, const struct contract_file *f, struct buf *out)
{
	struct buf fid = {0};
	buf_u16(&fid, f->fid);
	sw_t sw = send(l, INS_SELECT, 0x02, 0x0c, &fid, false);
	buf_reset(&fid);
	for (uint32_t at = 0; sw == SW_OK && at < f->size; at += (uint32_t)l->rsp.n) {
		sw = send(l, INS_READ_BINARY, at >> 8, at & 0xff, NULL, true);
		if (sw == SW_OK && l->rsp.n == 0)
			sw = SW_NO_DIAGNOSIS;
		if (sw == SW_OK)
			buf_add(out, l->rsp.p, l->rsp.n);
	}
	return sw == SW_OK;
}

static void look_at_file(struct cut_look *l, const struct sim *card, uint16_t file, struct cut_state *out)
{
	const struct contract_file *f = &l->c->file[file];
	struct cut_file *o = &out->file[file];
	pin_set all = (pin_set)((1ULL << l->c->n_pins) - 1), set;
	o->known = false;
	for (uint32_t at = 0; !o->known && rules_next(&l->rules, f->rule[FILE_READ], all, true, &at, &set);) {
		buf_clear(&o->content);
		o->known = open_set(l, card, set, out) && read_all(l, f, &o->content);
	}
}

bool cut_look(struct cut_look *l, const struct sim *card, struct cut_state *out)
{
	bool memory = true;
	out->selectable = fresh(l, card);
	for (unsigned pin = 0; pin < l->c->n_pins; pin++)
		look_at_pin(l, card, pin, out);
	for (uint16_t file = 0; file < l->c->n_files; file++) {
		look_at_file(l, card, file, out);
		memory = memory && !out->file[file].content.bad;
	}
	return memory && !l->cmd.bad && !l->rsp.bad;
}

/* ---- judging ---- */

static bool same_pin(const struct cut_pin *a, const struct cut_pin *b)
{
	if (a->value == CUT_VALUE_UNKNOWN || b->value == CUT_VALUE_UNKNOWN)
		return true;
	return a->value == b->value && a->transport == b->transport;
}

static bool same_file(const struct cut_file *a, const struct cut_file *b)
{
	if (!a->known || !b->known)
		return true;
	return a->content.n == b->content.n &&
	    (a->content.n == 0 || memcmp(a->content.p, b->content.p, a->content.n) == 0);
}

/* The data of two states, counters aside. */
static bool same_data(const struct contract *c, const struct cut_state *a, const struct cut_state *b)
{
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (!same_pin(&a->pin[i], &b->pin[i]))
			return false;
	for (uint16_t i = 0; i < c->n_files; i++)
		if (!same_file(&a->file[i], &b->file[i]))
			return false;
	return true;
}

static bool may_be(unsigned now, unsigned before, unsigned after, bool used)
{
	return now == before || now == after || (used && now + 1 == before);
}

static const char *wrong_counter(const char *id, const char *what, unsigned now, unsigned before, unsigned after)
{
	static char text[160];
	snprintf(text, sizeof text, "%s of %s: %u left, %u before the command and %u after it", what, id, now, before,
	    after);
	return text;
}

static const char *judge_counters(const struct contract *c, const struct cut_state *before,
    const struct cut_state *after, const struct cut_state *now, const struct cut_counts *counts)
{
	for (int i = 0; i < c->n_pins; i++) {
		const struct cut_pin *n = &now->pin[i], *b = &before->pin[i], *a = &after->pin[i];
		bool named = i == counts->pin;
		if (!may_be(n->tries, b->tries, a->tries, named && counts->try))
			return wrong_counter(c->pin[i].id, "tries", n->tries, b->tries, a->tries);
		if (!may_be(n->puk_tries, b->puk_tries, a->puk_tries, named && counts->puk))
			return wrong_counter(
			    c->pin[i].id, "tries of the PUK", n->puk_tries, b->puk_tries, a->puk_tries);
	}
	return NULL;
}

/* The try that the cut cost was the last one of a PIN or a PUK: what the PIN opens cannot be looked at. */
static bool spent(const struct contract *c, const struct cut_state *before, const struct cut_state *after,
    const struct cut_state *now)
{
	for (uint16_t i = 0; i < c->n_pins; i++) {
		const struct cut_pin *n = &now->pin[i], *b = &before->pin[i], *a = &after->pin[i];
		if ((n->tries == 0 && b->tries != 0 && a->tries != 0) ||
		    (n->puk_tries == 0 && b->puk_tries != 0 && a->puk_tries != 0))
			return true;
	}
	return false;
}

const char *cut_judge(const struct contract *c, const struct cut_state *before, const struct cut_state *after,
    const struct cut_state *now, const struct cut_counts *counts, bool *is_before, bool *is_after)
{
	*is_before = *is_after = false;
	if (!now->selectable)
		return "the AP cannot be selected, or a PIN is verified without its value";
	for (uint16_t i = 0; i < c->n_pins; i++)
		if (now->pin[i].value == CUT_VALUE_NONE)
			return "a PIN has neither its old nor its new value";
	for (uint16_t i = 0; !spent(c, before, after, now) && i < c->n_files; i++)
		if (before->file[i].known && after->file[i].known && !now->file[i].known)
			return "a file that could be read before and after cannot be read";
	*is_before = same_data(c, now, before);
	*is_after = same_data(c, now, after);
	if (!*is_before && !*is_after)
		return "the data are neither as before the command nor as after it";
	return judge_counters(c, before, after, now, counts);
}
