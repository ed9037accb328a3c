/* For the tests of keys and secure messaging on the reference card: a card with every kind of key, and the terminal
 * that talks to it. Include after cmocka.h. */
#ifndef IGATA_TESTS_SECURE_KIT_H
#define IGATA_TESTS_SECURE_KIT_H

#include "runtime/crypto/signature.h"
#include "runtime/sim/reference/card.h"
#include "runtime/sm/cryptogram.h"
#include "runtime/sm/session.h"
#include "tests/unit/support/reference_kit.h"
#include "tests/unit/support/test_keys.h"

/* Keys, by index; the reference is the index and 1. EXT_* external, INT_* internal; BAC, AES, AES256 mutual, QUIET
 * mutual too but named by no sm(). Three tries each. */
enum { EXT_DES, EXT_AES, INT_DES, INT_AES, BAC, AES, AES256, QUIET, RSA, EC, EC384, KIT_KEYS };

#define K_DES    "0123456789ABCDEFFEDCBA9876543210"
#define K_AES    "000102030405060708090A0B0C0D0E0F"
#define K_AES256 "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define K_MAC    "2B7E151628AED2A6ABF7158809CF4F3C"
#define K_MAC256 "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4"

/* Files by SFI. 1 and 8 always; 2 auth(EXT_DES) to read and auth(EXT_AES) to write; 3 sm(mac, AES); 4 sm(enc+mac, AES);
 * 5 sm(enc, AES); 6 sm(enc+mac, BAC); 7 pin(holder); 9 sm(enc+mac, AES256); 10 auth(BAC); 11 auth(QUIET); 12 auth(AES);
 * 13 pin(holder) and sm(enc+mac, AES). 16 bytes of their SFI, file 8 600. PIN 1: holder 1234, 3 tries. */
struct secure_options {
	bool plain_ends, extended, response_mac, without_86;
};

static inline uint16_t secure_key(
    struct contract *c, const char *id, enum key_algorithm a, enum key_use u, enum key_suite s)
{
	uint16_t i = c->n_keys++;
	char name[CONTRACT_NAME];
	struct contract_key k = {.ref = (uint8_t)(i + 1),
	    .algorithm = (uint8_t)a,
	    .use = (uint8_t)u,
	    .suite = (uint8_t)s,
	    .tries = 3,
	    .value_mac = CONTRACT_NONE};
	kit_name(k.id, id);
	k.value = kit_value(c, id, VALUE_KEY, i, 1, 2048, FORMAT_BINARY);
	if (u == KEY_MUTUAL) {
		snprintf(name, sizeof name, "%s.MAC", id);
		k.value_mac = kit_value(c, name, VALUE_KEY_MAC, i, 1, 32, FORMAT_BINARY);
	}
	c->key[i] = k;
	return i;
}

static inline uint16_t secure_file(struct contract *c, unsigned sfi, unsigned read, unsigned update, unsigned size)
{
	char id[16];
	snprintf(id, sizeof id, "file-%u", sfi);
	return kit_file(c, id, sfi, sfi, size, read, update, (int)sfi);
}

static inline struct contract *secure_contract(struct secure_options o)
{
	struct contract *c = kit_contract();
	c->sm_response = o.response_mac ? SM_MAC : SM_ENC_MAC;
	c->sm_plain_ends = o.plain_ends;
	c->extended = o.extended;
	secure_key(c, "ext-des", KEY_DES_EDE2, KEY_EXTERNAL, SUITE_ECB);
	secure_key(c, "ext-aes", KEY_AES_128, KEY_EXTERNAL, SUITE_ECB);
	secure_key(c, "int-des", KEY_DES_EDE2, KEY_INTERNAL, SUITE_ECB);
	secure_key(c, "int-aes", KEY_AES_256, KEY_INTERNAL, SUITE_ECB);
	secure_key(c, "bac", KEY_DES_EDE2, KEY_MUTUAL, SUITE_BAC_3DES);
	secure_key(c, "aes", KEY_AES_128, KEY_MUTUAL, SUITE_BAC_AES);
	secure_key(c, "aes256", KEY_AES_256, KEY_MUTUAL, SUITE_BAC_AES);
	secure_key(c, "quiet", KEY_AES_128, KEY_MUTUAL, SUITE_BAC_AES);
	secure_key(c, "rsa", KEY_RSA_2048, KEY_INTERNAL, SUITE_RSA_PKCS1_SHA256);
	secure_key(c, "ec", KEY_EC_P256, KEY_INTERNAL, SUITE_ECDSA_SHA256);
	secure_key(c, "ec384", KEY_EC_P384, KEY_INTERNAL, SUITE_ECDSA_SHA384);
	kit_pin(c, (struct contract_pin){.id = "holder", .ref = 1, .min = 4, .max = 4, .tries = 3, .change = FORM_00});
	uint16_t mac = kit_rule(c, RULE_SM, SM_MAC, AES), both = kit_rule(c, RULE_SM, SM_ENC_MAC, AES);
	uint16_t enc = o.without_86 ? both : kit_rule(c, RULE_SM, SM_ENC, AES);
	uint16_t pin = kit_rule(c, RULE_PIN, 0, 0);
	secure_file(c, 1, KIT_ALWAYS, KIT_ALWAYS, 16);
	secure_file(c, 2, kit_rule(c, RULE_AUTH, EXT_DES, 0), kit_rule(c, RULE_AUTH, EXT_AES, 0), 16);
	secure_file(c, 3, mac, mac, 16);
	secure_file(c, 4, both, both, 16);
	secure_file(c, 5, enc, enc, 16);
	uint16_t bac = kit_rule(c, RULE_SM, SM_ENC_MAC, BAC);
	secure_file(c, 6, bac, bac, 16);
	secure_file(c, 7, pin, pin, 16);
	secure_file(c, 8, KIT_ALWAYS, KIT_ALWAYS, 600);
	secure_file(c, 9, kit_rule(c, RULE_SM, SM_ENC_MAC, AES256), KIT_NEVER, 16);
	secure_file(c, 10, kit_rule(c, RULE_AUTH, BAC, 0), KIT_NEVER, 16);
	secure_file(c, 11, kit_rule(c, RULE_AUTH, QUIET, 0), KIT_NEVER, 16);
	secure_file(c, 12, kit_rule(c, RULE_AUTH, AES, 0), KIT_NEVER, 16);
	secure_file(c, 13, kit_rule(c, RULE_AND, pin, both), KIT_NEVER, 16);
	return c;
}

