/* Loading: INSTALL [for load] and LOAD (GPCS 9.3.5, 11.5, 11.6), DAP verification (9.2.1, C.3), the load file data
 * block hash (C.2). The load file comes as data objects one behind the other: DAP blocks E2, then the load file data
 * block C4, whose bytes go to the machine as they come. */
#include "runtime/sim/javacard/manager/install.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/manager/data.h"

enum { HEAD, DAP, CODE, COMPLETE }; /* cm_load.state: what the next byte belongs to */
enum { TAG_DAP = 0xe2, TAG_SIGNATURE = 0xc3, TAG_CODE = 0xc4 };

void cm_load_abort(struct cm *c)
{
	if (c->s->load.active)
		jc_load_abort(c->jc);
	wipe(&c->s->load, sizeof c->s->load);
}

static bool needs_dap(const struct cm *c, uint16_t owner)
{
	struct cm_entry e = cm_entry(c, owner);
	if (cm_has(&e, CM_P_DAP))
		return true;
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry other = cm_entry(c, h);
		if (other.kind == CM_SD && cm_has(&other, CM_P_MANDATED_DAP))
			return true;
	}
	return false;
}

/* Who the load file will belong to: the named security domain, or the one that loads. */
static sw_t owner_of(const struct cm *c, struct rd aid, uint16_t *out)
{
	*out = cm_on(c)->app;
	if (aid.n == 0)
		return SW_OK;
	*out = aid.n >= AID_MIN ? cm_entry_by_aid(c, aid.p, aid.n) : 0;
	if (*out == 0)
		return SW_REFERENCE_NOT_FOUND;
	struct cm_entry e = cm_entry(c, *out);
	if (!cm_is_sd(&e) || !cm_below(c, *out, cm_on(c)->app))
		return SW_REFERENCE_NOT_FOUND;
	return (e.state & CM_LOCKED) != 0 && e.kind == CM_SD ? SW_CONDITIONS_OF_USE : SW_OK;
}

sw_t cm_install_load(struct cm *c, const struct cm_install *q)
{
	struct cm_load *l = &c->s->load;
	struct rd aid = q->field[0], hash = q->field[2];
	struct cm_params params;
	uint16_t owner;
	bool receipt;
	if (cm_u8(c, CM_H_LOADING) == CM_LOADING_CLOSED)
		return SW_CONDITIONS_OF_USE;
	if (aid.n < AID_MIN || aid.n > AID_MAX || !cm_install_params(q->params, &params))
		return SW_WRONG_DATA;
	if (hash.n != 0 && digest_of_length(hash.n) == DIGEST_NONE)
		return SW_WRONG_DATA;
	sw_t sw = owner_of(c, q->field[1], &owner);
	if (sw != SW_OK ||
	    (sw = cm_may_manage(c, cm_on(c)->app, c->cmd.data, q->signed_len, q->token, &receipt)) != SW_OK)
		return sw;
	if (cm_entry_by_aid(c, aid.p, aid.n) != 0 || (needs_dap(c, owner) && hash.n == 0))
		return SW_CONDITIONS_OF_USE;
	uint32_t left = cm_quota_left(c, owner);
	if (params.code > left || params.code > jc_memory_free(c->jc, JC_PERSISTENT) || left == 0)
		return SW_NO_MEMORY;
	uint32_t before = jc_memory_free(c->jc, JC_PERSISTENT);
	if ((sw = jc_load_begin(c->jc, aid.p, aid.n, left == UINT32_MAX ? 0 : left)) != SW_OK)
		return sw;
	*l = (struct cm_load){.active = true,
	    .channel = c->s->channel,
	    .sd = cm_on(c)->app,
	    .owner = owner,
	    .aid_len = (uint8_t)aid.n,
	    .hash_len = (uint8_t)hash.n,
	    .before = before,
	    .receipt = receipt};
	memcpy(l->aid, aid.p, aid.n);
	if (hash.n != 0)
		memcpy(l->hash, hash.p, hash.n);
	digest_begin(&l->digest, digest_of_length(hash.n));
	buf_u8(c->rsp, 0);
	return SW_OK;
}

/* --- the data objects --- */

/* Tag and BER length, as far as they have come. 0 more to come, 1 complete, -1 no such object. */
static int head_complete(struct cm_load *l)
{
	if (l->head_len < 2)
		return 0;
	unsigned more = l->head[1] < 0x80 ? 0 : l->head[1] & 0x7fu;
	if (more > 3 || l->head[1] == 0x80)
		return -1;
	if (l->head_len < 2 + more)
		return 0;
	l->left = more == 0 ? l->head[1] : 0;
	for (unsigned i = 0; i < more; i++)
		l->left = l->left << 8 | l->head[2 + i];
	return 1;
}

/* A head byte. A DAP block after the code, or more blocks or longer ones than the card can keep, is refused. */
static sw_t take_head(struct cm_load *l, uint8_t b)
{
	l->head[l->head_len++] = b;
	int done = head_complete(l);
	if (done == 0)
		return SW_OK;
	l->head_len = 0;
	if (done < 0 || (l->head[0] != TAG_DAP && l->head[0] != TAG_CODE) || l->left == 0)
		return SW_WRONG_DATA;
	if (l->head[0] == TAG_DAP && (l->daps == CM_DAP_BLOCKS || l->left > CM_E2_MAX))
		return SW_WRONG_DATA;
	l->state = l->head[0] == TAG_DAP ? DAP : CODE;
	return SW_OK;
}

/* Is it signed by the security domain's DAP key? What is signed is the load file data block hash, which INSTALL [for
 * load] gave: whether the code has it is seen at the end. */
