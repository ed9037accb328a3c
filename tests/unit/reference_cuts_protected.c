/* AP contract, section 4, over every kind of command that changes a card: cut before every byte, in plain and under
 * secure messaging. Afterwards the whole card, as far as it can be seen from outside, is as before the command, as
 * after it, or has used one try and nothing else; recovery may be cut too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/description/description.h"
#include "tests/unit/support/reference_cut_kit.h"
#include "tests/unit/support/secure_kit.h"

/* References as secure_kit.h has them: 2 an external key, 6 a mutual one. Everything is open, so that a command can be
 * sent either way. */
static const char xml[] =
    "<card-ap xmlns='urn:igata:card-ap:1' id='cuts' version='1.0' area='local' "
    "block='always' unblock='contact or sm(mac, mutual)' terminate='always'>"
    "<aid rid='D392100031' pix='0001FFFF01'/>"
    "<pin id='holder' ref='1' format='digits' length='4' tries='3' initial='personal' source='csv:HOLDER' "
    "change='both' "
    "unblock='always'><puk format='digits' length='8' tries='10' source='csv:PUK' reset='both'/></pin>"
    "<pin id='own' ref='2' format='digits' length='4' tries='3' initial='unset' set='always'/>"
    "<pin id='transit' ref='3' format='digits' length='4' tries='3' initial='transport' source='csv:TRANSIT'/>"
    "<key id='external' ref='2' algorithm='aes-128' use='external' tries='5' source='csv:EXTERNAL'/>"
    "<key id='mutual' ref='6' algorithm='aes-128' use='mutual' tries='5' source='csv:MUTUAL'/>"
    "<file id='f' fid='0001' sfi='1' size='40' read='always' update='always'>"
    "<field id='last' offset='36' length='4' format='binary'/></file>"
    "<file id='g' fid='0002' sfi='2' size='1' read='pin(holder) or auth(external) or sm(mac)'/>"
    "<file id='h' fid='0003' sfi='3' size='1' read='pin(own)'/>"
    "<file id='i' fid='000A' sfi='10' size='1' read='pin(transit)'/>"
    "<records id='fixed' fid='0004' sfi='4' structure='linear-fixed' length='6' count='3' read='always' "
    "update='always' append='always'><record n='1'/></records>"
    "<records id='variable' fid='0005' sfi='5' structure='linear-variable' length='9' count='3' read='always' "
    "update='always' append='always'><record n='1'><field id='v' length='3' format='text' value='abc'/></record>"
    "</records>"
    "<records id='cyclic' fid='0006' sfi='6' structure='cyclic' length='4' count='2' read='always' update='always' "
    "append='always'><record n='1'/><record n='2'/></records>"
    "<data id='d' tag='C1' max='20' read='always' update='always'/>"
    "<counter id='n' fid='0007' sfi='7' width='2' min='0' max='500' initial='7' read='always' increase='always' "
    "decrease='always'/>"
    "<file id='p' fid='0008' sfi='8' size='8' read='always'><field id='q' length='8' format='text' pad='20' "
    "source='csv:FIELD'/></file>"
    "<counter id='m' fid='0009' sfi='9' width='2' max='500' read='always' source='csv:COUNTER'/>"
    "<command id='redeem' ins='40' data='4' when='always'><input id='day' length='4'/>"
    "<decrease counter='n' by='number:3'/><append records='cyclic'><part from='input:day'/></append>"
    "<copy from='input:day' to='field:last'/><respond from='counter:n'/></command>"
    "</card-ap>";

static void deliver(struct sim *s)
{
	struct arena a = {0};
	struct diag_list d = {0};
	const struct description *x = description_read(&a, (const uint8_t *)xml, strlen(xml), "cuts.xml", &d);
	if (x == NULL)
		diag_print(stderr, &d, "en");
	assert_non_null(x);
	kit_deliver(s, x->contract);
	diag_reset(&d);
	arena_free(&a);
}

