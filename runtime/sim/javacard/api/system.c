/* javacard.framework.JCSystem. */
#include "runtime/sim/javacard/api/framework.h"
#include "runtime/sim/javacard/machine/reasons.h"

enum { SHORT_MAX = 0x7fff, VIRTUAL_GET_SHAREABLE = 5 };

static uint16_t clamp(uint32_t n)
{
	return (uint16_t)(n > SHORT_MAX ? SHORT_MAX : n);
}

static bool abort_transaction(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_transaction_abort(jc);
}

static bool begin_transaction(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_transaction_begin(jc);
}

static bool commit_transaction(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_transaction_commit(jc);
}

static bool get_transaction_depth(struct jc *jc, uint16_t *a)
{
	a[0] = jc->transaction;
	return true;
}

static bool get_max_commit_capacity(struct jc *jc, uint16_t *a)
{
	a[0] = clamp(jc->chip.commit);
	return true;
}

static bool get_unused_commit_capacity(struct jc *jc, uint16_t *a)
{
	a[0] = clamp(jc->chip.commit - (jc->transaction ? jc->charged : 0));
	return true;
}

static bool get_version(struct jc *jc, uint16_t *a)
{
	a[0] = jc->chip.version;
	return true;
}

/* --- applets --- */

static bool get_aid(struct jc *jc, uint16_t *a)
{
	a[0] = jc_applet_aid_object(jc, jc_active_applet(jc));
	return true;
}

static bool get_previous_context_aid(struct jc *jc, uint16_t *a)
{
	a[0] = jc_applet_aid_object(jc, jc_previous_applet(jc));
	return true;
}

static bool usable(struct jc *jc, int applet)
{
	return applet > 0 &&
	    (jc->host == NULL || jc->host->usable == NULL || jc->host->usable(jc->host->context, (uint16_t)applet));
}

/* lookupAID(byte[], short, byte) */
static bool lookup_aid(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	int16_t n = (int16_t)a[2];
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], n, &p))
		return false;
	int applet = jc_applet_by_aid(jc, p, (size_t)n);
	a[0] = usable(jc, applet) ? jc_applet_aid_object(jc, (uint16_t)applet) : 0;
	return true;
}

static bool is_shareable(struct jc *jc, uint16_t ref)
{
	const struct jc_class *class = jc_class_of(jc, ref);
	for (const struct jc_class *c = class; c != NULL; c = c->super)
		for (unsigned i = 0; i < c->n_implements; i++)
			if ((c->implements[i].interface->flags & JC_SHAREABLE) != 0)
				return true;
	return false;
}

/* getAppletShareableInterfaceObject(AID, byte): JCRE 6.2.7.1. The server's method runs as the server. An exception of
 * the server is null to the client, as on the reference implementation; so is no AID. */
static bool get_shareable(struct jc *jc, uint16_t *a)
{
	uint8_t aid[JC_AID_MAX];
	uint16_t call[4] = {0, jc_applet_aid_object(jc, jc_active_applet(jc)), a[1]};
	if (a[0] == 0)
		return true;
	if (!jc_is(jc, a[0], &jc_class_AID))
		return false;
	int server = jc_applet_by_aid(jc, aid, jc_aid_bytes(jc, a[0], aid));
	a[0] = 0;
	if (!usable(jc, server))
		return true;
	if (jc->context_of[server] != jc->context && !jc_may_enter(jc, (uint8_t)server))
		return jc_throw(jc, &jc_class_SecurityException, 0);
	call[0] = jc_applet_object(jc, (uint16_t)server);
	if (!jc_call(jc, VIRTUAL_GET_SHAREABLE, call, 3)) {
		jc_clear_pending(jc);
		return jc->aborted == 0;
	}
	a[0] = is_shareable(jc, call[0]) ? call[0] : 0;
	return true;
}

static bool get_assigned_channel(struct jc *jc, uint16_t *a)
{
	a[0] = jc->channel;
	return true;
}

static bool is_applet_active(struct jc *jc, uint16_t *a)
{
	uint8_t aid[JC_AID_MAX];
	bool active = false;
	if (!jc_is(jc, a[0], &jc_class_AID))
		return false;
	int applet = jc_applet_by_aid(jc, aid, jc_aid_bytes(jc, a[0], aid));
	for (unsigned i = 0; i < jc->chip.channels; i++)
		active = active || (applet > 0 && jc->selected[i] == applet);
	a[0] = active;
	return true;
}

/* --- memory --- */

/* NOT_A_TRANSIENT_OBJECT for null. */
static bool is_transient(struct jc *jc, uint16_t *a)
{
	if (a[0] == 0 || jc_is_ghost(jc, a[0])) {
		a[0] = 0;
		return true;
	}
	const uint8_t *h = jc_header(jc, a[0]);
	if (h == NULL || !jc_may(jc, h))
		return h == NULL ? jc_throw(jc, &jc_class_NullPointerException, 0)
				 : jc_throw(jc, &jc_class_SecurityException, 0);
	a[0] = (uint16_t)jc_where_of(jc, a[0]);
	return true;
}

