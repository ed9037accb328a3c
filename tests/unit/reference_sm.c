/* The reference card: AP contract, section 9, secure messaging, sentence by sentence. The terminal's side (runtime/sm)
 * speaks; what must be wrong is made by hand from what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/base/tlv.h"
#include "runtime/crypto/mac.h"
#include "tests/unit/support/secure_kit.h"
#include "tests/unit/support/sm_vectors.h"

/* ---- worked examples on the card's codec ---- */

static struct channel channel(enum cipher_algorithm a, const char *enc, const char *mac, const char *ssc)
{
	struct channel ch = {.open = true, .algorithm = (uint8_t)a, .key_len = 16};
	kit_bytes(enc, ch.enc, sizeof ch.enc);
	kit_bytes(mac, ch.mac, sizeof ch.mac);
	kit_bytes(ssc, ch.ssc, sizeof ch.ssc);
	return ch;
}

static void card_codec(struct channel ch, const struct sm_vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t cmd[300], rsp[300], plain[300];
		struct apdu outer, want;
		struct unwrapped u;
		struct buf out = {0}, data = {0};
		char text[600];
		assert_true(apdu_parse(&outer, cmd, kit_bytes(v[i].cmd, cmd, sizeof cmd)));
		assert_int_equal(protect_unwrap(&ch, &outer, &u), SW_OK);
		assert_true(apdu_parse(&want, plain, kit_bytes(v[i].plain, plain, sizeof plain)));
		assert_int_equal(u.apdu.cla, want.cla);
		assert_int_equal(u.apdu.ins, want.ins);
		assert_int_equal(u.apdu.lc, want.lc);
		if (want.lc != 0)
			assert_memory_equal(u.apdu.data, want.data, want.lc);
		assert_int_equal(u.apdu.has_le, want.has_le);
		assert_int_equal(u.apdu.le, want.le);
		size_t r = kit_bytes(v[i].plain_rsp, rsp, sizeof rsp);
		sw_t sw = (sw_t)(rsp[r - 2] << 8 | rsp[r - 1]);
		buf_add(&data, rsp, r - 2);
		assert_true(protect_wrap(&ch, &u, PROTECTION_ENC_MAC, &data, sw, &out));
		buf_u16(&out, sw);
		assert_string_equal(hex_encode(text, out.p, out.n), v[i].rsp);
		buf_reset(&out);
		buf_reset(&data);
		buf_reset(&u.data);
	}
	protect_forget(&ch);
}

static void examples_on_the_card(void **state)
{
	(void)state;
	card_codec(channel(CIPHER_DES_EDE2, BAC_KS_ENC, BAC_KS_MAC, BAC_SSC), sm3_vectors, 3);
	card_codec(channel(CIPHER_AES, AES_KS_ENC, AES_KS_MAC, ZERO_SSC), smaes_vectors, 3);
	card_codec(channel(CIPHER_AES, AES_KS_ENC, AES_KS_MAC, ZERO_SSC), sm86_vectors, 3);
}

/* ---- levels ---- */

static void c9_levels(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = secure_open(s, AES);
	/* file 3 mac, 4 enc+mac, 5 enc: a READ has no data of its own, and its answer is enc+mac */
	SM_EXPECT(s, t, M, READ("83"), GRANTED("03"));
	SM_EXPECT(s, t, M, READ("84"), GRANTED("04"));
	SM_EXPECT(s, t, M, READ("85"), GRANTED("05"));
	SM_EXPECT(s, t, M, "00D6830001AA", "9000");
	SM_EXPECT(s, t, M, "00D6840001AA", "6982");
	SM_EXPECT(s, t, M, "00D6850001AA", "6982");
	SM_EXPECT(s, t, E, "00D6830001AA", "9000"); /* enc+mac satisfies the others */
	SM_EXPECT(s, t, E, "00D6840001AA", "9000");
	SM_EXPECT(s, t, E, "00D6850001AA", "9000");
	SM_EXPECT(s, t, SM_MODE_ENC, "00D6830001BB", "6982");
	SM_EXPECT(s, t, SM_MODE_ENC, "00D6840001BB", "6982");
	SM_EXPECT(s, t, SM_MODE_ENC, "00D6850001BB", "9000");
	SM_EXPECT(s, t, E, READ("85"), "BB059000");
	SM_EXPECT(s, t, E, READ("86"), "6982"); /* another key's */
	SM_EXPECT(s, t, E, READ("81"), GRANTED("01"));
	for (int i = 3; i <= 5; i++) { /* a plain command never satisfies sm() */
		char cmd[16];
		snprintf(cmd, sizeof cmd, "00B08%d0002", i);
		EXPECT(s, cmd, "6982");
	}
	SM_EXPECT(s, t, E, READ("84"), "AA049000"); /* and the session survives it */
	sm_session_free(t);
}

