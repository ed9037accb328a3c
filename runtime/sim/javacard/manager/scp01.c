/* SCP01: GPCS 2.3 appendix D (deprecated there, alive in the field). i = 05, 15. */
#include "runtime/sim/javacard/manager/secure.h"

#include <string.h>

/* Session keys (D.4.1): ECB under the static key of a mix of both challenges. The data encryption key stays static. */
static bool session_keys(struct cm_secure *s, const struct cm_key_set *k, const uint8_t *host, const uint8_t *card)
{
	uint8_t mix[16];
	memcpy(mix, card + 4, 4);
	memcpy(mix + 4, host, 4);
	memcpy(mix + 8, card, 4);
	memcpy(mix + 12, host + 4, 4);
	memcpy(s->dek, k->dek, CM_DES_KEY);
	return cm_cipher(false, CM_ECB_ENCRYPT, k->enc, CM_DES_KEY, NULL, mix, sizeof mix, s->enc) &&
	    cm_cipher(false, CM_ECB_ENCRYPT, k->mac, CM_DES_KEY, NULL, mix, sizeof mix, s->mac);
}

/* INITIALIZE UPDATE (D.4.1): 10 diversification, version, 01, 8 challenge, 8 cryptogram. */
static sw_t begin(struct cm_secure *s, const struct cm_initialize *q, struct buf *rsp)
{
	uint8_t both[16], cryptogram[CM_DES_BLOCK];
	memcpy(both, q->host, 8);
	memcpy(both + 8, q->random, 8);
	if (!session_keys(s, q->keys, q->host, q->random) || !cm_des_full_mac(s->enc, both, sizeof both, cryptogram))
		return SW_MEMORY_FAILURE;
	memcpy(both, q->random, 8);
	memcpy(both + 8, q->host, 8);
	if (!cm_des_full_mac(s->enc, both, sizeof both, s->host_cryptogram))
		return SW_MEMORY_FAILURE;
	buf_add(rsp, q->diversification, CM_DIVERSIFICATION);
	buf_u8(rsp, q->keys->version);
	buf_u8(rsp, 0x01);
	buf_add(rsp, q->random, 8);
	buf_add(rsp, cryptogram, sizeof cryptogram);
	return SW_OK;
}

/* C-MAC (D.3.2): triple DES throughout; the ICV is the C-MAC before, encrypted where i says so. */
static bool mac(
    struct cm_secure *s, const struct apdu *a, size_t lc, const uint8_t *data, size_t n, uint8_t out[CM_AES_BLOCK])
{
	uint8_t head[5] = {a->cla, a->ins, a->p1, a->p2, (uint8_t)lc}, icv[CM_DES_BLOCK];
	struct cm_retail m;
	memcpy(icv, s->chain, sizeof icv);
	if (!s->fresh && (s->i & CM_I_ICV_ENCRYPTION) != 0 &&
	    !cm_cipher(false, CM_ECB_ENCRYPT, s->mac, CM_DES_KEY, NULL, icv, sizeof icv, icv))
		return false;
	cm_retail_begin(&m, icv);
	return cm_full_add(&m, s->mac, head, sizeof head) && cm_full_add(&m, s->mac, data, n) &&
	    cm_full_end(&m, s->mac, out);
}

/* D.3.4: length byte, data, 80 00… only where needed. */
static bool decrypt(struct cm_secure *s, uint8_t *data, size_t *n)
{
	if (*n % CM_DES_BLOCK != 0 || !cm_cipher(false, CM_CBC_DECRYPT, s->enc, CM_DES_KEY, NULL, data, *n, data))
		return false;
	size_t plain = data[0], pad = *n - plain - 1;
	if (plain + 1 > *n || pad >= CM_DES_BLOCK)
		return false;
	for (size_t i = 0; i < pad; i++)
		if (data[1 + plain + i] != (i == 0 ? 0x80 : 0x00))
			return false;
	memmove(data, data + 1, plain);
	*n = plain;
	return true;
}

const struct cm_protocol cm_scp01 = {.begin = begin, .mac = mac, .decrypt = decrypt};
