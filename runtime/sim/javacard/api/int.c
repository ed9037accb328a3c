/* javacardx.framework.util.intx: JCint (API 3.0.5; makeIntArrayView is 3.1). */
#include "runtime/sim/javacard/machine/native.h"
#include "runtime/sim/javacard/machine/reasons.h"

static void result(uint16_t *a, uint32_t v)
{
	a[0] = (uint16_t)(v >> 16);
	a[1] = (uint16_t)v;
}

static bool make_of_bytes(struct jc *jc, uint16_t *a)
{
	(void)jc;
	result(a, (uint32_t)(a[0] & 0xFF) << 24 | (uint32_t)(a[1] & 0xFF) << 16 | (a[2] & 0xFFU) << 8 | (a[3] & 0xFFU));
	return true;
}

static bool make_of_shorts(struct jc *jc, uint16_t *a)
{
	(void)jc;
	result(a, (uint32_t)a[0] << 16 | a[1]);
	return true;
}

static bool get_int(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], 4, &p))
		return false;
	result(a, (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
	return true;
}

/* bArray, bOff, iValue in two words */
static bool set_int(struct jc *jc, uint16_t *a)
{
	const uint8_t bytes[] = {(uint8_t)(a[2] >> 8), (uint8_t)a[2], (uint8_t)(a[3] >> 8), (uint8_t)a[3]};
	if (!jc_put(jc, a[0], (int16_t)a[1], bytes, sizeof bytes, JC_ATOMIC))
		return false;
	a[0] = (uint16_t)(a[1] + 4);
	return true;
}

static bool make_transient(struct jc *jc, uint16_t *a)
{
	if (a[1] != JC_RESET && a[1] != JC_DESELECT)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	a[0] = jc_new_array(jc, JC_INT_ARRAY, (int16_t)a[0], (enum jc_where)a[1]);
	return a[0] != 0;
}

static const struct jc_method statics[] = {
    JC_METHOD(0, 0, 4, JC_INT, make_of_bytes),
    JC_METHOD(1, 0, 2, JC_INT, make_of_shorts),
    JC_METHOD(2, 0, 2, JC_INT, get_int),
    JC_METHOD(3, 0, 4, JC_SHORT, set_int),
    JC_METHOD(4, 0, 2, JC_REF, make_transient),
};

static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS};

static const struct jc_class class_JCint = {JC_NAME("javacardx/framework/util/intx/JCint"),
    JC_AT(javacardx_framework_util_intx, 0), .super = &jc_class_Object, JC_STATICS(statics), JC_VIRTUALS(virtuals)};

static const struct jc_class *const classes[] = {&class_JCint};
const struct jc_package jc_rom_javacardx_framework_util_intx = {classes, sizeof classes / sizeof *classes, 0};
