/* Worked examples of authentication and secure messaging, a test for each, named as it is: on the terminal's side and
 * on the card's. sm_vectors.h says where they come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/tlv.h"
#include "runtime/crypto/kdf.h"
#include "runtime/crypto/mac.h"
#include "runtime/sim/reference/protect.h"
#include "runtime/sm/session.h"
#include "tests/unit/support/sm_vectors.h"

enum { ROOM = 512 };

static size_t bytes(const char *hex, uint8_t *out)
{
	size_t n = 0;
	assert_true(hex_decode(hex, strlen(hex), out, ROOM, &n));
	return n;
}

static void same(const uint8_t *p, size_t n, const char *hex)
{
	char text[2 * ROOM + 1];
	assert_true(n <= ROOM);
	assert_string_equal(hex_encode(text, p, n), hex);
}

/* ---- ICAO Doc 9303-11, appendix D ---- */

static void bac_d2(void **state)
{
	uint8_t seed[EVP_MAX_MD_SIZE], key[16];
	(void)state;
	/* 9303-11 4.3.2, with SHA-1: this program takes such keys as they are delivered, and does not make them. */
	assert_int_equal(EVP_Digest("L898902C<369080619406236", 24, seed, NULL, EVP_sha1(), NULL), 1);
	same(seed, 16, BAC_KSEED);
	assert_true(kdf_icao9303(CIPHER_DES_EDE2, seed, 16, 1, key, sizeof key));
	same(key, sizeof key, BAC_KENC);
	assert_true(kdf_icao9303(CIPHER_DES_EDE2, seed, 16, 2, key, sizeof key));
	same(key, sizeof key, BAC_KMAC);
}

static void bac_d3_terminal(void **state)
{
	struct sm_opening o = {.suite = SM_BAC_3DES, .key_len = 16};
	uint8_t b[ROOM];
	struct buf token = {0}, cmd = {0}, get = {0};
	(void)state;
	bytes(BAC_KENC, b), memcpy(o.k_enc, b, 16);
	bytes(BAC_KMAC, b), memcpy(o.k_mac, b, 16);
	bytes(BAC_RND_IC, b), memcpy(o.rnd_ic, b, 8);
	bytes(BAC_RND_IFD, b), memcpy(o.rnd_ifd, b, 8);
	bytes(BAC_K_IFD, b), memcpy(o.k_ifd, b, 16);
	apdu_write(&get, &(struct apdu){.ins = 0x84, .has_le = true, .le = 8});
	same(get.p, get.n, "0084000008");
	assert_true(sm_token(&o, &token));
	apdu_write(&cmd, &(struct apdu){.ins = 0x82, .data = token.p, .lc = token.n, .has_le = true, .le = 0x28});
	same(cmd.p, cmd.n, "0082000028" BAC_TOKEN "28");
	size_t n = bytes(BAC_ANSWER, b);
	struct sm_session *s = sm_open(&o, b, n);
	assert_non_null(s);
	sm_session_free(s);
	buf_reset(&get);
	buf_reset(&token);
	buf_reset(&cmd);
}

static void bac_d3_card(void **state)
{
	uint8_t enc[ROOM], mac[ROOM], token[ROOM], b[ROOM], rnd_ifd[PROTECT_RND], k_ifd[PROTECT_KEY_MAX], seed[16];
	struct mutual m = {.algorithm = CIPHER_DES_EDE2, .key_len = 16, .enc = enc, .mac = mac};
	struct channel ch = {0};
	struct buf answer = {0};
	(void)state;
	bytes(BAC_KENC, enc);
	bytes(BAC_KMAC, mac);
	bytes(BAC_RND_IC, b), memcpy(m.rnd_ic, b, 8);
	bytes(BAC_K_IC, b), memcpy(m.k_ic, b, 16);
	assert_int_equal(bytes(BAC_TOKEN, token), mutual_token_length(&m));
	assert_true(mutual_check(&m, token, rnd_ifd, k_ifd));
	same(rnd_ifd, 8, BAC_RND_IFD);
	same(k_ifd, 16, BAC_K_IFD);
	assert_true(mutual_answer(&m, rnd_ifd, k_ifd, &answer, &ch));
	same(answer.p, answer.n, BAC_ANSWER);
	for (size_t i = 0; i < 16; i++)
		seed[i] = (uint8_t)(k_ifd[i] ^ m.k_ic[i]);
	same(seed, 16, BAC_KSEED_SESSION);
	same(ch.enc, 16, BAC_KS_ENC);
	same(ch.mac, 16, BAC_KS_MAC);
	same(ch.ssc, 8, BAC_SSC);
	protect_forget(&ch);
	buf_reset(&answer);
}

