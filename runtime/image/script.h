/* The command script: payload of a native chip's load image. Text, one item a line, so that a person can review it.
 *
 *   igata-script 1
 *   dialect iso-compact
 *   df 4D2A D3921000310001FFFF01        FID of the AP's DF under the MF, and its AID
 *   phase create                        create | personalise | protect | activate, in this order, each at most once
 *   do 00E00000 62 1A ... -> 9000 ; text for people
 *   do 00D60000 {CARD-NUMBER} -> 9000
 *   do 00D600FF {PHOTO:255:255} -> 9000
 *   do 00DB3FFF 70 15 BF 81 01 ... {PIN} -> 9000
 *
 * `do HEADER data -> SW`: four header bytes; data as hex digits (blanks between bytes allowed) and holes. {NAME} stands
 * for the bytes of a per-card value as they go to the card (padded, of the fixed length the template gives);
 * {NAME:OFFSET:LENGTH} for a slice of them, where the value is longer than one command. Lc is computed. Data of one
 * command never exceeds 255 bytes. A note follows ` ; `. All of it is printable ASCII; every line ends in a newline.
 *
 * Every `do` may be sent again with the same effect, and every phase begins by making the AP's DF current, so that a
 * loader may start again at the first step of the script or of any phase; after an interruption a step of `create` that
 * answers "exists" (6A89, 6A8A) counts as done. Selecting the MF before the first step, authentication of the loader,
 * recognition of a half install and removal are the dialect's, and in the loader (runtime/load), not in the script.
 */
#ifndef IGATA_IMAGE_SCRIPT_H
#define IGATA_IMAGE_SCRIPT_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

enum script_phase { SCRIPT_CREATE, SCRIPT_PERSONALISE, SCRIPT_PROTECT, SCRIPT_ACTIVATE, SCRIPT_PHASES };

enum {
	SCRIPT_TEXT_MAX = 8 * 1024 * 1024, /* bytes of a whole script */
	SCRIPT_STEPS_MAX = 16384,
	SCRIPT_DATA_MAX = 255, /* bytes of one command's data: short APDUs */
	SCRIPT_NAME_MAX = 32,  /* characters of a dialect or a hole */
	SCRIPT_NOTE_MAX = 200, /* bytes of a note */
	SCRIPT_HOLE_MAX = 32767,
};

/* A stretch of a command's data: fixed bytes, or a hole. */
struct script_part {
	const uint8_t *bytes; /* NULL for a hole */
	size_t n;             /* bytes; for a hole the bytes of the slice, 0: the whole value (the template knows) */
	const char *hole;     /* name of the per-card value, NULL for fixed bytes */
	size_t offset;        /* of a slice; 0 otherwise */
};

struct script_step {
	enum script_phase phase;
	uint8_t header[4];
	struct script_part *part;
	size_t n_parts;
	uint16_t sw;      /* expected */
	const char *note; /* NULL when there is none */
	size_t cap_parts;
};

struct script {
	char dialect[SCRIPT_NAME_MAX + 1];
	uint16_t df;
	uint8_t aid[16];
	size_t aid_len;
	struct script_step *step;
	size_t n_steps;
	size_t cap_steps;
	struct script_store *store; /* owns every array and string above */
};

/* Write. The script must keep every limit above (assert: it is ours). false only when memory is gone. */
bool script_write(const struct script *s, struct buf *out);

/* Read, trusting nothing: every limit above is checked, nothing is skipped. `name` is for messages (borrowed as long as
 * the diagnostics live). false with a diagnostic, and *s is empty then. The text may be freed afterwards. */
bool script_read(struct script *s, const uint8_t *text, size_t n, const char *name, struct diag_list *d);

/* Free everything; the script is empty and usable again. */
void script_reset(struct script *s);

/* Bytes of the fixed parts and slices of a step; whole holes (n == 0) count nothing. */
size_t script_fixed(const struct script_step *t);

/* Building, for the emitters: script_step adds a step (the pointer is good until the next one is added), the others add
 * to it; names and bytes are copied. Phases must come in order. */
struct script_step *script_step(struct script *s, enum script_phase phase, const uint8_t header[4], uint16_t sw);
void script_bytes(struct script *s, struct script_step *t, const void *p, size_t n);
void script_hole(struct script *s, struct script_step *t, const char *name, size_t offset, size_t n);
void script_note(struct script *s, struct script_step *t, const char *note);

const char *script_phase_name(enum script_phase p);

#endif
