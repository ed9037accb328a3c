/* apc, the compiler: from the description of a card application to load images, one for each chip. */
#include "compiler/apc.h"

static const struct cli_option options[] = {
    {"entry", 0, CLI_TEXT, "PATH",
	{"one entry of the image as it is, such as suite/full",
	    "イメージの項目一つ(suite/full など)をそのまま表示する"}},
    {"profiles", 0, CLI_TEXT, "DIR", {"folder of chip profiles", "チッププロファイルのフォルダ"}},
    {"trust", 0, CLI_TEXT, "PEM", {"certificates of the keys to trust", "信頼する鍵の証明書"}},
    {0},
};

static const struct cli_command commands[] = {
    {"check", "FILE.xml", 1, 1, "", apc_check, {"is the description right?", "記述を検査する"}},
    {"inspect", "FILE.apimg", 1, 1, "entry trust", apc_inspect,
	{"check an image and show what is in it", "イメージを検査し、内容を表示する"}},
    {"chips", "[NAME]", 0, 1, "profiles", apc_chips,
	{"list the chips, or the facts about one with sources and witnesses",
	    "チップの一覧、又は一つのチップの事実・出典・根拠を表示する"}},
    {"explain-code", "IGnnnn", 1, 1, "", apc_explain_code,
	{"what a diagnostic means and what to do", "診断メッセージの意味と対処を説明する"}},
    {0},
};

static const struct cli_program program = {
    "apc", {"the compiler of card applications", "カードアプリケーションのコンパイラ"}, options, commands};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
