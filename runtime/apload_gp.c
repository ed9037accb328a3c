/* apload on GlobalPlatform cards: options, list, info, delete. */
#include "runtime/apload_gp.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/file.h"
#include "runtime/base/hex.h"
#include "runtime/base/json.h"
#include "runtime/cap/cap.h"

enum { OPTION_FILE_MAX = 1024 * 1024 };

bool apload_managed(const struct apload *a)
{
	return a->opened && a->loader.card.dialect != NULL && a->loader.card.dialect->managed;
}

bool apload_is_cap(const char *path)
{
	size_t n = strlen(path);
	return n > 4 && strcasecmp(path + n - 4, ".cap") == 0;
}

/* --- options --- */

static bool wrong(struct cli *c, const char *name, const char *value)
{
	return diag_add(&c->diags, (struct srcloc){0}, DIAG_GP_OPTION, name, value, NULL);
}

bool apload_aid_option(struct cli *c, const char *name, struct aid *out)
{
	const char *v = cli_value(c, name);
	*out = (struct aid){0};
	if (v == NULL)
		return true;
	if (hex_decode(v, strlen(v), out->p, AID_MAX, &out->n) && out->n >= AID_MIN)
		return true;
	out->n = 0;
	return wrong(c, name, v);
}

/* The value is not shown in the diagnostic: it may hold a secret. */
bool apload_bytes_option(struct cli *c, const char *name, struct buf *b)
{
	const char *v = cli_value(c, name);
	if (v == NULL)
		return true;
	if (v[0] == '@')
		return file_read(v + 1, OPTION_FILE_MAX, b, &c->diags);
	for (const char *p = v; *p != 0; p += 2) {
		uint8_t byte;
		size_t n;
		if (p[1] == 0 || !hex_decode(p, 2, &byte, 1, &n))
			return wrong(c, name, "…");
		buf_u8(b, byte);
	}
	return !b->bad;
}

bool apload_byte_option(struct cli *c, const char *name, uint8_t *out)
{
	const char *v = cli_value(c, name);
	size_t n;
	if (v == NULL)
		return true;
	return hex_decode(v, strlen(v), out, 1, &n) && n == 1 ? true : wrong(c, name, v);
}

bool apload_privileges_option(struct cli *c, uint8_t out[GP_PRIVILEGES])
{
	const char *v = cli_value(c, "privileges"), *bad = "";
	size_t n = 0;
	char text[64];
	if (v == NULL || gp_privileges_parse(v, out, &bad, &n))
		return true;
	snprintf(text, sizeof text, "%.*s", n > 60 ? 60 : (int)n, bad);
	return wrong(c, "privileges", text);
}

static bool level_option(struct cli *c, struct gp_options *o)
{
	static const struct {
		const char *name;
		unsigned bit;
	} names[] = {{"none", 0}, {"c-mac", GP_C_MAC}, {"c-dec", GP_C_MAC | GP_C_DEC}, {"r-mac", GP_R_MAC},
	    {"r-enc", GP_R_MAC | GP_R_ENC}};
	const char *v = cli_value(c, "security");
	if (v == NULL)
		return true;
	o->has_level = true;
	for (const char *p = v;;) {
		size_t n = strcspn(p, ","), i = 0, count = sizeof names / sizeof *names;
		while (i < count && (strlen(names[i].name) != n || strncmp(names[i].name, p, n) != 0))
			i++;
		if (i == count)
			return wrong(c, "security", v);
		o->level |= names[i].bit;
		if (p[n] == 0)
			return true;
		p += n + 1;
	}
}

/* "02:15" */
static bool scp_option(struct cli *c, struct gp_options *o)
{
	const char *v = cli_value(c, "scp");
	uint8_t scp, i;
	size_t n;
	if (v == NULL)
		return true;
	if (strlen(v) != 5 || v[2] != ':' || !hex_decode(v, 2, &scp, 1, &n) || !hex_decode(v + 3, 2, &i, 1, &n) ||
	    !gp_i_known(scp, i, true))
		return wrong(c, "scp", v);
	o->has_scp = true;
	o->scp = scp;
	o->i = i;
	return true;
}