static bool dap_right(const struct cm *c, uint16_t sd, struct rd signature)
{
	struct cm_key k;
	uint16_t h = cm_key_find(c, sd, CM_KV_DAP, 0);
	return h != 0 && cm_key_read(c, h, &k) &&
	    cm_signature_right(&k, c->s->load.hash, c->s->load.hash_len, signature);
}

/* A DAP block is there: GPCS C.3. */
static void end_dap(struct cm *c)
{
	struct cm_load *l = &c->s->load;
	struct rd r = rd_of(l->dap, l->dap_len), aid, signature;
	uint16_t sd = 0;
	if (tlv_find(r, CM_TAG_AID, &aid) && tlv_find(r, TAG_SIGNATURE, &signature))
		sd = cm_entry_by_aid(c, aid.p, aid.n);
	l->signer[l->daps++] = sd != 0 && dap_right(c, sd, signature) ? sd : 0;
	l->dap_len = 0;
}

static sw_t take_value(struct cm *c, const uint8_t *p, size_t n)
{
	struct cm_load *l = &c->s->load;
	sw_t sw = SW_OK;
	if (l->state == DAP) {
		memcpy(l->dap + l->dap_len, p, n);
		l->dap_len = (uint16_t)(l->dap_len + n);
	} else {
		digest_add(&l->digest, p, n);
		sw = jc_load_bytes(c->jc, p, n);
	}
	l->left -= (uint32_t)n;
	if (l->left == 0) {
		if (l->state == DAP)
			end_dap(c);
		l->state = l->state == DAP ? HEAD : COMPLETE;
	}
	return sw;
}

static sw_t take(struct cm *c, const uint8_t *p, size_t n)
{
	struct cm_load *l = &c->s->load;
	sw_t sw = SW_OK;
	while (n > 0 && sw == SW_OK) {
		size_t part = 1;
		if (l->state == COMPLETE)
			return SW_WRONG_DATA;
		if (l->state == HEAD)
			sw = take_head(l, *p);
		else {
			part = n < l->left ? n : l->left;
			sw = take_value(c, p, part);
		}
		p += part;
		n -= part;
	}
	return sw;
}

/* --- the end --- */

static bool has_signed(const struct cm_load *l, uint16_t sd)
{
	for (uint8_t i = 0; i < l->daps; i++)
		if (l->signer[i] == sd)
			return true;
	return false;
}

/* Every security domain that has a word to say must have signed: the owner with DAP verification, any with mandated
 * DAP. A block of somebody else is an error too: 9.2.1. */
static bool signed_by_all(const struct cm *c)
{
	const struct cm_load *l = &c->s->load;
	unsigned wanted = 0;
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry e = cm_entry(c, h);
		if (!cm_is_sd(&e) || !(cm_has(&e, CM_P_MANDATED_DAP) || (h == l->owner && cm_has(&e, CM_P_DAP))))
			continue;
		if (!has_signed(l, h))
			return false;
		wanted++;
	}
	return wanted == l->daps;
}

static bool hash_right(struct cm_load *l)
{
	uint8_t out[DIGEST_MAX];
	if (l->hash_len == 0)
		return true;
	digest_end(&l->digest, out);
	return wipe_equal(out, l->hash, l->hash_len);
}

static sw_t finish(struct cm *c)
{
	struct cm_load *l = &c->s->load;
	struct cm_entry e = {.kind = CM_LOAD_FILE, .state = CM_LOADED, .aid_len = l->aid_len, .sd = l->owner};
	struct cm_entry owner = cm_entry(c, l->owner);
	struct cm_field fields[] = {{l->aid, l->aid_len}, {owner.aid, owner.aid_len}};
	if (l->state != COMPLETE || !hash_right(l))
		return SW_WRONG_DATA;
	if (!signed_by_all(c))
		return SW_CONDITIONS_OF_USE;
	sw_t sw = jc_load_end(c->jc, &e.package);
	if (sw != SW_OK) {
		l->active = false; /* the machine has undone everything */
		return sw;
	}
	memcpy(e.aid, l->aid, l->aid_len);
	uint32_t left = jc_memory_free(c->jc, JC_PERSISTENT);
	e.bytes = left < l->before ? l->before - left : 0;
	nv_begin(c->nv);
	jc_load_commit(c->jc);
	bool ok = cm_entry_new(c, &e) != 0;
	cm_confirm(c, l->receipt, fields, 2);
	if (!ok)
		nv_abort(c->nv);
	if (!ok || !nv_commit(c->nv))
		return SW_NO_MEMORY;
	jc_load_done(c->jc);
	l->active = false;
	return SW_OK;
}

sw_t cm_load(struct cm *c)
{
	enum { LAST = 0x80 };
	struct cm_load *l = &c->s->load;
	bool last = (c->cmd.p1 & LAST) != 0, combined = l->combined;
	sw_t sw = SW_OK;
	if (!l->active || l->channel != c->s->channel)
		return SW_CONDITIONS_OF_USE;
	if ((c->cmd.p1 & ~LAST) != 0 || c->cmd.p2 != l->next)
		sw = SW_WRONG_P1P2;
	else if (c->cmd.lc == 0)
		sw = SW_WRONG_LENGTH;
	/* Block numbers go round after FF: load files are longer than 256 blocks. */
	l->next++;
	if (sw == SW_OK)
		sw = take(c, c->cmd.data, c->cmd.lc);
	if (sw == SW_OK && last)
		sw = finish(c);
	if (sw == SW_OK && !last)
		buf_u8(c->rsp, 0);
	if (sw != SW_OK || last)
		cm_load_abort(c);
	c->s->load.combined = sw == SW_OK && combined;
	return sw;
}
