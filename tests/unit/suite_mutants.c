/* Deliberately wrong cards, each with one thing altered (tests/unit/support/mutant*.h). The full suite of the right
 * contract must catch every one; which ones the probe catches is part of the table, so that it does not get weaker
 * unnoticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/mutant_contracts.h"
#include "tests/unit/support/mutant_files.h"
#include "tests/unit/support/mutant_pins.h"

/* ---- the table ---- */

#define CONTRACT(f, rich, probe)                                                                                       \
	{                                                                                                              \
		.name = #f, rich, probe, .contract = f                                                                 \
	}
#define BEFORE(f, rich, probe)                                                                                         \
	{                                                                                                              \
		.name = #f, rich, probe, .before = f                                                                   \
	}
#define AFTER(f, rich, probe)                                                                                          \
	{                                                                                                              \
		.name = #f, rich, probe, .after = f                                                                    \
	}

static const struct mutant mutants[] = {
    CONTRACT(zones_free, 0, 1),
    CONTRACT(flag_free, 0, 1),
    CONTRACT(card_writable, 0, 0),
    CONTRACT(zones_writable, 0, 0),
    CONTRACT(zones_never, 0, 0),
    CONTRACT(flag_never, 0, 0),
    CONTRACT(card_secret, 0, 1),
    CONTRACT(and_is_or, 1, 0),
    CONTRACT(or_is_and, 1, 0),
    CONTRACT(more_tries, 0, 0),
    CONTRACT(fewer_tries, 0, 0),
    CONTRACT(fewer_puk_tries, 0, 0),
    CONTRACT(shorter_pin, 0, 0),
    CONTRACT(longer_pin, 0, 0),
    CONTRACT(change_when_verified, 0, 0),
    CONTRACT(no_change, 0, 0),
    CONTRACT(reset_keeps, 0, 0),
    CONTRACT(no_reset, 0, 0),
    CONTRACT(larger_file, 0, 1),
    CONTRACT(smaller_file, 0, 1),
    CONTRACT(other_content, 0, 1),
    CONTRACT(other_flag, 0, 0),
    CONTRACT(other_padding, 0, 0),
    CONTRACT(other_fid, 0, 1),
    CONTRACT(other_aid, 0, 1),
    CONTRACT(other_reference, 0, 1),
    CONTRACT(no_format, 1, 0),
    CONTRACT(never_transport, 1, 0),
    CONTRACT(unblock_free, 1, 0),
    CONTRACT(sfi_swapped, 0, 1),
    CONTRACT(back_door, 0, 1),

    AFTER(wrong_uses_no_try, 0, 0),
    AFTER(wrong_keeps_status, 0, 0),
    AFTER(never_blocked, 0, 0),
    AFTER(right_restores_nothing, 0, 0),
    AFTER(empty_uses_try, 0, 0),
    AFTER(empty_never_ok, 0, 0),
    AFTER(empty_clears, 0, 0),
    AFTER(length_uses_try, 0, 0),
    AFTER(blocked_as_mismatch, 0, 0),
    BEFORE(tries_in_ram, 0, 0),
    BEFORE(any_p1, 0, 0),
    AFTER(puk_by_verify, 0, 1),
    AFTER(wrong_clears_others, 1, 0),
    BEFORE(beginning_suffices, 1, 0),
    AFTER(second_pin_ends_first, 1, 0),

    AFTER(aid_keeps_status, 0, 0),
    AFTER(aid_keeps_ef, 0, 0),
    AFTER(fci_keeps_status, 0, 0),
    AFTER(ef_clears_status, 0, 0),
    AFTER(unknown_ef_clears_ef, 0, 0),
    AFTER(unknown_ef_clears_status, 0, 0),
    BEFORE(third_byte_ignored, 0, 0),
    AFTER(wrong_fci, 0, 1),
    AFTER(existence_hidden, 0, 1),

    AFTER(sfi_not_current, 0, 0),
    AFTER(sfi_current_when_given, 0, 0),
    BEFORE(sfi_bits_ignored, 0, 1),
    BEFORE(update_is_cut, 0, 0),
    AFTER(update_does_nothing, 0, 0),
    AFTER(refused_update_writes, 0, 1),
    AFTER(read_one_less, 0, 0),
    AFTER(read_outside_is_empty, 0, 1),
    AFTER(read_beyond_refused, 0, 0),
    AFTER(no_le_gives_nothing, 0, 0),
    BEFORE(high_offset_ignored, 1, 1),
    AFTER(record_read, 0, 1),

    AFTER(change_uses_no_try, 0, 0),
    AFTER(change_keeps_status, 0, 0),
    AFTER(change_accepts_same, 0, 0),
    AFTER(change_same_counts, 0, 0),
    AFTER(change_does_nothing, 0, 0),
    AFTER(change_restores_nothing, 0, 0),
    AFTER(reset_keeps_status, 0, 0),
    AFTER(reset_verifies, 0, 0),
    AFTER(reset_does_nothing, 0, 0),
    AFTER(puk_uses_no_try, 0, 0),
    AFTER(puk_not_restored, 0, 0),
    AFTER(puk_never_blocked, 0, 0),
    AFTER(puk_length_counts, 0, 0),
    AFTER(puk_uses_pin_tries, 0, 0),
    AFTER(reset_ends_transport, 1, 0),
    AFTER(put_data_sets_pin, 0, 0),
    AFTER(delete_empties, 0, 0),

    BEFORE(channel_ignored, 0, 1),
    BEFORE(chaining_ignored, 0, 1),
    BEFORE(sm_ignored, 0, 1),
    BEFORE(write_binary, 0, 0),
    BEFORE(odd_read, 0, 0),
    AFTER(fault, 0, 1),
};

