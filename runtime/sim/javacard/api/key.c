/* Keys of javacard.security: what KeyBuilder makes. Natives of all kinds work on numbered parts.
 *
 * Cells: 0 store, 1 type, 2 bits. store: for each part | 1 it is set | 2 length | room |; transient keys have a
 * transient store, so that the card's events clear them. */
#include "runtime/sim/javacard/api/security.h"

#include <assert.h>

#include "runtime/base/wipe.h"

enum { CELL_STORE, CELL_TYPE, CELL_BITS, CELLS };
enum { PART_HEAD = 3, COFACTOR_BYTES = 2, EXPONENT_BYTES = 16, SUBPRIME_BYTES = 32, NEEDS_ALL = 0xFF };

/* How much room a part takes, by the key's length. */
enum room {
	ROOM_NONE,
	ROOM_EXACT,
	ROOM_UP_TO,
	ROOM_HALF,
	ROOM_ORDER,
	ROOM_POINT,
	ROOM_EXPONENT,
	ROOM_COFACTOR,
	ROOM_BLOCK,
	ROOM_POLYNOMIAL,
	ROOM_SUBPRIME
};

static const struct {
	uint8_t parts, spare; /* spare: the part that need not be there, or NEEDS_ALL */
	uint8_t room[KEY_PARTS_MAX];
} kinds[KEY_KINDS] = {
    [KEY_KIND_DES] = {1, NEEDS_ALL, {ROOM_EXACT}},
    [KEY_KIND_AES] = {1, NEEDS_ALL, {ROOM_EXACT}},
    [KEY_KIND_SEED] = {1, NEEDS_ALL, {ROOM_EXACT}},
    [KEY_KIND_HMAC] = {1, NEEDS_ALL, {ROOM_BLOCK}},
    [KEY_KIND_RSA_PUBLIC] = {2, NEEDS_ALL, {ROOM_EXACT, ROOM_EXPONENT}},
    [KEY_KIND_RSA_PRIVATE] = {2, NEEDS_ALL, {ROOM_EXACT, ROOM_UP_TO}},
    [KEY_KIND_RSA_CRT] = {5, NEEDS_ALL, {ROOM_HALF, ROOM_HALF, ROOM_HALF, ROOM_HALF, ROOM_HALF}},
    [KEY_KIND_EC_PUBLIC] = {7, EC_K,
	{ROOM_UP_TO, ROOM_UP_TO, ROOM_UP_TO, ROOM_POINT, ROOM_ORDER, ROOM_COFACTOR, ROOM_POINT}},
    [KEY_KIND_EC_PRIVATE] = {7, EC_K,
	{ROOM_UP_TO, ROOM_UP_TO, ROOM_UP_TO, ROOM_POINT, ROOM_ORDER, ROOM_COFACTOR, ROOM_ORDER}},
    [KEY_KIND_F2M_PUBLIC] = {7, EC_K,
	{ROOM_POLYNOMIAL, ROOM_UP_TO, ROOM_UP_TO, ROOM_POINT, ROOM_ORDER, ROOM_COFACTOR, ROOM_POINT}},
    [KEY_KIND_F2M_PRIVATE] = {7, EC_K,
	{ROOM_POLYNOMIAL, ROOM_UP_TO, ROOM_UP_TO, ROOM_POINT, ROOM_ORDER, ROOM_COFACTOR, ROOM_ORDER}},
    [KEY_KIND_DSA_PUBLIC] = {4, NEEDS_ALL, {ROOM_UP_TO, ROOM_SUBPRIME, ROOM_UP_TO, ROOM_UP_TO}},
    [KEY_KIND_DSA_PRIVATE] = {4, NEEDS_ALL, {ROOM_UP_TO, ROOM_SUBPRIME, ROOM_UP_TO, ROOM_SUBPRIME}},
    [KEY_KIND_DH_PUBLIC] = {4, DSA_Q, {ROOM_UP_TO, ROOM_UP_TO, ROOM_UP_TO, ROOM_UP_TO}},
    [KEY_KIND_DH_PRIVATE] = {4, DSA_Q, {ROOM_UP_TO, ROOM_UP_TO, ROOM_UP_TO, ROOM_UP_TO}},
};

