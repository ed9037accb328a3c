/* javacard.security.KeyBuilder: which keys the chip makes. */
#include "runtime/sim/javacard/api/security.h"

enum { ALWAYS = 0xFF };

/* TYPE_…, ALG_TYPE_… with its memory, what it is, its word in key.transient. */
static const struct type {
	uint8_t type, algorithm;
	enum jc_where where;
	enum key_kind kind;
	uint8_t transient;
} types[] = {
    {1, 1, JC_RESET, KEY_KIND_DES, 0},
    {2, 1, JC_DESELECT, KEY_KIND_DES, 1},
    {3, 1, JC_PERSISTENT, KEY_KIND_DES, ALWAYS},
    {4, 11, JC_PERSISTENT, KEY_KIND_RSA_PUBLIC, ALWAYS},
    {5, 12, JC_PERSISTENT, KEY_KIND_RSA_PRIVATE, ALWAYS},
    {6, 13, JC_PERSISTENT, KEY_KIND_RSA_CRT, ALWAYS},
    {7, 3, JC_PERSISTENT, KEY_KIND_DSA_PUBLIC, ALWAYS},
    {8, 4, JC_PERSISTENT, KEY_KIND_DSA_PRIVATE, ALWAYS},
    {9, 5, JC_PERSISTENT, KEY_KIND_F2M_PUBLIC, ALWAYS},
    {10, 6, JC_PERSISTENT, KEY_KIND_F2M_PRIVATE, ALWAYS},
    {11, 7, JC_PERSISTENT, KEY_KIND_EC_PUBLIC, ALWAYS},
    {12, 8, JC_PERSISTENT, KEY_KIND_EC_PRIVATE, ALWAYS},
    {13, 2, JC_RESET, KEY_KIND_AES, 2},
    {14, 2, JC_DESELECT, KEY_KIND_AES, 3},
    {15, 2, JC_PERSISTENT, KEY_KIND_AES, ALWAYS},
    {16, 10, JC_RESET, KEY_KIND_SEED, 4},
    {17, 10, JC_DESELECT, KEY_KIND_SEED, 5},
    {18, 10, JC_PERSISTENT, KEY_KIND_SEED, ALWAYS},
    {19, 9, JC_RESET, KEY_KIND_HMAC, 6},
    {20, 9, JC_DESELECT, KEY_KIND_HMAC, 7},
    {21, 9, JC_PERSISTENT, KEY_KIND_HMAC, ALWAYS},
    {22, 12, JC_RESET, KEY_KIND_RSA_PRIVATE, 8},
    {23, 12, JC_DESELECT, KEY_KIND_RSA_PRIVATE, 9},
    {24, 13, JC_RESET, KEY_KIND_RSA_CRT, 10},
    {25, 13, JC_DESELECT, KEY_KIND_RSA_CRT, 11},
    {26, 4, JC_RESET, KEY_KIND_DSA_PRIVATE, 12},
    {27, 4, JC_DESELECT, KEY_KIND_DSA_PRIVATE, 13},
    {28, 6, JC_RESET, KEY_KIND_F2M_PRIVATE, 14},
    {29, 6, JC_DESELECT, KEY_KIND_F2M_PRIVATE, 15},
    {30, 8, JC_RESET, KEY_KIND_EC_PRIVATE, 16},
    {31, 8, JC_DESELECT, KEY_KIND_EC_PRIVATE, 17},
    {32, 14, JC_PERSISTENT, KEY_KIND_DH_PUBLIC, ALWAYS},
    {33, 14, JC_DESELECT, KEY_KIND_DH_PUBLIC, 18},
    {34, 14, JC_RESET, KEY_KIND_DH_PUBLIC, 19},
    {35, 15, JC_PERSISTENT, KEY_KIND_DH_PRIVATE, ALWAYS},
    {36, 15, JC_DESELECT, KEY_KIND_DH_PRIVATE, 20},
    {37, 15, JC_RESET, KEY_KIND_DH_PRIVATE, 21},
};

enum { WORD_SEED_ECB = 15, WORD_SEED_CBC, WORD_SEED_MAC = 31, WORD_DH_PLAIN = 8 };

/* Nobody measures lengths of SEED and Diffie-Hellman keys: a chip with the algorithm has the API's lengths; of DSA keys
 * those that it generates. The other bounds are those of this implementation. */
