#include "runtime/suite/derive.h"

#include <assert.h>
#include <string.h>

bool derive_exists(enum suite_derivation d, enum contract_format f, size_t min, size_t max)
{
	switch (d) {
	case DERIVE_SHORT:
		return min > 1;
	case DERIVE_FORM:
		return f == FORMAT_DIGITS || f == FORMAT_ALPHANUMERIC;
	case DERIVE_LONG:
		return max < 255;
	default:
		return true;
	}
}

/* The k-th next character of the same kind, so that the form stays right. */
static uint8_t turn(enum contract_format f, uint8_t c, unsigned k)
{
	if (f == FORMAT_DIGITS || f == FORMAT_ALPHANUMERIC) {
		if (c >= '0' && c <= '9')
			return (uint8_t)('0' + (c - '0' + k) % 10);
		if (c >= 'A' && c <= 'Z')
			return (uint8_t)('A' + (c - 'A' + k) % 26);
		if (c >= 'a' && c <= 'z')
			return (uint8_t)('a' + (c - 'a' + k) % 26);
	}
	return (uint8_t)(c ^ k);
}

/* n bytes that begin like the value. What is missing is filled with a character that no chip pads with. */
static void resize(struct buf *out, enum contract_format f, const struct suite_value *v, size_t n)
{
	buf_add(out, v->p, n < v->n ? n : v->n);
	for (size_t i = v->n; i < n; i++)
		buf_u8(out, f == FORMAT_BINARY ? 0x5a : '7');
}

/* Change one byte of what was appended from `from` on; k = 1 makes it wrong, k = 2 makes it another good one. */
static void change(struct buf *out, size_t from, size_t at, enum contract_format f, unsigned k)
{
	if (!out->bad && from + at < out->n)
		out->p[from + at] = turn(f, out->p[from + at], k);
}

static void wrong(struct buf *out, const struct program_value *v, const struct suite_value *value, size_t n)
{
	size_t from = out->n;
	resize(out, v->format, value, n);
	if (n == value->n && n > 0) /* another length is already wrong */
		change(out, from, n - 1, v->format, 1);
}

static void other(struct buf *out, const struct program_value *v, const struct suite_value *value, size_t n)
{
	size_t from = out->n;
	resize(out, v->format, value, n);
	for (size_t i = 0; i < n; i++) /* every byte, so that a value written by half is neither */
		change(out, from, i, v->format, 2);
}

static void bad_form(struct buf *out, const struct program_value *v, const struct suite_value *value)
{
	size_t from = out->n;
	resize(out, v->format, value, value->n);
	if (!out->bad && out->n > from)
		out->p[out->n - 1] = v->format == FORMAT_DIGITS ? 'X' : '!';
}

void derive(enum suite_derivation d, const struct program_value *v, const struct suite_value *value, struct buf *out)
{
	switch (d) {
	case DERIVE_RAW:
		buf_add(out, value->p, value->n);
		return;
	case DERIVE_WRONG:
		wrong(out, v, value, value->n);
		return;
	case DERIVE_WRONG_MIN:
		wrong(out, v, value, v->min);
		return;
	case DERIVE_WRONG_MAX:
		wrong(out, v, value, v->max);
		return;
	case DERIVE_OTHER:
		other(out, v, value, value->n);
		return;
	case DERIVE_OTHER_MIN:
		other(out, v, value, v->min);
		return;
	case DERIVE_OTHER_MAX:
		other(out, v, value, v->max);
		return;
	case DERIVE_SHORT:
		resize(out, v->format, value, v->min - 1);
		return;
	case DERIVE_LONG:
		resize(out, v->format, value, v->max + 1);
		return;
	case DERIVE_FORM:
		bad_form(out, v, value);
		return;
	case DERIVATIONS:
		break;
	}
	assert(false && "not a derivation");
}

void derive_stored(
    enum suite_derivation d, const struct program_value *v, const struct suite_value *value, struct buf *out)
{
	size_t from = out->n;
	derive(d, v, value, out);
	for (size_t i = out->n - from; v->padded && i < v->stored && !out->bad; i++)
		buf_u8(out, v->pad);
}
