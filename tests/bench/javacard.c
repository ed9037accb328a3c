/* The simulated Java Card alone, on card files that `apsim new` and `apload install` made.
 *
 *   javacard cap FILE.jca FILE.cap                    package as text -> CAP file
 *   javacard pairs NAME CARD COUNT HEX... -- A B      the first APDUs set the card up; then A and B by turns
 *   javacard bytecodes CARD COUNT HEX... -- A         instructions of loaded code
 *   javacard start CARD                               power-up, package cache cold and warm
 *   javacard memory CARD CARDS                        what CARDS more cards in this process take
 *   javacard install CARD FILE.cap FOLDER             installing over the loader: the card's part; FOLDER for journals
 *
 * Every answer is checked in the loop: 9000, and the same data as the first time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/link/link_sim.h"
#include "runtime/load/javacard/javacard.h"
#include "runtime/load/loader.h"
#include "runtime/sim/javacard/machine/code.h"
#include "runtime/sim/sim.h"
#include "tests/bench/median.h"

enum { BATCHES = 11, COMMAND_MAX = 70000, STARTS = 2000 };

struct command {
	uint8_t p[COMMAND_MAX];
	size_t n;
	struct buf want; /* what it was answered the first time */
};

static void die(const char *what)
{
	fprintf(stderr, "javacard: %s\n", what);
	exit(1);
}

static void parse(struct command *c, const char *hex)
{
	if (!hex_decode(hex, strlen(hex), c->p, sizeof c->p, &c->n))
		die(hex);
}

static void send(struct sim *s, const struct command *c, struct buf *rsp)
{
	buf_clear(rsp);
	sim_apdu(s, c->p, c->n, rsp);
	if (rsp->n < 2 || rsp->p[rsp->n - 2] != 0x90 || rsp->p[rsp->n - 1] != 0)
		die("refused");
	if (c->want.n != 0 && (rsp->n != c->want.n || memcmp(rsp->p, c->want.p, rsp->n) != 0))
		die("another answer");
}

static void open_card(struct sim *s, const char *path)
{
	struct diag_list d = {0};
	if (!sim_open(s, path, &d)) {
		diag_print(stderr, &d, "en");
		exit(1);
	}
	sim_power_up(s);
}

/* Set the card up by the APDUs before "--"; those behind it are returned, answered once. */
static struct command *prepare(struct sim *s, int n, char **hex, struct buf *rsp)
{
	static struct command repeated[2], setup;
	int i = 0, k = 0;
	for (; i < n && strcmp(hex[i], "--") != 0; i++) {
		parse(&setup, hex[i]);
		send(s, &setup, rsp);
	}
	for (i++; i < n && k < 2; i++, k++) {
		parse(&repeated[k], hex[i]);
		send(s, &repeated[k], rsp);
		buf_add(&repeated[k].want, rsp->p, rsp->n);
	}
	return repeated;
}

static int cap(const char *from, const char *to)
{
	struct arena a = {0};
	struct buf text = {0}, out = {0};
	struct diag_list d = {0};
	const char *message = NULL;
	if (!file_read(from, 1 << 20, &text, &d) ||
	    !asm_text_to_cap(&a, (const char *)text.p, text.n, API_VERSION(2, 1), &out, &message))
		die(message != NULL ? message : from);
	FILE *f = fopen(to, "wb");
	if (f == NULL || fwrite(out.p, 1, out.n, f) != out.n || fclose(f) != 0)
		die(to);
	buf_reset(&text);
	buf_reset(&out);
	arena_free(&a);
	return 0;
}

static int pairs(const char *name, const char *path, long count, int n, char **hex)
{
	struct sim s;
	struct buf rsp = {0};
	double rate[BATCHES];
	open_card(&s, path);
	const struct command *c = prepare(&s, n, hex, &rsp);
	for (int b = 0; b < BATCHES; b++) {
		double start = bench_seconds();
		for (long i = 0; i < count; i++) {
			send(&s, &c[0], &rsp);
			send(&s, &c[1], &rsp);
		}
		rate[b] = (double)count / (bench_seconds() - start);
	}
	bench_print(name, rate, BATCHES, "pairs/s");
	buf_reset(&rsp);
	sim_close(&s);
	return 0;
}

static void count_step(void *context, const struct jc_trace_step *step)
{
	(void)step;
	++*(unsigned long *)context;
}

static int bytecodes(const char *path, long count, int n, char **hex)
{
	struct sim s;
	struct buf rsp = {0};
	double rate[BATCHES];
	unsigned long steps = 0;
	open_card(&s, path);
	const struct command *c = prepare(&s, n, hex, &rsp);
	jc_trace(jc_of(&s), count_step, &steps);
	send(&s, c, &rsp);
	jc_trace(jc_of(&s), NULL, NULL);
	for (int b = 0; b < BATCHES; b++) {
		double start = bench_seconds();
		for (long i = 0; i < count; i++)
			send(&s, c, &rsp);
		rate[b] = (double)count * (double)steps / (bench_seconds() - start) / 1e6;
	}
	bench_print("bytecodes", rate, BATCHES, "M/s");
	buf_reset(&rsp);
	sim_close(&s);
	return 0;
}

