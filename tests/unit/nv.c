/* The door to a simulated card's memory, cut before every byte it ever writes, against a model of all or nothing. */
#include "runtime/sim/nv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { HOME_SIZE = 96, SIZE = NV_HOME + HOME_SIZE, MAX_OPS = 8 };

static uint8_t mem[SIZE];

struct op {
	uint8_t at, n, v;
	bool fill;
};

struct change {
	struct op op[MAX_OPS];
	int n;
};

static struct nv fresh(void)
{
	for (int i = 0; i < SIZE; i++)
		mem[i] = i < NV_HOME ? 0 : (uint8_t)(i * 7);
	return (struct nv){.mem = mem, .size = SIZE, .cut = NV_NO_CUT};
}

static void power_up(struct nv *nv, int64_t cut)
{
	nv->off = false;
	nv->written = 0;
	nv->cut = cut;
	nv_recover(nv);
}

/* What an operation writes: v, v + 1, … or v throughout. */
static void bytes_of(const struct op *o, uint8_t *out)
{
	for (int i = 0; i < o->n; i++)
		out[i] = (uint8_t)(o->fill ? o->v : o->v + i);
}

static void write_change(struct nv *nv, const struct change *c)
{
	uint8_t b[256];
	for (int i = 0; i < c->n; i++) {
		const struct op *o = &c->op[i];
		bytes_of(o, b);
		if (o->fill)
			nv_fill(nv, NV_HOME + o->at, o->v, o->n);
		else
			nv_write(nv, NV_HOME + o->at, b, o->n);
	}
}

static void model(uint8_t home[HOME_SIZE], const struct change *c)
{
	for (int i = 0; i < c->n; i++)
		bytes_of(&c->op[i], home + c->op[i].at);
}

/* After a cut somewhere: recovery is cut before each of its bytes in turn, then completes. Returns whether the result
 * is `after`; anything but before and after fails. */
static bool settles(const uint8_t *before, const uint8_t *after)
{
	uint8_t torn[SIZE], first[HOME_SIZE];
	memcpy(torn, mem, SIZE);
	struct nv nv = {.mem = mem, .size = SIZE};
	power_up(&nv, NV_NO_CUT);
	uint64_t bytes = nv.written;
	memcpy(first, mem + NV_HOME, HOME_SIZE);
	bool is_after = memcmp(first, after, HOME_SIZE) == 0;
	assert_true(is_after || memcmp(first, before, HOME_SIZE) == 0);
	for (uint64_t k = 0; k < bytes; k++) {
		memcpy(mem, torn, SIZE);
		power_up(&nv, (int64_t)k);
		assert_true(nv.off);
		/* and a third time, in the middle of what is left */
		power_up(&nv, (int64_t)(bytes / 2));
		power_up(&nv, NV_NO_CUT);
		assert_memory_equal(mem + NV_HOME, first, HOME_SIZE);
		assert_int_equal(mem[NV_LOG_AT], 0);
		/* nothing is left to do */
		power_up(&nv, NV_NO_CUT);
		assert_int_equal(nv.written, 0);
	}
	return is_after;
}

static void cut_everywhere(const struct change *c)
{
	uint8_t before[HOME_SIZE], after[HOME_SIZE];
	struct nv nv = fresh();
	memcpy(before, mem + NV_HOME, HOME_SIZE);
	memcpy(after, before, HOME_SIZE);
	model(after, c);
	nv_begin(&nv);
	write_change(&nv, c);
	assert_true(nv_commit(&nv));
	assert_memory_equal(mem + NV_HOME, after, HOME_SIZE);
	uint64_t bytes = nv.written;
	bool was_done = false;
	for (uint64_t k = 0; k <= bytes; k++) {
		nv = fresh();
		nv.cut = (int64_t)k;
		nv_begin(&nv);
		write_change(&nv, c);
		bool said = nv_commit(&nv);
		assert_int_equal(nv.off, k < bytes);
		bool done = settles(before, after);
		if (memcmp(before, after, HOME_SIZE) != 0)
			assert_int_equal(said, done);
		/* Once a cut at k leaves the change done, so does every later cut. */
		assert_true(done || !was_done);
		was_done = done;
	}
}

static void one_byte(void **state)
{
	(void)state;
	cut_everywhere(&(struct change){.op = {{.at = 5, .n = 1, .v = 0xee}}, .n = 1});
}

