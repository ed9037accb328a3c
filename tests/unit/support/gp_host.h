/* The host's side of GlobalPlatform's secure channels for tests of the card: an oracle of its own. It shares no code
 * with the card or the loader: block ciphers come straight from OpenSSL, one block at a time, and chaining, CMAC,
 * retail MAC and derivations are written out from the text of GPCS 2.3 appendices D and E, Amendment D, SP 800-38B. */
#ifndef IGATA_TEST_GP_HOST_H
#define IGATA_TEST_GP_HOST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <string.h>

struct gp_host {
	int scp, i;
	size_t key_len, width;
	uint8_t k_enc[32], k_mac[32], k_dek[32]; /* static */
	uint8_t enc[32], mac[32], rmac[32], dek[32];
	uint8_t later[16]; /* SCP02: R-MAC key of the counter after this one */
	int implicit;      /* SCP02 without INITIALIZE UPDATE */
	uint8_t challenge[16];
	int level;
	uint8_t chain[16];
	int first;
	uint32_t counter;
	uint8_t r_icv[8];
	uint8_t plain[70000]; /* the last command in clear, for R-MAC of SCP02 */
	size_t plain_len;
	uint8_t aid[16];
	size_t aid_len;
};

static inline void gph_block(const char *name, const uint8_t *key, int encrypt, const uint8_t *in, uint8_t *out)
{
	EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
	EVP_CIPHER *c = EVP_CIPHER_fetch(NULL, name, NULL);
	uint8_t buf[48];
	int n = 0, block = strstr(name, "AES") != NULL ? 16 : 8;
	assert_non_null(c);
	assert_int_equal(EVP_CipherInit_ex2(x, c, key, NULL, encrypt, NULL), 1);
	EVP_CIPHER_CTX_set_padding(x, 0);
	assert_int_equal(EVP_CipherUpdate(x, buf, &n, in, block), 1);
	assert_int_equal(n, block);
	memcpy(out, buf, (size_t)block);
	EVP_CIPHER_CTX_free(x);
	EVP_CIPHER_free(c);
}

static inline void gph_tdes(const uint8_t *k16, int encrypt, const uint8_t *in, uint8_t *out)
{
	uint8_t k[24];
	memcpy(k, k16, 16);
	memcpy(k + 16, k16, 8);
	gph_block("DES-EDE3-ECB", k, encrypt, in, out);
}

static inline void gph_des(const uint8_t *k8, const uint8_t *in, uint8_t *out)
{
	uint8_t k[24];
	for (int i = 0; i < 3; i++)
		memcpy(k + 8 * i, k8, 8);
	gph_block("DES-EDE3-ECB", k, 1, in, out);
}

static inline void gph_aes(const uint8_t *k, size_t n, int encrypt, const uint8_t *in, uint8_t *out)
{
	gph_block(n == 16 ? "AES-128-ECB" : n == 24 ? "AES-192-ECB" : "AES-256-ECB", k, encrypt, in, out);
}

static inline size_t gph_pad(uint8_t *p, size_t n, size_t block)
{
	p[n++] = 0x80;
	while (n % block != 0)
		p[n++] = 0x00;
	return n;
}

static inline void gph_xor(uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		a[i] ^= b[i];
}

/* kind 'f': triple DES in every block; 'r': single DES, the last block triple. */
static inline void gph_des_mac(
    char kind, const uint8_t *k, const uint8_t *icv, const uint8_t *p, size_t n, uint8_t *out)
{
	static uint8_t m[70032];
	uint8_t x[8];
	memcpy(m, p, n);
	n = gph_pad(m, n, 8);
	memcpy(x, icv, 8);
	for (size_t at = 0; at < n; at += 8) {
		gph_xor(x, m + at, 8);
		if (kind == 'f' || at + 8 == n)
			gph_tdes(k, 1, x, x);
		else
			gph_des(k, x, x);
	}
	memcpy(out, x, 8);
}