static void c9_response_level_mac(void **state)
{
	(void)state;
	struct sim s;
	secure_card(&s, (struct secure_options){.response_mac = true});
	struct sm_session *t = secure_open(&s, AES);
	SM_EXPECT(&s, t, E, READ("83"), GRANTED("03"));
	assert_int_equal(sm_answer_mode(t), SM_MODE_MAC);
	SM_EXPECT(&s, t, E, READ("84"), "6982"); /* the answer would not be enc+mac */
	SM_EXPECT(&s, t, E, READ("85"), "6982");
	SM_EXPECT(&s, t, E, "00D6840001AA", "9000"); /* has no answer but its status word */
	SM_EXPECT(&s, t, M, "00D6840001AA", "6982");
	SM_EXPECT(&s, t, E, "00B0880000",
	    "08080808080808080808080808080808080808080808080808080808080808080808080808"
	    "08080808080808080808080808080808080808080808080808080808080808080808080808"
	    "08080808080808080808080808080808080808080808080808080808080808080808080808"
	    "08080808080808080808080808080808080808080808080808080808080808080808080808"
	    "08080808080808080808080808080808080808080808080808080808080808080808080808"
	    "08080808080808080808080808080808080808080808080808080808080808080808080808"
	    "0808080808080808080808080808080808"
	    "9000"); /* 239 bytes */
	sm_session_free(t);
	sim_close(&s);
}

/* ---- limits ---- */

static size_t answer_bytes(const char *hex)
{
	size_t n = strlen(hex);
	assert_true(n >= 4 && strcmp(hex + n - 4, "9000") == 0);
	return n / 2 - 2;
}

static void c9_limits(void **state)
{
	struct sim *s = *state;
	static const struct {
		unsigned key;
		size_t most;
	} row[] = {{AES, 223}, {AES256, 223}, {BAC, 231}};
	for (int i = 0; i < 3; i++) {
		struct sm_session *t = secure_open(s, row[i].key);
		assert_int_equal(answer_bytes(secure_send(s, t, E, "00B0880000")), row[i].most);
		assert_int_equal(answer_bytes(secure_send(s, t, E, "00B08800")), row[i].most); /* no Le counts as 00 */
		for (unsigned le = 1; le <= 255; le += le < 216 ? 43 : 1) {
			char cmd[16];
			snprintf(cmd, sizeof cmd, "00B08800%02X", le);
			if (le <= row[i].most)
				assert_int_equal(answer_bytes(secure_send(s, t, E, cmd)), le);
			else
				SM_EXPECT(s, t, E, cmd, "6700");
		}
		sm_session_free(t);
	}
}

/* 239 bytes of command data, 223 with a 97; the next one needs extended lengths, which this AP does not have. */
static void c9_command_limits(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = secure_open(s, AES);
	char cmd[600];
	for (size_t n = 238; n <= 240; n++) {
		snprintf(cmd, sizeof cmd, "00D68800%02zX", n);
		for (size_t i = 0; i < n; i++)
			strcat(cmd, "5A");
		SM_EXPECT(s, t, E, cmd, n <= 239 ? "9000" : "6700");
	}
	sm_session_free(t);
}

