#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/signature.h"
#include "runtime/sim/reference/card.h"

/* EXTERNAL AUTHENTICATE, with the two ways of it, and INTERNAL AUTHENTICATE: ISO/IEC 7816-4:2020 11.5.4 and 11.5.5, AP
 * contract, section 8. P1 = 00; P2 = 80 | reference. */

static sw_t parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 == 0 ? SW_OK : SW_WRONG_P1P2;
}

static sw_t length(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->lc != 0 ? SW_OK : SW_WRONG_LENGTH;
}

/* The length of what comes back: exactly that, or 00 (or nothing) for as much as there is. */
static sw_t response_length(const struct apdu *a, size_t n)
{
	size_t room = a->has_le ? a->le : APDU_SHORT_LE;
	if (a->has_le && !a->le_is_max)
		return a->le == n ? SW_OK : SW_WRONG_LENGTH;
	return n <= room ? SW_OK : SW_WRONG_LENGTH;
}

static struct mutual mutual_of(const struct card *c, uint16_t key)
{
	struct mutual m = {.algorithm = apkey_cipher(&c->ap->key[key])};
	size_t mac_len;
	m.enc = apkey_value(c, key, &m.key_len);
	m.mac = apkey_value_mac(c, key, &mac_len);
	if (mac_len < m.key_len)
		m.key_len = mac_len;
	memcpy(m.rnd_ic, c->session->security.challenge, PROTECT_RND);
	return m;
}

/* --- EXTERNAL AUTHENTICATE --------------------------------------------------------------------------------------- */

static bool external_responds(const struct card *c, const struct apdu *a)
{
	uint16_t i;
	return file_reference(c, a->p2, EF_KEY, &i) == SW_OK && c->ap->key[i].use == KEY_MUTUAL;
}

static sw_t external_object(struct card *c, struct call *x)
{
	sw_t sw = file_reference_use(c, x->apdu->p2, EF_KEY, &x->object);
	if (sw != SW_OK)
		return sw;
	bool fits = apkey_of(c, x)->use != KEY_INTERNAL && apkey_is_symmetric(apkey_of(c, x));
	return fits ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

static sw_t external_blocked(struct card *c, struct call *x)
{
	return apkey_tries(c, x->object) != 0 ? SW_OK : pin_blocked(c);
}

/* A challenge of the key's own length; mutual authentication only outside secure messaging. */
static sw_t external_access(struct card *c, struct call *x)
{
	const struct security *s = &c->session->security;
	if (apkey_of(c, x)->use == KEY_MUTUAL && s->protection != PROTECTION_NONE)
		return SW_CONDITIONS_OF_USE;
	return s->challenge_len == challenge_length(apkey_of(c, x)) ? SW_OK : SW_CONDITIONS_OF_USE;
}

static sw_t external_range(struct card *c, struct call *x)
{
	const struct apdu *a = x->apdu;
	if (apkey_of(c, x)->use == KEY_EXTERNAL)
		return a->lc == apkey_block(apkey_of(c, x)) ? SW_OK : SW_WRONG_LENGTH;
	const struct mutual m = mutual_of(c, x->object);
	return a->lc == mutual_token_length(&m) ? response_length(a, a->lc) : SW_WRONG_LENGTH;
}

static bool cryptogram_right(const struct card *c, uint16_t key, const uint8_t *given)
{
	const struct security *s = &c->session->security;
	uint8_t want[CIPHER_BLOCK_MAX];
	size_t n;
	const uint8_t *k = apkey_value(c, key, &n);
	struct cipher *e = cipher_new(apkey_cipher(&c->ap->key[key]), k, n);
	bool right = e != NULL && cipher_ecb_encrypt(e, s->challenge, s->challenge_len, want) &&
	    wipe_equal(want, given, s->challenge_len);
	cipher_free(e);
	wipe(want, sizeof want);
	return right;
}

/* A failed authentication clears an earlier one with that key. */
static sw_t failed(struct card *c, uint16_t key)
{
	c->session->security.auth[key] = false;
	return SW_TRIES_LEFT(apkey_tries(c, key));
}

static sw_t authenticate_external(struct card *c, struct call *x)
{
	bool right = cryptogram_right(c, x->object, x->apdu->data);
	challenge_forget(c);
	if (!right)
		return failed(c, x->object);
	apkey_restore_tries(c, x->object);
	c->session->security.auth[x->object] = !c->nv->off;
	return SW_OK;
}

/* A session is replaced only by success, and then ends as any session does. */
static sw_t succeed_mutual(struct card *c, struct call *x, struct channel *ch)
{
	struct security *s = &c->session->security;
	apkey_restore_tries(c, x->object);
	secure_end(c);
	s->auth[x->object] = !c->nv->off;
	if (!secure_opens(c->ap, x->object))
		return SW_OK;
	s->channel = *ch;
	s->channel.key = x->object;
	return SW_OK;
}

static sw_t authenticate_mutual(struct card *c, struct call *x)
{
	struct mutual m = mutual_of(c, x->object);
	uint8_t rnd_ifd[PROTECT_RND], k_ifd[PROTECT_KEY_MAX];
	struct channel ch = {0};
	sw_t sw = SW_NO_DIAGNOSIS;
	challenge_forget(c);
	if (!mutual_check(&m, x->apdu->data, rnd_ifd, k_ifd)) {
		sw = failed(c, x->object);
		goto out;
	}
	sim_random(c->sim, m.k_ic, mutual_material(&m));
	if (mutual_answer(&m, rnd_ifd, k_ifd, x->rsp, &ch))
		sw = succeed_mutual(c, x, &ch);
out:
	wipe(&m, sizeof m);
	wipe(&ch, sizeof ch);
	wipe(k_ifd, sizeof k_ifd);
	return sw;
}

/* AP contract, section 4: the counter goes first, so that a cut wins no free guess. */
static sw_t external_effect(struct card *c, struct call *x)
{
	apkey_use_try(c, x->object);
	if (c->nv->off)
		return SW_MEMORY_FAILURE;
	return apkey_of(c, x)->use == KEY_MUTUAL ? authenticate_mutual(c, x) : authenticate_external(c, x);
}

const struct command command_external_authenticate = {
    .cla = 0x00,
    .ins = INS_EXTERNAL_AUTHENTICATE,
    .offered = apkey_any,
    .responds = external_responds,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_OBJECT] = external_object,
	    [STEP_BLOCKED] = external_blocked,
	    [STEP_ACCESS] = external_access,
	    [STEP_RANGE] = external_range,
	    [STEP_EFFECT] = external_effect,
	},
};

