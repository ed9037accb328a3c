#include "runtime/load/diagnose.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/json.h"
#include "runtime/load/javacard/triage.h"

struct diagnose_row *diagnose_add(struct diagnose_report *r, enum diagnose_part part, enum diagnose_finding finding)
{
	static struct diagnose_row beyond;
	struct diagnose_row *row = r->n < DIAGNOSE_ROWS ? &r->row[r->n++] : &beyond;
	*row = (struct diagnose_row){.part = part, .finding = finding};
	if (finding == FINDING_BAD && r->fault < 0)
		r->fault = (int)part;
	return row;
}

void diagnose_say(char out[2][256], const char *en, const char *ja)
{
	snprintf(out[0], sizeof out[0], "%s", en);
	snprintf(out[1], sizeof out[1], "%s", ja);
}

static void chip(struct loader *w, struct diagnose_report *r)
{
	char atr[2 * ATR_MAX + 1];
	hex_encode(atr, w->link.atr, w->link.atr_len);
	bool known = w->card.dialect != NULL;
	struct diagnose_row *row = diagnose_add(r, PART_CHIP, known ? FINDING_GOOD : FINDING_BAD);
	if (known && w->card.chip_name == NULL) {
		snprintf(row->text[0], sizeof row->text[0], "a GlobalPlatform card without profile (ATR %s)", atr);
		snprintf(row->text[1], sizeof row->text[1], "プロファイルのない GlobalPlatform カード(ATR %s)", atr);
		return;
	}
	if (known) {
		snprintf(row->text[0], sizeof row->text[0], "chip %s (ATR %s)", w->card.chip_name, atr);
		snprintf(row->text[1], sizeof row->text[1], "チップ %s(ATR %s)", w->card.chip_name, atr);
		return;
	}
	snprintf(row->text[0], sizeof row->text[0], "no profile has the ATR %s", atr);
	snprintf(row->text[1], sizeof row->text[1], "ATR %s のプロファイルがありません", atr);
	diagnose_say(row->advice, "this is another kind of card, or its profile is missing (--profiles, --chip)",
	    "別の種類のカードか、プロファイルがありません(--profiles、--chip)");
}

/* Does the card answer at all? */
static bool card(struct loader *w, struct diagnose_report *r)
{
	bool ok = w->card.dialect->begin(&w->session);
	struct diagnose_row *row = diagnose_add(r, PART_CARD, ok ? FINDING_GOOD : FINDING_BAD);
	if (ok) {
		diagnose_say(row->text, "the card answers", "カードは応答しています");
		return true;
	}
	diagnose_say(row->text, w->session.lost ? "the card stops answering" : "the card refuses the simplest command",
	    w->session.lost ? "カードが応答しなくなりました" : "最も簡単なコマンドをカードが拒否しました");
	diagnose_say(row->advice,
	    "take the card out, clean its contacts, put it back and try again; then replace the card",
	    "カードを抜き、端子を拭いて入れ直してください。直らなければカードを交換してください");
	return false;
}

static void key(struct diagnose_report *r, int tries)
{
	struct diagnose_row *row = diagnose_add(r, PART_KEY,
	    tries == TRIES_UNKNOWN ? FINDING_UNKNOWN
		: tries <= 1       ? FINDING_BAD
				   : FINDING_GOOD);
	if (tries == TRIES_UNKNOWN) {
		diagnose_say(row->text, "the card does not tell how many tries of the loading key are left",
		    "読込み用の鍵の残り回数は不明です");
		return;
	}
	snprintf(row->text[0], sizeof row->text[0], "tries of the loading key left: %d", tries);
	snprintf(row->text[1], sizeof row->text[1], "読込み用の鍵の残り回数:%d", tries);
	if (tries == 0)
		diagnose_say(row->advice,
		    "nothing can be loaded or removed any more; the APs go on working. Replace the card",
		    "搭載も削除もできません(搭載済みの AP は動作します)。カードを交換してください");
	else if (tries == 1)
		diagnose_say(row->advice, "one more wrong key locks the card for ever: make sure of the key file first",
		    "あと 1 回の誤りで永久に閉塞します。鍵ファイルを必ず確かめてください");
}

static void memory(struct diagnose_report *r, const struct card_report *c, const struct image *img)
{
	bool known = c->memory != 0 && c->complete;
	uint32_t left = known && c->memory > c->used ? c->memory - c->used : 0;
	bool full = known && img != NULL && img->manifest.memory > left;
	struct diagnose_row *row = diagnose_add(r, PART_MEMORY,
	    !known     ? FINDING_UNKNOWN
		: full ? FINDING_BAD
		       : FINDING_GOOD);
	if (!known) {
		diagnose_say(row->text, "the card does not tell how much memory is free", "空き容量は不明です");
		return;
	}
	snprintf(row->text[0], sizeof row->text[0], "memory: %u of %u bytes reserved by APs", (unsigned)c->used,
	    (unsigned)c->memory);
	snprintf(row->text[1], sizeof row->text[1], "メモリ:%u / %u バイトを AP が使用", (unsigned)c->used,
	    (unsigned)c->memory);
	if (full)
		diagnose_say(row->advice, "remove APs that are no longer needed (apload delete)",
		    "不要な AP を削除してください(apload delete)");
}