static void personalise(struct sim *s)
{
	uint8_t key[16], mac[16];
	kit_bytes(K_AES, key, sizeof key);
	kit_bytes(K_MAC, mac, sizeof mac);
	const struct reference_value v[] = {{"HOLDER", (const uint8_t *)"1234", 4},
	    {"PUK", (const uint8_t *)"12345678", 8}, {"TRANSIT", (const uint8_t *)"0000", 4}, {"EXTERNAL", key, 16},
	    {"MUTUAL.ENC", key, 16}, {"MUTUAL.MAC", mac, 16}, {"FIELD", (const uint8_t *)"abcde", 5},
	    {"COUNTER", (const uint8_t *)"\0\x11", 2}};
	assert_int_equal(reference_personalise(s, v, sizeof v / sizeof v[0]), SW_OK);
}

#define NEW      "35363738"
#define V_NEW    "00200081 04 " NEW
#define BAD_AUTH "00000000000000000000000000000000"
#define EXTERNAL_NO                                                                                                    \
	{                                                                                                              \
		"00840000 10", "00820082 10 " BAD_AUTH                                                                 \
	}
#define MUTUAL_NO "00820086 28 " BAD_AUTH BAD_AUTH "0000000000000000 00"

/* Everything that can be seen, each question on a copy of its own: all content, every counter of tries by what is left,
 * every value by what it opens, the life of the AP. */
#define ASK_ALL                                                                                                        \
	{                                                                                                              \
		{"00B08100 00"}, {"00B20125 00"}, {"00B2012D 00"}, {"00B20135 00"}, {"00CA00C1 00"}, {"00B08700 00"},  \
		    {"00200081"}, {V_HOLDER, "00B08200 01"}, {V_NEW, "00B08200 01"}, {"00B08200 01"},                  \
		    {"002C0181 08 " PUK_NO}, {"00200082"}, {"00200082 04 " NEW, "00B08300 00"}, {"00200083"},          \
		    {V_TRANSIT}, {"00200083 04 " NEW, "00B08A00 00"}, EXTERNAL_NO, {"00840000 08", MUTUAL_NO},         \
		{                                                                                                      \
			"00440000", "00B08100 00"                                                                      \
		}                                                                                                      \
	}

enum auth { AUTH_NONE, AUTH_RIGHT, AUTH_WRONG, AUTH_MUTUAL, AUTH_MUTUAL_WRONG };

/* A kind of command: what the card and the session are before it. `auth`: an authentication, made when it is sent. */
struct kind {
	const char *name;
	const char *before[6], *session[3], *command;
	const char *spent[2]; /* what uses the same try and does nothing else; a challenge may go before it */
	enum auth auth;
	bool plain; /* has no protected form */
};

#define BLOCK_HOLDER V_HOLDER_NO, V_HOLDER_NO, V_HOLDER_NO

