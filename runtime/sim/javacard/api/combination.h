/* The algorithms of Signature and Cipher by their parts, as getInstance(digest, cipher, padding) of Java Card 3.0.4
 * names them, each with the single number that means the same. A chip has a row or lacks it. */
#ifndef IGATA_SIM_JAVACARD_API_COMBINATION_H
#define IGATA_SIM_JAVACARD_API_COMBINATION_H

#include <stdbool.h>
#include <stdint.h>

/* Signature.SIG_CIPHER_…, Cipher.CIPHER_…, Cipher.PAD_…, MessageDigest.ALG_… */
enum {
	SIG_DES_MAC4 = 1,
	SIG_DES_MAC8 = 2,
	SIG_RSA = 3,
	SIG_DSA = 4,
	SIG_ECDSA = 5,
	SIG_AES_MAC = 6,
	SIG_HMAC = 7,
	SIG_SEED_MAC = 8,
	SIG_ECDSA_PLAIN = 9,
	SIG_AES_CMAC = 10,
};
enum {
	CIPHER_IS_AES_CBC = 1,
	CIPHER_IS_AES_ECB = 2,
	CIPHER_IS_DES_CBC = 3,
	CIPHER_IS_DES_ECB = 4,
	CIPHER_IS_SEED_CBC = 5,
	CIPHER_IS_SEED_ECB = 6,
	CIPHER_IS_RSA = 7,
	CIPHER_IS_AES_CTR = 8, /* a name since 3.1 only */
	CIPHER_IS_AES_GCM = 0xF1,
	CIPHER_IS_AES_CCM = 0xF2,
};
enum {
	PAD_NULL = 0,
	PAD_NOPAD = 1,
	PAD_M1 = 2,
	PAD_M2 = 3,
	PAD_M1_ALG3 = 4,
	PAD_M2_ALG3 = 5,
	PAD_PKCS5 = 6,
	PAD_PKCS1 = 7,
	PAD_PSS = 8,
	PAD_OAEP = 9,
	PAD_ISO9796 = 10,
	PAD_ISO9796_MR = 11,
	PAD_RFC2409 = 12,
	PAD_OAEP_SHA224 = 13,
	PAD_OAEP_SHA256 = 14,
	PAD_OAEP_SHA384 = 15,
	PAD_OAEP_SHA512 = 16,
};

struct combination {
	/* As alg.cipher-padding, alg.signature-padding of a profile have it; in brackets: as alg.cipher or alg.aead has
	 * it, because its parts have no names in the versions of the API that the card carries. */
	const char *name;
	uint8_t algorithm; /* ALG_… of the class, 0: there is none */
	uint8_t digest, cipher, padding;
	bool signature;
};

enum { COMBINATIONS = 80 };
extern const struct combination combinations[COMBINATIONS];

/* The row of these parts, or of a single number; -1. */
int combination_of(bool signature, uint8_t digest, uint8_t cipher, uint8_t padding);
int combination_of_algorithm(bool signature, uint8_t algorithm);

#endif
