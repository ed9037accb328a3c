/* javacardx.framework.tlv: BERTag and its two subclasses (API 3.0.5). */
#include <string.h>

#include "runtime/sim/javacard/api/tlv.h"

enum { STORE_SIZE = 1 + TLV_TAG_MAX, CLASS_PRIVATE = 3 };

uint32_t jc_tag_bytes(struct jc *jc, uint16_t tag, uint8_t out[TLV_TAG_MAX])
{
	uint32_t n;
	const uint8_t *p = jc_store(jc, jc_cell(jc, tag, TAG_STORE), &n);
	if (p == NULL || n != STORE_SIZE || p[0] > TLV_TAG_MAX)
		return 0;
	memcpy(out, p + 1, TLV_TAG_MAX);
	return p[0];
}

static bool set_bytes(struct jc *jc, uint16_t tag, const uint8_t *p, uint32_t n)
{
	uint8_t bytes[STORE_SIZE] = {(uint8_t)n};
	uint16_t store = jc_cell(jc, tag, TAG_STORE);
	memcpy(bytes + 1, p, n);
	if (store == 0) {
		store = jc_new_store(jc, STORE_SIZE, JC_PERSISTENT);
		if (store == 0 || !jc_set_cell(jc, tag, TAG_STORE, store))
			return false;
	}
	return jc_store_put(jc, store, 0, bytes, sizeof bytes, JC_ATOMIC);
}

uint16_t jc_tag_new(struct jc *jc, const uint8_t *p, uint32_t n)
{
	uint8_t bytes[TLV_TAG_MAX]; /* p may move when something is allocated */
	memcpy(bytes, p, n);
	uint16_t tag = jc_new_object(
	    jc, (bytes[0] & TLV_CONSTRUCTED) != 0 ? &jc_class_ConstructedBERTag : &jc_class_PrimitiveBERTag);
	return tag != 0 && set_bytes(jc, tag, bytes, n) ? tag : 0;
}

/* The tag that begins in an array, copied. */
static bool read_tag(struct jc *jc, uint16_t array, uint16_t off, uint8_t out[TLV_TAG_MAX], uint32_t *size)
{
	const uint8_t *p;
	uint32_t n;
	int fault;
	if (!jc_tlv_rest(jc, array, off, &p, &n))
		return false;
	*size = tlv_tag_size(p, n, &fault);
	if (*size == 0)
		return jc_tlv_fault(jc, fault, TLV_MALFORMED_TAG);
	memcpy(out, p, *size);
	return true;
}

/* ---- from arrays ---- */

static bool get_instance(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!read_tag(jc, a[0], a[1], tag, &n))
		return false;
	a[0] = jc_tag_new(jc, tag, n);
	return a[0] != 0;
}

/* tagClass, isConstructed, tagNumber, outArray, bOff */
static bool to_bytes_of(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	if (a[0] > CLASS_PRIVATE || (int16_t)a[2] < 0)
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	uint32_t n = tlv_tag_make(tag, a[0], a[1] != 0, a[2]);
	if (n == 0)
		return jc_throw_tlv(jc, TLV_ILLEGAL_SIZE);
	if (!jc_put(jc, a[3], (int16_t)a[4], tag, (int32_t)n, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool size_of(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!read_tag(jc, a[0], a[1], tag, &n))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool number_of(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!read_tag(jc, a[0], a[1], tag, &n))
		return false;
	a[0] = tlv_tag_number(tag, n);
	return true;
}

static bool is_constructed_of(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!read_tag(jc, a[0], a[1], tag, &n))
		return false;
	a[0] = (tag[0] & TLV_CONSTRUCTED) != 0;
	return true;
}

static bool class_of(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!read_tag(jc, a[0], a[1], tag, &n))
		return false;
	a[0] = tag[0] >> 6;
	return true;
}

static bool verify_format(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	uint32_t n;
	int fault;
	if (!jc_tlv_rest(jc, a[0], a[1], &p, &n))
		return false;
	bool good = tlv_tag_size(p, n, &fault) != 0;
	if (!good && fault == TLV_ENDS)
		return jc_tlv_fault(jc, fault, TLV_MALFORMED_TAG);
	a[0] = good;
	return true;
}

/* ---- of an object ---- */

/* Bytes of `this`; EMPTY_TAG if it has none. */
static bool own(struct jc *jc, uint16_t self, uint8_t tag[TLV_TAG_MAX], uint32_t *n)
{
	*n = jc_tag_bytes(jc, self, tag);
	return *n != 0 || jc_throw_tlv(jc, TLV_EMPTY_TAG);
}

static bool tag_size(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!own(jc, a[0], tag, &n))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool tag_to_bytes(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!own(jc, a[0], tag, &n) || !jc_put(jc, a[1], (int16_t)a[2], tag, (int32_t)n, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)n;
	return true;
}

static bool tag_number(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!own(jc, a[0], tag, &n))
		return false;
	a[0] = tlv_tag_number(tag, n);
	return true;
}

static bool tag_is_constructed(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!own(jc, a[0], tag, &n))
		return false;
	a[0] = (tag[0] & TLV_CONSTRUCTED) != 0;
	return true;
}

static bool tag_class(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!own(jc, a[0], tag, &n))
		return false;
	a[0] = tag[0] >> 6;
	return true;
}

