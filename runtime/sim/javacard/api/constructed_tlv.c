/* javacardx.framework.tlv.ConstructedBERTLV (API 3.0.5). */
#include <string.h>

#include "runtime/sim/javacard/api/tlv.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { CHILDREN_MAX = INT16_MAX / 2 };

static uint16_t child(struct jc *jc, uint16_t tlv, uint16_t i)
{
	return (uint16_t)jc_element(jc, jc_cell(jc, tlv, TLV_VALUE), i);
}

/* The array is the runtime's own: no firewall between it and what it holds. */
static bool put_child(struct jc *jc, uint16_t array, uint16_t i, uint16_t one)
{
	const uint8_t bytes[] = {(uint8_t)(one >> 8), (uint8_t)one};
	return jc_write(jc, jc_header(jc, array), 2u * i, bytes, sizeof bytes, JC_ATOMIC);
}

/* Room for n children; those that there are stay. */
static bool grow(struct jc *jc, uint16_t tlv, uint16_t n)
{
	uint16_t count = jc_cell(jc, tlv, TLV_COUNT), old = jc_cell(jc, tlv, TLV_VALUE);
	if (old != 0 && jc_length(jc, old) >= n)
		return true;
	uint16_t array = jc_new_ref_array(jc, &jc_class_BERTLV, n, JC_PERSISTENT);
	if (array == 0)
		return false;
	for (uint16_t i = 0; i < count; i++)
		if (!put_child(jc, array, i, child(jc, tlv, i)))
			return false;
	return jc_set_cell(jc, tlv, TLV_VALUE, array);
}

static bool add(struct jc *jc, uint16_t tlv, uint16_t one)
{
	uint16_t count = jc_cell(jc, tlv, TLV_COUNT);
	if (count >= CHILDREN_MAX)
		return jc_throw_tlv(jc, TLV_INSUFFICIENT_STORAGE);
	return grow(jc, tlv, (uint16_t)(count + 1)) && put_child(jc, jc_cell(jc, tlv, TLV_VALUE), count, one) &&
	    jc_set_cell(jc, tlv, TLV_COUNT, (uint16_t)(count + 1));
}

/* Take all children out. */
static bool clear(struct jc *jc, uint16_t tlv)
{
	uint16_t count = jc_cell(jc, tlv, TLV_COUNT);
	for (uint16_t i = 0; i < count; i++)
		if (!put_child(jc, jc_cell(jc, tlv, TLV_VALUE), i, 0))
			return false;
	return jc_set_cell(jc, tlv, TLV_COUNT, 0);
}

/* Is `sought` this TLV or somewhere inside it? left as for jc_tlv_size; when it runs out: yes. */
static bool holds(struct jc *jc, uint16_t tlv, uint16_t sought, unsigned depth, int *left)
{
	if (tlv == sought || --*left < 0 || depth > TLV_DEPTH_MAX)
		return true;
	if (!jc_instance_of(jc_class_of(jc, tlv), &jc_class_ConstructedBERTLV))
		return false;
	for (uint16_t i = 0; i < jc_cell(jc, tlv, TLV_COUNT); i++)
		if (holds(jc, child(jc, tlv, i), sought, depth + 1, left))
			return true;
	return false;
}

bool jc_constructed_fill(
    struct jc *jc, uint16_t tlv, uint16_t tag, uint16_t array, uint32_t off, uint32_t len, unsigned depth)
{
	const uint8_t *p;
	struct tlv_head h;
	if (!clear(jc, tlv))
		return false;
	for (uint32_t at = 0; at < len; at += h.head + h.length) {
		if (!jc_tlv_in(jc, array, (uint16_t)(off + at), &p, &h))
			return false;
		uint16_t one = jc_tlv_new(jc, array, off + at, depth + 1);
		if (one == 0 || !add(jc, tlv, one))
			return false;
	}
	return jc_set_cell(jc, tlv, TLV_TAG, tag);
}

/* ---- methods ---- */

/* ConstructedBERTLV(short numTLVs) */
static bool init_object(struct jc *jc, uint16_t *a)
{
	if ((int16_t)a[1] < 0 || a[1] > CHILDREN_MAX)
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	return a[1] == 0 || grow(jc, a[0], a[1]);
}

static bool init_from(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &p))
		return false;
	if (!tlv_well_formed(p, a[3], 0) || (p[0] & TLV_CONSTRUCTED) == 0)
		return jc_throw_tlv(jc, TLV_MALFORMED_TLV);
	struct tlv_head h = tlv_head(p, a[3]);
	uint16_t tag = jc_tag_new(jc, p, h.tag);
	return tag != 0 && jc_constructed_fill(jc, a[0], tag, a[1], a[2] + h.head, h.length, 0) &&
	    jc_tlv_get_size(jc, a);
}

/* init(tag, aTLV) */
static bool init_of_tlv(struct jc *jc, uint16_t *a)
{
	int left = INT16_MAX / 2;
	if (!jc_is(jc, a[1], &jc_class_ConstructedBERTag) || !jc_is(jc, a[2], &jc_class_BERTLV))
		return false;
	if (holds(jc, a[2], a[0], 0, &left))
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	return clear(jc, a[0]) && jc_set_cell(jc, a[0], TLV_TAG, a[1]) && add(jc, a[0], a[2]) && jc_tlv_get_size(jc, a);
}

