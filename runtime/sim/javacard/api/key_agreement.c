/* javacard.security.KeyAgreement over curves and modulo a prime. Cells: 0 key, 1 algorithm.
 *
 * The variants with the cofactor (DHC) are IEEE P1363's ECSVDP-DHC in compatibility mode: (k^-1 s) k W, which is s W of
 * a W in the group that g generates, "equal to that from ALG_EC_SVDP_DH" (API). */
#include "runtime/base/wipe.h"
#include "runtime/sim/javacard/api/dsa.h"
#include "runtime/sim/javacard/api/ec.h"

enum { CELL_KEY, CELL_ALGORITHM, CELLS };
enum {
	ALG_DH = 1,
	ALG_DHC = 2,
	ALG_DH_PLAIN = 3,
	ALG_DHC_PLAIN = 4,
	ALG_PACE_GM = 5,
	ALG_DH_PLAIN_XY = 6,
	ALG_MODULO_PLAIN = 7
};

/* getInstance(byte algorithm, boolean externalAccess) */
static bool get_instance(struct jc *jc, uint16_t *a)
{
	/* Words of alg.key-agreement: the first two numbers have an older and a newer name each. */
	static const uint8_t words[][2] = {{0, 0}, {0, 1}, {2, 3}, {4, 4}, {5, 5}, {6, 6}, {7, 7}, {8, 8}};
	if (a[0] < ALG_DH || a[0] > ALG_MODULO_PLAIN ||
	    (!jc_has_algorithm(jc, CHIP_ALG_AGREEMENT, words[a[0]][0]) &&
		!jc_has_algorithm(jc, CHIP_ALG_AGREEMENT, words[a[0]][1])))
		return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	uint16_t ref = jc_new_object(jc, &jc_class_AgreementMade);
	if (ref == 0 || !jc_set_cell(jc, ref, CELL_ALGORITHM, a[0]))
		return false;
	a[0] = ref;
	return true;
}

/* init(PrivateKey privKey) */
static bool init(struct jc *jc, uint16_t *a)
{
	struct jc_key k;
	size_t n;
	uint16_t algorithm = jc_cell(jc, a[0], CELL_ALGORITHM);
	if (!jc_key_open(jc, a[1], &k))
		return false;
	if (algorithm == ALG_MODULO_PLAIN ? k.kind != KEY_KIND_DH_PRIVATE : !jc_ec_is_private(&k))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	bool cofactor = algorithm == ALG_DHC || algorithm == ALG_DHC_PLAIN;
	if (!jc_key_ready(jc, &k) || (cofactor && jc_key_part(jc, &k, EC_K, &n) == NULL))
		return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	jc_set_cell_now(jc, a[0], CELL_KEY, a[1]);
	return true;
}

/* What the point gives, from *secret on: SHA-1 of x, x, or all of it. */
static size_t result(uint16_t algorithm, const struct ec_curve *c, const uint8_t *point, uint8_t out[EC_POINT_MAX])
{
	size_t n = ec_field_bytes(c);
	if (algorithm == ALG_PACE_GM || algorithm == ALG_DH_PLAIN_XY) {
		memcpy(out, point, 1 + 2 * n);
		return 1 + 2 * n;
	}
	memcpy(out, point + 1, n);
	if (algorithm == ALG_DH_PLAIN || algorithm == ALG_DHC_PLAIN)
		return n;
	struct digest d;
	digest_begin(&d, DIGEST_SHA1);
	digest_add(&d, point + 1, n);
	digest_end(&d, out);
	return digest_length(DIGEST_SHA1);
}

/* y^x mod p, in as many bytes as p has ("after integer to byte string conversion"): SP 800-56A, 5.7.1.1 and appendix
 * C.1. */
