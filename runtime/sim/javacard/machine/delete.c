/* Deleting applets and packages: JCRE chapter 11.3. */
#include "runtime/sim/javacard/machine/code.h"

enum { UNINSTALL = 0 };

/* What goes: by owner of objects, and by package. */
struct set {
	bool owner[256];
	uint8_t package; /* JC_NOBODY: none */
	bool used;       /* something outside refers to it */
};

static void see_reference(struct jc *jc, const uint8_t *at, uint16_t ref, void *context)
{
	struct set *s = context;
	const uint8_t *h = ref == 0 ? NULL : jc_header(jc, ref);
	(void)at;
	if (h != NULL && s->owner[h[OBJECT_OWNER]])
		s->used = true;
}

static bool referred_to(struct jc *jc, struct set *s)
{
	uint16_t ref;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;)
		if (!s->owner[jc->mem[at + OBJECT_OWNER]])
			jc_each_ref(jc, jc->mem + at, see_reference, s);
	for (uint8_t slot = 0; slot < JC_PACKAGES_MAX; slot++)
		if (s->package != JC_LOADED + slot)
			jc_each_static(jc, slot, see_reference, s);
	return s->used;
}

static bool imported(const struct jc *jc, uint8_t package)
{
	for (unsigned i = JC_LOADED; i < JC_LOADED + JC_PACKAGES_MAX; i++) {
		const struct jc_code *code = i == package ? NULL : jc_loaded(jc, (uint8_t)i);
		for (unsigned k = 0; code != NULL && k < code->imports; k++)
			if (code->import[k].rom == NULL && code->import[k].code == jc_loaded(jc, package))
				return true;
	}
	return false;
}

static bool has_other_applets(struct jc *jc, const struct set *s)
{
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++)
		if (jc_applet_state(jc, a) == SLOT_LIVE && !s->owner[a] &&
		    jc->mem[jc_applet_at(a) + APPLET_PACKAGE] == s->package)
			return true;
	return false;
}

static bool is_active(const struct jc *jc, uint16_t applet)
{
	for (unsigned i = 0; i < jc->chip.channels; i++)
		if (jc->selected[i] == applet)
			return true;
	return false;
}

/* API AppletEvent.uninstall; an exception is ignored. */
static void tell(struct jc *jc, uint16_t applet)
{
	uint16_t a[4];
	struct jc_applet_info info;
	if (jc_applet_info(jc, applet, &info) && info.event)
		jc_call_applet(jc, applet, jc->channel, &jc_class_AppletEvent, UNINSTALL, a, 1, NULL, 0);
}

sw_t jc_delete(struct jc *jc, const uint16_t *set, unsigned n, uint8_t package)
{
	struct set s = {.package = package};
	struct jc_package_info info;
	jc_load_abort(jc);
	for (unsigned i = 0; i < n; i++) {
		if (jc_applet_state(jc, set[i]) != SLOT_LIVE)
			return SW_REFERENCE_NOT_FOUND;
		s.owner[set[i]] = true;
	}
	if (package != JC_NOBODY) {
		if (!jc_package_info(jc, package, &info) || info.rom)
			return SW_REFERENCE_NOT_FOUND;
		s.owner[JC_PACKAGE_OWNER + package - JC_LOADED] = true;
		if (has_other_applets(jc, &s) || imported(jc, package))
			return SW_CONDITIONS_OF_USE;
	}
	for (unsigned i = 0; i < n; i++)
		if (is_active(jc, set[i]))
			return SW_CONDITIONS_OF_USE;
	for (unsigned i = 0; i < n; i++)
		tell(jc, set[i]);
	return referred_to(jc, &s) ? SW_CONDITIONS_OF_USE : SW_OK;
}

void jc_delete_commit(struct jc *jc, const uint16_t *set, unsigned n, uint8_t package)
{
	for (unsigned i = 0; i < n; i++)
		nv_fill(jc->nv, jc_applet_at(set[i]) + APPLET_STATE, SLOT_DELETING, 1);
	if (package != JC_NOBODY)
		nv_fill(jc->nv, jc_slot_at((uint8_t)(package - JC_LOADED)) + SLOT_STATE, SLOT_DELETING, 1);
}

void jc_delete_done(struct jc *jc)
{
	jc_finish_deletion(jc);
}

static void free_owned(struct jc *jc, uint8_t owner)
{
	uint16_t ref;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;)
		if (jc->mem[at + OBJECT_OWNER] == owner)
			jc_free(jc, ref);
}

static void delete_applet(struct jc *jc, uint16_t applet)
{
	free_owned(jc, (uint8_t)applet);
	jc_free(jc, jc_be16(jc->mem + jc_applet_at(applet) + APPLET_AID));
	jc->context_of[applet] = 0;
}

static void delete_package(struct jc *jc, uint8_t slot)
{
	jc_unbind(jc, slot);
	free_owned(jc, (uint8_t)(JC_PACKAGE_OWNER + slot));
	for (unsigned i = 0; i < JC_PARTS; i++)
		jc_free(jc, jc_part(jc, slot, i));
}

/* The slots' states last: whoever loses power before begins again. A handle in a slot may have been given away by then?
 * No: nothing is made before the slots are free. */
void jc_finish_deletion(struct jc *jc)
{
	bool any = false;
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++) {
		if (jc_applet_state(jc, a) != SLOT_DELETING)
			continue;
		delete_applet(jc, a);
		any = true;
	}
	for (uint8_t slot = 0; slot < JC_PACKAGES_MAX; slot++) {
		if (jc->mem[jc_slot_at(slot) + SLOT_STATE] != SLOT_DELETING)
			continue;
		delete_package(jc, slot);
		any = true;
	}
	if (!any)
		return;
	jc_null_dangling(jc);
	jc_trim(jc);
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++)
		if (jc_applet_state(jc, a) == SLOT_DELETING)
			nv_fill(jc->nv, jc_applet_at(a) + APPLET_STATE, SLOT_FREE, 1);
	for (uint8_t slot = 0; slot < JC_PACKAGES_MAX; slot++)
		if (jc->mem[jc_slot_at(slot) + SLOT_STATE] == SLOT_DELETING)
			nv_fill(jc->nv, jc_slot_at(slot) + SLOT_STATE, SLOT_FREE, 1);
}
