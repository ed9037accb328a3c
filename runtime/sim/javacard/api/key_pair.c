/* javacard.security.KeyPair. Cells: 0 public, 1 private key, 2 algorithm. */
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/api/dsa.h"
#include "runtime/sim/javacard/api/ec.h"
#include "runtime/sim/javacard/api/rsa.h"

enum { CELL_PUBLIC, CELL_PRIVATE, CELL_ALGORITHM, CELLS };
enum { ALG_RSA = 1, ALG_RSA_CRT, ALG_DSA, ALG_EC_F2M, ALG_EC_FP, ALG_DH, ALGORITHMS };

/* By algorithm: what the two keys are, their KeyBuilder.TYPE_…, and which lengths the chip generates. Of
 * Diffie-Hellman it generates what it computes with. */
static const struct pair {
	enum key_kind public, private;
	uint8_t public_type, private_type;
	enum chip_fact_name lengths;
} pairs[ALGORITHMS] = {
    [ALG_RSA] = {KEY_KIND_RSA_PUBLIC, KEY_KIND_RSA_PRIVATE, 4, 5, CHIP_GEN_RSA},
    [ALG_RSA_CRT] = {KEY_KIND_RSA_PUBLIC, KEY_KIND_RSA_CRT, 4, 6, CHIP_GEN_RSA_CRT},
    [ALG_DSA] = {KEY_KIND_DSA_PUBLIC, KEY_KIND_DSA_PRIVATE, 7, 8, CHIP_GEN_DSA},
    [ALG_EC_F2M] = {KEY_KIND_F2M_PUBLIC, KEY_KIND_F2M_PRIVATE, 9, 10, CHIP_GEN_EC_F2M},
    [ALG_EC_FP] = {KEY_KIND_EC_PUBLIC, KEY_KIND_EC_PRIVATE, 11, 12, CHIP_GEN_EC_FP},
    [ALG_DH] = {KEY_KIND_DH_PUBLIC, KEY_KIND_DH_PRIVATE, 32, 35, CHIP_GEN_DSA},
};

/* Lengths that this implementation generates; a chip may have fewer. */
static bool generates(struct jc *jc, unsigned algorithm, uint16_t bits)
{
	switch (algorithm) {
	case ALG_RSA:
	case ALG_RSA_CRT:
		if (bits < 512 || bits > 4096 || bits % 16 != 0)
			return false;
		break;
	case ALG_DSA:
		if (bits < 512 || bits > 1024 || bits % 64 != 0)
			return false;
		break;
	case ALG_EC_F2M:
		if (bits != 113 && bits != 131 && bits != 163 && bits != 193)
			return false;
		break;
	case ALG_EC_FP:
		if (bits < 112 || bits > 521)
			return false;
		break;
	case ALG_DH:
		return jc_key_of_chip(jc, KEY_KIND_DH_PRIVATE, (int16_t)bits);
	default:
		return false;
	}
	return jc_has_length(jc, pairs[algorithm].lengths, bits);
}

/* KeyPair(byte algorithm, short keyLength) */
static bool init_new(struct jc *jc, uint16_t *a)
{
	uint16_t algorithm = a[1], bits = a[2];
	if (!generates(jc, algorithm, bits))
		return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	const struct pair *p = &pairs[algorithm];
	uint16_t k = jc_key_new(jc, p->public, p->public_type, bits, JC_PERSISTENT);
	if (k == 0 || !jc_set_cell(jc, a[0], CELL_PUBLIC, k) || !jc_set_cell(jc, a[0], CELL_ALGORITHM, algorithm))
		return false;
	k = jc_key_new(jc, p->private, p->private_type, bits, JC_PERSISTENT);
	return k != 0 && jc_set_cell(jc, a[0], CELL_PRIVATE, k);
}

/* The pair that two keys make: 0 for none. */
static uint16_t algorithm_of(const struct jc_key *public, const struct jc_key *private)
{
	for (uint16_t i = ALG_RSA; i < ALGORITHMS; i++)
		if (public->kind == pairs[i].public && private->kind == pairs[i].private)
			return public->bits == private->bits ? i : 0;
	return 0;
}