static void overlapping(void **state)
{
	(void)state;
	struct change c = {.op = {{.at = 0, .n = 40, .v = 1}, {.at = 20, .n = 40, .v = 0xff, .fill = true},
			       {.at = 95, .n = 1, .v = 9}, {.at = 10, .n = 0, .v = 9}, {.at = 30, .n = 2, .v = 0}},
	    .n = 5};
	cut_everywhere(&c);
}

static uint32_t next(uint32_t *r)
{
	*r = *r * 1664525 + 1013904223;
	return *r >> 8;
}

static void random_changes(void **state)
{
	(void)state;
	uint32_t r = 1;
	for (int round = 0; round < 60; round++) {
		struct change c = {.n = (int)(next(&r) % MAX_OPS)};
		for (int i = 0; i < c.n; i++) {
			uint8_t at = (uint8_t)(next(&r) % HOME_SIZE);
			c.op[i] = (struct op){.at = at,
			    .n = (uint8_t)(next(&r) % (uint32_t)(HOME_SIZE - at + 1) % 12),
			    .v = (uint8_t)next(&r),
			    .fill = next(&r) % 2};
		}
		cut_everywhere(&c);
	}
}

/* The next transaction starts over a log that the last one filled: a longer old log must not show through. */
static void second_transaction(void **state)
{
	(void)state;
	struct change big = {.op = {{.at = 0, .n = 90, .v = 3}}, .n = 1};
	struct change small = {.op = {{.at = 50, .n = 2, .v = 0x77}}, .n = 1};
	uint8_t before[HOME_SIZE], after[HOME_SIZE], image[SIZE];
	struct nv nv = fresh();
	nv_begin(&nv);
	write_change(&nv, &big);
	assert_true(nv_commit(&nv));
	memcpy(image, mem, SIZE);
	memcpy(before, mem + NV_HOME, HOME_SIZE);
	memcpy(after, before, HOME_SIZE);
	model(after, &small);
	for (int64_t k = 0;; k++) {
		memcpy(mem, image, SIZE);
		power_up(&nv, k);
		nv_begin(&nv);
		write_change(&nv, &small);
		bool said = nv_commit(&nv);
		bool cut = nv.off;
		assert_int_equal(said, settles(before, after));
		if (!cut)
			break;
	}
}

static void outside_is_at_once(void **state)
{
	(void)state;
	struct nv nv = fresh();
	nv.cut = 2;
	nv_write(&nv, NV_HOME, "\x01\x02\x03", 3);
	assert_true(nv.off);
	assert_int_equal(nv.written, 2);
	assert_memory_equal(mem + NV_HOME, "\x01\x02\x0e", 3);
	nv_fill(&nv, NV_HOME, 9, 3); /* the power is gone */
	assert_memory_equal(mem + NV_HOME, "\x01\x02\x0e", 3);
	power_up(&nv, NV_NO_CUT);
	nv_fill(&nv, NV_HOME, 9, 3);
	assert_memory_equal(mem + NV_HOME, "\x09\x09\x09", 3);
}

static void unreachable_is_at_once(void **state)
{
	(void)state;
	struct nv nv = fresh();
	nv_begin(&nv);
	nv_write_unreachable(&nv, NV_HOME + 10, "ab", 2);
	nv_fill_unreachable(&nv, NV_HOME + 12, 'c', 2);
	nv_write(&nv, NV_HOME, "\xff", 1);
	assert_memory_equal(mem + NV_HOME + 10, "abcc", 4);
	assert_int_equal(mem[NV_HOME], 0);
	nv_abort(&nv);
	nv_recover(&nv);
	assert_memory_equal(mem + NV_HOME + 10, "abcc", 4);
	assert_int_equal(mem[NV_HOME], 0);
}

static void read_sees_the_log(void **state)
{
	(void)state;
	struct nv nv = fresh();
	uint8_t b[HOME_SIZE], want[HOME_SIZE];
	struct change c = {.op = {{.at = 0, .n = 10, .v = 0x40}, {.at = 8, .n = 20, .v = 0xee, .fill = true},
			       {.at = 27, .n = 3, .v = 0x90}},
	    .n = 3};
	memcpy(want, mem + NV_HOME, HOME_SIZE);
	model(want, &c);
	nv_begin(&nv);
	write_change(&nv, &c);
	for (uint32_t at = 0; at < HOME_SIZE; at++)
		for (uint32_t n = 0; n <= HOME_SIZE - at; n++) {
			nv_read(&nv, NV_HOME + at, b, n);
			assert_memory_equal(b, want + at, n);
		}
	nv_abort(&nv);
	nv_read(&nv, NV_HOME, b, 3);
	assert_memory_equal(b, "\x00\x07\x0e", 3);
}

