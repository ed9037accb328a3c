/* org.globalplatform.GPRegistryEntry: an object of the runtime for each registry entry that an applet asked for. Its
 * one cell is the entry's handle. */
#include "runtime/sim/javacard/manager/api.h"

#include <string.h>

#include "runtime/sim/javacard/machine/vm.h"

enum { SHARED = JC_INTERFACE | JC_ABSTRACT | JC_SHAREABLE, SERVICES = 4 };

/* The entry that the object stands for; 0 when it is gone. */
static uint16_t entry_of(struct cm *c, uint16_t ref)
{
	uint16_t h = jc_cell(c->jc, ref, 0);
	return cm_alive(c, h, CM_ENTRY) ? h : 0;
}

/* deregisterService(short), registerService(short): only for oneself, with the global service privilege. */
static bool service(struct jc *jc, const uint16_t *a, bool add)
{
	struct cm c = cm_of_machine(jc);
	uint16_t h = entry_of(&c, a[0]);
	struct cm_entry e;
	uint8_t n = 0;
	if (h == 0 || h != cm_api_own(&c) || (e = cm_entry(&c, h), !cm_has(&e, CM_P_GLOBAL_SERVICE)))
		return cm_api_refuse(jc, SW_CONDITIONS_OF_USE);
	for (uint8_t i = 0; i < e.n_services; i++) {
		if ((e.services[2 * i] << 8 | e.services[2 * i + 1]) == a[1])
			continue;
		e.services[2 * n] = e.services[2 * i];
		e.services[2 * n + 1] = e.services[2 * i + 1];
		n++;
	}
	bool known = n != e.n_services;
	e.n_services = n;
	if (known == add || (add && n == SERVICES))
		return cm_api_refuse(jc, SW_CONDITIONS_OF_USE);
	if (add) {
		e.services[2 * n] = (uint8_t)(a[1] >> 8);
		e.services[2 * n + 1] = (uint8_t)a[1];
		e.n_services++;
	}
	cm_entry_set(&c, h, &e);
	return true;
}

static bool deregister_service(struct jc *jc, uint16_t *a)
{
	return service(jc, a, false);
}

static bool register_service(struct jc *jc, uint16_t *a)
{
	return service(jc, a, true);
}

static bool get_aid(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t h = entry_of(&c, a[0]);
	struct cm_entry e;
	a[0] = h != 0 && (e = cm_entry(&c, h), e.kind == CM_APP) ? jc_applet_aid_object(jc, e.applet) : 0;
	return true;
}

/* getPrivileges(byte[], short): three bytes; returns the offset behind them. */
static bool get_privileges(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t h = entry_of(&c, a[0]);
	uint32_t p = h != 0 ? cm_entry(&c, h).privileges : 0;
	uint8_t b[] = {(uint8_t)(p >> 16), (uint8_t)(p >> 8), (uint8_t)p};
	if (!jc_put(jc, a[1], (int16_t)a[2], b, sizeof b, JC_ATOMIC))
		return false;
	a[0] = (uint16_t)(a[2] + sizeof b);
	return true;
}

static bool get_state(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t h = entry_of(&c, a[0]);
	a[0] = h != 0 ? (uint16_t)(int8_t)cm_state_of(&c, h) : 0;
	return true;
}

static bool is_associated(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t h = entry_of(&c, a[0]);
	uint8_t aid[JC_AID_MAX];
	if (!jc_is(jc, a[1], &jc_class_AID))
		return false;
	uint8_t n = jc_aid_bytes(jc, a[1], aid);
	uint16_t sd = cm_entry_by_aid(&c, aid, n);
	a[0] = h != 0 && sd != 0 && cm_entry(&c, h).sd == sd;
	return true;
}

/* isPrivileged(byte): the number of the privilege, 0 the highest bit. */
static bool is_privileged(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t h = entry_of(&c, a[0]), bit = a[1];
	a[0] = h != 0 && bit < 24 && (cm_entry(&c, h).privileges >> (23 - bit) & 1) != 0;
	return true;
}

/* setState(byte): one's own application states; locking others with the global lock privilege. */
static bool set_state(struct jc *jc, uint16_t *a)
{
	struct cm c = cm_of_machine(jc);
	uint16_t h = entry_of(&c, a[0]), own = cm_api_own(&c);
	uint8_t to = (uint8_t)a[1];
	a[0] = 0;
	if (h == 0 || own == 0)
		return true;
	struct cm_entry e = cm_entry(&c, h), me = cm_entry(&c, own);
	bool locked = (e.state & CM_LOCKED) != 0, lock = (to & CM_LOCKED) != 0;
	if (e.kind != CM_APP && e.kind != CM_SD)
		return true;
	if (h != own ? !cm_has(&me, CM_P_GLOBAL_LOCK) || locked == lock
		     : locked || e.state < CM_SELECTABLE || (!lock && (to & CM_SELECTABLE) != CM_SELECTABLE))
		return true;
	e.state = lock ? e.state | CM_LOCKED : h != own ? e.state & 0x7f : to;
	cm_entry_set(&c, h, &e);
	a[0] = 1;
	return true;
}

#define ENTRY_METHODS(method)                                                                                          \
	method(0, 1, 2, JC_VOID, deregister_service), method(1, 1, 1, JC_REF, get_aid),                                \
	    method(2, 1, 3, JC_SHORT, get_privileges), method(3, 1, 1, JC_SHORT, get_state),                           \
	    method(4, 1, 2, JC_SHORT, is_associated), method(5, 1, 2, JC_SHORT, is_privileged),                        \
	    method(6, 1, 2, JC_VOID, register_service), method(7, 1, 2, JC_SHORT, set_state)
#define ABSTRACT(token, since, words, result, fn) JC_ABSTRACT_METHOD(token, since, words, result)
#define CONCRETE(token, since, words, result, fn) JC_METHOD((token) + 1, since, words, result, fn)

static const struct jc_implements shareable[] = {{&jc_class_Shareable, NULL, 0}};
static const struct jc_method abstract[] = {ENTRY_METHODS(ABSTRACT)};
const struct jc_class cm_class_GPRegistryEntry = {JC_NAME("org/globalplatform/GPRegistryEntry"),
    JC_AT(org_globalplatform, 4), .since = 1, .flags = SHARED, JC_IMPLEMENTS(shareable), JC_VIRTUALS(abstract)};

static const struct jc_method methods[] = {JC_OBJECT_EQUALS, ENTRY_METHODS(CONCRETE)};
static const uint8_t map[] = {1, 2, 3, 4, 5, 6, 7, 8};
static const struct jc_implements all[] = {
    {&cm_class_GPRegistryEntry, map, sizeof map}, {&jc_class_Shareable, NULL, 0}};
const struct jc_class cm_class_entry = {JC_NAME("org/globalplatform/GPRegistryEntry (runtime)"),
    JC_AT(org_globalplatform, 14), .flags = JC_ENTRY | JC_INTERNAL, .super = &jc_class_Object, .cells = 1,
    JC_VIRTUALS(methods), JC_IMPLEMENTS(all)};
