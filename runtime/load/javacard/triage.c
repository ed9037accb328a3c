#include "runtime/load/javacard/triage.h"

#include <stdio.h>

#include "runtime/base/hex.h"
#include "runtime/load/javacard/package.h"

static bool memory(struct loader *w, struct diagnose_report *r)
{
	struct gp_resources m;
	bool there;
	if (!gp_get_data(w, 0xff21, &there))
		return false;
	bool known = there && gp_resources_read(&m, w->session.data.p, w->session.data.n);
	struct diagnose_row *row = diagnose_add(r, PART_MEMORY, known ? FINDING_GOOD : FINDING_UNKNOWN);
	if (!known) {
		diagnose_say(row->text, "the card does not tell how much memory is free", "空き容量は不明です");
		return true;
	}
	snprintf(row->text[0], sizeof row->text[0], "memory: %u bytes free, volatile %u", (unsigned)m.persistent,
	    (unsigned)m.transient);
	snprintf(row->text[1], sizeof row->text[1], "メモリ:空き %u バイト、揮発 %u", (unsigned)m.persistent,
	    (unsigned)m.transient);
	return true;
}

/* Are there keys to log in with? A card is not bothered with keys that nobody gave. */
static bool has_keys(const struct loader *w)
{
	const struct key_source *k = &w->options->keys;
	return k->file != NULL || k->test_keys || w->link.simulated;
}

static bool keys(struct loader *w, struct diagnose_report *r)
{
	if (!has_keys(w)) {
		struct diagnose_row *row = diagnose_add(r, PART_KEY, FINDING_UNKNOWN);
		diagnose_say(row->text, "no keys were given (--keys): what is on the card cannot be told",
		    "鍵(--keys)がないため、カードの内容は分かりません");
		return false;
	}
	bool ok = gp_open(w, NULL);
	struct diagnose_row *row = diagnose_add(r, PART_KEY, ok ? FINDING_GOOD : FINDING_BAD);
	if (ok) {
		snprintf(row->text[0], sizeof row->text[0], "the keys of version %02X are right (SCP%02X, i = %02X)",
		    w->gp.challenge.key_version, w->gp.channel.scp, w->gp.channel.i);
		snprintf(row->text[1], sizeof row->text[1], "鍵(版 %02X)は正しい(SCP%02X、i = %02X)",
		    w->gp.challenge.key_version, w->gp.channel.scp, w->gp.channel.i);
		return true;
	}
	diagnose_say(
	    row->text, "the secure channel does not open with these keys", "この鍵ではセキュアチャネルを開けません");
	diagnose_say(row->advice, "the message says why; do not try other keys at random: cards lock themselves",
	    "理由はメッセージを参照してください。鍵を当てずっぽうに試すとカードが閉塞します");
	return false;
}

static void card_life(struct diagnose_report *r, const struct gp_entry *e)
{
	char life[16];
	bool locked = e->life_cycle == CARD_LOCKED;
	struct diagnose_row *row = diagnose_add(r, PART_CARD, locked ? FINDING_BAD : FINDING_GOOD);
	gp_life_cycle(e, life);
	snprintf(row->text[0], sizeof row->text[0], "the card's life cycle: %s", life);
	snprintf(row->text[1], sizeof row->text[1], "カードのライフサイクル:%s", life);
	if (locked)
		diagnose_say(
		    row->advice, "unlock it (apload unlock card)", "閉塞を解除してください(apload unlock card)");
}

static void application(struct diagnose_report *r, const struct gp_entry *e)
{
	char life[16], aid[2 * AID_MAX + 1];
	bool half = e->life_cycle == LIFE_INSTALLED, locked = (e->life_cycle & LIFE_LOCKED) != 0;
	struct diagnose_row *row = diagnose_add(r, PART_AP, half || locked ? FINDING_BAD : FINDING_GOOD);
	gp_life_cycle(e, life);
	hex_encode(aid, e->aid.p, e->aid.n);
	snprintf(row->text[0], sizeof row->text[0], "application %s: %s", aid, life);
	snprintf(row->text[1], sizeof row->text[1], "アプリケーション %s:%s", aid, life);
	if (half)
		diagnose_say(row->advice,
		    "an install was interrupted, nobody can use it: run 'apload install' again, or 'apload delete'",
		    "搭載が中断しています(誰も利用できません)。「apload install」又は「apload "
		    "delete」を実行してください");
	else if (locked)
		diagnose_say(row->advice, "unlock it (apload unlock AID)", "閉塞を解除してください(apload unlock AID)");
}

/* A package that nothing was made from: a library, or what an interrupted install left. The card does not tell which;
 * one with applets of its own is no mere library. */
static void package(struct diagnose_report *r, const struct gp_registry *all, const struct gp_entry *e)
{
	char aid[2 * AID_MAX + 1];
	struct package_use u;
	package_use(all, &e->aid, &u);
	if (u.n != 0 || e->modules == 0)
		return;
	struct diagnose_row *row = diagnose_add(r, PART_AP, FINDING_UNKNOWN);
	hex_encode(aid, e->aid.p, e->aid.n);
	snprintf(row->text[0], sizeof row->text[0], "package %s: no application was made from it", aid);
	snprintf(row->text[1], sizeof row->text[1], "パッケージ %s:アプリケーションがありません", aid);
	diagnose_say(row->advice, "if an install was interrupted, run it again, or 'apload delete'",
	    "搭載が中断した場合は、再実行するか「apload delete」を実行してください");
}

static bool contents(struct loader *w, struct diagnose_report *r)
{
	struct gp_registry all = {0};
	bool ok = gp_registry_load(w, GP_SCOPE_ISD | GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &all);
	for (size_t i = 0; ok && i < all.n; i++) {
		const struct gp_entry *e = &all.row[i];
		if (e->scope == GP_SCOPE_ISD)
			card_life(r, e);
		else if (e->scope == GP_SCOPE_LOAD_FILES)
			package(r, &all, e);
		else
			application(r, e);
	}
	gp_registry_reset(&all);
	return ok;
}

bool gp_diagnose(struct loader *w, struct diagnose_report *r)
{
	if (!gp_select_domain(w)) { /* what was selected to look at the chip may be another */
		struct diagnose_row *row = diagnose_add(r, PART_CARD, FINDING_BAD);
		diagnose_say(row->text, "no issuer security domain answers: the card is terminated, or is another kind",
		    "発行者セキュリティドメインが応答しません(廃止済みか、別の種類のカードです)");
		diagnose_say(row->advice, "replace the card, or name its security domain (--domain)",
		    "カードを交換するか、--domain で指定してください");
		return !w->session.lost;
	}
	if (!memory(w, r))
		return false;
	if (!keys(w, r) || contents(w, r))
		return !w->session.lost;
	struct diagnose_row *row = diagnose_add(r, PART_CARD, FINDING_BAD);
	diagnose_say(row->text,
	    w->session.lost ? "the card stopped answering meanwhile" : "the registry cannot be read",
	    w->session.lost ? "途中でカードが応答しなくなりました" : "登録簿を読めません");
	diagnose_say(row->advice, "put the card back and try again; if it happens again, replace the card",
	    "カードを入れ直してください。繰り返す場合は交換してください");
	return !w->session.lost;
}
