/* The reference card: the AP's own commands (AP contract, sections 4 and 6): every step, in order, all or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/secure_kit.h"

/* A points card. Files: 1 points, counter of 2 bytes, 0 to 1000, now 100; 2 history, cyclic, 3 records of 5 bytes, 1
 * there; 3 note, 8 bytes (fields `shop` 4 and `extra` 4); 4 long, variable records, 2 of at most 6, none there.
 * Commands: 80 10 redeem   data shop 4, amount 2: require pin, compare amount at least 1, decrease, append (amount,
 *                          hex 01, input 2..3), copy shop, respond points
 *           80 12 earn     data amount 1; increase; respond points, field shop
 *           80 14 silent   no data: append 2 records to long
 *           80 16 equal    data 2: compare with the counter: equal; respond hex CAFE
 *           80 18 never    the same under the rule never */
enum { POINTS, HISTORY, NOTE, LONG };
enum { SHOP, EXTRA };

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

static void command(struct contract *c, unsigned ins, unsigned data, unsigned rule)
{
	c->command[c->n_commands++] = (struct contract_command){
	    .ins = (uint8_t)ins, .data = (uint16_t)data, .rule = (uint16_t)rule, .first_step = c->n_steps};
}

static struct contract_step *step(struct contract *c, enum step_op op, struct contract_operand left)
{
	struct contract_step *s = &c->step[c->n_steps++];
	*s = (struct contract_step){.op = (uint8_t)op, .left = left};
	c->command[c->n_commands - 1].n_steps++;
	return s;
}

static void part(struct contract *c, unsigned file, struct contract_operand left, bool more)
{
	struct contract_step *s = step(c, STEP_APPEND, left);
	s->target = (uint16_t)file;
	s->more = more;
}

static void commands(struct contract *c, uint16_t pin)
{
	struct contract_step *s;
	command(c, 0x10, 6, KIT_ALWAYS);
	step(c, STEP_REQUIRE, (struct contract_operand){0})->rule = pin;
	s = step(c, STEP_COMPARE, input(4, 2));
	s->comparison = COMPARE_AT_LEAST;
	s->right = literal(c, "01");
	step(c, STEP_DECREASE, stored(OPERAND_COUNTER, POINTS))->right = input(4, 2);
	part(c, HISTORY, input(4, 2), true);
	part(c, HISTORY, literal(c, "01"), true);
	part(c, HISTORY, input(2, 2), false);
	step(c, STEP_COPY, input(0, 4))->right = stored(OPERAND_FIELD, SHOP);
	step(c, STEP_RESPOND, stored(OPERAND_COUNTER, POINTS));

	command(c, 0x12, 1, KIT_ALWAYS);
	step(c, STEP_INCREASE, stored(OPERAND_COUNTER, POINTS))->right = input(0, 1);
	step(c, STEP_RESPOND, stored(OPERAND_COUNTER, POINTS));
	step(c, STEP_RESPOND, stored(OPERAND_FIELD, SHOP));

	command(c, 0x14, 0, KIT_ALWAYS);
	part(c, LONG, literal(c, "A1A2"), false);
	part(c, LONG, stored(OPERAND_FIELD, EXTRA), false);

	for (int never = 0; never < 2; never++) {
		command(c, never ? 0x18 : 0x16, 2, never ? KIT_NEVER : KIT_ALWAYS);
		s = step(c, STEP_COMPARE, input(0, 2));
		s->comparison = COMPARE_EQUAL;
		s->right = stored(OPERAND_COUNTER, POINTS);
		step(c, STEP_RESPOND, literal(c, "CAFE"));
	}
}

static uint16_t add_field(struct contract *c, unsigned file, unsigned offset, unsigned length)
{
	c->field[c->n_fields] = (struct contract_field){
	    .file = (uint16_t)file, .offset = offset, .length = length, .pad = -1, .value = CONTRACT_NONE};
	return c->n_fields++;
}

