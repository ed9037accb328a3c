/* Signatures about content: DAP (AES, RSA, EC; mandated), tokens of delegated management, receipts. The keys and
 * signatures of the other side are made by OpenSSL here. */
#include "tests/unit/support/cm_kit.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "runtime/crypto/sha256.h"

#define ISD    "A000000151000000"
#define FILE_  "05F049474102"
#define APP    "06F04947410201"
#define DOMAIN "08D392100031000007"

static struct gp_kit k;
static struct buf file;
static uint8_t hash[SHA256_LEN];
static EVP_PKEY *rsa_small, *rsa_large, *ec;

static size_t header_len(void)
{
	return file.p[1] < 0x80 ? 2 : 2u + (file.p[1] & 0x7f);
}

static void start(const char *lv_privileges)
{
	gpk_new(&k, "nxp-jcop4-j3r180");
	buf_clear(&file);
	gpk_cap(&k, "javacard/managed", &file);
	assert_true(sha256(file.p + header_len(), file.n - header_len(), hash));
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	gpk_domain(&k, DOMAIN, lv_privileges, "02C900");
}

/* --- keys --- */

static void put_secret(unsigned version, const uint8_t key[16])
{
	uint8_t cmd[64] = {0x80, 0xd8, 0, 1, 20, (uint8_t)version, 0x88, 0x10};
	gph_aes(k.host.dek, 16, 1, key, cmd + 8);
	cmd[24] = 0;
	assert_int_equal(gpk_bytes(&k, cmd, 25), SW_OK);
}

static void put_public(unsigned version, EVP_PKEY *key)
{
	uint8_t cmd[400] = {0x80, 0xd8, 0, 1, 0, 0, 0, (uint8_t)version}, data[300];
	size_t n = 0, at = 8;
	BIGNUM *v = NULL;
	if (EVP_PKEY_is_a(key, "RSA")) {
		assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &v), 1);
		n = (size_t)BN_bn2bin(v, data);
		BN_free(v);
		cmd[at++] = 0xa1;
		cmd[at++] = 0x82;
		cmd[at++] = (uint8_t)(n >> 8);
		cmd[at++] = (uint8_t)n;
		memcpy(cmd + at, data, n);
		at += n;
		memcpy(cmd + at, "\xa0\x03\x01\x00\x01\x00", 6);
		at += 6;
	} else {
		assert_int_equal(
		    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, data, sizeof data, &n), 1);
		cmd[at++] = 0xb0;
		cmd[at++] = (uint8_t)n;
		memcpy(cmd + at, data, n);
		at += n;
		memcpy(cmd + at, "\xf0\x01\x00\x00", 4);
		at += 4;
	}
	/* a modulus of 2048 bits needs an extended command */
	cmd[5] = (uint8_t)((at - 7) >> 8);
	cmd[6] = (uint8_t)(at - 7);
	assert_int_equal(gpk_bytes(&k, cmd, at), SW_OK);
}

static size_t sign(EVP_PKEY *key, const uint8_t *p, size_t n, uint8_t *out)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	size_t len = 300;
	bool large = key == rsa_large;
	assert_int_equal(
	    EVP_DigestSignInit_ex(md, &ctx, key == rsa_small ? "SHA1" : "SHA2-256", NULL, NULL, key, NULL), 1);
	if (large) {
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST);
	}
	assert_int_equal(EVP_DigestSign(md, out, &len, p, n), 1);
	EVP_MD_CTX_free(md);
	if (key != ec)
		return len;
	const uint8_t *der = out;
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &der, (long)len);
	uint8_t raw[64];
	BN_bn2binpad(ECDSA_SIG_get0_r(s), raw, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(s), raw + 32, 32);
	ECDSA_SIG_free(s);
	memcpy(out, raw, 64);
	return 64;
}

/* --- DAP --- */

