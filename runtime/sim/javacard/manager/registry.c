/* body: | 1 kind | 1 state | 3 privileges | 1 16 AID | 2 sd | 2 load file | 1 module | 1 package | 1 flags | 1 applet |
 *       | 1 3 implicit selection | 4 bytes | 4 quota | 1 scp | 1 i | 1 tries | 1 key version | 1 8 services | 2 object
 * | */
#include "runtime/sim/javacard/manager/registry.h"

#include <string.h>

enum { BODY = 62, ROM = 0x01 };

static void put24(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 16);
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	put24(p + 1, v);
}

static void encode(uint8_t b[BODY], const struct cm_entry *e)
{
	memset(b, 0, BODY);
	b[0] = e->kind;
	b[1] = e->state;
	put24(b + 2, e->privileges);
	b[5] = e->aid_len;
	memcpy(b + 6, e->aid, CM_AID_MAX);
	b[22] = (uint8_t)(e->sd >> 8);
	b[23] = (uint8_t)e->sd;
	b[24] = (uint8_t)(e->load_file >> 8);
	b[25] = (uint8_t)e->load_file;
	b[26] = e->module;
	b[27] = e->package;
	b[28] = e->rom ? ROM : 0;
	b[29] = e->applet;
	b[30] = e->n_implicit;
	memcpy(b + 31, e->implicit, CM_IMPLICIT_MAX);
	put32(b + 34, e->bytes);
	put32(b + 38, e->quota);
	b[42] = e->scp;
	b[43] = e->scp_i;
	b[44] = e->tries;
	b[45] = e->key_version;
	b[46] = e->n_services;
	memcpy(b + 47, e->services, sizeof e->services);
	b[55] = (uint8_t)(e->object >> 8);
	b[56] = (uint8_t)e->object;
}

static uint32_t get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* A body has room for BODY bytes wherever it lies: entry_valid. */
struct cm_entry cm_entry(const struct cm *c, uint16_t handle)
{
	const uint8_t *b = cm_body(c, handle, NULL);
	struct cm_entry e = {.kind = b[0],
	    .state = b[1],
	    .privileges = get24(b + 2),
	    .aid_len = b[5],
	    .sd = get16(b + 22),
	    .load_file = get16(b + 24),
	    .module = b[26],
	    .package = b[27],
	    .rom = (b[28] & ROM) != 0,
	    .applet = b[29],
	    .n_implicit = b[30],
	    .bytes = get32(b + 34),
	    .quota = get32(b + 38),
	    .scp = b[42],
	    .scp_i = b[43],
	    .tries = b[44],
	    .key_version = b[45],
	    .n_services = b[46],
	    .object = get16(b + 55)};
	memcpy(e.aid, b + 6, CM_AID_MAX);
	memcpy(e.implicit, b + 31, CM_IMPLICIT_MAX);
	memcpy(e.services, b + 47, sizeof e.services);
	return e;
}

enum cm_entry_kind cm_entry_kind(const struct cm *c, uint16_t handle)
{
	return cm_body(c, handle, NULL)[0];
}

uint16_t cm_entry_new(const struct cm *c, const struct cm_entry *e)
{
	uint16_t handle = cm_new(c, CM_ENTRY, BODY);
	if (handle != 0)
		cm_entry_set(c, handle, e);
	return handle;
}

void cm_entry_set(const struct cm *c, uint16_t handle, const struct cm_entry *e)
{
	uint8_t b[BODY];
	encode(b, e);
	cm_set(c, handle, 0, b, BODY);
}

static bool entry_valid(const struct cm *c, uint16_t handle)
{
	uint32_t n;
	cm_body(c, handle, &n);
	if (n < BODY)
		return false;
	struct cm_entry e = cm_entry(c, handle);
	if (e.kind < CM_ISD || e.kind > CM_LOAD_FILE || e.aid_len < 5 || e.aid_len > CM_AID_MAX ||
	    e.n_implicit > CM_IMPLICIT_MAX || e.n_services > sizeof e.services / 2)
		return false;
	if (!cm_alive(c, e.sd, CM_ENTRY) || !cm_is_sd(&(struct cm_entry){.kind = cm_body(c, e.sd, NULL)[0]}))
		return false;
	return e.load_file == 0 ||
	    (cm_alive(c, e.load_file, CM_ENTRY) && cm_body(c, e.load_file, NULL)[0] == CM_LOAD_FILE);
}

