/* Applets: installing, selecting, commands. JCRE chapters 3, 4 and 11. */
#include "runtime/sim/javacard/machine/code.h"

#include "runtime/sim/javacard/machine/reasons.h"

enum { VIRTUAL_DESELECT = 4, VIRTUAL_SELECT = 6, VIRTUAL_PROCESS = 7 };

uint8_t jc_applet_state(const struct jc *jc, uint16_t applet)
{
	return applet == JC_NOBODY || applet > JC_APPLETS_MAX ? SLOT_FREE
							      : jc->mem[jc_applet_at(applet) + APPLET_STATE];
}

static bool is_applet(const struct jc *jc, uint16_t applet)
{
	return jc_applet_state(jc, applet) == SLOT_LIVE;
}

unsigned jc_applets(struct jc *jc, uint8_t out[JC_APPLETS_MAX])
{
	unsigned n = 0;
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++)
		if (is_applet(jc, a))
			out[n++] = (uint8_t)a;
	return n;
}

uint16_t jc_applet_object(struct jc *jc, uint16_t applet)
{
	if (jc->installing && applet == jc->install_applet)
		return jc->registered;
	return is_applet(jc, applet) ? jc_be16(jc->mem + jc_applet_at(applet) + APPLET_OBJECT) : 0;
}

uint16_t jc_applet_aid_object(struct jc *jc, uint16_t applet)
{
	if (jc->installing && applet == jc->install_applet)
		return jc->registered_aid;
	return is_applet(jc, applet) ? jc_be16(jc->mem + jc_applet_at(applet) + APPLET_AID) : 0;
}

bool jc_applet_info(struct jc *jc, uint16_t applet, struct jc_applet_info *out)
{
	*out = (struct jc_applet_info){0};
	if (!is_applet(jc, applet))
		return false;
	const uint8_t *s = jc->mem + jc_applet_at(applet);
	const struct jc_class *class = jc_class_of(jc, jc_be16(s + APPLET_OBJECT));
	out->package = s[APPLET_PACKAGE];
	out->module = s[APPLET_MODULE];
	out->aid_len = jc_aid_bytes(jc, jc_be16(s + APPLET_AID), out->aid);
	out->multiselectable = jc_instance_of(class, &jc_class_MultiSelectable);
	out->event = jc_instance_of(class, &jc_class_AppletEvent);
	return true;
}

int jc_applet_by_aid(struct jc *jc, const uint8_t *aid, size_t n)
{
	struct jc_applet_info info;
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++)
		if (jc_applet_info(jc, a, &info) && info.aid_len == n && memcmp(info.aid, aid, n) == 0)
			return a;
	return -1;
}

/* --- running something --- */

static void use_segment(struct jc *jc, unsigned segment, uint8_t context)
{
	jc->deselect = jc_segment(jc, segment);
	jc->deselect_context = context;
}

void jc_enter(struct jc *jc, uint8_t channel)
{
	jc->channel = channel;
	jc->deselect = NULL;
	if (jc->selected[channel] != JC_NOBODY)
		use_segment(jc, jc->segment[channel], jc->context_of[jc->selected[channel]]);
	jc->thrown = 0;
	jc->aborted = 0;
	jc->frames = 0;
	jc->depth = 0;
	jc_borrow(jc);
	jc->sp = jc->work->stack;
	jc->owner = jc->context = jc->package = 0;
	jc->budget = jc->allowance;
	if (!jc_bound_good(jc, jc_code_generation()))
		jc_abort(jc, SW_MEMORY_FAILURE);
}

static void free_globals(struct jc *jc)
{
	uint16_t ref;
	for (uint32_t at = 0; (at = jc_next_object(jc, at, &ref)) != 0;)
		if ((jc->mem[at + OBJECT_FLAGS] & (FLAG_GLOBAL | FLAG_ONE_SHOT)) != 0 && ref != jc->apdu_array)
			jc_free(jc, ref);
	jc->globals = false;
}

