#include "runtime/sim/javacard/api/block.h"

#include "runtime/base/wipe.h"

enum { AT_IV = 0, AT_CHAIN = 16, AT_HELD = 32, AT_BYTES = 33, AT_FED = AT_BYTES + 2 * BLOCK_MAX };

_Static_assert(AT_FED + 1 == BLOCK_STATE, "the header draws it");

void jc_block_load(struct jc *jc, uint16_t store, struct block_state *s)
{
	uint32_t n;
	const uint8_t *p = jc_store(jc, store, &n);
	memset(s, 0, sizeof *s);
	if (p == NULL || n < BLOCK_STATE || p[AT_HELD] > 2 * BLOCK_MAX)
		return;
	memcpy(s->iv, p + AT_IV, BLOCK_MAX);
	memcpy(s->chain, p + AT_CHAIN, BLOCK_MAX);
	s->held = p[AT_HELD];
	memcpy(s->bytes, p + AT_BYTES, 2 * BLOCK_MAX);
	s->fed = p[AT_FED];
}

bool jc_block_save(struct jc *jc, uint16_t store, struct block_state *s)
{
	uint8_t b[BLOCK_STATE];
	memcpy(b + AT_IV, s->iv, BLOCK_MAX);
	memcpy(b + AT_CHAIN, s->chain, BLOCK_MAX);
	b[AT_HELD] = s->held;
	memcpy(b + AT_BYTES, s->bytes, 2 * BLOCK_MAX);
	b[AT_FED] = s->fed;
	bool ok = jc_store_put(jc, store, 0, b, sizeof b, JC_NON_ATOMIC);
	wipe(b, sizeof b);
	wipe(s, sizeof *s);
	return ok;
}

bool jc_block_begin(struct jc *jc, uint16_t store, const uint8_t *iv, size_t n)
{
	struct block_state s = {0};
	if (iv != NULL) {
		memcpy(s.iv, iv, n);
		memcpy(s.chain, iv, n);
	}
	return jc_block_save(jc, store, &s);
}

bool jc_block_again(struct jc *jc, uint16_t store, bool keep)
{
	struct block_state s;
	jc_block_load(jc, store, &s);
	return jc_block_begin(jc, store, keep ? s.iv : NULL, BLOCK_MAX);
}

/* n: how many of the key's bytes; 0 all. */
static struct cipher *cipher_of(struct jc *jc, const struct jc_key *k, size_t n)
{
	size_t len;
	const uint8_t *p = jc_key_part(jc, k, SECRET_VALUE, &len);
	enum cipher_algorithm a = k->kind == KEY_KIND_AES ? CIPHER_AES
	    : k->kind == KEY_KIND_SEED                    ? CIPHER_SEED
							  : CIPHER_DES;
	struct cipher *c = p == NULL ? NULL : cipher_new(a, p, n == 0 ? len : n);
	if (c == NULL)
		jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	return c;
}

struct cipher *jc_block_cipher(struct jc *jc, const struct jc_key *k)
{
	return cipher_of(jc, k, 0);
}

int jc_block_pad(uint8_t padding, size_t block, size_t n, uint8_t out[BLOCK_MAX])
{
	size_t rest = block - n % block;
	memset(out, 0, BLOCK_MAX);
	switch (padding) {
	case PAD_M1:
	case PAD_M1_ALG3:
		return rest == block && n > 0 ? 0 : (int)rest;
	case PAD_M2:
	case PAD_M2_ALG3:
		out[0] = 0x80;
		return (int)rest;
	case PAD_PKCS5:
		memset(out, (int)rest, rest);
		return (int)rest;
	default:
		return rest == block ? 0 : -1;
	}
}

static void chain(struct block_state *s, struct cipher *c, size_t block, const uint8_t *p)
{
	(void)cipher_cbc_encrypt(c, s->chain, p, block, s->chain);
}

/* The last block, full or not, is always held. */
void jc_mac_add(struct block_state *s, struct cipher *c, size_t block, const uint8_t *p, size_t n)
{
	while (n > 0) {
		if (s->held == block) {
			chain(s, c, block, s->bytes);
			s->held = 0;
		}
		size_t k = block - s->held < n ? block - s->held : n;
		memcpy(s->bytes + s->held, p, k);
		s->held = (uint8_t)(s->held + k);
		p += k;
		n -= k;
	}
}

/* ISO/IEC 9797-1 algorithm 3: single DES by the first key, the whole key for the last block. */
static bool is_alg3(const struct combination *row)
{
	return row->padding == PAD_M1_ALG3 || row->padding == PAD_M2_ALG3;
}

struct cipher *jc_mac_cipher(struct jc *jc, const struct combination *row, const struct jc_key *k)
{
	return cipher_of(jc, k, is_alg3(row) ? 8 : 0);
}

/* NIST SP 800-38B 6.1: double in the field; 6.2: the last block gets K1, or padded K2. */
static void twice(uint8_t k[BLOCK_MAX])
{
	uint8_t carry = k[0] >> 7;
	for (int i = 0; i < BLOCK_MAX; i++)
		k[i] = (uint8_t)(k[i] << 1 | (i + 1 < BLOCK_MAX ? k[i + 1] >> 7 : 0));
	k[BLOCK_MAX - 1] ^= carry != 0 ? 0x87 : 0;
}

static void cmac_last(struct block_state *s, struct cipher *c)
{
	uint8_t k[BLOCK_MAX] = {0};
	(void)cipher_ecb_encrypt(c, k, BLOCK_MAX, k);
	twice(k);
	if (s->held < BLOCK_MAX) {
		twice(k);
		s->bytes[s->held] = 0x80;
		memset(s->bytes + s->held + 1, 0, BLOCK_MAX - 1u - s->held);
	}
	for (int i = 0; i < BLOCK_MAX; i++)
		s->bytes[i] ^= k[i];
	wipe(k, sizeof k);
}

/* Pad what is held; false: the padding does not allow it. Leaves exactly the last block in s->bytes. */
static bool last_block(const struct combination *row, struct block_state *s, struct cipher *c, size_t block)
{
	uint8_t pad[BLOCK_MAX];
	int n = jc_block_pad(row->padding, block, s->held, pad);
	if (n < 0 || s->held + n == 0)
		return false;
	jc_mac_add(s, c, block, pad, (size_t)n);
	return s->held == block;
}

bool jc_mac_end(
    struct jc *jc, const struct combination *row, const struct jc_key *k, struct block_state *s, uint8_t out[BLOCK_MAX])
{
	struct cipher *c = jc_mac_cipher(jc, row, k);
	if (c == NULL)
		return false;
	bool ok = true;
	size_t block = cipher_block(c);
	if (row->cipher == SIG_AES_CMAC)
		cmac_last(s, c);
	else
		ok = last_block(row, s, c, block) || jc_crypto(jc, CRYPTO_ILLEGAL_USE);
	if (ok && is_alg3(row)) {
		cipher_free(c);
		if ((c = jc_block_cipher(jc, k)) == NULL)
			return false;
	}
	if (ok) {
		chain(s, c, block, s->bytes);
		memcpy(out, s->chain, block);
	}
	cipher_free(c);
	return ok;
}
