/* INSTALL [for install], with or without making selectable: GPCS 9.3.3, 11.5.2.3.2. */
#include "runtime/sim/javacard/manager/install.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"
#include "runtime/base/wipe.h"

/* What is asked for, checked against the card as it is. */
struct instance {
	struct cm_entry e;
	struct cm_params params;
	struct rd own;
	unsigned module;
	bool receipt;
	bool domain; /* a security domain: no applet */
};

/* Privileges that only make sense together, or only on a security domain: 6.6.1. */
bool cm_privileges_fit(uint32_t p, bool domain)
{
	const uint32_t of_domains =
	    CM_P_SECURITY_DOMAIN | 0x610000 | CM_P_AUTHORIZED | CM_P_TOKEN | CM_P_RECEIPT | CM_P_CIPHERED_LOAD;
	bool is_domain = (p & CM_P_SECURITY_DOMAIN) != 0;
	if (is_domain != domain)
		return false;
	if (!domain && (p & of_domains) != 0)
		return false;
	/* DAP or mandated DAP, delegated or authorized management, not both of a pair. */
	return !((p & 0x200000) != 0 && (p & CM_P_AUTHORIZED) != 0);
}

/* Only who manages with authority of his own gives privileges over the card as a whole. */
static bool may_give(const struct cm_entry *me, uint32_t p)
{
	const uint32_t of_card = CM_P_CARD_LOCK | CM_P_CARD_TERMINATE | CM_P_TOKEN | CM_P_GLOBAL_DELETE |
	    CM_P_GLOBAL_LOCK | CM_P_GLOBAL_REGISTRY | CM_P_RECEIPT | CM_P_AUTHORIZED;
	return (p & of_card) == 0 || me->kind == CM_ISD || cm_has(me, p & of_card);
}

static sw_t find_module(struct cm *c, const struct cm_entry *file, struct rd aid, struct instance *x)
{
	struct jc_package_info info;
	uint8_t its[JC_AID_MAX], len;
	if (file->package < JC_LOADED) { /* the load file in ROM that makes security domains */
		x->domain = true;
		return SW_OK;
	}
	if (!jc_package_info(c->jc, file->package, &info))
		return SW_REFERENCE_NOT_FOUND;
	for (x->module = 0; x->module < info.modules; x->module++)
		if (jc_package_module(c->jc, file->package, x->module, its, &len) && len == aid.n &&
		    memcmp(its, aid.p, len) == 0)
			return SW_OK;
	return SW_REFERENCE_NOT_FOUND;
}

/* A security domain's C9 may choose its protocol: 81 { scp, i }. */
static bool domain_params(struct rd own, struct cm_entry *e)
{
	struct rd scp;
	if (!tlv_find(own, 0x81, &scp))
		return true;
	if (scp.n != 2 || !cm_secure_known(scp.p[0], scp.p[1]))
		return false;
	e->scp = scp.p[0];
	e->scp_i = scp.p[1];
	return true;
}

static sw_t check(struct cm *c, const struct cm_install *q, struct instance *x)
{
	uint16_t sd = cm_on(c)->app;
	struct cm_entry me = cm_entry(c, sd), file;
	struct rd aid = q->field[2].n != 0 ? q->field[2] : q->field[1];
	if (aid.n < AID_MIN || aid.n > AID_MAX || !cm_install_params(q->params, &x->params) ||
	    !cm_install_privileges(q->field[3], &x->e.privileges))
		return SW_WRONG_DATA;
	x->e.load_file = cm_install_target(c, q->field[0]);
	/* The load file in ROM belongs to the ISD; every security domain may have domains below it. */
	if (x->e.load_file == 0 && q->field[0].n >= AID_MIN) {
		uint16_t rom = cm_entry_by_aid(c, q->field[0].p, q->field[0].n);
		x->e.load_file = rom != 0 && cm_entry(c, rom).rom ? rom : 0;
	}
	if (x->e.load_file == 0)
		return SW_REFERENCE_NOT_FOUND;
	file = cm_entry(c, x->e.load_file);
	if (file.kind != CM_LOAD_FILE)
		return SW_REFERENCE_NOT_FOUND;
	sw_t sw = find_module(c, &file, q->field[1], x);
	if (sw != SW_OK || (sw = cm_may_manage(c, sd, c->cmd.data, q->signed_len, q->token, &x->receipt)) != SW_OK)
		return sw;
	if (!cm_privileges_fit(x->e.privileges, x->domain) || !may_give(&me, x->e.privileges))
		return SW_WRONG_DATA;
	if (cm_entry_by_aid(c, aid.p, aid.n) != 0)
		return SW_CONDITIONS_OF_USE;
	x->own = x->params.own;
	x->e.kind = x->domain ? CM_SD : CM_APP;
	x->e.state = (c->cmd.p1 & CM_P1_SELECTABLE) != 0 ? CM_SELECTABLE : CM_INSTALLED;
	x->e.aid_len = (uint8_t)aid.n;
	memcpy(x->e.aid, aid.p, aid.n);
	x->e.sd = sd;
	x->e.module = (uint8_t)x->module;
	x->e.n_implicit = x->params.n_implicit;
	memcpy(x->e.implicit, x->params.implicit, CM_IMPLICIT_MAX);
	x->e.quota = x->domain ? x->params.quota : x->params.persistent_limit;
	if (x->domain) {
		x->e.tries = cm_u8(c, CM_H_TRIES);
		return domain_params(x->own, &x->e) ? SW_OK : SW_WRONG_DATA;
	}
	return SW_OK;
}

