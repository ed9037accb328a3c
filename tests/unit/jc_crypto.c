/* Applets that use javacard.security and javacardx.crypto, with vectors of FIPS 197, RFC 8017's own programs and SEC 2:
 * the dialogues of tests/fixtures/javacard on the machine, the same before and after the power was off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/emit/javacard/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/cap/cap.h"
#include "runtime/crypto/cipher.h"
#include "runtime/crypto/digest.h"
#include "runtime/crypto/ec.h"
#include "runtime/crypto/iso9796.h"
#include "runtime/crypto/rsa.h"
#include "runtime/sim/javacard/machine/machine.h"

static sw_t may_register(void *context, uint16_t applet, const uint8_t *aid, size_t n)
{
	(void)context, (void)applet, (void)aid, (void)n;
	return SW_OK;
}

static void tape(void *context, uint8_t *out, size_t n)
{
	static uint32_t x = 1;
	(void)context;
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		out[i] = (uint8_t)(x >> 24);
	}
}

static bool usable(void *context, uint16_t applet)
{
	(void)context, (void)applet;
	return true;
}

static const struct jc_host host = {.may_register = may_register, .random = tape, .usable = usable};
static struct sim sim;

static void power_up(void)
{
	free(sim.ram);
	sim.ram_size = (uint32_t)jc_ram_size_of(&sim.nv, 0);
	sim.ram = calloc(1, sim.ram_size);
	assert_non_null(sim.ram);
	assert_true(jc_power_up(&sim, &host));
}

static void deliver(bool everything)
{
	struct jc_chip chip = {.version = 0x0300,
	    .persistent = 60000,
	    .reset = 4096,
	    .deselect = 1024,
	    .commit = 4096,
	    .apdu_buffer = 261,
	    .channels = 4,
	    .int_supported = true,
	    .extended = true};
	memset(chip.minor, 9, sizeof chip.minor);
	memset(chip.algorithm, everything ? 0xFF : 0, sizeof chip.algorithm);
	sim = (struct sim){0};
	sim.nv.size = jc_memory_size(&chip, 64);
	sim.nv.mem = calloc(1, sim.nv.size);
	assert_non_null(sim.nv.mem);
	sim.nv.cut = NV_NO_CUT;
	jc_deliver(&sim.nv, &chip, 64);
	sim.powered = true;
	power_up();
}

/* Load and install the fixture's applet; the status word of what failed. */
static sw_t install(const char *name)
{
	static struct cap cap;
	struct buf text = {0}, file = {0}, load = {0};
	struct arena arena = {0};
	const char *message = NULL;
	struct diag_list d = {0};
	char path[80];
	uint8_t package, params[20] = {0};
	uint16_t applet;
	snprintf(path, sizeof path, "tests/fixtures/javacard/%s.jca", name);
	assert_true(file_read(path, 1 << 20, &text, &d));
	if (!asm_text_to_cap(&arena, (const char *)text.p, text.n, 0x0201, &file, &message))
		fail_msg("%s: %s", path, message);
	assert_true(cap_open(&cap, file.p, file.n, path, &d));
	cap_load_data(&cap, false, &load);
	struct jc *jc = jc_of(&sim);
	sw_t sw = jc_load_begin(jc, cap.aid.p, cap.aid.n, 0);
	if (sw == SW_OK)
		sw = jc_load_bytes(jc, load.p, load.n);
	if (sw == SW_OK)
		sw = jc_load_end(jc, &package);
	if (sw == SW_OK) {
		nv_begin(&sim.nv);
		jc_load_commit(jc);
		assert_true(nv_commit(&sim.nv));
		jc_load_done(jc);
		size_t n = cap.applet[0].aid.n;
		params[0] = (uint8_t)n;
		memcpy(params + 1, cap.applet[0].aid.p, n);
		sw = jc_install(jc, package, 0, cap.applet[0].aid.p, n, params, n + 3, &applet);
	}
	if (sw == SW_OK) {
		nv_begin(&sim.nv);
		jc_install_commit(jc);
		assert_true(nv_commit(&sim.nv));
		jc_install_done(jc);
	}
	cap_close(&cap);
	buf_reset(&text);
	buf_reset(&file);
	buf_reset(&load);
	arena_free(&arena);
	return sw;
}