/* ---- commands and answers: each with a counter of its own, so that none needs those before it ---- */

struct setting {
	enum sm_suite suite;
	enum sm_mode mode;
	const char *enc, *mac, *ssc;
	unsigned step; /* of the counter, from one command to the next */
};

static const struct setting sm3 = {SM_BAC_3DES, SM_MODE_ENC_MAC, BAC_KS_ENC, BAC_KS_MAC, BAC_SSC, 2};
static const struct setting smaes = {SM_BAC_AES, SM_MODE_ENC_MAC, AES_KS_ENC, AES_KS_MAC, ZERO_SSC, 2};
static const struct setting myna = {SM_BAC_AES, SM_MODE_ENC, AES_KS_ENC, AES_KS_MAC, ZERO_SSC, 1};

struct example {
	const struct setting *setting;
	const struct sm_vector *row;
	unsigned index;
};

static void counter(const struct example *e, uint8_t ssc[ROOM])
{
	size_t n = bytes(e->setting->ssc, ssc);
	for (unsigned by = e->index * e->setting->step; by > 0; by--)
		for (size_t i = n; i-- > 0 && ++ssc[i] == 0;)
			;
}

static void on_the_terminal(const struct example *e)
{
	uint8_t enc[ROOM], mac[ROOM], ssc[ROOM], plain[ROOM], rsp[ROOM];
	struct buf cmd = {0}, out = {0};
	struct apdu a;
	bytes(e->setting->enc, enc);
	bytes(e->setting->mac, mac);
	counter(e, ssc);
	struct sm_session *s = sm_session_new(e->setting->suite, enc, mac, 16, ssc);
	assert_non_null(s);
	assert_true(apdu_parse(&a, plain, bytes(e->row->plain, plain)));
	assert_true(sm_wrap(s, e->setting->mode, &a, &cmd));
	same(cmd.p, cmd.n, e->row->cmd);
	assert_int_equal(sm_unwrap(s, rsp, bytes(e->row->rsp, rsp), &out), SM_ANSWER_GOOD);
	same(out.p, out.n, e->row->plain_rsp);
	sm_session_free(s);
	buf_reset(&cmd);
	buf_reset(&out);
}

static void on_the_card(const struct example *e)
{
	struct channel ch = {
	    .open = true, .algorithm = e->setting->suite == SM_BAC_3DES ? CIPHER_DES_EDE2 : CIPHER_AES, .key_len = 16};
	uint8_t b[ROOM], cmd[ROOM], plain[ROOM], rsp[ROOM];
	struct apdu outer, want;
	struct unwrapped u;
	struct buf data = {0}, out = {0};
	bytes(e->setting->enc, b), memcpy(ch.enc, b, 16);
	bytes(e->setting->mac, b), memcpy(ch.mac, b, 16);
	counter(e, b), memcpy(ch.ssc, b, sizeof ch.ssc);
	assert_true(apdu_parse(&outer, cmd, bytes(e->row->cmd, cmd)));
	assert_int_equal(protect_unwrap(&ch, &outer, &u), SW_OK);
	assert_true(apdu_parse(&want, plain, bytes(e->row->plain, plain)));
	assert_int_equal(u.apdu.ins, want.ins);
	assert_int_equal(u.apdu.lc, want.lc);
	if (want.lc != 0)
		assert_memory_equal(u.apdu.data, want.data, want.lc);
	assert_int_equal(u.apdu.has_le, want.has_le);
	size_t n = bytes(e->row->plain_rsp, rsp);
	sw_t sw = (sw_t)(rsp[n - 2] << 8 | rsp[n - 1]);
	buf_add(&data, rsp, n - 2);
	assert_true(protect_wrap(&ch, &u, PROTECTION_ENC_MAC, &data, sw, &out));
	buf_u16(&out, sw);
	same(out.p, out.n, e->row->rsp);
	protect_forget(&ch);
	buf_reset(&u.data);
	buf_reset(&data);
	buf_reset(&out);
}

static void example(void **state)
{
	on_the_terminal(*state);
	on_the_card(*state);
}

static const struct example examples[] = {
    {&sm3, &sm3_vectors[0], 0},
    {&sm3, &sm3_vectors[1], 1},
    {&sm3, &sm3_vectors[2], 2},
    {&smaes, &smaes_vectors[0], 0},
    {&smaes, &smaes_vectors[1], 1},
    {&smaes, &smaes_vectors[2], 2},
    {&myna, &sm86_vectors[0], 0},
    {&myna, &sm86_vectors[1], 1},
    {&myna, &sm86_vectors[2], 2},
};

