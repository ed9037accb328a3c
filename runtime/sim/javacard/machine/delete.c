/* Deleting applets and packages: JCRE chapter 11.3. */
#include "runtime/sim/javacard/machine/code.h"

enum { UNINSTALL = 0 };

/* What goes: by owner of objects, and by package. */
struct set {
	bool owner[256];
	bool package[JC_NUMBERS];
	bool used; /* something outside refers to it */
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
		if (!s->package[JC_LOADED + slot])
			jc_each_static(jc, slot, see_reference, s);
	return s->used;
}

/* By a package that stays. */
static bool imported(const struct jc *jc, const struct set *s, uint8_t package)
{
	for (unsigned i = JC_LOADED; i < JC_LOADED + JC_PACKAGES_MAX; i++) {
		const struct jc_code *code = s->package[i] ? NULL : jc_loaded(jc, (uint8_t)i);
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
		    s->package[jc->mem[jc_applet_at(a) + APPLET_PACKAGE] & (JC_NUMBERS - 1)])
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

/* Note what goes; is it there? */
static bool read_set(struct jc *jc, const struct jc_doomed *d, struct set *s)
{
	struct jc_package_info info;
	for (unsigned i = 0; i < d->applets; i++) {
		if (jc_applet_state(jc, d->applet[i]) != SLOT_LIVE)
			return false;
		s->owner[d->applet[i]] = true;
	}
	for (unsigned i = 0; i < d->packages; i++) {
		if (!jc_package_info(jc, d->package[i], &info) || info.rom)
			return false;
		s->owner[JC_PACKAGE_OWNER + d->package[i] - JC_LOADED] = true;
		s->package[d->package[i]] = true;
	}
	return true;
}

sw_t jc_delete(struct jc *jc, const struct jc_doomed *d)
{
	struct set s = {0};
	jc_load_abort(jc);
	if (!read_set(jc, d, &s))
		return SW_REFERENCE_NOT_FOUND;
	if (has_other_applets(jc, &s))
		return SW_CONDITIONS_OF_USE;
	for (unsigned i = 0; i < d->packages; i++)
		if (imported(jc, &s, d->package[i]))
			return SW_CONDITIONS_OF_USE;
	for (unsigned i = 0; i < d->applets; i++)
		if (is_active(jc, d->applet[i]))
			return SW_CONDITIONS_OF_USE;
	for (unsigned i = 0; i < d->applets; i++)
		tell(jc, d->applet[i]);
	return referred_to(jc, &s) ? SW_CONDITIONS_OF_USE : SW_OK;
}

void jc_delete_commit(struct jc *jc, const struct jc_doomed *d)
{
	for (unsigned i = 0; i < d->applets; i++)
		nv_fill(jc->nv, jc_applet_at(d->applet[i]) + APPLET_STATE, SLOT_DELETING, 1);
	for (unsigned i = 0; i < d->packages; i++)
		nv_fill(jc->nv, jc_slot_at((uint8_t)(d->package[i] - JC_LOADED)) + SLOT_STATE, SLOT_DELETING, 1);
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
