/* What the packages javacard.security and javacardx.crypto share: keys as natives see them, algorithms of the chip. */
#ifndef IGATA_SIM_JAVACARD_API_SECURITY_H
#define IGATA_SIM_JAVACARD_API_SECURITY_H

#include "runtime/chip/chip.h"
#include "runtime/crypto/digest.h"
#include "runtime/sim/javacard/machine/vm.h"

/* Reasons of CryptoException. */
enum {
	CRYPTO_ILLEGAL_VALUE = 1,
	CRYPTO_UNINITIALIZED_KEY = 2,
	CRYPTO_NO_SUCH_ALGORITHM = 3,
	CRYPTO_INVALID_INIT = 4,
	CRYPTO_ILLEGAL_USE = 5,
};

/* Throw CryptoException. false. */
bool jc_crypto(struct jc *jc, uint16_t reason);

/* Does the chip have word `word` (from 0) of the list `fact`? */
bool jc_has_algorithm(struct jc *jc, enum chip_fact_name fact, unsigned word);
/* Does it have length `bits` of the list `fact` (key.… or keygen.…)? */
bool jc_has_length(struct jc *jc, enum chip_fact_name fact, unsigned bits);
/* Does it have row `row` of combination.h? */
bool jc_has_combination(struct jc *jc, unsigned row);

/* --- keys --- */

enum key_kind {
	KEY_KIND_DES,
	KEY_KIND_AES,
	KEY_KIND_HMAC,
	KEY_KIND_RSA_PUBLIC,
	KEY_KIND_RSA_PRIVATE,
	KEY_KIND_RSA_CRT,
	KEY_KIND_EC_PUBLIC,
	KEY_KIND_EC_PRIVATE,
	KEY_KIND_F2M_PUBLIC,
	KEY_KIND_F2M_PRIVATE,
	KEY_KIND_DSA_PUBLIC,
	KEY_KIND_DSA_PRIVATE,
	KEY_KIND_DH_PUBLIC,
	KEY_KIND_DH_PRIVATE,
	KEY_KIND_SEED,
	KEY_KINDS
};

/* Parts of keys; a kind's own are numbered from 0. */
enum { SECRET_VALUE };
enum { RSA_MODULUS, RSA_EXPONENT };
enum { CRT_P, CRT_Q, CRT_DP, CRT_DQ, CRT_PQ };
enum { EC_FIELD, EC_A, EC_B, EC_G, EC_R, EC_K, EC_OWN }; /* EC_OWN: W or S */
enum { DSA_P, DSA_Q, DSA_G, DSA_OWN };                   /* of DSA and Diffie-Hellman; DSA_OWN: Y or X */
enum { KEY_PARTS_MAX = 7, KEY_PART_MAX = 512 };

struct jc_key {
	uint16_t ref, store, bits;
	uint8_t type; /* KeyBuilder.TYPE_… */
	enum key_kind kind;
};

/* The key that an applet passes. false: NullPointerException, SecurityException, or not one made by KeyBuilder:
 * CryptoException ILLEGAL_VALUE. */
bool jc_key_open(struct jc *jc, uint16_t ref, struct jc_key *k);
/* The same without checks of access, for keys that natives keep; false (nothing pending): it is none. */
bool jc_key_look(struct jc *jc, uint16_t ref, struct jc_key *k);
/* All parts that it needs are there. */
bool jc_key_ready(struct jc *jc, const struct jc_key *k);
/* Bytes of a part, valid until something is written or allocated; NULL: not set. */
const uint8_t *jc_key_part(struct jc *jc, const struct jc_key *k, unsigned part, size_t *n);
/* Set a part. false: CryptoException ILLEGAL_VALUE (n does not fit), or what writing throws. */
bool jc_key_set(struct jc *jc, const struct jc_key *k, unsigned part, const uint8_t *p, size_t n);
/* A part is not set any more. */
bool jc_key_unset(struct jc *jc, const struct jc_key *k, unsigned part);
/* May it be built: the chip has its kind in this length? */
bool jc_key_of_chip(struct jc *jc, enum key_kind kind, int16_t bits);
/* A new one. 0: exception pending. */
uint16_t jc_key_new(struct jc *jc, enum key_kind kind, uint8_t type, uint16_t bits, enum jc_where where);

/* --- classes --- */
extern const struct jc_class jc_class_CryptoException, jc_class_Key, jc_class_PrivateKey, jc_class_PublicKey,
    jc_class_SecretKey, jc_class_DSAKey, jc_class_DSAPrivateKey, jc_class_DSAPublicKey, jc_class_RSAPrivateCrtKey,
    jc_class_RSAPrivateKey, jc_class_RSAPublicKey, jc_class_DESKey, jc_class_ECKey, jc_class_ECPrivateKey,
    jc_class_ECPublicKey, jc_class_AESKey, jc_class_HMACKey, jc_class_KoreanSEEDKey, jc_class_DHKey,
    jc_class_DHPrivateKey, jc_class_DHPublicKey;
extern const struct jc_class jc_class_KeyBuilder, jc_class_KeyPair, jc_class_MessageDigest,
    jc_class_InitializedMessageDigest, jc_class_RandomData, jc_class_Checksum, jc_class_Signature,
    jc_class_SignatureMessageRecovery, jc_class_KeyAgreement;
extern const struct jc_class *const jc_key_class[KEY_KINDS]; /* what KeyBuilder makes */
/* What getInstance makes; no load file can name them. */
extern const struct jc_class jc_class_DigestMade, jc_class_RandomMade, jc_class_ChecksumMade, jc_class_SignatureMade,
    jc_class_AgreementMade, jc_class_CipherMade, jc_class_DESKeyMade, jc_class_AESKeyMade, jc_class_HMACKeyMade,
    jc_class_RSAPublicKeyMade, jc_class_RSAPrivateKeyMade, jc_class_RSAPrivateCrtKeyMade, jc_class_ECPublicKeyMade,
    jc_class_ECPrivateKeyMade, jc_class_F2MPublicKeyMade, jc_class_F2MPrivateKeyMade, jc_class_DSAPublicKeyMade,
    jc_class_DSAPrivateKeyMade, jc_class_DHPublicKeyMade, jc_class_DHPrivateKeyMade, jc_class_KoreanSEEDKeyMade,
    jc_class_RecoveryMade, jc_class_AEADMade;
extern const struct jc_class jc_class_Cipher, jc_class_KeyEncryption, jc_class_AEADCipher, jc_class_CipherOneShot,
    jc_class_DigestOneShot, jc_class_InitializedOneShot, jc_class_RandomOneShot, jc_class_SignatureOneShot;

#endif
