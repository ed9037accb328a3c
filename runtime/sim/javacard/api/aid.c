/* javacard.framework.AID. Cells: 0 number of bytes, 1 to 8 the bytes. */
#include "runtime/sim/javacard/machine/reasons.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { CELLS = 1 + JC_AID_MAX / 2, RID = 5 };

uint8_t jc_aid_bytes(struct jc *jc, uint16_t ref, uint8_t out[JC_AID_MAX])
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL || (h[OBJECT_KIND] & KIND_TYPE) != JC_INSTANCE || jc_be16(h + OBJECT_LENGTH) < CELLS)
		return 0;
	const uint8_t *d = jc_data(jc, h);
	uint8_t n = d[1] <= JC_AID_MAX ? d[1] : 0;
	memcpy(out, d + 2, n);
	return n;
}

static bool set_bytes(struct jc *jc, uint16_t ref, const uint8_t *aid, uint8_t n)
{
	uint8_t b[2 * CELLS] = {0, n};
	memcpy(b + 2, aid, n);
	return jc_write(jc, jc_header(jc, ref), 0, b, sizeof b, JC_NON_ATOMIC);
}

uint16_t jc_new_aid(struct jc *jc, const uint8_t *aid, uint8_t n)
{
	struct jc_new o = {.kind = JC_INSTANCE,
	    .flags = FLAG_ENTRY | FLAG_NATIVE,
	    .package = jc_class_AID.package,
	    .class = jc_class_AID.index,
	    .length = CELLS};
	uint16_t ref = jc_alloc(jc, &o);
	if (ref != 0)
		set_bytes(jc, ref, aid, n);
	return ref;
}

/* AID(byte[], short, byte) */
static bool aid_init(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	int16_t n = (int16_t)a[3];
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p))
		return false;
	if (n < RID || n > JC_AID_MAX)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	uint8_t copy[JC_AID_MAX];
	memcpy(copy, p, (size_t)n);
	return set_bytes(jc, a[0], copy, (uint8_t)n);
}

/* Both AIDs of equals(Object) and RIDEquals(AID); false without an exception: they are not comparable. */
static bool two(struct jc *jc, const uint16_t *a, uint8_t x[JC_AID_MAX], uint8_t y[JC_AID_MAX], uint8_t *m, uint8_t *n)
{
	if (a[1] == 0 || !jc_accessible(jc, a[1]) || !jc_instance_of(jc_class_of(jc, a[1]), &jc_class_AID))
		return false;
	*m = jc_aid_bytes(jc, a[0], x);
	*n = jc_aid_bytes(jc, a[1], y);
	return true;
}

static bool aid_equals(struct jc *jc, uint16_t *a)
{
	uint8_t x[JC_AID_MAX], y[JC_AID_MAX], m, n;
	bool same = two(jc, a, x, y, &m, &n) && m == n && memcmp(x, y, n) == 0;
	a[0] = same;
	return jc->thrown == 0;
}

static bool aid_rid_equals(struct jc *jc, uint16_t *a)
{
	uint8_t x[JC_AID_MAX], y[JC_AID_MAX], m, n;
	bool same = two(jc, a, x, y, &m, &n) && memcmp(x, y, RID) == 0;
	a[0] = same;
	return jc->thrown == 0;
}

/* equals(byte[], short, byte): a null array is not equal. */
static bool aid_equals_bytes(struct jc *jc, uint16_t *a)
{
	uint8_t x[JC_AID_MAX], m = jc_aid_bytes(jc, a[0], x);
	const uint8_t *p;
	if (a[1] == 0) {
		a[0] = 0;
		return true;
	}
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	a[0] = (int16_t)a[3] == m && memcmp(x, p, m) == 0;
	return true;
}

static bool aid_partial_equals(struct jc *jc, uint16_t *a)
{
	uint8_t x[JC_AID_MAX], m = jc_aid_bytes(jc, a[0], x);
	const uint8_t *p;
	int16_t n = (int16_t)a[3];
	if (a[1] == 0) {
		a[0] = 0;
		return true;
	}
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p))
		return false;
	a[0] = n <= m && memcmp(x, p, (size_t)n) == 0;
	return true;
}

static bool aid_get_bytes(struct jc *jc, uint16_t *a)
{
	uint8_t x[JC_AID_MAX], m = jc_aid_bytes(jc, a[0], x);
	if (!jc_put(jc, a[1], (int16_t)a[2], x, m, JC_ATOMIC))
		return false;
	a[0] = m;
	return true;
}

/* getPartialBytes(short, byte[], short, byte): length 0 means to the end. */
static bool aid_get_partial_bytes(struct jc *jc, uint16_t *a)
{
	uint8_t x[JC_AID_MAX], m = jc_aid_bytes(jc, a[0], x);
	int16_t from = (int16_t)a[1], n = (int16_t)a[4];
	if (from >= 0 && from <= m && n == 0)
		n = (int16_t)(m - from);
	if (from < 0 || n < 0 || from + n > m)
		return jc_throw(jc, &jc_class_ArrayIndexOutOfBoundsException, 0);
	if (!jc_put(jc, a[2], (int16_t)a[3], x + from, n, JC_ATOMIC))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static const struct jc_method statics[] = {JC_CONSTRUCTOR(0, 0, 4, aid_init)};
static const struct jc_method virtuals[] = {
    JC_METHOD(0, 0, 2, JC_SHORT, aid_equals),
    JC_METHOD(1, 0, 2, JC_SHORT, aid_rid_equals),
    JC_METHOD(2, 0, 4, JC_SHORT, aid_equals_bytes),
    JC_METHOD(3, 0, 3, JC_SHORT, aid_get_bytes),
    JC_METHOD(4, 0, 4, JC_SHORT, aid_partial_equals),
    JC_METHOD(5, 2, 5, JC_SHORT, aid_get_partial_bytes),
};
const struct jc_class jc_class_AID = {JC_NAME("javacard/framework/AID"), JC_AT(javacard_framework, 6),
    .super = &jc_class_Object, .cells = CELLS, JC_STATICS(statics), JC_VIRTUALS(virtuals)};