/* What the terminal gets to see of an exception: JCRE 3.3. */
static sw_t pending_sw(struct jc *jc)
{
	uint16_t reason;
	if (jc->aborted != 0)
		return jc->aborted;
	const struct jc_class *c = jc_pending(jc, &reason);
	return c != NULL && jc_instance_of(c, &jc_class_ISOException) ? reason : SW_NO_DIAGNOSIS;
}

sw_t jc_leave(struct jc *jc, bool good)
{
	sw_t sw = good ? SW_OK : pending_sw(jc);
	if (jc->transaction) {
		/* JCRE 7.5: what is still open when the applet returns is aborted; the terminal hears of it. */
		jc->owner = jc->context = 0;
		jc_transaction_abort(jc);
		sw = sw == SW_OK ? SW_NO_DIAGNOSIS : sw;
	}
	jc_clear_ghosts(jc);
	if (jc->globals)
		free_globals(jc);
	jc->thrown = 0;
	jc->aborted = 0;
	jc->frames = 0;
	jc->owner = jc->context = jc->package = 0;
	return sw;
}

/* Call a method of the applet's object as the applet. */
static bool call_applet(struct jc *jc, uint16_t applet, const struct jc_method *m, uint16_t *a, unsigned words)
{
	if (m == NULL || m->words != words || jc->aborted != 0)
		return jc_abort(jc, SW_NO_DIAGNOSIS);
	if (m->native != NULL)
		return m->native(jc, a);
	if (m->start == NULL)
		return jc_abort(jc, SW_NO_DIAGNOSIS);
	return jc_run(jc, m, a, words, (uint8_t)applet);
}

/* --- selection --- */

uint16_t jc_selected_on(const struct jc *jc, uint8_t channel)
{
	return channel < JC_CHANNELS_MAX ? jc->selected[channel] : JC_NOBODY;
}

/* Another channel where the package is active; -1. except: the applet itself counts only there. */
static int active_elsewhere(const struct jc *jc, uint8_t package, uint8_t channel)
{
	for (int i = 0; i < jc->chip.channels; i++)
		if (i != channel && jc->selected[i] != JC_NOBODY && jc->context_of[jc->selected[i]] == package)
			return i;
	return -1;
}

static bool applet_elsewhere(const struct jc *jc, uint16_t applet, uint8_t channel)
{
	for (int i = 0; i < jc->chip.channels; i++)
		if (i != channel && jc->selected[i] == applet)
			return true;
	return false;
}

static bool is_multiselectable(struct jc *jc, uint16_t applet)
{
	return jc_instance_of(jc_class_of(jc, jc_applet_object(jc, applet)), &jc_class_MultiSelectable);
}

bool jc_may_enter(const struct jc *jc, uint8_t owner)
{
	if (owner == 0 || owner > JC_APPLETS_MAX)
		return true;
	return active_elsewhere(jc, jc->context_of[owner], jc->channel) < 0 ||
	    is_multiselectable((struct jc *)(uintptr_t)jc, owner);
}

/* MultiSelectable where the package is active on another channel (JCRE 4.2), else Applet. */
static bool call_select(struct jc *jc, uint16_t applet, bool elsewhere)
{
	uint16_t a[4] = {jc_applet_object(jc, applet), applet_elsewhere(jc, applet, jc->channel)};
	const struct jc_class *class = jc_class_of(jc, a[0]);
	bool good;
	if (elsewhere)
		good = call_applet(jc, applet, jc_find_interface(class, &jc_class_MultiSelectable, 0), a, 2);
	else
		good = call_applet(jc, applet, jc_find_virtual(class, VIRTUAL_SELECT), a, 1);
	return good && a[0] != 0;
}

