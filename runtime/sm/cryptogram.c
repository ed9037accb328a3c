#include "runtime/sm/cryptogram.h"

#include "runtime/base/wipe.h"

bool sm_cryptogram(enum cipher_algorithm a, const uint8_t *key, size_t key_len, const uint8_t *challenge,
    size_t challenge_len, uint8_t out[CIPHER_BLOCK_MAX])
{
	struct cipher *c = cipher_new(a, key, key_len);
	if (c == NULL)
		return false;
	bool ok = challenge_len == cipher_block(c) && cipher_ecb_encrypt(c, challenge, challenge_len, out);
	cipher_free(c);
	return ok;
}

bool sm_cryptogram_right(enum cipher_algorithm a, const uint8_t *key, size_t key_len, const uint8_t *challenge,
    size_t challenge_len, const uint8_t *answer, size_t n)
{
	uint8_t want[CIPHER_BLOCK_MAX];
	bool ok = sm_cryptogram(a, key, key_len, challenge, challenge_len, want) && n == challenge_len &&
	    wipe_equal(want, answer, n);
	wipe(want, sizeof want);
	return ok;
}
