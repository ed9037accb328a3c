#include "runtime/sim/javacard/api/ec.h"

#include "runtime/base/wipe.h"

bool jc_ec_is_public(const struct jc_key *k)
{
	return k->kind == KEY_KIND_EC_PUBLIC || k->kind == KEY_KIND_F2M_PUBLIC;
}

bool jc_ec_is_private(const struct jc_key *k)
{
	return k->kind == KEY_KIND_EC_PRIVATE || k->kind == KEY_KIND_F2M_PRIVATE;
}

static bool part(struct jc *jc, const struct jc_key *k, unsigned i, struct ec_number *x)
{
	return (x->p = jc_key_part(jc, k, i, &x->n)) != NULL;
}

bool jc_ec_curve(struct jc *jc, const struct jc_key *k, struct ec_curve *c)
{
	c->binary = k->kind == KEY_KIND_F2M_PUBLIC || k->kind == KEY_KIND_F2M_PRIVATE;
	return part(jc, k, EC_FIELD, &c->field) && part(jc, k, EC_A, &c->a) && part(jc, k, EC_B, &c->b) &&
	    part(jc, k, EC_G, &c->g) && part(jc, k, EC_R, &c->order) && ec_order_bytes(c) <= EC_BYTES_MAX;
}

size_t jc_ec_signature_max(const struct jc_key *k, bool plain)
{
	return jc_pair_max((k->bits + 7u) / 8, plain);
}

size_t jc_pair_max(size_t n, bool plain)
{
	return plain ? 2 * n : 2 * n + 8 + (n > 59 ? 1 : 0);
}

void jc_ec_random(struct jc *jc, const struct ec_curve *c, uint8_t *out, size_t n)
{
	uint8_t random[EC_BYTES_MAX + 8];
	size_t len = n + 8;
	jc_random(jc, random, len);
	(void)ec_scalar(c, random, len, out);
	wipe(random, sizeof random);
}

/* INTEGER of n bytes, leading zeros gone (X.690 8.3); how many bytes were written. */
static size_t integer(uint8_t *out, const uint8_t *p, size_t n)
{
	while (n > 1 && *p == 0)
		p++, n--;
	size_t sign = *p >> 7;
	out[0] = 2;
	out[1] = (uint8_t)(n + sign);
	out[2] = 0;
	memcpy(out + 2 + sign, p, n);
	return 2 + sign + n;
}

static size_t to_der(const uint8_t *r, const uint8_t *s, size_t n, uint8_t *out)
{
	uint8_t body[2 * (EC_BYTES_MAX + 3)];
	size_t len = integer(body, r, n);
	len += integer(body + len, s, n);
	size_t head = len > 127 ? 3 : 2;
	out[0] = 0x30;
	out[1] = 0x81;
	out[head - 1] = (uint8_t)len;
	memcpy(out + head, body, len);
	return head + len;
}

static bool from_integer(const uint8_t **p, const uint8_t *end, struct ec_number *x)
{
	if (end - *p < 2 || (*p)[0] != 2 || (*p)[1] > 127 || end - *p - 2 < (*p)[1])
		return false;
	*x = (struct ec_number){*p + 2, (*p)[1]};
	*p += 2 + (*p)[1];
	return x->n > 0;
}

static bool from_der(const uint8_t *sig, size_t n, struct ec_number *r, struct ec_number *s)
{
	const uint8_t *p = sig + 2, *end = sig + n;
	if (n < 2 || sig[0] != 0x30)
		return false;
	if (sig[1] == 0x81 && n > 2 ? *p++ != n - 3 : sig[1] != n - 2)
		return false;
	return from_integer(&p, end, r) && from_integer(&p, end, s) && p == end;
}

size_t jc_pair_write(const uint8_t *r, const uint8_t *s, size_t n, bool plain, uint8_t *out)
{
	if (!plain)
		return to_der(r, s, n, out);
	memcpy(out, r, n);
	memcpy(out + n, s, n);
	return 2 * n;
}

bool jc_pair_read(const uint8_t *sig, size_t n, bool plain, struct ec_number *r, struct ec_number *s)
{
	if (!plain)
		return from_der(sig, n, r, s);
	*r = (struct ec_number){sig, n / 2};
	*s = (struct ec_number){sig + n / 2, n / 2};
	return n % 2 == 0 && n > 0;
}

bool jc_ec_sign(struct jc *jc, const struct jc_key *k, const uint8_t *digest, size_t digest_len, bool plain,
    uint8_t *out, size_t *n)
{
	struct ec_curve c;
	struct ec_number x;
	uint8_t nonce[EC_BYTES_MAX], r[EC_BYTES_MAX], s[EC_BYTES_MAX];
	if (!jc_ec_curve(jc, k, &c) || !part(jc, k, EC_OWN, &x))
		return jc_crypto(jc, CRYPTO_UNINITIALIZED_KEY);
	size_t len = ec_order_bytes(&c);
	bool ok = false;
	for (int tries = 0; !ok && tries < 8; tries++) {
		jc_ec_random(jc, &c, nonce, len);
		ok = ec_sign(&c, x, (struct ec_number){nonce, len}, digest, digest_len, r, s);
	}
	wipe(nonce, sizeof nonce);
	if (!ok)
		return jc_crypto(jc, CRYPTO_ILLEGAL_USE); /* no curve */
	*n = jc_pair_write(r, s, len, plain, out);
	return true;
}

bool jc_ec_right(struct jc *jc, const struct jc_key *k, const uint8_t *digest, size_t digest_len, bool plain,
    const uint8_t *sig, size_t n)
{
	struct ec_curve c;
	struct ec_number w, r, s;
	if (!jc_ec_curve(jc, k, &c) || !part(jc, k, EC_OWN, &w))
		return false;
	if (!jc_pair_read(sig, n, plain, &r, &s))
		return false;
	return ec_right(&c, w, digest, digest_len, r, s);
}
