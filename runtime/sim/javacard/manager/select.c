/* Which application is current on which logical channel: SELECT (GPCS 11.9, 6.4; JCRE 4.5), MANAGE CHANNEL (11.7; JCRE
 * 4.4), implicit selection (6.4.1). */
#include "runtime/sim/javacard/manager/registry.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"

enum { LE_IS_ONE = 0x6c01 };

bool cm_is_selected(const struct cm *c, uint16_t entry)
{
	for (unsigned i = 0; i < JC_CHANNELS_MAX; i++)
		if (c->s->on[i].open && c->s->on[i].app == entry)
			return true;
	return false;
}

void cm_leave(struct cm *c, uint8_t channel)
{
	struct cm_channel *on = &c->s->on[channel];
	if (c->s->load.active && c->s->load.channel == channel)
		cm_load_abort(c);
	if (jc_selected_on(c->jc, channel) != JC_NOBODY)
		jc_deselect(c->jc, channel);
	cm_channel_end(c, channel);
	on->app = 0;
	on->personalize = 0;
	on->store_block = 0;
}

/* May the entry be selected now? GPCS 6.4.2, 5.3: installed, locked and (while the card is locked) all but the final
 * application are not seen. */
static bool selectable(const struct cm *c, const struct cm_entry *e)
{
	uint8_t card = cm_u8(c, CM_H_STATE);
	if (e->kind == CM_LOAD_FILE)
		return false;
	if (e->kind == CM_ISD)
		return true;
	return (e->state & CM_LOCKED) == 0 && e->state >= CM_SELECTABLE &&
	    (card <= CM_SECURED || cm_has(e, CM_P_FINAL));
}

/* The application can be active on the channel beside those active on others: JCRE 4.2. */
static bool may_join(const struct cm *c, const struct cm_entry *e, uint8_t channel)
{
	return e->kind != CM_APP || jc_may_select(c->jc, e->applet, channel);
}

/* Make the entry current. The channel has been left. false: the applet declined; nothing is current. */
static bool enter(struct cm *c, uint16_t entry, const struct cm_entry *e, uint8_t channel)
{
	if (e->kind == CM_APP && !jc_select(c->jc, e->applet, channel))
		return false;
	c->s->on[channel].app = entry;
	return true;
}

static bool implicit_on(const struct cm_entry *e, uint8_t channel, bool contactless)
{
	/* GPCS table 11-49: b8 contactless, b7 contact, b5 to b1 channel. */
	for (uint8_t i = 0; i < e->n_implicit; i++)
		if ((e->implicit[i] & 0x1f) == channel && (e->implicit[i] & (contactless ? 0x80 : 0x40)) != 0)
			return true;
	return channel == 0 && e->n_implicit == 0 && cm_has(e, CM_P_CARD_RESET) && e->kind == CM_APP;
}

void cm_select_default(struct cm *c, uint8_t channel)
{
	c->s->on[channel].open = true;
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry e = cm_entry(c, h);
		if (selectable(c, &e) && implicit_on(&e, channel, c->sim->contactless) && may_join(c, &e, channel) &&
		    enter(c, h, &e, channel))
			return;
	}
	struct cm_entry isd = cm_entry(c, cm_isd(c));
	enter(c, cm_isd(c), &isd, channel);
}

/* FCI of a security domain: GPCS table 11-84. */
static sw_t security_domain_fci(struct cm *c, uint16_t sd)
{
	struct cm_entry e = cm_entry(c, sd);
	struct buf a5 = {0}, fci = {0};
	uint16_t block = cm_u16(c, CM_H_BLOCK);
	if (block > 0xff)
		tlv_put_u16(&a5, 0x9f65, block);
	else
		tlv_put_u8(&a5, 0x9f65, block);
	tlv_put(&fci, TAG_DF_NAME, e.aid, e.aid_len);
	tlv_put(&fci, TAG_PROPRIETARY, a5.p, a5.n);
	tlv_put(c->rsp, TAG_FCI, fci.p, fci.n);
	buf_reset(&a5);
	buf_reset(&fci);
	/* 6283: the card is locked (11.9.3.2). */
	uint8_t state = cm_u8(c, CM_H_STATE);
	return state == CM_CARD_LOCKED || state == CM_TERMINATED ? SW_FILE_DEACTIVATED : SW_OK;
}

/* The first entry whose AID begins with the given bytes, or the next one after the current application. */
static uint16_t find(struct cm *c, const uint8_t *aid, size_t n, bool next, struct cm_entry *e)
{
	uint16_t h = cm_first_entry(c);
	if (next)
		h = cm_on(c)->app != 0 ? cm_next_entry(c, cm_on(c)->app) : 0;
	for (; h != 0; h = cm_next_entry(c, h)) {
		*e = cm_entry(c, h);
		if (e->aid_len >= n && (n == 0 || memcmp(e->aid, aid, n) == 0) && selectable(c, e))
			return h;
	}
	return 0;
}

