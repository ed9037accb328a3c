/* The load image NAME-VERSION-CHIP.apimg: a ZIP container of stored entries in a fixed order.
 *
 *   manifest.json         what this is: AP, chip, digests of every other entry but the signature, memory need, notices
 *   payload/script        native: the command script (script.h)
 *   template.json         the holes: per-card values the loader fills in
 *   access.json           the access map: how the AP's fields, PINs and counters are reached on this chip
 *   suite/probe           dialogues for issued cards (runtime/suite)
 *   suite/full            dialogues for simulated and test cards
 *   signature.p7s         CMS detached signature over the bytes of manifest.json; absent in an unsigned image
 *
 * Two builds of one input are equal byte by byte: ZIP_CM_STORE, fixed DOS time, JSON in one canonical form, RSA
 * PKCS#1 v1.5 without signed attributes. The reader rebuilds the archive from what it read and requires equality, which
 * refuses trailers, duplicates, comments and other tricks at once.
 */
#ifndef IGATA_IMAGE_H
#define IGATA_IMAGE_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

enum { IMAGE_MAX = 16 * 1024 * 1024, IMAGE_NAME = 64 };

enum image_entry_name {
	IMAGE_MANIFEST,
	IMAGE_PAYLOAD,
	IMAGE_TEMPLATE,
	IMAGE_ACCESS,
	IMAGE_PROBE,
	IMAGE_FULL,
	IMAGE_SIGNATURE,
	IMAGE_ENTRIES
};

/* A notice: something is carried by other means than the chip's own, or rests on a fact nobody showed. */
struct image_notice {
	char code[16];     /* diagnostic code */
	char witness[16];  /* "recorded", "cited", "assumed"; "" when none */
	char text[2][512]; /* en, ja */
};

enum { IMAGE_NOTICES = 128 };

struct image_manifest {
	char id[IMAGE_NAME], version[IMAGE_NAME];
	char title[2][193];
	uint8_t aid[16];
	size_t aid_len;
	char chip[IMAGE_NAME], family[IMAGE_NAME], dialect[IMAGE_NAME];
	char area[16];
	char compiler[IMAGE_NAME]; /* "igata 0.1" */
	uint32_t memory;           /* bytes of the chip's memory that the AP needs */
	char witness[16];          /* weakest witness the result rests on */
	char atr[2 * 33 + 1];      /* of the chip, hex; "" when unknown */
	size_t n_notices;
	struct image_notice notice[IMAGE_NOTICES];
};

/* A hole, as template.json has it. */
struct image_hole {
	char name[33];
	char kind[16];   /* field, pin, puk */
	char target[33]; /* id of the field or PIN */
	char format[16]; /* binary, digits, alphanumeric, text */
	char source[16]; /* csv, caller */
	uint32_t min, max;
	bool secret;
	int pad;         /* byte appended up to `stored` when the value is written to the card; -1 none */
	uint32_t stored; /* bytes on the card, 0: as given */
};

enum { IMAGE_HOLES = 256 };

enum image_trust {
	IMAGE_UNSIGNED,    /* no signature entry */
	IMAGE_TEST_SIGNED, /* signed with the public test key */
	IMAGE_UNKNOWN_KEY, /* a valid signature by a key nobody told us to trust */
	IMAGE_TRUSTED,     /* signed with a key given by --trust */
};

struct image {
	struct image_manifest manifest;
	struct buf entry[IMAGE_ENTRIES];
	size_t n_holes;
	struct image_hole hole[IMAGE_HOLES];
	enum image_trust trust;
	char signer[128];   /* subject of the signer's certificate, "" when unsigned */
	uint8_t digest[32]; /* SHA-256 of the whole file: identifies the image in journals */
};

/* Fill manifest (digests included) and template entries from img->manifest and img->hole, sign with the PEM file of an
 * RSA key and its certificate (NULL: unsigned; anything but RSA is refused by name), and write the archive. Entries
 * PAYLOAD, ACCESS, PROBE and FULL are the caller's. */
bool image_write(struct image *img, const char *sign_pem, struct buf *out, struct diag_list *d);

/* Read an archive, trusting nothing, and check digests and signature. trust_pem: certificate whose key is trusted, or
 * NULL. `name` is for messages. false with a diagnostic: nothing of img may be used then. */
bool image_read(
    struct image *img, const uint8_t *p, size_t n, const char *name, const char *trust_pem, struct diag_list *d);
bool image_load(struct image *img, const char *path, const char *trust_pem, struct diag_list *d);

const char *image_trust_name(enum image_trust t);
const char *image_entry_path(enum image_entry_name e);
void image_reset(struct image *img);

#endif
