/* apload readers, info, list, diagnose: what looks and changes nothing. */
#include "runtime/apload_gp.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/json.h"
#include "runtime/link/link_pcsc.h"
#include "runtime/load/diagnose.h"

/* --- readers --- */

bool apload_readers(struct cli *c)
{
	struct link_reader reader[READERS_MAX];
	size_t n = 0;
	char atr[2 * ATR_MAX + 1];
	if (!link_readers(reader, &n, &c->diags))
		return false;
	struct json j = json_to(&c->result);
	json_put_array(&j, NULL);
	for (size_t i = 0; i < n; i++) {
		const struct link_reader *r = &reader[i];
		hex_encode(atr, r->atr, r->atr_len);
		buf_printf(&c->text, "%zu: %s  %s%s%s\n", i, r->name,
		    r->card ? cli_pick(c, "card, ATR ", "カードあり、ATR ") : cli_pick(c, "no card", "カードなし"),
		    r->card ? atr : "", r->in_use ? cli_pick(c, ", in use", "、使用中") : "");
		json_put_object(&j, NULL);
		json_put_text(&j, "name", r->name);
		json_put_bool(&j, "card", r->card);
		json_put_bool(&j, "in-use", r->in_use);
		json_put_text(&j, "atr", r->card ? atr : "");
		json_put_end(&j);
	}
	json_put_end(&j);
	if (n == 0)
		cli_say(c, "%s", cli_pick(c, "no reader is connected", "リーダが接続されていません"));
	return true;
}

/* --- info and list --- */

static void put_aps(struct cli *c, const struct card_report *r, struct json *j)
{
	json_put_bool(j, "complete", r->complete);
	json_put_array(j, "aps");
	for (size_t i = 0; i < r->n; i++) {
		const struct ap *ap = &r->ap[i];
		char aid[2 * AID_MAX + 1];
		uint8_t fid[2] = {(uint8_t)(ap->fid >> 8), (uint8_t)ap->fid};
		hex_encode(aid, ap->aid, ap->aid_len);
		buf_printf(&c->text, "%-32s %s", aid, ap_state_text(ap->state, c->lang));
		if (ap->memory != 0)
			buf_printf(&c->text, cli_pick(c, ", %u bytes", "、%u バイト"), (unsigned)ap->memory);
		buf_str(&c->text, "\n");
		json_put_object(j, NULL);
		json_put_text(j, "aid", aid);
		json_put_text(j, "state", ap_state_name(ap->state));
		json_put_hex(j, "fid", fid, ap->fid == 0 ? 0 : 2);
		json_put_number(j, "memory", ap->memory);
		json_put_end(j);
	}
	json_put_end(j);
	if (r->n == 0)
		cli_say(c, "%s", cli_pick(c, "no AP", "AP なし"));
	if (!r->complete)
		cli_say(c, "%s",
		    cli_pick(c, "(this chip cannot list its APs: only those that this terminal knows were asked for)",
			"(このチップは AP を列挙できません。この端末が知っている AP だけを調べました)"));
}

/* The APs that were named, for cards that cannot enumerate. Images only lend their AID: the card may be of any chip. */
static bool named(struct apload *a, struct aid aid[LIST_NAMED])
{
	bool ok = true;
	for (size_t i = 0; i < a->c->n_args && ok; i++)
		ok = apload_name_ap(a, a->c->arg[i], &aid[i]);
	if (a->image != NULL)
		image_reset(a->image);
	free(a->image);
	a->image = NULL;
	return ok;
}

bool apload_list(struct cli *c)
{
	struct apload a;
	struct card_report r;
	struct aid more[LIST_NAMED] = {0};
	apload_begin(&a, c);
	bool ok = apload_gp_options(&a) && named(&a, more) && apload_open(&a, true);
	bool managed = apload_managed(&a);
	ok = ok && (managed || load_list(&a.loader, more, c->n_args, &r));
	if (ok) {
		struct json j = json_to(&c->result);
		json_put_object(&j, NULL);
		if (managed)
			ok = apload_gp_list(&a, &j);
		else
			put_aps(c, &r, &j);
		json_put_end(&j);
	}
	apload_end(&a);
	return ok;
}

