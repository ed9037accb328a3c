/* Cards that are wrong about keys and secure messaging. Include after cmocka.h. */
#ifndef IGATA_TESTS_MUTANT_KEYS_H
#define IGATA_TESTS_MUTANT_KEYS_H

#include "runtime/base/tlv.h"
#include "runtime/crypto/mac.h"
#include "tests/unit/support/mutant.h"

static inline bool protected_command(const struct mutation *m)
{
	return m->n > 4 && (m->cmd[0] & 0x0c) == 0x0c;
}

static inline bool in_session(const struct mutation *m)
{
	return protected_command(m) && m->before.security.channel.open;
}

static inline bool authenticates(const struct mutation *m)
{
	return is(m, INS_EXTERNAL_AUTHENTICATE);
}

static inline bool refused_by_protection(struct buf *rsp)
{
	return sw_class(sw(rsp)) == SW_CLASS_SECURE_MESSAGING;
}

/* The channel as it was; the contexts that it kept are made anew. */
static inline void put_back(struct mutation *m, const struct channel *was)
{
	struct channel ch = *was;
	ch.keyed = NULL;
	protect_forget(&session(m)->security.channel);
	session(m)->security.channel = ch;
}

/* ---- the MAC of a command, as a card that looks away would have it ---- */

static inline void count_on(struct channel *ch, int by)
{
	size_t i = ch->algorithm == CIPHER_AES ? 16 : 8;
	for (; by > 0; by--)
		for (size_t k = i; k-- > 0 && ++ch->ssc[k] == 0;)
			;
	for (; by < 0; by++)
		for (size_t k = i; k-- > 0 && ch->ssc[k]-- == 0;)
			;
}

/* Over these n bytes of objects, with the counter `by` ahead. */
static inline void mac_of(struct mutation *m, const uint8_t *objects, size_t n, int by, uint8_t out[8])
{
	struct channel ch = session(m)->security.channel;
	size_t block = ch.algorithm == CIPHER_AES ? 16 : 8;
	struct buf in = {0};
	uint8_t all[MAC_MAX];
	count_on(&ch, by);
	buf_add(&in, ch.ssc, block);
	buf_add(&in, m->cmd, 4);
	buf_u8(&in, 0x80);
	while (in.n % block != 0)
		buf_u8(&in, 0);
	if (n != 0) {
		buf_add(&in, objects, n);
		buf_u8(&in, 0x80);
		while (in.n % block != 0)
			buf_u8(&in, 0);
	}
	struct mac *x = mac_new(ch.algorithm == CIPHER_AES ? MAC_CMAC_AES : MAC_RETAIL_DES, ch.mac, ch.key_len);
	assert_true(x != NULL && mac_compute(x, in.p, in.n, all));
	memcpy(out, all, 8);
	mac_free(x);
	buf_reset(&in);
}

/* What is in a protected command: all objects but 8E, and 8E. */
struct parts {
	uint8_t objects[300], mac[8];
	size_t n, mac_len;
	bool mac_last, bad;
};

static inline struct parts parts_of(const struct mutation *m)
{
	struct parts p = {.mac_last = true};
	struct apdu a;
	struct tlv t;
	if (!apdu_parse(&a, m->cmd, m->n)) {
		p.bad = true;
		return p;
	}
	struct rd r = rd_of(a.data, a.lc);
	for (size_t at = 0; tlv_next(&r, &t); at = r.at) {
		if (t.tag == 0x8e) {
			p.mac_len = rd_left(&t.value);
			memcpy(p.mac, a.data + r.at - p.mac_len, p.mac_len < 8 ? p.mac_len : 8);
			p.mac_last = rd_left(&r) == 0;
			continue;
		}
		memcpy(p.objects + p.n, a.data + at, r.at - at);
		p.n += r.at - at;
	}
	p.bad = r.bad;
	return p;
}