enum { MUTANTS = sizeof mutants / sizeof *mutants };

/* ---- running ---- */

/* A card that executes the mutant's contract, with the values of the right one. */
static void open_mutant(struct sim *card, const struct mutant *mutant, const struct kit_ap *right)
{
	struct contract *c = mutant->rich ? kit_rich_contract() : kit_sample_contract();
	struct reference_value value[32];
	size_t n = right->values.n;
	if (mutant->contract != NULL)
		mutant->contract(c);
	memcpy(value, right->given, n * sizeof *value);
	for (size_t i = 0; i < n; i++) /* a card that is too short for a value gets its beginning */
		if (value[i].n > c->value[i].max)
			value[i].n = c->value[i].max;
	for (; n < c->n_values; n++) /* what the right contract does not know gets what comes first */
		value[n] = (struct reference_value){
		    c->value[n].name, value[n - right->values.n].p, value[n - right->values.n].n};
	kit_deliver(card, c);
	assert_int_equal(reference_personalise(card, value, n), SW_OK);
	free(c);
}

static bool caught(const struct mutant *mutant, const struct kit_ap *right, enum suite_kind kind)
{
	struct sim card;
	open_mutant(&card, mutant, right);
	struct suite *s = kit_generate(right->contract, kind);
	bool fails = mutant_fails(mutant, &card, s, &right->values);
	suite_free(s);
	return fails;
}

static void every_mutant_is_caught(void **state)
{
	struct kit_ap ap[2];
	size_t by_probe = 0, wrong = 0;
	(void)state;
	kit_sample_open(&ap[0]);
	kit_rich_open(&ap[1]);
	for (size_t i = 0; i < MUTANTS; i++) {
		const struct mutant *m = &mutants[i];
		bool full = caught(m, &ap[m->rich], SUITE_FULL), probe = caught(m, &ap[m->rich], SUITE_PROBE);
		by_probe += probe;
		if (full && probe == m->probe)
			continue;
		wrong++;
		print_error(
		    "%s: full %s, probe %s\n", m->name, full ? "catches" : "MISSES", probe ? "catches" : "misses");
	}
	print_message("%d mutants, %zu caught by the probe\n", (int)MUTANTS, by_probe);
	assert_int_equal(wrong, 0);
	kit_ap_close(&ap[0]);
	kit_ap_close(&ap[1]);
}

/* The harness itself changes nothing. */
static void no_mutant_passes(void **state)
{
	static const struct mutant none = {.name = "none"}, rich = {.name = "rich", .rich = true};
	struct kit_ap ap[2];
	(void)state;
	kit_sample_open(&ap[0]);
	kit_rich_open(&ap[1]);
	assert_false(caught(&none, &ap[0], SUITE_FULL));
	assert_false(caught(&none, &ap[0], SUITE_PROBE));
	assert_false(caught(&rich, &ap[1], SUITE_FULL));
	assert_false(caught(&rich, &ap[1], SUITE_PROBE));
	kit_ap_close(&ap[0]);
	kit_ap_close(&ap[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_mutant_passes), cmocka_unit_test(every_mutant_is_caught)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