/* KeyPair(PublicKey publicKey, PrivateKey privateKey) */
static bool init_keys(struct jc *jc, uint16_t *a)
{
	struct jc_key public, private;
	if (!jc_key_open(jc, a[1], &public) || !jc_key_open(jc, a[2], &private))
		return false;
	uint16_t algorithm = algorithm_of(&public, &private);
	if (algorithm == 0)
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	return jc_set_cell(jc, a[0], CELL_PUBLIC, a[1]) && jc_set_cell(jc, a[0], CELL_PRIVATE, a[2]) &&
	    jc_set_cell(jc, a[0], CELL_ALGORITHM, algorithm);
}

static void tape(void *context, uint8_t *out, size_t n)
{
	jc_random(context, out, n);
}

struct rsa_parts {
	uint8_t p[256], q[256], dp[256], dq[256], pq[256], modulus[512], d[512];
};

static bool set_rsa(
    struct jc *jc, const struct jc_key *public, const struct jc_key *private, const struct rsa_parts *x, size_t half)
{
	/* A cut leaves no public key with another one's private key: what is taken away first comes last. */
	if (!jc_key_unset(jc, public, RSA_MODULUS) ||
	    !jc_key_unset(jc, private, private->kind == KEY_KIND_RSA_PRIVATE ? RSA_EXPONENT : CRT_P) ||
	    !jc_key_set(jc, public, RSA_MODULUS, x->modulus, 2 * half))
		return false;
	if (private->kind == KEY_KIND_RSA_PRIVATE)
		return jc_key_set(jc, private, RSA_MODULUS, x->modulus, 2 * half) &&
		    jc_key_set(jc, private, RSA_EXPONENT, x->d, 2 * half);
	return jc_key_set(jc, private, CRT_Q, x->q, half) && jc_key_set(jc, private, CRT_DP, x->dp, half) &&
	    jc_key_set(jc, private, CRT_DQ, x->dq, half) && jc_key_set(jc, private, CRT_PQ, x->pq, half) &&
	    jc_key_set(jc, private, CRT_P, x->p, half);
}

/* The public exponent that is there already is kept; else 65537 (API). */
static bool generate_rsa(struct jc *jc, const struct jc_key *public, const struct jc_key *private)
{
	static const uint8_t f4[] = {1, 0, 1};
	uint8_t own[16];
	struct rsa_parts x;
	struct rsa_number e = {f4, sizeof f4};
	size_t n, half = jc_rsa_bytes(public) / 2;
	const uint8_t *p = jc_key_part(jc, public, RSA_EXPONENT, &n);
	if (p != NULL) {
		memcpy(own, p, n);
		e = (struct rsa_number){own, n};
	}
	bool ok = rsa_generate(public->bits, e, (struct rsa_random){tape, jc}, x.p, x.q) &&
	    rsa_derive(x.p, x.q, half, e, x.modulus, x.d, x.dp, x.dq, x.pq);
	ok = ok ? jc_key_set(jc, public, RSA_EXPONENT, e.p, e.n) && set_rsa(jc, public, private, &x, half)
		: jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	wipe(&x, sizeof x);
	return ok;
}

/* Domain parameters that only one of the two keys has, the parts before `own`, go to the other. No default curves. */
static bool share_domain(struct jc *jc, const struct jc_key *from, const struct jc_key *to, unsigned own)
{
	uint8_t copy[KEY_PART_MAX];
	size_t n;
	for (unsigned i = 0; i < own; i++) {
		const uint8_t *p = jc_key_part(jc, from, i, &n);
		if (p == NULL)
			continue;
		memcpy(copy, p, n);
		if (!jc_key_set(jc, to, i, copy, n))
			return false;
	}
	return true;
}

/* Both values; a cut leaves no public key with another one's private key. */
static bool set_values(struct jc *jc, const struct jc_key *public, const struct jc_key *private, unsigned own,
    struct ec_number y, struct ec_number x)
{
	return jc_key_unset(jc, public, own) && jc_key_unset(jc, private, own) &&
	    jc_key_set(jc, private, own, x.p, x.n) && jc_key_set(jc, public, own, y.p, y.n);
}

static bool generate_ec(struct jc *jc, const struct jc_key *public, const struct jc_key *private)
{
	struct ec_curve c;
	uint8_t s[EC_BYTES_MAX], w[EC_POINT_MAX];
	bool of_public = jc_ec_curve(jc, public, &c);
	if (!of_public && !jc_ec_curve(jc, private, &c))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	if (!share_domain(jc, of_public ? public : private, of_public ? private : public, EC_OWN) ||
	    !jc_ec_curve(jc, public, &c))
		return false;
	size_t len = ec_order_bytes(&c), point = 1 + 2 * ec_field_bytes(&c);
	jc_ec_random(jc, &c, s, len);
	bool ok = ec_multiply(&c, (struct ec_number){s, len}, NULL, NULL, w)
	    ? set_values(jc, public, private, EC_OWN, (struct ec_number){w, point}, (struct ec_number){s, len})
	    : jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	wipe(s, sizeof s);
	return ok;
}

