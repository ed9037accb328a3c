#include <string.h>

#include "runtime/base/tlv.h"
#include "runtime/base/wipe.h"
#include "runtime/sm/session.h"
#include "runtime/sm/state.h"

/* protected command:
 *   0C INS P1 P2 Lc | 87 01 cryptogram (85 cryptogram; 81 data) | 97 Le | 8E 08 MAC | Le
 *   08 INS P1 P2 Lc | 86 01 cryptogram | 96 Le |                                      Le      jicsap-86
 * An object that would be empty is left out. */
enum { CLASS_MAC = 0x0c, CLASS_86 = 0x08, DATA_MAX = 60000 };

static uint8_t cryptogram_tag(const struct sm_session *s)
{
	if (s->mode == SM_MODE_ENC)
		return SM_TAG_CRYPTOGRAM_86;
	return s->odd ? SM_TAG_CRYPTOGRAM_TLV : SM_TAG_CRYPTOGRAM;
}

/* What is encrypted instead of the data and their padding: as many blocks without any padding. */
static void put_no_padding(struct buf *v, size_t from)
{
	for (size_t i = from; !v->bad && i < v->n; i++)
		v->p[i] = 0xff;
}

static bool put_cryptogram(struct sm_session *s, enum sm_fault fault, const uint8_t *p, size_t n, struct buf *body)
{
	struct buf v = {0};
	uint8_t iv[CIPHER_BLOCK_MAX];
	uint8_t tag = cryptogram_tag(s);
	size_t start = tag == SM_TAG_CRYPTOGRAM_TLV ? 0 : 1;
	if (start != 0)
		buf_u8(&v, fault == SM_FAULT_INDICATOR ? SM_PADDING_INDICATOR + 1 : SM_PADDING_INDICATOR);
	buf_add(&v, p, n);
	sm_pad(&v, start, s->block);
	if (fault == SM_FAULT_PADDING)
		put_no_padding(&v, start);
	bool ok =
	    !v.bad && sm_iv(s, s->mode, iv) && cipher_cbc_encrypt(s->enc, iv, v.p + start, v.n - start, v.p + start);
	if (ok)
		tlv_put(body, tag, v.p, v.n);
	buf_reset(&v);
	return ok;
}

/* Le: one byte, two when the lengths are extended; jicsap-86 then has three, as in an extended Le field alone. */
static void put_le(const struct sm_session *s, const struct apdu *plain, bool extended, struct buf *body)
{
	const uint8_t le[3] = {0, (uint8_t)(plain->le >> 8), (uint8_t)plain->le};
	uint8_t tag = s->mode == SM_MODE_ENC ? SM_TAG_LE_86 : SM_TAG_LE;
	size_t n = !extended ? 1 : s->mode == SM_MODE_ENC ? 3 : 2;
	tlv_put(body, tag, le + 3 - n, n);
}

static bool put_data(struct sm_session *s, enum sm_fault fault, const struct apdu *plain, struct buf *body)
{
	if (plain->lc == 0)
		return true;
	if (s->mode != SM_MODE_MAC)
		return put_cryptogram(s, fault, plain->data, plain->lc, body);
	tlv_put(body, SM_TAG_PLAIN, plain->data, plain->lc);
	return true;
}

static bool put_objects(
    struct sm_session *s, enum sm_fault fault, const struct apdu *plain, bool extended, struct buf *body)
{
	static const uint8_t unknown[] = {0xaa};
	bool le_first = fault == SM_FAULT_ORDER;
	for (int times = fault == SM_FAULT_TWICE ? 2 : 1; times > 0; times--) {
		if (le_first)
			put_le(s, plain, extended, body);
		if (!put_data(s, fault, plain, body))
			return false;
		if (plain->has_le && !le_first)
			put_le(s, plain, extended, body);
	}
	if (fault == SM_FAULT_UNKNOWN)
		tlv_put(body, SM_TAG_UNKNOWN, unknown, sizeof unknown);
	return true;
}

