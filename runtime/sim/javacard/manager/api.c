/* org.globalplatform: GPSystem, and the package's table. */
#include "runtime/sim/javacard/manager/api.h"

#include <string.h>

#include "runtime/sim/javacard/manager/key.h"
#include "runtime/sim/javacard/machine/vm.h"

uint16_t cm_api_own(const struct cm *c)
{
	return cm_entry_of_applet(c, jc_active_applet(c->jc));
}

bool cm_api_refuse(struct jc *jc, sw_t sw)
{
	return jc_throw(jc, &jc_class_ISOException, sw);
}

uint16_t cm_api_object(struct cm *c, uint16_t ref, const struct jc_class *class, uint16_t value)
{
	struct jc_new o = {.kind = JC_INSTANCE,
	    .flags = FLAG_ENTRY | FLAG_NATIVE,
	    .package = class->package,
	    .class = class->index,
	    .length = class->cells};
	if (ref != 0 && jc_class_of(c->jc, ref) == class && jc_cell(c->jc, ref, 0) == value)
		return ref;
	ref = jc_alloc(c->jc, &o);
	if (ref == 0)
		jc_abort(c->jc, SW_NO_MEMORY);
	else
		jc_set_cell_now(c->jc, ref, 0, value);
	return ref;
}

/* --- GPSystem --- */

static bool get_card_content_state(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t own = cm_api_own(&c);
	a[0] = own != 0 ? (uint16_t)(int8_t)cm_entry(&c, own).state : CM_INSTALLED;
	return true;
}

static bool get_card_state(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	a[0] = (uint16_t)(int8_t)cm_u8(&c, CM_H_STATE);
	return true;
}

static bool get_cvm(struct jc *jc, uint16_t *a)
{
	enum { GLOBAL_PIN = 0x11 };
	struct cm c = cm_of_machine(jc);
	if (a[0] != GLOBAL_PIN) {
		a[0] = 0;
		return true;
	}
	uint16_t ref = cm_api_object(&c, cm_u16(&c, CM_H_CVM_OBJECT), &cm_class_cvm, 0);
	if (ref != 0 && ref != cm_u16(&c, CM_H_CVM_OBJECT))
		cm_put_u16(&c, CM_H_CVM_OBJECT, ref);
	a[0] = ref;
	return ref != 0;
}

static bool get_secure_channel(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t ref = cm_api_object(&c, cm_u16(&c, CM_H_CHANNEL_OBJECT), &cm_class_channel, 0);
	if (ref != 0 && ref != cm_u16(&c, CM_H_CHANNEL_OBJECT))
		cm_put_u16(&c, CM_H_CHANNEL_OBJECT, ref);
	a[0] = ref;
	return ref != 0;
}

static bool may(const struct cm *c, uint32_t privilege)
{
	uint16_t own = cm_api_own(c);
	if (own == 0)
		return false;
	struct cm_entry e = cm_entry(c, own);
	return cm_has(&e, privilege);
}

static bool lock_card(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	bool ok = may(&c, CM_P_CARD_LOCK) && cm_u8(&c, CM_H_STATE) == CM_SECURED;
	if (ok)
		cm_put_u8(&c, CM_H_STATE, CM_CARD_LOCKED);
	a[0] = ok;
	return true;
}

static bool terminate_card(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	bool ok = may(&c, CM_P_CARD_TERMINATE);
	if (ok)
		cm_put_u8(&c, CM_H_STATE, CM_TERMINATED);
	a[0] = ok;
	return true;
}

/* Interface bytes of the ATR, by ISO/IEC 7816-3 8.2: where the historical bytes begin; *check: TCK follows them. */
static size_t historical_at(const uint8_t *atr, size_t n, bool *check)
{
	size_t at = 2;
	uint8_t y = n >= 2 ? atr[1] : 0;
	*check = false;
	while (true) {
		for (uint8_t bit = 0x10; bit <= 0x40; bit = (uint8_t)(bit << 1))
			at += (y & bit) != 0;
		if ((y & 0x80) == 0 || at >= n)
			return at;
		y = atr[at++];
		*check = *check || (y & 0x0f) != 0;
	}
}

