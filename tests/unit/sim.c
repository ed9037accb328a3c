/* Simulated cards: files, locks, power, copies. The family is a toy: one counter in memory, one in RAM. */
#include "runtime/sim/sim.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/base/sw.h"

static uint32_t toy_memory = NV_HOME + 64;

static uint32_t toy_size(const struct chip *chip, const struct contract *contract)
{
	(void)chip;
	(void)contract;
	return toy_memory;
}

static bool toy_deliver(struct nv *nv, const struct chip *chip, const struct contract *contract, struct diag_list *d)
{
	(void)contract;
	if (strcmp(chip->name, "undeliverable") == 0)
		return diag_add(d, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	nv_fill(nv, NV_HOME, 0x20, 8);
	return true;
}

static void toy_power_up(struct sim *s)
{
	((uint8_t *)s->ram)[0] = 1;
}

/* 00: add one to every byte of the counter, all or nothing. 01: read. 02: four random bytes. 03: the session. */
static void toy_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint8_t b[8], *ram = s->ram;
	assert_true(n > 0);
	nv_read(&s->nv, NV_HOME, b, sizeof b);
	if (cmd[0] == 0) {
		nv_begin(&s->nv);
		for (size_t i = 0; i < sizeof b; i++) {
			b[i]++;
			nv_write(&s->nv, NV_HOME + (uint32_t)i, b + i, 1);
		}
		nv_commit(&s->nv);
	} else if (cmd[0] == 1)
		buf_add(rsp, b, sizeof b);
	else if (cmd[0] == 2) {
		sim_random(s, b, 4);
		buf_add(rsp, b, 4);
	} else
		buf_u8(rsp, ram[0]++);
	buf_u16(rsp, SW_OK);
}

static size_t toy_atr(struct sim *s, uint8_t out[SIM_ATR_MAX])
{
	(void)s;
	memcpy(out, "\x3b\x80\x80\x01\x01", 5);
	return 5;
}

static const struct sim_family toy = {
    .name = "toy",
    .ram_size = 16,
    .memory_size = toy_size,
    .deliver = toy_deliver,
    .power_up = toy_power_up,
    .apdu = toy_apdu,
    .atr = toy_atr,
};

const struct sim_family *const sim_families[] = {&toy, NULL};

static const struct chip chip = {.name = "toy-1", .family = "toy"};
static char folder[] = "/tmp/igata-sim-XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/a.card", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void expect_diag(struct diag_list *d, enum diag_code code)
{
	assert_int_equal(d->n, 1);
	assert_int_equal(d->row[0].code, code);
	diag_reset(d);
}

static void send(struct sim *s, uint8_t cmd, const void *want, size_t n)
{
	struct buf rsp = {0};
	sim_apdu(s, &cmd, 1, &rsp);
	assert_int_equal(rsp.n, n);
	if (n != 0)
		assert_memory_equal(rsp.p, want, n);
	buf_reset(&rsp);
}

static void new_card(struct sim *s)
{
	struct diag_list d = {0};
	unlink(path);
	assert_true(sim_new(path, &chip, NULL, 42, &d));
	assert_true(sim_open(s, path, &d));
	assert_int_equal(d.n, 0);
}

