/* Generated suites for what no terminal brings about: PINs without value, and the interface. They pass on the reference
 * card, cover everything, and catch cards that are wrong in one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/mutant.h"
#include "tests/unit/support/objects_kit.h"

enum { AT_CLERK, AT_CHOSEN, AT_SECOND, AT_HOLDER, AT_OWNER };

/* `clerk` sets `chosen`, who sets `second`; `holder` returns to transport, `owner` does not. */
static struct contract *states(void)
{
	struct contract *c = kit_contract();
	kit_simple_pin(c, "clerk", 0, 1);
	uint16_t clerk = kit_rule(c, RULE_PIN, AT_CLERK, 0), chosen = kit_rule(c, RULE_PIN, AT_CHOSEN, 0),
		 free = kit_rule(c, RULE_PIN_UNSET, AT_CHOSEN, 0), free_too = kit_rule(c, RULE_PIN_UNSET, AT_SECOND, 0),
		 contact = kit_rule(c, RULE_CONTACT, 0, 0), field = kit_rule(c, RULE_CONTACTLESS, 0, 0);
	kit_pin(c,
	    (struct contract_pin){.id = "chosen",
		.ref = 2,
		.format = FORMAT_DIGITS,
		.card_checks_format = true,
		.min = 4,
		.max = 8,
		.stored = 8,
		.pad = 0xff,
		.tries = 3,
		.initial = PIN_UNSET,
		.set = clerk,
		.change = FORM_00 | FORM_01,
		.reset = FORM_00 | FORM_02,
		.unblock = clerk,
		.puk_length = 8,
		.puk_format = FORMAT_DIGITS,
		.puk_tries = 4});
	kit_pin(c,
	    (struct contract_pin){.id = "second",
		.ref = 3,
		.min = 6,
		.max = 6,
		.pad = -1,
		.tries = 2,
		.initial = PIN_UNSET,
		.set = kit_rule(c, RULE_AND, chosen, contact)});
	kit_pin(c,
	    (struct contract_pin){.id = "holder",
		.ref = 4,
		.min = 4,
		.max = 4,
		.pad = -1,
		.tries = 3,
		.initial = PIN_TRANSPORT,
		.change = FORM_00,
		.reset = FORM_02 | FORM_03,
		.unblock = clerk,
		.resets_to_transport = true});
	kit_pin(c,
	    (struct contract_pin){.id = "owner",
		.ref = 5,
		.min = 4,
		.max = 4,
		.pad = -1,
		.tries = 3,
		.initial = PIN_TRANSPORT,
		.change = FORM_00,
		.reset = FORM_02 | FORM_03,
		.unblock = clerk});
	uint16_t holder = kit_rule(c, RULE_PIN, AT_HOLDER, 0), owner = kit_rule(c, RULE_PIN, AT_OWNER, 0);
	kit_file(c, "open", 0x0101, 1, 20, KIT_ALWAYS, KIT_NEVER, 0x11);
	kit_file(c, "by-contact", 0x0102, 2, 10, contact, kit_rule(c, RULE_AND, contact, chosen), 0x22);
	kit_file(c, "in-field", 0x0103, 3, 10, kit_rule(c, RULE_OR, field, chosen), kit_rule(c, RULE_AND, field, clerk),
	    0x33);
	kit_file(
	    c, "greeting", 0x0104, 4, 10, kit_rule(c, RULE_OR, free, chosen), kit_rule(c, RULE_AND, free, clerk), 0x44);
	kit_file(c, "later", 0x0105, 5, 10, free_too, kit_rule(c, RULE_AND, free_too, chosen), 0x55);
	uint16_t f = kit_counter(c, "count", 0x0106, 6, 2, 0, 1000, 10, kit_rule(c, RULE_AND, free, field));
	c->file[f].rule[FILE_READ] = kit_rule(c, RULE_OR, contact, free);
	kit_data(
	    c, "note", 0x0081, 20, "4142", kit_rule(c, RULE_OR, holder, owner), kit_rule(c, RULE_AND, clerk, field));
	return c;
}

static void pass_and_cover(void **state)
{
	(void)state;
	suites_pass_and_cover(states);
}

/* ---- wrong cards ---- */

static void set_without_right(struct contract *c)
{
	c->pin[AT_CHOSEN].set = KIT_ALWAYS;
}

static void set_in_any_interface(struct contract *c)
{
	c->pin[AT_SECOND].set = c->rule[c->pin[AT_SECOND].set].a;
}

static void interface_ignored(struct contract *c)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_CONTACT || c->rule[i].op == RULE_CONTACTLESS)
			c->rule[i] = (struct contract_rule){RULE_ALWAYS, 0, 0};
}

static void interface_mixed_up(struct contract *c)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_CONTACT || c->rule[i].op == RULE_CONTACTLESS)
			c->rule[i].op = c->rule[i].op == RULE_CONTACT ? RULE_CONTACTLESS : RULE_CONTACT;
}

