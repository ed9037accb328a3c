/* The table of package javacard.security, versions 1.0 to 1.6 (Java Card 2.1.1 to 3.0.5), its interfaces,
 * CryptoException, and which algorithms the chip has. */
#include "runtime/sim/javacard/api/security.h"

#include <stdlib.h>

#include "runtime/sim/javacard/javacard.h"

bool jc_crypto(struct jc *jc, uint16_t reason)
{
	return jc_throw(jc, &jc_class_CryptoException, reason);
}

/* --- the chip's algorithms --- */

static bool has_bit(struct jc *jc, unsigned bit)
{
	return bit < 8 * JC_ALGORITHM_BYTES && (jc_chip_of(jc)->algorithm[bit / 8] >> bit % 8 & 1) != 0;
}

bool jc_has_algorithm(struct jc *jc, enum chip_fact_name fact, unsigned word)
{
	return has_bit(jc, javacard_algorithm(fact, word));
}

bool jc_has_length(struct jc *jc, enum chip_fact_name fact, unsigned bits)
{
	const char *w = chip_fact_words(fact);
	for (unsigned n = 0; *w != 0; n++) {
		char *end;
		if (strtoul(w, &end, 10) == bits)
			return jc_has_algorithm(jc, fact, n);
		w = end + (*end == '|');
	}
	return false;
}

bool jc_has_combination(struct jc *jc, unsigned row)
{
	return has_bit(jc, row);
}

/* --- CryptoException --- */

JC_REASON_EXCEPTION("javacard/security/", javacard_security, 12, CryptoException, CardRuntimeException)

/* --- interfaces --- */

#define INTERFACE(id, token, minor, ...)                                                                               \
	static const struct jc_implements id##_supers[] = {__VA_ARGS__};                                               \
	const struct jc_class jc_class_##id = {JC_NAME("javacard/security/" #id), JC_AT(javacard_security, token),     \
	    .since = (minor), .flags = JC_INTERFACE | JC_ABSTRACT, JC_IMPLEMENTS(id##_supers)};
#define ROOT(id, token, minor)                                                                                         \
	const struct jc_class jc_class_##id = {JC_NAME("javacard/security/" #id), JC_AT(javacard_security, token),     \
	    .since = (minor), .flags = JC_INTERFACE | JC_ABSTRACT};
#define SUPER(id)                                                                                                      \
	{                                                                                                              \
		.interface = &jc_class_##id                                                                            \
	}

ROOT(Key, 0, 0)
ROOT(DSAKey, 1, 0)
INTERFACE(PrivateKey, 2, 0, SUPER(Key))
INTERFACE(PublicKey, 3, 0, SUPER(Key))
INTERFACE(SecretKey, 4, 0, SUPER(Key))
INTERFACE(DSAPrivateKey, 5, 0, SUPER(Key), SUPER(PrivateKey), SUPER(DSAKey))
INTERFACE(DSAPublicKey, 6, 0, SUPER(Key), SUPER(PublicKey), SUPER(DSAKey))
INTERFACE(RSAPrivateCrtKey, 7, 0, SUPER(Key), SUPER(PrivateKey))
INTERFACE(RSAPrivateKey, 8, 0, SUPER(Key), SUPER(PrivateKey))
INTERFACE(RSAPublicKey, 9, 0, SUPER(Key), SUPER(PublicKey))
INTERFACE(DESKey, 10, 0, SUPER(Key), SUPER(SecretKey))
ROOT(ECKey, 17, 2)
INTERFACE(ECPrivateKey, 18, 2, SUPER(Key), SUPER(PrivateKey), SUPER(ECKey))
INTERFACE(ECPublicKey, 19, 2, SUPER(Key), SUPER(PublicKey), SUPER(ECKey))
INTERFACE(AESKey, 20, 2, SUPER(Key), SUPER(SecretKey))
INTERFACE(HMACKey, 23, 3, SUPER(Key), SUPER(SecretKey))
INTERFACE(KoreanSEEDKey, 24, 3, SUPER(Key), SUPER(SecretKey))
ROOT(SignatureMessageRecovery, 25, 3)
ROOT(DHKey, 27, 6)
INTERFACE(DHPrivateKey, 28, 6, SUPER(Key), SUPER(PrivateKey), SUPER(DHKey))
INTERFACE(DHPublicKey, 29, 6, SUPER(Key), SUPER(PublicKey), SUPER(DHKey))

/* --- KeyBuilder --- */

enum { ALWAYS = 0xFF };