static bool modulo_secret(struct jc *jc, uint16_t *a, const struct jc_key *k)
{
	struct dsa_domain d;
	struct dsa_number x, y = {.n = a[3]};
	uint8_t out[DSA_BYTES_MAX];
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &y.p))
		return false;
	if (!jc_dsa_domain(jc, k, &d) || (x.p = jc_key_part(jc, k, DSA_OWN, &x.n)) == NULL)
		return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	size_t n = dsa_bytes(d.p);
	if (y.n > n || n > sizeof out || !dsa_public_right(d.p, y) || !dsa_power(d.p, y, x, out, n))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	bool ok = jc_put(jc, a[4], (int16_t)a[5], out, (int32_t)n, JC_NON_ATOMIC);
	wipe(out, sizeof out);
	a[0] = (uint16_t)n;
	return ok;
}

/* generateSecret(byte[] publicData, short offset, short length, byte[] secret, short secretOffset) */
static bool generate_secret(struct jc *jc, uint16_t *a)
{
	struct jc_key k;
	struct ec_curve c;
	struct ec_number s, w = {.n = a[3]};
	uint8_t point[EC_POINT_MAX], out[EC_POINT_MAX];
	uint16_t algorithm = jc_cell(jc, a[0], CELL_ALGORITHM);
	if (!jc_key_look(jc, jc_cell(jc, a[0], CELL_KEY), &k))
		return jc_crypto(jc, CRYPTO_INVALID_INIT);
	if (algorithm == ALG_MODULO_PLAIN)
		return modulo_secret(jc, a, &k);
	if (!jc_bytes_in(jc, a[1], (int16_t)a[2], (int16_t)a[3], &w.p))
		return false;
	if (!jc_ec_curve(jc, &k, &c) || (s.p = jc_key_part(jc, &k, EC_OWN, &s.n)) == NULL)
		return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	bool map = algorithm == ALG_PACE_GM; /* BSI TR-03110-3 A.3.4.1: s G + H */
	if (!ec_multiply(&c, s, map ? NULL : &w, map ? &w : NULL, point))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	size_t n = result(algorithm, &c, point, out);
	bool ok = jc_put(jc, a[4], (int16_t)a[5], out, (int32_t)n, JC_NON_ATOMIC);
	wipe(point, sizeof point);
	wipe(out, sizeof out);
	a[0] = (uint16_t)n;
	return ok;
}

static bool get_algorithm(struct jc *jc, uint16_t *a)
{
	a[0] = jc_cell(jc, a[0], CELL_ALGORITHM);
	return true;
}

static const struct jc_method statics[] = {
    JC_METHOD(0, 0, 2, JC_REF, get_instance), JC_CONSTRUCTOR(1, 0, 1, jc_object_init)};
static const struct jc_method virtuals[] = {JC_OBJECT_EQUALS, JC_ABSTRACT_METHOD(1, 0, 2, JC_VOID),
    JC_ABSTRACT_METHOD(2, 0, 1, JC_SHORT), JC_ABSTRACT_METHOD(3, 0, 6, JC_SHORT)};
const struct jc_class jc_class_KeyAgreement = {JC_NAME("javacard/security/KeyAgreement"), JC_AT(javacard_security, 22),
    .since = 2, .flags = JC_ABSTRACT, .super = &jc_class_Object, JC_STATICS(statics), JC_VIRTUALS(virtuals)};

static const struct jc_method made_virtuals[] = {JC_OBJECT_EQUALS, JC_METHOD(1, 0, 2, JC_VOID, init),
    JC_METHOD(2, 0, 1, JC_SHORT, get_algorithm), JC_METHOD(3, 0, 6, JC_SHORT, generate_secret)};
const struct jc_class jc_class_AgreementMade = {JC_NAME("javacard/security/(KeyAgreement)"),
    JC_AT(javacard_security, 76), .flags = JC_INTERNAL, .super = &jc_class_KeyAgreement, .cells = CELLS,
    .first_ref = CELL_KEY, .refs = 1, JC_VIRTUALS(made_virtuals)};
