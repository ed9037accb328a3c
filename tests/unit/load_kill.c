/* `apload install`, the real program, is killed (SIGKILL) at 200 random moments. Whatever it leaves on the card: a
 * stranger finds nothing to use, and the next run, at the same terminal or at one that knows nothing of the first,
 * finishes or removes it.
 *
 * An install on a simulated card is over in a moment, most of which is not spent on the card. So the program is led
 * through it: its trace goes into a socket that holds a few lines only, and is read up to a random line; then it runs
 * free for a random time before it is killed. KILLS and SEED in the environment repeat a run. */
#define _DEFAULT_SOURCE /* mkdtemp, readlink */
#include "tests/unit/support/load_kit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "runtime/base/file.h"

enum { KILLS = 200, LINES = 70, FREE_MICROSECONDS = 150 };

static struct kit kit;
static char program[512], image_file_path[128], card_path[128], state_path[64];
static uint64_t seed;

static unsigned number(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);
	return text == NULL ? otherwise : (unsigned)strtoul(text, NULL, 10);
}

/* SplitMix64, as good as any. */
static unsigned random_below(unsigned n)
{
	uint64_t x = seed += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (unsigned)((x ^ x >> 31) % n);
}

/* The apload of this very build: it lies two folders above this program. */
static void find_program(void)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 16);
	assert_true(n > 0);
	program[n] = 0;
	for (int i = 0; i < 3; i++)
		*strrchr(program, '/') = 0;
	strcat(program, "/apload");
	if (access(program, X_OK) != 0)
		fail_msg("%s is not there: build all first", program);
}

static void run_program(int err)
{
	int null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execl(program, program, "install", image_file_path, "--card", card_path, "--card-id", "test card", "--journal",
	    state_path, "--profiles", "chipprofiles", "--set", "CARD-NUMBER=0000000017", "--set", "PIN=4711", "--set",
	    "ZONES=A1 B2 C3", "--trace", (char *)NULL);
	_exit(127);
}

/* Start the program, read `lines` of its trace, let it run for a while, kill it. */
static void install_and_kill(unsigned lines, unsigned microseconds)
{
	int pair[2], least = 1, status;
	char c;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_program(pair[1]);
	close(pair[1]);
	for (unsigned n = 0; n < lines && read(pair[0], &c, 1) == 1;)
		n += c == '\n';
	struct timespec t = {.tv_nsec = (long)microseconds * 1000};
	nanosleep(&t, NULL);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(pair[0]);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 127);
}

static void copy_file(const char *to, const struct buf *content)
{
	struct diag_list d = {0};
	assert_true(file_write(to, content->p, content->n, 0600, &d));
}

/* The card's file becomes the kit's card. */
static void take_card(const struct buf *content)
{
	struct sim s;
	copy_file(card_path, content);
	assert_true(sim_open(&s, card_path, &kit.d));
	sim_restore(&kit.card, &s);
	sim_close(&s);
	diag_reset(&kit.d);
}

static void proved(void)
{
	struct loader w;
	struct verify_report r;
	assert_true(kit_loader(&kit, &w, NULL, true));
	assert_true(load_verify(&w, &kit.img, &kit.values, VERIFY_PROBE, NULL, &r));
	verify_report_reset(&r);
	loader_close(&w);
}

static void recovers(const struct buf *broken, uint32_t used)
{
	struct install_report r;
	struct delete_report x;
	char own[64];
	strcpy(own, kit.dir);
	take_card(broken);
	enum ap_state state = kit_state(&kit);
	assert_true(state == AP_ABSENT || state == AP_HALF || state == AP_OPERATIONAL);
	if (state != AP_OPERATIONAL)
		kit_stranger(&kit);

	kit_new_dir(kit.dir); /* another terminal */
	take_card(broken);
	bool ok = kit_install(&kit, NULL, &r);
	assert_true(ok || kit_fired(&kit.d, DIAG_AP_OPERATIONAL));
	install_report_reset(&r);
	proved();
	kit_drop_dir(kit.dir);

	kit_new_dir(kit.dir);
	take_card(broken);
	ok = kit_delete(&kit, NULL, &x);
	assert_true(ok || kit_fired(&kit.d, DIAG_AP_ABSENT));
	assert_int_equal(kit.card.family->used(&kit.card), used);
	kit_drop_dir(kit.dir);
	strcpy(kit.dir, own);

	take_card(broken); /* the same terminal */
	assert_true(kit_install(&kit, NULL, &r));
	install_report_reset(&r);
	assert_int_equal(kit_state(&kit), AP_OPERATIONAL);
}

/* The image as a file, as the kit has it: reading it again gives the digest that the journal names. */
static void write_image(void)
{
	struct buf out = {0};
	static const enum image_entry_name made[] = {IMAGE_MANIFEST, IMAGE_TEMPLATE};
	for (size_t i = 0; i < 2; i++)
		buf_reset(&kit.img.entry[made[i]]);
	assert_true(image_write(&kit.img, NULL, &out, &kit.d));
	snprintf(image_file_path, sizeof image_file_path, "%s/kit.apimg", state_path);
	copy_file(image_file_path, &out);
	buf_reset(&out);
}

static void kill_on(int chip, unsigned kills, unsigned found[AP_OTHER + 1])
{
	char base[64];
	kit_open(&kit, chip);
	strcpy(base, kit.dir);
	strcpy(state_path, base);
	write_image();
	uint32_t used = kit.card.family->used(&kit.card);
	for (unsigned i = 0; i < kills; i++) {
		struct buf broken = {0};
		kit_new_dir(state_path);
		strcpy(kit.dir, state_path);
		snprintf(card_path, sizeof card_path, "%s/a.card", state_path);
		assert_true(sim_new(card_path, kit.chip, NULL, 42, &kit.d));
		install_and_kill(random_below(LINES), random_below(FREE_MICROSECONDS));
		assert_true(file_read(card_path, 1 << 22, &broken, &kit.d));
		take_card(&broken);
		found[kit_state(&kit)]++;
		recovers(&broken, used);
		buf_reset(&broken);
		kit_drop_dir(state_path);
	}
	strcpy(kit.dir, base);
	kit_close(&kit);
}

static void killed(void **state)
{
	(void)state;
	unsigned found[AP_OTHER + 1] = {0}, kills = number("KILLS", KILLS);
	seed = number("SEED", 1);
	print_message("seed %u, %u kills\n", (unsigned)seed, kills);
	find_program();
	for (int chip = 0; chip < KIT_CHIPS; chip++)
		kill_on(chip, kills / KIT_CHIPS, found);
	print_message("found after the kill: %u absent, %u half installed, %u operational\n", found[AP_ABSENT],
	    found[AP_HALF], found[AP_OPERATIONAL]);
	/* most of the moments were in the middle, or the test proves little */
	assert_true(found[AP_HALF] >= kills / 4);
	assert_true(found[AP_ABSENT] + found[AP_OPERATIONAL] >= kills / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(killed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