static sw_t memory(struct cm *c, const struct instance *x, uint32_t persistent_before, uint32_t volatile_before)
{
	uint32_t persistent = persistent_before - jc_memory_free(c->jc, JC_PERSISTENT);
	uint32_t transient = volatile_before - jc_memory_free(c->jc, JC_RESET);
	if (x->params.persistent_limit != 0 && persistent > x->params.persistent_limit)
		return SW_NO_MEMORY;
	if (x->params.volatile_limit != 0 && transient > x->params.volatile_limit)
		return SW_NO_MEMORY;
	return persistent > cm_quota_left(c, x->e.sd) ? SW_NO_MEMORY : SW_OK;
}

/* install() gets: LV instance AID, LV privileges, LV application parameters (table 11-49; Java Card's bArray). */
static sw_t make_applet(struct cm *c, const struct cm_install *q, struct instance *x)
{
	uint8_t params[255];
	size_t n = 1u + x->e.aid_len + 1 + q->field[3].n + 1 + x->own.n, at = 0;
	uint16_t applet = JC_NOBODY;
	uint32_t persistent = jc_memory_free(c->jc, JC_PERSISTENT), transient = jc_memory_free(c->jc, JC_RESET);
	struct cm_entry file = cm_entry(c, x->e.load_file);
	if (n > sizeof params)
		return SW_WRONG_DATA;
	if (x->params.persistent_reserved > persistent || x->params.volatile_reserved > transient)
		return SW_NO_MEMORY;
	params[at++] = x->e.aid_len;
	memcpy(params + at, x->e.aid, x->e.aid_len);
	at += x->e.aid_len;
	params[at++] = (uint8_t)q->field[3].n;
	if (q->field[3].n != 0)
		memcpy(params + at, q->field[3].p, q->field[3].n);
	at += q->field[3].n;
	params[at++] = (uint8_t)x->own.n;
	if (x->own.n != 0)
		memcpy(params + at, x->own.p, x->own.n);
	c->s->installing = x->e;
	sw_t sw = jc_install(c->jc, file.package, x->module, x->e.aid, x->e.aid_len, params, n, &applet);
	x->e = c->s->installing; /* the applet may have changed its state: GPSystem.setCardContentState */
	wipe(&c->s->installing, sizeof c->s->installing);
	wipe(params, sizeof params);
	if (sw != SW_OK)
		return sw;
	x->e.applet = (uint8_t)applet;
	x->e.bytes = persistent - jc_memory_free(c->jc, JC_PERSISTENT);
	sw = memory(c, x, persistent, transient);
	if (sw != SW_OK)
		jc_install_abort(c->jc);
	return sw;
}

/* The default application is one: the new holder takes the privilege from the old one (6.6.1). */
void cm_take_card_reset(struct cm *c, uint16_t but)
{
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry e = cm_entry(c, h);
		if (h == but || e.kind != CM_APP || !cm_has(&e, CM_P_CARD_RESET))
			continue;
		e.privileges &= ~(uint32_t)CM_P_CARD_RESET;
		cm_entry_set(c, h, &e);
	}
}

sw_t cm_install_install(struct cm *c, const struct cm_install *q)
{
	struct instance x = {0};
	sw_t sw = check(c, q, &x);
	if (sw == SW_OK && !x.domain)
		sw = make_applet(c, q, &x);
	if (sw != SW_OK)
		return sw;
	struct cm_entry file = cm_entry(c, x.e.load_file);
	struct cm_field fields[] = {{file.aid, file.aid_len}, {x.e.aid, x.e.aid_len}};
	nv_begin(c->nv);
	if (!x.domain)
		jc_install_commit(c->jc);
	if (cm_has(&x.e, CM_P_CARD_RESET) && !x.domain)
		cm_take_card_reset(c, 0);
	bool ok = cm_entry_new(c, &x.e) != 0;
	cm_confirm(c, x.receipt, fields, 2);
	if (!ok)
		nv_abort(c->nv);
	if (!ok || !nv_commit(c->nv)) {
		if (!x.domain)
			jc_install_abort(c->jc);
		return SW_NO_MEMORY;
	}
	if (!x.domain)
		jc_install_done(c->jc);
	return SW_OK;
}
