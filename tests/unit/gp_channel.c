/* Secure channels of GlobalPlatform, the terminal's side: every published session and wrapped command
 * (tests/fixtures/globalplatform), and that no wrong answer of a card is taken. */
#include "tests/unit/support/gp_rows.h"

#include "runtime/base/json.h"

enum { SESSIONS = 32 };

/* --- recorded sessions --- */

struct recorded {
	char id[64], scp[4], i[32], enc[80], mac[80], dek[80], host[40], answer[128], cryptogram[40], auth[128],
	    level[4], aid[40];
	char s_dek[80];
	bool random_ok;
};

static struct json_doc sessions;
static struct buf sessions_text;

static struct json_in session_at(size_t n)
{
	if (sessions.root == NULL) {
		struct diag_list d = {0};
		assert_true(file_read(FOLDER "/sessions.json", 1 << 20, &sessions_text, &d));
		assert_true(json_parse(&sessions, sessions_text.p, sessions_text.n));
	}
	return json_at(json_root(&sessions), n);
}

static void text_of(struct json_in in, const char *key, char *out, size_t cap)
{
	bool bad = sessions.bad;
	struct json_in v = json_member(in, key);
	out[0] = 0;
	if (v.o != NULL)
		json_get_text(v, out, cap);
	sessions.bad = bad; /* not every session has every member */
}

static struct json_in read_session(size_t n, struct recorded *r)
{
	struct json_in in = session_at(n);
	*r = (struct recorded){0};
	text_of(in, "id", r->id, sizeof r->id);
	text_of(in, "scp", r->scp, sizeof r->scp);
	text_of(in, "i", r->i, sizeof r->i);
	text_of(in, "enc", r->enc, sizeof r->enc);
	text_of(in, "mac", r->mac, sizeof r->mac);
	text_of(in, "dek", r->dek, sizeof r->dek);
	text_of(in, "host_challenge", r->host, sizeof r->host);
	text_of(in, "init_update_response", r->answer, sizeof r->answer);
	text_of(in, "host_cryptogram", r->cryptogram, sizeof r->cryptogram);
	text_of(in, "ext_auth", r->auth, sizeof r->auth);
	text_of(in, "security_level", r->level, sizeof r->level);
	text_of(in, "challenge_aid", r->aid, sizeof r->aid);
	text_of(in, "s_dek", r->s_dek, sizeof r->s_dek);
	return in;
}

static struct gp_key_set keys_of(const struct recorded *r)
{
	return (struct gp_key_set){key_of(r->enc), key_of(r->mac), key_of(r->dek)};
}

/* Up to EXTERNAL AUTHENTICATE, which is compared. */
static void open_session(struct gp_channel *c, const struct recorded *r)
{
	uint8_t host[16], answer[64], aid[16];
	struct gp_challenge card;
	struct gp_key_set keys = keys_of(r);
	struct buf out = {0};
	unsigned i, level;
	bytes(r->host, host, sizeof host);
	assert_true(gp_challenge_read(&card, answer, bytes(r->answer, answer, sizeof answer)));
	assert_int_equal(card.scp, r->scp[1] - '0');
	assert_int_equal(sscanf(r->i, "%x", &i), 1);
	assert_int_equal(sscanf(r->level, "%x", &level), 1);
	if (card.scp == 3)
		assert_int_equal(card.i, i);
	assert_int_equal(gp_channel_start(c, &keys, i, host, &card, aid, bytes(r->aid, aid, sizeof aid)), GP_STARTED);
	assert_hex(c->cryptogram, 8, r->cryptogram);
	if (r->s_dek[0] != 0)
		assert_hex(c->dek.p, c->dek.n, r->s_dek);
	assert_true(gp_channel_prove(c, level, &out));
	assert_hex(out.p, out.n, r->auth);
	gp_channel_accepted(c);
	buf_reset(&out);
}

