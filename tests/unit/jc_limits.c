/* What the card does at its limits and with what nobody uses any more: the commit capacity to the byte, garbage and
 * object deletion, and both across logical channels. JCRE 4, 5, 7, 8; API JCSystem, MultiSelectable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/support/jc_fixture.h"

#define LIMITS "F04947411201"
#define MULTI  "F04947411301"
#define SINGLE "F04947411302"

enum { CAPACITY = 256 };

/* Commands in hexadecimal, data and SW expected; "": no answer matters. */
static void expect(struct kit *k, const char *hex, const char *want)
{
	struct buf cmd = {0};
	char got[2 * 600];
	kit_hex(&cmd, hex);
	fixture_command(k, &cmd);
	assert_true(k->rsp.n < 600);
	hex_encode(got, k->rsp.p, k->rsp.n);
	if (strcmp(got, want) != 0)
		fail_msg("%s => %s, wanted %s", hex, got, want);
	buf_reset(&cmd);
}

static void select_on(struct kit *k, unsigned channel, const char *aid, const char *want)
{
	char hex[64];
	snprintf(hex, sizeof hex, "%02XA4040006%s00", channel, aid);
	expect(k, hex, want);
}

static void new_card(struct kit *k, const char *const *packages, const char *const *applets)
{
	struct jc_chip chip = kit_chip();
	chip.commit = CAPACITY;
	kit_new(k, &chip);
	for (; *packages != NULL; packages++)
		fixture_load(k, *packages);
	for (; *applets != NULL; applets++)
		fixture_install(k, *applets);
}

static void new_limits(struct kit *k)
{
	new_card(k, (const char *const[]){"limits", NULL}, (const char *const[]){LIMITS, NULL});
	select_on(k, 0, LIMITS, "9000");
}

/* A write takes its bytes and 6 more. The field: 8; then 242 bytes make 256. What does not fit is not begun, the
 * transaction stays open, and what was written before can be committed. */
static void commit_capacity(void **state)
{
	struct kit k;
	(void)state;
	new_limits(&k);
	expect(&k, "000100F100", "0000010001000755559000"); /* 241: one byte is left */
	expect(&k, "000100F200", "0000010000000755559000"); /* 242: none */
	expect(&k, "000100F300", "00030100F8000700009000"); /* BUFFER_FULL */
	expect(&k, "0001019000", "00030100F8000700009000");
	kit_free(&k);
}

/* Outside of a transaction arrayCopy is one by itself (API Util.arrayCopy). */
static void copy_alone(void **state)
{
	struct kit k;
	(void)state;
	new_limits(&k);
	expect(&k, "000200FF00", "0000000100000055559000");
	expect(&k, "0002010000", "0000000100000055559000");
	expect(&k, "0002010100", "0003000100000000009000");
	kit_free(&k);
}

/* arrayCopyNonAtomic takes no capacity and an abort does not undo it. */
static void not_atomic(void **state)
{
	struct kit k;
	(void)state;
	new_limits(&k);
	expect(&k, "0003012C00", "0100559000");
	kit_free(&k);
}

/* Nobody catches the exception: all of the transaction is undone, and the next one has all of the capacity. */
static void not_caught(void **state)
{
	struct kit k;
	(void)state;
	new_limits(&k);
	expect(&k, "0004000000", "6F00");
	expect(&k, "0005000000", "00009000");
	expect(&k, "000100F200", "0000010000000755559000");
	expect(&k, "0004000000", "6F00");
	expect(&k, "0005000000", "00079000");
	kit_free(&k);
}

/* --- garbage --- */

static uint32_t free_now(struct kit *k)
{
	return jc_memory_free(k->jc, JC_PERSISTENT);
}

/* Forgotten arrays until there is no room for one more, then object deletion; how many. */
static unsigned fill(struct kit *k)
{
	unsigned made = 0;
	while (kit_send(k, 0, "0010000000") == SW_OK) {
		if (++made % 50 == 0) {
			assert_true(kit_power_up(k, NV_NO_CUT));
			select_on(k, 0, LIMITS, "9000");
		}
	}
	expect(k, "0005000000", "00009000");
	expect(k, "0011000000", "9000");
	return made;
}

/* A forgotten array stays until somebody asks for object deletion (JCRE 8.4); one made in a transaction that is
 * aborted, or left open, never was (JCRE 7.6.3, 7.5). */
