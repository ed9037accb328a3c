/* A small GlobalPlatform card for tests of the loader: a registry, a load file in the making, and the simulated card's
 * own side of the secure channels, which shares nothing with the loader's. It can be told to answer like odd cards. It
 * trusts nobody: what is not as the specification has it is refused, so that a test sees it. */
#ifndef IGATA_TESTS_GP_FAKE_H
#define IGATA_TESTS_GP_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/aid.h"
#include "runtime/base/apdu.h"
#include "runtime/base/tlv.h"
#include "runtime/link/link.h"
#include "runtime/sim/javacard/manager/secure.h"

enum { CARD_ROWS = 40, CARD_FILE_MAX = 80000 };

struct card_row {
	struct aid aid, file, domain; /* no domain: the issuer's */
	uint8_t life, privilege;
	bool package;
	struct aid module[8];
	size_t modules;
};

/* Ways in which a card may differ. */
struct card_ways {
	bool legacy_status;   /* no TLV form of GET STATUS */
	bool one_each;        /* GET STATUS tells one entry a time, 6310 until the last */
	bool no_related;      /* DELETE of related objects is not there */
	bool no_check_values; /* PUT KEY answers the version only */
	bool wrong_check_values;
	bool no_recognition;  /* neither in the FCI nor in GET DATA 66 */
	bool no_memory;       /* no FF21 */
	bool stays_installed; /* says 9000 and does not make selectable */
	bool implicit;        /* SCP02 whose channel begins with the first MAC */
	bool receipts;        /* confirmations with a receipt */
	bool any_s16_length;  /* refuses eight-byte challenges with 6700 */
	uint32_t max_data;    /* 9F65; 0: not said */
	int fail_ins;         /* this command, p1 (or -1), from the n-th on (0 the first), is answered with fail_sw */
	int fail_p1, fail_from;
	sw_t fail_sw;
};

struct gp_fake {
	uint8_t scp, i;
	struct cm_key_set keys;
	uint8_t kdd[10], cplc[42], life;
	uint32_t sequence, free;
	struct card_ways ways;
	struct card_row row[CARD_ROWS];
	size_t rows;
	/* What a reset clears. */
	struct cm_secure secure;
	bool selected, loading;
	struct aid loading_file;
	uint8_t *load;
	size_t load_len, blocks;
	size_t status_at;
	/* Seen. */
	unsigned failures, authentications, commands, initialized, loads, extended;
	int failing;
	uint8_t put[64]; /* data of the last PUT KEY */
	size_t put_len;
	struct buf stored, last_delete, last_install_load;
};

static const struct aid card_isd = {{0xa0, 0, 0, 1, 0x51, 0, 0, 0}, 8};

