/* javacard.framework.service.Dispatcher (API 3.0.5): services in the order in which they were added, each for a phase.
 * Two arrays that the constructor makes hold them; the entries in use come first. */
#include "runtime/sim/javacard/api/apdu.h"
#include "runtime/sim/javacard/api/service.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { CELL_SERVICES, CELL_PHASES, CELLS };
enum { PHASE_NONE, PHASE_INPUT_DATA, PHASE_COMMAND, PHASE_OUTPUT_DATA };

static bool fail(struct jc *jc, enum service_reason reason)
{
	return jc_throw(jc, &jc_class_ServiceException, (uint16_t)reason);
}

static uint16_t service_at(struct jc *jc, uint16_t self, uint16_t i)
{
	return (uint16_t)jc_element(jc, jc_cell(jc, self, CELL_SERVICES), i);
}

static uint16_t phase_at(struct jc *jc, uint16_t self, uint16_t i)
{
	return (uint16_t)jc_element(jc, jc_cell(jc, self, CELL_PHASES), i);
}

static uint16_t capacity(struct jc *jc, uint16_t self)
{
	return jc_length(jc, jc_cell(jc, self, CELL_SERVICES));
}

/* Dispatcher(short maxServices) */
static bool init(struct jc *jc, uint16_t *a)
{
	if ((int16_t)a[1] < 0)
		return fail(jc, SERVICE_ILLEGAL_PARAM);
	uint16_t services = jc_new_ref_array(jc, &jc_class_Service, a[1], JC_PERSISTENT);
	if (services == 0 || !jc_set_cell(jc, a[0], CELL_SERVICES, services))
		return false;
	uint16_t phases = jc_new_array(jc, JC_BYTE, a[1], JC_PERSISTENT);
	return phases != 0 && jc_set_cell(jc, a[0], CELL_PHASES, phases);
}

/* --- the registry --- */

/* Entry i. The arrays are the runtime's own: no firewall between it and what they hold. */
static bool put(struct jc *jc, uint16_t self, uint16_t i, uint16_t service, uint16_t phase)
{
	const uint8_t ref[] = {(uint8_t)(service >> 8), (uint8_t)service}, byte[] = {(uint8_t)phase};
	return jc_write(jc, jc_header(jc, jc_cell(jc, self, CELL_SERVICES)), 2u * i, ref, sizeof ref, JC_ATOMIC) &&
	    jc_write(jc, jc_header(jc, jc_cell(jc, self, CELL_PHASES)), i, byte, sizeof byte, JC_ATOMIC);
}

/* The entry of a service for a phase; the number of entries in use when there is none. */
static uint16_t find(struct jc *jc, uint16_t self, uint16_t service, uint16_t phase)
{
	uint16_t i = 0, n = capacity(jc, self);
	while (i < n && service_at(jc, self, i) != 0 &&
	    (service_at(jc, self, i) != service || phase_at(jc, self, i) != phase))
		i++;
	return i;
}

static bool is_phase(uint16_t phase)
{
	return phase >= PHASE_INPUT_DATA && phase <= PHASE_OUTPUT_DATA;
}

/* Changes of several entries are one: in a transaction of their own unless there is one (API: atomically). */
static bool begin(struct jc *jc, bool *own)
{
	*own = !jc->transaction;
	return !*own || jc_transaction_begin(jc);
}

static bool end(struct jc *jc, bool own, bool good)
{
	uint16_t thrown = jc->thrown;
	if (!own)
		return good;
	if (good)
		return jc_transaction_commit(jc);
	jc_transaction_abort(jc);
	jc->thrown = thrown;
	return false;
}

/* addService(Service, byte) */
static bool add_service(struct jc *jc, uint16_t *a)
{
	bool own;
	if (a[1] == 0 || !is_phase(a[2]))
		return fail(jc, SERVICE_ILLEGAL_PARAM);
	if (!jc_is(jc, a[1], &jc_class_Service))
		return false;
	uint16_t i = find(jc, a[0], a[1], a[2]);
	if (i == capacity(jc, a[0]))
		return fail(jc, SERVICE_DISPATCH_TABLE_FULL);
	if (service_at(jc, a[0], i) != 0)
		return true;
	return begin(jc, &own) && end(jc, own, put(jc, a[0], i, a[1], a[2]));
}

/* Those behind move up. */
static bool take_out(struct jc *jc, uint16_t self, uint16_t i)
{
	uint16_t n = capacity(jc, self);
	for (; i < n && service_at(jc, self, i) != 0; i++) {
		bool last = i + 1 == n;
		uint16_t next = (uint16_t)(i + 1);
		if (!put(jc, self, i, last ? 0 : service_at(jc, self, next), last ? 0 : phase_at(jc, self, next)))
			return false;
	}
	return true;
}