bool jc_key_of_chip(struct jc *jc, enum key_kind kind, int16_t bits)
{
	bool rsa = bits >= 512 && bits <= 4096 && bits % 16 == 0;
	unsigned n = (unsigned)bits;
	switch (kind) {
	case KEY_KIND_DES:
		return (bits == 64 || bits == 128 || bits == 192) && jc_has_length(jc, CHIP_KEY_DES, n);
	case KEY_KIND_AES:
		return (bits == 128 || bits == 192 || bits == 256) && jc_has_length(jc, CHIP_KEY_AES, n);
	case KEY_KIND_HMAC:
		return (bits == 64 || bits == 128) && jc_has_length(jc, CHIP_KEY_HMAC, n);
	case KEY_KIND_SEED:
		return bits == 128 &&
		    (jc_has_algorithm(jc, CHIP_ALG_CIPHER, WORD_SEED_ECB) ||
			jc_has_algorithm(jc, CHIP_ALG_CIPHER, WORD_SEED_CBC) ||
			jc_has_algorithm(jc, CHIP_ALG_SIGNATURE, WORD_SEED_MAC));
	case KEY_KIND_RSA_PUBLIC:
	case KEY_KIND_RSA_PRIVATE:
		return rsa && jc_has_length(jc, CHIP_KEY_RSA, n);
	case KEY_KIND_RSA_CRT:
		return rsa && jc_has_length(jc, CHIP_KEY_RSA_CRT, n);
	case KEY_KIND_EC_PUBLIC:
	case KEY_KIND_EC_PRIVATE:
		return bits >= 112 && bits <= 521 && jc_has_length(jc, CHIP_KEY_EC_FP, n);
	case KEY_KIND_F2M_PUBLIC:
	case KEY_KIND_F2M_PRIVATE:
		return (bits == 113 || bits == 131 || bits == 163 || bits == 193) &&
		    jc_has_length(jc, CHIP_KEY_EC_F2M, n);
	case KEY_KIND_DSA_PUBLIC:
	case KEY_KIND_DSA_PRIVATE:
		return bits >= 512 && bits <= 1024 && bits % 64 == 0 && jc_has_length(jc, CHIP_GEN_DSA, n);
	case KEY_KIND_DH_PUBLIC:
	case KEY_KIND_DH_PRIVATE:
		return (bits == 1024 || bits == 2048) && jc_has_algorithm(jc, CHIP_ALG_AGREEMENT, WORD_DH_PLAIN);
	default:
		return false;
	}
}

/* A key of this row; encryption: KeyEncryption is wanted, which no key has. */
static bool build(struct jc *jc, uint16_t *a, const struct type *t, int16_t bits, bool encryption)
{
	if (encryption || !jc_key_of_chip(jc, t->kind, bits) ||
	    (t->transient != ALWAYS && !jc_has_algorithm(jc, CHIP_KEY_TRANSIENT, t->transient)))
		return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
	a[0] = jc_key_new(jc, t->kind, t->type, (uint16_t)bits, t->where);
	return a[0] != 0;
}

/* buildKey(byte keyType, short keyLength, boolean keyEncryption) */
static bool build_key(struct jc *jc, uint16_t *a)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].type == a[0])
			return build(jc, a, &types[i], (int16_t)a[1], a[2] != 0);
	return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
}

/* buildKey(byte algorithmicKeyType, byte keyMemoryType, short keyLength, boolean keyEncryption) */
static bool build_key_in(struct jc *jc, uint16_t *a)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].algorithm == a[0] && types[i].where == a[1])
			return build(jc, a, &types[i], (int16_t)a[2], a[3] != 0);
	return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
}

/* buildKeyWithSharedDomain: no chip that we know has it. */
static bool build_key_shared(struct jc *jc, uint16_t *a)
{
	(void)a;
	return jc_crypto(jc, CRYPTO_NO_SUCH_ALGORITHM);
}

static const struct jc_method builder_statics[] = {
    JC_METHOD(0, 0, 3, JC_REF, build_key),
    JC_METHOD(1, 5, 4, JC_REF, build_key_in),
    JC_METHOD(2, 6, 4, JC_REF, build_key_shared),
};
static const struct jc_method builder_virtuals[] = {JC_OBJECT_EQUALS};
const struct jc_class jc_class_KeyBuilder = {JC_NAME("javacard/security/KeyBuilder"), JC_AT(javacard_security, 13),
    .super = &jc_class_Object, JC_STATICS(builder_statics), JC_VIRTUALS(builder_virtuals)};
