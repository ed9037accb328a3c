/* Commands on PINs: AP contract, section 7. */
#include <string.h>

#include "runtime/base/iso7816.h"
#include "tests/generate/terminal.h"

static uint8_t reference(struct terminal *t, enum terminal_mode mode, size_t pin)
{
	const struct naive_pin *p = &t->ap->pin[pin];
	return terminal_reference(t, mode, p->ref, p->fid, p->sfi);
}

/* Another value of the PIN's form; never the one it has. */
static size_t new_value(struct terminal *t, size_t pin, uint8_t out[64])
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const struct naive_pin *p = &t->ap->pin[pin];
	size_t n;
	do {
		n = dice_between(&t->dice, p->min, p->max);
		for (size_t i = 0; i < n; i++)
			out[i] = strcmp(p->format, "binary") == 0
			    ? (uint8_t)dice_between(&t->dice, 1, 0xfe)
			    : (uint8_t)letters[dice_below(&t->dice, strcmp(p->format, "digits") == 0 ? 10 : 62)];
	} while (n == t->pin[pin].n && memcmp(out, t->pin[pin].p, n) == 0);
	return n;
}

static void keep(struct terminal *t, size_t pin, const uint8_t *p, size_t n)
{
	memcpy(t->pin[pin].p, p, n);
	t->pin[pin].n = n;
	t->state.has_value[pin] = true;
}

static void wrong(struct terminal *t, size_t pin, sw_t sw, const char *what)
{
	struct naive_state *s = &t->state;
	s->verified[pin] = false;
	s->tries[pin]--;
	terminal_expect(t, sw, (sw_t)(0x63c0 | s->tries[pin]), what, t->ap->pin[pin].id);
}

void event_verify(struct terminal *t, size_t pin, bool right)
{
	struct naive_state *s = &t->state;
	const char *id = t->ap->pin[pin].id;
	uint8_t value[64];
	size_t n = t->pin[pin].n;
	enum terminal_mode mode = terminal_mode(t);
	if (right && s->has_value[pin])
		memcpy(value, t->pin[pin].p, n);
	else
		n = new_value(t, pin, value);
	struct apdu a = {.ins = INS_VERIFY, .data = value, .lc = n};
	a.p2 = reference(t, mode, pin);
	sw_t sw = terminal_send(t, mode, &a);
	if (s->tries[pin] == 0) {
		terminal_expect(t, sw, terminal_blocked(t), "VERIFY without tries", id);
	} else if (!s->has_value[pin]) {
		terminal_expect(t, sw, SW_CONDITIONS_OF_USE, "VERIFY without value", id);
	} else if (!right) {
		wrong(t, pin, sw, "wrong VERIFY");
	} else {
		terminal_expect(t, sw, s->transport[pin] ? SW_CONDITIONS_OF_USE : SW_OK, "VERIFY", id);
		s->tries[pin] = t->ap->pin[pin].tries;
		s->verified[pin] = !s->transport[pin];
		s->inside[pin] = mode != TERMINAL_PLAIN && s->verified[pin];
	}
}

/* The old value as long as its form says, the new one behind it. */
static size_t old_and_new(struct terminal *t, size_t pin, const uint8_t *new, size_t n, uint8_t out[128])
{
	const struct naive_pin *p = &t->ap->pin[pin];
	size_t old = p->min == p->max ? p->min : p->stored;
	memset(out, (int)p->pad, old);
	memcpy(out, t->pin[pin].p, t->pin[pin].n);
	memcpy(out + old, new, n);
	return old + n;
}

static void changed(struct terminal *t, size_t pin, const uint8_t *new, size_t n)
{
	t->state.verified[pin] = false;
	t->state.transport[pin] = false;
	t->state.tries[pin] = t->ap->pin[pin].tries;
	keep(t, pin, new, n);
}

void event_change_old(struct terminal *t, size_t pin)
{
	struct naive_state *s = &t->state;
	const struct naive_pin *p = &t->ap->pin[pin];
	uint8_t new[64], data[128];
	if (!s->has_value[pin])
		return;
	enum terminal_mode mode = terminal_mode(t);
	size_t n = new_value(t, pin, new);
	struct apdu a = {.ins = INS_CHANGE_REFERENCE_DATA, .p1 = 0x00, .data = data};
	a.lc = old_and_new(t, pin, new, n, data);
	a.p2 = reference(t, mode, pin);
	sw_t sw = terminal_send(t, mode, &a);
	if (!p->change_old) {
		terminal_expect(t, sw, SW_WRONG_P1P2, "CHANGE with the old value", p->id);
	} else if (s->tries[pin] == 0) {
		terminal_expect(t, sw, terminal_blocked(t), "CHANGE without tries", p->id);
	} else {
		terminal_expect(t, sw, SW_OK, "CHANGE with the old value", p->id);
		changed(t, pin, new, n);
	}
}

