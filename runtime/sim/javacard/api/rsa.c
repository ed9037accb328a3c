#include "runtime/sim/javacard/api/rsa.h"

bool jc_rsa_is(const struct jc_key *k)
{
	return k->kind == KEY_KIND_RSA_PUBLIC || k->kind == KEY_KIND_RSA_PRIVATE || k->kind == KEY_KIND_RSA_CRT;
}

size_t jc_rsa_bytes(const struct jc_key *k)
{
	return k->bits / 8;
}

bool jc_rsa_power(struct jc *jc, const struct jc_key *k, const uint8_t *x, uint8_t *out)
{
	struct rsa_number part[5];
	unsigned parts = k->kind == KEY_KIND_RSA_CRT ? 5 : 2;
	for (unsigned i = 0; i < parts; i++)
		if ((part[i].p = jc_key_part(jc, k, i, &part[i].n)) == NULL)
			return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	bool ok = parts == 5 ? rsa_power_crt(part, x, jc_rsa_bytes(k), out)
			     : rsa_power(part[RSA_MODULUS], part[RSA_EXPONENT], x, jc_rsa_bytes(k), out);
	return ok || jc_crypto(jc, CRYPTO_ILLEGAL_USE);
}
