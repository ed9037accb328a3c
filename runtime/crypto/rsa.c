#include "runtime/crypto/rsa.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>

static BIGNUM *number(struct rsa_number x)
{
	return BN_bin2bn(x.p, (int)x.n, NULL);
}

static bool power(BIGNUM *r, const BIGNUM *x, BIGNUM *e, const BIGNUM *m, BN_CTX *ctx)
{
	BN_set_flags(e, BN_FLG_CONSTTIME);
	return BN_is_odd(m) && BN_mod_exp_mont_consttime(r, x, e, m, ctx, NULL) == 1;
}

bool rsa_power(struct rsa_number m, struct rsa_number e, const uint8_t *x, size_t n, uint8_t *out)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *bm = number(m), *be = number(e), *bx = BN_bin2bn(x, (int)n, NULL), *r = BN_new();
	bool ok = ctx != NULL && bm != NULL && be != NULL && bx != NULL && r != NULL && BN_cmp(bx, bm) < 0 &&
	    power(r, bx, be, bm, ctx) && BN_bn2binpad(r, out, (int)n) == (int)n;
	BN_CTX_free(ctx);
	BN_free(bm);
	BN_clear_free(be);
	BN_clear_free(bx);
	BN_clear_free(r);
	return ok;
}

bool rsa_power_crt(const struct rsa_number part[5], const uint8_t *x, size_t n, uint8_t *out)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *b[5], *m = BN_new(), *bx = BN_bin2bn(x, (int)n, NULL), *t = BN_new(), *u = BN_new(), *v = BN_new();
	bool ok = ctx != NULL && m != NULL && bx != NULL && t != NULL && u != NULL && v != NULL;
	for (int i = 0; i < 5; i++)
		ok = (b[i] = number(part[i])) != NULL && ok;
	/* u = x^dp mod p, v = x^dq mod q, result v + q ((u - v) pq mod p) */
	ok = ok && !BN_is_zero(b[0]) && !BN_is_zero(b[1]) && BN_mul(m, b[0], b[1], ctx) == 1 && BN_cmp(bx, m) < 0 &&
	    BN_mod(t, bx, b[0], ctx) == 1 && power(u, t, b[2], b[0], ctx) && BN_mod(t, bx, b[1], ctx) == 1 &&
	    power(v, t, b[3], b[1], ctx) && BN_mod_sub(t, u, v, b[0], ctx) == 1 &&
	    BN_mod_mul(t, t, b[4], b[0], ctx) == 1 && BN_mul(u, t, b[1], ctx) == 1 && BN_add(u, u, v) == 1 &&
	    BN_bn2binpad(u, out, (int)n) == (int)n;
	for (int i = 0; i < 5; i++)
		BN_clear_free(b[i]);
	BN_CTX_free(ctx);
	BN_free(m);
	BN_clear_free(bx);
	BN_clear_free(t);
	BN_clear_free(u);
	BN_clear_free(v);
	return ok;
}

/* --- new keys --- */

/* A prime of n bytes with its two highest bits set and gcd(prime - 1, e) = 1: FIPS 186-4 B.3.3, upwards from a random
 * start. */
static bool prime(BIGNUM *p, size_t n, const BIGNUM *e, struct rsa_random random, BN_CTX *ctx)
{
	uint8_t start[RSA_BYTES_MAX / 2];
	BIGNUM *t = BN_new(), *g = BN_new();
	bool ok = t != NULL && g != NULL && n <= sizeof start, found = false;
	if (ok) {
		random.fill(random.context, start, n);
		start[0] |= 0xC0;
		start[n - 1] |= 1;
		ok = BN_bin2bn(start, (int)n, p) != NULL;
	}
	while (ok && !found) {
		int is = BN_check_prime(p, ctx, NULL);
		ok = is >= 0 && BN_sub(t, p, BN_value_one()) == 1 && BN_gcd(g, t, e, ctx) == 1;
		found = ok && is == 1 && BN_is_one(g);
		if (!found)
			ok = ok && BN_add_word(p, 2) == 1 && BN_num_bytes(p) == (int)n;
	}
	OPENSSL_cleanse(start, sizeof start);
	BN_clear_free(t);
	BN_free(g);
	return ok && found;
}

bool rsa_generate(unsigned bits, struct rsa_number e, struct rsa_random random, uint8_t *p, uint8_t *q)
{
	size_t half = bits / 16;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *be = number(e), *bp = BN_new(), *bq = BN_new();
	bool ok = ctx != NULL && be != NULL && bp != NULL && bq != NULL && BN_is_odd(be) && !BN_is_one(be) &&
	    prime(bp, half, be, random, ctx) && prime(bq, half, be, random, ctx) && BN_cmp(bp, bq) != 0;
	if (ok && BN_cmp(bp, bq) < 0)
		BN_swap(bp, bq);
	ok = ok && BN_bn2binpad(bp, p, (int)half) == (int)half && BN_bn2binpad(bq, q, (int)half) == (int)half;
	BN_CTX_free(ctx);
	BN_free(be);
	BN_clear_free(bp);
	BN_clear_free(bq);
	return ok;
}

