/* The native back end: plan -> command script. What is common to all file-system cards is in native.c (order of the
 * phases, contents, holes); how one operating system codes its commands is behind struct native_dialect, one file each.
 * check.h decodes what was written, by other code, and compares it with the contract before anything leaves. */
#ifndef IGATA_EMIT_NATIVE_H
#define IGATA_EMIT_NATIVE_H

#include "compiler/plan/plan.h"
#include "runtime/base/buf.h"
#include "runtime/image/image.h"
#include "runtime/image/script.h"

struct emit {
	const struct plan *plan;
	const struct contract *contract;
	struct script script;
};

/* Each hook adds the steps for one thing; the AP's DF is current, but for create_df, which starts from the MF. */
struct native_dialect {
	const char *name;
	void (*create_df)(struct emit *e);
	void (*create_file)(struct emit *e, uint16_t file);
	void (*create_own)(struct emit *e);        /* the compiler's own files; may be NULL */
	void (*pin)(struct emit *e, uint16_t pin); /* with its PUK */
	void (*protect)(struct emit *e);           /* access rules that stand apart from the files; may be NULL */
	void (*activate)(struct emit *e);
	/* What SELECT of the file gives back, as data objects: as much of 80 82 83 88 8C as the card tells. */
	void (*readback)(const struct plan *p, uint16_t file, struct buf *out);
	int pin_pad; /* byte that fills up stored PINs, -1 none */
};

extern const struct native_dialect native_iso_compact, native_starcos;

/* Fill img: payload, access map, holes, manifest. false with a diagnostic when the check finds a difference between
 * what was written and the contract; the image is not to be used then. */
bool emit_native(const struct plan *p, struct image *img, struct diag_list *d);

/* --- step.c: for the dialects --- */

/* A step with its four header bytes. */
struct script_step *emit_step(struct emit *e, enum script_phase phase, uint32_t header);

/* Data objects, collected one by one, so that a person can tell them apart in the script. */
enum { EMIT_PIECES = 24 };
struct emit_pieces {
	struct buf b;
	size_t end[EMIT_PIECES];
	size_t n;
};
void emit_piece(struct emit_pieces *p, uint32_t tag, const void *value, size_t n);
void emit_piece_u8(struct emit_pieces *p, uint32_t tag, unsigned v);
void emit_piece_u16(struct emit_pieces *p, uint32_t tag, unsigned v);

/* The pieces inside one template, each a part of its own. Frees them. */
void emit_template(struct emit *e, struct script_step *t, uint32_t tag, struct emit_pieces *p);

/* Select an EF of the AP, or make the AP's DF current. */
void emit_select_ef(struct emit *e, enum script_phase phase, uint16_t fid, const char *name);
void emit_select_df(struct emit *e, enum script_phase phase);

/* The whole content of a file, chunk by chunk. */
void emit_content(struct emit *e, enum script_phase phase, uint16_t file);
bool emit_has_holes(const struct contract *c, uint16_t file);

/* Fixed bytes into the EF that is current. */
void emit_update(struct emit *e, enum script_phase phase, const uint8_t *p, size_t n, const char *name);

/* A PIN's or PUK's value as a part: the hole with its name, of `stored` bytes on the card. */
void emit_secret(struct emit *e, struct script_step *t, uint16_t value);

#endif
