/* Generated suites for the life cycle: they pass on the reference card, cover everything, and catch cards that are
 * wrong in one thing. A card that keeps to the letter of contract 10, and cannot be unblocked after a reset, is not
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/mutant.h"
#include "tests/unit/support/objects_kit.h"
#include "tests/unit/support/secure_kit.h"

/* Blocked by holder or office, unblocked by office and clerk, terminated by office with contacts. */
static struct contract *living(void)
{
	struct contract *c = kit_contract();
	uint16_t office = secure_key(c, "office", KEY_AES_128, KEY_EXTERNAL, SUITE_ECB);
	kit_simple_pin(c, "holder", 0, 1);
	kit_simple_pin(c, "clerk", 0, 2);
	uint16_t holder = kit_rule(c, RULE_PIN, 0, 0), clerk = kit_rule(c, RULE_PIN, 1, 0),
		 desk = kit_rule(c, RULE_AUTH, office, 0);
	kit_file(c, "open", 0x0101, 1, 20, KIT_ALWAYS, clerk, 0x11);
	kit_file(c, "shut", 0x0102, 2, 20, holder, desk, 0x22);
	kit_counter(c, "count", 0x0103, 3, 2, 0, 100, 10, clerk);
	kit_data(c, "note", 0x0081, 20, "4142", KIT_ALWAYS, clerk);
	c->block = kit_rule(c, RULE_OR, holder, desk);
	c->unblock = kit_rule(c, RULE_AND, desk, clerk);
	c->terminate = kit_rule(c, RULE_AND, desk, kit_rule(c, RULE_CONTACT, 0, 0));
	return c;
}

/* Nothing has to be presented to unblock: behind a reset, too, both readings give the same. */
static struct contract *free_way_back(void)
{
	struct contract *c = living();
	c->unblock = KIT_ALWAYS;
	c->terminate = KIT_NEVER;
	return c;
}

/* There is no way back, and the end is the holder's. */
static struct contract *one_way(void)
{
	struct contract *c = living();
	c->unblock = KIT_NEVER;
	c->terminate = c->block;
	return c;
}

static void pass_and_cover(void **state)
{
	(void)state;
	suites_pass_and_cover(living);
	suites_pass_and_cover(free_way_back);
	suites_pass_and_cover(one_way);
}

/* ---- wrong cards ---- */

static void block_free(struct contract *c)
{
	c->block = KIT_ALWAYS;
}

static void block_not_by_holder(struct contract *c)
{
	c->block = c->rule[c->block].b;
}

static void unblock_by_one(struct contract *c)
{
	c->rule[c->unblock].op = RULE_OR;
}

static void terminate_by_clerk(struct contract *c)
{
	c->terminate = c->file[0].rule[FILE_UPDATE];
}

static void terminate_in_field(struct contract *c)
{
	c->terminate = c->rule[c->terminate].a;
}

static void no_terminate(struct contract *c)
{
	c->terminate = KIT_NEVER;
}

static bool given(const struct mutation *m, uint8_t ins, const struct buf *rsp)
{
	return is(m, ins) && sw(rsp) == SW_OK;
}

static void block_ignored(struct mutation *m, struct buf *rsp)
{
	if (given(m, INS_DEACTIVATE_FILE, rsp))
		undo_memory(m);
}

static void terminate_ignored(struct mutation *m, struct buf *rsp)
{
	if (given(m, INS_TERMINATE_DF, rsp))
		undo_memory(m);
}

static void terminate_only_blocks(struct mutation *m, struct buf *rsp)
{
	if (given(m, INS_TERMINATE_DF, rsp))
		layout_set_life(&m->card->nv, LIFE_BLOCKED);
}

/* ACTIVATE FILE brings a terminated AP back. */
static void terminate_reversible(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_ACTIVATE_FILE) && layout_life(&m->card->nv) == LIFE_TERMINATED) {
		layout_set_life(&m->card->nv, LIFE_OPERATIONAL);
		answer(rsp, SW_OK);
	}
}

static void silent_block(struct mutation *m, struct buf *rsp)
{
	(void)m;
	if (sw(rsp) == SW_FILE_DEACTIVATED || sw(rsp) == SW_FILE_TERMINATED)
		change_word(rsp, SW_OK);
}

