/* The dialects against a scripted card: every command byte by byte, and answers that the simulated cards never give. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "tests/unit/support/load_kit.h"

#include "runtime/load/native/native.h"

/* --- a card that follows a script --- */

struct mock {
	const char *const *line; /* command, answer, command, answer …, NULL; "" as answer: the card is gone */
};

static void say(struct buf *out, const char *hex)
{
	for (; *hex != 0; hex++)
		if (*hex != ' ') {
			buf_u8(out, (unsigned)(hex_digit(hex[0]) << 4 | hex_digit(hex[1])));
			hex++;
		}
}

static enum link_status mock_reset(struct link *l)
{
	(void)l;
	return LINK_OK;
}

static enum link_status mock_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct mock *m = l->state;
	struct buf want = {0};
	char text[600];
	if (m->line[0] == NULL)
		fail_msg("nothing more was expected, but %s is sent", hex_encode(text, cmd, n));
	say(&want, m->line[0]);
	if (want.n != n || memcmp(want.p, cmd, n) != 0)
		fail_msg("%s was expected, but %s is sent", m->line[0], hex_encode(text, cmd, n));
	buf_reset(&want);
	buf_clear(rsp);
	say(rsp, m->line[1]);
	m->line += 2;
	return rsp->n == 0 ? LINK_CARD_GONE : LINK_OK;
}

static void mock_close(struct link *l)
{
	(void)l;
}

static const struct link_ops mock_ops = {.reset = mock_reset, .transmit = mock_transmit, .close = mock_close};

static struct mock mock;
static struct link mock_link;
static struct session session;
static struct diag_list d;

static void begin(const char *const *lines)
{
	mock.line = lines;
	mock_link = (struct link){.ops = &mock_ops, .state = &mock, .name = "mock"};
	session_free(&session);
	diag_reset(&d);
	session = (struct session){.link = &mock_link, .diags = &d};
}

static void ended(void)
{
	assert_null(mock.line[0]);
}

static const uint8_t aid[] = {0xa0, 0x00, 0x00, 0x00, 0x01};

#define SELECT_FCP "00A40404 05 A000000001 00"
#define SELECT_FCI "00A40400 05 A000000001 00"

/* --- states --- */

static void iso_states(void **state)
{
	(void)state;
	static const struct {
		const char *answer;
		enum ap_state state;
	} row[] = {
	    {"6A82", AP_ABSENT},
	    {"62 0D 82 01 38 83 02 50 15 84 05 A000000001 8A 01 01 9000", AP_OTHER}, /* lengths do not fit */
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 01 9000", AP_HALF},
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 03 9000", AP_HALF},
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 05 9000", AP_OPERATIONAL},
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 07 9000", AP_OPERATIONAL},
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 04 9000", AP_BLOCKED},
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 0D 9000", AP_TERMINATED},
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 00 9000", AP_OTHER},
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 05 6283", AP_BLOCKED},
	    {"62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 05 6285", AP_TERMINATED},
	    {"6283", AP_BLOCKED},
	    {"6285", AP_TERMINATED},
	    {"62 12 82 01 38 83 02 50 15 84 06 A00000000102 8A 01 05 9000", AP_OTHER}, /* another's beginning */
	    {"62 0E 82 01 38 83 02 50 15 84 05 A000000001 9000", AP_OTHER},
	    {"62 0A 82 01 38 83 02 50 15 8A 01 05 9000", AP_OTHER},
	    {"9000", AP_OTHER},
	    {"6F00", AP_OTHER},
	    {"6985", AP_OTHER},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct ap ap;
		const char *const lines[] = {SELECT_FCP, row[i].answer, NULL};
		begin(lines);
		assert_true(load_iso_compact.state(&session, aid, sizeof aid, &ap));
		if (ap.state != row[i].state)
			fail_msg("%s is %s", row[i].answer, ap_state_name(ap.state));
		ended();
	}
	const char *const gone[] = {SELECT_FCP, "", NULL};
	struct ap ap;
	begin(gone);
	assert_false(load_iso_compact.state(&session, aid, sizeof aid, &ap));
	assert_true(kit_fired(&d, DIAG_LINK_CARD_GONE));
	assert_false(load_iso_compact.state(&session, aid, sizeof aid, &ap)); /* and nothing more is sent */
	assert_int_equal(d.n, 1);
}

static void starcos_states(void **state)
{
	(void)state;
	static const struct {
		const char *select, *read;
		enum ap_state state;
	} row[] = {
	    {"6A82", NULL, AP_ABSENT},
	    {"6F 07 84 05 A000000001 9000", "6985", AP_HALF},
	    {"6F 07 84 05 A000000001 9000", "6A82", AP_OPERATIONAL},
	    {"6F 07 84 05 A000000001 9000", "6D00", AP_OTHER},
	    {"6F 07 84 05 A000000001 9000", "00 9000", AP_OTHER},
	    {"6F 12 84 10 A000000001 0000000000000000000000 9000", "6A82", AP_OPERATIONAL}, /* filled with zeros */
	    {"6F 07 84 05 A000000002 9000", NULL, AP_OTHER},
	    {"9000", "6985", AP_HALF},
	    {"6283", NULL, AP_BLOCKED},
	    {"6F00", NULL, AP_OTHER},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct ap ap;
		const char *const lines[] = {
		    SELECT_FCI, row[i].select, row[i].read == NULL ? NULL : "00B09F00 01", row[i].read, NULL};
		begin(lines);
		assert_true(load_starcos.state(&session, aid, sizeof aid, &ap));
		if (ap.state != row[i].state)
			fail_msg("%s %s is %s", row[i].select, row[i].read, ap_state_name(ap.state));
		ended();
	}
}