/* 8E with the MAC over header and body, or what the fault makes of it. */
static bool put_mac(struct sm_session *s, enum sm_fault fault, const uint8_t header[4], struct buf *body)
{
	uint8_t over[4], mac[SM_MAC_LEN];
	struct buf first = {0};
	memcpy(over, header, sizeof over);
	over[3] ^= fault == SM_FAULT_HEADER;
	if (!sm_mac(s, over, body->p, body->n, mac))
		return false;
	mac[0] ^= fault == SM_FAULT_MAC;
	size_t n = fault == SM_FAULT_SHORT ? SM_MAC_LEN / 2 : SM_MAC_LEN;
	if (fault != SM_FAULT_FIRST && fault != SM_FAULT_MISSING)
		tlv_put(body, SM_TAG_MAC, mac, n);
	if (fault == SM_FAULT_CUT && body->n > SM_MAC_LEN / 2)
		body->n -= SM_MAC_LEN / 2;
	if (fault == SM_FAULT_FIRST) {
		tlv_put(&first, SM_TAG_MAC, mac, n);
		buf_add(&first, body->p, body->n);
		buf_clear(body);
		buf_add(body, first.p, first.n);
	}
	bool ok = !first.bad && !body->bad;
	buf_reset(&first);
	return ok;
}

static bool fault_fits(enum sm_fault fault, enum sm_mode mode, const struct apdu *plain)
{
	bool encrypted = plain->lc != 0 && mode != SM_MODE_MAC;
	switch (fault) {
	case SM_FAULT_INDICATOR:
	case SM_FAULT_PADDING:
		return encrypted;
	case SM_FAULT_TWICE:
	case SM_FAULT_FIRST:
		return plain->lc != 0 || plain->has_le;
	case SM_FAULT_ORDER:
		return plain->lc != 0;
	case SM_RIGHT:
	case SM_FAULT_LATE:
	case SM_FAULT_AGAIN:
	case SM_FAULT_MAC:
	case SM_FAULT_MISSING:
	case SM_FAULT_SHORT:
	case SM_FAULT_CUT:
	case SM_FAULT_SKIPPED:
	case SM_FAULT_HEADER:
	case SM_FAULT_UNKNOWN:
		return true;
	case SM_FAULTS:
		break;
	}
	return false;
}

/* The counter of this command. */
static void count(struct sm_session *s, enum sm_fault fault)
{
	if (fault == SM_FAULT_AGAIN) {
		memcpy(s->ssc, s->faulty, sizeof s->ssc);
		return;
	}
	sm_count(s);
	if (fault != SM_RIGHT && fault != SM_FAULT_LATE)
		memcpy(s->faulty, s->ssc, sizeof s->ssc);
	if (fault == SM_FAULT_SKIPPED)
		sm_count(s);
}

static bool usable(const struct sm_session *s, enum sm_fault fault, enum sm_mode mode, const struct apdu *plain)
{
	bool open = !s->over || fault == SM_FAULT_LATE || fault == SM_FAULT_AGAIN;
	return open && plain->lc <= DATA_MAX && fault_fits(fault, mode, plain);
}

bool sm_wrap_wrong(
    struct sm_session *s, enum sm_mode mode, enum sm_fault fault, const struct apdu *plain, struct buf *cmd)
{
	struct buf body = {0};
	uint8_t class = mode == SM_MODE_ENC ? CLASS_86 : CLASS_MAC;
	const uint8_t header[4] = {(uint8_t)(plain->cla | class), plain->ins, plain->p1, plain->p2};
	bool extended = plain->extended || plain->le > APDU_SHORT_LE, ok = false;
	if (!usable(s, fault, mode, plain))
		return false;
	s->mode = mode;
	s->odd = (plain->ins & 1) != 0;
	count(s, fault);
	if (!put_objects(s, fault, plain, extended, &body) ||
	    (mode != SM_MODE_ENC && !put_mac(s, fault, header, &body)))
		goto out;
	/* In jicsap-86 an answer without data is a bare status word, so that Le is there only where Le was. */
	const struct apdu a = {
	    .cla = header[0],
	    .ins = header[1],
	    .p1 = header[2],
	    .p2 = header[3],
	    .data = body.p,
	    .lc = body.n,
	    .has_le = mode != SM_MODE_ENC || plain->has_le,
	    .le = extended ? 65536 : APDU_SHORT_LE,
	    .extended = extended || body.n > APDU_SHORT_DATA,
	};
	apdu_write(cmd, &a);
	ok = !body.bad && !cmd->bad;
out:
	buf_reset(&body);
	return ok;
}

bool sm_wrap(struct sm_session *s, enum sm_mode mode, const struct apdu *plain, struct buf *cmd)
{
	return sm_wrap_wrong(s, mode, SM_RIGHT, plain, cmd);
}