static void c9_extended(void **state)
{
	(void)state;
	struct sim s;
	secure_card(&s, (struct secure_options){.extended = true});
	struct sm_session *t = secure_open(&s, AES);
	assert_int_equal(answer_bytes(secure_send(&s, t, E, "00B08800000000")), 600);
	assert_int_equal(answer_bytes(secure_send(&s, t, E, "00B0880000012C")), 300);
	assert_int_equal(answer_bytes(secure_send(&s, t, E, "00B0880000")), 223);
	static char cmd[2 * 600 + 20] = "00D6880000"
					"0190";
	for (int i = 0; i < 400; i++)
		strcat(cmd, "77");
	SM_EXPECT(&s, t, E, cmd, "9000");
	SM_EXPECT(&s, t, E, READ("88"), "77779000");
	sm_session_free(t);
	sim_close(&s);
}

/* Every length around whole blocks: padding method 2 always, also when aligned. */
static void c9_padding(void **state)
{
	struct sim *s = *state;
	for (int k = 0; k < 2; k++) {
		struct sm_session *t = secure_open(s, k == 0 ? AES : BAC);
		for (size_t n = 1; n <= 34; n++) {
			char cmd[128], want[128] = "";
			snprintf(cmd, sizeof cmd, "00D68800%02zX", n);
			for (size_t i = 0; i < n; i++) {
				char b[3];
				snprintf(b, sizeof b, "%02X", i == n - 1 ? 0x80u : (unsigned)(i * 7 & 0xff));
				strcat(cmd, b);
				strcat(want, b);
			}
			strcat(want, "9000");
			SM_EXPECT(s, t, E, cmd, "9000");
			snprintf(cmd, sizeof cmd, "00B08800%02zX", n);
			SM_EXPECT(s, t, E, cmd, want);
		}
		sm_session_free(t);
	}
}

/* ---- what is refused inside the session keeps it ---- */

static void c9_refusals_are_protected(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = secure_open(s, AES);
	SM_EXPECT(s, t, E, "00FF0000", "6D00");
	SM_EXPECT(s, t, E, "00A4040C0AD3921000310001FFFF01", "6A86"); /* SELECT by AID: in plain only */
	SM_EXPECT(s, t, E, "00A404000AD3921000310001FFFF0100", "6A86");
	SM_EXPECT(s, t, E, "00A4020C027777", "6A82");
	SM_EXPECT(s, t, E, "00A4020C02000400", "6700"); /* Le where there is no data to come */
	SM_EXPECT(s, t, E, "00D6810001AA00", "6700");
	SM_EXPECT(s, t, E,
	    "00B081000155"
	    "01",
	    "6700"); /* data on a READ */
	SM_EXPECT(s, t, E, "00D68100", "6700");
	SM_EXPECT(s, t, E, "00B081FF01", "6B00");
	SM_EXPECT(s, t, E, "00B0810011", "010101010101010101010101010101016282");
	SM_EXPECT(s, t, E, READ("87"), "6982");
	SM_EXPECT(s, t, E, "002000810431323335", "63C2");
	SM_EXPECT(s, t, E, "0020008100", "6700"); /* an empty VERIFY answers nothing but its status word */
	SM_EXPECT(s, t, E, "00200081", "63C2");
	SM_EXPECT(s, t, E, "00A4020C020004", "9000");
	SM_EXPECT(s, t, E, "00B0000002", GRANTED("04"));
	sm_session_free(t);
}

/* Mutual authentication inside secure messaging is 6985, and changes nothing; other authentications are used as ever.
 */
static void c9_authentication_inside(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = secure_open(s, AES);
	assert_int_equal(answer_bytes(secure_send(s, t, E, "0084000008")), 8);
	SM_EXPECT(s, t, E,
	    "008200852872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A700", "6985");
	SM_EXPECT(s, t, E, "008200852872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7",
	    "6985");
	SM_EXPECT(s, t, E,
	    "008200810801020304050607"
	    "08",
	    "63C2");
	SM_EXPECT(s, t, E, "008800841000112233445566778899AABBCCDDEEFF00", "8EA2B7CA516745BFEAFC49904B4960899000");
	SM_EXPECT(s, t, E, "00880089096368616C6C656E676500", "6700"); /* 256 bytes do not fit */
	SM_EXPECT(s, t, E, READ("84"), GRANTED("04"));
	sm_session_free(t);
}