static bool set_atr_hist_bytes(struct jc *jc, uint16_t *a)
{
	enum { HISTORICAL_MAX = 15 };
	struct cm c = cm_of_machine(jc);
	const uint8_t *p;
	uint8_t atr[SIM_ATR_MAX + 1] = {0}, len = cm_u8(&c, CM_H_ATR_LEN);
	int8_t n = (int8_t)a[2];
	bool check;
	if (!jc_bytes_in(jc, a[0], (int16_t)a[1], n, &p))
		return false;
	memcpy(atr, c.nv->mem + c.home + CM_H_ATR, len);
	size_t at = historical_at(atr, len, &check);
	bool ok = may(&c, CM_P_CARD_RESET) && n <= HISTORICAL_MAX && at + (size_t)n + check <= SIM_ATR_MAX;
	a[0] = ok;
	if (!ok)
		return true;
	memcpy(atr + at, p, (size_t)n);
	atr[1] = (uint8_t)((atr[1] & 0xf0) | n);
	len = (uint8_t)(at + (size_t)n);
	if (check) {
		atr[len] = 0;
		for (size_t i = 1; i < len; i++)
			atr[len] ^= atr[i];
		len++;
	}
	nv_begin(c.nv);
	cm_put_u8(&c, CM_H_ATR_LEN, len);
	cm_put(&c, CM_H_ATR, atr, SIM_ATR_MAX);
	nv_commit(c.nv);
	return true;
}

/* An application's own states are 07 to 7F with the three lowest bits set; it may lock itself (GPCS 5.3.1, table 11-4).
 */
static bool set_state(struct cm *c, uint16_t entry, uint8_t state)
{
	struct cm_entry e = cm_entry(c, entry);
	bool lock = state == CM_LOCKED || state == (e.state | CM_LOCKED);
	if ((e.state & CM_LOCKED) != 0 || e.state < CM_SELECTABLE)
		return false;
	if (!lock && ((state & CM_LOCKED) != 0 || (state & CM_SELECTABLE) != CM_SELECTABLE))
		return false;
	e.state = lock ? e.state | CM_LOCKED : state;
	cm_entry_set(c, entry, &e);
	return true;
}

static bool set_card_content_state(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t own = cm_api_own(&c);
	a[0] = own != 0 && set_state(&c, own, (uint8_t)a[0]);
	return true;
}

/* null: the caller's own. Another's: to those with the global registry privilege, or of the same security domain. */
static bool get_registry_entry(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t own = cm_api_own(&c), h = own;
	uint8_t aid[JC_AID_MAX];
	if (a[0] != 0) {
		if (!jc_is(jc, a[0], &jc_class_AID))
			return false;
		uint8_t n = jc_aid_bytes(jc, a[0], aid);
		h = cm_entry_by_aid(&c, aid, n);
		if (h != 0 && h != own && !may(&c, CM_P_GLOBAL_REGISTRY))
			h = 0;
	}
	a[0] = 0;
	if (h == 0)
		return true;
	struct cm_entry e = cm_entry(&c, h);
	uint16_t ref = cm_api_object(&c, e.object, &cm_class_entry, h);
	if (ref != 0 && ref != e.object) {
		e.object = ref;
		cm_entry_set(&c, h, &e);
	}
	a[0] = ref;
	return ref != 0;
}

static bool provides(const struct cm_entry *e, uint16_t name)
{
	for (uint8_t i = 0; i < e->n_services; i++) {
		uint8_t family = e->services[2 * i], id = e->services[2 * i + 1];
		/* The family alone stands for all of it: GPCS 8.1.2. */
		if (family == name >> 8 && (id == (name & 0xff) || id == 0))
			return true;
	}
	return false;
}

/* getService(AID, short): the server's Shareable, by its getShareableInterfaceObject (GPCS 8.1.3). */
static bool get_service(struct jc *jc, uint16_t *a)
{
	enum { GET_SHAREABLE = 5, GLOBAL_SERVICE_IDENTIFIER = 0x80 };
	struct cm c = cm_of_machine(jc);
	uint8_t aid[JC_AID_MAX];
	uint16_t wanted = 0, name = a[1];
	if (a[0] != 0) {
		if (!jc_is(jc, a[0], &jc_class_AID))
			return false;
		uint8_t n = jc_aid_bytes(jc, a[0], aid);
		if ((wanted = cm_entry_by_aid(&c, aid, n)) == 0)
			return (a[0] = 0, true);
	}
	a[0] = 0;
	for (uint16_t h = cm_first_entry(&c); h != 0; h = cm_next_entry(&c, h)) {
		struct cm_entry e = cm_entry(&c, h);
		if (e.kind != CM_APP || (wanted != 0 && h != wanted) || (e.state & CM_LOCKED) != 0 ||
		    !provides(&e, name))
			continue;
		uint16_t call[4] = {jc_applet_object(jc, e.applet), jc_applet_aid_object(jc, jc_active_applet(jc)),
		    (uint16_t)(int8_t)GLOBAL_SERVICE_IDENTIFIER};
		if (!jc_call(jc, GET_SHAREABLE, call, 3))
			return false;
		a[0] = call[0];
		return true;
	}
	return true;
}