static void garbage(void **state)
{
	static const struct {
		const char *command, *sw;
		bool stays;
	} rows[] = {{"0010000000", "9000", true}, {"0010010000", "9000", true}, {"0010020000", "9000", false},
	    {"0010030000", "6F00", false}, {"0010050000", "9000", true}};
	struct kit k;
	(void)state;
	new_limits(&k);
	uint32_t before = free_now(&k);
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect(&k, rows[i].command, rows[i].sw);
		assert_int_equal(free_now(&k) < before, rows[i].stays);
		expect(&k, "0011000000", "9000");
		assert_int_equal(free_now(&k), before);
	}
	/* Without deletion it adds up, over power-ups too, until nothing is left; the rest goes on working. The table
	 * of handles has grown meanwhile, and stays so. */
	unsigned first = fill(&k);
	assert_in_range(first, before / 100, before / 64);
	uint32_t handles = before - free_now(&k);
	assert_int_equal(handles % 256, 0);
	assert_in_range(handles, 256, 4 * first + 256);
	assert_in_range(fill(&k), first, first + 1);
	assert_int_equal(free_now(&k), before - handles);
	kit_free(&k);
}

/* What only a transient array refers to lives as long as that does. */
static void kept_by_transient(void **state)
{
	struct kit k;
	(void)state;
	new_limits(&k);
	uint32_t before = free_now(&k);
	expect(&k, "0010040000", "9000");
	expect(&k, "0011000000", "9000");
	expect(&k, "0012000000", "429000");
	assert_true(free_now(&k) < before);
	select_on(&k, 0, LIMITS, "9000"); /* CLEAR_ON_DESELECT */
	expect(&k, "0011000000", "9000");
	assert_int_equal(free_now(&k), before);
	kit_free(&k);
}

/* --- logical channels --- */

static void new_channels(struct kit *k)
{
	new_card(k, (const char *const[]){"limits", "multi", NULL}, (const char *const[]){LIMITS, MULTI, SINGLE, NULL});
}

/* JCRE 4.2, 4.3; API MultiSelectable: who is told what, and which memory is shared. */
static void two_channels(void **state)
{
	struct kit k;
	(void)state;
	new_channels(&k);
	select_on(&k, 0, MULTI, "9000");
	expect(&k, "0002770000", "9000");
	select_on(&k, 1, MULTI, "9000"); /* select(true) */
	expect(&k, "0101000000", "010100009000");
	expect(&k, "0103000000", "779000"); /* CLEAR_ON_DESELECT memory is shared */
	expect(&k, "0106000000", "019000");
	expect(&k, "0006000000", "009000");
	jc_deselect(k.jc, 0); /* deselect(true): still active on channel 1 */
	expect(&k, "0101000000", "000000019000");
	expect(&k, "0103000000", "779000");
	/* the package's other applet is no MultiSelectable */
	select_on(&k, 2, SINGLE, "6999");
	select_on(&k, 2, LIMITS, "9000");
	jc_deselect(k.jc, 1); /* deselect() */
	select_on(&k, 2, SINGLE, "9000");
	select_on(&k, 1, MULTI, "6999");
	jc_deselect(k.jc, 2);
	select_on(&k, 1, MULTI, "9000");
	expect(&k, "0101000000", "010001009000");
	expect(&k, "0103000000", "009000");
	kit_free(&k);
}

/* Deletion asked for on one channel leaves what is only kept by another channel's transient memory. */
static void deletion_across_channels(void **state)
{
	struct kit k;
	(void)state;
	new_channels(&k);
	select_on(&k, 0, LIMITS, "9000");
	uint32_t before = free_now(&k);
	select_on(&k, 1, MULTI, "9000");
	select_on(&k, 2, MULTI, "9000");
	expect(&k, "0104990000", "9000");
	expect(&k, "0010000000", "9000");
	uint32_t both = free_now(&k);
	expect(&k, "0011000000", "9000");
	assert_in_range(free_now(&k), both + 1, before - 1);
	expect(&k, "0105000000", "999000");
	jc_deselect(k.jc, 1);
	expect(&k, "0011000000", "9000");
	expect(&k, "0205000000", "999000");
	jc_deselect(k.jc, 2);
	expect(&k, "0011000000", "9000");
	assert_int_equal(free_now(&k), before);
	kit_free(&k);
}

/* --- several cards in one thread --- */

/* Cards take turns at the thread's workplace: one in the middle of garbage of an aborted transaction does not disturb
 * the other. A session that is copied goes on in the copy, and there only. */
