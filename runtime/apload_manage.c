/* apload on GlobalPlatform cards: what changes them. */
#include <stdio.h>
#include <string.h>

#include "runtime/apload_gp.h"
#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/json.h"
#include "runtime/base/wipe.h"
#include "runtime/cap/cap.h"
#include "runtime/load/javacard/keyring.h"

/* --- install FILE.cap --- */

static const char *const outcomes[] = {[INSTALL_FAILED] = "failed",
    [INSTALL_DONE] = "installed",
    [INSTALL_ALREADY] = "already-installed",
    [INSTALL_PLANNED] = "planned"};

/* What the options of an install own. */
struct cap_options {
	struct gp_install_options o;
	struct buf cap, parameters, load_token, install_token, dap;
};

static bool take(struct cli *c, struct cap_options *x)
{
	struct gp_install_options *o = &x->o;
	o->name = c->arg[0];
	o->load_only = cli_has(c, "load-only");
	o->force = cli_has(c, "force");
	o->no_resume = cli_has(c, "no-resume");
	o->persistent_quota = cli_number(c, "quota", 0);
	o->volatile_quota = cli_number(c, "volatile-quota", 0);
	o->code_size = cli_number(c, "code-size", 0);
	o->by.token_key = cli_value(c, "token-key");
	o->by.dap_key = cli_value(c, "dap-key");
	o->by.hash = cli_has(c, "hash");
	bool ok = file_read(c->arg[0], CAP_FILE_MAX, &x->cap, &c->diags) &&
	    apload_aid_option(c, "applet", &o->applet) && apload_aid_option(c, "instance", &o->instance) &&
	    apload_aid_option(c, "dap-domain", &o->by.dap_domain) && apload_privileges_option(c, o->privileges) &&
	    apload_bytes_option(c, "params", &x->parameters) && apload_bytes_option(c, "load-token", &x->load_token) &&
	    apload_bytes_option(c, "install-token", &x->install_token) && apload_bytes_option(c, "dap", &x->dap);
	o->cap = x->cap.p;
	o->cap_len = x->cap.n;
	o->parameters = (struct bytes){x->parameters.p, x->parameters.n};
	o->by.load_token = (struct bytes){x->load_token.p, x->load_token.n};
	o->by.install_token = (struct bytes){x->install_token.p, x->install_token.n};
	o->by.dap = (struct bytes){x->dap.p, x->dap.n};
	return ok;
}

static void report(struct apload *a, const struct gp_install_report *r, bool ok)
{
	struct cli *c = a->c;
	struct session *s = &a->loader.session;
	char aid[2 * AID_MAX + 1];
	struct json j = json_to(&c->result);
	json_put_object(&j, NULL);
	json_put_text(&j, "outcome", outcomes[r->outcome]);
	json_put_hex(&j, "package", r->package.p, r->package.n);
	json_put_array(&j, "instances");
	for (size_t i = 0; i < r->n; i++)
		json_put_hex(&j, NULL, r->instance[i].p, r->instance[i].n);
	json_put_end(&j);
	json_put_number(&j, "load-file", (int64_t)r->load_file);
	json_put_number(&j, "blocks", (int64_t)r->blocks);
	json_put_number(&j, "apdus", (int64_t)r->commands);
	json_put_number(&j, "apdus-with-proof", (int64_t)s->commands);
	json_put_bool(&j, "resumed", r->resumed);
	json_put_bool(&j, "removed-half", r->removed_half);
	json_put_bool(&j, "rolled-back", r->rolled_back);
	json_put_hex(&j, "journal", r->journal, sizeof r->journal);
	if (r->outcome == INSTALL_PLANNED)
		apload_put_plan(c, s, &j);
	json_put_end(&j);
	if (ok && r->outcome == INSTALL_DONE)
		cli_say(c,
		    cli_pick(c,
			"installed package %s with %zu applications in %zu commands; the card's registry shows it",
			"パッケージ %s を搭載しました(アプリケーション %zu 個、コマンド %zu "
			"個)。カードの登録簿で確認済み"),
		    hex_encode(aid, r->package.p, r->package.n), r->n, r->commands);
}

static bool needs_managed(struct apload *a, const char *command)
{
	const struct card *card = &a->loader.card;
	return apload_managed(a)
	    ? true
	    : diag_add(&a->c->diags, (struct srcloc){.file = a->options.given.name}, DIAG_GP_NOT_MANAGED, command,
		  card->chip_name == NULL ? "?" : card->chip_name, NULL);
}

