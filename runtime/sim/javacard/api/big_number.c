/* javacardx.framework.math.BigNumber (API 3.0.5): two stores, the value and the largest value allowed. */
#include "runtime/sim/javacard/api/math.h"

#include <string.h>

enum { CELL_VALUE, CELL_MAXIMUM, CELLS };
enum { FORMAT_BCD = 1, FORMAT_HEX = 2 };

static bool arithmetic(struct jc *jc)
{
	return jc_throw(jc, &jc_class_ArithmeticException, 0);
}

/* The number in the store that a cell refers to. */
static void load(struct jc *jc, uint16_t self, uint16_t cell, struct number *x)
{
	uint32_t n;
	const uint8_t *p = jc_store(jc, jc_cell(jc, self, cell), &n);
	if (p == NULL || !number_from_hex(x, p, n))
		memset(x, 0, sizeof *x);
}

static bool store(struct jc *jc, uint16_t self, uint16_t cell, const struct number *x)
{
	uint8_t bytes[NUMBER_BYTES];
	uint32_t n;
	uint16_t at = jc_cell(jc, self, cell);
	if (jc_store(jc, at, &n) == NULL || n > sizeof bytes || !number_to_hex(x, bytes, n))
		return arithmetic(jc);
	return jc_store_put(jc, at, 0, bytes, n, JC_ATOMIC);
}

static bool bytes_in_format(struct jc *jc, const uint16_t *a, struct number *x)
{
	if (a[3] != FORMAT_BCD && a[3] != FORMAT_HEX) {
		const uint8_t *p;
		return jc_bytes_in(jc, a[0], (int16_t)a[1], (int16_t)a[2], &p) && arithmetic(jc);
	}
	return jc_number_in(jc, a, a[3] == FORMAT_BCD, x);
}

/* BigNumber(short maxBytes): 0, and as a maximum all that fits into maxBytes. */
static bool init_object(struct jc *jc, uint16_t *a)
{
	int16_t n = (int16_t)a[1];
	uint8_t ones[NUMBER_BYTES];
	if (n <= 0 || n > NUMBER_BYTES)
		return arithmetic(jc);
	uint16_t value = jc_new_store(jc, (uint32_t)n, JC_PERSISTENT);
	if (value == 0 || !jc_set_cell(jc, a[0], CELL_VALUE, value))
		return false;
	uint16_t maximum = jc_new_store(jc, (uint32_t)n, JC_PERSISTENT);
	if (maximum == 0 || !jc_set_cell(jc, a[0], CELL_MAXIMUM, maximum))
		return false;
	memset(ones, 0xFF, sizeof ones);
	return jc_store_put(jc, maximum, 0, ones, (uint32_t)n, JC_ATOMIC);
}

static bool get_max_bytes(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = NUMBER_BYTES;
	return true;
}

static bool set_maximum(struct jc *jc, uint16_t *a)
{
	struct number x, value;
	if (!bytes_in_format(jc, a + 1, &x))
		return false;
	load(jc, a[0], CELL_VALUE, &value);
	if (number_compare(&x, &value) < 0)
		return arithmetic(jc);
	return store(jc, a[0], CELL_MAXIMUM, &x);
}

/* The new value, unless it is beyond the maximum. */
static bool replace(struct jc *jc, uint16_t self, const struct number *x)
{
	struct number maximum;
	load(jc, self, CELL_MAXIMUM, &maximum);
	return number_compare(x, &maximum) > 0 ? arithmetic(jc) : store(jc, self, CELL_VALUE, x);
}

static bool init_value(struct jc *jc, uint16_t *a)
{
	struct number x;
	return bytes_in_format(jc, a + 1, &x) && replace(jc, a[0], &x);
}

static bool calculate(
    struct jc *jc, const uint16_t *a, bool (*op)(const struct number *, const struct number *, struct number *))
{
	struct number x, value;
	if (!bytes_in_format(jc, a + 1, &x))
		return false;
	load(jc, a[0], CELL_VALUE, &value);
	return op(&value, &x, &value) ? replace(jc, a[0], &value) : arithmetic(jc);
}

