#include "runtime/image/image.h"

#include <string.h>

#include "runtime/base/file.h"
#include "runtime/crypto/cms.h"
#include "runtime/image/archive.h"
#include "runtime/image/parts.h"

/* Entries in their order; only the signature, the last one, may be missing. What is taken is the image's. */
static bool take_entries(
    struct image *img, struct archive_entry *e, size_t count, const char *name, struct diag_list *d)
{
	struct srcloc at = {.file = name};
	/* The payload's path says what it is; payload_check compares that with the family. */
	img->cap = count <= IMAGE_PAYLOAD || strcmp(e[IMAGE_PAYLOAD].name, image_entry_path(IMAGE_PAYLOAD)) != 0;
	for (size_t i = 0; i < IMAGE_ENTRIES; i++) {
		if (i == IMAGE_SIGNATURE && i >= count)
			continue;
		const char *path = image_path(img, (enum image_entry_name)i);
		if (i >= count || (i == IMAGE_SIGNATURE && e[i].data.n == 0) || strcmp(e[i].name, path) != 0)
			return diag_add(d, at, DIAG_IMAGE_ENTRY, path, NULL);
		img->entry[i] = e[i].data;
		e[i].data = (struct buf){0};
	}
	return true;
}

/* Is it a ZIP archive of ours at all? */
static bool looks_like_image(const uint8_t *p, size_t n)
{
	static const uint8_t magic[] = {'P', 'K', 3, 4};
	return n >= sizeof magic && memcmp(p, magic, sizeof magic) == 0;
}

static bool open_archive(struct image *img, const uint8_t *p, size_t n, const char *name, struct diag_list *d)
{
	struct srcloc at = {.file = name};
	struct archive_entry e[IMAGE_ENTRIES];
	size_t count = 0;
	if (n > IMAGE_MAX)
		return diag_add(d, at, DIAG_FILE_TOO_BIG, name, diag_num(n), diag_num(IMAGE_MAX), NULL);
	if (!looks_like_image(p, n))
		return diag_add(d, at, DIAG_IMAGE_FOREIGN, NULL);
	if (!archive_read(p, n, e, IMAGE_ENTRIES, &count))
		return diag_add(d, at, DIAG_IMAGE_CHANGED, NULL);
	bool ok = take_entries(img, e, count, name, d);
	archive_reset(e, count);
	return ok;
}

static bool check_signature(
    struct image *img, bool is_signed, const char *name, const char *trust_pem, struct diag_list *d)
{
	struct srcloc at = {.file = name};
	const struct buf *manifest = &img->entry[IMAGE_MANIFEST], *signature = &img->entry[IMAGE_SIGNATURE];
	struct certificate who;
	if (is_signed != (signature->n != 0))
		return diag_add(d, at, is_signed ? DIAG_IMAGE_SIGNATURE_GONE : DIAG_IMAGE_SIGNER, NULL);
	if (!is_signed)
		return trust_decide(img, NULL, trust_pem, d);
	if (!cms_verify(signature->p, signature->n, manifest->p, manifest->n, &who, name, d))
		return false;
	if (memcmp(who.id, img->certificate, sizeof who.id) != 0)
		return diag_add(d, at, DIAG_IMAGE_SIGNER, NULL);
	memcpy(img->signer, who.subject, sizeof img->signer);
	return trust_decide(img, &who, trust_pem, d);
}

bool image_read(
    struct image *img, const uint8_t *p, size_t n, const char *name, const char *trust_pem, struct diag_list *d)
{
	bool is_signed = false;
	*img = (struct image){0};
	if (!open_archive(img, p, n, name, d))
		return false;
	if (!sha256(p, n, img->digest))
		return diag_add(d, (struct srcloc){.file = name}, DIAG_CRYPTO, "SHA-256", NULL);
	return manifest_read(img, &is_signed, name, d) && check_signature(img, is_signed, name, trust_pem, d) &&
	    template_read(img, name, d) && access_check(img, name, d) && suite_check(img, name, d) &&
	    payload_check(img, name, d);
}

bool image_load(struct image *img, const char *path, const char *trust_pem, struct diag_list *d)
{
	struct buf b = {0};
	*img = (struct image){0};
	bool ok = file_read(path, IMAGE_MAX, &b, d) && image_read(img, b.p, b.n, path, trust_pem, d);
	buf_reset(&b);
	return ok;
}