bool apload_install_cap(struct cli *c)
{
	struct apload a;
	struct gp_install_report r = {0};
	struct cap_options x = {0};
	apload_begin(&a, c);
	bool ok =
	    apload_gp_options(&a) && take(c, &x) && apload_open(&a, true) && needs_managed(&a, "install FILE.cap");
	if (ok) {
		ok = gp_install(&a.loader, &x.o, &r);
		report(&a, &r, ok);
	}
	buf_reset(&x.cap);
	buf_reset(&x.parameters);
	buf_reset(&x.load_token);
	buf_reset(&x.install_token);
	buf_reset(&x.dap);
	apload_end(&a);
	return ok;
}

/* --- the others: open, do one thing, say so --- */

static bool begin(struct apload *a, struct cli *c)
{
	apload_begin(a, c);
	return apload_gp_options(a) && apload_open(a, true) && needs_managed(a, c->command->name);
}

static bool end(struct apload *a, bool ok, const char *en, const char *ja)
{
	struct cli *c = a->c;
	struct session *s = &a->loader.session;
	struct json j = json_to(&c->result);
	json_put_object(&j, NULL);
	json_put_text(&j, "outcome", !ok ? "failed" : s->dry ? "planned" : "done");
	json_put_number(&j, "apdus", (int64_t)s->commands);
	if (ok && s->dry)
		apload_put_plan(c, s, &j);
	json_put_end(&j);
	if (ok && !s->dry)
		cli_say(c, "%s", cli_pick(c, en, ja));
	apload_end(a);
	return ok;
}

/* An AID, or "card". */
static bool target(struct cli *c, const char *what, struct aid *aid)
{
	*aid = (struct aid){0};
	return strcmp(what, "card") == 0 || apload_name_content(c, what, aid);
}

bool apload_put_key(struct cli *c)
{
	struct apload a;
	struct gp_secret keys = {0};
	uint8_t version = 0, replaces = 0, id = 1;
	const char *pem = cli_value(c, "public"), *file = cli_value(c, "new-keys");
	struct key_source source = {.file = file};
	bool ok = begin(&a, c) && apload_byte_option(c, "new-version", &version) &&
	    apload_byte_option(c, "replace", &replaces) && apload_byte_option(c, "key-id", &id);
	if (ok && (version == 0 || version > 0x7f || id == 0 || (pem == NULL) == (file == NULL)))
		ok = diag_add(&c->diags, (struct srcloc){0}, DIAG_GP_OPTION,
		    version == 0 || version > 0x7f ? "new-version"
			: id == 0                  ? "key-id"
						   : "new-keys, --public",
		    version == 0 || version > 0x7f ? (cli_has(c, "new-version") ? cli_value(c, "new-version") : "")
						   : "",
		    NULL);
	if (ok && pem != NULL)
		ok = gp_put_public_key(&a.loader, replaces, version, id, pem);
	else if (ok)
		ok = keyring_find(
			 &source, a.loader.card.chip, a.loader.card.chip_name, false, version, &keys, &c->diags) &&
		    gp_put_keys(&a.loader, replaces, version, id, &keys);
	wipe(&keys, sizeof keys);
	return end(&a, ok, "the keys are on the card; their check values are right",
	    "鍵をカードに入れました。鍵検査値は一致しています");
}

static bool set_locked(struct cli *c, bool lock)
{
	struct apload a;
	struct aid aid = {0};
	bool ok = begin(&a, c) && target(c, c->arg[0], &aid);
	/* An application's other bits stay as they are: GPC 11.10.2.2. */
	uint8_t status = aid.n == 0 ? (lock ? CARD_LOCKED : CARD_SECURED) : lock ? LIFE_LOCKED : 0;
	ok = ok && gp_set_status(&a.loader, &aid, cli_has(c, "associated"), status);
	return end(&a, ok, lock ? "locked" : "unlocked", lock ? "閉塞しました" : "閉塞を解除しました");
}

bool apload_lock(struct cli *c)
{
	return set_locked(c, true);
}

bool apload_unlock(struct cli *c)
{
	return set_locked(c, false);
}

static const struct {
	const char *name;
	uint8_t value;
	bool card, permanent;
} states[] = {{"initialized", CARD_INITIALIZED, true, true}, {"secured", CARD_SECURED, true, true},
    {"locked", CARD_LOCKED, true, false}, {"terminated", CARD_TERMINATED, true, true},
    {"selectable", LIFE_SELECTABLE, false, false}, {"personalized", LIFE_PERSONALIZED, false, true},
    {"locked", LIFE_LOCKED, false, false}};