/* A segment that serves no other channel; there is one for each. */
static uint8_t free_segment(const struct jc *jc, uint8_t channel)
{
	uint8_t segment = 0;
	for (uint8_t i = 0; i < jc->chip.channels; i++) {
		if (i != channel && jc->selected[i] != JC_NOBODY && jc->segment[i] == segment) {
			segment++;
			i = UINT8_MAX; /* from the beginning */
		}
	}
	return segment;
}

/* Where the package is active on several channels, all its applets there are multiselectable. */
static bool may_join(struct jc *jc, uint16_t applet, int other)
{
	return other < 0 || (is_multiselectable(jc, applet) && is_multiselectable(jc, jc->selected[other]));
}

bool jc_may_select(struct jc *jc, uint16_t applet, uint8_t channel)
{
	return is_applet(jc, applet) && may_join(jc, applet, active_elsewhere(jc, jc->context_of[applet], channel));
}

/* Nothing is selected on the channel any more. A segment that no channel uses is zero. */
static void unselect(struct jc *jc, uint8_t channel, bool elsewhere)
{
	if (!elsewhere)
		memset(jc_segment(jc, jc->segment[channel]), 0, jc->chip.deselect);
	jc->selected[channel] = JC_NOBODY;
}

bool jc_select(struct jc *jc, uint16_t applet, uint8_t channel)
{
	if (!is_applet(jc, applet) || channel >= jc->chip.channels)
		return false;
	int other = active_elsewhere(jc, jc->context_of[applet], channel);
	if (!may_join(jc, applet, other))
		return false;
	jc->reselecting = jc->last_selected == applet;
	jc->last_selected = JC_NOBODY;
	jc->selected[channel] = applet;
	jc->segment[channel] = other >= 0 ? jc->segment[other] : free_segment(jc, channel);
	jc_enter(jc, channel);
	memset(jc->transient, 0, jc->chip.apdu_buffer);
	jc->apdu = (struct jc_apdu){.selecting = true, .channel = channel};
	bool good = call_select(jc, applet, other >= 0);
	jc_leave(jc, good);
	if (!good)
		unselect(jc, channel, other >= 0);
	jc->deselect = NULL;
	return good;
}

static void call_deselect(struct jc *jc, uint16_t applet, bool elsewhere)
{
	uint16_t a[4] = {jc_applet_object(jc, applet), applet_elsewhere(jc, applet, jc->channel)};
	const struct jc_class *class = jc_class_of(jc, a[0]);
	if (elsewhere)
		call_applet(jc, applet, jc_find_interface(class, &jc_class_MultiSelectable, 1), a, 2);
	else
		call_applet(jc, applet, jc_find_virtual(class, VIRTUAL_DESELECT), a, 1);
}

void jc_deselect(struct jc *jc, uint8_t channel)
{
	uint16_t applet = jc_selected_on(jc, channel);
	if (applet == JC_NOBODY)
		return;
	jc->last_selected = applet;
	bool elsewhere = active_elsewhere(jc, jc->context_of[applet], channel) >= 0;
	jc_enter(jc, channel);
	jc->apdu.selecting = false;
	call_deselect(jc, applet, elsewhere);
	jc_leave(jc, true);
	unselect(jc, channel, elsewhere);
	jc->deselect = NULL;
}

/* --- commands --- */

static void collect_if_asked(struct jc *jc)
{
	if (!jc->delete_requested || jc->nv->off)
		return;
	jc->delete_requested = false;
	jc_collect(jc);
}

void jc_process(struct jc *jc, uint8_t channel, bool selecting, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	uint16_t applet = jc_selected_on(jc, channel);
	uint16_t a[4];
	if (applet == JC_NOBODY) {
		buf_u16(rsp, SW_CONDITIONS_OF_USE);
		return;
	}
	jc_enter(jc, channel);
	sw_t sw = jc_apdu_begin(jc, cmd, n, selecting, rsp);
	a[0] = jc_applet_object(jc, applet);
	a[1] = jc->apdu_object;
	if (sw == SW_OK)
		sw = jc_leave(
		    jc, call_applet(jc, applet, jc_find_virtual(jc_class_of(jc, a[0]), VIRTUAL_PROCESS), a, 2));
	jc_apdu_end(jc, sw);
	jc->deselect = NULL;
	collect_if_asked(jc);
}

