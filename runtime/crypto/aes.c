#include "runtime/crypto/aes.h"

#include <openssl/evp.h>

bool aes_encrypt_block(const uint8_t *key, size_t key_len, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK])
{
	bool ok = false;
	int n = 0;
	const EVP_CIPHER *cipher = key_len == 16 ? EVP_aes_128_ecb()
	    : key_len == 24                      ? EVP_aes_192_ecb()
	    : key_len == 32                      ? EVP_aes_256_ecb()
						 : NULL;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	if (cipher == NULL || ctx == NULL)
		goto out;
	ok = EVP_EncryptInit_ex(ctx, cipher, NULL, key, NULL) == 1 && EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_EncryptUpdate(ctx, out, &n, in, AES_BLOCK) == 1 && n == AES_BLOCK;
out:
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}
