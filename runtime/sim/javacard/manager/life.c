/* SET STATUS: GPCS 11.10; life cycles 5.1, 5.3. */
#include "runtime/sim/javacard/manager/registry.h"

#include "runtime/base/iso7816.h"

/* One step forward at a time; locked and back; terminated from anywhere (5.1.2). */
static bool card_may(uint8_t from, uint8_t to)
{
	switch (to) {
	case CM_INITIALIZED:
		return from == CM_OP_READY;
	case CM_SECURED:
		return from == CM_INITIALIZED || from == CM_CARD_LOCKED;
	case CM_CARD_LOCKED:
		return from == CM_SECURED;
	case CM_TERMINATED:
		return from != CM_TERMINATED;
	default:
		return false;
	}
}

static sw_t set_card(struct cm *c, const struct cm_entry *me, uint8_t to)
{
	uint8_t from = cm_u8(c, CM_H_STATE);
	/* To lock, unlock and terminate needs the privilege; the other steps are the ISD's: 6.6.1. */
	uint32_t privilege = to == CM_TERMINATED             ? CM_P_CARD_TERMINATE
	    : to == CM_CARD_LOCKED || from == CM_CARD_LOCKED ? CM_P_CARD_LOCK
							     : 0;
	if (!(privilege != 0 ? cm_has(me, privilege) : me->kind == CM_ISD))
		return SW_CONDITIONS_OF_USE;
	if (!card_may(from, to))
		return SW_CONDITIONS_OF_USE;
	cm_put_u8(c, CM_H_STATE, to);
	return SW_OK;
}

/* May the security domain lock and unlock the entry? One above it, or anybody with the global lock privilege. */
static bool may_lock(const struct cm *c, uint16_t sd, uint16_t entry)
{
	struct cm_entry me = cm_entry(c, sd);
	return cm_has(&me, CM_P_GLOBAL_LOCK) || (entry != sd && cm_below(c, entry, sd));
}

/* The state after the transition, 0 when there is no such transition: 5.3.1, 5.3.2. Locking keeps the state under the
 * lock bit, so that unlocking gives it back. */
static uint8_t transition(const struct cm_entry *e, uint8_t to)
{
	if ((to & CM_LOCKED) != 0)
		return (e->state & CM_LOCKED) == 0 ? e->state | CM_LOCKED : 0;
	if ((e->state & CM_LOCKED) != 0) /* unlock: the rest of the value does not matter */
		return e->state & 0x7f;
	if (e->kind == CM_SD && to == CM_PERSONALIZED)
		return e->state == CM_SELECTABLE ? CM_PERSONALIZED : 0;
	return 0;
}

static sw_t set_entry(struct cm *c, uint16_t sd, uint16_t entry, uint8_t to)
{
	struct cm_entry e = cm_entry(c, entry);
	uint8_t state = transition(&e, to);
	bool locking = ((e.state ^ to) & CM_LOCKED) != 0;
	if (e.kind == CM_LOAD_FILE || e.kind == CM_ISD)
		return SW_CONDITIONS_OF_USE;
	if (state == 0 || !(locking ? may_lock(c, sd, entry) : cm_below(c, entry, sd)))
		return SW_CONDITIONS_OF_USE;
	e.state = state;
	cm_entry_set(c, entry, &e);
	return SW_OK;
}

/* A security domain and all that is below it: P1 60 (11.10.2.1). What has no such transition stays. */
static sw_t set_domain(struct cm *c, uint16_t sd, uint16_t entry, uint8_t to)
{
	struct cm_entry top = cm_entry(c, entry);
	if (!cm_is_sd(&top) || !may_lock(c, sd, entry))
		return SW_CONDITIONS_OF_USE;
	nv_begin(c->nv);
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry e = cm_entry(c, h);
		bool locked = (e.state & CM_LOCKED) != 0;
		if ((e.kind != CM_APP && e.kind != CM_SD) || !cm_below(c, h, entry) ||
		    locked == ((to & CM_LOCKED) != 0))
			continue;
		e.state ^= CM_LOCKED;
		cm_entry_set(c, h, &e);
	}
	return nv_commit(c->nv) ? SW_OK : SW_NO_MEMORY;
}

sw_t cm_set_status(struct cm *c)
{
	enum { P1_ISD = 0x80, P1_APPLICATION = 0x40, P1_DOMAIN = 0x60 };
	uint16_t sd = cm_on(c)->app, entry;
	struct cm_entry me = cm_entry(c, sd);
	uint8_t p1 = c->cmd.p1 & 0xe0;
	if (p1 != P1_ISD && p1 != P1_APPLICATION && p1 != P1_DOMAIN)
		return SW_WRONG_P1P2;
	if (p1 == P1_ISD)
		return set_card(c, &me, c->cmd.p2);
	if (c->cmd.lc < AID_MIN || c->cmd.lc > AID_MAX)
		return SW_WRONG_DATA;
	entry = cm_entry_by_aid(c, c->cmd.data, c->cmd.lc);
	if (entry == 0 || (!cm_below(c, entry, sd) && !cm_has(&me, CM_P_GLOBAL_LOCK)))
		return SW_REFERENCE_NOT_FOUND;
	return p1 == P1_DOMAIN ? set_domain(c, sd, entry, c->cmd.p2) : set_entry(c, sd, entry, c->cmd.p2);
}