/* Most bytes of a part. */
static size_t room_of(const struct jc_key *k, unsigned part)
{
	size_t n = (k->bits + 7u) / 8;
	switch ((enum room)kinds[k->kind].room[part]) {
	case ROOM_NONE:
		return 0;
	case ROOM_EXACT:
	case ROOM_UP_TO:
		return n;
	case ROOM_HALF:
		return (n + 1) / 2;
	case ROOM_ORDER: /* Hasse: at most one bit longer than the field */
		return n + 1;
	case ROOM_POINT:
		return 1 + 2 * n;
	case ROOM_EXPONENT:
		return n < EXPONENT_BYTES ? n : EXPONENT_BYTES;
	case ROOM_COFACTOR:
		return COFACTOR_BYTES;
	case ROOM_BLOCK: /* HMAC: "length" is the block of the hash in bytes (API, LENGTH_HMAC_…) */
		return k->bits;
	case ROOM_POLYNOMIAL:
		return k->bits / 8u + 1;
	case ROOM_SUBPRIME: /* FIPS 186-4 4.2: at most 256 bits */
		return SUBPRIME_BYTES;
	}
	return 0;
}

static bool fits(const struct jc_key *k, unsigned part, size_t n)
{
	enum room room = (enum room)kinds[k->kind].room[part];
	size_t most = room_of(k, part);
	if (room == ROOM_EXACT || room == ROOM_POINT || room == ROOM_COFACTOR || room == ROOM_POLYNOMIAL)
		return n == most;
	return n > 0 && n <= most;
}

static uint32_t part_at(const struct jc_key *k, unsigned part)
{
	uint32_t at = 0;
	for (unsigned i = 0; i < part; i++)
		at += PART_HEAD + (uint32_t)room_of(k, i);
	return at;
}

bool jc_key_look(struct jc *jc, uint16_t ref, struct jc_key *k)
{
	const struct jc_class *class = jc_class_of(jc, ref);
	*k = (struct jc_key){.ref = ref};
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		if (class != NULL && class == jc_key_class[kind]) {
			k->kind = (enum key_kind)kind;
			k->store = jc_cell(jc, ref, CELL_STORE);
			k->type = (uint8_t)jc_cell(jc, ref, CELL_TYPE);
			k->bits = jc_cell(jc, ref, CELL_BITS);
			return k->store != 0 && jc_length(jc, k->store) >= part_at(k, kinds[kind].parts);
		}
	}
	return false;
}

bool jc_key_open(struct jc *jc, uint16_t ref, struct jc_key *k)
{
	return jc_accessible(jc, ref) && (jc_key_look(jc, ref, k) || jc_crypto(jc, CRYPTO_ILLEGAL_VALUE));
}

const uint8_t *jc_key_part(struct jc *jc, const struct jc_key *k, unsigned part, size_t *n)
{
	uint32_t size, at = part_at(k, part);
	const uint8_t *p = jc_store(jc, k->store, &size);
	*n = 0;
	if (p == NULL || size < at + PART_HEAD + room_of(k, part) || p[at] != 1)
		return NULL;
	*n = jc_be16(p + at + 1);
	return *n <= room_of(k, part) ? p + at + PART_HEAD : NULL;
}

bool jc_key_ready(struct jc *jc, const struct jc_key *k)
{
	size_t n;
	for (unsigned i = 0; i < kinds[k->kind].parts; i++)
		if (jc_key_part(jc, k, i, &n) == NULL && i != kinds[k->kind].spare)
			return false;
	return true;
}

/* Within a transaction the part is as the transaction ends. Outside, a cut leaves a part that is not set. */
static bool put(struct jc *jc, const struct jc_key *k, uint32_t at, const uint8_t *b, uint32_t n)
{
	static const uint8_t not_set = 0;
	if (jc_in_transaction(jc) || jc_where_of(jc, k->store) != JC_PERSISTENT)
		return jc_store_put(jc, k->store, at, b, n, JC_ATOMIC);
	return jc_store_put(jc, k->store, at, &not_set, 1, JC_NON_ATOMIC) &&
	    jc_store_put(jc, k->store, at + 1, b + 1, n - 1, JC_NON_ATOMIC) &&
	    jc_store_put(jc, k->store, at, b, 1, JC_NON_ATOMIC);
}

