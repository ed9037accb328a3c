/* The firewall for natives: JCRE chapter 6. The interpreter asks the same questions (vm.h) in its own order. */
#include "runtime/sim/javacard/machine/vm.h"

const uint8_t *jc_open(struct jc *jc, uint16_t ref)
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL) {
		jc_throw(jc, &jc_class_NullPointerException, 0);
		return NULL;
	}
	if (!jc_may(jc, h) || !jc_awake(jc, h)) {
		jc_throw(jc, &jc_class_SecurityException, 0);
		return NULL;
	}
	return h;
}

static bool type_fits(unsigned type, enum jc_type wanted)
{
	return type == wanted || (wanted == JC_BYTE && type == JC_BOOLEAN);
}

const uint8_t *jc_open_array(struct jc *jc, uint16_t ref, enum jc_type type, int32_t off, int32_t len)
{
	const uint8_t *h = jc_open(jc, ref);
	if (h == NULL)
		return NULL;
	if (!type_fits(h[OBJECT_KIND] & KIND_TYPE, type)) {
		jc_throw(jc, &jc_class_SecurityException, 0);
		return NULL;
	}
	if (off < 0 || len < 0 || off + len > jc_be16(h + OBJECT_LENGTH)) {
		jc_throw(jc, &jc_class_ArrayIndexOutOfBoundsException, 0);
		return NULL;
	}
	return h;
}

bool jc_accessible(struct jc *jc, uint16_t ref)
{
	return jc_open(jc, ref) != NULL;
}

bool jc_is(struct jc *jc, uint16_t ref, const struct jc_class *class)
{
	const uint8_t *h = jc_open(jc, ref);
	if (h == NULL)
		return false;
	return jc_instance_of(jc_header_class(jc, h), class) || jc_throw(jc, &jc_class_ClassCastException, 0);
}

bool jc_bytes_in(struct jc *jc, uint16_t ref, int32_t off, int32_t len, const uint8_t **p)
{
	const uint8_t *h = jc_open_array(jc, ref, JC_BYTE, off, len);
	if (h == NULL)
		return false;
	*p = jc_data(jc, h) + off;
	return true;
}

bool jc_bytes_out(struct jc *jc, uint16_t ref, int32_t off, int32_t len)
{
	return jc_open_array(jc, ref, JC_BYTE, off, len) != NULL;
}

bool jc_put(struct jc *jc, uint16_t ref, int32_t off, const void *p, int32_t len, enum jc_atomicity how)
{
	const uint8_t *h = jc_open_array(jc, ref, JC_BYTE, off, len);
	return h != NULL && jc_write(jc, h, (uint32_t)off, p, (uint32_t)len, how);
}

bool jc_elements_in(struct jc *jc, uint16_t ref, enum jc_type type, int32_t off, int32_t len)
{
	return jc_open_array(jc, ref, type, off, len) != NULL;
}

int32_t jc_element(struct jc *jc, uint16_t ref, uint16_t i)
{
	const uint8_t *h = jc_header(jc, ref);
	if (h == NULL || i >= jc_be16(h + OBJECT_LENGTH) || !jc_awake(jc, h))
		return 0;
	const uint8_t *d = jc_data(jc, h);
	switch (h[OBJECT_KIND] & KIND_TYPE) {
	case JC_BOOLEAN:
	case JC_BYTE:
		return (int8_t)d[i];
	case JC_INT_ARRAY:
		return (int32_t)jc_be32(d + 4 * i);
	case JC_REF_ARRAY:
		return jc_be16(d + 2 * i);
	default:
		return (int16_t)jc_be16(d + 2 * i);
	}
}

bool jc_put_element(struct jc *jc, uint16_t ref, uint16_t i, int32_t v, enum jc_atomicity how)
{
	const uint8_t *h = jc_open(jc, ref);
	uint8_t b[4];
	if (h == NULL)
		return false;
	if (i >= jc_be16(h + OBJECT_LENGTH))
		return jc_throw(jc, &jc_class_ArrayIndexOutOfBoundsException, 0);
	jc_set32(b, (uint32_t)v);
	switch (h[OBJECT_KIND] & KIND_TYPE) {
	case JC_BOOLEAN:
	case JC_BYTE:
		return jc_write(jc, h, i, b + 3, 1, how);
	case JC_SHORT_ARRAY:
		return jc_write(jc, h, 2u * i, b + 2, 2, how);
	case JC_INT_ARRAY:
		return jc_write(jc, h, 4u * i, b, 4, how);
	default:
		return jc_throw(jc, &jc_class_SecurityException, 0);
	}
}
