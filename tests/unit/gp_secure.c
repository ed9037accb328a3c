/* Secure channels, card side: every published session and key row, then every variant against the oracle of
 * support/gp_host.h, and what must be refused. */
#include "tests/unit/support/gp_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/hex.h"
#include "runtime/sim/javacard/manager/secure.h"

enum { COLUMNS = 20 };

/* --- tab-separated fixtures --- */

static char *column[COLUMNS];

static int split(char *line)
{
	int n = 0;
	line[strcspn(line, "\r\n")] = 0;
	for (char *p = line; p != NULL && n < COLUMNS;) {
		column[n++] = p;
		p = strchr(p, '\t');
		if (p != NULL)
			*p++ = 0;
	}
	return n;
}

static size_t bytes(const char *hex, uint8_t *out)
{
	size_t n = 0;
	unsigned v;
	if (strcmp(hex, "-") == 0)
		return 0;
	for (; sscanf(hex + 2 * n, "%2x", &v) == 1 && hex[2 * n] != 0; n++)
		out[n] = (uint8_t)v;
	return n;
}

static FILE *fixture(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "tests/fixtures/globalplatform/%s", name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	return f;
}

/* --- a session of a fixture on the card side --- */

struct session {
	struct cm_secure s;
	uint8_t iur[64];
	size_t iur_len;
};

static void set_keys(struct cm_key_set *k, uint8_t version, const char *enc, const char *mac, const char *dek)
{
	memset(k, 0, sizeof *k);
	k->version = version;
	k->length = (uint8_t)bytes(enc, k->enc);
	bytes(mac, k->mac);
	bytes(dek, k->dek);
}

enum { ID, SCP, I, ENC, MAC, DEK, AID, HOST, IUR, HOST_CRYPTOGRAM, EXT_AUTH, S_ENC, S_MAC, S_RMAC, S_DEK, PSEUDO };

static void same_key(const char *hex, const uint8_t *key)
{
	uint8_t want[64];
	size_t n = bytes(hex, want);
	assert_memory_equal(want, key, n);
}

/* INITIALIZE UPDATE and EXTERNAL AUTHENTICATE of the row in column[]. */
static void replay_open(struct cm_secure *s)
{
	uint8_t iur[64], host[16], aid[16], ext[64], random[16] = {0};
	struct cm_key_set keys;
	struct buf rsp = {0};
	size_t n = bytes(column[IUR], iur), hn = bytes(column[HOST], host);
	bool pseudo = strcmp(column[PSEUDO], "yes") == 0;
	set_keys(&keys, iur[10], column[ENC], column[MAC], column[DEK]);
	struct cm_initialize q = {.scp = iur[11],
	    .keys = &keys,
	    .diversification = iur,
	    .random = random,
	    .host = host,
	    .host_len = hn,
	    .aid = aid,
	    .aid_len = bytes(column[AID], aid),
	    .i = (uint8_t)strtoul(column[I], NULL, 16)};
	if (q.scp == 2) {
		q.sequence = (uint32_t)iur[12] << 8 | iur[13];
		memcpy(random, iur + 14, 6);
	} else if (q.scp == 1)
		memcpy(random, iur + 12, 8);
	else {
		memcpy(random, iur + 13, 8);
		q.sequence = (uint32_t)iur[n - 3] << 16 | (uint32_t)iur[n - 2] << 8 | iur[n - 1];
		if (!pseudo) /* as recorded from a card whose challenge is not the derived one */
			q.i &= (uint8_t)~CM_I_PSEUDO_RANDOM;
	}
	assert_int_equal(cm_secure_begin(s, &q, &rsp), SW_OK);
	if (q.scp == 3 && !pseudo)
		iur[12] = q.i;
	assert_int_equal(rsp.n, q.scp == 3 && !pseudo ? n - 3 : n);
	assert_memory_equal(rsp.p, iur, rsp.n);
	same_key(column[S_ENC], s->enc);
	same_key(column[S_MAC], s->mac);
	same_key(column[S_RMAC], s->rmac);
	same_key(column[S_DEK], s->dek);
	same_key(column[HOST_CRYPTOGRAM], s->host_cryptogram);
	struct apdu a;
	size_t en = bytes(column[EXT_AUTH], ext);
	assert_true(apdu_parse(&a, ext, en));
	assert_int_equal(cm_secure_authenticate(s, &a), SW_OK);
	assert_int_equal(cm_secure_level(s), 0x80 | ext[2]);
	buf_reset(&rsp);
}