bool cm_registry_valid(const struct cm *c)
{
	unsigned isds = 0;
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		if (!entry_valid(c, h))
			return false;
		isds += cm_entry(c, h).kind == CM_ISD;
	}
	/* Every chain of security domains ends at the ISD. */
	for (uint16_t h = cm_first_entry(c); h != 0 && isds == 1; h = cm_next_entry(c, h))
		if (!cm_below(c, h, cm_isd(c)))
			return false;
	return isds == 1;
}

uint16_t cm_isd(const struct cm *c)
{
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h))
		if (cm_body(c, h, NULL)[0] == CM_ISD)
			return h;
	return 0;
}

uint16_t cm_entry_by_aid(const struct cm *c, const uint8_t *aid, size_t n)
{
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		const uint8_t *b = cm_body(c, h, NULL);
		if (b[5] == n && memcmp(b + 6, aid, n) == 0)
			return h;
	}
	return 0;
}

uint16_t cm_entry_of_applet(const struct cm *c, uint16_t applet)
{
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		const uint8_t *b = cm_body(c, h, NULL);
		if (b[0] == CM_APP && b[29] == applet && applet != JC_NOBODY)
			return h;
	}
	return 0;
}

uint16_t cm_entry_of_package(const struct cm *c, uint8_t package)
{
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		const uint8_t *b = cm_body(c, h, NULL);
		if (b[0] == CM_LOAD_FILE && b[27] == package && package >= JC_LOADED)
			return h;
	}
	return 0;
}

bool cm_is_sd(const struct cm_entry *e)
{
	return e->kind == CM_ISD || e->kind == CM_SD;
}

bool cm_has(const struct cm_entry *e, uint32_t privilege)
{
	return (e->privileges & privilege) == privilege;
}

bool cm_below(const struct cm *c, uint16_t what, uint16_t sd)
{
	/* At most as many steps as there are entries, whatever a file holds. */
	for (unsigned steps = 0; steps < CM_HOST_SIZE / 16; steps++) {
		if (what == sd)
			return true;
		uint16_t up = cm_entry(c, what).sd;
		if (up == what || up == 0)
			return false;
		what = up;
	}
	return false;
}

static uint32_t more_of(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

uint32_t cm_bytes(const struct cm *c, uint16_t entry)
{
	uint32_t objects[JC_APPLETS_MAX + 1];
	struct cm_entry e = cm_entry(c, entry);
	if (e.kind != CM_APP || e.applet > JC_APPLETS_MAX)
		return e.bytes;
	jc_taken(c->jc, objects);
	return more_of(e.bytes, objects[e.applet]);
}

uint32_t cm_taken(const struct cm *c, uint16_t sd)
{
	uint32_t taken = 0, objects[JC_APPLETS_MAX + 1];
	jc_taken(c->jc, objects);
	for (uint16_t h = cm_first_entry(c); h != 0; h = cm_next_entry(c, h)) {
		struct cm_entry e = cm_entry(c, h);
		bool app = e.kind == CM_APP && e.applet <= JC_APPLETS_MAX;
		if (h != sd && cm_below(c, h, sd))
			taken += more_of(e.bytes, app ? objects[e.applet] : 0);
	}
	return taken;
}

bool cm_may_take(const struct cm *c, uint16_t entry, uint32_t bytes)
{
	uint32_t objects[JC_APPLETS_MAX + 1];
	struct cm_entry e = cm_entry(c, entry);
	uint32_t left = cm_quota_left(c, e.sd);
	if ((e.quota == 0 && left == UINT32_MAX) || e.applet > JC_APPLETS_MAX)
		return true;
	jc_taken(c->jc, objects);
	uint32_t now = objects[e.applet] + bytes, counted = more_of(e.bytes, objects[e.applet]);
	if (e.quota != 0 && now > e.quota)
		return false;
	return now <= counted || now - counted <= left;
}

uint32_t cm_quota_left(const struct cm *c, uint16_t sd)
{
	uint32_t left = UINT32_MAX;
	for (unsigned steps = 0; steps < CM_HOST_SIZE / 16; steps++) {
		struct cm_entry e = cm_entry(c, sd);
		if (e.quota != 0) {
			uint32_t taken = cm_taken(c, sd), here = taken < e.quota ? e.quota - taken : 0;
			left = here < left ? here : left;
		}
		if (e.sd == sd)
			break;
		sd = e.sd;
	}
	return left;
}

uint8_t cm_state_of(const struct cm *c, uint16_t entry)
{
	struct cm_entry e = cm_entry(c, entry);
	return e.kind == CM_ISD ? cm_u8(c, CM_H_STATE) : e.state;
}
