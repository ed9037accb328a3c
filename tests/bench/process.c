/* usage: process NAME RUNS COMMAND [ARG...]
 * Wall time and peak memory of a whole process: one warm-up, then RUNS counted runs. Output of the command is dropped.
 */
#define _DEFAULT_SOURCE /* wait4 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/median.h"

enum { RUNS_MAX = 1000 };

static int run_once(char **argv, double *ms, double *kib)
{
	double start = bench_seconds();
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	int status;
	struct rusage use;
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid)
		return 127;
	*ms = (bench_seconds() - start) * 1e3;
	*kib = (double)use.ru_maxrss;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(int argc, char **argv)
{
	static double ms[RUNS_MAX], kib[RUNS_MAX];
	if (argc < 4)
		return 2;
	int runs = atoi(argv[2]);
	if (runs < 1 || runs > RUNS_MAX)
		return 2;
	for (int i = -1; i < runs; i++) {
		int at = i < 0 ? 0 : i;
		int status = run_once(argv + 3, &ms[at], &kib[at]);
		if (status != 0) {
			fprintf(stderr, "process: %s ended with status %d\n", argv[3], status);
			return 1;
		}
	}
	char name[128];
	snprintf(name, sizeof name, "%s, time", argv[1]);
	bench_print(name, ms, (size_t)runs, "ms");
	snprintf(name, sizeof name, "%s, peak memory", argv[1]);
	bench_print(name, kib, (size_t)runs, "KiB");
	return 0;
}