enum { INFO_HISTORICAL = 0x0080 };

static size_t card_info(const struct cm *c, uint16_t what, const uint8_t **p)
{
	const uint8_t *atr = c->nv->mem + c->home + CM_H_ATR;
	size_t len = cm_u8(c, CM_H_ATR_LEN), n = atr[1] & 0x0fu;
	bool check;
	size_t at = historical_at(atr, len, &check);
	*p = atr + at;
	return what == INFO_HISTORICAL && at + n <= len ? n : 0;
}

static bool get_card_info(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	const uint8_t *p;
	size_t n = card_info(&c, a[2], &p);
	uint16_t end = (uint16_t)(a[1] + n);
	if (!jc_put(jc, a[0], (int16_t)a[1], p, (int32_t)n, JC_ATOMIC))
		return false;
	a[0] = end;
	return true;
}

static bool get_card_info_length(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	const uint8_t *p;
	a[0] = (uint16_t)card_info(&c, a[0], &p);
	return true;
}

static const struct jc_method system_statics[] = {
    JC_CONSTRUCTOR(0, 0, 1, jc_object_init),
    JC_METHOD(1, 0, 0, JC_SHORT, get_card_content_state),
    JC_METHOD(2, 0, 0, JC_SHORT, get_card_state),
    JC_METHOD(3, 0, 1, JC_REF, get_cvm),
    JC_METHOD(4, 0, 0, JC_REF, get_secure_channel),
    JC_METHOD(5, 0, 0, JC_SHORT, lock_card),
    JC_METHOD(6, 0, 0, JC_SHORT, terminate_card),
    JC_METHOD(7, 0, 3, JC_SHORT, set_atr_hist_bytes),
    JC_METHOD(8, 0, 1, JC_SHORT, set_card_content_state),
    JC_METHOD(9, 1, 1, JC_REF, get_registry_entry),
    JC_METHOD(10, 1, 2, JC_REF, get_service),
    JC_METHOD(11, 7, 3, JC_SHORT, get_card_info),
    JC_METHOD(12, 7, 1, JC_SHORT, get_card_info_length),
};
static const struct jc_method object_virtuals[] = {JC_OBJECT_EQUALS};
const struct jc_class cm_class_GPSystem = {JC_NAME("org/globalplatform/GPSystem"), JC_AT(org_globalplatform, 3),
    .super = &jc_class_Object, JC_STATICS(system_statics), JC_VIRTUALS(object_virtuals)};

/* --- interfaces that only applets or other services implement --- */

static const struct jc_implements shareable[] = {{&jc_class_Shareable, NULL, 0}};
enum { SHARED = JC_INTERFACE | JC_ABSTRACT | JC_SHAREABLE };

static const struct jc_method application[] = {JC_ABSTRACT_METHOD(0, 0, 4, JC_VOID)};
static const struct jc_method service[] = {JC_ABSTRACT_METHOD(0, 1, 6, JC_REF)};
static const struct jc_method authority[] = {JC_ABSTRACT_METHOD(0, 2, 2, JC_VOID),
    JC_ABSTRACT_METHOD(1, 2, 6, JC_SHORT), JC_ABSTRACT_METHOD(2, 2, 4, JC_VOID), JC_ABSTRACT_METHOD(3, 2, 6, JC_SHORT)};
static const struct jc_method personalization[] = {JC_ABSTRACT_METHOD(0, 2, 6, JC_SHORT)};
static const struct jc_method http_administration[] = {JC_ABSTRACT_METHOD(0, 3, 4, JC_VOID)};
static const struct jc_method http_listener[] = {JC_ABSTRACT_METHOD(0, 3, 2, JC_VOID)};
static const struct jc_method signature[] = {JC_ABSTRACT_METHOD(0, 7, 5, JC_VOID),
    JC_ABSTRACT_METHOD(1, 7, 6, JC_SHORT), JC_ABSTRACT_METHOD(2, 7, 4, JC_VOID), JC_ABSTRACT_METHOD(3, 7, 1, JC_SHORT)};

const struct jc_class cm_class_Application = {JC_NAME("org/globalplatform/Application"), JC_AT(org_globalplatform, 0),
    .flags = SHARED, JC_IMPLEMENTS(shareable), JC_VIRTUALS(application)};
