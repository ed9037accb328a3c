/* Forms of INSTALL that change an entry: make selectable, extradition, registry update, personalization.
 * GPCS 9.3.4, 9.4, 11.5.2.3.3 to 11.5.2.3.6. */
#include "runtime/sim/javacard/manager/install.h"

#include <string.h>

#include "runtime/base/iso7816.h"

/* Write one changed entry and the confirmation. */
static sw_t change(
    struct cm *c, uint16_t h, const struct cm_entry *e, bool receipt, const struct cm_field *f, unsigned n)
{
	nv_begin(c->nv);
	if (cm_has(e, CM_P_CARD_RESET) && e->kind == CM_APP)
		cm_take_card_reset(c, h);
	cm_entry_set(c, h, e);
	cm_confirm(c, receipt, f, n);
	return nv_commit(c->nv) ? SW_OK : SW_NO_MEMORY;
}

static bool set_implicit(struct cm_entry *e, const struct cm_params *p)
{
	if (!p->has_implicit)
		return false;
	e->n_implicit = p->n_implicit;
	memcpy(e->implicit, p->implicit, CM_IMPLICIT_MAX);
	return true;
}

sw_t cm_install_make_selectable(struct cm *c, const struct cm_install *q)
{
	uint16_t h = cm_install_target(c, q->field[2]);
	struct cm_params params;
	uint32_t privileges;
	bool receipt;
	if (!cm_install_params(q->params, &params) || !cm_install_privileges(q->field[3], &privileges))
		return SW_WRONG_DATA;
	if (h == 0)
		return SW_REFERENCE_NOT_FOUND;
	sw_t sw = cm_may_manage(c, cm_on(c)->app, c->cmd.data, q->signed_len, q->token, &receipt);
	if (sw != SW_OK)
		return sw;
	struct cm_entry e = cm_entry(c, h);
	if ((e.kind != CM_APP && e.kind != CM_SD) || e.state != CM_INSTALLED)
		return SW_CONDITIONS_OF_USE;
	e.state = CM_SELECTABLE;
	/* Here an application becomes the default one, nothing else: table 11-44. */
	e.privileges |= privileges & CM_P_CARD_RESET;
	set_implicit(&e, &params);
	struct cm_entry file = cm_entry(c, e.load_file);
	struct cm_field fields[] = {{file.aid, file.aid_len}, {e.aid, e.aid_len}};
	return change(c, h, &e, receipt, fields, 2);
}

/* To a security domain that is selectable or more, and not into itself (9.4.1); *e is not written yet. */
static sw_t move(struct cm *c, uint16_t h, struct cm_entry *e, struct rd to)
{
	if (to.n < AID_MIN || to.n > AID_MAX)
		return SW_WRONG_DATA;
	uint16_t sd = cm_entry_by_aid(c, to.p, to.n);
	if (sd == 0)
		return SW_REFERENCE_NOT_FOUND;
	struct cm_entry new_sd = cm_entry(c, sd);
	if (!cm_is_sd(&new_sd) || e->kind == CM_ISD || h == sd || cm_below(c, sd, h))
		return SW_CONDITIONS_OF_USE;
	if (new_sd.kind == CM_SD && (new_sd.state < CM_SELECTABLE || (new_sd.state & CM_LOCKED) != 0))
		return SW_CONDITIONS_OF_USE;
	uint32_t moved = cm_bytes(c, h) + (cm_is_sd(e) ? cm_taken(c, h) : 0);
	if (!cm_below(c, h, sd) && moved > cm_quota_left(c, sd))
		return SW_NO_MEMORY;
	e->sd = sd;
	return SW_OK;
}

