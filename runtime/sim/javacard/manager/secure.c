/* What the secure channel protocols have in common: states, levels, the order of checks. */
#include "runtime/sim/javacard/manager/secure.h"

#include <string.h>

#include "runtime/base/wipe.h"

static const struct cm_protocol *protocol(const struct cm_secure *s)
{
	return s->scp == 1 ? &cm_scp01 : s->scp == 2 ? &cm_scp02 : &cm_scp03;
}

size_t cm_secure_width(uint8_t scp, uint8_t i)
{
	return scp == 3 && (i & CM_I_S16) != 0 ? 16 : 8;
}

bool cm_secure_known(uint8_t scp, uint8_t i)
{
	static const uint8_t scp02[] = {0x04, 0x05, 0x0a, 0x0b, 0x14, 0x15, 0x1a, 0x1b, 0x44, 0x45, 0x54, 0x55};
	static const uint8_t scp03[] = {0x00, 0x10, 0x20, 0x30, 0x60, 0x70};
	if (scp == 1)
		return i == 0x05 || i == 0x15;
	for (size_t n = 0; scp == 2 && n < sizeof scp02; n++)
		if ((i & ~CM_I_SCP02_RMAC) == scp02[n])
			return true;
	for (size_t n = 0; scp == 3 && n < sizeof scp03; n++)
		if ((i & ~CM_I_S16) == scp03[n])
			return true;
	return false;
}

void cm_secure_end(struct cm_secure *s)
{
	wipe(s, sizeof *s);
}

void cm_secure_abort(struct cm_secure *s)
{
	bool implicit = s->implicit;
	cm_secure_end(s);
	s->state = CM_SECURE_ABORTED;
	s->implicit = implicit;
}

uint8_t cm_secure_level(const struct cm_secure *s)
{
	return s->state == CM_SECURE_OPEN ? s->level | CM_AUTHENTICATED : 0;
}

sw_t cm_secure_begin(struct cm_secure *s, const struct cm_initialize *q, struct buf *rsp)
{
	cm_secure_end(s);
	s->scp = q->scp;
	s->i = q->i;
	s->key_version = q->keys->version;
	s->key_len = q->keys->length;
	s->fresh = true;
	sw_t sw = protocol(s)->begin(s, q, rsp);
	if (sw == SW_OK)
		s->state = CM_SECURE_INITIALIZED;
	else
		cm_secure_end(s);
	return sw;
}

/* Levels of EXTERNAL AUTHENTICATE: GPCS D.4.2 and E.5.2, Amendment D table 7-3. R-MAC only where i has it. */
static bool level_possible(const struct cm_secure *s, uint8_t level)
{
	bool r_mac = s->scp == 2 ? (s->i & CM_I_SCP02_RMAC) != 0 : s->scp == 3 && (s->i & CM_I_RMAC) != 0;
	bool r_enc = s->scp == 3 && (s->i & CM_I_RENC) != 0;
	switch (level) {
	case 0:
	case CM_C_MAC:
	case CM_C_MAC | CM_C_DECRYPTION:
		return true;
	case CM_R_MAC:
		return r_mac && s->scp == 2;
	case CM_R_MAC | CM_C_MAC:
	case CM_R_MAC | CM_C_MAC | CM_C_DECRYPTION:
		return r_mac;
	case CM_R_MAC | CM_R_ENCRYPTION | CM_C_MAC | CM_C_DECRYPTION:
		return r_enc;
	default:
		return false;
	}
}

/* Secure messaging bits of CLA: GPCS 11.1.4. */
static bool has_sm(uint8_t cla)
{
	return (cla & 0x40) != 0 ? (cla & 0x20) != 0 : (cla & 0x0c) != 0;
}

/* CLA as the MAC sees it: the logical channel is zero (11.1.4), whatever the form. */
static uint8_t mac_cla(uint8_t cla)
{
	return (cla & 0x40) != 0 ? (uint8_t)((cla & 0x80) | 0x04) : (uint8_t)(cla & 0xfc);
}

/* Compute the C-MAC and compare; on success it becomes the chaining value. */
static bool mac_right(
    struct cm_secure *s, const struct apdu *a, size_t lc, const uint8_t *data, size_t n, const uint8_t *given)
{
	uint8_t out[CM_AES_BLOCK];
	struct apdu seen = *a;
	seen.cla = mac_cla(a->cla);
	if (!protocol(s)->mac(s, &seen, lc, data, n, out) || !wipe_equal(out, given, cm_secure_width(s->scp, s->i)))
		return false;
	memcpy(s->chain, out, protocol(s)->full_chain ? CM_AES_BLOCK : CM_DES_BLOCK);
	s->fresh = false;
	return true;
}

/* The ICV of the next R-MAC: the R-MAC before, at first the C-MAC that began them (E.4.5). */
static void begin_rmac(struct cm_secure *s, const uint8_t icv[CM_DES_BLOCK])
{
	memcpy(s->r_icv, icv, CM_DES_BLOCK);
	cm_retail_begin(&s->r, icv);
}

