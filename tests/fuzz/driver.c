/* Runs a fuzz target without libFuzzer: plain gcc, any sanitizer.
 *
 * usage: TARGET [-seconds N] [-seed N] [-runs N] [FILE|DIRECTORY...]
 *
 * First every file named (a directory stands for its files) is given to the target as it is: seeds, and inputs that
 * once failed. Then, until the time or the runs are over, mutations of them. The same seed gives the same inputs in
 * the same order. When an input kills the target or takes ten seconds, it is left in TARGET.crash. */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the sanitizers' runtime, when there is one. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

enum { INPUT_MAX = 256 * 1024, INPUTS = 4096, HANG_SECONDS = 10 };

struct input {
	uint8_t *p;
	size_t n;
};

static struct input corpus[INPUTS];
static size_t n_corpus;
static uint8_t current[INPUT_MAX];
static size_t n_current;
static char crash_path[1024];
static uint64_t state;

static uint64_t next(void) /* splitmix64 */
{
	uint64_t z = state += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static size_t below(size_t n)
{
	return n == 0 ? 0 : (size_t)(next() % n);
}

/* Only calls that a signal handler may make. */
static void save(void)
{
	int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0)
		return;
	size_t at = 0;
	while (at < n_current) {
		ssize_t done = write(fd, current + at, n_current - at);
		if (done <= 0)
			break;
		at += (size_t)done;
	}
	close(fd);
	static const char text[] = "not ok the input is in ";
	(void)!write(STDOUT_FILENO, text, sizeof text - 1);
	(void)!write(STDOUT_FILENO, crash_path, strlen(crash_path));
	(void)!write(STDOUT_FILENO, "\n", 1);
}

static void on_signal(int sig)
{
	save();
	signal(sig, SIG_DFL);
	raise(sig == SIGALRM ? SIGKILL : sig);
}

static void watch(void)
{
	static const int sig[] = {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	bool sanitized = __sanitizer_set_death_callback != NULL;
	if (sanitized)
		__sanitizer_set_death_callback(save);
	for (size_t i = 0; i < (sanitized ? 2 : sizeof sig / sizeof *sig); i++)
		signal(sig[i], on_signal);
}

static void run(void)
{
	/* A copy of its own, so that a read past the end is seen. */
	uint8_t *p = malloc(n_current == 0 ? 1 : n_current);
	if (p == NULL)
		exit(2);
	memcpy(p, current, n_current);
	alarm(HANG_SECONDS);
	LLVMFuzzerTestOneInput(p, n_current);
	alarm(0);
	free(p);
}

static void load_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(2);
	}
	size_t n = fread(current, 1, INPUT_MAX, f);
	fclose(f);
	uint8_t *p = malloc(n == 0 ? 1 : n);
	if (p == NULL || n_corpus == INPUTS)
		exit(2);
	memcpy(p, current, n);
	corpus[n_corpus++] = (struct input){p, n};
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void load(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return; /* a target without a corpus begins with nothing */
	if (!S_ISDIR(st.st_mode)) {
		load_file(path);
		return;
	}
	struct dirent **e = NULL;
	int n = scandir(path, &e, visible, by_name);
	for (int i = 0; i < n; i++) {
		char name[1024];
		snprintf(name, sizeof name, "%s/%s", path, e[i]->d_name);
		load_file(name);
		free(e[i]);
	}
	free(e);
}

static void insert(size_t at, const void *p, size_t n)
{
	if (n > INPUT_MAX - n_current)
		return;
	memmove(current + at + n, current + at, n_current - at);
	memmove(current + at, p, n);
	n_current += n;
}

static void erase(size_t at, size_t n)
{
	memmove(current + at, current + at + n, n_current - at - n);
	n_current -= n;
}

static size_t stretch(size_t at)
{
	size_t left = n_current - at, most = next() % 4 == 0 ? left : 16;
	return below((left < most ? left : most) + 1);
}

static void copy_stretch(const uint8_t *from, size_t n)
{
	uint8_t piece[512];
	size_t at = below(n), len = 1 + below(sizeof piece);
	if (len > n - at)
		len = n - at;
	memcpy(piece, from + at, len);
	insert(below(n_current + 1), piece, len);
}