static void command(const char *name, const char *line)
{
	static uint8_t cmd[600], want[600];
	size_t n, want_n;
	struct jc *jc = jc_of(&sim);
	struct buf rsp = {0};
	const char *arrow = strstr(line, " => ");
	assert_non_null(arrow);
	assert_true(hex_decode(line, (size_t)(arrow - line), cmd, sizeof cmd, &n));
	assert_true(hex_decode(arrow + 4, strcspn(arrow + 4, "\r\n"), want, sizeof want, &want_n));
	bool select = cmd[0] == 0 && cmd[1] == 0xA4 && cmd[2] == 4;
	if (select) {
		int applet = jc_applet_by_aid(jc, cmd + 5, cmd[4]);
		assert_true(applet > 0);
		if (jc_selected_on(jc, 0) != JC_NOBODY)
			jc_deselect(jc, 0);
		assert_true(jc_select(jc, (uint16_t)applet, 0));
	}
	jc_process(jc, 0, select, cmd, n, &rsp);
	if (rsp.n != want_n || memcmp(rsp.p, want, want_n) != 0)
		fail_msg("%s: %.60s: %02X%02X", name, line, rsp.p[rsp.n - 2], rsp.p[rsp.n - 1]);
	buf_reset(&rsp);
}

static void dialogue(const char *name)
{
	char path[80], line[2048];
	snprintf(path, sizeof path, "tests/fixtures/javacard/%s.apdus", name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (line[0] != '#' && line[0] != '\n')
			command(name, line);
	fclose(f);
}

static void leave(void)
{
	free(sim.ram);
	free(sim.nv.mem);
}

static void dialogues(void **state)
{
	static const char *const names[] = {"aes", "ec"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		deliver(true);
		assert_int_equal(install(names[i]), SW_OK);
		dialogue(names[i]);
		power_up();
		dialogue(names[i]);
		leave();
	}
	/* This one looks at a key that is not set: once only. */
	deliver(true);
	assert_int_equal(install("rsa"), SW_OK);
	dialogue("rsa");
	leave();
}

/* A chip without the algorithms: NO_SUCH_ALGORITHM leaves install(). */
static void chip_without(void **state)
{
	(void)state;
	deliver(false);
	assert_int_not_equal(install("aes"), SW_OK);
	leave();
}

/* FIPS 180-4's examples of two blocks, halfway: setInitialDigest gives what one message gives. */
static void digest_resumes(void **state)
{
	(void)state;
	static const uint8_t half[64] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopqABCDEFGH";
	for (int a = DIGEST_MD5; a <= DIGEST_RIPEMD160; a++) {
		struct digest d, e;
		uint8_t one[DIGEST_MAX], two[DIGEST_MAX];
		size_t n = digest_block((enum digest_algorithm)a);
		assert_true(n == 64 || n == 128);
		digest_begin(&d, (enum digest_algorithm)a);
		digest_add(&d, half, 64);
		digest_add(&d, half, 64);
		e = d; /* streaming from a copy */
		digest_add(&d, "x", 1);
		digest_end(&d, one);
		digest_add(&e, "x", 1);
		digest_end(&e, two);
		assert_memory_equal(one, two, digest_length((enum digest_algorithm)a));
		assert_false(digest_resume(&d, (enum digest_algorithm)a, half, 64, 63));
		assert_false(digest_resume(&d, (enum digest_algorithm)a, half, 64, 0));
		assert_false(digest_resume(&d, (enum digest_algorithm)a, half, 15, 64));
	}
}

/* RFC 6979 A.2.5: P-256, SHA-256, "sample": the nonce is given there, so the signature is too. */
static void ecdsa_vector(void **state)
{
	static const char *const text[] = {"FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
	    "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC",
	    "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B",
	    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
	    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
	    "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
	    "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
	    "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
	    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
	    "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60",
	    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
	    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"};
	uint8_t b[10][65], r[EC_BYTES_MAX], s[EC_BYTES_MAX], hash[DIGEST_MAX], point[EC_POINT_MAX];
	size_t n[10];
	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(hex_decode(text[i], strlen(text[i]), b[i], sizeof b[i], &n[i]));
	struct ec_curve c = {{b[0], n[0]}, {b[1], n[1]}, {b[2], n[2]}, {b[3], n[3]}, {b[4], n[4]}, false};
	struct ec_number x = {b[5], n[5]}, w = {b[6], n[6]}, k = {b[7], n[7]};
	struct digest d;
	digest_begin(&d, DIGEST_SHA256);
	digest_add(&d, "sample", 6);
	digest_end(&d, hash);
	assert_true(ec_multiply(&c, x, NULL, NULL, point));
	assert_memory_equal(point, b[6], 65);
	assert_true(ec_sign(&c, x, k, hash, 32, r, s));
	assert_memory_equal(r, b[8], 32);
	assert_memory_equal(s, b[9], 32);
	assert_true(ec_right(&c, w, hash, 32, (struct ec_number){r, 32}, (struct ec_number){s, 32}));
	hash[0] ^= 1;
	assert_false(ec_right(&c, w, hash, 32, (struct ec_number){r, 32}, (struct ec_number){s, 32}));
	b[6][64] ^= 1;
	assert_false(ec_point_right(&c, w));
}

/* A generated key works both ways, with every padding. */
static void rsa_paddings(void **state)
{
	static const uint8_t f4[] = {1, 0, 1};
	struct rsa_number e = {f4, 3};
	struct rsa_random random = {tape, NULL};
	uint8_t p[64], q[64], n[128], d[128], dp[64], dq[64], pq[64], x[128], y[128];
	const uint8_t *m;
	size_t m_len;
	(void)state;
	assert_true(rsa_generate(1024, e, random, p, q));
	assert_true(rsa_derive(p, q, 64, e, n, d, dp, dq, pq));
	struct rsa_number modulus = {n, 128};
	const struct rsa_number crt[5] = {{p, 64}, {q, 64}, {dp, 64}, {dq, 64}, {pq, 64}};
	assert_true(rsa_pad_oaep(DIGEST_SHA1, (const uint8_t *)"hello", 5, random, x, 128));
	assert_true(rsa_power(modulus, e, x, 128, y));
	assert_true(rsa_power_crt(crt, y, 128, y));
	assert_true(rsa_unpad_oaep(DIGEST_SHA1, y, 128, &m, &m_len));
	assert_int_equal(m_len, 5);
	assert_memory_equal(m, "hello", 5);
	assert_true(rsa_pad_type2((const uint8_t *)"hello", 5, random, x, 128));
	assert_true(rsa_power(modulus, e, x, 128, y));
	assert_true(rsa_power(modulus, (struct rsa_number){d, 128}, y, 128, y));
	assert_true(rsa_unpad(y, 128, 2, &m, &m_len));
	assert_int_equal(m_len, 5);
	assert_false(rsa_unpad(y, 128, 1, &m, &m_len));
	assert_true(rsa_emsa_pss(DIGEST_SHA256, n, d, 32, x, 128));
	assert_true(rsa_emsa_pss_right(DIGEST_SHA256, n, 32, x, 128));
	assert_true(rsa_emsa_pss(DIGEST_SHA256, n, d, 32, x, 128));
	assert_false(rsa_emsa_pss_right(DIGEST_SHA256, p, 32, x, 128));
	assert_false(rsa_power(modulus, e, modulus.p, 128, y)); /* not below the modulus */
}

/* NIST SP 800-17's and FIPS 81's: single DES of "Now is t", key 0123456789ABCDEF. */
static void single_des(void **state)
{
	static const uint8_t key[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF};
	static const uint8_t want[] = {0x3F, 0xA4, 0x0E, 0x8A, 0x98, 0x4D, 0x48, 0x15};
	uint8_t out[8];
	(void)state;
	struct cipher *c = cipher_new(CIPHER_DES, key, 8);
	assert_non_null(c);
	assert_true(cipher_ecb_encrypt(c, (const uint8_t *)"Now is t", 8, out));
	assert_memory_equal(out, want, 8);
	assert_true(cipher_ecb_decrypt(c, out, 8, out));
	assert_memory_equal(out, "Now is t", 8);
	cipher_free(c);
}

/* ISO/IEC 9796-2, the example of RIPEMD-160 with partial recovery that Bouncy Castle's tests quote. */
static void iso9796_vector(void **state)
{
	static const char *const text[] = {"ffffffff78f6c55506c59785e871211ee120b0b5dd644aa796d82413a47b24573f1be5745b5"
					   "cd9950f6b389b52350d4e01e90009669a8720"
					   "bf265a2865994190a661dea3c7828e2e7ca1b19651adc2d5",
	    "2aaaaaaa942920e38120ee965168302fd0301d73a4e60c7143ceb0adf0bf30b9352f50e8b9e4ceedd65343b2179005b2f099915e4b"
	    "0c37e4"
	    "1314bb0821ad8330d23cba7f589e0f129b04c46b67dfce9d",
	    "5cf9a01854dbacaec83aae8efc563d74538192e95466babacd361d7c86000fe42dcb4581e48e4feb862d04698da9203b1803b26210"
	    "5104d5"
	    "10b365ee9c660857ba1c001aa57abfd1c8de92e47c275cae"};
	static const uint8_t part[] = {0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10}, three[] = {3};
	uint8_t b[3][80], hash[DIGEST_MAX], m[8 * 14], x[80], y[80];
	size_t n, room = iso9796_capacity(DIGEST_RIPEMD160, 80);
	struct iso9796 opened;
	struct digest d;
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(hex_decode(text[i], strlen(text[i]), b[i], 80, &n) && n == 80);
	for (size_t i = 0; i < sizeof m; i++)
		m[i] = part[i % 8];
	digest_begin(&d, DIGEST_RIPEMD160);
	digest_add(&d, m, sizeof m);
	digest_end(&d, hash);
	assert_int_equal(room, 58);
	assert_true(iso9796_pad(DIGEST_RIPEMD160, hash, m, room, true, x, 80));
	assert_true(rsa_power((struct rsa_number){b[0], 80}, (struct rsa_number){b[1], 80}, x, 80, y));
	assert_memory_equal(y, b[2], 80);
	assert_true(rsa_power((struct rsa_number){b[0], 80}, (struct rsa_number){three, 1}, y, 80, y));
	assert_true(iso9796_open(DIGEST_RIPEMD160, y, 80, &opened));
	assert_true(opened.more && opened.m1_len == room && memcmp(opened.m1, m, room) == 0);
	assert_memory_equal(opened.digest, hash, 20);
	assert_false(iso9796_pad(DIGEST_RIPEMD160, hash, m, room - 1, true, x, 80));
	assert_false(iso9796_pad(DIGEST_RIPEMD160, hash, m, room + 1, false, x, 80));
	y[0] = 0x6B; /* padding goes on, but no BA ends it */
	assert_false(iso9796_open(DIGEST_RIPEMD160, y, 80, &opened));
	memset(y + 1, 0xBB, room);
	assert_false(iso9796_open(DIGEST_RIPEMD160, y, 80, &opened));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dialogues),
	    cmocka_unit_test(chip_without),
	    cmocka_unit_test(digest_resumes),
	    cmocka_unit_test(ecdsa_vector),
	    cmocka_unit_test(rsa_paddings),
	    cmocka_unit_test(single_des),
	    cmocka_unit_test(iso9796_vector),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
