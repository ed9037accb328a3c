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
    [77] = &jc_class_F2MPublicKeyMade,
    [78] = &jc_class_F2MPrivateKeyMade,
    [79] = &jc_class_DSAPublicKeyMade,
    [80] = &jc_class_DSAPrivateKeyMade,
    [81] = &jc_class_DHPublicKeyMade,
    [82] = &jc_class_DHPrivateKeyMade,
    [83] = &jc_class_KoreanSEEDKeyMade,
    [84] = &jc_class_RecoveryMade,
};

const struct jc_package jc_rom_javacard_security = {
    .classes = classes, .n = sizeof classes / sizeof classes[0], .minor = 6};
