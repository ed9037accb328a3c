#include "runtime/sim/reference/key.h"

#include <string.h>

#include "runtime/crypto/signature.h"
#include "runtime/sim/reference/card.h"

/* key record: | 1 tries left | 1 00 | 2 length, big-endian | value | K.MAC, for symmetric keys |
 * A length of 0 means that nothing was delivered. */
enum { AT_TRIES = 0, AT_LENGTH = 2, AT_VALUE = 4, AT_MAC = AT_VALUE + PROTECT_KEY_MAX };

bool apkey_is_symmetric(const struct contract_key *k)
{
	return k->algorithm <= KEY_AES_256;
}

uint32_t apkey_record_size(const struct contract_key *k)
{
	return apkey_is_symmetric(k) ? AT_MAC + PROTECT_KEY_MAX : AT_VALUE + PRIVATE_KEY_MAX;
}

void apkey_deliver(struct nv *nv, const struct contract_key *k, uint32_t at)
{
	nv_write(nv, at + AT_TRIES, &k->tries, 1);
}

static uint32_t record_at(const struct card *c, uint16_t key)
{
	return c->session->at.keys[key];
}

static const uint8_t *record(const struct card *c, uint16_t key)
{
	return c->nv->mem + record_at(c, key);
}

static size_t symmetric_length(const struct contract_key *k)
{
	switch ((enum key_algorithm)k->algorithm) {
	case KEY_DES_EDE2:
	case KEY_AES_128:
		return 16;
	case KEY_AES_192:
		return 24;
	case KEY_AES_256:
		return 32;
	case KEY_RSA_2048:
	case KEY_RSA_3072:
	case KEY_EC_P256:
	case KEY_EC_P384:
		break;
	}
	return 0;
}

enum cipher_algorithm apkey_cipher(const struct contract_key *k)
{
	return k->algorithm == KEY_DES_EDE2 ? CIPHER_DES_EDE2 : CIPHER_AES;
}

size_t apkey_block(const struct contract_key *k)
{
	return k->algorithm == KEY_DES_EDE2 ? 8 : 16;
}

sw_t apkey_value_length(const struct contract_key *k, size_t n)
{
	if (apkey_is_symmetric(k))
		return n == symmetric_length(k) ? SW_OK : SW_WRONG_LENGTH;
	return n <= PRIVATE_KEY_MAX ? SW_OK : SW_WRONG_LENGTH;
}

sw_t apkey_value_form(const struct contract_key *k, const uint8_t *p, size_t n)
{
	if (apkey_is_symmetric(k))
		return SW_OK;
	enum signature_key kind = (enum signature_key)(k->algorithm - KEY_RSA_2048 + SIGNATURE_RSA_2048);
	return signature_private_key_fits(kind, p, n) ? SW_OK : SW_WRONG_DATA;
}

/* Inside a transaction. */
void apkey_write_value(struct card *c, uint16_t key, enum value_kind half, const uint8_t *p, size_t n)
{
	const uint8_t len[2] = {(uint8_t)(n >> 8), (uint8_t)n};
	nv_write(c->nv, record_at(c, key) + (half == VALUE_KEY_MAC ? AT_MAC : AT_VALUE), p, (uint32_t)n);
	if (half == VALUE_KEY)
		nv_write(c->nv, record_at(c, key) + AT_LENGTH, len, sizeof len);
}

const uint8_t *apkey_value(const struct card *c, uint16_t key, size_t *n)
{
	const uint8_t *r = record(c, key);
	size_t len = (size_t)(r[AT_LENGTH] << 8 | r[AT_LENGTH + 1]);
	/* Only a memory that came from elsewhere can say more than there is. */
	*n = len <= apkey_record_size(&c->ap->key[key]) - AT_VALUE ? len : 0;
	return r + AT_VALUE;
}

const uint8_t *apkey_value_mac(const struct card *c, uint16_t key, size_t *n)
{
	*n = symmetric_length(&c->ap->key[key]);
	return record(c, key) + AT_MAC;
}

bool apkey_any(const struct card *c)
{
	return c->ap->n_keys != 0;
}

const struct contract_key *apkey_of(const struct card *c, const struct call *x)
{
	return &c->ap->key[x->object];
}

unsigned apkey_tries(const struct card *c, uint16_t key)
{
	return record(c, key)[AT_TRIES];
}

static void write_tries(struct card *c, uint16_t key, unsigned v)
{
	const uint8_t b = (uint8_t)v;
	nv_write(c->nv, record_at(c, key) + AT_TRIES, &b, 1);
}

void apkey_use_try(struct card *c, uint16_t key)
{
	write_tries(c, key, apkey_tries(c, key) - 1);
}

void apkey_restore_tries(struct card *c, uint16_t key)
{
	write_tries(c, key, c->ap->key[key].tries);
}