/* Every command that the row's session has in wrapped.tsv; returns how many. */
static int replay_commands(struct cm_secure *s, const char *id)
{
	static char line[8192];
	static uint8_t plain[2048], wrapped[2048], want[2048];
	char name[128];
	int n = 0;
	FILE *f = fixture("wrapped.tsv");
	snprintf(name, sizeof name, "%s", id);
	while (fgets(line, sizeof line, f) != NULL) {
		char *mine[6], *p = line;
		for (int i = 0; i < 6; i++) {
			mine[i] = p;
			p = strchr(p, '\t');
			*p++ = 0;
		}
		if (strcmp(mine[0], name) != 0)
			continue;
		struct apdu a, b;
		assert_true(apdu_parse(&a, wrapped, bytes(mine[3], wrapped)));
		assert_true(apdu_parse(&b, plain, bytes(mine[2], plain)));
		assert_int_equal(cm_secure_unwrap(s, &a, wrapped + 5), SW_OK);
		assert_int_equal(a.lc, b.lc);
		assert_int_equal(a.cla, b.cla);
		if (a.lc != 0)
			assert_memory_equal(a.data, b.data, a.lc);
		if (mine[4][0] != 0) {
			struct buf rsp = {0};
			size_t m = bytes(mine[5], want);
			buf_add(&rsp, want, m);
			assert_int_equal(cm_secure_wrap(s, &rsp, 0, SW_OK), SW_OK);
			m = bytes(mine[4], want);
			assert_int_equal(rsp.n, m);
			assert_memory_equal(rsp.p, want, m);
			buf_reset(&rsp);
		}
		n++;
	}
	fclose(f);
	return n;
}

static void recorded_sessions(void **state)
{
	(void)state;
	static char line[4096];
	int sessions = 0, commands = 0;
	FILE *f = fixture("sessions.tsv");
	while (fgets(line, sizeof line, f) != NULL) {
		if (line[0] == '#' || strncmp(line, "id\t", 3) == 0)
			continue;
		struct cm_secure s = {0};
		split(line);
		replay_open(&s);
		commands += replay_commands(&s, column[ID]);
		sessions++;
	}
	fclose(f);
	assert_int_equal(sessions, 22);
	assert_int_equal(commands, 74);
}

/* --- key rows --- */

static void key_and_check(const char *text, const uint8_t *key, size_t n, bool aes)
{
	uint8_t want[64], kcv[3];
	const char *k = strstr(text, "key="), *c = strstr(text, "kcv=");
	if (k != NULL && key != NULL) {
		size_t m = bytes(k + 4, want);
		assert_memory_equal(want, key, m < n ? m : n);
	}
	if (c != NULL) {
		assert_int_equal(bytes(c + 4, want), 3);
		assert_true(cm_check_value(aes, key, n, kcv));
		assert_memory_equal(kcv, want, 3);
	}
}

static void key_row(const char *kind, const char *algo, const char *key_hex, const char *input, const char *output)
{
	uint8_t key[64], in[256] = {0}, want[64], out[64] = {0};
	size_t n = bytes(key_hex, key);
	bool aes = strncmp(algo, "AES", 3) == 0;
	if (strncmp(kind, "diversify", 9) == 0) { /* the loader diversifies; the card's part is the check value */
		n = bytes(strstr(output, "key=") + 4, key);
		key_and_check(output, key, n, aes);
	} else if (strcmp(kind, "kcv") == 0) {
		assert_true(cm_check_value(aes, key, n, out));
		assert_memory_equal(out, want, bytes(output, want));
	} else if (strcmp(kind, "aes-cmac") == 0) {
		size_t m = bytes(input, in);
		assert_true(cm_cmac(key, n, in, m / 2, in + m / 2, m - m / 2, out));
		assert_memory_equal(out, want, bytes(output, want));
	} else if (strcmp(kind, "scp03-kdf") == 0 || strcmp(kind, "session-scp03") == 0) {
		unsigned constant = 0, bits = (unsigned)n * 8;
		if (sscanf(input, "const=%x L=%u", &constant, &bits) == 0)
			constant = strstr(input, "S-ENC") ? 4 : strstr(input, "S-MAC") ? 6 : 7;
		const char *c = strstr(input, "ctx=") ? strstr(input, "ctx=") + 4 : strstr(input, "context=") + 8;
		char hex[128];
		sscanf(c, "%127s", hex);
		size_t m = bytes(hex, in);
		assert_true(cm_derive(key, n, (uint8_t)constant, in, m, out, bits / 8));
		if (strstr(output, "key=") != NULL)
			key_and_check(output, out, bits / 8, true);
		else
			assert_memory_equal(out, want, bytes(output, want));
	} else { /* session-scp01, session-scp02, wrapkey: the keys of a session with challenges and counter zero */
		struct cm_key_set keys = {.version = 1, .length = 16};
		struct cm_secure s;
		struct buf rsp = {0};
		memcpy(keys.enc, key, 16);
		memcpy(keys.mac, key, 16);
		memcpy(keys.dek, key, 16);
		struct cm_initialize q = {.scp = strstr(kind, "scp01") ? 1 : 2,
		    .i = strstr(kind, "scp01") ? 5 : 0x15,
		    .keys = &keys,
		    .diversification = in,
		    .aid = in,
		    .aid_len = 8,
		    .random = in,
		    .host = in,
		    .host_len = 8};
		assert_int_equal(cm_secure_begin(&s, &q, &rsp), SW_OK);
		if (strncmp(kind, "wrapkey", 7) == 0) {
			assert_int_equal(bytes(output, want), 16);
			assert_true(cm_secure_encrypt(&s, key, 16, out));
			assert_memory_equal(out, want, 16);
			assert_true(cm_secure_decrypt(&s, want, 16, out));
			assert_memory_equal(out, key, 16);
		} else
			key_and_check(output,
			    strstr(input, "S-RMAC")      ? s.rmac
				: strstr(input, "S-MAC") ? s.mac
				: strstr(input, "S-DEK") ? s.dek
							 : s.enc,
			    16, false);
		buf_reset(&rsp);
	}
}

