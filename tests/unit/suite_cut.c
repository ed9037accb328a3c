/* Power cuts on the reference card; and on cards that are deliberately not all-or-nothing, which must be found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/sim/reference/card.h"
#include "tests/unit/support/cut_kit.h"
#include "tests/unit/support/suite_kit.h"

static void sample_on_the_reference_card(void **state)
{
	struct kit_ap ap;
	(void)state;
	kit_sample_open(&ap);
	cut_passes("sample, reference", ap.contract, &ap.card, &ap.values, CUT_EVERY_BYTE);
	cut_passes("sample, reference, edges", ap.contract, &ap.card, &ap.values, CUT_EDGES);
	kit_ap_close(&ap);
}

static void rich_on_the_reference_card(void **state)
{
	struct kit_ap ap;
	(void)state;
	kit_rich_open(&ap);
	cut_passes("rich, reference, edges", ap.contract, &ap.card, &ap.values, CUT_EDGES);
	kit_ap_close(&ap);
}

/* ---- cards that are not all-or-nothing ---- */

/* What the reference card makes of a command, without writing it: the memory it would leave. */
static uint8_t *result_of(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct sim inner = *s;
	inner.nv.mem = malloc(s->nv.size);
	assert_non_null(inner.nv.mem);
	memcpy(inner.nv.mem, s->nv.mem, s->nv.size);
	inner.nv.cut = NV_NO_CUT;
	inner.nv.watch = NULL;
	inner.map = NULL;
	sim_reference.apdu(&inner, cmd, n, rsp);
	memcpy(inner.nv.mem, s->nv.mem, NV_HOME);
	return inner.nv.mem;
}

static void write_changes(struct sim *s, const uint8_t *to)
{
	for (uint32_t i = NV_HOME; i < s->nv.size; i++)
		if (s->nv.mem[i] != to[i])
			nv_write(&s->nv, i, &to[i], 1);
}

/* Writes what changes, byte by byte, and does nothing at power-up. */
static void torn(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint8_t *to = result_of(s, cmd, n, rsp);
	write_changes(s, to);
	free(to);
}

/* Gives all tries back before it compares. */
static void generous(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	const struct session *session = s->ram;
	const uint8_t three = 3;
	if (n > 5 && cmd[1] == INS_VERIFY && s->nv.mem[session->at.pins] != 0) {
		uint8_t *to = result_of(s, cmd, n, rsp);
		nv_write(&s->nv, session->at.pins, &three, 1);
		write_changes(s, to);
		free(to);
	} else
		sim_reference.apdu(s, cmd, n, rsp);
}

/* Counts a wrong PIN twice and takes one back. */
static void harsh(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	const struct session *session = s->ram;
	uint8_t tries = s->nv.mem[session->at.pins], low = 0;
	if (n > 5 && cmd[1] == INS_VERIFY && tries == 3)
		nv_write(&s->nv, session->at.pins, &low, 1);
	if (n > 5 && cmd[1] == INS_VERIFY && tries == 3)
		nv_write(&s->nv, session->at.pins, &tries, 1);
	sim_reference.apdu(s, cmd, n, rsp);
}

/* A journal of old bytes, kept behind the PUK in the PIN's record: | number | { 4 address, 1 old byte } ... |. At
 * power-up the old bytes are put back; whoever forgets the journal first loses it at a second cut. */
enum { UNDO = PIN_RECORD - 230, ENTRIES = 40 };

static uint32_t undo_at(const struct sim *s)
{
	return ((const struct session *)s->ram)->at.pins + UNDO;
}

