#define OPENSSL_SUPPRESS_DEPRECATED
#include "runtime/crypto/ec.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>

struct work {
	BN_CTX *ctx;
	EC_GROUP *group;
	EC_POINT *g, *p, *q;
	BIGNUM *order, *n[6]; /* scratch */
};

static BIGNUM *number(struct ec_number x)
{
	return BN_bin2bn(x.p, (int)x.n, NULL);
}

static size_t bytes_of(struct ec_number x)
{
	size_t at = 0;
	while (at < x.n && x.p[at] == 0)
		at++;
	return x.n - at;
}

size_t ec_field_bytes(const struct ec_curve *c)
{
	size_t n = bytes_of(c->field);
	/* An element has one bit less than the polynomial. */
	return n - (c->binary && n > 0 && c->field.p[c->field.n - n] == 1);
}

size_t ec_order_bytes(const struct ec_curve *c)
{
	return bytes_of(c->order);
}

static bool set_point(struct work *w, EC_POINT *p, struct ec_number x)
{
	return x.n > 0 && x.p[0] == 4 && EC_POINT_oct2point(w->group, p, x.p, x.n, w->ctx) == 1;
}

static bool open_curve(struct work *w, const struct ec_curve *c)
{
	memset(w, 0, sizeof *w);
	BIGNUM *p = number(c->field), *a = number(c->a), *b = number(c->b);
	w->ctx = BN_CTX_new();
	w->order = number(c->order);
	bool ok = p != NULL && a != NULL && b != NULL && w->ctx != NULL && w->order != NULL && !BN_is_zero(w->order) &&
	    ec_field_bytes(c) < EC_BYTES_MAX && ec_order_bytes(c) <= EC_BYTES_MAX && BN_is_odd(p) &&
	    BN_num_bits(p) > 2 &&
	    (w->group = c->binary ? EC_GROUP_new_curve_GF2m(p, a, b, w->ctx)
				  : EC_GROUP_new_curve_GFp(p, a, b, w->ctx)) != NULL &&
	    (w->g = EC_POINT_new(w->group)) != NULL && (w->p = EC_POINT_new(w->group)) != NULL &&
	    (w->q = EC_POINT_new(w->group)) != NULL && set_point(w, w->g, c->g) &&
	    EC_GROUP_set_generator(w->group, w->g, w->order, NULL) == 1;
	for (int i = 0; i < 6; i++)
		ok = (w->n[i] = BN_new()) != NULL && ok;
	BN_free(p);
	BN_free(a);
	BN_free(b);
	return ok;
}

static void close_curve(struct work *w)
{
	EC_POINT_free(w->g);
	EC_POINT_clear_free(w->p);
	EC_POINT_clear_free(w->q);
	EC_GROUP_free(w->group);
	BN_free(w->order);
	for (int i = 0; i < 6; i++)
		BN_clear_free(w->n[i]);
	BN_CTX_free(w->ctx);
}

bool ec_scalar(const struct ec_curve *c, const uint8_t *random, size_t n, uint8_t *out)
{
	struct work w;
	int len = (int)ec_order_bytes(c);
	bool ok = open_curve(&w, c) && BN_bin2bn(random, (int)n, w.n[0]) != NULL &&
	    BN_sub(w.n[1], w.order, BN_value_one()) == 1 && !BN_is_zero(w.n[1]) &&
	    BN_mod(w.n[2], w.n[0], w.n[1], w.ctx) == 1 && BN_add_word(w.n[2], 1) == 1 &&
	    BN_bn2binpad(w.n[2], out, len) == len;
	close_curve(&w);
	return ok;
}

bool ec_point_right(const struct ec_curve *c, struct ec_number point)
{
	struct work w;
	bool ok = open_curve(&w, c) && set_point(&w, w.p, point);
	close_curve(&w);
	return ok;
}