static void log_full(void **state)
{
	(void)state;
	static uint8_t big[NV_HOME + NV_LOG_SIZE];
	uint32_t room = NV_LOG_SIZE - NV_LOG_HEADER - NV_ENTRY_HEADER;
	struct nv nv = {.mem = big, .size = sizeof big, .cut = NV_NO_CUT};
	nv_begin(&nv);
	nv_fill(&nv, NV_HOME, 7, room + 1);
	nv_fill(&nv, NV_HOME, 7, 1); /* it does not recover by itself */
	assert_true(nv.log_full);
	assert_false(nv_commit(&nv));
	assert_int_equal(big[NV_HOME], 0);
	nv_recover(&nv);
	assert_int_equal(big[NV_HOME], 0);
	nv_begin(&nv);
	nv_fill(&nv, NV_HOME, 7, room);
	assert_true(nv_commit(&nv));
	assert_int_equal(big[NV_HOME + room - 1], 7);
	assert_int_equal(big[NV_HOME + room], 0);
}

static void empty_writes_nothing(void **state)
{
	(void)state;
	struct nv nv = fresh();
	nv_begin(&nv);
	nv_write(&nv, NV_HOME + HOME_SIZE, "", 0);
	assert_true(nv_commit(&nv));
	assert_int_equal(nv.written, 0);
}

/* A memory from outside: any bytes in the log. Nothing outside the memory is touched, and a log is finished only when
 * length and CRC agree. */
static void hostile_log(void **state)
{
	(void)state;
	uint8_t home[HOME_SIZE];
	uint32_t r = 7;
	for (int round = 0; round < 20000; round++) {
		struct nv nv = fresh();
		memcpy(home, mem + NV_HOME, HOME_SIZE);
		for (int i = 0; i < 64; i++)
			mem[NV_LOG_AT + i] = (uint8_t)next(&r);
		mem[NV_LOG_AT] = 0xa5;
		if (round % 2)
			mem[NV_LOG_AT + 1] = mem[NV_LOG_AT + 2] = 0;
		power_up(&nv, NV_NO_CUT);
		assert_memory_equal(mem + NV_HOME, home, HOME_SIZE);
		assert_int_equal(mem[NV_LOG_AT], 0);
	}
}

/* A log whose CRC is right but whose entries leave the memory: somebody made it on purpose. */
static void forged_log(void **state)
{
	(void)state;
	/* seal, length 8, CRC-32 of the entry, { at, n = 2, two bytes } */
	static const uint8_t below[] = {0xa5, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 2, 1, 2};
	static const uint8_t beyond[] = {0xa5, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0x10, 0x5f, 0, 2, 1, 2};
	static const uint8_t wraps[] = {0xa5, 0, 0, 8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 1, 2};
	static const uint8_t longer[] = {0xa5, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 3, 1, 2};
	static const uint8_t headless[] = {0xa5, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 1, 2};
	static const uint8_t good[] = {0xa5, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 2, 1, 2};
	static const uint8_t *const logs[] = {below, beyond, wraps, longer, headless, good};
	for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
		uint8_t home[HOME_SIZE];
		struct nv nv = fresh();
		memcpy(home, mem + NV_HOME, HOME_SIZE);
		memcpy(mem, logs[i], sizeof good);
		/* find the CRC the way an attacker would: let the memory make it */
		uint32_t crc = 0xffffffff;
		for (int k = 8; k < 16; k++) {
			crc ^= mem[k];
			for (int bit = 0; bit < 8; bit++)
				crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
		}
		for (int k = 0; k < 4; k++)
			mem[4 + k] = (uint8_t)(~crc >> (24 - 8 * k));
		power_up(&nv, NV_NO_CUT);
		if (logs[i] == good)
			memcpy(home, "\x01\x02", 2);
		assert_memory_equal(mem + NV_HOME, home, HOME_SIZE);
		assert_int_equal(mem[0], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_byte),
	    cmocka_unit_test(overlapping),
	    cmocka_unit_test(random_changes),
	    cmocka_unit_test(second_transaction),
	    cmocka_unit_test(outside_is_at_once),
	    cmocka_unit_test(unreachable_is_at_once),
	    cmocka_unit_test(read_sees_the_log),
	    cmocka_unit_test(log_full),
	    cmocka_unit_test(empty_writes_nothing),
	    cmocka_unit_test(hostile_log),
	    cmocka_unit_test(forged_log),
	};
	return cmocka_run_group_tests_name("nv", tests, NULL, NULL);
}
