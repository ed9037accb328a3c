/* javacardx.framework.tlv: BERTLV, PrimitiveBERTLV, TLVException, and the package's table (API 3.0.5). */
#include <string.h>

#include "runtime/sim/javacard/api/tlv.h"

enum { SIZE_MAX_TLV = INT16_MAX };

/* ---- size and writing of any TLV object ---- */

/* left: TLVs that may still be visited, so that one in which the same objects hang many times comes to an end. */
static bool measure(struct jc *jc, uint16_t tlv, uint32_t *size, uint32_t *length, unsigned depth, int *left)
{
	uint8_t tag[TLV_TAG_MAX], field[3];
	uint32_t n = jc_tag_bytes(jc, jc_cell(jc, tlv, TLV_TAG), tag), inner, ignored;
	*length = jc_cell(jc, tlv, TLV_COUNT);
	if (jc_cell(jc, tlv, TLV_TAG) == 0 || n == 0)
		return jc_throw_tlv(jc, TLV_EMPTY_TLV);
	if (--*left < 0 || depth > TLV_DEPTH_MAX)
		return jc_throw_tlv(jc, TLV_TLV_SIZE_GREATER_THAN_32767);
	if (jc_instance_of(jc_class_of(jc, tlv), &jc_class_ConstructedBERTLV)) {
		uint32_t count = *length;
		*length = 0;
		for (uint32_t i = 0; i < count; i++) {
			uint16_t child = (uint16_t)jc_element(jc, jc_cell(jc, tlv, TLV_VALUE), (uint16_t)i);
			if (!measure(jc, child, &inner, &ignored, depth + 1, left))
				return false;
			*length += inner;
		}
	}
	*size = n + tlv_length_make(field, *length) + *length;
	return *size <= SIZE_MAX_TLV || jc_throw_tlv(jc, TLV_TLV_SIZE_GREATER_THAN_32767);
}

bool jc_tlv_size(struct jc *jc, uint16_t tlv, uint32_t *size, uint32_t *length)
{
	int left = SIZE_MAX_TLV / 2;
	return measure(jc, tlv, size, length, 0, &left);
}

static bool put(struct jc *jc, uint16_t array, uint32_t *off, const uint8_t *p, uint32_t n)
{
	if (!jc_put(jc, array, (int32_t)*off, p, (int32_t)n, JC_NON_ATOMIC))
		return false;
	*off += n;
	return true;
}

bool jc_tlv_write(struct jc *jc, uint16_t tlv, uint16_t array, uint32_t *off, unsigned depth)
{
	uint8_t tag[TLV_TAG_MAX], field[3];
	uint32_t size, length, n = jc_tag_bytes(jc, jc_cell(jc, tlv, TLV_TAG), tag);
	uint16_t value = jc_cell(jc, tlv, TLV_VALUE), count = jc_cell(jc, tlv, TLV_COUNT);
	if (!jc_tlv_size(jc, tlv, &size, &length) || !put(jc, array, off, tag, n) ||
	    !put(jc, array, off, field, tlv_length_make(field, length)))
		return false;
	if (!jc_instance_of(jc_class_of(jc, tlv), &jc_class_ConstructedBERTLV)) {
		const uint8_t *p = jc_store(jc, value, &n);
		return length == 0 || (p != NULL && length <= n && put(jc, array, off, p, length));
	}
	for (uint16_t i = 0; i < count; i++)
		if (!jc_tlv_write(jc, (uint16_t)jc_element(jc, value, i), array, off, depth + 1))
			return false;
	return true;
}

uint16_t jc_tlv_new(struct jc *jc, uint16_t array, uint32_t off, unsigned depth)
{
	const uint8_t *p;
	struct tlv_head h;
	if (!jc_tlv_in(jc, array, (uint16_t)off, &p, &h))
		return 0;
	bool constructed = (p[0] & TLV_CONSTRUCTED) != 0;
	uint16_t tag = jc_tag_new(jc, p, h.tag);
	if (tag == 0)
		return 0;
	uint16_t tlv = jc_new_object(jc, constructed ? &jc_class_ConstructedBERTLV : &jc_class_PrimitiveBERTLV);
	if (tlv == 0)
		return 0;
	bool done = constructed ? jc_constructed_fill(jc, tlv, tag, array, off + h.head, h.length, depth)
				: jc_primitive_fill(jc, tlv, tag, array, off + h.head, h.length);
	return done ? tlv : 0;
}

/* ---- BERTLV ---- */

