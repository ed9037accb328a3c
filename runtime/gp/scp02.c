/* SCP01 (GPC 2.1.1, appendix D) and SCP02 (GPC 2.3.1, appendix E): triple DES with two keys. */
#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/gp/channel_inside.h"

enum { BLOCK = 8, KEY = 16 };

/* --- session keys --- */

/* SCP01: D.4.1. The same data for S-ENC and S-MAC. */
bool scp01_derive(const struct gp_key *k, const uint8_t *host, const uint8_t *card, uint8_t out[KEY])
{
	uint8_t data[KEY];
	struct cipher *c = cipher_new(CIPHER_DES_EDE2, k->p, k->n);
	memcpy(data, card + 4, 4);
	memcpy(data + 4, host, 4);
	memcpy(data + 8, card, 4);
	memcpy(data + 12, host + 4, 4);
	bool ok = c != NULL && cipher_ecb_encrypt(c, data, sizeof data, out);
	cipher_free(c);
	return ok;
}

/* SCP02: E.4.1. */
bool scp02_derive(const struct gp_key *k, unsigned constant, uint16_t counter, uint8_t out[KEY])
{
	uint8_t data[KEY] = {(uint8_t)(constant >> 8), (uint8_t)constant, (uint8_t)(counter >> 8), (uint8_t)counter};
	struct cipher *c = cipher_new(CIPHER_DES_EDE2, k->p, k->n);
	bool ok = c != NULL && cipher_cbc_encrypt(c, NULL, data, sizeof data, out);
	cipher_free(c);
	return ok;
}

static bool take_enc(struct gp_channel *c, const uint8_t key[KEY])
{
	return (c->enc = cipher_new(CIPHER_DES_EDE2, key, KEY)) != NULL;
}

/* The ICV is encrypted with the first half of S-MAC alone (SCP02, E.3.4), or with all of it (SCP01, option i = 15). */
static bool take_mac(struct gp_channel *c, const uint8_t key[KEY])
{
	uint8_t single[KEY];
	memcpy(single, key, 8);
	memcpy(single + 8, key, 8);
	c->icv = cipher_new(CIPHER_DES_EDE2, c->scp == 1 ? key : single, KEY);
	c->full = c->scp == 1 ? cipher_new(CIPHER_DES_EDE2, key, KEY) : NULL;
	c->mac = mac_new(MAC_RETAIL_DES, key, KEY);
	wipe(single, sizeof single);
	return c->icv != NULL && c->mac != NULL && (c->scp != 1 || c->full != NULL);
}

static bool session01(
    struct gp_channel *c, const struct gp_key_set *k, const uint8_t *host, const struct gp_challenge *card)
{
	uint8_t key[KEY];
	c->dek = k->dek;
	bool ok = scp01_derive(&k->enc, host, card->challenge, key) && take_enc(c, key) &&
	    scp01_derive(&k->mac, host, card->challenge, key) && take_mac(c, key);
	wipe(key, sizeof key);
	return ok;
}

/* With one base key (b1 of i clear) everything comes from that key. With implicit initiation what comes after the first
 * MAC has the counter as that MAC moved it (E.1.2.2). */
bool scp02_session(struct gp_channel *c, const struct gp_key_set *k, uint16_t counter, uint16_t later)
{
	uint8_t key[KEY];
	const struct gp_key *mac = (c->i & SCP02_THREE_KEYS) != 0 ? &k->mac : &k->enc;
	const struct gp_key *dek = (c->i & SCP02_THREE_KEYS) != 0 ? &k->dek : &k->enc;
	c->dek.n = KEY;
	bool ok = scp02_derive(&k->enc, 0x0182, counter, key) && take_enc(c, key) &&
	    scp02_derive(mac, 0x0101, counter, key) && take_mac(c, key) && scp02_derive(mac, 0x0102, later, key) &&
	    (c->rmac = mac_new(MAC_RETAIL_DES, key, KEY)) != NULL && scp02_derive(dek, 0x0181, later, c->dek.p);
	wipe(key, sizeof key);
	return ok;
}

/* --- cryptograms: CBC under S-ENC, the last block (D.3.2, E.4.2) --- */

static bool cryptogram(struct gp_channel *c, const uint8_t *a, const uint8_t *b, uint8_t out[BLOCK])
{
	uint8_t data[3 * BLOCK] = {0}, chain[3 * BLOCK];
	memcpy(data, a, BLOCK);
	memcpy(data + BLOCK, b, BLOCK);
	data[2 * BLOCK] = 0x80;
	if (!cipher_cbc_encrypt(c->enc, NULL, data, sizeof data, chain))
		return false;
	memcpy(out, chain + 2 * BLOCK, BLOCK);
	return true;
}

bool scp02_keys(struct gp_channel *c, const struct gp_key_set *k, const uint8_t *host, const struct gp_challenge *card,
    uint8_t wanted[GP_CHALLENGE_MAX])
{
	uint8_t theirs[BLOCK] = {(uint8_t)(card->counter >> 8), (uint8_t)card->counter};
	memcpy(theirs + BLOCK - card->n, card->challenge, card->n);
	if (!(c->scp == 1 ? session01(c, k, host, card)
			  : scp02_session(c, k, (uint16_t)card->counter, (uint16_t)card->counter)))
		return false;
	return cryptogram(c, host, theirs, wanted) && cryptogram(c, theirs, host, c->cryptogram);
}

