/* Medians with spread, for the benchmarks. */
#ifndef IGATA_BENCH_MEDIAN_H
#define IGATA_BENCH_MEDIAN_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline int bench_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* "name  median unit (min .. max, n runs)"; v is sorted. */
static inline void bench_print(const char *name, double *v, size_t n, const char *unit)
{
	qsort(v, n, sizeof *v, bench_order);
	double median = n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
	printf("%-44s %12.3f %-8s (%.3f .. %.3f, %zu runs)\n", name, median, unit, v[0], v[n - 1], n);
}

#endif