/* "This method does not throw exceptions": null is unequal. */
static bool tag_equals(struct jc *jc, uint16_t *a)
{
	uint8_t x[TLV_TAG_MAX], y[TLV_TAG_MAX];
	uint32_t n = jc_tag_bytes(jc, a[0], x);
	if (a[1] != 0 && !jc_is(jc, a[1], &jc_class_BERTag))
		return false;
	a[0] = a[1] != 0 && n == jc_tag_bytes(jc, a[1], y) && memcmp(x, y, n) == 0;
	return true;
}

/* equals(Object), which the API has from 3.0.5 on: the same for another tag; what is no tag is not equal. */
static bool tag_equals_object(struct jc *jc, uint16_t *a)
{
	if (a[1] != 0 && !jc_accessible(jc, a[1]))
		return false;
	if (jc_instance_of(jc_class_of(jc, a[1]), &jc_class_BERTag))
		return tag_equals(jc, a);
	a[0] = 0;
	return true;
}

/* init(bArray, bOff) of the subclass that takes constructed or primitive tags. */
static bool init_from(struct jc *jc, const uint16_t *a, bool constructed)
{
	uint8_t tag[TLV_TAG_MAX];
	uint32_t n;
	if (!read_tag(jc, a[1], a[2], tag, &n))
		return false;
	if (((tag[0] & TLV_CONSTRUCTED) != 0) != constructed)
		return jc_throw_tlv(jc, TLV_MALFORMED_TAG);
	return set_bytes(jc, a[0], tag, n);
}

/* init(tagClass, tagNumber) */
static bool init_of(struct jc *jc, const uint16_t *a, bool constructed)
{
	uint8_t tag[TLV_TAG_MAX];
	if (a[1] > CLASS_PRIVATE || (int16_t)a[2] < 0)
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	uint32_t n = tlv_tag_make(tag, a[1], constructed, a[2]);
	return n == 0 ? jc_throw_tlv(jc, TLV_ILLEGAL_SIZE) : set_bytes(jc, a[0], tag, n);
}

static bool constructed_init_from(struct jc *jc, uint16_t *a)
{
	return init_from(jc, a, true);
}

static bool constructed_init_of(struct jc *jc, uint16_t *a)
{
	return init_of(jc, a, true);
}

static bool primitive_init_from(struct jc *jc, uint16_t *a)
{
	return init_from(jc, a, false);
}

static bool primitive_init_of(struct jc *jc, uint16_t *a)
{
	return init_of(jc, a, false);
}

/* ---- classes ---- */

#define TAG_VIRTUALS                                                                                                   \
	JC_METHOD(0, 0, 2, JC_SHORT, tag_equals_object), JC_METHOD(1, 0, 1, JC_SHORT, tag_size),                       \
	    JC_METHOD(2, 0, 3, JC_SHORT, tag_to_bytes), JC_METHOD(3, 0, 1, JC_SHORT, tag_number),                      \
	    JC_METHOD(4, 0, 1, JC_SHORT, tag_is_constructed), JC_METHOD(5, 0, 1, JC_SHORT, tag_class),                 \
	    JC_METHOD(6, 0, 2, JC_SHORT, tag_equals)

static const struct jc_method tag_static[] = {
    JC_CONSTRUCTOR(0, 0, 1, jc_object_init),
    JC_METHOD(1, 0, 2, JC_REF, get_instance),
    JC_METHOD(2, 0, 5, JC_SHORT, to_bytes_of),
    JC_METHOD(3, 0, 2, JC_SHORT, size_of),
    JC_METHOD(4, 0, 2, JC_SHORT, number_of),
    JC_METHOD(5, 0, 2, JC_SHORT, is_constructed_of),
    JC_METHOD(6, 0, 2, JC_SHORT, class_of),
    JC_METHOD(7, 0, 2, JC_SHORT, verify_format),
};

static const struct jc_method tag_virtual[] = {TAG_VIRTUALS, JC_ABSTRACT_METHOD(7, 0, 3, JC_VOID)};

const struct jc_class jc_class_BERTag = {JC_NAME("javacardx/framework/tlv/BERTag"), JC_AT(javacardx_framework_tlv, 1),
    .flags = JC_ABSTRACT, .super = &jc_class_Object, .cells = TAG_CELLS, .first_ref = TAG_STORE, .refs = TAG_CELLS,
    JC_STATICS(tag_static), JC_VIRTUALS(tag_virtual)};

static const struct jc_method sub_static[] = {JC_CONSTRUCTOR(0, 0, 1, jc_object_init)};

static const struct jc_method constructed_virtual[] = {
    TAG_VIRTUALS, JC_METHOD(7, 0, 3, JC_VOID, constructed_init_from), JC_METHOD(8, 0, 3, JC_VOID, constructed_init_of)};

const struct jc_class jc_class_ConstructedBERTag = {JC_NAME("javacardx/framework/tlv/ConstructedBERTag"),
    JC_AT(javacardx_framework_tlv, 3), .super = &jc_class_BERTag, .cells = TAG_CELLS, JC_STATICS(sub_static),
    JC_VIRTUALS(constructed_virtual)};

static const struct jc_method primitive_virtual[] = {
    TAG_VIRTUALS, JC_METHOD(7, 0, 3, JC_VOID, primitive_init_from), JC_METHOD(8, 0, 3, JC_VOID, primitive_init_of)};

const struct jc_class jc_class_PrimitiveBERTag = {JC_NAME("javacardx/framework/tlv/PrimitiveBERTag"),
    JC_AT(javacardx_framework_tlv, 5), .super = &jc_class_BERTag, .cells = TAG_CELLS, JC_STATICS(sub_static),
    JC_VIRTUALS(primitive_virtual)};
