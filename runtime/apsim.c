/* apsim: the simulated card as a program. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/apsim.h"
#include "runtime/base/apdu.h"
#include "runtime/base/cli.h"
#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/json.h"
#include "runtime/base/sw.h"
#include "runtime/base/wipe.h"
#include "runtime/chip/chip.h"
#include "runtime/link/link_text.h"
#include "runtime/sim/sim.h"
#include "runtime/sim/vpcd.h"

enum { WAIT_SECONDS = 10 };

static const struct srcloc nowhere;

/* ---- new ---- */

static bool new_chip(struct cli *c, struct arena *a, const char *path)
{
	const struct chip *chip = chip_find(a, cli_value(c, "profiles"), cli_value(c, "chip"), &c->diags);
	if (chip == NULL || !sim_new(path, chip, NULL, apsim_seed(c), &c->diags))
		return false;
	cli_say(c, cli_pick(c, "%s: a new card, chip %s", "%s:チップ %s の新しいカードを作りました"), path, chip->name);
	return true;
}

static bool run_new(struct cli *c)
{
	struct arena a = {0};
	bool ok;
	if (cli_has(c, "chip") && cli_has(c, "ap"))
		ok = cli_conflict(c, "chip", "ap");
	else if (cli_has(c, "chip"))
		ok = new_chip(c, &a, c->arg[0]);
	else if (cli_has(c, "ap"))
		ok = apsim_new_reference(c, &a, c->arg[0]);
	else
		ok = diag_add(&c->diags, nowhere, DIAG_SIM_WHICH_CHIP, NULL);
	arena_free(&a);
	return ok;
}

/* ---- info ---- */

static void info_text(struct cli *c, const struct sim *s, const char *atr)
{
	bool ja = strcmp(c->lang, "ja") == 0;
	buf_printf(&c->text, "%s: %s\n", ja ? "チップ" : "chip", s->chip);
	buf_printf(&c->text, "%s: %s\n", ja ? "ファミリ" : "family", s->family->name);
	buf_printf(&c->text, "ATR: %s\n", atr);
	buf_printf(&c->text, ja ? "メモリ: %u バイト\n" : "memory: %u bytes\n", (unsigned)(s->nv.size - NV_HOME));
	if (s->family->used != NULL)
		buf_printf(&c->text, ja ? "使用中: %u バイト\n" : "in use: %u bytes\n", (unsigned)s->family->used(s));
	buf_printf(&c->text, ja ? "書込み: 累計 %llu バイト\n" : "written: %llu bytes in its life\n",
	    (unsigned long long)sim_wear(s));
}

static void info_json(struct cli *c, const struct sim *s, const char *atr)
{
	struct json j = json_to(&c->result);
	json_put_object(&j, NULL);
	json_put_text(&j, "chip", s->chip);
	json_put_text(&j, "family", s->family->name);
	json_put_text(&j, "atr", atr);
	json_put_number(&j, "memory", (int64_t)(s->nv.size - NV_HOME));
	if (s->family->used != NULL)
		json_put_number(&j, "used", (int64_t)s->family->used(s));
	json_put_number(&j, "written", (int64_t)sim_wear(s));
	json_put_end(&j);
}

static bool run_info(struct cli *c)
{
	struct sim s;
	uint8_t atr[SIM_ATR_MAX];
	char hex[2 * SIM_ATR_MAX + 1];
	if (!sim_open(&s, c->arg[0], &c->diags))
		return false;
	sim_power_up(&s);
	hex_encode(hex, atr, sim_atr(&s, atr));
	info_text(c, &s, hex);
	info_json(c, &s, hex);
	sim_close(&s);
	return true;
}

/* ---- shell ---- */

struct shell {
	struct cli *c;
	struct sim card;
	struct json json;
	unsigned line;
	bool ok;
};

static void say_atr(struct shell *sh, const char *label)
{
	uint8_t atr[SIM_ATR_MAX];
	char hex[2 * SIM_ATR_MAX + 1];
	hex_encode(hex, atr, sim_atr(&sh->card, atr));
	buf_printf(&sh->c->text, "%s %s\n", label, hex);
	json_put_object(&sh->json, NULL);
	json_put_text(&sh->json, "atr", hex);
	json_put_end(&sh->json);
}