bool apload_gp_options(struct apload *a)
{
	struct cli *c = a->c;
	struct gp_options *o = &a->options.gp;
	o->has_version = cli_has(c, "key-version");
	o->receipts = cli_value(c, "receipts");
	o->block = cli_number(c, "block", 0);
	return apload_aid_option(c, "domain", &o->domain) && apload_byte_option(c, "key-version", &o->version) &&
	    level_option(c, o) && scp_option(c, o);
}

bool apload_name_content(struct cli *c, const char *what, struct aid *aid)
{
	if (!apload_is_cap(what)) {
		if (hex_decode(what, strlen(what), aid->p, AID_MAX, &aid->n) && aid->n >= AID_MIN)
			return true;
		return diag_add(&c->diags, (struct srcloc){0}, DIAG_DELETE_WHAT, what, NULL);
	}
	struct cap cap = {0};
	struct buf bytes = {0};
	bool ok = file_read(what, CAP_FILE_MAX, &bytes, &c->diags) &&
	    cap_open(&cap, bytes.p, bytes.n, what, &c->diags) && aid_take(aid, cap.aid.p, cap.aid.n);
	cap_close(&cap);
	buf_reset(&bytes);
	return ok;
}

/* --- list --- */

static void put_aid(struct json *j, const char *key, const struct aid *a)
{
	if (a->n != 0)
		json_put_hex(j, key, a->p, a->n);
}

static const char *kind(const struct gp_entry *e)
{
	return e->scope == GP_SCOPE_ISD       ? "issuer-domain"
	    : e->scope == GP_SCOPE_LOAD_FILES ? "package"
	    : gp_entry_is_domain(e)           ? "domain"
					      : "application";
}

static const char *kind_text(const struct cli *c, const struct gp_entry *e)
{
	return e->scope == GP_SCOPE_ISD       ? cli_pick(c, "issuer domain", "発行者ドメイン")
	    : e->scope == GP_SCOPE_LOAD_FILES ? cli_pick(c, "package", "パッケージ")
	    : gp_entry_is_domain(e)           ? cli_pick(c, "domain", "ドメイン")
					      : cli_pick(c, "application", "アプリケーション");
}

static void put_privileges(struct cli *c, const struct gp_entry *e, struct json *j)
{
	bool first = true;
	json_put_array(j, "privileges");
	for (unsigned bit = 0; bit < PRIVILEGE_BITS; bit++) {
		const char *name = gp_privilege_name(bit, NULL);
		if (!gp_entry_has(e, bit) || name == NULL)
			continue;
		json_put_text(j, NULL, name);
		buf_printf(&c->text, "%s%s", first ? "  " : ", ", gp_privilege_name(bit, c->lang));
		first = false;
	}
	json_put_end(j);
}

static void put_entry(struct cli *c, const struct gp_entry *e, struct json *j)
{
	char aid[2 * AID_MAX + 1], life[16];
	hex_encode(aid, e->aid.p, e->aid.n);
	gp_life_cycle(e, life);
	buf_printf(&c->text, "%-32s %s  %s", aid, kind_text(c, e), life);
	json_put_object(j, NULL);
	json_put_text(j, "kind", kind(e));
	json_put_text(j, "aid", aid);
	json_put_text(j, "life-cycle", life);
	json_put_hex(j, "life-cycle-byte", &e->life_cycle, 1);
	if (e->scope != GP_SCOPE_LOAD_FILES)
		put_privileges(c, e, j);
	if (e->has_version) {
		char version[12];
		snprintf(version, sizeof version, "%u.%u", e->version[0], e->version[1]);
		buf_printf(&c->text, cli_pick(c, "  version %s", "  版 %s"), version);
		json_put_text(j, "version", version);
	}
	put_aid(j, "load-file", &e->load_file);
	put_aid(j, "domain", &e->domain);
	buf_str(&c->text, "\n");
	if (e->scope == GP_SCOPE_LOAD_FILES) {
		json_put_array(j, "modules");
		for (size_t i = 0; i < e->modules; i++) {
			json_put_hex(j, NULL, e->module[i].p, e->module[i].n);
			buf_printf(&c->text, "  %s\n", hex_encode(aid, e->module[i].p, e->module[i].n));
		}
		json_put_end(j);
	}
	json_put_end(j);
}

