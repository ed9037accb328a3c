/* The AES block cipher: FIPS 197, one block at a time (ECB). Modes that carry data are built elsewhere. */
#ifndef IGATA_CRYPTO_AES_H
#define IGATA_CRYPTO_AES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AES_BLOCK = 16 };

/* Encrypt one block with a key of 16, 24 or 32 bytes. false: another length, or the library failed. */
bool aes_encrypt_block(const uint8_t *key, size_t key_len, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK]);

#endif
