#include "runtime/gp/channel.h"

#include <string.h>

#include "runtime/base/iso7816.h"
#include "runtime/base/wipe.h"
#include "runtime/gp/channel_inside.h"

enum { CLA_PROTECTED = 0x84, INS_EXTERNAL_AUTH = 0x82, CLA_SM = 0x04, INS_BEGIN_RMAC = 0x7a, INS_END_RMAC = 0x78 };

/* GPC 2.3.1 tables E-8, D-8 (28 bytes); Amendment D 1.2 table 7-2 (29 or 45, and 3 more with a sequence counter). */
bool gp_challenge_read(struct gp_challenge *c, const uint8_t *p, size_t n)
{
	*c = (struct gp_challenge){.i = GP_I_UNKNOWN};
	if (n < 28)
		return false;
	memcpy(c->kdd, p, GP_KDD);
	c->key_version = p[10];
	c->scp = p[11];
	if (c->scp == 1 || c->scp == 2) {
		size_t skip = c->scp == 2 ? 2 : 0;
		c->n = 8 - skip;
		c->has_counter = c->scp == 2;
		c->counter = c->has_counter ? (uint32_t)(p[12] << 8 | p[13]) : 0;
		memcpy(c->challenge, p + 12 + skip, c->n);
		memcpy(c->cryptogram, p + 20, 8);
		return n == 28;
	}
	if (c->scp != 3)
		return false;
	c->i = p[12];
	c->n = n == 29 || n == 32 ? 8 : 16;
	c->has_counter = n == 32 || n == 48;
	if (n != 13 + 2 * c->n + (c->has_counter ? 3 : 0))
		return false;
	memcpy(c->challenge, p + 13, c->n);
	memcpy(c->cryptogram, p + 13 + c->n, c->n);
	if (c->has_counter)
		c->counter = (uint32_t)(p[n - 3] << 16 | p[n - 2] << 8 | p[n - 1]);
	return true;
}

unsigned gp_usual_i(unsigned scp)
{
	return scp == 1 ? 0x05 : scp == 2 ? 0x15 : 0x00;
}

bool gp_i_known(unsigned scp, unsigned i, bool implicit)
{
	unsigned bare;
	switch (scp) {
	case 1:
		return i == 0x05 || i == 0x15;
	case 2:
		bare = i & ~(unsigned)(SCP02_THREE_KEYS | SCP02_R_MAC | SCP02_ICV_ENCRYPTED);
		if (bare == (SCP02_UNMODIFIED | SCP02_ICV_OF_AID)) /* 0A 0B 1A 1B */
			return implicit;
		return (bare & ~(unsigned)SCP02_PSEUDO_RANDOM) == SCP02_EXPLICIT; /* 04 05 14 15 44 45 54 55 */
	case 3:
		/* Encrypted answers only with a MAC. */
		return (i & ~(unsigned)(SCP03_S16 | SCP03_PSEUDO_RANDOM | SCP03_R_MAC | SCP03_R_ENC)) == 0 &&
		    ((i & SCP03_R_ENC) == 0 || (i & SCP03_R_MAC) != 0);
	default:
		return false;
	}
}

unsigned gp_highest_level(unsigned scp, unsigned i)
{
	unsigned level = GP_C_MAC | GP_C_DEC;
	if ((scp == 2 && (i & SCP02_R_MAC) != 0) || (scp == 3 && (i & SCP03_R_MAC) != 0))
		level |= GP_R_MAC;
	if (scp == 3 && (i & SCP03_R_ENC) != 0)
		level |= GP_R_ENC;
	return level;
}

/* GPC 2.3.1 table E-13, 2.1.1 table D-9, Amendment D table 7-3. */
static bool level_exists(const struct gp_channel *c, unsigned level)
{
	if ((level & ~gp_highest_level(c->scp, c->i)) != 0 || ((level & GP_C_DEC) != 0 && (level & GP_C_MAC) == 0))
		return false;
	if ((level & GP_R_ENC) != 0)
		return level == (GP_C_MAC | GP_C_DEC | GP_R_MAC | GP_R_ENC);
	return c->scp != 3 || level != GP_R_MAC;
}

