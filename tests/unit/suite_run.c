/* The driver with a link that answers what the test says: what is sent, what passes, what the reports tell and hide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/base/json.h"
#include "tests/unit/support/suite_kit.h"

/* ---- a link that answers in turn, and notes what it got ---- */

struct mock {
	const char *const *answer; /* hex; "gone", "broken"; after the last one 9000 */
	size_t n, at;
	struct buf sent; /* hex, one line a command; "reset" */
};

static enum link_status mock_reset(struct link *l)
{
	struct mock *m = l->state;
	buf_str(&m->sent, "reset\n");
	return LINK_OK;
}

static enum link_status mock_transmit(struct link *l, const uint8_t *cmd, size_t n, struct buf *rsp)
{
	struct mock *m = l->state;
	const char *answer = m->at < m->n ? m->answer[m->at] : "9000";
	uint8_t bytes[300];
	m->at++;
	for (size_t i = 0; i < n; i++)
		buf_printf(&m->sent, "%02X", cmd[i]);
	buf_str(&m->sent, "\n");
	if (strcmp(answer, "gone") == 0)
		return LINK_CARD_GONE;
	if (strcmp(answer, "broken") == 0)
		return LINK_BROKEN;
	buf_add(rsp, bytes, kit_bytes(answer, bytes, sizeof bytes));
	return LINK_OK;
}

static void mock_close(struct link *l)
{
	(void)l;
}

static const struct link_ops mock_ops = {mock_reset, mock_transmit, mock_close};

static const struct suite_value given[] = {
    {"PIN", (const uint8_t *)"4711", 4},
    {"ZONES", (const uint8_t *)"AB", 2},
    {"OTHER", (const uint8_t *)"x", 1},
};
static const struct suite_values values = {given, 3};

#define HEAD                                                                                                           \
	"igata-suite 1\nkind full\nap D392100031\nvalue PIN digits 4..4 secret\nvalue ZONES text 0..4 pad 20 to 4\n"
#define PROBE "igata-suite 1\nkind probe\nap D392100031\n"

struct result {
	struct suite_report r;
	struct diag_list d;
	struct mock card, reference;
	bool good;
};

static void run_with(struct result *x, const char *text, const struct suite_values *v)
{
	struct link l = {.ops = &mock_ops, .state = &x->card}, ref = {.ops = &mock_ops, .state = &x->reference};
	struct suite *s = kit_suite(text, strlen(text));
	if (x->reference.answer != NULL)
		x->good = suite_compare(s, &ref, &l, v, &x->r, &x->d);
	else
		x->good = suite_run(s, &l, v, &x->r, &x->d);
	suite_free(s);
}

static void finish(struct result *x)
{
	suite_report_reset(&x->r);
	diag_reset(&x->d);
	buf_reset(&x->card.sent);
	buf_reset(&x->reference.sent);
}

#define ANSWERS(...)                                                                                                   \
	.answer = (const char *const[]){__VA_ARGS__},                                                                  \
	.n = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

/* ---- what is sent ---- */

static void commands_are_built(void **state)
{
	struct result x = {.card = {ANSWERS("9000", "6F07 8405 D392100031 9000")}};
	(void)state;
	run_with(&x,
	    HEAD "dialogue \"d\"\nreset\nselect\nselect fci\n"
		 "send 00B00000 Le 00\nexpect 9000\nsend 00B00000 Le 10\nexpect 9000\nsend 00200081\nexpect 9000\n"
		 "send 00200081 {PIN}\nexpect 9000\nsend 00240081 {PIN:wrong} {PIN:other} 41*2\nexpect 9000\n"
		 "send 00D60000 {ZONES:stored} {ZONES} {ZONES:stored@1+2}\nexpect 9000\n"
		 "send 00B00000 Le 0000\nexpect 9000\nsend 00D60000 5A*256\nexpect 9000\nraw 01 02 03\nexpect 9000\n",
	    &values);
	assert_true(x.good);
	struct buf want = {0};
	buf_str(&want,
	    "reset\n00A4040C05D392100031\n00A4040005D39210003100\n00B0000000\n00B0000010\n00200081\n"
	    "002000810434373131\n002400810A34373132363933334141\n00D600000841422020414242"
	    "20\n"
	    "00B00000000000\n00D60000000100");
	for (int i = 0; i < 256; i++)
		buf_str(&want, "5A");
	buf_str(&want, "\n010203\n");
	assert_string_equal(buf_cstr(&x.card.sent), buf_cstr(&want));
	assert_int_equal(x.r.apdus, 11);
	buf_reset(&want);
	finish(&x);
}

