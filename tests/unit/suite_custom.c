/* Generated suites for custom commands: they pass on the reference card, cover everything, and catch cards that are
 * wrong in one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/mutant.h"
#include "tests/unit/support/objects_kit.h"

enum { POINTS, USES, HISTORY, LONG, NOTE };
enum { SHOP, DAY, NUMBER };

static struct contract_operand input(unsigned at, unsigned n)
{
	return (struct contract_operand){.kind = OPERAND_INPUT, .at = at, .length = (uint16_t)n};
}

static struct contract_operand stored(enum operand_kind k, unsigned i)
{
	return (struct contract_operand){.kind = (uint8_t)k, .index = (uint16_t)i};
}

static struct contract_operand literal(struct contract *c, const char *hex)
{
	struct contract_operand o = {.kind = OPERAND_LITERAL, .at = c->pool_len};
	o.length = (uint16_t)kit_bytes(hex, c->pool + c->pool_len, 16);
	c->pool_len += o.length;
	c->size += o.length;
	return o;
}

static struct contract_command *command(struct contract *c, const char *id, unsigned ins, unsigned data, unsigned rule)
{
	struct contract_command *k = &c->command[c->n_commands++];
	*k = (struct contract_command){
	    .ins = (uint8_t)ins, .data = (uint16_t)data, .rule = (uint16_t)rule, .first_step = c->n_steps};
	kit_name(k->id, id);
	return k;
}

static struct contract_step *step(
    struct contract *c, enum step_op op, struct contract_operand left, struct contract_operand right)
{
	struct contract_step *s = &c->step[c->n_steps++];
	*s = (struct contract_step){.op = (uint8_t)op, .left = left, .right = right};
	c->command[c->n_commands - 1].n_steps++;
	return s;
}

static void require(struct contract *c, unsigned rule)
{
	step(c, STEP_REQUIRE, (struct contract_operand){0}, (struct contract_operand){0})->rule = (uint16_t)rule;
}

static void compare(struct contract *c, struct contract_operand a, enum comparison op, struct contract_operand b)
{
	step(c, STEP_COMPARE, a, b)->comparison = (uint8_t)op;
}

static void part(struct contract *c, unsigned file, struct contract_operand o, bool more)
{
	struct contract_step *s = step(c, STEP_APPEND, o, (struct contract_operand){0});
	s->target = (uint16_t)file;
	s->more = more;
}

static void respond(struct contract *c, struct contract_operand o)
{
	step(c, STEP_RESPOND, o, (struct contract_operand){0});
}

/* redeem: shop 4, amount 2, day 2; the holder, and the clerk for what is required behind the first effect.
 * count: how often, at most 3 times, and never less than it was told. check: the card's own number. */
static void commands(struct contract *c, uint16_t holder, uint16_t clerk)
{
	struct contract_operand points = stored(OPERAND_COUNTER, POINTS), uses = stored(OPERAND_COUNTER, USES);
	command(c, "redeem", 0x10, 8, holder);
	compare(c, input(4, 2), COMPARE_AT_LEAST, literal(c, "01"));
	step(c, STEP_DECREASE, points, input(4, 2));
	require(c, clerk);
	compare(c, input(6, 2), COMPARE_NOT_EQUAL, stored(OPERAND_FIELD, DAY));
	compare(c, points, COMPARE_AT_LEAST, literal(c, "0A"));
	part(c, HISTORY, literal(c, "01"), true);
	part(c, HISTORY, input(4, 2), true);
	part(c, HISTORY, points, false);
	step(c, STEP_COPY, input(0, 4), stored(OPERAND_FIELD, SHOP));
	step(c, STEP_COPY, input(6, 2), stored(OPERAND_FIELD, DAY));
	respond(c, points);
	respond(c, stored(OPERAND_FIELD, SHOP));

	command(c, "count", 0x12, 1, KIT_ALWAYS);
	step(c, STEP_INCREASE, uses, literal(c, "01"));
	compare(c, uses, COMPARE_AT_MOST, input(0, 1));
	part(c, LONG, literal(c, "A1A2"), false);
	respond(c, uses);

	command(c, "check", 0x14, 4, clerk);
	compare(c, input(0, 4), COMPARE_EQUAL, stored(OPERAND_FIELD, NUMBER));
	respond(c, stored(OPERAND_FIELD, NUMBER));
	respond(c, literal(c, "CAFE"));

	command(c, "silent", 0x16, 0, clerk);
	step(c, STEP_COPY, stored(OPERAND_FIELD, NUMBER), stored(OPERAND_FIELD, SHOP));
}

