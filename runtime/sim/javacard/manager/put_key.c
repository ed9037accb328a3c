/* PUT KEY: GPCS 11.8. */
#include "runtime/sim/javacard/manager/key.h"

#include <string.h>

#include "runtime/base/wipe.h"

enum { KEYS_MAX = 8, KCV = 3, P1_MORE = 0x80, P2_MULTIPLE = 0x80 };

/* The keys of one command, decrypted. Wiped by put(). */
struct incoming {
	uint8_t version; /* the new one */
	unsigned n;
	struct cm_key key[KEYS_MAX];
	uint8_t secret[KEYS_MAX][CM_KEY_MAX];
	uint8_t check[KEYS_MAX][KCV];
};

static bool key_length_fits(uint8_t type, size_t n)
{
	return type == CM_KEY_AES ? n == 16 || n == 24 || n == 32 : n == CM_DES_KEY;
}

/* A secret component: encrypted by the session's data encryption key; where it was padded, its real length comes first
 * (11.8.2.3.1, Amendment D 7.2). */
static sw_t take_secret(
    const struct cm_secure *s, uint8_t type, struct rd value, uint8_t out[CM_KEY_MAX], uint16_t *len)
{
	size_t block = s->scp == 3 ? CM_AES_BLOCK : CM_DES_BLOCK, n = value.n;
	uint8_t clear[CM_KEY_MAX + CM_AES_BLOCK];
	if (n % block == 1) {
		n = rd_u8(&value);
		value = rd_sub(&value, rd_left(&value));
	}
	if (value.n > sizeof clear || value.n % block != 0 || n > value.n || value.n - n >= block)
		return SW_WRONG_DATA;
	if (!key_length_fits(type, n))
		return SW_WRONG_DATA;
	if (!cm_secure_decrypt(s, value.p, value.n, clear))
		return SW_WRONG_DATA;
	memcpy(out, clear, n);
	*len = (uint16_t)n;
	wipe(clear, sizeof clear);
	return SW_OK;
}

/* The check value, where one is given (it may be left out), must be the key's. */
static sw_t check(struct rd *r, struct incoming *in, struct cm_key *k)
{
	uint8_t *mine = in->check[in->n];
	uint8_t len = rd_u8(r);
	const uint8_t *given = rd_bytes(r, len);
	if (r->bad || !cm_check_value(k->type[0] == CM_KEY_AES, k->value[0], k->len[0], mine))
		return SW_WRONG_DATA;
	if (len == 0)
		return SW_OK;
	return len == KCV && wipe_equal(given, mine, KCV) ? SW_OK : SW_WRONG_CHECK_VALUE;
}

static bool is_pair(uint8_t a, uint8_t b)
{
	return (a == CM_KEY_RSA_N && b == CM_KEY_RSA_E) || (a == CM_KEY_RSA_E && b == CM_KEY_RSA_N) ||
	    (a == CM_KEY_EC_PUBLIC && b == CM_KEY_EC_CURVE);
}

/* A public key: two components in clear, then the length of a check value that it does not have. */
static sw_t take_public(struct rd *r, struct cm_key *k)
{
	size_t len = cm_length(r);
	k->len[0] = (uint16_t)len;
	k->value[0] = rd_bytes(r, len);
	/* Some hosts end each component with an empty check value, some only the last. */
	if (!r->bad && rd_left(r) >= 2 && r->p[r->at] == 0 && is_pair(k->type[0], r->p[r->at + 1]))
		rd_u8(r);
	k->type[1] = rd_u8(r);
	len = cm_length(r);
	k->len[1] = (uint16_t)len;
	k->value[1] = rd_bytes(r, len);
	k->components = 2;
	if (rd_u8(r) != 0 || r->bad || !is_pair(k->type[0], k->type[1]))
		return SW_WRONG_DATA;
	if (k->len[0] == 0 || k->len[1] == 0 || (size_t)k->len[0] + k->len[1] > CM_KEY_VALUE_MAX)
		return SW_WRONG_DATA;
	return SW_OK;
}

static sw_t take_key(const struct cm_secure *s, struct rd *r, uint8_t id, struct incoming *in)
{
	struct cm_key *k = &in->key[in->n];
	sw_t sw;
	*k = (struct cm_key){.version = in->version, .id = id, .components = 1};
	k->type[0] = rd_u8(r);
	if (k->type[0] == CM_KEY_RSA_N || k->type[0] == CM_KEY_RSA_E || k->type[0] == CM_KEY_EC_PUBLIC)
		sw = take_public(r, k);
	else if (!cm_key_secret(k->type[0]))
		sw = r->bad ? SW_WRONG_DATA : SW_ALGORITHM_NOT_SUPPORTED;
	else {
		struct rd value = rd_sub(r, cm_length(r));
		sw = r->bad ? SW_WRONG_DATA : take_secret(s, k->type[0], value, in->secret[in->n], &k->len[0]);
		k->value[0] = in->secret[in->n];
		if (sw == SW_OK)
			sw = check(r, in, k);
	}
	in->n++;
	return sw;
}

