#include "runtime/crypto/aes.h"

#include "runtime/crypto/cipher.h"

bool aes_encrypt_block(const uint8_t *key, size_t key_len, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK])
{
	struct cipher *c = cipher_new(CIPHER_AES, key, key_len);
	bool ok = c != NULL && cipher_ecb_encrypt(c, in, AES_BLOCK, out);
	cipher_free(c);
	return ok;
}
