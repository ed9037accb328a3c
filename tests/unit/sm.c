/* The terminal's side of mutual authentication and secure messaging: worked examples byte for byte, and that no wrong
 * answer of a card is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/sm/cryptogram.h"
#include "runtime/sm/session.h"
#include "tests/unit/support/sm_vectors.h"

enum { ROOM = 1024 };

static size_t bytes(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = 0;
	assert_true(hex_decode(hex, strlen(hex), out, cap, &n));
	return n;
}

static void assert_hex(const uint8_t *p, size_t n, const char *hex)
{
	char text[2 * ROOM + 1];
	assert_true(n <= ROOM);
	assert_string_equal(hex_encode(text, p, n), hex);
}

static struct sm_session *session(enum sm_suite suite, const char *enc, const char *mac, const char *ssc)
{
	uint8_t e[32], m[32], c[SM_SSC_MAX] = {0};
	size_t n = bytes(enc, e, sizeof e);
	bytes(mac, m, sizeof m);
	bytes(ssc, c, sizeof c);
	struct sm_session *s = sm_session_new(suite, e, m, n, c);
	assert_non_null(s);
	return s;
}

static struct sm_session *sm3(void)
{
	return session(SM_BAC_3DES, BAC_KS_ENC, BAC_KS_MAC, BAC_SSC);
}

static struct sm_session *smaes(void)
{
	return session(SM_BAC_AES, AES_KS_ENC, AES_KS_MAC, ZERO_SSC);
}

static void wrap(struct sm_session *s, enum sm_mode mode, const char *plain, const char *want)
{
	uint8_t p[ROOM];
	struct buf cmd = {0};
	struct apdu a;
	assert_true(apdu_parse(&a, p, bytes(plain, p, sizeof p)));
	assert_true(sm_wrap(s, mode, &a, &cmd));
	assert_hex(cmd.p, cmd.n, want);
	buf_reset(&cmd);
}

static enum sm_answer unwrap(struct sm_session *s, const char *rsp, const char *want)
{
	uint8_t r[ROOM];
	struct buf plain = {0};
	enum sm_answer a = sm_unwrap(s, r, bytes(rsp, r, sizeof r), &plain);
	assert_hex(plain.p, plain.n, want);
	buf_reset(&plain);
	return a;
}

static void run(struct sm_session *s, enum sm_mode mode, const struct sm_vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		wrap(s, mode, v[i].plain, v[i].cmd);
		assert_int_equal(unwrap(s, v[i].rsp, v[i].plain_rsp), SM_ANSWER_GOOD);
		assert_int_equal(sm_answer_mode(s), strlen(v[i].plain_rsp) == 4 ? SM_MODE_ENC_MAC : mode);
	}
	sm_session_free(s);
}

static void examples_3des(void **state)
{
	(void)state;
	run(sm3(), SM_MODE_ENC_MAC, sm3_vectors, 3);
}

static void examples_aes(void **state)
{
	(void)state;
	run(smaes(), SM_MODE_ENC_MAC, smaes_vectors, 3);
}

static void examples_86(void **state)
{
	(void)state;
	run(smaes(), SM_MODE_ENC, sm86_vectors, 3);
}

static struct sm_opening bac(void)
{
	struct sm_opening o = {.suite = SM_BAC_3DES, .key_len = 16};
	bytes(BAC_KENC, o.k_enc, sizeof o.k_enc);
	bytes(BAC_KMAC, o.k_mac, sizeof o.k_mac);
	bytes(BAC_RND_IC, o.rnd_ic, sizeof o.rnd_ic);
	bytes(BAC_RND_IFD, o.rnd_ifd, sizeof o.rnd_ifd);
	bytes(BAC_K_IFD, o.k_ifd, sizeof o.k_ifd);
	return o;
}

/* 9303-11 appendix D.3 and D.4: authentication, then the three commands under the keys that came of it. */
static void example_bac(void **state)
{
	(void)state;
	struct sm_opening o = bac();
	struct buf token = {0};
	uint8_t answer[SM_TOKEN_MAX];
	assert_true(sm_token(&o, &token));
	assert_hex(token.p, token.n, BAC_TOKEN);
	struct sm_session *s = sm_open(&o, answer, bytes(BAC_ANSWER, answer, sizeof answer));
	assert_non_null(s);
	run(s, SM_MODE_ENC_MAC, sm3_vectors, 3);
	buf_reset(&token);
}

