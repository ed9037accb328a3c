/* apload install, verify, delete: what changes a card, and what proves it. */
#include "runtime/apload_gp.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/json.h"

static void put_ap(struct json *j, const struct image_manifest *m)
{
	json_put_text(j, "id", m->id);
	json_put_text(j, "version", m->version);
	json_put_hex(j, "aid", m->aid, m->aid_len);
	json_put_text(j, "chip", m->chip);
}

/* What a dry run would send. */
void apload_put_plan(struct cli *c, struct session *s, struct json *j)
{
	const char *text = buf_cstr(&s->plan);
	buf_str(&c->text, text);
	buf_printf(&c->text, cli_pick(c, "%zu commands would be sent\n", "%zu 個のコマンドを送ります\n"), s->planned);
	json_put_array(j, "plan");
	for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1)
		json_put_bytes(j, NULL, text, (size_t)(end - text));
	json_put_end(j);
}

/* --- install --- */

static const char *const outcomes[] = {[INSTALL_FAILED] = "failed",
    [INSTALL_DONE] = "installed",
    [INSTALL_ALREADY] = "already-installed",
    [INSTALL_PLANNED] = "planned"};

static void report_install(struct apload *a, const struct install_report *r, bool ok)
{
	struct cli *c = a->c;
	const struct image_manifest *m = &a->image->manifest;
	struct session *s = &a->loader.session;
	char aid[2 * AID_MAX + 1];
	struct json j = json_to(&c->result);
	hex_encode(aid, m->aid, m->aid_len);
	json_put_object(&j, NULL);
	json_put_text(&j, "outcome", outcomes[r->outcome]);
	put_ap(&j, m);
	json_put_number(&j, "steps", (int64_t)r->steps);
	json_put_number(&j, "apdus", (int64_t)r->commands);
	json_put_number(&j, "apdus-with-proof", (int64_t)s->commands);
	json_put_bool(&j, "resumed", r->resumed);
	json_put_bool(&j, "removed-half", r->removed_half);
	json_put_bool(&j, "rolled-back", r->rolled_back);
	json_put_hex(&j, "journal", r->journal, sizeof r->journal);
	if (r->outcome == INSTALL_PLANNED)
		apload_put_plan(c, s, &j);
	if (r->verify.n != 0)
		verify_report_json(&r->verify, &j, "verify");
	json_put_end(&j);
	if (ok && r->outcome == INSTALL_DONE)
		cli_say(c,
		    cli_pick(c, "installed %s %s (%s) in %zu commands; verified: card, probe",
			"%s %s(%s)を搭載しました(コマンド %zu 個)。検証済み:card、probe"),
		    m->id, m->version, aid, r->commands);
	else if (!ok && r->verify.n != 0)
		verify_report_text(&r->verify, c->lang, &c->text);
}

/* An option that would do nothing is refused: whoever gave it expects something of it. */
static bool fits(struct cli *c, bool cap)
{
	static const char *const only[2][20] = {
	    {"applet", "instance", "params", "privileges", "quota", "volatile-quota", "code-size", "load-only", "force",
		"load-token", "install-token", "token-key", "dap", "dap-key", "dap-domain", "hash"},
	    {"perso", "row", "set", "trust", "accept-test-signed", "permanent"}};
	bool ok = true;
	for (const char *const *o = only[cap]; *o != NULL; o++)
		if (cli_has(c, *o))
			ok = diag_add(&c->diags, (struct srcloc){0}, DIAG_INSTALL_OPTION, *o,
			    cap ? "a CAP file" : "an image", cap ? "CAP ファイル" : "イメージ", NULL);
	return ok;
}

bool apload_install(struct cli *c)
{
	if (!fits(c, apload_is_cap(c->arg[0])))
		return false;
	if (apload_is_cap(c->arg[0]))
		return apload_install_cap(c);
	struct apload a;
	struct install_report r = {0};
	struct install_options o = {.accept_test_signed = cli_has(c, "accept-test-signed"),
	    .no_resume = cli_has(c, "no-resume"),
	    .permanent = cli_has(c, "permanent")};
	apload_begin(&a, c);
	bool ok = apload_gp_options(&a) && apload_read_values(&a) && apload_read_image(&a, c->arg[0]) &&
	    apload_open(&a, true);
	if (ok) {
		ok = load_install(&a.loader, a.image, &a.values, &o, &r);
		report_install(&a, &r, ok);
	}
	install_report_reset(&r);
	apload_end(&a);
	return ok;
}