/* An exact name wins over an earlier one that only begins with it. */
static uint16_t find_exact(struct cm *c, const uint8_t *aid, size_t n, struct cm_entry *e)
{
	uint16_t h = n >= AID_MIN ? cm_entry_by_aid(c, aid, n) : 0;
	if (h == 0)
		return 0;
	*e = cm_entry(c, h);
	return selectable(c, e) ? h : 0;
}

/* The application that SELECT means, 0: none. */
static uint16_t target_of(struct cm *c, struct cm_entry *e)
{
	bool next = (c->cmd.p2 & 0x03) == 0x02;
	uint16_t h = 0;
	if (c->cmd.lc == 0 && !next) {
		h = cm_isd(c);
		*e = cm_entry(c, h);
	}
	if (h == 0 && !next)
		h = find_exact(c, c->cmd.data, c->cmd.lc, e);
	return h != 0 ? h : find(c, c->cmd.data, c->cmd.lc, next, e);
}

static bool applet_current(struct cm *c)
{
	return cm_on(c)->app != 0 && cm_entry_kind(c, cm_on(c)->app) == CM_APP;
}

sw_t cm_select(struct cm *c, const uint8_t *raw, size_t n, bool *answered)
{
	uint8_t channel = c->s->channel;
	struct cm_entry e;
	*answered = true;
	/* The last or the previous occurrence is no selection of applets: the current one gets the command (JCRE
	 * 4.5.2). */
	if ((c->cmd.p2 & 0x01) != 0) {
		*answered = !applet_current(c);
		return SW_WRONG_P1P2;
	}
	if (c->cmd.lc > AID_MAX)
		return SW_WRONG_LENGTH;
	uint16_t target = target_of(c, &e);
	if (target == 0) {
		/* JCRE 4.5.2: nothing fits, the current applet gets the command. */
		*answered = !applet_current(c);
		return SW_FILE_NOT_FOUND;
	}
	/* Which control information is wanted (b4, b3) is for an application to judge (JCRE 4.5.2); security domains
	 * give theirs (GPC 11.9.2.2). */
	if (e.kind != CM_APP && (c->cmd.p2 & 0x0c) != 0)
		return SW_WRONG_P1P2;
	if (!may_join(c, &e, channel))
		return SW_CONDITIONS_OF_USE;
	cm_leave(c, channel);
	if (!enter(c, target, &e, channel))
		return SW_APPLET_SELECT_FAILED;
	if (e.kind != CM_APP)
		return security_domain_fci(c, target);
	*answered = false;
	jc_process(c->jc, channel, true, raw, n, c->rsp);
	return SW_OK;
}

static uint8_t free_channel(const struct cm *c)
{
	for (uint8_t i = 1; i < jc_chip_of(c->jc)->channels; i++)
		if (!c->s->on[i].open)
			return i;
	return 0;
}

static sw_t open_channel(struct cm *c)
{
	uint8_t channel = c->cmd.p2, from = c->s->channel;
	uint16_t app = c->s->on[from].app;
	if (channel >= JC_CHANNELS_MAX || channel >= jc_chip_of(c->jc)->channels)
		return SW_FUNC_NOT_SUPPORTED;
	if (channel != 0 && c->s->on[channel].open)
		return SW_WRONG_P1P2;
	if (c->cmd.lc != 0)
		return SW_WRONG_LENGTH;
	bool assigned = channel == 0;
	if (assigned && (!c->cmd.has_le || c->cmd.le != 1))
		return LE_IS_ONE;
	if (assigned && (channel = free_channel(c)) == 0)
		return SW_FUNC_NOT_SUPPORTED;
	if (from == 0)
		cm_select_default(c, channel);
	else { /* JCRE 4.4.1: opened from another channel than the basic one, its applet goes along */
		struct cm_entry e;
		c->s->on[channel].open = true;
		if (app != 0 && ((e = cm_entry(c, app)), !may_join(c, &e, channel) || !enter(c, app, &e, channel))) {
			c->s->on[channel].open = false;
			return SW_CONDITIONS_OF_USE;
		}
	}
	if (assigned)
		buf_u8(c->rsp, channel);
	return SW_OK;
}

/* JCRE 4.5.1, 4.6.1. */
sw_t cm_manage_channel(struct cm *c)
{
	enum { OPEN = 0x00, CLOSE = 0x80 };
	if (c->cmd.p1 == OPEN)
		return open_channel(c);
	if (c->cmd.p1 != CLOSE || c->cmd.p2 == 0 || c->cmd.p2 >= JC_CHANNELS_MAX)
		return SW_FUNC_NOT_SUPPORTED;
	if (!c->s->on[c->cmd.p2].open) /* 11.7.3.2: already closed, a warning */
		return SW_WARNING_STATE_UNCHANGED;
	cm_leave(c, c->cmd.p2);
	c->s->on[c->cmd.p2].open = false;
	return SW_OK;
}
