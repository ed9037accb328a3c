#include "runtime/sim/reference/protect.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/rd.h"
#include "runtime/base/tlv.h"
#include "runtime/base/wipe.h"
#include "runtime/crypto/mac.h"

/* Objects of a protected command, in this order, each at most once: ISO/IEC 7816-4:2020 10.2.
 *   87 01 cryptogram (even INS), 85 cryptogram (odd INS) or 81 data; 97 Le; 8E MAC, always the last
 * and of a response: data as above, 99 status word, 8E MAC. In class 08: 86 01 cryptogram; 96 Le. */
enum {
	DO_PLAIN = 0x81,
	DO_CRYPTOGRAM_ODD = 0x85,
	DO_CRYPTOGRAM_86 = 0x86,
	DO_CRYPTOGRAM = 0x87,
	DO_MAC = 0x8e,
	DO_LE_86 = 0x96,
	DO_LE = 0x97,
	DO_STATUS = 0x99,
	MAC_LEN = 8,
	PADDING_METHOD_2 = 0x01,
	CLASS_BITS = 0x0c,
	CLASS_86 = 0x08,
	STATUS_AND_MAC = 4 + 2 + MAC_LEN, /* bytes of 99 and 8E */
};

static size_t block_of(const struct channel *ch)
{
	return ch->algorithm == CIPHER_AES ? 16 : 8;
}

static void increment(struct channel *ch)
{
	size_t i = block_of(ch);
	do
		ch->ssc[--i]++;
	while (i > 0 && ch->ssc[i] == 0);
}

/* Method 2 of ISO/IEC 9797-1, always, from the last whole block behind `from` on. */
static void pad(struct buf *b, size_t from, size_t block)
{
	static const uint8_t padding[CIPHER_BLOCK_MAX] = {0x80};
	buf_add(b, padding, block - (b->n - from) % block);
}

/* Bytes before the padding; -1: none, or more than one block of it. */
static long unpadded(const uint8_t *p, size_t n, size_t block)
{
	for (size_t zeros = 0; zeros < block && zeros < n; zeros++)
		if (p[n - 1 - zeros] != 0)
			return p[n - 1 - zeros] == 0x80 ? (long)(n - 1 - zeros) : -1;
	return -1;
}

/* AES: IV = E(KS.ENC, SSC). DES: zero; only class 08, which has no MAC to tell messages apart, takes E(KS.ENC, SSC)
 * there too. */
static bool make_iv(const struct channel *ch, struct cipher *c, bool compatible, uint8_t iv[CIPHER_BLOCK_MAX])
{
	memset(iv, 0, CIPHER_BLOCK_MAX);
	if (ch->algorithm != CIPHER_AES && !compatible)
		return true;
	return cipher_ecb_encrypt(c, ch->ssc, block_of(ch), iv);
}

struct keyed {
	struct cipher *cipher;
	struct mac *mac;
};

static void release(struct keyed *k)
{
	if (k == NULL)
		return;
	cipher_free(k->cipher);
	mac_free(k->mac);
	free(k);
}

void protect_forget(struct channel *ch)
{
	release(ch->keyed);
	wipe(ch, sizeof *ch);
}

/* NULL: the library failed. */
static struct keyed *keyed_of(struct channel *ch)
{
	if (ch->keyed != NULL)
		return ch->keyed;
	struct keyed *k = calloc(1, sizeof *k);
	if (k == NULL)
		return NULL;
	k->cipher = cipher_new(ch->algorithm, ch->enc, ch->key_len);
	k->mac = mac_new(ch->algorithm == CIPHER_AES ? MAC_CMAC_AES : MAC_RETAIL_DES, ch->mac, ch->key_len);
	if (k->cipher == NULL || k->mac == NULL) {
		release(k);
		return NULL;
	}
	return ch->keyed = k;
}

/* CBC over p in place. */
static bool crypt(struct channel *ch, bool compatible, bool decrypt, uint8_t *p, size_t n)
{
	uint8_t iv[CIPHER_BLOCK_MAX];
	struct keyed *k = keyed_of(ch);
	if (k == NULL || !make_iv(ch, k->cipher, compatible, iv))
		return false;
	return decrypt ? cipher_cbc_decrypt(k->cipher, iv, p, n, p) : cipher_cbc_encrypt(k->cipher, iv, p, n, p);
}

/* The first 8 bytes of the MAC over what is padded already. */
static bool mac8(struct channel *ch, const struct buf *in, uint8_t out[MAC_LEN])
{
	uint8_t all[MAC_MAX];
	struct keyed *k = keyed_of(ch);
	if (k == NULL || in->bad || !mac_compute(k->mac, in->p, in->n, all))
		return false;
	memcpy(out, all, MAC_LEN);
	return true;
}

/* --- command ----------------------------------------------------------------------------------------------------- */

struct objects {
	uint8_t data_tag; /* 0: no data */
	struct rd data;
	bool has_le;
	struct rd le;
	struct rd mac;
	size_t covered; /* bytes before 8E */
};