static struct contract *points_contract(void)
{
	struct contract *c = kit_contract();
	uint16_t pin = kit_rule(c, RULE_PIN, 0, 0);
	kit_pin(c, (struct contract_pin){.id = "holder", .ref = 1, .min = 4, .max = 4, .tries = 3});
	kit_file(c, "points", 1, 1, 2, KIT_ALWAYS, KIT_NEVER, 0);
	c->pool[c->file[POINTS].content + 1] = 100;
	c->file[POINTS].structure = FILE_COUNTER;
	c->file[POINTS].max = 1000;
	c->file[POINTS].increase_ins = 0x34;
	c->file[POINTS].decrease_ins = 0x30;
	kit_file(c, "history", 2, 2, 7, KIT_ALWAYS, KIT_NEVER, 0);
	c->pool[c->file[HISTORY].content + 1] = 5;
	c->file[HISTORY].structure = FILE_CYCLIC;
	c->file[HISTORY].record_length = 5;
	c->file[HISTORY].record_count = 3;
	c->file[HISTORY].records = 1;
	kit_file(c, "note", 3, 3, 8, KIT_ALWAYS, KIT_NEVER, 0x33);
	kit_file(c, "long", 4, 4, 0, KIT_ALWAYS, KIT_NEVER, 0);
	c->file[LONG].structure = FILE_LINEAR_VARIABLE;
	c->file[LONG].record_length = 6;
	c->file[LONG].record_count = 2;
	add_field(c, NOTE, 0, 4);
	add_field(c, NOTE, 4, 4);
	commands(c, pin);
	return c;
}

static int points_setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	struct contract *c = points_contract();
	assert_non_null(s);
	kit_deliver(s, c);
	free(c);
	struct reference_value v = {"holder", (const uint8_t *)"1234", 4};
	assert_int_equal(reference_personalise(s, &v, 1), SW_OK);
	kit_start(s);
	*state = s;
	return 0;
}

/* Everything that the commands can change. */
static void assert_state(struct sim *s, const char *points, const char *history, const char *note)
{
	char want[64];
	snprintf(want, sizeof want, "%s9000", points);
	EXPECT(s, "00B0810000", want);
	snprintf(want, sizeof want, "%s9000", history);
	EXPECT(s, "00B2011500", want);
	snprintf(want, sizeof want, "%s9000", note);
	EXPECT(s, "00B0830000", want);
}

#define REDEEM                                                                                                         \
	"8010000006"                                                                                                   \
	"53484F50"

static void redeem(void **state)
{
	struct sim *s = *state;
	EXPECT(s, REDEEM "0001 00", "6982"); /* require */
	EXPECT(s, V_HOLDER, "9000");
	EXPECT(s, REDEEM "0000 00", "6985"); /* compare */
	EXPECT(s, REDEEM "0065 00", "6985"); /* more than there is */
	assert_state(s, "0064", "0000000000", "3333333333333333");
	EXPECT(s, REDEEM "000A 00", "005A 9000");
	assert_state(s, "005A", "000A014F500000000000", "53484F5033333333");
	EXPECT(s, REDEEM "005A 02", "0000 9000");
	assert_state(s, "0000", "005A014F50000A014F500000000000", "53484F5033333333");
}

static void earn_to_the_bound(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "8012000001 FF 00", "0163 33333333 9000");
	EXPECT(s, "8012000001 FF", "0262 33333333 9000");
	EXPECT(s, "8012000001 FF 00", "0361 33333333 9000");
	EXPECT(s, "8012000001 FF 00", "6985");
	EXPECT(s, "8012000001 87 06", "03E8 33333333 9000");
	EXPECT(s, "8012000001 01 00", "6985");
	EXPECT(s, "8012000001 00 00", "03E8 33333333 9000");
}

static void forms(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "8012010001 FF 00", "6A86");
	EXPECT(s, "8012000101 FF 00", "6A86");
	EXPECT(s, "8012000002 FFFF 00", "6700");
	EXPECT(s, "80120000", "6700");
	EXPECT(s, "8012000001 01 05", "6700"); /* an explicit Le is what comes */
	EXPECT(s, "8012000001 01 07", "6700");
	EXPECT(s, "8014000001 01", "6700");
	EXPECT(s, "0012000001 01 00", "6D00");
	EXPECT(s, "8011000001 01 00", "6D00");
	EXPECT(s, "8018000002 0064 00", "6982");
	EXPECT(s, "8018000001 00 00", "6700"); /* 6 before 9 */
	EXPECT(s, "8016000002 0064 00", "CAFE 9000");
	EXPECT(s, "8016000002 0065 00", "6985");
}

/* Several records by one command: the second does not fit the third time, and then the first is not there either. */
static void all_or_nothing(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "00B2012400", "6A83");
	EXPECT(s, "80140000", "9000");
	EXPECT(s, "00B2012500", "A1A2 33333333 9000");
	EXPECT(s, "80140000", "6A84");
	EXPECT(s, "00B2012500", "A1A2 33333333 9000");
}