static void wrong_answers_open_nothing(void **state)
{
	(void)state;
	struct sm_opening o = bac();
	uint8_t answer[SM_TOKEN_MAX];
	size_t n = bytes(BAC_ANSWER, answer, sizeof answer);
	for (size_t i = 0; i < n; i++) {
		answer[i] ^= 1;
		assert_null(sm_open(&o, answer, n));
		answer[i] ^= 1;
	}
	for (size_t less = 0; less < n; less++)
		assert_null(sm_open(&o, answer, less));
	o.rnd_ic[0] ^= 1; /* a replay: right MAC, other challenge */
	assert_null(sm_open(&o, answer, n));
	o.rnd_ic[0] ^= 1;
	o.rnd_ifd[7] ^= 1;
	assert_null(sm_open(&o, answer, n));
	o.rnd_ifd[7] ^= 1;
	o.key_len = 24; /* two-key triple DES has no other */
	struct buf token = {0};
	assert_false(sm_token(&o, &token));
	assert_null(sm_open(&o, answer, n));
}

/* Plain data under MAC 81; odd INS 85; extended lengths. Checked by taking the objects apart. */
static void forms(void **state)
{
	(void)state;
	struct sm_session *s = smaes();
	uint8_t data[300] = {1, 2, 3};
	struct apdu a = {.ins = 0xd6, .data = data, .lc = 3};
	struct buf cmd = {0};
	assert_true(sm_wrap(s, SM_MODE_MAC, &a, &cmd));
	assert_hex(cmd.p, 12, "0CD600000F81030102038E08");
	assert_int_equal(cmd.n, 5 + 15 + 1);
	buf_clear(&cmd);
	a.cla = 0x80;
	a.ins = 0x35;
	assert_true(sm_wrap(s, SM_MODE_ENC_MAC, &a, &cmd));
	assert_hex(cmd.p, 7, "8C3500001C8510");
	buf_clear(&cmd);
	a = (struct apdu){.ins = 0xd6, .data = data, .lc = 239}; /* the most that a short command takes */
	assert_true(sm_wrap(s, SM_MODE_ENC_MAC, &a, &cmd));
	assert_int_equal(cmd.n, 5 + 254 + 1);
	buf_clear(&cmd);
	a.lc = 240;
	assert_true(sm_wrap(s, SM_MODE_ENC_MAC, &a, &cmd));
	assert_hex(cmd.p, 8, "0CD6000000010F87");
	buf_clear(&cmd);
	a = (struct apdu){.ins = 0xb0, .has_le = true, .le = 1000};
	assert_true(sm_wrap(s, SM_MODE_MAC, &a, &cmd));
	assert_hex(cmd.p, 11, "0CB0000000000E970203E8");
	assert_hex(cmd.p + cmd.n - 2, 2, "0000");
	buf_reset(&cmd);
	sm_session_free(s);
}

/* After anything that is not a good answer the session is over. */
static void assert_over(struct sm_session *s)
{
	struct apdu a = {.ins = 0xb0};
	struct buf cmd = {0};
	assert_false(sm_wrap(s, SM_MODE_ENC_MAC, &a, &cmd));
	assert_int_equal(cmd.n, 0);
	assert_int_equal(unwrap(s, "9000", ""), SM_ANSWER_WRONG);
	sm_session_free(s);
}

static void wrong_answer(const char *rsp)
{
	struct sm_session *s = sm3();
	wrap(s, SM_MODE_ENC_MAC, sm3_vectors[0].plain, sm3_vectors[0].cmd);
	assert_int_equal(unwrap(s, rsp, ""), SM_ANSWER_WRONG);
	assert_over(s);
}