static void ap_advice(struct diagnose_row *row, enum ap_state state)
{
	switch (state) {
	case AP_HALF:
		diagnose_say(row->advice, "an install was interrupted: run 'apload install' again, or 'apload delete'",
		    "搭載が中断しています。「apload install」を再実行するか「apload delete」を実行してください");
		break;
	case AP_ABSENT:
		diagnose_say(row->advice, "install it (apload install)", "搭載してください(apload install)");
		break;
	case AP_BLOCKED:
		diagnose_say(row->advice, "the AP was blocked by its operator; only its own rules unblock it",
		    "運用者が閉塞した AP です。解除は AP の規則によります");
		break;
	case AP_TERMINATED:
		diagnose_say(row->advice, "the AP has ended its life; remove it (apload delete)",
		    "廃止された AP です。削除してください(apload delete)");
		break;
	case AP_OTHER:
		diagnose_say(row->advice, "keep a recording (--record FILE) and report it",
		    "記録(--record FILE)を取り、報告してください");
		break;
	case AP_OPERATIONAL:
		break;
	}
}

static void ap(struct diagnose_report *r, const struct ap *a)
{
	char aid[2 * AID_MAX + 1];
	if (r->n == DIAGNOSE_ROWS)
		return;
	struct diagnose_row *row = diagnose_add(r, PART_AP, a->state == AP_OPERATIONAL ? FINDING_GOOD : FINDING_BAD);
	hex_encode(aid, a->aid, a->aid_len);
	snprintf(row->text[0], sizeof row->text[0], "AP %s: %s", aid, ap_state_text(a->state, "en"));
	snprintf(row->text[1], sizeof row->text[1], "AP %s:%s", aid, ap_state_text(a->state, "ja"));
	ap_advice(row, a->state);
}

/* The AP that should be there and is not. */
static void missing_ap(const struct image *img, const struct card_report *c, struct diagnose_report *r)
{
	const struct image_manifest *m = &img->manifest;
	struct ap a = {.state = AP_ABSENT, .aid_len = m->aid_len};
	for (size_t i = 0; i < c->n; i++)
		if (ap_is(&c->ap[i], m->aid, m->aid_len))
			return;
	memcpy(a.aid, m->aid, m->aid_len);
	ap(r, &a);
}

bool load_diagnose(struct loader *w, const struct image *img, struct diagnose_report *r)
{
	struct card_report c;
	*r = (struct diagnose_report){.fault = -1};
	diagnose_say(diagnose_add(r, PART_LINK, FINDING_GOOD)->text, "the reader and the connection work",
	    "リーダと接続は正常です");
	chip(w, r);
	if (w->card.dialect == NULL || !card(w, r))
		return !w->session.lost;
	if (w->card.dialect->managed)
		return gp_diagnose(w, r);
	struct aid wanted = {0};
	if (img != NULL) {
		wanted.n = img->manifest.aid_len;
		memcpy(wanted.p, img->manifest.aid, wanted.n);
	}
	bool ok = load_list(w, &wanted, img != NULL, &c);
	if (ok)
		key(r, c.tries);
	if (ok)
		memory(r, &c, img);
	for (size_t i = 0; ok && i < c.n; i++)
		ap(r, &c.ap[i]);
	if (ok && img != NULL)
		missing_ap(img, &c, r);
	if (!ok && r->n < DIAGNOSE_ROWS) {
		struct diagnose_row *row = diagnose_add(r, PART_CARD, FINDING_BAD);
		diagnose_say(row->text, "the card stopped answering meanwhile", "途中でカードが応答しなくなりました");
		diagnose_say(row->advice, "put the card back and try again; if it happens again, replace the card",
		    "カードを入れ直してください。繰り返す場合は交換してください");
	}
	return ok;
}

const char *diagnose_part_name(enum diagnose_part p)
{
	static const char *const name[] = {[PART_LINK] = "link",
	    [PART_CARD] = "card",
	    [PART_CHIP] = "chip",
	    [PART_KEY] = "key",
	    [PART_MEMORY] = "memory",
	    [PART_AP] = "ap"};
	return name[p];
}

void diagnose_text(const struct diagnose_report *r, const char *lang, struct buf *out)
{
	static const char *const mark[][2] = {
	    [FINDING_GOOD] = {"ok ", "正常"}, [FINDING_BAD] = {"BAD", "異常"}, [FINDING_UNKNOWN] = {"?  ", "不明"}};
	bool ja = strcmp(lang, "ja") == 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct diagnose_row *row = &r->row[i];
		buf_printf(out, "%s  %s\n", mark[row->finding][ja], row->text[ja]);
		if (row->advice[ja][0] != 0)
			buf_printf(out, "     -> %s\n", row->advice[ja]);
	}
}

void diagnose_json(const struct diagnose_report *r, struct json *j, const char *key_name)
{
	static const char *const name[] = {
	    [FINDING_GOOD] = "good", [FINDING_BAD] = "bad", [FINDING_UNKNOWN] = "unknown"};
	json_put_object(j, key_name);
	json_put_text(j, "fault", r->fault < 0 ? "none" : diagnose_part_name((enum diagnose_part)r->fault));
	json_put_array(j, "findings");
	for (size_t i = 0; i < r->n; i++) {
		const struct diagnose_row *row = &r->row[i];
		json_put_object(j, NULL);
		json_put_text(j, "part", diagnose_part_name(row->part));
		json_put_text(j, "finding", name[row->finding]);
		json_put_text(j, "text", row->text[0]);
		json_put_text(j, "text-ja", row->text[1]);
		json_put_text(j, "advice", row->advice[0]);
		json_put_text(j, "advice-ja", row->advice[1]);
		json_put_end(j);
	}
	json_put_end(j);
	json_put_end(j);
}