static void unset_never(struct contract *c)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_PIN_UNSET)
			c->rule[i] = (struct contract_rule){0};
}

static void unset_for_ever(struct contract *c)
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_PIN_UNSET)
			c->rule[i].op = RULE_ALWAYS;
}

static void holder_keeps(struct contract *c)
{
	c->pin[AT_HOLDER].resets_to_transport = false;
}

static void owner_returns(struct contract *c)
{
	c->pin[AT_OWNER].resets_to_transport = true;
}

/* Every power-up is by contacts. */
static void no_field(struct link *l)
{
	l->contactless = false;
}

static void unset_is_blocked(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_VERIFY) && m->cmd[3] == 0x82 && sw(rsp) == SW_CONDITIONS_OF_USE)
		answer(rsp, SW_AUTH_BLOCKED);
}

static void first_value_verifies(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_CHANGE_REFERENCE_DATA) && m->cmd[2] == 1 && sw(rsp) == SW_OK)
		session(m)->verified[m->cmd[3] - 0x81] = true;
}

static void first_value_is_lost(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_CHANGE_REFERENCE_DATA) && m->cmd[2] == 1 && sw(rsp) == SW_OK)
		undo_memory(m);
}

static const struct mutant mutants[] = {
    {.name = "set_without_right", .contract = set_without_right},
    {.name = "set_in_any_interface", .contract = set_in_any_interface},
    {.name = "interface_ignored", .contract = interface_ignored, .probe = true},
    {.name = "interface_mixed_up", .contract = interface_mixed_up, .probe = true},
    {.name = "unset_never", .contract = unset_never},
    {.name = "unset_for_ever", .contract = unset_for_ever},
    {.name = "holder_keeps", .contract = holder_keeps},
    {.name = "owner_returns", .contract = owner_returns},
    {.name = "no_field", .power = no_field, .probe = true},
    {.name = "unset_is_blocked", .after = unset_is_blocked},
    {.name = "first_value_verifies", .after = first_value_verifies},
    {.name = "first_value_is_lost", .after = first_value_is_lost},
};

static void every_mutant_is_caught(void **state)
{
	(void)state;
	mutants_caught(mutants, sizeof mutants / sizeof *mutants, states);
}

/* ---- what a reader does not reach ---- */

static enum link_status deaf_reset(struct link *l)
{
	l->atr_len = 4;
	memcpy(l->atr, "\x3b\x81\x80\x01", 4);
	return LINK_OK;
}

static enum link_status deaf_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	(void)l;
	(void)cmd;
	(void)n;
	buf_clear(rsp);
	buf_u16(rsp, SW_OK);
	return LINK_OK;
}

static void nothing(struct link *l)
{
	(void)l;
}

#define PROGRAM                                                                                                        \
	"igata-suite 1\nkind full\nap D3921000310001\n"                                                                \
	"dialogue \"a\"\n reset contact\n send 00B00000\n expect 9000\n"                                               \
	"dialogue \"b\"\n reset contactless\n send 00B00000\n expect any\n"                                            \
	"dialogue \"c\"\n reset\n send 00B00000\n expect any\n"

static void left_out(void **state)
{
	static const struct link_ops ops = {deaf_reset, deaf_transmit, nothing};
	struct suite *s = kit_suite(PROGRAM, strlen(PROGRAM));
	struct suite_report r = {0};
	struct diag_list d = {0};
	struct link l = {.ops = &ops};
	(void)state;
	link_reset(&l);
	assert_true(suite_run(s, &l, NULL, &r, &d));
	assert_int_equal(r.passed, 2);
	assert_int_equal(r.not_run, 1);
	assert_int_equal(r.dialogue[0].result, SUITE_NOT_RUN);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.row[0].code, DIAG_SUITE_INTERFACE);
	suite_report_reset(&r);
	diag_reset(&d);
	suite_free(s);
}

/* PC/SC part 3: the ATR that readers make for a contactless card. */
static void readers(void **state)
{
	struct link field = {.atr = {0x3b, 0x81, 0x80, 0x01, 0x80, 0x80}, .atr_len = 6};
	struct link contact = {.atr = {0x3b, 0x9f, 0x95, 0x81, 0x31}, .atr_len = 5}, none = {0};
	struct link both = {.sim = (struct sim *)state};
	(void)state;
	assert_true(link_reaches(&field, true) && !link_reaches(&field, false));
	assert_true(link_reaches(&contact, false) && !link_reaches(&contact, true));
	assert_true(link_reaches(&none, false) && !link_reaches(&none, true));
	assert_true(link_reaches(&both, false) && link_reaches(&both, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pass_and_cover), cmocka_unit_test(every_mutant_is_caught),
	    cmocka_unit_test(left_out), cmocka_unit_test(readers)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
