/* block: | 2 sd | 2 tag | 2 length | bytes | */
#include "runtime/sim/javacard/manager/data.h"

#include "runtime/base/tlv.h"
#include "runtime/sim/javacard/manager/key.h"

enum { HEAD = 6 };

static bool read_head(const struct cm *c, uint16_t handle, uint16_t *sd, uint16_t *tag, struct rd *value)
{
	uint32_t n;
	struct rd r = rd_of(cm_body(c, handle, &n), 0);
	r.n = n;
	*sd = rd_u16(&r);
	*tag = rd_u16(&r);
	size_t len = rd_u16(&r);
	*value = rd_sub(&r, len);
	return !r.bad;
}

uint16_t cm_data_find(const struct cm *c, uint16_t sd, uint16_t tag)
{
	for (uint16_t h = cm_next(c, 0, CM_DATA); h != 0; h = cm_next(c, h, CM_DATA)) {
		uint16_t its_sd, its_tag;
		struct rd value;
		if (read_head(c, h, &its_sd, &its_tag, &value) && its_sd == sd && its_tag == tag)
			return h;
	}
	return 0;
}

struct rd cm_data_value(const struct cm *c, uint16_t handle)
{
	uint16_t sd, tag;
	struct rd value = rd_of(NULL, 0);
	if (handle != 0 && !read_head(c, handle, &sd, &tag, &value))
		value = rd_of(NULL, 0);
	return value;
}

bool cm_data_put(const struct cm *c, uint16_t sd, uint16_t tag, const uint8_t *p, size_t n)
{
	uint16_t old = cm_data_find(c, sd, tag), handle;
	uint8_t head[HEAD] = {
	    (uint8_t)(sd >> 8), (uint8_t)sd, (uint8_t)(tag >> 8), (uint8_t)tag, (uint8_t)(n >> 8), (uint8_t)n};
	if (old != 0)
		cm_drop(c, old);
	if (n == 0)
		return true;
	handle = cm_new(c, CM_DATA, HEAD + (uint32_t)n);
	if (handle == 0)
		return false;
	cm_set(c, handle, 0, head, HEAD);
	cm_set(c, handle, HEAD, p, (uint32_t)n);
	return true;
}

/* --- objects that the card makes --- */

/* Object identifiers below 1.2.840.114283 (GlobalPlatform): H.1. */
static const uint8_t gp_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b};

static void put_oid(struct buf *b, uint32_t tag, unsigned arc, const uint8_t *more, size_t n)
{
	struct buf oid = {0}, value = {0};
	buf_add(&oid, gp_oid, sizeof gp_oid);
	buf_u8(&oid, arc);
	buf_add(&oid, more, n);
	tlv_put(&value, 0x06, oid.p, oid.n);
	if (tag == 0x06)
		buf_add(b, value.p, value.n);
	else
		tlv_put(b, tag, value.p, value.n);
	buf_reset(&oid);
	buf_reset(&value);
}

/* Card recognition data, the value of tag 73: table H-1. */
void cm_recognition_data(struct cm *c, uint16_t sd, struct buf *out)
{
	const uint8_t *version = c->nv->mem + c->home + CM_H_VERSION;
	struct cm_entry e = cm_entry(c, sd);
	uint8_t one[] = {e.scp, e.scp_i};
	put_oid(out, 0x06, 1, NULL, 0);
	put_oid(out, 0x60, 2, version, version[2] != 0 ? 3 : 2);
	put_oid(out, 0x63, 3, NULL, 0);
	if (e.scp != 0)
		put_oid(out, 0x64, 4, one, 2);
	for (uint32_t n = 0; n < CM_SCPS && e.scp == 0; n++) {
		const uint8_t *pair = c->nv->mem + c->home + CM_H_SCP + 2 * n;
		if (pair[0] != 0)
			put_oid(out, 0x64, 4, pair, 2);
	}
}

static void card_data(struct cm *c, uint16_t sd, struct buf *out)
{
	struct buf data = {0};
	cm_recognition_data(c, sd, &data);
	tlv_put(out, 0x73, data.p, data.n);
	buf_reset(&data);
}

/* Card capability information: table H-4. What this card can be asked for. */
static void capability(struct cm *c, struct buf *out)
{
	static const uint8_t hashes[] = {0x01, 0x02, 0x03, 0x04}; /* SHA-1, -256, -384, -512 */
	static const uint8_t sd_privileges[] = {0xfe, 0xff, 0x80}, app_privileges[] = {0x1e, 0x06, 0x00};
	static const uint8_t suites[] = {0x3b}; /* RSA-1024, RSA above, DES, AES, ECC-256: H-5 */
	for (uint32_t n = 0; n < CM_SCPS; n++) {
		struct buf scp = {0};
		const uint8_t *pair = c->nv->mem + c->home + CM_H_SCP + 2 * n;
		if (pair[0] == 0)
			continue;
		tlv_put_u8(&scp, 0x80, pair[0]);
		tlv_put_u8(&scp, 0x81, pair[1]);
		if (pair[0] == 3)
			tlv_put_u8(&scp, 0x82, 0x07); /* AES-128, -192, -256 */
		tlv_put(out, 0xa0, scp.p, scp.n);
		buf_reset(&scp);
	}
	tlv_put(out, 0x81, sd_privileges, sizeof sd_privileges);
	tlv_put(out, 0x82, app_privileges, sizeof app_privileges);
	tlv_put(out, 0x83, hashes, sizeof hashes);
	tlv_put(out, 0x85, suites, sizeof suites);
	tlv_put(out, 0x86, suites, sizeof suites);
	tlv_put(out, 0x87, suites, sizeof suites);
}