bool jc_key_set(struct jc *jc, const struct jc_key *k, unsigned part, const uint8_t *p, size_t n)
{
	uint8_t b[PART_HEAD + KEY_PART_MAX] = {1, (uint8_t)(n >> 8), (uint8_t)n};
	size_t room = room_of(k, part);
	assert(room <= KEY_PART_MAX);
	if (!fits(k, part, n))
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	memcpy(b + PART_HEAD, p, n);
	bool ok = put(jc, k, part_at(k, part), b, (uint32_t)(PART_HEAD + room));
	wipe(b, sizeof b);
	return ok;
}

bool jc_key_unset(struct jc *jc, const struct jc_key *k, unsigned part)
{
	static const uint8_t not_set = 0;
	return jc_store_put(jc, k->store, part_at(k, part), &not_set, 1, JC_ATOMIC);
}

uint16_t jc_key_new(struct jc *jc, enum key_kind kind, uint8_t type, uint16_t bits, enum jc_where where)
{
	struct jc_key k = {.kind = kind, .bits = bits};
	uint16_t ref = jc_new_object(jc, jc_key_class[kind]);
	if (ref == 0 || !jc_set_cell(jc, ref, CELL_TYPE, type) || !jc_set_cell(jc, ref, CELL_BITS, bits))
		return 0;
	uint16_t store = jc_new_store(jc, part_at(&k, kinds[kind].parts), where);
	return store != 0 && jc_set_cell(jc, ref, CELL_STORE, store) ? ref : 0;
}

/* --- natives --- */

static struct jc_key self(struct jc *jc, uint16_t ref)
{
	struct jc_key k;
	bool ok = jc_key_look(jc, ref, &k);
	assert(ok); /* only KeyBuilder and KeyPair make them */
	(void)ok;
	return k;
}

/* Key.clearKey: an update of a persistent object as any other, which an aborted transaction takes back (JCRE 7.7; the
 * reference simulator does too). */
static bool clear_key(struct jc *jc, uint16_t *a)
{
	static const uint8_t zeros[PART_HEAD + KEY_PART_MAX];
	struct jc_key k = self(jc, a[0]);
	enum jc_atomicity how = jc_in_transaction(jc) ? JC_ATOMIC : JC_NON_ATOMIC;
	for (unsigned i = 0; i < kinds[k.kind].parts; i++)
		if (!jc_store_put(jc, k.store, part_at(&k, i), zeros, PART_HEAD + (uint32_t)room_of(&k, i), how))
			return false;
	return true;
}

static bool get_size(struct jc *jc, uint16_t *a)
{
	a[0] = self(jc, a[0]).bits;
	return true;
}

static bool get_type(struct jc *jc, uint16_t *a)
{
	a[0] = self(jc, a[0]).type;
	return true;
}

static bool is_initialized(struct jc *jc, uint16_t *a)
{
	struct jc_key k = self(jc, a[0]);
	a[0] = jc_key_ready(jc, &k);
	return true;
}

/* setX(byte[] buffer, short offset, short length) */
static bool set_part(struct jc *jc, const uint16_t *a, unsigned part, int32_t n)
{
	const uint8_t *p;
	struct jc_key k = self(jc, a[0]);
	return jc_bytes_in(jc, a[1], (int16_t)a[2], n, &p) && jc_key_set(jc, &k, part, p, (size_t)n);
}

/* getX(byte[] buffer, short offset) */
static bool get_part(struct jc *jc, uint16_t *a, unsigned part)
{
	uint8_t copy[KEY_PART_MAX];
	size_t n;
	struct jc_key k = self(jc, a[0]);
	const uint8_t *p = jc_key_part(jc, &k, part, &n);
	if (p == NULL)
		return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	memcpy(copy, p, n);
	bool ok = jc_put(jc, a[1], (int16_t)a[2], copy, (int32_t)n, JC_NON_ATOMIC);
	wipe(copy, sizeof copy);
	a[0] = (uint16_t)n;
	return ok;
}

/* getKey gives a byte: -1 for what is longer than 127 (HMACKey). */
static bool get_key(struct jc *jc, uint16_t *a)
{
	if (!get_part(jc, a, SECRET_VALUE))
		return false;
	if (a[0] > 127)
		a[0] = 0xFFFF;
	return true;
}

static bool set_key(struct jc *jc, uint16_t *a)
{
	struct jc_key k = self(jc, a[0]);
	return set_part(jc, a, SECRET_VALUE, (int32_t)room_of(&k, SECRET_VALUE));
}

