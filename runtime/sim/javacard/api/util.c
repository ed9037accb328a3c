/* javacard.framework: Util, SensitiveArrays. */
#include "runtime/sim/javacard/api/framework.h"

#include "runtime/sim/javacard/machine/reasons.h"

static bool copy(struct jc *jc, uint16_t *a, enum jc_atomicity how)
{
	const uint8_t *p;
	int16_t to = (int16_t)a[3], n = (int16_t)a[4];
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], n, &p) || !jc_put(jc, a[2], to, p, n, how))
		return false;
	a[0] = (uint16_t)(to + n);
	return true;
}

static bool array_copy(struct jc *jc, uint16_t *a)
{
	return copy(jc, a, JC_ATOMIC);
}

static bool array_copy_non_atomic(struct jc *jc, uint16_t *a)
{
	return copy(jc, a, JC_NON_ATOMIC);
}

static bool fill(struct jc *jc, uint16_t *a, enum jc_atomicity how)
{
	int16_t from = (int16_t)a[1], n = (int16_t)a[2];
	const uint8_t *h = jc_open_array(jc, a[0], JC_BYTE, from, n);
	if (h == NULL || !jc_fill(jc, h, (uint32_t)from, (uint8_t)a[3], (uint32_t)n, how))
		return false;
	a[0] = (uint16_t)(from + n);
	return true;
}

static bool array_fill(struct jc *jc, uint16_t *a)
{
	return fill(jc, a, JC_ATOMIC);
}

static bool array_fill_non_atomic(struct jc *jc, uint16_t *a)
{
	return fill(jc, a, JC_NON_ATOMIC);
}

static bool array_compare(struct jc *jc, uint16_t *a)
{
	const uint8_t *x, *y;
	int16_t n = (int16_t)a[4];
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], n, &x) || !jc_bytes_in(jc, a[2], (int16_t)a[3], n, &y))
		return false;
	/* Bytes are signed, as everywhere in Java. */
	a[0] = 0;
	for (int i = 0; i < n && a[0] == 0; i++)
		a[0] = (uint16_t)(((int8_t)x[i] > (int8_t)y[i]) - ((int8_t)x[i] < (int8_t)y[i]));
	return true;
}

static bool get_short(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], 2, &p))
		return false;
	a[0] = jc_be16(p);
	return true;
}

static bool make_short(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = (uint16_t)(a[0] << 8 | (a[1] & 0xff));
	return true;
}

static bool set_short(struct jc *jc, uint16_t *a)
{
	uint8_t b[2];
	jc_set16(b, a[2]);
	if (!jc_put(jc, a[0], (int16_t)a[1], b, 2, JC_ATOMIC))
		return false;
	a[0] = (uint16_t)(a[1] + 2);
	return true;
}

static const struct jc_method statics[] = {
    JC_METHOD(0, 0, 5, JC_SHORT, array_compare),
    JC_METHOD(1, 0, 5, JC_SHORT, array_copy),
    JC_METHOD(2, 0, 5, JC_SHORT, array_copy_non_atomic),
    JC_METHOD(3, 0, 4, JC_SHORT, array_fill_non_atomic),
    JC_METHOD(4, 0, 2, JC_SHORT, get_short),
    JC_METHOD(5, 0, 2, JC_SHORT, make_short),
    JC_METHOD(6, 0, 3, JC_SHORT, set_short),
    JC_METHOD(7, 6, 4, JC_SHORT, array_fill),
};
const struct jc_class jc_class_Util = {
    JC_NAME("javacard/framework/Util"), JC_AT(javacard_framework, 16), .super = &jc_class_Object, JC_STATICS(statics)};

/* --- SensitiveArrays: the simulated memory does not lose bits, so the integrity of an array always holds --- */

static bool is_sensitive(struct jc *jc, uint16_t ref, bool *yes)
{
	const uint8_t *h = jc_open(jc, ref);
	if (h == NULL)
		return false;
	*yes = (h[OBJECT_FLAGS] & FLAG_INTEGRITY) != 0;
	return true;
}

static bool assert_integrity(struct jc *jc, uint16_t *a)
{
	bool yes;
	if (!is_sensitive(jc, a[0], &yes))
		return false;
	return yes || jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
}

static bool is_integrity_sensitive(struct jc *jc, uint16_t *a)
{
	bool yes;
	if (!is_sensitive(jc, a[0], &yes))
		return false;
	a[0] = yes;
	return true;
}

static bool is_supported(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = 1;
	return true;
}

/* makeIntegritySensitiveArray(byte type, byte memory, short length): JCSystem.ARRAY_TYPE_…, MEMORY_TYPE_… */
static bool make_sensitive(struct jc *jc, uint16_t *a)
{
	struct jc_new o = {.kind = (uint8_t)a[0], .flags = FLAG_INTEGRITY, .owner = jc->owner, .length = a[2]};
	if (a[0] < JC_BOOLEAN || a[0] > JC_REF_ARRAY || a[1] > JC_DESELECT ||
	    (a[0] == JC_INT_ARRAY && !jc->chip.int_supported))
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	if ((int16_t)a[2] < 0)
		return jc_throw(jc, &jc_class_NegativeArraySizeException, 0);
	if (a[1] == JC_DESELECT && (jc->deselect == NULL || jc->deselect_context != jc->context))
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_TRANSIENT);
	o.kind |= a[1] == JC_RESET ? KIND_RESET : a[1] == JC_DESELECT ? KIND_DESELECT : 0;
	a[0] = jc_make(jc, &o);
	return a[0] != 0;
}

/* clearArray: fill with zero, atomically and as part of a transaction (API 3.0.5); returns the length. */
static bool clear_array(struct jc *jc, uint16_t *a)
{
	const uint8_t *h = jc_open(jc, a[0]);
	if (h == NULL)
		return false;
	if ((h[OBJECT_FLAGS] & FLAG_INTEGRITY) == 0)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	a[0] = jc_be16(h + OBJECT_LENGTH);
	return jc_fill(jc, h, 0, 0, jc_data_size(h), JC_ATOMIC);
}

static const struct jc_method sensitive_statics[] = {
    JC_METHOD(0, 6, 1, JC_VOID, assert_integrity),
    JC_METHOD(1, 6, 1, JC_SHORT, is_integrity_sensitive),
    JC_METHOD(2, 6, 0, JC_SHORT, is_supported),
    JC_METHOD(3, 6, 3, JC_REF, make_sensitive),
    JC_METHOD(4, 6, 1, JC_SHORT, clear_array),
};
const struct jc_class jc_class_SensitiveArrays = {JC_NAME("javacard/framework/SensitiveArrays"),
    JC_AT(javacard_framework, 22), .since = 6, .super = &jc_class_Object, JC_STATICS(sensitive_statics)};
