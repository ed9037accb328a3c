/* What else a session meets: SELECT, faults of secure messaging, reset; and any event at all. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/iso7816.h"
#include "tests/generate/terminal.h"

/* SELECT of the AP or of a DF that has a name: in plain. */
static void select_name(struct terminal *t)
{
	int df = (int)dice_below(&t->dice, (unsigned)t->ap->n_dfs);
	uint8_t aid[AID_MAX];
	size_t n = 0;
	if (t->ap->df[df].name[0] == 0)
		df = 0;
	hex_decode(t->ap->df[df].name, strlen(t->ap->df[df].name), aid, sizeof aid, &n);
	const struct apdu a = {.ins = INS_SELECT, .p1 = 0x04, .p2 = 0x0c, .data = aid, .lc = n};
	terminal_expect(t, terminal_send(t, TERMINAL_PLAIN, &a), SW_OK, "SELECT by name", t->ap->df[df].id);
	naive_select(t->ap, &t->state, df);
	sm_session_free(t->sm);
	t->sm = NULL;
}

/* A child of the current DF; without one, or at times, the parent. */
static void select_df(struct terminal *t)
{
	const struct naive_ap *ap = t->ap;
	int start = (int)dice_below(&t->dice, (unsigned)ap->n_dfs), df = ap->df[t->state.df].parent;
	enum terminal_mode mode = terminal_mode(t);
	uint8_t fid[2];
	struct apdu a = {.ins = INS_SELECT, .p1 = 0x03, .p2 = 0x0c};
	for (int i = 0; i < (int)ap->n_dfs && (df == NAIVE_NONE || dice_chance(&t->dice, 60)); i++) {
		int child = (start + i) % (int)ap->n_dfs;
		if (ap->df[child].parent != t->state.df)
			continue;
		fid[0] = (uint8_t)(ap->df[child].fid >> 8);
		fid[1] = (uint8_t)ap->df[child].fid;
		a = (struct apdu){.ins = INS_SELECT, .p1 = 0x01, .p2 = 0x0c, .data = fid, .lc = 2};
		df = child;
		break;
	}
	if (df == NAIVE_NONE)
		return;
	terminal_expect(t, terminal_send(t, mode, &a), SW_OK, "SELECT", ap->df[df].id);
	naive_enter(ap, &t->state, df);
}

/* A command whose MAC is wrong: answered in plain, the session is over. */
static void fault(struct terminal *t)
{
	const struct apdu a = {.ins = INS_READ_BINARY, .has_le = true, .le = 1};
	struct buf cmd = {0}, rsp = {0};
	if (t->sm == NULL || !sm_wrap(t->sm, SM_MODE_MAC, &a, &cmd))
		return;
	cmd.p[cmd.n - 2] ^= 1; /* in front of Le */
	sim_apdu(t->card, cmd.p, cmd.n, &rsp);
	if (rsp.n != 2 || rsp.p[0] != 0x69 || rsp.p[1] != 0x88)
		terminal_complain(t, "a wrong MAC is not 6988");
	buf_reset(&cmd);
	buf_reset(&rsp);
	sm_session_free(t->sm);
	t->sm = NULL;
	naive_end_session(t->ap, &t->state);
}

static void reset(struct terminal *t)
{
	t->state.contactless = dice_chance(&t->dice, 50);
	t->card->contactless = t->state.contactless;
	sim_power_up(t->card);
	select_name(t);
}

static void pin_event(struct terminal *t)
{
	size_t pin = dice_below(&t->dice, (unsigned)t->ap->n_pins);
	unsigned kind = dice_below(&t->dice, 100);
	if (!terminal_reaches(t, t->ap->pin[pin].df))
		return;
	if (kind < 50)
		event_verify(t, pin, true);
	else if (kind < 60)
		event_verify(t, pin, t->state.tries[pin] < 2 && dice_chance(&t->dice, 90));
	else if (kind < 72)
		event_change_old(t, pin);
	else if (kind < 84)
		event_change_new(t, pin);
	else
		event_reset(t, pin, dice_below(&t->dice, 4));
}

static void key_event(struct terminal *t)
{
	size_t key = dice_below(&t->dice, (unsigned)t->ap->n_keys);
	const struct naive_key *k = &t->ap->key[key];
	bool right = dice_chance(&t->dice, 85) || t->state.key_tries[key] < 2;
	if (!terminal_reaches(t, k->df))
		return;
	if (strcmp(k->use, "external") == 0)
		event_external(t, key, right);
	else if (strcmp(k->use, "mutual") == 0)
		event_mutual(t, key, right);
}

void event_climb(struct terminal *t)
{
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < t->ap->n_keys; i++)
			if (terminal_reaches(t, t->ap->key[i].df) && dice_chance(&t->dice, 60)) {
				if (strcmp(t->ap->key[i].use, "external") == 0)
					event_external(t, i, true);
				else if (strcmp(t->ap->key[i].use, "mutual") == 0)
					event_mutual(t, i, true);
			}
		for (size_t i = 0; i < t->ap->n_pins; i++) {
			if (!terminal_reaches(t, t->ap->pin[i].df) || dice_chance(&t->dice, 30))
				continue;
			if (!t->state.has_value[i])
				event_change_new(t, i);
			if (t->state.transport[i])
				event_change_old(t, i);
			event_verify(t, i, true);
		}
	}
}

void event_any(struct terminal *t)
{
	unsigned kind = dice_below(&t->dice, 100);
	t->events++;
	if (kind < 42 && t->ap->n_pins != 0)
		pin_event(t);
	else if (kind < 78 && t->ap->n_keys != 0)
		key_event(t);
	else if (kind < 90)
		select_df(t);
	else if (kind < 93)
		select_name(t);
	else if (kind < 97)
		fault(t);
	else
		reset(t);
}