#define PART(name, part)                                                                                               \
	static bool set_##name(struct jc *jc, uint16_t *a)                                                             \
	{                                                                                                              \
		return set_part(jc, a, part, (int16_t)a[3]);                                                           \
	}                                                                                                              \
	static bool get_##name(struct jc *jc, uint16_t *a)                                                             \
	{                                                                                                              \
		return get_part(jc, a, part);                                                                          \
	}

PART(modulus, RSA_MODULUS)
PART(exponent, RSA_EXPONENT)
PART(p, CRT_P)
PART(q, CRT_Q)
PART(dp, CRT_DP)
PART(dq, CRT_DQ)
PART(pq, CRT_PQ)
PART(field, EC_FIELD)
PART(prime, DSA_P)
PART(subprime, DSA_Q)
PART(base, DSA_G)
PART(value, DSA_OWN)
PART(a, EC_A)
PART(b, EC_B)
PART(g, EC_G)
PART(r, EC_R)
PART(own, EC_OWN)

static bool set_hmac(struct jc *jc, uint16_t *a)
{
	return set_part(jc, a, SECRET_VALUE, (int16_t)a[3]);
}

/* setFieldFP is for keys over prime fields, setFieldF2M for the others (API). */
static bool wrong_field(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
}

/* x^n and x^0 and these powers; n > each > 0 (API). */
static bool set_polynomial(struct jc *jc, const uint16_t *e, unsigned n, uint16_t ref)
{
	uint8_t b[KEY_PART_MAX] = {0};
	struct jc_key k = self(jc, ref);
	size_t len = room_of(&k, EC_FIELD);
	b[0] = (uint8_t)(1 << k.bits % 8);
	b[len - 1] |= 1;
	for (unsigned i = 0; i < n; i++) {
		if ((int16_t)e[i] <= 0 || e[i] >= k.bits)
			return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
		b[len - 1 - e[i] / 8] |= (uint8_t)(1 << e[i] % 8);
	}
	return jc_key_set(jc, &k, EC_FIELD, b, len);
}

/* setFieldF2M(short e), setFieldF2M(short e1, short e2, short e3) */
static bool set_trinomial(struct jc *jc, uint16_t *a)
{
	return set_polynomial(jc, a + 1, 1, a[0]);
}

static bool set_pentanomial(struct jc *jc, uint16_t *a)
{
	return set_polynomial(jc, a + 1, 3, a[0]);
}

static bool set_k(struct jc *jc, uint16_t *a)
{
	uint8_t b[COFACTOR_BYTES];
	struct jc_key k = self(jc, a[0]);
	jc_set16(b, a[1]);
	return jc_key_set(jc, &k, EC_K, b, sizeof b);
}

static bool get_k(struct jc *jc, uint16_t *a)
{
	size_t n;
	struct jc_key k = self(jc, a[0]);
	const uint8_t *p = jc_key_part(jc, &k, EC_K, &n);
	if (p == NULL)
		return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	a[0] = jc_be16(p);
	return true;
}

/* ECKey.copyDomainParametersFrom(ECKey) */
static bool copy_domain(struct jc *jc, uint16_t *a)
{
	struct jc_key k = self(jc, a[0]), from;
	uint8_t copy[KEY_PART_MAX];
	size_t n;
	if (!jc_key_open(jc, a[1], &from))
		return false;
	bool binary = k.kind == KEY_KIND_F2M_PUBLIC || k.kind == KEY_KIND_F2M_PRIVATE;
	bool fits_k = binary ? from.kind == KEY_KIND_F2M_PUBLIC || from.kind == KEY_KIND_F2M_PRIVATE
			     : from.kind == KEY_KIND_EC_PUBLIC || from.kind == KEY_KIND_EC_PRIVATE;
	if (!fits_k || from.bits != k.bits)
		return jc_crypto(jc, CRYPTO_ILLEGAL_VALUE);
	for (unsigned i = EC_FIELD; i < EC_OWN; i++) {
		const uint8_t *p = jc_key_part(jc, &from, i, &n);
		if (p == NULL && i != EC_K)
			return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
		if (p == NULL)
			continue;
		memcpy(copy, p, n);
		if (!jc_key_set(jc, &k, i, copy, n))
			return false;
	}
	return true;
}

/* --- the classes: token t of an interface is t + 1 here, behind equals --- */