/* SP 800-38B, 6.1 and 6.2. */
static inline void gph_double(uint8_t *b)
{
	int carry = b[0] >> 7;
	for (int i = 0; i < 16; i++)
		b[i] = (uint8_t)(b[i] << 1 | (i < 15 ? b[i + 1] >> 7 : 0));
	if (carry)
		b[15] ^= 0x87;
}

static inline void gph_cmac(const uint8_t *k, size_t kn, const uint8_t *p, size_t n, uint8_t *out)
{
	uint8_t sub[16] = {0}, x[16] = {0}, last[16] = {0};
	size_t full = n == 0 ? 0 : (n - 1) / 16, rest = n - 16 * full;
	gph_aes(k, kn, 1, sub, sub);
	gph_double(sub);
	for (size_t i = 0; i < full; i++) {
		gph_xor(x, p + 16 * i, 16);
		gph_aes(k, kn, 1, x, x);
	}
	if (rest != 0)
		memcpy(last, p + 16 * full, rest);
	if (rest != 16) {
		last[rest] = 0x80;
		gph_double(sub);
	}
	gph_xor(x, last, 16);
	gph_xor(x, sub, 16);
	gph_aes(k, kn, 1, x, out);
}

static inline void gph_kdf(
    const uint8_t *k, size_t kn, int constant, const uint8_t *ctx, size_t n, uint8_t *out, size_t want)
{
	uint8_t in[64], block[16];
	for (int counter = 1; want > 0; counter++) {
		size_t part = want < 16 ? want : 16;
		memset(in, 0, sizeof in);
		in[11] = (uint8_t)constant;
		/* total length in bits: what is left and what was given */
		size_t bits = 8 * (want + 16 * (size_t)(counter - 1));
		in[13] = (uint8_t)(bits >> 8);
		in[14] = (uint8_t)bits;
		in[15] = (uint8_t)counter;
		memcpy(in + 16, ctx, n);
		gph_cmac(k, kn, in, 16 + n, block);
		memcpy(out, block, part);
		out += part;
		want -= part;
	}
}

static inline void gph_session_des(struct gp_host *h, const uint8_t *card)
{
	static const uint8_t zero[8];
	if (h->scp == 1) {
		uint8_t d[16];
		memcpy(d, card + 4, 4);
		memcpy(d + 4, h->challenge, 4);
		memcpy(d + 8, card, 4);
		memcpy(d + 12, h->challenge + 4, 4);
		for (int i = 0; i < 16; i += 8) {
			gph_tdes(h->k_enc, 1, d + i, h->enc + i);
			gph_tdes(h->k_mac, 1, d + i, h->mac + i);
		}
		memcpy(h->dek, h->k_dek, 16);
		return;
	}
	const struct {
		const uint8_t *key;
		uint8_t hi, lo, *out;
		int later;
	} row[] = {{h->k_enc, 1, 0x82, h->enc, 0}, {h->k_mac, 1, 1, h->mac, 0}, {h->k_mac, 1, 2, h->rmac, 0},
	    {h->k_dek, 1, 0x81, h->dek, h->implicit}, {h->k_mac, 1, 2, h->later, 1}};
	for (int r = 0; r < 5; r++) {
		unsigned counter = ((unsigned)card[0] << 8 | card[1]) + (unsigned)row[r].later;
		uint8_t d[8] = {row[r].hi, row[r].lo, (uint8_t)(counter >> 8), (uint8_t)counter};
		gph_tdes(row[r].key, 1, d, row[r].out);
		memcpy(d, zero, 8);
		gph_xor(d, row[r].out, 8);
		gph_tdes(row[r].key, 1, d, row[r].out + 8);
	}
}

