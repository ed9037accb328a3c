/* apload, the loader: installs, verifies and removes card applications on cards. */
#include "runtime/apload.h"

#define CARD_OPTIONS  " card chip card-id profiles journal record"
#define KEY_OPTIONS   " keys test-keys last-try"
#define IMAGE_OPTIONS " trust accept-test-signed"
#define VALUE_OPTIONS " perso row set"

static const struct cli_option options[] = {
    {"accept-test-signed", 0, CLI_FLAG, NULL,
	{"accept an image signed with the public test key on a real card",
	    "公開試験鍵で署名したイメージを実カードでも認める"}},
    {"card", 0, CLI_TEXT, "CARD",
	{"the card: pcsc:READER, sim:FILE or FILE, replay:FILE",
	    "カード:pcsc:リーダ、sim:ファイル又はファイル、replay:ファイル"}},
    {"card-id", 0, CLI_TEXT, "TEXT",
	{"what tells this card from others, such as its printed number", "カードを区別する文字列(印字された番号など)"}},
    {"chip", 0, CLI_TEXT, "NAME", {"the card's chip, where its ATR does not tell", "チップ名(ATR で分からない場合)"}},
    {"destroy-card-contents", 0, CLI_TEXT, "CARD",
	{"run the suite full on this real card; the card is spent",
	    "この実カードで試験 full を行う(カードは使えなくなる)"}},
    {"dry-run", 0, CLI_FLAG, NULL,
	{"show what would be sent; send only what reads", "送るコマンドを表示する(読出しだけを行う)"}},
    {"journal", 0, CLI_TEXT, "DIR", {"folder of journals and of failed keys", "履歴と失敗した鍵の記憶を置くフォルダ"}},
    {"keys", 0, CLI_TEXT, "FILE",
	{"loading keys; only its owner may read it", "読込み用の鍵のファイル(所有者だけが読めること)"}},
    {"last-try", 0, CLI_FLAG, NULL, {"offer the key even if it may be the last try", "最後の試行になり得ても鍵を送る"}},
    {"level", 0, CLI_TEXT, "LEVEL", {"image, card, probe (default) or full", "image・card・probe(既定)・full"}},
    {"no-resume", 0, CLI_FLAG, NULL,
	{"remove a half install rather than go on with it", "中断した搭載を続けず、削除してから始める"}},
    {"permanent", 0, CLI_FLAG, NULL,
	{"install although this chip can never remove it", "削除できないチップでも搭載する"}},
    {"perso", 0, CLI_TEXT, "FILE.csv", {"per-card values; the header names them", "カードごとの値(見出し行が名前)"}},
    {"profiles", 0, CLI_TEXT, "DIR", {"folder of chip profiles", "チッププロファイルのフォルダ"}},
    {"record", 0, CLI_TEXT, "FILE",
	{"write every exchange, secrets masked, to a file", "通信を(秘密を伏せて)ファイルに記録する"}},
    {"row", 0, CLI_NUMBER, "N", {"this card's row, 1 below the header", "このカードの行(見出しの次が 1)"}},
    {"set", 0, CLI_LIST, "NAME=VALUE", {"one per-card value; wins over --perso", "カードごとの値(--perso より優先)"}},
    {"test-keys", 0, CLI_FLAG, NULL, {"use the published test key on a real card", "実カードに公開試験鍵を使う"}},
    {"trust", 0, CLI_TEXT, "PEM", {"certificates of the keys to trust", "信頼する鍵の証明書"}},
    {0},
};

static const struct cli_command commands[] = {
    {"readers", "", 0, 0, "", apload_readers,
	{"list the readers and what is in them", "リーダとカードの一覧を表示する"}},
    {"info", "", 0, 0, CARD_OPTIONS, apload_info,
	{"what the card is and what is on it", "カードの種類と内容を表示する"}},
    {"list", "[IMAGE|AID...]", 0, LIST_NAMED, CARD_OPTIONS " trust", apload_list,
	{"the APs on the card and their states", "搭載された AP と状態を表示する"}},
    {"diagnose", "[IMAGE]", 0, 1, CARD_OPTIONS " trust", apload_diagnose,
	{"find out what is at fault: reader, card, key, memory or AP", "障害の切分け(リーダ・カード・鍵・メモリ・AP)"}},
    {"install", "IMAGE", 1, 1, CARD_OPTIONS KEY_OPTIONS IMAGE_OPTIONS VALUE_OPTIONS " dry-run no-resume permanent",
	apload_install,
	{"install an image, with one card's values, and prove it",
	    "イメージを 1 枚のカードの値とともに搭載し、確かめる"}},
    {"verify", "IMAGE", 1, 1, CARD_OPTIONS IMAGE_OPTIONS VALUE_OPTIONS " level destroy-card-contents", apload_verify,
	{"prove that an AP is there and behaves as described", "AP が記述どおりであることを確かめる"}},
    {"delete", "IMAGE|AID", 1, 1, CARD_OPTIONS KEY_OPTIONS IMAGE_OPTIONS " dry-run", apload_delete,
	{"remove an AP with all its data", "AP をデータとともに削除する"}},
    {"trace", "FILE", 1, 1, "", apload_trace, {"decode a recording (--record)", "記録(--record)を解読して表示する"}},
    {0},
};

static const struct cli_program program = {
    "apload", {"the loader of card applications", "カードアプリケーションのローダ"}, options, commands};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
