/* The command script: payload of a native chip's load image. Text, one item a line, so that a person can review it.
 *
 *   igata-script 1
 *   dialect iso-compact
 *   df 3F01 D3921000310001FFFF01        FID of the AP's DF under the MF, and its AID
 *   phase create                        create | personalise | protect | activate, in this order, each at most once
 *   do 00E00000 62 1A ... -> 9000 ; text for people
 *   do 00D60000 {card-number} -> 9000
 *   do 00DB3FFF 70 15 BF 81 01 ... {holder-pin} 00 00 -> 9000
 *
 * `do HEADER data -> SW`: four header bytes; data as hex digits (blanks allowed) and holes {name} that stand for the
 * bytes of a per-card value, of the fixed length the template gives. Lc is computed. Every `do` may be sent again with
 * the same effect; after an interruption, a CREATE FILE that answers "exists" (6A89, 6A8A) counts as done.
 * Selecting the MF, authentication of the loader, recognition of a half install and removal are the dialect's, and in
 * the loader (runtime/load), not in the script.
 */
#ifndef IGATA_IMAGE_SCRIPT_H
#define IGATA_IMAGE_SCRIPT_H

#include "runtime/base/buf.h"
#include "runtime/base/diag.h"

enum script_phase { SCRIPT_CREATE, SCRIPT_PERSONALISE, SCRIPT_PROTECT, SCRIPT_ACTIVATE, SCRIPT_PHASES };

/* A stretch of a command's data: fixed bytes, or a hole. */
struct script_part {
	const uint8_t *bytes; /* NULL for a hole */
	size_t n;             /* bytes; for a hole 0 (the template knows) */
	const char *hole;     /* name of the per-card value, NULL for fixed bytes */
};

struct script_step {
	enum script_phase phase;
	uint8_t header[4];
	struct script_part *part;
	size_t n_parts;
	uint16_t sw; /* expected */
	const char *note;
};

struct script {
	char dialect[33];
	uint16_t df;
	uint8_t aid[16];
	size_t aid_len;
	struct script_step *step;
	size_t n_steps;
	struct script_store *store; /* owns every array and string above */
};

/* Write / read. Reading trusts nothing: bounded numbers of steps, parts and bytes; false with a diagnostic. */
bool script_write(const struct script *s, struct buf *out);
bool script_read(struct script *s, const uint8_t *text, size_t n, const char *name, struct diag_list *d);
void script_reset(struct script *s);

#endif
