/* The load image NAME-VERSION-CHIP.apimg: a ZIP container of stored entries in a fixed order.
 *
 *   manifest.json         what this is: AP, chip, digests of every other entry but the signature, memory need, notices
 *   payload/script        native: the command script (script.h); or
 *   payload/applet.cap    Java Card: the CAP file, as any GlobalPlatform tool loads it
 *   template.json         the holes: per-card values the loader fills in
 *   access.json           the access map: how the AP's fields, PINs and counters are reached on this chip
 *   suite/probe           dialogues for issued cards (runtime/suite)
 *   suite/full            dialogues for simulated and test cards
 *   signature.p7s         CMS detached signature over the bytes of manifest.json; absent in an unsigned image
 *
 * Two builds of one input are equal byte by byte: entries stored, fixed DOS time (archive.h), JSON in one canonical
 * form (json.h), RSA PKCS #1 v1.5 without signed attributes (cms.h). The reader rebuilds the archive from what it read
 * and requires equality, which refuses trailers, duplicates, comments and other tricks at once.
 *
 * What holds together:  the archive's CRC-32 cover every byte of every entry;  the manifest has the SHA-256 of every
 * other entry but the signature, and of the signer's certificate;  the signature is over the manifest.
 * So a single changed byte of any image is refused. An unsigned image promises no more than that: who wants to change
 * it can compute new sums. A signed image cannot be changed by anybody without the key, nor have its signature taken
 * off, since the manifest names the certificate.
 */
#ifndef IGATA_IMAGE_H
#define IGATA_IMAGE_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"
#include "runtime/crypto/certificate.h"

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
	bool placed;     /* Java Card: the value goes in blocks of address || bytes (compiler/emit/javacard/jcg.h) */
	uint16_t at;     /* the address; the one with bit 8000 is an object's */
};

enum { IMAGE_HOLES = 256 };

enum image_trust {
	IMAGE_UNSIGNED,    /* no signature entry */
	IMAGE_TEST_SIGNED, /* signed with the public test key */
	IMAGE_UNKNOWN_KEY, /* a valid signature by a key nobody told us to trust */
	IMAGE_TRUSTED,     /* signed with a key whose certificate was given as trusted */
};

enum { IMAGE_TRUST_MAX = 16 }; /* certificates in one file of trusted ones */

struct image {
	struct image_manifest manifest;
	bool cap; /* the payload is a CAP file */
	struct buf entry[IMAGE_ENTRIES];
	size_t n_holes;
	struct image_hole hole[IMAGE_HOLES];
	enum image_trust trust;
	char signer[CERTIFICATE_SUBJECT]; /* subject of the signer's certificate, "" when unsigned */
	uint8_t certificate[SHA256_LEN];  /* its SHA-256; zeros when unsigned */
	uint8_t digest[SHA256_LEN];       /* SHA-256 of the whole file: identifies the image in journals */
};

/* Fill the manifest and template entries from img->manifest and img->hole, bring the access map into the canonical
 * form, sign with k (NULL: unsigned), and append the archive to out; signature entry, trust, signer and digest are set
 * too. Entries PAYLOAD, ACCESS, PROBE and FULL are the caller's; suites may be empty. What was written is read back
 * with image_read, so that nothing is written that would be refused. false with a diagnostic, and nothing appended. */
bool image_write(struct image *img, const struct signing_key *k, struct buf *out, struct diag_list *d);

/* Read an archive, trusting nothing, and check digests and signature; the payload of a native chip must be a script for
 * the manifest's AID and dialect whose holes the template has. trust_pem: file with the certificates whose keys are
 * trusted, or NULL; the public test key cannot be among them. Validity dates of certificates are not judged: nothing
 * says when an image was signed; a key is withdrawn by no longer giving its certificate. `name` is for messages.
 * img is zeroed first. false with a diagnostic: nothing of img may be used then. image_reset in both cases. */
bool image_read(
    struct image *img, const uint8_t *p, size_t n, const char *name, const char *trust_pem, struct diag_list *d);
bool image_load(struct image *img, const char *path, const char *trust_pem, struct diag_list *d);

/* "unsigned", "public test key", … for people; lang is "en" or "ja". image_trust_word is for programs: "unsigned",
 * "test-key", "unknown-key", "trusted". */
const char *image_trust_text(enum image_trust t, const char *lang);
const char *image_trust_word(enum image_trust t);

/* Path of an entry; of the payload that of a native image. image_path knows which it is. */
const char *image_entry_path(enum image_entry_name e);
const char *image_path(const struct image *img, enum image_entry_name e);
void image_reset(struct image *img);

#endif
