/* javacard.framework: Applet, MultiSelectable, AppletEvent, Shareable. */
#include "runtime/sim/javacard/machine/reasons.h"
#include "runtime/sim/javacard/machine/vm.h"

enum { RID = 5 };

static bool illegal_aid(struct jc *jc)
{
	return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_AID);
}

/* API, Applet.register: only from install(), once; the card manager may refuse the AID. */
static bool register_as(struct jc *jc, uint16_t ref)
{
	if (!jc->installing || jc->registered != 0 || jc->owner != jc->install_applet)
		return illegal_aid(jc);
	if (jc->host != NULL && jc->host->may_register != NULL &&
	    jc->host->may_register(jc->host->context, jc->install_applet, jc->aid, jc->aid_len) != SW_OK)
		return illegal_aid(jc);
	if (jc_applet_by_aid(jc, jc->aid, jc->aid_len) >= 0)
		return illegal_aid(jc);
	uint16_t aid = jc_new_aid(jc, jc->aid, jc->aid_len);
	if (aid == 0)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_NO_RESOURCE);
	jc->registered = ref;
	jc->registered_aid = aid;
	return true;
}

static bool applet_register(struct jc *jc, uint16_t *a)
{
	return register_as(jc, a[0]);
}

/* register(byte[], short, byte): an AID of the applet's own RID. */
static bool applet_register_aid(struct jc *jc, uint16_t *a)
{
	const uint8_t *p;
	int16_t n = (int16_t)a[3];
	struct jc_package_info info;
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p))
		return false;
	if (n < RID || n > JC_AID_MAX)
		return jc_throw(jc, &jc_class_SystemException, SYSTEM_ILLEGAL_VALUE);
	if (!jc->installing || jc->registered != 0 || jc->owner != jc->install_applet)
		return illegal_aid(jc);
	if (!jc_package_info(jc, jc->context, &info) || memcmp(info.aid, p, RID) != 0)
		return illegal_aid(jc);
	memcpy(jc->aid, p, (size_t)n);
	jc->aid_len = (uint8_t)n;
	return register_as(jc, a[0]);
}

static bool applet_selecting(struct jc *jc, uint16_t *a)
{
	a[0] = jc->apdu.active && jc->apdu.selecting;
	return true;
}

static bool applet_deselect(struct jc *jc, uint16_t *a)
{
	(void)jc;
	(void)a;
	return true;
}

static bool applet_shareable(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = 0;
	return true;
}

static bool applet_select(struct jc *jc, uint16_t *a)
{
	(void)jc;
	a[0] = 1;
	return true;
}

/* static install: a subclass hides it. */
static bool applet_install(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_throw(jc, &jc_class_ISOException, SW_FUNC_NOT_SUPPORTED);
}

/* The SELECT names the applet that was selected already. */
static bool applet_reselecting(struct jc *jc, uint16_t *a)
{
	a[0] = jc->apdu.selecting && jc->reselecting;
	return true;
}

static const struct jc_method statics[] = {
    JC_CONSTRUCTOR(0, 0, 1, jc_object_init),
    JC_METHOD(1, 0, 3, JC_VOID, applet_install),
    JC_METHOD(2, 5, 0, JC_SHORT, applet_reselecting),
};
static const struct jc_method virtuals[] = {
    JC_OBJECT_EQUALS,
    JC_METHOD(1, 0, 1, JC_VOID, applet_register),
    JC_METHOD(2, 0, 4, JC_VOID, applet_register_aid),
    JC_METHOD(3, 0, 1, JC_SHORT, applet_selecting),
    JC_METHOD(4, 0, 1, JC_VOID, applet_deselect),
    JC_METHOD(5, 0, 3, JC_REF, applet_shareable),
    JC_METHOD(6, 0, 1, JC_SHORT, applet_select),
    JC_ABSTRACT_METHOD(7, 0, 2, JC_VOID),
};
const struct jc_class jc_class_Applet = {JC_NAME("javacard/framework/Applet"), JC_AT(javacard_framework, 3),
    .super = &jc_class_Object, .flags = JC_ABSTRACT, JC_STATICS(statics), JC_VIRTUALS(virtuals)};

const struct jc_class jc_class_Shareable = {JC_NAME("javacard/framework/Shareable"), JC_AT(javacard_framework, 2),
    .flags = JC_INTERFACE | JC_ABSTRACT | JC_SHAREABLE};
const struct jc_class jc_class_MultiSelectable = {JC_NAME("javacard/framework/MultiSelectable"),
    JC_AT(javacard_framework, 17), .since = 2, .flags = JC_INTERFACE | JC_ABSTRACT};
const struct jc_class jc_class_AppletEvent = {JC_NAME("javacard/framework/AppletEvent"), JC_AT(javacard_framework, 18),
    .since = 2, .flags = JC_INTERFACE | JC_ABSTRACT};