static void test_recorded_sessions_open(void **state)
{
	(void)state;
	struct recorded r;
	session_at(0);
	size_t n = json_count(json_root(&sessions));
	assert_int_equal(n, 22);
	for (size_t k = 0; k < n; k++) {
		struct gp_channel c;
		read_session(k, &r);
		open_session(&c, &r);
		gp_channel_close(&c);
	}
}

static void exchange(
    struct gp_channel *c, const char *plain, const char *wrapped, const char *response, const char *response_plain)
{
	uint8_t cmd[ROOM], rsp[ROOM];
	struct apdu a;
	struct buf out = {0};
	assert_true(apdu_parse(&a, cmd, bytes(plain, cmd, sizeof cmd)));
	assert_true(gp_channel_wrap(c, &a, &out));
	assert_hex(out.p, out.n, wrapped);
	buf_clear(&out);
	if (response[0] != 0) {
		buf_add(&out, rsp, bytes(response, rsp, sizeof rsp));
		assert_true(gp_channel_unwrap(c, &out, SW_OK));
		assert_hex(out.p, out.n, response_plain);
	}
	buf_reset(&out);
}

static size_t session_named(const char *id, struct recorded *r)
{
	session_at(0);
	for (size_t k = 0; k < json_count(json_root(&sessions)); k++) {
		read_session(k, r);
		if (strcmp(r->id, id) == 0)
			return k;
	}
	fail_msg("no session %s", id);
	return 0;
}

static void test_wrapped_commands(void **state)
{
	(void)state;
	struct recorded r = {0};
	struct gp_channel c = {0};
	char *col[COLUMNS];
	int n = 0;
	for (char *at = read_table(FOLDER "/wrapped.tsv"); row(&at, col); n++) {
		if (strcmp(r.id, col[0]) != 0) {
			gp_channel_close(&c);
			session_named(col[0], &r);
			open_session(&c, &r);
		}
		exchange(&c, col[2], col[3], col[4], col[5]);
	}
	gp_channel_close(&c);
	assert_int_equal(n, 74);
}

/* The same from the sessions file, which has the commands as well. */
static void test_commands_of_sessions(void **state)
{
	(void)state;
	struct recorded r;
	session_at(0);
	int n = 0;
	for (size_t k = 0; k < json_count(json_root(&sessions)); k++) {
		struct gp_channel c;
		struct json_in commands = json_member(read_session(k, &r), "commands");
		open_session(&c, &r);
		for (size_t i = 0; i < json_count(commands); i++, n++) {
			char plain[ROOM], wrapped[ROOM], response[ROOM], response_plain[ROOM];
			struct json_in in = json_at(commands, i);
			text_of(in, "plain", plain, sizeof plain);
			text_of(in, "wrapped", wrapped, sizeof wrapped);
			text_of(in, "response", response, sizeof response);
			text_of(in, "response_plain", response_plain, sizeof response_plain);
			exchange(&c, plain, wrapped, response, response_plain);
		}
		gp_channel_close(&c);
	}
	assert_int_equal(n, 74);
}

/* --- what must not happen --- */

static enum gp_start start_with(struct gp_channel *c, const struct recorded *r, const struct gp_key_set *keys,
    const char *answer_hex, const char *aid_hex)
{
	uint8_t host[16], answer[64], aid[16];
	struct gp_challenge card;
	unsigned i;
	bytes(r->host, host, sizeof host);
	assert_true(gp_challenge_read(&card, answer, bytes(answer_hex, answer, sizeof answer)));
	assert_int_equal(sscanf(r->i, "%x", &i), 1);
	return gp_channel_start(c, keys, i, host, &card, aid, bytes(aid_hex, aid, sizeof aid));
}

/* After a wrong card cryptogram nothing gives our own away, for whatever level is asked. */
static void assert_dead(struct gp_channel *c)
{
	static const uint8_t zero[sizeof *c];
	static const unsigned levels[] = {0, 1, 3, 0x11, 0x13, 0x33};
	struct buf out = {0};
	struct apdu a = {.cla = 0x80, .ins = 0xf2};
	assert_memory_equal(c, zero, sizeof *c);
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		assert_false(gp_channel_prove(c, levels[i], &out));
	assert_false(gp_channel_wrap(c, &a, &out));
	assert_int_equal(out.n, 0);
	buf_reset(&out);
}