sw_t cm_secure_authenticate(struct cm_secure *s, const struct apdu *a)
{
	size_t width = cm_secure_width(s->scp, s->i);
	if (s->state != CM_SECURE_INITIALIZED)
		return SW_CONDITIONS_OF_USE;
	if (a->p2 != 0 || !level_possible(s, a->p1))
		return SW_WRONG_P1P2;
	if (a->lc != 2 * width)
		return SW_WRONG_LENGTH;
	if (!wipe_equal(a->data, s->host_cryptogram, width)) {
		cm_secure_end(s);
		return SW_WARNING_NO_INFO;
	}
	if (!has_sm(a->cla) || !mac_right(s, a, a->lc, a->data, width, a->data + width)) {
		cm_secure_end(s);
		return SW_SECURITY_STATUS;
	}
	s->state = CM_SECURE_OPEN;
	s->level = s->asked = s->answer = a->p1;
	begin_rmac(s, s->chain);
	return SW_OK;
}

/* SCP02's R-MAC covers the command without secure messaging (E.4.5): header, Lc (00 where there is none), data. */
static bool note_command(struct cm_secure *s, const struct apdu *a)
{
	uint8_t head[5] = {mac_cla(a->cla) & 0xf3, a->ins, a->p1, a->p2, (uint8_t)a->lc};
	return s->scp != 2 || (s->level & CM_R_MAC) == 0 ||
	    (cm_retail_add(&s->r, s->rmac, head, sizeof head) && cm_retail_add(&s->r, s->rmac, a->data, a->lc));
}

static sw_t refuse(struct cm_secure *s)
{
	cm_secure_abort(s);
	return SW_SECURITY_STATUS;
}

/* Remove the MAC and the encryption of a data field of *n bytes. false: something is wrong with it. */
static bool strip(struct cm_secure *s, const struct apdu *a, uint8_t *data, size_t *n)
{
	const struct cm_protocol *p = protocol(s);
	size_t width = cm_secure_width(s->scp, s->i);
	uint8_t given[CM_AES_BLOCK];
	if (*n < width)
		return false;
	*n -= width;
	memcpy(given, data + *n, width);
	if (p->mac_over_cipher && !mac_right(s, a, a->lc, data, *n, given))
		return false;
	if ((s->level & CM_C_DECRYPTION) != 0 && *n != 0 && !p->decrypt(s, data, n))
		return false;
	return p->mac_over_cipher || mac_right(s, a, *n + width, data, *n, given);
}

bool cm_secure_begins(const struct cm_secure *s)
{
	return s == NULL || (s->implicit && (s->state != CM_SECURE_OPEN || (s->level & CM_C_MAC) == 0));
}

sw_t cm_secure_unwrap(struct cm_secure *s, struct apdu *a, uint8_t *data)
{
	size_t n = a->lc;
	if (s->implicit && s->state == CM_SECURE_OPEN && !has_sm(a->cla))
		s->level &= (uint8_t)~CM_C_MAC;
	if (s->state != CM_SECURE_OPEN || has_sm(a->cla) != ((s->level & CM_C_MAC) != 0))
		return refuse(s);
	s->counter++;
	if ((s->level & CM_C_MAC) != 0 && !strip(s, a, data, &n))
		return refuse(s);
	a->cla &= (a->cla & 0x40) != 0 ? 0xdf : 0xf3;
	a->lc = n;
	a->data = n != 0 ? data : NULL;
	s->answer = s->level;
	return note_command(s, a) ? SW_OK : refuse(s);
}

/* Only success and warnings carry data and a MAC: Amendment D 6.2.5, E.4.5. */
static bool is_error(sw_t sw)
{
	return sw != SW_OK && sw >> 8 != 0x62 && sw >> 8 != 0x63;
}

/* The R-MAC of the exchange under way: the ICV of the next, whether the card refused or not (E.4.5). */
static bool close_exchange(struct cm_secure *s, const uint8_t *p, size_t n, sw_t sw)
{
	uint8_t len = (uint8_t)n, word[2] = {(uint8_t)(sw >> 8), (uint8_t)sw}, out[CM_DES_BLOCK];
	if (!cm_retail_add(&s->r, s->rmac, &len, 1) || !cm_retail_add(&s->r, s->rmac, p, n) ||
	    !cm_retail_add(&s->r, s->rmac, word, 2) || !cm_retail_end(&s->r, s->rmac, out))
		return false;
	begin_rmac(s, out);
	return true;
}

static bool wrap02(struct cm_secure *s, struct buf *rsp, size_t from, sw_t sw)
{
	if (!close_exchange(s, rsp->p + from, rsp->n - from, sw))
		return false;
	if (!s->silent && !is_error(sw))
		buf_add(rsp, s->r_icv, sizeof s->r_icv);
	return !rsp->bad;
}