sw_t jc_call_applet(struct jc *jc, uint16_t applet, uint8_t channel, const struct jc_class *interface, unsigned token,
    uint16_t *a, unsigned words, const uint8_t *data, size_t n)
{
	if (!is_applet(jc, applet) || channel >= jc->chip.channels || n > jc->chip.apdu_buffer)
		return SW_CONDITIONS_OF_USE;
	jc_enter(jc, channel);
	memset(jc->transient, 0, jc->chip.apdu_buffer);
	if (n != 0)
		memcpy(jc->transient, data, n);
	a[0] = jc_applet_object(jc, applet);
	const struct jc_class *class = jc_class_of(jc, a[0]);
	bool good = call_applet(jc, applet, jc_find_interface(class, interface, token), a, words);
	sw_t sw = jc_leave(jc, good);
	jc->deselect = NULL;
	collect_if_asked(jc);
	return sw;
}

/* --- installing --- */

static uint16_t free_applet(const struct jc *jc)
{
	for (uint16_t a = 1; a <= JC_APPLETS_MAX; a++)
		if (jc_applet_state(jc, a) == SLOT_FREE)
			return a;
	return JC_NOBODY;
}

/* During install() the new applet's context counts as the selected one, so that it can make CLEAR_ON_DESELECT arrays
 * (JCRE 3.1): in the segment of a channel where its package is active, else in the one behind the channels'. */
static void enter_install(struct jc *jc, uint16_t applet, uint8_t package)
{
	int active = active_elsewhere(jc, package, JC_CHANNELS_MAX);
	jc_enter(jc, jc->channel);
	jc->context_of[applet] = package;
	memset(jc_segment(jc, jc->chip.channels), 0, jc->chip.deselect);
	use_segment(jc, active >= 0 ? jc->segment[active] : jc->chip.channels, package);
	jc->apdu = (struct jc_apdu){.channel = jc->channel};
}

static bool run_install(struct jc *jc, const struct jc_method *m, const uint8_t *params, size_t n)
{
	uint16_t a[4] = {jc->apdu_array, 0, (uint16_t)(int8_t)n};
	memset(jc->transient, 0, jc->chip.apdu_buffer);
	memcpy(jc->transient, params, n);
	if (jc->aborted != 0)
		return false;
	jc->owner = (uint8_t)jc->install_applet;
	jc->context = jc->context_of[jc->owner];
	return jc_run(jc, m, a, 3, jc->owner);
}

static sw_t install_failed(struct jc *jc)
{
	uint16_t reason;
	const struct jc_class *c = jc_pending(jc, &reason);
	if (jc->aborted == 0 && c != NULL && jc_instance_of(c, &jc_class_SystemException)) {
		if (reason == SYSTEM_NO_RESOURCE || reason == SYSTEM_NO_TRANSIENT_SPACE)
			return SW_NO_MEMORY;
		if (reason == SYSTEM_ILLEGAL_AID)
			return SW_WRONG_DATA;
	}
	return pending_sw(jc);
}

static bool write_applet(struct jc *jc, uint8_t package, unsigned module)
{
	uint8_t s[APPLET_SIZE] = {SLOT_FREE, package, (uint8_t)module};
	uint16_t aid = jc->registered_aid;
	if (jc_at(jc, aid) == 0)
		return false;
	jc_set16(s + APPLET_OBJECT, jc->registered);
	jc_set16(s + APPLET_AID, aid);
	nv_write(jc->nv, jc_applet_at(jc->install_applet), s, sizeof s);
	return true;
}