/* ---- faults ---- */

/* Session with AES, the PIN verified inside it, EXT_DES authenticated besides; then these bytes; then nothing of the
 * session is left. */
static void assert_fault(struct sim *s, const struct buf *cmd, const char *sw)
{
	const char *got = kit_send_bytes(s, cmd->p, cmd->n);
	if (strcmp(got, sw) != 0) {
		char text[2 * 600];
		print_error("%s -> %s, not %s\n", cmd->n < 600 ? hex_encode(text, cmd->p, cmd->n) : "", got, sw);
		fail();
	}
	EXPECT(s, READ("8C"), "6982"); /* auth(AES) */
	EXPECT(s, READ("87"), "6982"); /* the PIN */
	EXPECT(s, "00200081", "63C3");
	EXPECT(s, READ("82"), "0202 9000"); /* other keys' auth survives */
	EXPECT(s, "0CB081000D 970102 8E08 0102030405060708 00", "6988");
}

enum change { FLIP, CUT_MAC, MAC_FIRST, NO_OBJECTS, DOUBLE_LE, UNKNOWN, LE_FIRST, SHORT_MAC, PLAIN_REPLAY, CHANGES };

/* Change the objects of a wrapped READ (97 01 02, 8E 08 …) or UPDATE (87 11 …, 8E 08 …) without a right MAC. */
static void rebuild(struct buf *cmd, const uint8_t *objects, size_t n)
{
	uint8_t header[4];
	memcpy(header, cmd->p, 4);
	struct apdu a = {header[0], header[1], header[2], header[3], objects, n, 256, true, true, false};
	buf_clear(cmd);
	apdu_write(cmd, &a);
}

static void c9_faults_6987(void **state)
{
	struct sim *s = *state;
	static const struct {
		const char *objects;
	} row[] = {{""}, {"970102"},
	    {"8E0801020304050607089701"
	     "02"},
	    {"8E0801020304050607088E080102030405060708"}, {"87110100112233445566778899AABBCCDDEEFF"}};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct sm_session *t = prepared(s);
		struct buf cmd = wrapped(t, E, READ("84"));
		uint8_t o[64];
		rebuild(&cmd, o, kit_bytes(row[i].objects, o, sizeof o));
		assert_fault(s, &cmd, "6987");
		buf_reset(&cmd);
		sm_session_free(t);
	}
}

static void c9_every_bit_counts(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = prepared(s);
	struct buf cmd = wrapped(t, E, "00D6840001AA");
	size_t n = cmd.n;
	buf_reset(&cmd);
	sm_session_free(t);
	for (size_t i = 1; i < n - 1; i++) {
		if (i == 4) /* Lc: another form of command */
			continue;
		t = prepared(s);
		cmd = wrapped(t, E, "00D6840001AA");
		cmd.p[i] ^= 1;
		const char *got = kit_send_bytes(s, cmd.p, cmd.n);
		assert_true(strcmp(got, "6988") == 0 || strcmp(got, "6987") == 0);
		EXPECT(s, READ("8C"), "6982");
		EXPECT(s, READ("87"), "6982");
		buf_reset(&cmd);
		sm_session_free(t);
	}
	t = prepared(s);
	SM_EXPECT(s, t, E, READ("84"), GRANTED("04")); /* nothing of it was written */
	sm_session_free(t);
}

/* A command with a right MAC over wrong objects: made with the session's own keys, which the test reads from the
 * card. */
