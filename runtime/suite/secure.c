#include "runtime/suite/secure.h"

#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/random.h"
#include "runtime/sm/cryptogram.h"

void secure_over(struct run_side *side)
{
	side->open = side->protect = false;
}

void secure_forget(struct run_side *side)
{
	secure_over(side);
	sm_session_free(side->session);
	side->session = NULL;
	buf_reset(&side->last);
}

/* ---- one command ---- */

bool secure_wrap(struct run *run, struct run_side *side, const struct program_step *step, const struct apdu *plain)
{
	struct buf spoilt = {0};
	if (side->session == NULL)
		return false;
	side->bare = true;
	if (step != NULL && step->replay) { /* the counter goes on as it does for any other faulty command */
		bool good = side->last.n != 0 && sm_wrap_wrong(side->session, side->mode, SM_FAULT_MAC, plain, &spoilt);
		buf_add(&run->command, side->last.p, side->last.n);
		buf_reset(&spoilt);
		return good;
	}
	buf_clear(&side->last);
	if (!sm_wrap_wrong(side->session, side->mode, step == NULL ? SM_RIGHT : step->fault, plain, &run->command))
		return false;
	buf_add(&side->last, run->command.p, run->command.n);
	return !side->last.bad;
}

bool secure_unwrap(const struct run *run, struct run_side *side)
{
	if (!side->bare)
		return true;
	buf_clear(&side->plain);
	enum sm_answer a = sm_unwrap(side->session, side->rsp.p, side->rsp.n, &side->plain);
	if (a != SM_ANSWER_GOOD)
		secure_over(side);
	if (a == SM_ANSWER_WRONG && side->rsp.n != 2)
		return false;
	if (a != SM_ANSWER_GOOD)
		return true;
	side->bare = false;
	size_t n = side->plain.n;
	if (n < 2 || side->plain.bad)
		return false;
	side->answer = (struct answer){
	    .sw = (sw_t)(side->plain.p[n - 2] << 8 | side->plain.p[n - 1]), .data = side->plain.p, .n = n - 2};
	if (sw_class(side->answer.sw) == SW_CLASS_SECURE_MESSAGING) /* such answers are in plain */
		return false;
	enum sm_mode want = side->mode == SM_MODE_ENC ? SM_MODE_ENC : run->s->response;
	return n == 2 || sm_answer_mode(side->session) == want;
}

/* Protected where `sm` says so. */
static bool exchange(struct run *run, struct run_side *side, const struct apdu *a)
{
	buf_clear(&run->command);
	side->bare = false;
	bool good = side->protect ? secure_wrap(run, side, NULL, a) : (apdu_write(&run->command, a), true);
	good = good && !run->command.bad && run_transmit(run, side, run->command.p, run->command.n) &&
	    secure_unwrap(run, side);
	if (run->command.p != NULL)
		wipe(run->command.p, run->command.n);
	buf_clear(&run->command);
	return good;
}

/* ---- GET CHALLENGE ---- */

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

bool secure_challenge(struct run *run, struct run_side *side, const struct program_step *step)
{
	struct apdu a = {.ins = INS_GET_CHALLENGE, .has_le = true, .le = step->le != 0 ? step->le : APDU_SHORT_LE};
	return exchange(run, side, &a);
}

/* ---- EXTERNAL AUTHENTICATE ---- */

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

/* A challenge that the card does not give is its answer to the authentication. */
static bool refused(const struct run_side *side)
{
	return side->status == LINK_OK && side->answer.sw != 0 && side->answer.sw != SW_OK;
}

static bool external(struct run *run, struct run_side *side, const struct program_key *k, bool wrong)
{
	uint8_t rnd[16], out[CIPHER_BLOCK_MAX];
	const struct suite_value *v = run->value[k->value];
	size_t n = challenge_length(k);
	if (!challenge(run, side, k, rnd))
		return refused(side);
	if (!sm_cryptogram(k->cipher, v->p, v->n, rnd, n, out))
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
	bool good = challenge(run, side, k, o.rnd_ic);
	if (!good) {
		good = refused(side);
		goto out;
	}
	good = load_keys(run, k, &o) && sm_token(&o, &token) && !token.bad;
	if (!good)
		goto out;
	token.p[token.n - 1] ^= wrong;
	good = present(run, side, k, token.p, token.n, true);
	if (good && side->answer.sw == SW_OK) {
		secure_forget(side);
		side->session = sm_open(&o, side->answer.data, side->answer.n);
		side->answer.n = 0; /* what it says is checked here, and differs from card to card */
		good = side->open = side->session != NULL;
	}
out:
	if (token.p != NULL)
		wipe(token.p, token.n);
	buf_reset(&token);
	wipe(&o, sizeof o);
	return good;
}

/* Mutual authentication is always in plain, and when it succeeds, what follows is so until the next `sm`. */
bool secure_authenticate(struct run *run, struct run_side *side, const struct program_step *step)
{
	const struct program_key *k = &run->s->key[step->key];
	bool protect = side->protect;
	if (k->use == KEY_EXTERNAL)
		return external(run, side, k, step->wrong);
	side->protect = false;
	bool good = mutual(run, side, k, step->wrong);
	side->protect = protect && good && side->answer.sw != SW_OK;
	return good;
}

/* ---- INTERNAL AUTHENTICATE ---- */

static bool right_answer(
    const struct program_key *k, const struct suite_value *v, const uint8_t *rnd, size_t n, struct answer a)
{
	struct buf spki = {0};
	if (!k->signs)
		return sm_cryptogram_right(k->cipher, v->p, v->n, rnd, n, a.data, a.n);
	bool right = signature_public_key(k->signature, v->p, v->n, &spki) &&
	    signature_right(k->signature, k->hash, spki.p, spki.n, rnd, n, a.data, a.n);
	buf_reset(&spki);
	return right;
}

bool secure_internal(struct run *run, struct run_side *side, const struct program_step *step)
{
	const struct program_key *k = &run->s->key[step->key];
	uint8_t rnd[PROGRAM_CHALLENGE_MAX];
	struct apdu a = {.ins = INS_INTERNAL_AUTHENTICATE,
	    .p2 = k->p2,
	    .data = rnd,
	    .lc = step->length,
	    .has_le = true,
	    .le = APDU_SHORT_LE};
	if (k->signs && signature_length(k->signature) > APDU_SHORT_LE)
		a.le = RAPDU_MAX - 2;
	if (!random_bytes(rnd, step->length) || !exchange(run, side, &a))
		return false;
	if (side->answer.sw != SW_OK)
		return true;
	bool right = right_answer(k, run->value[k->value], rnd, step->length, side->answer);
	side->answer.n = 0;
	return right;
}
