/* Generated suites for records, data objects, counters and nested DFs: they pass on the reference card, cover
 * everything, and catch cards that are wrong in one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/mutant.h"
#include "tests/unit/support/objects_kit.h"

static struct contract *objects(void)
{
	struct contract *c = kit_contract();
	kit_simple_pin(c, "p", 0, 1);
	kit_simple_pin(c, "q", 0, 2);
	uint16_t p = kit_rule(c, RULE_PIN, 0, 0), q = kit_rule(c, RULE_PIN, 1, 0), both = kit_rule(c, RULE_AND, p, q),
		 one = kit_rule(c, RULE_OR, p, q);
	kit_file(c, "plain", 0x0101, 1, 40, p, both, 0x20);
	uint16_t f = kit_records(c, "fixed", 0x0102, 2, FILE_LINEAR_FIXED, 6, 5, p);
	c->file[f].rule[FILE_READ] = one;
	c->file[f].rule[FILE_APPEND] = both;
	kit_record(c, "010203040506");
	kit_record(c, "111213141516");
	f = kit_records(c, "varying", 0x0103, 3, FILE_LINEAR_VARIABLE, 200, 4, KIT_ALWAYS);
	c->file[f].rule[FILE_UPDATE] = q;
	kit_record(c, "AABBCC");
	kit_record(c, "");
	f = kit_records(c, "ring", 0x0104, 4, FILE_CYCLIC, 4, 3, p);
	c->file[f].rule[FILE_READ] = KIT_ALWAYS;
	kit_record(c, "0A0A0A0A");
	kit_record(c, "0B0B0B0B");
	kit_records(c, "none", 0x0105, 0, FILE_LINEAR_FIXED, 255, 3, p);
	kit_counter(c, "small", 0x0106, 6, 1, 5, 250, 10, p);
	f = kit_counter(c, "large", 0x0107, 0, 4, 0, UINT32_MAX, 0xfffffff0, KIT_ALWAYS);
	c->file[f].rule[FILE_DECREASE] = both;
	f = kit_counter(c, "used", 0x0108, 8, 2, 0, 1000, 999, one);
	c->file[f].increase_ins = 0x36;
	c->file[f].decrease_ins = 0x38;
	c->file[f].rule[FILE_INCREASE] = KIT_NEVER;
	kit_data(c, "name", 0x5f20, 30, "41424344", KIT_ALWAYS, p);
	kit_data(c, "note", 0x0081, 255, "", one, both);
	kit_data(c, "fixed-data", 0x0099, 4, "01020304", p, KIT_NEVER);
	uint16_t inner = kit_df(c, "inner", 0, 0x0d01, "D39210003155"), deep = kit_df(c, "deep", inner, 0x0d02, "");
	kit_simple_pin(c, "r", inner, 3);
	uint16_t r = kit_rule(c, RULE_PIN, 2, 0), pr = kit_rule(c, RULE_AND, p, r);
	f = kit_file(c, "inside", 0x0101, 1, 20, pr, r, 0x33);
	c->file[f].df = inner;
	f = kit_data(c, "data-inside", 0x0081, 8, "55", r, pr);
	c->file[f].df = inner;
	f = kit_records(c, "log", 0x0102, 2, FILE_CYCLIC, 3, 2, r);
	c->file[f].df = deep;
	f = kit_counter(c, "tally", 0x0103, 3, 3, 1, 1000, 1, p);
	c->file[f].df = deep;
	return c;
}

static void passes_and_covers(void **state)
{
	(void)state;
	suites_pass_and_cover(objects);
}

/* ---- wrong cards ---- */

static struct contract_file *named(struct contract *c, const char *id)
{
	for (uint16_t i = 0; i < c->n_files; i++)
		if (strcmp(c->file[i].id, id) == 0)
			return &c->file[i];
	fail();
	return NULL;
}

static void counter_bound_one_more(struct contract *c)
{
	named(c, "small")->max++;
}

static void counter_bound_one_less(struct contract *c)
{
	named(c, "tally")->min--;
}

static void cyclic_one_more(struct contract *c)
{
	named(c, "ring")->record_count++;
}

static void linear_one_more(struct contract *c)
{
	named(c, "fixed")->record_count++;
}

static void length_not_fixed(struct contract *c)
{
	named(c, "fixed")->structure = FILE_LINEAR_VARIABLE;
}

static void cyclic_is_linear(struct contract *c)
{
	named(c, "ring")->structure = FILE_LINEAR_FIXED;
}