/* Name and value in hex. */
static const struct {
	const char *name, *hex;
} secure_values[] = {
    {"ext-des", K_DES},
    {"ext-aes", K_AES},
    {"int-des", K_DES},
    {"int-aes", K_AES256},
    {"bac", K_DES},
    {"bac.MAC", K_MAC},
    {"aes", K_AES},
    {"aes.MAC", K_MAC},
    {"aes256", K_AES256},
    {"aes256.MAC", K_MAC256},
    {"quiet", K_AES},
    {"quiet.MAC", K_MAC},
    {"rsa", TEST_RSA_2048},
    {"ec", TEST_EC_P256},
    {"ec384", TEST_EC_P384},
    {"holder", "31323334"},
};
enum { SECURE_VALUES = sizeof secure_values / sizeof secure_values[0] };

static inline void secure_personalise(struct sim *s)
{
	static uint8_t bytes[SECURE_VALUES][PRIVATE_KEY_MAX];
	struct reference_value v[SECURE_VALUES];
	for (size_t i = 0; i < SECURE_VALUES; i++)
		v[i] = (struct reference_value){
		    secure_values[i].name, bytes[i], kit_bytes(secure_values[i].hex, bytes[i], sizeof bytes[i])};
	assert_int_equal(reference_personalise(s, v, SECURE_VALUES), SW_OK);
}

static inline void secure_card(struct sim *s, struct secure_options o)
{
	struct contract *c = secure_contract(o);
	kit_deliver(s, c);
	free(c);
	secure_personalise(s);
	kit_start(s);
}

/* ---- the terminal ---- */

static inline size_t secure_challenge(struct sim *s, unsigned le, uint8_t out[16])
{
	char cmd[16];
	snprintf(cmd, sizeof cmd, "00840000%02X", le);
	const char *r = kit_send(s, cmd);
	size_t n = strlen(r) / 2;
	assert_true(n > 2 && n <= 18 && strcmp(r + 2 * n - 4, "9000") == 0);
	char hex[40];
	memcpy(hex, r, 2 * n - 4);
	hex[2 * n - 4] = 0;
	return kit_bytes(hex, out, 16);
}

/* EXTERNAL AUTHENTICATE with the external key; `flip` is xored onto the cryptogram. */
static inline const char *secure_external(struct sim *s, unsigned key, const char *value, uint8_t flip)
{
	enum cipher_algorithm a = key == EXT_DES ? CIPHER_DES_EDE2 : CIPHER_AES;
	uint8_t k[32], challenge[16], out[CIPHER_BLOCK_MAX], cmd[5 + 16];
	size_t n = secure_challenge(s, a == CIPHER_AES ? 16 : 8, challenge);
	assert_true(sm_cryptogram(a, k, kit_bytes(value, k, sizeof k), challenge, n, out));
	const uint8_t header[5] = {0x00, 0x82, 0x00, (uint8_t)(0x81 + key), (uint8_t)n};
	memcpy(cmd, header, 5);
	memcpy(cmd + 5, out, n);
	cmd[5] ^= flip;
	return kit_send_bytes(s, cmd, 5 + n);
}

static inline struct sm_opening secure_opening(unsigned key)
{
	struct sm_opening o = {.suite = key == BAC ? SM_BAC_3DES : SM_BAC_AES};
	o.key_len = kit_bytes(key == BAC ? K_DES : key == AES256 ? K_AES256 : K_AES, o.k_enc, sizeof o.k_enc);
	kit_bytes(key == AES256 ? K_MAC256 : K_MAC, o.k_mac, sizeof o.k_mac);
	for (size_t i = 0; i < SM_KEY_MAX; i++)
		o.k_ifd[i] = (uint8_t)(0xa0 + i);
	memset(o.rnd_ifd, 0x5a, sizeof o.rnd_ifd);
	return o;
}

