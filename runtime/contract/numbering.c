#include "runtime/contract/numbering.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/contract/personal_number.h"

unsigned numbering_length(const struct contract_numbering *n)
{
	return (unsigned)strlen(n->prefix) + n->width + (n->check == NUMBERING_NONE ? 0 : 1);
}

/* ISO/IEC 7812-1, annex B: every second digit doubled, from the last one before the check digit on. */
static unsigned luhn(const char *digits, size_t n)
{
	unsigned sum = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned v = (unsigned)(digits[n - 1 - i] - '0') << (i % 2 == 0);
		sum += v > 9 ? v - 9 : v;
	}
	return (10 - sum % 10) % 10;
}

static unsigned check_digit(const struct contract_numbering *n, const char *digits, size_t length)
{
	return n->check == NUMBERING_LUHN ? luhn(digits, length)
					  : personal_number_check_digit((const uint8_t *)digits, length);
}

void numbering_text(const struct contract_numbering *n, uint64_t running, char out[NUMBERING_TEXT])
{
	snprintf(out, NUMBERING_TEXT, "%.32s%0*" PRIu64, n->prefix, (int)n->width, running);
	size_t length = strlen(out);
	if (n->check != NUMBERING_NONE)
		snprintf(out + length, NUMBERING_TEXT - length, "%u", check_digit(n, out, length));
}

bool numbering_next(const struct contract_numbering *n, uint64_t *running, char out[NUMBERING_TEXT])
{
	for (uint64_t at = *running < n->from ? n->from : *running; at <= n->to; at++) {
		numbering_text(n, at, out);
		if (personal_number_whole((const uint8_t *)out, strlen(out)) != PERSONAL_NUMBER_NONE)
			continue;
		*running = at;
		return true;
	}
	return false;
}

enum numbering_fault numbering_fault(const struct contract_numbering *n, const uint8_t *p, size_t length)
{
	char right[NUMBERING_TEXT];
	size_t prefix = strlen(n->prefix);
	uint64_t running = 0;
	if (length != numbering_length(n))
		return NUMBERING_LENGTH;
	if (memcmp(p, n->prefix, prefix) != 0)
		return NUMBERING_PREFIX;
	for (size_t i = prefix; i < prefix + n->width; i++) {
		if (p[i] < '0' || p[i] > '9')
			return NUMBERING_RANGE;
		running = running * 10 + (uint64_t)(p[i] - '0'); /* at most 18 digits */
	}
	if (running < n->from || running > n->to)
		return NUMBERING_RANGE;
	numbering_text(n, running, right);
	if (memcmp(p, right, length) != 0)
		return NUMBERING_CHECK;
	return personal_number_whole(p, length) != PERSONAL_NUMBER_NONE ? NUMBERING_PERSONAL : NUMBERING_RIGHT;
}
