/* GET STATUS: GPCS 11.4. */
#include "runtime/sim/javacard/manager/registry.h"

#include <string.h>

#include "runtime/base/tlv.h"
#include "runtime/sim/javacard/manager/data.h"

enum { P1_ISD = 0x80, P1_APPLICATIONS = 0x40, P1_LOAD_FILES = 0x20, P1_MODULES = 0x10 };
enum { P2_NEXT = 0x01, P2_TLV = 0x02 };

/* Tags of the GlobalPlatform registry related data E3: table 11-36. */
enum {
	TAG_REGISTRY = 0xe3,
	TAG_STATE = 0x9f70,
	TAG_PRIVILEGES = 0xc5,
	TAG_LOAD_FILE_AID = 0xc4,
	TAG_SD_AID = 0xcc,
	TAG_VERSION = 0xce,
	TAG_IMPLICIT = 0xcf,
	TAG_MODULE_AID = 0x84,
};

/* What the command looks for: table 11-33. */
struct criteria {
	struct rd aid, load_file, sd, tags;
	bool has_load_file, has_sd, has_tags;
};

static bool read_criteria(const uint8_t *p, size_t n, struct criteria *q)
{
	struct rd r = rd_of(p, n);
	struct tlv t;
	bool aid = false;
	memset(q, 0, sizeof *q);
	while (tlv_next(&r, &t)) {
		switch (t.tag) {
		case CM_TAG_AID:
			q->aid = t.value;
			aid = true;
			break;
		case TAG_LOAD_FILE_AID:
			q->load_file = t.value;
			q->has_load_file = true;
			break;
		case TAG_SD_AID:
			q->sd = t.value;
			q->has_sd = true;
			break;
		case CM_TAG_TAG_LIST:
			q->tags = t.value;
			q->has_tags = true;
			break;
		default:
			return false;
		}
	}
	return aid && !r.bad && q->aid.n <= CM_AID_MAX;
}

static bool wants(const struct criteria *q, unsigned tag)
{
	struct rd r = q->tags;
	if (!q->has_tags || r.n == 0)
		return true;
	while (rd_left(&r) != 0) {
		unsigned t = rd_u8(&r);
		if ((t & 0x1f) == 0x1f)
			t = t << 8 | rd_u8(&r);
		if (t == tag)
			return true;
	}
	return false;
}

static bool same_aid(const struct cm *c, uint16_t entry, struct rd aid)
{
	struct cm_entry e;
	if (entry == 0)
		return false;
	e = cm_entry(c, entry);
	return e.aid_len == aid.n && memcmp(e.aid, aid.p, aid.n) == 0;
}

/* Does the security domain see the entry? With the global registry privilege all, else what is below it: 11.4.1. */
static bool shown(const struct cm *c, uint8_t p1, const struct criteria *q, uint16_t h)
{
	uint16_t sd = cm_on(c)->app;
	struct cm_entry e = cm_entry(c, h), me = cm_entry(c, sd);
	bool kind = p1 == P1_ISD    ? e.kind == CM_ISD
	    : p1 == P1_APPLICATIONS ? e.kind == CM_APP || e.kind == CM_SD
				    : e.kind == CM_LOAD_FILE;
	if (!kind || q->aid.n > e.aid_len || memcmp(e.aid, q->aid.p, q->aid.n) != 0)
		return false;
	if (!cm_has(&me, CM_P_GLOBAL_REGISTRY) && !cm_below(c, h, sd))
		return false;
	return (!q->has_load_file || same_aid(c, e.load_file, q->load_file)) &&
	    (!q->has_sd || same_aid(c, e.sd, q->sd));
}

static void put_modules(const struct cm *c, const struct cm_entry *e, bool tlv, struct buf *out)
{
	static const uint8_t ssd_module[] = {0xa0, 0, 0, 1, 0x51, 0x53, 0x50, 0x41};
	struct jc_package_info info;
	unsigned n = 1;
	if (e->package >= JC_LOADED)
		n = jc_package_info(c->jc, e->package, &info) ? info.modules : 0;
	if (!tlv)
		buf_u8(out, n);
	for (unsigned i = 0; i < n; i++) {
		uint8_t aid[JC_AID_MAX], len = sizeof ssd_module;
		memcpy(aid, ssd_module, sizeof ssd_module);
		if (e->package >= JC_LOADED && !jc_package_module(c->jc, e->package, i, aid, &len))
			continue;
		if (tlv)
			tlv_put(out, TAG_MODULE_AID, aid, len);
		else {
			buf_u8(out, len);
			buf_add(out, aid, len);
		}
	}
}

