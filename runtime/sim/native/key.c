/* The loading key of the card, and how iso-compact proves it: GET CHALLENGE and EXTERNAL AUTHENTICATE, ISO/IEC
 * 7816-4:2020 11.5.3 and 11.5.4, AP contract 8. */
#include "runtime/sim/native/card.h"

#include <assert.h>
#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/aes.h"

enum { GLOBAL_KEY_1 = 0x01, CHALLENGE_SHORT = 8, CHALLENGE_LONG = 16 };

void nat_key(const struct card *c, struct nat_pin *out)
{
	const struct nv *nv = c->nv;
	*out = (struct nat_pin){
	    .ref = GLOBAL_KEY_1,
	    .tries = nat_u8(nv, CARD_KEY_TRIES),
	    .left = nat_u8(nv, CARD_KEY_LEFT),
	    .min = nat_u8(nv, CARD_KEY_LEN),
	    .max = nat_u8(nv, CARD_KEY_LEN),
	    .set = true,
	    .counter = CARD_KEY_LEFT,
	    .value_at = NAT_NO_ADDRESS,
	};
	for (uint32_t i = 0; i < NAT_SECRET_MAX; i++)
		out->value[i] = nat_u8(nv, CARD_KEY + i);
}

void nat_key_forget_challenge(struct card *c)
{
	wipe(c->s->challenge, sizeof c->s->challenge);
	c->s->challenge_len = 0;
}

sw_t nat_get_challenge(struct card *c)
{
	const struct apdu *a = &c->cmd;
	size_t n = a->le_is_max ? CHALLENGE_LONG : a->le;
	if (n != CHALLENGE_SHORT && n != CHALLENGE_LONG)
		return SW_WRONG_LENGTH;
	sim_random(c->sim, c->s->challenge, n);
	c->s->challenge_len = (uint8_t)n;
	buf_add(c->rsp, c->s->challenge, n);
	return SW_OK;
}

/* P1: the algorithm is known from the key. */
sw_t nat_external_authenticate_form(const struct card *c)
{
	return c->cmd.p1 == 0x00 ? SW_OK : SW_WRONG_P1P2;
}

/* A cryptogram is compared once with a challenge, right or wrong; a wrong one ends an earlier authentication. */
static sw_t compare(struct card *c, struct nat_pin *key)
{
	const struct apdu *a = &c->cmd;
	uint8_t want[AES_BLOCK];
	bool computed = aes_encrypt_block(key->value, key->max, c->s->challenge, want);
	nat_key_forget_challenge(c);
	c->s->admin = false;
	memcpy(key->value, want, sizeof want);
	wipe(want, sizeof want);
	if (!computed)
		return SW_NO_DIAGNOSIS;
	if (!nat_pin_try(c, key, a->data, a->lc))
		return SW_TRIES_LEFT(key->left - 1);
	nat_pin_restore(c, key);
	c->s->admin = true;
	return SW_OK;
}

sw_t nat_external_authenticate(struct card *c)
{
	const struct apdu *a = &c->cmd;
	struct nat_pin key;
	sw_t sw = SW_OK;
	if (a->p2 != GLOBAL_KEY_1)
		return SW_REFERENCE_NOT_FOUND;
	nat_key(c, &key);
	assert(key.max == AES_BLOCK);
	if (key.left == 0)
		sw = SW_AUTH_BLOCKED;
	else if (a->lc == 0) /* asks for the tries: 7816-4:2020 11.5.4 */
		sw = c->s->admin ? SW_OK : SW_TRIES_LEFT(key.left);
	else if (c->s->challenge_len != AES_BLOCK)
		sw = SW_CONDITIONS_OF_USE;
	else if (a->lc != AES_BLOCK)
		sw = SW_WRONG_LENGTH;
	else
		sw = compare(c, &key);
	wipe(&key, sizeof key);
	return sw;
}
