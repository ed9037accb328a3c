/* Secure channels, card side: every variant against the oracle of support/gp_host.h, and what must be refused. */
#include "tests/unit/support/gp_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/hex.h"
#include "runtime/sim/javacard/manager/secure.h"

/* --- every variant against the oracle --- */

struct variant {
	int scp, i, key_len;
};

static const uint8_t base[32] = {0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d,
    0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f};
static const uint8_t isd[] = {0xa0, 0, 0, 1, 0x51, 0, 0, 0};

static void open_both(struct cm_secure *s, struct gp_host *h, struct variant v, int level)
{
	static const uint8_t kdd[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	uint8_t random[16], cmd[64];
	struct cm_key_set keys = {.version = 0x30, .length = (uint8_t)v.key_len};
	struct buf rsp = {0};
	struct apdu a;
	memset(h, 0, sizeof *h);
	h->key_len = (size_t)v.key_len;
	h->i = v.i;
	for (int i = 0; i < v.key_len; i++) {
		bool three = v.scp == 3 || (v.i & 1) != 0;
		keys.enc[i] = h->k_enc[i] = base[i];
		keys.mac[i] = h->k_mac[i] = three ? base[i] ^ 0x11 : base[i];
		keys.dek[i] = h->k_dek[i] = three ? base[i] ^ 0x22 : base[i];
	}
	for (int i = 0; i < 16; i++) {
		random[i] = (uint8_t)(0xc0 + i);
		h->challenge[i] = (uint8_t)(7 * i + v.i);
	}
	memcpy(h->aid, isd, sizeof isd);
	h->aid_len = sizeof isd;
	struct cm_initialize q = {.scp = (uint8_t)v.scp,
	    .i = (uint8_t)v.i,
	    .keys = &keys,
	    .diversification = kdd,
	    .sequence = 0x0102,
	    .aid = isd,
	    .aid_len = sizeof isd,
	    .random = random,
	    .host = h->challenge,
	    .host_len = cm_secure_width((uint8_t)v.scp, (uint8_t)v.i)};
	if (v.scp == 2 && (v.i & CM_I_EXPLICIT) == 0) {
		assert_int_equal(cm_secure_begin_implicit(s, &q), SW_OK);
		gph_implicit(h, (const uint8_t[]){1, 2});
		return;
	}
	assert_int_equal(cm_secure_begin(s, &q, &rsp), SW_OK);
	if (v.scp == 2 && (v.i & 2) != 0)
		h->level = -1; /* EXTERNAL AUTHENTICATE itself is always modified */
	size_t n = gph_authenticate(h, rsp.p, rsp.n, level, cmd);
	h->i = v.i;
	assert_true(apdu_parse(&a, cmd, n));
	assert_int_equal(cm_secure_authenticate(s, &a), SW_OK);
	buf_reset(&rsp);
}

/* One command through both sides, with an answer of m bytes. */
static void exchange(struct cm_secure *s, struct gp_host *h, const uint8_t *plain, size_t n, size_t m, sw_t sw)
{
	static uint8_t wrapped[70000], back[70000];
	struct apdu a, b;
	struct buf rsp = {0};
	size_t w = gph_wrap(h, plain, n, wrapped);
	assert_true(apdu_parse(&a, wrapped, w));
	assert_true(apdu_parse(&b, plain, n));
	uint8_t *data = a.data != NULL ? wrapped + (a.data - wrapped) : NULL;
	assert_int_equal(cm_secure_unwrap(s, &a, data), SW_OK);
	assert_int_equal(a.lc, b.lc);
	if (a.lc != 0)
		assert_memory_equal(a.data, b.data, b.lc);
	for (size_t i = 0; i < m; i++)
		buf_u8(&rsp, (unsigned)(i * 3 + 1) & 0xff);
	assert_int_equal(cm_secure_wrap(s, &rsp, 0, sw), sw);
	buf_u16(&rsp, sw);
	memcpy(back, rsp.p, rsp.n);
	size_t got = gph_unwrap(h, back, rsp.n);
	bool error = sw != SW_OK && sw >> 8 != 0x62 && sw >> 8 != 0x63;
	assert_int_equal(got, ((h->level & 0x10) != 0 && error ? 0 : m) + 2);
	for (size_t i = 0; i + 2 < got; i++)
		assert_int_equal(back[i], (i * 3 + 1) & 0xff);
	buf_reset(&rsp);
}

static void dialogue(struct variant v, int level)
{
	struct cm_secure s = {0};
	static struct gp_host h;
	static uint8_t longer[1024] = {0x80, 0xe8, 0, 0, 0, 1, 0x80};
	open_both(&s, &h, v, level);
	exchange(&s, &h, (const uint8_t *)"\x80\xf2\x20\x02", 4, 0, SW_OK);
	exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 30, SW_OK);
	exchange(&s, &h, (const uint8_t *)"\x80\xf2\x80\x02\x02\x4f\x00\x00", 8, 16, SW_OK);
	exchange(
	    &s, &h, (const uint8_t *)"\x80\xe4\x00\x00\x07\x4f\x05\xa0\x00\x00\x00\x01", 12, 0, SW_REFERENCE_NOT_FOUND);
	exchange(&s, &h, (const uint8_t *)"\x81\xca\x00\x66\x00", 5, 15, 0x6310);
	exchange(&s, &h, (const uint8_t *)"\xc0\xca\x00\x66\x00", 5, 15, SW_OK);
	for (size_t lc = 1; lc <= 64; lc++) {
		uint8_t c[80] = {0x80, 0xe2, 0, 0, (uint8_t)lc};
		memset(c + 5, (int)lc, lc);
		exchange(&s, &h, c, 5 + lc, lc, SW_OK);
	}
	if (v.scp == 3) /* extended length: 384 bytes of data */
		exchange(&s, &h, longer, 7 + 384, 0, SW_OK);
}