/* bLen bytes of an array that are one TLV. */
static bool whole(struct jc *jc, uint16_t array, uint16_t off, uint16_t len, const uint8_t **p)
{
	if (!jc_bytes_in(jc, array, (int16_t)off, (int16_t)len, p))
		return false;
	return tlv_well_formed(*p, len, 0) || jc_throw_tlv(jc, TLV_MALFORMED_TLV);
}

static bool get_instance(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!whole(jc, a[0], a[1], a[2], &p))
		return false;
	a[0] = jc_tlv_new(jc, a[0], a[1], 0);
	return a[0] != 0;
}

static bool verify_format(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], (int16_t)a[2], &p))
		return false;
	a[0] = tlv_well_formed(p, a[2], 0);
	return true;
}

/* berTLVArray, bTLVOff, berTagArray, bTagOff */
static bool get_tag_of(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	struct tlv_head h;
	uint8_t tag[TLV_TAG_MAX];
	if (!jc_tlv_in(jc, a[0], a[1], &p, &h))
		return false;
	memcpy(tag, p, h.tag);
	if (!jc_put(jc, a[2], (int16_t)a[3], tag, (int32_t)h.tag, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)h.tag;
	return true;
}

static bool get_length_of(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	struct tlv_head h;
	if (!jc_tlv_in(jc, a[0], a[1], &p, &h))
		return false;
	a[0] = (uint16_t)h.length;
	return true;
}

bool jc_tlv_to_bytes(struct jc *jc, uint16_t *a)
{
	uint32_t size, length, off = a[2];
	if (!jc_tlv_size(jc, a[0], &size, &length) || !jc_bytes_out(jc, a[1], (int16_t)a[2], (int32_t)size) ||
	    !jc_tlv_write(jc, a[0], a[1], &off, 0))
		return false;
	a[0] = (uint16_t)size;
	return true;
}

bool jc_tlv_get_tag(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], TLV_TAG);
	return a[0] != 0 || jc_throw_tlv(jc, TLV_EMPTY_TLV);
}

bool jc_tlv_get_length(struct jc *jc, uint16_t *a)
{
	uint32_t size, length;
	if (!jc_tlv_size(jc, a[0], &size, &length))
		return false;
	a[0] = (uint16_t)length;
	return true;
}

bool jc_tlv_get_size(struct jc *jc, uint16_t *a)
{
	uint32_t size, length;
	if (!jc_tlv_size(jc, a[0], &size, &length))
		return false;
	a[0] = (uint16_t)size;
	return true;
}

static const struct jc_method tlv_static[] = {
    JC_CONSTRUCTOR(0, 0, 1, jc_object_init),
    JC_METHOD(1, 0, 3, JC_REF, get_instance),
    JC_METHOD(2, 0, 3, JC_SHORT, verify_format),
    JC_METHOD(3, 0, 4, JC_SHORT, get_tag_of),
    JC_METHOD(4, 0, 2, JC_SHORT, get_length_of),
};

static const struct jc_method tlv_virtual[] = {JC_TLV_VIRTUALS, JC_ABSTRACT_METHOD(5, 0, 4, JC_SHORT)};

const struct jc_class jc_class_BERTLV = {JC_NAME("javacardx/framework/tlv/BERTLV"), JC_AT(javacardx_framework_tlv, 0),
    .flags = JC_ABSTRACT, .super = &jc_class_Object, .cells = TLV_CELLS, .first_ref = TLV_TAG, .refs = 2,
    JC_STATICS(tlv_static), JC_VIRTUALS(tlv_virtual)};

/* ---- PrimitiveBERTLV ---- */

/* A store of at least n bytes that begins with what the value has now. */
static bool grow(struct jc *jc, uint16_t tlv, uint32_t n)
{
	uint32_t old;
	const uint8_t *p = jc_store(jc, jc_cell(jc, tlv, TLV_VALUE), &old);
	if (p != NULL && old >= n)
		return true;
	uint16_t store = jc_new_store(jc, n, JC_PERSISTENT);
	p = jc_store(jc, jc_cell(jc, tlv, TLV_VALUE), &old); /* it may have moved */
	uint16_t count = jc_cell(jc, tlv, TLV_COUNT);
	return store != 0 && (p == NULL || jc_store_put(jc, store, 0, p, count < old ? count : old, JC_ATOMIC)) &&
	    jc_set_cell(jc, tlv, TLV_VALUE, store);
}