static const struct kind kinds[] = {
    {"UPDATE BINARY", .command = "00D68103 06 A1A2A3A4A5A6"},
    {"UPDATE RECORD, fixed", .command = "00DC0124 06 A1A2A3A4A5A6"},
    {"UPDATE RECORD, variable", .command = "00DC012C 08 A1A2A3A4A5A6A7A8"},
    {"UPDATE RECORD, cyclic", .command = "00DC0234 04 A1A2A3A4"},
    {"APPEND RECORD, fixed", .command = "00E20020 06 A1A2A3A4A5A6"},
    {"APPEND RECORD, variable", .command = "00E20028 09 A1A2A3A4A5A6A7A8A9"},
    {"APPEND RECORD, cyclic", .command = "00E20030 04 A1A2A3A4"},
    {"PUT DATA", .before = {"00DA00C1 03 010203"}, .command = "00DA00C1 09 A1A2A3A4A5A6A7A8A9"},
    {"INCREASE", .command = "80340007 02 0101 00"},
    {"DECREASE", .command = "80300007 02 0005 00"},
    {"custom command", .command = "80400000 04 20261121 00"},
    {"VERIFY", .before = {V_HOLDER_NO}, .command = V_HOLDER, .spent = {V_HOLDER_NO}},
    {"wrong VERIFY", .command = V_HOLDER_NO, .spent = {V_HOLDER_NO}},
    {"VERIFY in transport", .before = {"00200083 04 31313131"}, .command = V_TRANSIT,
	.spent = {"00200083 04 31313131"}},
    {"CHANGE with the old value", .before = {V_HOLDER_NO}, .command = "00240081 08 31323334 " NEW,
	.spent = {V_HOLDER_NO}},
    {"CHANGE with a wrong old value", .command = "00240081 08 31323335 " NEW, .spent = {V_HOLDER_NO}},
    {"CHANGE when verified", .session = {V_HOLDER}, .command = "00240181 04 " NEW},
    {"CHANGE that ends transport", .command = "00240083 08 30303030 " NEW, .spent = {"00200083 04 31313131"}},
    {"the first value of a PIN", .command = "00240182 04 " NEW},
    {"RESET RETRY COUNTER 00", .before = {BLOCK_HOLDER, "002C0181 08 " PUK_NO}, .command = "002C0081 0C " PUK NEW,
	.spent = {"002C0181 08 " PUK_NO}},
    {"RESET RETRY COUNTER 01", .before = {BLOCK_HOLDER}, .command = "002C0181 08 " PUK,
	.spent = {"002C0181 08 " PUK_NO}},
    {"RESET RETRY COUNTER 02", .before = {BLOCK_HOLDER}, .command = "002C0281 04 " NEW},
    {"RESET RETRY COUNTER 03", .before = {BLOCK_HOLDER}, .command = "002C0381"},
    {"wrong PUK", .command = "002C0181 08 " PUK_NO, .spent = {"002C0181 08 " PUK_NO}},
    {"EXTERNAL AUTHENTICATE", .before = {"00840000 10", "00820082 10 " BAD_AUTH}, .auth = AUTH_RIGHT,
	.spent = {"00840000 10", "00820082 10 " BAD_AUTH}},
    {"wrong EXTERNAL AUTHENTICATE", .auth = AUTH_WRONG, .spent = {"00840000 10", "00820082 10 " BAD_AUTH}},
    {"mutual authentication", .before = {"00840000 08", MUTUAL_NO}, .auth = AUTH_MUTUAL,
	.spent = {"00840000 08", MUTUAL_NO}, .plain = true},
    {"wrong mutual authentication", .auth = AUTH_MUTUAL_WRONG, .spent = {"00840000 08", MUTUAL_NO}, .plain = true},
    {"DEACTIVATE FILE", .command = "00040000"},
    {"ACTIVATE FILE", .before = {"00040000"}, .command = "00440000"},
    {"TERMINATE DF", .command = "00E60000"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* --- a scenario as bytes ----------------------------------------------------------------------------------------- */

/* The random tape goes back with the card: what is sent once can be sent again, and means the same. */
struct tape {
	char text[LINES][400];
	size_t n;
};

static const char *line(struct tape *t, const uint8_t *p, size_t n)
{
	assert_true(t->n < LINES && 2 * n < sizeof t->text[0]);
	hex_encode(t->text[t->n], p, n);
	return t->text[t->n++];
}

static struct sm_session *open_session(struct sim *s, struct tape *t, struct scenario *sc, size_t *lines)
{
	struct sm_opening o;
	uint8_t cmd[80], rsp[80];
	size_t n = secure_mutual_command(s, AES, &o, cmd);
	sc->session[(*lines)++] = "0084000008";
	sc->session[(*lines)++] = line(t, cmd, n);
	n = kit_bytes(kit_send_bytes(s, cmd, n), rsp, sizeof rsp);
	struct sm_session *sm = sm_open(&o, rsp, n - 2);
	assert_non_null(sm);
	return sm;
}

static const char *authentication(
    struct sim *s, const struct kind *k, struct tape *t, struct scenario *sc, size_t *lines)
{
	uint8_t cmd[80] = {0x00, 0x82, 0x00, 0x82, 0x10}, challenge[16], key[16];
	if (k->auth == AUTH_MUTUAL || k->auth == AUTH_MUTUAL_WRONG) {
		struct sm_opening o;
		size_t n = secure_mutual_command(s, AES, &o, cmd);
		cmd[n - 2] ^= k->auth == AUTH_MUTUAL_WRONG;
		sc->session[(*lines)++] = "0084000008";
		return line(t, cmd, n);
	}
	sc->session[(*lines)++] = "0084000010";
	secure_challenge(s, 16, challenge);
	assert_true(sm_cryptogram(CIPHER_AES, key, kit_bytes(K_AES, key, sizeof key), challenge, 16, cmd + 5));
	cmd[5] ^= k->auth == AUTH_WRONG;
	return line(t, cmd, 21);
}

/* What is sent to a card at rest: the session of the kind, secure messaging when wanted, the command. */
static void make(const struct sim *rest, const struct kind *k, bool protect, struct tape *t, struct scenario *sc)
{
	struct sim s;
	struct sm_session *sm = NULL;
	size_t lines = 0;
	assert_true(sim_copy(&s, rest));
	cut_start(&s);
	for (; k->session[lines] != NULL; lines++) {
		sc->session[lines] = k->session[lines];
		kit_send(&s, k->session[lines]);
	}
	if (protect)
		sm = open_session(&s, t, sc, &lines);
	sc->command = k->auth == AUTH_NONE ? k->command : authentication(&s, k, t, sc, &lines);
	if (protect) {
		struct buf cmd = wrapped(sm, SM_MODE_ENC_MAC, sc->command);
		sc->command = line(t, cmd.p, cmd.n);
		buf_reset(&cmd);
	}
	sm_session_free(sm);
	sim_close(&s);
}

/* The challenge that a try needs is part of the session, which the card forgets with its power anyway. */
static void cut_kind(const struct sim *fresh, const struct kind *k, bool protect)
{
	struct scenario sc = {.ask = ASK_ALL};
	struct tape t = {.n = 0};
	struct sim rest;
	memcpy(sc.before, k->before, sizeof k->before);
	assert_true(sim_copy(&rest, fresh));
	cut_start(&rest);
	for (size_t i = 0; sc.before[i] != NULL; i++)
		kit_send(&rest, sc.before[i]);
	make(&rest, k, protect, &t, &sc);
	sc.spend[0] = k->spent[0];
	sc.spend[1] = k->spent[1];
	cut_run(fresh, &sc, 1, !protect);
	sim_close(&rest);
}

static void c4_every_kind_of_command(void **state)
{
	(void)state;
	struct sim fresh;
	deliver(&fresh);
	personalise(&fresh);
	for (size_t i = 0; i < KINDS; i++)
		cut_kind(&fresh, &kinds[i], false);
	sim_close(&fresh);
}

static void c4_every_kind_of_command_protected(void **state)
{
	(void)state;
	struct sim fresh;
	deliver(&fresh);
	personalise(&fresh);
	for (size_t i = 0; i < KINDS; i++)
		if (!kinds[i].plain)
			cut_kind(&fresh, &kinds[i], true);
	sim_close(&fresh);
}

/* Every kind of value, and the last step; before it there is no AP to talk to, so each question ends personalisation
 * first. Numbers are the values' places in the contract: keys, PINs, files. */
static void c4_personalisation_of_every_kind_of_value(void **state)
{
	(void)state;
	static const char *const value[] = {"80E20000 10 " K_AES, "80E20001 10 " K_AES, "80E20002 10 " K_MAC,
	    "80E20003 04 31323334", "80E20004 08 " PUK, "80E20005 04 30303030", "80E20006 05 4142434445",
	    "80E20007 02 0011", "80E40000"};
	enum { VALUES = sizeof value / sizeof value[0] };
	struct sim fresh;
	deliver(&fresh);
	for (size_t i = 0; i < VALUES; i++) {
		struct scenario sc = {.command = value[i],
		    .ask = {{"80E40000"}, {"80E40000", V_HOLDER}, {"80E40000", V_TRANSIT},
			{"80E40000", "002C0181 08 " PUK}, {"80E40000", "00840000 10", "00820082 10 " BAD_AUTH},
			{"80E40000", "00B08800 00"}, {"80E40000", "00B08900 00"}}};
		for (size_t k = 0, n = 0; k + 1 < VALUES; k++)
			if (k != i)
				sc.before[n++] = value[k];
		cut_run(&fresh, &sc, 1, true);
	}
	sim_close(&fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c4_every_kind_of_command),
	    cmocka_unit_test(c4_every_kind_of_command_protected),
	    cmocka_unit_test(c4_personalisation_of_every_kind_of_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