/* The block is a matter of the session. */
static void block_ends_with_power(struct mutation *m)
{
	if (m->reset_since && layout_life(&m->card->nv) == LIFE_BLOCKED)
		layout_set_life(&m->card->nv, LIFE_OPERATIONAL);
}

/* What a blocked AP refuses is refused for the command, not for the state. */
static void ins_before_life(struct mutation *m, struct buf *rsp)
{
	if (is(m, 0x02) && sw(rsp) == SW_CONDITIONS_OF_USE)
		answer(rsp, SW_INS_NOT_SUPPORTED);
}

static void any_p1(struct mutation *m)
{
	if (is(m, INS_DEACTIVATE_FILE))
		m->cmd[2] = m->cmd[3] = 0;
}

static const struct mutant mutants[] = {
    {.name = "block_free", .contract = block_free},
    {.name = "block_not_by_holder", .contract = block_not_by_holder},
    {.name = "unblock_by_one", .contract = unblock_by_one},
    {.name = "terminate_by_clerk", .contract = terminate_by_clerk},
    {.name = "terminate_in_field", .contract = terminate_in_field},
    {.name = "no_terminate", .contract = no_terminate},
    {.name = "block_ignored", .after = block_ignored},
    {.name = "terminate_ignored", .after = terminate_ignored},
    {.name = "terminate_only_blocks", .after = terminate_only_blocks},
    {.name = "terminate_reversible", .after = terminate_reversible},
    {.name = "silent_block", .after = silent_block},
    {.name = "block_ends_with_power", .before = block_ends_with_power},
    {.name = "ins_before_life", .after = ins_before_life},
    {.name = "any_p1", .before = any_p1},
};

static void every_mutant_is_caught(void **state)
{
	(void)state;
	mutants_caught(mutants, sizeof mutants / sizeof *mutants, living);
}

/* ---- the letter of contract 10 ---- */

static void letter(struct mutation *m, struct buf *rsp)
{
	bool shows = is(m, INS_VERIFY) || is(m, INS_GET_CHALLENGE) || is(m, INS_EXTERNAL_AUTHENTICATE);
	if (shows && layout_life(&m->card->nv) == LIFE_BLOCKED)
		answer(rsp, SW_CONDITIONS_OF_USE);
}

/* Whether the suite passes on a card that keeps to the letter; how many dialogues it did not get to. */
static void by_the_letter(struct contract *(*make)(void), bool ends)
{
	static const struct link_ops ops = {mutant_reset, mutant_transmit, link_below_close};
	static const struct mutant m = {.name = "letter", .after = letter};
	struct contract *c = make();
	struct kit_ap ap;
	kit_ap_open(&ap, c, kit_made_values(c), c->n_values);
	struct mutation layer = {.mutant = &m, .card = &ap.card, .memory = malloc(ap.card.nv.size)};
	struct suite_report r = {0};
	struct diag_list d = {0};
	struct link l = {0};
	struct suite *s = kit_generate(c, SUITE_FULL);
	link_sim_of(&l, &ap.card);
	link_push(&l, &ops, &layer.layer);
	assert_true(suite_run(s, &l, &ap.values, &r, &d));
	assert_int_equal(r.failed, 0);
	assert_int_equal(r.not_run != 0, ends);
	assert_true(r.not_run < r.passed);
	link_close(&l);
	suite_free(s);
	suite_report_reset(&r);
	diag_reset(&d);
	free(layer.memory);
	kit_ap_close(&ap);
}

static void the_letter_is_no_fault(void **state)
{
	(void)state;
	by_the_letter(living, true);
	by_the_letter(free_way_back, false);
}

/* Neither suite sends what could end an AP before its time: the probe none of the three commands at all. */
static void probe_never_does_it(void **state)
{
	struct contract *c = living();
	struct buf text = {0};
	(void)state;
	assert_true(suite_generate(c, SUITE_PROBE, &text, NULL));
	const char *s = buf_cstr(&text);
	assert_null(strstr(s, "send 0004"));
	assert_null(strstr(s, "send 0044"));
	assert_null(strstr(s, "send 00E6"));
	buf_reset(&text);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pass_and_cover), cmocka_unit_test(every_mutant_is_caught),
	    cmocka_unit_test(the_letter_is_no_fault), cmocka_unit_test(probe_never_does_it)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
