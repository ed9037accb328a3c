#include "runtime/contract/personal_number.h"

#include <stdbool.h>

#include "runtime/base/hex.h"

enum { INDIVIDUAL_DIGITS = 12, RESIDENT_DIGITS = 11 };

/* 11 - (sum of Pn Qn mod 11), and 0 where that remainder is 0 or 1; Pn is the n-th digit from the lowest one before the
 * check digit, Qn = n + 1 up to n = 6, then n - 5: 平成26年総務省令第85号 第5条 for the 個人番号. The 住民票コード (ten
 * random digits and a check digit, 住民基本台帳法施行規則 第1条) counts alike with n up to 10; specimens of residence
 * certificates agree (see tests/unit/contract.c). */
unsigned personal_number_check_digit(const uint8_t *digits, size_t n)
{
	unsigned sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (unsigned)(digits[n - 1 - i] - '0') * (unsigned)(2 + i % 6);
	return sum % 11 <= 1 ? 0 : 11 - sum % 11;
}

/* The digit at p, ASCII or full-width, as its character; *len its bytes. 0 when there is none. */
static uint8_t digit_at(const uint8_t *p, size_t n, size_t *len)
{
	if (n >= 1 && p[0] >= '0' && p[0] <= '9') {
		*len = 1;
		return p[0];
	}
	if (n >= 3 && p[0] == 0xef && p[1] == 0xbc && p[2] >= 0x90 && p[2] <= 0x99) {
		*len = 3;
		return (uint8_t)(p[2] - 0x90 + '0');
	}
	return 0;
}

static enum personal_number judge(const uint8_t *digits, size_t n)
{
	if ((n != INDIVIDUAL_DIGITS && n != RESIDENT_DIGITS) ||
	    personal_number_check_digit(digits, n - 1) != (unsigned)(digits[n - 1] - '0'))
		return PERSONAL_NUMBER_NONE;
	return n == INDIVIDUAL_DIGITS ? PERSONAL_NUMBER_INDIVIDUAL : PERSONAL_NUMBER_RESIDENT;
}

enum personal_number personal_number_whole(const uint8_t *p, size_t n)
{
	uint8_t digits[INDIVIDUAL_DIGITS];
	size_t count = 0, len = 0;
	for (size_t at = 0; at < n; at += len, count++) {
		uint8_t c = digit_at(p + at, n - at, &len);
		if (c == 0 || count == INDIVIDUAL_DIGITS)
			return PERSONAL_NUMBER_NONE;
		digits[count] = c;
	}
	return judge(digits, count);
}

/* A run of digits that begins at p. Groups are joined only in the way such numbers are written, 1234-5678-9012: a
 * separator may follow the fourth and the eighth digit, and then at both places. Returns the bytes of the run. */
static size_t run(const uint8_t *p, size_t n, uint8_t digits[INDIVIDUAL_DIGITS], size_t *count)
{
	size_t at = 0, len = 0, separators = 0;
	*count = 0;
	while (at < n) {
		uint8_t c = digit_at(p + at, n - at, &len);
		if (c != 0) {
			if (*count < INDIVIDUAL_DIGITS)
				digits[*count] = c;
			++*count;
			at += len;
			continue;
		}
		bool place = (*count == 4 && separators == 0) || (*count == 8 && separators == 1);
		if (!place || (p[at] != '-' && p[at] != ' ') || digit_at(p + at + 1, n - at - 1, &len) == 0)
			break;
		separators++;
		at++;
	}
	if (separators == 1)
		*count = 0; /* 1234-56789012 is no grouping anybody writes */
	return at;
}

enum personal_number personal_number_inside(const uint8_t *p, size_t n, size_t *where)
{
	uint8_t digits[INDIVIDUAL_DIGITS];
	size_t count;
	for (size_t at = 0; at < n; at++) {
		size_t bytes = run(p + at, n - at, digits, &count);
		enum personal_number kind = count <= INDIVIDUAL_DIGITS ? judge(digits, count) : PERSONAL_NUMBER_NONE;
		if (kind != PERSONAL_NUMBER_NONE) {
			if (where != NULL)
				*where = at;
			return kind;
		}
		at += bytes;
	}
	return PERSONAL_NUMBER_NONE;
}

enum personal_number personal_number_packed(const uint8_t *p, size_t n)
{
	enum { BYTES = 6, DIGITS = 2 * BYTES };
	char digits[DIGITS + 1];
	if (n != BYTES)
		return PERSONAL_NUMBER_NONE;
	hex_encode(digits, p, n);
	return personal_number_whole((const uint8_t *)digits, digits[DIGITS - 1] == 'F' ? DIGITS - 1 : DIGITS);
}