static void wrong_answers_end_the_session(void **state)
{
	(void)state;
	uint8_t r[ROOM];
	char hex[2 * ROOM + 1];
	size_t n = bytes(sm3_vectors[1].rsp, r, sizeof r);
	for (size_t i = 0; i < n; i++) { /* every byte, one bit of it */
		struct sm_session *s = sm3();
		r[i] ^= (uint8_t)(1u << i % 8);
		wrap(s, SM_MODE_ENC_MAC, sm3_vectors[0].plain, sm3_vectors[0].cmd);
		assert_int_equal(unwrap(s, sm3_vectors[0].rsp, "9000"), SM_ANSWER_GOOD);
		wrap(s, SM_MODE_ENC_MAC, sm3_vectors[1].plain, sm3_vectors[1].cmd);
		assert_int_equal(unwrap(s, hex_encode(hex, r, n), ""), SM_ANSWER_WRONG);
		r[i] ^= (uint8_t)(1u << i % 8);
		assert_over(s);
	}
	wrong_answer("");
	wrong_answer("90");
	wrong_answer(sm3_vectors[1].rsp);                     /* of another command */
	wrong_answer("990290008E08FA855A5D4C50A8ED6A82");     /* the outer status word is not covered */
	wrong_answer("990290009000");                         /* no MAC */
	wrong_answer("8E08FA855A5D4C50A8ED990290009000");     /* not last */
	wrong_answer("990290008E08FA855A5D4C50A8ED00009000"); /* something behind */
	wrong_answer("990290008E04FA855A5D9000");             /* a short MAC */
}

static void plain_answers_end_the_session(void **state)
{
	(void)state;
	struct sm_session *s = sm3();
	wrap(s, SM_MODE_ENC_MAC, sm3_vectors[0].plain, sm3_vectors[0].cmd);
	assert_int_equal(unwrap(s, "6988", "6988"), SM_ANSWER_PLAIN);
	assert_over(s);
	s = sm3(); /* a bare 9000 is no promise of anything */
	wrap(s, SM_MODE_ENC_MAC, sm3_vectors[0].plain, sm3_vectors[0].cmd);
	assert_int_equal(unwrap(s, "9000", "9000"), SM_ANSWER_PLAIN);
	assert_over(s);
	s = smaes();
	wrap(s, SM_MODE_ENC, sm86_vectors[0].plain, sm86_vectors[0].cmd);
	assert_int_equal(unwrap(s, "6988", "6988"), SM_ANSWER_PLAIN);
	assert_over(s);
}

/* FIPS 197 appendix C.1, and NIST SP 800-67 keys with two equal halves make single DES: FIPS 81's "Now is t". */
static void cryptograms(void **state)
{
	(void)state;
	uint8_t k[32], c[16], out[CIPHER_BLOCK_MAX];
	bytes("000102030405060708090A0B0C0D0E0F", k, sizeof k);
	bytes("00112233445566778899AABBCCDDEEFF", c, sizeof c);
	assert_true(sm_cryptogram(CIPHER_AES, k, 16, c, 16, out));
	assert_hex(out, 16, "69C4E0D86A7B0430D8CDB78070B4C55A");
	assert_true(sm_cryptogram_right(CIPHER_AES, k, 16, c, 16, out, 16));
	assert_false(sm_cryptogram_right(CIPHER_AES, k, 16, c, 16, out, 15));
	out[3] ^= 4;
	assert_false(sm_cryptogram_right(CIPHER_AES, k, 16, c, 16, out, 16));
	assert_false(sm_cryptogram(CIPHER_AES, k, 16, c, 8, out));
	assert_false(sm_cryptogram(CIPHER_AES, k, 17, c, 16, out));
	bytes("0123456789ABCDEF0123456789ABCDEF", k, sizeof k);
	assert_true(sm_cryptogram(CIPHER_DES_EDE2, k, 16, (const uint8_t *)"Now is t", 8, out));
	assert_hex(out, 8, "3FA40E8A984D4815");
	assert_false(sm_cryptogram(CIPHER_DES_EDE2, k, 16, c, 16, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_3des),
	    cmocka_unit_test(examples_aes),
	    cmocka_unit_test(examples_86),
	    cmocka_unit_test(example_bac),
	    cmocka_unit_test(wrong_answers_open_nothing),
	    cmocka_unit_test(forms),
	    cmocka_unit_test(wrong_answers_end_the_session),
	    cmocka_unit_test(plain_answers_end_the_session),
	    cmocka_unit_test(cryptograms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