static bool keys_fit(const struct gp_channel *c, const struct gp_key_set *k)
{
	const struct gp_key *key[] = {&k->enc, &k->mac, &k->dek};
	for (int i = 0; i < 3; i++) {
		size_t n = key[i]->n;
		if (c->scp == 3 ? n != 16 && n != 24 && n != 32 : n != 16)
			return false;
	}
	return true;
}

/* Does the card keep what i promises about its challenge? */
static enum gp_start check_challenge(
    struct gp_channel *c, const struct gp_key_set *k, const struct gp_challenge *card, const uint8_t *aid, size_t n)
{
	uint8_t wanted[GP_CHALLENGE_MAX];
	bool promised =
	    (c->scp == 2 && (c->i & SCP02_PSEUDO_RANDOM) != 0) || (c->scp == 3 && (c->i & SCP03_PSEUDO_RANDOM) != 0);
	if (!promised || n == 0)
		return GP_STARTED;
	if (c->scp == 3 && !card->has_counter)
		return GP_NOT_RANDOM;
	if (!(c->scp == 2 ? scp02_challenge(c, aid, n, wanted) : scp03_challenge(k, card, aid, n, wanted)))
		return GP_START_FAILED;
	return wipe_equal(wanted, card->challenge, card->n) ? GP_STARTED : GP_NOT_RANDOM;
}

static enum gp_start start(struct gp_channel *c, const struct gp_key_set *keys, const uint8_t *host,
    const struct gp_challenge *card, const uint8_t *aid, size_t aid_len)
{
	uint8_t wanted[GP_CHALLENGE_MAX];
	size_t n = c->scp == 3 ? card->n : 8;
	if (!gp_i_known(c->scp, c->i, false) || !keys_fit(c, keys))
		return GP_UNSUITABLE;
	if (!(c->scp == 3 ? scp03_keys : scp02_keys)(c, keys, host, card, wanted))
		return GP_START_FAILED;
	bool right = wipe_equal(wanted, card->cryptogram, n);
	wipe(wanted, sizeof wanted);
	return right ? check_challenge(c, keys, card, aid, aid_len) : GP_WRONG_KEY;
}

enum gp_start gp_channel_start(struct gp_channel *c, const struct gp_key_set *keys, unsigned i, const uint8_t *host,
    const struct gp_challenge *card, const uint8_t *aid, size_t aid_len)
{
	*c = (struct gp_channel){.scp = card->scp, .i = i};
	c->mac_length = card->scp == 3 ? card->n : 8;
	enum gp_start s = start(c, keys, host, card, aid, aid_len);
	if (s != GP_STARTED)
		gp_channel_close(c);
	c->started = s == GP_STARTED;
	return s;
}

enum gp_start gp_channel_implicit(struct gp_channel *c, const struct gp_key_set *keys, unsigned i, uint16_t counter,
    const uint8_t *aid, size_t aid_len)
{
	*c = (struct gp_channel){.scp = 2, .i = i, .mac_length = 8};
	if ((i & SCP02_EXPLICIT) != 0 || !gp_i_known(2, i, true) || !keys_fit(c, keys))
		return GP_UNSUITABLE;
	struct buf name = {0};
	uint8_t icv[MAC_MAX], answers[MAC_MAX];
	buf_add(&name, aid, aid_len);
	channel_pad(&name, 8);
	/* The first ICVs are the MACs over the AID: GPC 2.3.1, E.3.3. */
	bool ok = scp02_session(c, keys, counter, (uint16_t)(counter + 1)) && !name.bad &&
	    mac_compute(c->mac, name.p, name.n, icv) && mac_compute(c->rmac, name.p, name.n, answers);
	buf_reset(&name);
	if (!ok) {
		gp_channel_close(c);
		return GP_START_FAILED;
	}
	memcpy(c->chain, icv, 8);
	memcpy(c->answers, answers, 8);
	c->started = c->open = true;
	c->level = GP_C_MAC;
	return GP_STARTED;
}