static void all_variants(void **state)
{
	(void)state;
	static const int levels[] = {0x00, 0x01, 0x03, 0x10, 0x11, 0x13, 0x33};
	int n = 0;
	for (int scp = 1; scp <= 3; scp++)
		for (int i = 0; i < 0x80; i++) {
			if (!cm_secure_known((uint8_t)scp, (uint8_t)i))
				continue;
			for (int key_len = 16; key_len <= (scp == 3 ? 32 : 16); key_len += 8)
				for (int l = 0; l < 7; l++) {
					int level = levels[l];
					bool r = scp == 2 ? (i & 0x20) != 0 : scp == 3 && (i & 0x20) != 0;
					bool implicit = scp == 2 && (i & 4) == 0;
					if (((level & 0x10) != 0 && !r) || (level == 0x10 && scp == 3) ||
					    ((level & 0x20) != 0 && (scp != 3 || (i & 0x40) == 0)) ||
					    (implicit && level != 0x01))
						continue;
					dialogue((struct variant){scp, i, key_len}, level);
					n++;
				}
		}
	assert_true(n > 250);
}

/* --- refusals --- */

static const struct variant v02 = {2, 0x55, 16}, v02r = {2, 0x75, 16}, v03 = {3, 0x70, 16};

static void every_changed_byte_is_refused(void **state)
{
	(void)state;
	static const uint8_t plain[] = {0x80, 0xe2, 0x90, 0x00, 5, 1, 2, 3, 4, 5};
	const struct variant all[] = {v02, v03, {3, 0x71, 32}, {1, 0x15, 16}};
	static struct gp_host h;
	for (size_t v = 0; v < 4; v++)
		for (size_t at = 0;; at++) {
			struct cm_secure s = {0};
			uint8_t w[80];
			struct apdu a;
			open_both(&s, &h, all[v], 0x03);
			size_t n = gph_wrap(&h, plain, sizeof plain, w);
			if (at == n)
				break;
			w[at] ^= at == 0 ? 0x80 : 0x01;
			if (at == 4 || !apdu_parse(&a, w, n)) /* Lc: not a command any more */
				continue;
			assert_int_equal(cm_secure_unwrap(&s, &a, w + 5), SW_SECURITY_STATUS);
			assert_int_equal(s.state, CM_SECURE_ABORTED);
			assert_int_equal(cm_secure_level(&s), 0);
			/* and nothing of it is left */
			for (size_t i = 0; i < sizeof s.enc; i++)
				assert_int_equal(s.enc[i] | s.mac[i] | s.rmac[i] | s.dek[i], 0);
		}
}

