/* java.lang and java.io: Object and the exceptions that the machine throws. */
#include "runtime/sim/javacard/machine/vm.h"

bool jc_object_init(struct jc *jc, uint16_t *a)
{
	(void)jc;
	(void)a;
	return true;
}

/* Object.equals: the same object. AID has its own. */
bool jc_object_equals(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = a[0] == a[1];
	return true;
}

static const struct jc_method plain_statics[] = {JC_CONSTRUCTOR(0, 0, 1, jc_object_init)};
static const struct jc_method plain_virtuals[] = {JC_OBJECT_EQUALS};

const struct jc_class jc_class_Object = {
    JC_NAME("java/lang/Object"), JC_AT(java_lang, 0), JC_STATICS(plain_statics), JC_VIRTUALS(plain_virtuals)};

#define LANG_EXCEPTION(token, n, parent)                                                                               \
	const struct jc_class jc_class_##n = {JC_NAME("java/lang/" #n), JC_AT(java_lang, token),                       \
	    .super = &jc_class_##parent, .flags = JC_THROWABLE, JC_STATICS(plain_statics)};

LANG_EXCEPTION(1, Throwable, Object)
LANG_EXCEPTION(2, Exception, Throwable)
LANG_EXCEPTION(3, RuntimeException, Exception)
LANG_EXCEPTION(4, IndexOutOfBoundsException, RuntimeException)
LANG_EXCEPTION(5, ArrayIndexOutOfBoundsException, IndexOutOfBoundsException)
LANG_EXCEPTION(6, NegativeArraySizeException, RuntimeException)
LANG_EXCEPTION(7, NullPointerException, RuntimeException)
LANG_EXCEPTION(8, ClassCastException, RuntimeException)
LANG_EXCEPTION(9, ArithmeticException, RuntimeException)
LANG_EXCEPTION(10, SecurityException, RuntimeException)
LANG_EXCEPTION(11, ArrayStoreException, RuntimeException)

const struct jc_class jc_class_IOException = {JC_NAME("java/io/IOException"), JC_AT(java_io, 0),
    .super = &jc_class_Exception, .flags = JC_THROWABLE, JC_STATICS(plain_statics)};

static const struct jc_class *const lang[] = {&jc_class_Object, &jc_class_Throwable, &jc_class_Exception,
    &jc_class_RuntimeException, &jc_class_IndexOutOfBoundsException, &jc_class_ArrayIndexOutOfBoundsException,
    &jc_class_NegativeArraySizeException, &jc_class_NullPointerException, &jc_class_ClassCastException,
    &jc_class_ArithmeticException, &jc_class_SecurityException, &jc_class_ArrayStoreException};
const struct jc_package jc_rom_java_lang = {.classes = lang, .n = sizeof lang / sizeof lang[0], .minor = 0};

static const struct jc_class *const io[] = {&jc_class_IOException};
const struct jc_package jc_rom_java_io = {.classes = io, .n = 1, .minor = 0};