/* --- commands --- */

void channel_pad(struct buf *b, size_t block)
{
	buf_u8(b, 0x80);
	while (b->n % block != 0 && !b->bad)
		buf_u8(b, 0);
}

bool channel_extended(const struct apdu *a, size_t lc)
{
	return a->extended || lc > APDU_SHORT_DATA || (a->has_le && a->le > APDU_SHORT_LE);
}

void channel_header(struct buf *b, const struct apdu *a, uint8_t cla, size_t lc, bool extended)
{
	uint8_t head[] = {cla, a->ins, a->p1, a->p2};
	buf_add(b, head, sizeof head);
	if (extended) {
		buf_u8(b, 0);
		buf_u16(b, (unsigned)lc);
	} else
		buf_u8(b, (unsigned)lc);
}

bool gp_channel_prove(struct gp_channel *c, unsigned level, struct buf *out)
{
	uint8_t mac[GP_CHALLENGE_MAX];
	struct buf data = {0};
	if (!c->started || c->open || !level_exists(c, level))
		return false;
	struct apdu a = {.cla = CLA_PROTECTED,
	    .ins = INS_EXTERNAL_AUTH,
	    .p1 = (uint8_t)level,
	    .data = c->cryptogram,
	    .lc = c->mac_length};
	bool ok = (c->scp == 3 ? scp03_mac : scp02_mac)(c, &a, mac);
	buf_add(&data, c->cryptogram, c->mac_length);
	buf_add(&data, mac, c->mac_length);
	a.data = data.p;
	a.lc = data.n;
	if (ok && !data.bad)
		apdu_write(out, &a);
	memcpy(c->answers, c->chain, sizeof c->answers); /* GPC 2.3.1, E.3.4: where answer MACs begin */
	ok = ok && !data.bad && !out->bad;
	c->level = level;
	c->started = false; /* once */
	buf_reset(&data);
	return ok;
}

void gp_channel_accepted(struct gp_channel *c)
{
	c->open = true;
}

/* The data field without the MAC, and the MAC. SCP03 encrypts first, the older ones compute the MAC first. */
static bool protect(struct gp_channel *c, const struct apdu *plain, struct buf *body, uint8_t *mac)
{
	bool encrypts = (c->level & GP_C_DEC) != 0 && plain->lc != 0;
	if (c->scp != 3) {
		if (!scp02_mac(c, plain, mac))
			return false;
		if (encrypts)
			return scp02_encrypt(c, plain->data, plain->lc, body);
		buf_add(body, plain->data, plain->lc);
		return !body->bad;
	}
	if (encrypts && !scp03_encrypt(c, plain->data, plain->lc, body))
		return false;
	if (!encrypts)
		buf_add(body, plain->data, plain->lc);
	struct apdu covered = *plain;
	covered.data = body->p;
	covered.lc = body->n;
	return !body->bad && scp03_mac(c, &covered, mac);
}

/* What an answer MAC of SCP02 covers of its command: without secure messaging, with its length field even when that is
 * zero (GPC 2.3.1, E.4.5). */
static void keep_stripped(struct gp_channel *c, const struct apdu *plain)
{
	c->ins = plain->ins;
	buf_clear(&c->stripped);
	if (c->scp != 2 || (c->i & SCP02_R_MAC) == 0)
		return;
	channel_header(&c->stripped, plain, plain->cla, plain->lc, channel_extended(plain, plain->lc));
	buf_add(&c->stripped, plain->data, plain->lc);
}