/* init(tag, vArray, vOff, vLen) */
static bool init_of_bytes(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	if (!jc_is(jc, a[1], &jc_class_ConstructedBERTag) || !jc_bytes_in(jc, a[2], (int16_t)a[3], (int16_t)a[4], &p))
		return false;
	if (!tlv_sequence(p, a[4], 1))
		return jc_throw_tlv(jc, TLV_MALFORMED_TLV);
	return jc_constructed_fill(jc, a[0], a[1], a[2], a[3], a[4], 0) && jc_tlv_get_size(jc, a);
}

/* One that has no tag yet keeps the child, and tells of no size: EMPTY_TLV. */
static bool append(struct jc *jc, uint16_t *a)
{
	int left = INT16_MAX / 2;
	if (!jc_is(jc, a[1], &jc_class_BERTLV))
		return false;
	if (holds(jc, a[1], a[0], 0, &left))
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	return add(jc, a[0], a[1]) && jc_tlv_get_size(jc, a);
}

/* Position of the occurrence-th child that is this object; -1: there are not so many. */
static int position(struct jc *jc, uint16_t tlv, uint16_t one, int16_t occurrence)
{
	uint16_t count = jc_cell(jc, tlv, TLV_COUNT);
	for (uint16_t i = 0; occurrence > 0 && i < count; i++)
		if (child(jc, tlv, i) == one && --occurrence == 0)
			return i;
	return -1;
}

static bool delete (struct jc *jc, uint16_t *a)
{
	if (!jc_is(jc, a[1], &jc_class_BERTLV))
		return false;
	uint16_t array = jc_cell(jc, a[0], TLV_VALUE), count = jc_cell(jc, a[0], TLV_COUNT);
	int at = position(jc, a[0], a[1], (int16_t)a[2]);
	if (at < 0)
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	for (uint16_t i = (uint16_t)at; i + 1 < count; i++)
		if (!put_child(jc, array, i, child(jc, a[0], (uint16_t)(i + 1))))
			return false;
	return put_child(jc, array, (uint16_t)(count - 1), 0) &&
	    jc_set_cell(jc, a[0], TLV_COUNT, (uint16_t)(count - 1)) && jc_tlv_get_size(jc, a);
}

/* The first child from position i with this tag (null: any); 0: none. */
static uint16_t find_from(struct jc *jc, uint16_t tlv, uint16_t i, uint16_t tag)
{
	uint8_t want[TLV_TAG_MAX], have[TLV_TAG_MAX];
	uint32_t n = tag == 0 ? 0 : jc_tag_bytes(jc, tag, want);
	for (; i < jc_cell(jc, tlv, TLV_COUNT); i++) {
		uint16_t one = child(jc, tlv, i);
		if (tag == 0 || (jc_tag_bytes(jc, jc_cell(jc, one, TLV_TAG), have) == n && memcmp(want, have, n) == 0))
			return one;
	}
	return 0;
}

static bool find(struct jc *jc, uint16_t *a)
{
	if (a[1] != 0 && !jc_is(jc, a[1], &jc_class_BERTag))
		return false;
	a[0] = find_from(jc, a[0], 0, a[1]);
	return true;
}

/* findNext(tag, aTLV, occurrenceNum) */
static bool find_next(struct jc *jc, uint16_t *a)
{
	if ((a[1] != 0 && !jc_is(jc, a[1], &jc_class_BERTag)) || !jc_is(jc, a[2], &jc_class_BERTLV))
		return false;
	int at = position(jc, a[0], a[2], (int16_t)a[3]);
	if (at < 0)
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	a[0] = find_from(jc, a[0], (uint16_t)(at + 1), a[1]);
	return true;
}

/* ---- in arrays ---- */

static bool constructed_in(struct jc *jc, uint16_t array, uint16_t off, const uint8_t **p, struct tlv_head *h)
{
	if (!jc_tlv_in(jc, array, off, p, h))
		return false;
	return (((*p)[0] & TLV_CONSTRUCTED) != 0 && tlv_well_formed(*p, h->head + h->length, 0)) ||
	    jc_throw_tlv(jc, TLV_MALFORMED_TLV);
}

