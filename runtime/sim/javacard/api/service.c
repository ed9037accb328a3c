/* javacard.framework.service: BasicService, the interfaces, ServiceException, the package's table (API 3.0.5).
 *
 * Services work together on the APDU buffer in the Common Service Format:
 *
 *   before:      CLA INS P1  P2  P3 ...
 *   input ready: CLA INS P1  P2  Lc data
 *   processed:   CLA INS SW1 SW2 La data            La 0 may be 256: then struct jc_apdu says so
 *
 * Java Card RMI (RMIService, CardRemoteObject) is not on these cards. */
#include "runtime/sim/javacard/api/service.h"

#include "runtime/sim/javacard/api/apdu.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { P1 = 2, P2 = 3, LC = 4 };
enum { VIRTUAL_SET_PROCESSED = 5 }; /* of BasicService */

static bool fail(struct jc *jc, enum service_reason reason)
{
	return jc_throw(jc, &jc_class_ServiceException, (uint16_t)reason);
}

static bool put(struct jc *jc, int32_t at, uint16_t v, int32_t n)
{
	const uint8_t bytes[] = {(uint8_t)(v >> 8), (uint8_t)v};
	return jc_put(jc, jc->apdu_array, at, bytes + (2 - n), n, JC_NON_ATOMIC);
}

static bool is_processed(const struct jc *jc)
{
	return jc->apdu.state < 0 || jc->apdu.state >= APDU_STATE_OUTGOING;
}

uint16_t service_output_length(struct jc *jc)
{
	uint8_t la = jc->transient[SERVICE_LA];
	return la == 0 && jc->apdu.output_256 ? SERVICE_LA_MAX : la;
}

/* --- phases: BasicService does nothing in any --- */

static bool process_nothing(struct jc *jc, uint16_t *a)
{
	if (!jc_is(jc, a[1], &jc_class_APDU))
		return false;
	a[0] = 0;
	return true;
}

/* --- input --- */

static bool in_input(struct jc *jc)
{
	return jc->apdu.state == APDU_STATE_INITIAL || jc->apdu.state == APDU_STATE_FULL_INCOMING ||
	    fail(jc, SERVICE_CANNOT_ACCESS_IN_COMMAND);
}

static bool receive_in_data(struct jc *jc, uint16_t *a)
{
	uint16_t call[2] = {a[1]};
	if (!jc_is(jc, a[1], &jc_class_APDU) || !in_input(jc))
		return false;
	if (jc->apdu.lc > jc->chip.apdu_buffer - (uint32_t)SERVICE_DATA)
		return fail(jc, SERVICE_COMMAND_DATA_TOO_LONG);
	if (jc->apdu.state == APDU_STATE_INITIAL && !jc_call(jc, APDU_SET_INCOMING_AND_RECEIVE, call, 1))
		return false;
	a[0] = (uint16_t)jc->apdu.lc;
	return put(jc, LC, a[0], 1);
}

/* The command's byte at `at`. */
static bool header(struct jc *jc, uint16_t *a, unsigned at)
{
	if (!jc_is(jc, a[1], &jc_class_APDU))
		return false;
	a[0] = (uint16_t)(int8_t)jc->transient[at];
	return true;
}

static bool get_cla(struct jc *jc, uint16_t *a)
{
	return header(jc, a, 0);
}

static bool get_ins(struct jc *jc, uint16_t *a)
{
	return header(jc, a, 1);
}

static bool get_p1(struct jc *jc, uint16_t *a)
{
	return in_input(jc) && header(jc, a, P1);
}

static bool get_p2(struct jc *jc, uint16_t *a)
{
	return in_input(jc) && header(jc, a, P2);
}

static bool selecting_applet(struct jc *jc, uint16_t *a)
{
	a[0] = jc->apdu.selecting;
	return true;
}

/* --- output --- */

static bool set_processed(struct jc *jc, uint16_t *a)
{
	uint16_t call[2] = {a[1]};
	if (!jc_is(jc, a[1], &jc_class_APDU))
		return false;
	if (jc->apdu.state < 0)
		return fail(jc, SERVICE_CANNOT_ACCESS_OUT_COMMAND);
	return jc->apdu.state >= APDU_STATE_OUTGOING || jc_call(jc, APDU_SET_OUTGOING, call, 1);
}

static bool get_processed(struct jc *jc, uint16_t *a)
{
	if (!jc_is(jc, a[1], &jc_class_APDU))
		return false;
	a[0] = is_processed(jc);
	return true;
}

static bool in_output(struct jc *jc)
{
	return (jc->apdu.state >= 0 && is_processed(jc)) || fail(jc, SERVICE_CANNOT_ACCESS_OUT_COMMAND);
}

static bool put_output_length(struct jc *jc, uint16_t n)
{
	jc->apdu.output_256 = n == SERVICE_LA_MAX;
	return put(jc, SERVICE_LA, n, 1);
}

static bool set_output_length(struct jc *jc, uint16_t *a)
{
	int16_t n = (int16_t)a[2];
	if (!jc_is(jc, a[1], &jc_class_APDU))
		return false;
	if (n < 0 || n > SERVICE_LA_MAX || n > jc->chip.apdu_buffer - SERVICE_DATA)
		return fail(jc, SERVICE_ILLEGAL_PARAM);
	return put_output_length(jc, (uint16_t)n);
}

static bool get_output_length(struct jc *jc, uint16_t *a)
{
	if (!jc_is(jc, a[1], &jc_class_APDU) || !in_output(jc))
		return false;
	a[0] = service_output_length(jc);
	return true;
}

static bool set_status_word(struct jc *jc, uint16_t *a)
{
	return jc_is(jc, a[1], &jc_class_APDU) && put(jc, SERVICE_SW, a[2], 2);
}