static void test_a_wrong_key_ends_the_channel(void **state)
{
	static const char *const id[] = {"scp01-kaoh-getstatus-mac", "scp02-pysim-1", "scp03-pysim-aes128_11"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct recorded r;
		struct gp_channel c;
		session_named(id[i], &r);
		struct gp_key_set keys = keys_of(&r);
		(i == 2 ? &keys.mac : &keys.enc)->p[5] ^= 0x10;
		assert_int_equal(start_with(&c, &r, &keys, r.answer, ""), GP_WRONG_KEY);
		assert_dead(&c);
	}
}

static void test_an_altered_card_cryptogram_ends_the_channel(void **state)
{
	(void)state;
	struct recorded r;
	struct gp_channel c;
	session_named("scp02-pysim-1", &r);
	struct gp_key_set keys = keys_of(&r);
	r.answer[55] = r.answer[55] == '0' ? '1' : '0';
	assert_int_equal(start_with(&c, &r, &keys, r.answer, ""), GP_WRONG_KEY);
	assert_dead(&c);
}

/* i = 70 promises a challenge that depends on the counter and the AID. */
static void test_a_challenge_that_is_not_the_promised_one(void **state)
{
	(void)state;
	struct recorded r;
	struct gp_channel c;
	session_named("scp03-pysim-aes128_11", &r);
	struct gp_key_set keys = keys_of(&r);
	assert_int_equal(start_with(&c, &r, &keys, r.answer, "A000000003000000"), GP_NOT_RANDOM);
	assert_dead(&c);
}

static void test_keys_that_do_not_fit(void **state)
{
	(void)state;
	struct recorded r;
	struct gp_channel c;
	session_named("scp02-pysim-1", &r);
	struct gp_key_set keys = keys_of(&r);
	keys.enc.n = 24;
	assert_int_equal(start_with(&c, &r, &keys, r.answer, ""), GP_UNSUITABLE);
	assert_dead(&c);
	keys = keys_of(&r);
	strcpy(r.i, "0A"); /* implicit: no INITIALIZE UPDATE there */
	assert_int_equal(start_with(&c, &r, &keys, r.answer, ""), GP_UNSUITABLE);
	assert_dead(&c);
}

static void test_a_proof_is_made_once(void **state)
{
	(void)state;
	struct recorded r;
	struct gp_channel c;
	struct buf out = {0};
	session_named("scp02-pysim-1", &r);
	open_session(&c, &r);
	assert_false(gp_channel_prove(&c, 1, &out));
	assert_int_equal(out.n, 0);
	gp_channel_close(&c);
}

static void test_answers_of_the_wrong_length(void **state)
{
	(void)state;
	uint8_t p[64] = {0};
	struct gp_challenge card;
	for (size_t n = 0; n < sizeof p; n++) {
		p[11] = 3;
		assert_int_equal(gp_challenge_read(&card, p, n), n == 29 || n == 32 || n == 45 || n == 48);
		p[11] = 2;
		assert_int_equal(gp_challenge_read(&card, p, n), n == 28);
		p[11] = 4;
		assert_false(gp_challenge_read(&card, p, n));
	}
}

