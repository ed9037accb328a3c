/* SCP03: GlobalPlatform Card Specification, Amendment D 1.2. AES. */
#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/gp/channel_inside.h"

enum { BLOCK = 16, LABEL = 11 };

/* Derivation constants: table 4-1. */
enum {
	CARD_CRYPTOGRAM = 0x00,
	HOST_CRYPTOGRAM = 0x01,
	CARD_CHALLENGE = 0x02,
	S_ENC = 0x04,
	S_MAC = 0x06,
	S_RMAC = 0x07
};

/* 4.1.5: label (eleven 00, the constant), 00, L, i, context; CMAC. */
static bool derive(struct mac *m, unsigned constant, const void *context, size_t context_len, uint8_t *out, size_t n)
{
	struct buf b = {0};
	uint8_t block[MAC_MAX];
	bool ok = m != NULL;
	for (unsigned i = 1; ok && (size_t)BLOCK * (i - 1) < n; i++) {
		size_t at = (size_t)BLOCK * (i - 1), part = n - at < BLOCK ? n - at : BLOCK;
		buf_clear(&b);
		for (int k = 0; k < LABEL; k++)
			buf_u8(&b, 0);
		buf_u8(&b, constant);
		buf_u8(&b, 0);
		buf_u16(&b, (unsigned)(8 * n));
		buf_u8(&b, i);
		buf_add(&b, context, context_len);
		ok = !b.bad && mac_compute(m, b.p, b.n, block);
		if (ok)
			memcpy(out + at, block, part);
	}
	wipe(block, sizeof block);
	buf_reset(&b);
	return ok;
}

bool scp03_derive(
    const struct gp_key *k, unsigned constant, const void *context, size_t context_len, uint8_t *out, size_t n)
{
	struct mac *m = mac_new(MAC_CMAC_AES, k->p, k->n);
	bool ok = derive(m, constant, context, context_len, out, n);
	mac_free(m);
	return ok;
}

bool scp03_keys(struct gp_channel *c, const struct gp_key_set *k, const uint8_t *host, const struct gp_challenge *card,
    uint8_t wanted[GP_CHALLENGE_MAX])
{
	uint8_t context[2 * GP_CHALLENGE_MAX], key[GP_KEY_MAX];
	size_t n = 2 * card->n;
	memcpy(context, host, card->n);
	memcpy(context + card->n, card->challenge, card->n);
	c->dek = k->dek;
	bool ok = scp03_derive(&k->enc, S_ENC, context, n, key, k->enc.n) &&
	    (c->enc = cipher_new(CIPHER_AES, key, k->enc.n)) != NULL &&
	    scp03_derive(&k->mac, S_RMAC, context, n, key, k->mac.n) &&
	    (c->rmac = mac_new(MAC_CMAC_AES, key, k->mac.n)) != NULL &&
	    scp03_derive(&k->mac, S_MAC, context, n, key, k->mac.n) &&
	    (c->mac = mac_new(MAC_CMAC_AES, key, k->mac.n)) != NULL &&
	    derive(c->mac, CARD_CRYPTOGRAM, context, n, wanted, card->n) &&
	    derive(c->mac, HOST_CRYPTOGRAM, context, n, c->cryptogram, card->n);
	wipe(key, sizeof key);
	return ok;
}

/* 6.2.2.1: from the static K-ENC, the sequence counter and the AID. */
bool scp03_challenge(
    const struct gp_key_set *k, const struct gp_challenge *card, const uint8_t *aid, size_t n, uint8_t *wanted)
{
	uint8_t context[3 + 16] = {
	    (uint8_t)(card->counter >> 16), (uint8_t)(card->counter >> 8), (uint8_t)card->counter};
	if (n > 16)
		return false;
	memcpy(context + 3, aid, n);
	return scp03_derive(&k->enc, CARD_CHALLENGE, context, 3 + n, wanted, card->n);
}

/* 6.2.4: over the chaining value, the header with the length that the MAC is part of, and the data as they are sent. */
bool scp03_mac(struct gp_channel *c, const struct apdu *a, uint8_t *out)
{
	struct buf b = {0};
	uint8_t mac[MAC_MAX];
	size_t lc = a->lc + c->mac_length;
	buf_add(&b, c->chain, BLOCK);
	channel_header(&b, a, a->cla | 0x04, lc, channel_extended(a, lc));
	buf_add(&b, a->data, a->lc);
	bool ok = !b.bad && mac_compute(c->mac, b.p, b.n, mac);
	if (ok) {
		memcpy(c->chain, mac, BLOCK);
		memcpy(out, mac, c->mac_length);
	}
	buf_reset(&b);
	return ok;
}

/* 6.2.6: the counter begins with 1 and counts every command, whether it has data or not. */
void scp03_count(struct gp_channel *c)
{
	for (int i = BLOCK - 1; i >= 0 && ++c->counter[i] == 0; i--)
		;
}

static bool icv_of(struct gp_channel *c, bool answer, uint8_t icv[BLOCK])
{
	uint8_t block[BLOCK];
	memcpy(block, c->counter, BLOCK);
	if (answer)
		block[0] |= 0x80; /* 6.2.7 */
	return cipher_ecb_encrypt(c->enc, block, BLOCK, icv);
}

bool scp03_encrypt(struct gp_channel *c, const uint8_t *p, size_t n, struct buf *out)
{
	uint8_t icv[BLOCK];
	buf_add(out, p, n);
	channel_pad(out, BLOCK);
	return !out->bad && icv_of(c, false, icv) && cipher_cbc_encrypt(c->enc, icv, out->p, out->n, out->p);
}

static bool decrypt(struct gp_channel *c, struct buf *data)
{
	uint8_t icv[BLOCK];
	if (data->n % BLOCK != 0 || !icv_of(c, true, icv) ||
	    !cipher_cbc_decrypt(c->enc, icv, data->p, data->n, data->p))
		return false;
	size_t n = data->n;
	while (n > 0 && data->p[n - 1] == 0)
		n--;
	if (n == 0 || data->p[n - 1] != 0x80 || data->n - n >= BLOCK)
		return false;
	data->n = n - 1;
	return true;
}

/* 6.2.5: an answer with an error comes alone; every other one has a MAC. */
bool scp03_unwrap(struct gp_channel *c, struct buf *data, sw_t sw)
{
	struct buf b = {0};
	uint8_t mac[MAC_MAX];
	if (sw != SW_OK && sw >> 8 != 0x62 && sw >> 8 != 0x63)
		return data->n == 0;
	if (data->n < c->mac_length)
		return false;
	size_t n = data->n - c->mac_length;
	buf_add(&b, c->chain, BLOCK);
	buf_add(&b, data->p, n);
	buf_u16(&b, sw);
	bool ok = !b.bad && mac_compute(c->rmac, b.p, b.n, mac) && wipe_equal(mac, data->p + n, c->mac_length);
	buf_reset(&b);
	if (!ok)
		return false;
	data->n = n;
	return n == 0 || (c->level & GP_R_ENC) == 0 || decrypt(c, data);
}