/* TYPE_…, ALG_TYPE_… with its memory, what it is, the lengths that the chip has, its word in key.transient. */
static const struct type {
	uint8_t type, algorithm;
	enum jc_where where;
	enum key_kind kind;
	enum chip_fact_name lengths;
	uint8_t transient;
} types[] = {
    {1, 1, JC_RESET, KEY_KIND_DES, CHIP_KEY_DES, 0},
    {2, 1, JC_DESELECT, KEY_KIND_DES, CHIP_KEY_DES, 1},
    {3, 1, JC_PERSISTENT, KEY_KIND_DES, CHIP_KEY_DES, ALWAYS},
    {4, 11, JC_PERSISTENT, KEY_KIND_RSA_PUBLIC, CHIP_KEY_RSA, ALWAYS},
    {5, 12, JC_PERSISTENT, KEY_KIND_RSA_PRIVATE, CHIP_KEY_RSA, ALWAYS},
    {6, 13, JC_PERSISTENT, KEY_KIND_RSA_CRT, CHIP_KEY_RSA_CRT, ALWAYS},
    {11, 7, JC_PERSISTENT, KEY_KIND_EC_PUBLIC, CHIP_KEY_EC_FP, ALWAYS},
    {12, 8, JC_PERSISTENT, KEY_KIND_EC_PRIVATE, CHIP_KEY_EC_FP, ALWAYS},
    {13, 2, JC_RESET, KEY_KIND_AES, CHIP_KEY_AES, 2},
    {14, 2, JC_DESELECT, KEY_KIND_AES, CHIP_KEY_AES, 3},
    {15, 2, JC_PERSISTENT, KEY_KIND_AES, CHIP_KEY_AES, ALWAYS},
    {19, 9, JC_RESET, KEY_KIND_HMAC, CHIP_KEY_HMAC, 6},
    {20, 9, JC_DESELECT, KEY_KIND_HMAC, CHIP_KEY_HMAC, 7},
    {21, 9, JC_PERSISTENT, KEY_KIND_HMAC, CHIP_KEY_HMAC, ALWAYS},
    {22, 12, JC_RESET, KEY_KIND_RSA_PRIVATE, CHIP_KEY_RSA, 8},
    {23, 12, JC_DESELECT, KEY_KIND_RSA_PRIVATE, CHIP_KEY_RSA, 9},
    {24, 13, JC_RESET, KEY_KIND_RSA_CRT, CHIP_KEY_RSA_CRT, 10},
    {25, 13, JC_DESELECT, KEY_KIND_RSA_CRT, CHIP_KEY_RSA_CRT, 11},
    {30, 8, JC_RESET, KEY_KIND_EC_PRIVATE, CHIP_KEY_EC_FP, 16},
    {31, 8, JC_DESELECT, KEY_KIND_EC_PRIVATE, CHIP_KEY_EC_FP, 17},
};

/* Lengths that this implementation of a kind has; a chip may have fewer. */
static bool sensible(enum key_kind kind, int16_t bits)
{
	switch (kind) {
	case KEY_KIND_DES:
		return bits == 64 || bits == 128 || bits == 192;
	case KEY_KIND_AES:
		return bits == 128 || bits == 192 || bits == 256;
	case KEY_KIND_HMAC:
		return bits == 64 || bits == 128;
	case KEY_KIND_EC_PUBLIC:
	case KEY_KIND_EC_PRIVATE:
		return bits >= 112 && bits <= 521;
	default:
		return bits >= 512 && bits <= 4096 && bits % 16 == 0;
	}
}

/* A key of this row; encryption: KeyEncryption is wanted, which no key has. */
static bool build(struct jc *jc, uint16_t *a, const struct type *t, int16_t bits, bool encryption)
{
	if (encryption || !sensible(t->kind, bits) || !jc_has_length(jc, t->lengths, (unsigned)bits) ||
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

/* --- the table --- */

static const struct jc_class *const classes[] = {
    [0] = &jc_class_Key,
    [1] = &jc_class_DSAKey,
    [2] = &jc_class_PrivateKey,
    [3] = &jc_class_PublicKey,
    [4] = &jc_class_SecretKey,
    [5] = &jc_class_DSAPrivateKey,
    [6] = &jc_class_DSAPublicKey,
    [7] = &jc_class_RSAPrivateCrtKey,
    [8] = &jc_class_RSAPrivateKey,
    [9] = &jc_class_RSAPublicKey,
    [10] = &jc_class_DESKey,
    [11] = &jc_class_MessageDigest,
    [12] = &jc_class_CryptoException,
    [13] = &jc_class_KeyBuilder,
    [14] = &jc_class_RandomData,
    [15] = &jc_class_Signature,
    [16] = &jc_class_KeyPair,
    [17] = &jc_class_ECKey,
    [18] = &jc_class_ECPrivateKey,
    [19] = &jc_class_ECPublicKey,
    [20] = &jc_class_AESKey,
    [21] = &jc_class_Checksum,
    [22] = &jc_class_KeyAgreement,
    [23] = &jc_class_HMACKey,
    [24] = &jc_class_KoreanSEEDKey,
    [25] = &jc_class_SignatureMessageRecovery,
    [26] = &jc_class_InitializedMessageDigest,
    [27] = &jc_class_DHKey,
    [28] = &jc_class_DHPrivateKey,
    [29] = &jc_class_DHPublicKey,
    [30] = &jc_class_DigestOneShot,
    [31] = &jc_class_InitializedOneShot,
    [32] = &jc_class_RandomOneShot,
    [33] = &jc_class_SignatureOneShot,
    [64] = &jc_class_DESKeyMade,
    [65] = &jc_class_AESKeyMade,
    [66] = &jc_class_HMACKeyMade,
    [67] = &jc_class_RSAPublicKeyMade,
    [68] = &jc_class_RSAPrivateKeyMade,
    [69] = &jc_class_RSAPrivateCrtKeyMade,
    [70] = &jc_class_ECPublicKeyMade,
    [71] = &jc_class_ECPrivateKeyMade,
    [72] = &jc_class_DigestMade,
    [73] = &jc_class_RandomMade,
    [74] = &jc_class_ChecksumMade,
    [75] = &jc_class_SignatureMade,
    [76] = &jc_class_AgreementMade,
};

const struct jc_package jc_rom_javacard_security = {
    .classes = classes, .n = sizeof classes / sizeof classes[0], .minor = 6};
