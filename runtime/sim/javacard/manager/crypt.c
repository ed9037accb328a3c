#include "runtime/sim/javacard/manager/crypt.h"

#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/cipher.h"
#include "runtime/crypto/mac.h"

size_t cm_pad(uint8_t *p, size_t n, size_t block)
{
	p[n++] = 0x80;
	while (n % block != 0)
		p[n++] = 0;
	return n;
}

bool cm_unpad(const uint8_t *p, size_t *n)
{
	size_t at = *n;
	while (at > 0 && p[at - 1] == 0)
		at--;
	if (at == 0 || p[at - 1] != 0x80)
		return false;
	*n = at - 1;
	return true;
}

static bool ecb_decrypt(struct cipher *c, const uint8_t *in, size_t n, uint8_t *out)
{
	/* A block of CBC with a zero vector is a block of ECB. */
	size_t block = cipher_block(c);
	for (size_t i = 0; i + block <= n; i += block)
		if (!cipher_cbc_decrypt(c, NULL, in + i, block, out + i))
			return false;
	return n % block == 0;
}

bool cm_cipher(bool aes, enum cm_way way, const uint8_t *key, size_t key_len, const uint8_t *iv, const uint8_t *in,
    size_t n, uint8_t *out)
{
	struct cipher *c = cipher_new(aes ? CIPHER_AES : CIPHER_DES_EDE2, key, key_len);
	bool ok = false;
	if (c == NULL)
		return false;
	switch (way) {
	case CM_CBC_ENCRYPT:
		ok = cipher_cbc_encrypt(c, iv, in, n, out);
		break;
	case CM_CBC_DECRYPT:
		ok = cipher_cbc_decrypt(c, iv, in, n, out);
		break;
	case CM_ECB_ENCRYPT:
		ok = cipher_ecb_encrypt(c, in, n, out);
		break;
	case CM_ECB_DECRYPT:
		ok = ecb_decrypt(c, in, n, out);
		break;
	}
	cipher_free(c);
	return ok;
}

bool cm_des_single(const uint8_t key[CM_DES_KEY], const uint8_t in[CM_DES_BLOCK], uint8_t out[CM_DES_BLOCK])
{
	/* Triple DES with one key three times is single DES. */
	uint8_t k[CM_DES_KEY];
	memcpy(k, key, 8);
	memcpy(k + 8, key, 8);
	bool ok = cm_cipher(false, CM_ECB_ENCRYPT, k, sizeof k, NULL, in, CM_DES_BLOCK, out);
	wipe(k, sizeof k);
	return ok;
}

bool cm_des_full_mac(const uint8_t key[CM_DES_KEY], const uint8_t *p, size_t n, uint8_t out[CM_DES_BLOCK])
{
	static const uint8_t zero[CM_DES_BLOCK];
	struct cm_retail m;
	cm_retail_begin(&m, zero);
	return cm_full_add(&m, key, p, n) && cm_full_end(&m, key, out);
}

void cm_retail_begin(struct cm_retail *m, const uint8_t icv[CM_DES_BLOCK])
{
	memset(m, 0, sizeof *m);
	memcpy(m->chain, icv, CM_DES_BLOCK);
}

/* Feed bytes into a CBC-MAC under `key`; the last, perhaps incomplete block stays in rest. */
static bool feed(struct cm_retail *m, const uint8_t key[CM_DES_KEY], const uint8_t *p, size_t n)
{
	struct cipher *c = cipher_new(CIPHER_DES_EDE2, key, CM_DES_KEY);
	bool ok = c != NULL;
	for (size_t i = 0; i < n && ok; i++) {
		m->rest[m->n++] = p[i];
		if (m->n == CM_DES_BLOCK) {
			ok = cipher_cbc_encrypt(c, m->chain, m->rest, CM_DES_BLOCK, m->chain);
			m->n = 0;
		}
	}
	cipher_free(c);
	return ok;
}

bool cm_retail_add(struct cm_retail *m, const uint8_t key[CM_DES_KEY], const uint8_t *p, size_t n)
{
	uint8_t k[CM_DES_KEY];
	memcpy(k, key, 8);
	memcpy(k + 8, key, 8);
	bool ok = feed(m, k, p, n);
	wipe(k, sizeof k);
	return ok;
}

bool cm_full_add(struct cm_retail *m, const uint8_t key[CM_DES_KEY], const uint8_t *p, size_t n)
{
	return feed(m, key, p, n);
}

/* The padded last block, by triple DES in both MACs. */
bool cm_full_end(struct cm_retail *m, const uint8_t key[CM_DES_KEY], uint8_t out[CM_DES_BLOCK])
{
	uint8_t last[CM_DES_BLOCK + 1];
	memcpy(last, m->rest, m->n);
	cm_pad(last, m->n, CM_DES_BLOCK);
	return cm_cipher(false, CM_CBC_ENCRYPT, key, CM_DES_KEY, m->chain, last, CM_DES_BLOCK, out);
}

bool cm_retail_end(struct cm_retail *m, const uint8_t key[CM_DES_KEY], uint8_t out[CM_DES_BLOCK])
{
	return cm_full_end(m, key, out);
}

bool cm_cmac(const uint8_t *key, size_t key_len, const uint8_t *a, size_t n, const uint8_t *b, size_t m,
    uint8_t out[CM_AES_BLOCK])
{
	struct mac *mac = mac_new(MAC_CMAC_AES, key, key_len);
	struct mac_piece piece[] = {{a, n}, {b, m}};
	bool ok = mac != NULL && mac_compute_pieces(mac, piece, 2, out);
	mac_free(mac);
	return ok;
}

bool cm_derive(const uint8_t *key, size_t key_len, uint8_t constant, const uint8_t *context, size_t n, uint8_t *out,
    size_t out_len)
{
	uint8_t head[16] = {0}, block[CM_AES_BLOCK];
	head[11] = constant;
	head[13] = (uint8_t)(out_len * 8 >> 8);
	head[14] = (uint8_t)(out_len * 8);
	for (size_t done = 0; done < out_len;) {
		size_t part = out_len - done < sizeof block ? out_len - done : sizeof block;
		head[15]++;
		if (!cm_cmac(key, key_len, head, sizeof head, context, n, block))
			return false;
		memcpy(out + done, block, part);
		done += part;
	}
	wipe(block, sizeof block);
	return true;
}

bool cm_check_value(bool aes, const uint8_t *key, size_t key_len, uint8_t out[3])
{
	uint8_t in[CM_AES_BLOCK], enc[CM_AES_BLOCK];
	size_t block = aes ? CM_AES_BLOCK : CM_DES_BLOCK;
	memset(in, aes ? 0x01 : 0x00, sizeof in);
	if (!cm_cipher(aes, CM_ECB_ENCRYPT, key, key_len, NULL, in, block, enc))
		return false;
	memcpy(out, enc, 3);
	return true;
}