static inline void gph_header(
    struct gp_host *h, uint8_t *cmd, size_t head, size_t lc_total, size_t lc_plain, uint8_t *out, size_t *n)
{
	/* head is 5 or 7; in SCP02 some variants leave CLA and Lc as they were */
	size_t lc = (h->i & 2) != 0 && h->scp == 2 && h->level >= 0 ? lc_plain : lc_total;
	memcpy(out, cmd, 4);
	out[0] = (uint8_t)((cmd[0] & 0x40) ? ((cmd[0] & 0x80) | 4) : ((cmd[0] & 0xfc) | 4));
	if ((h->i & 2) != 0 && h->scp == 2 && h->level >= 0)
		out[0] &= 0xf3;
	if (head == 7) {
		out[4] = 0;
		out[5] = (uint8_t)(lc >> 8);
		out[6] = (uint8_t)lc;
	} else
		out[4] = (uint8_t)lc;
	*n = head;
}

/* C-MAC over header and data; keeps the chain. out: width bytes. */
static inline void gph_c_mac(
    struct gp_host *h, const uint8_t *head, size_t hn, const uint8_t *data, size_t n, uint8_t *out)
{
	static uint8_t m[70032];
	uint8_t icv[8], mac[16];
	if (h->scp == 3) {
		memcpy(m, h->chain, 16);
		memcpy(m + 16, head, hn);
		memcpy(m + 16 + hn, data, n);
		gph_cmac(h->mac, h->key_len, m, 16 + hn + n, mac);
		memcpy(h->chain, mac, 16);
		memcpy(out, mac, h->width);
		return;
	}
	memcpy(icv, h->chain, 8);
	if (!h->first && (h->i & 0x10) != 0) {
		if (h->scp == 1)
			gph_tdes(h->mac, 1, icv, icv);
		else
			gph_des(h->mac, icv, icv);
	}
	memcpy(m, head, hn);
	memcpy(m + hn, data, n);
	gph_des_mac(h->scp == 1 ? 'f' : 'r', h->mac, icv, m, hn + n, mac);
	memcpy(h->chain, mac, 8);
	memcpy(out, mac, 8);
	h->first = 0;
}

/* Take INITIALIZE UPDATE's response (without SW), check the card's cryptogram; make EXTERNAL AUTHENTICATE. */
static inline size_t gph_authenticate(struct gp_host *h, const uint8_t *iur, size_t n, int level, uint8_t *cmd)
{
	static const uint8_t zero[16];
	uint8_t both[32], want[16], mine[16];
	h->scp = iur[11];
	h->width = 8;
	if (h->scp == 3) {
		h->i = iur[12];
		h->width = (h->i & 1) != 0 ? 16 : 8;
		size_t w = h->width;
		assert_int_equal(n, 13 + 2 * w + ((h->i & 0x10) != 0 ? 3 : 0));
		memcpy(both, h->challenge, w);
		memcpy(both + w, iur + 13, w);
		gph_kdf(h->k_enc, h->key_len, 4, both, 2 * w, h->enc, h->key_len);
		gph_kdf(h->k_mac, h->key_len, 6, both, 2 * w, h->mac, h->key_len);
		gph_kdf(h->k_mac, h->key_len, 7, both, 2 * w, h->rmac, h->key_len);
		memcpy(h->dek, h->k_dek, h->key_len);
		gph_kdf(h->mac, h->key_len, 0, both, 2 * w, want, w);
		gph_kdf(h->mac, h->key_len, 1, both, 2 * w, mine, w);
		assert_memory_equal(iur + 13 + w, want, w);
		if ((h->i & 0x10) != 0 && h->aid_len != 0) {
			uint8_t ctx[19];
			memcpy(ctx, iur + n - 3, 3);
			memcpy(ctx + 3, h->aid, h->aid_len);
			gph_kdf(h->k_enc, h->key_len, 2, ctx, 3 + h->aid_len, want, w);
			assert_memory_equal(iur + 13, want, w);
		}
	} else {
		assert_int_equal(n, 28);
		gph_session_des(h, iur + 12);
		memcpy(both, h->challenge, 8);
		memcpy(both + 8, iur + 12, 8);
		gph_des_mac('f', h->enc, zero, both, 16, want);
		assert_memory_equal(iur + 20, want, 8);
		memcpy(both, iur + 12, 8);
		memcpy(both + 8, h->challenge, 8);
		gph_des_mac('f', h->enc, zero, both, 16, mine);
		if (h->scp == 2 && (h->i & 0x40) != 0 && h->aid_len != 0) {
			gph_des_mac('r', h->mac, zero, h->aid, h->aid_len, want);
			assert_memory_equal(iur + 14, want, 6);
		}
	}
	memset(h->chain, 0, 16);
	h->first = 1;
	h->counter = 0;
	cmd[0] = 0x84;
	cmd[1] = 0x82;
	cmd[2] = (uint8_t)level;
	cmd[3] = 0;
	cmd[4] = (uint8_t)(2 * h->width);
	memcpy(cmd + 5, mine, h->width);
	gph_c_mac(h, cmd, 5, mine, h->width, cmd + 5 + h->width);
	h->level = level;
	memcpy(h->r_icv, h->chain, 8);
	return 5 + 2 * h->width;
}

