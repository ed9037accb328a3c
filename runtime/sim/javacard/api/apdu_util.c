/* javacardx.apdu: the interface ExtendedLength; javacardx.apdu.util: APDUUtil (API 3.0.5). */
#include "runtime/sim/javacard/machine/native.h"

const struct jc_class jc_class_ExtendedLength = {JC_NAME("javacardx/apdu/ExtendedLength"), JC_AT(javacardx_apdu, 0),
    .flags = JC_INTERFACE, .super = &jc_class_Object};

static const struct jc_class *const apdu_classes[] = {&jc_class_ExtendedLength};
const struct jc_package jc_rom_javacardx_apdu = {apdu_classes, sizeof apdu_classes / sizeof *apdu_classes, 0};

/* Class bytes: ISO/IEC 7816-4, 5.4.1. First interindustry 000x xxxx: channel b2-b1, secure messaging b4-b3; further
 * interindustry 01xx xxxx: channel b4-b1 from 4, secure messaging b6. Proprietary ones (b8) are coded likewise by
 * JCRE 4.3. */
static bool further(uint16_t cla)
{
	return (cla & 0x40) != 0;
}

static bool get_cla_channel(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = (uint16_t)(further(a[0]) ? (a[0] & 0x0F) + 4 : a[0] & 0x03);
	return true;
}

static bool is_secure_messaging(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = (a[0] & (further(a[0]) ? 0x20 : 0x0C)) != 0;
	return true;
}

static bool is_chaining(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = (a[0] & 0x10) != 0;
	return true;
}

static bool is_interindustry(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = (a[0] & 0x80) == 0;
	return true;
}

/* Not FF; of the interindustry ones not 001x xxxx, which is reserved. */
static bool is_valid(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = (a[0] & 0xFF) != 0xFF && (a[0] & 0xE0) != 0x20;
	return true;
}

static const struct jc_method util_static[] = {
    JC_METHOD(0, 0, 1, JC_SHORT, get_cla_channel),
    JC_METHOD(1, 0, 1, JC_SHORT, is_secure_messaging),
    JC_METHOD(2, 0, 1, JC_SHORT, is_chaining),
    JC_METHOD(3, 0, 1, JC_SHORT, is_interindustry),
    JC_METHOD(4, 0, 1, JC_SHORT, is_valid),
};

static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS};

static const struct jc_class class_APDUUtil = {JC_NAME("javacardx/apdu/util/APDUUtil"), JC_AT(javacardx_apdu_util, 0),
    .super = &jc_class_Object, JC_STATICS(util_static), JC_VIRTUALS(virtuals)};

static const struct jc_class *const util_classes[] = {&class_APDUUtil};
const struct jc_package jc_rom_javacardx_apdu_util = {util_classes, sizeof util_classes / sizeof *util_classes, 0};