static bool make_transient(struct jc *jc, uint16_t *a, enum jc_type type)
{
	if (a[1] != JC_RESET && a[1] != JC_DESELECT)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	a[0] = type == JC_REF_ARRAY ? jc_new_ref_array(jc, &jc_class_Object, (int16_t)a[0], a[1])
				    : jc_new_array(jc, type, (int16_t)a[0], a[1]);
	return a[0] != 0;
}

static bool make_transient_boolean(struct jc *jc, uint16_t *a)
{
	return make_transient(jc, a, JC_BOOLEAN);
}

static bool make_transient_byte(struct jc *jc, uint16_t *a)
{
	return make_transient(jc, a, JC_BYTE);
}

static bool make_transient_object(struct jc *jc, uint16_t *a)
{
	return make_transient(jc, a, JC_REF_ARRAY);
}

static bool make_transient_short(struct jc *jc, uint16_t *a)
{
	return make_transient(jc, a, JC_SHORT_ARRAY);
}

/* makeGlobalArray(byte type, short length) */
static bool make_global(struct jc *jc, uint16_t *a)
{
	if (a[0] < JC_BOOLEAN || a[0] > JC_INT_ARRAY || (a[0] == JC_INT_ARRAY && !jc->chip.int_supported))
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	a[0] = jc_new_global_array(jc, (enum jc_type)a[0], (int16_t)a[1]);
	return a[0] != 0;
}

static bool get_available_memory(struct jc *jc, uint16_t *a)
{
	if (a[0] > JC_DESELECT)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	a[0] = clamp(jc_memory_free(jc, a[0]));
	return true;
}

/* getAvailableMemory(short[], short, byte): 32 bits in two shorts. */
static bool get_available_memory_long(struct jc *jc, uint16_t *a)
{
	if (a[2] > JC_DESELECT)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	if (!jc_elements_in(jc, a[0], JC_SHORT_ARRAY, (int16_t)a[1], 2))
		return false;
	uint32_t n = jc_memory_free(jc, a[2]);
	return jc_put_element(jc, a[0], a[1], (int32_t)(n >> 16), JC_NON_ATOMIC) &&
	    jc_put_element(jc, a[0], (uint16_t)(a[1] + 1), (int32_t)(n & 0xffff), JC_NON_ATOMIC);
}

static bool is_object_deletion_supported(struct jc *jc, uint16_t *a)
{
	a[0] = jc->chip.object_deletion;
	return true;
}

/* Done when the command is (JCRE 8.4). */
static bool request_object_deletion(struct jc *jc, uint16_t *a)
{
	(void)a;
	if (!jc->chip.object_deletion)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_USE);
	jc->delete_requested = true;
	return true;
}

static const struct jc_method statics[] = {
    JC_METHOD(0, 0, 0, JC_VOID, abort_transaction),
    JC_METHOD(1, 0, 0, JC_VOID, begin_transaction),
    JC_METHOD(2, 0, 0, JC_VOID, commit_transaction),
    JC_METHOD(3, 0, 0, JC_REF, get_aid),
    JC_METHOD(4, 0, 2, JC_REF, get_shareable),
    JC_METHOD(5, 0, 0, JC_SHORT, get_max_commit_capacity),
    JC_METHOD(6, 0, 0, JC_REF, get_previous_context_aid),
    JC_METHOD(7, 0, 0, JC_SHORT, get_transaction_depth),
    JC_METHOD(8, 0, 0, JC_SHORT, get_unused_commit_capacity),
    JC_METHOD(9, 0, 0, JC_SHORT, get_version),
    JC_METHOD(10, 0, 1, JC_SHORT, is_transient),
    JC_METHOD(11, 0, 3, JC_REF, lookup_aid),
    JC_METHOD(12, 0, 2, JC_REF, make_transient_boolean),
    JC_METHOD(13, 0, 2, JC_REF, make_transient_byte),
    JC_METHOD(14, 0, 2, JC_REF, make_transient_object),
    JC_METHOD(15, 0, 2, JC_REF, make_transient_short),
    JC_METHOD(16, 2, 1, JC_SHORT, get_available_memory),
    JC_METHOD(17, 2, 0, JC_SHORT, is_object_deletion_supported),
    JC_METHOD(18, 2, 0, JC_VOID, request_object_deletion),
    JC_METHOD(19, 2, 0, JC_SHORT, get_assigned_channel),
    JC_METHOD(20, 2, 1, JC_SHORT, is_applet_active),
    JC_METHOD(21, 5, 2, JC_REF, make_global),
    JC_METHOD(22, 5, 3, JC_VOID, get_available_memory_long),
};
const struct jc_class jc_class_JCSystem = {JC_NAME("javacard/framework/JCSystem"), JC_AT(javacard_framework, 8),
    .super = &jc_class_Object, JC_STATICS(statics)};
