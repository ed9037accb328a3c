/* The reference card: AP contract, section 4, all or nothing. Every command that writes is cut before every byte it
 * writes, from a snapshot; then recovery itself is cut before every byte. The oracle looks at the AP from outside: a
 * list of questions, each put to a fresh copy of the card. Afterwards the card must answer like the card before the
 * command, like the one after it, or, where a secret was compared, like one that used a try and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_kit.h"

enum { LINES = 24 };

struct scenario {
	const char *before[LINES];  /* commands after SELECT, on the card at rest; then reset */
	const char *session[LINES]; /* commands after SELECT that the command needs */
	const char *command;
	const char *spent; /* a command that uses the same try and changes nothing else; NULL: nothing is compared */
	const char *ask[LINES][3]; /* each a dialogue of its own; its last answer counts */
};

/* The answers to all questions, in one string. Counting questions see the counter as well as the value. */
static char *observe(const struct sim *s, struct sim *copy, const struct scenario *sc)
{
	struct buf out = {0};
	for (size_t i = 0; i < LINES && sc->ask[i][0] != NULL; i++) {
		const char *last = "";
		sim_restore(copy, s);
		kit_start(copy);
		for (size_t k = 0; k < 3 && sc->ask[i][k] != NULL; k++)
			last = kit_send(copy, sc->ask[i][k]);
		buf_printf(&out, "%s;", last);
	}
	char *text = strdup(buf_cstr(&out));
	assert_non_null(text);
	buf_reset(&out);
	return text;
}

static void prepare(struct sim *s, const struct sim *from, const struct scenario *sc)
{
	sim_restore(s, from);
	kit_start(s);
	for (size_t i = 0; i < LINES && sc->session[i] != NULL; i++)
		assert_string_not_equal(kit_send(s, sc->session[i]), "");
}

struct oracle {
	char *before, *after, *spent; /* spent may be NULL */
	unsigned seen_before, seen_after, seen_spent;
};

