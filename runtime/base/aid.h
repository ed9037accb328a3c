/* Application identifiers: ISO/IEC 7816-5. */
#ifndef IGATA_BASE_AID_H
#define IGATA_BASE_AID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/iso7816.h"

struct aid {
	uint8_t p[AID_MAX];
	size_t n; /* 0: none */
};

static inline bool aid_equal(const struct aid *a, const struct aid *b)
{
	return a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

/* Take n bytes; false, and none, when that is longer than an AID. */
static inline bool aid_take(struct aid *a, const uint8_t *p, size_t n)
{
	*a = (struct aid){0};
	if (n > AID_MAX)
		return false;
	if (n != 0)
		memcpy(a->p, p, n);
	a->n = n;
	return true;
}

#endif