/* Put len bytes of an array at `at` of the value, which then ends there. */
static bool put_value(struct jc *jc, uint16_t tlv, uint32_t at, uint16_t array, uint32_t off, uint32_t len)
{
	const uint8_t *p;
	if (at + len > SIZE_MAX_TLV)
		return jc_throw_tlv(jc, TLV_INSUFFICIENT_STORAGE);
	if (!jc_bytes_in(jc, array, (int32_t)off, (int32_t)len, &p) || (len != 0 && !grow(jc, tlv, at + len)))
		return false;
	if (!jc_bytes_in(jc, array, (int32_t)off, (int32_t)len, &p))
		return false;
	return (len == 0 || jc_store_put(jc, jc_cell(jc, tlv, TLV_VALUE), at, p, len, JC_ATOMIC)) &&
	    jc_set_cell(jc, tlv, TLV_COUNT, (uint16_t)(at + len));
}

bool jc_primitive_fill(struct jc *jc, uint16_t tlv, uint16_t tag, uint16_t array, uint32_t off, uint32_t len)
{
	return put_value(jc, tlv, 0, array, off, len) && jc_set_cell(jc, tlv, TLV_TAG, tag);
}

/* PrimitiveBERTLV(short numValueBytes) */
static bool init_object(struct jc *jc, uint16_t *a)
{
	if ((int16_t)a[1] < 0)
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	return a[1] == 0 || grow(jc, a[0], a[1]);
}

static bool init_from(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!whole(jc, a[1], a[2], a[3], &p))
		return false;
	struct tlv_head h = tlv_head(p, a[3]);
	if ((p[0] & TLV_CONSTRUCTED) != 0)
		return jc_throw_tlv(jc, TLV_MALFORMED_TLV);
	uint16_t tag = jc_tag_new(jc, p, h.tag);
	return tag != 0 && jc_primitive_fill(jc, a[0], tag, a[1], a[2] + h.head, h.length) && jc_tlv_get_size(jc, a);
}

/* init(tag, vArray, vOff, vLen) */
static bool init_of(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	return jc_is(jc, a[1], &jc_class_PrimitiveBERTag) && jc_bytes_in(jc, a[2], (int16_t)a[3], (int16_t)a[4], &p) &&
	    jc_primitive_fill(jc, a[0], a[1], a[2], a[3], a[4]) && jc_tlv_get_size(jc, a);
}

/* (vArray, vOff, vLen) at a place of the value. */
static bool change_value(struct jc *jc, uint16_t *a, uint16_t at)
{
	const uint8_t *p;
	if (jc_cell(jc, a[0], TLV_TAG) == 0)
		return jc_throw_tlv(jc, TLV_EMPTY_TLV);
	return jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p) && put_value(jc, a[0], at, a[1], a[2], a[3]) &&
	    jc_tlv_get_size(jc, a);
}

static bool append_value(struct jc *jc, uint16_t *a)
{
	return change_value(jc, a, jc_cell(jc, a[0], TLV_COUNT));
}

static bool replace_value(struct jc *jc, uint16_t *a)
{
	return change_value(jc, a, 0);
}

static bool get_value(struct jc *jc, uint16_t *a)
{
	uint32_t n;
	uint16_t length = jc_cell(jc, a[0], TLV_COUNT);
	const uint8_t none = 0, *p = jc_store(jc, jc_cell(jc, a[0], TLV_VALUE), &n);
	if (jc_cell(jc, a[0], TLV_TAG) == 0)
		return jc_throw_tlv(jc, TLV_EMPTY_TLV);
	if (!jc_put(jc, a[1], (int16_t)a[2], p == NULL ? &none : p, p == NULL ? 0 : length, JC_NON_ATOMIC))
		return false;
	a[0] = length;
	return true;
}

/* The primitive TLV in an array. */
static bool primitive_in(struct jc *jc, uint16_t array, uint16_t off, const uint8_t **p, struct tlv_head *h)
{
	if (!jc_tlv_in(jc, array, off, p, h))
		return false;
	return ((*p)[0] & TLV_CONSTRUCTED) == 0 || jc_throw_tlv(jc, TLV_MALFORMED_TLV);
}

static bool get_value_offset(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	struct tlv_head h;
	if (!primitive_in(jc, a[0], a[1], &p, &h))
		return false;
	a[0] = (uint16_t)(a[1] + h.head);
	return true;
}

