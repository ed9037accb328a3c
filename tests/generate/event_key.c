/* Authentication with keys: AP contract, section 8. */
#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/sm/cryptogram.h"
#include "tests/generate/terminal.h"

static bool is_des(const struct naive_key *k)
{
	return strcmp(k->algorithm, "des-ede2") == 0;
}

static bool challenge(struct terminal *t, enum terminal_mode mode, size_t n, uint8_t out[16])
{
	const struct apdu a = {.ins = INS_GET_CHALLENGE, .has_le = true, .le = n};
	sw_t sw = terminal_send(t, mode, &a);
	if (sw != SW_OK || t->answer.n != n) {
		terminal_complain(t, "GET CHALLENGE: %04X", sw);
		return false;
	}
	memcpy(out, t->answer.p, n);
	return true;
}

/* A key that failed or has no tries left. */
static void failed(struct terminal *t, size_t key, sw_t sw, bool blocked)
{
	struct naive_state *s = &t->state;
	if (blocked) {
		terminal_expect(t, sw, terminal_blocked(t), "authentication without tries", t->ap->key[key].id);
		return;
	}
	s->key_tries[key]--;
	s->auth[key] = false;
	terminal_expect(t, sw, (sw_t)(0x63c0 | s->key_tries[key]), "wrong authentication", t->ap->key[key].id);
}

void event_external(struct terminal *t, size_t key, bool right)
{
	const struct naive_key *k = &t->ap->key[key];
	const struct reference_value *v = generated_value(t->values, k->value);
	uint8_t rnd[16], cryptogram[CIPHER_BLOCK_MAX];
	size_t n = is_des(k) ? 8 : 16;
	enum terminal_mode mode = terminal_mode(t);
	struct apdu a = {.ins = INS_EXTERNAL_AUTHENTICATE, .data = cryptogram, .lc = n};
	a.p2 = terminal_reference(t, mode, k->ref, k->fid, k->sfi);
	if (!challenge(t, mode, n, rnd))
		return;
	if (!sm_cryptogram(is_des(k) ? CIPHER_DES_EDE2 : CIPHER_AES, v->p, v->n, rnd, n, cryptogram))
		terminal_complain(t, "no cryptogram");
	cryptogram[0] ^= !right;
	sw_t sw = terminal_send(t, mode, &a);
	if (t->state.key_tries[key] == 0 || !right) {
		failed(t, key, sw, t->state.key_tries[key] == 0);
		return;
	}
	terminal_expect(t, sw, SW_OK, "EXTERNAL AUTHENTICATE", k->id);
	t->state.key_tries[key] = k->tries;
	t->state.auth[key] = true;
}

static struct sm_opening opening(struct terminal *t, const struct naive_key *k)
{
	const struct reference_value *enc = generated_value(t->values, k->value);
	const struct reference_value *mac = generated_value(t->values, k->value_mac);
	struct sm_opening o = {.suite = is_des(k) ? SM_BAC_3DES : SM_BAC_AES, .key_len = enc->n};
	memcpy(o.k_enc, enc->p, enc->n);
	memcpy(o.k_mac, mac->p, mac->n);
	for (size_t i = 0; i < SM_KEY_MAX; i++)
		o.k_ifd[i] = (uint8_t)dice_next(&t->dice);
	for (size_t i = 0; i < SM_RND; i++)
		o.rnd_ifd[i] = (uint8_t)dice_next(&t->dice);
	return o;
}

/* "A new mutual authentication replaces the session only when it succeeds." */
static void opened(struct terminal *t, size_t key, const struct sm_opening *o)
{
	struct naive_state *s = &t->state;
	sm_session_free(t->sm);
	t->sm = NULL;
	naive_end_session(t->ap, s);
	s->key_tries[key] = t->ap->key[key].tries;
	s->auth[key] = true;
	struct sm_session *sm = sm_open(o, t->answer.p, t->answer.n);
	if (sm == NULL)
		terminal_complain(
		    t, "the answer of mutual authentication with %s is not the card's", t->ap->key[key].id);
	if (!t->ap->opens[key]) {
		sm_session_free(sm);
		return;
	}
	t->sm = sm;
	s->session = (int)key;
}

/* In plain; inside secure messaging it is 6985. */
void event_mutual(struct terminal *t, size_t key, bool right)
{
	const struct naive_key *k = &t->ap->key[key];
	struct sm_opening o = opening(t, k);
	struct buf token = {0};
	uint8_t rnd[16];
	enum terminal_mode mode = dice_chance(&t->dice, 10) ? terminal_mode(t) : TERMINAL_PLAIN;
	struct apdu a = {.ins = INS_EXTERNAL_AUTHENTICATE, .has_le = true, .le = 256, .le_is_max = true};
	a.p2 = terminal_reference(t, mode, k->ref, k->fid, k->sfi);
	if (!challenge(t, mode, SM_RND, rnd))
		return;
	memcpy(o.rnd_ic, rnd, SM_RND);
	if (!sm_token(&o, &token))
		terminal_complain(t, "no token");
	token.p[token.n - 1] ^= !right;
	a.data = token.p;
	a.lc = token.n;
	sw_t sw = terminal_send(t, mode, &a);
	if (t->state.key_tries[key] == 0)
		failed(t, key, sw, true);
	else if (mode != TERMINAL_PLAIN)
		terminal_expect(t, sw, SW_CONDITIONS_OF_USE, "mutual authentication inside", k->id);
	else if (!right)
		failed(t, key, sw, false);
	else if (sw != SW_OK)
		terminal_complain(t, "mutual authentication with %s: %04X", k->id, sw);
	else
		opened(t, key, &o);
	buf_reset(&token);
}