static sw_t install_for_load(bool with_hash)
{
	char text[256] = FILE_ DOMAIN;
	size_t at = strlen(text);
	at += (size_t)snprintf(text + at, sizeof text - at, with_hash ? "20" : "00");
	for (int i = 0; i < SHA256_LEN && with_hash; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%02X", hash[i]);
	snprintf(text + at, sizeof text - at, "0000");
	return gpk_install(&k, 0x02, text);
}

/* E2 { 4F name, C3 signature } before the load file. */
static sw_t load_signed(const uint8_t *signature, size_t n)
{
	uint8_t name[16], value[400];
	size_t an = gpk_hex(&DOMAIN[2], name), at = 0;
	struct buf all = {0};
	value[at++] = 0x4f;
	value[at++] = (uint8_t)an;
	memcpy(value + at, name, an);
	at += an;
	value[at++] = 0xc3;
	if (n > 0x7f)
		value[at++] = n > 0xff ? 0x82 : 0x81;
	if (n > 0xff)
		value[at++] = (uint8_t)(n >> 8);
	value[at++] = (uint8_t)n;
	memcpy(value + at, signature, n);
	at += n;
	buf_u8(&all, 0xe2);
	if (at > 0x7f)
		buf_u8(&all, at > 0xff ? 0x82 : 0x81);
	if (at > 0xff)
		buf_u8(&all, (unsigned)(at >> 8));
	buf_u8(&all, at & 0xff);
	buf_add(&all, value, at);
	buf_add(&all, file.p, file.n);
	sw_t sw = gpk_load(&k, all.p, all.n, 190);
	buf_reset(&all);
	return sw;
}

static void dap(const char *lv_privileges, EVP_PKEY *key)
{
	static const uint8_t secret[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
	uint8_t s[400];
	size_t n = 16;
	start(lv_privileges);
	assert_int_equal(gpk_select(&k, &DOMAIN[2]), SW_OK);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	if (key == NULL) {
		put_secret(0x73, secret);
		gph_cmac(secret, 16, hash, sizeof hash, s);
	} else {
		put_public(0x73, key);
		n = sign(key, hash, sizeof hash, s);
	}
	assert_int_equal(gpk_select(&k, ISD), SW_OK);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	assert_int_equal(install_for_load(false), SW_CONDITIONS_OF_USE); /* no hash to sign */
	assert_int_equal(install_for_load(true), SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n, 190), SW_CONDITIONS_OF_USE); /* no block */
	s[n / 2] ^= 1;
	assert_int_equal(install_for_load(true), SW_OK);
	assert_int_equal(load_signed(s, n), SW_CONDITIONS_OF_USE);
	s[n / 2] ^= 1;
	hash[0] ^= 1;
	assert_int_equal(install_for_load(true), SW_OK);
	assert_int_equal(load_signed(s, n), SW_WRONG_DATA); /* another hash than the file's */
	hash[0] ^= 1;
	assert_int_equal(install_for_load(true), SW_OK);
	assert_int_equal(load_signed(s, n), SW_OK);
	gpk_expect(&k, "80F22002074F05F04947410200", SW_OK);
	gpk_free(&k);
}

static void dap_aes(void **state)
{
	(void)state;
	dap("01C0", NULL);
}

static void dap_rsa(void **state)
{
	(void)state;
	dap("01C0", rsa_small);
	dap("01C0", rsa_large);
}

static void dap_ec(void **state)
{
	(void)state;
	dap("01C0", ec);
}

static void dap_mandated(void **state)
{
	(void)state;
	dap("01C1", ec);
}

/* --- tokens and receipts --- */

static const uint8_t receipt_key[16] = {0x11, 0x22, 0x33};

/* INSTALL with a token over P1, P2, length and fields. */
static sw_t with_token(unsigned p1, const char *fields, EVP_PKEY *key, bool spoil)
{
	uint8_t m[300] = {(uint8_t)p1, 0}, s[300], cmd[600] = {0x80, 0xe6, (uint8_t)p1, 0};
	size_t n = gpk_hex(fields, m + 3), len;
	m[2] = (uint8_t)n;
	if (key != NULL)
		len = sign(key, m, 3 + n, s);
	else {
		static const uint8_t secret[16] = {5, 5, 5};
		gph_cmac(secret, 16, m, 3 + n, s);
		len = 16;
	}
	if (spoil)
		s[3] ^= 1;
	size_t at = 5, total = n + 1 + (len > 0x7f) + len;
	if (total > 200) { /* extended */
		at = 7;
		cmd[5] = (uint8_t)(total >> 8);
		cmd[6] = (uint8_t)total;
	} else
		cmd[4] = (uint8_t)total;
	memcpy(cmd + at, m + 3, n);
	at += n;
	if (len > 0x7f)
		cmd[at++] = 0x81;
	cmd[at++] = (uint8_t)len;
	memcpy(cmd + at, s, len);
	return gpk_bytes(&k, cmd, at + len);
}

/* LV receipt, LV counter, LV card data; the MAC is over what follows the receipt and the LVs of the names. */
static void receipt_right(unsigned counter, const char *lv_names)
{
	uint8_t m[200], names[100], mac[16];
	assert_true(k.n >= 17 + 4);
	assert_int_equal(k.rsp[0], 16);
	assert_int_equal(k.rsp[17], 2);
	assert_int_equal(k.rsp[18] << 8 | k.rsp[19], counter);
	size_t n = k.n - 17, nn = gpk_hex(lv_names, names);
	memcpy(m, k.rsp + 17, n);
	memcpy(m + n, names, nn);
	gph_cmac(receipt_key, 16, m, n + nn, mac);
	assert_memory_equal(k.rsp + 1, mac, 16);
}

static void delegated(EVP_PKEY *key)
{
	static const uint8_t secret[16] = {5, 5, 5};
	start("01A0");
	if (key != NULL)
		put_public(0x70, key);
	else
		put_secret(0x70, secret);
	put_secret(0x71, receipt_key);
	gpk_expect(&k, "80E290000A 4203112233 4503445566", SW_OK); /* IIN, CIN */
	assert_int_equal(gpk_select(&k, &DOMAIN[2]), SW_OK);
	assert_int_equal(gpk_open(&k, 0, 0x01), SW_OK);
	assert_int_equal(gpk_install(&k, 0x02, FILE_ DOMAIN "00 00 00"), SW_CONDITIONS_OF_USE); /* without token */
	assert_int_equal(with_token(0x02, FILE_ DOMAIN "00 00", key, true), SW_CONDITIONS_OF_USE);
	assert_int_equal(with_token(0x02, FILE_ DOMAIN "00 00", key, false), SW_OK);
	assert_int_equal(gpk_load(&k, file.p, file.n, 200), SW_OK);
	receipt_right(1, FILE_ DOMAIN);
	assert_int_equal(k.rsp[20], 6); /* card unique data: IIN and CIN */
	assert_int_equal(with_token(0x04, FILE_ APP APP "0100 02C900", key, false), SW_OK);
	receipt_right(2, FILE_ APP);
	assert_int_equal(with_token(0x08, "00 00" APP "0100 00", key, false), SW_OK);
	receipt_right(3, FILE_ APP);
	assert_int_equal(with_token(0x40, "00 00" APP "00 05 EF03CF0140", key, true), SW_CONDITIONS_OF_USE);
	assert_int_equal(with_token(0x40, "00 00" APP "00 05 EF03CF0140", key, false), SW_OK);
	receipt_right(4, "00" APP "00 00 05 EF03CF0140");
	gpk_expect(&k, "80E4000008 4F06F04947410201 00", SW_OK);
	receipt_right(5, APP);
	gpk_expect(&k, "80CA00C200", SW_OK);
	gpk_data(&k, "C2020005");
	gpk_free(&k);
}

static void delegated_management(void **state)
{
	(void)state;
	delegated(rsa_small);
	delegated(NULL);
	delegated(ec);
}

static int make_keys(void **state)
{
	(void)state;
	rsa_small = EVP_RSA_gen(1024);
	rsa_large = EVP_RSA_gen(2048);
	ec = EVP_EC_gen("P-256");
	return rsa_small == NULL || rsa_large == NULL || ec == NULL;
}

static int drop_keys(void **state)
{
	(void)state;
	EVP_PKEY_free(rsa_small);
	EVP_PKEY_free(rsa_large);
	EVP_PKEY_free(ec);
	buf_reset(&file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dap_aes),
	    cmocka_unit_test(dap_rsa),
	    cmocka_unit_test(dap_ec),
	    cmocka_unit_test(dap_mandated),
	    cmocka_unit_test(delegated_management),
	};
	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
