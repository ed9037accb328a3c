/* PUT KEY: GPC 11.8, Amendment D 7.2. The keys go encrypted under the DEK and are never shown; what the card understood
 * is compared by check values. */
#include <string.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/wipe.h"
#include "runtime/crypto/token.h"
#include "runtime/load/javacard/keyring.h"
#include "runtime/load/key_file.h"
#include "runtime/load/loader.h"

enum { TAG_KEY_INFORMATION = 0x00e0, SEVERAL = 0x80 };

/* The version must be free, unless it is the one to be replaced: an old set is gone for ever. */
static bool version_free(struct loader *w, uint8_t replaces, uint8_t version)
{
	struct gp_key_info key[GP_KEYS];
	char text[3];
	bool there;
	if (w->session.dry || replaces != 0)
		return true;
	if (!gp_get_data(w, TAG_KEY_INFORMATION, &there))
		return false;
	size_t n = there ? gp_key_info_read(w->session.data.p, w->session.data.n, key, GP_KEYS) : 0;
	/* FF is what cards call keys that are for the first login only; any set takes their place. */
	for (size_t i = 0; i < n; i++)
		if (key[i].version == version && version != 0xff)
			return diag_add(w->session.diags, (struct srcloc){.file = w->session.name},
			    DIAG_GP_KEY_VERSION_THERE, hex_encode(text, &version, 1), NULL);
	return true;
}

static bool put_secret(struct loader *w, const struct gp_key *k, struct buf *data, uint8_t check[GP_CHECK_VALUE])
{
	const struct gp_channel *c = &w->gp.channel;
	enum cipher_algorithm a = c->scp == 3 ? CIPHER_AES : CIPHER_DES_EDE2;
	struct buf sealed = {0};
	bool ok = gp_check_value(a, k, check) && (w->session.dry || gp_channel_seal(c, k->p, k->n, &sealed));
	gp_key_put(data, a == CIPHER_AES ? GP_TYPE_AES : GP_TYPE_DES, (struct bytes){sealed.p, sealed.n}, k->n,
	    (struct bytes){check, GP_CHECK_VALUE});
	buf_reset(&sealed);
	return ok && !data->bad;
}

/* The answer: version, and the check values one behind the other. */
static bool compare(struct loader *w, uint8_t version, uint8_t id, const uint8_t (*check)[GP_CHECK_VALUE], size_t n)
{
	const struct buf *a = &w->session.data;
	struct srcloc at = {.file = w->session.name};
	char key[3], text[3];
	if (w->session.dry)
		return true;
	if (a->n < 1 + n * GP_CHECK_VALUE) {
		diag_add(w->session.diags, at, DIAG_GP_NO_CHECK_VALUE, NULL);
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		uint8_t number = (uint8_t)(id + i);
		if (!wipe_equal(a->p + 1 + i * GP_CHECK_VALUE, check[i], GP_CHECK_VALUE))
			return diag_add(w->session.diags, at, DIAG_GP_CHECK_VALUE, hex_encode(key, &number, 1),
			    hex_encode(text, &version, 1), NULL);
	}
	return true;
}

static bool enter(struct loader *w, struct journal *j, uint8_t version, bool ok)
{
	char text[3];
	if (j->fd >= 0 && !w->session.dry && !w->session.lost)
		ok = journal_add(j, w->session.diags, "keys-put", "version", hex_encode(text, &version, 1), "result",
			 ok ? "good" : "bad", NULL) &&
		    ok;
	journal_close(j);
	return ok;
}

static bool send_keys(struct loader *w, uint8_t replaces, uint8_t version, uint8_t id, const struct gp_secret *secret)
{
	struct gp_key_set k = secret->keys;
	const struct gp_key *key[] = {&k.enc, &k.mac, &k.dek};
	uint8_t check[3][GP_CHECK_VALUE];
	struct buf data = {0};
	char text[3];
	bool ok = true;
	/* Master keys never go onto a card. */
	if (!w->session.dry &&
	    (!gp_diversify(&k, secret->diversify, w->gp.challenge.kdd) || (w->gp.channel.scp != 3 && k.enc.n != 16)))
		ok = diag_add(w->session.diags, (struct srcloc){.file = w->session.name}, DIAG_GP_KEYS_UNSUITABLE,
		    hex_encode(text, &version, 1), w->gp.channel.scp == 3 ? "SCP03" : "SCP01, SCP02", NULL);
	buf_u8(&data, version);
	for (int i = 0; ok && i < 3; i++)
		ok = put_secret(w, key[i], &data, check[i]) ||
		    diag_add(w->session.diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	ok = ok && gp_do(w, GP_STEP_PUT_KEY, GP_PUT_KEY | (uint32_t)replaces << 8 | SEVERAL | id, &data, false) &&
	    compare(w, version, id, (const uint8_t(*)[GP_CHECK_VALUE])check, 3);
	wipe(&k, sizeof k);
	buf_reset(&data);
	return ok;
}

bool gp_put_keys(struct loader *w, uint8_t replaces, uint8_t version, uint8_t id, const struct gp_secret *keys)
{
	struct journal j = {.fd = -1};
	bool ok = journal_open(&j, &w->folder, w->card.identity, NULL, 0, w->session.diags) && gp_open(w, &j) &&
	    version_free(w, replaces, version) && send_keys(w, replaces, version, id, keys);
	return enter(w, &j, version, ok);
}

/* RSA: modulus, then exponent. EC: the point, then the number of the curve. No check value (GPC 11.8.2.3.3). */
static void put_public(const struct token_public *k, struct buf *data)
{
	const struct bytes none = {0};
	if (k->rsa) {
		gp_key_put(data, GP_TYPE_RSA_N, (struct bytes){k->n.p, k->n.n}, 0, none);
		gp_key_put(data, GP_TYPE_RSA_E, (struct bytes){k->e.p, k->e.n}, 0, none);
	} else {
		gp_key_put(data, GP_TYPE_EC_Q, (struct bytes){k->point.p, k->point.n}, 0, none);
		gp_key_put(data, GP_TYPE_EC_CURVE, (struct bytes){&k->curve, 1}, 0, none);
	}
}

bool gp_put_public_key(struct loader *w, uint8_t replaces, uint8_t version, uint8_t id, const char *pem)
{
	struct journal j = {.fd = -1};
	struct token_public k = {0};
	struct buf text = {0}, data = {0};
	struct diag_list *d = w->session.diags;
	bool ok = file_read(pem, 65536, &text, d) &&
	    (token_public_read(&k, text.p, text.n) ||
		diag_add(d, (struct srcloc){.file = pem}, DIAG_GP_TOKEN_KEY, pem, NULL));
	buf_u8(&data, version);
	put_public(&k, &data);
	ok = ok && journal_open(&j, &w->folder, w->card.identity, NULL, 0, d) && gp_open(w, &j) &&
	    version_free(w, replaces, version) &&
	    gp_do(w, GP_STEP_PUT_KEY, GP_PUT_KEY | (uint32_t)replaces << 8 | id, &data, false);
	token_public_reset(&k);
	buf_reset(&text);
	buf_reset(&data);
	return enter(w, &j, version, ok);
}