/* 6987: no 8E, or not last. */
static sw_t find_mac(const struct apdu *outer, struct objects *o)
{
	struct rd r = rd_of(outer->data, outer->lc);
	struct tlv t;
	for (size_t at = 0; tlv_next(&r, &t); at = r.at) {
		if (t.tag != DO_MAC)
			continue;
		if (rd_left(&r) != 0)
			return SW_SM_OBJECT_MISSING;
		o->mac = t.value;
		o->covered = at;
		return SW_OK;
	}
	return SW_SM_OBJECT_MISSING;
}

static bool is_data(const struct unwrapped *u, const struct apdu *outer, uint32_t tag)
{
	if (u->compatible)
		return tag == DO_CRYPTOGRAM_86;
	return tag == DO_PLAIN || tag == ((outer->ins & 1) != 0 ? DO_CRYPTOGRAM_ODD : DO_CRYPTOGRAM);
}

/* What the n bytes in front of 8E (all, in class 08) are. 6988: unknown, misplaced, malformed. */
static sw_t sort_objects(const struct unwrapped *u, const struct apdu *outer, size_t n, struct objects *o)
{
	struct rd r = rd_of(outer->data, n);
	struct tlv t;
	while (tlv_next(&r, &t)) {
		if (is_data(u, outer, t.tag) && o->data_tag == 0 && !o->has_le) {
			o->data_tag = (uint8_t)t.tag;
			o->data = t.value;
		} else if (t.tag == (u->compatible ? DO_LE_86 : DO_LE) && !o->has_le) {
			o->has_le = true;
			o->le = t.value;
		} else
			return SW_SM_OBJECT_WRONG;
	}
	return r.bad ? SW_SM_OBJECT_WRONG : SW_OK;
}

/* MAC over SSC || header, padded, || objects, padded; without objects there is no further block. */
static sw_t check_mac(struct channel *ch, const struct apdu *outer, struct objects *o)
{
	const uint8_t header[4] = {outer->cla, outer->ins, outer->p1, outer->p2};
	struct buf in = {0};
	uint8_t want[MAC_LEN];
	if (rd_left(&o->mac) != MAC_LEN)
		return SW_SM_OBJECT_WRONG;
	buf_add(&in, ch->ssc, block_of(ch));
	buf_add(&in, header, sizeof header);
	pad(&in, 0, block_of(ch));
	if (o->covered != 0) {
		buf_add(&in, outer->data, o->covered);
		pad(&in, 0, block_of(ch));
	}
	bool made = mac8(ch, &in, want);
	buf_reset(&in);
	if (!made)
		return SW_NO_DIAGNOSIS;
	bool right = wipe_equal(want, rd_bytes(&o->mac, MAC_LEN), MAC_LEN);
	wipe(want, sizeof want); /* what a forger would have needed */
	return right ? SW_OK : SW_SM_OBJECT_WRONG;
}

/* Data that are there have at least one byte: what means nothing is not sent. */
static sw_t decrypt(struct channel *ch, const struct objects *o, struct unwrapped *u)
{
	struct rd v = o->data;
	if (o->data_tag != DO_CRYPTOGRAM_ODD && rd_u8(&v) != PADDING_METHOD_2)
		return SW_SM_OBJECT_WRONG;
	size_t n = rd_left(&v);
	if (n == 0 || n % block_of(ch) != 0)
		return SW_SM_OBJECT_WRONG;
	buf_add(&u->data, rd_bytes(&v, n), n);
	if (u->data.bad || !crypt(ch, u->compatible, true, u->data.p, n))
		return SW_NO_DIAGNOSIS;
	long plain = unpadded(u->data.p, n, block_of(ch));
	if (plain <= 0)
		return SW_SM_OBJECT_WRONG;
	u->data.n = (size_t)plain;
	return SW_OK;
}

static sw_t take_data(struct channel *ch, const struct objects *o, struct unwrapped *u)
{
	u->level = u->compatible ? PROTECTION_ENC : PROTECTION_ENC_MAC;
	if (o->data_tag == 0)
		return SW_OK;
	if (o->data_tag != DO_PLAIN)
		return decrypt(ch, o, u);
	u->level = PROTECTION_MAC;
	buf_add(&u->data, o->data.p + o->data.at, rd_left(&o->data));
	if (u->data.bad)
		return SW_NO_DIAGNOSIS;
	return u->data.n != 0 ? SW_OK : SW_SM_OBJECT_WRONG;
}

/* One byte; two of the extended form, before which 96 has a 00 as an extended Le field has. All zero: as many as fit.
 */