static void judge(const struct sim *s, struct sim *copy, const struct scenario *sc, struct oracle *o, int64_t cut)
{
	char *now = observe(s, copy, sc);
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
static void recover_in_pieces(const struct sim *torn, struct sim *s, struct sim *copy, const struct scenario *sc)
{
	sim_restore(s, torn);
	sim_power_up(s);
	char *want = observe(s, copy, sc);
	for (int64_t cut = 0;; cut++) {
		sim_restore(s, torn);
		sim_power_up_cut(s, cut);
		bool whole = !s->nv.off;
		assert_int_equal(strlen(kit_send(s, SELECT_AP)) == 0, !whole);
		sim_power_up(s);
		char *now = observe(s, copy, sc);
		assert_string_equal(now, want);
		free(now);
		if (whole)
			break;
	}
	free(want);
}

static void run(const struct sim *fresh, const struct scenario *sc, unsigned step, bool nested)
{
	struct sim rest, s, copy, torn;
	struct oracle o = {0};
	assert_true(sim_copy(&rest, fresh) && sim_copy(&s, fresh) && sim_copy(&copy, fresh) && sim_copy(&torn, fresh));
	kit_start(&rest);
	for (size_t i = 0; i < LINES && sc->before[i] != NULL; i++)
		kit_send(&rest, sc->before[i]);

	prepare(&s, &rest, sc);
	o.before = observe(&s, &copy, sc);
	if (sc->spent != NULL) {
		assert_int_equal(strncmp(kit_send(&s, sc->spent), "63C", 3), 0);
		o.spent = observe(&s, &copy, sc);
		assert_string_not_equal(o.spent, o.before);
	}
	prepare(&s, &rest, sc);
	uint64_t from = s.nv.written;
	const char *whole = strdup(kit_send(&s, sc->command));
	uint64_t bytes = s.nv.written - from;
	o.after = observe(&s, &copy, sc);
	assert_true(bytes > 0);

	for (uint64_t k = 0; k < bytes; k += k + step < bytes - 8 && k > 8 ? step : 1) {
		prepare(&s, &rest, sc);
		s.nv.cut = (int64_t)(s.nv.written + k);
		assert_string_equal(kit_send(&s, sc->command), ""); /* a card without power says nothing */
		assert_true(s.nv.off);
		if (k == 0)
			judge(&s, &copy, sc, &(struct oracle){o.before, o.before, NULL, 0, 0, 0}, 0);
		if (nested) {
			sim_restore(&torn, &s);
			recover_in_pieces(&torn, &s, &copy, sc);
		}
		judge(&s, &copy, sc, &o, (int64_t)k);
	}
	prepare(&s, &rest, sc);
	s.nv.cut = (int64_t)(s.nv.written + bytes);
	assert_string_equal(kit_send(&s, sc->command), whole);
	assert_true(o.seen_before > 0);
	if (sc->spent != NULL && strcmp(o.spent, o.after) != 0)
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

/* What a PIN is: its counter, which value it has, whether it is in transport, the counter of its PUK, and that nobody
 * is verified. */
#define ASK_HOLDER                                                                                                     \
	{"00200081"}, {V_HOLDER}, {"00200081 04 35363738"}, {"002C0181 08 " PUK_NO},                                   \
	    {"002C0181 08 " PUK, V_HOLDER_NO}, {"00B08200 01"}, {V_HOLDER, "00B08200 01"},                             \
	{                                                                                                              \
		"00200081 04 35363738", "00B08200 01"                                                                  \
	}
#define ASK_TRANSIT                                                                                                    \
	{"00200083"}, {V_TRANSIT}, {"00200083 04 31313131"}, {"002C0183 08 3837363534333230"}, {"00B08500 00"},        \
	{                                                                                                              \
		"00200083 04 31313131", "00B08500 00"                                                                  \
	}

static const struct scenario verify_right = {
    .before = {V_HOLDER_NO},
    .command = V_HOLDER,
    .spent = V_HOLDER_NO,
    .ask = {ASK_HOLDER},
};

static const struct scenario verify_wrong = {
    .command = V_HOLDER_NO,
    .spent = V_HOLDER_NO,
    .ask = {ASK_HOLDER},
};

static const struct scenario verify_last_try_right = {
    .before = {V_HOLDER_NO, V_HOLDER_NO},
    .command = V_HOLDER,
    .spent = V_HOLDER_NO,
    .ask = {ASK_HOLDER},
};

static const struct scenario verify_transport = {
    .before = {"00200083 04 31313131"},
    .command = V_TRANSIT,
    .spent = "00200083 04 31313131",
    .ask = {ASK_TRANSIT},
};

static const struct scenario change_old_and_new = {
    .before = {V_HOLDER_NO},
    .command = "00240081 08 3132333435363738",
    .spent = V_HOLDER_NO,
    .ask = {ASK_HOLDER},
};

static const struct scenario change_wrong_old = {
    .session = {V_HOLDER},
    .command = "00240081 08 3132333335363738",
    .spent = V_HOLDER_NO,
    .ask = {ASK_HOLDER},
};

static const struct scenario change_new_only = {
    .session = {V_HOLDER},
    .command = "00240181 04 35363738",
    .ask = {ASK_HOLDER},
};

static const struct scenario change_ends_transport = {
    .command = "00240083 08 3030303031313131",
    .spent = "00200083 04 32323232",
    .ask = {ASK_TRANSIT},
};

static const struct scenario reset_puk_and_new = {
    .before = {V_HOLDER_NO, V_HOLDER_NO, V_HOLDER_NO, "002C0181 08 " PUK_NO},
    .command = "002C0081 0C " PUK "35363738",
    .spent = "002C0181 08 " PUK_NO,
    .ask = {ASK_HOLDER},
};

static const struct scenario reset_puk = {
    .before = {V_HOLDER_NO, V_HOLDER_NO, V_HOLDER_NO},
    .command = "002C0181 08 " PUK,
    .spent = "002C0181 08 " PUK_NO,
    .ask = {ASK_HOLDER},
};

static const struct scenario reset_wrong_puk = {
    .command = "002C0081 0C " PUK_NO "35363738",
    .spent = "002C0181 08 " PUK_NO,
    .ask = {ASK_HOLDER},
};

static const struct scenario reset_new = {
    .before = {V_HOLDER_NO, V_HOLDER_NO, V_HOLDER_NO},
    .session = {V_ADMIN},
    .command = "002C0281 04 35363738",
    .ask = {ASK_HOLDER},
};

static const struct scenario reset_empty = {
    .before = {V_HOLDER_NO, V_HOLDER_NO, V_HOLDER_NO},
    .session = {V_ADMIN},
    .command = "002C0381",
    .ask = {ASK_HOLDER},
};

static const struct scenario reset_to_transport = {
    .before = {"00240083 08 3030303031313131"},
    .command = "002C0083 0C 3837363534333231 30303030",
    .spent = "002C0183 08 3837363534333230",
    .ask = {ASK_TRANSIT},
};

static const struct scenario update_one = {
    .command = "00D68300 01 77",
    .ask = {{"00B08300 08"}, {"00B08100 00"}},
};

static const struct scenario update_some = {
    .before = {"00D68300 05 0102030405"},
    .session = {V_HOLDER},
    .command = "00D68101 0F A1A2A3A4A5A6A7A8A9AAABACADAEAF",
    .ask = {{"00B08300 08"}, {"00B08100 00"}, {"00200081"}},
};

static void c4_commands_on_pins(void **state)
{
	static const struct scenario *const all[] = {&verify_right, &verify_wrong, &verify_last_try_right,
	    &verify_transport, &change_old_and_new, &change_wrong_old, &change_new_only, &change_ends_transport,
	    &reset_puk_and_new, &reset_puk, &reset_wrong_puk, &reset_new, &reset_empty, &reset_to_transport};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		run(*state, all[i], 1, true);
}

static void c4_update_binary(void **state)
{
	run(*state, &update_one, 1, true);
	run(*state, &update_some, 1, true);
}

static void c4_longest_short_update(void **state)
{
	char command[10 + 2 * 255 + 1] = "00D68300FF", old[sizeof command] = "00D68300FF";
	for (int i = 0; i < 255; i++) {
		snprintf(command + 10 + 2 * i, 3, "%02X", 255 - i);
		snprintf(old + 10 + 2 * i, 3, "%02X", i);
	}
	const struct scenario sc = {.before = {old}, .command = command, .ask = {{"00B08300 00"}, {"00B000FE 00"}}};
	run(*state, &sc, 1, false);
}

static void c4_personalisation(void **state)
{
	(void)state;
	static const struct scenario pin = {
	    .before = {"80E20000 04 39393939"},
	    .command = "80E20000 04 31323334",
	    .ask = {{"80E20003 06 363534333231", "80E40000", V_HOLDER}, {"80E40000", "00200081 04 39393939"}},
	};
	static const struct scenario first = {
	    .command = "80E20000 04 31323334",
	    .ask = {{"80E40000"}, {"80E40000", V_HOLDER}},
	};
	static const struct scenario end = {
	    .before = {"80E20000 04 31323334"},
	    .command = "80E40000",
	    .ask = {{"80E40000"}, {V_HOLDER}, {"00FF0000"}, {"00B08100 00"}},
	};
	struct contract *c = kit_contract();
	struct sim s;
	kit_pin(c, (struct contract_pin){.id = "holder", .ref = 1, .min = 4, .max = 4, .tries = 3});
	kit_file(c, "f", 1, 1, 4, KIT_ALWAYS, KIT_NEVER, 0x77);
	kit_deliver(&s, c);
	free(c);
	run(&s, &first, 1, true);
	run(&s, &pin, 1, true);
	run(&s, &end, 1, true);
	sim_close(&s);
}

/* A change longer than the log: at every byte near its ends, and at every 61st between. */
static void c4_change_longer_than_the_log(void **state)
{
	(void)state;
	enum { N = 5000 };
	static char update[2 * (7 + N) + 1] = "00D60001"
					      "00"
					      "1388",
					 deliver[2 * (7 + N) + 1] = "80E20000"
								    "00"
								    "1388";
	struct contract *c = kit_contract();
	struct sim s;
	memset(update + 14, '5', 2 * N);
	memset(deliver + 14, '6', 2 * N);
	c->extended = true;
	kit_file(c, "f", 1, 1, N + 2, KIT_ALWAYS, KIT_ALWAYS, 0x77);
	kit_file(c, "g", 2, 2, 4, KIT_ALWAYS, KIT_ALWAYS, 0x88);
	kit_field(c, "field", 0, 1, N, N, FORMAT_BINARY, -1);
	kit_deliver(&s, c);
	free(c);
	const struct scenario perso = {
	    .command = deliver, .ask = {{"80E40000", SELECT_AP, "00B08100 00 0000"}, {"80E40000", "00B08200 00"}}};
	run(&s, &perso, 61, false);

	kit_start(&s);
	assert_string_equal(kit_send(&s, deliver), "9000");
	EXPECT(&s, "80E40000", "9000");
	const struct scenario change = {
	    .session = {"00A4020C 02 0001"}, .command = update, .ask = {{"00B08100 00 0000"}, {"00B08200 00"}}};
	run(&s, &change, 61, false);

	/* and recovery of it */
	struct sim torn, again, copy;
	assert_true(sim_copy(&torn, &s) && sim_copy(&again, &s) && sim_copy(&copy, &s));
	prepare(&torn, &s, &change);
	torn.nv.cut = (int64_t)(torn.nv.written + 2 * N);
	assert_string_equal(kit_send(&torn, update), "");
	char *after = NULL;
	for (int64_t cut = 0; cut < N + 1; cut += 41) {
		sim_restore(&again, &torn);
		sim_power_up_cut(&again, cut);
		assert_true(again.nv.off);
		sim_power_up(&again);
		char *now = observe(&again, &copy, &change);
		if (after != NULL)
			assert_string_equal(now, after);
		free(after);
		after = now;
		assert_int_equal(strncmp(now, "7755555555", 10), 0);
	}
	free(after);
	sim_close(&torn);
	sim_close(&again);
	sim_close(&copy);
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CARD_TEST(c4_commands_on_pins),
	    CARD_TEST(c4_update_binary),
	    CARD_TEST(c4_longest_short_update),
	    cmocka_unit_test(c4_personalisation),
	    cmocka_unit_test(c4_change_longer_than_the_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