/* One key of the key information template: table 11-36, or the extended structure where a length needs two bytes. */
static void key_information(const struct cm_key *k, struct buf *out)
{
	struct buf b = {0};
	bool extended = false;
	for (uint8_t i = 0; i < k->components; i++)
		extended = extended || k->len[i] > 0xff;
	buf_u8(&b, k->id);
	buf_u8(&b, k->version);
	for (uint8_t i = 0; i < k->components; i++) {
		if (extended)
			buf_u8(&b, 0xff);
		buf_u8(&b, k->type[i]);
		if (extended)
			buf_u16(&b, k->len[i]);
		else
			buf_u8(&b, k->len[i]);
	}
	if (extended) /* neither usage nor access stated */
		buf_u16(&b, 0);
	tlv_put(out, 0xc0, b.p, b.n);
	buf_reset(&b);
}

static void key_template(struct cm *c, uint16_t sd, struct buf *out)
{
	for (uint16_t h = cm_next(c, 0, CM_KEY); h != 0; h = cm_next(c, h, CM_KEY)) {
		struct cm_key k;
		if (cm_key_read(c, h, &k) && k.sd == sd)
			key_information(&k, out);
	}
}

/* The sequence counter of the default key version: 2 bytes for SCP02, 3 for SCP03. */
static void sequence(struct cm *c, uint16_t sd, struct buf *out)
{
	struct cm_key k;
	uint16_t h = cm_key_find(c, sd, cm_key_default(c, sd), CM_KEY_ENC);
	if (h == 0 || !cm_key_read(c, h, &k))
		return;
	if (k.type[0] == CM_KEY_AES)
		buf_u8(out, k.sequence >> 16 & 0xff);
	buf_u16(out, k.sequence & 0xffff);
}

/* Number of installed applications, free persistent and transient memory: ETSI TS 102 226, 8.2.1.7.2. */
static void resources(struct cm *c, struct buf *out)
{
	unsigned n = 0;
	uint8_t free_nv[4], free_ram[4];
	uint32_t nv = jc_memory_free(c->jc, JC_PERSISTENT), ram = jc_memory_free(c->jc, JC_RESET);
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h))
		n += cm_entry_kind(c, h) == CM_APP;
	for (int i = 0; i < 4; i++) {
		free_nv[i] = (uint8_t)(nv >> (24 - 8 * i));
		free_ram[i] = (uint8_t)(ram >> (24 - 8 * i));
	}
	tlv_put_u8(out, 0x81, n);
	tlv_put(out, 0x82, free_nv, 4);
	tlv_put(out, 0x83, free_ram, 4);
}

/* Applications below the security domain (GPCS 11.3.3.1), one template 61 each. */
static void applications(struct cm *c, uint16_t sd, struct buf *out)
{
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry e = cm_entry(c, h);
		struct buf aid = {0};
		if ((e.kind != CM_APP && e.kind != CM_SD) || h == sd || !cm_below(c, h, sd))
			continue;
		tlv_put(&aid, CM_TAG_AID, e.aid, e.aid_len);
		tlv_put(out, 0x61, aid.p, aid.n);
		buf_reset(&aid);
	}
}

bool cm_data_computed(uint16_t tag)
{
	switch (tag) {
	case CM_TAG_CAPABILITY:
	case CM_TAG_SEQUENCE:
	case CM_TAG_CONFIRMATION:
	case CM_TAG_DIVERSIFICATION:
	case CM_TAG_LEVEL:
	case CM_TAG_KEY_INFORMATION:
	case CM_TAG_APPLICATIONS:
	case CM_TAG_CPLC:
	case CM_TAG_RESOURCES:
		return true;
	default:
		return false;
	}
}

static void computed(struct cm *c, uint16_t sd, uint16_t tag, struct buf *out)
{
	const uint8_t *home = c->nv->mem + c->home;
	switch (tag) {
	case CM_TAG_CARD_DATA:
		card_data(c, sd, out);
		break;
	case CM_TAG_CAPABILITY:
		capability(c, out);
		break;
	case CM_TAG_SEQUENCE:
		sequence(c, sd, out);
		break;
	case CM_TAG_CONFIRMATION:
		buf_u16(out, cm_u16(c, CM_H_RECEIPTS));
		break;
	case CM_TAG_DIVERSIFICATION:
		buf_u16(out, 0);
		buf_add(out, home + CM_H_CPLC + 10, 8);
		break;
	case CM_TAG_LEVEL:
		buf_u8(out, cm_secure_on(c) != NULL ? cm_secure_level(cm_secure_on(c)) : 0);
		break;
	case CM_TAG_KEY_INFORMATION:
		key_template(c, sd, out);
		break;
	case CM_TAG_APPLICATIONS:
		applications(c, sd, out);
		break;
	case CM_TAG_CPLC:
		buf_add(out, home + CM_H_CPLC, CM_CPLC);
		break;
	case CM_TAG_RESOURCES:
		resources(c, out);
		break;
	}
}

sw_t cm_get_data(struct cm *c)
{
	uint16_t tag = (uint16_t)(c->cmd.p1 << 8 | c->cmd.p2), sd = cm_on(c)->app;
	uint16_t stored = cm_data_find(c, sd, tag);
	struct buf value = {0};
	sw_t sw = SW_REFERENCE_NOT_FOUND;
	if (stored != 0) {
		struct rd r = cm_data_value(c, stored);
		buf_add(&value, r.p, r.n);
	} else if (tag == CM_TAG_CARD_DATA || cm_data_computed(tag))
		computed(c, sd, tag, &value);
	if (value.n != 0) {
		if (tag == CM_TAG_APPLICATIONS) /* the templates one behind the other */
			buf_add(c->rsp, value.p, value.n);
		else
			tlv_put(c->rsp, tag, value.p, value.n);
		sw = SW_OK;
	}
	buf_reset(&value);
	return sw;
}