/* berTagArray, berTagOff, valueArray, vOff, vLen, outBuf, bOff */
static bool to_bytes_of(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	uint8_t head[TLV_TAG_MAX + 3];
	uint32_t n;
	int fault;
	if (!jc_tlv_rest(jc, a[0], a[1], &p, &n))
		return false;
	uint32_t size = tlv_tag_size(p, n, &fault);
	if (size == 0)
		return jc_tlv_fault(jc, fault, TLV_MALFORMED_TAG);
	if ((p[0] & TLV_CONSTRUCTED) != 0)
		return jc_throw_tlv(jc, TLV_MALFORMED_TAG);
	memcpy(head, p, size);
	if (!jc_bytes_in(jc, a[2], (int16_t)a[3], (int16_t)a[4], &p))
		return false;
	size += tlv_length_make(head + size, a[4]);
	if (size + a[4] > SIZE_MAX_TLV)
		return jc_throw_tlv(jc, TLV_TLV_SIZE_GREATER_THAN_32767);
	/* The value first: it may lie where the head goes. */
	if (!jc_bytes_out(jc, a[5], (int16_t)a[6], (int32_t)(size + a[4])) ||
	    !jc_put(jc, a[5], (int32_t)(a[6] + size), p, a[4], JC_NON_ATOMIC) ||
	    !jc_put(jc, a[5], (int16_t)a[6], head, (int32_t)size, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)(size + a[4]);
	return true;
}

/* appendValue(berTLVArray, bTLVOff, vArray, vOff, vLen): the length field may grow, the old value then moves up. */
static bool append_value_of(struct jc *jc, uint16_t *a)
{
	const uint8_t *p, *old;
	struct tlv_head h;
	uint8_t field[3], added[INT16_MAX];
	if (!primitive_in(jc, a[0], a[1], &old, &h) || !jc_bytes_in(jc, a[2], (int16_t)a[3], (int16_t)a[4], &p))
		return false;
	memcpy(added, p, a[4]);
	uint32_t length = h.length + a[4], n = tlv_length_make(field, length);
	if (h.tag + n + length > SIZE_MAX_TLV)
		return jc_throw_tlv(jc, TLV_TLV_SIZE_GREATER_THAN_32767);
	if (!jc_bytes_out(jc, a[0], (int16_t)a[1], (int32_t)(h.tag + n + length)))
		return false;
	int32_t value = (int32_t)(a[1] + h.tag + n);
	if (!jc_put(jc, a[0], value, old + h.head, (int32_t)h.length, JC_NON_ATOMIC) ||
	    !jc_put(jc, a[0], (int32_t)(a[1] + h.tag), field, (int32_t)n, JC_NON_ATOMIC) ||
	    !jc_put(jc, a[0], value + (int32_t)h.length, added, a[4], JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)(h.tag + n + length);
	return true;
}

static const struct jc_method primitive_static[] = {
    JC_CONSTRUCTOR(0, 0, 2, init_object),
    JC_METHOD(1, 0, 2, JC_SHORT, get_value_offset),
    JC_METHOD(2, 0, 7, JC_SHORT, to_bytes_of),
    JC_METHOD(3, 0, 5, JC_SHORT, append_value_of),
};

static const struct jc_method primitive_virtual[] = {
    JC_TLV_VIRTUALS,
    JC_METHOD(5, 0, 4, JC_SHORT, init_from),
    JC_METHOD(6, 0, 5, JC_SHORT, init_of),
    JC_METHOD(7, 0, 4, JC_SHORT, append_value),
    JC_METHOD(8, 0, 4, JC_SHORT, replace_value),
    JC_METHOD(9, 0, 3, JC_SHORT, get_value),
};

const struct jc_class jc_class_PrimitiveBERTLV = {JC_NAME("javacardx/framework/tlv/PrimitiveBERTLV"),
    JC_AT(javacardx_framework_tlv, 4), .super = &jc_class_BERTLV, .cells = TLV_CELLS, JC_STATICS(primitive_static),
    JC_VIRTUALS(primitive_virtual)};

/* ---- TLVException ---- */

bool jc_throw_tlv(struct jc *jc, enum tlv_reason reason)
{
	return jc_throw(jc, &jc_class_TLVException, (uint16_t)reason);
}

JC_REASON_EXCEPTION("javacardx/framework/tlv/", javacardx_framework_tlv, 6, TLVException, CardRuntimeException)

static const struct jc_class *const classes[] = {&jc_class_BERTLV, &jc_class_BERTag, &jc_class_ConstructedBERTLV,
    &jc_class_ConstructedBERTag, &jc_class_PrimitiveBERTLV, &jc_class_PrimitiveBERTag, &jc_class_TLVException};
const struct jc_package jc_rom_javacardx_framework_tlv = {classes, sizeof classes / sizeof *classes, 0};
