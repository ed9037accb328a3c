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

static bool put_cryptogram(struct sm_session *s, const uint8_t *p, size_t n, struct buf *body)
{
	struct buf v = {0};
	uint8_t iv[CIPHER_BLOCK_MAX];
	uint8_t tag = cryptogram_tag(s);
	size_t start = tag == SM_TAG_CRYPTOGRAM_TLV ? 0 : 1;
	if (start != 0)
		buf_u8(&v, SM_PADDING_INDICATOR);
	buf_add(&v, p, n);
	sm_pad(&v, start, s->block);
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

static bool put_objects(struct sm_session *s, const struct apdu *plain, bool extended, struct buf *body)
{
	if (plain->lc != 0 && s->mode == SM_MODE_MAC)
		tlv_put(body, SM_TAG_PLAIN, plain->data, plain->lc);
	else if (plain->lc != 0 && !put_cryptogram(s, plain->data, plain->lc, body))
		return false;
	if (plain->has_le)
		put_le(s, plain, extended, body);
	return true;
}

bool sm_wrap(struct sm_session *s, enum sm_mode mode, const struct apdu *plain, struct buf *cmd)
{
	struct buf body = {0};
	uint8_t mac[SM_MAC_LEN], class = mode == SM_MODE_ENC ? CLASS_86 : CLASS_MAC;
	const uint8_t header[4] = {(uint8_t)(plain->cla | class), plain->ins, plain->p1, plain->p2};
	bool extended = plain->extended || plain->le > APDU_SHORT_LE, ok = false;
	if (s->over || plain->lc > DATA_MAX)
		return false;
	s->mode = mode;
	s->odd = (plain->ins & 1) != 0;
	sm_count(s);
	if (!put_objects(s, plain, extended, &body))
		goto out;
	if (mode != SM_MODE_ENC) {
		if (!sm_mac(s, header, body.p, body.n, mac))
			goto out;
		tlv_put(&body, SM_TAG_MAC, mac, sizeof mac);
	}
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