static void comparisons(void **state)
{
	(void)state;
	static const struct {
		enum comparison op;
		const char *left;
		bool holds;
	} row[] = {{COMPARE_EQUAL, "0064", true}, {COMPARE_EQUAL, "0164", false}, {COMPARE_NOT_EQUAL, "0064", false},
	    {COMPARE_NOT_EQUAL, "0063", true}, {COMPARE_AT_LEAST, "0064", true}, {COMPARE_AT_LEAST, "0100", true},
	    {COMPARE_AT_LEAST, "0063", false}, {COMPARE_AT_MOST, "0064", true}, {COMPARE_AT_MOST, "0065", false},
	    {COMPARE_AT_MOST, "0000", true}};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct contract *c = points_contract();
		struct sim s;
		char cmd[32];
		c->step[c->command[3].first_step].comparison = (uint8_t)row[i].op;
		kit_deliver(&s, c);
		free(c);
		struct reference_value v = {"holder", (const uint8_t *)"1234", 4};
		assert_int_equal(reference_personalise(&s, &v, 1), SW_OK);
		kit_start(&s);
		snprintf(cmd, sizeof cmd, "8016000002%s00", row[i].left);
		EXPECT(&s, cmd, row[i].holds ? "CAFE 9000" : "6985");
		sim_close(&s);
	}
}

/* Section 4: cut before every byte, the redeeming is whole or has not been. */
static void cuts(void **state)
{
	struct sim *s = *state, at_rest;
	unsigned before = 0, after = 0;
	assert_true(sim_copy(&at_rest, s));
	for (int64_t cut = 0;; cut++) {
		sim_restore(s, &at_rest);
		kit_start(s);
		EXPECT(s, V_HOLDER, "9000");
		s->nv.cut = (int64_t)s->nv.written + cut;
		bool off = strlen(kit_send(s, REDEEM "000A 00")) == 0;
		kit_start(s);
		if (strcmp(kit_send(s, "00B0810000"), "00649000") == 0) {
			assert_state(s, "0064", "0000000000", "3333333333333333");
			before++;
		} else {
			assert_state(s, "005A", "000A014F500000000000", "53484F5033333333");
			after++;
		}
		if (!off)
			break;
	}
	assert_true(before > 10 && after > 5);
	sim_close(&at_rest);
}

/* Under secure messaging: class 8C, and rules that want it. */
static void protected_command(void **state)
{
	(void)state;
	struct contract *c = secure_contract((struct secure_options){0});
	struct sim s;
	uint16_t both = kit_rule(c, RULE_SM, SM_ENC_MAC, AES);
	add_field(c, 0, 0, 4);
	command(c, 0x11, 4, both); /* odd: objects 85 */
	step(c, STEP_COPY, input(0, 4))->right = stored(OPERAND_FIELD, 0);
	step(c, STEP_RESPOND, stored(OPERAND_FIELD, 0));
	command(c, 0x12, 4, both);
	step(c, STEP_COPY, input(0, 4))->right = stored(OPERAND_FIELD, 0);
	kit_deliver(&s, c);
	free(c);
	secure_personalise(&s);
	kit_start(&s);
	EXPECT(&s, "8011000004 01020304 00", "6982");
	struct sm_session *t = secure_open(&s, AES);
	SM_EXPECT(&s, t, SM_MODE_ENC_MAC, "80110000040102030400", "010203049000");
	SM_EXPECT(&s, t, SM_MODE_MAC, "80110000040102030400", "6982");
	SM_EXPECT(&s, t, SM_MODE_ENC_MAC, "80120000040102030500", "6700"); /* nothing comes */
	SM_EXPECT(&s, t, SM_MODE_ENC_MAC, "801200000401020305", "9000");
	SM_EXPECT(&s, t, SM_MODE_ENC_MAC, "80110000040102030404", "010203049000");
	SM_EXPECT(&s, t, SM_MODE_ENC_MAC, "80110000040102030405", "6700");
	SM_EXPECT(&s, t, SM_MODE_ENC_MAC, "801300000401020304", "6D00");
	sm_session_free(t);
	sim_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(redeem, points_setup, kit_teardown),
	    cmocka_unit_test_setup_teardown(earn_to_the_bound, points_setup, kit_teardown),
	    cmocka_unit_test_setup_teardown(forms, points_setup, kit_teardown),
	    cmocka_unit_test_setup_teardown(all_or_nothing, points_setup, kit_teardown),
	    cmocka_unit_test(comparisons),
	    cmocka_unit_test_setup_teardown(cuts, points_setup, kit_teardown),
	    cmocka_unit_test(protected_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