bool rsa_derive(const uint8_t *p, const uint8_t *q, size_t half, struct rsa_number e, uint8_t *modulus, uint8_t *d,
    uint8_t *dp, uint8_t *dq, uint8_t *pq)
{
	int n = (int)half;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *be = number(e), *bp = BN_bin2bn(p, n, NULL), *bq = BN_bin2bn(q, n, NULL);
	BIGNUM *p1 = BN_new(), *q1 = BN_new(), *t = BN_new(), *x = BN_new();
	bool ok = ctx != NULL && be != NULL && bp != NULL && bq != NULL && p1 != NULL && q1 != NULL && t != NULL &&
	    x != NULL && BN_mul(t, bp, bq, ctx) == 1 && BN_bn2binpad(t, modulus, 2 * n) == 2 * n &&
	    BN_sub(p1, bp, BN_value_one()) == 1 && BN_sub(q1, bq, BN_value_one()) == 1 && BN_mul(t, p1, q1, ctx) == 1 &&
	    BN_mod_inverse(x, be, t, ctx) != NULL && BN_bn2binpad(x, d, 2 * n) == 2 * n && BN_mod(t, x, p1, ctx) == 1 &&
	    BN_bn2binpad(t, dp, n) == n && BN_mod(t, x, q1, ctx) == 1 && BN_bn2binpad(t, dq, n) == n &&
	    BN_mod_inverse(t, bq, bp, ctx) != NULL && BN_bn2binpad(t, pq, n) == n;
	BN_CTX_free(ctx);
	BN_free(be);
	BN_clear_free(bp);
	BN_clear_free(bq);
	BN_clear_free(p1);
	BN_clear_free(q1);
	BN_clear_free(t);
	BN_clear_free(x);
	return ok;
}

/* --- paddings --- */

bool rsa_pad_type1(const uint8_t *m, size_t m_len, uint8_t *out, size_t n)
{
	if (n < 11 || m_len > n - 11)
		return false;
	memset(out, 0xFF, n);
	out[0] = 0;
	out[1] = 1;
	out[n - m_len - 1] = 0;
	memcpy(out + n - m_len, m, m_len);
	return true;
}

bool rsa_pad_type2(const uint8_t *m, size_t m_len, struct rsa_random random, uint8_t *out, size_t n)
{
	if (!rsa_pad_type1(m, m_len, out, n))
		return false;
	out[1] = 2;
	for (size_t i = 2; i < n - m_len - 1; i++)
		for (int tries = 0; tries < 64; tries++) {
			random.fill(random.context, out + i, 1);
			if (out[i] != 0)
				break;
			out[i] = 0xFF;
		}
	return true;
}

bool rsa_unpad(const uint8_t *in, size_t n, uint8_t type, const uint8_t **m, size_t *m_len)
{
	size_t at = 2;
	if (n < 11 || in[0] != 0 || in[1] != type)
		return false;
	while (at < n && in[at] != 0) {
		if (type == 1 && in[at] != 0xFF)
			return false;
		at++;
	}
	if (at < 10 || at == n)
		return false;
	*m = in + at + 1;
	*m_len = n - at - 1;
	return true;
}