#define KEY_VIRTUALS                                                                                                   \
	JC_OBJECT_EQUALS, JC_METHOD(1, 0, 1, JC_VOID, clear_key), JC_METHOD(2, 0, 1, JC_SHORT, get_size),              \
	    JC_METHOD(3, 0, 1, JC_SHORT, get_type), JC_METHOD(4, 0, 1, JC_SHORT, is_initialized)
#define SET(token, name) JC_METHOD(token, 0, 4, JC_VOID, set_##name)
#define GET(token, name) JC_METHOD(token, 0, 3, JC_SHORT, get_##name)

static const struct jc_method des[] = {
    KEY_VIRTUALS, JC_METHOD(5, 0, 3, JC_SHORT, get_key), JC_METHOD(6, 0, 3, JC_VOID, set_key)};
static const struct jc_method aes[] = {
    KEY_VIRTUALS, JC_METHOD(5, 0, 3, JC_VOID, set_key), JC_METHOD(6, 0, 3, JC_SHORT, get_key)};
static const struct jc_method hmac[] = {
    KEY_VIRTUALS, JC_METHOD(5, 0, 4, JC_VOID, set_hmac), JC_METHOD(6, 0, 3, JC_SHORT, get_key)};
static const struct jc_method rsa[] = {
    KEY_VIRTUALS, GET(5, exponent), GET(6, modulus), SET(7, exponent), SET(8, modulus)};
static const struct jc_method crt[] = {KEY_VIRTUALS, GET(5, dp), GET(6, dq), GET(7, p), GET(8, pq), GET(9, q),
    SET(10, dp), SET(11, dq), SET(12, p), SET(13, pq), SET(14, q)};
#define EC_VIRTUALS(fp, trinomial, pentanomial)                                                                        \
	KEY_VIRTUALS, JC_METHOD(5, 0, 4, JC_VOID, fp), JC_METHOD(6, 0, 2, JC_VOID, trinomial),                         \
	    JC_METHOD(7, 0, 4, JC_VOID, pentanomial), SET(8, a), SET(9, b), SET(10, g), SET(11, r),                    \
	    JC_METHOD(12, 0, 2, JC_VOID, set_k), GET(13, field), GET(14, a), GET(15, b), GET(16, g), GET(17, r),       \
	    JC_METHOD(18, 0, 1, JC_SHORT, get_k), SET(19, own), GET(20, own),                                          \
	    JC_METHOD(21, 0, 2, JC_VOID, copy_domain)
static const struct jc_method ec[] = {EC_VIRTUALS(set_field, wrong_field, wrong_field)};
static const struct jc_method f2m[] = {EC_VIRTUALS(wrong_field, set_trinomial, set_pentanomial)};
static const struct jc_method dsa[] = {KEY_VIRTUALS, GET(5, base), GET(6, prime), GET(7, subprime), SET(8, base),
    SET(9, prime), SET(10, subprime), GET(11, value), SET(12, value)};
static const struct jc_method dh[] = {KEY_VIRTUALS, SET(5, prime), SET(6, subprime), SET(7, base), GET(8, prime),
    GET(9, subprime), GET(10, base), SET(11, value), GET(12, value)};
static const struct jc_method seed[] = {
    KEY_VIRTUALS, JC_METHOD(5, 0, 3, JC_VOID, set_key), JC_METHOD(6, 0, 3, JC_SHORT, get_key)};

static const uint8_t map[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};
/* ECKey: its own numbers, without Key's four methods. */
static const uint8_t ec_map[] = {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21};
/* DSAKey and DHKey: their six methods. */
static const uint8_t domain_map[] = {5, 6, 7, 8, 9, 10};

#define IMPLEMENTS(i, m, count)                                                                                        \
	{                                                                                                              \
		.interface = &jc_class_##i, .map = (m), .n = (count)                                                   \
	}