static struct buf forged(struct sim *s, uint8_t ins, const char *objects)
{
	const struct session *session = s->ram;
	struct channel ch = session->security.channel;
	uint8_t o[256], mac[MAC_MAX];
	const uint8_t header[16] = {0x0c, ins, 0x84, 0, 0x80};
	size_t n = kit_bytes(objects, o, sizeof o);
	struct buf in = {0}, cmd = {0};
	for (size_t i = 16; i-- > 0 && ++ch.ssc[i] == 0;)
		;
	buf_add(&in, ch.ssc, 16);
	buf_add(&in, header, 16);
	if (n != 0) {
		buf_add(&in, o, n);
		buf_u8(&in, 0x80);
		while (in.n % 16 != 0)
			buf_u8(&in, 0);
	}
	struct mac *m = mac_new(MAC_CMAC_AES, ch.mac, ch.key_len);
	assert_true(mac_compute(m, in.p, in.n, mac));
	mac_free(m);
	memcpy(o + n, "\x8e\x08", 2);
	memcpy(o + n + 2, mac, 8);
	struct apdu a = {0x0c, ins, 0x84, 0, o, n + 10, 256, true, true, false};
	apdu_write(&cmd, &a);
	buf_reset(&in);
	return cmd;
}

static void c9_faults_6988(void **state)
{
	struct sim *s = *state;
	static const struct {
		uint8_t ins;
		const char *objects;
	} row[] = {
	    {0xb0, "970102970102"}, /* twice */
	    {0xb0, "9700"},         /* no Le in it */
	    {0xb0, "9703000002"},   /* too long */
	    {0xb0, "960102"},       /* of class 08 */
	    {0xb0,
		"970102990290"
		"00"},                                      /* of a response */
	    {0xb0, "9702"},                                 /* malformed: what follows is eaten */
	    {0xd6, "8100"},                                 /* data that are none */
	    {0xd6, "8101AA8101AA"},                         /* twice */
	    {0xd6, "9701018101AA"},                         /* misplaced */
	    {0xd6, "8501AA"},                               /* of an odd INS */
	    {0xd6, "851000112233445566778899AABBCCDDEEFF"}, /* the same, whole block */
	    {0xd6,
		"8701"
		"01"},                                        /* no cryptogram */
	    {0xd6, "8700"},                                   /* nothing at all */
	    {0xd6, "871001112233445566778899AABBCCDDEEFF"},   /* 15 bytes */
	    {0xd6, "87110000112233445566778899AABBCCDDEEFF"}, /* another padding indicator */
	    {0xd6, "87110100112233445566778899AABBCCDDEEFF"}, /* decrypts to no padding */
	    {0xd6, "0401AA"},                                 /* unknown */
	    {0xd6,
		"861101"
		"00112233445566778899AABBCCDDEEFF"}, /* of class 08 */
	};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct sm_session *t = prepared(s);
		struct buf cmd = forged(s, row[i].ins, row[i].objects);
		const char *sw = strcmp(row[i].objects, "9702") == 0 ? "6987" : "6988";
		assert_fault(s, &cmd, sw);
		buf_reset(&cmd);
		sm_session_free(t);
	}
	struct sm_session *t = prepared(s); /* the forger can also do it right */
	struct buf cmd = forged(s, 0xb0, "970102");
	const char *got = kit_send_bytes(s, cmd.p, cmd.n);
	assert_int_equal(strlen(got), 2 * (19 + 4 + 10 + 2));
	buf_reset(&cmd);
	sm_session_free(t);
	/* no objects but the MAC: the header alone, and no further block */
	t = prepared(s);
	cmd = forged(s, 0xb0, "");
	got = kit_send_bytes(s, cmd.p, cmd.n);
	assert_int_equal(strlen(got), 2 * (35 + 4 + 10 + 2)); /* 16 bytes and their padding: two blocks */
	buf_reset(&cmd);
	sm_session_free(t);
}

/* A command again, an answer lost, a command left out: the counter tells. */
static void c9_replay(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = prepared(s);
	struct buf cmd = wrapped(t, E, READ("84"));
	assert_int_equal(strlen(kit_send_bytes(s, cmd.p, cmd.n)), 2 * 35);
	assert_fault(s, &cmd, "6988");
	buf_reset(&cmd);
	sm_session_free(t);
	t = prepared(s);
	cmd = wrapped(t, E, READ("84"));
	buf_reset(&cmd); /* never sent */
	cmd = wrapped(t, E, READ("84"));
	assert_fault(s, &cmd, "6988");
	buf_reset(&cmd);
	sm_session_free(t);
}