/* MGF1 (B.2.1), added to what is there. */
static void mask(enum digest_algorithm hash, const uint8_t *seed, size_t seed_len, uint8_t *out, size_t n)
{
	uint8_t h[DIGEST_MAX];
	for (uint32_t i = 0; n > 0; i++) {
		const uint8_t count[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		struct digest d;
		digest_begin(&d, hash);
		digest_add(&d, seed, seed_len);
		digest_add(&d, count, 4);
		digest_end(&d, h);
		size_t k = digest_length(hash) < n ? digest_length(hash) : n;
		for (size_t j = 0; j < k; j++)
			*out++ ^= h[j];
		n -= k;
	}
	OPENSSL_cleanse(h, sizeof h);
}

static void hash_of_nothing(enum digest_algorithm hash, uint8_t out[DIGEST_MAX])
{
	struct digest d;
	digest_begin(&d, hash);
	digest_end(&d, out);
}

/* 00 | seed h | lHash 00… 01 M */
bool rsa_pad_oaep(
    enum digest_algorithm hash, const uint8_t *m, size_t m_len, struct rsa_random random, uint8_t *out, size_t n)
{
	size_t h = digest_length(hash);
	uint8_t label[DIGEST_MAX];
	if (h == 0 || n < 2 * h + 2 || m_len > n - 2 * h - 2)
		return false;
	memset(out, 0, n);
	random.fill(random.context, out + 1, h);
	hash_of_nothing(hash, label);
	memcpy(out + 1 + h, label, h);
	out[n - m_len - 1] = 1;
	memcpy(out + n - m_len, m, m_len);
	mask(hash, out + 1, h, out + 1 + h, n - 1 - h);
	mask(hash, out + 1 + h, n - 1 - h, out + 1, h);
	return true;
}

bool rsa_unpad_oaep(enum digest_algorithm hash, uint8_t *in, size_t n, const uint8_t **m, size_t *m_len)
{
	size_t h = digest_length(hash), at = 1 + 2 * h;
	uint8_t label[DIGEST_MAX];
	if (h == 0 || n < 2 * h + 2)
		return false;
	mask(hash, in + 1 + h, n - 1 - h, in + 1, h);
	mask(hash, in + 1, h, in + 1 + h, n - 1 - h);
	hash_of_nothing(hash, label);
	if (in[0] != 0 || CRYPTO_memcmp(in + 1 + h, label, h) != 0)
		return false;
	while (at < n && in[at] == 0)
		at++;
	if (at == n || in[at] != 1)
		return false;
	*m = in + at + 1;
	*m_len = n - at - 1;
	return true;
}

/* DigestInfo in front of the digest (9.2, note 1): | length | bytes |. */
static const uint8_t infos[][20] = {
    [DIGEST_MD5] = "\x12\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
    [DIGEST_SHA1] = "\x0f\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
    [DIGEST_SHA224] = "\x13\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c",
    [DIGEST_SHA256] = "\x13\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
    [DIGEST_SHA384] = "\x13\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
    [DIGEST_SHA512] = "\x13\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    [DIGEST_RIPEMD160] = "\x0f\x30\x21\x30\x09\x06\x05\x2b\x24\x03\x02\x01\x05\x00\x04\x14",
};

bool rsa_emsa_pkcs1(enum digest_algorithm hash, const uint8_t *digest, uint8_t *out, size_t n)
{
	uint8_t t[sizeof infos[0] + DIGEST_MAX];
	size_t prefix = infos[hash][0], h = digest_length(hash);
	if (prefix == 0)
		return false;
	memcpy(t, infos[hash] + 1, prefix);
	memcpy(t + prefix, digest, h);
	return rsa_pad_type1(t, prefix + h, out, n);
}

/* H = Hash(00 * 8 | mHash | salt) */
static void pss_hash(
    enum digest_algorithm hash, const uint8_t *digest, const uint8_t *salt, size_t salt_len, uint8_t out[DIGEST_MAX])
{
	static const uint8_t zeros[8];
	struct digest d;
	digest_begin(&d, hash);
	digest_add(&d, zeros, sizeof zeros);
	digest_add(&d, digest, digest_length(hash));
	digest_add(&d, salt, salt_len);
	digest_end(&d, out);
}

/* 00… 01 salt | H | BC; emBits = 8n - 1, so the highest bit is 0. */
bool rsa_emsa_pss(
    enum digest_algorithm hash, const uint8_t *digest, const uint8_t *salt, size_t salt_len, uint8_t *out, size_t n)
{
	size_t h = digest_length(hash);
	uint8_t value[DIGEST_MAX];
	if (h == 0 || n < h + salt_len + 2)
		return false;
	size_t db = n - h - 1;
	memset(out, 0, n);
	out[db - salt_len - 1] = 1;
	memcpy(out + db - salt_len, salt, salt_len);
	pss_hash(hash, digest, salt, salt_len, value);
	memcpy(out + db, value, h);
	mask(hash, value, h, out, db);
	out[0] &= 0x7F;
	out[n - 1] = 0xBC;
	return true;
}

bool rsa_emsa_pss_right(enum digest_algorithm hash, const uint8_t *digest, size_t salt_len, uint8_t *in, size_t n)
{
	size_t h = digest_length(hash);
	uint8_t value[DIGEST_MAX];
	if (h == 0 || n < h + salt_len + 2 || in[n - 1] != 0xBC || (in[0] & 0x80) != 0)
		return false;
	size_t db = n - h - 1;
	mask(hash, in + db, h, in, db);
	in[0] &= 0x7F;
	for (size_t i = 0; i < db - salt_len - 1; i++)
		if (in[i] != 0)
			return false;
	if (in[db - salt_len - 1] != 1)
		return false;
	pss_hash(hash, digest, in + db - salt_len, salt_len, value);
	return CRYPTO_memcmp(value, in + db, h) == 0;
}