static void refused_by_level(void **state)
{
	(void)state;
	struct cm_secure s = {0};
	static struct gp_host h;
	uint8_t w[80], plain[] = {0x80, 0xf2, 0x80, 0x02, 2, 0x4f, 0};
	struct apdu a;
	/* without secure messaging although C-MAC was agreed */
	open_both(&s, &h, v03, 0x01);
	assert_true(apdu_parse(&a, plain, sizeof plain));
	assert_int_equal(cm_secure_unwrap(&s, &a, plain + 5), SW_SECURITY_STATUS);
	/* a command repeated */
	open_both(&s, &h, v03, 0x03);
	size_t n = gph_wrap(&h, plain, sizeof plain, w);
	uint8_t again[80];
	memcpy(again, w, n);
	assert_true(apdu_parse(&a, w, n));
	assert_int_equal(cm_secure_unwrap(&s, &a, w + 5), SW_OK);
	assert_true(apdu_parse(&a, again, n));
	assert_int_equal(cm_secure_unwrap(&s, &a, again + 5), SW_SECURITY_STATUS);
	/* after an abort nothing goes on */
	assert_true(apdu_parse(&a, plain, sizeof plain));
	assert_int_equal(cm_secure_unwrap(&s, &a, plain + 5), SW_SECURITY_STATUS);
	/* a data field shorter than a MAC */
	open_both(&s, &h, v02, 0x01);
	uint8_t tiny[] = {0x84, 0xf2, 0x80, 0x02, 2, 0x4f, 0};
	assert_true(apdu_parse(&a, tiny, sizeof tiny));
	assert_int_equal(cm_secure_unwrap(&s, &a, tiny + 5), SW_SECURITY_STATUS);
}

static sw_t authenticate_changed(struct variant v, size_t at, int level)
{
	struct cm_secure s = {0};
	static struct gp_host h;
	struct cm_key_set keys = {.version = 1, .length = 16};
	uint8_t cmd[64], random[16] = {1}, kdd[10] = {0};
	struct buf rsp = {0};
	struct apdu a;
	memset(&h, 0, sizeof h);
	h.key_len = 16;
	h.i = v.i;
	memcpy(h.k_enc, base, 16);
	memcpy(h.k_mac, base, 16);
	memcpy(h.k_dek, base, 16);
	memcpy(keys.enc, base, 16);
	memcpy(keys.mac, base, 16);
	memcpy(keys.dek, base, 16);
	struct cm_initialize q = {.scp = (uint8_t)v.scp,
	    .i = (uint8_t)v.i,
	    .keys = &keys,
	    .diversification = kdd,
	    .aid = isd,
	    .aid_len = 8,
	    .random = random,
	    .host = h.challenge,
	    .host_len = 8};
	assert_int_equal(cm_secure_begin(&s, &q, &rsp), SW_OK);
	size_t n = gph_authenticate(&h, rsp.p, rsp.n, level, cmd);
	if (at < n)
		cmd[at] ^= 1;
	assert_true(apdu_parse(&a, cmd, n));
	sw_t sw = cm_secure_authenticate(&s, &a);
	if (sw != SW_OK && sw != SW_WRONG_P1P2)
		assert_int_equal(cm_secure_authenticate(&s, &a), SW_CONDITIONS_OF_USE);
	buf_reset(&rsp);
	return sw;
}

static void authentication_refused(void **state)
{
	(void)state;
	assert_int_equal(authenticate_changed(v02, 99, 1), SW_OK);
	for (size_t at = 5; at < 13; at++) {
		assert_int_equal(authenticate_changed(v02, at, 1), SW_WARNING_NO_INFO);
		assert_int_equal(authenticate_changed(v03, at, 1), SW_WARNING_NO_INFO);
	}
	for (size_t at = 13; at < 21; at++) {
		assert_int_equal(authenticate_changed(v02, at, 1), SW_SECURITY_STATUS);
		assert_int_equal(authenticate_changed(v03, at, 1), SW_SECURITY_STATUS);
	}
	assert_int_equal(authenticate_changed(v02, 99, 0x02), SW_WRONG_P1P2);
	assert_int_equal(authenticate_changed(v02, 99, 0x11), SW_WRONG_P1P2); /* i without R-MAC */
	assert_int_equal(authenticate_changed(v03, 99, 0x23), SW_WRONG_P1P2);
	assert_int_equal(authenticate_changed(v03, 99, 0x80), SW_WRONG_P1P2);
	assert_int_equal(authenticate_changed((struct variant){3, 0x30, 16}, 99, 0x33), SW_WRONG_P1P2);
}

/* A command through both sides up to where the card acts on it. */
static void bring(struct cm_secure *s, struct gp_host *h, const char *plain, size_t n, struct apdu *a)
{
	static uint8_t w[300];
	n = gph_wrap(h, (const uint8_t *)plain, n, w);
	assert_true(apdu_parse(a, w, n));
	assert_int_equal(cm_secure_unwrap(s, a, w + 5), SW_OK);
}