/* --- INTERNAL AUTHENTICATE --------------------------------------------------------------------------------------- */

enum { SIGNED_CHALLENGE_MIN = 8 }; /* what is signed must be worth it: a shorter challenge invites replay */

static sw_t internal_object(struct card *c, struct call *x)
{
	sw_t sw = file_reference_use(c, x->apdu->p2, EF_KEY, &x->object);
	if (sw != SW_OK)
		return sw;
	return apkey_of(c, x)->use == KEY_INTERNAL ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

static enum signature_key signature_key_of(const struct contract_key *k)
{
	return (enum signature_key)(k->algorithm - KEY_RSA_2048 + SIGNATURE_RSA_2048);
}

static sw_t internal_range(struct card *c, struct call *x)
{
	const struct contract_key *k = apkey_of(c, x);
	const struct apdu *a = x->apdu;
	if (apkey_is_symmetric(k))
		return a->lc == apkey_block(k) ? response_length(a, apkey_block(k)) : SW_WRONG_LENGTH;
	if (a->lc < SIGNED_CHALLENGE_MIN)
		return SW_WRONG_LENGTH;
	return response_length(a, signature_length(signature_key_of(k)));
}

static bool encrypt_challenge(const struct card *c, struct call *x)
{
	uint8_t out[CIPHER_BLOCK_MAX];
	size_t n;
	const uint8_t *k = apkey_value(c, x->object, &n);
	struct cipher *e = cipher_new(apkey_cipher(apkey_of(c, x)), k, n);
	bool ok = e != NULL && cipher_ecb_encrypt(e, x->apdu->data, x->apdu->lc, out);
	cipher_free(e);
	if (ok)
		buf_add(x->rsp, out, x->apdu->lc);
	return ok;
}

static bool sign_challenge(const struct card *c, struct call *x)
{
	const struct contract_key *k = apkey_of(c, x);
	enum signature_hash h = k->suite == SUITE_ECDSA_SHA384 ? SIGNATURE_SHA384 : SIGNATURE_SHA256;
	size_t n;
	const uint8_t *der = apkey_value(c, x->object, &n);
	return signature_make(signature_key_of(k), h, der, n, x->apdu->data, x->apdu->lc, x->rsp);
}

static sw_t internal_effect(struct card *c, struct call *x)
{
	bool ok = apkey_is_symmetric(apkey_of(c, x)) ? encrypt_challenge(c, x) : sign_challenge(c, x);
	return ok ? SW_OK : SW_NO_DIAGNOSIS;
}

const struct command command_internal_authenticate = {
    .cla = 0x00,
    .ins = INS_INTERNAL_AUTHENTICATE,
    .offered = apkey_any,
    .responds = command_always_responds,
    .step =
	{
	    [STEP_PARAMETERS] = parameters,
	    [STEP_LENGTH] = length,
	    [STEP_OBJECT] = internal_object,
	    [STEP_RANGE] = internal_range,
	    [STEP_EFFECT] = internal_effect,
	},
};
