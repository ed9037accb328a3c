/* Commands over the open channel, and what their refusals mean. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/load/loader.h"

enum { ANY = GP_STEPS, MORE_DATA = 0x6310, ROUNDS = 512 };

static const char *const steps[] = {
    [GP_STEP_SELECT] = "SELECT",
    [GP_STEP_CHANNEL] = "INITIALIZE UPDATE",
    [GP_STEP_AUTHENTICATE] = "EXTERNAL AUTHENTICATE",
    [GP_STEP_BEGIN_RMAC] = "BEGIN R-MAC SESSION",
    [GP_STEP_STATUS] = "GET STATUS",
    [GP_STEP_DATA] = "GET DATA",
    [GP_STEP_FOR_LOAD] = "INSTALL [for load]",
    [GP_STEP_LOAD_FIRST] = "LOAD (the first block)",
    [GP_STEP_LOAD] = "LOAD",
    [GP_STEP_LOAD_LAST] = "LOAD (the last block)",
    [GP_STEP_FOR_INSTALL] = "INSTALL [for install]",
    [GP_STEP_FOR_SELECTABLE] = "INSTALL [for make selectable]",
    [GP_STEP_DELETE] = "DELETE",
    [GP_STEP_PUT_KEY] = "PUT KEY",
    [GP_STEP_SET_STATUS] = "SET STATUS",
    [GP_STEP_FOR_PERSONALIZATION] = "INSTALL [for personalization]",
    [GP_STEP_STORE] = "STORE DATA",
    [GP_STEP_EXTRADITE] = "INSTALL [for extradition]",
    [GP_STEP_REGISTRY] = "INSTALL [for registry update]",
};

const char *gp_step_name(enum gp_step step)
{
	return steps[step];
}

static const struct explanation {
	int step;
	uint16_t first, last;
	uint8_t life;
	const char *text[2];
} explanations[] = {
#define GP_STEP_ANY                              GP_STEPS
#define EXPLAIN(step, first, last, life, en, ja) {GP_STEP_##step, first, last, life, {en, ja}},
#include "runtime/load/javacard/explain.def"
#undef EXPLAIN
#undef GP_STEP_ANY
};

const char *gp_explain(enum gp_step step, sw_t sw, uint8_t life, const char *lang)
{
	for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++) {
		const struct explanation *e = &explanations[i];
		if ((e->step == ANY || e->step == (int)step) && sw >= e->first && sw <= e->last &&
		    (e->life == 0 || e->life == life))
			return e->text[lang[0] == 'j'];
	}
	return sw_text(sw, lang);
}

bool gp_refused(struct session *s, enum gp_step step)
{
	uint8_t bytes[2] = {(uint8_t)(s->sw >> 8), (uint8_t)s->sw};
	char sw[5];
	return diag_add(s->diags, (struct srcloc){.file = s->name}, DIAG_GP_REFUSED, gp_step_name(step),
	    hex_encode(sw, bytes, 2), gp_explain(step, s->sw, s->card_life, "en"),
	    gp_explain(step, s->sw, s->card_life, "ja"), NULL);
}

bool gp_do(struct loader *w, enum gp_step step, uint32_t header, const struct buf *data, bool looks)
{
	struct session *s = &w->session;
	if (data->bad)
		return diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	if (!session_command(s, looks ? SESSION_LOOKS : SESSION_CHANGES, header, data->p, data->n, APDU_SHORT_LE))
		return false;
	return s->sw == SW_OK ? true : gp_refused(s, step);
}

bool gp_get_data(struct loader *w, unsigned tag, bool *there)
{
	struct session *s = &w->session;
	if (!session_command(s, SESSION_LOOKS, GP_GET_DATA | tag, NULL, 0, APDU_SHORT_LE))
		return false;
	*there = s->sw == SW_OK && s->data.n != 0;
	return true;
}

/* --- the registry --- */

/* One scope, in all its parts: 6310 says that there are more (GPC 11.4.3.2). */
static bool read_scope(struct loader *w, enum gp_scope scope, bool tlv, struct gp_registry *r)
{
	static const uint8_t all[] = {0x4f, 0x00};
	struct session *s = &w->session;
	uint32_t header = GP_GET_STATUS | (uint32_t)scope << 8 | (tlv ? 2 : 0);
	for (int round = 0; round < ROUNDS; round++) {
		if (!session_command(s, SESSION_LOOKS, header | (round > 0), all, sizeof all, APDU_SHORT_LE))
			return false;
		if (s->sw != SW_OK && s->sw != MORE_DATA)
			return true;
		/* What was read before an entry that makes no sense stays. */
		gp_registry_read(r, scope, tlv, s->data.p, s->data.n);
		if (r->bad)
			return diag_add(s->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
		if (s->sw == SW_OK)
			return true;
	}
	return true;
}

/* Does this answer mean that the card has not this form of the command? */
static bool is_other_form(sw_t sw)
{
	return sw == SW_WRONG_P1P2 || sw == SW_WRONG_DATA || sw == SW_WRONG_LENGTH || sw == SW_FUNC_NOT_SUPPORTED;
}

/* An empty list is 6A88: it is no error. Cards before GlobalPlatform 2.2 have no TLV form. */
static bool scope_either_way(struct loader *w, enum gp_scope scope, struct gp_registry *r)
{
	struct session *s = &w->session;
	if (!read_scope(w, scope, true, r))
		return false;
	if (is_other_form(s->sw) && !read_scope(w, scope, false, r))
		return false;
	return true;
}

static bool scope_to_end(struct loader *w, enum gp_scope scope, struct gp_registry *r)
{
	struct session *s = &w->session;
	if (!scope_either_way(w, scope, r))
		return false;
	if (scope == GP_SCOPE_MODULES && is_other_form(s->sw) && !scope_either_way(w, GP_SCOPE_LOAD_FILES, r))
		return false;
	if (s->sw == SW_OK || s->sw == MORE_DATA || s->sw == SW_REFERENCE_NOT_FOUND || s->sw == SW_FILE_NOT_FOUND)
		return true;
	return gp_refused(s, GP_STEP_STATUS);
}

bool gp_registry_load(struct loader *w, unsigned scopes, struct gp_registry *r)
{
	if (w->session.dry) /* no channel, no registry */
		return true;
	if ((scopes & GP_SCOPE_ISD) != 0 && !scope_to_end(w, GP_SCOPE_ISD, r))
		return false;
	if ((scopes & GP_SCOPE_ISD) != 0 && r->n != 0)
		w->session.card_life = r->row[0].life_cycle;
	if ((scopes & GP_SCOPE_APPLICATIONS) != 0 && !scope_to_end(w, GP_SCOPE_APPLICATIONS, r))
		return false;
	return (scopes & GP_SCOPE_LOAD_FILES) == 0 || scope_to_end(w, GP_SCOPE_MODULES, r);
}