/* The well-known pseudo-random algorithm: the first six bytes of the MAC of the AID under S-MAC (GPC 2.3.1, E.4.2.3).
 */
bool scp02_challenge(struct gp_channel *c, const uint8_t *aid, size_t n, uint8_t wanted[6])
{
	struct buf name = {0};
	uint8_t mac[MAC_MAX];
	buf_add(&name, aid, n);
	channel_pad(&name, BLOCK);
	bool ok = !name.bad && mac_compute(c->mac, name.p, name.n, mac);
	if (ok)
		memcpy(wanted, mac, 6);
	buf_reset(&name);
	return ok;
}

/* --- commands --- */

/* A MAC with an ICV is the MAC of the message whose first block has the ICV added. */
static bool mac_chained(struct gp_channel *c, struct mac *m, struct buf *b, const uint8_t icv[BLOCK], uint8_t *out)
{
	uint8_t mac[MAC_MAX];
	channel_pad(b, BLOCK);
	if (b->bad)
		return false;
	for (int i = 0; i < BLOCK; i++)
		b->p[i] ^= icv[i];
	if (c->scp == 2) {
		if (!mac_compute(m, b->p, b->n, mac))
			return false;
		memcpy(out, mac, BLOCK);
		return true;
	}
	if (!cipher_cbc_encrypt(c->full, NULL, b->p, b->n, b->p))
		return false;
	memcpy(out, b->p + b->n - BLOCK, BLOCK);
	return true;
}

bool scp02_mac(struct gp_channel *c, const struct apdu *plain, uint8_t *out)
{
	struct buf b = {0};
	uint8_t icv[BLOCK];
	bool ok = true;
	/* The first ICV, zero or the MAC of the AID, is not encrypted: E.3.4. */
	memcpy(icv, c->chain, BLOCK);
	if (c->chained && (c->i & SCP02_ICV_ENCRYPTED) != 0)
		ok = cipher_ecb_encrypt(c->icv, c->chain, BLOCK, icv);
	bool unmodified = c->scp == 2 && (c->i & SCP02_UNMODIFIED) != 0;
	size_t lc = plain->lc + (unmodified ? 0 : BLOCK);
	channel_header(&b, plain, plain->cla | (unmodified ? 0 : 0x04), lc, channel_extended(plain, lc));
	buf_add(&b, plain->data, plain->lc);
	ok = ok && !b.bad && mac_chained(c, c->mac, &b, icv, out);
	if (ok) {
		memcpy(c->chain, out, BLOCK);
		c->chained = true;
	}
	buf_reset(&b);
	return ok;
}

/* SCP01 puts the length in front and pads only what is no whole block (D.3.4); SCP02 always pads (E.4.6). */
bool scp02_encrypt(struct gp_channel *c, const uint8_t *p, size_t n, struct buf *out)
{
	if (c->scp == 1) {
		if (n > 0xff)
			return false;
		buf_u8(out, (unsigned)n);
	}
	buf_add(out, p, n);
	if (c->scp == 2 || out->n % BLOCK != 0)
		channel_pad(out, BLOCK);
	return !out->bad && cipher_cbc_encrypt(c->enc, NULL, out->p, out->n, out->p);
}

/* E.4.5: the R-MAC over the command, the length of the answer's data, the data and the status word; chained. */
static bool answer_mac(struct gp_channel *c, const uint8_t *p, size_t n, sw_t sw, uint8_t mac[BLOCK])
{
	struct buf b = {0};
	buf_add(&b, c->stripped.p, c->stripped.n);
	buf_u8(&b, n & 0xff);
	buf_add(&b, p, n);
	buf_u16(&b, sw);
	bool ok = !b.bad && mac_chained(c, c->rmac, &b, c->answers, mac);
	buf_reset(&b);
	return ok;
}

/* An error comes alone; the next R-MAC shows whether it was the card's. */
bool scp02_unwrap(struct gp_channel *c, struct buf *data, sw_t sw)
{
	uint8_t mac[BLOCK];
	bool error = sw != SW_OK && sw >> 8 != 0x62 && sw >> 8 != 0x63, alone = error && data->n == 0;
	if (data->n < BLOCK && !alone)
		return false;
	size_t n = alone ? 0 : data->n - BLOCK;
	if (!answer_mac(c, data->p, n, sw, mac) || (!alone && !wipe_equal(mac, data->p + n, BLOCK)))
		return false;
	memcpy(c->answers, mac, BLOCK);
	data->n = n;
	return true;
}

/* E.4.5: the command and its answer, which has no R-MAC yet, are the first that is covered. */
bool scp02_begun(struct gp_channel *c)
{
	uint8_t mac[BLOCK];
	if (!answer_mac(c, NULL, 0, SW_OK, mac))
		return false;
	memcpy(c->answers, mac, BLOCK);
	return true;
}