static void captured_data_is_sent_again(void **state)
{
	struct result x = {.card = {ANSWERS("01020304 9000", "9000", "0506 9000", "9000", "9000", "9000")}};
	(void)state;
	run_with(&x,
	    HEAD
	    "dialogue \"d\"\nsend 00B00000 Le 00\nexpect 9000 *\ncapture A\nsend 00D60000 {A} {A@1+2}\nexpect 9000\n"
	    "send 00B00000 Le 00\nexpect 9000 length 2\ncapture A\nsend 00D60000 {A}\nexpect 9000\n"
	    "send 00D60000 {A@1+2}\nexpect 9000\n",
	    &values);
	assert_false(x.good); /* the last one wants more than was captured */
	assert_string_equal(buf_cstr(&x.card.sent), "00B0000000\n00D6000006010203040203\n00B0000000\n00D60000020506\n");
	assert_int_equal(x.r.n_steps, 1);
	assert_string_equal(x.r.step[0].got, "not sent: a value was not captured");
	finish(&x);
}

/* ---- what passes ---- */

static void expect_one(const char *expectation, const char *answer, bool pass)
{
	struct result x = {.card = {ANSWERS(answer)}};
	char text[512];
	snprintf(text, sizeof text, HEAD "dialogue \"d\"\nsend 00B00000 Le 00\nexpect %s\n", expectation);
	run_with(&x, text, &values);
	if (x.good != pass)
		print_error("expect %s, answer %s\n", expectation, answer);
	assert_int_equal(x.good, pass);
	assert_int_equal(x.r.passed, pass);
	assert_int_equal(x.d.n, !pass);
	finish(&x);
}

static void expectations(void **state)
{
	(void)state;
	expect_one("9000", "9000", true);
	expect_one("9000", "01 9000", false);
	expect_one("9000", "6282", false);
	expect_one("9000 *", "01 9000", true);
	expect_one("9000 data 01", "01 9000", true);
	expect_one("9000 data 01", "0100 9000", false);
	expect_one("9000 data 01", "02 9000", false);
	expect_one("9000 data 01", "9000", false);
	expect_one("9000 data 20*2 {ZONES:stored}", "2020 41422020 9000", true);
	expect_one("9000 length 2", "0102 9000", true);
	expect_one("9000 length 2", "01 9000", false);
	expect_one("63C2", "63C2", true);
	expect_one("63C2", "63C1", false);
	expect_one("63Cx", "63C1", true);
	expect_one("63Cx", "6300", false);
	expect_one("refused-access", "6982", true);
	expect_one("refused-access", "6985", true);
	expect_one("refused-access", "01 6982", false);
	expect_one("refused-access", "6983", false);
	expect_one("blocked", "6983", true);
	expect_one("blocked", "6984", true);
	expect_one("wrong-length", "6700", true);
	expect_one("given", "9000", true);
	expect_one("card-fault", "6F00", false); /* equal to nothing */
	expect_one("card-fault", "1234", false);
	expect_one("any", "6F00", true);
	expect_one("6282 data 01 or 9000 data 02", "01 6282", true);
	expect_one("6282 data 01 or 9000 data 02", "02 9000", true);
	expect_one("6282 data 01 or 9000 data 02", "01 9000", false);
	expect_one("blocked or 63Cx", "63C0", true);
	expect_one("9000 fci", "6F07 8405 D392100031 9000", true);
	expect_one("9000 fci", "6F0C A503 010203 8405 D392100031 9000", true);
	expect_one("9000 fci", "6F07 8405 D392100032 9000", false);
	expect_one("9000 fci", "6F06 8404 D3921000 9000", false);
	expect_one("9000 fci", "6207 8405 D392100031 9000", false);
	expect_one("9000 fci", "6F08 8405 D392100031 9000", false); /* a length beyond the end */
	expect_one("9000 fci", "9000", false);
}