sw_t cm_install_extradite(struct cm *c, const struct cm_install *q)
{
	uint16_t h = cm_install_target(c, q->field[2]);
	struct rd to = q->field[0];
	bool receipt;
	if (to.n < AID_MIN || to.n > AID_MAX)
		return SW_WRONG_DATA;
	if (h == 0 || cm_entry_by_aid(c, to.p, to.n) == 0)
		return SW_REFERENCE_NOT_FOUND;
	sw_t sw = cm_may_manage(c, cm_on(c)->app, c->cmd.data, q->signed_len, q->token, &receipt);
	if (sw != SW_OK)
		return sw;
	struct cm_entry e = cm_entry(c, h), old = cm_entry(c, e.sd);
	if ((sw = move(c, h, &e, to)) != SW_OK)
		return sw;
	struct cm_field fields[] = {{old.aid, old.aid_len}, {e.aid, e.aid_len}, {to.p, to.n}};
	return change(c, h, &e, receipt, fields, 3);
}

/* Privileges that an update may take away or give; a security domain stays one. */
static bool update_privileges(struct cm_entry *e, struct rd field)
{
	uint32_t p;
	if (!cm_install_privileges(field, &p))
		return false;
	if (field.n == 0)
		return true;
	if (((p ^ e->privileges) & CM_P_SECURITY_DOMAIN) != 0)
		return false;
	e->privileges = field.n == 1 ? p | (e->privileges & 0xffff) : p;
	return cm_privileges_fit(e->privileges, e->kind == CM_SD);
}

sw_t cm_install_registry(struct cm *c, const struct cm_install *q)
{
	uint16_t h = q->field[2].n != 0 ? cm_install_target(c, q->field[2]) : cm_on(c)->app;
	struct cm_params params;
	bool receipt;
	if (!cm_install_params(q->params, &params))
		return SW_WRONG_DATA;
	if (h == 0)
		return SW_REFERENCE_NOT_FOUND;
	sw_t sw = cm_may_manage(c, cm_on(c)->app, c->cmd.data, q->signed_len, q->token, &receipt);
	if (sw != SW_OK)
		return sw;
	struct cm_entry e = cm_entry(c, h), me = cm_entry(c, cm_on(c)->app), old = cm_entry(c, e.sd);
	if (e.kind == CM_ISD || e.kind == CM_LOAD_FILE)
		return SW_CONDITIONS_OF_USE;
	if (q->field[0].n != 0 && (sw = move(c, h, &e, q->field[0])) != SW_OK)
		return sw;
	uint32_t before = e.privileges;
	if (!update_privileges(&e, q->field[3]))
		return SW_WRONG_DATA;
	/* Nobody gives what he does not have: 6.6.2. */
	if (me.kind != CM_ISD && (e.privileges & ~before & ~me.privileges) != 0)
		return SW_CONDITIONS_OF_USE;
	set_implicit(&e, &params);
	if (params.quota != 0 && e.kind == CM_SD) {
		if (cm_taken(c, h) > params.quota)
			return SW_NO_MEMORY;
		e.quota = params.quota;
	}
	/* C.5.4 */
	struct cm_field fields[] = {{old.aid, q->field[0].n != 0 ? old.aid_len : 0},
	    {e.aid, q->field[2].n != 0 ? e.aid_len : 0}, {q->field[0].p, q->field[0].n}, {q->field[3].p, q->field[3].n},
	    {q->params.p, q->params.n}};
	return change(c, h, &e, receipt, fields, 5);
}

sw_t cm_install_personalize(struct cm *c, const struct cm_install *q)
{
	uint16_t h = cm_install_target(c, q->field[2]);
	if (h == 0)
		return SW_REFERENCE_NOT_FOUND;
	struct cm_entry e = cm_entry(c, h);
	/* 11.5.2.3.6: an application that takes personalization data and may be used. */
	if ((e.kind != CM_APP && e.kind != CM_SD) || (e.state & CM_LOCKED) != 0 || e.state < CM_SELECTABLE)
		return SW_CONDITIONS_OF_USE;
	cm_on(c)->personalize = h;
	cm_on(c)->store_block = 0;
	buf_u8(c->rsp, 0);
	return SW_OK;
}
