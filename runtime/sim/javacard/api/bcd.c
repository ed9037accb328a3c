/* javacardx.framework.math: BCDUtil and ParityBit, and the package's table (API 3.0.5). */
#include "runtime/sim/javacard/api/math.h"

#include <string.h>

/* The number that an applet gave in this format. false: an exception is pending. */
bool jc_number_in(struct jc *jc, const uint16_t *a, bool bcd, struct number *x)
{
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], (int16_t)a[2], &p))
		return false;
	if (a[2] == 0 || !(bcd ? number_from_bcd(x, p, a[2]) : number_from_hex(x, p, a[2])))
		return jc_throw(jc, &jc_class_ArithmeticException, 0);
	return true;
}

static bool get_max_bytes(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = NUMBER_BYTES;
	return true;
}

/* a: the array in, its offset and length, the array out, its offset. */
static bool convert_to_hex(struct jc *jc, uint16_t *a)
{
	struct number x;
	uint8_t out[NUMBER_BYTES];
	if (!jc_number_in(jc, a, true, &x))
		return false;
	size_t n = number_hex_bytes(&x);
	number_to_hex(&x, out, n);
	if (!jc_put(jc, a[3], (int16_t)a[4], out, (int32_t)n, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool convert_to_bcd(struct jc *jc, uint16_t *a)
{
	struct number x;
	uint8_t out[NUMBER_BCD_BYTES];
	if (!jc_number_in(jc, a, false, &x))
		return false;
	size_t n = number_bcd_bytes(&x);
	number_to_bcd(&x, out, n);
	if (!jc_put(jc, a[3], (int16_t)a[4], out, (int32_t)n, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool is_bcd_format(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], (int16_t)a[2], &p))
		return false;
	if (a[2] == 0)
		return jc_throw(jc, &jc_class_ArithmeticException, 0);
	a[0] = number_is_bcd(p, a[2]);
	return true;
}

/* Set the last bit of each byte so that its ones are even or odd. */
static bool parity_set(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	bool even = a[3] != 0;
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], (int16_t)a[2], &p) ||
	    !jc_bytes_out(jc, a[0], (int16_t)a[1], (int16_t)a[2]))
		return false;
	for (int32_t i = 0; i < (int16_t)a[2]; i++) {
		if (!jc_bytes_in(jc, a[0], (int16_t)a[1] + i, 1, &p))
			return false;
		uint8_t ones = (uint8_t)(*p >> 1), byte = *p & 0xFE;
		ones ^= ones >> 4;
		ones ^= ones >> 2;
		ones ^= ones >> 1;
		byte |= (ones & 1) ^ (even ? 0 : 1);
		if (!jc_put(jc, a[0], (int16_t)a[1] + i, &byte, 1, JC_NON_ATOMIC))
			return false;
	}
	return true;
}

static const struct jc_method object_virtual[] = {JC_OBJECT_EQUALS};

static const struct jc_method bcd_static[] = {
    JC_CONSTRUCTOR(0, 0, 1, jc_object_init),
    JC_METHOD(1, 0, 0, JC_SHORT, get_max_bytes),
    JC_METHOD(2, 0, 5, JC_SHORT, convert_to_hex),
    JC_METHOD(3, 0, 5, JC_SHORT, convert_to_bcd),
    JC_METHOD(4, 0, 3, JC_SHORT, is_bcd_format),
};

static const struct jc_class class_BCDUtil = {JC_NAME("javacardx/framework/math/BCDUtil"),
    JC_AT(javacardx_framework_math, 0), .super = &jc_class_Object, JC_STATICS(bcd_static), JC_VIRTUALS(object_virtual)};

static const struct jc_method parity_static[] = {
    JC_CONSTRUCTOR(0, 0, 1, jc_object_init),
    JC_METHOD(1, 0, 4, JC_VOID, parity_set),
};

static const struct jc_class class_ParityBit = {JC_NAME("javacardx/framework/math/ParityBit"),
    JC_AT(javacardx_framework_math, 2), .super = &jc_class_Object, JC_STATICS(parity_static),
    JC_VIRTUALS(object_virtual)};

static const struct jc_class *const classes[] = {&class_BCDUtil, &jc_class_BigNumber, &class_ParityBit};
const struct jc_package jc_rom_javacardx_framework_math = {classes, sizeof classes / sizeof *classes, 0};
