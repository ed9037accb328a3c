/* Keys of GlobalPlatform's secure channels, the terminal's side: every published row (tests/fixtures/globalplatform).
 */
#include "tests/unit/support/gp_rows.h"

static enum cipher_algorithm algorithm(const char *name)
{
	return strcmp(name, "3DES") == 0 ? CIPHER_DES_EDE2 : CIPHER_AES;
}

/* "key=… kcv=…" against a key. */
static void assert_key(const struct gp_key *k, enum cipher_algorithm a, const char *wanted)
{
	char text[2 * GP_KEY_MAX + 1];
	uint8_t kcv[GP_CHECK_VALUE];
	const char *key = strstr(wanted, "key="), *check = strstr(wanted, "kcv=");
	hex_encode(text, k->p, k->n);
	if (key != NULL)
		assert_memory_equal(key + 4, text, strlen(text));
	assert_true(gp_check_value(a, k, kcv));
	hex_encode(text, kcv, sizeof kcv);
	if (check != NULL)
		assert_memory_equal(check + 4, text, 6);
}

static struct gp_key *named(struct gp_key_set *s, const char *what)
{
	return strstr(what, "ENC") != NULL ? &s->enc : strstr(what, "DEK") != NULL ? &s->dek : &s->mac;
}

static void diversify_row(char *c[COLUMNS])
{
	uint8_t kdd[GP_KDD];
	struct gp_key_set s = {key_of(c[2]), key_of(c[2]), key_of(c[2])};
	const char *how = c[0] + strlen("diversify-");
	c[3][4 + 2 * GP_KDD] = 0; /* "KDD=…" and behind it the key's name */
	bytes(c[3] + 4, kdd, sizeof kdd);
	assert_true(gp_diversify(&s, gp_diversification_named(how, strlen(how)), kdd));
	assert_key(named(&s, c[3] + 5 + 2 * GP_KDD), algorithm(c[1]), c[4]);
}

static int count_rows(const char *kind, void (*check)(char *c[COLUMNS]))
{
	int n = 0;
	char *c[COLUMNS];
	for (char *at = read_table(FOLDER "/keys.tsv"); row(&at, c);) {
		if (strncmp(c[0], kind, strlen(kind)) != 0)
			continue;
		check(c);
		n++;
	}
	return n;
}

static void test_diversification(void **state)
{
	(void)state;
	assert_int_equal(count_rows("diversify-", diversify_row), 16);
}

static void kcv_row(char *c[COLUMNS])
{
	struct gp_key k = key_of(c[2]);
	uint8_t kcv[GP_CHECK_VALUE];
	assert_true(gp_check_value(algorithm(c[1]), &k, kcv));
	assert_hex(kcv, sizeof kcv, c[4]);
}

static void test_check_values(void **state)
{
	(void)state;
	assert_int_equal(count_rows("kcv", kcv_row), 5);
}

static void cmac_row(char *c[COLUMNS])
{
	uint8_t message[64], out[MAC_MAX];
	struct gp_key k = key_of(c[2]);
	size_t n = bytes(c[3], message, sizeof message);
	struct mac *m = mac_new(MAC_CMAC_AES, k.p, k.n);
	assert_non_null(m);
	assert_true(mac_compute(m, message, n, out));
	assert_hex(out, sizeof out, c[4]);
	mac_free(m);
}

static void test_cmac(void **state)
{
	(void)state;
	assert_int_equal(count_rows("aes-cmac", cmac_row), 4);
}

/* "const=01 L=256 ctx=…" */
static void kdf_row(char *c[COLUMNS])
{
	uint8_t context[32], out[32];
	unsigned constant, length;
	struct gp_key k = key_of(c[2]);
	assert_int_equal(sscanf(c[3], "const=%x L=%u", &constant, &length), 2);
	size_t n = bytes(strstr(c[3], "ctx=") + 4, context, sizeof context);
	assert_true(scp03_derive(&k, constant, context, n, out, length / 8));
	assert_hex(out, length / 8, c[4]);
}

static void test_scp03_kdf(void **state)
{
	(void)state;
	assert_int_equal(count_rows("scp03-kdf", kdf_row), 40);
}

/* "seq=0000 S-ENC", "context=… S-MAC", "host+card challenge=00*16" */
static void session_row(char *c[COLUMNS])
{
	struct gp_key k = key_of(c[2]), out = {.n = 16};
	uint8_t context[16] = {0};
	if (strcmp(c[0], "session-scp01") == 0)
		assert_true(scp01_derive(&k, context, context, out.p));
	else if (strcmp(c[0], "session-scp02") == 0) {
		unsigned constant = strstr(c[3], "S-ENC") ? 0x0182
		    : strstr(c[3], "S-DEK")               ? 0x0181
		    : strstr(c[3], "S-RMAC")              ? 0x0102
							  : 0x0101;
		assert_true(scp02_derive(&k, constant, 0, out.p));
	} else {
		c[3][8 + 20] = 0;
		size_t n = bytes(c[3] + 8, context, sizeof context);
		const char *what = c[3] + 8 + 21;
		unsigned constant = strcmp(what, "S-ENC") == 0 ? 0x04 : strcmp(what, "S-MAC") == 0 ? 0x06 : 0x07;
		assert_true(scp03_derive(&k, constant, context, n, out.p, k.n));
	}
	assert_key(&out, algorithm(c[1]), c[4]);
}

static void test_session_keys(void **state)
{
	(void)state;
	assert_int_equal(count_rows("session-", session_row), 8);
}

/* "encrypt KEY under …" */
static void wrap_key_row(char *c[COLUMNS])
{
	struct gp_channel ch = {.scp = c[0][strlen("wrapkey-scp0")] == '1' ? 1 : 2};
	struct gp_key dek = key_of(c[2]);
	struct buf out = {0};
	ch.dek = dek;
	if (ch.scp == 2)
		assert_true(scp02_derive(&dek, 0x0181, 0, ch.dek.p));
	c[3][8 + 32] = 0;
	struct gp_key k = key_of(c[3] + 8);
	assert_true(gp_channel_seal(&ch, k.p, k.n, &out));
	assert_hex(out.p, out.n, c[4]);
	buf_reset(&out);
}

static void test_key_encryption(void **state)
{
	(void)state;
	assert_int_equal(count_rows("wrapkey-", wrap_key_row), 2);
}

static void nothing(char *c[COLUMNS])
{
	(void)c;
}

static void test_every_key_row_has_a_test(void **state)
{
	(void)state;
	assert_int_equal(count_rows("", nothing), 16 + 5 + 4 + 40 + 8 + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_diversification),
	    cmocka_unit_test(test_check_values),
	    cmocka_unit_test(test_cmac),
	    cmocka_unit_test(test_scp03_kdf),
	    cmocka_unit_test(test_session_keys),
	    cmocka_unit_test(test_key_encryption),
	    cmocka_unit_test(test_every_key_row_has_a_test),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_reset(&table);
	return failed;
}