/* One byte changed anywhere in an answer, or its MAC taken off, and the channel is closed. */
static void test_altered_answers(void **state)
{
	(void)state;
	struct recorded r;
	uint8_t cmd[ROOM], rsp[ROOM];
	session_named("scp03-pysim-aes128_33", &r);
	size_t n = bytes("F3BA2B1013AA6224F5E1C138D71805C569E5439B47576260B75FC021B25097CB2E68F8A0144975B9", rsp, ROOM);
	for (size_t at = 0; at <= n; at++) {
		struct gp_channel c;
		struct apdu a;
		struct buf out = {0}, data = {0};
		open_session(&c, &r);
		assert_true(apdu_parse(&a, cmd, bytes("80E2910006BF3E035C015A00", cmd, sizeof cmd)));
		assert_true(gp_channel_wrap(&c, &a, &out));
		buf_add(&data, rsp, n);
		if (at < n)
			data.p[at] ^= 1;
		else
			data.n = 0; /* 9000 alone where a MAC was agreed */
		assert_false(gp_channel_unwrap(&c, &data, SW_OK));
		assert_dead(&c);
		buf_reset(&out);
		buf_reset(&data);
	}
}

static void test_errors_come_without_a_mac(void **state)
{
	(void)state;
	struct recorded r;
	struct gp_channel c;
	struct apdu a = {.cla = 0x80, .ins = 0xf2};
	struct buf out = {0}, data = {0};
	session_named("scp03-pysim-aes128_33", &r);
	open_session(&c, &r);
	assert_true(gp_channel_wrap(&c, &a, &out));
	assert_true(gp_channel_unwrap(&c, &data, SW_CONDITIONS_OF_USE));
	assert_true(gp_channel_wrap(&c, &a, &out)); /* the channel lives on */
	buf_u8(&data, 1);
	assert_false(gp_channel_unwrap(&c, &data, SW_CONDITIONS_OF_USE));
	buf_reset(&out);
	buf_reset(&data);
}

static size_t longest(unsigned scp, size_t n, unsigned level, size_t max)
{
	struct gp_channel c = {.scp = scp, .mac_length = n, .level = level, .open = true};
	return gp_channel_room(&c, max);
}

static void test_room(void **state)
{
	(void)state;
	assert_int_equal(longest(2, 8, GP_C_MAC, 255), 247);
	assert_int_equal(longest(2, 8, GP_C_MAC | GP_C_DEC, 255), 239);
	assert_int_equal(longest(1, 8, GP_C_MAC | GP_C_DEC, 255), 239);
	assert_int_equal(longest(3, 8, GP_C_MAC, 255), 247);
	assert_int_equal(longest(3, 8, GP_C_MAC | GP_C_DEC, 255), 239);
	assert_int_equal(longest(3, 16, GP_C_MAC, 255), 239);
	assert_int_equal(longest(3, 16, GP_C_MAC | GP_C_DEC, 255), 223); /* not 239: that would make Lc 256 */
	assert_int_equal(longest(3, 16, 0, 255), 255);
	assert_int_equal(longest(3, 8, GP_C_MAC | GP_C_DEC, 8), 0);
}

/* S16: challenges, cryptograms and MACs of 16 bytes, and the fullest LOAD still a short APDU. */
static void test_s16(void **state)
{
	(void)state;
	struct gp_channel c = {0};
	struct gp_key_set keys = {{{1, 2}, 16}, {{3, 4}, 16}, {{5, 6}, 16}};
	struct gp_challenge card = {.scp = 3, .i = 0x01, .n = 16, .challenge = {9}};
	uint8_t host[16] = {7}, wanted[16], block[223] = {0};
	struct gp_channel first = {.scp = 3, .i = 0x01, .mac_length = 16};
	struct buf out = {0};
	assert_true(scp03_keys(&first, &keys, host, &card, wanted));
	memcpy(card.cryptogram, wanted, 16);
	gp_channel_close(&first);
	assert_int_equal(gp_channel_start(&c, &keys, 0x01, host, &card, NULL, 0), GP_STARTED);
	assert_true(gp_channel_prove(&c, GP_C_MAC | GP_C_DEC, &out));
	assert_int_equal(out.n, 5 + 32);
	gp_channel_accepted(&c);
	struct apdu a = {.cla = 0x80, .ins = 0xe8, .p1 = 0, .data = block, .lc = sizeof block};
	buf_clear(&out);
	assert_true(gp_channel_wrap(&c, &a, &out));
	assert_int_equal(out.n, 5 + 240);
	assert_int_equal(out.p[4], 240);
	assert_int_equal(out.p[2], 0); /* P1 is as it was */
	gp_channel_close(&c);
	buf_reset(&out);
}

