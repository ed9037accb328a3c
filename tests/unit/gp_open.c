/* Opening secure channels: what the card says is taken and nothing guessed; wrong keys are remembered across runs and
 * no card is locked; key files. */
#include "tests/unit/support/gp_kit.h"

static struct gp_kit kit;

static void write_keys(const char *text)
{
	static char path[96];
	snprintf(path, sizeof path, "%s/keys", kit.folder);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
	kit.options.keys.file = path;
}

/* One run that logs in. */
static bool log_in(void)
{
	diag_reset(&kit.d);
	bool ok = gp_kit_open(&kit) && gp_open(&kit.loader, NULL);
	gp_kit_close(&kit);
	return ok;
}

#define WRONG "404142434445464748494A4B4C4D4E40"
#define RIGHT "404142434445464748494A4B4C4D4E4F"

/* --- wrong keys --- */

static void test_a_wrong_key_is_offered_once(void **state)
{
	static const uint8_t scp[][2] = {{1, 0x05}, {2, 0x15}, {3, 0x70}};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		gp_kit_new(&kit, scp[i][0], scp[i][1]);
		write_keys("* gp key=" WRONG "\n");
		assert_false(log_in());
		assert_true(gp_kit_fired(&kit, DIAG_GP_WRONG_KEY));
		assert_false(log_in());
		assert_true(gp_kit_fired(&kit, DIAG_KEY_KNOWN_WRONG));
		kit.options.last_try = true; /* even when told to: the card's cryptogram is wrong, ours is not sent */
		assert_false(log_in());
		assert_true(gp_kit_fired(&kit, DIAG_GP_WRONG_KEY));
		assert_int_equal(kit.card.authentications, 0);
		assert_int_equal(kit.card.failures, 0);
		gp_kit_free(&kit);
	}
}

static void test_the_try_that_could_be_the_last(void **state)
{
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	write_keys("* gp key=" WRONG "\n");
	assert_false(log_in());
	write_keys("* gp key=4041424344454647484A4A4B4C4D4E4F\n");
	assert_false(log_in());
	assert_true(gp_kit_fired(&kit, DIAG_GP_WRONG_KEY));
	write_keys("* gp key=" RIGHT "\n");
	assert_false(log_in()); /* who knows whether it is right? */
	assert_true(gp_kit_fired(&kit, DIAG_GP_TRIES));
	kit.options.last_try = true;
	assert_true(log_in());
	kit.options.last_try = false;
	assert_true(log_in()); /* it was right: the count begins anew */
	assert_int_equal(kit.card.failures, 0);
	gp_kit_free(&kit);
}

/* Counted for each card and key version: another card is not held up by this one's failures. */
static void test_each_card_is_counted_alone(void **state)
{
	(void)state;
	gp_kit_new(&kit, 3, 0x70);
	write_keys("* gp key=" WRONG "\n");
	assert_false(log_in());
	write_keys("* gp key=4041424344454647484A4A4B4C4D4E4F\n");
	assert_false(log_in());
	write_keys("* gp key=" RIGHT "\n");
	assert_false(log_in());
	kit.card.kdd[9]++;
	assert_true(log_in());
	kit.card.kdd[9]--;
	assert_false(log_in());
	kit.card.keys.version++;
	assert_true(log_in());
	gp_kit_free(&kit);
}

/* The card's cryptogram is right and it refuses ours: that used up a try, and is remembered. */
static void test_the_card_refuses_our_cryptogram(void **state)
{
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	write_keys("* gp enc=" RIGHT " mac=" WRONG " dek=" RIGHT "\n");
	assert_false(log_in());
	assert_int_equal(kit.card.authentications, 1);
	assert_true(gp_kit_fired(&kit, DIAG_GP_REFUSED));
	assert_false(log_in());
	assert_true(gp_kit_fired(&kit, DIAG_KEY_KNOWN_WRONG));
	assert_int_equal(kit.card.authentications, 1);
	gp_kit_free(&kit);
}

/* --- what the card says --- */