static void key_rows(void **state)
{
	(void)state;
	static char line[4096];
	int rows = 0;
	FILE *f = fixture("keys.tsv");
	while (fgets(line, sizeof line, f) != NULL) {
		split(line);
		if (strcmp(column[0], "kind") == 0)
			continue;
		key_row(column[0], column[1], column[2], column[3], column[4]);
		rows++;
	}
	fclose(f);
	assert_int_equal(rows, 75);
}

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
		uint8_t sequence[2] = {1, 2}, zero[8] = {0};
		assert_int_equal(cm_secure_begin_implicit(s, &q), SW_OK);
		h->scp = 2;
		h->width = 8;
		gph_session_des(h, sequence);
		gph_des_mac('r', h->mac, zero, isd, sizeof isd, h->chain);
		h->first = 1;
		h->level = 1;
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

static void rmac_sessions(void **state)
{
	(void)state;
	struct cm_secure s = {0};
	static struct gp_host h;
	uint8_t begin[] = {0x80, 0x7a, 0x10, 0x01}, w[64];
	struct apdu a;
	struct buf rsp = {0};
	/* SCP02: BEGIN with P1 10, an exchange with R-MAC, END gives the last one */
	open_both(&s, &h, v02r, 0x01);
	size_t n = gph_wrap(&h, begin, sizeof begin, w);
	assert_true(apdu_parse(&a, w, n));
	assert_int_equal(cm_secure_unwrap(&s, &a, w + 5), SW_OK);
	assert_int_equal(cm_secure_begin_rmac(&s, &a), SW_OK);
	assert_int_equal(cm_secure_begin_rmac(&s, &a), SW_CONDITIONS_OF_USE);
	h.level |= 0x10;
	memcpy(h.r_icv, h.chain, 8);
	exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 30, SW_OK);
	exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 0, SW_REFERENCE_NOT_FOUND);
	exchange(&s, &h, (const uint8_t *)"\x80\xca\x00\x66\x00", 5, 7, SW_OK);
	uint8_t end[] = {0x80, 0x78, 0x00, 0x03, 0x00};
	n = gph_wrap(&h, end, sizeof end, w);
	assert_true(apdu_parse(&a, w, n));
	assert_int_equal(cm_secure_unwrap(&s, &a, w + 5), SW_OK);
	assert_int_equal(cm_secure_end_rmac(&s, &a, &rsp), SW_OK);
	assert_int_equal(rsp.n, 8);
	assert_memory_equal(rsp.p, h.r_icv, 8);
	assert_int_equal(cm_secure_level(&s), 0x81);
	assert_int_equal(cm_secure_end_rmac(&s, &a, &rsp), SW_CONDITIONS_OF_USE);
	/* a session that has R-MAC from the start knows neither command */
	open_both(&s, &h, v02r, 0x11);
	assert_int_equal(cm_secure_begin_rmac(&s, &a), SW_CONDITIONS_OF_USE);
	assert_int_equal(cm_secure_end_rmac(&s, &a, &rsp), SW_CONDITIONS_OF_USE);
	/* i without R-MAC */
	open_both(&s, &h, v02, 0x01);
	a = (struct apdu){.cla = 0x80, .ins = 0x7a, .p1 = 0x10, .p2 = 1};
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
	    cmocka_unit_test(recorded_sessions),
	    cmocka_unit_test(key_rows),
	    cmocka_unit_test(all_variants),
	    cmocka_unit_test(every_changed_byte_is_refused),
	    cmocka_unit_test(refused_by_level),
	    cmocka_unit_test(authentication_refused),
	    cmocka_unit_test(rmac_sessions),
	    cmocka_unit_test(padding_undone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