/* The answer in full; of the command only what may be shown. */
static void say_answer(struct shell *sh, const uint8_t *cmd, size_t n, const struct buf *rsp)
{
	struct buf shown = {0};
	sw_t sw = (sw_t)(rsp->p[rsp->n - 2] << 8 | rsp->p[rsp->n - 1]);
	link_text_hex(&shown, cmd, n);
	for (size_t i = 0; i < rsp->n; i++) {
		char two[3];
		buf_str(&sh->c->text, i == rsp->n - 2 && i != 0 ? " " : "");
		buf_str(&sh->c->text, hex_encode(two, rsp->p + i, 1));
	}
	buf_printf(&sh->c->text, "  %s\n", sw_text(sw, sh->c->lang));
	json_put_object(&sh->json, NULL);
	json_put_text(&sh->json, "command", buf_cstr(&shown));
	json_put_hex(&sh->json, "data", rsp->p, rsp->n - 2);
	json_put_hex(&sh->json, "sw", rsp->p + rsp->n - 2, 2);
	json_put_text(&sh->json, "text", sw_text(sw, sh->c->lang));
	json_put_end(&sh->json);
	buf_reset(&shown);
}

/* Hex digits with blanks anywhere between them; ends at a comment. false: something else, or half a byte. */
static bool read_apdu(const char *text, struct buf *out)
{
	int high = -1;
	for (; *text != 0 && *text != '#' && *text != ';'; text++) {
		int digit = hex_digit(*text);
		if (strchr(" \t\r\n:", *text) != NULL)
			continue;
		if (digit < 0 || out->n > APDU_MAX)
			return false;
		if (high < 0)
			high = digit;
		else {
			buf_u8(out, (unsigned)(high << 4 | digit));
			high = -1;
		}
	}
	return high < 0;
}

static void shell_line(struct shell *sh, const char *text)
{
	struct buf cmd = {0}, rsp = {0};
	sh->line++;
	text += strspn(text, " \t\r\n");
	if (strncmp(text, "reset", 5) == 0 && text[5 + strspn(text + 5, " \t\r\n")] == 0) {
		sim_power_up(&sh->card);
		say_atr(sh, "reset");
	} else if (!read_apdu(text, &cmd))
		sh->ok = diag_add(&sh->c->diags, nowhere, DIAG_SIM_SHELL_LINE, diag_num(sh->line), NULL);
	else if (cmd.n != 0) {
		sim_apdu(&sh->card, cmd.p, cmd.n, &rsp);
		if (rsp.n >= 2)
			say_answer(sh, cmd.p, cmd.n, &rsp);
	}
	buf_reset(&cmd);
	buf_reset(&rsp);
}

static bool run_shell(struct cli *c)
{
	struct shell sh = {.c = c, .ok = true, .json = json_to(&c->result)};
	char *line = NULL;
	size_t cap = 0;
	bool prompt = !c->quiet && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (!sim_open(&sh.card, c->arg[0], &c->diags))
		return false;
	sim_power_up(&sh.card);
	json_put_array(&sh.json, NULL);
	for (;;) {
		if (prompt && fputs("> ", stdout) >= 0)
			fflush(stdout);
		ssize_t n = getline(&line, &cap, stdin);
		if (n < 0)
			break;
		shell_line(&sh, line);
		wipe(line, (size_t)n);
		if (!cli_flush(c))
			break;
	}
	json_put_end(&sh.json);
	free(line);
	sim_close(&sh.card);
	return sh.ok;
}

/* ---- serve ---- */

static int stop_pipe[2] = {-1, -1};

static void on_signal(int sig)
{
	(void)sig;
	ssize_t n = write(stop_pipe[1], "", 1);
	(void)n; /* the pipe is full: a stop is on its way already */
}

static bool catch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};
	return pipe(stop_pipe) == 0 && sigaction(SIGINT, &sa, NULL) == 0 && sigaction(SIGTERM, &sa, NULL) == 0 &&
	    sigaction(SIGHUP, &sa, NULL) == 0;
}

static void on_connected(void *ctx)
{
	struct cli *c = ctx;
	cli_say(c, "%s",
	    cli_pick(c, "the card is in the virtual reader; Ctrl-C takes it out",
		"カードを仮想リーダに入れました。Ctrl-C で取り出します"));
	cli_flush(c);
}

static void on_powered(void *ctx)
{
	cli_trace(ctx, "reset");
}

