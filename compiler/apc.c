/* apc, the compiler: from the description of a card application to load images, one for each chip. */
#include "compiler/apc.h"

static const struct cli_option options[] = {
    {"all-chips", 0, CLI_FLAG, NULL,
	{"for every chip there is a profile of", "プロファイルのあるすべてのチップについて行う"}},
    {"allow-assumed", 0, CLI_FLAG, NULL,
	{"build on facts that nobody has shown, with notices",
	    "確かめられていない事実に基づくことを許し、通知を付ける"}},
    {"chip", 0, CLI_LIST, "NAME", {"for this chip; may be given again", "対象のチップ。複数指定できる"}},
    {"count", 0, CLI_NUMBER, "N", {"so many numbers; 1 unless given", "番号の個数。省略時は 1"}},
    {"entry", 0, CLI_TEXT, "PATH",
	{"one entry of the image as it is, such as suite/full",
	    "イメージの項目一つ(suite/full など)をそのまま表示する"}},
    {"from", 0, CLI_TEXT, "FILE|NAME", {"copy this description, or this sample", "この記述、又はこの名前の見本を写す"}},
    {"id", 0, CLI_TEXT, "NAME", {"name of the AP; else made from the file's", "AP の名前。なければファイル名から作る"}},
    {"library", 0, CLI_LIST, "CAP",
	{"a package that it imports; may be given again", "インポートするパッケージ。繰り返し指定できる"}},
    {"output", 'o', CLI_TEXT, "DIR",
	{"folder for the images, made when missing", "イメージを置くフォルダ。なければ作る"}},
    {"pix", 0, CLI_TEXT, "HEX", {"PIX of the AID; else made from the name", "AID の PIX。なければ名前から作る"}},
    {"profiles", 0, CLI_TEXT, "DIR", {"folder of chip profiles", "チッププロファイルのフォルダ"}},
    {"rid", 0, CLI_TEXT, "HEX", {"RID of the AID; else an unregistered one", "AID の RID。なければ未登録の値"}},
    {"sign", 0, CLI_TEXT, "PEM", {"sign with this RSA key and certificate", "この RSA 鍵と証明書で署名する"}},
    {"start", 0, CLI_TEXT, "N",
	{"running number to begin at; else the first of the rule", "最初の連番。省略時は採番規則の最初の数"}},
    {"strict", 0, CLI_FLAG, NULL,
	{"with --all-chips: a chip that cannot carry the AP is an error",
	    "--all-chips で、実現できないチップをエラーとする"}},
    {"trust", 0, CLI_TEXT, "PEM", {"certificates of the keys to trust", "信頼する鍵の証明書"}},
    {"whole", 0, CLI_FLAG, NULL,
	{"with its base put in, so that it needs none", "元の記述を取り込み、単独で使える形にする"}},
    {0},
};

static const struct cli_command commands[] = {
    {"new", "FILE.xml", 1, 1, "from id pix rid", apc_new, {"begin a new description", "新しい記述を作る"}},
    {"check", "FILE.xml", 1, 1, "", apc_check, {"is the description right?", "記述を検査する"}},
    {"format", "FILE.xml", 1, 1, "whole", apc_format,
	{"write the description in its canonical form", "記述を標準形に整える"}},
    {"build", "FILE.xml", 1, 1, "all-chips allow-assumed chip output profiles sign strict", apc_build,
	{"make load images", "ロードイメージを作る"}},
    {"explain", "FILE.xml", 1, 1, "allow-assumed chip profiles", apc_explain,
	{"what the AP does, and how each chip carries it", "AP の働きと、各チップでの実現方法を説明する"}},
    {"number", "FILE.xml ID", 2, 2, "count start", apc_number,
	{"the next numbers of a numbering rule, as CSV", "採番規則による次の番号を CSV で出力する"}},
    {"inspect", "FILE.apimg|FILE.cap", 1, 1, "entry trust", apc_inspect,
	{"check an image or a CAP file and show what is in it", "イメージ又は CAP ファイルを検査し、内容を表示する"}},
    {"verify-cap", "FILE.cap", 1, 1, "library", apc_verify_cap,
	{"check the code of a CAP file: types, access, linking",
	    "CAP ファイルのコードを検証する(型・アクセス・リンク)"}},
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