/* SCP02 without INITIALIZE UPDATE: counter is the card's, as GET DATA C1 tells it. */
static inline void gph_implicit(struct gp_host *h, const uint8_t counter[2])
{
	static const uint8_t zero[8];
	h->scp = 2;
	h->width = 8;
	h->implicit = 1;
	h->first = 1;
	h->level = 1;
	gph_session_des(h, counter);
	gph_des_mac('r', h->mac, zero, h->aid, h->aid_len, h->chain);
	gph_des_mac('r', h->later, zero, h->aid, h->aid_len, h->r_icv);
}

/* SCP02's R-MAC over the last command and its answer of n bytes; it is the ICV of the next. */
static inline void gph_r_mac(struct gp_host *h, const uint8_t *rsp, size_t n, const uint8_t sw[2])
{
	static uint8_t m[140100];
	size_t lc = h->plain_len > 5 ? h->plain[4] : 0, at = 5 + lc;
	memcpy(m, h->plain, 4);
	m[0] &= (m[0] & 0x40) != 0 ? 0x80 : 0xf0;
	m[4] = (uint8_t)lc;
	memcpy(m + 5, h->plain + 5, lc);
	m[at++] = (uint8_t)n;
	if (n != 0)
		memcpy(m + at, rsp, n);
	at += n;
	memcpy(m + at, sw, 2);
	gph_des_mac('r', h->rmac, h->r_icv, m, at + 2, h->r_icv);
}

/* BEGIN R-MAC SESSION was the last command, and accepted: E.4.1, E.4.5. */
static inline void gph_begin_rmac(struct gp_host *h)
{
	memcpy(h->rmac, h->later, 16);
	gph_r_mac(h, NULL, 0, (const uint8_t *)"\x90\x00");
	h->level |= 0x10;
}

