#include "runtime/image/parts.h"

#include <string.h>

#include "runtime/base/hex.h"
#include "runtime/base/iso7816.h"
#include "runtime/base/json.h"

/* The entries whose digests the manifest has, in the archive's order. */
static bool is_listed(size_t e)
{
	return e != IMAGE_MANIFEST && e != IMAGE_SIGNATURE;
}

static void put_notices(struct json *j, const struct image_manifest *m)
{
	json_put_array(j, "notices");
	for (size_t i = 0; i < m->n_notices; i++) {
		json_put_object(j, NULL);
		json_put_text(j, "code", m->notice[i].code);
		json_put_text(j, "witness", m->notice[i].witness);
		json_put_text(j, "en", m->notice[i].text[0]);
		json_put_text(j, "ja", m->notice[i].text[1]);
		json_put_end(j);
	}
	json_put_end(j);
}

static bool put_entries(struct json *j, const struct image *img)
{
	bool ok = true;
	json_put_array(j, "entries");
	for (size_t e = 0; e < IMAGE_ENTRIES; e++) {
		uint8_t digest[SHA256_LEN];
		if (!is_listed(e))
			continue;
		ok = sha256(img->entry[e].p, img->entry[e].n, digest) && ok;
		json_put_object(j, NULL);
		json_put_text(j, "path", image_path(img, (enum image_entry_name)e));
		json_put_number(j, "bytes", (int64_t)img->entry[e].n);
		json_put_hex(j, "sha256", digest, sizeof digest);
		json_put_end(j);
	}
	json_put_end(j);
	return ok;
}

static void put_title(struct json *j, const struct image_manifest *m)
{
	json_put_object(j, "title");
	json_put_text(j, "en", m->title[0]);
	json_put_text(j, "ja", m->title[1]);
	json_put_end(j);
}

/* An unsigned image names no certificate. */
static void put_signer(struct json *j, const struct image *img)
{
	static const uint8_t none[SHA256_LEN];
	bool is_signed = memcmp(img->certificate, none, sizeof none) != 0;
	json_put_hex(j, "signer", img->certificate, is_signed ? sizeof none : 0);
}

bool manifest_write(const struct image *img, struct buf *out)
{
	const struct image_manifest *m = &img->manifest;
	struct json j = json_to(out);
	json_put_object(&j, NULL);
	json_put_number(&j, "format", IMAGE_FORMAT);
	json_put_text(&j, "id", m->id);
	json_put_text(&j, "version", m->version);
	put_title(&j, m);
	json_put_text(&j, "area", m->area);
	json_put_hex(&j, "aid", m->aid, m->aid_len);
	json_put_text(&j, "chip", m->chip);
	json_put_text(&j, "family", m->family);
	json_put_text(&j, "dialect", m->dialect);
	json_put_text(&j, "atr", m->atr);
	json_put_number(&j, "memory", m->memory);
	json_put_text(&j, "witness", m->witness);
	json_put_text(&j, "compiler", m->compiler);
	put_signer(&j, img);
	put_notices(&j, m);
	bool ok = put_entries(&j, img);
	json_put_end(&j);
	return ok && !out->bad;
}

static void get_notices(struct json_in in, struct image_manifest *m)
{
	size_t n = json_count(in);
	if (n > IMAGE_NOTICES)
		*in.bad = true;
	for (size_t i = 0; i < n && !*in.bad; i++) {
		struct json_in one = json_at(in, i);
		struct image_notice *notice = &m->notice[m->n_notices++];
		json_get_text(json_member(one, "code"), notice->code, sizeof notice->code);
		json_get_text(json_member(one, "witness"), notice->witness, sizeof notice->witness);
		json_get_text(json_member(one, "en"), notice->text[0], sizeof notice->text[0]);
		json_get_text(json_member(one, "ja"), notice->text[1], sizeof notice->text[1]);
	}
}