/* What cannot be taken back is confirmed by name; termination by the name of the card. */
static bool confirmed(struct apload *a, const char *name, bool permanent)
{
	struct cli *c = a->c;
	bool ends = strcmp(name, "terminated") == 0;
	const char *spend = cli_value(c, "destroy-card-contents");
	bool ok =
	    !permanent || (ends ? spend != NULL && strcmp(spend, a->loader.link.name) == 0 : cli_has(c, "permanent"));
	return ok ? true
		  : diag_add(&c->diags, (struct srcloc){.file = a->options.given.name}, DIAG_GP_PERMANENT, name, NULL);
}

static bool to_state(struct apload *a, const struct aid *aid, const char *name)
{
	uint8_t byte;
	size_t n;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i].name, name) == 0 && states[i].card == (aid->n == 0))
			return confirmed(a, name, states[i].permanent) &&
			    gp_set_status(&a->loader, aid, cli_has(a->c, "associated"), states[i].value);
	/* States of an application's own: hexadecimal. */
	if (aid->n != 0 && hex_decode(name, strlen(name), &byte, 1, &n) && n == 1)
		return gp_set_status(&a->loader, aid, cli_has(a->c, "associated"), byte);
	return diag_add(&a->c->diags, (struct srcloc){0}, DIAG_GP_OPTION, "state", name, NULL);
}

bool apload_set_status(struct cli *c)
{
	struct apload a;
	struct aid aid = {0};
	bool ok = begin(&a, c) && target(c, c->arg[0], &aid) && to_state(&a, &aid, c->arg[1]);
	return end(&a, ok, "the life cycle state is set", "ライフサイクル状態を設定しました");
}

bool apload_store_data(struct cli *c)
{
	struct apload a;
	struct aid aid = {0};
	struct buf data = {0};
	unsigned format = cli_has(c, "dgi") ? 0x08 : cli_has(c, "tlv") ? 0x10 : 0;
	bool ok = begin(&a, c) && (c->n_args == 0 || apload_name_content(c, c->arg[0], &aid)) &&
	    apload_bytes_option(c, "data", &data) &&
	    (data.n != 0 || diag_add(&c->diags, (struct srcloc){0}, DIAG_GP_OPTION, "data", "", NULL)) &&
	    gp_store_data(&a.loader, &aid, (struct bytes){data.p, data.n}, format);
	buf_reset(&data);
	return end(&a, ok, "the data are stored", "データを格納しました");
}

bool apload_move(struct cli *c)
{
	struct apload a;
	struct aid aid = {0}, to = {0};
	struct buf token = {0};
	bool ok = begin(&a, c) && apload_name_content(c, c->arg[0], &aid) && apload_aid_option(c, "to", &to) &&
	    (to.n != 0 || diag_add(&c->diags, (struct srcloc){0}, DIAG_GP_OPTION, "to", "", NULL)) &&
	    apload_bytes_option(c, "install-token", &token) &&
	    gp_extradite(&a.loader, &aid, &to, (struct bytes){token.p, token.n});
	buf_reset(&token);
	return end(&a, ok, "moved to the other domain", "別のドメインに移しました");
}

bool apload_make_domain(struct cli *c)
{
	struct apload a;
	struct aid aid = {0}, package = {0}, module = {0};
	struct buf token = {0}, parameters = {0};
	uint8_t privileges[GP_PRIVILEGES] = {0x80};
	bool ok = begin(&a, c) && apload_name_content(c, c->arg[0], &aid) &&
	    apload_aid_option(c, "package", &package) && apload_aid_option(c, "applet", &module) &&
	    apload_privileges_option(c, privileges) && apload_bytes_option(c, "params", &parameters) &&
	    apload_bytes_option(c, "install-token", &token);
	privileges[0] |= 0x80;
	ok = ok &&
	    gp_make_domain(&a.loader, &package, &module, &aid, privileges, (struct bytes){parameters.p, parameters.n},
		(struct bytes){token.p, token.n});
	buf_reset(&token);
	buf_reset(&parameters);
	return end(&a, ok, "the security domain is made", "セキュリティドメインを作成しました");
}

bool apload_update_registry(struct cli *c)
{
	struct apload a;
	struct aid aid = {0};
	struct buf token = {0};
	uint8_t privileges[GP_PRIVILEGES] = {0};
	bool ok = begin(&a, c) && apload_name_content(c, c->arg[0], &aid) && apload_privileges_option(c, privileges) &&
	    (cli_has(c, "privileges") ||
		diag_add(&c->diags, (struct srcloc){0}, DIAG_GP_OPTION, "privileges", "", NULL)) &&
	    apload_bytes_option(c, "install-token", &token) &&
	    gp_update_registry(&a.loader, &aid, privileges, (struct bytes){token.p, token.n});
	buf_reset(&token);
	return end(&a, ok, "the registry is updated", "登録簿を更新しました");
}
