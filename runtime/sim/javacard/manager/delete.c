/* DELETE: GPCS 11.2, 9.5. */
#include "runtime/sim/javacard/manager/token.h"

#include "runtime/base/iso7816.h"
#include "runtime/base/tlv.h"
#include "runtime/sim/javacard/manager/api.h"
#include "runtime/sim/javacard/manager/data.h"

enum { P2_RELATED = 0x80, TAG_KEY_ID = 0xd0, TAG_KEY_VERSION = 0xd2, TAG_CONTROL = 0xb6, TAG_TOKEN = 0x9e };

struct request {
	struct rd aid, key_id, key_version, token;
	bool has_aid, has_id, has_version;
	size_t signed_len; /* bytes before the token */
};

static bool read_request(const struct apdu *a, struct request *q)
{
	struct rd r = rd_of(a->data, a->lc);
	struct tlv t;
	*q = (struct request){.signed_len = a->lc};
	for (size_t at = 0; tlv_next(&r, &t); at = r.at) {
		switch (t.tag) {
		case CM_TAG_AID:
			q->aid = t.value;
			q->has_aid = true;
			break;
		case TAG_KEY_ID:
			q->key_id = t.value;
			q->has_id = true;
			break;
		case TAG_KEY_VERSION:
			q->key_version = t.value;
			q->has_version = true;
			break;
		case TAG_CONTROL:
			break;
		case TAG_TOKEN:
			q->token = t.value;
			q->signed_len = at;
			break;
		default:
			return false;
		}
	}
	return !r.bad && q->has_aid != (q->has_id || q->has_version);
}

/* --- keys: 11.2.2.3.2 --- */

static bool matches(const struct request *q, const struct cm_key *k, uint16_t sd)
{
	return k->sd == sd && (!q->has_id || k->id == q->key_id.p[0]) &&
	    (!q->has_version || k->version == q->key_version.p[0]);
}

static sw_t delete_keys(struct cm *c, const struct request *q)
{
	uint16_t sd = cm_on(c)->app;
	const struct cm_secure *s = cm_secure_on(c);
	unsigned found = 0;
	if ((q->has_id && q->key_id.n != 1) || (q->has_version && q->key_version.n != 1))
		return SW_WRONG_DATA;
	nv_begin(c->nv);
	for (uint16_t h = cm_next(c, 0, CM_KEY); h != 0; h = cm_next(c, h, CM_KEY)) {
		struct cm_key k;
		if (!cm_key_read(c, h, &k) || !matches(q, &k, sd))
			continue;
		/* Whoever saws off the key set of the session under way may be left without any. */
		if (s->sd == sd && k.version == s->key_version) {
			nv_abort(c->nv);
			return SW_CONDITIONS_OF_USE;
		}
		cm_drop(c, h);
		found++;
	}
	if (!nv_commit(c->nv))
		return SW_NO_MEMORY;
	cm_tidy(c);
	if (found == 0)
		return SW_REFERENCE_NOT_FOUND;
	buf_u8(c->rsp, 0);
	return SW_OK;
}

/* --- applications, load files, security domains --- */

/* What goes away together. */
struct doomed {
	struct jc_doomed machine;
	uint16_t entry[CM_HOST_SIZE / 64];
	unsigned entries;
	bool too_many;
};

static void doom(struct cm *c, struct doomed *d, uint16_t h)
{
	struct cm_entry e = cm_entry(c, h);
	for (unsigned i = 0; i < d->entries; i++)
		if (d->entry[i] == h)
			return;
	struct jc_doomed *m = &d->machine;
	if (d->entries == sizeof d->entry / sizeof d->entry[0] || m->applets == JC_APPLETS_MAX ||
	    m->packages == JC_PACKAGES_MAX) {
		d->too_many = true;
		return;
	}
	d->entry[d->entries++] = h;
	if (e.kind == CM_APP)
		m->applet[m->applets++] = e.applet;
	if (e.kind == CM_LOAD_FILE)
		m->package[m->packages++] = e.package;
}

/* The entry, its instances, or all that is below it. false: there is something and it was not to go. */
static bool doom_related(struct cm *c, struct doomed *d, uint16_t target, bool related)
{
	struct cm_entry e = cm_entry(c, target);
	bool alone = true;
	doom(c, d, target);
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry other = cm_entry(c, h);
		bool below = cm_is_sd(&e) && h != target && cm_below(c, h, target);
		bool instance = e.kind == CM_LOAD_FILE && other.load_file == target;
		if (!below && !instance)
			continue;
		alone = false;
		if (related)
			doom(c, d, h);
	}
	/* Instances of a load file that goes with its security domain. */
	for (unsigned i = 0; i < d->entries && related; i++)
		for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h))
			if (cm_entry(c, h).load_file == d->entry[i])
				doom(c, d, h);
	return alone || related;
}

