#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/cli.h"
#include "runtime/base/near.h"

static bool do_good(struct cli *c)
{
	buf_printf(&c->text, "chip %s row %u\n", cli_value(c, "chip") == NULL ? "-" : cli_value(c, "chip"),
	    (unsigned)cli_number(c, "row", 7));
	size_t at = 0;
	for (const char *v = cli_next(c, "set", &at); v != NULL; v = cli_next(c, "set", &at))
		buf_printf(&c->text, "set %s\n", v);
	for (size_t i = 0; i < c->n_args; i++)
		buf_printf(&c->text, "arg %s\n", c->arg[i]);
	cli_say(c, "%s", cli_pick(c, "done", "完了"));
	cli_trace(c, "step %d", 1);
	buf_str(&c->result, "{\"chip\":1}");
	return true;
}

static bool do_no(struct cli *c)
{
	(void)c;
	return false;
}

static bool do_exclude(struct cli *c)
{
	return cli_has(c, "chip") && cli_has(c, "all") ? cli_conflict(c, "chip", "all") : true;
}

static bool do_system(struct cli *c)
{
	return diag_add(&c->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
}

static const struct cli_option options[] = {
    {"chip", 'c', CLI_TEXT, "NAME", {"the chip", "チップ"}},
    {"all", 0, CLI_FLAG, NULL, {"all chips", "全チップ"}},
    {"row", 0, CLI_NUMBER, "N", {"the row", "行"}},
    {"set", 0, CLI_LIST, "NAME=VALUE", {"a value", "値"}},
    {0},
};
static const struct cli_command commands[] = {
    {"good", "FILE", 1, 2, "chip row set", do_good, {"does it", "行う"}},
    {"no", "", 0, 0, "", do_no, {"says no", "断る"}},
    {"exclude", "", 0, 0, "chip all", do_exclude, {"excludes", "排他"}},
    {"system", "", 0, 0, "", do_system, {"breaks", "壊れる"}},
    {0},
};
static const struct cli_program program = {"prog", {"A program.", "プログラム。"}, options, commands};

static char out_text[8192], err_text[8192];

static void slurp(FILE *f, char *text)
{
	rewind(f);
	text[fread(text, 1, 8191, f)] = 0;
	fclose(f);
}

/* Words are separated by blanks. */
static int call(const char *line)
{
	char copy[256], *argv[32];
	int argc = 0;
	snprintf(copy, sizeof copy, "prog %s", line);
	for (char *w = strtok(copy, " "); w != NULL; w = strtok(NULL, " "))
		argv[argc++] = w;
	FILE *out = tmpfile(), *err = tmpfile();
	assert_non_null(out);
	assert_non_null(err);
	int status = cli_run(&program, argc, argv, out, err);
	slurp(out, out_text);
	slurp(err, err_text);
	return status;
}

static void refused(const char *line, const char *code, const char *words)
{
	assert_int_equal(call(line), 1);
	assert_string_equal(out_text, "");
	if (strstr(err_text, code) == NULL || strstr(err_text, words) == NULL)
		fail_msg("'%s' gives: %s", line, err_text);
}

static void takes_options_anywhere(void **state)
{
	(void)state;
	assert_int_equal(call("--chip=a good --row 3 F --set A=1 --set B=2 -- -x"), 0);
	assert_string_equal(out_text, "chip a row 3\nset A=1\nset B=2\narg F\narg -x\ndone\n");
	assert_string_equal(err_text, "");
	assert_int_equal(call("good -cb F -q"), 0);
	assert_string_equal(out_text, "chip b row 7\narg F\n");
	assert_int_equal(call("good - -c d"), 0);
	assert_string_equal(out_text, "chip d row 7\narg -\ndone\n");
	assert_int_equal(call("good F --trace"), 0);
	assert_string_equal(err_text, "step 1\n");
}

static void refuses_by_name(void **state)
{
	(void)state;
	refused("", "IG1210", "prog --help");
	refused("xyzzy", "IG1211", "'xyzzy'");
	refused("godo F", "IG1212", "did you mean 'good'");
	refused("good F --frobnicate", "IG1213", "'--frobnicate'");
	refused("good F -z", "IG1213", "'-z'");
	refused("good F --chpi x", "IG1214", "did you mean '--chip'");
	refused("no --chip x", "IG1215", "'prog no' has no option '--chip'");
	refused("good F --chip", "IG1216", "--chip NAME");
	refused("good F --quiet=1", "IG1217", "'1'");
	refused("good F --row x", "IG1218", "'x'");
	refused("good F --row 4294967296", "IG1218", "4294967296");
	refused("good F --row -1", "IG1218", "-1");
	refused("good F --chip a --chip b", "IG1219", "chip");
	refused("good F --lang fr", "IG1220", "fr");
	refused("good", "IG1221", "FILE");
	refused("good F G H", "IG1222", "'H'");
	refused("exclude --chip a --all", "IG1223", "--chip and --all");
	assert_int_equal(call("good F --row 4294967295"), 0);
	assert_int_equal(call("exclude --all"), 0);
}

static void exit_status_tells_who_failed(void **state)
{
	(void)state;
	assert_int_equal(call("no"), 1);
	assert_string_equal(err_text, "");
	assert_int_equal(call("system"), 2);
	assert_non_null(strstr(err_text, "IG1204"));
}

static void speaks_the_language_of_the_locale(void **state)
{
	(void)state;
	unsetenv("LC_ALL");
	unsetenv("LC_MESSAGES");
	setenv("LANG", "ja_JP.UTF-8", 1);
	call("good F");
	assert_non_null(strstr(out_text, "完了"));
	setenv("LC_ALL", "C", 1);
	call("good F");
	assert_non_null(strstr(out_text, "done"));
	call("good F --lang ja");
	assert_non_null(strstr(out_text, "完了"));
	refused("godo F --lang ja", "IG1212", "「good」ではありませんか");
	call("--help --lang ja");
	assert_non_null(strstr(out_text, "使い方: prog コマンド"));
}

static void json_is_one_document(void **state)
{
	(void)state;
	assert_int_equal(call("good F --json"), 0);
	assert_string_equal(out_text,
	    "{\"program\":\"prog\",\"version\":\"0.1\",\"command\":\"good\",\"exit\":0,"
	    "\"diagnostics\":[],\"result\":{\"chip\":1}}\n");
	assert_int_equal(call("godo --json"), 1);
	assert_string_equal(err_text, "");
	assert_non_null(strstr(out_text, "\"exit\":1,\"diagnostics\":[{"));
	assert_non_null(strstr(out_text, "\"result\":null}\n"));
}

static void helps(void **state)
{
	(void)state;
	assert_int_equal(call("--help"), 0);
	assert_non_null(strstr(out_text, "\n  good "));
	assert_null(strstr(out_text, "--chip"));
	assert_int_equal(call("good --help"), 0);
	assert_non_null(strstr(out_text, "usage: prog good FILE [options]\n"));
	assert_non_null(strstr(out_text, "  -c, --chip NAME "));
	assert_null(strstr(out_text, "--all"));
	assert_int_equal(call("--version"), 0);
	assert_string_equal(out_text, "prog (Igata) 0.1\n");
	refused("godo --help", "IG1212", "good");
}

static void a_full_disk_is_a_system_failure(void **state)
{
	(void)state;
	FILE *full = fopen("/dev/full", "w"), *err = tmpfile();
	assert_non_null(full);
	assert_non_null(err);
	char *argv[] = {"prog", "good", "F"};
	assert_int_equal(cli_run(&program, 3, argv, full, err), 2);
	fclose(full);
	slurp(err, err_text);
	assert_non_null(strstr(err_text, "IG1205"));
}

static void measures_nearness(void **state)
{
	(void)state;
	assert_int_equal(near_distance("", ""), 0);
	assert_int_equal(near_distance("abc", ""), 3);
	assert_int_equal(near_distance("kitten", "sitting"), 3);
	assert_int_equal(near_distance("chpi", "chip"), 1);
	char word[100] = {0};
	memset(word, 'a', 99);
	assert_true(near_distance(word, "a") == SIZE_MAX);
	const char *best = NULL;
	near_offer("ab", "xy", &best);
	assert_null(best);
	near_offer("reed", "record", &best);
	assert_null(best);
	near_offer("reed", "read", &best);
	assert_string_equal(best, "read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_options_anywhere),
	    cmocka_unit_test(refuses_by_name),
	    cmocka_unit_test(exit_status_tells_who_failed),
	    cmocka_unit_test(speaks_the_language_of_the_locale),
	    cmocka_unit_test(json_is_one_document),
	    cmocka_unit_test(helps),
	    cmocka_unit_test(a_full_disk_is_a_system_failure),
	    cmocka_unit_test(measures_nearness),
	};
	setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
