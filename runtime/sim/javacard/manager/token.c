#include "runtime/sim/javacard/manager/token.h"

#include <string.h>

#include "runtime/base/wipe.h"
#include "runtime/crypto/public_key.h"
#include "runtime/sim/javacard/manager/data.h"

/* Curves by key parameter reference: table B-2. */
static const struct curve {
	const char *name;
	enum digest_algorithm hash;
} curves[] = {
    {"P-256", DIGEST_SHA256},
    {"P-384", DIGEST_SHA384},
    {"P-521", DIGEST_SHA512},
    {"brainpoolP256r1", DIGEST_SHA256},
    {"brainpoolP256t1", DIGEST_SHA256},
    {"brainpoolP384r1", DIGEST_SHA384},
    {"brainpoolP384t1", DIGEST_SHA384},
    {"brainpoolP512r1", DIGEST_SHA512},
    {"brainpoolP512t1", DIGEST_SHA512},
};

static bool rsa_right(const struct cm_key *k, const uint8_t *p, size_t n, struct rd s)
{
	enum { RSA_1024 = 128 };
	int mod = k->type[0] == CM_KEY_RSA_N ? 0 : 1;
	bool small = k->len[mod] <= RSA_1024;
	return public_key_rsa_right(k->value[mod], k->len[mod], k->value[1 - mod], k->len[1 - mod],
	    small ? PUBLIC_KEY_PKCS1 : PUBLIC_KEY_PSS, small ? DIGEST_SHA1 : DIGEST_SHA256, p, n, s.p, s.n);
}

static bool ec_right(const struct cm_key *k, const uint8_t *p, size_t n, struct rd s)
{
	uint8_t reference = k->len[1] == 1 ? k->value[1][0] : 0xff;
	if (reference >= sizeof curves / sizeof curves[0])
		return false;
	const struct curve *curve = &curves[reference];
	return public_key_ec_right(curve->name, k->value[0], k->len[0], curve->hash, p, n, s.p, s.n);
}

/* The MAC under a symmetric key: 16 or 8 bytes; 0 when something is wrong. */
static size_t mac(const struct cm_key *k, const uint8_t *p, size_t n, uint8_t out[CM_AES_BLOCK])
{
	static const uint8_t zero[CM_DES_BLOCK];
	struct cm_retail m;
	if (k->type[0] == CM_KEY_AES)
		return cm_cmac(k->value[0], k->len[0], p, n, NULL, 0, out) ? CM_AES_BLOCK : 0;
	if (k->len[0] != CM_DES_KEY)
		return 0;
	cm_retail_begin(&m, zero);
	return cm_retail_add(&m, k->value[0], p, n) && cm_retail_end(&m, k->value[0], out) ? CM_DES_BLOCK : 0;
}

bool cm_signature_right(const struct cm_key *k, const uint8_t *p, size_t n, struct rd s)
{
	uint8_t out[CM_AES_BLOCK];
	if (k->components == 2)
		return k->type[0] == CM_KEY_EC_PUBLIC ? ec_right(k, p, n, s) : rsa_right(k, p, n, s);
	size_t len = mac(k, p, n, out);
	return len != 0 && s.n == len && wipe_equal(out, s.p, len);
}

/* The security domain with a privilege of which the card has one holder beside the ISD: 6.6.1. */
static uint16_t holder(const struct cm *c, uint32_t privilege)
{
	uint16_t isd = cm_isd(c);
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry e = cm_entry(c, h);
		if (h != isd && cm_is_sd(&e) && cm_has(&e, privilege))
			return h;
	}
	return isd;
}

static bool key_of(const struct cm *c, uint32_t privilege, uint8_t version, struct cm_key *k)
{
	uint16_t h = cm_key_find(c, holder(c, privilege), version, 0);
	return h != 0 && cm_key_read(c, h, k);
}

bool cm_token_right(const struct cm *c, const uint8_t *p, size_t n, struct rd token)
{
	uint8_t message[CM_DATA_MAX + 5] = {c->cmd.p1, c->cmd.p2};
	size_t at = 2;
	struct cm_key k;
	if (n > CM_DATA_MAX || !key_of(c, CM_P_TOKEN, CM_KV_TOKEN, &k))
		return false;
	if (n > 0xff) { /* an extended length keeps its three bytes: C.4.1 */
		message[at++] = 0;
		message[at++] = (uint8_t)(n >> 8);
	}
	message[at++] = (uint8_t)n;
	memcpy(message + at, p, n);
	return cm_signature_right(&k, message, at + n, token);
}

sw_t cm_may_manage(const struct cm *c, uint16_t sd, const uint8_t *data, size_t n, struct rd token, bool *receipt)
{
	struct cm_entry e = cm_entry(c, sd);
	*receipt = false;
	if (cm_has(&e, CM_P_AUTHORIZED))
		return SW_OK;
	if (!cm_has(&e, CM_P_DELEGATED) || token.n == 0)
		return SW_CONDITIONS_OF_USE;
	*receipt = true;
	return cm_token_right(c, data, n, token) ? SW_OK : SW_CONDITIONS_OF_USE;
}

/* Confirmation data (11.1.6, C.5): the counter, and what makes the card unique: IIN and CIN. */
static void confirmation(const struct cm *c, uint16_t counter, struct buf *out)
{
	struct rd iin = cm_data_value(c, cm_data_find(c, cm_isd(c), CM_TAG_IIN));
	struct rd cin = cm_data_value(c, cm_data_find(c, cm_isd(c), CM_TAG_CIN));
	buf_u8(out, 2);
	buf_u16(out, counter);
	buf_u8(out, (unsigned)(iin.n + cin.n) & 0xff);
	buf_add(out, iin.p, iin.n);
	buf_add(out, cin.p, cin.n);
}

void cm_confirm(struct cm *c, bool receipt, const struct cm_field *fields, unsigned n)
{
	uint8_t out[CM_AES_BLOCK];
	struct cm_key k;
	struct buf message = {0};
	size_t len, confirmed;
	uint16_t counter = (uint16_t)(cm_u16(c, CM_H_RECEIPTS) + 1);
	if (!receipt || !key_of(c, CM_P_RECEIPT, CM_KV_RECEIPT, &k) || k.components != 1) {
		buf_u8(c->rsp, 0);
		return;
	}
	confirmation(c, counter, &message);
	confirmed = message.n;
	for (unsigned i = 0; i < n; i++) {
		if (fields[i].n > 0xff) /* only parameters are: C.5.4 */
			buf_u8(&message, 0x82);
		else if (fields[i].n > 0x7f)
			buf_u8(&message, 0x81);
		if (fields[i].n > 0xff)
			buf_u8(&message, (unsigned)(fields[i].n >> 8));
		buf_u8(&message, (unsigned)fields[i].n & 0xff);
		buf_add(&message, fields[i].p, fields[i].n);
	}
	len = message.bad ? 0 : mac(&k, message.p, message.n, out);
	buf_u8(c->rsp, (unsigned)len);
	buf_add(c->rsp, out, len);
	if (len != 0) {
		buf_add(c->rsp, message.p, confirmed);
		cm_put_u16(c, CM_H_RECEIPTS, counter);
	}
	buf_reset(&message);
}