static void journalled(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint8_t *to = result_of(s, cmd, n, rsp), count = 0;
	const uint8_t none = 0;
	uint32_t at = undo_at(s);
	for (uint32_t i = NV_HOME; i < s->nv.size && count < ENTRIES; i++) {
		const uint8_t entry[5] = {
		    (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, s->nv.mem[i]};
		if (s->nv.mem[i] != to[i] && (i < at || i > at + 5 * ENTRIES))
			nv_write(&s->nv, at + 1 + 5U * count++, entry, 5);
	}
	if (count != 0) {
		memcpy(to + at, s->nv.mem + at, 1 + 5 * ENTRIES); /* the journal is not what the command changes */
		nv_write(&s->nv, at, &count, 1);
		to[at] = count;
		write_changes(s, to);
		nv_write(&s->nv, at, &none, 1);
	}
	free(to);
}

static void put_back(struct sim *s, uint8_t count)
{
	const uint8_t *p = s->nv.mem + undo_at(s) + 1;
	for (; count > 0; count--, p += 5) {
		uint32_t i = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
		nv_write(&s->nv, i, p + 4, 1);
	}
}

static void careful_power_up(struct sim *s)
{
	const uint8_t none = 0;
	sim_reference.power_up(s);
	uint8_t count = s->nv.mem[undo_at(s)];
	put_back(s, count);
	if (count != 0)
		nv_write(&s->nv, undo_at(s), &none, 1);
}

static void careless_power_up(struct sim *s)
{
	const uint8_t none = 0;
	sim_reference.power_up(s);
	uint8_t count = s->nv.mem[undo_at(s)];
	if (count != 0)
		nv_write(&s->nv, undo_at(s), &none, 1);
	put_back(s, count);
}

static void on_card(void (*apdu)(struct sim *, const uint8_t *, size_t, struct buf *), void (*power_up)(struct sim *),
    bool good, const char *complaint)
{
	struct kit_ap ap;
	struct buf text = {0};
	struct cut_report r;
	struct diag_list d = {0};
	struct sim_family family = sim_reference;
	kit_sample_open(&ap);
	family.apdu = apdu;
	if (power_up != NULL)
		family.power_up = power_up;
	ap.card.family = &family;
	assert_true(suite_generate_cuts(ap.contract, &text));
	bool passed = cut_text((char *)text.p, text.n, ap.contract, &ap.card, &ap.values, CUT_EVERY_BYTE, &r, &d);
	print_message(
	    "%s: %zu of %zu cuts wrong\n", complaint == NULL ? "good" : complaint, r.failed, r.cuts + r.second_cuts);
	assert_int_equal(passed, good);
	assert_int_equal(r.failed == 0, good);
	if (!good) {
		assert_int_equal(d.row[0].code, DIAG_SUITE_CUT_STATE);
		if (strstr(d.row[0].arg[3], complaint) == NULL)
			diag_print(stderr, &d, "en");
		assert_non_null(strstr(d.row[0].arg[3], complaint));
		assert_true(d.n <= 10);
	}
	buf_reset(&text);
	diag_reset(&d);
	kit_ap_close(&ap);
}

static void broken_cards_are_found_out(void **state)
{
	(void)state;
	on_card(sim_reference.apdu, NULL, true, NULL);
	on_card(torn, NULL, false, "neither its old nor its new value");
	on_card(generous, NULL, false, "tries of holder: 3 left");
	on_card(harsh, NULL, false, "tries of holder: 0 left");
	on_card(journalled, careful_power_up, true, NULL);
	on_card(journalled, careless_power_up, false, "after a second cut in recovery");
}

/* ---- programs that cannot be run ---- */

#define HEAD "igata-suite 1\nkind conform\nap D3921000310001FFFF01\nvalue PIN digits 4..4 secret\n"

static void refuses(const char *text, enum diag_code code, const char *arg)
{
	struct kit_ap ap;
	struct cut_report r;
	struct diag_list d = {0};
	kit_sample_open(&ap);
	assert_false(cut_text(text, strlen(text), ap.contract, &ap.card, &ap.values, CUT_EVERY_BYTE, &r, &d));
	assert_int_equal(d.n, 1);
	assert_int_equal(d.row[0].code, code);
	if (arg != NULL)
		assert_string_equal(d.row[0].arg[2], arg);
	diag_reset(&d);
	kit_ap_close(&ap);
}

static void programs_that_prove_nothing(void **state)
{
	(void)state;
	refuses(HEAD "dialogue \"d\"\nreset\nselect\n", DIAG_SUITE_CUT_NONE, NULL);
	refuses(HEAD "dialogue \"d\"\nselect\nsend 00200081\nexpect 9000\ncut\nsend 00200081 {PIN}\nexpect 9000\n",
	    DIAG_SUITE_CUT_PROLOGUE, "63C3");
	refuses(HEAD "dialogue \"d\"\nselect\ncut\nsend 00200081 {PIN}\nexpect 63C2\n", DIAG_SUITE_CUT_PROLOGUE,
	    "the command is not answered as the program expects");
}

/* A command that writes nothing is no fault, and is cut nowhere. */
static void a_command_without_writes(void **state)
{
	static const char text[] = HEAD "dialogue \"d\"\nselect\ncut\nsend 00200081\nexpect 63C3\n";
	struct kit_ap ap;
	struct cut_report r;
	struct diag_list d = {0};
	(void)state;
	kit_sample_open(&ap);
	assert_true(cut_text(text, strlen(text), ap.contract, &ap.card, &ap.values, CUT_EVERY_BYTE, &r, &d));
	assert_int_equal(r.commands, 1);
	assert_int_equal(r.cuts, 0);
	kit_ap_close(&ap);
}

/* Programs of cuts are ordinary programs, too. */
static void without_cuts_it_is_a_dialogue(void **state)
{
	struct kit_ap ap;
	struct buf text = {0};
	(void)state;
	kit_sample_open(&ap);
	buf_str(&text,
	    HEAD "dialogue \"d\"\nreset\nselect\ncut\nsend 00200081 {PIN}\nexpect 9000\nsend 00200081\nexpect 9000\n");
	struct suite *s = kit_suite(buf_cstr(&text), text.n);
	struct link l = {0};
	link_sim_of(&l, &ap.card);
	assert_true(kit_run(s, &l, &ap.values, true));
	link_close(&l);
	suite_free(s);
	buf_reset(&text);
	kit_ap_close(&ap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sample_on_the_reference_card),
	    cmocka_unit_test(rich_on_the_reference_card),
	    cmocka_unit_test(broken_cards_are_found_out),
	    cmocka_unit_test(programs_that_prove_nothing),
	    cmocka_unit_test(a_command_without_writes),
	    cmocka_unit_test(without_cuts_it_is_a_dialogue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