static void test_i_is_never_guessed(void **state)
{
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	kit.card.ways.no_recognition = true;
	assert_false(log_in());
	assert_true(gp_kit_fired(&kit, DIAG_GP_CHANNEL_UNKNOWN));
	assert_int_equal(kit.card.authentications, 0);
	kit.options.gp.has_scp = true;
	kit.options.gp.scp = 2;
	kit.options.gp.i = 0x15;
	assert_true(log_in());
	gp_kit_free(&kit);
	gp_kit_new(&kit, 3, 0x70); /* SCP03 says it in the answer */
	kit.card.ways.no_recognition = true;
	assert_true(log_in());
	gp_kit_free(&kit);
	gp_kit_new(&kit, 1, 0x05); /* Open Platform cards have no other */
	kit.card.ways.no_recognition = true;
	assert_true(log_in());
	gp_kit_free(&kit);
}

static void test_s16_says_so_by_refusing_eight_bytes(void **state)
{
	(void)state;
	gp_kit_new(&kit, 3, 0x71);
	kit.card.ways.no_recognition = true;
	kit.card.ways.any_s16_length = true;
	assert_true(log_in());
	assert_int_equal(kit.card.initialized, 2);
	assert_int_equal(kit.card.authentications, 1);
	gp_kit_free(&kit);
}

static void test_every_security_level(void **state)
{
	static const unsigned levels[] = {0x00, 0x01, 0x03, 0x11, 0x13, 0x33};
	(void)state;
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		struct gp_registry r = {0};
		gp_kit_new(&kit, 3, 0x70);
		kit.options.gp.has_level = true;
		kit.options.gp.level = levels[i];
		assert_true(gp_kit_open(&kit) && gp_open(&kit.loader, NULL));
		assert_int_equal(kit.card.secure.asked, levels[i]);
		assert_true(gp_registry_load(&kit.loader, GP_SCOPE_ISD, &r));
		assert_int_equal(r.n, 1);
		gp_registry_reset(&r);
		gp_kit_close(&kit);
		gp_kit_free(&kit);
	}
	gp_kit_new(&kit, 2, 0x15); /* a level that this channel does not have */
	kit.options.gp.has_level = true;
	kit.options.gp.level = 0x13;
	assert_false(log_in());
	assert_true(gp_kit_fired(&kit, DIAG_GP_OPTION));
	assert_int_equal(kit.card.authentications, 0);
	gp_kit_free(&kit);
}

static void test_the_key_version_that_was_asked_for(void **state)
{
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	kit.options.gp.has_version = true;
	kit.options.gp.version = 0x44;
	assert_false(log_in());
	assert_true(gp_kit_fired(&kit, DIAG_GP_REFUSED)); /* 6A88 from INITIALIZE UPDATE: no try of any key */
	kit.options.gp.version = 0x01;
	assert_true(log_in());
	gp_kit_free(&kit);
}

/* Another domain than the one that the pseudo-random challenge belongs to. */
static void test_a_challenge_of_another_domain(void **state)
{
	(void)state;
	gp_kit_new(&kit, 3, 0x70);
	assert_true(gp_kit_open(&kit));
	kit.loader.gp.domain.p[7] ^= 1;
	assert_false(gp_open(&kit.loader, NULL));
	assert_true(gp_kit_fired(&kit, DIAG_GP_NOT_RANDOM));
	assert_int_equal(kit.card.authentications, 0);
	gp_kit_close(&kit);
	gp_kit_free(&kit);
}

static void test_keys_of_the_wrong_length(void **state)
{
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	write_keys("* gp key=" RIGHT "5051525354555657\n");
	assert_false(log_in());
	assert_true(gp_kit_fired(&kit, DIAG_GP_KEYS_UNSUITABLE));
	write_keys("* gp diversify=visa2 key=" RIGHT "5051525354555657\n");
	assert_false(log_in());
	assert_true(gp_kit_fired(&kit, DIAG_GP_KEYS_UNSUITABLE));
	assert_int_equal(kit.card.authentications, 0);
	gp_kit_free(&kit);
}

/* Somebody changes an answer on its way. */
static enum link_status forge(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	enum link_status s = card_link_transmit(l, cmd, n, rsp);
	if (cmd[1] == 0xf2 && rsp->n > 10)
		rsp->p[3] ^= 1;
	return s;
}

static void test_a_forged_answer(void **state)
{
	static const struct link_ops forger = {card_link_reset, forge, card_link_close};
	struct gp_registry r = {0};
	struct link l;
	(void)state;
	gp_kit_new(&kit, 3, 0x30);
	card_link(&l, &kit.card);
	l.ops = &forger;
	assert_true(loader_on(&kit.loader, &l, &kit.options, NULL, true, NULL, &kit.d) && gp_open(&kit.loader, NULL));
	assert_false(gp_registry_load(&kit.loader, GP_SCOPE_ISD, &r));
	assert_true(gp_kit_fired(&kit, DIAG_GP_ANSWER_FORGED));
	assert_false(kit.loader.gp.channel.open);
	gp_registry_reset(&r);
	gp_kit_close(&kit);
	gp_kit_free(&kit);
}

