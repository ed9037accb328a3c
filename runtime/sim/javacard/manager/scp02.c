/* SCP02: GPCS 2.3 appendix E. */
#include "runtime/sim/javacard/manager/secure.h"

#include <string.h>

#include "runtime/base/wipe.h"

enum { CHALLENGE = 6 };

/* E.4.1: CBC under the static key of constant, sequence counter, zeros. */
static bool derive(const uint8_t key[CM_DES_KEY], unsigned constant, uint32_t sequence, uint8_t *out)
{
	uint8_t in[CM_DES_KEY] = {
	    (uint8_t)(constant >> 8), (uint8_t)constant, (uint8_t)(sequence >> 8), (uint8_t)sequence};
	return cm_cipher(false, CM_CBC_ENCRYPT, key, CM_DES_KEY, NULL, in, sizeof in, out);
}

/* The keys of what comes after the counter moved: R-MAC sessions that BEGIN R-MAC SESSION begins (E.4.1), and with
 * implicit initiation sensitive data (E.1.2.2). */
static bool session_keys(struct cm_secure *s, const struct cm_initialize *q)
{
	const struct cm_key_set *k = q->keys;
	return derive(k->enc, 0x0182, q->sequence, s->enc) && derive(k->mac, 0x0101, q->sequence, s->mac) &&
	    derive(k->mac, 0x0102, q->sequence, s->rmac) && derive(k->mac, 0x0102, q->sequence + 1, s->later) &&
	    derive(k->dek, 0x0181, q->sequence + s->implicit, s->dek);
}

/* The retail MAC of the AID: under the C-MAC session key the ICV of an implicit session (E.3.3), and the challenge of a
 * card whose i says that everybody can compute it (E.4.2.3); under the R-MAC session key the ICV of its first R-MAC. */
static bool aid_mac(const uint8_t key[CM_DES_KEY], const struct cm_initialize *q, uint8_t out[CM_DES_BLOCK])
{
	static const uint8_t zero[CM_DES_BLOCK];
	struct cm_retail m;
	cm_retail_begin(&m, zero);
	return cm_retail_add(&m, key, q->aid, q->aid_len) && cm_retail_end(&m, key, out);
}

/* INITIALIZE UPDATE (E.5.1): 10 diversification, version, 02, 2 sequence counter, 6 challenge, 8 cryptogram. */
static sw_t begin(struct cm_secure *s, const struct cm_initialize *q, struct buf *rsp)
{
	uint8_t card[8] = {(uint8_t)(q->sequence >> 8), (uint8_t)q->sequence}, both[16], cryptogram[CM_DES_BLOCK];
	uint8_t pseudo[CM_DES_BLOCK];
	if (!session_keys(s, q) || !aid_mac(s->mac, q, pseudo))
		return SW_MEMORY_FAILURE;
	memcpy(card + 2, (s->i & CM_I_SCP02_PSEUDO) != 0 ? pseudo : q->random, CHALLENGE);
	memcpy(both, q->host, 8);
	memcpy(both + 8, card, 8);
	if (!cm_des_full_mac(s->enc, both, sizeof both, cryptogram))
		return SW_MEMORY_FAILURE;
	memcpy(both, card, 8);
	memcpy(both + 8, q->host, 8);
	if (!cm_des_full_mac(s->enc, both, sizeof both, s->host_cryptogram))
		return SW_MEMORY_FAILURE;
	buf_add(rsp, q->diversification, CM_DIVERSIFICATION);
	buf_u8(rsp, q->keys->version);
	buf_u8(rsp, 0x02);
	buf_add(rsp, card, sizeof card);
	buf_add(rsp, cryptogram, sizeof cryptogram);
	return SW_OK;
}

/* What an R-MAC session that is under way goes on with. */
static void keep_rmac(struct cm_secure *s, const struct cm_secure *before)
{
	s->level |= CM_R_MAC;
	s->silent = before->silent;
	s->r = before->r;
	memcpy(s->r_icv, before->r_icv, sizeof s->r_icv);
	memcpy(s->rmac, before->rmac, sizeof s->rmac);
}

sw_t cm_secure_begin_implicit(struct cm_secure *s, const struct cm_initialize *q)
{
	struct cm_secure before = *s;
	bool rmac = s->state == CM_SECURE_OPEN && (s->level & CM_R_MAC) != 0;
	cm_secure_end(s);
	s->scp = q->scp;
	s->i = q->i;
	s->key_version = q->keys->version;
	s->key_len = q->keys->length;
	s->implicit = true;
	s->fresh = true;
	s->level = CM_C_MAC;
	if (!session_keys(s, q) || !aid_mac(s->mac, q, s->chain) || !aid_mac(s->later, q, s->r_icv)) {
		cm_secure_end(s);
		wipe(&before, sizeof before);
		return SW_MEMORY_FAILURE;
	}
	if (rmac)
		keep_rmac(s, &before);
	wipe(&before, sizeof before);
	s->state = CM_SECURE_OPEN;
	return SW_OK;
}

/* C-MAC (E.4.4): single DES, last block triple. ICV (E.3.2 to E.3.4): zero or the AID's MAC at first, then the C-MAC
 * before, encrypted where i says so. Some variants leave CLA and Lc as they were. */
static bool mac(
    struct cm_secure *s, const struct apdu *a, size_t lc, const uint8_t *data, size_t n, uint8_t out[CM_AES_BLOCK])
{
	uint8_t head[7] = {a->cla, a->ins, a->p1, a->p2, (uint8_t)lc}, icv[CM_DES_BLOCK];
	size_t head_len = 5;
	struct cm_retail m;
	/* EXTERNAL AUTHENTICATE counts as modified always: E.4.4. */
	if ((s->i & CM_I_MAC_UNMODIFIED) != 0 && s->state == CM_SECURE_OPEN) {
		head[0] &= 0xf3;
		lc -= CM_DES_BLOCK;
		head[4] = (uint8_t)lc;
	}
	if (a->extended) {
		head[4] = 0;
		head[5] = (uint8_t)(lc >> 8);
		head[6] = (uint8_t)lc;
		head_len = 7;
	}
	memcpy(icv, s->chain, sizeof icv);
	if (!s->fresh && (s->i & CM_I_ICV_ENCRYPTION) != 0 && !cm_des_single(s->mac, icv, icv))
		return false;
	cm_retail_begin(&m, icv);
	return cm_retail_add(&m, s->mac, head, head_len) && cm_retail_add(&m, s->mac, data, n) &&
	    cm_retail_end(&m, s->mac, out);
}

/* E.4.6: padded always, ICV zero. */
static bool decrypt(struct cm_secure *s, uint8_t *data, size_t *n)
{
	return *n % CM_DES_BLOCK == 0 && cm_cipher(false, CM_CBC_DECRYPT, s->enc, CM_DES_KEY, NULL, data, *n, data) &&
	    cm_unpad(data, n);
}

const struct cm_protocol cm_scp02 = {.begin = begin, .mac = mac, .decrypt = decrypt};