static void several_cards(void **state)
{
	struct kit a, b;
	(void)state;
	new_limits(&a);
	new_limits(&b);
	uint32_t before = free_now(&a);
	for (int i = 0; i < 3; i++) {
		expect(&a, "0010030000", "6F00");
		expect(&b, "000100F200", "0000010000000755559000");
		expect(&b, "0010020000", "9000");
		expect(&a, "0005000000", "00009000");
	}
	assert_int_equal(free_now(&a), before);
	assert_int_equal(free_now(&b), before);
	/* the power fails in a transaction in which an array was made: nothing of it is left in the workplace */
	a.sim.nv.cut = (int64_t)a.sim.nv.written + 60;
	kit_send(&a, 0, "0010010000");
	assert_true(a.sim.nv.off);
	for (unsigned i = 0; i < JC_BITMAP; i++)
		assert_int_equal(a.jc->work->fresh[i] | a.jc->work->ghost[i], 0);
	expect(&b, "0010020000", "9000");
	assert_int_equal(free_now(&b), before);
	kit_free(&a);
	kit_free(&b);
}

/* --- the power fails while a package is loaded --- */

enum { AID_AT = 13 };

static void load_until(struct kit *k, const struct buf *file)
{
	uint8_t package;
	sw_t sw = jc_load_begin(k->jc, file->p + AID_AT, file->p[AID_AT - 1], 0);
	for (size_t at = 0; sw == SW_OK && at < file->n; at += 100)
		sw = jc_load_bytes(k->jc, file->p + at, file->n - at < 100 ? file->n - at : 100);
	if (sw != SW_OK || jc_load_end(k->jc, &package) != SW_OK)
		return;
	nv_begin(&k->sim.nv);
	jc_load_commit(k->jc);
	if (nv_commit(&k->sim.nv))
		jc_load_done(k->jc);
}

/* Before every byte that is written: afterwards the package is there and whole, or it is not and all of the memory is
 * free again; and it can be loaded. */
static void cut_load(const char *name, const char *applet)
{
	struct kit k;
	struct buf file = {0};
	new_limits(&k);
	fixture_bytes(name, &file);
	assert_true(kit_power_up(&k, NV_NO_CUT));
	uint8_t *snapshot = malloc(k.sim.nv.size);
	assert_non_null(snapshot);
	memcpy(snapshot, k.sim.nv.mem, k.sim.nv.size);
	uint32_t before = free_now(&k);
	load_until(&k, &file);
	int64_t writes = (int64_t)k.sim.nv.written;
	uint32_t after = free_now(&k);
	assert_true(after < before);
	unsigned whole = 0;
	for (int64_t cut = 0; cut <= writes; cut++) {
		memcpy(k.sim.nv.mem, snapshot, k.sim.nv.size);
		kit_power_up(&k, cut);
		load_until(&k, &file);
		kit_power_up(&k, cut % 40);
		assert_true(kit_power_up(&k, NV_NO_CUT));
		bool there = jc_package_by_aid(k.jc, file.p + AID_AT, file.p[AID_AT - 1]) >= 0;
		whole += there;
		if (free_now(&k) != (there ? after : before))
			fail_msg("%s cut at %d: %u bytes free", name, (int)cut, free_now(&k));
		if (!there && cut % 16 == 0) {
			load_until(&k, &file);
			there = true;
		}
		if (there && cut % 16 == 0)
			fixture_install(&k, applet);
	}
	assert_true(whole > 0);
	free(snapshot);
	buf_reset(&file);
	kit_free(&k);
}

static void cut_loads(void **state)
{
	(void)state;
	cut_load("statics", "F04947410601");
	cut_load("several", "F04947410701");
	cut_load("multi", MULTI);
}

/* Chip facts of a card file that somebody changed after it was opened: the RAM is not enough for them. */
static void more_ram_than_there_is(void **state)
{
	struct kit k;
	struct jc_chip chip = kit_chip();
	(void)state;
	kit_new(&k, &chip);
	chip.channels = 19;
	jc_chip_write(&k.sim.nv, &chip);
	assert_false(kit_power_up(&k, NV_NO_CUT));
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commit_capacity),
	    cmocka_unit_test(copy_alone),
	    cmocka_unit_test(not_atomic),
	    cmocka_unit_test(not_caught),
	    cmocka_unit_test(garbage),
	    cmocka_unit_test(kept_by_transient),
	    cmocka_unit_test(two_channels),
	    cmocka_unit_test(deletion_across_channels),
	    cmocka_unit_test(several_cards),
	    cmocka_unit_test(cut_loads),
	    cmocka_unit_test(more_ram_than_there_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
