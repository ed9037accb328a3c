#include "runtime/base/wipe.h"
#include "runtime/sim/reference/card.h"

/* GET CHALLENGE: ISO/IEC 7816-4:2020 11.5.3, AP contract, section 8. */

size_t challenge_length(const struct contract_key *k)
{
	return k->use == KEY_EXTERNAL ? apkey_block(k) : PROTECT_RND;
}

void challenge_forget(struct card *c)
{
	wipe(c->session->security.challenge, CHALLENGE_MAX);
	c->session->security.challenge_len = 0;
}

/* Le = 00 gives the AP's longest. */
static size_t longest(const struct contract *ap)
{
	size_t n = 8;
	for (uint16_t i = 0; i < ap->n_keys; i++)
		if (ap->key[i].use == KEY_EXTERNAL && challenge_length(&ap->key[i]) > n)
			n = challenge_length(&ap->key[i]);
	return n;
}

static sw_t parameters(struct card *c, struct call *x)
{
	(void)c;
	return x->apdu->p1 == 0 && x->apdu->p2 == 0 ? SW_OK : SW_WRONG_P1P2;
}

static sw_t length(struct card *c, struct call *x)
{
	(void)c;
	const struct apdu *a = x->apdu;
	if (a->lc != 0)
		return SW_WRONG_LENGTH;
	return !a->has_le || a->le_is_max || a->le == 8 || a->le == 16 ? SW_OK : SW_WRONG_LENGTH;
}

static sw_t effect(struct card *c, struct call *x)
{
	struct security *s = &c->session->security;
	size_t n = x->apdu->has_le && !x->apdu->le_is_max ? x->apdu->le : longest(c->ap);
	sim_random(c->sim, s->challenge, n);
	s->challenge_len = (uint8_t)n;
	buf_add(x->rsp, s->challenge, n);
	return SW_OK;
}

const struct command command_get_challenge = {
    .cla = 0x00,
    .ins = INS_GET_CHALLENGE,
    .offered = apkey_any,
    .responds = command_always_responds,
    .step = {[STEP_PARAMETERS] = parameters, [STEP_LENGTH] = length, [STEP_EFFECT] = effect},
};
