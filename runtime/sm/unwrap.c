#include <string.h>

#include "runtime/base/rd.h"
#include "runtime/base/sw.h"
#include "runtime/base/tlv.h"
#include "runtime/base/wipe.h"
#include "runtime/sm/session.h"
#include "runtime/sm/state.h"

/* protected response: 87 01 cryptogram (85 cryptogram; 81 data) | 99 SW | 8E MAC | SW
 *                     86 01 cryptogram                                           | SW      jicsap-86 */
struct answer {
	uint8_t tag; /* of the data, 0: none */
	struct rd data;
	const uint8_t *sw; /* in 99 */
	const uint8_t *mac;
	size_t covered; /* bytes in front of 8E */
};

static bool is_data(const struct sm_session *s, uint32_t tag)
{
	if (s->mode == SM_MODE_ENC)
		return tag == SM_TAG_CRYPTOGRAM_86;
	return tag == SM_TAG_PLAIN || tag == (s->odd ? SM_TAG_CRYPTOGRAM_TLV : SM_TAG_CRYPTOGRAM);
}

static bool fixed(struct rd *r, uint32_t tag, size_t n, const uint8_t **value)
{
	struct tlv t;
	if (!tlv_next(r, &t) || t.tag != tag || rd_left(&t.value) != n)
		return false;
	*value = t.value.p;
	return true;
}

/* Exactly these objects in this order. */
static bool read_objects(const struct sm_session *s, const uint8_t *p, size_t n, struct answer *a)
{
	struct rd r = rd_of(p, n), ahead = r;
	struct tlv t;
	*a = (struct answer){0};
	if (rd_left(&r) != 0 && tlv_next(&ahead, &t) && is_data(s, t.tag)) {
		a->tag = (uint8_t)t.tag;
		a->data = t.value;
		r = ahead;
	}
	if (s->mode == SM_MODE_ENC)
		return rd_left(&r) == 0 && !r.bad;
	if (!fixed(&r, SM_TAG_SW, 2, &a->sw))
		return false;
	a->covered = r.at;
	return fixed(&r, SM_TAG_MAC, SM_MAC_LEN, &a->mac) && rd_left(&r) == 0;
}

/* Drop padding method 2; false when there is none. */
static bool unpad(struct buf *b, size_t start)
{
	size_t n = b->n;
	while (n > start && b->p[n - 1] == 0)
		n--;
	if (n == start || b->p[n - 1] != 0x80)
		return false;
	wipe(b->p + n - 1, b->n - n + 1);
	b->n = n - 1;
	return true;
}

static bool decrypt(struct sm_session *s, const struct answer *a, struct buf *plain)
{
	struct rd v = a->data;
	uint8_t iv[CIPHER_BLOCK_MAX];
	size_t start = plain->n;
	if (a->tag != SM_TAG_CRYPTOGRAM_TLV && rd_u8(&v) != SM_PADDING_INDICATOR)
		return false;
	size_t n = rd_left(&v);
	const uint8_t *c = rd_bytes(&v, n);
	if (v.bad || n == 0 || n % s->block != 0 || !sm_iv(s, s->mode, iv))
		return false;
	buf_add(plain, c, n);
	if (plain->bad)
		return false;
	if (cipher_cbc_decrypt(s->enc, iv, c, n, plain->p + start) && unpad(plain, start))
		return true;
	wipe(plain->p + start, plain->n - start);
	plain->n = start;
	return false;
}

static bool genuine(struct sm_session *s, const uint8_t *rsp, const struct answer *a, const uint8_t sw[2])
{
	uint8_t mac[SM_MAC_LEN];
	if (s->mode == SM_MODE_ENC)
		return true;
	return sm_mac(s, NULL, rsp, a->covered, mac) && wipe_equal(mac, a->mac, SM_MAC_LEN) &&
	    memcmp(a->sw, sw, 2) == 0;
}

static bool put_data(struct sm_session *s, const struct answer *a, struct buf *plain)
{
	s->answered = SM_MODE_ENC_MAC;
	if (a->tag == 0)
		return true;
	if (a->tag != SM_TAG_PLAIN) {
		s->answered = s->mode == SM_MODE_ENC ? SM_MODE_ENC : SM_MODE_ENC_MAC;
		return decrypt(s, a, plain);
	}
	s->answered = SM_MODE_MAC;
	buf_add(plain, a->data.p + a->data.at, rd_left(&a->data));
	return !plain->bad;
}

/* In jicsap-86 an answer without data is a bare status word also when all is well. */
static bool bare(const struct sm_session *s, const uint8_t *rsp, size_t n)
{
	sw_t sw = (sw_t)(rsp[n - 2] << 8 | rsp[n - 1]);
	return n == 2 && (s->mode != SM_MODE_ENC || sw_class(sw) == SW_CLASS_SECURE_MESSAGING);
}

enum sm_answer sm_unwrap(struct sm_session *s, const uint8_t *rsp, size_t n, struct buf *plain)
{
	struct answer a;
	if (s->over || n < 2)
		goto wrong;
	if (bare(s, rsp, n)) {
		s->over = true;
		buf_add(plain, rsp, 2);
		return SM_ANSWER_PLAIN;
	}
	if (s->mode != SM_MODE_ENC)
		sm_count(s);
	if (!read_objects(s, rsp, n - 2, &a) || !genuine(s, rsp, &a, rsp + n - 2) || !put_data(s, &a, plain))
		goto wrong;
	buf_add(plain, rsp + n - 2, 2);
	return SM_ANSWER_GOOD;
wrong:
	s->over = true;
	return SM_ANSWER_WRONG;
}