static void on_exchanged(void *ctx, const uint8_t *cmd, size_t n, const struct buf *rsp)
{
	struct cli *c = ctx;
	struct buf text = {0};
	if (!c->trace)
		return;
	link_text_command(&text, cmd, n);
	link_text_response(&text, rsp->n < 2 ? LINK_CARD_GONE : LINK_OK, rsp, c->lang);
	if (text.n != 0)
		cli_trace(c, "%.*s", (int)text.n - 1, buf_cstr(&text));
	buf_reset(&text);
}

static bool run_serve(struct cli *c)
{
	struct sim s;
	struct vpcd v = {.wait_ms = 1000 * cli_number(c, "wait", WAIT_SECONDS),
	    .connected = on_connected,
	    .powered = on_powered,
	    .exchanged = on_exchanged,
	    .ctx = c};
	if (!vpcd_address(&v, c->n_args > 1 ? c->arg[1] : VPCD_DEFAULT, &c->diags))
		return false;
	if (!sim_open(&s, c->arg[0], &c->diags))
		return false;
	bool ok = catch_signals();
	v.stop_fd = stop_pipe[0];
	ok = ok && vpcd_serve(&v, &s, &c->diags);
	sim_close(&s);
	return ok;
}

/* ---- the program ---- */

static const struct cli_option options[] = {
    {"chip", 0, CLI_TEXT, "NAME",
	{"chip of the new card ('apc chips' lists them)", "新しいカードのチップ(「apc chips」で一覧)"}},
    {"coverage", 0, CLI_FLAG, NULL,
	{"what the suites go through: every branch of every rule, every clause",
	    "スイートが通る規則の分岐と契約の条項を示す"}},
    {"ap", 0, CLI_TEXT, "FILE.xml",
	{"instead of a chip: a reference card, which does what this description says",
	    "チップの代わりに、この AP 記述のとおりに動作する基準カードを作る"}},
    {"perso", 0, CLI_TEXT, "FILE.csv", {"per-card values of the reference card", "基準カードのカードごとの値"}},
    {"row", 0, CLI_NUMBER, "N", {"row of that file; 1 unless given", "その行番号。省略時は 1"}},
    {"set", 0, CLI_LIST, "NAME=VALUE", {"one per-card value", "カードごとの値を一つ指定する"}},
    {"profiles", 0, CLI_TEXT, "DIR", {"folder of chip profiles", "チッププロファイルのフォルダ"}},
    {"masters", 0, CLI_TEXT, "FILE",
	{"file of master keys, for the keys that are not given", "与えられていない鍵を導出するマスター鍵のファイル"}},
    {"serial", 0, CLI_TEXT, "HEX",
	{"the card's serial number, for keys derived with it", "鍵の導出に使うカードの製造番号"}},
    {"seed", 0, CLI_NUMBER, "N",
	{"start of the card's random numbers, for tests that must repeat", "カードの乱数の初期値(試験を再現するため)"}},
    {"vpcd", 0, CLI_FLAG, NULL,
	{"into the virtual reader vpcd at HOST:PORT, 127.0.0.1:35963 unless given",
	    "HOST:PORT(省略時は 127.0.0.1:35963)の仮想リーダ vpcd に入れる"}},
    {"wait", 0, CLI_NUMBER, "SECONDS",
	{"how long to wait for the virtual reader; 10 unless given", "仮想リーダを待つ秒数。省略時は 10"}},
    {0},
};

static const struct cli_command commands[] = {
    {"new", "FILE.card", 1, 1, "chip ap masters perso row serial set profiles seed", run_new,
	{"make a new card, as the manufacturer delivers it", "出荷時の状態の新しいカードを作る"}},
    {"prove", "FILE.xml", 1, 1, "coverage masters perso row serial set seed", apsim_prove,
	{"run the suites of an AP on a reference card of its own", "AP のスイートをその基準カードで実行する"}},
    {"serve", "FILE.card [HOST:PORT]", 1, 2, "vpcd wait", run_serve,
	{"put the card into PC/SC's virtual reader", "カードを PC/SC の仮想リーダに入れる"}},
    {"shell", "FILE.card", 1, 1, "", run_shell,
	{"commands from standard input: APDUs in hex, 'reset', # comments",
	    "標準入力からのコマンド(16 進の APDU、「reset」、# 注釈)を実行する"}},
    {"info", "FILE.card", 1, 1, "", run_info, {"what the card is", "カードの情報を表示する"}},
    {0},
};

static const struct cli_program program = {"apsim", {"the simulated card", "模擬カード"}, options, commands};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