static int start(const char *path)
{
	static double cold[STARTS], warm[STARTS];
	struct sim s;
	open_card(&s, path);
	for (int i = 0; i < STARTS; i++) {
		sim_power_down(&s);
		jc_code_forget();
		double at = bench_seconds();
		sim_power_up(&s);
		cold[i] = (bench_seconds() - at) * 1e3;
		sim_power_down(&s);
		at = bench_seconds();
		sim_power_up(&s);
		warm[i] = (bench_seconds() - at) * 1e3;
	}
	bench_print("start, packages to decode", cold, STARTS, "ms");
	bench_print("start, packages in the cache", warm, STARTS, "ms");
	sim_close(&s);
	return 0;
}

static long resident_kib(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f == NULL || fscanf(f, "%*s %ld", &pages) != 1)
		die("/proc/self/statm");
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int memory(const char *path, int cards)
{
	struct sim first, *s = calloc((size_t)cards, sizeof *s);
	open_card(&first, path);
	const struct jc_chip *chip = jc_chip_of(jc_of(&first));
	double transient = chip->apdu_buffer + chip->reset + (double)chip->channels * chip->deselect;
	double own = (first.nv.size + transient) / 1024;
	long before = resident_kib();
	for (int i = 0; i < cards; i++) {
		if (s == NULL || !sim_copy(&s[i], &first))
			die("no memory");
		sim_power_up(&s[i]);
	}
	double each = (double)(resident_kib() - before) / cards;
	printf("%-44s %12.3f KiB\n", "one more card with power", each);
	printf("%-44s %12.3f KiB\n", "  its chip's memory", own);
	printf("%-44s %12.3f KiB\n", "  besides", each - own);
	printf("%-44s %12.3f KiB\n", "decoded package, for all cards together", (double)jc_code_cached() / 1024);
	for (int i = 0; i < cards; i++)
		sim_close(&s[i]);
	free(s);
	sim_close(&first);
	return 0;
}

/* --- installing: the loader at work, the card's part of the time --- */

static struct {
	double all, load; /* seconds */
	size_t commands, loads, bytes;
} spent;

static void timed_apdu(struct sim *s, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	enum { INS_LOAD = 0xe8 };
	double start = bench_seconds();
	sim_javacard.apdu(s, cmd, n, rsp);
	double took = bench_seconds() - start;
	spent.all += took;
	spent.commands++;
	if (cmd[1] == INS_LOAD) {
		spent.load += took;
		spent.loads++;
		spent.bytes += n;
	}
}

static void install_once(struct sim *card, const struct buf *cap, const char *journal)
{
	struct diag_list d = {0};
	struct link l = {0};
	struct loader w;
	struct loader_options o = {
	    .journal = journal, .given = {.profiles = "chipprofiles", .identity = "bench"}, .lang = "en"};
	struct gp_install_options options = {.cap = cap->p, .cap_len = cap->n, .name = "bench.cap", .no_resume = true};
	struct gp_install_report r = {0};
	link_sim_of(&l, card);
	if (!loader_on(&w, &l, &o, NULL, false, NULL, &d) || !gp_install(&w, &options, &r)) {
		diag_print(stderr, &d, "en");
		exit(1);
	}
	loader_close(&w);
	diag_reset(&d);
}

static int install(const char *path, const char *cap_path, const char *journal)
{
	struct sim first, s;
	struct buf cap = {0};
	struct diag_list d = {0};
	double whole[BATCHES], rate[BATCHES];
	struct sim_family timed = sim_javacard;
	timed.apdu = timed_apdu;
	if (!file_read(cap_path, 1 << 22, &cap, &d))
		die(cap_path);
	open_card(&first, path);
	sim_power_down(&first);
	if (!sim_copy(&s, &first))
		die("no memory");
	s.family = &timed;
	for (int b = 0; b < BATCHES; b++) {
		first.family = &timed; /* the same for sim_restore */
		sim_restore(&s, &first);
		first.family = &sim_javacard;
		jc_code_forget();
		memset(&spent, 0, sizeof spent);
		install_once(&s, &cap, journal);
		whole[b] = spent.all * 1e3;
		rate[b] = (double)spent.bytes / spent.load / 1e6;
	}
	bench_print("install, the card's part", whole, BATCHES, "ms");
	bench_print("LOAD, the card's part", rate, BATCHES, "MB/s");
	printf("%-44s %12zu of %zu\n", "  commands LOAD", spent.loads, spent.commands);
	buf_reset(&cap);
	sim_close(&s);
	sim_close(&first);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	if (argc == 4 && strcmp(what, "cap") == 0)
		return cap(argv[2], argv[3]);
	if (argc > 6 && strcmp(what, "pairs") == 0)
		return pairs(argv[2], argv[3], strtol(argv[4], NULL, 10), argc - 5, argv + 5);
	if (argc > 5 && strcmp(what, "bytecodes") == 0)
		return bytecodes(argv[2], strtol(argv[3], NULL, 10), argc - 4, argv + 4);
	if (argc == 3 && strcmp(what, "start") == 0)
		return start(argv[2]);
	if (argc == 4 && strcmp(what, "memory") == 0)
		return memory(argv[2], atoi(argv[3]));
	if (argc == 5 && strcmp(what, "install") == 0)
		return install(argv[2], argv[3], argv[4]);
	fprintf(stderr, "usage: javacard cap|pairs|bytecodes|start|memory|install ...\n");
	return 2;
}
