/* Secure channels of the card's security domains: keys and counters from the registry, sessions in the RAM. GPCS 10;
 * INITIALIZE UPDATE and EXTERNAL AUTHENTICATE: D.4, E.5, Amendment D 7.1. */
#include "runtime/sim/javacard/manager/key.h"

#include <string.h>

#include "runtime/base/wipe.h"

enum { KDD_AT_DATE = 10, KDD_AT_SERIAL = 12 };

struct cm_secure *cm_secure_on(const struct cm *c)
{
	uint8_t n = cm_on(c)->secure;
	return n != 0 ? &c->s->secure[n - 1] : NULL;
}

void cm_channel_end(struct cm *c, uint8_t channel)
{
	uint8_t n = c->s->on[channel].secure;
	if (n != 0)
		cm_secure_end(&c->s->secure[n - 1]);
	c->s->on[channel].secure = 0;
}

/* A session for the current logical channel: the one it has, or a free one. */
static struct cm_secure *take(struct cm *c)
{
	bool used[CM_SECURE_SESSIONS] = {false};
	struct cm_channel *on = cm_on(c);
	for (unsigned i = 0; i < JC_CHANNELS_MAX; i++)
		if (c->s->on[i].secure != 0)
			used[c->s->on[i].secure - 1] = true;
	for (uint8_t i = 0; i < CM_SECURE_SESSIONS && on->secure == 0; i++)
		if (!used[i])
			on->secure = (uint8_t)(i + 1);
	return cm_secure_on(c);
}

/* Key diversification data: the chip's fabrication date, serial number and batch from the CPLC, as the known card
 * makers have them; 10 bytes. */
static void diversification(const struct cm *c, uint8_t out[CM_DIVERSIFICATION])
{
	memset(out, 0, CM_DIVERSIFICATION);
	for (uint32_t i = 0; i < 8; i++)
		out[2 + i] = cm_u8(c, CM_H_CPLC + KDD_AT_DATE + i);
}

/* The protocol for these keys: the security domain's own, or the card's first one that uses their cipher. */
static bool protocol_for(const struct cm *c, const struct cm_entry *sd, bool aes, uint8_t *scp, uint8_t *i)
{
	if (sd->scp != 0) {
		*scp = sd->scp;
		*i = sd->scp_i;
		return aes == (sd->scp == 3);
	}
	for (uint32_t n = 0; n < CM_SCPS; n++) {
		*scp = cm_u8(c, CM_H_SCP + 2 * n);
		*i = cm_u8(c, CM_H_SCP + 2 * n + 1);
		if (*scp != 0 && aes == (*scp == 3))
			return true;
	}
	return false;
}

/* What INITIALIZE UPDATE needs. The keys are in the caller's memory and wiped by it. */
struct material {
	struct cm_key_set keys;
	struct cm_initialize q;
	struct cm_entry app;
	uint8_t kdd[CM_DIVERSIFICATION], random[CM_CHALLENGE_MAX];
	uint16_t sd;
};

static bool collect(struct cm *c, uint16_t app, uint8_t version, struct material *m)
{
	bool aes = false;
	struct cm_key first;
	memset(m, 0, sizeof *m);
	m->sd = cm_serving_sd(c, app);
	m->app = cm_entry(c, app);
	struct cm_entry sd = cm_entry(c, m->sd);
	uint8_t scp = 0, i = 0;
	/* Which protocol decides whether one key is enough, and the keys decide which protocol: three first. */
	if (!cm_key_set(c, m->sd, version, false, &m->keys, &aes) &&
	    !cm_key_set(c, m->sd, version, true, &m->keys, &aes))
		return false;
	if (!protocol_for(c, &sd, aes, &scp, &i))
		return false;
	bool one = scp == 2 && (i & CM_I_THREE_KEYS) == 0;
	if (!cm_key_set(c, m->sd, version, one, &m->keys, &aes) ||
	    !cm_key_read(c, cm_key_find(c, m->sd, m->keys.version, CM_KEY_ENC), &first))
		return false;
	diversification(c, m->kdd);
	m->q = (struct cm_initialize){.scp = scp,
	    .i = i,
	    .keys = &m->keys,
	    .diversification = m->kdd,
	    .sequence = first.sequence,
	    .aid = m->app.aid,
	    .aid_len = m->app.aid_len,
	    .random = m->random};
	return true;
}

