/* The reference card: AP contract, section 4: the commands on transparent files and PINs, and personalisation, cut
 * before every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/reference_cut_kit.h"

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
		cut_run(*state, all[i], 1, true);
}

static void c4_update_binary(void **state)
{
	cut_run(*state, &update_one, 1, true);
	cut_run(*state, &update_some, 1, true);
}

static void c4_longest_short_update(void **state)
{
	char command[10 + 2 * 255 + 1] = "00D68300FF", old[sizeof command] = "00D68300FF";
	for (int i = 0; i < 255; i++) {
		snprintf(command + 10 + 2 * i, 3, "%02X", 255 - i);
		snprintf(old + 10 + 2 * i, 3, "%02X", i);
	}
	const struct scenario sc = {.before = {old}, .command = command, .ask = {{"00B08300 00"}, {"00B000FE 00"}}};
	cut_run(*state, &sc, 1, false);
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
	cut_run(&s, &first, 1, true);
	cut_run(&s, &pin, 1, true);
	cut_run(&s, &end, 1, true);
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
	cut_run(&s, &perso, 61, false);

	kit_start(&s);
	assert_string_equal(kit_send(&s, deliver), "9000");
	EXPECT(&s, "80E40000", "9000");
	const struct scenario change = {
	    .session = {"00A4020C 02 0001"}, .command = update, .ask = {{"00B08100 00 0000"}, {"00B08200 00"}}};
	cut_run(&s, &change, 61, false);

	/* and recovery of it */
	struct sim torn, again, copy;
	assert_true(sim_copy(&torn, &s) && sim_copy(&again, &s) && sim_copy(&copy, &s));
	cut_prepare(&torn, &s, &change);
	torn.nv.cut = (int64_t)(torn.nv.written + 2 * N);
	assert_string_equal(kit_send(&torn, update), "");
	char *after = NULL;
	for (int64_t cut = 0; cut < N + 1; cut += 41) {
		sim_restore(&again, &torn);
		sim_power_up_cut(&again, cut);
		assert_true(again.nv.off);
		sim_power_up(&again);
		char *now = cut_observe(&again, &copy, &change);
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
