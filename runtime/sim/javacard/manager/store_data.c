/* STORE DATA: GPCS 11.11. Data for the security domain itself, or for the application that INSTALL [for
 * personalization] named (7.3.3). */
#include "runtime/sim/javacard/manager/data.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"
#include "runtime/sim/javacard/manager/api.h"

enum { P1_LAST = 0x80, P1_ENCRYPTED = 0x60, P1_STRUCTURE = 0x18, DGI = 0x08, TLV = 0x10 };
enum { TAG_MAX = 0xffff };

/* The name of the ISD can be changed (11.11.3.1). */
static sw_t rename_isd(struct cm *c, uint16_t sd, struct rd aid)
{
	struct cm_entry e = cm_entry(c, sd);
	uint16_t other = cm_entry_by_aid(c, aid.p, aid.n);
	if (e.kind != CM_ISD || aid.n < AID_MIN || aid.n > AID_MAX || (other != 0 && other != sd))
		return SW_WRONG_DATA;
	memset(e.aid, 0, sizeof e.aid);
	memcpy(e.aid, aid.p, aid.n);
	e.aid_len = (uint8_t)aid.n;
	cm_entry_set(c, sd, &e);
	return SW_OK;
}

static sw_t store_one(struct cm *c, uint16_t sd, uint32_t tag, struct rd value)
{
	if (tag == CM_TAG_AID)
		return rename_isd(c, sd, value);
	if (tag > TAG_MAX || cm_data_computed((uint16_t)tag))
		return SW_WRONG_DATA;
	return cm_data_put(c, sd, (uint16_t)tag, value.p, value.n) ? SW_OK : SW_NO_MEMORY;
}

static sw_t store_tlvs(struct cm *c, uint16_t sd, struct rd r)
{
	struct tlv t;
	sw_t sw = SW_OK;
	unsigned n = 0;
	while (sw == SW_OK && tlv_next(&r, &t)) {
		sw = store_one(c, sd, t.tag, t.value);
		n++;
	}
	return sw == SW_OK && (r.bad || n == 0) ? SW_WRONG_DATA : sw;
}

/* Data grouping identifiers: EMV CPS. DGI 0070 holds data objects, others are kept under their number. */
static sw_t store_dgis(struct cm *c, uint16_t sd, struct rd r)
{
	enum { OBJECTS = 0x0070 };
	sw_t sw = SW_OK;
	while (sw == SW_OK && rd_left(&r) != 0) {
		uint16_t dgi = rd_u16(&r);
		size_t n = rd_u8(&r);
		struct rd value = rd_sub(&r, n == 0xff ? rd_u16(&r) : n);
		if (r.bad)
			return SW_WRONG_DATA;
		sw = dgi == OBJECTS ? store_tlvs(c, sd, value) : store_one(c, sd, dgi, value);
	}
	return sw;
}

/* Data for the security domain: one command is all or nothing. */
static sw_t store_own(struct cm *c, uint16_t sd, struct rd data, uint8_t structure)
{
	nv_begin(c->nv);
	sw_t sw = structure == DGI ? store_dgis(c, sd, data) : store_tlvs(c, sd, data);
	if (sw != SW_OK) {
		nv_abort(c->nv);
		return sw;
	}
	if (!nv_commit(c->nv))
		return SW_NO_MEMORY;
	cm_tidy(c);
	return SW_OK;
}

/* Sensitive data come under the data encryption key. */
static sw_t decrypt(struct cm *c, struct rd *data)
{
	if (!cm_secure_decrypt(cm_secure_on(c), data->p, data->n, c->data))
		return SW_WRONG_DATA;
	data->p = c->data;
	return SW_OK;
}

static sw_t store_here(struct cm *c, uint16_t sd)
{
	struct rd data = rd_of(c->cmd.data, c->cmd.lc);
	uint8_t structure = c->cmd.p1 & P1_STRUCTURE;
	sw_t sw = SW_OK;
	if (structure == P1_STRUCTURE)
		return SW_WRONG_P1P2;
	if ((c->cmd.p1 & P1_ENCRYPTED) == P1_ENCRYPTED)
		sw = decrypt(c, &data);
	return sw == SW_OK ? store_own(c, sd, data, structure) : sw;
}

sw_t cm_store_data(struct cm *c)
{
	struct cm_channel *on = cm_on(c);
	uint16_t target = on->personalize;
	bool last = (c->cmd.p1 & P1_LAST) != 0;
	sw_t sw;
	if (c->cmd.p2 != on->store_block) {
		on->personalize = 0;
		on->store_block = 0;
		return SW_WRONG_P1P2;
	}
	if (target == 0 || !cm_alive(c, target, CM_ENTRY))
		sw = c->cmd.lc == 0 ? SW_WRONG_LENGTH : store_here(c, on->app);
	else if (cm_entry_kind(c, target) == CM_SD)
		sw = store_here(c, target);
	else
		sw = cm_api_process_data(c, target);
	on->store_block = sw == SW_OK && !last ? (on->store_block + 1) & 0xff : 0;
	if (last || sw != SW_OK)
		on->personalize = 0;
	return sw;
}