static void test_parameters_i(void **state)
{
	static const uint8_t explicit02[] = {0x04, 0x05, 0x14, 0x15, 0x44, 0x45, 0x54, 0x55};
	static const uint8_t implicit02[] = {0x0a, 0x0b, 0x1a, 0x1b};
	static const uint8_t scp03[] = {0x00, 0x10, 0x20, 0x30, 0x60, 0x70};
	(void)state;
	unsigned n = 0, all = 0;
	for (unsigned i = 0; i < 256; i++) {
		n += gp_i_known(2, i, false);
		all += gp_i_known(2, i, true);
	}
	assert_int_equal(n, 2 * sizeof explicit02);
	assert_int_equal(all, 2 * (sizeof explicit02 + sizeof implicit02));
	for (size_t k = 0; k < sizeof explicit02; k++) {
		assert_true(gp_i_known(2, explicit02[k], false));
		assert_true(gp_i_known(2, explicit02[k] | 0x20, false));
		assert_int_equal(gp_highest_level(2, explicit02[k]), 0x03);
		assert_int_equal(gp_highest_level(2, explicit02[k] | 0x20u), 0x13);
	}
	for (size_t k = 0; k < sizeof implicit02; k++)
		assert_true(gp_i_known(2, implicit02[k], true) && !gp_i_known(2, implicit02[k], false));
	for (size_t k = 0; k < sizeof scp03; k++)
		assert_true(gp_i_known(3, scp03[k], false) && gp_i_known(3, scp03[k] | 1u, false));
	assert_false(gp_i_known(3, 0x40, false));
	assert_int_equal(gp_highest_level(3, 0x70), 0x33);
	assert_int_equal(gp_highest_level(3, 0x30), 0x13);
	assert_int_equal(gp_highest_level(3, 0x10), 0x03);
	assert_true(gp_i_known(1, 0x05, false) && gp_i_known(1, 0x15, false) && !gp_i_known(1, 0x04, false));
	assert_false(gp_i_known(4, 0, false));
}

/* Implicit initiation (i = 0B): the first ICV is the MAC over the AID, the MAC covers the command as it was. */
static void test_implicit(void **state)
{
	(void)state;
	static const uint8_t aid[] = {0xa0, 0, 0, 1, 0x51, 0, 0, 0};
	struct gp_key_set keys = {{{1}, 16}, {{2}, 16}, {{3}, 16}};
	struct gp_channel c;
	uint8_t key[16], icv[MAC_MAX], mac[MAC_MAX];
	uint8_t name[16] = {0xa0, 0, 0, 1, 0x51, 0, 0, 0, 0x80};
	uint8_t covered[8] = {0x80, 0xf2, 0x80, 0x00, 0x02, 0x4f, 0x00, 0x80};
	struct apdu a = {.cla = 0x80, .ins = 0xf2, .p1 = 0x80, .data = covered + 5, .lc = 2};
	struct buf out = {0};
	assert_true(scp02_derive(&keys.mac, 0x0101, 7, key));
	struct mac *m = mac_new(MAC_RETAIL_DES, key, sizeof key);
	assert_true(mac_compute(m, name, sizeof name, icv));
	for (int i = 0; i < 8; i++)
		name[i] = covered[i] ^ icv[i];
	assert_true(mac_compute(m, name, 8, mac));
	assert_int_equal(gp_channel_implicit(&c, &keys, 0x0b, 7, aid, sizeof aid), GP_STARTED);
	assert_true(gp_channel_wrap(&c, &a, &out));
	assert_int_equal(out.n, 5 + 2 + 8);
	assert_int_equal(out.p[0], 0x84);
	assert_memory_equal(out.p + 7, mac, 8);
	mac_free(m);
	gp_channel_close(&c);
	buf_reset(&out);
	assert_int_equal(gp_channel_implicit(&c, &keys, 0x05, 7, aid, sizeof aid), GP_UNSUITABLE);
}