/* The command EXTERNAL AUTHENTICATE of a mutual authentication, with the challenge taken. */
static inline size_t secure_mutual_command(struct sim *s, unsigned key, struct sm_opening *o, uint8_t cmd[80])
{
	struct buf token = {0};
	uint8_t challenge[16];
	*o = secure_opening(key);
	assert_int_equal(secure_challenge(s, 8, challenge), 8);
	memcpy(o->rnd_ic, challenge, 8);
	assert_true(sm_token(o, &token));
	const uint8_t header[5] = {0x00, 0x82, 0x00, (uint8_t)(0x81 + key), (uint8_t)token.n};
	memcpy(cmd, header, 5);
	memcpy(cmd + 5, token.p, token.n);
	size_t n = 5 + token.n;
	buf_reset(&token);
	cmd[n++] = 0;
	return n;
}

static inline struct sm_session *secure_open(struct sim *s, unsigned key)
{
	struct sm_opening o;
	uint8_t cmd[80], rsp[80];
	size_t n = secure_mutual_command(s, key, &o, cmd);
	const char *r = kit_send_bytes(s, cmd, n);
	n = kit_bytes(r, rsp, sizeof rsp);
	assert_int_equal(n, sm_material(&o) + 16 + 8 + 2);
	assert_string_equal(r + 2 * n - 4, "9000");
	struct sm_session *t = sm_open(&o, rsp, n - 2);
	assert_non_null(t);
	return t;
}

static inline void secure_parse(struct apdu *a, const char *hex)
{
	static uint8_t cmd[APDU_MAX];
	assert_true(apdu_parse(a, cmd, kit_bytes(hex, cmd, sizeof cmd)));
}

/* A command under protection; the plain answer in hex. "plain: SW" when the card answers in plain. */
static inline const char *secure_send(struct sim *s, struct sm_session *t, enum sm_mode mode, const char *hex)
{
	static char text[2 * RAPDU_MAX + 16];
	struct buf cmd = {0}, rsp = {0}, plain = {0};
	struct apdu a;
	secure_parse(&a, hex);
	assert_true(sm_wrap(t, mode, &a, &cmd));
	sim_apdu(s, cmd.p, cmd.n, &rsp);
	assert_false(rsp.bad);
	enum sm_answer k = sm_unwrap(t, rsp.p, rsp.n, &plain);
	assert_int_not_equal(k, SM_ANSWER_WRONG);
	strcpy(text, k == SM_ANSWER_PLAIN ? "plain: " : "");
	hex_encode(text + strlen(text), plain.p, plain.n);
	buf_reset(&cmd);
	buf_reset(&rsp);
	buf_reset(&plain);
	return text;
}

static inline void secure_expect(struct sim *s, struct sm_session *t, enum sm_mode mode, const char *cmd,
    const char *rsp, const char *file, int line)
{
	const char *got = secure_send(s, t, mode, cmd);
	if (strcmp(got, rsp) == 0)
		return;
	print_error("%s -> %s, not %s\n", cmd, got, rsp);
	_fail(file, line);
}

#define SM_EXPECT(s, t, mode, cmd, rsp) secure_expect((s), (t), (mode), (cmd), (rsp), __FILE__, __LINE__)

/* The first bytes of file n. */
#define READ(n)    "00B0" n "0002"
#define GRANTED(n) n n "9000"

/* The modes most used, and VERIFY of the holder's PIN without blanks. */
#define E          SM_MODE_ENC_MAC
#define M          SM_MODE_MAC
#define V_HOLDER_4 "002000810431323334"

/* A command as the terminal would send it next. */
static inline struct buf wrapped(struct sm_session *t, enum sm_mode mode, const char *hex)
{
	struct buf cmd = {0};
	struct apdu a;
	secure_parse(&a, hex);
	assert_true(sm_wrap(t, mode, &a, &cmd));
	return cmd;
}

/* A session with AES, the PIN verified inside it, EXT_DES authenticated besides. */
static inline struct sm_session *prepared(struct sim *s)
{
	kit_start(s);
	assert_string_equal(secure_external(s, EXT_DES, K_DES, 0), "9000");
	struct sm_session *t = secure_open(s, AES);
	SM_EXPECT(s, t, E, V_HOLDER_4, "9000");
	SM_EXPECT(s, t, E, READ("87"), GRANTED("07"));
	EXPECT(s, READ("8C"), "0C0C 9000");
	return t;
}

static inline int secure_setup(void **state)
{
	struct sim *s = calloc(1, sizeof *s);
	assert_non_null(s);
	secure_card(s, (struct secure_options){0});
	*state = s;
	return 0;
}

#define SECURE_TEST(f) cmocka_unit_test_setup_teardown(f, secure_setup, kit_teardown)

#endif
