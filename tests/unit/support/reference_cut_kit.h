/* Power cuts: AP contract, section 4, all or nothing. A command that writes is cut before every byte it writes, from a
 * snapshot; then recovery itself is cut before every byte. The oracle looks at the AP from outside: a list of
 * questions, each put to a fresh copy of the card. Afterwards the card must answer like the card before the command,
 * like the one after it, or, where a secret was compared, like one that used a try and nothing else. Include after
 * cmocka.h. */
#ifndef IGATA_TESTS_REFERENCE_CUT_KIT_H
#define IGATA_TESTS_REFERENCE_CUT_KIT_H

#include "tests/unit/support/reference_kit.h"

enum { LINES = 24 };

/* Reset and select; a blocked or terminated AP is one too. */
static inline void cut_start(struct sim *s)
{
	sim_power_up(s);
	const char *got = kit_send(s, SELECT_AP);
	assert_true(strcmp(got, "9000") == 0 || strcmp(got, "6283") == 0 || strcmp(got, "6285") == 0);
}

struct scenario {
	const char *before[LINES];  /* commands after SELECT, on the card at rest; then reset */
	const char *session[LINES]; /* commands after SELECT that the command needs */
	const char *command;
	const char *spent;    /* a command that uses the same try and changes nothing else; NULL: nothing is compared */
	const char *spend[2]; /* the same where it takes two, the challenge first; instead of `spent` */
	const char *ask[LINES][3]; /* each a dialogue of its own; its last answer counts */
};

/* The answers to all questions, in one string. Counting questions see the counter as well as the value. */
static inline char *cut_observe(const struct sim *s, struct sim *copy, const struct scenario *sc)
{
	struct buf out = {0};
	for (size_t i = 0; i < LINES && sc->ask[i][0] != NULL; i++) {
		const char *last = "";
		sim_restore(copy, s);
		cut_start(copy);
		for (size_t k = 0; k < 3 && sc->ask[i][k] != NULL; k++)
			last = kit_send(copy, sc->ask[i][k]);
		buf_printf(&out, "%s;", last);
	}
	char *text = strdup(buf_cstr(&out));
	assert_non_null(text);
	buf_reset(&out);
	return text;
}

static inline void cut_prepare(struct sim *s, const struct sim *from, const struct scenario *sc)
{
	sim_restore(s, from);
	cut_start(s);
	for (size_t i = 0; i < LINES && sc->session[i] != NULL; i++)
		assert_string_not_equal(kit_send(s, sc->session[i]), "");
}

struct oracle {
	char *before, *after, *spent; /* spent may be NULL */
	unsigned seen_before, seen_after, seen_spent;
};

static inline void cut_judge(
    const struct sim *s, struct sim *copy, const struct scenario *sc, struct oracle *o, int64_t cut)
{
	char *now = cut_observe(s, copy, sc);
	if (strcmp(now, o->before) == 0)
		o->seen_before++;
	else if (strcmp(now, o->after) == 0)
		o->seen_after++;
	else if (o->spent != NULL && strcmp(now, o->spent) == 0)
		o->seen_spent++;
	else
		fail_msg("%s, cut %d: %s\nbefore %s\nafter  %s", sc->command, (int)cut, now, o->before, o->after);
	free(now);
}

/* Power up again and again, each time cut one byte later, until recovery gets through; the state never moves away from
 * what the first whole recovery makes of it. */
static inline void cut_recover_in_pieces(
    const struct sim *torn, struct sim *s, struct sim *copy, const struct scenario *sc)
{
	sim_restore(s, torn);
	sim_power_up(s);
	char *want = cut_observe(s, copy, sc);
	for (int64_t cut = 0;; cut++) {
		sim_restore(s, torn);
		sim_power_up_cut(s, cut);
		bool whole = !s->nv.off;
		assert_int_equal(strlen(kit_send(s, SELECT_AP)) == 0, !whole);
		sim_power_up(s);
		char *now = cut_observe(s, copy, sc);
		assert_string_equal(now, want);
		free(now);
		if (whole)
			break;
	}
	free(want);
}

static inline void cut_run(const struct sim *fresh, const struct scenario *sc, unsigned step, bool nested)
{
	struct sim rest, s, copy, torn;
	struct oracle o = {0};
	assert_true(sim_copy(&rest, fresh) && sim_copy(&s, fresh) && sim_copy(&copy, fresh) && sim_copy(&torn, fresh));
	cut_start(&rest);
	for (size_t i = 0; i < LINES && sc->before[i] != NULL; i++)
		kit_send(&rest, sc->before[i]);

	cut_prepare(&s, &rest, sc);
	o.before = cut_observe(&s, &copy, sc);
	const char *spent = sc->spent != NULL ? sc->spent : sc->spend[1] != NULL ? sc->spend[1] : sc->spend[0];
	if (spent != NULL) {
		if (sc->spend[1] != NULL)
			kit_send(&s, sc->spend[0]);
		assert_int_equal(strncmp(kit_send(&s, spent), "63C", 3), 0);
		o.spent = cut_observe(&s, &copy, sc);
		assert_string_not_equal(o.spent, o.before);
	}
	cut_prepare(&s, &rest, sc);
	uint64_t from = s.nv.written;
	const char *whole = strdup(kit_send(&s, sc->command));
	uint64_t bytes = s.nv.written - from;
	o.after = cut_observe(&s, &copy, sc);
	assert_true(bytes > 0);

	for (uint64_t k = 0; k < bytes; k += k + step < bytes - 8 && k > 8 ? step : 1) {
		cut_prepare(&s, &rest, sc);
		s.nv.cut = (int64_t)(s.nv.written + k);
		assert_string_equal(kit_send(&s, sc->command), ""); /* a card without power says nothing */
		assert_true(s.nv.off);
		if (k == 0)
			cut_judge(&s, &copy, sc, &(struct oracle){o.before, o.before, NULL, 0, 0, 0}, 0);
		if (nested) {
			sim_restore(&torn, &s);
			cut_recover_in_pieces(&torn, &s, &copy, sc);
		}
		cut_judge(&s, &copy, sc, &o, (int64_t)k);
	}
	cut_prepare(&s, &rest, sc);
	s.nv.cut = (int64_t)(s.nv.written + bytes);
	assert_string_equal(kit_send(&s, sc->command), whole);
	assert_true(o.seen_before > 0);
	if (spent != NULL && strcmp(o.spent, o.after) != 0)
		assert_true(o.seen_spent > 0);
	free((void *)(uintptr_t)whole);
	free(o.before);
	free(o.after);
	free(o.spent);
	sim_close(&rest);
	sim_close(&s);
	sim_close(&copy);
	sim_close(&torn);
}

#endif