sw_t cm_secure_wrap(struct cm_secure *s, struct buf *rsp, size_t from, sw_t sw)
{
	if (s->state != CM_SECURE_OPEN || (s->answer & CM_R_MAC) == 0)
		return sw;
	if (is_error(sw))
		rsp->n = from;
	if (is_error(sw) && s->scp != 2)
		return sw;
	if (s->scp == 2 ? wrap02(s, rsp, from, sw) : cm_scp03_wrap(s, rsp, from, sw))
		return sw;
	cm_secure_abort(s);
	rsp->n = from;
	return SW_MEMORY_FAILURE;
}

enum { R_LEVELS = CM_R_MAC | CM_R_ENCRYPTION, BEGIN_DATA_MAX = 24 };

/* E.5.3: P1 00 accumulates silently, 10 protects each answer. Amendment D 7.1.3: 10, and 30 encrypts too; more than
 * EXTERNAL AUTHENTICATE asked for, and no more than commands are protected with. */
static sw_t may_begin_rmac(const struct cm_secure *s, const struct apdu *a)
{
	bool encrypts = a->p1 == (CM_R_MAC | CM_R_ENCRYPTION);
	if (s->state != CM_SECURE_OPEN)
		return SW_CONDITIONS_OF_USE;
	if (a->p2 != 0x01 || (a->p1 != CM_R_MAC && !(s->scp == 3 ? encrypts : a->p1 == 0)))
		return SW_WRONG_P1P2;
	if (a->lc == 0 || a->data[0] > BEGIN_DATA_MAX || a->lc != 1u + a->data[0])
		return SW_WRONG_DATA;
	if ((s->level & R_LEVELS) != (s->asked & R_LEVELS))
		return SW_CONDITIONS_OF_USE;
	if (s->scp != 3)
		return (s->asked & CM_R_MAC) != 0 ? SW_CONDITIONS_OF_USE : SW_OK;
	if ((s->asked & CM_R_ENCRYPTION) != 0 || (!encrypts && (s->asked & CM_R_MAC) != 0) ||
	    (s->asked & CM_C_MAC) == 0 || (encrypts && (s->asked & CM_C_DECRYPTION) == 0))
		return SW_CONDITIONS_OF_USE;
	return SW_OK;
}

sw_t cm_secure_begin_rmac(struct cm_secure *s, const struct apdu *a)
{
	uint8_t level = s->level | CM_R_MAC | a->p1;
	sw_t sw = may_begin_rmac(s, a);
	if (sw != SW_OK)
		return sw;
	if (!level_possible(s, level))
		return SW_WRONG_P1P2;
	s->level = level;
	s->silent = a->p1 == 0;
	if (s->scp != 2)
		return SW_OK;
	/* The key is that of the counter as it is now; the command and its answer, which has no R-MAC yet, are the
	 * first that is covered (E.4.1, E.4.5). */
	memcpy(s->rmac, s->later, sizeof s->later);
	cm_retail_begin(&s->r, s->r_icv);
	return note_command(s, a) && close_exchange(s, NULL, 0, SW_OK) ? SW_OK : SW_MEMORY_FAILURE;
}

sw_t cm_secure_end_rmac(struct cm_secure *s, const struct apdu *a, struct buf *rsp)
{
	enum { RETURN_ONLY = 0x01, END_AND_RETURN = 0x03 };
	if (s->state != CM_SECURE_OPEN || (s->level & R_LEVELS) == (s->asked & R_LEVELS))
		return SW_CONDITIONS_OF_USE;
	if (a->p1 != 0 || !(a->p2 == END_AND_RETURN || (a->p2 == RETURN_ONLY && s->scp == 2)))
		return SW_WRONG_P1P2;
	if (s->scp == 2) { /* the R-MAC up to the exchange before, which this one is no part of: E.4.5 */
		buf_add(rsp, s->r_icv, CM_DES_BLOCK);
		cm_retail_begin(&s->r, s->r_icv);
		s->answer &= (uint8_t)~R_LEVELS;
	}
	if (a->p2 == END_AND_RETURN)
		s->level = (s->level & (uint8_t)~R_LEVELS) | (s->asked & R_LEVELS);
	return SW_OK;
}

bool cm_secure_decrypt(const struct cm_secure *s, const uint8_t *in, size_t n, uint8_t *out)
{
	if (s->scp == 3)
		return n % CM_AES_BLOCK == 0 && cm_cipher(true, CM_CBC_DECRYPT, s->dek, s->key_len, NULL, in, n, out);
	return n % CM_DES_BLOCK == 0 && cm_cipher(false, CM_ECB_DECRYPT, s->dek, CM_DES_KEY, NULL, in, n, out);
}

bool cm_secure_encrypt(const struct cm_secure *s, const uint8_t *in, size_t n, uint8_t *out)
{
	if (s->scp == 3)
		return n % CM_AES_BLOCK == 0 && cm_cipher(true, CM_CBC_ENCRYPT, s->dek, s->key_len, NULL, in, n, out);
	return n % CM_DES_BLOCK == 0 && cm_cipher(false, CM_ECB_ENCRYPT, s->dek, CM_DES_KEY, NULL, in, n, out);
}