bool apload_gp_list(struct apload *a, struct json *j)
{
	struct gp_registry r = {0};
	struct loader *w = &a->loader;
	bool ok =
	    gp_open(w, NULL) && gp_registry_load(w, GP_SCOPE_ISD | GP_SCOPE_APPLICATIONS | GP_SCOPE_LOAD_FILES, &r);
	json_put_array(j, "contents");
	for (size_t i = 0; ok && i < r.n; i++)
		put_entry(a->c, &r.row[i], j);
	json_put_end(j);
	gp_registry_reset(&r);
	return loader_enter(w, "listed", ok ? "good" : "bad") && ok;
}

/* --- info --- */

static void put_line(struct cli *c, const char *en, const char *ja, const uint8_t *p, size_t n)
{
	char two[3];
	buf_printf(&c->text, "%s: ", cli_pick(c, en, ja));
	for (size_t i = 0; i < n; i++)
		buf_str(&c->text, hex_encode(two, p + i, 1));
	buf_str(&c->text, "\n");
}

static void put_cplc(struct cli *c, const struct gp_card *g, struct json *j)
{
	if (!g->has_cplc)
		return;
	json_put_object(j, "cplc");
	for (const struct gp_cplc_field *f = gp_cplc_fields; f->name != NULL; f++) {
		put_line(c, f->text[0], f->text[1], g->cplc + f->offset, f->length);
		json_put_hex(j, f->name, g->cplc + f->offset, f->length);
	}
	json_put_end(j);
}

static void put_recognition(struct cli *c, const struct gp_recognition *r, struct json *j)
{
	char version[16] = "";
	for (size_t i = 0; i < r->version_n; i++)
		snprintf(version + strlen(version), sizeof version - strlen(version), "%s%u", i == 0 ? "" : ".",
		    r->version[i]);
	if (version[0] != 0) {
		buf_printf(&c->text, "GlobalPlatform: %s\n", version);
		json_put_text(j, "globalplatform", version);
	}
	json_put_array(j, "secure-channels");
	for (size_t i = 0; i < r->n; i++) {
		char text[16];
		snprintf(text, sizeof text, "%02X:%02X", r->channel[i].scp, r->channel[i].i);
		buf_printf(&c->text, "%s: SCP%02X, i = %02X\n", cli_pick(c, "secure channel", "セキュアチャネル"),
		    r->channel[i].scp, r->channel[i].i);
		json_put_text(j, NULL, text);
	}
	json_put_end(j);
}

static bool put_keys(struct apload *a, struct json *j)
{
	struct gp_key_info key[GP_KEYS];
	struct session *s = &a->loader.session;
	bool there;
	if (!gp_get_data(&a->loader, 0x00e0, &there))
		return false;
	size_t n = there ? gp_key_info_read(s->data.p, s->data.n, key, GP_KEYS) : 0;
	json_put_array(j, "keys");
	for (size_t i = 0; i < n; i++) {
		buf_printf(&a->c->text,
		    cli_pick(a->c, "key: version %02X, identifier %02X:", "鍵:版 %02X、識別子 %02X:"), key[i].version,
		    key[i].id);
		json_put_object(j, NULL);
		json_put_hex(j, "version", &key[i].version, 1);
		json_put_hex(j, "id", &key[i].id, 1);
		json_put_array(j, "components");
		for (size_t k = 0; k < key[i].n; k++) {
			buf_printf(&a->c->text, " %s %u", gp_key_type_name(key[i].part[k].type), key[i].part[k].length);
			json_put_object(j, NULL);
			json_put_text(j, "type", gp_key_type_name(key[i].part[k].type));
			json_put_number(j, "bytes", key[i].part[k].length);
			json_put_end(j);
		}
		json_put_end(j);
		json_put_end(j);
		buf_str(&a->c->text, "\n");
	}
	json_put_end(j);
	return true;
}

