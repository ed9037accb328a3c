#include "runtime/sim/javacard/manager/install.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"

enum { TAG_OWN = 0xc9, TAG_SYSTEM = 0xef, TAG_UICC = 0xea, TAG_LOAD_HASH = 0xd4, TAG_CONTROL = 0xb6 };

static bool read_install(const struct apdu *a, bool load, struct cm_install *q)
{
	struct rd r = rd_of(a->data, a->lc);
	*q = (struct cm_install){0};
	for (int i = 0; i < (load ? 3 : 4); i++)
		q->field[i] = rd_sub(&r, rd_u8(&r));
	q->params = rd_sub(&r, cm_length(&r));
	q->signed_len = r.at;
	q->token = rd_sub(&r, cm_length(&r));
	return !r.bad && rd_left(&r) == 0;
}

/* A number of 2 or 4 bytes. */
static bool number(struct rd r, uint32_t *out)
{
	if (r.n != 2 && r.n != 4)
		return false;
	*out = r.n == 2 ? rd_u16(&r) : rd_u32(&r);
	return true;
}

static bool system_params(struct rd r, struct cm_params *out)
{
	struct tlv t;
	while (tlv_next(&r, &t)) {
		bool ok = true;
		switch (t.tag) {
		case 0xc6:
			ok = number(t.value, &out->code);
			break;
		case 0xc7:
			ok = number(t.value, &out->volatile_limit);
			break;
		case 0xc8:
			ok = number(t.value, &out->persistent_limit);
			break;
		case 0xd7:
			ok = number(t.value, &out->volatile_reserved);
			break;
		case 0xd8:
			ok = number(t.value, &out->persistent_reserved);
			break;
		case 0x83:
			ok = number(t.value, &out->quota);
			break;
		case 0xcf:
			out->has_implicit = true;
			ok = t.value.n == 1 && out->n_implicit < CM_IMPLICIT_MAX;
			if (ok)
				out->implicit[out->n_implicit++] = t.value.p[0];
			break;
		default: /* GPCS 11.5.2.3.7: what a card does not use it ignores */
			break;
		}
		if (!ok)
			return false;
	}
	return !r.bad;
}

bool cm_install_params(struct rd r, struct cm_params *out)
{
	struct tlv t;
	memset(out, 0, sizeof *out);
	while (tlv_next(&r, &t)) {
		switch (t.tag) {
		case TAG_OWN:
			out->own = t.value;
			out->has_own = true;
			break;
		case TAG_SYSTEM:
			if (!system_params(t.value, out))
				return false;
			break;
		case TAG_UICC:
		case TAG_LOAD_HASH:
		case TAG_CONTROL:
			break;
		default:
			return false;
		}
	}
	return !r.bad;
}

bool cm_install_privileges(struct rd f, uint32_t *out)
{
	*out = 0;
	if (f.n == 0)
		return true;
	if (f.n != 1 && f.n != 3)
		return false;
	*out = (uint32_t)rd_u8(&f) << 16;
	if (f.n == 3)
		*out |= rd_u16(&f);
	return true;
}

uint16_t cm_install_target(const struct cm *c, struct rd aid)
{
	uint16_t h = aid.n >= AID_MIN ? cm_entry_by_aid(c, aid.p, aid.n) : 0;
	return h != 0 && cm_below(c, h, cm_on(c)->app) ? h : 0;
}

/* [for load, install and make selectable], 9.3.6: begun with P2 01, ended after the last LOAD with P2 03. */
static sw_t combined(struct cm *c, struct cm_install *q)
{
	if (c->cmd.p2 == CM_P2_COMBINED_FIRST) {
		if (!read_install(&c->cmd, true, q))
			return SW_WRONG_DATA;
		sw_t sw = cm_install_load(c, q);
		c->s->load.combined = sw == SW_OK;
		return sw;
	}
	if (c->cmd.p2 != CM_P2_COMBINED_LAST || !c->s->load.combined)
		return SW_WRONG_P1P2;
	c->s->load.combined = false;
	return read_install(&c->cmd, false, q) ? cm_install_install(c, q) : SW_WRONG_DATA;
}

sw_t cm_install(struct cm *c)
{
	struct cm_install q;
	uint8_t p1 = c->cmd.p1 & 0x7f;
	if (c->s->load.active)
		cm_load_abort(c);
	if (p1 == (CM_P1_LOAD | CM_P1_INSTALL | CM_P1_SELECTABLE))
		return combined(c, &q);
	c->s->load.combined = false;
	if (c->cmd.p2 != 0)
		return SW_WRONG_P1P2;
	if (!read_install(&c->cmd, p1 == CM_P1_LOAD, &q))
		return SW_WRONG_DATA;
	switch (p1) {
	case CM_P1_LOAD:
		return cm_install_load(c, &q);
	case CM_P1_INSTALL:
	case CM_P1_INSTALL | CM_P1_SELECTABLE:
		return cm_install_install(c, &q);
	case CM_P1_SELECTABLE:
		return cm_install_make_selectable(c, &q);
	case CM_P1_EXTRADITE:
		return cm_install_extradite(c, &q);
	case CM_P1_REGISTRY:
		return cm_install_registry(c, &q);
	case CM_P1_PERSONALIZE:
		return cm_install_personalize(c, &q);
	default:
		return SW_WRONG_P1P2;
	}
}