static void select_is_a_step(void **state)
{
	struct result x = {.card = {ANSWERS("6A82")}};
	(void)state;
	run_with(&x, HEAD "dialogue \"d\"\nselect\nreset\n", &values);
	assert_false(x.good);
	assert_string_equal(x.r.step[0].sent, "select");
	assert_string_equal(x.r.step[0].expected, "9000");
	assert_string_equal(x.r.step[0].got, "6A82");
	assert_string_equal(buf_cstr(&x.card.sent), "00A4040C05D392100031\n");
	finish(&x);
}

/* ---- when something fails ---- */

#define TWO                                                                                                            \
	"dialogue \"one\" clause 3.9\nsend 00010000\nexpect 9000\nsend 00020000\nexpect 9000\n"                        \
	"finally\nsend 00030000\nexpect 9000\ndialogue \"two\"\nsend 00040000\nexpect 9000\n"

static void a_dialogue_ends_but_is_put_back(void **state)
{
	struct result x = {.card = {ANSWERS("6982")}};
	(void)state;
	run_with(&x, HEAD TWO, &values);
	assert_false(x.good);
	assert_string_equal(buf_cstr(&x.card.sent), "00010000\n00030000\n00040000\n");
	assert_int_equal(x.r.result, SUITE_FAILED);
	assert_int_equal(x.r.failed, 1);
	assert_int_equal(x.r.passed, 1);
	assert_int_equal(x.r.dialogue[0].result, SUITE_FAILED);
	assert_int_equal(x.r.dialogue[1].result, SUITE_PASSED);
	assert_int_equal(x.d.row[0].code, DIAG_SUITE_STEP_FAILED);
	assert_string_equal(x.d.row[0].arg[0], "7");
	assert_string_equal(x.d.row[0].arg[1], "00010000");
	assert_string_equal(x.d.row[0].arg[2], "6982");
	assert_string_equal(x.d.row[0].arg[3], "9000");
	finish(&x);
}

static void a_probe_stops(void **state)
{
	struct result x = {.card = {ANSWERS("6982")}};
	(void)state;
	run_with(&x, PROBE TWO "dialogue \"three\"\nreset\n", &values);
	assert_false(x.good);
	assert_string_equal(buf_cstr(&x.card.sent), "00010000\n00030000\n");
	assert_int_equal(x.r.failed, 1);
	assert_int_equal(x.r.not_run, 2);
	assert_int_equal(x.r.dialogue[2].result, SUITE_NOT_RUN);
	finish(&x);
}

static void a_lost_card_ends_everything(void **state)
{
	static const char *const how[] = {"gone", "broken", "90"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct result x = {.card = {ANSWERS(how[i])}};
		run_with(&x, HEAD TWO, &values);
		assert_false(x.good);
		assert_string_equal(buf_cstr(&x.card.sent), "00010000\n");
		assert_int_equal(x.r.result, SUITE_LOST);
		assert_int_equal(x.r.not_run, 1);
		assert_int_equal(x.d.row[0].code, DIAG_SUITE_CARD_LOST);
		assert_int_equal(diag_exit(&x.d), 2);
		finish(&x);
	}
}

