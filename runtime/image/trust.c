#include "runtime/image/parts.h"

#include <string.h>

/* SHA-256 of the SubjectPublicKeyInfo of samples/keys/public-test-key.pem: everybody has that key, so nothing it signs
 * is ever trusted, whatever certificate somebody makes for it. */
static const uint8_t public_test_key[SHA256_LEN] = {0x7f, 0xca, 0x59, 0xa3, 0xa6, 0x65, 0x5a, 0xbb, 0x45, 0x8a, 0x71,
    0x79, 0x20, 0xea, 0x23, 0xe7, 0xbe, 0xb1, 0x42, 0x8b, 0x28, 0xe9, 0x19, 0x47, 0x4e, 0x90, 0x1b, 0x84, 0x73, 0xec,
    0x8d, 0x93};

static bool is_public_test_key(const struct certificate *c)
{
	return memcmp(c->key, public_test_key, sizeof public_test_key) == 0;
}

bool trust_decide(struct image *img, const struct certificate *who, const char *trust_pem, struct diag_list *d)
{
	struct certificate trusted[IMAGE_TRUST_MAX];
	size_t n = 0;
	if (trust_pem != NULL && !certificate_load(trust_pem, trusted, IMAGE_TRUST_MAX, &n, d))
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_public_test_key(&trusted[i]))
			return diag_add(d, (struct srcloc){.file = trust_pem}, DIAG_IMAGE_TRUST_TEST_KEY, NULL);
	img->trust = IMAGE_UNSIGNED;
	if (who == NULL)
		return true;
	img->trust = is_public_test_key(who) ? IMAGE_TEST_SIGNED : IMAGE_UNKNOWN_KEY;
	for (size_t i = 0; i < n; i++)
		if (memcmp(trusted[i].key, who->key, sizeof who->key) == 0)
			img->trust = IMAGE_TRUSTED;
	return true;
}
