/* javacard.framework: exceptions with a reason. */
#include "runtime/sim/javacard/machine/vm.h"

enum { CELL_REASON = 0 };

bool jc_exception_init(struct jc *jc, uint16_t *a)
{
	return jc_set_cell(jc, a[0], CELL_REASON, a[1]);
}

bool jc_exception_get_reason(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], CELL_REASON);
	return true;
}

bool jc_exception_set_reason(struct jc *jc, uint16_t *a)
{
	return jc_set_cell(jc, a[0], CELL_REASON, a[1]);
}

#define EXCEPTION(token, n, parent) JC_REASON_EXCEPTION("javacard/framework/", javacard_framework, token, n, parent)
EXCEPTION(4, CardException, Exception)
EXCEPTION(5, CardRuntimeException, RuntimeException)
EXCEPTION(7, ISOException, CardRuntimeException)
EXCEPTION(11, PINException, CardRuntimeException)
EXCEPTION(12, APDUException, CardRuntimeException)
EXCEPTION(13, SystemException, CardRuntimeException)
EXCEPTION(14, TransactionException, CardRuntimeException)

/* UserException has a constructor without a reason too. */
static bool user_throw(struct jc *jc, uint16_t *a)
{
	return jc_throw(jc, &jc_class_UserException, a[0]);
}

static const struct jc_method user_virtuals[] = {JC_REASON_VIRTUALS};
static const struct jc_method user_statics[] = {JC_CONSTRUCTOR(0, 0, 1, jc_object_init),
    JC_CONSTRUCTOR(1, 0, 2, jc_exception_init), JC_METHOD(2, 0, 1, JC_VOID, user_throw)};
const struct jc_class jc_class_UserException = {JC_NAME("javacard/framework/UserException"),
    JC_AT(javacard_framework, 15), .super = &jc_class_CardException, .cells = 1, .flags = JC_THROWABLE,
    JC_STATICS(user_statics), JC_VIRTUALS(user_virtuals)};
