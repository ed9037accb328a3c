/* Secure channels, card side: every published session and key row (tests/fixtures/globalplatform). */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recorded_sessions),
	    cmocka_unit_test(key_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