#define MADE(id, token, table, ...)                                                                                    \
	static const struct jc_implements id##_implements[] = {IMPLEMENTS(Key, map, 4), __VA_ARGS__};                  \
	const struct jc_class jc_class_##id##Made = {JC_NAME("javacard/security/(" #id ")"),                           \
	    JC_AT(javacard_security, token), .flags = JC_INTERNAL, .super = &jc_class_Object, .cells = CELLS,          \
	    .first_ref = CELL_STORE, .refs = 1, JC_VIRTUALS(table), JC_IMPLEMENTS(id##_implements)};

MADE(DESKey, 64, des, IMPLEMENTS(SecretKey, map, 4), IMPLEMENTS(DESKey, map, 6))
MADE(AESKey, 65, aes, IMPLEMENTS(SecretKey, map, 4), IMPLEMENTS(AESKey, map, 6))
MADE(HMACKey, 66, hmac, IMPLEMENTS(SecretKey, map, 4), IMPLEMENTS(HMACKey, map, 6))
MADE(RSAPublicKey, 67, rsa, IMPLEMENTS(PublicKey, map, 4), IMPLEMENTS(RSAPublicKey, map, 8))
MADE(RSAPrivateKey, 68, rsa, IMPLEMENTS(PrivateKey, map, 4), IMPLEMENTS(RSAPrivateKey, map, 8))
MADE(RSAPrivateCrtKey, 69, crt, IMPLEMENTS(PrivateKey, map, 4), IMPLEMENTS(RSAPrivateCrtKey, map, 14))
MADE(
    ECPublicKey, 70, ec, IMPLEMENTS(PublicKey, map, 4), IMPLEMENTS(ECKey, ec_map, 15), IMPLEMENTS(ECPublicKey, map, 21))
MADE(ECPrivateKey, 71, ec, IMPLEMENTS(PrivateKey, map, 4), IMPLEMENTS(ECKey, ec_map, 15),
    IMPLEMENTS(ECPrivateKey, map, 21))
MADE(F2MPublicKey, 77, f2m, IMPLEMENTS(PublicKey, map, 4), IMPLEMENTS(ECKey, ec_map, 15),
    IMPLEMENTS(ECPublicKey, map, 21))
MADE(F2MPrivateKey, 78, f2m, IMPLEMENTS(PrivateKey, map, 4), IMPLEMENTS(ECKey, ec_map, 15),
    IMPLEMENTS(ECPrivateKey, map, 21))
MADE(DSAPublicKey, 79, dsa, IMPLEMENTS(PublicKey, map, 4), IMPLEMENTS(DSAKey, domain_map, 6),
    IMPLEMENTS(DSAPublicKey, map, 12))
MADE(DSAPrivateKey, 80, dsa, IMPLEMENTS(PrivateKey, map, 4), IMPLEMENTS(DSAKey, domain_map, 6),
    IMPLEMENTS(DSAPrivateKey, map, 12))
MADE(DHPublicKey, 81, dh, IMPLEMENTS(PublicKey, map, 4), IMPLEMENTS(DHKey, domain_map, 6),
    IMPLEMENTS(DHPublicKey, map, 12))
MADE(DHPrivateKey, 82, dh, IMPLEMENTS(PrivateKey, map, 4), IMPLEMENTS(DHKey, domain_map, 6),
    IMPLEMENTS(DHPrivateKey, map, 12))
MADE(KoreanSEEDKey, 83, seed, IMPLEMENTS(SecretKey, map, 4), IMPLEMENTS(KoreanSEEDKey, map, 6))

const struct jc_class *const jc_key_class[KEY_KINDS] = {
    [KEY_KIND_DES] = &jc_class_DESKeyMade,
    [KEY_KIND_AES] = &jc_class_AESKeyMade,
    [KEY_KIND_HMAC] = &jc_class_HMACKeyMade,
    [KEY_KIND_RSA_PUBLIC] = &jc_class_RSAPublicKeyMade,
    [KEY_KIND_RSA_PRIVATE] = &jc_class_RSAPrivateKeyMade,
    [KEY_KIND_RSA_CRT] = &jc_class_RSAPrivateCrtKeyMade,
    [KEY_KIND_EC_PUBLIC] = &jc_class_ECPublicKeyMade,
    [KEY_KIND_EC_PRIVATE] = &jc_class_ECPrivateKeyMade,
    [KEY_KIND_F2M_PUBLIC] = &jc_class_F2MPublicKeyMade,
    [KEY_KIND_F2M_PRIVATE] = &jc_class_F2MPrivateKeyMade,
    [KEY_KIND_DSA_PUBLIC] = &jc_class_DSAPublicKeyMade,
    [KEY_KIND_DSA_PRIVATE] = &jc_class_DSAPrivateKeyMade,
    [KEY_KIND_DH_PUBLIC] = &jc_class_DHPublicKeyMade,
    [KEY_KIND_DH_PRIVATE] = &jc_class_DHPrivateKeyMade,
    [KEY_KIND_SEED] = &jc_class_KoreanSEEDKeyMade,
};
