/* The seeded random source of the generators: equal seeds give equal descriptions on every machine. */
#ifndef IGATA_TESTS_GENERATE_DICE_H
#define IGATA_TESTS_GENERATE_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t dice_next(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 to n - 1; n is at least 1. */
static inline unsigned dice_below(struct dice *d, unsigned n)
{
	return (unsigned)(dice_next(d) % n);
}

/* least to most, both included. */
static inline unsigned dice_between(struct dice *d, unsigned least, unsigned most)
{
	return least + dice_below(d, most - least + 1);
}

/* In so many cases of a hundred. */
static inline bool dice_chance(struct dice *d, unsigned percent)
{
	return dice_below(d, 100) < percent;
}

#endif