static void put_chip(struct apload *a, struct json *j)
{
	struct cli *c = a->c;
	const struct card *card = &a->loader.card;
	const struct link *l = &a->loader.link;
	char atr[2 * ATR_MAX + 1];
	hex_encode(atr, l->atr, l->atr_len);
	buf_printf(&c->text, "%s: %s\nATR: %s\n", cli_pick(c, "card", "カード"), l->name, atr);
	json_put_text(j, "card", l->name);
	json_put_text(j, "atr", atr);
	json_put_bool(j, "simulated", l->simulated);
	json_put_text(j, "chip", card->chip_name == NULL ? "" : card->chip_name);
	json_put_text(j, "dialect", card->dialect == NULL ? "" : card->dialect->name);
	if (card->chip_name == NULL)
		buf_printf(&c->text, "%s\n", cli_pick(c, "chip: unknown", "チップ:不明"));
	else
		buf_printf(&c->text, "%s: %s%s%s%s\n", cli_pick(c, "chip", "チップ"), card->chip_name,
		    card->chip == NULL ? "" : " (",
		    card->chip == NULL ? "" : card->chip->title[strcmp(c->lang, "ja") == 0],
		    card->chip == NULL ? "" : ")");
}

static void put_numbers(struct cli *c, const struct card_report *r, struct json *j)
{
	if (r->memory != 0) {
		buf_printf(&c->text, cli_pick(c, "memory: %u bytes", "メモリ:%u バイト"), (unsigned)r->memory);
		if (r->complete)
			buf_printf(
			    &c->text, cli_pick(c, ", %u reserved by APs", "、うち %u を AP が使用"), (unsigned)r->used);
		buf_str(&c->text, "\n");
		json_put_number(j, "memory", r->memory);
		if (r->complete)
			json_put_number(j, "reserved", r->used);
	}
	if (r->tries == TRIES_UNKNOWN)
		return;
	buf_printf(&c->text, cli_pick(c, "loading key: %d tries left\n", "読込み用の鍵:残り %d 回\n"), r->tries);
	json_put_number(j, "key-tries", r->tries);
}

bool apload_info(struct cli *c)
{
	struct apload a;
	struct card_report r;
	apload_begin(&a, c);
	bool ok = apload_gp_options(&a) && apload_open(&a, false);
	if (ok) {
		struct json j = json_to(&c->result);
		json_put_object(&j, NULL);
		put_chip(&a, &j);
		if (apload_managed(&a))
			ok = apload_gp_info(&a, &j);
		else if (a.loader.card.dialect != NULL && (ok = load_list(&a.loader, NULL, 0, &r))) {
			put_numbers(c, &r, &j);
			put_aps(c, &r, &j);
		}
		json_put_end(&j);
	}
	apload_end(&a);
	return ok;
}

/* --- diagnose --- */

/* A card that cannot be reached is the first finding. */
static void unreachable(struct diagnose_report *r)
{
	*r = (struct diagnose_report){.n = 1, .fault = PART_LINK};
	r->row[0] = (struct diagnose_row){.part = PART_LINK, .finding = FINDING_BAD};
	strcpy(r->row[0].text[0], "the card cannot be reached");
	strcpy(r->row[0].text[1], "カードに接続できません");
	strcpy(r->row[0].advice[0], "the message says whether it is the service, the reader or the card");
	strcpy(r->row[0].advice[1], "サービス・リーダ・カードのどれが原因かは、メッセージを参照してください");
}

bool apload_diagnose(struct cli *c)
{
	struct apload a;
	static struct diagnose_report r;
	apload_begin(&a, c);
	bool ok = apload_gp_options(&a) && (c->n_args == 0 || apload_read_image(&a, c->arg[0]));
	if (ok && a.options.given.name == NULL)
		ok = diag_add(&c->diags, (struct srcloc){0}, DIAG_CARD_NOT_GIVEN, NULL);
	else if (ok) {
		/* The image is not used to recognise the card: that it is another chip's is a finding. */
		struct image *img = a.image;
		a.image = NULL;
		if (apload_open(&a, false))
			load_diagnose(&a.loader, img, &r);
		else
			unreachable(&r);
		a.image = img;
		ok = r.fault < 0;
		diagnose_text(&r, c->lang, &c->text);
		struct json j = json_to(&c->result);
		diagnose_json(&r, &j, NULL);
	}
	apload_end(&a);
	return ok;
}