bool ec_multiply(const struct ec_curve *c, struct ec_number scalar, const struct ec_number *point,
    const struct ec_number *plus, uint8_t out[EC_POINT_MAX])
{
	struct work w;
	size_t n = 1 + 2 * ec_field_bytes(c);
	bool ok = open_curve(&w, c) && BN_bin2bn(scalar.p, (int)scalar.n, w.n[0]) != NULL;
	if (ok)
		BN_set_flags(w.n[0], BN_FLG_CONSTTIME);
	ok = ok && (point == NULL || set_point(&w, w.p, *point)) &&
	    EC_POINT_mul(w.group, w.q, point == NULL ? w.n[0] : NULL, point == NULL ? NULL : w.p,
		point == NULL ? NULL : w.n[0], w.ctx) == 1 &&
	    (plus == NULL || (set_point(&w, w.p, *plus) && EC_POINT_add(w.group, w.q, w.q, w.p, w.ctx) == 1)) &&
	    EC_POINT_is_at_infinity(w.group, w.q) == 0 &&
	    EC_POINT_point2oct(w.group, w.q, POINT_CONVERSION_UNCOMPRESSED, out, n, w.ctx) == n;
	close_curve(&w);
	return ok;
}

/* FIPS 186-4 6.4: the leftmost bits of the hash, as many as the order has. */
static bool set_hash(struct work *w, BIGNUM *z, const uint8_t *hash, size_t n)
{
	int over = (int)(8 * n) - BN_num_bits(w->order);
	return BN_bin2bn(hash, (int)n, z) != NULL && (over <= 0 || BN_rshift(z, z, over) == 1);
}

bool ec_sign(const struct ec_curve *c, struct ec_number s, struct ec_number k, const uint8_t *hash, size_t hash_len,
    uint8_t *r, uint8_t *s_out)
{
	struct work w;
	int len = (int)ec_order_bytes(c);
	bool ok = open_curve(&w, c);
	if (!ok)
		goto out;
	BIGNUM *x = w.n[0], *nonce = w.n[1], *z = w.n[2], *br = w.n[3], *t = w.n[4], *inverse = w.n[5];
	ok = BN_bin2bn(s.p, (int)s.n, x) != NULL && BN_bin2bn(k.p, (int)k.n, nonce) != NULL;
	BN_set_flags(nonce, BN_FLG_CONSTTIME);
	ok = ok && set_hash(&w, z, hash, hash_len) && EC_POINT_mul(w.group, w.q, nonce, NULL, NULL, w.ctx) == 1 &&
	    EC_POINT_get_affine_coordinates(w.group, w.q, t, NULL, w.ctx) == 1 &&
	    BN_nnmod(br, t, w.order, w.ctx) == 1 && BN_mod_mul(t, br, x, w.order, w.ctx) == 1 &&
	    BN_mod_add(t, t, z, w.order, w.ctx) == 1 && BN_mod_inverse(inverse, nonce, w.order, w.ctx) != NULL &&
	    BN_mod_mul(t, t, inverse, w.order, w.ctx) == 1 && !BN_is_zero(br) && !BN_is_zero(t) &&
	    BN_bn2binpad(br, r, len) == len && BN_bn2binpad(t, s_out, len) == len;
out:
	close_curve(&w);
	return ok;
}

bool ec_right(const struct ec_curve *c, struct ec_number point, const uint8_t *hash, size_t hash_len,
    struct ec_number r, struct ec_number s)
{
	struct work w;
	bool ok = open_curve(&w, c);
	if (!ok)
		goto out;
	BIGNUM *br = w.n[0], *bs = w.n[1], *z = w.n[2], *u1 = w.n[3], *u2 = w.n[4], *x = w.n[5];
	ok = BN_bin2bn(r.p, (int)r.n, br) != NULL && BN_bin2bn(s.p, (int)s.n, bs) != NULL && !BN_is_zero(br) &&
	    !BN_is_zero(bs) && BN_cmp(br, w.order) < 0 && BN_cmp(bs, w.order) < 0 && set_point(&w, w.p, point) &&
	    set_hash(&w, z, hash, hash_len) && BN_mod_inverse(x, bs, w.order, w.ctx) != NULL &&
	    BN_mod_mul(u1, z, x, w.order, w.ctx) == 1 && BN_mod_mul(u2, br, x, w.order, w.ctx) == 1 &&
	    EC_POINT_mul(w.group, w.q, u1, w.p, u2, w.ctx) == 1 &&
	    EC_POINT_get_affine_coordinates(w.group, w.q, x, NULL, w.ctx) == 1 &&
	    BN_nnmod(u1, x, w.order, w.ctx) == 1 && BN_cmp(u1, br) == 0;
out:
	close_curve(&w);
	return ok;
}