sw_t cm_channel_open(struct cm *c, uint16_t app, const struct apdu *a, struct buf *rsp)
{
	struct material m;
	sw_t sw = SW_REFERENCE_NOT_FOUND;
	cm_channel_end(c, c->s->channel);
	if (a->p2 != 0)
		return SW_WRONG_P1P2;
	if (!collect(c, app, a->p1, &m))
		goto out;
	sw = SW_AUTH_BLOCKED;
	if (cm_entry(c, m.sd).tries == 0)
		goto out;
	sw = SW_WRONG_LENGTH;
	if (a->lc != cm_secure_width(m.q.scp, m.q.i))
		goto out;
	sw = SW_CONDITIONS_OF_USE;
	/* Implicit initiation only: E.1.2.2. */
	if (m.q.scp == 2 && (m.q.i & CM_I_EXPLICIT) == 0)
		goto out;
	struct cm_secure *s = take(c);
	if (s == NULL)
		goto out;
	m.q.host = a->data;
	m.q.host_len = a->lc;
	sim_random(c->sim, m.random, sizeof m.random);
	sw = cm_secure_begin(s, &m.q, rsp);
	s->sd = m.sd;
	s->app = app;
out:
	if (sw != SW_OK)
		cm_channel_end(c, c->s->channel);
	wipe(&m, sizeof m);
	return sw;
}

/* The sequence counter moves with each session that really opened, so that nobody repeats its keys (E.4.1, Amendment D
 * 6.2.2.1). It stops at its end: then there are no more sessions. */
static bool advance(struct cm *c, const struct cm_secure *s)
{
	struct cm_key k;
	uint16_t h = cm_key_find(c, s->sd, s->key_version, CM_KEY_ENC);
	uint32_t end = s->scp == 3 ? 0xffffff : 0xffff;
	if (h == 0 || !cm_key_read(c, h, &k) || k.sequence >= end)
		return false;
	cm_key_set_sequence(c, h, k.sequence + 1);
	return true;
}

/* Count the try before comparing: a card pulled out here must not win a free guess. */
static void count_try(struct cm *c, uint16_t sd)
{
	struct cm_entry e = cm_entry(c, sd);
	e.tries--;
	cm_entry_set(c, sd, &e);
}

/* Right: all tries are there again, and the sequence counter moves before the command does anything (E.1.2). Not
 * compared: the try comes back. */
static sw_t take_back(struct cm *c, const struct cm_secure *s, bool right, sw_t sw)
{
	uint16_t sd = s->sd;
	struct cm_entry e = cm_entry(c, sd);
	nv_begin(c->nv);
	bool ok = !right || advance(c, s);
	e.tries = right ? cm_u8(c, CM_H_TRIES) : (uint8_t)(e.tries + 1);
	cm_entry_set(c, sd, &e);
	return nv_commit(c->nv) && ok ? sw : SW_CONDITIONS_OF_USE;
}

sw_t cm_channel_authenticate(struct cm *c, const struct apdu *a)
{
	struct cm_secure *s = cm_secure_on(c);
	if (s == NULL || s->state != CM_SECURE_INITIALIZED)
		return SW_CONDITIONS_OF_USE;
	if (cm_entry(c, s->sd).tries == 0)
		return SW_AUTH_BLOCKED;
	count_try(c, s->sd);
	sw_t sw = cm_secure_authenticate(s, a);
	if (sw == SW_WRONG_P1P2 || sw == SW_WRONG_LENGTH || sw == SW_OK)
		sw = take_back(c, s, sw == SW_OK, sw);
	if (sw != SW_OK && sw != SW_WRONG_P1P2 && sw != SW_WRONG_LENGTH)
		cm_channel_end(c, c->s->channel);
	return sw;
}

sw_t cm_channel_implicit(struct cm *c, uint16_t app)
{
	struct material m;
	sw_t sw = SW_SECURITY_STATUS;
	struct cm_secure *s = NULL;
	if (!collect(c, app, 0, &m) || m.q.scp != 2 || (m.q.i & CM_I_EXPLICIT) != 0 || cm_entry(c, m.sd).tries == 0)
		goto out;
	s = take(c);
	if (s == NULL || cm_secure_begin_implicit(s, &m.q) != SW_OK)
		goto out;
	s->sd = m.sd;
	s->app = app;
	count_try(c, m.sd);
	sw = cm_secure_unwrap(s, &c->cmd, c->data);
	if (sw == SW_OK)
		sw = take_back(c, s, true, SW_OK);
	if (sw != SW_OK && s->state == CM_SECURE_OPEN)
		cm_secure_abort(s);
out:
	wipe(&m, sizeof m);
	return sw;
}

sw_t cm_initialize_update(struct cm *c)
{
	return cm_channel_open(c, cm_on(c)->app, &c->cmd, c->rsp);
}

sw_t cm_external_authenticate(struct cm *c)
{
	return cm_channel_authenticate(c, &c->cmd);
}
