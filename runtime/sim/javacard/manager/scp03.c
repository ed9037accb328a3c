/* SCP03: Amendment D 1.1.2. */
#include "runtime/sim/javacard/manager/secure.h"

#include <string.h>

/* Derivation constants: table 4-1. */
enum {
	CARD_CRYPTOGRAM = 0x00,
	HOST_CRYPTOGRAM = 0x01,
	CARD_CHALLENGE = 0x02,
	S_ENC = 0x04,
	S_MAC = 0x06,
	S_RMAC = 0x07
};

enum { SEQUENCE = 3 };

/* 6.2.2.1: random, or derived from the static encryption key, the sequence counter and the AID. */
static bool challenge(const struct cm_initialize *q, size_t width, uint8_t *out)
{
	uint8_t context[SEQUENCE + CM_AID_MAX] = {
	    (uint8_t)(q->sequence >> 16), (uint8_t)(q->sequence >> 8), (uint8_t)q->sequence};
	if ((q->i & CM_I_PSEUDO_RANDOM) == 0) {
		memcpy(out, q->random, width);
		return true;
	}
	memcpy(context + SEQUENCE, q->aid, q->aid_len);
	return cm_derive(q->keys->enc, q->keys->length, CARD_CHALLENGE, context, SEQUENCE + q->aid_len, out, width);
}

/* INITIALIZE UPDATE (7.1.1): 10 diversification, version, 03, i, challenge, cryptogram, 3 sequence counter where the
 * challenge is pseudo-random. */
static sw_t begin(struct cm_secure *s, const struct cm_initialize *q, struct buf *rsp)
{
	size_t width = cm_secure_width(3, q->i), n = 2 * width;
	uint8_t context[2 * CM_CHALLENGE_MAX], cryptogram[CM_CHALLENGE_MAX];
	const struct cm_key_set *k = q->keys;
	memcpy(context, q->host, width);
	memcpy(s->dek, k->dek, k->length);
	if (!challenge(q, width, context + width) ||
	    !cm_derive(k->enc, k->length, S_ENC, context, n, s->enc, k->length) ||
	    !cm_derive(k->mac, k->length, S_MAC, context, n, s->mac, k->length) ||
	    !cm_derive(k->mac, k->length, S_RMAC, context, n, s->rmac, k->length) ||
	    !cm_derive(s->mac, k->length, CARD_CRYPTOGRAM, context, n, cryptogram, width) ||
	    !cm_derive(s->mac, k->length, HOST_CRYPTOGRAM, context, n, s->host_cryptogram, width))
		return SW_MEMORY_FAILURE;
	buf_add(rsp, q->diversification, CM_DIVERSIFICATION);
	buf_u8(rsp, k->version);
	buf_u8(rsp, 0x03);
	buf_u8(rsp, q->i);
	buf_add(rsp, context + width, width);
	buf_add(rsp, cryptogram, width);
	if ((q->i & CM_I_PSEUDO_RANDOM) != 0) {
		buf_u8(rsp, q->sequence >> 16 & 0xff);
		buf_u16(rsp, q->sequence & 0xffff);
	}
	return SW_OK;
}

/* C-MAC (6.2.4): CMAC over chaining value, header with the final Lc, the data as they travel. */
static bool mac(
    struct cm_secure *s, const struct apdu *a, size_t lc, const uint8_t *data, size_t n, uint8_t out[CM_AES_BLOCK])
{
	uint8_t head[CM_AES_BLOCK + 7];
	size_t at = CM_AES_BLOCK;
	memcpy(head, s->chain, CM_AES_BLOCK);
	head[at++] = a->cla;
	head[at++] = a->ins;
	head[at++] = a->p1;
	head[at++] = a->p2;
	if (a->extended) {
		head[at++] = 0;
		head[at++] = (uint8_t)(lc >> 8);
	}
	head[at++] = (uint8_t)lc;
	return cm_cmac(s->mac, s->key_len, head, at, data, n, out);
}

/* The ICV of data encryption (6.2.6, 6.2.7): the counter, encrypted; for a response its first bit is set. */
static bool counter_icv(const struct cm_secure *s, bool response, uint8_t icv[CM_AES_BLOCK])
{
	memset(icv, 0, CM_AES_BLOCK);
	icv[0] = response ? 0x80 : 0x00;
	for (int i = 0; i < 4; i++)
		icv[12 + i] = (uint8_t)(s->counter >> (24 - 8 * i));
	return cm_cipher(true, CM_ECB_ENCRYPT, s->enc, s->key_len, NULL, icv, CM_AES_BLOCK, icv);
}

static bool decrypt(struct cm_secure *s, uint8_t *data, size_t *n)
{
	uint8_t icv[CM_AES_BLOCK];
	return *n % CM_AES_BLOCK == 0 && counter_icv(s, false, icv) &&
	    cm_cipher(true, CM_CBC_DECRYPT, s->enc, s->key_len, icv, data, *n, data) && cm_unpad(data, n);
}

static bool encrypt_response(const struct cm_secure *s, struct buf *rsp, size_t from)
{
	static const uint8_t room[CM_AES_BLOCK];
	uint8_t icv[CM_AES_BLOCK];
	size_t n = rsp->n - from;
	buf_add(rsp, room, CM_AES_BLOCK);
	if (rsp->bad)
		return false;
	n = cm_pad(rsp->p + from, n, CM_AES_BLOCK);
	rsp->n = from + n;
	return counter_icv(s, true, icv) &&
	    cm_cipher(true, CM_CBC_ENCRYPT, s->enc, s->key_len, icv, rsp->p + from, n, rsp->p + from);
}

/* R-ENC, then R-MAC over the command's MAC chaining value, the data and SW (6.2.5, 6.2.7). */
bool cm_scp03_wrap(struct cm_secure *s, struct buf *rsp, size_t from, sw_t sw)
{
	uint8_t out[CM_AES_BLOCK];
	if ((s->answer & CM_R_ENCRYPTION) != 0 && rsp->n > from && !encrypt_response(s, rsp, from))
		return false;
	buf_u16(rsp, sw);
	if (rsp->bad || !cm_cmac(s->rmac, s->key_len, s->chain, CM_AES_BLOCK, rsp->p + from, rsp->n - from, out))
		return false;
	rsp->n -= 2;
	buf_add(rsp, out, cm_secure_width(3, s->i));
	return !rsp->bad;
}

const struct cm_protocol cm_scp03 = {
    .begin = begin, .mac = mac, .decrypt = decrypt, .mac_over_cipher = true, .full_chain = true};