static void what_needs_a_missing_value_is_left_out(void **state)
{
	static const struct suite_value pin[] = {{"PIN", (const uint8_t *)"4711", 4}};
	static const struct suite_values few = {pin, 1}, none = {NULL, 0};
	static const char program[] =
	    HEAD "dialogue \"a\"\nsend 00010000 {PIN}\nexpect 9000\n"
		 "dialogue \"b\"\nreset\nsend 00020000\nexpect 9000 data {ZONES:stored} or any\n"
		 "dialogue \"c\"\nsend 00030000 {PIN:wrong}\nexpect 9000\n";
	struct result x = {0};
	(void)state;
	run_with(&x, program, &few);
	assert_true(x.good);
	assert_string_equal(buf_cstr(&x.card.sent), "000100000434373131\n000300000434373132\n");
	assert_int_equal(x.r.not_run, 1);
	assert_int_equal(x.r.result, SUITE_NOT_RUN);
	assert_int_equal(x.r.dialogue[1].result, SUITE_NOT_RUN);
	assert_int_equal(x.d.n, 1);
	assert_int_equal(x.d.row[0].code, DIAG_SUITE_VALUE_MISSING);
	assert_int_equal(x.d.row[0].severity, DIAG_WARNING);
	assert_string_equal(x.d.row[0].arg[0], "ZONES");
	assert_string_equal(x.d.row[0].arg[1], "1");
	finish(&x);

	/* A run in which nothing was run proves nothing. */
	x = (struct result){0};
	run_with(&x, program, &none);
	assert_false(x.good);
	assert_int_equal(x.card.at, 0);
	assert_int_equal(x.d.n, 2);
	assert_string_equal(x.d.row[0].arg[1], "2");
	finish(&x);
}

static void lengths_are_checked_before_the_first_command(void **state)
{
	static const struct suite_value wrong[] = {{"PIN", (const uint8_t *)"47110", 5}};
	static const struct suite_values few = {wrong, 1};
	struct result x = {0};
	(void)state;
	run_with(&x, HEAD TWO, &few);
	assert_false(x.good);
	assert_int_equal(x.card.at, 0);
	assert_int_equal(x.r.result, SUITE_NOT_RUN);
	assert_int_equal(x.d.n, 1);
	assert_int_equal(x.d.row[0].code, DIAG_SUITE_VALUE_LENGTH);
	assert_string_equal(x.d.row[0].arg[0], "PIN");
	assert_string_equal(x.d.row[0].arg[1], "5");
	assert_string_equal(x.d.row[0].arg[2], "4..4");
	finish(&x);
}

/* ---- reports ---- */

static void holds_no_secret(const char *text)
{
	assert_null(strstr(text, "4711"));
	assert_null(strstr(text, "34373131"));
	assert_null(strstr(text, "34373132"));
}

static void reports_show_no_secret(void **state)
{
	static const char program[] = HEAD
	    "dialogue \"d \\ x\" clause 7.3\nsend 00200081 {PIN}\nexpect 9000\nsend 00200081 {PIN:wrong}\nexpect 63C2\n"
	    "dialogue \"e\"\nsend 00B00000 Le 04\nexpect 9000 data {PIN}\nfinally\nsend 00B00000 Le 02\nexpect 9000 "
	    "data 0102\n";
	struct result x = {.r.all_steps = true, .card = {ANSWERS("34373131 9000", "34373131 9000", "0103 9000")}};
	struct buf text = {0};
	(void)state;
	run_with(&x, program, &values);
	assert_int_equal(x.r.n_steps, 3);
	assert_string_equal(x.r.step[0].sent, "00200081 {PIN}");
	assert_string_equal(x.r.step[0].got, "9000 data (4 bytes)");
	assert_string_equal(x.r.step[1].expected, "9000 data {PIN}");
	assert_string_equal(x.r.step[1].got, "9000 data (4 bytes)");
	assert_string_equal(x.r.step[2].got, "9000 data 0103");
	for (int lang = 0; lang < 2; lang++) {
		buf_clear(&text);
		suite_report_text(&x.r, lang == 0 ? "en" : "ja", &text);
		assert_non_null(strstr(buf_cstr(&text), "00200081 {PIN}"));
		holds_no_secret(buf_cstr(&text));
		buf_clear(&text);
		struct json rows = json_to(&text);
		diag_json(&x.d, lang == 0 ? "en" : "ja", &rows, NULL);
		holds_no_secret(buf_cstr(&text));
	}
	buf_clear(&text);
	struct json j = json_to(&text);
	suite_report_json(&x.r, &j, NULL);
	holds_no_secret(buf_cstr(&text));
	assert_non_null(strstr(buf_cstr(&text), "\"name\":\"d \\\\ x\",\"clause\":\"7.3\""));
	struct json_doc doc;
	assert_true(json_parse(&doc, text.p, text.n));
	json_free(&doc);
	buf_reset(&text);
	finish(&x);
}