/* The command with these objects and a right MAC. */
static inline void rebuild(struct mutation *m, const uint8_t *objects, size_t n)
{
	uint8_t body[300], mac[8];
	struct buf cmd = {0};
	memcpy(body, objects, n);
	mac_of(m, objects, n, 1, mac);
	memcpy(body + n, "\x8e\x08", 2);
	memcpy(body + n + 2, mac, 8);
	struct apdu a = {m->cmd[0], m->cmd[1], m->cmd[2], m->cmd[3], body, n + 10, 256, true, true, false};
	apdu_write(&cmd, &a);
	assert_true(cmd.n <= sizeof m->cmd);
	memcpy(m->cmd, cmd.p, cmd.n);
	m->n = cmd.n;
	buf_reset(&cmd);
}

/* ---- before ---- */

static inline void mac_not_checked(struct mutation *m)
{
	struct parts p = parts_of(m);
	if (in_session(m) && !p.bad && p.mac_len == 8 && p.mac_last)
		rebuild(m, p.objects, p.n);
}

static inline void short_mac_taken(struct mutation *m)
{
	struct parts p = parts_of(m);
	if (in_session(m) && !p.bad && p.mac_len == 4)
		rebuild(m, p.objects, p.n);
}

static inline void no_mac_needed(struct mutation *m)
{
	struct parts p = parts_of(m);
	if (in_session(m) && !p.bad && p.mac_len == 0)
		rebuild(m, p.objects, p.n);
}

static inline void mac_anywhere(struct mutation *m)
{
	struct parts p = parts_of(m);
	if (in_session(m) && !p.bad && p.mac_len == 8 && !p.mac_last)
		rebuild(m, p.objects, p.n);
}

/* The MAC would be right with another counter. */
static inline void take_counter(struct mutation *m, int by)
{
	struct parts p = parts_of(m);
	uint8_t mac[8];
	if (!in_session(m) || p.bad || p.mac_len != 8 || !p.mac_last)
		return;
	mac_of(m, p.objects, p.n, by, mac);
	if (memcmp(mac, p.mac, 8) == 0)
		count_on(&session(m)->security.channel, by - 1);
}

static inline void replay_taken(struct mutation *m)
{
	take_counter(m, -1);
}

static inline void gaps_taken(struct mutation *m)
{
	take_counter(m, 2);
}

static inline void indicator_ignored(struct mutation *m)
{
	struct parts p = parts_of(m);
	if (!in_session(m) || p.n < 3 || p.objects[0] != 0x87 || p.objects[2] != 0x02)
		return;
	p.objects[2] = 0x01;
	rebuild(m, p.objects, p.n);
}

static inline void unknown_ignored(struct mutation *m)
{
	struct parts p = parts_of(m);
	if (in_session(m) && p.n >= 3 && p.objects[p.n - 3] == 0x04)
		rebuild(m, p.objects, p.n - 3);
}

static inline void second_ignored(struct mutation *m)
{
	struct parts p = parts_of(m);
	if (in_session(m) && p.n >= 2 && p.n % 2 == 0 && memcmp(p.objects, p.objects + p.n / 2, p.n / 2) == 0)
		rebuild(m, p.objects, p.n / 2);
}

static inline void order_ignored(struct mutation *m)
{
	struct parts p = parts_of(m);
	if (in_session(m) && p.n > 3 && p.objects[0] == 0x97)
		rebuild(m, p.objects + 3, p.n - 3);
}

static inline void plain_suffices(struct mutation *m)
{
	struct security *s = &session(m)->security;
	if ((m->cmd[0] & 0x0c) == 0 && s->channel.open && !authenticates(m))
		s->protection = PROTECTION_ENC_MAC;
}

static inline void plain_again(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	session(m)->security.protection = PROTECTION_NONE;
}

/* Every key takes whatever challenge there is; or none. */
static inline void challenge_as_needed(struct mutation *m, bool there)
{
	struct security *s = &session(m)->security;
	const struct contract *ap = layout_contract_at(&m->card->nv);
	for (uint16_t i = 0; authenticates(m) && i < ap->n_keys; i++)
		if (ap->key[i].use != KEY_INTERNAL && m->cmd[3] == (0x80 | ap->key[i].ref) &&
		    (s->challenge_len != 0) == there)
			s->challenge_len = (uint8_t)challenge_length(&ap->key[i]);
}