const struct jc_class cm_class_GlobalService = {JC_NAME("org/globalplatform/GlobalService"),
    JC_AT(org_globalplatform, 5), .since = 1, .flags = SHARED, JC_IMPLEMENTS(shareable), JC_VIRTUALS(service)};
static const struct jc_class Authority = {JC_NAME("org/globalplatform/Authority"), JC_AT(org_globalplatform, 7),
    .since = 2, .flags = SHARED, JC_IMPLEMENTS(shareable), JC_VIRTUALS(authority)};
const struct jc_class cm_class_Personalization = {JC_NAME("org/globalplatform/Personalization"),
    JC_AT(org_globalplatform, 8), .since = 2, .flags = SHARED, JC_IMPLEMENTS(shareable), JC_VIRTUALS(personalization)};
static const struct jc_class HTTPAdministration = {JC_NAME("org/globalplatform/HTTPAdministration"),
    JC_AT(org_globalplatform, 9), .since = 3, .flags = SHARED, JC_IMPLEMENTS(shareable),
    JC_VIRTUALS(http_administration)};
static const struct jc_class HTTPReportListener = {JC_NAME("org/globalplatform/HTTPReportListener"),
    JC_AT(org_globalplatform, 10), .since = 3, .flags = SHARED, JC_IMPLEMENTS(shareable), JC_VIRTUALS(http_listener)};
static const struct jc_class AuthoritySignature = {JC_NAME("org/globalplatform/AuthoritySignature"),
    JC_AT(org_globalplatform, 12), .since = 7, .flags = SHARED, JC_IMPLEMENTS(shareable), JC_VIRTUALS(signature)};

static const struct jc_class *const classes[] = {
    [0] = &cm_class_Application,
    [1] = &cm_class_CVM,
    [2] = &cm_class_SecureChannel,
    [3] = &cm_class_GPSystem,
    [4] = &cm_class_GPRegistryEntry,
    [5] = &cm_class_GlobalService,
    [6] = &cm_class_SecureChannelx,
    [7] = &Authority,
    [8] = &cm_class_Personalization,
    [9] = &HTTPAdministration,
    [10] = &HTTPReportListener,
    [11] = &cm_class_SecureChannelx2,
    [12] = &AuthoritySignature,
    /* the runtime's own objects; no load file can name them */
    [13] = &cm_class_channel,
    [14] = &cm_class_entry,
    [15] = &cm_class_cvm,
};

const struct jc_package jc_rom_org_globalplatform = {
    .classes = classes, .n = sizeof classes / sizeof classes[0], .minor = 7};

/* --- the other way: STORE DATA for an application (GPCS 7.3.3) --- */

static bool implements(struct cm *c, uint8_t applet, const struct jc_class *interface)
{
	const struct jc_class *class = jc_class_of(c->jc, jc_applet_object(c->jc, applet));
	return class != NULL && jc_instance_of(class, interface);
}

sw_t cm_api_process_data(struct cm *c, uint16_t entry)
{
	struct cm_entry e = cm_entry(c, entry);
	uint8_t command[5 + APDU_SHORT_DATA] = {c->cmd.cla, c->cmd.ins, c->cmd.p1, c->cmd.p2, (uint8_t)c->cmd.lc};
	uint16_t n = (uint16_t)(5 + c->cmd.lc), buffer = jc_apdu_buffer(c->jc);
	if (c->cmd.lc > APDU_SHORT_DATA)
		return SW_WRONG_LENGTH;
	if (c->cmd.lc != 0)
		memcpy(command + 5, c->cmd.data, c->cmd.lc);
	if (implements(c, e.applet, &cm_class_Personalization)) {
		uint16_t a[8] = {0, buffer, 0, n, buffer, 0};
		sw_t sw =
		    jc_call_applet(c->jc, e.applet, c->s->channel, &cm_class_Personalization, 0, a, 6, command, n);
		if (sw == SW_OK && (int16_t)a[0] > 0 && a[0] <= jc_length(c->jc, buffer))
			buf_add(c->rsp, c->jc->transient, a[0]);
		return sw;
	}
	if (!implements(c, e.applet, &cm_class_Application))
		return SW_CONDITIONS_OF_USE;
	uint16_t a[8] = {0, buffer, 0, n};
	return jc_call_applet(c->jc, e.applet, c->s->channel, &cm_class_Application, 0, a, 4, command, n);
}