static bool add(struct jc *jc, uint16_t *a)
{
	return calculate(jc, a, number_add);
}

static bool subtract(struct jc *jc, uint16_t *a)
{
	return calculate(jc, a, number_subtract);
}

static bool multiply(struct jc *jc, uint16_t *a)
{
	return calculate(jc, a, number_multiply);
}

static bool compare_to_number(struct jc *jc, uint16_t *a)
{
	struct number x, value;
	if (!jc_is(jc, a[1], &jc_class_BigNumber))
		return false;
	load(jc, a[0], CELL_VALUE, &value);
	load(jc, a[1], CELL_VALUE, &x);
	a[0] = (uint16_t)number_compare(&value, &x);
	return true;
}

static bool compare_to_bytes(struct jc *jc, uint16_t *a)
{
	struct number x, value;
	if (!bytes_in_format(jc, a + 1, &x))
		return false;
	load(jc, a[0], CELL_VALUE, &value);
	a[0] = (uint16_t)number_compare(&value, &x);
	return true;
}

/* Right justified in numBytes bytes. What is in front of the number is zero: written in two parts. */
static bool to_bytes(struct jc *jc, uint16_t *a)
{
	struct number value;
	uint8_t out[NUMBER_BCD_BYTES];
	const uint8_t zero = 0;
	int32_t off = (int16_t)a[2], n = (int16_t)a[3];
	bool bcd = a[4] == FORMAT_BCD;
	if (!jc_bytes_out(jc, a[1], off, n))
		return false;
	load(jc, a[0], CELL_VALUE, &value);
	int32_t needed = (int32_t)(bcd ? number_bcd_bytes(&value) : number_hex_bytes(&value));
	if ((!bcd && a[4] != FORMAT_HEX) || n < needed)
		return arithmetic(jc);
	(void)(bcd ? number_to_bcd(&value, out, (size_t)needed) : number_to_hex(&value, out, (size_t)needed));
	for (int32_t i = 0; i < n - needed; i++)
		if (!jc_put(jc, a[1], off + i, &zero, 1, JC_NON_ATOMIC))
			return false;
	return jc_put(jc, a[1], off + n - needed, out, needed, JC_NON_ATOMIC);
}

static bool get_byte_length(struct jc *jc, uint16_t *a)
{
	struct number value;
	load(jc, a[0], CELL_VALUE, &value);
	if (a[1] != FORMAT_BCD && a[1] != FORMAT_HEX)
		return arithmetic(jc);
	a[0] = (uint16_t)(a[1] == FORMAT_BCD ? number_bcd_bytes(&value) : number_hex_bytes(&value));
	return true;
}

static bool reset(struct jc *jc, uint16_t *a)
{
	const struct number zero = {{0}};
	return store(jc, a[0], CELL_VALUE, &zero);
}

static const struct jc_method statics[] = {
    JC_CONSTRUCTOR(0, 0, 2, init_object),
    JC_METHOD(1, 0, 0, JC_SHORT, get_max_bytes),
};

static const struct jc_method virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 5, JC_VOID, set_maximum),
    JC_METHOD(2, 0, 5, JC_VOID, init_value),
    JC_METHOD(3, 0, 5, JC_VOID, add),
    JC_METHOD(4, 0, 5, JC_VOID, subtract),
    JC_METHOD(5, 0, 5, JC_VOID, multiply),
    JC_METHOD(6, 0, 2, JC_SHORT, compare_to_number),
    JC_METHOD(7, 0, 5, JC_SHORT, compare_to_bytes),
    JC_METHOD(8, 0, 5, JC_VOID, to_bytes),
    JC_METHOD(9, 0, 2, JC_SHORT, get_byte_length),
    JC_METHOD(10, 0, 1, JC_VOID, reset),
};

const struct jc_class jc_class_BigNumber = {JC_NAME("javacardx/framework/math/BigNumber"),
    JC_AT(javacardx_framework_math, 1), .super = &jc_class_Object, .cells = CELLS, .first_ref = CELL_VALUE,
    .refs = CELLS, JC_STATICS(statics), JC_VIRTUALS(virtuals)};