static struct contract *custom(void)
{
	struct contract *c = kit_contract();
	kit_simple_pin(c, "holder", 0, 1);
	kit_simple_pin(c, "clerk", 0, 2);
	uint16_t holder = kit_rule(c, RULE_PIN, 0, 0), clerk = kit_rule(c, RULE_PIN, 1, 0);
	uint16_t f = kit_counter(c, "points", 0x0101, 1, 2, 0, 1000, 100, clerk);
	c->file[f].rule[FILE_READ] = KIT_ALWAYS;
	f = kit_counter(c, "uses", 0x0102, 2, 1, 0, 3, 0, KIT_ALWAYS);
	c->file[f].increase_ins = 0x36;
	c->file[f].decrease_ins = 0x38;
	f = kit_records(c, "history", 0x0103, 3, FILE_CYCLIC, 5, 3, KIT_NEVER);
	c->file[f].rule[FILE_READ] = holder;
	f = kit_records(c, "long", 0x0104, 4, FILE_LINEAR_VARIABLE, 6, 4, KIT_NEVER);
	c->file[f].rule[FILE_READ] = KIT_ALWAYS;
	kit_file(c, "note", 0x0105, 5, 10, KIT_ALWAYS, KIT_NEVER, 0x33);
	kit_field(c, "shop", NOTE, 0, 4, 0, FORMAT_BINARY, -1);
	kit_field(c, "day", NOTE, 4, 2, 0, FORMAT_BINARY, -1);
	kit_field(c, "number", NOTE, 6, 4, 4, FORMAT_DIGITS, -1);
	c->field[SHOP].value = c->field[DAY].value = CONTRACT_NONE;
	c->n_values = c->field[NUMBER].value = (uint16_t)(c->n_values - 3);
	kit_value(c, "number", VALUE_FIELD, NUMBER, 4, 4, FORMAT_DIGITS);
	commands(c, holder, clerk);
	return c;
}

static void pass_and_cover(void **state)
{
	struct suite_coverage cov = {0};
	struct contract *c = custom();
	struct buf text = {0};
	(void)state;
	suites_pass_and_cover(custom);
	assert_true(suite_generate(c, SUITE_FULL, &text, &cov));
	assert_int_equal(suite_coverage_count(&cov, -1, COVER_OUT_OF_REACH), 0);
	buf_reset(&text);
	suite_coverage_reset(&cov);
	free(c);
}

/* A counter without a way back, and records that fill up, both also under rules of their own: the command is shown
 * before they are at their end. */
static struct contract *one_way(void)
{
	struct contract *c = kit_contract();
	kit_simple_pin(c, "clerk", 0, 1);
	uint16_t clerk = kit_rule(c, RULE_PIN, 0, 0);
	uint16_t visits = kit_counter(c, "visits", 0x0101, 1, 1, 0, 200, 0, KIT_NEVER);
	c->file[visits].rule[FILE_READ] = KIT_ALWAYS;
	c->file[visits].rule[FILE_INCREASE] = clerk;
	uint16_t log = kit_records(c, "log", 0x0102, 2, FILE_LINEAR_FIXED, 3, 9, KIT_NEVER);
	c->file[log].rule[FILE_READ] = KIT_ALWAYS;
	c->file[log].rule[FILE_APPEND] = clerk;
	command(c, "visit", 0x10, 2, clerk);
	step(c, STEP_INCREASE, stored(OPERAND_COUNTER, visits), literal(c, "01"));
	part(c, log, input(0, 2), true);
	part(c, log, stored(OPERAND_COUNTER, visits), false);
	return c;
}

static void ends_come_after_commands(void **state)
{
	struct suite_coverage cov = {0};
	struct contract *c = one_way();
	struct buf text = {0};
	(void)state;
	suites_pass_and_cover(one_way);
	assert_true(suite_generate(c, SUITE_FULL, &text, &cov));
	/* That an object is there before it is asked what it is, and READ BINARY of a record, are shown with an EF
	 * only. */
	assert_int_equal(suite_coverage_count(&cov, COVER_BRANCH, COVER_OUT_OF_REACH), 0);
	assert_int_equal(suite_coverage_count(&cov, COVER_OPERATION, COVER_OUT_OF_REACH), 0);
	assert_int_equal(suite_coverage_count(&cov, COVER_CLAUSE, COVER_OUT_OF_REACH), 2);
	buf_reset(&text);
	suite_coverage_reset(&cov);
	free(c);
}

/* ---- wrong cards ---- */

static struct contract_step *nth(struct contract *c, enum step_op op, unsigned n)
{
	for (uint16_t i = 0; i < c->n_steps; i++)
		if (c->step[i].op == op && n-- == 0)
			return &c->step[i];
	fail();
	return NULL;
}

static void require_skipped(struct contract *c)
{
	nth(c, STEP_REQUIRE, 0)->rule = KIT_ALWAYS;
}

static void rule_skipped(struct contract *c)
{
	c->command[0].rule = KIT_ALWAYS;
}

static void at_least_is_at_most(struct contract *c)
{
	nth(c, STEP_COMPARE, 0)->comparison = COMPARE_AT_MOST;
}

static void not_equal_is_equal(struct contract *c)
{
	nth(c, STEP_COMPARE, 1)->comparison = COMPARE_EQUAL;
}

static void at_most_is_equal(struct contract *c)
{
	nth(c, STEP_COMPARE, 3)->comparison = COMPARE_EQUAL;
}