static void c9_lengths_that_make_no_sense(void **state)
{
	struct sim *s = *state;
	struct sm_session *t = prepared(s);
	struct buf cmd = wrapped(t, E, READ("84"));
	cmd.p[4] += 9;
	assert_fault(s, &cmd, "6987");
	buf_reset(&cmd);
	sm_session_free(t);
}

/* jicsap-86: objects 86 and 96 only; a fault is 6988, since there is no 8E to miss. */
static void c9_class_08(void **state)
{
	struct sim *s = *state;
	static const char *const wrong[] = {"8101AA", "87110100112233445566778899AABBCCDDEEFF",
	    "86110200112233445566778899AABBCCDDEEFF", "8600", "860101",
	    "9601029601"
	    "02",
	    "96020002", "8E080102030405060708", "970102",
	    "861101"
	    "00112233445566778899AABBCCDDEEFF",
	    "9604000000"
	    "02"};
	struct sm_session *t = prepared(s);
	SM_EXPECT(s, t, SM_MODE_ENC, "00A4020C020005", "9000");
	SM_EXPECT(s, t, SM_MODE_ENC, "00B0000002", GRANTED("05"));
	SM_EXPECT(s, t, SM_MODE_ENC, READ("84"), "6982");
	SM_EXPECT(s, t, E, READ("84"), GRANTED("04"));
	sm_session_free(t);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		t = prepared(s);
		struct buf cmd = {0};
		uint8_t o[64];
		buf_add(&cmd, "\x08\xd6\x85\x00", 4);
		rebuild(&cmd, o, kit_bytes(wrong[i], o, sizeof o));
		assert_fault(s, &cmd, "6988");
		buf_reset(&cmd);
		sm_session_free(t);
	}
	kit_start(s);
	EXPECT(s, "08B0850003 960102 00", "6988"); /* no session */
}

static void c9_classes(void **state)
{
	struct sim *s = *state;
	EXPECT(s, "04B0810002", "6882");
	EXPECT(s, "84B0810002", "6E00");
	EXPECT(s, "0DB0810002", "6881");
	EXPECT(s, "1CB0810002", "6884");
	EXPECT(s, "0CB081000D 970102 8E08 0102030405060708 00", "6988");
	EXPECT(s, "0CB0810003 970102 00", "6987");
	EXPECT(s, "0CB08100", "6987");
	EXPECT(s, "8C34000003 970102 00", "6987");
	EXPECT(s, "0CFF00000D 970102 8E08 0102030405060708 00", "6988"); /* 3 before 4 */
	struct sim plain;
	kit_rich_card(&plain);
	EXPECT(&plain, "0CB081000D 970102 8E08 0102030405060708 00", "6882");
	EXPECT(&plain, "08B0810003 960102 00", "6882");
	EXPECT(&plain, "8CB0810003 960102 00", "6E00");
	sim_close(&plain);
	secure_card(&plain, (struct secure_options){.without_86 = true});
	EXPECT(&plain, "08B0810003 960102 00", "6882");
	EXPECT(&plain, "0CB0810003 970102 00", "6987");
	sim_close(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_on_the_card),
	    SECURE_TEST(c9_levels),
	    cmocka_unit_test(c9_response_level_mac),
	    SECURE_TEST(c9_limits),
	    SECURE_TEST(c9_command_limits),
	    cmocka_unit_test(c9_extended),
	    SECURE_TEST(c9_padding),
	    SECURE_TEST(c9_refusals_are_protected),
	    SECURE_TEST(c9_authentication_inside),
	    SECURE_TEST(c9_faults_6987),
	    SECURE_TEST(c9_every_bit_counts),
	    SECURE_TEST(c9_faults_6988),
	    SECURE_TEST(c9_replay),
	    SECURE_TEST(c9_lengths_that_make_no_sense),
	    SECURE_TEST(c9_class_08),
	    SECURE_TEST(c9_classes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