static bool get_status_word(struct jc *jc, uint16_t *a)
{
	if (!jc_is(jc, a[1], &jc_class_APDU) || !in_output(jc))
		return false;
	a[0] = jc_be16(jc->transient + SERVICE_SW);
	return true;
}

/* Through the object's own setProcessed, which a subclass may have. */
static bool finish(struct jc *jc, uint16_t *a, uint16_t sw)
{
	uint16_t call[2] = {a[0], a[1]};
	if (!jc_is(jc, a[1], &jc_class_APDU) || !jc_call(jc, VIRTUAL_SET_PROCESSED, call, 2))
		return false;
	a[0] = 1;
	return put(jc, SERVICE_SW, sw, 2);
}

static bool do_fail(struct jc *jc, uint16_t *a)
{
	return finish(jc, a, a[2]) && put_output_length(jc, 0);
}

static bool succeed(struct jc *jc, uint16_t *a)
{
	return finish(jc, a, SW_OK);
}

static bool succeed_with_status_word(struct jc *jc, uint16_t *a)
{
	return finish(jc, a, a[2]);
}

/* --- classes --- */

static const struct jc_method service_virtuals[] = {JC_ABSTRACT_METHOD(0, 0, 2, JC_SHORT),
    JC_ABSTRACT_METHOD(1, 0, 2, JC_SHORT), JC_ABSTRACT_METHOD(2, 0, 2, JC_SHORT)};
const struct jc_class jc_class_Service = {JC_NAME("javacard/framework/service/Service"),
    JC_AT(javacard_framework_service, 0), .super = &jc_class_Object, .flags = JC_INTERFACE | JC_ABSTRACT,
    JC_VIRTUALS(service_virtuals)};

static const struct jc_implements extends_service[] = {{&jc_class_Service, NULL, 3}};

static const struct jc_method security_virtuals[] = {JC_ABSTRACT_METHOD(0, 0, 2, JC_SHORT),
    JC_ABSTRACT_METHOD(1, 0, 2, JC_SHORT), JC_ABSTRACT_METHOD(2, 0, 2, JC_SHORT), JC_ABSTRACT_METHOD(3, 0, 2, JC_SHORT),
    JC_ABSTRACT_METHOD(4, 0, 2, JC_SHORT), JC_ABSTRACT_METHOD(5, 0, 2, JC_SHORT)};
static const struct jc_class security_service = {JC_NAME("javacard/framework/service/SecurityService"),
    JC_AT(javacard_framework_service, 1), .super = &jc_class_Object, .flags = JC_INTERFACE | JC_ABSTRACT,
    JC_VIRTUALS(security_virtuals), JC_IMPLEMENTS(extends_service)};

static const struct jc_class remote_service = {JC_NAME("javacard/framework/service/RemoteService"),
    JC_AT(javacard_framework_service, 2), .super = &jc_class_Object, .flags = JC_INTERFACE | JC_ABSTRACT,
    JC_VIRTUALS(service_virtuals), JC_IMPLEMENTS(extends_service)};

static const struct jc_method basic_statics[] = {JC_CONSTRUCTOR(0, 0, 1, jc_object_init)};
static const struct jc_method basic_virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 2, JC_SHORT, process_nothing),
    JC_METHOD(2, 0, 2, JC_SHORT, process_nothing),
    JC_METHOD(3, 0, 2, JC_SHORT, process_nothing),
    JC_METHOD(4, 0, 2, JC_SHORT, receive_in_data),
    JC_METHOD(VIRTUAL_SET_PROCESSED, 0, 2, JC_VOID, set_processed),
    JC_METHOD(6, 0, 2, JC_SHORT, get_processed),
    JC_METHOD(7, 0, 3, JC_VOID, set_output_length),
    JC_METHOD(8, 0, 2, JC_SHORT, get_output_length),
    JC_METHOD(9, 0, 3, JC_VOID, set_status_word),
    JC_METHOD(10, 0, 2, JC_SHORT, get_status_word),
    JC_METHOD(11, 0, 3, JC_SHORT, do_fail),
    JC_METHOD(12, 0, 2, JC_SHORT, succeed),
    JC_METHOD(13, 0, 3, JC_SHORT, succeed_with_status_word),
    JC_METHOD(14, 0, 2, JC_SHORT, get_cla),
    JC_METHOD(15, 0, 2, JC_SHORT, get_ins),
    JC_METHOD(16, 0, 2, JC_SHORT, get_p1),
    JC_METHOD(17, 0, 2, JC_SHORT, get_p2),
    JC_METHOD(18, 0, 1, JC_SHORT, selecting_applet),
};
static const uint8_t basic_map[] = {1, 2, 3};
static const struct jc_implements basic_implements[] = {{&jc_class_Service, basic_map, sizeof basic_map}};
static const struct jc_class basic_service = {JC_NAME("javacard/framework/service/BasicService"),
    JC_AT(javacard_framework_service, 3), .super = &jc_class_Object, JC_STATICS(basic_statics),
    JC_VIRTUALS(basic_virtuals), JC_IMPLEMENTS(basic_implements)};

JC_REASON_EXCEPTION(
    "javacard/framework/service/", javacard_framework_service, 7, ServiceException, CardRuntimeException)

static const struct jc_class *const classes[] = {
    [0] = &jc_class_Service,
    [1] = &security_service,
    [2] = &remote_service,
    [3] = &basic_service,
    [6] = &jc_class_Dispatcher,
    [7] = &jc_class_ServiceException,
};
const struct jc_package jc_rom_javacard_framework_service = {
    .classes = classes, .n = sizeof classes / sizeof *classes, .minor = 0};