static void equal_is_at_least(struct contract *c)
{
	nth(c, STEP_COMPARE, 4)->comparison = COMPARE_AT_LEAST;
}

static void more_than_least(struct contract *c)
{
	c->pool[nth(c, STEP_COMPARE, 0)->right.at]++;
}

static void one_below(struct contract *c)
{
	c->pool[nth(c, STEP_COMPARE, 2)->right.at]--;
}

static void limit_one_more(struct contract *c)
{
	c->file[USES].max++;
}

static void counts_two(struct contract *c)
{
	c->pool[nth(c, STEP_INCREASE, 0)->right.at]++;
}

static void decrease_is_increase(struct contract *c)
{
	nth(c, STEP_DECREASE, 0)->op = STEP_INCREASE;
}

static void other_response(struct contract *c)
{
	nth(c, STEP_RESPOND, 0)->left = stored(OPERAND_FIELD, DAY);
}

static void responds_before(struct contract *c)
{
	struct contract_step *first = &c->step[c->command[1].first_step], last = first[3];
	memmove(first + 1, first, 3 * sizeof *first);
	*first = last;
}

static void other_record(struct contract *c)
{
	c->pool[nth(c, STEP_APPEND, 0)->left.at] ^= 1;
}

static void appends_nothing(struct contract *c)
{
	struct contract_step *s = nth(c, STEP_APPEND, 3);
	*s = (struct contract_step){.op = STEP_REQUIRE, .rule = KIT_ALWAYS};
}

static void copies_nothing(struct contract *c)
{
	*nth(c, STEP_COPY, 0) = (struct contract_step){.op = STEP_REQUIRE, .rule = KIT_ALWAYS};
}

static void copies_elsewhere(struct contract *c)
{
	nth(c, STEP_COPY, 0)->left.at++;
}

static void longer_data(struct contract *c)
{
	c->command[2].data++;
}

static void two_records_for_one(struct contract *c)
{
	nth(c, STEP_APPEND, 0)->more = false;
}

/* What was counted before a step that refuses stays counted. */
static void not_atomic(struct mutation *m, struct buf *rsp)
{
	if (m->cmd[0] == 0x80 && m->cmd[1] == 0x12 && m->n == 7 && sw(rsp) == SW_CONDITIONS_OF_USE) {
		uint8_t *uses = m->card->nv.mem + session(m)->at.files[USES];
		*uses = (uint8_t)(*uses + (*uses < 3));
	}
}

static void effects_lost(struct mutation *m, struct buf *rsp)
{
	if (m->cmd[0] == 0x80 && m->cmd[1] == 0x10 && sw(rsp) == SW_OK)
		undo_memory(m);
}

static void any_p2(struct mutation *m)
{
	if (m->cmd[0] == 0x80 && m->cmd[1] == 0x10)
		m->cmd[2] = m->cmd[3] = 0;
}

static void response_cut(struct mutation *m, struct buf *rsp)
{
	if (m->cmd[0] == 0x80 && m->cmd[1] == 0x14 && sw(rsp) == SW_OK && rsp->n == 8) {
		rsp->n = 6;
		change_word(rsp, SW_OK);
	}
}

#define CONTRACT(f)                                                                                                    \
	{                                                                                                              \
		.name = #f, .contract = f                                                                              \
	}

static const struct mutant mutants[] = {
    CONTRACT(require_skipped),
    CONTRACT(rule_skipped),
    CONTRACT(at_least_is_at_most),
    CONTRACT(not_equal_is_equal),
    CONTRACT(at_most_is_equal),
    CONTRACT(equal_is_at_least),
    CONTRACT(more_than_least),
    CONTRACT(one_below),
    CONTRACT(limit_one_more),
    CONTRACT(counts_two),
    CONTRACT(decrease_is_increase),
    CONTRACT(other_response),
    CONTRACT(responds_before),
    CONTRACT(other_record),
    CONTRACT(appends_nothing),
    CONTRACT(copies_nothing),
    CONTRACT(copies_elsewhere),
    CONTRACT(longer_data),
    CONTRACT(two_records_for_one),
    {.name = "not_atomic", .after = not_atomic},
    {.name = "effects_lost", .after = effects_lost},
    {.name = "any_p2", .before = any_p2},
    {.name = "response_cut", .after = response_cut},
};

static void every_mutant_is_caught(void **state)
{
	(void)state;
	mutants_caught(mutants, sizeof mutants / sizeof *mutants, custom);
}

/* A probe of an issued card never sends one. */
static void probe_never_does_it(void **state)
{
	struct contract *c = custom();
	struct buf text = {0};
	(void)state;
	assert_true(suite_generate(c, SUITE_PROBE, &text, NULL));
	assert_null(strstr(buf_cstr(&text), "send 80"));
	buf_reset(&text);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pass_and_cover), cmocka_unit_test(ends_come_after_commands),
	    cmocka_unit_test(every_mutant_is_caught), cmocka_unit_test(probe_never_does_it)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