bool gp_channel_wrap(struct gp_channel *c, const struct apdu *plain, struct buf *out)
{
	struct buf body = {0};
	uint8_t mac[GP_CHALLENGE_MAX];
	bool ok = false;
	if (!c->open)
		return false;
	keep_stripped(c, plain);
	if (c->scp == 3)
		scp03_count(c);
	if ((c->level & GP_C_MAC) == 0) {
		apdu_write(out, plain);
		return !out->bad && !c->stripped.bad;
	}
	if (!protect(c, plain, &body, mac))
		goto out;
	buf_add(&body, mac, c->mac_length);
	struct apdu a = *plain;
	a.cla |= CLA_SM;
	a.data = body.p;
	a.lc = body.n;
	if (body.n > 0xffff || body.bad)
		goto out;
	apdu_write(out, &a);
	ok = !out->bad && !c->stripped.bad;
out:
	buf_reset(&body);
	return ok;
}

/* BEGIN and END R-MAC SESSION: GPC 2.3.1, E.5.3, E.5.4. */
static bool unwrap_rmac_session(struct gp_channel *c, const struct buf *data, sw_t sw)
{
	bool begin = c->ins == INS_BEGIN_RMAC;
	if (sw != SW_OK)
		return data->n == 0;
	if (begin ? data->n != 0 || !scp02_begun(c) : data->n != 8 || !wipe_equal(data->p, c->answers, 8))
		return false;
	c->level = begin ? c->level | GP_R_MAC : c->level & ~(unsigned)GP_R_MAC;
	return true;
}

static bool unwrap(struct gp_channel *c, struct buf *data, sw_t sw)
{
	bool implicit = c->scp == 2 && (c->i & SCP02_EXPLICIT) == 0 && (c->i & SCP02_R_MAC) != 0;
	if (implicit && c->ins == ((c->level & GP_R_MAC) != 0 ? INS_END_RMAC : INS_BEGIN_RMAC))
		return unwrap_rmac_session(c, data, sw);
	if ((c->level & GP_R_MAC) == 0)
		return true;
	return (c->scp == 3 ? scp03_unwrap : scp02_unwrap)(c, data, sw);
}

bool gp_channel_unwrap(struct gp_channel *c, struct buf *data, sw_t sw)
{
	if (!c->open)
		return false;
	bool ok = unwrap(c, data, sw);
	if (!ok)
		gp_channel_close(c);
	return ok;
}

size_t gp_channel_room(const struct gp_channel *c, size_t max)
{
	size_t block = c->scp == 3 ? 16 : 8;
	if (!c->open || (c->level & GP_C_MAC) == 0)
		return max;
	size_t left = max > c->mac_length ? max - c->mac_length : 0;
	if ((c->level & GP_C_DEC) == 0)
		return left;
	/* One byte goes to the padding, or in SCP01 to the length in front. */
	return left < block ? 0 : left / block * block - 1;
}

bool gp_channel_seal(const struct gp_channel *c, const uint8_t *p, size_t n, struct buf *out)
{
	struct buf in = {0}, sealed = {0};
	struct cipher *k = cipher_new(c->scp == 3 ? CIPHER_AES : CIPHER_DES_EDE2, c->dek.p, c->dek.n);
	size_t block = k == NULL ? 1 : cipher_block(k);
	buf_add(&in, p, n);
	if (n % block != 0)
		channel_pad(&in, block);
	buf_add(&sealed, in.p, in.n);
	bool ok = k != NULL && !in.bad && !sealed.bad &&
	    (c->scp == 3 ? cipher_cbc_encrypt(k, NULL, in.p, in.n, sealed.p)
			 : cipher_ecb_encrypt(k, in.p, in.n, sealed.p));
	if (ok)
		buf_add(out, sealed.p, sealed.n);
	cipher_free(k);
	buf_reset(&in);
	buf_reset(&sealed);
	return ok && !out->bad;
}

void gp_channel_close(struct gp_channel *c)
{
	cipher_free(c->enc);
	cipher_free(c->icv);
	cipher_free(c->full);
	mac_free(c->mac);
	mac_free(c->rmac);
	buf_reset(&c->stripped);
	wipe(c, sizeof *c);
}