static inline void any_challenge(struct mutation *m)
{
	challenge_as_needed(m, true);
}

static inline void no_challenge(struct mutation *m)
{
	challenge_as_needed(m, false);
}

static inline uint8_t *key_tries(struct mutation *m, uint16_t key)
{
	return m->card->nv.mem + session(m)->at.keys[key];
}

static inline void key_never_blocked(struct mutation *m)
{
	const struct contract *ap = layout_contract_at(&m->card->nv);
	for (uint16_t i = 0; i < ap->n_keys; i++)
		if (*key_tries(m, i) == 0)
			*key_tries(m, i) = 1;
}

/* ---- after ---- */

static inline void security_back(struct mutation *m)
{
	put_back(m, &m->before.security.channel);
	struct channel ch = session(m)->security.channel;
	session(m)->security = m->before.security;
	session(m)->security.channel = ch;
}

static inline void fault_keeps_session(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && refused_by_protection(rsp))
		security_back(m);
}

static inline void fault_keeps_counting(struct mutation *m, struct buf *rsp)
{
	fault_keeps_session(m, rsp);
	if (in_session(m) && refused_by_protection(rsp))
		count_on(&session(m)->security.channel, 1);
}

static inline void fault_keeps_auth(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && refused_by_protection(rsp))
		memcpy(session(m)->security.auth, m->before.security.auth, sizeof m->before.security.auth);
}

static inline void fault_keeps_pins(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && refused_by_protection(rsp))
		undo_verified(m);
}

static inline void fault_clears_pins(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && refused_by_protection(rsp))
		memset(session(m)->verified, 0, sizeof session(m)->verified);
}

static inline void fault_clears_keys(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && refused_by_protection(rsp))
		memset(session(m)->security.auth, 0, sizeof session(m)->security.auth);
}

static inline void pins_stay_inside(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	for (size_t i = 0; i < CONTRACT_PINS; i++)
		session(m)->security.inside[i] = session(m)->security.inside[i] || m->before.security.inside[i];
	if (is(m, INS_SELECT))
		memset(session(m)->security.inside, 0, sizeof session(m)->security.inside);
}

/* A status word behind protection, bare. */
static inline sw_t protected_word(const struct buf *rsp)
{
	return (sw_t)(rsp->p[rsp->n - 2] << 8 | rsp->p[rsp->n - 1]);
}

static inline void refusals_in_plain(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && rsp->n > 2 && protected_word(rsp) != SW_OK)
		answer(rsp, protected_word(rsp));
}

static inline void answers_in_plain(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && rsp->n > 2)
		answer(rsp, protected_word(rsp));
}

static inline void refusals_end_session(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && protected_word(rsp) != SW_OK)
		protect_forget(&session(m)->security.channel);
}

static inline void faults_protected(struct mutation *m, struct buf *rsp)
{
	if (in_session(m) && refused_by_protection(rsp)) {
		uint8_t word[2] = {rsp->p[0], rsp->p[1]};
		buf_clear(rsp);
		buf_add(rsp, "\x99\x02", 2);
		buf_add(rsp, word, 2);
		buf_add(rsp, word, 2);
	}
}

static inline void counter_not_raised(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (in_session(m))
		memcpy(session(m)->security.channel.ssc, m->before.security.channel.ssc, CIPHER_BLOCK_MAX);
}

static inline bool selects_ap(const struct mutation *m)
{
	return is(m, INS_SELECT) && m->cmd[2] == 0x04;
}

static inline void auth_survives_select(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (selects_ap(m) && !m->reset_since)
		memcpy(session(m)->security.auth, m->before.security.auth, sizeof m->before.security.auth);
}

static inline void session_survives_select(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (selects_ap(m) && !m->reset_since)
		put_back(m, &m->before.security.channel);
}

static struct security at_reset;

static inline void before_reset(struct link *l)
{
	struct mutation *m = l->state;
	at_reset = session(m)->security;
}

static inline void auth_survives_reset(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (selects_ap(m) && m->reset_since)
		memcpy(session(m)->security.auth, at_reset.auth, sizeof at_reset.auth);
}