/* BEGIN R-MAC SESSION with a challenge of the host, and its answer, which has no protection yet. */
static sw_t begin_rmac(struct cm_secure *s, struct gp_host *h, uint8_t p1)
{
	char begin[] = "\x80\x7a\x10\x01\x05\x04\x11\x22\x33\x44";
	struct apdu a;
	struct buf rsp = {0};
	begin[2] = (char)p1;
	bring(s, h, begin, 10, &a);
	sw_t sw = cm_secure_begin_rmac(s, &a);
	assert_int_equal(cm_secure_wrap(s, &rsp, 0, sw), sw);
	if (sw == SW_OK && h->scp == 2)
		gph_begin_rmac(h);
	assert_int_equal(rsp.n, sw == SW_OK && h->scp == 3 && (h->level & 0x10) != 0 ? 8 : 0);
	buf_reset(&rsp);
	return sw;
}

static sw_t end_rmac(struct cm_secure *s, struct gp_host *h, uint8_t p2)
{
	char end[] = "\x80\x78\x00\x03\x00";
	struct apdu a;
	struct buf rsp = {0};
	end[3] = (char)p2;
	bring(s, h, end, 5, &a);
	sw_t sw = cm_secure_end_rmac(s, &a, &rsp);
	assert_int_equal(cm_secure_wrap(s, &rsp, 0, sw), sw);
	if (sw == SW_OK) {
		assert_int_equal(rsp.n, 8);
		if (h->scp == 2)
			assert_memory_equal(rsp.p, h->r_icv, 8);
	}
	buf_reset(&rsp);
	return sw;
}

static const struct variant v02i = {2, 0x3b, 16}, v02i1 = {2, 0x3a, 16};

/* SCP02, each answer protected (P1 10): explicit and implicit channels. What was refused is part of the chain. */
static void rmac_sessions(void **state)
{
	(void)state;
	const struct variant all[] = {v02r, {2, 0x25, 16}, v02i, v02i1};
	for (size_t v = 0; v < 4; v++) {
		struct cm_secure s = {0};
		static struct gp_host h;
		open_both(&s, &h, all[v], 0x01);
		exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 30, SW_OK);
		assert_int_equal(end_rmac(&s, &h, 0x03), SW_CONDITIONS_OF_USE);
		assert_int_equal(begin_rmac(&s, &h, 0x10), SW_OK);
		assert_int_equal(cm_secure_level(&s), 0x91);
		exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 30, SW_OK);
		exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 0, SW_REFERENCE_NOT_FOUND);
		exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 7, SW_OK);
		assert_int_equal(end_rmac(&s, &h, 0x01), SW_OK); /* goes on */
		exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 7, 0x6310);
		exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 0, SW_WRONG_DATA);
		assert_int_equal(end_rmac(&s, &h, 0x03), SW_OK);
		assert_int_equal(cm_secure_level(&s), 0x81);
		h.level &= ~0x10;
		exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 7, SW_OK);
		assert_int_equal(begin_rmac(&s, &h, 0x10), SW_OK); /* and once more */
		exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 7, SW_OK);
		assert_int_equal(end_rmac(&s, &h, 0x03), SW_OK);
	}
}

/* SCP02, P1 00: nothing in the answers; END has it all. */
static void silent_rmac_session(void **state)
{
	(void)state;
	struct cm_secure s = {0};
	static struct gp_host h;
	struct apdu a;
	struct buf rsp = {0};
	open_both(&s, &h, v02r, 0x03);
	assert_int_equal(begin_rmac(&s, &h, 0x00), SW_OK);
	for (int i = 0; i < 3; i++) {
		sw_t sw = i == 1 ? SW_REFERENCE_NOT_FOUND : SW_OK;
		uint8_t w[2] = {(uint8_t)(sw >> 8), (uint8_t)sw};
		bring(&s, &h, "\x80\xca\x00\x66\x00", 5, &a);
		buf_clear(&rsp);
		buf_add(&rsp, "abc", 3);
		assert_int_equal(cm_secure_wrap(&s, &rsp, 0, sw), sw);
		assert_int_equal(rsp.n, sw == SW_OK ? 3 : 0);
		gph_r_mac(&h, rsp.p, rsp.n, w);
	}
	assert_int_equal(end_rmac(&s, &h, 0x03), SW_OK);
	assert_int_equal(cm_secure_level(&s), 0x83);
	buf_reset(&rsp);
}

