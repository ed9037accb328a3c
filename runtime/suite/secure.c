#include "runtime/suite/secure.h"

#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/random.h"
#include "runtime/sm/cryptogram.h"

void secure_forget(struct run_side *side)
{
	sm_session_free(side->session);
	side->session = NULL;
	side->protect = false;
}

static bool exchange(struct run *run, struct run_side *side, const struct apdu *a)
{
	buf_clear(&run->command);
	apdu_write(&run->command, a);
	bool good = !run->command.bad && run_transmit(run, side, run->command.p, run->command.n);
	if (run->command.p != NULL)
		wipe(run->command.p, run->command.n);
	buf_clear(&run->command);
	return good;
}

static size_t challenge_length(const struct program_key *k)
{
	return k->use == KEY_EXTERNAL && k->cipher == CIPHER_AES ? 16 : SM_RND;
}

static bool challenge(struct run *run, struct run_side *side, const struct program_key *k, uint8_t *out)
{
	size_t n = challenge_length(k);
	struct apdu a = {.ins = INS_GET_CHALLENGE, .has_le = true, .le = n};
	if (!exchange(run, side, &a) || side->answer.sw != SW_OK || side->answer.n != n)
		return false;
	memcpy(out, side->answer.data, n);
	return true;
}

static bool present(
    struct run *run, struct run_side *side, const struct program_key *k, const uint8_t *p, size_t n, bool answers)
{
	struct apdu a = {.ins = INS_EXTERNAL_AUTHENTICATE,
	    .p2 = k->p2,
	    .data = p,
	    .lc = n,
	    .has_le = answers,
	    .le = answers ? APDU_SHORT_LE : 0};
	side->link->presented = true;
	return exchange(run, side, &a);
}

static bool external(struct run *run, struct run_side *side, const struct program_key *k, bool wrong)
{
	uint8_t rnd[16], out[CIPHER_BLOCK_MAX];
	const struct suite_value *v = run->value[k->value];
	size_t n = challenge_length(k);
	if (!challenge(run, side, k, rnd) || !sm_cryptogram(k->cipher, v->p, v->n, rnd, n, out))
		return false;
	out[0] ^= wrong;
	bool good = present(run, side, k, out, n, false);
	wipe(out, sizeof out);
	return good;
}

static bool load_keys(struct run *run, const struct program_key *k, struct sm_opening *o)
{
	const struct suite_value *enc = run->value[k->value], *mac = run->value[k->mac];
	if (enc->n > SM_KEY_MAX || mac->n != enc->n)
		return false;
	o->suite = k->cipher == CIPHER_AES ? SM_BAC_AES : SM_BAC_3DES;
	o->key_len = enc->n;
	memcpy(o->k_enc, enc->p, enc->n);
	memcpy(o->k_mac, mac->p, mac->n);
	return random_bytes(o->rnd_ifd, sizeof o->rnd_ifd) && random_bytes(o->k_ifd, sizeof o->k_ifd);
}

static bool mutual(struct run *run, struct run_side *side, const struct program_key *k, bool wrong)
{
	struct sm_opening o = {0};
	struct buf token = {0};
	bool good = challenge(run, side, k, o.rnd_ic) && load_keys(run, k, &o) && sm_token(&o, &token) && !token.bad;
	if (!good)
		goto out;
	token.p[token.n - 1] ^= wrong;
	good = present(run, side, k, token.p, token.n, true);
	if (good && side->answer.sw == SW_OK) {
		secure_forget(side);
		side->session = sm_open(&o, side->answer.data, side->answer.n);
		side->answer.n = 0; /* what it says is checked here, and differs from card to card */
		good = side->session != NULL;
	}
out:
	if (token.p != NULL)
		wipe(token.p, token.n);
	buf_reset(&token);
	wipe(&o, sizeof o);
	return good;
}

bool secure_authenticate(struct run *run, struct run_side *side, const struct program_step *step)
{
	const struct program_key *k = &run->s->key[step->key];
	bool protect = side->protect;
	side->protect = false;
	bool good = k->use == KEY_MUTUAL ? mutual(run, side, k, step->wrong) : external(run, side, k, step->wrong);
	side->protect = protect && side->session != NULL && k->use == KEY_EXTERNAL;
	return good;
}

bool secure_unwrap(struct run_side *side, const struct program_step *step)
{
	if (!side->protect || side->session == NULL || step->op != STEP_SEND)
		return true;
	buf_clear(&side->plain);
	enum sm_answer a = sm_unwrap(side->session, side->rsp.p, side->rsp.n, &side->plain);
	if (a != SM_ANSWER_GOOD)
		secure_forget(side);
	if (a == SM_ANSWER_WRONG || side->plain.n < 2 || side->plain.bad)
		return false;
	size_t n = side->plain.n;
	side->answer = (struct answer){
	    .sw = (sw_t)(side->plain.p[n - 2] << 8 | side->plain.p[n - 1]), .data = side->plain.p, .n = n - 2};
	return true;
}
