#include "runtime/crypto/ecdsa.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

/* The generator of section 3.2: K and V, as long as the hash. */
struct generator {
	const char *digest;
	size_t n;
	uint8_t k[EVP_MAX_MD_SIZE], v[EVP_MAX_MD_SIZE];
};

/* K = HMAC_K(V || more), V = HMAC_K(V) */
static bool stir(struct generator *g, const uint8_t *more, size_t more_len)
{
	uint8_t in[EVP_MAX_MD_SIZE + 1 + 2 * ECDSA_HALF_MAX];
	size_t got = 0;
	memcpy(in, g->v, g->n);
	memcpy(in + g->n, more, more_len);
	bool ok = EVP_Q_mac(NULL, "HMAC", NULL, g->digest, NULL, g->k, g->n, in, g->n + more_len, g->k, sizeof g->k,
		      &got) != NULL &&
	    EVP_Q_mac(NULL, "HMAC", NULL, g->digest, NULL, g->k, g->n, g->v, g->n, g->v, sizeof g->v, &got) != NULL;
	OPENSSL_cleanse(in, sizeof in);
	return ok;
}

/* Steps b to g: seed is int2octets(x) || bits2octets(h1). */
static bool start(struct generator *g, size_t hash_len, const uint8_t *seed, size_t seed_len)
{
	uint8_t more[1 + 2 * ECDSA_HALF_MAX];
	g->digest = hash_len == 48 ? "SHA384" : "SHA256";
	g->n = hash_len;
	memset(g->v, 1, g->n);
	memset(g->k, 0, g->n);
	memcpy(more + 1, seed, seed_len);
	more[0] = 0;
	bool ok = stir(g, more, 1 + seed_len);
	more[0] = 1;
	ok = ok && stir(g, more, 1 + seed_len);
	OPENSSL_cleanse(more, sizeof more);
	return ok;
}

/* Step h: the next candidate, below the order or not. Both curves have orders of whole bytes. */
static bool candidate(struct generator *g, size_t half, BIGNUM *k)
{
	uint8_t t[2 * EVP_MAX_MD_SIZE];
	size_t got = 0;
	bool ok = true;
	for (size_t n = 0; ok && n < half; n += g->n) {
		ok = EVP_Q_mac(NULL, "HMAC", NULL, g->digest, NULL, g->k, g->n, g->v, g->n, g->v, sizeof g->v, &got) !=
		    NULL;
		memcpy(t + n, g->v, g->n);
	}
	ok = ok && BN_bin2bn(t, (int)half, k) != NULL;
	OPENSSL_cleanse(t, sizeof t);
	return ok;
}

struct work {
	EC_GROUP *group;
	const BIGNUM *q;
	BN_CTX *ctx;
	EC_POINT *point;
	BIGNUM *x, *z, *k, *r, *s;
};

static bool work_init(struct work *w, const uint8_t *number, size_t half, const uint8_t *hash, size_t hash_len)
{
	memset(w, 0, sizeof *w);
	w->group = EC_GROUP_new_by_curve_name(half == 32 ? NID_X9_62_prime256v1 : NID_secp384r1);
	if (w->group == NULL || (w->q = EC_GROUP_get0_order(w->group)) == NULL || (w->ctx = BN_CTX_new()) == NULL ||
	    (w->point = EC_POINT_new(w->group)) == NULL)
		return false;
	w->x = BN_bin2bn(number, (int)half, NULL);
	w->z = BN_bin2bn(hash, (int)(hash_len < half ? hash_len : half), NULL); /* bits2int */
	w->k = BN_new();
	w->r = BN_new();
	w->s = BN_new();
	if (w->x == NULL || w->z == NULL || w->k == NULL || w->r == NULL || w->s == NULL)
		return false;
	BN_set_flags(w->x, BN_FLG_CONSTTIME);
	BN_set_flags(w->k, BN_FLG_CONSTTIME);
	return true;
}

static void work_free(struct work *w)
{
	BN_clear_free(w->x);
	BN_free(w->z);
	BN_clear_free(w->k);
	BN_free(w->r);
	BN_free(w->s);
	EC_POINT_free(w->point);
	BN_CTX_free(w->ctx);
	EC_GROUP_free(w->group);
}

/* r = (kG).x mod q, s = (z + r x) / k mod q: FIPS 186-4, 6.4. */
static bool sign_with(struct work *w)
{
	BIGNUM *inverse = BN_new();
	bool ok = inverse != NULL && EC_POINT_mul(w->group, w->point, w->k, NULL, NULL, w->ctx) == 1 &&
	    EC_POINT_get_affine_coordinates(w->group, w->point, w->s, NULL, w->ctx) == 1 &&
	    BN_nnmod(w->r, w->s, w->q, w->ctx) == 1 && BN_mod_mul(w->s, w->r, w->x, w->q, w->ctx) == 1 &&
	    BN_mod_add(w->s, w->s, w->z, w->q, w->ctx) == 1 && BN_mod_inverse(inverse, w->k, w->q, w->ctx) != NULL &&
	    BN_mod_mul(w->s, w->s, inverse, w->q, w->ctx) == 1;
	BN_clear_free(inverse);
	return ok;
}

/* int2octets(x) || bits2octets(h1) */
static bool make_seed(struct work *w, const uint8_t *number, size_t half, uint8_t seed[2 * ECDSA_HALF_MAX])
{
	memcpy(seed, number, half);
	return BN_nnmod(w->s, w->z, w->q, w->ctx) == 1 && BN_bn2binpad(w->s, seed + half, (int)half) == (int)half;
}

bool ecdsa_sign(const uint8_t *number, size_t half, const uint8_t *hash, size_t hash_len, uint8_t *out)
{
	struct generator g = {0};
	struct work w;
	uint8_t seed[2 * ECDSA_HALF_MAX];
	bool ok = false;
	if ((half != 32 && half != 48) || (hash_len != 32 && hash_len != 48))
		return false;
	if (!work_init(&w, number, half, hash, hash_len) || !make_seed(&w, number, half, seed) ||
	    !start(&g, hash_len, seed, 2 * half))
		goto out;
	for (;;) {
		if (!candidate(&g, half, w.k))
			goto out;
		if (!BN_is_zero(w.k) && BN_cmp(w.k, w.q) < 0) {
			if (!sign_with(&w))
				goto out;
			if (!BN_is_zero(w.r) && !BN_is_zero(w.s))
				break;
		}
		if (!stir(&g, (const uint8_t *)"", 1)) /* a single 00 */
			goto out;
	}
	ok = BN_bn2binpad(w.r, out, (int)half) == (int)half && BN_bn2binpad(w.s, out + half, (int)half) == (int)half;
out:
	OPENSSL_cleanse(seed, sizeof seed);
	OPENSSL_cleanse(&g, sizeof g);
	work_free(&w);
	return ok;
}