static void put_tlv(const struct cm *c, uint8_t p1, const struct criteria *q, uint16_t h, struct buf *out)
{
	struct cm_entry e = cm_entry(c, h), other;
	struct jc_package_info info;
	struct buf b = {0};
	uint8_t privileges[] = {(uint8_t)(e.privileges >> 16), (uint8_t)(e.privileges >> 8), (uint8_t)e.privileges};
	tlv_put(&b, CM_TAG_AID, e.aid, e.aid_len);
	if (wants(q, TAG_STATE))
		tlv_put_u8(&b, TAG_STATE, cm_state_of(c, h));
	if (e.kind != CM_LOAD_FILE && wants(q, TAG_PRIVILEGES))
		tlv_put(&b, TAG_PRIVILEGES, privileges, sizeof privileges);
	if (e.kind != CM_LOAD_FILE && wants(q, TAG_IMPLICIT))
		for (uint8_t i = 0; i < e.n_implicit; i++)
			tlv_put_u8(&b, TAG_IMPLICIT, e.implicit[i]);
	if (e.load_file != 0 && wants(q, TAG_LOAD_FILE_AID)) {
		other = cm_entry(c, e.load_file);
		tlv_put(&b, TAG_LOAD_FILE_AID, other.aid, other.aid_len);
	}
	if (e.kind == CM_LOAD_FILE && e.package >= JC_LOADED && wants(q, TAG_VERSION) &&
	    jc_package_info(c->jc, e.package, &info))
		tlv_put_u16(&b, TAG_VERSION, (unsigned)info.major << 8 | info.minor);
	if (p1 == P1_MODULES && wants(q, TAG_MODULE_AID))
		put_modules(c, &e, true, &b);
	if (e.kind != CM_ISD && wants(q, TAG_SD_AID)) {
		other = cm_entry(c, e.sd);
		tlv_put(&b, TAG_SD_AID, other.aid, other.aid_len);
	}
	tlv_put(out, TAG_REGISTRY, b.p, b.n);
	buf_reset(&b);
}

/* The form of old cards: table 11-34. One byte of privileges. */
static void put_plain(const struct cm *c, uint8_t p1, uint16_t h, struct buf *out)
{
	struct cm_entry e = cm_entry(c, h);
	buf_u8(out, e.aid_len);
	buf_add(out, e.aid, e.aid_len);
	buf_u8(out, cm_state_of(c, h));
	buf_u8(out, e.kind == CM_LOAD_FILE ? 0 : e.privileges >> 16 & 0xff);
	if (p1 == P1_MODULES)
		put_modules(c, &e, false, out);
}

/* Bytes that one response can carry under the session's protection. */
static size_t room(const struct cm *c)
{
	enum { PLAIN = 256, R_MAC = 16, R_ENC = 16 };
	const struct cm_secure *s = cm_secure_on(c);
	uint8_t level = s != NULL ? cm_secure_level(s) : 0;
	size_t n = PLAIN;
	if ((level & CM_R_MAC) != 0)
		n -= R_MAC;
	if ((level & CM_R_ENCRYPTION) != 0)
		n -= R_ENC;
	return c->cmd.extended ? 4 * n : n;
}

sw_t cm_get_status(struct cm *c)
{
	struct cm_listing *l = &c->s->listing;
	struct criteria q;
	uint16_t h = cm_first_entry(c);
	uint8_t p1 = c->cmd.p1, p2 = c->cmd.p2;
	bool next = (p2 & P2_NEXT) != 0, any = false;
	size_t from = c->rsp->n, max = room(c);
	if ((p1 != P1_ISD && p1 != P1_APPLICATIONS && p1 != P1_LOAD_FILES && p1 != P1_MODULES) ||
	    (p2 & ~(P2_NEXT | P2_TLV)) != 0)
		return SW_WRONG_P1P2;
	if (!read_criteria(c->cmd.data, c->cmd.lc, &q) || c->cmd.lc > sizeof l->criteria)
		return SW_WRONG_DATA;
	if (next) {
		/* 11.4.2.1: only after a first GET STATUS of the same kind, and nothing in between. */
		if (l->next == 0 || l->p1 != p1 || l->p2 != (p2 & P2_TLV) || l->channel != c->s->channel ||
		    l->criteria_len != c->cmd.lc || memcmp(l->criteria, c->cmd.data, c->cmd.lc) != 0)
			return SW_CONDITIONS_OF_USE;
		h = l->next;
	}
	l->next = 0;
	for (; h != 0; h = cm_next_entry(c, h)) {
		size_t before = c->rsp->n;
		if (!shown(c, p1, &q, h))
			continue;
		if ((p2 & P2_TLV) != 0)
			put_tlv(c, p1, &q, h, c->rsp);
		else
			put_plain(c, p1, h, c->rsp);
		if (c->rsp->n - from > max && any) {
			c->rsp->n = before;
			*l = (struct cm_listing){.p1 = p1,
			    .p2 = p2 & P2_TLV,
			    .channel = c->s->channel,
			    .next = h,
			    .criteria_len = (uint8_t)c->cmd.lc};
			memcpy(l->criteria, c->cmd.data, c->cmd.lc);
			return SW_MORE_DATA;
		}
		any = true;
	}
	return any ? SW_OK : SW_REFERENCE_NOT_FOUND;
}
