#include "runtime/sm/session.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/kdf.h"
#include "runtime/sm/state.h"

static enum cipher_algorithm cipher_of(enum sm_suite s)
{
	return s == SM_BAC_3DES ? CIPHER_DES_EDE2 : CIPHER_AES;
}

static enum mac_algorithm mac_of(enum sm_suite s)
{
	return s == SM_BAC_3DES ? MAC_RETAIL_DES : MAC_CMAC_AES;
}

size_t sm_material(const struct sm_opening *o)
{
	return o->key_len > 16 ? 32 : 16;
}

/* The first 8 bytes of the MAC over a cryptogram. The retail MAC wants padding, CMAC does its own. */
static bool token_mac(const struct sm_opening *o, const uint8_t *p, size_t n, uint8_t out[SM_MAC_LEN])
{
	uint8_t full[MAC_MAX];
	struct buf padded = {0};
	struct mac *m = mac_new(mac_of(o->suite), o->k_mac, o->key_len);
	bool ok = false;
	if (m == NULL)
		return false;
	buf_add(&padded, p, n);
	if (o->suite == SM_BAC_3DES)
		sm_pad(&padded, 0, 8);
	ok = !padded.bad && mac_compute(m, padded.p, padded.n, full);
	if (ok)
		memcpy(out, full, SM_MAC_LEN);
	mac_free(m);
	buf_reset(&padded);
	return ok;
}

bool sm_token(const struct sm_opening *o, struct buf *out)
{
	uint8_t s[SM_TOKEN_MAX], mac[SM_MAC_LEN];
	size_t n = 2 * SM_RND + sm_material(o);
	struct cipher *c = cipher_new(cipher_of(o->suite), o->k_enc, o->key_len);
	bool ok = false;
	if (c == NULL)
		return false;
	memcpy(s, o->rnd_ifd, SM_RND);
	memcpy(s + SM_RND, o->rnd_ic, SM_RND);
	memcpy(s + 2 * SM_RND, o->k_ifd, sm_material(o));
	if (cipher_cbc_encrypt(c, NULL, s, n, s) && token_mac(o, s, n, mac)) {
		buf_add(out, s, n);
		buf_add(out, mac, SM_MAC_LEN);
		ok = !out->bad;
	}
	wipe(s, sizeof s);
	cipher_free(c);
	return ok;
}

/* RND.IC || RND.IFD || K.IC out of the card's answer; false when it was not made with these keys and randoms. */
static bool read_answer(const struct sm_opening *o, const uint8_t *p, size_t n, uint8_t k_ic[SM_KEY_MAX])
{
	uint8_t r[SM_TOKEN_MAX], mac[SM_MAC_LEN];
	size_t body = 2 * SM_RND + sm_material(o);
	struct cipher *c;
	bool ok = false;
	if (n != body + SM_MAC_LEN || (c = cipher_new(cipher_of(o->suite), o->k_enc, o->key_len)) == NULL)
		return false;
	if (!token_mac(o, p, body, mac) || !wipe_equal(mac, p + body, SM_MAC_LEN) ||
	    !cipher_cbc_decrypt(c, NULL, p, body, r))
		goto out;
	if (!wipe_equal(r, o->rnd_ic, SM_RND) || !wipe_equal(r + SM_RND, o->rnd_ifd, SM_RND))
		goto out;
	memcpy(k_ic, r + 2 * SM_RND, sm_material(o));
	ok = true;
out:
	wipe(r, sizeof r);
	cipher_free(c);
	return ok;
}

/* 9303-11, 4.3.3: the keys come from K.IFD xor K.IC; bac-3des begins its counter with the ends of both randoms. */
struct sm_session *sm_open(const struct sm_opening *o, const uint8_t *answer, size_t n)
{
	uint8_t seed[SM_KEY_MAX], enc[SM_KEY_MAX], mac[SM_KEY_MAX], ssc[SM_SSC_MAX] = {0};
	struct sm_session *s = NULL;
	if (!read_answer(o, answer, n, seed))
		goto out;
	for (size_t i = 0; i < sm_material(o); i++)
		seed[i] ^= o->k_ifd[i];
	if (o->suite == SM_BAC_3DES) {
		memcpy(ssc, o->rnd_ic + 4, 4);
		memcpy(ssc + 4, o->rnd_ifd + 4, 4);
	}
	if (kdf_icao9303(cipher_of(o->suite), seed, sm_material(o), 1, enc, o->key_len) &&
	    kdf_icao9303(cipher_of(o->suite), seed, sm_material(o), 2, mac, o->key_len))
		s = sm_session_new(o->suite, enc, mac, o->key_len, ssc);
out:
	wipe(seed, sizeof seed);
	wipe(enc, sizeof enc);
	wipe(mac, sizeof mac);
	return s;
}

struct sm_session *sm_session_new(
    enum sm_suite suite, const uint8_t *ks_enc, const uint8_t *ks_mac, size_t key_len, const uint8_t *ssc)
{
	struct sm_session *s = calloc(1, sizeof *s);
	if (s == NULL)
		return NULL;
	s->suite = suite;
	s->enc = cipher_new(cipher_of(suite), ks_enc, key_len);
	s->mac = mac_new(mac_of(suite), ks_mac, key_len);
	if (s->enc == NULL || s->mac == NULL) {
		sm_session_free(s);
		return NULL;
	}
	s->block = cipher_block(s->enc);
	memcpy(s->ssc, ssc, s->block);
	return s;
}

void sm_session_free(struct sm_session *s)
{
	if (s == NULL)
		return;
	cipher_free(s->enc);
	mac_free(s->mac);
	wipe(s, sizeof *s);
	free(s);
}

enum sm_mode sm_answer_mode(const struct sm_session *s)
{
	return s->answered;
}

void sm_count(struct sm_session *s)
{
	for (size_t i = s->block; i-- > 0;)
		if (++s->ssc[i] != 0)
			return;
}

bool sm_iv(struct sm_session *s, enum sm_mode mode, uint8_t iv[CIPHER_BLOCK_MAX])
{
	memset(iv, 0, CIPHER_BLOCK_MAX);
	if (s->suite == SM_BAC_3DES && mode != SM_MODE_ENC)
		return true;
	return cipher_ecb_encrypt(s->enc, s->ssc, s->block, iv);
}

void sm_pad(struct buf *b, size_t start, size_t block)
{
	buf_u8(b, 0x80);
	while (!b->bad && (b->n - start) % block != 0)
		buf_u8(b, 0);
}

bool sm_mac(struct sm_session *s, const uint8_t header[4], const uint8_t *objects, size_t n, uint8_t out[SM_MAC_LEN])
{
	struct buf in = {0};
	uint8_t full[MAC_MAX];
	buf_add(&in, s->ssc, s->block);
	if (header != NULL) {
		buf_add(&in, header, 4);
		sm_pad(&in, 0, s->block);
	}
	if (n != 0) { /* no objects, no further block */
		buf_add(&in, objects, n);
		sm_pad(&in, 0, s->block);
	}
	bool ok = !in.bad && mac_compute(s->mac, in.p, in.n, full);
	if (ok)
		memcpy(out, full, SM_MAC_LEN);
	buf_reset(&in);
	return ok;
}