static void append_free(struct contract *c)
{
	named(c, "fixed")->rule[FILE_APPEND] = KIT_ALWAYS;
}

static void append_is_update(struct contract *c)
{
	named(c, "fixed")->rule[FILE_APPEND] = named(c, "fixed")->rule[FILE_UPDATE];
}

static void decrease_free(struct contract *c)
{
	named(c, "large")->rule[FILE_DECREASE] = KIT_ALWAYS;
}

static void ins_swapped(struct contract *c)
{
	named(c, "small")->increase_ins = 0x30;
	named(c, "small")->decrease_ins = 0x34;
}

static void data_shorter(struct contract *c)
{
	named(c, "name")->size--;
}

static void data_writable(struct contract *c)
{
	named(c, "fixed-data")->rule[FILE_UPDATE] = KIT_ALWAYS;
}

static void data_free(struct contract *c)
{
	named(c, "note")->rule[FILE_READ] = KIT_ALWAYS;
}

static void other_record(struct contract *c)
{
	c->pool[named(c, "fixed")->content + 8 + 2] ^= 1;
}

static void inner_pin_is_the_aps(struct contract *c)
{
	c->pin[2].df = 0;
}

static bool is_select(const struct mutation *m, uint8_t p1)
{
	return is(m, INS_SELECT) && m->cmd[2] == p1;
}

static void df_clears_all(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (is_select(m, 1))
		memset(session(m)->verified, 0, sizeof session(m)->verified);
}

static void df_clears_nothing(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (is_select(m, 1) || is_select(m, 3))
		undo_verified(m);
}

static void count_is_not_kept(struct mutation *m, struct buf *rsp)
{
	if (m->cmd[0] == 0x80 && sw(rsp) == SW_OK)
		undo_memory(m);
}

static void counts_old_value(struct mutation *m, struct buf *rsp)
{
	if (m->cmd[0] == 0x80 && sw(rsp) == SW_OK)
		rsp->p[rsp->n - 3]--;
}

static void mode_ignored(struct mutation *m)
{
	if (is(m, INS_READ_RECORD) && (m->cmd[3] & 7) < 4)
		m->cmd[3] |= 4;
}

static void from_is_this(struct mutation *m)
{
	if (is(m, INS_READ_RECORD) && (m->cmd[3] & 7) == 5)
		m->cmd[3] ^= 1;
}

static void put_does_nothing(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_PUT_DATA) && sw(rsp) == SW_OK)
		undo_memory(m);
}

static void full_wraps(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_APPEND_RECORD) && sw(rsp) == SW_NO_MEMORY)
		change_word(rsp, SW_OK);
}

static void append_lost(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_APPEND_RECORD) && sw(rsp) == SW_OK)
		undo_memory(m);
}

#define CONTRACT(f)                                                                                                    \
	{                                                                                                              \
		.name = #f, .contract = f                                                                              \
	}
#define BEFORE(f)                                                                                                      \
	{                                                                                                              \
		.name = #f, .before = f                                                                                \
	}
#define AFTER(f)                                                                                                       \
	{                                                                                                              \
		.name = #f, .after = f                                                                                 \
	}

static const struct mutant mutants[] = {
    CONTRACT(counter_bound_one_more),
    CONTRACT(counter_bound_one_less),
    CONTRACT(cyclic_one_more),
    CONTRACT(linear_one_more),
    CONTRACT(length_not_fixed),
    CONTRACT(cyclic_is_linear),
    CONTRACT(append_free),
    CONTRACT(append_is_update),
    CONTRACT(decrease_free),
    CONTRACT(ins_swapped),
    CONTRACT(data_shorter),
    CONTRACT(data_writable),
    {.name = "data_free", .contract = data_free, .probe = true},
    CONTRACT(other_record),
    CONTRACT(inner_pin_is_the_aps),
    AFTER(df_clears_all),
    AFTER(df_clears_nothing),
    AFTER(count_is_not_kept),
    AFTER(counts_old_value),
    BEFORE(mode_ignored),
    BEFORE(from_is_this),
    AFTER(put_does_nothing),
    AFTER(full_wraps),
    AFTER(append_lost),
};

static void every_mutant_is_caught(void **state)
{
	(void)state;
	mutants_caught(mutants, sizeof mutants / sizeof *mutants, objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passes_and_covers), cmocka_unit_test(every_mutant_is_caught)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