/* SCP02 with answer MACs (i = 35): the MAC of EXTERNAL AUTHENTICATE begins the chain; an error comes alone and counts
 * (GPC 2.3.1, E.4.5). */
static void test_scp02_answer_macs(void **state)
{
	(void)state;
	struct recorded r;
	struct gp_channel c;
	struct buf out = {0}, data = {0};
	uint8_t host[8], answer[64], key[16], mac[MAC_MAX],
	    b[16] = {0x80, 0xca, 0, 0x66, 0, 2, 0xaa, 0xbb, 0x90, 0, 0x80},
	    refused[8] = {0x80, 0xca, 0, 0x66, 0, 0, 0x6a, 0x88}, rest[16];
	struct gp_challenge card;
	session_named("scp02-pysim-1", &r);
	struct gp_key_set keys = keys_of(&r);
	bytes(r.host, host, sizeof host);
	assert_true(gp_challenge_read(&card, answer, bytes(r.answer, answer, sizeof answer)));
	assert_int_equal(gp_channel_start(&c, &keys, 0x35, host, &card, NULL, 0), GP_STARTED);
	assert_true(gp_channel_prove(&c, GP_C_MAC | GP_R_MAC, &out));
	gp_channel_accepted(&c);
	for (int i = 0; i < 8; i++)
		rest[i] = refused[i] ^ out.p[out.n - 8 + (size_t)i];
	memcpy(rest + 8, "\x80\0\0\0\0\0\0", 8);
	struct apdu a = {.cla = 0x80, .ins = 0xca, .p2 = 0x66, .has_le = true, .le = 256, .le_is_max = true};
	assert_true(gp_channel_wrap(&c, &a, &out));
	assert_true(gp_channel_unwrap(&c, &data, SW_REFERENCE_NOT_FOUND));
	assert_true(gp_channel_wrap(&c, &a, &out));
	assert_true(scp02_derive(&keys.mac, 0x0102, (uint16_t)card.counter, key));
	struct mac *m = mac_new(MAC_RETAIL_DES, key, sizeof key);
	assert_true(mac_compute(m, rest, sizeof rest, mac));
	for (int i = 0; i < 8; i++)
		b[i] ^= mac[i];
	assert_true(mac_compute(m, b, sizeof b, mac));
	buf_add(&data, "\xaa\xbb", 2);
	buf_add(&data, mac, 8);
	assert_true(gp_channel_unwrap(&c, &data, SW_OK));
	assert_int_equal(data.n, 2);
	assert_true(gp_channel_wrap(&c, &a, &out));
	assert_false(gp_channel_unwrap(&c, &data, SW_OK)); /* no MAC */
	assert_dead(&c);
	mac_free(m);
	buf_reset(&data);
	buf_reset(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recorded_sessions_open),
	    cmocka_unit_test(test_wrapped_commands),
	    cmocka_unit_test(test_commands_of_sessions),
	    cmocka_unit_test(test_a_wrong_key_ends_the_channel),
	    cmocka_unit_test(test_an_altered_card_cryptogram_ends_the_channel),
	    cmocka_unit_test(test_a_challenge_that_is_not_the_promised_one),
	    cmocka_unit_test(test_keys_that_do_not_fit),
	    cmocka_unit_test(test_a_proof_is_made_once),
	    cmocka_unit_test(test_answers_of_the_wrong_length),
	    cmocka_unit_test(test_altered_answers),
	    cmocka_unit_test(test_errors_come_without_a_mac),
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_s16),
	    cmocka_unit_test(test_parameters_i),
	    cmocka_unit_test(test_implicit),
	    cmocka_unit_test(test_scp02_answer_macs),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_reset(&table);
	buf_reset(&sessions_text);
	json_free(&sessions);
	return failed;
}