static void get(struct json_in in, struct image *img)
{
	struct image_manifest *m = &img->manifest;
	struct json_in title = json_member(in, "title");
	json_get_text(json_member(in, "id"), m->id, sizeof m->id);
	json_get_text(json_member(in, "version"), m->version, sizeof m->version);
	json_get_text(json_member(title, "en"), m->title[0], sizeof m->title[0]);
	json_get_text(json_member(title, "ja"), m->title[1], sizeof m->title[1]);
	json_get_text(json_member(in, "area"), m->area, sizeof m->area);
	m->aid_len = json_get_hex(json_member(in, "aid"), m->aid, AID_MIN, AID_MAX);
	json_get_text(json_member(in, "chip"), m->chip, sizeof m->chip);
	json_get_text(json_member(in, "family"), m->family, sizeof m->family);
	json_get_text(json_member(in, "dialect"), m->dialect, sizeof m->dialect);
	json_get_text(json_member(in, "atr"), m->atr, sizeof m->atr);
	m->memory = (uint32_t)json_get_number(json_member(in, "memory"), 0, UINT32_MAX);
	json_get_text(json_member(in, "witness"), m->witness, sizeof m->witness);
	json_get_text(json_member(in, "compiler"), m->compiler, sizeof m->compiler);
	json_get_hex(json_member(in, "signer"), img->certificate, 0, SHA256_LEN);
	get_notices(json_member(in, "notices"), m);
}

static bool is_witness(const char *s)
{
	return strcmp(s, "recorded") == 0 || strcmp(s, "cited") == 0 || strcmp(s, "assumed") == 0;
}

/* The first member whose value cannot be, NULL when all can. */
static const char *impossible(const struct image_manifest *m)
{
	uint8_t atr[33];
	size_t n;
	if (!image_word(m->id, image_id_chars))
		return "id";
	if (!image_word(m->version, "0123456789."))
		return "version";
	if (strcmp(m->area, "extension") != 0 && strcmp(m->area, "local") != 0)
		return "area";
	if (!image_word(m->chip, image_name_chars))
		return "chip";
	if (!image_word(m->family, image_id_chars))
		return "family";
	if (!image_word(m->dialect, image_id_chars))
		return "dialect";
	if (!hex_decode(m->atr, strlen(m->atr), atr, sizeof atr, &n))
		return "atr";
	if (!is_witness(m->witness))
		return "witness";
	return NULL;
}

/* Digests first: of an entry that was changed, its own name is the message. */
static bool check_entries(struct json_in in, const struct image *img, const char *name, struct diag_list *d)
{
	size_t i = 0;
	for (size_t e = 0; e < IMAGE_ENTRIES; e++) {
		char path[IMAGE_NAME];
		uint8_t said[SHA256_LEN], digest[SHA256_LEN];
		if (!is_listed(e))
			continue;
		struct json_in one = json_at(in, i++);
		json_get_text(json_member(one, "path"), path, sizeof path);
		json_get_hex(json_member(one, "sha256"), said, SHA256_LEN, SHA256_LEN);
		if (*in.bad)
			return true; /* said by the caller */
		if (!sha256(img->entry[e].p, img->entry[e].n, digest))
			return diag_add(d, (struct srcloc){.file = name}, DIAG_CRYPTO, "SHA-256", NULL);
		if (memcmp(said, digest, sizeof digest) != 0)
			return diag_add(d, (struct srcloc){.file = name}, DIAG_IMAGE_DIGEST,
			    image_path(img, (enum image_entry_name)e), NULL);
	}
	return true;
}

static bool is_canonical(const struct image *img)
{
	struct buf again = {0};
	const struct buf *given = &img->entry[IMAGE_MANIFEST];
	bool same = manifest_write(img, &again) && again.n == given->n && memcmp(again.p, given->p, given->n) == 0;
	buf_reset(&again);
	return same;
}

bool manifest_read(struct image *img, bool *is_signed, const char *name, struct diag_list *d)
{
	static const uint8_t none[SHA256_LEN];
	const char *manifest = image_entry_path(IMAGE_MANIFEST), *member = NULL;
	struct srcloc at = {.file = name};
	struct json_doc doc;
	bool ok = json_parse(&doc, img->entry[IMAGE_MANIFEST].p, img->entry[IMAGE_MANIFEST].n);
	struct json_in root = json_root(&doc);
	if (ok && json_get_number(json_member(root, "format"), 0, INT32_MAX) != IMAGE_FORMAT && !doc.bad) {
		ok = diag_add(d, at, DIAG_IMAGE_FORMAT, manifest, diag_num(IMAGE_FORMAT), NULL);
		goto out;
	}
	get(root, img);
	*is_signed = memcmp(img->certificate, none, sizeof none) != 0;
	ok = check_entries(json_member(root, "entries"), img, name, d);
	if (!ok)
		goto out;
	if (doc.bad || (member = impossible(&img->manifest)) != NULL || !is_canonical(img))
		ok = diag_add(d, at, DIAG_IMAGE_JSON, manifest, member == NULL ? "" : member, NULL);
out:
	json_free(&doc);
	return ok;
}
