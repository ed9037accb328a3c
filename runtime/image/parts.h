/* Inside runtime/image only: the parts that image_write.c and image_read.c put together. */
#ifndef IGATA_IMAGE_PARTS_H
#define IGATA_IMAGE_PARTS_H

#include "runtime/image/image.h"

enum { IMAGE_FORMAT = 1 }; /* of the manifest, template and access map */

/* Write the manifest with the digests of the entries as they are. false: the library failed. */
bool manifest_write(const struct image *img, struct buf *out);

/* Read img->entry[IMAGE_MANIFEST] into img->manifest and img->certificate, and compare the digests of the other entries
 * with what it says. *is_signed: it names a certificate. false with a diagnostic. */
bool manifest_read(struct image *img, bool *is_signed, const char *name, struct diag_list *d);

void template_write(const struct image *img, struct buf *out);
bool template_read(struct image *img, const char *name, struct diag_list *d);

/* Bring an access map into the canonical form; check that one is in it, and is for the manifest's AID. */
bool access_canonical(struct buf *access, struct diag_list *d);
bool access_check(const struct image *img, const char *name, struct diag_list *d);

/* Does the payload fit the manifest and the template? */
bool payload_check(const struct image *img, const char *name, struct diag_list *d);

/* Are the suites text without control characters? */
bool suite_check(const struct image *img, const char *name, struct diag_list *d);

/* Whose key signed, and is it trusted? Sets img->trust. */
bool trust_decide(struct image *img, const struct certificate *who, const char *trust_pem, struct diag_list *d);

/* Only the characters of `allowed`, at least one. */
bool image_word(const char *s, const char *allowed);
extern const char image_id_chars[], image_name_chars[];

#endif