static inline void card_new(struct gp_fake *c, uint8_t scp, uint8_t i)
{
	*c = (struct gp_fake){
	    .scp = scp, .i = i, .life = 0x01, .free = 60000, .ways = {.max_data = 255, .fail_ins = -1}};
	c->keys.version = scp == 3 ? 0x30 : 0x01;
	c->keys.length = 16;
	for (int k = 0; k < 16; k++)
		c->keys.enc[k] = c->keys.mac[k] = c->keys.dek[k] = (uint8_t)(0x40 + k);
	memcpy(c->kdd, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09", 10);
	memset(c->cplc, 0x11, sizeof c->cplc);
	c->load = malloc(CARD_FILE_MAX);
	assert_non_null(c->load);
}

static inline void card_free(struct gp_fake *c)
{
	free(c->load);
	buf_reset(&c->stored);
	buf_reset(&c->last_delete);
	buf_reset(&c->last_install_load);
}

/* What a reset, or a card that is pulled, does: the channel and a load file that is not complete are gone. */
static inline void card_reset(struct gp_fake *c)
{
	cm_secure_end(&c->secure);
	c->selected = c->loading = false;
	c->load_len = c->blocks = c->status_at = 0;
}

static inline struct card_row *card_find(struct gp_fake *c, const struct aid *a, bool package)
{
	for (size_t i = 0; i < c->rows; i++)
		if (c->row[i].package == package && aid_equal(&c->row[i].aid, a))
			return &c->row[i];
	return NULL;
}

static inline struct card_row *card_add(struct gp_fake *c, const struct aid *a, bool package)
{
	assert_true(c->rows < CARD_ROWS);
	struct card_row *r = &c->row[c->rows++];
	*r = (struct card_row){.aid = *a, .package = package, .life = package ? 1 : 3};
	return r;
}

static inline void card_remove(struct gp_fake *c, struct card_row *r)
{
	*r = c->row[--c->rows];
}

/* --- commands; each returns the status word and appends to rsp --- */

static inline sw_t card_select(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	struct aid asked;
	struct buf own = {0}, fci = {0};
	aid_take(&asked, a->data, a->lc);
	card_reset(c);
	struct card_row *r = card_find(c, &asked, false);
	if (a->lc != 0 && !aid_equal(&asked, &card_isd))
		return r != NULL && r->life != 3 && (r->life & 0x80) == 0 ? SW_OK : SW_FILE_NOT_FOUND;
	uint8_t recognition[] = {0x73, 0x16, 0x06, 0x07, 0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b, 0x01, 0x64, 0x0b, 0x06,
	    0x09, 0x2a, 0x86, 0x48, 0x86, 0xfc, 0x6b, 0x04, c->scp, c->i};
	if (!c->ways.no_recognition)
		buf_add(&own, recognition, sizeof recognition);
	if (c->ways.max_data != 0)
		tlv_put_u16(&own, 0x9f65, c->ways.max_data);
	tlv_put(&fci, 0x84, card_isd.p, card_isd.n);
	tlv_put(&fci, 0xa5, own.p, own.n);
	tlv_put(rsp, 0x6f, fci.p, fci.n);
	buf_reset(&own);
	buf_reset(&fci);
	c->selected = true;
	return SW_OK;
}

static inline sw_t card_initialize(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	static const uint8_t random[CM_CHALLENGE_MAX] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
	c->initialized++;
	if (c->ways.any_s16_length && a->lc != 16)
		return SW_WRONG_LENGTH;
	struct cm_initialize q = {.scp = c->scp,
	    .i = c->i,
	    .keys = &c->keys,
	    .diversification = c->kdd,
	    .sequence = ++c->sequence,
	    .aid = card_isd.p,
	    .aid_len = card_isd.n,
	    .random = random,
	    .host = a->data,
	    .host_len = a->lc};
	if (a->p1 != 0 && a->p1 != c->keys.version)
		return SW_REFERENCE_NOT_FOUND;
	return cm_secure_begin(&c->secure, &q, rsp);
}

static inline sw_t card_authenticate(struct gp_fake *c, const struct apdu *a)
{
	c->authentications++;
	sw_t sw = cm_secure_authenticate(&c->secure, a);
	if (sw != SW_OK)
		c->failures++;
	return sw;
}

static inline sw_t card_get_data(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	struct buf in = {0};
	unsigned tag = (unsigned)a->p1 << 8 | a->p2;
	uint8_t memory[] = {0xff, 0x21, 0x0b, 0x81, 0x01, (uint8_t)c->rows, 0x82, 0x03, (uint8_t)(c->free >> 16),
	    (uint8_t)(c->free >> 8), (uint8_t)c->free, 0x83, 0x01, 0x40};
	switch (tag) {
	case 0x9f7f:
		tlv_put(rsp, 0x9f7f, c->cplc, sizeof c->cplc);
		return SW_OK;
	case 0x00e0:
		for (uint8_t k = 1; k <= 3; k++)
			tlv_put(
			    &in, 0xc0, (uint8_t[]){k, c->keys.version, c->scp == 3 ? 0x88 : 0x80, c->keys.length}, 4);
		tlv_put(rsp, 0xe0, in.p, in.n);
		buf_reset(&in);
		return SW_OK;
	case 0xff21:
		if (c->ways.no_memory)
			return SW_REFERENCE_NOT_FOUND;
		buf_add(rsp, memory, sizeof memory);
		return SW_OK;
	case 0x00c1:
		tlv_put_u16(rsp, 0xc1, (uint16_t)c->sequence);
		return SW_OK;
	default:
		return SW_REFERENCE_NOT_FOUND;
	}
}

static inline void card_tell(struct gp_fake *c, const struct card_row *r, unsigned p1, bool tlv, struct buf *rsp)
{
	struct buf e = {0};
	if (!tlv) {
		buf_u8(rsp, (unsigned)r->aid.n);
		buf_add(rsp, r->aid.p, r->aid.n);
		buf_u8(rsp, r->life);
		buf_u8(rsp, r->privilege);
		return;
	}
	tlv_put(&e, 0x4f, r->aid.p, r->aid.n);
	tlv_put_u8(&e, 0x9f70, r->life);
	if (r->package)
		tlv_put_u16(&e, 0xce, 0x0100);
	else {
		tlv_put_u8(&e, 0xc5, r->privilege);
		tlv_put(&e, 0xc4, r->file.p, r->file.n);
	}
	for (size_t i = 0; p1 == 0x10 && i < r->modules; i++)
		tlv_put(&e, 0x84, r->module[i].p, r->module[i].n);
	const struct aid *domain = r->domain.n != 0 ? &r->domain : &card_isd;
	tlv_put(&e, 0xcc, domain->p, domain->n);
	tlv_put(rsp, 0xe3, e.p, e.n);
	buf_reset(&e);
	(void)c;
}

static inline sw_t card_status(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	bool tlv = (a->p2 & 2) != 0;
	if (a->lc < 2 || a->data[0] != 0x4f)
		return SW_WRONG_DATA;
	if (c->ways.legacy_status && (tlv || a->p1 == 0x10))
		return SW_WRONG_P1P2;
	if (a->p1 == 0x80) {
		struct card_row isd = {.aid = card_isd, .life = c->life, .privilege = 0x9e};
		card_tell(c, &isd, a->p1, tlv, rsp);
		return SW_OK;
	}
	bool packages = a->p1 == 0x20 || a->p1 == 0x10, any = false;
	if ((a->p2 & 1) == 0)
		c->status_at = 0;
	for (; c->status_at < c->rows; c->status_at++) {
		if (c->row[c->status_at].package != packages)
			continue;
		if (any && (c->ways.one_each || rsp->n > 180))
			return 0x6310;
		card_tell(c, &c->row[c->status_at], a->p1, tlv, rsp);
		any = true;
	}
	return any ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* Length and value. */
static inline struct rd card_lv(struct rd *in)
{
	size_t n = rd_u8(in);
	n = n == 0x81 ? rd_u8(in) : n == 0x82 ? rd_u16(in) : n;
	return rd_sub(in, n);
}

static inline struct aid card_lv_aid(struct rd *in)
{
	struct aid a = {0};
	struct rd v = card_lv(in);
	if (!v.bad)
		aid_take(&a, v.p, v.n);
	return a;
}

static inline sw_t card_for_load(struct gp_fake *c, struct rd *in)
{
	c->loading_file = card_lv_aid(in);
	buf_clear(&c->last_install_load);
	buf_add(&c->last_install_load, in->p, in->n);
	if (card_find(c, &c->loading_file, true) != NULL)
		return SW_CONDITIONS_OF_USE;
	c->loading = true;
	c->load_len = c->blocks = 0;
	return SW_OK;
}

static inline sw_t card_for_install(struct gp_fake *c, struct rd *in, unsigned p1)
{
	struct aid file = card_lv_aid(in), module = card_lv_aid(in), instance = card_lv_aid(in);
	struct rd privileges = card_lv(in);
	(void)module;
	if ((p1 & 4) != 0) {
		if (card_find(c, &file, true) == NULL)
			return SW_REFERENCE_NOT_FOUND;
		if (card_find(c, &instance, false) != NULL)
			return SW_WRONG_DATA;
		struct card_row *r = card_add(c, &instance, false);
		r->file = file;
		r->privilege = privileges.n != 0 ? privileges.p[0] : 0;
	}
	struct card_row *r = card_find(c, &instance, false);
	if (r == NULL)
		return SW_REFERENCE_NOT_FOUND;
	if ((p1 & 8) != 0 && !c->ways.stays_installed)
		r->life = 7;
	return SW_OK;
}

static inline sw_t card_install(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	struct rd in = rd_of(a->data, a->lc);
	sw_t sw = SW_OK;
	if (a->p1 == 0x02)
		sw = card_for_load(c, &in);
	else if (a->p1 == 0x04 || a->p1 == 0x08 || a->p1 == 0x0c)
		sw = card_for_install(c, &in, a->p1);
	else if (a->p1 != 0x20 && a->p1 != 0x10 && a->p1 != 0x40)
		return SW_WRONG_P1P2;
	if (sw == SW_OK)
		buf_add(rsp, "\x03\xaa\xbb\xcc", c->ways.receipts ? 4 : 1);
	if (sw == SW_OK && !c->ways.receipts)
		rsp->p[rsp->n - 1] = 0;
	return sw;
}

/* A load file is C4 with its whole length, perhaps behind DAP blocks; the AID in its Header is not looked at. */
static inline sw_t card_load(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	if (!c->loading || a->p2 != (c->blocks & 0xff) || c->load_len + a->lc > CARD_FILE_MAX)
		return SW_CONDITIONS_OF_USE;
	c->loads++;
	c->extended += a->extended;
	memcpy(c->load + c->load_len, a->data, a->lc);
	c->load_len += a->lc;
	c->blocks++;
	if ((a->p1 & 0x80) == 0)
		return SW_OK;
	c->loading = false;
	uint32_t length = c->load_len > 4 ? (uint32_t)(c->load[2] << 8 | c->load[3]) : 0;
	if (c->load[0] == 0xc4 && c->load[1] == 0x82 && length + 4 != c->load_len)
		return SW_WRONG_DATA;
	if (c->load_len > c->free)
		return SW_NO_MEMORY;
	card_add(c, &c->loading_file, true);
	buf_u8(rsp, 0);
	return SW_OK;
}

static inline sw_t card_delete(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	struct rd v;
	struct aid aid;
	buf_clear(&c->last_delete);
	buf_add(&c->last_delete, a->data, a->lc);
	if (!tlv_find(rd_of(a->data, a->lc), 0x4f, &v) || !aid_take(&aid, v.p, v.n))
		return SW_WRONG_DATA;
	if (a->p2 != 0 && c->ways.no_related)
		return SW_WRONG_P1P2;
	struct card_row *r = card_find(c, &aid, false), *file = card_find(c, &aid, true);
	if (r == NULL && file == NULL)
		return SW_REFERENCE_NOT_FOUND;
	for (size_t i = 0; i < c->rows; i++)
		if (aid_equal(&c->row[i].domain, &aid))
			return SW_CONDITIONS_OF_USE;
	for (size_t i = 0; file != NULL && i < c->rows;) {
		if (c->row[i].package || !aid_equal(&c->row[i].file, &aid)) {
			i++;
			continue;
		}
		if ((a->p2 & 0x80) == 0)
			return SW_CONDITIONS_OF_USE;
		card_remove(c, &c->row[i]);
	}
	card_remove(c, file != NULL ? card_find(c, &aid, true) : r);
	buf_u8(rsp, 0);
	return SW_OK;
}

/* Three keys: type, length, [clear length], cryptogram, check value. */
static inline sw_t card_put_key(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	struct rd in = rd_of(a->data, a->lc);
	struct cm_key_set keys = {.version = rd_u8(&in)};
	uint8_t *to[] = {keys.enc, keys.mac, keys.dek}, check[3];
	buf_u8(rsp, keys.version);
	if ((a->p2 & 0x80) == 0)
		return SW_OK; /* a public key */
	for (int k = 0; k < 3; k++) {
		unsigned type = rd_u8(&in);
		struct rd field = card_lv(&in);
		size_t n = type == 0x88 ? rd_u8(&field) : field.n;
		struct rd kcv = card_lv(&in);
		uint8_t plain[64];
		size_t sealed = rd_left(&field);
		if (in.bad || sealed > sizeof plain || sealed % (c->scp == 3 ? 16 : 8) != 0 || n > sealed || n > 32 ||
		    type != (c->scp == 3 ? 0x88u : 0x80u) ||
		    !cm_secure_decrypt(&c->secure, rd_bytes(&field, sealed), sealed, plain))
			return SW_WRONG_DATA;
		memcpy(to[k], plain, n);
		keys.length = (uint8_t)n;
		if (!cm_check_value(type == 0x88, to[k], n, check) || kcv.n != 3 || memcmp(check, kcv.p, 3) != 0)
			return SW_WRONG_DATA;
		if (c->ways.wrong_check_values)
			check[1] ^= 1;
		if (!c->ways.no_check_values)
			buf_add(rsp, check, 3);
	}
	c->keys = keys;
	return SW_OK;
}

static inline sw_t card_set_status(struct gp_fake *c, const struct apdu *a)
{
	struct aid aid;
	aid_take(&aid, a->data, a->lc);
	if (a->p1 == 0x80) {
		c->life = a->p2;
		return SW_OK;
	}
	struct card_row *r = card_find(c, &aid, false);
	if (r == NULL)
		return SW_REFERENCE_NOT_FOUND;
	r->life = a->p2 == 0x80 ? r->life | 0x80 : a->p2 == 0 ? r->life & 0x7f : a->p2;
	return SW_OK;
}

static inline sw_t card_store(struct gp_fake *c, const struct apdu *a)
{
	if (a->p2 == 0)
		buf_clear(&c->stored);
	buf_add(&c->stored, a->data, a->lc);
	return SW_OK;
}

static inline sw_t card_managed(struct gp_fake *c, const struct apdu *a, struct buf *rsp)
{
	switch (a->ins) {
	case 0xca:
		return card_get_data(c, a, rsp);
	case 0xf2:
		return card_status(c, a, rsp);
	case 0xe6:
		return card_install(c, a, rsp);
	case 0xe8:
		return card_load(c, a, rsp);
	case 0xe4:
		return card_delete(c, a, rsp);
	case 0xd8:
		return card_put_key(c, a, rsp);
	case 0xf0:
		return card_set_status(c, a);
	case 0xe2:
		return card_store(c, a);
	case 0x7a:
		return cm_secure_begin_rmac(&c->secure, a);
	case 0x78:
		return cm_secure_end_rmac(&c->secure, a, rsp);
	default:
		return SW_INS_NOT_SUPPORTED;
	}
}

static inline bool card_fails(struct gp_fake *c, const struct apdu *a)
{
	const struct card_ways *w = &c->ways;
	return a->ins == w->fail_ins && (w->fail_p1 < 0 || a->p1 == w->fail_p1) && c->failing++ >= w->fail_from;
}

static inline sw_t card_command(struct gp_fake *c, struct apdu *a, uint8_t *data, struct buf *rsp)
{
	if (a->ins == 0xa4)
		return card_select(c, a, rsp);
	if (!c->selected)
		return SW_INS_NOT_SUPPORTED;
	if (a->ins == 0x50)
		return card_initialize(c, a, rsp);
	if (a->ins == 0x82)
		return card_authenticate(c, a);
	if (c->secure.state != CM_SECURE_OPEN && c->ways.implicit && (a->cla & 4) != 0) {
		struct cm_initialize q = {.scp = 2,
		    .i = c->i,
		    .keys = &c->keys,
		    .diversification = c->kdd,
		    .sequence = c->sequence,
		    .aid = card_isd.p,
		    .aid_len = card_isd.n};
		if (cm_secure_begin_implicit(&c->secure, &q) != SW_OK)
			return SW_CONDITIONS_OF_USE;
		c->authentications++;
	} else if (c->secure.state != CM_SECURE_OPEN)
		return a->ins == 0xca ? card_get_data(c, a, rsp) : SW_SECURITY_STATUS;
	sw_t sw = cm_secure_unwrap(&c->secure, a, data);
	if (sw != SW_OK)
		return sw;
	sw = card_fails(c, a) ? c->ways.fail_sw : card_managed(c, a, rsp);
	return cm_secure_wrap(&c->secure, rsp, 0, sw);
}

/* --- the link --- */

static inline enum link_status card_link_reset(struct link *l)
{
	card_reset(l->state);
	l->atr_len = 4;
	memcpy(l->atr, "\x3b\x02\x67\x70", 4);
	return LINK_OK;
}

static inline enum link_status card_link_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct gp_fake *c = l->state;
	struct apdu a;
	uint8_t data[65536];
	sw_t sw = SW_WRONG_LENGTH;
	c->commands++;
	buf_clear(rsp);
	if (apdu_parse(&a, cmd, n)) {
		if (a.lc != 0)
			memcpy(data, a.data, a.lc);
		a.data = data;
		sw = card_command(c, &a, data, rsp);
		if (sw != SW_OK && sw >> 8 != 0x63 && sw >> 8 != 0x62)
			buf_clear(rsp);
	}
	buf_u16(rsp, sw);
	return LINK_OK;
}

static inline void card_link_close(struct link *l)
{
	card_reset(l->state);
}

static const struct link_ops card_ops = {card_link_reset, card_link_transmit, card_link_close};

static inline void card_link(struct link *l, struct gp_fake *c)
{
	*l = (struct link){.ops = &card_ops, .state = c, .simulated = true};
	strcpy(l->name, "sim:gp-kit");
	card_link_reset(l);
}

#endif
