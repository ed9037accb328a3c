/* javacard.security.KeyPair. Cells: 0 public, 1 private key, 2 algorithm. */
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/api/ec.h"
#include "runtime/sim/javacard/api/rsa.h"

enum { CELL_PUBLIC, CELL_PRIVATE, CELL_ALGORITHM, CELLS };
enum { ALG_RSA = 1, ALG_RSA_CRT = 2, ALG_EC_FP = 5 };

static bool make_keys(struct jc *jc, uint16_t ref, enum key_kind public, uint8_t public_type, enum key_kind private,
    uint8_t private_type, uint16_t bits)
{
	uint16_t k = jc_key_new(jc, public, public_type, bits, JC_PERSISTENT);
	if (k == 0 || !jc_set_cell(jc, ref, CELL_PUBLIC, k))
		return false;
	k = jc_key_new(jc, private, private_type, bits, JC_PERSISTENT);
	return k != 0 && jc_set_cell(jc, ref, CELL_PRIVATE, k);
}

/* KeyPair(byte algorithm, short keyLength) */
static bool init_new(struct jc *jc, uint16_t *a)
{
	uint16_t bits = a[2];
	bool rsa = bits >= 512 && bits <= 4096 && bits % 16 == 0;
	if (!jc_set_cell(jc, a[0], CELL_ALGORITHM, a[1]))
		return false;
	if (a[1] == ALG_RSA && rsa && jc_has_length(jc, CHIP_GEN_RSA, bits))
		return make_keys(jc, a[0], KEY_KIND_RSA_PUBLIC, 4, KEY_KIND_RSA_PRIVATE, 5, bits);
	if (a[1] == ALG_RSA_CRT && rsa && jc_has_length(jc, CHIP_GEN_RSA_CRT, bits))
		return make_keys(jc, a[0], KEY_KIND_RSA_PUBLIC, 4, KEY_KIND_RSA_CRT, 6, bits);
	if (a[1] == ALG_EC_FP && bits >= 112 && bits <= 521 && jc_has_length(jc, CHIP_GEN_EC_FP, bits))
		return make_keys(jc, a[0], KEY_KIND_EC_PUBLIC, 11, KEY_KIND_EC_PRIVATE, 12, bits);
	return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
}

/* The pair that two keys make: 0 for none. */
static uint16_t algorithm_of(const struct jc_key *public, const struct jc_key *private)
{
	if (public->bits != private->bits)
		return 0;
	if (public->kind == KEY_KIND_RSA_PUBLIC)
		return private->kind == KEY_KIND_RSA_PRIVATE ? ALG_RSA
		    : private->kind == KEY_KIND_RSA_CRT      ? ALG_RSA_CRT
							     : 0;
	return public->kind == KEY_KIND_EC_PUBLIC && private->kind == KEY_KIND_EC_PRIVATE ? ALG_EC_FP : 0;
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
	if (!jc_key_set(jc, public, RSA_MODULUS, x->modulus, 2 * half))
		return false;
	if (private->kind == KEY_KIND_RSA_PRIVATE)
		return jc_key_set(jc, private, RSA_MODULUS, x->modulus, 2 * half) &&
		    jc_key_set(jc, private, RSA_EXPONENT, x->d, 2 * half);
	return jc_key_set(jc, private, CRT_P, x->p, half) && jc_key_set(jc, private, CRT_Q, x->q, half) &&
	    jc_key_set(jc, private, CRT_DP, x->dp, half) && jc_key_set(jc, private, CRT_DQ, x->dq, half) &&
	    jc_key_set(jc, private, CRT_PQ, x->pq, half);
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

/* Domain parameters that only one of the two keys has go to the other. No default curves. */
static bool share_domain(struct jc *jc, const struct jc_key *from, const struct jc_key *to)
{
	uint8_t copy[KEY_PART_MAX];
	size_t n;
	for (unsigned i = EC_FIELD; i < EC_OWN; i++) {
		const uint8_t *p = jc_key_part(jc, from, i, &n);
		if (p == NULL)
			continue;
		memcpy(copy, p, n);
		if (!jc_key_set(jc, to, i, copy, n))
			return false;
	}
	return true;
}

static bool generate_ec(struct jc *jc, const struct jc_key *public, const struct jc_key *private)
{
	struct ec_curve c;
	uint8_t s[EC_BYTES_MAX], w[EC_POINT_MAX];
	bool of_public = jc_ec_curve(jc, public, &c);
	if (!of_public && !jc_ec_curve(jc, private, &c))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	if (!share_domain(jc, of_public ? public : private, of_public ? private : public) ||
	    !jc_ec_curve(jc, public, &c))
		return false;
	size_t len = ec_order_bytes(&c), point = 1 + 2 * ec_field_bytes(&c);
	jc_ec_random(jc, &c, s, len);
	bool ok = ec_multiply(&c, (struct ec_number){s, len}, NULL, NULL, w)
	    ? jc_key_set(jc, private, EC_OWN, s, len) && jc_key_set(jc, public, EC_OWN, w, point)
	    : jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	wipe(s, sizeof s);
	return ok;
}

static bool gen_key_pair(struct jc *jc, uint16_t *a)
{
	struct jc_key public, private;
	if (!jc_key_look(jc, jc_cell(jc, a[0], CELL_PUBLIC), &public) ||
	    !jc_key_look(jc, jc_cell(jc, a[0], CELL_PRIVATE), &private))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	return jc_cell(jc, a[0], CELL_ALGORITHM) == ALG_EC_FP ? generate_ec(jc, &public, &private)
							      : generate_rsa(jc, &public, &private);
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