/* SCP03: Amendment D 7.1.3, 7.1.4: more protection than EXTERNAL AUTHENTICATE asked for, and back. */
static void rmac_sessions_of_scp03(void **state)
{
	(void)state;
	struct cm_secure s = {0};
	static struct gp_host h;
	open_both(&s, &h, v03, 0x01);
	assert_int_equal(begin_rmac(&s, &h, 0x30), SW_CONDITIONS_OF_USE); /* without C-DECRYPTION */
	assert_int_equal(begin_rmac(&s, &h, 0x00), SW_WRONG_P1P2);
	assert_int_equal(begin_rmac(&s, &h, 0x10), SW_OK);
	h.level |= 0x10;
	exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 30, SW_OK);
	assert_int_equal(end_rmac(&s, &h, 0x01), SW_WRONG_P1P2);
	assert_int_equal(end_rmac(&s, &h, 0x03), SW_OK);
	assert_int_equal(cm_secure_level(&s), 0x81);
	open_both(&s, &h, v03, 0x13);
	assert_int_equal(begin_rmac(&s, &h, 0x10), SW_CONDITIONS_OF_USE);
	assert_int_equal(begin_rmac(&s, &h, 0x30), SW_OK);
	h.level |= 0x20;
	exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 30, SW_OK);
	assert_int_equal(end_rmac(&s, &h, 0x03), SW_OK);
	assert_int_equal(cm_secure_level(&s), 0x93);
	open_both(&s, &h, v03, 0x33);
	assert_int_equal(begin_rmac(&s, &h, 0x30), SW_CONDITIONS_OF_USE);
	open_both(&s, &h, v03, 0x00);
	assert_int_equal(begin_rmac(&s, &h, 0x10), SW_CONDITIONS_OF_USE);
	open_both(&s, &h, (struct variant){3, 0x30, 16}, 0x03);
	assert_int_equal(begin_rmac(&s, &h, 0x30), SW_WRONG_P1P2); /* i without R-ENCRYPTION */
}

static void rmac_sessions_refused(void **state)
{
	(void)state;
	struct cm_secure s = {0};
	static struct gp_host h;
	struct buf rsp = {0};
	static const uint8_t lv[26] = {25, 1}, one[2] = {2, 1};
	struct apdu a = {.cla = 0x80, .ins = 0x7a, .p1 = 0x10, .p2 = 1, .data = lv, .lc = 26};
	open_both(&s, &h, v02r, 0x01);
	assert_int_equal(cm_secure_begin_rmac(&s, &a), SW_WRONG_DATA); /* 24 bytes at most */
	a.data = one;
	a.lc = 2;
	assert_int_equal(cm_secure_begin_rmac(&s, &a), SW_WRONG_DATA);
	a.lc = 0;
	assert_int_equal(cm_secure_begin_rmac(&s, &a), SW_WRONG_DATA);
	assert_int_equal(begin_rmac(&s, &h, 0x20), SW_WRONG_P1P2);
	assert_int_equal(begin_rmac(&s, &h, 0x10), SW_OK);
	assert_int_equal(cm_secure_begin_rmac(&s, &(struct apdu){.p1 = 0x10, .p2 = 1, .data = lv + 2, .lc = 1}),
	    SW_CONDITIONS_OF_USE);
	/* a session that has R-MAC from the start knows neither command */
	open_both(&s, &h, v02r, 0x11);
	a = (struct apdu){.cla = 0x80, .ins = 0x7a, .p1 = 0x10, .p2 = 1, .data = lv + 2, .lc = 1};
	assert_int_equal(cm_secure_begin_rmac(&s, &a), SW_CONDITIONS_OF_USE);
	assert_int_equal(cm_secure_end_rmac(&s, &a, &rsp), SW_CONDITIONS_OF_USE);
	/* i without R-MAC */
	open_both(&s, &h, v02, 0x01);
	assert_int_equal(cm_secure_begin_rmac(&s, &a), SW_WRONG_P1P2);
	buf_reset(&rsp);
}

static void padding_undone(void **state)
{
	(void)state;
	uint8_t p[16] = {1, 2, 0x80, 0, 0, 0, 0, 0};
	size_t n = 8;
	assert_true(cm_unpad(p, &n));
	assert_int_equal(n, 2);
	n = 2;
	assert_false(cm_unpad(p, &n));
	n = 0;
	assert_false(cm_unpad(p, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_variants),
	    cmocka_unit_test(every_changed_byte_is_refused),
	    cmocka_unit_test(refused_by_level),
	    cmocka_unit_test(authentication_refused),
	    cmocka_unit_test(rmac_sessions),
	    cmocka_unit_test(silent_rmac_session),
	    cmocka_unit_test(rmac_sessions_of_scp03),
	    cmocka_unit_test(rmac_sessions_refused),
	    cmocka_unit_test(padding_undone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