static void test_implicit_initiation(void **state)
{
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	kit.options.gp.has_scp = true; /* the kit's card has no implicit channel: the first command tells */
	kit.options.gp.scp = 2;
	kit.options.gp.i = 0x0b;
	assert_false(log_in());
	assert_int_equal(kit.card.initialized, 0);
	assert_true(gp_kit_fired(&kit, DIAG_GP_REFUSED));
	assert_false(log_in()); /* it was a try: remembered */
	assert_true(gp_kit_fired(&kit, DIAG_KEY_KNOWN_WRONG));
	gp_kit_free(&kit);
}

/* i = 0A, 0B, 1A, 1B: the channel begins with the first command. */
static void test_implicit_channels(void **state)
{
	static const uint8_t is[] = {0x0a, 0x0b, 0x1a, 0x1b};
	(void)state;
	for (size_t k = 0; k < sizeof is; k++)
		for (unsigned level = 3;; level = 1) {
			struct gp_registry r = {0};
			gp_kit_new(&kit, 2, is[k]);
			kit.card.ways.implicit = true;
			kit.card.sequence = 5;
			kit.options.gp.has_scp = kit.options.gp.has_level = true;
			kit.options.gp.scp = 2;
			kit.options.gp.i = is[k];
			kit.options.gp.level = level;
			bool ok = gp_kit_open(&kit) && gp_open(&kit.loader, NULL) &&
			    gp_registry_load(&kit.loader, GP_SCOPE_ISD | GP_SCOPE_APPLICATIONS, &r);
			if (level != GP_C_MAC) { /* no more than that */
				assert_true(gp_kit_fired(&kit, DIAG_GP_OPTION));
				gp_kit_close(&kit);
				gp_kit_free(&kit);
				continue;
			}
			if (!ok)
				fail_msg("i = %02X, level %u: %s", is[k], level,
				    kit.d.n == 0 ? "?" : diag_message_template(kit.d.row[0].code, "en"));
			assert_int_equal(r.n, 1);
			assert_int_equal(kit.card.initialized, 0);
			assert_int_equal(kit.card.authentications, 1);
			gp_registry_reset(&r);
			gp_kit_close(&kit);
			gp_kit_free(&kit);
			break;
		}
}

/* With R-MAC in i, BEGIN R-MAC SESSION protects the answers, and END R-MAC SESSION proves them at the end. */
static bool implicit_with_answer_macs(unsigned i, const struct link_ops *ops, struct gp_registry *r)
{
	struct link l;
	gp_kit_new(&kit, 2, (uint8_t)i);
	kit.card.ways.implicit = kit.options.gp.has_scp = true;
	kit.card.sequence = 5;
	kit.options.gp.scp = 2;
	kit.options.gp.i = i;
	card_link(&l, &kit.card);
	l.ops = ops;
	bool ok = loader_on(&kit.loader, &l, &kit.options, NULL, true, NULL, &kit.d) && gp_open(&kit.loader, NULL);
	assert_int_equal(kit.loader.gp.channel.level, ok ? GP_C_MAC | GP_R_MAC : 0);
	return ok && gp_registry_load(&kit.loader, GP_SCOPE_ISD | GP_SCOPE_APPLICATIONS, r);
}

/* Takes what the card says of its applications, and says that there are none: a refusal has no MAC. */
static enum link_status hide(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	enum link_status s = card_link_transmit(l, cmd, n, rsp);
	if (cmd[1] == 0xf2 && cmd[2] == 0x40) {
		buf_clear(rsp);
		buf_u16(rsp, SW_REFERENCE_NOT_FOUND);
	}
	return s;
}