/* removeService(Service, byte) */
static bool remove_service(struct jc *jc, uint16_t *a)
{
	bool own;
	if (a[1] == 0 || !is_phase(a[2]))
		return fail(jc, SERVICE_ILLEGAL_PARAM);
	uint16_t i = find(jc, a[0], a[1], a[2]);
	if (i == capacity(jc, a[0]) || service_at(jc, a[0], i) == 0)
		return true;
	return begin(jc, &own) && end(jc, own, take_out(jc, a[0], i));
}

/* --- dispatching --- */

/* The services of one phase, until one says true. */
static bool run_phase(struct jc *jc, uint16_t self, uint16_t apdu, uint16_t phase)
{
	for (uint16_t i = 0; i < capacity(jc, self) && service_at(jc, self, i) != 0; i++) {
		uint16_t call[4] = {service_at(jc, self, i), apdu};
		if (phase_at(jc, self, i) != phase)
			continue;
		/* processDataIn, processCommand, processDataOut have tokens 0, 1, 2. */
		if (!jc_call_interface(jc, &jc_class_Service, phase - PHASE_INPUT_DATA, call, 2))
			return false;
		if (call[0] != 0)
			return true;
	}
	return true;
}

/* What lies in the buffer in the Common Service Format goes out; the status word becomes a pending ISOException. */
static bool answer(struct jc *jc, uint16_t apdu)
{
	uint16_t n = service_output_length(jc), sw = jc_be16(jc->transient + SERVICE_SW);
	uint16_t length[3] = {apdu, n}, bytes[4] = {apdu, SERVICE_DATA, n};
	if (!jc_call(jc, APDU_SET_OUTGOING_LENGTH, length, 2) || !jc_call(jc, APDU_SEND_BYTES, bytes, 3))
		return false;
	return jc_throw(jc, &jc_class_ISOException, sw);
}

/* From this phase on. false: an exception is pending, that of a service or, *completed, the status word's. */
static bool run(struct jc *jc, uint16_t self, uint16_t apdu, uint16_t phase, bool *completed)
{
	*completed = false;
	for (; phase <= PHASE_OUTPUT_DATA; phase++) {
		if (phase == PHASE_OUTPUT_DATA && jc->apdu.state != APDU_STATE_OUTGOING)
			break;
		if (!run_phase(jc, self, apdu, phase))
			return false;
	}
	*completed = jc->apdu.state == APDU_STATE_OUTGOING;
	return !*completed || answer(jc, apdu);
}

/* Exception dispatch(APDU, byte): what a service threw comes back; the status word of a command that is completed is
 * thrown, 9000 too, as on the reference implementation. */
static bool dispatch(struct jc *jc, uint16_t *a)
{
	bool completed;
	if (!is_phase(a[2]))
		return fail(jc, SERVICE_ILLEGAL_PARAM);
	if (!jc_is(jc, a[1], &jc_class_APDU))
		return false;
	bool none = run(jc, a[0], a[1], a[2], &completed);
	if (completed || jc->aborted != 0)
		return false;
	a[0] = none ? 0 : jc->thrown;
	jc_clear_pending(jc);
	return true;
}

/* process(APDU): always throws. */
static bool process(struct jc *jc, uint16_t *a)
{
	bool completed;
	if (!jc_is(jc, a[1], &jc_class_APDU))
		return false;
	if (run(jc, a[0], a[1], PHASE_INPUT_DATA, &completed))
		return jc_throw(jc, &jc_class_ISOException, SW_INS_NOT_SUPPORTED);
	if (completed || jc->aborted != 0)
		return false;
	jc_clear_pending(jc);
	return jc_throw(jc, &jc_class_ISOException, SW_NO_DIAGNOSIS);
}

static const struct jc_method statics[] = {JC_CONSTRUCTOR(0, 0, 2, init)};
static const struct jc_method virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 3, JC_VOID, add_service),
    JC_METHOD(2, 0, 3, JC_VOID, remove_service),
    JC_METHOD(3, 0, 3, JC_REF, dispatch),
    JC_METHOD(4, 0, 2, JC_VOID, process),
};
const struct jc_class jc_class_Dispatcher = {JC_NAME("javacard/framework/service/Dispatcher"),
    JC_AT(javacard_framework_service, 6), .super = &jc_class_Object, .cells = CELLS, .first_ref = 0, .refs = CELLS,
    JC_STATICS(statics), JC_VIRTUALS(virtuals)};
