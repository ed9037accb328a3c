/* body: | 2 sd | 1 version | 1 id | 3 sequence | 1 components | { 1 type, 2 length } … | values … | */
#include "runtime/sim/javacard/manager/key.h"

#include <string.h>

enum { HEAD = 8, COMPONENT = 3, SEQUENCE_AT = 4 };

bool cm_key_secret(uint8_t type)
{
	return (type >= CM_KEY_DES && type <= CM_KEY_DES_LAST) || type == CM_KEY_AES;
}

bool cm_key_read(const struct cm *c, uint16_t handle, struct cm_key *k)
{
	uint32_t n;
	const uint8_t *p = cm_body(c, handle, &n);
	struct rd r = rd_of(p, n);
	*k = (struct cm_key){.sd = rd_u16(&r), .version = rd_u8(&r), .id = rd_u8(&r)};
	k->sequence = (uint32_t)rd_u8(&r) << 16;
	k->sequence |= rd_u16(&r);
	k->components = rd_u8(&r);
	if (k->components == 0 || k->components > CM_COMPONENTS)
		return false;
	for (uint8_t i = 0; i < k->components; i++) {
		k->type[i] = rd_u8(&r);
		k->len[i] = rd_u16(&r);
	}
	for (uint8_t i = 0; i < k->components; i++)
		k->value[i] = rd_bytes(&r, k->len[i]);
	return !r.bad;
}

uint16_t cm_key_find(const struct cm *c, uint16_t sd, uint8_t version, uint8_t id)
{
	for (uint16_t h = cm_next(c, 0, CM_KEY); h != 0; h = cm_next(c, h, CM_KEY)) {
		struct cm_key k;
		if (cm_key_read(c, h, &k) && k.sd == sd && k.version == version && (id == 0 || k.id == id))
			return h;
	}
	return 0;
}

uint16_t cm_key_new(const struct cm *c, const struct cm_key *k)
{
	uint8_t head[HEAD + CM_COMPONENTS * COMPONENT] = {(uint8_t)(k->sd >> 8), (uint8_t)k->sd, k->version, k->id,
	    (uint8_t)(k->sequence >> 16), (uint8_t)(k->sequence >> 8), (uint8_t)k->sequence, k->components};
	uint32_t n = HEAD + COMPONENT * (uint32_t)k->components, at = n;
	for (uint8_t i = 0; i < k->components; i++) {
		head[HEAD + COMPONENT * i] = k->type[i];
		head[HEAD + COMPONENT * i + 1] = (uint8_t)(k->len[i] >> 8);
		head[HEAD + COMPONENT * i + 2] = (uint8_t)k->len[i];
		n += k->len[i];
	}
	uint16_t handle = cm_new(c, CM_KEY, n);
	if (handle == 0)
		return 0;
	cm_set(c, handle, 0, head, at);
	for (uint8_t i = 0; i < k->components; i++) {
		cm_set(c, handle, at, k->value[i], k->len[i]);
		at += k->len[i];
	}
	return handle;
}

void cm_key_set_sequence(const struct cm *c, uint16_t handle, uint32_t sequence)
{
	uint8_t b[3] = {(uint8_t)(sequence >> 16), (uint8_t)(sequence >> 8), (uint8_t)sequence};
	cm_set(c, handle, SEQUENCE_AT, b, sizeof b);
}

static bool symmetric(const struct cm *c, uint16_t handle, struct cm_key *k)
{
	return handle != 0 && cm_key_read(c, handle, k) && k->components == 1 && cm_key_secret(k->type[0]) &&
	    k->len[0] <= CM_KEY_MAX;
}

bool cm_key_set(const struct cm *c, uint16_t sd, uint8_t version, bool one_key, struct cm_key_set *out, bool *aes)
{
	uint8_t *to[] = {out->enc, out->mac, out->dek};
	if (version == 0)
		version = cm_key_default(c, sd);
	memset(out, 0, sizeof *out);
	out->version = version;
	for (uint8_t id = CM_KEY_ENC; id <= CM_KEY_DEK; id++) {
		struct cm_key k;
		if (!symmetric(c, cm_key_find(c, sd, version, one_key ? CM_KEY_ENC : id), &k))
			return false;
		bool is_aes = k.type[0] == CM_KEY_AES;
		if (id == CM_KEY_ENC) {
			*aes = is_aes;
			out->length = (uint8_t)k.len[0];
		} else if (is_aes != *aes || k.len[0] != out->length)
			return false;
		memcpy(to[id - CM_KEY_ENC], k.value[0], k.len[0]);
	}
	return *aes || out->length == CM_DES_KEY;
}

/* Can the version of this key open secure channels: is it complete, or (whole false) at least begun? Versions from 70
 * on have other purposes. */
static bool serves(const struct cm *c, const struct cm_key *k, bool whole)
{
	if (k->id != CM_KEY_ENC || k->components != 1 || !cm_key_secret(k->type[0]))
		return false;
	if (k->version >= CM_KV_TOKEN && k->version != CM_KV_INITIAL)
		return false;
	return !whole ||
	    (cm_key_find(c, k->sd, k->version, CM_KEY_MAC) != 0 && cm_key_find(c, k->sd, k->version, CM_KEY_DEK) != 0);
}

static uint8_t lowest(const struct cm *c, uint16_t sd, bool whole)
{
	uint8_t version = 0;
	for (uint16_t h = cm_next(c, 0, CM_KEY); h != 0; h = cm_next(c, h, CM_KEY)) {
		struct cm_key k;
		if (cm_key_read(c, h, &k) && k.sd == sd && serves(c, &k, whole) &&
		    (version == 0 || k.version < version))
			version = k.version;
	}
	return version;
}

uint8_t cm_key_default(const struct cm *c, uint16_t sd)
{
	uint8_t chosen = cm_entry(c, sd).key_version, version;
	if (chosen != 0 && cm_key_find(c, sd, chosen, CM_KEY_ENC) != 0)
		return chosen;
	/* A single key of a new version must not take over from a set that works. */
	version = lowest(c, sd, true);
	return version != 0 ? version : lowest(c, sd, false);
}

uint16_t cm_serving_sd(const struct cm *c, uint16_t entry)
{
	struct cm_entry e = cm_entry(c, entry);
	uint16_t sd = cm_is_sd(&e) ? entry : e.sd;
	for (unsigned steps = 0; steps < CM_HOST_SIZE / 16; steps++) {
		e = cm_entry(c, sd);
		if (e.sd == sd || cm_key_default(c, sd) != 0)
			break;
		sd = e.sd;
	}
	return sd;
}
