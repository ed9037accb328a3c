#include "tests/generate/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/iso7816.h"

void terminal_complain(struct terminal *t, const char *fmt, ...)
{
	va_list ap;
	if (t->complaint[0] != 0)
		return;
	va_start(ap, fmt);
	vsnprintf(t->complaint, sizeof t->complaint, fmt, ap);
	va_end(ap);
}

void terminal_expect(struct terminal *t, sw_t got, sw_t want, const char *what, const char *id)
{
	if (got != want)
		terminal_complain(t, "%s of %s: %04X, not %04X", what, id, got, want);
}

static void session_over(struct terminal *t)
{
	sm_session_free(t->sm);
	t->sm = NULL;
	naive_end_session(t->ap, &t->state);
}

static sw_t status(const struct buf *b)
{
	return (sw_t)(b->n < 2 ? 0 : b->p[b->n - 2] << 8 | b->p[b->n - 1]);
}

static sw_t send_protected(struct terminal *t, enum terminal_mode mode, const struct apdu *plain)
{
	static const enum sm_mode form[] = {
	    [TERMINAL_MAC] = SM_MODE_MAC, [TERMINAL_ENC] = SM_MODE_ENC, [TERMINAL_ENC_MAC] = SM_MODE_ENC_MAC};
	struct buf cmd = {0}, rsp = {0};
	if (!sm_wrap(t->sm, form[mode], plain, &cmd))
		terminal_complain(t, "cannot protect %02X%02X", plain->cla, plain->ins);
	sim_apdu(t->card, cmd.p, cmd.n, &rsp);
	if (sm_unwrap(t->sm, rsp.p, rsp.n, &t->answer) != SM_ANSWER_GOOD)
		terminal_complain(t, "%02X%02X protected (%d) is answered in plain: %04X", plain->cla, plain->ins, mode,
		    status(&rsp));
	buf_reset(&cmd);
	buf_reset(&rsp);
	return status(&t->answer);
}

sw_t terminal_send(struct terminal *t, enum terminal_mode mode, const struct apdu *plain)
{
	struct buf cmd = {0};
	sw_t sw;
	t->commands++;
	buf_clear(&t->answer);
	if (mode != TERMINAL_PLAIN) {
		sw = send_protected(t, mode, plain);
	} else {
		if (t->ap->plain_ends)
			session_over(t);
		apdu_write(&cmd, plain);
		sim_apdu(t->card, cmd.p, cmd.n, &t->answer);
		sw = status(&t->answer);
		buf_reset(&cmd);
	}
	t->answer.n -= t->answer.n < 2 ? t->answer.n : 2;
	return sw;
}

enum terminal_mode terminal_mode(struct terminal *t)
{
	unsigned kind = dice_below(&t->dice, 100);
	if (t->state.session == NAIVE_NONE)
		return TERMINAL_PLAIN;
	if (kind < (t->ap->plain_ends ? 2 : 25))
		return TERMINAL_PLAIN;
	return kind < 45 ? TERMINAL_MAC : kind < 60 && t->ap->offers_86 ? TERMINAL_ENC : TERMINAL_ENC_MAC;
}

enum naive_level terminal_level(const struct terminal *t, enum terminal_mode mode, bool data, bool responds)
{
	if (mode == TERMINAL_PLAIN || mode == TERMINAL_ENC)
		return mode == TERMINAL_PLAIN ? NAIVE_PLAIN : NAIVE_ENC;
	bool clear = (data && mode == TERMINAL_MAC) || (responds && t->ap->response_mac);
	return clear ? NAIVE_MAC : NAIVE_ENC_MAC;
}

bool terminal_reaches(const struct terminal *t, int df)
{
	return t->ap->jicsap ? df == t->state.df : naive_within(t->ap, t->state.df, df);
}

void terminal_select_ef(struct terminal *t, enum terminal_mode mode, unsigned fid)
{
	const uint8_t data[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	const struct apdu a = {.ins = INS_SELECT, .p1 = 0x02, .p2 = 0x0c, .data = data, .lc = 2};
	terminal_expect(t, terminal_send(t, mode, &a), SW_OK, "SELECT", "an EF");
}

uint8_t terminal_reference(struct terminal *t, enum terminal_mode mode, unsigned ref, unsigned fid, unsigned sfi)
{
	if (!t->ap->jicsap)
		return (uint8_t)(0x80 | ref);
	if (sfi != 0 && dice_chance(&t->dice, 60))
		return (uint8_t)(0x80 | sfi);
	terminal_select_ef(t, mode, fid);
	return 0x80;
}

sw_t terminal_blocked(const struct terminal *t)
{
	return t->ap->jicsap ? 0x6984 : 0x6983;
}

static void select_ap(struct terminal *t)
{
	uint8_t aid[AID_MAX];
	size_t n = 0;
	hex_decode(t->ap->df[0].name, strlen(t->ap->df[0].name), aid, sizeof aid, &n);
	const struct apdu a = {.ins = INS_SELECT, .p1 = 0x04, .p2 = 0x0c, .data = aid, .lc = n};
	terminal_expect(t, terminal_send(t, TERMINAL_PLAIN, &a), SW_OK, "SELECT", "the AP");
	naive_select(t->ap, &t->state, 0);
}

void terminal_start(struct terminal *t, const struct sim *personalised, bool contactless)
{
	sim_restore(t->card, personalised);
	t->card->contactless = contactless;
	sim_power_up(t->card);
	t->state = naive_fresh(t->ap);
	t->state.contactless = contactless;
	for (size_t i = 0; i < t->ap->n_pins; i++) {
		const char *name = t->ap->pin[i].source;
		const struct reference_value *v = name == NULL ? NULL : generated_value(t->values, name);
		t->pin[i].n = v == NULL ? 0 : v->n;
		if (v != NULL)
			memcpy(t->pin[i].p, v->p, v->n);
	}
	select_ap(t);
}

void terminal_end(struct terminal *t)
{
	sm_session_free(t->sm);
	t->sm = NULL;
	buf_reset(&t->answer);
}