/* A data object as the card gives it. */
static bool put_object(struct apload *a, unsigned tag, const char *name, const char *en, const char *ja, struct json *j)
{
	struct session *s = &a->loader.session;
	bool there;
	if (!gp_get_data(&a->loader, tag, &there))
		return false;
	if (!there)
		return true;
	struct rd v = gp_value_of(tag, s->data.p, s->data.n);
	put_line(a->c, en, ja, v.p, v.n);
	json_put_hex(j, name, v.p, v.n);
	return true;
}

static bool put_memory(struct apload *a, struct json *j)
{
	struct gp_resources r;
	struct session *s = &a->loader.session;
	bool there;
	if (!gp_get_data(&a->loader, 0xff21, &there))
		return false;
	if (!there || !gp_resources_read(&r, s->data.p, s->data.n))
		return true;
	buf_printf(&a->c->text,
	    cli_pick(a->c, "free memory: %u bytes, volatile %u; applications: %u\n",
		"空きメモリ:%u バイト、揮発 %u、アプリケーション数:%u\n"),
	    (unsigned)r.persistent, (unsigned)r.transient, (unsigned)r.applications);
	json_put_object(j, "free-memory");
	json_put_number(j, "persistent", r.persistent);
	json_put_number(j, "transient", r.transient);
	json_put_end(j);
	json_put_number(j, "applications", r.applications);
	return true;
}

bool apload_gp_info(struct apload *a, struct json *j)
{
	const struct gp_card *g = &a->loader.gp;
	put_line(a->c, "issuer security domain", "発行者セキュリティドメイン", g->domain.p, g->domain.n);
	json_put_hex(j, "domain", g->domain.p, g->domain.n);
	put_recognition(a->c, &g->recognition, j);
	if (g->fci.max_data != 0)
		json_put_number(j, "max-data", g->fci.max_data);
	put_cplc(a->c, g, j);
	bool ok = put_keys(a, j) && put_object(a, 0x0042, "iin", "issuer identification number", "発行者識別番号", j) &&
	    put_object(a, 0x0045, "cin", "card image number", "カードイメージ番号", j) &&
	    put_object(a, 0x0067, "capabilities", "card capabilities", "カード機能情報", j) &&
	    put_object(a, 0x00c1, "counter", "sequence counter", "順序カウンタ", j) && put_memory(a, j);
	return loader_enter(&a->loader, "looked", ok ? "good" : "bad") && ok;
}

/* --- delete --- */

/* An image's AP is its package: nothing of it may stay. */
static bool package_of_image(struct apload *a, struct aid *aid)
{
	struct cap cap = {0};
	const struct buf *payload = &a->image->entry[IMAGE_PAYLOAD];
	bool ok = cap_open(&cap, payload->p, payload->n, image_path(a->image, IMAGE_PAYLOAD), &a->c->diags) &&
	    aid_take(aid, cap.aid.p, cap.aid.n);
	cap_close(&cap);
	return ok;
}

bool apload_gp_delete(struct apload *a, const struct aid *named)
{
	struct aid whole = *named;
	const struct aid *aid = &whole;
	struct cli *c = a->c;
	struct session *s = &a->loader.session;
	struct gp_authority by = {.token_key = cli_value(c, "token-key")};
	struct buf token = {0};
	size_t related = 0;
	char text[2 * AID_MAX + 1];
	bool ok = apload_bytes_option(c, "delete-token", &token);
	by.delete_token = (struct bytes){token.p, token.n};
	bool image = a->image != NULL && a->image->cap;
	ok = ok && (!image || package_of_image(a, &whole)) &&
	    gp_remove(&a->loader, aid, image || cli_has(c, "force"), &by, &related);
	struct json j = json_to(&c->result);
	json_put_object(&j, NULL);
	json_put_text(&j, "outcome", !ok ? "failed" : s->dry ? "planned" : "deleted");
	json_put_hex(&j, "aid", aid->p, aid->n);
	json_put_number(&j, "related", ok ? (int64_t)related : 0);
	json_put_number(&j, "apdus", (int64_t)s->commands);
	if (ok && s->dry)
		apload_put_plan(c, s, &j);
	json_put_end(&j);
	if (ok && !s->dry)
		cli_say(c, cli_pick(c, "deleted %s", "%s を削除しました"), hex_encode(text, aid->p, aid->n));
	buf_reset(&token);
	return ok;
}
