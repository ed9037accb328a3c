/* The reference card: sentences of the AP contract that belong to no single command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/secure_kit.h"

/* Answers to a few commands, one behind the other. */
static char *answers(uint64_t seed, bool challenge_first)
{
	static const char *const commands[] = {
	    "00840000 08", "00B08100 04", V_HOLDER_4, "00840000 10", "00B08700 02", "00840000 00"};
	struct contract *c = secure_contract((struct secure_options){0});
	struct diag_list d = {0};
	struct buf all = {0};
	struct sim s;
	assert_true(sim_new_in_memory(&s, NULL, c, seed, &d));
	free(c);
	secure_personalise(&s);
	kit_start(&s);
	if (challenge_first)
		kit_send(&s, "00840000 08");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		buf_printf(&all, "%s;", kit_send(&s, commands[i]));
	char *text = strdup(buf_cstr(&all));
	buf_reset(&all);
	sim_close(&s);
	diag_reset(&d);
	return text;
}

static void c1_state_event_and_tape_decide(void **state)
{
	(void)state;
	char *a = answers(7, false), *b = answers(7, false), *c = answers(8, false), *d = answers(7, true);
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_string_not_equal(a, d);
	free(a);
	free(b);
	free(c);
	free(d);
}

/* Whatever is refused before the cryptogram is compared leaves the challenge to be used. */
static void c3_refusals_before_a_comparison_keep_the_challenge(void **state)
{
	static const struct {
		const char *command, *answer;
	} refused[] = {
	    {"00820181 08 0000000000000000", "6A86"}, {"00820081", "6700"}, {"00820081 07 00000000000000", "6700"},
	    {"00820099 08 0000000000000000", "6A88"},
	    {"00820082 10 00000000000000000000000000000000", "6985"}, /* a challenge of another length */
	};
	struct sim *s = *state;
	uint8_t challenge[16], k[16], cmd[5 + 16] = {0x00, 0x82, 0x00, 0x81, 0x08};
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		EXPECT(s, SELECT_AP, "9000");
		EXPECT(s, READ("82"), "6982");
		secure_challenge(s, 8, challenge);
		EXPECT(s, refused[i].command, refused[i].answer);
		assert_true(sm_cryptogram(CIPHER_DES_EDE2, k, kit_bytes(K_DES, k, sizeof k), challenge, 8, cmd + 5));
		assert_string_equal(kit_send_bytes(s, cmd, 13), "9000");
		EXPECT(s, READ("82"), "0202 9000");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c1_state_event_and_tape_decide),
	    SECURE_TEST(c3_refusals_before_a_comparison_keep_the_challenge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