static void report_text(void **state)
{
	struct result x = {.card = {ANSWERS("6982")}};
	struct buf text = {0};
	(void)state;
	run_with(&x, HEAD TWO, &values);
	suite_report_text(&x.r, "en", &text);
	assert_string_equal(buf_cstr(&text),
	    "failed: one (3.9)\n  7: 00010000\n      expected 9000\n      got      6982\n"
	    "2 dialogues: 1 passed, 1 failed, 0 not run (3 commands)\n");
	buf_reset(&text);
	finish(&x);
}

static void count_progress(void *context, size_t done, size_t total)
{
	size_t *calls = context;
	assert_int_equal(done, ++*calls);
	assert_int_equal(total, 2);
}

static void progress_is_told(void **state)
{
	size_t calls = 0;
	struct result x = {.r = {.progress = count_progress, .context = &calls}};
	(void)state;
	run_with(&x, HEAD TWO, &values);
	assert_true(x.good);
	assert_int_equal(calls, 2);
	assert_int_equal(x.r.n_steps, 0);
	finish(&x);
}

static void diagnostics_are_few(void **state)
{
	struct buf program = {0};
	struct result x = {0};
	(void)state;
	buf_str(&program, HEAD);
	for (int i = 0; i < 100; i++)
		buf_str(&program, "dialogue \"d\"\nsend 00010000\nexpect 6982\n");
	run_with(&x, buf_cstr(&program), &values);
	assert_int_equal(x.r.failed, 100);
	assert_int_equal(x.r.n_steps, 100);
	assert_int_equal(x.d.n, 10);
	buf_reset(&program);
	finish(&x);
}

/* ---- two cards ---- */

static void compare_one(const char *expectation, const char *reference, const char *chip, bool pass)
{
	struct result x = {.reference = {ANSWERS(reference)}, .card = {ANSWERS(chip)}};
	char text[512];
	snprintf(text, sizeof text, HEAD "dialogue \"d\"\nsend 00B00000 Le 00\nexpect %s\n", expectation);
	run_with(&x, text, &values);
	if (x.good != pass)
		print_error("expect %s: reference %s, chip %s\n", expectation, reference, chip);
	assert_int_equal(x.good, pass);
	assert_string_equal(buf_cstr(&x.card.sent), buf_cstr(&x.reference.sent));
	if (!pass)
		assert_string_not_equal(x.r.step[0].reference, "");
	finish(&x);
}

#define FCI "6F07 8405 D392100031"

