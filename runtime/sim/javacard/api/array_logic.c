/* javacardx.framework.util: ArrayLogic on arrays of bytes, shorts and ints, and UtilException (API 3.0.5).
 *
 * Components lie in the card's memory with their high bytes first, so repacking is copying: what ArrayLogic calls
 * packing and unpacking changes only how many bytes a component has. */
#include <string.h>

#include "runtime/sim/javacard/machine/native.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { UTIL_ILLEGAL_VALUE = 1, UTIL_TYPE_MISMATCHED = 2 };

extern const struct jc_class jc_class_UtilException;

static bool refuse(struct jc *jc, uint16_t reason)
{
	return jc_throw(jc, &jc_class_UtilException, reason);
}

/* An array of primitive components that the caller may use (one of booleans is none here). */
struct operand {
	uint16_t ref;
	enum jc_type type;
	uint32_t width; /* bytes of a component */
	const uint8_t *header;
};

static bool take(struct jc *jc, uint16_t ref, struct operand *o)
{
	if (!jc_accessible(jc, ref))
		return false;
	o->ref = ref;
	o->type = jc_type_of(jc, ref);
	o->width = o->type == JC_BYTE ? 1 : o->type == JC_SHORT_ARRAY ? 2 : o->type == JC_INT_ARRAY ? 4 : 0;
	return o->width != 0 || refuse(jc, UTIL_ILLEGAL_VALUE);
}

/* n components from off are there. */
static bool range(struct jc *jc, struct operand *o, int32_t off, int32_t n)
{
	o->header = jc_open_array(jc, o->ref, o->type, off, n);
	return o->header != NULL;
}

static bool same_type(struct jc *jc, const struct operand *a, const struct operand *b)
{
	return a->type == b->type || refuse(jc, UTIL_TYPE_MISMATCHED);
}

/* src, srcOff, srcLen, dest, destOff */
static bool copy(struct jc *jc, uint16_t *a, enum jc_atomicity how)
{
	struct operand src, dest;
	int32_t n = (int16_t)a[2], src_off = (int16_t)a[1], dest_off = (int16_t)a[4];
	if (!take(jc, a[0], &src) || !take(jc, a[3], &dest) || !range(jc, &src, src_off, n))
		return false;
	uint32_t bytes = (uint32_t)n * src.width;
	if (bytes % dest.width != 0)
		return refuse(jc, UTIL_ILLEGAL_VALUE);
	int32_t count = (int32_t)(bytes / dest.width);
	if (!range(jc, &dest, dest_off, count) || !range(jc, &src, src_off, n))
		return false;
	const uint8_t *from = jc_data(jc, src.header) + (uint32_t)src_off * src.width;
	if (!jc_write(jc, dest.header, (uint32_t)dest_off * dest.width, from, bytes, how))
		return false;
	a[0] = (uint16_t)(dest_off + count);
	return true;
}

static bool copy_repack(struct jc *jc, uint16_t *a)
{
	return copy(jc, a, JC_ATOMIC);
}

static bool copy_repack_non_atomic(struct jc *jc, uint16_t *a)
{
	return copy(jc, a, JC_NON_ATOMIC);
}

/* theArray, off, len, valArray, valOff */
static bool fill(struct jc *jc, uint16_t *a, enum jc_atomicity how)
{
	struct operand to, value;
	uint8_t run[4 * INT16_MAX];
	int32_t off = (int16_t)a[1], n = (int16_t)a[2], at = (int16_t)a[4];
	if (!take(jc, a[0], &to) || !take(jc, a[3], &value) || !same_type(jc, &to, &value) ||
	    !range(jc, &value, at, 1) || !range(jc, &to, off, n))
		return false;
	const uint8_t *component = jc_data(jc, value.header) + (uint32_t)at * value.width;
	uint32_t bytes = (uint32_t)n * to.width;
	for (uint32_t i = 0; i < bytes; i++)
		run[i] = component[i % to.width];
	if (!jc_write(jc, to.header, (uint32_t)off * to.width, run, bytes, how))
		return false;
	a[0] = (uint16_t)(off + n);
	return true;
}

static bool fill_generic(struct jc *jc, uint16_t *a)
{
	return fill(jc, a, JC_ATOMIC);
}

static bool fill_generic_non_atomic(struct jc *jc, uint16_t *a)
{
	return fill(jc, a, JC_NON_ATOMIC);
}

/* src, srcOff, dest, destOff, length */
static bool compare_generic(struct jc *jc, uint16_t *a)
{
	struct operand src, dest;
	int32_t src_off = (int16_t)a[1], dest_off = (int16_t)a[3], n = (int16_t)a[4], result = 0;
	if (!take(jc, a[0], &src) || !take(jc, a[2], &dest) || !same_type(jc, &src, &dest) ||
	    !range(jc, &src, src_off, n) || !range(jc, &dest, dest_off, n))
		return false;
	for (int32_t i = 0; i < n && result == 0; i++) {
		int32_t x = jc_element(jc, src.ref, (uint16_t)(src_off + i));
		int32_t y = jc_element(jc, dest.ref, (uint16_t)(dest_off + i));
		result = (x > y) - (x < y);
	}
	a[0] = (uint16_t)result;
	return true;
}

/* theArray, off, valArray, valOff: the value sought is as many bytes of valArray as a component has. */
static bool find_generic(struct jc *jc, uint16_t *a)
{
	struct operand in;
	const uint8_t *value;
	int32_t off = (int16_t)a[1];
	if (!take(jc, a[0], &in) || !jc_bytes_in(jc, a[2], (int16_t)a[3], (int32_t)in.width, &value) ||
	    !range(jc, &in, off, 0))
		return false;
	const uint8_t *p = jc_data(jc, in.header);
	int32_t n = jc_length(jc, in.ref);
	while (off < n && memcmp(p + (uint32_t)off * in.width, value, in.width) != 0)
		off++;
	a[0] = (uint16_t)(off < n ? off : -1);
	return true;
}

static const struct jc_method object_virtual[] = {JC_OBJECT_EQUALS};

static const struct jc_method logic_static[] = {
    JC_METHOD(0, 0, 5, JC_SHORT, copy_repack),
    JC_METHOD(1, 0, 5, JC_SHORT, copy_repack_non_atomic),
    JC_METHOD(2, 0, 5, JC_SHORT, fill_generic_non_atomic),
    JC_METHOD(3, 0, 5, JC_SHORT, compare_generic),
    JC_METHOD(4, 0, 4, JC_SHORT, find_generic),
    JC_METHOD(5, 1, 5, JC_SHORT, fill_generic),
};

static const struct jc_class class_ArrayLogic = {JC_NAME("javacardx/framework/util/ArrayLogic"),
    JC_AT(javacardx_framework_util, 0), .super = &jc_class_Object, JC_STATICS(logic_static),
    JC_VIRTUALS(object_virtual)};

JC_REASON_EXCEPTION("javacardx/framework/util/", javacardx_framework_util, 1, UtilException, CardRuntimeException)

static const struct jc_class *const classes[] = {&class_ArrayLogic, &jc_class_UtilException};
const struct jc_package jc_rom_javacardx_framework_util = {classes, sizeof classes / sizeof *classes, 1};