static sw_t take_le(struct objects *o, struct unwrapped *u)
{
	size_t n = rd_left(&o->le), longest = u->compatible ? 3 : 2;
	uint32_t v = 0;
	if (!o->has_le)
		return SW_OK;
	if (n == 0 || n > longest || (u->compatible && n == 2))
		return SW_SM_OBJECT_WRONG;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | rd_u8(&o->le);
	if (v > 0xffff)
		return SW_SM_OBJECT_WRONG;
	u->long_le = n > 1;
	u->apdu.has_le = true;
	u->apdu.le_is_max = v == 0;
	u->apdu.le = v != 0 ? v : u->long_le ? 65536 : APDU_SHORT_LE;
	return SW_OK;
}

static sw_t open_objects(struct channel *ch, const struct apdu *outer, struct unwrapped *u)
{
	struct objects o = {0};
	sw_t sw = u->compatible ? SW_OK : find_mac(outer, &o);
	if (sw != SW_OK)
		return sw;
	if (!ch->open)
		return SW_SM_OBJECT_WRONG;
	increment(ch);
	if (!u->compatible && (sw = check_mac(ch, outer, &o)) != SW_OK)
		return sw;
	if ((sw = sort_objects(u, outer, u->compatible ? outer->lc : o.covered, &o)) != SW_OK)
		return sw;
	return (sw = take_data(ch, &o, u)) != SW_OK ? sw : take_le(&o, u);
}

sw_t protect_unwrap(struct channel *ch, const struct apdu *outer, struct unwrapped *u)
{
	*u = (struct unwrapped){
	    .apdu = {.cla = outer->cla & (uint8_t)~CLASS_BITS, .ins = outer->ins, .p1 = outer->p1, .p2 = outer->p2},
	    .compatible = (outer->cla & CLASS_BITS) == CLASS_86,
	    .extended = outer->extended,
	};
	sw_t sw = open_objects(ch, outer, u);
	if (sw != SW_OK)
		return sw;
	u->apdu.extended = u->long_le || u->extended;
	u->apdu.lc = u->data.n;
	u->apdu.data = u->data.n != 0 ? u->data.p : NULL;
	return SW_OK;
}

/* --- response ---------------------------------------------------------------------------------------------------- */

static uint8_t response_tag(const struct unwrapped *u, enum protection response)
{
	if (u->compatible)
		return DO_CRYPTOGRAM_86;
	if (response == PROTECTION_MAC)
		return DO_PLAIN;
	return (u->apdu.ins & 1) != 0 ? DO_CRYPTOGRAM_ODD : DO_CRYPTOGRAM;
}

static size_t indicator_length(uint8_t tag)
{
	return tag == DO_PLAIN || tag == DO_CRYPTOGRAM_ODD ? 0 : 1;
}

/* The longest value of a data object that fits `all` bytes. */
static size_t longest_value(size_t all)
{
	if (all <= 2 + 0x7f)
		return all - 2;
	if (all <= 3 + 0xff)
		return all - 3 < 0x80 ? 0x7f : all - 3;
	return all - 4 < 0x100 ? 0xff : all - 4;
}

size_t protect_room(const struct channel *ch, const struct unwrapped *u, enum protection response)
{
	size_t all = u->extended ? 65535 : APDU_SHORT_LE;
	uint8_t tag = response_tag(u, response);
	size_t value = longest_value(u->compatible ? all : all - STATUS_AND_MAC);
	if (tag == DO_PLAIN)
		return value;
	value -= indicator_length(tag);
	return value - value % block_of(ch) - 1; /* of padding there is at least one byte */
}

static bool put_data(
    struct channel *ch, const struct unwrapped *u, uint8_t tag, const struct buf *data, struct buf *out)
{
	struct buf v = {0};
	size_t at = indicator_length(tag);
	bool ok = true;
	if (at != 0)
		buf_u8(&v, PADDING_METHOD_2);
	buf_add(&v, data->p, data->n);
	if (tag != DO_PLAIN) {
		pad(&v, at, block_of(ch));
		ok = !v.bad && crypt(ch, u->compatible, false, v.p + at, v.n - at);
	}
	if (ok)
		tlv_put(out, tag, v.p, v.n);
	ok = ok && !v.bad;
	buf_reset(&v);
	return ok;
}

bool protect_wrap(struct channel *ch, const struct unwrapped *u, enum protection response, const struct buf *data,
    sw_t sw, struct buf *rsp)
{
	struct buf objects = {0}, in = {0};
	uint8_t mac[MAC_LEN];
	bool ok = false;
	if (!u->compatible)
		increment(ch);
	if (data->n != 0 && !put_data(ch, u, response_tag(u, response), data, &objects))
		goto out;
	if (!u->compatible) {
		tlv_put_u16(&objects, DO_STATUS, sw);
		buf_add(&in, ch->ssc, block_of(ch));
		buf_add(&in, objects.p, objects.n);
		pad(&in, 0, block_of(ch));
		if (objects.bad || !mac8(ch, &in, mac))
			goto out;
		tlv_put(&objects, DO_MAC, mac, MAC_LEN);
	}
	buf_add(rsp, objects.p, objects.n);
	ok = !objects.bad && !rsp->bad;
out:
	buf_reset(&objects);
	buf_reset(&in);
	return ok;
}