static void test_implicit_answer_macs(void **state)
{
	static const uint8_t is[] = {0x2a, 0x2b, 0x3a, 0x3b};
	static const struct link_ops hider = {card_link_reset, hide, card_link_close};
	struct aid applet = kit_applet(1);
	(void)state;
	for (size_t k = 0; k < sizeof is; k++)
		for (int forged = 0; forged < 2; forged++) {
			struct gp_registry r = {0};
			assert_true(implicit_with_answer_macs(is[k], forged ? &hider : &card_ops, &r));
			assert_int_equal(r.n, 1);
			gp_registry_reset(&r);
			card_add(&kit.card, &applet, false);
			assert_true(gp_registry_load(&kit.loader, GP_SCOPE_APPLICATIONS, &r));
			assert_int_equal(r.n, !forged);
			gp_registry_reset(&r);
			assert_false(gp_kit_fired(&kit, DIAG_GP_ANSWER_FORGED));
			gp_kit_close(&kit);
			assert_int_equal(gp_kit_fired(&kit, DIAG_GP_ANSWER_FORGED), forged);
			gp_kit_free(&kit);
		}
}

/* --- key files --- */

static bool find(int version, struct gp_secret *s)
{
	diag_reset(&kit.d);
	return keyring_find(&kit.options.keys, NULL, "chip-a", false, version, s, &kit.d);
}

static void test_lines_of_a_key_file(void **state)
{
	struct gp_secret s;
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	write_keys("# comment\n"
		   "starcos-like-8k pin IGATA-SO\n"
		   "* gp key=" RIGHT "\n"
		   "chip-a gp diversify=emv key=" WRONG "\n"
		   "chip-a gp version=30 enc=" RIGHT " mac=" WRONG " dek=" RIGHT " # one set\n"
		   "chip-b gp key=" RIGHT "\n");
	assert_true(find(0x30, &s));
	assert_int_equal(s.version, 0x30);
	assert_int_equal(s.keys.mac.p[15], 0x40);
	assert_true(find(0x31, &s));
	assert_int_equal(s.diversify, GP_DIVERSIFY_EMV);
	assert_true(s.any_version);
	write_keys("chip-a gp version=30 key=" RIGHT "\n");
	assert_false(find(0x31, &s));
	assert_true(gp_kit_fired(&kit, DIAG_GP_KEY_FOR_VERSION));
	kit.options.keys.file = NULL;
	assert_false(find(0x31, &s)); /* a real card gets no test key */
	assert_true(gp_kit_fired(&kit, DIAG_KEY_NONE));
	gp_kit_free(&kit);
}

static void test_wrong_lines_of_a_key_file(void **state)
{
	static const char *const lines[] = {"* gp", "* gp key=00", "* gp key=" RIGHT " key=" RIGHT,
	    "* gp enc=" RIGHT " mac=" RIGHT, "* gp key=" RIGHT " diversify=kdf9", "* gp key=" RIGHT " diversfy=emv",
	    "* gp key=" RIGHT " version=1", "* gp key=" RIGHT " version=01 version=02", "* gp " RIGHT,
	    "* gp enc=" RIGHT " mac=" RIGHT " dek=" RIGHT "5051525354555657",
	    "* gp version=01 diversify=emv enc=" RIGHT " mac=" RIGHT " dek=" RIGHT " a=b c=d"};
	struct gp_secret s;
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char text[512];
		struct buf said = {0};
		snprintf(text, sizeof text, "%s\n", lines[i]);
		write_keys(text);
		assert_false(find(1, &s));
		assert_true(gp_kit_fired(&kit, DIAG_GP_KEY_FILE));
		for (size_t g = 0; g < kit.d.n; g++)
			diag_text(&said, &kit.d.row[g], "en");
		assert_null(strstr(buf_cstr(&said), "4041")); /* no key in a message */
		buf_reset(&said);
	}
	write_keys("chip-a gp key=" RIGHT "\nchip-a gp key=" WRONG "\n");
	assert_false(find(1, &s));
	assert_true(gp_kit_fired(&kit, DIAG_KEY_TWICE));
	gp_kit_free(&kit);
}

/* A key file that others can read is refused before a byte of it is. */
static void test_permissions_of_a_key_file(void **state)
{
	struct gp_secret s;
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	write_keys("* gp key=" RIGHT "\n");
	assert_int_equal(chmod(kit.options.keys.file, 0640), 0);
	assert_false(find(1, &s));
	assert_true(gp_kit_fired(&kit, DIAG_KEY_FILE_MODE));
	gp_kit_free(&kit);
}