/* Values at which lengths and counters break. */
static void edge(size_t at)
{
	static const uint8_t byte[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, '0', '9', '<', '"', '\n', '{'};
	size_t n = (size_t)1 << below(4);
	for (size_t i = at; i < n_current && i < at + n; i++)
		current[i] = byte[below(sizeof byte)];
}

static bool is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* The word around or before `at`; its beginning, and its length in *len (0: none). */
static size_t word_at(const uint8_t *p, size_t n, size_t at, size_t *len)
{
	while (at > 0 && !is_word(p[at]))
		at--;
	size_t end = at;
	while (at > 0 && is_word(p[at - 1]))
		at--;
	while (end < n && is_word(p[end]))
		end++;
	*len = n == 0 ? 0 : end - at;
	return at;
}

/* Text formats: one word in the place of another, or a number at its edge, so that the text stays well formed. */
static void replace_word(const struct input *other)
{
	static const char *const edge_number[] = {"0", "1", "14", "15", "16", "30", "31", "32", "127", "128", "255",
	    "256", "32767", "32768", "65535", "65536", "4294967295", "4294967296", "FF", "00", "always", "never"};
	uint8_t piece[64];
	size_t len = 0, n = 0, at = word_at(current, n_current, below(n_current), &len);
	if (next() % 3 == 0) {
		const char *text = edge_number[below(sizeof edge_number / sizeof *edge_number)];
		n = strlen(text);
		memcpy(piece, text, n);
	} else if (other->n > 0) {
		size_t from = word_at(other->p, other->n, below(other->n), &n);
		n = n < sizeof piece ? n : sizeof piece;
		memcpy(piece, other->p + from, n);
	}
	erase(at, len);
	insert(at, piece, n);
}

static void mutate_once(void)
{
	size_t at = below(n_current);
	uint8_t b = (uint8_t)next();
	const struct input *other = &corpus[below(n_corpus)];
	switch (n_current == 0 ? 2 : below(12)) {
	case 0:
		current[at] ^= (uint8_t)(1u << below(8));
		break;
	case 1:
		current[at] = b;
		break;
	case 2:
		insert(at, &b, 1);
		break;
	case 3:
		erase(at, stretch(at));
		break;
	case 4:
		copy_stretch(current, n_current);
		break;
	case 5:
		edge(at);
		break;
	case 6:
		if (other->n > 0)
			copy_stretch(other->p, other->n);
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		replace_word(other);
		break;
	case 7:
		n_current = next() % 16 == 0 ? at : n_current;
		break;
	}
}

static void mutate(void)
{
	const struct input *from = &corpus[below(n_corpus)];
	memcpy(current, from->p, from->n);
	n_current = from->n;
	for (size_t times = (size_t)1 << below(5); times > 0; times--)
		mutate_once();
}

static bool number(int argc, char **argv, int *i, const char *name, uint64_t *v)
{
	if (strcmp(argv[*i], name) != 0 || *i + 1 == argc)
		return false;
	*v = strtoull(argv[++*i], NULL, 10);
	return true;
}

int main(int argc, char **argv)
{
	uint64_t seconds = 0, runs = UINT64_MAX, seed = 1, done = 0;
	snprintf(crash_path, sizeof crash_path, "%s.crash", argv[0]);
	for (int i = 1; i < argc; i++)
		if (!number(argc, argv, &i, "-seconds", &seconds) && !number(argc, argv, &i, "-runs", &runs) &&
		    !number(argc, argv, &i, "-seed", &seed))
			load(argv[i]);
	state = seed;
	watch();
	n_current = 0;
	run();
	for (size_t i = 0; i < n_corpus; i++) {
		memcpy(current, corpus[i].p, corpus[i].n);
		n_current = corpus[i].n;
		run();
	}
	printf("ok %zu inputs replayed\n", n_corpus + 1);
	fflush(stdout);
	if (n_corpus == 0)
		corpus[n_corpus++] = (struct input){calloc(1, 1), 0};
	time_t end = time(NULL) + (time_t)seconds;
	for (; seconds != 0 && done < runs && (done % 64 != 0 || time(NULL) < end); done++) {
		mutate();
		run();
	}
	printf("ok %llu mutations, seed %llu\n", (unsigned long long)done, (unsigned long long)seed);
	for (size_t i = 0; i < n_corpus; i++)
		free(corpus[i].p);
	return 0;
}