/* Wrap a command; returns the length. in may be short or extended, with or without Le. */
static inline size_t gph_wrap(struct gp_host *h, const uint8_t *in, size_t n, uint8_t *out)
{
	static uint8_t data[70032];
	uint8_t head[7];
	size_t hn = 5, lc = 0, le_at = n, total;
	memcpy(h->plain, in, n);
	h->plain_len = n;
	if (n > 5 && in[4] == 0) {
		hn = 7;
		lc = n == 7 ? 0 : (size_t)in[5] << 8 | in[6];
		le_at = n == 7 ? 5 : 7 + lc;
	} else if (n > 5) {
		lc = in[4];
		le_at = 5 + lc;
	} else if (n == 5)
		le_at = 4;
	if (n > 7 || (n > 5 && hn == 5))
		memcpy(data, in + hn, lc);
	h->counter++;
	if ((h->level & 1) == 0) {
		memcpy(out, in, n);
		return n;
	}
	memcpy(out, in, 4);
	out[0] = (uint8_t)(in[0] & 0x40 ? in[0] | 0x20 : in[0] | 0x04);
	size_t plain = lc;
	uint8_t mac[16];
	if (h->scp != 3) {
		gph_header(h, out, hn, lc + 8, lc, head, &total);
		gph_c_mac(h, head, hn, data, lc, mac);
	}
	if ((h->level & 2) != 0 && lc != 0) {
		uint8_t iv[16] = {0};
		size_t block = h->scp == 3 ? 16 : 8;
		if (h->scp == 1) {
			memmove(data + 1, data, lc);
			data[0] = (uint8_t)lc;
			lc++;
			if (lc % 8 != 0)
				lc = gph_pad(data, lc, 8);
		} else
			lc = gph_pad(data, lc, block);
		if (h->scp == 3) {
			for (int i = 0; i < 4; i++)
				iv[12 + i] = (uint8_t)(h->counter >> (24 - 8 * i));
			gph_aes(h->enc, h->key_len, 1, iv, iv);
		}
		for (size_t at = 0; at < lc; at += block) {
			gph_xor(data + at, iv, block);
			if (h->scp == 3)
				gph_aes(h->enc, h->key_len, 1, data + at, data + at);
			else
				gph_tdes(h->enc, 1, data + at, data + at);
			memcpy(iv, data + at, block);
		}
	}
	if (h->scp == 3) {
		gph_header(h, out, hn, lc + h->width, plain, head, &total);
		gph_c_mac(h, head, hn, data, lc, mac);
	}
	size_t at = 4;
	if (hn == 7) {
		out[at++] = 0;
		out[at++] = (uint8_t)((lc + h->width) >> 8);
	}
	out[at++] = (uint8_t)(lc + h->width);
	memcpy(out + at, data, lc);
	at += lc;
	memcpy(out + at, mac, h->width);
	at += h->width;
	memcpy(out + at, in + le_at, n - le_at);
	return at + (n - le_at);
}

/* Check and remove the protection of a response (with SW) in place; returns the new length. */
static inline size_t gph_unwrap(struct gp_host *h, uint8_t *rsp, size_t n)
{
	static uint8_t m[140100];
	unsigned sw1 = rsp[n - 2], sw = sw1 << 8 | rsp[n - 1];
	uint8_t mac[16], w[2] = {rsp[n - 2], rsp[n - 1]};
	if ((h->level & 0x10) == 0)
		return n;
	if (sw != 0x9000 && sw1 != 0x62 && sw1 != 0x63) {
		assert_int_equal(n, 2); /* an error carries nothing, but counts in SCP02 */
		if (h->scp == 2)
			gph_r_mac(h, NULL, 0, w);
		return n;
	}
	assert_true(n >= 2 + h->width);
	n -= 2 + h->width;
	if (h->scp == 3) {
		memcpy(m, h->chain, 16);
		memcpy(m + 16, rsp, n);
		memcpy(m + 16 + n, w, 2);
		gph_cmac(h->rmac, h->key_len, m, 18 + n, mac);
		assert_memory_equal(mac, rsp + n, h->width);
		if ((h->level & 0x20) != 0 && n != 0) {
			uint8_t iv[16] = {0x80}, next[16];
			for (int i = 0; i < 4; i++)
				iv[12 + i] = (uint8_t)(h->counter >> (24 - 8 * i));
			gph_aes(h->enc, h->key_len, 1, iv, iv);
			assert_int_equal(n % 16, 0);
			for (size_t at = 0; at < n; at += 16) {
				memcpy(next, rsp + at, 16);
				gph_aes(h->enc, h->key_len, 0, rsp + at, rsp + at);
				gph_xor(rsp + at, iv, 16);
				memcpy(iv, next, 16);
			}
			while (rsp[n - 1] == 0)
				n--;
			assert_int_equal(rsp[n - 1], 0x80);
			n--;
		}
	} else {
		gph_r_mac(h, rsp, n, w);
		assert_memory_equal(h->r_icv, rsp + n, 8);
	}
	memcpy(rsp + n, w, 2);
	return n + 2;
}

#endif