static void file_card(void **state)
{
	(void)state;
	struct sim s, second;
	struct diag_list d = {0};
	struct stat st;
	uint8_t atr[SIM_ATR_MAX];
	new_card(&s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_string_equal(s.chip, "toy-1");
	send(&s, 1, NULL, 0); /* not powered */
	assert_int_equal(sim_atr(&s, atr), 0);
	sim_power_up(&s);
	assert_int_equal(sim_atr(&s, atr), 5);
	send(&s, 3, "\x01\x90\x00", 3);
	send(&s, 3, "\x02\x90\x00", 3);
	send(&s, 0, "\x90\x00", 2);
	uint64_t wear = sim_wear(&s);
	assert_true(wear > 8 + 8);
	/* one program at a time, and not over an existing file */
	assert_false(sim_open(&second, path, &d));
	expect_diag(&d, DIAG_SIM_IN_USE);
	assert_false(sim_new(path, &chip, NULL, 1, &d));
	expect_diag(&d, DIAG_SIM_EXISTS);
	sim_close(&s);
	/* what was written stays, the session does not */
	assert_true(sim_open(&s, path, &d));
	assert_int_equal(sim_wear(&s), wear);
	sim_power_up(&s);
	send(&s, 3, "\x01\x90\x00", 3);
	send(&s, 1, "\x21\x21\x21\x21\x21\x21\x21\x21\x90\x00", 10);
	sim_power_down(&s);
	send(&s, 1, NULL, 0);
	sim_close(&s);
	sim_close(&s);
}

static void random_tape(void **state)
{
	(void)state;
	struct sim a, b;
	struct diag_list d = {0};
	uint8_t x[37], y[37], z[37];
	assert_true(sim_new_in_memory(&a, &chip, NULL, 7, &d));
	assert_true(sim_new_in_memory(&b, &chip, NULL, 7, &d));
	sim_random(&a, x, sizeof x);
	sim_random(&b, y, sizeof y);
	assert_memory_equal(x, y, sizeof x);
	sim_random(&b, z, sizeof z);
	assert_memory_not_equal(y, z, sizeof y);
	sim_close(&b);
	assert_true(sim_new_in_memory(&b, &chip, NULL, 8, &d));
	sim_random(&b, y, sizeof y);
	assert_memory_not_equal(x, y, sizeof x);
	sim_close(&a);
	sim_close(&b);
	/* a file goes on where it stopped */
	new_card(&a);
	sim_random(&a, x, sizeof x);
	sim_close(&a);
	assert_true(sim_open(&a, path, &d));
	sim_random(&a, y, sizeof y);
	assert_memory_not_equal(x, y, sizeof x);
	sim_close(&a);
}

static void cut_and_copy(void **state)
{
	(void)state;
	struct sim s, snapshot;
	struct diag_list d = {0};
	uint64_t bytes;
	assert_true(sim_new_in_memory(&s, &chip, NULL, 7, &d));
	sim_power_up(&s);
	assert_true(sim_copy(&snapshot, &s));
	assert_false(snapshot.powered);
	send(&s, 0, "\x90\x00", 2);
	bytes = s.nv.written;
	assert_true(bytes > 8);
	for (uint64_t k = 0; k < bytes; k++) {
		for (uint64_t j = 0; j < 4; j++) {
			sim_restore(&s, &snapshot);
			sim_power_up_cut(&s, (int64_t)k);
			send(&s, 0, NULL, 0);
			send(&s, 1, NULL, 0); /* stays dead */
			sim_power_up_cut(&s, (int64_t)j);
			sim_power_up(&s);
			struct buf rsp = {0};
			sim_apdu(&s, (const uint8_t *)"\x01", 1, &rsp);
			assert_int_equal(rsp.n, 10);
			uint8_t want[8];
			memset(want, rsp.p[0], sizeof want);
			assert_true(rsp.p[0] == 0x20 || rsp.p[0] == 0x21);
			assert_memory_equal(rsp.p, want, sizeof want);
			buf_reset(&rsp);
		}
	}
	/* the snapshot is independent */
	sim_power_up(&snapshot);
	send(&snapshot, 1, "\x20\x20\x20\x20\x20\x20\x20\x20\x90\x00", 10);
	sim_close(&s);
	sim_close(&snapshot);
}

static void cannot_be_simulated(void **state)
{
	(void)state;
	struct sim s;
	struct diag_list d = {0};
	const struct chip other = {.name = "x", .family = "unheard-of"};
	const struct chip bad = {.name = "undeliverable", .family = "toy"};
	assert_false(sim_new_in_memory(&s, &other, NULL, 1, &d));
	expect_diag(&d, DIAG_SIM_NO_FAMILY);
	sim_close(&s);
	assert_false(sim_new_in_memory(&s, &bad, NULL, 1, &d));
	expect_diag(&d, DIAG_NO_MEMORY);
	unlink(path);
	assert_false(sim_new(path, &bad, NULL, 1, &d));
	expect_diag(&d, DIAG_NO_MEMORY);
	assert_int_equal(access(path, F_OK), -1);
	assert_false(sim_new("/nonexistent/x.card", &chip, NULL, 1, &d));
	expect_diag(&d, DIAG_FILE_WRITE);
	toy_memory = NV_HOME;
	assert_false(sim_new_in_memory(&s, &chip, NULL, 1, &d));
	expect_diag(&d, DIAG_SIM_MEMORY);
	toy_memory = SIM_MEMORY_MAX + 1;
	assert_false(sim_new_in_memory(&s, &chip, NULL, 1, &d));
	expect_diag(&d, DIAG_SIM_MEMORY);
	toy_memory = NV_HOME + 64;
}

/* A program that has the card is killed at any moment: the file holds all of a command or nothing of it. */
static void killed(void **state)
{
	(void)state;
	struct sim s;
	struct diag_list d = {0};
	struct buf rsp = {0};
	int moved = 0;
	new_card(&s);
	sim_close(&s);
	/* The moment between seal and end is a small part of a command's time: on a busy machine it takes more rounds
	 * to meet it. */
	for (int round = 0; round < 100 || (moved == 0 && round < 20000); round++) {
		int ready[2];
		char c;
		assert_int_equal(pipe(ready), 0);
		pid_t child = fork();
		if (child == 0) {
			if (!sim_open(&s, path, &d))
				_exit(1);
			sim_power_up(&s);
			if (write(ready[1], "", 1) != 1)
				_exit(1);
			for (;;)
				sim_apdu(&s, (const uint8_t *)"", 1, &rsp);
		}
		assert_int_equal(read(ready[0], &c, 1), 1);
		poll(NULL, 0, round % 3);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		close(ready[0]);
		close(ready[1]);
		assert_true(sim_open(&s, path, &d));
		moved += s.nv.mem[NV_LOG_AT] != 0; /* killed between seal and end */
		sim_power_up(&s);
		buf_clear(&rsp);
		sim_apdu(&s, (const uint8_t *)"\x01", 1, &rsp);
		assert_int_equal(rsp.n, 10);
		for (int i = 1; i < 8; i++)
			assert_int_equal(rsp.p[i], rsp.p[0]);
		sim_close(&s);
	}
	assert_true(moved > 0);
	buf_reset(&rsp);
}

static void put_file(const uint8_t *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void refused(const uint8_t *p, size_t n, enum diag_code code)
{
	struct sim s;
	struct diag_list d = {0};
	put_file(p, n);
	assert_false(sim_open(&s, path, &d));
	expect_diag(&d, code);
}

/* Every byte of the fixed header wrong in turn: refused by name, or (the names' padding) of no effect. */
static void hostile_file(void **state)
{
	(void)state;
	static uint8_t image[4096 + NV_HOME + 64], copy[sizeof image + 1];
	struct sim s;
	struct diag_list d = {0};
	new_card(&s);
	memcpy(image, s.map, sizeof image);
	sim_close(&s);
	memcpy(copy, image, sizeof image);
	for (size_t i = 0; i < 96; i++) {
		copy[i] = 0xff;
		put_file(copy, sizeof image);
		if (sim_open(&s, path, &d))
			sim_power_up(&s);
		else
			assert_int_equal(d.n, 1);
		diag_reset(&d);
		sim_close(&s);
		copy[i] = image[i];
	}
	refused(image, sizeof image - 1, DIAG_SIM_SIZE);
	refused(copy, sizeof copy, DIAG_SIM_SIZE);
	refused(image, 4096, DIAG_SIM_NOT_A_CARD);
	refused(image, 0, DIAG_SIM_NOT_A_CARD);
	copy[0] = 0;
	refused(copy, sizeof image, DIAG_SIM_NOT_A_CARD);
	copy[0] = 'I';
	copy[11] = 2;
	refused(copy, sizeof image, DIAG_SIM_VERSION);
	copy[11] = 1;
	copy[16] = 'x';
	refused(copy, sizeof image, DIAG_SIM_FAMILY);
	copy[16] = '\x1b';
	refused(copy, sizeof image, DIAG_SIM_NOT_A_CARD);
	copy[16] = 't';
	memset(copy + 32, 'a', 64);
	refused(copy, sizeof image, DIAG_SIM_NOT_A_CARD);
	assert_false(sim_open(&s, folder, &d));
	diag_reset(&d);
	assert_false(sim_open(&s, "/nonexistent/x.card", &d));
	expect_diag(&d, DIAG_FILE_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(file_card),
	    cmocka_unit_test(random_tape),
	    cmocka_unit_test(cut_and_copy),
	    cmocka_unit_test(cannot_be_simulated),
	    cmocka_unit_test(killed),
	    cmocka_unit_test(hostile_file),
	};
	return cmocka_run_group_tests_name("sim", tests, setup, teardown);
}
