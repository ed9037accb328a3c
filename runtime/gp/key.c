#include "runtime/gp/key.h"

#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/mac.h"

static const char *const names[] = {"none", "visa", "visa2", "emv", "kdf3"};

enum gp_diversification gp_diversification_named(const char *name, size_t n)
{
	for (int i = 0; i < GP_DIVERSIFICATIONS; i++)
		if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
			return (enum gp_diversification)i;
	return GP_DIVERSIFICATIONS;
}

const char *gp_diversification_name(enum gp_diversification d)
{
	return names[d];
}

/* Which bytes of the KDD stand before F0 k and 0F k. */
static const uint8_t *picked(enum gp_diversification how)
{
	static const uint8_t visa[] = {0, 1, 2, 3, 8, 9}, visa2[] = {0, 1, 4, 5, 6, 7}, emv[] = {4, 5, 6, 7, 8, 9};
	return how == GP_DIVERSIFY_VISA ? visa : how == GP_DIVERSIFY_VISA2 ? visa2 : emv;
}

static bool by_des(struct gp_key *key, enum gp_diversification how, const uint8_t *kdd, uint8_t k)
{
	uint8_t data[16];
	const uint8_t *pick = picked(how);
	struct cipher *c = cipher_new(CIPHER_DES_EDE2, key->p, key->n);
	for (int i = 0; i < 6; i++)
		data[i] = data[8 + i] = kdd[pick[i]];
	data[6] = 0xf0;
	data[14] = 0x0f;
	data[7] = data[15] = k;
	bool ok = c != NULL && cipher_ecb_encrypt(c, data, sizeof data, key->p);
	cipher_free(c);
	return ok;
}

static bool by_kdf3(struct gp_key *key, const uint8_t *kdd, uint8_t k)
{
	uint8_t out[2 * MAC_MAX], data[1 + 4 + 1 + GP_KDD] = {0};
	struct mac *m = mac_new(MAC_CMAC_AES, key->p, key->n);
	bool ok = m != NULL;
	data[4] = k;
	memcpy(data + 6, kdd, GP_KDD);
	for (uint8_t i = 0; ok && (size_t)MAC_MAX * i < key->n; i++) {
		data[0] = (uint8_t)(i + 1);
		ok = mac_compute(m, data, sizeof data, out + MAC_MAX * i);
	}
	if (ok)
		memcpy(key->p, out, key->n);
	wipe(out, sizeof out);
	mac_free(m);
	return ok;
}

bool gp_diversify(struct gp_key_set *s, enum gp_diversification how, const uint8_t kdd[GP_KDD])
{
	struct gp_key *key[] = {&s->enc, &s->mac, &s->dek};
	bool ok = true;
	if (how == GP_DIVERSIFY_NONE)
		return true;
	for (uint8_t i = 0; ok && i < 3; i++)
		ok = how == GP_DIVERSIFY_KDF3 ? by_kdf3(key[i], kdd, (uint8_t)(i + 1))
					      : by_des(key[i], how, kdd, (uint8_t)(i + 1));
	if (!ok)
		wipe(s, sizeof *s);
	return ok;
}

bool gp_check_value(enum cipher_algorithm a, const struct gp_key *k, uint8_t out[GP_CHECK_VALUE])
{
	uint8_t block[CIPHER_BLOCK_MAX];
	struct cipher *c = cipher_new(a, k->p, k->n);
	bool ok = c != NULL;
	memset(block, a == CIPHER_AES ? 1 : 0, sizeof block);
	ok = ok && cipher_ecb_encrypt(c, block, cipher_block(c), block);
	if (ok)
		memcpy(out, block, GP_CHECK_VALUE);
	cipher_free(c);
	return ok;
}