/* Diversified keys open the card that has them, and no other. */
static void test_diversified_keys(void **state)
{
	(void)state;
	for (int how = GP_DIVERSIFY_VISA; how < GP_DIVERSIFICATIONS; how++) {
		bool aes = how == GP_DIVERSIFY_KDF3;
		gp_kit_new(&kit, aes ? 3 : 2, aes ? 0x10 : 0x15);
		struct gp_key k = {.n = 16};
		memcpy(k.p, kit.card.keys.enc, 16);
		struct gp_key_set set = {k, k, k};
		assert_true(gp_diversify(&set, (enum gp_diversification)how, kit.card.kdd));
		memcpy(kit.card.keys.enc, set.enc.p, 16);
		memcpy(kit.card.keys.mac, set.mac.p, 16);
		memcpy(kit.card.keys.dek, set.dek.p, 16);
		char text[128];
		snprintf(text, sizeof text, "* gp diversify=%s key=" RIGHT "\n",
		    gp_diversification_name((enum gp_diversification)how));
		write_keys(text);
		assert_true(log_in());
		write_keys("* gp key=" RIGHT "\n");
		assert_false(log_in());
		assert_int_equal(kit.card.failures, 0);
		gp_kit_free(&kit);
	}
}

/* --- which card is it --- */

static void test_the_chip_by_its_production_data(void **state)
{
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	kit.options.given.profiles = "chipprofiles";
	memcpy(kit.card.cplc, "\x47\x90\x50\x15\x40\x51\x51\x58\x24\x00", 10);
	assert_true(gp_kit_open(&kit));
	assert_string_equal(kit.loader.card.chip_name, "ibm-jcop21-v22");
	gp_kit_close(&kit);
	memcpy(kit.card.cplc, "\x47\x91", 2); /* the ATR of a profile alone would say nothing */
	assert_true(gp_kit_open(&kit));
	assert_null(kit.loader.card.chip_name);
	assert_true(kit.loader.gp.there);
	gp_kit_close(&kit);
	gp_kit_free(&kit);
}

static enum link_status mute(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	(void)l, (void)cmd, (void)n;
	buf_clear(rsp);
	buf_u16(rsp, SW_FILE_NOT_FOUND);
	return LINK_OK;
}

static void test_a_card_that_is_none(void **state)
{
	static const struct link_ops none = {card_link_reset, mute, card_link_close};
	struct link l;
	(void)state;
	gp_kit_new(&kit, 2, 0x15);
	card_link(&l, &kit.card);
	l.ops = &none;
	assert_false(loader_on(&kit.loader, &l, &kit.options, NULL, true, NULL, &kit.d));
	assert_true(gp_kit_fired(&kit, DIAG_CARD_UNKNOWN));
	gp_kit_close(&kit);
	card_link(&l, &kit.card);
	l.ops = &none;
	kit.options.given.profiles = "chipprofiles";
	kit.options.given.chip = "nxp-jcop4-j3r180"; /* the user insists */
	assert_true(loader_on(&kit.loader, &l, &kit.options, NULL, true, NULL, &kit.d));
	assert_false(gp_open(&kit.loader, NULL));
	assert_true(gp_kit_fired(&kit, DIAG_GP_NO_DOMAIN));
	gp_kit_close(&kit);
	gp_kit_free(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_wrong_key_is_offered_once),
	    cmocka_unit_test(test_the_try_that_could_be_the_last),
	    cmocka_unit_test(test_each_card_is_counted_alone),
	    cmocka_unit_test(test_the_card_refuses_our_cryptogram),
	    cmocka_unit_test(test_i_is_never_guessed),
	    cmocka_unit_test(test_s16_says_so_by_refusing_eight_bytes),
	    cmocka_unit_test(test_every_security_level),
	    cmocka_unit_test(test_the_key_version_that_was_asked_for),
	    cmocka_unit_test(test_a_challenge_of_another_domain),
	    cmocka_unit_test(test_keys_of_the_wrong_length),
	    cmocka_unit_test(test_a_forged_answer),
	    cmocka_unit_test(test_implicit_initiation),
	    cmocka_unit_test(test_implicit_channels),
	    cmocka_unit_test(test_implicit_answer_macs),
	    cmocka_unit_test(test_lines_of_a_key_file),
	    cmocka_unit_test(test_wrong_lines_of_a_key_file),
	    cmocka_unit_test(test_permissions_of_a_key_file),
	    cmocka_unit_test(test_diversified_keys),
	    cmocka_unit_test(test_the_chip_by_its_production_data),
	    cmocka_unit_test(test_a_card_that_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
