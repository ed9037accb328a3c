#include "runtime/crypto/dsa.h"

#include <openssl/bn.h>

struct work {
	BN_CTX *ctx;
	BIGNUM *p, *q, *g, *n[6]; /* scratch */
};

static BIGNUM *number(struct dsa_number x)
{
	return BN_bin2bn(x.p, (int)x.n, NULL);
}

size_t dsa_bytes(struct dsa_number x)
{
	size_t at = 0;
	while (at < x.n && x.p[at] == 0)
		at++;
	return x.n - at;
}

static bool open_work(struct work *w, struct dsa_number p, struct dsa_number q, struct dsa_number g)
{
	*w = (struct work){BN_CTX_new(), number(p), number(q), number(g), {NULL}};
	bool ok = w->ctx != NULL && w->p != NULL && w->q != NULL && w->g != NULL;
	for (int i = 0; i < 6; i++)
		ok = (w->n[i] = BN_new()) != NULL && ok;
	return ok && BN_is_odd(w->p) && !BN_is_one(w->p) && dsa_bytes(p) <= DSA_BYTES_MAX;
}

static void close_work(struct work *w)
{
	BN_free(w->p);
	BN_free(w->q);
	BN_free(w->g);
	for (int i = 0; i < 6; i++)
		BN_clear_free(w->n[i]);
	BN_CTX_free(w->ctx);
}

static bool power(struct work *w, BIGNUM *out, const BIGNUM *base, BIGNUM *x)
{
	BN_set_flags(x, BN_FLG_CONSTTIME);
	return BN_mod_exp_mont_consttime(out, base, x, w->p, w->ctx, NULL) == 1;
}

static bool below(const BIGNUM *x, const BIGNUM *limit)
{
	return !BN_is_zero(x) && !BN_is_negative(x) && BN_cmp(x, limit) < 0;
}

bool dsa_power(struct dsa_number p, struct dsa_number base, struct dsa_number x, uint8_t *out, size_t n)
{
	static const struct dsa_number none = {(const uint8_t *)"", 0};
	struct work w;
	bool ok = open_work(&w, p, none, base) && BN_bin2bn(x.p, (int)x.n, w.n[0]) != NULL && below(w.g, w.p) &&
	    power(&w, w.n[1], w.g, w.n[0]) && BN_bn2binpad(w.n[1], out, (int)n) == (int)n;
	close_work(&w);
	return ok;
}

bool dsa_public_right(struct dsa_number p, struct dsa_number y)
{
	static const struct dsa_number none = {(const uint8_t *)"", 0};
	struct work w;
	bool ok = open_work(&w, p, none, y) && !BN_is_one(w.g) && BN_sub(w.n[0], w.p, BN_value_one()) == 1 &&
	    below(w.g, w.n[0]);
	close_work(&w);
	return ok;
}

bool dsa_scalar(struct dsa_number q, const uint8_t *random, size_t n, uint8_t *out)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *bq = number(q), *c = BN_bin2bn(random, (int)n, NULL);
	int len = (int)dsa_bytes(q);
	bool ok = ctx != NULL && bq != NULL && c != NULL && BN_num_bits(bq) > 1 && BN_sub_word(bq, 1) == 1 &&
	    BN_mod(c, c, bq, ctx) == 1 && BN_add_word(c, 1) == 1 && BN_bn2binpad(c, out, len) == len;
	BN_free(bq);
	BN_clear_free(c);
	BN_CTX_free(ctx);
	return ok;
}

/* Opens w too; close_work() it in any case. */
static bool open_domain(struct work *w, const struct dsa_domain *d)
{
	return open_work(w, d->p, d->q, d->g) && BN_is_odd(w->q) && !BN_is_one(w->q) && !BN_is_one(w->g) &&
	    below(w->q, w->p) && below(w->g, w->p);
}

bool dsa_domain_right(const struct dsa_domain *d)
{
	struct work w;
	bool ok = open_domain(&w, d) && BN_sub(w.n[0], w.p, BN_value_one()) == 1 &&
	    BN_mod(w.n[1], w.n[0], w.q, w.ctx) == 1 && BN_is_zero(w.n[1]) && BN_copy(w.n[2], w.q) != NULL &&
	    power(&w, w.n[3], w.g, w.n[2]) && BN_is_one(w.n[3]);
	close_work(&w);
	return ok;
}

/* FIPS 186-4 4.6: the leftmost bits of the hash, as many as q has. */
static bool set_hash(const struct work *w, BIGNUM *z, const uint8_t *hash, size_t n)
{
	int over = (int)(8 * n) - BN_num_bits(w->q);
	return BN_bin2bn(hash, (int)n, z) != NULL && (over <= 0 || BN_rshift(z, z, over) == 1);
}

bool dsa_sign(const struct dsa_domain *d, struct dsa_number x, struct dsa_number k, const uint8_t *hash,
    size_t hash_len, uint8_t *r, uint8_t *s)
{
	struct work w;
	int len = (int)dsa_bytes(d->q);
	bool ok = open_domain(&w, d);
	if (!ok)
		goto out;
	BIGNUM *bx = w.n[0], *bk = w.n[1], *z = w.n[2], *br = w.n[3], *t = w.n[4], *inverse = w.n[5];
	ok = BN_bin2bn(x.p, (int)x.n, bx) != NULL && BN_bin2bn(k.p, (int)k.n, bk) != NULL && below(bk, w.q) &&
	    set_hash(&w, z, hash, hash_len) && power(&w, t, w.g, bk) && BN_mod(br, t, w.q, w.ctx) == 1 &&
	    BN_mod_mul(t, br, bx, w.q, w.ctx) == 1 && BN_mod_add(t, t, z, w.q, w.ctx) == 1 &&
	    BN_mod_inverse(inverse, bk, w.q, w.ctx) != NULL && BN_mod_mul(t, t, inverse, w.q, w.ctx) == 1 &&
	    !BN_is_zero(br) && !BN_is_zero(t) && BN_bn2binpad(br, r, len) == len && BN_bn2binpad(t, s, len) == len;
out:
	close_work(&w);
	return ok;
}

bool dsa_right(const struct dsa_domain *d, struct dsa_number y, const uint8_t *hash, size_t hash_len,
    struct dsa_number r, struct dsa_number s)
{
	struct work w;
	BIGNUM *by = number(y);
	bool ok = open_domain(&w, d) && by != NULL && below(by, w.p);
	if (!ok)
		goto out;
	BIGNUM *br = w.n[0], *u1 = w.n[1], *u2 = w.n[2], *z = w.n[3], *t = w.n[4], *v = w.n[5];
	ok = BN_bin2bn(r.p, (int)r.n, br) != NULL && BN_bin2bn(s.p, (int)s.n, t) != NULL && below(br, w.q) &&
	    below(t, w.q) && set_hash(&w, z, hash, hash_len) && BN_mod_inverse(t, t, w.q, w.ctx) != NULL &&
	    BN_mod_mul(u1, z, t, w.q, w.ctx) == 1 && BN_mod_mul(u2, br, t, w.q, w.ctx) == 1 && power(&w, v, w.g, u1) &&
	    power(&w, t, by, u2) && BN_mod_mul(v, v, t, w.p, w.ctx) == 1 && BN_mod(v, v, w.q, w.ctx) == 1 &&
	    BN_cmp(v, br) == 0;
out:
	BN_free(by);
	close_work(&w);
	return ok;
}