/* append(berTLVInArray, bTLVInOff, berTLVOutArray, bTLVOutOff): the length field may grow. */
static bool append_of(struct jc *jc, uint16_t *a)
{
	const uint8_t *p, *out;
	struct tlv_head in, h;
	uint8_t field[3], added[INT16_MAX];
	if (!jc_tlv_in(jc, a[0], a[1], &p, &in))
		return false;
	int32_t extra = (int32_t)(in.head + in.length);
	if (!tlv_well_formed(p, (uint32_t)extra, 0))
		return jc_throw_tlv(jc, TLV_MALFORMED_TLV);
	if (extra > INT16_MAX)
		return jc_throw_tlv(jc, TLV_TLV_SIZE_GREATER_THAN_32767);
	memcpy(added, p, (size_t)extra);
	if (!constructed_in(jc, a[2], a[3], &out, &h))
		return false;
	uint32_t length = h.length + (uint32_t)extra, n = tlv_length_make(field, length);
	if (h.tag + n + length > INT16_MAX)
		return jc_throw_tlv(jc, TLV_TLV_SIZE_GREATER_THAN_32767);
	int32_t value = (int32_t)(a[3] + h.tag + n);
	if (!jc_bytes_out(jc, a[2], (int16_t)a[3], (int32_t)(h.tag + n + length)) ||
	    !jc_put(jc, a[2], value, out + h.head, (int32_t)h.length, JC_NON_ATOMIC) ||
	    !jc_put(jc, a[2], (int32_t)(a[3] + h.tag), field, (int32_t)n, JC_NON_ATOMIC) ||
	    !jc_put(jc, a[2], value + (int32_t)h.length, added, extra, JC_NON_ATOMIC))
		return false;
	a[0] = (uint16_t)(h.tag + n + length);
	return true;
}

/* The tag sought; *n 0: any. */
static bool sought(struct jc *jc, uint16_t array, uint16_t off, uint8_t tag[TLV_TAG_MAX], uint32_t *n)
{
	const uint8_t *p;
	uint32_t rest;
	int fault;
	*n = 0;
	if (array == 0)
		return true;
	if (!jc_tlv_rest(jc, array, off, &p, &rest))
		return false;
	*n = tlv_tag_size(p, rest, &fault);
	if (*n == 0)
		return jc_tlv_fault(jc, fault, TLV_MALFORMED_TAG);
	memcpy(tag, p, *n);
	return true;
}

/* Offset in p of the first TLV from `at` with the tag; -1: none. p: a constructed TLV, well formed. */
static int32_t find_in(const uint8_t *p, const struct tlv_head *h, uint32_t at, const uint8_t *tag, uint32_t n)
{
	uint32_t end = h->head + h->length;
	while (at < end) {
		struct tlv_head one = tlv_head(p + at, end - at);
		if (n == 0 || (one.tag == n && memcmp(p + at, tag, n) == 0))
			return (int32_t)at;
		at += one.head + one.length;
	}
	return -1;
}

/* find(berTLVArray, bTLVOff, berTagArray, bTagOff) */
static bool find_of(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	const uint8_t *p;
	struct tlv_head h;
	uint32_t n;
	if (!constructed_in(jc, a[0], a[1], &p, &h) || !sought(jc, a[2], a[3], tag, &n))
		return false;
	int32_t at = find_in(p, &h, h.head, tag, n);
	a[0] = (uint16_t)(at < 0 ? -1 : a[1] + at);
	return true;
}

/* findNext(berTLVArray, bTLVOff, startOffset, berTagArray, bTagOff) */
static bool find_next_of(struct jc *jc, uint16_t *a)
{
	uint8_t tag[TLV_TAG_MAX];
	const uint8_t *p;
	struct tlv_head h;
	uint32_t n;
	if (!constructed_in(jc, a[0], a[1], &p, &h) || !sought(jc, a[3], a[4], tag, &n))
		return false;
	uint32_t at = h.head, end = h.head + h.length;
	while (at < end && a[1] + at != a[2]) {
		struct tlv_head one = tlv_head(p + at, end - at);
		at += one.head + one.length;
	}
	if (at >= end)
		return jc_throw_tlv(jc, TLV_INVALID_PARAM);
	struct tlv_head start = tlv_head(p + at, end - at);
	int32_t hit = find_in(p, &h, at + start.head + start.length, tag, n);
	a[0] = (uint16_t)(hit < 0 ? -1 : a[1] + hit);
	return true;
}

static const struct jc_method statics[] = {
    JC_CONSTRUCTOR(0, 0, 2, init_object),
    JC_METHOD(1, 0, 4, JC_SHORT, append_of),
    JC_METHOD(2, 0, 4, JC_SHORT, find_of),
    JC_METHOD(3, 0, 5, JC_SHORT, find_next_of),
};

static const struct jc_method virtuals[] = {
    JC_TLV_VIRTUALS,
    JC_METHOD(5, 0, 4, JC_SHORT, init_from),
    JC_METHOD(6, 0, 3, JC_SHORT, init_of_tlv),
    JC_METHOD(7, 0, 5, JC_SHORT, init_of_bytes),
    JC_METHOD(8, 0, 2, JC_SHORT, append),
    JC_METHOD(9, 0, 3, JC_SHORT, delete),
    JC_METHOD(10, 0, 2, JC_REF, find),
    JC_METHOD(11, 0, 4, JC_REF, find_next),
};

const struct jc_class jc_class_ConstructedBERTLV = {JC_NAME("javacardx/framework/tlv/ConstructedBERTLV"),
    JC_AT(javacardx_framework_tlv, 2), .super = &jc_class_BERTLV, .cells = TLV_CELLS, JC_STATICS(statics),
    JC_VIRTUALS(virtuals)};