static sw_t read_keys(struct cm *c, struct incoming *in)
{
	struct rd r = rd_of(c->cmd.data, c->cmd.lc);
	bool multiple = (c->cmd.p2 & P2_MULTIPLE) != 0;
	uint8_t id = c->cmd.p2 & 0x7f;
	in->version = rd_u8(&r);
	if (in->version == 0 || in->version > CM_KV_MAX || id == 0)
		return SW_WRONG_DATA;
	do {
		if (in->n == KEYS_MAX || id + in->n > 0x7f)
			return SW_WRONG_DATA;
		sw_t sw = take_key(cm_secure_on(c), &r, (uint8_t)(id + in->n), in);
		if (sw != SW_OK)
			return sw;
	} while (multiple && rd_left(&r) != 0);
	return rd_left(&r) == 0 ? SW_OK : SW_WRONG_DATA;
}

/* P1 0: the keys are new. Else they replace keys with the same identifiers of that version, which may get a new one. */
static sw_t fits(struct cm *c, const struct incoming *in, uint16_t sd, uint8_t old)
{
	for (unsigned i = 0; i < in->n; i++) {
		uint8_t id = in->key[i].id;
		if (old != 0 && cm_key_find(c, sd, old, id) == 0)
			return SW_REFERENCE_NOT_FOUND;
		if (old != in->version && cm_key_find(c, sd, in->version, id) != 0)
			return SW_WRONG_DATA;
	}
	return SW_OK;
}

static void drop_version(struct cm *c, uint16_t sd, uint8_t version)
{
	uint16_t next;
	for (uint16_t h = cm_next(c, 0, CM_KEY); h != 0; h = next) {
		struct cm_key k;
		next = cm_next(c, h, CM_KEY);
		if (cm_key_read(c, h, &k) && k.sd == sd && k.version == version)
			cm_drop(c, h);
	}
}

static bool has_secure_channel_keys(const struct incoming *in)
{
	return in->n == 3 && in->key[0].id == CM_KEY_ENC && in->version < CM_KV_TOKEN &&
	    cm_key_secret(in->key[0].type[0]);
}

/* All keys or none. */
static sw_t put(struct cm *c, struct incoming *in, uint16_t sd, uint8_t old)
{
	struct cm_entry e = cm_entry(c, sd);
	bool ok = true;
	nv_begin(c->nv);
	for (unsigned i = 0; i < in->n; i++) {
		uint16_t h = old != 0 ? cm_key_find(c, sd, old, in->key[i].id) : 0;
		if (h != 0)
			cm_drop(c, h);
	}
	/* The first real set takes the place of the one that the card was delivered with: 7.5.3. */
	if (has_secure_channel_keys(in)) {
		if (cm_key_find(c, sd, CM_KV_INITIAL, 0) != 0 && old == 0)
			drop_version(c, sd, CM_KV_INITIAL);
		uint8_t was = cm_key_default(c, sd);
		if (was == 0 || was == old || was == CM_KV_INITIAL)
			e.key_version = in->version;
		if (e.kind == CM_SD && e.state == CM_SELECTABLE)
			e.state = CM_PERSONALIZED;
		cm_entry_set(c, sd, &e);
	}
	for (unsigned i = 0; i < in->n && ok; i++) {
		in->key[i].sd = sd;
		ok = cm_key_new(c, &in->key[i]) != 0;
	}
	if (!ok) {
		nv_abort(c->nv);
		return SW_NO_MEMORY;
	}
	return nv_commit(c->nv) ? SW_OK : SW_NO_MEMORY;
}

sw_t cm_put_key(struct cm *c)
{
	struct incoming in;
	uint8_t old = c->cmd.p1 & (uint8_t)~P1_MORE;
	uint16_t sd = cm_on(c)->app;
	memset(&in, 0, sizeof in);
	/* The initial version FF is named 7F with "more" set, or as it is. */
	if (c->cmd.p1 == CM_KV_INITIAL)
		old = CM_KV_INITIAL;
	sw_t sw = read_keys(c, &in);
	if (sw == SW_OK)
		sw = fits(c, &in, sd, old);
	if (sw == SW_OK)
		sw = put(c, &in, sd, old);
	if (sw == SW_OK) {
		cm_tidy(c);
		buf_u8(c->rsp, in.version);
		for (unsigned i = 0; i < in.n; i++)
			if (in.key[i].components == 1)
				buf_add(c->rsp, in.check[i], KCV);
	}
	wipe(&in, sizeof in);
	return sw;
}
