/* Cards that are wrong about keys and secure messaging, each in one thing. The full suite of the right contract catches
 * every one; which ones the probe catches is part of the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/mutant_keys.h"
#include "tests/unit/support/objects_kit.h"
#include "tests/unit/support/secure_kit.h"

/* Every use of symmetric keys, and a rule of each level. */
static struct contract *make(bool plain_ends, enum sm_level response)
{
	struct contract *c = kit_contract();
	c->sm_plain_ends = plain_ends;
	c->sm_response = (uint8_t)response;
	uint16_t des = secure_key(c, "des", KEY_DES_EDE2, KEY_EXTERNAL, SUITE_ECB);
	uint16_t aes = secure_key(c, "aes", KEY_AES_128, KEY_EXTERNAL, SUITE_ECB);
	uint16_t quiet = secure_key(c, "quiet", KEY_AES_128, KEY_MUTUAL, SUITE_BAC_AES);
	uint16_t bac = secure_key(c, "bac", KEY_DES_EDE2, KEY_MUTUAL, SUITE_BAC_3DES);
	uint16_t gate = secure_key(c, "gate", KEY_AES_128, KEY_MUTUAL, SUITE_BAC_AES);
	secure_key(c, "card-des", KEY_DES_EDE2, KEY_INTERNAL, SUITE_ECB);
	secure_key(c, "card-aes", KEY_AES_128, KEY_INTERNAL, SUITE_ECB);
	uint16_t p = (kit_simple_pin(c, "p", 0, 1), kit_rule(c, RULE_PIN, 0, 0));
	uint16_t d = kit_rule(c, RULE_AUTH, des, 0), a = kit_rule(c, RULE_AUTH, aes, 0);
	uint16_t g = kit_rule(c, RULE_AUTH, gate, 0);
	uint16_t both = kit_rule(c, RULE_SM, SM_ENC_MAC, gate), mac = kit_rule(c, RULE_SM, SM_MAC, gate);
	kit_file(c, "by-des", 1, 1, 20, d, kit_rule(c, RULE_AND, p, a), 0x11);
	kit_file(c, "by-aes", 2, 2, 20, a, kit_rule(c, RULE_AUTH, quiet, 0), 0x22);
	kit_file(c, "inside", 3, 3, 240, mac, both, 0x33);
	kit_file(c, "by-gate", 4, 4, 20, g, mac, 0x44);
	kit_file(c, "by-bac", 5, 5, 20, kit_rule(c, RULE_SM, SM_MAC, bac), kit_rule(c, RULE_OR, both, p), 0x55);
	uint16_t f = kit_counter(c, "points", 6, 6, 2, 0, 1000, 10, mac);
	c->file[f].rule[FILE_READ] = p;
	return c;
}

static struct contract *keyed(void)
{
	return make(false, SM_ENC_MAC);
}

static struct contract *strict(void)
{
	return make(true, SM_MAC);
}

/* Class 08 besides. */
static struct contract *compatible(void)
{
	struct contract *c = keyed();
	kit_file(c, "in-08", 7, 7, 20, kit_rule(c, RULE_SM, SM_ENC, 4), kit_rule(c, RULE_SM, SM_ENC, 4), 0x66);
	return c;
}

#define CONTRACT(f, probe)                                                                                             \
	{                                                                                                              \
#f, false, probe, f, NULL, NULL, NULL                                                                  \
	}
#define BEFORE(f)                                                                                                      \
	{                                                                                                              \
#f, false, false, NULL, f, NULL, NULL                                                                  \
	}
#define AFTER(f)                                                                                                       \
	{                                                                                                              \
#f, false, false, NULL, NULL, f, NULL                                                                  \
	}
#define RESET(f)                                                                                                       \
	{                                                                                                              \
#f, false, false, NULL, NULL, f, before_reset                                                          \
	}

static const struct mutant mutants[] = {
    BEFORE(mac_not_checked),
    BEFORE(short_mac_taken),
    BEFORE(no_mac_needed),
    BEFORE(mac_anywhere),
    BEFORE(replay_taken),
    BEFORE(gaps_taken),
    BEFORE(indicator_ignored),
    BEFORE(unknown_ignored),
    BEFORE(second_ignored),
    BEFORE(order_ignored),
    {"plain_suffices", false, false, NULL, plain_suffices, plain_again, NULL},
    AFTER(fault_keeps_session),
    AFTER(fault_keeps_counting),
    AFTER(fault_keeps_auth),
    AFTER(fault_keeps_pins),
    AFTER(fault_clears_pins),
    AFTER(fault_clears_keys),
    AFTER(pins_stay_inside),
    AFTER(refusals_in_plain),
    AFTER(answers_in_plain),
    AFTER(refusals_end_session),
    AFTER(faults_protected),
    AFTER(counter_not_raised),
    AFTER(auth_survives_select),
    AFTER(session_survives_select),
    RESET(auth_survives_reset),
    RESET(session_survives_reset),
    BEFORE(any_challenge),
    BEFORE(no_challenge),
    AFTER(challenge_serves_twice),
    AFTER(challenge_survives_select),
    AFTER(refusal_uses_key_try),
    AFTER(short_challenges),
    BEFORE(key_never_blocked),
    AFTER(key_uses_no_try),
    AFTER(key_not_restored),
    AFTER(key_failure_keeps_auth),
    AFTER(key_failure_ends_session),
    AFTER(wrong_proof),
    CONTRACT(level_ignored, false),
    CONTRACT(any_session_does, false),
    CONTRACT(answers_in_clear, false),
    CONTRACT(other_sm_plain, false),
    CONTRACT(fewer_key_tries, false),
};

/* What shows only where a plain command ends the session, or answers have a MAC only. */
static const struct mutant strict_mutants[] = {
    CONTRACT(answers_in_clear, false),
    CONTRACT(other_sm_plain, false),
    CONTRACT(any_session_does, false),
    {"plain_suffices", false, false, NULL, plain_suffices, plain_again, NULL},
};

static void pass_and_cover(void **state)
{
	(void)state;
	suites_pass_and_cover(keyed);
	suites_pass_and_cover(strict);
	suites_pass_and_cover(compatible);
}

static void every_mutant_is_caught(void **state)
{
	(void)state;
	mutants_caught(mutants, sizeof mutants / sizeof *mutants, keyed);
}

static void every_strict_mutant_is_caught(void **state)
{
	(void)state;
	mutants_caught(strict_mutants, sizeof strict_mutants / sizeof *strict_mutants, strict);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pass_and_cover), cmocka_unit_test(every_mutant_is_caught),
	    cmocka_unit_test(every_strict_mutant_is_caught)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