static inline void session_survives_reset(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (selects_ap(m) && m->reset_since)
		put_back(m, &at_reset.channel);
}

static inline void key_uses_no_try(struct mutation *m, struct buf *rsp)
{
	if (authenticates(m) && mismatch(rsp))
		undo_memory(m);
}

static inline void key_not_restored(struct mutation *m, struct buf *rsp)
{
	if (authenticates(m) && sw(rsp) == SW_OK) {
		undo_memory(m);
		const struct contract *ap = layout_contract_at(&m->card->nv);
		for (uint16_t i = 0; i < ap->n_keys; i++)
			if (m->cmd[3] == (0x80 | ap->key[i].ref) && *key_tries(m, i) > 1 &&
			    *key_tries(m, i) == ap->key[i].tries)
				--*key_tries(m, i);
	}
}

static inline void key_failure_keeps_auth(struct mutation *m, struct buf *rsp)
{
	if (authenticates(m) && mismatch(rsp))
		memcpy(session(m)->security.auth, m->before.security.auth, sizeof m->before.security.auth);
}

static inline void key_failure_ends_session(struct mutation *m, struct buf *rsp)
{
	if (authenticates(m) && mismatch(rsp))
		protect_forget(&session(m)->security.channel);
}

static inline void challenge_kept(struct mutation *m)
{
	struct security *s = &session(m)->security;
	memcpy(s->challenge, m->before.security.challenge, sizeof s->challenge);
	s->challenge_len = m->before.security.challenge_len;
}

static inline void challenge_serves_twice(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (authenticates(m))
		challenge_kept(m);
}

static inline void challenge_survives_select(struct mutation *m, struct buf *rsp)
{
	(void)rsp;
	if (is(m, INS_SELECT))
		challenge_kept(m);
}

static inline void refusal_uses_key_try(struct mutation *m, struct buf *rsp)
{
	const struct contract *ap = layout_contract_at(&m->card->nv);
	if (!authenticates(m) || sw(rsp) != SW_CONDITIONS_OF_USE)
		return;
	for (uint16_t i = 0; i < ap->n_keys; i++)
		if (m->cmd[3] == (0x80 | ap->key[i].ref) && *key_tries(m, i) > 1)
			--*key_tries(m, i);
}

static inline void wrong_proof(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_INTERNAL_AUTHENTICATE) && sw(rsp) == SW_OK)
		rsp->p[0] ^= 1;
}

static inline void short_challenges(struct mutation *m, struct buf *rsp)
{
	if (is(m, INS_GET_CHALLENGE) && m->n == 5 && m->cmd[4] == 0x00 && rsp->n == 18) {
		buf_clear(rsp);
		buf_add(rsp, "12345678\x90\x00", 10);
	}
}

/* ---- contracts ---- */

static inline void each_rule(struct contract *c, void (*change)(struct contract_rule *r))
{
	for (uint16_t i = 0; i < c->n_rules; i++)
		if (c->rule[i].op == RULE_SM)
			change(&c->rule[i]);
}

static inline void lowest(struct contract_rule *r)
{
	r->a = r->a == SM_ENC_MAC ? SM_MAC : r->a;
}

static inline void level_ignored(struct contract *c)
{
	each_rule(c, lowest);
}

static inline void highest(struct contract_rule *r)
{
	r->a = r->a == SM_MAC ? SM_ENC_MAC : r->a;
}

static inline void mac_not_enough(struct contract *c)
{
	each_rule(c, highest);
}

static inline void any_key(struct contract_rule *r)
{
	r->b = CONTRACT_NONE;
}

static inline void any_session_does(struct contract *c)
{
	each_rule(c, any_key);
}

static inline void answers_in_clear(struct contract *c)
{
	c->sm_response = c->sm_response == SM_MAC ? SM_ENC_MAC : SM_MAC;
}

static inline void other_sm_plain(struct contract *c)
{
	c->sm_plain_ends = !c->sm_plain_ends;
}

static inline void fewer_key_tries(struct contract *c)
{
	c->key[0].tries--;
}

#endif