/* --- verify --- */

/* The image's own proof: it was read, so its digests and its signature are good. */
static void say_image(struct apload *a, struct json *j)
{
	struct cli *c = a->c;
	const struct image *img = a->image;
	buf_printf(&c->text, cli_pick(c, "image: digests good, %s%s%s\n", "イメージ:要約値は正しい。%s%s%s\n"),
	    image_trust_text(img->trust, c->lang), img->signer[0] == 0 ? "" : ": ", img->signer);
	put_ap(j, &img->manifest);
	json_put_text(j, "trust", image_trust_word(img->trust));
	json_put_text(j, "signer", img->signer);
}

static bool verify_on_card(struct apload *a, enum verify_level level, struct json *j, bool *in_part)
{
	struct verify_report r = {0};
	bool ok = apload_open(a, true);
	if (!ok)
		return false;
	ok = load_verify(&a->loader, a->image, &a->values, level, cli_value(a->c, "destroy-card-contents"), &r);
	*in_part = verify_in_part(&r);
	verify_report_text(&r, a->c->lang, &a->c->text);
	verify_report_json(&r, j, "card");
	json_put_number(j, "apdus", (int64_t)a->loader.session.commands);
	verify_report_reset(&r);
	return ok;
}

bool apload_verify(struct cli *c)
{
	struct apload a;
	const char *name = cli_value(c, "level");
	enum verify_level level = name == NULL ? VERIFY_PROBE : verify_level_named(name);
	if (level == VERIFY_LEVELS)
		return diag_add(&c->diags, (struct srcloc){0}, DIAG_VERIFY_LEVEL, name, NULL);
	apload_begin(&a, c);
	struct json j = json_to(&c->result);
	bool in_part = false;
	bool ok = apload_read_values(&a) && apload_read_image(&a, c->arg[0]);
	if (ok) {
		json_put_object(&j, NULL);
		json_put_text(&j, "level", verify_level_name(level));
		say_image(&a, &j);
		ok = level == VERIFY_IMAGE || verify_on_card(&a, level, &j, &in_part);
		json_put_bool(&j, "good", ok);
		json_put_bool(&j, "in-part", in_part);
		json_put_end(&j);
		cli_say(c,
		    !ok           ? cli_pick(c, "NOT verified: %s", "検証できません:%s")
			: in_part ? cli_pick(c, "verified in part, for want of values: %s",
					"値が足りないため一部だけ検証しました:%s")
				  : cli_pick(c, "verified: %s", "検証しました:%s"),
		    verify_level_name(level));
	}
	apload_end(&a);
	return ok;
}

/* --- delete --- */

static void report_delete(struct apload *a, const struct delete_report *r, const struct aid *aid, bool ok)
{
	struct cli *c = a->c;
	struct session *s = &a->loader.session;
	char text[2 * AID_MAX + 1];
	struct json j = json_to(&c->result);
	json_put_object(&j, NULL);
	json_put_text(&j, "outcome", !ok ? "failed" : s->dry ? "planned" : "deleted");
	json_put_hex(&j, "aid", aid->p, aid->n);
	json_put_text(&j, "before", ap_state_name(r->before));
	json_put_number(&j, "memory", r->memory);
	json_put_number(&j, "apdus", (int64_t)s->commands);
	json_put_hex(&j, "journal", r->journal, sizeof r->journal);
	if (ok && s->dry)
		apload_put_plan(c, s, &j);
	json_put_end(&j);
	if (ok && !s->dry)
		cli_say(c, cli_pick(c, "deleted %s", "%s を削除しました"), hex_encode(text, aid->p, aid->n));
}

bool apload_delete(struct cli *c)
{
	struct apload a;
	struct delete_report r = {0};
	struct aid aid = {0};
	apload_begin(&a, c);
	bool ok = apload_gp_options(&a) &&
	    (apload_is_cap(c->arg[0]) ? apload_name_content(c, c->arg[0], &aid)
				      : apload_name_ap(&a, c->arg[0], &aid)) &&
	    apload_open(&a, true);
	if (ok && apload_managed(&a))
		ok = apload_gp_delete(&a, &aid);
	else if (ok) {
		ok = load_delete(&a.loader, aid.p, aid.n, a.image, &r);
		report_delete(&a, &r, &aid, ok);
	}
	apload_end(&a);
	return ok;
}
