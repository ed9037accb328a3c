/* apc inspect FILE: what an image is, after reading it distrustfully; with --entry one entry as it is. A CAP file is
 * shown by apc_cap.c. */
#include "compiler/apc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/hex.h"
#include "runtime/base/json.h"
#include "runtime/image/image.h"

static void row(struct cli *c, const char *en, const char *ja, const char *value)
{
	if (value[0] != 0)
		buf_printf(&c->text, "%s: %s\n", cli_pick(c, en, ja), value);
}

static void show_identity(struct cli *c, const struct image *img)
{
	const struct image_manifest *m = &img->manifest;
	char aid[2 * 16 + 1], digest[2 * SHA256_LEN + 1];
	buf_printf(&c->text, "%s %s: %s\n", m->id, m->version, m->title[cli_pick(c, "en", "ja")[0] == 'j']);
	row(c, "AID", "AID", hex_encode(aid, m->aid, m->aid_len));
	row(c, "area", "領域", m->area);
	row(c, "chip", "チップ", m->chip);
	row(c, "family", "種別", m->family);
	row(c, "dialect", "方言", m->dialect);
	row(c, "ATR", "ATR", m->atr);
	row(c, "memory on the chip, bytes", "チップのメモリ(バイト)", diag_num(m->memory));
	row(c, "weakest witness", "最も弱い根拠", m->witness);
	row(c, "built by", "作成", m->compiler);
	row(c, "signature", "署名", image_trust_text(img->trust, c->lang));
	row(c, "signer", "署名者", img->signer);
	row(c, "SHA-256", "SHA-256", hex_encode(digest, img->digest, sizeof img->digest));
}

static void show_notices(struct cli *c, const struct image_manifest *m)
{
	if (m->n_notices != 0)
		buf_printf(&c->text, "\n%s\n", cli_pick(c, "Notices", "通知"));
	for (size_t i = 0; i < m->n_notices; i++) {
		const struct image_notice *n = &m->notice[i];
		buf_printf(&c->text, "  %s %s%s%s%s\n", n->code, n->witness[0] != 0 ? "[" : "", n->witness,
		    n->witness[0] != 0 ? "] " : "", n->text[cli_pick(c, "en", "ja")[0] == 'j']);
	}
}

static void show_holes(struct cli *c, const struct image *img)
{
	if (img->n_holes != 0)
		buf_printf(&c->text, "\n%s\n", cli_pick(c, "Values of each card", "カードごとの値"));
	for (size_t i = 0; i < img->n_holes; i++) {
		const struct image_hole *h = &img->hole[i];
		buf_printf(&c->text, "  %s: %s %s, %s %u-%u, %s%s\n", h->name, h->kind, h->target, h->format,
		    (unsigned)h->min, (unsigned)h->max, h->source, h->secret ? cli_pick(c, ", secret", "、秘密") : "");
	}
}

static void show_entries(struct cli *c, const struct image *img)
{
	buf_printf(&c->text, "\n%s\n", cli_pick(c, "Entries (bytes, SHA-256)", "項目(バイト数、SHA-256)"));
	for (size_t e = 0; e < IMAGE_ENTRIES; e++) {
		uint8_t digest[SHA256_LEN];
		char hex[2 * SHA256_LEN + 1];
		if (img->entry[e].n == 0 && e == IMAGE_SIGNATURE)
			continue;
		if (sha256(img->entry[e].p, img->entry[e].n, digest))
			buf_printf(&c->text, "  %-16s %7zu %s\n", image_entry_path((enum image_entry_name)e),
			    img->entry[e].n, hex_encode(hex, digest, sizeof digest));
	}
}

static void show_script(struct cli *c, const struct buf *script)
{
	buf_printf(&c->text, "\n%s\n", cli_pick(c, "Script", "スクリプト"));
	buf_add(&c->text, script->p, script->n);
}

static void put_json(struct cli *c, const struct image *img)
{
	static const enum image_entry_name document[] = {IMAGE_MANIFEST, IMAGE_TEMPLATE, IMAGE_ACCESS};
	static const char *const name[] = {"manifest", "template", "access"};
	struct json j = json_to(&c->result);
	json_put_object(&j, NULL);
	json_put_hex(&j, "sha256", img->digest, sizeof img->digest);
	json_put_text(&j, "trust", image_trust_word(img->trust));
	json_put_text(&j, "signer", img->signer);
	for (size_t i = 0; i < 3; i++)
		json_put_document(&j, name[i], img->entry[document[i]].p, img->entry[document[i]].n);
	json_put_bytes(&j, "script", img->entry[IMAGE_PAYLOAD].p, img->entry[IMAGE_PAYLOAD].n);
	json_put_end(&j);
}

static bool show_entry(struct cli *c, const struct image *img, const char *path)
{
	struct json j = json_to(&c->result);
	for (size_t e = 0; e < IMAGE_ENTRIES; e++) {
		const struct buf *entry = &img->entry[e];
		if (strcmp(path, image_entry_path((enum image_entry_name)e)) != 0)
			continue;
		buf_add(&c->text, entry->p, entry->n);
		json_put_object(&j, NULL);
		json_put_text(&j, "entry", path);
		if (e == IMAGE_SIGNATURE)
			json_put_hex(&j, "hex", entry->p, entry->n);
		else
			json_put_bytes(&j, "text", entry->p, entry->n);
		json_put_end(&j);
		return true;
	}
	return diag_add(&c->diags, (struct srcloc){.file = c->arg[0]}, DIAG_IMAGE_NO_ENTRY, path, NULL);
}

static bool show(struct cli *c, const struct image *img)
{
	if (cli_has(c, "entry"))
		return show_entry(c, img, cli_value(c, "entry"));
	show_identity(c, img);
	show_notices(c, &img->manifest);
	show_holes(c, img);
	show_entries(c, img);
	show_script(c, &img->entry[IMAGE_PAYLOAD]);
	put_json(c, img);
	return true;
}

static bool inspect_image(struct cli *c)
{
	struct image *img = calloc(1, sizeof *img);
	if (img == NULL)
		return diag_add(&c->diags, (struct srcloc){0}, DIAG_NO_MEMORY, NULL);
	bool ok = image_load(img, c->arg[0], cli_value(c, "trust"), &c->diags) && show(c, img);
	image_reset(img);
	free(img);
	return ok;
}

/* By the name: an image that is no image any more is to be called that. */
bool apc_inspect(struct cli *c)
{
	size_t n = strlen(c->arg[0]);
	if (n > 4 && strcasecmp(c->arg[0] + n - 4, ".cap") == 0)
		return apc_inspect_cap(c);
	return inspect_image(c);
}