static sw_t install(struct jc *jc, uint8_t package, unsigned module, const uint8_t *params, size_t n)
{
	const struct jc_code *code = jc_loaded(jc, package);
	bool good = run_install(jc, code->module[module].install, params, n);
	sw_t sw = good ? SW_OK : install_failed(jc);
	if (good && (jc->registered == 0 || jc_at(jc, jc->registered) == 0))
		sw = SW_CONDITIONS_OF_USE;
	jc_leave(jc, true);
	if (sw == SW_OK && jc_at(jc, jc->registered) == 0)
		sw = SW_CONDITIONS_OF_USE; /* it was made in a transaction that is no more */
	if (sw == SW_OK && !write_applet(jc, package, module))
		sw = SW_NO_MEMORY;
	return sw;
}

sw_t jc_install(struct jc *jc, uint8_t package, unsigned module, const uint8_t *aid, size_t aid_len,
    const uint8_t *params, size_t n, uint16_t *applet)
{
	struct jc_package_info info;
	uint16_t a = free_applet(jc);
	jc_load_abort(jc);
	if (!jc_package_info(jc, package, &info) || info.rom || module >= info.modules || n > 255 || aid_len < 5 ||
	    aid_len > JC_AID_MAX || n > jc->chip.apdu_buffer)
		return SW_WRONG_DATA;
	if (a == JC_NOBODY)
		return SW_CONDITIONS_OF_USE;
	jc_operation(jc, OPERATION_RUNNING);
	jc->install_applet = a;
	jc->registered = jc->registered_aid = 0;
	jc->aid_len = (uint8_t)aid_len;
	memcpy(jc->aid, aid, aid_len);
	enter_install(jc, a, package);
	jc->installing = true;
	jc->provisional = true;
	sw_t sw = install(jc, package, module, params, n);
	jc->provisional = false;
	jc->deselect = NULL;
	if (sw != SW_OK)
		jc_install_abort(jc);
	else
		*applet = a;
	return sw;
}

void jc_install_commit(struct jc *jc)
{
	nv_fill(jc->nv, jc_applet_at(jc->install_applet) + APPLET_STATE, SLOT_LIVE, 1);
	nv_fill(jc->nv, CARD_OPERATION, OPERATION_NONE, 1);
}

void jc_install_done(struct jc *jc)
{
	jc->installing = false;
	jc_provisional_keep(jc);
	collect_if_asked(jc);
}

void jc_install_abort(struct jc *jc)
{
	if (!jc->installing)
		return;
	jc->installing = false;
	jc_provisional_drop(jc);
	jc->context_of[jc->install_applet] = 0;
	jc->delete_requested = false;
}

/* --- who runs --- */

uint16_t jc_active_applet(const struct jc *jc)
{
	return jc->owner <= JC_APPLETS_MAX ? jc->owner : JC_NOBODY;
}

uint16_t jc_selected_applet(const struct jc *jc)
{
	return jc->selected[jc->channel];
}

/* The nearest caller in another context. */
uint16_t jc_previous_applet(const struct jc *jc)
{
	for (unsigned i = jc->frames; i-- > 0;)
		if (jc->context_of[jc->work->frame[i].caller] != jc->context)
			return jc->work->frame[i].caller;
	return JC_NOBODY;
}

uint16_t jc_apdu_buffer(const struct jc *jc)
{
	return jc->apdu_array;
}

uint16_t jc_apdu_object(const struct jc *jc)
{
	return jc->apdu_object;
}

void jc_random(struct jc *jc, void *out, size_t n)
{
	if (jc->host != NULL && jc->host->random != NULL)
		jc->host->random(jc->host->context, out, n);
	else
		sim_random(jc->sim, out, n);
}

void jc_trace(struct jc *jc, void (*step)(void *context, const struct jc_trace_step *), void *context)
{
	jc->step = step;
	jc->step_context = context;
}

void jc_trace_calls(struct jc *jc, void (*call)(void *context, const struct jc_trace_call *), void *context)
{
	jc->call = call;
	jc->call_context = context;
}