/* The opening of that card is no suite of the AP contract (section 8 has mutual authentication with symmetric keys): it
 * sends A0 { 80 seed } under RSA-OAEP, of which no two cryptograms are alike. What comes of it is tried: the message,
 * the session key (the first half of the seed), and the initialisation vectors of the three commands, E(K, N). */
static void myna_sm_seed(void **state)
{
	static const char *const ivs[] = {
	    "7346139595C0B41E497BBDE365F42D0A", "49D68753999BA68CE3897A686081B09D", "B9AD2B2E346AC238505D365E9CB7FC56"};
	uint8_t message[ROOM], counter_block[16] = {0}, iv[16];
	struct rd r = rd_of(message, bytes(MYNA_MESSAGE, message));
	struct tlv outer, seed;
	struct buf cmd = {0}, inner = {0}, made = {0};
	(void)state;
	assert_true(tlv_next(&r, &outer) && outer.tag == 0xa0 && rd_left(&r) == 0);
	assert_true(tlv_next(&outer.value, &seed) && seed.tag == 0x80 && rd_left(&seed.value) == 32);
	const uint8_t *p = rd_bytes(&seed.value, 32);
	same(p, 32, MYNA_SEED);
	same(p, 16, AES_KS_ENC); /* the key of myna-sm-verifyA, -select and -read */
	tlv_put(&inner, 0x80, p, 32);
	tlv_put(&made, 0xa0, inner.p, inner.n);
	same(made.p, made.n, MYNA_MESSAGE);
	struct cipher *c = cipher_new(CIPHER_AES, p, 16);
	assert_non_null(c);
	for (size_t i = 0; i < 3; i++) {
		counter_block[15] = (uint8_t)(i + 1);
		assert_true(cipher_ecb_encrypt(c, counter_block, 16, iv));
		same(iv, 16, ivs[i]);
	}
	cipher_free(c);
	static const uint8_t cryptogram[256];
	apdu_write(&cmd, &(struct apdu){.cla = 0x80, .ins = 0xae, .data = cryptogram, .lc = 256, .extended = true});
	same(cmd.p, 7, "80AE0000000100");
	assert_int_equal(cmd.n, 7 + 256);
	buf_reset(&cmd);
	buf_reset(&inner);
	buf_reset(&made);
}

/* ---- RFC 4493 ---- */

struct cmac {
	const char *message, *mac;
};

static void cmac(void **state)
{
	const struct cmac *v = *state;
	uint8_t key[ROOM], message[ROOM], out[MAC_MAX];
	struct mac *m = mac_new(MAC_CMAC_AES, key, bytes("2B7E151628AED2A6ABF7158809CF4F3C", key));
	assert_non_null(m);
	assert_true(mac_compute(m, message, bytes(v->message, message), out));
	same(out, 16, v->mac);
	mac_free(m);
}

static const struct cmac cmacs[] = {
    {"", "BB1D6929E95937287FA37D129B756746"},
    {"6BC1BEE22E409F96E93D7E117393172A", "070A16B46B4D4144F79BDD9DD04A287C"},
    {"6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411",
	"DFA66747DE9AE63030CA32611497C827"},
};

#define EXAMPLE(name, i)                                                                                               \
	{                                                                                                              \
		name, example, NULL, NULL, (void *)(uintptr_t)&examples[i]                                             \
	}
#define CMAC(name, i)                                                                                                  \
	{                                                                                                              \
		name, cmac, NULL, NULL, (void *)(uintptr_t)&cmacs[i]                                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"bac-d2", bac_d2, NULL, NULL, NULL},
	    {"bac-d3, the terminal", bac_d3_terminal, NULL, NULL, NULL},
	    {"bac-d3, the card", bac_d3_card, NULL, NULL, NULL},
	    EXAMPLE("sm3-select", 0),
	    EXAMPLE("sm3-read4", 1),
	    EXAMPLE("sm3-read18", 2),
	    EXAMPLE("smaes-select", 3),
	    EXAMPLE("smaes-read4", 4),
	    EXAMPLE("smaes-update", 5),
	    {"myna-sm-seed", myna_sm_seed, NULL, NULL, NULL},
	    EXAMPLE("myna-sm-verifyA", 6),
	    EXAMPLE("myna-sm-select", 7),
	    EXAMPLE("myna-sm-read", 8),
	    CMAC("cmac-rfc4493-0", 0),
	    CMAC("cmac-rfc4493-1", 1),
	    CMAC("cmac-rfc4493-2", 2),
	};
	return cmocka_run_group_tests_name("sm_vectors", tests, NULL, NULL);
}