static bool deletable(struct cm *c, const struct doomed *d)
{
	for (unsigned i = 0; i < d->entries; i++) {
		struct cm_entry e = cm_entry(c, d->entry[i]);
		if (e.kind == CM_ISD || e.rom || cm_is_selected(c, d->entry[i]))
			return false;
	}
	return !d->too_many;
}

static void drop_belongings(struct cm *c, uint16_t sd)
{
	uint16_t next;
	for (uint16_t h = cm_next(c, 0, CM_KEY); h != 0; h = next) {
		struct cm_key k;
		next = cm_next(c, h, CM_KEY);
		if (cm_key_read(c, h, &k) && k.sd == sd)
			cm_drop(c, h);
	}
	for (uint16_t h = cm_next(c, 0, CM_DATA); h != 0; h = next) {
		const uint8_t *b = cm_body(c, h, NULL);
		next = cm_next(c, h, CM_DATA);
		if ((b[0] << 8 | b[1]) == sd)
			cm_drop(c, h);
	}
}

static bool is_doomed(const struct doomed *d, uint16_t h)
{
	for (unsigned i = 0; i < d->entries; i++)
		if (d->entry[i] == h)
			return true;
	return false;
}

/* Handles are given anew: nothing may remember the entries that are gone. */
static void forget(struct cm *c, const struct doomed *d)
{
	for (uint8_t i = 0; i < JC_CHANNELS_MAX; i++) {
		struct cm_channel *on = &c->s->on[i];
		if (is_doomed(d, on->personalize))
			on->personalize = 0;
		if (on->secure != 0 && is_doomed(d, c->s->secure[on->secure - 1].sd))
			cm_channel_end(c, i);
	}
}

/* One transaction for the registry and the machine: before it everything is there, after it nothing. */
static sw_t destroy(struct cm *c, const struct doomed *d, bool receipt, const struct cm_entry *target)
{
	struct cm_field aid = {target->aid, target->aid_len};
	sw_t sw = SW_OK;
	bool machine = d->machine.applets != 0 || d->machine.packages != 0;
	if (machine)
		sw = jc_delete(c->jc, &d->machine);
	if (sw != SW_OK)
		return sw;
	nv_begin(c->nv);
	if (machine)
		jc_delete_commit(c->jc, &d->machine);
	for (unsigned i = 0; i < d->entries; i++) {
		struct cm_entry e = cm_entry(c, d->entry[i]);
		drop_belongings(c, d->entry[i]);
		/* An applet may keep its GPRegistryEntry. */
		if (e.object != 0 && jc_class_of(c->jc, e.object) == &cm_class_entry)
			jc_set_cell_now(c->jc, e.object, 0, 0);
		cm_drop(c, d->entry[i]);
	}
	cm_confirm(c, receipt, &aid, 1);
	if (!nv_commit(c->nv))
		return SW_NO_MEMORY;
	forget(c, d);
	if (machine)
		jc_delete_done(c->jc);
	cm_tidy(c);
	return SW_OK;
}

static sw_t delete_entry(struct cm *c, const struct request *q)
{
	uint16_t sd = cm_on(c)->app, target;
	struct cm_entry me = cm_entry(c, sd), e;
	struct doomed d = {0};
	bool receipt = false;
	if (q->aid.n < AID_MIN || q->aid.n > AID_MAX)
		return SW_WRONG_DATA;
	target = cm_entry_by_aid(c, q->aid.p, q->aid.n);
	if (target == 0 || (!cm_has(&me, CM_P_GLOBAL_DELETE) && !cm_below(c, target, sd)))
		return SW_REFERENCE_NOT_FOUND;
	e = cm_entry(c, target);
	if (!cm_has(&me, CM_P_GLOBAL_DELETE)) {
		/* A delegate deletes what is below it; a token is looked at when one is given: 9.5.1. */
		if (!cm_has(&me, CM_P_AUTHORIZED) && !cm_has(&me, CM_P_DELEGATED))
			return SW_CONDITIONS_OF_USE;
		if (q->token.n != 0 && !cm_token_right(c, c->cmd.data, q->signed_len, q->token))
			return SW_CONDITIONS_OF_USE;
		receipt = !cm_has(&me, CM_P_AUTHORIZED);
	}
	if (target == sd || !doom_related(c, &d, target, (c->cmd.p2 & P2_RELATED) != 0) || !deletable(c, &d))
		return SW_CONDITIONS_OF_USE;
	return destroy(c, &d, receipt, &e);
}

sw_t cm_delete(struct cm *c)
{
	struct request q;
	if ((c->cmd.p1 & 0x7f) != 0 || (c->cmd.p2 & 0x7f) != 0)
		return SW_WRONG_P1P2;
	if (!read_request(&c->cmd, &q))
		return SW_WRONG_DATA;
	return q.has_aid ? delete_entry(c, &q) : delete_keys(c, &q);
}