/* x from 1 to q - 1, or to p - 2 where there is no q (SP 800-56A, 5.6.1.1), y = g^x mod p. */
static bool generate_values(struct jc *jc, const struct jc_key *public, const struct jc_key *private)
{
	struct dsa_domain d;
	uint8_t x[DSA_BYTES_MAX], y[DSA_BYTES_MAX], limit[DSA_BYTES_MAX];
	if (!jc_dsa_domain(jc, public, &d) || d.p.n > sizeof y || d.p.n == 0)
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	if (d.q.p == NULL) {
		memcpy(limit, d.p.p, d.p.n);
		limit[d.p.n - 1] &= 0xFE; /* p is odd */
		d.q = (struct dsa_number){limit, d.p.n};
	} else if (!dsa_domain_right(&d))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	size_t n = dsa_bytes(d.q), len = dsa_bytes(d.p);
	bool ok = jc_dsa_random(jc, d.q, x) && dsa_power(d.p, d.g, (struct dsa_number){x, n}, y, len)
	    ? set_values(jc, public, private, DSA_OWN, (struct ec_number){y, len}, (struct ec_number){x, n})
	    : jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	wipe(x, sizeof x);
	return ok;
}

static bool set_domain(struct jc *jc, const struct jc_key *k, const struct dsa_domain *d)
{
	return jc_key_set(jc, k, DSA_P, d->p.p, d->p.n) && jc_key_set(jc, k, DSA_Q, d->q.p, d->q.n) &&
	    jc_key_set(jc, k, DSA_G, d->g.p, d->g.n);
}

/* "If the p, q and g parameters of the public key object are pre-initialized, they will be retained. Otherwise default
 * precomputed parameter sets" (API) of DSA; Diffie-Hellman has none. */
static bool generate_dsa(struct jc *jc, const struct jc_key *public, const struct jc_key *private)
{
	struct dsa_domain d;
	bool of_public = jc_dsa_domain(jc, public, &d);
	if (!of_public && !jc_dsa_domain(jc, private, &d)) {
		if (!jc_dsa_is(public) || !jc_dsa_default(public->bits, &d))
			return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
		if (!set_domain(jc, public, &d))
			return false;
		of_public = true;
	}
	return share_domain(jc, of_public ? public : private, of_public ? private : public, DSA_OWN) &&
	    generate_values(jc, public, private);
}

static bool gen_key_pair(struct jc *jc, uint16_t *a)
{
	struct jc_key public, private;
	if (!jc_key_look(jc, jc_cell(jc, a[0], CELL_PUBLIC), &public) ||
	    !jc_key_look(jc, jc_cell(jc, a[0], CELL_PRIVATE), &private))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	switch (jc_cell(jc, a[0], CELL_ALGORITHM)) {
	case ALG_RSA:
	case ALG_RSA_CRT:
		return generate_rsa(jc, &public, &private);
	case ALG_DSA:
	case ALG_DH:
		return generate_dsa(jc, &public, &private);
	default:
		return generate_ec(jc, &public, &private);
	}
}

static bool get_private(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], CELL_PRIVATE);
	return true;
}

static bool get_public(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], CELL_PUBLIC);
	return true;
}

static const struct jc_method statics[] = {JC_CONSTRUCTOR(0, 0, 3, init_new), JC_CONSTRUCTOR(1, 0, 3, init_keys)};
static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS, JC_METHOD(1, 0, 1, JC_VOID, gen_key_pair),
    JC_METHOD(2, 0, 1, JC_REF, get_private), JC_METHOD(3, 0, 1, JC_REF, get_public)};
const struct jc_class jc_class_KeyPair = {JC_NAME("javacard/security/KeyPair"), JC_AT(javacard_security, 16),
    .super = &jc_class_Object, .cells = CELLS, .first_ref = CELL_PUBLIC, .refs = 2, JC_STATICS(statics),
    JC_VIRTUALS(virtuals)};