void event_change_new(struct terminal *t, size_t pin)
{
	struct naive_state *s = &t->state;
	const struct naive_pin *p = &t->ap->pin[pin];
	uint8_t new[64];
	bool first = !s->has_value[pin];
	enum terminal_mode mode = terminal_mode(t);
	size_t n = new_value(t, pin, new);
	struct apdu a = {.ins = INS_CHANGE_REFERENCE_DATA, .p1 = 0x01, .data = new, .lc = n};
	if (t->ap->jicsap && dice_chance(&t->dice, 50))
		a.cla = 0x80, a.ins = 0x32, a.p1 = 0x00;
	a.p2 = reference(t, mode, pin);
	sw_t sw = terminal_send(t, mode, &a);
	s->level = terminal_level(t, mode, true, false);
	bool given = first ? naive_holds(t->ap, s, p->set) : s->verified[pin];
	if (!first && !p->change_verified)
		terminal_expect(t, sw, SW_WRONG_P1P2, "CHANGE when verified", p->id);
	else if (s->tries[pin] == 0)
		terminal_expect(t, sw, terminal_blocked(t), "CHANGE without tries", p->id);
	else if (given)
		terminal_expect(t, sw, SW_OK, first ? "the first value" : "CHANGE when verified", p->id);
	else if (sw != SW_SECURITY_STATUS && sw != SW_CONDITIONS_OF_USE)
		terminal_complain(t, "CHANGE of %s is not refused: %04X", p->id, sw);
	if (sw == SW_OK)
		changed(t, pin, new, n);
}

static size_t puk(const struct terminal *t, size_t pin, uint8_t *out)
{
	const struct reference_value *v = generated_value(t->values, t->ap->pin[pin].puk_source);
	memcpy(out, v->p, v->n);
	return v->n;
}

/* What RESET RETRY COUNTER must answer. */
static sw_t reset_answer(const struct terminal *t, size_t pin, unsigned form)
{
	const struct naive_pin *p = &t->ap->pin[pin];
	if (!p->reset[form] || (form >= 2 && !naive_ever(t->ap, p->unblock)))
		return SW_WRONG_P1P2;
	if (!t->state.has_value[pin])
		return SW_CONDITIONS_OF_USE;
	if (form >= 2 && !naive_holds(t->ap, &t->state, p->unblock))
		return SW_SECURITY_STATUS;
	return SW_OK;
}

void event_reset(struct terminal *t, size_t pin, unsigned form)
{
	const struct naive_pin *p = &t->ap->pin[pin];
	struct naive_state *s = &t->state;
	uint8_t new[64], data[128];
	size_t n = form % 2 == 0 ? new_value(t, pin, new) : 0, at = 0;
	enum terminal_mode mode = terminal_mode(t);
	if (form < 2 && p->puk_source != NULL)
		at = puk(t, pin, data);
	memcpy(data + at, new, n);
	if (form != 3 && at + n == 0)
		data[at++] = 0; /* a form that is not offered: never without data */
	struct apdu a = {.ins = INS_RESET_RETRY_COUNTER, .p1 = (uint8_t)form, .data = data, .lc = at + n};
	a.p2 = reference(t, mode, pin);
	sw_t sw = terminal_send(t, mode, &a);
	s->level = terminal_level(t, mode, at + n != 0, false);
	sw_t want = reset_answer(t, pin, form);
	if (want == SW_SECURITY_STATUS && sw == SW_CONDITIONS_OF_USE && naive_names_transport(t->ap, s, p->unblock))
		want = sw;
	terminal_expect(t, sw, want, "RESET RETRY COUNTER", p->id);
	if (sw != SW_OK)
		return;
	s->verified[pin] = false;
	s->tries[pin] = p->tries;
	if (n == 0)
		return;
	s->transport[pin] = p->resets_to_transport;
	keep(t, pin, new, n);
}
