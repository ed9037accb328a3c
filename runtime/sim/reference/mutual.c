#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/kdf.h"
#include "runtime/crypto/mac.h"
#include "runtime/sim/reference/protect.h"

/* Mutual authentication on the card: AP contract, section 8.
 *   token   CBC(K.ENC, RND.IFD || RND.IC || K.IFD) || MAC(K.MAC, cryptogram)
 *   answer  CBC(K.ENC, RND.IC || RND.IFD || K.IC)  || MAC(K.MAC, cryptogram)
 * bac-3des: triple DES and the retail MAC over the padded cryptogram; bac-aes: AES and CMAC, cut to 8 bytes. */
enum { AT_SECOND = PROTECT_RND, AT_MATERIAL = 2 * PROTECT_RND, SHORT_MAC = 8 };

size_t mutual_material(const struct mutual *m)
{
	return m->key_len == 16 ? 16 : 32;
}

static size_t cryptogram_length(const struct mutual *m)
{
	return AT_MATERIAL + mutual_material(m);
}

size_t mutual_token_length(const struct mutual *m)
{
	return cryptogram_length(m) + SHORT_MAC;
}

static bool compute_mac(const struct mutual *m, const uint8_t *cryptogram, uint8_t out[SHORT_MAC])
{
	uint8_t in[PROTECT_TOKEN_MAX] = {0}, all[MAC_MAX];
	size_t n = cryptogram_length(m);
	memcpy(in, cryptogram, n);
	if (m->algorithm == CIPHER_DES_EDE2) {
		in[n] = 0x80;
		n += 8;
	}
	struct mac *x = mac_new(m->algorithm == CIPHER_AES ? MAC_CMAC_AES : MAC_RETAIL_DES, m->mac, m->key_len);
	bool ok = x != NULL && mac_compute(x, in, n, all);
	if (ok)
		memcpy(out, all, SHORT_MAC);
	mac_free(x);
	return ok;
}

bool mutual_check(
    const struct mutual *m, const uint8_t *token, uint8_t rnd_ifd[PROTECT_RND], uint8_t k_ifd[PROTECT_KEY_MAX])
{
	uint8_t mac[SHORT_MAC], plain[PROTECT_TOKEN_MAX];
	size_t n = cryptogram_length(m);
	struct cipher *c = cipher_new(m->algorithm, m->enc, m->key_len);
	bool right = c != NULL && compute_mac(m, token, mac) && wipe_equal(mac, token + n, SHORT_MAC) &&
	    cipher_cbc_decrypt(c, NULL, token, n, plain) && wipe_equal(plain + AT_SECOND, m->rnd_ic, PROTECT_RND);
	if (right) {
		memcpy(rnd_ifd, plain, PROTECT_RND);
		memcpy(k_ifd, plain + AT_MATERIAL, mutual_material(m));
	}
	wipe(plain, sizeof plain);
	cipher_free(c);
	return right;
}

/* KS = KDF(K.IFD xor K.IC, 1 and 2). The counter of bac-3des begins with RND.IC[4..7] || RND.IFD[4..7], that of bac-aes
 * with zero. */
static bool open_channel(const struct mutual *m, const uint8_t rnd_ifd[PROTECT_RND],
    const uint8_t k_ifd[PROTECT_KEY_MAX], struct channel *ch)
{
	uint8_t seed[PROTECT_KEY_MAX];
	size_t n = mutual_material(m);
	for (size_t i = 0; i < n; i++)
		seed[i] = k_ifd[i] ^ m->k_ic[i];
	*ch = (struct channel){.open = true, .algorithm = (uint8_t)m->algorithm, .key_len = (uint8_t)m->key_len};
	bool ok = kdf_icao9303(m->algorithm, seed, n, 1, ch->enc, m->key_len) &&
	    kdf_icao9303(m->algorithm, seed, n, 2, ch->mac, m->key_len);
	if (m->algorithm == CIPHER_DES_EDE2) {
		memcpy(ch->ssc, m->rnd_ic + 4, 4);
		memcpy(ch->ssc + 4, rnd_ifd + 4, 4);
	}
	if (!ok)
		wipe(ch, sizeof *ch);
	wipe(seed, sizeof seed);
	return ok;
}

bool mutual_answer(const struct mutual *m, const uint8_t rnd_ifd[PROTECT_RND], const uint8_t k_ifd[PROTECT_KEY_MAX],
    struct buf *answer, struct channel *ch)
{
	uint8_t r[PROTECT_TOKEN_MAX];
	size_t n = cryptogram_length(m);
	struct cipher *c = cipher_new(m->algorithm, m->enc, m->key_len);
	memcpy(r, m->rnd_ic, PROTECT_RND);
	memcpy(r + AT_SECOND, rnd_ifd, PROTECT_RND);
	memcpy(r + AT_MATERIAL, m->k_ic, mutual_material(m));
	bool ok = c != NULL && cipher_cbc_encrypt(c, NULL, r, n, r) && compute_mac(m, r, r + n) &&
	    open_channel(m, rnd_ifd, k_ifd, ch);
	if (ok)
		buf_add(answer, r, n + SHORT_MAC);
	wipe(r, sizeof r);
	cipher_free(c);
	return ok && !answer->bad;
}
