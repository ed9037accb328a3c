#include "runtime/image/image.h"

#include <string.h>

#include "runtime/crypto/cms.h"
#include "runtime/image/archive.h"
#include "runtime/image/parts.h"

static const struct srcloc nowhere;

static bool sign(struct image *img, const struct signing_key *k, struct diag_list *d)
{
	const struct buf *manifest = &img->entry[IMAGE_MANIFEST];
	buf_reset(&img->entry[IMAGE_SIGNATURE]);
	return k == NULL || cms_sign(k, manifest->p, manifest->n, &img->entry[IMAGE_SIGNATURE], d);
}

static bool fill(struct image *img, const struct signing_key *k, struct diag_list *d)
{
	struct buf *manifest = &img->entry[IMAGE_MANIFEST], *template = &img->entry[IMAGE_TEMPLATE];
	buf_reset(template);
	template_write(img, template);
	memset(img->certificate, 0, sizeof img->certificate);
	if (k != NULL)
		memcpy(img->certificate, signing_key_certificate(k)->id, sizeof img->certificate);
	if (!access_canonical(&img->entry[IMAGE_ACCESS], d))
		return false;
	buf_reset(manifest);
	return manifest_write(img, manifest) || diag_add(d, nowhere, DIAG_CRYPTO, "SHA-256", NULL);
}

static bool pack(const struct image *img, struct buf *archive, struct diag_list *d)
{
	struct archive_entry e[IMAGE_ENTRIES];
	size_t count = 0;
	for (size_t i = 0; i < IMAGE_ENTRIES; i++) {
		const char *path = image_path(img, (enum image_entry_name)i);
		if (i == IMAGE_SIGNATURE && img->entry[i].n == 0)
			continue;
		if (img->entry[i].bad)
			return diag_add(d, nowhere, DIAG_NO_MEMORY, NULL);
		e[count].data = img->entry[i];
		memcpy(e[count++].name, path, strlen(path) + 1);
	}
	return archive_write(e, count, archive) || diag_add(d, nowhere, DIAG_NO_MEMORY, NULL);
}

bool image_write(struct image *img, const struct signing_key *k, struct buf *out, struct diag_list *d)
{
	struct buf archive = {0};
	struct image again = {0};
	bool ok = fill(img, k, d) && sign(img, k, d) && pack(img, &archive, d) &&
	    image_read(&again, archive.p, archive.n, NULL, NULL, d);
	if (!ok)
		goto out;
	img->trust = again.trust;
	memcpy(img->signer, again.signer, sizeof img->signer);
	memcpy(img->digest, again.digest, sizeof img->digest);
	buf_add(out, archive.p, archive.n);
	ok = !out->bad || diag_add(d, nowhere, DIAG_NO_MEMORY, NULL);
out:
	image_reset(&again);
	buf_reset(&archive);
	return ok;
}