/* --- the loading key --- */

static void iso_authenticate(void **state)
{
	(void)state;
	/* FIPS 197, C.1: the challenge is the plaintext, the key the example's */
	static const char *const lines[] = {"00A4000C 02 3F00", "9000", "00840000 10",
	    "00112233445566778899AABBCCDDEEFF 9000", "00820001 10 69C4E0D86A7B0430D8CDB78070B4C55A", NULL, NULL};
	static const struct {
		const char *answer;
		enum auth_result result;
		int left;
	} row[] = {
	    {"9000", AUTH_DONE, TRIES_UNKNOWN},
	    {"63C9", AUTH_WRONG, 9},
	    {"63C0", AUTH_WRONG, 0},
	    {"6300", AUTH_WRONG, TRIES_UNKNOWN},
	    {"6983", AUTH_BLOCKED, 0},
	    {"6984", AUTH_BLOCKED, 0},
	    {"6985", AUTH_REFUSED, TRIES_UNKNOWN},
	    {"6D00", AUTH_REFUSED, TRIES_UNKNOWN},
	    {"", AUTH_LOST, TRIES_UNKNOWN},
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *script[7];
		int left;
		memcpy(script, lines, sizeof script);
		script[5] = row[i].answer;
		begin(script);
		assert_int_equal(
		    load_iso_compact.authenticate(&session, &load_iso_compact.test_key, &left), row[i].result);
		assert_int_equal(left, row[i].left);
		ended();
	}
	/* no challenge, no cryptogram */
	static const char *const none[] = {"00A4000C 02 3F00", "9000", "00840000 10", "0011223344556677 9000", NULL};
	int left;
	begin(none);
	assert_int_equal(load_iso_compact.authenticate(&session, &load_iso_compact.test_key, &left), AUTH_REFUSED);
	ended();
	static const char *const no_mf[] = {"00A4000C 02 3F00", "6A82", NULL};
	begin(no_mf);
	assert_int_equal(load_iso_compact.authenticate(&session, &load_iso_compact.test_key, &left), AUTH_LOST);
	assert_true(kit_fired(&d, DIAG_CARD_REFUSED));
}

static void tries_left(void **state)
{
	(void)state;
	static const struct {
		const char *answer;
		int left;
	} row[] = {{"63CA", 10}, {"63C1", 1}, {"63C0", 0}, {"6983", 0}, {"9000", TRIES_UNKNOWN},
	    {"6700", TRIES_UNKNOWN}, {"6D00", TRIES_UNKNOWN}};
	static const struct load_dialect *const dialect[] = {&load_iso_compact, &load_starcos};
	static const char *const ask[] = {"00820001", "00200001"};
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
			const char *const lines[] = {"00A4000C 02 3F00", "9000", ask[k], row[i].answer, NULL};
			int left;
			begin(lines);
			assert_true(dialect[k]->tries(&session, &left));
			assert_int_equal(left, row[i].left);
			ended();
		}
}

/* What auth_prove makes of it: one try, remembered; never a second. */
static void prove(void **state)
{
	(void)state;
	static const struct {
		const char *answer;
		enum diag_code code;
	} row[] = {{"63C4", DIAG_KEY_WRONG}, {"6300", DIAG_KEY_WRONG_UNCOUNTED}, {"6983", DIAG_KEY_BLOCKED},
	    {"6D00", DIAG_KEY_REFUSED}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *const lines[] = {"00A4000C 02 3F00", "9000", "00200001", "6D00", "00A4000C 02 3F00", "9000",
		    "00200001 08 49474154412D534F", row[i].answer, NULL};
		const char *const again[] = {"00A4000C 02 3F00", "9000", "00200001", "6D00", NULL};
		char dir[64];
		struct folder f;
		struct journal j;
		kit_new_dir(dir);
		begin(lines);
		assert_true(folder_open(&f, dir, &d));
		assert_true(journal_open(&j, &f, "mock", aid, sizeof aid, &d));
		struct auth a = {.key = &load_starcos.test_key, .folder = &f, .card = "mock"};
		assert_false(auth_prove(&a, &session, &load_starcos, &j));
		assert_true(kit_fired(&d, row[i].code));
		ended();
		if (row[i].code != DIAG_KEY_REFUSED) {
			begin(again);
			assert_false(auth_prove(&a, &session, &load_starcos, &j));
			ended();
		}
		journal_close(&j);
		folder_close(&f);
		kit_drop_dir(dir);
	}
}

/* --- removing --- */

