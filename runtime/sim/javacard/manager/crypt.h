/* The block-cipher pieces of GlobalPlatform's secure channels as the card needs them: GlobalPlatform Card Specification
 * 2.3 (GPCS), appendix B, and Amendment D, 4.1. Pure functions; false means that the library failed or a length is not
 * one of the algorithm's. */
#ifndef IGATA_SIM_JAVACARD_MANAGER_CRYPT_H
#define IGATA_SIM_JAVACARD_MANAGER_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CM_DES_KEY = 16, CM_DES_BLOCK = 8, CM_AES_BLOCK = 16, CM_KEY_MAX = 32 };

/* 80 and zeros up to a multiple of the block (B.2.3, B.4): always at least one byte. p has room for a block more. */
size_t cm_pad(uint8_t *p, size_t n, size_t block);

/* Undo cm_pad: false when there is no padding. */
bool cm_unpad(const uint8_t *p, size_t *n);

/* CBC-MAC by triple DES over the padded message (B.1.2.1): 8 bytes. n at most 64. */
bool cm_des_full_mac(const uint8_t key[CM_DES_KEY], const uint8_t *p, size_t n, uint8_t out[CM_DES_BLOCK]);

/* A retail MAC (B.1.2.2: single DES, final triple DES) that grows piece by piece. Holds no key. */
struct cm_retail {
	uint8_t chain[CM_DES_BLOCK], rest[CM_DES_BLOCK];
	uint8_t n; /* bytes of rest */
};
void cm_retail_begin(struct cm_retail *m, const uint8_t icv[CM_DES_BLOCK]);
bool cm_retail_add(struct cm_retail *m, const uint8_t key[CM_DES_KEY], const uint8_t *p, size_t n);
bool cm_retail_end(struct cm_retail *m, const uint8_t key[CM_DES_KEY], uint8_t out[CM_DES_BLOCK]);

/* The same for SCP01's C-MAC, where every block is triple DES (GPCS D.3.2). */
bool cm_full_add(struct cm_retail *m, const uint8_t key[CM_DES_KEY], const uint8_t *p, size_t n);
bool cm_full_end(struct cm_retail *m, const uint8_t key[CM_DES_KEY], uint8_t out[CM_DES_BLOCK]);

/* One block by single DES under the first half of the key (the ICV of SCP02), by triple DES (the ICV of SCP01). */
bool cm_des_single(const uint8_t key[CM_DES_KEY], const uint8_t in[CM_DES_BLOCK], uint8_t out[CM_DES_BLOCK]);

/* CMAC by AES over two pieces (either may be empty): 16 bytes. */
bool cm_cmac(const uint8_t *key, size_t key_len, const uint8_t *a, size_t n, const uint8_t *b, size_t m,
    uint8_t out[CM_AES_BLOCK]);

/* The derivation of Amendment D, 4.1.5: 11 zeros, the constant, 00, length in bits, counter, context. */
bool cm_derive(const uint8_t *key, size_t key_len, uint8_t constant, const uint8_t *context, size_t n, uint8_t *out,
    size_t out_len);

/* Key check value, 3 bytes: 8 bytes of zero under DES (B.6), 16 bytes of 01 under AES (B.6, Amendment D, 4.1.4). */
bool cm_check_value(bool aes, const uint8_t *key, size_t key_len, uint8_t out[3]);

/* A block cipher in one call: by AES or triple DES; iv NULL is zero. In place is fine. */
enum cm_way { CM_CBC_ENCRYPT, CM_CBC_DECRYPT, CM_ECB_ENCRYPT, CM_ECB_DECRYPT };
bool cm_cipher(bool aes, enum cm_way way, const uint8_t *key, size_t key_len, const uint8_t *iv, const uint8_t *in,
    size_t n, uint8_t *out);

#endif
