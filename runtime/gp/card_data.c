#include "runtime/gp/card_data.h"

#include <string.h>

enum {
	TAG_RECOGNITION = 0x66,
	TAG_RECOGNITION_IN = 0x73,
	TAG_VERSION = 0x60,
	TAG_SCP = 0x64,
	TAG_CONFIGURATION = 0x65,
	TAG_CHIP = 0x66,
	TAG_OID = 0x06,
	TAG_MAX_DATA = 0x9f65,
	TAG_KEY_TEMPLATE = 0xe0,
	TAG_KEY = 0xc0,
	TAG_RESOURCES = 0xff21,
	TAG_CPLC = 0x9f7f,
	ARC = 6, /* bytes of {iso member-body … globalPlatform} */
};

struct rd gp_value_of(uint32_t tag, const uint8_t *p, size_t n)
{
	struct rd in = rd_of(p, n);
	struct tlv t;
	return tlv_next(&in, &t) && t.tag == tag && rd_left(&in) == 0 ? t.value : rd_of(p, n);
}

/* --- card recognition data --- */

/* The arcs that follow GlobalPlatform's: 1.2.840.114283 (2A864886FC6B), or the one that some cards have in its place,
 * 2A811C86FC6B. NULL: another OID. */
static bool own_arcs(struct rd oid, struct rd *rest)
{
	static const uint8_t gp[ARC] = {0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b},
			     other[ARC] = {0x2a, 0x81, 0x1c, 0x86, 0xfc, 0x6b};
	if (oid.n <= ARC || (memcmp(oid.p, gp, ARC) != 0 && memcmp(oid.p, other, ARC) != 0))
		return false;
	*rest = rd_of(oid.p + ARC, oid.n - ARC);
	return true;
}

static void take_version(struct gp_recognition *r, struct rd in)
{
	struct rd oid, rest;
	if (!tlv_find(in, TAG_OID, &oid) || !own_arcs(oid, &rest) || rd_u8(&rest) != 2)
		return;
	while (rd_left(&rest) > 0 && r->version_n < sizeof r->version)
		r->version[r->version_n++] = rd_u8(&rest);
}

/* One template may name several protocols. */
static void take_scp(struct gp_recognition *r, struct rd in)
{
	struct rd rest;
	for (struct tlv t; r->n < GP_SCPS && tlv_next(&in, &t);) {
		if (t.tag != TAG_OID || !own_arcs(t.value, &rest) || rd_u8(&rest) != 4)
			continue;
		uint8_t scp = rd_u8(&rest), i = rd_u8(&rest);
		if (rest.bad)
			continue;
		r->channel[r->n].scp = scp;
		r->channel[r->n++].i = i;
	}
}

static void take_oid(struct rd in, uint8_t out[GP_OID_MAX], size_t *n)
{
	struct rd oid;
	if (!tlv_find(in, TAG_OID, &oid) || oid.n > GP_OID_MAX)
		return;
	memcpy(out, oid.p, oid.n);
	*n = oid.n;
}

void gp_recognition_read(struct gp_recognition *r, const uint8_t *p, size_t n)
{
	struct rd in = gp_value_of(TAG_RECOGNITION, p, n);
	in = gp_value_of(TAG_RECOGNITION_IN, in.p, in.n);
	*r = (struct gp_recognition){0};
	for (struct tlv t; tlv_next(&in, &t);) {
		r->there = true;
		if (t.tag == TAG_VERSION)
			take_version(r, t.value);
		else if (t.tag == TAG_SCP)
			take_scp(r, t.value);
		else if (t.tag == TAG_CONFIGURATION)
			take_oid(t.value, r->configuration, &r->configuration_n);
		else if (t.tag == TAG_CHIP)
			take_oid(t.value, r->chip, &r->chip_n);
	}
}

bool gp_recognition_i(const struct gp_recognition *r, unsigned scp, unsigned *i)
{
	bool found = false;
	for (size_t k = 0; k < r->n; k++) {
		if (r->channel[k].scp != scp)
			continue;
		if (found && *i != r->channel[k].i)
			return false;
		*i = r->channel[k].i;
		found = true;
	}
	return found;
}

/* --- SELECT --- */

static uint32_t number(struct rd v)
{
	uint32_t n = 0;
	if (v.n > 4)
		return 0;
	while (rd_left(&v) > 0)
		n = n << 8 | rd_u8(&v);
	return n;
}

bool gp_fci_read(struct gp_fci *f, const uint8_t *p, size_t n)
{
	struct rd fci, own, v;
	*f = (struct gp_fci){0};
	if (!tlv_find(rd_of(p, n), TAG_FCI, &fci))
		return false;
	if (tlv_find(fci, TAG_DF_NAME, &v) && v.n >= AID_MIN)
		aid_take(&f->aid, v.p, v.n);
	if (!tlv_find(fci, TAG_PROPRIETARY, &own))
		return f->aid.n != 0;
	if (tlv_find(own, TAG_MAX_DATA, &v))
		f->max_data = number(v);
	if (tlv_find(own, TAG_RECOGNITION_IN, &v))
		gp_recognition_read(&f->recognition, v.p, v.n);
	return true;
}

/* --- GET DATA --- */

/* C0 {identifier, version, and pairs of type and length}; the extended form has FF before a type and lengths of two
 * bytes, and key usage and access behind (GPC table 11-28). */
static bool read_key(struct rd in, struct gp_key_info *out)
{
	*out = (struct gp_key_info){.id = rd_u8(&in)};
	out->version = rd_u8(&in);
	bool extended = rd_left(&in) > 0 && in.p[in.at] == 0xff;
	while (rd_left(&in) >= (extended ? 4u : 2u) && out->n < GP_KEY_PARTS && (!extended || in.p[in.at] == 0xff)) {
		unsigned type = rd_u8(&in);
		out->part[out->n].type = extended ? rd_u8(&in) : type;
		out->part[out->n++].length = extended ? rd_u16(&in) : rd_u8(&in);
	}
	return !in.bad;
}

size_t gp_key_info_read(const uint8_t *p, size_t n, struct gp_key_info *out, size_t cap)
{
	size_t found = 0;
	struct rd in = gp_value_of(TAG_KEY_TEMPLATE, p, n);
	for (struct tlv t; found < cap && tlv_next(&in, &t);)
		if (t.tag == TAG_KEY && read_key(t.value, &out[found]))
			found++;
	return found;
}

const char *gp_key_type_name(unsigned type)
{
	switch (type) {
#define KEY_TYPE(value, name)                                                                                          \
	case value:                                                                                                    \
		return name;
#include "runtime/gp/names.def"
#undef KEY_TYPE
	default:
		return "?";
	}
}

bool gp_resources_read(struct gp_resources *r, const uint8_t *p, size_t n)
{
	struct rd v, in = gp_value_of(TAG_RESOURCES, p, n);
	*r = (struct gp_resources){0};
	if (!tlv_find(in, 0x82, &v))
		return false;
	r->persistent = number(v);
	if (tlv_find(in, 0x81, &v))
		r->applications = number(v);
	if (tlv_find(in, 0x83, &v))
		r->transient = number(v);
	return true;
}

const uint8_t *gp_cplc(const uint8_t *p, size_t n)
{
	struct rd in = gp_value_of(TAG_CPLC, p, n);
	return in.n == CPLC_LEN ? in.p : NULL;
}

const struct gp_cplc_field gp_cplc_fields[] = {
#define CPLC(name, offset, length, en, ja) {name, offset, length, {en, ja}},
#include "runtime/gp/names.def"
#undef CPLC
    {0},
};