static void remove_commands(void **state)
{
	(void)state;
	const struct ap ap = {.state = AP_HALF, .aid = {0xa0, 0, 0, 0, 1}, .aid_len = 5, .fid = 0x5015};
	const struct ap nameless = {.state = AP_HALF, .aid = {0xa0, 0, 0, 0, 1}, .aid_len = 5};
	static const char *const iso[] = {"00A4000C 02 3F00", "9000", "00E40000 02 5015", "9000", NULL};
	begin(iso);
	assert_true(load_iso_compact.remove(&session, &ap, 0x1234)); /* the card's own word counts, not the hint */
	ended();
	static const char *const nothing[] = {NULL};
	begin(nothing);
	assert_false(load_iso_compact.remove(&session, &nameless, 0x1234));
	assert_true(kit_fired(&d, DIAG_AP_NO_FID));
	static const char *const starcos[] = {"00A4000C 02 3F00", "9000", "00A40100 02 5015 00",
	    "6F 07 84 05 A000000001 9000", "00A4000C 02 3F00", "9000", "80E40000 02 5015", "9000", NULL};
	begin(starcos);
	assert_true(load_starcos.remove(&session, &nameless, 0x5015));
	ended();
	/* the DF with that FID is somebody else's, or is not there: nothing is deleted */
	static const char *const other[] = {
	    "00A4000C 02 3F00", "9000", "00A40100 02 5015 00", "6F 07 84 05 A000000002 9000", NULL};
	begin(other);
	assert_false(load_starcos.remove(&session, &nameless, 0x5015));
	assert_true(kit_fired(&d, DIAG_AP_NO_FID));
	ended();
	static const char *const absent[] = {"00A4000C 02 3F00", "9000", "00A40100 02 5015 00", "6A82", NULL};
	begin(absent);
	assert_false(load_starcos.remove(&session, &nameless, 0x5015));
	ended();
	begin(nothing);
	assert_false(load_starcos.remove(&session, &nameless, 0));
}

/* --- states that no simulated card of this version has --- */

static struct kit kit;

static bool on_mock(const char *const *lines, bool install)
{
	struct loader w;
	struct install_options o = {0};
	struct install_report r = {0};
	struct delete_report x;
	begin(lines);
	mock_link.simulated = true;
	diag_reset(&kit.d);
	kit.img.manifest.atr[0] = 0;
	assert_true(loader_on(&w, &mock_link, &kit.options, &kit.img, true, NULL, &kit.d));
	bool ok = install ? load_install(&w, &kit.img, &kit.values, &o, &r)
			  : load_delete(&w, kit.img.manifest.aid, kit.img.manifest.aid_len, &kit.img, &x);
	install_report_reset(&r);
	loader_close(&w);
	ended();
	return ok;
}

static void strange_states(void **state)
{
	(void)state;
	static const char select[] = "00A40404 0A D3921000310001FFFF01 00";
	static const char *const blocked[] = {select, "6283", NULL}, *const odd[] = {select, "6F00", NULL};
	kit_open(&kit, KIT_ISO);
	assert_false(on_mock(blocked, true));
	assert_true(kit_fired(&kit.d, DIAG_AP_STATE));
	assert_false(on_mock(odd, true));
	assert_true(kit_fired(&kit.d, DIAG_AP_UNKNOWN_STATE));
	assert_false(on_mock(odd, false));
	assert_true(kit_fired(&kit.d, DIAG_AP_UNKNOWN_STATE));
	kit_close(&kit);
}

/* A card that answers the same AP for ever does not hold the loader. */
static enum link_status same_for_ever(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	(void)l;
	(void)cmd;
	(void)n;
	buf_clear(rsp);
	say(rsp, "62 11 82 01 38 83 02 50 15 84 05 A000000001 8A 01 05 9000");
	return LINK_OK;
}

/* One that makes up a new AP each time fills the list and no more. */
static enum link_status new_each_time(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	static unsigned count;
	same_for_ever(l, cmd, n, rsp);
	rsp->p[13] = (uint8_t)(++count >> 8);
	rsp->p[14] = (uint8_t)count;
	return LINK_OK;
}

static void endless_cards(void **state)
{
	(void)state;
	static const struct link_ops same = {.reset = mock_reset, .transmit = same_for_ever, .close = mock_close};
	static const struct link_ops fresh = {.reset = mock_reset, .transmit = new_each_time, .close = mock_close};
	struct ap found[CARD_APS];
	size_t n;
	begin(NULL);
	mock_link.ops = &same;
	assert_true(load_iso_compact.enumerate(&session, found, CARD_APS, &n));
	assert_int_equal(n, 1);
	mock_link.ops = &fresh;
	assert_true(load_iso_compact.enumerate(&session, found, CARD_APS, &n));
	assert_int_equal(n, CARD_APS);
	session_free(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(iso_states),
	    cmocka_unit_test(starcos_states),
	    cmocka_unit_test(iso_authenticate),
	    cmocka_unit_test(tries_left),
	    cmocka_unit_test(prove),
	    cmocka_unit_test(remove_commands),
	    cmocka_unit_test(strange_states),
	    cmocka_unit_test(endless_cards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