static void equal_answers(void **state)
{
	(void)state;
	compare_one("9000", "9000", "9000", true);
	compare_one("9000 *", "01 9000", "01 9000", true);
	compare_one("9000 *", "01 9000", "02 9000", false);
	compare_one("9000 length 1", "01 9000", "02 9000", false);
	compare_one("refused-access", "6982", "6985", true);
	compare_one("refused-access", "6982", "6A86", false);
	compare_one("refused-access", "6A86", "6982", false);
	compare_one("63Cx", "63C2", "63C2", true);
	compare_one("63Cx", "63C2", "63C1", false);
	compare_one("refused-access or wrong-parameters", "6982", "6B00", true); /* several faults */
	compare_one("63Cx or blocked", "63C0", "6983", true);
	compare_one("6282 data 01 or 9000 data 01", "01 6282", "01 9000", true);
	compare_one("6282 * or 9000 *", "01 6282", "02 6282", false);
	compare_one("any", "9000", "6F00", true);
	compare_one("6F00", "6F00", "6F00", false); /* a card fault is equal to nothing */
	compare_one("9000 fci", FCI " 9000", FCI " 9000", true);
	compare_one("9000 fci", FCI " 9000", "6F09 8405 D392100031 A500 9000", true);
	compare_one("9000 fci", "6F0B 8405 D392100031 8302 0001 9000", FCI " 9000", true);
	compare_one("9000 fci", "6F0B 8405 D392100031 8302 0001 9000", "6F0B 8302 0001 8405 D392100031 9000", true);
	compare_one("9000 fci", "6F0B 8405 D392100031 8302 0001 9000", "6F0B 8405 D392100031 8302 0002 9000", false);
	compare_one("9000 fci", "6F0A 8405 D392100031 8801 08 9000", "6F0A 8405 D392100031 8801 10 9000", false);
}

static void unequal_is_told(void **state)
{
	struct result x = {.reference = {ANSWERS("01 9000")}, .card = {ANSWERS("02 9000")}};
	(void)state;
	run_with(&x, HEAD "dialogue \"d\"\nsend 00B00000 Le 00\nexpect 9000 *\n", &values);
	assert_int_equal(x.d.row[0].code, DIAG_SUITE_STEP_UNEQUAL);
	assert_string_equal(x.d.row[0].arg[2], "9000 data 02");
	assert_string_equal(x.d.row[0].arg[3], "9000 data 01");
	assert_string_equal(x.r.step[0].reference, "9000 data 01");
	finish(&x);
}

/* Each card gets back what it said itself. */
static void captures_are_kept_apart(void **state)
{
	struct result x = {.reference = {ANSWERS("0A 9000")}, .card = {ANSWERS("0B 9000")}};
	(void)state;
	run_with(&x,
	    HEAD "dialogue \"d\"\nsend 00840000 Le 01\nexpect any\ncapture C\nsend 00820000 {C}\nexpect 9000\n",
	    &values);
	assert_true(x.good);
	assert_string_equal(buf_cstr(&x.reference.sent), "0084000001\n00820000010A\n");
	assert_string_equal(buf_cstr(&x.card.sent), "0084000001\n00820000010B\n");
	finish(&x);
}

static void a_lost_reference_ends_everything(void **state)
{
	struct result x = {.reference = {ANSWERS("gone")}, .card = {ANSWERS("9000")}};
	(void)state;
	run_with(&x, HEAD TWO, &values);
	assert_int_equal(x.r.result, SUITE_LOST);
	assert_int_equal(x.card.at, 0);
	assert_string_equal(x.d.row[0].arg[1], "card gone");
	finish(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commands_are_built),
	    cmocka_unit_test(captured_data_is_sent_again),
	    cmocka_unit_test(expectations),
	    cmocka_unit_test(select_is_a_step),
	    cmocka_unit_test(a_dialogue_ends_but_is_put_back),
	    cmocka_unit_test(a_probe_stops),
	    cmocka_unit_test(a_lost_card_ends_everything),
	    cmocka_unit_test(what_needs_a_missing_value_is_left_out),
	    cmocka_unit_test(lengths_are_checked_before_the_first_command),
	    cmocka_unit_test(reports_show_no_secret),
	    cmocka_unit_test(report_text),
	    cmocka_unit_test(progress_is_told),
	    cmocka_unit_test(diagnostics_are_few),
	    cmocka_unit_test(equal_answers),
	    cmocka_unit_test(unequal_is_told),
	    cmocka_unit_test(captures_are_kept_apart),
	    cmocka_unit_test(a_lost_reference_ends_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
